// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Figures: every number that the project claims has a name here and one command that measures it.

mod all_vectors;
mod anchor_defects;
mod coverage;
pub mod device_misbehaviour;
mod formal;
mod fresh_machine;
mod items_endpoint;
mod items_host;
mod judges;
mod kept;
mod linux_order;
pub mod lockstep;
mod messages;
mod mutation;
mod old_ways;
mod over_bare;
mod planted_faults;
mod planted_faults_host;
mod remapping;
mod resets;
mod rtl_coverage;
mod runs;
mod search;
mod shrink;
mod storm;
mod vector_domain;
pub mod widths;

use serde::Serialize;
use std::path::PathBuf;

/// What measuring a figure needs to know.
pub struct Context {
    /// Root of the checkout.
    pub root: PathBuf,
    /// A short form was asked for; the result says so.
    pub small: bool,
    /// Says what is going on, one line at a time.
    pub say: Box<dyn Fn(&str)>,
}

/// A measured figure: one JSON line.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// The value; an object where one number does not tell.
    pub value: serde_json::Value,
    /// Unit of the value.
    pub unit: &'static str,
    /// What it should be.
    pub goal: String,
    /// Whether it is that.
    pub ok: bool,
    /// Spread of repeated measurements, where there are any.
    pub spread: Option<serde_json::Value>,
    /// How it was measured, in a sentence; says so when it is a short form.
    pub how: String,
}

/// A figure that can be measured.
pub struct Measure {
    /// Its name.
    pub name: &'static str,
    /// What it says, for lists.
    pub about: &'static str,
    /// Measures it.
    pub run: fn(&Context) -> anyhow::Result<Figure>,
}

/// All figures, in the order of the document.
pub const ALL: &[Measure] = &[
    Measure { name: "sim-directed", about: "every vector on the RTL", run: runs::sim_directed },
    Measure { name: "golden-directed", about: "every vector on the golden endpoint", run: runs::golden_directed },
    Measure { name: "determinism", about: "equal event hashes, twice and on 1 and 2 workers", run: runs::determinism },
    Measure { name: "reset-seeds", about: "three random power-on states, same verdicts", run: runs::reset_seeds },
    Measure { name: "widths", about: "every vector on the RTL at 64, 128, 256 and 512 bits", run: widths::widths },
    Measure { name: "sizes", about: "the vectors on devices from the smallest to the largest", run: widths::sizes },
    Measure { name: "message-rate", about: "messages per clock by width and place", run: messages::rates },
    Measure {
        name: "message-latency",
        about: "clocks from cause to message by width and place",
        run: messages::latencies,
    },
    Measure { name: "all-vectors", about: "every source of every store, fired and masked", run: all_vectors::measure },
    Measure {
        name: "device-misbehaviour",
        about: "misbehaviours of a device that the bench reports by name",
        run: device_misbehaviour::measure,
    },
    Measure {
        name: "items-endpoint",
        about: "items of the catalogue that vectors and tests cover",
        run: items_endpoint::measure,
    },
    Measure {
        name: "items-host",
        about: "items of the catalogue about the host that vectors and tests cover",
        run: items_host::measure,
    },
    Measure {
        name: "lockstep",
        about: "random traffic, RTL against golden endpoint, packet by packet",
        run: lockstep::measure,
    },
    Measure {
        name: "lockstep-catches",
        about: "wrong devices that lockstep alone reports",
        run: lockstep::measure_catches,
    },
    Measure { name: "resets", about: "interrupts across random resets under load", run: resets::measure },
    Measure { name: "trace-replays", about: "recorded Linux accesses replayed and compared", run: runs::trace_replays },
    Measure { name: "sim-over-bare", about: "cost of the bench above the bare model", run: over_bare::measure },
    Measure {
        name: "directed-vs-random",
        about: "cycles of directed search to what random reaches",
        run: search::directed_vs_random,
    },
    Measure {
        name: "directed-vs-mutate",
        about: "the same against mutation of kept sequences",
        run: search::directed_vs_mutate,
    },
    Measure {
        name: "functional-coverage",
        about: "bins of the coverage plan hit on the RTL",
        run: coverage::functional,
    },
    Measure { name: "shrink", about: "long failing sequences made short", run: shrink::measure },
    Measure { name: "search-hours", about: "processor time of directed search on the RTL", run: coverage::hours },
    Measure {
        name: "planted-faults",
        about: "wrong copies of the RTL that the bench reports",
        run: planted_faults::measure,
    },
    Measure {
        name: "planted-faults-host",
        about: "wrong copies of the host model that the bench reports",
        run: planted_faults_host::measure,
    },
    Measure { name: "judges-score", about: "generated faults of the bench's checks that show", run: judges::measure },
    Measure { name: "mutation-score", about: "generated faults that a check reports", run: mutation::score },
    Measure {
        name: "anchor-defects",
        about: "known classes of defects that random traffic alone finds",
        run: anchor_defects::measure,
    },
    Measure { name: "mutation-time", about: "how soon they are reported", run: mutation::time },
    Measure {
        name: "rtl-coverage",
        about: "lines, branches, toggles of the RTL that vectors reach",
        run: rtl_coverage::rtl_coverage,
    },
    Measure { name: "formal", about: "laws of the RTL proven, bounded, open", run: formal::proofs },
    Measure { name: "formal-breaks", about: "laws that a planted fault makes fail", run: formal::breaks },
    Measure { name: "synth", about: "size, memories and speed after synthesis", run: formal::synth },
    Measure {
        name: "contiguous-blocks",
        about: "aligned blocks of vectors against exhaustive search",
        run: vector_domain::contiguous_blocks,
    },
    Measure {
        name: "vector-churn",
        about: "random life of the vector domain, every invariant after each step",
        run: vector_domain::vector_churn,
    },
    Measure { name: "remap-rate", about: "requests through the remapping unit alone", run: remapping::rate },
    Measure {
        name: "remap-growth",
        about: "cost of a request by the size of the remapping table",
        run: remapping::growth,
    },
    Measure {
        name: "storm",
        about: "sixteen endpoints, all sources, 64 processors, everything changing: interrupts lost",
        run: storm::measure,
    },
    Measure {
        name: "linux-order",
        about: "register accesses of the kernel's calls against recorded kernels",
        run: linux_order::measure,
    },
    Measure { name: "dance-old", about: "interrupts lost when a set of vectors grows, as of old", run: old_ways::old },
    Measure { name: "dance-new", about: "interrupts lost when one vector is added", run: old_ways::new },
    Measure {
        name: "fresh-machine",
        about: "the two commands from a clean clone without caches",
        run: fresh_machine::measure,
    },
];
