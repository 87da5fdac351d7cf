// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A random life of interrupts over each unit, with requests under way at every step: none is lost, none arrives anywhere but
//! where its interrupt lives or has just lived, and the books agree with the tables after every step.

use crate::bus::UnitBus;
use crate::domain::{multi, on, root};
use host_model::domain::matrix::Place;
use host_model::domain::remap::{AmdViDomain, DomainError, IrqInfo, RemapDomain, Root, VtdDomain};
use host_model::domain::vector::Contiguous;
use host_model::domain::{CpuSet, Errno};
use host_model::driver::Bus;
use host_model::driver::amdvi::{AmdConfig, AmdRemapping, Format};
use host_model::driver::msg::MsiMsg;
use host_model::driver::vtd::{InterruptRemapping, IrConfig};
use host_model::remap::amdvi::{AmdVi, AmdViConfig};
use host_model::remap::vtd::{Latency, Vtd, VtdConfig};
use host_model::remap::{RemapEffect, RemapUnit};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};
use tlp::Bdf;

const DEVICES: [Bdf; 3] = [Bdf::from_bits(0x0100), Bdf::from_bits(0x0101), Bdf::from_bits(0x0218)];
const APIC_IDS: [u32; 4] = [0x10, 0x12, 0x14, 0x16];

struct Life<U, D> {
    bus: UnitBus<U>,
    domain: D,
    root: Root,
    rng: ChaCha8Rng,
    /// First interrupt of each allocation: device, number, and which of them are active.
    blocks: BTreeMap<u32, (Bdf, u32, BTreeSet<u32>)>,
    /// Requests under way, per interrupt.
    under_way: BTreeMap<u32, u32>,
    /// Whose a message is.
    owners: BTreeMap<(Bdf, MsiMsg), u32>,
    delivered: u64,
    moves: u64,
}

impl<U: RemapUnit, D: RemapDomain> Life<U, D> {
    fn new(bus: UnitBus<U>, domain: D, seed: u64) -> Self {
        Self {
            bus,
            domain,
            root: root(Contiguous::Refuse),
            rng: ChaCha8Rng::seed_from_u64(seed),
            blocks: BTreeMap::new(),
            under_way: BTreeMap::new(),
            owners: BTreeMap::new(),
            delivered: 0,
            moves: 0,
        }
    }

    fn places(&self, irq: u32) -> Vec<Place> {
        self.root.vectors.places(irq).collect()
    }

    /// What has arrived during a step must be where its interrupt was before or is after it.
    fn arrive(&mut self, before: &BTreeMap<u32, Vec<Place>>) {
        for effect in std::mem::take(&mut self.bus.effects) {
            match effect {
                RemapEffect::Deliver { request, message, .. } => {
                    let msg = MsiMsg { address_hi: 0, address_lo: request.address, data: request.data };
                    let irq = self.owners[&(request.source, msg)];
                    let cpu = APIC_IDS.iter().position(|id| *id == message.destination).expect("a processor");
                    let at = Place { cpu, vector: message.vector };
                    let known = before.get(&irq).into_iter().flatten().copied().chain(self.places(irq));
                    assert!(known.into_iter().any(|p| p == at), "irq {irq} at {at:?}");
                    let under_way = self.under_way.get_mut(&irq).expect("raised before");
                    *under_way = under_way.checked_sub(1).expect("one arrival for each request");
                    self.delivered += 1;
                }
                RemapEffect::Blocked { request, reason, .. } => panic!("{request:?} was dropped: {reason:?}"),
                _ => {}
            }
        }
    }

    fn alloc(&mut self) -> Result<(), DomainError> {
        let Some(first) = (0..40u32).map(|n| 100 + 32 * n).find(|irq| !self.blocks.contains_key(irq)) else {
            return Ok(());
        };
        let device = *DEVICES.choose(&mut self.rng).expect("some");
        let cpu = self.rng.random_range(0..4);
        let (count, info) = match self.rng.random_range(0..3) {
            0 => (1 << self.rng.random_range(1..6u32), multi(cpu)),
            _ => (1, on(cpu)),
        };
        let info = IrqInfo { source: device, ..info };
        self.domain.alloc_irqs(&mut self.root, &mut self.bus, first, count, &info)?;
        self.blocks.insert(first, (device, count, BTreeSet::new()));
        for irq in first..first + count {
            let msg = self.domain.compose(&self.root, irq)?;
            assert_eq!(self.owners.insert((device, msg), irq), None, "no two interrupts have one message");
        }
        Ok(())
    }

