// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One PCI-to-PCI bridge as configuration software sees it: a type 1 header and a PCI Express capability.
//!
//! [PCIe Base 7.5.1.3 for the header, 7.5.3 for the capability.] Registers that are not named here
//! read 0 and ignore writes.

/// What kind of port the bridge is: Device/Port Type of the capability [PCIe Base 7.5.3.2].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PortKind {
    /// Root port of a root complex.
    Root,
    /// Upstream port of a switch.
    Upstream,
    /// Downstream port of a switch.
    Downstream,
}

impl PortKind {
    const fn code(self) -> u32 {
        match self {
            Self::Root => 4,
            Self::Upstream => 5,
            Self::Downstream => 6,
        }
    }
}

const COMMAND: u16 = 0x04;
const BUSES: u16 = 0x18;
const MEMORY: u16 = 0x20;
const PREFETCH: u16 = 0x24;
const PREFETCH_BASE_HI: u16 = 0x28;
const PREFETCH_LIMIT_HI: u16 = 0x2c;
const CONTROL: u16 = 0x3c;
const DEVICE_CONTROL: u16 = 0x48;
const DEVICE_CAPABILITIES_2: u16 = 0x64;
const DEVICE_CONTROL_2: u16 = 0x68;
/// ARI Forwarding Supported and ARI Forwarding Enable [PCIe Base 7.5.3.15, 7.5.3.16].
const ARI_FORWARDING: u32 = 1 << 5;

/// A bridge.
#[derive(Clone, Debug)]
pub struct Bridge {
    kind: PortKind,
    command: u32,
    buses: u32,
    memory: u32,
    prefetch: u32,
    prefetch_hi: [u32; 2],
    control: u32,
    device_control: u32,
    device_control_2: u32,
}

impl Bridge {
    /// A bridge after reset: no bus behind it, nothing forwarded.
    pub fn new(kind: PortKind) -> Self {
        Self {
            kind,
            command: 0,
            buses: 0,
            memory: 0,
            prefetch: 0,
            prefetch_hi: [0; 2],
            control: 0,
            device_control: 0x2000,
            device_control_2: 0,
        }
    }

    /// The double word at `register`.
    pub fn read(&self, register: u16) -> u32 {
        match register {
            // Vendor and device of nobody in particular.
            0x00 => 0x0001_1b36 + (self.kind.code() << 16),
            COMMAND => self.command | 0x0010 << 16,
            0x08 => 0x0604_0000,
            0x0c => 0x0001_0000,
            BUSES => self.buses,
            MEMORY => self.memory,
            PREFETCH => self.prefetch | 0x0001_0001,
            PREFETCH_BASE_HI => self.prefetch_hi[0],
            PREFETCH_LIMIT_HI => self.prefetch_hi[1],
            0x34 => 0x40,
            CONTROL => self.control,
            0x40 => 0x0002_0010 | self.kind.code() << 20,
            // Max_Payload_Size up to 512 bytes.
            0x44 => 0x0000_8002,
            DEVICE_CONTROL => self.device_control,
            // A port that has links below it can address 256 functions there.
            DEVICE_CAPABILITIES_2 if self.kind != PortKind::Upstream => ARI_FORWARDING,
            DEVICE_CONTROL_2 => self.device_control_2,
            _ => 0,
        }
    }

    /// Writes the enabled bytes of the double word at `register`.
    pub fn write(&mut self, register: u16, enables: u8, value: u32) {
        let lanes = (0..4).filter(|i| enables >> i & 1 == 1).fold(0, |m, i| m | 0xff << (8 * i));
        let (target, writable) = match register {
            COMMAND => (&mut self.command, 0x0000_0546),
            BUSES => (&mut self.buses, 0x00ff_ffff),
            MEMORY => (&mut self.memory, 0xfff0_fff0),
            PREFETCH => (&mut self.prefetch, 0xfff0_fff0),
            PREFETCH_BASE_HI => (&mut self.prefetch_hi[0], u32::MAX),
            PREFETCH_LIMIT_HI => (&mut self.prefetch_hi[1], u32::MAX),
            CONTROL => (&mut self.control, 0x0043_00ff),
            DEVICE_CONTROL => (&mut self.device_control, 0x0000_70ff),
            DEVICE_CONTROL_2 if self.kind != PortKind::Upstream => (&mut self.device_control_2, ARI_FORWARDING),
            _ => return,
        };
        let mask = lanes & writable;
        *target = *target & !mask | value & mask;
    }

