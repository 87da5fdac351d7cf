// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Spreading interrupts over CPUs: `kernel/irq/affinity.c`, `lib/group_cpus.c`.
//!
//! CPUs are dealt to groups so that every possible CPU is in one, nodes are kept together,
//! hardware threads of one core share a group, and sizes differ by no more than they have
//! to. Present CPUs are dealt first, so that CPUs that may come later do not leave a group without one
//! that is there.

use super::CpuSet;
use std::collections::BTreeMap;

/// Most sets that a driver may divide its vectors into (`IRQ_AFFINITY_MAX_SETS`).
pub const SETS_MAX: usize = 4;

/// CPUs of a machine and how they belong together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Topology {
    /// CPUs that can ever be there.
    pub possible: CpuSet,
    /// CPUs that are plugged in.
    pub present: CpuSet,
    /// Node of each possible CPU, by its number.
    nodes: Vec<u32>,
    /// Core of each possible CPU, by its number: CPUs with equal numbers are siblings.
    cores: Vec<u32>,
}

impl Topology {
    /// `cpus` CPUs, all present, in one node, each a core of its own.
    pub fn flat(cpus: usize) -> Self {
        Self::new(cpus, |_| 0, |cpu| cpu)
    }

    /// `cpus` CPUs, all present, with the node and the core of each.
    pub fn new(cpus: usize, node: impl Fn(u32) -> u32, core: impl Fn(u32) -> u32) -> Self {
        let numbers = || 0..cpus as u32;
        let all = CpuSet::first(cpus);
        Self { possible: all, present: all, nodes: numbers().map(node).collect(), cores: numbers().map(core).collect() }
    }

    /// The same machine with fewer CPUs plugged in.
    #[must_use]
    pub fn with_present(mut self, present: CpuSet) -> Self {
        self.present = present.and(&self.possible);
        self
    }

    fn node(&self, cpu: usize) -> u32 {
        self.nodes.get(cpu).copied().unwrap_or(0)
    }

    fn siblings(&self, cpu: usize) -> impl Iterator<Item = usize> + '_ {
        let core = self.cores.get(cpu).copied();
        (0..self.cores.len()).filter(move |other| self.cores.get(*other).copied() == core)
    }
}

/// How a driver wants its vectors spread: `struct irq_affinity`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IrqAffinity {
    /// Vectors in front that are not spread (an admin queue's).
    pub pre_vectors: u32,
    /// Vectors at the end that are not spread.
    pub post_vectors: u32,
    /// Sizes of the sets that the spread vectors are divided into, of which each covers all CPUs; one set of
    /// all when empty (`calc_sets`).
    pub sets: Vec<u32>,
}

/// Where one vector is to go: `struct irq_affinity_desc`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AffinityDesc {
    /// CPUs.
    pub mask: CpuSet,
    /// The kernel keeps it there; nobody else may move it.
    pub managed: bool,
}

/// Best number of vectors between `min` and `max` (`irq_calc_affinity_vectors`); 0 when pre and post vectors alone
/// are more than `min`.
pub fn calc_affinity_vectors(topology: &Topology, min: u32, max: u32, affd: &IrqAffinity) -> u32 {
    let reserved = affd.pre_vectors + affd.post_vectors;
    if reserved > min {
        return 0;
    }
    let sets = if affd.sets.is_empty() { topology.possible.len() as u32 } else { max - reserved };
    reserved + sets.min(max - reserved)
}

/// A descriptor for each of `vectors` (`irq_create_affinity_masks`); `None` when there is nothing to spread or too many
/// sets.
pub fn create_affinity_masks(topology: &Topology, vectors: u32, affd: &IrqAffinity) -> Option<Vec<AffinityDesc>> {
    let spread = vectors.saturating_sub(affd.pre_vectors + affd.post_vectors) as usize;
    if spread == 0 || affd.sets.len() > SETS_MAX {
        return None;
    }
    let default = AffinityDesc { mask: topology.possible, managed: false };
    let mut masks = vec![default; affd.pre_vectors as usize];
    let sets = if affd.sets.is_empty() { vec![spread as u32] } else { affd.sets.clone() };
    for set in sets {
        let managed = group_cpus_evenly(topology, set as usize).into_iter();
        masks.extend(managed.map(|mask| AffinityDesc { mask, managed: true }));
    }
    masks.resize(vectors as usize, default);
    let last = vectors as usize - affd.post_vectors as usize;
    for (k, desc) in masks.iter_mut().enumerate() {
        // Those that the sets did not reach have the default mask and are managed all the same.
        desc.managed = (affd.pre_vectors as usize..last).contains(&k);
        if k >= last {
            desc.mask = default.mask;
        }
    }
    Some(masks)
}

