// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What `ep_regs.yaml` may say, and the rules that it must keep.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Result, bail, ensure};
use serde::Deserialize;
use serde::de::{self, Deserializer};

/// Names of the endpoint's parameters (docs/device.md, section 1) that a reset value may refer to.
const PARAMETERS: &[&str] =
    &["DataW", "NumMsix", "NumDevSlots", "NumHostSlots", "HostCacheLines", "MaxFetches", "VendorId", "DeviceId"];

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterMap {
    pub bars: Vec<Bar>,
    pub windows: Vec<Window>,
    pub capabilities: Vec<Capability>,
    pub registers: Vec<Register>,
}

/// A base address register that is implemented.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bar {
    pub name: String,
    /// Number of the BAR, 0 to 5; a 64-bit one takes the next number too.
    pub bar: u32,
    pub width: u32,
    pub prefetchable: bool,
    /// Bytes.
    pub size: u32,
    pub doc: String,
}

/// A region inside a BAR that is not made of registers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub name: String,
    pub bar: u32,
    pub offset: u32,
    pub doc: String,
}

/// A capability in configuration space.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    pub name: String,
    pub offset: u32,
    pub id: u32,
    #[serde(default)]
    pub extended: bool,
    pub doc: String,
}

/// A 32-bit register of BAR0.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    pub name: String,
    pub offset: u32,
    /// Elements of an array of such registers; absent: one register.
    #[serde(default)]
    pub count: Option<u32>,
    /// Bytes from one element to the next.
    #[serde(default)]
    pub stride: Option<u32>,
    pub fields: Vec<Field>,
}

impl Register {
    /// Number of elements and bytes from one to the next, when it is an array.
    pub fn array(&self) -> Option<(u32, u32)> {
        self.count.zip(self.stride)
    }
}

/// A field of a register.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub name: String,
    pub bits: Bits,
    pub access: Access,
    pub reset: Reset,
    pub doc: String,
}

/// Bit positions, written `msb:lsb` or, for a single bit, `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bits {
    pub msb: u32,
    pub lsb: u32,
}

impl Bits {
    pub fn width(self) -> u32 {
        self.msb - self.lsb + 1
    }

    /// The field's bits inside the register.
    pub fn mask(self) -> u32 {
        (u32::MAX >> (32 - self.width())) << self.lsb
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.msb == self.lsb { write!(f, "{}", self.lsb) } else { write!(f, "{}:{}", self.msb, self.lsb) }
    }
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (msb, lsb) = text.split_once(':').unwrap_or((&text, &text));
        match (msb.parse(), lsb.parse()) {
            (Ok(msb), Ok(lsb)) if lsb <= msb && msb <= 31 => Ok(Self { msb, lsb }),
            _ => Err(de::Error::custom(format!("bits \"{text}\": want \"msb:lsb\" or \"n\" within 31:0"))),
        }
    }
}

/// What software may do with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    Ro,
    Rw,
    Rw1c,
    Wo,
}

impl Access {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ro => "ro",
            Self::Rw => "rw",
            Self::Rw1c => "rw1c",
            Self::Wo => "wo",
        }
    }
}

/// Value after reset: a number, or one of the endpoint's parameters.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Reset {
    Value(u32),
    Parameter(String),
}

impl RegisterMap {
    /// Reads the text and checks every rule; the error names the offender.
    pub fn parse(text: &str) -> Result<Self> {
        let map: Self = serde_yaml::from_str(text)?;
        map.check_names()?;
        map.check_bars()?;
        map.check_windows()?;
        map.check_capabilities()?;
        map.check_registers()?;
        Ok(map)
    }

    /// The BAR that holds the registers.
    pub fn register_bar(&self) -> &Bar {
        self.bars.iter().find(|bar| bar.bar == 0).expect("checked when parsed")
    }

    /// The BAR with that number.
    pub fn bar(&self, number: u32) -> Option<&Bar> {
        self.bars.iter().find(|bar| bar.bar == number)
    }

    fn check_names(&self) -> Result<()> {
        unique("bar", self.bars.iter().map(|x| &x.name))?;
        unique("window", self.windows.iter().map(|x| &x.name))?;
        unique("capability", self.capabilities.iter().map(|x| &x.name))?;
        unique("register", self.registers.iter().map(|x| &x.name))?;
        for register in &self.registers {
            unique(&format!("register {}: field", register.name), register.fields.iter().map(|x| &x.name))?;
        }
        Ok(())
    }

