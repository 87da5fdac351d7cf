// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Identities on the link.

use core::fmt;

/// Bus (8 bits), device (5 bits) and function (3 bits) of a requester or completer.
///
/// [PCIe Base 2.2.4.2: the 16-bit id is bus\[15:8\], device\[7:3\], function\[2:0\].]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bdf(u16);

/// A bus/device/function triple that does not fit its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BdfError {
    /// The refused device number (0..=31 is legal).
    pub device: u8,
    /// The refused function number (0..=7 is legal).
    pub function: u8,
}

impl fmt::Display for BdfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "device {} (0..=31) or function {} (0..=7) out of range", self.device, self.function)
    }
}

impl std::error::Error for BdfError {}

impl Bdf {
    /// Joins the three numbers; refuses a device above 31 or a function above 7.
    pub const fn new(bus: u8, device: u8, function: u8) -> Result<Self, BdfError> {
        if device > 31 || function > 7 {
            return Err(BdfError { device, function });
        }
        Ok(Self((bus as u16) << 8 | (device as u16) << 3 | function as u16))
    }

    /// The id as the 16 bits that a packet carries.
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// The 16 bits that a packet carries.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Bus number, 0..=255.
    pub const fn bus(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// Device number, 0..=31.
    pub const fn device(self) -> u8 {
        (self.0 >> 3) as u8 & 0x1f
    }

    /// Function number, 0..=7.
    pub const fn function(self) -> u8 {
        self.0 as u8 & 7
    }
}

impl fmt::Display for Bdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}:{:02x}.{}", self.bus(), self.device(), self.function())
    }
}

impl fmt::Debug for Bdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_survives_both_notations() {
        for bits in 0..=u16::MAX {
            let id = Bdf::from_bits(bits);
            assert_eq!(Bdf::new(id.bus(), id.device(), id.function()), Ok(id));
            assert_eq!(id.bits(), bits);
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert_eq!(Bdf::new(0, 32, 0), Err(BdfError { device: 32, function: 0 }));
        assert_eq!(Bdf::new(0, 0, 8), Err(BdfError { device: 0, function: 8 }));
    }
}
