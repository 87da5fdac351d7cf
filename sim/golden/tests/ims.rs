// SPDX-License-Identifier: Apache-2.0 OR MIT
//! IMS slots in device memory, and the error record.

mod common;

use common::*;
use golden::GoldenConfig;
use tlp::Store::{Device, Msix};

#[test]
fn slots_send_when_open_whatever_msix_says() {
    let mut h = Hand::ready();
    h.cfg_write(0xb0, 0x4000_0000);
    for k in [0, 63, 64, 4095] {
        h.write16(BAR4 + 16 * k, [0xfee0_0010, 0, 0x100 + k as u32, 0]);
        h.raise(Device, k as u32);
        assert_eq!(h.writes(), [Write { address: 0xfee0_0010, data: vec![0x100 + k as u32] }]);
    }
}

#[test]
fn control_bits_under_any_byte_enables_and_the_pending_bit() {
    let mut h = Hand::ready();
    let at = BAR4 + 16 * 77 + 12;
    assert_eq!(h.read(at), 1);
    for be in 0..16 {
        let mask = (0..4).filter(|i| be >> i & 1 != 0).fold(0, |m, i| m | 0xffu32 << (8 * i));
        for old in [0u32, !0] {
            h.write(at, old);
            h.push(mwr(at, be, 0, &[!old]));
            assert_eq!(h.read(at), (old & !mask | !old & mask) & 0xffff_f00d);
        }
    }
    h.write(at, 1);
    h.raise(Device, 77);
    h.run(10);
    assert_eq!(h.read(at), 3);
    h.write(at, 1); // as a driver writes it
    assert_eq!(h.read(at), 3);
    h.write(at - 12, 0xfee0_0000);
    h.write(at, 0);
    assert_eq!(h.writes().len(), 1);
    assert_eq!(h.read(at), 0);
}

#[test]
fn address_zero_is_an_error_and_not_sent() {
    let mut h = Hand::ready();
    h.write(BAR4 + 16 * 5 + 12, 0);
    h.raise(Device, 5);
    assert_eq!(h.writes(), []);
    assert_eq!(h.reg(0x1040), 1 | 8 << 4 | 1 << 8 | 5 << 12);
    assert_eq!(h.read(BAR4 + 16 * 5 + 12), 0);
    assert_eq!((h.reg(0x1044), h.reg(0x1048)), (1, 0));
}

#[test]
fn the_first_error_stays_until_it_is_cleared() {
    let mut h = Hand::ready_with(&GoldenConfig { num_dev_slots: 16, ..Default::default() });
    h.raise(Device, 16);
    h.run(10);
    assert_eq!(h.reg(0x1040), 1 | 1 << 4 | 1 << 8 | 16 << 12);
    h.raise(Msix, 0xf_ffff);
    h.withdraw(Device, 99);
    h.run(10);
    assert_eq!(h.reg(0x1040), 3 | 1 << 4 | 1 << 8 | 16 << 12);
    assert_eq!(h.reg(0x1044), 3);
    h.push(mwr(BAR0 + 0x1040, 0xe, 0, &[!0]));
    assert_eq!(h.reg(0x1040) & 3, 3);
    h.set_reg(0x1040, 1);
    assert_eq!(h.reg(0x1040) & 3, 0);
    h.raise(Msix, 0xf_fffe);
    h.run(10);
    assert_eq!(h.reg(0x1040), 1 | 1 << 4 | 0xf_fffe << 12);
}

#[test]
fn slots_beyond_the_parameter_are_holes() {
    let mut h = Hand::ready_with(&GoldenConfig { num_dev_slots: 16, num_host_slots: 64, ..Default::default() });
    for at in [16 * 16, 0x1_fff0, 0x2_0008, 0x3_fff8] {
        h.write(BAR4 + at, !0);
        assert_eq!(h.read(BAR4 + at), 0);
    }
}
