// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Answers to the device's reads of host memory.
//!
//! An answer is planned when the request arrives: cut at legal places [PCIe Base
//! 2.3.1.1], each piece with a tick at which memory is looked at and a later one at
//! which it is handed to the downstream queue. So a processor's store may fall between
//! a request and its answer, as it does in a machine. A fault rule changes the plan.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand_chacha::ChaCha8Rng;
use tlp::{Bdf, Packet, Tick};

use super::bytes::Span;
use super::ecrc;
use super::fault::{FaultRule, ReadFault, apply};
use super::header::{Attributes, Body, Header, Kind, Status};
use super::piece::Piece;
use super::random::between;
use crate::mem::HostMemory;

/// Where a completer may cut its answers [PCIe Base 2.3.1.1].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Rcb {
    /// Multiples of 64 bytes: root complexes only.
    #[default]
    B64,
    /// Multiples of 128 bytes.
    B128,
}

impl Rcb {
    /// Bytes.
    pub const fn bytes(self) -> u16 {
        match self {
            Rcb::B64 => 64,
            Rcb::B128 => 128,
        }
    }
}

/// How an answer is cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SplitPolicy {
    /// As few completions as Max_Payload_Size allows.
    #[default]
    Fewest,
    /// At every Read Completion Boundary.
    Every,
    /// At random ones.
    Random,
}

/// How reads are answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CompletionPolicy {
    /// Read Completion Boundary of this root complex.
    pub rcb: Rcb,
    /// Where answers are cut.
    pub split: SplitPolicy,
    /// Ticks from a request to its first completion, least and most, and between
    /// completions of one request. Different requests overtake each other by it.
    pub delay: (Tick, Tick),
}

impl Default for CompletionPolicy {
    fn default() -> Self {
        Self { rcb: Rcb::B64, split: SplitPolicy::Fewest, delay: (0, 0) }
    }
}

/// Cuts `count` bytes at `start` into pieces `(address, bytes)` that each end at a multiple
/// of `rcb` or at the end and carry at most `mps` bytes of payload. `choose(n)` picks one
/// of `n` legal ends, 0 being the nearest. Needs `rcb <= mps`.
pub fn split(start: u64, count: u16, rcb: u16, mps: u16, mut choose: impl FnMut(usize) -> usize) -> Vec<(u64, u16)> {
    // Wide: behind the last byte of the address space is no address.
    let end = u128::from(start) + u128::from(count);
    let (rcb, mps) = (u128::from(rcb), u128::from(mps));
    let mut pieces = Vec::new();
    let mut at = u128::from(start);
    while at < end {
        let furthest = (at & !3) + mps;
        let boundaries = (at / rcb + 1..).map(|k| k * rcb);
        let mut ends: Vec<u128> = boundaries.take_while(|&e| e < end && e <= furthest).collect();
        if end <= furthest {
            ends.push(end);
        }
        let to = ends[choose(ends.len()).min(ends.len() - 1)];
        pieces.push((at as u64, (to - at) as u16));
        at = to;
    }
    pieces
}

/// A read as the completer needs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadRequest {
    /// Requester id.
    pub requester: Bdf,
    /// Tag, 10 bits.
    pub tag: u16,
    /// What is read.
    pub span: Span,
    /// Traffic class, copied into the answer.
    pub tc: u8,
    /// Attributes, copied into the answer.
    pub attr: Attributes,
    /// MRdLk: answered with CplLk/CplDLk.
    pub locked: bool,
    /// PASID that it came with.
    pub pasid: Option<u32>,
    /// What has to be added to its address to get the host's, modulo 2^64; the offset in a page is the same.
    pub shift: u64,
}

/// A completion on its way to the downstream queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The packet.
    pub packet: Packet,
    /// RO of the packet.
    pub relaxed: bool,
    /// Number of the request: completions of one request keep their order.
    pub stream: u64,
    /// Set in the last completion: the tag that is free once it has left.
    pub frees: Option<(Bdf, u16)>,
}

#[derive(Clone, Debug)]
struct Job {
    pieces: VecDeque<Piece>,
    key: (Bdf, u16),
    /// A zero-length read: one word goes back and memory is not touched.
    empty: bool,
}

/// The completer side of the root complex.
#[derive(Clone, Debug)]
pub struct Completer {
    id: Bdf,
    policy: CompletionPolicy,
    mps: u16,
    rng: ChaCha8Rng,
    jobs: BTreeMap<u64, Job>,
    outstanding: BTreeSet<(Bdf, u16)>,
    rules: Vec<FaultRule>,
    reads: u64,
    next_stream: u64,
}

