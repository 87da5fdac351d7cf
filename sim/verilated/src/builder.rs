// SPDX-License-Identifier: Apache-2.0 OR MIT
//! From RTL sources to a shared library, once for each content.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use rustix::fs::{AtFlags, CWD, FlockOperation, Timespec, Timestamps, UTIME_NOW, flock, utimensat};

use crate::sources::Resolved;
use crate::{Error, Sources, Toolchain};

/// What a model offers beside running.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Variant {
    /// The fastest; can save and restore its state.
    Plain,
    /// Counts line, toggle and user coverage.
    Coverage,
    /// Writes waveforms.
    Trace,
}

impl Variant {
    /// Short name, as in directories and reports.
    pub fn name(self) -> &'static str {
        match self {
            Variant::Plain => "plain",
            Variant::Coverage => "cov",
            Variant::Trace => "trace",
        }
    }

    fn verilator_flags(self) -> &'static [&'static str] {
        match self {
            Variant::Plain => &["--savable"],
            Variant::Coverage => &["--coverage-line", "--coverage-toggle", "--coverage-user"],
            Variant::Trace => &["--trace-fst", "--trace-structs", "--trace-max-width", "1024"],
        }
    }

    fn defines(self) -> &'static [&'static str] {
        match self {
            Variant::Plain => &["-DCOSIM_SAVE", "-DVM_COVERAGE=0", "-DVM_TRACE=0", "-DVM_TRACE_FST=0"],
            Variant::Coverage => &["-DCOSIM_COVERAGE", "-DVM_COVERAGE=1", "-DVM_TRACE=0", "-DVM_TRACE_FST=0"],
            Variant::Trace => &["-DCOSIM_TRACE", "-DVM_COVERAGE=0", "-DVM_TRACE=1", "-DVM_TRACE_FST=1"],
        }
    }
}

/// One model: which RTL, how parameterised, what for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelSpec {
    /// The RTL.
    pub sources: Sources,
    /// Name of the top module.
    pub top: String,
    /// Parameters of the top module that differ from their defaults.
    pub params: BTreeMap<String, u64>,
    /// What the model offers.
    pub variant: Variant,
}

/// A model that is ready to be loaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Built {
    library: PathBuf,
    fresh: bool,
}

impl Built {
    /// The shared library.
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// False if it was there already.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }
}

/// Builds models into a directory that any number of processes may share.
#[derive(Clone, Debug)]
pub struct Builder {
    toolchain: Toolchain,
    cache: PathBuf,
    jobs: usize,
    quick: bool,
}

/// The clock loop, compiled into every model.
const LOOP: &[(&str, &str)] = &[
    ("archive.h", include_str!("../../cpp/archive.h")),
    ("bare.h", include_str!("../../cpp/bare.h")),
    ("clock_loop.h", include_str!("../../cpp/clock_loop.h")),
    ("events.h", include_str!("../../cpp/events.h")),
    ("hooks.cc", include_str!("../../cpp/hooks.cc")),
    ("hooks.h", include_str!("../../cpp/hooks.h")),
    ("model.cc", include_str!("../../cpp/model.cc")),
    ("model_api.h", include_str!("../../cpp/model_api.h")),
    ("pins.h", include_str!("../../cpp/pins.h")),
    ("rng.h", include_str!("../../cpp/rng.h")),
    ("sink.h", include_str!("../../cpp/sink.h")),
    ("snapshot.h", include_str!("../../cpp/snapshot.h")),
    ("streams.h", include_str!("../../cpp/streams.h")),
];

/// Reset state is random and drawn from the seed, so that nothing can lean on
/// zeros; assertions are on in every variant; warnings are the lint's business.
const VERILATOR_FLAGS: &[&str] = &[
    "--cc",
    "--prefix",
    "Vtop",
    "-O3",
    "--x-assign",
    "unique",
    "--x-initial",
    "unique",
    "--assert",
    "--no-timing",
    "--timescale-override",
    "1ps/1ps",
    "--output-split",
    "20000",
    "-Wno-fatal",
    "-Wno-lint",
    "-Wno-style",
];

