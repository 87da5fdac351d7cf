// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What each operation does, grouped by what it touches.

pub mod access;
pub mod ats;
pub mod audit;
pub mod causes;
pub mod churn;
pub mod domains;
pub mod environment;
pub mod errors;
pub mod expect;
pub mod functions;
pub mod iommu;
pub mod msi;
pub mod old_ways;
pub mod posted;
pub mod remap;
pub mod stores;
pub mod storm;
pub mod work;

use super::sequencer::Sequencer;
use super::world::Stop;
use vectors::op::{Op, Switch};

/// Carries out one operation.
pub fn carry_out(s: &mut Sequencer<'_>, op: &Op) -> Result<(), Stop> {
    match op {
        Op::Enumerate => stores::enumerate(s),
        Op::Remapping { eime, size, compatibility } => remap::on(s, *eime, *size, *compatibility),
        Op::RemappingOff => remap::off(s),
        Op::HostStore { slots, base } => stores::host_store(s, *slots, *base),
        Op::HostStoreOff => stores::host_store_off(s),
        Op::MsixEnable { vectors } => stores::msix_enable(s, *vectors),
        Op::MsixDisable => stores::msix_disable(s),
        Op::MsiEnable { vectors } => msi::enable(s, *vectors),
        Op::MsiDisable => msi::disable(s),
        Op::EnableVfs { count, page } => functions::enable(s, *count, *page),
        Op::DisableVfs => functions::disable(s),
        Op::VfMsixEnable { vf, vectors } => functions::msix_enable(s, *vf, *vectors),
        Op::VfFlr { vf } => functions::flr(s, *vf),
        Op::Ats(on) => ats::enable(s, *on),
        Op::Map { at, to, bytes, unreadable, untranslated } => {
            ats::map(s, *at, *to, *bytes, !unreadable, *untranslated)
        }
        Op::Unmap { at, bytes } => ats::unmap(s, *at, *bytes),
        Op::AtsInvalidate { at, bytes, no_wait } => ats::invalidate(s, *at, *bytes, !no_wait),
        Op::Connect { at, to, masked } => stores::connect(s, *at, *to, *masked),
        Op::ConnectRange { range, masked } => stores::connect_range(s, range, *masked),
        Op::Disconnect { at } => stores::disconnect(s, *at),
        Op::Retarget { at, to, by } => stores::retarget(s, *at, *to, *by),

        Op::Cause { at, times, gap } => causes::cause(s, *at, *times, *gap),
        Op::CauseIn { at, ticks } => causes::cause_in(s, *at, *ticks),
        Op::CauseRange { range } => causes::cause_range(s, range),
        Op::Withdraw { at } => causes::withdraw(s, *at),
        Op::Doorbell { at, count, record, withdraw } => causes::doorbell(s, *at, *count, *record, *withdraw),
        Op::Sweep { range } => causes::sweep(s, range),
        Op::Storm { .. } => storm::storm(s, op),
        Op::Race { offsets, cause, write, then } => causes::race(s, *offsets, *cause, write, then),

        Op::RaceConfig { offsets, cause, write, then } => causes::race_config(s, *offsets, *cause, write, then),

        Op::Kernel(op) => domains::carry_out(s, op),
        Op::Restart => {
            s.begin_anew();
            Ok(())
        }

        Op::Mask { at } => stores::set_mask(s, *at, true),
        Op::Unmask { at } => stores::set_mask(s, *at, false),
        Op::FunctionMask(switch) => stores::msix_control(s, 14, *switch),
        Op::MsixEnableBit(switch) => stores::msix_control(s, 15, *switch),
        Op::IntxDisable(on) => stores::command(s, 10, Switch::Physical(*on)),
        Op::BusMaster(switch) => stores::command(s, 2, *switch),
        Op::MemoryEnable(on) => stores::command(s, 1, Switch::Physical(*on)),
        Op::PowerState(state) => environment::power_state(s, *state),
        Op::Message { at, address, data, control } => stores::message(s, *at, *address, *data, *control),
        Op::Invalidate { index, order, notify, no_wait } => stores::invalidate(s, *index, *order, *notify, !no_wait),

        Op::ErrorReporting(on) => errors::reporting(s, *on),
        Op::ClearErrors => errors::clear(s),
        Op::Digests(on) => errors::digests(s, *on),
        Op::Link { mps, mrrs, short_tags } => work::link(s, *mps, *mrrs, !short_tags),
        Op::Pasid(on) => work::set_pasid(s, *on),
        Op::Queue(setup) => work::queue(s, setup),
        Op::QueueOff { q, no_wait } => work::queue_off(s, *q, !no_wait),
        Op::QueueResume { q } => work::queue_resume(s, *q),
        Op::Handle { id, at, ignore, pasid, expect } => {
            work::handle(s, *id, *at, work::permission_of(*ignore, *pasid), *expect)
        }
        Op::ReleaseHandle { id, expect } => work::release(s, *id, *expect),
        Op::RevokeHandles => work::revoke(s),
        Op::RenewHandles => work::renew(s),
        Op::Submit(w) => work::submit(s, w),
        Op::Consume { q, count, status, keep } => work::consume(s, *q, *count, *status, *keep),
        Op::ExpectNoRecord { q, cycles } => work::expect_no_record(s, *q, *cycles),
        Op::WorkStorm(w) => work::storm(s, w),
        Op::EndpointTest { run, size, msix, msi, intx, fails } => {
            let irq = work::TestIrq::of(*msix, *msi, *intx);
            work::endpoint_test(s, *run, *size, irq, *fails)
        }

        Op::CfgRead(r) => access::cfg_read(s, r),
        Op::CfgWrite(w) => access::cfg_write(s, w),
        Op::Read(r) => access::read(s, r),
        Op::Write(w) => access::write(s, w),
        Op::DramRead(r) => access::dram_read(s, r),
        Op::DramWrite(w) => access::dram_write(s, w),
        Op::Tlp(t) => access::tlp(s, t),
        Op::Stray(t) => access::stray(s, t),

        Op::VtdRead(r) => remap::read(s, r),
        Op::VtdWrite(w) => remap::write(s, w),
        Op::SetIrte { index, entry } => remap::set_irte(s, *index, entry),
        Op::SetIrteRaw { index, words } => remap::set_irte_raw(s, *index, *words),
        Op::Iec { index, mask } => remap::iec(s, *index, *mask),
        Op::Dma(op) => iommu::carry_out(s, op),
        Op::Posted(op) => posted::carry_out(s, op),
        Op::Descriptor { words, wait } => remap::descriptor(s, *words, *wait),

        Op::Pressure { rx_gap, tx_stall, cause_gap } => environment::pressure(s, *rx_gap, *tx_stall, *cause_gap),
        Op::Credits(c) => environment::credits(s, c),
        Op::Completions(c) => environment::completions(s, c),
        Op::FailReads { how, times, at, ring, range } => environment::fail_reads(s, *how, *times, *at, *ring, *range),
        Op::Hole { address, len } => environment::hole(s, *address, *len),
        Op::Reset(kind) => environment::reset(s, *kind),
        Op::Flr => environment::flr(s),
        Op::Wait(cycles) => s.world.wait(*cycles),
        Op::Settle => {
            let bound = s.bound;
            s.world.settle(bound)
        }

        Op::Tpr { cpu, value } => environment::tpr(s, *cpu, *value),
        Op::Service { cpu, on } => environment::service(s, *cpu, *on),
        Op::Take { cpu, vector } => environment::take(s, *cpu, *vector),
        Op::Eoi { cpu } => environment::eoi(s, *cpu),

        Op::Count => {
            expect::count(s)?;
            domains::count(s)
        }
        Op::ExpectMessages { at, count } => expect::messages(s, *at, [*count, *count]),
        Op::ExpectMessagesTotal(n) => expect::messages_total(s, *n),
        Op::ExpectMessagesBetween { at, range } => expect::messages(s, *at, *range),
        Op::ExpectArrivals { at, count } => expect::arrivals(s, *at, *count),
        Op::ExpectInterrupt { at, address, data, to } => expect::interrupt(s, *at, *address, *data, *to),
        Op::ExpectPending { at, value } => expect::pending(s, *at, *value),
        Op::ExpectIntx { asserted, status, asserts } => {
            expect::intx(s, *asserted, status.unwrap_or(*asserted), *asserts)
        }
        Op::ExpectQuiet(cycles) => expect::quiet(s, *cycles),
        Op::ExpectFault { reason, index, source } => expect::fault(s, *reason, *index, *source),
        Op::ExpectNoFault => expect::no_fault(s),
        Op::ExpectBlocked { reason } => expect::blocked(s, *reason),
        Op::ExpectError { code, at } => expect::error(s, *code, *at),
        Op::ExpectNoError => expect::no_error(s),
        Op::ExpectErrors(e) => errors::expect(s, e),
        Op::ExpectErrorMessages(m) => errors::messages(s, m),
        Op::ExpectFinding(name) => expect::finding(s, name),
        Op::ExpectDecode { bar, base } => expect::decode(s, *bar, *base),

        Op::Mark(text) => {
            let now = s.world.now();
            s.world.log.event(now, "mark", 0, format_args!("\"text\":{text:?}"));
            Ok(())
        }
        Op::Repeat { times, steps } => {
            for _ in 0..*times {
                s.steps(steps)?;
            }
            Ok(())
        }
        Op::Untranslated { reason, .. } => {
            *s.tally.untranslated.entry(reason.clone()).or_default() += 1;
            Ok(())
        }
    }
}
