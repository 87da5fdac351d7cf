// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Places of a module at which a fault can be selected while the model runs: what is evaluated in the clock, not what
//! is fixed when the design is elaborated (parameters, ranges, generate conditions, loop bounds, case labels).

use super::expression::{Expr, Reader, What};
use super::token::{Kind, tokens};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::ops::Range;

/// What an expression is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Right side of an assignment.
    Value,
    /// Condition of an `if`.
    Condition,
    /// What a `case` looks at.
    Selector,
    /// Subscript on the left side.
    Subscript,
    /// Input of an instance.
    Input,
}

/// An expression at work.
#[derive(Clone, Debug)]
pub struct Place {
    /// The expression.
    pub root: Expr,
    /// What it is for.
    pub role: Role,
    /// It stands in the reset branch of a register.
    pub reset: bool,
}

/// An assignment that can be left out.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its bytes, with the semicolon.
    pub span: Range<usize>,
}

/// Two inputs of one instance that can change places.
#[derive(Clone, Debug)]
pub struct Pair {
    /// What the first is connected to.
    pub first: Range<usize>,
    /// What the second is connected to.
    pub second: Range<usize>,
}

/// All places of a file.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Expressions.
    pub expressions: Vec<Place>,
    /// Assignments that can be left out.
    pub statements: Vec<Statement>,
    /// Inputs that can change places.
    pub pairs: Vec<Pair>,
}

/// Ports of a module: direction and the text of the type.
pub type Ports = BTreeMap<String, (String, String)>;

/// Ports of every module of a file, by module.
///
/// # Errors
/// The text cannot be taken apart.
pub fn ports(text: &str) -> Result<BTreeMap<String, Ports>> {
    let words = tokens(text)?;
    let mut r = Reader { text, tokens: &words, at: 0 };
    let mut modules = BTreeMap::new();
    while !r.peek().is_empty() {
        if !r.eat("module") {
            r.at += 1;
            continue;
        }
        let name = r.peek().to_owned();
        r.at += 1;
        if r.eat("#") {
            r.skip_group()?;
        }
        modules.insert(name, header(&mut r)?);
    }
    Ok(modules)
}

/// The list of ports at the reader.
fn header(r: &mut Reader) -> Result<Ports> {
    let mut ports = Ports::new();
    if r.peek() != "(" {
        return Ok(ports);
    }
    let open = r.at;
    r.skip_group()?;
    let (close, after) = (r.at - 1, r.at);
    r.at = open + 1;
    while r.at < close {
        let direction = r.peek().to_owned();
        let mut words = Vec::new();
        while r.at < close && r.peek() != "," {
            let from = r.begin();
            if matches!(r.peek(), "[" | "(" | "{") {
                r.skip_group()?
            } else {
                r.at += 1
            }
            words.push(r.text[from..r.end()].split_whitespace().collect::<String>());
        }
        // Ranges behind the name belong to the type, too.
        let Some(k) = words.iter().rposition(|w| !w.starts_with('[')) else { bail!("a port without name") };
        let name = words.remove(k);
        ports.insert(name, (direction, words[1..].join(" ")));
        r.eat(",");
    }
    r.at = after;
    Ok(ports)
}

/// Places of a file; `modules` has the ports of all modules of the tree.
///
/// # Errors
/// Something that the subset does not have, with its line.
pub fn places(text: &str, modules: &BTreeMap<String, Ports>) -> Result<Places> {
    let words = tokens(text)?;
    let mut w = Walk { r: Reader { text, tokens: &words, at: 0 }, modules, out: Places::default(), reset: false };
    while !w.r.peek().is_empty() {
        if !w.r.eat("module") {
            w.r.at += 1;
            continue;
        }
        w.r.at += 1;
        while w.r.peek() != ";" {
            if w.r.peek() == "(" { w.r.skip_group()? } else { w.r.at += 1 }
        }
        w.r.need(";")?;
        w.items("endmodule")?;
    }
    Ok(w.out)
}

