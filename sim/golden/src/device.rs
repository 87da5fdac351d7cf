// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The device's state and what it does in one tick.

use crate::GoldenConfig;
use crate::ats::Ats;
use crate::config::{ConfigReset, ConfigSpace};
use crate::decode::Header;
use crate::endpoint_test::EndpointTest;
use crate::engine::{Asked, Engine};
use crate::events::{Events, MISC};
use crate::function::Function;
use crate::handles::{Handles, Limits, Permission};
use crate::host_store::HostStore;
use crate::irq::{ErrorRecord, IMS_CONTROL, IrqError, MSIX_CONTROL, Table};
use crate::link::{Link, Then};
use crate::msi::Msi;
use crate::pressure::Stalls;
use crate::queues::Queues;
use crate::quirks::{Quirk, Quirks};
use crate::vf::{Owner, Vf};
use crate::vf_device::Forgetting;
use std::collections::VecDeque;
use tlp::{Cause, CauseOp, Observed, Packet, Stamped, Store, Tick};

/// Ticks that a conventional reset takes to clear the memories.
const INIT_TICKS: Tick = 320;
/// Ticks that a function level reset takes.
const FLR_TICKS: Tick = 400;
/// Non-posted requests that can wait.
pub(crate) const NON_POSTED_DEPTH: usize = 8;
/// Ticks from a commitment or an answer to the stream.
pub(crate) const SEND_TICKS: Tick = 3;

/// Where the device is between resets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// Conventional reset is being worked off; no packet is taken.
    Initialising {
        until: Tick,
    },
    Running,
    /// A function reset has been asked for; its completion has not left.
    ResetAsked,
    /// Function reset: packets are taken and dropped.
    Resetting {
        until: Tick,
    },
}

/// A non-posted request that waits to be performed.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) header: Header,
    /// As received: header and digest go into the error log.
    pub(crate) packet: Packet,
    pub(crate) ready_at: Tick,
}

/// Everything behind the pins.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) quirks: Quirks,
    pub(crate) phase: Phase,
    pub(crate) config: ConfigSpace,
    pub(crate) msix: Table,
    pub(crate) slots: Table,
    pub(crate) vfs: Vec<Vf>,
    /// Virtual functions in reset.
    pub(crate) forgetting: Option<Forgetting>,
    pub(crate) host: HostStore,
    /// Address translation of its fetches.
    pub(crate) ats: Ats,
    pub(crate) cache_lines: u32,
    pub(crate) errors: ErrorRecord,
    pub(crate) function: Function,
    pub(crate) events: Events,
    pub(crate) msi: Msi,
    /// The INTx wire as last sent; only conventional reset forgets it.
    pub(crate) intx_sent: bool,
    pub(crate) handles: Handles,
    pub(crate) queues: Queues,
    pub(crate) engine: Engine,
    pub(crate) test: EndpointTest,
    pub(crate) link: Link,
    /// Error messages that wait to be committed: fatal, non-fatal, correctable; whose it is.
    pub(crate) owed_errors: [Option<Owner>; 3],
    pub(crate) waiting: VecDeque<Waiting>,
    /// Non-posted requests that the device has been able to take, cumulative.
    pub(crate) non_posted_limit: u8,
    non_posted_reported: Option<u8>,
    /// Registers `stat_sent` and `stat_fetch`.
    pub(crate) sent: u32,
    pub(crate) fetched: u32,
    /// Sender (a store, or MSI) that is asked first for a message.
    pub(crate) store_cursor: usize,
    /// Who comes first when several have a cause: port, function, events.
    cause_turn: usize,
    /// State that only quirks need.
    pub(crate) odd: Odd,
}

