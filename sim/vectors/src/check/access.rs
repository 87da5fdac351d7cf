// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Rules of accesses: places, widths, packets made by hand.

use super::{Checker, Outcome};
use crate::op::{CompletionExpect, Place, RawTlp, Read, Status, Write};
use crate::place;

impl Checker {
    pub(super) fn config_place(&mut self, at: &Place, len: u32) -> Outcome {
        self.key("at", |c| match place::config(at) {
            Err(message) => c.fail(message),
            Ok(offset) => {
                c.ensure(u32::from(offset % 4) + len <= 4, || format!("{len} bytes at {offset:#x} cross a double word"))
            }
        })
    }

    pub(super) fn memory_place(&mut self, at: &Place) -> Outcome {
        self.key("at", |c| match place::memory(at) {
            Ok(place::Memory::Vf { vf, .. }) => c.virtual_function(vf),
            Ok(_) => Ok(()),
            Err(message) => c.fail(message),
        })
    }

    pub(super) fn number_place(&mut self, at: &Place) -> Outcome {
        self.key("at", |c| {
            c.ensure(matches!(at, Place::Number(_)), || "host memory has no names: want a number".to_owned())
        })
    }

    pub(super) fn read(&mut self, read: &Read, widths: &[u32]) -> Outcome {
        self.width(read.len, widths)?;
        let limit = if read.len < 8 { (1u64 << (8 * read.len)) - 1 } else { u64::MAX };
        if let Some(expect) = read.expect {
            self.key("expect", |c| {
                c.ensure(read.len <= 8, || "at most 8 bytes can be compared".to_owned())?;
                c.ensure(expect <= limit, || format!("{expect:#x} does not fit in {} bytes", read.len))?;
                c.ensure(matches!(read.status, None | Some(Status::Sc)), || "there is no data to compare".to_owned())
            })?;
        }
        if let Some(mask) = read.mask {
            self.key("mask", |c| {
                c.ensure(read.expect.is_some(), || "a mask needs an expectation".to_owned())?;
                c.ensure(mask <= limit, || format!("{mask:#x} does not fit in {} bytes", read.len))?;
                c.ensure(read.expect.unwrap_or(0) & !mask == 0, || "the expectation has bits outside it".to_owned())
            })?;
        }
        Ok(())
    }

    pub(super) fn write(&mut self, write: &Write, widths: &[u32]) -> Outcome {
        self.width(write.len, widths)?;
        let limit = if write.len < 8 { (1u64 << (8 * write.len)) - 1 } else { u64::MAX };
        self.key("value", |c| {
            c.ensure(write.value <= limit, || format!("{:#x} does not fit in {} bytes", write.value, write.len))
        })?;
        if let Some(enables) = write.be {
            self.key("be", |c| {
                c.ensure(write.len == 4, || "byte enables are for 4 bytes".to_owned())?;
                c.within(enables.into(), 0, 15)
            })?;
        }
        Ok(())
    }

    pub(super) fn width(&mut self, len: u32, widths: &[u32]) -> Outcome {
        self.key("len", |c| match widths {
            [] => c.within(len.into(), 1, 4096),
            _ => c.ensure(widths.contains(&len), || format!("{len} is none of {widths:?}")),
        })
    }

    pub(super) fn tlp(&mut self, tlp: &RawTlp) -> Outcome {
        self.key("fmt", |c| c.within(tlp.fmt.into(), 0, 7))?;
        self.key("typ", |c| c.within(tlp.typ.into(), 0, 31))?;
        self.of_function(tlp.vf)?;
        if let Some(at) = &tlp.at {
            self.memory_place(at)?;
            self.key("address", |c| c.ensure(tlp.address == 0, || "either `at` or `address`".to_owned()))?;
        }
        for (key, value, most) in [
            ("length", tlp.length, 1024),
            ("first_be", tlp.first_be.map(u32::from), 15),
            ("last_be", tlp.last_be.map(u32::from), 15),
            ("tc", Some(tlp.tc.into()), 7),
            ("attr", Some(tlp.attr.into()), 7),
            ("address_type", Some(tlp.address_type.into()), 3),
            ("tag", tlp.tag.map(u32::from), 1023),
        ] {
            if let Some(value) = value {
                self.key(key, |c| c.within(value.into(), 0, most))?;
            }
        }
        self.key("data", |c| c.within(tlp.data.len() as u64, 0, 1025))?;
        self.key("digest", |c| {
            // It covers the tag, which must therefore be known.
            let known = tlp.expect.is_none() || tlp.tag.is_some();
            c.ensure(tlp.digest.is_none() || known && !tlp.td, || {
                "a digest wants a tag of the vector's own, and makes `td` itself".to_owned()
            })
        })?;
        self.key("no_wait", |c| {
            let alone = tlp.expect.is_none() && tlp.tag.is_none() && tlp.digest.is_none();
            c.ensure(!tlp.no_wait || alone, || "goes with neither `expect`, `tag` nor `digest`".to_owned())
        })?;
        if let Some(CompletionExpect { status, byte_count, lower_address, data }) = &tlp.expect {
            self.key("expect", |c| {
                if let Some(count) = byte_count {
                    c.key("byte_count", |c| c.within((*count).into(), 1, 4096))?;
                }
                if let Some(address) = lower_address {
                    c.key("lower_address", |c| c.within((*address).into(), 0, 127))?;
                }
                c.key("data", |c| {
                    c.ensure(data.is_none() || *status == Status::Sc, || "only `sc` brings data".to_owned())
                })
            })?;
        }
        Ok(())
    }
}
