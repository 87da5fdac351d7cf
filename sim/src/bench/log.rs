// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The event log: what happened, in order, and its hash.
//!
//! The hash covers every event; the events themselves are kept up to a limit and
//! become lines of JSON only when somebody asks, so that a long run costs little
//! and a failing one can be looked at.

use std::fmt::Write as _;
use tlp::{CauseOp, Packet, Store, Tick};

/// Events that are kept.
const KEEP: usize = 400_000;

/// Bytes gathered before they are hashed.
const BLOCK: usize = 1 << 16;

/// What happened, for the kinds that happen often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A packet of the device arrived at the host.
    Up(Packet),
    /// Packet number `n` left for the device.
    Down {
        /// Number in the stream.
        n: u64,
        /// The packet.
        packet: Packet,
    },
    /// The device took packet number `n`.
    Taken(u64),
    /// The interrupt core took a cause.
    Cause {
        /// Raise or withdraw.
        op: CauseOp,
        /// Store.
        store: Store,
        /// Index.
        index: u32,
    },
    /// A message arrived at a processor.
    Arrival {
        /// Processor.
        cpu: u32,
        /// Vector.
        vector: u8,
        /// What the local APIC did with it.
        outcome: &'static str,
    },
    /// A processor took an interrupt.
    Take {
        /// Processor.
        cpu: u32,
        /// Vector.
        vector: u8,
    },
    /// A processor ended one.
    Eoi {
        /// Processor.
        cpu: u32,
    },
    /// Anything else: its kind and the inside of a JSON object.
    Other {
        /// Kind.
        what: &'static str,
        /// Fields, formatted, without braces.
        fields: String,
    },
}

/// Log of one test.
#[derive(Clone)]
pub struct EventLog {
    hasher: blake3::Hasher,
    block: Vec<u8>,
    kept: Vec<(Tick, u64, Event)>,
    count: u64,
    keep: usize,
}

impl Default for EventLog {
    fn default() -> Self {
        Self::new()
    }
}

impl EventLog {
    /// An empty log.
    pub fn new() -> Self {
        Self::keeping(KEEP)
    }

    /// An empty log that keeps no more than so many events.
    pub fn keeping(keep: usize) -> Self {
        let block = Vec::with_capacity(BLOCK + 4096);
        Self { hasher: blake3::Hasher::new(), block, kept: Vec::new(), count: 0, keep }
    }

    /// Adds an event; `cause` 0 means that it belongs to no cause.
    pub fn record(&mut self, tick: Tick, cause: u64, event: Event) {
        self.encode(tick, cause, &event);
        self.count += 1;
        if tracing::enabled!(tracing::Level::TRACE) {
            let mut text = String::new();
            line(&mut text, tick, cause, &event);
            tracing::trace!(t = tick, cause, "{}", text.trim_end());
        }
        if self.kept.len() < self.keep {
            self.kept.push((tick, cause, event));
        }
    }

    /// Adds an event of a rare kind. `fields` is the inside of a JSON object.
    pub fn event(&mut self, tick: Tick, what: &'static str, cause: u64, fields: std::fmt::Arguments<'_>) {
        self.record(tick, cause, Event::Other { what, fields: fields.to_string() });
    }

    fn encode(&mut self, tick: Tick, cause: u64, event: &Event) {
        let b = &mut self.block;
        b.extend_from_slice(&tick.to_le_bytes());
        b.extend_from_slice(&cause.to_le_bytes());
        match event {
            Event::Up(p) => {
                b.push(1);
                packet_bytes(b, p);
            }
            Event::Down { n, packet } => {
                b.push(2);
                b.extend_from_slice(&n.to_le_bytes());
                packet_bytes(b, packet);
            }
            Event::Taken(n) => {
                b.push(3);
                b.extend_from_slice(&n.to_le_bytes());
            }
            Event::Cause { op, store, index } => {
                b.extend_from_slice(&[4, u8::from(*op == CauseOp::Withdraw), store.code() as u8]);
                b.extend_from_slice(&index.to_le_bytes());
            }
            Event::Arrival { cpu, vector, outcome } => {
                b.extend_from_slice(&[5, *vector, outcome.len() as u8]);
                b.extend_from_slice(&cpu.to_le_bytes());
                b.extend_from_slice(outcome.as_bytes());
            }
            Event::Take { cpu, vector } => {
                b.extend_from_slice(&[6, *vector]);
                b.extend_from_slice(&cpu.to_le_bytes());
            }
            Event::Eoi { cpu } => {
                b.push(7);
                b.extend_from_slice(&cpu.to_le_bytes());
            }
            Event::Other { what, fields } => {
                b.push(8);
                b.extend_from_slice(&(what.len() as u32).to_le_bytes());
                b.extend_from_slice(what.as_bytes());
                b.extend_from_slice(&(fields.len() as u32).to_le_bytes());
                b.extend_from_slice(fields.as_bytes());
            }
        }
        if b.len() >= BLOCK {
            self.hasher.update(b);
            b.clear();
        }
    }

