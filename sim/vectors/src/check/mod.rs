// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The rules that a vector keeps beyond its types: ranges, widths, names.
//!
//! A problem carries the path of the value that is wrong, so that the loader can point at it.

mod access;
mod kernel;
mod machine;
mod source;
mod step;
mod target;

use crate::op::{DutParams, Op, Vector};

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
    let mut checker = Checker::of(dut, vector.host.cpus);
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

/// Checks a step by itself, as one on this device beside so many processors; not a restart, whose place counts.
///
/// # Errors
/// The first rule that it breaks.
pub fn step(op: &Op, dut: &DutParams, cpus: u32) -> Result<(), Problem> {
    Checker::of(dut, cpus).op(op)
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
    fn of(dut: &DutParams, cpus: u32) -> Self {
        Self {
            path: Vec::new(),
            msix: dut.num_msix.unwrap_or(DEFAULT_MSIX),
            device: dut.num_dev_slots.unwrap_or(DEFAULT_DEVICE),
            host: dut.num_host_slots.unwrap_or(DEFAULT_HOST),
            vfs: dut.num_vfs.unwrap_or(DEFAULT_VFS),
            cpus,
        }
    }

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
}
