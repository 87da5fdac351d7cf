// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every request is answered once, with the status, count and address that the rules give [PCIe Base 2.3.1].

use super::errors::malformed::malformed;
use super::{Law, Report, Upstream};
use crate::bench::decode::{Class, Decoded, decode};
use crate::bench::digest;
use crate::finding::{Finding, Kind};
use crate::shadow::{Shadow, Who};
use std::collections::BTreeMap;
use tlp::{Packet, Tick};

/// How a request must be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Duty {
    /// With this status.
    Status(u8),
    /// Not at all: it is malformed.
    Silence,
    /// Possibly not: a reset is under way.
    Perhaps,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    seq: u64,
    tick: Tick,
    duty: Duty,
    /// Bytes still to come and address bits 6:0 of the next one.
    left: u32,
    lower: u8,
    /// Address of the next byte, and what it is cut at: the payload size in force when it was asked for.
    next: u64,
    cut: u32,
    memory: bool,
    data: bool,
    /// Who answers.
    completer: Who,
}

/// Requests of the host that the device has not finished answering.
#[derive(Clone, Default)]
pub struct Answers {
    pending: BTreeMap<u16, Pending>,
    /// Numbers of requests whose last completion has come since they were last taken.
    pub finished: Vec<u64>,
}

/// Bytes from the first to the last enabled one, at least 1 [2.3.1.1].
fn bytes(length: u32, be: (u8, u8)) -> u32 {
    let lead = if be.0 == 0 { 0 } else { be.0.trailing_zeros() };
    if length == 1 {
        return if be.0 == 0 { 1 } else { 8 - be.0.leading_zeros() - lead };
    }
    length * 4 - lead - (be.1.leading_zeros() - 4)
}

impl Answers {
    /// Notes a downstream packet with its number in the stream.
    pub fn downstream(&mut self, tick: Tick, seq: u64, p: &Packet, shadow: &Shadow) {
        let (c, what) = decode(p);
        if what.class() != Class::NonPosted {
            return;
        }
        let mut duty = Duty::Status(1);
        let (mut left, mut lower, mut memory, mut data) = (4, 0, false, true);
        let mut next = 0;
        let mut completer = Who::Physical;
        let malformed = malformed(p, &c, &what, shadow.config.max_payload());
        match what {
            Decoded::Memory { address, be, .. } => {
                memory = true;
                let be = if c.th { (0xf, if c.length > 1 { 0xf } else { 0 }) } else { be };
                left = bytes(c.length, be);
                lower = (address as u8 & 0x7c) | if be.0 == 0 { 0 } else { be.0.trailing_zeros() as u8 };
                next = address & !0x7f | u64::from(lower);
                if let Some((who, ..)) = shadow.address_target(address).filter(|_| c.typ == 0) {
                    completer = who;
                    if c.at & 1 == 0 {
                        duty = Duty::Status(0);
                    }
                }
            }
            Decoded::Config { target, write, .. } => {
                data = !write;
                if let Some(who) = shadow.config_target(target) {
                    completer = who;
                    if !(write && c.ep) {
                        duty = Duty::Status(0);
                    }
                }
            }
            Decoded::OtherNonPosted { .. } => {
                memory = c.typ == 1;
                if memory {
                    let be = ((p.header[1] & 0xf) as u8, (p.header[1] >> 4 & 0xf) as u8);
                    left = bytes(c.length, be);
                    let low = p.header[if c.fmt & 1 == 1 { 3 } else { 2 }] as u8 & 0x7c;
                    lower = low | if be.0 == 0 { 0 } else { be.0.trailing_zeros() as u8 };
                }
            }
            _ => {}
        }
        // A packet whose digest is wrong might be anything: nobody answers it [2.7.1].
        let reporting = shadow.config.reporting.latest();
        if malformed || c.td && reporting.checks_digests() && !digest::is_right(p) {
            duty = Duty::Silence;
        }
        if shadow.resetting {
            duty = Duty::Perhaps;
        }
        let cut = shadow.config.max_payload();
        self.pending.insert(c.tag, Pending { seq, tick, duty, left, lower, next, cut, memory, data, completer });
    }

    /// A function reset has begun: what is outstanding may stay unanswered.
    pub fn excuse(&mut self) {
        for p in self.pending.values_mut() {
            if p.duty != Duty::Silence {
                p.duty = Duty::Perhaps;
            }
        }
    }

    /// A conventional reset forgets everything.
    pub fn forget(&mut self) {
        self.pending.clear();
        self.finished.clear();
    }

