// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The words of headers, bit by bit [PCIe Base 2.2.1, 2.2.4–2.2.9].

use bitfield_struct::bitfield;

/// Header word 0, common to every packet [PCIe Base 2.2.1].
#[bitfield(u32)]
#[derive(PartialEq, Eq)]
pub struct Word0 {
    /// Length in double words, 0 coding 1024.
    #[bits(10)]
    pub length: u16,
    /// Address type: 0 untranslated, 1 translation request, 2 translated.
    #[bits(2)]
    pub at: u8,
    /// Attr\[0\]: no snoop.
    pub no_snoop: bool,
    /// Attr\[1\]: relaxed ordering.
    pub relaxed: bool,
    /// EP: the payload is poisoned.
    pub poisoned: bool,
    /// TD: a digest word follows the payload.
    pub digest: bool,
    /// TH: processing hints are present.
    pub hint: bool,
    /// LN: lightweight notification (deprecated).
    pub notify: bool,
    /// Attr\[2\]: id-based ordering.
    pub id_order: bool,
    /// Tag\[8\].
    #[bits(1)]
    pub tag8: u8,
    /// Traffic class.
    #[bits(3)]
    pub tc: u8,
    /// Tag\[9\].
    #[bits(1)]
    pub tag9: u8,
    /// Type.
    #[bits(5)]
    pub ty: u8,
    /// Fmt: bit 0 four header words, bit 1 data follow, bit 2 prefix.
    #[bits(3)]
    pub fmt: u8,
}

/// Word 1 of memory, IO, atomic and configuration requests.
#[bitfield(u32)]
#[derive(PartialEq, Eq)]
pub(super) struct RequestWord1 {
    #[bits(4)]
    pub first_be: u8,
    #[bits(4)]
    pub last_be: u8,
    pub tag: u8,
    pub requester: u16,
}

/// Word 2 of configuration requests [PCIe Base 2.2.7.2].
#[bitfield(u32)]
#[derive(PartialEq, Eq)]
pub(super) struct ConfigWord2 {
    #[bits(2)]
    __: u8,
    /// Double word number within the 4 KiB of the function: {ext, register}.
    #[bits(10)]
    pub register: u16,
    #[bits(4)]
    __: u8,
    pub target: u16,
}

/// Word 1 of completions [PCIe Base 2.2.9].
#[bitfield(u32)]
#[derive(PartialEq, Eq)]
pub(super) struct CompletionWord1 {
    #[bits(12)]
    pub byte_count: u16,
    pub bcm: bool,
    #[bits(3)]
    pub status: u8,
    pub completer: u16,
}

/// Word 2 of completions.
#[bitfield(u32)]
#[derive(PartialEq, Eq)]
pub(super) struct CompletionWord2 {
    #[bits(7)]
    pub lower_address: u8,
    __: bool,
    pub tag: u8,
    pub requester: u16,
}

/// Word 1 of messages [PCIe Base 2.2.8].
#[bitfield(u32)]
#[derive(PartialEq, Eq)]
pub(super) struct MessageWord1 {
    pub code: u8,
    pub tag: u8,
    pub requester: u16,
}