impl Completer {
    /// A completer with id `id` and `mps` bytes of Max_Payload_Size.
    pub fn new(id: Bdf, policy: CompletionPolicy, mps: u16, rng: ChaCha8Rng) -> Self {
        Self {
            id,
            policy,
            mps,
            rng,
            jobs: BTreeMap::new(),
            outstanding: BTreeSet::new(),
            rules: Vec::new(),
            reads: 0,
            next_stream: 0,
        }
    }

    /// Changes how requests are answered from now on.
    pub fn set_policy(&mut self, policy: CompletionPolicy) {
        self.policy = policy;
    }

    /// Changes Max_Payload_Size, in bytes, for requests from now on.
    pub fn set_mps(&mut self, mps: u16) {
        self.mps = mps;
    }

    /// Adds a fault rule; the first one that matches a read is used.
    pub fn add_rule(&mut self, rule: FaultRule) {
        self.rules.push(rule);
    }

    /// Removes all fault rules.
    pub fn clear_rules(&mut self) {
        self.rules.clear();
    }

    /// Memory reads received since creation.
    pub fn reads(&self) -> u64 {
        self.reads
    }

    /// Whether an answer to this tag is still owed.
    pub fn owes(&self, requester: Bdf, tag: u16) -> bool {
        self.outstanding.contains(&(requester, tag))
    }

    /// The last completion of this tag has left.
    pub fn sent(&mut self, key: (Bdf, u16)) {
        self.outstanding.remove(&key);
    }

    /// Nothing is being answered.
    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// The next tick at which [`step`](Self::step) has something to do.
    pub fn next_due(&self) -> Option<Tick> {
        let of = |job: &Job| {
            let sample =
                job.pieces.iter().filter(|p| p.words.is_none() && p.header.has_data).map(|p| p.sample_at).min();
            sample.into_iter().chain(job.pieces.front().map(|p| p.due)).min()
        };
        self.jobs.values().filter_map(of).min()
    }

    /// Forgets all requests: the link was reset. Rules stay.
    pub fn reset(&mut self) {
        self.jobs.clear();
        self.outstanding.clear();
    }

    /// Takes a memory read; `readable` is false when no memory answers there.
    pub fn read(&mut self, now: Tick, request: ReadRequest, readable: bool) {
        let nth = self.reads;
        self.reads += 1;
        let fault = self.fault_for(nth, &request.span);
        if !readable {
            return self.refuse(now, &request, Status::UnsupportedRequest);
        }
        match fault {
            None => self.plan(now, &request, None),
            Some(ReadFault::Status(status)) => self.refuse(now, &request, status),
            Some(ReadFault::Withhold) => {}
            Some(fault) => self.plan(now, &request, Some(fault)),
        }
    }

    /// Answers with these words in one completion; no memory is looked at. Fault rules apply.
    pub fn answer(&mut self, now: Tick, request: ReadRequest, words: &[u32]) {
        let nth = self.reads;
        self.reads += 1;
        let fault = self.fault_for(nth, &request.span);
        match fault {
            Some(ReadFault::Status(status)) => return self.refuse(now, &request, status),
            Some(ReadFault::Withhold) => return,
            _ => {}
        }
        let (start, count) = (request.span.start(), request.span.byte_count());
        let header = self.header(&request, start, count, Status::Success, words.len() as u16);
        let due = now + between(&mut self.rng, self.policy.delay);
        let words = Some(words.to_vec());
        let mut pieces =
            vec![Piece { header, start, shift: 0, len: count, sample_at: due, due, words, wrong_digest: false }];
        if let Some(fault) = fault {
            apply(fault, &mut pieces);
            for piece in &mut pieces {
                let length = usize::from(piece.header.length);
                piece.words.iter_mut().for_each(|words| words.resize(length, 0));
            }
        }
        self.enter(&request, pieces);
    }

    /// Answers with one completion of error `status`.
    pub fn refuse(&mut self, now: Tick, request: &ReadRequest, status: Status) {
        let (start, count) = (request.span.start(), request.span.byte_count());
        let header = self.header(request, start, count, status, 0);
        let due = now + between(&mut self.rng, self.policy.delay);
        self.enter(
            request,
            vec![Piece {
                header,
                start,
                shift: request.shift,
                len: 0,
                sample_at: due,
                due,
                words: None,
                wrong_digest: false,
            }],
        );
    }

