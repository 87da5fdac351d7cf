// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The software of the machine: what drivers have set up so far, and where in memory.

use super::kernel::KernelSide;
use host_model::apic::ApicConfig;
use host_model::driver::aer::Aer;
use host_model::driver::amdvi::AmdRemapping;
use host_model::driver::enumerate::Function;
use host_model::driver::msg::MsiMsg;
use host_model::driver::msi::Msi;
use host_model::driver::msix::Msix;
use host_model::driver::posted::PostedDescriptor;
use host_model::driver::queue::{Descriptor, Queue};
use host_model::driver::sriov::Sriov;
use host_model::driver::vtd::{Fault, InterruptRemapping};
use host_model::host::{Host, HostConfig, RemapConfig};
use host_model::rc::RcConfig;
use host_model::rc::complete::{CompletionPolicy, Rcb, SplitPolicy};
use host_model::remap::amdvi::AmdViConfig;
use host_model::remap::vtd::dma::DmaConfig;
use host_model::remap::vtd::{Cache, Latency, VtdConfig};
use std::collections::BTreeMap;
use vectors::op::{Completions, EntryCache, HostParams, RemapUnitKind, Source, Target};

use super::ops::iommu::Iommu;

/// Interrupt remapping table: 1 MiB for 65,536 entries.
pub const TABLE: u64 = 0x0200_0000;
/// Invalidation queue, one page.
pub const QUEUE: u64 = 0x0210_0000;
/// Word that wait descriptors write.
pub const STATUS: u64 = 0x0210_1000;
/// Device table of AMD-Vi, 2 MiB; its interrupt tables are taken from [`TABLE`] on.
pub const DEVICES: u64 = 0x0220_0000;
/// Event log of AMD-Vi, one page.
pub const EVENTS: u64 = 0x0210_2000;
/// Posted interrupt descriptors, one page.
pub const DESCRIPTORS: u64 = 0x0240_0000;
/// Tables of DMA remapping.
pub const DMA_TABLES: u64 = 0x0800_0000;
/// End of the memory for them.
pub const DMA_TABLES_END: u64 = 0x0c00_0000;
/// Record ring of the function.
pub const RECORDS: u64 = 0x0300_0000;
/// Completion word of host-store invalidations.
pub const DONE: u64 = 0x0310_0000;
/// Host store: room for 2^20 slots.
pub const SLOTS: u64 = 0x1000_0000;

/// Doorbells that the function keeps (data sheet section 7).
pub const BELLS_KEPT: u32 = 16;

/// An interrupt that has a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Entry of the remapping table, when remapping is on.
    pub entry: Option<u32>,
    /// Target.
    pub target: Target,
    /// Message in the source's store.
    pub message: MsiMsg,
}

/// A work queue in use.
#[derive(Clone, Debug)]
pub struct WorkQueue {
    /// Its rings.
    pub driver: Queue,
    /// What each place of the submission ring holds, and which piece of work that is.
    pub items: BTreeMap<u16, (Descriptor, u64)>,
}

/// An interrupt handle that the device gave.
#[derive(Clone, Copy, Debug)]
pub struct Handle {
    /// The interrupt.
    pub at: Source,
    /// Permission bits.
    pub permission: u32,
    /// The handle.
    pub number: u16,
}

/// Where the kernel of a machine stands. A copy begins without one: a state that is kept to go on from is taken
/// before there is a kernel.
#[derive(Default)]
pub struct KernelPlace(Option<Box<KernelSide>>);

