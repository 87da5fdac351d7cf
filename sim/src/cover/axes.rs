// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The axes of coverage items: names and values, and how numbers fall into values.

/// One axis: its name and its values, in order.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// Name.
    pub name: &'static str,
    /// Values.
    pub values: &'static [&'static str],
}

macro_rules! axes {
    ($($(#[doc = $doc:literal])* $konst:ident = $name:literal: $($value:literal)*;)*) => {
        $($(#[doc = $doc])* pub const $konst: Axis = Axis { name: $name, values: &[$($value),*] };)*
    };
}

axes! {
    /// Where a cause is raised.
    STORE4 = "store": "msix" "device" "host" "event";
    /// Stores that hold messages.
    STORE3 = "store": "msix" "device" "host";
    /// Who sends a message.
    SENDER = "sender": "msix" "device" "host" "msi";
    /// Sender of the message before.
    BEFORE = "before": "msix" "device" "host" "msi";
    /// MSI-X Enable.
    ENABLE = "enable": "off" "on";
    /// Function Mask.
    FUNCTION_MASK = "function_mask": "clear" "set";
    /// Mask bit of the source.
    MASK = "mask": "open" "masked";
    /// A cause was taken and no message has left since.
    PENDING = "pending": "idle" "pending";
    /// Bus Master Enable.
    MASTER = "bus_master": "off" "on";
    /// Host store enabled.
    HOST_ON = "host_store": "off" "on";
    /// What happens beside a cause of an MSI-X vector.
    MSIX_ACTION = "action": "event" "mask" "unmask" "function_mask" "enable" "reset" "rewrite" "read_back";
    /// The same and Bus Master Enable.
    MSIX_ACTION_WIDE = "action": "event" "mask" "unmask" "function_mask" "enable" "reset" "rewrite" "read_back" "bus_master";
    /// What happens beside a cause of a device slot.
    DEVICE_ACTION = "action": "event" "mask" "unmask" "rewrite" "read_back" "reset" "bus_master";
    /// What happens beside a cause of a host slot.
    HOST_ACTION = "action": "event" "invalidate" "disable" "fetch" "answer" "reset" "bus_master";
    /// What happens beside a cause of an MSI vector.
    MSI_ACTION = "action": "event" "mask" "unmask" "enable" "rewrite" "read_back";
    /// Cycles from the action to the cause.
    NEAR = "distance": "-2" "-1" "0" "+1" "+2";
    /// The same, wider.
    WIDE = "distance": "-8" "-7" "-6" "-5" "-4" "-3" "-2" "-1" "0" "+1" "+2" "+3" "+4" "+5" "+6" "+7" "+8" "+9" "+10" "+11" "+12" "+13" "+14" "+15";
    /// Raise or withdraw.
    CAUSE_OP = "op": "raise" "withdraw";
    /// How a cause came to the core.
    CAUSE_PATH = "path": "port" "doorbell" "sweep" "work" "event";
    /// Cycles, by power of two.
    CYCLES = "cycles": "0-1" "2-3" "4-7" "8-15" "16-31" "32-63" "64-127" "128-255" "256+";
    /// How many, by power of two.
    MANY = "many": "1" "2-3" "4-7" "8-15" "16+";
    /// How many, none included.
    SOME = "many": "0" "1" "2-3" "4-7" "8-15" "16+";
    /// Index of an MSI-X vector.
    MSIX_INDEX = "index": "0" "1" "2-3" "4-7" "8-15" "16-31" "32-63" "64-127" "128-255" "256-511" "512-1023" "1024-2047";
    /// Index of a device slot.
    DEVICE_INDEX = "index": "0" "1" "2-3" "4-7" "8-15" "16-31" "32-63" "64-127" "128-255" "256-511" "512-1023" "1024-2047" "2048-4095";
    /// Index of a host slot.
    HOST_INDEX = "index": "0" "1" "2-3" "4-7" "8-15" "16-31" "32-63" "64-127" "128-255" "256-511" "512-1023" "1024-2047" "2048+";
    /// Index of an event.
    EVENT_INDEX = "event": "0" "1" "2-3" "4-7" "8-15" "16-31" "32-63" "64";
    /// Bit of a pending word.
    BIT = "bit": "0" "1" "2" "3" "4" "5" "6" "7" "8" "9" "10" "11" "12" "13" "14" "15" "16" "17" "18" "19" "20" "21" "22" "23" "24" "25" "26" "27" "28" "29" "30" "31" "32" "33" "34" "35" "36" "37" "38" "39" "40" "41" "42" "43" "44" "45" "46" "47" "48" "49" "50" "51" "52" "53" "54" "55" "56" "57" "58" "59" "60" "61" "62" "63";
    /// Header of a message.
    HEADER = "header": "3dw" "4dw";
    /// What closes a source while its message is under way.
    CLOSING = "closed_by": "mask" "function_mask" "enable" "bus_master";
    /// What became of an arrival.
    OUTCOME = "outcome": "accepted" "merged";
    /// Priority class of a vector.
    CLASS = "class": "3" "4" "5" "6" "7" "8" "9" "10" "11" "12" "13";
    /// Processor.
    CPU = "cpu": "0" "1" "2-3" "4-7";
    /// Why the remapping unit blocks.
    REASON = "reason": "not_present" "reserved_field" "compatibility" "source_id";
    /// How remapping is set up.
    REMAPPING = "remapping": "off" "on" "compatibility" "extended";
    /// How a target is changed.
    RETARGET = "by": "entry" "entry_unflushed" "message";
    /// Packets to the device.
    DOWN = "down": "config_read" "config_write" "memory_read" "memory_write" "answer" "answer_data" "other";
    /// The packet before.
    DOWN_BEFORE = "before": "config_read" "config_write" "memory_read" "memory_write" "answer" "answer_data" "other";
    /// Whether two packets are taken in cycles close to each other.
    CLOSE = "close": "apart" "close";
    /// Regions of the device's memory.
    REGION = "region": "registers" "portal" "table" "pba" "slots" "host_pending" "none";
    /// Read or write.
    ACCESS = "access": "read" "write";
    /// Double words of an access.
    WORDS = "words": "1" "2" "3-4" "5+";
    /// Byte enables.
    ENABLES = "enables": "0" "1" "2" "3" "4" "5" "6" "7" "8" "9" "a" "b" "c" "d" "e" "f";
    /// Regions of configuration space.
    CONFIG = "config": "ids" "command" "bars" "header" "power" "pcie" "msi" "msix" "aer" "pasid" "siov" "other";
    /// Requests that the device must refuse.
    REFUSED = "refused": "undefined" "length" "unmapped" "io" "message" "poisoned" "completion" "poisoned_config";
    /// Packets of the device.
    UP = "up": "message" "record" "fetch" "answer" "answer_data" "error_message" "intx" "work_read" "work_write" "done_word" "translation_request" "invalidate_completion";
    /// The packet before.
    UP_BEFORE = "before": "message" "record" "fetch" "answer" "answer_data" "error_message" "intx" "work_read" "work_write" "done_word" "translation_request" "invalidate_completion";
    /// Status of a completion of the device.
    STATUS = "status": "success" "unsupported";
    /// Answers to slot fetches.
    ANSWER = "answer": "data" "unsupported" "abort" "reserved" "poisoned" "short";
    /// Size of an invalidation.
    ORDER = "order": "0" "1-3" "4-7" "8-11" "12-19" "all";
    /// How an invalidation's end is told.
    NOTIFY = "notify": "polled" "written";
    /// Fetches outstanding.
    FETCHES = "fetches": "0" "1" "2-3" "4-7" "8-16";
    /// Where a host slot's message comes from.
    HELD = "slot": "held" "fetched";
    /// Stalls, in quarters of the time.
    STALL_RX = "rx_gap": "none" "few" "half" "most";
    /// Stalls, in quarters of the time.
    STALL_TX = "tx_stall": "none" "few" "half" "most";
    /// Stalls, in quarters of the time.
    STALL_CAUSE = "cause_gap": "none" "few" "half" "most";
    /// Credit classes.
    CREDIT = "class": "posted" "posted_data" "non_posted" "completion" "completion_data";
    /// Credits kept open.
    WINDOW = "window": "infinite" "1" "2-3" "4-7" "8+";
    /// Completions are cut.
    SPLIT = "split": "whole" "cut";
    /// Completions change places.
    REORDER = "reorder": "in_order" "reordered";
    /// Longest delay of completions.
    DELAY = "delay": "short" "middle" "long";
    /// Mode of the APICs.
    APIC = "apic": "xapic" "x2apic";
    /// What the remapping unit keeps.
    CACHE = "entry_cache": "none" "lines" "unlimited";
    /// Read completion boundary.
    RCB = "rcb": "64" "128";
    /// Whether a store is in use.
    LIVE_MSIX = "msix": "off" "on";
    /// Whether a store is in use.
    LIVE_DEVICE = "device": "off" "on";
    /// Whether a store is in use.
    LIVE_HOST = "host": "off" "on";
    /// Whether remapping is on.
    LIVE_REMAP = "remapping": "off" "on";
    /// How events are told.
    MODE = "mode": "intx" "msi" "msix";
    /// Vectors that events share.
    SHARING = "sharing": "1" "2-7" "8-63" "64-65";
    /// How a vector's events are coalesced.
    COALESCED = "coalesced": "no" "frames" "time" "both";
    /// Frames of a coalescer.
    FRAMES = "frames": "0" "1" "2-3" "4-15" "16-255";
    /// MSI vectors granted.
    GRANTED = "granted": "1" "2" "4" "8" "16" "32";
    /// Level of INTA.
    LEVEL = "level": "deasserted" "asserted";
    /// Causes of a doorbell.
    COUNT = "count": "1" "2-3" "4-15" "16-63";
    /// With a record before each.
    RECORD = "record": "bare" "record";
    /// Causes of a sweep.
    SWEEP = "count": "1" "2-7" "8-63" "64+";
    /// Resets.
    RESET = "reset": "cold" "hot" "function" "power";
    /// Something is owed.
    OWED = "owed": "nothing" "something";
    /// Something is under way to a processor.
    FLYING = "flying": "nothing" "something";
    /// What a descriptor asks for.
    OPCODE = "opcode": "nop" "fill" "copy" "checksum";
    /// Bytes of a descriptor.
    SIZE = "size": "0" "1-3" "4-63" "64-255" "256-1023" "1024-4096" "4097+";
    /// How its end is told.
    ANNOUNCE = "announce": "record" "handle" "event";
    /// Waits for earlier ones.
    FENCE = "fence": "free" "fence";
    /// Number of a queue.
    QUEUE = "queue": "0" "1-7" "8-31" "32-63";
    /// Permission of a handle.
    PERMISSION = "permission": "privileged" "pasid" "any";
    /// Work is outstanding.
    WORKING = "work": "idle" "working";
    /// Queue with a PASID.
    PASID = "pasid": "none" "pasid";
    /// Doorbells through the portal.
    PORTAL = "portal": "register" "portal";
    /// Relaxed ordering of data.
    RELAXED = "relaxed": "strict" "relaxed";
    /// Error reporting.
    REPORTING = "reporting": "off" "on";
    /// Digests.
    DIGEST = "digest": "none" "digest";
    /// Max_Payload_Size.
    MPS = "mps": "128" "256" "512";
    /// Max_Read_Request_Size.
    MRRS = "mrrs": "128" "256" "512" "1024" "2048" "4096";
    /// Stores of a virtual function.
    VF_STORE = "store": "msix" "device";
    /// Whether a virtual function is there.
    THERE = "function": "absent" "there";
    /// Number of a virtual function.
    VF = "function": "0" "1" "2-3" "4-7" "8-15";
    /// Index of a source of a virtual function.
    VF_INDEX = "index": "0" "1" "2-3" "4-7" "8-15" "16-31" "32-63";
    /// Whose message follows whose.
    NEIGHBOUR = "neighbours": "physical_virtual" "virtual_physical" "same" "other";
    /// Virtual functions brought up.
    VF_COUNT = "count": "1" "2-3" "4-7" "8-15" "16";
    /// Regions of a virtual function's configuration space.
    VF_CONFIG = "config": "ids" "command" "pcie" "msix" "ari" "other";
    /// Regions of a virtual function's memory.
    VF_REGION = "region": "table" "pba" "slots" "registers" "hole";
    /// Errors of a virtual function.
    VF_ERROR = "error": "poisoned_write" "poisoned_config" "address_type";
    /// Address translation services.
    SERVICES = "services": "off" "on";
    /// What a translation request is answered with.
    TRANSLATED = "answer": "page" "range" "untranslated" "refused";
    /// By which address a slot is read.
    READ_BY = "read": "services_off" "untranslated" "asked" "held";
    /// What is known of a slot's page when a cause of it comes.
    KNOWN = "page": "unknown" "asked" "held";
    /// Translation requests under way.
    ASKED = "requests": "0" "1" "2-3" "4+";
    /// Translations that the device was given and not told to forget; it has sixteen places.
    GIVEN = "translations": "0" "1" "2-3" "4-7" "8-15" "16+";
    /// What an Invalidate Request takes back.
    REACH = "range": "page" "range" "everything";
    /// What the device waits for.
    AWAITED = "awaits": "nothing" "translation" "slot" "both";
    /// Invalidate Requests that wait in front of one.
    ITAGS = "waiting": "0" "1" "2" "3";
    /// Cycles to an Invalidate Completion.
    DONE_AFTER = "cycles": "0-63" "64-255" "256+";
    /// What happens beside a cause of a host slot.
    ATS_ACTION = "action": "invalidate_request" "services";
    /// The platform's remapping unit.
    UNIT = "unit": "none" "vtd" "amd";
    /// A posted interrupt is new in its descriptor, or already there.
    POSTED = "posted": "new" "merged";
    /// A notification goes out.
    TOLD = "notification": "silent" "told";
    /// Groups of operations.
    GROUP = "operation": "cause" "doorbell" "sweep" "mask" "function" "message" "target" "host_store" "work" "read" "link" "reset" "error" "time";
    /// The operation before.
    GROUP_BEFORE = "before": "cause" "doorbell" "sweep" "mask" "function" "message" "target" "host_store" "work" "read" "link" "reset" "error" "time";
}

/// Number of the power of two that `n` reaches: 0 for 0, 1 for 1, 2 for 2 and 3, …, at most `most`.
pub fn log2(n: u64, most: usize) -> usize {
    ((64 - n.leading_zeros()) as usize).min(most)
}

/// As [`log2`] for axes that begin with 1.
pub fn log2_from_1(n: u64, most: usize) -> usize {
    log2(n.max(1), most + 1) - 1
}

/// Quarters of 256: none, few, half, most.
pub fn quarter(n: u8) -> usize {
    match n {
        0 => 0,
        1..=63 => 1,
        64..=127 => 2,
        _ => 3,
    }
}

/// The first of the bounds that `n` does not exceed.
pub fn step(n: u64, bounds: &[u64]) -> usize {
    bounds.iter().position(|b| n <= *b).unwrap_or(bounds.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fall_into_the_values_that_say_so() {
        assert_eq!(MSIX_INDEX.values[log2(0, 11)], "0");
        assert_eq!(MSIX_INDEX.values[log2(3, 11)], "2-3");
        assert_eq!(MSIX_INDEX.values[log2(2047, 11)], "1024-2047");
        assert_eq!(MANY.values[log2_from_1(1, 4)], "1");
        assert_eq!(MANY.values[log2_from_1(15, 4)], "8-15");
        assert_eq!(MANY.values[log2_from_1(900, 4)], "16+");
        assert_eq!(SIZE.values[step(4097, &[0, 3, 63, 255, 1023, 4096])], "4097+");
        assert_eq!(EVENT_INDEX.values[log2(64, 7)], "64");
    }
}
