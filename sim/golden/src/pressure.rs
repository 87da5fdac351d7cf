// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Random stalls on the three channels, from one seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tlp::{Pressure, Tick};

/// A channel that can be stalled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Channel {
    Down = 0,
    Up = 1,
    Cause = 2,
}

/// The stalls in force, with one stream of numbers per channel, so that traffic
/// on one channel does not move the stalls of another.
#[derive(Clone, Debug)]
pub(crate) struct Stalls {
    pressure: Pressure,
    streams: [ChaCha8Rng; 3],
}

impl Stalls {
    pub(crate) fn new(pressure: Pressure, seed: u64) -> Self {
        let streams = [0, 1, 2].map(|stream| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(stream);
            rng
        });
        Self { pressure, streams }
    }

    /// Tick of the last of `beats` beats that are offered from `from` on; `None`
    /// when the channel is blocked altogether.
    pub(crate) fn last_beat(&mut self, channel: Channel, from: Tick, beats: u64) -> Option<Tick> {
        let level = match channel {
            Channel::Down => self.pressure.rx_gap,
            Channel::Up => self.pressure.tx_stall,
            Channel::Cause => self.pressure.cause_gap,
        };
        match level {
            0 => return Some(from.saturating_add(beats - 1)),
            u8::MAX => return None,
            _ => {}
        }
        let stream = &mut self.streams[channel as usize];
        let mut stalled = 0;
        for _ in 0..beats {
            while (stream.next_u32() & 0xff) < u32::from(level) {
                stalled += 1;
            }
        }
        Some(from.saturating_add(beats - 1 + stalled))
    }
}
