// SPDX-License-Identifier: Apache-2.0 OR MIT
//! MSI-X: masks, enables, pending bits, the message itself.

mod common;

use common::*;
use tlp::Store::Msix;

/// Vector k's message in these tests.
fn message(k: u32) -> (u64, u32) {
    (0xfee0_0000 | u64::from(k) << 4 & 0xf_fff0, 0x4000 + k)
}

fn program(h: &mut Hand, k: u32, mask: u32) {
    let (address, data) = message(k);
    h.write16(BAR2 + 16 * u64::from(k), [address as u32, (address >> 32) as u32, data, mask]);
}

#[test]
fn one_message_per_cause_when_open() {
    let mut h = Hand::ready();
    for k in [0, 1, 31, 32, 63, 64, 1000, 2047] {
        program(&mut h, k, 0);
        h.raise(Msix, k);
        let (address, data) = message(k);
        assert_eq!(h.writes(), [Write { address, data: vec![data] }]);
        assert!(!h.pba(k));
    }
    assert_eq!(h.reg(0x1048), 8);
}
