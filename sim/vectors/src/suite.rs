// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Finding vector files: a file, or every `*.yaml` below a directory, in the order of their paths.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::op::Vector;
use crate::{VectorError, yaml};

/// A vector and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The file.
    pub path: PathBuf,
    /// Its content.
    pub vector: Vector,
}

/// Every vector file under the given files and directories, without reading them: sorted, each once.
///
/// # Errors
/// A path does not exist or cannot be listed.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, VectorError> {
    let mut found = Vec::new();
    for path in paths {
        collect(path, true, &mut found)?;
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn collect(path: &Path, named: bool, found: &mut Vec<PathBuf>) -> Result<(), VectorError> {
    let unreadable = |error: std::io::Error| VectorError::file(path, format!("cannot be read: {error}"));
    if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            collect(&entry.map_err(unreadable)?.path(), false, found)?;
        }
    } else if named || path.extension().is_some_and(|extension| extension == "yaml") {
        found.push(path.to_owned());
    }
    Ok(())
}

/// Loads every vector under the paths whose name the filter accepts, in the order of their paths.
///
/// # Errors
/// The first file that cannot be used; two files with the same name.
pub fn load(paths: &[PathBuf], filter: Option<&str>) -> Result<Vec<Loaded>, VectorError> {
    let mut names: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut loaded = Vec::new();
    for path in find(paths)? {
        let vector = yaml::load(&path)?;
        if let Some(other) = names.insert(vector.name.clone(), path.clone()) {
            let message = format!("name {} is already taken by {}", vector.name, other.display());
            return Err(VectorError::file(&path, message));
        }
        if filter.is_none_or(|filter| accepts(filter, &vector.name)) {
            loaded.push(Loaded { path, vector });
        }
    }
    Ok(loaded)
}

/// Whether a name passes a filter: a glob when it contains `*` or `?`, which must cover the whole name, otherwise a
/// part of the name.
pub fn accepts(filter: &str, name: &str) -> bool {
    if filter.contains(['*', '?']) { glob(filter.as_bytes(), name.as_bytes()) } else { name.contains(filter) }
}

/// `*` any run, `?` any one byte; names are ASCII.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    // Where to resume when a later part fails: behind the last `*`, one name byte further.
    let (mut p, mut n, mut resume) = (0, 0, None);
    loop {
        match pattern.get(p) {
            Some(b'*') => {
                resume = Some((p + 1, n));
                p += 1;
                continue;
            }
            Some(byte) if name.get(n).is_some_and(|other| *byte == b'?' || byte == other) => {
                p += 1;
                n += 1;
                continue;
            }
            None if n == name.len() => return true,
            _ => {}
        }
        match resume {
            Some((after, from)) if from < name.len() => {
                resume = Some((after, from + 1));
                p = after;
                n = from + 1;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::accepts;

    #[test]
    fn filters() {
        assert!(accepts("mask", "msix_mask_pending"));
        assert!(!accepts("maskk", "msix_mask_pending"));
        assert!(accepts("msix_*", "msix_mask"));
        assert!(!accepts("msix_*", "a_msix_mask"));
        assert!(accepts("*_mask", "msix_mask_mask"));
        assert!(accepts("m?ix*ma*k", "msix_mask"));
        assert!(!accepts("m?ix", "msix_mask"));
        assert!(accepts("*", ""));
        assert!(!accepts("?", ""));
    }
}
