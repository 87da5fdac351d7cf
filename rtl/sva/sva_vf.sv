// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of virtual functions at the endpoint (docs/device.md §16): whose id stands in what
// leaves, and what does not happen while a function is absent or being forgotten. Functions
// are worked out here from indices and addresses one by one, not by the design's subtraction.
module sva_vf #(
    parameter int unsigned Vfs = 16
) (
    input logic                 clk_i,
    input logic                 rst_ni,
    input logic          [15:0] id_i,            // captured
    input logic       [Vfs-1:0] exist_i,
    input logic       [Vfs-1:0] bus_master_i,
    input logic       [Vfs-1:0] forget_i,
    input ep_pkg::bars_t        bars_i,
    // a message of the core enters the posted stream
    input logic                 msg_i,
    input logic          [ 1:0] msg_store_i,
    input logic          [19:0] msg_index_i,
    input logic          [15:0] post_rid_i,
    // an error message enters it
    input logic                 errmsg_i,
    input tlp_pkg::fn_t         errmsg_fn_i,
    // requests begun, completions
    input logic                 np_pop_i,
    input tlp_pkg::np_t         np_i,
    input logic                 cpl_push_i,
    input logic          [15:0] cpl_cid_i,
    input logic                 write_begins_i,
    // requests of functions' own resets
    input logic       [Vfs-1:0] reset_i
);
  // ---- messages ---------------------------------------------------------------------------
  // Function n has 64 MSI-X vectors from 2048 + 64 n, 64 slots from 8192 + 64 n.
  logic [Vfs-1:0] of_msg;
  logic    [15:0] msg_id;
  always_comb begin
    msg_id = id_i;
    for (int unsigned n = 0; n < Vfs; n++) begin
      of_msg[n] = (msg_store_i == 2'd0 && msg_index_i >= 20'(2048 + 64 * n) && msg_index_i < 20'(2112 + 64 * n)) ||
                  (msg_store_i == 2'd1 && msg_index_i >= 20'(8192 + 64 * n) && msg_index_i < 20'(8256 + 64 * n));
      if (of_msg[n]) msg_id = id_i + 16'(8 + n);
    end
  end
  MessageId_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) msg_i |-> post_rid_i == msg_id);

  // What the core shows was committed up to three clocks before.
  logic [Vfs-1:0] may, was_1_q, was_2_q, was_3_q;
  assign may = exist_i & bus_master_i;
  always_ff @(posedge clk_i) begin
    was_1_q <= rst_ni ? may : '0;
    was_2_q <= rst_ni ? was_1_q : '0;
    was_3_q <= rst_ni ? was_2_q : '0;
  end
  ClosedSilent_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      msg_i |-> (of_msg & ~(may | was_1_q | was_2_q | was_3_q)) == '0);

  // ---- error messages ---------------------------------------------------------------------
  ErrorMessageId_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      errmsg_i |-> post_rid_i == (errmsg_fn_i.virt ? id_i + 16'd8 + 16'(errmsg_fn_i.vf) : id_i));
  ErrorMessageThere_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      errmsg_i && errmsg_fn_i.virt |-> (exist_i & (Vfs'(1) << errmsg_fn_i.vf)) != '0);

  // ---- completions: the function that was asked --------------------------------------------
  logic        of_pf, asked_virt, asked_virt_q;
  logic [63:0] addr, size, first;
  logic [15:0] asked, asked_q;
  assign addr  = {np_i.addr, 2'b00};
  assign size  = 64'd16384 << (2 * bars_i.vf_page);
  assign of_pf = bars_i.mem_on && (addr[63:16] == {32'd0, bars_i.bar0} || addr[63:18] == {32'd0, bars_i.bar1} ||
                                   addr[63:16] == bars_i.bar2 || addr[63:18] == bars_i.bar4);
  always_comb begin
    asked      = '0;
    asked_virt = 1'b0;
    first      = {bars_i.vf_bar, 14'd0};
    for (int unsigned n = 0; n < Vfs; n++) begin
      if (np_i.kind == tlp_pkg::NpMemRead) begin
        if (bars_i.vf_on && bars_i.vf_there[n] && !of_pf && addr >= first && addr - first < size) begin
          asked_virt = 1'b1;
          asked      = 16'(n);
        end
      end else if (np_i.kind != tlp_pkg::NpUnsupported) begin
        if (exist_i[n] && np_i.addr[23:16] == 8'(id_i + 16'(8 + n))) begin
          asked_virt = 1'b1;
          asked      = 16'(n);
        end
      end
      first = first + size;
    end
  end
  always_ff @(posedge clk_i) begin
    if (np_pop_i) begin
      asked_q      <= asked;
      asked_virt_q <= asked_virt;
    end
  end
  CompleterId_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      cpl_push_i |-> cpl_cid_i == (asked_virt_q ? id_i + 16'd8 + asked_q : id_i));

  // ---- while a function is forgotten ---------------------------------------------------------
  NoRequestBegun_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) forget_i != '0 |-> !np_pop_i && !write_begins_i);
  ForgottenAbsent_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) (forget_i & exist_i) == '0);
  ResetForgets_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) reset_i != '0 |=> (forget_i & $past(reset_i)) == $past(reset_i));

  logic unused_np;
  assign unused_np = ^{np_i, bars_i};
endmodule
