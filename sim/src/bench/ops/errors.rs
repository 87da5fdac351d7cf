// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Error reporting: what a driver does about it, what it finds, and errors made on purpose.

use super::environment;
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use host_model::driver::aer::Aer;
use host_model::rc::ecrc;
use host_model::rc::requests::{RawTag, Request};
use rand::RngExt;
use tlp::Packet;
use vectors::op::{DeviceError, ErrorExpect, ErrorMessages, ErrorName, LoggedHeader, ReadFault};

/// The driver's handle, found at first use.
fn driver(s: &mut Sequencer<'_>) -> Result<Aer, Stop> {
    if let Some(aer) = s.machine.aer {
        return Ok(aer);
    }
    let found = Aer::find(&mut s.world);
    let aer = s.drive("finding error reporting", found)?;
    s.machine.aer = Some(aer);
    Ok(aer)
}

pub fn reporting(s: &mut Sequencer<'_>, on: bool) -> Result<(), Stop> {
    let aer = driver(s)?;
    if on {
        let cleared = aer.clear(&mut s.world);
        s.drive("clearing error status", cleared)?;
    }
    let done = aer.report(&mut s.world, on);
    s.drive("error reporting", done)
}

pub fn clear(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    let aer = driver(s)?;
    let cleared = aer.clear(&mut s.world);
    s.drive("clearing error status", cleared)?;
    let cleared = aer.clear_device_status(&mut s.world);
    s.drive("clearing device status", cleared)
}

pub fn digests(s: &mut Sequencer<'_>, on: bool) -> Result<(), Stop> {
    let aer = driver(s)?;
    let done = aer.digests(&mut s.world, on);
    s.drive("digests", done)
}

pub fn expect(s: &mut Sequencer<'_>, want: &ErrorExpect) -> Result<(), Stop> {
    let aer = driver(s)?;
    let info = aer.info(&mut s.world);
    let info = s.drive("reading error registers", info)?;
    let bits = |names: &[ErrorName]| names.iter().fold(0u32, |word, name| word | 1 << name.bit());
    let uncorrectable = bits(&want.uncorrectable);
    s.expect(info.uncorrectable == uncorrectable, || {
        format!("uncorrectable status {:#010x}, expected {uncorrectable:#010x}", info.uncorrectable)
    });
    let correctable = u32::from(want.advisory) << 13;
    s.expect(info.correctable == correctable, || {
        format!("correctable status {:#06x}, expected {correctable:#06x}", info.correctable)
    });
    if let Some(names) = &want.device {
        let of = |name: &DeviceError| match name {
            DeviceError::Correctable => 1,
            DeviceError::NonFatal => 2,
            DeviceError::Fatal => 4,
            DeviceError::Unsupported => 8,
        };
        let device = names.iter().fold(0, |word, name| word | of(name));
        s.expect(info.device & 0xf == device, || {
            format!("device status {:#x}, expected {device:#x}", info.device & 0xf)
        });
    }
    let first = want.first.map(ErrorName::bit);
    s.expect(info.first == first, || format!("the first error is {:?}, expected {first:?}", info.first));
    let Some(header) = want.header else { return Ok(()) };
    let sent = s.world.sent_by_hand.as_ref().map(|p| (p.header, p.prefix));
    let logged = info.header.map(|header| (header, info.prefix));
    let good = match header {
        LoggedHeader::LastTlp => logged.is_some() && logged == sent,
        LoggedHeader::NotLastTlp => logged.is_some() && logged != sent,
        LoggedHeader::None => logged.is_none(),
    };
    s.expect(good, || format!("the header log shows {logged:08x?}, expected {header:?}, which was {sent:08x?}"));
    Ok(())
}

/// Error messages at the root port so far.
pub fn received(s: &Sequencer<'_>) -> [u64; 3] {
    let errors = s.world.host.rc().errors();
    [errors.correctable, errors.non_fatal, errors.fatal]
}

pub fn messages(s: &mut Sequencer<'_>, want: &ErrorMessages) -> Result<(), Stop> {
    let (now, base) = (received(s), s.base.error_messages);
    let got = [0, 1, 2].map(|k| now[k] - base[k]);
    let want = [want.correctable, want.non_fatal, want.fatal];
    s.expect(got == want, || format!("error messages {got:?} (correctable, non-fatal, fatal), expected {want:?}"));
    Ok(())
}

/// Makes one error at random: a packet that the device must refuse, or a fetch that fails.
pub fn any(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    let bar = s.world.shadow.config.bar(4);
    let id = u32::from(s.world.device_id().bits());
    let random: u32 = s.world.rng.random();
    let (high, low) = ((bar >> 32) as u32, bar as u32 | random & 0xff8);
    let mut packet = match s.world.rng.random_range(0..12) {
        // Malformed: a reserved type, too little data.
        0 => Packet::with_data([0x7f00_0001, 0xf, high, low], [random]),
        1 => Packet::with_data([0x6000_0002, 0xff, high, low & 0xff0], [random]),
        // Unsupported: a write and a read beside the BARs, I/O, a message.
        2 => Packet::with_data([0x4000_0001, 0xf, 0x1000, 0], [random]),
        3 | 4 => return refused(s, Packet::bare([0x0000_0001, 0xf, random & 0xffc, 0])),
        5 => return refused(s, Packet::with_data([0x4200_0001, 0xf, random & 0xffc, 0], [random])),
        6 => Packet::bare([0x3000_0000, 0x7e, random, random]),
        // Poisoned: a write into a slot that nobody uses, a configuration write.
        7 => Packet::with_data([0x6000_4001, 0xf, high, bar as u32 | 0xfff8], [random]),
        8 => return refused(s, Packet::with_data([0x4400_4001, 0xf, id << 16 | 0x3c, 0], [random])),
        // Unexpected: a completion for a tag that the device does not have.
        9 => Packet::with_data([0x4a00_0001, 4, id << 16 | 0xf0 << 8, 0], [random]),
        // A fetch that fails.
        _ => {
            let how = [ReadFault::Ur, ReadFault::Ca, ReadFault::Poison, ReadFault::Short, ReadFault::ReservedStatus]
                [s.world.rng.random_range(0..5)];
            return if s.world.shadow.host_slots > 0 {
                environment::fail_reads(s, how, 1, None, None, None)
            } else {
                Ok(())
            };
        }
    };
    if s.world.shadow.config.reporting.latest().checks_digests() && random >> 31 == 1 {
        ecrc::append(&mut packet, 1 << 5);
    }
    s.world.request(Request::Raw { packet, tag: RawTag::Unwatched }).map(|_| ())
}

/// A request that the device refuses; nobody waits for its answer.
fn refused(s: &mut Sequencer<'_>, packet: Packet) -> Result<(), Stop> {
    s.world.submit(Request::Raw { packet, tag: RawTag::Assigned });
    Ok(())
}
