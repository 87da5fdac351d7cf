// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A platform without a remapping unit: every request is in compatibility format.

use super::{RemapEffect, RemapUnit, compat};
use crate::interrupt::InterruptRequest;
use crate::mem::HostMemory;
use std::collections::VecDeque;
use tlp::Tick;

/// No unit. Requests pass in the order in which they came, without delay.
#[derive(Clone, Debug, Default)]
pub struct NoRemap {
    extended: bool,
    waiting: VecDeque<(Tick, InterruptRequest)>,
}

impl NoRemap {
    /// `extended`: destination ids have 15 bits (address bits 11:5 are 14:8 of them).
    pub fn new(extended: bool) -> Self {
        Self { extended, waiting: VecDeque::new() }
    }
}

impl RemapUnit for NoRemap {
    fn copy(&self) -> Box<dyn RemapUnit> {
        Box::new(self.clone())
    }

    /// There are no registers: all ones, as from any address that nobody answers.
    fn read(&self, _offset: u32, bytes: u8) -> u64 {
        if bytes >= 8 { u64::MAX } else { (1 << (8 * u32::from(bytes))) - 1 }
    }

    fn write(&mut self, _offset: u32, _bytes: u8, _value: u64, _now: Tick, _mem: &mut HostMemory) {}

    fn request(&mut self, req: InterruptRequest, now: Tick, _mem: &HostMemory) {
        self.waiting.push_back((now, req));
    }

    fn step(&mut self, now: Tick, _mem: &mut HostMemory, out: &mut Vec<RemapEffect>) {
        while let Some((_, request)) = self.waiting.front().copied().filter(|(at, _)| *at <= now) {
            self.waiting.pop_front();
            let message = compat::decode(request.address, request.data, self.extended);
            out.push(RemapEffect::Deliver { request, index: None, message });
        }
    }

    fn next_due(&self) -> Option<Tick> {
        self.waiting.front().map(|(at, _)| *at)
    }
}
