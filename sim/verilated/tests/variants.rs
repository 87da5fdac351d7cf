// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Snapshots, coverage, waveforms, recordings, and how models are built.

mod common;

use common::{builder, built, echoes, op, powered, project, run_to, spec};
use verilated::{Builder, CoverKind, Error, Sources, Toolchain, Variant, replay_bare};

#[test]
fn a_snapshot_continues_exactly() {
    let built = built(Variant::Plain, 256);
    let mut model = powered(&built, 5);
    model.set_pressure(80, 80, 80, 9);
    for n in 0..60u32 {
        model.push(&[if n % 7 == 0 { op::POWER } else { n }, n, n, n], None, &[n; 20], 0);
        model.cause(false, 2, n, 0);
    }
    run_to(&mut model, 150);
    let state = model.save().unwrap();
    let rest = run_to(&mut model, 2000);
    assert!(rest.len() > 100);

    let mut other = powered(&built, 77);
    other.push(&[1; 4], None, &[1, 2, 3], 0);
    other.restore(&state).unwrap();
    assert_eq!(other.now(), 150);
    assert_eq!(run_to(&mut other, 2000), rest);
    assert_eq!(other.save().unwrap(), model.save().unwrap());
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let built = built(Variant::Plain, 256);
    let state = powered(&built, 5).save().unwrap();
    for cut in [0, 7, state.len() / 2, state.len() - 1] {
        assert!(powered(&built, 5).restore(&state[..cut]).is_err(), "{cut} bytes");
    }
}

#[test]
fn coverage_counts_what_happened() {
    let mut model = powered(&built(Variant::Coverage, 256), 1);
    let points = model.cover_points();
    let count = |kind: CoverKind| points.iter().filter(|p| p.kind == kind).count();
    assert!(count(CoverKind::Line) > 5 && count(CoverKind::Toggle) > 100, "{}", points.len());
    let user = points.iter().position(|p| p.kind == CoverKind::User).expect("the cover property");
    assert!(points[user].comment.contains("co_prefix"), "{:?}", points[user]);
    assert_eq!(points[user].module, "loopback_cov");
    assert!(points[user].file.ends_with("loopback_cov.sv") && points[user].line == 9, "{:?}", points[user]);

    model.cover_zero();
    assert!(model.cover_counts().iter().all(|&n| n == 0));
    model.push(&[1; 4], Some(0x9100_0000), &[], 0);
    model.push(&[2; 4], None, &[], 0);
    model.push(&[3; 4], Some(0x9100_0001), &[], 0);
    assert_eq!(echoes(&mut model, 100).len(), 3);
    let counts = model.cover_counts();
    assert_eq!(counts.len(), points.len());
    assert_eq!(counts[user], 2);
    let toggled = |signal: &str| {
        let total = points.iter().zip(&counts).filter(|(p, _)| p.comment.starts_with(signal)).map(|(_, n)| n);
        total.sum::<u32>()
    };
    assert!(toggled("tx_valid_o") > 0);
    assert_eq!(toggled("hot_rst_i"), 0);
    assert!(model.save().unwrap_err().to_string().contains("no snapshots"));
}

#[test]
fn variants_see_the_same_events() {
    let runs: Vec<_> = [Variant::Plain, Variant::Coverage, Variant::Trace]
        .into_iter()
        .map(|variant| {
            let mut model = powered(&built(variant, 256), 4);
            model.set_pressure(50, 50, 50, 4);
            for n in 0..30 {
                model.push(&[n; 4], None, &[n; 9], 0);
                model.cause(false, 0, n, 0);
            }
            run_to(&mut model, 500)
        })
        .collect();
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0], runs[2]);
}

#[test]
fn a_waveform_is_written_by_the_variant_that_can() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run.fst");
    let mut model = powered(&built(Variant::Trace, 256), 1);
    model.trace_open(&path).unwrap();
    model.push(&[1; 4], None, &[1], 0);
    run_to(&mut model, 200);
    model.trace_close();
    assert!(std::fs::metadata(&path).unwrap().len() > 500);
    assert!(model.trace_open(&dir.path().join("none/x.fst")).is_err());
    let refused = powered(&built(Variant::Plain, 256), 1).trace_open(&path).unwrap_err();
    assert!(refused.to_string().contains("no waveform"), "{refused}");
}

#[test]
fn a_recording_replays_without_the_bench() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run.pins");
    let built = built(Variant::Plain, 256);
    let mut model = verilated::Model::load(&built, &verilated::Options::default()).unwrap();
    model.record_open(&path).unwrap();
    model.reset_cold().unwrap();
    model.set_pressure(40, 40, 40, 1);
    for n in 0..100u32 {
        model.push(&[if n % 9 == 0 { op::POWER } else { n }; 4], None, &vec![n; n as usize], 0);
        model.cause(n & 1 == 1, 1, n, 0);
    }
    run_to(&mut model, 3000);
    let digest = model.record_close().unwrap();
    let replay = replay_bare(&built, &path).unwrap();
    assert_eq!((replay.cycles, replay.up_beats), (3000, model.counters().up_beats));
    assert_eq!(replay.digest, digest);

    let file = std::fs::read(&path).unwrap();
    std::fs::write(&path, &file[..file.len() - 8]).unwrap();
    assert!(replay_bare(&built, &path).is_err());
}

