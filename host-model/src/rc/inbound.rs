// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Packets from the device: checks that a root complex makes, and what they do.

use std::collections::BTreeMap;

use tlp::{Bdf, Packet, Tick};

use super::ats::{AtsFault, Translation};
use super::bytes::{Span, to_bytes};
use super::complete::ReadRequest;
use super::errors::{self, ErrorKind};
use super::finding::HostFinding;
use super::header::{Body, Class, Header, Kind, Parsed, Status, parse};
use super::requests::{Outcome, Request, TxnId, span_of};
use super::window::{WriteTarget, classify_write, touches_window};
use super::{DeviceMessage, DmaWrite, RcEffects, RootComplex, Translate, ecrc};
use crate::mem::{HostMemory, MemError};
use crate::remap::DmaAccess;

/// What the host knows of the ids below a root port and of their Bus Master Enables.
///
/// The host knows that the bit is 0 from the completion of a configuration write that
/// clears it until it submits one that sets it. That completion pushed all earlier
/// posted writes in front of it, so a posted write behind it breaks the rule. A read may
/// legally have been passed by the completion and is judged before the first enabling only.
/// Bits that a function reset clears behind the host's back are not known and not judged.
/// Nor is an id that turns up later judged before its command register is written: it may be a function
/// that has moved.
#[derive(Clone, Debug)]
pub(super) struct BusMaster {
    ids: BTreeMap<Bdf, Master>,
    turning_off: Vec<(TxnId, Bdf)>,
}

/// Bus Master Enable of one id.
#[derive(Clone, Copy, Debug)]
struct Master {
    off: bool,
    ever_on: bool,
}

impl Master {
    const RESET: Self = Self { off: true, ever_on: false };
    const ON: Self = Self { off: false, ever_on: true };
}

impl BusMaster {
    pub(super) fn new(device: Bdf) -> Self {
        Self { ids: BTreeMap::from([(device, Master::RESET)]), turning_off: Vec::new() }
    }

    /// Whom a configuration write is for; what it writes into the command register, if it does.
    fn command_write(request: &Request) -> Option<(Bdf, Option<u32>)> {
        match *request {
            // Type 1 requests are for those below a bridge, which makes them type 0 on the way.
            Request::ConfigWrite { target, register, enables, value, .. } => {
                Some((target, (register == 4 && enables & 1 == 1).then_some(value)))
            }
            _ => None,
        }
    }

    /// Learns ids from configuration writes and that the bit may be 1 from now on.
    pub(super) fn submitted(&mut self, request: &Request) {
        if let Some((target, command)) = Self::command_write(request) {
            let master = self.ids.entry(target).or_insert(Master::ON);
            if command.is_some_and(|value| value & 4 != 0) {
                *master = Master::ON;
                self.turning_off.retain(|(_, id)| *id != target);
            }
        }
        // A bridge answers for itself, and knows its number from the bridge above it.
        if let Request::ConfigRead { target, type1: true, .. } = request {
            self.ids.entry(*target).or_insert(Master::ON);
        }
        // A hand-made configuration write may say anything.
        let Request::Raw { packet, .. } = request else { return };
        let header = Header::unpack(&packet.header);
        if let Ok(Header { kind: Kind::ConfigWrite { .. }, body: Body::Config { target, .. }, .. }) = header {
            self.ids.insert(target, Master::ON);
        }
    }

    /// An id that software has reason to expect.
    pub(super) fn expect(&mut self, id: Bdf) {
        self.ids.entry(id).or_insert(Master::ON);
    }

    /// Whose bit is known to be 0 with the completion of this request.
    pub(super) fn watch(&self, request: &Request) -> Option<Bdf> {
        let (target, command) = Self::command_write(request)?;
        command.filter(|value| value & 4 == 0).map(|_| target)
    }

    pub(super) fn turning_off(&mut self, txn: TxnId, id: Bdf) {
        self.turning_off.push((txn, id));
    }

    pub(super) fn ended(&mut self, txn: TxnId, outcome: &Outcome) {
        let Some(at) = self.turning_off.iter().position(|(of, _)| *of == txn) else { return };
        let (_, id) = self.turning_off.remove(at);
        if let Some(master) = self.ids.get_mut(&id).filter(|_| *outcome == Outcome::Done) {
            master.off = true;
        }
    }

    fn knows(&self, id: Bdf) -> bool {
        self.ids.contains_key(&id)
    }

