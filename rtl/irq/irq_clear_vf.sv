// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Forgets the sources of virtual functions, as their function level resets and the disabling of them ask for: each
// entry of such a function becomes one operation that clears it and its pending bit and masks it. The operations go
// through the pipeline with all others, so whatever was under way for a source is behind it or undone by it.
//
// A request for a function whose sweep runs starts that sweep anew. The endpoint keeps the function closed
// (not in vf_exist_i of ims_irq_core) from the clock of the request until busy_o falls.
module irq_clear_vf #(
  parameter int unsigned NumVfs = 1,
  localparam int unsigned Ports = (NumVfs > 0) ? NumVfs : 1
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_busy_i,   // everything is being cleared anyway

  input  logic [Ports-1:0] request_i,      // pulses
  output logic [Ports-1:0] busy_o,         // from the clock behind the request

  // operations
  output logic             walk_valid_o,
  input  logic             walk_ready_i,
  output irq_pkg::store_t  walk_store_o,
  output irq_pkg::index_t  walk_index_o,
  input  logic             walk_inflight_i // operations of this walker that are not committed yet
);
  typedef enum logic [1:0] {
    StIdle,   // no request
    StWalk,   // the pipeline to take the next operation
    StWait    // the last of them to be committed
  } state_e;

  logic [Ports-1:0] due_q, onehot;
  state_e           state_q, state_d;
  irq_pkg::vf_t     vf_q, lowest;
  logic [6:0]       at_q;       // {store, bit}
  logic             again, last;

  always_comb begin
    lowest = '0;
    for (int unsigned i = Ports; i > 0; i--) begin
      if (due_q[i-1]) lowest = irq_pkg::VfW'(i - 1);
    end
    for (int unsigned i = 0; i < Ports; i++) onehot[i] = vf_q == irq_pkg::VfW'(i);
  end

  assign again = (request_i & onehot) != '0;
  assign last  = at_q == '1;

  always_comb begin
    state_d = state_q;
    case (state_q)
      StIdle:  if (due_q != '0) state_d = StWalk;
      StWalk:  if (walk_ready_i && last && !again) state_d = StWait;
      StWait:  if (again) state_d = StWalk;
               else if (!walk_inflight_i) state_d = StIdle;
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_busy_i) begin
      state_q <= StIdle;
      due_q   <= '0;
    end else begin
      state_q <= state_d;
      // A function stays due until its sweep has ended.
      due_q <= (due_q & ~((state_q == StWait && state_d == StIdle) ? onehot : '0)) | request_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle) vf_q <= lowest;
    if (state_q == StIdle || again)        at_q <= '0;
    else if (walk_valid_o && walk_ready_i) at_q <= at_q + 7'd1;
  end

  assign busy_o       = due_q;
  assign walk_valid_o = state_q == StWalk;
  assign walk_store_o = at_q[6] ? irq_pkg::StoreDev : irq_pkg::StoreMsix;
  assign walk_index_o = (at_q[6] ? irq_pkg::VfDev : irq_pkg::VfMsix) + 20'({vf_q, at_q[5:0]});
endmodule
