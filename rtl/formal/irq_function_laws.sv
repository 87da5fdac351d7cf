// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// What the interrupt core owes to one source of one virtual function, any: silent while the function is not there or
// closed; a cause refused while it is not there; forgotten whole by an operation of irq_clear_vf, and by nothing else.
// Which operations that makes, and when: formal_forget.
module irq_function_laws #(
  parameter int unsigned NumVfs = 1
) (
  input logic              clk_i,
  input logic              rst_ni,
  input logic              clear_busy_i,
  input logic              active_i,
  input logic [NumVfs-1:0] exist_i,
  input logic [NumVfs-1:0] bme_i,
  input logic [NumVfs-1:0] msix_enable_i,
  input logic [NumVfs-1:0] msix_fmask_i,
  // the walker that forgets
  input logic              walk_taken_i,
  input logic [1:0]        walk_store_i,
  input logic [19:0]       walk_index_i,
  input logic              walk_inflight_i,
  input logic              msg_valid_i,
  input logic [1:0]        msg_store_i,
  input logic [19:0]       msg_index_i,
  // commit stage
  input irq_pkg::op_t      op_i,
  input logic              drop_i,
  input logic              row_we_i,
  input logic              entry_we_i,
  input logic [63:0]       pend_new_i,
  input logic [63:0]       mask_new_i,
  input irq_pkg::entry_t   entry_new_i
);
  // The function, and the source: 64 vectors from 2048 + 64 n on, 64 slots from 8192 + 64 n on.
  (* anyconst *) logic [4:0] n;
  (* anyconst *) logic       slot;
  (* anyconst *) logic [5:0] k;
  always_comb assume (n < 5'(NumVfs));

  logic [19:0] first, index;
  logic [1:0]  store;
  assign first = slot ? 20'd8192 : 20'd2048;
  assign index = first + {9'd0, n, k};
  assign store = {1'b0, slot};

  logic exist, bme, enable, fmask;
  always_comb begin
    {exist, bme, enable, fmask} = '0;
    for (int unsigned i = 0; i < NumVfs; i++) begin
      if (n == 5'(i)) begin
        exist   = exist_i[i];
        bme     = bme_i[i];
        enable  = msix_enable_i[i];
        fmask   = msix_fmask_i[i];
      end
    end
  end

  // ---- messages --------------------------------------------------------------------------------------------------
  logic open_q;
  always_ff @(posedge clk_i) open_q <= active_i && exist && bme && (slot || (enable && !fmask));

  // ---- what is forgotten -----------------------------------------------------------------------------------------
  logic forgets, mine;
  assign forgets = op_i.valid && !drop_i && op_i.kind == irq_pkg::OpForget;
  assign mine    = op_i.store == store && op_i.index == index;

  // An operation of the walker that forgets, one and two clocks after the pipeline has taken it.
  logic        walk_b, walk_c;
  logic [1:0]  store_b, store_c;
  logic [19:0] index_b, index_c;
  always_ff @(posedge clk_i) begin
    walk_b <= walk_taken_i;
    walk_c <= walk_b;
    {store_b, index_b} <= {walk_store_i, walk_index_i};
    {store_c, index_c} <= {store_b, index_b};
    if (!rst_ni || clear_busy_i) {walk_b, walk_c} <= '0;
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      FunctionSilent_A: assert (!(msg_valid_i && msg_store_i == store && msg_index_i == index) || open_q);
      AbsentRefused_A: assert (
        !(op_i.valid && op_i.kind == irq_pkg::OpCause && mine && !(active_i && exist)) || !row_we_i);
      ForgetsPiped_A: assert (clear_busy_i || (
        forgets == walk_c && (!walk_c || (op_i.store == store_c && op_i.index == index_c)) &&
        walk_inflight_i == (walk_b || walk_c)));
      ForgotWhole_A: assert (!forgets || !mine || (
        row_we_i && entry_we_i && !pend_new_i[k] && mask_new_i[k] && entry_new_i == '0));
    end
  end
endmodule