/// Deals all possible CPUs to `groups` groups (`group_cpus_evenly`).
pub fn group_cpus_evenly(topology: &Topology, groups: usize) -> Vec<CpuSet> {
    let mut masks = vec![CpuSet::EMPTY; groups];
    if groups == 0 {
        return masks;
    }
    let present = deal(topology, &topology.present, 0, &mut masks);
    // Those that are not there yet go on behind, or, when every group has someone, from the first on.
    let next = if present >= groups { 0 } else { present };
    let others: CpuSet = topology.possible.iter().filter(|cpu| !topology.present.contains(*cpu)).collect();
    deal(topology, &others, next, &mut masks);
    masks
}

/// `__group_cpus_evenly`: deals the CPUs of a set from group `start` on; returns the groups that got some.
fn deal(topology: &Topology, cpus: &CpuSet, start: usize, masks: &mut [CpuSet]) -> usize {
    let groups = masks.len();
    let mut nodes = BTreeMap::<u32, CpuSet>::new();
    for cpu in cpus.iter() {
        nodes.entry(topology.node(cpu)).or_insert(CpuSet::EMPTY).insert(cpu);
    }
    if nodes.is_empty() {
        return 0;
    }
    let mut group = start;
    if groups <= nodes.len() {
        for node in nodes.values() {
            node.iter().for_each(|cpu| masks[group].insert(cpu));
            group = (group + 1) % groups;
        }
        return groups;
    }
    let mut done = 0;
    for (mut left, of_node) in shares(&nodes, groups) {
        let count = left.len();
        let mut extra = count - of_node * (count / of_node);
        for _ in 0..of_node {
            let mut size = count / of_node;
            if extra > 0 {
                size += 1;
                extra -= 1;
            }
            group %= groups;
            take_cores(topology, &mut left, size, &mut masks[group]);
            group += 1;
        }
        done += of_node;
    }
    done.min(groups)
}

/// Groups per node, in proportion to its CPUs and one at least, small nodes first (`alloc_nodes_groups`).
fn shares(nodes: &BTreeMap<u32, CpuSet>, groups: usize) -> Vec<(CpuSet, usize)> {
    let mut by_size: Vec<CpuSet> = nodes.values().copied().collect();
    by_size.sort_by_key(CpuSet::len);
    let mut cpus: usize = by_size.iter().map(CpuSet::len).sum();
    let mut groups = groups.min(cpus);
    let mut shares = Vec::new();
    for node in by_size {
        let share = (groups * node.len() / cpus).max(1);
        cpus -= node.len();
        groups -= share;
        shares.push((node, share));
    }
    shares
}

