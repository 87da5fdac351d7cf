// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Why a call of a remapping domain failed.

use crate::domain::Errno;
use crate::driver::BusError;
use crate::driver::vtd::IrError;

/// An error by Linux' name, or hardware that does not work.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DomainError {
    /// Refused; nothing has changed.
    #[error(transparent)]
    Errno(#[from] Errno),
    /// The remapping unit does not do what it is told.
    #[error("remapping unit: {0}")]
    Unit(String),
    /// An access failed.
    #[error(transparent)]
    Bus(#[from] BusError),
}

impl DomainError {
    /// What a caller in the kernel sees: -EIO when the hardware failed.
    pub const fn errno(&self) -> Errno {
        match self {
            Self::Errno(errno) => *errno,
            Self::Unit(_) | Self::Bus(_) => Errno::Eio,
        }
    }
}

impl From<IrError> for DomainError {
    /// `intel_irq_remapping_alloc` has -ENOMEM for want of entries.
    fn from(error: IrError) -> Self {
        match error {
            IrError::Bus(bus) => Self::Bus(bus),
            IrError::Full(_) => Self::Errno(Errno::Enomem),
            IrError::Unsupported(_) | IrError::Compose(_) => Self::Errno(Errno::Einval),
            IrError::NotAllocated(_) => Self::Errno(Errno::Enxio),
            IrError::Timeout(_) | IrError::Queue(_) => Self::Unit(error.to_string()),
        }
    }
}
