// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One topology from its description to a verdict.

use super::boot;
use super::net::Net;
use super::settle::settle;
use super::software::Software;
use crate::finding::{Finding, Kind};
use crate::ledger::Counters;
use crate::run::dut::Dut;
use anyhow::{Result, anyhow};
use host_model::driver::BusError;
use host_model::fabric::switch::SwitchFault;
use serde::Serialize;
use std::collections::BTreeMap;
use vectors::topology::Topology;

/// A fault that a test plants after boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// The first switch is broken.
    Switch(SwitchFault),
    /// Requests of a root port go through another unit than software knows.
    WrongUnit {
        /// Root port.
        port: usize,
        /// Unit.
        unit: usize,
    },
    /// Software rewrites entries and does not flush them.
    NoFlush,
    /// Software forgets to raise again what was pending at a processor that goes.
    NoRetrigger,
    /// A driver does not put its slots back after a reset.
    NoRestore,
    /// A processor takes nothing any more.
    Hangs {
        /// Processor.
        cpu: usize,
    },
}

/// What came of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Name of the topology.
    pub name: String,
    /// No finding but those expected.
    pub passed: bool,
    /// Findings that were not expected.
    pub findings: Vec<Finding>,
    /// Findings that the description expects.
    pub expected: Vec<Finding>,
    /// Causes and what became of them, by endpoint.
    pub endpoints: BTreeMap<String, Counters>,
    /// Their sum.
    pub total: Counters,
    /// How often each check looked.
    pub looked: BTreeMap<String, u64>,
    /// What software did.
    pub software: BTreeMap<&'static str, u64>,
    /// Interrupts that processors took.
    pub served: u64,
    /// Simulated ticks.
    pub ticks: u64,
    /// Packets from and to all endpoints.
    pub packets: u64,
    /// Hash over all event logs.
    pub events_hash: String,
}

/// Builds, boots, lets the storm blow, settles, judges.
///
/// # Errors
/// The simulation itself failed. Software that meets an error which the topology does not explain is a finding.
pub fn run(t: &Topology, dut: &Dut, seed: u64, reset_seed: u64, planted: Option<Planted>) -> Result<Outcome> {
    let mut net = boot::build(t, dut, seed, reset_seed).map_err(|e| anyhow!(e))?;
    let mut kernel = None;
    if let Err(error) = carry_out(t, &mut net, &mut kernel, seed, planted) {
        if let Some(stop) = net.stop.take() {
            return Err(anyhow!("{stop:?}"));
        }
        net.find("driver_sequence_failed", Kind::Safety, format!("{error:#}"));
    }
    Ok(outcome(t, kernel, net))
}

fn carry_out(
    t: &Topology,
    net: &mut Net,
    started: &mut Option<Box<dyn Software>>,
    seed: u64,
    planted: Option<Planted>,
) -> Result<()> {
    let booted = boot::boot(net, t, seed)?;
    let kernel = started.insert(booted).as_mut();
    match planted {
        Some(Planted::Switch(fault)) => net.switch_mut(0).plant(fault),
        Some(Planted::WrongUnit { port, unit }) => net.host.wire(port, unit),
        Some(Planted::NoFlush) => net.forgets_flushes = true,
        Some(Planted::NoRetrigger) => net.forgets_retriggers = true,
        Some(Planted::NoRestore) => net.forgets_restores = true,
        Some(Planted::Hangs { cpu }) => net.cpus.stop(cpu),
        None => {}
    }
    let now = net.now();
    net.traffic.start(now, t.storm.causes, kernel.sources(net.endpoints.len()));
    storm(kernel, net, t)?;
    // Again when an endpoint had to be given up: the others are still to be opened.
    let mut given_up = None;
    while given_up != Some(dead(net)) {
        given_up = Some(dead(net));
        guarded(net, |net| kernel.open_rest(net))?;
    }
    settle(kernel, net, t)
}

