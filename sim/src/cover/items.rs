// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The coverage items: names, axes, numbering of bins.

use super::axes::{self, Axis};
use std::sync::LazyLock;

/// An item as coded.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Name; it greps to the place that samples it.
    pub name: &'static str,
    /// Axes; one makes a point, several a cross.
    pub axes: &'static [&'static Axis],
}

macro_rules! items {
    ($($name:ident [$($axis:ident),+];)*) => {
        /// What is sampled. The plan says in prose what each is for.
        #[allow(non_camel_case_types, missing_docs)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Item { $($name,)* }

        /// All items, in the order of [`Item`].
        pub const ITEMS: &[Spec] = &[$(Spec { name: stringify!($name), axes: &[$(&axes::$axis),+] },)*];

        impl Item {
            /// All items.
            pub const ALL: &'static [Item] = &[$(Item::$name,)*];
        }
    };
}

items! {
    // Causes.
    cause_store [STORE4];
    cause_op [CAUSE_OP];
    cause_path [CAUSE_PATH];
    cause_gap [CYCLES];
    msix_index [MSIX_INDEX];
    device_index [DEVICE_INDEX];
    host_index [HOST_INDEX];
    event_index [EVENT_INDEX];
    owing_sources [SOME];
    pending_bit [STORE3, BIT];
    msix_cause [ENABLE, FUNCTION_MASK, MASK, PENDING];
    device_cause [MASTER, MASK, PENDING];
    host_cause [HOST_ON, MASTER, MASK, PENDING];
    path_store [CAUSE_PATH, STORE4];
    withdrawn [STORE3, MASK, PENDING];
    // What happens beside a cause.
    msix_race [ENABLE, FUNCTION_MASK, MASK, PENDING, MSIX_ACTION, NEAR];
    msix_race_wide [MSIX_ACTION_WIDE, WIDE];
    device_race [MASK, PENDING, DEVICE_ACTION, NEAR];
    device_race_wide [DEVICE_ACTION, WIDE];
    host_race [MASK, PENDING, HOST_ACTION, NEAR];
    host_race_wide [HOST_ACTION, WIDE];
    msi_race [MASK, PENDING, MSI_ACTION, NEAR];
    // Messages.
    message_sender [SENDER];
    message_header [HEADER];
    message_gap [CYCLES];
    message_run [MANY];
    message_latency [SENDER, CYCLES];
    message_order [BEFORE, SENDER];
    merged_causes [SENDER, MANY];
    straggler [CLOSING];
    slot_held [HELD];
    // On the way to the processor.
    arrival_outcome [OUTCOME];
    arrival_class [CLASS];
    arrival_cpu [CPU];
    arrival_time [CYCLES];
    arrival_path [REMAPPING, OUTCOME];
    blocked_reason [REASON];
    retarget_by [RETARGET];
    retarget_load [RETARGET, OWED, FLYING];
    // Packets to the device.
    down_kind [DOWN];
    down_pair [DOWN_BEFORE, DOWN];
    down_close [DOWN, CLOSE];
    region_access [REGION, ACCESS, WORDS];
    memory_enables [ACCESS, ENABLES];
    read_words [WORDS];
    config_access [CONFIG, ACCESS];
    config_enables [ACCESS, ENABLES];
    refused_kind [REFUSED];
    refused_reporting [REFUSED, REPORTING];
    refused_owed [REFUSED, OWED];
    // Packets of the device.
    up_kind [UP];
    up_pair [UP_BEFORE, UP];
    up_gap [CYCLES];
    up_digest [UP, DIGEST];
    answer_status [STATUS];
    answer_time [CYCLES];
    answer_words [WORDS];
    // The host store.
    fetches [FETCHES];
    fetch_answer [ANSWER];
    fetch_time [CYCLES];
    invalidate_order [ORDER];
    invalidate_form [ORDER, NOTIFY, FETCHES];
    host_store_switch [HOST_ON];
    // What surrounds the device.
    stalls [STALL_RX, STALL_TX, STALL_CAUSE];
    credit_window [CREDIT, WINDOW];
    completion_policy [SPLIT, REORDER, DELAY];
    cpus [CPU];
    apic_mode [APIC];
    entry_cache [CACHE];
    boundary [RCB];
    remapping [REMAPPING];
    stores_live [LIVE_MSIX, LIVE_DEVICE, LIVE_HOST, LIVE_REMAP];
    // Events, MSI, INTx.
    event_mode [MODE];
    event_sharing [SHARING];
    event_frames [FRAMES];
    event_form [MODE, SHARING, COALESCED];
    msi_granted [GRANTED];
    msi_raised [GRANTED, MASK, PENDING];
    intx_wire [LEVEL];
    // The function.
    doorbell_count [COUNT];
    doorbell_form [STORE4, CAUSE_OP, COUNT, RECORD];
    doorbell_queue [SOME];
    sweep_count [SWEEP];
    sweep_form [STORE4, SWEEP];
    // Enables and resets.
    mask_write [STORE3, MASK];
    function_mask_write [FUNCTION_MASK];
    enable_write [ENABLE];
    master_write [MASTER];
    reset_kind [RESET];
    reset_load [RESET, OWED, FLYING];
    reset_fetches [RESET, FETCHES];
    reset_then [RESET, STORE4];
    // Work.
    work_opcode [OPCODE];
    work_size [SIZE];
    work_announce [ANNOUNCE];
    work_form [OPCODE, SIZE, ANNOUNCE, FENCE];
    work_outstanding [SOME];
    queue_number [QUEUE];
    queue_form [PASID, PORTAL, RELAXED];
    handle_form [STORE3, PERMISSION];
    revoke_load [WORKING];
    // The link.
    link_payload [MPS];
    link_read [MRRS];
    link_sizes [MPS, MRRS];
    digests [DIGEST];
    reporting [REPORTING];
    // Virtual functions.
    vf_there [VF_STORE, THERE];
    vf_number [VF_STORE, VF];
    vf_source [VF_STORE, VF_INDEX];
    vf_state [VF_STORE, MASTER, MASK, PENDING];
    vf_gate [ENABLE, FUNCTION_MASK, MASK, PENDING];
    vf_withdrawn [VF_STORE, PENDING];
    vf_sender [VF_STORE, VF];
    vf_neighbour [NEIGHBOUR];
    vf_reset [OWED, FLYING];
    vf_reset_then [VF_STORE];
    vf_disable [OWED];
    vf_count [VF_COUNT];
    vf_config [VF_CONFIG, ACCESS];
    vf_master_write [MASTER];
    vf_control_write [ENABLE, FUNCTION_MASK];
    vf_access [VF_REGION, ACCESS];
    vf_error [VF_ERROR, REPORTING];
    // Address translation.
    ats_answer [TRANSLATED];
    ats_read [READ_BY];
    ats_cause [KNOWN];
    ats_requests [ASKED];
    ats_given [GIVEN];
    ats_switch [SERVICES, FETCHES];
    ats_invalidate [REACH, SERVICES];
    ats_awaited [SERVICES, AWAITED];
    ats_waiting [ITAGS];
    ats_done [DONE_AFTER];
    ats_reset [RESET, OWED];
    ats_race_wide [ATS_ACTION, WIDE];
    // Units.
    arrival_unit [UNIT, OUTCOME];
    posted [POSTED, TOLD];
    // Software.
    operation [GROUP];
    operation_pair [GROUP_BEFORE, GROUP];
}

