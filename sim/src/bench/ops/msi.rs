// SPDX-License-Identifier: Apache-2.0 OR MIT
//! MSI: enabling, targets, masks.

use super::remap;
use crate::bench::machine::Connection;
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use host_model::driver::Bus;
use host_model::driver::msg::MsiMsg;
use host_model::driver::msi::Msi;
use vectors::op::{Source, Target};
use vectors::regs;

/// Vector that Linux gives to an interrupt that nobody has requested yet.
const SHUTDOWN_VECTOR: u8 = 0xef;
const ADDRESS: u16 = regs::CAP_MSI_OFFSET as u16 + 4;
const MASK: u16 = regs::CAP_MSI_OFFSET as u16 + 0x10;

/// Enables MSI. Without remapping consecutive vectors at one processor cannot be promised, and
/// Linux grants one (arch_msi_prepare on x86).
pub fn enable(s: &mut Sequencer<'_>, vectors: u32) -> Result<(), Stop> {
    let Some(function) = s.machine.function.clone() else {
        return Err(Stop::Input("msi_enable needs `- enumerate` before it".into()));
    };
    let (granted, message) = if s.machine.remapping.is_some() {
        let granted = vectors.next_power_of_two();
        let (ir, _) = remap::driver(s)?;
        let first = ir.alloc(granted);
        let first = s.drive("allocating remapping entries", first)?;
        for v in 0..granted {
            s.machine.reserved.insert(Source::Msi(v), first + v);
        }
        let (ir, _) = remap::driver(s)?;
        (granted, ir.compose(first, 0).map_err(|e| e.to_string()))
    } else {
        (1, MsiMsg::compat(0, SHUTDOWN_VECTOR, false).map_err(|e| e.to_string()))
    };
    let message = s.drive("composing a message", message)?;
    let enabled = Msi::enable(&mut s.world, &function, granted, message);
    s.machine.msi = Some(s.drive("MSI enable", enabled)?);
    Ok(())
}

pub fn disable(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    if let Some(msi) = s.machine.msi.take() {
        let disabled = msi.disable(&mut s.world);
        s.drive("MSI disable", disabled)?;
    }
    Ok(())
}

fn driver<'a>(s: &'a mut Sequencer<'_>) -> Result<(&'a mut Msi, &'a mut crate::bench::world::World), Stop> {
    match &mut s.machine.msi {
        Some(msi) => Ok((msi, &mut s.world)),
        None => Err(Stop::Input("this needs `- msi_enable` before it".into())),
    }
}

/// The entry (when remapping is on) and the message with which a vector reaches a target.
pub fn aim(s: &mut Sequencer<'_>, v: u32, to: Target) -> Result<Connection, Stop> {
    let (msi, _) = driver(s)?;
    if v >= msi.granted {
        let text = format!("MSI vector {v}: the host has granted {}", msi.granted);
        return Err(Stop::Input(text));
    }
    let message = msi.msg;
    match s.machine.reserved.get(&Source::Msi(v)).copied() {
        Some(index) if s.machine.remapping.is_some() => Ok(Connection { entry: Some(index), target: to, message }),
        _ => {
            let composed = MsiMsg::compat(to.cpu, to.vector, false);
            let message = s.drive("composing a message", composed)?;
            Ok(Connection { entry: None, target: to, message })
        }
    }
}

/// Programs a vector's message, masked meanwhile; with remapping the message stays as it is.
pub fn program(s: &mut Sequencer<'_>, v: u32, message: MsiMsg, masked: bool) -> Result<(), Stop> {
    set_mask(s, v, true)?;
    let (msi, world) = driver(s)?;
    if msi.msg != message {
        let written = msi.write_msg(world, message);
        s.drive("writing an MSI message", written)?;
    }
    if masked { Ok(()) } else { set_mask(s, v, false) }
}

pub fn set_mask(s: &mut Sequencer<'_>, v: u32, on: bool) -> Result<(), Stop> {
    if s.machine.msi.is_none() {
        let old = s.world.cfg_read(MASK, 4);
        let old = s.drive("MSI mask", old)?;
        let written = s.world.cfg_write(MASK, 4, old & !(1 << v) | u32::from(on) << v);
        return s.drive("MSI mask", written);
    }
    let (msi, world) = driver(s)?;
    let written = if on { msi.mask_irq(world, v) } else { msi.unmask_irq(world, v) };
    s.drive("MSI mask", written)?;
    flush(s)
}

/// Reads the mask back: what was masked before sends nothing behind the completion.
pub fn flush(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    let read = s.world.cfg_read(MASK, 4);
    s.drive("MSI mask", read).map(|_| ())
}

/// Writes the capability's message raw, all 32 bits of data.
pub fn message(s: &mut Sequencer<'_>, address: u64, data: u32) -> Result<(), Stop> {
    for (at, value) in [(ADDRESS, address as u32), (ADDRESS + 4, (address >> 32) as u32), (ADDRESS + 8, data)] {
        let written = s.world.cfg_write(at, 4, value);
        s.drive("writing an MSI message", written)?;
    }
    Ok(())
}
