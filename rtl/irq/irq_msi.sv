// SPDX-License-Identifier: Apache-2.0 OR MIT
// MSI: pending bits of 32 vectors and what is sent for them (docs/device.md §5a). Raising
// sets a pending bit; an open vector's message is offered to the posted stream, open
// ones in turn; mask, address and data are those of the clock in which it is taken, and
// its pending bit falls in that clock. A cause in that clock is a new one.
//
// When fewer vectors are enabled than a pending bit's number, the bit stays where it is
// and acts as that number modulo the vectors enabled: mask bit and message are theirs.
module irq_msi (
    input  logic                 clk_i,
    input  logic                 rst_ni,      // function reset included
    input  ep_pkg::msi_t         msi_i,
    input  logic                 open_i,      // MSI is the mode, bus master, D0, no reset
    // a cause
    input  logic                 raise_i,
    input  logic          [ 4:0] vector_i,
    output logic          [ 4:0] vector_o,    // that is raised
    output logic          [31:0] pending_o,
    // to the posted stream: one word
    output logic                 valid_o,
    input  logic                 ready_i,
    output logic          [63:0] addr_o,
    output logic          [31:0] data_o
);
  logic [4:0] fold;  // bits of a vector's number that are in use
  always_comb begin
    unique case (msi_i.order)
      3'd0:    fold = 5'h00;
      3'd1:    fold = 5'h01;
      3'd2:    fold = 5'h03;
      3'd3:    fold = 5'h07;
      3'd4:    fold = 5'h0f;
      default: fold = 5'h1f;
    endcase
  end

  logic [31:0] pending_q, ready_bits, pick;
  always_comb begin
    for (int unsigned v = 0; v < 32; v++) begin
      ready_bits[v] = pending_q[v] && !msi_i.mask[5'(v) & fold];
    end
  end

  logic taken;
  assign valid_o = open_i && ready_bits != '0;
  assign taken   = valid_o && ready_i;
  prim_arb_rr #(
      .N(32)
  ) u_turn (
      .clk_i,
      .rst_ni,
      .req_i(ready_bits),
      .gnt_o(pick),
      .ack_i(taken)
  );

  logic [4:0] index;
  always_comb begin
    index = '0;
    for (int unsigned v = 0; v < 32; v++) begin
      if (pick[v]) index = 5'(v);
    end
  end
  assign addr_o = {msi_i.addr, 2'b00};
  assign data_o = (msi_i.data & ~{27'd0, fold}) | {27'd0, index & fold};

  logic unused_enable;  // part of open_i
  assign unused_enable = msi_i.enable;

  logic [31:0] raised;
  assign vector_o  = vector_i & fold;
  assign raised    = raise_i ? 32'd1 << vector_o : '0;
  assign pending_o = pending_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) pending_q <= '0;
    else pending_q <= (pending_q & ~(taken ? pick : 32'd0)) | raised;
  end
endmodule
