// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Virtual functions: bringing them up and down, their MSI-X, their resets.

use super::stores;
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use host_model::driver::Bus;
use host_model::driver::enumerate;
use host_model::driver::msix::Msix;
use host_model::driver::sriov::{Of, Sriov, SriovWish};
use std::ops::Range;
use vectors::op::{Source, Switch};

/// Where the memory of virtual functions is put: behind what enumeration hands out.
const WINDOW: Range<u64> = 0x48_0000_0000..0x4c_0000_0000;
/// Cycles between enabling and the first access.
const WAIT: u64 = 3_000;
/// Device Control and Device Status of a virtual function.
const DEVICE_CONTROL: u16 = 0x58;

pub fn enable(s: &mut Sequencer<'_>, count: u32, page: u32) -> Result<(), Stop> {
    let Some(known) = s.machine.function.clone() else {
        return Err(Stop::Input("enable_vfs needs `- enumerate` before it".into()));
    };
    let id = s.world.device_id();
    let wish = SriovWish { count: count as u16, page, window: WINDOW, wait: WAIT };
    // Software works the ids out before it looks.
    for n in 0..count {
        let expected = s.world.function_id(Some(n));
        s.world.host.rc_mut().expect_function(expected);
    }
    let sriov = Sriov::enable(&mut s.world, id, &known, &wish);
    let sriov = s.drive("enabling virtual functions", sriov)?;
    for (n, found) in sriov.functions.iter().enumerate() {
        let wanted = s.world.function_id(Some(n as u32));
        s.expect(found.id == wanted, || format!("virtual function {n} is {}, expected {wanted}", found.id));
        s.tally.expectations += found.function.caps.len() as u64;
        let mut own = Of { bus: &mut s.world, id: found.id };
        let on = enumerate::set_master(&mut own, true);
        s.drive("bus mastering of a virtual function", on)?;
    }
    s.machine.vf_msix.clear();
    s.machine.sriov = Some(sriov);
    Ok(())
}

pub fn disable(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    s.machine.vf_msix.clear();
    let Some(sriov) = s.machine.sriov.take() else {
        return Err(Stop::Input("disable_vfs needs `enable_vfs` before it".into()));
    };
    let off = sriov.disable(&mut s.world, WAIT);
    s.drive("disabling virtual functions", off)
}

pub fn msix_enable(s: &mut Sequencer<'_>, vf: u32, vectors: u32) -> Result<(), Stop> {
    let found = s.machine.sriov.as_ref().and_then(|sriov| sriov.functions.get(vf as usize)).cloned();
    let Some(found) = found else {
        return Err(Stop::Input(format!("virtual function {vf} is not enabled")));
    };
    let mut messages = Vec::new();
    for k in 0..vectors {
        messages.push((k as u16, stores::placeholder(s, Source::VfMsix { vf, k })?));
    }
    let mut own = Of { bus: &mut s.world, id: found.id };
    let enabled = Msix::enable(&mut own, &found.function, &messages);
    let msix = s.drive("MSI-X enable of a virtual function", enabled)?;
    s.machine.vf_msix.insert(vf, msix);
    Ok(())
}

pub fn flr(s: &mut Sequencer<'_>, vf: u32) -> Result<(), Stop> {
    s.machine.vf_msix.remove(&vf);
    let id = s.world.function_id(Some(vf));
    let control = s.world.cfg_read_of(id, DEVICE_CONTROL, 2);
    let control = s.drive("device control", control)?;
    let written = s.world.cfg_write_of(id, DEVICE_CONTROL, 2, control | 1 << 15);
    s.drive("starting a reset of a virtual function", written)?;
    // It answers again when it is over.
    let back = s.world.cfg_read_of(id, 0x04, 2);
    let back = s.drive("command register", back)?;
    s.expect(back == 0, || format!("command of virtual function {vf} reads {back:#x} after its reset"));
    Ok(())
}

/// The virtual function of a switch, as a bus of its own, and the setting.
pub fn switched(s: &Sequencer<'_>, switch: Switch) -> (tlp::Bdf, bool) {
    let (vf, on) = switch.parts();
    (s.world.function_id(vf), on)
}
