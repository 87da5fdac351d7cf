// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Events, MSI, INTx.

use super::steps::{calm, cause, quiet, stalls};
use crate::cover::Item;
use crate::direct::draw::{read, write};
use crate::direct::soft::Soft;
use rand_chacha::ChaCha8Rng;
use vectors::op::{Op, Source};

/// Operations that lead to a bin of these items, from the state of a brought-up machine; none: no lever is known.
pub fn lead(item: Item, v: &[usize], _: &Soft, _: &mut ChaCha8Rng) -> Option<Vec<Op>> {
    Some(match item {
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
            // Event 0 has vector 1 where there are two and more.
            let at = Source::Msi(u32::from(v[0] > 0));
            let mut all = vec![Op::Unmask { at }, quiet()];
            if v[1] == 1 {
                all.push(Op::Mask { at });
            } else if v[2] == 1 {
                all.push(stalls(0, 240, 0));
            }
            all.push(Op::Cause { at: Source::Event(0), times: 1 + 2 * v[2] as u32, gap: 0 });
            all.extend([Op::Wait(160), calm(), quiet()]);
            all
        }
        Item::intx_wire => vec![
            cause(Source::Event(0)),
            Op::Wait(100),
            write("ev_status_lo".into(), 0xffff_ffff),
            read("ev_status_lo".into(), 4),
            Op::Wait(100),
        ],
        _ => return None,
    })
}
