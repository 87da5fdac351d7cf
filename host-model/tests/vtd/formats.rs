// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The two request formats, the index, and the order of the checks.

use crate::bench::*;
use host_model::interrupt::{ApicMessage, DeliveryMode, InterruptRequest};
use host_model::mem::HostMemory;
use host_model::remap::passthrough::NoRemap;
use host_model::remap::vtd::VtdConfig;
use host_model::remap::{FaultReason, RemapEffect, RemapUnit};
use tlp::Bdf;

/// [VT-d 5.1.4]: off, everything passes as compatibility format; on, that format
/// passes with CFIS=1 and EIME=0 only, and the other is remapped always.
#[test]
fn f10_every_combination_of_enable_cfi_eime_and_format() {
    // IRE, CFIS, EIME, remappable → raw ('p'), remapped ('r'), blocked 0x25 ('b').
    const ROWS: [(u8, u8, u8, u8, char); 16] = [
        (0, 0, 0, 0, 'p'),
        (0, 0, 0, 1, 'p'),
        (0, 0, 1, 0, 'p'),
        (0, 0, 1, 1, 'p'),
        (0, 1, 0, 0, 'p'),
        (0, 1, 0, 1, 'p'),
        (0, 1, 1, 0, 'p'),
        (0, 1, 1, 1, 'p'),
        (1, 0, 0, 0, 'b'),
        (1, 0, 0, 1, 'r'),
        (1, 0, 1, 0, 'b'),
        (1, 0, 1, 1, 'r'),
        (1, 1, 0, 0, 'p'),
        (1, 1, 0, 1, 'r'),
        (1, 1, 1, 0, 'b'),
        (1, 1, 1, 1, 'r'),
    ];
    for (ire, cfi, eime, format, expected) in ROWS {
        let mut b = Bench::new(plain());
        b.set_table(TABLE, 15, eime == 1);
        b.command(CFI, cfi == 1);
        b.command(IRE, ire == 1);
        assert_eq!(b.r32(0x1c), SIRTP | (u32::from(cfi) * CFI) | (u32::from(ire) * IRE));
        // Destination 0x02 in compatibility format is handle 0x100 in the other.
        b.set_entry(0x100, irte(0x77, if eime == 1 { 0x0001_2345 } else { 0x4500 }));
        let fate = b.send(0xfee0_2000 | u32::from(format) << 4, 0x41);
        let remapped = message(0x77, if eime == 1 { 0x0001_2345 } else { 0x45 });
        let want = match expected {
            'p' => Fate::Delivered(None, message(0x41, 0x02)),
            'r' => Fate::Delivered(Some(0x100), remapped),
            _ => Fate::Blocked(FaultReason::CompatBlocked, None, true),
        };
        assert_eq!(fate, want, "IRE={ire} CFIS={cfi} EIME={eime} format={format}");
        if expected == 'b' {
            assert_eq!(b.record(0), (true, 0x25, RID, 0));
        }
    }
}

/// [VT-d 5.1.2.2]: handle\[14:0\] is address 19:5, handle\[15\] is address 2.
#[test]
fn f03_every_handle_is_its_own_index() {
    let mut b = Bench::running(plain(), 15, true);
    for handle in 0..=u16::MAX {
        b.set_entry(handle.into(), irte(handle as u8 | 0x10, handle.into()));
    }
    for handle in 0..=u16::MAX {
        let want = Fate::Delivered(Some(handle.into()), message(handle as u8 | 0x10, handle.into()));
        // Without SHV the data is ignored, all 32 bits of it.
        assert_eq!(b.send(remappable(handle, false), u32::from(handle).wrapping_mul(0x9e37_79b1)), want);
        assert_eq!(b.send(remappable(handle, true), 0), want);
    }
}

#[test]
fn f03_the_subhandle_is_added() {
    let mut b = Bench::running(plain(), 15, true);
    for i in 0..0x200 {
        b.set_entry(i, irte(0x40, i));
    }
    // The base need not be aligned to the block: hardware adds.
    for handle in [0u16, 1, 0x1f, 0xe1, 0x1e0] {
        for sub in 0..32u32 {
            let index = u32::from(handle) + sub;
            assert_eq!(b.send(remappable(handle, true), sub), Fate::Delivered(Some(index), message(0x40, index)));
        }
    }
}

