// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What runs on the machine: one of two, chosen by the description. [`Kernel`] writes entries itself; [`super::calls`] makes
//! the calls of drivers.

use super::kernel::Kernel;
use super::net::Net;
use anyhow::Result;
use rand::RngExt;
use std::collections::BTreeMap;
use vectors::op::Source;
use vectors::topology::{Topology, What};

/// The software of a machine.
pub trait Software {
    /// A window of time, and what came of it.
    ///
    /// # Errors
    /// The simulation; an access that goes wrong.
    fn window(&mut self, net: &mut Net) -> Result<()>;

    /// One thing that it does, drawn by weight.
    ///
    /// # Errors
    /// As above.
    fn change(&mut self, net: &mut Net, t: &Topology) -> Result<()>;

    /// Something that happens once.
    ///
    /// # Errors
    /// As above.
    fn happen(&mut self, net: &mut Net, t: &Topology, what: &What) -> Result<()>;

    /// Opens all that it has closed meanwhile.
    ///
    /// # Errors
    /// As above.
    fn open_rest(&mut self, net: &mut Net) -> Result<()>;

    /// Interrupts that arrived and that no handler followed, in words.
    ///
    /// # Errors
    /// As above.
    fn unheard(&mut self, net: &mut Net) -> Result<Vec<String>>;

    /// Sources of each endpoint.
    fn sources(&self, endpoints: usize) -> Vec<Vec<Source>>;

    /// How many interrupts it has.
    fn interrupts(&self) -> usize;

    /// What it did, and how often.
    fn did(&self) -> &BTreeMap<&'static str, u64>;
}

impl Software for Kernel {
    fn window(&mut self, net: &mut Net) -> Result<()> {
        Kernel::window(self, net)
    }

    fn change(&mut self, net: &mut Net, t: &Topology) -> Result<()> {
        let w = &t.storm.software;
        if w.total() == 0 {
            return Ok(());
        }
        let mut draw = self.random.random_range(0..w.total());
        for (k, weight) in [w.affinity, w.dynamic, w.hotplug, w.mask, w.flush].into_iter().enumerate() {
            if draw >= weight {
                draw -= weight;
                continue;
            }
            return match k {
                0 => self.move_one(net),
                1 => {
                    let freed = self.freed(net);
                    let again = freed.len() * 8 > self.lines.len() || self.random.random();
                    match freed.first() {
                        Some(_) if again => {
                            let k = self.random.random_range(0..freed.len());
                            self.alloc_again(net, freed[k])
                        }
                        _ => self.free_one(net),
                    }
                }
                2 => self.hotplug(net, t.host.cpus as usize),
                3 => self.mask_one(net),
                _ => {
                    let unit = self.random.random_range(0..self.units.len());
                    self.note("flush of a unit");
                    self.flush_unit(net, unit)
                }
            };
        }
        Ok(())
    }

    fn happen(&mut self, net: &mut Net, t: &Topology, what: &What) -> Result<()> {
        Kernel::happen(self, net, t, what)
    }

    fn open_rest(&mut self, net: &mut Net) -> Result<()> {
        Kernel::open_rest(self, net)
    }

    fn unheard(&mut self, net: &mut Net) -> Result<Vec<String>> {
        self.hear(net);
        let text = |virq| {
            let line = &self.lines[virq as usize];
            let (name, sources) = (&net.endpoints[line.endpoint].name, line.sources.len());
            format!(
                "{:?} of {name} ({sources} source(s)) arrived at tick {:?}; no handler of interrupt {virq} ran after that",
                line.sources[0], self.arrived[virq as usize]
            )
        };
        Ok(Kernel::unheard(self).into_iter().map(text).collect())
    }

    fn sources(&self, endpoints: usize) -> Vec<Vec<Source>> {
        Kernel::sources(self, endpoints)
    }

    fn interrupts(&self) -> usize {
        self.lines.len()
    }

    fn did(&self) -> &BTreeMap<&'static str, u64> {
        &self.did
    }
}
