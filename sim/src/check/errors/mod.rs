// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Errors are logged where they belong, once, and reported as software wants it
//! [PCIe Base 6.2.4, 7.8.4; data sheet §4].
//!
//! Every packet to the device is judged by the table of received packets. What it must
//! leave in the error registers is kept here, and compared whenever software reads one;
//! what it must send as a message is owed from then on. Where two orders are possible
//! (a message may be looked at before a write, a write before a request that was sent
//! earlier, a timeout falls somewhere into its last cycles), both are accepted.

mod fault;
mod functions;
pub(super) mod malformed;
mod registers;
mod table;

use self::fault::{Fault, Found, MALFORMED, MESSAGES, TIMEOUT, UNSUPPORTED, message_of};
use self::functions::VfErrors;
use self::registers::{Bits, Logged, Look, Registers};
use super::{Law, Report, Upstream};
use crate::bench::decode::{Decoded, decode};
use crate::finding::{Finding, Kind};
use crate::shadow::{ADVISORY, AER, DEVCTL, Reporting, Shadow, UNCORRECTABLE, Who};
use std::collections::BTreeMap;
use tlp::{Packet, Tick};

/// Cycles around the end of a completion timeout in which it may or may not have come:
/// it is never early, and up to 64 late (data sheet §3); the rest is the way to the device.
const BEFORE_TIMEOUT: Tick = 64;
const AFTER_TIMEOUT: Tick = 160;
/// Cycles by which an end of rest is uncertain after a function level reset (data sheet §8).
const RESET_SPAN: Tick = 1 << 14;

/// First tag of the DMA engine (data sheet §1).
const ENGINE_TAGS: u16 = 16;

/// A read of the device that has not been answered in full.
#[derive(Clone, Copy, Debug)]
struct Outstanding {
    requester: u16,
    sent: Tick,
    /// Completion timeout when it was sent; `None`: off, or changed since.
    timeout: Option<Tick>,
    left: u32,
    lower: u8,
    state: State,
    /// Messages received when its timeout became possible.
    received: [u64; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    /// Its timeout may have come.
    Ending,
    /// Its timeout has come, or it failed: completions are not expected any more.
    Over,
    /// Abandoned by a function level reset: completions are ignored in silence until then.
    Silent(Tick),
}

/// The law.
#[derive(Clone, Default)]
pub struct Errors {
    now: Registers,
    looks: BTreeMap<u16, Look>,
    outstanding: BTreeMap<u16, Outstanding>,
    /// Number of the last write that concerns error reporting.
    last_write: u64,
    events: u64,
    /// Unproven faults: number of the packet, when it is found.
    under_way: Vec<(u64, Found)>,
    /// Packets whose faults are not proven, and the registers without those.
    unproven: Vec<u64>,
    proven: Registers,
    /// The log may have been free before the faults under way.
    was_free: bool,
    /// Messages that may still come, by kind.
    allowed: [u64; 3],
    /// Ticks of faults whose message must still come, by kind.
    owed: [Vec<Tick>; 3],
    /// Error messages received, by kind.
    pub received: [u64; 3],
    /// What errors of virtual functions have left, and who may report.
    functions: VfErrors,
}

impl Errors {
    /// Takes note of a packet to the device, with its number, before the shadow does.
    pub fn downstream(&mut self, tick: Tick, p: &Packet, shadow: &mut Shadow) {
        self.pass_time(tick, shadow);
        let seq = shadow.seq() + 1;
        let (c, what) = decode(p);
        let effect = self.judge(tick, p, &c, &what, shadow);
        let settled = self.last_write <= shadow.flushed;
        if let (Some(fault), Some(n)) = (effect.fault, effect.vf) {
            return self.happen_in(n, tick, fault, settled, shadow);
        }
        if let Some(fault) = effect.fault {
            self.happen(tick, seq, fault, Some(p), settled, shadow);
        }
        if effect.status != 0 {
            let certain = settled && !shadow.resetting && effect.fault.is_none_or(|f| !f.perhaps);
            self.events += 1;
            self.now.status.set(effect.status, certain);
        }
        if effect.fault.is_some_and(|f| f.bit != TIMEOUT) {
            return;
        }
        if let Decoded::Config { write, target, register, be, .. } = what {
            let who = shadow.config_target(target).filter(|_| !shadow.resetting);
            match who {
                None => return,
                Some(Who::Virtual(n)) if write => return self.functions.written(n, register, be, p.data[0]),
                Some(Who::Virtual(n)) => return self.functions.look(n, c.tag, register, be),
                Some(Who::Physical) => {}
            }
            let concerns = Reporting::concerns(register);
            if write && concerns {
                self.written(register, be, p.data[0]);
                self.last_write = seq;
            } else if concerns {
                let reporting = settled.then(|| *shadow.config.reporting.latest());
                let look = Look { register, be, before: self.now.clone(), reporting, events: self.events };
                self.looks.insert(c.tag, look);
            }
        }
    }