/// State that only quirks need.
#[derive(Clone, Debug, Default)]
pub(crate) struct Odd {
    /// A record kept back until after the next message.
    pub(crate) late_record: Option<(Packet, Tick)>,
    /// A message of before a function reset.
    pub(crate) survivor: Option<Packet>,
    /// Entries masked lately, with the tick until which they still send.
    pub(crate) late_masks: VecDeque<(usize, Tick)>,
    /// Pending vectors that may be sent whatever masks them.
    pub(crate) forced: VecDeque<usize>,
    /// Reads performed.
    pub(crate) reads: u32,
}

impl Device {
    pub(crate) fn new(config: &GoldenConfig) -> Self {
        let quirks = Quirks::new(&config.quirks, config.quirk_period);
        let overrun = quirks.has(Quirk::RecordRingOverrun);
        let mut link = Link::default();
        link.beat_words = config.data_w as usize / 32;
        link.lax_order = quirks.has(Quirk::CompletionOvertakesMessage);
        link.lax_posted = quirks.has(Quirk::PostedCreditsOverused);
        link.lax_completion = quirks.has(Quirk::CompletionCreditsOverused);
        Self {
            quirks,
            phase: Phase::Initialising { until: INIT_TICKS },
            config: ConfigSpace::new(config),
            msix: Table::new(config.num_msix, MSIX_CONTROL),
            slots: Table::new(config.num_dev_slots, IMS_CONTROL),
            vfs: vec![Vf::new(); config.num_vfs as usize],
            forgetting: None,
            host: HostStore::new(config.num_host_slots, config.cache_lines, config.max_fetches),
            ats: Ats::default(),
            cache_lines: config.cache_lines,
            errors: ErrorRecord::default(),
            function: Function::default(),
            events: Events::default(),
            msi: Msi::default(),
            intx_sent: false,
            handles: Handles::new(config.num_handles),
            queues: Queues::new(config.num_queues, overrun),
            engine: Engine::new(config.dma_lanes),
            test: EndpointTest::default(),
            link,
            owed_errors: [None; 3],
            waiting: VecDeque::new(),
            non_posted_limit: NON_POSTED_DEPTH as u8,
            non_posted_reported: None,
            sent: 0,
            fetched: 0,
            store_cursor: 0,
            cause_turn: 0,
            odd: Odd::default(),
        }
    }

    /// Conventional reset, over at tick `now`.
    pub(crate) fn conventional_reset(&mut self, now: Tick, kind: ConfigReset) {
        self.reset_function_state(now, kind);
        self.link.reset();
        self.waiting.clear();
        self.non_posted_limit = NON_POSTED_DEPTH as u8;
        self.non_posted_reported = None;
        self.odd.survivor = None;
        self.intx_sent = false;
        self.phase = Phase::Initialising { until: now + INIT_TICKS };
    }

    /// Function level reset: its completion has left at tick `now`.
    fn function_reset(&mut self, now: Tick) {
        if self.quirks.has(Quirk::MessageAfterReset) {
            self.odd.survivor = self.any_message();
        }
        self.link.drop_uncommitted();
        for _ in 0..self.waiting.len() {
            self.non_posted_limit = self.non_posted_limit.wrapping_add(1);
        }
        self.waiting.clear();
        self.reset_function_state(now, ConfigReset::Function);
        self.phase = Phase::Resetting { until: now + FLR_TICKS };
    }

    /// What every reset clears.
    fn reset_function_state(&mut self, now: Tick, kind: ConfigReset) {
        let pending = (self.msix.pending.clone(), self.slots.pending.clone());
        let rest = (kind == ConfigReset::Function).then(|| self.config.completion_timeout().0);
        self.host.reset(now, rest);
        self.ats = Ats::default();
        self.config.apply_reset(kind);
        self.msix.reset();
        self.slots.reset();
        self.vfs.iter_mut().for_each(Vf::reset);
        self.forgetting = None;
        self.errors = ErrorRecord::default();
        self.owed_errors = [None; 3];
        self.function = Function::default();
        self.events = Events::default();
        self.msi = Msi::default();
        self.handles.reset();
        self.queues.reset();
        self.engine.reset(now, rest);
        self.test = EndpointTest::default();
        (self.sent, self.fetched, self.store_cursor) = (0, 0, 0);
        let survivor = self.odd.survivor.take();
        self.odd = Odd { survivor, ..Odd::default() };
        if self.quirks.any() {
            self.odd_reset(kind, pending);
        }
    }

