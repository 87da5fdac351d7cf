// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The bridge to the loader (`loader.h`).

#[cxx::bridge(namespace = "cosim")]
pub(crate) mod bridge {
    struct RawCounters {
        cycles: u64,
        idle_cycles: u64,
        down_beats: u64,
        up_beats: u64,
        findings: u64,
    }

    struct RawCoverPoint {
        page: String,
        file: String,
        hier: String,
        comment: String,
        line: u32,
        column: u32,
    }

    struct RawBareResult {
        cycles: u64,
        up_beats: u64,
        digest: u64,
        seconds: f64,
    }

    unsafe extern "C++" {
        include!("verilated/src/loader.h");

        type Handle;

        fn load_model(library: &str, rand_reset: u32, seed: u32, mutant: u32) -> Result<UniquePtr<Handle>>;
        fn run_bare(library: &str, recording: &str) -> Result<RawBareResult>;

        fn now(self: &Handle) -> u64;
        fn counters(self: &Handle) -> RawCounters;
        fn data_words(self: &Handle) -> u32;
        fn reset(self: Pin<&mut Handle>, hot: bool) -> Result<()>;
        fn push(
            self: Pin<&mut Handle>,
            header: &[u32; 4],
            has_prefix: bool,
            prefix: u32,
            data: &[u32],
            not_before: u64,
        );
        fn cause(self: Pin<&mut Handle>, withdraw: bool, store: u32, index: u32, not_before: u64);
        fn credits(self: Pin<&mut Handle>, limits: &[u16; 6], infinite: u8);
        fn pressure(self: Pin<&mut Handle>, rx_gap: u8, tx_stall: u8, cause_gap: u8, seed: u64);
        fn run(self: Pin<&mut Handle>, until: u64) -> Result<&[u32]>;
        fn trace_open(self: Pin<&mut Handle>, path: &str) -> Result<()>;
        fn trace_close(self: Pin<&mut Handle>);
        fn cover_points(self: &Handle) -> Vec<RawCoverPoint>;
        fn cover_counts(self: &Handle) -> Vec<u32>;
        fn cover_zero(self: Pin<&mut Handle>);
        fn mutants_seen(self: Pin<&mut Handle>) -> Vec<u32>;
        fn save(self: Pin<&mut Handle>) -> Result<&[u8]>;
        fn restore(self: Pin<&mut Handle>, bytes: &[u8]) -> Result<()>;
        fn record_open(self: Pin<&mut Handle>, path: &str) -> Result<()>;
        fn record_close(self: Pin<&mut Handle>) -> Result<u64>;
    }
}

// SAFETY: a handle owns its model and nothing of it is tied to a thread: the
// model's context and sink are made current at the entry of every call that
// evaluates it (`guarded` in sim/cpp/model.cc), and they are not shared.
unsafe impl Send for bridge::Handle {}
