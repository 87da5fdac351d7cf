// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the picture shows: its lanes, made from sampled signals, and the steps of an interrupt.

use super::fst::Fst;
use super::moment::Moment;
use anyhow::Result;

/// One value over the cycles of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A bit.
    Level(Vec<bool>),
    /// Values with text; `None` while nothing is valid.
    Bus(Vec<Option<String>>),
}

/// A named lane below the heading of its block.
pub struct Row {
    /// Block, as it stands beside the lanes.
    pub block: &'static str,
    /// Name of the lane.
    pub name: &'static str,
    /// Its values.
    pub lane: Lane,
}

/// A step of the interrupt.
pub struct Step {
    /// Cycle in which it happens.
    pub cycle: u64,
    /// What happens.
    pub what: String,
}

/// Text of a value from the bits of its signals.
type Show = fn(&[&str]) -> String;

enum Source {
    Level(&'static str),
    /// Valid while all of the first are 1.
    Bus(&'static [&'static str], &'static [&'static str], Show),
}

const LANES: &[(&str, &str, Source)] = &[
    ("to the device", "rx_valid", Source::Level("rx_valid_i")),
    ("to the device", "rx_hdr", Source::Bus(&["rx_valid_i", "rx_sop_i"], &["rx_hdr_i"], packet)),
    ("register write", "mwr_reg_valid", Source::Level("mwr_reg_valid")),
    ("register write", "offset: data", Source::Bus(&["mwr_reg_valid"], &["mwr_addr", "mwr_be", "mwr_wdata"], register)),
    ("cause", "obs_cause", Source::Bus(&["obs_cause_valid_o"], &["obs_cause_store_o", "obs_cause_index_o"], source)),
    (
        "interrupt core",
        "op_commit",
        Source::Bus(
            &["u_core.op_commit.valid"],
            &["u_core.op_commit.kind", "u_core.op_commit.store", "u_core.op_commit.index"],
            operation,
        ),
    ),
    ("interrupt core", "pend (read)", Source::Bus(&["u_core.row_we"], &["u_core.pend"], hex)),
    ("interrupt core", "pend_new", Source::Bus(&["u_core.row_we"], &["u_core.pend_new"], hex)),
    ("interrupt core", "mask_new", Source::Bus(&["u_core.row_we"], &["u_core.mask_new"], hex)),
    (
        "interrupt core",
        "pick",
        Source::Bus(&["u_core.pick_valid"], &["u_core.pick_store", "u_core.pick_index"], source),
    ),
    ("host store", "fetch_addr", Source::Bus(&["fetch_valid"], &["fetch_addr"], hex)),
    ("host store", "fres_data", Source::Bus(&["fres_valid"], &["fres_data"], slot)),
    ("host store", "fill", Source::Level("u_core.fill")),
    ("message", "msg_valid", Source::Level("msg_valid")),
    ("message", "address: data", Source::Bus(&["msg_valid"], &["msg_addr", "msg_data"], pair)),
    ("message", "queue wr/rd", Source::Bus(&[], &["u_post.wr_q", "u_post.rd_q"], counts)),
    ("from the device", "tx_valid", Source::Level("tx_valid_o")),
    ("from the device", "tx_ready", Source::Level("tx_ready_i")),
    ("from the device", "tx_hdr", Source::Bus(&["tx_valid_o", "tx_sop_o"], &["tx_hdr_o"], packet)),
];

fn number(bits: &str) -> u128 {
    u128::from_str_radix(bits, 2).unwrap_or(0)
}

fn hex(v: &[&str]) -> String {
    format!("{:x}", number(v[0]))
}

fn pair(v: &[&str]) -> String {
    format!("{:x}: {:x}", number(v[0]), number(v[1]))
}

fn counts(v: &[&str]) -> String {
    format!("{}/{}", number(v[0]), number(v[1]))
}

fn source(v: &[&str]) -> String {
    let store = ["MSI-X", "device", "host", "-"][number(v[0]) as usize & 3];
    format!("{store} {}", number(v[1]))
}

/// Kinds in the order of `irq_pkg::op_kind_e`.
fn operation(v: &[&str]) -> String {
    let kind = ["access", "cause", "fetched", "send", "row", "line"].get(number(v[0]) as usize).copied().unwrap_or("?");
    format!("{kind} {}", source(&v[1..]))
}

fn register(v: &[&str]) -> String {
    let (at, enables, data) = (number(v[0]) & 0xffff, number(v[1]), number(v[2]));
    if enables & 0xf == 0 { format!("{:x}: {:x}", at | 4, data >> 32) } else { format!("{at:x}: {:x}", data as u32) }
}

/// The slot's words: address, data, control.
fn slot(v: &[&str]) -> String {
    let s = number(v[0]);
    format!("{:x}, {:x}, {:x}", s as u64, (s >> 64) as u32, (s >> 96) as u32)
}

/// Kind of a packet and its address [PCIe Base 2.2.1].
fn packet(v: &[&str]) -> String {
    let h = number(v[0]);
    let word = |i: u32| (h >> (96 - 32 * i)) as u32;
    let (first, address) = (
        word(0) >> 24,
        if word(0) >> 29 & 1 == 1 { u64::from(word(2)) << 32 | u64::from(word(3)) } else { word(2).into() },
    );
    match first {
        0x00 | 0x20 => format!("MRd {address:x}"),
        0x40 | 0x60 => format!("MWr {address:x}"),
        0x04 => "CfgRd".to_string(),
        0x44 => "CfgWr".to_string(),
        0x0a => "Cpl".to_string(),
        0x4a => "CplD".to_string(),
        _ => format!("{first:02x}"),
    }
}