    fn forbids(&self, kind: Kind, id: Bdf) -> bool {
        // Ids that nobody knows are a finding of their own.
        self.ids.get(&id).is_some_and(|master| master.off && (kind == Kind::MemWrite || !master.ever_on))
    }
}

impl RootComplex {
    /// Takes one packet from the device.
    pub(super) fn take(
        &mut self,
        now: Tick,
        packet: &Packet,
        mem: &mut HostMemory,
        translate: Translate<'_>,
        effects: &mut RcEffects,
    ) {
        let parsed = match parse(packet) {
            Ok(parsed) => parsed,
            Err(error) => return effects.findings.push(error.into()),
        };
        let kind = parsed.header.kind;
        if parsed.header.digest && !self.digests.from_device {
            effects.findings.push(HostFinding::Digest { kind });
        } else if parsed.header.digest && !ecrc::is_right(packet) {
            // Nothing of it can be trusted, least of all where it should go.
            return effects.findings.push(HostFinding::WrongDigest { kind });
        }
        match kind {
            Kind::Completion { .. } => self.take_completion(now, packet.prefix, &parsed, effects),
            Kind::MemWrite => self.take_write(packet.prefix, &parsed, mem, translate, effects),
            Kind::MemRead | Kind::MemReadLocked => self.take_read(now, packet.prefix, &parsed, mem, translate, effects),
            Kind::Message { routing } => self.take_message(routing, packet.prefix, &parsed, effects),
            _ => {
                effects.findings.push(HostFinding::UnsupportedKind { kind });
                if kind.class() == Class::NonPosted {
                    self.completer.refuse_other(now, &parsed.header);
                }
            }
        }
    }

    fn take_completion(&mut self, now: Tick, prefix: Option<u32>, parsed: &Parsed<'_>, effects: &mut RcEffects) {
        let kind = parsed.header.kind;
        if let Some(prefix) = prefix {
            effects.findings.push(HostFinding::Prefix { prefix, kind });
        }
        if let Body::Completion { completer, .. } = parsed.header.body {
            // Before the first configuration write a function calls itself 00:00.0.
            if !self.bus_master.knows(completer) && completer.bits() != 0 {
                effects.findings.push(HostFinding::CompleterId { completer });
            }
        }
        self.check_payload(parsed, &mut effects.findings);
        let ended = self.requests.complete(now, parsed, &mut effects.findings);
        effects.completed.extend(ended);
    }

    fn take_message(&mut self, routing: u8, prefix: Option<u32>, parsed: &Parsed<'_>, effects: &mut RcEffects) {
        let kind = parsed.header.kind;
        if let Some(prefix) = prefix {
            effects.findings.push(HostFinding::Prefix { prefix, kind });
        }
        self.check_requester(kind, parsed.header.requester(), &mut effects.findings);
        if let Body::Message { requester, code, rest, .. } = parsed.header.body {
            if (code, routing) == (0x02, 2)
                && let Err(why) = self.ats.complete(self.config.id, rest)
            {
                effects.findings.push(HostFinding::Translation { address: 0, why });
            }
            self.intx.message(code, routing);
            if let Some(error) = ErrorKind::from_code(code) {
                if let Some(why) = errors::fault(&parsed.header, routing) {
                    return effects.findings.push(HostFinding::ErrorMessage { code, why });
                }
                self.errors.note(error, requester);
            }
            effects.messages.push(DeviceMessage { source: requester, code, routing });
        }
    }

    fn take_write(
        &mut self,
        prefix: Option<u32>,
        parsed: &Parsed<'_>,
        mem: &mut HostMemory,
        translate: Translate<'_>,
        effects: &mut RcEffects,
    ) {
        let Some(span) = span_of(&parsed.header) else { return };
        let findings = &mut effects.findings;
        self.check_request(parsed, &span, findings);
        self.check_payload(parsed, findings);
        if !span.in_one_page() {
            // Malformed: a receiver that finds it drops it.
            return findings.push(HostFinding::CrossesPage { address: span.address, words: span.length });
        }
        match classify_write(&parsed.header, &span, prefix, parsed.payload) {
            WriteTarget::Interrupt(request, finding) => {
                findings.extend(finding);
                effects.interrupts.push(request);
            }
            WriteTarget::Blocked(finding) => {
                findings.push(finding);
            }
            WriteTarget::Memory if self.refuses(prefix, parsed, findings) => {}
            WriteTarget::Memory if parsed.header.poisoned => {
                findings.push(HostFinding::PoisonedWrite { address: span.address });
            }
            WriteTarget::Memory => {
                let (source, address, pasid) = (parsed.header.requester(), span.start(), pasid_of(prefix));
                // Dropped: a posted write hears nothing, and the unit has logged it.
                let Some(host) = translate(DmaAccess { source, pasid, address, write: true }, mem) else { return };
                let there = Span { address: host - u64::from(span.lead()), ..span };
                if touches_window(&there) {
                    // No unit translates: nothing keeps the address of a process apart from the platform's.
                    return findings.push(HostFinding::InterruptPasid { address, pasid: pasid.unwrap_or_default() });
                }
                match write_memory(mem, &there, parsed.payload) {
                    Ok(None) => {}
                    Ok(Some(bytes)) => effects.writes.push(DmaWrite { source, pasid, address, host, bytes }),
                    Err(_) => {
                        findings.push(HostFinding::WriteHole { address: host, bytes: span.byte_count() });
                    }
                }
            }
        }
    }

