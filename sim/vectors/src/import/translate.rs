// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The walk along the trace.
//!
//! The first pass turns every line into steps and finds, for each message, the moment at which our device can send it;
//! the second puts everything in order and programs remapping entries in front of the messages that need them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::device::{Device, Effect};
use super::emit::{self, Step};
use super::initial::Initial;
use super::layout::{Absent, Layout};
use super::message::{self, Processors};
use super::replay::{State, low_half};
use super::summary::Summary;
use crate::op::{Op, Place, Read, ResetKind, Source, Status, Write};
use crate::trace::{Event, Line, Message, Region};
use crate::{VectorError, check, place, regs};

/// Longer than a function level reset lasts (data sheet, section 8), in cycles.
const RESET_TIME: u64 = 20_000;

/// A message may be recorded this much after the access that closed its entry, in seconds: both are written to the
/// trace by different threads.
const RECORDING_SLACK: f64 = 0.1;

/// The outcome of an import.
pub struct Translation {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What was done.
    pub summary: Summary,
    processors: Processors,
    wide: bool,
}

/// What belongs to one line of the trace.
#[derive(Default)]
struct Bucket {
    /// Messages, by line, that were recorded later but sent before this line took effect.
    before: Vec<usize>,
    steps: Vec<Step>,
    /// The entry on which this line's message is raised here.
    message: Option<(u32, String)>,
}

/// An entry that was open until a line closed it.
struct Closed {
    message: (u64, u32),
    line: usize,
    time: f64,
}

/// Translates the lines of one function.
pub fn translate(input: &Path, lines: &[Line], switches: &[&Line], told: bool) -> Result<Translation, VectorError> {
    let layout = Layout::infer(lines);
    check_entries(input, lines, &layout)?;
    let initial = Initial::infer(lines, &layout);
    let (aliases, replaced) = aliases(lines, &layout, &initial);
    let messages = || lines.iter().filter_map(|line| if let Event::Message(m) = &line.event { Some(m) } else { None });
    let processors = Processors::of(messages());
    let wide = processors.wide;
    let mut walk = Walk {
        layout: &layout,
        lines,
        state: State::new(aliases),
        buckets: lines.iter().map(|_| Bucket::default()).collect(),
        closed: BTreeMap::new(),
        summary: Summary { aliases: replaced, ..Summary::default() },
        last: None,
    };
    walk.begin(&initial);
    for index in 0..lines.len() {
        walk.line(index);
    }
    if walk.summary.rewrites_open > 0 {
        // What the recorded software did is against the rules [PCIe Base 7.7.2]; that the bench says so is right.
        let op = Op::ExpectFinding("rewrite_unmasked".to_owned());
        walk.push(lines.len() - 1, op, "entries were rewritten while they were open");
        // Behind the last line's message, should it have one.
        walk.last = walk.buckets.last_mut().and_then(|bucket| bucket.steps.pop());
    }
    let Walk { buckets, summary, last, .. } = walk;
    // Compatibility format while remapping is on must have been allowed.
    let remapped = messages().any(message::is_remapped);
    // Extended interrupt mode has no compatibility format [VT-d 5.1.4].
    let compatibility = !wide && (remapped || told) && messages().any(|m| !message::is_remapped(m));
    let mut order = Order {
        lines,
        processors: &processors,
        wide,
        entries: BTreeMap::new(),
        size: 15,
        compatibility,
        steps: Vec::new(),
        summary,
    };
    order.run(buckets, switches, told, remapped);
    let Order { mut steps, summary, .. } = order;
    steps.extend(last);
    Ok(Translation { steps, summary, processors, wide })
}

/// Entries beyond the recorded table are no entries.
fn check_entries(input: &Path, lines: &[Line], layout: &Layout) -> Result<(), VectorError> {
    let Some(entries) = layout.entries else { return Ok(()) };
    for line in lines {
        let entry = match &line.event {
            Event::Structure { region: Region::Table, offset: Some(offset), .. } => Some(offset / 16),
            Event::Message(message) => message.entry,
            _ => None,
        };
        if let Some(entry) = entry.filter(|entry| *entry >= entries) {
            let message = format!("`e`: entry {entry} is outside the recorded table of {entries}");
            return Err(VectorError::at(input, line.number, 1, message));
        }
    }
    Ok(())
}

