// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `rtl/pkg/ep_reg_pkg.sv`.

use std::fmt::Write as _;

use anyhow::Result;

use super::model::{Constants, RegisterMap, Reset};

/// Offsets are as wide as an address inside their BAR and resets as wide as their field, so that comparing and
/// assigning them draws no width warning.
pub fn emit(map: &RegisterMap) -> Result<String> {
    let mut names = Constants::default();
    let mut out = String::from(
        "// SPDX-License-Identifier: Apache-2.0 OR MIT
// Generated from ep_regs.yaml by `cargo run -q -p xtask -- regs`; do not edit.
// The device's own register map: offsets, field positions and reset values.
// It is complete whatever the design uses of it:
/* verilator lint_off UNUSEDPARAM */
package ep_reg_pkg;
",
    );
    writeln!(out, "  // BARs: number, size in bytes")?;
    for bar in &map.bars {
        let name = bar.name.to_uppercase();
        integer(&mut out, &mut names, &format!("BAR_{name}_INDEX"), bar.bar)?;
        integer(&mut out, &mut names, &format!("BAR_{name}_SIZE"), bar.size)?;
    }
    writeln!(out, "\n  // Windows: BAR, offset in it")?;
    for window in &map.windows {
        let name = window.name.to_uppercase();
        let bits = address_bits(map.bar(window.bar).map_or(u32::MAX, |bar| bar.size));
        integer(&mut out, &mut names, &format!("WIN_{name}_BAR"), window.bar)?;
        sized(&mut out, &mut names, &format!("WIN_{name}_OFFSET"), bits, window.offset)?;
    }
    writeln!(out, "\n  // Capabilities: offset in configuration space, identifier")?;
    for capability in &map.capabilities {
        let name = capability.name.to_uppercase();
        let bits = if capability.extended { 16 } else { 8 };
        sized(&mut out, &mut names, &format!("CAP_{name}_OFFSET"), 12, capability.offset)?;
        sized(&mut out, &mut names, &format!("CAP_{name}_ID"), bits, capability.id)?;
    }
    let bits = address_bits(map.register_bar().size);
    for register in &map.registers {
        let name = register.name.to_uppercase();
        writeln!(out, "\n  // {}", register.name)?;
        sized(&mut out, &mut names, &format!("REG_{name}_OFFSET"), bits, register.offset)?;
        if let Some((count, stride)) = register.array() {
            integer(&mut out, &mut names, &format!("REG_{name}_COUNT"), count)?;
            integer(&mut out, &mut names, &format!("REG_{name}_STRIDE"), stride)?;
        }
        for field in &register.fields {
            let prefix = format!("REG_{name}_{}", field.name.to_uppercase());
            integer(&mut out, &mut names, &format!("{prefix}_LSB"), field.bits.lsb)?;
            integer(&mut out, &mut names, &format!("{prefix}_WIDTH"), field.bits.width())?;
            if let Reset::Value(value) = field.reset {
                sized(&mut out, &mut names, &format!("{prefix}_RESET"), field.bits.width(), value)?;
            }
        }
    }
    out.push_str("endpackage\n/* verilator lint_on UNUSEDPARAM */\n");
    Ok(out)
}

fn integer(out: &mut String, names: &mut Constants, name: &str, value: u32) -> Result<()> {
    let name = names.claim(name.to_owned())?;
    writeln!(out, "  localparam int unsigned {name} = {value};")?;
    Ok(())
}

fn sized(out: &mut String, names: &mut Constants, name: &str, bits: u32, value: u32) -> Result<()> {
    let name = names.claim(name.to_owned())?;
    writeln!(out, "  localparam logic [{}:0] {name} = {bits}'h{value:x};", bits - 1)?;
    Ok(())
}

/// Bits of an offset inside a region whose size is a power of two.
fn address_bits(size: u32) -> u32 {
    size.trailing_zeros()
}
