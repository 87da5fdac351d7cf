// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Turning PASIDs on and off (pci_enable_pasid, pci_disable_pasid).

use super::caps::{self, CapError};
use super::enumerate::Function;
use super::{Bus, BusError};
use crate::rc::LinkSettings;

/// Identifier of the extended capability.
pub const PASID: u16 = 0x1b;
const CONTROL: u16 = 6;
const ENABLE: u32 = 1;

/// What goes wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasidError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The capability list cannot be followed.
    #[error(transparent)]
    Capability(#[from] CapError),
    /// The function has no such capability.
    #[error("no PASID capability")]
    Absent,
    /// The bit does not stay.
    #[error("PASID control reads back {0:#x}")]
    Refused(u32),
}

/// Sets PASID Enable, and lets the root port know before or after, so that no prefix comes unexpected.
pub fn set(bus: &mut dyn Bus, function: &Function, link: &mut LinkSettings, on: bool) -> Result<(), PasidError> {
    let at = caps::find(&function.extended, PASID).ok_or(PasidError::Absent)?.offset + CONTROL;
    if on {
        link.pasid = true;
        bus.set_link(*link)?;
    }
    let control = bus.cfg_read(at, 2)? & !ENABLE;
    bus.cfg_write(at, 2, control | u32::from(on))?;
    let back = bus.cfg_read(at, 2)?;
    if back & ENABLE != u32::from(on) {
        return Err(PasidError::Refused(back));
    }
    link.pasid = on;
    bus.set_link(*link)?;
    Ok(())
}
