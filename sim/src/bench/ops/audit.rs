// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reading pending bits: what is owed and cannot be sent must at least be remembered.

use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use host_model::driver::Bus;
use std::collections::BTreeMap;
use vectors::op::Source;
use vectors::regs;

/// Where a pending bit is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// DWORD of configuration space.
    Config(u16),
    /// DWORD at a bus address.
    Memory(u64),
}

/// The DWORD that holds a source's pending bit, and the bit.
pub fn place(s: &Sequencer<'_>, at: Source) -> Result<(Place, u32), Stop> {
    let config = &s.world.shadow.config;
    let row = |base: u32, k: u32| (u64::from(base) + u64::from(k / 32) * 4, k % 32);
    let (address, bit) = match at {
        Source::Msi(k) => return Ok((Place::Config(regs::CAP_MSI_OFFSET as u16 + 0x14), k)),
        Source::Event(_) => return Err(Stop::Input("an event has no pending bit".into())),
        Source::Msix(k) => {
            let (offset, bit) = row(regs::WIN_MSIX_PBA_OFFSET, k);
            (config.bar(regs::WIN_MSIX_PBA_BAR as u8) + offset, bit)
        }
        Source::Host(k) => {
            let (offset, bit) = row(regs::WIN_HOST_PENDING_OFFSET, k);
            (config.bar(regs::WIN_HOST_PENDING_BAR as u8) + offset, bit)
        }
        Source::Device(k) => {
            let offset = u64::from(regs::WIN_IMS_SLOTS_OFFSET) + u64::from(k) * 16 + 12;
            (config.bar(regs::WIN_IMS_SLOTS_BAR as u8) + offset, 1)
        }
        Source::VfMsix { vf, k } => (s.world.shadow.functions.base(vf) + 0x1000 + u64::from(k / 32) * 4, k % 32),
        Source::VfDevice { vf, k } => (s.world.shadow.functions.base(vf) + 0x2000 + u64::from(k) * 16 + 12, 1),
    };
    Ok((Place::Memory(address), bit))
}

/// Reads a DWORD of pending bits.
pub fn read(s: &mut Sequencer<'_>, at: Place) -> Result<u64, Stop> {
    match at {
        Place::Config(register) => {
            let word = s.world.cfg_read(register, 4);
            Ok(u64::from(s.drive("reading pending bits", word)?))
        }
        Place::Memory(address) => {
            let word = s.world.mem_read(address, 4);
            s.drive("reading pending bits", word)
        }
    }
}

/// Reads the pending bit of every source that owes something and is closed.
pub fn pending_bits(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    let device = &mut s.world.device;
    let sources = device.ledger.to_audit(&mut device.shadow);
    let mut by_word: BTreeMap<Place, Vec<(Source, u32)>> = BTreeMap::new();
    for at in sources {
        let (place, bit) = place(s, at)?;
        by_word.entry(place).or_default().push((at, bit));
    }
    for (place, bits) in by_word {
        let readable = match place {
            Place::Config(_) => true,
            Place::Memory(at) => s.world.shadow.address_target(at).is_some() && !s.world.shadow.resetting,
        };
        let word = if readable {
            read(s, place)?
        } else {
            // Nobody can look; what is owed stays owed.
            u64::MAX
        };
        for (at, bit) in bits {
            let now = s.world.now();
            let device = &mut s.world.device;
            device.report.look("pending_bit_lost");
            device.ledger.audited(now, at, word >> bit & 1 == 1, &mut device.shadow);
        }
    }
    Ok(())
}
