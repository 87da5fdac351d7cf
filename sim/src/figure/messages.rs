// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `message-rate` and `message-latency`: messages per clock and clocks from a cause to its message, at the pins of the
//! RTL, for each width and each place that a message can come from. Both are read off the event log of a run that the
//! laws and the ledger watch: a message is one beat, so the tick of its packet is that of its first beat.

use super::runs::{rtl, run};
use super::widths::{WIDTHS, chosen};
use super::{Context, Figure};
use crate::run::{Batch, Dut, Verdict};
use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};
use vectors::op::{Completions, HostParams, Op, Range, Source, Vector};
use vectors::suite::Loaded;

/// Ticks from a slot's read to its completion.
const MEMORY: u64 = 100;
/// Bursts of a rate; the slowest counts.
const BURSTS: u32 = 8;
/// Causes of a latency, each by itself; the slowest counts.
const SINGLE: u32 = 24;

/// Where messages come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Msix,
    DeviceSlot,
    HeldHostSlot,
    FetchedHostSlot,
}

impl From {
    const ALL: [Self; 4] = [Self::Msix, Self::DeviceSlot, Self::HeldHostSlot, Self::FetchedHostSlot];

    fn name(self) -> &'static str {
        match self {
            Self::Msix => "msix",
            Self::DeviceSlot => "device_slot",
            Self::HeldHostSlot => "cached_host_slot",
            Self::FetchedHostSlot => "uncached_host_slot",
        }
    }

    fn source(self, index: u32) -> Source {
        match self {
            Self::Msix => Source::Msix(index),
            Self::DeviceSlot => Source::Device(index),
            Self::HeldHostSlot | Self::FetchedHostSlot => Source::Host(index),
        }
    }

    /// Sources of a burst: as many as there are, but of host slots only as many as are held.
    fn count(self) -> u32 {
        match self {
            Self::Msix => 2048,
            Self::DeviceSlot => 4096,
            Self::HeldHostSlot | Self::FetchedHostSlot => 256,
        }
    }

    /// A vector with `body` behind what brings these sources up.
    fn vector(self, width: u32, body: Vec<Op>) -> Result<Loaded> {
        let range = Range { first: self.source(0), count: self.count() };
        let mut steps = vec![Op::Enumerate, Op::Remapping { eime: true, size: 15, compatibility: false }];
        match self {
            Self::Msix => steps.push(Op::MsixEnable { vectors: range.count }),
            Self::DeviceSlot => {}
            _ => steps.push(Op::HostStore { slots: range.count, base: None }),
        }
        steps.push(Op::ConnectRange { range, masked: false });
        if self == Self::HeldHostSlot {
            // Each is fetched once.
            steps.extend([Op::CauseRange { range }, Op::Settle]);
        }
        // The last writes take turns with the first causes for the pipeline: they are not what is measured.
        steps.extend([Op::Settle, Op::Wait(1000)]);
        steps.extend(body);
        let name = format!("{}_{width}", self.name());
        let vector = Vector {
            name: name.clone(),
            intent: "messages against the clock".into(),
            items: Vec::new(),
            dut: chosen(&format!("DataW={width}"))?,
            host: HostParams {
                cpus: 64,
                x2apic: true,
                completions: Completions { split: false, reorder: false, delay: [MEMORY, MEMORY] },
                ..HostParams::default()
            },
            bound: 1_000_000,
            steps,
        };
        Ok(Loaded { path: name.into(), vector })
    }

    /// What makes fetched slots be fetched again.
    fn forget(self) -> Option<Op> {
        (self == Self::FetchedHostSlot).then_some(Op::Invalidate { index: 0, order: 20, notify: false, no_wait: false })
    }
}

