// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The per-CPU vector allocator: `kernel/irq/matrix.c`, and beyond it aligned blocks.
//!
//! Each CPU has a map of allocated bits and a map of managed ones (set aside for
//! interrupts whose affinity the kernel manages). Bits of the system map are
//! nobody's. What Linux leaves out and is here: [`IrqMatrix::alloc_block`], 2^k aligned
//! bits of one CPU, for multi-message MSI without a remapping unit.
//!
//! Counters are kept as Linux keeps them, not derived, so that a test can hold one against
//! the other ([`IrqMatrix::check`]).

use super::{CPUS_MAX, CpuSet, Errno};

/// Bits of a map: one for each vector.
pub const BITS: usize = 256;

/// A map of vectors.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Bitmap([u64; BITS / 64]);

impl Bitmap {
    fn get(&self, bit: usize) -> bool {
        self.0[bit / 64] >> (bit % 64) & 1 == 1
    }

    fn put(&mut self, bit: usize, value: bool) {
        let mask = 1 << (bit % 64);
        if value {
            self.0[bit / 64] |= mask;
        } else {
            self.0[bit / 64] &= !mask;
        }
    }

    fn or(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    fn and_not(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }

    fn count(&self, range: std::ops::Range<usize>) -> usize {
        range.filter(|bit| self.get(*bit)).count()
    }
}

impl std::fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries((0..BITS).filter(|bit| self.get(*bit))).finish()
    }
}

/// One CPU's part.
#[derive(Clone, Default, Debug)]
struct CpuMap {
    alloc: Bitmap,
    managed: Bitmap,
    available: usize,
    allocated: usize,
    managed_count: usize,
    managed_allocated: usize,
    initialized: bool,
    online: bool,
}

/// Bits of one CPU: what an allocation gave.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// CPU number.
    pub cpu: usize,
    /// Vector; of a block the first.
    pub vector: u8,
}

/// What a CPU's counters say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CpuCounters {
    /// Bits that can still be allocated.
    pub available: usize,
    /// Bits allocated, managed ones included.
    pub allocated: usize,
    /// Bits set aside for managed interrupts, in use or not.
    pub managed: usize,
    /// Of these, in use.
    pub managed_allocated: usize,
    /// Whether the CPU is online.
    pub online: bool,
}

/// The allocator.
#[derive(Clone, Debug)]
pub struct IrqMatrix {
    start: usize,
    end: usize,
    system: Bitmap,
    system_in_range: usize,
    cpus: Vec<CpuMap>,
    global_available: usize,
    global_reserved: usize,
    total_allocated: usize,
}

impl IrqMatrix {
    /// A matrix whose bits `start..end` can be allocated on `cpus` CPUs, all offline.
    ///
    /// # Errors
    /// [`Errno::Einval`] for an empty range, one beyond 256 bits, or more than 256 CPUs.
    pub fn new(cpus: usize, start: u8, end: u16) -> Result<Self, Errno> {
        let (start, end) = (usize::from(start), usize::from(end));
        if start >= end || end > BITS || cpus > CPUS_MAX {
            return Err(Errno::Einval);
        }
        Ok(Self {
            start,
            end,
            system: Bitmap::default(),
            system_in_range: 0,
            cpus: vec![CpuMap::default(); cpus],
            global_available: 0,
            global_reserved: 0,
            total_allocated: 0,
        })
    }

    /// Makes a bit nobody's, on all CPUs (`irq_matrix_assign_system`). With `replace` it may be allocated
    /// on the one CPU that is online and changes hands.
    ///
    /// # Errors
    /// [`Errno::Einval`] when the bit is outside the map, or more than one CPU has come online, or `replace` finds it
    /// not allocated, or it is a system bit already.
    pub fn assign_system(&mut self, bit: u8, replace: bool) -> Result<(), Errno> {
        let bit = usize::from(bit);
        if self.system.get(bit) || self.cpus.iter().filter(|c| c.initialized).count() > 1 {
            return Err(Errno::Einval);
        }
        if replace {
            let Some(map) = self.cpus.iter_mut().find(|c| c.online && c.alloc.get(bit)) else {
                return Err(Errno::Einval);
            };
            map.alloc.put(bit, false);
            map.allocated -= 1;
            self.total_allocated -= 1;
        } else if self.cpus.iter().any(|c| c.alloc.get(bit) || c.managed.get(bit)) {
            return Err(Errno::Einval);
        }
        self.system.put(bit, true);
        if (self.start..self.end).contains(&bit) {
            self.system_in_range += 1;
            if !replace {
                for map in self.cpus.iter_mut().filter(|c| c.initialized) {
                    map.available -= 1;
                    if map.online {
                        self.global_available -= 1;
                    }
                }
            }
        }
        Ok(())
    }

