// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Remapping by AMD-Vi: the interrupt half of `drivers/iommu/amd/iommu.c`.

use super::{DomainError, IrqInfo, Moved, ParentFlags, RemapDomain, Root};
use crate::domain::Errno;
use crate::domain::vector::{AllocInfo, Virq};
use crate::driver::Bus;
use crate::driver::amdvi::AmdRemapping;
use crate::driver::msg::MsiMsg;
use crate::driver::vtd::IrError;
use std::collections::BTreeMap;
use tlp::Bdf;

/// Interrupts of one allocation and their entries.
#[derive(Clone, Copy, Debug)]
struct Block {
    count: u32,
    index: u32,
    source: Bdf,
    present: u64,
}

/// The domain of one unit.
#[derive(Clone, Debug)]
pub struct AmdViDomain {
    unit: AmdRemapping,
    blocks: BTreeMap<Virq, Block>,
}

/// `amd_irq_remapping_alloc` has the error of the index allocator where Intel's has -ENOMEM.
fn refused(error: IrError) -> DomainError {
    match error {
        IrError::Full(_) => Errno::Enospc.into(),
        other => other.into(),
    }
}

impl AmdViDomain {
    /// Over a unit that is on.
    pub const fn new(unit: AmdRemapping) -> Self {
        Self { unit, blocks: BTreeMap::new() }
    }

    /// The unit's driver.
    pub const fn unit_mut(&mut self) -> &mut AmdRemapping {
        &mut self.unit
    }

    fn block(&self, irq: Virq) -> Result<(Virq, Block), Errno> {
        match self.blocks.range(..=irq).next_back() {
            Some((&first, block)) if irq < first + block.count => Ok((first, *block)),
            _ => Err(Errno::Enxio),
        }
    }

    fn image(&self, root: &Root, irq: Virq) -> Result<u128, Errno> {
        let (destination, vector) = root.destination(irq)?;
        Ok(self.unit.image(destination, vector))
    }

    fn set_present(&mut self, first: Virq, irq: Virq, present: bool) {
        let block = self.blocks.get_mut(&first).expect("looked up before");
        let bit = 1 << (irq - first);
        block.present = if present { block.present | bit } else { block.present & !bit };
    }
}

impl RemapDomain for AmdViDomain {
    fn prefix(&self) -> &'static str {
        "IR-"
    }

    fn flags(&self) -> ParentFlags {
        ParentFlags { multi_pci_msi: true, pci_msix: true, pci_msix_alloc_dyn: true, pci_ims: true }
    }

    fn alloc_irqs(
        &mut self,
        root: &mut Root,
        bus: &mut dyn Bus,
        first: Virq,
        count: u32,
        info: &IrqInfo,
    ) -> Result<(), DomainError> {
        let multi = info.vector.contiguous;
        if count == 0 || count > 32 || (count > 1 && !multi) {
            return Err(Errno::Einval.into());
        }
        root.vectors.alloc_irqs(first, count, &AllocInfo { contiguous: false, ..info.vector })?;
        match self.unit.alloc(bus, info.source, count, multi) {
            Ok(index) => {
                self.blocks.insert(first, Block { count, index, source: info.source, present: 0 });
                Ok(())
            }
            Err(error) => {
                root.vectors.free_irqs(first, count).expect("just allocated");
                Err(refused(error))
            }
        }
    }

    fn free_irqs(&mut self, root: &mut Root, bus: &mut dyn Bus, first: Virq) -> Result<(), DomainError> {
        let Block { count, index, source, .. } = *self.blocks.get(&first).ok_or(Errno::Enxio)?;
        self.unit.free(bus, source, index, count).map_err(refused)?;
        self.blocks.remove(&first);
        root.vectors.free_irqs(first, count)?;
        Ok(())
    }

    fn activate(&mut self, root: &mut Root, bus: &mut dyn Bus, irq: Virq, reserve: bool) -> Result<(), DomainError> {
        let (first, block) = self.block(irq)?;
        root.vectors.activate(irq, reserve)?;
        let image = self.image(root, irq)?;
        self.unit.modify(bus, block.source, block.index + (irq - first), image).map_err(refused)?;
        self.set_present(first, irq, true);
        Ok(())
    }

    fn deactivate(&mut self, root: &mut Root, bus: &mut dyn Bus, irq: Virq) -> Result<(), DomainError> {
        let (first, block) = self.block(irq)?;
        self.unit.modify(bus, block.source, block.index + (irq - first), 0).map_err(refused)?;
        self.set_present(first, irq, false);
        Ok(root.vectors.deactivate(irq)?)
    }

    /// Entries of one MSI start at a multiple of their number, so that the low bits which the device changes are 0.
    fn compose(&self, _root: &Root, irq: Virq) -> Result<MsiMsg, DomainError> {
        let (first, block) = self.block(irq)?;
        Ok(AmdRemapping::compose(block.index + (irq - first)))
    }

    /// `amd_ir_set_affinity`: the entry in one store, INVALIDATE_INTERRUPT_TABLE, COMPLETION_WAIT; then the old vector's
    /// cleanup is scheduled.
    fn follow(&mut self, root: &mut Root, bus: &mut dyn Bus, irq: Virq) -> Result<Moved, DomainError> {
        let (first, block) = self.block(irq)?;
        let number = irq - first;
        if block.present >> number & 1 == 1 {
            let image = self.image(root, irq)?;
            self.unit.modify(bus, block.source, block.index + number, image).map_err(refused)?;
        }
        root.vectors.message_changed(irq)?;
        Ok(Moved::Done)
    }

    fn entry(&self, irq: Virq) -> Option<u32> {
        self.block(irq).ok().map(|(first, block)| block.index + (irq - first))
    }

    fn check(&self, root: &Root, bus: &mut dyn Bus) -> Result<(), String> {
        let mut booked = BTreeMap::<Bdf, usize>::new();
        for (&first, block) in &self.blocks {
            *booked.entry(block.source).or_default() += block.count as usize;
            for irq in first..first + block.count {
                let wanted = match block.present >> (irq - first) & 1 {
                    1 => self.image(root, irq).map_err(|e| format!("irq {irq}: {e}"))?,
                    _ => 0,
                };
                let index = block.index + (irq - first);
                let found = self.unit.read_entry(bus, block.source, index).map_err(|e| e.to_string())?;
                if found != wanted {
                    return Err(format!("irq {irq}: entry {index:#x} is {found:#034x} and should be {wanted:#034x}"));
                }
            }
        }
        match booked.iter().find(|(device, count)| self.unit.allocated(**device) != **count) {
            None => Ok(()),
            Some((device, count)) => {
                Err(format!("{device:?} has {} entries and {count} are in use", self.unit.allocated(*device)))
            }
        }
    }
}
