// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whom a message names [SDM 11.6.2, 11.12.10].

use crate::priority::fixed;
use host_model::apic::{ApicConfig, Apics, Outcome, Rejection};
use host_model::interrupt::{ApicMessage, DeliveryMode};

const LDR: u32 = 0xd0;
const DFR: u32 = 0xe0;

/// Vectors change so that no arrival merges.
fn named(a: &Apics, destination: u32, logical: bool) -> Vec<usize> {
    a.clone().deliver(&ApicMessage { destination, logical, ..fixed(0x41) }).iter().map(|r| r.cpu).collect()
}

fn xapics(ids: &[u8]) -> Apics {
    Apics::new(&ids.iter().map(|&id| ApicConfig::xapic(id)).collect::<Vec<_>>())
}

#[test]
fn physical_destinations() {
    let a = xapics(&[0, 7, 254]);
    for id in 0..=255u32 {
        let want = match id {
            0 => vec![0],
            7 => vec![1],
            254 => vec![2],
            255 => vec![0, 1, 2],
            _ => vec![],
        };
        assert_eq!(named(&a, id, false), want, "id {id}");
        // An xAPIC decodes 8 bits; a wider id is somebody else's.
        assert_eq!(named(&a, id | 0x100, false), vec![0; 0]);
    }
    assert_eq!(named(&a, u32::MAX, false), [0, 1, 2]);
    assert_eq!((a.cpu_of(254), a.cpu_of(1)), (Some(2), None));
}

#[test]
fn x2apic_physical_destinations_have_32_bits() {
    let a = Apics::new(&[0, 0xff, 300, 0x1_0000, 0xffff_fffe].map(ApicConfig::x2apic));
    for (id, want) in [
        (0, vec![0]),
        (0xff, vec![1]),
        (300, vec![2]),
        (44, vec![]),
        (0x1_0000, vec![3]),
        (0xffff_fffe, vec![4]),
        (0xffff_ffff, vec![0, 1, 2, 3, 4]),
    ] {
        assert_eq!(named(&a, id, false), want, "id {id:#x}");
    }
}

/// Flat: a bit per CPU; every destination against every LDR bit.
#[test]
fn g07_logical_flat() {
    let mut a = xapics(&[0, 1, 2, 3, 4, 5, 6, 7, 8]);
    for cpu in 0..9 {
        a.write_xapic(cpu, LDR, 1u32.checked_shl(24 + cpu as u32).unwrap_or(0));
    }
    for destination in 0..=255u32 {
        let mut want: Vec<usize> = (0..8).filter(|c| destination >> c & 1 == 1).collect();
        if destination == 255 {
            want.push(8);
        }
        assert_eq!(named(&a, destination, true), want, "{destination:#x}");
        assert_eq!(named(&a, destination | 0x100, true), vec![0; 0], "wider than the id");
    }
}

/// Cluster: the upper four bits are equal, the lower four meet.
#[test]
fn g07_logical_cluster() {
    let ldrs = [0x01u8, 0x02, 0x08, 0x11, 0x14, 0xe1, 0xe8];
    let mut a = xapics(&[10, 11, 12, 13, 14, 15, 16]);
    for (cpu, ldr) in ldrs.into_iter().enumerate() {
        a.write_xapic(cpu, LDR, u32::from(ldr) << 24);
        a.write_xapic(cpu, DFR, 0x0fff_ffff);
    }
    for destination in 0..=254u8 {
        let want: Vec<usize> =
            (0..7).filter(|&c| ldrs[c] >> 4 == destination >> 4 && ldrs[c] & destination & 0xf != 0).collect();
        assert_eq!(named(&a, destination.into(), true), want, "{destination:#x}");
    }
    assert_eq!(named(&a, 0xff, true).len(), 7);
}