    /// A CPU comes online; what was allocated on it before is still there.
    ///
    /// # Errors
    /// [`Errno::Einval`] when it is online already or does not exist.
    pub fn online(&mut self, cpu: usize) -> Result<(), Errno> {
        let size = self.end - self.start;
        let system = self.system_in_range;
        let map = self.cpus.get_mut(cpu).filter(|c| !c.online).ok_or(Errno::Einval)?;
        if !map.initialized {
            map.available = size - (map.managed_count + system);
            map.initialized = true;
        }
        map.online = true;
        self.global_available += map.available;
        Ok(())
    }

    /// A CPU goes offline; its maps are kept.
    ///
    /// # Errors
    /// [`Errno::Einval`] when it is not online.
    pub fn offline(&mut self, cpu: usize) -> Result<(), Errno> {
        let map = self.cpus.get_mut(cpu).filter(|c| c.online).ok_or(Errno::Einval)?;
        map.online = false;
        self.global_available -= map.available;
        Ok(())
    }

    /// Sets one bit aside on each CPU of the mask, online or not; the positions may differ.
    ///
    /// # Errors
    /// [`Errno::Enospc`] when one of them has none; then none is set aside anywhere.
    pub fn reserve_managed(&mut self, mask: &CpuSet) -> Result<(), Errno> {
        let mut done: Vec<Place> = Vec::new();
        let count = self.cpus.len();
        for cpu in mask.iter().filter(|cpu| *cpu < count) {
            match self.first_free(cpu) {
                Some(bit) => {
                    let map = &mut self.cpus[cpu];
                    map.managed.put(bit, true);
                    map.managed_count += 1;
                    if map.initialized {
                        map.available -= 1;
                    }
                    if map.online {
                        self.global_available -= 1;
                    }
                    done.push(place(cpu, bit));
                }
                None => {
                    for p in done {
                        self.unmanage(p);
                    }
                    return Err(Errno::Enospc);
                }
            }
        }
        Ok(())
    }

    /// Gives one managed bit that is not in use back on each CPU of the mask. A CPU that has none is
    /// left alone, as Linux does after a warning; the number of such CPUs is returned.
    pub fn remove_managed(&mut self, mask: &CpuSet) -> usize {
        let mut without = 0;
        let count = self.cpus.len();
        for cpu in mask.iter().filter(|cpu| *cpu < count) {
            let map = &self.cpus[cpu];
            let idle = map.managed.and_not(&map.alloc);
            match (self.start..self.end).find(|bit| idle.get(*bit)) {
                Some(bit) => self.unmanage(place(cpu, bit)),
                None => without += 1,
            }
        }
        without
    }

    /// Takes a managed bit into use, on the online CPU of the mask that has the fewest in use; of equal
    /// ones the highest.
    ///
    /// # Errors
    /// [`Errno::Enospc`] when no online CPU of the mask has one.
    pub fn alloc_managed(&mut self, mask: &CpuSet) -> Result<Place, Errno> {
        let mut best: Option<usize> = None;
        for cpu in self.online_of(mask) {
            let map = &self.cpus[cpu];
            if map.managed_count == map.managed_allocated {
                continue;
            }
            if best.is_none_or(|b| map.managed_allocated <= self.cpus[b].managed_allocated) {
                best = Some(cpu);
            }
        }
        let cpu = best.ok_or(Errno::Enospc)?;
        let map = &mut self.cpus[cpu];
        let idle = map.managed.and_not(&map.alloc);
        let bit = (self.start..self.end).find(|bit| idle.get(*bit)).ok_or(Errno::Enospc)?;
        map.alloc.put(bit, true);
        map.allocated += 1;
        map.managed_allocated += 1;
        self.total_allocated += 1;
        Ok(place(cpu, bit))
    }

