// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A transaction layer packet as it crosses the link, uninterpreted.

use smallvec::SmallVec;

/// The double words behind the header: payload, then the digest when there is one.
///
/// Word `i` holds payload bytes `4i..4i+4`, byte `4i` in bits 7:0.
pub type Data = SmallVec<[u32; 4]>;

/// One transaction layer packet.
///
/// Header words are in wire order with the first byte of each in bits 31:24, so
/// `header[0]` carries Fmt in bits 31:29 [PCIe Base 2.2.1]. A three-word header
/// leaves `header[3]` zero. Nothing here checks that header and data agree: a
/// packet that breaks the rules must be expressible.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Packet {
    /// An End-End prefix in front of the header, first byte in bits 31:24.
    pub prefix: Option<u32>,
    /// Header double words 0 to 3.
    pub header: [u32; 4],
    /// Double words that follow the header on the wire.
    pub data: Data,
}

impl Packet {
    /// A packet without prefix and data.
    pub fn bare(header: [u32; 4]) -> Self {
        Self { prefix: None, header, data: Data::new() }
    }

    /// A packet without prefix, with data.
    pub fn with_data(header: [u32; 4], data: impl IntoIterator<Item = u32>) -> Self {
        Self { prefix: None, header, data: data.into_iter().collect() }
    }
}
