// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every invariant of the domain, for tests that do anything at all to it.

use super::{Cleanup, Group, VectorDomain};
use std::collections::BTreeMap;

impl VectorDomain {
    /// Holds the domain against itself: matrix counters, one owner for each allocated vector, what is installed, aligned
    /// blocks, device vectors only, promises.
    ///
    /// # Errors
    /// Names the first thing that is wrong.
    pub fn check(&self) -> Result<(), String> {
        self.matrix.check()?;
        let mut owner = BTreeMap::new();
        let mut reserved = 0;
        for group in self.groups.values() {
            let left = group.left.iter().map(|(at, _)| *at);
            for at in group.at.into_iter().chain(group.prev).chain(left) {
                if at.vector % (1 << group.order) != 0 {
                    return Err(format!("interrupt {}: block of {} at {:#x}", group.first, group.size(), at.vector));
                }
                for (irq, at) in group.vectors(at) {
                    if !self.layout.is_device(at.vector) {
                        return Err(format!("interrupt {irq} has vector {:#x}, which is not a device's", at.vector));
                    }
                    if let Some(other) = owner.insert(at, irq) {
                        return Err(format!("interrupts {other} and {irq} share {at:?}"));
                    }
                    if !self.matrix.is_allocated(at) {
                        return Err(format!("interrupt {irq} uses {at:?}, which is free"));
                    }
                }
            }
            if let Some(at) = group.at.filter(|at| !self.online.contains(at.cpu)) {
                return Err(format!("interrupt {} is on CPU {}, which is offline", group.first, at.cpu));
            }
            for (at, _) in &group.left {
                if !self.online.contains(at.cpu) {
                    return Err(format!("interrupt {} has left {at:?}, which is offline", group.first));
                }
                let waits =
                    self.cleanups.get(&at.cpu).is_some_and(|l| l.contains(&Cleanup { irq: group.first, at: *at }));
                if !waits {
                    return Err(format!("interrupt {} has left {at:?}, and no cleanup waits there", group.first));
                }
            }
            if group.move_in_progress && group.prev.is_none() {
                return Err(format!("interrupt {} moves from nowhere", group.first));
            }
            if group.managed && group.at.is_some_and(|at| !group.affinity.contains(at.cpu)) {
                return Err(format!("managed interrupt {} is outside its mask", group.first));
            }
            reserved += usize::from(group.has_reserved);
        }
        if owner != self.installed {
            return Err("what is installed is not what is allocated".into());
        }
        if owner.len() != self.matrix.allocated() {
            return Err(format!("{} vectors have owners, {} are allocated", owner.len(), self.matrix.allocated()));
        }
        if reserved != self.matrix.reserved() {
            return Err(format!("{reserved} promises are held, {} counted", self.matrix.reserved()));
        }
        for (cpu, list) in &self.cleanups {
            for c in list {
                let old =
                    |g: &Group| g.prev == Some(c.at) && !g.move_in_progress || g.left.iter().any(|(at, _)| *at == c.at);
                let waits = self.groups.get(&c.irq).is_some_and(old);
                if !waits || c.at.cpu != *cpu {
                    return Err(format!("cleanup of {c:?} on CPU {cpu} has nothing to clean up"));
                }
            }
        }
        Ok(())
    }
}
