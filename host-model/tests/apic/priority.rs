// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Acceptance, priority, service.

use host_model::apic::{ApicConfig, Apics, Arrival, Counts, Eoi, Inta, Outcome, Rejection};
use host_model::interrupt::{ApicMessage, DeliveryMode};

pub fn fixed(vector: u8) -> ApicMessage {
    ApicMessage {
        destination: 0,
        logical: false,
        redirection_hint: false,
        mode: DeliveryMode::Fixed,
        level: false,
        vector,
    }
}

fn one() -> Apics {
    Apics::new(&[ApicConfig::xapic(0)])
}

fn deliver(a: &mut Apics, message: &ApicMessage) -> Outcome {
    let arrivals = a.deliver(message);
    assert_eq!(arrivals.len(), 1);
    assert_eq!((arrivals[0].cpu, arrivals[0].vector), (0, message.vector));
    arrivals[0].outcome
}

const TPR: u32 = 0x80;
const SVR: u32 = 0xf0;
const ESR: u32 = 0x280;

#[test]
fn g01_the_highest_vector_goes_first() {
    let mut a = one();
    for v in [0x31, 0x51, 0x41] {
        assert_eq!(deliver(&mut a, &fixed(v)), Outcome::Accepted);
    }
    let mut order = vec![];
    while let Some(v) = a.acknowledge(0) {
        order.push(v);
        assert_eq!(a.eoi(0), Some(Eoi { vector: v, broadcast: false }));
    }
    assert_eq!(order, [0x51, 0x41, 0x31]);
    assert_eq!(a.eoi(0), None);
}

#[test]
fn g02_the_task_priority_holds_back_its_class_and_below() {
    let mut a = one();
    a.write_xapic(0, TPR, 0x50);
    for v in [0x4f, 0x5f, 0x61] {
        deliver(&mut a, &fixed(v));
    }
    assert_eq!(a.acknowledge(0), Some(0x61));
    a.eoi(0);
    assert_eq!(a.acknowledge(0), None);
    a.write_xapic(0, TPR, 0);
    assert_eq!(a.acknowledge(0), Some(0x5f));
    a.eoi(0);
    assert_eq!(a.acknowledge(0), Some(0x4f));
}

/// Every TPR against every vector [SDM 11.8.3.1]: a higher class, nothing less.
#[test]
fn every_task_priority_against_every_vector() {
    for tpr in 0..=255u8 {
        for vector in 16..=255u8 {
            let mut a = one();
            a.write_xapic(0, TPR, tpr.into());
            deliver(&mut a, &fixed(vector));
            let due = vector / 16 > tpr / 16;
            assert_eq!(a.interrupt_pending(0), due.then_some(vector), "TPR {tpr:#x} vector {vector:#x}");
        }
    }
}

/// Every class in service against every class requested, and PPR as it is read: in the
/// same class the task's, whatever the low bits are.
#[test]
fn every_priority_class_nests_only_above() {
    for served in 1..16u8 {
        for tpr in 0..16u8 {
            let mut a = one();
            deliver(&mut a, &fixed(served << 4 | 9));
            a.acknowledge(0);
            a.write_xapic(0, TPR, u32::from(tpr) << 4 | 5);
            let ppr = if tpr >= served { tpr << 4 | 5 } else { served << 4 };
            assert_eq!((a.ppr(0), a.read_xapic(0, 0xa0)), (ppr, ppr.into()), "ISR {served} TPR {tpr}");
            for class in 1..16u8 {
                let mut a = a.clone();
                deliver(&mut a, &fixed(class << 4 | 3));
                let due = class > served.max(tpr);
                assert_eq!(a.interrupt_pending(0).is_some(), due, "ISR {served} TPR {tpr} IRR {class}");
            }
        }
    }
}

/// One IRR bit and one ISR bit: of three arrivals two are served, never none.
#[test]
fn g03_repeated_arrivals_merge() {
    let mut a = one();
    assert_eq!(deliver(&mut a, &fixed(0x61)), Outcome::Accepted);
    assert_eq!(a.acknowledge(0), Some(0x61));
    assert_eq!(deliver(&mut a, &fixed(0x61)), Outcome::Accepted);
    assert_eq!(deliver(&mut a, &fixed(0x61)), Outcome::Merged);
    assert!(a.is_requested(0, 0x61) && a.is_in_service(0, 0x61));
    assert_eq!(a.acknowledge(0), None, "its own class is in service");
    a.eoi(0);
    assert_eq!(a.acknowledge(0), Some(0x61));
    a.eoi(0);
    assert_eq!(a.acknowledge(0), None);
}

#[test]
fn g04_illegal_vectors_are_noted_in_esr() {
    let mut a = one();
    for v in 0..16 {
        for mode in [DeliveryMode::Fixed, DeliveryMode::LowestPriority] {
            let m = ApicMessage { mode, ..fixed(v) };
            assert_eq!(deliver(&mut a, &m), Outcome::Rejected(Rejection::IllegalVector));
            assert_eq!(a.read_xapic(0, ESR), 0, "not before software writes it");
            a.write_xapic(0, ESR, 0);
            assert_eq!(a.read_xapic(0, ESR), 1 << 6);
            a.write_xapic(0, ESR, 0);
            assert_eq!(a.read_xapic(0, ESR), 0);
            assert_eq!(a.interrupt_pending(0), None);
        }
    }
    assert_eq!(deliver(&mut a, &fixed(16)), Outcome::Accepted);
}

