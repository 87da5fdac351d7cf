// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Work queues as their driver uses them, interrupt handles, the endpoint test.

use super::causes::{read_register, write_register};
use crate::bench::machine::{Handle, WorkQueue};
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use crate::check::work::descriptor::crc;
use crate::check::work::handles::Meaning;
use crate::finding::Kind;
use crate::shadow::parts;
use host_model::driver::enumerate::{self, LinkWish};
use host_model::driver::handles::{HandleError, Handles, permission};
use host_model::driver::queue::{Announce, Descriptor, Queue, QueueConfig, Record};
use host_model::driver::{Bus, pasid};
use host_model::rc::LinkSettings;
use rand::RngExt;
use vectors::op::{QueueSetup, Source, Submit, TestDo, Work, WorkStorm};
use vectors::regs;

/// Submission rings, completion rings: 64 KiB a queue.
pub const SUBMISSION: u64 = 0x0400_0000;
const COMPLETION: u64 = 0x0500_0000;
const RING: u64 = 0x1_0000;
/// Buffers, below and above 4 GiB.
const BUFFERS: [u64; 2] = [0x2000_0000, 0x12_0000_0000];
/// Cycles between two looks at a ring.
const LOOK: u64 = 64;

fn registers(s: &Sequencer<'_>) -> u64 {
    s.world.shadow.config.bar(0)
}

pub fn link(s: &mut Sequencer<'_>, mps: u16, mrrs: u16, extended_tags: bool) -> Result<(), Stop> {
    let Some(function) = s.machine.function.clone() else {
        return Err(Stop::Input("link needs `- enumerate` before it".into()));
    };
    let pasid = s.world.host.rc().config().link.pasid;
    let wish = LinkWish { mps_max: mps, mrrs, extended_tags, ..LinkWish::default() };
    let agreed = enumerate::set_up_link(&mut s.world, &function, &wish);
    let agreed = s.drive("link set-up", agreed)?;
    s.world.host.rc_mut().set_link(LinkSettings { pasid, ..agreed });
    s.expect(agreed.mps == mps && agreed.mrrs == mrrs, || format!("agreed on {agreed:?}"));
    Ok(())
}

pub fn set_pasid(s: &mut Sequencer<'_>, on: bool) -> Result<(), Stop> {
    let Some(function) = s.machine.function.clone() else {
        return Err(Stop::Input("pasid needs `- enumerate` before it".into()));
    };
    let mut link = s.world.host.rc().config().link;
    let set = pasid::set(&mut s.world, &function, &mut link, on);
    s.drive("PASID enable", set)
}

pub fn queue(s: &mut Sequencer<'_>, setup: &QueueSetup) -> Result<(), Stop> {
    let q = setup.q;
    let config = QueueConfig {
        regs: registers(s),
        portal: setup.portal.then(|| s.world.shadow.config.bar(1)),
        queue: q,
        submission: (SUBMISSION + RING * u64::from(q), setup.sq),
        completion: (COMPLETION + RING * u64::from(q), setup.cq),
        pasid: setup.pasid,
        relaxed: setup.relaxed,
        ido: setup.ido,
    };
    let enabled = Queue::enable(&mut s.world, config);
    let driver = s.drive("enabling a queue", enabled)?;
    s.tally.expectations += 1;
    s.machine.queues.insert(q, WorkQueue { driver, items: Default::default() });
    Ok(())
}

/// The queue of that number, and the world, apart.
fn with<T>(
    s: &mut Sequencer<'_>,
    q: u32,
    what: &str,
    use_it: impl FnOnce(&mut WorkQueue, &mut dyn Bus) -> Result<T, host_model::driver::queue::QueueError>,
) -> Result<T, Stop> {
    let Some(mut queue) = s.machine.queues.remove(&q) else {
        return Err(Stop::Input(format!("queue {q} is not set up")));
    };
    let result = use_it(&mut queue, &mut s.world);
    s.machine.queues.insert(q, queue);
    s.drive(what, result)
}

pub fn queue_off(s: &mut Sequencer<'_>, q: u32, wait: bool) -> Result<(), Stop> {
    with(s, q, "disabling a queue", |queue, bus| {
        queue.driver.disable(bus)?;
        if wait { queue.driver.wait_idle(bus, LOOK, 10_000) } else { Ok(()) }
    })
}

