// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Posted interrupt descriptors as Linux keeps them: `struct pi_desc` of arch/x86/include/asm/posted_intr.h.
//!
//! The format is composed here from the architecture's picture [VT-d 9.11], apart from the unit's model.
//! Each change of the control word is one locked access, as the unit's own are.

use super::{Bus, BusError};

/// Byte of the descriptor at which its control word stands: ON, SN, NV, NDST.
const CONTROL: u64 = 32;
const ON: u64 = 1 << 0;
const SN: u64 = 1 << 1;

/// Rounds that the notification handler makes before it ends: `MAX_POSTED_MSI_COALESCING_LOOP`.
pub const COALESCING_ROUNDS: u32 = 3;

/// A descriptor in host memory, and who is notified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PostedDescriptor {
    at: u64,
    x2apic: bool,
}

impl PostedDescriptor {
    /// An empty descriptor at `at`, a multiple of 64: notifications of vector `vector` go to the APIC `apic_id`.
    ///
    /// # Panics
    /// If `at` is not aligned.
    pub fn set_up(bus: &mut dyn Bus, at: u64, x2apic: bool, apic_id: u32, vector: u8) -> Result<Self, BusError> {
        assert!(at.is_multiple_of(64), "a posted interrupt descriptor is aligned to 64 bytes");
        let descriptor = Self { at, x2apic };
        let mut bytes = [0; 64];
        bytes[32..40].copy_from_slice(&(u64::from(vector) << 16 | descriptor.destination(apic_id)).to_le_bytes());
        bus.dram_write(at, &bytes)?;
        Ok(descriptor)
    }

    /// Its address, for entries.
    pub const fn address(&self) -> u64 {
        self.at
    }

    /// NDST in the upper half of the control word.
    const fn destination(self, apic_id: u32) -> u64 {
        (if self.x2apic { apic_id as u64 } else { (apic_id as u64 & 0xff) << 8 }) << 32
    }

    fn update(self, bus: &mut dyn Bus, change: &mut dyn FnMut(u64) -> u64) -> Result<u64, BusError> {
        bus.dram_update_u64(self.at + CONTROL, change)
    }

    /// pi_set_sn: from now on only urgent interrupts notify.
    pub fn suppress(&self, bus: &mut dyn Bus) -> Result<(), BusError> {
        self.update(bus, &mut |c| c | SN).map(drop)
    }

    /// pi_clear_sn, and what vmx_vcpu_pi_load does behind it: what was posted meanwhile sets ON, without a notification,
    /// so that it is found. Returns whether there is anything.
    pub fn resume(&self, bus: &mut dyn Bus) -> Result<bool, BusError> {
        self.update(bus, &mut |c| c & !SN)?;
        // Only now: what is posted after this look notifies by itself.
        let any = self.any(bus)?;
        if any {
            self.update(bus, &mut |c| c | ON)?;
        }
        Ok(any)
    }

    /// Sends notifications to another APIC, in one access with the vector (vmx_vcpu_pi_load). What has been notified
    /// before stays with the old one.
    pub fn move_to(&self, bus: &mut dyn Bus, apic_id: u32, vector: u8) -> Result<(), BusError> {
        let upper = self.destination(apic_id);
        self.update(bus, &mut |c| c & 0xffff | u64::from(vector) << 16 | upper).map(drop)
    }

    /// pi_test_on.
    pub fn outstanding(&self, bus: &mut dyn Bus) -> Result<bool, BusError> {
        self.update(bus, &mut |c| c).map(|c| c & ON != 0)
    }

    /// pi_clear_on.
    pub fn clear_outstanding(&self, bus: &mut dyn Bus) -> Result<(), BusError> {
        self.update(bus, &mut |c| c & !ON).map(drop)
    }

    /// Whether a bit of PIR is 1 (not pi_is_pir_empty).
    pub fn any(&self, bus: &mut dyn Bus) -> Result<bool, BusError> {
        let mut pir = [0; 32];
        bus.dram_read(self.at, &mut pir)?;
        Ok(pir.iter().any(|byte| *byte != 0))
    }

    /// Whether a vector is posted and not taken (pi_pending_this_cpu): together with the IRR, what the cleanup after a
    /// move has to look at.
    pub fn holds(&self, bus: &mut dyn Bus, vector: u8) -> Result<bool, BusError> {
        let mut byte = [0];
        bus.dram_read(self.at + u64::from(vector / 8), &mut byte)?;
        Ok(byte[0] >> (vector % 8) & 1 == 1)
    }

    /// handle_pending_pir: takes out what is in PIR, one xchg for each quarter that is not empty. Vectors in ascending order.
    pub fn take(&self, bus: &mut dyn Bus) -> Result<Vec<u8>, BusError> {
        let mut vectors = Vec::new();
        for quarter in 0..4u8 {
            let at = self.at + 8 * u64::from(quarter);
            let mut now = [0; 8];
            bus.dram_read(at, &mut now)?;
            if now == [0; 8] {
                continue;
            }
            let bits = bus.dram_update_u64(at, &mut |_| 0)?;
            vectors.extend((0..64).filter(|i| bits >> i & 1 == 1).map(|i| 64 * quarter + i));
        }
        Ok(vectors)
    }

    /// The notification's handler, sysvec_posted_msi_notification: up to [`COALESCING_ROUNDS`] rounds while something
    /// comes, then ON is cleared, then PIR is looked at once more, for what came before ON was cleared has not notified.
    /// `handler` is called for each vector.
    pub fn serve(&self, bus: &mut dyn Bus, handler: &mut dyn FnMut(u8)) -> Result<(), BusError> {
        for _ in 0..COALESCING_ROUNDS {
            let vectors = self.take(bus)?;
            if vectors.is_empty() {
                break;
            }
            vectors.into_iter().for_each(&mut *handler);
        }
        self.clear_outstanding(bus)?;
        self.take(bus)?.into_iter().for_each(handler);
        Ok(())
    }
}
