// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Error messages at the root port, as its Root Error Status shows them [PCIe Base 6.2.4.1, 7.8.4.9, 7.8.4.10].

use tlp::Bdf;

use super::header::{Body, Header};

/// Which error a message announces.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ErrorKind {
    /// ERR_COR.
    Correctable,
    /// ERR_NONFATAL.
    NonFatal,
    /// ERR_FATAL.
    Fatal,
}

impl ErrorKind {
    /// The kind of a message code, if it is one of the three [2.2.8.3].
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0x30 => Some(ErrorKind::Correctable),
            0x31 => Some(ErrorKind::NonFatal),
            0x33 => Some(ErrorKind::Fatal),
            _ => None,
        }
    }
}

/// What the root port has heard of since it was built or cleared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RootErrors {
    /// ERR_COR messages.
    pub correctable: u64,
    /// ERR_NONFATAL messages.
    pub non_fatal: u64,
    /// ERR_FATAL messages.
    pub fatal: u64,
    /// Source of the first ERR_COR.
    pub correctable_source: Option<Bdf>,
    /// Source of the first ERR_NONFATAL or ERR_FATAL.
    pub uncorrectable_source: Option<Bdf>,
    /// The first uncorrectable one was fatal.
    pub first_is_fatal: bool,
}

impl RootErrors {
    /// Takes note of a message.
    pub(super) fn note(&mut self, kind: ErrorKind, source: Bdf) {
        match kind {
            ErrorKind::Correctable => {
                self.correctable += 1;
                self.correctable_source.get_or_insert(source);
            }
            ErrorKind::NonFatal | ErrorKind::Fatal => {
                let fatal = kind == ErrorKind::Fatal;
                if self.uncorrectable_source.is_none() {
                    self.uncorrectable_source = Some(source);
                    self.first_is_fatal = fatal;
                }
                if fatal { self.fatal += 1 } else { self.non_fatal += 1 }
            }
        }
    }

    /// Root Error Status: 0 ERR_COR received, 1 more than one, 2 ERR_FATAL or ERR_NONFATAL
    /// received, 3 more than one, 4 the first uncorrectable was fatal, 5 non-fatal ones, 6 fatal ones.
    pub fn status(&self) -> u32 {
        let uncorrectable = self.non_fatal + self.fatal;
        let bits = [
            self.correctable > 0,
            self.correctable > 1,
            uncorrectable > 0,
            uncorrectable > 1,
            self.first_is_fatal,
            self.non_fatal > 0,
            self.fatal > 0,
        ];
        bits.into_iter().enumerate().fold(0, |word, (i, bit)| word | u32::from(bit) << i)
    }
}

/// Why a message with the code of an error message is none: the rules of its form [2.2.8.3].
pub(super) fn fault(header: &Header, routing: u8) -> Option<&'static str> {
    let Body::Message { rest, tag, .. } = header.body else { return Some("no message") };
    let plain = !header.attr.relaxed && !header.attr.no_snoop && !header.attr.id_order && header.at == 0;
    [
        (routing == 0, "it is not routed to the root complex"),
        (!header.has_data, "it carries data"),
        (header.tc == 0, "its traffic class is not 0"),
        (plain, "its attributes are not 0"),
        (!header.poisoned, "it is poisoned"),
        (rest == [0, 0] && tag == 0, "reserved fields are not 0"),
    ]
    .into_iter()
    .find(|(good, _)| !good)
    .map(|(_, why)| why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_shows_kinds_repetition_and_the_first() {
        let id = Bdf::from_bits(0x100);
        let mut errors = RootErrors::default();
        assert_eq!(errors.status(), 0);
        errors.note(ErrorKind::Correctable, id);
        assert_eq!(errors.status(), 0b1);
        errors.note(ErrorKind::Fatal, id);
        errors.note(ErrorKind::NonFatal, Bdf::from_bits(0x101));
        assert_eq!(errors.status(), 0b111_1101);
        assert_eq!((errors.correctable_source, errors.uncorrectable_source), (Some(id), Some(id)));
        let mut errors = RootErrors::default();
        errors.note(ErrorKind::NonFatal, id);
        errors.note(ErrorKind::Fatal, id);
        assert_eq!(errors.status(), 0b110_1100);
    }
}
