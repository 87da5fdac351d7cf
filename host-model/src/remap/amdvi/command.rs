// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The command buffer [AMD IOMMU 2.4]: fetch, order, completion.

use super::regs::Ring;
use super::{AmdVi, Event};
use crate::mem::HostMemory;
use crate::remap::RemapEffect;
use std::collections::{BTreeSet, VecDeque};
use tlp::Tick;

/// A command, as far as this unit tells them apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Command {
    /// 1: COMPLETION_WAIT.
    Wait(Wait),
    /// 2: INVALIDATE_DEVTAB_ENTRY.
    Device(u16),
    /// 5: INVALIDATE_INTERRUPT_TABLE.
    Interrupts(u16),
    /// 8: INVALIDATE_IOMMU_ALL.
    All,
    /// Invalidations of DMA translation, of which nothing is kept: 3, 4, 6, 7.
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Wait {
    store: Option<(u64, u64)>,
    interrupt: bool,
    /// F: later commands start after it.
    flush: bool,
}

/// `None`: no such command, or a reserved bit is 1.
fn decode(words: [u64; 2]) -> Option<Command> {
    let [low, high] = words;
    let device = low as u16;
    let only_device = low & 0x0fff_ffff_ffff_0000 == 0 && high == 0;
    Some(match low >> 60 {
        1 if low & 0x0ff0_0000_0000_0000 == 0 => Command::Wait(Wait {
            store: (low & 1 == 1).then_some((low & 0x000f_ffff_ffff_fff8, high)),
            interrupt: low & 2 != 0,
            flush: low & 4 != 0,
        }),
        2 if only_device => Command::Device(device),
        5 if only_device => Command::Interrupts(device),
        8 if low << 4 == 0 && high == 0 => Command::All,
        3 | 4 | 6 | 7 => Command::Other,
        _ => return None,
    })
}

/// A completion wait that has been fetched and is not complete.
#[derive(Clone, Debug)]
struct PendingWait {
    wait: Wait,
    flights: BTreeSet<u64>,
}

/// The buffer's registers and what is under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Commands {
    pub base: Ring,
    pub head: u32,
    pub tail: u32,
    /// CmdBufRun.
    pub runs: bool,
    waits: VecDeque<PendingWait>,
    /// Flights that used something invalidated since: the next wait waits for them.
    draining: BTreeSet<u64>,
    ready: Tick,
}

impl Commands {
    /// A flight has left the unit.
    pub fn landed(&mut self, flight: u64) {
        self.draining.remove(&flight);
        self.waits.iter_mut().for_each(|w| _ = w.flights.remove(&flight));
    }

    /// When the next command can be fetched; `None`: none, or something is in the way.
    pub fn next_due(&self) -> Option<Tick> {
        let flushing = self.waits.iter().any(|w| w.wait.flush);
        (self.runs && !flushing && self.head != self.tail).then_some(self.ready)
    }
}

impl AmdVi {
    /// Completes waits and carries out commands as far as possible at `now`.
    pub(super) fn run_commands(&mut self, now: Tick, mem: &mut HostMemory, out: &mut Vec<RemapEffect>) {
        loop {
            self.complete_waits(mem, out);
            match self.commands.next_due() {
                Some(due) if due <= now => {}
                _ => return,
            }
            let at = self.commands.base.base() + u64::from(self.commands.head);
            let (Ok(low), Ok(high)) = (mem.read_u64(at), mem.read_u64(at + 8)) else {
                self.stop(Event::command_unreadable(at), mem, out);
                return;
            };
            let Some(command) = decode([low, high]) else {
                self.stop(Event::illegal_command(at), mem, out);
                return;
            };
            self.commands.head = (self.commands.head + 16) % self.commands.base.bytes();
            self.commands.ready = now + self.config.command_ticks;
            match command {
                Command::Wait(wait) => {
                    let flights = self.commands.draining.clone();
                    self.commands.waits.push_back(PendingWait { wait, flights });
                }
                Command::Device(device) => {
                    self.devices.remove(&device);
                    self.drain(|f| f.request.source.bits() == device);
                }
                Command::Interrupts(device) => {
                    self.entries.retain(|(of, _), _| *of != device);
                    self.drain(|f| f.request.source.bits() == device);
                    out.push(RemapEffect::DeviceInvalidated { device });
                }
                Command::All => {
                    self.devices.clear();
                    self.entries.clear();
                    self.drain(|_| true);
                }
                Command::Other => {}
            }
        }
    }

    fn drain(&mut self, which: impl Fn(&super::Flight) -> bool) {
        self.commands.draining.extend(self.path.those(which));
    }

    /// The buffer stops at the command on which its head stands.
    fn stop(&mut self, event: Event, mem: &mut HostMemory, out: &mut Vec<RemapEffect>) {
        self.commands.runs = false;
        self.log.write(event, &self.control, mem);
        out.push(RemapEffect::CommandsStopped { head: self.commands.head });
    }

    /// Waits complete in the order of the buffer.
    fn complete_waits(&mut self, mem: &mut HostMemory, out: &mut Vec<RemapEffect>) {
        while self.commands.waits.front().is_some_and(|w| w.flights.is_empty()) {
            let Some(PendingWait { wait, .. }) = self.commands.waits.pop_front() else { return };
            if let Some((address, data)) = wait.store {
                let written = mem.write_u64(address, data).is_ok();
                out.push(RemapEffect::StatusWrite { address, data: data as u32, written });
            }
            if wait.interrupt {
                self.wait_done = true;
                if self.control.wait_interrupt() && self.control.own_interrupts() {
                    out.push(RemapEffect::InvalidationEvent(self.own_message()));
                }
            }
        }
    }
}
