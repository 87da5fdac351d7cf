// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The ways of old beside those of today, under the same load: a set of vectors that grows, IMS beside MSI-X, two processors
//! at one mask register. What each costs is counted by the ledger of handlers.

use super::causes::write_register;
use super::domains::{flushed, side};
use crate::bench::kernel::DEV;
use crate::bench::load::{Load, Loaded, Round};
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use host_model::domain::msi::global::{Device, GlobalDomain, Kind};
use host_model::domain::msi::{ArrayChip, MSI_SECONDARY_DOMAIN, Template};
use host_model::domain::remap::DomainError;
use host_model::driver::ims_array::ImsArray;
use host_model::kernel::{Action, Kernel, MsiMap, VectorFlags};
use rand::RngExt;
use std::collections::BTreeMap;
use vectors::op::{Change, SlotStore, Source, Way};
use vectors::regs;

/// Cycles after which a queue whose handler has not run is given up; nothing takes a thousandth of that.
const WATCHDOG: u64 = 40_000;
/// Longest pause of a queue.
const GAP: u64 = 120;
/// Interrupts between two changes.
const BETWEEN: u64 = 500;
/// Slots that are used for a while.
const SLOTS: u32 = 4;
/// The handler of vector 0, which serves no queue.
const MISC: u64 = 1 << 40;
/// Handlers of slots have these numbers and up.
const SLOT_HANDLER: u64 = 1 << 41;

/// What it came to.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Report {
    /// Interrupts of queues that the device took up.
    pub events: u64,
    /// And those of slots.
    pub slots: u64,
    /// Of them, those that a handler saw.
    pub seen: u64,
    /// And those that none saw.
    pub lost: u64,
    /// Lost ones by how the queue signals.
    pub lost_by: BTreeMap<&'static str, u64>,
    /// Changes made.
    pub changes: u64,
    /// Interrupts that processors took and that had no handler, or a vector that was nobody's.
    pub without_handler: u64,
    /// Events seen, lost and waiting are all there were.
    pub balances: bool,
}

struct Run<'s, 'v> {
    s: &'s mut Sequencer<'v>,
    load: Load,
    /// Vectors in use; queue `q` is in use when `q + 1` is below.
    vectors: u32,
    changes: u64,
    lost_by: BTreeMap<&'static str, u64>,
    global: GlobalDomain,
    /// Vectors that a lost update left masked.
    stuck: Vec<u32>,
    /// Interrupts of slots.
    slots: u64,
}

/// Makes a change again and again while `events` interrupts are raised.
pub fn run(s: &mut Sequencer<'_>, change: Change, way: Way, events: u64, queues: u32) -> Result<Report, Stop> {
    side(s)?;
    let masks = change == Change::Masks;
    // The function's events only where they have their own vector each.
    write_register(s, regs::EV_VECTORS, queues + 1)?;
    let source = |q: u32| if masks || q.is_multiple_of(2) { Source::Event(q) } else { Source::Msix(q + 1) };
    let load = Load::new((0..queues).map(source).collect(), events, GAP);
    s.world.causes_seen = Some(Vec::new());
    let before = {
        let h = &side(s)?.0.handlers;
        (h.events, h.seen, h.lost, h.unhandled + h.nobody)
    };
    let mut run = Run {
        s,
        load,
        vectors: 0,
        changes: 0,
        lost_by: BTreeMap::new(),
        global: GlobalDomain::default(),
        stuck: Vec::new(),
        slots: 0,
    };
    run.begin(change, queues)?;
    while run.load.left > 0 {
        run.work(BETWEEN)?;
        match change {
            Change::Grow => run.grow(way, queues)?,
            Change::Slots => run.slots(way)?,
            Change::Masks => run.masks(way, queues)?,
        }
        run.changes += 1;
    }
    run.drain()?;
    let (changes, lost_by, slots) = (run.changes, run.lost_by, run.slots);
    let h = &side(s)?.0.handlers;
    Ok(Report {
        events: h.events - before.0 - slots,
        slots,
        seen: h.seen - before.1,
        lost: h.lost - before.2,
        lost_by,
        changes,
        without_handler: h.unhandled + h.nobody - before.3,
        balances: h.balances() && h.waiting() == 0,
    })
}