    fn check_bars(&self) -> Result<()> {
        let mut taken = BTreeMap::new();
        for Bar { name, bar, width, size, prefetchable, .. } in &self.bars {
            ensure!(matches!(width, 32 | 64), "bar {name}: width {width}: want 32 or 64");
            let last = bar + width / 32 - 1;
            ensure!(last <= 5, "bar {name}: number {bar} does not leave room for {width} bits");
            for number in *bar..=last {
                if let Some(other) = taken.insert(number, name) {
                    bail!("bar {name}: number {number} is taken by bar {other}");
                }
            }
            ensure!(
                size.is_power_of_two() && *size >= 4096,
                "bar {name}: size {size:#x}: want a power of two, 4 KiB or more"
            );
            ensure!(*width == 64 || !prefetchable, "bar {name}: a 32-bit BAR must not be prefetchable");
        }
        ensure!(self.bars.iter().any(|bar| bar.bar == 0), "no bar 0 for the registers");
        Ok(())
    }

    fn check_windows(&self) -> Result<()> {
        let mut starts = BTreeMap::new();
        for Window { name, bar, offset, .. } in &self.windows {
            let Some(holder) = self.bar(*bar) else { bail!("window {name}: there is no bar {bar}") };
            ensure!(offset % 8 == 0, "window {name}: offset {offset:#x} is not a multiple of 8");
            ensure!(*offset < holder.size, "window {name}: offset {offset:#x} is outside bar {bar}");
            if let Some(other) = starts.insert((bar, offset), name) {
                bail!("window {name}: offset {offset:#x} of bar {bar} is taken by window {other}");
            }
        }
        Ok(())
    }

    fn check_capabilities(&self) -> Result<()> {
        let mut starts = BTreeMap::new();
        for Capability { name, offset, id, extended, .. } in &self.capabilities {
            let (range, ids) = if *extended { (0x100..0x1000, 0xffff) } else { (0x40..0x100, 0xff) };
            ensure!(offset % 4 == 0, "capability {name}: offset {offset:#x} is not a multiple of 4");
            ensure!(range.contains(offset), "capability {name}: offset {offset:#x} is outside {range:#x?}");
            ensure!(*id <= ids, "capability {name}: id {id:#x} is too large");
            if let Some(other) = starts.insert(offset, name) {
                bail!("capability {name}: offset {offset:#x} is taken by capability {other}");
            }
        }
        Ok(())
    }

    fn check_registers(&self) -> Result<()> {
        let size = self.register_bar().size;
        let mut offsets = BTreeMap::new();
        for Register { name, offset, fields, count, stride } in &self.registers {
            ensure!(offset % 4 == 0, "register {name}: offset {offset:#x} is not a multiple of 4");
            ensure!(count.is_some() == stride.is_some(), "register {name}: count and stride go together");
            let (count, stride) = (count.unwrap_or(1), stride.unwrap_or(4));
            ensure!(count > 0 && stride > 0 && stride % 4 == 0, "register {name}: an array of {count}, {stride} apart");
            for k in 0..count {
                let offset = u64::from(*offset) + u64::from(k) * u64::from(stride);
                ensure!(offset < u64::from(size), "register {name}: offset {offset:#x} is outside bar 0");
                if let Some(other) = offsets.insert(offset, name) {
                    bail!("register {name}: offset {offset:#x} is taken by register {other}");
                }
            }
            ensure!(!fields.is_empty(), "register {name}: no fields");
            let mut owner: [Option<&str>; 32] = [None; 32];
            for field in fields {
                for bit in field.bits.lsb..=field.bits.msb {
                    if let Some(other) = owner[bit as usize].replace(&field.name) {
                        bail!("register {name}: field {}: bit {bit} is taken by field {other}", field.name);
                    }
                }
                match &field.reset {
                    Reset::Value(value) => ensure!(
                        *value <= field.bits.mask() >> field.bits.lsb,
                        "register {name}: field {}: reset {value:#x} does not fit in {} bits",
                        field.name,
                        field.bits.width()
                    ),
                    Reset::Parameter(parameter) => ensure!(
                        PARAMETERS.contains(&parameter.as_str()),
                        "register {name}: field {}: reset: there is no parameter {parameter}",
                        field.name
                    ),
                }
            }
        }
        Ok(())
    }
}

/// Names are lower case words joined by `_`, each once.
fn unique<'a>(what: &str, names: impl Iterator<Item = &'a String>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        let good = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        ensure!(good, "{what} {name}: want lower case letters, digits and _");
        ensure!(seen.insert(name), "{what} {name}: name used twice");
    }
    Ok(())
}

