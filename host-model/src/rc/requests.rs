// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The host's own requests: from a call to a packet, from completions to an outcome.

use std::collections::{BTreeMap, VecDeque};

use tlp::{Bdf, Packet, Tick};

use super::bytes::{Span, to_bytes, to_words};
use super::finding::{CompletionFault, HostFinding};
use super::header::{Attributes, Body, Class, Header, Kind, Parsed, Status, parse};
use super::tags::{TagWidth, Tags};

/// Read Completion Boundary of every completer that is not a root complex, in bytes.
const ENDPOINT_RCB: u16 = 128;

/// Names one submitted request for its outcome.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TxnId(pub u64);

/// What a hand-made packet's tag is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RawTag {
    /// The packet goes out as it is and nothing is awaited: its outcome is
    /// [`Outcome::Sent`]. For posted packets, completions and malformed ones.
    Unwatched,
    /// The packet goes out as it is and completions for its tag are awaited.
    Own,
    /// Requester id and tag are filled in and completions awaited.
    Assigned,
}

/// A request of the host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// Reads one double word of configuration space.
    ConfigRead {
        /// Function.
        target: Bdf,
        /// Byte offset, multiple of 4, 0..=0xffc.
        register: u16,
        /// Byte enables.
        enables: u8,
        /// Type 1 instead of type 0.
        type1: bool,
    },
    /// Writes one double word of configuration space.
    ConfigWrite {
        /// Function.
        target: Bdf,
        /// Byte offset, multiple of 4, 0..=0xffc.
        register: u16,
        /// Byte enables.
        enables: u8,
        /// Value, byte at the lowest address in bits 7:0.
        value: u32,
        /// Type 1 instead of type 0.
        type1: bool,
    },
    /// Reads device memory.
    MemRead {
        /// First byte.
        address: u64,
        /// Bytes, 0 (a zero-length read) to 4096, within one 4 KiB page.
        len: u16,
    },
    /// Writes device memory.
    MemWrite {
        /// First byte.
        address: u64,
        /// Bytes, at most Max_Payload_Size with the lead to the word, within one page.
        data: Vec<u8>,
    },
    /// Reads one double word of IO space.
    IoRead {
        /// Address, multiple of 4.
        address: u32,
        /// Byte enables.
        enables: u8,
    },
    /// Writes one double word of IO space.
    IoWrite {
        /// Address, multiple of 4.
        address: u32,
        /// Byte enables.
        enables: u8,
        /// Value.
        value: u32,
    },
    /// A packet made by hand.
    Raw {
        /// The packet.
        packet: Packet,
        /// Who chooses the tag, and whether an answer is awaited.
        tag: RawTag,
    },
}

/// A request that cannot be a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RequestError {
    /// Crosses a 4 KiB boundary or is longer than 4096 bytes.
    #[error("{len} bytes at {address:#x} do not lie in one page")]
    Page {
        /// First byte.
        address: u64,
        /// Bytes.
        len: usize,
    },
    /// Payload above Max_Payload_Size.
    #[error("{len} bytes of payload, {mps} allowed")]
    Payload {
        /// Payload in bytes, whole words.
        len: usize,
        /// Max_Payload_Size in bytes.
        mps: u16,
    },
    /// Not a multiple of 4, or beyond 0xffc.
    #[error("register offset {0:#x}")]
    Register(u32),
    /// A watched hand-made packet must be a well-formed non-posted request.
    #[error("hand-made packet is no non-posted request")]
    NotNonPosted,
    /// The tag of a hand-made packet is in use.
    #[error("tag {0:#x} is in use")]
    TagInUse(u16),
}

/// How a request ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Posted or unwatched: it has left the host. It may not have reached the device.
    Sent,
    /// Read: the bytes asked for (configuration and IO: all four of the word; zero-length: none).
    Data(Vec<u8>),
    /// Non-posted write: completed with success.
    Done,
    /// Status UR or a reserved one.
    UnsupportedRequest,
    /// Status CA.
    CompleterAbort,
    /// Status CRS; the caller may try again.
    ConfigRetry,
    /// The data came poisoned; software sees a machine check, not these bytes.
    Poisoned,
    /// No, or not all, completions within the time.
    Timeout,
    /// Completions broke the rules.
    Malformed(CompletionFault),
    /// Never sent.
    Refused(RequestError),
    /// The link was reset.
    Reset,
}

/// A packet ready for the downstream queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ready {
    /// The request.
    pub txn: TxnId,
    /// Tag under which an answer is awaited.
    pub tag: Option<u16>,
    /// Class for ordering.
    pub class: Class,
    /// The packet.
    pub packet: Packet,
}