    /// Events so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Hash of all events, hex.
    pub fn hash(&self) -> String {
        let mut h = self.hasher.clone();
        h.update(&self.block);
        h.finalize().to_hex().to_string()
    }

    /// The events kept, one line of JSON each; a last line says how many were not kept.
    pub fn lines(&self) -> String {
        let mut text = String::new();
        for (tick, cause, event) in &self.kept {
            line(&mut text, *tick, *cause, event);
        }
        let cut = self.count - self.kept.len() as u64;
        if cut > 0 {
            let _ = writeln!(text, "{{\"ev\":\"cut\",\"events\":{cut}}}");
        }
        text
    }
}

fn packet_bytes(b: &mut Vec<u8>, p: &Packet) {
    b.push(u8::from(p.prefix.is_some()));
    b.extend_from_slice(&p.prefix.unwrap_or(0).to_le_bytes());
    for w in p.header {
        b.extend_from_slice(&w.to_le_bytes());
    }
    b.extend_from_slice(&(p.data.len() as u32).to_le_bytes());
    for w in &p.data {
        b.extend_from_slice(&w.to_le_bytes());
    }
}

fn line(text: &mut String, tick: Tick, cause: u64, event: &Event) {
    let what = match event {
        Event::Up(_) => "up",
        Event::Down { .. } => "down",
        Event::Taken(_) => "taken",
        Event::Cause { .. } => "cause",
        Event::Arrival { .. } => "arrival",
        Event::Take { .. } => "taken_by_cpu",
        Event::Eoi { .. } => "eoi",
        Event::Other { what, .. } => what,
    };
    let _ = write!(text, "{{\"t\":{tick},\"ev\":\"{what}\"");
    if cause != 0 {
        let _ = write!(text, ",\"cause\":{cause}");
    }
    let _ = match event {
        Event::Up(p) => write!(text, ",{}", Raw(p)),
        Event::Down { n, packet } => write!(text, ",\"n\":{n},{}", Raw(packet)),
        Event::Taken(n) => write!(text, ",\"n\":{n}"),
        Event::Cause { op, store, index } => {
            write!(text, ",\"op\":\"{op:?}\",\"store\":\"{store:?}\",\"index\":{index}")
        }
        Event::Arrival { cpu, vector, outcome } => {
            write!(text, ",\"cpu\":{cpu},\"vector\":{vector},\"outcome\":\"{outcome}\"")
        }
        Event::Take { cpu, vector } => write!(text, ",\"cpu\":{cpu},\"vector\":{vector}"),
        Event::Eoi { cpu } => write!(text, ",\"cpu\":{cpu}"),
        Event::Other { fields, .. } if fields.is_empty() => Ok(()),
        Event::Other { fields, .. } => write!(text, ",{fields}"),
    };
    text.push_str("}\n");
}

/// A packet as the inside of a JSON object.
#[derive(Clone)]
pub struct Raw<'a>(pub &'a Packet);

impl std::fmt::Display for Raw<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let h = self.0.header;
        write!(f, "\"hdr\":\"{:08x} {:08x} {:08x} {:08x}\"", h[0], h[1], h[2], h[3])?;
        if let Some(p) = self.0.prefix {
            write!(f, ",\"prefix\":\"{p:08x}\"")?;
        }
        if !self.0.data.is_empty() {
            f.write_str(",\"data\":\"")?;
            for (i, w) in self.0.data.iter().enumerate() {
                write!(f, "{}{w:08x}", if i == 0 { "" } else { " " })?;
            }
            f.write_str("\"")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_events_equal_hash_and_valid_json() {
        let make = |n: u32| {
            let mut l = EventLog::new();
            l.record(3, 7, Event::Up(Packet::with_data([1, 2, 3, 4], [n])));
            l.record(4, 0, Event::Eoi { cpu: 1 });
            l.event(5, "idle", 0, format_args!(""));
            l.event(6, "store", 0, format_args!("\"addr\":{n}"));
            l
        };
        assert_eq!(make(1).hash(), make(1).hash());
        assert_ne!(make(1).hash(), make(2).hash());
        assert_eq!(make(1).lines().lines().count(), 4);
        for line in make(1).lines().lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
    }
}
