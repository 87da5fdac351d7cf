// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Corners of the interrupt core that a good test has been in, bound into ims_irq_core. Inputs only.
module irq_cov (
  input logic            clk_i,
  input logic            rst_ni,
  input irq_pkg::op_t    op_i,
  input logic            clear_i,
  input logic [63:0]     pend_i,
  input logic [63:0]     mask_i,
  input logic [63:0]     pend_new_i,
  input logic [63:0]     mask_new_i,
  input logic            row_we_i,
  input logic            held_i,
  input logic            held_mask_i,
  input logic            fetching_i,
  input logic            fetch_free_i,
  input logic            fetch_i,
  input logic            discard_i,
  input logic            push_i,
  input logic            discard_range_i,
  input irq_pkg::msg_t   msg_i,
  input irq_pkg::err_t   err_i,
  input logic [5:0]      msg_avail_i,
  input logic [3:0]      msg_inflight_i
);
  logic [63:0] onehot;
  logic        pend, mask, op, raise, send, fetched, host;

  assign onehot  = 64'd1 << op_i.index[5:0];
  assign pend    = (pend_i & onehot) != '0;
  assign mask    = (mask_i & onehot) != '0;
  assign op      = rst_ni && op_i.valid && !clear_i;
  assign raise   = op && op_i.kind == irq_pkg::OpCause && !op_i.withdraw && !(err_i.valid && err_i.code < 4'd3);
  assign send    = op && op_i.kind == irq_pkg::OpSend;
  assign fetched = op && op_i.kind == irq_pkg::OpFetched;
  assign host    = op_i.store == irq_pkg::StoreHost;

  // Causes: straight through, kept by a mask or for want of a credit, merged, sent although one was pending.
  RaiseSent_C: cover property (@(posedge clk_i) raise && msg_i.valid && !pend);
  RaiseMasked_C: cover property (@(posedge clk_i) raise && mask && !pend && !host);
  RaiseNoCredit_C: cover property (@(posedge clk_i) raise && !op_i.can_send && !mask && !pend);
  RaiseMerged_C: cover property (@(posedge clk_i) raise && pend && !msg_i.valid);
  RaiseSentMerged_C: cover property (@(posedge clk_i) raise && pend && msg_i.valid);
  WithdrawnInTime_C: cover property (@(posedge clk_i)
    op && op_i.kind == irq_pkg::OpCause && op_i.withdraw && pend);

  // Picks: sent, overtaken by a mask, by a cause or a withdrawal that left nothing to send.
  PickSent_C: cover property (@(posedge clk_i) send && msg_i.valid);
  PickMasked_C: cover property (@(posedge clk_i) send && pend && mask);
  PickGone_C: cover property (@(posedge clk_i) send && !pend);

  // The same source in operations without a clock between them: the bypasses of the memories.
  BackToBack_C: cover property (@(posedge clk_i)
    raise && $past(row_we_i) && $past(op_i.row) == op_i.row && $past(op_i.index) == op_i.index);
  // Unmask of a pending source.
  UnmaskPending_C: cover property (@(posedge clk_i)
    op && op_i.kind == irq_pkg::OpAccess && row_we_i && pend && mask && (mask_new_i & onehot) == '0 && push_i);

  // Host slots: held, held masked, fetch, no number left, result that sends, result that is discarded, evicted.
  HostHeld_C: cover property (@(posedge clk_i) host && raise && msg_i.valid);
  HostHeldMasked_C: cover property (@(posedge clk_i) host && (raise || send) && held_i && held_mask_i && !mask);
  HostFetch_C: cover property (@(posedge clk_i) fetch_i);
  HostNoNumber_C: cover property (@(posedge clk_i)
    host && (raise || send) && !mask && !held_i && !fetching_i && !fetch_free_i);
  HostFetching_C: cover property (@(posedge clk_i) host && (raise || send) && !mask && !held_i && fetching_i);
  ResultSends_C: cover property (@(posedge clk_i) fetched && msg_i.valid);
  ResultMasked_C: cover property (@(posedge clk_i) fetched && !discard_i && op_i.status == 4'd0 && op_i.data[96]);
  ResultFailed_C: cover property (@(posedge clk_i) fetched && !discard_i && op_i.status != 4'd0);
  ResultDiscarded_C: cover property (@(posedge clk_i) fetched && discard_i);
  ResultWithdrawn_C: cover property (@(posedge clk_i) fetched && !discard_i && !pend);
  // The mark of an invalidation falls on the clock of a result.
  DiscardRace_C: cover property (@(posedge clk_i) fetched && discard_range_i);

  // Errors and clears.
  ZeroAddress_C: cover property (@(posedge clk_i) err_i.valid && err_i.code == irq_pkg::ErrZeroAddr);
  Refused_C: cover property (@(posedge clk_i) err_i.valid && err_i.code < 4'd3);
  ClearDropsOp_C: cover property (@(posedge clk_i) rst_ni && clear_i && op_i.valid);

  // Credits: the last one is in use.
  LastCredit_C: cover property (@(posedge clk_i) rst_ni && msg_avail_i != '0 && 6'(msg_inflight_i) == msg_avail_i);

  logic unused_bits;
  assign unused_bits = ^{op_i, msg_i, err_i, pend_new_i};
endmodule
