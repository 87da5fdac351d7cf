// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Coverage of packets, both ways: kinds, order, regions, answers, and what they will do when the device takes them.

use super::axes::{log2, log2_from_1, step};
use super::collector::Collector;
use super::items::Item;
use super::races::{Act, Acts};
use crate::bench::decode::{Common, Decoded};
use crate::shadow::{Shadow, Who};
use std::collections::{BTreeMap, VecDeque};
use tlp::{Packet, Tick};
use vectors::op::Source;
use vectors::regs;

/// A packet of the device, in the order of the axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Up {
    #[default]
    Message,
    Record,
    Fetch,
    Answer,
    AnswerData,
    ErrorMessage,
    Intx,
    WorkRead,
    WorkWrite,
    DoneWord,
    TranslationRequest,
    InvalidateCompletion,
}

/// What is kept of packets.
#[derive(Clone, Default)]
pub(super) struct Traffic {
    before_down: Option<usize>,
    /// Kinds of packets that the device has yet to take.
    queue: VecDeque<usize>,
    last_taken: Option<Tick>,
    before_up: Option<(usize, Tick)>,
    /// What the packet under way turned out to be.
    pub up: Option<Up>,
    run: u64,
    asked: BTreeMap<u16, Tick>,
    /// Fetches outstanding, by tag: since when, and of which slot.
    pub fetches: BTreeMap<u16, (Tick, u32)>,
    /// Slots and when they were fetched last.
    pub fetched: BTreeMap<u32, Tick>,
    d3: bool,
    by_power: bool,
}

const DEVCTL: u32 = regs::CAP_PCIE_OFFSET + 8;
const PMCSR: u32 = regs::CAP_PM_OFFSET + 4;
const MSI: u32 = regs::CAP_MSI_OFFSET;
const MSIX: u32 = regs::CAP_MSIX_OFFSET;
const ATS: u32 = regs::CAP_ATS_OFFSET + 4;

/// Close in time: the device has no pause between them.
const CLOSE: Tick = 4;

/// Number of a configuration register's region on its axis.
fn config_region(register: u32) -> usize {
    let within = |base: u32, len: u32| (base..base + len).contains(&register);
    match register {
        0x00 | 0x08 => 0,
        0x04 => 1,
        0x10..=0x24 => 2,
        0x0c | 0x28..=0x3c => 3,
        r if within(regs::CAP_PM_OFFSET, 8) && r < 0x50 => 4,
        _ if within(regs::CAP_PCIE_OFFSET, 0x3c) => 5,
        _ if within(MSI, 0x18) => 6,
        _ if within(MSIX, 12) => 7,
        0x140..=0x17f => 8,
        _ if within(regs::CAP_PASID_OFFSET, 8) => 9,
        0x100..=0x13f => 10,
        _ => 11,
    }
}

/// Number of a region of memory on its axis.
fn region(hit: Option<(u8, u64)>) -> usize {
    match hit {
        Some((0, _)) => 0,
        Some((1, _)) => 1,
        Some((2, at)) => 2 + usize::from(at >= u64::from(regs::WIN_MSIX_PBA_OFFSET)),
        Some((4, at)) => 4 + usize::from(at >= u64::from(regs::WIN_HOST_PENDING_OFFSET)),
        _ => 6,
    }
}

