// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which faults each place can have.

use super::expression::{Expr, What};
use super::places::{Places, Role};
use std::ops::Range;

/// A text that stands in the place of another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// Bytes of the text as it is: an expression, or a whole statement.
    pub span: Range<usize>,
    /// What stands there; none if the statement is left out.
    pub text: Option<String>,
}

/// A fault of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Kind of the fault.
    pub operator: &'static str,
    /// What changes; two texts when inputs change places.
    pub edits: Vec<Edit>,
}

/// Every kind of fault, with what it does.
pub const OPERATORS: [(&str, &str); 17] = [
    ("equality", "== for != and the reverse"),
    ("bound", "< for <=, and the like: off by one"),
    ("direction", "< for >=, and the like"),
    ("and-or", "&& for ||, & for |, and the reverse"),
    ("term", "a term of a conjunction or disjunction is missing"),
    ("arithmetic", "+ for -, << for >>, and the reverse"),
    ("inversion", "! or ~ is missing"),
    ("condition", "a condition is negated"),
    ("always", "a condition always holds"),
    ("never", "a condition never holds"),
    ("constant", "a number one higher or lower, a bit inverted"),
    ("reset", "a register starts with another value"),
    ("index", "an index one higher or lower"),
    ("width", "a slice or cast one bit narrower"),
    ("stuck", "a value is always 0 or always 1"),
    ("dropped", "an assignment is missing"),
    ("swapped", "two inputs of an instance, or the arms of a choice, change places"),
];

/// All faults of a file, in the order of their places.
pub fn faults(text: &str, places: &Places) -> Vec<Fault> {
    let mut maker = Maker { text, reset: false, out: Vec::new() };
    for p in &places.expressions {
        maker.reset = p.reset;
        match p.role {
            Role::Condition => {
                let c = maker.of(&p.root);
                maker.one("condition", &p.root, format!("!({c})"));
                maker.one("always", &p.root, "1'b1".into());
                maker.one("never", &p.root, "1'b0".into());
            }
            Role::Value if !matches!(p.root.what, What::Number | What::Fill) && !p.reset => {
                maker.one("stuck", &p.root, "'0".into());
                maker.one("stuck", &p.root, "'1".into());
            }
            Role::Subscript => maker.index(&p.root),
            _ => {}
        }
        maker.inside(&p.root, p.role == Role::Subscript);
    }
    for s in &places.statements {
        maker.out.push(Fault { operator: "dropped", edits: vec![Edit { span: s.span.clone(), text: None }] });
    }
    for p in &places.pairs {
        let edit =
            |at: &Range<usize>, by: &Range<usize>| Edit { span: at.clone(), text: Some(text[by.clone()].into()) };
        maker
            .out
            .push(Fault { operator: "swapped", edits: vec![edit(&p.first, &p.second), edit(&p.second, &p.first)] });
    }
    let mut out = maker.out;
    out.sort_by_key(|f| (f.edits[0].span.start, f.edits[0].span.end));
    out
}

struct Maker<'t> {
    text: &'t str,
    reset: bool,
    out: Vec<Fault>,
}