#[test]
fn address_bits_1_0_are_ignored_in_both_formats() {
    let mut b = Bench::running(plain(), 3, false);
    b.command(CFI, true);
    b.set_entry(5, irte(0x31, 0x0700));
    for low in 0..4 {
        assert_eq!(b.send(remappable(5, true) | low, 0), Fate::Delivered(Some(5), message(0x31, 7)));
        assert_eq!(b.send(0xfee0_9000 | low, 0x52), Fate::Delivered(None, message(0x52, 9)));
    }
}

/// The sum has 17 bits [VT-d 5.1.3]; a model that wraps would use entry 0.
#[test]
fn f04_l09_a_sum_beyond_16_bits_does_not_wrap() {
    let mut b = Bench::running(plain(), 15, true);
    for i in 0..=0xffff {
        b.set_entry(i, irte(0x40, 0));
    }
    for (handle, sub) in [(0xffff, 1), (0xffff, 0xffff), (1, 0xffff), (0x8000, 0x8000), (0xfff0, 0x1f)] {
        let sum = u32::from(handle) + sub;
        let fate = b.send(remappable(handle, true), sub);
        assert_eq!(fate, Fate::Blocked(FaultReason::IndexOutOfRange, Some(sum), true));
        assert_eq!(b.record(0), (true, 0x21, RID, u64::from(sum & 0xffff)));
        b.command(IRE, false);
        b.clear_faults();
        b.command(IRE, true);
    }
    assert_eq!(b.send(remappable(0xfff0, true), 0xf), Fate::Delivered(Some(0xffff), message(0x40, 0)));
}

/// 2^(S+1) entries [VT-d 11.4.9.10, IRTA.S].
#[test]
fn f05_every_table_size_ends_where_it_should() {
    for size in 0..16u64 {
        let mut b = Bench::running(plain(), size, false);
        let entries = 1u32 << (size + 1);
        for i in [0, entries - 1, entries] {
            b.set_entry(i, irte(0x60, 0));
        }
        assert_eq!(b.fire(0), Fate::Delivered(Some(0), message(0x60, 0)));
        assert_eq!(b.fire((entries - 1) as u16), Fate::Delivered(Some(entries - 1), message(0x60, 0)));
        // One beyond, once by the handle (unless it needs 17 bits) and once by the subhandle.
        let over = Fate::Blocked(FaultReason::IndexOutOfRange, Some(entries), true);
        assert_eq!(b.send(remappable((entries - 1) as u16, true), 1), over);
        assert_eq!(b.record(0), (true, 0x21, RID, u64::from(entries & 0xffff)));
        if let Ok(handle) = u16::try_from(entries) {
            assert_eq!(b.fire(handle), over);
            assert_eq!(b.record(1), (true, 0x21, RID, handle.into()));
        }
    }
}

/// With SHV, data 31:16 are reserved and checked before the table is touched.
#[test]
fn f08_reserved_data_bits_fault_with_shv_alone() {
    let mut b = Bench::running(plain(), 0, false);
    b.set_entry(0, irte(0x40, 0));
    for bit in 16..32 {
        let fate = b.send(remappable(0, true), 1 << bit);
        assert_eq!((reason(fate), b.record(0)), (Some(0x20), (true, 0x20, RID, 0)), "bit {bit}");
        assert_eq!(b.send(remappable(0, false), 1 << bit), Fate::Delivered(Some(0), message(0x40, 0)));
        // Earlier than the size check: handle 2 is beyond the table.
        assert_eq!(reason(b.send(remappable(2, true), 1 << bit)), Some(0x20));
        b.command(IRE, false);
        b.clear_faults();
        b.command(IRE, true);
    }
}

