// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Packet headers as the host reads and writes them.
//!
//! Word 0 holds the first byte on the wire in bits 31:24, so the bit numbers here
//! are those of the four header bytes read as one big-endian word
//! [PCIe Base 2.2.1, 2.2.4–2.2.9]. Lengths are in double words (1..=1024) once
//! parsed; the coded 0 never leaves this file.

use bitfield_struct::bitfield;
use tlp::{Bdf, Packet};

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
struct RequestWord1 {
    #[bits(4)]
    first_be: u8,
    #[bits(4)]
    last_be: u8,
    tag: u8,
    requester: u16,
}

/// Word 2 of configuration requests [PCIe Base 2.2.7.2].
#[bitfield(u32)]
#[derive(PartialEq, Eq)]
struct ConfigWord2 {
    #[bits(2)]
    __: u8,
    /// Double word number within the 4 KiB of the function: {ext, register}.
    #[bits(10)]
    register: u16,
    #[bits(4)]
    __: u8,
    target: u16,
}

/// Word 1 of completions [PCIe Base 2.2.9].
#[bitfield(u32)]
#[derive(PartialEq, Eq)]
struct CompletionWord1 {
    #[bits(12)]
    byte_count: u16,
    bcm: bool,
    #[bits(3)]
    status: u8,
    completer: u16,
}

/// Word 2 of completions.
#[bitfield(u32)]
#[derive(PartialEq, Eq)]
struct CompletionWord2 {
    #[bits(7)]
    lower_address: u8,
    __: bool,
    tag: u8,
    requester: u16,
}

/// Word 1 of messages [PCIe Base 2.2.8].
#[bitfield(u32)]
#[derive(PartialEq, Eq)]
struct MessageWord1 {
    code: u8,
    tag: u8,
    requester: u16,
}

/// The three attribute bits of a packet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Attributes {
    /// Relaxed ordering.
    pub relaxed: bool,
    /// No snoop.
    pub no_snoop: bool,
    /// Id-based ordering.
    pub id_order: bool,
}

/// What a packet asks for or answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// MRd.
    MemRead,
    /// MRdLk.
    MemReadLocked,
    /// MWr.
    MemWrite,
    /// IORd.
    IoRead,
    /// IOWr.
    IoWrite,
    /// CfgRd0 or, with the flag, CfgRd1.
    ConfigRead {
        /// Type 1: to be forwarded by a bridge.
        type1: bool,
    },
    /// CfgWr0 or, with the flag, CfgWr1.
    ConfigWrite {
        /// Type 1: to be forwarded by a bridge.
        type1: bool,
    },
    /// Msg or MsgD.
    Message {
        /// The three routing bits.
        routing: u8,
    },
    /// Cpl or CplD; CplLk or CplDLk with the flag.
    Completion {
        /// Answers a locked read.
        locked: bool,
    },
    /// FetchAdd, Swap or CAS.
    Atomic {
        /// Type bits 1:0: 0 FetchAdd, 1 Swap, 2 CAS.
        op: u8,
    },
    /// Deferrable memory write.
    DeferrableWrite,
}

/// Class of a packet for ordering and credits [PCIe Base 2.4.1, 2.6.1].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// Memory writes and messages.
    Posted,
    /// Requests that are answered by a completion.
    NonPosted,
    /// Completions.
    Completion,
}

impl Kind {
    /// The class that ordering and flow control put this packet into.
    pub const fn class(self) -> Class {
        match self {
            Kind::MemWrite | Kind::Message { .. } => Class::Posted,
            Kind::Completion { .. } => Class::Completion,
            _ => Class::NonPosted,
        }
    }

