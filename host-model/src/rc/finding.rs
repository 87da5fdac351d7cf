// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a root complex can see a device do wrong.

use tlp::Bdf;

use super::ats::AtsFault;
use super::header::{Kind, ParseError, Status};

/// Why the completions of a request cannot be put together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, thiserror::Error)]
pub enum CompletionFault {
    /// Byte Count is not what is still owed.
    #[error("byte count {got}, {expected} owed")]
    ByteCount {
        /// Byte Count received, 1..=4096.
        got: u16,
        /// Bytes still owed.
        expected: u16,
    },
    /// Lower Address is not where the data continue.
    #[error("lower address {got:#x}, {expected:#x} expected")]
    LowerAddress {
        /// Lower Address received.
        got: u8,
        /// Bits 6:0 of the address at which the data continue.
        expected: u8,
    },
    /// More data than owed.
    #[error("{got} bytes of data, {owed} owed")]
    TooLong {
        /// Bytes from the first wanted one to the end of the payload.
        got: u16,
        /// Bytes still owed.
        owed: u16,
    },
    /// Does not end at a multiple of the completer's Read Completion Boundary, nor is the last.
    #[error("ends at {end:#x}, not at a multiple of {rcb} bytes")]
    Boundary {
        /// Address behind the last byte.
        end: u64,
        /// Read Completion Boundary of the completer in bytes.
        rcb: u16,
    },
    /// Status SC without data for a read.
    #[error("success without data for a read")]
    NoData,
    /// Data with an error status or for a write.
    #[error("data in a completion that carries none")]
    UnwantedData,
    /// CRS for anything but a configuration request [PCIe Base 2.3.2: malformed].
    #[error("configuration retry for another kind of request")]
    RetryOutsideConfig,
    /// CplLk for a request that was not locked, or Cpl for one that was.
    #[error("locked and unlocked mixed up")]
    Locked,
}

