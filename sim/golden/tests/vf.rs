// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Virtual functions: data sheet section 16, by hand.

mod common;

use common::*;
use golden::GoldenConfig;
use tlp::Store;
use tlp::Store::{Device, Msix};

/// (requester, address, data) of the messages that have left.
fn messages(h: &mut Hand) -> Vec<(u32, u32, u32)> {
    h.run(400);
    let (writes, rest) = std::mem::take(&mut h.up).into_iter().partition::<Vec<_>, _>(is_write);
    h.up = rest;
    writes.iter().map(|p| (p.header[1] >> 16, p.header[2], p.data[0])).collect()
}

fn error(code: u32, store: Store, index: u32) -> u32 {
    1 | code << 4 | store.code() << 8 | index << 12
}

#[test]
fn each_function_sends_its_own_message_under_its_own_id() {
    let mut h = with_functions(&GoldenConfig::default(), 16);
    for n in 0..16u32 {
        h.write16(aperture(u64::from(n)) + 16 * 63, [0xfee0_0000, 0, 0x40 + n, 0]);
        h.write16(aperture(u64::from(n)) + 0x2000 + 16 * 5, [0xfee0_1000, 0, 0x80 + n, 0]);
        h.run(40);
        h.raise(Msix, 2048 + 64 * n + 63);
        h.raise(Device, 8192 + 64 * n + 5);
        assert_eq!(messages(&mut h), [(VF0 + n, 0xfee0_0000, 0x40 + n), (VF0 + n, 0xfee0_1000, 0x80 + n)]);
    }
}

#[test]
fn configuration_of_a_function() {
    let mut h = with_functions(&GoldenConfig::default(), 3);
    let expect = [
        (0x00, 0xffff_ffff),
        (0x04, 0x0010_0004),
        (0x08, 0x1200_0001),
        (0x0c, 0),
        (0x10, 0),
        (0x2c, 0x0001_1234),
        (0x34, 0x50),
        (0x3c, 0),
        (0x40, 0),
        (0x50, 0x0002_b010),
        (0x54, 0x1000_8022),
        (0x58, 0),
        (0x5c, 0x0040_0083),
        (0x60, 0),
        (0x74, 0x0070_001f),
        (0x7c, 0x0000_000e),
        (0x90, 0),
        (0xb0, 0x803f_0011),
        (0xb4, 0),
        (0xb8, 0x1000),
        (0x100, 0x0001_000e),
        (0x104, 0),
        (0x140, 0),
    ];
    for (offset, value) in expect {
        assert_eq!(vf_read(&mut h, 2, offset), value, "{offset:#x}");
        vf_write(&mut h, 1, offset, !0x8000);
    }
    assert_eq!((vf_read(&mut h, 1, 0x04), vf_read(&mut h, 1, 0xb0)), (0x0010_0004, 0xc03f_0011));
    assert_eq!(vf_read(&mut h, 2, 0x04), 0x0010_0004);
}

#[test]
fn a_function_that_is_not_there_does_not_answer() {
    let mut h = with_functions(&GoldenConfig::default(), 3);
    for id in [VF0 + 3, VF0 + 15, VF0 + 16, EP_ID + 1] {
        // Function number 0 is the physical one, whatever the device number.
        let wanted = if id & 7 == 0 { (0, EP_ID) } else { (1, EP_ID) };
        let tag = h.tag();
        let c = h.ask(to(cfgrd(0, tag), id), tag);
        assert_eq!((c.status, c.completer), wanted, "{id:#x}");
    }
    let tag = h.tag();
    assert_eq!(h.ask(mrd(aperture(3), 1, 0xf, 0, tag), tag).status, 1);
}

#[test]
fn apertures_follow_the_page_size() {
    for (pages, size) in
        [(0, 0x4000), (1, 0x4000), (2, 0x4000), (0x10, 0x1_0000), (0x140, 0x4_0000), (0x400, 0x40_0000)]
    {
        let mut h = Hand::ready();
        h.cfg_write(0x1e0, pages);
        h.cfg_write(0x1e4, !0);
        assert_eq!(h.cfg_read(0x1e4), !(size as u32 - 1) | 0xc);
        h.cfg_write(0x1e4, APERTURES as u32);
        h.cfg_write(0x1e8, (APERTURES >> 32) as u32);
        h.cfg_write(0x1d0, 99);
        h.cfg_write(0x1c8, 9);
        assert_eq!(h.cfg_read(0x1d0), 99);
        for n in [0, 1, 15] {
            let tag = h.tag();
            let c = h.ask(mrd(APERTURES + size * n + 0x3000, 2, 0xf, 0xf, tag), tag);
            assert_eq!((c.completer, c.data), (VF0 + n as u32, vec![0x3156_4d49, n as u32]));
        }
        let tag = h.tag();
        assert_eq!(h.ask(mrd(APERTURES + size * 16, 1, 0xf, 0, tag), tag).status, 1);
        // Neither is writable now.
        h.cfg_write(0x1d0, 1);
        h.cfg_write(0x1e0, 1);
        assert_eq!((h.cfg_read(0x1d0), h.cfg_read(0x1e0)), (99, pages));
    }
}

