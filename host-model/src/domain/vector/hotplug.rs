// SPDX-License-Identifier: Apache-2.0 OR MIT
//! CPUs that come and go: `lapic_can_unplug_cpu`, `fixup_irqs`, managed shutdown and start.

use super::{CpuSet, Errno, Place, Retrigger, VectorDomain, Virq};

impl VectorDomain {
    /// A CPU comes online; managed interrupts that have waited for one of their CPUs are started. Returns those.
    ///
    /// # Errors
    /// [`Errno::Einval`] when it is online or does not exist.
    pub fn online_cpu(&mut self, cpu: usize) -> Result<Vec<Virq>, Errno> {
        self.matrix.online(cpu)?;
        self.online.insert(cpu);
        let waiting: Vec<Virq> = self
            .groups
            .values()
            .filter(|g| g.managed && g.shut_down && g.activated && g.affinity.contains(cpu))
            .map(|g| g.first)
            .collect();
        for first in &waiting {
            self.activate_managed(*first)?;
        }
        Ok(waiting)
    }

    /// A CPU goes offline: everything that is delivered to it moves, managed interrupts that have no CPU left are shut
    /// down, what is pending at an old place (`irr`) is raised again at the new one, old places on it are given back.
    ///
    /// # Errors
    /// [`Errno::Einval`] when it is not online or the last one; [`Errno::Enospc`] when the others cannot take what it has:
    /// too few vectors, or no aligned block for one of its blocks. Nothing has changed then, and the CPU stays.
    pub fn offline_cpu(&mut self, cpu: usize, irr: &dyn Fn(Place) -> bool) -> Result<Vec<Retrigger>, Errno> {
        if !self.online.contains(cpu) || self.online.len() == 1 {
            return Err(Errno::Einval);
        }
        if self.matrix.available(Some(cpu)) < self.matrix.allocated_unmanaged(cpu) {
            return Err(Errno::Enospc);
        }
        // Whether every block finds a place is only known when all have: tried on a copy.
        let mut after = self.clone();
        let retriggers = after.leave(cpu, irr)?;
        *self = after;
        Ok(retriggers)
    }

    fn leave(&mut self, cpu: usize, irr: &dyn Fn(Place) -> bool) -> Result<Vec<Retrigger>, Errno> {
        let mut again = Vec::new();
        self.online.remove(cpu);
        // Large blocks first: single vectors fit in what is left.
        let mut here: Vec<(std::cmp::Reverse<u32>, Virq)> = self
            .groups
            .values()
            .filter(|g| g.at.is_some_and(|at| at.cpu == cpu))
            .map(|g| (std::cmp::Reverse(g.order), g.first))
            .collect();
        here.sort_unstable();
        for (_, first) in here {
            let pending = self.pending_at(first, self.groups[&first].at, irr);
            self.leave_behind(first);
            let group = &self.groups[&first];
            let wanted = group.affinity.and(&self.online);
            if group.managed && wanted.is_empty() {
                self.clear_places(first);
                self.group_mut(first).shut_down = true;
                continue;
            }
            let new = self.place_on(first, &wanted)?;
            self.install(first, new);
            self.raise_again(first, &pending, &mut again);
        }
        // Old places on it, of interrupts that live elsewhere already: no timer runs there any more.
        for cleanup in self.cleanups.remove(&cpu).unwrap_or_default() {
            self.give_up(cleanup.irq, cleanup.at, irr, &mut again);
        }
        let moving: Vec<(Virq, Place)> =
            self.groups.values().filter_map(|g| Some((g.first, g.prev.filter(|at| at.cpu == cpu)?))).collect();
        for (first, at) in moving {
            self.give_up(first, at, irr, &mut again);
        }
        self.matrix.offline(cpu)?;
        Ok(again)
    }

    fn place_on(&mut self, first: Virq, wanted: &CpuSet) -> Result<Place, Errno> {
        if self.groups[&first].managed {
            return self.matrix.alloc_managed(wanted);
        }
        let any = self.online;
        self.take(first, wanted).or_else(|_| self.take(first, &any))
    }

    /// Ends a move that nobody can wait for (`irq_force_complete_move`): the interrupt can move again. Its old place
    /// stays until nothing is pending there.
    ///
    /// # Errors
    /// [`Errno::Enxio`].
    pub fn force_complete_move(&mut self, irq: Virq) -> Result<(), Errno> {
        let first = self.first_of(irq)?;
        self.leave_behind(first);
        Ok(())
    }

    /// An old place on the CPU that goes is given back at once; what is pending there is raised again.
    fn give_up(&mut self, first: Virq, at: Place, irr: &dyn Fn(Place) -> bool, again: &mut Vec<Retrigger>) {
        let pending = self.pending_at(first, Some(at), irr);
        let group = self.groups[&first].clone();
        let left = group.left.iter().find(|(place, _)| *place == at);
        self.release(&group, at, left.map_or(group.prev_managed, |(_, managed)| *managed));
        let group = self.group_mut(first);
        if group.prev == Some(at) {
            group.prev = None;
            group.move_in_progress = false;
        }
        group.left.retain(|(place, _)| *place != at);
        self.raise_again(first, &pending, again);
    }

    fn pending_at(&self, first: Virq, at: Option<Place>, irr: &dyn Fn(Place) -> bool) -> Vec<Virq> {
        let group = &self.groups[&first];
        at.map_or_else(Vec::new, |at| group.vectors(at).filter(|(_, at)| irr(*at)).map(|(irq, _)| irq).collect())
    }

    /// What was pending at places that are gone is raised where the group is now.
    fn raise_again(&self, first: Virq, pending: &[Virq], again: &mut Vec<Retrigger>) {
        let group = &self.groups[&first];
        let Some(at) = group.at else { return };
        again.extend(group.vectors(at).filter(|(irq, _)| pending.contains(irq)).map(|(irq, at)| Retrigger { irq, at }));
    }
}
