// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Joins memory, root complex, remapping unit and APICs.

use tlp::{Packet, Tick};

use crate::interrupt::InterruptRequest;
use crate::mem::HostMemory;
use crate::rc::finding::HostFinding;
use crate::rc::requests::{Outcome, Request, TxnId};
use crate::rc::{DeviceMessage, DmaWrite, RcConfig, RootComplex};

/// How the host is built.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HostConfig {
    /// The root complex.
    pub rc: RcConfig,
}

/// What one step brought.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Effects {
    /// Packets for the device in the order in which they must reach it, none before its tick.
    pub outbound: Vec<(Tick, Packet)>,
    /// Requests of the host that ended.
    pub completed: Vec<(TxnId, Outcome)>,
    /// Interrupt requests that the root complex took from the device, in order.
    pub interrupts: Vec<InterruptRequest>,
    /// Device writes that reached memory, in order.
    pub writes: Vec<DmaWrite>,
    /// Messages of the device.
    pub messages: Vec<DeviceMessage>,
    /// What the device did wrong at packet level.
    pub findings: Vec<HostFinding>,
}

/// The host side of the link.
///
/// Nothing happens between calls: [`next_due`](Self::next_due) names the tick at which
/// the next [`step`](Self::step) is needed when no packet comes before.
pub struct Host {
    mem: HostMemory,
    rc: RootComplex,
}

impl Host {
    /// A host after reset. `seed` starts every random stream in it.
    pub fn new(config: HostConfig, seed: u64) -> Self {
        Self { mem: HostMemory::new(), rc: RootComplex::new(config.rc, seed) }
    }

    /// Takes a packet from the device (if any) and does what is due at `now`.
    /// Ticks must not go backwards.
    pub fn step(&mut self, now: Tick, inbound: Option<&Packet>) -> Effects {
        let rc = self.rc.step(now, inbound, &mut self.mem);
        Effects {
            outbound: rc.outbound.into_iter().map(|packet| (now, packet)).collect(),
            completed: rc.completed,
            interrupts: rc.interrupts,
            writes: rc.writes,
            messages: rc.messages,
            findings: rc.findings,
        }
    }

    /// The next tick at which [`step`](Self::step) has work; a tick in the past means now.
    pub fn next_due(&self) -> Option<Tick> {
        self.rc.next_due()
    }

    /// Queues a request to the device. Its outcome comes with the
    /// [`Effects`] of a later step.
    pub fn submit(&mut self, now: Tick, request: Request) -> TxnId {
        self.rc.submit(now, request)
    }

    /// Host memory as processors see it.
    pub fn mem(&self) -> &HostMemory {
        &self.mem
    }

    /// Host memory for stores of processors.
    pub fn mem_mut(&mut self) -> &mut HostMemory {
        &mut self.mem
    }

    /// The root complex: settings, policies, fault injection.
    pub fn rc(&self) -> &RootComplex {
        &self.rc
    }

    /// The root complex: settings, policies, fault injection.
    pub fn rc_mut(&mut self) -> &mut RootComplex {
        &mut self.rc
    }

    /// The link went through a conventional reset.
    pub fn link_reset(&mut self) {
        self.rc.link_reset();
    }
}
