// SPDX-License-Identifier: Apache-2.0 OR MIT
// Where firings go (docs/device.md §7a): by the mode of the clock in which they are taken
// they raise an MSI-X vector in the core, an MSI vector, or set the INTx latch. A firing
// waits as a bit of its vector; firings of a vector that waits merge.
//
// The latch stands only while the status has something to show. When the mode changes, what
// the latch stood for is handed to vector 0 of the new mode; when INTx comes into force
// with status left, the latch is set.
module fn_fire #(
    parameter int unsigned Vectors = 65
) (
    input  logic                       clk_i,
    input  logic                       rst_ni,         // function reset included
    input  logic         [        1:0] mode_i,
    input  logic         [        6:0] vectors_i,      // in use, 1 to 65
    input  logic         [Vectors-1:0] fire_i,
    input  logic                       none_next_i,    // no status after this clock
    output logic                       fire_zero_o,    // the coalescer of vector 0 is to fire
    // MSI-X: a cause, shown until it is taken
    output logic                       msix_valid_o,
    input  logic                       msix_ready_i,
    output logic         [        6:0] msix_vector_o,
    // MSI: pulse
    output logic                       msi_raise_o,
    output logic         [        4:0] msi_vector_o,
    // INTx
    output logic                       latch_o
);
  logic [Vectors-1:0] wait_q, pick, shown_q, done;
  logic               latch_q, latch_d;
  logic         [1:0] mode_q;

  // What has been shown to the core stays, whatever the mode becomes.
  logic is_shown, msix_go;
  assign is_shown     = shown_q != '0;
  assign msix_valid_o = is_shown || (mode_i == ep_pkg::ModeMsix && wait_q != '0);
  assign msix_go      = msix_valid_o && msix_ready_i;
  assign msi_raise_o  = !is_shown && mode_i == ep_pkg::ModeMsi && wait_q != '0;

  prim_arb_rr #(
      .N(Vectors)
  ) u_turn (
      .clk_i,
      .rst_ni,
      .req_i(is_shown ? shown_q : wait_q),
      .gnt_o(pick),
      .ack_i(msix_go || msi_raise_o)
  );
  logic [6:0] index, vector, vector_q;
  always_comb begin
    index = '0;
    for (int unsigned v = 0; v < Vectors; v++) begin
      if (pick[v]) index = 7'(v);
    end
  end
  assign vector        = (index < vectors_i) ? index : 7'd0;
  assign msix_vector_o = is_shown ? vector_q : vector;
  assign msi_vector_o  = index[4:0];

  logic to_latch;
  assign to_latch = !is_shown && mode_i == ep_pkg::ModeIntx;
  always_comb begin
    if (to_latch) done = wait_q;
    else if (msix_go || msi_raise_o) done = pick;
    else done = '0;
  end

  assign fire_zero_o = latch_q && mode_i != ep_pkg::ModeIntx;
  always_comb begin
    latch_d = latch_q;
    if (to_latch && wait_q != '0) latch_d = 1'b1;
    if (mode_i == ep_pkg::ModeIntx && mode_q != ep_pkg::ModeIntx) latch_d = 1'b1;
    if (mode_i != ep_pkg::ModeIntx || none_next_i) latch_d = 1'b0;
  end
  assign latch_o = latch_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      wait_q   <= '0;
      shown_q  <= '0;
      vector_q <= '0;
      latch_q  <= 1'b0;
      mode_q   <= ep_pkg::ModeIntx;
    end else begin
      // A firing in the clock in which its vector is taken is a new one.
      wait_q   <= (wait_q & ~done) | fire_i;
      shown_q  <= (msix_valid_o && !msix_ready_i) ? pick : '0;
      vector_q <= msix_vector_o;
      latch_q  <= latch_d;
      mode_q   <= mode_i;
    end
  end
endmodule
