// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One epoch: set up, shown alive, loaded, disturbed, reset.

use super::partner::{MESSAGES, Partner, RECORDS, SLOTS, area};
use crate::lockstep::packets::{cfg_read, cfg_write, read, write};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tlp::{EndpointError, Pressure, Reset, Store, Tick};
use vectors::regs;

const ID: u16 = 0x0100;
const BAR0: u64 = 0x1000_0000;
const BAR2: u64 = 0x2000_0000;
const BAR4: u64 = 0x3000_0000;
/// Sources of each store that are used.
const SOURCES: u32 = 6;
/// Tag of the write that asks for a reset, and of the looks whether it is over.
const ASK: u32 = 0xfe;
const POLL: u32 = 0xfd;
/// Tag of the last request of a set-up, and the register that is written last.
const DONE: u32 = 0xfc;
const LAST: u32 = 0xb0;
/// Cycles in which a message must have come when nothing holds it up.
const CALM: Tick = 160;
/// Tags that may rest before a hot reset is due.
const MOST_RESTING: usize = 4;

/// One epoch.
pub struct Epoch {
    rng: ChaCha8Rng,
}

impl Epoch {
    /// Draws its choices from the run's.
    pub fn new(number: u64, rng: &mut ChaCha8Rng) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(rng.random::<u64>() ^ number) }
    }

    /// Programs everything, with the number of the epoch in it.
    pub fn set_up(&mut self, p: &mut Partner<'_>) -> Result<(), EndpointError> {
        p.answering = true;
        let epoch = p.epoch;
        for (offset, be, value) in [
            (0x10, 0xf, BAR0 as u32),
            (0x18, 0xf, BAR2 as u32),
            (0x1c, 0xf, 0),
            (0x20, 0xf, BAR4 as u32),
            (0x24, 0xf, 0),
            (0x78, 0x3, 1),
            (0x04, 0x3, 6),
            (0xb0, 0xc, 0x8000_0000),
        ] {
            p.send(cfg_write(ID, offset, be, value, if offset == LAST { DONE } else { 1 }));
        }
        // Posted writes may pass what has not been performed.
        p.await_completion(DONE)?;
        p.answer_late();
        for (code, bar) in [(0u64, BAR2), (1, BAR4)] {
            for k in 0..SOURCES {
                let address = MESSAGES + ((code << 12 | u64::from(k)) << 4);
                p.send(write(bar + 16 * u64::from(k), (0xf, 0xf), &[address as u32, 0, epoch as u32, 0], 0));
            }
        }
        let (ring, slots) = (area(RECORDS, epoch), area(SLOTS, epoch));
        let reg = |offset: u32| BAR0 + u64::from(offset);
        p.send(write(reg(regs::FN_REC_ADDR_LO), (0xf, 0xf), &[ring as u32, (ring >> 32) as u32, 4], 0));
        p.send(write(reg(regs::HS_BASE_LO), (0xf, 0xf), &[slots as u32, (slots >> 32) as u32, 64, 1], 0));
        p.send(read(reg(regs::HS_STATUS), 1, (0xf, 0), DONE));
        p.await_completion(DONE)?;
        p.host_on = true;
        Ok(())
    }

    /// Every source once: what was reset works again, and says the new thing.
    pub fn prove_alive(&mut self, p: &mut Partner<'_>) -> Result<(), EndpointError> {
        for k in 0..SOURCES {
            p.raise(Store::Msix, k);
            p.raise(Store::Device, k);
            p.raise(Store::Host, k);
        }
        p.drain(CALM)?;
        p.run(CALM)?;
        p.judge();
        Ok(())
    }

    /// Causes, doorbells, reads; stalls and few credits; answers kept back.
    pub fn load(&mut self, p: &mut Partner<'_>) -> Result<(), EndpointError> {
        let mut stall = |n: u8| if self.rng.random_range(0..2) == 0 { 0 } else { self.rng.random_range(1..n) };
        let pressure = Pressure { rx_gap: stall(160), tx_stall: stall(230), cause_gap: stall(160) };
        p.stall(pressure, self.rng.random());
        let few = |rng: &mut ChaCha8Rng| (rng.random_range(0..3) > 0).then(|| rng.random_range(0..12u8));
        let (posted, reads) = (few(&mut self.rng), few(&mut self.rng));
        p.grant(posted, reads);
        p.answering = self.rng.random_range(0..2) == 0;
        // Tags of reads that a function reset cuts rest for long: not too many of them.
        let fetch = self.rng.random_range(0..2) == 0;
        if fetch {
            p.send(write(BAR0 + u64::from(regs::HS_CMD), (0xf, 0), &[1 << 31 | 20 << 20], 0));
        }
        for _ in 0..self.rng.random_range(0..60) {
            let k = self.rng.random_range(0..SOURCES);
            match self.rng.random_range(0..8) {
                0..=2 => p.raise(Store::Msix, k),
                3 | 4 => p.raise(Store::Device, k),
                5 => p.raise(Store::Host, if fetch { k & 1 } else { k }),
                6 => {
                    let word =
                        self.rng.random_range(0..2u32) << 30 | self.rng.random_range(1..5u32) << 22 | 1 << 20 | k;
                    p.send(write(BAR0 + u64::from(regs::FN_DOORBELL), (0xf, 0), &[word], 0));
                }
                _ => p.send(read(BAR4, self.rng.random_range(2..32), (0xf, 0xf), 3)),
            }
        }
        p.run(self.rng.random_range(0..200))
    }

    /// Bus mastering or memory decode off and on again: nothing is lost by it.
    pub fn toggle(&mut self, p: &mut Partner<'_>) -> Result<(), EndpointError> {
        let (name, off) = if self.rng.random_range(0..2) == 0 { ("bus master", 2) } else { ("memory space", 4) };
        p.send(cfg_write(ID, 0x04, 0x3, off, 4));
        p.run(self.rng.random_range(0..120))?;
        p.send(cfg_write(ID, 0x04, 0x3, 6, 4));
        p.run(self.rng.random_range(0..60))?;
        *p.report.resets.entry(name.to_string()).or_default() += 1;
        Ok(())
    }

    /// Nothing holds anything up any more: all that is owed comes.
    pub fn calm(&mut self, p: &mut Partner<'_>) -> Result<(), EndpointError> {
        p.stall(Pressure::default(), 0);
        p.grant(None, None);
        p.answer_all();
        p.drain(CALM)?;
        p.run(2 * CALM)?;
        p.judge();
        Ok(())
    }

    /// The reset, at whatever cycle this is.
    pub fn reset(&mut self, p: &mut Partner<'_>) -> Result<(), EndpointError> {
        let kind = if p.resting > MOST_RESTING { 2 } else { self.rng.random_range(0..3) };
        let name = ["function level", "D3hot to D0", "hot"][kind];
        match kind {
            0 => self.ask(p, cfg_write(ID, 0x58, 0x3, 0xa810, ASK))?,
            1 => {
                p.send(cfg_write(ID, 0x44, 0x1, 3, 4));
                p.run(self.rng.random_range(0..100))?;
                self.ask(p, cfg_write(ID, 0x44, 0x1, 0, ASK))?;
            }
            _ => p.conventional(Reset::Hot)?,
        }
        *p.report.resets.entry(name.to_string()).or_default() += 1;
        Ok(())
    }

    /// Sends the write that asks for a function reset and waits for its completion, then for its end.
    fn ask(&mut self, p: &mut Partner<'_>, packet: crate::lockstep::packets::Down) -> Result<(), EndpointError> {
        p.send(packet);
        p.await_completion(ASK)?;
        p.function_reset();
        p.stall(Pressure::default(), 0);
        p.grant(None, None);
        p.completed.clear();
        for _ in 0..200 {
            p.send(cfg_read(ID, 0, 0xf, POLL));
            p.drain(64)?;
            if p.completed.contains(&POLL) {
                return Ok(());
            }
        }
        let state = p.state();
        p.report.report("not_back", || state);
        p.given_up = true;
        Ok(())
    }
}
