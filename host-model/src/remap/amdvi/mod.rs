// SPDX-License-Identifier: Apache-2.0 OR MIT
//! AMD-Vi: the interrupt remapping half of an AMD I/O memory management unit.
//!
//! A requester's id selects an entry of the device table; that names the requester's own interrupt table; the low
//! bits of the message's data index it. So nothing in an entry says who may use it: a requester has only its
//! own table. Software changes tables in memory, sends invalidations through the command buffer and waits for a
//! COMPLETION_WAIT.
//!
//! Left out, and not claimed in the feature registers: translation of DMA (its invalidations are accepted and do
//! nothing), guest virtual APIC (GuestMode is a reserved bit), page requests, the unit's PCI capability. Its own
//! interrupts are therefore sent only when they are composed from its registers (IntCapXTEn).
//!
//! The specification was not at hand; what is from memory, and choices where it is open:
//! - Data bits 10:8 are both delivery mode and index bits 10:8. Unless 2,048-entry mode is on, the delivery mode
//!   counts: fixed and arbitrated are remapped, so that indices end at 511; the others follow their pass bits.
//! - IntType above 1 is a reserved code.
//! - An interrupt event holds the low 32 bits of the message's address.
//! - A device id beyond the table is ILLEGAL_DEV_TABLE_ENTRY.
//! - IG keeps page faults out of the log, SupIOPF those of its entry. An illegal device entry is always logged.
//! - What is present and without error is cached until invalidated; INVALIDATE_DEVTAB_ENTRY leaves cached interrupt
//!   entries alone.
//! - A request is looked up when it enters and delivered when it leaves.
//! - Accesses that are not 4 or 8 bytes, aligned: reads give all ones, writes are dropped.

mod command;
mod device;
mod entry;
mod event;
mod regs;

use super::path::{Latency, Path};
use super::{EventMessage, FaultReason, RemapEffect, RemapUnit, compat};
use crate::interrupt::{ApicMessage, DeliveryMode, InterruptRequest};
use crate::mem::HostMemory;
use command::Commands;
use device::{DeviceEntry, Verdict};
use entry::{Irte, Irte32, Irte128, Unusable};
use event::{Event, Log};
use regs::{Control, DeviceTable, OwnInterrupt, Ring, Status};
use std::collections::BTreeMap;
use tlp::Tick;

/// What kind of unit it is.
#[derive(Clone, Debug)]
pub struct AmdViConfig {
    /// Seed of the latency stream.
    pub seed: u64,
    /// Time of a request inside the unit.
    pub latency: Latency,
    /// Device entries and interrupt entries are kept until they are invalidated; else read for each request.
    pub caches: bool,
    /// GASup: 128-bit entries can be switched on.
    pub wide_entries: bool,
    /// XTSup: 32-bit destinations can be.
    pub x2apic: bool,
    /// NumIntRemapSup: 2,048 entries a table can be.
    pub two_k: bool,
    /// Ticks a command; 0: as many as there are in one step.
    pub command_ticks: u64,
}

impl Default for AmdViConfig {
    /// Everything there is, everything cached.
    fn default() -> Self {
        Self {
            seed: 0,
            latency: Latency::default(),
            caches: true,
            wide_entries: true,
            x2apic: true,
            two_k: true,
            command_ticks: 0,
        }
    }
}

/// What became of a request at its look-up.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    Deliver(ApicMessage),
    /// `event`: what is logged, unless it is suppressed.
    Blocked {
        reason: FaultReason,
        event: Option<Event>,
    },
}

/// A request between look-up and delivery.
#[derive(Clone, Copy, Debug)]
struct Flight {
    request: InterruptRequest,
    index: Option<u32>,
    outcome: Outcome,
}

/// The unit.
#[derive(Clone, Debug)]
pub struct AmdVi {
    config: AmdViConfig,
    control: Control,
    device_table: DeviceTable,
    own_interrupt: OwnInterrupt,
    commands: Commands,
    log: Log,
    /// ComWaitInt.
    wait_done: bool,
    /// Cached device entries.
    devices: BTreeMap<u16, DeviceEntry>,
    /// Cached interrupt entries, by device and index.
    entries: BTreeMap<(u16, u32), Irte>,
    path: Path<Flight>,
    attention: Option<Tick>,
}

