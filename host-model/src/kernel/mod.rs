// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The kernel's side of interrupts: what drivers call, and what happens when an interrupt arrives.
//!
//! A [`Kernel`] joins the vector domain, the remapping domains, the domains of its devices and the
//! interrupt descriptors. Drivers' calls are its methods, under the kernel's names without `pci_`:
//! [`alloc_irq_vectors`](Kernel::alloc_irq_vectors), [`irq_vector`](Kernel::irq_vector),
//! [`msix_alloc_irq_at`](Kernel::msix_alloc_irq_at), [`create_ims_domain`](Kernel::create_ims_domain),
//! [`ims_alloc_irq`](Kernel::ims_alloc_irq), [`request_irq`](Kernel::request_irq) and so on. Each makes the register
//! accesses that Linux makes, in their order.
//!
//! Time passes inside accesses alone, so interrupts may arrive there. What processors took meanwhile is
//! handled before the next change of a descriptor ([`Kernel::poll`]), which is as late as an instruction boundary
//! and never later than the change. Handlers are not code here: that one ran is a [`Seen`] with its tick, and
//! the caller does what the handler would do.
//!
//! A refused call returns the [`Errno`](crate::domain::Errno) that Linux returns and leaves tables, masks and counters as they were.

mod alloc;
mod control;
mod flow;
mod hotplug;
mod ims;
mod legacy;
mod machine;
mod msi;
mod msix;
mod request;
mod restore;
mod vectors;

#[cfg(test)]
mod tests;

pub use legacy::MsixEntry;
pub use machine::{DevId, Machine, Taken};
pub use request::Action;
pub use vectors::VectorFlags;

use crate::domain::msi::{DeviceDomain, DomainId, MSI_MAX_DOMAINS};
use crate::domain::remap::{DomainError, RemapDomain, Root};
use crate::domain::spread::Topology;
use crate::domain::vector::Virq;
use crate::domain::{CpuSet, Errno};
use crate::driver::enumerate::Function;
use std::collections::BTreeMap;
use tlp::{Bdf, Tick};

/// First number that a device's interrupt can get: those below are lines of the interrupt controller.
pub const FIRST_VIRQ: Virq = 24;

/// What a call ends with.
pub type Result<T> = std::result::Result<T, DomainError>;

/// Index and Linux interrupt of one that was allocated: `struct msi_map`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MsiMap {
    /// Index within the domain.
    pub index: u32,
    /// Linux interrupt.
    pub virq: Virq,
}

/// Something that a kernel would put into its log: the call went on, or did nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Warning {
    /// "Trying to free already-free IRQ".
    FreeOfFree(Virq),
    /// Vectors were freed while a handler was installed.
    HandlerLeft(Virq),
    /// "Unbalanced enable for IRQ".
    Unbalanced(Virq),
    /// A map that names nothing, or a device without dynamic vectors, in `msix_free_irq` or `ims_free_irq`.
    BadMap,
    /// An affinity descriptor without the flag that asks for spreading.
    AffinityWithoutFlag,
    /// The affinity hint still stood when the interrupt was freed.
    HintLeft(Virq),
    /// A slow bus did not take an update. Nobody who called can be told.
    UpdateLost(Virq),
}

/// What became of an interrupt that a processor took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// The handlers of this many actions ran.
    Handled,
    /// It was disabled, or had no handler: noted as pending, and lost if nobody enables it.
    Unhandled,
    /// "No irq handler for vector": nobody's, or the shutdown vector.
    Nobody,
}

/// An interrupt that a processor took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen {
    /// When it was taken.
    pub tick: Tick,
    /// CPU.
    pub cpu: usize,
    /// Vector.
    pub vector: u8,
    /// The interrupt, if the vector was anybody's.
    pub virq: Option<Virq>,
    /// Whose handler ran: the `dev_id` of one action.
    pub dev_id: u64,
    /// What became of it.
    pub fate: Fate,
}

