// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Ways in which the golden endpoint can be told to misbehave.
//!
//! Each is one defect, named for what is then wrong, and switchable alone. A bench
//! that watches the golden endpoint has to turn every one into a finding.

use std::collections::BTreeSet;

/// The name of no quirk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no quirk is called '{0}'")]
pub struct UnknownQuirk(pub String);

macro_rules! quirks {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// One misbehaviour. "Sometimes" means every n-th occasion, n being
        /// [`GoldenConfig::quirk_period`](crate::GoldenConfig::quirk_period).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Quirk { $($(#[doc = $doc])* $variant,)* }

        impl Quirk {
            /// Every quirk, in the order of this list.
            pub const ALL: &'static [Quirk] = &[$(Quirk::$variant,)*];

            /// Kebab-case name.
            pub const fn name(self) -> &'static str {
                match self { $(Quirk::$variant => $name,)* }
            }

            /// One sentence on what is wrong.
            pub const fn doc(self) -> &'static str {
                match self { $(Quirk::$variant => concat!($($doc,)*).trim_ascii_start(),)* }
            }
        }
    };
}

quirks! {
    // The message itself.
    /// An interrupt message sometimes goes to an address that was never programmed.
    MessageUnprogrammedAddress = "message-unprogrammed-address",
    /// An interrupt message sometimes carries data + 1: a vector that was never allocated.
    MessageUnallocatedVector = "message-unallocated-vector",
    /// An interrupt message is sometimes a write of 8 bytes.
    MessageEightBytes = "message-eight-bytes",
    /// An interrupt message sometimes has byte enables 0x3.
    MessageByteEnables = "message-byte-enables",
    /// An interrupt message sometimes has the requester id of another function.
    MessageWrongRequester = "message-wrong-requester",
    /// An interrupt message is sometimes poisoned.
    MessagePoisoned = "message-poisoned",
    /// An interrupt message sometimes has the relaxed ordering attribute.
    MessageRelaxedOrdering = "message-relaxed-ordering",
    /// An interrupt message sometimes has the no snoop attribute.
    MessageNoSnoop = "message-no-snoop",
    /// An interrupt message sometimes has traffic class 7.
    MessageTrafficClass = "message-traffic-class",
    /// An interrupt message sometimes has address type "translated".
    MessageTranslated = "message-translated",
    /// An interrupt message sometimes has a PASID prefix.
    MessagePasidPrefix = "message-pasid-prefix",
    /// Messages below 4 GiB have the four-word header.
    MessageLongHeader = "message-long-header",
    /// The upper half of the message address is ignored.
    MessageUpperAddressDropped = "message-upper-address-dropped",
    /// An IMS message is sent though its address is 0.
    MessageAddressZero = "message-address-zero",
    /// A message is sometimes taken from the next entry.
    MessageOfNeighbour = "message-of-neighbour",
    /// After a rewrite the first message has the old address with the new data.
    MessageTorn = "message-torn",
    /// A message is sometimes sent that nobody raised.
    MessageSpurious = "message-spurious",

    // Enables and masks.
    /// Messages are sent though MSI-X is disabled.
    MsixEnableIgnored = "msix-enable-ignored",
    /// Messages are sent though the function is masked.
    FunctionMaskIgnored = "function-mask-ignored",
    /// Messages are sent though their entry is masked.
    VectorMaskIgnored = "vector-mask-ignored",
    /// A masked entry's first message still leaves up to 400 cycles after the mask was written.
    VectorMaskLate = "vector-mask-late",
    /// Clearing a vector's mask sends its message though the function is masked.
    UnmaskSendsThoughFunctionMasked = "unmask-sends-though-function-masked",
    /// Clearing the function mask sends the messages of entries that are masked.
    FunctionUnmaskSendsMasked = "function-unmask-sends-masked",
    /// A write that sets Enable and Function Mask together sets Enable only.
    EnableMaskWriteLosesMask = "enable-mask-write-loses-mask",
    /// Interrupt messages are sent with Bus Master Enable = 0.
    MessageWithoutBusMaster = "message-without-bus-master",
    /// Records, slot fetches and completion words leave with Bus Master Enable = 0.
    DmaWithoutBusMaster = "dma-without-bus-master",
    /// Messages are sent in D3hot.
    MessageInD3hot = "message-in-d3hot",
    /// The mask bits of entries are 0 after a reset.
    ResetLeavesUnmasked = "reset-leaves-unmasked",

    // Pending bits.
    /// A cause for a masked source is forgotten.
    MaskedCauseDropped = "masked-cause-dropped",
    /// A cause is sometimes taken and forgotten.
    CauseLost = "cause-lost",
    /// The pending bit sometimes stays after its message: it is sent twice.
    PendingKeptAfterSend = "pending-kept-after-send",
    /// Pending bits of masked MSI-X entries are set in quad word index >> 5.
    PbaWordShifted = "pba-word-shifted",
    /// Clearing MSI-X Enable clears the pending bits.
    DisableClearsPending = "disable-clears-pending",
    /// Vectors that are pending when MSI-X is enabled are not sent.
    EnableDropsPending = "enable-drops-pending",
    /// A cause that is withdrawn is sent all the same.
    WithdrawIgnored = "withdraw-ignored",
    /// A pending source with a lower index that is masked stops those above it.
    MaskedBlocksOthers = "masked-blocks-others",

    // Order and resets.
    /// A record sometimes leaves behind the message that announces it.
    RecordAfterMessage = "record-after-message",
    /// Completions overtake messages committed before their data were read.
    CompletionOvertakesMessage = "completion-overtakes-message",
    /// One message of before a function level reset is sent after it.
    MessageAfterReset = "message-after-reset",
    /// A function level reset keeps the pending bits.
    ResetKeepsPending = "reset-keeps-pending",
    /// A function level reset forgets the captured bus and device number.
    ResetForgetsId = "reset-forgets-id",

    // The host store.
    /// An invalidation completes but leaves held slots in place.
    StaleSlotAfterInvalidation = "stale-slot-after-invalidation",
    /// An invalidation leaves the results of fetches that were under way in place.
    StaleFetchAfterInvalidation = "stale-fetch-after-invalidation",
    /// The completion word of an invalidation is ahead of committed messages.
    InvalidationDoneEarly = "invalidation-done-early",
    /// Disabling the store keeps held slots, which are used after it is enabled again.
    StaleSlotAfterDisable = "stale-slot-after-disable",
    /// The slot after the wanted one is sometimes fetched.
    FetchOfNeighbour = "fetch-of-neighbour",
    /// Data of a poisoned or wrong fetch are used.
    FetchErrorUsed = "fetch-error-used",
    /// Failed fetches are not recorded and not parked: they are repeated for ever.
    FetchErrorSilent = "fetch-error-silent",
    /// The tag of a timed-out fetch is used again at once.
    TagReusedAfterTimeout = "tag-reused-after-timeout",

    // Writes and reads that should not be.
    /// A record is sometimes written as 1,024 bytes.
    RecordBeyondMaxPayload = "record-beyond-max-payload",
    /// Sometimes a two-word write with both byte enables 0 follows a message.
    WriteWithoutByteEnables = "write-without-byte-enables",
    /// Sometimes a write to an address that nobody gave the device follows a message.
    WriteToUnmappedAddress = "write-to-unmapped-address",
    /// Posted credits are over-used.
    PostedCreditsOverused = "posted-credits-overused",
    /// Completion credits are over-used.
    CompletionCreditsOverused = "completion-credits-overused",
    /// A reserved packet type is sometimes sent.
    MalformedSent = "malformed-sent",

    // Completions and registers.
    /// Sometimes a completion is followed by one that nobody asked for.
    CompletionUnsolicited = "completion-unsolicited",
    /// A read sometimes gets no completion.
    CompletionMissing = "completion-missing",
    /// A completion sometimes has a byte count that is 4 too large.
    CompletionByteCount = "completion-byte-count",
    /// A completion sometimes has a wrong lower address.
    CompletionLowerAddress = "completion-lower-address",
    /// Completions do not carry the two high bits of the tag.
    CompletionTagTruncated = "completion-tag-truncated",
    /// Reads are no longer answered after the first fifty.
    Wedge = "wedge",
    /// Configuration writes ignore byte enables.
    ConfigByteEnablesIgnored = "config-byte-enables-ignored",
    /// BARs answer with Memory Space Enable = 0.
    MemoryEnableIgnored = "memory-enable-ignored",
    /// Data of poisoned writes are taken.
    PoisonedWriteTaken = "poisoned-write-taken",
    /// Unsupported requests are not logged.
    UnsupportedNotLogged = "unsupported-not-logged",
    // Errors.
    /// The status bit of an uncorrectable error is sometimes not set.
    ErrorStatusMissing = "error-status-missing",
    /// The header log shows the last error instead of the first.
    HeaderLogOverwritten = "header-log-overwritten",
    /// Errors that are masked are reported by a message all the same.
    ErrorMaskIgnored = "error-mask-ignored",
    /// Errors are reported as non-fatal whatever their severity.
    ErrorSeverityIgnored = "error-severity-ignored",
    /// Advisory errors are reported as non-fatal ones.
    AdvisoryIgnored = "advisory-ignored",
    /// Advisory errors are logged as uncorrectable ones though they are masked.
    MaskedAdvisoryLogged = "masked-advisory-logged",
    /// A completion timeout is logged while a function level reset waits for its completion to leave.
    TimeoutLoggedInReset = "timeout-logged-in-reset",
    /// An error message is sometimes not sent.
    ErrorMessageLost = "error-message-lost",
    /// An error message is sometimes sent twice.
    ErrorMessageTwice = "error-message-twice",
    /// Error messages are sent in D3hot.
    ErrorMessageInD3hot = "error-message-in-d3hot",
    /// Error messages wait for Bus Master Enable.
    ErrorMessageNeedsBusMaster = "error-message-needs-bus-master",
    /// An error message has traffic class 1.
    ErrorMessageTrafficClass = "error-message-traffic-class",
    /// A function level reset clears the error registers.
    ErrorLogClearedByReset = "error-log-cleared-by-reset",
    /// Signalled System Error is not set.
    SystemErrorNotSignalled = "system-error-not-signalled",
    /// Digests are not checked though that is enabled.
    DigestNotChecked = "digest-not-checked",
    /// Packets leave without a digest though that is enabled.
    DigestNotMade = "digest-not-made",
    /// A digest that is made is sometimes wrong.
    DigestWrong = "digest-wrong",
    /// A doorbell raises each of its causes twice.
    DoorbellRaisesTwice = "doorbell-raises-twice",
    /// A malformed non-posted request never gives its credit back.
    MalformedKeepsCredit = "malformed-keeps-credit",
    /// A doorbell that finds the queue full is dropped without an error.
    DoorbellDroppedSilently = "doorbell-dropped-silently",

    // Events and coalescing.
    /// An event sometimes sets its status bit and is not counted.
    EventForgotten = "event-forgotten",
    /// A coalescer fires one event before its number of frames.
    CoalescerOneEarly = "coalescer-one-early",
    /// A coalescer's time runs 4,096 cycles too long.
    CoalescerTimerLate = "coalescer-timer-late",
    /// Events counted for a vector that is no longer granted are dropped.
    StrandedCountDropped = "stranded-count-dropped",
    /// A firing sometimes raises its interrupt twice.
    FiringTwice = "firing-twice",
    /// What INTx had pending is not signalled by the next mode, nor the other way round.
    HandOverLost = "hand-over-lost",

    // INTx.
    /// INTx is asserted though MSI or MSI-X is enabled.
    IntxThoughMsi = "intx-though-msi",
    /// INTx is asserted though Interrupt Disable is 1.
    IntxDisableIgnored = "intx-disable-ignored",
    /// INTx, once asserted, is never deasserted.
    IntxNeverReleased = "intx-never-released",
    /// INTx messages are those of INTB.
    IntxOtherPin = "intx-other-pin",
    /// INTx messages are routed to the root complex.
    IntxRouting = "intx-routing",
    /// An INTx message is sometimes sent twice.
    IntxTwice = "intx-twice",

    // MSI.
    /// MSI vectors are sent though they are masked.
    MsiMaskIgnored = "msi-mask-ignored",
    /// MSI vectors are sent though MSI is disabled.
    MsiEnableIgnored = "msi-enable-ignored",
    /// MSI data does not carry the vector.
    MsiVectorNotInData = "msi-vector-not-in-data",
    /// The upper half of MSI data is sent though extended data is not enabled.
    MsiExtendedDataAlways = "msi-extended-data-always",
    /// A raised MSI vector is sometimes forgotten.
    MsiCauseLost = "msi-cause-lost",
    /// Clearing MSI Enable clears the pending bits.
    MsiDisableClearsPending = "msi-disable-clears-pending",
    // Queues, the engine, interrupt handles.
    /// A byte of a write of the engine is sometimes wrong.
    DmaDataWrong = "dma-data-wrong",
    /// A read of the engine is sometimes 1 MiB behind its place.
    DmaReadBeyondSource = "dma-read-beyond-source",
    /// A write of the engine is sometimes 1 MiB behind its place.
    DmaWriteBeyondDestination = "dma-write-beyond-destination",
    /// Reads of the engine are up to 1,024 bytes long, whatever Max_Read_Request_Size is.
    DmaReadAboveMrrs = "dma-read-above-mrrs",
    /// Reads of data carry the tags of the neighbouring lane.
    DmaTagOfOtherLane = "dma-tag-of-other-lane",
    /// Reads of a queue with PASID have no prefix.
    DmaReadWithoutPrefix = "dma-read-without-prefix",
    /// Writes of data of a queue with PASID have no prefix.
    DmaWriteWithoutPrefix = "dma-write-without-prefix",
    /// Records of a queue with PASID have no prefix.
    RecordWithoutPrefix = "record-without-prefix",
    /// Poisoned data are used.
    PoisonedDataUsed = "poisoned-data-used",
    /// A fence does not wait.
    FenceIgnored = "fence-ignored",
    /// Records are put ahead of posted writes that wait, data among them.
    RecordAheadOfData = "record-ahead-of-data",
    /// A record sometimes leaves behind the interrupt of its descriptor.
    WorkInterruptAheadOfRecord = "work-interrupt-ahead-of-record",
    /// A descriptor sometimes gets no record.
    RecordMissing = "record-missing",
    /// A record is sometimes written twice.
    RecordTwice = "record-twice",
    /// Records are written though their ring is full.
    RecordRingOverrun = "record-ring-overrun",
    /// The phase of records is always 1.
    RecordPhaseFixed = "record-phase-fixed",
    /// The checksum of records is inverted.
    RecordChecksumInverted = "record-checksum-inverted",
    /// Records of work whose reads failed say that all is well.
    RecordHidesReadError = "record-hides-read-error",
    /// Records have the relaxed ordering attribute.
    RecordRelaxedOrdering = "record-relaxed-ordering",
    /// The permission of a handle is not looked at.
    HandlePermissionIgnored = "handle-permission-ignored",
    /// Released and revoked handles stay in use.
    HandleReleaseIgnored = "handle-release-ignored",
    /// The permission of a device slot is not looked at.
    SlotPermissionIgnored = "slot-permission-ignored",

    // Virtual functions.
    /// Messages of virtual functions carry the physical function's id.
    VfMessageOfPhysical = "vf-message-of-physical",
    /// Answers of virtual functions carry the physical function's id.
    VfAnswersAsPhysical = "vf-answers-as-physical",
    /// Virtual functions send with their Bus Master Enable = 0.
    VfBusMasterIgnored = "vf-bus-master-ignored",
    /// Virtual functions wait for the physical function's Bus Master Enable.
    VfNeedsPhysicalBusMaster = "vf-needs-physical-bus-master",
    /// MSI-X Enable and Function Mask of the physical function decide for all.
    VfMsixOfPhysical = "vf-msix-of-physical",
    /// Virtual functions send in D3hot of the physical function.
    VfSendsThoughAbsent = "vf-sends-though-absent",
    /// A reset of a virtual function keeps its pending bits.
    VfResetKeepsPending = "vf-reset-keeps-pending",
    /// A reset of a virtual function clears the pending bits of the next one.
    VfResetClearsNeighbour = "vf-reset-clears-neighbour",
    /// Apertures answer with VF Memory Space Enable = 0.
    VfMemoryEnableIgnored = "vf-memory-enable-ignored",
    /// A cause for a virtual function that is not there is taken.
    VfAbsentCauseTaken = "vf-absent-cause-taken",
    /// The doorbell of a virtual function raises a source of another.
    VfDoorbellOfNeighbour = "vf-doorbell-of-neighbour",
    /// Errors of virtual functions are kept in the physical function's registers.
    VfErrorInPhysical = "vf-error-in-physical",
    /// Error messages of virtual functions carry the physical function's id.
    VfErrorMessageOfPhysical = "vf-error-message-of-physical",

    // Address translation.
    /// An Invalidate Request leaves translations and slots in place.
    AtsKeepsTranslations = "ats-keeps-translations",
    /// An Invalidate Request is sometimes not completed.
    AtsCompletionMissing = "ats-completion-missing",
    /// A fetch whose translation has come waits for its turn among all others, which may replace it.
    AtsTranslationsWait = "ats-translations-wait",
}

