// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What traffic of host slots does with and without address translation: slots that do not evict each other, commands,
//! a look at what the store says.

use super::{CALM, Gen, LONG};
use crate::lockstep::PARAMS;
use crate::lockstep::act::Act;
use vectors::regs;

/// ATS control register, in the upper half of its word.
pub const CONTROL: u32 = 0x1a4;
/// Up to so many different lines.
pub fn slots_on(g: &mut Gen, most: u32) -> Vec<u32> {
    let count = 1 + g.below(most);
    g.some(count, PARAMS.host_cache_lines)
}

/// Pending bits, all or some, and what tells of the store and of errors.
pub fn look(g: &mut Gen) -> Vec<Act> {
    let all = PARAMS.num_host_slots / 32;
    let (first, words) = if g.one_in(4) { (0, all) } else { (g.below(all - 8), 8) };
    vec![
        g.read(4, regs::WIN_HOST_PENDING_OFFSET + 4 * first, words, (0xf, 0xf)),
        g.read(0, regs::HS_BASE_LO, 8, (0xf, 0xf)),
        g.read(0, regs::IRQ_ERR, 4, (0xf, 0xf)),
        g.cfg(0x04),
        g.cfg(0x58),
        Act::Quiet(CALM),
    ]
}

/// A command of the host store.
pub fn invalidate(g: &mut Gen, acts: &mut Vec<Act>, index: u32, order: u32) {
    let notify = u32::from(g.one_in(2)) << 30;
    acts.push(g.set(0, regs::HS_CMD, &[1 << 31 | notify | order << 20 | index]));
    acts.push(Act::Quiet(LONG));
}

/// Enable of translation; the unit beside it.
pub fn enable(g: &mut Gen, on: bool) -> Act {
    let unit = g.below(32) << 16;
    g.set_cfg(CONTROL, 0xc, u32::from(on) << 31 | unit)
}
