// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The laws of the link, one a file. Checks watch; they never drive.
//!
//! Each check sees every upstream packet (and what it needs of the downstream
//! ones), counts how often it looked, and reports by name. A run in which a check
//! never looked is no evidence, so the counts are part of the verdict.

pub mod answers;
pub mod ats;
pub mod credits;
pub mod errors;
pub mod format;
pub mod mastering;
pub mod reads;
pub mod shape;
pub mod target;
pub mod work;
pub mod writes;

use crate::bench::decode::{Common, Decoded};
use crate::finding::{Finding, Kind};
use crate::shadow::Shadow;
use std::collections::BTreeMap;
use tlp::{Packet, Tick};

/// An upstream packet as the checks see it.
pub struct Upstream<'a> {
    /// Tick of its last beat.
    pub tick: Tick,
    /// The raw packet.
    pub packet: &'a Packet,
    /// Word 0.
    pub common: Common,
    /// The rest.
    pub decoded: &'a Decoded,
}

/// Collects what checks have to say.
#[derive(Clone, Default)]
pub struct Report {
    /// Findings so far.
    pub findings: Vec<Finding>,
    /// How often each check looked, by the address of its name: checks look several
    /// times a packet, and comparing addresses is cheaper than comparing names.
    looked: BTreeMap<usize, (&'static str, u64)>,
}

impl Report {
    /// The check looked once.
    pub fn look(&mut self, check: &'static str) {
        self.looked.entry(check.as_ptr() as usize).or_insert((check, 0)).1 += 1;
    }

    /// The check looked so many times.
    pub fn look_often(&mut self, check: &'static str, n: u64) {
        if n > 0 {
            self.looked.entry(check.as_ptr() as usize).or_insert((check, 0)).1 += n;
        }
    }

    /// How often each check looked, by name.
    pub fn looked(&self) -> BTreeMap<String, u64> {
        let mut by_name = BTreeMap::new();
        for (name, n) in self.looked.values() {
            *by_name.entry(name.to_string()).or_default() += n;
        }
        by_name
    }

    /// The check looked, and this holds or does not.
    pub fn require(&mut self, check: &'static str, tick: Tick, holds: bool, text: impl FnOnce() -> String) {
        self.look(check);
        if !holds {
            self.findings.push(Finding { check, kind: Kind::Safety, tick, text: text() });
        }
    }
}

/// What every check of upstream packets has.
pub trait Law {
    /// Judges one upstream packet.
    fn upstream(&mut self, up: &Upstream<'_>, shadow: &mut Shadow, report: &mut Report);
}