impl Collector {
    /// A packet goes to the device; the shadow has taken note of it.
    pub fn down(&mut self, tick: Tick, p: &Packet, c: &Common, what: &Decoded, shadow: &mut Shadow) {
        let mut acts = Acts::new();
        let kind = match what {
            Decoded::Config { write, register, be, .. } if self.of_function(what, shadow) => {
                let value = write.then(|| p.data.first().copied().unwrap_or(0));
                self.vf_config(tick, u32::from(*register), *be, value, c.ep);
                self.traffic.asked.insert(c.tag, tick);
                usize::from(*write)
            }
            Decoded::Memory { write, address, .. } if self.of_function(what, shadow) => {
                if let Some((Who::Virtual(_), _, offset)) = shadow.address_target(*address) {
                    self.vf_memory(tick, offset, *write, c.ep, c.at);
                }
                if !*write {
                    self.traffic.asked.insert(c.tag, tick);
                }
                2 + usize::from(*write)
            }
            Decoded::Config { write, register, be, .. } => {
                let (region, w) = (config_region(u32::from(*register)), usize::from(*write));
                self.hit(tick, Item::config_access, &[region, w]);
                self.hit(tick, Item::config_enables, &[w, usize::from(*be)]);
                if *write && c.ep {
                    self.refused(tick, 7);
                } else if *write {
                    self.config_write(tick, u32::from(*register), *be, p.data.first().copied().unwrap_or(0), &mut acts);
                }
                if !*write && (MSI + 0x10..MSI + 0x18).contains(&u32::from(*register)) {
                    acts.push(Act::MsiReadBack);
                }
                self.traffic.asked.insert(c.tag, tick);
                w
            }
            Decoded::Memory { write, address, be, .. } => {
                let at = shadow.config.hit(*address).filter(|_| shadow.config.memory_enabled());
                let (w, words) = (usize::from(*write), step(u64::from(c.length), &[1, 2, 4]));
                self.hit(tick, Item::region_access, &[region(at), w, words]);
                if c.length == 1 {
                    self.hit(tick, Item::memory_enables, &[w, usize::from(be.0)]);
                }
                if !*write {
                    self.hit(tick, Item::read_words, &[words]);
                    self.traffic.asked.insert(c.tag, tick);
                }
                let short = p.data.len() as u32 - u32::from(c.td && !p.data.is_empty()) != c.length;
                match at {
                    None if !shadow.resetting => self.refused(tick, 2),
                    _ if *write && short => self.refused(tick, 1),
                    _ if c.ep => self.refused(tick, 5),
                    Some((bar, offset)) if !shadow.resetting => {
                        self.memory_acts(tick, (bar, offset), *write, c.length, *be, &p.data, &mut acts);
                    }
                    _ => {}
                }
                2 + w
            }
            Decoded::Completion { status, data, byte_count, .. } => {
                self.answer(tick, c, (*status, *data, *byte_count), &p.data, &mut acts);
                4 + usize::from(*data)
            }
            Decoded::Message { .. } if super::ats::is_invalidate(p, c, what, shadow) => {
                self.invalidate_request(tick, p, shadow);
                acts.push(Act::InvalidateRequest);
                6
            }
            Decoded::Message { .. } => {
                self.refused(tick, 4);
                6
            }
            Decoded::OtherNonPosted { .. } => {
                self.refused(tick, 3);
                self.traffic.asked.insert(c.tag, tick);
                6
            }
            Decoded::Undefined => {
                self.refused(tick, 0);
                6
            }
        };
        self.hit(tick, Item::down_kind, &[kind]);
        if let Some(before) = self.traffic.before_down.replace(kind) {
            self.hit(tick, Item::down_pair, &[before, kind]);
        }
        self.traffic.queue.push_back(kind);
        self.races.sent(acts);
    }

    /// Whether a request is for a virtual function.
    fn of_function(&self, what: &Decoded, shadow: &Shadow) -> bool {
        match what {
            Decoded::Config { target, .. } => matches!(shadow.config_target(*target), Some(Who::Virtual(_))),
            Decoded::Memory { address, .. } => {
                matches!(shadow.address_target(*address), Some((Who::Virtual(_), ..)))
            }
            _ => false,
        }
    }

    fn refused(&mut self, tick: Tick, kind: usize) {
        let owed = usize::from(!self.waiting.is_empty());
        self.hit(tick, Item::refused_kind, &[kind]);
        self.hit(tick, Item::refused_owed, &[kind, owed]);
        let reporting = usize::from(self.around.reporting);
        self.hit(tick, Item::refused_reporting, &[kind, reporting]);
    }