#[test]
fn memory_enables_of_the_two_kinds_of_functions_are_apart() {
    let mut h = with_functions(&GoldenConfig::default(), 2);
    h.cfg_write(0x04, 4);
    assert_eq!(h.read_of(aperture(1) + 0x3004, VF0 + 1), 1);
    h.cfg_write(0x04, 6);
    h.cfg_write(0x1c8, 0x11);
    let tag = h.tag();
    let c = h.ask(mrd(aperture(1), 1, 0xf, 0, tag), tag);
    assert_eq!((c.status, c.completer), (1, EP_ID));
}

#[test]
fn doorbells_of_functions() {
    let mut h = with_functions(&GoldenConfig::default(), 2);
    h.write16(aperture(1) + 16 * 7, [0xfee0_0000, 0, 0x41, 0]);
    h.write16(aperture(1) + 0x2000 + 16 * 8, [0xfee0_0000, 0, 0x42, 0]);
    h.write(aperture(1) + 0x3008, 7);
    h.write(aperture(1) + 0x3008, 0x108);
    h.set_reg(0xf018, 7);
    assert_eq!(
        messages(&mut h),
        [(VF0 + 1, 0xfee0_0000, 0x41), (VF0 + 1, 0xfee0_0000, 0x42), (VF0 + 1, 0xfee0_0000, 0x41)]
    );
    assert_eq!((h.reg(0xf020), h.reg(0xf024), h.reg(0xf028)), (0x3156_4d49, 2, 0));
    h.set_reg(0xf028, 0x103);
    h.run(20);
    assert_eq!(h.reg(0x1040), error(12, Device, 8192 + 64 * 2 + 3));
}

#[test]
fn gates_are_the_functions_own() {
    let mut h = with_functions(&GoldenConfig::default(), 2);
    h.write16(aperture(1), [0xfee0_0000, 0, 0x41, 0]);
    h.write16(aperture(1) + 0x2000, [0xfee0_0000, 0, 0x42, 0]);
    h.cfg_write(0x04, 2);
    h.cfg_write(0xb0, 0);
    h.raise(Msix, 2048 + 64);
    assert_eq!(messages(&mut h).len(), 1);
    h.cfg_write(0x04, 6);
    h.cfg_write(0xb0, 0x8000_0000);
    for (offset, closed, open) in [(0x04, 0, 4), (0xb0, 0, 0x8000_0000), (0xb0, 0xc000_0000, 0x8000_0000)] {
        vf_write(&mut h, 1, offset, closed);
        h.raise(Msix, 2048 + 64);
        h.raise(Msix, 2048 + 64);
        assert_eq!(messages(&mut h), []);
        assert_eq!(h.read_of(aperture(1) + 0x1000, VF0 + 1), 1);
        vf_write(&mut h, 1, offset, open);
        assert_eq!(messages(&mut h).len(), 1);
    }
}

#[test]
fn a_reset_forgets_one_function_only() {
    let mut h = with_functions(&GoldenConfig::default(), 3);
    for n in 0..3 {
        h.write16(aperture(n), [0xfee0_0000, 0, 0x40 + n as u32, 1]);
        h.raise(Msix, 2048 + 64 * n as u32);
    }
    h.run(40);
    vf_write(&mut h, 1, 0x58, 0x8000);
    h.raise(Msix, 2048 + 64);
    h.run(20);
    assert_eq!(h.reg(0x1040), error(12, Msix, 2048 + 64));
    assert_eq!((vf_read(&mut h, 1, 0x04), vf_read(&mut h, 1, 0xb0)), (0x0010_0000, 0x003f_0011));
    assert_eq!((h.read_of(aperture(1) + 12, VF0 + 1), h.read_of(aperture(1) + 0x1000, VF0 + 1)), (1, 0));
    for n in [0, 2] {
        assert_eq!(h.read_of(aperture(n) + 0x1000, VF0 + n as u32), 1);
        h.write(aperture(n) + 12, 0);
    }
    assert_eq!(messages(&mut h), [(VF0, 0xfee0_0000, 0x40), (VF0 + 2, 0xfee0_0000, 0x42)]);
}

