// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `widths`: every vector on the RTL at every width of its streams. `sizes`: all that fit, on devices from the
//! smallest to the largest, and one more that looks at the edges of each store.

use super::kept::{Pieces, Told};
use super::runs::{all, rtl, run};
use super::{Context, Figure};
use crate::run::options;
use crate::run::{Batch, Dut, Outcome, Skipped, Verdict};
use anyhow::{Context as _, Result};
use serde_json::json;
use vectors::op::{DutParams, HostParams, Op, Place, Read, Source, Target, Vector};
use vectors::suite::Loaded;

/// Widths of the packet streams in bits.
pub const WIDTHS: [u32; 4] = [64, 128, 256, 512];

/// Devices of the figure, as parameters on the command line: the edges of rows of 64, the smallest, the largest.
pub const SIZES: [&str; 6] = [
    "NumMsix=1,NumDevSlots=1,NumHostSlots=64,HostCacheLines=4,MaxFetches=1",
    "NumMsix=2,NumDevSlots=2,NumHostSlots=128,HostCacheLines=8,MaxFetches=2",
    "NumMsix=63,NumDevSlots=63,NumHostSlots=192,HostCacheLines=64,MaxFetches=3",
    "NumMsix=64,NumDevSlots=64,NumHostSlots=4096,HostCacheLines=128,MaxFetches=8",
    "NumMsix=65,NumDevSlots=65,NumHostSlots=65600,HostCacheLines=256,MaxFetches=16",
    "NumMsix=2048,NumDevSlots=8192,NumHostSlots=1048576,HostCacheLines=4096,MaxFetches=16",
];

/// The parameters that a line of [`SIZES`] chooses.
pub fn chosen(line: &str) -> Result<DutParams> {
    Ok(options::chosen(&options::of_line(line).map_err(anyhow::Error::msg)?))
}

/// Sources at the edges of a store of this size: first, last, and either side of the rows of 64 and of its middle.
fn edges(size: u32) -> Vec<u32> {
    let mut at: Vec<u32> = [0, 1, 62, 63, 64, 65, 127, 128, size / 2, size / 2 + 1, size.saturating_sub(2), size - 1]
        .into_iter()
        .filter(|i| *i < size)
        .collect();
    at.sort_unstable();
    at.dedup();
    at
}

/// Sources of virtual functions in each store of the device: 16 times 64.
const FUNCTIONS: u32 = 16 * 64;

/// Causes at the edges of a store, masked and open, its pending bits by address, and one past the end.
fn store_steps(of: fn(u32) -> Source, size: u32, bits: &str) -> Vec<Op> {
    let at = edges(size);
    let each = |op: &dyn Fn(Source) -> Op| at.iter().map(|i| op(of(*i))).collect::<Vec<_>>();
    let cause = |at| Op::Cause { at, times: 1, gap: 0 };
    let mut steps: Vec<Op> = (0..)
        .zip(&at)
        .map(|(k, i)| Op::Connect { at: of(*i), to: Target { cpu: k % 4, vector: 0x41 + k as u8 }, masked: false })
        .collect();
    steps.push(Op::Count);
    steps.extend(each(&cause));
    steps.push(Op::Settle);
    steps.extend(each(&|at| Op::ExpectMessages { at, count: 1 }));
    steps.extend(each(&|at| Op::Mask { at }));
    steps.push(Op::Count);
    steps.extend(each(&cause));
    steps.push(Op::Settle);
    steps.push(Op::ExpectMessagesTotal(0));
    steps.extend(each(&|at| Op::ExpectPending { at, value: true }));
    if !bits.is_empty() {
        // Whole rows of the pending bits: those that were raised and no other.
        for row in 0..size.div_ceil(64).min(3) {
            let value = at.iter().filter(|i| *i / 64 == row).fold(0u64, |v, i| v | 1 << (i % 64));
            steps.push(Op::Read(Read {
                at: Place::Name(format!("{bits}+{:#x}", 8 * row)),
                len: 8,
                expect: Some(value),
                mask: None,
                status: None,
                vf: None,
            }));
        }
    }
    steps.extend(each(&|at| Op::Unmask { at }));
    steps.push(Op::Settle);
    steps.extend(each(&|at| Op::ExpectMessages { at, count: 1 }));
    // An index has 20 bits: past the largest store there is nothing to name. Behind the largest tables come the
    // sources of virtual functions (data sheet section 16).
    let past = match of(size) {
        Source::Msix(2048) => 2048 + FUNCTIONS,
        Source::Device(8192) => 8192 + FUNCTIONS,
        _ => size,
    };
    if past < 1 << 20 {
        steps.extend([cause(of(past)), Op::Settle, Op::ExpectError { code: 1, at: of(past) }]);
    }
    steps
}

