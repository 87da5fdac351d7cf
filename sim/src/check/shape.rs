// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The shape of an interrupt message [PCIe Base 6.1.4, 2.2.6.4; VT-d 5.1].

use super::{Law, Report, Upstream};
use crate::bench::decode::Decoded;
use crate::shadow::Shadow;

/// Writes to a message address are one whole DWORD, plain and unpoisoned.
pub struct Shape;

impl Law for Shape {
    fn upstream(&mut self, up: &Upstream<'_>, shadow: &mut Shadow, report: &mut Report) {
        let Decoded::Memory { write: true, address, be, .. } = *up.decoded else { return };
        let window = address >> 20 == 0xfee;
        let programmed = shadow.entries.address_known(address);
        if !window && !programmed {
            return;
        }
        let c = up.common;
        let say = |what: &str| format!("interrupt message to {address:#x} {what}");
        report.require("interrupt_write_size", up.tick, c.length == 1, || say(&format!("has {} DWORDs", c.length)));
        report.require("interrupt_byte_enables", up.tick, be.0 == 0xf || c.length != 1, || {
            say(&format!("has byte enables {:04b}", be.0))
        });
        report.require("interrupt_poisoned", up.tick, !c.ep, || say("is poisoned"));
        report.require("interrupt_attributes", up.tick, c.attr & 3 == 0, || {
            say(&format!("has RO/NS attributes {:02b}", c.attr & 3))
        });
        report.require("interrupt_address_type", up.tick, c.at == 0, || say(&format!("has AT {:02b}", c.at)));
        report.require("interrupt_with_pasid", up.tick, up.packet.prefix.is_none(), || say("carries a prefix"));
        report.require("interrupt_traffic_class", up.tick, c.tc == 0, || say(&format!("has TC {}", c.tc)));
        report.require("interrupt_hint", up.tick, !c.th, || say("has TH set"));
    }
}
