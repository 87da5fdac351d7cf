// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Parties that offer something until it is taken: records of the DMA engine, causes of all origins, held grants. What is
// offered to them stays too, as each of them has it from the next.
module formal_offers (
  input logic           clk_i,
  input logic           allow_i,
  input logic [1:0]     lane_valid_i,
  input logic [2*ep_pkg::RecordW-1:0] record_i,
  input logic           looked_i,
  input logic [63:4]    addr_i,
  input logic [31:0]    number_i,
  input logic           wrote_ok_i,
  input logic           post_ready_i,
  input logic [3:0]     cause_valid_i,
  input ep_pkg::cause_t ext_i,
  input ep_pkg::cause_t fn_i,
  input logic [6:0]     fire_vector_i,
  input logic           core_ready_i,
  input logic           ev_ready_i,
  input logic [2:0]     req_i,
  input logic           ack_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  fn_record #(.Lanes(2)) u_record (
    .clk_i(clk_i), .rst_ni(rst_ni), .allow_i(allow_i), .valid_i(lane_valid_i), .record_i(record_i),
    .looked_i(looked_i), .addr_i(addr_i), .number_i(number_i), .wrote_ok_i(wrote_ok_i), .post_ready_i(post_ready_i)
  );

  // What each party offers stays, unchanged, until it is taken.
  logic [3:0]     ready, waiting_q;
  ep_pkg::cause_t ext_q, fn_q;
  logic [6:0]     fire_q;
  always_ff @(posedge clk_i) begin
    waiting_q <= rst_ni ? cause_valid_i & ~ready : '0;
    {ext_q, fn_q, fire_q} <= {ext_i, fn_i, fire_vector_i};
  end
  always_comb begin
    assume ((waiting_q & ~cause_valid_i) == '0);
    assume (!waiting_q[0] || ext_i == ext_q);
    assume (!waiting_q[1] || fn_i == fn_q);
    assume (!waiting_q[2] || fire_vector_i == fire_q);
  end
  fn_cause u_cause (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .ext_valid_i(cause_valid_i[0]), .ext_ready_o(ready[0]), .ext_i(ext_i),
    .fn_valid_i(cause_valid_i[1]), .fn_ready_o(ready[1]), .fn_i(fn_i),
    .fire_valid_i(cause_valid_i[2]), .fire_ready_o(ready[2]), .fire_vector_i(fire_vector_i),
    .self_valid_i(cause_valid_i[3]), .self_ready_o(ready[3]),
    .ready_i(core_ready_i), .ev_ready_i(ev_ready_i)
  );

  prim_arb_hold #(.N(3)) u_hold (
    .clk_i(clk_i), .rst_ni(rst_ni), .req_i(req_i), .ack_i(ack_i)
  );
endmodule
