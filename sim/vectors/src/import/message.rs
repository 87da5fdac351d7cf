// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Messages: remapped or not, which remapping entry they need, where they arrive.

use std::collections::BTreeMap;

use crate::op::{Irte, Target};
use crate::trace::Message;

/// Address bit 4: the remappable format [VT-d 5.1.2.2].
const REMAPPABLE: u64 = 1 << 4;
/// Address bit 3: the data's low half is added to the handle.
const SUBHANDLE_VALID: u64 = 1 << 3;

/// Whether the message went through a remapping entry.
pub fn is_remapped(message: &Message) -> bool {
    let format = message.address >> 20 == 0xfee && message.address & REMAPPABLE != 0;
    // With remapping off recorders give the message itself, or nothing.
    format
        && message.remapped.is_none_or(|after| after != (message.address, message.data))
        && (message.remapped.is_some() || message.vector.is_some())
}

/// Index of the remapping entry: handle, and subhandle if valid [VT-d 5.1.3].
pub fn index(message: &Message) -> u32 {
    let handle = (message.address >> 5 & 0x7fff) as u32 | ((message.address >> 2 & 1) as u32) << 15;
    let subhandle = if message.address & SUBHANDLE_VALID != 0 { message.data & 0xffff } else { 0 };
    handle + subhandle
}

/// What a message in its final form says: of the remapped one if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Destination id, or logical id.
    pub destination: u32,
    /// Logical destination mode.
    pub logical: bool,
    /// Redirection hint.
    pub hint: bool,
    /// Delivery mode code.
    pub mode: u8,
    /// Level triggered.
    pub level: bool,
    /// Vector.
    pub vector: u8,
}

/// The final form of a message [SDM 11.11]; what the processors' side recorded goes before the bits of the address,
/// which has only eight for the destination.
pub fn delivery(message: &Message) -> Delivery {
    let (address, data) = match message.remapped {
        Some(after) => after,
        // Recorded without its remapped form: fixed, edge, physical.
        None if is_remapped(message) => (0, 0),
        None => (message.address, message.data),
    };
    Delivery {
        destination: message.destination.unwrap_or((address >> 12 & 0xff) as u32),
        logical: address & 4 != 0,
        hint: address & 8 != 0,
        mode: (data >> 8 & 7) as u8,
        level: data & 0x8000 != 0,
        vector: message.vector.unwrap_or(data as u8),
    }
}

/// The processors of the recorded machine, by APIC id.
#[derive(Clone, Debug, Default)]
pub struct Processors {
    /// Our processor for each recorded id, when they are not the same.
    aliases: BTreeMap<u32, u32>,
    /// Processors needed.
    pub count: u32,
    /// Identifiers above 254 occur.
    pub wide: bool,
}

/// Processors of the default machine.
const FEWEST: u32 = 4;
/// More than these are not modelled; sparse identifiers are then numbered anew.
const MOST: u32 = 1024;

impl Processors {
    /// The processors that these messages are sent to.
    pub fn of<'a>(messages: impl Iterator<Item = &'a Message>) -> Self {
        let mut ids: Vec<u32> = Vec::new();
        for message in messages {
            let delivery = delivery(message);
            match (delivery.logical, delivery.destination) {
                (false, 0xff | u32::MAX) => {} // Broadcast.
                (false, id) => ids.push(id),
                (true, set) => ids.push(31 - (set & 0xff).max(1).leading_zeros()),
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let highest = ids.last().copied().unwrap_or(0);
        if highest < MOST {
            return Self { aliases: BTreeMap::new(), count: FEWEST.max(highest + 1), wide: highest > 254 };
        }
        let aliases: BTreeMap<u32, u32> = ids.iter().copied().zip(0..).collect();
        let count = FEWEST.max(aliases.len() as u32);
        Self { aliases, count, wide: count > 255 }
    }

    /// Our number of a recorded processor.
    pub fn number(&self, id: u32) -> u32 {
        self.aliases.get(&id).copied().unwrap_or(id)
    }

    /// The one processor and vector that a message arrives at; none for a broadcast, a set, or a delivery mode without
    /// a vector.
    pub fn target(&self, delivery: &Delivery) -> Option<Target> {
        let cpu = if delivery.logical {
            (delivery.destination.is_power_of_two() && delivery.destination < 0x100)
                .then(|| delivery.destination.trailing_zeros())?
        } else {
            self.number(delivery.destination)
        };
        let vectored = matches!(delivery.mode, 0 | 1) && delivery.vector >= 16;
        (vectored && cpu < self.count).then_some(Target { cpu, vector: delivery.vector })
    }

    /// The remapping entry that makes the recorded delivery of a remapped message.
    pub fn entry(&self, delivery: &Delivery) -> Irte {
        Irte {
            present: true,
            fpd: false,
            destination: if delivery.logical { delivery.destination } else { self.number(delivery.destination) },
            logical: delivery.logical,
            redirection_hint: delivery.hint,
            level: delivery.level,
            delivery_mode: delivery.mode,
            vector: delivery.vector,
            sid: 0,
            sq: 0,
            svt: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: Message = Message {
        address: 0xfee0_0338,
        data: 0,
        remapped: Some((0xfee0_3008, 0x4021)),
        destination: Some(3),
        vector: Some(33),
        entry: Some(1),
    };

    #[test]
    fn a_remapped_message() {
        assert!(is_remapped(&RECORDED));
        assert_eq!(index(&RECORDED), 0x19);
        let delivery = delivery(&RECORDED);
        let processors = Processors::of([RECORDED].iter());
        assert_eq!(processors.target(&delivery), Some(Target { cpu: 3, vector: 33 }));
        assert!(processors.entry(&delivery).redirection_hint);
        assert_eq!(processors.count, 4);
    }

    #[test]
    fn a_message_that_stays_as_it_is() {
        let message = Message { address: 0xfee0_3000, data: 0x20, remapped: Some((0xfee0_3000, 0x20)), ..RECORDED };
        assert!(!is_remapped(&message));
        let bare = Message { remapped: None, destination: None, vector: None, ..message };
        assert!(!is_remapped(&bare));
        assert_eq!(delivery(&bare).destination, 3);
        assert_eq!(delivery(&bare).vector, 0x20);
    }

    #[test]
    fn handles_and_subhandles() {
        // Handle 0xffff with subhandle 1 must not wrap [VT-d 5.1.3].
        let message = Message { address: 0xfeef_fffc, data: 1, ..RECORDED };
        assert_eq!(index(&message), 0x1_0000);
        let message = Message { address: 0xfee0_0010, data: 7, ..RECORDED };
        assert_eq!(index(&message), 0);
    }

    #[test]
    fn logical_sets_and_sparse_identifiers() {
        let set = Message { remapped: Some((0xfee0_300c, 0x4021)), destination: Some(3), ..RECORDED };
        let processors = Processors::of([set].iter());
        assert_eq!(processors.target(&delivery(&set)), None);
        let one = Message { remapped: Some((0xfee0_800c, 0x4021)), destination: Some(8), ..RECORDED };
        assert_eq!(processors.target(&delivery(&one)), Some(Target { cpu: 3, vector: 33 }));
        let far = Message { destination: Some(70_000), ..RECORDED };
        let processors = Processors::of([RECORDED, far].iter());
        assert_eq!(processors.target(&delivery(&far)).map(|to| to.cpu), Some(1));
        assert_eq!(processors.count, 4);
    }
}
