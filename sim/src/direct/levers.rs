// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What moves a run along an axis: for a bin, the shape that it needs and the operations that lead to it. Races have
//! a file of their own (`timing.rs`).

use super::draw::{entry, read, write};
use super::illegal;
use super::shape::{Mode, Remap, Shape, dealt};
use super::soft::Soft;
use crate::cover::Item;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{
    Completions, Credits, EntryCache, Op, Place, QueueSetup, Range, RawTlp, Read, ReadFault, ResetKind, Retarget,
    Source, Submit, Work, Write,
};

/// The source of a store: hot ones stand at the front of each.
pub fn source(store: usize, k: u32) -> Source {
    match store {
        0 => Source::Msix(k),
        1 => Source::Device(k),
        2 => Source::Host(k),
        _ => Source::Event(k),
    }
}

/// A number of a value `0 1 2-3 4-7 …`.
fn of_log2(value: usize, rng: &mut ChaCha8Rng) -> u32 {
    match value {
        0 => 0,
        v => {
            let low = 1u32 << (v - 1);
            rng.random_range(low..2 * low)
        }
    }
}

fn cause(at: Source) -> Op {
    Op::Cause { at, times: 1, gap: 0 }
}

/// The shape that a bin needs.
pub fn shape(item: Item, v: &[usize]) -> Shape {
    let mut s = Shape::default();
    match item {
        Item::cpus => s.host.cpus = [1, 2, 4, 8][v[0]],
        Item::arrival_cpu => s.host.cpus = 8,
        Item::apic_mode => s.host.x2apic = v[0] == 1,
        Item::entry_cache => {
            s.host.entry_cache = [EntryCache::None, EntryCache::Lines(4), EntryCache::Unlimited][v[0]];
        }
        Item::boundary => s.host.rcb = [64, 128][v[0]],
        Item::remapping | Item::arrival_path => {
            s.remap = [Remap::Off, Remap::On, Remap::Compatibility, Remap::Extended][v[0]];
            s.host.x2apic = s.remap == Remap::Extended;
        }
        Item::stores_live => {
            s.mode = if v[0] == 1 { Mode::Msix(8) } else { Mode::Intx };
            s.slots = 64 * v[2] as u32;
            s.remap = if v[3] == 1 { Remap::On } else { Remap::Off };
            s.sources.retain(|x| match x {
                Source::Msix(_) => v[0] == 1,
                Source::Device(_) => v[1] == 1,
                _ => v[2] == 1,
            });
        }
        Item::credit_window => {
            let n = [None, Some(1), Some(3), Some(6), Some(12)][v[1]];
            let mut c = Credits::default();
            match v[0] {
                0 => c.ph = n.map(|n| n as u8),
                1 => c.pd = n,
                2 => c.nph = n.map(|n| n as u8),
                3 => c.cplh = n.map(|n| n as u8),
                _ => c.cpld = n,
            }
            s.host.credits = c;
        }
        Item::completion_policy => {
            let delay = [[4, 20], [4, 100], [4, 300]][v[2]];
            s.host.completions = Completions { split: v[0] == 1, reorder: v[1] == 1, delay };
        }
        Item::reset_load => s.host.remap_delay = [200, 200],
        Item::host_index => s.slots = 4096,
        Item::arrival_time => s.host.remap_delay = [1u64 << v[0].min(8); 2],
        Item::event_mode | Item::event_form | Item::event_sharing => {
            let sharing = if item == Item::event_mode { 0 } else { v[v.len().min(2) - 1] };
            let mode = if item == Item::event_sharing { 2 } else { v[0] };
            s.mode = match mode {
                0 => Mode::Intx,
                1 => Mode::Msi([1, 4, 16, 32][sharing]),
                _ => Mode::Msix(8),
            };
            s.sources.retain(|x| !matches!(x, Source::Msix(_)) || mode == 2);
        }
        Item::msi_granted | Item::msi_raised => {
            s.mode = Mode::Msi(1 << v[0]);
            s.sources = vec![Source::Msi(0)];
        }
        Item::intx_wire => {
            s.mode = Mode::Intx;
            s.sources.retain(|x| !matches!(x, Source::Msix(_)));
        }
        Item::message_sender | Item::message_latency | Item::merged_causes if v[0] == 3 => {
            s.mode = Mode::Msi(4);
            s.sources = vec![Source::Msi(0), Source::Msi(1)];
        }
        Item::message_order if v.contains(&3) && !v.contains(&0) => {
            s.mode = Mode::Msi(4);
            s.sources.retain(|x| !matches!(x, Source::Msix(_)));
            s.sources.push(Source::Msi(0));
            s.sources.push(Source::Msi(1));
        }
        Item::msi_race => {
            s.mode = Mode::Msi(32);
            s.sources = (0..32).map(Source::Msi).collect();
        }
        _ => {}
    }
    if s.remap == Remap::Off || s.remap == Remap::Compatibility {
        s.sources.retain(|x| !matches!(x, Source::Msi(v) if *v > 0));
    }
    s
}

/// Brings a source of a store into a state: masked, pending. The other enables are as they should be.
pub fn state(store: usize, k: u32, masked: bool, pending: bool) -> Vec<Op> {
    let at = source(store, k);
    let mut ops = vec![if masked { Op::Mask { at } } else { Op::Unmask { at } }];
    if pending && masked {
        ops.push(cause(at));
    }
    ops
}

