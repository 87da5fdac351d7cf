// SPDX-License-Identifier: Apache-2.0 OR MIT
//! DMA remapping in the whole host: packets of the device, through the unit, to memory, and what the device hears.

use host_model::driver::iommu::{Attach, DmaRemapping, Kind, PageSize, Space};
use host_model::driver::vtd::{InterruptRemapping, IrConfig};
use host_model::driver::{Bus, BusError};
use host_model::host::{Effects, Host, HostConfig, RemapConfig};
use host_model::rc::complete::CompletionPolicy;
use host_model::rc::finding::HostFinding;
use host_model::rc::header::{Body, Header, Kind as Tlp, Status};
use host_model::rc::requests::Request;
use host_model::rc::{Digests, DmaWrite, LinkSettings, RcConfig};
use host_model::remap::RemapEffect;
use host_model::remap::vtd::VtdConfig;
use host_model::remap::vtd::dma::DmaConfig;
use tlp::{Bdf, Packet, Tick};

const DEVICE: Bdf = Bdf::from_bits(0x0100);
const POOL: u64 = 0x100_0000;

/// A host, and time.
struct Machine {
    host: Host,
    now: Tick,
    unit: Option<InterruptRemapping>,
    effects: Vec<Effects>,
}

impl Machine {
    fn step(&mut self, packet: Option<&Packet>) {
        let effects = self.host.step(self.now, packet);
        self.effects.push(effects);
    }

    /// Takes a packet and runs until nothing is under way; what happened.
    fn take(&mut self, packet: &Packet) -> Effects {
        self.effects.clear();
        self.now += 1;
        self.step(Some(packet));
        while let Some(due) = self.host.next_due() {
            self.now = self.now.max(due);
            self.step(None);
        }
        let mut all = Effects::default();
        for e in self.effects.drain(..) {
            all.outbound.extend(e.outbound);
            all.writes.extend(e.writes);
            all.remap.extend(e.remap);
            all.findings.extend(e.findings);
            all.deliveries.extend(e.deliveries);
            all.blocked.extend(e.blocked);
        }
        all
    }

    fn new(scalable: bool, completion: CompletionPolicy) -> (Self, DmaRemapping) {
        let link = LinkSettings { pasid: true, ..LinkSettings::default() };
        let vtd = VtdConfig { dma: Some(DmaConfig::default()), ..VtdConfig::default() };
        let config = HostConfig {
            rc: RcConfig { link, completion, ..RcConfig::default() },
            remap: RemapConfig::Vtd(vtd),
            ..HostConfig::default()
        };
        let mut m = Self { host: Host::new(config, 1), now: 0, unit: None, effects: Vec::new() };
        // Bus mastering on, so that nothing below is a finding.
        let (target, register, enables, value) = (DEVICE, 4, 0xf, 0x6);
        m.host.submit(0, Request::ConfigWrite { target, register, enables, value, type1: false });
        let config = IrConfig {
            table: 0x10_0000,
            size: 7,
            x2apic: true,
            queue: 0x30_0000,
            status: 0x31_0000,
            poll_cycles: 5,
            polls_max: 1000,
        };
        let mut unit = InterruptRemapping::enable(&mut m, config).expect("comes up");
        let dma = DmaRemapping::enable(&mut m, &mut unit, POOL..POOL + 0x10_0000, scalable).expect("comes up");
        m.unit = Some(unit);
        (m, dma)
    }

    fn unmap(&mut self, dma: &DmaRemapping, space: &Space, iova: u64) {
        let mut unit = self.unit.take().expect("on");
        dma.unmap(self, &mut unit, space, iova, PageSize::Small, 5).expect("mapped");
        self.unit = Some(unit);
    }
}

impl Bus for Machine {
    fn cfg_read(&mut self, _reg: u16, _len: u8) -> Result<u32, BusError> {
        unreachable!("no device")
    }

    fn cfg_write(&mut self, _reg: u16, _len: u8, _value: u32) -> Result<(), BusError> {
        unreachable!("no device")
    }

    fn mem_read(&mut self, _addr: u64, _len: u8) -> Result<u64, BusError> {
        unreachable!("no device")
    }

