// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What happens once under a kernel: an endpoint hangs, or is reset and put back as its drivers had it.

use super::Calls;
use super::machine::dev;
use crate::topology::events;
use crate::topology::net::Net;
use anyhow::{Context as _, Result, bail};
use host_model::driver::bridges::Segment;
use host_model::driver::enumerate::{self, LinkWish};
use vectors::topology::{Topology, What};

impl Calls {
    pub(super) fn happens(&mut self, net: &mut Net, t: &Topology, what: &What) -> Result<()> {
        let number = |name: &String| t.number(name).context("no such endpoint");
        match what {
            What::Wedge(name) => events::wedge(net, number(name)?),
            What::Reset(name) => self.reset(net, number(name)?)?,
            other => bail!("{other:?} is for software that writes entries itself"),
        }
        self.note(if matches!(what, What::Wedge(_)) { "wedge" } else { "reset" });
        Ok(())
    }

    /// pci_reset_function: the driver has brought its queues to rest; then configuration space, MSI-X and the driver's own
    /// slots are put back. Interrupts, vectors and entries stay as they are meanwhile.
    fn reset(&mut self, net: &mut Net, n: usize) -> Result<()> {
        let function = events::function_reset(self, net, n)?;
        self.hear(net)?;
        net.select(net.endpoints[n].id);
        enumerate::restore(net, &function, &LinkWish::default(), true)?;
        self.call(net, |k, m| k.restore_msi_state(m, dev(n, None)))??;
        if !net.forgets_restores {
            self.call(net, |k, m| k.restore_ims_state(m, dev(n, None)))??;
        }
        net.endpoints[n].quiet = false;
        Ok(())
    }
}