    fn step(&mut self) {
        let before: BTreeMap<u32, Vec<Place>> =
            self.blocks.iter().flat_map(|(&f, (_, n, _))| f..f + n).map(|irq| (irq, self.places(irq))).collect();
        let chosen = self.blocks.keys().copied().collect::<Vec<_>>().choose(&mut self.rng).copied();
        let result = match (self.rng.random_range(0..12), chosen) {
            (0, _) | (_, None) => self.alloc(),
            (1, Some(first)) => {
                let (device, count, active) = self.blocks[&first].clone();
                // As free_irq does it: stopped first, so that nothing is raised any more.
                let stopped =
                    active.iter().try_for_each(|irq| self.domain.deactivate(&mut self.root, &mut self.bus, *irq));
                let freed = stopped.and_then(|()| self.domain.free_irqs(&mut self.root, &mut self.bus, first));
                self.arrive(&before);
                for irq in first..first + count {
                    assert_eq!(self.under_way.remove(&irq).unwrap_or(0), 0, "all have arrived before it is gone");
                }
                self.owners.retain(|(d, _), irq| *d != device || !(first..first + count).contains(irq));
                self.blocks.remove(&first);
                freed
            }
            (what, Some(first)) => {
                let (device, count, active) = self.blocks.get_mut(&first).expect("chosen");
                let (device, irq) = (*device, first + self.rng.random_range(0..*count));
                match (what, active.contains(&irq)) {
                    (2, true) => {
                        active.remove(&irq);
                        let stopped = self.domain.deactivate(&mut self.root, &mut self.bus, irq);
                        self.arrive(&before);
                        assert_eq!(self.under_way.get(&irq).copied().unwrap_or(0), 0, "drained before it is stopped");
                        stopped
                    }
                    (_, false) => {
                        active.insert(irq);
                        self.domain.activate(&mut self.root, &mut self.bus, irq, false)
                    }
                    (3..=5, true) => {
                        let cpu = self.rng.random_range(0..4);
                        let moved =
                            self.domain.set_affinity(&mut self.root, &mut self.bus, irq, &CpuSet::of(cpu)).map(drop);
                        self.moves += u64::from(moved.is_ok());
                        moved
                    }
                    _ => {
                        let msg = self.domain.compose(&self.root, irq).expect("exists");
                        self.bus.post(device, msg);
                        *self.under_way.entry(irq).or_default() += 1;
                        Ok(())
                    }
                }
            }
        };
        match result {
            Ok(()) | Err(DomainError::Errno(Errno::Ebusy | Errno::Enospc | Errno::Enomem)) => {}
            Err(e) => panic!("{e}"),
        }
        let ticks = self.rng.random_range(0..20);
        self.bus.wait(ticks).expect("time passes");
        self.arrive(&before);
        if self.rng.random_ratio(1, 4) {
            // Nothing waits in an IRR here: an arrival is served at once.
            (0..4).for_each(|cpu| _ = self.root.vectors.cleanup_timer(cpu, &|_| false));
        }
        self.domain.check(&self.root, &mut self.bus).expect("book, vectors and table agree");
        self.root.vectors.check().expect("vectors agree");
    }

    fn live(mut self, steps: u32) {
        for _ in 0..steps {
            self.step();
        }
        let before: BTreeMap<u32, Vec<Place>> =
            self.blocks.iter().flat_map(|(&f, (_, n, _))| f..f + n).map(|irq| (irq, self.places(irq))).collect();
        self.bus.wait(500).expect("time passes");
        self.arrive(&before);
        assert!(self.under_way.values().all(|n| *n == 0), "all that was raised has arrived");
        assert!(self.delivered > u64::from(steps) / 10 && self.moves > u64::from(steps) / 40);
    }
}

#[test]
fn vtd_loses_nothing() {
    for seed in 0..6 {
        let config = VtdConfig { latency: Latency { min: 1, max: 80 }, seed, ..VtdConfig::default() };
        let mut bus = UnitBus::new(Vtd::new(config));
        let config = IrConfig {
            table: 0x10_0000,
            // 256 entries: they run out at times.
            size: 7,
            x2apic: true,
            queue: 0x30_0000,
            status: 0x31_0000,
            poll_cycles: 3,
            polls_max: 100,
        };
        let unit = InterruptRemapping::enable(&mut bus, config).expect("comes up");
        Life::new(bus, VtdDomain::new(unit, false), seed).live(1500);
    }
}

#[test]
fn amdvi_loses_nothing() {
    for (seed, format) in [(1, Format::Narrow), (2, Format::Wide), (3, Format::WideX2apic)] {
        let config = AmdViConfig { latency: Latency { min: 1, max: 80 }, seed, ..AmdViConfig::default() };
        let mut bus = UnitBus::new(AmdVi::new(config));
        let config = AmdConfig {
            devices: 0x40_0000,
            commands: 0x30_0000,
            events: 0x30_1000,
            status: 0x30_2000,
            tables: 0x80_0000,
            format,
            order: 7,
            poll_cycles: 3,
            polls_max: 100,
        };
        let unit = AmdRemapping::enable(&mut bus, config).expect("comes up");
        Life::new(bus, AmdViDomain::new(unit), seed).live(1500);
    }
}
