// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Entries that hold messages on the device, and the error record.
//!
//! One shape serves the MSI-X table and the device slots; they differ in the
//! control bits that can be written [data sheet section 5].

use crate::bits::BitTree;
use crate::regs::irq_err;
use tlp::Store;

/// Mask bit of an entry's or slot's control word.
pub(crate) const MASK: u32 = 1;
/// Pending bit of a slot's control word.
pub(crate) const PENDING: u32 = 1 << 1;
/// Writable control bits of an MSI-X entry.
pub(crate) const MSIX_CONTROL: u32 = MASK;
/// Writable control bits of an IMS slot: mask, ignore, PASID enable, PASID.
pub(crate) const IMS_CONTROL: u32 = 0xffff_f00d;

/// Message and control of one source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) address: u64,
    pub(crate) data: u32,
    pub(crate) control: u32,
    /// Address before the last rewrite (for a quirk).
    pub(crate) old_address: u64,
}

const RESET_ENTRY: Entry = Entry { address: 0, data: 0, control: MASK, old_address: 0 };

/// A store on the device with its pending bits.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    entries: Vec<Entry>,
    control_writable: u32,
    pub(crate) pending: BitTree,
    /// Pending and not masked.
    pub(crate) ready: BitTree,
    /// Where round robin goes on.
    pub(crate) cursor: usize,
}

impl Table {
    pub(crate) fn new(entries: u32, control_writable: u32) -> Self {
        let count = entries as usize;
        Self {
            entries: vec![RESET_ENTRY; count],
            control_writable,
            pending: BitTree::new(count),
            ready: BitTree::new(count),
            cursor: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn entry(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    pub(crate) fn entry_mut(&mut self, index: usize) -> Option<&mut Entry> {
        self.entries.get_mut(index)
    }

    /// One half of an entry: 0 the address, 1 {control, data}; 0 in a hole.
    pub(crate) fn read(&self, index: usize, half: u32) -> u64 {
        match self.entries.get(index) {
            None => 0,
            Some(entry) if half == 0 => entry.address,
            Some(entry) => {
                let pending = self.control_writable == IMS_CONTROL && self.pending.get(index);
                let control = entry.control | if pending { PENDING } else { 0 };
                u64::from(control) << 32 | u64::from(entry.data)
            }
        }
    }

    /// Writes the bits of `mask` in one half of an entry, in one access.
    pub(crate) fn write(&mut self, index: usize, half: u32, value: u64, mask: u64) {
        let control_writable = self.control_writable;
        let Some(entry) = self.entries.get_mut(index) else { return };
        if half == 0 {
            let mask = mask & !3;
            if mask != 0 {
                entry.old_address = entry.address;
            }
            entry.address = entry.address & !mask | value & mask;
        } else {
            let merge = |old: u32, new: u64, mask: u64| old & !(mask as u32) | new as u32 & mask as u32;
            entry.data = merge(entry.data, value, mask);
            entry.control = merge(entry.control, value >> 32, mask >> 32 & u64::from(control_writable));
        }
        self.refresh(index);
    }

    pub(crate) fn masked(&self, index: usize) -> bool {
        self.entries.get(index).is_none_or(|e| e.control & MASK != 0)
    }

    pub(crate) fn set_pending(&mut self, index: usize, pending: bool) {
        self.pending.set(index, pending);
        self.refresh(index);
    }

    fn refresh(&mut self, index: usize) {
        let ready = self.pending.get(index) && !self.masked(index);
        self.ready.set(index, ready);
    }

    /// Entries masked and 0, nothing pending.
    pub(crate) fn reset(&mut self) {
        self.entries.fill(RESET_ENTRY);
        self.pending.clear();
        self.ready.clear();
        self.cursor = 0;
    }
}

/// What can go wrong with a source; the number is `irq_err.code`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum IrqError {
    IndexOutOfRange = 1,
    StoreDisabled = 2,
    FetchUnsupported = 3,
    FetchAborted = 4,
    FetchPoisoned = 5,
    FetchTimedOut = 6,
    FetchWrong = 7,
    AddressZero = 8,
    HandleInvalid = 9,
    Refused = 10,
    DoorbellDropped = 11,
    FunctionAbsent = 12,
    TranslationRefused = 13,
    TooManyInvalidates = 14,
}

/// The registers `irq_err` and `irq_err_count`.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct ErrorRecord {
    word: u32,
    pub(crate) count: u32,
}

impl ErrorRecord {
    pub(crate) fn note(&mut self, error: IrqError, store: Store, index: u32) {
        self.note_code(error, store.code(), index);
    }

    /// As [`note`](Self::note) with the store's code, 3 being the interrupt handles.
    pub(crate) fn note_code(&mut self, error: IrqError, store: u32, index: u32) {
        self.count = self.count.wrapping_add(1);
        if self.word & irq_err::VALID_MASK != 0 {
            self.word |= irq_err::OVERFLOW_MASK;
        } else {
            self.word = irq_err::VALID_MASK
                | (error as u32) << irq_err::CODE_LSB
                | store << irq_err::STORE_LSB
                | index << irq_err::INDEX_LSB;
        }
    }

    pub(crate) fn read(&self) -> u32 {
        self.word
    }

    /// `bits` are the enabled ones of a write.
    pub(crate) fn write(&mut self, bits: u32) {
        if bits & irq_err::VALID_MASK != 0 {
            self.word &= !(irq_err::VALID_MASK | irq_err::OVERFLOW_MASK);
        }
    }
}
