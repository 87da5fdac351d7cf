// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Remapping by VT-d: `drivers/iommu/intel/irq_remapping.c`.

use super::{DomainError, IrqInfo, Moved, ParentFlags, Posting, RemapDomain, Root};
use crate::domain::Errno;
use crate::domain::vector::{AllocInfo, Virq};
use crate::driver::Bus;
use crate::driver::msg::MsiMsg;
use crate::driver::vtd::{InterruptRemapping, IrteSpec, PostedSpec};
use std::collections::BTreeMap;
use tlp::Bdf;

/// Interrupts of one allocation and their entries.
#[derive(Clone, Debug)]
struct Block {
    count: u32,
    index: u32,
    source: Bdf,
    /// Those whose entry is present, by number within the block.
    present: u64,
}

/// The domain of one unit.
#[derive(Clone, Debug)]
pub struct VtdDomain {
    unit: InterruptRemapping,
    /// A virtual unit (CAP.CM) offers no IMS: `virt_dmar_msi_parent_ops`.
    caching_mode: bool,
    blocks: BTreeMap<Virq, Block>,
    /// Interrupts that are posted.
    posted: BTreeMap<Virq, Posting>,
    /// Posted MSI: every interrupt is posted into the descriptor of its CPU.
    per_cpu: Option<Vec<u64>>,
}

impl VtdDomain {
    /// Over a unit that is on. `caching_mode`: CAP.CM as read.
    pub const fn new(unit: InterruptRemapping, caching_mode: bool) -> Self {
        Self { unit, caching_mode, blocks: BTreeMap::new(), posted: BTreeMap::new(), per_cpu: None }
    }

    /// Posted MSI of Linux 6.10 (`CONFIG_X86_POSTED_MSI`): interrupts keep their vectors, and entries post them into the
    /// descriptor of their CPU, whose address stands at its number in `descriptors`. One notification vector then
    /// serves all; see [`PostedDescriptor::serve`](crate::driver::posted::PostedDescriptor::serve).
    ///
    /// # Errors
    /// [`Errno::Enosys`] where the unit cannot post; [`Errno::Ebusy`] once an interrupt has been allocated;
    /// [`Errno::Einval`] for an address that is not aligned to 64 bytes.
    pub fn post_per_cpu(&mut self, descriptors: Vec<u64>) -> Result<(), Errno> {
        if !self.unit.can_post() {
            return Err(Errno::Enosys);
        }
        if !self.blocks.is_empty() {
            return Err(Errno::Ebusy);
        }
        if descriptors.iter().any(|at| !at.is_multiple_of(64)) {
            return Err(Errno::Einval);
        }
        self.per_cpu = Some(descriptors);
        Ok(())
    }

    /// The unit's driver.
    pub const fn unit(&self) -> &InterruptRemapping {
        &self.unit
    }

    /// The unit's driver: faults, flushes.
    pub const fn unit_mut(&mut self) -> &mut InterruptRemapping {
        &mut self.unit
    }

    /// First interrupt and block of an interrupt.
    fn block(&self, irq: Virq) -> Result<(Virq, &Block), Errno> {
        match self.blocks.range(..=irq).next_back() {
            Some((&first, block)) if irq < first + block.count => Ok((first, block)),
            _ => Err(Errno::Enxio),
        }
    }

    /// What the entry of an interrupt says when it is present.
    fn image(&self, root: &Root, irq: Virq) -> Result<u128, Errno> {
        let source = self.block(irq)?.1.source;
        if let Some(Posting { descriptor, vector }) = self.posted.get(&irq) {
            return Ok(PostedSpec::new(*descriptor, *vector, source).image());
        }
        if let Some(descriptors) = &self.per_cpu {
            let target = root.vectors.target(irq)?;
            let descriptor = *descriptors.get(target.cpu).ok_or(Errno::Enxio)?;
            return Ok(PostedSpec::new(descriptor, target.vector, source).image());
        }
        let (destination, vector) = root.destination(irq)?;
        Ok(IrteSpec::fixed(destination, vector, source).image(self.unit.x2apic()))
    }

    /// Index of an interrupt's entry, if it is present.
    fn present(&self, irq: Virq) -> Result<Option<u32>, Errno> {
        let (first, block) = self.block(irq)?;
        let number = irq - first;
        Ok((block.present >> number & 1 == 1).then_some(block.index + number))
    }

    fn set_present(&mut self, first: Virq, irq: Virq, present: bool) {
        let block = self.blocks.get_mut(&first).expect("looked up before");
        let bit = 1 << (irq - first);
        block.present = if present { block.present | bit } else { block.present & !bit };
    }
}

