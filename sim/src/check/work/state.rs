// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What is known of queues, lanes, reads and the endpoint test.

use super::job::{Job, Open};
use crate::shadow::Possible;
use crate::shadow::work::Setup;
use std::collections::VecDeque;
use vectors::op::Source;

/// A queue as the device should have it.
#[derive(Clone)]
pub(super) struct Queue {
    pub(super) setup: Setup,
    pub(super) enabled: Possible<bool>,
    /// Submitted and not fetched: place and number.
    pub(super) pending: VecDeque<(u32, u64)>,
    pub(super) submitted: u64,
    pub(super) tail: u32,
    /// Software's and the device's end of the completion ring.
    pub(super) head: u32,
    pub(super) cq_tail: u32,
    pub(super) phase: bool,
    pub(super) done: u32,
    /// Numbers of descriptors fetched and not recorded.
    pub(super) active: Vec<u64>,
    /// A descriptor could not be fetched: the queue halts.
    pub(super) broken: bool,
}

impl Queue {
    pub(super) fn full(&self) -> bool {
        self.places() == 0
    }

    /// Free places of the completion ring.
    pub(super) fn places(&self) -> u32 {
        let mask = (1 << self.setup.cq_order) - 1;
        mask - (self.cq_tail.wrapping_sub(self.head) & mask)
    }
}

/// What a lane is seen to do.
#[derive(Clone)]
pub(super) enum Lane {
    Idle,
    Fetching,
    Active(Box<Job>),
}

/// What an outstanding read is for.
#[derive(Clone)]
pub(super) enum Purpose {
    Descriptor { queue: u32, index: u32, number: u64, got: Vec<u8> },
    Data,
    Test,
}

#[derive(Clone)]
pub(super) struct Reading {
    pub(super) open: Open,
    pub(super) lane: usize,
    pub(super) purpose: Purpose,
}

/// Interrupts that descriptors ask for, per source.
#[derive(Clone, Default)]
pub(super) struct Grants {
    /// Granted by a record and not raised: who asked, and whether it must come.
    pub(super) waiting: VecDeque<(Option<u32>, bool)>,
    /// Raised while the record was on its way.
    pub(super) early: u64,
}

/// How the core should treat a cause of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// As any other.
    Open,
    /// Refused by the slot's permission.
    Refused,
    /// The permission has just changed.
    Unsure,
}

/// Data that must now stand in memory.
#[derive(Clone)]
pub struct Finished {
    /// First byte.
    pub address: u64,
    /// What stands there.
    pub bytes: Vec<u8>,
}

/// The endpoint test in progress.
#[derive(Clone)]
pub(super) struct Test {
    pub(super) job: Job,
    pub(super) irq: Option<Source>,
    /// Data are done, well or not.
    pub(super) done: bool,
}
