// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Vectors: typed operations and their YAML form. Knows the link's vocabulary, no model.

pub mod op;
