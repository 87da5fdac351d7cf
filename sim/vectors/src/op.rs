// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a vector can do and what it can expect: the typed operations.
//!
//! An operation says what happens at the boundary, never how a model does it; the
//! bench's sequencer carries it out. In YAML each step is a one-key map
//! (`- cause: { at: { msix: 5 } }`) or a bare name (`- enumerate`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A test: what it shows, on which machine, and the steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Unique name, `[a-z0-9_]+`, the file's stem.
    pub name: String,
    /// One sentence: what a pass shows.
    pub intent: String,
    /// Ids of the catalogue of verification items that this covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Parameters of the device that differ from its default build.
    #[serde(default, skip_serializing_if = "DutParams::is_default")]
    pub dut: DutParams,
    /// The machine around the device.
    #[serde(default, skip_serializing_if = "HostParams::is_default")]
    pub host: HostParams,
    /// Cycles within which everything owed must arrive once nothing disturbs.
    #[serde(default = "default_bound", skip_serializing_if = "is_default_bound")]
    pub bound: u64,
    /// The steps, in order.
    pub steps: Vec<Op>,
}

fn default_bound() -> u64 {
    50_000
}

fn is_default_bound(bound: &u64) -> bool {
    *bound == default_bound()
}

/// Device parameters (data sheet §1); absent ones keep their default.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DutParams {
    /// Stream width in bits: 64, 128, 256 or 512.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_w: Option<u32>,
    /// MSI-X vectors, 1 to 2048.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_msix: Option<u32>,
    /// IMS slots in device memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_dev_slots: Option<u32>,
    /// IMS slots in host memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_host_slots: Option<u32>,
    /// Host slots held at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_cache_lines: Option<u32>,
    /// Slot fetches outstanding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_fetches: Option<u32>,
}

impl DutParams {
    /// Whether nothing differs from the default build.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The host around the device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HostParams {
    /// Processors, APIC ids 0 to cpus−1.
    pub cpus: u32,
    /// The local APICs run in x2APIC mode.
    pub x2apic: bool,
    /// What the remapping unit keeps of entries it has read.
    pub entry_cache: EntryCache,
    /// Primary fault records of the remapping unit, 1 to 256.
    pub fault_records: u32,
    /// Ticks that a request spends in the remapping unit: smallest and largest.
    pub remap_delay: [u64; 2],
    /// Read completion boundary of the root complex: 64 or 128.
    pub rcb: u32,
    /// How reads of the device are answered.
    pub completions: Completions,
    /// Transmit credits at start; an absent class is infinite.
    pub credits: Credits,
    /// Interrupts are taken and ended by the processors by themselves.
    pub auto_service: bool,
}

impl Default for HostParams {
    fn default() -> Self {
        Self {
            cpus: 4,
            x2apic: false,
            entry_cache: EntryCache::Unlimited,
            fault_records: 8,
            remap_delay: [1, 16],
            rcb: 64,
            completions: Completions::default(),
            credits: Credits::default(),
            auto_service: true,
        }
    }
}

impl HostParams {
    /// Whether this is the default machine.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What the remapping unit keeps of interrupt entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryCache {
    /// Nothing: every request reads its entry.
    None,
    /// Everything until invalidated: the worst case for software.
    Unlimited,
    /// So many entries.
    Lines(u32),
}

/// How the root complex answers reads of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Completions {
    /// Split at random where legal; otherwise one completion where legal.
    pub split: bool,
    /// Completions of different reads may change places.
    pub reorder: bool,
    /// Ticks from request to first completion: smallest and largest.
    pub delay: [u64; 2],
}

impl Default for Completions {
    fn default() -> Self {
        Self { split: true, reorder: true, delay: [20, 120] }
    }
}

/// Credits per class; an absent one is infinite (at start) or unchanged (later).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credits {
    /// Posted headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ph: Option<u8>,
    /// Posted data, units of 16 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pd: Option<u16>,
    /// Non-posted headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nph: Option<u8>,
    /// Completion headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cplh: Option<u8>,
    /// Completion data, units of 16 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpld: Option<u16>,
}

