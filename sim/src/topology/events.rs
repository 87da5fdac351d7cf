// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What happens once: an endpoint hangs, is reset, all buses get new numbers, a message is forged.

use super::kernel::Kernel;
use super::net::Net;
use super::software::Software;
use anyhow::{Context as _, Result};
use host_model::domain::vector::Virq;
use host_model::driver::Bus;
use host_model::driver::bridges::{self, Segment};
use host_model::driver::enumerate::{self, Function, LinkWish};
use tlp::{CauseOp, Pressure, Tick};
use vectors::topology::{Topology, What};

/// Ticks that a function reset is given.
const RESET: Tick = 20_000;

/// No more causes of an endpoint; when those under way are over, pcie_flr and its end. The function that was reset.
pub(super) fn function_reset(software: &mut dyn Software, net: &mut Net, n: usize) -> Result<Function> {
    net.endpoints[n].quiet = true;
    while net.endpoints[n].device.causes_waiting() > 0 {
        software.window(net)?;
    }
    let function = net.endpoints[n].function.clone().context("not enumerated")?;
    net.select(net.endpoints[n].id);
    enumerate::flr(net, &function, RESET)?;
    while net.endpoints[n].device.in_function_reset() {
        software.window(net)?;
    }
    Ok(function)
}

/// An endpoint takes and sends no packet from now on.
pub(super) fn wedge(net: &mut Net, n: usize) {
    let e = &mut net.endpoints[n];
    e.device.dut.pressure(Pressure { rx_gap: 255, tx_stall: 255, cause_gap: 0 }, 1);
    e.wedged = true;
}

impl Kernel {
    /// Lets it happen.
    pub fn happen(&mut self, net: &mut Net, t: &Topology, what: &What) -> Result<()> {
        let number = |name: &String| t.number(name).context("no such endpoint");
        match what {
            What::Wedge(name) => {
                wedge(net, number(name)?);
                self.note("wedge");
                Ok(())
            }
            What::Reset(name) => self.reset(net, number(name)?),
            What::Renumber(by) => self.renumber(net, *by),
            What::Forge { by, of } => self.forge(net, number(by)?, number(of)?),
        }
    }

    /// Function level reset (pcie_flr), then everything of the function is set up again.
    fn reset(&mut self, net: &mut Net, n: usize) -> Result<()> {
        let function = function_reset(self, net, n)?;
        self.hear(net);
        net.select(net.endpoints[n].id);
        enumerate::restore(net, &function, &LinkWish::default(), true)?;
        self.open_endpoint(net, n)?;
        net.endpoints[n].quiet = false;
        self.note("reset");
        Ok(())
    }

    /// New bus numbers for everything: devices stop mastering, entries get the new ids, devices go on.
    fn renumber(&mut self, net: &mut Net, by: u8) -> Result<()> {
        self.master(net, false)?;
        net.run_for(4 * 64).map_err(|s| anyhow::anyhow!("{s:?}"))?;
        self.hear(net);
        let found = self.found.clone();
        // The numbers are changing hands: who answers under which is known again afterwards.
        net.monitor.forget_ids();
        let moved = bridges::renumber(net, &found, by)?;
        net.learn(&moved);
        self.found = moved;
        for virq in 0..self.lines.len() as Virq {
            if self.lines[virq as usize].live {
                self.aim(net, virq)?;
            }
        }
        for unit in 0..self.units.len() {
            self.flush_unit(net, unit)?;
        }
        self.master(net, true)?;
        self.note("renumber");
        Ok(())
    }

    fn master(&mut self, net: &mut Net, on: bool) -> Result<()> {
        for n in 0..net.endpoints.len() {
            if !net.endpoints[n].dead {
                net.select(net.endpoints[n].id);
                enumerate::set_master(net, on)?;
            }
        }
        Ok(())
    }

    /// The last source of `by` gets the message of the first of `of`, is raised, and gets its own back.
    fn forge(&mut self, net: &mut Net, by: usize, of: usize) -> Result<()> {
        let unit = net.endpoints[of].unit;
        let victim = self.lines.iter().find(|l| l.endpoint == of && l.live).context("nothing to forge")?.entry;
        let message = self.units[unit].compose(victim, 0)?;
        let virq = self.lines.iter().rposition(|l| l.endpoint == by && l.live).context("nobody to forge")?;
        let source = *self.lines[virq].sources.last().context("a line has sources")?;
        let at = Self::place(net, by, source)?;
        Self::set_mask(net, by, source, true)?;
        Self::read_back(net, by, source)?;
        net.mem_write(at, 8, message.address())?;
        net.mem_write(at + 8, 8, u64::from(message.data))?;
        Self::read_back(net, by, source)?;
        let (before, now) = (net.blocked.len(), net.now());
        net.endpoints[by].device.raise(CauseOp::Raise, source, now);
        while net.blocked.len() == before && net.now() < now + RESET {
            self.window(net)?;
        }
        Self::set_mask(net, by, source, true)?;
        Self::read_back(net, by, source)?;
        let k = self.lines[virq].sources.len() - 1;
        self.program(net, virq as Virq, k)?;
        self.lines[virq].masked.remove(&source);
        Self::read_back(net, by, source)?;
        self.note("forge");
        Ok(())
    }
}
