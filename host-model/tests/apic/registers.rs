// SPDX-License-Identifier: Apache-2.0 OR MIT
//! xAPIC offsets and x2APIC MSRs.

use crate::priority::fixed;
use host_model::apic::{AccessError, ApicConfig, ApicMode, Apics, Arrival, Eoi, Outcome, msr_of, offset_of};
use host_model::interrupt::ApicMessage;

#[test]
fn the_two_numberings() {
    for (offset, msr) in [(0x20, 0x802), (0x80, 0x808), (0x280, 0x828), (0x300, 0x830), (0x3f0, 0x83f)] {
        assert_eq!((msr_of(offset), offset_of(msr)), (msr, Some(offset)));
    }
    assert_eq!((offset_of(0x7ff), offset_of(0x900)), (None, None));
}

/// Hardware reset, except that the id is what the configuration says.
#[test]
fn xapic_reset_values() {
    let mut a = Apics::new(&[ApicConfig { id: 0x5a, mode: ApicMode::Xapic, enabled: false }]);
    for (offset, want) in [
        (0x20, 0x5a00_0000),
        (0x80, 0),
        (0xa0, 0),
        (0xd0, 0),
        (0xe0, 0xffff_ffff),
        (0xf0, 0xff),
        (0x280, 0),
        (0x320, 0x1_0000),
        (0x370, 0x1_0000),
        (0x380, 0),
    ] {
        assert_eq!(a.read_xapic(0, offset), want, "offset {offset:#x}");
    }
    assert_eq!(a.read_xapic(0, 0x30) & 0xff, 0x14, "version of an integrated APIC");
}

/// IRR, ISR and TMR: vector v is bit v mod 32 of the register at 16·(v div 32).
#[test]
fn every_vector_has_its_bit_in_irr_isr_and_tmr() {
    for mode in [ApicMode::Xapic, ApicMode::X2apic] {
        let mut a = Apics::new(&[ApicConfig { id: 0, mode, enabled: true }]);
        for v in 16..=255u8 {
            a.deliver(&ApicMessage { level: true, ..fixed(v) });
            let place = 16 * (u32::from(v) / 32);
            let at = |a: &mut Apics, first: u32| match mode {
                ApicMode::Xapic => a.read_xapic(0, first + place),
                ApicMode::X2apic => a.read_x2apic(0, msr_of(first + place)).unwrap() as u32,
            };
            let bit = 1 << (v % 32);
            assert_eq!((at(&mut a, 0x200), at(&mut a, 0x100)), (bit, 0));
            assert_eq!(at(&mut a, 0x180) & bit, bit);
            assert_eq!(a.acknowledge(0), Some(v));
            assert_eq!((at(&mut a, 0x200), at(&mut a, 0x100)), (0, bit));
            a.eoi(0);
            a.deliver(&fixed(v));
            assert_eq!(at(&mut a, 0x180) & bit, 0);
            a.acknowledge(0);
            a.eoi(0);
        }
    }
}

#[test]
fn a_register_that_does_not_exist_sets_esr_bit_7() {
    let mut a = Apics::new(&[ApicConfig::xapic(0)]);
    for offset in [0x00, 0x10, 0x40, 0xc0, 0x2f0, 0x3f0, 0x24] {
        a.read_xapic(0, offset);
        a.write_xapic(0, 0x280, 0);
        assert_eq!(a.read_xapic(0, 0x280), 1 << 7, "offset {offset:#x}");
        a.write_xapic(0, 0x280, 0);
    }
}

