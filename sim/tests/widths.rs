// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Other widths and sizes than the default ones: on the golden endpoint everything that fits, on the RTL a selection.
//! The whole of it on the RTL is `make figure NAME=widths` and `NAME=sizes`.

use sim::figure::widths::{SIZES, at_size, chosen, edge_vector, failed};
use sim::rtl::RtlModels;
use sim::run::batch::project_vectors;
use sim::run::{Batch, Dut, options};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vectors::suite::{self, Loaded};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("below the root").to_owned()
}

fn all() -> Vec<Loaded> {
    suite::load(&project_vectors(&root()), None).expect("the vectors load")
}

#[test]
fn what_fits_passes_on_golden_at_every_size() {
    let found = all();
    for line in SIZES {
        let (outcomes, skipped) = at_size(&found, &Dut::Golden(Vec::new()), line).expect("it runs");
        assert_eq!(
            failed(&outcomes),
            Vec::<String>::new(),
            "on {line}; a vector written for one size says so in `dut`"
        );
        assert_eq!(outcomes.len() + skipped.len(), found.len() + 1, "each vector runs or is named");
        assert!(outcomes.len() > 50, "{line}: only {} are left", outcomes.len());
    }
}

/// Vectors that move data in both directions, long and short, with stalls and few credits.
const FEW: [&str; 14] = [
    "byte_enables_with_gaps_are_honoured",
    "completions_keep_to_a_small_payload_size",
    "digest_is_taken_along_and_must_be_there",
    "each_record_is_there_before_its_message",
    "fetch_answered_with_too_little",
    "fetches_wait_for_credits",
    "last_posted_credit_is_the_last",
    "long_reads_are_split_at_boundaries",
    "payload_shorter_than_length_is_malformed",
    "reads_answered_in_pieces_and_out_of_order",
    "reads_of_every_alignment",
    "storm_on_all_stores",
    "table_by_word_and_quad_word",
    "write_of_payload_size_is_performed",
];

/// A few vectors on an RTL model that was built in a hurry.
fn few_on_rtl(params: &str) {
    let root = root();
    let models = RtlModels::quick(&root, root.join("rtl")).expect("Verilator is there");
    let chosen = chosen(params).expect("parameters");
    let found: Vec<Loaded> = all().into_iter().filter(|l| FEW.contains(&l.vector.name.as_str())).collect();
    assert_eq!(found.len(), FEW.len());
    let (mut fitting, skipped) = options::fit(found, &chosen);
    assert!(skipped.is_empty(), "{skipped:?}");
    fitting.push(edge_vector(&chosen));
    let batch = Batch { workers: 1, ..Batch::new(Dut::Rtl(Arc::new(models))) };
    batch.prepare(&fitting).expect("the model builds");
    let (outcomes, _) = batch.run(&fitting, |_| {}).expect("it runs");
    assert_eq!(outcomes.len(), fitting.len());
    assert_eq!(failed(&outcomes), Vec::<String>::new());
}

#[test]
fn few_vectors_on_64_bits() {
    few_on_rtl("DataW=64");
}

#[test]
fn few_vectors_on_128_bits() {
    few_on_rtl("DataW=128");
}

#[test]
fn few_vectors_on_512_bits() {
    few_on_rtl("DataW=512");
}
