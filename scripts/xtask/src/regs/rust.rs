// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The `regs.rs` of the crates that drive or model the device's registers.

use std::fmt::Write as _;

use anyhow::Result;

use super::model::{Access, Bits, Constants, RegisterMap, Reset};

const HEAD: &str = "// SPDX-License-Identifier: Apache-2.0 OR MIT
// Generated from rtl/pkg/ep_regs.yaml by `cargo run -q -p xtask -- regs`; do not edit.
//! The device's own register map (`docs/registers.md`): offsets in BAR0, positions of fields, BARs, windows and
//! capabilities. Offsets and sizes are in bytes.

";

const TYPES: &str = "
/// What software may do with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read only.
    Ro,
    /// Read and write.
    Rw,
    /// Reads as a status, writing one clears.
    Rw1c,
    /// Write only, reads 0.
    Wo,
}

/// Value after reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// A fixed number.
    Value(u32),
    /// The value of the endpoint's parameter of this name.
    Parameter(&'static str),
}

/// A base address register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarInfo {
    /// Name in the register map.
    pub name: &'static str,
    /// Number, 0 to 5.
    pub index: u32,
    /// Address bits, 32 or 64.
    pub width: u32,
    /// Whether reads may be prefetched.
    pub prefetchable: bool,
    /// Size in bytes.
    pub size: u32,
}

/// A region of a BAR that is not made of registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowInfo {
    /// Name in the register map.
    pub name: &'static str,
    /// Number of the BAR.
    pub bar: u32,
    /// Offset in the BAR.
    pub offset: u32,
}

/// A capability in configuration space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapabilityInfo {
    /// Name in the register map.
    pub name: &'static str,
    /// Offset in configuration space.
    pub offset: u32,
    /// Capability identifier.
    pub id: u32,
    /// Whether it is in the extended list, from 0x100.
    pub extended: bool,
}

/// A field of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// Name in the register map.
    pub name: &'static str,
    /// Lowest bit.
    pub lsb: u32,
    /// Number of bits.
    pub width: u32,
    /// What software may do with it.
    pub access: Access,
    /// Value after reset.
    pub reset: Reset,
}

/// A 32-bit register of BAR0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterInfo {
    /// Name in the register map.
    pub name: &'static str,
    /// Offset in BAR0; of the first one in an array.
    pub offset: u32,
    /// Number of such registers, 1 but for an array.
    pub count: u32,
    /// Bytes from one to the next in an array; 4 otherwise.
    pub stride: u32,
    /// Its fields, lowest offset in the source first.
    pub fields: &'static [FieldInfo],
}
";

/// The text of `regs.rs`. It is laid out as rustfmt would; the tables, whose lines it would fold, are exempt.
pub fn emit(map: &RegisterMap) -> Result<String> {
    let mut names = Constants::default();
    let mut out = String::from(HEAD);
    for bar in &map.bars {
        let name = bar.name.to_uppercase();
        constant(
            &mut out,
            &mut names,
            &format!("BAR_{name}_INDEX"),
            &bar.bar.to_string(),
            &format!("Number of the BAR of the {}.", bar.doc),
        )?;
        constant(
            &mut out,
            &mut names,
            &format!("BAR_{name}_SIZE"),
            &format!("{:#x}", bar.size),
            &format!("Size of the BAR of the {}.", bar.doc),
        )?;
    }
    for window in &map.windows {
        let name = window.name.to_uppercase();
        constant(
            &mut out,
            &mut names,
            &format!("WIN_{name}_BAR"),
            &window.bar.to_string(),
            &format!("BAR of window `{}`.", window.name),
        )?;
        let doc = format!("Offset of window `{}`: {}.", window.name, window.doc);
        constant(&mut out, &mut names, &format!("WIN_{name}_OFFSET"), &format!("{:#x}", window.offset), &doc)?;
    }
    for capability in &map.capabilities {
        let name = capability.name.to_uppercase();
        let doc = format!("Offset of the capability `{}`: {}.", capability.name, capability.doc);
        constant(&mut out, &mut names, &format!("CAP_{name}_OFFSET"), &format!("{:#x}", capability.offset), &doc)?;
        let doc = format!("Identifier of the capability `{}`.", capability.name);
        constant(&mut out, &mut names, &format!("CAP_{name}_ID"), &format!("{:#x}", capability.id), &doc)?;
    }
    for register in &map.registers {
        let doc = format!("Offset of register `{}`.", register.name);
        let name = register.name.to_uppercase();
        constant(&mut out, &mut names, &name, &format!("{:#x}", register.offset), &doc)?;
        if let Some((count, stride)) = register.array() {
            let doc = format!("Number of registers `{}`.", register.name);
            constant(&mut out, &mut names, &format!("{name}_COUNT"), &count.to_string(), &doc)?;
            let doc = format!("Distance of one register `{}` from the next.", register.name);
            constant(&mut out, &mut names, &format!("{name}_STRIDE"), &format!("{stride:#x}"), &doc)?;
        }
    }
    for register in &map.registers {
        writeln!(out, "\n/// Fields of register `{}`.\npub mod {} {{", register.name, register.name)?;
        for field in &register.fields {
            let name = field.name.to_uppercase();
            let Bits { lsb, .. } = field.bits;
            writeln!(out, "    /// Lowest bit of `{}`: {}.", field.name, doc_text(&field.doc))?;
            writeln!(out, "    pub const {name}_LSB: u32 = {lsb};")?;
            writeln!(out, "    /// Bits of `{}`.", field.name)?;
            writeln!(out, "    pub const {name}_WIDTH: u32 = {};", field.bits.width())?;
            writeln!(out, "    /// `{}` in place.", field.name)?;
            writeln!(out, "    pub const {name}_MASK: u32 = {:#x};", field.bits.mask())?;
            if let Reset::Value(value) = field.reset {
                writeln!(out, "    /// `{}` after reset.", field.name)?;
                writeln!(out, "    pub const {name}_RESET: u32 = {value:#x};")?;
            }
        }
        writeln!(out, "}}")?;
    }
    out.push_str(TYPES);
    tables(&mut out, map)?;
    Ok(out)
}

