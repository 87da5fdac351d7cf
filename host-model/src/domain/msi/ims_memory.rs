// SPDX-License-Identifier: Apache-2.0 OR MIT
//! PCI/IMS, queue variant: slots in host memory that the device fetches, changed under the bus lock.
//!
//! Mask, unmask and message only change a shadow; the unlock writes the slot, gives one update command
//! and waits for its end. Handlers do not take the lock, so nothing is masked from there.

use super::chip::{Chip, Cookie};
use crate::domain::Errno;
use crate::domain::remap::DomainError;
use crate::driver::Bus;
use crate::driver::ims_memory::{ImsMemory, ImsMemoryError};
use crate::driver::msg::MsiMsg;
use std::collections::BTreeMap;

impl From<ImsMemoryError> for DomainError {
    fn from(error: ImsMemoryError) -> Self {
        match error {
            ImsMemoryError::Bus(bus) => Self::Bus(bus),
            ImsMemoryError::Index { .. } => Self::Errno(Errno::Erange),
            ImsMemoryError::Lock { .. } => Self::Errno(Errno::Ebusy),
            ImsMemoryError::Refused(_) | ImsMemoryError::Busy(_) => Self::Errno(Errno::Eio),
            ImsMemoryError::Timeout { .. } => Self::Errno(Errno::Etimedout),
        }
    }
}

/// The slots of one function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemoryChip {
    store: ImsMemory,
    /// Message and mask as the shadow has them.
    used: BTreeMap<u32, (MsiMsg, bool)>,
}

impl MemoryChip {
    /// Over a store that is enabled.
    pub const fn new(store: ImsMemory) -> Self {
        Self { store, used: BTreeMap::new() }
    }

    /// The store.
    pub const fn store(&self) -> &ImsMemory {
        &self.store
    }

    fn shadow(&mut self, index: u32) -> Result<&mut (MsiMsg, bool), DomainError> {
        Ok(self.used.get_mut(&index).ok_or(Errno::Enxio)?)
    }
}

impl Chip for MemoryChip {
    /// The slot is masked in memory since the store was enabled or the index released. PASIDs are not the slot's in
    /// this device: an interrupt handle holds them.
    fn prepare(&mut self, _bus: &mut dyn Bus, index: u32, _cookie: Option<&Cookie>) -> Result<(), DomainError> {
        self.used.insert(index, (MsiMsg::default(), true));
        Ok(())
    }

    fn release(&mut self, bus: &mut dyn Bus, index: u32) -> Result<(), DomainError> {
        if self.used.remove(&index).is_some() {
            self.store.free(bus, index)?;
        }
        Ok(())
    }

    fn mask(&mut self, _bus: &mut dyn Bus, index: u32, _nr: u32) -> Result<(), DomainError> {
        self.store.mask(index)?;
        self.shadow(index)?.1 = true;
        Ok(())
    }

    fn unmask(&mut self, _bus: &mut dyn Bus, index: u32, _nr: u32) -> Result<(), DomainError> {
        self.store.unmask(index)?;
        self.shadow(index)?.1 = false;
        Ok(())
    }

    fn write_msg(&mut self, _bus: &mut dyn Bus, index: u32, msg: MsiMsg) -> Result<(), DomainError> {
        self.store.write_msg(index, msg)?;
        self.shadow(index)?.0 = msg;
        Ok(())
    }

    /// The slots have been in memory all the time: only the device has to be told where.
    fn resume(&mut self, bus: &mut dyn Bus) -> Result<(), DomainError> {
        Ok(self.store.resume(bus)?)
    }

    fn restore(&mut self, _bus: &mut dyn Bus, _index: u32) -> Result<(), DomainError> {
        Ok(())
    }

    fn bus_lock(&mut self, index: u32) -> Result<(), DomainError> {
        Ok(self.store.bus_lock(index)?)
    }

    fn bus_sync_unlock(&mut self, bus: &mut dyn Bus, index: u32) -> Result<(), DomainError> {
        Ok(self.store.bus_sync_unlock(bus, index)?)
    }

    fn masks_in_handlers(&self) -> bool {
        false
    }

    fn message(&self, index: u32) -> Option<MsiMsg> {
        self.used.get(&index).map(|(msg, _)| *msg)
    }

    fn is_masked(&self, index: u32, _nr: u32) -> Option<bool> {
        self.used.get(&index).map(|(_, masked)| *masked)
    }
}
