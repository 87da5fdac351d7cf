// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Virtual functions.

use super::steps::{calm, cause, of_log2, quiet, stalls};
use crate::cover::Item;
use crate::direct::illegal;
use crate::direct::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Op, Place, RawTlp, Read, Source, Switch, Write};

/// Functions by their value on the axis of numbers.
pub const NUMBERS: [u32; 5] = [0, 1, 3, 5, 12];

/// A source of a virtual function.
fn of(store: usize, vf: u32, k: u32) -> Source {
    if store == 0 { Source::VfMsix { vf, k } } else { Source::VfDevice { vf, k } }
}

/// The function and one source of it are open.
fn open(soft: &Soft, at: Source) -> Vec<Op> {
    let Some(vf) = at.vf() else { return vec![Op::Unmask { at }] };
    let mut ops = Vec::new();
    let f = soft.functions.get(&vf).copied().unwrap_or_default();
    if !f.master {
        ops.push(Op::BusMaster(Switch::Virtual { vf, on: true }));
    }
    if f.msix.is_some() && !f.enable {
        ops.push(Op::MsixEnableBit(Switch::Virtual { vf, on: true }));
    }
    if f.function_mask {
        ops.push(Op::FunctionMask(Switch::Virtual { vf, on: false }));
    }
    ops.extend([Op::Unmask { at }, quiet()]);
    ops
}

/// A cause for a source that is closed, or held up, and pending or not.
fn in_state(at: Source, closed: bool, pending: bool) -> Vec<Op> {
    match (pending, closed) {
        (false, _) => vec![cause(at)],
        (true, true) => vec![cause(at), cause(at)],
        (true, false) => vec![stalls(0, 240, 0), Op::Cause { at, times: 3, gap: 1 }, calm()],
    }
}

fn place(vf: u32, offset: u32) -> Place {
    Place::Name(format!("vf{vf}+{offset:#x}"))
}

/// Operations that lead to a bin of these items, from the state of a brought-up machine; none: no lever is known.
pub fn lead(item: Item, v: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    let vf = [1, 3][rng.random_range(0..2usize)];
    let on = |bit: usize| bit == 1;
    Some(match item {
        Item::vf_there => vec![cause(of(v[0], if v[1] == 1 { 0 } else { 12 }, 0))],
        Item::vf_number => vec![cause(of(v[0], NUMBERS[v[1]], 0))],
        Item::vf_source => vec![cause(of(v[0], 0, of_log2(v[1], rng)))],
        Item::vf_state => {
            let at = of(v[0], vf, 0);
            let mut ops = open(soft, at);
            ops.extend(on(v[2]).then_some(Op::Mask { at }));
            ops.extend((!on(v[1])).then_some(Op::BusMaster(Switch::Virtual { vf, on: false })));
            ops.extend(in_state(at, on(v[2]) || !on(v[1]), on(v[3])));
            ops
        }
        Item::vf_gate => {
            let at = of(0, vf, 0);
            let mut ops = open(soft, at);
            ops.extend(on(v[2]).then_some(Op::Mask { at }));
            ops.extend(on(v[1]).then_some(Op::FunctionMask(Switch::Virtual { vf, on: true })));
            ops.extend((!on(v[0])).then_some(Op::MsixEnableBit(Switch::Virtual { vf, on: false })));
            ops.extend(in_state(at, on(v[2]) || on(v[1]) || !on(v[0]), on(v[3])));
            ops
        }
        Item::vf_withdrawn => {
            let at = of(v[0], vf, 1);
            let mut ops = open(soft, at);
            ops.push(Op::Mask { at });
            ops.extend(on(v[1]).then(|| cause(at)));
            ops.push(Op::Withdraw { at });
            ops
        }
        Item::vf_sender => {
            let at = of(v[0], NUMBERS[v[1]], 0);
            [open(soft, at), vec![cause(at), quiet()]].concat()
        }
        Item::vf_neighbour => {
            let (a, b) = [(None, Some(1)), (Some(1), None), (Some(1), Some(1)), (Some(1), Some(3))][v[0]];
            let at = |vf: Option<u32>| vf.map_or(Source::Msix(0), |vf| of(0, vf, 0));
            let (a, b) = (at(a), at(b));
            [open(soft, a), open(soft, b), vec![cause(a), quiet(), cause(b), quiet()]].concat()
        }
        Item::vf_reset => {
            let at = of(0, 5, 0);
            let mut ops = open(soft, at);
            if on(v[0]) {
                ops.extend([Op::Mask { at }, cause(at)]);
            }
            if on(v[1]) {
                ops.extend((0..12).map(|i| Op::CauseIn { at: of(0, 0, i % 2), ticks: 2 * u64::from(i) }));
                ops.push(Op::Wait(rng.random_range(8..30)));
            }
            ops.push(Op::VfFlr { vf: 5 });
            ops
        }
        Item::vf_reset_then => vec![quiet(), Op::VfFlr { vf: 5 }, cause(of(v[0], 5, 0))],
        Item::vf_disable => {
            let at = of(0, vf, 0);
            let mut ops = open(soft, at);
            if on(v[0]) {
                ops.extend([Op::Mask { at }, cause(at)]);
            }
            ops.extend([Op::Settle, Op::DisableVfs]);
            ops
        }
        // Said by bringing them up.
        Item::vf_count => vec![cause(Source::Msix(0))],
        Item::vf_config => {
            let at = Place::Number([0x00, 0x04, 0x54, 0xb0, 0x100, 0x0c][v[0]]);
            let vf = Some(vf);
            match (v[0], v[1]) {
                (_, 0) => vec![Op::CfgRead(Read { at, len: 4, expect: None, mask: None, status: None, vf })],
                (1, _) => vec![Op::BusMaster(Switch::Virtual { vf: 1, on: true })],
                (3, _) => vec![Op::FunctionMask(Switch::Virtual { vf: 1, on: false })],
                _ => vec![Op::CfgWrite(Write { at, len: 4, value: 0, be: None, status: None, vf })],
            }
        }
        Item::vf_master_write => vec![Op::BusMaster(Switch::Virtual { vf, on: on(v[0]) })],
        Item::vf_control_write => vec![
            Op::MsixEnableBit(Switch::Virtual { vf, on: on(v[0]) }),
            Op::FunctionMask(Switch::Virtual { vf, on: on(v[1]) }),
        ],
        Item::vf_access => {
            let (offset, value) = [(0x3fc, 1), (0x1000, 0), (0x23fc, 1), (0x3008, 0), (0x3ffc, 0)][v[0]];
            let at = place(vf, offset);
            if v[1] == 0 {
                vec![Op::Read(Read { at, len: 4, expect: None, mask: None, status: None, vf: None })]
            } else {
                vec![Op::Write(Write { at, len: 4, value, be: None, status: None, vf: None })]
            }
        }
        Item::vf_error => {
            let Op::Tlp(t) = illegal::packet(6, 7) else { return None };
            let t = match v[0] {
                0 => RawTlp { at: Some(place(vf, 0x3f8)), ..t },
                1 => {
                    RawTlp { fmt: 2, typ: 4, at: None, vf: Some(vf), address: 4, first_be: Some(1), no_wait: true, ..t }
                }
                _ => RawTlp {
                    fmt: 1,
                    at: Some(place(vf, 0)),
                    address_type: 1,
                    ep: false,
                    data: vec![],
                    no_wait: true,
                    ..t
                },
            };
            vec![Op::ErrorReporting(on(v[1])), Op::Tlp(t), Op::Wait(60)]
        }
        _ => return None,
    })
}