#[derive(Clone, Debug)]
struct Outstanding {
    txn: TxnId,
    kind: Kind,
    attr: Attributes,
    tc: u8,
    /// Bytes still owed; the address of the next one (memory reads).
    owed: u16,
    next: u64,
    data: Vec<u8>,
    empty: bool,
    poisoned: bool,
    /// Set when the request leaves.
    deadline: Option<Tick>,
}

/// Outstanding requests and those that wait for a tag.
#[derive(Clone, Debug)]
pub struct Requests {
    id: Bdf,
    timeout: Tick,
    tags: Tags,
    outstanding: BTreeMap<u16, Outstanding>,
    waiting: VecDeque<(TxnId, Header, Vec<u32>)>,
    next: u64,
}

/// Whether a completion brought a request to its end.
type Ended = Option<(TxnId, Outcome)>;

impl Requests {
    /// Requests of requester `id`; those without answer end `timeout` ticks after they left.
    pub fn new(id: Bdf, timeout: Tick, tags: Tags) -> Self {
        Self { id, timeout, tags, outstanding: BTreeMap::new(), waiting: VecDeque::new(), next: 0 }
    }

    /// Numbers requests from `first` on, so that those of several root ports differ.
    pub fn number_from(&mut self, first: u64) {
        self.next = first;
    }

    /// Sets the time in ticks for requests that leave from now on.
    pub fn set_timeout(&mut self, timeout: Tick) {
        self.timeout = timeout;
    }

    /// Sets the width of tags given out from now on.
    pub fn set_tag_width(&mut self, width: TagWidth) {
        self.tags.set_width(width);
    }

    /// Whether no answer is awaited and nothing waits for a tag.
    pub fn is_idle(&self) -> bool {
        self.outstanding.is_empty() && self.waiting.is_empty()
    }

    /// Numbers a request and makes its packet. Requests that cannot be sent end at once.
    pub fn submit(
        &mut self,
        now: Tick,
        request: Request,
        mps: u16,
        ready: &mut Vec<Ready>,
    ) -> (TxnId, Option<Outcome>) {
        let txn = TxnId(self.next);
        self.next += 1;
        let made = match request {
            Request::Raw { packet, tag } => self.submit_raw(now, txn, packet, tag, ready),
            other => self.build(other, mps).map(|(header, words)| match header.kind.class() {
                Class::NonPosted => self.waiting.push_back((txn, header, words)),
                class => ready.push(Ready { txn, tag: None, class, packet: header.packet(words) }),
            }),
        };
        (txn, made.err().map(Outcome::Refused))
    }

    /// Gives tags to waiting requests, in order.
    pub fn start(&mut self, now: Tick, ready: &mut Vec<Ready>) {
        while !self.waiting.is_empty() {
            let Some(tag) = self.tags.take(now) else { return };
            let Some((txn, mut header, words)) = self.waiting.pop_front() else { return };
            set_tag(&mut header, self.id, tag);
            self.await_answer(txn, tag, &header);
            ready.push(Ready { txn, tag: Some(tag), class: Class::NonPosted, packet: header.packet(words) });
        }
    }

    /// The packet with this tag has left.
    pub fn sent(&mut self, tag: u16, now: Tick) {
        if let Some(o) = self.outstanding.get_mut(&tag) {
            o.deadline = Some(now + self.timeout);
        }
    }

    /// Ends requests whose time is over.
    pub fn expire(&mut self, now: Tick, ended: &mut Vec<(TxnId, Outcome)>) {
        let late: Vec<u16> =
            self.outstanding.iter().filter(|(_, o)| o.deadline.is_some_and(|d| d <= now)).map(|(&t, _)| t).collect();
        for tag in late {
            if let Some(o) = self.outstanding.remove(&tag) {
                ended.push((o.txn, Outcome::Timeout));
            }
            self.tags.abandon(tag, now + self.timeout);
        }
    }

    /// The next tick at which [`expire`](Self::expire) or [`start`](Self::start) has work.
    pub fn next_due(&self) -> Option<Tick> {
        let tag = if self.waiting.is_empty() { None } else { self.tags.next_due() };
        self.outstanding.values().filter_map(|o| o.deadline).chain(tag).min()
    }

    /// Ends everything: the link was reset.
    pub fn reset(&mut self, ended: &mut Vec<(TxnId, Outcome)>) {
        ended.extend(std::mem::take(&mut self.outstanding).into_values().map(|o| (o.txn, Outcome::Reset)));
        ended.extend(self.waiting.drain(..).map(|(txn, ..)| (txn, Outcome::Reset)));
        self.tags.clear();
    }

