// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The remapping domain over each unit: what software allocates, writes, moves and frees, and what the unit then
//! does with the device's messages.

mod amdvi;
mod bus;
mod churn;
mod dma;
mod dma_host;
mod domain;
mod posted;
