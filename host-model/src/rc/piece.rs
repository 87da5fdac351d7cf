// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One completion of an answer, before it becomes a packet.

use tlp::Tick;

use super::bytes::to_words;
use super::header::{Body, Header, Status};
use crate::mem::HostMemory;

/// One completion of a plan.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) header: Header,
    /// First byte that it answers, as the device names it.
    pub(super) start: u64,
    /// From there to the host address.
    pub(super) shift: u64,
    /// Bytes that it answers.
    pub(super) len: u16,
    /// When memory is looked at; ignored for pieces without data.
    pub(super) sample_at: Tick,
    /// When it goes to the downstream queue.
    pub(super) due: Tick,
    /// It gets a digest that does not fit.
    pub(super) wrong_digest: bool,
    /// Its words, as soon as memory was looked at.
    pub(super) words: Option<Vec<u32>>,
}

impl Piece {
    /// Looks at memory. A range that has become a hole since the request came turns
    /// the completion into UR.
    pub(super) fn sample(&mut self, mem: &HostMemory, empty: bool) {
        let lead = (self.start & 3) as usize;
        let mut bytes = vec![0; usize::from(self.len)];
        if !empty && mem.read(self.start.wrapping_add(self.shift), &mut bytes).is_err() {
            self.header.has_data = false;
            if let Body::Completion { status, .. } = &mut self.header.body {
                *status = Status::UnsupportedRequest;
            }
            self.words = Some(Vec::new());
            return;
        }
        let mut words = to_words(lead, &bytes, 0);
        words.resize(usize::from(self.header.length), 0);
        self.words = Some(words);
    }
}