/// An interrupt source: store and index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// MSI-X vector.
    Msix(u32),
    /// IMS slot in device memory.
    Device(u32),
    /// IMS slot in host memory.
    Host(u32),
    /// Event of the function: queue 0 to 63, or 64, the device itself.
    Event(u32),
    /// MSI vector; raised by events only.
    Msi(u32),
}

impl Source {
    /// The source of the same kind, `k` further up.
    pub fn plus(self, k: u32) -> Self {
        match self {
            Source::Msix(i) => Source::Msix(i + k),
            Source::Device(i) => Source::Device(i + k),
            Source::Host(i) => Source::Host(i + k),
            Source::Event(i) => Source::Event(i + k),
            Source::Msi(i) => Source::Msi(i + k),
        }
    }
}

/// A run of sources of one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// First source.
    pub first: Source,
    /// How many, upwards from it.
    pub count: u32,
}

/// A number, or the name of a register (`hs_status`, `command`), or name and
/// byte distance (`msix+2`, `bar2+0x10`, `msix_table+0x40`, `ims_slots`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Place {
    /// Plain byte address or offset.
    Number(u64),
    /// Symbolic place; which names exist depends on the operation.
    Name(String),
}

/// What a completion must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Successful completion.
    Sc,
    /// Unsupported request.
    Ur,
    /// Completer abort.
    Ca,
    /// No completion at all within the bound.
    None,
}

/// A read with its expectation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// What is read.
    pub at: Place,
    /// Bytes: 1, 2, 4 or 8 for registers; up to 4096 for memory.
    #[serde(default = "four", skip_serializing_if = "is_four")]
    pub len: u32,
    /// Value that must come back under `mask` (little endian; at most 8 bytes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<u64>,
    /// Bits that count; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<u64>,
    /// Status that must come back; `sc` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// A write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// What is written.
    pub at: Place,
    /// Bytes: 1, 2, 4 or 8.
    #[serde(default = "four", skip_serializing_if = "is_four")]
    pub len: u32,
    /// Value, little endian.
    pub value: u64,
    /// Byte enables instead of all of `len` (configuration and single DWORDs).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub be: Option<u8>,
    /// Status that must come back (configuration writes only); `sc` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

fn four() -> u32 {
    4
}

fn is_four(len: &u32) -> bool {
    *len == 4
}

/// A raw packet from the host side to the device, field by field [PCIe Base 2.2].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTlp {
    /// Fmt, 3 bits.
    pub fmt: u8,
    /// Type, 5 bits.
    pub typ: u8,
    /// Address (memory, IO) or, for messages and completions, header words 2 and 3 as one number.
    #[serde(default)]
    pub address: u64,
    /// A symbolic address instead of `address` (`bar2+0x10`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
    /// Length field in DWORDs (1024 is coded 0); the number of data words when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// First DWORD byte enables (message code's low nibble for messages).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_be: Option<u8>,
    /// Last DWORD byte enables (message code's high nibble for messages).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_be: Option<u8>,
    /// Traffic class.
    #[serde(default)]
    pub tc: u8,
    /// Attr: bit 2 IDO, bit 1 relaxed ordering, bit 0 no snoop.
    #[serde(default)]
    pub attr: u8,
    /// Address type.
    #[serde(default)]
    pub address_type: u8,
    /// TH bit.
    #[serde(default)]
    pub th: bool,
    /// TD bit; the digest is the last data word.
    #[serde(default)]
    pub td: bool,
    /// EP bit.
    #[serde(default)]
    pub ep: bool,
    /// Tag; a free one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<u16>,
    /// PASID prefix word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<u32>,
    /// Append a digest and set TD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Data words.
    #[serde(default)]
    pub data: Vec<u32>,
    /// A request: go on at once, its completion is taken whenever it comes and not looked at.
    #[serde(default)]
    pub no_wait: bool,
    /// Completion that must come back; nothing is awaited when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<CompletionExpect>,
}

