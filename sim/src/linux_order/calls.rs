// SPDX-License-Identifier: Apache-2.0 OR MIT
//! From recorded accesses to calls, and their accesses beside the recorded ones.

use super::Comparison;
use super::note::Note;
use super::recorded::{Access, Line, Recording, Register, Value};
use anyhow::{Result, anyhow};
use host_model::domain::remap::{NoRemapDomain, RemapDomain, Root, VtdDomain};
use host_model::domain::spread::{IrqAffinity, Topology};
use host_model::domain::vector::{AllocInfo, Contiguous, VectorDomain};
use host_model::domain::{CpuSet, VectorLayout};
use host_model::driver::vtd::{InterruptRemapping, IrConfig};
use host_model::kernel::{Action, DevId, Kernel, VectorFlags};
use std::collections::{BTreeMap, BTreeSet};
use tlp::Bdf;

const DEV: DevId = 1;
/// CPUs of the recorded machines.
const CPUS: usize = 4;
/// Differences that are told.
const TOLD: usize = 8;

/// A walk along one recording.
pub struct Walk<'r> {
    recording: &'r Recording,
    kernel: Kernel,
    note: Note,
    at: usize,
    /// Vectors that others have, to make room where the recorded machine had none.
    others: u32,
    started: BTreeSet<u32>,
    /// Entries that are shut down, with the CPU that went: which one it is the kernels spread differently.
    dark: BTreeMap<u32, usize>,
    result: Comparison,
}

fn place(a: &Access) -> (bool, Register) {
    (a.write, a.at)
}

impl<'r> Walk<'r> {
    /// At its beginning.
    pub fn new(recording: &'r Recording) -> Result<Self> {
        let mut note = Note::new(1);
        let unit: Box<dyn RemapDomain> = if recording.remapped {
            let config = IrConfig {
                table: 0x10_0000,
                size: 9,
                x2apic: false,
                queue: 0x20_0000,
                status: 0x20_1000,
                poll_cycles: 1,
                polls_max: 1000,
            };
            Box::new(VtdDomain::new(InterruptRemapping::enable(&mut note, config)?, false))
        } else {
            Box::new(NoRemapDomain::new(false, Contiguous::Refuse))
        };
        let mut vectors = VectorDomain::new(CPUS, VectorLayout::LINUX_6_10, Contiguous::Refuse)?;
        for cpu in 1..CPUS {
            vectors.online_cpu(cpu)?;
        }
        let root = Root::new(vectors, (0..CPUS as u32).collect());
        let mut kernel = Kernel::new(root, vec![unit], Topology::flat(CPUS));
        kernel.add_device(DEV, Bdf::from_bits(0x100), Note::function(), 0, 0)?;
        Ok(Self {
            recording,
            kernel,
            note,
            at: 0,
            others: 1 << 16,
            started: BTreeSet::new(),
            dark: BTreeMap::new(),
            result: Comparison::default(),
        })
    }

    /// To its end.
    pub fn run(mut self) -> Result<Comparison> {
        while let Some(line) = self.line(0) {
            let before = self.at;
            let called = match line.access.at {
                Register::Control if self.is_alloc() => self.alloc(),
                Register::Entry(e, f) => self.entry(e, f, line.access.write),
                // Reads of the capability by others: enumeration, saving state.
                _ => {
                    self.at += 1;
                    Ok(())
                }
            };
            // A call that our kernel refuses is a difference like any other.
            if let Err(error) = called {
                self.note.take();
                self.result.differences.push(format!("{} step {}: {error}", self.recording.name, line.step));
                self.unexplained()?;
            } else if self.at == before {
                // Nor does a call that made nothing explain what was recorded.
                self.unexplained()?;
            }
        }
        Ok(self.result)
    }

