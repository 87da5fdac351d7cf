// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The bench: device, host, monitor, ledger and checks meet here and nowhere else.

pub mod basis;
pub mod bench;
pub mod check;
pub mod cover;
pub mod cover_rtl;
pub mod direct;
pub mod figure;
pub mod finding;
pub mod formal;
pub mod ledger;
pub mod linux_order;
pub mod lockstep;
pub mod mutant;
pub mod report;
pub mod resets;
pub mod rtl;
pub mod run;
pub mod shadow;
pub mod shrink;
pub mod topology;
pub mod waves;
