// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What is wrong with an input file, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// A file that cannot be used. Displayed as `file:line:column: message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorError {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Line, from 1; 0 when the problem has no line.
    pub line: usize,
    /// Column in characters, from 1; 0 when the problem has no column.
    pub column: usize,
    /// What is wrong, in one line.
    pub message: String,
}

impl VectorError {
    /// A problem of the file as a whole.
    pub fn file(file: &Path, message: impl Into<String>) -> Self {
        Self::at(file, 0, 0, message)
    }

    /// A problem at a place in the file.
    pub fn at(file: &Path, line: usize, column: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, column, message: message.into() }
    }
}

impl fmt::Display for VectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
            if self.column > 0 {
                write!(f, "{}:", self.column)?;
            }
        }
        write!(f, " {}", self.message)
    }
}

impl std::error::Error for VectorError {}
