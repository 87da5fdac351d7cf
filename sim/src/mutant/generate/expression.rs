// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Expressions of the RTL as trees whose nodes know their place in the text.

use super::token::{Kind, Token};
use anyhow::{Result, bail};
use std::ops::Range;

/// What a node is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// Number with or without size.
    Number,
    /// `'0`, `'1`.
    Fill,
    /// A name, also of a package: `irq_pkg::OpSend`.
    Name,
    /// `op kid`.
    Unary(String),
    /// `kid op kid`.
    Binary(String),
    /// `kid ? kid : kid`.
    Choice,
    /// `( kid )`.
    Paren,
    /// `{ kids }`.
    Concat,
    /// `{count{ kids }}`; the count is constant.
    Repeat,
    /// Function call, system functions too.
    Call,
    /// `type'( kid )`: the type is constant, its place is given.
    Cast(Range<usize>),
    /// `kid.name`.
    Member,
    /// `kid[kid]`.
    Index,
    /// `kid[const:const]`: places of both bounds.
    Slice(Range<usize>, Range<usize>),
    /// `kid[kid +: const]`.
    Part,
}

/// A node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expr {
    /// What it is.
    pub what: What,
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// What it is made of.
    pub kids: Vec<Expr>,
}

/// A reader of words.
pub struct Reader<'t> {
    /// The text.
    pub text: &'t str,
    /// Its words.
    pub tokens: &'t [Token],
    /// The next word.
    pub at: usize,
}

/// Binding strength of binary operators; `?:` is 0.
fn strength(op: &str) -> Option<u8> {
    Some(match op {
        "||" => 1,
        "&&" => 2,
        "|" => 3,
        "^" | "^~" | "~^" => 4,
        "&" => 5,
        "==" | "!=" | "===" | "!==" => 6,
        "<" | "<=" | ">" | ">=" => 7,
        "<<" | ">>" | "<<<" | ">>>" => 8,
        "+" | "-" => 9,
        "*" | "/" | "%" => 10,
        "**" => 11,
        _ => return None,
    })
}

