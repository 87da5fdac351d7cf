// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Setting sources up: enumeration, stores, targets, masks.

use super::causes::{nth, read_register, write_register};
use super::functions::switched;
use super::msi;
use super::remap;
use crate::bench::machine::{Connection, DONE, SLOTS};
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use crate::finding::Kind;
use host_model::driver::Bus;
use host_model::driver::enumerate::{self, AddressWindows, LinkWish};
use host_model::driver::msg::MsiMsg;
use host_model::driver::msix::Msix;
use host_model::driver::vtd::{IrteSpec, SourceCheck};
use std::collections::BTreeSet;
use vectors::op::{Range, Retarget, Source, Switch, Target};
use vectors::regs;

/// Cycles within which an invalidation of the host store must complete.
const INVALIDATION_BOUND: u64 = 200_000;

/// Slots of a virtual function in its memory.
const VF_SLOTS: u64 = 0x2000;

/// Vector that Linux gives to an interrupt that nobody has requested yet.
const SHUTDOWN_VECTOR: u8 = 0xef;

pub fn enumerate(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    let found = enumerate::enumerate(&mut s.world, &AddressWindows::default());
    let function = s.drive("enumeration", found)?;
    let link = enumerate::set_up_link(&mut s.world, &function, &LinkWish::default());
    s.drive("link set-up", link)?;
    command(s, 1, Switch::Physical(true))?;
    command(s, 2, Switch::Physical(true))?;
    s.tally.expectations += function.bars.len() as u64 + function.caps.len() as u64;
    s.machine.function = Some(function);
    Ok(())
}

/// Sets or clears a bit of the command register and reads it back.
pub fn command(s: &mut Sequencer<'_>, bit: u32, switch: Switch) -> Result<(), Stop> {
    let (id, on) = switched(s, switch);
    let old = s.world.cfg_read_of(id, 4, 2);
    let old = s.drive("command register", old)?;
    let new = old & !(1 << bit) | u32::from(on) << bit;
    let written = s.world.cfg_write_of(id, 4, 2, new);
    s.drive("command register", written)?;
    let back = s.world.cfg_read_of(id, 4, 2);
    let back = s.drive("command register", back)?;
    s.expect(back >> bit & 1 == u32::from(on), || format!("command bit {bit} reads back {back:#x}"));
    Ok(())
}

/// Sets or clears a bit of MSI-X Message Control and reads it back.
pub fn msix_control(s: &mut Sequencer<'_>, bit: u32, switch: Switch) -> Result<(), Stop> {
    let (id, on) = switched(s, switch);
    let at = regs::CAP_MSIX_OFFSET as u16 + 2;
    let old = s.world.cfg_read_of(id, at, 2);
    let old = s.drive("message control", old)?;
    let written = s.world.cfg_write_of(id, at, 2, old & !(1 << bit) | u32::from(on) << bit);
    s.drive("message control", written)?;
    let back = s.world.cfg_read_of(id, at, 2);
    let back = s.drive("message control", back)?;
    s.expect(back >> bit & 1 == u32::from(on), || format!("message control bit {bit} reads back {back:#x}"));
    Ok(())
}

pub fn msix_enable(s: &mut Sequencer<'_>, vectors: u32) -> Result<(), Stop> {
    let Some(mut function) = s.machine.function.clone() else {
        return Err(Stop::Input("msix_enable needs `- enumerate` before it".into()));
    };
    // The vector may have moved BARs since.
    for bar in function.bars.iter_mut().filter(|b| matches!(b.number, 0 | 2 | 4)) {
        bar.address = s.world.shadow.config.bar(bar.number);
    }
    let mut messages = Vec::new();
    for k in 0..vectors {
        messages.push((k as u16, placeholder(s, Source::Msix(k))?));
    }
    let enabled = Msix::enable(&mut s.world, &function, &messages);
    s.machine.msix = Some(s.drive("MSI-X enable", enabled)?);
    Ok(())
}

/// What an entry holds before anybody has requested its interrupt.
pub fn placeholder(s: &mut Sequencer<'_>, at: Source) -> Result<MsiMsg, Stop> {
    Ok(reserve(s, at, SHUTDOWN_VECTOR)?.1)
}

pub fn msix_disable(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    if let Some(msix) = s.machine.msix.take() {
        let disabled = msix.disable(&mut s.world);
        s.drive("MSI-X disable", disabled)?;
    }
    Ok(())
}

