// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Coverage of what software does and of the machine around the device.

use super::axes::{log2, quarter, step};
use super::collector::{Collector, store};
use super::items::Item;
use tlp::Tick;
use vectors::op::{Completions, Credits, EntryCache, HostParams, Op, Retarget, Source, Submit, Vector, Work};

/// What surrounds the device, as numbers on the axes.
#[derive(Clone, Default)]
pub(super) struct Surroundings {
    told: bool,
    machine: Option<Machine>,
    stalls: [usize; 3],
    completions: Completions,
    credits: [Option<u64>; 5],
    infinite: [bool; 5],
    remapping: usize,
    live: [bool; 3],
    pub reporting: bool,
    before: Option<usize>,
}

/// The machine of a vector.
#[derive(Clone, Copy)]
struct Machine {
    cpus: usize,
    apic: usize,
    cache: usize,
    rcb: usize,
}

/// Group of an operation on its axis; none for what stands for nothing by itself.
fn group(op: &Op) -> Option<usize> {
    Some(match op {
        Op::Cause { .. } | Op::CauseIn { .. } | Op::CauseRange { .. } | Op::Withdraw { .. } => 0,
        Op::Storm { .. } | Op::Race { .. } | Op::RaceConfig { .. } => 0,
        Op::Doorbell { .. } => 1,
        Op::Sweep { .. } => 2,
        Op::Mask { .. } | Op::Unmask { .. } => 3,
        Op::FunctionMask(_) | Op::MsixEnableBit(_) | Op::BusMaster(_) | Op::MemoryEnable(_) | Op::IntxDisable(_) => 4,
        Op::Message { .. } | Op::Write(_) | Op::CfgWrite(_) => 5,
        Op::Connect { .. } | Op::ConnectRange { .. } | Op::Disconnect { .. } | Op::Retarget { .. } => 6,
        Op::HostStore { .. } | Op::HostStoreOff | Op::Invalidate { .. } => 7,
        Op::Ats(_) | Op::AtsInvalidate { .. } => 7,
        Op::Queue(_) | Op::QueueOff { .. } | Op::Submit(_) | Op::Consume { .. } | Op::WorkStorm(_) => 8,
        Op::Handle { .. } | Op::ReleaseHandle { .. } | Op::RevokeHandles | Op::RenewHandles => 8,
        Op::Read(_) | Op::CfgRead(_) => 9,
        Op::Pressure { .. } | Op::Credits(_) | Op::Completions(_) | Op::Link { .. } | Op::Digests(_) => 10,
        Op::Reset(_) | Op::Flr | Op::PowerState(_) => 11,
        Op::Tlp(_) | Op::FailReads { .. } | Op::ErrorReporting(_) | Op::ClearErrors => 12,
        Op::Wait(_) | Op::Settle => 13,
        _ => return None,
    })
}

impl Collector {
    /// The vector that is about to run.
    pub fn begin(&mut self, v: &Vector) {
        let h: &HostParams = &v.host;
        let cpus = match h.cpus {
            0..=1 => 0,
            2 => 1,
            3..=4 => 2,
            _ => 3,
        };
        let cache = match h.entry_cache {
            EntryCache::None => 0,
            EntryCache::Lines(_) => 1,
            EntryCache::Unlimited => 2,
        };
        self.functions.unit = super::functions::unit(h.remap_unit);
        let (apic, rcb) = (usize::from(h.x2apic), usize::from(h.rcb == 128));
        let a = &mut self.around;
        a.machine = Some(Machine { cpus, apic, cache, rcb });
        a.completions = h.completions;
        let Credits { ph, pd, nph, cplh, cpld } = h.credits;
        a.credits =
            [ph.map(u64::from), pd.map(u64::from), nph.map(u64::from), cplh.map(u64::from), cpld.map(u64::from)];
        a.infinite = a.credits.map(|c| c.is_none());
    }

    /// The machine, once something has happened on it.
    pub(super) fn machine_once(&mut self, tick: Tick) {
        let Some(m) = self.around.machine.filter(|_| !std::mem::replace(&mut self.around.told, true)) else { return };
        self.hit(tick, Item::cpus, &[m.cpus]);
        self.hit(tick, Item::apic_mode, &[m.apic]);
        self.hit(tick, Item::entry_cache, &[m.cache]);
        self.hit(tick, Item::boundary, &[m.rcb]);
    }

