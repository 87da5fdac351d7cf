// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The table of received packets [data sheet §4]: what each must leave behind.

use super::fault::{DIGEST, Effect, Found, MALFORMED, POISONED, UNEXPECTED, UNSUPPORTED};
use super::malformed::malformed;
use super::{ENGINE_TAGS, Errors, State};
use crate::bench::decode::{Common, Decoded};
use crate::bench::digest;
use crate::shadow::Shadow;
use tlp::{Packet, Tick};

impl Errors {
    /// The table of received packets.
    pub(super) fn judge(&mut self, tick: Tick, p: &Packet, c: &Common, what: &Decoded, shadow: &mut Shadow) -> Effect {
        if malformed(p, c, what, shadow.config.max_payload()) {
            return Effect::fault(MALFORMED);
        }
        let reporting = *shadow.config.reporting.latest();
        if c.td && reporting.checks_digests() && !digest::is_right(p) {
            return Effect::fault(DIGEST);
        }
        let unanswered = Effect::fault(UNSUPPORTED);
        let answered = Effect::fault(UNSUPPORTED).advisory().found(Found::Performed);
        match *what {
            Decoded::Config { write, target, .. } => match shadow.config_target(target) {
                None => answered,
                Some(who) if write && c.ep => {
                    Effect::fault(POISONED).advisory().found(Found::Performed).with_status(1 << 31).of(who)
                }
                Some(_) => Effect::default(),
            },
            Decoded::Memory { write, address, .. } => {
                let refused = if write { unanswered.found(Found::Written) } else { answered };
                match shadow.address_target(address) {
                    None => refused,
                    Some((who, ..)) if c.at & 1 == 1 => refused.of(who),
                    Some((who, ..)) if write && c.ep => {
                        Effect::fault(POISONED).found(Found::Written).with_status(1 << 31).of(who)
                    }
                    Some(_) => Effect::default(),
                }
            }
            Decoded::OtherNonPosted { .. } => answered,
            Decoded::Message { code: 0x01, routing: 2, .. } if c.fmt == 3 => {
                // An Invalidate Request, if it is for the physical function (data sheet §17).
                let own = *shadow.config.captured.latest() == tlp::Bdf::from_bits((p.header[2] >> 16) as u16);
                if own { Effect::default() } else { unanswered }
            }
            Decoded::Message { code: 0x00 | 0x14 | 0x19 | 0x50 | 0x7f, .. } => Effect::default(),
            Decoded::Message { .. } => unanswered,
            Decoded::Completion { .. } => self.completion(tick, c, what, reporting.parity, shadow),
            // The locked ones: this device never asked.
            Decoded::Undefined => Effect::fault(UNEXPECTED).advisory(),
        }
    }

    /// A completion: expected or not, and what it brings.
    fn completion(&mut self, tick: Tick, c: &Common, what: &Decoded, parity: bool, shadow: &mut Shadow) -> Effect {
        let unexpected = Effect::fault(UNEXPECTED).advisory();
        let Decoded::Completion { requester, status, byte_count, lower, data, .. } = *what else { return unexpected };
        let known = self.outstanding.get_mut(&c.tag);
        let Some(o) = known.filter(|o| o.requester == requester.bits() && shadow.may_be(requester)) else {
            return unexpected;
        };
        let doubtful = |mut effect: Effect| {
            effect.fault.iter_mut().for_each(|f| f.perhaps = true);
            effect
        };
        match o.state {
            State::Over => return unexpected,
            State::Silent(until) if tick < until => return Effect::default(),
            State::Silent(_) => return doubtful(unexpected),
            State::Ending => return doubtful(unexpected),
            State::Waiting => {}
        }
        if status == 2 {
            return Effect::fault(MALFORMED);
        }
        let bytes = (4 * c.length).saturating_sub(u32::from(lower & 3)).min(o.left);
        let whole = (u32::from(lower & 3) + o.left).next_multiple_of(4);
        let fits = data && byte_count == o.left && lower == o.lower && 4 * c.length <= whole;
        // A poisoned answer to the engine is awaited in full (data sheet §14).
        let poisoned = c.ep && data;
        let awaited = poisoned && c.tag >= ENGINE_TAGS;
        if status == 0 && fits && (!poisoned || awaited) {
            o.left -= bytes;
            o.lower = (u32::from(o.lower) + bytes) as u8 & 0x7f;
            if o.left == 0 {
                self.outstanding.remove(&c.tag);
            }
            if poisoned {
                return Effect::fault(POISONED).with_status(1 << 31 | if parity { 1 << 24 } else { 0 });
            }
            return Effect::default();
        }
        o.state = State::Over;
        match status {
            0 if poisoned && (fits || !awaited) => {
                Effect::fault(POISONED).with_status(1 << 31 | if parity { 1 << 24 } else { 0 })
            }
            0 => Effect::default(),
            4 => Effect::default().with_status(1 << 28),
            _ => Effect::default().with_status(1 << 29),
        }
    }
}
