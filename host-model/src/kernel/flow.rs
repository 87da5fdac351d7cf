// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a processor does with an interrupt: `common_interrupt`, `handle_edge_irq`, `irq_move_irq`.

use super::{Fate, Kernel, Machine, Result, Seen, Taken};
use crate::domain::matrix::Place;
use crate::domain::remap::DomainError;
use crate::domain::vector::{Handled, Virq};

impl Kernel {
    /// Handles what processors have taken since the last call, and asserted lines. Every call of a driver does so before it changes
    /// anything; a driver that only waits calls it itself.
    ///
    /// # Errors
    /// The bus, where handling an interrupt has to touch its device.
    pub fn poll(&mut self, m: &mut dyn Machine) -> Result<()> {
        loop {
            let taken = m.taken();
            if taken.is_empty() {
                return Ok(());
            }
            for t in taken {
                self.arrive(m, t)?;
            }
        }
    }

    /// Runs the handlers of INTx lines that are asserted, once each; a handler has to end its cause at the device. Returns how many
    /// lines are asserted without a handler: "nobody cared".
    pub fn poll_lines(&mut self, m: &mut dyn Machine, tick: tlp::Tick) -> u32 {
        let mut nobody = 0;
        let lines: Vec<Virq> = self.irqs.range(..super::FIRST_VIRQ).map(|(virq, _)| *virq).collect();
        for virq in lines {
            let asserted = self.devices.iter().any(|(dev, d)| d.line == virq && m.line(*dev));
            let irq = self.irqs.get_mut(&virq).expect("listed above");
            if !asserted {
                continue;
            }
            if irq.actions.is_empty() || irq.depth > 0 {
                nobody += 1;
                continue;
            }
            irq.handled += 1;
            let handlers: Vec<u64> = irq.actions.iter().map(|a| a.dev_id).collect();
            for dev_id in handlers {
                self.seen.push(Seen { tick, cpu: 0, vector: 0, virq: Some(virq), dev_id, fate: Fate::Handled });
            }
        }
        nobody
    }

    fn arrive(&mut self, m: &mut dyn Machine, taken: Taken) -> Result<()> {
        let Taken { tick, at: Place { cpu, vector } } = taken;
        let seen = Seen { tick, cpu, vector, virq: None, dev_id: 0, fate: Fate::Nobody };
        let Handled::Irq { irq: virq, .. } = self.root.vectors.handle(taken.at) else {
            self.seen.push(seen);
            return Ok(());
        };
        let seen = Seen { virq: Some(virq), ..seen };
        let Some(irq) = self.irqs.get_mut(&virq) else {
            // A vector of a block that the device may name and nobody asked for.
            self.seen.push(seen);
            return Ok(());
        };
        if irq.depth > 0 || irq.actions.is_empty() {
            irq.pending = true;
            self.seen.push(Seen { fate: Fate::Unhandled, ..seen });
            if self.masks_in_handlers(virq)? && self.irqs[&virq].started {
                self.mask(m, virq)?;
            }
            return Ok(());
        }
        irq.handled += 1;
        let handlers: Vec<u64> = irq.actions.iter().map(|a| a.dev_id).collect();
        for dev_id in handlers {
            self.seen.push(Seen { dev_id, fate: Fate::Handled, ..seen });
        }
        // In the kernel this stands in the acknowledgement, before the handlers; nothing can come between.
        self.move_irq(m, virq)
    }

    /// `irq_move_irq`: a move that waited for this interrupt. The source is masked around it, with remapping too, unless
    /// that takes a slow bus.
    fn move_irq(&mut self, m: &mut dyn Machine, virq: Virq) -> Result<()> {
        let Some(mask) = self.irqs.get(&virq).and_then(|irq| irq.move_pending) else { return Ok(()) };
        let around = !self.irqs[&virq].masked && self.masks_in_handlers(virq)?;
        if around {
            self.mask(m, virq)?;
        }
        self.irq_mut(virq)?.move_pending = None;
        match self.locked(m, virq, |k, m| k.do_set_affinity(m, virq, &mask)) {
            Ok(()) => self.irq_mut(virq)?.affinity = mask,
            // Still busy: with the next one.
            Err(DomainError::Errno(crate::domain::Errno::Ebusy)) => self.irq_mut(virq)?.move_pending = Some(mask),
            Err(DomainError::Errno(_)) => {}
            Err(hardware) => return Err(hardware),
        }
        if around {
            self.unmask(m, virq)?;
        }
        Ok(())
    }
}