impl AmdVi {
    /// A unit after reset.
    ///
    /// # Panics
    /// If the latency's `max` is below its `min`.
    pub fn new(config: AmdViConfig) -> Self {
        assert!(config.latency.min <= config.latency.max, "latency: max is below min");
        Self {
            path: Path::new(config.latency, config.seed, *b"amd path"),
            control: Control::new(),
            device_table: DeviceTable::new(),
            own_interrupt: OwnInterrupt::new(),
            commands: Commands::default(),
            log: Log::default(),
            wait_done: false,
            devices: BTreeMap::new(),
            entries: BTreeMap::new(),
            attention: None,
            config,
        }
    }

    /// The device's entry: cached, or bits 191:128 of it in memory.
    fn device(&mut self, request: &InterruptRequest, mem: &HostMemory) -> Result<DeviceEntry, (FaultReason, Event)> {
        let device = request.source.bits();
        if let Some(entry) = self.devices.get(&device) {
            return Ok(*entry);
        }
        if u32::from(device) >= self.device_table.entries() {
            return Err((FaultReason::IllegalDeviceEntry, Event::illegal_device(request.source, request.address)));
        }
        let at = self.device_table.base() + 32 * u64::from(device) + 16;
        let Ok(raw) = mem.read_u64(at) else {
            return Err((FaultReason::DeviceTableUnreadable, Event::device_table_unreadable(request.source, at)));
        };
        let entry = DeviceEntry::from_bits(raw);
        if self.config.caches && entry.valid() && entry.verdict(None) != Verdict::Illegal {
            self.devices.insert(device, entry);
        }
        Ok(entry)
    }

    /// The interrupt entry, in one read of its 4 or 16 bytes.
    fn entry(&mut self, device: u16, index: u32, table: u64, mem: &HostMemory) -> Result<Irte, u64> {
        if let Some(entry) = self.entries.get(&(device, index)) {
            return Ok(*entry);
        }
        let entry = if self.control.wide_entries() {
            let at = table + 16 * u64::from(index);
            let entry = Irte128::from_bits(mem.read_u128(at).map_err(|_| at)?);
            Irte::Wide { entry, x2apic: self.control.x2apic() }
        } else {
            let at = table + 4 * u64::from(index);
            Irte::Narrow(Irte32::from_bits(mem.read_u32(at).map_err(|_| at)?))
        };
        if self.config.caches && entry.message().is_ok() {
            self.entries.insert((device, index), entry);
        }
        Ok(entry)
    }

    /// Decides on a request [AMD IOMMU 2.2.5].
    fn look_up(&mut self, request: InterruptRequest, mem: &HostMemory) -> Flight {
        let InterruptRequest { source, address, data } = request;
        let mut flight =
            Flight { request, index: None, outcome: Outcome::Deliver(compat::decode(address, data, false)) };
        if !self.control.enabled() {
            return flight;
        }
        let entry = match self.device(&request, mem) {
            Ok(entry) => entry,
            Err((reason, event)) => {
                flight.outcome = Outcome::Blocked { reason, event: Some(event) };
                return flight;
            }
        };
        let two_k = self.control.index_mode() == 1;
        let mode = (!two_k).then(|| DeliveryMode::from_bits((data >> 8) as u8));
        let fault = |present, reserved, quiet: bool| Outcome::Blocked {
            reason: FaultReason::InterruptFault,
            event: (!quiet).then(|| Event::interrupt_fault(source, address, present, reserved)),
        };
        match entry.verdict(mode) {
            Verdict::Pass => {}
            Verdict::Abort => flight.outcome = fault(false, false, entry.ignore()),
            Verdict::Illegal => {
                let (reason, event) = (FaultReason::IllegalDeviceEntry, Event::illegal_device(source, address));
                flight.outcome = Outcome::Blocked { reason, event: Some(event) };
            }
            Verdict::Remap => {
                let index = data & 0x7ff;
                flight.index = Some(index);
                if index >= entry.entries() {
                    flight.outcome = fault(false, false, entry.ignore());
                    return flight;
                }
                flight.outcome = match self.entry(source.bits(), index, entry.table(), mem) {
                    Err(at) => Outcome::Blocked {
                        reason: FaultReason::InterruptTableUnreadable,
                        event: Some(Event::interrupt_table_unreadable(source, at)),
                    },
                    Ok(irte) => {
                        let quiet = entry.ignore() || irte.suppresses();
                        match irte.message() {
                            Ok(message) => Outcome::Deliver(message),
                            Err(Unusable::Disabled) => fault(false, false, quiet),
                            Err(Unusable::Reserved) => fault(true, true, quiet),
                        }
                    }
                };
            }
        }
        flight
    }

