// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of the table of interrupt handles, with a copy of its valid bits: none is given twice,
// none is found that is not given, and a command ends in time.
module sva_handle #(
    parameter int unsigned NumHandles = 1024
) (
    input logic        clk_i,
    input logic        rst_ni,
    input logic        clear_i,       // all are being taken back
    input logic        give_i,
    input logic [15:0] give_handle_i,
    input logic        drop_i,
    input logic [15:0] drop_handle_i,
    input logic        found_i,       // a lookup found the handle
    input logic        missed_i,      // a lookup found nothing
    input logic [15:0] find_handle_i,
    input logic        busy_i
);
  logic [NumHandles-1:0] given_q;
  localparam int unsigned W = $clog2(NumHandles);
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      given_q <= '0;
    end else begin
      if (give_i) given_q[give_handle_i[W-1:0]] <= 1'b1;
      if (drop_i) given_q[drop_handle_i[W-1:0]] <= 1'b0;
    end
  end
  GiveFree_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) give_i |-> !given_q[give_handle_i[W-1:0]]);
  DropGiven_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) drop_i |-> given_q[drop_handle_i[W-1:0]]);
  FoundGiven_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) found_i |->
      32'(find_handle_i) < NumHandles && given_q[find_handle_i[W-1:0]]);
  MissedFree_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) missed_i && 32'(find_handle_i) < NumHandles |->
      !given_q[find_handle_i[W-1:0]]);

  logic [17:0] busy_q;
  always_ff @(posedge clk_i) busy_q <= (!rst_ni || !busy_i) ? '0 : busy_q + 18'd1;
  CommandEnds_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) 32'(busy_q) <= NumHandles + 64);

  logic unused_bits;
  assign unused_bits = ^{give_handle_i, drop_handle_i};
endmodule
