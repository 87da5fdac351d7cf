// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which device a test drives: the golden endpoint or the RTL, in which build.

use super::params::Params;
use crate::rtl::RtlModels;
use golden::{Golden, GoldenConfig, Quirk};
use std::path::PathBuf;
use std::sync::Arc;
use tlp::Endpoint;
use vectors::op::DutParams;

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
