// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A shrunk vector as a person would have written it: a line a step, defaults left out, comments that say what
//! happens and where the check reports.

use super::Shrunk;
use serde_json::Value;
use std::fmt::Write as _;
use vectors::op::{Op, Source, Vector};

/// The text of the vector's file.
pub fn to_text(s: &Shrunk) -> String {
    let v = &s.vector;
    let mut t = String::from("# SPDX-License-Identifier: Apache-2.0 OR MIT\n");
    t += "# yaml-language-server: $schema=../schema/vector.schema.json\n";
    let _ = writeln!(t, "# Shrunk from {} steps in {} runs. What was reported:", s.steps_before, s.runs);
    let mut reports: Vec<(u64, &str, &str)> = Vec::new();
    for f in &s.outcome.findings {
        if !reports.iter().any(|(_, check, _)| *check == f.check) {
            reports.push((f.tick, f.check, &f.text));
        }
    }
    for (tick, check, text) in reports.iter().take(4) {
        let _ = writeln!(t, "#   tick {tick}: {check}: {text}");
    }
    let _ = writeln!(t, "name: {}\nintent: \"{}\"", v.name, v.intent.replace('"', "'"));
    head(&mut t, v);
    t += "steps:\n";
    let report = reports.first().map(|(tick, ..)| *tick);
    let at =
        report.and_then(|tick| s.began.iter().rev().find(|(_, began)| *began <= tick)).map(|(step, _)| *step as usize);
    for (k, op) in v.steps.iter().enumerate() {
        if let Some(words) = words(op) {
            let _ = writeln!(t, "  # {words}");
        }
        let here = match (at == Some(k), reports.first()) {
            (true, Some((_, check, _))) => format!(" # {check}"),
            _ => String::new(),
        };
        let _ = writeln!(t, "  - {}{here}", step(op));
    }
    t
}

fn head(t: &mut String, v: &Vector) {
    let put = |t: &mut String, key: &str, value: Value, default: Value| {
        let Value::Object(mut map) = value else { return };
        map.retain(|k, x| default.get(k) != Some(x) && !x.is_null());
        if !map.is_empty() {
            let _ = writeln!(t, "{key}: {}", flow(&Value::Object(map)));
        }
    };
    let value = |x: serde_json::Result<Value>| x.unwrap_or(Value::Null);
    put(t, "dut", value(serde_json::to_value(&v.dut)), Value::Null);
    let plain = vectors::op::HostParams::default();
    put(t, "host", value(serde_json::to_value(&v.host)), value(serde_json::to_value(&plain)));
    if v.bound != 50_000 {
        let _ = writeln!(t, "bound: {}", v.bound);
    }
}

/// An operation on a line.
fn step(op: &Op) -> String {
    let mut value = serde_json::to_value(op).unwrap_or(Value::Null);
    if let Value::Object(map) = &mut value
        && let Some(Value::Object(fields)) = map.values_mut().next()
    {
        // What the reader would fill in by itself is left out.
        for key in fields.keys().cloned().collect::<Vec<_>>() {
            let kept = fields.remove(&key);
            let name = serde_json::to_value(op).ok().and_then(|v| v.as_object().and_then(|m| m.keys().next().cloned()));
            let short =
                Value::Object([(name.unwrap_or_default(), Value::Object(fields.clone()))].into_iter().collect());
            let same = serde_json::from_value::<Op>(short).is_ok_and(|o| o == *op);
            if !same && let Some(kept) = kept {
                fields.insert(key, kept);
            }
        }
    }
    match &value {
        Value::Object(map) if map.len() == 1 => {
            let (key, inner) = map.iter().next().expect("one key");
            format!("{key}: {}", flow(inner))
        }
        other => flow(other),
    }
}

fn flow(v: &Value) -> String {
    match v {
        Value::Object(map) if map.is_empty() => "{}".into(),
        Value::Object(map) => {
            // The source first, as one says it.
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_by_key(|k| (*k != "at", *k != "range", k.as_str()));
            let inside: Vec<String> = keys.into_iter().map(|k| format!("{k}: {}", flow(&map[k]))).collect();
            format!("{{ {} }}", inside.join(", "))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(s) if s.chars().all(|c| c.is_ascii_alphanumeric() || "_+.".contains(c)) => s.clone(),
        Value::String(s) => format!("\"{s}\""),
        other => other.to_string(),
    }
}

fn name(s: &Source) -> String {
    match s {
        Source::Msix(k) => format!("MSI-X vector {k}"),
        Source::Device(k) => format!("device slot {k}"),
        Source::Host(k) => format!("host slot {k}"),
        Source::Event(k) => format!("event {k}"),
        Source::Msi(k) => format!("MSI vector {k}"),
        other => format!("{other:?}"),
    }
}

/// What an operation does, in words, where the line does not say it.
pub fn words(op: &Op) -> Option<String> {
    Some(match op {
        Op::CauseIn { at, ticks } => {
            format!("A cause of {} is due in {ticks} ticks, while what follows goes on.", name(at))
        }
        Op::Write(w) => {
            let vectors::op::Place::Name(place) = &w.at else { return None };
            let (table, offset) = place.split_once('+')?;
            let offset = u64::from_str_radix(offset.trim_start_matches("0x"), 16).ok()?;
            let entry = match table {
                "msix_table" => format!("MSI-X vector {}", offset / 16),
                "ims_slots" => format!("device slot {}", offset / 16),
                _ => return None,
            };
            match (offset % 16, w.value & 1) {
                (12, 1) => format!("{entry} is masked, nothing is read back."),
                (12, _) => format!("{entry} is unmasked, nothing is read back."),
                _ => format!("The message of {entry} is written."),
            }
        }
        Op::Flr => "A function level reset.".into(),
        Op::Pressure { rx_gap: 0, tx_stall: 0, cause_gap: 0 } => "No stalls any more.".into(),
        Op::Pressure { .. } => "Stalls, in 1/256 of the cycles.".into(),
        Op::FailReads { at: Some(at), .. } => format!("The next fetch of {} goes wrong.", name(at)),
        Op::Settle => "Everything owed must have come by now.".into(),
        Op::Tlp(_) => "A packet that the device must refuse.".into(),
        _ => return None,
    })
}
