// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `disable_irq`, `enable_irq`, `synchronize_irq`, affinity and hints (kernel/irq/manage.c), and how a message
//! changes without remapping (arch/x86/kernel/apic/msi.c).

use super::{DevId, Kernel, Machine, Origin, Result, Warning};
use crate::domain::matrix::Place;
use crate::domain::msi::DomainId;
use crate::domain::remap::DomainError;
use crate::domain::vector::Virq;
use crate::domain::{CpuSet, Errno};

/// Cycles between two looks of `synchronize_irq`, and looks before a handler counts as stuck.
const SYNC_CYCLES: u64 = 8;
const SYNC_LOOKS: u32 = 10_000;

impl Kernel {
    /// `disable_irq_nosync`: nests. Lazy: the source is masked only when an interrupt arrives all the same; at once where
    /// that could not be done in a handler.
    ///
    /// # Errors
    /// [`Errno::Einval`] for an interrupt that does not exist.
    pub fn disable_irq_nosync(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        self.poll(m)?;
        let irq = self.irq_mut(virq)?;
        irq.depth += 1;
        if irq.depth == 1 && irq.started && !self.masks_in_handlers(virq)? {
            self.mask(m, virq)?;
        }
        Ok(())
    }

    /// `disable_irq`: also waits for its handlers.
    ///
    /// # Errors
    /// [`Errno::Einval`] for an interrupt that does not exist.
    pub fn disable_irq(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        self.disable_irq_nosync(m, virq)?;
        self.synchronize_irq(m, virq)
    }

    /// `enable_irq`: the last one opens the source and raises again what arrived meanwhile. One too many is a warning.
    ///
    /// # Errors
    /// [`Errno::Einval`] for an interrupt that does not exist.
    pub fn enable_irq(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        self.poll(m)?;
        let irq = self.irq_mut(virq)?;
        match (irq.depth, irq.actions.is_empty()) {
            (0, _) | (_, true) => {
                self.warnings.push(Warning::Unbalanced(virq));
                Ok(())
            }
            (1, false) => {
                irq.depth = 0;
                if irq.managed_shutdown {
                    return Ok(());
                }
                if !irq.started {
                    return self.locked(m, virq, |k, m| k.startup(m, virq));
                }
                self.unmask(m, virq)?;
                self.resend(m, virq)
            }
            _ => {
                irq.depth -= 1;
                Ok(())
            }
        }
    }

    /// `synchronize_irq`: returns when no processor is in a handler of it.
    ///
    /// # Errors
    /// [`Errno::Einval`] for an interrupt that does not exist; [`Errno::Ebusy`] when a handler does not end.
    pub fn synchronize_irq(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        let Origin::Msi { dev, .. } = self.origin(virq)? else { return self.poll(m) };
        for _ in 0..SYNC_LOOKS {
            self.poll(m)?;
            let places: Vec<Place> = self.root.vectors.places(virq).collect();
            if !places.iter().any(|at| m.in_service(*at)) {
                return Ok(());
            }
            m.bus(dev).wait(SYNC_CYCLES)?;
        }
        Err(Errno::Ebusy.into())
    }