/// Substitutes for recorded BAR addresses that our BARs cannot take: unaligned to our size, or running into another.
fn aliases(lines: &[Line], layout: &Layout, initial: &Initial) -> (BTreeMap<(u8, u32), u32>, usize) {
    let size = |bar: u8| regs::BARS.iter().find(|info| info.index == u32::from(bar)).map_or(0x1000, |info| info.size);
    let mut written: BTreeSet<(u8, u32)> = BTreeSet::new();
    for line in lines {
        if let Event::Config { write: true, reg, len, value } = line.event
            && let Some((_, bar)) = low_half(layout, reg, len)
            // All ones above the granularity of any BAR: sizing. Zero: not assigned.
            && value < 0xffff_f000
            && value & !0xf != 0
        {
            written.insert((bar, value & !0xf));
        }
    }
    for (index, value) in &initial.bars {
        if let Some((_, bar)) = low_half(layout, 0x10 + 4 * *index as u16, 4)
            && value & !0xf != 0
        {
            written.insert((bar, value & !0xf));
        }
    }
    let span = |bar: u8, base: u32| (u64::from(base), u64::from(base) + u64::from(size(bar)));
    let meet = |a: (u64, u64), b: (u64, u64)| a.0 < b.1 && b.0 < a.1;
    let mut kept: Vec<(u8, u32)> = Vec::new();
    let mut moved: Vec<(u8, u32)> = Vec::new();
    for (bar, base) in written {
        let aligned = base % size(bar) == 0;
        let clash = kept.iter().any(|(other, at)| *other != bar && meet(span(*other, *at), span(bar, base)));
        if aligned && !clash { kept.push((bar, base)) } else { moved.push((bar, base)) }
    }
    let mut aliases = BTreeMap::new();
    let mut next = 0xe000_0000;
    for (bar, base) in &moved {
        while kept.iter().any(|(other, at)| meet(span(*other, *at), (next, next + 0x4_0000))) {
            next += 0x4_0000;
        }
        aliases.insert((*bar, *base), next as u32);
        next += 0x4_0000;
    }
    (aliases, moved.len())
}

/// The first pass.
struct Walk<'a> {
    layout: &'a Layout,
    lines: &'a [Line],
    state: State,
    buckets: Vec<Bucket>,
    closed: BTreeMap<u32, Closed>,
    summary: Summary,
    /// A step for the very end.
    last: Option<Step>,
}

