// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Every upstream packet is well formed [PCIe Base 2.2].

use super::{Law, Report, Upstream};
use crate::bench::decode::Decoded;
use crate::bench::digest;
use crate::shadow::{Shadow, Who};

/// Headers, lengths, byte enables, limits and identity of what the device sends.
pub struct Format;

impl Law for Format {
    fn upstream(&mut self, up: &Upstream<'_>, shadow: &mut Shadow, report: &mut Report) {
        let c = up.common;
        let words = up.packet.data.len() as u32;
        let expected = if c.fmt & 2 == 2 { c.length } else { 0 } + u32::from(c.td);
        report.require("undefined_packet", up.tick, *up.decoded != Decoded::Undefined, || {
            format!("fmt {:03b} type {:05b} is not defined [2.2.1]", c.fmt, c.typ)
        });
        report.require("length_mismatch", up.tick, words == expected, || {
            format!("Length says {expected} data words, {words} came [2.2.2]")
        });
        let flushed = shadow.flushed;
        let asked = shadow.config.reporting.perhaps(flushed, |r| r.makes_digests() == c.td);
        report.require("digest_unasked_or_missing", up.tick, asked, || {
            format!("TD is {}, digest generation is the other way [2.7.1]", u8::from(c.td))
        });
        if c.td {
            report.require("digest_wrong", up.tick, digest::is_right(up.packet), || {
                "the digest does not fit the packet [2.7.1]".into()
            });
        }
        let mps = shadow.config.max_payload();
        report.require("payload_above_mps", up.tick, c.fmt & 2 == 0 || c.length * 4 <= mps, || {
            format!("payload of {} bytes, Max_Payload_Size is {mps} [2.2.2]", c.length * 4)
        });
        if let Decoded::Memory { write, address, four, be, .. } = *up.decoded {
            self.memory(up, write, address, four, be, shadow, report);
        }
        let speaker = match *up.decoded {
            Decoded::Memory { requester, .. }
            | Decoded::Config { requester, .. }
            | Decoded::Message { requester, .. }
            | Decoded::OtherNonPosted { requester } => requester,
            Decoded::Completion { completer, .. } => completer,
            Decoded::Undefined => return,
        };
        // Virtual functions answer, send messages and report errors; nothing else of theirs leaves.
        let who = shadow.speaker(speaker);
        let read = matches!(*up.decoded, Decoded::Memory { write: false, .. });
        let good = who.is_some_and(|who| who == Who::Physical || !read);
        report.require("wrong_device_id", up.tick, good, || {
            format!(
                "the device speaks as {speaker}; it was configured as {} [2.2.6.2]",
                shadow.config.captured.latest()
            )
        });
    }
}

impl Format {
    #[allow(clippy::too_many_arguments, reason = "the fields of one header")]
    fn memory(
        &self,
        up: &Upstream<'_>,
        write: bool,
        address: u64,
        four: bool,
        be: (u8, u8),
        shadow: &Shadow,
        report: &mut Report,
    ) {
        let length = up.common.length;
        let legal_be = match length {
            1 => be.1 == 0,
            2 if address.is_multiple_of(8) => be.0 != 0 && be.1 != 0,
            _ => matches!(be.0, 0xf | 0xe | 0xc | 8) && matches!(be.1, 0xf | 7 | 3 | 1),
        };
        report.require("illegal_byte_enables", up.tick, legal_be, || {
            format!("Length {length} with first BE {:04b}, last BE {:04b} [2.2.5]", be.0, be.1)
        });
        let end = address.wrapping_add(u64::from(length) * 4 - 1);
        report.require("crosses_4k", up.tick, address >> 12 == end >> 12, || {
            format!("{length} words from {address:#x} cross a 4 KiB border [2.2.7]")
        });
        report.require("needless_4dw", up.tick, !four || address >> 32 != 0, || {
            format!("four-word header for {address:#x}, below 4 GiB [2.2.4.1]")
        });
        let mrrs = shadow.config.max_read();
        report.require("read_above_mrrs", up.tick, write || length * 4 <= mrrs, || {
            format!("read of {} bytes, Max_Read_Request_Size is {mrrs} [2.2.7]", length * 4)
        });
    }
}
