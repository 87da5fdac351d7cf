// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Writing of the packets that the endpoint sends.
//!
//! Each header word is laid out as a structure, lowest bit first
//! [PCIe Base 2.2.1, 2.2.7, 2.2.9].

use bitfield_struct::bitfield;
use tlp::{Data, Packet};

/// First header word.
#[bitfield(u32)]
pub(crate) struct Word0 {
    #[bits(10)]
    pub(crate) length: u32,
    #[bits(2)]
    pub(crate) at: u32,
    #[bits(2)]
    pub(crate) attr_low: u32,
    pub(crate) ep: bool,
    pub(crate) td: bool,
    pub(crate) th: bool,
    pub(crate) ln: bool,
    pub(crate) attr_ido: bool,
    pub(crate) tag8: bool,
    #[bits(3)]
    pub(crate) tc: u32,
    pub(crate) tag9: bool,
    #[bits(5)]
    pub(crate) typ: u32,
    #[bits(3)]
    pub(crate) fmt: u32,
}

/// Second header word of a memory request.
#[bitfield(u32)]
pub(crate) struct RequestWord1 {
    #[bits(4)]
    pub(crate) first_be: u32,
    #[bits(4)]
    pub(crate) last_be: u32,
    pub(crate) tag: u8,
    pub(crate) requester: u16,
}

/// Second header word of a completion.
#[bitfield(u32)]
struct CompletionWord1 {
    #[bits(12)]
    byte_count: u32,
    bcm: bool,
    #[bits(3)]
    status: u32,
    completer: u16,
}

/// Third header word of a completion.
#[bitfield(u32)]
struct CompletionWord2 {
    #[bits(7)]
    lower_address: u32,
    __: bool,
    tag: u8,
    requester: u16,
}

/// A PASID prefix but for the PASID: Fmt 100, Type 1 0001 [PCIe Base 2.2.10.2].
pub(crate) const PASID_PREFIX: u32 = 0x91 << 24;

/// Successful completion.
pub(crate) const STATUS_SC: u32 = 0;
/// Unsupported request.
pub(crate) const STATUS_UR: u32 = 1;
/// Configuration request retry status.
pub(crate) const STATUS_CRS: u32 = 2;
/// Completer abort.
pub(crate) const STATUS_CA: u32 = 4;

/// What a completion takes over from its request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    /// Id of this function.
    pub(crate) completer: u16,
    /// Id of the requester.
    pub(crate) requester: u16,
    /// Tag, 10 bits.
    pub(crate) tag: u32,
    /// Traffic class, 3 bits.
    pub(crate) tc: u32,
    /// Attributes {IDO, RO, NS}.
    pub(crate) attr: u32,
}

/// A completion; without data where `data` is empty.
pub(crate) fn completion(to: Answer, status: u32, byte_count: u32, lower_address: u32, data: &[u32]) -> Packet {
    let word0 = Word0::new()
        .with_fmt(if data.is_empty() { 0b000 } else { 0b010 })
        .with_typ(0b01010)
        .with_tc(to.tc)
        .with_attr_low(to.attr & 3)
        .with_attr_ido(to.attr & 4 != 0)
        .with_tag8(to.tag & 0x100 != 0)
        .with_tag9(to.tag & 0x200 != 0)
        .with_length(data.len() as u32 & 0x3ff);
    let word1 =
        CompletionWord1::new().with_completer(to.completer).with_status(status).with_byte_count(byte_count & 0xfff);
    let word2 = CompletionWord2::new()
        .with_requester(to.requester)
        .with_tag(to.tag as u8)
        .with_lower_address(lower_address & 0x7f);
    Packet { prefix: None, header: [word0.into(), word1.into(), word2.into(), 0], data: Data::from_slice(data) }
}

/// The header of a memory request: three words below 4 GiB, else four.
fn memory(fmt_data: u32, words: u32, requester: u16, tag: u8, address: u64) -> [u32; 4] {
    let long = address >> 32 != 0;
    let word0 = Word0::new().with_fmt(fmt_data | u32::from(long)).with_length(words & 0x3ff);
    let word1 = RequestWord1::new()
        .with_requester(requester)
        .with_tag(tag)
        .with_first_be(0xf)
        .with_last_be(if words == 1 { 0 } else { 0xf });
    let low = address as u32 & !3;
    let (word2, word3) = if long { ((address >> 32) as u32, low) } else { (low, 0) };
    [word0.into(), word1.into(), word2, word3]
}

/// What requests of the engine share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DmaHeader {
    pub(crate) requester: u16,
    /// First byte.
    pub(crate) address: u64,
    /// Bytes, at least 1.
    pub(crate) bytes: u32,
    pub(crate) pasid: Option<u32>,
}

/// Prefix and header of a request for any bytes; `attributes` are {IDO, RO}.
fn dma(h: DmaHeader, fmt_data: u32, tag: u8, attributes: (bool, bool)) -> (Option<u32>, [u32; 4]) {
    let lead = (h.address & 3) as u32;
    let words = (lead + h.bytes).div_ceil(4);
    let mut header = memory(fmt_data, words, h.requester, tag, h.address);
    let last = 0xf >> (4 * words - lead - h.bytes);
    let first = 0xf << lead & 0xf;
    let word1 = RequestWord1::from(header[1]);
    let word1 = match words {
        1 => word1.with_first_be(first & last).with_last_be(0),
        _ => word1.with_first_be(first).with_last_be(last),
    };
    let word0 = Word0::from(header[0]).with_attr_ido(attributes.0).with_attr_low(u32::from(attributes.1) << 1);
    (header[0], header[1]) = (word0.into(), word1.into());
    (h.pasid.map(|pasid| PASID_PREFIX | pasid), header)
}

/// A read of the engine.
pub(crate) fn dma_read(h: DmaHeader, tag: u8, attributes: (bool, bool)) -> Packet {
    let (prefix, header) = dma(h, 0b000, tag, attributes);
    Packet { prefix, header, data: Data::new() }
}

/// A posted write of the engine, tag 0; as many bytes as `data` has.
pub(crate) fn dma_write(h: DmaHeader, data: &[u8], attributes: (bool, bool)) -> Packet {
    let (prefix, header) = dma(h, 0b010, 0, attributes);
    let mut bytes = vec![0; (h.address & 3) as usize];
    bytes.extend_from_slice(data);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let words = bytes.chunks_exact(4).map(|w| u32::from_le_bytes([w[0], w[1], w[2], w[3]])).collect();
    Packet { prefix, header, data: words }
}

/// A posted write of whole words, tag 0.
pub(crate) fn write(requester: u16, address: u64, data: &[u32]) -> Packet {
    Packet {
        prefix: None,
        header: memory(0b010, data.len() as u32, requester, 0, address),
        data: Data::from_slice(data),
    }
}

/// A message without data [PCIe Base 2.2.8].
pub(crate) fn message(requester: u16, routing: u32, code: u32, tc: u32) -> Packet {
    let word0 = Word0::new().with_fmt(0b001).with_typ(0b10000 | routing).with_tc(tc);
    Packet::bare([word0.into(), u32::from(requester) << 16 | code, 0, 0])
}

/// A read of whole words.
pub(crate) fn read(requester: u16, tag: u8, address: u64, words: u32) -> Packet {
    Packet::bare(memory(0b000, words, requester, tag, address))
}
