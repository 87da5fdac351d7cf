// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Register stage of a valid/ready stream with full throughput: both directions are registered, so it cuts every
// combinational path between its sides. A word is one clock late; two words fit in.
module prim_skid #(
  parameter int unsigned Width = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,   // forget what is held

  // from upstream
  input  logic             valid_i,
  output logic             ready_o,
  input  logic [Width-1:0] data_i,

  // to downstream
  output logic             valid_o,
  input  logic             ready_i,
  output logic [Width-1:0] data_o
);
  // `out` faces downstream; `skid` catches the word that was under way when downstream stopped.
  logic             out_valid_q, skid_valid_q;
  logic [Width-1:0] out_q, skid_q;
  logic             take;

  assign ready_o = !skid_valid_q;
  assign valid_o = out_valid_q;
  assign data_o  = out_q;
  assign take    = ready_i || !out_valid_q;   // `out` can be loaded

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      out_valid_q  <= 1'b0;
      skid_valid_q <= 1'b0;
    end else begin
      if (take) begin
        out_valid_q  <= skid_valid_q || valid_i;
        skid_valid_q <= 1'b0;
      end else if (valid_i && ready_o) begin
        skid_valid_q <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) out_q <= skid_valid_q ? skid_q : data_i;
    if (ready_o) skid_q <= data_i;
  end
endmodule
