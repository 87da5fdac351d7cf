// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The importer: odd traces are one error with its place and leave no file; good ones become checkable vectors.

use std::path::{Path, PathBuf};

use vectors::import::{Options, Summary, import, import_file};
use vectors::op::{Op, Place, ResetKind, Source, Status, Target};
use vectors::{trace, yaml};

/// A device with PM at 0x50 (No_Soft_Reset), MSI-X at 0x70, PCIe at 0x80 and a vendor capability at 0xc0; a 32-bit
/// BAR1 with the table at 0x1000 and the PBA at 0x1800; AER at 0x100.
const PROBE: &str = r#"{"mark":"kernel","what":"probe"}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x34","v":"0x50","n":1,"via":"cf8"}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x50","v":"0x7001","n":2}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x70","v":"0x11","n":1}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x71","v":"0x80","n":1}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x80","v":"0x0002c010","n":4}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0xc0","v":"0x09","n":2}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x54","v":"0x8","n":2}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x100","v":"0x10001","n":4}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x10","v":"0x1","n":4}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x14","v":"0x0","n":4}
{"t":1.0,"op":"cw","bdf":"03:00.0","reg":"0x14","v":"0xffffffff","n":4}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x14","v":"0xffffe000","n":4}
{"t":1.0,"op":"cw","bdf":"03:00.0","reg":"0x14","v":"0xfe402000","n":4}
{"t":1.0,"op":"cw","bdf":"03:00.0","reg":"0x4","v":"0x507","n":2}
{"t":1.0,"op":"map","bdf":"03:00.0","addr":"0xfe402000","size":"0x2000"}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x72","v":"0x7","n":2}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x74","v":"0x1001","n":4}
{"t":1.0,"op":"cr","bdf":"03:00.0","reg":"0x78","v":"0x1801","n":4}
{"t":1.0,"op":"cw","bdf":"03:00.0","reg":"0x72","v":"0xc007","n":2}
{"t":1.0,"op":"mw","bdf":"03:00.0","n":4,"v":"0xfee00318","rg":"tbl","e":2,"f":"alo","b":"1:0x1020"}
{"t":1.0,"op":"mw","bdf":"03:00.0","n":8,"v":"0x0","rg":"tbl","e":2,"f":"dat","b":"1:0x1028"}
{"t":1.0,"op":"cw","bdf":"03:00.0","reg":"0x72","v":"0x8007","n":2}
"#;

fn run(text: &str) -> (Vec<Op>, Summary) {
    let path = Path::new("trace.jsonl");
    let lines = trace::parse(path, text.as_bytes()).unwrap();
    let output = Path::new("out.yaml");
    let (text, summary) = import(path, &lines, None, output, &Options::default()).unwrap();
    (yaml::parse(output, &text).unwrap().steps, summary)
}

fn probe_and(more: &str) -> (Vec<Op>, Summary) {
    run(&format!("{PROBE}{more}"))
}

/// The error of a trace that cannot be used; nothing may have been written.
fn error(text: &[u8]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let input = directory.path().join("trace.jsonl");
    let output = directory.path().join("out.yaml");
    std::fs::write(&input, text).unwrap();
    let error = import_file(&input, &output, &Options::default()).unwrap_err();
    assert!(!output.exists());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "no other file is left either");
    let message = error.to_string();
    assert!(!message.contains('\n'), "{message}");
    let at = message.find("trace.jsonl").expect("the file is named");
    message[at..].to_owned()
}

/// An error in the third line.
fn third(line: &str) -> String {
    let head: Vec<&str> = PROBE.lines().take(2).collect();
    error(format!("{}\n{line}\n", head.join("\n")).as_bytes())
}

fn config(op: &Op) -> Option<(Place, u64)> {
    match op {
        Op::CfgRead(read) => Some((read.at.clone(), read.expect?)),
        _ => None,
    }
}

fn name(text: &str) -> Place {
    Place::Name(text.to_owned())
}

