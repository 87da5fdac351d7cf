// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Handlers: shared and own, disabled and enabled, lines, what is left when vectors go.

use super::*;
use crate::domain::Errno;
use crate::driver::fake::Access::{R, W};
use crate::kernel::{Action, Fate, VectorFlags, Warning};

fn one() -> (Kernel, Fake, u32) {
    let (mut k, mut m) = Setup::default().make();
    k.alloc_irq_vectors(&mut m, DEV, 1, 1, VectorFlags::MSIX, None).unwrap();
    let virq = k.irq_vector(DEV, 0).unwrap();
    (k, m, virq)
}

#[test]
fn handlers_that_share_a_vector_all_run() {
    let (mut k, mut m, virq) = one();
    for q in 1..=16 {
        k.request_irq(&mut m, virq, Action::shared(q)).unwrap();
    }
    m.arrives(place(&k, virq));
    k.poll(&mut m).unwrap();
    let ran: Vec<u64> = k.take_seen().iter().map(|s| s.dev_id).collect();
    assert_eq!(ran, (1..=16).collect::<Vec<_>>());
    k.free_irq(&mut m, virq, 5).unwrap();
    m.arrives(place(&k, virq));
    k.poll(&mut m).unwrap();
    assert_eq!(k.take_seen().len(), 15);
    assert_eq!(k.request_irq(&mut m, virq, Action::new(99)), Err(Errno::Ebusy.into()));
}

#[test]
fn disabling_is_lazy_and_what_arrives_meanwhile_is_raised_again() {
    let (mut k, mut m, virq) = one();
    k.request_irq(&mut m, virq, Action::new(1)).unwrap();
    m.bus.take_log();
    k.disable_irq(&mut m, virq).unwrap();
    k.disable_irq(&mut m, virq).unwrap();
    assert_eq!(m.bus.take_log(), []);
    m.arrives(place(&k, virq));
    k.poll(&mut m).unwrap();
    assert_eq!(k.take_seen()[0].fate, Fate::Unhandled);
    assert_eq!(m.bus.take_log(), [W(TABLE + 12, 1), R(TABLE)]);
    k.enable_irq(&mut m, virq).unwrap();
    assert_eq!(m.again, []);
    k.enable_irq(&mut m, virq).unwrap();
    assert_eq!(m.bus.take_log(), [W(TABLE + 12, 0)]);
    assert_eq!(m.again, [place(&k, virq)]);
    k.enable_irq(&mut m, virq).unwrap();
    assert_eq!(k.take_warnings(), [Warning::Unbalanced(virq)]);
}

#[test]
fn a_handler_may_wait_for_its_enable() {
    let (mut k, mut m, virq) = one();
    let quiet = Action { no_autoen: true, ..Action::new(1) };
    k.request_irq(&mut m, virq, quiet).unwrap();
    assert_eq!(m.bus.words[&(TABLE + 12)], 1);
    k.enable_irq(&mut m, virq).unwrap();
    assert_eq!(m.bus.words[&(TABLE + 12)], 0);
}

#[test]
fn an_interrupt_after_its_handler_is_nobodys() {
    let (mut k, mut m, virq) = one();
    k.request_irq(&mut m, virq, Action::new(1)).unwrap();
    let at = place(&k, virq);
    k.free_irq(&mut m, virq, 1).unwrap();
    m.arrives(at);
    k.poll(&mut m).unwrap();
    assert_eq!(k.take_seen()[0].fate, Fate::Nobody);
}

#[test]
fn a_handler_left_behind_is_flagged_and_the_device_is_silent() {
    let (mut k, mut m, virq) = one();
    k.request_irq(&mut m, virq, Action::new(1)).unwrap();
    k.free_irq_vectors(&mut m, DEV).unwrap();
    assert_eq!(k.take_warnings(), [Warning::HandlerLeft(virq)]);
    assert_eq!((m.bus.words[&(TABLE + 12)], m.bus.cfg(MSIX) >> 30), (1, 0));
    k.root.vectors.check().unwrap();
}

#[test]
fn a_request_that_fails_half_way_is_unwound_by_its_driver() {
    let (mut k, mut m) = Setup::default().make();
    let before = (k.snapshot(), m.bus.cfg(4), m.bus.cfg(MSIX));
    k.alloc_irq_vectors(&mut m, DEV, 4, 4, VectorFlags::MSIX, None).unwrap();
    let virqs: Vec<u32> = (0..4).map(|nr| k.irq_vector(DEV, nr).unwrap()).collect();
    for virq in &virqs[..2] {
        k.request_irq(&mut m, *virq, Action::new(1)).unwrap();
    }
    // The third is somebody else's already.
    k.request_irq(&mut m, virqs[2], Action::new(9)).unwrap();
    assert_eq!(k.request_irq(&mut m, virqs[2], Action::new(1)), Err(Errno::Ebusy.into()));
    k.free_irq(&mut m, virqs[2], 9).unwrap();
    for virq in virqs[..2].iter().rev() {
        k.free_irq(&mut m, *virq, 1).unwrap();
    }
    k.free_irq_vectors(&mut m, DEV).unwrap();
    assert_eq!((k.snapshot(), m.bus.cfg(4), m.bus.cfg(MSIX)), before);
    for entry in 0..8 {
        let words = [0, 4, 8, 12].map(|f| m.bus.words.get(&(TABLE + 16 * entry + f)).copied().unwrap_or(0));
        assert_eq!((words[3], words[..3] == [0; 3] || words[..3] == [0xfee0_0000, 0, 0xef]), (1, true), "{words:x?}");
    }
}

#[test]
fn a_line_runs_its_handlers_while_it_is_asserted() {
    let (mut k, mut m) = Setup { msix: 0, msi: None, ..Setup::default() }.make();
    assert_eq!(k.alloc_irq_vectors(&mut m, DEV, 1, 1, VectorFlags::ALL_TYPES, None), Ok(1));
    let virq = k.irq_vector(DEV, 0).unwrap();
    assert_eq!(virq, LINE);
    m.asserted = true;
    assert_eq!(k.poll_lines(&mut m, 0), 1);
    k.request_irq(&mut m, virq, Action::shared(1)).unwrap();
    assert_eq!(k.poll_lines(&mut m, 0), 0);
    assert_eq!(k.take_seen().len(), 1);
    m.asserted = false;
    assert_eq!(k.poll_lines(&mut m, 0), 0);
    assert_eq!(k.take_seen().len(), 0);
    k.free_irq(&mut m, virq, 1).unwrap();
}