#[test]
fn falling_enable_takes_all_down_and_nothing_waits_for_the_next_rise() {
    let mut h = with_functions(&GoldenConfig::default(), 2);
    h.write16(aperture(1), [0xfee0_0000, 0, 0x41, 1]);
    h.raise(Msix, 2048 + 64);
    h.run(20);
    h.cfg_write(0x1c8, 0);
    let tag = h.tag();
    assert_eq!(h.ask(mrd(aperture(1), 1, 0xf, 0, tag), tag).status, 1);
    h.cfg_write(0x1c8, 9);
    assert_eq!((h.read_of(aperture(1) + 12, VF0 + 1), h.read_of(aperture(1) + 0x1000, VF0 + 1)), (1, 0));
    assert_eq!(vf_read(&mut h, 1, 0x04), 0x0010_0000);
}

#[test]
fn resets_of_the_physical_function_end_them_and_keep_the_hierarchy_bit() {
    for d3hot in [false, true] {
        let mut h = with_functions(&GoldenConfig::default(), 2);
        if d3hot {
            h.cfg_write(0x44, 3);
            h.raise(Msix, 2048);
            h.run(20);
            h.cfg_write(0x44, 0);
        } else {
            h.cfg_write_be(0x58, 0x8000, 2);
        }
        h.run(1000);
        let registers = [0x1c8, 0x1d0, 0x1e0, 0x1e4, 0x1e8].map(|at| h.cfg_read(at));
        assert_eq!(registers, [0x10, 0, 1, 0xc, 0]);
    }
}

#[test]
fn errors_of_a_function_are_its_own() {
    let mut h = with_functions(&GoldenConfig::default(), 2);
    h.cfg_write(0x58, 0x2810 | 0xf);
    let mut poisoned = mwr(aperture(1), 0xf, 0, &[1]);
    poisoned.header[0] |= 1 << 14;
    h.push(poisoned);
    let nonfatal = h.wait(is_message);
    assert_eq!((nonfatal.header[1] >> 16, nonfatal.header[1] & 0xff), (VF0 + 1, 0x31));
    let mut translated = mrd(aperture(0), 1, 0xf, 0, 77);
    translated.header[0] |= 1 << 10;
    let c = h.ask(translated, 77);
    assert_eq!((c.status, c.completer), (1, VF0));
    let correctable = h.wait(is_message);
    assert_eq!((correctable.header[1] >> 16, correctable.header[1] & 0xff), (VF0, 0x30));
    assert_eq!((vf_read(&mut h, 1, 0x58), vf_read(&mut h, 1, 0x04)), (2 << 16, 0x8010_0004));
    assert_eq!((vf_read(&mut h, 0, 0x58), vf_read(&mut h, 0, 0x04)), (9 << 16, 0x0010_0004));
    assert_eq!((h.cfg_read(0x144), h.cfg_read(0x150), h.cfg_read(0x58) >> 16), (0, 0, 0));
    assert_eq!(h.read_of(aperture(1), VF0 + 1), 0);
    // SERR# reports without the others, and says so in the function's Status.
    h.cfg_write(0x58, 0x2810);
    h.cfg_write(0x04, 0x106);
    let mut poisoned = mwr(aperture(1), 0xf, 0, &[1]);
    poisoned.header[0] |= 1 << 14;
    h.push(poisoned);
    h.wait(is_message);
    assert_eq!(vf_read(&mut h, 1, 0x04), 0xc010_0004);
}

#[test]
fn without_virtual_functions_the_list_ends_before_them() {
    let mut h = Hand::ready_with(&GoldenConfig { num_vfs: 0, ..Default::default() });
    assert_eq!((h.cfg_read(0x1a0), h.cfg_read(0x1b0), h.cfg_read(0x1c0)), (0x0001_000f, 0, 0));
    h.cfg_write(0x1c8, 9);
    h.raise(Msix, 2048);
    h.run(20);
    assert_eq!(h.reg(0x1040), error(1, Msix, 2048));
    assert_eq!(h.reg(0xf000), 0);
}

#[test]
fn indices_beyond_the_functions_of_the_build_are_out_of_range() {
    let mut h = with_functions(&GoldenConfig { num_vfs: 2, num_msix: 4, ..Default::default() }, 2);
    for (index, code) in [(4, 1), (2047, 1), (2048 + 128, 1)] {
        h.raise(Msix, index);
        h.run(20);
        assert_eq!(h.reg(0x1040), error(code, Msix, index));
        h.set_reg(0x1040, 1);
        h.run(20);
    }
}