    /// What software clears.
    fn written(&mut self, register: u16, be: u8, value: u32) {
        let bits = crate::shadow::merge(0, value, be);
        match register {
            0x04 => self.now.status.clear(bits & 0xf900_0000),
            DEVCTL => self.now.device.clear(bits & 0x000f_0000),
            _ if register == AER + 0x04 => self.now.uncorrectable.clear(bits),
            _ if register == AER + 0x10 => self.now.correctable.clear(bits),
            _ => {}
        }
        if register == DEVCTL + 0x20 {
            // Whether reads under way keep their timeout is nobody's promise.
            self.outstanding.values_mut().for_each(|o| o.timeout = None);
        }
        for o in self.outstanding.values().filter(|o| o.state == State::Ending) {
            debug_assert!(o.timeout.is_some() || o.state == State::Ending);
            self.now.uncorrectable.may |= bits & 1 << TIMEOUT;
        }
    }

    /// An error happens [6.2.4, figure 6-2].
    fn happen(
        &mut self,
        tick: Tick,
        seq: u64,
        fault: Fault,
        packet: Option<&Packet>,
        settled: bool,
        shadow: &mut Shadow,
    ) {
        self.events += 1;
        self.unproven.retain(|n| *n > shadow.flushed);
        if self.unproven.is_empty() {
            self.proven = self.now.clone();
        }
        self.unproven.extend(packet.map(|_| seq));
        let r = *shadow.config.reporting.latest();
        let certain = settled && !fault.perhaps && !shadow.resetting;
        let bit = 1u32 << fault.bit;
        let fatal = r.severity & bit != 0;
        let advisory = fault.advisory && !fatal;
        let unsupported = fault.bit == UNSUPPORTED;
        let kind = if fatal { 2 } else { usize::from(!advisory) };

        // Device Status and Advisory Non-Fatal.
        let mut device = 1 << (16 + kind);
        if unsupported {
            device |= 1 << 19;
        }
        if settled {
            self.now.device.set(device, certain);
            if advisory {
                self.now.correctable.set(ADVISORY, certain);
            }
        } else {
            self.now.device.set(0x0007_0000 | device, false);
            self.now.correctable.set(ADVISORY, false);
        }

        // Masked, an advisory error goes no further. While the mask is being written it may.
        let ends = advisory && r.correctable_mask & ADVISORY != 0;
        if ends && settled {
            return;
        }
        let certain = certain && !ends;

        // Header log and pointer, then the status bit.
        self.under_way.retain(|(n, _)| *n > shadow.flushed);
        let free = |now: &Registers, l: &Logged| now.uncorrectable.must >> l.pointer & 1 == 0;
        if self.under_way.is_empty() {
            self.was_free = self.now.logged.iter().any(|l| free(&self.now, l));
        }
        let masked = r.mask & bit != 0;
        if !masked || !settled {
            let header = packet.map_or([0; 4], |p| {
                let mut header = p.header;
                if header[0] >> 29 & 1 == 0 {
                    header[3] = 0;
                }
                header
            });
            let new = Logged { pointer: fault.bit, header, prefix: packet.and_then(|p| p.prefix) };
            let occupied = |now: &Registers, l: &Logged| now.uncorrectable.may >> l.pointer & 1 == 1;
            let mut logged: Vec<Logged> = Vec::new();
            let mut add = |l: Logged| {
                if !logged.contains(&l) {
                    logged.push(l);
                }
            };
            let other_order = self.was_free && self.under_way.iter().any(|(_, found)| *found > fault.found);
            for l in &self.now.logged {
                if occupied(&self.now, l) || !certain {
                    add(*l);
                }
                if free(&self.now, l) || other_order {
                    add(new);
                }
            }
            self.now.logged = logged;
        }
        self.now.uncorrectable.set(bit, certain);
        // A timeout has no place among the packets: it stands behind all of them.
        let place = if packet.is_some() { seq } else { shadow.seq() };
        self.under_way.push((place, fault.found));

        // The message.
        let flushed = shadow.flushed;
        let awake = shadow.config.in_d0.perhaps(flushed, |d| *d);
        let surely_awake = shadow.config.in_d0.certainly(flushed, |d| *d);
        let enabled = [r.enables & 1 != 0, r.enables & 2 != 0 || r.serr, r.enables & 4 != 0 || r.serr][kind]
            && (!unsupported || r.enables & 8 != 0 || r.serr);
        let silenced = if advisory { r.correctable_mask & ADVISORY != 0 } else { masked };
        let sends = enabled && !silenced;
        if !settled && awake {
            self.allowed.iter_mut().for_each(|n| *n += 1);
            (0..3).for_each(|kind| self.functions.may_report(kind, Who::Physical));
        } else if sends && awake {
            self.allowed[kind] += 1;
            self.functions.may_report(kind, Who::Physical);
            if certain && surely_awake {
                self.owed[kind].push(tick);
            }
        }
        let signals = sends && r.serr && kind > 0;
        if signals || !settled {
            self.now.status.set(1 << 30, certain && signals && surely_awake);
            if !awake {
                self.now.status.may &= !(1 << 30) | self.now.status.must;
            }
        }
    }