    /// Takes a bit that is known beforehand: a legacy interrupt's, on the CPU that boots.
    ///
    /// # Errors
    /// [`Errno::Einval`] when it is taken, outside the range, or the CPU is not online.
    pub fn assign(&mut self, at: Place) -> Result<(), Errno> {
        let bit = usize::from(at.vector);
        let map = self.cpus.get_mut(at.cpu).filter(|c| c.online).ok_or(Errno::Einval)?;
        let taken = map.alloc.get(bit) || map.managed.get(bit) || self.system.get(bit);
        if taken || !(self.start..self.end).contains(&bit) {
            return Err(Errno::Einval);
        }
        map.alloc.put(bit, true);
        map.allocated += 1;
        map.available -= 1;
        self.total_allocated += 1;
        self.global_available -= 1;
        Ok(())
    }

    /// Promises a bit to somebody who will come for it; no CPU is chosen. Says whether more is promised
    /// than there is, which Linux warns about and allows.
    pub fn reserve(&mut self) -> bool {
        self.global_reserved += 1;
        self.global_reserved > self.global_available
    }

    /// Takes a promise back.
    ///
    /// # Errors
    /// [`Errno::Einval`] when nothing is promised.
    pub fn remove_reserved(&mut self) -> Result<(), Errno> {
        self.global_reserved = self.global_reserved.checked_sub(1).ok_or(Errno::Einval)?;
        Ok(())
    }

    /// Allocates one bit on the online CPU of the mask that has most left, of equal ones the lowest; the
    /// lowest free bit there. With `reserved` a promise is fulfilled by it.
    ///
    /// # Errors
    /// [`Errno::Enospc`] when no online CPU of the mask has one.
    pub fn alloc(&mut self, mask: &CpuSet, reserved: bool) -> Result<Place, Errno> {
        let at = self.take(mask, 0)?;
        if reserved {
            self.global_reserved = self.global_reserved.saturating_sub(1);
        }
        Ok(at)
    }

    /// Allocates 2^`order` bits in a row, the first a multiple of 2^`order`, on one online CPU of the mask: of
    /// those that have such a block, the one with most bits left, of equal ones the lowest.
    ///
    /// # Errors
    /// [`Errno::Einval`] for more than 32 bits, [`Errno::Enospc`] when no CPU has such a block.
    pub fn alloc_block(&mut self, mask: &CpuSet, order: u32) -> Result<Place, Errno> {
        if order > 5 {
            return Err(Errno::Einval);
        }
        self.take(mask, order)
    }

    /// Frees a bit. `managed`: it stays set aside.
    ///
    /// # Errors
    /// [`Errno::Einval`], with nothing changed, when it is not allocated.
    pub fn free(&mut self, at: Place, managed: bool) -> Result<(), Errno> {
        let bit = usize::from(at.vector);
        let map = self.cpus.get_mut(at.cpu).filter(|c| c.alloc.get(bit)).ok_or(Errno::Einval)?;
        if managed != map.managed.get(bit) {
            return Err(Errno::Einval);
        }
        map.alloc.put(bit, false);
        map.allocated -= 1;
        self.total_allocated -= 1;
        if managed {
            map.managed_allocated -= 1;
        } else {
            map.available += 1;
            if map.online {
                self.global_available += 1;
            }
        }
        Ok(())
    }

    /// Frees a block of 2^`order`.
    ///
    /// # Errors
    /// [`Errno::Einval`], with nothing changed, when part of it is not allocated or it is not aligned.
    pub fn free_block(&mut self, at: Place, order: u32) -> Result<(), Errno> {
        let first = usize::from(at.vector);
        let bits = first..first + (1 << order);
        let whole = self
            .cpus
            .get(at.cpu)
            .is_some_and(|c| bits.end <= BITS && bits.clone().all(|bit| c.alloc.get(bit) && !c.managed.get(bit)));
        if !whole || first % (1 << order) != 0 {
            return Err(Errno::Einval);
        }
        for bit in bits {
            self.free(place(at.cpu, bit), false)?;
        }
        Ok(())
    }

    /// Bits left on all online CPUs, and without those of `but`.
    pub fn available(&self, but: Option<usize>) -> usize {
        let own = but.and_then(|cpu| self.cpus.get(cpu)).filter(|c| c.online).map_or(0, |c| c.available);
        self.global_available - own
    }

    /// Bits promised.
    pub fn reserved(&self) -> usize {
        self.global_reserved
    }

    /// Bits allocated on all CPUs.
    pub fn allocated(&self) -> usize {
        self.total_allocated
    }

    /// Bits allocated on a CPU that are not managed: what has to move when it goes.
    pub fn allocated_unmanaged(&self, cpu: usize) -> usize {
        self.cpus.get(cpu).map_or(0, |c| c.allocated - c.managed_allocated)
    }

