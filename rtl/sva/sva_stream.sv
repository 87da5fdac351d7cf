// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of a packet stream (docs/device.md §2), for either direction.
module sva_stream #(
    parameter int unsigned DataW = 256,
    localparam int unsigned KeepW = DataW / 32
) (
    input logic             clk_i,
    input logic             rst_ni,
    input logic             valid_i,
    input logic             ready_i,
    input logic             sop_i,
    input logic             eop_i,
    input logic     [127:0] hdr_i,
    input logic [DataW-1:0] data_i,
    input logic [KeepW-1:0] keep_i
);
  logic open_q;  // in the middle of a packet
  always_ff @(posedge clk_i) begin
    if (!rst_ni) open_q <= 1'b0;
    else if (valid_i && ready_i) open_q <= !eop_i;
  end

  // A beat that is not taken stays, unchanged. The antecedent looks back, so that a
  // reset in between ends the obligation.
  logic             waiting_q, sop_q, eop_q;
  logic     [127:0] hdr_q;
  logic [DataW-1:0] data_q;
  logic [KeepW-1:0] keep_q;
  always_ff @(posedge clk_i) begin
    waiting_q <= rst_ni && valid_i && !ready_i;
    sop_q     <= sop_i;
    eop_q     <= eop_i;
    hdr_q     <= hdr_i;
    data_q    <= data_i;
    keep_q    <= keep_i;
  end
  Stays_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) waiting_q |-> valid_i);
  Unchanged_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) waiting_q |->
      sop_i == sop_q && eop_i == eop_q && hdr_i == hdr_q && data_i == data_q && keep_i == keep_q);

  // sop opens, eop closes.
  Alternate_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i |-> sop_i != open_q);

  // Words are contiguous from word 0, and only the last beat may be short.
  Contiguous_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i |-> (keep_i & (keep_i + 1'b1)) == '0);
  Full_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i && !eop_i |-> keep_i == '1);
  // A further beat brings something.
  NotEmpty_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i && !sop_i |-> keep_i[0]);
endmodule
