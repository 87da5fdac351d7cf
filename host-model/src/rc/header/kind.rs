// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What kinds of packets there are, and what decides how they travel.

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
    pub(super) const fn code(self) -> (u8, bool, bool) {
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