    fn mem_write(&mut self, _addr: u64, _len: u8, _value: u64) -> Result<(), BusError> {
        unreachable!("no device")
    }

    fn dram_read(&mut self, addr: u64, buf: &mut [u8]) -> Result<(), BusError> {
        self.host.mem().read(addr, buf).expect("memory");
        Ok(())
    }

    fn dram_write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), BusError> {
        self.host.mem_mut().write(addr, bytes).expect("memory");
        Ok(())
    }

    fn vtd_read(&mut self, offset: u32, bytes: u8) -> Result<u64, BusError> {
        Ok(self.host.vtd_read(offset, bytes))
    }

    fn vtd_write(&mut self, offset: u32, bytes: u8, value: u64) -> Result<(), BusError> {
        self.host.vtd_write(self.now, offset, bytes, value);
        self.step(None);
        Ok(())
    }

    fn wait(&mut self, cycles: u64) -> Result<(), BusError> {
        for _ in 0..cycles {
            self.now += 1;
            self.step(None);
        }
        Ok(())
    }

    fn set_link(&mut self, _link: LinkSettings) -> Result<(), BusError> {
        unreachable!("no device")
    }

    fn set_digests(&mut self, _digests: Digests) -> Result<(), BusError> {
        unreachable!("no device")
    }
}

fn packet(kind: Tlp, address: u64, words: &[u32], length: u16, pasid: Option<u32>) -> Packet {
    let last_be = if length == 1 { 0 } else { 0xf };
    let body = Body::Addressed { requester: DEVICE, tag: 3, address, hint: 0, first_be: 0xf, last_be };
    let mut header = Header::new(kind, !words.is_empty(), length, body);
    header.four_words = address >> 32 != 0;
    let mut packet = header.packet(words.to_vec());
    packet.prefix = pasid.map(|pasid| 0x91 << 24 | pasid);
    packet
}

/// Status and words of the one answer.
fn answer(effects: &Effects) -> (Status, Vec<u32>) {
    let [(_, packet)] = &effects.outbound[..] else { panic!("{:?}", effects.outbound) };
    let header = Header::unpack(&packet.header).expect("a header");
    let Body::Completion { status, .. } = header.body else { panic!("{header:?}") };
    (status, packet.data.to_vec())
}

fn blocked(effects: &Effects) -> Vec<u8> {
    let of = |e: &RemapEffect| match e {
        RemapEffect::DmaBlocked { reason, recorded: true, .. } => Some(*reason),
        _ => None,
    };
    effects.remap.iter().filter_map(of).collect()
}

/// A slot of 16 bytes is fetched through a second-level table: from the page that is mapped, not from its own address.
/// Unmapped, the read is answered with UR, the fault is recorded, and nobody calls that the device's fault.
#[test]
fn slot_fetch_through_second_level() {
    let (mut m, mut dma) = Machine::new(false, CompletionPolicy::default());
    let space = dma.space(&mut m, 7, Kind::Second { levels: 4 }).expect("a table");
    dma.attach(&mut m, DEVICE, Attach::Space(space)).expect("attaches");
    dma.map(&mut m, &space, 0x12_3456_7000, 0x8000, PageSize::Small, false).expect("maps");
    for n in 0..4 {
        m.host.mem_mut().write_u32(0x8020 + 4 * n, 0xc0de_0000 + n as u32).unwrap();
    }
    let fetch = packet(Tlp::MemRead, 0x12_3456_7020, &[], 4, None);
    let got = m.take(&fetch);
    assert_eq!(answer(&got), (Status::Success, (0..4).map(|n| 0xc0de_0000 + n).collect()));
    assert_eq!((blocked(&got), got.findings.len()), (vec![], 0));
    // A write there is refused, and memory is as before.
    let refused = m.take(&packet(Tlp::MemWrite, 0x12_3456_7020, &[1], 1, None));
    assert_eq!((blocked(&refused), refused.writes.len(), refused.findings.len()), (vec![0x05], 0, 0));
    assert_eq!(m.host.mem().read_u32(0x8020), Ok(0xc0de_0000));
    m.unmap(&dma, &space, 0x12_3456_7000);
    let gone = m.take(&fetch);
    assert_eq!(answer(&gone), (Status::UnsupportedRequest, vec![]));
    assert_eq!((blocked(&gone), gone.findings.len()), (vec![0x06], 0));
}

