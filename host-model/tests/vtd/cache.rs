// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The interrupt entry cache and its invalidation: staleness is visible, and ends.

use crate::bench::*;
use host_model::remap::vtd::{Cache, VtdConfig};

fn with(cache: Cache) -> VtdConfig {
    VtdConfig { cache, ..VtdConfig::default() }
}

/// The vector that entry `index` has for the unit; 0 when it blocks.
fn seen(b: &mut Bench, index: u16) -> u8 {
    match b.fire(index) {
        Fate::Delivered(i, m) => {
            assert_eq!(i, Some(index.into()));
            m.vector
        }
        Fate::Blocked(..) => 0,
    }
}

#[test]
fn f15_a_modified_entry_keeps_its_old_effect_until_invalidated() {
    let mut b = Bench::running(with(Cache::Unlimited), 3, false);
    b.set_entry(3, irte(0x41, 0x100));
    assert_eq!(seen(&mut b, 3), 0x41);
    b.set_entry(3, irte(0x52, 0x200));
    for _ in 0..10 {
        assert_eq!(b.fire(3), Fate::Delivered(Some(3), message(0x41, 1)), "all old, no mix");
    }
    b.submit_sync(&[iec(3, 0)]);
    assert_eq!(b.fire(3), Fate::Delivered(Some(3), message(0x52, 2)));
    // Even an entry that was taken away lives on.
    b.set_entry(3, 0);
    assert_eq!(seen(&mut b, 3), 0x52);
    b.submit_sync(&[iec(3, 0)]);
    assert_eq!(seen(&mut b, 3), 0);
}

#[test]
fn without_a_cache_a_change_is_seen_at_once() {
    let mut b = Bench::running(with(Cache::None), 0, false);
    for vector in [0x41, 0x52, 0x63] {
        b.set_entry(0, irte(vector, 0));
        assert_eq!(seen(&mut b, 0), vector);
    }
}

/// P 0→1 needs no invalidation unless CAP.CM says that absence is cached.
#[test]
fn absence_and_errors_are_cached_in_caching_mode_alone() {
    for cm in [false, true] {
        let mut b = Bench::running(VtdConfig { caching_mode: cm, ..VtdConfig::default() }, 3, false);
        assert_eq!(b.r64(0x08) >> 7 & 1, u64::from(cm), "CAP.CM");
        // Not present; reserved bit; xAPIC destination out of place.
        for (i, bad) in [(1u16, 0u128), (2, irte(0x40, 0) | 1 << 90), (3, irte(0x40, 0x1_0000))] {
            b.set_entry(i.into(), bad);
            assert_eq!(seen(&mut b, i), 0);
            b.set_entry(i.into(), irte(0x44, 0));
            assert_eq!(seen(&mut b, i), if cm { 0 } else { 0x44 }, "CM={cm} entry {i}");
            b.submit_sync(&[iec(i, 0)]);
            assert_eq!(seen(&mut b, i), 0x44);
        }
    }
}

/// A wrong requester says nothing about the entry, which is cached.
#[test]
fn a_source_mismatch_leaves_a_cached_entry() {
    let mut b = Bench::running(with(Cache::Unlimited), 0, false);
    b.set_entry(0, with_source(irte(0x41, 0), 1, 0, !RID));
    assert_eq!(reason(b.fire(0)), Some(0x26));
    b.set_entry(0, irte(0x52, 0));
    assert_eq!(reason(b.fire(0)), Some(0x26));
}

#[test]
fn lines_are_replaced_least_recently_used_first() {
    let mut b = Bench::running(with(Cache::Lines(2)), 3, false);
    for i in 0..4 {
        b.set_entry(i, irte(0x41, 0));
    }
    for i in [0, 1, 0, 2] {
        seen(&mut b, i);
    }
    for i in 0..4 {
        b.set_entry(i, irte(0x52, 0));
    }
    // 0 and 2 are cached; 1 made room for 2.
    assert_eq!(seen(&mut b, 0), 0x41);
    assert_eq!(seen(&mut b, 2), 0x41);
    assert_eq!(seen(&mut b, 1), 0x52);
    // Which in turn took the place of 0.
    assert_eq!(seen(&mut b, 2), 0x41);
    assert_eq!(seen(&mut b, 0), 0x52);
}

