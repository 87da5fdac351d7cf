// SPDX-License-Identifier: Apache-2.0 OR MIT
// Brings the errors of all origins into one order, one a clock, each with the header of
// its packet: the error log has one place to decide in.
//
// A packet that is just being received cannot wait, a completion timeout, a write being
// performed and a request being answered can, and take turns. When one of those had to
// wait for a packet, the receiver is told to take nothing in the next clock. So none
// waits for more than five clocks, whatever the partner sends. Those of virtual functions
// leave by a way of their own.
module tlp_err (
    input  logic            clk_i,
    input  logic            rst_ni,
    // the packet just received: pulses
    input  ep_pkg::err_ev_t rx_ev_i,
    input  tlp_pkg::raw_t   rx_raw_i,
    output logic            rx_hold_o,
    // an own read was not answered
    input  logic            timeout_i,
    output logic            timeout_ready_o,
    // a write that is being performed
    input  logic            mwr_ur_i,
    input  logic            mwr_poisoned_i,
    input  tlp_pkg::fn_t    mwr_fn_i,
    input  tlp_pkg::raw_t   mwr_raw_i,
    output logic            mwr_ready_o,
    // a request that is being answered
    input  logic            cpl_ur_i,
    input  logic            cpl_poisoned_i,
    input  tlp_pkg::fn_t    cpl_fn_i,
    input  tlp_pkg::raw_t   cpl_raw_i,
    output logic            cpl_ready_o,
    // to the log
    output ep_pkg::err_ev_t ev_o,
    output tlp_pkg::raw_t   raw_o,     // 0 for a timeout
    // of a virtual function; then the others are silent
    output tlp_pkg::vf_err_t vf_o
);
  logic rx_any, mwr_any, cpl_any;
  assign rx_any = rx_ev_i.malformed || rx_ev_i.ecrc || rx_ev_i.ur_posted || rx_ev_i.poisoned_cpl || rx_ev_i.unexpected;
  assign mwr_any = mwr_ur_i || mwr_poisoned_i;
  assign cpl_any = cpl_ur_i || cpl_poisoned_i;

  logic [2:0] turn;
  prim_arb_rr #(
      .N(3)
  ) u_turn (
      .clk_i,
      .rst_ni,
      .req_i({cpl_any, mwr_any, timeout_i}),
      .gnt_o(turn),
      .ack_i(!rx_any)
  );
  assign timeout_ready_o = turn[0] && !rx_any;
  assign mwr_ready_o     = turn[1] && !rx_any;
  assign cpl_ready_o     = turn[2] && !rx_any;

  always_comb begin
    ev_o        = '0;
    ev_o.got_ca = rx_ev_i.got_ca;
    ev_o.got_ur = rx_ev_i.got_ur;
    raw_o       = '0;
    vf_o        = '0;
    if (rx_any) begin
      ev_o  = rx_ev_i;
      raw_o = rx_raw_i;
    end else if (turn[0]) begin
      ev_o.timeout = 1'b1;
    end else if (turn[1] && mwr_fn_i.virt) begin
      vf_o = {1'b1, mwr_fn_i.vf, 1'b0, mwr_ur_i};
    end else if (turn[1]) begin
      ev_o.ur_posted = mwr_ur_i;
      ev_o.poisoned  = mwr_poisoned_i;
      raw_o          = mwr_raw_i;
    end else if (turn[2] && cpl_fn_i.virt) begin
      vf_o = {1'b1, cpl_fn_i.vf, 1'b1, cpl_ur_i};
    end else if (turn[2]) begin
      ev_o.ur_advisory  = cpl_ur_i;
      ev_o.poisoned_cfg = cpl_poisoned_i;
      raw_o             = cpl_raw_i;
    end
  end

  logic rx_hold_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) rx_hold_q <= 1'b0;
    else rx_hold_q <= rx_any && turn != '0;
  end
  assign rx_hold_o = rx_hold_q;
endmodule
