// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// irq_rows with any reads, writes and clears: any bit of any row, through both read ports, keeps the contract that the
// proof of the core relies on.
module formal_rows #(
  localparam int unsigned NumRows = 5,
  localparam int unsigned Width   = 3
) (
  input logic             clk_i,
  input logic [14:0]      op_row_i,
  input logic [14:0]      sel_row_i,
  input logic             we_i,
  input logic [14:0]      wrow_i,
  input logic [Width-1:0] wdata_i,
  input logic             clr_i,
  input logic [13:0]      clr_pair_i,
  input logic [Width-1:0] clr_even_i,
  input logic [Width-1:0] clr_odd_i
);
  (* anyconst *) logic [14:0] row;
  (* anyconst *) logic [1:0]  pos;
  always_comb assume (row < 15'(NumRows) && pos < 2'(Width));

  // Rows that are not there are not used.
  always_comb assume (wrow_i < 15'(NumRows) && op_row_i < 15'(NumRows) && sel_row_i < 15'(NumRows));

  logic [Width-1:0] op_rdata, sel_rdata;
  irq_rows #(.Width(Width), .NumRows(NumRows)) u_rows (
    .clk_i(clk_i), .op_row_i(op_row_i), .op_rdata_o(op_rdata), .sel_row_i(sel_row_i), .sel_rdata_o(sel_rdata),
    .we_i(we_i), .wrow_i(wrow_i), .wdata_i(wdata_i),
    .clr_i(clr_i), .clr_pair_i(clr_pair_i), .clr_even_i(clr_even_i), .clr_odd_i(clr_odd_i)
  );

  // A write to the row, by an operation or by the sweep, which takes two rows at a time.
  logic             hit, known_q = 1'b0;
  logic [1:0]       age_q = 2'd0;      // addresses of before the first clock mean nothing
  logic             wbit;
  assign hit  = clr_i ? clr_pair_i == row[14:1] : (we_i && wrow_i == row);
  assign wbit = clr_i ? (row[0] ? clr_odd_i[pos] : clr_even_i[pos]) : wdata_i[pos];

  logic op_bit, sel_bit, op_kept, sel_kept;
  coherent_contract #(.AddrW(15)) u_op (
    .clk_i(clk_i), .word_i(row), .we_i(hit), .waddr_i(row), .wdata_i(wbit),
    .raddr_i(op_row_i), .rdata_i(op_rdata[pos]), .bit_o(op_bit), .kept_o(op_kept)
  );
  coherent_contract #(.AddrW(15)) u_sel (
    .clk_i(clk_i), .word_i(row), .we_i(hit), .waddr_i(row), .wdata_i(wbit),
    .raddr_i(sel_row_i), .rdata_i(sel_rdata[pos]), .bit_o(sel_bit), .kept_o(sel_kept)
  );

  // Once it was written; what stood there before is not known.
  logic unused_bits;
  assign unused_bits = op_bit ^ sel_bit;
  always_ff @(posedge clk_i) begin
    known_q <= known_q || hit;
    age_q   <= {age_q[0], 1'b1};
    if (known_q && age_q[1]) begin
      PipelineReadsRow_A: assert (op_kept);
      SelectReadsRow_A: assert (sel_kept);
    end
  end
endmodule
