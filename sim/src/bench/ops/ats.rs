// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Address translation: services on and off, the map, invalidations.

use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use crate::finding::Kind;
use host_model::driver::Bus;
use host_model::rc::ats::Translation;
use host_model::rc::requests::{RawTag, Request};
use vectors::regs;

/// Cycles within which an Invalidate Request must be completed.
const BOUND: u64 = 200_000;

/// pci_enable_ats and pci_disable_ats: Smallest Translation Unit 4 KiB, Enable.
pub fn enable(s: &mut Sequencer<'_>, on: bool) -> Result<(), Stop> {
    let at = regs::CAP_ATS_OFFSET as u16 + 6;
    // The agent answers from the moment in which it may be asked to that in which it no longer can be.
    s.world.host.rc_mut().ats_mut().enabled = true;
    let agent = s.world.host.rc_mut().ats_mut().switch_begins();
    let monitor = s.world.device.translations.switch_begins();
    let written = s.world.cfg_write(at, 2, u32::from(on) << 15);
    s.drive("address translation services", written)?;
    let back = s.world.cfg_read(at, 2);
    let back = s.drive("address translation services", back)?;
    s.expect(back >> 15 == u32::from(on), || format!("ATS control reads {back:#x}"));
    s.world.host.rc_mut().ats_mut().enabled = on;
    s.world.host.rc_mut().ats_mut().switch_ends(agent);
    s.world.device.translations.switch_ends(monitor);
    Ok(())
}

pub fn map(
    s: &mut Sequencer<'_>,
    first: u64,
    target: u64,
    bytes: u32,
    readable: bool,
    untranslated: bool,
) -> Result<(), Stop> {
    let range = Translation { first, target, bytes: u64::from(bytes), readable, untranslated };
    s.world.host.rc_mut().ats_mut().map.map(range);
    Ok(())
}

pub fn unmap(s: &mut Sequencer<'_>, at: u64, bytes: u32) -> Result<(), Stop> {
    s.world.host.rc_mut().ats_mut().map.unmap(at, u64::from(bytes));
    Ok(())
}

pub fn invalidate(s: &mut Sequencer<'_>, at: Option<u64>, bytes: u32, wait: bool) -> Result<(), Stop> {
    let (first, bytes) = at.map_or((0, 1 << 63), |at| (at, u64::from(bytes)));
    let before = s.world.host.rc().ats().completed + s.world.host.rc().ats().waits() as u64;
    let Some(packet) = s.world.host.rc_mut().invalidate(first, bytes) else {
        return Err(Stop::Input("the device has four Invalidate Requests already".into()));
    };
    s.world.request(Request::Raw { packet, tag: RawTag::Unwatched })?;
    let deadline = s.world.now() + BOUND;
    while wait && s.world.host.rc().ats().completed <= before {
        if s.world.now() >= deadline {
            let text = format!("Invalidate Request for {first:#x} not completed within {BOUND} cycles");
            s.world.find("invalidation_never_done", Kind::Liveness, text);
            return Err(Stop::Stuck);
        }
        s.world.wait(16)?;
    }
    Ok(())
}