impl Run<'_, '_> {
    /// One call under load.
    fn call<T>(
        &mut self,
        what: &str,
        act: impl FnOnce(&mut Kernel, &mut Loaded<'_>) -> Result<T, DomainError>,
    ) -> Result<T, Stop> {
        let (side, world) = side(self.s)?;
        let of = |kernel: &Kernel| -> Vec<u32> {
            kernel.irqs().keys().filter_map(|virq| kernel.unit(0).and_then(|unit| unit.entry(*virq))).collect()
        };
        let mut entries = of(&side.kernel);
        let result = act(&mut side.kernel, &mut Loaded { world, load: &mut self.load });
        if let Some(stop) = world.stop.take() {
            return Err(stop);
        }
        entries.extend(of(&side.kernel));
        flushed(side, world, entries);
        let value = self.s.drive(what, result)?;
        self.note()?;
        Ok(value)
    }

    /// Takes notes of causes and handlers; queues whose handler has run go on.
    fn note(&mut self) -> Result<(), Stop> {
        let (side, world) = side(self.s)?;
        let polled = side.kernel.poll(&mut Loaded { world, load: &mut self.load });
        // Causes and runs of this same moment: a run is never older than its cause's entry.
        let causes = world.causes_seen.as_mut().map(std::mem::take).unwrap_or_default();
        for (tick, source) in causes {
            if let Some(q) = self.load.queues.iter().position(|queue| queue.source == source) {
                side.handlers.event(q as u64 + 1, tick);
            } else if let Source::Device(k) = source {
                side.handlers.event(SLOT_HANDLER + u64::from(k), tick);
                self.slots += 1;
            }
        }
        let mut known = Vec::new();
        for seen in side.kernel.take_seen() {
            known.extend(side.handlers.taken(&seen));
        }
        let warnings = side.kernel.take_warnings();
        self.s.drive("handling interrupts", polled)?;
        self.s.expect(warnings.is_empty(), || format!("the kernel warns: {warnings:?}"));
        for event in known.into_iter().filter(|e| e.handler < MISC) {
            self.served(event.handler as usize - 1)?;
        }
        Ok(())
    }

    /// A queue has been served: its status is cleared, its next interrupt comes.
    fn served(&mut self, q: usize) -> Result<(), Stop> {
        if let Source::Event(event) = self.load.queues[q].source {
            let register = if event < 32 { regs::EV_STATUS_LO } else { regs::EV_STATUS_HI };
            write_register(self.s, register, 1 << (event % 32))?;
        }
        if (q as u32) + 1 < self.vectors {
            self.load.schedule(&mut self.s.world, q);
        } else {
            self.load.queues[q].round = Round::Off;
        }
        Ok(())
    }

    /// Lets time pass; what has waited for the watchdog's time is given up.
    fn pass(&mut self, cycles: u64) -> Result<(), Stop> {
        self.load.pump(&mut self.s.world);
        self.s.world.wait(cycles)?;
        self.note()?;
        let now = self.s.world.now();
        let lost = side(self.s)?.0.handlers.give_up(now.saturating_sub(WATCHDOG));
        for event in lost {
            let q = event.handler as usize - 1;
            let how = match self.load.queues.get(q).map(|queue| queue.source) {
                Some(Source::Event(_)) => "events of the function",
                Some(_) => "direct causes",
                None => "slots",
            };
            *self.lost_by.entry(how).or_default() += 1;
            if q < self.load.queues.len() {
                // The driver's timeout: it finds the vector masked, if it is, and goes on.
                self.unstick()?;
                self.served(q)?;
            }
        }
        Ok(())
    }

    /// Work until `events` more interrupts have been scheduled or none is left.
    fn work(&mut self, events: u64) -> Result<(), Stop> {
        let until = self.load.left.saturating_sub(events);
        while self.load.left > until {
            self.pass(24)?;
        }
        Ok(())
    }

    /// Until every queue is off.
    fn drain(&mut self) -> Result<(), Stop> {
        let deadline = self.s.world.now() + 8 * WATCHDOG;
        loop {
            self.pass(24)?;
            let waiting = side(self.s)?.0.handlers.waiting();
            if self.load.is_idle() && waiting == 0 && self.s.world.causes_waiting() == 0 {
                return Ok(());
            }
            if self.s.world.now() > deadline {
                return Err(Stop::Tool(format!("the load does not come to rest: {:?}", self.load)));
            }
        }
    }

    fn begin(&mut self, change: Change, queues: u32) -> Result<(), Stop> {
        let (first, flags) = match change {
            Change::Grow => (2, VectorFlags::MSIX),
            Change::Slots => (queues + 1, VectorFlags::MSIX),
            Change::Masks => (queues + 1, VectorFlags::MSI),
        };
        self.global.attach(device(), Kind::Pci).map_err(|e| Stop::Tool(e.to_string()))?;
        let got = self.call("alloc_irq_vectors", |k, m| k.alloc_irq_vectors(m, DEV, first, first, flags, None))?;
        for v in 0..got {
            self.request(v)?;
        }
        self.set_vectors(got);
        Ok(())
    }

    fn request(&mut self, vector: u32) -> Result<(), Stop> {
        self.call("request_irq", |k, m| {
            let virq = k.irq_vector(DEV, vector)?;
            k.request_irq(m, virq, Action::new(handler(vector)))
        })
    }

    fn free(&mut self, vector: u32) -> Result<(), Stop> {
        self.call("free_irq", |k, m| {
            let virq = k.irq_vector(DEV, vector)?;
            k.free_irq(m, virq, handler(vector))
        })
    }

    /// So many vectors are in use: queues beyond stop, queues that are new begin.
    fn set_vectors(&mut self, vectors: u32) {
        self.vectors = vectors;
        for q in 0..self.load.queues.len() {
            let on = (q as u32) + 1 < vectors;
            match (on, self.load.queues[q].round) {
                (true, Round::Off) => self.load.schedule(&mut self.s.world, q),
                (false, Round::Scheduled) => self.load.stop(q),
                _ => {}
            }
        }
    }

    /// All vectors off and so many on again, as VFIO did to have more: `vfio_msi_disable`, `vfio_msi_enable`.
    fn dance(&mut self, vectors: u32) -> Result<(), Stop> {
        for v in 0..self.vectors {
            self.free(v)?;
        }
        self.call("free_irq_vectors", |k, m| k.free_irq_vectors(m, DEV))?;
        let flags = VectorFlags::MSIX;
        self.call("alloc_irq_vectors", |k, m| k.alloc_irq_vectors(m, DEV, vectors, vectors, flags, None))?;
        for v in 0..vectors {
            self.request(v)?;
        }
        Ok(())
    }

    /// One vector more; at the end of the table all but two go again, with the queues at rest.
    fn grow(&mut self, way: Way, queues: u32) -> Result<(), Stop> {
        if self.vectors > queues {
            let left = std::mem::take(&mut self.load.left);
            self.set_vectors(0);
            let stopped = self.load.left;
            self.load.left = 0;
            self.drain()?;
            self.load.left = left + stopped;
            match way {
                Way::Old => {
                    // `dance` frees what is in use.
                    self.vectors = queues + 1;
                    self.dance(2)?;
                }
                Way::New => {
                    for v in (2..=queues).rev() {
                        self.free(v)?;
                        self.call("msix_free_irq", |k, m| {
                            let virq = k.irq_vector(DEV, v)?;
                            k.msix_free_irq(m, DEV, MsiMap { index: v, virq })
                        })?;
                    }
                }
            }
            self.set_vectors(2);
            return Ok(());
        }
        let next = self.vectors;
        match way {
            Way::Old => self.dance(next + 1)?,
            Way::New => {
                self.call("msix_alloc_irq_at", |k, m| k.msix_alloc_irq_at(m, DEV, Some(next), None))?;
                self.request(next)?;
            }
        }
        self.set_vectors(next + 1);
        Ok(())
    }

    /// Slots for a while. With one domain for all, MSI-X has to go first and comes back afterwards.
    fn slots(&mut self, way: Way) -> Result<(), Stop> {
        let vectors = self.vectors;
        if way == Way::Old {
            let refused = self.global.attach(device(), Kind::Ims);
            self.s.expect(refused.is_err(), || "one domain took both kinds".into());
            for v in 0..vectors {
                self.free(v)?;
            }
            self.call("free_irq_vectors", |k, m| k.free_irq_vectors(m, DEV))?;
            self.global.detach(device());
            self.global.attach(device(), Kind::Ims).map_err(|e| Stop::Tool(e.to_string()))?;
        }
        let bar = self.s.world.shadow.config.bar(regs::WIN_IMS_SLOTS_BAR as u8);
        let base = bar + u64::from(regs::WIN_IMS_SLOTS_OFFSET);
        let template = Template::ims(Box::new(ArrayChip::new(ImsArray { base, slots: SLOTS })));
        self.call("create_ims_domain", |k, _| k.create_ims_domain(DEV, template, SLOTS))?;
        side(self.s)?.0.slots = Some(SlotStore::Device);
        for k in 0..SLOTS {
            let map = self.call("ims_alloc_irq", |kernel, m| kernel.ims_alloc_irq(m, DEV, None, None))?;
            let action = Action::new(SLOT_HANDLER + u64::from(k));
            self.call("request_irq", |kernel, m| kernel.request_irq(m, map.virq, action))?;
            let now = self.s.world.now();
            self.s.world.raise(tlp::CauseOp::Raise, Source::Device(map.index), now);
        }
        // Until their handlers have run.
        loop {
            self.pass(24)?;
            let taken = self.s.world.causes_waiting() == 0;
            let open =
                (0..SLOTS).any(|k| side(self.s).is_ok_and(|(x, _)| x.handlers.waits(SLOT_HANDLER + u64::from(k))));
            if taken && !open {
                break;
            }
        }
        for k in 0..SLOTS {
            let virq = side(self.s)?
                .0
                .kernel
                .device(DEV)
                .ok()
                .and_then(|d| d.domain(MSI_SECONDARY_DOMAIN))
                .and_then(|d| d.descs().get(&k).map(|d| d.virq));
            let Some(virq) = virq else { continue };
            self.call("free_irq", |kernel, m| kernel.free_irq(m, virq, SLOT_HANDLER + u64::from(k)))?;
            self.call("ims_free_irq", |kernel, m| kernel.ims_free_irq(m, DEV, MsiMap { index: k, virq }))?;
        }
        self.call("removing the domain", |k, m| k.remove_ims_domain(m, DEV))?;
        side(self.s)?.0.slots = None;
        if way == Way::Old {
            self.global.detach(device());
            self.global.attach(device(), Kind::Pci).map_err(|e| Stop::Tool(e.to_string()))?;
            let flags = VectorFlags::MSIX;
            self.call("alloc_irq_vectors", |k, m| k.alloc_irq_vectors(m, DEV, vectors, vectors, flags, None))?;
            for v in 0..vectors {
                self.request(v)?;
            }
        }
        Ok(())
    }

    /// Two processors open two vectors whose bits are in one register. Without a lock the second writes what it read before
    /// the first had written, and the first one's vector is masked again; nobody knows.
    fn masks(&mut self, way: Way, queues: u32) -> Result<(), Stop> {
        let a = self.s.world.rng.random_range(1..=queues);
        let b = 1 + (a - 1 + self.s.world.rng.random_range(1..queues)) % queues;
        let (bit_a, bit_b) = (1u32 << a, 1u32 << b);
        self.call("masking", |k, m| k.msi_chip(DEV)?.update_mask(m, 0, bit_a | bit_b))?;
        self.pass(64)?;
        match way {
            Way::Old => {
                let (first, second) = {
                    let (side, _) = side(self.s)?;
                    let chip = side.kernel.msi_chip(DEV).map_err(|e| Stop::Tool(e.to_string()))?;
                    (chip.mask_copy(), chip.mask_copy())
                };
                self.call("unmasking", |k, m| k.msi_chip(DEV)?.store_mask(m, first & !bit_a))?;
                self.call("unmasking", |k, m| k.msi_chip(DEV)?.store_mask(m, second & !bit_b))?;
                self.stuck.push(a);
            }
            Way::New => {
                self.call("unmasking", |k, m| k.msi_chip(DEV)?.update_mask(m, bit_a, 0))?;
                self.call("unmasking", |k, m| k.msi_chip(DEV)?.update_mask(m, bit_b, 0))?;
            }
        }
        Ok(())
    }

    /// Opens what lost updates left masked, and lets what was pending come.
    fn unstick(&mut self) -> Result<(), Stop> {
        for v in std::mem::take(&mut self.stuck) {
            self.call("unmasking after the timeout", |k, m| k.msi_chip(DEV)?.update_mask(m, 1 << v, 0))?;
        }
        Ok(())
    }
}

fn handler(vector: u32) -> u64 {
    if vector == 0 { MISC } else { u64::from(vector) }
}

fn device() -> Device {
    Device { domain: 0, id: tlp::Bdf::from_bits(0x100) }
}