impl Maker<'_> {
    fn of(&self, e: &Expr) -> String {
        self.text[e.span.clone()].to_owned()
    }

    fn one(&mut self, operator: &'static str, at: &Expr, text: String) {
        if text != self.of(at) {
            self.out.push(Fault { operator, edits: vec![Edit { span: at.span.clone(), text: Some(text) }] });
        }
    }

    /// Faults of `e` and of what it is made of; `subscript`: numbers in it are places, whose faults are those of an index.
    fn inside(&mut self, e: &Expr, subscript: bool) {
        match &e.what {
            What::Binary(op) => self.binary(e, op),
            What::Unary(op) => {
                let kid = self.of(&e.kids[0]);
                match op.as_str() {
                    // One bit, however wide the operand is.
                    "!" => self.one("inversion", e, format!("1'b1 && ({kid})")),
                    "~" => self.one("inversion", e, kid),
                    _ => {}
                }
            }
            What::Choice => {
                let [c, yes, no] = [0, 1, 2].map(|k| self.of(&e.kids[k]));
                self.one("swapped", e, format!("({c}) ? ({no}) : ({yes})"));
            }
            What::Number if !subscript => self.number(e),
            What::Fill => {
                let other = if self.of(e) == "'0" { "'1" } else { "'0" };
                self.one(if self.reset { "reset" } else { "constant" }, e, other.into());
            }
            What::Index => self.index(&e.kids[1]),
            What::Slice(high, low) => self.slice(e, high, low),
            What::Cast(of) => {
                if let Ok(width) = self.text[of.clone()].parse::<u32>()
                    && width > 1
                {
                    let kid = self.of(&e.kids[0]);
                    self.one("width", e, format!("{}'({kid})", width - 1));
                }
            }
            _ => {}
        }
        for (k, kid) in e.kids.iter().enumerate() {
            let place = matches!(e.what, What::Index | What::Part) && k == 1;
            self.inside(kid, subscript || place);
        }
    }

    fn binary(&mut self, e: &Expr, op: &str) {
        let (a, b) = (self.of(&e.kids[0]), self.of(&e.kids[1]));
        let with = |op: &str| format!("{a} {op} {b}");
        match op {
            "==" => self.one("equality", e, with("!=")),
            "!=" => self.one("equality", e, with("==")),
            "<" | "<=" | ">" | ">=" => {
                let (near, far) = match op {
                    "<" => ("<=", ">="),
                    "<=" => ("<", ">"),
                    ">" => (">=", "<="),
                    _ => (">", "<"),
                };
                self.one("bound", e, with(near));
                self.one("direction", e, with(far));
            }
            "&&" | "||" => {
                self.one("and-or", e, format!("({a}) {} ({b})", if op == "&&" { "||" } else { "&&" }));
                self.one("term", e, format!("1'b1 && ({a})"));
                self.one("term", e, format!("1'b1 && ({b})"));
            }
            "&" | "|" | "^" => {
                self.one("and-or", e, format!("({a}) {} ({b})", if op == "|" { "&" } else { "|" }));
                self.one("term", e, a);
                self.one("term", e, b);
            }
            "+" => self.one("arithmetic", e, format!("({a}) - ({b})")),
            "-" => self.one("arithmetic", e, format!("({a}) + ({b})")),
            "<<" => self.one("arithmetic", e, format!("({a}) >> ({b})")),
            ">>" => self.one("arithmetic", e, format!("({a}) << ({b})")),
            _ => {}
        }
    }

    fn number(&mut self, e: &Expr) {
        let operator = if self.reset { "reset" } else { "constant" };
        let text = self.of(e).replace('_', "");
        let Some((size, rest)) = text.split_once('\'') else { return };
        let (Ok(size), Some(base)) = (size.parse::<u32>(), rest.chars().next()) else { return };
        let radix = match base {
            'd' => 10,
            'h' => 16,
            'b' => 2,
            _ => return,
        };
        let Ok(value) = u128::from_str_radix(&rest[1..], radix) else { return };
        let all = if size >= 128 { u128::MAX } else { (1 << size) - 1 };
        let mut others = vec![value.wrapping_add(1) & all];
        if size > 1 {
            others.push(value.wrapping_sub(1) & all);
        }
        others.dedup();
        for other in others {
            self.one(operator, e, format!("{size}'h{other:x}"));
        }
    }

    fn index(&mut self, index: &Expr) {
        let text = self.of(index);
        if let Ok(k) = text.parse::<u32>() {
            self.one("index", index, (k + 1).to_string());
            if k > 0 {
                self.one("index", index, (k - 1).to_string());
            }
        } else {
            self.one("index", index, format!("({text}) + 1"));
        }
    }

    fn slice(&mut self, e: &Expr, high: &Range<usize>, low: &Range<usize>) {
        let bounds = (self.text[high.clone()].parse::<u32>(), self.text[low.clone()].parse::<u32>());
        let (Ok(h), Ok(l)) = bounds else { return };
        if h > l {
            let base = self.of(&e.kids[0]);
            self.one("width", e, format!("{base}[{}:{l}]", h - 1));
            self.one("width", e, format!("{base}[{h}:{}]", l + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::places::{places, ports};
    use super::*;

    const TEXT: &str = "module m #(parameter int unsigned W = 4) (input logic clk_i, input logic rst_ni,
  input logic [W-1:0] a_i, input logic [W-1:0] b_i, output logic [3:0] q_o);
  localparam logic [3:0] K = 4'd3;
  logic [3:0] q;
  for (genvar i = 0; i < 2; i++) begin : gen_x
    assign q_o[i] = a_i[i] && !b_i[2];
  end
  sub #(.N(4'd2)) u_sub (.clk_i, .x_i(a_i), .y_i(b_i), .z_o(q_o[2]));
  always_ff @(posedge clk_i) begin
    if (!rst_ni) q <= 4'd0;
    else if (a_i <= 4'd7) q[a_i] <= 1'b1;
  end
endmodule
module sub #(parameter int N = 1) (input logic clk_i, input logic [3:0] x_i, input logic [3:0] y_i, output logic z_o);
  always_comb begin
    z_o = 1'b0;
    case (x_i)
      4'd1: if (y_i != 4'd2) z_o = 1'b1;
      default: ;
    endcase
  end
endmodule
";

    fn of(operator: &str) -> Vec<String> {
        let modules = ports(TEXT).expect("ports");
        let places = places(TEXT, &modules).expect("places");
        faults(TEXT, &places)
            .into_iter()
            .filter(|f| f.operator == operator)
            .map(|f| {
                let show =
                    |e: &Edit| format!("{} -> {}", &TEXT[e.span.clone()], e.text.as_deref().unwrap_or("nothing"));
                f.edits.iter().map(show).collect::<Vec<_>>().join(" | ")
            })
            .collect()
    }

    #[test]
    fn each_kind_of_fault_is_found_where_it_can_be() {
        assert_eq!(of("equality"), ["y_i != 4'd2 -> y_i == 4'd2"]);
        assert_eq!(of("bound"), ["a_i <= 4'd7 -> a_i < 4'd7"]);
        assert_eq!(of("reset"), ["4'd0 -> 4'h1", "4'd0 -> 4'hf"]);
        assert_eq!(of("swapped"), ["a_i -> b_i | b_i -> a_i"]);
        assert_eq!(of("inversion"), ["!b_i[2] -> 1'b1 && (b_i[2])", "!rst_ni -> 1'b1 && (rst_ni)"]);
        assert_eq!(of("index"), ["i -> (i) + 1", "2 -> 3", "2 -> 1", "a_i -> (a_i) + 1"]);
        assert_eq!(of("always").len(), 3);
        let dropped = of("dropped");
        assert_eq!(
            dropped,
            ["q <= 4'd0; -> nothing", "q[a_i] <= 1'b1; -> nothing", "z_o = 1'b1; -> nothing"],
            "not the default of combinational logic"
        );
    }

    #[test]
    fn what_elaboration_fixes_stays() {
        let modules = ports(TEXT).expect("ports");
        let all = faults(TEXT, &places(TEXT, &modules).expect("places"));
        for still in ["4'd3", "(4'd2))", "4'd1:", "i < 2"] {
            let at = TEXT.find(still).expect("it is there");
            assert!(all.iter().all(|f| f.edits.iter().all(|e| !e.span.contains(&at))), "{still}");
        }
    }
}
