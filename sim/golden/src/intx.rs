// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The INTx wire, by its messages.
//!
//! [Data sheet section 12; PCIe Base 2.2.8.1.] The sender compares the wire with what it last sent.

use crate::device::{Device, Phase, SEND_TICKS};
use crate::encode;
use crate::events::Mode;
use crate::quirks::Quirk;
use tlp::{Observed, Stamped, Tick};

const ASSERT_INTA: u32 = 0x20;
const DEASSERT_INTA: u32 = 0x24;
/// Routing: local, terminates at the receiver.
const LOCAL: u32 = 0b100;

impl Device {
    /// Interrupt Status: an INTx interrupt is pending inside the function.
    pub(crate) fn intx_request(&self) -> bool {
        let mode = self.mode() == Mode::Intx || self.quirks.has(Quirk::IntxThoughMsi);
        let latch = self.events.fired
            || self.test.asserts()
            || self.quirks.has(Quirk::IntxThoughMsi) && self.events.status != 0;
        mode && latch && !self.config.in_d3hot() && matches!(self.phase, Phase::Running | Phase::ResetAsked)
    }

    fn intx_wire(&self) -> bool {
        self.intx_request() && (!self.config.intx_disabled() || self.quirks.has(Quirk::IntxDisableIgnored))
    }

    /// Whether a message is owed and can be committed. In conventional reset nothing is.
    pub(crate) fn intx_can_go(&self) -> bool {
        let wire = self.intx_wire();
        let kept = !wire && self.quirks.has(Quirk::IntxNeverReleased);
        wire != self.intx_sent && !kept && !matches!(self.phase, Phase::Initialising { .. }) && self.link.can_post(0)
    }

    /// Commits the message of a change.
    pub(crate) fn drive_intx(&mut self, t: Tick, seen: &mut Vec<Stamped<Observed>>) {
        if !self.intx_can_go() {
            return;
        }
        self.intx_sent = !self.intx_sent;
        seen.push(Stamped { at: t, what: Observed::Intx(self.intx_sent) });
        let mut code = if self.intx_sent { ASSERT_INTA } else { DEASSERT_INTA };
        if self.quirks.has(Quirk::IntxOtherPin) {
            code += 1;
        }
        let routing = if self.quirks.has(Quirk::IntxRouting) { 0 } else { LOCAL };
        let packet = encode::message(self.config.id, routing, code, 0);
        if self.quirks.strikes(Quirk::IntxTwice) && self.link.can_post(0) {
            self.link.post(packet.clone(), t + SEND_TICKS);
        }
        if self.link.can_post(0) {
            self.link.post(packet, t + SEND_TICKS);
        }
    }
}
