// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reads, configuration, the link, errors, virtual functions, resets, time.

use super::super::illegal;
use super::super::levers::steps::{function_reset, hot_reset};
use super::super::profile::{Feature, Kind};
use super::super::shape::any_size;
use super::super::soft::Soft;
use super::{Draw, entry, read};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Completions, Credits, Op, Place, Read, ResetKind, Source, Switch, Write};

/// None, or so many 256ths of the time.
fn stall(rng: &mut ChaCha8Rng) -> u8 {
    if rng.random() { 0 } else { rng.random_range(1..220) }
}

impl Draw<'_> {
    /// Operations of what surrounds interrupts; none: the kind is another group's.
    pub(super) fn around(&mut self, kind: Kind, on: bool, soft: &Soft) -> Option<Vec<Op>> {
        Some(match kind {
            Kind::Read => vec![self.reading(soft)],
            Kind::Config => {
                const READ: [&str; 9] = [
                    "command",
                    "status",
                    "msix_control",
                    "msi_control",
                    "devctl",
                    "uncorrectable_status",
                    "header_log",
                    "header_log+8",
                    "bar2",
                ];
                let at = READ[self.rng.random_range(0..READ.len())];
                let len = [1, 2, 4][self.rng.random_range(0..3usize)];
                let plain = Read { at: Place::Name(at.into()), len, expect: None, mask: None, status: None, vf: None };
                let mut be = self.rng.random_range(0..16);
                let value = u64::from(self.rng.random::<u32>());
                let mut name = if on { "cache_line" } else { "interrupt_line" };
                // The upper half of MSI data, which is not sent without its own enable.
                if on && soft.msi.is_some() {
                    (name, be) = ("msi_data", be & 0xc);
                }
                let w = Write { at: Place::Name(name.into()), len: 4, value, be: Some(be), status: None, vf: None };
                if self.rng.random() { vec![Op::CfgRead(plain)] } else { vec![Op::CfgWrite(w)] }
            }
            Kind::Pressure if self.has(Feature::Pressure) => {
                let r = &mut self.rng;
                vec![Op::Pressure { rx_gap: stall(r), tx_stall: stall(r), cause_gap: stall(r) }]
            }
            Kind::Credits if self.has(Feature::Credits) => {
                let c = self.shape.host.credits;
                let few = |n: u16| if n >= 32 { 32 } else { 1 };
                let r = &mut self.rng;
                let new = Credits {
                    ph: c.ph.map(|_| r.random_range(1..12)),
                    pd: c.pd.map(|n| few(n) + r.random_range(0..12)),
                    nph: c.nph.map(|_| r.random_range(1..12)),
                    cplh: c.cplh.map(|_| r.random_range(1..12)),
                    cpld: c.cpld.map(|n| few(n) + r.random_range(0..12)),
                };
                vec![Op::Credits(new)]
            }
            Kind::Completions => {
                let low = any_size(&mut self.rng, 100).into();
                let high = low + u64::from(any_size(&mut self.rng, 200));
                vec![Op::Completions(Completions { split: on, reorder: self.rng.random(), delay: [low, high] })]
            }
            Kind::Link => {
                let mps = [128, 256, 512][self.rng.random_range(0..3usize)];
                vec![Op::Link { mps, mrrs: 128 << self.rng.random_range(0..6u16), short_tags: on }]
            }
            Kind::Digests if self.has(Feature::Digests) => vec![Op::Digests(on)],
            Kind::Reporting => vec![Op::ErrorReporting(on)],
            Kind::Illegal if self.has(Feature::Errors) => {
                let which = self.rng.random_range(0..illegal::KINDS);
                vec![illegal::packet(which, self.rng.random())]
            }
            Kind::VfReset if soft.vfs > 0 => {
                let vf = self.rng.random_range(0..soft.vfs);
                let mut ops = vec![Op::VfFlr { vf }, Op::BusMaster(Switch::Virtual { vf, on: true })];
                let own: Vec<Source> = self.shape.sources.iter().copied().filter(|s| s.vf() == Some(vf)).collect();
                if own.iter().any(|s| matches!(s, Source::VfMsix { .. })) {
                    ops.push(Op::VfMsixEnable { vf, vectors: 64 });
                }
                ops.extend(own.into_iter().map(|at| Op::Connect { at, to: self.fresh(), masked: false }));
                ops
            }
            Kind::VfSwitch if soft.vfs > 0 => {
                let switch = Switch::Virtual { vf: self.rng.random_range(0..soft.vfs), on };
                vec![match self.rng.random_range(0..3) {
                    0 => Op::BusMaster(switch),
                    1 => Op::FunctionMask(switch),
                    _ => Op::MsixEnableBit(switch),
                }]
            }
            Kind::Flr if self.has(Feature::Resets) && on => vec![Op::Flr],
            // Nobody waits for this one: a reset from outside ends it.
            Kind::Flr if self.has(Feature::Resets) => {
                let wait = 1 + u64::from(any_size(&mut self.rng, 255));
                vec![function_reset(), Op::Wait(wait), hot_reset()]
            }
            Kind::Power if self.has(Feature::Resets) => {
                vec![Op::PowerState(3), self.cause(soft), Op::PowerState(0)]
            }
            Kind::Reset if self.has(Feature::Resets) => {
                vec![Op::Reset(if on { ResetKind::Hot } else { ResetKind::Cold })]
            }
            Kind::Wait => vec![Op::Wait(1 + u64::from(any_size(&mut self.rng, 255)))],
            Kind::Settle => vec![Op::Settle],
            _ => return None,
        })
    }

    fn reading(&mut self, soft: &Soft) -> Op {
        let len = [1, 2, 4, 8, 16, 64, 256][self.rng.random_range(0..7usize)];
        let word = |rng: &mut ChaCha8Rng, most: u32| 64 * any_size(rng, most / 64);
        let r = &mut self.rng;
        let at = match r.random_range(0..6) {
            0 => format!("msix_table+{:#x}", word(r, 0x7f00)),
            1 => format!("msix_pba+{:#x}", if len <= 8 { 8 * any_size(r, 31) } else { 0 }),
            2 => format!("ims_slots+{:#x}", word(r, 0xff00)),
            3 if soft.host.is_some() => format!("host_pending+{:#x}", word(r, 0x1f00)),
            4 => return read("version".into(), 4),
            _ => match self.connected(soft).and_then(|s| entry(s, 0)) {
                Some(at) => return read(at, 16),
                None => return read("irq_err".into(), 4),
            },
        };
        read(at, len)
    }
}
