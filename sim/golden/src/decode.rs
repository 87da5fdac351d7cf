// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reading of received headers, from the specification's figures.
//!
//! [PCIe Base 2.2.1 to 2.2.9; data sheet section 4, rows 1 and 2.]

use tlp::Packet;

/// What a packet is, once its Fmt and Type are known to be defined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    MemRead,
    MemReadLocked,
    MemWrite,
    IoRead,
    IoWrite,
    CfgRead {
        type1: bool,
    },
    CfgWrite {
        type1: bool,
    },
    Atomic,
    DeferrableWrite,
    Message {
        routing: u8,
        code: u8,
    },
    Completion,
    /// Answer to a locked read, which this device never sends.
    LockedCompletion,
}

impl Kind {
    /// Whether the packet spends non-posted credits [PCIe Base 2.6.1].
    pub(crate) fn non_posted(self) -> bool {
        !matches!(self, Kind::MemWrite | Kind::Message { .. } | Kind::Completion | Kind::LockedCompletion)
    }

    /// Whether byte 7 holds byte enables; AtomicOps have none.
    fn has_byte_enables(self) -> bool {
        self.non_posted() && self != Kind::Atomic || self == Kind::MemWrite
    }

    /// Memory requests of all kinds [PCIe Base 2.2.10.2].
    fn may_have_pasid(self) -> bool {
        self.bound_to_page() || self == Kind::Atomic
    }

    /// Whether the request must stay within 4 KiB.
    fn bound_to_page(self) -> bool {
        matches!(self, Kind::MemRead | Kind::MemReadLocked | Kind::MemWrite | Kind::DeferrableWrite)
    }
}

/// A received header, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    /// Traffic class, 3 bits.
    pub(crate) tc: u32,
    /// Attributes {IDO, RO, NS}.
    pub(crate) attr: u32,
    /// Address type, 2 bits.
    pub(crate) at: u32,
    /// TLP processing hints present.
    pub(crate) th: bool,
    /// Poisoned.
    pub(crate) ep: bool,
    /// Double words of payload or asked for, 1 to 1024.
    pub(crate) words: u32,
    /// Tag with its two high bits.
    pub(crate) tag: u32,
    /// Requester of a request.
    pub(crate) requester: u16,
    /// First byte enables; implied ones where TH says so.
    pub(crate) first_be: u32,
    /// Last byte enables, likewise.
    pub(crate) last_be: u32,
    /// Byte address, multiple of 4 (memory and IO).
    pub(crate) address: u64,
    /// Header words as received, for what only one kind of packet has.
    raw: [u32; 4],
}

/// Fields of a completion that only a completion has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CompletionFields {
    /// Completion status, 3 bits.
    pub(crate) status: u32,
    /// Bytes left including this packet, 1 to 4096.
    pub(crate) byte_count: u32,
    /// Requester to whom it goes.
    pub(crate) requester: u16,
    /// Low seven bits of the first byte's address.
    pub(crate) lower_address: u32,
    /// Whether the header says that data follow.
    pub(crate) has_data: bool,
}

/// A packet that breaks the rules of its own format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Malformed;

impl Header {
    /// Target function of a configuration request, 0 to 7.
    pub(crate) fn cfg_function(&self) -> u32 {
        self.raw[2] >> 16 & 7
    }

    /// Target bus and device of a configuration request, function 0.
    pub(crate) fn cfg_id(&self) -> u16 {
        (self.raw[2] >> 16) as u16 & !7
    }

    /// Target device and function of a configuration request, 8 bits.
    pub(crate) fn cfg_low(&self) -> u16 {
        (self.raw[2] >> 16) as u16 & 0xff
    }

    /// Id to which a message is routed.
    pub(crate) fn target_id(&self) -> u16 {
        (self.raw[2] >> 16) as u16
    }

    /// Byte offset of a configuration request's register, 0 to 0xffc.
    pub(crate) fn cfg_offset(&self) -> u32 {
        self.raw[2] & 0xffc
    }

    /// The fields of a completion.
    pub(crate) fn completion(&self) -> CompletionFields {
        let [w0, w1, w2, _] = self.raw;
        CompletionFields {
            status: w1 >> 13 & 7,
            byte_count: if w1 & 0xfff == 0 { 4096 } else { w1 & 0xfff },
            requester: (w2 >> 16) as u16,
            lower_address: w2 & 0x7f,
            has_data: w0 >> 30 & 1 != 0,
        }
    }
}

/// What the Fmt and Type of a first header word say; `None` where they are reserved.
fn kind_of(w0: u32, w1: u32) -> Option<Kind> {
    let (fmt, typ) = (w0 >> 29, w0 >> 24 & 0x1f);
    if fmt > 3 {
        return None;
    }
    let (four_words, with_data) = (fmt & 1 != 0, fmt & 2 != 0);
    Some(match (typ, with_data, four_words) {
        (0b00000, false, _) => Kind::MemRead,
        (0b00000, true, _) => Kind::MemWrite,
        (0b00001, false, _) => Kind::MemReadLocked,
        (0b00010, false, false) => Kind::IoRead,
        (0b00010, true, false) => Kind::IoWrite,
        (0b00100 | 0b00101, false, false) => Kind::CfgRead { type1: typ & 1 != 0 },
        (0b00100 | 0b00101, true, false) => Kind::CfgWrite { type1: typ & 1 != 0 },
        (0b01010, _, false) => Kind::Completion,
        (0b01011, _, false) => Kind::LockedCompletion,
        (0b01100..=0b01110, true, _) => Kind::Atomic,
        (0b11011, true, _) => Kind::DeferrableWrite,
        (0b10000..=0b10111, _, true) => Kind::Message { routing: (typ & 7) as u8, code: w1 as u8 },
        _ => return None,
    })
}

