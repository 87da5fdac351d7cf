// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The generator: one file per kind of traffic, one row each in [`KINDS`].
//!
//! A burst is a function of seed and number. Each kind makes an episode that is
//! determined whatever state the ones before have left, within these bounds, which
//! every kind keeps: the BARs stand at [`Gen::bar`], Command, Message Control and
//! Device Control 2 at what [`Gen::setup`] writes, the host store is off, nothing is
//! pending in MSI-X and device slots, credits are without limit, no read of the
//! device is unanswered. Kinds marked last may leave anything: they end the burst.

mod ats;
mod config;
mod credits;
mod errors;
mod events;
mod functions;
mod host;
mod interrupts;
mod order;
mod queues;
mod races;
mod refused;
mod resets;
mod store;
mod windows;
mod work;

use super::act::{Act, Episode, Grant, How};
use super::packets::{self, Down};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tlp::{Cause, CauseOp, Pressure, Store, Tick};
use vectors::regs;

/// Bus 1, device 0, function 0.
pub const ID: u16 = 0x0100;
/// Cycles without an event after which a device is quiet.
pub const CALM: Tick = 96;
/// The same where something silent takes longer: invalidation, enabling of the store.
pub const LONG: Tick = 400;

/// A kind of traffic.
struct Kind {
    name: &'static str,
    /// How often, relative to the others.
    weight: u32,
    /// It ends its burst.
    last: bool,
    make: fn(&mut Gen) -> Vec<Act>,
}

/// Every kind of traffic.
const KINDS: &[Kind] = &[
    Kind { name: "config", weight: 20, last: false, make: config::make },
    Kind { name: "windows", weight: 26, last: false, make: windows::make },
    Kind { name: "refused", weight: 16, last: false, make: refused::make },
    Kind { name: "errors", weight: 6, last: false, make: errors::make },
    Kind { name: "interrupts", weight: 16, last: false, make: interrupts::make },
    Kind { name: "functions", weight: 10, last: false, make: functions::make },
    Kind { name: "host", weight: 12, last: false, make: host::make },
    Kind { name: "ats", weight: 14, last: false, make: ats::make },
    Kind { name: "work", weight: 10, last: false, make: work::make },
    Kind { name: "events", weight: 10, last: false, make: events::make },
    Kind { name: "queues", weight: 10, last: false, make: queues::make },
    Kind { name: "credits", weight: 8, last: false, make: credits::make },
    Kind { name: "order", weight: 6, last: false, make: order::make },
    Kind { name: "resets", weight: 5, last: false, make: resets::make },
    Kind { name: "cut", weight: 3, last: true, make: resets::cut },
    Kind { name: "races", weight: 5, last: true, make: races::make },
    Kind { name: "timeouts", weight: 1, last: true, make: host::timeouts },
];

/// Most episodes of a burst.
const EPISODES: u32 = 24;

/// The burst of this number.
pub fn burst(seed: u64, number: u64) -> Vec<Episode> {
    let mut g = Gen::new(seed, number);
    let mut list = vec![Episode { kind: "setup", acts: g.first() }];
    let total: u32 = KINDS.iter().map(|k| k.weight).sum();
    while list.len() < EPISODES as usize {
        let mut at = g.rng.random_range(0..total);
        let Some(kind) = KINDS.iter().find(|k| {
            let hit = at < k.weight;
            at = at.saturating_sub(k.weight);
            hit
        }) else {
            continue;
        };
        list.push(Episode { kind: kind.name, acts: (kind.make)(&mut g) });
        if kind.last {
            break;
        }
    }
    list
}

/// State of the generator: what it has to know of what it has done.
pub struct Gen {
    /// Random choices of this burst.
    pub rng: ChaCha8Rng,
    tag: u32,
    /// Bases of BARs 0, 2, 4.
    bases: [u64; 3],
    /// Device Control as kept: payload size.
    devctl: u32,
    /// Stalls of this burst.
    pressure: Pressure,
}

impl Gen {
    fn new(seed: u64, number: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(number);
        let mut high =
            |bits: u32| if rng.random_range(0..2) == 0 { 0 } else { rng.random::<u64>() >> 32 << 32 | u64::from(bits) };
        let (two, four) = (high(0), high(0));
        let bases = [
            u64::from(rng.random_range(0x1000..0x4000u32)) << 16,
            two | u64::from(rng.random_range(0x4000..0x8000u32)) << 16,
            four | u64::from(rng.random_range(0x2000..0x3000u32)) << 18,
        ];
        let mut stall = |n: u8| if rng.random_range(0..2) == 0 { 0 } else { rng.random_range(1..n) };
        let pressure = Pressure { rx_gap: stall(120), tx_stall: stall(120), cause_gap: stall(120) };
        let pressure = if rng.random_range(0..4) == 0 { pressure } else { Pressure::default() };
        let devctl = rng.random_range(0..4u32) << 5 | 0x2810;
        Self { rng, tag: 0, bases, devctl, pressure }
    }

    /// Where a BAR (0, 2, 4) stands.
    pub fn bar(&self, bar: u32) -> u64 {
        self.bases[bar as usize / 2]
    }

    /// Largest payload in words.
    pub fn max_words(&self) -> u32 {
        32 << (self.devctl >> 5 & 7).min(2)
    }

    /// True once in `n`.
    pub fn one_in(&mut self, n: u32) -> bool {
        self.rng.random_range(0..n) == 0
    }

    /// Below `n`.
    pub fn below(&mut self, n: u32) -> u32 {
        self.rng.random_range(0..n)
    }

    fn tag(&mut self) -> u32 {
        // All ten bits, but the tag of the driver's own reads.
        self.tag = (self.tag + 1) % 0x3ff;
        self.tag
    }

