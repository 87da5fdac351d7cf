// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Tests of the root complex's parts against hand-made packets.

mod answers;
mod faults;
mod fuzz;
mod inbound;
mod own_requests;

use tlp::{Bdf, Packet};

use super::bytes::Span;
use super::header::{Body, Header, Kind, Status, parse};

/// The device's id.
const DEVICE: Bdf = Bdf::from_bits(0x0100);
/// The host's id.
const ROOT: Bdf = Bdf::from_bits(0x0008);

/// A memory request of the device.
fn request(kind: Kind, span: Span, tag: u16) -> Header {
    let Span { address, length, first_be, last_be } = span;
    let body = Body::Addressed { requester: DEVICE, tag, address, hint: 0, first_be, last_be };
    Header::new(kind, kind == Kind::MemWrite, length, body)
}

/// A completion of the device for the host's request `tag`.
fn completion(tag: u16, status: Status, byte_count: u16, lower_address: u8, words: u16) -> Header {
    let body =
        Body::Completion { completer: DEVICE, requester: ROOT, tag, status, bcm: false, byte_count, lower_address };
    Header::new(Kind::Completion { locked: false }, words != 0, if words == 0 { 1024 } else { words }, body)
}

/// What a completion packet says: status, byte count, lower address, words.
fn told(packet: &Packet) -> (Status, u16, u8, Vec<u32>) {
    let parsed = parse(packet).expect("well-formed packet");
    let Body::Completion { status, byte_count, lower_address, .. } = parsed.header.body else {
        panic!("no completion: {:?}", parsed.header)
    };
    (status, byte_count, lower_address, parsed.payload.to_vec())
}