/// A remapping entry (when remapping is on) and the message that leads to it.
fn reserve(s: &mut Sequencer<'_>, at: Source, vector: u8) -> Result<(Option<u32>, MsiMsg), Stop> {
    if !remap::is_on(s) {
        let message = MsiMsg::compat(0, vector, false);
        return Ok((None, s.drive("composing a message", message)?));
    }
    let index = match s.machine.reserved.get(&at) {
        Some(index) => *index,
        None => {
            let index = remap::alloc(s, 1)?;
            s.machine.reserved.insert(at, index);
            index
        }
    };
    Ok((Some(index), remap::compose(s, index)?))
}

/// Reserves remapping entries for a run of sources in blocks, as a driver that wants many does.
fn reserve_range(s: &mut Sequencer<'_>, range: &Range) -> Result<(), Stop> {
    const BLOCK: u32 = 1 << 15;
    if !remap::is_on(s) {
        return Ok(());
    }
    let mut k = 0;
    while k < range.count {
        let n = (range.count - k).min(BLOCK);
        // Full blocks only, so that rounding up to a power of two wastes nothing.
        let n = if n.is_power_of_two() { n } else { 1 << n.ilog2() };
        let first = remap::alloc(s, n)?;
        for i in 0..n {
            s.machine.reserved.entry(nth(range, k + i)).or_insert(first + i);
        }
        k += n;
    }
    Ok(())
}

/// A remapping entry that accepts the function of the source alone.
fn spec(s: &Sequencer<'_>, at: Source, to: Target) -> IrteSpec {
    let id = s.world.function_id(at.vf());
    let source = SourceCheck::Id { id, qualifier: 0 };
    IrteSpec { source, ..IrteSpec::fixed(to.cpu, to.vector, id) }
}

/// Entry and message of a source for a target; the entry is in memory when this returns.
fn aim(s: &mut Sequencer<'_>, at: Source, to: Target) -> Result<Connection, Stop> {
    let (entry, mut message) = match at {
        Source::Msi(v) => {
            let c = msi::aim(s, v, to)?;
            (c.entry, c.message)
        }
        _ => reserve(s, at, to.vector)?,
    };
    match entry {
        Some(index) => {
            let spec = spec(s, at, to);
            remap::aim(s, index, &spec)?;
        }
        None => {
            let composed = MsiMsg::compat(to.cpu, to.vector, false);
            message = s.drive("composing a message", composed)?;
        }
    }
    Ok(Connection { entry, target: to, message })
}

pub fn connect(s: &mut Sequencer<'_>, at: Source, to: Target, masked: bool) -> Result<(), Stop> {
    let connection = aim(s, at, to)?;
    // An entry that was in use before may still be cached.
    if let (Some(index), true) = (connection.entry, s.machine.connections.contains_key(&at)) {
        remap::iec(s, Some(index), 0)?;
    }
    s.machine.connections.insert(at, connection);
    program(s, at, connection.message, masked)?;
    if let (Source::Host(k), false) = (at, masked) {
        invalidate(s, k, 0, false, true)?;
    }
    Ok(())
}

pub fn connect_range(s: &mut Sequencer<'_>, range: &Range, masked: bool) -> Result<(), Stop> {
    reserve_range(s, range)?;
    // In compatibility format the target is the message, and the ledger tells sources by their messages: what another
    // store has is passed over, as long as something is left.
    let others = s.machine.connections.iter().filter(|(other, c)| !range.has(**other) && c.entry.is_none());
    let taken: BTreeSet<(u32, u8)> = others.map(|(_, c)| (c.target.cpu, c.target.vector)).collect();
    let all = 0xb0 * s.machine.cpus;
    let mut step = 0;
    for k in 0..range.count {
        let at = nth(range, k);
        let mut to = dealt(s.machine.cpus, step);
        let mut connection = aim(s, at, to)?;
        while connection.entry.is_none() && taken.contains(&(to.cpu, to.vector)) && step < all {
            step += 1;
            to = dealt(s.machine.cpus, step);
            connection = aim(s, at, to)?;
        }
        step += 1;
        s.machine.connections.insert(at, connection);
        program(s, at, connection.message, masked)?;
    }
    if let Source::Host(_) = range.first {
        invalidate(s, 0, 31, false, true)?;
    }
    Ok(())
}

/// Target of the k-th source of a run: processors in turn, vectors 0x30 to 0xdf.
pub fn dealt(cpus: u32, k: u32) -> Target {
    Target { cpu: k % cpus, vector: 0x30 + (k / cpus % 0xb0) as u8 }
}