    fn config_write(&mut self, tick: Tick, register: u32, be: u8, value: u32, acts: &mut Acts) {
        match register {
            4 if be & 1 == 1 => {
                let on = value >> 2 & 1 == 1;
                self.hit(tick, Item::master_write, &[usize::from(on)]);
                acts.push(Act::Master(on));
            }
            DEVCTL if be & 2 == 2 && value >> 15 & 1 == 1 => {
                self.traffic.by_power = false;
                acts.push(Act::Reset);
            }
            PMCSR if be & 1 == 1 => match value & 3 {
                3 => self.traffic.d3 = true,
                0 if std::mem::take(&mut self.traffic.d3) => {
                    self.traffic.by_power = true;
                    acts.push(Act::Reset);
                }
                _ => {}
            },
            MSIX if be >> 3 & 1 == 1 => {
                let (enable, function_mask) = (value >> 31 == 1, value >> 30 & 1 == 1);
                self.hit(tick, Item::enable_write, &[usize::from(enable)]);
                self.hit(tick, Item::function_mask_write, &[usize::from(function_mask)]);
                acts.push(Act::Msix { enable, function_mask });
            }
            ATS if be >> 3 & 1 == 1 => {
                self.services_switched(tick, value >> 31 == 1);
                acts.push(Act::Services(value >> 31 == 1));
            }
            MSI if be >> 2 & 1 == 1 => acts.push(Act::MsiEnable(value >> 16 & 1 == 1)),
            r if (MSI + 4..MSI + 0x10).contains(&r) => acts.push(Act::MsiRewrite),
            r if r == MSI + 0x10 && be == 0xf => acts.push(Act::MsiMask(value)),
            _ => {}
        }
    }

    /// What an access to memory means to entries.
    #[allow(clippy::too_many_arguments)] // The fields of a packet.
    fn memory_acts(
        &mut self,
        tick: Tick,
        (bar, offset): (u8, u64),
        write: bool,
        length: u32,
        be: (u8, u8),
        data: &[u32],
        acts: &mut Acts,
    ) {
        let end = offset + 4 * u64::from(length);
        let (source, slots): (fn(u32) -> Source, u64) = match bar {
            2 => (Source::Msix, u64::from(regs::WIN_MSIX_PBA_OFFSET)),
            4 => (Source::Device, u64::from(regs::WIN_HOST_PENDING_OFFSET)),
            0 if write => return self.register(tick, offset as u32, data, acts),
            _ => return,
        };
        let of = usize::from(bar == 4);
        if !write {
            // An entry, or the pending bits of 64 of them; those of device slots stand in the slots.
            let (first, last) = if offset < slots {
                (offset / 16, (end - 1) / 16)
            } else {
                ((offset - slots) * 8, (end - slots) * 8 - 1)
            };
            let of = if bar == 4 && offset >= slots { 2 } else { of };
            acts.push(Act::ReadBack(of, first as u32, last as u32));
            return;
        }
        for (k, value) in data.iter().take(length as usize).enumerate() {
            let at = offset + 4 * k as u64;
            let enables = if k == 0 {
                be.0
            } else if k + 1 == length as usize {
                be.1
            } else {
                0xf
            };
            if at >= slots || enables == 0 {
                continue;
            }
            let s = source((at / 16) as u32);
            if at % 16 != 12 {
                acts.push(Act::Rewrite(s));
            } else if enables & 1 == 1 {
                let on = value & 1 == 1;
                self.hit(tick, Item::mask_write, &[of, usize::from(on)]);
                acts.push(Act::Mask(s, on));
            }
        }
    }

    fn register(&mut self, tick: Tick, offset: u32, data: &[u32], acts: &mut Acts) {
        let value = data.first().copied().unwrap_or(0);
        match offset {
            regs::HS_CTRL => {
                self.hit(tick, Item::host_store_switch, &[usize::from(value & 1 == 1)]);
                acts.push(Act::HostOn(value & 1 == 1));
            }
            regs::HS_CMD if value & regs::hs_cmd::START_MASK != 0 => {
                let (index, order) = (value & 0xf_ffff, value >> 20 & 0x1f);
                let notify = usize::from(value >> regs::hs_cmd::NOTIFY_LSB & 1 == 1);
                let size = if order >= 20 { 5 } else { step(u64::from(order), &[0, 3, 7, 11]) };
                let fetches = log2(self.traffic.fetches.len() as u64, 4);
                self.hit(tick, Item::invalidate_order, &[size]);
                self.hit(tick, Item::invalidate_form, &[size, notify, fetches]);
                let (first, last) = if order >= 20 {
                    (0, 0xf_ffff)
                } else {
                    let first = index >> order << order;
                    (first, first + (1 << order) - 1)
                };
                acts.push(Act::Invalidate(first, last));
            }
            _ => {}
        }
    }