    /// An error of a virtual function: it has no masks, severities and logs of its own (data sheet §16).
    fn happen_in(&mut self, n: u32, tick: Tick, fault: Fault, settled: bool, shadow: &mut Shadow) {
        self.events += 1;
        let r = *shadow.config.reporting.latest();
        let certain = settled && !fault.perhaps && shadow.surely_there(n, tick);
        let kind = usize::from(!fault.advisory);
        let unsupported = fault.bit == UNSUPPORTED;
        let enabled =
            [r.enables & 1 != 0, r.enables & 2 != 0 || r.serr][kind] && (!unsupported || r.enables & 8 != 0 || r.serr);
        let signals = enabled && r.serr && kind == 1;
        self.functions.happen(n, fault, signals, certain);
        if enabled || !settled {
            self.allowed[kind] += 1;
            self.functions.may_report(kind, Who::Virtual(n));
            if certain && enabled {
                self.owed[kind].push(tick);
            }
        }
    }

    /// A virtual function is as new: its error that waited to be reported is dropped, and what it had absorbed.
    pub fn virtual_reset(&mut self, functions: u32) {
        for kind in self.functions.reset(functions) {
            self.owed[kind].clear();
        }
    }

    /// Completion timeouts that have come by now.
    fn pass_time(&mut self, tick: Tick, shadow: &mut Shadow) {
        let settled = self.last_write <= shadow.flushed;
        let due = |o: &Outstanding| o.timeout.map(|t| o.sent + t);
        let ending: Vec<u16> = self
            .outstanding
            .iter()
            .filter(|(_, o)| o.state == State::Waiting && due(o).is_some_and(|d| tick + BEFORE_TIMEOUT >= d))
            .map(|(tag, _)| *tag)
            .collect();
        for tag in ending {
            let fault = Fault { bit: TIMEOUT, advisory: false, found: Found::Performed, perhaps: true };
            self.happen(tick, 0, fault, None, settled, shadow);
            if let Some(o) = self.outstanding.get_mut(&tag) {
                o.state = State::Ending;
                o.received = self.received;
            }
        }
        let over: Vec<u16> = self
            .outstanding
            .iter()
            .filter(|(_, o)| o.state == State::Ending && due(o).is_some_and(|d| tick >= d + AFTER_TIMEOUT))
            .map(|(tag, _)| *tag)
            .collect();
        for tag in over {
            // Allowed once already, when it was only possible.
            let fault = Fault { bit: TIMEOUT, advisory: false, found: Found::Performed, perhaps: false };
            let (allowed, owed) = (self.allowed, self.owed.each_ref().map(Vec::len));
            self.happen(tick, 0, fault, None, settled, shadow);
            self.allowed = allowed;
            // Its message may have come within these last cycles.
            let before = self.outstanding.get(&tag).map_or([0; 3], |o| o.received);
            for (k, owed) in owed.into_iter().enumerate() {
                if self.received[k] > before[k] {
                    self.owed[k].truncate(owed);
                }
            }
            if let Some(o) = self.outstanding.get_mut(&tag) {
                o.state = State::Over;
            }
        }
    }

