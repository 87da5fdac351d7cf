// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What traffic is made of: acts at the pins, episodes of acts, bursts of episodes.

use super::packets::Down;
use tlp::{Cause, Pressure};

/// Credits still to be had, per class; `None` is without limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Grant {
    /// Posted headers (with as many units of data as they can need).
    pub posted: Option<u8>,
    /// Read requests.
    pub reads: Option<u8>,
    /// Completion headers.
    pub completions: Option<u8>,
    /// Units of completion data; without limit only when the headers are.
    pub completion_data: Option<u16>,
}

impl Grant {
    /// No limits.
    pub const ALL: Grant = Grant { posted: None, reads: None, completions: None, completion_data: None };
}

/// One thing done to both devices. Nothing in it depends on what a device does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A packet is queued; it goes as soon as non-posted credits allow.
    Down(Down),
    /// A cause is queued at the port.
    Cause(Cause),
    /// From now on so many credits more than have been used.
    Credits(Grant),
    /// Stalls of the streams.
    Stall(Pressure),
    /// Time passes until all is taken and nothing has happened for so many cycles.
    Quiet(u64),
    /// The same, whether or not everything was taken.
    Pause(u64),
    /// All reads of the device are answered, in the order of their addresses, each
    /// as the seed and its address say, until no new ones come.
    Serve {
        /// Chooses contents and kinds of answers.
        seed: u64,
        /// One in so many answers is not a plain success; 0: all are.
        odd: u32,
    },
    /// What was read before the last function reset is answered, too late.
    AnswerLate {
        /// As in `Serve`.
        seed: u64,
    },
    /// Hot reset.
    HotReset,
    /// A function reset has been asked for: waits for its end.
    FunctionReset,
    /// What has been seen since the last point is compared.
    Compare(How),
}

/// What "equal" means at a point of comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Everything but the order among sources and the tags of reads.
    Exact,
    /// Also the order: each completion and read has the same posted packets in front of it.
    Ordered,
    /// Several parties write at once, each in its own place: to every address the same packets, in whatever order.
    Apart,
    /// Causes may have merged or not: the sets of posted packets are equal, not the counts.
    Merged,
}

/// Acts that belong together. It begins and ends with both devices quiet.
#[derive(Clone, Debug)]
pub struct Episode {
    /// Kind of traffic.
    pub kind: &'static str,
    /// What is done.
    pub acts: Vec<Act>,
}

impl Act {
    /// Whether the act may be left out when a difference is made smaller; the others
    /// keep an episode determined.
    pub fn optional(&self) -> bool {
        matches!(self, Act::Down(_) | Act::Cause(_))
    }
}
