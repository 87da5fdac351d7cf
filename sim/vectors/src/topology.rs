// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Descriptions of topologies: endpoints below root ports and switches, remapping units, processors, and the storm
//! that is to blow over them. Files in `vectors/topologies/`, read as strictly as vectors.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::VectorError;
use crate::check::{Problem, Segment, name_of_stem};
use crate::yaml;

/// Most endpoints of one topology.
pub const ENDPOINTS_MAX: usize = 16;
/// MSI-X vectors and device slots of every endpoint: those of the default device.
pub const MSIX_MAX: u32 = 2048;
/// See [`MSIX_MAX`].
pub const SLOTS_MAX: u32 = 4096;
/// Slots in host memory of one endpoint.
pub const HOST_SLOTS_MAX: u32 = 4096;
/// Virtual functions of the default device, and vectors and slots of each.
pub const VFS_MAX: u32 = 16;
/// See [`VFS_MAX`].
pub const VF_SOURCES: u32 = 64;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    /// Name of the file without its ending.
    pub name: String,
    /// What a pass shows, in a sentence.
    pub intent: String,
    /// Processors and units.
    pub host: Machine,
    /// Root ports, device n of bus 0 being the n-th.
    pub ports: Vec<RootPort>,
    /// What happens.
    pub storm: Storm,
    /// What must be found for a pass, beyond which nothing may be.
    #[serde(default)]
    pub expect: Expect,
}

/// The host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Processors, 1..=256, in x2APIC mode.
    pub cpus: u32,
    /// Remapping units, 1..=8.
    #[serde(default = "one")]
    pub units: u32,
    /// Ticks from the end of a packet at one end of a link to its arrival at the other, 8..=1024.
    #[serde(default = "link_latency")]
    pub link_latency: u64,
    /// Ticks that a request spends in a remapping unit, from and to.
    #[serde(default = "remap_delay")]
    pub remap_delay: [u64; 2],
    /// What runs on it.
    #[serde(default)]
    pub software: Software,
    /// Whatever endpoints read and write goes through DMA remapping, each through a table of its own.
    #[serde(default)]
    pub dma: bool,
}

/// How much of a kernel runs on the machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Software {
    /// The vector domain and the entries of the units; sources may share an interrupt, so that every source of every
    /// endpoint can be in use at once.
    #[default]
    Entries,
    /// All of it: remapping domains, domains of each function, and drivers that make the kernel's calls.
    Kernel,
}

fn one() -> u32 {
    1
}

fn link_latency() -> u64 {
    32
}

fn remap_delay() -> [u64; 2] {
    [4, 40]
}

/// A root port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootPort {
    /// Remapping unit of everything below it.
    #[serde(default)]
    pub unit: u32,
    /// What is at the other end of its link.
    pub below: Below,
}

/// What is at the end of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Below {
    /// An endpoint.
    Endpoint(Endpoint),
    /// A switch.
    Switch(Switch),
}

/// An endpoint: a device model of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its name in reports.
    pub name: String,
    /// MSI-X vectors used.
    #[serde(default)]
    pub msix: u32,
    /// Device slots used.
    #[serde(default)]
    pub slots: u32,
    /// Slots in host memory used, instead of those in the device.
    #[serde(default)]
    pub host_slots: u32,
    /// Events of the function used, signalled by INTx: instead of MSI-X.
    #[serde(default)]
    pub events: u32,
    /// Its first work queue is used.
    #[serde(default)]
    pub work: bool,
    /// Virtual functions.
    #[serde(default)]
    pub vfs: u32,
    /// MSI-X vectors that each of them uses.
    #[serde(default)]
    pub vf_msix: u32,
    /// Device slots that each of them uses.
    #[serde(default)]
    pub vf_slots: u32,
}

impl Endpoint {
    /// Interrupts of all its functions.
    pub fn sources(&self) -> u32 {
        self.msix + self.slots + self.host_slots + self.events + self.vfs * (self.vf_msix + self.vf_slots)
    }
}

/// A switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Its name in reports.
    pub name: String,
    /// What is below each downstream port.
    pub ports: Vec<Below>,
}

/// What happens: causes at every endpoint, and software that changes everything meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storm {
    /// Causes raised in all.
    pub causes: u64,
    /// Each endpoint raises one in so many ticks on average.
    #[serde(default = "gap")]
    pub gap: u64,
    /// Sources that share one interrupt number and vector: a power of two, 1..=64.
    #[serde(default = "one")]
    pub share: u32,
    /// How often software does each, in relation to the others; 0 never.
    #[serde(default)]
    pub software: Weights,
    /// What happens once, in order of time.
    #[serde(default)]
    pub events: Vec<Event>,
}