impl Walk<'_> {
    fn push(&mut self, index: usize, op: Op, remark: &str) {
        let number = self.lines[index].number;
        let remark = if remark.is_empty() { number.to_string() } else { format!("{number}: {remark}") };
        self.buckets[index].steps.push(Step { op, remark });
    }

    /// Puts our device into the state in which the recording began.
    fn begin(&mut self, initial: &Initial) {
        const REMARK: &str = "set when the recording began";
        let mut config: Vec<(u16, u32, u32)> = Vec::new();
        for (index, value) in &initial.bars {
            let reg = 0x10 + 4 * *index as u16;
            let value = self.state.written(self.layout, reg, 4, *value);
            config.push((self.layout.home(reg).offset, 4, value));
        }
        for (index, value) in &initial.bars {
            self.state.bars[*index] = Some(*value);
        }
        config.extend_from_slice(&initial.config);
        if initial.command != 0 {
            config.push((0x04, 2, initial.command.into()));
        }
        let mut steps: Vec<Op> = Vec::new();
        for (offset, len, value) in config {
            self.state.device.config_write(offset, len, value);
            steps.push(Op::CfgWrite(write(place_of(offset), len, value.into())));
        }
        if self.state.device.decodes_memory() {
            for (offset, value) in &initial.table {
                self.state.device.table_write(*offset, 4, (*value).into());
                steps.push(Op::Write(write(table_place(*offset), 4, (*value).into())));
            }
        }
        if initial.msix != 0 {
            self.state.device.config_write(0xb2, 2, initial.msix.into());
            steps.push(Op::CfgWrite(write(place_of(0xb2), 2, initial.msix.into())));
        }
        self.summary.initial = steps.len();
        let steps = steps.into_iter().map(|op| Step { op, remark: REMARK.to_owned() });
        self.buckets[0].steps.extend(steps);
    }

    fn untranslated(&mut self, index: usize, what: String, reason: &str) {
        *self.summary.untranslated.entry(reason.to_owned()).or_default() += 1;
        self.push(index, Op::Untranslated { what, reason: reason.to_owned() }, "");
    }

    fn line(&mut self, index: usize) {
        let line = &self.lines[index];
        if self.reset_shows(index) {
            self.implied_reset(index);
        }
        let before: Vec<(u32, (u64, u32))> = self.open_entries();
        match &line.event {
            Event::Mark { number, what } => {
                // A phase without a number bears a name, which its description repeats.
                let numbered = number.bytes().all(|byte| byte.is_ascii_digit());
                let op = Op::Mark(if numbered { format!("{number} {what}") } else { what.clone() });
                self.buckets[index].steps.push(Step { op, remark: String::new() });
            }
            Event::Config { write: false, reg, len, value } => {
                self.state.apply(self.layout, line);
                self.config_read(index, *reg, *len, *value);
            }
            Event::Config { write: true, reg, len, value } => self.config_write(index, *reg, *len, *value),
            Event::Structure { write, region, offset, bar, len, value } => match region {
                Region::Table => self.table(index, *write, offset.unwrap_or(0), *len, *value),
                Region::Pba => self.pba(index, *write, *bar, *len, *value),
            },
            Event::Decode { mapped, address, size } => self.decode(index, *mapped, *address, *size),
            Event::Message(message) => self.message(index, message),
            Event::Remapping(_) | Event::RemapTable(_) => {}
        }
        for (entry, message) in before {
            if !self.state.device.open(entry) || self.state.device.message(entry) != message {
                let time = self.lines[index].time.unwrap_or(f64::NEG_INFINITY);
                self.closed.insert(entry, Closed { message, line: index, time });
            }
        }
    }

    fn open_entries(&self) -> Vec<(u32, (u64, u32))> {
        let device = &self.state.device;
        device.entries().map(|(entry, _)| entry).filter(|e| device.open(*e)).map(|e| (e, device.message(e))).collect()
    }

    // ---- configuration space -----------------------------------------------------------------------

    fn config_read(&mut self, index: usize, reg: u16, len: u32, recorded: u32) {
        let home = self.layout.home(reg);
        let expect = self.state.device.config_read(home.offset, len);
        let translated = self.state.written(self.layout, reg, len, recorded);
        let differ = translated ^ expect;
        let mut remark = if recorded == expect { String::new() } else { format!("recorded {recorded:#x}") };
        if let Some(absent) = home.absent {
            let reason = lacking(absent);
            remark = if remark.is_empty() { reason.clone() } else { format!("{remark}, {reason}") };
            *self.summary.reads_absent.entry(reason).or_default() += 1;
        } else if differ == 0 {
            self.summary.reads_recorded += 1;
        } else if (0x10..0x28).contains(&home.offset) || differ & Device::config_writable(home.offset, len) == 0 {
            self.summary.reads_own += 1;
        } else {
            *self.summary.reads_differ.entry(place_text(home.offset)).or_default() += 1;
        }
        let read =
            Read { at: place_of(home.offset), len, expect: Some(expect.into()), mask: None, status: None, vf: None };
        self.push(index, Op::CfgRead(read), &remark);
    }

    fn config_write(&mut self, index: usize, reg: u16, len: u32, recorded: u32) {
        let home = self.layout.home(reg);
        let value = self.state.written(self.layout, reg, len, recorded);
        let mut remark = if value == recorded { String::new() } else { format!("recorded {recorded:#x}") };
        self.summary.config_writes += 1;
        if let Some(absent) = home.absent {
            self.summary.config_writes_absent += 1;
            remark = lacking(absent);
        }
        let kept = self.state.device.clone();
        let effect = self.state.apply(self.layout, &self.lines[index]);
        self.push(index, Op::CfgWrite(write(place_of(home.offset), len, value.into())), &remark);
        match effect {
            Effect::None => {}
            Effect::FunctionReset => self.push(index, Op::Wait(RESET_TIME), "function level reset"),
            Effect::PowerUp => {
                self.push(index, Op::Wait(RESET_TIME), "D3hot to D0 resets the function");
                if self.layout.keeps_state {
                    self.restore(index, &kept);
                }
            }
        }
    }

    /// Gives our device back what the recorded one kept through D3hot.
    fn restore(&mut self, index: usize, kept: &Device) {
        const MSIX: u16 = 0xb0;
        const REMARK: &str = "restored, the recorded device keeps it in D3hot";
        let changed = kept.changed_config();
        for (offset, value) in changed.iter().filter(|(offset, _)| *offset != MSIX) {
            let len = if *offset == 0x04 || *offset == 0x58 { 2 } else { 4 };
            self.state.device.config_write(*offset, len, *value);
            self.push(index, Op::CfgWrite(write(place_of(*offset), len, (*value).into())), REMARK);
        }
        for (entry, words) in kept.entries() {
            for (word, value) in words.iter().enumerate().filter(|_| kept.decodes_after_power_up()) {
                let offset = 16 * entry + 4 * word as u32;
                self.state.device.table_write(offset, 4, (*value).into());
                self.push(index, Op::Write(write(table_place(offset), 4, (*value).into())), REMARK);
            }
        }
        for (offset, value) in changed.iter().filter(|(offset, _)| *offset == MSIX) {
            self.state.device.config_write(*offset, 4, *value);
            self.push(index, Op::CfgWrite(write(place_of(*offset), 4, (*value).into())), REMARK);
        }
    }

    // ---- resets that the trace does not show -----------------------------------------------------------

    /// Whether this line shows that the recorded device was reset from outside: by a read that finds reset values in
    /// registers that were set, or by a BAR that stops being decoded with nothing written, confirmed by the next reads.
    fn reset_shows(&self, index: usize) -> bool {
        match self.lines[index].event {
            Event::Config { write: false, .. } => self.reads_as_reset(index),
            Event::Decode { mapped: false, address, .. } => {
                let ours = self.state.mapped.contains_key(&address) && self.state.device.decodes_memory();
                ours && self.lines[index..]
                    .iter()
                    .enumerate()
                    .take_while(|(_, line)| !matches!(line.event, Event::Config { write: true, .. }))
                    .any(|(distance, _)| self.reads_as_reset(index + distance))
            }
            _ => false,
        }
    }

    fn reads_as_reset(&self, index: usize) -> bool {
        match self.lines[index].event {
            Event::Config { write: false, reg, len, value } => self.state.reads_as_reset(self.layout, reg, len, value),
            _ => false,
        }
    }

    fn implied_reset(&mut self, index: usize) {
        self.summary.resets += 1;
        self.state.device.hot_reset();
        self.state.forget_recorded();
        self.push(index, Op::Reset(ResetKind::Hot), "the recorded device was reset from outside");
        self.push(index, Op::Wait(RESET_TIME), "");
    }

    // ---- table and PBA ---------------------------------------------------------------------------------

    fn table(&mut self, index: usize, write_access: bool, offset: u32, len: u32, recorded: u64) {
        let at = table_place(offset);
        if write_access {
            self.summary.table_writes += 1;
            let entry = offset / 16;
            let before = (self.state.device.open(entry), self.state.device.message(entry));
            self.state.apply(self.layout, &self.lines[index]);
            let rewritten = before.0 && self.state.device.open(entry) && self.state.device.message(entry) != before.1;
            self.summary.rewrites_open += usize::from(rewritten);
            self.push(index, Op::Write(write(at, len, recorded)), "");
            return;
        }
        self.summary.table_reads += 1;
        if !self.state.device.decodes_memory() {
            self.state.device.log_unsupported(true);
            let read = Read { at, len, expect: None, mask: None, status: Some(Status::Ur), vf: None };
            self.push(index, Op::Read(read), "memory decode is off");
            return;
        }
        let expect = self.state.device.table_read(offset, len);
        let remark = self.compare(expect, recorded);
        self.push(index, Op::Read(Read { at, len, expect: Some(expect), mask: None, status: None, vf: None }), &remark);
    }

    fn compare(&mut self, expect: u64, recorded: u64) -> String {
        if expect == recorded {
            return String::new();
        }
        self.summary.table_reads_own += 1;
        format!("recorded {recorded:#x}")
    }

    /// A recorded pending bit is reproduced by a cause, and taken back after the comparison: its later message, if one
    /// came, has a line of its own.
    fn pba(&mut self, index: usize, write_access: bool, bar: Option<(u8, u64)>, len: u32, recorded: u64) {
        let offset = match (self.layout.pba, bar) {
            (Some(base), Some((_, at))) => at.checked_sub(base).filter(|offset| offset + u64::from(len) <= 256),
            _ => None,
        };
        let Some(offset) = offset else {
            let what = format!("PBA {} of {len} bytes", if write_access { "write" } else { "read" });
            return self.untranslated(index, what, "the trace does not tell where the PBA is");
        };
        let at = Place::Name(if offset == 0 { "msix_pba".to_owned() } else { format!("msix_pba+{offset:#x}") });
        if write_access {
            self.summary.table_writes += 1;
            return self.push(index, Op::Write(write(at, len, recorded)), "");
        }
        let first = 8 * offset as u32;
        let pending: Vec<u32> = (0..8 * len)
            .filter(|bit| recorded >> bit & 1 == 1)
            .map(|bit| first + bit)
            .filter(|vector| !self.state.device.open(*vector))
            .collect();
        for vector in &pending {
            self.push(index, Op::Cause { at: Source::Msix(*vector), times: 1, gap: 0 }, "pending in the trace");
        }
        let expect = pending.iter().fold(0, |bits, vector| bits | 1u64 << (vector - first));
        self.summary.table_reads += 1;
        let remark = self.compare(expect, recorded);
        self.push(index, Op::Read(Read { at, len, expect: Some(expect), mask: None, status: None, vf: None }), &remark);
        for vector in &pending {
            self.push(index, Op::Withdraw { at: Source::Msix(*vector) }, "");
        }
    }

    // ---- BAR decode ------------------------------------------------------------------------------------

    fn decode(&mut self, index: usize, mapped: bool, address: u64, size: u64) {
        let recorded = match mapped {
            true => self.state.recorded_bar(self.layout, address, size),
            false => {
                self.state.mapped.get(&address).copied().or_else(|| self.state.recorded_bar(self.layout, address, size))
            }
        };
        self.state.apply(self.layout, &self.lines[index]);
        let Some(bar) = recorded.and_then(|recorded| self.layout.homes[recorded]) else {
            let what = format!("{} {address:#x} size {size:#x}", if mapped { "map" } else { "unmap" });
            let reason = match recorded {
                Some(_) => "a BAR of a kind that our device does not have",
                None => "not the address of a BAR: the expansion ROM, or assigned before the recording",
            };
            return self.untranslated(index, what, reason);
        };
        self.summary.decodes += 1;
        let device = &self.state.device;
        let base = device.decodes_memory().then(|| device.bar_base(bar));
        let remark = if base.is_some() == mapped && base.is_none_or(|base| base == address) {
            String::new()
        } else {
            format!("recorded {} {address:#x}", if mapped { "map" } else { "unmap" })
        };
        self.push(index, Op::ExpectDecode { bar, base }, &remark);
    }

    // ---- messages --------------------------------------------------------------------------------------

    fn message(&mut self, index: usize, message: &Message) {
        let wanted = (message.address, message.data);
        let device = &self.state.device;
        let ready = |entry: &u32| device.open(*entry) && device.message(*entry) == wanted;
        let holders: Vec<u32> = device.entries().map(|(entry, _)| entry).collect();
        let other = |remark: u32| match message.entry {
            Some(recorded) if recorded != remark => format!("recorded for entry {recorded}"),
            _ => String::new(),
        };
        if let Some(entry) = message.entry.into_iter().chain(holders.iter().copied()).find(ready) {
            self.buckets[index].message = Some((entry, other(entry)));
            return;
        }
        let time = self.lines[index].time.unwrap_or(f64::INFINITY);
        let recent = |entry: &u32| {
            self.closed.get(entry).is_some_and(|c| c.message == wanted && time - c.time <= RECORDING_SLACK)
        };
        let late = message.entry.into_iter().chain(self.closed.keys().copied()).find(recent);
        if let Some(entry) = late {
            let line = self.closed[&entry].line;
            self.summary.messages_moved += 1;
            self.buckets[index].message = Some((entry, "moved: recorded after its entry was closed".to_owned()));
            self.buckets[line].before.push(index);
            return;
        }
        let held = |entry: &u32| device.message(*entry) == wanted;
        let reason = if message.entry.into_iter().chain(holders.iter().copied()).any(|entry| held(&entry)) {
            "a message while its entry was closed"
        } else {
            "a message that no table entry holds: not MSI-X, or programmed before the recording"
        };
        self.untranslated(index, format!("message {:#x} data {:#x}", message.address, message.data), reason);
    }
}