    /// `irq_set_affinity`. With remapping it takes effect at once and leaves the device alone; without, it is done when the
    /// interrupt next arrives, since only then no second one can be under way. An interrupt without vector only
    /// notes it.
    ///
    /// # Errors
    /// [`Errno::Einval`] for an interrupt that does not exist, or when no CPU of the mask is online; [`Errno::Eperm`]
    /// for a managed one; [`Errno::Enospc`].
    pub fn set_affinity(&mut self, m: &mut dyn Machine, virq: Virq, mask: &CpuSet) -> Result<()> {
        self.poll(m)?;
        let online = self.root.vectors.online_cpus();
        let irq = self.irq_mut(virq)?;
        if irq.managed {
            return Err(Errno::Eperm.into());
        }
        if mask.and(&online).is_empty() {
            return Err(Errno::Einval.into());
        }
        if irq.origin.is_line() {
            irq.affinity = *mask;
            return Ok(());
        }
        if !irq.activated {
            irq.affinity = *mask;
            // So that its vector is chosen there.
            self.root.vectors.set_affinity(virq, mask)?;
            return Ok(());
        }
        if self.moves_in_handler(virq)? || self.irqs[&virq].move_pending.is_some() {
            if !self.can_take(virq, mask) {
                return Err(Errno::Enospc.into());
            }
            self.irq_mut(virq)?.move_pending = Some(*mask);
            return Ok(());
        }
        match self.locked(m, virq, |k, m| k.do_set_affinity(m, virq, mask)) {
            Ok(()) => self.irq_mut(virq)?.affinity = *mask,
            // The last move has not ended: done with the next interrupt.
            Err(DomainError::Errno(Errno::Ebusy)) => self.irq_mut(virq)?.move_pending = Some(*mask),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// `irq_set_affinity_hint`: a suggestion for others, and the first affinity; `None` takes it back, which has to be done before
    /// `free_irq`.
    ///
    /// # Errors
    /// [`Errno::Einval`] for an interrupt that does not exist.
    pub fn set_affinity_hint(&mut self, m: &mut dyn Machine, virq: Virq, mask: Option<&CpuSet>) -> Result<()> {
        self.irq_mut(virq)?.hint = mask.copied();
        if let Some(mask) = mask {
            // As in the kernel, what the affinity says is not the caller's business.
            match self.set_affinity(m, virq, mask) {
                Err(DomainError::Errno(_)) | Ok(()) => {}
                other => return other,
            }
        }
        Ok(())
    }

    /// Whether the interrupts of a device are remapped: its message does not name a CPU.
    pub(super) fn remaps(&self, dev: DevId) -> bool {
        self.device(dev).is_ok_and(|d| !self.units[d.unit].prefix().is_empty())
    }

    /// Without remapping a move waits for the interrupt and masks its source, where that can be done in a handler.
    fn moves_in_handler(&self, virq: Virq) -> Result<bool> {
        let Origin::Msi { dev, .. } = self.origin(virq)? else { return Ok(false) };
        Ok(!self.remaps(dev) && self.masks_in_handlers(virq)?)
    }

    /// Whether a move could find a vector now.
    fn can_take(&self, virq: Virq, mask: &CpuSet) -> bool {
        let mut tried = self.root.vectors.clone();
        !matches!(tried.set_affinity(virq, mask), Err(Errno::Enospc))
    }

    pub(super) fn masks_in_handlers(&self, virq: Virq) -> Result<bool> {
        Ok(match self.origin(virq)? {
            Origin::Line(_) => true,
            Origin::Msi { dev, domain, .. } => {
                self.device(dev)?.domain(domain).is_some_and(|d| d.chip().masks_in_handlers())
            }
        })
    }

    /// `msi_set_affinity`: a message that names CPU and vector itself. When both change they change one after the
    /// other, vector first, so that no message is half old and half new even where the source cannot be masked; what
    /// came to the old CPU with the new vector is raised again at the new CPU.
    pub(super) fn update_message(
        &mut self,
        m: &mut dyn Machine,
        virq: Virq,
        at: (DevId, DomainId),
        index: u32,
    ) -> Result<()> {
        let new = self.parent(m, at.0, |p, root, _| p.compose(root, virq))?;
        let old = self.device(at.0)?.domain(at.1).and_then(|d| d.chip().message(index));
        let target = self.root.vectors.target(virq)?;
        let previous = self.root.vectors.previous(virq);
        let write = |k: &mut Self, m: &mut dyn Machine, msg| {
            k.locked(m, virq, |k, m| k.chip(m, at, |chip, bus| chip.write_msg(bus, index, msg)))
        };
        let both = previous.is_some_and(|p| p.cpu != target.cpu && p.vector != target.vector);
        let (Some(old), Some(previous), true) = (old, previous, both) else {
            write(self, m, new)?;
            return self.message_changed(virq);
        };
        write(self, m, crate::driver::msg::MsiMsg { data: new.data, ..old })?;
        write(self, m, new)?;
        let stray = Place { cpu: previous.cpu, vector: target.vector };
        if m.is_pending(stray) {
            m.retrigger(Place { cpu: target.cpu, vector: target.vector });
        }
        self.message_changed(virq)
    }

    /// A block's old vectors can go by their CPU's pending bits; a single one waits for its first arrival.
    fn message_changed(&mut self, virq: Virq) -> Result<()> {
        let Origin::Msi { dev, domain, index, .. } = self.origin(virq)? else { return Ok(()) };
        let block = self.device(dev)?.domain(domain).and_then(|d| d.descs().get(&index)).is_some_and(|d| d.nvec > 1);
        if block {
            self.root.vectors.message_changed(virq)?;
        }
        Ok(())
    }

    /// `check_irq_resend`: an edge that was noted is raised again at the interrupt's own place.
    pub(super) fn resend(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        if std::mem::take(&mut self.irq_mut(virq)?.pending) {
            let target = self.root.vectors.target(virq)?;
            if target.real {
                m.retrigger(Place { cpu: target.cpu, vector: target.vector });
            }
        }
        Ok(())
    }
}
