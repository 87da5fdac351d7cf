// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Work queues of the endpoints, and the tables through which all that an endpoint reads and writes goes.
//!
//! Each endpoint has a second-level table of its own, in which its rings, its buffers and its slots in host memory stand at
//! their own addresses and nothing else does: an access beside them, or through another unit, is refused.

use super::{Calls, open};
use crate::finding::Kind;
use crate::topology::net::Net;
use anyhow::{Context as _, Result, ensure};
use host_model::driver::Bus;
use host_model::driver::iommu::{Attach, DmaRemapping, Kind as Table, PageSize, Space};
use host_model::driver::queue::{Announce, Descriptor, Queue, QueueConfig};
use host_model::driver::vtd::InterruptRemapping;
use rand::RngExt;
use std::collections::BTreeMap;
use tlp::Tick;
use vectors::topology::Endpoint;

/// Tables of the first unit; those of the others follow at this distance.
const POOL: u64 = 0x3000_0000;
const POOL_STRIDE: u64 = 0x100_0000;
/// Rings and buffers of the first endpoint; those of the others follow at this distance.
const WORK: u64 = 0x4000_0000;
const STRIDE: u64 = 0x10_0000;
const PAGE: u64 = 0x1000;
/// Descriptors of a queue, and its order; each has a page: its source in the lower half, its destination in the upper one.
const ORDER: u32 = 4;
const PAGES: u64 = 2 + (1 << ORDER);
/// Ticks within which all work ends.
const ENDS: Tick = 100_000;

/// The queue of an endpoint.
pub(super) struct Worker {
    endpoint: usize,
    queue: Queue,
    /// What each place of the ring has been asked for: where its bytes must stand, and which.
    items: BTreeMap<u16, (u64, Vec<u8>)>,
    /// Its end is announced by the queue's event.
    event: bool,
}

/// DMA remapping on, with empty tables.
pub(super) fn remapping_on(net: &mut Net, units: &mut [InterruptRemapping]) -> Result<Vec<DmaRemapping>> {
    let mut all = Vec::new();
    for (n, unit) in units.iter_mut().enumerate() {
        let pool = POOL + POOL_STRIDE * n as u64;
        net.select_unit(n);
        all.push(DmaRemapping::enable(net, unit, pool..pool + POOL_STRIDE, false)?);
    }
    Ok(all)
}

/// The table of an endpoint's physical function. Messages need none: the interrupt window is not translated.
pub(super) fn attach(net: &mut Net, dma: &mut DmaRemapping, n: usize, e: &Endpoint) -> Result<()> {
    let id = net.endpoints[n].id;
    let space = dma.space(net, n as u16 + 1, Table::Second { levels: 4 })?;
    let own = WORK + STRIDE * n as u64;
    map(net, dma, &space, own, PAGES)?;
    let (slots, done) = (open::slots_of(n), open::done_of(n));
    map(net, dma, &space, slots, u64::from(e.host_slots * 16).div_ceil(PAGE))?;
    map(net, dma, &space, done, 1)?;
    Ok(dma.attach(net, id, Attach::Space(space))?)
}

fn map(net: &mut Net, dma: &mut DmaRemapping, space: &Space, from: u64, pages: u64) -> Result<()> {
    for at in (from..from + pages * PAGE).step_by(PAGE as usize) {
        dma.map(net, space, at, at, PageSize::Small, true)?;
    }
    Ok(())
}

impl Calls {
    /// Queue 0 of an endpoint.
    pub(super) fn open_work(&mut self, net: &mut Net, n: usize, e: &Endpoint) -> Result<()> {
        let function = net.endpoints[n].function.as_ref().context("not enumerated")?;
        let own = WORK + STRIDE * n as u64;
        let config = QueueConfig {
            regs: function.bar(0).context("BAR 0")?,
            portal: function.bar(1),
            queue: 0,
            submission: (own, ORDER),
            completion: (own + PAGE, ORDER),
            pasid: None,
            relaxed: false,
            ido: false,
        };
        let queue = Queue::enable(net, config)?;
        self.workers.push(Worker { endpoint: n, queue, items: BTreeMap::new(), event: e.events > 0 });
        Ok(())
    }

    /// One more piece of work for a queue that has room, and the records that have come.
    pub(super) fn work(&mut self, net: &mut Net) -> Result<()> {
        if self.workers.is_empty() {
            return Ok(());
        }
        let k = self.random.random_range(0..self.workers.len());
        let own = WORK + STRIDE * self.workers[k].endpoint as u64;
        let (copy, size) = (self.random.random::<bool>(), self.random.random_range(1..=512usize));
        let (pattern, skew) = (self.random.random::<u64>(), self.random.random_range(0..64u64));
        let mut bytes = vec![0; size];
        self.random.fill(&mut bytes[..]);
        let worker = &mut self.workers[k];
        if !net.endpoints[worker.endpoint].dead && worker.queue.has_room() {
            // The next place of the ring, and its page.
            let page = own + PAGE * (2 + u64::from(worker.queue.place()));
            let (source, destination) = (page + skew, page + PAGE / 2 + skew);
            if copy {
                net.dram_write(source, &bytes)?;
            } else {
                bytes.iter_mut().enumerate().for_each(|(i, b)| *b = pattern.to_le_bytes()[i % 8]);
            }
            let announce = if worker.event { Announce::Event } else { Announce::Record };
            let opcode = if copy { 2 } else { 1 };
            let size = size as u32;
            let place = worker
                .queue
                .store(net, &Descriptor { opcode, size, source, destination, pattern, announce, fence: false })?;
            worker.items.insert(place, (destination, bytes));
            worker.queue.ring(net)?;
            self.note("work");
        }
        self.consume(net, k)
    }

    /// Records that have come: each tells of success, and the bytes are there.
    fn consume(&mut self, net: &mut Net, k: usize) -> Result<()> {
        let mut any = false;
        while let Some(record) = self.workers[k].queue.consume(net)? {
            any = true;
            let (at, wanted) = self.workers[k].items.remove(&record.index).context("a record of nothing")?;
            let mut there = vec![0; wanted.len()];
            net.dram_read(at, &mut there)?;
            if record.status != 1 || there != wanted {
                let name = &net.endpoints[self.workers[k].endpoint].name;
                let text = format!("{name}: work at place {} ended with status {:#x}", record.index, record.status);
                net.find("expectation", Kind::Safety, text);
            }
            self.note("work done");
        }
        if any { Ok(self.workers[k].queue.give_back(net)?) } else { Ok(()) }
    }

    /// Until all work has ended.
    pub(super) fn finish_work(&mut self, net: &mut Net) -> Result<()> {
        let until = net.now() + ENDS;
        for k in 0..self.workers.len() {
            if net.endpoints[self.workers[k].endpoint].dead {
                continue;
            }
            while !self.workers[k].items.is_empty() {
                ensure!(net.now() < until, "work of {} does not end", net.endpoints[self.workers[k].endpoint].name);
                crate::topology::software::Software::window(self, net)?;
                self.consume(net, k)?;
            }
        }
        Ok(())
    }
}
