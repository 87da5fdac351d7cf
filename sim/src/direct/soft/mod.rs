// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What software may do next: the state of drivers as a sequence of operations leaves it, and the rules that a legal
//! sequence keeps. Generator, mutation and aiming put every operation past [`Soft::admit`], so that whatever they make,
//! a finding is the device's fault or the bench's. Deliberately illegal packets are operations of their own, whose
//! answers the laws know.

mod access;
pub mod ats;
mod functions;
mod link;
mod power;
mod sources;
mod stores;
#[cfg(test)]
mod tests;
mod work;

pub use work::Handle;

use std::collections::{BTreeMap, BTreeSet};
use vectors::op::{Credits, DutParams, Op, QueueSetup, Source, Target, Vector};

/// Cycles after which a sweep, doorbells or an invalidation that nobody waited for are certainly over.
const LONG: u64 = 4_000;
/// Units of data credits of the largest packet: 512 bytes.
const LARGEST: u16 = 32;
/// Cycles until a fetch that goes wrong has been answered and seen.
const FAULTY: u64 = 800;
/// Pieces of work that may be outstanding on one queue: its rings have sixteen places.
const OUTSTANDING: u32 = 8;

/// A source with a target.
#[derive(Clone, Copy, Debug)]
pub struct Conn {
    /// Masked.
    pub masked: bool,
    /// Its message was written by hand and leads to no entry.
    pub custom: bool,
}

/// A work queue.
#[derive(Clone, Debug)]
pub struct WorkQueue {
    /// How it was set up.
    pub setup: QueueSetup,
    /// Pieces of work that nobody has consumed.
    pub outstanding: u32,
    /// Some of them announce their end by a handle.
    pub by_handle: bool,
}

/// A virtual function as its driver has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Function {
    /// MSI-X vectors in use.
    pub msix: Option<u32>,
    /// MSI-X Enable.
    pub enable: bool,
    /// Function Mask.
    pub function_mask: bool,
    /// Bus Master Enable.
    pub master: bool,
}

/// State of the software.
#[derive(Clone, Debug, Default)]
pub struct Soft {
    /// Processors.
    pub cpus: u32,
    /// Sizes of the stores.
    pub sizes: [u32; 3],
    dut: DutParams,
    /// The device was enumerated since its last reset.
    pub enumerated: bool,
    /// Interrupt remapping is on.
    pub remap: bool,
    /// MSI-X vectors in use.
    pub msix: Option<u32>,
    /// MSI vectors granted.
    pub msi: Option<u32>,
    /// Host slots in use.
    pub host: Option<u32>,
    /// MSI-X Enable and Function Mask.
    pub enable: bool,
    /// Function Mask.
    pub function_mask: bool,
    /// Bus Master Enable.
    pub master: bool,
    /// Memory Space Enable.
    pub memory: bool,
    /// In D3hot.
    pub d3: bool,
    /// Connected sources.
    pub conns: BTreeMap<Source, Conn>,
    /// Queues.
    pub queues: BTreeMap<u32, WorkQueue>,
    /// Handles.
    pub handles: BTreeMap<u32, Handle>,
    /// PASIDs are enabled.
    pub pasid: bool,
    /// Error reporting was found and switched at least once.
    pub aer: bool,
    /// Virtual functions that are enabled.
    pub vfs: u32,
    /// Their drivers' states.
    pub functions: BTreeMap<u32, Function>,
    /// Address translation.
    pub services: ats::Services,
    used: BTreeSet<(u32, u8)>,
    /// The vector has its restart.
    restarted: bool,
    /// A function reset is under way that nobody waits for.
    resetting: bool,
    /// The next fetch of this host slot goes wrong.
    doomed: Option<u32>,
    /// One has gone wrong: its slot is not fetched until everything is invalidated.
    parked: bool,
    /// The last invalidation, its index and order, if no cause of a host slot has come since: nothing of it is held.
    forgotten: Option<(u32, u8)>,
    /// Slot fetches that may be outstanding, and that function resets may have left behind.
    fetching: u32,
    abandoned: u32,
    /// Host slots that were raised since the store came up, those that are open until they have settled.
    raised: BTreeSet<u32>,
    /// Slots that a store must have for every handle of one.
    handled: u32,
    finite: [bool; 5],
    /// Nothing that raises an interrupt has happened since the last `settle`.
    settled: bool,
    busy: u64,
    /// Cycles until a command of the host store is over that nobody waits for: calm says nothing about it.
    commanded: u64,
    /// Doorbells may wait.
    ringing: bool,
    /// One of them with records, which wait for Bus Master Enable.
    recording: bool,
    /// An event may still be on its way to the port: its end behind a function reset would be open.
    late_event: bool,
    few_posted: bool,
    few_answers: bool,
    digests: bool,
}

fn finite(c: &Credits) -> [bool; 5] {
    [c.ph.is_some(), c.pd.is_some(), c.nph.is_some(), c.cplh.is_some(), c.cpld.is_some()]
}

impl Soft {
    /// Before the first step of a vector.
    pub fn new(v: &Vector) -> Self {
        let sizes = [
            v.dut.num_msix.unwrap_or(vectors::check::DEFAULT_MSIX),
            v.dut.num_dev_slots.unwrap_or(vectors::check::DEFAULT_DEVICE),
            v.dut.num_host_slots.unwrap_or(vectors::check::DEFAULT_HOST),
        ];
        let mut soft = Self {
            cpus: v.host.cpus,
            dut: v.dut.clone(),
            sizes,
            finite: finite(&v.host.credits),
            settled: true,
            ..Self::default()
        };
        soft.window(&v.host.credits);
        soft
    }

