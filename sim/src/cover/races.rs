// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What happens within a few cycles of a cause. The time of an action is the cycle in which the device took its packet
//! (a fetch: in which it left); the time of a cause that in which the core took it. The state is that before both:
//! masks and enables as the device has been told by packets that it took, pending as causes and messages say.

use super::collector::{Collector, store};
use super::items::Item;
use crate::shadow::Shadow;
use smallvec::SmallVec;
use std::collections::{BTreeMap, VecDeque};
use tlp::Tick;
use vectors::op::Source;

/// Cycles before and after an action within which causes are looked at.
pub const BEFORE: i64 = 8;
/// The same behind it.
pub const AFTER: i64 = 15;
/// The same for the narrow crosses.
pub const NEAR: i64 = 2;

/// Most actions and causes of a test that are noted for those who aim.
const NOTED: usize = 1 << 14;

/// What can happen beside a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Kind {
    Event,
    Mask,
    Unmask,
    FunctionMask,
    Enable,
    Reset,
    Rewrite,
    ReadBack,
    BusMaster,
    Invalidate,
    Disable,
    Fetch,
    Answer,
    InvalidateRequest,
    Services,
}

/// Something that can happen beside a cause, for those who aim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acted {
    /// Step of the vector.
    pub step: u32,
    /// What happened.
    pub kind: Kind,
    /// Index of the source that it concerns, if it is one.
    pub index: Option<u32>,
    /// When.
    pub tick: Tick,
}

/// A cause that the core has taken, for those who aim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caused {
    /// Step of the vector.
    pub step: u32,
    /// Store of its source.
    pub store: usize,
    /// When.
    pub tick: Tick,
}

/// What a packet will do once the device takes it.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Mask bit of an entry.
    Mask(Source, bool),
    /// Message of an entry.
    Rewrite(Source),
    /// Entries of a store from one to another were read.
    ReadBack(usize, u32, u32),
    /// Message Control of MSI-X.
    Msix { enable: bool, function_mask: bool },
    /// Bus Master Enable.
    Master(bool),
    /// A function reset.
    Reset,
    /// Host slots from one to another.
    Invalidate(u32, u32),
    /// Host store on or off.
    HostOn(bool),
    /// Answer to the fetch of a slot.
    Answer(u32),
    /// MSI Enable.
    MsiEnable(bool),
    /// MSI mask bits.
    MsiMask(u32),
    /// MSI address or data.
    MsiRewrite,
    /// MSI mask or pending bits were read.
    MsiReadBack,
    /// Translations are to be forgotten.
    InvalidateRequest,
    /// Address translation services on or off.
    Services(bool),
}

pub(super) type Acts = SmallVec<[Act; 2]>;

/// Whom an action concerns.
#[derive(Clone, Copy, Debug)]
enum Whom {
    One(Source),
    /// A range of a store.
    Range(usize, u32, u32),
    Store(usize),
    All,
    /// MSI vectors of these bits.
    Msi(u32),
}

/// State of a store before an action.
#[derive(Clone, Debug)]
struct Recent {
    tick: Tick,
    kind: Kind,
    whom: Whom,
    enable: bool,
    function_mask: bool,
    /// The mask bit that it changed, as it was.
    mask: Option<bool>,
    /// All mask bits as they were before a reset.
    masks: Option<BTreeMap<Source, bool>>,
}

/// A cause of the recent past.
#[derive(Clone, Copy, Debug)]
struct RecentCause {
    tick: Tick,
    source: Source,
    pending: bool,
}

/// What the device has been told, and the recent past.
#[derive(Clone, Default)]
pub(super) struct Races {
    down: VecDeque<Acts>,
    enable: bool,
    function_mask: bool,
    master: bool,
    host_on: bool,
    services: bool,
    msi_enable: bool,
    msi_mask: u32,
    /// Mask bits of entries in the device that differ from reset.
    masks: BTreeMap<Source, bool>,
    recent: VecDeque<Recent>,
    causes: VecDeque<RecentCause>,
}

