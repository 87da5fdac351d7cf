// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of irq_msi: nothing leaves a vector that is masked or not pending, or while MSI is
// not open; a pending bit falls only by its message.
module sva_msi (
    input logic         clk_i,
    input logic         rst_ni,
    input ep_pkg::msi_t msi_i,
    input logic         open_i,
    input logic         raise_i,
    input logic   [4:0] vector_i,   // as raised, folded
    input logic  [31:0] pending_i,
    input logic         valid_i,
    input logic         ready_i,
    input logic  [63:0] addr_i,
    input logic  [31:0] data_i,
    input logic  [31:0] pick_i
);
  // The vector that software sees, told from the data's low bits.
  logic [4:0] low, seen;
  assign low  = 5'((6'd1 << msi_i.order) - 6'd1);
  assign seen = data_i[4:0] & low;

  Open_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i |-> open_i && msi_i.enable);
  NotMasked_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i |-> !msi_i.mask[seen]);
  OnePicked_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i |-> $onehot(pick_i) && (pick_i & ~pending_i) == '0);
  Content_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      valid_i |-> addr_i == {msi_i.addr, 2'b00} && ((data_i ^ msi_i.data) & ~{27'd0, low}) == '0);
  Offered_A :  // with no mask at all, what is pending is offered
  assert property (@(posedge clk_i) disable iff (!rst_ni) open_i && pending_i != '0 && msi_i.mask == '0 |-> valid_i);
  RaisedInRange_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) raise_i |-> vector_i <= low);

  logic         known_q, taken_q, raise_q;
  logic  [ 4:0] vector_q;
  logic  [31:0] pending_q, pick_q;
  always_ff @(posedge clk_i) begin
    known_q   <= rst_ni;
    taken_q   <= valid_i && ready_i;
    raise_q   <= raise_i;
    vector_q  <= vector_i;
    pending_q <= pending_i;
    pick_q    <= pick_i;
  end
  logic [31:0] want;
  assign want = (pending_q & ~(taken_q ? pick_q : 32'd0)) | (32'(raise_q) << vector_q);
  Pending_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q |-> pending_i == want);
endmodule