impl RemapDomain for VtdDomain {
    fn prefix(&self) -> &'static str {
        "IR-"
    }

    fn flags(&self) -> ParentFlags {
        ParentFlags { multi_pci_msi: true, pci_msix: true, pci_msix_alloc_dyn: true, pci_ims: !self.caching_mode }
    }

    /// With entries, the vectors of one MSI need not be neighbours: `X86_IRQ_ALLOC_CONTIGUOUS_VECTORS` is taken away before the
    /// vector domain is asked.
    fn alloc_irqs(
        &mut self,
        root: &mut Root,
        _bus: &mut dyn Bus,
        first: Virq,
        count: u32,
        info: &IrqInfo,
    ) -> Result<(), DomainError> {
        if count == 0 || count > 32 || (count > 1 && !info.vector.contiguous) {
            return Err(Errno::Einval.into());
        }
        root.vectors.alloc_irqs(first, count, &AllocInfo { contiguous: false, ..info.vector })?;
        match self.unit.alloc(count) {
            Ok(index) => {
                self.blocks.insert(first, Block { count, index, source: info.source, present: 0 });
                Ok(())
            }
            Err(error) => {
                root.vectors.free_irqs(first, count).expect("just allocated");
                Err(error.into())
            }
        }
    }

    fn free_irqs(&mut self, root: &mut Root, bus: &mut dyn Bus, first: Virq) -> Result<(), DomainError> {
        let Block { count, index, .. } = *self.blocks.get(&first).ok_or(Errno::Enxio)?;
        self.unit.free(bus, index)?;
        self.blocks.remove(&first);
        self.posted.retain(|irq, _| !(first..first + count).contains(irq));
        root.vectors.free_irqs(first, count)?;
        Ok(())
    }

    fn activate(&mut self, root: &mut Root, bus: &mut dyn Bus, irq: Virq, reserve: bool) -> Result<(), DomainError> {
        let (first, block) = self.block(irq)?;
        let index = block.index + (irq - first);
        root.vectors.activate(irq, reserve)?;
        self.posted.remove(&irq);
        let image = self.image(root, irq)?;
        self.unit.modify_image(bus, index, image)?;
        self.set_present(first, irq, true);
        Ok(())
    }

    fn deactivate(&mut self, root: &mut Root, bus: &mut dyn Bus, irq: Virq) -> Result<(), DomainError> {
        let (first, block) = self.block(irq)?;
        let index = block.index + (irq - first);
        self.unit.clear(bus, index)?;
        self.posted.remove(&irq);
        self.set_present(first, irq, false);
        Ok(root.vectors.deactivate(irq)?)
    }

    fn compose(&self, _root: &Root, irq: Virq) -> Result<MsiMsg, DomainError> {
        let (first, block) = self.block(irq)?;
        let subhandle = u16::try_from(irq - first).expect("at most 32");
        Ok(self.unit.compose(block.index, subhandle)?)
    }

    /// The entry is rewritten in one store and flushed; then nothing is under way to the old vector, whose cleanup is
    /// scheduled at once instead of waiting for the first arrival at the new one.
    fn follow(&mut self, root: &mut Root, bus: &mut dyn Bus, irq: Virq) -> Result<Moved, DomainError> {
        if let Some(index) = self.present(irq)?.filter(|_| !self.posted.contains_key(&irq)) {
            let image = self.image(root, irq)?;
            self.unit.modify_image(bus, index, image)?;
        }
        root.vectors.message_changed(irq)?;
        Ok(Moved::Done)
    }

    /// `intel_ir_set_vcpu_affinity`.
    fn post(&mut self, root: &mut Root, bus: &mut dyn Bus, irq: Virq, to: Option<Posting>) -> Result<(), DomainError> {
        if !self.unit.can_post() {
            return Err(Errno::Enosys.into());
        }
        let index = self.present(irq)?.ok_or(Errno::Einval)?;
        if to.is_some_and(|p| !p.descriptor.is_multiple_of(64)) {
            return Err(Errno::Einval.into());
        }
        match to {
            Some(to) => self.posted.insert(irq, to),
            None => self.posted.remove(&irq),
        };
        let image = self.image(root, irq)?;
        Ok(self.unit.modify_image(bus, index, image)?)
    }

    fn flush_all(&mut self, bus: &mut dyn Bus) -> Result<(), DomainError> {
        Ok(self.unit.flush_all(bus)?)
    }

    fn entry(&self, irq: Virq) -> Option<u32> {
        self.block(irq).ok().map(|(first, block)| block.index + (irq - first))
    }

    fn check(&self, root: &Root, bus: &mut dyn Bus) -> Result<(), String> {
        for (&first, block) in &self.blocks {
            for irq in first..first + block.count {
                let index = block.index + (irq - first);
                let wanted = match block.present >> (irq - first) & 1 {
                    1 => self.image(root, irq).map_err(|e| format!("irq {irq}: {e}"))?,
                    _ => 0,
                };
                let found = self.unit.read_entry(bus, index).map_err(|e| e.to_string())?;
                if found != wanted {
                    return Err(format!("irq {irq}: entry {index:#x} is {found:#034x} and should be {wanted:#034x}"));
                }
            }
        }
        self.unit.check_blocks(self.blocks.values().map(|b| (b.index, b.count.next_power_of_two())))
    }
}
