// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The golden endpoint: what the device should do.
//!
//! A model of the data sheet (`docs/device.md`) at the level of packets, with a
//! simple notion of cycles. It stands behind [`tlp::Endpoint`] as the RTL does, so
//! that every test runs on either, and it can be told to misbehave ([`Quirk`]) so
//! that a bench can be shown to notice. It has seen neither RTL nor host model.
//!
//! Not modelled: what the data sheet leaves to the implementation. Latencies are
//! plausible and constant.
//!
//! Time: a packet or cause that is due in tick `t` is handled when [`run`] reaches
//! `t`; idle stretches are jumped over. Within a tick: a cause is taken, a packet
//! is taken, a non-posted request performed, an invalidation ended, a record
//! written, a message committed, a fetch made, the upstream beat sent.
//!
//! [`run`]: tlp::Endpoint::run

mod aer;
mod ats;
mod bits;
mod block;
mod config;
mod decode;
mod descriptor;
mod device;
mod ecrc;
mod encode;
mod endpoint_test;
mod engine;
mod errors;
mod events;
mod fetch;
mod function;
mod handles;
mod host_store;
mod intx;
mod irq;
mod layout;
mod link;
mod msi;
mod odd;
mod pressure;
mod queues;
mod quirks;
mod receive;
pub mod regs;
mod send;
mod vf;
mod vf_device;

pub use quirks::{Quirk, UnknownQuirk};

use config::ConfigReset;
use device::Device;
use link::beats;
use pressure::{Channel, Stalls};
use std::collections::{BTreeSet, VecDeque};
use tlp::{Cause, CreditLimits, Endpoint, EndpointError, Observed, Packet, Pressure, Reset, Stamped, Tick};

/// Ticks for which [`Endpoint::reset`] holds the device in reset.
const RESET_TICKS: Tick = 4;

/// Parameters of a golden endpoint; the default is the data sheet's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenConfig {
    /// Width of the packet streams in bits: 64, 128, 256 or 512.
    pub data_w: u32,
    /// MSI-X vectors, 1 to 2048.
    pub num_msix: u32,
    /// IMS slots in device memory, 1 to 8192.
    pub num_dev_slots: u32,
    /// Largest number of IMS slots in host memory: 64 to 2^20, a multiple of 64.
    pub num_host_slots: u32,
    /// Host slots held at a time: 4 to 4096, a power of two.
    pub cache_lines: u32,
    /// Slot fetches outstanding, 1 to 16.
    pub max_fetches: u32,
    /// Work queues, 1 to 64.
    pub num_queues: u32,
    /// Interrupt handles, 64 to 65536, a power of two.
    pub num_handles: u32,
    /// Lanes of the DMA engine, 1 to 4.
    pub dma_lanes: u32,
    /// Virtual functions, 0 to 16.
    pub num_vfs: u32,
    /// PCI vendor id.
    pub vendor_id: u16,
    /// PCI device id.
    pub device_id: u16,
    /// What the device does wrong; nothing by default.
    pub quirks: BTreeSet<Quirk>,
    /// A quirk that shows "sometimes" shows at every `quirk_period`-th occasion.
    pub quirk_period: u32,
}

impl Default for GoldenConfig {
    fn default() -> Self {
        Self {
            data_w: 256,
            num_msix: 2048,
            num_dev_slots: 4096,
            num_host_slots: 65536,
            cache_lines: 256,
            max_fetches: 16,
            num_queues: 64,
            num_handles: 1024,
            dma_lanes: 4,
            num_vfs: 16,
            vendor_id: 0x1234,
            device_id: 0x1a35,
            quirks: BTreeSet::new(),
            quirk_period: 3,
        }
    }
}

/// A parameter outside its range (data sheet section 1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}, must be {range}")]
pub struct ParameterError {
    /// Name of the field of [`GoldenConfig`].
    pub name: &'static str,
    /// The refused value.
    pub value: u32,
    /// What would be accepted.
    pub range: &'static str,
}

impl GoldenConfig {
    /// The default with one quirk.
    pub fn with_quirk(quirk: Quirk) -> Self {
        Self { quirks: BTreeSet::from([quirk]), ..Self::default() }
    }

