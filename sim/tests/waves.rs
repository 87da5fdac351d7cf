// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The waveform of a real run has every signal that the views and the picture name.

use sim::bench::world::GiveUp;
use sim::rtl::RtlModels;
use sim::run::{Dut, Job, Verdict, run, test_seed};
use sim::waves::{self, Fst, Moment};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use vectors::suite;
use verilated::Variant;

#[test]
fn the_waveform_has_every_listed_signal() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let name = "one_interrupt_from_doorbell_to_service";
    let file = root.join(format!("vectors/directed/{name}.yaml"));
    let vector = suite::load(&[file], None).unwrap().remove(0).vector;
    let dir = tempfile::tempdir().unwrap();
    let fst = dir.path().join("waves.fst");
    let dut = Dut::Rtl(Arc::new(RtlModels::new(root, root.join("rtl"), Variant::Trace).unwrap()));
    let outcome = run(&Job {
        vector: Arc::new(vector),
        seed: test_seed(1, name),
        reset_seed: 0,
        dut,
        trace: Some(fst.clone()),
        keep_events: true,
        give_up: GiveUp::default(),
        cancel: Arc::new(AtomicBool::new(false)),
    });
    assert_eq!(outcome.verdict, Verdict::Passed, "{:?} {:?}", outcome.error, outcome.findings);

    let mut file = Fst::open(&fst).unwrap();
    assert_eq!(waves::views::missing(&file), Vec::<String>::new());
    assert_eq!(waves::views::misfits(&file), Vec::<String>::new());

    // The event log and the waveform number the cycles alike.
    let moment = Moment::of_events(&outcome.events, outcome.cycles);
    let sent = moment.sent.expect("a message left");
    assert!(moment.in_service.expect("it was served") > sent);
    for (signal, cycle) in [("obs_cause_valid_o", moment.raised), ("tx_valid_o", sent)] {
        assert_eq!(file.sample(signal, cycle, cycle + 1).unwrap(), ["1"], "{signal} in cycle {cycle}");
    }

    let views = waves::views(&file, &moment).unwrap();
    assert!(views.surfer.contains(&format!("cursor_set {}", file.edge(sent))));
    assert!(views.gtkwave.contains("TOP.ims_endpoint.rx_hdr_i[127:0]\n"), "{}", views.gtkwave);
    let svg = waves::picture(file, &moment, name).unwrap();
    assert!(svg.contains("in-service bit set") && svg.ends_with("</svg>\n"));
}