/// Samples all lanes over the cycles `from..to`, those of the host from the event log.
pub fn rows(fst: &mut Fst, m: &Moment, from: u64, to: u64) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (block, name, source) in LANES {
        let lane = match source {
            Source::Level(signal) => Lane::Level(fst.sample(signal, from, to)?.iter().map(|v| v == "1").collect()),
            Source::Bus(when, of, show) => {
                let sampled = |fst: &mut Fst, names: &[&str]| {
                    names.iter().map(|n| fst.sample(n, from, to)).collect::<Result<Vec<_>>>()
                };
                let (when, of) = (sampled(fst, when)?, sampled(fst, of)?);
                let value = |i: usize| {
                    let bits: Vec<&str> = of.iter().map(|v| v[i].as_str()).collect();
                    when.iter().all(|v| v[i] == "1").then(|| show(&bits))
                };
                Lane::Bus((0..(to - from) as usize).map(value).collect())
            }
        };
        // A block that this interrupt does not touch is not shown.
        if !matches!(&lane, Lane::Bus(v) if v.iter().all(Option::is_none)) {
            rows.push(Row { block, name, lane });
        }
    }
    if let Some((_, vector, arrived)) = m.arrived {
        let text = |s: String| move |on: bool| on.then(|| s.clone());
        let (request, service) = (text(format!("IRR {vector:#x}")), text(format!("ISR {vector:#x}")));
        let taken = m.in_service.unwrap_or(u64::MAX);
        let ended = m.ended.unwrap_or(u64::MAX);
        let lane = |f: &dyn Fn(u64) -> Option<String>| Lane::Bus((from..to).map(f).collect());
        let irr = lane(&|c| request(c >= arrived && c < taken));
        let isr = lane(&|c| service(c >= taken && c < ended));
        rows.push(Row { block: "host: local APIC", name: "requested", lane: irr });
        rows.push(Row { block: "host: local APIC", name: "in service", lane: isr });
    }
    Ok(rows)
}

/// First cycle from `after` on in which the lane has a value that `wanted` accepts.
fn first(rows: &[Row], name: &str, from: u64, after: u64, wanted: impl Fn(&str) -> bool) -> Option<u64> {
    let row = rows.iter().find(|r| r.name == name)?;
    let hit = |i: usize| match &row.lane {
        Lane::Level(v) => v[i] && wanted("1"),
        Lane::Bus(v) => v[i].as_deref().is_some_and(&wanted),
    };
    let length = match &row.lane {
        Lane::Level(v) => v.len(),
        Lane::Bus(v) => v.len(),
    };
    (after.saturating_sub(from) as usize..length).find(|i| hit(*i)).map(|i| from + i as u64)
}

/// The steps that this interrupt took, in their order.
pub fn steps(rows: &[Row], m: &Moment, from: u64) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut add = |cycle: Option<u64>, what: String| {
        if let Some(cycle) = cycle {
            steps.push(Step { cycle, what });
        }
    };
    let any = |_: &str| true;
    if let Some(asked) = m.asked.filter(|a| *a >= from) {
        add(Some(asked), "the write to fn_doorbell comes in".into());
        let written = first(rows, "mwr_reg_valid", from, asked, any).filter(|c| *c <= m.raised);
        add(written, "fn_regs takes the register write".into());
    }
    add(Some(m.raised), "the core takes the cause".into());
    let commit = first(rows, "op_commit", from, m.raised, |v| v.starts_with("cause"));
    let fetch = first(rows, "fetch_addr", from, m.raised, any).filter(|f| m.sent.is_some_and(|s| *f < s));
    let what = if fetch.is_some() {
        "commit: slot not held: pending and parked set, fetch"
    } else {
        "commit: the cause is decided"
    };
    add(commit, what.into());
    if let Some(fetch) = fetch {
        add(first(rows, "tx_hdr", from, fetch, |v| v.starts_with("MRd")), "the read of the slot leaves".into());
        add(first(rows, "rx_hdr", from, fetch, |v| v.starts_with("CplD")), "its completion comes in".into());
        let used = first(rows, "op_commit", from, fetch, |v| v.starts_with("fetched"));
        add(used, "commit: slot kept, pending cleared, message made".into());
    }
    if let Some(sent) = m.sent {
        let made = first(rows, "msg_valid", from, m.raised, any).filter(|c| *c <= sent);
        add(made, "the message enters the posted queue".into());
        add(Some(sent), "the message leaves".into());
    }
    if let Some((cpu, vector, at)) = m.arrived {
        add(Some(at), format!("remapped; APIC of CPU {cpu} requests vector {vector:#x}"));
    }
    if let (Some(at), Some((cpu, ..))) = (m.in_service, m.arrived) {
        add(Some(at), format!("CPU {cpu} takes it: in-service bit set"));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_by_kind() {
        let bits = |w: [u32; 4]| w.iter().map(|w| format!("{w:032b}")).collect::<String>();
        assert_eq!(packet(&[&bits([0x4000_0001, 0x0100_000f, 0xfee0_1000, 0])]), "MWr fee01000");
        assert_eq!(packet(&[&bits([0x2000_0004, 0x0100_00ff, 1, 0x80])]), "MRd 100000080");
        assert_eq!(packet(&[&bits([0x4a00_0004, 0, 0, 0])]), "CplD");
    }

    #[test]
    fn registers_by_the_enabled_half() {
        assert_eq!(register(&["1000100000000", "00001111", &format!("{:064b}", 0x2u64 << 32 | 7)]), "1100: 7");
        assert_eq!(register(&["1000100000000", "11110000", &format!("{:064b}", 0x2u64 << 32 | 7)]), "1104: 2");
    }
}
