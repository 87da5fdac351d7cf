// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `contiguous-blocks` and `vector-churn`: the vector domain of the host model against exhaustive search, and against
//! itself.

use super::{Context, Figure};
use anyhow::{Result, anyhow};
use host_model::domain::churn::Churn;
use host_model::domain::vector::{AllocInfo, Contiguous, VectorDomain, Virq};
use host_model::domain::{CpuSet, VectorLayout};
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

/// Where an aligned block of `size` fits among the vectors that are free, by looking at every place.
fn by_search(free: &[bool; 256], size: usize) -> Vec<u8> {
    (0..256usize)
        .step_by(size)
        .filter(|first| (*first..first + size).all(|v| free[v]))
        .filter_map(|first| u8::try_from(first).ok())
        .collect()
}

/// Blocks of `size` that the allocator gives on CPU 1 until it has no more there.
fn by_allocator(domain: &VectorDomain, size: u32) -> Result<Vec<u8>> {
    let mut domain = domain.clone();
    let info = AllocInfo { mask: Some(CpuSet::of(1)), contiguous: true, managed: false };
    let mut got = Vec::new();
    for irq in (1 << 20..).step_by(32) {
        if domain.alloc_irqs(irq, size, &info).is_err() {
            break;
        }
        let target = domain.target(irq)?;
        if target.cpu != 1 {
            break;
        }
        got.push(target.vector);
    }
    domain.check().map_err(|e| anyhow!("{e}"))?;
    Ok(got)
}

/// `contiguous-blocks`.
pub fn contiguous_blocks(context: &Context) -> Result<Figure> {
    let rounds = if context.small { 100 } else { 2_000 };
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let (mut equal, mut compared) = (0u32, 0u32);
    let mut empty = serde_json::Map::new();
    for (name, layout) in [("6.2", VectorLayout::LINUX_6_2), ("6.10", VectorLayout::LINUX_6_10)] {
        for round in 0..rounds {
            let mut domain = VectorDomain::new(2, layout, Contiguous::Blocks)?;
            domain.online_cpu(1)?;
            // The vectors of a device on an empty CPU: what the layout says, less the cascade of the legacy PIC.
            let mut free: [bool; 256] = std::array::from_fn(|v| u8::try_from(v).is_ok_and(|v| layout.is_device(v)));
            layout.pic_cascade.iter().for_each(|v| free[usize::from(*v)] = false);
            // All but the first round: single vectors in the way, some of them freed again.
            let here = AllocInfo { mask: Some(CpuSet::of(1)), ..AllocInfo::default() };
            let singles: Virq = if round == 0 { 0 } else { random.random_range(1..200) };
            let mut irqs: Vec<Virq> = (0..singles).collect();
            for irq in &irqs {
                domain.alloc_irqs(*irq, 1, &here)?;
            }
            irqs.shuffle(&mut random);
            let gone = random.random_range(0..=irqs.len());
            for irq in &irqs[..gone] {
                domain.free_irqs(*irq, 1)?;
            }
            for irq in &irqs[gone..] {
                free[usize::from(domain.target(*irq)?.vector)] = false;
            }
            for size in [2, 4, 8, 16, 32] {
                let (search, got) = (by_search(&free, size), by_allocator(&domain, u32::try_from(size)?)?);
                compared += 1;
                equal += u32::from(search == got);
                if round == 0 {
                    empty.insert(format!("{name}, blocks of {size}"), json!(got.len()));
                }
            }
        }
    }
    Ok(Figure {
        name: "contiguous-blocks",
        value: json!({ "equal": equal, "compared": compared, "per empty CPU": empty }),
        unit: "sets of blocks",
        goal: "all equal".into(),
        ok: equal == compared && compared > 0,
        spread: None,
        how: format!(
            "aligned blocks of 2 to 32 on one CPU, as the allocator gives them until it has no more, against a search of all \
             256 vectors; empty and with random single vectors in the way, {rounds} CPUs for each of two kernels' layouts{}",
            if context.small { " (short form)" } else { "" }
        ),
    })
}

/// `vector-churn`.
pub fn vector_churn(context: &Context) -> Result<Figure> {
    let steps: u64 = if context.small { 20_000 } else { 1_000_000 };
    let machines = [(1, 2), (2, 4), (3, 8), (4, 16)];
    let mut violations = Vec::new();
    let mut did = std::collections::BTreeMap::<&str, u64>::new();
    for (seed, cpus) in machines {
        let mut churn = Churn::new(seed, cpus);
        for _ in 0..steps / machines.len() as u64 {
            if let Err(e) = churn.step() {
                violations.push(format!("seed {seed}, {cpus} CPUs, {e}"));
                break;
            }
        }
        churn.counts().into_iter().for_each(|(what, count)| *did.entry(what).or_default() += count);
        (context.say)(&format!("vector-churn: {cpus} CPUs done"));
    }
    Ok(Figure {
        name: "vector-churn",
        value: json!({ "violations": violations.len(), "steps": steps, "did": did, "first": violations.first() }),
        unit: "violations",
        goal: "0".into(),
        ok: violations.is_empty() && did.values().all(|n| *n > 0),
        spread: None,
        how: format!(
            "{steps} random steps on machines of 2 to 16 CPUs (allocate, free, move, unplug, with interrupts in flight), every \
             invariant of allocator and domain checked after each, and that nothing raised is lost{}",
            if context.small { " (short form)" } else { "" }
        ),
    })
}