/// The second pass.
struct Order<'a> {
    lines: &'a [Line],
    processors: &'a Processors,
    wide: bool,
    /// Remapping entries as programmed.
    entries: BTreeMap<u32, crate::op::Irte>,
    /// Exponent of the remapping table's size.
    size: u8,
    compatibility: bool,
    steps: Vec<Step>,
    summary: Summary,
}

impl Order<'_> {
    fn run(&mut self, mut buckets: Vec<Bucket>, switches: &[&Line], told: bool, remapped: bool) {
        let mut switches = switches.iter().peekable();
        // Without a record of the unit: on, in front of the first sign of the remappable format.
        let mut unannounced = remapped && !told && switches.peek().is_none();
        for index in 0..self.lines.len() {
            let line = &self.lines[index];
            while let Some(switch) = switches.peek()
                && line.time.is_some_and(|time| switch.time.is_some_and(|at| at <= time))
            {
                self.switch(&switch.event);
                switches.next();
            }
            if unannounced && shows_remapping(&line.event) {
                self.switch(&Event::Remapping(true));
                unannounced = false;
            }
            for earlier in std::mem::take(&mut buckets[index].before) {
                self.interrupt(earlier, &mut buckets[earlier].message);
            }
            self.steps.append(&mut buckets[index].steps);
            self.interrupt(index, &mut buckets[index].message);
        }
    }

    fn switch(&mut self, event: &Event) {
        match event {
            Event::RemapTable(size) => self.size = (size.trailing_zeros() - 1) as u8,
            Event::Remapping(true) => {
                let op = Op::Remapping { eime: self.wide, size: self.size, compatibility: self.compatibility };
                self.steps.push(Step { op, remark: "interrupt remapping on".to_owned() });
                self.entries.clear();
            }
            Event::Remapping(false) => {
                self.steps.push(Step { op: Op::RemappingOff, remark: "interrupt remapping off".to_owned() });
                self.entries.clear();
            }
            _ => {}
        }
    }

    /// The remapping entry if it changed, then the interrupt.
    fn interrupt(&mut self, index: usize, slot: &mut Option<(u32, String)>) {
        let Some((entry, remark)) = slot.take() else { return };
        let Event::Message(message) = &self.lines[index].event else { return };
        let number = self.lines[index].number;
        let delivery = message::delivery(message);
        if message::is_remapped(message) {
            let index = message::index(message);
            let wanted = self.processors.entry(&delivery);
            if index <= 0xffff && self.entries.get(&index) != Some(&wanted) {
                self.entries.insert(index, wanted);
                self.summary.remapping_entries += 1;
                self.steps.push(Step { op: Op::SetIrte { index, entry: wanted }, remark: number.to_string() });
                self.steps.push(Step { op: Op::Iec { index: Some(index), mask: 0 }, remark: String::new() });
            }
        }
        let to = self.processors.target(&delivery);
        self.summary.messages += 1;
        self.summary.messages_unaddressed += usize::from(to.is_none());
        let op = Op::ExpectInterrupt { at: Source::Msix(entry), address: message.address, data: message.data, to };
        let remark = if remark.is_empty() { number.to_string() } else { format!("{number}: {remark}") };
        self.steps.push(Step { op, remark });
    }
}