    /// Refuses parameters that the data sheet does not allow.
    fn check(&self) -> Result<(), ParameterError> {
        let rules = [
            ("data_w", self.data_w, [64, 128, 256, 512].contains(&self.data_w), "64, 128, 256 or 512"),
            ("num_msix", self.num_msix, (1..=2048).contains(&self.num_msix), "1 to 2048"),
            ("num_dev_slots", self.num_dev_slots, (1..=8192).contains(&self.num_dev_slots), "1 to 8192"),
            (
                "num_host_slots",
                self.num_host_slots,
                (64..=1 << 20).contains(&self.num_host_slots) && self.num_host_slots.is_multiple_of(64),
                "64 to 2^20 and a multiple of 64",
            ),
            (
                "cache_lines",
                self.cache_lines,
                (4..=4096).contains(&self.cache_lines) && self.cache_lines.is_power_of_two(),
                "4 to 4096 and a power of two",
            ),
            ("max_fetches", self.max_fetches, (1..=16).contains(&self.max_fetches), "1 to 16"),
            ("num_queues", self.num_queues, (1..=64).contains(&self.num_queues), "1 to 64"),
            (
                "num_handles",
                self.num_handles,
                (64..=65536).contains(&self.num_handles) && self.num_handles.is_power_of_two(),
                "64 to 65536 and a power of two",
            ),
            ("dma_lanes", self.dma_lanes, (1..=4).contains(&self.dma_lanes), "1 to 4"),
            ("num_vfs", self.num_vfs, self.num_vfs <= 16, "0 to 16"),
        ];
        match rules.into_iter().find(|rule| !rule.2) {
            Some((name, value, _, range)) => Err(ParameterError { name, value, range }),
            None => Ok(()),
        }
    }
}

/// Something queued at a pin of the device.
#[derive(Clone, Debug)]
struct Queued<T> {
    what: T,
    not_before: Tick,
    /// Number in the order of the calls.
    number: u64,
}

/// A channel into the device: what waits, and when its head is handed over.
#[derive(Clone, Debug)]
struct Inbound<T> {
    queue: VecDeque<Queued<T>>,
    count: u64,
    /// Tick of the head's last beat, once known; `Tick::MAX` while blocked.
    head_due: Option<Tick>,
}

impl<T> Default for Inbound<T> {
    fn default() -> Self {
        Self { queue: VecDeque::new(), count: 0, head_due: None }
    }
}

impl<T> Inbound<T> {
    fn push(&mut self, what: T, not_before: Tick) {
        self.queue.push_back(Queued { what, not_before, number: self.count });
        self.count += 1;
    }

    fn pop(&mut self) -> Option<Queued<T>> {
        self.head_due = None;
        self.queue.pop_front()
    }

    /// Drops what waits; the numbers go on.
    fn discard(&mut self) {
        self.queue.clear();
        self.head_due = None;
    }

    /// When the head's last beat is offered, `now` being the first free tick.
    fn due(&mut self, now: Tick, channel: Channel, stalls: &mut Stalls, beats: impl Fn(&T) -> u64) -> Tick {
        let Some(head) = self.queue.front() else { return Tick::MAX };
        let from = head.not_before.max(now);
        *self.head_due.get_or_insert_with(|| stalls.last_beat(channel, from, beats(&head.what)).unwrap_or(Tick::MAX))
    }
}

/// The golden endpoint.
#[derive(Clone, Debug)]
pub struct Golden {
    now: Tick,
    device: Device,
    stalls: Stalls,
    down: Inbound<Packet>,
    causes: Inbound<Cause>,
}

impl Golden {
    /// A device just after power-on, with infinite credits and no stalls until told
    /// otherwise.
    pub fn new(config: &GoldenConfig) -> Result<Self, ParameterError> {
        config.check()?;
        Ok(Self::build(config))
    }

    fn build(config: &GoldenConfig) -> Self {
        Self {
            now: 0,
            device: Device::new(config),
            stalls: Stalls::new(Pressure::default(), 0),
            down: Inbound::default(),
            causes: Inbound::default(),
        }
    }

    /// First tick, not before now, in which anything happens.
    fn next_due(&mut self) -> Tick {
        let (now, words) = (self.now, self.device.link.beat_words);
        let own = self.device.next_due(now);
        let mut due = own;
        if self.device.takes_causes() {
            due = due.min(self.causes.due(now, Channel::Cause, &mut self.stalls, |_| 1).max(now));
        }
        if self.device.takes_packets() && due > now {
            let at = self.down.due(now, Channel::Down, &mut self.stalls, |p| beats(p, words));
            if at < due && self.down.queue.front().is_some_and(|head| !self.device.holds_back(&head.what)) {
                due = at.max(now);
            }
        }
        due
    }

