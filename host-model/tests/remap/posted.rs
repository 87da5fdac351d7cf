// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Posted interrupts from the driver's side: entries through the remapping domain, descriptors as the kernel handles
//! them, and the real unit between.

use crate::bus::UnitBus;
use crate::domain::{DEVICE, on, root};
use host_model::domain::remap::{DomainError, Posting, RemapDomain, Root, VtdDomain};
use host_model::domain::vector::Contiguous;
use host_model::domain::{CpuSet, Errno};
use host_model::driver::msg::MsiMsg;
use host_model::driver::posted::PostedDescriptor;
use host_model::driver::vtd::{InterruptRemapping, IrConfig, PostedSpec};
use host_model::remap::RemapEffect;
use host_model::remap::vtd::{Latency, Vtd, VtdConfig};
use tlp::Bdf;

const PID: u64 = 0x9_8765_4340;
const NV: u8 = 0xeb;

fn machine() -> (UnitBus<Vtd>, VtdDomain, Root) {
    let config = VtdConfig { posted: true, latency: Latency { min: 1, max: 30 }, ..VtdConfig::default() };
    let mut bus = UnitBus::new(Vtd::new(config));
    let config = IrConfig {
        table: 0x10_0000,
        size: 7,
        x2apic: true,
        queue: 0x30_0000,
        status: 0x31_0000,
        poll_cycles: 5,
        polls_max: 100,
    };
    let unit = InterruptRemapping::enable(&mut bus, config).expect("comes up");
    (bus, VtdDomain::new(unit, false), root(Contiguous::Refuse))
}

/// Notifications (vector, destination) of what is under way.
fn notifications(bus: &mut UnitBus<Vtd>) -> Vec<(u8, u32)> {
    let of = |e: &RemapEffect| match e {
        RemapEffect::Posted { notification, .. } => notification.map(|n| (n.vector, n.destination)),
        RemapEffect::Blocked { reason, .. } => panic!("blocked: {reason:?}"),
        _ => None,
    };
    bus.drain().iter().filter_map(of).collect()
}

fn started(bus: &mut UnitBus<Vtd>, d: &mut VtdDomain, root: &mut Root, irq: u32) -> MsiMsg {
    d.alloc_irqs(root, bus, irq, 1, &on(0)).expect("allocates");
    d.activate(root, bus, irq, false).expect("starts");
    d.compose(root, irq).expect("composes")
}

/// Words worked out from VT-d 9.12 by hand.
#[test]
fn images_agree_with_the_architecture() {
    let spec = PostedSpec::new(0x1234_5678_9abc_def0 & !0x3f, 0x41, Bdf::from_bits(0x0108));
    assert_eq!(spec.image(), 0x1234_5678_0004_0108_9abc_dec0_0041_8001);
    let urgent = PostedSpec { urgent: true, quiet: true, ..spec };
    assert_eq!(urgent.image() as u64, 0x9abc_dec0_0041_c003);
}

/// An interrupt is posted, moved meanwhile, and sent to its processor again. The device's message is one and the same.
#[test]
fn posted_and_back() {
    let (mut bus, mut d, mut root) = machine();
    let msg = started(&mut bus, &mut d, &mut root, 40);
    let pid = PostedDescriptor::set_up(&mut bus, PID, true, 7, NV).expect("memory");
    let to = Posting { descriptor: pid.address(), vector: 0x66 };
    d.post(&mut root, &mut bus, 40, Some(to)).expect("can post");
    d.check(&root, &mut bus).expect("book, vectors and table agree");
    assert_eq!(d.compose(&root, 40), Ok(msg));
    bus.drain();
    bus.post(DEVICE, msg);
    bus.post(DEVICE, msg);
    assert_eq!(notifications(&mut bus), [(NV, 7)], "two posts, one notification");
    assert_eq!(pid.outstanding(&mut bus), Ok(true));
    // A move leaves a posted entry alone.
    d.set_affinity(&mut root, &mut bus, 40, &CpuSet::of(3)).expect("moves");
    d.check(&root, &mut bus).expect("book, vectors and table agree");
    let mut served = vec![];
    pid.serve(&mut bus, &mut |v| served.push(v)).expect("memory");
    assert_eq!(served, [0x66]);
    assert_eq!((pid.outstanding(&mut bus), pid.any(&mut bus)), (Ok(false), Ok(false)));
    d.post(&mut root, &mut bus, 40, None).expect("can");
    assert_eq!(bus.send(DEVICE, msg), Ok(root.destination(40).expect("exists")), "to the new processor");
    d.check(&root, &mut bus).expect("book, vectors and table agree");
    d.free_irqs(&mut root, &mut bus, 40).expect("exists");
}