    /// The next tick at which a timeout changes what is known.
    pub fn next_due(&self) -> Option<Tick> {
        self.outstanding
            .values()
            .filter_map(|o| {
                let due = o.sent + o.timeout?;
                match o.state {
                    State::Waiting => Some(due - BEFORE_TIMEOUT),
                    State::Ending => Some(due + AFTER_TIMEOUT),
                    State::Over | State::Silent(_) => None,
                }
            })
            .min()
    }

    /// A function level reset has begun: messages that have not left are dropped, Device
    /// Status and Status return to zero.
    pub fn function_reset(&mut self, tick: Tick, shadow: &Shadow) {
        self.owed = Default::default();
        let rest = shadow.config.reporting.latest().completion_timeout().unwrap_or(1 << 22).min(1 << 22);
        for o in self.outstanding.values_mut() {
            o.timeout = None;
            o.state = State::Silent(tick + rest - BEFORE_TIMEOUT.min(rest));
        }
        self.now.device = Bits::default();
        self.now.status = Bits::default();
        // What is committed may still leave, under the id of whoever it concerns.
        self.functions.reset(u32::MAX);
        self.looks.clear();
    }

    /// It is over.
    pub fn function_reset_done(&mut self, tick: Tick) {
        self.owed = Default::default();
        self.allowed = Default::default();
        self.functions = VfErrors::default();
        for o in self.outstanding.values_mut() {
            if let State::Silent(until) = &mut o.state {
                *until = (*until).max(tick);
            }
        }
    }

    /// A conventional reset; what is sticky outlives all but power-on.
    /// `lost`: packets on their way into it are gone, and with them perhaps their errors.
    pub fn reset(&mut self, power_on: bool, lost: bool) {
        let mut kept = std::mem::take(&mut self.now);
        if lost && !self.unproven.is_empty() {
            kept = kept.or(&self.proven);
        }
        if !power_on {
            self.now = Registers { device: Bits::default(), status: Bits::default(), ..kept };
        }
        *self = Self { now: std::mem::take(&mut self.now), received: self.received, ..Self::default() };
    }

    /// Whether no message is owed.
    pub fn is_quiet(&self) -> bool {
        self.owed.iter().all(Vec::is_empty)
    }

    /// Everything owed should have come by now.
    pub fn judge_liveness(&mut self, now: Tick, bound: Tick) -> Vec<Finding> {
        let owed = std::mem::take(&mut self.owed);
        let late = owed.into_iter().zip(MESSAGES).filter_map(|(ticks, name)| Some((*ticks.first()?, name)));
        late.map(|(since, name)| Finding {
            check: "error_message_owed",
            kind: Kind::Liveness,
            tick: now,
            text: format!("the error of tick {since} asks for {name}; none came within {bound} cycles [6.2.4]"),
        })
        .collect()
    }

