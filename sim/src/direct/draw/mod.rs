// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Draws operations: a shape, then kinds by weight, sources hot or cold, all past the rules of [`Soft`].

mod around;
mod interrupts;
mod pick;
mod stores;
mod work;

use super::levers::steps::hot_reset;
use super::profile::{Feature, Kind, Profile};
use super::shape::{Mode, Shape};
use super::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use vectors::op::{DutParams, Op, Place, Read, Source, Vector, Write};

/// Makes random vectors.
pub struct Draw<'p> {
    profile: &'p Profile,
    /// Its stream.
    pub rng: ChaCha8Rng,
    on: BTreeSet<Feature>,
    kinds: Vec<(Kind, u32)>,
    shape: Shape,
    targets: u32,
    queues: u32,
}

/// A read of `len` bytes.
pub fn read(at: String, len: u32) -> Op {
    Op::Read(Read { at: Place::Name(at), len, expect: None, mask: None, status: None, vf: None })
}

/// A write of a double word.
pub fn write(at: String, value: u64) -> Op {
    Op::Write(Write { at: Place::Name(at), len: 4, value, be: None, status: None, vf: None })
}

/// Place of word `k` of a source's entry in the device.
pub fn entry(s: Source, k: u32) -> Option<String> {
    match s {
        Source::Msix(i) => Some(format!("msix_table+{:#x}", 16 * i + 4 * k)),
        Source::Device(i) => Some(format!("ims_slots+{:#x}", 16 * i + 4 * k)),
        _ => None,
    }
}

impl<'p> Draw<'p> {
    /// A generator of one run on such a device.
    pub fn new(profile: &'p Profile, dut: &DutParams, mut rng: ChaCha8Rng) -> Self {
        let on: BTreeSet<Feature> = profile
            .features
            .iter()
            .filter(|(_, chance)| rng.random_range(0..100) < **chance)
            .map(|(f, _)| *f)
            .collect();
        let kinds = profile
            .weights
            .iter()
            .filter(|_| rng.random_range(0..100) >= profile.leave_out)
            .map(|(k, w)| (*k, *w))
            .collect();
        let shape = Shape::draw(&mut rng, profile, &|f| on.contains(&f)).onto(dut);
        Self { profile, rng, on, kinds, shape, targets: 0, queues: 0 }
    }

    /// A whole vector.
    pub fn vector(mut self, name: String) -> Vector {
        let mut v = empty(name, &self.shape);
        let mut soft = Soft::new(&v);
        let start: Vec<Op> = self.shape.bring_up().into_iter().chain(self.connections()).collect();
        v.steps.extend(start.into_iter().chain([Op::Restart]).filter(|op| soft.admit(op)));
        let n = self.rng.random_range(self.profile.steps[0]..=self.profile.steps[1]);
        // A run that left out what its features need may have little to do.
        for _ in 0..20 * n {
            if v.steps.len() >= n {
                break;
            }
            let ops = self.some(&soft);
            v.steps.extend(ops.into_iter().filter(|op| soft.admit(op)));
        }
        v.steps.extend(ending(&soft));
        v
    }

    fn connections(&mut self) -> Vec<Op> {
        let ops = self.shape.connect(self.targets);
        self.targets += ops.len() as u32;
        ops
    }

    /// A few operations that belong together.
    pub fn some(&mut self, soft: &Soft) -> Vec<Op> {
        // What is down comes back sooner or later.
        if !soft.enumerated || soft.d3 || !soft.memory || !soft.master {
            let chance = self.rng.random_range(0..4);
            return match (soft.d3, soft.enumerated, soft.memory) {
                _ if chance == 0 && soft.enumerated => vec![self.cause(soft)],
                (true, ..) => vec![Op::PowerState(0)],
                (_, false, _) => {
                    let mut ops = vec![Op::Enumerate];
                    ops.extend(self.shape.again());
                    ops.extend(self.connections());
                    ops
                }
                (_, _, false) => vec![Op::MemoryEnable(true)],
                _ if chance < 2 => self.of_kind(soft),
                _ => vec![Op::BusMaster(true.into())],
            };
        }
        self.of_kind(soft)
    }

    fn of_kind(&mut self, soft: &Soft) -> Vec<Op> {
        let sum: u32 = self.kinds.iter().map(|(_, w)| w).sum();
        if sum == 0 {
            return vec![self.cause(soft)];
        }
        let mut at = self.rng.random_range(0..sum);
        for (kind, w) in self.kinds.clone() {
            if at < w {
                return self.make(kind, soft);
            }
            at -= w;
        }
        Vec::new()
    }

    fn make(&mut self, kind: Kind, soft: &Soft) -> Vec<Op> {
        let on: bool = self.rng.random();
        type Group<'a> = fn(&mut Draw<'a>, Kind, bool, &Soft) -> Option<Vec<Op>>;
        let groups: [Group<'_>; 4] = [Draw::interrupts, Draw::stores, Draw::work, Draw::around];
        groups.iter().find_map(|make| make(self, kind, on, soft)).unwrap_or_default()
    }

    /// The mode of the run.
    pub fn mode(&self) -> Mode {
        self.shape.mode
    }
}

/// A vector without steps.
pub fn empty(name: String, shape: &Shape) -> Vector {
    Vector {
        name,
        intent: "Found by search: every law holds and every cause is accounted for.".into(),
        items: Vec::new(),
        dut: shape.dut.clone(),
        host: shape.host.clone(),
        bound: 50_000,
        steps: Vec::new(),
    }
}

/// What ends a sequence: what was made to fail is forgotten, then all that is owed must come.
pub fn ending(soft: &Soft) -> Vec<Op> {
    if soft.resetting() {
        return vec![hot_reset()];
    }
    let mut ops = Vec::new();
    let mut soft = soft.clone();
    let mut end = |op: Op| {
        if soft.admit(&op) {
            ops.push(op);
        }
    };
    end(Op::MemoryEnable(true));
    end(Op::BusMaster(true.into()));
    end(Op::Settle);
    end(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false });
    end(Op::Settle);
    ops
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::direct::devices::{self, DEVICES};
    use crate::direct::mutate::mutate;
    use crate::direct::profile;
    use crate::run::options;
    use rand::SeedableRng;
    use std::path::Path;

    #[test]
    fn what_is_drawn_or_changed_keeps_the_rules_of_files() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let p = profile::named(&root, "everything").unwrap();
        let rng = |seed| ChaCha8Rng::seed_from_u64(seed);
        let is_right = |v: &Vector| {
            let checked = vectors::check::vector(v, None);
            assert!(checked.is_ok(), "{}: {:?}", v.name, checked.err().map(|e| e.message));
        };
        for device in 0..DEVICES.len() as u64 {
            let dut = options::chosen(&devices::of_seed(device));
            let mut before = Draw::new(&p, &dut, rng(0)).vector("drawn_0".into());
            for seed in 1..100 {
                let v = Draw::new(&p, &dut, rng(seed)).vector(format!("drawn_{seed}"));
                is_right(&v);
                let changed = mutate(&v, &before, &mut Draw::new(&p, &dut, rng(seed)), &mut rng(seed + 1000));
                is_right(&changed);
                assert_eq!((&v.dut, &changed.dut), (&dut, &dut));
                before = v;
            }
        }
    }
}
