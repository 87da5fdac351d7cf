// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The loop-back device and the tools to build it with.

use std::path::{Path, PathBuf};

use verilated::{Builder, Built, Event, Model, ModelSpec, Options, Sources, Toolchain, Variant, What};

/// Words in header word 0 that make the loop-back device do something.
#[allow(dead_code)] // each test file uses some
pub mod op {
    pub const ERROR: u32 = 0xdead_0001;
    pub const POWER: u32 = 0xdead_0002;
    pub const CREDITS: u32 = 0xdead_0003;
    pub const UNSTEADY: u32 = 0xdead_0004;
    pub const PRINT: u32 = 0xdead_0005;
}

pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn builder() -> Builder {
    let toolchain = Toolchain::find(&project()).unwrap_or_else(|e| panic!("{e}"));
    Builder::new(toolchain, project().join("target/models"))
}

pub fn spec(variant: Variant, data_w: u64) -> ModelSpec {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    ModelSpec {
        sources: Sources { base, list: "rtl.f".into() },
        top: "ims_endpoint".into(),
        params: [("DataW".to_owned(), data_w)].into(),
        variant,
    }
}

pub fn built(variant: Variant, data_w: u64) -> Built {
    builder().build(&spec(variant, data_w)).unwrap_or_else(|e| panic!("{e}"))
}

/// A model out of its cold reset.
#[allow(dead_code)]
pub fn powered(built: &Built, seed: u64) -> Model {
    let mut model = Model::load(built, &Options { seed, ..Options::default() }).unwrap();
    model.reset_cold().unwrap();
    model
}

/// An event that can be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(dead_code)]
pub struct Seen {
    pub tick: u64,
    pub what: String,
}

/// All events up to tick `until`, however often the model stops on the way.
#[allow(dead_code)]
pub fn run_to(model: &mut Model, until: u64) -> Vec<Seen> {
    let mut seen = Vec::new();
    while model.now() < until {
        let events = model.run(until).unwrap();
        seen.extend(events.map(|Event { tick, what }| Seen { tick, what: format!("{what:?}") }));
    }
    seen
}

/// The packets that come back until tick `until`: prefix, header and data.
#[allow(dead_code)]
pub fn echoes(model: &mut Model, until: u64) -> Vec<(Option<u32>, [u32; 4], Vec<u32>)> {
    let mut packets = Vec::new();
    while model.now() < until {
        for event in model.run(until).unwrap() {
            if let What::Up { prefix, header, data } = event.what {
                packets.push((prefix, header, data.to_vec()));
            }
        }
    }
    packets
}
