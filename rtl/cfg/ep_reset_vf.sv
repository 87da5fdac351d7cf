// SPDX-License-Identifier: Apache-2.0 OR MIT
// Resets of virtual functions (docs/device.md §16): function level reset of one, VF Enable
// falling. From the clock after the request the function does not exist, and no received
// request is begun. A write that is being performed ends first, so that none of its words comes
// after the sweep; then the core forgets the function's sources, and it may exist again.
module ep_reset_vf #(
    parameter int unsigned NumVfs = 16  // 1 to 16
) (
    input  logic              clk_i,
    input  logic              rst_ni,        // function reset of the physical function included
    input  logic [NumVfs-1:0] request_i,     // pulses
    input  logic              write_idle_i,  // no received write is half performed
    output logic [NumVfs-1:0] forget_o,      // being reset
    output logic              hold_o,        // begin no received request
    // the core
    output logic [NumVfs-1:0] clear_o,       // pulses
    input  logic [NumVfs-1:0] clear_busy_i
);
  typedef enum logic [1:0] {
    Idle,   // a request
    Write,  // the write that is being performed
    Start,  // nothing: the core is told in this clock
    Sweep   // the core
  } state_e;
  state_e            state_q, state_d;
  logic [NumVfs-1:0] due_q;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (request_i != '0) state_d = Write;
      Write:   if (write_idle_i) state_d = Start;
      Start:   state_d = Sweep;
      default: if (clear_busy_i == '0) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
      due_q   <= '0;
    end else begin
      state_q <= state_d;
      due_q   <= (state_q == Sweep && state_d == Idle) ? '0 : due_q | request_i;
    end
  end

  assign forget_o = due_q;
  assign hold_o   = state_q != Idle;
  assign clear_o  = (state_q == Start) ? due_q : '0;
endmodule
