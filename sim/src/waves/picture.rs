// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The picture of one interrupt: which cycles it has, how wide each is, and where everything stands.
//!
//! Every cycle is a column as wide as its values need; long stretches in which nothing changes are left out and
//! marked. The numbers on the axis are the cycles of the event log.

use super::fst::Fst;
use super::lanes::{Lane, Row, Step, rows, steps};
use super::moment::Moment;
use super::svg::Svg;
use anyhow::{Result, bail};
use std::collections::BTreeMap;

/// Longest picture in cycles: a cause may be sent long after it was raised.
const LONGEST: u64 = 4000;
/// Unchanged cycles in a row that are still drawn.
const KEPT: usize = 3;

const LEFT: f64 = 236.0;
const LANE: f64 = 26.0;
const HIGH: f64 = 15.0;
const CHAR: f64 = 6.7;
const NARROW: f64 = 22.0;
const GAP: f64 = 30.0;
const LINE: f64 = 19.0;

/// One column.
enum Column {
    /// A cycle, as its place in the samples.
    Cycle(usize),
    /// Cycles left out.
    Gap,
}

/// Draws the first interrupt of the run.
pub fn picture(mut fst: Fst, m: &Moment, test: &str) -> Result<String> {
    if m.sent.is_none() {
        bail!("no message left the device in {test}, so there is nothing to draw");
    }
    let near = m.asked.filter(|a| m.raised - a < 40).unwrap_or(m.raised);
    let from = near.saturating_sub(2);
    let last = m.in_service.or(m.arrived.map(|a| a.2)).unwrap_or(m.focus());
    let to = last + 3;
    if to - from > LONGEST {
        bail!("the first interrupt of {test} takes {} cycles: too long for a picture", to - from);
    }
    let rows = rows(&mut fst, m, from, to)?;
    let steps = steps(&rows, m, from);
    Ok(draw(&rows, &steps, from, test))
}

/// Whether cycle `i` looks like the one before it.
fn same(rows: &[Row], i: usize) -> bool {
    rows.iter().all(|r| match &r.lane {
        Lane::Level(v) => v[i] == v[i - 1],
        Lane::Bus(v) => v[i] == v[i - 1],
    })
}

fn columns(rows: &[Row], steps: &[Step], from: u64) -> Vec<Column> {
    let length = rows.iter().map(|r| len(&r.lane)).max().unwrap_or(0);
    let marked = |i: usize| steps.iter().any(|s| s.cycle == from + i as u64);
    let mut columns = vec![Column::Cycle(0)];
    let mut i = 1;
    while i < length {
        let quiet = (i..length).take_while(|&j| same(rows, j) && !marked(j)).count();
        if quiet > KEPT + 2 {
            columns.push(Column::Cycle(i));
            columns.push(Column::Gap);
            columns.push(Column::Cycle(i + quiet - 1));
            i += quiet;
        } else {
            columns.push(Column::Cycle(i));
            i += 1;
        }
    }
    columns
}

fn len(lane: &Lane) -> usize {
    match lane {
        Lane::Level(v) => v.len(),
        Lane::Bus(v) => v.len(),
    }
}

/// Runs of equal values over the columns: first column, column behind the last, value.
fn runs<T: PartialEq + Clone>(columns: &[Column], value: impl Fn(usize) -> T) -> Vec<(usize, usize, T)> {
    let mut runs: Vec<(usize, usize, T)> = Vec::new();
    for (c, column) in columns.iter().enumerate() {
        match (column, runs.last_mut()) {
            // What is left out looks like the columns around it.
            (Column::Gap, Some(run)) => run.1 = c + 1,
            (Column::Gap, None) => {}
            (Column::Cycle(i), Some(run)) if run.2 == value(*i) => run.1 = c + 1,
            (Column::Cycle(i), _) => runs.push((c, c + 1, value(*i))),
        }
    }
    runs
}

/// Widths such that every box holds its text.
fn widths(rows: &[Row], columns: &[Column]) -> Vec<f64> {
    let mut w: Vec<f64> = columns.iter().map(|c| if matches!(c, Column::Gap) { GAP } else { NARROW }).collect();
    let mut boxes: Vec<(usize, usize, f64)> = Vec::new();
    for r in rows {
        if let Lane::Bus(v) = &r.lane {
            for (a, b, text) in runs(columns, |i| v[i].clone()) {
                boxes.extend(text.map(|t| (a, b, t.chars().count() as f64 * CHAR + 14.0)));
            }
        }
    }
    // Short boxes first: what they need also helps the long ones over them.
    boxes.sort_by_key(|(a, b, _)| b - a);
    for (a, b, need) in boxes {
        let have: f64 = w[a..b].iter().sum();
        let lack = (need - have).max(0.0) / (b - a) as f64;
        w[a..b].iter_mut().for_each(|x| *x += lack);
    }
    w
}