    /// Answers a non-posted request other than a memory read with UR [PCIe Base 2.2.9: Lower
    /// Address 0, Byte Count 4, of an AtomicOp the size of its result].
    pub fn refuse_other(&mut self, now: Tick, header: &Header) {
        let length = match header.kind {
            Kind::Atomic { op: 2 } => (header.length / 2).max(1),
            Kind::Atomic { .. } => header.length,
            _ => 1,
        };
        let last_be = if length == 1 { 0 } else { 0xf };
        let request = ReadRequest {
            requester: header.requester(),
            tag: header.tag(),
            span: Span { address: 0, length, first_be: 0xf, last_be },
            tc: header.tc,
            attr: header.attr,
            locked: false,
            pasid: None,
            shift: 0,
        };
        self.refuse(now, &request, Status::UnsupportedRequest);
    }

    /// All that has not looked at memory yet does so now.
    pub fn look(&mut self, mem: &HostMemory) {
        for job in self.jobs.values_mut() {
            let empty = job.empty;
            job.pieces.iter_mut().filter(|p| p.words.is_none() && p.header.has_data).for_each(|p| p.sample(mem, empty));
        }
    }

    /// Looks at memory and hands over what is due, oldest request first.
    pub fn step(&mut self, now: Tick, mem: &HostMemory, out: &mut Vec<Answer>) {
        let mut done = Vec::new();
        for (&stream, job) in &mut self.jobs {
            for piece in job.pieces.iter_mut().filter(|p| p.words.is_none() && p.header.has_data) {
                if piece.sample_at <= now {
                    piece.sample(mem, job.empty);
                }
            }
            while job.pieces.front().is_some_and(|p| p.due <= now) {
                let Some(piece) = job.pieces.pop_front() else { break };
                let last = job.pieces.is_empty();
                let mut packet = piece.header.packet(piece.words.unwrap_or_default());
                if piece.wrong_digest {
                    ecrc::append(&mut packet, 1);
                }
                out.push(Answer { packet, relaxed: piece.header.attr.relaxed, stream, frees: last.then_some(job.key) });
            }
            if job.pieces.is_empty() {
                done.push(stream);
            }
        }
        for stream in done {
            self.jobs.remove(&stream);
        }
    }

    fn fault_for(&mut self, nth: u64, span: &Span) -> Option<ReadFault> {
        let rule = self.rules.iter_mut().find(|rule| rule.matches(nth, span))?;
        Some(rule.fire())
    }

    fn header(&self, request: &ReadRequest, start: u64, owed: u16, status: Status, words: u16) -> Header {
        let body = Body::Completion {
            completer: self.id,
            requester: request.requester,
            tag: request.tag,
            status,
            bcm: false,
            byte_count: owed,
            lower_address: start as u8 & 0x7f,
        };
        let length = if words == 0 { 1024 } else { words };
        let mut header = Header::new(Kind::Completion { locked: request.locked }, words != 0, length, body);
        header.tc = request.tc;
        header.attr = request.attr;
        header
    }

    fn plan(&mut self, now: Tick, request: &ReadRequest, fault: Option<ReadFault>) {
        let (start, count) = (request.span.start(), request.span.byte_count());
        let (policy, rng) = (self.policy, &mut self.rng);
        let cuts = match fault {
            Some(ReadFault::SplitAt(at)) if at < count => vec![(start, at), (start + u64::from(at), count - at)],
            _ => split(start, count, policy.rcb.bytes(), self.mps, |n| match policy.split {
                SplitPolicy::Fewest => n - 1,
                SplitPolicy::Every => 0,
                SplitPolicy::Random => between(rng, (0, n as u64 - 1)) as usize,
            }),
        };
        let mut due = now;
        let mut owed = count;
        let mut pieces = Vec::new();
        for (at, len) in cuts {
            let words = ((at & 3) as u16 + len).div_ceil(4);
            let wait = between(&mut self.rng, policy.delay);
            let sample_at = due + between(&mut self.rng, (0, wait));
            due += wait;
            let header = self.header(request, at, owed, Status::Success, words);
            pieces.push(Piece {
                header,
                start: at,
                shift: request.shift,
                len,
                sample_at,
                due,
                words: None,
                wrong_digest: false,
            });
            owed -= len;
        }
        if let Some(fault) = fault {
            apply(fault, &mut pieces);
        }
        self.enter(request, pieces);
        if matches!(fault, Some(ReadFault::Delay(_))) {
            // The requester may give up and use the tag again before this answer leaves.
            self.outstanding.remove(&(request.requester, request.tag));
        }
    }

    fn enter(&mut self, request: &ReadRequest, pieces: Vec<Piece>) {
        let key = (request.requester, request.tag);
        if pieces.is_empty() {
            return;
        }
        self.outstanding.insert(key);
        let empty = request.span.length == 1 && request.span.first_be == 0;
        self.jobs.insert(self.next_stream, Job { pieces: pieces.into(), key, empty });
        self.next_stream += 1;
    }
}