    /// What surrounds a cause.
    pub(super) fn surroundings(&mut self, tick: Tick) {
        let stalls = self.around.stalls;
        self.hit(tick, Item::stalls, &stalls);
        for class in 0..5 {
            let window = match (self.around.infinite[class], self.around.credits[class]) {
                (true, _) => 0,
                (false, n) => 1 + step(n.unwrap_or(32), &[1, 3, 7]),
            };
            self.hit(tick, Item::credit_window, &[class, window]);
        }
        let a = &self.around;
        let live = [a.live[0], a.live[1], a.live[2], a.remapping > 0].map(usize::from);
        let remapping = a.remapping;
        self.hit(tick, Item::stores_live, &live);
        self.hit(tick, Item::remapping, &[remapping]);
    }

    /// How answers come, at a fetch.
    pub(super) fn completion_policy(&mut self, tick: Tick) {
        let c = self.around.completions;
        let delay = step(c.delay[1], &[31, 127]);
        self.hit(tick, Item::completion_policy, &[usize::from(c.split), usize::from(c.reorder), delay]);
    }

    /// An arrival at a processor: since when it was under way, and what became of it.
    pub fn arrival(&mut self, tick: Tick, since: Option<Tick>, cpu: u32, vector: u8, merged: bool) {
        let outcome = usize::from(merged);
        self.hit(tick, Item::arrival_outcome, &[outcome]);
        if let class @ 3..=13 = usize::from(vector >> 4) {
            self.hit(tick, Item::arrival_class, &[class - 3]);
        }
        let cpu = log2(u64::from(cpu), 3);
        self.hit(tick, Item::arrival_cpu, &[cpu]);
        if let Some(since) = since {
            self.hit(tick, Item::arrival_time, &[super::axes::log2_from_1(tick.saturating_sub(since), 8)]);
        }
        let remapping = self.around.remapping;
        self.hit(tick, Item::arrival_path, &[remapping, outcome]);
        self.through_unit(tick, outcome);
    }

    /// The remapping unit has blocked a request [VT-d 7.2.1].
    pub fn blocked(&mut self, tick: Tick, reason: u8) {
        let at = match reason {
            0x22 => 0,
            0x24 => 1,
            0x25 => 2,
            0x26 => 3,
            _ => return,
        };
        self.hit(tick, Item::blocked_reason, &[at]);
    }

    /// A step of the vector begins. `flying`: something is on its way to a processor; `outstanding`: descriptors.
    pub fn operation(&mut self, tick: Tick, step_number: usize, op: &Op, flying: bool, outstanding: u64) {
        self.step = step_number as u32;
        if self.began.last().is_none_or(|(step, _)| *step != self.step) {
            self.began.push((self.step, tick));
        }
        if let Some(at) = group(op) {
            self.hit(tick, Item::operation, &[at]);
            if let Some(before) = self.around.before.replace(at) {
                self.hit(tick, Item::operation_pair, &[before, at]);
            }
        }
        self.setting(tick, op, flying);
        self.asking(tick, op, outstanding);
    }

