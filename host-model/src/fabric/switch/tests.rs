// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A switch by hand: where packets go, in which order, and what it refuses.

use super::*;

const HOST: Bdf = Bdf::from_bits(0);

fn switch() -> Switch {
    let mut s = Switch::new(SwitchConfig { ports: 2, forward: 3, non_posted: 8 });
    // Bus 1 above, internal bus 2, bus 3 and bus 4 below; windows of a mebibyte each.
    let mut set = |target: u16, type1, register, value| {
        s.receive(0, 0, &config(target, type1, register, Some(value)));
    };
    set(0x0100, false, 0x18, 0x0004_0201);
    set(0x0100, false, 0x20, 0xd020_d010);
    set(0x0100, false, 0x24, 0x0000_fff0);
    set(0x0100, false, 0x04, 6);
    for n in 0..2u32 {
        let id = 0x0200 | (n as u16) << 3;
        set(id, true, 0x18, (3 + n) << 16 | (3 + n) << 8 | 2);
        set(id, true, 0x20, (0xd010 + 0x10 * n) << 16 | (0xd010 + 0x10 * n));
        set(id, true, 0x24, 0x0000_fff0);
        set(id, true, 0x04, 6);
    }
    let all = run(&mut s, 0);
    assert!(all.iter().all(|(_, port, p)| *port == 0 && p.header[0] >> 24 == 0x0a && p.header[1] >> 13 & 7 == 0));
    assert_eq!(all.len(), 12);
    s
}

fn run(s: &mut Switch, from: Tick) -> Vec<(Tick, usize, Packet)> {
    let mut all = Vec::new();
    for now in from..from + 200 {
        let mut out = Vec::new();
        s.step(now, &mut out);
        all.extend(out.into_iter().map(|(port, p)| (now, port, p)));
    }
    all
}

fn config(target: u16, type1: bool, register: u16, value: Option<u32>) -> Packet {
    let target = Bdf::from_bits(target);
    let body = Body::Config { requester: HOST, tag: 1, target, register, first_be: 0xf, last_be: 0 };
    let kind = if value.is_some() { Kind::ConfigWrite { type1 } } else { Kind::ConfigRead { type1 } };
    Header::new(kind, value.is_some(), 1, body).packet(value)
}

fn memory(requester: u16, address: u64, data: Option<u32>) -> Packet {
    let requester = Bdf::from_bits(requester);
    let body = Body::Addressed { requester, tag: 5, address, hint: 0, first_be: 0xf, last_be: 0 };
    let kind = if data.is_some() { Kind::MemWrite } else { Kind::MemRead };
    Header::new(kind, data.is_some(), 1, body).packet(data)
}

#[test]
fn requests_go_by_address_and_by_bus_number() {
    let mut s = switch();
    for (k, (from, packet, to)) in [
        (0, memory(0, 0xd010_0000, Some(1)), 1),
        (0, memory(0, 0xd02f_fffc, None), 2),
        (1, memory(0x300, 0xfee0_1000, Some(1)), 0),
        (1, memory(0x300, 0xd020_0000, Some(1)), 2),
        (2, memory(0x400, 0x1000, None), 0),
    ]
    .into_iter()
    .enumerate()
    {
        let now = 1000 * (k as Tick + 1);
        s.receive(now, from, &packet);
        let out = run(&mut s, now);
        assert_eq!(out, [(now + 3, to, packet)]);
    }
    // Type 1 for the bus of a link becomes type 0; for nobody it is refused.
    s.receive(9000, 0, &config(0x0400, true, 0x10, None));
    assert_eq!(run(&mut s, 9000), [(9003, 2, config(0x0400, false, 0x10, None))]);
    for (target, now) in [(0x0408, 10_000), (0x0500, 11_000), (0x0210, 12_000)] {
        s.receive(now, 0, &config(target, true, 0x10, None));
        let out = run(&mut s, now);
        assert_eq!((out[0].1, out[0].2.header[1] >> 13 & 7), (0, 1), "{target:#x}");
    }
}

#[test]
fn what_nobody_claims_is_refused_and_a_closed_bridge_forwards_nothing() {
    let mut s = switch();
    s.receive(1000, 0, &memory(0, 0xd030_0000, Some(1)));
    s.receive(1000, 0, &memory(0, 0xd030_0000, None));
    let out = run(&mut s, 1000);
    assert_eq!((out.len(), out[0].1, out[0].2.header[1] >> 13 & 7), (1, 0, 1));
    s.receive(2000, 0, &config(0x0200, true, 0x04, Some(2)));
    run(&mut s, 2000);
    s.receive(3000, 1, &memory(0x300, 0xfee0_1000, Some(1)));
    assert_eq!(run(&mut s, 3000), []);
}

#[test]
fn completions_find_their_requester() {
    let mut s = switch();
    for (now, from, requester, to) in [(1000, 1, 0x0000, 0), (2000, 0, 0x0400, 2), (3000, 0, 0x0300, 1)] {
        let body = Body::Completion {
            completer: Bdf::from_bits(0x0300),
            requester: Bdf::from_bits(requester),
            tag: 1,
            status: Status::Success,
            bcm: false,
            byte_count: 4,
            lower_address: 0,
        };
        let packet = Header::new(Kind::Completion { locked: false }, true, 1, body).packet([7]);
        s.receive(now, from, &packet);
        assert_eq!(run(&mut s, now), [(now + 3, to, packet)]);
    }
}

