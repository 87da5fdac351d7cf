// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whom a message names [SDM 11.6.2, 11.12.10].

use super::lapic::{ApicMode, Lapic};
use crate::interrupt::{ApicMessage, DeliveryMode};

/// Everybody, in either mode.
const BROADCAST: u32 = 0xffff_ffff;

fn is_named(apic: &Lapic, destination: u32, logical: bool) -> bool {
    if !apic.online {
        return false;
    }
    if destination == BROADCAST {
        return true;
    }
    match (apic.mode, logical) {
        (ApicMode::X2apic, false) => destination == apic.id,
        (ApicMode::X2apic, true) => {
            let own = x2apic_logical_id(apic.id);
            destination >> 16 == own >> 16 && destination & own & 0xffff != 0
        }
        // The bus of an xAPIC has room for 8 bits; a wider destination is not for it.
        (ApicMode::Xapic, _) if destination > 0xff => false,
        (ApicMode::Xapic, _) if destination == 0xff => true,
        (ApicMode::Xapic, false) => destination == apic.id,
        (ApicMode::Xapic, true) => {
            let (own, wanted) = (apic.ldr, destination as u8);
            match apic.dfr {
                0xf => own & wanted != 0,
                0x0 => own >> 4 == wanted >> 4 && own & wanted & 0xf != 0,
                _ => false,
            }
        }
    }
}

/// LDR of an x2APIC: cluster in bits 31:16, one bit of 15:0.
pub(super) const fn x2apic_logical_id(id: u32) -> u32 {
    (id >> 4) << 16 | 1 << (id & 0xf)
}

/// The CPUs that get the message, in ascending order.
pub(super) fn addressees(cpus: &[Lapic], message: &ApicMessage) -> Vec<usize> {
    let named: Vec<usize> =
        (0..cpus.len()).filter(|&c| is_named(&cpus[c], message.destination, message.logical)).collect();
    let one_of = message.mode == DeliveryMode::LowestPriority
        || (message.mode == DeliveryMode::Fixed && message.redirection_hint);
    if !one_of {
        return named;
    }
    // The first of equals: min_by_key keeps the earliest, which has the lowest number.
    named.into_iter().min_by_key(|&c| (!cpus[c].is_enabled(), cpus[c].ppr())).into_iter().collect()
}