    /// The steps that are legal where they stand; the others are left out.
    pub fn legal(v: &Vector, steps: &[Op]) -> Vec<Op> {
        let mut soft = Self::new(v);
        steps.iter().filter(|op| soft.admit(op)).cloned().collect()
    }

    /// Accesses to the device's memory reach it.
    pub fn reachable(&self) -> bool {
        self.enumerated && self.memory && !self.d3
    }

    /// The device may send what it wants.
    pub fn free(&self) -> bool {
        self.reachable() && self.master
    }

    /// Nothing under way that a driver would have to wait for.
    pub fn idle(&self) -> bool {
        self.busy == 0 && self.commanded == 0
    }

    /// A function reset is under way that nobody waits for: a reset from outside must end it.
    pub fn resetting(&self) -> bool {
        self.resetting
    }

    /// Whether a source is open as software sees it.
    pub fn is_open(&self, s: Source) -> bool {
        let gate = match s {
            Source::Msix(_) => self.enable && !self.function_mask,
            Source::VfMsix { vf, .. } => {
                let f = self.functions.get(&vf).copied().unwrap_or_default();
                return f.master && f.enable && !f.function_mask && self.conns.get(&s).is_some_and(|c| !c.masked);
            }
            Source::VfDevice { vf, .. } => {
                let master = self.functions.get(&vf).is_some_and(|f| f.master);
                return master && self.conns.get(&s).is_some_and(|c| !c.masked);
            }
            _ => true,
        };
        gate && self.master && self.conns.get(&s).is_some_and(|c| !c.masked)
    }

    /// Work outstanding on any queue.
    pub fn working(&self) -> bool {
        self.queues.values().any(|q| q.outstanding > 0)
    }

    /// Causes of host slots make the device fetch.
    fn may_fetch(&mut self, at: Source, count: u32) {
        if let Source::Host(k) = at {
            self.forgotten = None;
            self.fetching = self.fetching.saturating_add(count);
            self.raised.extend((k..k.saturating_add(count)).take(256));
        }
    }

    /// What is pending and closed is fetched once more.
    fn fetched_anew(&mut self) {
        let closed = self.raised.iter().filter(|k| !self.is_open(Source::Host(**k))).count();
        self.fetching = self.fetching.saturating_add(closed as u32);
    }

    fn exists(&self, s: Source) -> bool {
        match s {
            Source::Msix(k) => self.msix.is_some_and(|n| k < n),
            Source::Device(k) => k < self.sizes[1],
            Source::Host(k) => self.host.is_some_and(|n| k < n),
            Source::Msi(v) => self.msi.is_some_and(|n| v < n),
            Source::VfMsix { vf, k } => self.functions.get(&vf).is_some_and(|f| f.msix.is_some_and(|n| k < n)),
            Source::VfDevice { vf, k } => self.functions.contains_key(&vf) && k < 64,
            Source::Event(_) => false,
        }
    }

    /// Whether a target may be given: without remapping the ledger tells sources by their messages.
    fn target(&mut self, to: Target) -> bool {
        if to.cpu >= self.cpus || !(0x30..0xe0).contains(&to.vector) {
            return false;
        }
        self.remap || self.used.insert((to.cpu, to.vector))
    }

    /// Whether nobody has been given this target.
    pub fn is_fresh(&self, to: Target) -> bool {
        self.remap || !self.used.contains(&(to.cpu, to.vector))
    }

    fn noise(&mut self) {
        self.settled = false;
    }

    /// Whether the operation is legal now; if so, it is taken as done.
    pub fn admit(&mut self, op: &Op) -> bool {
        let ok = self.judge(op);
        if ok && matches!(op, Op::Settle) {
            self.recording &= !self.master;
            (self.settled, self.busy, self.ringing, self.late_event) = (true, 0, self.recording, false);
            (self.fetching, self.services.waiting) = (0, 0);
            let raised = std::mem::take(&mut self.raised);
            self.raised = raised.into_iter().filter(|k| !self.is_open(Source::Host(*k))).collect();
        }
        ok
    }

    fn judge(&mut self, op: &Op) -> bool {
        // Only a reset from outside ends it before its time.
        if self.resetting && !matches!(op, Op::Reset(_) | Op::Wait(_) | Op::CauseIn { .. }) {
            return false;
        }
        if self.services.torn(op) == Some(false) {
            return false;
        }
        // Whose fetch goes wrong, and whether an invalidation meets it, must not be open.
        if let Some(k) = self.doomed
            && !matches!(op, Op::Reset(_) | Op::Wait(_))
        {
            let meant = matches!(op, Op::Cause { at: Source::Host(n), .. } if *n == k);
            if meant {
                (self.doomed, self.parked, self.busy) = (None, true, FAULTY);
                self.noise();
            }
            return meant;
        }
        if matches!(op, Op::Restart) {
            return !std::mem::replace(&mut self.restarted, true);
        }
        // A smaller device lacks sources that levers name. Where a restart stands is seen above.
        if vectors::check::step(op, &self.dut, self.cpus).is_err() {
            return false;
        }
        const RULES: [fn(&mut Soft, &Op) -> Option<bool>; 8] = [
            Soft::virtual_functions,
            Soft::stores,
            Soft::sources,
            Soft::power,
            Soft::work,
            Soft::link,
            Soft::accesses,
            Soft::translation,
        ];
        RULES.iter().find_map(|rule| rule(self, op)).unwrap_or(false)
    }
}
