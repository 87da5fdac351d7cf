// SPDX-License-Identifier: Apache-2.0 OR MIT
//! From a description to a machine whose software is ready: building, enumeration across bridges, remapping units,
//! interrupts.

use super::calls::Calls;
use super::kernel::Kernel;
use super::monitor::Monitor;
use super::net::{End, Endpoint, Net, SwitchNode};
use super::processors::Processors;
use super::software::Software;
use super::traffic::Traffic;
use crate::bench::log::EventLog;
use crate::bench::world::{Device, Stop};
use crate::check::target::Targets;
use crate::run::{Dut, Params};
use host_model::apic::ApicConfig;
use host_model::driver::bridges::{self, Hierarchy, Segment};
use host_model::driver::enumerate::{self, AddressWindows, LinkWish};
use host_model::fabric::root::RootBus;
use host_model::fabric::switch::{Switch, SwitchConfig};
use host_model::host::{Host, HostConfig, RemapConfig};
use host_model::rc::RcConfig;
use host_model::remap::vtd::dma::DmaConfig;
use host_model::remap::vtd::{Latency, VtdConfig};
use std::collections::BTreeMap;
use tlp::{Bdf, Reset, Tick};
use vectors::op::{Credits, DutParams};
use vectors::topology::{Below, Software as Kind, Topology};

/// Events kept of each log.
const KEEP: usize = 4_000;

/// Ticks that a packet rests inside a switch.
const FORWARD: Tick = 12;

/// Ticks after which the root complex gives up a request: short, so that a device that hangs does not hold software up.
const REQUEST_TIMEOUT: Tick = 20_000;

/// Root port and parent of what is being placed.
#[derive(Clone, Copy)]
struct At {
    port: usize,
    unit: usize,
    parent: End,
}

/// What is built before it is joined.
struct Parts<'a> {
    dut: &'a Dut,
    reset_seed: u64,
    endpoints: Vec<Endpoint>,
    switches: Vec<SwitchNode>,
}

impl Parts<'_> {
    /// Builds what is at the end of a link; which end that is.
    fn build(&mut self, below: &Below, at: At) -> Result<End, String> {
        match below {
            Below::Endpoint(e) => {
                let n = self.endpoints.len();
                let params = DutParams::default();
                let dut = self.dut.make(&params, self.reset_seed.wrapping_add(n as u64), None)?;
                let mut device = Device::new(dut, Params::from(&params).sizes(), Credits::default());
                device.log = EventLog::keeping(KEEP);
                self.endpoints.push(Endpoint {
                    name: e.name.clone(),
                    device,
                    id: Bdf::from_bits(0),
                    function: None,
                    virtual_ids: Vec::new(),
                    line: None,
                    port: at.port,
                    unit: at.unit,
                    quiet: false,
                    dead: false,
                    wedged: false,
                    parent: at.parent,
                    inbox: BTreeMap::new(),
                });
                Ok(End::Endpoint(n))
            }
            Below::Switch(s) => {
                let n = self.switches.len();
                let config = SwitchConfig { ports: s.ports.len(), forward: FORWARD, non_posted: 8 };
                let peers = vec![at.parent];
                self.switches.push(SwitchNode { switch: Switch::new(config), peers, inbox: BTreeMap::new(), time: 0 });
                for (k, below) in s.ports.iter().enumerate() {
                    let peer = self.build(below, At { parent: End::Switch(n, k + 1), ..at })?;
                    self.switches[n].peers.push(peer);
                }
                Ok(End::Switch(n, 0))
            }
        }
    }
}