impl<'t> Reader<'t> {
    /// The word at the reader, empty at the end.
    pub fn peek(&self) -> &'t str {
        self.ahead(0)
    }

    /// The word `n` further on.
    pub fn ahead(&self, n: usize) -> &'t str {
        self.tokens.get(self.at + n).map_or("", |t| &self.text[t.span.clone()])
    }

    /// Kind of the word at the reader.
    pub fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.at).map(|t| t.kind)
    }

    /// Place where the word at the reader begins.
    pub fn begin(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |t| t.span.start)
    }

    /// Place where the word before the reader ends.
    pub fn end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |k| self.tokens[k].span.end)
    }

    /// Line of the word at the reader, from 1.
    pub fn line(&self) -> usize {
        1 + self.text[..self.begin()].matches('\n').count()
    }

    /// Passes a word if it is `word`.
    pub fn eat(&mut self, word: &str) -> bool {
        let hit = self.peek() == word;
        self.at += usize::from(hit);
        hit
    }

    /// Passes the word `word`.
    ///
    /// # Errors
    /// Another word stands there.
    pub fn need(&mut self, word: &str) -> Result<()> {
        if !self.eat(word) {
            bail!("line {}: `{word}` expected, `{}` found", self.line(), self.peek());
        }
        Ok(())
    }

    /// Passes everything up to the mark that closes the one at the reader.
    ///
    /// # Errors
    /// It is never closed.
    pub fn skip_group(&mut self) -> Result<()> {
        let mut depth = 0usize;
        while self.at < self.tokens.len() {
            match self.peek() {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
        bail!("a bracket is never closed")
    }

    /// Passes a constant expression up to one of `ends` outside of brackets; its place.
    fn constant(&mut self, ends: &[&str]) -> Result<Range<usize>> {
        let from = self.begin();
        while !ends.contains(&self.peek()) {
            match self.peek() {
                "(" | "[" | "{" => self.skip_group()?,
                "" => bail!("the text ends in a constant"),
                _ => self.at += 1,
            }
        }
        Ok(from..self.end())
    }

    /// An expression.
    ///
    /// # Errors
    /// Something that the subset does not have.
    pub fn expression(&mut self) -> Result<Expr> {
        let from = self.begin();
        let condition = self.binary(1)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let yes = self.expression()?;
        self.need(":")?;
        let no = self.expression()?;
        Ok(Expr { what: What::Choice, span: from..self.end(), kids: vec![condition, yes, no] })
    }

    fn binary(&mut self, least: u8) -> Result<Expr> {
        let from = self.begin();
        let mut left = self.unary()?;
        loop {
            let op = self.peek();
            let Some(s) = strength(op).filter(|s| *s >= least) else { return Ok(left) };
            self.at += 1;
            let right = self.binary(s + 1)?;
            left = Expr { what: What::Binary(op.to_owned()), span: from..self.end(), kids: vec![left, right] };
        }
    }

    fn unary(&mut self) -> Result<Expr> {
        let from = self.begin();
        let op = self.peek();
        if matches!(op, "!" | "~" | "&" | "|" | "^" | "-" | "+" | "~&" | "~|" | "~^") {
            self.at += 1;
            let kid = self.unary()?;
            return Ok(Expr { what: What::Unary(op.to_owned()), span: from..self.end(), kids: vec![kid] });
        }
        let mut e = self.primary()?;
        loop {
            if self.eat(".") {
                self.at += 1;
                e = Expr { what: What::Member, span: from..self.end(), kids: vec![e] };
            } else if self.peek() == "[" {
                e = self.select(e, from)?;
            } else if self.peek() == "'" && self.ahead(1) == "(" {
                let of = e.span.clone();
                self.at += 2;
                let kid = self.expression()?;
                self.need(")")?;
                e = Expr { what: What::Cast(of), span: from..self.end(), kids: vec![kid] };
            } else {
                return Ok(e);
            }
        }
    }

    fn select(&mut self, base: Expr, from: usize) -> Result<Expr> {
        self.need("[")?;
        let first = self.at;
        let index = self.expression()?;
        let what = if self.peek() == ":" {
            self.at = first;
            let high = self.constant(&[":"])?;
            self.need(":")?;
            let low = self.constant(&["]"])?;
            self.need("]")?;
            return Ok(Expr { what: What::Slice(high, low), span: from..self.end(), kids: vec![base] });
        } else if matches!(self.peek(), "+:" | "-:") {
            self.at += 1;
            self.constant(&["]"])?;
            What::Part
        } else {
            What::Index
        };
        self.need("]")?;
        Ok(Expr { what, span: from..self.end(), kids: vec![base, index] })
    }

    fn list(&mut self, close: &str) -> Result<Vec<Expr>> {
        let mut kids = Vec::new();
        while !self.eat(close) {
            kids.push(self.expression()?);
            if !self.eat(",") {
                self.need(close)?;
                break;
            }
        }
        Ok(kids)
    }

    fn primary(&mut self) -> Result<Expr> {
        let from = self.begin();
        let plain = |what, reader: &Self| Expr { what, span: from..reader.end(), kids: vec![] };
        match (self.kind(), self.peek()) {
            (Some(Kind::Number), _) => {
                self.at += 1;
                Ok(plain(What::Number, self))
            }
            (Some(Kind::Fill), _) => {
                self.at += 1;
                Ok(plain(What::Fill, self))
            }
            (_, "(") => {
                self.at += 1;
                let kid = self.expression()?;
                self.need(")")?;
                Ok(Expr { what: What::Paren, span: from..self.end(), kids: vec![kid] })
            }
            (_, "{") => {
                self.at += 1;
                let first = self.expression()?;
                if self.eat("{") {
                    let kids = self.list("}")?;
                    self.need("}")?;
                    return Ok(Expr { what: What::Repeat, span: from..self.end(), kids });
                }
                let mut kids = vec![first];
                if self.eat(",") {
                    kids.extend(self.list("}")?);
                } else {
                    self.need("}")?;
                }
                Ok(Expr { what: What::Concat, span: from..self.end(), kids })
            }
            (Some(Kind::Word | Kind::System), _) => {
                self.at += 1;
                while self.eat("::") {
                    self.at += 1;
                }
                if self.eat("(") {
                    let kids = self.list(")")?;
                    return Ok(Expr { what: What::Call, span: from..self.end(), kids });
                }
                Ok(plain(What::Name, self))
            }
            (_, word) => bail!("line {}: no expression begins with `{word}`", self.line()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn shape(text: &str) -> String {
        fn show(e: &Expr, text: &str) -> String {
            let kids: Vec<String> = e.kids.iter().map(|k| show(k, text)).collect();
            match &e.what {
                What::Number | What::Fill | What::Name => text[e.span.clone()].to_owned(),
                What::Unary(op) => format!("({op} {})", kids[0]),
                What::Binary(op) => format!("({} {op} {})", kids[0], kids[1]),
                other => {
                    let name = format!("{other:?}");
                    format!("{}<{}>", name.split('(').next().unwrap_or_default(), kids.join(", "))
                }
            }
        }
        let tokens = tokens(text).expect("words");
        let mut reader = Reader { text, tokens: &tokens, at: 0 };
        let e = reader.expression().expect("an expression");
        assert_eq!(e.span, 0..text.len(), "all of it was read");
        show(&e, text)
    }

    #[test]
    fn operators_bind_as_the_language_says() {
        assert_eq!(shape("a && b == c + 4'd1 || !d"), "((a && (b == (c + 4'd1))) || (! d))");
        assert_eq!(shape("a ? b : c ? d : e"), "Choice<a, b, Choice<c, d, e>>");
        assert_eq!(shape("x & ~m | y"), "((x & (~ m)) | y)");
        assert_eq!(shape("a <= b - c - d"), "(a <= ((b - c) - d))");
    }

    #[test]
    fn selects_casts_and_concatenations_keep_their_constants_apart() {
        assert_eq!(shape("q[7:2]"), "Slice<q>");
        assert_eq!(shape("q[32*i+:W].f"), "Member<Part<q, (32 * i)>>");
        assert_eq!(shape("{4'd0, {2{x}}, (W + 1)'(y)}"), "Concat<4'd0, Repeat<x>, Cast<y>>");
        assert_eq!(shape("f(a, p::B)"), "Call<a, p::B>");
    }
}
