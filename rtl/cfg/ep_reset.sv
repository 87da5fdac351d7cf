// SPDX-License-Identifier: Apache-2.0 OR MIT
// Reset of the endpoint (docs/device.md §8).
//
// Conventional: everything but the transmit side's neighbour state is reset by
// `rst_no`; the stream from the partner is blocked until the core's memories are clear.
//
// Function reset: from the cycle after the request nothing new is committed and
// everything received is dropped. The completion of the write that asked for it and
// the posted packets committed so far leave; then the function is reset and the core's
// memories are cleared.
module ep_reset (
    input  logic clk_i,
    input  logic rst_ni,
    input  logic hot_rst_i,
    output logic rst_no,         // any conventional reset
    output logic block_o,        // take nothing from the stream
    // function reset
    input  logic request_i,      // pulse
    input  logic drained_i,      // nothing is left in or on its way to the transmit queues
    output logic busy_o,         // from request to end, beginning in the cycle after
    output logic soft_rst_o,     // one cycle: reset the function's registers
    input  logic clear_busy_i    // the core is clearing its memories
);
  assign rst_no = rst_ni && !hot_rst_i;

  typedef enum logic [2:0] {
    Boot,   // the core to begin its clearing after a conventional reset
    Clear,  // the core's memories
    Run,    // a request
    Drain,  // the transmit queues
    Reset   // nothing: one cycle of soft_rst_o
  } state_e;
  state_e state_q, state_d;
  logic   conventional_q;  // Clear belongs to a conventional reset

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Boot:    state_d = Clear;
      Clear:   if (!clear_busy_i) state_d = Run;
      Run:     if (request_i) state_d = Drain;
      Drain:   if (drained_i) state_d = Reset;
      default: state_d = Clear;  // Reset
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_no) begin
      state_q        <= Boot;
      conventional_q <= 1'b1;
    end else begin
      state_q <= state_d;
      if (state_q == Run) conventional_q <= 1'b0;
    end
  end

  assign block_o    = !rst_no || (conventional_q && state_q != Run);
  assign busy_o     = !conventional_q && state_q != Run;
  assign soft_rst_o = state_q == Reset;
endmodule
