// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The vocabulary of the link.
//!
//! Everything that crosses between the host side and the device side is made of
//! the types here. They are raw on purpose: a [`Packet`] holds header words and
//! does not know what they mean. The host model, the golden endpoint, the bench's
//! monitor and the RTL each bring a decoder of their own, so that a wrong reading
//! of the specification on one side cannot agree with itself on the other.

mod endpoint;
mod ident;
mod packet;

pub use endpoint::{
    Cause, CauseOp, CreditLimits, Endpoint, EndpointError, Observed, Pressure, Reset, Stamped, Store, Tick,
};
pub use ident::{Bdf, BdfError};
pub use packet::{Data, Packet};