    /// Type bits and whether Fmt\[1\] (data) is legal clear and set.
    const fn code(self) -> (u8, bool, bool) {
        match self {
            Kind::MemRead => (0b0_0000, true, false),
            Kind::MemWrite => (0b0_0000, false, true),
            Kind::MemReadLocked => (0b0_0001, true, false),
            Kind::IoRead => (0b0_0010, true, false),
            Kind::IoWrite => (0b0_0010, false, true),
            Kind::ConfigRead { type1: false } => (0b0_0100, true, false),
            Kind::ConfigRead { type1: true } => (0b0_0101, true, false),
            Kind::ConfigWrite { type1: false } => (0b0_0100, false, true),
            Kind::ConfigWrite { type1: true } => (0b0_0101, false, true),
            Kind::Message { routing } => (0b1_0000 | routing & 7, true, true),
            Kind::Completion { locked: false } => (0b0_1010, true, true),
            Kind::Completion { locked: true } => (0b0_1011, true, true),
            Kind::Atomic { op } => (0b0_1100 | op & 3, false, true),
            Kind::DeferrableWrite => (0b1_1011, false, true),
        }
    }

    /// The kind of Fmt and Type, or `None` for reserved and prefix codes.
    pub const fn from_bits(fmt: u8, ty: u8) -> Option<Self> {
        let four = fmt & 1 == 1;
        let data = fmt & 2 == 2;
        if fmt > 3 {
            return None;
        }
        Some(match (ty, data, four) {
            (0b0_0000, false, _) => Kind::MemRead,
            (0b0_0000, true, _) => Kind::MemWrite,
            (0b0_0001, false, _) => Kind::MemReadLocked,
            (0b0_0010, false, false) => Kind::IoRead,
            (0b0_0010, true, false) => Kind::IoWrite,
            (0b0_0100, false, false) => Kind::ConfigRead { type1: false },
            (0b0_0100, true, false) => Kind::ConfigWrite { type1: false },
            (0b0_0101, false, false) => Kind::ConfigRead { type1: true },
            (0b0_0101, true, false) => Kind::ConfigWrite { type1: true },
            (0b0_1010, _, false) => Kind::Completion { locked: false },
            (0b0_1011, _, false) => Kind::Completion { locked: true },
            (0b0_1100..=0b0_1110, true, _) => Kind::Atomic { op: ty & 3 },
            (0b1_1011, true, _) => Kind::DeferrableWrite,
            (0b1_0000..=0b1_0111, _, true) => Kind::Message { routing: ty & 7 },
            _ => return None,
        })
    }
}

/// Completion status [PCIe Base 2.2.9].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// 000: successful.
    Success,
    /// 001: unsupported request.
    UnsupportedRequest,
    /// 010: configuration request retry.
    ConfigRetry,
    /// 100: completer abort.
    CompleterAbort,
    /// Any other code; handled as an unsupported request.
    Reserved(u8),
}

impl Status {
    /// The status of a three-bit code.
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 7 {
            0 => Status::Success,
            1 => Status::UnsupportedRequest,
            2 => Status::ConfigRetry,
            4 => Status::CompleterAbort,
            other => Status::Reserved(other),
        }
    }

    /// The three-bit code.
    pub const fn bits(self) -> u8 {
        match self {
            Status::Success => 0,
            Status::UnsupportedRequest => 1,
            Status::ConfigRetry => 2,
            Status::CompleterAbort => 4,
            Status::Reserved(code) => code & 7,
        }
    }
}

/// Fields behind word 0, by the shape that the kind of packet has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body {
    /// Memory, IO, atomic, deferrable write.
    Addressed {
        /// Requester id.
        requester: Bdf,
        /// Tag, 10 bits.
        tag: u16,
        /// Address of the first double word; bits 1:0 are zero.
        address: u64,
        /// Address bits 1:0 as received: the processing hint, else reserved.
        hint: u8,
        /// Byte enables of the first double word.
        first_be: u8,
        /// Byte enables of the last double word.
        last_be: u8,
    },
    /// Configuration requests.
    Config {
        /// Requester id.
        requester: Bdf,
        /// Tag, 10 bits.
        tag: u16,
        /// Function addressed.
        target: Bdf,
        /// Byte offset of the double word, 0..=0xffc.
        register: u16,
        /// Byte enables of the first double word.
        first_be: u8,
        /// Byte enables of the last double word; 0 in a legal request.
        last_be: u8,
    },
    /// Messages.
    Message {
        /// Requester id.
        requester: Bdf,
        /// Tag, 10 bits.
        tag: u16,
        /// Message code.
        code: u8,
        /// Words 2 and 3.
        rest: [u32; 2],
    },
    /// Completions.
    Completion {
        /// Who answers.
        completer: Bdf,
        /// Who asked.
        requester: Bdf,
        /// Tag, 10 bits.
        tag: u16,
        /// Status.
        status: Status,
        /// Byte Count Modified (PCI-X only; 0 on this link).
        bcm: bool,
        /// Bytes still owed with this completion included, 1..=4096.
        byte_count: u16,
        /// Lower address, 7 bits.
        lower_address: u8,
    },
}

