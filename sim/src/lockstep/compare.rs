// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Whether two devices showed the same, as far as the data sheet determines it.

use super::act::How;
use super::drive::{Completion, Point, Shown};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tlp::Packet;
use vectors::regs;

/// The first thing in which two devices differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Episode of the burst.
    pub episode: usize,
    /// What differs.
    pub text: String,
}

/// Comparisons made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Packets and causes compared in full.
    pub exact: u64,
    /// Those compared up to a race.
    pub raced: u64,
}

/// Compares what the second device showed with what the first did.
pub fn compare(a: &[Point], b: &[Point], tally: &mut Tally) -> Option<Difference> {
    for (x, y) in a.iter().zip(b) {
        if let Some(text) = point(x.how, &x.shown, &y.shown, tally) {
            return Some(Difference { episode: x.episode, text });
        }
    }
    None
}

fn point(how: How, a: &Shown, b: &Shown, tally: &mut Tally) -> Option<String> {
    let completions = a.completions.len().max(b.completions.len());
    for k in 0..completions {
        let (x, y) = (a.completions.get(k), b.completions.get(k));
        let (Some(x), Some(y)) = (x, y) else {
            return Some(format!("completion {k} of {completions}: {} | {}", completion(x), completion(y)));
        };
        let placed = how != How::Ordered || x.behind == y.behind;
        if placed && x.packet == y.packet {
            tally.exact += 1;
        } else if placed && one_of_several(x, y) {
            tally.raced += 1;
        } else {
            return Some(format!("completion {k} of {completions}: {} | {}", completion(Some(x)), completion(Some(y))));
        }
    }
    if let Some(text) = posted(how, a, b, tally) {
        return Some(text);
    }
    let mut reads = [a.reads.clone(), b.reads.clone()];
    for r in &mut reads {
        if how != How::Ordered {
            r.iter_mut().for_each(|x| x.1 = 0);
        }
        r.sort_by_key(|x| (x.0.header, x.1));
    }
    if reads[0] != reads[1] {
        let (x, y) = first(&reads[0], &reads[1]);
        return Some(format!("reads: {} of {} | {} of {}", placed(x), reads[0].len(), placed(y), reads[1].len()));
    }
    let mut causes = [a.causes.clone(), b.causes.clone()];
    causes.iter_mut().for_each(|c| c.sort_unstable());
    if causes[0] != causes[1] {
        let (x, y) = first(&causes[0], &causes[1]);
        return Some(format!("causes taken: {x:?} of {} | {y:?} of {}", causes[0].len(), causes[1].len()));
    }
    let mut msi = [a.msi.clone(), b.msi.clone()];
    msi.iter_mut().for_each(|v| v.sort_unstable());
    if msi[0] != msi[1] || a.intx != b.intx {
        return Some(format!("MSI {:?}, INTx {:?} | MSI {:?}, INTx {:?}", msi[0], a.intx, msi[1], b.intx));
    }
    tally.exact += (reads[0].len() + causes[0].len() + msi[0].len() + a.intx.len()) as u64;
    if a.other != b.other {
        let (x, y) = first(&a.other, &b.other);
        return Some(format!("packets of other kinds: {} | {}", shown(x), shown(y)));
    }
    if a.complaints != b.complaints || !a.complaints.is_empty() {
        return Some(format!("complaints: {:?} | {:?}", a.complaints.first(), b.complaints.first()));
    }
    None
}

