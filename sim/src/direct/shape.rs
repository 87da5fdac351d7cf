// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The shape of a run: which machine, which stores, and the steps that bring them up.

use super::profile::{Feature, Profile};
use super::soft::ats::{PAGE, page_of};
use crate::run::Params;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Completions, Credits, DutParams, EntryCache, HostParams, Op, Source, Target};

/// How remapping is set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Remap {
    Off,
    #[default]
    On,
    Compatibility,
    Extended,
}

/// Address translation of slot fetches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Translation {
    /// Off.
    #[default]
    Off,
    /// On; addresses lead to themselves.
    On,
    /// On, with a map of pages, one range of eight and one page that is for untranslated use.
    Mapped,
}

/// Page for untranslated use of a mapped shape.
pub const UNTRANSLATED: u32 = 17;
/// First page of the range of a mapped shape.
pub const RANGE: u32 = 8;
/// Pages of that range.
const RANGED: u32 = 8;

/// How events are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// So many MSI-X vectors.
    Msix(u32),
    /// So many MSI vectors.
    Msi(u32),
    /// Neither.
    Intx,
}

/// A run's shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The device's parameters.
    pub dut: DutParams,
    /// The machine.
    pub host: HostParams,
    /// Remapping.
    pub remap: Remap,
    /// Mode.
    pub mode: Mode,
    /// Host slots; 0: the store stays off.
    pub slots: u32,
    /// Translation of slot fetches.
    pub translation: Translation,
    /// Virtual functions; 0: they stay off.
    pub functions: u32,
    /// Sources that are connected and open at first, with what they lead to.
    pub sources: Vec<Source>,
}

impl Default for Shape {
    fn default() -> Self {
        let sources = (0..5).flat_map(|k| [Source::Msix(k), Source::Device(k), Source::Host(k)]).collect();
        Self {
            dut: DutParams::default(),
            host: HostParams::default(),
            remap: Remap::On,
            mode: Mode::Msix(8),
            slots: 64,
            translation: Translation::Off,
            functions: 0,
            sources,
        }
    }
}

/// The k-th target that is dealt out: every pair of processor and vector once before one comes again.
pub fn dealt(cpus: u32, k: u32) -> Target {
    Target { cpu: k % cpus, vector: 0x30 + (k / cpus % 0xb0) as u8 }
}

/// Numbers of all sizes: small ones as likely as large ones.
pub fn any_size(rng: &mut ChaCha8Rng, most: u32) -> u32 {
    let bits = rng.random_range(0..=32 - most.leading_zeros());
    let top = ((1u64 << bits) - 1).min(u64::from(most)) as u32;
    rng.random_range(0..=top)
}

/// The map of so many pages of slots.
fn map(pages: u32) -> Vec<Op> {
    let page = |p: u32, pages: u32| Op::Map {
        at: page_of(256 * p),
        to: page_of(256 * p),
        bytes: pages * PAGE as u32,
        unreadable: false,
        untranslated: p == UNTRANSLATED,
    };
    let ranged = |p: &u32| pages >= RANGE + RANGED && (RANGE + 1..RANGE + RANGED).contains(p);
    (0..pages)
        .filter(|p| !ranged(p))
        .map(|p| page(p, if p == RANGE && pages >= RANGE + RANGED { RANGED } else { 1 }))
        .collect()
}

