// SPDX-License-Identifier: Apache-2.0 OR MIT
//! MSI-X as Linux drives it (drivers/pci/msi/msi.c), register access by register access.

use super::caps::id;
use super::enumerate::Function;
use super::msg::MsiMsg;
use super::{Bus, BusError};

const FLAGS_ENABLE: u32 = 1 << 15;
const FLAGS_MASKALL: u32 = 1 << 14;
const COMMAND: u16 = 0x04;
const COMMAND_INTX_DISABLE: u32 = 1 << 10;
const ENTRY_SIZE: u64 = 16;
const ENTRY_LOWER_ADDR: u64 = 0;
const ENTRY_UPPER_ADDR: u64 = 4;
const ENTRY_DATA: u64 = 8;
const ENTRY_VECTOR_CTRL: u64 = 12;
const CTRL_MASKBIT: u32 = 1;

/// What goes wrong with MSI-X.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MsixError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// No MSI-X capability.
    #[error("no MSI-X capability")]
    Missing,
    /// Table or PBA in a BAR that is not there.
    #[error("table or PBA in BAR {0}, which is not there")]
    Bar(u8),
    /// Index beyond the table.
    #[error("entry {index} of {entries}")]
    Index {
        /// Index asked for.
        index: u16,
        /// Entries in the table.
        entries: u16,
    },
    /// The entry is not in use.
    #[error("entry {0} is not allocated")]
    NotAllocated(u16),
    /// The entry is in use.
    #[error("entry {0} is allocated already")]
    Allocated(u16),
}

/// Software's copy of one entry (struct msi_desc).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Desc {
    msg: MsiMsg,
    /// Vector control as last read or written.
    ctrl: u32,
}

/// The MSI-X of one function, enabled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Msix {
    cap: u16,
    /// Entries in the table, 1..=2048.
    pub entries: u16,
    /// Address of the table in device memory.
    pub table: u64,
    /// Address of the PBA in device memory.
    pub pba: u64,
    descs: Vec<Option<Desc>>,
}

impl Msix {
    /// msix_capability_init: enables MSI-X with the messages of `vectors` (index, message)
    /// programmed and the whole table masked; INTx is off afterwards.
    ///
    /// On failure Enable and MaskAll are cleared again.
    pub fn enable(bus: &mut dyn Bus, function: &Function, vectors: &[(u16, MsiMsg)]) -> Result<Self, MsixError> {
        let cap = function.cap(id::MSIX).ok_or(MsixError::Missing)?;
        // Some devices give access to the table only once MSI-X is on, so it is enabled
        // early, and masked as a whole until every entry is.
        clear_and_set(bus, cap, 0, FLAGS_ENABLE | FLAGS_MASKALL)?;
        match Self::init(bus, function, cap, vectors) {
            Ok(msix) => Ok(msix),
            Err(error) => {
                clear_and_set(bus, cap, FLAGS_ENABLE | FLAGS_MASKALL, 0)?;
                Err(error)
            }
        }
    }

    fn init(bus: &mut dyn Bus, function: &Function, cap: u16, vectors: &[(u16, MsiMsg)]) -> Result<Self, MsixError> {
        let entries = (bus.cfg_read(cap + 2, 2)? & 0x7ff) as u16 + 1;
        let place = |word: u32| {
            let bir = (word & 7) as u8;
            function.bar(bir).map(|bar| bar + u64::from(word & !7)).ok_or(MsixError::Bar(bir))
        };
        let table = place(bus.cfg_read(cap + 4, 4)?)?;
        let pba = place(bus.cfg_read(cap + 8, 4)?)?;
        let mut msix = Self { cap, entries, table, pba, descs: vec![None; usize::from(entries)] };
        // All descriptors first, then the messages of all.
        for &(index, _) in vectors {
            msix.prepare(bus, index)?;
        }
        for &(index, msg) in vectors {
            msix.write_msg(bus, index, msg)?;
        }
        let command = bus.cfg_read(COMMAND, 2)?;
        if command & COMMAND_INTX_DISABLE == 0 {
            bus.cfg_write(COMMAND, 2, command | COMMAND_INTX_DISABLE)?;
        }
        // Unused entries too: a kernel that ran before may have left them open.
        for index in 0..entries {
            bus.mem_write(msix.entry(index) + ENTRY_VECTOR_CTRL, 4, u64::from(CTRL_MASKBIT))?;
        }
        clear_and_set(bus, cap, FLAGS_MASKALL, 0)?;
        Ok(msix)
    }

    /// pci_msix_alloc_irq_at: takes one more entry into use while MSI-X is on; it stays
    /// masked.
    pub fn alloc_irq_at(&mut self, bus: &mut dyn Bus, index: u16, msg: MsiMsg) -> Result<(), MsixError> {
        self.prepare(bus, index)?;
        self.write_msg(bus, index, msg)
    }

