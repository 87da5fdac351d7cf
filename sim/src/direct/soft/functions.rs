// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Virtual functions: who has them, and what their drivers have switched.

use super::{Function, Soft};
use vectors::op::{Op, Switch};

impl Soft {
    /// Rules of virtual functions.
    pub(super) fn virtual_functions(&mut self, op: &Op) -> Option<bool> {
        Some(match op {
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
                    return Some(false);
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
                    return Some(false);
                };
                *if matches!(op, Op::FunctionMask(_)) { &mut f.function_mask } else { &mut f.enable } = *on;
                self.noise();
                true
            }
            Op::BusMaster(Switch::Virtual { vf, on }) => {
                let reachable = self.reachable();
                let Some(f) = self.functions.get_mut(vf).filter(|_| reachable) else { return Some(false) };
                f.master = *on;
                self.noise();
                true
            }
            _ => return None,
        })
    }
}
