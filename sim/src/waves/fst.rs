// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reading the FST file: its hierarchy, and values as the clock edges see them.

use anyhow::{Context, Result, anyhow};
use std::path::Path;
use wellen::{VarRef, simple::Waveform};

/// Module whose signals are looked up.
const TOP: &str = "ims_endpoint";

/// An open waveform.
pub struct Fst {
    wave: Waveform,
    scope: Vec<String>,
    /// Time units of the file in a nanosecond.
    per_ns: u64,
}

impl Fst {
    /// Opens it. An error when the file is none or does not hold the endpoint.
    pub fn open(path: &Path) -> Result<Self> {
        let wave = wellen::simple::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let h = wave.hierarchy();
        let scope = h
            .all_scopes()
            .map(|s| h[s].full_name(h))
            .find(|n| n.rsplit('.').next() == Some(TOP))
            .ok_or_else(|| anyhow!("{} holds no module {TOP}", path.display()))?;
        let scale = h.timescale().ok_or_else(|| anyhow!("{} names no time unit", path.display()))?;
        let exponent = scale.unit.to_exponent().filter(|e| *e <= -9).context("the time unit is coarser than 1 ns")?;
        let per_ns = 10u64.pow((-9 - i32::from(exponent)) as u32) / u64::from(scale.factor).max(1);
        Ok(Self { scope: scope.split('.').map(str::to_string).collect(), wave, per_ns: per_ns.max(1) })
    }

    fn var(&self, signal: &str) -> Option<VarRef> {
        let mut path = self.scope.clone();
        path.extend(signal.split('.').map(str::to_string));
        let name = path.pop()?;
        self.wave.hierarchy().lookup_var(&path, name)
    }

    /// Whether the file has this signal (path relative to the endpoint).
    pub fn has(&self, signal: &str) -> bool {
        self.var(signal).is_some()
    }

    /// The full path of a signal.
    pub fn path(&self, signal: &str) -> String {
        format!("{}.{signal}", self.scope.join("."))
    }

    /// Width in bits, when the signal is there.
    pub fn width(&self, signal: &str) -> Option<u32> {
        let h = self.wave.hierarchy();
        h[self.var(signal)?].length(h)
    }

    /// The range behind the name, `[7:0]`, or nothing for one without.
    pub fn range(&self, signal: &str) -> String {
        let index = self.var(signal).and_then(|v| self.wave.hierarchy()[v].index());
        index.map_or(String::new(), |i| {
            if i.msb() == i.lsb() { format!("[{}]", i.msb()) } else { format!("[{}:{}]", i.msb(), i.lsb()) }
        })
    }

    /// Time of the rising edge of a cycle in the units of the file: cycles are 4 ns, edges in their middle.
    pub fn edge(&self, cycle: u64) -> u64 {
        (4 * cycle + 2) * self.per_ns
    }

    /// What the signal carries at the rising edges of the cycles `from..to`, as bits, the highest first.
    pub fn sample(&mut self, signal: &str, from: u64, to: u64) -> Result<Vec<String>> {
        let var = self.var(signal).with_context(|| format!("the waveform has no signal {}", self.path(signal)))?;
        let id = self.wave.hierarchy()[var].signal_ref();
        self.wave.load_signals(&[id]);
        let loaded = self.wave.get_signal(id).with_context(|| format!("{signal} cannot be read"))?;
        let times = self.wave.time_table();
        let mut changes = loaded.iter_changes().peekable();
        let mut now = String::new();
        let mut seen = Vec::new();
        for cycle in from..to {
            // The edge sees what stood before it: registers that change with it are one cycle later.
            while let Some((at, value)) = changes.next_if(|(at, _)| times[*at as usize] < self.edge(cycle)) {
                let _ = at;
                now = value.to_bit_string().unwrap_or_default();
            }
            seen.push(now.clone());
        }
        Ok(seen)
    }
}
