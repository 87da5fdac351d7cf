// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The downstream queue: what may pass what, and non-posted credits.
//!
//! [PCIe Base 2.4.1, table 2-40, for one traffic class without IDO.] A posted packet
//! passes waiting reads and completions, never another posted one. A completion passes
//! waiting requests, a posted one only with RO, and completions of other requests. A
//! non-posted packet passes completions only; among themselves non-posted packets
//! keep their order, which a processor's uncached accesses need.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;
use tlp::Packet;

use super::header::Class;
use super::random::between;

/// Which of the packets that may leave leaves first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OrderPolicy {
    /// The oldest.
    #[default]
    Oldest,
    /// Any, drawn at random.
    Random,
}

/// A packet that waits to go downstream. `Origin` is the owner's mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting<Origin> {
    /// Its class.
    pub class: Class,
    /// Completions only: RO is set, so it may pass posted packets.
    pub relaxed: bool,
    /// Completions only: those with the same number belong to one request and keep
    /// their order.
    pub stream: u64,
    /// The packet.
    pub packet: Packet,
    /// The owner's mark.
    pub origin: Origin,
}

/// The downstream queue.
#[derive(Clone, Debug)]
pub struct Downstream<Origin> {
    queue: VecDeque<Waiting<Origin>>,
    policy: OrderPolicy,
    rng: ChaCha8Rng,
    /// Cumulative limit of non-posted packets, modulo 2^8.
    limit: u8,
    /// Non-posted packets sent since reset, modulo 2^8.
    sent: u8,
}

impl<Origin> Downstream<Origin> {
    /// Empty; `limit` non-posted packets may be sent.
    pub fn new(policy: OrderPolicy, limit: u8, rng: ChaCha8Rng) -> Self {
        Self { queue: VecDeque::new(), policy, rng, limit, sent: 0 }
    }

    /// Changes the policy.
    pub fn set_policy(&mut self, policy: OrderPolicy) {
        self.policy = policy;
    }

    /// Sets the cumulative limit of non-posted packets.
    pub fn set_limit(&mut self, limit: u8) {
        self.limit = limit;
    }

    /// Adds a packet behind all others.
    pub fn push(&mut self, waiting: Waiting<Origin>) {
        self.queue.push_back(waiting);
    }

    /// Packets that wait.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Takes the next packet that may leave now.
    pub fn pop(&mut self) -> Option<Waiting<Origin>> {
        let at = match self.policy {
            OrderPolicy::Oldest => (0..self.queue.len()).find(|&i| self.may_leave(i))?,
            OrderPolicy::Random => {
                let ready: Vec<usize> = (0..self.queue.len()).filter(|&i| self.may_leave(i)).collect();
                let last = ready.len().checked_sub(1)?;
                ready[between(&mut self.rng, (0, last as u64)) as usize]
            }
        };
        let waiting = self.queue.remove(at)?;
        if waiting.class == Class::NonPosted {
            self.sent = self.sent.wrapping_add(1);
        }
        Some(waiting)
    }

    /// Whether a packet may leave now.
    pub fn can_pop(&self) -> bool {
        (0..self.queue.len()).any(|i| self.may_leave(i))
    }

    /// Forgets what waits; the counter restarts with `limit`: the link was reset.
    pub fn reset(&mut self, limit: u8) -> Vec<Waiting<Origin>> {
        self.limit = limit;
        self.sent = 0;
        self.queue.drain(..).collect()
    }

    /// Room for one more non-posted packet [PCIe Base 2.6.1.2, modulo 2^8].
    fn has_credit(&self) -> bool {
        self.limit.wrapping_sub(self.sent.wrapping_add(1)) <= 0x80
    }

    fn may_leave(&self, i: usize) -> bool {
        let waiting = &self.queue[i];
        let credit = waiting.class != Class::NonPosted || self.has_credit();
        credit && self.queue.iter().take(i).all(|earlier| may_pass(waiting, earlier))
    }
}