    fn take_read(
        &mut self,
        now: Tick,
        prefix: Option<u32>,
        parsed: &Parsed<'_>,
        mem: &mut HostMemory,
        translate: Translate<'_>,
        effects: &mut RcEffects,
    ) {
        let header = &parsed.header;
        let Some(span) = span_of(header) else { return };
        let findings = &mut effects.findings;
        self.check_request(parsed, &span, findings);
        let (requester, tag) = (header.requester(), header.tag());
        if !self.config.link.device_tags.allows(tag) {
            findings.push(HostFinding::TagRange { tag });
        }
        if self.completer.owes(requester, tag) {
            findings.push(HostFinding::DuplicateTag { requester, tag });
        }
        let mrrs = self.config.link.mrrs;
        if u32::from(span.length) * 4 > u32::from(mrrs) {
            findings.push(HostFinding::ReadAboveMrrs { bytes: span.length * 4, mrrs });
        }
        if !span.in_one_page() {
            return findings.push(HostFinding::CrossesPage { address: span.address, words: span.length });
        }
        let locked = header.kind == Kind::MemReadLocked;
        let pasid = pasid_of(prefix);
        let request = ReadRequest { requester, tag, span, tc: header.tc, attr: header.attr, locked, pasid, shift: 0 };
        if locked {
            // Only a root complex may start a locked sequence [PCIe Base 6.5].
            findings.push(HostFinding::UnsupportedKind { kind: header.kind });
            return self.completer.refuse(now, &request, Status::UnsupportedRequest);
        }
        if touches_window(&span) && prefix.is_none() {
            findings.push(HostFinding::InterruptRead { address: span.address });
            return self.completer.refuse(now, &request, Status::UnsupportedRequest);
        }
        if header.at != 0 && prefix.is_none() && self.ats.enabled {
            return self.take_of_services(now, parsed, request, mem, translate, findings);
        }
        if self.refuses(prefix, parsed, findings) {
            return self.completer.refuse(now, &request, Status::UnsupportedRequest);
        }
        let address = span.start();
        let Some(host) = translate(DmaAccess { source: requester, pasid, address, write: false }, mem) else {
            return self.completer.read(now, request, false);
        };
        // Where software has mapped something, an untranslated address means that.
        let host = self.ats.map.physical(host);
        if touches_window(&Span { address: host, ..span }) {
            findings.push(HostFinding::InterruptRead { address });
            return self.completer.refuse(now, &request, Status::UnsupportedRequest);
        }
        let readable = mem.answers(host, usize::from(span.byte_count())).is_ok();
        if !readable {
            findings.push(HostFinding::ReadHole { address: host, bytes: span.byte_count() });
        }
        self.completer.read(now, ReadRequest { shift: host.wrapping_sub(address), ..request }, readable);
    }

