// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `junit.xml`.

use super::Summary;
use crate::run::{Outcome, Verdict};
use anyhow::Result;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The report as XML text.
pub fn xml(summary: &Summary, outcomes: &[Outcome]) -> Result<String> {
    let mut report = Report::new("ims-cosim");
    report.set_time(Duration::from_secs_f64(summary.wall_s));
    let mut suite = TestSuite::new(format!("vectors on {}", summary.identity.dut));
    for o in outcomes {
        let status = match o.verdict {
            Verdict::Passed => TestCaseStatus::success(),
            v => {
                let kind = if matches!(v, Verdict::Failed | Verdict::Liveness) {
                    NonSuccessKind::Failure
                } else {
                    NonSuccessKind::Error
                };
                let mut s = TestCaseStatus::non_success(kind);
                let first = o.findings.first().map(|f| format!("{} at tick {}: {}", f.check, f.tick, f.text));
                s.set_message(first.or_else(|| o.error.clone()).unwrap_or_else(|| v.word().to_string()));
                let all: Vec<String> =
                    o.findings.iter().map(|f| format!("{} at tick {}: {}", f.check, f.tick, f.text)).collect();
                s.set_description(all.join("\n"));
                s
            }
        };
        let mut case = TestCase::new(o.name.clone(), status);
        case.set_classname("vectors").set_time(Duration::from_secs_f64(o.wall_s)).set_assertions(o.checks as usize);
        suite.add_test_case(case);
    }
    for k in &summary.skipped {
        let mut status = TestCaseStatus::skipped();
        status.set_message(k.reason.clone());
        let mut case = TestCase::new(k.test.clone(), status);
        case.set_classname("vectors");
        suite.add_test_case(case);
    }
    report.add_test_suite(suite);
    Ok(report.to_string()?)
}