fn gap() -> u64 {
    64
}

/// What software does while interrupts fly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Moves an interrupt to another processor: entries rewritten and flushed.
    #[serde(default)]
    pub affinity: u32,
    /// Frees an interrupt, later allocates it again.
    #[serde(default)]
    pub dynamic: u32,
    /// Takes a processor away or brings it back.
    #[serde(default)]
    pub hotplug: u32,
    /// Masks or unmasks a source.
    #[serde(default)]
    pub mask: u32,
    /// Flushes the whole entry cache of a unit.
    #[serde(default)]
    pub flush: u32,
    /// Gives an endpoint work to do, where endpoints have queues in use.
    #[serde(default)]
    pub work: u32,
}

impl Weights {
    /// Their sum.
    pub fn total(&self) -> u32 {
        self.affinity + self.dynamic + self.hotplug + self.mask + self.flush + self.work
    }
}

/// Something that happens once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// After so many causes.
    pub after: u64,
    /// What.
    #[serde(rename = "do")]
    pub what: What,
}

/// What can happen once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// An endpoint sends and takes nothing any more.
    Wedge(String),
    /// Function level reset of an endpoint, which is then set up again.
    Reset(String),
    /// Every bus behind the root ports gets a number so much higher.
    Renumber(u8),
    /// A message of one endpoint is overwritten by that of another.
    Forge {
        /// Who is to send it.
        by: String,
        /// Whose it is.
        of: String,
    },
}

/// What must be found.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Endpoints of which something owed never comes.
    #[serde(default)]
    pub stuck: Vec<String>,
    /// Requests blocked, by the endpoint that made them: at least one each, with this reason.
    #[serde(default)]
    pub blocked: Vec<Blocked>,
}

/// A block that must happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocked {
    /// The endpoint.
    pub by: String,
    /// Fault reason of the remapping unit.
    pub reason: u8,
}

impl Topology {
    /// All endpoints, in the order in which they are enumerated.
    pub fn endpoints(&self) -> Vec<&Endpoint> {
        fn walk<'a>(below: &'a Below, found: &mut Vec<&'a Endpoint>) {
            match below {
                Below::Endpoint(e) => found.push(e),
                Below::Switch(s) => s.ports.iter().for_each(|b| walk(b, found)),
            }
        }
        let mut found = Vec::new();
        self.ports.iter().for_each(|p| walk(&p.below, &mut found));
        found
    }

    /// Number of an endpoint, by name.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.endpoints().iter().position(|e| e.name == name)
    }
}

/// Reads and checks a description.
///
/// # Errors
/// The file cannot be read, or describes no topology: file, line, column.
pub fn load(path: &Path) -> Result<Topology, VectorError> {
    let text = std::fs::read_to_string(path).map_err(|e| VectorError::file(path, format!("cannot be read: {e}")))?;
    parse(path, &text)
}

/// Reads and checks the text of a description.
///
/// # Errors
/// As [`load`].
pub fn parse(path: &Path, text: &str) -> Result<Topology, VectorError> {
    let topology: Topology = yaml::read(path, text)?;
    let stem = path.file_stem().and_then(|s| s.to_str()).map(name_of_stem);
    check(&topology, stem.as_deref()).map_err(|problem| yaml::place(path, text, &problem))?;
    Ok(topology)
}

type Checked = Result<(), Problem>;

fn require(path: &[Segment], holds: bool, message: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Problem { path: path.to_vec(), message: message() }) }
}