    /// What a reset forgets to do.
    fn odd_reset(&mut self, kind: ConfigReset, pending: (crate::bits::BitTree, crate::bits::BitTree)) {
        if self.quirks.has(Quirk::ResetLeavesUnmasked) {
            for table in [&mut self.msix, &mut self.slots] {
                (0..table.len()).for_each(|k| table.write(k, 1, 0, 1 << 32));
            }
        }
        if kind == ConfigReset::Function && self.quirks.has(Quirk::ResetKeepsPending) {
            for (table, bits) in [(&mut self.msix, &pending.0), (&mut self.slots, &pending.1)] {
                let mut from = 0;
                while let Some(k) = bits.at_or_after(from) {
                    table.set_pending(k, true);
                    from = k + 1;
                }
            }
        }
        if kind == ConfigReset::Function && self.quirks.has(Quirk::ErrorLogClearedByReset) {
            self.config.clear_errors();
        }
        if kind == ConfigReset::Function && self.quirks.has(Quirk::ResetForgetsId) {
            self.config.id = 0;
        }
    }

    /// Whether packets are taken at all.
    pub(crate) fn takes_packets(&self) -> bool {
        !matches!(self.phase, Phase::Initialising { .. })
    }

    /// Whether the interrupt core takes causes.
    pub(crate) fn takes_causes(&self) -> bool {
        self.phase == Phase::Running
    }

    /// Whether the device may start memory requests of its own.
    pub(crate) fn may_request(&self) -> bool {
        self.phase == Phase::Running && self.config.bus_master() && !self.config.in_d3hot()
    }

    /// As [`may_request`](Self::may_request), for records, fetches and completion words.
    pub(crate) fn may_dma(&self) -> bool {
        self.may_request() || self.quirks.has(Quirk::DmaWithoutBusMaster) && self.phase == Phase::Running
    }

    /// First tick, not before `now`, in which the device does something by itself.
    pub(crate) fn next_due(&self, now: Tick) -> Tick {
        let phase = match self.phase {
            Phase::Initialising { until } | Phase::Resetting { until } => until.max(now),
            Phase::Running | Phase::ResetAsked => Tick::MAX,
        };
        let now_if = |work: bool| if work { now } else { Tick::MAX };
        let limit = now_if(self.non_posted_reported != Some(self.non_posted_limit));
        let request = match self.waiting.front() {
            Some(w) if self.performs_requests() => w.ready_at.max(now),
            _ => Tick::MAX,
        };
        let command = match self.host.command {
            Some(command)
                if self.phase == Phase::Running && !self.ats.busy() && (!command.notify || self.can_post_done()) =>
            {
                command.due.max(now)
            }
            _ => Tick::MAX,
        };
        let engine = now_if(self.engine_can_go() || self.takes_causes() && self.engine.offer().is_some());
        let handles = if self.phase == Phase::Running { self.handles.next_due().max(now) } else { Tick::MAX };
        let function =
            now_if(self.takes_causes() && self.function_can_go() || self.events_can_go() || self.test.msi.is_some());
        let intx = now_if(self.intx_can_go());
        let scanner = self.scanner_due(now);
        let message = now_if(self.candidate().is_some() || self.error_message().is_some());
        let fetch = now_if(self.fetch_candidate().is_some());
        let reads =
            if self.gives_reads_up() { self.host.next_timer().min(self.engine.next_timer()) } else { Tick::MAX };
        let timer = reads.min(self.test.next_timer()).max(now);
        let forgotten = self.forgetting.map_or(Tick::MAX, |f| f.until.max(now));
        [
            phase,
            limit,
            request,
            command,
            function,
            engine,
            handles,
            intx,
            scanner,
            message,
            fetch,
            timer,
            forgotten,
            self.ats_due(now),
            self.link.next_due(now),
            self.odd_due(now),
        ]
        .into_iter()
        .min()
        .unwrap_or(Tick::MAX)
    }