    /// The device has been quiet for long: what was absorbed will not come any more.
    pub fn calm(&mut self) {
        if self.is_quiet() && self.next_due().is_none() {
            self.allowed = Default::default();
            self.functions.calm();
        }
    }

    fn message(&mut self, up: &Upstream<'_>, kind: usize, shadow: &mut Shadow, report: &mut Report) {
        self.received[kind] += 1;
        let c = up.common;
        let [w0, w1, w2, w3] = up.packet.header;
        let plain = c.fmt == 1
            && c.typ == 0x10
            && c.tc == 0
            && c.attr == 0
            && c.at == 0
            && !c.ep
            && !c.th
            && w0 & 0x3ff == 0
            && w1 >> 8 & 0xff == 0
            && (w2, w3) == (0, 0)
            && c.tag == 0
            && up.packet.prefix.is_none();
        report.require("error_message_form", up.tick, plain, || {
            format!("{} with header {:08x?} [2.2.8.3]", MESSAGES[kind], up.packet.header)
        });
        report.require("error_message_unexpected", up.tick, self.allowed[kind] > 0, || {
            format!("{}: no error asks for it [6.2.4]", MESSAGES[kind])
        });
        if self.allowed[kind] > 0
            && let Decoded::Message { requester, .. } = *up.decoded
            && let Some(who) = shadow.speaker(requester)
        {
            let reports = self.functions.reports(kind, who);
            report.require("error_message_of_another_function", up.tick, reports, || {
                format!("{} of {who:?}: the error is not its own [2.2.8.3]", MESSAGES[kind])
            });
        }
        self.allowed[kind] = self.allowed[kind].saturating_sub(1);
        // One message may stand for all errors before it.
        self.owed[kind].retain(|since| *since >= up.tick);
    }
}

impl Law for Errors {
    fn upstream(&mut self, up: &Upstream<'_>, shadow: &mut Shadow, report: &mut Report) {
        self.pass_time(up.tick, shadow);
        match *up.decoded {
            Decoded::Message { code, .. } => {
                if let Some(kind) = message_of(code) {
                    self.message(up, kind, shadow, report);
                }
            }
            Decoded::Memory { write: false, requester, address, be, .. } => {
                let lead = u32::from(be.0.trailing_zeros().min(3) as u8);
                let length = up.common.length;
                let last = if length == 1 { be.0 } else { be.1 };
                let trail = u32::from(last.leading_zeros().saturating_sub(4) as u8);
                self.outstanding.insert(
                    up.common.tag,
                    Outstanding {
                        requester: requester.bits(),
                        sent: up.tick,
                        timeout: shadow.config.reporting.latest().completion_timeout(),
                        left: if be.0 == 0 { 1 } else { 4 * length - lead - trail },
                        lower: (address as u32 + if be.0 == 0 { 0 } else { lead }) as u8 & 0x7f,
                        state: State::Waiting,
                        received: [0; 3],
                    },
                );
            }
            Decoded::Completion { status: 0, data: true, .. } => {
                if let Some(value) = up.packet.data.first() {
                    self.functions.compare(up.tick, up.common.tag, *value, report);
                }
                if let Some(look) = self.looks.remove(&up.common.tag)
                    && let Some(value) = up.packet.data.first()
                {
                    look.compare(up.tick, *value, &mut self.now, self.events, report);
                }
            }
            Decoded::Completion { .. } => {
                self.looks.remove(&up.common.tag);
                self.functions.forget_look(up.common.tag);
            }
            _ => {}
        }
    }
}

const _: () = assert!(UNCORRECTABLE >> MALFORMED & 1 == 1 && RESET_SPAN > AFTER_TIMEOUT);
