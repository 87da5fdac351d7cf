// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `rtl-coverage`: lines, branches, toggles and cover properties of the RTL that the vectors reach.

use super::{Context, Figure};
use crate::cover_rtl::{Kind, Options, judge, measure, read, texts};
use crate::run::batch::default_workers;
use anyhow::{Result, anyhow};
use serde_json::{Map, json};

/// Toggles to reach, in percent; of lines and branches all.
const TOGGLES: f64 = 98.0;
/// Vectors of the short form.
const FEW: &str = "msi_w*";

/// Measures it.
pub fn rtl_coverage(ctx: &Context) -> Result<Figure> {
    let exclusions = read(&ctx.root)?;
    // Other widths have points of their own: another design, which `widths` and lockstep run.
    let filter = ctx.small.then(|| FEW.to_owned());
    let options = Options { devices: vec![Vec::new()], filter, workers: default_workers(), within: None };
    let root = ctx.root.clone();
    // The figure's voice belongs to this thread.
    let (tell, hear) = std::sync::mpsc::channel::<String>();
    let measured = std::thread::scope(|scope| {
        let work = scope.spawn(move || {
            let tell = tell;
            measure(&root, &options, &|text| _ = tell.send(text.to_owned()))
        });
        hear.iter().for_each(|text| (ctx.say)(&text));
        work.join().unwrap_or_else(|_| Err(anyhow!("the measurement broke")))
    })?;
    let judged = judge(&measured.cover, &exclusions, &texts(&ctx.root)?)?;
    let percent = |k: Kind| judged[&k].percent();
    let mut value = Map::new();
    for kind in Kind::ALL {
        let j = &judged[&kind];
        let of = json!({ "percent": j.percent(), "reached": j.reached, "points": j.points, "excluded": j.excluded });
        value.insert(kind.word().into(), of);
    }
    Ok(Figure {
        name: "rtl-coverage",
        value: value.into(),
        unit: "percent of the points of the design's text that the vectors reach, without excluded ones",
        goal: format!("line and branch 100 %, toggle at least {TOGGLES} %"),
        ok: percent(Kind::Line) >= 100.0 && percent(Kind::Branch) >= 100.0 && percent(Kind::Toggle) >= TOGGLES,
        spread: None,
        how: format!(
            "ims-cosim rtl-cov --one: every vector for the default device; instances of a module share their points; exclusions: rtl/cov/exclusions.yaml{}",
            if ctx.small { format!("; short form: vectors {FEW}") } else { String::new() }
        ),
    })
}
