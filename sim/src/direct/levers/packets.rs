// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Packets both ways: kinds, order, regions, answers.

use super::ats;
use super::steps::{calm, cause, fault, pause, queue, quiet, source, stalls, submit, taken};
use crate::cover::Item;
use crate::direct::draw::{entry, read, write};
use crate::direct::illegal;
use crate::direct::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Completions, Op, Place, RawTlp, Read, ReadFault, ResetKind, Source, Work, Write};

/// Operations that lead to a bin of these items, from the state of a brought-up machine; none: no lever is known.
pub fn lead(item: Item, v: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    let k = rng.random_range(0..5u32);
    let plain = Source::Msix(k);
    Some(match item {
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
                // The wrong answer comes within the pause, and nothing else goes down before what is to follow it.
                _ if v[0] == 4 && v[1] < 4 => {
                    let mut all = fault(Source::Host(k), ReadFault::Ur);
                    let end = all.split_off(all.len() - 2);
                    all.push(Op::Wait(140));
                    [all, kind(v[1]), end].concat()
                }
                _ if v[0] == 4 && v[1] == 5 => {
                    let mut all = fault(Source::Host(k), ReadFault::Ur);
                    let end = all.split_off(all.len() - 2);
                    all.push(Op::CauseIn { at: Source::Host((k + 1) % 8), ticks: 1 });
                    [all, end].concat()
                }
                // The one that was asked for later may be answered first.
                _ if v[0] == 5 && v[1] == 4 => {
                    let mut all = fault(Source::Host(k), ReadFault::Ur);
                    let end = all.split_off(all.len() - 2);
                    all.insert(0, Op::Completions(Completions { split: false, reorder: true, delay: [10, 200] }));
                    all.push(Op::CauseIn { at: Source::Host((k + 1) % 8), ticks: 1 });
                    [all, end, vec![Op::Completions(Completions::default())]].concat()
                }
                _ if v[1] == 4 && v[0] < 4 => {
                    let mut all = fault(Source::Host(k), ReadFault::Ur);
                    let end = all.split_off(all.len() - 2);
                    let delay = |d| Op::Completions(Completions { split: false, reorder: false, delay: [d, d] });
                    all.insert(0, delay(90));
                    [all, kind(v[0]), end, vec![Op::Completions(Completions::default())]].concat()
                }
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
                _ => vec![quiet()],
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
        Item::mask_write => match v[0] {
            2 => return None,
            store => vec![write(entry(source(store, k), 3)?, v[1] as u64)],
        },
        Item::function_mask_write => vec![Op::FunctionMask((v[0] == 1).into())],
        Item::enable_write => vec![Op::MsixEnableBit((v[0] == 1).into())],
        Item::master_write => vec![Op::BusMaster((v[0] == 1).into())],
        // Hand-made packets have no digest: a fetch that goes wrong is the error.
        Item::up_digest if v[0] == 5 && v[1] == 1 => {
            let mut all = vec![Op::ErrorReporting(true), quiet(), Op::Digests(true)];
            all.extend(fault(Source::Host(k), ReadFault::Poison));
            all.extend([quiet(), Op::Digests(false)]);
            all
        }
        Item::up_digest => {
            let mut all = vec![quiet(), Op::Digests(v[1] == 1)];
            all.extend(sent(v[0], soft, k));
            all.extend([quiet(), Op::Digests(false)]);
            all
        }
        Item::up_kind => sent(v[0], soft, k),
        Item::up_pair => pair(v[0], v[1], soft, k, rng),
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
    })
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

/// Assertion and deassertion of INTA among the packets of the device.
const WIRE: usize = 6;

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
        6 => {
            let mut all = wire_instead();
            all.extend(status_cleared());
            all.extend([Op::Wait(40), cause(Source::Event(k)), Op::Wait(120)]);
            all.extend(status_cleared());
            all.push(Op::Wait(60));
            all.extend(wire_no_more());
            all
        }
        7 => [queue(soft, 0), vec![submit(0, Work::Checksum, 64, None, false, false), taken(0)]].concat(),
        8 => [queue(soft, 0), vec![submit(0, Work::Nop, 0, None, false, false), taken(0)]].concat(),
        10 => [ats::fresh(soft), vec![cause(Source::Host(256 + k)), Op::Wait(60)]].concat(),
        11 => ats::fresh(soft),
        _ => vec![Op::Invalidate { index: 0, order: 3, notify: true, no_wait: false }],
    }
}

