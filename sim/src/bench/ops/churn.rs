// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Random calls while interrupts fly: vectors and slots come and go, move, are disabled and enabled, processors go
//! and come. Every cause must be followed by a run of its handler.

use super::domains::{call, poll, side, virq};
use crate::bench::kernel::DEV;
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use crate::finding::Kind;
use host_model::domain::CpuSet;
use host_model::domain::vector::Virq;
use host_model::kernel::{Action, MsiMap};
use rand::RngExt;
use std::collections::BTreeMap;
use tlp::CauseOp;
use vectors::op::{SlotStore, Source};

/// Handlers of what comes and goes have these numbers and up.
const FIRST_HANDLER: u64 = 1 << 32;

/// Something that can be raised.
#[derive(Clone, Copy)]
struct Known {
    handler: u64,
    virq: Virq,
    /// What the driver keeps to give it back; nothing for what the vector set up itself.
    own: Option<MsiMap>,
}

type Sources = BTreeMap<Source, Known>;

/// What has a handler already.
fn known(s: &mut Sequencer<'_>) -> Result<Sources, Stop> {
    use host_model::kernel::Origin;
    let (side, _) = side(s)?;
    let mut found = BTreeMap::new();
    for (virq, irq) in side.kernel.irqs() {
        let (Origin::Msi { domain, index, .. }, Some(action)) = (irq.origin, irq.actions.first()) else { continue };
        let source = match (domain, side.slots) {
            (0, _) => Source::Msix(index),
            (_, Some(SlotStore::Host)) => Source::Host(index),
            _ => Source::Device(index),
        };
        found.insert(source, Known { handler: action.dev_id, virq: *virq, own: None });
    }
    Ok(found)
}

/// Handles what came, with the handlers of these sources.
fn note(s: &mut Sequencer<'_>, sources: &Sources) -> Result<(), Stop> {
    side(s)?.0.sources = sources.iter().map(|(at, k)| (*at, k.handler)).collect();
    poll(s)
}

/// Waits until all handlers have seen what there was.
fn quiesce(s: &mut Sequencer<'_>, sources: &Sources) -> Result<(), Stop> {
    let deadline = s.world.now() + s.bound;
    loop {
        note(s, sources)?;
        let (side, _) = side(s)?;
        let waiting = side.handlers.waiting();
        if waiting == 0 && s.world.causes_waiting() == 0 {
            return Ok(());
        }
        if s.world.now() >= deadline {
            let now = s.world.now();
            let lost = self::side(s)?.0.handlers.give_up(now);
            let text = format!("{} event(s) were seen by no handler, the first {:?}", lost.len(), lost.first());
            s.world.find("handler_never_ran", Kind::Liveness, text);
            return Ok(());
        }
        s.world.wait(32)?;
    }
}

pub fn churn(s: &mut Sequencer<'_>, causes: u32, vectors: u32, slots: u32) -> Result<(), Stop> {
    let mut sources = known(s)?;
    if sources.is_empty() {
        return Err(Stop::Input("nothing has a handler that could be raised".into()));
    }
    s.world.causes_seen = Some(Vec::new());
    let before = side(s)?.0.handlers.events;
    let mut next = FIRST_HANDLER;
    for _ in 0..causes {
        let at = *sources.keys().nth(s.world.rng.random_range(0..sources.len())).expect("counted");
        let now = s.world.now();
        s.world.raise(CauseOp::Raise, at, now);
        let gap = s.world.rng.random_range(0..30);
        if gap > 0 {
            s.world.wait(gap)?;
        }
        note(s, &sources)?;
        match s.world.rng.random_range(0..40u32) {
            0 => come(s, &mut sources, &mut next, vectors, slots)?,
            1 => go(s, &mut sources)?,
            2..=4 => wander(s, &sources)?,
            5 => pause(s, &sources)?,
            6 => call(s, "the cleanup timers", None, |k, m| k.cleanup(m)).map(|_| ())?,
            7 => plug(s)?,
            _ => {}
        }
    }
    quiesce(s, &sources)?;
    let (side, world) = side(s)?;
    let check = side
        .kernel
        .root
        .vectors
        .check()
        .and_then(|()| side.kernel.unit(0).map_or(Ok(()), |unit| unit.check(&side.kernel.root, world)));
    let (events, lost, balances) = (side.handlers.events - before, side.handlers.lost, side.handlers.balances());
    s.expect(check.is_ok(), || format!("the domains do not agree: {check:?}"));
    s.expect(balances && events == u64::from(causes), || format!("{events} events noted, {causes} raised"));
    s.expect(lost == 0, || format!("{lost} event(s) were seen by no handler"));
    Ok(())
}

