// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The table and the summary on the terminal.

use super::Summary;
use crate::run::{Outcome, Verdict};
use comfy_table::{Attribute, Cell, CellAlignment, Color, Table, presets};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Table of tests: name, verdict, cycles, interrupts, checks.
pub fn tests(outcomes: &[Outcome]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(
        ["test", "verdict", "cycles", "interrupts", "checks"].map(|h| Cell::new(h).add_attribute(Attribute::Bold)),
    );
    for o in outcomes {
        let color = if o.verdict == Verdict::Passed { Color::Green } else { Color::Red };
        table.add_row([
            Cell::new(&o.name),
            Cell::new(o.verdict.word()).fg(color),
            Cell::new(o.cycles),
            Cell::new(o.counters.messages),
            Cell::new(o.checks),
        ]);
    }
    for k in 2..5 {
        if let Some(c) = table.column_mut(k) {
            c.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// What went wrong, test by test, each with the command that replays it. `files`: where vectors stand that are not
/// among the project's, by name.
pub fn failures(summary: &Summary, outcomes: &[Outcome], files: &BTreeMap<String, PathBuf>) -> String {
    let mut text = String::new();
    for o in outcomes.iter().filter(|o| o.verdict != Verdict::Passed) {
        text += &format!("\n{}: {}\n", o.name, o.verdict.word());
        if let Some(e) = &o.error {
            text += &format!("  {e}\n");
        }
        for f in o.findings.iter().take(8) {
            text += &format!("  tick {:>8}  {}: {}\n", f.tick, f.check, f.text);
        }
        if o.findings.len() > 8 {
            text += &format!("  … and {} more\n", o.findings.len() - 8);
        }
        if o.checks == 0 && o.error.is_none() {
            text += "  it checked nothing\n";
        }
        let again = files.get(&o.name).map_or_else(|| replay(summary, &o.name), |file| rerun(summary, file));
        text += &format!("  replay: {again}\n");
    }
    text
}

/// The command that runs this test of the run again; what is at its default is left out.
pub fn replay(s: &Summary, test: &str) -> String {
    let i = &s.identity;
    let mut command = format!("make replay TEST={test} SEED={} DUT={}", s.seed, i.dut);
    if s.reset_seed != 0 {
        command += &format!(" RESET_SEED={}", s.reset_seed);
    }
    // Lists are separated by commas, so that none needs quotes.
    for (variable, list) in [("PARAM", &i.parameters), ("QUIRK", &i.quirks)] {
        if !list.is_empty() {
            command += &format!(" {variable}={}", list.join(","));
        }
    }
    if let Some(rtl) = &i.rtl {
        command += &format!(" RTL='{rtl}'");
    }
    command
}

/// The command that runs a vector's file again; a test that fails keeps its event log there too.
pub fn rerun(s: &Summary, file: &Path) -> String {
    let i = &s.identity;
    let mut command = format!("scripts/ims-cosim run '{}' --seed {} --dut {}", file.display(), s.seed, i.dut);
    if s.reset_seed != 0 {
        command += &format!(" --reset-seed {}", s.reset_seed);
    }
    for (option, list) in [("param", &i.parameters), ("quirk", &i.quirks)] {
        if !list.is_empty() {
            command += &format!(" --{option} {}", list.join(","));
        }
    }
    if let Some(rtl) = &i.rtl {
        command += &format!(" --rtl '{rtl}'");
    }
    command
}

/// Vectors that were left out, each with its reason.
pub fn skipped(s: &Summary) -> String {
    let lines = s.skipped.iter().map(|k| format!("  {}: {}", k.test, k.reason));
    let head = format!("{} left out:", s.skipped.len());
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}

/// The summary's lines.
pub fn summary(s: &Summary) -> String {
    let c = &s.counters;
    format!(
        "{} of {} passed on {}{} · seed {} · {} cycles ({:.2} M/s) · packets {} down, {} up · {} checks\n\
         causes {} = delivered {} + merged {} + pending {} + blocked {} + lost {} · duplicated {} · stale {} · misdirected {} · ahead of data {}{}\n\
         events {}",
        s.passed,
        s.tests,
        s.identity.dut,
        s.identity.parameters.iter().map(|p| format!(" {p}")).collect::<String>(),
        s.seed,
        s.cycles,
        s.cycles_per_s / 1e6,
        s.tlps_rx,
        s.tlps_tx,
        s.checks,
        c.causes,
        c.delivered,
        c.merged,
        c.pending,
        c.blocked,
        c.lost,
        c.duplicated,
        c.stale,
        c.misdirected,
        c.overtook_data,
        if s.trace_compared > 0 {
            format!(
                "\nrecorded accesses: {} replayed and compared, {} without counterpart",
                s.trace_compared, s.trace_untranslated
            )
        } else {
            String::new()
        },
        &s.events_hash[..16],
    )
}
