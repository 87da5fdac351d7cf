// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One source's page in the ledger.

use std::collections::VecDeque;
use tlp::Tick;

/// A cause for which a message is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Number of the cause.
    pub id: u64,
    /// When the core took it.
    pub tick: Tick,
    /// A withdrawal came since: a message may still have been on its way, or not.
    pub optional: bool,
}

/// What is owed and what has come.
#[derive(Clone, Default)]
pub struct SourceLedger {
    /// Causes that no message has answered, oldest first.
    pub owed: VecDeque<Owed>,
    /// Messages seen.
    pub messages: u64,
    /// Messages seen since power-on, resets included.
    pub sent: u64,
    /// Address and data of the last message.
    pub last: (u64, u32),
    /// Tick of the last message.
    pub last_message: Tick,
    /// Causes that come with a record, ever announced.
    pub with_record: u64,
    /// Causes that come without.
    pub without_record: u64,
    /// Records that have arrived in memory.
    pub records: u64,
}

/// Causes that need no further message.
#[derive(Clone)]
pub struct Covered {
    /// Merged into a message that left after them.
    pub merged: u64,
    /// Withdrawn before that.
    pub withdrawn: u64,
}

impl SourceLedger {
    /// A withdrawal: what is owed so far may or may not come any more.
    pub fn withdraw(&mut self) {
        for o in &mut self.owed {
            o.optional = true;
        }
    }

    /// Whether a message must still come: a cause younger than the last message
    /// that was not withdrawn.
    pub fn owes_message(&self) -> bool {
        self.owed.back().is_some_and(|o| !o.optional && o.tick >= self.last_message)
    }

    /// A message leaves; the cause that it answers, if one is owed.
    pub fn message(&mut self, tick: Tick, content: (u64, u32)) -> Option<Owed> {
        self.messages += 1;
        self.sent += 1;
        self.last = content;
        self.last_message = tick;
        self.owed.pop_front()
    }

    /// Removes causes that the last message has answered along with another.
    pub fn take_covered(&mut self) -> Covered {
        let mut covered = Covered { merged: 0, withdrawn: 0 };
        while let Some(o) = self.owed.front() {
            match (o.tick < self.last_message, o.optional) {
                (true, false) => covered.merged += 1,
                (true, true) => covered.withdrawn += 1,
                (false, _) => break,
            }
            self.owed.pop_front();
        }
        covered
    }

    /// Whether the messages seen are more than records and unrecorded causes allow:
    /// then an interrupt has come ahead of its data.
    pub fn ahead_of_data(&self) -> bool {
        self.with_record > 0 && self.messages > self.records + self.without_record
    }

    /// After a reset counts start anew.
    pub fn forget_records(&mut self) {
        (self.with_record, self.without_record, self.records, self.messages) = (0, 0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owed(id: u64, tick: Tick) -> Owed {
        Owed { id, tick, optional: false }
    }

    #[test]
    fn causes_before_the_last_message_are_merged_and_later_ones_still_owed() {
        let mut s = SourceLedger::default();
        s.owed.extend([owed(1, 10), owed(2, 11), owed(3, 30)]);
        assert_eq!(s.message(20, (0, 0)).map(|o| o.id), Some(1));
        let c = s.take_covered();
        assert_eq!((c.merged, s.owed.len()), (1, 1));
        assert!(s.owes_message());
    }

    #[test]
    fn a_withdrawn_cause_owes_nothing() {
        let mut s = SourceLedger::default();
        s.owed.push_back(owed(1, 10));
        s.withdraw();
        assert!(!s.owes_message());
        s.owed.push_back(owed(2, 12));
        assert!(s.owes_message());
    }

    #[test]
    fn a_message_without_its_record_is_ahead_of_data() {
        let mut s = SourceLedger { with_record: 2, ..Default::default() };
        s.records = 1;
        s.message(5, (0, 0));
        assert!(!s.ahead_of_data());
        s.message(6, (0, 0));
        assert!(s.ahead_of_data());
    }
}
