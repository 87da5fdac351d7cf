// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reading a recorded trace: one JSON object a line, in time order.
//!
//! A line is a phase mark or an access, told apart by its `op`. Numbers may be JSON numbers or strings, decimal or
//! 0x-prefixed. Keys that the reader does not know are passed over, since recorders add some; an unknown `op`, a missing
//! or unusable value is an error with line and column.

use std::path::Path;

use serde_json::{Map, Value};

use crate::{VectorError, place};

/// Which part of the MSI-X structures an access went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// The table.
    Table,
    /// The pending bit array.
    Pba,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A phase begins.
    Mark {
        /// Number or name of the phase.
        number: String,
        /// Its description.
        what: String,
    },
    /// An access to configuration space.
    Config {
        /// Write, not read.
        write: bool,
        /// Offset, 0 to 0xfff.
        reg: u16,
        /// Bytes: 1, 2 or 4, within a double word.
        len: u32,
        /// Value.
        value: u32,
    },
    /// An access to the MSI-X table or PBA.
    Structure {
        /// Write, not read.
        write: bool,
        /// Which structure.
        region: Region,
        /// Byte offset from the start of the structure; for the PBA only when the line tells it.
        offset: Option<u32>,
        /// BAR and offset in it, as recorded.
        bar: Option<(u8, u64)>,
        /// Bytes.
        len: u32,
        /// Value.
        value: u64,
    },
    /// A BAR begins or ends to be decoded.
    Decode {
        /// Begins.
        mapped: bool,
        /// Address.
        address: u64,
        /// Size in bytes.
        size: u64,
    },
    /// A message reached the interrupt controllers.
    Message(Message),
    /// Interrupt remapping is turned on or off.
    Remapping(bool),
    /// The remapping table is set: its number of entries.
    RemapTable(u64),
}

/// A delivered message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Address that the device wrote to.
    pub address: u64,
    /// Data that it wrote.
    pub data: u32,
    /// Address and data after remapping.
    pub remapped: Option<(u64, u32)>,
    /// APIC destination.
    pub destination: Option<u32>,
    /// Vector.
    pub vector: Option<u8>,
    /// Table entry that the recorder attributed it to.
    pub entry: Option<u32>,
}

/// A line of the trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Number, from 1.
    pub number: usize,
    /// Seconds since the start; absent on marks.
    pub time: Option<f64>,
    /// Function, as recorded (`01:00.0`); absent on marks and on lines of the remapping unit.
    pub function: Option<String>,
    /// What it says.
    pub event: Event,
}

/// Reads a trace file.
///
/// # Errors
/// The file cannot be read, is empty or has a line that cannot be used.
pub fn load(path: &Path) -> Result<Vec<Line>, VectorError> {
    let bytes = std::fs::read(path).map_err(|error| VectorError::file(path, format!("cannot be read: {error}")))?;
    parse(path, &bytes)
}

/// Reads the bytes of a trace; `path` is for messages.
///
/// # Errors
/// As [`load`].
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Vec<Line>, VectorError> {
    let mut lines = Vec::new();
    for (index, raw) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        let text = std::str::from_utf8(raw)
            .map_err(|error| VectorError::at(path, number, error.valid_up_to() + 1, "not UTF-8 text"))?;
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.trim().is_empty() {
            continue;
        }
        let object: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
            let what = if error.is_eof() { "the line is cut short".to_owned() } else { plain(&error) };
            VectorError::at(path, number, error.column().max(1), what)
        })?;
        let reader = Reader { path, number, text, object: &object };
        lines.push(reader.line()?);
    }
    if lines.is_empty() {
        return Err(VectorError::at(path, 1, 1, "the trace is empty"));
    }
    Ok(lines)
}

/// The message without its position, which counts from the line's start and is given separately.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]).to_owned()
}

/// Takes a line apart.
struct Reader<'a> {
    path: &'a Path,
    number: usize,
    text: &'a str,
    object: &'a Map<String, Value>,
}