impl Item {
    /// What is coded of it.
    pub fn spec(self) -> &'static Spec {
        &ITEMS[self as usize]
    }

    /// The item of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|i| i.spec().name == name)
    }

    /// Number of its first bin.
    pub fn first(self) -> usize {
        FIRST[self as usize]
    }

    /// How many bins it has.
    pub fn len(self) -> usize {
        self.spec().axes.iter().map(|a| a.values.len()).product()
    }

    /// Never: every axis has values.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The bin of these values.
    pub fn bin(self, values: &[usize]) -> usize {
        let axes = self.spec().axes;
        assert_eq!(axes.len(), values.len(), "{} has {} axes", self.spec().name, axes.len());
        let mut at = 0;
        for (axis, value) in axes.iter().zip(values) {
            assert!(*value < axis.values.len(), "{}: {} has no value {value}", self.spec().name, axis.name);
            at = at * axis.values.len() + value;
        }
        self.first() + at
    }
}

/// First bin of each item, and behind the last one the number of bins.
static FIRST: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let mut first = vec![0];
    for item in Item::ALL {
        first.push(first[first.len() - 1] + item.len());
    }
    first
});

/// How many bins there are.
pub fn bins() -> usize {
    FIRST[ITEMS.len()]
}

/// Item and values of a bin.
pub fn parts(bin: usize) -> (Item, Vec<usize>) {
    let k = FIRST.partition_point(|first| *first <= bin) - 1;
    let item = Item::ALL[k];
    let mut rest = bin - FIRST[k];
    let mut values = vec![0; item.spec().axes.len()];
    for (value, axis) in values.iter_mut().zip(item.spec().axes).rev() {
        *value = rest % axis.values.len();
        rest /= axis.values.len();
    }
    (item, values)
}