    fn land(&mut self, flight: Flight, mem: &mut HostMemory) -> RemapEffect {
        let Flight { request, index, outcome } = flight;
        match outcome {
            Outcome::Deliver(message) => RemapEffect::Deliver { request, index, message },
            Outcome::Blocked { reason, event } => {
                let recorded = event.is_some_and(|event| self.log.write(event, &self.control, mem));
                RemapEffect::Blocked { request, index, reason, recorded }
            }
        }
    }

    /// The unit's own interrupt, in the form that [`EventMessage`] has for 32-bit destinations.
    fn own_message(&self) -> EventMessage {
        let r = self.own_interrupt;
        let high = u64::from(r.destination_31_24()) << 24 | u64::from(r.destination_23_0() & 0xff_ff00);
        let low = 0xfee0_0000 | (r.destination_23_0() & 0xff) << 12 | u32::from(r.logical()) << 2;
        EventMessage { address: high << 32 | u64::from(low), data: u32::from(r.vector()) }
    }

    fn status(&self) -> Status {
        Status::new()
            .with_overflow(self.log.overflow)
            .with_event(self.log.interrupt)
            .with_wait(self.wait_done)
            .with_log_runs(self.log.runs)
            .with_commands_run(self.commands.runs)
    }

    fn read_register(&self, register: u32) -> u64 {
        match register {
            regs::DEVICE_TABLE => self.device_table.into_bits(),
            regs::COMMAND_BASE => self.commands.base.into_bits(),
            regs::EVENT_BASE => self.log.base.into_bits(),
            regs::CONTROL => self.control.into_bits(),
            regs::FEATURES => {
                (if self.config.x2apic { regs::XT } else { 0 }) | if self.config.wide_entries { regs::GA } else { 0 }
            }
            regs::FEATURES_2 if self.config.two_k => regs::TWO_K,
            regs::EVENT_INTERRUPT => self.own_interrupt.into_bits(),
            regs::COMMAND_HEAD => self.commands.head.into(),
            regs::COMMAND_TAIL => self.commands.tail.into(),
            regs::EVENT_HEAD => self.log.head.into(),
            regs::EVENT_TAIL => self.log.tail.into(),
            regs::STATUS => self.status().into_bits(),
            _ => 0,
        }
    }

    fn write_register(&mut self, register: u32, value: u64, now: Tick) {
        // Pointers into a ring: bits 18:4.
        let pointer = value as u32 & 0x7_fff0;
        match register {
            regs::DEVICE_TABLE => self.device_table = DeviceTable::from_bits(value & 0x000f_ffff_ffff_f1ff),
            regs::COMMAND_BASE => {
                self.commands.base = Ring::from_bits(value & 0x0f0f_ffff_ffff_f000);
                (self.commands.head, self.commands.tail) = (0, 0);
            }
            regs::EVENT_BASE => {
                self.log.base = Ring::from_bits(value & 0x0f0f_ffff_ffff_f000);
                (self.log.head, self.log.tail) = (0, 0);
            }
            regs::CONTROL => self.write_control(Control::from_bits(value), now),
            regs::EVENT_INTERRUPT => self.own_interrupt = OwnInterrupt::from_bits(value),
            regs::COMMAND_HEAD => self.commands.head = pointer,
            regs::COMMAND_TAIL => self.commands.tail = pointer,
            regs::EVENT_HEAD => self.log.head = pointer,
            regs::EVENT_TAIL => self.log.tail = pointer,
            regs::STATUS => {
                let clear = Status::from_bits(value);
                self.log.overflow &= !clear.overflow();
                self.log.interrupt &= !clear.event();
                self.wait_done &= !clear.wait();
            }
            _ => {}
        }
    }

