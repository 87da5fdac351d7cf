// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The event log: what happened, in order, as lines of JSON, and its hash.
//!
//! The hash covers every line; the lines themselves are kept up to a limit, so
//! that a long run costs no memory and a failing one can be looked at.

use std::fmt::Write as _;
use tlp::Tick;

/// Bytes of lines that are kept.
const KEEP: usize = 64 << 20;

/// Log of one test.
pub struct EventLog {
    hasher: blake3::Hasher,
    lines: String,
    line: String,
    count: u64,
    cut: bool,
}

impl Default for EventLog {
    fn default() -> Self {
        Self::new()
    }
}

impl EventLog {
    /// An empty log.
    pub fn new() -> Self {
        Self { hasher: blake3::Hasher::new(), lines: String::new(), line: String::new(), count: 0, cut: false }
    }

    /// Adds an event. `fields` is the inside of a JSON object, already formatted,
    /// without braces; `cause` 0 means that the event belongs to no cause.
    pub fn event(&mut self, tick: Tick, what: &str, cause: u64, fields: std::fmt::Arguments<'_>) {
        self.line.clear();
        let _ = write!(self.line, "{{\"t\":{tick},\"ev\":\"{what}\"");
        if cause != 0 {
            let _ = write!(self.line, ",\"cause\":{cause}");
        }
        let start = self.line.len();
        let _ = write!(self.line, ",{fields}");
        if self.line.len() == start + 1 {
            self.line.truncate(start);
        }
        self.line.push_str("}\n");
        tracing::trace!(t = tick, cause, what, "{}", self.line.trim_end());
        self.hasher.update(self.line.as_bytes());
        self.count += 1;
        if self.lines.len() + self.line.len() <= KEEP {
            self.lines.push_str(&self.line);
        } else {
            self.cut = true;
        }
    }

    /// Events so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Hash of all lines, hex.
    pub fn hash(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }

    /// The lines kept, and whether later ones were cut off.
    pub fn lines(&self) -> (&str, bool) {
        (&self.lines, self.cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_events_equal_hash_and_valid_json() {
        let make = |n: u32| {
            let mut l = EventLog::new();
            l.event(3, "up", 7, format_args!("\"len\":{n}"));
            l.event(4, "idle", 0, format_args!(""));
            l
        };
        assert_eq!(make(1).hash(), make(1).hash());
        assert_ne!(make(1).hash(), make(2).hash());
        for line in make(1).lines().0.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
    }
}