/// The next `size` CPUs, siblings of each first (`grp_spread_init_one`).
fn take_cores(topology: &Topology, left: &mut CpuSet, mut size: usize, group: &mut CpuSet) {
    while size > 0 {
        let Some(cpu) = left.iter().next() else { return };
        for next in std::iter::once(cpu).chain(topology.siblings(cpu)) {
            if size > 0 && left.contains(next) {
                left.remove(next);
                group.insert(next);
                size -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(masks: &[CpuSet]) -> Vec<Vec<usize>> {
        masks.iter().map(|m| m.iter().collect()).collect()
    }

    /// Every machine of a grid: groups disjoint, all possible CPUs covered, sizes within a node differ by one at most, siblings together
    /// where a group has room.
    #[test]
    fn groups_are_disjoint_cover_all_and_are_even() {
        for nodes in 1..=4u32 {
            for threads in 1..=2u32 {
                for cores in 1..=8u32 {
                    let cpus = (nodes * cores * threads) as usize;
                    // As Linux numbers them: first threads of all cores, then the second ones.
                    let core = |cpu| cpu % (nodes * cores);
                    let t = Topology::new(cpus, |cpu| core(cpu) / cores, core);
                    for groups in 1..=cpus.min(64) {
                        let masks = group_cpus_evenly(&t, groups);
                        let mut seen = CpuSet::EMPTY;
                        for m in &masks {
                            assert!(m.and(&seen).is_empty(), "{masks:?}");
                            m.iter().for_each(|cpu| seen.insert(cpu));
                        }
                        assert_eq!(
                            seen, t.possible,
                            "{nodes} nodes, {cores} cores, {threads} threads, {groups} groups"
                        );
                        assert!(masks.iter().all(|m| !m.is_empty()));
                        let sizes: Vec<usize> = masks.iter().map(CpuSet::len).collect();
                        let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
                        if groups.is_multiple_of(nodes as usize) {
                            assert!(most - least <= 1, "{sizes:?}");
                        }
                        // No group but the smallest kind mixes nodes once there are groups for all of them.
                        if groups >= nodes as usize {
                            for m in &masks {
                                let node = t.node(m.iter().next().unwrap());
                                assert!(m.iter().all(|cpu| t.node(cpu) == node));
                            }
                        }
                        // One group a core: siblings share it.
                        if groups == (nodes * cores) as usize {
                            assert!(masks.iter().all(|m| {
                                m.iter().all(|cpu| core(cpu as u32) == core(m.iter().next().unwrap() as u32))
                            }));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn known_spreads() {
        assert_eq!(sets(&group_cpus_evenly(&Topology::flat(4), 4)), [[0], [1], [2], [3]]);
        assert_eq!(sets(&group_cpus_evenly(&Topology::flat(5), 2)), [vec![0, 1, 2], vec![3, 4]]);
        // Two nodes of 2 and 6 CPUs and 4 groups: one and three.
        let t = Topology::new(8, |cpu| u32::from(cpu >= 2), |cpu| cpu);
        assert_eq!(sets(&group_cpus_evenly(&t, 4)), [[0, 1], [2, 3], [4, 5], [6, 7]]);
        // Fewer groups than nodes: whole nodes in turn.
        let t = Topology::new(6, |cpu| cpu / 2, |cpu| cpu);
        assert_eq!(sets(&group_cpus_evenly(&t, 2)), [vec![0, 1, 4, 5], vec![2, 3]]);
        // CPUs 2 and 3 are not plugged in: both groups have one that is.
        let t = Topology::flat(4).with_present(CpuSet::first(2));
        assert_eq!(sets(&group_cpus_evenly(&t, 2)), [[0, 2], [1, 3]]);
        // More groups than CPUs: the rest stays empty.
        assert_eq!(group_cpus_evenly(&Topology::flat(2), 3).iter().map(CpuSet::len).collect::<Vec<_>>(), [1, 1, 0]);
    }

    #[test]
    fn pre_and_post_vectors_are_left_out_of_the_spread() {
        let t = Topology::flat(4);
        let affd = IrqAffinity { pre_vectors: 1, post_vectors: 2, sets: vec![] };
        let masks = create_affinity_masks(&t, 7, &affd).unwrap();
        let seen: Vec<_> = masks.iter().map(|d| (d.mask.len(), d.managed)).collect();
        assert_eq!(seen, [(4, false), (1, true), (1, true), (1, true), (1, true), (4, false), (4, false)]);
        assert_eq!(create_affinity_masks(&t, 3, &affd), None);
        // Two sets, each over all CPUs.
        let affd = IrqAffinity { sets: vec![2, 4], ..IrqAffinity::default() };
        let masks = create_affinity_masks(&t, 6, &affd).unwrap();
        assert_eq!(masks.iter().map(|d| d.mask.len()).collect::<Vec<_>>(), [2, 2, 1, 1, 1, 1]);
        let affd = IrqAffinity { sets: vec![1; 5], ..IrqAffinity::default() };
        assert_eq!(create_affinity_masks(&t, 5, &affd), None);
    }

    #[test]
    fn the_number_of_vectors_follows_the_cpus() {
        let t = Topology::flat(4);
        let affd = IrqAffinity { pre_vectors: 1, ..IrqAffinity::default() };
        assert_eq!(calc_affinity_vectors(&t, 2, 32, &affd), 5);
        assert_eq!(calc_affinity_vectors(&t, 1, 3, &affd), 3);
        assert_eq!(calc_affinity_vectors(&t, 1, 8, &IrqAffinity { pre_vectors: 2, ..affd.clone() }), 0);
        assert_eq!(calc_affinity_vectors(&t, 1, 9, &IrqAffinity { sets: vec![4, 4], ..affd }), 9);
    }
}
