// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `linux-order`: register accesses of the kernel's calls against those of recorded kernels.

use super::{Context, Figure};
use crate::linux_order::{Recording, compare};
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::collections::BTreeMap;

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let found = vectors::suite::load(&[ctx.root.join("vectors/linux")], None)?;
    if found.is_empty() {
        bail!("no recording");
    }
    let (mut equal, mut compared) = (0, 0);
    let mut calls = BTreeMap::<&str, u64>::new();
    let (mut each, mut differences) = (serde_json::Map::new(), Vec::new());
    for loaded in &found {
        let recording = Recording::new(&loaded.vector);
        let c = compare(&recording).with_context(|| recording.name.clone())?;
        (ctx.say)(&format!("{}: {} of {}", recording.name, c.equal, c.compared));
        equal += c.equal;
        compared += c.compared;
        c.calls.iter().for_each(|(call, n)| *calls.entry(call).or_default() += n);
        each.insert(recording.name, json!({ "equal": c.equal, "compared": c.compared }));
        differences.extend(c.differences);
    }
    Ok(Figure {
        name: "linux-order",
        value: json!({
            "equal": equal, "compared": compared, "calls": calls, "recordings": each,
            "differences": differences,
        }),
        unit: "register accesses to MSI-X: those of the kernel's calls as those recorded",
        goal: "all equal".into(),
        ok: equal == compared && compared > 0,
        spread: None,
        how: "vectors/linux: calls told from a few accesses of each recording, made on the host model's kernel, every access of them compared in its order; sim/src/linux_order/mod.rs says which part of a value counts".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectors::op::{Op, Place, Vector, Write};

    fn recordings() -> Vec<Vector> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let found = vectors::suite::load(&[root.join("vectors/linux")], None).unwrap();
        found.into_iter().map(|l| l.vector).collect()
    }

    #[test]
    fn the_kernels_calls_make_the_recorded_accesses() {
        let mut compared = 0;
        for vector in recordings() {
            let c = compare(&Recording::new(&vector)).unwrap();
            assert!(
                c.equal == c.compared,
                "{}: {} of {}\n{}",
                vector.name,
                c.equal,
                c.compared,
                c.differences.join("\n")
            );
            assert!(c.calls["alloc_irq_vectors"] > 0 && c.calls["request_irq"] > 0);
            compared += c.compared;
        }
        assert!(compared > 1000, "{compared}");
    }

    /// Any access to the table that is left out, or any value that is changed, is noticed.
    #[test]
    fn a_changed_recording_is_noticed() {
        let vector = recordings().remove(0);
        let table = |op: &Op| match op {
            Op::Write(Write { at: Place::Name(name), .. }) => name.starts_with("msix_table"),
            _ => false,
        };
        let writes: Vec<usize> = (0..vector.steps.len()).filter(|k| table(&vector.steps[*k])).collect();
        assert!(writes.len() > 20);
        for k in writes {
            let mut less = vector.clone();
            less.steps.remove(k);
            let noticed = |v: &Vector| compare(&Recording::new(v)).map_or(true, |c| c.equal != c.compared);
            assert!(noticed(&less), "step {} is not missed", k + 1);
            let mut other = vector.clone();
            let Op::Write(w) = &mut other.steps[k] else { unreachable!() };
            w.value ^= 1 << 16;
            let Op::Write(Write { at: Place::Name(name), .. }) = &vector.steps[k] else { unreachable!() };
            // CPU and vector numbers of a message are not compared; control words are.
            if name.ends_with('c') {
                assert!(noticed(&other), "step {} may have any value", k + 1);
            }
        }
    }
}
