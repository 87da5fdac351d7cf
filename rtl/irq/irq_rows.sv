// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// One bit vector over all sources, as rows: read for the pipeline and, through a second copy, for select.
//
// Each read is coherent (prim_ram_coherent): address in clock t, data in t+2 with every write up to t+1. Even and odd
// rows are two banks so that the clearing sweep takes two rows a clock: 2^20 host slots are 16 384 rows, and clearing
// has to end before 2^14 clocks.
module irq_rows #(
  parameter int unsigned Width = 64,
  parameter int unsigned NumRows = 4,
  parameter bit          SelectPort = 1'b1   // 0: no second copy; sel_rdata_o is 0
) (
  input  logic               clk_i,

  // pipeline: row of the operation that starts, its contents two clocks later
  input  irq_pkg::row_t      op_row_i,
  output logic [Width-1:0]   op_rdata_o,

  // select
  input  irq_pkg::row_t      sel_row_i,
  output logic [Width-1:0]   sel_rdata_o,

  // write
  input  logic               we_i,
  input  irq_pkg::row_t      wrow_i,
  input  logic [Width-1:0]   wdata_i,

  // clearing sweep: rows 2 * clr_pair_i and 2 * clr_pair_i + 1
  input  logic               clr_i,
  input  logic [13:0]        clr_pair_i,
  input  logic [Width-1:0]   clr_even_i,
  input  logic [Width-1:0]   clr_odd_i
);
  localparam int unsigned Pairs = (NumRows + 1) / 2;
  localparam int unsigned PairW = (Pairs > 1) ? $clog2(Pairs) : 1;

  logic [PairW-1:0] waddr;
  logic [Width-1:0] wdata_even, wdata_odd;
  logic             we_even, we_odd;
  logic             clr_hit;

  assign clr_hit    = clr_i && (clr_pair_i < 14'(Pairs));
  assign waddr      = clr_i ? clr_pair_i[PairW-1:0] : wrow_i[PairW:1];
  assign wdata_even = clr_i ? clr_even_i : wdata_i;
  assign wdata_odd  = clr_i ? clr_odd_i : wdata_i;
  assign we_even    = clr_i ? clr_hit : (we_i && !wrow_i[0]);
  assign we_odd     = clr_i ? clr_hit : (we_i && wrow_i[0]);

  // pipeline copy
  logic [Width-1:0] op_even, op_odd;
  logic [1:0]       op_odd_q;   // which bank, delayed with the data

  prim_ram_coherent #(.Width(Width), .Depth(Pairs)) u_op_even (
    .clk_i(clk_i), .we_i(we_even), .waddr_i(waddr), .wdata_i(wdata_even),
    .raddr_i(op_row_i[PairW:1]), .rdata_o(op_even)
  );
  prim_ram_coherent #(.Width(Width), .Depth(Pairs)) u_op_odd (
    .clk_i(clk_i), .we_i(we_odd), .waddr_i(waddr), .wdata_i(wdata_odd),
    .raddr_i(op_row_i[PairW:1]), .rdata_o(op_odd)
  );

  always_ff @(posedge clk_i) op_odd_q <= {op_odd_q[0], op_row_i[0]};
  assign op_rdata_o = op_odd_q[1] ? op_odd : op_even;

  // select's copy
  if (SelectPort) begin : gen_sel
    logic [Width-1:0] sel_even, sel_odd;
    logic [1:0]       sel_odd_q;

    prim_ram_coherent #(.Width(Width), .Depth(Pairs)) u_even (
      .clk_i(clk_i), .we_i(we_even), .waddr_i(waddr), .wdata_i(wdata_even),
      .raddr_i(sel_row_i[PairW:1]), .rdata_o(sel_even)
    );
    prim_ram_coherent #(.Width(Width), .Depth(Pairs)) u_odd (
      .clk_i(clk_i), .we_i(we_odd), .waddr_i(waddr), .wdata_i(wdata_odd),
      .raddr_i(sel_row_i[PairW:1]), .rdata_o(sel_odd)
    );

    always_ff @(posedge clk_i) sel_odd_q <= {sel_odd_q[0], sel_row_i[0]};
    assign sel_rdata_o = sel_odd_q[1] ? sel_odd : sel_even;
  end else begin : gen_no_sel
    logic unused_sel;
    assign unused_sel  = ^sel_row_i;
    assign sel_rdata_o = '0;
  end

  // The common numbering is wider than a small instance needs.
  logic unused_rows;
  assign unused_rows = ^{op_row_i, sel_row_i, wrow_i, clr_pair_i};
endmodule
