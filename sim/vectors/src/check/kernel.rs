// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rules of the kernel's calls.

use super::{Checker, Outcome};
use crate::op::KernelOp;

impl Checker {
    pub(super) fn kernel(&mut self, op: &KernelOp) -> Outcome {
        // Errors are those of Linux, by name.
        let name = |fails: &Option<String>| {
            fails.as_ref().filter(|f| !f.starts_with("-E") || !f[2..].chars().all(|c| c.is_ascii_uppercase())).cloned()
        };
        let fails = match op {
            KernelOp::AllocVectors { fails, .. }
            | KernelOp::AddVector { fails, .. }
            | KernelOp::ImsDomain { fails, .. }
            | KernelOp::ImsAlloc { fails, .. }
            | KernelOp::Request { fails, .. }
            | KernelOp::Release { fails, .. }
            | KernelOp::Affinity { fails, .. }
            | KernelOp::Cpu { fails, .. } => name(fails),
            _ => None,
        };
        if let Some(fails) = fails {
            return self.key("fails", |c| c.ensure(false, || format!("\"{fails}\": want an error such as -ENOSPC")));
        }
        match op {
            KernelOp::Start { nodes, threads, .. } => {
                self.key("nodes", |c| c.within((*nodes).into(), 1, 64))?;
                self.key("threads", |c| c.within((*threads).into(), 1, 8))
            }
            KernelOp::AllocVectors { kinds, granted, fails, .. } => {
                self.key("kinds", |c| c.ensure(!kinds.is_empty(), || "no kind allowed".to_owned()))?;
                self.key("granted", |c| {
                    c.ensure(granted.is_none() || fails.is_none(), || "a call that fails grants nothing".to_owned())
                })
            }
            KernelOp::Request { at: Some(at), .. } | KernelOp::Release { at: Some(at), .. } => self.at_signalling(at),
            KernelOp::Disable { at } | KernelOp::Enable { at } | KernelOp::ExpectOn { at, .. } => {
                self.at_signalling(at)
            }
            KernelOp::Affinity { at, cpus, .. } => {
                self.at_signalling(at)?;
                self.key("cpus", |c| c.ensure(!cpus.is_empty(), || "no processor".to_owned()))
            }
            KernelOp::Cpu { cpu, .. } => {
                let most = u64::from(self.cpus.max(1)) - 1;
                self.key("cpu", |c| c.within((*cpu).into(), 0, most))
            }
            KernelOp::Churn { causes, .. } => self.key("causes", |c| c.within((*causes).into(), 1, 10_000_000)),
            KernelOp::Underway { events, queues, lost: [low, high], .. } => {
                self.key("events", |c| c.within(*events, 1, 100_000_000))?;
                self.key("queues", |c| c.within((*queues).into(), 2, 64))?;
                self.key("lost", |c| c.ensure(low <= high, || format!("{low} is above {high}")))
            }
            _ => Ok(()),
        }
    }

    fn at_signalling(&mut self, at: &crate::op::Source) -> Outcome {
        self.signalling(at)
    }
}