/// Builds everything, after power-on and not enumerated.
///
/// # Errors
/// A device cannot be built: the text says why.
pub fn build(t: &Topology, dut: &Dut, seed: u64, reset_seed: u64) -> Result<Net, String> {
    let [min, max] = t.host.remap_delay;
    let unit = || {
        let dma = t.host.dma.then(DmaConfig::default);
        RemapConfig::Vtd(VtdConfig { latency: Latency { min, max }, dma, ..VtdConfig::default() })
    };
    let rc = RcConfig { request_timeout: REQUEST_TIMEOUT, ..RcConfig::default() };
    let apics = (0..t.host.cpus).map(ApicConfig::x2apic).collect();
    let mut host = Host::new(HostConfig { rc, remap: unit(), apics }, seed);
    for _ in 1..t.host.units {
        host.add_unit(unit());
    }
    let mut parts = Parts { dut, reset_seed, endpoints: Vec::new(), switches: Vec::new() };
    let mut host_peers = Vec::new();
    for (port, p) in t.ports.iter().enumerate() {
        let unit = p.unit as usize;
        if port == 0 {
            host.wire(0, unit);
        } else {
            host.add_port(rc, unit);
        }
        host_peers.push(parts.build(&p.below, At { port, unit, parent: End::Host(port) })?);
    }
    let ports = parts.endpoints.iter().map(|e| e.port).collect();
    Ok(Net {
        host,
        root: RootBus::new(t.ports.len()),
        endpoints: parts.endpoints,
        cpus: Processors::new(t.host.cpus as usize, seed ^ 0xc9),
        targets: (0..t.host.units).map(|_| Targets::default()).collect(),
        queue_marks: vec![0; t.host.units as usize],
        forgets_flushes: false,
        forgets_retriggers: false,
        forgets_restores: false,
        monitor: Monitor::new(ports),
        log: EventLog::keeping(KEEP),
        findings: Vec::new(),
        traffic: Traffic::new(t.storm.gap, seed ^ 0x7a),
        arrived: Vec::new(),
        takes: Vec::new(),
        blocked: Vec::new(),
        stop: None,
        switches: parts.switches,
        host_peers,
        host_inbox: BTreeMap::new(),
        host_time: 0,
        host_next: 0,
        outcomes: BTreeMap::new(),
        selected: Bdf::from_bits(0),
        asked: None,
        unit: 0,
        window: t.host.link_latency,
        now: 0,
        sequence: 0,
        seen: Vec::new(),
    })
}

impl Net {
    /// Power-on of all endpoints; they leave reset at the same tick.
    pub fn power_on(&mut self) -> Result<(), Stop> {
        for e in &mut self.endpoints {
            e.device.conventional_reset(Reset::Cold)?;
        }
        let latest = self.endpoints.iter().map(|e| e.device.now()).max().unwrap_or(0);
        while self.now < latest {
            self.now += self.window;
        }
        Ok(())
    }

    /// Software learns (again) who is where.
    pub fn learn(&mut self, found: &Hierarchy) {
        for (n, (id, function)) in found.functions().into_iter().enumerate() {
            self.endpoints[n].id = id;
            self.endpoints[n].function = Some(function.clone());
            self.monitor.set_id(n, id);
            // What passed while nobody knew the numbers was not followed.
            self.monitor.forget(n);
        }
    }
}

/// Finds everything and sets the links up; bus mastering is on afterwards.
pub fn enumerate(net: &mut Net) -> anyhow::Result<Hierarchy> {
    let found = bridges::scan(net, &AddressWindows::default(), 1)?;
    let functions = found.functions().len();
    anyhow::ensure!(functions == net.endpoints.len(), "{functions} of {} endpoints found", net.endpoints.len());
    net.learn(&found);
    for (n, (id, function)) in found.functions().into_iter().enumerate() {
        for bar in &function.bars {
            net.monitor.set_window(n, bar.address..bar.address + bar.size);
        }
        net.select(id);
        enumerate::set_up_link(net, function, &LinkWish::default())?;
        enumerate::set_master(net, true)?;
    }
    Ok(found)
}

/// Power-on, enumeration, remapping, all interrupts allocated and open.
pub fn boot(net: &mut Net, t: &Topology, seed: u64) -> anyhow::Result<Box<dyn Software>> {
    net.power_on().map_err(|s| anyhow::anyhow!("{s:?}"))?;
    let found = enumerate(net)?;
    Ok(match t.host.software {
        Kind::Entries => {
            let mut kernel = Kernel::new(net, t, found, seed)?;
            kernel.open_all(net)?;
            Box::new(kernel)
        }
        Kind::Kernel => Box::new(Calls::boot(net, t, &found, seed)?),
    })
}