/// Collects the constants of one generated file and refuses a name that two sources lead to, such as field `b_c` of
/// register `a` and field `c` of register `a_b`.
#[derive(Default)]
pub struct Constants(BTreeSet<String>);

impl Constants {
    pub fn claim(&mut self, name: String) -> Result<String> {
        ensure!(self.0.insert(name.clone()), "constant {name} would be generated twice");
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::RegisterMap;

    const HEAD: &str = "bars:
  - { name: regs, bar: 0, width: 32, prefetchable: false, size: 0x10000, doc: d }
windows: []
capabilities: []
registers:
";

    fn error(registers: &str) -> String {
        format!("{:#}", RegisterMap::parse(&format!("{HEAD}{registers}")).unwrap_err())
    }

    #[test]
    fn overlapping_fields_are_named() {
        let text = "  - name: a
    offset: 0x10
    fields:
      - { name: x, bits: \"7:0\", access: ro, reset: 0, doc: d }
      - { name: y, bits: \"7\", access: ro, reset: 0, doc: d }
";
        assert_eq!(error(text), "register a: field y: bit 7 is taken by field x");
    }

    #[test]
    fn reset_must_fit() {
        let text =
            "  - { name: a, offset: 0x10, fields: [{ name: x, bits: \"3:0\", access: ro, reset: 16, doc: d }] }\n";
        assert_eq!(error(text), "register a: field x: reset 0x10 does not fit in 4 bits");
    }

    #[test]
    fn duplicate_and_unaligned_offsets_are_named() {
        let field = "fields: [{ name: x, bits: \"0\", access: ro, reset: 0, doc: d }]";
        let text = format!("  - {{ name: a, offset: 0x12, {field} }}\n");
        assert_eq!(error(&text), "register a: offset 0x12 is not a multiple of 4");
        let text = format!("  - {{ name: a, offset: 0x10, {field} }}\n  - {{ name: b, offset: 0x10, {field} }}\n");
        assert_eq!(error(&text), "register b: offset 0x10 is taken by register a");
        let text = format!("  - {{ name: a, offset: 0x10, {field} }}\n  - {{ name: a, offset: 0x14, {field} }}\n");
        assert_eq!(error(&text), "register a: name used twice");
    }

    #[test]
    fn elements_of_an_array_must_not_meet_other_registers() {
        let field = "fields: [{ name: x, bits: \"0\", access: ro, reset: 0, doc: d }]";
        let array = format!("  - {{ name: a, offset: 0x10, count: 4, stride: 0x20, {field} }}\n");
        assert!(RegisterMap::parse(&format!("{HEAD}{array}")).is_ok());
        let other = format!("{array}  - {{ name: b, offset: 0x50, {field} }}\n");
        assert_eq!(error(&other), "register b: offset 0x50 is taken by register a");
        let half = format!("  - {{ name: a, offset: 0x10, count: 4, {field} }}\n");
        assert_eq!(error(&half), "register a: count and stride go together");
        let long = format!("  - {{ name: a, offset: 0x10, count: 0x1000, stride: 0x20, {field} }}\n");
        assert_eq!(error(&long), "register a: offset 0x10010 is outside bar 0");
    }

    #[test]
    fn bits_outside_a_word_and_unknown_keys_have_a_line() {
        let text =
            "  - { name: a, offset: 0x10, fields: [{ name: x, bits: \"32:0\", access: ro, reset: 0, doc: d }] }\n";
        let message = error(text);
        assert!(message.contains("within 31:0") && message.contains("line 6"), "{message}");
        let message = error("  - { name: a, offsett: 0x10, fields: [] }\n");
        assert!(message.contains("unknown field `offsett`") && message.contains("line 6"), "{message}");
    }

    #[test]
    fn constants_must_not_collide() {
        let field = |name| format!("fields: [{{ name: {name}, bits: \"0\", access: ro, reset: 0, doc: d }}]");
        let text = format!(
            "{HEAD}  - {{ name: a, offset: 0x10, {} }}\n  - {{ name: a_b, offset: 0x14, {} }}\n",
            field("b_c"),
            field("c")
        );
        let map = RegisterMap::parse(&text).unwrap();
        let message = super::super::verilog::emit(&map).unwrap_err().to_string();
        assert_eq!(message, "constant REG_A_B_C_LSB would be generated twice");
    }
}
