// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Compares strategies: cycles to what random reaches within its budget, each on the same device and the same model.

use super::search::{Search, Setup, Strategy};
use super::{Profile, State};
use crate::cover::{Plan, items};
use crate::run::Dut;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Coverage over cycles of one search: (cycles, bins), rising.
pub type Curve = Vec<(u64, usize)>;

/// A search of one strategy, over.
pub struct Ran {
    /// Strategy.
    pub strategy: Strategy,
    /// When each bin was hit first, in cycles.
    pub hit_at: BTreeMap<usize, u64>,
    /// Cycles simulated altogether.
    pub cycles: u64,
    /// Runs.
    pub runs: u64,
    /// Runs that did not pass.
    pub failed: usize,
}

impl Ran {
    /// Its curve.
    pub fn curve(&self) -> Curve {
        let mut at: Vec<u64> = self.hit_at.values().copied().collect();
        at.sort_unstable();
        at.into_iter().enumerate().map(|(k, cycles)| (cycles, k + 1)).collect()
    }

    /// Cycles after which all of these bins were hit, if they were.
    pub fn until_all(&self, bins: impl Iterator<Item = usize>) -> Option<u64> {
        bins.map(|b| self.hit_at.get(&b).copied()).try_fold(0, |most, at| at.map(|at| most.max(at)))
    }
}

/// A search until its budget is spent or `enough`.
pub fn run(
    plan: &Arc<Plan>,
    profile: &Profile,
    dut: &Dut,
    strategy: Strategy,
    seed: u64,
    budget: u64,
    enough: impl Fn(&Search) -> bool,
) -> Ran {
    let setup = Setup {
        plan: plan.clone(),
        profile: profile.clone(),
        dut: dut.clone(),
        params: Vec::new(),
        strategy,
        seed,
        aim: Vec::new(),
        covers: None,
    };
    let mut search = Search::new(setup);
    while search.state.cycles < budget && !enough(&search) {
        search.once();
    }
    let State { hit_at, cycles, runs, found, .. } = search.state;
    let mut by_bin = BTreeMap::new();
    for (name, at) in hit_at {
        if let Ok(bins) = items::named(&name)
            && let Some(bin) = bins.first().copied()
            && plan.can_be(bin)
        {
            by_bin.insert(bin, at);
        }
    }
    Ran { strategy, hit_at: by_bin, cycles, runs, failed: found.len() }
}