    /// Takes a completion.
    pub fn complete(&mut self, now: Tick, packet: &Parsed<'_>, findings: &mut Vec<HostFinding>) -> Ended {
        let Body::Completion { requester, tag, status, bcm, .. } = packet.header.body else { return None };
        if requester != self.id || !self.outstanding.contains_key(&tag) {
            findings.push(if requester == self.id && self.tags.is_quarantined(tag, now) {
                HostFinding::LateCompletion { tag }
            } else {
                HostFinding::UnexpectedCompletion { requester, tag }
            });
            return None;
        }
        let outstanding = self.outstanding.get_mut(&tag)?;
        if packet.header.tc != outstanding.tc || packet.header.attr != outstanding.attr {
            findings.push(HostFinding::CompletionCopies { tag });
        }
        if bcm || matches!(status, Status::Reserved(_)) {
            findings.push(HostFinding::CompletionReserved { tag, status, bcm });
        }
        if packet.header.poisoned {
            outstanding.poisoned = true;
            findings.push(HostFinding::PoisonedCompletion { tag });
        }
        let outcome = match outstanding.take(packet) {
            Ok(outcome) => outcome?,
            Err(fault) => {
                findings.push(HostFinding::CompletionMismatch { tag, fault });
                Outcome::Malformed(fault)
            }
        };
        let txn = outstanding.txn;
        self.outstanding.remove(&tag);
        self.tags.release(tag);
        Some((txn, outcome))
    }

    fn await_answer(&mut self, txn: TxnId, tag: u16, header: &Header) {
        let span = span_of(header);
        let (owed, next, empty) = match (header.kind, span) {
            (Kind::MemRead | Kind::MemReadLocked, Some(span)) => {
                (span.byte_count(), span.start(), span.length == 1 && span.first_be == 0)
            }
            _ => (4, 0, false),
        };
        let outstanding = Outstanding {
            txn,
            kind: header.kind,
            attr: header.attr,
            tc: header.tc,
            owed,
            next,
            data: Vec::new(),
            empty,
            poisoned: false,
            deadline: None,
        };
        self.outstanding.insert(tag, outstanding);
    }

    fn submit_raw(
        &mut self,
        now: Tick,
        txn: TxnId,
        packet: Packet,
        tag: RawTag,
        ready: &mut Vec<Ready>,
    ) -> Result<(), RequestError> {
        let header = parse(&packet).ok().map(|p| p.header);
        if tag == RawTag::Unwatched {
            // Type alone decides which buffer a broken packet takes at the receiver.
            let class = Header::unpack(&packet.header).map_or(Class::Posted, |h| h.kind.class());
            ready.push(Ready { txn, tag: None, class, packet });
            return Ok(());
        }
        let header = header.filter(|h| h.kind.class() == Class::NonPosted).ok_or(RequestError::NotNonPosted)?;
        if tag == RawTag::Assigned {
            self.waiting.push_back((txn, header, packet.data.to_vec()));
            return Ok(());
        }
        let own = header.tag();
        if !self.tags.claim(own, now) {
            return Err(RequestError::TagInUse(own));
        }
        self.await_answer(txn, own, &header);
        ready.push(Ready { txn, tag: Some(own), class: Class::NonPosted, packet });
        Ok(())
    }

    fn build(&self, request: Request, mps: u16) -> Result<(Header, Vec<u32>), RequestError> {
        let (requester, tag) = (self.id, 0);
        let config = |target, register: u16, first_be| {
            if register & 3 != 0 || register > 0xffc {
                return Err(RequestError::Register(u32::from(register)));
            }
            Ok(Body::Config { requester, tag, target, register, first_be, last_be: 0 })
        };
        let span = |address: u64, len: usize| {
            Span::of(address, len).filter(Span::in_one_page).ok_or(RequestError::Page { address, len })
        };
        let memory = |s: &Span| Body::Addressed {
            requester,
            tag,
            address: s.address,
            hint: 0,
            first_be: s.first_be,
            last_be: s.last_be,
        };
        let io = |address: u32, first_be| {
            if address & 3 != 0 {
                return Err(RequestError::Register(address));
            }
            Ok(Body::Addressed { requester, tag, address: u64::from(address), hint: 0, first_be, last_be: 0 })
        };
        Ok(match request {
            Request::ConfigRead { target, register, enables, type1 } => {
                (Header::new(Kind::ConfigRead { type1 }, false, 1, config(target, register, enables)?), Vec::new())
            }
            Request::ConfigWrite { target, register, enables, value, type1 } => {
                (Header::new(Kind::ConfigWrite { type1 }, true, 1, config(target, register, enables)?), vec![value])
            }
            Request::MemRead { address, len } => {
                let span = span(address, usize::from(len))?;
                (Header::new(Kind::MemRead, false, span.length, memory(&span)), Vec::new())
            }
            Request::MemWrite { address, data } => {
                let span = span(address, data.len())?;
                let words = to_words((address & 3) as usize, &data, 0);
                if words.len() * 4 > usize::from(mps) {
                    return Err(RequestError::Payload { len: words.len() * 4, mps });
                }
                (Header::new(Kind::MemWrite, true, span.length, memory(&span)), words)
            }
            Request::IoRead { address, enables } => {
                (Header::new(Kind::IoRead, false, 1, io(address, enables)?), Vec::new())
            }
            Request::IoWrite { address, enables, value } => {
                (Header::new(Kind::IoWrite, true, 1, io(address, enables)?), vec![value])
            }
            Request::Raw { .. } => return Err(RequestError::NotNonPosted),
        })
    }
}

