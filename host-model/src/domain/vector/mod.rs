// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The vector domain, root of the hierarchy: `arch/x86/kernel/apic/vector.c`.
//!
//! An interrupt gets its CPU and vector here. At allocation it is only promised one
//! (reservation mode: its message names the shutdown vector) or has one set aside on each CPU
//! of its mask (managed); at activation it gets the real one. A move leaves the old
//! vector in place until the new one has been heard of, or, where nobody can wait for
//! that, until the old CPU has nothing of it pending any more.
//!
//! Beyond Linux: [`Contiguous::Blocks`]. The messages of one multi-message MSI share an
//! address and differ in the low bits of their data, so without a remapping unit they
//! need 2^k aligned vectors of one CPU. Linux refuses (-ENOSYS); here they are
//! allocated, moved and freed as one unit. A vector of the block that is never raised
//! never "arrives" at its new place, so the old block is given back by looking at the old
//! CPU's pending bits alone, after the device's message has been changed
//! ([`VectorDomain::message_changed`]).
//!
//! Also beyond Linux: a move that is ended by force because its new CPU goes (`irq_force_complete_move`). Linux takes the
//! old vector away at once, and if it is pending there, its CPU finds nobody's vector ("we get a spurious interrupt" says
//! the comment there) and the interrupt is lost. Here the old place stays with its handler until that CPU's
//! pending bits are clear.
//!
//! What the caller provides: the pending bits of a CPU (IRR) as a function, and the
//! carrying out of what is returned ([`Retrigger`], cleanups on a timer).

mod check;
mod cleanup;
mod hotplug;
mod route;

pub use cleanup::Cleanup;
pub use route::Target;

use super::matrix::{IrqMatrix, Place};
use super::{CpuSet, Errno, VectorLayout};
use std::collections::BTreeMap;

/// A Linux interrupt number.
pub type Virq = u32;

/// What happens when several consecutive vectors are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Contiguous {
    /// Refused with -ENOSYS, as Linux does.
    #[default]
    Refuse,
    /// Aligned blocks of one CPU.
    Blocks,
}

/// How an interrupt is to be allocated: `struct irq_alloc_info` and the affinity descriptor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AllocInfo {
    /// CPUs that the requester names; without, any. A named mask is served with a vector at once.
    pub mask: Option<CpuSet>,
    /// The kernel manages the affinity: a vector is set aside on each CPU of the mask.
    pub managed: bool,
    /// The interrupts need consecutive vectors (`X86_IRQ_ALLOC_CONTIGUOUS_VECTORS`).
    pub contiguous: bool,
}

/// An interprocessor interrupt to be sent: what was pending at an old place is raised at the new one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Retrigger {
    /// The interrupt.
    pub irq: Virq,
    /// Where it is raised.
    pub at: Place,
}

/// What a CPU finds installed at a vector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handled {
    /// An interrupt's handler runs. `moved`: the first arrival at its new place.
    Irq {
        /// The interrupt.
        irq: Virq,
        /// Its old place can be cleaned up now: a cleanup has been scheduled.
        moved: bool,
    },
    /// The shutdown vector: something that has no vector was raised.
    Shutdown,
    /// Nobody's: Linux says "No irq handler for vector".
    Spurious,
}

/// Vectors that live and move together: one, or an aligned block.
#[derive(Clone, Debug)]
struct Group {
    first: Virq,
    order: u32,
    /// In the vector space: the real place, or none (reserved or shut down).
    at: Option<Place>,
    /// Where it was, while that is still allocated.
    prev: Option<Place>,
    /// Between the new vector and the first arrival there.
    move_in_progress: bool,
    /// What was at `prev` came from the managed bits.
    prev_managed: bool,
    /// Old places of moves that were ended by force, on CPUs that stay; with whether their bits are managed ones.
    left: Vec<(Place, bool)>,
    affinity: CpuSet,
    managed: bool,
    /// A promise in the matrix stands for it.
    has_reserved: bool,
    /// It may only be promised a vector until it is started.
    can_reserve: bool,
    activated: bool,
    /// Managed, and no CPU of its mask is online.
    shut_down: bool,
}

impl Group {
    fn size(&self) -> u32 {
        1 << self.order
    }

    fn vectors(&self, at: Place) -> impl Iterator<Item = (Virq, Place)> + use<> {
        let first = self.first;
        (0..self.size()).map(move |i| {
            let vector = at.vector + u8::try_from(i).expect("at most 32");
            (first + i, Place { cpu: at.cpu, vector })
        })
    }
}

