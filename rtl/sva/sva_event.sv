// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of fn_event: an event shows in the status at once and is never lost on its way to a
// firing that leaves; the latch stands for status, and only in INTx mode.
module sva_event #(
    parameter int unsigned Vectors = 65
) (
    input logic               clk_i,
    input logic               rst_ni,
    input logic         [1:0] mode_i,
    input logic         [6:0] vectors_i,
    input logic               set_i,        // an event sets its bit
    input logic         [6:0] index_i,
    input logic        [63:0] status_i,
    input logic        [31:0] misc_i,
    input logic               ev_valid_i,   // an event is at its coalescer
    input logic         [6:0] ev_vector_i,
    input logic [Vectors-1:0] some_i,       // vectors with events that have not fired
    input logic [Vectors-1:0] fire_i,
    input logic               fire_zero_i,
    input logic [Vectors-1:0] wait_i,       // firings that wait
    input logic [Vectors-1:0] done_i,
    input logic               msix_valid_i,
    input logic               msix_ready_i,
    input logic         [6:0] msix_vector_i,
    input logic               msi_raise_i,
    input logic               latch_i
);
  VectorInUse_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) ev_valid_i |-> ev_vector_i < vectors_i);
  LatchOfStatus_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) latch_i |-> status_i != '0 || misc_i != '0);
  OneWay_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) !(msix_valid_i && msi_raise_i));
  MsiInItsMode_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) msi_raise_i |-> mode_i == 2'd1);

  logic               known_q, set_q, fired_zero_q, shown_q, ev_q;
  logic         [6:0] index_q, vector_q, ev_vector_q;
  logic         [1:0] mode_q, mode_qq;
  logic [Vectors-1:0] some_q, fire_q, wait_q, done_q;
  always_ff @(posedge clk_i) begin
    known_q      <= rst_ni;
    set_q        <= set_i;
    index_q      <= index_i;
    some_q       <= some_i;
    fire_q       <= fire_i;
    fired_zero_q <= fire_zero_i;
    wait_q       <= wait_i;
    done_q       <= done_i;
    shown_q      <= msix_valid_i && !msix_ready_i;
    vector_q     <= msix_vector_i;
    ev_q         <= ev_valid_i;
    ev_vector_q  <= ev_vector_i;
    mode_q       <= mode_i;
    mode_qq      <= mode_q;
  end

  StatusAtOnce_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      known_q && set_q |-> (index_q[6] ? misc_i[0] : status_i[index_q[5:0]]));
  // Counted events stay until something fires; so does an event that has just come.
  CountsKept_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q && fire_q == '0 |-> (some_q & ~some_i) == '0);
  EventKept_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      known_q && ev_q |-> some_i[ev_vector_q] || fire_q[ev_vector_q]);
  // A firing waits until it is taken.
  FiringKept_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q |-> wait_i == ((wait_q & ~done_q) | fire_q));
  Shown_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q && shown_q |-> msix_valid_i && msix_vector_i == vector_q);
  // The latch goes with its mode, and is handed over.
  LatchInIntx_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) known_q && mode_q != 2'd0 |-> !latch_i);
  logic latch_q, known_qq;
  always_ff @(posedge clk_i) begin
    latch_q  <= latch_i;
    known_qq <= known_q && rst_ni;
  end
  HandedOver_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      known_q && latch_q && mode_q != 2'd0 |-> fire_q[0] && fired_zero_q);
  LeftStatus_A :  // the mode became INTx two clocks ago
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      known_qq && mode_q == 2'd0 && mode_qq != 2'd0 |-> latch_i || (status_i == '0 && misc_i == '0));
endmodule
