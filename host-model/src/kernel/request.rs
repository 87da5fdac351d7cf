// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `request_irq`, `free_irq` (kernel/irq/manage.c), starting and shutting down (kernel/irq/chip.c).

use super::{Kernel, Machine, Origin, Result, Warning};
use crate::domain::Errno;
use crate::domain::remap::{DomainError, Moved};
use crate::domain::vector::Virq;

/// A handler: `struct irqaction`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Action {
    /// Whose it is; handlers of one interrupt have different ones. 0 is no one's.
    pub dev_id: u64,
    /// `IRQF_SHARED`.
    pub shared: bool,
    /// `IRQF_NO_AUTOEN`: stays disabled until `enable_irq`.
    pub no_autoen: bool,
}

impl Action {
    /// A handler of its own.
    pub const fn new(dev_id: u64) -> Self {
        Self { dev_id, shared: false, no_autoen: false }
    }

    /// A handler that shares the interrupt with others.
    pub const fn shared(dev_id: u64) -> Self {
        Self { shared: true, ..Self::new(dev_id) }
    }
}

impl Kernel {
    /// `request_irq`: installs a handler. The first one gets the interrupt its vector, writes the message and opens
    /// the source.
    ///
    /// # Errors
    /// [`Errno::Einval`] for an interrupt that does not exist, or sharing without a `dev_id`; [`Errno::Ebusy`] when it
    /// has handlers and one of both does not share, or a `dev_id` comes again; [`Errno::Enospc`] when no vector is left.
    pub fn request_irq(&mut self, m: &mut dyn Machine, virq: Virq, action: Action) -> Result<()> {
        self.poll(m)?;
        let irq = self.irq_mut(virq)?;
        if action.shared && action.dev_id == 0 {
            return Err(Errno::Einval.into());
        }
        if !irq.actions.is_empty() {
            if irq.actions.iter().any(|a| !a.shared || !action.shared || a.dev_id == action.dev_id) {
                return Err(Errno::Ebusy.into());
            }
            irq.actions.push(action);
            return Ok(());
        }
        self.locked(m, virq, |k, m| {
            // A managed interrupt none of whose CPUs is online is started with the first of them.
            let dark = k.irqs[&virq].managed && k.is_dark(virq);
            if dark {
                k.irq_mut(virq)?.managed_shutdown = true;
            } else {
                k.activate(m, virq, false)?;
            }
            let irq = k.irq_mut(virq)?;
            irq.actions.push(action);
            irq.pending = false;
            if !action.no_autoen && !dark {
                irq.depth = 0;
                return k.startup(m, virq);
            }
            irq.depth = u32::from(action.no_autoen);
            Ok(())
        })
    }

    /// `free_irq`: takes a handler out; with the last one the source is masked, its message cleared and its vector given
    /// back. An interrupt on its way is waited for where a processor has it already.
    ///
    /// # Errors
    /// [`Errno::Einval`], with a [`Warning::FreeOfFree`], when the handler is not there.
    pub fn free_irq(&mut self, m: &mut dyn Machine, virq: Virq, dev_id: u64) -> Result<()> {
        self.poll(m)?;
        let found = self.irqs.get(&virq).and_then(|irq| irq.actions.iter().position(|a| a.dev_id == dev_id));
        let Some(place) = found else {
            self.warnings.push(Warning::FreeOfFree(virq));
            return Err(Errno::Einval.into());
        };
        let irq = self.irq_mut(virq)?;
        irq.actions.remove(place);
        let last = irq.actions.is_empty();
        if last && irq.hint.take().is_some() {
            self.warnings.push(Warning::HintLeft(virq));
        }
        if last {
            self.shutdown(m, virq)?;
        }
        self.synchronize_irq(m, virq)?;
        if last {
            self.deactivate(m, virq)?;
            self.irq_mut(virq)?.managed_shutdown = false;
        }
        Ok(())
    }

    /// `irq_startup`: where the chip asks for it (x86 MSI does), the affinity is set first; then the source is opened.
    pub(super) fn startup(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        if let Origin::Msi { .. } = self.origin(virq)? {
            let mask = self.startup_mask(virq);
            self.do_set_affinity(m, virq, &mask)?;
        }
        let irq = self.irq_mut(virq)?;
        irq.started = true;
        irq.managed_shutdown = false;
        self.unmask(m, virq)?;
        self.resend(m, virq)
    }

