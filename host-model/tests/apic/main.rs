// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The local APICs against known answers of the SDM, volume 3, chapter 11.

mod priority;
mod registers;
mod routing;