/// A header with its fields taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// What it is.
    pub kind: Kind,
    /// Four header words instead of three.
    pub four_words: bool,
    /// Data follow the header.
    pub has_data: bool,
    /// Length in double words, 1..=1024 (meaningless without data except in reads).
    pub length: u16,
    /// Traffic class.
    pub tc: u8,
    /// Attributes.
    pub attr: Attributes,
    /// Address type, 2 bits.
    pub at: u8,
    /// Poisoned.
    pub poisoned: bool,
    /// A digest word follows the payload.
    pub digest: bool,
    /// Processing hints present.
    pub hint: bool,
    /// LN bit.
    pub notify: bool,
    /// The rest.
    pub body: Body,
}

/// A packet that is not a packet [PCIe Base 2.3: malformed].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, thiserror::Error)]
pub enum ParseError {
    /// Fmt and Type name nothing.
    #[error("reserved Fmt {fmt:#05b} / Type {ty:#07b}")]
    Reserved {
        /// Fmt, 3 bits.
        fmt: u8,
        /// Type, 5 bits.
        ty: u8,
    },
    /// Length field and words present disagree.
    #[error("{words} words follow the header, {expected} expected")]
    Length {
        /// Words behind the header.
        words: usize,
        /// Words that Fmt, Length and TD announce.
        expected: usize,
    },
}

impl Header {
    /// A header with everything optional zero and the legal Fmt for `kind` and `body`.
    ///
    /// `length` is in double words, 1..=1024; `data` selects Fmt\[1\]. Memory requests take
    /// four words when their address needs more than 32 bits [PCIe Base 2.2.4.1].
    pub fn new(kind: Kind, data: bool, length: u16, body: Body) -> Self {
        let four_words = match (kind, body) {
            (Kind::Message { .. }, _) => true,
            (_, Body::Addressed { address, .. }) => address >> 32 != 0,
            _ => false,
        };
        Self {
            kind,
            four_words,
            has_data: data,
            length,
            tc: 0,
            attr: Attributes::default(),
            at: 0,
            poisoned: false,
            digest: false,
            hint: false,
            notify: false,
            body,
        }
    }

    /// The tag, 10 bits.
    pub const fn tag(&self) -> u16 {
        match self.body {
            Body::Addressed { tag, .. }
            | Body::Config { tag, .. }
            | Body::Message { tag, .. }
            | Body::Completion { tag, .. } => tag,
        }
    }

    /// Requester id.
    pub const fn requester(&self) -> Bdf {
        match self.body {
            Body::Addressed { requester, .. }
            | Body::Config { requester, .. }
            | Body::Message { requester, .. }
            | Body::Completion { requester, .. } => requester,
        }
    }

