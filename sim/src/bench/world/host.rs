// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The host's part of a tick, and what it tells of it.

use super::*;

impl World {
    /// Lets the host do what is due at this tick.
    pub fn tick_host(&mut self) {
        self.host_step(None);
    }

    pub(super) fn host_step(&mut self, inbound: Option<&Packet>) {
        let now = self.now();
        if inbound.is_none() && self.host.next_due().is_none_or(|t| t > now) {
            return;
        }
        let effects = self.host.step(now, inbound);
        self.effects(effects);
    }

    pub(super) fn effects(&mut self, e: Effects) {
        let now = self.now();
        for (at, packet) in e.outbound {
            self.device.down(at, packet);
        }
        self.outcomes.extend(e.completed);
        for d in &e.deliveries {
            let r = d.request;
            let device = &mut self.device;
            let way = device.ledger.arrivals.arrive(r.source, u64::from(r.address), r.data);
            let cause = way.map_or(0, |w| w.cause);
            let source = way.and_then(|w| w.source);
            self.targets.judge(now, d, source, &mut device.report, &mut device.ledger.counters);
            let mut fate = None;
            for a in &d.arrivals {
                let accepted = matches!(a.outcome, ApicOutcome::Accepted);
                self.accepted += u64::from(accepted);
                let merged = matches!(a.outcome, ApicOutcome::Merged);
                if accepted || merged {
                    *self.arrivals.entry((a.cpu as u32, d.message.vector)).or_default() += 1;
                    self.cover.arrival(now, way.map(|w| w.tick), a.cpu as u32, d.message.vector, merged);
                }
                fate = Some(match (accepted, merged, fate) {
                    (true, ..) | (_, _, Some(2)) => 2,
                    (_, true, _) | (_, _, Some(1)) => 1,
                    _ => 0,
                });
                let outcome = match a.outcome {
                    ApicOutcome::Accepted => "accepted",
                    ApicOutcome::Merged => "merged",
                    ApicOutcome::Counted(_) => "counted",
                    ApicOutcome::Rejected(_) => "rejected",
                };
                self.awake[a.cpu] = true;
                let (cpu, vector) = (a.cpu as u32, d.message.vector);
                self.log.record(now, cause, Event::Arrival { cpu, vector, outcome });
            }
            if cause != 0 {
                let c = &mut self.ledger.counters;
                *[&mut c.blocked, &mut c.merged, &mut c.delivered][fate.unwrap_or(0)] += 1;
            }
        }
        for u in &e.unit_events {
            for a in &u.arrivals {
                self.awake[a.cpu] = true;
                self.accepted += u64::from(matches!(a.outcome, ApicOutcome::Accepted));
                *self.arrivals.entry((a.cpu as u32, a.vector)).or_default() += 1;
            }
            let (address, data) = (u.message.address, u.message.data);
            self.log.event(now, "unit_event", 0, format_args!("\"addr\":{address},\"data\":{data}"));
        }
        for p in &e.posted {
            // The descriptor in memory is where it arrives; a notification tells a processor to look there.
            let r = p.request;
            let device = &mut self.device;
            let way = device.ledger.arrivals.arrive(r.source, u64::from(r.address), r.data);
            let cause = way.map_or(0, |w| w.cause);
            let known = self.targets.judge_posted(now, p, &mut device.report);
            if cause != 0 {
                let c = &mut device.ledger.counters;
                *if p.merged { &mut c.merged } else { &mut c.delivered } += 1;
                c.misdirected += u64::from(!known);
            }
            for a in &p.arrivals {
                self.awake[a.cpu] = true;
                self.accepted += u64::from(matches!(a.outcome, ApicOutcome::Accepted));
                *self.arrivals.entry((a.cpu as u32, a.vector)).or_default() += 1;
            }
            let (at, vector, merged, told) = (p.descriptor, p.vector, p.merged, !p.arrivals.is_empty());
            self.cover.posted(now, merged, told);
            let text = format_args!("\"descriptor\":{at},\"vector\":{vector},\"merged\":{merged},\"notified\":{told}");
            self.log.event(now, "posted", cause, text);
        }
        for effect in &e.remap {
            if let RemapEffect::DmaBlocked { access: a, reason, recorded } = *effect {
                self.blocked.push_back(BlockedRequest { reason, explained: false });
                let text = format_args!(
                    "\"addr\":{},\"write\":{},\"reason\":{reason},\"recorded\":{recorded}",
                    a.address, a.write
                );
                self.log.event(now, "dma_blocked", 0, text);
            }
        }
        for b in &e.blocked {
            let r = b.request;
            let way = self.ledger.arrivals.arrive(r.source, u64::from(r.address), r.data);
            let cause = way.map_or(0, |w| w.cause);
            if cause != 0 {
                self.ledger.counters.blocked += 1;
            }
            self.blocked.push_back(BlockedRequest { reason: b.reason.code(), explained: false });
            self.cover.blocked(now, b.reason.code());
            self.log.event(
                now,
                "blocked",
                cause,
                format_args!("\"reason\":{},\"recorded\":{}", b.reason.code(), b.recorded),
            );
        }
        for f in e.findings {
            let text = f.to_string();
            self.log.event(now, "host_finding", 0, format_args!("\"text\":{text:?}"));
            self.report.findings.push(Finding { check: "root_complex", kind: Kind::Safety, tick: now, text });
        }
    }
}

impl World {
    /// A conventional reset from outside.
    pub fn reset(&mut self, kind: Reset) -> Result<(), Stop> {
        self.host.link_reset();
        self.host_step(None);
        self.device.conventional_reset(kind)
    }

    /// A processor writes memory; tables that the ledger follows are noticed.
    pub fn dram_write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Stop> {
        self.host.mem_mut().write(address, bytes).map_err(|e| Stop::Input(format!("processor write: {e}")))?;
        let map = &self.host.rc().ats().map;
        let (seen, mem) = (map.virtual_of(address), self.host.mem());
        let place = |at: u64| map.physical(at);
        self.device.memory_written(seen, bytes.len() as u64, mem, &place);
        self.targets.memory_written(address, address + bytes.len() as u64, self.host.mem());
        let now = self.now();
        self.log.event(now, "store", 0, format_args!("\"addr\":{address},\"len\":{}", bytes.len()));
        Ok(())
    }
}
