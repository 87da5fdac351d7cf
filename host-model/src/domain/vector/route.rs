// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Choice of a place, moves, and what a CPU does with a vector that arrives.

use super::{CpuSet, Errno, Group, Handled, Place, VectorDomain, Virq};

/// Destination of an interrupt's message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    /// CPU number.
    pub cpu: usize,
    /// Vector.
    pub vector: u8,
    /// A vector of its own; else the shutdown vector of CPU 0.
    pub real: bool,
}

impl VectorDomain {
    /// Moves an interrupt to a CPU of the mask (`apic_set_affinity`), a block as a whole. The old place stays
    /// until [`handle`](Self::handle) has seen the new one, or [`message_changed`](Self::message_changed) has
    /// been called and the old CPU has nothing pending.
    ///
    /// # Errors
    /// [`Errno::Enxio`]; [`Errno::Einval`] when no CPU of the mask is online or a managed interrupt's mask
    /// is to be left; [`Errno::Ebusy`] while an earlier move has not ended; [`Errno::Enospc`]. The interrupt is as
    /// before then.
    pub fn set_affinity(&mut self, irq: Virq, mask: &CpuSet) -> Result<(), Errno> {
        let first = self.first_of(irq)?;
        let group = &self.groups[&first];
        let online = mask.and(&self.online);
        if online.is_empty() {
            return Err(Errno::Einval);
        }
        if group.managed && group.affinity.and(&online).is_empty() {
            return Err(Errno::Einval);
        }
        // An interrupt without a vector only notes where it is wanted; an active managed one looks for another
        // place inside its own mask.
        if group.at.is_none() {
            if !group.managed {
                self.group_mut(first).affinity = *mask;
            }
            return Ok(());
        }
        let at = group.at.expect("just seen");
        if online.contains(at.cpu) {
            if !group.managed {
                self.group_mut(first).affinity = *mask;
            }
            return Ok(());
        }
        if group.move_in_progress || group.prev.is_some() {
            return Err(Errno::Ebusy);
        }
        let managed = group.managed;
        let new =
            if managed { self.matrix.alloc_managed(&group.affinity.and(&online)) } else { self.take(first, &online) }?;
        self.install(first, new);
        if !managed {
            self.group_mut(first).affinity = *mask;
        }
        Ok(())
    }

    /// The device's message and everything before it (remapping entry, caches) names the new place for sure: the
    /// old one can be given back once its CPU has nothing of it pending (`vector_schedule_cleanup`).
    ///
    /// # Errors
    /// [`Errno::Enxio`].
    pub fn message_changed(&mut self, irq: Virq) -> Result<(), Errno> {
        let first = self.first_of(irq)?;
        if self.groups[&first].move_in_progress {
            self.schedule_cleanup(first);
        }
        Ok(())
    }

    /// What a CPU finds at a vector, and the end of a move (`irq_complete_move`): the first arrival at the new
    /// place of a single interrupt schedules the cleanup of the old one. A block waits for
    /// [`message_changed`](Self::message_changed).
    pub fn handle(&mut self, at: Place) -> Handled {
        let Some(&irq) = self.installed.get(&at) else {
            return if at.vector == self.layout.shutdown { Handled::Shutdown } else { Handled::Spurious };
        };
        let first = self.first_of(irq).expect("what is installed exists");
        let group = &self.groups[&first];
        let moved = group.order == 0 && group.move_in_progress && group.at == Some(at);
        if moved {
            self.schedule_cleanup(first);
        }
        Handled::Irq { irq, moved }
    }

    pub(super) fn activate_managed(&mut self, first: Virq) -> Result<(), Errno> {
        let group = &self.groups[&first];
        let online = group.affinity.and(&self.online);
        if online.is_empty() {
            // Started with its first CPU.
            self.group_mut(first).shut_down = true;
            return Ok(());
        }
        if group.at.is_some() {
            return Ok(());
        }
        let at = self.matrix.alloc_managed(&online)?;
        self.install(first, at);
        self.group_mut(first).shut_down = false;
        Ok(())
    }

    pub(super) fn activate_reserved(&mut self, first: Virq) -> Result<(), Errno> {
        self.place_somewhere(first)?;
        let group = self.group_mut(first);
        if std::mem::take(&mut group.has_reserved) {
            self.matrix.remove_reserved()?;
        }
        Ok(())
    }

    /// A place inside the mask, else anywhere ("Affinity broken due to vector space exhaustion").
    pub(super) fn place_somewhere(&mut self, first: Virq) -> Result<(), Errno> {
        let wanted = self.groups[&first].affinity.and(&self.online);
        let any = self.online;
        let at = self.take(first, &wanted).or_else(|_| self.take(first, &any))?;
        self.install(first, at);
        Ok(())
    }

    pub(super) fn take(&mut self, first: Virq, mask: &CpuSet) -> Result<Place, Errno> {
        match self.groups[&first].order {
            0 => self.matrix.alloc(mask, false),
            order => self.matrix.alloc_block(mask, order),
        }
    }

    /// Puts a group at a new place that has been allocated for it (`apic_update_vector`). The old place is
    /// remembered while its CPU is online, given back at once otherwise.
    pub(super) fn install(&mut self, first: Virq, new: Place) {
        let group = self.groups[&first].clone();
        debug_assert!(group.prev.is_none(), "a move begins after the last has ended");
        if let Some(old) = group.at {
            if self.online.contains(old.cpu) {
                let group = self.group_mut(first);
                group.prev = Some(old);
                group.prev_managed = group.managed;
                group.move_in_progress = true;
            } else {
                self.release(&group, old, group.managed);
            }
        }
        self.group_mut(first).at = Some(new);
        for (irq, at) in group.vectors(new) {
            self.installed.insert(at, irq);
        }
    }

    /// Gives a place of a group back to the matrix.
    pub(super) fn release(&mut self, group: &Group, at: Place, managed: bool) {
        for (_, at) in group.vectors(at) {
            self.installed.remove(&at);
        }
        let freed = match group.order {
            0 => self.matrix.free(at, managed),
            order => self.matrix.free_block(at, order),
        };
        freed.expect("it was allocated for this group");
    }

    /// Gives back all that a group has (`clear_irq_vector`).
    pub(super) fn clear_places(&mut self, first: Virq) {
        let group = self.groups[&first].clone();
        if let Some(at) = group.at {
            self.release(&group, at, group.managed);
        }
        if let Some(at) = group.prev {
            self.release(&group, at, group.prev_managed);
        }
        for (at, managed) in &group.left {
            self.release(&group, *at, *managed);
        }
        self.drop_cleanup(first);
        let group = self.group_mut(first);
        group.at = None;
        group.prev = None;
        group.left.clear();
        group.move_in_progress = false;
    }
}
