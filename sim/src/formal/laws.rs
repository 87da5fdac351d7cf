// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rewrites laws into what Yosys reads: `bind` becomes an instance inside its target, a concurrent assertion
//! becomes an immediate one in a clocked block.
//!
//! It knows the one form that laws have here: `Name_A: assert property (@(posedge clk_i) disable iff (off) body);`
//! where the body has at most one `|->` or `|=>`. Anything else is an error, never skipped.

use anyhow::{Result, bail};

/// A law found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Law<'a> {
    name: &'a str,
    clock: &'a str,
    off: &'a str,
    before: Option<&'a str>,
    next: bool,
    then: &'a str,
}

/// End of the bracket that opens at `open`.
fn closing(text: &str, open: usize) -> Result<usize> {
    let mut depth = 0usize;
    for (i, c) in text[open..].char_indices() {
        match c {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return Ok(open + i);
                }
            }
            _ => {}
        }
    }
    bail!("a bracket is not closed")
}

fn law<'a>(name: &'a str, inside: &'a str) -> Result<Law<'a>> {
    let Some(rest) = inside.trim().strip_prefix("@(posedge ") else { bail!("{name}: not clocked") };
    let Some((clock, rest)) = rest.split_once(')') else { bail!("{name}: not clocked") };
    let rest = rest.trim_start();
    let (off, body) = match rest.strip_prefix("disable iff ") {
        Some(r) => {
            let end = closing(r, 0)?;
            (&r[1..end], &r[end + 1..])
        }
        None => ("1'b0", rest),
    };
    let (before, next, then) = match (body.split_once("|->"), body.split_once("|=>")) {
        (Some((a, b)), None) => (Some(a.trim()), false, b.trim()),
        (None, Some((a, b))) => (Some(a.trim()), true, b.trim()),
        (None, None) => (None, false, body.trim()),
        _ => bail!("{name}: two implications"),
    };
    if then.contains("|->") || then.contains("|=>") || body.contains("##") {
        bail!("{name}: a sequence is not read here");
    }
    Ok(Law { name, clock, off, before, next, then })
}

impl Law<'_> {
    fn immediate(&self) -> String {
        let Law { name, clock, off, before, next, then } = self;
        let on = format!("!({off})");
        // A label is not scoped by generate blocks, an instance is; but these two functions need a clocked block.
        if !*next && !then.contains("$past") && !then.contains("$stable") {
            let holds = before.map_or_else(|| (*then).to_owned(), |b| format!("!({b}) || ({then})"));
            return format!("formal_law {name} (.clk_i({clock}), .on_i({on}), .holds_i({holds}));");
        }
        match before {
            Some(b) if *next => format!(
                "logic was_{name} = 1'b0;\n  always @(posedge {clock}) was_{name} <= {on} && ({b});\n  \
                 always @(posedge {clock}) if ({on}) {name}: assert (!was_{name} || ({then}));"
            ),
            Some(b) => format!("always @(posedge {clock}) if ({on}) {name}: assert (!({b}) || ({then}));"),
            None => format!("always @(posedge {clock}) if ({on}) {name}: assert ({then});"),
        }
    }
}

/// `$onehot0(x)` and `$onehot(x)` in words that Yosys knows.
fn plain(text: &str) -> Result<String> {
    const KEY: &str = "$onehot";
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(KEY) {
        let none = rest[at + KEY.len()..].starts_with('0');
        let open = at + KEY.len() + usize::from(none);
        let end = closing(rest, open)?;
        let x = &rest[open + 1..end];
        let some = if none { String::new() } else { format!(" && ({x}) != '0") };
        out.push_str(&format!("{}(((({x}) & (({x}) - 1'b1)) == '0){some})", &rest[..at]));
        rest = &rest[end + 1..];
    }
    Ok(out + rest)
}

/// Text without line comments.
fn code(text: &str) -> String {
    text.lines().map(|l| l.split_once("//").map_or(l, |(c, _)| c)).collect::<Vec<_>>().join("\n")
}