/// Whether `later` may leave in front of `earlier`.
fn may_pass<Origin>(later: &Waiting<Origin>, earlier: &Waiting<Origin>) -> bool {
    match (later.class, earlier.class) {
        (Class::Posted, earlier) => earlier != Class::Posted,
        (Class::NonPosted, earlier) => earlier == Class::Completion,
        (Class::Completion, Class::Posted) => later.relaxed,
        (Class::Completion, Class::NonPosted) => true,
        (Class::Completion, Class::Completion) => later.stream != earlier.stream,
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::{Concern, stream};
    use super::*;

    fn waiting(class: Class, stream: u64, origin: usize) -> Waiting<usize> {
        Waiting { class, relaxed: false, stream, packet: Packet::default(), origin }
    }

    fn queue(policy: OrderPolicy, limit: u8, seed: u64) -> Downstream<usize> {
        Downstream::new(policy, limit, stream(seed, Concern::Order))
    }

    fn drain(q: &mut Downstream<usize>) -> Vec<usize> {
        std::iter::from_fn(|| q.pop()).map(|w| w.origin).collect()
    }

    #[test]
    fn the_table_of_passing() {
        use Class::{Completion as C, NonPosted as N, Posted as P};
        // Row passes column?
        for (later, earlier, passes) in [
            (P, P, false),
            (P, N, true),
            (P, C, true),
            (N, P, false),
            (N, N, false),
            (N, C, true),
            (C, P, false),
            (C, N, true),
            (C, C, true),
        ] {
            assert_eq!(may_pass(&waiting(later, 1, 0), &waiting(earlier, 2, 0)), passes, "{later:?} {earlier:?}");
        }
        assert!(!may_pass(&waiting(C, 1, 0), &waiting(C, 1, 0)));
        let relaxed = Waiting { relaxed: true, ..waiting(C, 1, 0) };
        assert!(may_pass(&relaxed, &waiting(P, 0, 0)));
    }

    #[test]
    fn without_credit_others_pass_the_non_posted_one() {
        let mut q = queue(OrderPolicy::Oldest, 1, 0);
        for (i, class) in [Class::NonPosted, Class::NonPosted, Class::Posted, Class::Completion].into_iter().enumerate()
        {
            q.push(waiting(class, 0, i));
        }
        assert_eq!(drain(&mut q), [0, 2, 3]);
        q.set_limit(2);
        assert_eq!(drain(&mut q), [1]);
    }

    #[test]
    fn half_the_range_of_the_counter_is_credit() {
        for (limit, may) in [(0, false), (1, true), (0x81, true), (0x82, false), (0xff, false)] {
            let mut q = queue(OrderPolicy::Oldest, limit, 0);
            q.push(waiting(Class::NonPosted, 0, 0));
            assert_eq!(q.can_pop(), may, "limit {limit:#x}");
            assert_eq!(q.pop().is_some(), may);
        }
    }

    #[test]
    fn the_credit_counter_wraps() {
        let mut q = queue(OrderPolicy::Oldest, 0, 0);
        for i in 0..1000u32 {
            q.push(waiting(Class::NonPosted, 0, i as usize));
            assert_eq!(drain(&mut q), [0; 0]);
            q.set_limit((i + 1) as u8);
            assert_eq!(drain(&mut q), [i as usize]);
        }
    }

    #[test]
    fn every_random_order_keeps_the_table_and_orders_differ() {
        let classes = [Class::Posted, Class::Completion, Class::NonPosted, Class::Completion, Class::Posted];
        let streams = [0, 1, 0, 2, 0];
        let mut orders = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let mut q = queue(OrderPolicy::Random, 8, seed);
            for (i, class) in classes.into_iter().enumerate() {
                q.push(waiting(class, streams[i], i));
            }
            let order = drain(&mut q);
            for (at, &later) in order.iter().enumerate() {
                for &earlier in order[at..].iter().filter(|&&e| e < later) {
                    assert!(
                        may_pass(
                            &waiting(classes[later], streams[later], 0),
                            &waiting(classes[earlier], streams[earlier], 0)
                        ),
                        "{later} before {earlier} in {order:?}"
                    );
                }
            }
            orders.insert(order);
        }
        assert!(orders.len() > 5, "{orders:?}");
    }
}