/// Index of a source in its store.
pub(super) fn index(s: Source) -> u32 {
    match s {
        Source::Msix(i) | Source::Device(i) | Source::Host(i) | Source::Event(i) | Source::Msi(i) => i,
        Source::VfMsix { .. } | Source::VfDevice { .. } => u32::MAX,
    }
}

impl Whom {
    fn concerns(self, s: Source) -> bool {
        match self {
            Whom::One(one) => one == s,
            Whom::Range(of, first, last) => of == store(s) && (first..=last).contains(&index(s)),
            Whom::Store(of) => of == store(s),
            Whom::All => true,
            Whom::Msi(bits) => matches!(s, Source::Msi(v) if bits >> (v & 31) & 1 == 1),
        }
    }
}

/// What can happen beside a cause of a store, in the order of the axes: MSI-X, device slots, host slots, MSI. The
/// narrow axis of MSI-X ends ahead of Bus Master Enable.
pub fn kinds(store: usize) -> &'static [Kind] {
    use Kind::{
        Answer, BusMaster, Disable, Enable, Event, Fetch, FunctionMask, Invalidate, Mask, ReadBack, Reset, Rewrite,
        Unmask,
    };
    match store {
        0 => &[Event, Mask, Unmask, FunctionMask, Enable, Reset, Rewrite, ReadBack, BusMaster],
        1 => &[Event, Mask, Unmask, Rewrite, ReadBack, Reset, BusMaster],
        2 => &[Event, Invalidate, Disable, Fetch, Answer, Reset, BusMaster],
        _ => &[Event, Mask, Unmask, Enable, Rewrite, ReadBack],
    }
}

/// What can happen beside a cause of a host slot where addresses are translated, in the order of the axis.
pub const TRANSLATION: [Kind; 2] = [Kind::InvalidateRequest, Kind::Services];

/// Numbers of an action on the axes of a store's items, if it is there: narrow and wide alike.
fn action(kind: Kind, s: Source) -> Option<usize> {
    match s {
        Source::Msix(_) | Source::Device(_) | Source::Host(_) | Source::Msi(_) => {
            kinds(store(s)).iter().position(|k| *k == kind)
        }
        Source::Event(_) | Source::VfMsix { .. } | Source::VfDevice { .. } => None,
    }
}

impl Races {
    /// A packet was put on its way; it does this when it is taken.
    pub fn sent(&mut self, acts: Acts) {
        self.down.push_back(acts);
    }

    /// The next packet was taken.
    pub fn next_taken(&mut self) -> Acts {
        self.down.pop_front().unwrap_or_default()
    }

    /// A reset from outside: all is as after power-on, packets on their way are gone.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn masked(&self, s: Source) -> bool {
        match s {
            Source::Msi(v) => self.msi_mask >> (v & 31) & 1 == 1,
            _ => self.masks.get(&s).copied().unwrap_or(true),
        }
    }

    fn forget(&mut self, now: Tick) {
        while self.recent.front().is_some_and(|r| now.saturating_sub(r.tick) as i64 > AFTER) {
            self.recent.pop_front();
        }
        while self.causes.front().is_some_and(|c| now.saturating_sub(c.tick) as i64 > AFTER.max(BEFORE)) {
            self.causes.pop_front();
        }
    }
}