/// `text` with every concurrent assertion made immediate.
///
/// # Errors
/// An assertion of another form.
pub fn immediate(text: &str) -> Result<String> {
    const KEY: &str = "assert property";
    let text = plain(&code(text))?;
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(KEY) {
        let head = rest[..at].trim_end();
        let Some(head) = head.strip_suffix(':') else { bail!("an assertion has no name") };
        let head = head.trim_end();
        let start = head.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |i| i + 1);
        let open = at + rest[at..].find('(').unwrap_or(0);
        let end = closing(rest, open)?;
        let l = law(&head[start..], &rest[open + 1..end])?;
        out.push_str(&head[..start]);
        out.push_str(&l.immediate());
        rest = rest[end + 1..].trim_start().strip_prefix(';').unwrap_or(&rest[end + 1..]);
    }
    out.push_str(rest);
    Ok(out)
}

/// A `bind`: its target, the module that it puts there, and the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    /// Module that gets the instance.
    pub target: String,
    /// Module of the instance.
    pub checker: String,
    /// The instance, as it stands in the target.
    pub instance: String,
}

/// The binds of a file.
pub fn binds(text: &str) -> Vec<Bind> {
    let text = code(text);
    let mut all = Vec::new();
    for part in text.split("bind ").skip(1) {
        let Some((body, _)) = part.split_once(';') else { continue };
        let Some((target, instance)) = body.split_once(char::is_whitespace) else { continue };
        let checker = instance.split_whitespace().next().unwrap_or_default();
        all.push(Bind { target: target.into(), checker: checker.into(), instance: format!("{};", instance.trim()) });
    }
    all
}

/// Names of the modules that a text declares.
pub fn modules(text: &str) -> Vec<String> {
    code(text)
        .lines()
        .filter_map(|l| l.strip_prefix("module "))
        .map(|l| l.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default().to_owned())
        .collect()
}

/// `text` with the instances of `binds` in the modules that they are for.
pub fn bound(text: &str, binds: &[Bind]) -> String {
    let mut out = String::new();
    let mut module = String::new();
    for line in text.lines() {
        if let Some(name) = modules(line).pop() {
            module = name;
        }
        if line.trim_start().starts_with("endmodule") {
            for b in binds.iter().filter(|b| b.target == module) {
                out.push_str(&format!("  {}\n", b.instance));
            }
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_implication_becomes_a_clocked_assertion() {
        let text = "  A_A: assert property (@(posedge clk_i) disable iff (!rst_ni || (a && b))\n    x |-> (y));\nend";
        let got = immediate(text).expect("it is read");
        let law = "formal_law A_A (.clk_i(clk_i), .on_i(!(!rst_ni || (a && b))), .holds_i(!(x) || ((y))));";
        assert_eq!(got, format!("  {law}\nend"));
        let next = immediate("A_A: assert property (@(posedge c) x |=> $onehot0(g));").expect("it is read");
        assert!(next.contains("was_A_A <= !(1'b0) && (x)") && next.contains("((g) & ((g) - 1'b1)) == '0"), "{next}");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(immediate("A_A: assert property (x);").is_err());
        assert!(immediate("assert property (@(posedge c) x);").is_err());
        assert!(immediate("A_A: assert property (@(posedge c) x ##1 y);").is_err());
        assert!(immediate("A_A: assert property (@(posedge c) x |-> y |-> z);").is_err());
    }

    #[test]
    fn a_bind_goes_into_its_target_only() {
        let b = binds("// bind nothing\nbind two law #(\n  .N(N)\n) u_law (.a(a));\n");
        assert_eq!((b.len(), b[0].target.as_str(), b[0].checker.as_str()), (1, "two", "law"));
        let text = bound("module one;\nendmodule\nmodule two(\n);\nendmodule\n", &b);
        assert!(text.starts_with("module one;\nendmodule\n") && text.contains(".a(a));\nendmodule"), "{text}");
    }

    #[test]
    fn every_law_of_the_project_is_read() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../rtl/sva");
        let mut laws = 0;
        for entry in std::fs::read_dir(dir).expect("rtl/sva") {
            let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a text");
            laws += text.matches("assert property").count();
            let got = immediate(&text).expect("each law has the form");
            assert!(!got.contains("assert property"));
        }
        assert!(laws > 50, "{laws} laws");
    }
}
