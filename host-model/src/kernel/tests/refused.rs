// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every refused call: the error that Linux returns, by name, and nothing half done. Tables, masks, counters, vectors,
//! entries and interrupts are compared before and after.

use super::ims::array;
use super::*;
use crate::domain::msi::{BusToken, ChipOps, Cookie, MSI_MAX_INDEX, Template, TemplateFlags};
use crate::domain::remap::DomainError;
use crate::domain::spread::{AffinityDesc, IrqAffinity};
use crate::domain::{CpuSet, Errno};
use crate::kernel::{Action, MsiMap, MsixEntry, VectorFlags};

type Call = fn(&mut Kernel, &mut Fake) -> Result<(), DomainError>;

/// A call that is refused, on which machine, after what.
struct Case {
    name: &'static str,
    setup: Setup,
    before: Call,
    call: Call,
    errno: Errno,
}

fn nothing(_: &mut Kernel, _: &mut Fake) -> Result<(), DomainError> {
    Ok(())
}

fn msix(k: &mut Kernel, m: &mut Fake) -> Result<(), DomainError> {
    k.alloc_irq_vectors(m, DEV, 4, 4, VectorFlags::MSIX, None).map(|_| ())
}

fn msi(k: &mut Kernel, m: &mut Fake) -> Result<(), DomainError> {
    k.alloc_irq_vectors(m, DEV, 1, 1, VectorFlags::MSI, None).map(|_| ())
}

fn requested(k: &mut Kernel, m: &mut Fake) -> Result<(), DomainError> {
    msix(k, m)?;
    let virq = k.irq_vector(DEV, 0)?;
    k.request_irq(m, virq, Action::new(1))
}

fn slots(k: &mut Kernel, _: &mut Fake) -> Result<(), DomainError> {
    k.create_ims_domain(DEV, array(2), 2)
}

/// Takes every vector of every CPU away.
fn no_vectors(k: &mut Kernel) {
    let info = crate::domain::vector::AllocInfo { mask: Some(CpuSet::first(256)), ..Default::default() };
    for irq in (1 << 20)..(1 << 21) {
        if k.root.vectors.alloc_irqs(irq, 1, &info).is_err() {
            return;
        }
    }
}

fn take(min: u32, max: u32, flags: VectorFlags) -> impl Fn(&mut Kernel, &mut Fake) -> Result<(), DomainError> {
    move |k, m| k.alloc_irq_vectors(m, DEV, min, max, flags, None).map(|_| ())
}