impl Clone for KernelPlace {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl std::ops::Deref for KernelPlace {
    type Target = Option<Box<KernelSide>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl std::ops::DerefMut for KernelPlace {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// State of the software.
#[derive(Clone)]
pub struct Machine {
    /// The function, once enumerated.
    pub function: Option<Function>,
    /// MSI-X as the driver has it.
    pub msix: Option<Msix>,
    /// MSI as the driver has it.
    pub msi: Option<Msi>,
    /// Virtual functions, while they are enabled.
    pub sriov: Option<Sriov>,
    /// MSI-X of virtual functions as their drivers have it.
    pub vf_msix: BTreeMap<u32, Msix>,
    /// Interrupt remapping, when on.
    pub remapping: Option<InterruptRemapping>,
    /// The same of AMD-Vi.
    pub amd: Option<AmdRemapping>,
    /// The platform's unit.
    pub unit: RemapUnitKind,
    /// DMA remapping, when on.
    pub iommu: Option<Iommu>,
    /// Posted interrupt descriptors, by number.
    pub descriptors: BTreeMap<u32, PostedDescriptor>,
    /// Entries reserved for sources before they have a target.
    pub reserved: BTreeMap<Source, u32>,
    /// Sources with a target.
    pub connections: BTreeMap<Source, Connection>,
    /// Processors.
    pub cpus: u32,
    /// 32-bit destinations.
    pub eime: bool,
    /// The local APICs run in x2APIC mode.
    pub x2apic: bool,
    /// Error reporting as the driver has it.
    pub aer: Option<Aer>,
    /// Fault records read and not yet expected.
    pub faults: Vec<Fault>,
    /// Doorbells that fit for certain, by the last look at the level.
    pub bells: u32,
    /// Work queues in use.
    pub queues: BTreeMap<u32, WorkQueue>,
    /// Interrupt handles, by the number that the vector gives them.
    pub handles: BTreeMap<u32, Handle>,
    /// Handles that were revoked, and which of ours they were.
    pub retired: BTreeMap<u16, u32>,
    /// The kernel, where a vector uses one.
    pub kernel: KernelPlace,
    /// Memory used for buffers, below and above 4 GiB.
    pub buffers: [u64; 2],
}

impl Machine {
    /// Nothing set up.
    pub fn new(host: &HostParams) -> Self {
        Self {
            function: None,
            msix: None,
            msi: None,
            sriov: None,
            vf_msix: BTreeMap::new(),
            remapping: None,
            amd: None,
            unit: host.remap_unit,
            iommu: None,
            descriptors: BTreeMap::new(),
            reserved: BTreeMap::new(),
            connections: BTreeMap::new(),
            cpus: host.cpus,
            eime: false,
            x2apic: host.x2apic,
            aer: None,
            faults: Vec::new(),
            bells: BELLS_KEPT,
            queues: BTreeMap::new(),
            handles: BTreeMap::new(),
            retired: BTreeMap::new(),
            kernel: KernelPlace::default(),
            buffers: [0; 2],
        }
    }

    /// Where the function's records go.
    pub fn record_ring(&self) -> u64 {
        RECORDS
    }

    /// A reset of the device: what drivers had set up in it is gone; the remapping unit is not.
    pub fn device_reset(&mut self) {
        self.msix = None;
        self.msi = None;
        self.sriov = None;
        self.vf_msix.clear();
        *self.kernel = None;
        self.queues.clear();
        self.handles.clear();
        self.retired.clear();
    }
}

/// How reads are answered.
pub fn policy(rcb: u32, c: &Completions) -> CompletionPolicy {
    CompletionPolicy {
        rcb: if rcb == 128 { Rcb::B128 } else { Rcb::B64 },
        split: if c.split { SplitPolicy::Random } else { SplitPolicy::Fewest },
        delay: if c.reorder { (c.delay[0], c.delay[1]) } else { (c.delay[0], c.delay[0]) },
    }
}

/// The host of a vector.
pub fn host(p: &HostParams, seed: u64) -> Host {
    let apic = |k: u32| if p.x2apic { ApicConfig::x2apic(k) } else { ApicConfig::xapic(k as u8) };
    let vtd = VtdConfig {
        latency: Latency { min: p.remap_delay[0], max: p.remap_delay[1] },
        cache: match p.entry_cache {
            EntryCache::None => Cache::None,
            EntryCache::Unlimited => Cache::Unlimited,
            EntryCache::Lines(n) => Cache::Lines(n as usize),
        },
        fault_records: p.fault_records as usize,
        posted: p.posted,
        dma: p.dma_remapping.then(DmaConfig::default),
        ..VtdConfig::default()
    };
    let amd = AmdViConfig { latency: vtd.latency, caches: p.entry_cache != EntryCache::None, ..AmdViConfig::default() };
    let remap = match p.remap_unit {
        RemapUnitKind::Vtd => RemapConfig::Vtd(vtd),
        RemapUnitKind::Amd => RemapConfig::AmdVi(amd),
        RemapUnitKind::None => RemapConfig::None { extended: false },
    };
    let config = HostConfig {
        rc: RcConfig { completion: policy(p.rcb, &p.completions), ..RcConfig::default() },
        remap,
        apics: (0..p.cpus).map(apic).collect(),
    };
    Host::new(config, seed)
}