/// IM low bits of IIDX do not count: the block is 2^IM entries, aligned. Everything
/// inside is read again, everything else stays.
#[test]
fn f16_index_selective_invalidation_drops_exactly_its_block() {
    let mut b = Bench::running(with(Cache::Unlimited), 15, true);
    for im in 0..16u8 {
        for base in [0x0000u16, 0x0001, 0x5a5a, 0x7fff, 0x8000, 0xabcd, 0xffff] {
            let first = (u32::from(base) >> im) << im;
            let last = first + (1 << im) - 1;
            // The borders of the block from both sides, its middle, and far away.
            let mut probes: Vec<u16> = [0, 0xffff, 0x1234, base.into(), first, last, (first + last) / 2]
                .into_iter()
                .chain([first.wrapping_sub(1) & 0xffff, (last + 1) & 0xffff])
                .map(|i| i as u16)
                .collect();
            probes.sort_unstable();
            probes.dedup();
            for &i in &probes {
                b.set_entry(i.into(), irte(0x41, 0));
            }
            b.submit_sync(&[IEC_GLOBAL]);
            for &i in &probes {
                assert_eq!(seen(&mut b, i), 0x41);
                b.set_entry(i.into(), irte(0x52, 0));
            }
            b.submit_sync(&[iec(base, im)]);
            for &i in &probes {
                let inside = (first..=last).contains(&i.into());
                assert_eq!(seen(&mut b, i), if inside { 0x52 } else { 0x41 }, "IM={im} IIDX={base:#x} index {i:#x}");
            }
        }
    }
}

/// All 64 entries of a small table, every IIDX, every IM that matters there.
#[test]
fn f16_small_world_exhaustively() {
    let mut b = Bench::running(with(Cache::Unlimited), 5, false);
    for im in 0..=6u8 {
        for iidx in 0..64u16 {
            for i in 0..64 {
                b.set_entry(i, irte(0x41, 0));
            }
            b.submit_sync(&[IEC_GLOBAL]);
            for i in 0..64 {
                seen(&mut b, i);
                b.set_entry(i.into(), irte(0x52, 0));
            }
            b.submit_sync(&[iec(iidx, im)]);
            for i in 0..64u16 {
                let inside = i >> im == iidx >> im;
                assert_eq!(seen(&mut b, i), if inside { 0x52 } else { 0x41 }, "IM={im} IIDX={iidx} index {i}");
            }
        }
    }
}

/// G=0 is global whatever IM and IIDX hold.
#[test]
fn f17_global_invalidation_drops_everything() {
    let mut b = Bench::running(with(Cache::Unlimited), 15, true);
    let probes = [0u16, 1, 0x7fff, 0x8000, 0xffff];
    for descriptor in [IEC_GLOBAL, iec(0x8000, 0) & !0x10, iec(3, 31) & !0x10] {
        for &i in &probes {
            b.set_entry(i.into(), irte(0x41, 0));
        }
        b.submit_sync(&[IEC_GLOBAL]);
        for &i in &probes {
            assert_eq!(seen(&mut b, i), 0x41);
            b.set_entry(i.into(), irte(0x52, 0));
        }
        b.submit_sync(&[descriptor]);
        for &i in &probes {
            assert_eq!(seen(&mut b, i), 0x52);
        }
    }
}

/// An invalidation that is queued but not submitted, or aimed elsewhere, ends nothing.
#[test]
fn the_wrong_invalidation_does_not_help() {
    let mut b = Bench::running(with(Cache::Unlimited), 3, false);
    b.set_entry(6, irte(0x41, 0));
    seen(&mut b, 6);
    b.set_entry(6, irte(0x52, 0));
    b.submit_sync(&[iec(5, 0), iec(7, 0), iec(4, 1), iec(8, 2), 1 | 1 << 4, 2 | 1 << 4]);
    assert_eq!(seen(&mut b, 6), 0x41);
    b.place(&[iec(6, 0)]);
    b.step();
    assert_eq!(seen(&mut b, 6), 0x41);
    b.ring();
    b.step();
    assert_eq!(seen(&mut b, 6), 0x52);
}

/// [VT-d CAP.ESIRTPS]: with it, setting the table pointer flushes; without, the old
/// table's entries live on until the global invalidation that software owes.
#[test]
fn f36_the_table_pointer_and_the_cache() {
    for esirtps in [false, true] {
        let mut b = Bench::running(VtdConfig { esirtps, ..VtdConfig::default() }, 3, false);
        assert_eq!(b.r64(0x08) >> 62 & 1, u64::from(esirtps), "CAP.ESIRTPS");
        b.set_entry(1, irte(0x41, 0));
        assert_eq!(seen(&mut b, 1), 0x41);
        let second = TABLE + 0x10_0000;
        b.mem.write_u128(second + 16, irte(0x52, 0)).unwrap();
        b.mem.write_u128(second + 32, irte(0x53, 0)).unwrap();
        b.set_table(second, 3, false);
        assert_eq!(seen(&mut b, 2), 0x53, "an entry that was not cached comes from the new table");
        assert_eq!(seen(&mut b, 1), if esirtps { 0x52 } else { 0x41 });
        b.submit_sync(&[IEC_GLOBAL]);
        assert_eq!(seen(&mut b, 1), 0x52);
    }
}
