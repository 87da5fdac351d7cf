// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The INTx wire: as it should be, as the device shows it, as its messages say.

use crate::bench::decode::Common;
use crate::finding::{Finding, Kind};
use crate::shadow::{Mode, Shadow};
use std::collections::VecDeque;
use tlp::{Packet, Tick};

/// What is known of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Level {
    /// Certainly 0.
    #[default]
    Low,
    /// Certainly 1.
    High,
    /// Either.
    Open,
}

impl Level {
    fn and(self, other: Level) -> Level {
        match (self, other) {
            (Level::Low, _) | (_, Level::Low) => Level::Low,
            (Level::High, Level::High) => Level::High,
            _ => Level::Open,
        }
    }

    fn of(values: &[bool]) -> Level {
        match (values.contains(&true), values.contains(&false)) {
            (true, false) => Level::High,
            (false, true) => Level::Low,
            _ => Level::Open,
        }
    }
}

/// The wire.
#[derive(Clone, Default)]
pub struct Intx {
    latch: Level,
    /// The latch, and whether some status bit was 1 for certain, when a change of mode began.
    before: (Level, bool),
    /// The wire as it should be.
    wire: Level,
    /// The wire as the device has committed it.
    committed: bool,
    /// Commitments whose message has not left.
    under_way: VecDeque<bool>,
    /// The wire as messages say.
    link: bool,
    /// Messages judged.
    pub looked: u64,
}

impl Intx {
    /// A function reset: the device still knows what it sent.
    pub fn after_function_reset(self) -> Self {
        Self {
            committed: self.committed,
            under_way: self.under_way,
            link: self.link,
            looked: self.looked,
            ..Self::default()
        }
    }

    /// The latch is 0 for certain.
    pub fn clear(&mut self) {
        self.latch = Level::Low;
    }

    /// What was certain of the latch is not any more.
    pub fn doubt(&mut self) {
        self.latch = Level::Open;
    }

    /// The latch may have been set.
    pub fn perhaps_set(&mut self) {
        if self.latch == Level::Low {
            self.latch = Level::Open;
        }
    }

    /// Whether the latch is 1 for certain.
    pub fn latched(&self) -> bool {
        self.latch == Level::High
    }

    /// Whether the latch may be 1.
    pub fn perhaps_latched(&self) -> bool {
        self.latch != Level::Low
    }

    /// Whether the latch is 0 for certain.
    pub fn certainly_clear(&self) -> bool {
        self.latch == Level::Low
    }

    /// A change of mode begins.
    pub fn remember(&mut self, status: bool) {
        self.before = (self.latch, status);
    }

    /// Whether the latch was 1 when the change of mode began.
    pub fn latched_before(&self) -> bool {
        self.before.0 == Level::High
    }

    /// The mode has become INTx; `possible`: some status bit may be 1.
    pub fn handed_over(&mut self, possible: bool) {
        self.latch = match (self.before.1, possible) {
            _ if self.latch == Level::High => Level::High,
            (true, true) => Level::High,
            (false, false) => Level::Low,
            _ => Level::Open,
        };
    }

    /// A firing was due in this mode, so the latch is 1 if there is something to report.
    pub fn must_be_latched(&mut self, status: bool) {
        if self.latch != Level::High {
            self.latch = if status { Level::High } else { Level::Open };
        }
    }

    /// Computes the wire as it should be; `mode` is `None` while it changes or the function resets.
    pub fn judge_wire(&mut self, mode: Option<Mode>, shadow: &mut Shadow) {
        let f = shadow.flushed;
        if shadow.resetting {
            self.wire = Level::Open;
            return;
        }
        let mode = match mode {
            Some(Mode::Intx) => Level::High,
            Some(_) => Level::Low,
            None => Level::Open,
        };
        let power = Level::of(&shadow.config.in_d0.all(f, |d| *d));
        let enabled = Level::of(&shadow.config.intx_disabled.all(f, |d| !*d));
        self.wire = mode.and(power).and(enabled).and(self.latch);
    }

    /// The device commits a change of the wire; `tested`: the endpoint test registers were asked for it;
    /// `status`: some status bit is 1 for certain.
    pub fn committed(&mut self, now: Tick, level: bool, tested: bool, status: bool, findings: &mut Vec<Finding>) {
        self.looked += 1;
        self.committed = level;
        self.under_way.push_back(level);
        let refused = if level { Level::Low } else { Level::High };
        if self.wire == refused && !tested {
            let what = if level { "asserted without a request" } else { "deasserted while its request stands" };
            let text = format!("INTx is {what}");
            findings.push(Finding { check: "intx_without_request", kind: Kind::Safety, tick: now, text });
        }
        // What software is clearing may be gone by now.
        if level && status && self.latch == Level::Open {
            self.latch = Level::High;
        }
    }

    /// A message of the device with an INTx code leaves.
    pub fn message(&mut self, now: Tick, p: &Packet, c: &Common, code: u8, findings: &mut Vec<Finding>) {
        self.looked += 1;
        let mut say = |check, text| findings.push(Finding { check, kind: Kind::Safety, tick: now, text });
        let plain = (c.fmt, c.typ, c.tc, c.attr, c.at, c.th, c.ep, c.tag, p.header[0] & 0x3ff)
            == (1, 0x14, 0, 0, 0, false, false, 0, 0)
            && p.header[2] == 0
            && p.header[3] == 0
            && p.header[1] & 0xff00 == 0;
        if !plain || !matches!(code, 0x20 | 0x24) {
            let header = p.header;
            say("intx_message_shape", format!("not a plain local message of INTA: {header:08x?}"));
        }
        let level = code & 4 == 0;
        if level == self.link {
            say("intx_alternates", format!("INTx is {} twice", if level { "asserted" } else { "deasserted" }));
        }
        if self.under_way.pop_front() != Some(level) {
            say("intx_alternates", "an INTx message does not follow from the wire that the device shows".into());
        }
        self.link = level;
    }

    /// A message of MSI or MSI-X leaves: by then INTx is deasserted on the link.
    pub fn message_of_other_mode(&mut self, now: Tick, findings: &mut Vec<Finding>) {
        self.looked += 1;
        if self.link {
            let text = "a message of MSI or MSI-X leaves while INTx is asserted".into();
            findings.push(Finding { check: "message_beside_intx", kind: Kind::Safety, tick: now, text });
        }
    }

    /// The level that the last message on the link has set.
    pub fn on_the_link(&self) -> bool {
        self.link
    }

    /// Whether the wire is as it should be and its messages have left.
    pub fn settled(&self) -> bool {
        let right = match self.wire {
            Level::Open => true,
            Level::High => self.committed,
            Level::Low => !self.committed,
        };
        right && self.under_way.is_empty()
    }

    /// What is overdue is reported.
    pub fn judge(&mut self, now: Tick, findings: &mut Vec<Finding>) {
        if self.settled() {
            return;
        }
        let text = match self.wire {
            Level::High => "INTx is requested and not asserted",
            Level::Low => "INTx is asserted and no longer requested",
            Level::Open => "a message of INTx has not left",
        };
        findings.push(Finding { check: "intx_level", kind: Kind::Liveness, tick: now, text: text.into() });
        self.under_way.clear();
    }
}
