// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A hand that writes packets and reads them back, word by word.
//!
//! Nothing of the crate's own decoding is used: headers are put together and taken
//! apart here with shifts, from the specification's figures.
#![allow(dead_code)] // each test file uses its part

use golden::{Golden, GoldenConfig, Quirk};
use tlp::{Cause, CauseOp, Endpoint, Observed, Packet, Stamped, Store, Tick};

/// Where the tests put the BARs.
pub const BAR0: u64 = 0xd000_0000;
pub const BAR1: u64 = 0xd010_0000;
pub const BAR2: u64 = 0x0000_0040_1234_0000;
pub const BAR4: u64 = 0x0000_0041_5678_0000;
/// Bus 5, device 3, function 0.
pub const EP_ID: u32 = 0x0518;
/// The root complex.
pub const RC_ID: u32 = 0x0008;

/// A completion, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cpl {
    pub status: u32,
    pub byte_count: u32,
    pub lower_address: u32,
    pub tag: u32,
    pub tc: u32,
    pub attr: u32,
    pub completer: u32,
    pub requester: u32,
    pub data: Vec<u32>,
}

/// A memory write, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Write {
    pub address: u64,
    pub data: Vec<u32>,
}

/// Fmt and Type.
pub fn kind(p: &Packet) -> u32 {
    p.header[0] >> 24
}

pub fn is_cpl(p: &Packet) -> bool {
    matches!(kind(p), 0x0a | 0x4a)
}

pub fn is_write(p: &Packet) -> bool {
    matches!(kind(p), 0x40 | 0x60)
}

pub fn is_read(p: &Packet) -> bool {
    matches!(kind(p), 0x00 | 0x20)
}

/// Code of an error message, whose form is checked.
pub fn message(p: &Packet) -> u32 {
    let [a, b, c, d] = p.header;
    assert_eq!((a, b & !0xff, c, d), (0x3000_0000, EP_ID << 16, 0, 0), "{p:x?}");
    assert!(p.data.is_empty() && p.prefix.is_none());
    b & 0xff
}

pub fn is_message(p: &Packet) -> bool {
    matches!(kind(p) & !7, 0x30 | 0x70)
}

pub fn cpl(p: &Packet) -> Cpl {
    assert!(is_cpl(p), "{p:x?}");
    let [a, b, c, d] = p.header;
    assert_eq!(d, 0);
    assert_eq!(p.prefix, None);
    assert_eq!(a & 0x0003_cc00, 0, "LN, TH, TD, EP or AT set: {a:08x}");
    assert_eq!((a & 0x3ff) as usize, p.data.len(), "length");
    assert_eq!(kind(p) == 0x4a, !p.data.is_empty());
    Cpl {
        status: b >> 13 & 7,
        byte_count: b & 0xfff,
        lower_address: c & 0x7f,
        tag: (c >> 8 & 0xff) | (a >> 19 & 1) << 8 | (a >> 23 & 1) << 9,
        tc: a >> 20 & 7,
        attr: (a >> 18 & 1) << 2 | (a >> 12 & 3),
        completer: b >> 16,
        requester: c >> 16,
        data: p.data.to_vec(),
    }
}

/// A well-formed write of whole words by the endpoint.
pub fn write(p: &Packet) -> Write {
    assert!(is_write(p), "{p:x?}");
    let [a, b, c, d] = p.header;
    assert_eq!(p.prefix, None);
    assert_eq!(a & 0x00ff_fc00, 0, "TC, tag, attributes, TH, TD, EP, AT: {a:08x}");
    let words = p.data.len() as u32;
    assert_eq!(a & 0x3ff, words);
    assert_eq!(b, EP_ID << 16 | if words == 1 { 0x0f } else { 0xff });
    let address = if kind(p) == 0x60 { u64::from(c) << 32 | u64::from(d) } else { u64::from(c) };
    assert_eq!(kind(p) == 0x60, address >> 32 != 0, "header length");
    assert_eq!(address & 3, 0);
    Write { address, data: p.data.to_vec() }
}