#[test]
fn broken_and_cut_lines() {
    assert_eq!(error(b""), "trace.jsonl:1:1: the trace is empty");
    assert_eq!(error(b"\n\n"), "trace.jsonl:1:1: the trace is empty");
    assert_eq!(third(r#"{"t":1.0,"op":"cr","bdf":"03:0"#), "trace.jsonl:3:30: the line is cut short");
    let message = third(r#"{"t":1.0,,"op":"cr"}"#);
    assert!(message.starts_with("trace.jsonl:3:10: "), "{message}");
    let message = third("[1, 2]");
    assert!(message.starts_with("trace.jsonl:3:"), "{message}");
    assert!(error(b"{\"mark\":1,\"what\":\"a\"}\n\xff\n").starts_with("trace.jsonl:2:1: not UTF-8"));
    assert_eq!(error(b"{\"mark\":1,\"what\":\"a\"}\n"), "trace.jsonl:1:1: the trace has no access of a function");
}

#[test]
fn unknown_operations_and_missing_values() {
    assert_eq!(third(r#"{"t":1.0,"op":"dma","bdf":"03:00.0"}"#), "trace.jsonl:3:10: `op`: unknown op \"dma\"");
    assert_eq!(third(r#"{"t":1.0,"bdf":"03:00.0"}"#), "trace.jsonl:3:1: `op` is missing");
    assert_eq!(third(r#"{"t":1.0,"op":"cr","bdf":"03:00.0","n":4,"v":"0x0"}"#), "trace.jsonl:3:1: `reg` is missing");
    assert_eq!(third(r#"{"op":"cr","bdf":"03:00.0","reg":"0x0","n":4,"v":"0x0"}"#), "trace.jsonl:3:1: `t` is missing");
    assert_eq!(third(r#"{"t":1,"op":"cr","reg":"0x0","n":4,"v":"0x0"}"#), "trace.jsonl:3:1: `bdf` is missing");
    assert_eq!(
        third(r#"{"t":1,"op":"msi","bdf":"03:00.0","a":"0xfee00000","d":"0x41","ta":"0xfee00000"}"#),
        "trace.jsonl:3:1: `td` is missing"
    );
    assert_eq!(third(r#"{"mark":3}"#), "trace.jsonl:3:1: `what` is missing");
}

#[test]
fn values_out_of_range() {
    let message = third(r#"{"t":1,"op":"cr","bdf":"03:00.0","reg":"0x1000","n":4,"v":"0x0"}"#);
    assert_eq!(message, "trace.jsonl:3:34: `reg`: offset 0x1000 is outside configuration space");
    let message = third(r#"{"t":1,"op":"cr","bdf":"03:00.0","reg":"0x2","n":4,"v":"0x0"}"#);
    assert_eq!(message, "trace.jsonl:3:34: `reg`: 4 bytes at 0x2 cross a double word");
    let message = third(r#"{"t":1,"op":"cr","bdf":"03:00.0","reg":"0x2","n":3,"v":"0x0"}"#);
    assert!(message.contains("`n`"), "{message}");
    let message = third(r#"{"t":1,"op":"cw","bdf":"03:00.0","reg":"0x2","n":2,"v":"0x12345"}"#);
    assert!(message.contains("`v`: 0x12345 does not fit in 2 bytes"), "{message}");
    let message = third(r#"{"t":1,"op":"cw","bdf":"03:00.0","reg":"-4","n":2,"v":"0x1"}"#);
    assert!(message.contains("`reg`: want a number"), "{message}");
    let entry = r#"{"t":1,"op":"mw","bdf":"03:00.0","n":4,"v":"0x0","rg":"tbl","e":2048,"f":"alo"}"#;
    assert!(third(entry).ends_with("`e`: entry 2048 is outside 0 to 2047"), "{}", third(entry));
    let field = r#"{"t":1,"op":"mw","bdf":"03:00.0","n":4,"v":"0x0","rg":"tbl","e":1,"f":"foo"}"#;
    assert!(third(field).ends_with("`f`: unknown field \"foo\""));
    let clash = r#"{"t":1,"op":"mw","bdf":"03:00.0","n":4,"v":"0x0","rg":"tbl","e":1,"f":"dat","b":"1:0x1010"}"#;
    assert!(third(clash).contains("`b`: offset 0x1010 is not in the field"));
    assert!(third(r#"{"t":1,"op":"cr","bdf":"03.0","reg":"0x0","n":4,"v":"0x0"}"#).contains("`bdf`"));
    // Inside 2047, but beyond the table of this device.
    let beyond = format!("{PROBE}{}\n", entry.replace("2048", "8"));
    assert!(error(beyond.as_bytes()).ends_with(":24:1: `e`: entry 8 is outside the recorded table of 8"));
}

#[test]
fn several_functions_need_a_choice() {
    let text = PROBE.replacen("03:00.0", "03:00.1", 1);
    let message = error(text.as_bytes());
    assert!(message.ends_with("several functions, choose one: 03:00.0, 03:00.1"), "{message}");
    let lines = trace::parse(Path::new("t"), text.as_bytes()).unwrap();
    let options = Options { function: Some("03:00.1".to_owned()), ..Options::default() };
    let (text, _) = import(Path::new("t"), &lines, None, Path::new("o.yaml"), &options).unwrap();
    assert!(text.contains("03:00.1"));
}

#[test]
fn offsets_follow_capabilities_and_kinds() {
    let (steps, summary) = probe_and("");
    let reads: Vec<_> = steps.iter().filter_map(config).collect();
    assert_eq!(reads[0], (name("cap_pointer"), 0x40));
    assert_eq!(reads[1], (name("pm"), 0x5001));
    assert_eq!(reads[2], (name("msix"), 0x11));
    assert_eq!(reads[3], (name("msix+0x1"), 0));
    assert_eq!(reads[4], (name("pcie"), 0x0002_9010));
    // A vendor capability reads as what is not there, and so does the I/O BAR.
    assert_eq!(reads[5], (Place::Number(0xc0), 0));
    assert_eq!(reads[7], (name("siov"), 0x1401_0023));
    // (our BAR1 is memory, so it stands where nothing is).
    assert_eq!(reads[8], (Place::Number(0x28), 0));
    // The BAR with the table is our BAR2, sized as ours.
    assert_eq!(reads[10], (name("bar2"), 0xffff_000c));
    assert!(reads.contains(&(name("msix+0x2"), 0x07ff)));
    assert!(reads.contains(&(name("msix+0x4"), 0x2)));
    assert_eq!(summary.reads_absent.values().sum::<usize>(), 2);
    // 8 KiB alignment is too little for our 64 KiB: another address, used throughout.
    assert_eq!(summary.aliases, 1);
    assert!(steps.contains(&Op::ExpectDecode { bar: 2, base: Some(0xe000_0000) }));
    assert!(summary.untranslated.is_empty());
}

#[test]
fn remapped_messages_program_their_entry_once() {
    let message = |t: &str, ta: &str, dest: &str, vec: &str| {
        format!(
            r#"{{"t":{t},"op":"msi","bdf":"03:00.0","a":"0xfee00318","d":"0x0","ta":"{ta}","td":"0x40{vec}","dest":"{dest}","vec":"0x{vec}","e":2}}
"#
        )
    };
    let (steps, summary) = probe_and(
        &[
            message("2.0", "0xfee01008", "1", "41"),
            message("2.1", "0xfee01008", "1", "41"),
            message("2.2", "0xfee06008", "6", "52"),
        ]
        .concat(),
    );
    assert_eq!((summary.messages, summary.remapping_entries), (3, 2));
    let interrupts: Vec<_> = steps
        .iter()
        .filter_map(|step| match step {
            Op::ExpectInterrupt { at, to, .. } => Some((*at, *to)),
            _ => None,
        })
        .collect();
    let one = (Source::Msix(2), Some(Target { cpu: 1, vector: 0x41 }));
    assert_eq!(interrupts, [one, one, (Source::Msix(2), Some(Target { cpu: 6, vector: 0x52 }))]);
    assert_eq!(steps.iter().filter(|step| matches!(step, Op::Iec { index: Some(24), .. })).count(), 2);
    // Remapping is on before the first message of that format is written into the table.
    let on = steps.iter().position(|step| matches!(step, Op::Remapping { compatibility: false, .. })).unwrap();
    let first = steps.iter().position(|step| matches!(step, Op::Write(_))).unwrap();
    assert_eq!(on + 1, first);
}

#[test]
fn messages_without_remapping_and_without_a_holder() {
    let (steps, summary) = probe_and(
        r#"{"t":2,"op":"mw","bdf":"03:00.0","n":4,"v":"0xfee02000","rg":"tbl","e":2,"f":"alo"}
{"t":2,"op":"mw","bdf":"03:00.0","n":4,"v":"0x61","rg":"tbl","e":2,"f":"dat"}
{"t":3,"op":"msi","bdf":"03:00.0","a":"0xfee02000","d":"0x61"}
{"t":3,"op":"msi","bdf":"03:00.0","a":"0xfee02000","d":"0x62","ta":null,"td":null,"dest":null,"vec":null,"e":null}
"#,
    );
    assert_eq!(summary.messages, 1);
    assert!(steps.iter().any(|step| matches!(
        step,
        Op::ExpectInterrupt { at: Source::Msix(2), to: Some(Target { cpu: 2, vector: 0x61 }), .. }
    )));
    assert!(!steps.iter().any(|step| matches!(step, Op::Remapping { .. })));
    assert_eq!(summary.untranslated.values().sum::<usize>(), 1);
    let stranded = |step: &Op| matches!(step, Op::Untranslated { reason, .. } if reason.contains("no table entry"));
    assert!(steps.iter().any(stranded));
}

#[test]
fn a_message_recorded_after_its_mask_is_raised_before_it() {
    let (steps, summary) = probe_and(
        r#"{"t":2.0,"op":"mw","bdf":"03:00.0","n":4,"v":"0x1","rg":"tbl","e":2,"f":"ctl"}
{"t":2.001,"op":"msi","bdf":"03:00.0","a":"0xfee00318","d":"0x0","dest":"1","vec":"65","e":2}
{"t":3.0,"op":"msi","bdf":"03:00.0","a":"0xfee00318","d":"0x0","dest":"1","vec":"65","e":2}
"#,
    );
    assert_eq!((summary.messages, summary.messages_moved), (1, 1));
    let raised = steps.iter().position(|step| matches!(step, Op::ExpectInterrupt { .. })).unwrap();
    assert!(matches!(&steps[raised + 1], Op::Write(write) if write.value == 1));
    assert!(matches!(steps.last(), Some(Op::Untranslated { reason, .. }) if reason.contains("closed")));
}

#[test]
fn a_function_level_reset_is_waited_for_and_forgets() {
    let (steps, _) = probe_and(
        r#"{"t":2,"op":"cw","bdf":"03:00.0","reg":"0x88","v":"0x8000","n":2}
{"t":2,"op":"cr","bdf":"03:00.0","reg":"0x4","v":"0x100000","n":4}
{"t":2,"op":"cr","bdf":"03:00.0","reg":"0x14","v":"0x0","n":4}
"#,
    );
    let tail = &steps[steps.len() - 4..];
    assert!(matches!(&tail[0], Op::CfgWrite(write) if write.at == name("pcie+0x8") && write.value == 0x8000));
    assert!(matches!(tail[1], Op::Wait(cycles) if cycles > 1 << 14));
    assert_eq!(config(&tail[2]), Some((name("command"), 0x0010_0000)));
    assert_eq!(config(&tail[3]), Some((name("bar2"), 0xc)));
}

#[test]
fn state_that_the_recorded_device_keeps_in_d3hot_is_restored() {
    let (steps, _) = probe_and(
        r#"{"t":2,"op":"cw","bdf":"03:00.0","reg":"0x54","v":"0xb","n":2}
{"t":2,"op":"cw","bdf":"03:00.0","reg":"0x54","v":"0x8","n":2}
{"t":2,"op":"cr","bdf":"03:00.0","reg":"0x4","v":"0x507","n":2}
{"t":2,"op":"mr","bdf":"03:00.0","n":4,"v":"0xfee00318","rg":"tbl","e":2,"f":"alo","b":"1:0x1020"}
{"t":2,"op":"cr","bdf":"03:00.0","reg":"0x72","v":"0x8007","n":2}
"#,
    );
    let reads: Vec<_> = steps.iter().filter_map(config).collect();
    assert!(reads.contains(&(name("command"), 0x507)));
    assert_eq!(reads.last(), Some(&(name("msix+0x2"), 0x87ff)));
    assert!(steps.iter().any(|step| matches!(step, Op::Read(read) if read.expect == Some(0xfee0_0318))));
}

#[test]
fn a_reset_from_outside_shows_in_what_is_read() {
    let (steps, summary) = probe_and(
        r#"{"t":2,"op":"unmap","bdf":"03:00.0","addr":"0xfe402000","size":"0x2000"}
{"t":2,"op":"cr","bdf":"03:00.0","reg":"0x4","v":"0x100000","n":4}
"#,
    );
    assert_eq!(summary.resets, 1);
    assert!(steps.contains(&Op::Reset(ResetKind::Hot)));
    assert_eq!(steps.iter().rev().find_map(config), Some((name("command"), 0x0010_0000)));
}

#[test]
fn accesses_while_decode_is_off_are_refused() {
    let (steps, _) = probe_and(
        r#"{"t":2,"op":"cw","bdf":"03:00.0","reg":"0x4","v":"0x0","n":2}
{"t":2,"op":"mr","bdf":"03:00.0","n":4,"v":"0xffffffff","rg":"tbl","e":2,"f":"alo"}
"#,
    );
    assert!(matches!(steps.last(), Some(Op::Read(read)) if read.status == Some(Status::Ur) && read.expect.is_none()));
}

#[test]
fn pending_bits_are_reproduced() {
    let (steps, _) = probe_and(
        r#"{"t":2,"op":"mr","bdf":"03:00.0","n":8,"v":"0x28","rg":"pba","e":0,"f":"pba","b":"1:0x1800"}
{"t":2,"op":"mw","bdf":"03:00.0","n":8,"v":"0x0","rg":"pba","b":"1:0x1800"}
"#,
    );
    let tail = &steps[steps.len() - 6..];
    assert!(matches!(tail[0], Op::Cause { at: Source::Msix(3), .. }));
    assert!(matches!(tail[1], Op::Cause { at: Source::Msix(5), .. }));
    assert!(matches!(&tail[2], Op::Read(read) if read.at == name("msix_pba") && read.expect == Some(0x28)));
    assert!(matches!(tail[3], Op::Withdraw { at: Source::Msix(3) }));
    assert!(matches!(tail[5], Op::Write(_)));
}

#[test]
fn the_remapping_units_own_trace_decides_when() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| -> PathBuf { directory.path().join(name) };
    let trace = format!(
        "{PROBE}{}\n",
        r#"{"t":5,"op":"msi","bdf":"03:00.0","a":"0xfee00318","d":"0x0","ta":"0xfee01008","td":"0x4041","dest":"1","vec":"65","e":2}"#
    );
    std::fs::write(path("trace.jsonl"), trace).unwrap();
    std::fs::write(
        path("vtd.jsonl"),
        r#"{"t":0.5,"op":"irta","raw":"addr 0x1300000 size 0x100"}
{"t":0.5,"op":"iren","raw":"enable 1"}
"#,
    )
    .unwrap();
    let options = Options { vtd: Some(path("vtd.jsonl")), function: None };
    import_file(&path("trace.jsonl"), &path("out-1.yaml"), &options).unwrap();
    let vector = yaml::load(&path("out-1.yaml")).unwrap();
    assert_eq!(vector.name, "out_1");
    assert!(matches!(vector.steps[1], Op::Remapping { size: 7, eime: false, compatibility: false }));
    std::fs::write(path("vtd.jsonl"), "{\"t\":0.5,\"op\":\"iren\",\"raw\":\"enable 2\"}\n").unwrap();
    let message = import_file(&path("trace.jsonl"), &path("out-1.yaml"), &options).unwrap_err().to_string();
    assert!(message.contains("vtd.jsonl:1:") && message.contains("enable 2"), "{message}");
}

#[test]
fn a_recording_that_begins_late_starts_from_what_it_shows() {
    let late: Vec<&str> = PROBE
        .lines()
        .filter(|line| !line.contains("\"cw\"") && !line.contains("\"mw\"") && !line.contains("\"map\""))
        .filter(|line| !line.contains("0xffffe000") && !line.contains(r#""reg":"0x14","v":"0x0""#))
        .filter(|line| !line.contains(r#""reg":"0x72""#))
        .collect();
    let text = format!(
        "{}\n{}",
        late.join("\n"),
        r#"{"t":2,"op":"cr","bdf":"03:00.0","reg":"0x14","v":"0xfe400000","n":4}
{"t":2,"op":"cr","bdf":"03:00.0","reg":"0x4","v":"0x100507","n":4}
{"t":2,"op":"msi","bdf":"03:00.0","a":"0xfee02000","d":"0x61","dest":"2","vec":"97","e":3}
"#
    );
    let (steps, summary) = run(&text);
    assert_eq!(summary.messages, 1);
    assert!(summary.untranslated.is_empty());
    // BAR, command, the three words of the entry that are not as after reset, and MSI-X on: the message shows it.
    assert!(matches!(&steps[0], Op::CfgWrite(write) if write.at == name("bar2") && write.value == 0xfe40_0000));
    assert!(matches!(&steps[1], Op::CfgWrite(write) if write.at == name("command") && write.value == 0x507));
    assert_eq!(summary.initial, 6);
    assert!(matches!(&steps[5], Op::CfgWrite(write) if write.at == name("msix+0x2") && write.value == 0x8000));
    assert!(matches!(steps.last(), Some(Op::ExpectInterrupt { at: Source::Msix(3), .. })));
}

#[test]
fn software_that_rewrites_open_entries_is_reported_by_the_bench() {
    let (steps, summary) = probe_and(
        r#"{"t":2,"op":"mw","bdf":"03:00.0","n":4,"v":"0xfee02000","rg":"tbl","e":2,"f":"alo"}
{"t":2,"op":"mw","bdf":"03:00.0","n":4,"v":"0x61","rg":"tbl","e":2,"f":"dat"}
"#,
    );
    assert_eq!(summary.rewrites_open, 2);
    assert_eq!(steps.last(), Some(&Op::ExpectFinding("rewrite_unmasked".to_owned())));
}
