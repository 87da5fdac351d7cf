// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Words of the RTL, each with its place in the text. Comments and directives are no words.

use anyhow::{Result, bail};
use std::ops::Range;

/// Kind of a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Identifier or keyword.
    Word,
    /// `$clog2` and its like.
    System,
    /// Number without or with a size: `12`, `4'd3`.
    Number,
    /// `'0` or `'1`.
    Fill,
    /// Text in quotes.
    Text,
    /// Operator or punctuation.
    Mark,
}

/// A word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Its kind.
    pub kind: Kind,
    /// Its bytes in the text.
    pub span: Range<usize>,
}

/// Operators, the longest first.
const MARKS: [&str; 38] = [
    "<<<=", ">>>=", "===", "!==", "<<<", ">>>", "<<=", ">>=", "::", "+:", "-:", "==", "!=", "<=", ">=", "&&", "||",
    "<<", ">>", "++", "--", "+=", "-=", "*=", "|=", "&=", "^=", "~&", "~|", "~^", "^~", "**", "->", "(*", "*)", "##",
    "=>", "@@",
];

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'$'
}

/// Takes `text` apart.
///
/// # Errors
/// A comment or text in quotes that does not end.
pub fn tokens(text: &str) -> Result<Vec<Token>> {
    let b = text.as_bytes();
    let mut out = Vec::new();
    let mut i = 0;
    let run = |mut k: usize, wanted: fn(u8) -> bool| {
        while k < b.len() && wanted(b[k]) {
            k += 1;
        }
        k
    };
    while i < b.len() {
        let rest = &text[i..];
        let (kind, end) = match b[i] {
            c if c.is_ascii_whitespace() => {
                i += 1;
                continue;
            }
            _ if rest.starts_with("//") => {
                i += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            _ if rest.starts_with("/*") => {
                let Some(n) = rest.find("*/") else { bail!("a comment does not end") };
                i += n + 2;
                continue;
            }
            b'`' => {
                // A directive is a line of its own in this subset.
                i += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            b'"' => {
                let Some(n) = rest[1..].find('"') else { bail!("text in quotes does not end") };
                (Kind::Text, i + n + 2)
            }
            b'$' => (Kind::System, run(i + 1, is_word)),
            b'\'' if matches!(b.get(i + 1), Some(b'0' | b'1')) => (Kind::Fill, i + 2),
            c if c.is_ascii_digit() => {
                let digits = run(i, |c| c.is_ascii_digit() || c == b'_');
                let based = b.get(digits) == Some(&b'\'') && b.get(digits + 1).is_some_and(u8::is_ascii_alphabetic);
                (Kind::Number, if based { run(digits + 2, is_word) } else { digits })
            }
            c if is_word(c) => (Kind::Word, run(i, is_word)),
            _ => {
                let mark = MARKS.iter().find(|m| rest.starts_with(**m) && **m != "(*" && **m != "*)");
                (Kind::Mark, i + mark.map_or(1, |m| m.len()))
            }
        };
        out.push(Token { kind, span: i..end });
        i = end;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_operators_are_told_apart() {
        let text = "a_q <= 8'hf_0 + '1; // no\n b[3+:W] /* no */ = $clog2(x) >= 'd3;";
        let got: Vec<&str> = tokens(text).expect("it is valid").into_iter().map(|t| &text[t.span]).collect();
        let want = [
            "a_q", "<=", "8'hf_0", "+", "'1", ";", "b", "[", "3", "+:", "W", "]", "=", "$clog2", "(", "x", ")", ">=",
            "'", "d3", ";",
        ];
        assert_eq!(got, want);
        assert!(tokens("/* never").is_err());
    }
}
