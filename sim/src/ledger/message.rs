// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Messages: which source sent this one, and was it allowed to?

use super::{Ledger, allowed};
use crate::finding::Kind;
use crate::shadow::{Shadow, Who, owner};
use tlp::Tick;
use vectors::op::Source;

/// What the ledger made of an upstream memory write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An interrupt message of this source, for this cause (0: for none).
    Message {
        /// The source.
        source: Source,
        /// The cause that it answers.
        cause: u64,
    },
    /// Not a message that any source ever carried.
    NotAMessage,
}

impl Ledger {
    /// An upstream one-word write to `address`; judged as a message if its content
    /// is, or ever was, in a store. `who` sent it, by its requester id.
    pub fn message(
        &mut self,
        tick: Tick,
        who: Option<Who>,
        (address, data): (u64, u32),
        shadow: &mut Shadow,
    ) -> Verdict {
        let mut carriers = shadow.entries.carriers(address, data).to_vec();
        if carriers.is_empty() {
            return self.not_programmed(tick, address, data, shadow);
        }
        self.counters.messages += 1;
        // Functions may carry the same message: the requester id tells whose this is.
        let own: Vec<Source> = carriers.iter().copied().filter(|s| Some(owner(*s)) == who).collect();
        if !own.is_empty() {
            carriers = own;
        } else if let Some(who) = who {
            let text = format!("{address:#x}/{data:#x} is a message of {:?} and was sent by {who:?}", carriers[0]);
            self.find("message_of_another_function", Kind::Safety, tick, text);
        }
        let fitting: Vec<Source> = carriers.iter().copied().filter(|s| allowed(*s, address, data, shadow)).collect();
        // Several sources may carry the same message: it belongs to one that owes it.
        let owing = |l: &Self, s: &Source| l.sources.get(s).is_some_and(|p| !p.owed.is_empty());
        let source = fitting
            .iter()
            .copied()
            .find(|s| owing(self, s))
            .or_else(|| fitting.first().copied())
            .or_else(|| carriers.iter().copied().find(|s| owing(self, s)))
            .unwrap_or(carriers[0]);
        if source.vf().is_some_and(|n| !shadow.perhaps_there(n)) {
            let text = format!("{source:?} sent {address:#x}/{data:#x} though its function is gone for certain");
            self.find("absent_function_speaks", Kind::Safety, tick, text);
        } else if fitting.is_empty() {
            self.not_allowed(tick, source, address, data, shadow);
        } else if !shadow.gate_perhaps(source) {
            let text =
                format!("{source:?} sent {address:#x}/{data:#x} although its store is switched off and read back");
            self.find("sent_while_disabled", Kind::Safety, tick, text);
        }
        let cause = self.answer(tick, source, (address, data));
        Verdict::Message { source, cause }
    }

    fn answer(&mut self, tick: Tick, source: Source, content: (u64, u32)) -> u64 {
        let page = self.sources.entry(source).or_default();
        let covered_before = page.owed.len();
        let owed = page.message(tick, content);
        let ahead = page.ahead_of_data();
        let ahead = ahead | owed.is_some_and(|o| self.ahead_of_records(o.id));
        let page = self.sources.entry(source).or_default();
        if page.owed.is_empty() {
            self.owing.remove(&source);
        }
        if ahead {
            self.counters.overtook_data += 1;
            let text = format!("{source:?}: its message is here, the record that it announces is not in memory");
            self.find("interrupt_ahead_of_data", Kind::Safety, tick, text);
        }
        match owed {
            Some(o) => o.id,
            None => {
                debug_assert_eq!(covered_before, 0);
                self.counters.duplicated += 1;
                let text = format!("{source:?} sent a message for which no cause is owed");
                self.find("duplicated_interrupt", Kind::Safety, tick, text);
                0
            }
        }
    }

    fn not_allowed(&mut self, tick: Tick, source: Source, address: u64, data: u32, shadow: &mut Shadow) {
        let now = *shadow.entries.entry(source).latest();
        if now.address == address && now.data == data {
            let text =
                format!("{source:?} sent {address:#x}/{data:#x} while it is masked and the mask has taken effect");
            self.find("sent_while_masked", Kind::Safety, tick, text);
        } else {
            self.counters.stale += 1;
            let text = format!(
                "{source:?} sent the old message {address:#x}/{data:#x} after its change to {:#x}/{:#x} was flushed",
                now.address, now.data
            );
            self.find("stale_message", Kind::Safety, tick, text);
        }
    }

    fn not_programmed(&mut self, tick: Tick, address: u64, data: u32, shadow: &mut Shadow) -> Verdict {
        let address_known = shadow.entries.address_known(address);
        let window = address >> 20 == 0xfee;
        if !window && !address_known {
            return Verdict::NotAMessage;
        }
        self.counters.messages += 1;
        self.counters.misdirected += 1;
        let (check, why) = if address_known && shadow.entries.data_known(data) {
            ("torn_message", "address and data were never programmed together")
        } else if address_known {
            ("unknown_vector", "no source was ever given this data with this address")
        } else {
            ("unknown_message", "no source was ever given this address")
        };
        self.find(check, Kind::Safety, tick, format!("interrupt message {address:#x}/{data:#x}: {why}"));
        Verdict::NotAMessage
    }

    /// A completion record of this source has arrived in memory.
    pub fn record(&mut self, source: Source) {
        self.source(source).records += 1;
    }

    /// The slot `slot` of the host store is being fetched. A read stays behind the posted writes made before it, and
    /// with it behind the record of the cause that made the device look [PCIe Base 2.4.1].
    pub fn fetch(&mut self, tick: Tick, slot: u32) -> bool {
        let page = self.source(Source::Host(slot));
        let only_recorded = page.with_record > 0 && page.without_record == 0;
        if only_recorded && page.records == 0 {
            let text = format!("host slot {slot} is read, the record of the cause for it has not left yet");
            self.find("fetch_ahead_of_record", Kind::Safety, tick, text);
        }
        only_recorded
    }
}