pub fn queue_resume(s: &mut Sequencer<'_>, q: u32) -> Result<(), Stop> {
    with(s, q, "resuming a queue", |queue, bus| {
        queue.items.clear();
        Ok(queue.driver.resume(bus)?)
    })
}

/// Asks for a handle; the code that comes back must be `expect`, 0 when absent.
pub fn handle(s: &mut Sequencer<'_>, id: u32, at: Source, perm: u32, expect: Option<u8>) -> Result<(), Stop> {
    let Some((store, index)) = parts(at) else {
        return Err(Stop::Input(format!("{at:?} has no entry that a handle could name")));
    };
    let handles = Handles::new(registers(s));
    let asked = handles.request(&mut s.world, store.code(), index, perm);
    match expect {
        None => {
            let number = s.drive("requesting a handle", asked)?;
            s.world.work.handle_given(number, Meaning { source: at, permission: perm });
            s.machine.handles.insert(id, Handle { at, permission: perm, number });
            s.tally.expectations += 1;
            Ok(())
        }
        Some(code) => expect_code(s, asked.map(|_| ()), code),
    }
}

fn expect_code(s: &mut Sequencer<'_>, result: Result<(), HandleError>, code: u8) -> Result<(), Stop> {
    match result {
        Err(HandleError::Refused(got)) => {
            s.expect(got == code, || format!("handle command answered with {got:#x}, expected {code:#x}"));
            Ok(())
        }
        Ok(()) => {
            s.expect(false, || format!("handle command succeeded, expected code {code:#x}"));
            Ok(())
        }
        Err(other) => s.drive::<()>("handle command", Err(other)),
    }
}

fn known(s: &Sequencer<'_>, id: u32) -> Result<Handle, Stop> {
    s.machine.handles.get(&id).copied().ok_or_else(|| Stop::Input(format!("there is no handle {id}")))
}

pub fn release(s: &mut Sequencer<'_>, id: u32, expect: Option<u8>) -> Result<(), Stop> {
    let number = known(s, id)?.number;
    s.world.work.handle_ending(Some(number));
    let released = Handles::new(registers(s)).release(&mut s.world, number);
    match expect {
        None => s.drive("releasing a handle", released)?,
        Some(code) => expect_code(s, released, code)?,
    }
    s.world.work.handles.ended(Some(number));
    Ok(())
}

pub fn revoke(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    s.world.work.handle_ending(None);
    let revoked = Handles::new(registers(s)).revoke_all(&mut s.world);
    s.drive("revoking handles", revoked)?;
    s.world.work.handles.ended(None);
    Ok(())
}

/// What the IDXD driver does once it learns of a revocation: asks for all handles anew.
pub fn renew(s: &mut Sequencer<'_>) -> Result<(), Stop> {
    let taken = Handles::new(registers(s)).take_revoked(&mut s.world);
    let revoked = s.drive("looking for a revocation", taken)?;
    s.expect(revoked, || "ev_misc does not tell of the revocation".into());
    for (id, old) in s.machine.handles.clone() {
        s.machine.retired.insert(old.number, id);
        handle(s, id, old.at, old.permission, None)?;
    }
    Ok(())
}

/// A place for `size` bytes, with random distance from what is aligned.
fn buffer(s: &mut Sequencer<'_>, size: u32) -> u64 {
    let high = usize::from(s.world.rng.random_range(0..4) == 0);
    let offset = u64::from(s.world.rng.random_range(0..0x80u32));
    let next = &mut s.machine.buffers[high];
    let at = BUFFERS[high] + *next + offset;
    *next += (u64::from(size) + 0x180).next_multiple_of(0x80);
    at
}

/// A place with random content.
fn source(s: &mut Sequencer<'_>, size: u32) -> Result<u64, Stop> {
    let at = buffer(s, size);
    let mut bytes = vec![0; size as usize];
    s.world.rng.fill(&mut bytes[..]);
    s.world.dram_write(at, &bytes)?;
    Ok(at)
}

fn opcode(work: Work) -> u8 {
    match work {
        Work::Nop => 0,
        Work::Fill => 1,
        Work::Copy => 2,
        Work::Checksum => 3,
        Work::Opcode(n) => n,
    }
}

/// Bytes that work may write; none of work that is refused, whatever it names.
fn written(opcode: u8, to: u64, size: u32) -> std::ops::Range<u64> {
    let end = to.checked_add(u64::from(size)).filter(|_| matches!(opcode, 1 | 2) && size <= 1 << 24);
    to..end.unwrap_or(to)
}

