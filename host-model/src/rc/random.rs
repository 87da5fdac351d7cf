// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One random stream per concern.
//!
//! A draw added in one place must not move every draw elsewhere, or a change of the
//! completer would make an old seed replay another test. Each concern therefore has a
//! ChaCha8 stream of its own under the common seed.

use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What a stream is drawn for; the number selects the ChaCha stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum Concern {
    /// Choice of tags.
    Tags = 1,
    /// Splits, delays and filler of completions.
    Completions = 2,
    /// Order of what leaves downstream.
    Order = 3,
}

/// The stream of one concern.
pub fn stream(seed: u64, concern: Concern) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(concern as u64);
    rng
}

/// A number of ticks between both ends, both included; ends in either order.
pub fn between(rng: &mut ChaCha8Rng, range: (u64, u64)) -> u64 {
    let (low, high) = (range.0.min(range.1), range.0.max(range.1));
    if low == high { low } else { rng.random_range(low..=high) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ_by_seed_and_concern() {
        let draw = |seed, concern| between(&mut stream(seed, concern), (0, u64::MAX - 1));
        assert_eq!(draw(1, Concern::Tags), draw(1, Concern::Tags));
        assert_ne!(draw(1, Concern::Tags), draw(2, Concern::Tags));
        assert_ne!(draw(1, Concern::Tags), draw(1, Concern::Order));
    }

    #[test]
    fn both_ends_are_drawn() {
        let mut rng = stream(3, Concern::Order);
        let mut seen = [false; 3];
        for _ in 0..100 {
            seen[between(&mut rng, (4, 2)) as usize - 2] = true;
        }
        assert_eq!(seen, [true; 3]);
    }
}
