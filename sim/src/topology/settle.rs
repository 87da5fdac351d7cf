// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The end: disturbance is over, everything owed must come, and what has not come has an owner.

use super::kernel::Kernel;
use super::net::Net;
use super::software::Software;
use crate::finding::{Finding, Kind};
use anyhow::Result;
use host_model::driver::{Bus, BusError};
use tlp::Tick;
use vectors::op::Source;
use vectors::regs;
use vectors::topology::Topology;

/// Ticks within which everything owed must come.
const BOUND: Tick = 50_000;

impl Kernel {
    /// Opens all that software has closed meanwhile.
    pub fn open_rest(&mut self, net: &mut Net) -> Result<()> {
        for virq in self.freed(net) {
            self.alloc_again(net, virq)?;
        }
        for virq in 0..self.lines.len() {
            let line = &mut self.lines[virq];
            let (endpoint, masked) = (line.endpoint, std::mem::take(&mut line.masked));
            if net.endpoints[endpoint].dead {
                continue;
            }
            for source in masked {
                Self::set_mask(net, endpoint, source, false)?;
                Self::read_back(net, endpoint, source)?;
            }
        }
        Ok(())
    }
}

/// Runs until nothing is owed, at most [`BOUND`], then judges.
pub fn settle(software: &mut dyn Software, net: &mut Net, t: &Topology) -> Result<()> {
    for e in net.endpoints.iter_mut().filter(|e| !e.wedged) {
        e.device.calm(1);
    }
    let deadline = net.now() + BOUND;
    while net.now() < deadline && !quiet(net) {
        for _ in 0..8 {
            software.window(net)?;
        }
    }
    for n in 0..net.endpoints.len() {
        let e = &mut net.endpoints[n];
        if !e.device.is_quiet() {
            e.device.judge_liveness(BOUND);
        }
        audit(net, n)?;
        let device = &mut net.endpoints[n].device;
        device.judge_answers(BOUND.min(20_000));
        let c = device.ledger.counters;
        if !c.balances() {
            device.find("ledger_unbalanced", Kind::Safety, format!("causes do not add up: {c:?}"));
        }
    }
    for _ in 0..8 {
        software.window(net)?;
    }
    // Whatever arrived was followed by its handler.
    for text in software.unheard(net)? {
        net.find("interrupt_not_handled", Kind::Safety, text);
    }
    let (now, endpoints) = (net.now(), &net.endpoints);
    net.monitor.judge(now, |n| (!endpoints[n].wedged).then(|| endpoints[n].name.clone()));
    judge_wires(net);
    judge_blocks(net, t);
    Ok(())
}

/// Wires at each root port are those of the endpoints below it, turned by the ports on the way.
fn judge_wires(net: &mut Net) {
    if net.endpoints.iter().any(|e| e.wedged) {
        return;
    }
    let high: Vec<(usize, usize)> = (0..net.endpoints.len())
        .filter(|n| net.endpoints[*n].device.ledger.events.intx.on_the_link())
        .map(|n| net.wire(n))
        .collect();
    for port in 0..net.root.ports.len() {
        for pin in 0..4 {
            let (is, should) = (net.host.port(port).intx().level(pin), high.contains(&(port, pin)));
            if is != should {
                let text = format!("pin {pin} of root port {port} is {is}, endpoints below make it {should}");
                net.find("intx_wire_lost", Kind::Safety, text);
            }
        }
    }
}

fn quiet(net: &mut Net) -> bool {
    net.is_idle()
        && net.monitor.is_idle(|n| net.endpoints[n].wedged)
        && net.endpoints.iter_mut().all(|e| e.wedged || e.device.is_quiet())
        && net.endpoints.iter().all(|e| !e.wedged)
}

/// Sources that owe something and are closed have their pending bit set. At an endpoint that has been given up nobody can look.
fn audit(net: &mut Net, n: usize) -> Result<()> {
    let device = &mut net.endpoints[n].device;
    let closed = device.ledger.to_audit(&mut device.shadow);
    let unreachable = net.endpoints[n].dead || net.endpoints[n].wedged;
    for source in closed {
        let pending = if unreachable {
            true
        } else {
            let (at, bit) = match source {
                Source::Device(_) | Source::VfDevice { .. } => (Kernel::place(net, n, source)? + 12, 1),
                Source::VfMsix { vf, k } => {
                    let base = Kernel::place(net, n, Source::VfMsix { vf, k: 0 })?;
                    (base + 0x1000 + u64::from(k / 32) * 4, k % 32)
                }
                Source::Msix(k) => {
                    let base = Kernel::place(net, n, Source::Msix(0))? - u64::from(regs::WIN_MSIX_TABLE_OFFSET);
                    (base + u64::from(regs::WIN_MSIX_PBA_OFFSET) + u64::from(k / 32) * 4, k % 32)
                }
                other => anyhow::bail!("{other:?} is not used here"),
            };
            let word = match net.mem_read(at, 4) {
                Err(BusError::Timeout { access }) => {
                    net.give_up(n, &access);
                    u64::MAX
                }
                word => word?,
            };
            word >> bit & 1 == 1
        };
        let device = &mut net.endpoints[n].device;
        let now = device.now();
        device.report.look("pending_bit_lost");
        device.ledger.audited(now, source, pending, &mut device.shadow);
    }
    Ok(())
}

/// Units block what the description expects and nothing else.
fn judge_blocks(net: &mut Net, t: &Topology) {
    let expected: Vec<(Option<usize>, u8)> = t.expect.blocked.iter().map(|b| (t.number(&b.by), b.reason)).collect();
    let blocked = std::mem::take(&mut net.blocked);
    let tick = net.now();
    for (n, reason) in blocked.iter().filter(|(n, reason)| !expected.contains(&(Some(*n), *reason))) {
        let text = format!("a remapping unit blocked a request of {} with reason {reason:#x}", net.endpoints[*n].name);
        net.findings.push(Finding { check: "unexpected_block", kind: Kind::Safety, tick, text });
    }
    for b in &t.expect.blocked {
        if !blocked.iter().any(|(n, reason)| Some(*n) == t.number(&b.by) && *reason == b.reason) {
            let text = format!("no request of {} was blocked with reason {:#x}", b.by, b.reason);
            net.findings.push(Finding { check: "expectation", kind: Kind::Safety, tick, text });
        }
    }
}
