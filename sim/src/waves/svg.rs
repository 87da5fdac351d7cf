// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The few SVG shapes that the picture needs.

use std::fmt::Write as _;

const STYLE: &str = "\
text{font-family:'DejaVu Sans',Verdana,Arial,sans-serif;fill:#1b2733}\
.title{font-size:15px;font-weight:600}.note{font-size:11px;fill:#5b6b7a}\
.block{font-size:11px;font-weight:600;fill:#31506e}\
.name,.tick,.value{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:11px}\
.tick{font-size:10px;fill:#5b6b7a}.legend{font-size:12px}.number{font-size:11px;font-weight:600;fill:#fff}\
.grid{stroke:#e7ecf1;stroke-width:1}.rule{stroke:#c9d3dc;stroke-width:1}\
.idle{stroke:#b4c0cb;stroke-width:1.2}.level{fill:none;stroke:#1f6f4a;stroke-width:1.6}\
.high{fill:#dff1e7}.box{fill:#e3eefb;stroke:#2b63a3;stroke-width:1.2}\
.step{stroke:#c2410c;stroke-width:1.1;stroke-dasharray:3 3}.badge{fill:#c2410c}\
.cut{fill:#fff}.wave{fill:none;stroke:#8796a5;stroke-width:1.1}";

/// A drawing that grows.
pub struct Svg {
    head: String,
    body: String,
    // The lines that mark steps lie over the lanes and under all text.
    steps: String,
    over: String,
}

impl Svg {
    /// An empty drawing of this size on white.
    pub fn new(width: f64, height: f64) -> Self {
        let head = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\">\n<!-- SPDX-License-Identifier: Apache-2.0 OR MIT -->\n\
             <!-- Written by `ims-cosim waves`; do not edit. -->\n<style>{STYLE}</style>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
        );
        Self { head, body: String::new(), steps: String::new(), over: String::new() }
    }

    /// A line of a class.
    pub fn line(&mut self, class: &str, a: (f64, f64), b: (f64, f64)) {
        let into = if class == "step" { &mut self.steps } else { &mut self.body };
        let _ = writeln!(
            into,
            "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
            a.0, a.1, b.0, b.1
        );
    }

    /// Text of a class, anchored at `start`, `middle` or `end`.
    pub fn text(&mut self, x: f64, y: f64, class: &str, anchor: &str, text: &str) {
        let _ = writeln!(
            self.over,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escaped(text)
        );
    }

    /// A curve of levels.
    pub fn path(&mut self, class: &str, points: &[(f64, f64)]) {
        let list: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(self.body, "<polyline class=\"{class}\" points=\"{}\"/>", list.join(" "));
    }

    /// The ground of a level that is 1.
    pub fn fill(&mut self, x: f64, y: f64, width: f64, height: f64) {
        let _ = writeln!(
            self.body,
            "<rect class=\"high\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
    }

    /// A value in a box with slanted ends.
    pub fn value(&mut self, (a, b): (f64, f64), y: f64, height: f64, text: &str) {
        let (middle, slant) = (y + height / 2.0, 4.0);
        let _ = writeln!(
            self.body,
            "<polygon class=\"box\" points=\"{a:.1},{middle:.1} {:.1},{y:.1} {:.1},{y:.1} {b:.1},{middle:.1} {:.1},{low:.1} {:.1},{low:.1}\"/>",
            a + slant,
            b - slant,
            b - slant,
            a + slant,
            low = y + height
        );
        // A ground of its own keeps the text clear of the lines that mark steps.
        let width = text.chars().count() as f64 * 6.7;
        let _ = writeln!(
            self.over,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"#e3eefb\"/>",
            (a + b - width) / 2.0,
            y + 1.2,
            height - 2.4
        );
        self.text((a + b) / 2.0, y + height - 3.5, "value", "middle", text);
    }

    /// The mark of cycles that are left out.
    pub fn gap(&mut self, x: f64, top: f64, bottom: f64) {
        let wave = |shift: f64| {
            let mut points = String::new();
            let mut y = top;
            let mut side = 1.0;
            while y <= bottom {
                let _ = write!(points, "{:.1},{y:.1} ", x + shift + 2.0 * side);
                side = -side;
                y += 7.0;
            }
            points
        };
        let (left, right) = (wave(-4.0), wave(4.0));
        let _ = writeln!(
            self.body,
            "<rect class=\"cut\" x=\"{:.1}\" y=\"{top:.1}\" width=\"8\" height=\"{:.1}\"/>\
             <polyline class=\"wave\" points=\"{left}\"/><polyline class=\"wave\" points=\"{right}\"/>",
            x - 4.0,
            bottom - top
        );
    }

    /// A number in a disc.
    pub fn badge(&mut self, x: f64, y: f64, number: usize) {
        let _ = writeln!(self.over, "<circle class=\"badge\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"9\"/>");
        self.text(x, y + 4.0, "number", "middle", &number.to_string());
    }

    /// The whole file.
    pub fn finish(self) -> String {
        format!("{}{}{}{}</svg>\n", self.head, self.body, self.steps, self.over)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