/// The runtime's ways to end the process are taken over by `hooks.cc`. Symbols
/// stay inside: two models in one process must not share inline variables.
const CXX_FLAGS: &[&str] = &[
    "-std=c++17",
    "-w",
    "-fPIC",
    "-fvisibility=hidden",
    "-fvisibility-inlines-hidden",
    "-DVERILATOR=1",
    "-DVM_SC=0",
    "-DVL_TIME_CONTEXT",
    "-DVL_USER_STOP",
    "-DVL_USER_STOP_MAYBE",
    "-DVL_USER_FATAL",
    "-DVL_USER_FINISH",
    "-DVL_USER_WARN",
];
const FAST: &str = "-O2";
const SLOW: &str = "-O0";
/// In place of both when the build should be short; the runtime's objects are shared and stay fast.
const QUICK: &str = "-O0";

/// Models that stay in a cache: those used last. A run of every width and size needs about forty; each is 1 MB.
const KEPT: usize = 96;

struct Unit {
    source: PathBuf,
    object: PathBuf,
    optimise: &'static str,
}

impl Builder {
    /// A builder that keeps its models below `cache`.
    pub fn new(toolchain: Toolchain, cache: impl Into<PathBuf>) -> Self {
        let jobs = std::thread::available_parallelism().map_or(1, |n| n.get());
        Self { toolchain, cache: cache.into(), jobs, quick: false }
    }

    /// Sets how many units are compiled at a time; as many as there are processors otherwise.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// Models that are built in a fraction of the time and run slower: for those that are run once.
    pub fn quick(mut self) -> Self {
        self.quick = true;
        self
    }

    /// The tools in use.
    pub fn toolchain(&self) -> &Toolchain {
        &self.toolchain
    }

    /// Where [`build`](Self::build) puts the library of this model, or has put it.
    pub fn library_path(&self, spec: &ModelSpec) -> Result<PathBuf, Error> {
        Ok(self.dir_of(&self.key(spec, &spec.sources.resolve()?), spec).join("libmodel.so"))
    }

    /// Verilates and compiles the model unless its library exists already.
    ///
    /// Builds of one model exclude each other, also between processes, and a
    /// library appears complete or not at all.
    pub fn build(&self, spec: &ModelSpec) -> Result<Built, Error> {
        let sources = spec.sources.resolve()?;
        let key = self.key(spec, &sources);
        let dir = self.dir_of(&key, spec);
        let library = dir.join("libmodel.so");
        if library.is_file() {
            used(&library);
            return Ok(Built { library, fresh: false });
        }
        std::fs::create_dir_all(&self.cache).map_err(Error::io(&self.cache))?;
        let _lock = lock(&dir.with_extension("lock"))?;
        if library.is_file() {
            return Ok(Built { library, fresh: false });
        }
        let work = dir.with_extension("part");
        remove_dir(&work)?;
        std::fs::create_dir_all(&work).map_err(Error::io(&work))?;
        self.compile(spec, &sources, &work)?;
        // What it was made of is ten times its size.
        for entry in std::fs::read_dir(&work).map_err(Error::io(&work))?.filter_map(Result::ok) {
            if entry.file_name() != "libmodel.so" {
                std::fs::remove_file(entry.path()).map_err(Error::io(entry.path()))?;
            }
        }
        remove_dir(&dir)?;
        std::fs::rename(&work, &dir).map_err(Error::io(&dir))?;
        prune(&self.cache, KEPT);
        Ok(Built { library, fresh: true })
    }

