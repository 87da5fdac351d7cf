// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a domain does to its device: `struct irq_chip` and the `prepare_desc` of its template.

use crate::domain::remap::DomainError;
use crate::driver::Bus;
use crate::driver::msg::MsiMsg;

/// What an instance of an interrupt belongs to: `union msi_instance_cookie`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cookie {
    /// Only requests of this address space may trigger the interrupt.
    pub pasid: Option<u32>,
    /// Queue (or context) that the interrupt is for; a number of the driver's own.
    pub queue: u64,
}

/// Which callbacks a chip fills in, for the checks of `pci_create_ims_domain`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChipOps {
    /// `irq_mask`.
    pub mask: bool,
    /// `irq_unmask`.
    pub unmask: bool,
    /// `irq_write_msi_msg`.
    pub write_msg: bool,
    /// `irq_set_affinity`: the parent's business, not to be filled in.
    pub set_affinity: bool,
}

impl Default for ChipOps {
    /// What a store needs, and no more.
    fn default() -> Self {
        Self { mask: true, unmask: true, write_msg: true, set_affinity: false }
    }
}

/// A store of messages.
///
/// `index` is that of the descriptor, `nr` the vector within it: 0 but for multi-message MSI. Calls come one at a
/// time; those that change an interrupt stand between [`bus_lock`](Self::bus_lock) and
/// [`bus_sync_unlock`](Self::bus_sync_unlock).
pub trait Chip: std::fmt::Debug {
    /// Takes an index into use: whatever has to stand in the device before the first message does. Leaves it masked.
    ///
    /// # Errors
    /// The bus; an index or cookie that the store cannot have.
    fn prepare(&mut self, bus: &mut dyn Bus, index: u32, cookie: Option<&Cookie>) -> Result<(), DomainError>;

    /// Gives the index back.
    ///
    /// # Errors
    /// The bus.
    fn release(&mut self, bus: &mut dyn Bus, index: u32) -> Result<(), DomainError>;

    /// `irq_mask`: where the bus is not slow, no message follows when it returns.
    ///
    /// # Errors
    /// The bus.
    fn mask(&mut self, bus: &mut dyn Bus, index: u32, nr: u32) -> Result<(), DomainError>;

    /// `irq_unmask`.
    ///
    /// # Errors
    /// The bus.
    fn unmask(&mut self, bus: &mut dyn Bus, index: u32, nr: u32) -> Result<(), DomainError>;

    /// `irq_write_msi_msg`.
    ///
    /// # Errors
    /// The bus; [`crate::domain::Errno::Einval`] for a message that has no room.
    fn write_msg(&mut self, bus: &mut dyn Bus, index: u32, msg: MsiMsg) -> Result<(), DomainError>;

    /// `irq_shutdown`, where it is more than masking.
    ///
    /// # Errors
    /// The bus.
    fn shutdown(&mut self, bus: &mut dyn Bus, index: u32, nr: u32) -> Result<(), DomainError> {
        self.mask(bus, index, nr)
    }

    /// The function has been reset: what serves all indices at once is set up again, before any of them is.
    ///
    /// # Errors
    /// The bus; a store that the device refuses.
    fn resume(&mut self, _bus: &mut dyn Bus) -> Result<(), DomainError> {
        Ok(())
    }

    /// The function has been reset: what software believes to stand at an index stands there again.
    ///
    /// # Errors
    /// The bus.
    fn restore(&mut self, bus: &mut dyn Bus, index: u32) -> Result<(), DomainError>;

    /// `irq_bus_lock`.
    ///
    /// # Errors
    /// [`crate::domain::Errno::Ebusy`] when another operation holds it.
    fn bus_lock(&mut self, _index: u32) -> Result<(), DomainError> {
        Ok(())
    }

    /// `irq_bus_sync_unlock`: the device has what changed under the lock when it returns.
    ///
    /// # Errors
    /// The device did not take it. The lock is free all the same.
    fn bus_sync_unlock(&mut self, _bus: &mut dyn Bus, _index: u32) -> Result<(), DomainError> {
        Ok(())
    }

    /// Whether `irq_mask` may be called while an interrupt is handled: not where it takes a slow bus.
    fn masks_in_handlers(&self) -> bool {
        true
    }

    /// Whether a vector can be masked at all.
    fn can_mask(&self) -> bool {
        true
    }

    /// The message that software believes to stand at an index.
    fn message(&self, index: u32) -> Option<MsiMsg>;

    /// Whether software believes a vector to be masked; `None` when the index is not in use.
    fn is_masked(&self, index: u32, nr: u32) -> Option<bool>;
}
