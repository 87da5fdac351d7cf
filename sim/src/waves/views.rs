// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Files that open a viewer on the interrupt path: a Surfer command file and a GTKWave save file.

use super::fst::Fst;
use super::moment::Moment;
use super::signals::{GROUPS, Radix, Signal};
use anyhow::{Result, bail};
use std::fmt::Write as _;

/// Cycles that a viewer shows at first.
const SHOWN: u64 = 128;

/// Text of both files.
pub struct Views {
    /// Surfer commands (`.sucl`).
    pub surfer: String,
    /// GTKWave save file (`.gtkw`).
    pub gtkwave: String,
}

/// Signals of the list that the waveform does not have.
pub fn missing(fst: &Fst) -> Vec<String> {
    let all = GROUPS.iter().flat_map(|g| g.signals);
    all.filter(|(name, _)| !fst.has(name)).map(|(name, _)| fst.path(name)).collect()
}

/// Signals whose radix does not fit their width: `Bit` is for one bit and nothing else is.
pub fn misfits(fst: &Fst) -> Vec<String> {
    let fits = |(name, radix): &Signal| (fst.width(name) == Some(1)) == (*radix == Radix::Bit);
    GROUPS.iter().flat_map(|g| g.signals).filter(|s| !fits(s)).map(|(name, _)| fst.path(name)).collect()
}

/// Makes both files. An error if the waveform lacks a signal of the list.
pub fn views(fst: &Fst, moment: &Moment) -> Result<Views> {
    let lost = missing(fst);
    if !lost.is_empty() {
        bail!("the waveform has no signal {}; sim/src/waves/signals.rs names it", lost.join(", "));
    }
    Ok(Views { surfer: surfer(fst, moment), gtkwave: gtkwave(fst, moment) })
}

/// Surfer numbers its rows in hexadecimal with the letters a to p.
fn row_name(n: usize) -> String {
    format!("{n:x}").bytes().map(|b| char::from(b'a' + (b as char).to_digit(16).unwrap_or(0) as u8)).collect()
}

fn surfer(fst: &Fst, m: &Moment) -> String {
    let mut t = String::from("# The interrupt path of ims_endpoint; written by `ims-cosim waves`.\n");
    let mut formats = String::new();
    let mut row = 0;
    for g in GROUPS {
        let _ = writeln!(t, "divider_add {}", g.title);
        row += 1;
        for (name, radix) in g.signals {
            let _ = writeln!(t, "variable_add {}", fst.path(name));
            // Bits and hexadecimal are what it takes by itself.
            if *radix == Radix::Count {
                let _ = writeln!(formats, "item_focus {}_{name}\nitem_set_format Unsigned", row_name(row));
            }
            row += 1;
        }
    }
    t += &formats;
    // Each step halves what is shown; the cursor is then brought into view.
    t += "item_unfocus\nzoom_fit\n";
    let mut span = m.cycles.max(1);
    while span > SHOWN {
        t += "zoom_in\n";
        span /= 2;
    }
    for (name, cycle) in marks(m) {
        let _ = writeln!(t, "marker_set {name} {}", fst.edge(cycle));
    }
    let _ = writeln!(t, "item_unfocus\ncursor_set {}", fst.edge(m.focus()));
    t
}

/// Named cycles, in their order.
fn marks(m: &Moment) -> Vec<(&'static str, u64)> {
    let all = [
        ("cause_taken", Some(m.raised)),
        ("message_left", m.sent),
        ("arrived_at_apic", m.arrived.map(|a| a.2)),
        ("in_service", m.in_service),
    ];
    all.into_iter().filter_map(|(name, at)| at.map(|at| (name, at))).collect()
}

fn gtkwave(fst: &Fst, m: &Moment) -> String {
    let mut t = String::from("[*] The interrupt path of ims_endpoint; written by `ims-cosim waves`.\n");
    t += "[dumpfile] \"waves.fst\"\n[size] 1600 1000\n[pos] -1 -1\n[signals_width] 380\n[sst_expanded] 0\n";
    let first = m.focus().saturating_sub(SHOWN / 2);
    let _ = writeln!(t, "[timestart] {}", fst.edge(first));
    // Zoom z: 200 pixels are 2^-z time units; the window has about 1000.
    let shown = fst.edge(first + SHOWN) - fst.edge(first);
    let _ = write!(t, "*-{:.6} {}", (shown as f64 / 5.0).log2(), fst.edge(m.focus()));
    let named: Vec<u64> = marks(m).iter().map(|(_, c)| fst.edge(*c)).collect();
    for i in 0..26 {
        match named.get(i) {
            Some(time) => _ = write!(t, " {time}"),
            None => t += " -1",
        }
    }
    t.push('\n');
    for (i, (name, _)) in marks(m).iter().enumerate() {
        let _ = writeln!(t, "[markername] {}{name}", char::from(b'A' + i as u8));
    }
    for g in GROUPS {
        let _ = writeln!(t, "@200\n-{}", g.title.replace('_', " "));
        let mut flags = "@200";
        for (name, radix) in g.signals {
            let wanted = match radix {
                Radix::Bit => "@28",
                Radix::Hex => "@22",
                Radix::Count => "@24",
            };
            if flags != wanted {
                flags = wanted;
                let _ = writeln!(t, "{flags}");
            }
            let _ = writeln!(t, "{}{}", fst.path(name), fst.range(name));
        }
    }
    t
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, row_name};

    #[test]
    fn rows_are_named_as_surfer_reads_them() {
        assert_eq!((row_name(0), row_name(15), row_name(16)), ("a".into(), "p".into(), "ba".into()));
    }

    #[test]
    fn titles_are_one_word_and_signals_are_listed_once() {
        let mut seen = std::collections::BTreeSet::new();
        for g in GROUPS {
            assert!(g.title.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", g.title);
            for (name, _) in g.signals {
                assert!(seen.insert(*name), "{name} twice");
            }
        }
    }
}