impl Collector {
    /// What a packet asks for happens now.
    pub(super) fn act(&mut self, tick: Tick, act: Act, shadow: &mut Shadow) {
        let r = &mut self.races;
        match act {
            Act::Mask(s, on) => {
                let was = r.masked(s);
                let kind = if on { Kind::Mask } else { Kind::Unmask };
                self.happened(tick, kind, Whom::One(s), Some(was), None, shadow);
                self.races.masks.insert(s, on);
            }
            Act::Rewrite(s) => self.happened(tick, Kind::Rewrite, Whom::One(s), None, None, shadow),
            Act::ReadBack(of, first, last) => {
                self.happened(tick, Kind::ReadBack, Whom::Range(of, first, last), None, None, shadow);
            }
            Act::Msix { enable, function_mask } => {
                let (e, f) = (r.enable, r.function_mask);
                if f != function_mask {
                    self.happened(tick, Kind::FunctionMask, Whom::Store(0), None, None, shadow);
                }
                if e != enable {
                    self.happened(tick, Kind::Enable, Whom::Store(0), None, None, shadow);
                }
                (self.races.enable, self.races.function_mask) = (enable, function_mask);
            }
            Act::Master(on) => {
                if r.master != on {
                    self.happened(tick, Kind::BusMaster, Whom::All, None, None, shadow);
                }
                self.races.master = on;
            }
            Act::HostOn(on) => {
                if r.host_on && !on {
                    self.happened(tick, Kind::Disable, Whom::Store(2), None, None, shadow);
                }
                self.races.host_on = on;
            }
            Act::Reset => {
                let masks = r.masks.clone();
                self.happened(tick, Kind::Reset, Whom::All, None, Some(masks), shadow);
                let r = &mut self.races;
                (r.enable, r.function_mask, r.master, r.host_on) = (false, false, false, false);
                (r.msi_enable, r.msi_mask, r.services) = (false, 0, false);
                r.masks.clear();
            }
            Act::Invalidate(first, last) => {
                self.happened(tick, Kind::Invalidate, Whom::Range(2, first, last), None, None, shadow);
            }
            Act::Answer(slot) => {
                self.happened(tick, Kind::Answer, Whom::One(Source::Host(slot)), None, None, shadow);
            }
            Act::MsiEnable(on) => {
                if r.msi_enable != on {
                    self.happened(tick, Kind::Enable, Whom::Msi(!0), None, None, shadow);
                }
                self.races.msi_enable = on;
            }
            Act::MsiMask(bits) => {
                let (up, down) = (bits & !r.msi_mask, r.msi_mask & !bits);
                if up != 0 {
                    self.happened(tick, Kind::Mask, Whom::Msi(up), Some(false), None, shadow);
                }
                if down != 0 {
                    self.happened(tick, Kind::Unmask, Whom::Msi(down), Some(true), None, shadow);
                }
                self.races.msi_mask = bits;
            }
            Act::MsiRewrite => self.happened(tick, Kind::Rewrite, Whom::Msi(!0), None, None, shadow),
            Act::InvalidateRequest => {
                self.happened(tick, Kind::InvalidateRequest, Whom::Store(2), None, None, shadow);
            }
            Act::Services(on) => {
                if r.services != on {
                    self.happened(tick, Kind::Services, Whom::Store(2), None, None, shadow);
                }
                self.races.services = on;
            }
            Act::MsiReadBack => self.happened(tick, Kind::ReadBack, Whom::Msi(!0), None, None, shadow),
        }
    }

    /// A slot is being fetched.
    pub(super) fn fetched(&mut self, tick: Tick, slot: u32, shadow: &mut Shadow) {
        self.happened(tick, Kind::Fetch, Whom::One(Source::Host(slot)), None, None, shadow);
    }

    fn happened(
        &mut self,
        tick: Tick,
        kind: Kind,
        whom: Whom,
        mask: Option<bool>,
        masks: Option<BTreeMap<Source, bool>>,
        shadow: &mut Shadow,
    ) {
        if self.acted.len() < NOTED {
            let one = if let Whom::One(s) = whom { Some(index(s)) } else { None };
            self.acted.push(Acted { step: self.step, kind, index: one, tick });
        }
        let r = &mut self.races;
        r.forget(tick);
        let recent = Recent { tick, kind, whom, enable: r.enable, function_mask: r.function_mask, mask, masks };
        let causes: SmallVec<[RecentCause; 8]> = r
            .causes
            .iter()
            .filter(|c| tick.saturating_sub(c.tick) as i64 <= BEFORE && whom.concerns(c.source))
            .copied()
            .collect();
        for c in causes {
            // The cause came first, or in the same cycle: the state is the one that it found.
            self.pair(tick, &recent, c.source, c.pending, c.tick as i64 - tick as i64, shadow);
        }
        self.races.recent.push_back(recent);
    }

