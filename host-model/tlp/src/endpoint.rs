// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a bench can do to a device and what it can see of it.
//!
//! The RTL under Verilator and the golden endpoint both stand behind
//! [`Endpoint`]; a test does not know which of the two it drives.

use crate::Packet;

/// Simulated time in clock cycles since the start of the run; 4 ns each.
pub type Tick = u64;

/// Something together with the tick at which it happened or falls due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamped<T> {
    /// Tick of the clock edge at which it happened.
    pub at: Tick,
    /// What happened.
    pub what: T,
}

/// What a cause names: one of the three places in which an interrupt message can be
/// kept, or the function's event sources, which reach a message through a coalescer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Store {
    /// The MSI-X table.
    Msix,
    /// IMS slots in device memory.
    Device,
    /// IMS slots in host memory.
    Host,
    /// Event sources of the function.
    Event,
}

impl Store {
    /// The two-bit code of the store on the cause port and in device registers.
    pub const fn code(self) -> u32 {
        match self {
            Store::Msix => 0,
            Store::Device => 1,
            Store::Host => 2,
            Store::Event => 3,
        }
    }

    /// The store of a two-bit code; larger codes name none.
    pub const fn from_code(code: u32) -> Option<Self> {
        match code {
            0 => Some(Store::Msix),
            1 => Some(Store::Device),
            2 => Some(Store::Host),
            3 => Some(Store::Event),
            _ => None,
        }
    }
}

/// Whether the user's logic raises a cause or takes one back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CauseOp {
    /// Ask for one interrupt.
    Raise,
    /// The condition has gone: drop the pending bit if no message has been sent.
    Withdraw,
}

/// One handshake on the cause port.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cause {
    /// Raise or withdraw.
    pub op: CauseOp,
    /// The store that holds the message.
    pub store: Store,
    /// Index within that store, 20 bits.
    pub index: u32,
}

/// Transmit credit limits as the link partner has advertised them so far.
///
/// Cumulative counters, headers modulo 2^8 and data units (16 bytes) modulo 2^12
/// [PCIe Base 2.6.1.2]; `None` is infinite. They start at the initial grant and
/// may only grow (modulo the width).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CreditLimits {
    /// Posted headers.
    pub ph: Option<u8>,
    /// Posted data.
    pub pd: Option<u16>,
    /// Non-posted headers.
    pub nph: Option<u8>,
    /// Non-posted data.
    pub npd: Option<u16>,
    /// Completion headers.
    pub cplh: Option<u8>,
    /// Completion data.
    pub cpld: Option<u16>,
}

/// Random stalls per channel, in 1/256 of the cycles; 0 never stalls.
///
/// 255 stalls every cycle, which blocks the channel altogether.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pressure {
    /// Idle cycles in front of downstream beats.
    pub rx_gap: u8,
    /// Cycles in which upstream beats are not taken.
    pub tx_stall: u8,
    /// Idle cycles in front of causes.
    pub cause_gap: u8,
}

/// Resets that come from outside the function; FLR is a configuration write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reset {
    /// Power-on: nothing survives.
    Cold,
    /// In-band reset: sticky bits survive.
    Hot,
}

/// What the device showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observed {
    /// A whole packet left the device; the tick is that of its last beat.
    Up(Packet),
    /// The last beat of the n-th pushed packet was taken (counted from 0 since
    /// creation, resets included).
    DownTaken(u64),
    /// The n-th cause given to [`Endpoint::cause`] was taken at the cause port.
    CauseTaken(u64),
    /// The interrupt core took this cause, from the cause port or from the
    /// device's own function: the moment at which an interrupt is owed.
    CauseSeen(Cause),
    /// An MSI vector was raised: its pending bit was set or its message sent.
    MsiRaised(u8),
    /// The INTx wire as last committed to the link has changed to this level.
    Intx(bool),
    /// Cumulative limit of non-posted requests that the device can take,
    /// modulo 2^8; reported when it changes.
    NonPostedLimit(u8),
}

/// The device could not be driven further; the text says why.
///
/// This is the simulator or the model failing, not the device being wrong: a
/// device that merely stops answering keeps running until the caller's deadline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndpointError(pub String);

impl core::fmt::Display for EndpointError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EndpointError {}

/// A device at the far end of the link.
///
/// Packets pushed with [`push`](Self::push) are presented in the order of the
/// calls, none before its tick. Time moves only inside [`run`](Self::run).
pub trait Endpoint {
    /// Cycles run since creation.
    fn now(&self) -> Tick;

    /// Applies a reset for a few cycles, discarding packets and causes that are
    /// still queued, and returns with the device out of reset (it may still be
    /// initialising, during which it takes no packets).
    fn reset(&mut self, kind: Reset) -> Result<(), EndpointError>;

    /// Queues a downstream packet; not presented before tick `not_before`.
    /// The caller respects [`Observed::NonPostedLimit`]; the device relies on it.
    fn push(&mut self, packet: Packet, not_before: Tick);

    /// Queues a cause for the cause port; not presented before `not_before`.
    fn cause(&mut self, cause: Cause, not_before: Tick);

    /// Sets the transmit credit limits from the next cycle on.
    fn credits(&mut self, limits: CreditLimits);

    /// Sets the random stalls from the next cycle on; `seed` starts their stream.
    fn pressure(&mut self, pressure: Pressure, seed: u64);

    /// Runs until tick `until`, but no further than the end of the first cycle
    /// in which an upstream packet was completed. Appends what was seen, in
    /// order of time; within one cycle in the order `CauseTaken`, `CauseSeen`,
    /// `MsiRaised`, `DownTaken`, `NonPostedLimit`, `Intx`, `Up`.
    fn run(&mut self, until: Tick, seen: &mut Vec<Stamped<Observed>>) -> Result<(), EndpointError>;

    /// What the device's own laws (assertions inside the model) have reported
    /// since the last call: name and text in one line each.
    fn complaints(&mut self) -> Vec<Stamped<String>> {
        Vec::new()
    }

    /// Whether [`copy`](Self::copy) gives copies.
    fn copies(&self) -> bool {
        false
    }

    /// The same device once more, as it stands; the two go on apart.
    ///
    /// # Errors
    /// This kind of device has no copies.
    fn copy(&self) -> Result<Box<dyn Endpoint>, EndpointError> {
        Err(EndpointError("this device has no copies".into()))
    }
}

impl Clone for Box<dyn Endpoint> {
    /// A copy that cannot be made is a device that says so when it is first asked to run.
    fn clone(&self) -> Self {
        self.copy().unwrap_or_else(|why| Box::new(NoCopy { now: self.now(), why }))
    }
}

/// Stands where a copy could not be made.
struct NoCopy {
    now: Tick,
    why: EndpointError,
}

impl Endpoint for NoCopy {
    fn now(&self) -> Tick {
        self.now
    }

    fn reset(&mut self, _kind: Reset) -> Result<(), EndpointError> {
        Err(self.why.clone())
    }

    fn push(&mut self, _packet: Packet, _not_before: Tick) {}

    fn cause(&mut self, _cause: Cause, _not_before: Tick) {}

    fn credits(&mut self, _limits: CreditLimits) {}

    fn pressure(&mut self, _pressure: Pressure, _seed: u64) {}

    fn run(&mut self, _until: Tick, _seen: &mut Vec<Stamped<Observed>>) -> Result<(), EndpointError> {
        Err(self.why.clone())
    }
}