fn cases() -> Vec<Case> {
    let plain = Setup::default();
    let case = |name, setup, before, call, errno| Case { name, setup, before, call, errno };
    vec![
        case("maximum below minimum", plain, nothing, |k, m| take(4, 2, VectorFlags::MSIX)(k, m), Errno::Erange),
        case("maximum below minimum, MSI", plain, nothing, |k, m| take(4, 2, VectorFlags::MSI)(k, m), Errno::Erange),
        case("none asked for", plain, nothing, |k, m| take(0, 0, VectorFlags::MSIX)(k, m), Errno::Einval),
        case("no kind allowed", plain, nothing, |k, m| take(1, 1, VectorFlags::NONE)(k, m), Errno::Enospc),
        case("more than the table", plain, nothing, |k, m| take(9, 9, VectorFlags::MSIX)(k, m), Errno::Enospc),
        case("more than MSI has", plain, nothing, |k, m| take(33, 64, VectorFlags::MSI)(k, m), Errno::Enospc),
        case("several MSI without remapping", plain, nothing, |k, m| take(2, 8, VectorFlags::MSI)(k, m), Errno::Enospc),
        case(
            "no MSI-X capability",
            Setup { msix: 0, ..plain },
            nothing,
            |k, m| take(1, 1, VectorFlags::MSIX)(k, m),
            Errno::Einval,
        ),
        case(
            "no MSI capability",
            Setup { msi: None, ..plain },
            nothing,
            |k, m| take(1, 1, VectorFlags::MSI)(k, m),
            Errno::Einval,
        ),
        case("MSI-X while MSI is on", plain, msi, |k, m| take(1, 1, VectorFlags::MSIX)(k, m), Errno::Einval),
        case("MSI while MSI-X is on", plain, msix, |k, m| take(1, 1, VectorFlags::MSI)(k, m), Errno::Einval),
        case("MSI-X twice", plain, msix, |k, m| take(1, 1, VectorFlags::MSIX)(k, m), Errno::Einval),
        case("MSI twice", plain, msi, |k, m| take(1, 1, VectorFlags::MSI)(k, m), Errno::Einval),
        case(
            "MSI forbidden",
            plain,
            |k, _| {
                k.device_mut(DEV)?.no_msi = true;
                Ok(())
            },
            |k, m| k.alloc_irq_vectors(m, DEV, 1, 4, VectorFlags { msi: true, ..VectorFlags::MSIX }, None).map(|_| ()),
            Errno::Einval,
        ),
        case(
            "not in D0",
            plain,
            |k, _| {
                k.device_mut(DEV)?.in_d0 = false;
                Ok(())
            },
            |k, m| take(1, 1, VectorFlags::MSIX)(k, m),
            Errno::Einval,
        ),
        case(
            "the table's BAR is not there",
            plain,
            |k, _| {
                k.device_mut(DEV)?.function.bars.clear();
                Ok(())
            },
            |k, m| take(1, 1, VectorFlags::MSIX)(k, m),
            Errno::Enomem,
        ),
        case(
            "fewer entries of the remapping table than wanted, MSI-X",
            Setup { irtes: Some(1), ..plain },
            nothing,
            |k, m| take(5, 8, VectorFlags::MSIX)(k, m),
            Errno::Enospc,
        ),
        case(
            "no entry of the remapping table, MSI",
            Setup { irtes: Some(0), ..plain },
            nothing,
            |k, m| take(4, 8, VectorFlags::MSI)(k, m),
            Errno::Enospc,
        ),
        case(
            "no vector for a managed interrupt",
            plain,
            |k, _| {
                no_vectors(k);
                Ok(())
            },
            |k, m| {
                let affd = IrqAffinity::default();
                let flags = VectorFlags { affinity: true, ..VectorFlags::MSIX };
                k.alloc_irq_vectors(m, DEV, 4, 4, flags, Some(&affd)).map(|_| ())
            },
            Errno::Enospc,
        ),
        case(
            "more pre vectors than the minimum",
            plain,
            nothing,
            |k, m| {
                let affd = IrqAffinity { pre_vectors: 3, ..IrqAffinity::default() };
                let flags = VectorFlags { affinity: true, ..VectorFlags::MSIX };
                k.alloc_irq_vectors(m, DEV, 2, 8, flags, Some(&affd)).map(|_| ())
            },
            Errno::Enospc,
        ),
        case(
            "an entry twice",
            plain,
            nothing,
            |k, m| k.enable_msix(m, DEV, &mut [MsixEntry { vector: 0, entry: 3 }; 2]),
            Errno::Einval,
        ),
        case(
            "an entry outside the table",
            plain,
            nothing,
            |k, m| k.enable_msix(m, DEV, &mut [MsixEntry { vector: 0, entry: 8 }]),
            Errno::Einval,
        ),
        case("vector beyond those granted", plain, msix, |k, _| k.irq_vector(DEV, 4).map(|_| ()), Errno::Einval),
        case("vector 1 of a line", plain, nothing, |k, _| k.irq_vector(DEV, 1).map(|_| ()), Errno::Einval),
        case(
            "dynamic while MSI-X is off",
            plain,
            nothing,
            |k, m| k.msix_alloc_irq_at(m, DEV, None, None).map(|_| ()),
            Errno::Enotsupp,
        ),
        case(
            "dynamic while MSI is on",
            plain,
            msi,
            |k, m| k.msix_alloc_irq_at(m, DEV, None, None).map(|_| ()),
            Errno::Enotsupp,
        ),
        case(
            "dynamic beyond the table",
            plain,
            msix,
            |k, m| k.msix_alloc_irq_at(m, DEV, Some(8), None).map(|_| ()),
            Errno::Erange,
        ),
        case(
            "dynamic at an index in use",
            plain,
            msix,
            |k, m| k.msix_alloc_irq_at(m, DEV, Some(3), None).map(|_| ()),
            Errno::Ebusy,
        ),
        case(
            "dynamic without a free entry",
            plain,
            |k, m| k.alloc_irq_vectors(m, DEV, 8, 8, VectorFlags::MSIX, None).map(|_| ()),
            |k, m| k.msix_alloc_irq_at(m, DEV, None, None).map(|_| ()),
            Errno::Ebusy,
        ),
        case(
            "dynamic without an entry of the remapping table",
            Setup { irtes: Some(1), ..plain },
            msix,
            |k, m| k.msix_alloc_irq_at(m, DEV, None, None).map(|_| ()),
            Errno::Enomem,
        ),
        case(
            "dynamic and managed without a vector",
            plain,
            |k, m| {
                msix(k, m)?;
                no_vectors(k);
                Ok(())
            },
            |k, m| {
                let desc = AffinityDesc { mask: CpuSet::first(4), managed: true };
                k.msix_alloc_irq_at(m, DEV, None, Some(desc)).map(|_| ())
            },
            Errno::Enospc,
        ),
        case(
            "a slot without a domain",
            plain,
            nothing,
            |k, m| k.ims_alloc_irq(m, DEV, None, None).map(|_| ()),
            Errno::Enodev,
        ),
        case("a second domain", plain, slots, |k, _| k.create_ims_domain(DEV, array(2), 2), Errno::Eexist),
        case(
            "a slot that is not there",
            plain,
            |k, m| {
                slots(k, m)?;
                k.ims_alloc_irq(m, DEV, None, None)?;
                k.ims_alloc_irq(m, DEV, None, None).map(|_| ())
            },
            |k, m| k.ims_alloc_irq(m, DEV, None, None).map(|_| ()),
            Errno::Ebusy,
        ),
        case(
            "a PASID of 21 bits",
            plain,
            slots,
            |k, m| {
                let cookie = Cookie { pasid: Some(1 << 20), queue: 0 };
                k.ims_alloc_irq(m, DEV, Some(cookie), None).map(|_| ())
            },
            Errno::Einval,
        ),
        case(
            "a slot without an entry of the remapping table",
            Setup { irtes: Some(1), ..plain },
            |k, m| {
                slots(k, m)?;
                msix(k, m)
            },
            |k, m| k.ims_alloc_irq(m, DEV, None, None).map(|_| ()),
            Errno::Enomem,
        ),
        case(
            // A slot has its vector at once.
            "a slot without a vector",
            plain,
            |k, m| {
                slots(k, m)?;
                no_vectors(k);
                Ok(())
            },
            |k, m| k.ims_alloc_irq(m, DEV, None, None).map(|_| ()),
            Errno::Enospc,
        ),
        case("no domain to remove", plain, nothing, |k, m| k.remove_ims_domain(m, DEV), Errno::Enodev),
        case("request of nothing", plain, nothing, |k, m| k.request_irq(m, 99, Action::new(1)), Errno::Einval),
        case("sharing without an id", plain, msix, |k, m| k.request_irq(m, 24, Action::shared(0)), Errno::Einval),
        case(
            "request of one that is taken",
            plain,
            requested,
            |k, m| k.request_irq(m, 24, Action::new(2)),
            Errno::Ebusy,
        ),
        case(
            "sharing with one that does not",
            plain,
            requested,
            |k, m| k.request_irq(m, 24, Action::shared(2)),
            Errno::Ebusy,
        ),
        case(
            "the same id twice",
            plain,
            |k, m| {
                msix(k, m)?;
                k.request_irq(m, 24, Action::shared(2))
            },
            |k, m| k.request_irq(m, 24, Action::shared(2)),
            Errno::Ebusy,
        ),
        case(
            "request without a vector",
            plain,
            |k, m| {
                msix(k, m)?;
                no_vectors(k);
                Ok(())
            },
            |k, m| k.request_irq(m, 24, Action::new(1)),
            Errno::Enospc,
        ),
        case("freeing a handler that is not there", plain, requested, |k, m| k.free_irq(m, 24, 2), Errno::Einval),
        case("disabling nothing", plain, nothing, |k, m| k.disable_irq(m, 99), Errno::Einval),
        case("enabling nothing", plain, nothing, |k, m| k.enable_irq(m, 99), Errno::Einval),
        case("moving nothing", plain, nothing, |k, m| k.set_affinity(m, 99, &CpuSet::of(0)), Errno::Einval),
        case("moving to no CPU", plain, requested, |k, m| k.set_affinity(m, 24, &CpuSet::of(9)), Errno::Einval),
        case(
            "moving to a full CPU, remapped",
            Setup::remapped(),
            |k, m| {
                requested(k, m)?;
                no_vectors(k);
                Ok(())
            },
            |k, m| {
                let elsewhere = CpuSet::of(3 - place(k, 24).cpu);
                k.set_affinity(m, 24, &elsewhere)
            },
            Errno::Enospc,
        ),
        case(
            "moving to a full CPU",
            plain,
            |k, m| {
                requested(k, m)?;
                no_vectors(k);
                Ok(())
            },
            |k, m| {
                let elsewhere = CpuSet::of(3 - place(k, 24).cpu);
                k.set_affinity(m, 24, &elsewhere)
            },
            Errno::Enospc,
        ),
        case("the last CPU goes", Setup { cpus: 1, ..plain }, requested, |k, m| k.offline_cpu(m, 0), Errno::Einval),
        case(
            "a CPU goes and there is no room elsewhere",
            plain,
            |k, m| {
                requested(k, m)?;
                no_vectors(k);
                Ok(())
            },
            |k, m| k.offline_cpu(m, 1),
            Errno::Enospc,
        ),
        case("a CPU comes twice", plain, requested, |k, m| k.online_cpu(m, 1), Errno::Einval),
        case("a device that is not there", plain, nothing, |k, m| k.free_irq_vectors(m, 7), Errno::Enodev),
        case(
            "a device twice",
            plain,
            nothing,
            |k, _| {
                let function = k.device(DEV)?.function.clone();
                k.add_device(DEV, ID, function, 0, 0)
            },
            Errno::Eexist,
        ),
        case(
            "a device behind a unit that is not there",
            plain,
            nothing,
            |k, _| {
                let function = k.device(DEV)?.function.clone();
                k.add_device(9, ID, function, 5, 0)
            },
            Errno::Einval,
        ),
        case(
            "a line among the numbers of messages",
            plain,
            nothing,
            |k, _| {
                let function = k.device(DEV)?.function.clone();
                k.add_device(9, ID, function, 0, 24)
            },
            Errno::Einval,
        ),
        case("removing a device that is not there", plain, nothing, |k, m| k.remove_device(m, 9), Errno::Enodev),
        case("freeing vectors of nobody", plain, nothing, |k, m| k.free_irq_vectors(m, 9), Errno::Enodev),
        case(
            "IMS behind a virtual unit",
            Setup { caching_mode: true, ..Setup::remapped() },
            nothing,
            |k, _| k.create_ims_domain(DEV, array(2), 2),
            Errno::Enotsupp,
        ),
        case(
            "a template of another kind",
            Setup::remapped(),
            nothing,
            |k, _| k.create_ims_domain(DEV, Template { token: BusToken::Msix, ..array(2) }, 2),
            Errno::Einval,
        ),
        case(
            "a template that allocates no descriptors",
            Setup::remapped(),
            nothing,
            |k, _| {
                let flags = TemplateFlags { alloc_simple_descs: false, free_descs: true };
                k.create_ims_domain(DEV, Template { flags, ..array(2) }, 2)
            },
            Errno::Einval,
        ),
        case(
            "a template that sets affinities itself",
            Setup::remapped(),
            nothing,
            |k, _| {
                let ops = ChipOps { set_affinity: true, ..ChipOps::default() };
                k.create_ims_domain(DEV, Template { ops, ..array(2) }, 2)
            },
            Errno::Einval,
        ),
        case(
            "moving a managed interrupt",
            Setup::remapped(),
            |k, m| {
                let flags = VectorFlags { affinity: true, ..VectorFlags::MSIX };
                k.alloc_irq_vectors(m, DEV, 4, 4, flags, Some(&IrqAffinity::default())).map(|_| ())
            },
            |k, m| {
                let virq = k.irq_vector(DEV, 1)?;
                k.set_affinity(m, virq, &CpuSet::of(0))
            },
            Errno::Eperm,
        ),
        case(
            "waiting for a handler that does not end",
            Setup::remapped(),
            |k, m| {
                requested(k, m)?;
                let virq = k.irq_vector(DEV, 0)?;
                m.isr.extend(k.root.vectors.places(virq));
                Ok(())
            },
            |k, m| {
                let virq = k.irq_vector(DEV, 0)?;
                k.synchronize_irq(m, virq)
            },
            Errno::Ebusy,
        ),
    ]
}