#[test]
fn g05_a_higher_class_interrupts_and_eoi_clears_the_highest() {
    let mut a = one();
    deliver(&mut a, &fixed(0x31));
    assert_eq!(a.acknowledge(0), Some(0x31));
    deliver(&mut a, &fixed(0x3f));
    assert_eq!(a.acknowledge(0), None, "same class");
    deliver(&mut a, &fixed(0x41));
    assert_eq!(a.acknowledge(0), Some(0x41));
    assert_eq!(a.eoi(0).map(|e| e.vector), Some(0x41));
    assert_eq!(a.acknowledge(0), None);
    assert_eq!(a.eoi(0).map(|e| e.vector), Some(0x31));
    assert_eq!(a.acknowledge(0), Some(0x3f));
}

#[test]
fn all_vectors_are_served_in_descending_order() {
    let mut a = one();
    for v in 16..=255 {
        deliver(&mut a, &fixed(v));
    }
    for v in (16..=255).rev() {
        assert_eq!(a.acknowledge(0), Some(v));
        assert_eq!(a.eoi(0).map(|e| e.vector), Some(v));
    }
}

/// TMR follows the last acceptance; a level EOI is broadcast unless SVR bit 12 forbids.
#[test]
fn level_triggered_interrupts_broadcast_their_eoi() {
    let mut a = one();
    let level = ApicMessage { level: true, ..fixed(0x71) };
    for (message, suppress, broadcast) in
        [(level, false, true), (level, true, false), (fixed(0x71), false, false), (fixed(0x71), true, false)]
    {
        a.write_xapic(0, SVR, 0x1ff | u32::from(suppress) << 12);
        deliver(&mut a, &message);
        assert_eq!(a.read_xapic(0, 0x180 + 0x30) >> 0x11 & 1, u32::from(message.level), "TMR");
        a.acknowledge(0);
        assert_eq!(a.eoi(0), Some(Eoi { vector: 0x71, broadcast }));
    }
}

/// [SDM 11.9]: the interrupt went out of reach between the CPU's decision and its INTA.
#[test]
fn a_late_inta_gets_the_spurious_vector() {
    let mut a = one();
    a.write_xapic(0, SVR, 0x1ef);
    deliver(&mut a, &fixed(0x41));
    a.write_xapic(0, TPR, 0x40);
    assert_eq!(a.inta(0), Inta::Spurious(0xef));
    assert_eq!(a.eoi(0), None, "nothing is in service");
    a.write_xapic(0, TPR, 0x3f);
    assert_eq!(a.inta(0), Inta::Vector(0x41));
}

/// [SDM 11.4.7.2]: disabled, it takes no vectors, keeps what it has, and still counts NMI & co.
#[test]
fn a_software_disabled_apic() {
    let mut a = one();
    deliver(&mut a, &fixed(0x41));
    a.write_xapic(0, SVR, 0xff);
    assert_eq!(deliver(&mut a, &fixed(0x51)), Outcome::Rejected(Rejection::SoftwareDisabled));
    let nmi = ApicMessage { mode: DeliveryMode::Nmi, ..fixed(0) };
    assert_eq!(deliver(&mut a, &nmi), Outcome::Counted(DeliveryMode::Nmi));
    assert_eq!(a.acknowledge(0), Some(0x41));
    a.write_xapic(0, SVR, 0x1ff);
    assert_eq!(a.acknowledge(0), None, "what was rejected is lost");
}

#[test]
fn other_delivery_modes_are_counted_or_refused() {
    let mut a = one();
    use DeliveryMode::*;
    for (mode, times) in [(Nmi, 1), (Smi, 2), (Init, 3), (ExtInt, 4)] {
        for _ in 0..times {
            // The vector means nothing, an illegal one included.
            assert_eq!(deliver(&mut a, &ApicMessage { mode, ..fixed(5) }), Outcome::Counted(mode));
        }
    }
    for code in [3, 6] {
        let m = ApicMessage { mode: Reserved(code), ..fixed(0x41) };
        assert_eq!(deliver(&mut a, &m), Outcome::Rejected(Rejection::ReservedMode));
    }
    assert_eq!(a.counts(0), Counts { nmi: 1, smi: 2, init: 3, ext_int: 4 });
    assert_eq!(a.interrupt_pending(0), None);
}

#[test]
fn a_self_ipi_retriggers() {
    let mut a = Apics::new(&[ApicConfig::x2apic(3), ApicConfig::x2apic(9)]);
    assert_eq!(a.self_ipi(1, 0x41), Arrival { cpu: 1, vector: 0x41, outcome: Outcome::Accepted });
    assert_eq!(a.self_ipi(1, 0x41).outcome, Outcome::Merged);
    assert_eq!((a.interrupt_pending(0), a.interrupt_pending(1)), (None, Some(0x41)));
}