/// Address of an entry in the device or in host memory; MSI and events have none.
fn entry_address(s: &Sequencer<'_>, at: Source) -> Result<u64, Stop> {
    let config = &s.world.shadow.config;
    match at {
        Source::Msix(k) => {
            Ok(config.bar(regs::WIN_MSIX_TABLE_BAR as u8) + u64::from(regs::WIN_MSIX_TABLE_OFFSET) + 16 * u64::from(k))
        }
        Source::Device(k) => {
            Ok(config.bar(regs::WIN_IMS_SLOTS_BAR as u8) + u64::from(regs::WIN_IMS_SLOTS_OFFSET) + 16 * u64::from(k))
        }
        Source::Host(k) => Ok(s.world.host.rc().ats().map.physical(s.world.shadow.host_base + 16 * u64::from(k))),
        Source::VfMsix { vf, k } => Ok(s.world.shadow.functions.base(vf) + 16 * u64::from(k)),
        Source::VfDevice { vf, k } => Ok(s.world.shadow.functions.base(vf) + VF_SLOTS + 16 * u64::from(k)),
        Source::Event(_) | Source::Msi(_) => Err(Stop::Input(format!("{at:?} has no entry"))),
    }
}

/// Message and mask into a source's place, masked first; nothing is flushed.
fn program(s: &mut Sequencer<'_>, at: Source, m: MsiMsg, masked: bool) -> Result<(), Stop> {
    if let Source::Msi(v) = at {
        return msi::program(s, v, m, masked);
    }
    let base = entry_address(s, at)?;
    if let Source::Host(_) = at {
        return store_slot(s, base, m.address(), m.data, u32::from(masked));
    }
    for (offset, value) in [(12, 1), (0, m.address_lo), (4, m.address_hi), (8, m.data), (12, u32::from(masked))] {
        let written = s.world.mem_write(base + offset, 4, u64::from(value));
        s.drive("programming an entry", written)?;
    }
    Ok(())
}

/// A host slot in one 16-byte store.
fn store_slot(s: &mut Sequencer<'_>, base: u64, address: u64, data: u32, control: u32) -> Result<(), Stop> {
    let image = u128::from(address) | u128::from(data) << 64 | u128::from(control) << 96;
    s.world.dram_write(base, &image.to_le_bytes())
}

pub fn disconnect(s: &mut Sequencer<'_>, at: Source) -> Result<(), Stop> {
    set_mask(s, at, true)?;
    if !matches!(at, Source::Msi(_)) {
        program(s, at, MsiMsg::default(), true)?;
    }
    if let Source::Host(k) = at {
        invalidate(s, k, 0, false, true)?;
    }
    if let Some(Connection { entry: Some(index), .. }) = s.machine.connections.remove(&at) {
        remap::clear(s, index)?;
    }
    Ok(())
}

pub fn retarget(s: &mut Sequencer<'_>, at: Source, to: Target, by: Retarget) -> Result<(), Stop> {
    let Some(old) = s.machine.connections.get(&at).copied() else {
        return Err(Stop::Input(format!("{at:?} has no target to change; connect it first")));
    };
    match by {
        Retarget::Entry | Retarget::EntryUnflushed => {
            let Some(index) = old.entry else {
                return Err(Stop::Input("the entry can only be changed with remapping on".into()));
            };
            aim(s, at, to)?;
            if by == Retarget::Entry {
                remap::iec(s, Some(index), 0)?;
            }
            s.machine.connections.insert(at, Connection { target: to, ..old });
        }
        Retarget::Message | Retarget::MessageUnmasked => {
            let guarded = by == Retarget::Message;
            // With remapping a new message means another entry.
            if !matches!(at, Source::Msi(_)) {
                s.machine.reserved.remove(&at);
            }
            let new = aim(s, at, to)?;
            if guarded {
                set_mask(s, at, true)?;
                program(s, at, new.message, false)?;
            } else {
                let base = entry_address(s, at)?;
                let m = new.message;
                if let Source::Host(_) = at {
                    store_slot(s, base, m.address(), m.data, 0)?;
                } else {
                    for (offset, value) in [(0, m.address_lo), (4, m.address_hi), (8, m.data)] {
                        let written = s.world.mem_write(base + offset, 4, u64::from(value));
                        s.drive("rewriting an entry", written)?;
                    }
                }
            }
            flush(s, at)?;
            s.machine.connections.insert(at, new);
        }
    }
    Ok(())
}

/// Makes a change of a source take effect for certain.
fn flush(s: &mut Sequencer<'_>, at: Source) -> Result<(), Stop> {
    match at {
        Source::Host(k) => invalidate(s, k, 0, false, true),
        Source::Msi(_) => msi::flush(s),
        _ => {
            let read = s.world.mem_read(entry_address(s, at)? + 8, 4);
            s.drive("reading back", read).map(|_| ())
        }
    }
}

