// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which device a test drives: the golden endpoint or the RTL, in which build.

use crate::rtl::RtlModels;
use crate::shadow::DeviceSizes;
use golden::{Golden, GoldenConfig, Quirk};
use std::path::PathBuf;
use std::sync::Arc;
use tlp::Endpoint;
use vectors::op::DutParams;

/// Device parameters with nothing left open (data sheet §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// Stream width in bits.
    pub data_w: u32,
    /// MSI-X vectors.
    pub num_msix: u32,
    /// Device slots.
    pub num_dev_slots: u32,
    /// Host slots.
    pub num_host_slots: u32,
    /// Host slots held at a time.
    pub host_cache_lines: u32,
    /// Fetches outstanding.
    pub max_fetches: u32,
    /// Virtual functions.
    pub num_vfs: u32,
}

impl From<&DutParams> for Params {
    fn from(p: &DutParams) -> Self {
        Self {
            data_w: p.data_w.unwrap_or(256),
            num_msix: p.num_msix.unwrap_or(2048),
            num_dev_slots: p.num_dev_slots.unwrap_or(4096),
            num_host_slots: p.num_host_slots.unwrap_or(65536),
            host_cache_lines: p.host_cache_lines.unwrap_or(256),
            max_fetches: p.max_fetches.unwrap_or(16),
            num_vfs: p.num_vfs.unwrap_or(16),
        }
    }
}

impl Params {
    /// Sizes of the stores.
    pub fn sizes(&self) -> DeviceSizes {
        DeviceSizes { msix: self.num_msix, device: self.num_dev_slots, host: self.num_host_slots, vfs: self.num_vfs }
    }
}

/// Kind of device, for reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DutKind {
    /// The RTL under Verilator.
    Rtl,
    /// The golden endpoint.
    Golden,
}

/// Where devices come from.
#[derive(Clone)]
pub enum Dut {
    /// The golden endpoint, with misbehaviours switched on.
    Golden(Vec<Quirk>),
    /// RTL models, built beforehand.
    Rtl(Arc<RtlModels>),
}

impl Dut {
    /// Kind, for reports.
    pub fn kind(&self) -> DutKind {
        match self {
            Dut::Golden(_) => DutKind::Golden,
            Dut::Rtl(_) => DutKind::Rtl,
        }
    }

    /// Builds what the tests need, so that running them only runs.
    pub fn prepare(&self, needed: &[DutParams]) -> Result<(), verilated::Error> {
        match self {
            Dut::Golden(_) => Ok(()),
            Dut::Rtl(models) => needed.iter().try_for_each(|p| models.build(&Params::from(p))),
        }
    }

    /// A device after power-on. `reset_seed` chooses what registers without reset hold.
    pub fn make(
        &self,
        params: &DutParams,
        reset_seed: u64,
        trace: Option<&PathBuf>,
    ) -> Result<Box<dyn Endpoint>, String> {
        let params = Params::from(params);
        match self {
            Dut::Golden(quirks) => {
                let mut config = GoldenConfig {
                    data_w: params.data_w,
                    num_msix: params.num_msix,
                    num_dev_slots: params.num_dev_slots,
                    num_host_slots: params.num_host_slots,
                    cache_lines: params.host_cache_lines,
                    max_fetches: params.max_fetches,
                    num_vfs: params.num_vfs,
                    ..GoldenConfig::default()
                };
                config.quirks.extend(quirks.iter().copied());
                Golden::new(&config).map(|g| Box::new(g) as Box<dyn Endpoint>).map_err(|e| e.to_string())
            }
            Dut::Rtl(models) => models.make(&params, reset_seed, trace).map_err(|e| e.to_string()),
        }
    }
}
