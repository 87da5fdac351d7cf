// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The bench: the only place where device, host, monitor and ledger meet.

pub mod bus;
pub mod decode;
pub mod digest;
pub mod kernel;
pub mod load;
pub mod log;
pub mod machine;
pub(crate) mod ops;
pub mod places;
pub mod sequencer;
pub mod world;