    /// A CPU's counters; `None` for a CPU that does not exist.
    pub fn counters(&self, cpu: usize) -> Option<CpuCounters> {
        self.cpus.get(cpu).map(|c| CpuCounters {
            available: c.available,
            allocated: c.allocated,
            managed: c.managed_count,
            managed_allocated: c.managed_allocated,
            online: c.online,
        })
    }

    /// Whether a bit is allocated.
    pub fn is_allocated(&self, at: Place) -> bool {
        self.cpus.get(at.cpu).is_some_and(|c| c.alloc.get(usize::from(at.vector)))
    }

    /// Holds every counter against the maps.
    ///
    /// # Errors
    /// Names the first counter that is wrong.
    pub fn check(&self) -> Result<(), String> {
        let range = self.start..self.end;
        let mut available = 0;
        let mut allocated = 0;
        for (cpu, c) in self.cpus.iter().enumerate() {
            let used = c.alloc.or(&c.managed).or(&self.system);
            let free = range.len() - used.count(range.clone());
            let in_use = Bitmap(std::array::from_fn(|i| c.alloc.0[i] & c.managed.0[i]));
            let counted = [
                ("available", c.available, if c.initialized { free } else { 0 }),
                ("allocated", c.allocated, c.alloc.count(0..BITS)),
                ("managed", c.managed_count, c.managed.count(0..BITS)),
                ("managed_allocated", c.managed_allocated, in_use.count(0..BITS)),
                ("bits outside", 0, c.alloc.count(0..self.start) + c.alloc.count(self.end..BITS)),
                ("system bits", 0, (0..BITS).filter(|b| self.system.get(*b) && c.alloc.get(*b)).count()),
            ];
            if let Some((name, says, is)) = counted.into_iter().find(|(_, says, is)| says != is) {
                return Err(format!("CPU {cpu}: {name} says {says}, is {is}"));
            }
            if c.online {
                available += c.available;
            }
            allocated += c.allocated;
        }
        for (name, says, is) in [
            ("global_available", self.global_available, available),
            ("total_allocated", self.total_allocated, allocated),
            ("systembits_inalloc", self.system_in_range, self.system.count(range)),
        ] {
            if says != is {
                return Err(format!("{name} says {says}, is {is}"));
            }
        }
        Ok(())
    }

    fn online_of<'a>(&'a self, mask: &'a CpuSet) -> impl Iterator<Item = usize> + 'a {
        mask.iter().filter(|cpu| self.cpus.get(*cpu).is_some_and(|c| c.online))
    }

    fn first_free(&self, cpu: usize) -> Option<usize> {
        self.first_block(cpu, 0)
    }

    fn first_block(&self, cpu: usize, order: u32) -> Option<usize> {
        let c = &self.cpus[cpu];
        let used = c.alloc.or(&c.managed).or(&self.system);
        let size = 1usize << order;
        (self.start.next_multiple_of(size)..self.end)
            .step_by(size)
            .find(|first| first + size <= self.end && (*first..first + size).all(|bit| !used.get(bit)))
    }

    fn take(&mut self, mask: &CpuSet, order: u32) -> Result<Place, Errno> {
        let size = 1usize << order;
        let mut best: Option<(usize, usize)> = None;
        for cpu in self.online_of(mask) {
            let left = self.cpus[cpu].available;
            if left < size || best.is_some_and(|(b, _)| left <= self.cpus[b].available) {
                continue;
            }
            if let Some(first) = self.first_block(cpu, order) {
                best = Some((cpu, first));
            }
        }
        let (cpu, first) = best.ok_or(Errno::Enospc)?;
        let map = &mut self.cpus[cpu];
        for bit in first..first + size {
            map.alloc.put(bit, true);
        }
        map.allocated += size;
        map.available -= size;
        self.total_allocated += size;
        self.global_available -= size;
        Ok(place(cpu, first))
    }

    fn unmanage(&mut self, at: Place) {
        let map = &mut self.cpus[at.cpu];
        map.managed.put(usize::from(at.vector), false);
        map.managed_count -= 1;
        if map.initialized {
            map.available += 1;
        }
        if map.online {
            self.global_available += 1;
        }
    }
}

fn place(cpu: usize, bit: usize) -> Place {
    Place { cpu, vector: u8::try_from(bit).expect("a map has 256 bits") }
}
