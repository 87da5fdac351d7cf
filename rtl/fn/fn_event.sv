// SPDX-License-Identifier: Apache-2.0 OR MIT
// Events of the function (docs/device.md §7a): from the cause port to status, coalescer and
// firing. Wiring, and the choice of mode and of the number of vectors.
module fn_event #(
    parameter int unsigned NumMsix = 2048
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,         // function reset included
    input  logic                     hold_i,         // reset under way: events wait
    input  ep_pkg::fn_write_t        write_i,
    input  logic              [15:3] raddr_i,
    output logic              [63:0] rdata_o,        // of the coalescers' window
    // settings of interrupts
    input  logic                     msix_enable_i,
    input  logic                     msi_enable_i,
    input  logic              [ 2:0] msi_order_i,    // 2^order MSI vectors, at most 5
    // an event is offered
    input  logic                     valid_i,
    output logic                     ready_o,
    input  logic                     self_i,         // the device's own: no bit of its own
    input  logic                     withdraw_i,     // taken without effect
    input  logic              [19:0] index_i,
    output logic                     refused_o,      // pulse: there is no such event
    input  logic                     err_busy_i,     // another error is being recorded
    input  logic                     irq_err_i,      // an error is counted, refused_o included
    input  logic                     revoked_i,      // the handles have been revoked
    // the device's own event, offered
    output logic                     self_valid_o,
    input  logic                     self_ready_i,
    // firings
    output logic                     msix_valid_o,
    input  logic                     msix_ready_i,
    output logic              [ 6:0] msix_vector_o,
    output logic                     msi_raise_o,
    output logic              [ 4:0] msi_vector_o,
    output logic                     latch_o,        // INTx
    // registers
    output logic              [ 1:0] mode_o,
    output logic              [63:0] status_o,
    output logic              [31:0] misc_o,
    output logic              [ 6:0] vectors_o,
    output logic                     err_raises_o
);
  localparam int unsigned Vectors = 65;
  localparam int unsigned MostMsix = (NumMsix < Vectors) ? NumMsix : Vectors;

  always_comb begin
    if (msix_enable_i) mode_o = ep_pkg::ModeMsix;
    else if (msi_enable_i) mode_o = ep_pkg::ModeMsi;
    else mode_o = ep_pkg::ModeIntx;
  end

  logic [6:0] vectors;
  always_comb begin
    vectors = 7'd1;
    if (mode_o == ep_pkg::ModeMsi) vectors = 7'd1 << msi_order_i;
    else if (mode_o == ep_pkg::ModeMsix) begin
      if (vectors_o > 7'(MostMsix)) vectors = 7'(MostMsix);
      else if (vectors_o != '0) vectors = vectors_o;
    end
  end

  logic wrong, taken, set;
  assign wrong     = index_i > {13'd0, ep_pkg::EventMisc};
  assign ready_o   = !hold_i && !(wrong && err_busy_i);
  assign taken     = valid_i && ready_o && !withdraw_i && !wrong;
  assign refused_o = valid_i && ready_o && !withdraw_i && wrong;
  assign set       = taken && !self_i;

  logic none_next;
  fn_ev_status u_status (
      .clk_i,
      .rst_ni,
      .write_i,
      .set_i       (set),
      .index_i     (index_i[6:0]),
      .irq_err_i,
      .revoked_i,
      .self_valid_o,
      .self_ready_i,
      .status_o,
      .misc_o,
      .vectors_o,
      .err_raises_o,
      .none_next_o (none_next)
  );

  // The vector is found in the clock behind.
  logic       ev_valid_q;
  logic [6:0] ev_index_q, ev_vector;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ev_valid_q <= 1'b0;
      ev_index_q <= '0;
    end else begin
      ev_valid_q <= taken;
      ev_index_q <= index_i[6:0];
    end
  end
  fn_ev_map u_map (
      .index_i  (ev_index_q),
      .vectors_i(vectors),
      .vector_o (ev_vector)
  );

  logic               fire_zero;
  logic [Vectors-1:0] fire;
  fn_coal #(
      .Vectors(Vectors)
  ) u_coal (
      .clk_i,
      .rst_ni,
      .write_i,
      .raddr_i,
      .rdata_o,
      .vectors_i  (vectors),
      .ev_valid_i (ev_valid_q),
      .ev_vector_i(ev_vector),
      .fire_zero_i(fire_zero),
      .fire_o     (fire)
  );
  fn_fire #(
      .Vectors(Vectors)
  ) u_fire (
      .clk_i,
      .rst_ni,
      .mode_i       (mode_o),
      .vectors_i    (vectors),
      .fire_i       (fire),
      .none_next_i  (none_next),
      .fire_zero_o  (fire_zero),
      .msix_valid_o,
      .msix_ready_i,
      .msix_vector_o,
      .msi_raise_o,
      .msi_vector_o,
      .latch_o
  );
endmodule
