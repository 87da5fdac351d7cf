// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// irq_clear_vf with three virtual functions: requests at any time, a pipeline that takes an operation at any time and
// has it committed two clocks later (law ForgetsPiped_A of proof functions). One source of one function, any, is followed.
module formal_forget (
  input logic       clk_i,
  input logic       clear_busy_i,
  input logic [2:0] request_i,
  input logic       ready_i
);
  localparam int unsigned Vfs = 3;
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic [2:0]      busy;
  logic            valid, taken, walk_b, walk_c;
  irq_pkg::store_t store, store_b, store_c;
  irq_pkg::index_t index, index_b, index_c;
  irq_clear_vf #(.NumVfs(Vfs)) u_clear_vf (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_busy_i(clear_busy_i),
    .request_i(request_i), .busy_o(busy),
    .walk_valid_o(valid), .walk_ready_i(ready_i && !clear_busy_i), .walk_store_o(store), .walk_index_o(index),
    .walk_inflight_i(walk_b || walk_c)
  );
  assign taken = valid && ready_i && !clear_busy_i;
  always_ff @(posedge clk_i) begin
    walk_b <= taken;
    walk_c <= walk_b;
    {store_b, index_b} <= {store, index};
    {store_c, index_c} <= {store_b, index_b};
    if (!rst_ni || clear_busy_i) {walk_b, walk_c} <= '0;
  end

  // 64 vectors from 2048 + 64 n on, 64 slots from 8192 + 64 n on.
  (* anyconst *) logic [1:0] n;
  (* anyconst *) logic       slot;
  (* anyconst *) logic [5:0] k;
  always_comb assume (n != 2'd3);
  logic mine, of_one, busy_n, request_n;
  assign mine      = store_c == {1'b0, slot} && index_c == (slot ? 20'd8192 : 20'd2048) + {12'd0, n, k};
  assign of_one    = (store_c == 2'd0 && index_c >= 20'd2048 && index_c < 20'd2048 + 20'(64 * Vfs)) ||
                     (store_c == 2'd1 && index_c >= 20'd8192 && index_c < 20'd8192 + 20'(64 * Vfs));
  assign busy_n    = n == 2'd0 ? busy[0] : n == 2'd1 ? busy[1] : busy[2];
  assign request_n = n == 2'd0 ? request_i[0] : n == 2'd1 ? request_i[1] : request_i[2];

  logic asked_q, busy_q, forgot_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_busy_i) begin
      asked_q  <= 1'b0;
      busy_q   <= 1'b0;
      forgot_q <= 1'b0;
    end else begin
      asked_q  <= request_n || (asked_q && busy_n);
      busy_q   <= busy_n;
      // A new request begins anew.
      forgot_q <= !request_n && (forgot_q || (walk_c && mine));
    end
    if (rst_ni) begin
      ForgetsOwn_A: assert (!walk_c || (of_one && (!mine || busy_n)));
      ForgetsAsked_A: assert (clear_busy_i || !busy_n || asked_q);
      ForgetsAll_A: assert (clear_busy_i || !(busy_q && !busy_n) || forgot_q);
    end
  end
endmodule
