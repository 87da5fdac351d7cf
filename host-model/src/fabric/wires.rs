// SPDX-License-Identifier: Apache-2.0 OR MIT
//! INTx across a switch: four virtual wires of each downstream port, collapsed into four of the upstream port
//! [PCIe Base 2.2.8.1, table 2-21].

/// Code of Assert_INTA; B, C, D follow.
pub const ASSERT_INTA: u8 = 0x20;
/// Code of Deassert_INTA; B, C, D follow.
pub const DEASSERT_INTA: u8 = 0x24;
/// Routing of messages that end at their receiver.
pub const LOCAL: u8 = 4;

/// The pin that a pin of device `device` becomes on the other side of the bridge above: A to D are 0 to 3.
pub const fn swizzle(pin: usize, device: usize) -> usize {
    (pin + device) % 4
}

/// Wires of a switch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wires {
    /// By downstream port.
    below: Vec<[bool; 4]>,
    above: [bool; 4],
}

impl Wires {
    /// All low; `ports`: downstream ones.
    pub fn new(ports: usize) -> Self {
        Self { below: vec![[false; 4]; ports], above: [false; 4] }
    }

    /// A message of a downstream port, by its code; the wire above that changes, if it does. Codes that are not of
    /// INTx change nothing.
    pub fn message(&mut self, port: usize, code: u8) -> Option<(usize, bool)> {
        let (pin, level) = match code {
            ASSERT_INTA..DEASSERT_INTA => (usize::from(code - ASSERT_INTA), true),
            DEASSERT_INTA..0x28 => (usize::from(code - DEASSERT_INTA), false),
            _ => return None,
        };
        self.below[port][pin] = level;
        let above = swizzle(pin, port);
        let held = |port: usize| (0..4).any(|pin| swizzle(pin, port) == above && self.below[port][pin]);
        let level = (0..self.below.len()).any(held);
        (std::mem::replace(&mut self.above[above], level) != level).then_some((above, level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_turns_with_its_port_and_ports_share_what_they_meet_in() {
        let mut wires = Wires::new(6);
        // INTA of device 1 is INTB above; INTA of device 5 meets it there.
        assert_eq!(wires.message(1, 0x20), Some((1, true)));
        assert_eq!(wires.message(5, 0x20), None, "it is high already");
        assert_eq!(wires.message(1, 0x24), None, "the other still holds it");
        assert_eq!(wires.message(5, 0x24), Some((1, false)));
        // INTD of device 1 is INTA above.
        assert_eq!(wires.message(1, 0x23), Some((0, true)));
        assert_eq!(wires.message(1, 0x23), None, "said twice");
        assert_eq!(wires.message(1, 0x27), Some((0, false)));
        assert_eq!(wires.message(0, 0x30), None, "not of INTx");
        assert_eq!(swizzle(swizzle(0, 3), 2), 1);
    }
}