impl Outstanding {
    fn wants_data(&self) -> bool {
        !matches!(self.kind, Kind::ConfigWrite { .. } | Kind::IoWrite | Kind::DeferrableWrite)
    }

    /// Adds one completion; `Some` when the request has ended.
    fn take(&mut self, packet: &Parsed<'_>) -> Result<Option<Outcome>, CompletionFault> {
        let header = &packet.header;
        let Body::Completion { status, byte_count, lower_address, .. } = header.body else { return Ok(None) };
        let locked = header.kind == Kind::Completion { locked: true };
        if locked != (self.kind == Kind::MemReadLocked) && status == Status::Success {
            return Err(CompletionFault::Locked);
        }
        if header.has_data && (status != Status::Success || !self.wants_data()) {
            return Err(CompletionFault::UnwantedData);
        }
        let config = matches!(self.kind, Kind::ConfigRead { .. } | Kind::ConfigWrite { .. });
        if status == Status::ConfigRetry && !config {
            return Err(CompletionFault::RetryOutsideConfig);
        }
        if byte_count != self.owed {
            return Err(CompletionFault::ByteCount { got: byte_count, expected: self.owed });
        }
        let expected = self.next as u8 & 0x7f;
        if lower_address != expected {
            return Err(CompletionFault::LowerAddress { got: lower_address, expected });
        }
        match status {
            Status::Success => {}
            Status::CompleterAbort => return Ok(Some(Outcome::CompleterAbort)),
            Status::ConfigRetry => return Ok(Some(Outcome::ConfigRetry)),
            Status::UnsupportedRequest | Status::Reserved(_) => return Ok(Some(Outcome::UnsupportedRequest)),
        }
        if !self.wants_data() {
            return Ok(Some(Outcome::Done));
        }
        if !header.has_data {
            return Err(CompletionFault::NoData);
        }
        self.append(packet.payload)?;
        Ok((self.owed == 0).then(|| {
            if self.poisoned {
                Outcome::Poisoned
            } else if self.empty {
                Outcome::Data(Vec::new())
            } else {
                Outcome::Data(std::mem::take(&mut self.data))
            }
        }))
    }

    fn append(&mut self, payload: &[u32]) -> Result<(), CompletionFault> {
        let lead = (self.next & 3) as u16;
        let got = (payload.len() * 4) as u16 - lead;
        if (lead + self.owed).div_ceil(4) < payload.len() as u16 {
            return Err(CompletionFault::TooLong { got, owed: self.owed });
        }
        let used = got.min(self.owed);
        let end = self.next + u64::from(used);
        if used < self.owed && end & u64::from(ENDPOINT_RCB - 1) != 0 {
            return Err(CompletionFault::Boundary { end, rcb: ENDPOINT_RCB });
        }
        let lead = usize::from(lead);
        self.data.extend_from_slice(&to_bytes(payload)[lead..lead + usize::from(used)]);
        self.next = end;
        self.owed -= used;
        Ok(())
    }
}

/// The span of a request that has an address.
pub(crate) fn span_of(header: &Header) -> Option<Span> {
    match header.body {
        Body::Addressed { address, first_be, last_be, .. } => {
            Some(Span { address, length: header.length, first_be, last_be })
        }
        _ => None,
    }
}

fn set_tag(header: &mut Header, id: Bdf, new: u16) {
    match &mut header.body {
        Body::Addressed { requester, tag, .. }
        | Body::Config { requester, tag, .. }
        | Body::Message { requester, tag, .. }
        | Body::Completion { requester, tag, .. } => {
            *requester = id;
            *tag = new;
        }
    }
}