    /// Whether reads time out: not while a function reset is about to forget them all.
    fn gives_reads_up(&self) -> bool {
        self.phase != Phase::ResetAsked || self.quirks.has(Quirk::TimeoutLoggedInReset)
    }

    /// Whether a waiting non-posted request is performed when its time has come.
    fn performs_requests(&self) -> bool {
        self.phase == Phase::Running && self.forgetting.is_none() && self.link.completion_room()
    }

    /// Whether the function's offered cause can be raised or its record written.
    fn function_can_go(&self) -> bool {
        self.function.offer().is_some_and(|offer| !offer.record || self.may_dma() && self.link.can_post(1))
    }

    /// The first thing in a tick: phases that end in it.
    pub(crate) fn begin(&mut self, t: Tick) {
        match self.phase {
            Phase::Initialising { until } | Phase::Resetting { until } if until <= t => self.phase = Phase::Running,
            _ => {}
        }
        self.forgetting = self.forgetting.filter(|f| f.until > t);
    }

    /// Takes at most one cause, from the port, the function or the coalescers; whether
    /// the port's was taken.
    pub(crate) fn take_cause(&mut self, t: Tick, port: Option<Cause>, seen: &mut Vec<Stamped<Observed>>) -> bool {
        if !self.takes_causes() {
            return false;
        }
        let privileged = |cause| Asked { cause, requester: None };
        let lane = self.engine.offer();
        let own = self.function.offer().filter(|offer| !offer.record).map(|offer| privileged(offer.cause));
        let offers = [port.map(privileged), own, self.event_offer().map(privileged), lane.map(|(_, asked)| asked)];
        let mut turns = (0..offers.len()).map(|k| (self.cause_turn + k) % offers.len());
        if let Some((who, asked)) = turns.find_map(|who| offers[who].map(|asked| (who, asked))) {
            let cause = asked.cause;
            self.cause_turn = (who + 1) % offers.len();
            match (who, cause.store) {
                (1, _) => self.function.taken(),
                (2, Store::Event) => self.take_own_misc(t),
                (2, _) => self.firing_taken(cause.index),
                (3, _) => {
                    if let Some((lane, _)) = lane {
                        self.engine.taken(lane);
                    }
                }
                _ => {}
            }
            seen.push(Stamped { at: t, what: Observed::CauseSeen(cause) });
            if (who, cause.store) != (2, Store::Event) {
                self.apply_cause(t, asked);
            }
            self.take_firings(seen, t);
            return who == 0;
        }
        self.take_firings(seen, t);
        false
    }

    /// The cause that the events have for the core: the device's own event, or a firing.
    fn event_offer(&self) -> Option<Cause> {
        let own = Cause { op: CauseOp::Raise, store: Store::Event, index: MISC };
        if self.events.own_misc { Some(own) } else { self.firing_for_core() }
    }