    /// `irq_setup_affinity`: its own CPUs as far as they are online, else all that are.
    fn startup_mask(&self, virq: Virq) -> crate::domain::CpuSet {
        let online = self.root.vectors.online_cpus();
        let own = self.irqs[&virq].affinity.and(&online);
        if own.is_empty() { online } else { own }
    }

    /// `irq_shutdown`.
    pub(super) fn shutdown(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        let irq = self.irq_mut(virq)?;
        irq.pending = false;
        irq.move_pending = None;
        irq.depth = 1;
        if !std::mem::take(&mut irq.started) {
            return Ok(());
        }
        irq.masked = true;
        let Origin::Msi { dev, domain, index, nr } = irq.origin else { return Ok(()) };
        self.locked(m, virq, |k, m| k.chip(m, (dev, domain), |chip, bus| chip.shutdown(bus, index, nr)))
    }

    /// `irq_do_set_affinity` down to the parent; the message is written when it has changed.
    pub(super) fn do_set_affinity(
        &mut self,
        m: &mut dyn Machine,
        virq: Virq,
        mask: &crate::domain::CpuSet,
    ) -> Result<()> {
        let Origin::Msi { dev, domain, index, nr } = self.origin(virq)? else { return Ok(()) };
        let moved = self.parent(m, dev, |p, root, bus| p.set_affinity(root, bus, virq, mask))?;
        if moved == Moved::Message && nr == 0 {
            self.update_message(m, virq, (dev, domain), index)?;
        }
        Ok(())
    }

    pub(super) fn unmask(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        let irq = self.irq_mut(virq)?;
        if !std::mem::replace(&mut irq.masked, false) {
            return Ok(());
        }
        let Origin::Msi { dev, domain, index, nr } = irq.origin else { return Ok(()) };
        self.locked(m, virq, |k, m| k.chip(m, (dev, domain), |chip, bus| chip.unmask(bus, index, nr)))
    }

    pub(super) fn mask(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        let irq = self.irq_mut(virq)?;
        if std::mem::replace(&mut irq.masked, true) {
            return Ok(());
        }
        self.mask_chip(m, virq)
    }

    /// Tells the chip to mask, whatever is believed of it.
    pub(super) fn mask_chip(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        let Origin::Msi { dev, domain, index, nr } = self.origin(virq)? else { return Ok(()) };
        self.locked(m, virq, |k, m| k.chip(m, (dev, domain), |chip, bus| chip.mask(bus, index, nr)))
    }

    /// Between `chip_bus_lock` and `chip_bus_sync_unlock`. A lock that this call holds already is kept to its end, so that an
    /// operation is one update of the device. An update that the device does not take is a warning: the kernel's
    /// function has nobody to tell.
    pub(super) fn locked<T>(
        &mut self,
        m: &mut dyn Machine,
        virq: Virq,
        act: impl FnOnce(&mut Self, &mut dyn Machine) -> Result<T>,
    ) -> Result<T> {
        let Origin::Msi { dev, domain, index, .. } = self.origin(virq)? else { return act(self, m) };
        if self.bus_locked == Some(virq) {
            return act(self, m);
        }
        self.chip(m, (dev, domain), |chip, _| chip.bus_lock(index))?;
        self.bus_locked = Some(virq);
        let result = act(self, m);
        self.bus_locked = None;
        let synced = self.chip(m, (dev, domain), |chip, bus| chip.bus_sync_unlock(bus, index));
        match synced {
            Ok(()) => result,
            Err(DomainError::Errno(_)) => {
                self.warnings.push(Warning::UpdateLost(virq));
                result
            }
            Err(hardware) => result.and(Err(hardware)),
        }
    }

    /// A managed interrupt none of whose CPUs is online.
    pub(super) fn is_dark(&self, virq: Virq) -> bool {
        self.irqs[&virq].affinity.and(&self.root.vectors.online_cpus()).is_empty()
    }
}
