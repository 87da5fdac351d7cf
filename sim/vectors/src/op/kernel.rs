// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Calls of the kernel's interfaces: what drivers of Linux call, and what comes of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Source;
use super::defaults::one;

/// Kinds of interrupts that a driver allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VectorKind {
    /// MSI-X.
    Msix,
    /// MSI.
    Msi,
    /// The line.
    Intx,
}

/// Where slots of IMS stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlotStore {
    /// In the device.
    Device,
    /// In host memory, under the bus lock.
    Host,
}

/// A way of old or of today to do the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// As before Linux 6.2.
    Old,
    /// As since.
    New,
}

/// What is done both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// One more vector. Old: all handlers and vectors are freed and allocated again with one more, as VFIO did.
    Grow,
    /// IMS slots for a while. Old: one domain for all, so that MSI-X goes meanwhile.
    Slots,
    /// Two processors unmask two vectors of one MSI. Old: each updates the copy of the mask register without a lock.
    Masks,
}

/// One call, with the error that Linux returns for it where it is to fail (`fails: -ENOSPC`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum KernelOp {
    /// A kernel with the device known; behind the remapping unit if that is on, from here on its owner.
    Start {
        /// The vector domain has aligned blocks, so that MSI has several vectors without remapping.
        #[serde(default)]
        blocks: bool,
        /// Nodes that the processors are divided into.
        #[serde(default = "one", skip_serializing_if = "super::defaults::is_one")]
        nodes: u32,
        /// Hardware threads a core.
        #[serde(default = "one", skip_serializing_if = "super::defaults::is_one")]
        threads: u32,
    },
    /// `pci_alloc_irq_vectors_affinity`.
    AllocVectors {
        /// Fewest vectors.
        min: u32,
        /// Most vectors.
        max: u32,
        /// Kinds allowed.
        kinds: Vec<VectorKind>,
        /// Spread them over the processors and let the kernel keep them there.
        #[serde(default)]
        spread: bool,
        /// Vectors in front that are not spread.
        #[serde(default)]
        pre: u32,
        /// Vectors at the end that are not spread.
        #[serde(default)]
        post: u32,
        /// How many there must be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        granted: Option<u32>,
        /// Of which kind they must be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<VectorKind>,
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fails: Option<String>,
    },
    /// `pci_free_irq_vectors`.
    FreeVectors,
    /// `pci_msix_alloc_irq_at`.
    AddVector {
        /// Index; the lowest free one when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<u32>,
        /// Index that it must get.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<u32>,
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fails: Option<String>,
    },
    /// `pci_msix_free_irq`.
    RemoveVector {
        /// Index.
        at: u32,
    },
    /// `pci_create_ims_domain`.
    ImsDomain {
        /// Where the slots stand.
        store: SlotStore,
        /// How many.
        slots: u32,
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fails: Option<String>,
    },
    /// Removes the domain.
    ImsRemove,
    /// `pci_ims_alloc_irq`.
    ImsAlloc {
        /// PASID that goes with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pasid: Option<u32>,
        /// Queue that goes with it.
        #[serde(default)]
        queue: u64,
        /// Index that it must get.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<u32>,
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fails: Option<String>,
    },
    /// `pci_ims_free_irq`.
    ImsFree {
        /// Index.
        index: u32,
    },
    /// Every slot of a PASID goes, masked first.
    ImsFreePasid {
        /// The PASID.
        pasid: u32,
        /// How many there must have been.
        count: u32,
    },
    /// `request_irq`.
    Request {
        /// The interrupt; the line when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Source>,
        /// The handler's `dev_id`.
        handler: u64,
        /// `IRQF_SHARED`.
        #[serde(default)]
        shared: bool,
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fails: Option<String>,
    },
    /// `free_irq`.
    Release {
        /// The interrupt; the line when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Source>,
        /// The handler's `dev_id`.
        handler: u64,
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fails: Option<String>,
    },
    /// `disable_irq`.
    Disable {
        /// The interrupt.
        at: Source,
    },
    /// `enable_irq`.
    Enable {
        /// The interrupt.
        at: Source,
    },
    /// `irq_set_affinity`.
    Affinity {
        /// The interrupt.
        at: Source,
        /// Processors.
        cpus: Vec<u32>,
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fails: Option<String>,
    },
    /// A processor goes offline or comes online.
    Cpu {
        /// The processor.
        cpu: u32,
        /// It comes.
        online: bool,
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fails: Option<String>,
    },
    /// The timers that give old vectors back.
    Cleanup,
    /// Handlers that ran since `count`.
    ExpectHandled {
        /// The handler's `dev_id`.
        handler: u64,
        /// How often.
        count: u64,
    },
    /// Interrupts that processors took since `count` and that no handler saw.
    ExpectUnhandled(u64),
    /// On which processor an interrupt is.
    ExpectOn {
        /// The interrupt.
        at: Source,
        /// The processor.
        cpu: u32,
    },
    /// A snapshot of everything before and after a call that fails: `same` compares with the last `keep`.
    Keep,
    /// Everything is as at the last `keep`: interrupts, descriptors, vectors, entries of the remapping table.
    Same,
    /// Random calls while interrupts fly: vectors and slots come, go, move, are disabled and enabled. Every cause is followed by a run
    /// of its handler.
    Churn {
        /// Causes.
        causes: u32,
        /// Vectors of MSI-X that come and go.
        vectors: u32,
        /// Slots that come and go.
        slots: u32,
    },
    /// A change of the vectors while queues raise interrupts, each its next one when its handler has run.
    Underway {
        /// What is changed.
        change: Change,
        /// Which way.
        way: Way,
        /// Interrupts.
        events: u64,
        /// Queues.
        queues: u32,
        /// Interrupts that no handler saw, fewest and most.
        lost: [u64; 2],
    },
}
