// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Draws operations: a shape, then kinds by weight, sources hot or cold, all past the rules of [`Soft`].

use super::illegal;
use super::levers::steps::{function_reset, hot_reset};
use super::profile::{Feature, Kind, Profile};
use super::shape::{Mode, Shape, any_size, dealt};
use super::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use vectors::op::{
    Completions, Credits, Op, Place, QueueSetup, Range, Read, ReadFault, ResetKind, Retarget, Source, Submit, Switch,
    TestDo, Vector, Work, Write,
};

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
    /// A generator of one run.
    pub fn new(profile: &'p Profile, mut rng: ChaCha8Rng) -> Self {
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
        let shape = Shape::draw(&mut rng, profile, &|f| on.contains(&f));
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

    fn has(&self, f: Feature) -> bool {
        self.on.contains(&f)
    }

    /// A source that is connected, or any other that a cause can name.
    fn source(&mut self, soft: &Soft) -> Source {
        let hot = self.rng.random_range(0..100) < self.profile.heat;
        if hot && !self.shape.sources.is_empty() {
            let k = self.rng.random_range(0..self.shape.sources.len());
            let s = self.shape.sources[k];
            if !matches!(s, Source::Msi(_)) {
                return s;
            }
        }
        match self.rng.random_range(0..3) {
            0 => Source::Msix(any_size(&mut self.rng, 2047)),
            1 if self.has(Feature::Device) => Source::Device(any_size(&mut self.rng, 4095)),
            _ => match soft.host {
                Some(n) => Source::Host(any_size(&mut self.rng, n - 1)),
                None => Source::Msix(any_size(&mut self.rng, 2047)),
            },
        }
    }

    fn connected(&mut self, soft: &Soft) -> Option<Source> {
        let all: Vec<Source> = soft.conns.keys().copied().collect();
        (!all.is_empty()).then(|| all[self.rng.random_range(0..all.len())])
    }

    fn cause(&mut self, soft: &Soft) -> Op {
        let at = if self.has(Feature::Events) && self.rng.random_range(0..6) == 0 {
            Source::Event(any_size(&mut self.rng, 64))
        } else {
            self.source(soft)
        };
        let times = if self.rng.random_range(0..4) == 0 { self.rng.random_range(2..20) } else { 1 };
        Op::Cause { at, times, gap: self.rng.random_range(0..4) }
    }

    fn fresh(&mut self) -> vectors::op::Target {
        self.targets += 1;
        dealt(self.shape.host.cpus, self.targets - 1)
    }

    fn range(&mut self, soft: &Soft) -> Range {
        let first = self.source(soft);
        Range { first, count: 1 + any_size(&mut self.rng, 95) }
    }

    /// An operation that changes what a cause of `s` meets.
    fn beside(&mut self, s: Source, soft: &Soft) -> Op {
        let on: bool = self.rng.random();
        let word = |k| entry(s, k);
        match (self.rng.random_range(0..12), s) {
            (0 | 1, _) if word(3).is_some() => write(word(3).unwrap_or_default(), u64::from(on)),
            (2, _) if on => Op::Mask { at: s },
            (2, _) => Op::Unmask { at: s },
            (3, Source::Msix(_)) => Op::FunctionMask((!soft.function_mask).into()),
            (4, Source::Msix(_)) => Op::MsixEnableBit((!soft.enable).into()),
            (5, _) if word(1).is_some() => write(word(1).unwrap_or_default(), 0),
            (6, _) if word(3).is_some() => read(word(3).unwrap_or_default(), 4),
            (7, _) => Op::BusMaster((!soft.master).into()),
            (8, Source::Host(index)) => {
                Op::Invalidate { index, order: self.rng.random_range(0..21), notify: on, no_wait: false }
            }
            (9, _) if self.has(Feature::Resets) && self.rng.random_range(0..4) == 0 => Op::Flr,
            (10, Source::Host(_)) | (11, _) => Op::Cause { at: s, times: 1, gap: 0 },
            _ => Op::Retarget { at: s, to: self.fresh(), by: self.by() },
        }
    }

    fn by(&mut self) -> Retarget {
        [Retarget::Entry, Retarget::EntryUnflushed, Retarget::Message][self.rng.random_range(0..3usize)]
    }

    #[allow(clippy::too_many_lines)] // One arm a kind: the list is the grammar.
    fn make(&mut self, kind: Kind, soft: &Soft) -> Vec<Op> {
        let on: bool = self.rng.random();
        let stall = |rng: &mut ChaCha8Rng| if rng.random() { 0 } else { rng.random_range(1..220) };
        match kind {
            Kind::Cause => vec![self.cause(soft)],
            Kind::Aimed => {
                let s = self.connected(soft).filter(|s| !matches!(s, Source::Msi(_)));
                let s = s.unwrap_or_else(|| self.source(soft));
                let mut ops = Vec::new();
                for _ in 0..self.rng.random_range(1..3) {
                    ops.push(Op::CauseIn { at: s, ticks: self.rng.random_range(0..=self.profile.aim) });
                }
                ops.sort_by_key(|op| if let Op::CauseIn { ticks, .. } = op { *ticks } else { 0 });
                ops.push(self.beside(s, soft));
                ops
            }
            Kind::Range => vec![Op::CauseRange { range: self.range(soft) }],
            Kind::Withdraw => vec![Op::Withdraw { at: self.source(soft) }],
            Kind::Doorbell => {
                let at = if self.has(Feature::Events) && self.rng.random_range(0..4) == 0 {
                    Source::Event(any_size(&mut self.rng, 64))
                } else {
                    self.source(soft)
                };
                let withdraw = self.rng.random_range(0..8) == 0;
                let count = 1 + any_size(&mut self.rng, 62);
                vec![Op::Doorbell { at, count, record: on && !withdraw, withdraw }]
            }
            Kind::Sweep => vec![Op::Sweep { range: self.range(soft) }],
            Kind::Mask => match self.connected(soft) {
                Some(at) if on => vec![Op::Mask { at }],
                Some(at) => vec![Op::Unmask { at }],
                None => Vec::new(),
            },
            Kind::RawMask => {
                let at = self.connected(soft).and_then(|s| entry(s, 3));
                at.map(|at| vec![write(at, u64::from(on))]).unwrap_or_default()
            }
            Kind::FunctionMask => vec![Op::FunctionMask(on.into())],
            Kind::Enable => vec![Op::MsixEnableBit(on.into())],
            Kind::Master => vec![Op::BusMaster(on.into())],
            Kind::Memory => vec![Op::MemoryEnable(false), self.cause(soft), Op::MemoryEnable(true)],
            Kind::Connect => {
                let at = self.source(soft);
                vec![Op::Connect { at, to: self.fresh(), masked: self.rng.random_range(0..4) == 0 }]
            }
            Kind::Disconnect => {
                let at = self.connected(soft);
                at.map(|at| vec![Op::Settle, Op::Disconnect { at }]).unwrap_or_default()
            }
            Kind::Retarget => {
                let (to, by) = (self.fresh(), self.by());
                self.connected(soft).map(|at| vec![Op::Retarget { at, to, by }]).unwrap_or_default()
            }
            Kind::Message => {
                let Some(at) = self.connected(soft) else { return Vec::new() };
                let (address, data) =
                    (0x5_0000_0000 | u64::from(self.rng.random_range(0..256u32)) << 4, self.rng.random());
                let mut ops = vec![Op::Mask { at }, Op::Message { at, address, data, control: None }];
                ops.extend([Op::Unmask { at }, Op::Cause { at, times: 1, gap: 0 }, Op::Settle]);
                ops.push(Op::Connect { at, to: self.fresh(), masked: false });
                ops
            }
            Kind::Invalidate => {
                let index = any_size(&mut self.rng, soft.host.unwrap_or(1) - 1);
                let order = self.rng.random_range(0..24);
                vec![Op::Invalidate { index, order, notify: on, no_wait: self.rng.random_range(0..4) == 0 }]
            }
            Kind::HostStore => {
                let mut ops = vec![Op::Settle, Op::HostStoreOff];
                ops.push(Op::HostStore { slots: self.shape.slots.max(64), base: None });
                let hot: Vec<Source> =
                    self.shape.sources.iter().copied().filter(|s| matches!(s, Source::Host(_))).collect();
                ops.extend(hot.into_iter().map(|at| Op::Connect { at, to: self.fresh(), masked: false }));
                ops
            }
            Kind::Fault if self.has(Feature::Errors) => {
                let all: Vec<Source> = soft.conns.keys().copied().filter(|s| matches!(s, Source::Host(_))).collect();
                let Some(at) = all.get(self.rng.random_range(0..all.len().max(1))).copied() else { return Vec::new() };
                let Source::Host(index) = at else { return Vec::new() };
                let how =
                    [ReadFault::Ur, ReadFault::Ca, ReadFault::Poison, ReadFault::Short, ReadFault::ReservedStatus]
                        [self.rng.random_range(0..5usize)];
                let forget = |order| Op::Invalidate { index, order, notify: false, no_wait: false };
                vec![
                    Op::Settle,
                    forget(0),
                    Op::Settle,
                    Op::FailReads { how, times: 1, at: Some(at), ring: None, range: None },
                    Op::Cause { at, times: 1, gap: 0 },
                    Op::Wait(1000),
                    forget(20),
                ]
            }
            Kind::Event if self.has(Feature::Events) => {
                let at = Source::Event(any_size(&mut self.rng, 64));
                let clear = write("ev_status_lo".into(), 0xffff_ffff);
                let mut ops = vec![Op::Cause { at, times: 1 + any_size(&mut self.rng, 15), gap: u64::from(on) }];
                if on {
                    ops.extend([Op::Wait(64), clear, write("ev_status_hi".into(), 0xffff_ffff)]);
                }
                ops
            }
            Kind::EventSetting if self.has(Feature::Events) => {
                let vector = any_size(&mut self.rng, 64);
                let frames = if on { any_size(&mut self.rng, 255) } else { 0 };
                let time = if self.rng.random() { 0 } else { self.rng.random_range(1..5u64) };
                let vectors = [1, 1 + any_size(&mut self.rng, 63), 65][self.rng.random_range(0..3usize)];
                vec![
                    write("ev_vectors".into(), vectors.into()),
                    read("ev_vectors".into(), 4),
                    write(format!("ev_coal+{:#x}", 4 * vector), u64::from(frames) | time << 16),
                    read(format!("ev_coal+{:#x}", 4 * vector), 4),
                ]
            }
            Kind::Queue if self.has(Feature::Work) => {
                let q = any_size(&mut self.rng, 63);
                let pasid = soft.pasid.then(|| self.rng.random_range(0..0x10_0000)).filter(|_| on);
                let mut ops = Vec::new();
                if !soft.pasid && soft.queues.is_empty() && on {
                    ops.push(Op::Pasid(true));
                }
                let (relaxed, portal) = (self.rng.random(), self.rng.random());
                ops.push(Op::Queue(QueueSetup { q, sq: 4, cq: 4, pasid, relaxed, ido: false, portal }));
                ops
            }
            Kind::Submit if self.has(Feature::Work) => self.submit(soft),
            Kind::Consume if self.has(Feature::Work) => {
                let busy: Vec<u32> = soft.queues.keys().copied().collect();
                let Some(q) = busy.get(self.rng.random_range(0..busy.len().max(1))).copied() else { return Vec::new() };
                vec![Op::Consume { q, count: None, status: 1, keep: false }]
            }
            Kind::Handle if self.has(Feature::Work) => {
                self.queues += 1;
                let at = self.source(soft);
                let pasid = (soft.pasid && on).then(|| self.rng.random_range(0..0x10_0000));
                // A queue without PASID must be allowed to use it.
                vec![Op::Handle { id: self.queues, at, ignore: pasid.is_none() && on, pasid: None, expect: None }]
            }
            Kind::Revoke if self.has(Feature::Work) => vec![Op::RevokeHandles, Op::RenewHandles],
            Kind::EndpointTest if self.has(Feature::Work) => {
                let run = [TestDo::Read, TestDo::Write, TestDo::Copy][self.rng.random_range(0..3usize)];
                vec![
                    Op::Settle,
                    Op::EndpointTest {
                        run,
                        size: 1 + any_size(&mut self.rng, 1023),
                        msix: None,
                        msi: None,
                        intx: false,
                        fails: false,
                    },
                ]
            }
            Kind::Read => vec![self.reading(soft)],
            Kind::Config => {
                let at = ["command", "status", "msix_control", "msi_control", "devctl", "uncorrectable_status", "bar2"]
                    [self.rng.random_range(0..7usize)];
                let len = if self.rng.random() { 2 } else { 1 };
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
            _ => Vec::new(),
        }
    }

    fn submit(&mut self, soft: &Soft) -> Vec<Op> {
        let busy: Vec<u32> = soft.queues.keys().copied().collect();
        let Some(q) = busy.get(self.rng.random_range(0..busy.len().max(1))).copied() else { return Vec::new() };
        let work = [Work::Nop, Work::Fill, Work::Copy, Work::Checksum][self.rng.random_range(0..4usize)];
        let size = if work == Work::Nop { 0 } else { 1 + any_size(&mut self.rng, 4999) };
        // A handle that a PASID may not use would fail the work; queues without PASID are privileged.
        let plain = soft.queues.get(&q).is_some_and(|q| q.setup.pasid.is_none());
        let held: Vec<u32> = soft.handles.iter().filter(|(_, held)| **held).map(|(id, _)| *id).collect();
        let handle = held.get(self.rng.random_range(0..held.len().max(1))).copied();
        let handle = handle.filter(|_| plain && self.rng.random());
        let event = handle.is_none() && self.has(Feature::Events) && self.rng.random();
        let (times, fence) = (self.rng.random_range(1..4), self.rng.random_range(0..4) == 0);
        vec![Op::Submit(Submit { q, work, size, times, handle, event, fence, ..Submit::default() })]
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

/// A vector without steps.
pub fn empty(name: String, shape: &Shape) -> Vector {
    Vector {
        name,
        intent: "Found by search: every law holds and every cause is accounted for.".into(),
        items: Vec::new(),
        dut: Default::default(),
        host: shape.host.clone(),
        bound: 50_000,
        steps: Vec::new(),
    }
}

/// What ends a sequence: what was made to fail is forgotten, then all that is owed must come.
pub fn ending(soft: &Soft) -> Vec<Op> {
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

impl Draw<'_> {
    /// The mode of the run.
    pub fn mode(&self) -> Mode {
        self.shape.mode
    }
}