fn check(t: &Topology, stem: Option<&str>) -> Checked {
    use Segment::Key;
    require(&[Key("name")], stem.is_none_or(|s| s == t.name), || {
        format!("\"{}\" is not the file's name, {}", t.name, stem.unwrap_or_default())
    })?;
    require(&[Key("intent")], !t.intent.trim().is_empty(), || "say in a sentence what a pass shows".into())?;
    let host = |key| [Key("host"), Key(key)];
    require(&host("cpus"), (1..=256).contains(&t.host.cpus), || format!("{} processors, want 1 to 256", t.host.cpus))?;
    require(&host("units"), (1..=8).contains(&t.host.units), || format!("{} units, want 1 to 8", t.host.units))?;
    let latency = t.host.link_latency;
    require(&host("link_latency"), (8..=1024).contains(&latency), || format!("{latency} ticks, want 8 to 1024"))?;
    let [min, max] = t.host.remap_delay;
    require(&host("remap_delay"), min <= max && max <= 10_000, || format!("from {min} to {max} ticks"))?;
    require(&[Key("ports")], (1..=32).contains(&t.ports.len()), || "1 to 32 root ports".into())?;
    let mut names = Vec::new();
    for (n, port) in t.ports.iter().enumerate() {
        let at = [Key("ports"), Segment::Index(n)];
        let unit = [&at[..], &[Key("unit")]].concat();
        require(&unit, port.unit < t.host.units, || format!("there is no unit {}", port.unit))?;
        below(&port.below, &[&at[..], &[Key("below")]].concat(), &mut names)?;
    }
    let endpoints = t.endpoints();
    require(&[Key("ports")], endpoints.len() <= ENDPOINTS_MAX, || {
        format!("{} endpoints, at most {ENDPOINTS_MAX}", endpoints.len())
    })?;
    require(&[Key("ports")], endpoints.iter().any(|e| e.sources() > 0), || "no endpoint uses any source".into())?;
    storm(t)?;
    software(t)?;
    let known = |name: &String| t.number(name).is_some();
    for (n, name) in t.expect.stuck.iter().enumerate() {
        let at = [Key("expect"), Key("stuck"), Segment::Index(n)];
        require(&at, known(name), || format!("there is no endpoint \"{name}\""))?;
    }
    for (n, b) in t.expect.blocked.iter().enumerate() {
        let at = [Key("expect"), Key("blocked"), Segment::Index(n)];
        require(&at, known(&b.by), || format!("there is no endpoint \"{}\"", b.by))?;
    }
    Ok(())
}

fn below(b: &Below, at: &[Segment], names: &mut Vec<String>) -> Checked {
    use Segment::Key;
    let (name, at) = match b {
        Below::Endpoint(e) => (&e.name, [at, &[Key("endpoint")]].concat()),
        Below::Switch(s) => (&s.name, [at, &[Key("switch")]].concat()),
    };
    let here = [&at[..], &[Key("name")]].concat();
    require(&here, !name.is_empty() && !names.contains(name), || format!("\"{name}\" is empty or used twice"))?;
    names.push(name.clone());
    match b {
        Below::Endpoint(e) => {
            let key = |k| [&at[..], &[Key(k)]].concat();
            require(&key("msix"), e.msix <= MSIX_MAX, || format!("{} vectors, the device has {MSIX_MAX}", e.msix))?;
            require(&key("slots"), e.slots <= SLOTS_MAX, || format!("{} slots, the device has {SLOTS_MAX}", e.slots))?;
            let host = e.host_slots;
            require(&key("host_slots"), host <= HOST_SLOTS_MAX, || format!("{host} slots, at most {HOST_SLOTS_MAX}"))?;
            let both = e.slots > 0 && host > 0;
            require(&key("host_slots"), !both, || "a function has slots in the device or in host memory".into())?;
            let mode = e.events <= 32 && (e.events == 0 || e.msix == 0);
            require(&key("events"), mode, || "at most 32 events, which INTx signals while MSI-X is off".into())?;
            require(&key("vfs"), e.vfs <= VFS_MAX, || {
                format!("{} virtual functions, the device has {VFS_MAX}", e.vfs)
            })?;
            for (name, n) in [("vf_msix", e.vf_msix), ("vf_slots", e.vf_slots)] {
                require(&key(name), n <= VF_SOURCES, || format!("{n}, a virtual function has {VF_SOURCES}"))?;
            }
            Ok(())
        }
        Below::Switch(s) => {
            let at = [&at[..], &[Key("ports")]].concat();
            require(&at, (1..=32).contains(&s.ports.len()), || "1 to 32 downstream ports".into())?;
            for (n, b) in s.ports.iter().enumerate() {
                below(b, &[&at[..], &[Segment::Index(n)]].concat(), names)?;
            }
            Ok(())
        }
    }
}

/// What each kind of software can do.
fn software(t: &Topology) -> Checked {
    use Segment::Key;
    let at = |key| [Key("storm"), Key(key)];
    if t.host.software == Software::Kernel {
        require(&at("share"), t.storm.share == 1, || "each interrupt of a kernel has one source".into())?;
        let named = |name: &String| t.number(name).and_then(|n| t.endpoints().get(n).copied());
        // What brings queues to rest, and virtual functions back, is their drivers' business, which is not there.
        let bare = |name: &String| named(name).is_none_or(|e| e.vfs + e.events == 0 && !e.work);
        let fits = |what: &What| match what {
            What::Reset(name) => bare(name),
            What::Wedge(name) => bare(name) && named(name).is_none_or(|e| e.host_slots == 0),
            _ => false,
        };
        return require(&at("events"), t.storm.events.iter().all(|e| fits(&e.what)), || {
            "under a kernel only endpoints without virtual functions, events and work can be reset, and without slots in \
             host memory hang; the rest is for `software: entries`"
                .into()
        });
    }
    let plain = t.endpoints().iter().all(|e| e.host_slots + e.vfs + e.events == 0 && !e.work);
    let plain = plain && !t.host.dma && t.storm.software.work == 0;
    require(&[Key("host")], plain, || {
        "virtual functions, slots in host memory, events, work and DMA remapping need `software: kernel`".into()
    })
}

