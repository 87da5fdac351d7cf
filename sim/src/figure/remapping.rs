// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `remap-rate` and `remap-growth`: what a request costs in the remapping unit alone, and whether that grows with the table.

use super::{Context, Figure};
use anyhow::{Result, ensure};
use host_model::interrupt::InterruptRequest;
use host_model::mem::HostMemory;
use host_model::remap::amdvi::{AmdVi, AmdViConfig};
use host_model::remap::vtd::{Cache, Vtd, VtdConfig};
use host_model::remap::{RemapEffect, RemapUnit};
use serde_json::json;
use std::time::Instant;
use tlp::Bdf;

const TABLE: u64 = 0x100_0000;
const DESCRIPTOR: u64 = 0x40_0000;
const DEVICE: Bdf = Bdf::from_bits(0x0100);

/// A unit with its table filled, and how a request names an entry.
struct Load {
    unit: Box<dyn RemapUnit>,
    mem: HostMemory,
    /// A power of two.
    entries: u32,
    request: fn(u32) -> InterruptRequest,
    /// Of the generator of indices. They are made as they are needed: a list of them would share the processor's
    /// caches with the table.
    state: u64,
}

/// VT-d with 2^(size+1) entries; `posted`: all of them post into one descriptor.
fn vtd(size: u32, cache: Cache, posted: bool) -> Load {
    let mut mem = HostMemory::new();
    let mut unit = Vtd::new(VtdConfig { cache, posted, ..VtdConfig::default() });
    let entries = 2u32 << size;
    for n in 0..entries {
        let source = u128::from(DEVICE.bits()) << 64 | 1 << 82;
        let low = match posted {
            false => 1 | u128::from(0x20 + n % 200) << 16 | u128::from(n % 256) << 32,
            true => 1 | 1 << 15 | u128::from(n % 256) << 16 | u128::from(DESCRIPTOR) << 32,
        };
        mem.write_u128(TABLE + 16 * u64::from(n), source | low).expect("memory");
    }
    unit.write(0xb8, 8, TABLE | 1 << 11 | u64::from(size), 0, &mut mem);
    unit.write(0x18, 4, 1 << 24, 0, &mut mem);
    unit.write(0x18, 4, 1 << 25, 0, &mut mem);
    let request =
        |n: u32| InterruptRequest { source: DEVICE, address: 0xfee0_0018 | (n & 0x7fff) << 5 | n >> 15 << 2, data: 0 };
    Load { unit: Box::new(unit), mem, entries, request, state: 7 }
}

/// AMD-Vi with 2,048 entries of 128 bits.
fn amd() -> Load {
    let mut mem = HostMemory::new();
    let mut unit = AmdVi::new(AmdViConfig::default());
    const DEVICES: u64 = 0x800_0000;
    mem.write_u64(DEVICES + 32 * u64::from(DEVICE.bits()) + 16, 1 | 11 << 1 | TABLE | 2 << 60).expect("memory");
    for n in 0..2048u64 {
        mem.write_u128(TABLE + 16 * n, 1 | u128::from(n % 256) << 8 | u128::from(0x20 + n % 200) << 64)
            .expect("memory");
    }
    unit.write(0x0000, 8, DEVICES | 511, 0, &mut mem);
    unit.write(0x0018, 8, 1 | 1 << 17 | 1 << 43 | 1 << 50, 0, &mut mem);
    let request = |n| InterruptRequest { source: DEVICE, address: 0xfee0_0000, data: n };
    Load { unit: Box::new(unit), mem, entries: 2048, request, state: 7 }
}