/// The device is open and has nothing to send: steps that lead there.
pub fn normal(soft: &Soft) -> Vec<Op> {
    let mut ops = Vec::new();
    if !soft.memory {
        ops.push(Op::MemoryEnable(true));
    }
    if !soft.master {
        ops.push(Op::BusMaster(true.into()));
    }
    if soft.msix.is_some() && !soft.enable {
        ops.push(Op::MsixEnableBit(true.into()));
    }
    if soft.msix.is_some() && soft.function_mask {
        ops.push(Op::FunctionMask(false.into()));
    }
    ops
}

/// Ways of raising a cause, by the axis of paths.
fn by_path(path: usize, at: Source, soft: &Soft) -> Vec<Op> {
    match path {
        0 => vec![cause(at)],
        1 => vec![Op::Doorbell { at, count: 1, record: false, withdraw: false }],
        2 => vec![Op::Sweep { range: Range { first: at, count: 1 } }, Op::Wait(4000)],
        3 => {
            let mut ops = queue(soft, 0);
            match at {
                Source::Event(_) => {
                    ops.push(submit(0, Work::Nop, 0, None, true, false));
                }
                _ => {
                    let id = soft.handles.len() as u32 + 100;
                    ops.push(Op::Handle { id, at, ignore: true, pasid: None, expect: None });
                    ops.push(submit(0, Work::Nop, 0, Some(id), false, false));
                }
            }
            ops.push(Op::Consume { q: 0, count: None, status: 1, keep: false });
            ops
        }
        _ => vec![write("ev_vectors".into(), 1), read("ev_vectors".into(), 4), cause(Source::Event(0))],
    }
}

fn queue(soft: &Soft, q: u32) -> Vec<Op> {
    if soft.queues.contains_key(&q) {
        return vec![Op::Consume { q, count: None, status: 1, keep: false }];
    }
    vec![Op::Queue(QueueSetup { q, sq: 4, cq: 4, pasid: None, relaxed: false, ido: false, portal: false })]
}

fn submit(q: u32, work: Work, size: u32, handle: Option<u32>, event: bool, fence: bool) -> Op {
    Op::Submit(Submit { q, work, size, times: 1, handle, event, fence, ..Submit::default() })
}

fn stalls(rx_gap: u8, tx_stall: u8, cause_gap: u8) -> Op {
    Op::Pressure { rx_gap, tx_stall, cause_gap }
}

fn calm() -> Op {
    stalls(0, 0, 0)
}

/// A pause that makes the cycles of a value `0-1 2-3 4-7 …`.
fn pause(value: usize, rng: &mut ChaCha8Rng) -> u64 {
    match value {
        0 => 1,
        v => rng.random_range(1u64 << v..2u64 << v),
    }
}