    fn key(&self, spec: &ModelSpec, sources: &Resolved) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.common_key(spec.variant).as_bytes());
        hasher.update(spec.top.as_bytes());
        if self.quick {
            hasher.update(QUICK.as_bytes());
        }
        for (name, value) in &spec.params {
            hasher.update(format!(" {name}={value}").as_bytes());
        }
        for (name, text) in LOOP {
            hasher.update(format!(" {name} {}\n", text.len()).as_bytes());
            hasher.update(text.as_bytes());
        }
        for flag in VERILATOR_FLAGS {
            hasher.update(format!(" {flag}").as_bytes());
        }
        sources.hash(&mut hasher);
        hasher.finalize().to_hex()[..16].to_owned()
    }

    /// What the runtime's objects depend on too.
    fn common_key(&self, variant: Variant) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.toolchain.identity().as_bytes());
        hasher.update(self.toolchain.compiler_identity().as_bytes());
        for flag in CXX_FLAGS.iter().chain(variant.defines()).chain(variant.verilator_flags()).chain([&FAST, &SLOW]) {
            hasher.update(format!(" {flag}").as_bytes());
        }
        hasher.update(include_bytes!("../../cpp/hooks.h"));
        hasher.finalize().to_hex()[..16].to_owned()
    }

    fn dir_of(&self, key: &str, spec: &ModelSpec) -> PathBuf {
        self.cache.join(format!("{}-{key}", spec.variant.name()))
    }

    fn compile(&self, spec: &ModelSpec, sources: &Resolved, work: &Path) -> Result<(), Error> {
        if spec.variant == Variant::Trace {
            self.toolchain.require_header("zlib.h", "zlib1g-dev")?;
            self.toolchain.require_header("lz4.h", "liblz4-dev")?;
        }
        let include = self.toolchain.include_dir()?;
        let work = std::path::absolute(work).map_err(Error::io(work))?;
        self.verilate(spec, sources, &work)?;
        for (name, text) in LOOP {
            std::fs::write(work.join(name), text).map_err(Error::io(work.join(name)))?;
        }
        let lists = class_lists(&work.join("Vtop_classes.mk"))?;
        let mut units = Vec::new();
        let mut all = String::new();
        for (list, optimise) in
            [("VM_CLASSES_FAST", FAST), ("VM_SUPPORT_FAST", FAST), ("VM_CLASSES_SLOW", SLOW), ("VM_SUPPORT_SLOW", SLOW)]
        {
            for class in lists.get(list).into_iter().flatten() {
                let source = work.join(format!("{class}.cpp"));
                all += &format!("#include \"{class}.cpp\"\n");
                units.push(Unit { object: work.join(format!("{class}.o")), source, optimise });
            }
        }
        if self.quick {
            // One unit reads the headers once, which is most of the work.
            let source = work.join("Vtop__ALL.cpp");
            std::fs::write(&source, all).map_err(Error::io(&source))?;
            units = vec![Unit { object: work.join("Vtop__ALL.o"), source, optimise: QUICK }];
        }
        for name in ["model", "hooks"] {
            let source = work.join(format!("{name}.cc"));
            let optimise = if self.quick { QUICK } else { FAST };
            units.push(Unit { object: work.join(format!("{name}.o")), source, optimise });
        }
        write_build_header(&work, spec.variant)?;
        let mut objects = self.runtime(spec.variant, &lists, &include)?;
        self.compile_units(&mut units, spec.variant, &include, &work)?;
        objects.extend(units.into_iter().map(|u| u.object));
        self.link(spec.variant, &objects, &work.join("libmodel.so"))
    }

    fn verilate(&self, spec: &ModelSpec, sources: &Resolved, work: &Path) -> Result<(), Error> {
        let mut command = self.toolchain.verilator();
        command.current_dir(&sources.base).args(VERILATOR_FLAGS).args(spec.variant.verilator_flags());
        command.arg("--top-module").arg(&spec.top).arg("--Mdir").arg(work);
        for (name, value) in &spec.params {
            command.arg(format!("-G{name}={value}"));
        }
        for dir in &sources.incdirs {
            command.arg(format!("-I{}", dir.display()));
        }
        command.args(&sources.files);
        let output = command.output().map_err(Error::io("verilator"))?;
        if !output.status.success() {
            return Err(Error::Verilate { output: text_of(&output) });
        }
        undeclared(sources, &work.join("Vtop__ver.d"))
    }

    /// Objects of Verilator's runtime, compiled once for each toolchain and variant.
    fn runtime(
        &self,
        variant: Variant,
        lists: &BTreeMap<String, Vec<String>>,
        include: &Path,
    ) -> Result<Vec<PathBuf>, Error> {
        let names: Vec<&String> =
            ["VM_GLOBAL_FAST", "VM_GLOBAL_SLOW"].iter().filter_map(|l| lists.get(*l)).flatten().collect();
        let dir = self.cache.join(format!("runtime-{}-{}", variant.name(), self.common_key(variant)));
        let _lock = lock(&dir.with_extension("lock"))?;
        std::fs::create_dir_all(&dir).map_err(Error::io(&dir))?;
        let mut units = Vec::new();
        for name in &names {
            let object = dir.join(format!("{name}.o"));
            if !object.is_file() {
                let source = include.join(format!("{name}.cpp"));
                units.push(Unit { source, object: object.with_extension("part"), optimise: FAST });
            }
        }
        if !units.is_empty() {
            std::fs::write(dir.join("hooks.h"), include_str!("../../cpp/hooks.h")).map_err(Error::io(&dir))?;
            self.compile_units(&mut units, variant, include, &dir)?;
            for unit in &units {
                let object = unit.object.with_extension("o");
                std::fs::rename(&unit.object, &object).map_err(Error::io(object))?;
            }
        }
        Ok(names.iter().map(|name| dir.join(format!("{name}.o"))).collect())
    }

    fn compile_units(&self, units: &mut [Unit], variant: Variant, include: &Path, dir: &Path) -> Result<(), Error> {
        // Longest first, or the last job runs alone.
        let size =
            |u: &Unit| std::fs::metadata(&u.source).map_or(0, |m| m.len()) * if u.optimise == SLOW { 1 } else { 4 };
        units.sort_by_key(|u| std::cmp::Reverse(size(u)));
        let queue = Mutex::new(units.iter());
        let failure = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.min(units.len()) {
                scope.spawn(|| {
                    loop {
                        let Some(unit) = queue.lock().unwrap_or_else(|e| e.into_inner()).next() else { return };
                        if let Err(e) = self.compile_unit(unit, variant, include, dir) {
                            *failure.lock().unwrap_or_else(|e| e.into_inner()) = Some(e);
                            // Nothing that follows could be used.
                            queue.lock().unwrap_or_else(|e| e.into_inner()).by_ref().for_each(drop);
                        }
                    }
                });
            }
        });
        failure.into_inner().unwrap_or_else(|e| e.into_inner()).map_or(Ok(()), Err)
    }

    fn compile_unit(&self, unit: &Unit, variant: Variant, include: &Path, dir: &Path) -> Result<(), Error> {
        let mut command = self.toolchain.compiler();
        command.current_dir(dir).args(CXX_FLAGS).args(variant.defines()).arg(unit.optimise);
        if self.toolchain.compiler_is_gnu() {
            command.arg("-fno-gnu-unique");
        }
        command.arg("-I.").arg("-I").arg(include).arg("-I").arg(include.join("vltstd"));
        command.args(["-include", "hooks.h", "-c", "-o"]).arg(&unit.object).arg(&unit.source);
        run(command, &unit.source)
    }

    fn link(&self, variant: Variant, objects: &[PathBuf], library: &Path) -> Result<(), Error> {
        let mut command = self.toolchain.compiler();
        command.args(["-shared", "-pthread", "-Wl,-Bsymbolic", "-Wl,-z,defs", "-o"]).arg(library).args(objects);
        if variant == Variant::Trace {
            command.args(["-llz4", "-lz"]);
        }
        run(command, library)
    }
}

