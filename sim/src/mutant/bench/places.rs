// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Places of a Rust text where a fault can stand, and the faults.
//!
//! Left alone: what is a constant to the compiler, patterns, types, macros, tests, and loops without a bound, which
//! a fault could keep from ending.

use crate::mutant::generate::{Edit, Fault};
use anyhow::{Context, Result};
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, Lit, Stmt, UnOp};

/// Kinds of fault.
#[cfg(test)]
pub const OPERATORS: &[&str] = &[
    "silent",     // a check says nothing: what it requires holds always, or its finding is not kept
    "equality",   // == for !=
    "bound",      // < for <=
    "term",       // a term of a conjunction or disjunction is missing
    "inversion",  // ! is missing
    "always",     // a condition holds always
    "never",      // or never
    "number",     // one higher
    "index",      // a neighbour
    "arithmetic", // + for -
];

/// All faults of a text, in the order of their places.
///
/// # Errors
/// It is no Rust.
pub fn faults(text: &str) -> Result<Vec<Fault>> {
    let file = syn::parse_file(text).context("the text is no Rust")?;
    let mut seen = Places { text, found: Vec::new() };
    seen.visit_file(&file);
    seen.found.sort_by_key(|f| (f.edits[0].span.start, std::cmp::Reverse(f.edits[0].span.end)));
    Ok(seen.found)
}

struct Places<'t> {
    text: &'t str,
    found: Vec<Fault>,
}

impl Places<'_> {
    fn of(&self, node: &impl Spanned) -> &str {
        &self.text[node.span().byte_range()]
    }

    fn add(&mut self, operator: &'static str, span: Range<usize>, text: Option<String>) {
        self.found.push(Fault { operator, edits: vec![Edit { span, text }] });
    }

    fn condition(&mut self, cond: &Expr) {
        if !binds(cond) {
            let span = cond.span().byte_range();
            self.add("always", span.clone(), Some("true".into()));
            self.add("never", span, Some("false".into()));
        }
    }
}

/// Whether a condition has a `let`: what it binds is used behind it, so it stays as it is.
fn binds(e: &Expr) -> bool {
    match e {
        Expr::Let(_) => true,
        Expr::Binary(b) if matches!(b.op, BinOp::And(_)) => binds(&b.left) || binds(&b.right),
        Expr::Paren(p) => binds(&p.expr),
        _ => false,
    }
}

/// Whether items are of tests alone.
fn of_tests(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|a| a.path().is_ident("cfg") || a.path().is_ident("test"))
}

