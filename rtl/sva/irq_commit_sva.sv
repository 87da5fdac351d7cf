// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Laws of the commit stage, bound into ims_irq_core: what an operation may do, seen from what it read and what it
// wrote. Inputs only.
module irq_commit_sva #(
  parameter int unsigned NumMsix = 1,
  parameter int unsigned NumDevSlots = 1,
  parameter int unsigned NumVfs = 0,
  localparam int unsigned VfPorts = (NumVfs > 0) ? NumVfs : 1
) (
  input logic            clk_i,
  input logic            rst_ni,

  input irq_pkg::op_t    op_i,
  input logic            clear_i,
  input logic            open_msix_i,
  input logic            open_dev_i,
  input logic            open_host_i,
  input logic [VfPorts-1:0] vf_exist_i,
  input logic [VfPorts-1:0] vf_open_msix_i,
  input logic [VfPorts-1:0] vf_open_dev_i,
  input logic            hs_enable_i,
  input logic [20:0]     hs_size_i,

  // read
  input logic [63:0]     pend_i,
  input logic [63:0]     mask_i,
  input irq_pkg::entry_t entry_i,
  input logic            popped_par_i,
  input logic            held_i,
  input logic            held_mask_i,
  input logic            discard_i,

  // written
  input logic            row_we_i,
  input logic [63:0]     pend_new_i,
  input logic [63:0]     mask_new_i,
  input logic            queue_par_new_i,
  input logic            entry_we_i,
  input logic            fetch_i,
  input logic            fill_i,

  // results
  input irq_pkg::msg_t   msg_i,
  input irq_pkg::err_t   err_i,
  input logic            rvalid_i
);
  logic [63:0] onehot;
  logic        single, zero, raise, open;

  assign onehot = 64'd1 << op_i.index[5:0];
  assign single = op_i.kind != irq_pkg::OpRow && op_i.kind != irq_pkg::OpLine;
  // A fetch may have ended with the status that is the core's own word for address 0.
  assign zero   = err_i.valid && err_i.code == irq_pkg::ErrZeroAddr &&
                  !(op_i.kind == irq_pkg::OpFetched && op_i.status != 4'd0);
  assign raise  = op_i.valid && !clear_i && op_i.kind == irq_pkg::OpCause && !op_i.withdraw;

  // Virtual functions: 64 vectors each from 2048 on, 64 slots each from 8192 on; bits 10:6 tell which.
  logic              vf_msix, vf_dev;
  logic [31:0]       vf_exist, vf_open_msix, vf_open_dev;
  assign vf_msix      = op_i.store == 2'd0 && op_i.index[19:11] == 9'd1 && 32'(op_i.index[10:6]) + 32'd1 <= NumVfs;
  assign vf_dev       = op_i.store == 2'd1 && op_i.index[19:11] == 9'd4 && 32'(op_i.index[10:6]) + 32'd1 <= NumVfs;
  assign vf_exist     = 32'(vf_exist_i);
  assign vf_open_msix = 32'(vf_open_msix_i);
  assign vf_open_dev  = 32'(vf_open_dev_i);

  always_comb begin
    case (op_i.store)
      irq_pkg::StoreMsix: open = vf_msix ? vf_open_msix[op_i.index[10:6]] : open_msix_i;
      irq_pkg::StoreDev:  open = vf_dev ? vf_open_dev[op_i.index[10:6]] : open_dev_i;
      default:            open = open_host_i && {1'b0, op_i.index} < hs_size_i;
    endcase
  end

  // A message only of an open source, with a credit, by an operation that may send.
  MsgOpen_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    msg_i.valid |-> open && op_i.valid && op_i.can_send && !clear_i);
  MsgKind_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    msg_i.valid |-> (op_i.kind == irq_pkg::OpCause && !op_i.withdraw) || op_i.kind == irq_pkg::OpSend ||
                    op_i.kind == irq_pkg::OpFetched);
  MsgPending_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    msg_i.valid |-> raise || (pend_i & onehot) != '0);

  // An attempt on a source that may be sent sends it, or says that its address is 0: with select's turns and the
  // pipeline's, what is owed and open leaves.
  TriedSent_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    op_i.valid && !clear_i && op_i.kind == irq_pkg::OpSend && op_i.store != irq_pkg::StoreHost && open &&
    (pend_i & onehot) != '0 && (mask_i & onehot) == '0 |-> msg_i.valid || zero);

  // Never while masked; a host slot only when it is held unmasked, or came in this operation, unmasked and in time.
  MsgUnmasked_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    msg_i.valid && op_i.store != irq_pkg::StoreHost |-> (mask_i & onehot) == '0);
  MsgHeld_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    msg_i.valid && op_i.store == irq_pkg::StoreHost && op_i.kind != irq_pkg::OpFetched |->
      held_i && !held_mask_i && (mask_i & onehot) == '0);
  MsgFetched_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    msg_i.valid && op_i.kind == irq_pkg::OpFetched |-> !discard_i && op_i.status == 4'd0 && !op_i.data[96]);

  // The content is that of the entry read in the same operation.
  MsgContent_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    msg_i.valid && op_i.store != irq_pkg::StoreHost |-> msg_i.addr == entry_i.addr && msg_i.data == entry_i.data);
  MsgNotZero_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    msg_i.valid && op_i.store != irq_pkg::StoreMsix |-> msg_i.addr != '0);

  // Sent means no longer pending, raised and not sent means pending: never both lost, never both.
  SentCleared_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    msg_i.valid || zero |-> row_we_i && (pend_new_i & onehot) == '0);
  RaiseKept_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    raise && !msg_i.valid && !err_i.valid |-> row_we_i && (pend_new_i & onehot) != '0);
  PendingOnlyByRaise_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    row_we_i && !raise |-> (pend_new_i & ~pend_i) == '0);
  ClearedOnlyByReason_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    row_we_i && (pend_i & ~pend_new_i) != '0 |->
      msg_i.valid || zero || (op_i.kind == irq_pkg::OpCause && op_i.withdraw) || op_i.kind == irq_pkg::OpForget);
  // A virtual function that is not there has nothing raised; only its sources are ever forgotten, and only then.
  AbsentNotRaised_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    raise && (vf_msix || vf_dev) && !vf_exist[op_i.index[10:6]] |-> err_i.valid && !row_we_i);
  ForgetAbsent_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    op_i.valid && !clear_i && op_i.kind == irq_pkg::OpForget |->
      (vf_msix || vf_dev) && !vf_exist[op_i.index[10:6]] && (pend_new_i & onehot) == '0 &&
      (mask_new_i & onehot) != '0 && row_we_i && entry_we_i);

  // An operation on one source touches no other.
  OneSource_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    row_we_i && single |-> ((pend_new_i ^ pend_i) & ~onehot) == '0 && ((mask_new_i ^ mask_i) & ~onehot) == '0);
  NoSourceBeyond_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    row_we_i && single |-> (op_i.store != irq_pkg::StoreMsix || vf_msix || op_i.index < 20'(NumMsix)) &&
                           (op_i.store != irq_pkg::StoreDev || vf_dev || op_i.index < 20'(NumDevSlots)));

  // A walk changes no pending bit, and un-parks host sources only.
  WalkKeeps_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    row_we_i && op_i.kind == irq_pkg::OpRow |->
      pend_new_i == pend_i && (mask_new_i == mask_i || op_i.store == irq_pkg::StoreHost));

  // Whatever is left deliverable is in select's queue.
  DeliverableQueued_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    row_we_i && open && (pend_new_i & ~mask_new_i & (single ? onehot : '1)) != '0 |->
      queue_par_new_i != popped_par_i);

  // Entries change by writes only, slots come by results only, fetches only while the store is in use.
  EntryByWrite_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    entry_we_i |-> op_i.valid && ((op_i.kind == irq_pkg::OpAccess && op_i.write && !op_i.hole) ||
                                  op_i.kind == irq_pkg::OpForget));
  FillByResult_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    fill_i |-> op_i.valid && op_i.kind == irq_pkg::OpFetched && !discard_i && hs_enable_i);
  FetchOpen_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    fetch_i |-> open && op_i.store == irq_pkg::StoreHost && !held_i && (pend_new_i & onehot) != '0);

  // One result of an operation: data, or message, or error (a fetch error has no message).
  OneResult_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    32'(msg_i.valid) + 32'(err_i.valid) + 32'(rvalid_i) <= 32'd1);

  logic unused_bits;
  assign unused_bits = ^{op_i, entry_i, msg_i, err_i};
endmodule