    /// Modes that the unit does not have stay off. A ring starts when its enable bit goes from 0 to 1, and stops with it.
    fn write_control(&mut self, wanted: Control, now: Tick) {
        let old = self.control;
        let control = Control::new()
            .with_enabled(wanted.enabled())
            .with_event_log(wanted.event_log())
            .with_event_interrupt(wanted.event_interrupt())
            .with_wait_interrupt(wanted.wait_interrupt())
            .with_commands(wanted.commands())
            .with_wide_entries(wanted.wide_entries() && self.config.wide_entries)
            .with_index_mode(u8::from(wanted.index_mode() == 1 && self.config.two_k))
            .with_x2apic(wanted.x2apic() && self.config.x2apic)
            .with_own_interrupts(wanted.own_interrupts() && self.config.x2apic);
        self.control = control;
        let starts = |was: bool, is: bool, runs: bool| is && control.enabled() && (runs || !was || !old.enabled());
        self.commands.runs = starts(old.commands(), control.commands(), self.commands.runs);
        self.log.runs = starts(old.event_log(), control.event_log(), self.log.runs);
        if control.wide_entries() != old.wide_entries() || !control.enabled() {
            // Nothing read in another format, or before the unit was switched off, is used again.
            self.entries.clear();
            self.devices.clear();
        }
        self.attention.get_or_insert(now);
    }
}

fn is_legal(offset: u32, bytes: u8) -> bool {
    (bytes == 4 || bytes == 8) && offset & (u32::from(bytes) - 1) == 0 && offset < regs::AREA
}

impl RemapUnit for AmdVi {
    fn copy(&self) -> Box<dyn RemapUnit> {
        Box::new(self.clone())
    }

    fn read(&self, offset: u32, bytes: u8) -> u64 {
        if !is_legal(offset, bytes) {
            return if bytes >= 8 { u64::MAX } else { (1 << (8 * u32::from(bytes))) - 1 };
        }
        let value = self.read_register(offset & !7) >> (8 * (offset & 7));
        if bytes == 8 { value } else { value & 0xffff_ffff }
    }

    fn write(&mut self, offset: u32, bytes: u8, value: u64, now: Tick, _mem: &mut HostMemory) {
        if !is_legal(offset, bytes) {
            return;
        }
        let register = offset & !7;
        // What is cleared by writing 1 is not written back by a write of the other half.
        let old = if register == regs::STATUS { 0 } else { self.read_register(register) };
        let merged = match (bytes, offset & 7) {
            (8, _) => value,
            (_, 0) => old & !0xffff_ffff | value & 0xffff_ffff,
            _ => old & 0xffff_ffff | value << 32,
        };
        self.write_register(register, merged, now);
        self.attention.get_or_insert(now);
    }

    fn request(&mut self, req: InterruptRequest, now: Tick, mem: &HostMemory) {
        let flight = self.look_up(req, mem);
        self.path.enter(req.source, flight, now);
    }

    fn step(&mut self, now: Tick, mem: &mut HostMemory, out: &mut Vec<RemapEffect>) {
        self.attention = None;
        while let Some((number, flight)) = self.path.leave(now) {
            let effect = self.land(flight, mem);
            out.push(effect);
            self.commands.landed(number);
        }
        self.run_commands(now, mem, out);
        if std::mem::take(&mut self.log.send) && self.control.own_interrupts() {
            out.push(RemapEffect::FaultEvent(self.own_message()));
        }
    }

    fn next_due(&self) -> Option<Tick> {
        [self.attention, self.path.next_due(), self.commands.next_due()].into_iter().flatten().min()
    }
}
