// SPDX-License-Identifier: Apache-2.0 OR MIT
//! MSI: 32 vectors whose message is the capability's.
//!
//! [Data sheet section 11; PCI Local Bus 3.0 6.8.1.]

use crate::device::{Device, Phase};
use crate::quirks::Quirk;
use tlp::{Observed, Stamped, Tick};

/// Pending bits of the MSI vectors.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Msi {
    pub(crate) pending: u32,
    /// Where round robin goes on.
    pub(crate) cursor: u32,
}

impl Device {
    /// The vector as which a pending bit is sent: folded onto those that were granted.
    fn folded(&self, vector: u32) -> u32 {
        vector & (self.config.msi_vectors() - 1)
    }

    /// A vector is raised.
    pub(crate) fn raise_msi(&mut self, vector: u32, seen: &mut Vec<Stamped<Observed>>, t: Tick) {
        let vector = self.folded(vector);
        seen.push(Stamped { at: t, what: Observed::MsiRaised(vector as u8) });
        if !self.quirks.strikes(Quirk::MsiCauseLost) {
            self.msi.pending |= 1 << vector;
        }
    }

    /// The pending bit that is served next.
    pub(crate) fn msi_candidate(&self) -> Option<u32> {
        let open = (self.config.msi_enabled() || self.quirks.has(Quirk::MsiEnableIgnored))
            && !self.config.msix_enabled()
            && self.phase == Phase::Running;
        if !open || self.msi.pending == 0 {
            return None;
        }
        let mask = if self.quirks.has(Quirk::MsiMaskIgnored) { 0 } else { self.config.msi_mask() };
        let ready = |v: &u32| self.msi.pending >> v & 1 != 0 && mask >> self.folded(*v) & 1 == 0;
        (0..32).map(|k| (self.msi.cursor + k) % 32).find(ready)
    }

    /// Address and data of a pending bit; the bit is cleared in the same tick.
    pub(crate) fn commit_msi(&mut self, vector: u32) -> (u64, u32) {
        let (address, word, extended) = self.config.msi_message();
        let low = self.config.msi_vectors() - 1;
        let mut data = word & 0xffff & !low | self.folded(vector);
        if self.quirks.has(Quirk::MsiVectorNotInData) {
            data = word & 0xffff;
        }
        if extended || self.quirks.has(Quirk::MsiExtendedDataAlways) {
            data |= word & 0xffff_0000;
        }
        self.msi.pending &= !(1 << vector);
        self.msi.cursor = (vector + 1) % 32;
        (address, data)
    }
}
