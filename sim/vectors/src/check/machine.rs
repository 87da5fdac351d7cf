// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rules of the device and the machine around it.

use super::{Checker, Outcome};
use crate::op::{DutParams, EntryCache, HostParams, RemapUnitKind, Switch};

impl Checker {
    pub(super) fn dut(&mut self, dut: &DutParams) -> Outcome {
        let one_of = |c: &Self, value: u32, choices: &[u32]| {
            c.ensure(choices.contains(&value), || format!("{value} is none of {choices:?}"))
        };
        if let Some(value) = dut.data_w {
            self.key("data_w", |c| one_of(c, value, &[64, 128, 256, 512]))?;
        }
        if let Some(value) = dut.num_msix {
            self.key("num_msix", |c| c.within(value.into(), 1, 2048))?;
        }
        if let Some(value) = dut.num_dev_slots {
            self.key("num_dev_slots", |c| c.within(value.into(), 1, 8192))?;
        }
        if let Some(value) = dut.num_host_slots {
            self.key("num_host_slots", |c| {
                c.within(value.into(), 64, 1 << 20)?;
                c.ensure(value % 64 == 0, || format!("{value} is not a multiple of 64"))
            })?;
        }
        if let Some(value) = dut.host_cache_lines {
            self.key("host_cache_lines", |c| {
                c.within(value.into(), 4, 4096)?;
                c.ensure(value.is_power_of_two(), || format!("{value} is not a power of two"))
            })?;
        }
        if let Some(value) = dut.max_fetches {
            self.key("max_fetches", |c| c.within(value.into(), 1, 16))?;
        }
        if let Some(value) = dut.num_vfs {
            self.key("num_vfs", |c| c.within(value.into(), 0, 16))?;
        }
        Ok(())
    }

    pub(super) fn host(&mut self, host: &HostParams) -> Outcome {
        // Identifiers above 255 need x2APIC [SDM 11.12].
        let most = if host.x2apic { 1024 } else { 255 };
        self.key("cpus", |c| c.within(host.cpus.into(), 1, most))?;
        if let EntryCache::Lines(lines) = host.entry_cache {
            self.key("entry_cache", |c| c.key("lines", |c| c.within(lines.into(), 1, 65536)))?;
        }
        let vtd = host.remap_unit == RemapUnitKind::Vtd;
        self.key("posted", |c| c.ensure(vtd || !host.posted, || "only VT-d has posted interrupts here".to_owned()))?;
        self.key("dma_remapping", |c| {
            c.ensure(vtd || !host.dma_remapping, || "only VT-d has DMA remapping here".to_owned())
        })?;
        self.key("fault_records", |c| c.within(host.fault_records.into(), 1, 256))?;
        self.key("remap_delay", |c| c.ordered(host.remap_delay))?;
        self.key("rcb", |c| c.ensure(matches!(host.rcb, 64 | 128), || format!("{} is neither 64 nor 128", host.rcb)))?;
        self.key("completions", |c| c.key("delay", |c| c.ordered(host.completions.delay)))
    }

    pub(super) fn ordered(&self, [low, high]: [u64; 2]) -> Outcome {
        self.ensure(low <= high, || format!("{low} is above {high}"))
    }

    pub(super) fn switch(&mut self, key: &'static str, switch: Switch) -> Outcome {
        self.key(key, |c| c.of_function(switch.parts().0))
    }
}