/// x2APIC: cluster = id >> 4 in 31:16, 1 << (id & 15) in 15:0.
#[test]
fn g07_logical_x2apic() {
    let ids = [0u32, 3, 15, 16, 18, 0x12345];
    let a = Apics::new(&ids.map(ApicConfig::x2apic));
    for (destination, want) in [
        (0x0000_0001, vec![0]),
        (0x0000_8009, vec![0, 1, 2]),
        (0x0000_ffff, vec![0, 1, 2]),
        (0x0001_0005, vec![3, 4]),
        (0x0001_0002, vec![]),
        (0x0001_0000, vec![]),
        (0x1234_0020, vec![5]),
        (0x1234_ffdf, vec![]),
        (0xffff_ffff, vec![0, 1, 2, 3, 4, 5]),
    ] {
        assert_eq!(named(&a, destination, true), want, "{destination:#x}");
    }
    assert_eq!(a.read_x2apic(5, 0x80d), Ok(0x1234_0020));
}

#[test]
fn g08_the_hint_chooses_the_lowest_processor_priority() {
    let mut a = xapics(&[0, 1, 2, 3]);
    for cpu in 0..4 {
        a.write_xapic(cpu, LDR, 1 << (24 + cpu));
    }
    let hint = ApicMessage { destination: 0xe, logical: true, redirection_hint: true, ..fixed(0xa1) };
    let lowest = ApicMessage { mode: DeliveryMode::LowestPriority, redirection_hint: false, ..hint };
    for message in [hint, lowest, ApicMessage { redirection_hint: true, ..lowest }] {
        // Task priorities of CPUs 0..=3, and who is chosen among 1, 2, 3.
        for (tprs, want) in [
            ([0, 0, 0, 0], 1),
            ([0, 0x50, 0x40, 0x60], 2),
            ([0, 0x50, 0x50, 0x10], 3),
            ([0, 0x20, 0x10, 0x10], 2),
            ([0, 0x21, 0x22, 0x20], 3),
        ] {
            let mut a = a.clone();
            for (cpu, tpr) in tprs.into_iter().enumerate() {
                a.write_xapic(cpu, 0x80, tpr);
            }
            let got: Vec<usize> = a.deliver(&message).iter().map(|r| r.cpu).collect();
            assert_eq!(got, [want], "{tprs:x?}");
        }
        // What is in service counts, what is merely requested does not.
        let mut a = a.clone();
        a.self_ipi(1, 0x91);
        a.acknowledge(1);
        a.self_ipi(2, 0xf1);
        assert_eq!(a.deliver(&message)[0].cpu, 2);
    }
    // Without hint and in fixed mode all of them get it.
    assert_eq!(a.deliver(&ApicMessage { redirection_hint: false, ..hint }).len(), 3);
}

#[test]
fn lowest_priority_passes_over_disabled_apics() {
    let mut a = xapics(&[0, 1]);
    a.write_xapic(0, 0xf0, 0xff);
    a.write_xapic(1, 0x80, 0x90);
    let m = ApicMessage { destination: 0xff, mode: DeliveryMode::LowestPriority, ..fixed(0xa1) };
    assert_eq!(a.deliver(&m)[0].cpu, 1);
    a.write_xapic(1, 0xf0, 0xff);
    let arrivals = a.deliver(&m);
    assert_eq!(arrivals.len(), 1);
    assert_eq!(arrivals[0].outcome, Outcome::Rejected(Rejection::SoftwareDisabled));
}

#[test]
fn a_cpu_that_is_offline_is_not_there() {
    let mut a = xapics(&[0, 1]);
    a.set_online(1, false);
    assert_eq!(named(&a, 1, false), vec![0; 0]);
    assert_eq!(named(&a, 0xff, false), [0]);
    assert_eq!(a.read_xapic(1, 0x20), u32::MAX);
    a.set_online(1, true);
    assert_eq!(named(&a, 1, false), [1]);
}

#[test]
#[should_panic(expected = "used twice")]
fn two_apics_with_one_id() {
    xapics(&[1, 1]);
}
