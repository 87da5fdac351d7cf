// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What software may do next: the state of drivers as a sequence of operations leaves it, and the rules that a legal
//! sequence keeps. Generator, mutation and aiming put every operation past [`Soft::admit`], so that whatever they make,
//! a finding is the device's fault or the bench's. Deliberately illegal packets are operations of their own, whose
//! answers the laws know.

use std::collections::{BTreeMap, BTreeSet};
use vectors::op::{Credits, Op, Place, QueueSetup, Retarget, Source, Submit, Switch, Target, Vector};
use vectors::place::{self, Memory};
use vectors::regs;

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
    used: BTreeSet<(u32, u8)>,
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
            _ => true,
        };
        gate && self.master && self.conns.get(&s).is_some_and(|c| !c.masked)
    }

    /// Work outstanding on any queue.
    pub fn working(&self) -> bool {
        self.queues.values().any(|q| q.outstanding > 0)
    }

    fn reset(&mut self) {
        let keep = Self {
            cpus: self.cpus,
            sizes: self.sizes,
            remap: self.remap,
            used: std::mem::take(&mut self.used),
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
            Source::Event(_) | Source::VfMsix { .. } | Source::VfDevice { .. } => false,
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
        }
        ok
    }

    fn judge(&mut self, op: &Op) -> bool {
        match op {
            Op::Enumerate => {
                let first = !self.enumerated && !self.d3;
                if first {
                    (self.enumerated, self.memory, self.master) = (true, true, true);
                }
                first
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
                self.enumerated && !matches!(at, Source::Msi(_)) && u64::from(*times) * (gap + 1) < 5_000
            }
            Op::CauseIn { at, ticks } => {
                self.noise();
                self.late_event |= matches!(at, Source::Event(_));
                self.enumerated && !matches!(at, Source::Msi(_)) && *ticks < 2_000
            }
            Op::CauseRange { range } => {
                self.noise();
                self.enumerated && range.count <= 256 && !matches!(range.first, Source::Msi(_))
            }
            Op::Withdraw { at } => self.enumerated && !matches!(at, Source::Msi(_)),
            Op::Doorbell { at, count, record, .. } => {
                self.noise();
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
                    self.reset();
                    return true;
                }
                let quiet = !self.working() && !self.late_event && !self.ringing && self.idle();
                let ok = *state == 3 && self.enumerated && !self.d3 && quiet;
                self.d3 |= ok;
                ok
            }
            Op::Flr => {
                let ok = self.enumerated && !self.d3 && !self.late_event && !self.ringing && self.idle();
                if ok {
                    self.reset();
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
                let ok = ok && matches!(at, Some(Source::Host(k)) if self.host.is_some_and(|n| *k < n));
                if ok {
                    self.busy = FAULTY;
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
                self.reachable() && !long && r.expect.is_none() && place::memory(&r.at).is_ok()
            }
            Op::Write(w) => self.write(&w.at, w.len, w.value, w.be),
            Op::CfgRead(r) => self.enumerated && r.expect.is_none(),
            Op::CfgWrite(w) => self.config_write(&w.at, w.value as u32),
            Op::Tlp(t) => self.reachable() && t.expect.is_none() && !self.digests_known(),
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
    fn config_write(&mut self, at: &Place, value: u32) -> bool {
        if !self.enumerated || self.d3 {
            return false;
        }
        let name = match at {
            Place::Name(n) => n.as_str(),
            Place::Number(n) => return matches!(n, 0 | 0x100 | 0xff0),
        };
        if name == "msi_mask" && self.msi.is_some() {
            for (s, c) in &mut self.conns {
                if let Source::Msi(v) = s {
                    c.masked = value >> v & 1 == 1;
                }
            }
        }
        let msi = matches!(name, "msi_control" | "msi_upper" | "msi_mask") && self.msi.is_some();
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
        let Ok(Memory::Bar { bar, offset }) = place::memory(at) else { return false };
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
            regs::EV_STATUS_LO | regs::EV_STATUS_HI => true,
            o if (COAL..COAL + 4 * 65).contains(&o) => value & 0xff00 == 0 && value >> 16 <= 8,
            _ => false,
        }
    }
}