/// Posted packets: those to one address in order; all of them as a multiset, or as a
/// set where causes may have merged; records, which come from one place, in order.
fn posted(how: How, a: &Shown, b: &Shown, tally: &mut Tally) -> Option<String> {
    let count = a.posted.len().max(b.posted.len()) as u64;
    if how == How::Ordered && a.posted != b.posted {
        let (p, q) = first(&a.posted, &b.posted);
        return Some(format!("posted in order: {} | {}", shown(p), shown(q)));
    }
    if how != How::Merged {
        let (x, y) = (by_address(&a.posted), by_address(&b.posted));
        if x != y {
            let key = x.keys().chain(y.keys()).find(|k| x.get(*k) != y.get(*k)).copied().unwrap_or_default();
            let show = |m: &BTreeMap<[u32; 2], Vec<&Packet>>| match m.get(&key) {
                None => "nothing".to_string(),
                Some(l) => format!("{} packet(s), first {}", l.len(), shown(l.first().copied())),
            };
            return Some(format!("posted to {:08x}_{:08x}: {} | {}", key[0], key[1], show(&x), show(&y)));
        }
        tally.exact += count;
    } else {
        let set = |s: &Shown| {
            let mut l: Vec<Packet> = s.posted.clone();
            l.sort_by(|p, q| (p.header, &p.data).cmp(&(q.header, &q.data)));
            l.dedup();
            l
        };
        let (x, y) = (set(a), set(b));
        if x != y {
            let (p, q) = first(&x, &y);
            return Some(format!("posted, merged: {} | {}", shown(p), shown(q)));
        }
        tally.raced += count;
    }
    if how == How::Apart {
        return None;
    }
    let records = |s: &Shown| s.posted.iter().filter(|p| p.data.len() > 1).cloned().collect::<Vec<_>>();
    let (x, y) = (records(a), records(b));
    if x != y {
        let (p, q) = first(&x, &y);
        return Some(format!("records in order: {} | {}", shown(p), shown(q)));
    }
    None
}

fn by_address(posted: &[Packet]) -> BTreeMap<[u32; 2], Vec<&Packet>> {
    let mut map: BTreeMap<[u32; 2], Vec<&Packet>> = BTreeMap::new();
    for p in posted {
        // Sources with equal address and other data are told apart: their order is open.
        let long = p.header[0] >> 29 & 1 == 1;
        let address = if long { [p.header[2], p.header[3]] } else { [0, p.header[2]] };
        map.entry(address).or_default().push(p);
    }
    map.values_mut().for_each(|l| l.sort_by(|p, q| (p.header, &p.data).cmp(&(q.header, &q.data))));
    map
}

/// Of several errors between two looks it is open which one `irq_err` keeps. That there
/// were several is told by overflow, while the record is valid; a freed record keeps
/// its code, store and index.
fn one_of_several(x: &Completion, y: &Completion) -> bool {
    use regs::irq_err::{OVERFLOW_MASK, VALID_MASK};
    let flags = VALID_MASK | OVERFLOW_MASK;
    let Some(at) = x.error_word.filter(|_| x.error_word == y.error_word && x.packet.header == y.packet.header) else {
        return false;
    };
    let (p, q) = (x.packet.data[at], y.packet.data.get(at).copied().unwrap_or_default());
    let mut rest = y.packet.data.clone();
    rest[at] = p;
    rest == x.packet.data && p & flags == q & flags && p & flags != VALID_MASK
}

fn completion(x: Option<&Completion>) -> String {
    x.map_or("none".into(), |c| format!("{} behind {} posted", shown(Some(&c.packet)), c.behind))
}

fn first<'a, T: PartialEq>(a: &'a [T], b: &'a [T]) -> (Option<&'a T>, Option<&'a T>) {
    let k = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    (a.get(k), b.get(k))
}

fn placed(x: Option<&(Packet, usize)>) -> String {
    match x {
        None => "none".into(),
        Some((p, n)) => format!("{} behind {n} posted", shown(Some(p))),
    }
}

/// A packet in hexadecimal.
pub fn shown(p: Option<&Packet>) -> String {
    let Some(p) = p else { return "none".into() };
    let mut text = p.header.map(|w| format!("{w:08x}")).join(" ");
    for w in p.data.iter().take(8) {
        text += &format!(" {w:08x}");
    }
    if p.data.len() > 8 {
        text += &format!(" … ({} words)", p.data.len());
    }
    if let Some(prefix) = p.prefix {
        text = format!("[{prefix:08x}] {text}");
    }
    text
}