#[test]
fn posted_packets_pass_reads_without_credit_and_never_each_other() {
    let mut s = switch();
    s.non_posted_limit(1, 1);
    let reads = [memory(0, 0xd010_0000, None), memory(0, 0xd010_0004, None)];
    let writes = [memory(0, 0xd010_0008, Some(1)), memory(0, 0xd010_000c, Some(2))];
    for p in [&reads[0], &reads[1], &writes[0], &writes[1]] {
        s.receive(0, 0, p);
    }
    let order: Vec<Packet> = run(&mut s, 0).into_iter().map(|(_, _, p)| p).collect();
    assert_eq!(order, [reads[0].clone(), writes[0].clone(), writes[1].clone()]);
    // A read never passes a write in front of it.
    s.receive(300, 0, &writes[0]);
    s.receive(300, 0, &reads[0]);
    s.non_posted_limit(1, 4);
    let order: Vec<Packet> = run(&mut s, 300).into_iter().map(|(_, _, p)| p).collect();
    assert_eq!(order, [reads[1].clone(), writes[0].clone(), reads[0].clone()]);
}

#[test]
fn ways_in_take_turns_and_a_link_carries_one_beat_a_tick() {
    let mut s = switch();
    for k in 0..3 {
        s.receive(1000, 1, &memory(0x300, 0xfee0_1000, Some(k)));
        s.receive(1000, 2, &memory(0x400, 0xfee0_2000, Some(k)));
    }
    let out: Vec<(Tick, u32)> = run(&mut s, 1000).into_iter().map(|(t, _, p)| (t, p.header[1] >> 16)).collect();
    assert_eq!(out, [(1003, 0x300), (1004, 0x400), (1005, 0x300), (1006, 0x400), (1007, 0x300), (1008, 0x400)]);
    assert!(s.is_idle());
}

#[test]
fn the_limit_from_above_grows_when_a_request_has_left() {
    let mut s = switch();
    s.take_limit();
    s.non_posted_limit(1, 0);
    s.receive(0, 0, &memory(0, 0xd010_0000, None));
    run(&mut s, 0);
    assert_eq!(s.take_limit(), None);
    s.non_posted_limit(1, 1);
    run(&mut s, 300);
    assert!(s.take_limit().is_some());
}

/// INTA of two ports: one is turned to INTB; each is said behind the posted packets of its port, under the id of the
/// upstream port.
#[test]
fn wires_are_collapsed_and_keep_behind_posted_packets() {
    let mut s = switch();
    let intx = |id: u32, code| Packet::bare([0x34 << 24, id << 16 | code, 0, 0]);
    let write = Packet { header: [0x4000_0001, 0x0400_000f, 0xfee0_0000, 0], ..Packet::bare([0; 4]) };
    s.receive(1000, 2, &Packet { data: [7].into_iter().collect(), ..write.clone() });
    s.receive(1000, 2, &intx(0x0400, 0x20));
    s.receive(1000, 1, &intx(0x0300, 0x20));
    s.receive(1000, 1, &intx(0x0300, 0x24));
    s.receive(1000, 2, &intx(0x0400, 0x24));
    let up: Vec<_> = run(&mut s, 1000).into_iter().map(|(_, port, p)| (port, p.header[0] >> 24, p.header[1])).collect();
    let place = |code: u32| up.iter().position(|p| *p == (0, 0x34, 0x0100 << 16 | code));
    let posted = up.iter().position(|p| p.1 == 0x40).expect("the write goes up");
    assert!(place(0x21).is_some_and(|at| at > posted), "{up:08x?}");
    assert!(place(0x25) > place(0x21) && place(0x24) > place(0x20) && place(0x20).is_some(), "{up:08x?}");
    assert_eq!(up.len(), 5);
    let mut broken = switch();
    broken.plant(SwitchFault::KeepsWires);
    broken.receive(1000, 1, &intx(0x0300, 0x20));
    assert!(run(&mut broken, 1000).is_empty());
}

/// Two ports whose pins meet above: whatever waits in front of the messages of either, what is said above ends with the level
/// that the wires have.
#[test]
fn wires_that_meet_keep_one_order() {
    let intx = |id: u32, code| Packet::bare([0x34 << 24, id << 16 | code, 0, 0]);
    let write = Packet { header: [0x4000_0001, 0x0300_000f, 0xfee0_0000, 0], ..Packet::bare([0; 4]) };
    for waiting in 0..6 {
        let mut s = switch();
        // INTB of port 1 and INTA of port 2 are both INTB above; many packets are in front of those of port 1.
        for _ in 0..waiting {
            s.receive(1000, 1, &Packet { data: [7].into_iter().collect(), ..write.clone() });
        }
        s.receive(1000, 1, &intx(0x0300, 0x21));
        s.receive(1000, 2, &intx(0x0400, 0x20));
        s.receive(1000, 2, &intx(0x0400, 0x24));
        s.receive(1000, 1, &intx(0x0300, 0x25));
        s.receive(1000, 2, &intx(0x0400, 0x20));
        let said: Vec<u8> = run(&mut s, 1000)
            .into_iter()
            .filter(|(_, _, p)| p.header[0] >> 24 == 0x34)
            .map(|(_, _, p)| p.header[1] as u8)
            .collect();
        assert_eq!(said.last(), Some(&0x21), "{waiting}: {said:02x?}");
        assert!(said.windows(2).all(|w| w[0] != w[1]), "{waiting}: each is a change: {said:02x?}");
    }
}
