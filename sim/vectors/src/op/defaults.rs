// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Values that fields of several operations have when a vector leaves them out.

pub(super) fn four() -> u32 {
    4
}

pub(super) fn is_four(len: &u32) -> bool {
    *len == 4
}

pub(super) fn yes() -> bool {
    true
}

pub(super) fn page() -> u32 {
    4096
}

pub(super) fn is_page(bytes: &u32) -> bool {
    *bytes == page()
}

pub(super) fn success() -> u8 {
    1
}

pub(super) fn one() -> u32 {
    1
}

pub(super) fn is_one(n: &u32) -> bool {
    *n == 1
}

pub(super) fn is_zero(n: &u64) -> bool {
    *n == 0
}

pub(super) fn fifteen() -> u8 {
    15
}
