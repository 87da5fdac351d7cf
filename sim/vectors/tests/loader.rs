// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The loader points at what is wrong: file, line, column, path.

use std::path::{Path, PathBuf};

use vectors::{suite, yaml};

const HEAD: &str = "name: t\nintent: Shows the loader.\nsteps:\n";

/// The message for a vector with these steps, which start on line 4.
fn error(steps: &str) -> String {
    yaml::parse(Path::new("t.yaml"), &format!("{HEAD}{steps}")).unwrap_err().to_string()
}

#[test]
fn a_good_vector_survives_the_round_trip() {
    let text = format!(
        "{HEAD}  - enumerate
  - remapping: {{ size: 7 }}
  - connect: {{ at: {{ msix: 5 }}, to: {{ cpu: 1, vector: 0x41 }} }}
  - cfg_read: {{ at: msix+2, len: 2, expect: 0x87ff }}
  - read: {{ at: 0xfe000000, len: 8, expect: 0xffffffff00000000, mask: 0xffffffff00000000 }}
  - function_mask: true
  - wait: 100
  - repeat: {{ times: 3, steps: [settle, {{ cause: {{ at: {{ host: 7 }}, times: 2 }} }}] }}
  - race:
      offsets: [-4, 4]
      cause: {{ device: 1 }}
      write: {{ at: ims_slots+0x1c, value: 1 }}
      then: [settle]
  - expect_finding: stale
"
    );
    let vector = yaml::parse(Path::new("t.yaml"), &text).unwrap();
    assert_eq!(vector.steps.len(), 10);
    let again = yaml::to_string(&vector).unwrap();
    assert_eq!(yaml::parse(Path::new("t.yaml"), &again).unwrap(), vector, "{again}");
}

#[test]
fn unknown_operations_and_keys_have_a_place() {
    let message = error("  - enumerate\n  - caus: { at: { msix: 5 } }\n");
    assert!(message.starts_with("t.yaml:5:5: ") && message.contains("caus"), "{message}");
    let message = error("  - cause: { at: { msix: 5 }, tmes: 2 }\n");
    assert!(message.starts_with("t.yaml:4:") && message.contains("tmes"), "{message}");
    let message = yaml::parse(Path::new("t.yaml"), &format!("nane: t\n{HEAD}  - settle\n")).unwrap_err().to_string();
    assert!(message.starts_with("t.yaml:1:1: ") && message.contains("nane"), "{message}");
}

#[test]
fn types_and_widths_have_a_place() {
    let message = error("  - connect: { at: { msix: 5 }, to: { cpu: 1, vector: 300 } }\n");
    assert!(message.starts_with("t.yaml:4:") && message.contains("300"), "{message}");
    let message = error("  - enumerate\n  - wait: soon\n");
    assert!(message.starts_with("t.yaml:5:11: ") && message.contains("soon"), "{message}");
}

#[test]
fn values_out_of_range_are_pointed_at_exactly() {
    let message = error("  - enumerate\n  - connect: { at: { msix: 2048 }, to: { cpu: 0, vector: 64 } }\n");
    assert_eq!(message, "t.yaml:5:28: steps[1].connect.at.msix: 2048 is outside 0 to 2047");
    let message = error("  - connect: { at: { msix: 1 }, to: { cpu: 4, vector: 64 } }\n");
    assert_eq!(message, "t.yaml:4:44: steps[0].connect.to.cpu: 4 is outside 0 to 3");
    let message = error("  - repeat:\n      times: 2\n      steps:\n        - settle\n        - wait: 0\n");
    assert_eq!(message, "t.yaml:8:17: steps[0].repeat.steps[1].wait: 0 is outside 1 to 10000000000");
}

#[test]
fn names_and_widths_of_accesses_are_checked() {
    let message = error("  - read: { at: hs_statuss }\n");
    assert!(message.starts_with("t.yaml:4:17: steps[0].read.at: \"hs_statuss\""), "{message}");
    let message = error("  - cfg_read: { at: command, len: 2, expect: 0x12345 }\n");
    assert_eq!(message, "t.yaml:4:46: steps[0].cfg_read.expect: 0x12345 does not fit in 2 bytes");
    let message = error("  - cfg_read: { at: 0x3, len: 2 }\n");
    assert_eq!(message, "t.yaml:4:21: steps[0].cfg_read.at: 2 bytes at 0x3 cross a double word");
    let message = error("  - write: { at: bar2, len: 3, value: 0 }\n");
    assert_eq!(message, "t.yaml:4:29: steps[0].write.len: 3 is none of [1, 2, 4, 8]");
}

#[test]
fn a_missing_value_is_placed_at_its_owner() {
    let message = error("  - cause: { times: 2 }\n");
    assert!(message.starts_with("t.yaml:4:") && message.contains("missing field `at`"), "{message}");
}

#[test]
fn broken_yaml_empty_files_and_other_bytes_are_one_message() {
    let message = error("  - cause: { at: { msix: 5 }\n");
    assert!(message.starts_with("t.yaml:") && !message.contains('\n'), "{message}");
    assert_eq!(yaml::parse(Path::new("t.yaml"), " \n").unwrap_err().to_string(), "t.yaml:1:1: the file is empty");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.yaml");
    std::fs::write(&path, b"name: t\nintent: \xff\n").unwrap();
    let message = yaml::load(&path).unwrap_err().to_string();
    assert!(message.ends_with("t.yaml:2: not UTF-8 text"), "{message}");
    let message = yaml::load(&directory.path().join("none.yaml")).unwrap_err().to_string();
    assert!(message.contains("none.yaml: cannot be read"), "{message}");
}

#[test]
fn the_name_is_the_files() {
    let message = yaml::parse(Path::new("other.yaml"), &format!("{HEAD}  - settle\n")).unwrap_err().to_string();
    assert_eq!(message, "other.yaml:1:7: name: \"t\" is not the file's name, other");
}

#[test]
fn equal_names_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    for folder in ["a", "b"] {
        std::fs::create_dir(directory.path().join(folder)).unwrap();
        std::fs::write(directory.path().join(folder).join("t.yaml"), format!("{HEAD}  - settle\n")).unwrap();
    }
    let message = suite::load(&[directory.path().to_owned()], None).unwrap_err().to_string();
    assert!(message.contains("b/t.yaml: name t is already taken by") && message.contains("a/t.yaml"), "{message}");
}

fn committed() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors")).to_owned()
}

#[test]
fn every_committed_vector_loads_and_names_are_unique() {
    let folders: Vec<PathBuf> = ["directed", "linux", "regress"]
        .iter()
        .map(|name| committed().join(name))
        .filter(|path| path.exists())
        .collect();
    match suite::load(&folders, None) {
        Ok(loaded) => assert!(!loaded.is_empty()),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_committed_schema_is_fresh() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(vectors::schema::PATH);
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == vectors::schema::text(), "stale: run `cargo run -q -p vectors --example schema`");
}