/// Name of a bin: `msix_race:on/clear/open/idle/mask/+1`.
pub fn name_of(bin: usize) -> String {
    let (item, values) = parts(bin);
    let words: Vec<&str> = item.spec().axes.iter().zip(values).map(|(axis, v)| axis.values[v]).collect();
    format!("{}:{}", item.spec().name, words.join("/"))
}

/// The bins that a pattern names: `item:value/value/…`, where a value may be `*` or alternatives `a|b`.
///
/// # Errors
/// The item or a value does not exist, in one sentence.
pub fn named(pattern: &str) -> Result<Vec<usize>, String> {
    let (name, rest) = pattern.split_once(':').ok_or_else(|| format!("\"{pattern}\": want item:value/value"))?;
    let item = Item::of_name(name).ok_or_else(|| format!("no item is called \"{name}\""))?;
    let axes = item.spec().axes;
    let words: Vec<&str> = rest.split('/').collect();
    if words.len() != axes.len() {
        return Err(format!("\"{pattern}\": {name} has {} axes, not {}", axes.len(), words.len()));
    }
    let mut found = vec![Vec::new()];
    for (axis, word) in axes.iter().zip(words) {
        let mut chosen = Vec::new();
        for one in word.split('|') {
            if one == "*" {
                chosen.extend(0..axis.values.len());
                continue;
            }
            let at = axis.values.iter().position(|v| *v == one).ok_or_else(|| {
                format!("\"{pattern}\": {} has no value \"{one}\", only {}", axis.name, axis.values.join(", "))
            })?;
            chosen.push(at);
        }
        found = found
            .into_iter()
            .flat_map(|head: Vec<usize>| chosen.iter().map(move |v| [head.clone(), vec![*v]].concat()))
            .collect();
    }
    Ok(found.into_iter().map(|values| item.bin(&values)).collect())
}

/// Names this model: a coverage file of another one cannot be read.
pub fn model() -> &'static str {
    static MODEL: LazyLock<String> = LazyLock::new(|| {
        let mut h = blake3::Hasher::new();
        for item in ITEMS {
            h.update(item.name.as_bytes());
            for axis in item.axes {
                h.update(b"/");
                h.update(axis.name.as_bytes());
                for value in axis.values {
                    h.update(b" ");
                    h.update(value.as_bytes());
                }
            }
            h.update(b"\n");
        }
        h.finalize().to_hex()[..16].to_string()
    });
    &MODEL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_and_names_lead_to_each_other() {
        assert!(bins() >= 2500, "{} bins", bins());
        for bin in 0..bins() {
            let (item, values) = parts(bin);
            assert_eq!(item.bin(&values), bin);
            assert_eq!(named(&name_of(bin)), Ok(vec![bin]));
        }
        let points = ITEMS.iter().filter(|i| i.axes.len() == 1).count();
        assert!(points >= 60, "{points} points");
        assert!(ITEMS.len() - points >= 25, "{} crosses", ITEMS.len() - points);
    }

    #[test]
    fn patterns_name_bins_and_what_does_not_exist_is_refused() {
        assert_eq!(named("mask_write:msix|host/*").map(|b| b.len()), Ok(4));
        assert!(named("mask_write:msix").unwrap_err().contains("2 axes"));
        assert!(named("mask_write:msiy/*").unwrap_err().contains("msiy"));
        assert!(named("mask_writ:msix/*").unwrap_err().contains("mask_writ"));
    }
}