/// Where an interrupt comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The INTx line of a device.
    Line(DevId),
    /// A domain of a device: descriptor and vector within it.
    Msi {
        /// Device.
        dev: DevId,
        /// Domain.
        domain: DomainId,
        /// Index of the descriptor.
        index: u32,
        /// Vector within the descriptor.
        nr: u32,
    },
}

impl Origin {
    /// Whether it is a line.
    pub const fn is_line(&self) -> bool {
        matches!(self, Self::Line(_))
    }
}

/// An interrupt descriptor: `struct irq_desc` with its data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Irq {
    /// Where it comes from.
    pub origin: Origin,
    /// Handlers.
    pub actions: Vec<Action>,
    /// Nesting of disable; 1 without handler.
    pub depth: u32,
    /// It has its vector (`IRQD_ACTIVATED`).
    pub activated: bool,
    /// It has been started and not shut down.
    pub started: bool,
    /// Its chip was told to mask it.
    pub masked: bool,
    /// It arrived while it could not be handled (`IRQS_PENDING`).
    pub pending: bool,
    /// Where it may go.
    pub affinity: CpuSet,
    /// The kernel keeps it there.
    pub managed: bool,
    /// No CPU of its mask is online.
    pub managed_shutdown: bool,
    /// Where it is to move when it next arrives.
    pub move_pending: Option<CpuSet>,
    /// What the driver suggested.
    pub hint: Option<CpuSet>,
    /// How often handlers ran.
    pub handled: u64,
}

/// A function as the kernel knows it: `struct pci_dev`.
#[derive(Debug)]
pub struct PciDevice {
    /// Requester id.
    pub id: Bdf,
    /// Header, BARs, capabilities.
    pub function: Function,
    /// Its INTx interrupt, 0 for none; that of its MSI while that is enabled.
    pub irq: Virq,
    line: Virq,
    /// Which remapping unit it is behind.
    pub unit: usize,
    /// MSI is enabled.
    pub msi_enabled: bool,
    /// MSI-X is enabled.
    pub msix_enabled: bool,
    /// MSI of any kind is forbidden (`no_msi`, or a bridge above it).
    pub no_msi: bool,
    /// It is in D0.
    pub in_d0: bool,
    domains: [Option<DeviceDomain>; MSI_MAX_DOMAINS],
}

impl PciDevice {
    /// One of its domains.
    pub fn domain(&self, domain: DomainId) -> Option<&DeviceDomain> {
        self.domains[domain].as_ref()
    }
}

/// The kernel.
#[derive(Debug)]
pub struct Kernel {
    /// Vectors.
    pub root: Root,
    units: Vec<Box<dyn RemapDomain>>,
    /// CPUs.
    pub topology: Topology,
    devices: BTreeMap<DevId, PciDevice>,
    irqs: BTreeMap<Virq, Irq>,
    seen: Vec<Seen>,
    warnings: Vec<Warning>,
    /// The interrupt whose chip is locked by the call under way.
    bus_locked: Option<Virq>,
}

impl Kernel {
    /// A kernel without devices; `units`: the parents, by the number that devices name.
    pub fn new(root: Root, units: Vec<Box<dyn RemapDomain>>, topology: Topology) -> Self {
        Self {
            root,
            units,
            topology,
            devices: BTreeMap::new(),
            irqs: BTreeMap::new(),
            seen: Vec::new(),
            warnings: Vec::new(),
            bus_locked: None,
        }
    }

