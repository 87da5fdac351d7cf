// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Advanced error reporting: what an error leaves behind and which message it owes.
//!
//! [Data sheet sections 3 and 4; PCIe Base 6.2.4, 7.8.4.] The registers live in
//! configuration space like all others; this part knows how an error moves through them.

use crate::config::ConfigSpace;
use crate::layout::*;
use crate::quirks::{Quirk, Quirks};
use tlp::Packet;

const GENERATE: u32 = 1 << 6;
const CHECK: u32 = 1 << 8;
const PREFIX_PRESENT: u32 = 1 << 11;

/// An uncorrectable error by its number in the status register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Error {
    Poisoned = 12,
    CompletionTimeout = 14,
    UnexpectedCompletion = 16,
    Malformed = 18,
    Ecrc = 19,
    UnsupportedRequest = 20,
}

/// Error messages by urgency [PCIe Base 2.2.8.3].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Message {
    Fatal,
    NonFatal,
    Correctable,
}

impl Message {
    pub(crate) const ALL: [Message; 3] = [Message::Fatal, Message::NonFatal, Message::Correctable];

    /// Message code.
    pub(crate) fn code(self) -> u32 {
        match self {
            Message::Correctable => 0x30,
            Message::NonFatal => 0x31,
            Message::Fatal => 0x33,
        }
    }
}

impl ConfigSpace {
    /// Whether received digests are checked.
    pub(crate) fn checks_ecrc(&self) -> bool {
        self.at(CONTROL) & CHECK != 0
    }

    /// Whether packets leave with a digest.
    pub(crate) fn generates_ecrc(&self) -> bool {
        self.at(CONTROL) & GENERATE != 0
    }

    /// Logs an error; the message that it owes. `advisory` says whether somebody else
    /// decides what it means when it is not fatal [6.2.3.2.4]; `packet` is what the log shows.
    pub(crate) fn report(
        &mut self,
        error: Error,
        advisory: bool,
        packet: Option<&Packet>,
        quirks: &mut Quirks,
    ) -> Option<Message> {
        let bit = 1 << error as u32;
        let fatal = self.at(SEVERITY) & bit != 0 && !quirks.has(Quirk::ErrorSeverityIgnored);
        let advisory = advisory && !fatal && !quirks.has(Quirk::AdvisoryIgnored);
        let message = match (fatal, advisory) {
            (true, _) => Message::Fatal,
            (false, true) => Message::Correctable,
            (false, false) => Message::NonFatal,
        };
        let device = match message {
            Message::Correctable => 1 << 16,
            Message::NonFatal => 1 << 17,
            Message::Fatal => 1 << 18,
        };
        let unsupported = error == Error::UnsupportedRequest;
        *self.word(DEVCTL) |= device | if unsupported { 1 << 19 } else { 0 };
        if advisory {
            *self.word(CORRECTABLE_STATUS) |= ADVISORY;
            // Masked, it goes no further [figure 6-2].
            if self.at(CORRECTABLE_MASK) & ADVISORY != 0 && !quirks.has(Quirk::MaskedAdvisoryLogged) {
                return None;
            }
        }

        // The log takes an error only while it holds none.
        let masked = self.at(UNCORRECTABLE_MASK) & bit != 0;
        let pointer = self.at(CONTROL) & 0x1f;
        let free = self.at(UNCORRECTABLE_STATUS) >> pointer & 1 == 0 || quirks.has(Quirk::HeaderLogOverwritten);
        if !quirks.strikes(Quirk::ErrorStatusMissing) {
            *self.word(UNCORRECTABLE_STATUS) |= bit;
        }
        if !masked && free {
            self.record(error, packet);
        }

        let masked = masked && !quirks.has(Quirk::ErrorMaskIgnored);
        let silent = if advisory { self.at(CORRECTABLE_MASK) & ADVISORY != 0 } else { masked };
        self.may_report(message, unsupported).then_some(message).filter(|_| !silent)
    }

    /// Fills pointer and logs.
    fn record(&mut self, error: Error, packet: Option<&Packet>) {
        let header = packet.map_or([0; 4], |packet| packet.header);
        let three_words = header[0] >> 29 & 1 == 0;
        for (i, word) in header.into_iter().enumerate() {
            *self.word(HEADER_LOG + 4 * i as u32) = if i == 3 && three_words { 0 } else { word };
        }
        let prefix = packet.and_then(|packet| packet.prefix);
        *self.word(PREFIX_LOG) = prefix.unwrap_or(0);
        let control = self.word(CONTROL);
        *control = *control & !(0x1f | PREFIX_PRESENT) | error as u32;
        if prefix.is_some() {
            *control |= PREFIX_PRESENT;
        }
    }

    /// Whether an error of a virtual function owes its message: it has no masks of its own.
    pub(crate) fn reports(&self, message: Message, unsupported: bool) -> bool {
        self.may_report(message, unsupported)
    }

    /// Command.8, SERR# Enable.
    pub(crate) fn system_errors(&self) -> bool {
        self.at(COMMAND) >> 8 & 1 != 0
    }

    /// Whether the enables let a message out [figure 6-2].
    fn may_report(&self, message: Message, unsupported: bool) -> bool {
        let enable = |bit: u32| self.at(DEVCTL) >> bit & 1 != 0;
        let serr = self.at(COMMAND) >> 8 & 1 != 0;
        let kind = match message {
            Message::Correctable => enable(0),
            Message::NonFatal => enable(1) || serr,
            Message::Fatal => enable(2) || serr,
        };
        kind && (!unsupported || enable(3) || serr)
    }

    /// A message was owed: Signalled System Error where SERR# is on [7.5.1.1.4].
    pub(crate) fn signalled(&mut self, message: Message) {
        if message != Message::Correctable && self.at(COMMAND) >> 8 & 1 != 0 {
            *self.word(COMMAND) |= 1 << 30;
        }
    }
}