    /// Requests that must be answered and are not, reported and forgotten.
    pub fn overdue(&mut self, now: Tick, bound: Tick) -> Vec<Finding> {
        let late = |p: &Pending| matches!(p.duty, Duty::Status(_)) && now - p.tick >= bound;
        let tags: Vec<u16> = self.pending.iter().filter(|(_, p)| late(p)).map(|(t, _)| *t).collect();
        tags.into_iter()
            .map(|tag| {
                let p = self.pending.remove(&tag).expect("listed above");
                Finding {
                    check: "missing_completion",
                    kind: Kind::Liveness,
                    tick: now,
                    text: format!(
                        "request under tag {tag:#x} of tick {} has no completion after {bound} cycles",
                        p.tick
                    ),
                }
            })
            .collect()
    }

    /// Forgets a request that will not be answered (its expectation was silence).
    pub fn retire(&mut self, tag: u16) {
        self.pending.remove(&tag);
    }
}

impl Law for Answers {
    fn upstream(&mut self, up: &Upstream<'_>, shadow: &mut Shadow, report: &mut Report) {
        let Decoded::Completion { status, byte_count, lower, data, completer, .. } = *up.decoded else { return };
        let c = up.common;
        let Some(p) = self.pending.get_mut(&c.tag) else {
            report.require("unsolicited_completion", up.tick, false, || {
                format!("completion under tag {:#x}, which has no request", c.tag)
            });
            return;
        };
        report.require("unsolicited_completion", up.tick, p.duty != Duty::Silence, || {
            format!("request under tag {:#x} is malformed and must not be answered [2.3]", c.tag)
        });
        if let Duty::Status(want) = p.duty {
            report.require("completion_status", up.tick, status == want, || {
                format!("tag {:#x}: status {status}, the request has status {want}", c.tag)
            });
        }
        if let Some(who) = shadow.speaker(completer) {
            report.require("wrong_completer", up.tick, who == p.completer || p.duty == Duty::Perhaps, || {
                format!("tag {:#x}: {who:?} answers, {:?} was asked [2.2.9]", c.tag, p.completer)
            });
        }
        report.require("completion_byte_count", up.tick, byte_count == p.left, || {
            format!("tag {:#x}: byte count {byte_count}, {} remain [2.3.1.1]", c.tag, p.left)
        });
        let lower_wanted = if p.memory { p.lower } else { 0 };
        report.require("completion_lower_address", up.tick, lower == lower_wanted, || {
            format!("tag {:#x}: lower address {lower:#x}, must be {lower_wanted:#x} [2.3.1.1]", c.tag)
        });
        report.require("completion_data", up.tick, data == (status == 0 && p.data), || {
            format!("tag {:#x}: status {status} {} data", c.tag, if data { "with" } else { "without" })
        });
        // Payload from the first enabled byte on; a later completion starts at a boundary.
        let bytes_here = (c.length * 4).saturating_sub(u32::from(lower & 3));
        if data && status == 0 && p.memory && bytes_here < p.left {
            let end = p.next + u64::from(bytes_here);
            report.require("completion_boundary", up.tick, end.is_multiple_of(p.cut.into()), || {
                format!(
                    "tag {:#x}: a completion that is not the last ends at {end:#x}, no multiple of {} [2.3.1.1]",
                    c.tag, p.cut
                )
            });
            p.next = end;
            p.left -= bytes_here;
            p.lower = ((u32::from(lower) + bytes_here) & 0x7f) as u8;
        } else {
            let p = self.pending.remove(&c.tag).expect("found above");
            // Only a performed request proves that what came before it is in force.
            if status == 0 {
                self.finished.push(p.seq);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn byte_counts_of_the_table() {
        for (be, n) in [
            (0b1001, 4),
            (0b1111, 4),
            (0b0101, 3),
            (0b0111, 3),
            (0b1010, 3),
            (0b1110, 3),
            (0b0011, 2),
            (0b0110, 2),
            (0b1100, 2),
            (0b0001, 1),
            (0b0010, 1),
            (0b0100, 1),
            (0b1000, 1),
            (0b0000, 1),
        ] {
            assert_eq!(bytes(1, (be, 0)), n, "{be:04b}");
        }
        assert_eq!(bytes(3, (0b1100, 0b0011)), 12 - 2 - 2);
        assert_eq!(bytes(1024, (0xf, 0xf)), 4096);
    }
}
