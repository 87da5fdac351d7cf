// SPDX-License-Identifier: Apache-2.0 OR MIT
//! No remapping: the vector domain is the parent itself (`x86_vector_msi_parent_ops`).

use super::{DomainError, IrqInfo, Moved, ParentFlags, RemapDomain, Root};
use crate::domain::Errno;
use crate::domain::vector::{Contiguous, Virq};
use crate::driver::Bus;
use crate::driver::msg::MsiMsg;
use std::collections::BTreeMap;

/// Messages in compatibility format.
#[derive(Clone, Debug)]
pub struct NoRemapDomain {
    extended: bool,
    contiguous: Contiguous,
    /// Allocations: first interrupt to number.
    blocks: BTreeMap<Virq, u32>,
}

impl NoRemapDomain {
    /// `extended`: destinations have 15 bits. `contiguous`: what the vector domain does about several messages per
    /// MSI; where it refuses, so does this parent.
    pub fn new(extended: bool, contiguous: Contiguous) -> Self {
        Self { extended, contiguous, blocks: BTreeMap::new() }
    }

    fn exists(&self, irq: Virq) -> Result<(), Errno> {
        match self.blocks.range(..=irq).next_back() {
            Some((&first, &count)) if irq < first + count => Ok(()),
            _ => Err(Errno::Enxio),
        }
    }
}

impl RemapDomain for NoRemapDomain {
    fn prefix(&self) -> &'static str {
        ""
    }

    fn flags(&self) -> ParentFlags {
        ParentFlags {
            multi_pci_msi: self.contiguous == Contiguous::Blocks,
            pci_msix: true,
            pci_msix_alloc_dyn: true,
            pci_ims: true,
        }
    }

    fn alloc_irqs(
        &mut self,
        root: &mut Root,
        _bus: &mut dyn Bus,
        first: Virq,
        count: u32,
        info: &IrqInfo,
    ) -> Result<(), DomainError> {
        if count > 1 && !info.vector.contiguous {
            return Err(Errno::Einval.into());
        }
        root.vectors.alloc_irqs(first, count, &info.vector)?;
        self.blocks.insert(first, count);
        Ok(())
    }

    fn free_irqs(&mut self, root: &mut Root, _bus: &mut dyn Bus, first: Virq) -> Result<(), DomainError> {
        let count = *self.blocks.get(&first).ok_or(Errno::Enxio)?;
        root.vectors.free_irqs(first, count)?;
        self.blocks.remove(&first);
        Ok(())
    }

    fn activate(&mut self, root: &mut Root, _bus: &mut dyn Bus, irq: Virq, reserve: bool) -> Result<(), DomainError> {
        self.exists(irq)?;
        Ok(root.vectors.activate(irq, reserve)?)
    }

    fn deactivate(&mut self, root: &mut Root, _bus: &mut dyn Bus, irq: Virq) -> Result<(), DomainError> {
        self.exists(irq)?;
        Ok(root.vectors.deactivate(irq)?)
    }

    fn compose(&self, root: &Root, irq: Virq) -> Result<MsiMsg, DomainError> {
        self.exists(irq)?;
        let (destination, vector) = root.destination(irq)?;
        Ok(MsiMsg::compat(destination, vector, self.extended).map_err(|_| Errno::Einval)?)
    }

    fn follow(&mut self, _root: &mut Root, _bus: &mut dyn Bus, irq: Virq) -> Result<Moved, DomainError> {
        self.exists(irq)?;
        Ok(Moved::Message)
    }

    fn entry(&self, _irq: Virq) -> Option<u32> {
        None
    }

    fn check(&self, root: &Root, _bus: &mut dyn Bus) -> Result<(), String> {
        for (&first, &count) in &self.blocks {
            for irq in first..first + count {
                root.vectors.target(irq).map_err(|e| format!("irq {irq} has no vector domain's half: {e}"))?;
            }
        }
        Ok(())
    }
}