/// Causes at every endpoint, software between them.
fn storm(kernel: &mut dyn Software, net: &mut Net, t: &Topology) -> Result<()> {
    let mut events = t.storm.events.iter().peekable();
    while !net.traffic.is_over() {
        kernel.window(net)?;
        if let Some(e) = events.next_if(|e| net.traffic.raised >= e.after) {
            guarded(net, |net| kernel.happen(net, t, &e.what))?;
        }
        guarded(net, |net| kernel.change(net, t))?;
    }
    for e in events {
        guarded(net, |net| kernel.happen(net, t, &e.what))?;
    }
    Ok(())
}

/// Endpoints given up.
fn dead(net: &Net) -> usize {
    net.endpoints.iter().filter(|e| e.dead).count()
}

/// An access that an endpoint does not answer makes software give that endpoint up and go on.
fn guarded(net: &mut Net, act: impl FnOnce(&mut Net) -> Result<()>) -> Result<()> {
    let Err(error) = act(net) else { return Ok(()) };
    if net.stop.is_some() {
        return Err(error);
    }
    let unanswered = error.chain().any(|e| matches!(e.downcast_ref::<BusError>(), Some(BusError::Timeout { .. })));
    match net.asked {
        Some(n) if unanswered => {
            net.give_up(n, &error.to_string());
            Ok(())
        }
        _ => Err(error),
    }
}

fn outcome(t: &Topology, kernel: Option<Box<dyn Software>>, mut net: Net) -> Outcome {
    let mut all: Vec<(Option<usize>, Finding)> = Vec::new();
    let mut endpoints = BTreeMap::new();
    let mut total = Counters::default();
    let mut looked: BTreeMap<String, u64> = BTreeMap::new();
    let mut hash = blake3::Hasher::new();
    let mut packets = 0;
    for (n, e) in net.endpoints.iter_mut().enumerate() {
        for mut f in e.device.take_findings() {
            f.text = format!("{}: {}", e.name, f.text);
            all.push((Some(n), f));
        }
        let counters = e.device.ledger.counters;
        total.add(&counters);
        endpoints.insert(e.name.clone(), counters);
        for (check, times) in e.device.report.looked() {
            *looked.entry(check).or_default() += times;
        }
        packets += e.device.tlps.0 + e.device.tlps.1;
        hash.update(e.device.log.hash().as_bytes());
    }
    hash.update(net.log.hash().as_bytes());
    looked.insert("fabric_changed_packet".into(), net.monitor.looked);
    let (lines, software) = kernel.map_or((0, BTreeMap::new()), |k| (k.interrupts(), k.did().clone()));
    looked.insert("interrupt_not_handled".into(), lines as u64);
    looked.insert("intx_wire_lost".into(), 4 * net.root.ports.len() as u64);
    all.extend(net.findings.drain(..).map(|f| (None, f)));
    all.extend(net.monitor.findings.drain(..).map(|f| (None, f)));
    for name in &t.expect.stuck {
        let n = t.number(name);
        if !all.iter().any(|(of, f)| *of == n && f.kind == Kind::Liveness) {
            let text = format!("nothing of {name} is overdue, though it was to be stuck");
            all.push((None, Finding { check: "expectation", kind: Kind::Safety, tick: net.now(), text }));
        }
    }
    let stuck: Vec<Option<usize>> = t.expect.stuck.iter().map(|name| t.number(name)).collect();
    let explained = |(of, f): &(Option<usize>, Finding)| f.kind == Kind::Liveness && stuck.contains(of);
    let (expected, findings): (Vec<_>, Vec<_>) = all.into_iter().partition(explained);
    let bare = |list: Vec<(Option<usize>, Finding)>| {
        let mut list: Vec<Finding> = list.into_iter().map(|(_, f)| f).collect();
        list.sort_by_key(|f| f.tick);
        list
    };
    Outcome {
        name: t.name.clone(),
        passed: findings.is_empty() && total.causes > 0,
        findings: bare(findings),
        expected: bare(expected),
        endpoints,
        total,
        looked,
        software,
        served: net.cpus.served,
        ticks: net.now(),
        packets,
        events_hash: hash.finalize().to_hex()[..16].to_string(),
    }
}
