// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A running model.

use std::path::Path;

use cxx::UniquePtr;

use crate::ffi::bridge;
use crate::{Built, CoverPoint, Error, Events};

/// How a model starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// What registers and memories hold at power-on.
    pub rand_reset: RandReset,
    /// Seed of that state and of what pins carry while nothing is valid.
    pub seed: u64,
    /// Number of the fault to be switched on, of a model with several built in; 0 is none.
    pub mutant: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { rand_reset: RandReset::Random, seed: 1, mutant: 0 }
    }
}

/// State before the first reset; Verilator knows no X.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RandReset {
    /// All zeros.
    Zeros,
    /// All ones.
    Ones,
    /// Drawn from the seed.
    Random,
}

/// What a model has done so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    /// Clock cycles, those of resets included.
    pub cycles: u64,
    /// Cycles in which nothing moved on the streams or on the cause port.
    pub idle_cycles: u64,
    /// Beats that the device took.
    pub down_beats: u64,
    /// Beats that left the device.
    pub up_beats: u64,
    /// Findings of severity error, those behind the reporting limit of 200 included.
    pub findings: u64,
}

/// Transmit credit limits on the pins, cumulative.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    /// Posted header and data, non-posted header and data, completion header and
    /// data; headers 8 bits, data 12 bits. `None` is infinite.
    pub limit: [Option<u16>; 6],
}

/// A device with its clock, in the state after power-on until the first cold reset.
///
/// Time moves only in [`run`](Self::run) and [`reset`](Self::reset). A model is
/// a function of its library, [`Options::seed`] and the calls made on it.
pub struct Model {
    handle: UniquePtr<bridge::Handle>,
}

impl core::fmt::Debug for Model {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Model").field("now", &self.now()).finish_non_exhaustive()
    }
}

impl Model {
    /// Makes one instance of a built model; any number may live side by side.
    pub fn load(built: &Built, options: &Options) -> Result<Self, Error> {
        let rand_reset = match options.rand_reset {
            RandReset::Zeros => 0,
            RandReset::Ones => 1,
            RandReset::Random => 2,
        };
        let seed = (options.seed ^ options.seed >> 32) as u32;
        Ok(Self { handle: bridge::load_model(text(built.library())?, rand_reset, seed, options.mutant)? })
    }

    /// Cycles since creation.
    pub fn now(&self) -> u64 {
        self.handle.now()
    }

    /// Width of the packet streams in 32-bit words.
    pub fn data_words(&self) -> u32 {
        self.handle.data_words()
    }

    /// What has been done so far.
    pub fn counters(&self) -> Counters {
        let c = self.handle.counters();
        Counters {
            cycles: c.cycles,
            idle_cycles: c.idle_cycles,
            down_beats: c.down_beats,
            up_beats: c.up_beats,
            findings: c.findings,
        }
    }

    /// Power-on reset (`rst_ni`) for 16 cycles; drops queued packets and causes.
    pub fn reset_cold(&mut self) -> Result<(), Error> {
        Ok(self.handle.pin_mut().reset(false)?)
    }

    /// In-band reset (`hot_rst_i`) for 16 cycles; drops queued packets and causes.
    /// An error before the first cold reset.
    pub fn reset_hot(&mut self) -> Result<(), Error> {
        Ok(self.handle.pin_mut().reset(true)?)
    }

    /// Queues a downstream packet, not shown before tick `not_before`. Header
    /// words have the first byte on the wire in bits 31:24, data words in bits 7:0.
    pub fn push(&mut self, header: &[u32; 4], prefix: Option<u32>, data: &[u32], not_before: u64) {
        self.handle.pin_mut().push(header, prefix.is_some(), prefix.unwrap_or(0), data, not_before);
    }

    /// Queues a cause (`store` 2 bits, `index` 20 bits), not shown before `not_before`.
    pub fn cause(&mut self, withdraw: bool, store: u32, index: u32, not_before: u64) {
        self.handle.pin_mut().cause(withdraw, store & 3, index & 0xf_ffff, not_before);
    }