/// The digest of a hand-made packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Digest {
    /// As the packet wants it.
    Right,
    /// One bit off.
    Wrong,
}

/// An uncorrectable error [PCIe Base 7.8.4.2].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorName {
    /// Poisoned packet received, bit 12.
    Poisoned,
    /// Completion timeout, bit 14.
    CompletionTimeout,
    /// Completer abort, bit 15.
    CompleterAbort,
    /// Unexpected completion, bit 16.
    UnexpectedCompletion,
    /// Malformed packet, bit 18.
    Malformed,
    /// Digest error, bit 19.
    Ecrc,
    /// Unsupported request, bit 20.
    UnsupportedRequest,
}

impl ErrorName {
    /// Number of its bit.
    pub const fn bit(self) -> u8 {
        match self {
            ErrorName::Poisoned => 12,
            ErrorName::CompletionTimeout => 14,
            ErrorName::CompleterAbort => 15,
            ErrorName::UnexpectedCompletion => 16,
            ErrorName::Malformed => 18,
            ErrorName::Ecrc => 19,
            ErrorName::UnsupportedRequest => 20,
        }
    }
}

/// What Device Status says of errors, bits 0 to 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceError {
    /// Correctable error detected.
    Correctable,
    /// Non-fatal error detected.
    NonFatal,
    /// Fatal error detected.
    Fatal,
    /// Unsupported request detected.
    Unsupported,
}

/// What the header log must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoggedHeader {
    /// The last `tlp` of the vector, as it went out, with its prefix.
    LastTlp,
    /// Not the last `tlp`: the log holds another packet.
    NotLastTlp,
    /// The error has no header.
    None,
}

/// What the error registers must say; a driver reads them all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorExpect {
    /// Exactly these uncorrectable errors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncorrectable: Vec<ErrorName>,
    /// Advisory non-fatal error in the correctable status.
    #[serde(default)]
    pub advisory: bool,
    /// Exactly these bits of Device Status; not compared when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Vec<DeviceError>>,
    /// The error that the First Error Pointer names; absent: it names none that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<ErrorName>,
    /// What the header log shows; not compared when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<LoggedHeader>,
}

/// Error messages since `count`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ErrorMessages {
    /// ERR_COR.
    pub correctable: u64,
    /// ERR_NONFATAL.
    pub non_fatal: u64,
    /// ERR_FATAL.
    pub fatal: u64,
}

/// A completion that must come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompletionExpect {
    /// Status; `none`: no completion may come within 2,000 cycles.
    pub status: Status,
    /// Byte count of the first completion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub byte_count: Option<u32>,
    /// Lower address of the first completion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower_address: Option<u8>,
    /// Data words of all completions together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Vec<u32>>,
}

/// What goes wrong with a read of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadFault {
    /// Cpl with status UR.
    Ur,
    /// Cpl with status CA.
    Ca,
    /// CplD with EP = 1.
    Poison,
    /// No completion, ever.
    Withhold,
    /// Completions with a digest that does not fit.
    WrongDigest,
    /// CplD with less data than asked for, byte count as if that were all.
    Short,
    /// The right data under a tag that is not outstanding.
    WrongTag,
    /// Cpl with status CRS, then nothing.
    Crs,
    /// Cpl with reserved status 3.
    ReservedStatus,
    /// The right completion twice.
    Duplicate,
    /// The right completion, but only after the device's timeout.
    Late,
}

/// Fields of a remapped interrupt entry as software sets them [VT-d 9.10].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Irte {
    /// Entry present.
    #[serde(default = "yes")]
    pub present: bool,
    /// Fault processing disable.
    #[serde(default)]
    pub fpd: bool,
    /// Destination: APIC id, or logical id with `logical`.
    pub destination: u32,
    /// Destination mode logical.
    #[serde(default)]
    pub logical: bool,
    /// Redirection hint.
    #[serde(default)]
    pub redirection_hint: bool,
    /// Trigger mode level.
    #[serde(default)]
    pub level: bool,
    /// Delivery mode code.
    #[serde(default)]
    pub delivery_mode: u8,
    /// Vector.
    pub vector: u8,
    /// Source id.
    #[serde(default)]
    pub sid: u16,
    /// Source id qualifier.
    #[serde(default)]
    pub sq: u8,
    /// Source validation type.
    #[serde(default)]
    pub svt: u8,
}