    /// Number of the bus behind the bridge; 0 before it has one.
    pub fn secondary(&self) -> u8 {
        (self.buses >> 8) as u8
    }

    /// Whether a bus is behind the bridge.
    pub fn is_below(&self, bus: u8) -> bool {
        let (first, last) = (self.secondary(), (self.buses >> 16) as u8);
        first != 0 && (first..=last).contains(&bus)
    }

    /// Whether a memory request to `address` is forwarded from the primary side to the secondary one.
    pub fn claims(&self, address: u64) -> bool {
        let window = |base: u64, limit: u64| (base..=limit | 0xf_ffff).contains(&address) && base <= limit;
        let low = |w: u32| (u64::from(w & 0xfff0) << 16, u64::from(w & 0xfff0_0000));
        let (base, limit) = low(self.memory);
        let (prefetch_base, prefetch_limit) = low(self.prefetch);
        let [base_hi, limit_hi] = self.prefetch_hi.map(|hi| u64::from(hi) << 32);
        self.command & 2 != 0 && (window(base, limit) || window(base_hi | prefetch_base, limit_hi | prefetch_limit))
    }

    /// Whether memory requests are forwarded from the secondary side to the primary one: Bus Master Enable
    /// [PCIe Base 7.5.1.1.3].
    pub fn masters(&self) -> bool {
        self.command & 4 != 0
    }

    /// Whether the link below has one device with up to 256 functions, instead of device 0 with up to eight
    /// [PCIe Base 6.13].
    pub fn forwards_ari(&self) -> bool {
        self.device_control_2 & ARI_FORWARDING != 0
    }

    /// Whether the secondary side is held in reset [PCIe Base 7.5.1.3.13, bit 6].
    pub fn holds_reset(&self) -> bool {
        self.control & 1 << 22 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_open_with_memory_space_and_have_a_granule_of_a_mebibyte() {
        let mut b = Bridge::new(PortKind::Downstream);
        b.write(MEMORY, 0xf, 0xd020_d010);
        b.write(PREFETCH, 0xf, 0x0010_0010);
        b.write(PREFETCH_BASE_HI, 0xf, 0x40);
        b.write(PREFETCH_LIMIT_HI, 0xf, 0x40);
        assert!(!b.claims(0xd010_0000));
        b.write(COMMAND, 0x1, 2);
        for (address, inside) in [
            (0xd00f_ffff, false),
            (0xd010_0000, true),
            (0xd02f_ffff, true),
            (0xd030_0000, false),
            (0x40_0010_0000, true),
            (0x40_001f_ffff, true),
            (0x40_0020_0000, false),
        ] {
            assert_eq!(b.claims(address), inside, "{address:#x}");
        }
        // Base above limit: closed.
        b.write(MEMORY, 0xf, 0xd000_d010);
        assert!(!b.claims(0xd010_0000));
    }

    #[test]
    fn a_bridge_without_a_bus_number_has_nothing_below() {
        let mut b = Bridge::new(PortKind::Root);
        assert!(!b.is_below(0) && b.read(0x40) >> 20 & 0xf == 4);
        b.write(BUSES, 0x7, 0x0005_0200);
        assert_eq!([1, 2, 5, 6].map(|bus| b.is_below(bus)), [false, true, true, false]);
        assert_eq!(b.read(0x0c) >> 16 & 0x7f, 1);
    }
}