/// The event log of one vector that passed.
fn log(dut: &Dut, l: Loaded) -> Result<Vec<Value>> {
    let name = l.vector.name.clone();
    let outcomes = run(&Batch { keep_events: true, ..Batch::new(dut.clone()) }, &[l])?;
    let Some(o) = outcomes.into_iter().next() else { bail!("{name} did not run") };
    if o.verdict != Verdict::Passed {
        bail!("{name}: {:?} {:?}", o.error, o.findings.first());
    }
    let lines: Vec<Value> = o.events.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
    // From the first mark on: what comes before brings the sources up.
    let from = lines.iter().position(|v| v["ev"] == "mark").context("no mark in the log")?;
    Ok(lines[from..].to_vec())
}

fn tick(v: &Value) -> u64 {
    v["t"].as_u64().unwrap_or(0)
}

fn is_message(v: &Value) -> bool {
    v["ev"] == "up" && v["cause"].is_u64()
}

/// A memory read: format 0 or 1 with type 0.
fn is_read(v: &Value) -> bool {
    v["ev"] == "up" && v["hdr"].as_str().is_some_and(|h| h.starts_with("00") || h.starts_with("20"))
}

/// Messages per clock from the first to the last message of each burst; of the slowest burst.
fn rate(lines: &[Value], count: u32) -> Result<f64> {
    let mut slowest = f64::INFINITY;
    let mut bursts = 0;
    for burst in lines.split(|v| v["ev"] == "mark").skip(1) {
        let ticks: Vec<u64> = burst.iter().filter(|v| is_message(v)).map(tick).collect();
        let (Some(first), Some(last)) = (ticks.first(), ticks.last()) else { continue };
        if ticks.len() != count as usize {
            bail!("a burst of {count} causes gave {} messages", ticks.len());
        }
        slowest = slowest.min(ticks.len() as f64 / (last - first + 1) as f64);
        bursts += 1;
    }
    if bursts != BURSTS {
        bail!("{bursts} bursts of {BURSTS}");
    }
    Ok(slowest)
}

/// Clocks from the cause to the message's first beat, without those in which the device waits for host memory.
fn latency(lines: &[Value]) -> Result<u64> {
    let (mut most, mut seen) = (0, 0);
    for one in lines.split(|v| v["ev"] == "mark").skip(1) {
        let Some(raised) = one.iter().find(|v| v["ev"] == "cause").map(tick) else { continue };
        let sent = one.iter().find(|v| is_message(v)).map(tick).context("a cause without message")?;
        let waits = match one.iter().find(|v| is_read(v)).map(tick) {
            Some(asked) => {
                let answers = one.iter().filter(|v| v["ev"] == "taken" && (asked..sent).contains(&tick(v)));
                answers.map(tick).next_back().context("a read without answer")? - asked
            }
            None => 0,
        };
        most = most.max(sent - raised - waits);
        seen += 1;
    }
    if seen != SINGLE {
        bail!("{seen} causes of {SINGLE}");
    }
    Ok(most)
}

/// A row for each width, with a number for each place.
fn each(ctx: &Context, one: impl Fn(&Dut, From, u32) -> Result<Value>) -> Result<Vec<Value>> {
    let dut = rtl(ctx)?;
    let mut rows = Vec::new();
    for width in WIDTHS {
        let mut row = Map::from_iter([("bits".to_string(), json!(width))]);
        for from in From::ALL {
            (ctx.say)(&format!("{width} bits, {}", from.name()));
            row.insert(from.name().into(), one(&dut, from, width)?);
        }
        rows.push(row.into());
    }
    Ok(rows)
}

/// Whether a number holds for each place in `places` from 256 bits on.
fn holds(rows: &[Value], places: &[From], good: impl Fn(&Value) -> bool) -> bool {
    let wide = rows.iter().filter(|r| r["bits"].as_u64().is_some_and(|bits| bits >= 256));
    wide.clone().count() == 2 && wide.into_iter().all(|r| places.iter().all(|p| good(&r[p.name()])))
}