    /// Makes a function known, with MSI and MSI-X off; `line`: its INTx interrupt, below [`FIRST_VIRQ`], 0 for none.
    ///
    /// # Errors
    /// [`Errno::Eexist`] for a number in use; [`Errno::Einval`] for a unit or a line that cannot be.
    pub fn add_device(&mut self, dev: DevId, id: Bdf, function: Function, unit: usize, line: Virq) -> Result<()> {
        if self.devices.contains_key(&dev) {
            return Err(Errno::Eexist.into());
        }
        if unit >= self.units.len() || line >= FIRST_VIRQ {
            return Err(Errno::Einval.into());
        }
        if line != 0 {
            let any = self.topology.possible;
            self.irqs.entry(line).or_insert_with(|| Irq::new(Origin::Line(dev), any));
        }
        let device = PciDevice {
            id,
            function,
            irq: line,
            line,
            unit,
            msi_enabled: false,
            msix_enabled: false,
            no_msi: false,
            in_d0: true,
            domains: [None, None],
        };
        self.devices.insert(dev, device);
        Ok(())
    }

    /// Removes a function and everything that it has.
    ///
    /// # Errors
    /// [`Errno::Enodev`]; the bus.
    pub fn remove_device(&mut self, m: &mut dyn Machine, dev: DevId) -> Result<()> {
        self.device(dev)?;
        self.free_irq_vectors(m, dev)?;
        let line = self.devices.remove(&dev).map_or(0, |d| d.line);
        if self.irqs.get(&line).is_some_and(|irq| irq.origin == Origin::Line(dev)) {
            self.irqs.remove(&line);
        }
        Ok(())
    }

    /// A function.
    ///
    /// # Errors
    /// [`Errno::Enodev`].
    pub fn device(&self, dev: DevId) -> Result<&PciDevice> {
        Ok(self.devices.get(&dev).ok_or(Errno::Enodev)?)
    }

    /// A function, to change what others than these calls decide: power state, ban of MSI, new places of BARs.
    ///
    /// # Errors
    /// [`Errno::Enodev`].
    pub fn device_mut(&mut self, dev: DevId) -> Result<&mut PciDevice> {
        Ok(self.devices.get_mut(&dev).ok_or(Errno::Enodev)?)
    }

    /// An interrupt.
    pub fn irq(&self, virq: Virq) -> Option<&Irq> {
        self.irqs.get(&virq)
    }

    /// All interrupts.
    pub fn irqs(&self) -> &BTreeMap<Virq, Irq> {
        &self.irqs
    }

    /// A parent.
    pub fn unit(&self, unit: usize) -> Option<&dyn RemapDomain> {
        self.units.get(unit).map(Box::as_ref)
    }

    /// A parent and the root, for what has no call of its own.
    pub fn unit_mut(&mut self, unit: usize) -> Option<(&mut dyn RemapDomain, &mut Root)> {
        let unit = self.units.get_mut(unit)?;
        Some((unit.as_mut(), &mut self.root))
    }

    /// Interrupts that processors took since the last call.
    pub fn take_seen(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }

    /// What the log would have, since the last call.
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }

    /// Everything that a refused call must leave as it was, as text to compare: interrupts, descriptors, what chips
    /// hold, vectors, entries.
    pub fn snapshot(&self) -> String {
        use std::fmt::Write as _;
        let mut text = format!("{:?}\n{:?}\n", self.irqs, self.root);
        for unit in &self.units {
            let entries: Vec<_> = self.irqs.keys().filter_map(|virq| unit.entry(*virq)).collect();
            let _ = writeln!(text, "entries {entries:?}");
        }
        for (dev, d) in &self.devices {
            let _ = writeln!(text, "{dev}: irq {} msi {} msix {}", d.irq, d.msi_enabled, d.msix_enabled);
            // A domain without descriptors is as good as none: Linux leaves it for the next time.
            for domain in d.domains.iter().flatten().filter(|domain| !domain.descs.is_empty()) {
                let _ = writeln!(text, "  {domain:?}");
            }
        }
        text
    }
}

impl Irq {
    fn new(origin: Origin, affinity: CpuSet) -> Self {
        Self {
            origin,
            actions: Vec::new(),
            depth: 1,
            activated: false,
            started: false,
            masked: true,
            pending: false,
            affinity,
            managed: false,
            managed_shutdown: false,
            move_pending: None,
            hint: None,
            handled: 0,
        }
    }
}