/// One more vector or slot.
fn come(s: &mut Sequencer<'_>, sources: &mut Sources, next: &mut u64, vectors: u32, slots: u32) -> Result<(), Stop> {
    let slot = slots > 0 && (vectors == 0 || s.world.rng.random::<bool>());
    let own = |is_slot: bool| {
        sources.iter().filter(|(at, k)| k.own.is_some() && matches!(at, Source::Msix(_)) != is_slot).count() as u32
    };
    if own(slot) >= if slot { slots } else { vectors } {
        return Ok(());
    }
    let map = call(s, "allocating under load", None, |k, m| {
        if slot { k.ims_alloc_irq(m, DEV, None, None) } else { k.msix_alloc_irq_at(m, DEV, None, None) }
    })?;
    let Some(map) = map else { return Ok(()) };
    let store = side(s)?.0.slots;
    let at = match (slot, store) {
        (false, _) => Source::Msix(map.index),
        (true, Some(SlotStore::Host)) => Source::Host(map.index),
        (true, _) => Source::Device(map.index),
    };
    *next += 1;
    let handler = *next;
    sources.insert(at, Known { handler, virq: map.virq, own: Some(map) });
    side(s)?.0.sources.insert(at, handler);
    call(s, "request_irq under load", None, |k, m| k.request_irq(m, map.virq, Action::new(handler)))?;
    note(s, sources)
}

/// One of those goes; its driver has stopped it first, the others go on.
fn go(s: &mut Sequencer<'_>, sources: &mut Sources) -> Result<(), Stop> {
    let own: Vec<Source> = sources.iter().filter(|(_, k)| k.own.is_some()).map(|(at, _)| *at).collect();
    if own.is_empty() {
        return Ok(());
    }
    let at = own[s.world.rng.random_range(0..own.len())];
    quiesce(s, sources)?;
    let Some(Known { handler, virq, own: Some(map) }) = sources.get(&at).copied() else { return Ok(()) };
    call(s, "free_irq under load", None, |k, m| k.free_irq(m, virq, handler))?;
    call(s, "freeing under load", None, |k, m| {
        if matches!(at, Source::Msix(_)) { k.msix_free_irq(m, DEV, map) } else { k.ims_free_irq(m, DEV, map) }
    })?;
    note(s, sources)?;
    sources.remove(&at);
    Ok(())
}

/// One moves.
fn wander(s: &mut Sequencer<'_>, sources: &Sources) -> Result<(), Stop> {
    let k = *sources.values().nth(s.world.rng.random_range(0..sources.len())).expect("counted");
    let online: Vec<usize> = side(s)?.0.kernel.root.vectors.online_cpus().iter().collect();
    let cpu = online[s.world.rng.random_range(0..online.len())];
    call(s, "moving under load", None, |kernel, m| kernel.set_affinity(m, k.virq, &CpuSet::of(cpu)))?;
    note(s, sources)
}

/// One is disabled for a while.
fn pause(s: &mut Sequencer<'_>, sources: &Sources) -> Result<(), Stop> {
    let (at, k) =
        sources.iter().nth(s.world.rng.random_range(0..sources.len())).map(|(at, k)| (*at, *k)).expect("counted");
    call(s, "disabling under load", None, |kernel, m| kernel.disable_irq(m, k.virq))?;
    let cycles = s.world.rng.random_range(0..200);
    s.world.wait(cycles)?;
    note(s, sources)?;
    debug_assert_eq!(virq(side(s)?.0, Some(at)).ok(), Some(k.virq));
    call(s, "enabling under load", None, |kernel, m| kernel.enable_irq(m, k.virq))?;
    note(s, sources)
}

/// A processor other than the first goes, or comes back.
fn plug(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    let cpus = s.machine.cpus as usize;
    if cpus < 3 {
        return Ok(());
    }
    let cpu = s.world.rng.random_range(1..cpus);
    let online = side(s)?.0.kernel.root.vectors.online_cpus();
    if !online.contains(cpu) {
        return call(s, "a processor comes", None, |k, m| k.online_cpu(m, cpu)).map(|_| ());
    }
    if online.len() > 2 {
        call(s, "a processor goes", None, |k, m| k.offline_cpu(m, cpu))?;
    }
    Ok(())
}
