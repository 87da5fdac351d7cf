// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The remappable format: a handle, perhaps a subhandle [VT-d 5.1.2.2].

use bitfield_struct::bitfield;

/// Address of a request in remappable format.
#[bitfield(u32)]
pub struct RemappableAddress {
    /// Ignored.
    #[bits(2)]
    __: u8,
    /// Handle bit 15.
    #[bits(1)]
    pub handle_15: u32,
    /// SHV: the data holds a subhandle.
    pub subhandle_valid: bool,
    /// Format: 1 remappable, 0 compatibility.
    pub remappable: bool,
    /// Handle bits 14:0.
    #[bits(15)]
    pub handle_14_0: u32,
    /// 0xFEE.
    #[bits(12)]
    pub window: u32,
}

/// A reserved field of the request is not 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReservedField;

/// The interrupt index: handle, plus subhandle when there is one; 17 bits, so that
/// a sum beyond 0xFFFF is out of range instead of some other entry.
pub fn index(address: u32, data: u32) -> Result<u32, ReservedField> {
    let a = RemappableAddress::from_bits(address);
    let handle = a.handle_15() << 15 | a.handle_14_0();
    if !a.subhandle_valid() {
        return Ok(handle);
    }
    if data >> 16 != 0 {
        return Err(ReservedField);
    }
    Ok(handle + data)
}