pub fn set_mask(s: &mut Sequencer<'_>, at: Source, on: bool) -> Result<(), Stop> {
    if let Source::Msi(v) = at {
        return msi::set_mask(s, v, on);
    }
    let base = entry_address(s, at)?;
    match at {
        Source::Msi(_) | Source::Event(_) => {}
        Source::Host(_) => {
            let slot = s.world.dram_read_u128(base);
            let slot = s.drive("reading a slot", slot)?;
            let image = slot & !(1 << 96) | u128::from(on) << 96;
            s.world.dram_write(base, &image.to_le_bytes())?;
        }
        Source::Msix(_) | Source::VfMsix { .. } => {
            let written = s.world.mem_write(base + 12, 4, u64::from(on));
            s.drive("writing vector control", written)?;
        }
        Source::Device(_) | Source::VfDevice { .. } => {
            let control = s.world.mem_read(base + 12, 4);
            let control = s.drive("reading a slot's control", control)?;
            let written = s.world.mem_write(base + 12, 4, control & !3 | u64::from(on));
            s.drive("writing a slot's control", written)?;
        }
    }
    flush(s, at)
}

pub fn message(s: &mut Sequencer<'_>, at: Source, address: u64, data: u32, control: Option<u32>) -> Result<(), Stop> {
    if let (Source::Msi(_), None) = (at, control) {
        return msi::message(s, address, data);
    }
    let base = entry_address(s, at)?;
    if let Source::Host(_) = at {
        let old = s.world.dram_read_u128(base);
        let old = s.drive("reading a slot", old)?;
        return store_slot(s, base, address, data, control.unwrap_or((old >> 96) as u32));
    }
    let words = [(0, Some(address as u32)), (4, Some((address >> 32) as u32)), (8, Some(data)), (12, control)];
    for (offset, value) in words {
        if let Some(v) = value {
            let written = s.world.mem_write(base + offset, 4, u64::from(v));
            s.drive("writing a message", written)?;
        }
    }
    Ok(())
}

pub fn host_store(s: &mut Sequencer<'_>, slots: u32, base: Option<u64>) -> Result<(), Stop> {
    let base = base.unwrap_or(SLOTS);
    s.world.shadow.entries.forget_host();
    // Slots start masked, in memory before the device may look.
    let page: Vec<u8> = (0..4096 / 16).flat_map(|_| (1u128 << 96).to_le_bytes()).collect();
    let bytes = u64::from(slots) * 16;
    for at in (0..bytes).step_by(4096) {
        let n = (bytes - at).min(4096) as usize;
        let place = s.world.host.rc().ats().map.physical(base + at);
        s.world.dram_write(place, &page[..n])?;
    }
    write_register(s, regs::HS_BASE_LO, base as u32)?;
    write_register(s, regs::HS_BASE_HI, (base >> 32) as u32)?;
    write_register(s, regs::HS_SIZE, slots)?;
    write_register(s, regs::HS_DONE_ADDR_LO, DONE as u32)?;
    write_register(s, regs::HS_DONE_ADDR_HI, (DONE >> 32) as u32)?;
    write_register(s, regs::HS_CTRL, 1)?;
    let status = read_register(s, regs::HS_STATUS)?;
    let enabled = status & regs::hs_status::ENABLED_MASK != 0;
    s.expect(enabled, || format!("the host store is not enabled: hs_status {status:#x}"));
    Ok(())
}

pub fn host_store_off(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    write_register(s, regs::HS_CTRL, 0)?;
    let status = read_register(s, regs::HS_STATUS)?;
    s.expect(status & regs::hs_status::ENABLED_MASK == 0, || format!("hs_status {status:#x} after disable"));
    s.world.device.translations.store_is_off();
    Ok(())
}

pub fn invalidate(s: &mut Sequencer<'_>, index: u32, order: u8, notify: bool, wait: bool) -> Result<(), Stop> {
    use regs::hs_cmd as cmd;
    let before = s.world.done_word;
    let value =
        index | u32::from(order & 31) << cmd::ORDER_LSB | u32::from(notify) << cmd::NOTIFY_LSB | cmd::START_MASK;
    write_register(s, regs::HS_CMD, value)?;
    if !wait {
        return Ok(());
    }
    let deadline = s.world.now() + INVALIDATION_BOUND;
    loop {
        let done = if notify {
            s.world.wait(16)?;
            s.world.done_word != before
        } else {
            read_register(s, regs::HS_STATUS)? & regs::hs_status::BUSY_MASK == 0
        };
        if done {
            s.world.invalidations_done();
            return Ok(());
        }
        if s.world.now() >= deadline {
            let text =
                format!("invalidation of slot {index}, order {order}, not complete within {INVALIDATION_BOUND} cycles");
            s.world.find("invalidation_never_done", Kind::Liveness, text);
            return Err(Stop::Stuck);
        }
    }
}