    /// A completion for the device.
    fn answer(
        &mut self,
        tick: Tick,
        c: &Common,
        (status, data, byte_count): (u8, bool, u32),
        words: &[u32],
        acts: &mut Acts,
    ) {
        let Some((since, slot)) = self.traffic.fetches.get(&c.tag).copied() else {
            if self.translated(tick, c, status, data, words) {
                return;
            }
            if c.tag >= 0x40 {
                self.refused(tick, 6);
            }
            return;
        };
        let answer = match (status, data, c.ep) {
            (0, true, true) => 4,
            (0, true, false) if c.length < 4 && byte_count <= 4 * c.length => 5,
            (0, true, false) => 0,
            (4, ..) => 2,
            (3, ..) => 3,
            _ => 1,
        };
        self.hit(tick, Item::fetch_answer, &[answer]);
        self.hit(tick, Item::fetch_time, &[log2_from_1(tick.saturating_sub(since), 8)]);
        if byte_count <= 4 * c.length || !data {
            self.traffic.fetches.remove(&c.tag);
            self.traffic.fetched.insert(slot, tick);
        }
        acts.push(Act::Answer(slot));
    }

    /// The next packet was taken by the device.
    pub(super) fn taken_close(&mut self, tick: Tick) {
        let Some(kind) = self.traffic.queue.pop_front() else { return };
        if let Some(last) = self.traffic.last_taken.replace(tick) {
            self.hit(tick, Item::down_close, &[kind, usize::from(tick.saturating_sub(last) <= CLOSE)]);
        }
    }

    /// Number on the axis of the function reset that begins now.
    pub fn function_reset_kind(&self) -> usize {
        if self.traffic.by_power { 3 } else { 2 }
    }

    /// Packets on their way to the device are gone.
    pub fn down_lost(&mut self) {
        self.traffic.queue.clear();
        self.traffic.asked.clear();
        self.races.clear();
    }

    /// What the packet under way turned out to be.
    pub fn is(&mut self, up: Up) {
        self.traffic.up = Some(up);
    }

    /// A slot is read, by an address of this type.
    pub fn fetch(&mut self, tick: Tick, (tag, address_type): (u16, u8), slot: u32, shadow: &mut Shadow) {
        self.is(Up::Fetch);
        self.read_by(tick, address_type, slot, shadow);
        self.hit(tick, Item::fetches, &[log2(self.traffic.fetches.len() as u64, 4)]);
        self.completion_policy(tick);
        self.traffic.fetches.insert(tag, (tick, slot));
        self.fetched(tick, slot, shadow);
    }

    /// A packet of the device has been dealt with.
    pub fn up(&mut self, tick: Tick, c: &Common, what: &Decoded) {
        let known = self.traffic.up.take();
        let kind = match (known, what) {
            (Some(kind), _) => kind,
            (None, Decoded::Completion { status, data, .. }) => {
                self.hit(tick, Item::answer_status, &[usize::from(*status != 0)]);
                if *data {
                    self.hit(tick, Item::answer_words, &[step(u64::from(c.length), &[1, 2, 4])]);
                }
                if let Some(asked) = self.traffic.asked.remove(&c.tag) {
                    self.hit(tick, Item::answer_time, &[log2_from_1(tick.saturating_sub(asked), 8)]);
                }
                if *data { Up::AnswerData } else { Up::Answer }
            }
            (None, Decoded::Message { code: 0x20..=0x27, .. }) => Up::Intx,
            (None, Decoded::Message { .. }) => Up::ErrorMessage,
            // What no rule knows is a finding elsewhere, and nothing to cover.
            _ => return,
        };
        let at = kind as usize;
        self.hit(tick, Item::up_kind, &[at]);
        self.hit(tick, Item::up_digest, &[at, usize::from(c.td)]);
        if let Some((before, last)) = self.traffic.before_up.replace((at, tick)) {
            self.hit(tick, Item::up_pair, &[before, at]);
            self.hit(tick, Item::up_gap, &[log2_from_1(tick.saturating_sub(last), 8)]);
        }
        if kind == Up::Message {
            self.traffic.run += 1;
        } else if self.traffic.run > 0 {
            let run = std::mem::take(&mut self.traffic.run);
            self.hit(tick, Item::message_run, &[log2_from_1(run, 4)]);
        }
    }
}