    /// The four header words; word 3 is 0 in a three-word header.
    pub fn pack(&self) -> [u32; 4] {
        let (ty, ..) = self.kind.code();
        let tag = self.tag();
        let word0 = Word0::new()
            .with_length(self.length & 0x3ff)
            .with_at(self.at & 3)
            .with_no_snoop(self.attr.no_snoop)
            .with_relaxed(self.attr.relaxed)
            .with_poisoned(self.poisoned)
            .with_digest(self.digest)
            .with_hint(self.hint)
            .with_notify(self.notify)
            .with_id_order(self.attr.id_order)
            .with_tag8((tag >> 8 & 1) as u8)
            .with_tc(self.tc & 7)
            .with_tag9((tag >> 9 & 1) as u8)
            .with_ty(ty)
            .with_fmt(u8::from(self.has_data) << 1 | u8::from(self.four_words));
        let [w1, w2, w3] = match self.body {
            Body::Addressed { requester, tag, address, hint, first_be, last_be } => {
                let w1 = request_word1(requester, tag, first_be, last_be);
                let low = address as u32 & !3 | u32::from(hint & 3);
                if self.four_words { [w1, (address >> 32) as u32, low] } else { [w1, low, 0] }
            }
            Body::Config { requester, tag, target, register, first_be, last_be } => {
                let w2 = ConfigWord2::new().with_register(register >> 2 & 0x3ff).with_target(target.bits());
                [request_word1(requester, tag, first_be, last_be), w2.into_bits(), 0]
            }
            Body::Message { requester, tag, code, rest } => {
                let w1 = MessageWord1::new().with_code(code).with_tag(tag as u8).with_requester(requester.bits());
                [w1.into_bits(), rest[0], rest[1]]
            }
            Body::Completion { completer, requester, tag, status, bcm, byte_count, lower_address } => {
                let w1 = CompletionWord1::new()
                    .with_byte_count(byte_count & 0xfff)
                    .with_bcm(bcm)
                    .with_status(status.bits())
                    .with_completer(completer.bits());
                let w2 = CompletionWord2::new()
                    .with_lower_address(lower_address & 0x7f)
                    .with_tag(tag as u8)
                    .with_requester(requester.bits());
                [w1.into_bits(), w2.into_bits(), 0]
            }
        };
        [word0.into_bits(), w1, w2, w3]
    }

    /// A packet of this header and `data` words.
    pub fn packet(&self, data: impl IntoIterator<Item = u32>) -> Packet {
        Packet::with_data(self.pack(), data)
    }

    /// Takes header words apart; `None` when Fmt and Type are reserved.
    pub fn unpack(words: &[u32; 4]) -> Result<Self, ParseError> {
        let w0 = Word0::from_bits(words[0]);
        let (fmt, ty) = (w0.fmt(), w0.ty());
        let kind = Kind::from_bits(fmt, ty).ok_or(ParseError::Reserved { fmt, ty })?;
        let four_words = fmt & 1 == 1;
        let high_tag = u16::from(w0.tag9()) << 9 | u16::from(w0.tag8()) << 8;
        let body = match kind {
            Kind::Completion { .. } => {
                let w1 = CompletionWord1::from_bits(words[1]);
                let w2 = CompletionWord2::from_bits(words[2]);
                Body::Completion {
                    completer: Bdf::from_bits(w1.completer()),
                    requester: Bdf::from_bits(w2.requester()),
                    tag: high_tag | u16::from(w2.tag()),
                    status: Status::from_bits(w1.status()),
                    bcm: w1.bcm(),
                    byte_count: if w1.byte_count() == 0 { 4096 } else { w1.byte_count() },
                    lower_address: w2.lower_address(),
                }
            }
            Kind::Message { .. } => {
                let w1 = MessageWord1::from_bits(words[1]);
                Body::Message {
                    requester: Bdf::from_bits(w1.requester()),
                    tag: high_tag | u16::from(w1.tag()),
                    code: w1.code(),
                    rest: [words[2], words[3]],
                }
            }
            Kind::ConfigRead { .. } | Kind::ConfigWrite { .. } => {
                let w1 = RequestWord1::from_bits(words[1]);
                let w2 = ConfigWord2::from_bits(words[2]);
                Body::Config {
                    requester: Bdf::from_bits(w1.requester()),
                    tag: high_tag | u16::from(w1.tag()),
                    target: Bdf::from_bits(w2.target()),
                    register: w2.register() << 2,
                    first_be: w1.first_be(),
                    last_be: w1.last_be(),
                }
            }
            _ => {
                let w1 = RequestWord1::from_bits(words[1]);
                let (high, low) = if four_words { (words[2], words[3]) } else { (0, words[2]) };
                Body::Addressed {
                    requester: Bdf::from_bits(w1.requester()),
                    tag: high_tag | u16::from(w1.tag()),
                    address: u64::from(high) << 32 | u64::from(low & !3),
                    hint: low as u8 & 3,
                    first_be: w1.first_be(),
                    last_be: w1.last_be(),
                }
            }
        };
        Ok(Self {
            kind,
            four_words,
            has_data: fmt & 2 == 2,
            length: if w0.length() == 0 { 1024 } else { w0.length() },
            tc: w0.tc(),
            attr: Attributes { relaxed: w0.relaxed(), no_snoop: w0.no_snoop(), id_order: w0.id_order() },
            at: w0.at(),
            poisoned: w0.poisoned(),
            digest: w0.digest(),
            hint: w0.hint(),
            notify: w0.notify(),
            body,
        })
    }
}