fn draw(rows: &[Row], steps: &[Step], from: u64, test: &str) -> String {
    let columns = columns(rows, steps, from);
    let mut x = vec![LEFT];
    for w in widths(rows, &columns) {
        x.push(x[x.len() - 1] + w);
    }
    let place: BTreeMap<u64, usize> = columns
        .iter()
        .enumerate()
        .filter_map(|(c, column)| if let Column::Cycle(i) = column { Some((from + *i as u64, c)) } else { None })
        .collect();
    let mut blocks = 0;
    let mut y = Vec::new();
    let mut before = "";
    let top = 84.0;
    for (n, r) in rows.iter().enumerate() {
        blocks += usize::from(r.block != before && n > 0);
        before = r.block;
        y.push(top + n as f64 * LANE + blocks as f64 * 10.0);
    }
    let bottom = y[y.len() - 1] + LANE;
    let right = x[x.len() - 1];
    let half = steps.len().div_ceil(2);
    let mut svg = Svg::new((right + 20.0).max(900.0), bottom + 44.0 + half as f64 * LINE);
    svg.text(16.0, 26.0, "title", "start", &format!("One interrupt: {test}"));
    svg.text(
        16.0,
        44.0,
        "note",
        "start",
        "cycles of 4 ns; each column as wide as its values, quiet stretches left out",
    );

    axis(&mut svg, &columns, &x, from, (top, bottom));
    let mut before = "";
    for (r, y) in rows.iter().zip(&y) {
        if r.block != before {
            svg.line("rule", (12.0, y - 7.0), (right, y - 7.0));
            svg.text(16.0, y + HIGH - 3.0, "block", "start", r.block);
            before = r.block;
        }
        svg.text(LEFT - 10.0, y + HIGH - 3.0, "name", "end", r.name);
        lane(&mut svg, &r.lane, &columns, &x, *y);
    }
    for (c, _) in columns.iter().enumerate().filter(|(_, c)| matches!(c, Column::Gap)) {
        svg.gap((x[c] + x[c + 1]) / 2.0, top - 6.0, bottom);
    }
    for (n, step) in steps.iter().enumerate() {
        let Some(&c) = place.get(&step.cycle) else { continue };
        let at = steps[..n].iter().filter(|s| s.cycle == step.cycle).count() as f64;
        let centre = (x[c] + x[c + 1]) / 2.0 + at * 20.0;
        if at == 0.0 {
            svg.line("step", (centre, top - 8.0), (centre, bottom));
        }
        svg.badge(centre, top - 18.0, n + 1);
        let (column, line) = (n / half, n % half);
        let left = 16.0 + column as f64 * ((right + 20.0).max(900.0) / 2.0 - 10.0);
        let base = bottom + 34.0 + line as f64 * LINE;
        svg.badge(left + 9.0, base - 4.0, n + 1);
        svg.text(left + 26.0, base, "legend", "start", &format!("{} (cycle {})", step.what, step.cycle));
    }
    svg.finish()
}

fn axis(svg: &mut Svg, columns: &[Column], x: &[f64], from: u64, (top, bottom): (f64, f64)) {
    let mut free = 0.0;
    for (c, column) in columns.iter().enumerate() {
        svg.line("grid", (x[c], top - 8.0), (x[c], bottom));
        let Column::Cycle(i) = column else { continue };
        let (middle, text) = ((x[c] + x[c + 1]) / 2.0, format!("{}", from + *i as u64));
        let reach = text.len() as f64 * CHAR / 2.0;
        if middle - reach >= free {
            svg.text(middle, bottom + 12.0, "tick", "middle", &text);
            free = middle + reach + 6.0;
        }
    }
    svg.line("grid", (x[x.len() - 1], top - 8.0), (x[x.len() - 1], bottom));
}

fn lane(svg: &mut Svg, lane: &Lane, columns: &[Column], x: &[f64], y: f64) {
    match lane {
        Lane::Level(v) => {
            let mut points = Vec::new();
            for (a, b, high) in runs(columns, |i| v[i]) {
                let level = if high { y } else { y + HIGH };
                points.extend([(x[a], level), (x[b], level)]);
                if high {
                    svg.fill(x[a], y, x[b] - x[a], HIGH);
                }
            }
            svg.path("level", &points);
        }
        Lane::Bus(v) => {
            for (a, b, text) in runs(columns, |i| v[i].clone()) {
                match text {
                    None => svg.line("idle", (x[a], y + HIGH / 2.0), (x[b], y + HIGH / 2.0)),
                    Some(text) => svg.value((x[a], x[b]), y, HIGH, &text),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(bits: &[u8]) -> Row {
        Row { block: "b", name: "n", lane: Lane::Bus(bits.iter().map(|b| (*b > 0).then(|| format!("{b}"))).collect()) }
    }

    #[test]
    fn quiet_stretches_are_left_out_and_steps_are_kept() {
        let rows = [row(&[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2])];
        let shown = columns(&rows, &[], 100);
        assert_eq!(shown.iter().filter(|c| matches!(c, Column::Gap)).count(), 1);
        assert!(shown.len() < 9);
        let kept = columns(&rows, &[Step { cycle: 107, what: String::new() }], 100);
        assert!(kept.iter().any(|c| matches!(c, Column::Cycle(7))));
    }

    #[test]
    fn boxes_hold_their_text() {
        let rows = [Row { block: "b", name: "n", lane: Lane::Bus(vec![None, Some("a long value".into()), None]) }];
        let w = widths(&rows, &columns(&rows, &[], 0));
        assert!(w[1] > 12.0 * CHAR && w[0] == NARROW);
    }
}