fn storm(t: &Topology) -> Checked {
    use Segment::Key;
    let at = |key| [Key("storm"), Key(key)];
    let s = &t.storm;
    require(&at("causes"), s.causes > 0, || "a storm without causes shows nothing".into())?;
    require(&at("gap"), (1..=1 << 20).contains(&s.gap), || format!("{} ticks, want 1 to 1048576", s.gap))?;
    require(&at("share"), s.share.is_power_of_two() && s.share <= 64, || {
        format!("{} sources, want a power of two up to 64", s.share)
    })?;
    for (n, e) in s.events.iter().enumerate() {
        let at = [Key("storm"), Key("events"), Segment::Index(n)];
        let ordered = n == 0 || s.events[n - 1].after <= e.after;
        require(&at, ordered && e.after < s.causes, || "events stand in order and before the last cause".into())?;
        let names = match &e.what {
            What::Wedge(name) | What::Reset(name) => vec![name],
            What::Renumber(by) => {
                let many = usize::from(*by) + 4 * ENDPOINTS_MAX < 256;
                require(&at, *by > 0 && many, || format!("bus numbers {by} higher do not fit"))?;
                vec![]
            }
            What::Forge { by, of } => vec![by, of],
        };
        for name in names {
            require(&at, t.number(name).is_some(), || format!("there is no endpoint \"{name}\""))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
name: pair
intent: Two.
host: { cpus: 4, units: 2 }
ports:
  - below: { endpoint: { name: a, msix: 4 } }
  - unit: 1
    below:
      switch:
        name: s
        ports:
          - endpoint: { name: b, slots: 4 }
storm:
  causes: 100
  software: { affinity: 1 }
  events:
    - { after: 5, do: { wedge: b } }
expect: { stuck: [b] }
";

    fn error(change: (&str, &str)) -> String {
        assert!(GOOD.contains(change.0), "{}", change.0);
        parse(Path::new("pair.yaml"), &GOOD.replace(change.0, change.1)).unwrap_err().to_string()
    }

    #[test]
    fn a_description_is_read_whole() {
        let t = parse(Path::new("pair.yaml"), GOOD).unwrap();
        assert_eq!(t.endpoints().iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((t.host.link_latency, t.storm.gap, t.number("b")), (32, 64, Some(1)));
    }

    #[test]
    fn a_kernel_has_drivers_for_some_events_only() {
        let kernel = GOOD.replace("units: 2", "units: 2, software: kernel");
        parse(Path::new("pair.yaml"), &kernel).unwrap();
        for change in [
            ("name: b, slots: 4", "name: b, host_slots: 4"),
            ("name: b, slots: 4", "name: b, slots: 4, vfs: 1, vf_slots: 1"),
            ("wedge: b", "renumber: 1"),
        ] {
            let got = parse(Path::new("pair.yaml"), &kernel.replace(change.0, change.1)).unwrap_err().to_string();
            assert!(got.contains("pair.yaml:16:") && got.contains("can be reset"), "{change:?}: {got}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (change, want) in [
            (("cpus: 4", "cpus: 300"), "pair.yaml:3:"),
            (("unit: 1", "unit: 2"), "there is no unit 2"),
            (("name: b,", "name: a,"), "pair.yaml:11:"),
            (("msix: 4", "msix: 4000"), "pair.yaml:5:"),
            (("wedge: b", "wedge: c"), "there is no endpoint \"c\""),
            (("wedge: b", "wdge: b"), "pair.yaml:16:"),
            (("after: 5", "after: 500"), "pair.yaml:16:"),
            (("stuck: [b]", "stuck: [x]"), "pair.yaml:17:"),
            (("name: b, slots: 4", "name: b, vfs: 2"), "need `software: kernel`"),
            (("name: b, slots: 4", "name: b, msix: 2, events: 4"), "while MSI-X is off"),
            (("name: b, slots: 4", "name: b, slots: 4, host_slots: 4"), "in the device or in host memory"),
            (("causes: 100", "causes: 0"), "pair.yaml:13:"),
            (("name: pair", "name: other"), "not the file's name"),
            (("  causes", "  cause: 1\n  causes"), "unknown field"),
        ] {
            let got = error(change);
            assert!(got.contains(want), "{change:?}: {got}");
        }
    }
}