/// What stands between the sides of an assignment.
const ASSIGN: [&str; 7] = ["=", "<=", "|=", "&=", "^=", "+=", "-="];

struct Walk<'t> {
    r: Reader<'t>,
    modules: &'t BTreeMap<String, Ports>,
    out: Places,
    reset: bool,
}

impl Walk<'_> {
    fn items(&mut self, end: &str) -> Result<()> {
        while !self.r.eat(end) {
            let line = self.r.line();
            self.item().with_context(|| format!("in the item of line {line}"))?;
        }
        Ok(())
    }

    fn item(&mut self) -> Result<()> {
        match self.r.peek() {
            "" => bail!("the text ends inside of a module"),
            "assign" => {
                self.r.at += 1;
                self.assignment(false, false)
            }
            "always_comb" => {
                self.r.at += 1;
                self.statement(false, false)
            }
            "always_ff" => {
                self.r.at += 1;
                self.r.need("@")?;
                self.r.skip_group()?;
                self.statement(false, true)
            }
            "function" => {
                self.to(";")?;
                while !self.r.eat("endfunction") {
                    self.statement(true, false)?;
                }
                Ok(())
            }
            "for" | "if" => {
                self.r.at += 1;
                self.r.skip_group()?;
                self.item()
            }
            "else" | "generate" | "endgenerate" => {
                self.r.at += 1;
                Ok(())
            }
            "begin" => {
                self.r.at += 1;
                self.label();
                self.items("end")?;
                self.label();
                Ok(())
            }
            _ if self.is_instance() => self.instance(),
            // Declarations of every kind.
            _ => self.to(";"),
        }
    }

    fn label(&mut self) {
        if self.r.eat(":") {
            self.r.at += 1;
        }
    }

    /// Passes everything up to and with `mark`, brackets as wholes.
    fn to(&mut self, mark: &str) -> Result<()> {
        while !self.r.eat(mark) {
            match self.r.peek() {
                "" => bail!("the text ends before a `{mark}`"),
                "(" | "[" | "{" => self.r.skip_group()?,
                _ => self.r.at += 1,
            }
        }
        Ok(())
    }

    fn is_instance(&self) -> bool {
        self.modules.contains_key(self.r.peek())
    }

    fn instance(&mut self) -> Result<()> {
        let ports = &self.modules[self.r.peek()];
        self.r.at += 1;
        if self.r.eat("#") {
            self.r.skip_group()?;
        }
        self.r.at += 1;
        self.r.need("(")?;
        let mut before: Option<(String, Range<usize>)> = None;
        while !self.r.eat(")") {
            self.r.need(".")?;
            let name = self.r.peek();
            self.r.at += 1;
            let Some((direction, kind)) = ports.get(name) else { bail!("no port is called `{name}`") };
            if self.r.peek() != "(" {
                // `.clk_i`: connected by its name.
                before = None;
            } else if direction != "input" || self.r.ahead(1) == ")" {
                self.r.skip_group()?;
                before = None;
            } else {
                self.r.need("(")?;
                let root = self.r.expression()?;
                self.r.need(")")?;
                let span = root.span.clone();
                if let Some((last, first)) = before.take()
                    && last == *kind
                    && self.r.text[first.clone()] != self.r.text[span.clone()]
                {
                    self.out.pairs.push(Pair { first, second: span.clone() });
                }
                before = Some((kind.clone(), span));
                self.out.expressions.push(Place { root, role: Role::Input, reset: false });
            }
            self.r.eat(",");
        }
        self.r.need(";")
    }

    /// `nested`: something stands before it in the block or decides whether it is carried out.
    fn statement(&mut self, nested: bool, clocked: bool) -> Result<()> {
        match self.r.peek() {
            "begin" => {
                self.r.at += 1;
                self.label();
                while !self.r.eat("end") {
                    self.statement(nested, clocked)?;
                }
                self.label();
                Ok(())
            }
            "if" => {
                self.r.at += 1;
                self.r.need("(")?;
                let root = self.r.expression()?;
                self.r.need(")")?;
                let text = &self.r.text[root.span.clone()];
                let of_reset = clocked && (text.contains("rst_n") || text.contains("por_n"));
                self.out.expressions.push(Place { root, role: Role::Condition, reset: false });
                let outer = self.reset;
                self.reset |= of_reset;
                self.statement(true, clocked)?;
                self.reset = outer;
                if self.r.eat("else") { self.statement(true, clocked) } else { Ok(()) }
            }
            "unique" | "priority" => {
                self.r.at += 1;
                self.statement(nested, clocked)
            }
            "case" | "casez" => {
                self.r.at += 1;
                self.r.need("(")?;
                let root = self.r.expression()?;
                self.r.need(")")?;
                self.out.expressions.push(Place { root, role: Role::Selector, reset: self.reset });
                while !self.r.eat("endcase") {
                    if self.r.eat("default") {
                        self.r.eat(":");
                    } else {
                        self.to(":")?;
                    }
                    self.statement(true, clocked)?;
                }
                Ok(())
            }
            "for" => {
                self.r.at += 1;
                self.r.skip_group()?;
                self.statement(nested, clocked)
            }
            ";" => {
                self.r.at += 1;
                Ok(())
            }
            "logic" | "int" | "automatic" | "bit" => self.to(";"),
            _ => self.assignment(nested, clocked),
        }
    }

    /// An assignment, or a declaration whose type is a name.
    fn assignment(&mut self, nested: bool, clocked: bool) -> Result<()> {
        let from = self.r.begin();
        let procedural = nested || clocked || self.tokens_before(from) != "assign";
        let left = self.target()?;
        if self.r.kind() == Some(Kind::Word) {
            return self.to(";");
        }
        if !ASSIGN.iter().any(|op| self.r.eat(op)) {
            bail!("line {}: an assignment expected, `{}` found", self.r.line(), self.r.peek());
        }
        let right = self.r.expression()?;
        self.r.need(";")?;
        let name = &self.r.text[left.span.clone()];
        if name.starts_with("unused_") {
            return Ok(());
        }
        if procedural {
            self.subscripts(&left);
        }
        self.out.expressions.push(Place { root: right, role: Role::Value, reset: self.reset });
        if clocked || nested {
            self.out.statements.push(Statement { span: from..self.r.end() });
        }
        Ok(())
    }

    fn tokens_before(&self, place: usize) -> &str {
        let k = self.r.tokens.partition_point(|t| t.span.start < place);
        k.checked_sub(1).map_or("", |k| &self.r.text[self.r.tokens[k].span.clone()])
    }

    /// A left side: `<=` must not be read as an operator.
    fn target(&mut self) -> Result<Expr> {
        let from = self.r.at;
        let mut depth = 0usize;
        let mut to = from;
        while let Some(t) = self.r.tokens.get(to) {
            match &self.r.text[t.span.clone()] {
                "[" | "(" | "{" => depth += 1,
                "]" | ")" | "}" => depth -= 1,
                op if depth == 0 && (op == ";" || ASSIGN.contains(&op)) => break,
                _ if depth == 0 && to > from && t.kind == Kind::Word => {
                    let last = &self.r.text[self.r.tokens[to - 1].span.clone()];
                    if !matches!(last, "." | "::") {
                        break;
                    }
                }
                _ => {}
            }
            to += 1;
        }
        let mut inner = Reader { text: self.r.text, tokens: &self.r.tokens[..to], at: from };
        let left = inner.expression()?;
        if inner.at != to {
            bail!("line {}: a left side that the subset does not have", self.r.line());
        }
        self.r.at = to;
        Ok(left)
    }

    fn subscripts(&mut self, left: &Expr) {
        if left.what == What::Index
            && let [base, index] = left.kids.as_slice()
        {
            self.out.expressions.push(Place { root: index.clone(), role: Role::Subscript, reset: self.reset });
            self.subscripts(base);
        } else {
            for kid in &left.kids {
                self.subscripts(kid);
            }
        }
    }
}