/// Two packets of the device, one behind the other. What takes work, errors, translation or the wire is set up first;
/// then both are asked for with a pause between that is drawn.
fn pair(before: usize, behind: usize, soft: &Soft, k: u32, rng: &mut ChaCha8Rng) -> Vec<Op> {
    let both = [before, behind];
    let (work, wire) = (both.iter().any(|x| matches!(x, 7 | 8)), both.contains(&WIRE));
    let translated = both.iter().any(|x| *x >= 10);
    if !work && !wire && !translated && !both.contains(&5) {
        return [sent(before, soft, k), sent(behind, soft, k)].concat();
    }
    let mut all = Vec::new();
    if both.contains(&5) {
        all.push(Op::ErrorReporting(true));
    }
    if wire {
        all.extend(wire_instead());
    }
    if work {
        all.extend(queue(soft, 0));
    }
    if translated {
        all.extend(ats::fresh(soft));
        // Nothing but what is asked for comes behind a request for a translation.
        let answers = rng.random_range(60..160);
        all.push(Op::Completions(Completions { split: false, reorder: false, delay: [answers, answers] }));
    }
    if both.contains(&2) {
        all.push(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false });
    }
    for round in 0..3 {
        if wire {
            // The wire is up: to let it fall takes a write, and the packet follows soon.
            all.extend(status_cleared());
            all.extend([Op::Wait(10), Op::CauseIn { at: Source::Event(k), ticks: 1 }, Op::Wait(140)]);
        }
        if work {
            let work = [Work::Copy, Work::Fill, Work::Checksum][rng.random_range(0..3usize)];
            all.push(submit(0, work, rng.random_range(600..5000), None, false, false));
            all.push(Op::Wait(rng.random_range(10..160)));
        }
        for x in both {
            all.extend(at_once(x, k, round, rng));
            all.extend((rng.random_range(0..3) == 0).then(|| Op::Wait(rng.random_range(1..16))));
        }
        all.push(Op::Wait(if translated { 200 } else { 60 }));
        if work {
            all.push(taken(0));
        }
    }
    if wire {
        all.extend(status_cleared());
        all.push(quiet());
        all.extend(wire_no_more());
    }
    if translated {
        all.push(Op::Completions(Completions::default()));
    }
    all
}

/// Events are told by INTA: MSI-X off, and INTA not disabled, as it is for a driver that uses MSI-X.
fn wire_instead() -> Vec<Op> {
    vec![Op::MsixEnableBit(false.into()), Op::IntxDisable(false)]
}

/// Events are told by MSI-X again.
fn wire_no_more() -> Vec<Op> {
    vec![Op::IntxDisable(true), Op::MsixEnableBit(true.into())]
}

/// Nothing holds INTA up: neither events nor errors that came before.
fn status_cleared() -> Vec<Op> {
    let all = |at: &str, value| write(at.into(), value);
    vec![all("ev_status_lo", 0xffff_ffff), all("ev_status_hi", 0xffff_ffff), all("ev_misc", 0x8000_0003)]
}

/// What makes the device send a packet of that kind soon, without more ado.
fn at_once(kind: usize, k: u32, round: u32, rng: &mut ChaCha8Rng) -> Vec<Op> {
    match kind {
        0 => vec![Op::CauseIn { at: Source::Device(k), ticks: 1 }],
        1 => vec![Op::Doorbell { at: Source::Device(2048 + k), count: 1, record: true, withdraw: false }],
        2 => vec![Op::CauseIn { at: Source::Host(16 + rng.random_range(0..64)), ticks: 1 }],
        3 => vec![Op::CfgWrite(Write {
            at: Place::Name("cache_line".into()),
            len: 1,
            value: 1,
            be: None,
            status: None,
            vf: None,
        })],
        4 => vec![read("version".into(), 4)],
        5 => vec![illegal::packet(2, 0)],
        WIRE => vec![write("ev_status_lo".into(), 0xffff_ffff)],
        10 => vec![Op::CauseIn { at: Source::Host(256 * (1 + round) + rng.random_range(0..64)), ticks: 1 }],
        11 => vec![ats::forget(true)],
        9 => vec![Op::Invalidate { index: 0, order: 3, notify: true, no_wait: false }],
        _ => Vec::new(),
    }
}
