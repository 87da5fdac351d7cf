// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `device-misbehaviour`: of the ways in which the golden endpoint can misbehave, how many the
//! bench reports by a check, or a vector, whose name says what is wrong.

use super::runs::{all, run};
use super::{Context, Figure};
use crate::run::{Batch, Dut, Outcome, Verdict};
use anyhow::{Context as _, Result};
use golden::Quirk;
use serde_json::{Map, json};
use vectors::suite::Loaded;

/// Misbehaviours, by name, with the reports that say what is wrong: names of checks, or
/// `vector name` where the expectation of that vector is the statement. The first lines
/// are those that a bench of usual make was seen to let pass.
pub const TABLE: &[(&str, &[&str])] = &[
    ("message-unprogrammed-address", &["unknown_message"]),
    ("message-unallocated-vector", &["unknown_vector"]),
    ("message-eight-bytes", &["interrupt_write_size"]),
    ("message-byte-enables", &["interrupt_byte_enables"]),
    ("message-wrong-requester", &["wrong_device_id"]),
    ("message-poisoned", &["interrupt_poisoned"]),
    ("msix-enable-ignored", &["sent_while_disabled"]),
    ("dma-without-bus-master", &["mastering_disabled"]),
    ("message-without-bus-master", &["mastering_disabled"]),
    ("record-beyond-max-payload", &["payload_above_mps"]),
    ("write-without-byte-enables", &["illegal_byte_enables"]),
    ("write-to-unmapped-address", &["stray_write"]),
    ("completion-unsolicited", &["unsolicited_completion"]),
    ("completion-missing", &["missing_completion", "request_unanswered"]),
    ("posted-credits-overused", &["credits_overrun"]),
    ("completion-credits-overused", &["credits_overrun"]),
    ("completion-overtakes-message", &["sent_while_disabled", "mastering_disabled"]),
    ("message-after-reset", &["stale_message"]),
    ("wedge", &["missing_completion", "request_unanswered"]),
    ("message-relaxed-ordering", &["interrupt_attributes"]),
    ("message-no-snoop", &["interrupt_attributes"]),
    ("message-traffic-class", &["interrupt_traffic_class"]),
    ("message-translated", &["interrupt_address_type"]),
    ("message-pasid-prefix", &["interrupt_with_pasid"]),
    ("message-long-header", &["needless_4dw"]),
    ("message-upper-address-dropped", &["vector message_above_4g_has_four_header_words"]),
    ("message-address-zero", &["vector message_to_address_zero_is_not_sent"]),
    ("message-of-neighbour", &["unknown_message", "unknown_vector", "sent_while_masked"]),
    ("message-torn", &["torn_message"]),
    ("message-spurious", &["duplicated_interrupt"]),
    ("function-mask-ignored", &["sent_while_disabled"]),
    ("vector-mask-ignored", &["sent_while_masked"]),
    ("vector-mask-late", &["sent_while_masked"]),
    ("unmask-sends-though-function-masked", &["sent_while_disabled"]),
    ("function-unmask-sends-masked", &["sent_while_masked"]),
    ("enable-mask-write-loses-mask", &["sent_while_disabled"]),
    ("message-in-d3hot", &["mastering_disabled"]),
    ("reset-leaves-unmasked", &["vector function_reset_returns_to_defaults"]),
    ("masked-cause-dropped", &["pending_bit_lost"]),
    ("cause-lost", &["lost_interrupt"]),
    ("pending-kept-after-send", &["duplicated_interrupt"]),
    ("pba-word-shifted", &["pending_bit_lost"]),
    ("disable-clears-pending", &["pending_bit_lost"]),
    ("enable-drops-pending", &["lost_interrupt"]),
    ("withdraw-ignored", &["vector served_while_masked_sends_nothing"]),
    ("masked-blocks-others", &["lost_interrupt"]),
    ("record-after-message", &["interrupt_ahead_of_data"]),
    ("reset-keeps-pending", &["vector d3hot_is_silent_and_its_end_resets"]),
    ("reset-forgets-id", &["wrong_device_id"]),
    ("stale-slot-after-invalidation", &["stale_message"]),
    ("stale-fetch-after-invalidation", &["vector fetch_under_way_is_not_used_after_its_invalidation"]),
    ("invalidation-done-early", &["stale_message"]),
    ("stale-slot-after-disable", &["vector slots_are_fetched_anew_after_a_disable"]),
    ("fetch-of-neighbour", &["sent_while_masked", "duplicated_interrupt"]),
    ("fetch-error-used", &["vector fetch_answered_poisoned"]),
    ("fetch-error-silent", &["vector fetch_answered_poisoned"]),
    ("tag-reused-after-timeout", &["tag_reused"]),
    ("malformed-sent", &["undefined_packet"]),
    ("completion-byte-count", &["completion_byte_count"]),
    ("completion-lower-address", &["completion_lower_address"]),
    ("completion-tag-truncated", &["unsolicited_completion"]),
    ("config-byte-enables-ignored", &["vector configuration_write_byte_enables"]),
    ("memory-enable-ignored", &["completion_status"]),
    ("poisoned-write-taken", &["vector poisoned_memory_write_is_dropped"]),
    ("unsupported-not-logged", &["vector memory_decode_off"]),
    ("error-status-missing", &["error_log_wrong"]),
    ("header-log-overwritten", &["error_log_wrong"]),
    ("error-mask-ignored", &["error_message_unexpected"]),
    ("error-severity-ignored", &["error_log_wrong"]),
    ("advisory-ignored", &["error_log_wrong"]),
    ("masked-advisory-logged", &["error_log_wrong"]),
    ("timeout-logged-in-reset", &["error_log_wrong"]),
    ("error-message-lost", &["error_message_owed"]),
    ("error-message-twice", &["error_message_unexpected"]),
    ("error-message-in-d3hot", &["error_message_unexpected"]),
    ("error-message-needs-bus-master", &["vector error_messages_need_no_bus_master"]),
    ("error-message-traffic-class", &["error_message_form"]),
    ("error-log-cleared-by-reset", &["error_log_wrong", "error_control_wrong"]),
    ("system-error-not-signalled", &["error_log_wrong"]),
    ("digest-not-checked", &["error_log_wrong"]),
    ("digest-not-made", &["digest_unasked_or_missing"]),
    ("digest-wrong", &["digest_wrong"]),
    ("doorbell-raises-twice", &["cause_out_of_nothing"]),
    ("malformed-keeps-credit", &["request_never_left"]),
    ("doorbell-dropped-silently", &["vector doorbell_beyond_sixteen_is_dropped"]),
    ("event-forgotten", &["event_never_fired"]),
    ("coalescer-one-early", &["coalescer_fired_early"]),
    ("coalescer-timer-late", &["event_never_fired"]),
    ("stranded-count-dropped", &["event_never_fired"]),
    ("firing-twice", &["firing_without_event"]),
    ("hand-over-lost", &["event_never_fired"]),
    ("intx-though-msi", &["intx_without_request"]),
    ("intx-disable-ignored", &["intx_without_request"]),
    ("intx-never-released", &["message_beside_intx"]),
    ("intx-other-pin", &["intx_message_shape"]),
    ("intx-routing", &["intx_message_shape"]),
    ("intx-twice", &["intx_alternates"]),
    ("msi-mask-ignored", &["sent_while_masked"]),
    ("msi-enable-ignored", &["sent_while_disabled"]),
    ("msi-vector-not-in-data", &["vector msi_with_4_vectors"]),
    ("msi-extended-data-always", &["unknown_vector", "torn_message"]),
    ("msi-cause-lost", &["lost_interrupt"]),
    ("msi-disable-clears-pending", &["lost_interrupt", "pending_bit_lost"]),
    ("dma-data-wrong", &["dma_data"]),
    ("dma-read-beyond-source", &["stray_read"]),
    ("dma-write-beyond-destination", &["stray_write"]),
    ("dma-read-above-mrrs", &["read_above_mrrs"]),
    ("dma-tag-of-other-lane", &["dma_tag"]),
    ("dma-read-without-prefix", &["pasid_prefix"]),
    ("dma-write-without-prefix", &["pasid_prefix"]),
    ("record-without-prefix", &["pasid_prefix"]),
    ("poisoned-data-used", &["record_status"]),
    ("fence-ignored", &["fence_passed"]),
    ("record-ahead-of-data", &["record_ahead_of_data"]),
    ("work-interrupt-ahead-of-record", &["interrupt_ahead_of_data"]),
    ("record-missing", &["record_missing"]),
    ("record-twice", &["record_unexpected"]),
    ("record-ring-overrun", &["record_ring_overrun", "fetch_without_place"]),
    ("record-phase-fixed", &["record_content"]),
    ("record-checksum-inverted", &["record_checksum"]),
    ("record-hides-read-error", &["record_status"]),
    ("record-relaxed-ordering", &["dma_attributes"]),
    ("handle-permission-ignored", &["record_status"]),
    ("handle-release-ignored", &["record_status"]),
    ("slot-permission-ignored", &["duplicated_interrupt"]),
    ("vf-message-of-physical", &["message_of_another_function"]),
    ("vf-answers-as-physical", &["wrong_completer"]),
    ("vf-bus-master-ignored", &["mastering_disabled"]),
    ("vf-needs-physical-bus-master", &["vector bus_master_of_each_function_is_its_own"]),
    ("vf-msix-of-physical", &["lost_interrupt"]),
    ("vf-sends-though-absent", &["absent_function_speaks"]),
    ("vf-reset-keeps-pending", &["vector reset_of_a_virtual_function_leaves_its_neighbours"]),
    ("vf-reset-clears-neighbour", &["lost_interrupt", "pending_bit_lost"]),
    ("vf-memory-enable-ignored", &["completion_status"]),
    ("vf-absent-cause-taken", &["vector cause_for_an_absent_function_is_refused"]),
    ("vf-doorbell-of-neighbour", &["cause_out_of_nothing"]),
    ("vf-error-in-physical", &["error_log_wrong"]),
    ("vf-error-message-of-physical", &["error_message_of_another_function"]),
    ("ats-keeps-translations", &["translated_after_invalidation", "stale_message"]),
    ("ats-completion-missing", &["invalidation_never_done", "invalidate_never_completed"]),
    ("ats-translations-wait", &["lost_interrupt"]),
];