    fn line(&self, ahead: usize) -> Option<&'r Line> {
        self.recording.lines.get(self.at + ahead)
    }

    fn is(&self, ahead: usize, write: bool, at: Register) -> bool {
        self.line(ahead).is_some_and(|l| place(&l.access) == (write, at))
    }

    /// The recorder's mark in force.
    fn mark(&self) -> &str {
        let marks = &self.recording.marks;
        marks.iter().rev().find(|(before, _)| *before <= self.at).map_or("", |(_, text)| text)
    }

    /// Number of vectors, control of both enable and function mask.
    fn is_alloc(&self) -> bool {
        let both = Value::Control { enable: true, masked: true };
        self.is(0, false, Register::Control)
            && self.is(1, false, Register::Control)
            && self.is(2, true, Register::Control)
            && self.line(2).is_some_and(|l| l.access.value == both)
    }

    fn alloc(&mut self) -> Result<()> {
        // As many descriptors as control words are read.
        let rest = &self.recording.lines[self.at..];
        let vectors = rest
            .iter()
            .skip_while(|l| !matches!(l.access.at, Register::Entry(..)))
            .take_while(|l| !l.access.write && matches!(l.access.at, Register::Entry(_, 12)))
            .count() as u32;
        // What is written to message control has the size of the recorded table.
        let entries = self.line(2).map_or(1, |l| (l.word & 0x7ff) + 1);
        self.note.resize(entries);
        // A vector more than there are CPUs: one for the device itself, one for each CPU, as both drivers here have it.
        let spread = vectors as usize == CPUS + 1;
        let affd = IrqAffinity { pre_vectors: 1, ..IrqAffinity::default() };
        let flags = VectorFlags { affinity: spread, ..VectorFlags::MSIX };
        let affd = spread.then_some(&affd);
        let got = self.kernel.alloc_irq_vectors(&mut self.note, DEV, vectors, vectors, flags, affd)?;
        if got != vectors {
            return Err(anyhow!("{got} vectors of {vectors}"));
        }
        self.compare("alloc_irq_vectors");
        Ok(())
    }

    fn virq(&self, entry: u32) -> Result<u32> {
        Ok(self.kernel.irq_vector(DEV, entry)?)
    }

    fn entry(&mut self, e: u32, field: u32, write: bool) -> Result<()> {
        if write && field == 0 {
            if let Some(cpu) = self.dark.remove(&e) {
                self.kernel.online_cpu(&mut self.note, cpu)?;
                self.started.insert(e);
                self.compare("online_cpu");
                return Ok(());
            }
            let Ok(virq) = self.virq(e) else { return self.unexplained() };
            if self.started.insert(e) {
                self.kernel.request_irq(&mut self.note, virq, Action::new(1))?;
                self.compare("request_irq");
                return Ok(());
            }
        }
        if !(write && field == 12 && self.is(1, false, Register::Entry(0, 0))) {
            return self.unexplained();
        }
        // Masked and flushed: what follows tells why.
        let next = self.line(2).map(|l| (place(&l.access), l.word));
        let again = self.is(2, true, Register::Entry(e, 12)) && self.is(3, false, Register::Entry(0, 0));
        match next {
            Some(((true, Register::Entry(n, 0)), 0)) if n == e => self.release(e),
            Some(((true, Register::Entry(n, 0)), word)) if n == e => self.moved(e, word),
            Some(((true, Register::Entry(n, 12)), 0)) if n == e => self.moved_later(e),
            _ if again && self.started.contains(&e) => self.release(e),
            _ => {
                self.kernel.free_irq_vectors(&mut self.note, DEV)?;
                self.started.clear();
                self.compare("free_irq_vectors");
                Ok(())
            }
        }
    }

    fn release(&mut self, e: u32) -> Result<()> {
        let Ok(virq) = self.virq(e) else { return self.unexplained() };
        self.started.remove(&e);
        if self.mark().contains("offline") {
            let cpu = self.kernel.root.vectors.target(virq)?.cpu;
            self.kernel.offline_cpu(&mut self.note, cpu)?;
            self.dark.insert(e, cpu);
            self.compare("offline_cpu");
        } else {
            self.kernel.free_irq(&mut self.note, virq, 1)?;
            self.compare("free_irq");
        }
        Ok(())
    }

    /// To the CPU that the last of the messages names, with the next interrupt.
    fn moved(&mut self, e: u32, first: u32) -> Result<()> {
        let Ok(virq) = self.virq(e) else { return self.unexplained() };
        let two = self.is(6, true, Register::Entry(e, 0));
        let address = if two { self.line(6).map_or(first, |l| l.word) } else { first };
        let cpu = (address >> 12 & 0xff) as usize;
        let target = self.kernel.root.vectors.target(virq)?;
        // The move that was recorded changed CPU and vector, or nothing: our interrupt is brought to where it can do the same.
        let from = if two { (cpu + 1) % CPUS } else { cpu };
        if target.cpu != from {
            self.shift(virq, from)?;
        }
        if two {
            self.occupy(virq, cpu)?;
        }
        self.shift(virq, cpu)?;
        self.compare("irq_set_affinity");
        Ok(())
    }

    /// A second move before the first had ended: done with the next interrupt, behind the remapping unit.
    fn moved_later(&mut self, e: u32) -> Result<()> {
        let Ok(virq) = self.virq(e) else { return self.unexplained() };
        let t = self.kernel.root.vectors.target(virq)?;
        self.kernel.set_affinity(&mut self.note, virq, &CpuSet::of((t.cpu + 1) % CPUS))?;
        self.kernel.set_affinity(&mut self.note, virq, &CpuSet::of((t.cpu + 2) % CPUS))?;
        self.note.take();
        let t = self.kernel.root.vectors.target(virq)?;
        self.kernel.cleanup(&mut self.note)?;
        self.note.arrives(host_model::domain::matrix::Place { cpu: t.cpu, vector: t.vector });
        self.kernel.poll(&mut self.note)?;
        self.compare("irq_set_affinity, later");
        Ok(())
    }

    /// Moves an interrupt with its next arrival; what was noted before is forgotten.
    fn shift(&mut self, virq: u32, cpu: usize) -> Result<()> {
        self.note.take();
        self.kernel.set_affinity(&mut self.note, virq, &CpuSet::of(cpu))?;
        let t = self.kernel.root.vectors.target(virq)?;
        self.note.arrives(host_model::domain::matrix::Place { cpu: t.cpu, vector: t.vector });
        self.kernel.poll(&mut self.note)?;
        let made = self.note.take();
        // The first arrival at the new place lets the old one go.
        let t = self.kernel.root.vectors.target(virq)?;
        self.note.arrives(host_model::domain::matrix::Place { cpu: t.cpu, vector: t.vector });
        self.kernel.poll(&mut self.note)?;
        self.kernel.cleanup(&mut self.note)?;
        self.note.take();
        self.note.put_back(made);
        Ok(())
    }

    /// Other interrupts take vectors of a CPU until the next one differs from this interrupt's.
    fn occupy(&mut self, virq: u32, cpu: usize) -> Result<()> {
        let own = self.kernel.root.vectors.target(virq)?.vector;
        loop {
            self.others += 1;
            let info = AllocInfo { mask: Some(CpuSet::of(cpu)), ..AllocInfo::default() };
            self.kernel.root.vectors.alloc_irqs(self.others, 1, &info)?;
            if self.kernel.root.vectors.target(self.others)?.vector >= own {
                return Ok(());
            }
        }
    }

    /// An access to the table that no call explains.
    fn unexplained(&mut self) -> Result<()> {
        self.result.compared += 1;
        let at = self.at;
        self.tell(at, None);
        self.at += 1;
        Ok(())
    }

    fn tell(&mut self, at: usize, made: Option<Access>) {
        if self.result.differences.len() < TOLD {
            let text = match (self.recording.lines.get(at), made) {
                (Some(l), made) => format!("{} step {}: {:?}, here {made:?}", self.recording.name, l.step, l.access),
                (None, made) => format!("{}: at its end, here {made:?}", self.recording.name),
            };
            self.result.differences.push(text);
        }
    }

    /// What was made beside what was recorded from here on. Accesses to the command register that others
    /// made in between are passed over only where ours is not one.
    fn compare(&mut self, call: &'static str) {
        *self.result.calls.entry(call).or_default() += 1;
        for made in self.note.take() {
            while made.at != Register::Command && self.line(0).is_some_and(|l| l.access.at == Register::Command) {
                self.at += 1;
            }
            self.result.compared += 1;
            match self.line(0) {
                Some(l) if l.access == made => self.result.equal += 1,
                _ => {
                    let at = self.at;
                    self.tell(at, Some(made));
                }
            }
            // Out of step: the rest of the call does not eat what belongs to the next one.
            if self.line(0).is_some_and(|l| place(&l.access) == place(&made)) {
                self.at += 1;
            }
        }
    }
}