impl Load {
    /// Nanoseconds a request over `count` requests, each from its entry into the unit to its effect.
    fn run(&mut self, count: u32) -> Result<f64> {
        let mut effects = Vec::new();
        let mut served = 0;
        let started = Instant::now();
        for _ in 0..count {
            // Knuth's MMIX generator; its upper bits are the good ones.
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let index = (self.state >> 40) as u32 & (self.entries - 1);
            self.unit.request((self.request)(index), 0, &self.mem);
            self.unit.step(0, &mut self.mem, &mut effects);
            served += effects
                .iter()
                .filter(|e| matches!(e, RemapEffect::Deliver { index: Some(_), .. } | RemapEffect::Posted { .. }))
                .count();
            effects.clear();
        }
        let seconds = started.elapsed().as_secs_f64();
        ensure!(served == count as usize, "{served} of {count} requests were delivered");
        Ok(seconds * 1e9 / f64::from(count))
    }
}

/// Least, median, greatest.
fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [values[0], values[values.len() / 2], values[values.len() - 1]]
}

/// `remap-rate`.
pub fn rate(context: &Context) -> Result<Figure> {
    let (rounds, count) = if context.small { (3, 100_000) } else { (9, 1_000_000) };
    let mut loads = [
        ("VT-d, 65,536 entries, cached", vtd(15, Cache::Unlimited, false)),
        ("VT-d, 65,536 entries, read each time", vtd(15, Cache::None, false)),
        ("VT-d, 65,536 entries, posted", vtd(15, Cache::Unlimited, true)),
        ("AMD-Vi, 2,048 entries, cached", amd()),
    ];
    let (mut value, mut spreads) = (serde_json::Map::new(), serde_json::Map::new());
    let mut ok = true;
    for (name, load) in &mut loads {
        load.run(count / 10)?;
        let costs: Result<Vec<f64>> = (0..rounds).map(|_| load.run(count)).collect();
        let [least, median, greatest] = spread(costs?);
        let per_second = |cost: f64| (1e9 / cost).round();
        ok &= per_second(median) >= 1e6;
        value.insert((*name).into(), json!(per_second(median)));
        spreads.insert((*name).into(), json!([per_second(greatest), per_second(least)]));
        (context.say)(&format!("remap-rate: {name} done"));
    }
    Ok(Figure {
        name: "remap-rate",
        value: value.into(),
        unit: "requests a second of wall time through the unit alone, on one processor of the machine at hand",
        goal: "1,000,000 or more, each".into(),
        ok,
        spread: Some(spreads.into()),
        how: format!(
            "random entries, one request and one step at a time, median of {rounds} rounds of {count} requests{}",
            if context.small { "; short form" } else { "" }
        ),
    })
}

/// `remap-growth`.
pub fn growth(context: &Context) -> Result<Figure> {
    let (rounds, count) = if context.small { (5, 200_000) } else { (21, 1_000_000) };
    let (mut value, mut spreads) = (serde_json::Map::new(), serde_json::Map::new());
    let mut ok = true;
    for (name, cache) in [("cached", Cache::Unlimited), ("read each time", Cache::None)] {
        let (mut large, mut little) = (vtd(15, cache, false), vtd(3, cache, false));
        large.run(count / 4)?;
        little.run(count / 4)?;
        // Both in each round, so that what else the machine does falls on both.
        let mut ratios = Vec::new();
        for _ in 0..rounds {
            let cost = little.run(count)?;
            ratios.push(large.run(count)? / cost);
        }
        let round = |x: f64| (x * 1000.0).round() / 1000.0;
        let [least, median, greatest] = spread(ratios);
        ok &= median <= 1.2;
        value.insert(name.into(), json!(round(median)));
        spreads.insert(name.into(), json!([round(least), round(greatest)]));
        (context.say)(&format!("remap-growth: {name} done"));
    }
    Ok(Figure {
        name: "remap-growth",
        value: value.into(),
        unit: "cost of a request at 65,536 entries ÷ at 16",
        goal: "≤ 1.2, each".into(),
        ok,
        spread: Some(spreads.into()),
        how: format!(
            "VT-d, random entries, {count} requests of each table in each of {rounds} rounds, median of the rounds' ratios{}",
            if context.small { "; short form" } else { "" }
        ),
    })
}