/// The domain.
#[derive(Clone, Debug)]
pub struct VectorDomain {
    layout: VectorLayout,
    contiguous: Contiguous,
    matrix: IrqMatrix,
    cpus: usize,
    online: CpuSet,
    /// By the first interrupt of each group.
    groups: BTreeMap<Virq, Group>,
    /// `vector_irq`: what is installed where.
    installed: BTreeMap<Place, Virq>,
    /// Old places that wait for their CPU's timer.
    cleanups: BTreeMap<usize, Vec<Cleanup>>,
}

impl VectorDomain {
    /// A domain of `cpus` CPUs; CPU 0, which boots, is online.
    ///
    /// # Errors
    /// [`Errno::Einval`] for no CPU or more than 256.
    pub fn new(cpus: usize, layout: VectorLayout, contiguous: Contiguous) -> Result<Self, Errno> {
        if cpus == 0 {
            return Err(Errno::Einval);
        }
        let mut matrix = IrqMatrix::new(cpus, layout.first_external, u16::from(layout.first_system))?;
        matrix.assign_system(layout.syscall, false)?;
        if let Some(vector) = layout.move_cleanup {
            matrix.assign_system(vector, false)?;
        }
        matrix.online(0)?;
        if let Some(vector) = layout.pic_cascade {
            matrix.assign(Place { cpu: 0, vector })?;
            // The cascade input of the legacy PIC never becomes an interrupt.
            matrix.assign_system(vector, true)?;
        }
        Ok(Self {
            layout,
            contiguous,
            matrix,
            cpus,
            online: CpuSet::of(0),
            groups: BTreeMap::new(),
            installed: BTreeMap::new(),
            cleanups: BTreeMap::new(),
        })
    }

    /// The allocator, to look at.
    pub fn matrix(&self) -> &IrqMatrix {
        &self.matrix
    }

    /// CPUs that are online.
    pub fn online_cpus(&self) -> CpuSet {
        self.online
    }

    /// Allocates `count` interrupts from `first` on (`x86_vector_alloc_irqs`).
    ///
    /// Without `contiguous` each is on its own. With it and more than one, they become one block, its size
    /// the next power of two: what the device may name stays reserved.
    ///
    /// # Errors
    /// [`Errno::Einval`] for none, more than 32 in a block, or a managed block; [`Errno::Eexist`] for a number in
    /// use; [`Errno::Enosys`] for a block where they are refused; [`Errno::Enospc`]. Nothing is allocated then.
    pub fn alloc_irqs(&mut self, first: Virq, count: u32, info: &AllocInfo) -> Result<(), Errno> {
        if count == 0 || first.checked_add(count).is_none() {
            return Err(Errno::Einval);
        }
        let block = info.contiguous && count > 1;
        let size = if block { count.next_power_of_two() } else { count };
        if block && self.contiguous == Contiguous::Refuse {
            return Err(Errno::Enosys);
        }
        if block && (size > 32 || info.managed) {
            return Err(Errno::Einval);
        }
        if (first..first + size).any(|irq| self.group_of(irq).is_some()) {
            return Err(Errno::Eexist);
        }
        if block {
            return self.alloc_group(first, size.ilog2(), info);
        }
        for irq in first..first + count {
            if let Err(e) = self.alloc_group(irq, 0, info) {
                for done in first..irq {
                    self.free_group(done);
                }
                return Err(e);
            }
        }
        Ok(())
    }

    /// Frees interrupts (`x86_vector_free_irqs`). A block goes as a whole, with its first interrupt.
    ///
    /// # Errors
    /// [`Errno::Enxio`], with nothing freed, when one of them does not exist or is inside a block that does not
    /// go with it.
    pub fn free_irqs(&mut self, first: Virq, count: u32) -> Result<(), Errno> {
        let end = first.checked_add(count).ok_or(Errno::Einval)?;
        let mut irq = first;
        let mut groups = Vec::new();
        while irq < end {
            let group = self.groups.get(&irq).ok_or(Errno::Enxio)?;
            groups.push(irq);
            irq += group.size();
        }
        for first in groups {
            self.free_group(first);
        }
        Ok(())
    }

    /// Gives an interrupt its vector (`x86_vector_activate`). `reserve`: not yet, its message names the shutdown
    /// vector.
    ///
    /// # Errors
    /// [`Errno::Enxio`]; [`Errno::Enospc`], with the interrupt as before.
    pub fn activate(&mut self, irq: Virq, reserve: bool) -> Result<(), Errno> {
        let first = self.first_of(irq)?;
        let group = self.groups[&first].clone();
        if group.activated && group.at.is_some() {
            return Ok(());
        }
        let activated = if reserve && (group.can_reserve || group.managed) {
            Ok(())
        } else if group.managed {
            self.activate_managed(first)
        } else if group.at.is_none() {
            self.activate_reserved(first)
        } else {
            Ok(())
        };
        activated?;
        self.group_mut(first).activated = true;
        Ok(())
    }