    /// pci_msix_free_irq: masks an entry and gives it back.
    pub fn free_irq(&mut self, bus: &mut dyn Bus, index: u16) -> Result<(), MsixError> {
        self.mask_irq(bus, index)?;
        self.descs[usize::from(index)] = None;
        Ok(())
    }

    /// pci_msi_mask_irq: after it returns no message of this entry follows. The read that sees to that is of the first
    /// word of the table (`readl(desc->pci.mask_base)`).
    pub fn mask_irq(&mut self, bus: &mut dyn Bus, index: u16) -> Result<(), MsixError> {
        let (table, at) = (self.table, self.entry(index) + ENTRY_VECTOR_CTRL);
        let desc = self.desc(index)?;
        desc.ctrl |= CTRL_MASKBIT;
        bus.mem_write(at, 4, u64::from(desc.ctrl))?;
        bus.mem_read(table, 4)?;
        Ok(())
    }

    /// pci_msi_unmask_irq; posted, not read back.
    pub fn unmask_irq(&mut self, bus: &mut dyn Bus, index: u16) -> Result<(), MsixError> {
        let at = self.entry(index) + ENTRY_VECTOR_CTRL;
        let desc = self.desc(index)?;
        desc.ctrl &= !CTRL_MASKBIT;
        bus.mem_write(at, 4, u64::from(desc.ctrl))?;
        Ok(())
    }

    /// __pci_write_msi_msg: an open entry is masked around the three writes, without a
    /// read between them, and data is read back at the end.
    pub fn write_msg(&mut self, bus: &mut dyn Bus, index: u16, msg: MsiMsg) -> Result<(), MsixError> {
        let at = self.entry(index);
        let desc = self.desc(index)?;
        desc.msg = msg;
        let ctrl = desc.ctrl;
        let open = ctrl & CTRL_MASKBIT == 0;
        if open {
            bus.mem_write(at + ENTRY_VECTOR_CTRL, 4, u64::from(ctrl | CTRL_MASKBIT))?;
        }
        bus.mem_write(at + ENTRY_LOWER_ADDR, 4, u64::from(msg.address_lo))?;
        bus.mem_write(at + ENTRY_UPPER_ADDR, 4, u64::from(msg.address_hi))?;
        bus.mem_write(at + ENTRY_DATA, 4, u64::from(msg.data))?;
        if open {
            bus.mem_write(at + ENTRY_VECTOR_CTRL, 4, u64::from(ctrl))?;
        }
        bus.mem_read(at + ENTRY_DATA, 4)?;
        Ok(())
    }

    /// Writes a message without masking, the way that is only right for a masked entry or a
    /// device that claims atomic quad words: address, then data with the control word, two
    /// 8-byte stores and a read.
    pub fn write_msg_unguarded(&mut self, bus: &mut dyn Bus, index: u16, msg: MsiMsg) -> Result<(), MsixError> {
        let at = self.entry(index);
        let desc = self.desc(index)?;
        desc.msg = msg;
        let ctrl = u64::from(desc.ctrl);
        bus.mem_write(at + ENTRY_LOWER_ADDR, 8, msg.address())?;
        bus.mem_write(at + ENTRY_DATA, 8, ctrl << 32 | u64::from(msg.data))?;
        bus.mem_read(at + ENTRY_DATA, 4)?;
        Ok(())
    }

    /// Sets or clears Function Mask.
    pub fn mask_all(&mut self, bus: &mut dyn Bus, on: bool) -> Result<(), MsixError> {
        let (clear, set) = if on { (0, FLAGS_MASKALL) } else { (FLAGS_MASKALL, 0) };
        Ok(clear_and_set(bus, self.cap, clear, set)?)
    }

    /// Whether the pending bit of an entry is set.
    pub fn is_pending(&self, bus: &mut dyn Bus, index: u16) -> Result<bool, MsixError> {
        self.check(index)?;
        let word = bus.mem_read(self.pba + u64::from(index) / 64 * 8, 8)?;
        Ok(word >> (index % 64) & 1 == 1)
    }

    /// The message that software believes an entry to hold; `None` when it is not in use.
    pub fn message(&self, index: u16) -> Option<MsiMsg> {
        self.descs.get(usize::from(index)).copied().flatten().map(|d| d.msg)
    }

