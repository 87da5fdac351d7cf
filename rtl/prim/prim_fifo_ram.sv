// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Deep queue in block RAM. As prim_fifo, but a word written in clock t can be taken from clock t+2 on (the memory's
// read is registered). The depth is rounded up to a power of two. One word a clock in and out.
module prim_fifo_ram #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 16,
  localparam int unsigned PtrW = (Depth > 2) ? $clog2(Depth) : 1
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,   // forget all words

  // write port
  input  logic             wvalid_i,
  output logic             wready_o,
  input  logic [Width-1:0] wdata_i,

  // read port
  output logic             rvalid_o,
  input  logic             rready_i,
  output logic [Width-1:0] rdata_o
);
  // One bit more than the address: equal pointers mean empty, pointers that differ in the top bit alone mean full.
  logic [PtrW:0] wptr_q, rptr_q, rptr_d;
  logic          rvalid_q;
  logic          push;

  assign wready_o = (wptr_q ^ rptr_q) != {1'b1, {PtrW{1'b0}}};
  assign push     = wvalid_i && wready_o;
  assign rvalid_o = rvalid_q;
  assign rptr_d   = rptr_q + (PtrW + 1)'(rvalid_q && rready_i);

  // The read address runs one clock ahead, so the next word is at the output when this one is taken.
  prim_ram_1r1w #(
    .Width(Width),
    .Depth(1 << PtrW)
  ) u_ram (
    .clk_i  (clk_i),
    .we_i   (push),
    .waddr_i(wptr_q[PtrW-1:0]),
    .wdata_i(wdata_i),
    .raddr_i(rptr_d[PtrW-1:0]),
    .rdata_o(rdata_o)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      wptr_q   <= '0;
      rptr_q   <= '0;
      rvalid_q <= 1'b0;
    end else begin
      if (push) wptr_q <= wptr_q + 1'b1;
      rptr_q   <= rptr_d;
      // A word written in this very clock is not in the read data yet: compare with the pointer before it.
      rvalid_q <= wptr_q != rptr_d;
    end
  end
endmodule