/// Operations that lead to a bin, from the state of a brought-up machine; none: no lever is known.
#[allow(clippy::too_many_lines)] // One arm an item: the list is the knowledge.
pub fn lead(item: Item, v: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    let k = rng.random_range(0..5u32);
    let mut ops = normal(soft);
    let plain = Source::Msix(k);
    let more: Vec<Op> = match item {
        Item::cause_store => vec![cause(source(v[0], k))],
        Item::cause_op => vec![if v[0] == 1 { Op::Withdraw { at: plain } } else { cause(plain) }],
        Item::cause_path => by_path(v[0], if v[0] == 4 { Source::Event(0) } else { plain }, soft),
        Item::path_store => by_path(v[0], source(v[1], k), soft),
        Item::cause_gap => vec![cause(plain), Op::Wait(pause(v[0], rng)), cause(Source::Device(k))],
        Item::msix_index => vec![cause(Source::Msix(of_log2(v[0], rng)))],
        Item::device_index => vec![cause(Source::Device(of_log2(v[0], rng)))],
        Item::host_index => vec![cause(Source::Host(of_log2(v[0], rng)))],
        Item::event_index => vec![cause(Source::Event(if v[0] == 7 { 64 } else { of_log2(v[0], rng) }))],
        Item::owing_sources => {
            let n = of_log2(v[0], rng);
            let mut all = vec![Op::Settle];
            if n > 0 {
                all.push(Op::CauseRange { range: Range { first: Source::Device(1024), count: n } });
            }
            all.push(cause(plain));
            all.push(Op::Withdraw { at: Source::Device(1024) });
            if n > 1 {
                all.extend((1..n).map(|k| Op::Withdraw { at: Source::Device(1024 + k) }));
            }
            all
        }
        Item::pending_bit => {
            // Sources that nobody connects are masked.
            let first = if v[0] == 2 { 0 } else { 64 * rng.random_range(4..16u32) };
            let of = |k| source(v[0], k);
            if v[0] == 2 {
                let at = of(v[1] as u32);
                let masked = !soft.conns.contains_key(&at);
                let mut all = if masked { Vec::new() } else { vec![Op::Mask { at }] };
                all.push(cause(at));
                all
            } else {
                vec![Op::CauseRange { range: Range { first: of(first), count: 64 } }]
            }
        }
        Item::msix_cause => {
            let at = plain;
            let mut all = vec![
                Op::Unmask { at },
                Op::Settle,
                Op::MsixEnableBit((v[0] == 1).into()),
                Op::FunctionMask((v[1] == 1).into()),
            ];
            if v[2] == 1 {
                all.push(Op::Mask { at });
            }
            if v[3] == 1 {
                all.push(Op::CauseIn { at, ticks: 8 });
                all.push(Op::CauseIn { at, ticks: 10 });
                all.push(Op::Wait(20));
            } else {
                all.push(cause(at));
            }
            all
        }
        Item::device_cause => {
            let at = Source::Device(k);
            let mut all = vec![Op::Unmask { at }, Op::Settle];
            if v[1] == 1 {
                all.push(Op::Mask { at });
            }
            all.push(Op::BusMaster((v[0] == 1).into()));
            if v[2] == 1 {
                all.extend([Op::CauseIn { at, ticks: 8 }, Op::CauseIn { at, ticks: 10 }, Op::Wait(20)]);
            } else {
                all.push(cause(at));
            }
            all
        }
        Item::host_cause => {
            let at = Source::Host(k);
            let mut all = Vec::new();
            if v[0] == 1 && soft.host.is_none() {
                all.push(Op::HostStore { slots: 64, base: None });
            }
            if !soft.conns.contains_key(&at) {
                all.push(Op::Connect { at, to: dealt(soft.cpus, rng.random_range(100..400)), masked: false });
            }
            all.extend([Op::Unmask { at }, Op::Settle]);
            if v[2] == 1 {
                all.push(Op::Mask { at });
            }
            if v[3] == 1 {
                all.push(cause(at));
                if v[2] == 1 {
                    all.push(Op::Wait(300));
                }
            }
            if v[0] == 0 {
                all.push(Op::HostStoreOff);
            }
            all.push(Op::BusMaster((v[1] == 1).into()));
            all.push(cause(at));
            all
        }
        Item::withdrawn => {
            let at = source(v[0], k);
            let mut all = vec![Op::Unmask { at }, Op::Settle];
            if v[1] == 1 {
                all.push(Op::Mask { at });
            }
            if v[2] == 1 {
                if v[1] == 0 {
                    all.push(stalls(0, 240, 0));
                }
                all.push(cause(at));
            }
            all.extend([Op::Withdraw { at }, calm()]);
            all
        }
        Item::message_sender => match v[0] {
            3 => vec![cause(Source::Event(0))],
            store => vec![Op::Unmask { at: source(store, k) }, cause(source(store, k))],
        },
        Item::message_header => {
            let at = Source::Device(k);
            if v[0] == 0 {
                vec![Op::Unmask { at }, cause(at)]
            } else {
                let message = Op::Message { at, address: 0x5_0000_0040, data: 0x1234 + k, control: None };
                let to = dealt(soft.cpus, rng.random_range(400..600));
                let end = Op::Connect { at, to, masked: false };
                vec![Op::Mask { at }, message, Op::Unmask { at }, cause(at), Op::Settle, end]
            }
        }
        Item::message_gap => {
            vec![Op::Settle, cause(Source::Msix(0)), Op::Wait(pause(v[0], rng)), cause(Source::Device(0)), Op::Settle]
        }
        Item::message_run => {
            let n = 1u32 << v[0];
            let mut all: Vec<Op> = (0..5)
                .flat_map(|k| [Op::Unmask { at: Source::Msix(k) }, Op::Unmask { at: Source::Device(k) }])
                .collect();
            all.push(Op::Settle);
            for i in 0..n.min(20) {
                all.push(Op::CauseIn { at: source((i % 2) as usize, i / 2 % 5), ticks: 8 + u64::from(i) });
            }
            all.extend([Op::Wait(60), read("version".into(), 4)]);
            all
        }
        Item::message_latency | Item::merged_causes => {
            let at = match v[0] {
                3 => Source::Event(0),
                store => source(store, k),
            };
            let mut all = vec![Op::Settle];
            if v[0] < 3 {
                all.insert(0, Op::Unmask { at });
            }
            if item == Item::merged_causes {
                let times = 1u32 << v[1];
                all.extend([stalls(0, if v[1] == 0 { 0 } else { 248 }, 0), Op::Cause { at, times, gap: 0 }, calm()]);
            } else if v[1] < 5 {
                all.extend([stalls(0, [0, 0, 60, 160, 220][v[1]], 0), cause(at), Op::Wait(40), calm()]);
            } else {
                // Masked or closed for so long.
                let wait = pause(v[1], rng);
                match v[0] {
                    0 => all.extend([
                        Op::FunctionMask(true.into()),
                        cause(at),
                        Op::Wait(wait - 20),
                        Op::FunctionMask(false.into()),
                    ]),
                    1 | 2 => all.extend([Op::Mask { at }, cause(at), Op::Wait(wait - 20), Op::Unmask { at }]),
                    _ => {
                        let at = Source::Msi(0);
                        all.extend([Op::Mask { at }, cause(Source::Event(0)), Op::Wait(wait - 20), Op::Unmask { at }]);
                    }
                }
            }
            all.push(Op::Settle);
            all
        }
        Item::message_order if v.contains(&0) && v.contains(&3) => {
            let msi = [
                Op::MsixDisable,
                Op::MsiEnable { vectors: 1 },
                Op::Connect { at: Source::Msi(0), to: dealt(soft.cpus, 900), masked: false },
                cause(Source::Event(0)),
                Op::Settle,
            ];
            let msix = [
                Op::MsiDisable,
                Op::MsixEnable { vectors: 8 },
                Op::Connect { at: Source::Msix(0), to: dealt(soft.cpus, 901), masked: false },
                cause(Source::Msix(0)),
                Op::Settle,
            ];
            [vec![cause(Source::Msix(0)), Op::Settle], msi.to_vec(), msix.to_vec()].concat()
        }
        Item::message_order => {
            let of = |x: usize, k: u32| if x == 3 { Source::Event(k) } else { source(x, k) };
            vec![Op::Settle, cause(of(v[0], 0)), Op::Settle, cause(of(v[1], 1)), Op::Settle]
        }
        Item::straggler => {
            let at = Source::Msix(k);
            let mut all = vec![Op::Unmask { at }, Op::Settle, stalls(0, 230, 0)];
            all.extend((0..3).map(|j| Op::CauseIn { at: Source::Msix(j), ticks: rng.random_range(0..30) }));
            all.push(Op::CauseIn { at, ticks: rng.random_range(30..50) });
            all.push(match v[0] {
                0 => Op::Mask { at },
                1 => Op::FunctionMask(true.into()),
                2 => Op::MsixEnableBit(false.into()),
                _ => Op::BusMaster(false.into()),
            });
            all.push(calm());
            all
        }
        Item::slot_held => {
            let at = Source::Host(k);
            let forget = Op::Invalidate { index: k, order: 0, notify: false, no_wait: false };
            let first = if v[0] == 1 { forget } else { Op::Wait(1) };
            vec![Op::Unmask { at }, cause(at), Op::Settle, first, cause(at), Op::Settle]
        }
        Item::arrival_outcome => {
            let mut all = vec![Op::Unmask { at: plain }, Op::Settle];
            for i in 0..30 {
                all.push(Op::CauseIn { at: plain, ticks: 4 + 3 * i });
            }
            all.extend([Op::Wait(100), Op::Settle]);
            all
        }
        Item::arrival_class => {
            let to = vectors::op::Target {
                cpu: rng.random_range(0..soft.cpus),
                vector: ((v[0] + 3) << 4) as u8 | rng.random_range(0..16),
            };
            let by = Retarget::Entry;
            vec![Op::Unmask { at: plain }, Op::Retarget { at: plain, to, by }, cause(plain), Op::Settle]
        }
        Item::arrival_cpu => {
            let cpu = [0, 1, 2, 5][v[0]];
            let to = vectors::op::Target { cpu, vector: rng.random_range(0x30..0xe0) };
            vec![
                Op::Unmask { at: plain },
                Op::Retarget { at: plain, to, by: Retarget::Entry },
                cause(plain),
                Op::Settle,
            ]
        }
        Item::arrival_time => vec![Op::Unmask { at: plain }, cause(plain), Op::Settle],
        Item::arrival_path => {
            let mut all = vec![Op::Settle];
            for i in 0..30 {
                all.push(Op::CauseIn { at: plain, ticks: 4 + 3 * i });
            }
            all.extend([Op::Wait(100), Op::Settle]);
            all
        }
        Item::retarget_by | Item::retarget_load => {
            let by = [Retarget::Entry, Retarget::EntryUnflushed, Retarget::Message][v[0]];
            let to = dealt(soft.cpus, rng.random_range(600..700));
            let (owed, flying) = if item == Item::retarget_load { (v[1] == 1, v[2] == 1) } else { (false, false) };
            let mut all = vec![Op::Unmask { at: plain }, Op::Settle];
            if owed {
                all.extend([Op::Mask { at: plain }, cause(plain)]);
            }
            if flying {
                all.extend((0..10).map(|i| Op::CauseIn { at: Source::Device(i % 5), ticks: 2 * u64::from(i) }));
                all.push(Op::Wait(rng.random_range(10..30)));
            }
            all.push(Op::Retarget { at: plain, to, by });
            all
        }
        Item::down_kind | Item::down_pair | Item::down_close => {
            let kind = |x: usize| -> Vec<Op> {
                match x {
                    0 => vec![Op::CfgRead(Read {
                        at: Place::Name("status".into()),
                        len: 2,
                        expect: None,
                        mask: None,
                        status: None,
                        vf: None,
                    })],
                    1 => vec![Op::CfgWrite(Write {
                        at: Place::Name("cache_line".into()),
                        len: 1,
                        value: 1,
                        be: None,
                        status: None,
                        vf: None,
                    })],
                    2 => vec![read("version".into(), 4)],
                    3 => vec![write("ev_status_hi".into(), 0)],
                    4 => fault(Source::Host(k), ReadFault::Ur),
                    5 => vec![
                        Op::Invalidate { index: k, order: 0, notify: false, no_wait: false },
                        cause(Source::Host(k)),
                        Op::Wait(200),
                    ],
                    _ => vec![illegal::packet(5, rng_free())],
                }
            };
            match item {
                Item::down_kind => kind(v[0]),
                Item::down_close => [kind(v[0]), kind(v[0])].concat(),
                _ => [kind(v[0]), kind(v[1])].concat(),
            }
        }
        Item::region_access => {
            let n = [1, 2, 4, 8][v[2]];
            if v[1] == 0 {
                let at = ["version", "portal", "msix_table", "msix_pba", "ims_slots", "host_pending"].get(v[0]);
                match at {
                    Some(at) => vec![read((*at).into(), 4 * n)],
                    None => vec![bare_read(0x1000, n)],
                }
            } else {
                let last = if n > 1 { 0xf } else { 0 };
                let place = |name: &str| Some(Place::Name(name.into()));
                let at = [
                    "ev_status_lo",
                    "portal+0x3ff00",
                    "msix_table+0x7f00",
                    "msix_pba",
                    "ims_slots+0xff00",
                    "host_pending",
                ];
                let at = at.get(v[0]).copied();
                // Two BARs lie below 4 GiB and take the short header.
                let t = posted(if v[0] > 1 && at.is_some() { 3 } else { 2 }, n, 0xf, last);
                match at {
                    Some(name) if v[0] == 2 || v[0] == 4 => {
                        // Entries that nobody uses, masked as they are.
                        let data = (0..n).map(|i| if i % 4 == 3 { 1 } else { 0 }).collect();
                        vec![Op::Tlp(RawTlp { at: place(name), data, ..t })]
                    }
                    Some(name) => vec![Op::Tlp(RawTlp {
                        at: place(if v[0] == 1 { "portal" } else { name }),
                        data: vec![0; n as usize],
                        first_be: if v[0] == 1 { Some(0) } else { Some(0xf) },
                        ..t
                    })],
                    None => vec![Op::Tlp(RawTlp { address: 0x1000, data: vec![0; n as usize], ..t })],
                }
            }
        }
        Item::memory_enables => {
            let be = Some(v[1] as u8);
            let at = Some(Place::Name("ims_slots+0xfff0".into()));
            if v[0] == 1 {
                vec![Op::Tlp(RawTlp { at, first_be: be, data: vec![0], ..posted(3, 1, 0, 0) })]
            } else {
                vec![Op::Tlp(RawTlp { at, first_be: be, no_wait: true, ..posted(1, 1, 0, 0) })]
            }
        }
        Item::read_words => vec![read("msix_table".into(), [4, 8, 16, 64][v[0]])],
        Item::config_access => {
            let at = [0x00, 0x04, 0x10, 0x0c, 0x40, 0x50, 0x90, 0xb0, 0x140, 0x0, 0x100, 0xff0][v[0]];
            let at = if v[0] == 9 { u64::from(vectors::regs::CAP_PASID_OFFSET) } else { at };
            if v[1] == 0 {
                let at = Place::Number(at);
                vec![Op::CfgRead(Read { at, len: 4, expect: None, mask: None, status: None, vf: None })]
            } else if v[0] == 3 {
                vec![Op::CfgWrite(Write {
                    at: Place::Name("cache_line".into()),
                    len: 1,
                    value: 2,
                    be: None,
                    status: None,
                    vf: None,
                })]
            } else if matches!(v[0], 0 | 10 | 11) {
                // Read-only registers: the write has no effect.
                let at = Place::Number(at);
                vec![Op::CfgWrite(Write { at, len: 4, value: 0xffff_ffff, be: None, status: None, vf: None })]
            } else {
                return None;
            }
        }
        Item::config_enables => {
            let be = v[1] as u8;
            if v[0] == 1 {
                let at = Place::Name("cache_line".into());
                vec![Op::CfgWrite(Write { at, len: 4, value: 0x1234_5678, be: Some(be), status: None, vf: None })]
            } else {
                let t = RawTlp { address: 0x0c, first_be: Some(be), no_wait: true, ..posted(0, 1, 0, 0) };
                vec![Op::Tlp(RawTlp { typ: 4, ..t })]
            }
        }
        Item::refused_kind | Item::refused_reporting | Item::refused_owed => {
            let kind = [0, 1, 2, 3, 5, 6, 8, 9][v[0]];
            // What is pending for good ends with a reset.
            let mut all = match (item, v) {
                (Item::refused_owed, [_, 0]) => vec![Op::Reset(ResetKind::Hot), Op::Enumerate],
                _ => vec![Op::Settle],
            };
            if item == Item::refused_reporting {
                all.push(Op::ErrorReporting(v[1] == 1));
            }
            if item == Item::refused_owed && v[1] == 1 {
                all.extend([Op::Mask { at: plain }, cause(plain)]);
            }
            if kind == 9 {
                all.push(Op::Tlp(RawTlp {
                    typ: 4,
                    address: 0x3c,
                    ep: true,
                    data: vec![7],
                    no_wait: true,
                    ..posted(2, 1, 0xf, 0)
                }));
            } else {
                all.push(illegal::packet(kind, rng.random()));
            }
            all
        }
        Item::fetches => {
            let n = [0, 1, 3, 6, 12][v[0]];
            let mut all = vec![Op::Settle, Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false }];
            all.extend((0..=n).map(|k| Op::CauseIn { at: Source::Host(8 + k), ticks: 4 + u64::from(k) }));
            all.push(Op::Wait(300));
            all
        }
        Item::fetch_answer => match v[0] {
            0 => vec![
                Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false },
                cause(Source::Host(k)),
                Op::Wait(200),
            ],
            n => fault(
                Source::Host(k),
                [ReadFault::Ur, ReadFault::Ca, ReadFault::ReservedStatus, ReadFault::Poison, ReadFault::Short][n - 1],
            ),
        },
        Item::fetch_time | Item::completion_policy => {
            let delay = if item == Item::fetch_time { [pause(v[0], rng); 2] } else { soft_delay(v[2]) };
            let (split, reorder) =
                if item == Item::completion_policy { (v[0] == 1, v[1] == 1) } else { (false, false) };
            vec![
                Op::Completions(Completions { split, reorder, delay }),
                Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false },
                cause(Source::Host(k)),
                Op::Wait(400),
            ]
        }
        Item::invalidate_order | Item::invalidate_form => {
            let order = [0, 2, 5, 9, 15, 20][v[0]];
            let notify = item == Item::invalidate_form && v[1] == 1;
            let n = if item == Item::invalidate_form { [0, 1, 3, 6, 12][v[2]] } else { 0 };
            let mut all = vec![Op::Settle, Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false }];
            all.push(Op::Completions(Completions { split: false, reorder: false, delay: [200, 200] }));
            all.extend((0..n).map(|k| cause(Source::Host(8 + k))));
            if n > 0 {
                all.push(Op::Wait(20));
            }
            all.push(Op::Invalidate { index: 0, order, notify, no_wait: false });
            all.push(Op::Completions(Completions::default()));
            all
        }
        Item::host_store_switch => {
            let mut all = vec![Op::Settle, Op::HostStoreOff, Op::HostStore { slots: 64, base: None }];
            all.extend((0..5).map(|k| Op::Connect {
                at: Source::Host(k),
                to: dealt(soft.cpus, 500 + k),
                masked: false,
            }));
            all
        }
        Item::stalls => {
            let of = |q: usize| [0, 30, 90, 200][q];
            vec![stalls(of(v[0]), of(v[1]), of(v[2])), cause(plain), calm()]
        }
        Item::credit_window | Item::cpus | Item::apic_mode | Item::entry_cache | Item::boundary | Item::remapping => {
            vec![cause(Source::Device(k))]
        }
        Item::stores_live => vec![cause(Source::Device(k))],
        Item::event_mode | Item::event_sharing | Item::event_frames | Item::event_form => {
            let sharing = match item {
                Item::event_sharing => v[0],
                Item::event_form => v[1],
                _ => 3,
            };
            let coalesced = if item == Item::event_form { v[2] } else { 0 };
            let frames = match item {
                Item::event_frames => [0, 1, 3, 8, 100][v[0]],
                _ if coalesced & 1 == 1 => 4,
                _ => 0,
            };
            let time = u64::from(coalesced >= 2) << 16;
            vec![
                write("ev_vectors".into(), [1, 4, 32, 65][sharing]),
                read("ev_vectors".into(), 4),
                write("ev_coal".into(), frames | time),
                read("ev_coal".into(), 4),
                cause(Source::Event(0)),
                Op::Wait(40),
                write("ev_status_lo".into(), 0xffff_ffff),
                write("ev_coal".into(), 0),
                read("ev_coal".into(), 4),
            ]
        }
        Item::msi_granted => vec![cause(Source::Event(0))],
        Item::msi_raised => {
            let at = Source::Msi(0);
            let mut all = vec![Op::Unmask { at }, Op::Settle];
            if v[1] == 1 {
                all.push(Op::Mask { at });
            } else if v[2] == 1 {
                all.push(stalls(0, 240, 0));
            }
            all.push(Op::Cause { at: Source::Event(0), times: 1 + 2 * v[2] as u32, gap: 0 });
            all.extend([Op::Wait(20), calm()]);
            all
        }
        Item::intx_wire => vec![
            cause(Source::Event(0)),
            Op::Wait(100),
            write("ev_status_lo".into(), 0xffff_ffff),
            read("ev_status_lo".into(), 4),
            Op::Wait(100),
        ],
        Item::doorbell_count | Item::doorbell_form | Item::doorbell_queue => {
            let (store, withdraw, count, record) = match item {
                Item::doorbell_form => (v[0], v[1] == 1, v[2], v[3] == 1),
                Item::doorbell_count => (0, false, v[0], false),
                _ => (0, false, 3, true),
            };
            let count = [1, 2, 9, 40][count];
            let bell = Op::Doorbell { at: source(store, k), count, record, withdraw };
            let n = if item == Item::doorbell_queue { [1, 2, 4, 8, 13, 17][v[0]] } else { 1 };
            let mut all = vec![Op::Settle];
            if item == Item::doorbell_queue {
                all.push(stalls(0, 230, 0));
            }
            all.extend((0..n).map(|_| bell.clone()));
            all.push(calm());
            all
        }
        Item::sweep_count | Item::sweep_form => {
            let (store, n) = if item == Item::sweep_form { (v[0], v[1]) } else { (0, v[0]) };
            let count = [1, 5, 33, 65][n];
            let first = source(store, 0);
            let count = if store == 2 { count.min(64) } else { count };
            let count = if n == 3 && store == 2 { 64 } else { count };
            vec![Op::Settle, Op::Sweep { range: Range { first, count } }, Op::Wait(4000)]
        }
        Item::mask_write => match v[0] {
            2 => return None,
            store => vec![write(entry(source(store, k), 3)?, v[1] as u64)],
        },
        Item::function_mask_write => vec![Op::FunctionMask((v[0] == 1).into())],
        Item::enable_write => vec![Op::MsixEnableBit((v[0] == 1).into())],
        Item::master_write => vec![Op::BusMaster((v[0] == 1).into())],
        Item::reset_kind | Item::reset_load | Item::reset_fetches | Item::reset_then => {
            let mut all = vec![Op::Settle];
            if item == Item::reset_load && v[1] == 0 {
                all.extend([Op::Reset(ResetKind::Hot), Op::Enumerate]);
                if v[2] == 1 {
                    let at = |k| Op::Connect { at: Source::Device(k), to: dealt(soft.cpus, 800 + k), masked: false };
                    all.extend((0..5).map(at));
                    all.push(Op::Settle);
                }
            }
            match item {
                Item::reset_load => {
                    if v[1] == 1 {
                        all.extend([Op::Mask { at: plain }, cause(plain)]);
                    }
                    if v[2] == 1 {
                        all.extend((0..10).map(|i| Op::CauseIn { at: Source::Device(i % 5), ticks: 2 * u64::from(i) }));
                        all.push(Op::Wait(rng.random_range(10..30)));
                    }
                }
                Item::reset_fetches if v[1] > 0 => {
                    let n = [0, 1, 3, 6, 12][v[1]];
                    all.push(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false });
                    all.push(Op::Completions(Completions { split: false, reorder: false, delay: [400, 400] }));
                    all.extend((0..n).map(|k| cause(Source::Host(8 + k))));
                    all.push(Op::Wait(24));
                }
                _ => {}
            }
            all.extend(match v[0] {
                0 => vec![Op::Reset(ResetKind::Cold)],
                1 => vec![Op::Reset(ResetKind::Hot)],
                2 => vec![Op::Flr],
                _ => vec![Op::PowerState(3), Op::PowerState(0)],
            });
            if item == Item::reset_then {
                all.push(Op::Enumerate);
                if v[1] == 2 {
                    all.push(Op::HostStore { slots: 64, base: None });
                }
                all.push(cause(source(v[1], k)));
            }
            all
        }
        Item::work_opcode | Item::work_size | Item::work_announce | Item::work_form => {
            let form = match item {
                Item::work_opcode => [v[0], if v[0] == 0 { 0 } else { 2 }, 0, 0],
                Item::work_size => [if v[0] == 0 { 0 } else { 1 }, v[0], 0, 0],
                Item::work_announce => [1, 2, v[0], 0],
                _ => [v[0], v[1], v[2], v[3]],
            };
            let work = [Work::Nop, Work::Fill, Work::Copy, Work::Checksum][form[0]];
            let size = [0, rng.random_range(1..4), 17, 100, 700, 3000, 5000][form[1]];
            let mut all = queue(soft, 0);
            let id = soft.handles.len() as u32 + 100;
            if form[2] == 1 {
                all.push(Op::Handle { id, at: Source::Device(k), ignore: true, pasid: None, expect: None });
            }
            all.push(submit(0, work, size, (form[2] == 1).then_some(id), form[2] == 2, form[3] == 1));
            all.push(Op::Consume { q: 0, count: None, status: 1, keep: false });
            all
        }
        Item::work_outstanding => {
            let n = [0, 1, 2, 4, 8, 8][v[0]];
            let mut all = queue(soft, 0);
            for q in 0..2 {
                if q == 1 {
                    all.extend(queue(soft, 1));
                }
                for _ in 0..n {
                    all.push(submit(q, Work::Copy, 2000, None, false, false));
                }
            }
            all.push(submit(0, Work::Nop, 0, None, false, false));
            all.push(Op::Consume { q: 1, count: None, status: 1, keep: false });
            all.push(submit(1, Work::Nop, 0, None, false, false));
            all.push(Op::Consume { q: 0, count: None, status: 1, keep: false });
            all.push(Op::Consume { q: 1, count: None, status: 1, keep: false });
            all
        }
        Item::queue_number => {
            let q = [0, 3, 20, 50][v[0]];
            let mut all =
                if soft.queues.contains_key(&q) { vec![Op::QueueOff { q, no_wait: false }] } else { Vec::new() };
            all.push(Op::Queue(QueueSetup { q, sq: 4, cq: 4, pasid: None, relaxed: false, ido: false, portal: false }));
            all
        }
        Item::queue_form => {
            let mut all: Vec<Op> =
                soft.queues.keys().map(|q| Op::Consume { q: *q, count: None, status: 1, keep: false }).collect();
            all.extend(soft.queues.keys().map(|q| Op::QueueOff { q: *q, no_wait: false }));
            if v[0] == 1 && !soft.pasid {
                all.push(Op::Pasid(true));
            }
            let pasid = (v[0] == 1).then_some(77);
            let (portal, relaxed) = (v[1] == 1, v[2] == 1);
            all.push(Op::Queue(QueueSetup { q: 9, sq: 4, cq: 4, pasid, relaxed, ido: false, portal }));
            all.push(submit(9, Work::Copy, 300, None, false, false));
            all.push(Op::Consume { q: 9, count: None, status: 1, keep: false });
            all
        }
        Item::handle_form => {
            let id = soft.handles.len() as u32 + 100;
            let pasid = (v[1] == 1).then_some(77);
            let mut all = Vec::new();
            if v[1] == 1 && !soft.pasid {
                all.extend(soft.queues.keys().map(|q| Op::Consume { q: *q, count: None, status: 1, keep: false }));
                all.extend(soft.queues.keys().map(|q| Op::QueueOff { q: *q, no_wait: false }));
                all.push(Op::Pasid(true));
            }
            all.push(Op::Handle { id, at: source(v[0], k), ignore: v[1] == 2, pasid, expect: None });
            all
        }
        Item::revoke_load => {
            let mut all = vec![Op::Settle];
            all.extend(soft.queues.keys().map(|q| Op::Consume { q: *q, count: None, status: 1, keep: false }));
            let id = soft.handles.len() as u32 + 100;
            all.push(Op::Handle { id, at: plain, ignore: true, pasid: None, expect: None });
            if v[0] == 1 {
                all.extend(queue(soft, 0));
                all.push(submit(0, Work::Copy, 3000, None, false, false));
            }
            all.extend([Op::RevokeHandles, Op::RenewHandles]);
            all.push(Op::Consume { q: 0, count: None, status: 1, keep: false });
            all
        }
        Item::link_payload => vec![Op::Link { mps: [128, 256, 512][v[0]], mrrs: 512, short_tags: false }],
        Item::link_read => vec![Op::Link { mps: 256, mrrs: 128 << v[0], short_tags: false }],
        Item::link_sizes => vec![Op::Link { mps: [128, 256, 512][v[0]], mrrs: 128 << v[1], short_tags: false }],
        Item::digests => vec![Op::Settle, Op::Digests(v[0] == 1)],
        Item::reporting => vec![Op::ErrorReporting(v[0] == 1)],
        Item::operation => group(v[0], soft, k),
        Item::operation_pair => {
            let between = if v[0] == 11 { vec![Op::Enumerate] } else { Vec::new() };
            let mut first = vec![Op::Settle];
            if v[1] == 2 {
                first.clear();
            }
            first.extend(group(v[0], soft, k));
            [first, between, group(v[1], soft, k)].concat()
        }
        Item::up_digest => {
            let mut all = vec![Op::Settle, Op::Digests(v[1] == 1)];
            all.extend(sent(v[0], soft, k));
            all.extend([Op::Settle, Op::Digests(false)]);
            all
        }
        Item::up_kind => sent(v[0], soft, k),
        Item::up_pair => {
            let mut all = sent(v[0], soft, k);
            all.extend(sent(v[1], soft, k));
            all
        }
        Item::answer_status => vec![read("version".into(), 4), bare_read(0x1000, 1), Op::Wait(64)],
        Item::answer_words => vec![read("msix_table".into(), [4, 8, 16, 64][v[0]])],
        Item::answer_time | Item::up_gap => {
            let tx = [0, 0, 60, 160, 220, 235, 245, 248, 249][v[0]];
            vec![
                stalls(0, tx, 0),
                read("msix_table".into(), 64),
                calm(),
                Op::Wait(pause(v[0], rng)),
                read("version".into(), 4),
            ]
        }
        _ => return None,
    };
    ops.extend(more);
    Some(ops)
}

