// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Points that cannot be reached, each with its reason: rtl/cov/exclusions.yaml.

use super::points::{Cover, Kind, Point};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use vectors::suite;

/// An entry of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// File below rtl/; a glob where several are meant.
    pub file: String,
    /// Kind of point.
    pub kind: Kind,
    /// Text of the line, without the blanks around it; any when absent.
    pub line: Option<String>,
    /// What the point says (signal and direction, kind of branch), or a glob; any when absent.
    pub what: Option<String>,
    /// Toggles: signals by name, each with its bits, as in `0-3 17`; all bits where nothing stands.
    #[serde(default)]
    pub signals: BTreeMap<String, Bits>,
    /// Why it cannot be reached.
    pub reason: String,
}

/// Bits of a signal: ranges from the lowest to the highest; none means all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Bits(Vec<(u32, u32)>);

impl TryFrom<String> for Bits {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |s: &str| s.parse::<u32>().map_err(|_| format!("`{text}` has no bits like 0-3 17"));
        let range = |s: &str| match s.split_once('-') {
            Some((low, high)) => Ok((number(low)?, number(high)?)),
            None => number(s).map(|n| (n, n)),
        };
        text.split_whitespace().map(range).collect::<Result<_, _>>().map(Bits)
    }
}

impl Bits {
    fn has(&self, bit: u32) -> bool {
        self.0.is_empty() || self.0.iter().any(|(low, high)| (*low..=*high).contains(&bit))
    }
}

impl Exclusion {
    /// Which of the signals a toggle is of, by place: the only one is 0 where none is named.
    fn signal(&self, what: &str) -> Option<usize> {
        if self.signals.is_empty() {
            return Some(0);
        }
        let name = what.rsplit_once(':').map_or(what, |(name, _)| name);
        let (whole, bit) = match name.strip_suffix(']').and_then(|n| n.rsplit_once('[')) {
            Some((whole, bit)) => (whole, bit.parse().ok()?),
            None => (name, 0),
        };
        // A name without a wildcard is the whole name.
        let named = |signal: &String| match signal.contains(['*', '?']) {
            true => suite::accepts(signal, whole),
            false => signal == whole,
        };
        self.signals.iter().position(|(signal, bits)| named(signal) && bits.has(bit))
    }
}

/// Points of one kind, after exclusion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Points that count.
    pub points: usize,
    /// Of these reached.
    pub reached: usize,
    /// Excluded.
    pub excluded: usize,
    /// Not reached and not excluded.
    pub holes: Vec<Point>,
}

impl Judged {
    /// Percent reached, rounded down to hundredths: 100 means all.
    pub fn percent(&self) -> f64 {
        (self.reached * 10_000).checked_div(self.points).map_or(0.0, |n| n as f64 / 100.0)
    }
}

/// Reads the file.
///
/// # Errors
/// It is wrong, or an entry has no reason or fits everything.
pub fn read(root: &Path) -> Result<Vec<Exclusion>> {
    let path = root.join("rtl/cov/exclusions.yaml");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let all: Vec<Exclusion> = serde_yaml::from_str(&text).with_context(|| path.display().to_string())?;
    for e in &all {
        if e.reason.trim().is_empty() {
            bail!("{}: an exclusion in {} has no reason", path.display(), e.file);
        }
        if e.line.is_none() && e.what.is_none() && e.signals.is_empty() {
            bail!("{}: an exclusion in {} names neither line nor point nor signal", path.display(), e.file);
        }
    }
    Ok(all)
}