fn tables(out: &mut String, map: &RegisterMap) -> Result<()> {
    writeln!(out, "\n/// Every implemented BAR.\n#[rustfmt::skip]\npub const BARS: &[BarInfo] = &[")?;
    for bar in &map.bars {
        writeln!(
            out,
            "    BarInfo {{ name: \"{}\", index: {}, width: {}, prefetchable: {}, size: {:#x} }},",
            bar.name, bar.bar, bar.width, bar.prefetchable, bar.size
        )?;
    }
    writeln!(out, "];\n\n/// Every window.\n#[rustfmt::skip]\npub const WINDOWS: &[WindowInfo] = &[")?;
    for window in &map.windows {
        writeln!(
            out,
            "    WindowInfo {{ name: \"{}\", bar: {}, offset: {:#x} }},",
            window.name, window.bar, window.offset
        )?;
    }
    writeln!(
        out,
        "];\n\n/// Every capability, in list order.\n#[rustfmt::skip]\npub const CAPABILITIES: &[CapabilityInfo] = &["
    )?;
    for capability in &map.capabilities {
        writeln!(
            out,
            "    CapabilityInfo {{ name: \"{}\", offset: {:#x}, id: {:#x}, extended: {} }},",
            capability.name, capability.offset, capability.id, capability.extended
        )?;
    }
    writeln!(
        out,
        "];\n\n/// Every register, in offset order.\n#[rustfmt::skip]\npub const REGISTERS: &[RegisterInfo] = &["
    )?;
    let mut registers: Vec<_> = map.registers.iter().collect();
    registers.sort_by_key(|register| register.offset);
    for register in registers {
        let (count, stride) = register.array().unwrap_or((1, 4));
        writeln!(
            out,
            "    RegisterInfo {{ name: \"{}\", offset: {:#x}, count: {count}, stride: {stride:#x}, fields: &[",
            register.name, register.offset
        )?;
        for field in &register.fields {
            let access = match field.access {
                Access::Ro => "Ro",
                Access::Rw => "Rw",
                Access::Rw1c => "Rw1c",
                Access::Wo => "Wo",
            };
            let reset = match &field.reset {
                Reset::Value(value) => format!("Value({value:#x})"),
                Reset::Parameter(name) => format!("Parameter(\"{name}\")"),
            };
            writeln!(
                out,
                "        FieldInfo {{ name: \"{}\", lsb: {}, width: {}, access: Access::{access}, reset: Reset::{reset} }},",
                field.name,
                field.bits.lsb,
                field.bits.width()
            )?;
        }
        writeln!(out, "    ] }},")?;
    }
    writeln!(out, "];")?;
    Ok(())
}

fn constant(out: &mut String, names: &mut Constants, name: &str, value: &str, doc: &str) -> Result<()> {
    let name = names.claim(name.to_owned())?;
    writeln!(out, "/// {}\npub const {name}: u32 = {value};", doc_text(doc))?;
    Ok(())
}

/// Keeps rustdoc from taking brackets for links.
fn doc_text(doc: &str) -> String {
    doc.replace('[', "\\[").replace(']', "\\]")
}