fn request_word1(requester: Bdf, tag: u16, first_be: u8, last_be: u8) -> u32 {
    RequestWord1::new()
        .with_first_be(first_be & 0xf)
        .with_last_be(last_be & 0xf)
        .with_tag(tag as u8)
        .with_requester(requester.bits())
        .into_bits()
}

/// Header and payload of a packet, the digest taken off.
#[derive(Clone, Copy, Debug)]
pub struct Parsed<'a> {
    /// The header.
    pub header: Header,
    /// Payload words without the digest.
    pub payload: &'a [u32],
}

/// Takes a packet apart and checks that Length, TD and the words present agree.
pub fn parse(packet: &Packet) -> Result<Parsed<'_>, ParseError> {
    let header = Header::unpack(&packet.header)?;
    let payload = if header.has_data { usize::from(header.length) } else { 0 };
    let expected = payload + usize::from(header.digest);
    if packet.data.len() != expected {
        return Err(ParseError::Length { words: packet.data.len(), expected });
    }
    Ok(Parsed { header, payload: &packet.data[..payload] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bdf(bits: u16) -> Bdf {
        Bdf::from_bits(bits)
    }

    /// Header words worked out by hand from the tables of PCIe Base 2.2.
    fn known() -> Vec<(Header, [u32; 4])> {
        let mem = |address, first_be, last_be| Body::Addressed {
            requester: bdf(0x0100),
            tag: 0x25,
            address,
            hint: 0,
            first_be,
            last_be,
        };
        let config = |register| Body::Config {
            requester: bdf(0),
            tag: 3,
            target: bdf(0x0108),
            register,
            first_be: 0xf,
            last_be: 0,
        };
        let completion = |status, byte_count, lower_address| Body::Completion {
            completer: bdf(0x0100),
            requester: bdf(0x00f8),
            tag: 0x1a5,
            status,
            bcm: false,
            byte_count,
            lower_address,
        };
        let mut relaxed = Header::new(Kind::MemWrite, true, 1, mem(0xfee0_1000, 0xf, 0));
        relaxed.attr.relaxed = true;
        relaxed.tc = 5;
        vec![
            (Header::new(Kind::MemRead, false, 4, mem(0x1000, 0xf, 0xf)), [0x0000_0004, 0x0100_25ff, 0x1000, 0]),
            (
                Header::new(Kind::MemRead, false, 1024, mem(0x12_3456_7000, 0xf, 0xf)),
                [0x2000_0000, 0x0100_25ff, 0x12, 0x3456_7000],
            ),
            (
                Header::new(Kind::MemWrite, true, 1, mem(0xfee0_1000, 0xf, 0)),
                [0x4000_0001, 0x0100_250f, 0xfee0_1000, 0],
            ),
            (Header::new(Kind::MemWrite, true, 2, mem(0x1_0000_0000, 0xe, 0x3)), [0x6000_0002, 0x0100_253e, 1, 0]),
            (relaxed, [0x4050_2001, 0x0100_250f, 0xfee0_1000, 0]),
            (
                Header::new(Kind::ConfigRead { type1: false }, false, 1, config(0x104)),
                [0x0400_0001, 0x0000_030f, 0x0108_0104, 0],
            ),
            (
                Header::new(Kind::ConfigWrite { type1: true }, true, 1, config(0x04)),
                [0x4500_0001, 0x0000_030f, 0x0108_0004, 0],
            ),
            (Header::new(Kind::IoRead, false, 1, mem(0xcf8, 0xf, 0)), [0x0200_0001, 0x0100_250f, 0xcf8, 0]),
            (Header::new(Kind::IoWrite, true, 1, mem(0xcfc, 1, 0)), [0x4200_0001, 0x0100_2501, 0xcfc, 0]),
            (
                Header::new(Kind::Completion { locked: false }, true, 16, completion(Status::Success, 64, 0x40)),
                [0x4a08_0010, 0x0100_0040, 0x00f8_a540, 0],
            ),
            (
                Header::new(Kind::Completion { locked: false }, true, 1, completion(Status::Success, 4096, 0)),
                [0x4a08_0001, 0x0100_0000, 0x00f8_a500, 0],
            ),
            (
                Header::new(Kind::Completion { locked: false }, false, 1024, completion(Status::CompleterAbort, 4, 0)),
                [0x0a08_0000, 0x0100_8004, 0x00f8_a500, 0],
            ),
            (
                Header::new(
                    Kind::Message { routing: 3 },
                    false,
                    1024,
                    Body::Message { requester: bdf(0), tag: 0, code: 0x19, rest: [0, 0] },
                ),
                [0x3300_0000, 0x0000_0019, 0, 0],
            ),
            (
                Header::new(Kind::Atomic { op: 2 }, true, 4, mem(0x2000, 0xf, 0xf)),
                [0x4e00_0004, 0x0100_25ff, 0x2000, 0],
            ),
            (Header::new(Kind::DeferrableWrite, true, 1, mem(0x40, 0xf, 0)), [0x5b00_0001, 0x0100_250f, 0x40, 0]),
        ]
    }

    #[test]
    fn headers_pack_to_known_words() {
        for (header, words) in known() {
            assert_eq!(header.pack().map(|w| format!("{w:08x}")), words.map(|w| format!("{w:08x}")), "{header:?}");
        }
    }

    #[test]
    fn known_words_unpack_to_headers() {
        for (header, words) in known() {
            assert_eq!(Header::unpack(&words), Ok(header));
        }
    }

    #[test]
    fn every_fmt_and_type_is_reserved_or_keeps_its_kind() {
        let mut legal = 0;
        for code in 0..=u8::MAX {
            let (fmt, ty) = (code >> 5, code & 0x1f);
            let Some(kind) = Kind::from_bits(fmt, ty) else { continue };
            legal += 1;
            let (back, without, with) = kind.code();
            assert_eq!(back, ty);
            assert!(if fmt & 2 == 2 { with } else { without }, "{kind:?} with fmt {fmt}");
        }
        // MRd, MRdLk, MWr: 2 each; IO 2; Cfg 4; Cpl 4; atomics 6; DMWr 2; Msg 16.
        assert_eq!(legal, 40);
    }

    #[test]
    fn length_digest_and_words_must_agree() {
        let (header, words) = known()[2];
        assert_eq!(parse(&Packet::with_data(words, [7])).map(|p| (p.header, p.payload[0])), Ok((header, 7)));
        let two = Packet::with_data(words, [7, 8]);
        assert_eq!(parse(&two).map(|_| ()), Err(ParseError::Length { words: 2, expected: 1 }));
        let mut digest = two.clone();
        digest.header[0] |= 1 << 15;
        assert_eq!(parse(&digest).map(|p| p.payload.to_vec()), Ok(vec![7]));
        let data_on_read = Packet::with_data(known()[0].1, [1]);
        assert_eq!(parse(&data_on_read).map(|_| ()), Err(ParseError::Length { words: 1, expected: 0 }));
        let prefix = Packet::bare([0x9100_0000, 0, 0, 0]);
        assert_eq!(parse(&prefix).map(|_| ()), Err(ParseError::Reserved { fmt: 4, ty: 0x11 }));
    }
}