/// Sorts the points of design files by kind. `texts` has the lines of each file.
///
/// # Errors
/// An exclusion is reached, or fits no point.
pub fn judge(
    cover: &Cover,
    exclusions: &[Exclusion],
    texts: &BTreeMap<String, Vec<String>>,
) -> Result<BTreeMap<Kind, Judged>> {
    let mut used: Vec<Vec<bool>> = exclusions.iter().map(|e| vec![false; e.signals.len().max(1)]).collect();
    let mut out: BTreeMap<Kind, Judged> = Kind::ALL.into_iter().map(|k| (k, Judged::default())).collect();
    for (p, n) in &cover.counts {
        // Laws and cover points are no design; of them only the cover properties count.
        if p.kind != Kind::User && !texts.contains_key(&p.file) {
            continue;
        }
        let line = texts.get(&p.file).and_then(|t| t.get(p.line as usize - 1)).map_or("", |l| l.trim());
        let fits = |(k, e): (usize, &Exclusion)| {
            let fits = e.kind == p.kind
                && suite::accepts(&e.file, &p.file)
                && e.line.as_deref().is_none_or(|l| l == line)
                && e.what.as_deref().is_none_or(|w| suite::accepts(w, &p.what));
            e.signal(&p.what).filter(|_| fits).map(|signal| (k, signal))
        };
        let j = out.entry(p.kind).or_default();
        if let Some((k, signal)) = exclusions.iter().enumerate().find_map(fits) {
            used[k][signal] = true;
            if *n > 0 {
                bail!(
                    "{}:{}: `{}` is excluded ({}) but was reached {n} times",
                    p.file,
                    p.line,
                    p.what,
                    exclusions[k].reason
                );
            }
            j.excluded += 1;
            continue;
        }
        j.points += 1;
        if *n > 0 {
            j.reached += 1;
        } else {
            j.holes.push(p.clone());
        }
    }
    for (e, used) in exclusions.iter().zip(&used) {
        if let Some(k) = used.iter().position(|u| !u) {
            let signal = e.signals.keys().nth(k);
            bail!("the exclusion of {} {:?} {:?} {signal:?} fits no point of the RTL", e.file, e.line, e.what);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cover(n: u64) -> Cover {
        let p = |line, what: &str, kind| Point { file: "a/m.sv".into(), line, column: 1, kind, what: what.into() };
        let counts =
            [(p(1, "if", Kind::Branch), 3), (p(1, "else", Kind::Branch), n), (p(2, "q[3]:0->1", Kind::Toggle), 0)];
        Cover { counts: counts.into_iter().collect() }
    }

    fn texts() -> BTreeMap<String, Vec<String>> {
        [("a/m.sv".to_owned(), vec!["  if (a) b;".to_owned(), "logic q;".to_owned()])].into_iter().collect()
    }

    fn exclusion(what: &str) -> Exclusion {
        Exclusion {
            file: "a/m.sv".into(),
            kind: Kind::Branch,
            line: Some("if (a) b;".into()),
            what: Some(what.into()),
            signals: BTreeMap::new(),
            reason: "r".into(),
        }
    }

    #[test]
    fn an_exclusion_counts_as_long_as_it_is_true() {
        let j = judge(&cover(0), &[exclusion("else")], &texts()).expect("it holds");
        assert_eq!((j[&Kind::Branch].points, j[&Kind::Branch].excluded, j[&Kind::Branch].percent()), (1, 1, 100.0));
        assert_eq!(j[&Kind::Toggle].holes.len(), 1);
        let hit = judge(&cover(1), &[exclusion("else")], &texts()).expect_err("reached").to_string();
        assert!(hit.contains("was reached 1 times"), "{hit}");
        let none = judge(&cover(0), &[exclusion("elsif")], &texts()).expect_err("unused").to_string();
        assert!(none.contains("fits no point"), "{none}");
    }

    #[test]
    fn signals_are_excluded_by_bits_and_each_has_to_fit() {
        let of = |signals: &str| -> Exclusion {
            let text = format!("{{ file: a/m.sv, kind: toggle, signals: {signals}, reason: r }}");
            serde_yaml::from_str(&text).expect("an exclusion")
        };
        let j = judge(&cover(1), &[of("{ q: 0 2-3 }")], &texts()).expect("it holds");
        assert_eq!((j[&Kind::Toggle].excluded, j[&Kind::Toggle].holes.len()), (1, 0));
        judge(&cover(1), &[of("{ q: '' }")], &texts()).expect("all bits");
        for wrong in ["{ q: 4-9 }", "{ q: 3, r: '' }", "{ '': 3 }"] {
            let none = judge(&cover(1), &[of(wrong)], &texts()).expect_err("unused").to_string();
            assert!(none.contains("fits no point"), "{none}");
        }
        assert!(serde_yaml::from_str::<Exclusion>("{ file: a, kind: toggle, signals: { q: x }, reason: r }").is_err());
    }
}
