// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Interrupt handles as software has them, while commands are on their way included.

use std::collections::BTreeMap;
use vectors::op::Source;

/// What a handle stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The interrupt.
    pub source: Source,
    /// Permission bits of the handle (a device slot has its own).
    pub permission: u32,
}

/// Whether these permission bits let a requester through.
pub fn lets(permission: u32, pasid: Option<u32>) -> bool {
    if permission & 4 != 0 {
        return true;
    }
    match pasid {
        Some(p) => permission & 8 != 0 && permission >> 12 == p,
        None => permission & 8 == 0,
    }
}

/// What each handle may stand for at this moment; `None` in a list: it may be invalid.
#[derive(Clone, Default)]
pub struct Book {
    states: BTreeMap<u16, Vec<Option<Meaning>>>,
}

impl Book {
    /// What this handle may stand for.
    pub fn states(&self, handle: u16) -> Vec<Option<Meaning>> {
        self.states.get(&handle).cloned().unwrap_or_else(|| vec![None])
    }

    /// The device gave this handle for this.
    pub fn given(&mut self, handle: u16, meaning: Meaning) {
        self.states.insert(handle, vec![Some(meaning)]);
    }

    /// This handle (all of them without one) is being made invalid.
    pub fn ending(&mut self, handle: Option<u16>) {
        for (_, states) in self.states.iter_mut().filter(|(h, _)| handle.is_none_or(|only| only == **h)) {
            states.push(None);
        }
    }

    /// It is invalid for certain.
    pub fn ended(&mut self, handle: Option<u16>) {
        match handle {
            Some(handle) => drop(self.states.remove(&handle)),
            None => self.states.clear(),
        }
    }
}

/// Whether this meaning lets the requester raise the interrupt, as far as the handle decides.
pub fn usable(m: &Meaning, pasid: Option<u32>) -> bool {
    matches!(m.source, Source::Device(_)) || lets(m.permission, pasid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions() {
        assert!(lets(4, Some(3)) && lets(4, None) && lets(0, None) && !lets(0, Some(0)));
        assert!(lets(0x3_0008, Some(0x30)) && !lets(0x3_0008, Some(0x31)) && !lets(0x3_0008, None));
    }
}