    /// A translation request, or a read of a translated address [PCIe Base 10.2].
    fn take_of_services(
        &mut self,
        now: Tick,
        parsed: &Parsed<'_>,
        request: ReadRequest,
        mem: &mut HostMemory,
        translate: Translate<'_>,
        findings: &mut Vec<HostFinding>,
    ) {
        let header = &parsed.header;
        let (span, address) = (request.span, request.span.address);
        let whole = span.first_be == 0xf && (span.length == 1 || span.last_be == 0xf);
        let hint = matches!(header.body, Body::Addressed { hint, .. } if hint == 1);
        let plain = header.tc == 0 && !header.attr.relaxed && !header.attr.no_snoop && !header.poisoned;
        let why = match header.at {
            1 if !(whole && hint && plain && span.length == 2 && address & 0xfff == 0) => Some(AtsFault::Form),
            2 if !self.ats.is_handed(address) => Some(AtsFault::NotHanded),
            3 => Some(AtsFault::Form),
            _ => None,
        };
        if let Some(why) = why {
            findings.push(HostFinding::Translation { address, why });
            return self.completer.refuse(now, &request, Status::UnsupportedRequest);
        }
        if header.at == 1 {
            // Without a map of its own the agent answers what an untranslated read would meet.
            let word = if self.ats.map.is_empty() {
                let access = DmaAccess { source: request.requester, pasid: None, address, write: false };
                let page = translate(access, mem).map(|target| Translation::page(address, target));
                self.ats.answer_with(page)
            } else {
                self.ats.answer(request.requester, address)
            };
            let words = [((word >> 32) as u32).swap_bytes(), (word as u32).swap_bytes()];
            return self.completer.answer(now, request, &words);
        }
        let readable = mem.answers(span.start(), usize::from(span.byte_count())).is_ok();
        if !readable {
            findings.push(HostFinding::ReadHole { address: span.start(), bytes: span.byte_count() });
        }
        self.completer.read(now, request, readable);
    }

    /// Prefix or address type that this host has not enabled.
    fn refuses(&self, prefix: Option<u32>, parsed: &Parsed<'_>, findings: &mut Vec<HostFinding>) -> bool {
        let (kind, at) = (parsed.header.kind, parsed.header.at);
        let bad = prefix.filter(|prefix| !self.config.link.pasid || prefix & !0xf_ffff != PASID_PREFIX);
        if let Some(prefix) = bad {
            findings.push(HostFinding::Prefix { prefix, kind });
        }
        if at != 0 {
            findings.push(HostFinding::AddressType { kind, at });
        }
        bad.is_some() || at != 0
    }

    fn check_requester(&self, kind: Kind, requester: Bdf, findings: &mut Vec<HostFinding>) {
        if !self.bus_master.knows(requester) {
            findings.push(HostFinding::UnknownRequester { kind, requester });
        }
    }

    fn check_payload(&self, parsed: &Parsed<'_>, findings: &mut Vec<HostFinding>) {
        let (mps, bytes) = (self.config.link.mps, (parsed.payload.len() * 4) as u16);
        if bytes > mps {
            findings.push(HostFinding::PayloadAboveMps { kind: parsed.header.kind, bytes, mps });
        }
    }

    /// Checks that memory requests share.
    fn check_request(&self, parsed: &Parsed<'_>, span: &Span, findings: &mut Vec<HostFinding>) {
        let header = &parsed.header;
        let address = span.address;
        self.check_requester(header.kind, header.requester(), findings);
        if self.bus_master.forbids(header.kind, header.requester()) {
            findings.push(HostFinding::NotBusMaster { kind: header.kind, address });
        }
        if header.four_words && address >> 32 == 0 {
            findings.push(HostFinding::LongHeader { address });
        }
        if !header.hint && !span.enables_legal() {
            let Span { length: words, first_be, last_be, .. } = *span;
            findings.push(HostFinding::ByteEnables { address, words, first_be, last_be });
        }
    }
}

/// Fmt 100, Type 1 0001: the PASID prefix, neither executing nor privileged [PCIe Base 2.2.10.2].
const PASID_PREFIX: u32 = 0x91 << 24;

/// The PASID of a prefix that was found good.
fn pasid_of(prefix: Option<u32>) -> Option<u32> {
    prefix.map(|prefix| prefix & 0xf_ffff)
}

/// Writes the enabled bytes, all or none; gives back the bytes from the first to the
/// last enabled one, `None` when none is enabled.
fn write_memory(mem: &mut HostMemory, span: &Span, payload: &[u32]) -> Result<Option<Vec<u8>>, MemError> {
    let bytes = to_bytes(payload);
    let enabled: Vec<usize> = (0..bytes.len()).filter(|&i| span.enables(i)).collect();
    let (Some(&first), Some(&last)) = (enabled.first(), enabled.last()) else { return Ok(None) };
    let at = span.address + first as u64;
    if enabled.len() == last - first + 1 {
        mem.write(at, &bytes[first..=last])?;
    } else {
        mem.answers(at, last - first + 1)?;
        for &i in &enabled {
            mem.write(span.address + i as u64, &bytes[i..=i])?;
        }
    }
    Ok(Some(bytes[first..=last].to_vec()))
}
