// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One step of a vector: every operation and expectation, by group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults::{fifteen, is_one, is_page, is_zero, one, page, success, yes};
use super::{
    Completions, Credits, DmaOp, ErrorExpect, ErrorMessages, Irte, KernelOp, PostedOp, QueueSetup, Range, RawTlp, Read,
    ReadFault, ResetKind, Retarget, Source, Submit, Switch, Target, TestDo, WorkStorm, Write,
};

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
    /// Bring virtual functions up as Linux does it (`pci_enable_sriov`): page size, BAR, NumVFs, VF Enable and
    /// memory, wait, find each by its id; then bus mastering on in each.
    EnableVfs {
        /// How many, from function 0.
        count: u32,
        /// System page size in bytes.
        #[serde(default = "page", skip_serializing_if = "is_page")]
        page: u32,
    },
    /// Take all virtual functions down as Linux does it.
    DisableVfs,
    /// MSI-X enable of a virtual function, for its vectors 0 to n−1: all entries end masked.
    VfMsixEnable {
        /// The function.
        vf: u32,
        /// Vectors in use.
        vectors: u32,
    },
    /// Function level reset of a virtual function.
    VfFlr {
        /// The function.
        vf: u32,
    },
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

    /// A call of the kernel's interrupt interfaces.
    Kernel(KernelOp),
    /// Random choices of the bench begin anew, from the test's own seed. What stands before this runs with the same
    /// choices whatever the seed, so a bench may carry it out once and go on from there many times.
    Restart,

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
    /// A cause that falls due so many ticks from now; the steps behind this one go on meanwhile.
    CauseIn {
        /// The source.
        at: Source,
        /// Ticks from now.
        ticks: u64,
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
    FunctionMask(Switch),
    /// Set or clear MSI-X Enable, read back.
    MsixEnableBit(Switch),
    /// Set or clear Interrupt Disable (INTx), read back.
    IntxDisable(bool),
    /// Set or clear Bus Master Enable, read back.
    BusMaster(Switch),
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

    // ---- address translation -------------------------------------------------------------------
    /// Switch address translation services on or off, in the device and at the host.
    Ats(bool),
    /// Map a range of the device's addresses; what the device holds of it stays until invalidated.
    Map {
        /// First address as the device has it.
        at: u64,
        /// First address in host memory.
        to: u64,
        /// Bytes, a power of two from 4096 on.
        #[serde(default = "page", skip_serializing_if = "is_page")]
        bytes: u32,
        /// The device may not read it.
        #[serde(default)]
        unreadable: bool,
        /// To be used untranslated only.
        #[serde(default)]
        untranslated: bool,
    },
    /// Unmap ranges that begin within these bytes.
    Unmap {
        /// First address as the device has it.
        at: u64,
        /// Bytes.
        #[serde(default = "page", skip_serializing_if = "is_page")]
        bytes: u32,
    },
    /// Have the device let go of translations: an Invalidate Request, and wait for its completion.
    AtsInvalidate {
        /// First address; absent: everything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<u64>,
        /// Bytes, a power of two from 4096 on.
        #[serde(default = "page", skip_serializing_if = "is_page")]
        bytes: u32,
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
        /// MSI-X vector that announces its end; with neither of the three, nothing does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        msix: Option<u32>,
        /// MSI vector that announces its end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        msi: Option<u32>,
        /// INTx announces its end.
        #[serde(default)]
        intx: bool,
        /// It must fail.
        #[serde(default)]
        fails: bool,
    },

    // ---- raw accesses --------------------------------------------------------------------------
    /// Configuration read; places: numbers, `command`, `status`, `bar0`…, `pm+4`, `pcie+8`, `msix+2`, `siov+0x10`.
    CfgRead(Read),
    /// Configuration write.
    CfgWrite(Write),
    /// Memory read of the device; places: `bar0+0x1000`, `msix_table+0x10`, `msix_pba`, `ims_slots+0x20`, `host_pending`, register names, `vf3+0x2000` for memory of virtual function 3.
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
    /// DMA remapping.
    Dma(DmaOp),
    /// Posted interrupts.
    Posted(PostedOp),
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
