// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Messages: who sends them, in which order, how late, and what becomes of them at a processor.

use super::steps::{calm, cause, pause, quiet, source, stalls};
use crate::cover::Item;
use crate::direct::draw::read;
use crate::direct::shape::dealt;
use crate::direct::soft::Soft;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Op, Retarget, Source};

/// Operations that lead to a bin of these items, from the state of a brought-up machine; none: no lever is known.
pub fn lead(item: Item, v: &[usize], soft: &Soft, rng: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    let k = rng.random_range(0..5u32);
    let plain = Source::Msix(k);
    Some(match item {
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
            let (a, b) = (Source::Msix(0), Source::Device(0));
            let gap = pause(v[0], rng);
            vec![
                Op::Unmask { at: a },
                Op::Unmask { at: b },
                quiet(),
                Op::CauseIn { at: a, ticks: 4 },
                Op::CauseIn { at: b, ticks: 4 + gap },
                Op::Wait(gap + 44),
            ]
        }
        Item::message_run => {
            let n = 1u32 << v[0];
            let mut all: Vec<Op> = (0..5)
                .flat_map(|k| [Op::Unmask { at: Source::Msix(k) }, Op::Unmask { at: Source::Device(k) }])
                .collect();
            all.push(quiet());
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
            let mut all = vec![if v[0] == 3 { Op::Wait(200) } else { quiet() }];
            if v[0] < 3 {
                all.insert(0, Op::Unmask { at });
            }
            if item == Item::merged_causes {
                let times = 1u32 << v[1];
                all.extend([stalls(0, if v[1] == 0 { 0 } else { 248 }, 0), Op::Cause { at, times, gap: 0 }, calm()]);
            } else if v[0] == 3 && v[1] == 0 {
                // A message leaves so soon where the vector is raised again while one leaves.
                all.push(Op::Cause { at: Source::Event(0), times: rng.random_range(8..30), gap: 0 });
                all.push(Op::Wait(100));
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
                        let at = Source::Msi(1);
                        all.extend([Op::Mask { at }, cause(Source::Event(0)), Op::Wait(wait - 20), Op::Unmask { at }]);
                    }
                }
            }
            all.push(if v[0] == 3 { Op::Wait(200) } else { quiet() });
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
            // Events come to their vector when the scanner of coalescers comes by.
            let long = |x: usize| if x == 3 { Op::Wait(200) } else { quiet() };
            let open = |x: usize, k: u32| (x < 3).then(|| Op::Unmask { at: source(x, k) });
            let mut all: Vec<Op> = [open(v[0], 0), open(v[1], 1), Some(quiet())].into_iter().flatten().collect();
            all.extend([cause(of(v[0], 0)), long(v[0]), cause(of(v[1], 1)), long(v[1])]);
            all
        }
        Item::straggler => {
            let at = Source::Msix(k);
            let mut all = vec![Op::Unmask { at }, quiet(), stalls(0, 230, 0)];
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
            vec![Op::Unmask { at }, cause(at), quiet(), first, cause(at), quiet()]
        }
        Item::arrival_outcome => {
            let mut all = vec![Op::Unmask { at: plain }, quiet()];
            for i in 0..30 {
                all.push(Op::CauseIn { at: plain, ticks: 4 + 3 * i });
            }
            all.extend([Op::Wait(100), quiet()]);
            all
        }
        Item::arrival_class => {
            let to = vectors::op::Target {
                cpu: rng.random_range(0..soft.cpus),
                vector: ((v[0] + 3) << 4) as u8 | rng.random_range(0..16),
            };
            let by = Retarget::Entry;
            vec![Op::Unmask { at: plain }, Op::Retarget { at: plain, to, by }, cause(plain), quiet()]
        }
        Item::arrival_cpu => {
            let to = vectors::op::Target { cpu: [0, 1, 2, 5][v[0]], vector: rng.random_range(0x30..0xe0) };
            let at = Source::Device(0);
            vec![Op::Retarget { at, to, by: Retarget::Entry }, cause(at), Op::Wait(100)]
        }
        Item::arrival_time => vec![Op::Unmask { at: plain }, cause(plain), quiet()],
        Item::arrival_path => {
            let at = Source::Device(0);
            let mut all: Vec<Op> = (0..30).map(|i| Op::CauseIn { at, ticks: 4 + 3 * i }).collect();
            all.push(Op::Wait(200));
            all
        }
        Item::retarget_by | Item::retarget_load => {
            let by = [Retarget::Entry, Retarget::EntryUnflushed, Retarget::Message][v[0]];
            let to = dealt(soft.cpus, rng.random_range(600..700));
            let (owed, flying) = if item == Item::retarget_load { (v[1] == 1, v[2] == 1) } else { (false, false) };
            let mut all = vec![Op::Unmask { at: plain }, quiet()];
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
        _ => return None,
    })
}
