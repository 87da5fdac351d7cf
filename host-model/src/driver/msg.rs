// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Interrupt messages as software composes them.

/// An interrupt message: what goes into an MSI-X entry or an IMS slot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct MsiMsg {
    /// Bits 63:32 of the address.
    pub address_hi: u32,
    /// Bits 31:0 of the address.
    pub address_lo: u32,
    /// The double word written.
    pub data: u32,
}

/// First address of the interrupt window.
const WINDOW: u32 = 0xfee0_0000;

/// Handle or destination that the format has no room for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ComposeError {
    /// Remapping table indices have 16 bits.
    #[error("remapping index {0:#x} has more than 16 bits")]
    Index(u32),
    /// APIC ids have 8 bits in compatibility format, 15 with the extension.
    #[error("APIC id {0:#x} does not fit compatibility format")]
    Destination(u32),
}

impl MsiMsg {
    /// Compatibility format, physical destination, Fixed, edge [SDM 11.11]:
    /// destination 7:0 in address bits 19:12, with `extended` 14:8 in bits 11:5.
    pub const fn compat(apic_id: u32, vector: u8, extended: bool) -> Result<Self, ComposeError> {
        if apic_id > if extended { 0x7fff } else { 0xff } {
            return Err(ComposeError::Destination(apic_id));
        }
        let address_lo = WINDOW | (apic_id & 0xff) << 12 | (apic_id >> 8) << 5;
        Ok(Self { address_hi: 0, address_lo, data: vector as u32 })
    }

    /// Remappable format with SHV=1, as Linux composes it [VT-d 5.1.2.2]: the index is
    /// `index` + `subhandle`.
    pub const fn remappable(index: u32, subhandle: u16) -> Result<Self, ComposeError> {
        match Self::handle(index) {
            Ok(address) => Ok(Self { address_hi: 0, address_lo: address | 1 << 3, data: subhandle as u32 }),
            Err(error) => Err(error),
        }
    }

    /// Remappable format with SHV=0: the index is in the address alone and `data` is ignored
    /// by the unit.
    pub const fn remappable_no_subhandle(index: u32, data: u32) -> Result<Self, ComposeError> {
        match Self::handle(index) {
            Ok(address) => Ok(Self { address_hi: 0, address_lo: address, data }),
            Err(error) => Err(error),
        }
    }

    /// The 64-bit address.
    pub const fn address(&self) -> u64 {
        (self.address_hi as u64) << 32 | self.address_lo as u64
    }

    /// Address with handle\[14:0\] in 19:5, format bit 4, handle\[15\] in bit 2.
    const fn handle(index: u32) -> Result<u32, ComposeError> {
        if index > 0xffff {
            return Err(ComposeError::Index(index));
        }
        Ok(WINDOW | (index & 0x7fff) << 5 | 1 << 4 | (index >> 15) << 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_messages() {
        let msg = |address_lo, data| Ok(MsiMsg { address_hi: 0, address_lo, data });
        assert_eq!(MsiMsg::compat(0, 0x20, false), msg(0xfee0_0000, 0x20));
        assert_eq!(MsiMsg::compat(0xff, 0xec, false), msg(0xfeef_f000, 0xec));
        assert_eq!(MsiMsg::compat(0x0103, 0x31, true), msg(0xfee0_3020, 0x31));
        assert_eq!(MsiMsg::compat(0x7fff, 0x31, true), msg(0xfeef_ffe0, 0x31));
        assert_eq!(MsiMsg::remappable(0, 0), msg(0xfee0_0018, 0));
        assert_eq!(MsiMsg::remappable(1, 2), msg(0xfee0_0038, 2));
        assert_eq!(MsiMsg::remappable(0x7fff, 0), msg(0xfeef_fff8, 0));
        assert_eq!(MsiMsg::remappable(0x8000, 0), msg(0xfee0_001c, 0));
        assert_eq!(MsiMsg::remappable(0xffff, 0), msg(0xfeef_fffc, 0));
        assert_eq!(MsiMsg::remappable_no_subhandle(0x8001, 9), msg(0xfee0_0034, 9));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(MsiMsg::compat(0x100, 0x20, false), Err(ComposeError::Destination(0x100)));
        assert_eq!(MsiMsg::compat(0x8000, 0x20, true), Err(ComposeError::Destination(0x8000)));
        assert_eq!(MsiMsg::remappable(0x1_0000, 0), Err(ComposeError::Index(0x1_0000)));
    }
}