    /// pci_msix_shutdown: masks every entry in use, clears Enable and lets INTx in again.
    pub fn disable(mut self, bus: &mut dyn Bus) -> Result<(), MsixError> {
        for index in self.used() {
            self.mask_irq(bus, index)?;
        }
        clear_and_set(bus, self.cap, FLAGS_ENABLE, 0)?;
        let command = bus.cfg_read(COMMAND, 2)?;
        bus.cfg_write(COMMAND, 2, command & !COMMAND_INTX_DISABLE)?;
        Ok(())
    }

    /// __pci_restore_msix_state: programs everything again after a reset of the function.
    pub fn restore(&mut self, bus: &mut dyn Bus) -> Result<(), MsixError> {
        let command = bus.cfg_read(COMMAND, 2)?;
        bus.cfg_write(COMMAND, 2, command | COMMAND_INTX_DISABLE)?;
        clear_and_set(bus, self.cap, 0, FLAGS_ENABLE | FLAGS_MASKALL)?;
        for index in self.used() {
            let desc = *self.desc(index)?;
            self.write_msg(bus, index, desc.msg)?;
            bus.mem_write(self.entry(index) + ENTRY_VECTOR_CTRL, 4, u64::from(desc.ctrl))?;
        }
        clear_and_set(bus, self.cap, FLAGS_MASKALL, 0)?;
        Ok(())
    }

    /// pci_msix_prepare_desc: an entry comes into use with its control word as it is.
    fn prepare(&mut self, bus: &mut dyn Bus, index: u16) -> Result<(), MsixError> {
        self.check(index)?;
        if self.descs[usize::from(index)].is_some() {
            return Err(MsixError::Allocated(index));
        }
        let ctrl = bus.mem_read(self.entry(index) + ENTRY_VECTOR_CTRL, 4)? as u32;
        self.descs[usize::from(index)] = Some(Desc { msg: MsiMsg::default(), ctrl });
        Ok(())
    }

    fn used(&self) -> Vec<u16> {
        (0..self.entries).filter(|&i| self.descs[usize::from(i)].is_some()).collect()
    }

    fn entry(&self, index: u16) -> u64 {
        self.table + ENTRY_SIZE * u64::from(index)
    }

    fn check(&self, index: u16) -> Result<(), MsixError> {
        if index < self.entries { Ok(()) } else { Err(MsixError::Index { index, entries: self.entries }) }
    }

    fn desc(&mut self, index: u16) -> Result<&mut Desc, MsixError> {
        self.check(index)?;
        self.descs[usize::from(index)].as_mut().ok_or(MsixError::NotAllocated(index))
    }
}

/// pci_msix_clear_and_set_ctrl.
fn clear_and_set(bus: &mut dyn Bus, cap: u16, clear: u32, set: u32) -> Result<(), BusError> {
    let ctrl = bus.cfg_read(cap + 2, 2)?;
    bus.cfg_write(cap + 2, 2, ctrl & !clear | set)
}

#[cfg(test)]
mod tests {
    use super::super::caps::Capability;
    use super::super::enumerate::Bar;
    use super::super::fake::Access::{R, W};
    use super::super::fake::FakeBus;
    use super::*;

    const TABLE: u64 = 0x2_0000;

    fn setup(entries: u16) -> (FakeBus, Function) {
        let mut bus = FakeBus::new();
        bus.bar(0xb0, 0xc000_0000, 0x11 | u32::from(entries - 1) << 16);
        bus.set_cfg(0xb4, 2);
        bus.set_cfg(0xb8, 0x8002);
        for index in 0..u64::from(entries) {
            bus.words.insert(TABLE + 16 * index + 12, 1);
        }
        let bars = vec![Bar { number: 2, size: 0x10000, wide: true, prefetchable: true, address: TABLE }];
        let caps = vec![Capability { id: id::MSIX, offset: 0xb0, version: 0 }];
        let function = Function { vendor: 1, device: 2, class: 3, bars, caps, extended: vec![] };
        (bus, function)
    }

    fn msg(n: u32) -> MsiMsg {
        MsiMsg { address_hi: 0, address_lo: 0xfee0_0000 | n << 12, data: 0x40 + n }
    }

    #[test]
    fn enabling_takes_the_steps_in_order() {
        let (mut bus, function) = setup(3);
        let msix = Msix::enable(&mut bus, &function, &[(1, msg(1)), (2, msg(2))]).unwrap();
        assert_eq!((msix.entries, msix.table, msix.pba), (3, TABLE, TABLE + 0x8000));
        // Enable and MaskAll together, INTx off, MaskAll cleared last.
        assert_eq!(bus.cfg_log, [(0xb2, 0xc002), (0x04, 0x400), (0xb2, 0x8002)]);
        let (entry, next) = (TABLE + 16, TABLE + 32);
        assert_eq!(
            bus.take_log(),
            [
                R(entry + 12),
                R(next + 12),
                W(entry, 0xfee0_1000),
                W(entry + 4, 0),
                W(entry + 8, 0x41),
                R(entry + 8),
                W(next, 0xfee0_2000),
                W(next + 4, 0),
                W(next + 8, 0x42),
                R(next + 8),
                W(TABLE + 12, 1),
                W(TABLE + 28, 1),
                W(TABLE + 44, 1),
            ]
        );
    }