impl Shape {
    /// A shape at random.
    pub fn draw(rng: &mut ChaCha8Rng, p: &Profile, on: &dyn Fn(Feature) -> bool) -> Self {
        let finite = on(Feature::Credits);
        let credit = |rng: &mut ChaCha8Rng| (finite && rng.random_range(0..3) > 0).then(|| rng.random_range(1..24));
        // Work needs room for its largest packet.
        let few = if on(Feature::Work) || rng.random() { 32 } else { 0 };
        let low = rng.random_range(0..60);
        let host = HostParams {
            cpus: [1, 2, 4, 4, 8][rng.random_range(0..5usize)],
            x2apic: rng.random_range(0..4) == 0,
            entry_cache: [EntryCache::None, EntryCache::Unlimited, EntryCache::Lines(4)][rng.random_range(0..3usize)],
            remap_delay: [[1, 16], [1, 1], [4, 60]][rng.random_range(0..3usize)],
            rcb: [64, 128][rng.random_range(0..2usize)],
            completions: Completions {
                split: rng.random(),
                reorder: rng.random(),
                delay: [low, low + rng.random_range(0..200)],
            },
            credits: Credits {
                ph: credit(rng),
                pd: credit(rng).map(|n| u16::from(n) + few),
                nph: credit(rng),
                cplh: credit(rng),
                cpld: credit(rng).map(|n| u16::from(n) + few),
            },
            ..HostParams::default()
        };
        let remap = if !on(Feature::Remapping) {
            Remap::Off
        } else {
            match rng.random_range(0..8) {
                0 => Remap::Compatibility,
                1 if host.x2apic => Remap::Extended,
                _ => Remap::On,
            }
        };
        let mode = if on(Feature::Msix) {
            Mode::Msix([1, 4, 8, 16, 64][rng.random_range(0..5usize)])
        } else if on(Feature::Msi) {
            Mode::Msi([1, 2, 4, 8, 16, 32][rng.random_range(0..6usize)])
        } else {
            Mode::Intx
        };
        let slots = if on(Feature::Host) { [64, 64, 256, 4096][rng.random_range(0..4usize)] } else { 0 };
        let translation = match rng.random_range(0..3) {
            _ if slots == 0 || !on(Feature::Translation) => Translation::Off,
            0 => Translation::Mapped,
            _ => Translation::On,
        };
        let functions = if on(Feature::Functions) { [1, 2, 4, 16][rng.random_range(0..4usize)] } else { 0 };
        let dut = DutParams::default();
        let mut shape = Self { dut, host, remap, mode, slots, translation, functions, sources: Vec::new() };
        for _ in 0..p.hot {
            if let Mode::Msix(n) = mode {
                shape.take(Source::Msix(any_size(rng, n - 1)));
            }
            if let Mode::Msi(n) = mode {
                let granted = if remap == Remap::Off { 1 } else { n };
                shape.take(Source::Msi(rng.random_range(0..granted)));
            }
            if on(Feature::Device) {
                shape.take(Source::Device(any_size(rng, 4095)));
            }
            if slots > 0 {
                shape.take(Source::Host(any_size(rng, slots - 1)));
            }
            if functions > 0 {
                let (vf, k) = (any_size(rng, functions - 1), any_size(rng, 63));
                shape.take(if rng.random() { Source::VfMsix { vf, k } } else { Source::VfDevice { vf, k } });
            }
        }
        shape
    }

    /// The same on a device with these parameters: what that does not have is left out.
    pub fn onto(mut self, dut: &DutParams) -> Self {
        let p = Params::from(dut);
        if let Mode::Msix(vectors) = &mut self.mode {
            *vectors = p.num_msix.min(*vectors);
        }
        self.slots = p.num_host_slots.min(self.slots);
        self.functions = p.num_vfs.min(self.functions);
        let (mode, slots, functions) = (self.mode, self.slots, self.functions);
        self.sources.retain(|s| match *s {
            Source::Msix(k) => !matches!(mode, Mode::Msix(n) if k >= n),
            Source::Device(k) => k < p.num_dev_slots,
            Source::Host(k) => k < slots,
            Source::VfMsix { vf, .. } | Source::VfDevice { vf, .. } => vf < functions,
            _ => true,
        });
        Self { dut: dut.clone(), ..self }
    }

    fn take(&mut self, s: Source) {
        if !self.sources.contains(&s) {
            self.sources.push(s);
        }
    }

    /// The steps that bring it up from power-on.
    pub fn bring_up(&self) -> Vec<Op> {
        let mut ops = vec![Op::Enumerate];
        match self.remap {
            Remap::Off => {}
            on => ops.push(Op::Remapping {
                eime: on == Remap::Extended,
                size: 15,
                compatibility: on == Remap::Compatibility,
            }),
        }
        if self.translation == Translation::Mapped {
            ops.extend(map(self.slots.div_ceil(256)));
        }
        ops.extend(self.again());
        ops
    }

    /// The steps that bring the device up once it is enumerated: from power-on and after its resets.
    pub fn again(&self) -> Vec<Op> {
        let mut ops = Vec::new();
        if self.slots > 0 {
            ops.push(Op::HostStore { slots: self.slots, base: None });
            ops.extend((self.translation != Translation::Off).then_some(Op::Ats(true)));
        }
        match self.mode {
            Mode::Msix(vectors) => ops.push(Op::MsixEnable { vectors }),
            Mode::Msi(vectors) => ops.push(Op::MsiEnable { vectors }),
            Mode::Intx => {}
        }
        if self.functions > 0 {
            ops.push(Op::EnableVfs { count: self.functions, page: 0x1000 });
            for vf in 0..self.functions {
                if self.sources.iter().any(|s| matches!(s, Source::VfMsix { vf: n, .. } if *n == vf)) {
                    ops.push(Op::VfMsixEnable { vf, vectors: 64 });
                }
            }
        }
        ops
    }

    /// The steps that connect its sources; targets are dealt out from number `first` on.
    pub fn connect(&self, first: u32) -> Vec<Op> {
        let of = |(k, at): (usize, &Source)| Op::Connect {
            at: *at,
            to: dealt(self.host.cpus, first + k as u32),
            masked: false,
        };
        self.sources.iter().enumerate().map(of).collect()
    }
}
