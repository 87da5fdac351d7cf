// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The shape that a bin needs. Bins whose needs go together share one shape, and with it one state to go on from.

use super::functions::NUMBERS;
use crate::cover::Item;
use crate::direct::shape::{Mode, Remap, Shape, Translation};
use vectors::op::{Completions, Credits, EntryCache, Source};

/// What a shape begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// All stores, MSI-X.
    Full,
    /// As little as shows the machine: two device slots. Bringing MSI-X up writes the whole table.
    Small,
    /// MSI, or INTx.
    Events,
    /// Virtual functions.
    Functions,
    /// All stores, and translated addresses of host slots.
    Translation,
}

/// Sources of each store that are connected and open in a full shape.
pub const HOT: u32 = 8;

/// What the shape of a bin begins with.
pub fn base(item: Item, v: &[usize]) -> Base {
    match item {
        Item::cpus | Item::arrival_cpu | Item::apic_mode | Item::entry_cache | Item::boundary => Base::Small,
        Item::remapping | Item::arrival_path | Item::stores_live | Item::credit_window => Base::Small,
        Item::event_mode | Item::event_form if v[0] < 2 => Base::Events,
        Item::msi_granted | Item::msi_raised | Item::msi_race | Item::intx_wire => Base::Events,
        Item::message_sender | Item::message_latency | Item::merged_causes if v[0] == 3 => Base::Events,
        Item::message_order if v.contains(&3) && !v.contains(&0) => Base::Events,
        Item::vf_there | Item::vf_number | Item::vf_source | Item::vf_state | Item::vf_gate => Base::Functions,
        Item::vf_withdrawn | Item::vf_sender | Item::vf_neighbour | Item::vf_reset => Base::Functions,
        Item::vf_reset_then | Item::vf_disable | Item::vf_count | Item::vf_config => Base::Functions,
        Item::vf_master_write | Item::vf_control_write | Item::vf_access | Item::vf_error => Base::Functions,
        Item::ats_answer | Item::ats_read | Item::ats_cause | Item::ats_requests | Item::ats_given => Base::Translation,
        Item::ats_switch | Item::ats_invalidate | Item::ats_awaited | Item::ats_waiting => Base::Translation,
        Item::ats_done | Item::ats_reset | Item::ats_race_wide => Base::Translation,
        Item::up_kind | Item::up_pair if v.iter().any(|x| *x >= 10) => Base::Translation,
        Item::up_digest if v[0] >= 10 => Base::Translation,
        _ => Base::Full,
    }
}

/// The shape of a base.
pub fn plain(base: Base) -> Shape {
    let hot = |of: fn(u32) -> Source| (0..HOT).map(of);
    let mut s = Shape::default();
    match base {
        Base::Full => {
            (s.mode, s.slots) = (Mode::Msix(16), 4096);
            s.sources = hot(Source::Msix).chain(hot(Source::Device)).chain(hot(Source::Host)).collect();
        }
        Base::Translation => {
            (s.mode, s.slots, s.translation) = (Mode::Msix(16), 32 * 256, Translation::Mapped);
            s.sources = hot(Source::Msix).chain(hot(Source::Device)).chain(hot(Source::Host)).collect();
        }
        Base::Small => {
            (s.mode, s.slots) = (Mode::Intx, 0);
            s.sources = vec![Source::Device(0), Source::Device(1)];
        }
        Base::Events => {
            s.slots = 64;
            msi(&mut s, 4);
        }
        Base::Functions => {
            s.slots = 0;
            functions(&mut s, 16);
        }
    }
    s
}

fn msi(s: &mut Shape, vectors: u32) {
    s.mode = Mode::Msi(vectors);
    s.sources =
        (0..4).flat_map(|k| [Source::Device(k), Source::Host(k)]).chain((0..vectors).map(Source::Msi)).collect();
}

fn functions(s: &mut Shape, count: u32) {
    s.functions = count;
    s.sources = (0..2).map(Source::Msix).collect();
    for vf in NUMBERS.into_iter().filter(|vf| *vf < count) {
        s.sources.extend((0..2).flat_map(|k| [Source::VfMsix { vf, k }, Source::VfDevice { vf, k }]));
    }
}

