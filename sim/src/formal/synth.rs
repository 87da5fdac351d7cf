// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Synthesis for Xilinx and ECP5 with Yosys, and place and route for ECP5 with nextpnr: sizes, memories, latches, loops.

use super::kept::{Kept, Key};
use super::tool::{install, job};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;
use vectors::suite::accepts;

/// A device to be synthesised.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Its name in the table.
    pub name: &'static str,
    /// Top module.
    pub top: &'static str,
    /// List of its sources below rtl/.
    pub list: &'static str,
    /// Parameters that differ from their defaults.
    pub params: &'static [(&'static str, u32)],
    /// Place and route too.
    pub route: bool,
    /// Part of the short form.
    pub small: bool,
}

const SMALL: &[(&str, u32)] = &[
    ("NumMsix", 64),
    ("NumDevSlots", 64),
    ("NumHostSlots", 4096),
    ("HostCacheLines", 64),
    ("MaxFetches", 4),
    ("NumVfs", 0),
];
const NARROW: &[(&str, u32)] = &[
    ("DataW", 64),
    ("NumMsix", 64),
    ("NumDevSlots", 64),
    ("NumHostSlots", 4096),
    ("HostCacheLines", 64),
    ("MaxFetches", 4),
    ("NumHandles", 64),
    ("DmaLanes", 1),
    ("NumVfs", 0),
];

/// What `make synth` goes through.
pub const SIZES: &[Size] = &[
    Size { name: "smallest core", top: "ims_irq_core", list: "irq.f", params: SMALL, route: true, small: true },
    Size { name: "default core", top: "ims_irq_core", list: "irq.f", params: &[], route: true, small: false },
    Size { name: "smallest endpoint", top: "ims_endpoint", list: "rtl.f", params: NARROW, route: true, small: false },
    Size {
        name: "default endpoint, no virtual functions",
        top: "ims_endpoint",
        list: "rtl.f",
        params: &[("NumVfs", 0)],
        // For the area that virtual functions take: what is placed and routed has them.
        route: false,
        small: false,
    },
    Size { name: "default endpoint", top: "ims_endpoint", list: "rtl.f", params: &[], route: true, small: false },
];

/// Bits from which on a memory has to be block RAM: half of an 18 kbit block. What is smaller is shallow and wide, and
/// cheaper in lookup tables.
pub const LARGE: u64 = 9216;

/// Words that a lookup table of the target holds.
fn deep(target: &str) -> u64 {
    if target == "ecp5" { 16 } else { 64 }
}

/// Seconds of processor time that place and route may take.
const ROUTE_SECONDS: &str = "3600";

/// Lookup tables and block RAMs of the largest ECP5. What needs more is not placed.
const ECP5_85K: (u64, u64) = (83_640, 208);

/// A line of the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Device.
    pub size: String,
    /// `xilinx` or `ecp5`.
    pub target: String,
    /// Over sources, parameters, script and tools: lines with the same are of the same text.
    pub key: String,
    /// Lookup tables.
    pub lut: u64,
    /// Flip-flops.
    pub ff: u64,
    /// Block RAMs: of 18 kbit on ECP5, of 18 kbit on Xilinx, one of 36 counted as two.
    pub bram: u64,
    /// Lookup tables used as memory.
    pub lutram: u64,
    /// Latches.
    pub latches: u64,
    /// Problems that Yosys' `check` reports: loops, drivers in conflict, wires without driver.
    pub problems: u64,
    /// Memories that became flip-flops.
    pub lost_memories: u64,
    /// Memories of more than [`LARGE`] bits that are not block RAM, by name.
    pub misplaced: Vec<String>,
    /// After place and route.
    pub fmax_mhz: Option<f64>,
    /// Why there is no Fmax.
    pub unrouted: Option<String>,
    /// Wall time.
    pub seconds: f64,
}

fn sources(rtl: &Path, list: &str) -> Result<Vec<PathBuf>> {
    let list = rtl.join(list);
    let text = std::fs::read_to_string(&list).with_context(|| list.display().to_string())?;
    Ok(text.lines().map(str::trim).filter(|l| l.ends_with(".sv")).map(|l| rtl.join(l)).collect())
}