/// Whether work whose record is still to be consumed may write any of these bytes. Behind a fence that of its own queue
/// no longer does.
fn still_written(s: &Sequencer<'_>, w: &Submit, bytes: &std::ops::Range<u64>) -> bool {
    let others = s.machine.queues.iter().filter(|(q, _)| !w.fence || **q != w.q);
    let mut at_work = others.flat_map(|(_, queue)| queue.items.values());
    at_work.any(|(d, _)| {
        let its = written(d.opcode, d.destination, d.size);
        bytes.start.max(its.start) < bytes.end.min(its.end)
    })
}

fn compose(s: &mut Sequencer<'_>, w: &Submit) -> Result<Descriptor, Stop> {
    let opcode = opcode(w.work);
    // A size that is refused needs no memory.
    let real = if w.size <= 1 << 24 { w.size } else { 0 };
    let from = match w.source {
        Some(at) => at,
        None if matches!(opcode, 2 | 3) => source(s, real)?,
        None => 0,
    };
    let to = match w.destination {
        Some(at) if still_written(s, w, &written(opcode, at, w.size)) => {
            let what = format!("work with a record still to be consumed may write at {at:#x}: whose data is whose?");
            return Err(Stop::Input(what));
        }
        Some(at) => at,
        None if matches!(opcode, 1 | 2) => buffer(s, real),
        None => 0,
    };
    let announce = match (w.handle, w.raw_handle, w.event) {
        (Some(id), ..) => Announce::Handle(known(s, id)?.number),
        (None, Some(number), _) => Announce::Handle(number),
        (None, None, true) => Announce::Event,
        (None, None, false) => Announce::Record,
    };
    let pattern = s.world.rng.random();
    Ok(Descriptor { opcode, size: w.size, source: from, destination: to, pattern, announce, fence: w.fence })
}

pub fn submit(s: &mut Sequencer<'_>, w: &Submit) -> Result<(), Stop> {
    for _ in 0..w.times {
        let descriptor = compose(s, w)?;
        if !with(s, w.q, "a queue", |queue, _| Ok(queue.driver.has_room()))? {
            return Err(Stop::Input(format!("the submission ring of queue {} is full: consume first", w.q)));
        }
        put(s, w.q, &descriptor, 0)?;
    }
    if w.no_ring { Ok(()) } else { ring(s, w.q) }
}

fn put(s: &mut Sequencer<'_>, q: u32, descriptor: &Descriptor, item: u64) -> Result<(), Stop> {
    let d = *descriptor;
    with(s, q, "submitting work", |queue, bus| {
        let place = queue.driver.store(bus, &d)?;
        queue.items.insert(place, (d, item));
        Ok(())
    })
}

fn ring(s: &mut Sequencer<'_>, q: u32) -> Result<(), Stop> {
    with(s, q, "ringing a doorbell", |queue, bus| Ok(queue.driver.ring(bus)?))
}

/// The next record of a queue with its descriptor, if it is there.
fn next_record(s: &mut Sequencer<'_>, q: u32) -> Result<Option<(Record, Descriptor, u64)>, Stop> {
    with(s, q, "consuming a record", |queue, bus| {
        let Some(record) = queue.driver.consume(bus)? else { return Ok(None) };
        let item = queue.items.remove(&record.index);
        Ok(item.map(|(descriptor, item)| (record, descriptor, item)))
    })
}

/// Consumes records of a queue as they come; every one must have this status.
pub fn consume(s: &mut Sequencer<'_>, q: u32, count: Option<u32>, status: u8, keep: bool) -> Result<(), Stop> {
    let outstanding = with(s, q, "a queue", |queue, _| Ok(queue.driver.outstanding()))?;
    let count = count.map_or(outstanding, |n| n as usize);
    let deadline = s.world.now() + s.bound;
    let mut got = 0;
    while got < count {
        let Some((record, ..)) = next_record(s, q)? else {
            if s.world.now() >= deadline {
                let text = format!("{}: {got} of {count} records of queue {q} came", s.place());
                s.world.find("record_missing", Kind::Liveness, text);
                return Err(Stop::Stuck);
            }
            s.world.wait(LOOK)?;
            continue;
        };
        got += 1;
        s.expect(record.status == status, || {
            format!("descriptor {} of queue {q}: status {:#x}, expected {status:#x}", record.index, record.status)
        });
        // The ring must not run full while more is awaited.
        if !keep && got % 4 == 0 {
            give_back(s, q)?;
        }
    }
    if keep { Ok(()) } else { give_back(s, q) }
}

