// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What each vector reached, on disk as it comes: a measurement that was stopped goes on where it stood.
//!
//! One file a device. Its name has a hash of RTL, bench and device; its first line has the points, then a line a vector
//! with a bit for each point. So a line holds as long as its vector is what it was.

use super::points::{Cover, Point};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    /// Name of the vector and hash of its file.
    vector: (String, String),
    /// A bit for each point, four to a digit, the first point in the lowest bit of the first digit.
    reached: String,
}

/// The file of one device, open for more.
pub struct Kept {
    file: Mutex<File>,
    begun: Mutex<bool>,
    known: BTreeMap<(String, String), String>,
    points: Vec<Point>,
}

fn digits(hit: &[bool]) -> String {
    let digit = |bits: &[bool]| bits.iter().rev().fold(0, |d, b| 2 * d + u32::from(*b));
    hit.chunks(4).filter_map(|bits| char::from_digit(digit(bits), 16)).collect()
}

impl Kept {
    /// Opens the file `path`; what is cut short at its end does not count.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn open(path: &Path) -> Result<Self> {
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        }
        let text = if path.exists() { std::fs::read_to_string(path)? } else { String::new() };
        let mut lines = text.lines();
        let points: Vec<Point> = lines.next().and_then(|l| serde_json::from_str(l).ok()).unwrap_or_default();
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        // Without its points nothing in it says anything.
        let mut file = if points.is_empty() { options.truncate(true) } else { options.append(true) }
            .open(path)
            .with_context(|| path.display().to_string())?;
        let whole =
            |l: &str| serde_json::from_str::<Line>(l).ok().filter(|l| l.reached.len() == points.len().div_ceil(4));
        let known = lines.filter_map(whole).map(|l| (l.vector, l.reached)).collect();
        if !points.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        Ok(Self { file: Mutex::new(file), begun: Mutex::new(!points.is_empty()), known, points })
    }

    /// Whether the vector has run; what it reached is added to `to`.
    pub fn has(&self, vector: &(String, String), to: &mut Cover) -> bool {
        let Some(reached) = self.known.get(vector) else { return false };
        let bits = reached.chars().filter_map(|c| c.to_digit(16)).flat_map(|d| (0..4).map(move |k| d >> k & 1 == 1));
        to.reached(&self.points, bits);
        true
    }

    /// Keeps what a vector reached.
    ///
    /// # Errors
    /// Writing fails.
    pub fn keep(&self, vector: &(String, String), points: &[Point], reached: &[bool]) -> Result<()> {
        let mut text = String::new();
        let mut begun = self.begun.lock().unwrap_or_else(|p| p.into_inner());
        if !*begun {
            text += &serde_json::to_string(points)?;
            text.push('\n');
            *begun = true;
        }
        text += &serde_json::to_string(&Line { vector: vector.clone(), reached: digits(reached) })?;
        text.push('\n');
        self.file.lock().unwrap_or_else(|p| p.into_inner()).write_all(text.as_bytes())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::points::Kind;
    use super::*;

    #[test]
    fn what_was_reached_is_there_again() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("kept/x.jsonl");
        let point = |line| Point { file: "a.sv".into(), line, column: 1, kind: Kind::Line, what: "block".into() };
        let points: Vec<Point> = (1..=6).map(point).collect();
        let bits = |text: &str| text.chars().map(|c| c == '1').collect::<Vec<bool>>();
        let (a, b) = (("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned()));
        let kept = Kept::open(&path).expect("opened");
        kept.keep(&a, &points, &bits("100101")).expect("kept");
        kept.keep(&b, &points, &bits("010100")).expect("kept");
        drop(kept);
        OpenOptions::new().append(true).open(&path).and_then(|mut f| f.write_all(b"{\"vec")).expect("written");
        let kept = Kept::open(&path).expect("opened");
        let mut sum = Cover::default();
        assert!(kept.has(&a, &mut sum) && kept.has(&b, &mut sum));
        assert_eq!(sum.counts.values().copied().collect::<Vec<_>>(), [1, 1, 0, 2, 0, 1]);
        assert!(!kept.has(&("a".to_owned(), "2".to_owned()), &mut sum), "another text is another vector");
        kept.keep(&("c".to_owned(), "3".to_owned()), &points, &bits("111111")).expect("kept");
        drop(kept);
        let mut more = Cover::default();
        assert!(Kept::open(&path).expect("opened").has(&("c".to_owned(), "3".to_owned()), &mut more));
        assert_eq!(more.counts.values().copied().collect::<Vec<_>>(), [1; 6]);
    }
}