/// Suppressed: it is posted, nobody is told; on resuming it is found, although nothing comes any more.
#[test]
fn suppressed_posts_are_found_on_resuming() {
    let (mut bus, mut d, mut root) = machine();
    let msg = started(&mut bus, &mut d, &mut root, 40);
    let pid = PostedDescriptor::set_up(&mut bus, PID, true, 7, NV).expect("memory");
    d.post(&mut root, &mut bus, 40, Some(Posting { descriptor: PID, vector: 0x66 })).expect("can post");
    pid.suppress(&mut bus).expect("memory");
    bus.drain();
    bus.post(DEVICE, msg);
    assert_eq!(notifications(&mut bus), []);
    assert_eq!(pid.resume(&mut bus), Ok(true));
    assert_eq!(pid.outstanding(&mut bus), Ok(true), "so that the entry into the guest looks");
    assert_eq!(pid.take(&mut bus), Ok(vec![0x66]));
    pid.clear_outstanding(&mut bus).expect("memory");
    assert_eq!(pid.resume(&mut bus), Ok(false));
    // Whoever notifies from now on goes to the new processor.
    pid.move_to(&mut bus, 9, 0xf2).expect("memory");
    bus.post(DEVICE, msg);
    assert_eq!(notifications(&mut bus), [(0xf2, 9)]);
}

/// The handler against posts that come at each of its steps: every vector is served, none twice for one post, and none is left
/// without a notification on its way.
#[test]
fn handler_races_with_posts() {
    for at in 0..40 {
        let (mut bus, mut d, mut root) = machine();
        let msgs: Vec<MsiMsg> = (40..44).map(|irq| started(&mut bus, &mut d, &mut root, irq)).collect();
        let pid = PostedDescriptor::set_up(&mut bus, PID, true, 7, NV).expect("memory");
        for irq in 40..44u32 {
            let to = Posting { descriptor: PID, vector: 0x60 + (irq - 40) as u8 };
            d.post(&mut root, &mut bus, irq, Some(to)).expect("can post");
        }
        bus.drain();
        bus.post(DEVICE, msgs[0]);
        let mut told = notifications(&mut bus).len();
        assert_eq!(told, 1);
        let mut served = [0u32; 4];
        let mut posted = [1u32, 0, 0, 0];
        let mut rounds = 0;
        while told > 0 {
            told -= 1;
            // The handler's body, a post at the chosen step.
            let mut step = 0;
            let mut maybe = |bus: &mut UnitBus<Vtd>, told: &mut usize| {
                if rounds == 0 && step == at % 8 {
                    for n in 1..=at as usize / 8 % 4 {
                        bus.post(DEVICE, msgs[n]);
                        posted[n] += 1;
                    }
                    *told += notifications(bus).len();
                }
                step += 1;
            };
            for _ in 0..3 {
                let vectors = pid.take(&mut bus).expect("memory");
                vectors.iter().for_each(|v| served[usize::from(v - 0x60)] += 1);
                maybe(&mut bus, &mut told);
                if vectors.is_empty() {
                    break;
                }
            }
            maybe(&mut bus, &mut told);
            pid.clear_outstanding(&mut bus).expect("memory");
            maybe(&mut bus, &mut told);
            for v in pid.take(&mut bus).expect("memory") {
                served[usize::from(v - 0x60)] += 1;
            }
            maybe(&mut bus, &mut told);
            rounds += 1;
        }
        assert_eq!(served, posted, "post at step {at}");
        assert_eq!(pid.any(&mut bus), Ok(false));
    }
}