    /// Takes the vector back; the interrupt is promised one again (`x86_vector_deactivate`).
    ///
    /// # Errors
    /// [`Errno::Enxio`].
    pub fn deactivate(&mut self, irq: Virq) -> Result<(), Errno> {
        let first = self.first_of(irq)?;
        self.group_mut(first).activated = false;
        let group = &self.groups[&first];
        // A block was allocated with the interrupts and stays: nobody could promise to find another.
        if group.order > 0 || (!group.managed && !group.can_reserve) {
            return Ok(());
        }
        self.clear_places(first);
        let group = self.group_mut(first);
        if !group.managed && !group.has_reserved {
            group.has_reserved = true;
            self.matrix.reserve();
        }
        Ok(())
    }

    /// Where an interrupt's message leads.
    ///
    /// # Errors
    /// [`Errno::Enxio`].
    pub fn target(&self, irq: Virq) -> Result<Target, Errno> {
        let group = &self.groups[&self.first_of(irq)?];
        Ok(group.at.map_or(Target { cpu: 0, vector: self.layout.shutdown, real: false }, |at| Target {
            cpu: at.cpu,
            vector: at.vector + self.offset(irq),
            real: true,
        }))
    }

    /// Old place of an interrupt that moves or has not been cleaned up behind yet.
    pub fn previous(&self, irq: Virq) -> Option<Place> {
        let group = self.group_of(irq)?;
        let at = group.prev?;
        Some(Place { cpu: at.cpu, vector: at.vector + self.offset(irq) })
    }

    /// All places of an interrupt: where it is, and where it was as long as that is still installed.
    pub fn places(&self, irq: Virq) -> impl Iterator<Item = Place> + '_ {
        let here = self.target(irq).ok().filter(|t| t.real).map(|t| Place { cpu: t.cpu, vector: t.vector });
        let left = self.group_of(irq).map_or(&[][..], |g| &g.left);
        let left = left.iter().map(move |(at, _)| Place { cpu: at.cpu, vector: at.vector + self.offset(irq) });
        here.into_iter().chain(self.previous(irq)).chain(left)
    }

    /// Whose a place is.
    pub fn owner(&self, at: Place) -> Option<Virq> {
        self.installed.get(&at).copied()
    }

    /// Whether the interrupt is managed and shut down, since no CPU of its mask is online.
    pub fn is_shut_down(&self, irq: Virq) -> bool {
        self.group_of(irq).is_some_and(|g| g.shut_down)
    }

    /// CPUs that an interrupt may go to.
    pub fn affinity(&self, irq: Virq) -> Option<CpuSet> {
        self.group_of(irq).map(|g| g.affinity)
    }

    // ---- groups -------------------------------------------------------------------------

    fn group_of(&self, irq: Virq) -> Option<&Group> {
        let (_, group) = self.groups.range(..=irq).next_back()?;
        (irq < group.first + group.size()).then_some(group)
    }

    /// Number of an interrupt inside its block.
    fn offset(&self, irq: Virq) -> u8 {
        self.group_of(irq).map_or(0, |g| u8::try_from(irq - g.first).expect("at most 32"))
    }

    fn first_of(&self, irq: Virq) -> Result<Virq, Errno> {
        self.group_of(irq).map(|g| g.first).ok_or(Errno::Enxio)
    }

    fn group_mut(&mut self, first: Virq) -> &mut Group {
        self.groups.get_mut(&first).expect("looked up before")
    }

    fn alloc_group(&mut self, first: Virq, order: u32, info: &AllocInfo) -> Result<(), Errno> {
        let affinity = info.mask.unwrap_or_else(|| CpuSet::first(self.cpus));
        let mut group = Group {
            first,
            order,
            at: None,
            prev: None,
            move_in_progress: false,
            prev_managed: false,
            left: Vec::new(),
            affinity,
            managed: info.managed,
            has_reserved: false,
            can_reserve: false,
            activated: false,
            shut_down: false,
        };
        if info.managed {
            self.matrix.reserve_managed(&affinity)?;
        } else if order == 0 && info.mask.is_none() {
            self.matrix.reserve();
            group.has_reserved = true;
            group.can_reserve = true;
        }
        let wants_now = !info.managed && !group.has_reserved;
        self.groups.insert(first, group);
        if wants_now && let Err(e) = self.place_somewhere(first) {
            self.groups.remove(&first);
            return Err(e);
        }
        Ok(())
    }

    fn free_group(&mut self, first: Virq) {
        self.clear_places(first);
        let group = self.groups.remove(&first).expect("looked up before");
        if group.managed {
            self.matrix.remove_managed(&group.affinity);
        } else if group.has_reserved {
            self.matrix.remove_reserved().expect("its promise is counted");
        }
    }
}