fn soft_delay(value: usize) -> [u64; 2] {
    [[4, 20], [4, 100], [4, 300]][value]
}

/// A packet field by field.
fn posted(fmt: u8, length: u32, first: u8, last: u8) -> RawTlp {
    let Op::Tlp(t) = illegal::packet(2, 0) else { unreachable!("an illegal packet is a packet") };
    RawTlp {
        fmt,
        typ: 0,
        address: 0,
        length: Some(length),
        first_be: Some(first),
        last_be: Some(last),
        data: Vec::new(),
        ..t
    }
}

fn bare_read(address: u64, words: u32) -> Op {
    let last = if words > 1 { 0xf } else { 0 };
    Op::Tlp(RawTlp { address, no_wait: true, ..posted(0, words, 0xf, last) })
}

fn rng_free() -> u32 {
    0x5a5a
}

/// A fetch of a slot that goes wrong, and its end.
fn fault(at: Source, how: ReadFault) -> Vec<Op> {
    let Source::Host(index) = at else { return Vec::new() };
    let forget = |order| Op::Invalidate { index, order, notify: false, no_wait: false };
    vec![
        Op::Settle,
        forget(0),
        Op::Settle,
        Op::FailReads { how, times: 1, at: Some(at), ring: None, range: None },
        cause(at),
        Op::Wait(1000),
        forget(20),
    ]
}

