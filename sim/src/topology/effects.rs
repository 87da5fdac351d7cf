// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a step of the host brings, shared out to the endpoints that it concerns.

use super::net::{Arrived, Net};
use crate::bench::log::Event;
use crate::finding::{Finding, Kind};
use host_model::apic::Outcome as ApicOutcome;
use host_model::host::{Delivery, Effects};
use host_model::interrupt::InterruptRequest;
use host_model::remap::RemapEffect;
use tlp::Tick;
use vectors::op::Source;

impl Net {
    pub(super) fn effects(&mut self, now: Tick, e: Effects) {
        self.outcomes.extend(e.completed);
        for d in &e.deliveries {
            self.delivery(now, d);
        }
        for b in &e.blocked {
            let Some((n, _, cause)) = self.sender(now, &b.request) else { continue };
            if cause != 0 {
                self.endpoints[n].device.ledger.counters.blocked += 1;
            }
            self.blocked.push((n, b.reason.code()));
            self.log.event(now, "blocked", cause, format_args!("\"endpoint\":{n},\"reason\":{}", b.reason.code()));
        }
        for effect in e.remap {
            let RemapEffect::DmaBlocked { access, reason, .. } = effect else { continue };
            let text = format_args!("\"addr\":{},\"write\":{},\"reason\":{reason}", access.address, access.write);
            self.log.event(now, "dma_blocked", 0, text);
            if let Some(n) = self.monitor.owner(access.source) {
                self.blocked.push((n, reason));
            }
        }
        for f in e.findings {
            let text = f.to_string();
            self.log.event(now, "host_finding", 0, format_args!("\"text\":{text:?}"));
            self.findings.push(Finding { check: "root_complex", kind: Kind::Safety, tick: now, text });
        }
    }

    /// Whose request this is, by its requester id: endpoint, source, cause. A request that the endpoint
    /// has not made is a finding.
    fn sender(&mut self, now: Tick, r: &InterruptRequest) -> Option<(usize, Option<Source>, u64)> {
        let Some(n) = self.monitor.owner(r.source) else {
            let text = format!("an interrupt request has requester id {}, which no endpoint has", r.source);
            self.findings.push(Finding { check: "interrupt_of_nobody", kind: Kind::Safety, tick: now, text });
            return None;
        };
        let device = &mut self.endpoints[n].device;
        let way = device.ledger.arrivals.arrive(r.source, u64::from(r.address), r.data);
        device.report.require("interrupt_of_nobody", now, way.is_some(), || {
            format!(
                "a request {:#x}/{:#x} came with the requester id {} and was not sent by it",
                r.address, r.data, r.source
            )
        });
        Some((n, way.and_then(|w| w.source), way.map_or(0, |w| w.cause)))
    }

    fn delivery(&mut self, now: Tick, d: &Delivery) {
        let Some((n, source, cause)) = self.sender(now, &d.request) else { return };
        let Some(e) = self.endpoints.get_mut(n) else { return };
        let device = &mut e.device;
        self.targets[e.unit].judge(now, d, source, &mut device.report, &mut device.ledger.counters);
        device.report.require("interrupt_to_no_processor", now, !d.arrivals.is_empty(), || {
            format!("{source:?} names processor {}, and none is there", d.message.destination)
        });
        let mut fate = 0;
        for a in &d.arrivals {
            let (rank, outcome) = match a.outcome {
                ApicOutcome::Accepted => (2, "accepted"),
                ApicOutcome::Merged => (1, "merged"),
                ApicOutcome::Counted(_) => (0, "counted"),
                ApicOutcome::Rejected(_) => (0, "rejected"),
            };
            fate = fate.max(rank);
            self.cpus.wake(a.cpu, now, self.host.apics());
            let (cpu, vector) = (a.cpu as u32, d.message.vector);
            self.log.record(now, cause, Event::Arrival { cpu, vector, outcome });
        }
        if cause != 0 {
            let c = &mut device.ledger.counters;
            *[&mut c.blocked, &mut c.merged, &mut c.delivered][fate] += 1;
        }
        if let Some(source) = source.filter(|_| fate > 0) {
            self.arrived.push(Arrived { tick: now, endpoint: n, source });
        }
    }
}
