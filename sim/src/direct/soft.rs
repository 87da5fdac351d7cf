// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What software may do next: the state of drivers as a sequence of operations leaves it, and the rules that a legal
//! sequence keeps. Generator, mutation and aiming put every operation past [`Soft::admit`], so that whatever they make,
//! a finding is the device's fault or the bench's. Deliberately illegal packets are operations of their own, whose
//! answers the laws know.

use std::collections::{BTreeMap, BTreeSet};
use vectors::op::{Credits, Op, Place, QueueSetup, Retarget, Source, Submit, Switch, Target, Vector, Write};
use vectors::place::{self, Memory};
use vectors::regs;

/// Cycles after which a sweep, doorbells or an invalidation that nobody waited for are certainly over.
const LONG: u64 = 4_000;
/// Units of data credits of the largest packet: 512 bytes.
const LARGEST: u16 = 32;
/// Cycles until a fetch that goes wrong has been answered and seen.
const FAULTY: u64 = 800;
/// Slot fetches that the device can have outstanding. After a function reset the tags of those that were are not used
/// again for one completion timeout, which is longer than any sequence (data sheet §8).
const FETCHES: u32 = 16;
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
    /// Handles, and whether they hold.
    pub handles: BTreeMap<u32, bool>,
    /// PASIDs are enabled.
    pub pasid: bool,
    /// Error reporting was found and switched at least once.
    pub aer: bool,
    /// Virtual functions that are enabled.
    pub vfs: u32,
    /// Their drivers' states.
    pub functions: BTreeMap<u32, Function>,
    used: BTreeSet<(u32, u8)>,
    /// The vector has its restart.
    restarted: bool,
    /// A function reset is under way that nobody waits for.
    resetting: bool,
    /// The next fetch of this host slot goes wrong.
    doomed: Option<u32>,
    /// Slot fetches that may be outstanding, and that function resets may have left behind.
    fetching: u32,
    abandoned: u32,
    finite: [bool; 5],
    /// Nothing that raises an interrupt has happened since the last `settle`.
    settled: bool,
    busy: u64,
    /// Doorbells may wait.
    ringing: bool,
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
        let mut soft =
            Self { cpus: v.host.cpus, sizes, finite: finite(&v.host.credits), settled: true, ..Self::default() };
        soft.window(&v.host.credits);
        soft
    }

    /// Data credits below the largest packet, which the partner must not do once such packets are asked for
    /// [PCIe Base 2.6.1]: then there is no work, and no long read.
    fn window(&mut self, c: &Credits) {
        self.few_posted = c.pd.map_or(self.few_posted, |n| n < LARGEST);
        self.few_answers = c.cpld.map_or(self.few_answers, |n| n < LARGEST);
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
        self.busy == 0
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

    /// Whether a function reset leaves tags for fetches that come later.
    fn may_abandon(&self) -> bool {
        self.host.is_none() || self.abandoned + self.fetching < FETCHES - 2
    }

    fn function_reset(&mut self) {
        let abandoned = self.abandoned + self.fetching;
        self.reset();
        self.abandoned = abandoned;
    }

    /// Causes of host slots make the device fetch.
    fn may_fetch(&mut self, at: Source, count: u32) {
        if matches!(at, Source::Host(_)) {
            self.fetching = self.fetching.saturating_add(count);
        }
    }

    fn reset(&mut self) {
        let keep = Self {
            cpus: self.cpus,
            sizes: self.sizes,
            remap: self.remap,
            used: std::mem::take(&mut self.used),
            restarted: self.restarted,
            finite: self.finite,
            few_posted: self.few_posted,
            few_answers: self.few_answers,
            ..Self::default()
        };
        *self = keep;
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
            (self.settled, self.busy, self.ringing, self.late_event) = (true, 0, false, false);
            self.fetching = 0;
        }
        ok
    }

    fn judge(&mut self, op: &Op) -> bool {
        // Only a reset from outside ends it before its time.
        if self.resetting && !matches!(op, Op::Reset(_) | Op::Wait(_) | Op::CauseIn { .. }) {
            return false;
        }
        // Whose fetch goes wrong, and whether an invalidation meets it, must not be open.
        if let Some(k) = self.doomed
            && !matches!(op, Op::Reset(_) | Op::Wait(_))
        {
            let meant = matches!(op, Op::Cause { at: Source::Host(n), .. } if *n == k);
            if meant {
                (self.doomed, self.busy) = (None, FAULTY);
                self.noise();
            }
            return meant;
        }
        match op {
            Op::Restart => !std::mem::replace(&mut self.restarted, true),
            Op::Enumerate => {
                let first = !self.enumerated && !self.d3;
                if first {
                    (self.enumerated, self.memory, self.master) = (true, true, true);
                }
                first
            }
            Op::EnableVfs { count, page } => {
                let ok = self.free() && self.vfs == 0 && (1..=16).contains(count) && *page == 0x1000;
                if ok {
                    self.vfs = *count;
                    let on = Function { master: true, ..Function::default() };
                    self.functions = (0..*count).map(|n| (n, on)).collect();
                }
                ok
            }
            Op::DisableVfs => {
                let ok = self.reachable() && self.vfs > 0 && self.settled;
                if ok {
                    self.vfs = 0;
                    self.functions.clear();
                    self.conns.retain(|s, _| s.vf().is_none());
                }
                ok
            }
            Op::VfMsixEnable { vf, vectors } => {
                let reachable = self.reachable() && *vectors <= 64;
                let Some(f) = self.functions.get_mut(vf).filter(|f| reachable && f.msix.is_none()) else {
                    return false;
                };
                (f.msix, f.enable, f.function_mask) = (Some(*vectors), true, false);
                true
            }
            Op::VfFlr { vf } => {
                let ok = self.reachable() && self.functions.contains_key(vf) && !self.ringing;
                if ok {
                    self.functions.insert(*vf, Function::default());
                    self.conns.retain(|s, _| s.vf() != Some(*vf));
                }
                ok
            }
            Op::FunctionMask(Switch::Virtual { vf, on }) | Op::MsixEnableBit(Switch::Virtual { vf, on }) => {
                let reachable = self.reachable();
                let Some(f) = self.functions.get_mut(vf).filter(|f| reachable && f.msix.is_some()) else {
                    return false;
                };
                *if matches!(op, Op::FunctionMask(_)) { &mut f.function_mask } else { &mut f.enable } = *on;
                self.noise();
                true
            }
            Op::BusMaster(Switch::Virtual { vf, on }) => {
                let reachable = self.reachable();
                let Some(f) = self.functions.get_mut(vf).filter(|_| reachable) else { return false };
                f.master = *on;
                self.noise();
                true
            }
            Op::Remapping { eime, compatibility, .. } => {
                let first = !self.remap && self.conns.is_empty() && !(*eime && *compatibility);
                self.remap |= first;
                first
            }
            Op::MsixEnable { vectors } => {
                let ok = self.reachable() && self.msix.is_none() && self.msi.is_none() && *vectors <= self.sizes[0];
                if ok {
                    self.msix = Some(*vectors);
                    (self.enable, self.function_mask) = (true, false);
                    self.conns.retain(|s, _| !matches!(s, Source::Msix(_)));
                }
                ok
            }
            Op::MsixDisable => {
                let ok = self.reachable() && self.msix.take().is_some();
                if ok {
                    (self.enable, self.function_mask) = (false, false);
                    self.conns.retain(|s, _| !matches!(s, Source::Msix(_)));
                }
                ok
            }
            Op::MsiEnable { vectors } => {
                let ok = self.reachable() && self.msix.is_none() && self.msi.is_none() && (1..=32).contains(vectors);
                if ok {
                    self.msi = Some(if self.remap { vectors.next_power_of_two() } else { 1 });
                }
                ok
            }
            Op::MsiDisable => {
                let ok = self.enumerated && !self.d3 && self.msi.take().is_some();
                if ok {
                    self.conns.retain(|s, _| !matches!(s, Source::Msi(_)));
                }
                ok
            }
            Op::HostStore { slots, base } => {
                let ok = self.free() && self.host.is_none() && *slots <= self.sizes[2] && base.is_none();
                if ok {
                    self.host = Some(*slots);
                }
                ok
            }
            Op::HostStoreOff => {
                // What waits in slots stays pending; a store that is set up anew has other slots.
                let ok = self.free() && self.idle() && self.host.take().is_some();
                if ok {
                    self.conns.retain(|s, _| !matches!(s, Source::Host(_)));
                }
                ok
            }
            Op::Connect { at, to, masked } => {
                let host = !matches!(at, Source::Host(_)) || self.master && self.idle();
                let again = !self.conns.contains_key(at) || self.settled;
                let ok = self.reachable() && self.exists(*at) && host && again && self.target(*to);
                if ok {
                    self.conns.insert(*at, Conn { masked: *masked, custom: false });
                    self.noise();
                }
                ok
            }
            Op::Disconnect { at } => {
                let host = !matches!(at, Source::Host(_)) || self.master && self.idle();
                let ok = self.reachable() && self.settled && host && self.conns.remove(at).is_some();
                if ok {
                    self.noise();
                }
                ok
            }
            Op::Retarget { at, to, by } => self.retarget(*at, *to, *by),
            Op::Mask { at } | Op::Unmask { at } => {
                let host = !matches!(at, Source::Host(_)) || self.master && self.idle();
                let (reachable, on) = (self.reachable() && host, matches!(op, Op::Mask { .. }));
                let Some(c) = self.conns.get_mut(at).filter(|_| reachable) else {
                    // A slot that nobody uses may be masked once more.
                    return reachable && on && matches!(at, Source::Device(k) if *k < self.sizes[1]);
                };
                c.masked = on;
                self.noise();
                true
            }
            Op::Message { at, address, .. } => {
                let open = self.is_open(*at);
                let reachable = self.reachable() && address >> 32 != 0;
                let ok = reachable && !open && matches!(at, Source::Msix(_) | Source::Device(_));
                let Some(c) = self.conns.get_mut(at).filter(|c| ok && c.masked) else { return false };
                c.custom = true;
                true
            }
            Op::Cause { at, times, gap } => {
                self.noise();
                self.may_fetch(*at, 1);
                self.enumerated && !matches!(at, Source::Msi(_)) && u64::from(*times) * (gap + 1) < 5_000
            }
            Op::CauseIn { at, ticks } => {
                self.noise();
                self.may_fetch(*at, 1);
                self.late_event |= matches!(at, Source::Event(_));
                self.enumerated && !matches!(at, Source::Msi(_)) && *ticks < 2_000
            }
            Op::CauseRange { range } => {
                self.noise();
                self.may_fetch(range.first, range.count);
                self.enumerated && range.count <= 256 && !matches!(range.first, Source::Msi(_))
            }
            Op::Withdraw { at } => self.enumerated && !matches!(at, Source::Msi(_)),
            Op::Doorbell { at, count, record, .. } => {
                self.noise();
                self.may_fetch(*at, 1);
                let ok = self.free() && !matches!(at, Source::Msi(_)) && *count <= 63 && (!record || self.master);
                self.ringing |= ok;
                ok
            }
            Op::Sweep { range } => {
                // The function does one thing at a time and ignores a sweep meanwhile.
                let quiet = self.reachable() && self.idle() && !self.ringing;
                let ok = quiet && range.count <= 256 && !matches!(range.first, Source::Msi(_));
                if ok {
                    self.noise();
                    self.may_fetch(range.first, range.count);
                    self.busy = LONG;
                }
                ok
            }
            Op::FunctionMask(Switch::Physical(on)) => {
                let ok = self.enumerated && !self.d3 && self.msix.is_some();
                if ok {
                    self.function_mask = *on;
                    self.noise();
                }
                ok
            }
            Op::MsixEnableBit(Switch::Physical(on)) => {
                // With MSI-X off events turn to INTx; both ways are legal.
                let ok = self.enumerated && !self.d3 && self.msix.is_some();
                if ok {
                    self.enable = *on;
                    self.noise();
                }
                ok
            }
            Op::IntxDisable(_) => self.enumerated && !self.d3,
            Op::BusMaster(Switch::Physical(on)) => {
                let ok = self.enumerated && !self.d3 && (*on || !self.working() && self.idle());
                if ok {
                    self.master = *on;
                    self.noise();
                }
                ok
            }
            Op::MemoryEnable(on) => {
                let ok = self.enumerated && !self.d3 && (*on || !self.working() && self.idle());
                if ok {
                    self.memory = *on;
                }
                ok
            }
            Op::PowerState(state) => {
                if *state == 0 && self.d3 {
                    self.function_reset();
                    return true;
                }
                let quiet = self.may_abandon() && !self.working() && !self.late_event && !self.ringing && self.idle();
                let ok = *state == 3 && self.enumerated && !self.d3 && quiet;
                self.d3 |= ok;
                ok
            }
            Op::Flr => {
                let quiet = !self.late_event && !self.ringing && self.idle() && self.may_abandon();
                let ok = self.enumerated && !self.d3 && quiet;
                if ok {
                    self.function_reset();
                }
                ok
            }
            Op::Reset(_) => {
                self.reset();
                true
            }
            Op::Invalidate { no_wait, order, .. } => {
                let ok = self.free() && self.host.is_some() && self.idle() && *order < 32;
                if ok && *no_wait {
                    self.busy = LONG;
                }
                ok
            }
            Op::FailReads { at, ring, range, .. } => {
                // Nothing else may be under way: which fetch it hits, and whether an invalidation meets it, would be open.
                let quiet = self.settled && self.idle() && self.host.is_some();
                let ok = self.free() && quiet && ring.is_none() && range.is_none();
                let Some(Source::Host(k)) = at else { return false };
                // Of a closed slot nothing is known to be fetched.
                let ok = ok && self.host.is_some_and(|n| *k < n) && self.is_open(Source::Host(*k));
                if ok {
                    self.doomed = Some(*k);
                }
                ok
            }
            Op::ErrorReporting(_) | Op::ClearErrors => {
                let ok = self.enumerated && !self.d3;
                self.aer |= ok;
                ok
            }
            Op::Digests(on) => {
                let ok = self.enumerated && !self.d3 && !self.working();
                if ok {
                    self.digests = *on;
                }
                ok
            }
            Op::Link { .. } => self.reachable() && !self.working(),
            Op::Pasid(on) => {
                let ok = self.enumerated && !self.d3 && !self.working() && self.queues.is_empty();
                if ok {
                    self.pasid = *on;
                }
                ok
            }
            Op::Queue(setup) => {
                let fits = self.pasid || setup.pasid.is_none();
                let fits = fits && !self.few_posted && setup.sq >= 4 && setup.cq >= 4;
                let ok = self.free() && fits && !self.queues.contains_key(&setup.q);
                if ok {
                    self.queues.insert(setup.q, WorkQueue { setup: setup.clone(), outstanding: 0, by_handle: false });
                }
                ok
            }
            Op::QueueOff { q, no_wait } => {
                let ok = self.free() && !no_wait && self.queues.get(q).is_some_and(|q| q.outstanding == 0);
                if ok {
                    self.queues.remove(q);
                }
                ok
            }
            Op::Submit(w) => self.submit(w),
            Op::Consume { q, count, status, keep } => {
                let plain = count.is_none() && *status == 1 && !keep;
                let free = self.free();
                let Some(q) = self.queues.get_mut(q).filter(|_| plain && free) else { return false };
                (q.outstanding, q.by_handle) = (0, false);
                true
            }
            Op::Handle { id, at, expect, pasid, .. } => {
                let ok = self.free()
                    && expect.is_none()
                    && (self.pasid || pasid.is_none())
                    && self.exists_in_device(*at)
                    && !self.handles.contains_key(id);
                if ok {
                    self.handles.insert(*id, true);
                }
                ok
            }
            Op::RevokeHandles => {
                // Work under way may then be refused, which only the work storm can follow.
                let used = self.queues.values().any(|q| q.by_handle);
                let ok = self.free() && !used && !self.handles.is_empty();
                if ok {
                    self.handles.values_mut().for_each(|held| *held = false);
                }
                ok
            }
            Op::RenewHandles => {
                let revoked = self.handles.values().any(|held| !held);
                let ok = self.free() && revoked;
                if ok {
                    self.handles.values_mut().for_each(|held| *held = true);
                }
                ok
            }
            Op::Read(r) => {
                let long = r.len > 16 && self.few_answers;
                // No request crosses a boundary of 4 KiB [PCIe Base 2.2.7].
                let fits = match place::memory(&r.at) {
                    Ok(Memory::Bar { offset, .. }) => offset % 4096 + u64::from(r.len) <= 4096,
                    other => other.is_ok(),
                };
                self.reachable() && !long && r.expect.is_none() && fits
            }
            Op::Write(w) => self.write(&w.at, w.len, w.value, w.be),
            Op::CfgRead(r) => {
                let there = r.vf.is_none_or(|n| self.reachable() && self.functions.contains_key(&n));
                self.enumerated && there && r.expect.is_none()
            }
            Op::CfgWrite(w) => self.config_write(w),
            Op::Tlp(t) => {
                let of = t.at.as_ref().and_then(|at| match place::memory(at) {
                    Ok(Memory::Vf { vf, .. }) => Some(vf),
                    _ => None,
                });
                let there = of.or(t.vf).is_none_or(|n| self.functions.contains_key(&n));
                self.reachable() && there && t.expect.is_none() && !self.digests_known()
            }
            Op::Pressure { rx_gap, tx_stall, cause_gap } => *rx_gap < 250 && *tx_stall < 250 && *cause_gap < 250,
            Op::Credits(c) => {
                let known = finite(c).iter().zip(self.finite).all(|(set, finite)| !set || finite);
                let some = [c.ph, c.nph, c.cplh].iter().flatten().all(|n| *n > 0)
                    && [c.pd, c.cpld].iter().flatten().all(|n| *n > 0);
                let few = c.pd.is_some_and(|n| n < LARGEST) && !self.queues.is_empty();
                let ok = known && some && !few;
                if ok {
                    self.window(c);
                }
                ok
            }
            Op::Completions(c) => c.delay[0] <= c.delay[1] && c.delay[1] <= 2_000,
            Op::Wait(n) => {
                if *n >= 2_500 {
                    self.fetching = 0;
                }
                self.busy = self.busy.saturating_sub(*n);
                *n <= 20_000
            }
            Op::Settle => self.enumerated,
            Op::EndpointTest { msix, fails, .. } => {
                let ok = self.free() && !fails && !self.working() && !self.few_posted && self.msix.is_some();
                if ok {
                    self.noise();
                }
                ok && msix.is_none_or(|k| self.is_open(Source::Msix(k)))
            }
            Op::Iec { .. } => self.remap,
            Op::Mark(_) => true,
            _ => false,
        }
    }

    /// Registers without effect, and those of MSI while it is in use.
    fn config_write(&mut self, w: &Write) -> bool {
        let (at, value) = (&w.at, w.value as u32);
        if !self.enumerated {
            return false;
        }
        if let Some(n) = w.vf {
            let there = self.reachable() && self.functions.contains_key(&n);
            return there && matches!(at, Place::Number(0x00 | 0x0c | 0x54 | 0x100));
        }
        let name = match at {
            Place::Name(n) => n.as_str(),
            Place::Number(n) => return !self.d3 && matches!(n, 0 | 0x100 | 0xff0),
        };
        // A function reset: its bit alone, or the way out of D3hot.
        let reset = match name {
            "pcie+8" => !self.d3 && w.be == Some(2) && value == 1 << 15,
            "pm+4" => self.d3 && w.be == Some(1) && value == 0,
            _ => false,
        };
        if reset {
            let ok = !self.late_event && !self.ringing && self.idle() && !self.working();
            self.resetting = ok;
            return ok;
        }
        if self.d3 {
            return false;
        }
        if name == "msix_control" && self.msix.is_some() && w.len == 2 && w.be.is_none() && value & 0x3fff == 0 {
            (self.enable, self.function_mask) = (value >> 15 == 1, value >> 14 & 1 == 1);
            self.noise();
            return true;
        }
        if name == "msi_mask" && self.msi.is_some() {
            for (s, c) in &mut self.conns {
                if let Source::Msi(v) = s {
                    c.masked = value >> v & 1 == 1;
                }
            }
        }
        let extended = name == "msi_data" && w.len == 4 && w.be.is_some_and(|be| be & 0x3 == 0);
        let msi = (matches!(name, "msi_control" | "msi_upper" | "msi_mask") || extended) && self.msi.is_some();
        matches!(name, "cache_line" | "interrupt_line") || msi
    }

    /// Digests are on: hand-made packets would need one.
    fn digests_known(&self) -> bool {
        self.digests
    }

    fn exists_in_device(&self, s: Source) -> bool {
        match s {
            Source::Msix(k) => k < self.sizes[0],
            Source::Device(k) => k < self.sizes[1],
            Source::Host(k) => self.host.is_some_and(|n| k < n),
            _ => false,
        }
    }

    fn retarget(&mut self, at: Source, to: Target, by: Retarget) -> bool {
        let host = !matches!(at, Source::Host(_)) || self.master && self.idle();
        let Some(c) = self.conns.get(&at).copied() else { return false };
        let ok = self.reachable()
            && host
            && at.vf().is_none()
            && !c.custom
            && match by {
                Retarget::Entry | Retarget::EntryUnflushed => self.remap,
                Retarget::Message => !matches!(at, Source::Msi(_)),
                Retarget::MessageUnmasked => false,
            };
        if !ok || !self.target(to) {
            return false;
        }
        if by == Retarget::Message {
            self.conns.insert(at, Conn { masked: false, custom: false });
        }
        self.noise();
        true
    }

    fn submit(&mut self, w: &Submit) -> bool {
        let free = self.free();
        let plain = w.source.is_none() && w.destination.is_none() && w.raw_handle.is_none() && !w.no_ring;
        let held = w.handle.is_none_or(|id| self.handles.get(&id) == Some(&true));
        let known = matches!(w.work, vectors::op::Work::Nop) || (1..=65_536).contains(&w.size);
        let known = known && !matches!(w.work, vectors::op::Work::Opcode(_));
        let Some(q) = self.queues.get_mut(&w.q).filter(|_| free && plain && held && known) else { return false };
        if q.outstanding + w.times > OUTSTANDING {
            return false;
        }
        q.outstanding += w.times;
        q.by_handle |= w.handle.is_some();
        self.noise();
        true
    }

    /// Raw writes: mask bits of connected sources, the upper word of closed messages, settings of events.
    fn write(&mut self, at: &Place, len: u32, value: u64, be: Option<u8>) -> bool {
        if !self.reachable() || be.is_some() && be != Some(0xf) || len != 4 {
            return false;
        }
        let (bar, offset) = match place::memory(at) {
            Ok(Memory::Bar { bar, offset }) => (bar, offset),
            // The last entries, which nobody connects; the doorbell; what does not exist.
            Ok(Memory::Vf { vf, offset }) => {
                self.noise();
                let harmless = matches!((offset, value), (0x3fc | 0x23fc, 1) | (0x1000 | 0x3008 | 0x3ffc, 0));
                self.ringing |= offset == 0x3008;
                return self.functions.contains_key(&vf) && harmless;
            }
            _ => return false,
        };
        let entry = match bar {
            2 if offset < u64::from(regs::WIN_MSIX_PBA_OFFSET) => Source::Msix((offset / 16) as u32),
            4 if offset < u64::from(regs::WIN_HOST_PENDING_OFFSET) => Source::Device((offset / 16) as u32),
            0 => return self.register(offset as u32, value as u32),
            _ => return false,
        };
        let Some(c) = self.conns.get_mut(&entry) else { return false };
        match offset % 16 {
            12 if value <= 1 => {
                c.masked = value == 1;
                self.noise();
                true
            }
            // The same value again: a rewrite that changes nothing.
            4 => value == 0 && !c.custom,
            _ => false,
        }
    }

    fn register(&mut self, offset: u32, value: u32) -> bool {
        const COAL: u32 = regs::WIN_EV_COAL_OFFSET;
        match offset {
            regs::EV_VECTORS => (1..=65).contains(&value),
            regs::EV_STATUS_LO | regs::EV_STATUS_HI | regs::EV_MISC => true,
            o if (COAL..COAL + 4 * 65).contains(&o) => value & 0xff00 == 0 && value >> 16 <= 8,
            _ => false,
        }
    }
}