/// (tag, address) of a slot fetch.
pub fn fetch(p: &Packet) -> (u32, u64) {
    assert!(is_read(p), "{p:x?}");
    let [a, b, c, d] = p.header;
    assert_eq!(a & 0x1fff_ffff, 4, "four words, all else 0");
    assert_eq!(b & 0xffff_00ff, EP_ID << 16 | 0xff);
    let address = if kind(p) == 0x20 { u64::from(c) << 32 | u64::from(d) } else { u64::from(c) };
    assert_eq!(kind(p) == 0x20, address >> 32 != 0);
    assert_eq!(address & 15, 0);
    (b >> 8 & 0xff, address)
}

pub fn mwr(address: u64, first_be: u32, last_be: u32, data: &[u32]) -> Packet {
    let len = data.len() as u32 & 0x3ff;
    let w1 = RC_ID << 16 | last_be << 4 | first_be;
    let header = if address >> 32 != 0 {
        [0x6000_0000 | len, w1, (address >> 32) as u32, address as u32]
    } else {
        [0x4000_0000 | len, w1, address as u32, 0]
    };
    Packet::with_data(header, data.iter().copied())
}

pub fn mrd(address: u64, words: u32, first_be: u32, last_be: u32, tag: u32) -> Packet {
    let w0 = words & 0x3ff | (tag >> 9 & 1) << 23 | (tag >> 8 & 1) << 19;
    let w1 = RC_ID << 16 | (tag & 0xff) << 8 | last_be << 4 | first_be;
    Packet::bare(if address >> 32 != 0 {
        [0x2000_0000 | w0, w1, (address >> 32) as u32, address as u32]
    } else {
        [w0, w1, address as u32, 0]
    })
}

pub fn cfgrd(offset: u32, tag: u32) -> Packet {
    Packet::bare([0x0400_0001, RC_ID << 16 | tag << 8 | 0xf, EP_ID << 16 | offset, 0])
}

pub fn cfgwr(offset: u32, value: u32, be: u32, tag: u32) -> Packet {
    Packet::with_data([0x4400_0001, RC_ID << 16 | tag << 8 | be, EP_ID << 16 | offset, 0], [value])
}

/// A completion with data for a read of the endpoint.
pub fn cpld(tag: u32, status: u32, byte_count: u32, lower: u32, data: &[u32]) -> Packet {
    let fmt = if data.is_empty() { 0x0a00_0000 } else { 0x4a00_0000 };
    let header =
        [fmt | data.len() as u32, RC_ID << 16 | status << 13 | byte_count & 0xfff, EP_ID << 16 | tag << 8 | lower, 0];
    Packet::with_data(header, data.iter().copied())
}

/// The endpoint and everything seen of it.
pub struct Hand {
    pub ep: Golden,
    pub seen: Vec<Stamped<Observed>>,
    /// Packets that left, not yet asked for.
    pub up: Vec<Packet>,
    scanned: usize,
    next_tag: u32,
}

impl Hand {
    pub fn new(config: &GoldenConfig) -> Self {
        Self { ep: Golden::new(config).unwrap(), seen: vec![], up: vec![], scanned: 0, next_tag: 0 }
    }

    /// A device with BARs placed, memory and bus master on, MSI-X enabled.
    pub fn ready() -> Self {
        Self::ready_with(&GoldenConfig::default())
    }

    pub fn quirky(quirk: Quirk) -> Self {
        Self::ready_with(&GoldenConfig::with_quirk(quirk))
    }

    pub fn ready_with(config: &GoldenConfig) -> Self {
        let mut hand = Self::new(config);
        hand.set_up();
        hand
    }