/// [VT-d 5.1.4, 7.2.1]: 0x20, 0x21, 0x23, 0x22, 0x24, 0x26, each ahead of the next.
#[test]
fn the_checks_have_the_architectural_order() {
    let mut b = Bench::running(plain(), 3, false);
    let hole = TABLE + 16 * 7;
    b.mem.punch_hole(hole, 16);
    // Everything is wrong with this request; repair one thing at a time.
    assert_eq!(reason(b.send(remappable(0x10, true), 0x0001_0000)), Some(0x20));
    assert_eq!(reason(b.send(remappable(0x10, true), 0)), Some(0x21));
    assert_eq!(reason(b.send(remappable(7, true), 0)), Some(0x23));
    b.mem.fill_hole(hole);
    let broken = with_source(irte(0x40, 0) | 1 << 100, 1, 0, RID + 8);
    b.set_entry(7, broken & !1);
    assert_eq!(reason(b.fire(7)), Some(0x22));
    b.set_entry(7, broken);
    assert_eq!(reason(b.fire(7)), Some(0x24));
    b.set_entry(7, broken & !(1 << 100));
    assert_eq!(reason(b.fire(7)), Some(0x26));
    b.set_entry(7, with_source(irte(0x40, 0), 1, 0, RID));
    assert_eq!(b.fire(7), Fate::Delivered(Some(7), message(0x40, 0)));
}

/// [SDM 11.11.1, 11.11.2]: one row, one field.
const COMPAT_ROWS: [(u32, u32, ApicMessage); 13] = {
    const fn m(
        destination: u32,
        logical: bool,
        redirection_hint: bool,
        mode: DeliveryMode,
        level: bool,
    ) -> ApicMessage {
        ApicMessage { destination, logical, redirection_hint, mode, level, vector: 0x51 }
    }
    use DeliveryMode::*;
    [
        (0xfee0_0000, 0x0051, m(0, false, false, Fixed, false)),
        (0xfeea_5000, 0x0051, m(0xa5, false, false, Fixed, false)),
        (0xfeef_f000, 0x0051, m(0xff, false, false, Fixed, false)),
        (0xfee0_0004, 0x0051, m(0, true, false, Fixed, false)),
        (0xfee0_0008, 0x0051, m(0, false, true, Fixed, false)),
        (0xfee0_0000, 0x0151, m(0, false, false, LowestPriority, false)),
        (0xfee0_0000, 0x0251, m(0, false, false, Smi, false)),
        (0xfee0_0000, 0x0351, m(0, false, false, Reserved(3), false)),
        (0xfee0_0000, 0x0451, m(0, false, false, Nmi, false)),
        (0xfee0_0000, 0x0551, m(0, false, false, Init, false)),
        (0xfee0_0000, 0x0751, m(0, false, false, ExtInt, false)),
        (0xfee0_0000, 0x8051, m(0, false, false, Fixed, true)),
        // G22: bit 14 (assert) changes nothing, with edge least of all.
        (0xfee0_0000, 0x4051, m(0, false, false, Fixed, false)),
    ]
};

#[test]
fn g22_compatibility_format_known_answers() {
    let mut b = Bench::new(plain());
    let mut none = NoRemap::new(false);
    let mut mem = HostMemory::new();
    for (address, data, want) in COMPAT_ROWS {
        assert_eq!(b.send(address, data), Fate::Delivered(None, want), "{address:#x} {data:#x}");
        let request = InterruptRequest { source: Bdf::from_bits(RID), address, data };
        none.request(request, 7, &mem);
        assert_eq!(none.next_due(), Some(7));
        let mut out = vec![];
        none.step(7, &mut mem, &mut out);
        assert_eq!(out, [RemapEffect::Deliver { request, index: None, message: want }]);
        assert_eq!(none.next_due(), None);
    }
}

/// Destination 300 = 1·256 + 44: address 11:5 holds 1.
#[test]
fn g06_extended_destination_ids() {
    let address = 0xfee0_0000 | 44 << 12 | 1 << 5;
    for (extended, want) in [(true, 300), (false, 44)] {
        let mut b = Bench::new(VtdConfig { extended_destination: extended, ..plain() });
        assert_eq!(b.send(address, 0x40), Fate::Delivered(None, message(0x40, want)));
        let (mut none, mut mem, mut out) = (NoRemap::new(extended), HostMemory::new(), vec![]);
        none.request(InterruptRequest { source: Bdf::from_bits(RID), address, data: 0x40 }, 1, &mem);
        none.step(0, &mut mem, &mut out);
        assert_eq!(out, [], "not before its tick");
        none.step(1, &mut mem, &mut out);
        assert_eq!(out.iter().find_map(fate), Some(Fate::Delivered(None, message(0x40, want))));
    }
    let mut b = Bench::new(VtdConfig { extended_destination: true, ..plain() });
    assert_eq!(b.send(0xfeef_ffe0, 0x40), Fate::Delivered(None, message(0x40, 0x7fff)));
}
