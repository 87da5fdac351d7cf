// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the unit notes of a request between look-up and delivery.

use super::posted::Post;
use crate::interrupt::{ApicMessage, InterruptRequest};
use crate::remap::FaultReason;

/// What became of a request at its look-up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Deliver(ApicMessage),
    /// It goes into a posted descriptor; `quiet`: qualified faults of it are not recorded;
    /// `eime`: destinations have 32 bits.
    Post {
        post: Post,
        quiet: bool,
        eime: bool,
    },
    /// `log`: a fault record is asked for.
    Blocked {
        reason: FaultReason,
        log: bool,
    },
}

/// A request between look-up and delivery.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub request: InterruptRequest,
    pub index: Option<u32>,
    pub outcome: Outcome,
    /// The table entry that decided, cached or fetched.
    pub entry: Option<u16>,
}

impl Flight {
    /// Whether an entry of `first..=last` decided.
    pub fn used(&self, first: u16, last: u16) -> bool {
        self.entry.is_some_and(|e| (first..=last).contains(&e))
    }
}
