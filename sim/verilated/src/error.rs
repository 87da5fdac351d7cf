// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What can go wrong between RTL sources and a running model.

use std::path::PathBuf;

/// Why a model could not be built, loaded or driven.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A tool or a header of the machine is missing: nothing is wrong with the project.
    #[error("{missing}\nrun: {fix}")]
    Setup {
        /// What is missing, one sentence.
        missing: String,
        /// The one line that brings it.
        fix: String,
    },
    /// The list of sources, or a file in it, cannot be used.
    #[error("{file}: {why}", file = .file.display())]
    Sources {
        /// The file.
        file: PathBuf,
        /// What about it.
        why: String,
    },
    /// Verilator refused the sources.
    #[error("verilator failed:\n{output}")]
    Verilate {
        /// Its messages.
        output: String,
    },
    /// The C++ that Verilator generated, or the clock loop, did not compile or link.
    #[error("compiling {unit} failed:\n{output}")]
    Compile {
        /// The unit.
        unit: String,
        /// The compiler's messages.
        output: String,
    },
    /// A file of the build could not be read or written.
    #[error("{file}: {source}", file = .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The library of the model could not be loaded, or the model stopped.
    #[error("model: {0}")]
    Model(String),
}

impl Error {
    /// True if the machine lacks something that the set-up brings.
    pub fn is_setup(&self) -> bool {
        matches!(self, Error::Setup { .. })
    }

    pub(crate) fn io(file: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
        let file = file.into();
        move |source| Error::Io { file, source }
    }
}

impl From<cxx::Exception> for Error {
    fn from(e: cxx::Exception) -> Self {
        Error::Model(e.what().to_owned())
    }
}
