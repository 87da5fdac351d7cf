// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A copy of the RTL with a fault in it.

use super::Mutant;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// Text of the file that `m` changes, changed.
///
/// # Errors
/// The file is not there, or its text does not have the place exactly once.
pub fn changed(m: &Mutant, rtl: &Path) -> Result<String> {
    let file = rtl.join(&m.file);
    let text = std::fs::read_to_string(&file).with_context(|| format!("{}: {}", m.path.display(), file.display()))?;
    match text.matches(&m.find).count() {
        1 => Ok(text.replacen(&m.find, &m.replace, 1)),
        n => bail!(
            "{}: mutant {} no longer fits: its text is in {} {n} times, it must be there once",
            m.path.display(),
            m.name,
            file.display()
        ),
    }
}

/// Copies the tree `rtl` to `dir`/rtl, with the fault; the copy. What stood there before is gone.
///
/// # Errors
/// The mutant does not fit; reading or writing fails.
pub fn plant(m: &Mutant, rtl: &Path, dir: &Path) -> Result<PathBuf> {
    let text = changed(m, rtl)?;
    let copy = dir.join("rtl");
    if copy.exists() {
        std::fs::remove_dir_all(&copy).with_context(|| copy.display().to_string())?;
    }
    copy_tree(rtl, &copy)?;
    let file = copy.join(&m.file);
    std::fs::write(&file, text).with_context(|| file.display().to_string())?;
    Ok(copy)
}

/// Copies a directory with all that is in it.
pub(super) fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for entry in std::fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).with_context(|| entry.path().display().to_string())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(find: &str) -> Mutant {
        Mutant {
            name: "m".into(),
            intent: "i".into(),
            file: "a/b.sv".into(),
            find: find.into(),
            replace: "two".into(),
            expect: vec!["x".into()],
            tests: vec![],
            path: "m.yaml".into(),
        }
    }

    #[test]
    fn the_copy_has_the_fault_and_the_source_has_not() {
        let dir = tempfile::tempdir().expect("a directory");
        let rtl = dir.path().join("rtl");
        std::fs::create_dir_all(rtl.join("a")).expect("made");
        std::fs::write(rtl.join("a/b.sv"), "one three three").expect("written");
        std::fs::write(rtl.join("rtl.f"), "a/b.sv").expect("written");
        let copy = plant(&mutant("one"), &rtl, &dir.path().join("m")).expect("planted");
        assert_eq!(std::fs::read_to_string(copy.join("a/b.sv")).expect("read"), "two three three");
        assert_eq!(std::fs::read_to_string(copy.join("rtl.f")).expect("read"), "a/b.sv");
        assert_eq!(std::fs::read_to_string(rtl.join("a/b.sv")).expect("read"), "one three three");
        for (find, times) in [("four", "0 times"), ("three", "2 times")] {
            let e = plant(&mutant(find), &rtl, &dir.path().join("m")).expect_err("does not fit").to_string();
            assert!(e.contains(times) && e.contains("m.yaml") && e.contains("b.sv"), "{e}");
        }
    }
}
