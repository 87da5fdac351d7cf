// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The accesses that a processor can make.

use crate::rc::{Digests, LinkSettings};
use tlp::Bdf;

/// An access that did not end well.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BusError {
    /// The device answered UR. A processor would see all ones.
    #[error("{access}: unsupported request")]
    UnsupportedRequest {
        /// What was tried, such as "read of 4 bytes at 0x1000".
        access: String,
    },
    /// The device answered CA.
    #[error("{access}: completer abort")]
    CompleterAbort {
        /// What was tried.
        access: String,
    },
    /// The device kept answering CRS.
    #[error("{access}: configuration retry")]
    ConfigRetry {
        /// What was tried.
        access: String,
    },
    /// No answer.
    #[error("{access}: completion timeout")]
    Timeout {
        /// What was tried.
        access: String,
    },
    /// The answer was poisoned or broke the rules.
    #[error("{access}: bad completion: {why}")]
    BadCompletion {
        /// What was tried.
        access: String,
        /// What was wrong with the answer.
        why: String,
    },
    /// No memory there, or the simulation could not go on.
    #[error("{access}: {why}")]
    Failed {
        /// What was tried.
        access: String,
        /// What happened.
        why: String,
    },
}

/// What one processor can do; each call returns when the access has ended.
///
/// Reads and non-posted writes end with their completion; posted writes when they have
/// been handed to the link. Accesses of one caller take effect in the order of the calls.
/// Values are little-endian numbers in the low bits.
pub trait Bus {
    /// Reads `len` bytes (1, 2 or 4, aligned) at `reg` of the function's configuration space.
    fn cfg_read(&mut self, reg: u16, len: u8) -> Result<u32, BusError>;

    /// Writes `len` bytes (1, 2 or 4, aligned) at `reg` of the function's configuration space.
    fn cfg_write(&mut self, reg: u16, len: u8, value: u32) -> Result<(), BusError>;

    /// As [`cfg_read`](Self::cfg_read), of another function of the device.
    fn cfg_read_of(&mut self, id: Bdf, reg: u16, len: u8) -> Result<u32, BusError> {
        let access = format!("configuration read of {len} bytes at {reg:#x} of {id}");
        Err(BusError::Failed { access, why: "this bus has one function".into() })
    }

    /// As [`cfg_write`](Self::cfg_write), of another function of the device.
    fn cfg_write_of(&mut self, id: Bdf, reg: u16, len: u8, value: u32) -> Result<(), BusError> {
        let access = format!("configuration write of {len} bytes, {value:#x}, at {reg:#x} of {id}");
        Err(BusError::Failed { access, why: "this bus has one function".into() })
    }

    /// Reads `len` bytes (1, 2, 4 or 8, aligned) of device memory.
    fn mem_read(&mut self, addr: u64, len: u8) -> Result<u64, BusError>;

    /// Writes `len` bytes (1, 2, 4 or 8, aligned) of device memory; posted.
    fn mem_write(&mut self, addr: u64, len: u8, value: u64) -> Result<(), BusError>;

    /// Reads host memory.
    fn dram_read(&mut self, addr: u64, buf: &mut [u8]) -> Result<(), BusError>;

    /// Writes host memory in one piece: no device access sees a part of it.
    fn dram_write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), BusError>;

    /// Reads `bytes` (4 or 8) at `offset` of the remapping unit's registers.
    fn vtd_read(&mut self, offset: u32, bytes: u8) -> Result<u64, BusError>;

    /// Writes `bytes` (4 or 8) at `offset` of the remapping unit's registers.
    fn vtd_write(&mut self, offset: u32, bytes: u8, value: u64) -> Result<(), BusError>;

    /// Lets `cycles` clock cycles pass.
    fn wait(&mut self, cycles: u64) -> Result<(), BusError>;

    /// Programs the root port's side of what was agreed with the device.
    fn set_link(&mut self, link: LinkSettings) -> Result<(), BusError>;

    /// Programs the root port's side of digests.
    fn set_digests(&mut self, digests: Digests) -> Result<(), BusError>;

    /// A locked access to a little-endian quad word of host memory (xchg, cmpxchg): no access of a device or of the
    /// remapping unit falls between its read and its write. Returns what was there.
    fn dram_update_u64(&mut self, addr: u64, change: &mut dyn FnMut(u64) -> u64) -> Result<u64, BusError> {
        // Accesses to memory take no time on this bus, so two in a row are one.
        let mut bytes = [0; 8];
        self.dram_read(addr, &mut bytes)?;
        let old = u64::from_le_bytes(bytes);
        let new = change(old);
        if new != old {
            self.dram_write(addr, &new.to_le_bytes())?;
        }
        Ok(old)
    }

    /// Reads a little-endian double word of host memory.
    fn dram_read_u32(&mut self, addr: u64) -> Result<u32, BusError> {
        let mut b = [0; 4];
        self.dram_read(addr, &mut b)?;
        Ok(u32::from_le_bytes(b))
    }

    /// Reads a little-endian 128-bit word of host memory in one piece.
    fn dram_read_u128(&mut self, addr: u64) -> Result<u128, BusError> {
        let mut b = [0; 16];
        self.dram_read(addr, &mut b)?;
        Ok(u128::from_le_bytes(b))
    }
}
