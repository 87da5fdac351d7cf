// SPDX-License-Identifier: Apache-2.0 OR MIT
// Joins the causes of all parties, in turn, and leads them to the interrupt core or, store 3,
// to the events of the function. A choice that has been shown stays until it is taken.
module fn_cause (
    input  logic           clk_i,
    input  logic           rst_ni,
    // from the pins
    input  logic           ext_valid_i,
    output logic           ext_ready_o,
    input  ep_pkg::cause_t ext_i,
    // from the function: doorbells, sweeps
    input  logic           fn_valid_i,
    output logic           fn_ready_o,
    input  ep_pkg::cause_t fn_i,
    // firings of the coalescers: MSI-X vectors
    input  logic           fire_valid_i,
    output logic           fire_ready_o,
    input  logic    [ 6:0] fire_vector_i,
    // the device's own event
    input  logic           self_valid_i,
    output logic           self_ready_o,
    // to the core
    output logic           valid_o,
    input  logic           ready_i,
    // to the events
    output logic           ev_valid_o,
    input  logic           ev_ready_i,
    output logic           ev_self_o,     // the device's own
    // to both
    output ep_pkg::cause_t cause_o,
    output logic           taken_o
);
  // 0 pins, 1 function, 2 firings, 3 own event
  logic [3:0] req, turn, held_q;
  assign req = {self_valid_i, fire_valid_i, fn_valid_i, ext_valid_i};
  prim_arb_rr #(
      .N(4)
  ) u_turn (
      .clk_i,
      .rst_ni,
      .req_i((held_q != '0) ? held_q : req),
      .gnt_o(turn),
      .ack_i(taken_o)
  );

  always_comb begin
    cause_o = '0;
    unique case (1'b1)
      turn[0]: cause_o = ext_i;
      turn[1]: cause_o = fn_i;
      turn[2]: begin
        cause_o.store = ep_pkg::StoreMsix;
        cause_o.index = {13'd0, fire_vector_i};
      end
      default: begin
        cause_o.store = ep_pkg::StoreEvent;
        cause_o.index = {13'd0, ep_pkg::EventMisc};
      end
    endcase
  end

  logic is_event, ready;
  assign is_event   = cause_o.store == ep_pkg::StoreEvent;
  assign valid_o    = turn != '0 && !is_event;
  assign ev_valid_o = turn != '0 && is_event;
  assign ev_self_o  = turn[3];
  assign ready      = is_event ? ev_ready_i : ready_i;
  assign taken_o    = turn != '0 && ready;

  assign ext_ready_o  = turn[0] && ready;
  assign fn_ready_o   = turn[1] && ready;
  assign fire_ready_o = turn[2] && ready;
  assign self_ready_o = turn[3] && ready;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) held_q <= '0;
    else held_q <= ready ? '0 : turn;
  end
endmodule
