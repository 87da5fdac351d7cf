// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Anything at all is thrown at the device: it neither breaks nor sends what it
//! may not, and a cold reset brings it back.

mod common;

use common::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tlp::{Cause, CauseOp, CreditLimits, Endpoint, Packet, Pressure, Reset, Store};

/// Cumulative credits: granted, and used by what has left.
#[derive(Default)]
struct Account {
    granted: [u64; 5],
    used: [u64; 5],
}

impl Account {
    fn limits(&self) -> CreditLimits {
        let [ph, pd, nph, cplh, cpld] = self.granted;
        CreditLimits {
            ph: Some(ph as u8),
            pd: Some(pd as u16 & 0xfff),
            nph: Some(nph as u8),
            npd: Some(0),
            cplh: Some(cplh as u8),
            cpld: Some(cpld as u16 & 0xfff),
        }
    }

    /// Grants more, never so much that the counters are ambiguous.
    fn grant(&mut self, rng: &mut ChaCha8Rng) {
        for i in 0..5 {
            let most = if matches!(i, 1 | 4) { 300 } else { 30 };
            let wanted = self.used[i] + u64::from(rng.next_u32() % most);
            self.granted[i] = self.granted[i].max(wanted);
        }
    }

    fn spend(&mut self, packet: &Packet) {
        let data = packet.data.len().div_ceil(4) as u64;
        let (header_index, data_index) = if is_write(packet) || is_message(packet) {
            (0, Some(1))
        } else if is_cpl(packet) {
            (3, Some(4))
        } else {
            (2, None)
        };
        self.used[header_index] += 1;
        if let Some(i) = data_index {
            self.used[i] += data;
        }
        for i in 0..5 {
            assert!(self.used[i] <= self.granted[i], "credits {i}: {} of {}", self.used[i], self.granted[i]);
        }
    }
}

/// Some packet: sensible, nearly so, or noise. Never a write that renames the device.
fn some_packet(rng: &mut ChaCha8Rng) -> Packet {
    let mut r = || rng.next_u32();
    let offset = match r() % 4 {
        0 => BAR0 + 0x1000 + u64::from(r() & 0x11fc),
        1 => BAR2 + u64::from(r() & 0xfffc),
        2 => BAR4 + u64::from(r() & 0x3_fffc),
        _ => u64::from(r() & !3),
    };
    let words = 1 + r() % 24;
    let (first, last) = (r() & 0xf, if words == 1 { 0 } else { 1 + r() % 15 });
    let payload: Vec<u32> = (0..words).map(|_| if r() % 2 == 0 { r() } else { r() & 3 }).collect();
    let mut packet = match r() % 6 {
        0 => mrd(offset, words, first, last, r() & 0x3ff),
        1 => mrd(offset & !0xfff, 1024, 0xf, 0xf, r() & 0x3ff),
        2 | 3 => mwr(offset, first, last, &payload),
        4 => {
            let at = [0x04, 0x58, 0xb0, 0x44, 0x78, 0x3c, 0x90, 0x94, 0x9c, 0xa0][r() as usize % 10];
            // No reset by accident, and memory stays on most of the time.
            let value = if at == 0x04 { r() | 6 } else { r() & !0x8000 };
            return cfgwr(at, if at == 0x44 { value & !3 } else { value }, r() & 0xf, r() & 0xff);
        }
        _ => cpld(r() & 0x1f, r() & 7, r(), r() & 0x7f, &payload),
    };
    if r() % 4 == 0 {
        packet.header[r() as usize % 4] ^= 1 << (r() % 32);
    }
    if r() % 16 == 0 {
        packet = Packet::with_data([r(), r(), r(), r()], payload.iter().copied().take(words as usize % 5));
    }
    let renames = packet.header[0] >> 24 == 0x44;
    if renames { cfgrd(0, r() & 0xff) } else { packet }
}

