// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Interrupt handles, as the IDXD driver asks for them and gives them back.

use super::regs::*;
use super::{Bus, BusError};

/// What goes wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HandleError {
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The device refused the command.
    #[error("the device answers with code {0:#x}")]
    Refused(u8),
    /// The command did not end.
    #[error("the handle command did not end: status {0:#x}")]
    Timeout(u32),
}

/// Who may use an interrupt: bits of a slot's control word.
pub fn permission(ignore: bool, pasid: Option<u32>) -> u32 {
    let pasid = pasid.map_or(0, |pasid| pasid << CTRL_PASID_SHIFT | CTRL_PASID_EN);
    pasid | if ignore { CTRL_IGNORE } else { 0 }
}

/// The command registers of the handle table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handles {
    /// Address of BAR 0 in device memory.
    pub regs: u64,
    /// Cycles between two looks.
    pub poll_cycles: u64,
    /// Looks before a command counts as lost.
    pub polls_max: u32,
}

impl Handles {
    /// Registers at `regs`, looked at every 32 cycles.
    pub fn new(regs: u64) -> Self {
        Self { regs, poll_cycles: 32, polls_max: 10_000 }
    }

    /// A handle for an interrupt: store code, index, permission bits.
    pub fn request(&self, bus: &mut dyn Bus, store: u32, index: u32, permission: u32) -> Result<u16, HandleError> {
        bus.mem_write(self.regs + IH_TARGET, 4, u64::from(index | store << IH_TARGET_STORE_SHIFT))?;
        bus.mem_write(self.regs + IH_PERM, 4, u64::from(permission))?;
        let status = self.command(bus, IH_OP_REQUEST << IH_CMD_OP_SHIFT)?;
        Ok((status >> IH_STATUS_HANDLE_SHIFT) as u16)
    }

    /// Gives a handle back.
    pub fn release(&self, bus: &mut dyn Bus, handle: u16) -> Result<(), HandleError> {
        self.command(bus, IH_OP_RELEASE << IH_CMD_OP_SHIFT | u32::from(handle)).map(|_| ())
    }

    /// Makes every handle invalid, as a device does when its platform moves interrupts.
    pub fn revoke_all(&self, bus: &mut dyn Bus) -> Result<(), HandleError> {
        self.command(bus, IH_OP_REVOKE << IH_CMD_OP_SHIFT).map(|_| ())
    }

    /// Whether handles were revoked since the last call.
    pub fn take_revoked(&self, bus: &mut dyn Bus) -> Result<bool, BusError> {
        let events = bus.mem_read(self.regs + EV_MISC, 4)? as u32;
        if events & EV_MISC_REVOKED != 0 {
            bus.mem_write(self.regs + EV_MISC, 4, u64::from(EV_MISC_REVOKED))?;
        }
        Ok(events & EV_MISC_REVOKED != 0)
    }

    fn command(&self, bus: &mut dyn Bus, command: u32) -> Result<u32, HandleError> {
        bus.mem_write(self.regs + IH_CMD, 4, u64::from(command))?;
        let mut status = 0;
        for _ in 0..self.polls_max {
            status = bus.mem_read(self.regs + IH_STATUS, 4)? as u32;
            if status & IH_STATUS_BUSY == 0 {
                return match (status >> IH_STATUS_RESULT_SHIFT) as u8 {
                    0 => Ok(status),
                    code => Err(HandleError::Refused(code)),
                };
            }
            bus.wait(self.poll_cycles)?;
        }
        Err(HandleError::Timeout(status))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::FakeBus;
    use super::*;

    #[test]
    fn a_request_sets_target_and_permission_and_reads_the_handle() {
        let mut bus = FakeBus::new();
        bus.hook = Some(Box::new(|words, _, addr, value| {
            if addr == IH_CMD {
                assert_eq!((words[&IH_TARGET], words[&IH_PERM]), (1 << 20 | 7, 0x1234_5008));
                words.insert(IH_STATUS, if value == 1 << 16 { 0x0042 << 16 } else { 0x43 << 8 });
            }
        }));
        let handles = Handles::new(0);
        assert_eq!(handles.request(&mut bus, 1, 7, permission(false, Some(0x12345))), Ok(0x42));
        assert_eq!(handles.release(&mut bus, 5), Err(HandleError::Refused(0x43)));
    }

    #[test]
    fn a_command_that_never_ends_is_an_error() {
        let mut bus = FakeBus::new();
        bus.words.insert(IH_STATUS, IH_STATUS_BUSY);
        let handles = Handles { polls_max: 3, ..Handles::new(0) };
        assert_eq!(handles.revoke_all(&mut bus), Err(HandleError::Timeout(IH_STATUS_BUSY)));
    }
}
