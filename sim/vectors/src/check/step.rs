// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rules of the steps.

use super::{Checker, INDEX_LIMIT, MSI_VECTORS, Outcome, PAGES, QUEUES, VF_SOURCES};
use crate::op::{Op, Retarget, Source};
use crate::regs;

impl Checker {
    /// A cause around a write, whatever is written.
    fn race(&mut self, [low, high]: [i64; 2], cause: &Source) -> Outcome {
        self.key("offsets", |c| {
            c.ensure(low <= high, || format!("{low} is above {high}"))?;
            c.ensure(low >= -10_000 && high <= 10_000, || "distances are at most 10000 ticks".to_owned())
        })?;
        self.key("cause", |c| {
            c.raisable(cause)?;
            c.existing(cause)
        })
    }

    #[allow(clippy::too_many_lines)] // One arm per operation: splitting it would only spread the list.
    pub(super) fn op(&mut self, op: &Op) -> Outcome {
        const CONFIG: &[u32] = &[1, 2, 4];
        const REGISTER: &[u32] = &[1, 2, 4, 8];
        const ANY: &[u32] = &[];
        match op {
            Op::Remapping { size, .. } => self.key("remapping", |c| c.key("size", |c| c.within((*size).into(), 0, 15))),
            Op::HostStore { slots, base } => self.key("host_store", |c| {
                c.key("slots", |c| c.within((*slots).into(), 1, c.host.into()))?;
                let base = base.unwrap_or(0);
                c.key("base", |c| c.ensure(base % 4096 == 0, || format!("{base:#x} is not a multiple of 4096")))
            }),
            Op::MsixEnable { vectors } => {
                self.key("msix_enable", |c| c.key("vectors", |c| c.within((*vectors).into(), 0, c.msix.into())))
            }
            Op::EnableVfs { count, page } => self.key("enable_vfs", |c| {
                c.key("count", |c| c.within((*count).into(), 1, c.vfs.into()))?;
                c.key("page", |c| c.ensure(PAGES.contains(page), || format!("{page} is none of {PAGES:?}")))
            }),
            Op::VfMsixEnable { vf, vectors } => self.key("vf_msix_enable", |c| {
                c.virtual_function(*vf)?;
                c.key("vectors", |c| c.within((*vectors).into(), 0, VF_SOURCES.into()))
            }),
            Op::VfFlr { vf } => self.key("vf_flr", |c| c.virtual_function(*vf)),
            Op::Map { at, to, bytes, .. } => self.key("map", |c| {
                c.pages(*at, *bytes)?;
                c.key("to", |c| {
                    c.ensure(to % u64::from(*bytes) == 0, || format!("{to:#x} is not a multiple of {bytes}"))
                })
            }),
            Op::Unmap { at, .. } => self.key("unmap", |c| c.pages(*at, 0x1000)),
            Op::AtsInvalidate { at, bytes, .. } => self.key("ats_invalidate", |c| c.pages(at.unwrap_or(0), *bytes)),
            Op::FunctionMask(switch) => self.switch("function_mask", *switch),
            Op::MsixEnableBit(switch) => self.switch("msix_enable_bit", *switch),
            Op::BusMaster(switch) => self.switch("bus_master", *switch),
            Op::MsiEnable { vectors } => {
                self.key("msi_enable", |c| c.key("vectors", |c| c.within((*vectors).into(), 1, u64::from(MSI_VECTORS))))
            }
            Op::Connect { at, to, .. } => self.key("connect", |c| {
                c.signalling(at)?;
                c.key("to", |c| c.target(to))
            }),
            Op::ConnectRange { range, .. } => self.key("connect_range", |c| c.key("range", |c| c.range(range))),
            Op::Disconnect { at } => self.key("disconnect", |c| c.signalling(at)),
            Op::Retarget { at, to, by } => self.key("retarget", |c| {
                c.signalling(at)?;
                c.key("to", |c| c.target(to))?;
                c.key("by", |c| {
                    c.ensure(*by != Retarget::MessageUnmasked || !matches!(at, Source::Host(_)), || {
                        "a host slot is one store: it cannot be rewritten in parts".to_owned()
                    })
                })
            }),
            Op::Cause { at, times, .. } => self.key("cause", |c| {
                c.raisable(at)?;
                c.at_named(at)?;
                c.key("times", |c| c.within((*times).into(), 1, 1_000_000))
            }),
            Op::CauseIn { at, ticks } => self.key("cause_in", |c| {
                c.raisable(at)?;
                c.at_named(at)?;
                c.key("ticks", |c| c.within(*ticks, 0, 1_000_000))
            }),
            Op::CauseRange { range } => self.key("cause_range", |c| c.key("range", |c| c.named_range(range))),
            Op::Withdraw { at } => self.key("withdraw", |c| {
                c.raisable(at)?;
                c.at_named(at)
            }),
            Op::Doorbell { at, count, .. } => self.key("doorbell", |c| {
                c.raisable(at)?;
                c.at_named(at)?;
                c.key("count", |c| c.within((*count).into(), 0, 63))
            }),
            Op::Sweep { range } => self.key("sweep", |c| c.key("range", |c| c.named_range(range))),
            Op::Storm { causes, over, error_chance, .. } => self.key("storm", |c| {
                c.key("causes", |c| c.within((*causes).into(), 1, 10_000_000))?;
                c.key("error_chance", |c| c.within((*error_chance).into(), 0, 1024))?;
                c.key("over", |c| {
                    c.ensure(!over.is_empty(), || "no sources".to_owned())?;
                    c.list(over, Self::range)
                })
            }),
            Op::Race { offsets, cause, write, then } => self.key("race", |c| {
                c.race(*offsets, cause)?;
                c.key("write", |c| {
                    c.memory_place(&write.at)?;
                    c.write(write, REGISTER)
                })?;
                c.key("then", |c| c.list(then, Self::op))
            }),
            Op::RaceConfig { offsets, cause, write, then } => self.key("race_config", |c| {
                c.race(*offsets, cause)?;
                c.key("write", |c| {
                    c.config_place(&write.at, write.len)?;
                    c.write(write, CONFIG)
                })?;
                c.key("then", |c| c.list(then, Self::op))
            }),
            Op::Kernel(op) => self.key("kernel", |c| c.kernel(op)),
            Op::Mask { at } => self.key("mask", |c| c.signalling(at)),
            Op::Unmask { at } => self.key("unmask", |c| c.signalling(at)),
            Op::PowerState(state) => {
                self.key("power_state", |c| c.ensure(matches!(state, 0 | 3), || format!("{state} is neither 0 nor 3")))
            }
            Op::Message { at, address, .. } => self.key("message", |c| {
                c.signalling(at)?;
                c.key("address", |c| c.ensure(address % 4 == 0, || format!("{address:#x} is not a multiple of 4")))
            }),
            Op::Invalidate { index, order, .. } => self.key("invalidate", |c| {
                c.key("index", |c| c.within((*index).into(), 0, u64::from(INDEX_LIMIT - 1)))?;
                c.key("order", |c| c.within((*order).into(), 0, 31))
            }),
            Op::CfgRead(read) => self.key("cfg_read", |c| {
                c.of_function(read.vf)?;
                c.config_place(&read.at, read.len)?;
                c.read(read, CONFIG)
            }),
            Op::CfgWrite(write) => self.key("cfg_write", |c| {
                c.of_function(write.vf)?;
                c.config_place(&write.at, write.len)?;
                c.write(write, CONFIG)
            }),
            Op::Read(read) => self.key("read", |c| {
                c.memory_place(&read.at)?;
                c.read(read, ANY)
            }),
            Op::Write(write) => self.key("write", |c| {
                c.memory_place(&write.at)?;
                c.write(write, REGISTER)
            }),
            Op::DramRead(read) => self.key("dram_read", |c| {
                c.number_place(&read.at)?;
                c.read(read, ANY)
            }),
            Op::DramWrite(write) => self.key("dram_write", |c| {
                c.number_place(&write.at)?;
                c.write(write, REGISTER)
            }),
            Op::Tlp(tlp) => self.key("tlp", |c| c.tlp(tlp)),
            Op::Stray(tlp) => self.key("stray", |c| c.tlp(tlp)),
            Op::VtdRead(read) => self.key("vtd_read", |c| c.read(read, REGISTER)),
            Op::VtdWrite(write) => self.key("vtd_write", |c| c.write(write, REGISTER)),
            Op::SetIrte { index, entry } => self.key("set_irte", |c| {
                c.key("index", |c| c.within((*index).into(), 0, 65535))?;
                c.key("entry", |c| c.irte(entry))
            }),
            Op::SetIrteRaw { index, .. } => {
                self.key("set_irte_raw", |c| c.key("index", |c| c.within((*index).into(), 0, 65535)))
            }
            Op::Iec { index, mask } => self.key("iec", |c| {
                c.key("index", |c| c.within(index.unwrap_or(0).into(), 0, 65535))?;
                c.key("mask", |c| c.within((*mask).into(), 0, 31))
            }),
            Op::Dma(op) => self.key("dma", |c| c.dma(op)),
            Op::Posted(op) => self.key("posted", |c| c.posted(op)),
            Op::FailReads { times, at, .. } => self.key("fail_reads", |c| {
                c.key("times", |c| c.within((*times).into(), 1, 1_000_000))?;
                at.as_ref().map_or(Ok(()), |at| c.at(at))
            }),
            Op::Completions(completions) => {
                self.key("completions", |c| c.key("delay", |c| c.ordered(completions.delay)))
            }
            Op::Hole { address, len } => self.key("hole", |c| {
                c.key("len", |c| c.ensure(*len > 0 && address.checked_add(*len).is_some(), || format!("{len} bytes")))
            }),
            Op::Wait(cycles) => self.key("wait", |c| c.within(*cycles, 1, 10_000_000_000)),
            Op::Tpr { cpu, .. } => self.key("tpr", |c| c.cpu(*cpu)),
            Op::Service { cpu, .. } => self.key("service", |c| c.cpu(*cpu)),
            Op::Take { cpu, vector } => self.key("take", |c| {
                c.cpu(*cpu)?;
                c.key("vector", |c| c.ensure(*vector == 0 || *vector >= 16, || format!("{vector} is below 16")))
            }),
            Op::Eoi { cpu } => self.key("eoi", |c| c.cpu(*cpu)),
            Op::ExpectMessages { at, .. } => self.key("expect_messages", |c| c.at_named(at)),
            Op::ExpectMessagesBetween { at, range } => self.key("expect_messages_between", |c| {
                c.at_named(at)?;
                c.key("range", |c| c.ordered(*range))
            }),
            Op::ExpectArrivals { at, .. } => self.key("expect_arrivals", |c| c.key("at", |c| c.target(at))),
            Op::ExpectInterrupt { at, address, to, .. } => self.key("expect_interrupt", |c| {
                c.raisable(at)?;
                c.signalling(at)?;
                c.key("address", |c| c.ensure(address % 4 == 0, || format!("{address:#x} is not a multiple of 4")))?;
                to.as_ref().map_or(Ok(()), |to| c.key("to", |c| c.target(to)))
            }),
            Op::ExpectPending { at, .. } => self.key("expect_pending", |c| c.signalling(at)),
            Op::ExpectError { code, at } => self.key("expect_error", |c| {
                c.key("code", |c| c.within((*code).into(), 1, 15))?;
                c.at_named(at)
            }),
            Op::Link { mps, mrrs, .. } => self.key("link", |c| {
                let size = |c: &Self, n: u16, most: u16| {
                    c.ensure(n.is_power_of_two() && (128..=most).contains(&n), || format!("{n} is no size"))
                };
                c.key("mps", |c| size(c, *mps, 512))?;
                c.key("mrrs", |c| size(c, *mrrs, 4096))
            }),
            Op::Queue(setup) => self.key("queue", |c| {
                c.key("q", |c| c.within(setup.q.into(), 0, QUEUES - 1))?;
                c.key("sq", |c| c.within(setup.sq.into(), 1, 10))?;
                c.key("cq", |c| c.within(setup.cq.into(), 1, 10))?;
                setup.pasid.map_or(Ok(()), |pasid| c.key("pasid", |c| c.within(pasid.into(), 0, 0xf_ffff)))
            }),
            Op::QueueOff { q, .. } => self.key("queue_off", |c| c.key("q", |c| c.within((*q).into(), 0, QUEUES - 1))),
            Op::QueueResume { q } => self.key("queue_resume", |c| c.key("q", |c| c.within((*q).into(), 0, QUEUES - 1))),
            Op::Consume { q, .. } => self.key("consume", |c| c.key("q", |c| c.within((*q).into(), 0, QUEUES - 1))),
            Op::ExpectNoRecord { q, .. } => {
                self.key("expect_no_record", |c| c.key("q", |c| c.within((*q).into(), 0, QUEUES - 1)))
            }
            Op::Handle { at, pasid, .. } => self.key("handle", |c| {
                c.at_named(at)?;
                pasid.map_or(Ok(()), |pasid| c.key("pasid", |c| c.within(pasid.into(), 0, 0xf_ffff)))
            }),
            Op::Submit(work) => self.key("submit", |c| {
                c.key("q", |c| c.within(work.q.into(), 0, QUEUES - 1))?;
                c.key("times", |c| c.within(work.times.into(), 1, 1023))
            }),
            Op::WorkStorm(storm) => self.key("work_storm", |c| {
                c.key("first", |c| c.within(storm.first.into(), 0, QUEUES - 1))?;
                c.key("count", |c| c.within(storm.count.into(), 1, QUEUES - u64::from(storm.first)))?;
                c.key("descriptors", |c| c.within(storm.descriptors.into(), 1, 1_000_000))?;
                c.key("size_max", |c| c.within(storm.size_max.into(), 1, 1 << 20))
            }),
            Op::EndpointTest { msix, msi, intx, .. } => self.key("endpoint_test", |c| {
                let kinds = u32::from(msix.is_some()) + u32::from(msi.is_some()) + u32::from(*intx);
                c.ensure(kinds <= 1, || "of msix, msi and intx one at most".into())?;
                msi.map_or(Ok(()), |k| c.key("msi", |c| c.within(k.into(), 0, 31)))?;
                msix.map_or(Ok(()), |k| c.key("msix", |c| c.within(k.into(), 0, u64::from(c.msix) - 1)))
            }),
            Op::ExpectDecode { bar, base } => self.key("expect_decode", |c| {
                let Some(info) = regs::BARS.iter().find(|info| info.index == u32::from(*bar)) else {
                    return c.key("bar", |c| c.fail(format!("the device has no BAR{bar}")));
                };
                let base = base.unwrap_or(0);
                let size = u64::from(info.size);
                c.key("base", |c| {
                    c.ensure(base % size == 0, || format!("{base:#x} is not a multiple of the BAR's size, {size:#x}"))
                })
            }),
            Op::ExpectFinding(name) => {
                self.key("expect_finding", |c| c.ensure(!name.is_empty(), || "no name".to_owned()))
            }
            Op::Repeat { times, steps } => self.key("repeat", |c| {
                c.key("times", |c| c.within((*times).into(), 1, 1_000_000))?;
                c.key("steps", |c| {
                    c.ensure(!steps.is_empty(), || "no steps".to_owned())?;
                    c.list(steps, Self::op)
                })
            }),
            Op::Untranslated { reason, .. } => self.key("untranslated", |c| {
                c.key("reason", |c| c.ensure(!reason.trim().is_empty(), || "no reason".to_owned()))
            }),
            Op::Enumerate
            | Op::RemappingOff
            | Op::HostStoreOff
            | Op::MsixDisable
            | Op::MsiDisable
            | Op::IntxDisable(_)
            | Op::ExpectIntx { .. }
            | Op::DisableVfs
            | Op::Ats(_)
            | Op::MemoryEnable(_)
            | Op::Descriptor { .. }
            | Op::Pressure { .. }
            | Op::Credits(_)
            | Op::Reset(_)
            | Op::Flr
            | Op::Settle
            | Op::Count
            | Op::ExpectMessagesTotal(_)
            | Op::ExpectQuiet(_)
            | Op::ExpectFault { .. }
            | Op::ExpectNoFault
            | Op::ExpectBlocked { .. }
            | Op::ExpectNoError
            | Op::ErrorReporting(_)
            | Op::ClearErrors
            | Op::Digests(_)
            | Op::ExpectErrors(_)
            | Op::ExpectErrorMessages(_)
            | Op::Pasid(_)
            | Op::ReleaseHandle { .. }
            | Op::RevokeHandles
            | Op::RenewHandles
            | Op::Mark(_) => Ok(()),

            Op::Restart => {
                let outermost = self.path.len() == 2;
                self.ensure(outermost, || "a restart stands among the outermost steps".to_owned())
            }
        }
    }
}