/// A vector that looks at the edges of all three stores of this device.
pub fn edge_vector(dut: &DutParams) -> Loaded {
    let (msix, device) = (dut.num_msix.unwrap_or(2048), dut.num_dev_slots.unwrap_or(4096));
    let host = dut.num_host_slots.unwrap_or(65536);
    let mut steps = vec![
        Op::Enumerate,
        Op::Remapping { eime: false, size: 15, compatibility: false },
        Op::HostStore { slots: host, base: None },
        Op::MsixEnable { vectors: msix },
    ];
    steps.extend(store_steps(Source::Msix, msix, "msix_pba"));
    steps.extend(store_steps(Source::Device, device, ""));
    steps.extend(store_steps(Source::Host, host, "host_pending"));
    let vector = Vector {
        name: "edges_of_the_stores".into(),
        intent:
            "First, last and row-edge sources of each store send, wait while masked, and one past the end is refused."
                .into(),
        items: Vec::new(),
        dut: dut.clone(),
        host: HostParams::default(),
        bound: 50_000,
        steps,
    };
    Loaded { path: "edges_of_the_stores".into(), vector }
}

/// What fits a device of these sizes, and what is left out: vectors, and one more at the edges.
fn fitting(found: &[Loaded], line: &str) -> Result<(Vec<Loaded>, Vec<Skipped>)> {
    let chosen = chosen(line)?;
    let (mut fitting, skipped) = options::fit(found.to_vec(), &chosen);
    fitting.push(edge_vector(&chosen));
    Ok((fitting, skipped))
}

/// What ran on a device of these sizes, and what was left out.
pub fn at_size(found: &[Loaded], dut: &Dut, line: &str) -> Result<(Vec<Outcome>, Vec<Skipped>)> {
    let (fitting, skipped) = fitting(found, line)?;
    Ok((run(&Batch::new(dut.clone()), &fitting)?, skipped))
}

fn passed(told: &[Told]) -> usize {
    told.iter().filter(|o| o.verdict == Verdict::Passed).count()
}

fn not_passed(told: &[Told]) -> String {
    let names: Vec<&str> = told.iter().filter(|o| o.verdict != Verdict::Passed).map(|o| o.name.as_str()).collect();
    names.join(" ")
}

/// Names of those that did not pass.
pub fn failed(outcomes: &[Outcome]) -> Vec<String> {
    outcomes.iter().filter(|o| o.verdict != Verdict::Passed).map(|o| o.name.clone()).collect()
}

/// `widths`.
pub fn widths(ctx: &Context) -> Result<Figure> {
    let found = all(ctx)?;
    let dut = rtl(ctx)?;
    let pieces = Pieces::new(ctx)?;
    let (mut by, mut good, mut total) = (Vec::new(), 0, 0);
    for width in WIDTHS {
        (ctx.say)(&format!("{width} bits"));
        let chosen = chosen(&format!("DataW={width}"))?;
        let (fitting, skipped) = options::fit(found.clone(), &chosen);
        let outcomes = pieces.verdicts(&Batch::new(dut.clone()), &fitting).with_context(|| format!("{width} bits"))?;
        good += passed(&outcomes);
        total += found.len();
        by.push(json!({
            "bits": width, "passed": passed(&outcomes), "of": found.len(),
            "not_passed": not_passed(&outcomes), "left_out": skipped.len(),
        }));
    }
    Ok(Figure {
        name: "widths",
        value: json!(by),
        unit: "tests passed at 64, 128, 256 and 512 bits, of all",
        goal: "every vector at every width".into(),
        ok: good == total && total > 0,
        spread: None,
        how: format!("{good} of {total}: every vector below vectors/ on the RTL built at each width, seed 1"),
    })
}

/// `sizes`.
pub fn sizes(ctx: &Context) -> Result<Figure> {
    let found = all(ctx)?;
    let dut = rtl(ctx)?;
    let pieces = Pieces::new(ctx)?;
    let (mut by, mut ok) = (Vec::new(), true);
    for line in SIZES {
        (ctx.say)(line);
        let (fitting, skipped) = fitting(&found, line)?;
        let outcomes = pieces.verdicts(&Batch::new(dut.clone()), &fitting).with_context(|| line.to_string())?;
        let written = skipped.iter().filter(|k| k.reason.starts_with("it is written")).count();
        ok &= passed(&outcomes) == outcomes.len() && outcomes.len() > 50;
        by.push(json!({
            "device": line.replace(',', " "), "passed": passed(&outcomes), "of": outcomes.len(),
            "not_passed": not_passed(&outcomes), "written_for_another_size": written,
            "too_few_sources": skipped.len() - written,
        }));
    }
    Ok(Figure {
        name: "sizes",
        value: json!(by),
        unit: "tests passed on each device, of those that fit it",
        goal: "all, on each; vectors 1, 2, 63, 64, 65, 2048 and host slots from 64 to 2^20".into(),
        ok,
        spread: None,
        how: "vectors below vectors/ and one at the edges of each store, on the RTL built at each size, seed 1; left out is \
              what states another size or names sources that are not there (`scripts/ims-cosim sim --param` lists them)"
            .into(),
    })
}
