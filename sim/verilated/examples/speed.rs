// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Cycles a second of the clock loop around the project's RTL: idle, with
//! configuration reads back to back and causes beside them, and of the barest loop.
//!
//! `cargo run --release -p verilated --example speed -- [plain|cov|trace] [DataW]`

use std::path::Path;
use std::time::Instant;

use verilated::{Builder, Model, ModelSpec, Options, Sources, Toolchain, Variant, What, replay_bare};

fn main() -> Result<(), verilated::Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let variant = match args.first().map(String::as_str) {
        Some("cov") => Variant::Coverage,
        Some("trace") => Variant::Trace,
        _ => Variant::Plain,
    };
    let data_w = args.get(1).and_then(|w| w.parse().ok()).unwrap_or(256);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let builder = Builder::new(Toolchain::find(&root)?, root.join("target/models"));
    let spec = ModelSpec {
        sources: Sources::project(&root),
        top: "ims_endpoint".to_owned(),
        params: [("DataW".to_owned(), data_w)].into(),
        variant,
    };
    let start = Instant::now();
    let built = builder.build(&spec)?;
    println!(
        "{}: built in {:.3} s (fresh: {})",
        builder.toolchain().identity(),
        start.elapsed().as_secs_f64(),
        built.is_fresh()
    );

    let mut model = Model::load(&built, &Options::default())?;
    model.reset_cold()?;
    time("initialisation", &mut model, 20_000, |_, _| 0)?;
    time("idle", &mut model, 2_000_000, |_, _| 0)?;
    model.set_pressure(30, 60, 30, 1);
    time("reads and causes under pressure", &mut model, 500_000, reads)?;

    // The same without a bench, from a recording of the pins.
    let pins = std::env::temp_dir().join(format!("speed-{}.pins", std::process::id()));
    let mut model = Model::load(&built, &Options::default())?;
    model.record_open(&pins)?;
    model.reset_cold()?;
    model.set_pressure(30, 60, 30, 1);
    time("recorded", &mut model, 500_000, reads)?;
    let digest = model.record_close()?;
    let bare = replay_bare(&built, &pins);
    std::fs::remove_file(&pins).ok();
    let bare = bare?;
    assert_eq!((bare.cycles, bare.digest), (model.now(), digest), "a replay is the run");
    println!("bare: {:.0} cycles/s", bare.cycles as f64 / bare.seconds);
    Ok(())
}

/// Eight configuration reads and eight causes.
fn reads(model: &mut Model, now: u64) -> u64 {
    for tag in 0..8 {
        model.push(&[0x0400_0001, tag << 8 | 0xf, 0x0100_0000 | (tag * 4), 0], None, &[], now);
        model.cause(false, 0, tag, now);
    }
    8
}

/// Runs for `cycles`; `refill` queues work and says how many answers it brings.
fn time(
    name: &str,
    model: &mut Model,
    cycles: u64,
    mut refill: impl FnMut(&mut Model, u64) -> u64,
) -> Result<(), verilated::Error> {
    let (start, from, until) = (Instant::now(), model.now(), model.now() + cycles);
    let (mut due, mut packets) = (0, 0u64);
    let mut hasher = blake3::Hasher::new();
    while model.now() < until {
        if due == 0 {
            let now = model.now();
            due = refill(model, now);
        }
        let events = model.run(until)?;
        for word in events.words() {
            hasher.update(&word.to_le_bytes());
        }
        for event in events {
            match event.what {
                What::Up { .. } => {
                    packets += 1;
                    due = due.saturating_sub(1);
                }
                What::Finding { text, .. } => println!("{}: {text}", event.tick),
                _ => {}
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = (model.now() - from) as f64 / seconds;
    println!("{name}: {rate:.0} cycles/s, {packets} packets up, events {}", &hasher.finalize().to_hex()[..12]);
    Ok(())
}