fn run(mut command: std::process::Command, unit: &Path) -> Result<(), Error> {
    let output = command.output().map_err(Error::io(command.get_program()))?;
    if output.status.success() {
        return Ok(());
    }
    let unit = unit.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Err(Error::Compile { unit, output: text_of(&output) })
}

fn text_of(output: &std::process::Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stdout));
    text
}

fn lock(path: &Path) -> Result<File, Error> {
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).map_err(Error::io(dir))?;
    let file = File::create(path).map_err(Error::io(path))?;
    flock(&file, FlockOperation::LockExclusive).map_err(|e| Error::io(path)(e.into()))?;
    Ok(file)
}

/// Notes that a model is in use: its library's time of change is that of its last use. Where that cannot be
/// written, the model merely looks older than it is.
fn used(library: &Path) {
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    let times = Timestamps { last_access: now, last_modification: now };
    let _ = utimensat(CWD, library, &times, AtFlags::empty());
}

/// Removes models of a cache beyond the `keep` that were used last. One that somebody is about to load is among
/// those; one that is loaded already lives on without its file. What cannot be removed stays.
fn prune(cache: &Path, keep: usize) {
    let mut models: Vec<(SystemTime, PathBuf)> = std::fs::read_dir(cache)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let dir = entry.ok()?.path();
            // Directories being written end in .part and have no library yet; those of the runtime have none at all.
            let changed = dir.join("libmodel.so").metadata().ok()?.modified().ok()?;
            dir.extension().is_none().then_some((changed, dir))
        })
        .collect();
    models.sort();
    let surplus = models.len().saturating_sub(keep);
    for (_, dir) in models.drain(..surplus) {
        let _ = std::fs::remove_dir_all(&dir);
        // Its lock stays: another process may be waiting on that very file.
    }
}

