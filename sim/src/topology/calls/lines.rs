// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Drivers that have INTx: their endpoints share the platform's lines, as their pins come out.
//!
//! A line is level triggered: while it is asserted the handlers of all that share it run, one after another. Each
//! reads its device's status, and ends what it finds there.

use super::machine::dev;
use super::{Calls, LINE_HANDLER};
use crate::finding::Kind;
use crate::topology::net::Net;
use anyhow::{Context as _, Result, ensure};
use host_model::driver::Bus;
use host_model::kernel::{Action, VectorFlags};
use vectors::regs;

/// First number of the platform's lines.
pub(super) const FIRST_LINE: u32 = 16;

impl Calls {
    /// pci_alloc_irq_vectors with INTx alone, then request_irq of the shared line.
    pub(super) fn open_line(&mut self, net: &mut Net, n: usize) -> Result<()> {
        let dev = dev(n, None);
        let got = self.call(net, |k, m| k.alloc_irq_vectors(m, dev, 1, 1, VectorFlags::INTX, None))??;
        ensure!(got == 1, "{got} lines");
        let virq = self.kernel.irq_vector(dev, 0)?;
        let action = Action::shared(LINE_HANDLER + n as u64);
        self.call(net, |k, m| k.request_irq(m, virq, action))??;
        self.on_lines.push(n);
        Ok(())
    }

    /// Handlers of asserted lines.
    pub(super) fn serve_lines(&mut self, net: &mut Net) -> Result<()> {
        if self.on_lines.is_empty() {
            return Ok(());
        }
        let now = net.now();
        let nobody = self.kernel.poll_lines(net, now);
        if nobody > 0 {
            net.find("spurious_vector", Kind::Safety, format!("{nobody} line(s) are asserted and nobody cared"));
        }
        let seen = self.kernel.take_seen();
        for n in seen.iter().filter_map(|s| s.dev_id.checked_sub(LINE_HANDLER)) {
            let n = n as usize;
            let regs = self.kernel.device(dev(n, None))?.function.bar(0).context("BAR 0")?;
            let status = regs + u64::from(regs::EV_STATUS_LO);
            let found = net.mem_read(status, 4)?;
            if found == 0 {
                self.note("line, of another");
                continue;
            }
            net.mem_write(status, 4, found)?;
            // Behind this read the line is low again, unless there is more.
            net.mem_read(status, 4)?;
            self.note("line");
        }
        Ok(())
    }
}