/// A queue's accesses with a PASID go through its first-level table, while those without go through another.
#[test]
fn queue_dma_with_pasid_through_first_level() {
    let (mut m, mut dma) = Machine::new(true, CompletionPolicy::default());
    let own = dma.space(&mut m, 1, Kind::Second { levels: 4 }).expect("a table");
    let queue = dma.space(&mut m, 2, Kind::First { levels: 4 }).expect("a table");
    dma.attach(&mut m, DEVICE, Attach::Space(own)).expect("attaches");
    dma.attach_pasid(&mut m, DEVICE, 5, queue).expect("attaches");
    dma.map(&mut m, &own, 0x5000, 0x8000, PageSize::Small, true).expect("maps");
    dma.map(&mut m, &queue, 0x5000, 0x9000, PageSize::Small, true).expect("maps");
    for (pasid, host, word) in [(None, 0x8010, 0x11), (Some(5), 0x9010, 0x22)] {
        let written = m.take(&packet(Tlp::MemWrite, 0x5010, &[word], 1, pasid));
        let bytes = word.to_le_bytes().to_vec();
        assert_eq!(written.writes, [DmaWrite { source: DEVICE, pasid, address: 0x5010, host, bytes }]);
        assert_eq!(m.host.mem().read_u32(host), Ok(word));
        let read = m.take(&packet(Tlp::MemRead, 0x5010, &[], 1, pasid));
        assert_eq!(answer(&read), (Status::Success, vec![word]));
    }
    let stranger = m.take(&packet(Tlp::MemRead, 0x5010, &[], 1, Some(6)));
    assert_eq!((answer(&stranger).0, blocked(&stranger)), (Status::UnsupportedRequest, vec![0x59]));
}

/// F31: a write with a PASID into the interrupt window is no interrupt, but an address of a process: it is translated
/// [VT-d 3.14], and refused where it comes out in the window. Without a PASID the same write goes to interrupt remapping.
#[test]
fn a_write_with_a_pasid_into_the_window_is_no_interrupt() {
    let (mut m, mut dma) = Machine::new(true, CompletionPolicy::default());
    let own = dma.space(&mut m, 1, Kind::Second { levels: 4 }).expect("a table");
    let queue = dma.space(&mut m, 2, Kind::First { levels: 4 }).expect("a table");
    dma.attach(&mut m, DEVICE, Attach::Space(own)).expect("attaches");
    dma.attach_pasid(&mut m, DEVICE, 5, queue).expect("attaches");
    dma.map(&mut m, &queue, 0xfee0_0000, 0x9000, PageSize::Small, true).expect("maps");
    dma.map(&mut m, &queue, 0xfee0_2000, 0xfee0_0000, PageSize::Small, true).expect("maps");
    let window = 0xfee0_0010;
    let got = m.take(&packet(Tlp::MemWrite, window, &[0x41], 1, Some(5)));
    assert_eq!((blocked(&got), got.writes.len(), got.deliveries.len(), got.blocked.len()), (vec![], 1, 0, 0));
    assert_eq!((got.findings, m.host.mem().read_u32(0x9010)), (vec![], Ok(0x41)));
    let read = m.take(&packet(Tlp::MemRead, window, &[], 1, Some(5)));
    assert_eq!(answer(&read), (Status::Success, vec![0x41]));
    // Nothing is mapped; the page leads back into the window.
    for (address, reason) in [(0xfee0_1010, 0x71), (0xfee0_2010, 0x87)] {
        let got = m.take(&packet(Tlp::MemWrite, address, &[0x41], 1, Some(5)));
        assert_eq!((blocked(&got), got.writes.len(), got.deliveries.len(), got.blocked.len()), (vec![reason], 0, 0, 0));
    }
    let plain = m.take(&packet(Tlp::MemWrite, window, &[0x41], 1, None));
    assert_eq!((blocked(&plain), plain.blocked.len(), plain.findings.len()), (vec![], 1, 0));
    // Where a process's addresses pass through, the window is refused as well.
    dma.attach_pasid(&mut m, DEVICE, 6, Attach::PassThrough { domain: 3 }).expect("attaches");
    let got = m.take(&packet(Tlp::MemWrite, window, &[0x41], 1, Some(6)));
    assert_eq!((blocked(&got), got.writes.len(), got.deliveries.len(), got.blocked.len()), (vec![0x87], 0, 0, 0));
}

