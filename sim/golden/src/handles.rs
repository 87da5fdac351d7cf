// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Interrupt handles: names of interrupts that descriptors may ask for.
//!
//! [Data sheet section 13.] The table, the command register that fills and empties
//! it, and the permission rule that handles share with IMS slots.

use crate::regs::{ih_cmd, ih_perm, ih_status, ih_target};
use tlp::{Store, Tick};

/// Ticks that a command takes.
const COMMAND_TICKS: Tick = 24;

/// Result codes of `ih_status`.
const OK: u32 = 0;
const INDEX_INVALID: u32 = 0x41;
const NONE_FREE: u32 = 0x42;
const NOT_VALID: u32 = 0x43;

/// A control word's permission bits: ignore, PASID enable, PASID.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Permission(pub(crate) u32);

impl Permission {
    /// Whether a requester with this PASID, or without one, may use the interrupt.
    pub(crate) fn allows(self, pasid: Option<u32>) -> bool {
        let wanted = (self.0 & ih_perm::PASID_EN_MASK != 0).then_some(self.0 >> ih_perm::PASID_LSB);
        self.0 & ih_perm::IGNORE_MASK != 0 || wanted == pasid
    }
}

/// What a handle stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Handle {
    pub(crate) store: Store,
    pub(crate) index: u32,
    /// For the stores whose entries carry none.
    pub(crate) permission: Permission,
}

/// What a command does when its time has come.
#[derive(Clone, Copy, Debug)]
enum Action {
    Request,
    Release(u32),
    RevokeAll,
}

/// The table and its registers.
#[derive(Clone, Debug)]
pub(crate) struct Handles {
    table: Vec<Option<Handle>>,
    last: usize,
    pub(crate) target: u32,
    pub(crate) permission: u32,
    command: Option<(Action, Tick)>,
    command_error: bool,
    result: u32,
    given: u32,
}

/// Sizes that a target's index is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) msix: u32,
    pub(crate) device: u32,
    /// Slots of the host store in use; 0 while it is disabled.
    pub(crate) host: u32,
}

impl Handles {
    pub(crate) fn new(size: u32) -> Self {
        Self {
            table: vec![None; size as usize],
            last: size as usize - 1,
            target: 0,
            permission: 0,
            command: None,
            command_error: false,
            result: OK,
            given: 0,
        }
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.table.len() as u32);
    }

    /// What a handle stands for, if it is valid.
    pub(crate) fn get(&self, handle: u32) -> Option<Handle> {
        *self.table.get(handle as usize)?
    }

    pub(crate) fn status(&self) -> u32 {
        u32::from(self.command.is_some()) << ih_status::BUSY_LSB
            | u32::from(self.command_error) << ih_status::CMD_ERROR_LSB
            | self.result << ih_status::RESULT_LSB
            | self.given << ih_status::HANDLE_LSB
    }

    /// A write to `ih_status`.
    pub(crate) fn clear(&mut self, bits: u32) {
        self.command_error &= bits & ih_status::CMD_ERROR_MASK == 0;
    }

    /// A write to `ih_cmd`.
    pub(crate) fn start(&mut self, t: Tick, bits: u32) {
        let action = match (bits & ih_cmd::OP_MASK) >> ih_cmd::OP_LSB {
            1 => Action::Request,
            2 => Action::Release(bits & ih_cmd::HANDLE_MASK),
            3 => Action::RevokeAll,
            _ => return,
        };
        if self.command.is_some() {
            self.command_error = true;
        } else {
            self.command = Some((action, t + COMMAND_TICKS));
        }
    }

    /// When the command under way ends.
    pub(crate) fn next_due(&self) -> Tick {
        self.command.map_or(Tick::MAX, |(_, due)| due)
    }

    /// Ends the command that is due; whether all handles were revoked.
    ///
    /// `keep`: nothing is taken out of the table (a quirk).
    pub(crate) fn step(&mut self, t: Tick, limits: Limits, keep: bool) -> bool {
        let Some((action, _)) = self.command.take_if(|(_, due)| *due <= t) else { return false };
        match action {
            Action::Request => self.request(limits),
            Action::Release(handle) => {
                let slot = self.table.get_mut(handle as usize);
                let was = slot.and_then(|slot| if keep { *slot } else { slot.take() });
                self.result = if was.is_some() { OK } else { NOT_VALID };
            }
            Action::RevokeAll => {
                if !keep {
                    self.table.fill(None);
                }
                self.result = OK;
                return true;
            }
        }
        false
    }

    fn request(&mut self, limits: Limits) {
        let index = self.target & ih_target::INDEX_MASK;
        let store = Store::from_code((self.target & ih_target::STORE_MASK) >> ih_target::STORE_LSB);
        let valid = store.filter(|store| {
            index
                < match store {
                    Store::Msix => limits.msix,
                    Store::Device => limits.device,
                    Store::Host => limits.host,
                    // An event has no place where a message is kept.
                    Store::Event => 0,
                }
        });
        let Some(store) = valid else {
            self.result = INDEX_INVALID;
            return;
        };
        let size = self.table.len();
        let free = (1..=size).map(|i| (self.last + i) % size).find(|&i| self.table[i].is_none());
        let Some(free) = free else {
            self.result = NONE_FREE;
            return;
        };
        self.table[free] = Some(Handle { store, index, permission: Permission(self.permission) });
        (self.last, self.given, self.result) = (free, free as u32, OK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { msix: 8, device: 8, host: 0 };

    fn request(handles: &mut Handles, target: u32) -> (u32, u32) {
        handles.target = target;
        handles.start(0, 1 << 16);
        handles.step(COMMAND_TICKS, LIMITS, false);
        (handles.result, handles.given)
    }

    #[test]
    fn a_released_handle_is_not_given_again_at_once() {
        let mut handles = Handles::new(64);
        assert_eq!(request(&mut handles, 3), (OK, 0));
        assert_eq!(request(&mut handles, 4), (OK, 1));
        handles.start(0, 2 << 16);
        handles.step(COMMAND_TICKS, LIMITS, false);
        assert_eq!(handles.get(0), None);
        assert_eq!(request(&mut handles, 5), (OK, 2));
        for k in 3..64 {
            assert_eq!(request(&mut handles, 5), (OK, k));
        }
        assert_eq!(request(&mut handles, 5), (OK, 0));
        assert_eq!(request(&mut handles, 5), (NONE_FREE, 0));
    }

    #[test]
    fn an_index_outside_its_store_is_refused() {
        let mut handles = Handles::new(64);
        for target in [8, 1 << 20 | 8, 2 << 20, 3 << 20] {
            assert_eq!(request(&mut handles, target).0, INDEX_INVALID);
        }
        handles.start(0, 2 << 16 | 5);
        handles.step(COMMAND_TICKS, LIMITS, false);
        assert_eq!(handles.result, NOT_VALID);
    }

    #[test]
    fn permission_compares_the_requester() {
        let any = Permission(4);
        let none = Permission(0);
        let one = Permission(0x12345 << 12 | 8);
        for pasid in [None, Some(0x12345), Some(1)] {
            assert!(any.allows(pasid));
        }
        assert!(none.allows(None) && !none.allows(Some(0)));
        assert!(one.allows(Some(0x12345)) && !one.allows(Some(0x12344)) && !one.allows(None));
    }
}