/// A remapped message, or a table write of the remappable format.
fn shows_remapping(event: &Event) -> bool {
    match event {
        Event::Message(message) => message::is_remapped(message),
        Event::Structure { write: true, region: Region::Table, offset: Some(offset), value, .. } => {
            offset % 16 == 0 && value >> 20 & 0xfff == 0xfee && value & 0x10 != 0
        }
        _ => false,
    }
}

impl Translation {
    /// The vector file.
    pub fn text(&self, name: &str, input: &Path, function: &str) -> String {
        // The file's name, and the folder that tells the machine; not where it lay.
        let mut parts: Vec<_> = input.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
        parts.reverse();
        let source = parts.join("/");
        let mut text = format!(
            "# SPDX-License-Identifier: Apache-2.0 OR MIT\n# Imported from {source} by `ims-cosim import-trace`; do not edit.\n"
        );
        for line in self.summary.to_string().lines() {
            text.push_str(&format!("# {line}\n"));
        }
        text.push_str("# The number behind a step is its line in the trace.\n");
        text.push_str(&format!("name: {name}\n"));
        let intent =
            format!("Our device stands in for {function} of {source} and answers the recorded software as it must.");
        text.push_str(&format!("intent: {}\n", serde_json::Value::String(intent)));
        text.push_str("items: [D26]\n");
        // The table size is part of what is compared (device.rs).
        text.push_str(&format!("dut: {{ num_msix: {} }}\n", check::DEFAULT_MSIX));
        if self.processors.count > 4 || self.wide {
            text.push_str(&format!("host: {{ cpus: {}, x2apic: {} }}\n", self.processors.count, self.wide));
        }
        text.push_str("steps:\n");
        for step in &self.steps {
            text.push_str(&emit::line(step));
        }
        text
    }
}