/// Without a unit that translates, such a write is no interrupt either, and the root complex says so.
#[test]
fn a_write_with_a_pasid_into_the_window_of_a_plain_machine() {
    let link = LinkSettings { pasid: true, ..LinkSettings::default() };
    let rc = RcConfig { link, ..RcConfig::default() };
    let host = Host::new(HostConfig { rc, remap: RemapConfig::None { extended: false }, ..HostConfig::default() }, 1);
    let mut m = Machine { host, now: 0, unit: None, effects: Vec::new() };
    let (target, register, enables, value) = (DEVICE, 4, 0xf, 0x6);
    m.host.submit(0, Request::ConfigWrite { target, register, enables, value, type1: false });
    m.step(None);
    let got = m.take(&packet(Tlp::MemWrite, 0xfee0_0010, &[0x41], 1, Some(5)));
    assert_eq!(got.findings, [HostFinding::InterruptPasid { address: 0xfee0_0010, pasid: 5 }]);
    assert_eq!((got.writes.len(), got.deliveries.len(), got.blocked.len()), (0, 0, 0));
}

/// F38: a table that leads a write into the interrupt window is a fault and no interrupt, in either mode.
#[test]
fn a_table_that_leads_into_the_window_is_a_fault() {
    for (scalable, reason) in [(false, 0x0e), (true, 0x87)] {
        let (mut m, mut dma) = Machine::new(scalable, CompletionPolicy::default());
        let space = dma.space(&mut m, 7, Kind::Second { levels: 4 }).expect("a table");
        dma.attach(&mut m, DEVICE, Attach::Space(space)).expect("attaches");
        dma.map(&mut m, &space, 0x5000, 0xfee0_1000, PageSize::Small, true).expect("maps");
        let got = m.take(&packet(Tlp::MemWrite, 0x5000, &[0x41], 1, None));
        assert_eq!((blocked(&got), got.writes.len(), got.findings.len()), (vec![reason], 0, 0));
        assert_eq!((got.deliveries.len(), got.blocked.len()), (0, 0));
    }
}

/// A read that was translated before its page is unmapped looks at memory before the unmapping is complete: what is stored
/// there afterwards never reaches the device. Both kinds of table.
#[test]
fn unmapping_waits_for_reads_under_way() {
    for scalable in [false, true] {
        let slow = CompletionPolicy { delay: (400, 400), ..CompletionPolicy::default() };
        let (mut m, mut dma) = Machine::new(scalable, slow);
        let kind = if scalable { Kind::First { levels: 4 } } else { Kind::Second { levels: 4 } };
        let space = dma.space(&mut m, 2, kind).expect("a table");
        if scalable {
            let rest = dma.space(&mut m, 1, Kind::Second { levels: 4 }).expect("a table");
            dma.attach(&mut m, DEVICE, Attach::Space(rest)).expect("attaches");
            dma.attach_pasid(&mut m, DEVICE, 5, space).expect("attaches");
        } else {
            dma.attach(&mut m, DEVICE, Attach::Space(space)).expect("attaches");
        }
        dma.map(&mut m, &space, 0x5000, 0x9000, PageSize::Small, true).expect("maps");
        m.host.mem_mut().write_u32(0x9000, 0x01d).unwrap();
        let read = packet(Tlp::MemRead, 0x5000, &[], 1, scalable.then_some(5));
        m.now += 1;
        m.effects.clear();
        m.step(Some(&read));
        m.unmap(&dma, &space, 0x5000);
        // The page has another owner now.
        m.host.mem_mut().write_u32(0x9000, 0x5ec2e7).unwrap();
        while let Some(due) = m.host.next_due() {
            m.now = m.now.max(due);
            m.step(None);
        }
        let mut all = Effects::default();
        m.effects.drain(..).for_each(|e| all.outbound.extend(e.outbound));
        assert_eq!(answer(&all), (Status::Success, vec![0x01d]), "scalable: {scalable}");
    }
}
