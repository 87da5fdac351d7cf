// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of bulk writes in the posted stream: the payload is all there before the write, no
// write is longer than 512 bytes or crosses 4 KiB, and credits are in hand.
module sva_bulk #(
    parameter int unsigned DataW = 256
) (
    input logic           clk_i,
    input logic           rst_ni,
    input logic           soft_rst_i,
    input logic           push_i,        // a beat of payload
    input logic           ready_i,
    input logic           go_i,          // the write
    input tlp_pkg::bulk_t bulk_i,
    input logic    [11:0] pd_left_i,
    input logic    [ 7:0] ph_left_i,
    input logic           pop_i,
    input logic           valid_i
);
  localparam int unsigned KeepW = DataW / 32;
  InPage_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) go_i |->
      bulk_i.words != '0 && bulk_i.words <= 8'd128 && {1'b0, bulk_i.addr[11:2]} + {3'd0, bulk_i.words} <= 11'd1024);
  Enables_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) go_i |->
      bulk_i.first_be != '0 && (bulk_i.last_be == '0) == (bulk_i.words == 8'd1));
  Credits_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) go_i |->
      ph_left_i != '0 && pd_left_i >= {6'd0, 6'((bulk_i.words + 8'd3) >> 2)});
  Overflow_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) push_i |-> ready_i);
  Underflow_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) pop_i |-> valid_i);

  // Beats put in since the last write are those of this one.
  logic [7:0] beats_q, want;
  assign want = 8'((32'(bulk_i.words) + KeepW - 1) / KeepW);
  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i || go_i) beats_q <= '0;
    else beats_q <= beats_q + 8'(push_i);
  end
  PayloadThere_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) go_i |-> !push_i && beats_q == want);

  logic unused_bits;
  assign unused_bits = ^bulk_i;
endmodule