/// Whether a packet has spent a non-posted credit: its type alone decides, also
/// where the packet is malformed otherwise.
pub(crate) fn spends_non_posted(packet: &Packet) -> bool {
    kind_of(packet.header[0], packet.header[1]).is_some_and(Kind::non_posted)
}

/// Reads a packet's header and applies the format checks of rows 1 and 2.
///
/// `max_payload_bytes` is the receiver's own Max_Payload_Size.
pub(crate) fn decode(packet: &Packet, max_payload_bytes: u32) -> Result<Header, Malformed> {
    let [w0, w1, w2, w3] = packet.header;
    let kind = kind_of(w0, w1).ok_or(Malformed)?;
    // One PASID, on memory requests; it is not looked at.
    if packet.prefix.is_some_and(|prefix| prefix >> 24 != 0x91 || !kind.may_have_pasid()) {
        return Err(Malformed);
    }
    let (four_words, with_data) = (w0 >> 29 & 1 != 0, w0 >> 30 & 1 != 0);
    let words = if w0 & 0x3ff == 0 { 1024 } else { w0 & 0x3ff };
    let digest = w0 >> 15 & 1;
    let expected = if with_data { words } else { 0 } + digest;
    if packet.data.len() != expected as usize {
        return Err(Malformed);
    }

    let mut header = Header {
        kind,
        tc: w0 >> 20 & 7,
        attr: (w0 >> 18 & 1) << 2 | (w0 >> 12 & 3),
        at: w0 >> 10 & 3,
        th: w0 >> 16 & 1 != 0,
        ep: w0 >> 14 & 1 != 0,
        words,
        tag: (w0 >> 23 & 1) << 9 | (w0 >> 19 & 1) << 8 | (w1 >> 8 & 0xff),
        requester: (w1 >> 16) as u16,
        first_be: w1 & 0xf,
        last_be: w1 >> 4 & 0xf,
        address: if four_words { u64::from(w2) << 32 | u64::from(w3 & !3) } else { u64::from(w2 & !3) },
        raw: packet.header,
    };
    if kind == Kind::Completion {
        header.tag = (w0 >> 23 & 1) << 9 | (w0 >> 19 & 1) << 8 | (w2 >> 8 & 0xff);
    }
    // With hints a read has no room for byte enables: byte 7 is a steering tag [2.2.7.1].
    if kind == Kind::MemRead && header.th {
        header.first_be = 0xf;
        header.last_be = if words == 1 { 0 } else { 0xf };
    }
    check(&header, with_data, max_payload_bytes).map(|()| header)
}

/// Row 2: fields that contradict each other.
fn check(h: &Header, with_data: bool, max_payload_bytes: u32) -> Result<(), Malformed> {
    let plain_only = matches!(h.kind, Kind::CfgRead { .. } | Kind::CfgWrite { .. } | Kind::IoRead | Kind::IoWrite);
    let bad = plain_only && (h.words != 1 || h.tc != 0 || h.attr != 0 || h.at != 0 || h.last_be != 0)
        || h.kind.has_byte_enables() && h.words == 1 && h.last_be != 0
        || h.kind.has_byte_enables() && h.words > 1 && (h.first_be == 0 || h.last_be == 0)
        || h.kind.bound_to_page() && (h.address & 0xfff) as u32 + 4 * h.words > 0x1000
        || with_data && 4 * h.words > max_payload_bytes
        || matches!(h.kind, Kind::Message { routing, code } if !may_arrive(routing, code, h.tc))
        || h.kind == Kind::Atomic && !operands(h.raw[0] >> 24 & 0x1f).contains(&h.words)
        || with_data && h.words != 2 && matches!(h.kind, Kind::Message { routing: 2, code: 0x01 });
    if bad { Err(Malformed) } else { Ok(()) }
}

/// Lengths, in words, that an AtomicOp of this Type may have [table 2-10].
fn operands(typ: u32) -> &'static [u32] {
    const COMPARE_AND_SWAP: u32 = 0b01110;
    if typ == COMPARE_AND_SWAP { &[2, 4, 8] } else { &[1, 2] }
}

/// Whether a message's routing and traffic class are ones that its code may have [2.2.8].
/// Of codes that are not listed both are free, reserved routings apart.
fn may_arrive(routing: u8, code: u8, tc: u32) -> bool {
    const LISTED: [(std::ops::RangeInclusive<u8>, u8); 9] = [
        (0x00..=0x00, 3),
        (0x14..=0x14, 4),
        (0x18..=0x18, 0),
        (0x19..=0x19, 3),
        (0x1b..=0x1b, 5),
        (0x20..=0x27, 4),
        (0x30..=0x31, 0),
        (0x33..=0x33, 0),
        (0x50..=0x50, 4),
    ];
    match LISTED.iter().find(|(codes, _)| codes.contains(&code)) {
        Some((_, only)) => routing == *only && tc == 0,
        None => routing < 6,
    }
}

/// Bytes that a memory read asks for, 1 to 4096 [PCIe Base table 2-38].
pub(crate) fn byte_count(words: u32, first_be: u32, last_be: u32) -> u32 {
    if words == 1 {
        return match (first_be & 0xf).checked_ilog2() {
            None => 1,
            Some(highest) => highest + 1 - first_be.trailing_zeros(),
        };
    }
    let trailing_off = (last_be << 28).leading_zeros();
    4 * words - first_be.trailing_zeros() - trailing_off
}

/// Offset of the first enabled byte in its word; 0 when there is none [table 2-39].
pub(crate) fn first_byte(first_be: u32) -> u32 {
    if first_be & 0xf == 0 { 0 } else { first_be.trailing_zeros() }
}
