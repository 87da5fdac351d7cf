// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Decodes the flat buffer of events that the clock loop fills
//! (layout: `sim/cpp/model_api.h`).

/// Something seen at the pins, or said by the model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event<'a> {
    /// Cycle at whose clock edge it happened, counted from the model's creation.
    pub tick: u64,
    /// What happened.
    pub what: What<'a>,
}

/// The kinds of events, in the order in which one cycle reports them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What<'a> {
    /// The n-th cause given to [`Model::cause`](crate::Model::cause) was taken.
    CauseTaken(u64),
    /// `obs_cause_valid_o` was 1.
    CauseSeen {
        /// `obs_cause_withdraw_o`.
        withdraw: bool,
        /// `obs_cause_store_o`, 2 bits.
        store: u32,
        /// `obs_cause_index_o`, 20 bits.
        index: u32,
    },
    /// The last beat of the n-th packet given to [`Model::push`](crate::Model::push) was taken.
    DownTaken(u64),
    /// `rx_nph_limit_o` changed, or was seen first since a reset.
    NonPostedLimit(u8),
    /// `obs_msi_valid_o` was 1: an MSI vector was raised.
    MsiRaised(u8),
    /// `obs_intx_o` changed.
    Intx(bool),
    /// A packet left the device with this cycle's beat.
    Up {
        /// The word in front of the header.
        prefix: Option<u32>,
        /// Header words 0 to 3.
        header: [u32; 4],
        /// The words that `keep` marked.
        data: &'a [u32],
    },
    /// The model printed something, an assertion failed, or the pins broke their protocol.
    Finding {
        /// Whether it is a failure.
        severity: Severity,
        /// What the model or the clock loop said: Verilator puts file, line and
        /// hierarchical name of the assertion in front.
        text: String,
    },
}

/// Weight of a [`What::Finding`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// Text that the RTL printed.
    Note,
    /// A failed assertion, `$error`, `$fatal`, or a broken pin protocol.
    Error,
}

/// The events of one [`Model::run`](crate::Model::run), in order of time.
#[derive(Clone, Debug)]
pub struct Events<'a> {
    words: &'a [u32],
}

impl<'a> Events<'a> {
    pub(crate) fn new(words: &'a [u32]) -> Self {
        Self { words }
    }

    /// The undecoded words.
    pub fn words(&self) -> &'a [u32] {
        self.words
    }
}

fn long(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        let (&[head, low, high], rest) = self.words.split_first_chunk::<3>()?;
        let (payload, rest) = rest.split_at_checked((head >> 8) as usize)?;
        self.words = rest;
        let what = match (head & 0xff, payload) {
            (1, &[low, high]) => What::CauseTaken(long(low, high)),
            (2, &[flags, index]) => What::CauseSeen { withdraw: flags & 1 != 0, store: flags >> 1, index },
            (3, &[low, high]) => What::DownTaken(long(low, high)),
            (4, &[limit]) => What::NonPostedLimit(limit as u8),
            (5, &[has_prefix, prefix, h0, h1, h2, h3, ref data @ ..]) => {
                What::Up { prefix: (has_prefix != 0).then_some(prefix), header: [h0, h1, h2, h3], data }
            }
            (6, &[severity, bytes, ref text @ ..]) => {
                let text: Vec<u8> = text.iter().flat_map(|w| w.to_le_bytes()).take(bytes as usize).collect();
                let severity = if severity == 0 { Severity::Note } else { Severity::Error };
                What::Finding { severity, text: String::from_utf8_lossy(&text).into_owned() }
            }
            (7, &[vector]) => What::MsiRaised(vector as u8),
            (8, &[level]) => What::Intx(level != 0),
            (kind, _) => unreachable!("the clock loop of this version knows no event {kind}"),
        };
        Some(Event { tick: long(low, high), what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_decoded_one_after_the_other() {
        let words = [
            5 | 7 << 8,
            10,
            1,
            1,
            0x8000_0001,
            1,
            2,
            3,
            4,
            99, //
            2 | 2 << 8,
            11,
            0,
            1 | 2 << 1,
            77, //
            6 | 4 << 8,
            12,
            0,
            1,
            5,
            u32::from_le_bytes(*b"hell"),
            u32::from_le_bytes([b'o', 0, 0, 0]),
        ];
        let events: Vec<_> = Events::new(&words).collect();
        assert_eq!(events.len(), 3);
        assert_eq!(events[0].tick, 10 | 1 << 32);
        assert_eq!(events[0].what, What::Up { prefix: Some(0x8000_0001), header: [1, 2, 3, 4], data: &[99] });
        assert_eq!(events[1].what, What::CauseSeen { withdraw: true, store: 2, index: 77 });
        assert_eq!(events[2].what, What::Finding { severity: Severity::Error, text: "hello".into() });
    }
}