#[test]
fn it_survives_and_stays_within_the_rules() {
    for seed in 0..60 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut h = Hand::ready();
        h.host_store(0x10_0000, 4096);
        h.set_reg(0x1110, 0x20_0000);
        h.run(100);
        h.ep.reset(Reset::Hot).unwrap();
        let mut account = Account { granted: [120, 2000, 120, 120, 2000], ..Default::default() };
        h.ep.credits(account.limits());
        h.set_up();
        // Set-up waits for each of its seven completions.
        account.used[3] = 7;
        for _ in 0..400 {
            let r = rng.next_u32();
            match r % 8 {
                0..=3 => h.push(some_packet(&mut rng)),
                4 | 5 => {
                    let store = Store::from_code(r >> 8 & 3).unwrap_or(Store::Host);
                    let op = if r >> 10 & 7 == 0 { CauseOp::Withdraw } else { CauseOp::Raise };
                    let index = rng.next_u32() & 0x1fff;
                    h.ep.cause(Cause { op, store, index }, h.ep.now() + u64::from(r >> 16 & 31));
                }
                6 => {
                    account.grant(&mut rng);
                    h.ep.credits(account.limits());
                }
                _ => {
                    let p = Pressure { rx_gap: r as u8 & 0x7f, tx_stall: (r >> 8) as u8, cause_gap: (r >> 16) as u8 };
                    h.ep.pressure(p, u64::from(r));
                }
            }
            h.run(u64::from(rng.next_u32() % 60));
            for packet in std::mem::take(&mut h.up) {
                account.spend(&packet);
                if is_read(&packet) {
                    let (tag, address) = fetch(&packet);
                    let data = [0xfee0_0000, 0, address as u32, rng.next_u32() & 1];
                    h.push(cpld(tag, 0, 16, address as u32 & 0x7f, &data));
                } else if is_write(&packet) {
                    write(&packet);
                } else if kind(&packet) == 0x34 {
                    assert!(matches!(packet.header[1] & 0xff, 0x20 | 0x24));
                } else if is_message(&packet) {
                    assert!(matches!(message(&packet), 0x30 | 0x31 | 0x33));
                } else {
                    assert!(cpl(&packet).status <= 1);
                }
            }
        }
        h.ep.pressure(Pressure::default(), 0);
        h.ep.credits(CreditLimits::default());
        h.ep.reset(Reset::Cold).unwrap();
        h.up.clear();
        h.set_up();
        assert_eq!(h.reg(0x1000), 0x3153_4d49);
        h.run(1000);
        assert_eq!(h.up, [], "seed {seed}");
    }
}

/// Every cause that was raised on an open source has led to a message, or merged
/// into one that was still to come.
#[test]
fn nothing_is_lost_and_nothing_is_made_up() {
    for seed in 0..20 {
        let mut rng = ChaCha8Rng::seed_from_u64(1000 + seed);
        let mut h = Hand::ready();
        for k in 0..32u64 {
            h.write16(BAR2 + 16 * k, [0xfee0_0000, 0, k as u32, 0]);
            h.write16(BAR4 + 16 * k, [0xfee0_0000, 0, 0x100 + k as u32, 0]);
        }
        h.run(400);
        h.ep.pressure(Pressure { rx_gap: 60, tx_stall: 120, cause_gap: 40 }, seed);
        let mut raised = [0u32; 64];
        for _ in 0..2000 {
            let r = rng.next_u32();
            let (store, index) = if r & 1 == 0 { (Store::Msix, r >> 1 & 31) } else { (Store::Device, r >> 1 & 31) };
            if r >> 6 & 3 == 0 {
                // Mask or unmask something.
                let bar = if store == Store::Msix { BAR2 } else { BAR4 };
                h.write(bar + 16 * u64::from(index) + 12, r >> 8 & 1);
            } else {
                h.raise(store, index);
                raised[(index + 32 * (r & 1)) as usize] += 1;
            }
            h.run(u64::from(r >> 16 & 15));
        }
        h.ep.pressure(Pressure::default(), 0);
        for k in 0..32 {
            h.write(BAR2 + 16 * k + 12, 0);
            h.write(BAR4 + 16 * k + 12, 0);
        }
        h.run(3000);
        let mut sent = [0u32; 64];
        for p in &h.up {
            let data = write(p).data[0];
            sent[((data & 31) + 32 * (data >> 8)) as usize] += 1;
        }
        for k in 0..64 {
            assert!(sent[k] <= raised[k], "seed {seed} source {k}");
            assert_eq!(sent[k] == 0, raised[k] == 0, "seed {seed} source {k}");
        }
        h.up.clear();
        assert_eq!(h.read(BAR2 + 0x8000), 0);
        assert_eq!(sent.iter().sum::<u32>(), h.reg(0x1048));
    }
}
