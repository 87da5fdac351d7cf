// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Steps as compact YAML: one line a step, with a comment that says where it came from.

use serde_json::Value;

use crate::op::Op;

/// A step and the remark behind it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step.
    pub op: Op,
    /// Remark, without `#`.
    pub remark: String,
}

/// Order of keys in a line: what is touched, then how, then what is expected.
const ORDER: &[&str] =
    &["at", "index", "bar", "len", "value", "base", "expect", "mask", "status", "address", "data", "to"];

/// Keys whose numbers are written in hexadecimal.
const HEXADECIMAL: &[&str] = &["value", "expect", "address", "data", "base"];

/// The step as a line of the `steps` list.
pub fn line(step: &Step) -> String {
    // An enumeration's JSON form is the one-key map of the YAML form.
    let value = serde_json::to_value(&step.op).expect("an operation is plain data");
    let mut line = format!("  - {}", outer(&value));
    if !step.remark.is_empty() {
        line.push_str("  # ");
        line.push_str(&step.remark);
    }
    line.push('\n');
    line
}

/// The operation itself: its one key stands without braces.
fn outer(value: &Value) -> String {
    match value {
        Value::Object(map) if map.len() == 1 => {
            let (key, value) = map.iter().next().expect("one entry");
            format!("{key}: {}", flow(value, key))
        }
        other => flow(other, ""),
    }
}

fn flow(value: &Value, key: &str) -> String {
    match value {
        Value::Object(map) => {
            let rank = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
            let kept = |(name, value): &(&String, &Value)| !value.is_null() && (key != "entry" || says(name, value));
            let mut entries: Vec<_> = map.iter().filter(kept).collect();
            entries.sort_by_key(|(key, _)| rank(key));
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{key}: {}", flow(value, key))).collect();
            if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(item, key)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Number(number) => match number.as_u64() {
            Some(number) if HEXADECIMAL.contains(&key) || (key == "at" && number > 9) => format!("{number:#x}"),
            _ => number.to_string(),
        },
        Value::String(text) if plain(text) => text.clone(),
        // A JSON string is a double-quoted YAML string.
        other => other.to_string(),
    }
}

/// Whether a field of a remapping entry differs from what its absence means.
fn says(name: &str, value: &Value) -> bool {
    match name {
        "destination" | "vector" => true,
        "present" => *value == Value::Bool(false),
        _ => *value != Value::Bool(false) && value.as_u64() != Some(0),
    }
}

/// Whether a string needs no quotes: a name, perhaps with a distance.
fn plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'+'))
        && !matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n")
}