impl<'ast> Visit<'ast> for Places<'_> {
    fn visit_item_mod(&mut self, i: &'ast syn::ItemMod) {
        if !of_tests(&i.attrs) {
            visit::visit_item_mod(self, i);
        }
    }
    fn visit_item_fn(&mut self, i: &'ast syn::ItemFn) {
        if i.sig.constness.is_none() && !of_tests(&i.attrs) {
            visit::visit_item_fn(self, i);
        }
    }
    fn visit_impl_item_fn(&mut self, i: &'ast syn::ImplItemFn) {
        if i.sig.constness.is_none() && !of_tests(&i.attrs) {
            visit::visit_impl_item_fn(self, i);
        }
    }
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_item_enum(&mut self, _: &'ast syn::ItemEnum) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
    fn visit_expr_while(&mut self, _: &'ast syn::ExprWhile) {}
    fn visit_expr_loop(&mut self, _: &'ast syn::ExprLoop) {}
    fn visit_expr_repeat(&mut self, e: &'ast syn::ExprRepeat) {
        self.visit_expr(&e.expr);
    }

    fn visit_expr_if(&mut self, e: &'ast syn::ExprIf) {
        self.condition(&e.cond);
        visit::visit_expr_if(self, e);
    }

    fn visit_expr_binary(&mut self, e: &'ast syn::ExprBinary) {
        let (l, r) = (self.of(&e.left).to_owned(), self.of(&e.right).to_owned());
        let span = e.span().byte_range();
        let swapped = match e.op {
            BinOp::Eq(_) => Some(("equality", "!=")),
            BinOp::Ne(_) => Some(("equality", "==")),
            BinOp::Lt(_) => Some(("bound", "<=")),
            BinOp::Le(_) => Some(("bound", "<")),
            BinOp::Gt(_) => Some(("bound", ">=")),
            BinOp::Ge(_) => Some(("bound", ">")),
            BinOp::Add(_) => Some(("arithmetic", "-")),
            BinOp::Sub(_) => Some(("arithmetic", "+")),
            _ => None,
        };
        if let Some((operator, sign)) = swapped {
            self.add(operator, span, Some(format!("{l} {sign} {r}")));
        } else if matches!(e.op, BinOp::And(_) | BinOp::Or(_)) {
            // Of `a && b && c` each term is missing once: the inner pair sees to its own.
            let same = |op: &BinOp| std::mem::discriminant(op) == std::mem::discriminant(&e.op);
            let pair = |x: &Expr| matches!(x, Expr::Binary(b) if same(&b.op));
            if !binds(&e.right) {
                // What is left of the last term may bind: it stays and the term becomes true.
                if binds(&e.left) {
                    self.add("term", e.right.span().byte_range(), Some("true".into()));
                } else {
                    self.add("term", span.clone(), Some(l));
                    if !pair(&e.left) {
                        self.add("term", span, Some(r));
                    }
                }
            }
        }
        visit::visit_expr_binary(self, e);
    }

    fn visit_expr_unary(&mut self, e: &'ast syn::ExprUnary) {
        if matches!(e.op, UnOp::Not(_)) {
            // Twice is not at all, and of the same type where `!` is asked of a reference.
            let twice = format!("!!{}", self.of(&e.expr));
            self.add("inversion", e.span().byte_range(), Some(twice));
        }
        visit::visit_expr_unary(self, e);
    }

    fn visit_expr_method_call(&mut self, e: &'ast syn::ExprMethodCall) {
        if e.method == "require" && e.args.len() >= 4 {
            self.add("silent", e.args[2].span().byte_range(), Some("true".into()));
        }
        visit::visit_expr_method_call(self, e);
    }

    fn visit_stmt(&mut self, s: &'ast Stmt) {
        if let Stmt::Expr(Expr::MethodCall(call), Some(_)) = s
            && (call.method == "push" || call.method == "extend")
            && (self.of(&call.receiver).ends_with("findings") || self.of(&call.args).contains("Finding {"))
        {
            self.add("silent", s.span().byte_range(), None);
        }
        visit::visit_stmt(self, s);
    }

    fn visit_expr_index(&mut self, e: &'ast syn::ExprIndex) {
        self.visit_expr(&e.expr);
        match &*e.index {
            Expr::Lit(l) => {
                if let Lit::Int(n) = &l.lit
                    && let Ok(value) = n.base10_parse::<u64>()
                {
                    let other = if value == 0 { 1 } else { value - 1 };
                    self.add("index", l.span().byte_range(), Some(other.to_string()));
                }
            }
            other => self.visit_expr(other),
        }
    }

    fn visit_expr_lit(&mut self, e: &'ast syn::ExprLit) {
        // A number one above a power of two less one may not fit, and a shift by 32 is refused.
        if let Lit::Int(n) = &e.lit
            && let Ok(value) = n.base10_parse::<u64>()
            && value < u64::from(u32::MAX)
            && ![31, 63, 0x7f, 0xff, 0xffff].contains(&value)
        {
            self.add("number", e.span().byte_range(), Some(format!("{}{}", value + 1, n.suffix())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each fault as `operator: what stands there -> what stands there instead`.
    fn all(text: &str) -> Vec<String> {
        let line = |f: &Fault| {
            let e = &f.edits[0];
            format!("{}: {} -> {}", f.operator, &text[e.span.clone()], e.text.as_deref().unwrap_or("nothing"))
        };
        faults(text).expect("Rust").iter().map(line).collect()
    }

    #[test]
    fn conditions_lose_terms_one_at_a_time() {
        let got = all("fn f() { if a && b || !c { d() } }");
        for want in [
            "always: a && b || !c -> true",
            "never: a && b || !c -> false",
            "term: a && b || !c -> a && b",
            "term: a && b || !c -> !c",
            "term: a && b -> a",
            "term: a && b -> b",
            "inversion: !c -> !!c",
        ] {
            assert!(got.iter().any(|g| g == want), "{want}: {got:?}");
        }
        assert_eq!(got.len(), 7);
    }

    #[test]
    fn what_binds_stays_and_what_is_constant_too() {
        let got =
            all("const N: u32 = 3; fn f(x: [u8; 4]) { if let Some(3) = x && y < 2 { g([0; 9]) } while i < 5 {} }");
        assert_eq!(
            got,
            ["term: y < 2 -> true", "bound: y < 2 -> y <= 2", "number: 2 -> 3", "number: 0 -> 1"],
            "patterns, lengths and loops are left alone"
        );
    }

    #[test]
    fn a_check_falls_silent() {
        let text = "fn f() { r.require(\"x\", t, a == 1, || s); self.findings.push(g); v.push(h); }";
        let got = all(text);
        assert!(got.contains(&"silent: a == 1 -> true".into()), "{got:?}");
        assert!(got.contains(&"silent: self.findings.push(g); -> nothing".into()), "{got:?}");
        assert!(!got.iter().any(|g| g.contains("v.push")), "{got:?}");
    }

    #[test]
    fn tests_are_left_alone() {
        assert!(all("#[cfg(test)] mod tests { fn f() { if a == 1 {} } }").is_empty());
    }
}