/// `message-rate`.
pub fn rates(ctx: &Context) -> Result<Figure> {
    let value = each(ctx, |dut, from, width| {
        let range = Range { first: from.source(0), count: from.count() };
        let mut body = Vec::new();
        for _ in 0..BURSTS {
            body.extend(from.forget());
            body.extend([Op::Mark("burst".into()), Op::CauseRange { range }, Op::Settle]);
        }
        let messages = rate(&log(dut, from.vector(width, body)?)?, from.count())?;
        Ok(json!((messages * 1e4).round() / 1e4))
    })?;
    Ok(Figure {
        name: "message-rate",
        ok: holds(&value, &[From::Msix, From::DeviceSlot, From::HeldHostSlot], |v| v.as_f64() == Some(1.0)),
        value: value.into(),
        unit: "messages per clock, by width",
        goal: "1 at 256 bits and more for MSI-X, device slots and cached host slots".into(),
        spread: None,
        how: format!(
            "RTL at its pins, one cause a clock over 2048 vectors, 4096 device slots, 256 host slots, credits without end, no register access meanwhile; \
             from first to last message, slowest of {BURSTS} bursts; uncached with 16 fetches at a time and an answer after \
             {MEMORY} clocks: 16 / {MEMORY} is the bound"
        ),
    })
}

/// `message-latency`.
pub fn latencies(ctx: &Context) -> Result<Figure> {
    let value = each(ctx, |dut, from, width| {
        let mut body = Vec::new();
        for k in 0..SINGLE {
            // A distance that is odd to the rows of 64 and to the turns of the arbiters.
            let at = from.source(37 * k % from.count());
            let wait = u64::from(200 + 7 * k);
            body.extend([Op::Wait(wait), Op::Mark("one".into()), Op::Cause { at, times: 1, gap: 0 }, Op::Settle]);
        }
        Ok(json!(latency(&log(dut, from.vector(width, body)?)?)?))
    })?;
    Ok(Figure {
        name: "message-latency",
        ok: holds(&value, &[From::Msix, From::DeviceSlot, From::HeldHostSlot], |v| v.as_u64().is_some_and(|c| c <= 8)),
        value: value.into(),
        unit: "clocks from the handshake of a cause to the first beat of its message, by width",
        goal: "at most 8 at 256 bits and more for MSI-X, device slots and cached host slots".into(),
        spread: None,
        how: format!(
            "RTL at its pins, device idle, credits without end, slowest of {SINGLE}; uncached without the clocks between \
             the read's beat and the last beat of its completion"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Value> {
        text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    }

    #[test]
    fn a_gap_lowers_the_rate_and_a_missing_message_is_an_error() {
        let burst = |gap: u64| {
            let (a, b) = (20 + gap, 21 + gap);
            format!(
                "{{\"t\":1,\"ev\":\"mark\"}}\n{{\"t\":19,\"ev\":\"up\",\"cause\":1}}\n{{\"t\":{a},\"ev\":\"up\",\"cause\":2}}\n{{\"t\":{b},\"ev\":\"up\",\"cause\":3}}\n"
            )
        };
        assert_eq!(rate(&lines(&burst(0).repeat(8)), 3).unwrap(), 1.0);
        assert_eq!(rate(&lines(&(burst(0).repeat(7) + &burst(3))), 3).unwrap(), 0.5);
        assert!(rate(&lines(&burst(0).repeat(8)), 4).is_err());
        assert!(rate(&lines(&burst(0).repeat(7)), 3).is_err());
    }

    #[test]
    fn what_host_memory_takes_is_not_the_devices() {
        let one = r#"{"t":1,"ev":"mark"}
{"t":10,"ev":"cause","cause":1}
{"t":14,"ev":"up","hdr":"00000004 0 0 0"}
{"t":114,"ev":"taken","n":5}
{"t":121,"ev":"up","cause":1,"hdr":"40000001 0 0 0"}
"#;
        assert_eq!(latency(&lines(&one.repeat(24))).unwrap(), 11);
        assert!(latency(&lines(one)).is_err());
    }
}