fn write(at: Place, len: u32, value: u64) -> Write {
    Write { at, len, value, be: None, status: None, vf: None }
}

fn table_place(offset: u32) -> Place {
    Place::Name(if offset == 0 { "msix_table".to_owned() } else { format!("msix_table+{offset:#x}") })
}

/// Extents of our capabilities, for names.
const EXTENTS: &[(&str, u16, u16)] =
    &[("pm", 0x40, 0x48), ("pcie", 0x50, 0x8c), ("msix", 0xb0, 0xbc), ("siov", 0x100, 0x118)];

fn place_text(offset: u16) -> String {
    if let Some((name, start, _)) = EXTENTS.iter().find(|(_, start, end)| (*start..*end).contains(&offset)) {
        return if offset == *start { (*name).to_owned() } else { format!("{name}+{:#x}", offset - start) };
    }
    match place::CONFIG_NAMES.iter().find(|(_, known)| *known == offset) {
        Some((name, _)) => (*name).to_owned(),
        None => format!("{offset:#x}"),
    }
}

fn place_of(offset: u16) -> Place {
    let text = place_text(offset);
    if text.starts_with("0x") { Place::Number(offset.into()) } else { Place::Name(text) }
}

fn lacking(absent: Absent) -> String {
    match absent {
        Absent::Bar => "a BAR that we lack".to_owned(),
        Absent::Capability(id) => format!("capability {id:#04x}"),
        Absent::Extended(id) => format!("extended capability {id:#06x}"),
        Absent::Unknown => "no capability that the trace shows".to_owned(),
    }
}
