// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What waits to leave, in which order, and the credits that it needs.
//!
//! [Data sheet section 9; PCIe Base 2.4.1 and 2.6.1.] Posted packets have their
//! credits when they enter their queue, so that queue always drains; completions
//! and reads take theirs when they begin to leave.

use crate::ecrc;
use crate::pressure::{Channel, Stalls};
use crate::quirks::{Quirk, Quirks};
use std::collections::VecDeque;
use tlp::{CreditLimits, Packet, Tick};

/// Posted packets that can stand in the stream.
const POSTED_ROOM: usize = 16;
/// Completions beyond which no further request is performed.
const COMPLETION_ROOM: usize = 8;

/// Beats that a packet takes on a stream of `words` data words a beat.
pub(crate) fn beats(packet: &Packet, words: usize) -> u64 {
    packet.data.len().div_ceil(words).max(1) as u64
}

/// What follows when a packet has left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Then {
    /// Nothing.
    Nothing,
    /// The function resets: this completed the write that asked for it.
    FunctionReset,
    /// The fetch with this tag waits for its answer from now on.
    FetchSent(u8),
}

/// The three kinds of traffic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    Posted,
    Completion,
    Request,
}

#[derive(Clone, Debug)]
struct Queued {
    packet: Packet,
    /// First tick in which it can be on the stream.
    ready_at: Tick,
    /// Posted packets that have to leave first.
    behind: u64,
    then: Then,
}

#[derive(Clone, Debug)]
struct Current {
    queued: Queued,
    class: Class,
    /// Tick of the last beat; `None` while the stream is blocked.
    done_at: Option<Tick>,
}

/// Credits used since conventional reset, modulo their widths.
#[derive(Clone, Copy, Default, Debug)]
struct Used {
    ph: u8,
    pd: u16,
    nph: u8,
    cplh: u8,
    cpld: u16,
}

/// Whether `need` more header credits fit under the limit [2.6.1.2].
fn header_fits(limit: Option<u8>, used: u8, need: u8) -> bool {
    limit.is_none_or(|limit| limit.wrapping_sub(used.wrapping_add(need)) <= 1 << 7)
}

/// Whether `need` more data credits fit under the limit, 12 bits.
fn data_fits(limit: Option<u16>, used: u16, need: u16) -> bool {
    limit.is_none_or(|limit| limit.wrapping_sub(used.wrapping_add(need)) & 0xfff <= 1 << 11)
}

/// Data credits of a packet; the digest takes none.
fn data_credits(packet: &Packet) -> u16 {
    let digest = usize::from(packet.header[0] & ecrc::TD != 0);
    packet.data.len().saturating_sub(digest).div_ceil(4) as u16
}

/// The upstream side of the device.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    /// Data words of a beat.
    pub(crate) beat_words: usize,
    pub(crate) limits: CreditLimits,
    used: Used,
    posted: VecDeque<Queued>,
    completions: VecDeque<Queued>,
    request: Option<Queued>,
    /// Posted packets committed and left, since conventional reset.
    posted_in: u64,
    posted_out: u64,
    current: Option<Current>,
    /// Completions need not wait for posted packets (a quirk).
    pub(crate) lax_order: bool,
    /// Limits that are not looked at (quirks).
    pub(crate) lax_posted: bool,
    pub(crate) lax_completion: bool,
}

impl Link {
    /// Whether a posted packet with so many data credits can be committed now.
    pub(crate) fn can_post(&self, data_credits: u16) -> bool {
        self.posted.len() < POSTED_ROOM
            && (self.lax_posted
                || header_fits(self.limits.ph, self.used.ph, 1)
                    && (data_credits == 0 || data_fits(self.limits.pd, self.used.pd, data_credits)))
    }

    /// Commits a posted packet: its place in the order is fixed, its credits are spent.
    pub(crate) fn post(&mut self, packet: Packet, ready_at: Tick) {
        self.spend_posted(&packet);
        self.posted.push_back(Queued { packet, ready_at, behind: 0, then: Then::Nothing });
    }

    /// Puts a posted packet ahead of those that wait (a quirk).
    pub(crate) fn post_first(&mut self, packet: Packet, ready_at: Tick) {
        self.spend_posted(&packet);
        self.posted.push_front(Queued { packet, ready_at, behind: 0, then: Then::Nothing });
    }

    fn spend_posted(&mut self, packet: &Packet) {
        self.used.ph = self.used.ph.wrapping_add(1);
        self.used.pd = self.used.pd.wrapping_add(data_credits(packet));
        self.posted_in += 1;
    }

    /// Whether another request may be performed.
    pub(crate) fn completion_room(&self) -> bool {
        self.completions.len() < COMPLETION_ROOM
    }

    /// Queues a completion behind every posted packet committed so far.
    pub(crate) fn complete(&mut self, packet: Packet, ready_at: Tick, then: Then) {
        let (behind, ready_at) = if self.lax_order { (0, 0) } else { (self.posted_in, ready_at) };
        self.completions.push_back(Queued { packet, ready_at, behind, then });
    }

    /// Whether the place for a read request is free.
    pub(crate) fn request_room(&self) -> bool {
        self.request.is_none()
    }

    /// Queues a read request behind every posted packet committed so far.
    pub(crate) fn request(&mut self, packet: Packet, tag: u8, ready_at: Tick) {
        self.request = Some(Queued { packet, ready_at, behind: self.posted_in, then: Then::FetchSent(tag) });
    }

