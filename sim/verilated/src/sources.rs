// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The RTL's list of sources (`rtl/rtl.f`) and the files it names.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::Error;

/// An RTL tree.
///
/// Verilator runs in `base`, so that file names in messages and coverage are
/// relative to it: trees of equal content give equal models wherever they lie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sources {
    /// Directory against which file names are given.
    pub base: PathBuf,
    /// The list of sources, relative to `base`: one file a line, in the order of
    /// compilation, relative to the list; `+incdir+<dir>`, `-F <list>`, and
    /// comments behind `//` or `#`.
    pub list: PathBuf,
}

/// The sources as Verilator gets them, and their contents.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) base: PathBuf,
    /// Relative to `base`, in order.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) incdirs: Vec<PathBuf>,
    /// Contents of `files` and of the headers in `incdirs`.
    pub(crate) contents: BTreeMap<PathBuf, Vec<u8>>,
}

impl Sources {
    /// The project's RTL: `rtl/rtl.f` below `base`.
    pub fn project(base: impl Into<PathBuf>) -> Self {
        Self { base: base.into(), list: PathBuf::from("rtl/rtl.f") }
    }

    /// The tree in `dir`, the directory that holds `rtl.f`; file names begin with
    /// the name of that directory.
    pub fn tree(dir: &Path) -> Self {
        match (dir.parent(), dir.file_name()) {
            (Some(base), Some(name)) => Self { base: base.to_owned(), list: Path::new(name).join("rtl.f") },
            _ => Self { base: dir.to_owned(), list: PathBuf::from("rtl.f") },
        }
    }

    pub(crate) fn resolve(&self) -> Result<Resolved, Error> {
        let base = std::path::absolute(&self.base).map_err(Error::io(&self.base))?;
        let mut resolved = Resolved { base, files: Vec::new(), incdirs: Vec::new(), contents: BTreeMap::new() };
        resolved.read_list(&self.list)?;
        if resolved.files.is_empty() {
            let file = resolved.base.join(&self.list);
            return Err(Error::Sources { file, why: "names no sources".to_owned() });
        }
        resolved.read()?;
        Ok(resolved)
    }
}

impl Resolved {
    fn read_list(&mut self, list: &Path) -> Result<(), Error> {
        let full = self.base.join(list);
        let text = std::fs::read_to_string(&full).map_err(Error::io(&full))?;
        let dir = list.parent().unwrap_or(Path::new(""));
        for (number, line) in text.lines().enumerate() {
            let mut words = line.split("//").next().unwrap_or_default().split_whitespace();
            while let Some(word) = words.next() {
                let refuse = |why: &str| Error::Sources {
                    file: full.clone(),
                    why: format!("line {}: '{word}' {why}", number + 1),
                };
                if word.starts_with('#') {
                    break;
                } else if let Some(dirs) = word.strip_prefix("+incdir+") {
                    self.incdirs.extend(dirs.split('+').map(|d| normal(&dir.join(d))));
                } else if word == "-F" {
                    let inner = words.next().ok_or_else(|| refuse("names no list"))?;
                    self.read_list(&normal(&dir.join(inner)))?;
                } else if word.starts_with(['+', '-']) {
                    return Err(refuse("is not understood"));
                } else {
                    let file = normal(&dir.join(word));
                    // Two lists may need the same leaf; the first place counts.
                    if !self.files.contains(&file) {
                        self.files.push(file);
                    }
                }
            }
        }
        Ok(())
    }

    fn read(&mut self) -> Result<(), Error> {
        let mut paths = self.files.clone();
        for dir in &self.incdirs {
            let full = self.base.join(dir);
            for entry in std::fs::read_dir(&full).map_err(Error::io(&full))? {
                let name = entry.map_err(Error::io(&full))?.file_name();
                let path = dir.join(name);
                if path.extension().is_some_and(|e| e == "svh" || e == "vh") {
                    paths.push(path);
                }
            }
        }
        for path in paths {
            let full = self.base.join(&path);
            let bytes = std::fs::read(&full).map_err(Error::io(full))?;
            self.contents.insert(path, bytes);
        }
        Ok(())
    }

    /// Everything that decides what Verilator reads, into a hash.
    pub(crate) fn hash(&self, hasher: &mut blake3::Hasher) {
        let mut field = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        for path in self.files.iter().chain(&self.incdirs) {
            field(path.as_os_str().as_encoded_bytes());
        }
        for (path, bytes) in &self.contents {
            field(path.as_os_str().as_encoded_bytes());
            field(bytes);
        }
    }
}

/// Removes `.` and resolves `..` by name.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("rtl/inc")).unwrap();
        std::fs::write(dir.path().join("rtl/rtl.f"), "# list\n+incdir+inc\na.sv // first\n-F b.f\n").unwrap();
        std::fs::write(dir.path().join("rtl/b.f"), "a.sv\n./b.sv\n").unwrap();
        std::fs::write(dir.path().join("rtl/a.sv"), "module a; endmodule\n").unwrap();
        std::fs::write(dir.path().join("rtl/b.sv"), "module b; endmodule\n").unwrap();
        std::fs::write(dir.path().join("rtl/inc/c.svh"), "`define C 1\n").unwrap();
        dir
    }

    fn hash(dir: &Path) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        Sources::project(dir).resolve().unwrap().hash(&mut hasher);
        hasher.finalize()
    }

    #[test]
    fn a_list_is_resolved_in_order() {
        let dir = tree();
        let resolved = Sources::project(dir.path()).resolve().unwrap();
        assert_eq!(resolved.files, [PathBuf::from("rtl/a.sv"), PathBuf::from("rtl/b.sv")]);
        assert_eq!(resolved.incdirs, [PathBuf::from("rtl/inc")]);
        assert_eq!(resolved.contents.len(), 3);
        assert_eq!(Sources::tree(&dir.path().join("rtl")), Sources::project(dir.path()));
    }

    #[test]
    fn the_hash_depends_on_content_and_order_and_not_on_the_place() {
        let (one, two) = (tree(), tree());
        assert_eq!(hash(one.path()), hash(two.path()));
        std::fs::write(two.path().join("rtl/inc/c.svh"), "`define C 2\n").unwrap();
        assert_ne!(hash(one.path()), hash(two.path()));
        let three = tree();
        std::fs::write(three.path().join("rtl/rtl.f"), "+incdir+inc\nb.sv\na.sv\n").unwrap();
        assert_ne!(hash(one.path()), hash(three.path()));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let dir = tree();
        std::fs::write(dir.path().join("rtl/rtl.f"), "a.sv\n-y lib\n").unwrap();
        let error = Sources::project(dir.path()).resolve().unwrap_err();
        assert!(error.to_string().contains("line 2: '-y'"), "{error}");
    }
}
