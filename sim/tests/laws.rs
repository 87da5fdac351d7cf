// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Laws that no misbehaviour of the golden endpoint breaks are shown one packet that breaks them.

use sim::bench::decode::decode;
use sim::check::format::Format;
use sim::check::reads::Reads;
use sim::check::shape::Shape;
use sim::check::{Law, Report, Upstream};
use sim::shadow::{DeviceSizes, Shadow};
use tlp::Packet;

/// Names of the checks that one packet of the device makes report.
fn reports(law: &mut impl Law, packet: &Packet) -> Vec<&'static str> {
    let mut shadow = Shadow::new(DeviceSizes { msix: 8, device: 8, host: 64, vfs: 0 });
    let mut report = Report::default();
    let (common, decoded) = decode(packet);
    law.upstream(&Upstream { tick: 1, packet, common, decoded: &decoded }, &mut shadow, &mut report);
    report.findings.iter().map(|f| f.check).collect()
}

#[test]
fn fewer_words_than_length_says() {
    let p = Packet::with_data([0x4000_0002, 0x0000_00ff, 0xfee0_1000, 0], [1]);
    assert!(reports(&mut Format, &p).contains(&"length_mismatch"));
}

#[test]
fn a_read_longer_than_was_set() {
    // 256 words, Max_Read_Request_Size after reset is 512 bytes.
    let p = Packet::bare([0x0000_0100, 0x0000_00ff, 0x1000_0000, 0]);
    assert!(reports(&mut Format, &p).contains(&"read_above_mrrs"));
}

#[test]
fn a_message_with_a_processing_hint() {
    let p = Packet::with_data([0x4001_0001, 0x0000_000f, 0xfee0_1000, 0], [1]);
    assert!(reports(&mut Shape, &p).contains(&"interrupt_hint"));
}

#[test]
fn a_read_where_no_slot_is_and_of_half_a_slot() {
    let p = Packet::bare([0x0000_0002, 0x0000_00ff, 0x1000_0008, 0]);
    assert_eq!(reports(&mut Reads::default(), &p), ["stray_read", "torn_slot_read"]);
}