#[test]
fn refused_calls_leave_everything_as_it_was() {
    let mut seen = std::collections::BTreeSet::new();
    for case in cases() {
        assert!(seen.insert(case.name), "{} twice", case.name);
        let (mut k, mut m) = case.setup.make();
        (case.before)(&mut k, &mut m).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        k.take_warnings();
        let before = (k.snapshot(), m.visible());
        let result = (case.call)(&mut k, &mut m);
        assert_eq!(result, Err(case.errno.into()), "{}", case.name);
        let after = (k.snapshot(), m.visible());
        assert!(before == after, "{}:\n{before:?}\n{after:?}", case.name);
        k.root.vectors.check().unwrap_or_else(|e| panic!("{}: {e}", case.name));
        k.unit(0).unwrap().check(&k.root, &mut m.bus).unwrap_or_else(|e| panic!("{}: {e}", case.name));
    }
    assert!(seen.len() >= 65);
}

/// The same on what the comparison is made of: each part of it notices a change.
#[test]
fn the_comparison_would_notice() {
    let (mut k, mut m) = Setup::remapped().make();
    requested(&mut k, &mut m).unwrap();
    let before = (k.snapshot(), m.visible());
    k.disable_irq(&mut m, 24).unwrap();
    assert_ne!(k.snapshot(), before.0);
    k.enable_irq(&mut m, 24).unwrap();
    assert_eq!(k.snapshot(), before.0);
    m.bus.mem_write(TABLE + 28, 4, 0).unwrap();
    assert_ne!(m.visible(), before.1);
    m.bus.mem_write(TABLE + 28, 4, 1).unwrap();
    k.set_affinity(&mut m, 24, &CpuSet::of(3)).unwrap();
    assert_ne!(m.visible(), before.1);
}

#[test]
fn bad_maps_are_warnings_and_change_nothing() {
    let (mut k, mut m) = Setup::default().make();
    msix(&mut k, &mut m).unwrap();
    slots(&mut k, &mut m).unwrap();
    let before = (k.snapshot(), m.visible());
    for map in [
        MsiMap { index: 0, virq: 0 },
        MsiMap { index: 9, virq: 24 },
        MsiMap { index: 1, virq: 24 },
        MsiMap { index: MSI_MAX_INDEX, virq: 24 },
    ] {
        k.msix_free_irq(&mut m, DEV, map).unwrap();
        k.ims_free_irq(&mut m, DEV, map).unwrap();
        assert_eq!(k.take_warnings().len(), 2);
    }
    assert_eq!((k.snapshot(), m.visible()), before);
}