    pub fn set_up(&mut self) {
        self.cfg_write(0x10, BAR0 as u32);
        self.cfg_write(0x14, BAR1 as u32);
        self.cfg_write(0x18, BAR2 as u32);
        self.cfg_write(0x1c, (BAR2 >> 32) as u32);
        self.cfg_write(0x20, BAR4 as u32);
        self.cfg_write(0x24, (BAR4 >> 32) as u32);
        self.cfg_write(0x04, 0x6);
        self.cfg_write(0xb0, 0x8000_0000);
    }

    pub fn push(&mut self, packet: Packet) {
        self.ep.push(packet, 0);
    }

    /// Runs for so many ticks; what left is appended to `up`.
    pub fn run(&mut self, ticks: Tick) {
        let until = self.ep.now() + ticks;
        while self.ep.now() < until {
            self.ep.run(until, &mut self.seen).unwrap();
        }
        for s in &self.seen[self.scanned..] {
            if let Observed::Up(p) = &s.what {
                self.up.push(p.clone());
            }
        }
        self.scanned = self.seen.len();
    }

    /// Runs until a packet that `want` accepts has left, and takes it out.
    pub fn wait(&mut self, want: impl Fn(&Packet) -> bool) -> Packet {
        for _ in 0..2000 {
            if let Some(i) = self.up.iter().position(&want) {
                return self.up.remove(i);
            }
            self.run(1);
        }
        panic!("nothing came; seen {:x?}", self.up);
    }

    pub fn tag(&mut self) -> u32 {
        self.next_tag = (self.next_tag + 1) & 0xff;
        self.next_tag
    }

    fn answer(&mut self, tag: u32) -> Cpl {
        let packet = self.wait(|p| is_cpl(p) && cpl(p).tag == tag);
        let cpl = cpl(&packet);
        assert_eq!(cpl.requester, RC_ID);
        cpl
    }

    /// One request and its one completion.
    pub fn ask(&mut self, packet: Packet, tag: u32) -> Cpl {
        self.push(packet);
        self.answer(tag)
    }

    pub fn cfg_write_be(&mut self, offset: u32, value: u32, be: u32) {
        let tag = self.tag();
        let c = self.ask(cfgwr(offset, value, be, tag), tag);
        assert_eq!((c.status, c.byte_count, c.lower_address, c.completer), (0, 4, 0, EP_ID));
        assert!(c.data.is_empty());
    }

    pub fn cfg_write(&mut self, offset: u32, value: u32) {
        self.cfg_write_be(offset, value, 0xf);
    }

    pub fn cfg_read(&mut self, offset: u32) -> u32 {
        let tag = self.tag();
        let c = self.ask(cfgrd(offset, tag), tag);
        assert_eq!((c.status, c.byte_count, c.lower_address), (0, 4, 0));
        c.data[0]
    }

    pub fn read(&mut self, address: u64) -> u32 {
        let tag = self.tag();
        let c = self.ask(mrd(address, 1, 0xf, 0, tag), tag);
        assert_eq!((c.status, c.byte_count, c.lower_address), (0, 4, address as u32 & 0x7c));
        c.data[0]
    }

    /// As [`read`](Self::read), of a function's memory.
    pub fn read_of(&mut self, address: u64, completer: u32) -> u32 {
        let tag = self.tag();
        let c = self.ask(mrd(address, 1, 0xf, 0, tag), tag);
        assert_eq!((c.status, c.completer), (0, completer));
        c.data[0]
    }

    pub fn write(&mut self, address: u64, value: u32) {
        self.push(mwr(address, 0xf, 0, &[value]));
    }

    /// Four words at a 16-byte aligned address, one packet.
    pub fn write16(&mut self, address: u64, words: [u32; 4]) {
        self.push(mwr(address, 0xf, 0xf, &words));
    }

    pub fn reg(&mut self, offset: u32) -> u32 {
        self.read(BAR0 + u64::from(offset))
    }

    pub fn set_reg(&mut self, offset: u32, value: u32) {
        self.write(BAR0 + u64::from(offset), value);
    }

