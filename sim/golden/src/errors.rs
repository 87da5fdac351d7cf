// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The way of an error through the device: log, then message.
//!
//! [Data sheet section 4.] A message waits as one bit a kind until posted credits for it
//! are in hand; more of its kind merge into it meanwhile.

use crate::aer::{Error, Message};
use crate::config::Legacy;
use crate::device::{Device, Phase, SEND_TICKS};
use crate::encode;
use crate::quirks::Quirk;
use crate::vf::Owner;
use tlp::{Packet, Tick};

impl Device {
    /// An error that somebody hears of, if software wants it so.
    pub(crate) fn error(&mut self, error: Error, advisory: bool, packet: Option<&Packet>) {
        let Some(message) = self.config.report(error, advisory, packet, &mut self.quirks) else { return };
        if self.config.in_d3hot() && !self.quirks.has(Quirk::ErrorMessageInD3hot) {
            return;
        }
        if !self.quirks.has(Quirk::SystemErrorNotSignalled) {
            self.config.signalled(message);
        }
        if !self.quirks.strikes(Quirk::ErrorMessageLost) {
            self.owed_errors[message as usize].get_or_insert(Owner::Physical);
        }
    }

    /// A malformed packet [2.3].
    pub(crate) fn malformed(&mut self, packet: &Packet) {
        self.error(Error::Malformed, false, Some(packet));
    }

    /// A poisoned packet [2.7.2].
    pub(crate) fn poisoned(&mut self, packet: &Packet, completion: bool, advisory: bool) {
        self.config.note(Legacy::Poisoned { completion });
        self.error(Error::Poisoned, advisory, Some(packet));
    }

    /// A request that nobody here serves; `answered` where its requester is told.
    pub(crate) fn unsupported(&mut self, packet: &Packet, answered: bool) {
        if !self.quirks.has(Quirk::UnsupportedNotLogged) {
            self.error(Error::UnsupportedRequest, answered, Some(packet));
        }
    }

    /// The error message that can be committed now.
    pub(crate) fn error_message(&self) -> Option<Message> {
        let reset = matches!(self.phase, Phase::Resetting { .. } | Phase::Initialising { .. });
        let silent = self.config.in_d3hot() && !self.quirks.has(Quirk::ErrorMessageInD3hot)
            || !self.config.bus_master() && self.quirks.has(Quirk::ErrorMessageNeedsBusMaster);
        if reset || silent || !self.link.can_post(0) {
            return None;
        }
        Message::ALL.into_iter().find(|&message| self.owed_errors[message as usize].is_some())
    }

    /// Commits at most one error message.
    pub(crate) fn send_error_message(&mut self, t: Tick) {
        let Some(message) = self.error_message() else { return };
        let owner = self.owed_errors[message as usize].take().unwrap_or(Owner::Physical);
        if self.quirks.strikes(Quirk::ErrorMessageTwice) {
            self.owed_errors[message as usize] = Some(owner);
        }
        let owner = if self.quirks.has(Quirk::VfErrorMessageOfPhysical) { Owner::Physical } else { owner };
        let tc = u32::from(self.quirks.has(Quirk::ErrorMessageTrafficClass));
        self.link.post(encode::message(self.id_of(owner), 0, message.code(), tc), t + SEND_TICKS);
    }
}
