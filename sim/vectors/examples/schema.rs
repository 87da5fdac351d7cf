// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Writes the JSON schema of vector files: `cargo run -q -p vectors --example schema`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(vectors::schema::PATH);
    std::fs::write(path, vectors::schema::text())
}
