// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `docs/registers.md`.

use super::model::{RegisterMap, Reset};

const HEAD: &str = "<!-- SPDX-License-Identifier: Apache-2.0 OR MIT -->
<!-- Generated from rtl/pkg/ep_regs.yaml by `cargo run -q -p xtask -- regs`; do not edit. -->
# Registers

The device's own register map. Formats that a specification fixes (capabilities, table entries, IMS slots) and the rules
of each register in full are in [device.md](device.md). Offsets and sizes are in bytes. Registers are 32 bits wide; bits
that are not listed read 0 and ignore writes, and so do offsets that are not listed. Access: ro read only, rw read and
write, rw1c writing one clears, wo write only, reads 0. A reset value in `code` is a parameter of the endpoint.
";

/// The page.
pub fn emit(map: &RegisterMap) -> String {
    let mut out = String::from(HEAD);
    out.push_str("\n## BARs\n\n| BAR | name | width | prefetchable | size | content |\n|---|---|---|---|---|---|\n");
    for bar in &map.bars {
        let prefetchable = if bar.prefetchable { "yes" } else { "no" };
        out.push_str(&format!(
            "| {} | {} | {} | {prefetchable} | {:#x} | {} |\n",
            bar.bar,
            bar.name,
            bar.width,
            bar.size,
            cell(&bar.doc)
        ));
    }
    out.push_str("\n## Windows\n\n| BAR | offset | name | content |\n|---|---|---|---|\n");
    for window in &map.windows {
        out.push_str(&format!(
            "| {} | {:#07x} | {} | {} |\n",
            window.bar,
            window.offset,
            window.name,
            cell(&window.doc)
        ));
    }
    out.push_str("\n## Capabilities\n\n| offset | name | id | content |\n|---|---|---|---|\n");
    for capability in &map.capabilities {
        let id = if capability.extended {
            format!("{:#06x}, extended", capability.id)
        } else {
            format!("{:#04x}", capability.id)
        };
        out.push_str(&format!(
            "| {:#05x} | {} | {id} | {} |\n",
            capability.offset,
            capability.name,
            cell(&capability.doc)
        ));
    }
    out.push_str("\n## BAR0\n\n| offset | register |\n|---|---|\n");
    let mut registers: Vec<_> = map.registers.iter().collect();
    registers.sort_by_key(|register| register.offset);
    for register in &registers {
        out.push_str(&format!("| {:#06x} | [{}](#{}) |\n", register.offset, register.name, register.name));
    }
    for register in registers {
        let elements = match register.array() {
            Some((count, stride)) => format!(" + {stride:#x} × k, k from 0 to {}", count - 1),
            None => String::new(),
        };
        out.push_str(&format!("\n### {}\n\nBAR0 + {:#06x}{elements}\n\n", register.name, register.offset));
        out.push_str("| bits | field | access | reset | meaning |\n|---|---|---|---|---|\n");
        let mut fields: Vec<_> = register.fields.iter().collect();
        fields.sort_by_key(|field| std::cmp::Reverse(field.bits.lsb));
        for field in fields {
            let reset = match &field.reset {
                Reset::Value(value) if *value < 10 => value.to_string(),
                Reset::Value(value) => format!("{value:#x}"),
                Reset::Parameter(name) => format!("`{name}`"),
            };
            out.push_str(&format!(
                "| {} | {} | {} | {reset} | {} |\n",
                field.bits,
                field.name,
                field.access.name(),
                cell(&field.doc)
            ));
        }
    }
    out
}

/// Text inside a table cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