fn intx(s: &mut Shape) {
    s.mode = Mode::Intx;
    s.sources = (0..4).flat_map(|k| [Source::Device(k), Source::Host(k)]).collect();
}

/// Changes a shape into one that the bin needs; none: it needs no change.
pub fn adapt(item: Item, v: &[usize], s: &mut Shape) {
    match item {
        Item::cpus => s.host.cpus = [1, 2, 4, 8][v[0]],
        Item::arrival_cpu if v[0] > 1 => s.host.cpus = 8,
        Item::apic_mode => s.host.x2apic = v[0] == 1,
        Item::entry_cache => {
            s.host.entry_cache = [EntryCache::None, EntryCache::Lines(4), EntryCache::Unlimited][v[0]];
        }
        Item::boundary => s.host.rcb = [64, 128][v[0]],
        Item::remapping | Item::arrival_path => {
            s.remap = [Remap::Off, Remap::On, Remap::Compatibility, Remap::Extended][v[0]];
            if s.remap == Remap::Extended {
                s.host.x2apic = true;
            }
        }
        Item::stores_live => {
            s.mode = if v[0] == 1 { Mode::Msix(8) } else { Mode::Intx };
            s.slots = 64 * v[2] as u32;
            s.remap = if v[3] == 1 { Remap::On } else { Remap::Off };
            s.sources = if v[1] == 1 { vec![Source::Device(0), Source::Device(1)] } else { Vec::new() };
        }
        Item::credit_window => {
            let n = [None, Some(1), Some(3), Some(6), Some(12)][v[1]];
            let c: &mut Credits = &mut s.host.credits;
            match v[0] {
                0 => c.ph = n.map(|n| n as u8),
                1 => c.pd = n,
                2 => c.nph = n.map(|n| n as u8),
                3 => c.cplh = n.map(|n| n as u8),
                _ => c.cpld = n,
            }
        }
        Item::arrival_time => s.host.remap_delay = [1u64 << v[0].min(8); 2],
        Item::reset_load if v[2] == 1 => s.host.remap_delay = [200, 200],
        Item::event_mode | Item::event_form if v[0] == 0 => intx(s),
        Item::intx_wire => intx(s),
        Item::event_mode if v[0] == 1 => msi(s, 4),
        Item::event_form if v[0] == 1 => msi(s, [1, 4, 16, 32][v[1]]),
        Item::msi_granted | Item::msi_raised => msi(s, 1 << v[0]),
        Item::msi_race => msi(s, 32),
        Item::message_sender | Item::message_latency | Item::merged_causes if v[0] == 3 => msi(s, 4),
        Item::message_order if v.contains(&3) && !v.contains(&0) => msi(s, 4),
        Item::vf_there if v[1] == 0 => functions(s, 4),
        Item::vf_count => functions(s, [1, 2, 4, 8, 16][v[0]]),
        Item::completion_policy => s.host.completions = Completions::default(),
        _ => {}
    }
}

/// Whether a bin can be led to from a machine of this shape.
pub fn fits(item: Item, v: &[usize], s: &Shape) -> bool {
    let mut t = s.clone();
    adapt(item, v, &mut t);
    t == *s
}

/// One shape for the first of these bins and for as many others as go with it. What needs no change of its base does
/// not ask for a shape of its own.
pub fn joint(bins: &[(Item, Vec<usize>)]) -> (Base, Shape) {
    let Some((item, v)) = bins.first() else { return (Base::Full, plain(Base::Full)) };
    let base = base(*item, v);
    let mut s = plain(base);
    if fits(*item, v, &s) {
        return (base, s);
    }
    adapt(*item, v, &mut s);
    let mut chosen = vec![(item, v)];
    for (item, v) in bins {
        if self::base(*item, v) != base || fits(*item, v, &plain(base)) {
            continue;
        }
        let mut t = s.clone();
        adapt(*item, v, &mut t);
        if chosen.iter().all(|(item, v)| fits(**item, v, &t)) {
            s = t;
            chosen.push((item, v));
        }
    }
    (base, s)
}
