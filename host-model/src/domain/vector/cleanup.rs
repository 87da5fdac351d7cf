// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Giving old places back after moves: the timer of the old CPU (`vector_cleanup_callback`).

use super::{Place, VectorDomain, Virq};

/// An old place that waits for its CPU's timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cleanup {
    /// The interrupt; of a block the first.
    pub irq: Virq,
    /// Its old place.
    pub at: Place,
}

impl VectorDomain {
    /// CPUs on which a cleanup waits for the timer, about a jiffy after it was scheduled.
    pub fn cleanups(&self) -> impl Iterator<Item = (usize, &[Cleanup])> + '_ {
        self.cleanups.iter().map(|(cpu, list)| (*cpu, list.as_slice()))
    }

    /// The timer of a CPU: gives back each old place of which nothing is pending there; the others wait for the
    /// next round. `irr` says whether a vector is pending there. Returns how many were given back.
    pub fn cleanup_timer(&mut self, cpu: usize, irr: &dyn Fn(Place) -> bool) -> usize {
        let mut freed = 0;
        for cleanup in self.cleanups.remove(&cpu).unwrap_or_default() {
            let group = self.groups[&cleanup.irq].clone();
            if group.vectors(cleanup.at).any(|(_, at)| irr(at)) {
                self.cleanups.entry(cpu).or_default().push(cleanup);
                continue;
            }
            let left = group.left.iter().position(|(at, _)| *at == cleanup.at);
            let managed = left.map_or(group.prev_managed, |k| group.left[k].1);
            self.release(&group, cleanup.at, managed);
            let group = self.group_mut(cleanup.irq);
            match left {
                Some(k) => _ = group.left.remove(k),
                None => group.prev = None,
            }
            freed += 1;
        }
        freed
    }

    pub(super) fn schedule_cleanup(&mut self, first: Virq) {
        let group = self.group_mut(first);
        group.move_in_progress = false;
        if let Some(at) = group.prev {
            self.cleanups.entry(at.cpu).or_default().push(Cleanup { irq: first, at });
        }
    }

    /// A move ends by force, since its interrupt is to move again at once. Its old place keeps its handler until
    /// nothing is pending there: the timer of its CPU looks.
    pub(super) fn leave_behind(&mut self, first: Virq) {
        let group = self.groups[&first].clone();
        let Some(old) = group.prev else { return };
        if group.move_in_progress {
            self.schedule_cleanup(first);
        }
        let group = self.group_mut(first);
        group.left.push((old, group.prev_managed));
        group.prev = None;
    }

    pub(super) fn drop_cleanup(&mut self, first: Virq) {
        self.cleanups.values_mut().for_each(|list| list.retain(|c| c.irq != first));
        self.cleanups.retain(|_, list| !list.is_empty());
    }
}
