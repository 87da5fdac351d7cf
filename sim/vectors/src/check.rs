// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The rules that a vector keeps beyond its types: ranges, widths, names.
//!
//! A problem carries the path of the value that is wrong, so that the loader can point at it.

mod kernel;

use crate::op::{
    CompletionExpect, DmaOp, DutParams, EntryCache, HostParams, Irte, Op, Place, PostedOp, Range, RawTlp, Read,
    RemapUnitKind, Retarget, Source, Status, Switch, Target, Vector, Write,
};
use crate::{place, regs};

/// One step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A key of a map.
    Key(&'static str),
    /// An element of a list, from 0.
    Index(usize),
}

/// What is wrong with a vector, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path of the value.
    pub path: Vec<Segment>,
    /// What is wrong with it.
    pub message: String,
}

/// A path as one writes it: `steps[3].cause.at`.
pub fn path_text(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Key(key) if text.is_empty() => text.push_str(key),
            Segment::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            Segment::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// The vector name that belongs to a file's stem: lower case, everything else an underscore.
pub fn name_of_stem(stem: &str) -> String {
    stem.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// Checks a vector; with `stem`, also that it bears its file's name.
///
/// # Errors
/// The first rule that it breaks.
pub fn vector(vector: &Vector, stem: Option<&str>) -> Result<(), Problem> {
    let dut = &vector.dut;
    let mut checker = Checker {
        path: Vec::new(),
        msix: dut.num_msix.unwrap_or(DEFAULT_MSIX),
        device: dut.num_dev_slots.unwrap_or(DEFAULT_DEVICE),
        host: dut.num_host_slots.unwrap_or(DEFAULT_HOST),
        vfs: dut.num_vfs.unwrap_or(DEFAULT_VFS),
        cpus: vector.host.cpus,
    };
    checker.key("name", |c| {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        c.ensure(!vector.name.is_empty() && vector.name.chars().all(good), || {
            format!("\"{}\": want lower case letters, digits and _", vector.name)
        })?;
        match stem {
            Some(stem) => {
                c.ensure(stem == vector.name, || format!("\"{}\" is not the file's name, {stem}", vector.name))
            }
            None => Ok(()),
        }
    })?;
    checker.key("intent", |c| {
        c.ensure(!vector.intent.trim().is_empty(), || "say in a sentence what a pass shows".to_owned())
    })?;
    checker.key("items", |c| {
        c.list(&vector.items, |c, item| {
            let good = item.len() > 1
                && item.starts_with(|c: char| c.is_ascii_uppercase())
                && item[1..].bytes().all(|byte| byte.is_ascii_digit());
            c.ensure(good, || format!("\"{item}\": want a letter and a number, such as D4"))
        })
    })?;
    checker.key("dut", |c| c.dut(dut))?;
    checker.key("host", |c| c.host(&vector.host))?;
    checker.key("bound", |c| c.within(vector.bound, 1, 1_000_000_000))?;
    checker.key("steps", |c| {
        c.ensure(!vector.steps.is_empty(), || "no steps".to_owned())?;
        let restarts = vector.steps.iter().filter(|op| **op == Op::Restart).count();
        c.ensure(restarts < 2, || format!("{restarts} restarts: want one at most"))?;
        c.list(&vector.steps, Checker::op)
    })
}

/// Checks device parameters by themselves.
///
/// # Errors
/// The first one outside its range.
pub fn parameters(dut: &DutParams) -> Result<(), Problem> {
    let mut checker = Checker { path: Vec::new(), msix: 0, device: 0, host: 0, vfs: 0, cpus: 0 };
    checker.dut(dut)
}

/// MSI-X vectors of the default build (data sheet, section 1).
pub const DEFAULT_MSIX: u32 = 2048;
/// IMS slots in device memory of the default build.
pub const DEFAULT_DEVICE: u32 = 4096;
/// IMS slots in host memory of the default build.
pub const DEFAULT_HOST: u32 = 65536;

/// Virtual functions of the default build.
pub const DEFAULT_VFS: u32 = 16;

/// Sources of a virtual function in each of its stores (data sheet, section 16).
const VF_SOURCES: u32 = 64;

/// Width of a source's index at the cause port and in the doorbell.
const INDEX_LIMIT: u32 = 1 << 20;

/// Events of the function.
const EVENTS: u32 = 65;
/// MSI vectors.
const MSI_VECTORS: u32 = 32;
/// Page sizes that the device supports (data sheet, section 16).
const PAGES: [u32; 6] = [0x1000, 0x2000, 0x1_0000, 0x4_0000, 0x10_0000, 0x40_0000];
/// Work queues of the device.
const QUEUES: u64 = 64;

type Outcome = Result<(), Problem>;

struct Checker {
    path: Vec<Segment>,
    msix: u32,
    device: u32,
    host: u32,
    vfs: u32,
    cpus: u32,
}

impl Checker {
    fn fail(&self, message: String) -> Outcome {
        Err(Problem { path: self.path.clone(), message })
    }

    fn ensure(&self, good: bool, message: impl FnOnce() -> String) -> Outcome {
        if good { Ok(()) } else { self.fail(message()) }
    }

    fn within(&self, value: u64, low: u64, high: u64) -> Outcome {
        self.ensure((low..=high).contains(&value), || format!("{value} is outside {low} to {high}"))
    }

    fn key(&mut self, key: &'static str, check: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        self.path.push(Segment::Key(key));
        check(self)?;
        self.path.pop();
        Ok(())
    }

    fn list<T>(&mut self, items: &[T], mut check: impl FnMut(&mut Self, &T) -> Outcome) -> Outcome {
        for (index, item) in items.iter().enumerate() {
            self.path.push(Segment::Index(index));
            check(self, item)?;
            self.path.pop();
        }
        Ok(())
    }

    fn dut(&mut self, dut: &DutParams) -> Outcome {
        let one_of = |c: &Self, value: u32, choices: &[u32]| {
            c.ensure(choices.contains(&value), || format!("{value} is none of {choices:?}"))
        };
        if let Some(value) = dut.data_w {
            self.key("data_w", |c| one_of(c, value, &[64, 128, 256, 512]))?;
        }
        if let Some(value) = dut.num_msix {
            self.key("num_msix", |c| c.within(value.into(), 1, 2048))?;
        }
        if let Some(value) = dut.num_dev_slots {
            self.key("num_dev_slots", |c| c.within(value.into(), 1, 8192))?;
        }
        if let Some(value) = dut.num_host_slots {
            self.key("num_host_slots", |c| {
                c.within(value.into(), 64, 1 << 20)?;
                c.ensure(value % 64 == 0, || format!("{value} is not a multiple of 64"))
            })?;
        }
        if let Some(value) = dut.host_cache_lines {
            self.key("host_cache_lines", |c| {
                c.within(value.into(), 4, 4096)?;
                c.ensure(value.is_power_of_two(), || format!("{value} is not a power of two"))
            })?;
        }
        if let Some(value) = dut.max_fetches {
            self.key("max_fetches", |c| c.within(value.into(), 1, 16))?;
        }
        if let Some(value) = dut.num_vfs {
            self.key("num_vfs", |c| c.within(value.into(), 0, 16))?;
        }
        Ok(())
    }

    fn host(&mut self, host: &HostParams) -> Outcome {
        // Identifiers above 255 need x2APIC [SDM 11.12].
        let most = if host.x2apic { 1024 } else { 255 };
        self.key("cpus", |c| c.within(host.cpus.into(), 1, most))?;
        if let EntryCache::Lines(lines) = host.entry_cache {
            self.key("entry_cache", |c| c.key("lines", |c| c.within(lines.into(), 1, 65536)))?;
        }
        let vtd = host.remap_unit == RemapUnitKind::Vtd;
        self.key("posted", |c| c.ensure(vtd || !host.posted, || "only VT-d has posted interrupts here".to_owned()))?;
        self.key("dma_remapping", |c| {
            c.ensure(vtd || !host.dma_remapping, || "only VT-d has DMA remapping here".to_owned())
        })?;
        self.key("fault_records", |c| c.within(host.fault_records.into(), 1, 256))?;
        self.key("remap_delay", |c| c.ordered(host.remap_delay))?;
        self.key("rcb", |c| c.ensure(matches!(host.rcb, 64 | 128), || format!("{} is neither 64 nor 128", host.rcb)))?;
        self.key("completions", |c| c.key("delay", |c| c.ordered(host.completions.delay)))
    }

    fn ordered(&self, [low, high]: [u64; 2]) -> Outcome {
        self.ensure(low <= high, || format!("{low} is above {high}"))
    }

    /// A source that the cause port can name, whether it exists or not.
    fn named(&mut self, source: &Source) -> Outcome {
        if source.vf().is_some() {
            return self.existing(source);
        }
        let (key, index, _) = self.store(source);
        self.key(key, |c| c.within(index.into(), 0, u64::from(INDEX_LIMIT - 1)))
    }

    /// A source that this build of the device has.
    fn existing(&mut self, source: &Source) -> Outcome {
        let (key, index, size) = self.store(source);
        self.key(key, |c| match source.vf() {
            Some(vf) => {
                c.virtual_function(vf)?;
                c.key("k", |c| c.within(index.into(), 0, u64::from(size - 1)))
            }
            None => c.within(index.into(), 0, u64::from(size - 1)),
        })
    }

    /// A virtual function that this build of the device has, whether it is enabled or not.
    fn virtual_function(&mut self, vf: u32) -> Outcome {
        self.key("vf", |c| {
            c.ensure(vf < c.vfs, || format!("{vf}: the device has {} virtual function(s), counted from 0", c.vfs))
        })
    }

    fn of_function(&mut self, vf: Option<u32>) -> Outcome {
        vf.map_or(Ok(()), |vf| self.virtual_function(vf))
    }

    /// A range of whole pages, aligned to its size.
    fn pages(&mut self, at: u64, bytes: u32) -> Outcome {
        self.key("bytes", |c| {
            c.ensure(bytes.is_power_of_two() && bytes >= 0x1000, || format!("{bytes} is no power of two from 4096 on"))
        })?;
        self.key("at", |c| {
            c.ensure(at.is_multiple_of(u64::from(bytes)), || format!("{at:#x} is not a multiple of {bytes}"))
        })
    }

    fn switch(&mut self, key: &'static str, switch: Switch) -> Outcome {
        self.key(key, |c| c.of_function(switch.parts().0))
    }

    fn store(&self, source: &Source) -> (&'static str, u32, u32) {
        match *source {
            Source::Msix(index) => ("msix", index, self.msix.max(1)),
            Source::Device(index) => ("device", index, self.device.max(1)),
            Source::Host(index) => ("host", index, self.host.max(1)),
            Source::Event(index) => ("event", index, EVENTS),
            Source::Msi(index) => ("msi", index, MSI_VECTORS),
            Source::VfMsix { k, .. } => ("vf_msix", k, VF_SOURCES),
            Source::VfDevice { k, .. } => ("vf_device", k, VF_SOURCES),
        }
    }

    fn at(&mut self, source: &Source) -> Outcome {
        self.key("at", |c| c.existing(source))
    }

    fn at_named(&mut self, source: &Source) -> Outcome {
        self.key("at", |c| c.named(source))
    }

    /// A source that has a message.
    fn signalling(&mut self, source: &Source) -> Outcome {
        self.at(source)?;
        self.ensure(!matches!(source, Source::Event(_)), || "an event has no message of its own".to_owned())
    }

    /// A source that cause port and doorbell can name.
    fn raisable(&self, source: &Source) -> Outcome {
        self.ensure(!matches!(source, Source::Msi(_)), || "MSI vectors are raised by events".to_owned())
    }

    fn range(&mut self, range: &Range) -> Outcome {
        self.key("first", |c| c.existing(&range.first))?;
        self.room(range, self.store(&range.first).2)
    }

    fn named_range(&mut self, range: &Range) -> Outcome {
        self.key("first", |c| {
            c.raisable(&range.first)?;
            c.named(&range.first)
        })?;
        self.room(range, if range.first.vf().is_some() { VF_SOURCES } else { INDEX_LIMIT })
    }

    fn room(&mut self, range: &Range, size: u32) -> Outcome {
        let (_, first, _) = self.store(&range.first);
        self.key("count", |c| c.within(range.count.into(), 1, u64::from(size - first)))
    }

    fn cpu(&mut self, cpu: u32) -> Outcome {
        self.key("cpu", |c| c.within(cpu.into(), 0, u64::from(c.cpus) - 1))
    }

    fn target(&mut self, target: &Target) -> Outcome {
        self.cpu(target.cpu)?;
        self.key("vector", |c| c.within(target.vector.into(), 16, 255))
    }

    fn dma(&mut self, op: &DmaOp) -> Outcome {
        let pasid_of =
            |c: &mut Self, pasid: &Option<u32>| c.key("pasid", |c| c.within(pasid.unwrap_or(0).into(), 0, 0x7fff));
        match op {
            DmaOp::On { levels, .. } => self.key("levels", |c| c.within((*levels).into(), 3, 5)),
            DmaOp::Off => Ok(()),
            DmaOp::Pasid { pasid, levels } => {
                pasid_of(self, &Some(*pasid))?;
                self.key("levels", |c| c.within((*levels).into(), 4, 5))
            }
            DmaOp::Unmap { pasid, .. } | DmaOp::Map { pasid, .. } => pasid_of(self, pasid),
        }
    }

    fn posted(&mut self, op: &PostedOp) -> Outcome {
        let descriptor = |c: &mut Self, id: u32| c.key("id", |c| c.within(id.into(), 0, 63));
        match op {
            PostedOp::SetUp { id, notify } | PostedOp::Move { id, notify } => {
                descriptor(self, *id)?;
                self.key("notify", |c| c.target(notify))
            }
            PostedOp::Post { at, id, .. } => {
                descriptor(self, *id)?;
                self.signalling(at)
            }
            PostedOp::Unpost { at } => self.signalling(at),
            PostedOp::Suppress { id, .. } | PostedOp::Take { id, .. } => descriptor(self, *id),
        }
    }

    fn irte(&mut self, entry: &Irte) -> Outcome {
        self.key("delivery_mode", |c| c.within(entry.delivery_mode.into(), 0, 7))?;
        self.key("sq", |c| c.within(entry.sq.into(), 0, 3))?;
        self.key("svt", |c| c.within(entry.svt.into(), 0, 3))
    }

    fn config_place(&mut self, at: &Place, len: u32) -> Outcome {
        self.key("at", |c| match place::config(at) {
            Err(message) => c.fail(message),
            Ok(offset) => {
                c.ensure(u32::from(offset % 4) + len <= 4, || format!("{len} bytes at {offset:#x} cross a double word"))
            }
        })
    }

    fn memory_place(&mut self, at: &Place) -> Outcome {
        self.key("at", |c| match place::memory(at) {
            Ok(place::Memory::Vf { vf, .. }) => c.virtual_function(vf),
            Ok(_) => Ok(()),
            Err(message) => c.fail(message),
        })
    }

    fn number_place(&mut self, at: &Place) -> Outcome {
        self.key("at", |c| {
            c.ensure(matches!(at, Place::Number(_)), || "host memory has no names: want a number".to_owned())
        })
    }

    fn read(&mut self, read: &Read, widths: &[u32]) -> Outcome {
        self.width(read.len, widths)?;
        let limit = if read.len < 8 { (1u64 << (8 * read.len)) - 1 } else { u64::MAX };
        if let Some(expect) = read.expect {
            self.key("expect", |c| {
                c.ensure(read.len <= 8, || "at most 8 bytes can be compared".to_owned())?;
                c.ensure(expect <= limit, || format!("{expect:#x} does not fit in {} bytes", read.len))?;
                c.ensure(matches!(read.status, None | Some(Status::Sc)), || "there is no data to compare".to_owned())
            })?;
        }
        if let Some(mask) = read.mask {
            self.key("mask", |c| {
                c.ensure(read.expect.is_some(), || "a mask needs an expectation".to_owned())?;
                c.ensure(mask <= limit, || format!("{mask:#x} does not fit in {} bytes", read.len))?;
                c.ensure(read.expect.unwrap_or(0) & !mask == 0, || "the expectation has bits outside it".to_owned())
            })?;
        }
        Ok(())
    }

    fn write(&mut self, write: &Write, widths: &[u32]) -> Outcome {
        self.width(write.len, widths)?;
        let limit = if write.len < 8 { (1u64 << (8 * write.len)) - 1 } else { u64::MAX };
        self.key("value", |c| {
            c.ensure(write.value <= limit, || format!("{:#x} does not fit in {} bytes", write.value, write.len))
        })?;
        if let Some(enables) = write.be {
            self.key("be", |c| {
                c.ensure(write.len == 4, || "byte enables are for 4 bytes".to_owned())?;
                c.within(enables.into(), 0, 15)
            })?;
        }
        Ok(())
    }

    fn width(&mut self, len: u32, widths: &[u32]) -> Outcome {
        self.key("len", |c| match widths {
            [] => c.within(len.into(), 1, 4096),
            _ => c.ensure(widths.contains(&len), || format!("{len} is none of {widths:?}")),
        })
    }

    fn tlp(&mut self, tlp: &RawTlp) -> Outcome {
        self.key("fmt", |c| c.within(tlp.fmt.into(), 0, 7))?;
        self.key("typ", |c| c.within(tlp.typ.into(), 0, 31))?;
        self.of_function(tlp.vf)?;
        if let Some(at) = &tlp.at {
            self.memory_place(at)?;
            self.key("address", |c| c.ensure(tlp.address == 0, || "either `at` or `address`".to_owned()))?;
        }
        for (key, value, most) in [
            ("length", tlp.length, 1024),
            ("first_be", tlp.first_be.map(u32::from), 15),
            ("last_be", tlp.last_be.map(u32::from), 15),
            ("tc", Some(tlp.tc.into()), 7),
            ("attr", Some(tlp.attr.into()), 7),
            ("address_type", Some(tlp.address_type.into()), 3),
            ("tag", tlp.tag.map(u32::from), 1023),
        ] {
            if let Some(value) = value {
                self.key(key, |c| c.within(value.into(), 0, most))?;
            }
        }
        self.key("data", |c| c.within(tlp.data.len() as u64, 0, 1025))?;
        self.key("digest", |c| {
            // It covers the tag, which must therefore be known.
            let known = tlp.expect.is_none() || tlp.tag.is_some();
            c.ensure(tlp.digest.is_none() || known && !tlp.td, || {
                "a digest wants a tag of the vector's own, and makes `td` itself".to_owned()
            })
        })?;
        self.key("no_wait", |c| {
            let alone = tlp.expect.is_none() && tlp.tag.is_none() && tlp.digest.is_none();
            c.ensure(!tlp.no_wait || alone, || "goes with neither `expect`, `tag` nor `digest`".to_owned())
        })?;
        if let Some(CompletionExpect { status, byte_count, lower_address, data }) = &tlp.expect {
            self.key("expect", |c| {
                if let Some(count) = byte_count {
                    c.key("byte_count", |c| c.within((*count).into(), 1, 4096))?;
                }
                if let Some(address) = lower_address {
                    c.key("lower_address", |c| c.within((*address).into(), 0, 127))?;
                }
                c.key("data", |c| {
                    c.ensure(data.is_none() || *status == Status::Sc, || "only `sc` brings data".to_owned())
                })
            })?;
        }
        Ok(())
    }

    #[allow(clippy::too_many_lines)] // One arm per operation: splitting it would only spread the list.
    fn op(&mut self, op: &Op) -> Outcome {
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
            Op::Race { offsets: [low, high], cause, write, then } => self.key("race", |c| {
                c.key("offsets", |c| {
                    c.ensure(low <= high, || format!("{low} is above {high}"))?;
                    c.ensure(*low >= -10_000 && *high <= 10_000, || "distances are at most 10000 ticks".to_owned())
                })?;
                c.key("cause", |c| {
                    c.raisable(cause)?;
                    c.existing(cause)
                })?;
                c.key("write", |c| {
                    c.memory_place(&write.at)?;
                    c.write(write, REGISTER)
                })?;
                c.key("then", |c| c.list(then, Self::op))
            }),
            Op::RaceConfig { offsets: [low, high], cause, write, then } => self.key("race_config", |c| {
                c.key("offsets", |c| {
                    c.ensure(low <= high, || format!("{low} is above {high}"))?;
                    c.ensure(*low >= -10_000 && *high <= 10_000, || "distances are at most 10000 ticks".to_owned())
                })?;
                c.key("cause", |c| {
                    c.raisable(cause)?;
                    c.existing(cause)
                })?;
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