    /// A configuration read.
    pub fn cfg(&mut self, offset: u32) -> Act {
        let tag = self.tag();
        Act::Down(packets::cfg_read(ID, offset, 0xf, tag))
    }

    /// A configuration write.
    pub fn set_cfg(&mut self, offset: u32, be: u32, value: u32) -> Act {
        let tag = self.tag();
        Act::Down(packets::cfg_write(ID, offset, be, value, tag))
    }

    /// A read of a BAR.
    pub fn read(&mut self, bar: u32, offset: u32, words: u32, be: (u32, u32)) -> Act {
        let tag = self.tag();
        let mut down = packets::read(self.bar(bar) + u64::from(offset), words, be, tag);
        let at = regs::IRQ_ERR.checked_sub(offset).map(|n| n / 4);
        down.error_word = at.filter(|&n| bar == 0 && n < words);
        Act::Down(down)
    }

    /// A read of one word.
    pub fn get(&mut self, bar: u32, offset: u32) -> Act {
        self.read(bar, offset, 1, (0xf, 0))
    }

    /// A write to a BAR.
    pub fn write(&mut self, bar: u32, offset: u32, data: &[u32], be: (u32, u32)) -> Act {
        let tag = self.tag();
        Act::Down(packets::write(self.bar(bar) + u64::from(offset), be, data, tag))
    }

    /// A write of whole words.
    pub fn set(&mut self, bar: u32, offset: u32, data: &[u32]) -> Act {
        self.write(bar, offset, data, (0xf, if data.len() == 1 { 0 } else { 0xf }))
    }

    /// Byte enables that are legal for a length.
    pub fn enables(&mut self, words: u32) -> (u32, u32) {
        if words == 1 {
            (self.below(16), 0)
        } else if self.one_in(2) {
            (0xf, 0xf)
        } else {
            (self.rng.random_range(1..16), self.rng.random_range(1..16))
        }
    }

    /// Any packet, as made by hand; a non-posted one is answered.
    pub fn down(packet: tlp::Packet, non_posted: bool) -> Act {
        Act::Down(Down { packet, non_posted, answered: non_posted, error_word: None })
    }

    /// A tag for a packet made by hand.
    pub fn fresh_tag(&mut self) -> u32 {
        self.tag()
    }

    fn first(&mut self) -> Vec<Act> {
        let mut acts = vec![Act::Credits(Grant::ALL), Act::Stall(self.pressure)];
        acts.extend(self.setup());
        acts.extend([Act::Quiet(CALM), Act::Compare(How::Exact)]);
        acts
    }

    /// Registers that the traffic relies on, after any reset.
    pub fn setup(&mut self) -> Vec<Act> {
        let [b0, b2, b4] = self.bases;
        vec![
            self.set_cfg(0x10, 0xf, b0 as u32),
            self.set_cfg(0x18, 0xf, b2 as u32),
            self.set_cfg(0x1c, 0xf, (b2 >> 32) as u32),
            self.set_cfg(0x20, 0xf, b4 as u32),
            self.set_cfg(0x24, 0xf, (b4 >> 32) as u32),
            self.set_cfg(0x58, 0x3, self.devctl),
            self.set_cfg(0x78, 0x3, 1), // time-out of 2^14 cycles
            self.set_cfg(0xb0, 0xc, 0x8000_0000),
            self.set_cfg(0x1a4, 0x8, 0), // untranslated
            self.set_cfg(0x1c8, 0x1, 0), // no virtual functions
            self.set_cfg(0x04, 0x3, 6),
        ]
    }

    /// The stalls of the burst again.
    pub fn usual_stalls(&self) -> Act {
        Act::Stall(self.pressure)
    }

    /// A message address: in the window of interrupts or anywhere, never 0.
    pub fn target(&mut self) -> [u32; 2] {
        let any = self.rng.random::<u32>() & !3 | 4;
        match self.below(3) {
            0 => [any, self.rng.random::<u32>() | 1],
            1 => [any, 0],
            _ => [0xfee0_0000 | any & 0xf_fffc, 0],
        }
    }

    /// Different indices below `n`.
    pub fn some(&mut self, count: u32, n: u32) -> Vec<u32> {
        let mut list: Vec<u32> = (0..count).map(|_| self.below(n)).collect();
        list.sort_unstable();
        list.dedup();
        for k in (1..list.len()).rev() {
            let other = self.below(k as u32 + 1) as usize;
            list.swap(k, other);
        }
        list
    }

    /// The BAR and offset of an entry.
    pub fn entry(store: Store, index: u32) -> (u32, u32) {
        (if store == Store::Msix { 2 } else { 4 }, 16 * index)
    }

    /// Writes of a whole entry, cut in one of the ways that software has.
    pub fn program(&mut self, store: Store, index: u32, control: u32) -> Vec<Act> {
        let (bar, at) = Self::entry(store, index);
        let [low, high] = self.target();
        let words = [low, high, self.rng.random(), control];
        match self.below(3) {
            0 => (0..4).map(|k| self.set(bar, at + 4 * k, &words[k as usize..=k as usize])).collect(),
            1 => vec![self.set(bar, at, &words[..2]), self.set(bar, at + 8, &words[2..])],
            _ => vec![self.set(bar, at, &words)],
        }
    }

    /// A write of the control word of an entry.
    pub fn control(&mut self, store: Store, index: u32, control: u32) -> Act {
        let (bar, at) = Self::entry(store, index);
        self.set(bar, at + 12, &[control])
    }
}

/// A cause at the port.
pub fn raise(store: Store, index: u32) -> Act {
    Act::Cause(Cause { op: CauseOp::Raise, store, index })
}

/// A withdrawal at the port.
pub fn withdraw(store: Store, index: u32) -> Act {
    Act::Cause(Cause { op: CauseOp::Withdraw, store, index })
}