impl core::fmt::Display for Quirk {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

impl core::str::FromStr for Quirk {
    type Err = UnknownQuirk;

    fn from_str(name: &str) -> Result<Self, UnknownQuirk> {
        Quirk::ALL.iter().copied().find(|q| q.name() == name).ok_or_else(|| UnknownQuirk(name.to_owned()))
    }
}

/// The quirks of one device and how often each had an occasion.
#[derive(Clone, Debug)]
pub(crate) struct Quirks {
    /// A bit a quirk.
    set: [u128; 2],
    period: u32,
    occasions: Vec<u32>,
}

impl Quirks {
    pub(crate) fn new(set: &BTreeSet<Quirk>, period: u32) -> Self {
        Self {
            set: set.iter().fold([0; 2], |mut mask, &q| {
                mask[q as usize / 128] |= 1 << (q as usize % 128);
                mask
            }),
            period: period.max(1),
            occasions: vec![0; Quirk::ALL.len()],
        }
    }

    /// Whether the device has this quirk.
    #[inline]
    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        self.any() && self.set[quirk as usize / 128] >> (quirk as usize % 128) & 1 != 0
    }

    /// Whether the device has any quirk; the usual device has none.
    #[inline]
    pub(crate) fn any(&self) -> bool {
        self.set != [0; 2]
    }

    /// Counts an occasion; whether this is one at which the quirk shows.
    #[inline]
    pub(crate) fn strikes(&mut self, quirk: Quirk) -> bool {
        if !self.has(quirk) {
            return false;
        }
        let occasions = &mut self.occasions[quirk as usize];
        *occasions += 1;
        (*occasions).is_multiple_of(self.period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_parse_back() {
        let names: BTreeSet<_> = Quirk::ALL.iter().map(|q| q.name()).collect();
        assert_eq!(names.len(), Quirk::ALL.len());
        for &quirk in Quirk::ALL {
            assert_eq!(quirk.name().parse(), Ok(quirk));
            assert!(quirk.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit()));
            assert!(quirk.doc().ends_with('.'), "{quirk}");
        }
        assert!("no-such".parse::<Quirk>().is_err());
    }
}
