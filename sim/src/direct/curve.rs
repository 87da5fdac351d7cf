// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Coverage over cycles as a picture.

use super::compare::Curve;
use anyhow::Result;
use plotters::prelude::*;
use std::path::Path;

/// Draws curves of strategies; the axis of cycles is logarithmic, since that is where they differ.
pub fn draw(path: &Path, title: &str, reachable: usize, curves: &[(&str, Vec<Curve>)]) -> Result<()> {
    let most = curves.iter().flat_map(|(_, all)| all).filter_map(|c| c.last()).map(|(x, _)| *x).max().unwrap_or(1);
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (860, 480)).into_drawing_area();
        root.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&root)
            .caption(title, ("sans-serif", 17))
            .margin(14)
            .x_label_area_size(44)
            .y_label_area_size(58)
            .build_cartesian_2d((1_000f64..most as f64).log_scale(), 0f64..reachable as f64)?;
        let label = |x: &f64| match *x {
            x if x >= 1e6 => format!("{} M", x / 1e6),
            x => format!("{} k", x / 1e3),
        };
        chart
            .configure_mesh()
            .x_desc("simulated cycles")
            .y_desc("bins hit")
            .x_label_formatter(&label)
            .y_label_formatter(&|y| format!("{y:.0}"))
            .light_line_style(WHITE)
            .draw()?;
        let colours = [RGBColor(0x8a, 0x94, 0x9e), RGBColor(0xc2, 0x7c, 0x0c), RGBColor(0x1f, 0x6f, 0xb4)];
        for ((name, all), colour) in curves.iter().zip(colours) {
            for (k, curve) in all.iter().enumerate() {
                let points = curve.iter().map(|(x, y)| ((*x).max(1_000) as f64, *y as f64));
                let line = chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
                if k == 0 {
                    line.label(*name)
                        .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], colour.stroke_width(3)));
                }
            }
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .border_style(BLACK)
            .background_style(WHITE)
            .draw()?;
        root.present()?;
    }
    // Licence and origin stand in front of the picture, as in every file.
    let head = "<!-- SPDX-License-Identifier: Apache-2.0 OR MIT -->\n<!-- Written by `make figure NAME=directed-vs-random`; do not edit. -->\n";
    let at = svg.find("<svg").unwrap_or(0);
    svg.insert_str(at, head);
    std::fs::write(path, svg)?;
    Ok(())
}
