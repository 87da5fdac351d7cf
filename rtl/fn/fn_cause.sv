// SPDX-License-Identifier: Apache-2.0 OR MIT
// Joins the causes from the pins and from the function into the core's one port, in
// turn. A choice that the core has been shown stays until it is taken. Store 3 does not
// exist: such causes from the pins end here.
module fn_cause (
    input  logic           clk_i,
    input  logic           rst_ni,
    // from the pins
    input  logic           ext_valid_i,
    output logic           ext_ready_o,
    input  ep_pkg::cause_t ext_i,
    // from the function
    input  logic           fn_valid_i,
    output logic           fn_ready_o,
    input  ep_pkg::cause_t fn_i,
    // to the core
    output logic           valid_o,
    input  logic           ready_i,
    output ep_pkg::cause_t cause_o
);
  logic prefer_fn_q, held_q, held_fn_q;
  logic ext_real, take_fn;
  assign ext_real = ext_valid_i && ext_i.store != ep_pkg::StoreNone;
  assign take_fn  = held_q ? held_fn_q : (fn_valid_i && (prefer_fn_q || !ext_real));

  assign valid_o     = fn_valid_i || ext_real;
  assign cause_o     = take_fn ? fn_i : ext_i;
  assign fn_ready_o  = ready_i && take_fn;
  assign ext_ready_o = ext_i.store == ep_pkg::StoreNone || (ready_i && !take_fn);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      prefer_fn_q <= 1'b0;
      held_q      <= 1'b0;
      held_fn_q   <= 1'b0;
    end else begin
      held_q    <= valid_o && !ready_i;
      held_fn_q <= take_fn;
      if (valid_o && ready_i) prefer_fn_q <= !take_fn;
    end
  end
endmodule
