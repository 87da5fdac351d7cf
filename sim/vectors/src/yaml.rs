// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Vector files as YAML: the only module that names the YAML library.
//!
//! Reading is strict: unknown keys, wrong types, out-of-range values and misspelt names are refused, with file, line,
//! column and the path of the key (`steps[3].cause.at.msix`). An operation is a one-key map or a bare name, not a tag.

use std::fmt::Write as _;
use std::path::Path;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_yaml::with::singleton_map_recursive as one_key;

use crate::VectorError;
use crate::check::{self, Problem, Segment};
use crate::op::Vector;

/// Reads and checks a vector file.
///
/// # Errors
/// The file cannot be read, or is no valid vector.
pub fn load(path: &Path) -> Result<Vector, VectorError> {
    let bytes = std::fs::read(path).map_err(|error| VectorError::file(path, format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        VectorError::at(path, line + 1, 0, "not UTF-8 text")
    })?;
    parse(path, &text)
}

/// Reads and checks the text of a vector file; `path` is for messages and for the name, which must be its stem.
///
/// # Errors
/// The text is no valid vector.
pub fn parse(path: &Path, text: &str) -> Result<Vector, VectorError> {
    let vector: Vector = read(path, text)?;
    let stem = path.file_stem().and_then(|stem| stem.to_str()).map(check::name_of_stem);
    match check::vector(&vector, stem.as_deref()) {
        Ok(()) => Ok(vector),
        Err(problem) => Err(place(path, text, &problem)),
    }
}

/// Reads a text of any strict type.
pub(crate) fn read<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, VectorError> {
    if text.trim().is_empty() {
        return Err(VectorError::at(path, 1, 1, "the file is empty"));
    }
    one_key::deserialize(serde_yaml::Deserializer::from_str(text)).map_err(|error| yaml_error(path, &error, &[]))
}

/// A problem with its place in the text.
pub(crate) fn place(path: &Path, text: &str, problem: &Problem) -> VectorError {
    let (line, column) = locate(text, &problem.path);
    let mut message = check::path_text(&problem.path);
    if !message.is_empty() {
        message.push_str(": ");
    }
    message.push_str(&problem.message);
    VectorError::at(path, line, column, message)
}

/// The vector as YAML, in block style.
///
/// # Errors
/// Never for a vector that [`parse`] accepts.
pub fn to_string(vector: &Vector) -> Result<String, VectorError> {
    let mut out = Vec::new();
    one_key::serialize(vector, &mut serde_yaml::Serializer::new(&mut out))
        .map_err(|error| VectorError::file(Path::new(&vector.name), error.to_string()))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The library puts the position behind the message; we put it in front.
fn yaml_error(path: &Path, error: &serde_yaml::Error, prefix: &[Segment]) -> VectorError {
    let mut message = check::path_text(prefix);
    if !message.is_empty() {
        message.push_str(": ");
    }
    let text = error.to_string();
    let (line, column) = error.location().map_or((0, 0), |location| (location.line(), location.column()));
    let text = match text.rfind(" at line ") {
        Some(end) if line > 0 => &text[..end],
        _ => &text,
    };
    // One line, whatever the library says.
    let _ = write!(message, "{}", text.replace('\n', " "));
    VectorError::at(path, line, column, message)
}

/// Line and column of the node that a path leads to, or of its nearest ancestor; (0, 0) when even that is unknown.
///
/// The typed value has lost its position. Walking the text once more along the path and failing on purpose at its end
/// makes the library report where that is.
fn locate(text: &str, path: &[Segment]) -> (usize, usize) {
    for length in (0..=path.len()).rev() {
        let outcome = Locate(&path[..length]).deserialize(serde_yaml::Deserializer::from_str(text));
        if let Err(error) = outcome
            && error.to_string().contains(HERE)
            && let Some(location) = error.location()
        {
            return (location.line(), location.column());
        }
    }
    (0, 0)
}

/// No vector contains this.
const HERE: &str = "\u{1}here\u{1}";

/// Walks to the end of a path and fails there.
struct Locate<'a>(&'a [Segment]);

impl<'de> DeserializeSeed<'de> for Locate<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Locate<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.0.split_first() else { return Err(A::Error::custom(HERE)) };
        while let Some(key) = map.next_key::<String>()? {
            if matches!(first, Segment::Key(wanted) if *wanted == key) {
                map.next_value_seed(Locate(rest))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.0.split_first() else { return Err(A::Error::custom(HERE)) };
        let Segment::Index(wanted) = first else { return while_some(&mut seq) };
        for _ in 0..*wanted {
            if seq.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        seq.next_element_seed(Locate(rest))?;
        while_some(&mut seq)
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.scalar()
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.scalar()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.scalar()
    }
}

impl Locate<'_> {
    fn scalar<E: serde::de::Error>(self) -> Result<(), E> {
        if self.0.is_empty() { Err(E::custom(HERE)) } else { Ok(()) }
    }
}

/// Reads the rest of a sequence, so that the parser ends in step.
fn while_some<'de, A: SeqAccess<'de>>(seq: &mut A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}