fn remove_dir(dir: &Path) -> Result<(), Error> {
    match std::fs::remove_dir_all(dir) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io(dir)(e)),
        _ => Ok(()),
    }
}

/// The lists of `Vtop_classes.mk`: `NAME += \`, one class a line.
fn class_lists(file: &Path) -> Result<BTreeMap<String, Vec<String>>, Error> {
    let text = std::fs::read_to_string(file).map_err(Error::io(file))?;
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if let Some((name, _)) = line.split_once(" += \\") {
            current = Some(name.trim().to_owned());
        } else if let (Some(name), Some(class)) = (&current, line.strip_prefix([' ', '\t'])) {
            let class = class.trim_end_matches('\\').trim();
            if !class.is_empty() {
                lists.entry(name.clone()).or_default().push(class.to_owned());
            }
        } else {
            current = None;
        }
    }
    Ok(lists)
}

/// `build.h`: what the clock loop is told about the generated model.
///
/// In the plain variant that is where Verilator keeps the clock's level of the
/// evaluation before, if there is one such place (`rearm` in `pins.h`).
fn write_build_header(work: &Path, variant: Variant) -> Result<(), Error> {
    let root = work.join("Vtop___024root.h");
    let text = std::fs::read_to_string(&root).map_err(Error::io(root))?;
    let mut before: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("__Vtrigprevexpr") || word.starts_with("__Vtrigrprev"))
        .collect();
    before.dedup();
    let define = match (variant, before.as_slice()) {
        (Variant::Plain, [one]) if one.contains("__TOP__clk_i") => format!("#define COSIM_CLK_BEFORE {one}\n"),
        _ => String::new(),
    };
    let header = work.join("build.h");
    std::fs::write(&header, format!("#pragma once\n{define}")).map_err(Error::io(header))
}

/// An error if Verilator read a file of the tree that is not in the key: changes
/// of it would go unnoticed.
fn undeclared(sources: &Resolved, dependencies: &Path) -> Result<(), Error> {
    let text = std::fs::read_to_string(dependencies).map_err(Error::io(dependencies))?;
    let read = text.split_once(" : ").map_or("", |(_, read)| read);
    for word in read.split_whitespace() {
        let path = Path::new(word);
        let in_tree = path.is_relative() && sources.base.join(path).is_file();
        if in_tree && !sources.contents.contains_key(path) {
            return Err(Error::Sources {
                file: sources.base.join(path),
                why: "is read by the RTL but named neither in the list of sources nor in a +incdir+".to_owned(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_models_used_last_stay() {
        let cache = tempfile::tempdir().unwrap();
        let library = |name: &str| cache.path().join(name).join("libmodel.so");
        for (age, name) in ["runtime-plain-1", "plain-4", "plain-3.part", "plain-2", "trace-1"].into_iter().enumerate()
        {
            std::fs::create_dir(cache.path().join(name)).unwrap();
            if !name.starts_with("runtime") {
                let file = File::create(library(name)).unwrap();
                file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(age as u64)).unwrap();
            }
        }
        std::fs::write(cache.path().join("plain-4.lock"), "").unwrap();
        used(&library("plain-2"));
        prune(cache.path(), 3);
        assert!(["plain-4", "plain-2", "trace-1"].iter().all(|name| library(name).is_file()));
        prune(cache.path(), 1);
        assert!(library("plain-2").is_file() && !library("plain-4").exists() && !library("trace-1").exists());
        for other in ["runtime-plain-1", "plain-3.part", "plain-4.lock"] {
            assert!(cache.path().join(other).exists(), "{other} is no model");
        }
    }
}