/// Lines of the table that a bench of usual make was seen to let pass.
pub const USUAL: usize = 19;

/// Vectors that run before the next look whether the misbehaviour has been named.
const PIECE: usize = 32;

/// The report in the outcomes that names the misbehaviour, if there is one.
pub(crate) fn named<'a>(outcomes: &[Outcome], reports: &[&'a str]) -> Option<&'a str> {
    reports.iter().copied().find(|report| match report.strip_prefix("vector ") {
        Some(vector) => outcomes.iter().any(|o| o.name == vector && o.verdict != Verdict::Passed),
        None => outcomes.iter().flat_map(|o| &o.findings).any(|f| f.check == *report),
    })
}

/// Does one misbehaviour to the bench; the report that names it.
pub fn catch(found: &[Loaded], quirk: &str, reports: &[&'static str]) -> Result<Option<&'static str>> {
    let quirk: Quirk = quirk.parse().with_context(|| format!("{quirk} names no misbehaviour"))?;
    let batch = Batch::new(Dut::Golden(vec![quirk]));
    // A vector that is asked for goes first. The rest in pieces: most misbehaviours are named long before the last.
    let wanted = |l: &&Loaded| reports.iter().any(|r| r.strip_prefix("vector ") == Some(&l.vector.name));
    let (first, rest): (Vec<&Loaded>, Vec<&Loaded>) = found.iter().partition(wanted);
    let pieces = std::iter::once(&first[..]).chain(rest.chunks(PIECE));
    for piece in pieces.filter(|p| !p.is_empty()) {
        let piece: Vec<Loaded> = piece.iter().map(|l| (*l).clone()).collect();
        if let Some(report) = named(&run(&batch, &piece)?, reports) {
            return Ok(Some(report));
        }
    }
    Ok(None)
}

/// Measures it.
pub fn measure(ctx: &Context) -> Result<Figure> {
    let found = all(ctx)?;
    let table = if ctx.small { &TABLE[..USUAL] } else { TABLE };
    let (mut by, mut missed) = (Map::new(), Vec::new());
    for (quirk, reports) in table {
        (ctx.say)(quirk);
        match catch(&found, quirk, reports)? {
            Some(report) => drop(by.insert((*quirk).into(), json!(report))),
            None => missed.push(*quirk),
        }
    }
    Ok(Figure {
        name: "device-misbehaviour",
        value: json!({ "found": by.len(), "tried": table.len(), "missed": missed, "by": by }),
        unit: "misbehaviours of a device reported by name, of those tried",
        goal: "all".into(),
        ok: missed.is_empty(),
        spread: None,
        how: format!(
            "golden endpoint with one misbehaviour at a time, every vector, seed 1{}",
            if ctx.small { "; short form: those that a usual bench lets pass" } else { "" }
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_misbehaviour_has_its_line() {
        let mut listed: Vec<&str> = TABLE.iter().map(|(q, _)| *q).collect();
        let mut known: Vec<&str> = Quirk::ALL.iter().map(|q| q.name()).collect();
        listed.sort_unstable();
        known.sort_unstable();
        assert_eq!(listed, known);
    }
}
