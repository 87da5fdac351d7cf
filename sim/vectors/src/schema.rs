// SPDX-License-Identifier: Apache-2.0 OR MIT
//! JSON schema of a vector file, for editors that complete and check while one types.

use crate::op::Vector;

/// Where the schema is kept, from the repository's root.
pub const PATH: &str = "vectors/schema/vector.schema.json";

/// The schema's text, with a final newline.
pub fn text() -> String {
    let schema = schemars::schema_for!(Vector);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}