impl Reader<'_> {
    fn line(&self) -> Result<Line, VectorError> {
        if self.object.contains_key("mark") {
            let event = Event::Mark { number: self.label("mark")?, what: self.label("what")? };
            return Ok(Line { number: self.number, time: None, function: None, event });
        }
        let op = self.string("op")?;
        let event = match op {
            "cr" | "cw" => self.config(op == "cw")?,
            "mr" | "mw" => self.structure(op == "mw")?,
            "map" | "unmap" => {
                Event::Decode { mapped: op == "map", address: self.number("addr")?, size: self.number("size")? }
            }
            "msi" => Event::Message(self.message()?),
            "iren" => Event::Remapping(self.enable()?),
            "irta" => Event::RemapTable(self.table_size()?),
            _ => return Err(self.bad("op", format!("unknown op \"{op}\""))),
        };
        let time = match self.object.get("t") {
            Some(Value::Number(number)) => number.as_f64(),
            Some(_) => return Err(self.bad("t", "want a number".to_owned())),
            None => return Err(self.missing("t")),
        };
        let function = match event {
            Event::Remapping(_) | Event::RemapTable(_) => None,
            _ => Some(self.function()?),
        };
        Ok(Line { number: self.number, time, function, event })
    }

    fn config(&self, write: bool) -> Result<Event, VectorError> {
        let reg = self.number("reg")?;
        let len = self.number("n")?;
        let value = self.number("v")?;
        if reg > 0xfff {
            return Err(self.bad("reg", format!("offset {reg:#x} is outside configuration space")));
        }
        if !matches!(len, 1 | 2 | 4) {
            return Err(self.bad("n", format!("a configuration access has 1, 2 or 4 bytes, not {len}")));
        }
        if reg % 4 + len > 4 {
            return Err(self.bad("reg", format!("{len} bytes at {reg:#x} cross a double word")));
        }
        self.fits("v", value, len)?;
        Ok(Event::Config { write, reg: reg as u16, len: len as u32, value: value as u32 })
    }

    fn structure(&self, write: bool) -> Result<Event, VectorError> {
        let region = match self.string("rg")? {
            "tbl" => Region::Table,
            "pba" => Region::Pba,
            other => return Err(self.bad("rg", format!("unknown region \"{other}\""))),
        };
        let len = self.number("n")?;
        if !matches!(len, 1 | 2 | 4 | 8) {
            return Err(self.bad("n", format!("an access has 1, 2, 4 or 8 bytes, not {len}")));
        }
        let value = self.number("v")?;
        self.fits("v", value, len)?;
        let bar = self.bar()?;
        let offset = match region {
            Region::Table => Some(self.table_offset(bar, len as u32)?),
            Region::Pba => None,
        };
        Ok(Event::Structure { write, region, offset, bar, len: len as u32, value })
    }

    /// `b`, as `bar:offset`.
    fn bar(&self) -> Result<Option<(u8, u64)>, VectorError> {
        if self.absent("b") {
            return Ok(None);
        }
        let text = self.string("b")?;
        let parts = text.split_once(':').and_then(|(bar, offset)| Some((bar.parse().ok()?, place::number(offset)?)));
        match parts {
            Some((bar, offset)) if bar <= 5 => Ok(Some((bar, offset))),
            _ => Err(self.bad("b", format!("\"{text}\" is no BAR and offset"))),
        }
    }

    /// Byte offset in the table, from entry and field; the recorded offset decides the byte within the field.
    fn table_offset(&self, bar: Option<(u8, u64)>, len: u32) -> Result<u32, VectorError> {
        let entry = self.number("e")?;
        if entry > 2047 {
            return Err(self.bad("e", format!("entry {entry} is outside 0 to 2047")));
        }
        let field = match self.string("f")? {
            "alo" => 0,
            "ahi" => 4,
            "dat" => 8,
            "ctl" => 12,
            other => return Err(self.bad("f", format!("unknown field \"{other}\""))),
        };
        let byte = bar.map_or(0, |(_, offset)| (offset % 4) as u32);
        if let Some((_, offset)) = bar
            && (offset % 16) as u32 / 4 != field / 4
        {
            return Err(self.bad("b", format!("offset {offset:#x} is not in the field that `f` names")));
        }
        // A quad word is one half of an entry; anything else stays in its field.
        let room = if len == 8 { 8 - field % 8 } else { 4 };
        if byte + len > room {
            return Err(self.bad("n", format!("{len} bytes do not fit in the field")));
        }
        Ok(16 * entry as u32 + field + byte)
    }

    fn message(&self) -> Result<Message, VectorError> {
        let remapped = match (self.optional("ta")?, self.optional("td")?) {
            (Some(address), Some(data)) => Some((address, self.narrow("td", data)?)),
            (None, None) => None,
            (Some(_), None) => return Err(self.missing("td")),
            (None, Some(_)) => return Err(self.missing("ta")),
        };
        let destination = self.optional("dest")?.map(|dest| self.narrow("dest", dest)).transpose()?;
        let vector = match self.optional("vec")? {
            None => None,
            Some(vector) => Some(u8::try_from(vector).map_err(|_| self.bad("vec", format!("{vector} is above 255")))?),
        };
        let entry = self.optional("e")?.map(|entry| self.narrow("e", entry)).transpose()?;
        if let Some(entry) = entry.filter(|entry| *entry > 2047) {
            return Err(self.bad("e", format!("entry {entry} is outside 0 to 2047")));
        }
        let address = self.number("a")?;
        let data = self.number("d")?;
        Ok(Message { address, data: self.narrow("d", data)?, remapped, destination, vector, entry })
    }

    /// `raw` of `iren`: `enable 1`.
    fn enable(&self) -> Result<bool, VectorError> {
        let raw = self.string("raw")?;
        match raw.strip_prefix("enable ").map(str::trim).and_then(place::number) {
            Some(value @ (0 | 1)) => Ok(value == 1),
            _ => Err(self.bad("raw", format!("\"{raw}\" is not \"enable 0\" or \"enable 1\""))),
        }
    }

    /// `raw` of `irta`: `addr 0x1300000 size 0x10000`.
    fn table_size(&self) -> Result<u64, VectorError> {
        let raw = self.string("raw")?;
        let mut words = raw.split_whitespace().skip_while(|word| *word != "size");
        match words.nth(1).and_then(place::number) {
            Some(size) if size.is_power_of_two() && (2..=0x1_0000).contains(&size) => Ok(size),
            _ => Err(self.bad("raw", format!("\"{raw}\" has no size that is a power of two, 2 to 65536"))),
        }
    }

    fn function(&self) -> Result<String, VectorError> {
        let text = self.string("bdf")?;
        // A segment may stand in front of it.
        let tail = text.rsplit_once(':').map_or(text, |(_, tail)| tail);
        let good = text.contains(':')
            && tail.split_once('.').is_some_and(|(device, function)| {
                u8::from_str_radix(device, 16).is_ok_and(|d| d < 32) && function.parse().is_ok_and(|f: u8| f < 8)
            });
        if good { Ok(text.to_owned()) } else { Err(self.bad("bdf", format!("\"{text}\" is no bus:device.function"))) }
    }

    fn absent(&self, key: &str) -> bool {
        matches!(self.object.get(key), None | Some(Value::Null))
    }

    fn string(&self, key: &str) -> Result<&str, VectorError> {
        match self.object.get(key) {
            Some(Value::String(text)) => Ok(text),
            None | Some(Value::Null) => Err(self.missing(key)),
            Some(_) => Err(self.bad(key, "want a string".to_owned())),
        }
    }

    /// A string, or a number as text.
    fn label(&self, key: &str) -> Result<String, VectorError> {
        match self.object.get(key) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            None | Some(Value::Null) => Err(self.missing(key)),
            Some(_) => Err(self.bad(key, "want a string or a number".to_owned())),
        }
    }

    fn number(&self, key: &str) -> Result<u64, VectorError> {
        self.optional(key)?.ok_or_else(|| self.missing(key))
    }

    fn optional(&self, key: &str) -> Result<Option<u64>, VectorError> {
        let value = match self.object.get(key) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => place::number(text),
            Some(_) => None,
        };
        value.map(Some).ok_or_else(|| self.bad(key, "want a number, 0 or above".to_owned()))
    }

    fn fits(&self, key: &str, value: u64, len: u64) -> Result<(), VectorError> {
        if len < 8 && value >> (8 * len) != 0 {
            return Err(self.bad(key, format!("{value:#x} does not fit in {len} bytes")));
        }
        Ok(())
    }

    fn narrow(&self, key: &str, value: u64) -> Result<u32, VectorError> {
        u32::try_from(value).map_err(|_| self.bad(key, format!("{value:#x} does not fit in 4 bytes")))
    }

    fn missing(&self, key: &str) -> VectorError {
        VectorError::at(self.path, self.number, 1, format!("`{key}` is missing"))
    }

    /// An unusable value; the column is that of its key.
    fn bad(&self, key: &str, message: String) -> VectorError {
        let column = self.text.find(&format!("\"{key}\"")).map_or(1, |byte| self.text[..byte].chars().count() + 1);
        VectorError::at(self.path, self.number, column, format!("`{key}`: {message}"))
    }
}
