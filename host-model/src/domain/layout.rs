// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which of the 256 vectors are for devices: `arch/x86/include/asm/irq_vectors.h`.

/// The vector ranges of one kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VectorLayout {
    /// First vector behind the exceptions.
    pub first_external: u8,
    /// First of the vectors that the kernel keeps for itself; devices end before it.
    pub first_system: u8,
    /// System call vector inside the device range (int 0x80).
    pub syscall: u8,
    /// Vector of the cascade input of the legacy PIC, assigned at boot on the boot CPU.
    pub pic_cascade: Option<u8>,
    /// Vector by which a CPU was told to clean up after a move, before 6.6.
    pub move_cleanup: Option<u8>,
    /// What the message of an interrupt names that has no vector of its own: it is reserved or
    /// shut down (`MANAGED_IRQ_SHUTDOWN_VECTOR`).
    pub shutdown: u8,
    /// The spurious vector.
    pub spurious: u8,
}

impl VectorLayout {
    /// Linux 6.6 and later, with the posted-MSI notification vector (6.10).
    pub const LINUX_6_10: Self = Self {
        first_external: 0x20,
        first_system: 0xeb,
        syscall: 0x80,
        pic_cascade: Some(0x32),
        move_cleanup: None,
        shutdown: 0xef,
        spurious: 0xff,
    };

    /// Linux before 6.6: vector 0x20 is the cleanup interrupt, 0xEC the first system vector.
    pub const LINUX_6_2: Self = Self { first_system: 0xec, move_cleanup: Some(0x20), ..Self::LINUX_6_10 };

    /// Whether a device may have the vector on every CPU.
    pub fn is_device(&self, vector: u8) -> bool {
        (self.first_external..self.first_system).contains(&vector)
            && vector != self.syscall
            && Some(vector) != self.move_cleanup
    }
}
