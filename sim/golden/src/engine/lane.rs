// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A lane of the engine: its job, and the reads that its tags are used for.

use super::{Asked, TAGS};
use crate::descriptor::{Descriptor, Move, Opcode, status};
use crate::endpoint_test::Kind;
use std::collections::VecDeque;
use tlp::Tick;

/// A read under way.
#[derive(Clone, Debug)]
pub(super) struct Read {
    /// Place in the job's data.
    pub(super) at: u64,
    pub(super) address: u64,
    pub(super) bytes: u32,
    pub(super) data: Vec<u8>,
    /// Nobody wants the data any more.
    pub(super) discard: bool,
}

impl Read {
    pub(super) fn whole(&self) -> bool {
        self.data.len() == self.bytes as usize
    }
}

/// What a tag is used for.
#[derive(Clone, Debug)]
pub(super) enum Tag {
    Free,
    /// The read waits to leave.
    Queued(Read),
    /// The read has left; when it times out, and how long the tag rests then.
    Out(Read, Option<Tick>, Tick),
    /// Answered; the data wait for their turn.
    Held(Read),
    /// Not to be used before `until`.
    Quiet {
        until: Tick,
        silent: bool,
    },
}

/// Who asked for the work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    /// Entry `index` of queue `queue`, the `number`-th since it was enabled.
    Queue { queue: usize, index: u32, number: u64 },
    /// The endpoint test registers.
    Test(Kind),
}

/// How far a job is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// The descriptor is to be read, at this address, or is being read.
    Fetch { address: u64, asked: bool },
    /// Waits for the jobs before its fence; it has not begun.
    Fence,
    /// Data move.
    Data,
    /// The record is to be written.
    Record,
    /// The interrupt is to be raised.
    Raise,
}

/// The interrupt that a job ends with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Interrupt {
    None,
    Cause(Asked),
}

#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) origin: Origin,
    pub(super) stage: Stage,
    pub(super) work: Move,
    pub(super) pasid: Option<u32>,
    /// The descriptor while it waits behind its fence.
    pub(super) held: Option<Descriptor>,
    pub(super) status: u8,
    pub(super) interrupt: Interrupt,
    /// Bytes of the source that reads have been made for, and that have come in order.
    pub(super) asked: u64,
    pub(super) taken: u64,
    pub(super) buffer: VecDeque<u8>,
    /// Bytes written.
    pub(super) done: u64,
    pub(super) crc: u32,
}

impl Job {
    pub(super) fn new(origin: Origin, stage: Stage, work: Move, pasid: Option<u32>) -> Self {
        Self {
            origin,
            stage,
            work,
            pasid,
            held: None,
            status: status::OK,
            interrupt: Interrupt::None,
            asked: 0,
            taken: 0,
            buffer: VecDeque::new(),
            done: 0,
            crc: !0,
        }
    }

    pub(super) fn size(&self) -> u64 {
        u64::from(self.work.size)
    }

    pub(super) fn moved(&self) -> bool {
        match self.work.opcode {
            Opcode::Nop => true,
            Opcode::Checksum => self.taken == self.size(),
            Opcode::Fill | Opcode::Copy => self.done == self.size(),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) job: Option<Job>,
    pub(super) tags: [Tag; TAGS],
}

impl Lane {
    pub(super) fn new() -> Self {
        Self { job: None, tags: [Tag::Free, Tag::Free, Tag::Free, Tag::Free] }
    }

    pub(super) fn reading(&self) -> bool {
        self.tags.iter().any(|tag| matches!(tag, Tag::Queued(_) | Tag::Out(..)))
    }

    pub(super) fn free_tag(&self) -> Option<usize> {
        self.tags.iter().position(|tag| matches!(tag, Tag::Free))
    }
}
