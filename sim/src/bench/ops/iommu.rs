// SPDX-License-Identifier: Apache-2.0 OR MIT
//! DMA remapping: tables that map memory to itself, pages that go and come.

use super::remap;
use super::work::SUBMISSION;
use crate::bench::machine::{DMA_TABLES, DMA_TABLES_END, RECORDS, SLOTS};
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use host_model::driver::iommu::{Attach, DmaRemapping, Kind, PageSize, Space};
use std::collections::BTreeMap;
use vectors::op::DmaOp;

/// Ranges with pages of 4 KiB: records, submission rings and the first slots. The rest of the first 4 GiB has pages of 2 MiB, memory
/// above it, up to 128 GiB, of 1 GiB.
const SMALL: [u64; 3] = [RECORDS, SUBMISSION, SLOTS];
const MIB2: u64 = 0x20_0000;
const GIB: u64 = 0x4000_0000;

/// DMA remapping as it stands.
#[derive(Clone, Debug)]
pub struct Iommu {
    driver: DmaRemapping,
    scalable: bool,
    /// The device's table, and those of PASIDs.
    spaces: BTreeMap<Option<u32>, Space>,
}

fn input(text: &str) -> Stop {
    Stop::Input(text.into())
}

pub fn carry_out(s: &mut Sequencer<'_>, op: &DmaOp) -> Result<(), Stop> {
    match *op {
        DmaOp::On { scalable, levels } => on(s, scalable, levels),
        DmaOp::Off => {
            let iommu = s.machine.iommu.take().ok_or_else(|| input("DMA remapping is not on"))?;
            let (unit, world) = remap::driver(s)?;
            let off = iommu.driver.disable(world, unit);
            s.drive("switching DMA remapping off", off)
        }
        DmaOp::Pasid { pasid, levels } => with(s, |s, iommu| {
            if !iommu.scalable {
                return Err(input("PASIDs need `dma: { on: { scalable: true } }`"));
            }
            let space = filled(s, &mut iommu.driver, pasid as u16, Kind::First { levels: levels.into() })?;
            let device = s.world.device_id();
            let attached = iommu.driver.attach_pasid(&mut s.world, device, pasid, space);
            s.drive("attaching a PASID", attached)?;
            iommu.spaces.insert(Some(pasid), space);
            Ok(())
        }),
        DmaOp::Unmap { at, pasid, unflushed } => with(s, |s, iommu| {
            let space = space(iommu, pasid)?;
            let at = at & !0xfff;
            let done = if unflushed {
                iommu.driver.clear(&mut s.world, &space, at, PageSize::Small).map(drop)
            } else {
                let (unit, world) = remap::driver(s)?;
                iommu.driver.unmap(world, unit, &space, at, PageSize::Small, pasid.unwrap_or(0))
            };
            s.drive("unmapping a page", done)
        }),
        DmaOp::Map { at, pasid, writable } => with(s, |s, iommu| {
            let space = space(iommu, pasid)?;
            let at = at & !0xfff;
            let mapped = iommu.driver.map(&mut s.world, &space, at, at, PageSize::Small, writable);
            s.drive("mapping a page", mapped)
        }),
    }
}

fn space(iommu: &Iommu, pasid: Option<u32>) -> Result<Space, Stop> {
    iommu.spaces.get(&pasid).copied().ok_or_else(|| input("there is no such table"))
}

fn with(
    s: &mut Sequencer<'_>,
    what: impl FnOnce(&mut Sequencer<'_>, &mut Iommu) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut iommu = s.machine.iommu.take().ok_or_else(|| input("this step needs `- dma: { on: {} }` before it"))?;
    let result = what(s, &mut iommu);
    s.machine.iommu = Some(iommu);
    result
}

/// Domain of the device's own table; those of PASIDs have their number.
const OWN: u16 = 0xffff;

fn on(s: &mut Sequencer<'_>, scalable: bool, levels: u8) -> Result<(), Stop> {
    let (unit, world) = remap::driver(s)?;
    let enabled = DmaRemapping::enable(world, unit, DMA_TABLES..DMA_TABLES_END, scalable);
    let mut driver = s.drive("switching DMA remapping on", enabled)?;
    let space = filled(s, &mut driver, OWN, Kind::Second { levels: levels.into() })?;
    let device = s.world.device_id();
    let attached = driver.attach(&mut s.world, device, Attach::Space(space));
    s.drive("attaching the device", attached)?;
    s.machine.iommu = Some(Iommu { driver, scalable, spaces: BTreeMap::from([(None, space)]) });
    Ok(())
}

/// A table that maps memory to itself.
fn filled(s: &mut Sequencer<'_>, driver: &mut DmaRemapping, domain: u16, kind: Kind) -> Result<Space, Stop> {
    let space = driver.space(&mut s.world, domain, kind);
    let space = s.drive("making a table", space)?;
    let mut map = |s: &mut Sequencer<'_>, at: u64, size| {
        let mapped = driver.map(&mut s.world, &space, at, at, size, true);
        s.drive("mapping memory", mapped)
    };
    for at in (0..4 * GIB).step_by(MIB2 as usize) {
        if SMALL.contains(&at) {
            for page in (at..at + MIB2).step_by(4096) {
                map(s, page, PageSize::Small)?;
            }
        } else if !(0xfee0_0000..0xfef0_0000).contains(&at) {
            map(s, at, PageSize::Large)?;
        }
    }
    for n in 4..128 {
        map(s, n * GIB, PageSize::Huge)?;
    }
    Ok(space)
}