    /// Tag of the read request that waits to leave.
    pub(crate) fn waiting_tag(&self) -> Option<u8> {
        match self.request.as_ref()?.then {
            Then::FetchSent(tag) => Some(tag),
            _ => None,
        }
    }

    /// Takes back a read request that has not begun to leave; its tag.
    pub(crate) fn revoke_request(&mut self) -> Option<u8> {
        match self.request.take()?.then {
            Then::FetchSent(tag) => Some(tag),
            _ => None,
        }
    }

    /// Drops what is neither committed nor begun (function level reset).
    pub(crate) fn drop_uncommitted(&mut self) {
        self.completions.clear();
        self.request = None;
    }

    /// Conventional reset: nothing survives but the limits that the partner shows.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            limits: self.limits,
            lax_order: self.lax_order,
            lax_posted: self.lax_posted,
            lax_completion: self.lax_completion,
            beat_words: self.beat_words,
            ..Self::default()
        };
    }

    /// The head that leaves next and the tick from which it can: the one that has
    /// waited longest among those that order and credits let go.
    fn choose(&self) -> Option<(Class, Tick)> {
        let behind = |q: &&Queued| q.behind <= self.posted_out;
        let posted = self.posted.front().map(|q| (q.ready_at, Class::Posted));
        let completion = self.completions.front().filter(behind).filter(|q| {
            self.lax_completion
                || header_fits(self.limits.cplh, self.used.cplh, 1)
                    && data_fits(self.limits.cpld, self.used.cpld, data_credits(&q.packet))
        });
        let request = self.request.as_ref().filter(behind);
        let request = request.filter(|_| header_fits(self.limits.nph, self.used.nph, 1));
        let completion = completion.map(|q| (q.ready_at, Class::Completion));
        let request = request.map(|q| (q.ready_at, Class::Request));
        // `min_by_key` keeps the first of equals, which is the order of the list.
        [posted, completion, request].into_iter().flatten().min_by_key(|&(at, _)| at).map(|(at, class)| (class, at))
    }

    fn take(&mut self, class: Class) -> Option<Queued> {
        match class {
            Class::Posted => self.posted.pop_front(),
            Class::Completion => {
                let queued = self.completions.pop_front()?;
                self.used.cplh = self.used.cplh.wrapping_add(1);
                self.used.cpld = self.used.cpld.wrapping_add(data_credits(&queued.packet));
                Some(queued)
            }
            Class::Request => {
                let queued = self.request.take()?;
                self.used.nph = self.used.nph.wrapping_add(1);
                Some(queued)
            }
        }
    }

    /// First tick, not before `now`, in which something begins or ends.
    pub(crate) fn next_due(&self, now: Tick) -> Tick {
        match &self.current {
            Some(current) => current.done_at.unwrap_or(Tick::MAX),
            None => self.choose().map_or(Tick::MAX, |(_, at)| at.max(now)),
        }
    }

    /// One cycle of the stream; the packet whose last beat was in it.
    /// With `digest`, what begins to leave gets one.
    pub(crate) fn step(
        &mut self,
        t: Tick,
        stalls: &mut Stalls,
        digest: bool,
        quirks: &mut Quirks,
    ) -> Option<(Packet, Then)> {
        if self.current.is_none() {
            let (class, at) = self.choose()?;
            if at > t {
                return None;
            }
            let mut queued = self.take(class)?;
            if digest {
                ecrc::attach(&mut queued.packet);
                if quirks.strikes(Quirk::DigestWrong)
                    && let Some(word) = queued.packet.data.last_mut()
                {
                    *word ^= 1 << 9;
                }
            }
            let done_at = stalls.last_beat(Channel::Up, t, beats(&queued.packet, self.beat_words));
            self.current = Some(Current { queued, class, done_at });
        }
        if self.current.as_ref().is_none_or(|c| c.done_at != Some(t)) {
            return None;
        }
        let done = self.current.take()?;
        if done.class == Class::Posted {
            self.posted_out += 1;
        }
        Some((done.queued.packet, done.queued.then))
    }

    /// Other stalls hold from tick `t` on: the packet on the stream starts over.
    pub(crate) fn restart(&mut self, t: Tick, stalls: &mut Stalls) {
        if let Some(current) = &mut self.current {
            current.done_at = stalls.last_beat(Channel::Up, t, beats(&current.queued.packet, self.beat_words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_are_compared_modulo_their_width() {
        assert!(header_fits(None, 200, 1));
        assert!(header_fits(Some(1), 0, 1));
        assert!(!header_fits(Some(0), 0, 1));
        assert!(header_fits(Some(3), 254, 1));
        assert!(header_fits(Some(0), 255, 1));
        assert!(!header_fits(Some(255), 255, 1));
        assert!(header_fits(Some(129), 0, 1) && !header_fits(Some(130), 0, 1));
        assert!(data_fits(Some(2049), 0, 1) && !data_fits(Some(2050), 0, 1));
        assert!(data_fits(Some(64), 0, 64));
        assert!(!data_fits(Some(64), 0, 65));
        assert!(data_fits(Some(0), 0xfff, 1));
        assert!(data_fits(Some(3), 0xffc, 7));
        assert!(!data_fits(Some(3), 0xffc, 8));
    }
}
