// SPDX-License-Identifier: Apache-2.0 OR MIT
// Two cumulative counts, one of what came, one of what went: what went is never ahead, and what is inside never more
// than there is room for. Bound to the buffers that are told apart by such counts.
module sva_room #(
    parameter int unsigned Width = 5,
    parameter int unsigned Room = 16
) (
    input logic             clk_i,
    input logic             rst_ni,
    input logic [Width-1:0] came_i,
    input logic [Width-1:0] went_i
);
  logic [Width-1:0] held;
  assign held = came_i - went_i;
  Room_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) 32'(held) <= Room);
endmodule
