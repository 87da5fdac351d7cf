// SPDX-License-Identifier: Apache-2.0 OR MIT
// What leaves a tlp_ordq had everything leave in front of it that was there when it entered.
// Counted with 32 bits, where the design compares a few.
module sva_ordq #(
    parameter int unsigned Depth = 8,
    parameter int unsigned PtrW  = 5
) (
    input logic            clk_i,
    input logic            rst_ni,
    input logic            flush_i,
    input logic            push_i,
    input logic            full_i,
    input logic [PtrW-1:0] stamp_i,
    input logic [PtrW-1:0] done_i,
    input logic            valid_i,
    input logic            pop_i
);
  localparam int unsigned IdxW = $clog2(Depth);

  logic [PtrW-1:0] done_before_q;
  logic [31:0] gone_q, gone;        // that have left in front
  logic [31:0] need_mem[Depth];     // that must have left
  logic [IdxW-1:0] wr_q, rd_q;
  logic [PtrW-1:0] ahead, step;
  assign step  = done_i - done_before_q;
  assign gone  = gone_q + 32'(step);
  assign ahead = stamp_i - done_i;

  always_ff @(posedge clk_i) begin
    done_before_q <= done_i;
    if (!rst_ni || flush_i) begin
      done_before_q <= '0;
      gone_q        <= '0;
      wr_q          <= '0;
      rd_q          <= '0;
    end else begin
      gone_q <= gone;
      if (push_i && !full_i) begin
        need_mem[wr_q] <= gone + 32'(ahead);
        wr_q           <= wr_q + 1'b1;
      end
      if (pop_i) rd_q <= rd_q + 1'b1;
    end
  end

  logic [31:0] need;
  assign need = need_mem[rd_q];
  Behind_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni || flush_i) pop_i |-> gone >= need);
  PopValid_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni || flush_i) pop_i |-> valid_i);
endmodule
