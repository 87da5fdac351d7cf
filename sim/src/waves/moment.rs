// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Where in a test its first interrupt is, from the event log.

use serde_json::Value;

/// Cycles of the first interrupt of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The core took the cause.
    pub raised: u64,
    /// The last packet to the device before that had been taken.
    pub asked: Option<u64>,
    /// The message left the device.
    pub sent: Option<u64>,
    /// It reached a local APIC: processor, vector, cycle.
    pub arrived: Option<(u64, u64, u64)>,
    /// The processor took the vector into service.
    pub in_service: Option<u64>,
    /// The processor ended it.
    pub ended: Option<u64>,
    /// Cycles of the whole test.
    pub cycles: u64,
}

impl Moment {
    /// Reads the log, one JSON object a line. Without a message the moment is the last cause, or the end of the test.
    pub fn of_events(events: &str, cycles: u64) -> Self {
        let lines: Vec<Value> = events.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
        let at = |v: &Value| v["t"].as_u64().unwrap_or(0);
        let is = |v: &Value, what: &str| v["ev"] == what;
        let mut m = Self { raised: cycles, cycles, ..Self::default() };
        let Some(sent) = lines.iter().find(|v| is(v, "up") && v["cause"].is_u64()) else {
            m.raised = lines.iter().rev().find(|v| is(v, "cause")).map_or(cycles, at);
            return m;
        };
        let same = |v: &&Value| v["cause"] == sent["cause"];
        m.sent = Some(at(sent));
        m.raised = lines.iter().filter(|v| is(v, "cause")).find(same).map_or(at(sent), at);
        m.asked = lines.iter().filter(|v| is(v, "taken") && at(v) < m.raised).map(at).next_back();
        let arrival = lines.iter().filter(|v| is(v, "arrival")).find(same);
        if let Some(a) = arrival {
            let (cpu, vector) = (a["cpu"].as_u64().unwrap_or(0), a["vector"].as_u64().unwrap_or(0));
            m.arrived = Some((cpu, vector, at(a)));
            let after = |v: &&Value, from: u64| at(v) >= from && v["cpu"].as_u64() == Some(cpu);
            let taken = |v: &&Value| is(v, "taken_by_cpu") && v["vector"].as_u64() == Some(vector) && after(v, at(a));
            m.in_service = lines.iter().find(taken).map(at);
            if let Some(from) = m.in_service {
                m.ended = lines.iter().find(|v| is(v, "eoi") && after(v, from)).map(at);
            }
        }
        m
    }

    /// The cycle on which a viewer opens.
    pub fn focus(&self) -> u64 {
        self.sent.unwrap_or(self.raised)
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn follows_the_first_message_to_its_end() {
        let log = r#"{"t":5,"ev":"taken","n":1}
{"t":9,"ev":"cause","cause":1,"op":"Raise"}
{"t":11,"ev":"cause","cause":2,"op":"Raise"}
{"t":20,"ev":"up","cause":2,"hdr":""}
{"t":30,"ev":"arrival","cause":2,"cpu":1,"vector":65}
{"t":31,"ev":"taken_by_cpu","cpu":0,"vector":65}
{"t":33,"ev":"taken_by_cpu","cpu":1,"vector":65}
{"t":40,"ev":"eoi","cpu":1}
"#;
        let m = Moment::of_events(log, 100);
        assert_eq!((m.asked, m.raised, m.sent), (Some(5), 11, Some(20)));
        assert_eq!((m.arrived, m.in_service, m.ended), (Some((1, 65, 30)), Some(33), Some(40)));
        assert_eq!(m.focus(), 20);
    }

    #[test]
    fn without_a_message_the_last_cause_or_the_end() {
        assert_eq!(Moment::of_events(r#"{"t":9,"ev":"cause","cause":1}"#, 50).focus(), 9);
        assert_eq!(Moment::of_events("", 50).focus(), 50);
    }
}
