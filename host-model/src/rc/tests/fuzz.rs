// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Arbitrary packets: nothing panics, everything owed is paid, a seed repeats itself.

use std::collections::BTreeMap;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::host::{Effects, Host, HostConfig};
use crate::rc::bytes::Span;
use crate::rc::complete::{CompletionPolicy, Rcb, SplitPolicy};
use crate::rc::order::OrderPolicy;
use crate::rc::requests::{Request, span_of};
use crate::rc::{LinkSettings, RcConfig};

fn host(seed: u64) -> Host {
    let completion = CompletionPolicy { rcb: Rcb::B64, split: SplitPolicy::Random, delay: (0, 30) };
    let rc = RcConfig { id: ROOT, device: DEVICE, completion, order: OrderPolicy::Random, ..RcConfig::default() };
    Host::new(HostConfig { rc, ..HostConfig::default() }, seed)
}

/// A packet: noise, noise with a sensible first word, or a sane request.
fn any_packet(rng: &mut ChaCha8Rng) -> Packet {
    let mut header = [rng.next_u32(), rng.next_u32(), rng.next_u32(), rng.next_u32()];
    let words = match rng.random_range(0..4u8) {
        0 => rng.random_range(0..8usize),
        1 => {
            // The right number of words for whatever the noise says.
            let types = [0x00, 0x20, 0x40, 0x60, 0x0a, 0x4a, 0x34, 0x74, 0x42, 0x04, 0x4c, 0x4e, 0x5b];
            header[0] = types[rng.random_range(0..types.len())] << 24 | header[0] & 0x00ff_ffff;
            Header::unpack(&header)
                .map_or(0, |h| usize::from(h.digest) + if h.has_data { usize::from(h.length) } else { 0 })
        }
        _ => {
            let top = [0, 0xfee0_0000, 0xffff_ffff_ffff_f000][rng.random_range(0..3usize)];
            let address = top + rng.random_range(0..0x1000u64);
            let room = (0x1000 - (address & 0xfff)).min(128) as usize;
            let span = Span::of(address, rng.random_range(0..=room)).unwrap();
            let kind = if rng.random_bool(0.5) { Kind::MemRead } else { Kind::MemWrite };
            let made = request(kind, span, rng.random_range(0..32));
            header = made.pack();
            if made.has_data { usize::from(made.length) } else { 0 }
        }
    };
    Packet::with_data(header, (0..words).map(|_| rng.next_u32()))
}

/// Bytes still owed per answered read, by the bytes that its answers brought.
#[derive(Default)]
struct Debts(BTreeMap<(u16, u16), Vec<u16>>);

impl Debts {
    fn owe(&mut self, packet: &Packet) {
        let Ok(parsed) = parse(packet) else { return };
        let header = parsed.header;
        if !matches!(header.kind, Kind::MemRead | Kind::MemReadLocked) {
            return;
        }
        if let Some(span) = span_of(&header).filter(Span::in_one_page) {
            self.0.entry((header.requester().bits(), header.tag())).or_default().push(span.byte_count());
        }
    }

    /// A completion settles a debt of its requester, tag and byte count, or part of one.
    fn pay(&mut self, packet: &Packet) {
        let header = parse(packet).unwrap().header;
        let (Kind::Completion { .. }, Body::Completion { byte_count, lower_address, status, .. }) =
            (header.kind, header.body)
        else {
            return;
        };
        let Some(owed) = self.0.get_mut(&(header.requester().bits(), header.tag())) else {
            // Refusals of requests other than reads.
            assert_eq!(status, Status::UnsupportedRequest, "answer to nothing: {header:?}");
            return;
        };
        let Some(at) = owed.iter().position(|&n| n == byte_count) else {
            assert_eq!(status, Status::UnsupportedRequest, "{byte_count} of {owed:?}");
            return;
        };
        let brought = header.length * 4 - u16::from(lower_address & 3);
        if status != Status::Success || brought >= byte_count {
            owed.swap_remove(at);
        } else {
            owed[at] -= brought;
        }
    }
}

fn run(seed: u64) -> Vec<Effects> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0xf00d);
    let mut host = host(seed);
    host.rc_mut().set_link(LinkSettings { mps: 256, ..LinkSettings::default() });
    host.mem_mut().punch_hole(0x800, 0x100);
    let mut debts = Debts::default();
    let mut all = Vec::new();
    let mut now = 0;
    for round in 0..400 {
        now += rng.random_range(0..4u64);
        if round % 16 == 0 {
            host.submit(now, Request::MemRead { address: 0xd000_0000, len: 64 });
            host.submit(now, Request::MemWrite { address: 0xd000_0000, data: vec![1; 8] });
        }
        let packet = any_packet(&mut rng);
        debts.owe(&packet);
        let effects = host.step(now, Some(&packet));
        effects.outbound.iter().for_each(|(_, p)| debts.pay(p));
        all.push(effects);
    }
    host.non_posted_limit(100);
    while let Some(due) = host.next_due() {
        now = now.max(due);
        let effects = host.step(now, None);
        effects.outbound.iter().for_each(|(_, p)| debts.pay(p));
        all.push(effects);
    }
    assert!(host.is_idle());
    let unpaid: Vec<_> = debts.0.into_iter().filter(|(_, owed)| !owed.is_empty()).collect();
    assert_eq!(unpaid, [], "seed {seed}");
    all
}

#[test]
fn whatever_comes_every_read_is_answered_and_nothing_panics() {
    let mut findings = std::collections::BTreeSet::new();
    let mut answers = 0;
    for seed in 0..150 {
        for effects in run(seed) {
            findings.extend(effects.findings.iter().map(std::mem::discriminant).map(|d| format!("{d:?}")));
            answers += effects.outbound.len();
        }
    }
    // The noise is wide enough to mean something.
    assert!(findings.len() >= 15, "{findings:?}");
    assert!(answers > 10_000, "{answers}");
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_one_another() {
    assert_eq!(run(7), run(7));
    let order =
        |effects: Vec<Effects>| effects.into_iter().flat_map(|e| e.outbound).map(|(at, _)| at).collect::<Vec<_>>();
    assert_ne!(order(run(7)), order(run(8)));
}