fn yes() -> bool {
    true
}

/// Where an interrupt is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Processor.
    pub cpu: u32,
    /// Vector, 16 to 255.
    pub vector: u8,
}

/// How a change of target is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retarget {
    /// Rewrite the remapping entry, invalidate it, wait.
    Entry,
    /// Rewrite the remapping entry and do not invalidate.
    EntryUnflushed,
    /// Mask, rewrite the message, unmask (compatibility format or a new handle).
    Message,
    /// Rewrite the message without masking: what Linux before 5.14 did.
    MessageUnmasked,
}

/// How a work queue is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueSetup {
    /// Number of the queue.
    pub q: u32,
    /// The submission ring has 2^sq places, 1 to 10.
    #[serde(default = "four")]
    pub sq: u32,
    /// The completion ring has 2^cq places, 1 to 10.
    #[serde(default = "four")]
    pub cq: u32,
    /// PASID of its requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pasid: Option<u32>,
    /// Data may have relaxed ordering.
    #[serde(default)]
    pub relaxed: bool,
    /// Data may have id-based ordering.
    #[serde(default)]
    pub ido: bool,
    /// Doorbells go through its portal page.
    #[serde(default)]
    pub portal: bool,
}

/// What a descriptor asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Nothing.
    #[default]
    Nop,
    /// Repeat eight bytes.
    Fill,
    /// Copy and sum up.
    Copy,
    /// Sum up.
    Checksum,
    /// An operation by its number.
    Opcode(u8),
}

/// Descriptors to be submitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Submit {
    /// The queue.
    pub q: u32,
    /// The operation.
    pub work: Work,
    /// Bytes.
    pub size: u32,
    /// How many such descriptors.
    #[serde(default = "one")]
    pub times: u32,
    /// Source address; a free place with random bytes when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<u64>,
    /// Destination address; a free place when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<u64>,
    /// Interrupt by this handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<u32>,
    /// Interrupt by a handle of this number, whether the device gave it or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_handle: Option<u16>,
    /// Interrupt by the queue's event.
    pub event: bool,
    /// Wait for all earlier ones.
    pub fence: bool,
    /// Do not ring the doorbell.
    pub no_ring: bool,
}

/// Random work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkStorm {
    /// First queue.
    pub first: u32,
    /// How many queues.
    pub count: u32,
    /// Pieces of work altogether.
    pub descriptors: u32,
    /// Largest size in bytes.
    #[serde(default = "page")]
    pub size_max: u32,
    /// Handles that half of the descriptors draw from.
    #[serde(default)]
    pub handles: Vec<u32>,
    /// Largest gap between submissions in ticks.
    #[serde(default)]
    pub gap_max: u64,
    /// Chance in 1/256 per submission to revoke all handles.
    #[serde(default)]
    pub revoke_chance: u8,
    /// Chance in 1/256 of a fence.
    #[serde(default)]
    pub fence_chance: u8,
}

/// Commands of the endpoint test registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestDo {
    /// Raise the MSI-X interrupt.
    Raise,
    /// The device reads and compares checksums.
    Read,
    /// The device writes and tells the checksum.
    Write,
    /// The device copies.
    Copy,
}

fn page() -> u32 {
    4096
}

