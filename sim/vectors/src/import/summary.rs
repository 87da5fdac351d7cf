// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What an import did, in numbers.

use std::collections::BTreeMap;
use std::fmt;

/// Counts of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Configuration reads compared with the recorded value, all bits.
    pub reads_recorded: usize,
    /// Configuration reads where identity bits are compared with our device's own value.
    pub reads_own: usize,
    /// Configuration reads where bits that software can write differ from the recorded ones: by register of ours.
    pub reads_differ: BTreeMap<String, usize>,
    /// Reads without counterpart, directed at a place that reads 0: by reason.
    pub reads_absent: BTreeMap<String, usize>,
    /// Configuration writes.
    pub config_writes: usize,
    /// Configuration writes without counterpart, directed at a place that ignores them.
    pub config_writes_absent: usize,
    /// Table and PBA reads, all compared with what was recorded.
    pub table_reads: usize,
    /// Table and PBA reads whose recorded value our device does not return.
    pub table_reads_own: usize,
    /// Table and PBA writes.
    pub table_writes: usize,
    /// Messages followed from cause to processor.
    pub messages: usize,
    /// Of these: recorded after the entry was closed, and replayed before.
    pub messages_moved: usize,
    /// Of these: the destination is a set of processors, and only the message itself is compared.
    pub messages_unaddressed: usize,
    /// Remapping entries programmed.
    pub remapping_entries: usize,
    /// BAR decode events compared.
    pub decodes: usize,
    /// Resets that the trace implies.
    pub resets: usize,
    /// Addresses replaced because our BAR is larger than the recorded one.
    pub aliases: usize,
    /// Steps that set what had been set when the recording began.
    pub initial: usize,
    /// Messages that software rewrote while their entry was open.
    pub rewrites_open: usize,
    /// Steps that could not be translated: by reason.
    pub untranslated: BTreeMap<String, usize>,
}

impl Summary {
    /// Checks that the vector makes.
    pub fn checks(&self) -> usize {
        self.reads_recorded
            + self.reads_own
            + self.reads_differ.values().sum::<usize>()
            + self.reads_absent.values().sum::<usize>()
            + self.table_reads
            + self.messages
            + self.decodes
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |map: &BTreeMap<String, usize>| -> String {
            map.iter().map(|(key, count)| format!("{key} {count}")).collect::<Vec<_>>().join(", ")
        };
        let total = |map: &BTreeMap<String, usize>| map.values().sum::<usize>();
        writeln!(f, "checks: {}", self.checks())?;
        writeln!(
            f,
            "configuration reads: {} as recorded, {} with our own identity, {} with our own writable bits, {} of what we lack",
            self.reads_recorded,
            self.reads_own,
            total(&self.reads_differ),
            total(&self.reads_absent)
        )?;
        if !self.reads_differ.is_empty() {
            writeln!(f, "  own writable bits: {}", listed(&self.reads_differ))?;
        }
        if !self.reads_absent.is_empty() {
            writeln!(f, "  lacking: {}", listed(&self.reads_absent))?;
        }
        writeln!(
            f,
            "configuration writes: {}, {} of them to what we lack",
            self.config_writes, self.config_writes_absent
        )?;
        writeln!(
            f,
            "table: {} reads, {} of them with a value of our own, {} writes",
            self.table_reads, self.table_reads_own, self.table_writes
        )?;
        writeln!(
            f,
            "interrupts: {}, {} of them moved in front of the access that closed the entry, {} to a set of processors; remapping entries: {}",
            self.messages, self.messages_moved, self.messages_unaddressed, self.remapping_entries
        )?;
        writeln!(
            f,
            "BAR decode: {}; resets that the trace implies: {}; addresses replaced: {}",
            self.decodes, self.resets, self.aliases
        )?;
        if self.initial > 0 {
            writeln!(f, "set before the recording began: {}", self.initial)?;
        }
        if self.rewrites_open > 0 {
            writeln!(f, "messages rewritten while open, which the bench must report: {}", self.rewrites_open)?;
        }
        writeln!(f, "untranslated: {}", total(&self.untranslated))?;
        for (reason, count) in &self.untranslated {
            writeln!(f, "  {count} {reason}")?;
        }
        Ok(())
    }
}