fn give_back(s: &mut Sequencer<'_>, q: u32) -> Result<(), Stop> {
    with(s, q, "giving records back", |queue, bus| Ok(queue.driver.give_back(bus)?))
}

/// Nothing of this queue completes for so many cycles.
pub fn expect_no_record(s: &mut Sequencer<'_>, q: u32, cycles: u64) -> Result<(), Stop> {
    let before = s.world.work.records;
    s.world.wait(cycles)?;
    let (after, none) = (s.world.work.records, next_record(s, q)?.is_none());
    s.expect(none && before == after, || format!("a record of queue {q} came"));
    Ok(())
}

/// Random work over many queues; each item must complete well exactly once, revocations or not.
pub fn storm(s: &mut Sequencer<'_>, w: &WorkStorm) -> Result<(), Stop> {
    let (mut next, mut done, mut revoked) = (0u64, 0u64, false);
    let mut again: Vec<(u32, Descriptor, u64)> = Vec::new();
    let mut completions = vec![0u32; w.descriptors as usize];
    let mut deadline = s.world.now() + s.bound;
    while done < u64::from(w.descriptors) {
        let q = w.first + s.world.rng.random_range(0..w.count);
        let burst = s.world.rng.random_range(1..4u32);
        for _ in 0..burst {
            if !with(s, q, "a queue", |queue, _| Ok(queue.driver.has_room()))? {
                break;
            }
            if let Some(k) = again.iter().position(|(of, ..)| *of == q) {
                let (_, old, item) = again.remove(k);
                let descriptor = renewed(s, &old)?;
                put(s, q, &descriptor, item)?;
            } else if next < u64::from(w.descriptors) {
                let descriptor = random_work(s, w)?;
                put(s, q, &descriptor, next)?;
                next += 1;
            }
        }
        ring(s, q)?;
        if w.revoke_chance > 0 && s.world.rng.random_range(0..256u32) < u32::from(w.revoke_chance) {
            revoke(s)?;
            revoked = true;
        }
        let gap = s.world.rng.random_range(0..=w.gap_max);
        s.world.wait(gap + 1)?;
        // The driver hears of a revocation some time later; until then it goes on with the old handles.
        if revoked && s.world.rng.random_range(0..4u32) == 0 {
            renew(s)?;
            revoked = false;
        }
        for q in w.first..w.first + w.count {
            let mut any = false;
            while let Some((record, descriptor, item)) = next_record(s, q)? {
                any = true;
                if record.status == 0x19 && matches!(descriptor.announce, Announce::Handle(_)) {
                    again.push((q, descriptor, item));
                    continue;
                }
                s.expect(record.status == 1, || format!("queue {q}: status {:#x}", record.status));
                completions[item as usize] += 1;
                done += 1;
                deadline = s.world.now() + s.bound;
            }
            if any {
                give_back(s, q)?;
            }
        }
        if s.world.now() >= deadline {
            let text = format!("{}: {done} of {} pieces of work were completed", s.place(), w.descriptors);
            s.world.find("record_missing", Kind::Liveness, text);
            return Err(Stop::Stuck);
        }
    }
    if revoked {
        renew(s)?;
    }
    let once = completions.iter().all(|n| *n == 1);
    s.expect(once, || "a piece of work was not completed exactly once".into());
    Ok(())
}

fn random_work(s: &mut Sequencer<'_>, w: &WorkStorm) -> Result<Descriptor, Stop> {
    let kind = [Work::Nop, Work::Fill, Work::Copy, Work::Copy, Work::Checksum][s.world.rng.random_range(0..5usize)];
    let most = if s.world.rng.random_range(0..4u32) == 0 { w.size_max } else { w.size_max.min(300) };
    let handle = (!w.handles.is_empty() && s.world.rng.random_range(0..2u32) == 0)
        .then(|| w.handles[s.world.rng.random_range(0..w.handles.len())]);
    let one = Submit {
        work: kind,
        size: s.world.rng.random_range(1..=most),
        handle,
        fence: s.world.rng.random_range(0..256u32) < u32::from(w.fence_chance),
        ..Submit::default()
    };
    compose(s, &one)
}