fn success() -> u8 {
    1
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    // ---- bringing the machine up -------------------------------------------------------------
    /// Size and assign BARs, set MPS, memory enable and bus master: what firmware and a driver's probe do.
    Enumerate,
    /// Turn interrupt remapping on, as Linux does (queue, table, SIRTP, IEC, IRE).
    Remapping {
        /// Extended interrupt mode: 32-bit destinations.
        #[serde(default)]
        eime: bool,
        /// Table size exponent S: 2^(S+1) entries.
        #[serde(default = "fifteen")]
        size: u8,
        /// Compatibility format stays allowed.
        #[serde(default)]
        compatibility: bool,
    },
    /// Turn interrupt remapping off.
    RemappingOff,
    /// Put a host store of so many slots in place (all masked) and enable it.
    HostStore {
        /// Slots in use.
        slots: u32,
        /// Host address of slot 0; a free place when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<u64>,
    },
    /// Disable the host store.
    HostStoreOff,
    /// MSI-X enable as Linux does it, for vectors 0 to n−1: all entries end masked.
    MsixEnable {
        /// Vectors in use.
        vectors: u32,
    },
    /// MSI-X disable as Linux does it.
    MsixDisable,
    /// MSI enable as Linux does it, for as many of these vectors as the host grants: all with
    /// remapping, one without. They end masked.
    MsiEnable {
        /// Vectors asked for, 1 to 32.
        vectors: u32,
    },
    /// MSI disable as Linux does it.
    MsiDisable,
    /// Give a source a target and open it: remapping entry (when remapping is on), message, unmask.
    Connect {
        /// The source.
        at: Source,
        /// Its target.
        to: Target,
        /// Leave it masked.
        #[serde(default)]
        masked: bool,
    },
    /// Connect many; targets are dealt out over processors and vectors, a different pair for neighbours.
    ConnectRange {
        /// The sources.
        range: Range,
        /// Leave them masked.
        #[serde(default)]
        masked: bool,
    },
    /// Mask, clear the message, free the remapping entry.
    Disconnect {
        /// The source.
        at: Source,
    },
    /// Change the target of a connected source.
    Retarget {
        /// The source.
        at: Source,
        /// The new target.
        to: Target,
        /// By which means.
        by: Retarget,
    },

    // ---- causes ------------------------------------------------------------------------------
    /// Raise causes at the user's cause port.
    Cause {
        /// The source.
        at: Source,
        /// How many, in successive handshakes.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        times: u32,
        /// Ticks between them.
        #[serde(default, skip_serializing_if = "is_zero")]
        gap: u64,
    },
    /// Raise one cause on each source of a run, one after another.
    CauseRange {
        /// The sources.
        range: Range,
    },
    /// Take a cause back at the cause port.
    Withdraw {
        /// The source.
        at: Source,
    },
    /// Ring the function's doorbell.
    Doorbell {
        /// The source.
        at: Source,
        /// Causes, 1 to 63.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        count: u32,
        /// Write a completion record before each.
        #[serde(default)]
        record: bool,
        /// Withdraw instead of raise.
        #[serde(default)]
        withdraw: bool,
    },
    /// Let the function raise a run of causes, one per clock.
    Sweep {
        /// The sources.
        range: Range,
    },
    /// Random causes over ranges while sources are masked, unmasked and rewritten at random.
    Storm {
        /// Causes altogether.
        causes: u32,
        /// Sources to draw from (connected before).
        over: Vec<Range>,
        /// Largest gap between causes in ticks.
        #[serde(default)]
        gap_max: u64,
        /// Chance in 1/256 per cause to toggle the mask of a random source.
        #[serde(default)]
        mask_chance: u8,
        /// Chance in 1/256 per cause to retarget a random source by its entry or message.
        #[serde(default)]
        retarget_chance: u8,
        /// Chance in 1/1024 per cause that a random error happens beside it: a packet that
        /// the device must refuse, or a slot fetch that goes wrong.
        #[serde(default)]
        error_chance: u16,
    },
    /// Place a cause around a posted write, once for each distance in ticks, and carry out `then` after each.
    Race {
        /// Smallest and largest distance of the cause from the write.
        offsets: [i64; 2],
        /// The cause.
        cause: Source,
        /// The write.
        write: Write,
        /// What restores the starting point; ledger and checks judge each round.
        then: Vec<Op>,
    },

    /// As `race`, around a configuration write.
    RaceConfig {
        /// Smallest and largest distance of the cause from the submission of the write.
        offsets: [i64; 2],
        /// The cause.
        cause: Source,
        /// The write.
        write: Write,
        /// What restores the starting point.
        then: Vec<Op>,
    },

    // ---- masks and enables ---------------------------------------------------------------------
    /// Mask a source; read back (or invalidate) so that it has taken effect.
    Mask {
        /// The source.
        at: Source,
    },
    /// Unmask a source.
    Unmask {
        /// The source.
        at: Source,
    },
    /// Set or clear MSI-X Function Mask, read back.
    FunctionMask(bool),
    /// Set or clear MSI-X Enable, read back.
    MsixEnableBit(bool),
    /// Set or clear Interrupt Disable (INTx), read back.
    IntxDisable(bool),
    /// Set or clear Bus Master Enable, read back.
    BusMaster(bool),
    /// Set or clear Memory Space Enable, read back.
    MemoryEnable(bool),
    /// Set the power state: 0 or 3.
    PowerState(u8),
    /// Write a raw message into a source's place, without mask and without remapping.
    Message {
        /// The source.
        at: Source,
        /// 64-bit address.
        address: u64,
        /// Data.
        data: u32,
        /// Control word too (host slots: the whole slot is one store); unchanged when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        control: Option<u32>,
    },
    /// Start an invalidation command of the host store.
    Invalidate {
        /// First slot.
        index: u32,
        /// 2^order slots; 20 and above all.
        #[serde(default)]
        order: u8,
        /// Ask for a completion word in memory and wait for that instead of polling.
        #[serde(default)]
        notify: bool,
        /// Do not wait.
        #[serde(default)]
        no_wait: bool,
    },

    // ---- errors --------------------------------------------------------------------------------
    /// Find error reporting, clear what is logged, switch messages on (or off) as Linux does.
    ErrorReporting(bool),
    /// Clear the error status registers and Device Status as Linux does.
    ClearErrors,
    /// Switch digests on or off in the device and at the root port, as Linux does with `pci=ecrc=on`.
    Digests(bool),
    // ---- work queues, handles, endpoint test -----------------------------------------------------
    /// Agree with the device on sizes, as the kernel does when a port asks for it.
    Link {
        /// Max_Payload_Size in bytes, 128 to 512.
        mps: u16,
        /// Max_Read_Request_Size in bytes, 128 to 4096.
        mrrs: u16,
        /// Extended tags off.
        #[serde(default)]
        short_tags: bool,
    },
    /// Turn PASIDs of the function on or off.
    Pasid(bool),
    /// Set a work queue up and enable it.
    Queue(QueueSetup),
    /// Disable a work queue.
    QueueOff {
        /// The queue.
        q: u32,
        /// Do not wait until it is idle.
        #[serde(default)]
        no_wait: bool,
    },
    /// End the halt of a work queue.
    QueueResume {
        /// The queue.
        q: u32,
    },
    /// Request an interrupt handle.
    Handle {
        /// Number that the vector knows it by.
        id: u32,
        /// The interrupt.
        at: Source,
        /// Any requester may use it.
        #[serde(default)]
        ignore: bool,
        /// Only requesters with this PASID may.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pasid: Option<u32>,
        /// Code with which the request must be refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<u8>,
    },
    /// Release an interrupt handle; it stays known, for uses after that.
    ReleaseHandle {
        /// Number that the vector knows it by.
        id: u32,
        /// Code with which the command must be refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<u8>,
    },
    /// Revoke all interrupt handles.
    RevokeHandles,
    /// Learn of a revocation and request every known handle anew.
    RenewHandles,
    /// Put descriptors into a queue and ring its doorbell.
    Submit(Submit),
    /// Consume records of a queue as they come; laws compare them with what was asked for.
    Consume {
        /// The queue.
        q: u32,
        /// How many; all outstanding ones when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<u32>,
        /// Status that every one must have.
        #[serde(default = "success")]
        status: u8,
        /// Do not tell the device that they were consumed.
        #[serde(default)]
        keep: bool,
    },
    /// No record of a queue comes for so many cycles.
    ExpectNoRecord {
        /// The queue.
        q: u32,
        /// Cycles.
        cycles: u64,
    },
    /// Random work over queues; each piece must be completed exactly once.
    WorkStorm(WorkStorm),
    /// A command of the endpoint test registers, carried out as Linux pci_endpoint_test does.
    EndpointTest {
        /// The command.
        run: TestDo,
        /// Bytes.
        #[serde(default)]
        size: u32,
        /// MSI-X vector that announces its end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        msix: Option<u32>,
        /// It must fail.
        #[serde(default)]
        fails: bool,
    },

    // ---- raw accesses --------------------------------------------------------------------------
    /// Configuration read; places: numbers, `command`, `status`, `bar0`…, `pm+4`, `pcie+8`, `msix+2`, `siov+0x10`.
    CfgRead(Read),
    /// Configuration write.
    CfgWrite(Write),
    /// Memory read of the device; places: `bar0+0x1000`, `msix_table+0x10`, `msix_pba`, `ims_slots+0x20`, `host_pending`, register names.
    Read(Read),
    /// Memory write to the device.
    Write(Write),
    /// Read host memory.
    DramRead(Read),
    /// Write host memory.
    DramWrite(Write),
    /// A packet of any shape to the device.
    Tlp(RawTlp),
    /// A packet of any shape as if the device had sent it to the host: what the host must refuse.
    Stray(RawTlp),

    // ---- remapping unit ------------------------------------------------------------------------
    /// Read a register of the remapping unit by name (`gsts`, `fsts`, `iqh` …) or offset.
    VtdRead(Read),
    /// Write one.
    VtdWrite(Write),
    /// Store a remapping entry in memory; nothing is invalidated.
    SetIrte {
        /// Index in the table.
        index: u32,
        /// Its fields.
        entry: Irte,
    },
    /// Store a raw 128-bit entry: low and high quad word.
    SetIrteRaw {
        /// Index in the table.
        index: u32,
        /// Quad words, low first.
        words: [u64; 2],
    },
    /// Queue an interrupt entry cache invalidation and wait for it.
    Iec {
        /// One aligned block of 2^mask entries from here; absent: global.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<u32>,
        /// Exponent of the block.
        #[serde(default)]
        mask: u8,
    },
    /// Queue a raw 128-bit descriptor and move the tail.
    Descriptor {
        /// Quad words, low first.
        words: [u64; 2],
        /// Wait until the head has reached the tail.
        #[serde(default = "yes")]
        wait: bool,
    },

    // ---- environment -----------------------------------------------------------------------------
    /// Random stalls in 1/256 per channel.
    Pressure {
        /// Idle cycles in front of downstream beats.
        #[serde(default)]
        rx_gap: u8,
        /// Upstream beats not taken.
        #[serde(default)]
        tx_stall: u8,
        /// Idle cycles in front of causes.
        #[serde(default)]
        cause_gap: u8,
    },
    /// Free credits that the partner keeps advertised from now on, per class; 0 grants nothing more.
    Credits(Credits),
    /// How reads of the device are answered from now on.
    Completions(Completions),
    /// The next so many reads of the device (in a range, if given) go wrong.
    FailReads {
        /// How.
        how: ReadFault,
        /// How many reads.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        times: u32,
        /// Only reads that touch this source's slot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Source>,
        /// Only reads of descriptors of this queue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ring: Option<u32>,
        /// Only reads that touch this range: first byte, bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        range: Option<[u64; 2]>,
    },
    /// Nothing answers in this range of host memory from now on.
    Hole {
        /// First byte.
        address: u64,
        /// Bytes.
        len: u64,
    },
    /// Conventional reset from outside.
    Reset(ResetKind),
    /// Function level reset, waited for.
    Flr,
    /// Let so many cycles pass.
    Wait(u64),
    /// Wait until everything owed has arrived, within the bound; liveness is judged here.
    Settle,

    // ---- processors --------------------------------------------------------------------------------
    /// Task priority of a processor.
    Tpr {
        /// Processor.
        cpu: u32,
        /// Value.
        value: u8,
    },
    /// A processor takes (or no longer takes) interrupts by itself.
    Service {
        /// Processor.
        cpu: u32,
        /// Takes them.
        on: bool,
    },
    /// A processor takes its next interrupt; which vector that must be, or 0 for none.
    Take {
        /// Processor.
        cpu: u32,
        /// Vector expected.
        vector: u8,
    },
    /// A processor ends its interrupt in service.
    Eoi {
        /// Processor.
        cpu: u32,
    },

    // ---- expectations ---------------------------------------------------------------------------------
    /// Counts of the expectations below start from here.
    Count,
    /// So many messages of this source have left since `count`.
    ExpectMessages {
        /// The source.
        at: Source,
        /// How many.
        count: u64,
    },
    /// So many messages of any source have left since `count`.
    ExpectMessagesTotal(u64),
    /// At least and at most so many messages of this source since `count`.
    ExpectMessagesBetween {
        /// The source.
        at: Source,
        /// Smallest and largest number.
        range: [u64; 2],
    },
    /// So many arrivals of this vector at this processor since `count`.
    ExpectArrivals {
        /// Processor and vector.
        at: Target,
        /// How many.
        count: u64,
    },
    /// Raise a cause and follow it: this message leaves and arrives there.
    ExpectInterrupt {
        /// The source; a cause is raised on it.
        at: Source,
        /// Message address.
        address: u64,
        /// Message data.
        data: u32,
        /// Where it arrives; absent: not checked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Target>,
    },
    /// The pending bit of a source, as software reads it.
    ExpectPending {
        /// The source.
        at: Source,
        /// The bit.
        value: bool,
    },
    /// The INTx wire as the root port sees it, and Interrupt Status as software reads it.
    ExpectIntx {
        /// The wire is asserted.
        asserted: bool,
        /// Interrupt Status, where it differs from the wire (Interrupt Disable).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<bool>,
        /// So many times has it been asserted since `count`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asserts: Option<u64>,
    },
    /// No message leaves for so many cycles.
    ExpectQuiet(u64),
    /// The remapping unit has recorded this fault; the record is cleared.
    ExpectFault {
        /// Reason code.
        reason: u8,
        /// Interrupt index in the record; not compared when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<u32>,
        /// Requester id in the record; the device's when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<u16>,
    },
    /// The remapping unit has no fault recorded.
    ExpectNoFault,
    /// The next blocked request without a record (the message of this source was refused unrecorded).
    ExpectBlocked {
        /// Reason code.
        reason: u8,
    },
    /// The device has recorded this error; the record is cleared.
    ExpectError {
        /// Code of `irq_err`.
        code: u8,
        /// The source.
        at: Source,
    },
    /// The device has recorded no error.
    ExpectNoError,
    /// The error registers say exactly this.
    ExpectErrors(ErrorExpect),
    /// Exactly so many error messages have reached the root port since `count`; those not named: none.
    ExpectErrorMessages(ErrorMessages),
    /// A check must have reported this by now (by its name); the report is consumed and does not fail the test.
    ExpectFinding(String),
    /// The device's decoding of a BAR: on at this address, or off.
    ExpectDecode {
        /// BAR index as our device has it.
        bar: u8,
        /// Base address; absent: not decoded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<u64>,
    },

    // ---- structure -----------------------------------------------------------------------------------
    /// A phase mark; goes to the event log.
    Mark(String),
    /// Repeat steps.
    Repeat {
        /// How often.
        times: u32,
        /// The steps.
        steps: Vec<Op>,
    },
    /// A recorded access that has no counterpart in this device; counted, and listed with its reason.
    Untranslated {
        /// The access, as recorded.
        what: String,
        /// Why it cannot be replayed.
        reason: String,
    },
}

fn one() -> u32 {
    1
}

fn is_one(n: &u32) -> bool {
    *n == 1
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

fn fifteen() -> u8 {
    15
}

/// Conventional resets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResetKind {
    /// Power-on.
    Cold,
    /// In-band.
    Hot,
}
