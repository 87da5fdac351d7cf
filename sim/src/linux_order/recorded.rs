// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a recording has to say about MSI-X: from the steps of an imported vector to accesses.

use std::collections::BTreeMap;
use vectors::op::{Op, Place, Vector};

/// A value, as far as it is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    /// The whole word.
    Word(u32),
    /// Enable and function mask of message control.
    Control {
        /// Enable.
        enable: bool,
        /// Function mask.
        masked: bool,
    },
    /// Interrupt Disable of the command register.
    IntxDisable(bool),
    /// A part of a message.
    Message {
        /// What kind of word it is.
        kind: Kind,
        /// The same word as the entry's last real message had; nothing when it had none.
        same: Option<bool>,
    },
    /// Not compared: table offset, capability words.
    Any,
}

/// Kinds of words of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Zero.
    Nothing,
    /// Vector 0xef in compatibility format.
    Placeholder,
    /// Address or data of a message in compatibility format.
    Compatible,
    /// Address in remappable format.
    Remappable,
}

/// Where an access goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Register {
    /// Message control of MSI-X.
    Control,
    /// Table offset of MSI-X.
    Table,
    /// The command register.
    Command,
    /// Word of a table entry: 0, 4, 8, 12.
    Entry(u32, u32),
}

/// An access.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    /// Write.
    pub write: bool,
    /// Where.
    pub at: Register,
    /// Bytes.
    pub len: u32,
    /// Its value.
    pub value: Value,
}

/// What was written to an entry last: which words of real messages there are.
#[derive(Clone, Debug, Default)]
pub struct Messages(BTreeMap<(u32, u32), u32>);

impl Messages {
    /// Value of a word of an entry.
    pub fn value(&mut self, write: bool, entry: u32, field: u32, word: u32) -> Value {
        if field == 12 {
            return Value::Word(word);
        }
        if !write && field == 0 {
            // The flush; what it reads is another entry's.
            return Value::Any;
        }
        let kind = match (field, word) {
            (_, 0) => Kind::Nothing,
            (0, w) if w >> 20 == 0xfee && w >> 4 & 1 == 1 => Kind::Remappable,
            (8, 0xef) => Kind::Placeholder,
            _ => Kind::Compatible,
        };
        let old = self.0.get(&(entry, field)).copied();
        if write {
            match kind {
                Kind::Nothing => {
                    self.0.remove(&(entry, field));
                }
                // The address before it was no real one either.
                Kind::Placeholder => self.0.retain(|(e, _), _| *e != entry),
                _ => {
                    self.0.insert((entry, field), word);
                }
            }
        }
        let placeholder = kind == Kind::Placeholder;
        Value::Message { kind, same: old.filter(|_| !placeholder).map(|old| old == word) }
    }
}

/// The value of a configuration access.
pub fn config(at: Register, word: u32) -> Value {
    match at {
        Register::Control => Value::Control { enable: word >> 15 & 1 == 1, masked: word >> 14 & 1 == 1 },
        Register::Command => Value::IntxDisable(word >> 10 & 1 == 1),
        _ => Value::Any,
    }
}

/// A line of a recording that concerns MSI-X.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Number of the step, from 1.
    pub step: usize,
    /// The access.
    pub access: Access,
    /// The word as recorded.
    pub word: u32,
}

/// A recording.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Its name.
    pub name: String,
    /// With remapping.
    pub remapped: bool,
    /// Accesses, in order.
    pub lines: Vec<Line>,
    /// Marks, each with the number of lines before it.
    pub marks: Vec<(usize, String)>,
}

fn name(at: &Place) -> Option<(&str, u32)> {
    let Place::Name(name) = at else { return None };
    let (base, distance) = name.split_once('+').unwrap_or((name, "0"));
    let distance =
        distance.strip_prefix("0x").map_or_else(|| distance.parse().ok(), |h| u32::from_str_radix(h, 16).ok());
    distance.map(|d| (base, d))
}

fn config_register(at: &Place) -> Option<Register> {
    match name(at)? {
        ("msix", 2) => Some(Register::Control),
        ("msix", 4) => Some(Register::Table),
        ("command", 0) => Some(Register::Command),
        _ => None,
    }
}

fn table(at: &Place) -> Option<(u32, u32)> {
    match name(at)? {
        ("msix_table", d) => Some((d / 16, d % 16)),
        _ => None,
    }
}

impl Recording {
    /// From an imported vector.
    pub fn new(vector: &Vector) -> Self {
        let mut messages = Messages::default();
        let (mut lines, mut marks) = (Vec::new(), Vec::new());
        for (k, op) in vector.steps.iter().enumerate() {
            let (write, at, len, word) = match op {
                Op::Mark(text) => {
                    marks.push((lines.len(), text.clone()));
                    continue;
                }
                Op::CfgRead(r) => (false, config_register(&r.at), r.len, r.expect),
                Op::CfgWrite(w) => (true, config_register(&w.at), w.len, Some(w.value)),
                Op::Read(r) => (false, table(&r.at).map(|(e, f)| Register::Entry(e, f)), r.len, r.expect),
                Op::Write(w) => (true, table(&w.at).map(|(e, f)| Register::Entry(e, f)), w.len, Some(w.value)),
                _ => continue,
            };
            let Some(at) = at else { continue };
            let word = word.unwrap_or(0) as u32;
            let value = match at {
                Register::Entry(e, f) => messages.value(write, e, f, word),
                other => config(other, word),
            };
            lines.push(Line { step: k + 1, access: Access { write, at, len, value }, word });
        }
        // A recording without remapping has no message in remappable format.
        let remapped = lines
            .iter()
            .any(|l| l.access.write && matches!(l.access.value, Value::Message { kind: Kind::Remappable, .. }));
        Self { name: vector.name.clone(), remapped, lines, marks }
    }
}
