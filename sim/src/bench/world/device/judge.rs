// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What is owed at the end: quiet, liveness, findings.

use super::*;

impl Device {
    /// Whether the device owes nothing.
    pub fn is_quiet(&mut self) -> bool {
        let master = *self.shadow.config.bus_master.latest();
        self.causes.is_empty()
            && self.ledger.causes_accounted(master)
            && self.work.is_quiet(&mut self.shadow)
            && self.ledger.arrivals.is_empty()
            && self.function_reset.is_none()
            && self.errors.is_quiet()
            && self.translations.is_quiet()
            && self.ledger.overdue(&mut self.shadow).is_empty()
            && self.ledger.events.is_quiet(self.dut.now(), &mut self.shadow)
    }

    /// What is still owed after `bound` cycles of calm is lost.
    pub fn judge_liveness(&mut self, bound: Tick) {
        let now = self.now();
        self.ledger.judge_liveness(now, bound, &mut self.shadow);
        self.ledger.events.judge(now);
        let late = self.answers.overdue(now, 0);
        self.report.findings.extend(late);
        let late = self.translations.judge_liveness(now, bound);
        self.report.findings.extend(late);
        let late = self.errors.judge_liveness(now, bound);
        self.report.findings.extend(late);
        let missing = self.work.judge_liveness(now, bound, &mut self.shadow);
        self.report.findings.extend(missing);
        let stuck = self.ledger.arrivals.abandon();
        if stuck > 0 {
            let text = format!("{stuck} message(s) entered the remapping unit and neither arrived nor were blocked");
            self.find("message_stuck_in_host", Kind::Liveness, text);
            self.ledger.counters.lost += stuck;
        }
        self.causes.clear();
    }

    /// How often the laws of events looked.
    pub fn judge_events(&mut self) {
        let events = &self.ledger.events;
        let (fired, wire) = (events.looked, events.intx.looked);
        let check = [
            ("coalescer_fired_early", fired),
            ("firing_without_event", fired),
            ("event_never_fired", fired),
            ("intx_level", wire),
            ("intx_alternates", wire),
            ("intx_message_shape", wire),
            ("intx_without_request", wire),
            ("message_beside_intx", wire),
        ];
        for (name, n) in check {
            self.report.look_often(name, n);
        }
    }

    /// Completions that are overdue after the device had `bound` cycles of calm.
    pub fn judge_answers(&mut self, bound: Tick) {
        let late = self.answers.overdue(self.now(), bound);
        self.report.findings.extend(late);
    }

    /// A request under this tag was sent to be ignored.
    pub fn retire_answer(&mut self, tag: u16) {
        self.answers.retire(tag);
    }

    /// Takes all findings so far, from checks and ledger, in order of time.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        let mut all = std::mem::take(&mut self.report.findings);
        all.append(&mut self.ledger.findings);
        all.append(&mut self.ledger.events.findings);
        all.sort_by_key(|f| f.tick);
        all
    }

    /// All invalidations started so far are complete: old slot contents can no longer be sent.
    pub fn invalidations_done(&mut self) {
        for i in std::mem::take(&mut self.invalidations) {
            self.ledger.unpark(i.first, i.last, i.came);
            for (_, entry) in self.shadow.entries.host_range(i.first, i.last) {
                entry.prune(i.covers);
            }
        }
    }
}