    /// Raises or withdraws [data sheet section 5].
    fn apply_cause(&mut self, t: Tick, Asked { cause, requester }: Asked) {
        let index = cause.index as usize;
        if cause.store == Store::Event && cause.op == CauseOp::Withdraw {
            return;
        }
        let refused = match cause.store {
            Store::Msix | Store::Device if self.vf_source(cause.store, index).is_some() => {
                let absent = self.vf_source(cause.store, index).is_some_and(|(vf, _)| !self.exists(vf));
                let accepted = self.quirks.has(Quirk::VfAbsentCauseTaken);
                (absent && !accepted).then_some(IrqError::FunctionAbsent)
            }
            Store::Msix if index >= self.msix.len() => Some(IrqError::IndexOutOfRange),
            Store::Device if index >= self.slots.len() => Some(IrqError::IndexOutOfRange),
            Store::Host if !self.host.enabled => Some(IrqError::StoreDisabled),
            Store::Host if cause.index >= self.host.size => Some(IrqError::IndexOutOfRange),
            Store::Event if cause.index > MISC => Some(IrqError::IndexOutOfRange),
            _ => None,
        };
        if let Some(error) = refused {
            self.errors.note(error, cause.store, cause.index);
            return;
        }
        if let (Some(pasid), Store::Device) = (requester, cause.store)
            && !self.quirks.has(Quirk::SlotPermissionIgnored)
        {
            let control = self.slots.entry(index).map_or(0, |entry| entry.control);
            if !Permission(control).allows(pasid) {
                self.errors.note(IrqError::Refused, cause.store, cause.index);
                return;
            }
        }
        let raise = cause.op == CauseOp::Raise;
        if self.quirks.any() && self.odd_cause(cause) {
            return;
        }
        match cause.store {
            Store::Msix | Store::Device => {
                if let Some((table, k)) = self.table_mut(cause.store, index) {
                    table.set_pending(k, raise);
                }
            }
            Store::Host => self.host.set_pending(cause.index, raise),
            Store::Event => self.take_event(t, cause.index),
        }
    }

    /// Ends the handle command that is due.
    fn finish_handle_command(&mut self, t: Tick) {
        if self.phase != Phase::Running || self.handles.next_due() > t {
            return;
        }
        let host = if self.host.enabled { self.host.size } else { 0 };
        let limits = Limits { msix: self.msix.len() as u32, device: self.slots.len() as u32, host };
        if self.handles.step(t, limits, self.quirks.has(Quirk::HandleReleaseIgnored)) {
            self.note_revoked(t);
        }
    }

    /// Device Status, transactions pending.
    pub(crate) fn transactions_pending(&self) -> bool {
        self.host.transactions_pending() || self.engine.transactions_pending()
    }

    /// Performs the non-posted request whose time has come.
    pub(crate) fn perform_requests(&mut self, t: Tick) {
        if !self.performs_requests() || self.waiting.front().is_none_or(|w| w.ready_at > t) {
            return;
        }
        if let Some(waiting) = self.waiting.pop_front() {
            self.non_posted_limit = self.non_posted_limit.wrapping_add(1);
            self.perform(t, &waiting.header, &waiting.packet);
        }
    }

    /// Says so when the number of non-posted requests that fit has changed.
    pub(crate) fn report_limit(&mut self, t: Tick, seen: &mut Vec<Stamped<Observed>>) {
        if self.non_posted_reported != Some(self.non_posted_limit) {
            self.non_posted_reported = Some(self.non_posted_limit);
            seen.push(Stamped { at: t, what: Observed::NonPostedLimit(self.non_posted_limit) });
        }
    }

    /// The part of a tick that needs nothing from outside; the packet that left in it.
    pub(crate) fn work(&mut self, t: Tick, stalls: &mut Stalls) -> Option<Packet> {
        self.scan(t);
        self.test.end_pulse(t);
        if self.gives_reads_up() {
            self.expire_fetches(t);
            self.expire_reads(t);
        }
        self.finish_command(t);
        self.step_ats(t);
        self.send_error_message(t);
        self.finish_handle_command(t);
        self.write_record(t);
        self.send_message(t);
        self.start_fetch(t);
        self.step_engine(t);
        if self.quirks.any() {
            self.odd_work(t);
        }
        self.watch_errors(t);
        let digest = self.config.generates_ecrc() && !self.quirks.has(Quirk::DigestNotMade);
        let (packet, then) = self.link.step(t, stalls, digest, &mut self.quirks)?;
        match then {
            Then::Nothing => {}
            Then::FunctionReset => self.function_reset(t),
            Then::FetchSent(tag) if tag >= crate::engine::FIRST_TAG => self.dma_sent(t, tag),
            Then::FetchSent(tag) => self.fetch_sent(t, tag),
        }
        Some(packet)
    }
}