    /// One tick; whether a packet left in it.
    fn step(&mut self, t: Tick, seen: &mut Vec<Stamped<Observed>>) -> bool {
        self.device.begin(t);
        self.step_cause(t, seen);
        self.step_down(t, seen);
        self.device.perform_requests(t);
        self.device.report_limit(t, seen);
        self.device.drive_intx(t, seen);
        match self.device.work(t, &mut self.stalls) {
            None => false,
            Some(packet) => {
                seen.push(Stamped { at: t, what: Observed::Up(packet) });
                true
            }
        }
    }

    fn step_cause(&mut self, t: Tick, seen: &mut Vec<Stamped<Observed>>) {
        let due = self.device.takes_causes() && self.causes.due(t, Channel::Cause, &mut self.stalls, |_| 1) <= t;
        let head = self.causes.queue.front().filter(|_| due).map(|head| (head.what, head.number));
        let mark = seen.len();
        if self.device.take_cause(t, head.map(|(cause, _)| cause), seen) {
            self.causes.pop();
            if let Some((_, number)) = head {
                seen.insert(mark, Stamped { at: t, what: Observed::CauseTaken(number) });
            }
        }
    }

    fn step_down(&mut self, t: Tick, seen: &mut Vec<Stamped<Observed>>) {
        let words = self.device.link.beat_words;
        if !self.device.takes_packets() || self.down.due(t, Channel::Down, &mut self.stalls, |p| beats(p, words)) > t {
            return;
        }
        if self.down.queue.front().is_none_or(|head| self.device.holds_back(&head.what)) {
            return;
        }
        if let Some(head) = self.down.pop() {
            seen.push(Stamped { at: t, what: Observed::DownTaken(head.number) });
            self.device.receive(t, head.what);
        }
    }
}

impl Default for Golden {
    /// A device with the data sheet's parameters, without quirks.
    fn default() -> Self {
        Self::build(&GoldenConfig::default())
    }
}

impl Endpoint for Golden {
    fn copies(&self) -> bool {
        true
    }

    fn copy(&self) -> Result<Box<dyn Endpoint>, EndpointError> {
        Ok(Box::new(self.clone()))
    }

    fn now(&self) -> Tick {
        self.now
    }

    fn reset(&mut self, kind: Reset) -> Result<(), EndpointError> {
        self.now += RESET_TICKS;
        self.down.discard();
        self.causes.discard();
        let kind = match kind {
            Reset::Cold => ConfigReset::Cold,
            Reset::Hot => ConfigReset::Hot,
        };
        self.device.conventional_reset(self.now, kind);
        Ok(())
    }

    fn push(&mut self, packet: Packet, not_before: Tick) {
        self.down.push(packet, not_before);
    }

    fn cause(&mut self, cause: Cause, not_before: Tick) {
        self.causes.push(cause, not_before);
    }

    fn credits(&mut self, limits: CreditLimits) {
        self.device.link.limits = limits;
    }

    fn pressure(&mut self, pressure: Pressure, seed: u64) {
        self.stalls = Stalls::new(pressure, seed);
        self.down.head_due = None;
        self.causes.head_due = None;
        self.device.link.restart(self.now, &mut self.stalls);
    }

    fn run(&mut self, until: Tick, seen: &mut Vec<Stamped<Observed>>) -> Result<(), EndpointError> {
        while self.now < until {
            let due = self.next_due();
            if due >= until {
                self.now = until;
                break;
            }
            self.now = due + 1;
            if self.step(due, seen) {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_outside_their_ranges_are_refused() {
        let refused = |change: fn(&mut GoldenConfig)| {
            let mut config = GoldenConfig::default();
            change(&mut config);
            Golden::new(&config).err().map(|error| error.name)
        };
        assert_eq!(refused(|_| {}), None);
        assert_eq!(refused(|c| c.data_w = 96), Some("data_w"));
        assert_eq!(refused(|c| c.num_msix = 0), Some("num_msix"));
        assert_eq!(refused(|c| c.num_msix = 2049), Some("num_msix"));
        assert_eq!(refused(|c| c.num_dev_slots = 8193), Some("num_dev_slots"));
        assert_eq!(refused(|c| c.num_host_slots = 65), Some("num_host_slots"));
        assert_eq!(refused(|c| c.cache_lines = 6), Some("cache_lines"));
        assert_eq!(refused(|c| c.max_fetches = 17), Some("max_fetches"));
        assert_eq!(refused(|c| c.num_queues = 65), Some("num_queues"));
        assert_eq!(refused(|c| c.num_handles = 96), Some("num_handles"));
        assert_eq!(refused(|c| c.dma_lanes = 5), Some("dma_lanes"));
        assert_eq!(refused(|c| c.num_vfs = 17), Some("num_vfs"));
    }
}
