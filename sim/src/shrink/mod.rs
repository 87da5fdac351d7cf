// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Makes a failing vector as short as it will go: steps, then their numbers, indices and times, then the machine and
//! the device. A shorter one counts only if the same check reports, if nothing else becomes wrong that was right
//! before, and if a device that is in order passes it: so a sequence does not shrink into one that is illegal.

mod simpler;
mod text;

pub use text::{to_text, words};

use crate::cover::Collector;
use crate::direct::soft::Soft;
use crate::finding::Kind;
use crate::lockstep::without_parts;
use crate::run::{Dut, Job, Outcome, Verdict, observe, test_seed};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use vectors::op::Vector;

/// What fails, and on what.
pub struct Case {
    /// The device that fails.
    pub dut: Dut,
    /// A device that is in order, if there is one: it must pass.
    pub control: Option<Dut>,
    /// Seed of the run.
    pub seed: u64,
    /// The check that reports.
    pub check: String,
    /// Most runs.
    pub runs: u32,
}

/// What came of it.
pub struct Shrunk {
    /// The short vector.
    pub vector: Vector,
    /// Its outcome.
    pub outcome: Outcome,
    /// Where each step of it began, and when.
    pub began: Vec<(u32, tlp::Tick)>,
    /// Runs made.
    pub runs: u32,
    /// Steps before.
    pub steps_before: usize,
}

/// Runs a vector on a device.
pub fn run_on(dut: &Dut, vector: &Vector, seed: u64) -> (Outcome, Collector) {
    let job = Job {
        vector: Arc::new(vector.clone()),
        seed: test_seed(seed, &vector.name),
        reset_seed: 0,
        dut: dut.clone(),
        trace: None,
        keep_events: false,
        give_up: Default::default(),
        cancel: Arc::new(AtomicBool::new(false)),
    };
    observe(&job)
}

/// Checks that reported, in order of time.
pub fn reported(o: &Outcome) -> Vec<&'static str> {
    let mut all = Vec::new();
    for f in &o.findings {
        if !all.contains(&f.check) {
            all.push(f.check);
        }
    }
    all
}

/// Whether a check is about the sequence and not about the device.
fn about_sequence(o: &Outcome) -> BTreeSet<&'static str> {
    let own = |f: &&crate::finding::Finding| {
        f.kind == Kind::Software || matches!(f.check, "driver_sequence_failed" | "expectation")
    };
    o.findings.iter().filter(own).map(|f| f.check).collect()
}

/// Whether every step is legal where it stands.
fn is_legal(v: &Vector) -> bool {
    Soft::legal(v, &v.steps).len() == v.steps.len()
}

struct Tries<'c> {
    case: &'c Case,
    /// The vector keeps the rules of generated sequences; shorter ones have to, too.
    legal: bool,
    allowed: BTreeSet<&'static str>,
    runs: u32,
}

impl Tries<'_> {
    fn fails(&mut self, v: &Vector) -> bool {
        if self.runs >= self.case.runs || v.steps.is_empty() || vectors::check::vector(v, None).is_err() {
            return false;
        }
        if self.legal && !is_legal(v) {
            return false;
        }
        self.runs += 1;
        let (o, _) = run_on(&self.case.dut, v, self.case.seed);
        let same = o.findings.iter().any(|f| f.check == self.case.check);
        let input = matches!(o.verdict, Verdict::BadInput | Verdict::Broken | Verdict::Stopped);
        if !same || input || !about_sequence(&o).is_subset(&self.allowed) {
            return false;
        }
        match &self.case.control {
            None => true,
            Some(control) => {
                let (o, _) = run_on(control, v, self.case.seed);
                o.findings.is_empty() && matches!(o.verdict, Verdict::Passed | Verdict::Failed)
            }
        }
    }
}

/// Shrinks a vector that fails as the case says; none if it does not.
pub fn shrink(case: &Case, vector: &Vector, mut progress: impl FnMut(u32, usize)) -> Option<Shrunk> {
    let (first, _) = run_on(&case.dut, vector, case.seed);
    if !first.findings.iter().any(|f| f.check == case.check) {
        return None;
    }
    let mut tries = Tries { case, legal: is_legal(vector), allowed: about_sequence(&first), runs: 1 };
    let steps_before = vector.steps.len();
    let mut best = vector.clone();
    // Nothing behind the report is needed: the shortest head that fails, by halves.
    let (mut low, mut high) = (0, best.steps.len());
    while low + 1 < high {
        let middle = (low + high) / 2;
        let head = Vector { steps: best.steps[..middle].to_vec(), ..best.clone() };
        if tries.fails(&head) { high = middle } else { low = middle }
    }
    best.steps.truncate(high);
    if high < steps_before && !tries.fails(&best) {
        best = vector.clone();
    }
    loop {
        let before = best.clone();
        let frame = best.clone();
        let kept = without_parts(
            best.steps.clone(),
            |_| true,
            |steps| {
                progress(tries.runs, steps.len());
                Ok::<_, Infallible>(tries.fails(&Vector { steps: steps.to_vec(), ..frame.clone() }))
            },
        );
        best.steps = kept.unwrap_or_else(|e| match e {});
        for simpler in simpler::ALL {
            best = simpler(&best, &mut |v| {
                progress(tries.runs, v.steps.len());
                tries.fails(v)
            });
        }
        if best == before || tries.runs >= case.runs {
            break;
        }
    }
    let (outcome, seen) = run_on(&case.dut, &best, case.seed);
    Some(Shrunk { vector: best, outcome, began: seen.began, runs: tries.runs, steps_before })
}

/// Gives the vector a name under which it still fails: chance in it follows from the name.
pub fn rename(case: &Case, vector: &Vector, name: &str) -> Option<Vector> {
    let names = std::iter::once(name.to_string()).chain((2..40).map(|k| format!("{name}_{k}")));
    names.map(|name| Vector { name, ..vector.clone() }).find(|v| {
        let (o, _) = run_on(&case.dut, v, case.seed);
        o.findings.iter().any(|f| f.check == case.check)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::direct::draw::Draw;
    use crate::direct::profile;
    use golden::Quirk;
    use rand::SeedableRng;
    use std::path::Path;

    #[test]
    fn a_long_random_failure_shrinks_to_a_few_steps_that_a_good_device_passes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let profile = profile::named(&root, "interrupts").unwrap();
        let quirk: Quirk = "masked-cause-dropped".parse().unwrap();
        let case = Case {
            dut: Dut::Golden(vec![quirk]),
            control: Some(Dut::Golden(Vec::new())),
            seed: 1,
            check: "pending_bit_lost".into(),
            runs: 3000,
        };
        let found = (0..40).find_map(|k| {
            let draw = Draw::new(&profile, &Default::default(), rand_chacha::ChaCha8Rng::seed_from_u64(k));
            shrink(&case, &draw.vector(format!("run_{k}")), |_, _| {})
        });
        let shrunk = found.expect("forty random runs show it");
        assert!(shrunk.vector.steps.len() <= 12, "{:?}", shrunk.vector.steps);
        assert!(reported(&shrunk.outcome).contains(&"pending_bit_lost"));
        let text = to_text(&shrunk);
        let back = vectors::yaml::parse(Path::new(&format!("{}.yaml", shrunk.vector.name)), &text).unwrap();
        assert_eq!(back.steps, shrunk.vector.steps);
        // It is the device: one in order passes the same text.
        assert!(run_on(&Dut::Golden(Vec::new()), &back, 1).0.findings.is_empty());
    }
}