#[test]
fn an_unchanged_model_is_not_built_again() {
    // Sources that no run before has had, in the cache that holds the runtime's objects.
    let rtl = tempfile::tempdir().unwrap();
    let mut spec = spec(Variant::Plain, 64);
    for file in ["rtl.f", "loopback.sv", "loopback_cov.sv"] {
        std::fs::copy(spec.sources.base.join(file), rtl.path().join(file)).unwrap();
    }
    let top = rtl.path().join("loopback.sv");
    let text = std::fs::read_to_string(&top).unwrap();
    std::fs::write(&top, format!("// {}\n{text}", rtl.path().display())).unwrap();
    spec.sources.base = rtl.path().into();
    let builder = builder();
    let workers: Vec<_> = (0..3)
        .map(|_| {
            let (builder, spec) = (builder.clone(), spec.clone());
            std::thread::spawn(move || builder.build(&spec).unwrap())
        })
        .collect();
    let built: Vec<_> = workers.into_iter().map(|w| w.join().unwrap()).collect();
    assert_eq!(built.iter().filter(|b| b.is_fresh()).count(), 1, "one builds, the others wait");
    assert!(!builder.build(&spec).unwrap().is_fresh());
    let other = verilated::ModelSpec { params: [("DataW".to_owned(), 128)].into(), ..spec };
    assert_ne!(builder.library_path(&other).unwrap(), built[0].library());
    std::fs::remove_dir_all(built[0].library().parent().unwrap()).unwrap();
}

#[test]
fn broken_rtl_is_reported_with_the_tools_words_and_leaves_nothing() {
    let (cache, rtl) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(rtl.path().join("rtl.f"), "broken.sv\n").unwrap();
    std::fs::write(rtl.path().join("broken.sv"), "module ims_endpoint; assign x = ; endmodule\n").unwrap();
    let mut spec = spec(Variant::Plain, 256);
    spec.sources = Sources { base: rtl.path().into(), list: "rtl.f".into() };
    let builder = Builder::new(builder().toolchain().clone(), cache.path());
    match builder.build(&spec).unwrap_err() {
        Error::Verilate { output } => assert!(output.contains("broken.sv:1"), "{output}"),
        other => panic!("{other}"),
    }
    assert!(!builder.library_path(&spec).unwrap().exists());
}

#[test]
fn an_include_that_is_not_listed_is_refused() {
    let (cache, rtl) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(rtl.path().join("rtl.f"), "top.sv\n").unwrap();
    std::fs::write(rtl.path().join("hidden.svh"), "`define X 1\n").unwrap();
    std::fs::write(rtl.path().join("top.sv"), "`include \"hidden.svh\"\nmodule ims_endpoint; endmodule\n").unwrap();
    let mut spec = spec(Variant::Plain, 256);
    spec.params.clear();
    spec.sources = Sources { base: rtl.path().into(), list: "rtl.f".into() };
    let builder = Builder::new(builder().toolchain().clone(), cache.path());
    let error = builder.build(&spec).unwrap_err().to_string();
    assert!(error.contains("hidden.svh") && error.contains("named neither"), "{error}");
}

#[test]
fn the_distributions_verilator_serves_too() {
    let Ok(toolchain) = Toolchain::find_with(&project(), true, std::env::var_os("PATH").as_deref()) else {
        println!("the distribution's Verilator is not installed: nothing to compare with");
        return;
    };
    let system = Builder::new(toolchain, project().join("target/models"));
    for variant in [Variant::Plain, Variant::Coverage, Variant::Trace] {
        let built = system.build(&spec(variant, 256)).unwrap();
        let mut model = powered(&built, 1);
        model.push(&[op::ERROR, 1, 2, 3], Some(0x9100_0000), &[5; 11], 0);
        assert_eq!(echoes(&mut model, 100), [(Some(0x9100_0000), [op::ERROR, 1, 2, 3], vec![5; 11])]);
        assert_eq!(model.counters().findings, 1);
        if variant == Variant::Coverage {
            let points = model.cover_points();
            let user = points.iter().position(|p| p.kind == CoverKind::User).expect("the cover property");
            assert_eq!(model.cover_counts()[user], 1);
        }
        if variant == Variant::Plain {
            let state = model.save().unwrap();
            powered(&built, 2).restore(&state).unwrap();
        }
    }
}
