// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rules of what interrupts lead to: processors, entries, mappings.

use super::{Checker, Outcome};
use crate::op::{DmaOp, Irte, PostedOp, Target};

impl Checker {
    pub(super) fn cpu(&mut self, cpu: u32) -> Outcome {
        self.key("cpu", |c| c.within(cpu.into(), 0, u64::from(c.cpus) - 1))
    }

    pub(super) fn target(&mut self, target: &Target) -> Outcome {
        self.cpu(target.cpu)?;
        self.key("vector", |c| c.within(target.vector.into(), 16, 255))
    }

    pub(super) fn dma(&mut self, op: &DmaOp) -> Outcome {
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

    pub(super) fn posted(&mut self, op: &PostedOp) -> Outcome {
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

    pub(super) fn irte(&mut self, entry: &Irte) -> Outcome {
        self.key("delivery_mode", |c| c.within(entry.delivery_mode.into(), 0, 7))?;
        self.key("sq", |c| c.within(entry.sq.into(), 0, 3))?;
        self.key("svt", |c| c.within(entry.svt.into(), 0, 3))
    }
}
