// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The RTL behind [`Endpoint`]: models are built once per parameter set and variant.

use crate::cover_rtl::Counter;
use crate::run::params::Params;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tlp::{
    Cause, CauseOp, CreditLimits, Endpoint, EndpointError, Observed, Packet, Pressure, Reset, Stamped, Store, Tick,
};
use verilated::{
    Builder, Built, Error, Limits, Model, ModelSpec, Options, Severity, Sources, Toolchain, Variant, What,
};

/// Numbers of faults that made a difference at their place.
pub type Seen = Arc<Mutex<BTreeSet<u32>>>;

/// Models of one RTL tree.
pub struct RtlModels {
    builder: Builder,
    rtl: PathBuf,
    variant: Variant,
    /// Number of the fault that is switched on; 0: none, and the model is not told.
    mutant: u32,
    /// Where devices leave the faults that they have seen, when they go.
    seen: Option<Seen>,
    /// Where devices add what they have covered, when they go.
    counted: Option<Counter>,
    built: Mutex<BTreeMap<BTreeMap<String, u64>, Built>>,
}

/// Parameters of the top module that differ from their defaults.
fn parameters(p: &Params) -> BTreeMap<String, u64> {
    let d = Params::from(&vectors::op::DutParams::default());
    [
        ("DataW", p.data_w, d.data_w),
        ("NumMsix", p.num_msix, d.num_msix),
        ("NumDevSlots", p.num_dev_slots, d.num_dev_slots),
        ("NumHostSlots", p.num_host_slots, d.num_host_slots),
        ("HostCacheLines", p.host_cache_lines, d.host_cache_lines),
        ("MaxFetches", p.max_fetches, d.max_fetches),
        ("NumVfs", p.num_vfs, d.num_vfs),
    ]
    .into_iter()
    .filter(|(_, value, default)| value != default)
    .map(|(name, value, _)| (name.to_string(), u64::from(value)))
    .collect()
}

impl RtlModels {
    /// Models of the tree `rtl` (the directory that holds `rtl.f`), kept below `root`/target/models.
    pub fn new(root: &Path, rtl: PathBuf, variant: Variant) -> Result<Self, Error> {
        let toolchain = Toolchain::find(root)?;
        let builder = Builder::new(toolchain, root.join("target/models"));
        Ok(Self::with_builder(builder, rtl, variant))
    }

    /// As [`new`](Self::new), built in a fraction of the time: for models that run a few tests.
    pub fn quick(root: &Path, rtl: PathBuf) -> Result<Self, Error> {
        let builder = Builder::new(Toolchain::find(root)?, root.join("target/models")).quick().jobs(1);
        Ok(Self::with_builder(builder, rtl, Variant::Plain))
    }

    /// Models of the tree `rtl`, kept where the builder keeps its own.
    pub fn with_builder(builder: Builder, rtl: PathBuf, variant: Variant) -> Self {
        Self { builder, rtl, variant, mutant: 0, seen: None, counted: None, built: Mutex::new(BTreeMap::new()) }
    }

    /// The same models with a fault switched on, where several are built in (mutant::schemata).
    pub fn with_mutant(&self, mutant: u32) -> Self {
        Self { mutant, ..self.copied() }
    }

    /// The same models; what their devices see of built-in faults is left in `seen`.
    pub fn probing(&self, seen: Seen) -> Self {
        Self { seen: Some(seen), ..self.copied() }
    }

    /// The same models; what their devices cover is added to `counted`.
    pub fn counting(&self, counted: Counter) -> Self {
        Self { counted: Some(counted), ..self.copied() }
    }

    fn copied(&self) -> Self {
        let built = self.built.lock().unwrap_or_else(|p| p.into_inner()).clone();
        Self {
            builder: self.builder.clone(),
            rtl: self.rtl.clone(),
            variant: self.variant,
            mutant: self.mutant,
            seen: self.seen.clone(),
            counted: self.counted.clone(),
            built: Mutex::new(built),
        }
    }

    /// Identity of Verilator, for reports.
    pub fn verilator(&self) -> String {
        self.builder.toolchain().identity().to_string()
    }

    /// Builds the model of these parameters, unless it is there.
    pub fn build(&self, params: &Params) -> Result<(), Error> {
        self.built(params).map(|_| ())
    }

    /// The built model of these parameters.
    pub fn built(&self, params: &Params) -> Result<Built, Error> {
        let params = parameters(params);
        let mut built = self.built.lock().unwrap_or_else(|p| p.into_inner());
        if let Some(b) = built.get(&params) {
            return Ok(b.clone());
        }
        let mut sources = Sources::tree(&self.rtl);
        // With the laws bound to the design, where the tree has any.
        if self.rtl.join("sim.f").is_file() {
            sources.list.set_file_name("sim.f");
        }
        let spec = ModelSpec { sources, top: "ims_endpoint".into(), params: params.clone(), variant: self.variant };
        let b = self.builder.build(&spec)?;
        built.insert(params, b.clone());
        Ok(b)
    }

    /// A device after power-on.
    pub fn make(&self, params: &Params, reset_seed: u64, trace: Option<&PathBuf>) -> Result<Box<dyn Endpoint>, Error> {
        let built = self.built(params)?;
        let options = Options { seed: reset_seed, mutant: self.mutant, ..Options::default() };
        let mut model = Model::load(&built, &options)?;
        if let Some(path) = trace {
            model.trace_open(path)?;
        }
        Ok(Box::new(RtlEndpoint {
            built,
            options,
            copies: self.variant == Variant::Plain,
            model: RefCell::new(model),
            complaints: Vec::new(),
            recording: false,
            seen: self.seen.clone(),
            counted: self.counted.clone(),
        }))
    }

