// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Packets written out field by field.

use vectors::op::{Op, Place, RawTlp};

/// A packet of one double word, all of its bytes enabled, without what this leaves out.
pub(super) fn raw(fmt: u8, typ: u8) -> RawTlp {
    RawTlp {
        fmt,
        typ,
        address: 0,
        at: None,
        length: Some(1),
        first_be: Some(0xf),
        last_be: Some(0),
        tc: 0,
        attr: 0,
        address_type: 0,
        th: false,
        td: false,
        ep: false,
        tag: None,
        prefix: None,
        digest: None,
        data: Vec::new(),
        no_wait: false,
        expect: None,
        vf: None,
    }
}

/// A place in the device's slots.
pub(super) fn slot(offset: u32) -> Option<Place> {
    Some(Place::Name(format!("ims_slots+{offset:#x}")))
}

/// A write of no bytes into a slot that nobody connects: legal and without effect, but an access.
pub fn of_no_bytes() -> Op {
    Op::Tlp(RawTlp { data: vec![0], at: slot(0xf000), first_be: Some(0), ..raw(3, 0) })
}