    /// A cause of a source: beside which actions?
    pub(super) fn races_of_cause(&mut self, tick: Tick, s: Source, pending: bool, shadow: &mut Shadow) {
        if self.caused.len() < NOTED {
            self.caused.push(Caused { step: self.step, store: store(s), tick });
        }
        self.races.forget(tick);
        let r = &self.races;
        let before = r.causes.iter().rev().find(|c| c.source == s && c.tick < tick).copied();
        let recent: SmallVec<[Recent; 4]> = r.recent.iter().filter(|a| a.whom.concerns(s)).cloned().collect();
        for a in recent {
            // Pending before the action: as the first cause behind it found the source.
            let first = self.races.causes.iter().find(|c| c.source == s && c.tick > a.tick);
            let pending = first.map_or(pending, |c| c.pending);
            self.pair(tick, &a, s, pending, tick as i64 - a.tick as i64, shadow);
        }
        if let Some(c) = before {
            let r = &self.races;
            let event = Recent {
                tick: c.tick,
                kind: Kind::Event,
                whom: Whom::One(s),
                enable: r.enable,
                function_mask: r.function_mask,
                mask: None,
                masks: None,
            };
            self.pair(tick, &event, s, c.pending, tick as i64 - c.tick as i64, shadow);
        }
        self.races.causes.push_back(RecentCause { tick, source: s, pending });
    }

    fn pair(&mut self, tick: Tick, a: &Recent, s: Source, pending: bool, distance: i64, shadow: &mut Shadow) {
        if !(-BEFORE..=AFTER).contains(&distance) {
            return;
        }
        let wide = (distance + BEFORE) as usize;
        if let (Some(action), Source::Host(_)) = (TRANSLATION.iter().position(|k| *k == a.kind), s) {
            self.hit(tick, Item::ats_race_wide, &[action, wide]);
        }
        let Some(action) = action(a.kind, s) else { return };
        let masked = match (a.mask, &a.masks, s) {
            (_, _, Source::Host(_)) => Self::masked(shadow, s),
            (Some(mask), ..) => mask,
            (None, Some(masks), _) => masks.get(&s).copied().unwrap_or(true),
            (None, None, _) => self.races.masked(s),
        };
        let (m, p) = (usize::from(masked), usize::from(pending));
        let near = (-NEAR..=NEAR).contains(&distance).then(|| (distance + NEAR) as usize);
        match s {
            Source::Msix(_) => {
                self.hit(tick, Item::msix_race_wide, &[action, wide]);
                if let Some(near) = near.filter(|_| action < 8) {
                    let (e, f) = (usize::from(a.enable), usize::from(a.function_mask));
                    self.hit(tick, Item::msix_race, &[e, f, m, p, action, near]);
                }
            }
            Source::Device(_) => {
                self.hit(tick, Item::device_race_wide, &[action, wide]);
                if let Some(near) = near {
                    self.hit(tick, Item::device_race, &[m, p, action, near]);
                }
            }
            Source::Host(_) => {
                self.hit(tick, Item::host_race_wide, &[action, wide]);
                if let Some(near) = near {
                    self.hit(tick, Item::host_race, &[m, p, action, near]);
                }
            }
            Source::Msi(_) => {
                if let Some(near) = near {
                    self.hit(tick, Item::msi_race, &[m, p, action, near]);
                }
            }
            Source::Event(_) | Source::VfMsix { .. } | Source::VfDevice { .. } => {}
        }
    }
}