/// Memories of more than [`LARGE`] bits that were mapped to anything but block RAM.
///
/// `deep`: words that a lookup table of the target holds; memories up to that depth may be of those.
fn misplaced(dump: &str, log: &str, top: &str, deep: u64) -> Vec<String> {
    let number = |words: &[&str], key: &str| -> u64 {
        words.windows(2).find(|w| w[0] == key).and_then(|w| w[1].parse().ok()).unwrap_or(0)
    };
    let mut list = Vec::new();
    for line in dump.lines().map(str::trim).filter(|l| l.starts_with("memory ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let name = words.last().map_or("", |n| n.trim_start_matches('\\'));
        let (width, size) = (number(&words, "width"), number(&words, "size"));
        if width * size <= LARGE || size <= deep {
            continue;
        }
        let prefix = format!("mapping memory {top}.{name} via ");
        let via = log.lines().find_map(|l| l.strip_prefix(&prefix));
        if !via.is_some_and(|v| v.contains("BLOCKRAM") || v.contains("16K")) {
            list.push(format!("{name}: {}", via.unwrap_or("nothing")));
        }
    }
    list
}

fn cells(stat: &Value) -> BTreeMap<String, u64> {
    let all = stat.pointer("/design/num_cells_by_type").and_then(Value::as_object);
    let count = |v: &Value| v.as_u64().or_else(|| v.get("count").and_then(Value::as_u64)).unwrap_or(0);
    all.into_iter().flatten().map(|(k, v)| (k.clone(), count(v))).collect()
}

/// What Yosys does with the sources once they are read.
fn script(size: &Size, target: &str) -> String {
    let mut script = String::new();
    if !size.params.is_empty() {
        let set: String = size.params.iter().map(|(k, v)| format!(" -set {k} {v}")).collect();
        script.push_str(&format!("chparam{set} {}\n", size.top));
    }
    let synth = match target {
        "ecp5" => format!("synth_ecp5 -top {} -json netlist.json", size.top),
        _ => format!("synth_xilinx -flatten -top {}", size.top),
    };
    // Latches and loops are looked for before the mapping, where nothing hides them. What ABC has mapped is not compared with
    // what it was given: for the smallest endpoint that alone had not ended after 20 minutes.
    script.push_str(&format!(
        "hierarchy -check -top {0}\nrename -top {0}\nproc\nselect -assert-none t:$dlatch t:$adlatch t:$dlatchsr\n\
         flatten\nopt_clean\ntee -o check.txt check\ntee -q -o memories.txt dump */m:*\nscratchpad -set abc9.verify 0\n\
         {synth}\ntee -q -o stat.json stat -json\n",
        size.top
    ));
    script
}

/// Synthesises one device for one target, and places and routes it where that is asked and it fits. What was measured of
/// the same text is not measured again.
///
/// # Errors
/// A source is not there; Yosys fails.
pub fn synthesise(root: &Path, size: &Size, target: &str) -> Result<Row> {
    let name: String = size.name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let below = root.join("target/synth");
    let dir = below.join(format!("{name}-{target}"));
    std::fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
    let (files, script) = (sources(&root.join("rtl"), size.list)?, script(size, target));
    let texts: Vec<Vec<u8>> = files
        .iter()
        .chain([&root.join("scripts/requirements-eda.txt")])
        .map(|f| std::fs::read(f).with_context(|| f.display().to_string()))
        .collect::<Result<_>>()?;
    let key = Key::over(
        texts.iter().map(Vec::as_slice).chain([script.as_bytes(), &[u8::from(size.route), deep(target) as u8]]),
    );
    let kept = Kept::new(&below.join("kept"));
    if let Some(row) = kept.get(&key)? {
        return Ok(row);
    }
    let row = measure(root, size, target, &key, &dir, &files, &script)?;
    kept.put(&key, &row)?;
    Ok(row)
}

fn measure(
    root: &Path,
    size: &Size,
    target: &str,
    key: &Key,
    dir: &Path,
    files: &[PathBuf],
    script: &str,
) -> Result<Row> {
    let started = Instant::now();
    let list: String = files.iter().map(|f| format!(" {}", f.display())).collect();
    std::fs::write(dir.join("synth.ys"), format!("read_verilog -sv -DSYNTHESIS{list}\n{script}"))?;
    job(root, dir, "synth.log", &["synth.ys"])?;
    let read = |f: &str| std::fs::read_to_string(dir.join(f)).with_context(|| dir.join(f).display().to_string());
    let stat: Value = serde_json::from_str(&read("stat.json")?).context("stat.json")?;
    let cells = cells(&stat);
    let sum = |f: &dyn Fn(&str) -> u64| cells.iter().map(|(k, n)| f(k) * n).sum::<u64>();
    let check = read("check.txt")?;
    let problems = check
        .lines()
        .find_map(|l| l.strip_prefix("Found and reported ")?.split(' ').next()?.parse().ok())
        .with_context(|| format!("{}: no result of check", dir.display()))?;
    let log = read("synth.log")?;
    let lost =
        log.lines().filter_map(|l| l.strip_prefix("mapping memory ")).filter(|l| l.ends_with("via $__FF_")).count();
    // A carry cell of the ECP5 is made of two lookup tables.
    let lut = sum(&|k| match k {
        "CCU2C" => 2,
        _ => u64::from(k.starts_with("LUT") || k == "INV"),
    });
    let bram = sum(&|k| match k {
        "DP16KD" | "RAMB18E1" | "PDPW16KD" => 1,
        "RAMB36E1" => 2,
        _ => 0,
    });
    let (fmax_mhz, unrouted) = if target != "ecp5" {
        (None, Some("no open place and route".to_owned()))
    } else if !size.route {
        (None, Some("not asked for".to_owned()))
    } else if lut > ECP5_85K.0 || bram > ECP5_85K.1 {
        (None, Some("larger than the largest ECP5".to_owned()))
    } else {
        match route(root, dir)? {
            Some(f) => (Some(f), None),
            None => (None, Some(format!("no result within {ROUTE_SECONDS} s"))),
        }
    };
    Ok(Row {
        size: size.name.to_owned(),
        target: target.to_owned(),
        key: key.short(),
        lut,
        ff: sum(&|k| u64::from(k == "TRELLIS_FF" || matches!(k, "FDRE" | "FDSE" | "FDCE" | "FDPE"))),
        bram,
        lutram: sum(&|k| u64::from(k == "TRELLIS_DPR16X4" || k.starts_with("RAM32") || k.starts_with("RAM64"))),
        latches: sum(&|k| u64::from(k.contains("LATCH") || k.starts_with("LD"))),
        problems,
        lost_memories: lost as u64,
        misplaced: misplaced(&read("memories.txt")?, &log, size.top, deep(target)),
        fmax_mhz,
        unrouted,
        seconds: started.elapsed().as_secs_f64().round(),
    })
}

/// Places and routes; nothing when it does not end in time or finds no place for all.
fn route(root: &Path, dir: &Path) -> Result<Option<f64>> {
    let args = ["--nextpnr", "--85k", "--package", "CABGA756", "--speed", "8", "--out-of-context", "--json"];
    // Slower than asked for is a result, not a failure.
    let more = ["netlist.json", "--freq", "150", "--seed", "1", "--timing-allow-fail", "--report", "route.json"];
    let report = dir.join("route.json");
    if report.exists() {
        std::fs::remove_file(&report)?;
    }
    // Processor time, so that the result does not hang on what else the machine does.
    let out = std::process::Command::new("bash")
        .args(["-c", &format!("ulimit -c 0; ulimit -S -t {ROUTE_SECONDS}; exec \"$@\""), "bash"])
        .arg(root.join("scripts/yosys"))
        .args(args.iter().chain(&more))
        .current_dir(dir)
        .stdin(std::process::Stdio::null())
        .output()
        .context("nextpnr")?;
    std::fs::write(dir.join("route.log"), &out.stderr)?;
    if !report.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&report)?;
    let report: Value = serde_json::from_str(&text).context("route.json")?;
    let clocks = report.get("fmax").and_then(Value::as_object).into_iter().flatten();
    let fmax = clocks.filter_map(|(_, c)| c.get("achieved").and_then(Value::as_f64)).reduce(f64::min);
    Ok(fmax.map(|f| (f * 10.0).round() / 10.0))
}