    /// Sets the credit limits from the next cycle on; infinite at creation.
    pub fn set_credits(&mut self, limits: &Limits) {
        let infinite = (0..6).filter(|&i| limits.limit[i].is_none()).fold(0, |bits, i| bits | 1 << i);
        self.handle.pin_mut().credits(&limits.limit.map(|l| l.unwrap_or(0)), infinite);
    }

    /// Sets the random stalls from the next cycle on, each in 1/256 of the
    /// cycles and 255 always; `seed` starts their stream.
    pub fn set_pressure(&mut self, rx_gap: u8, tx_stall: u8, cause_gap: u8, seed: u64) {
        self.handle.pin_mut().pressure(rx_gap, tx_stall, cause_gap, seed);
    }

    /// Runs until tick `until`, at most to the end of the first cycle that
    /// completed an upstream packet. An error if the simulator gave up, after
    /// which every call that needs it fails, or before the first cold reset.
    pub fn run(&mut self, until: u64) -> Result<Events<'_>, Error> {
        Ok(Events::new(self.handle.pin_mut().run(until)?))
    }

    /// Writes every following cycle to an FST file, 4 ns a cycle, the edge of
    /// tick n at 4n+2 ns. Only in the trace variant.
    pub fn trace_open(&mut self, path: &Path) -> Result<(), Error> {
        Ok(self.handle.pin_mut().trace_open(text(path)?)?)
    }

    /// Completes the file; nothing happens if none is open.
    pub fn trace_close(&mut self) {
        self.handle.pin_mut().trace_close();
    }

    /// The coverage points of the coverage variant; of the others none.
    pub fn cover_points(&self) -> Vec<CoverPoint> {
        self.handle.cover_points().into_iter().map(CoverPoint::from_raw).collect()
    }

    /// How often each point was reached, in the order of [`cover_points`](Self::cover_points).
    pub fn cover_counts(&self) -> Vec<u32> {
        self.handle.cover_counts()
    }

    /// Sets all counts to zero.
    pub fn cover_zero(&mut self) {
        self.handle.pin_mut().cover_zero();
    }

    /// Numbers of the faults of a probing model whose place differed from the right design so far.
    pub fn mutants_seen(&mut self) -> Vec<u32> {
        self.handle.pin_mut().mutants_seen()
    }

    /// The whole state, clock loop included. Only in the plain variant.
    pub fn save(&mut self) -> Result<Vec<u8>, Error> {
        Ok(self.handle.pin_mut().save()?.to_vec())
    }

    /// Continues from a state that [`save`](Self::save) of the same library gave.
    pub fn restore(&mut self, state: &[u8]) -> Result<(), Error> {
        Ok(self.handle.pin_mut().restore(state)?)
    }

    /// Writes the input pins of every cycle to a file for [`replay_bare`];
    /// only before the first cycle.
    pub fn record_open(&mut self, path: &Path) -> Result<(), Error> {
        Ok(self.handle.pin_mut().record_open(text(path)?)?)
    }

    /// Completes the recording and gives the digest of what left the device.
    pub fn record_close(&mut self) -> Result<u64, Error> {
        Ok(self.handle.pin_mut().record_close()?)
    }
}

/// What a replay without a bench did and took.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BareRun {
    /// Clock cycles.
    pub cycles: u64,
    /// Beats that left the device.
    pub up_beats: u64,
    /// Digest of those beats; equal to that of the recording if the runs were.
    pub digest: u64,
    /// Wall time of the loop alone.
    pub seconds: f64,
}

/// Replays a recording on a fresh device in the barest loop: pins and two
/// evaluations a cycle.
pub fn replay_bare(built: &Built, recording: &Path) -> Result<BareRun, Error> {
    let r = bridge::run_bare(text(built.library())?, text(recording)?)?;
    Ok(BareRun { cycles: r.cycles, up_beats: r.up_beats, digest: r.digest, seconds: r.seconds })
}

fn text(path: &Path) -> Result<&str, Error> {
    path.to_str().ok_or_else(|| Error::Sources { file: path.to_owned(), why: "the path is not UTF-8".to_owned() })
}