    /// A device after power-on that writes its input pins to a file, complete when it is dropped.
    pub fn make_recorded(
        &self,
        params: &Params,
        reset_seed: u64,
        record: Option<&Path>,
    ) -> Result<Box<dyn Endpoint>, Error> {
        let built = self.built(params)?;
        let options = Options { seed: reset_seed, mutant: self.mutant, ..Options::default() };
        let mut model = Model::load(&built, &options)?;
        if let Some(path) = record {
            model.record_open(path)?;
        }
        Ok(Box::new(RtlEndpoint {
            built,
            options,
            copies: self.variant == Variant::Plain,
            model: RefCell::new(model),
            complaints: Vec::new(),
            recording: record.is_some(),
            seen: self.seen.clone(),
            counted: self.counted.clone(),
        }))
    }
}

/// One model as a device.
pub struct RtlEndpoint {
    built: Built,
    options: Options,
    copies: bool,
    /// Saving a state needs the model to itself for a moment.
    model: RefCell<Model>,
    complaints: Vec<Stamped<String>>,
    recording: bool,
    seen: Option<Seen>,
    counted: Option<Counter>,
}

impl Drop for RtlEndpoint {
    fn drop(&mut self) {
        if let Some(counted) = &self.counted {
            let counts = self.model.get_mut().cover_counts();
            counted.add(|| self.model.get_mut().cover_points(), &counts);
        }
        if let Some(seen) = &self.seen {
            seen.lock().unwrap_or_else(|p| p.into_inner()).extend(self.model.get_mut().mutants_seen());
        }
        if self.recording
            && let Err(e) = self.model.get_mut().record_close()
        {
            tracing::error!("the recording of the pins is incomplete: {e}");
        }
    }
}

impl Endpoint for RtlEndpoint {
    fn now(&self) -> Tick {
        self.model.borrow().now()
    }

    fn reset(&mut self, kind: Reset) -> Result<(), EndpointError> {
        match kind {
            Reset::Cold => self.model.get_mut().reset_cold(),
            Reset::Hot => self.model.get_mut().reset_hot(),
        }
        .map_err(|e| EndpointError(e.to_string()))
    }

    fn push(&mut self, packet: Packet, not_before: Tick) {
        self.model.get_mut().push(&packet.header, packet.prefix, &packet.data, not_before);
    }

    fn cause(&mut self, cause: Cause, not_before: Tick) {
        self.model.get_mut().cause(cause.op == CauseOp::Withdraw, cause.store.code(), cause.index, not_before);
    }

    fn credits(&mut self, l: CreditLimits) {
        let header = |n: Option<u8>| n.map(u16::from);
        let limit = [header(l.ph), l.pd, header(l.nph), l.npd, header(l.cplh), l.cpld];
        self.model.get_mut().set_credits(&Limits { limit });
    }

    fn pressure(&mut self, p: Pressure, seed: u64) {
        self.model.get_mut().set_pressure(p.rx_gap, p.tx_stall, p.cause_gap, seed);
    }

    fn run(&mut self, until: Tick, seen: &mut Vec<Stamped<Observed>>) -> Result<(), EndpointError> {
        let events = self.model.get_mut().run(until).map_err(|e| EndpointError(e.to_string()))?;
        for e in events {
            let what = match e.what {
                What::CauseTaken(n) => Observed::CauseTaken(n),
                What::DownTaken(n) => Observed::DownTaken(n),
                What::NonPostedLimit(n) => Observed::NonPostedLimit(n),
                What::CauseSeen { withdraw, store, index } => {
                    let op = if withdraw { CauseOp::Withdraw } else { CauseOp::Raise };
                    let store = Store::from_code(store).expect("the pins have two bits");
                    Observed::CauseSeen(Cause { op, store, index })
                }
                What::MsiRaised(vector) => Observed::MsiRaised(vector),
                What::Intx(level) => Observed::Intx(level),
                What::Up { prefix, header, data } => {
                    Observed::Up(Packet { prefix, header, data: data.iter().copied().collect() })
                }
                What::Finding { severity: Severity::Error, text } => {
                    self.complaints.push(Stamped { at: e.tick, what: text });
                    continue;
                }
                What::Finding { severity: Severity::Note, text } => {
                    tracing::info!(t = e.tick, "{text}");
                    continue;
                }
            };
            seen.push(Stamped { at: e.tick, what });
        }
        Ok(())
    }

    fn copies(&self) -> bool {
        self.copies
    }

    fn copy(&self) -> Result<Box<dyn Endpoint>, EndpointError> {
        let failed = |e: Error| EndpointError(e.to_string());
        let state = self.model.borrow_mut().save().map_err(failed)?;
        let mut model = Model::load(&self.built, &self.options).map_err(failed)?;
        model.restore(&state).map_err(failed)?;
        Ok(Box::new(Self {
            built: self.built.clone(),
            options: self.options,
            copies: self.copies,
            model: RefCell::new(model),
            complaints: self.complaints.clone(),
            recording: false,
            seen: self.seen.clone(),
            counted: self.counted.clone(),
        }))
    }

    fn complaints(&mut self) -> Vec<Stamped<String>> {
        std::mem::take(&mut self.complaints)
    }
}