    pub fn raise(&mut self, store: Store, index: u32) {
        self.ep.cause(Cause { op: CauseOp::Raise, store, index }, 0);
    }

    pub fn withdraw(&mut self, store: Store, index: u32) {
        self.ep.cause(Cause { op: CauseOp::Withdraw, store, index }, 0);
    }

    /// Runs for a while and takes the writes that left.
    pub fn writes(&mut self) -> Vec<Write> {
        self.run(300);
        let (writes, rest) = core::mem::take(&mut self.up).into_iter().partition::<Vec<_>, _>(is_write);
        self.up = rest;
        writes.iter().map(write).collect()
    }

    /// Pending bit of an MSI-X vector.
    pub fn pba(&mut self, index: u32) -> bool {
        self.read(BAR2 + 0x8000 + u64::from(index / 32 * 4)) >> (index % 32) & 1 != 0
    }

    /// Device Status and Status, then clears them.
    pub fn take_status(&mut self) -> (u32, u32) {
        let status = (self.cfg_read(0x58) >> 16 & 0xf, self.cfg_read(0x04) >> 16 & 0xf900);
        self.cfg_write_be(0x58, 0x000f_0000, 0xc);
        self.cfg_write_be(0x04, 0xf900_0000, 0xc);
        status
    }

    /// Sets the host store up: slots 0..size at `base`.
    pub fn host_store(&mut self, base: u64, size: u32) {
        self.set_reg(0x1020, base as u32);
        self.set_reg(0x1024, (base >> 32) as u32);
        self.set_reg(0x1028, size);
        self.set_reg(0x102c, 1);
    }
}

/// Where the tests put the memory of virtual functions.
pub const APERTURES: u64 = 0x0000_0048_0000_0000;
/// Virtual function 0.
pub const VF0: u32 = EP_ID + 8;

/// Memory of a virtual function.
pub fn aperture(n: u64) -> u64 {
    APERTURES + 0x4000 * n
}

/// A configuration request to another function.
pub fn to(mut packet: Packet, id: u32) -> Packet {
    packet.header[2] = id << 16 | packet.header[2] & 0xffff;
    packet
}

/// `count` functions, each bus master with MSI-X enabled.
pub fn with_functions(config: &GoldenConfig, count: u32) -> Hand {
    let mut h = Hand::ready_with(config);
    h.cfg_write(0x1e4, APERTURES as u32);
    h.cfg_write(0x1e8, (APERTURES >> 32) as u32);
    h.cfg_write(0x1d0, count);
    h.cfg_write(0x1c8, 0x19);
    for n in 0..count {
        vf_push(&mut h, n, 0x04, 4);
        vf_push(&mut h, n, 0xb0, 0x8000_0000);
    }
    h.up.clear();
    h
}

pub fn vf_read(h: &mut Hand, n: u32, offset: u32) -> u32 {
    let tag = h.tag();
    let c = h.ask(to(cfgrd(offset, tag), VF0 + n), tag);
    assert_eq!((c.status, c.completer), (0, VF0 + n), "function {n}, {offset:#x}");
    c.data[0]
}

pub fn vf_write(h: &mut Hand, n: u32, offset: u32, value: u32) {
    let tag = h.tag();
    let c = h.ask(to(cfgwr(offset, value, 0xf, tag), VF0 + n), tag);
    assert_eq!((c.status, c.completer), (0, VF0 + n), "function {n}, {offset:#x}");
}

/// A configuration write whose answer nobody looks at.
pub fn vf_push(h: &mut Hand, n: u32, offset: u32, value: u32) {
    h.push(to(cfgwr(offset, value, 0xf, 5), VF0 + n));
    h.run(40);
}

/// The same to the physical function.
pub fn pf_push(h: &mut Hand, offset: u32, value: u32) {
    h.push(cfgwr(offset, value, 0xf, 6));
    h.run(40);
}