#[test]
fn eoi_and_tpr_through_the_registers() {
    let mut x = Apics::new(&[ApicConfig::xapic(0)]);
    let mut x2 = Apics::new(&[ApicConfig::x2apic(0)]);
    x.write_xapic(0, 0x80, 0x30);
    x2.write_x2apic(0, 0x808, 0x30).unwrap();
    for a in [&mut x, &mut x2] {
        a.deliver(&fixed(0x3f));
        assert_eq!(a.interrupt_pending(0), None);
        a.deliver(&fixed(0x40));
        assert_eq!(a.acknowledge(0), Some(0x40));
    }
    let ended = Some(Eoi { vector: 0x40, broadcast: false });
    assert_eq!(x.write_xapic(0, 0xb0, 0).eoi, ended);
    assert_eq!(x2.write_x2apic(0, 0x80b, 0).unwrap().eoi, ended);
}

#[test]
fn msrs_refuse_reserved_bits_and_missing_registers() {
    let mut a = Apics::new(&[ApicConfig::x2apic(5)]);
    for (msr, value) in [(0x80b, 1), (0x828, 1), (0x808, 0x100), (0x80f, 0x400), (0x83f, 0x100), (0x830, 1 << 12)] {
        assert_eq!(a.write_x2apic(0, msr, value), Err(AccessError::ReservedBits { msr, value }), "{msr:#x}");
    }
    // Read-only, or gone in this mode (DFR, ICR high).
    for msr in [0x802, 0x803, 0x80a, 0x80d, 0x80e, 0x810, 0x818, 0x820, 0x831, 0x839, 0x840] {
        assert_eq!(a.write_x2apic(0, msr, 0), Err(AccessError::NoRegister { msr }), "{msr:#x}");
    }
    for msr in [0x80b, 0x80e, 0x831, 0x83f, 0x800, 0x900] {
        assert_eq!(a.read_x2apic(0, msr), Err(AccessError::NoRegister { msr }), "{msr:#x}");
    }
    assert_eq!(a.read_x2apic(0, 0x802), Ok(5));
    let mut x = Apics::new(&[ApicConfig::xapic(0)]);
    assert_eq!(x.read_x2apic(0, 0x802), Err(AccessError::NotX2apic { cpu: 0 }));
    assert_eq!(x.write_x2apic(0, 0x808, 0), Err(AccessError::NotX2apic { cpu: 0 }));
}

/// ICR: vector 7:0, mode 10:8, logical 11, shorthand 19:18, destination on top.
#[test]
fn ipis() {
    let mut x2 = Apics::new(&[0u32, 1, 300].map(ApicConfig::x2apic));
    let cpus = |arrivals: &[Arrival]| arrivals.iter().map(|a| a.cpu).collect::<Vec<_>>();
    for (icr, want) in [
        (300u64 << 32 | 0x41, vec![2]),
        (3 << 32 | 1 << 11 | 0x42, vec![0, 1]),
        (1 << 18 | 0x43, vec![1]),
        (2 << 18 | 0x44, vec![0, 1, 2]),
        (3 << 18 | 0x45, vec![0, 2]),
        (0xffff_ffff << 32 | 0x46, vec![0, 1, 2]),
    ] {
        let effect = x2.write_x2apic(1, 0x830, icr).unwrap();
        assert_eq!(cpus(&effect.arrivals), want, "ICR {icr:#x}");
        assert!(effect.arrivals.iter().all(|a| a.outcome == Outcome::Accepted));
        assert_eq!(x2.read_x2apic(1, 0x830), Ok(icr));
    }
    assert_eq!(cpus(&x2.write_x2apic(1, 0x83f, 0x51).unwrap().arrivals), [1]);
    // A vector below 16 is refused where it is sent: ESR bit 5.
    assert_eq!(x2.write_x2apic(1, 0x830, 0x0f).unwrap().arrivals, []);
    x2.write_x2apic(1, 0x828, 0).unwrap();
    assert_eq!(x2.read_x2apic(1, 0x828), Ok(1 << 5));

    let mut x = Apics::new(&[0u8, 1, 2].map(ApicConfig::xapic));
    x.write_xapic(0, 0x310, 2 << 24);
    assert_eq!(cpus(&x.write_xapic(0, 0x300, 0x0000_4041).arrivals), [2]);
    assert_eq!(x.interrupt_pending(2), Some(0x41));
}
