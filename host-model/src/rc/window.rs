// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where an inbound memory write goes: memory or the interrupt window.
//!
//! [VT-d 3.14, 5.1: 0xFEE0_0000–0xFEEF_FFFF is never memory for a device. One whole
//! DWORD written there, untranslated and without PASID, is an interrupt request. With a PASID
//! the address belongs to a process and is translated like any other; where that leads into the window, it is
//! refused.]

use super::bytes::Span;
use super::finding::HostFinding;
use super::header::Header;
use crate::interrupt::InterruptRequest;

/// First address of the interrupt window.
pub const WINDOW_FIRST: u64 = 0xfee0_0000;
/// Last address of the interrupt window.
pub const WINDOW_LAST: u64 = 0xfeef_ffff;

/// Where a write goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteTarget {
    /// Ordinary memory (or a hole in it).
    Memory,
    /// An interrupt request, with a finding when its attributes are wrong.
    Interrupt(InterruptRequest, Option<HostFinding>),
    /// Hits the window without being an interrupt; dropped.
    Blocked(HostFinding),
}

/// Whether any word of the span lies in the window.
pub fn touches_window(span: &Span) -> bool {
    let last = span.address.saturating_add(u64::from(span.length) * 4 - 1);
    span.address <= WINDOW_LAST && last >= WINDOW_FIRST
}

/// Sorts one memory write of `span`; `prefix` is the End-End prefix, `payload` the words
/// without digest (at least one).
pub fn classify_write(header: &Header, span: &Span, prefix: Option<u32>, payload: &[u32]) -> WriteTarget {
    if !touches_window(span) || prefix.is_some() {
        return WriteTarget::Memory;
    }
    let address = span.address;
    let finding = if header.at != 0 {
        HostFinding::InterruptTranslated { address, at: header.at }
    } else if span.length != 1 {
        HostFinding::InterruptSize { address, words: span.length }
    } else if span.first_be != 0xf {
        HostFinding::InterruptByteEnables { address, first_be: span.first_be }
    } else if header.poisoned {
        HostFinding::PoisonedWrite { address }
    } else {
        let request = InterruptRequest { source: header.requester(), address: address as u32, data: payload[0] };
        let attributes = (header.attr.relaxed || header.attr.no_snoop).then_some(HostFinding::InterruptAttributes {
            address,
            relaxed: header.attr.relaxed,
            no_snoop: header.attr.no_snoop,
        });
        return WriteTarget::Interrupt(request, attributes);
    };
    WriteTarget::Blocked(finding)
}

#[cfg(test)]
mod tests {
    use super::super::header::{Body, Kind};
    use super::*;
    use tlp::Bdf;

    fn write(address: u64, length: u16, first_be: u8, last_be: u8) -> (Header, Span) {
        let body = Body::Addressed { requester: Bdf::from_bits(0x100), tag: 0, address, hint: 0, first_be, last_be };
        (Header::new(Kind::MemWrite, true, length, body), Span { address, length, first_be, last_be })
    }

    #[test]
    fn the_window_is_one_mebibyte_below_four_gibibytes() {
        for (address, length, inside) in [
            (0xfedf_fffc, 1, false),
            (0xfedf_fffc, 2, true),
            (0xfee0_0000, 1, true),
            (0xfeef_fffc, 1, true),
            (0xfef0_0000, 1, false),
            (0x1_fee0_0000, 1, false),
            (0, 1, false),
        ] {
            let (header, span) = write(address, length, 0xf, if length == 1 { 0 } else { 0xf });
            let target = classify_write(&header, &span, None, &[0; 2]);
            assert_eq!(target != WriteTarget::Memory, inside, "{address:#x} x{length}: {target:?}");
        }
    }

    #[test]
    fn one_whole_untranslated_word_is_a_request() {
        let (header, span) = write(0xfee0_1004, 1, 0xf, 0);
        let request = InterruptRequest { source: Bdf::from_bits(0x100), address: 0xfee0_1004, data: 0x4021 };
        assert_eq!(classify_write(&header, &span, None, &[0x4021]), WriteTarget::Interrupt(request, None));
        let mut relaxed = header;
        relaxed.attr.relaxed = true;
        let finding = HostFinding::InterruptAttributes { address: 0xfee0_1004, relaxed: true, no_snoop: false };
        assert_eq!(classify_write(&relaxed, &span, None, &[0x4021]), WriteTarget::Interrupt(request, Some(finding)));
    }

    #[test]
    fn anything_else_in_the_window_is_blocked_by_name() {
        let address = 0xfee0_0000;
        let check = |change: &dyn Fn(&mut Header), span: (u16, u8, u8), prefix, expected| {
            let (mut header, span) = write(address, span.0, span.1, span.2);
            change(&mut header);
            assert_eq!(classify_write(&header, &span, prefix, &[0; 2]), WriteTarget::Blocked(expected));
        };
        let same = |_: &mut Header| {};
        check(&same, (2, 0xf, 0xf), None, HostFinding::InterruptSize { address, words: 2 });
        check(&same, (1, 0x3, 0), None, HostFinding::InterruptByteEnables { address, first_be: 3 });
        check(&same, (1, 0, 0), None, HostFinding::InterruptByteEnables { address, first_be: 0 });
        check(&|h| h.at = 2, (1, 0xf, 0), None, HostFinding::InterruptTranslated { address, at: 2 });
        check(&|h| h.poisoned = true, (1, 0xf, 0), None, HostFinding::PoisonedWrite { address });
    }
}
