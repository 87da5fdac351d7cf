// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Search: sequences of operations, made so that they reach what has not been covered yet.
//!
//! A generated run is a vector like any other: it is judged by the same laws and the same ledger, replays from its
//! file and its seed, and shrinks (`crate::shrink`). Three strategies can be compared: `random` draws from a profile,
//! `mutate` changes kept sequences, `directed` asks for each hole which operations lead there (`levers`, `race`).

pub mod compare;
pub mod corpus;
pub mod covers;
pub mod curve;
pub mod devices;
pub mod draw;
pub mod effort;
pub mod illegal;
mod led;
pub mod levers;
pub mod log;
pub mod mutate;
mod part;
pub mod profile;
pub mod race;
mod raw;
pub mod search;
pub mod shape;
pub mod snapshots;
pub mod soft;
pub mod spent;

pub use corpus::{Kept, State};
pub use profile::Profile;
pub use search::{Search, Setup, Strategy};