    #[test]
    fn a_failed_enable_leaves_msix_off() {
        let (mut bus, function) = setup(3);
        let error = Msix::enable(&mut bus, &function, &[(3, msg(0))]);
        assert_eq!(error, Err(MsixError::Index { index: 3, entries: 3 }));
        assert_eq!(bus.cfg(0xb0) >> 30, 0);
    }

    #[test]
    fn masking_is_read_back_and_unmasking_is_not() {
        let (mut bus, function) = setup(1);
        let mut msix = Msix::enable(&mut bus, &function, &[(0, msg(0))]).unwrap();
        bus.take_log();
        msix.unmask_irq(&mut bus, 0).unwrap();
        msix.mask_irq(&mut bus, 0).unwrap();
        assert_eq!(bus.take_log(), [W(TABLE + 12, 0), W(TABLE + 12, 1), R(TABLE)]);
    }

    #[test]
    fn an_open_entry_is_masked_around_a_new_message() {
        let (mut bus, function) = setup(1);
        bus.words.insert(TABLE + 12, 0xabcd_0001);
        let mut msix = Msix::enable(&mut bus, &function, &[(0, msg(0))]).unwrap();
        msix.unmask_irq(&mut bus, 0).unwrap();
        bus.take_log();
        msix.write_msg(&mut bus, 0, msg(5)).unwrap();
        // Bits 31:1 of the control word are kept as read.
        let (open, shut) = (0xabcd_0000, 0xabcd_0001);
        assert_eq!(
            bus.take_log(),
            [
                W(TABLE + 12, shut),
                W(TABLE, 0xfee0_5000),
                W(TABLE + 4, 0),
                W(TABLE + 8, 0x45),
                W(TABLE + 12, open),
                R(TABLE + 8),
            ]
        );
    }

    #[test]
    fn entries_come_and_go_while_enabled() {
        let (mut bus, function) = setup(4);
        let mut msix = Msix::enable(&mut bus, &function, &[(0, msg(0))]).unwrap();
        msix.alloc_irq_at(&mut bus, 3, msg(3)).unwrap();
        assert_eq!(msix.alloc_irq_at(&mut bus, 3, msg(3)), Err(MsixError::Allocated(3)));
        assert_eq!(msix.message(3), Some(msg(3)));
        msix.free_irq(&mut bus, 3).unwrap();
        assert_eq!(msix.unmask_irq(&mut bus, 3), Err(MsixError::NotAllocated(3)));
        assert_eq!(bus.words[&(TABLE + 60)], 1);
    }

    #[test]
    fn shutting_down_masks_what_is_in_use_before_enable_goes() {
        let (mut bus, function) = setup(2);
        let mut msix = Msix::enable(&mut bus, &function, &[(0, msg(0))]).unwrap();
        msix.unmask_irq(&mut bus, 0).unwrap();
        bus.cfg_log.clear();
        msix.disable(&mut bus).unwrap();
        assert_eq!(bus.words[&(TABLE + 12)], 1);
        assert_eq!(bus.cfg_log, [(0xb2, 0x0001), (0x04, 0)]);
    }

    #[test]
    fn restoring_brings_messages_and_masks_back() {
        let (mut bus, function) = setup(2);
        let mut msix = Msix::enable(&mut bus, &function, &[(0, msg(0)), (1, msg(1))]).unwrap();
        msix.unmask_irq(&mut bus, 1).unwrap();
        let programmed = bus.words.clone();
        for index in 0..2 {
            for (word, value) in [0, 0, 0, 1].into_iter().enumerate() {
                bus.words.insert(TABLE + 16 * index + 4 * word as u64, value);
            }
        }
        bus.cfg_write(0xb2, 2, 0).unwrap();
        msix.restore(&mut bus).unwrap();
        assert_eq!(bus.words, programmed);
        assert_eq!(bus.cfg(0xb0) >> 30, 2);
    }

    #[test]
    fn pending_bits_are_found_in_their_quad_words() {
        let (mut bus, function) = setup(128);
        let msix = Msix::enable(&mut bus, &function, &[]).unwrap();
        bus.words.insert(TABLE + 0x8000 + 12, 1 << 3);
        let pending: Vec<u16> = (0..128).filter(|&i| msix.is_pending(&mut bus, i).unwrap()).collect();
        assert_eq!(pending, [99]);
    }
}