/// The same work under the handle that its old one has become.
fn renewed(s: &Sequencer<'_>, old: &Descriptor) -> Result<Descriptor, Stop> {
    let Announce::Handle(number) = old.announce else { return Ok(*old) };
    let id = s.machine.retired.get(&number).copied();
    let number = id.and_then(|id| s.machine.handles.get(&id)).map_or(number, |handle| handle.number);
    Ok(Descriptor { announce: Announce::Handle(number), ..*old })
}

/// The interrupt that a command of the endpoint test ends with.
#[derive(Clone, Copy)]
pub struct TestIrq {
    /// 0 INTx, 1 MSI, 2 MSI-X.
    kind: u32,
    /// Counted from 1; 0: none.
    number: u32,
}

impl TestIrq {
    pub fn of(msix: Option<u32>, msi: Option<u32>, intx: bool) -> Self {
        match (msix, msi) {
            (Some(k), _) => Self { kind: 2, number: k + 1 },
            (None, Some(k)) => Self { kind: 1, number: k + 1 },
            (None, None) => Self { kind: if intx { 0 } else { 2 }, number: u32::from(intx) },
        }
    }
}

/// A command of the endpoint test, as Linux pci_endpoint_test gives it, and what must come of it.
pub fn endpoint_test(s: &mut Sequencer<'_>, what: TestDo, size: u32, irq: TestIrq, fails: bool) -> Result<(), Stop> {
    let (bit, good, bad) = match what {
        TestDo::Raise => (irq.kind, 0, 0),
        TestDo::Read => (3, 1, 2),
        TestDo::Write => (4, 4, 8),
        TestDo::Copy => (5, 16, 32),
    };
    let real = if size <= 1 << 24 { size } else { 0 };
    let from = if matches!(what, TestDo::Read | TestDo::Copy) { source(s, real)? } else { 0 };
    let to = if matches!(what, TestDo::Write | TestDo::Copy) { buffer(s, real) } else { 0 };
    let bytes = |s: &Sequencer<'_>, at: u64| {
        let mut bytes = vec![0; real as usize];
        s.world.host.mem().read(at, &mut bytes).map(|()| bytes).unwrap_or_default()
    };
    let sum = if what == TestDo::Read { crc(&bytes(s, from)) } else { 0 };
    for (register, value) in [
        (regs::ET_SRC_LO, from as u32),
        (regs::ET_SRC_HI, (from >> 32) as u32),
        (regs::ET_DST_LO, to as u32),
        (regs::ET_DST_HI, (to >> 32) as u32),
        (regs::ET_SIZE, size),
        (regs::ET_CHECKSUM, sum),
        (regs::ET_IRQ_TYPE, irq.kind),
        (regs::ET_IRQ_NUMBER, irq.number),
        (regs::ET_COMMAND, 1 << bit),
    ] {
        write_register(s, register, value)?;
    }
    let deadline = s.world.now() + s.bound;
    let status = loop {
        let status = read_register(s, regs::ET_STATUS)?;
        if status & regs::et_status::IRQ_RAISED_MASK != 0 {
            break status;
        }
        if s.world.now() >= deadline {
            let text = format!("{}: the endpoint test does not end", s.place());
            s.world.find("record_missing", Kind::Liveness, text);
            return Err(Stop::Stuck);
        }
        s.world.wait(LOOK)?;
    };
    let expected = if fails { bad } else { good };
    s.expect(status & 0x3f == expected, || format!("endpoint test status {status:#x}, expected {expected:#x}"));
    let command = read_register(s, regs::ET_COMMAND)?;
    s.expect(command == 0, || format!("the command register reads {command:#x}"));
    if fails {
        return Ok(());
    }
    match what {
        TestDo::Write => {
            let (told, there) = (read_register(s, regs::ET_CHECKSUM)?, crc(&bytes(s, to)));
            s.expect(told == there, || format!("checksum {told:#x}, memory has {there:#x}"));
        }
        TestDo::Copy => {
            let equal = bytes(s, from) == bytes(s, to);
            s.expect(equal, || "the copy differs from its source".into());
        }
        TestDo::Read | TestDo::Raise => {}
    }
    Ok(())
}

/// Permission bits of a handle as a vector states them.
pub fn permission_of(ignore: bool, pasid: Option<u32>) -> u32 {
    permission(ignore, pasid)
}

/// Range of host memory that holds the submission ring of a queue.
pub fn ring_of(q: u32) -> (u64, u64) {
    let first = SUBMISSION + RING * u64::from(q);
    (first, first + RING - 1)
}