/// Something the device did wrong at packet level.
///
/// Each is found where a root complex naturally looks; the bench's monitor has its own
/// decoder and its own, wider checks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, thiserror::Error)]
pub enum HostFinding {
    /// Fmt/Type reserved, or Length and words disagree.
    #[error("malformed packet: {0}")]
    Malformed(#[from] ParseError),
    /// A kind of packet that an endpoint has no business to send.
    #[error("{kind:?} from an endpoint")]
    UnsupportedKind {
        /// What came.
        kind: Kind,
    },
    /// A prefix on a packet of a function without prefix support enabled.
    #[error("prefix {prefix:#010x} on {kind:?}")]
    Prefix {
        /// The prefix word.
        prefix: u32,
        /// What it preceded.
        kind: Kind,
    },
    /// A digest though its generation is not enabled.
    #[error("digest on {kind:?}")]
    Digest {
        /// What carried it.
        kind: Kind,
    },
    /// A digest that does not fit its packet [PCIe Base 2.7.1]; the packet is dropped.
    #[error("wrong digest on {kind:?}")]
    WrongDigest {
        /// What carried it.
        kind: Kind,
    },
    /// An error message that breaks the rules of its form [PCIe Base 2.2.8.3].
    #[error("error message {code:#x}: {why}")]
    ErrorMessage {
        /// Message code.
        code: u8,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Completion for no outstanding request [PCIe Base 2.3.2].
    #[error("unexpected completion for requester {requester}, tag {tag:#x}")]
    UnexpectedCompletion {
        /// Requester id in the completion.
        requester: Bdf,
        /// Tag, 10 bits.
        tag: u16,
    },
    /// Completion for a request that had timed out.
    #[error("completion for tag {tag:#x} after its timeout")]
    LateCompletion {
        /// Tag, 10 bits.
        tag: u16,
    },
    /// Completion that does not fit its request.
    #[error("completion of tag {tag:#x}: {fault}")]
    CompletionMismatch {
        /// Tag, 10 bits.
        tag: u16,
        /// What does not fit.
        fault: CompletionFault,
    },
    /// TC or attributes of a completion differ from those of its request [PCIe Base 2.2.9].
    #[error("completion of tag {tag:#x} does not copy traffic class and attributes")]
    CompletionCopies {
        /// Tag, 10 bits.
        tag: u16,
    },
    /// Completer id that the device was never given.
    #[error("completer id {completer} in a completion")]
    CompleterId {
        /// Completer id received.
        completer: Bdf,
    },
    /// Reserved completion status or BCM set.
    #[error("completion of tag {tag:#x} with status {status:?}, BCM {bcm}")]
    CompletionReserved {
        /// Tag, 10 bits.
        tag: u16,
        /// Status received.
        status: Status,
        /// Byte Count Modified as received.
        bcm: bool,
    },
    /// Poisoned completion.
    #[error("poisoned completion of tag {tag:#x}")]
    PoisonedCompletion {
        /// Tag, 10 bits.
        tag: u16,
    },
    /// Requester id that the device was never given.
    #[error("{kind:?} with requester id {requester}")]
    UnknownRequester {
        /// What came.
        kind: Kind,
        /// Requester id received.
        requester: Bdf,
    },
    /// Payload above Max_Payload_Size.
    #[error("{kind:?} with {bytes} bytes of payload, {mps} allowed")]
    PayloadAboveMps {
        /// What came.
        kind: Kind,
        /// Payload in bytes.
        bytes: u16,
        /// Max_Payload_Size in bytes.
        mps: u16,
    },
    /// Read above Max_Read_Request_Size.
    #[error("read of {bytes} bytes, {mrrs} allowed")]
    ReadAboveMrrs {
        /// Length in bytes.
        bytes: u16,
        /// Max_Read_Request_Size in bytes.
        mrrs: u16,
    },
    /// Request crosses a 4 KiB boundary.
    #[error("request of {words} words at {address:#x} crosses 4 KiB")]
    CrossesPage {
        /// First word.
        address: u64,
        /// Length in double words.
        words: u16,
    },
    /// Byte enables against the rules [PCIe Base 2.2.5].
    #[error("byte enables {first_be:#x}/{last_be:#x} on {words} words at {address:#x}")]
    ByteEnables {
        /// First word.
        address: u64,
        /// Length in double words.
        words: u16,
        /// First byte enables.
        first_be: u8,
        /// Last byte enables.
        last_be: u8,
    },
    /// Four-word header for an address below 4 GiB [PCIe Base 2.2.4.1].
    #[error("four-word header for address {address:#x}")]
    LongHeader {
        /// First word.
        address: u64,
    },
    /// A request or message of translation services that is not as it has to be [PCIe Base 10].
    #[error("{why} (address {address:#x})")]
    Translation {
        /// Address, or 0.
        address: u64,
        /// What is wrong.
        why: AtsFault,
    },
    /// Address type other than untranslated though ATS is off.
    #[error("{kind:?} with address type {at}")]
    AddressType {
        /// What came.
        kind: Kind,
        /// The two-bit address type.
        at: u8,
    },
    /// Poisoned write; it was not performed.
    #[error("poisoned write to {address:#x}")]
    PoisonedWrite {
        /// First word.
        address: u64,
    },
    /// Write to where no memory answers; it was dropped.
    #[error("write of {bytes} bytes to the hole at {address:#x}")]
    WriteHole {
        /// First byte.
        address: u64,
        /// Bytes from the first to the last enabled one.
        bytes: u16,
    },
    /// Read from where no memory answers; it was answered with UR.
    #[error("read of {bytes} bytes from the hole at {address:#x}")]
    ReadHole {
        /// First byte.
        address: u64,
        /// Byte count of the request.
        bytes: u16,
    },
    /// Read from the interrupt window; it was answered with UR [VT-d 3.14].
    #[error("read from the interrupt window at {address:#x}")]
    InterruptRead {
        /// First word.
        address: u64,
    },
    /// Interrupt write longer than one word; no interrupt.
    #[error("interrupt write of {words} words to {address:#x}")]
    InterruptSize {
        /// First word.
        address: u64,
        /// Length in double words.
        words: u16,
    },
    /// Interrupt write with a byte disabled; no interrupt.
    #[error("interrupt write to {address:#x} with byte enables {first_be:#x}")]
    InterruptByteEnables {
        /// First word.
        address: u64,
        /// First byte enables.
        first_be: u8,
    },
    /// Write with a PASID that comes out at the interrupt window untranslated; no interrupt [VT-d 3.14].
    #[error("interrupt write to {address:#x} with PASID {pasid:#x}")]
    InterruptPasid {
        /// First word.
        address: u64,
        /// The 20-bit PASID.
        pasid: u32,
    },
    /// Interrupt write with an address type other than untranslated; no interrupt.
    #[error("interrupt write to {address:#x} with address type {at}")]
    InterruptTranslated {
        /// First word.
        address: u64,
        /// The two-bit address type.
        at: u8,
    },
    /// Interrupt write with RO or NS set [PCIe Base 2.2.6.4, 2.2.6.5]; delivered.
    #[error("interrupt write to {address:#x} with relaxed ordering {relaxed}, no snoop {no_snoop}")]
    InterruptAttributes {
        /// First word.
        address: u64,
        /// RO as received.
        relaxed: bool,
        /// NS as received.
        no_snoop: bool,
    },
    /// Request with a tag that is outstanding already.
    #[error("tag {tag:#x} of requester {requester} reused while outstanding")]
    DuplicateTag {
        /// Requester id.
        requester: Bdf,
        /// Tag, 10 bits.
        tag: u16,
    },
    /// Request with a tag that the enabled width does not have.
    #[error("tag {tag:#x} outside the enabled tags")]
    TagRange {
        /// Tag, 10 bits.
        tag: u16,
    },
    /// Memory request though Bus Master Enable is 0.
    #[error("{kind:?} to {address:#x} while bus mastering is off")]
    NotBusMaster {
        /// What came.
        kind: Kind,
        /// First word.
        address: u64,
    },
}
