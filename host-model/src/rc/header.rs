// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Packet headers as the host reads and writes them.
//!
//! Word 0 holds the first byte on the wire in bits 31:24, so the bit numbers here
//! are those of the four header bytes read as one big-endian word
//! [PCIe Base 2.2.1, 2.2.4–2.2.9]. Lengths are in double words (1..=1024) once
//! parsed; the coded 0 never leaves this file.

mod kind;
#[cfg(test)]
mod tests;
mod words;

pub use kind::{Attributes, Class, Kind, Status};
pub use words::Word0;

use tlp::{Bdf, Packet};
use words::{CompletionWord1, CompletionWord2, ConfigWord2, MessageWord1, RequestWord1};

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