/// What makes the device send a packet of that kind.
fn sent(kind: usize, soft: &Soft, k: u32) -> Vec<Op> {
    match kind {
        0 => vec![Op::Unmask { at: Source::Msix(k) }, cause(Source::Msix(k)), Op::Wait(40)],
        1 => vec![Op::Doorbell { at: Source::Device(2048 + k), count: 1, record: true, withdraw: false }, Op::Wait(60)],
        2 => vec![
            Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false },
            cause(Source::Host(20 + k)),
            Op::Wait(40),
        ],
        3 => {
            vec![Op::CfgWrite(Write {
                at: Place::Name("cache_line".into()),
                len: 1,
                value: 1,
                be: None,
                status: None,
                vf: None,
            })]
        }
        4 => vec![read("version".into(), 4)],
        5 => vec![Op::ErrorReporting(true), illegal::packet(2, 0), Op::Wait(60)],
        6 => vec![
            Op::MsixEnableBit(false.into()),
            cause(Source::Event(k)),
            Op::Wait(60),
            write("ev_status_lo".into(), 0xffff_ffff),
            Op::Wait(60),
            Op::MsixEnableBit(true.into()),
        ],
        7 => [
            queue(soft, 0),
            vec![
                submit(0, Work::Checksum, 64, None, false, false),
                Op::Consume { q: 0, count: None, status: 1, keep: false },
            ],
        ]
        .concat(),
        8 => [
            queue(soft, 0),
            vec![
                submit(0, Work::Nop, 0, None, false, false),
                Op::Consume { q: 0, count: None, status: 1, keep: false },
            ],
        ]
        .concat(),
        _ => vec![Op::Invalidate { index: 0, order: 3, notify: true, no_wait: false }],
    }
}

/// An operation of a group.
fn group(which: usize, soft: &Soft, k: u32) -> Vec<Op> {
    let at = Source::Device(k);
    match which {
        0 => vec![cause(at)],
        1 => vec![Op::Doorbell { at, count: 1, record: false, withdraw: false }],
        2 => vec![Op::Sweep { range: Range { first: at, count: 1 } }],
        3 if !soft.conns.contains_key(&at) => vec![Op::Mask { at }],
        3 => vec![Op::Unmask { at }],
        4 => vec![Op::BusMaster(true.into())],
        5 => vec![write("ev_status_lo".into(), 0)],
        6 => vec![Op::Retarget { at, to: dealt(soft.cpus, 300 + k), by: Retarget::Entry }],
        7 => vec![Op::Invalidate { index: k, order: 0, notify: false, no_wait: false }],
        8 if soft.queues.contains_key(&0) => vec![Op::Consume { q: 0, count: None, status: 1, keep: false }],
        8 => queue(soft, 0),
        9 => vec![read("version".into(), 4)],
        10 => vec![stalls(0, 0, 0)],
        11 => vec![Op::Reset(ResetKind::Hot)],
        12 => vec![Op::ErrorReporting(true)],
        _ => vec![Op::Wait(1)],
    }
}