/// All of them, those of the short form, or those whose `device target` a pattern accepts; tells each.
///
/// # Errors
/// The tools cannot be had; one fails; nothing matches.
pub fn all(root: &Path, small: bool, test: Option<&str>, mut tell: impl FnMut(&Row)) -> Result<Vec<Row>> {
    install(root)?;
    let mut rows = Vec::new();
    let wanted = |size: &Size, target: &str| {
        (!small || size.small) && test.is_none_or(|t| accepts(t, &format!("{} {target}", size.name)))
    };
    if !SIZES.iter().any(|s| ["xilinx", "ecp5"].iter().any(|t| wanted(s, t))) {
        bail!("no device matches {:?}", test.unwrap_or_default());
    }
    for size in SIZES {
        for target in ["xilinx", "ecp5"].into_iter().filter(|t| wanted(size, t)) {
            // Place and route takes minutes: not in the short form.
            let row = synthesise(root, &Size { route: size.route && !small, ..*size }, target)?;
            tell(&row);
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The table and what its devices are, between two marks in docs/synthesis.md. Lines of devices that were not
/// synthesised now stay.
///
/// # Errors
/// The page is not there or has no marks.
pub fn write(root: &Path, rows: &[Row]) -> Result<()> {
    const FROM: &str = "<!-- table: written by `make synth` -->\n";
    const TO: &str = "<!-- end of table -->";
    let page = root.join("docs/synthesis.md");
    let text = std::fs::read_to_string(&page).with_context(|| page.display().to_string())?;
    let (head, rest) = text.split_once(FROM).context("docs/synthesis.md has no place for the table")?;
    let (old, tail) = rest.split_once(TO).context("docs/synthesis.md has no place for the table")?;
    let mut table = String::from(
        "| device | target | LUT | FF | block RAM | LUT RAM | latches | problems | misplaced memories | Fmax | text |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for size in SIZES {
        for target in ["xilinx", "ecp5"] {
            let start = format!("| {} | {target} |", size.name);
            let line = match rows.iter().find(|r| r.size == size.name && r.target == target) {
                Some(r) => line(r),
                None => {
                    let kept = old.lines().find(|l| l.starts_with(&start) && !l.contains("not measured"));
                    kept.map_or_else(|| format!("{start} not measured | | | | | | | | |"), str::to_owned)
                }
            };
            table.push_str(&line);
            table.push('\n');
        }
    }
    table.push('\n');
    for size in SIZES {
        let params: Vec<String> = size.params.iter().map(|(k, v)| format!("{k} = {v}")).collect();
        let params =
            if params.is_empty() { "defaults".to_owned() } else { format!("{}; else defaults", params.join(", ")) };
        table.push_str(&format!("- *{}*: `{}`, {params}\n", size.name, size.top));
    }
    std::fs::write(&page, format!("{head}{FROM}\n{table}\n{TO}{tail}")).with_context(|| page.display().to_string())
}

fn line(r: &Row) -> String {
    let fmax = match (&r.fmax_mhz, &r.unrouted) {
        (Some(f), _) => format!("{f} MHz"),
        (None, Some(why)) if r.target == "ecp5" => why.clone(),
        _ => "–".to_owned(),
    };
    let misplaced = r.lost_memories + r.misplaced.len() as u64;
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {misplaced} | {fmax} | {} |",
        r.size, r.target, r.lut, r.ff, r.bram, r.lutram, r.latches, r.problems, r.key
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_is_misplaced_when_it_is_large_and_deeper_than_a_lookup_table() {
        let dump =
            "memory width 221 size 64 \\a.mem\n  memory width 128 size 512 \\b.mem\nmemory width 8 size 16 \\c.mem\n";
        let log =
            "mapping memory top.a.mem via $__XILINX_LUTRAM_SDP_\nmapping memory top.b.mem via $__XILINX_LUTRAM_SDP_\n";
        assert_eq!(misplaced(dump, log, "top", 64), ["b.mem: $__XILINX_LUTRAM_SDP_"]);
        assert_eq!(misplaced(dump, log, "top", 16).len(), 2);
        let log = log.replace("b.mem via $__XILINX_LUTRAM_SDP_", "b.mem via $__XILINX_BLOCKRAM_TDP_");
        assert!(misplaced(dump, &log, "top", 64).is_empty());
    }
}
