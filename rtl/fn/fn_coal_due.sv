// SPDX-License-Identifier: Apache-2.0 OR MIT
// When a coalescer fires (docs/device.md §7a): at each event without settings; at `frames`
// events; `usec` microseconds of 250 clocks after the first. Combinational.
module fn_coal_due (
    input  logic [ 7:0] count_i,   // events, 0: nothing to fire for
    input  logic [23:0] age_i,     // clocks since the first
    input  logic        old_i,     // more than can be told
    input  logic [ 7:0] frames_i,
    input  logic [15:0] usec_i,
    output logic        due_o
);
  // 250 t = 256 t - 4 t - 2 t, below 2^24.
  logic [23:0] limit;
  assign limit = {usec_i, 8'd0} - {6'd0, usec_i, 2'd0} - {7'd0, usec_i, 1'd0};

  logic each, enough, late;
  assign each   = frames_i <= 8'd1 && usec_i == '0;
  assign enough = frames_i != '0 && count_i >= frames_i;
  assign late   = usec_i != '0 && (old_i || age_i >= limit);
  assign due_o  = count_i != '0 && (each || enough || late);
endmodule