    /// Operations that change what surrounds the device.
    fn setting(&mut self, tick: Tick, op: &Op, flying: bool) {
        let a = &mut self.around;
        match op {
            Op::Pressure { rx_gap, tx_stall, cause_gap } => {
                a.stalls = [quarter(*rx_gap), quarter(*tx_stall), quarter(*cause_gap)];
            }
            Op::Credits(c) => {
                for (now, new) in a.credits.iter_mut().zip([
                    c.ph.map(u64::from),
                    c.pd.map(u64::from),
                    c.nph.map(u64::from),
                    c.cplh.map(u64::from),
                    c.cpld.map(u64::from),
                ]) {
                    *now = new.or(*now);
                }
            }
            Op::Completions(c) => a.completions = *c,
            Op::Remapping { eime, compatibility, .. } => {
                a.remapping = if *eime {
                    3
                } else if *compatibility {
                    2
                } else {
                    1
                };
            }
            Op::EnableVfs { count, .. } => self.vf_count(tick, *count),
            Op::RemappingOff => a.remapping = 0,
            Op::MsixEnable { .. } => a.live[0] = true,
            Op::MsixDisable => a.live[0] = false,
            Op::HostStore { .. } => a.live[2] = true,
            Op::HostStoreOff => a.live[2] = false,
            Op::Connect { at, .. } => a.live[store(*at).min(2)] |= matches!(at, Source::Device(_)),
            Op::ConnectRange { range, .. } => a.live[1] |= matches!(range.first, Source::Device(_)),
            Op::Reset(_) | Op::Flr | Op::PowerState(3) => a.live = [false; 3],
            Op::ErrorReporting(on) => {
                a.reporting = *on;
                self.hit(tick, Item::reporting, &[usize::from(*on)]);
            }
            Op::Digests(on) => self.hit(tick, Item::digests, &[usize::from(*on)]),
            Op::Link { mps, mrrs, .. } => {
                let (mps, mrrs) = (step(u64::from(*mps), &[128, 256]), (mrrs / 128).ilog2() as usize);
                self.hit(tick, Item::link_payload, &[mps]);
                self.hit(tick, Item::link_read, &[mrrs]);
                self.hit(tick, Item::link_sizes, &[mps, mrrs]);
            }
            Op::Retarget { at, by, .. } => {
                let by = match by {
                    Retarget::Entry => 0,
                    Retarget::EntryUnflushed => 1,
                    _ => 2,
                };
                let owed = usize::from(self.pending(*at));
                self.hit(tick, Item::retarget_by, &[by]);
                self.hit(tick, Item::retarget_load, &[by, owed, usize::from(flying)]);
            }
            _ => {}
        }
    }

    /// Operations that ask the function for something.
    fn asking(&mut self, tick: Tick, op: &Op, outstanding: u64) {
        match op {
            Op::Doorbell { at, count, record, withdraw } => {
                let n = step(u64::from(*count), &[1, 3, 15]);
                self.hit(tick, Item::doorbell_count, &[n]);
                let form = [store(*at), usize::from(*withdraw), n, usize::from(*record)];
                self.hit(tick, Item::doorbell_form, &form);
            }
            Op::Sweep { range } => {
                let n = step(u64::from(range.count), &[1, 7, 63]);
                self.hit(tick, Item::sweep_count, &[n]);
                self.hit(tick, Item::sweep_form, &[store(range.first), n]);
            }
            Op::Submit(w) => self.submitted(tick, w, outstanding),
            Op::Queue(q) => {
                self.hit(tick, Item::queue_number, &[step(u64::from(q.q), &[0, 7, 31])]);
                let form = [q.pasid.is_some(), q.portal, q.relaxed].map(usize::from);
                self.hit(tick, Item::queue_form, &form);
            }
            Op::Handle { at, ignore, pasid, .. } if store(*at) < 3 => {
                let permission = if *ignore { 2 } else { usize::from(pasid.is_some()) };
                self.hit(tick, Item::handle_form, &[store(*at), permission]);
            }
            Op::RevokeHandles => self.hit(tick, Item::revoke_load, &[usize::from(outstanding > 0)]),
            _ => {}
        }
    }

    fn submitted(&mut self, tick: Tick, w: &Submit, outstanding: u64) {
        let opcode = match w.work {
            Work::Nop => 0,
            Work::Fill => 1,
            Work::Copy => 2,
            Work::Checksum => 3,
            Work::Opcode(_) => return,
        };
        let size = step(u64::from(w.size), &[0, 3, 63, 255, 1023, 4096]);
        let announce = match (w.handle.or(w.raw_handle.map(u32::from)), w.event) {
            (Some(_), _) => 1,
            (None, true) => 2,
            (None, false) => 0,
        };
        self.hit(tick, Item::work_opcode, &[opcode]);
        self.hit(tick, Item::work_size, &[size]);
        self.hit(tick, Item::work_announce, &[announce]);
        // An empty transfer is refused: it has no form.
        if opcode == 0 || size > 0 {
            self.hit(tick, Item::work_form, &[opcode, size, announce, usize::from(w.fence)]);
        }
        self.hit(tick, Item::work_outstanding, &[log2(outstanding, 5)]);
    }

    /// A doorbell goes in; so many wait in front of it.
    pub fn doorbell(&mut self, tick: Tick, waiting: usize) {
        self.hit(tick, Item::doorbell_queue, &[log2(waiting as u64, 5)]);
    }
}