/// Posted MSI: each interrupt into the descriptor of its CPU, under its own vector; a move takes it to another descriptor, and
/// what was posted before is served where it was.
#[test]
fn posted_msi_follows_its_processor() {
    let (mut bus, mut d, mut root) = machine();
    let at = |cpu: u64| PID + 64 * cpu;
    d.post_per_cpu((0..4).map(at).collect()).expect("can post");
    let pids: Vec<PostedDescriptor> = (0..4)
        .map(|cpu| PostedDescriptor::set_up(&mut bus, at(cpu), true, 0x10 + 2 * cpu as u32, NV).expect("memory"))
        .collect();
    let msgs: Vec<MsiMsg> = (40..43).map(|irq| started(&mut bus, &mut d, &mut root, irq)).collect();
    assert_eq!(d.post_per_cpu(vec![]), Err(Errno::Ebusy), "interrupts are in use");
    d.check(&root, &mut bus).expect("book, vectors and table agree");
    bus.drain();
    msgs.iter().for_each(|msg| bus.post(DEVICE, *msg));
    assert_eq!(notifications(&mut bus), [(NV, 0x10)], "one for the three");
    let vectors = |root: &Root| (40..43).map(|irq| root.destination(irq).expect("exists").1).collect::<Vec<_>>();
    let before = vectors(&root);
    d.set_affinity(&mut root, &mut bus, 41, &CpuSet::of(3)).expect("moves");
    assert_eq!(d.compose(&root, 41), Ok(msgs[1]), "the device's message stays");
    d.check(&root, &mut bus).expect("book, vectors and table agree");
    bus.drain();
    bus.post(DEVICE, msgs[1]);
    assert_eq!(notifications(&mut bus), [(NV, 0x16)]);
    assert_eq!(pids[0].holds(&mut bus, before[1]), Ok(true), "so the old vector may not be given back yet");
    assert_eq!(pids[0].holds(&mut bus, before[1] ^ 0x80), Ok(false));
    for (cpu, wanted) in [(0, before), (3, vec![vectors(&root)[1]])] {
        let mut served = vec![];
        pids[cpu].serve(&mut bus, &mut |v| served.push(v)).expect("memory");
        assert_eq!(served, wanted, "on CPU {cpu}");
    }
}

/// Refusals, with nothing changed.
#[test]
fn refusals() {
    let (mut bus, mut d, mut root) = machine();
    started(&mut bus, &mut d, &mut root, 40);
    d.alloc_irqs(&mut root, &mut bus, 41, 1, &on(0)).expect("allocates");
    let e = |errno| Err(DomainError::Errno(errno));
    let to = |descriptor| Some(Posting { descriptor, vector: 0x66 });
    assert_eq!(d.post(&mut root, &mut bus, 40, to(PID + 8)), e(Errno::Einval), "not aligned");
    assert_eq!(d.post(&mut root, &mut bus, 41, to(PID)), e(Errno::Einval), "not active");
    assert_eq!(d.post(&mut root, &mut bus, 42, to(PID)), e(Errno::Enxio));
    d.check(&root, &mut bus).expect("nothing has changed");
    let (mut bus, mut d) = crate::domain::vtd(7, true);
    assert_eq!(d.post_per_cpu(vec![PID; 4]), Err(Errno::Enosys), "CAP.PI is 0");
    let mut plain = crate::domain::root(Contiguous::Refuse);
    d.alloc_irqs(&mut plain, &mut bus, 40, 1, &on(0)).expect("allocates");
    d.activate(&mut plain, &mut bus, 40, false).expect("starts");
    assert_eq!(d.post(&mut plain, &mut bus, 40, to(PID)), e(Errno::Enosys), "CAP.PI is 0");
}
