// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The four virtual INTx wires of a root port [PCIe Base 2.2.8.1].

/// Message code of Assert_INTA; B, C, D follow, and the four of Deassert.
const ASSERT_INTA: u8 = 0x20;
const DEASSERT_INTA: u8 = 0x24;
/// Local: the message ends at the receiver.
const LOCAL: u8 = 0b100;

/// Levels of the wires, as messages have set them.
#[derive(Clone, Copy, Debug, Default)]
pub struct IntxWires {
    levels: [bool; 4],
    asserted: [u64; 4],
}

impl IntxWires {
    /// Takes a message; others than those of INTx change nothing.
    pub(super) fn message(&mut self, code: u8, routing: u8) {
        if routing != LOCAL {
            return;
        }
        match code {
            ASSERT_INTA..DEASSERT_INTA => {
                let pin = usize::from(code - ASSERT_INTA);
                self.asserted[pin] += u64::from(!self.levels[pin]);
                self.levels[pin] = true;
            }
            DEASSERT_INTA..0x28 => self.levels[usize::from(code - DEASSERT_INTA)] = false,
            _ => {}
        }
    }

    /// The link was reset: the port forgets [PCIe Base 2.2.8.1].
    pub(super) fn forget(&mut self) {
        self.levels = [false; 4];
    }

    /// Level of pin 0 (A) to 3 (D).
    pub fn level(&self, pin: usize) -> bool {
        self.levels[pin]
    }

    /// How often a pin has risen.
    pub fn asserted(&self, pin: usize) -> u64 {
        self.asserted[pin]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pin_follows_its_messages() {
        let mut wires = IntxWires::default();
        for (code, routing) in [(0x20, 4), (0x20, 4), (0x23, 4), (0x24, 4), (0x22, 0), (0x30, 4)] {
            wires.message(code, routing);
        }
        assert_eq!([0, 1, 2, 3].map(|pin| wires.level(pin)), [false, false, false, true]);
        assert_eq!([0, 1, 2, 3].map(|pin| wires.asserted(pin)), [1, 0, 0, 1]);
        wires.forget();
        assert!(!wires.level(3));
    }
}
