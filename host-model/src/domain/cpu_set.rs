// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A set of CPUs: `cpumask_t`.

/// Most CPUs that a set can hold.
pub const CPUS_MAX: usize = 256;

/// CPU numbers 0 to 255.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CpuSet([u64; CPUS_MAX / 64]);

impl CpuSet {
    /// No CPU.
    pub const EMPTY: Self = Self([0; CPUS_MAX / 64]);

    /// CPUs 0 to `count` − 1.
    pub fn first(count: usize) -> Self {
        (0..count).collect()
    }

    /// One CPU.
    pub fn of(cpu: usize) -> Self {
        std::iter::once(cpu).collect()
    }

    /// Adds a CPU.
    ///
    /// # Panics
    /// If the number is not below [`CPUS_MAX`].
    pub fn insert(&mut self, cpu: usize) {
        self.0[cpu / 64] |= 1 << (cpu % 64);
    }

    /// Takes a CPU out; one that is not in it stays out.
    pub fn remove(&mut self, cpu: usize) {
        self.0[cpu / 64] &= !(1 << (cpu % 64));
    }

    /// Whether the CPU is in the set.
    pub fn contains(&self, cpu: usize) -> bool {
        cpu < CPUS_MAX && self.0[cpu / 64] >> (cpu % 64) & 1 == 1
    }

    /// Whether no CPU is.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|w| *w == 0)
    }

    /// How many are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    /// Its CPUs in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..CPUS_MAX).filter(|cpu| self.contains(*cpu))
    }
}

impl FromIterator<usize> for CpuSet {
    fn from_iter<I: IntoIterator<Item = usize>>(cpus: I) -> Self {
        let mut set = Self::EMPTY;
        cpus.into_iter().for_each(|cpu| set.insert(cpu));
        set
    }
}

impl std::fmt::Debug for CpuSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
