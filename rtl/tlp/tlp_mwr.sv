// SPDX-License-Identifier: Apache-2.0 OR MIT
// Performs received memory writes, oldest first: quad word by quad word in address
// order, each one access of BAR0's registers or of the interrupt core. A write
// that is not for the function or is poisoned is dropped and logged
// (docs/device.md §4 rows 8 and 9).
//
// Two stages: the first puts a quad word together, one clock for it (two when its words lie
// in two beats); the second holds the access until it is taken. A dropped packet passes
// through the second stage too, so that packets are done in order.
module tlp_mwr (
    input  logic                 clk_i,
    input  logic                 rst_ni,
    input  logic                 flush_i,       // function reset: forget the packet
    input  logic                 hold_i,        // begin no packet
    input  ep_pkg::bars_t        bars_i,
    // the posted buffer
    input  logic                 valid_i,
    input  tlp_pkg::mwr_t        head_i,
    output logic          [ 7:0] word_o,
    output logic          [ 7:0] word_next_o,   // what it is in the next clock
    input  logic          [63:0] words_i,
    input  logic                 next_i,
    output logic                 pop_o,
    output logic                 done_o,
    // registers of BAR0 and BAR1
    output logic                 reg_valid_o,
    output logic                 reg_portal_o,
    input  logic                 reg_ready_i,
    // interrupt core
    output logic                 acc_valid_o,
    input  logic                 acc_ready_i,
    output logic          [ 1:0] acc_space_o,
    // both
    output logic          [17:0] acc_addr_o,
    output logic          [63:0] acc_wdata_o,
    output logic          [ 7:0] acc_be_o,
    // errors: each stays until it is taken
    output logic                 ur_o,
    output logic                 poisoned_o,
    output tlp_pkg::fn_t         err_fn_o,      // whose error it is
    output tlp_pkg::raw_t        raw_o,
    input  logic                 err_ready_i,
    output logic                 idle_o         // no packet is half performed
);
  // ---- first stage: a quad word ------------------------------------------------------
  logic [ 7:0] word_q;      // next word of the packet
  logic [63:2] addr_q, addr;
  logic [31:0] low_q;       // lower half, when the upper one is in another beat
  logic [ 3:0] low_be_q;
  // A configuration write behind this packet must not move the BAR under it.
  ep_pkg::bars_t bars_q, bars;
  logic first;
  assign first = word_q == '0;
  assign addr  = first ? head_i.addr : addr_q;
  assign bars  = first ? bars_i : bars_q;

  logic         hit, regs, portal;
  logic [ 1:0]  space;
  logic [17:0]  offset;
  tlp_pkg::fn_t fn;
  tlp_route u_route (
      .bars_i  (bars),
      .addr_i  (addr[63:3]),
      .hit_o   (hit),
      .fn_o    (fn),
      .regs_o  (regs),
      .portal_o(portal),
      .space_o (space),
      .offset_o(offset)
  );

  // AT 01 (translation request) and 11 (reserved) are not for a function [2.2.4.1].
  logic refused, dropped;
  assign refused = first && (!hit || head_i.at[0]);
  assign dropped = first && (refused || head_i.poisoned);

  // Words taken in this clock: two when both halves are at hand.
  logic [7:0] last_index;
  logic       two, ends, whole;
  logic [7:0] words_after;
  assign last_index  = head_i.words - 8'd1;
  assign two         = !addr[2] && next_i && word_q != last_index;
  assign words_after = word_q + (two ? 8'd2 : 8'd1);
  assign ends        = dropped || words_after == head_i.words;
  assign whole       = addr[2] || two || ends;

  logic [3:0] be_0, be_1;  // of the words at word_q and word_q + 1
  always_comb begin
    if (first) be_0 = head_i.first_be;
    else if (word_q == last_index) be_0 = head_i.last_be;
    else be_0 = 4'hf;
    if (word_q + 8'd1 == last_index) be_1 = head_i.last_be;
    else be_1 = 4'hf;
  end

  logic [63:0] data;
  logic [ 7:0] be;
  always_comb begin
    if (addr[2]) begin
      data = {words_i[31:0], low_q};
      be   = {be_0, low_be_q};
    end else begin
      data = two ? words_i : {32'd0, words_i[31:0]};
      be   = {two ? be_1 : 4'h0, be_0};
    end
  end

  // ---- second stage: the access ----------------------------------------------------------
  logic        valid_q, regs_q, portal_q, drop_q, refused_q, ends_q, ready, step;
  logic [ 1:0] space_q;
  logic [17:0] offset_q;
  logic [63:0] data_q;
  logic [ 7:0] be_q;
  tlp_pkg::raw_t raw_q;  // of a dropped packet
  tlp_pkg::fn_t  fn_q;   // likewise
  always_comb begin
    if (drop_q) ready = err_ready_i || flush_i;
    else if (regs_q) ready = reg_ready_i;
    else ready = acc_ready_i;
  end
  assign step = valid_i && (!valid_q || ready) && !flush_i && !(first && hold_i);

  logic [7:0] word_d;
  always_comb begin
    word_d = word_q;
    if (step) word_d = ends ? '0 : words_after;
    if (!rst_ni || flush_i) word_d = '0;
  end
  always_ff @(posedge clk_i) word_q <= word_d;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || flush_i) begin
      addr_q   <= '0;
      low_q    <= '0;
      low_be_q <= '0;
      bars_q   <= '0;
    end else if (step) begin
      addr_q   <= addr + (two ? 62'd2 : 62'd1);
      low_q    <= whole ? '0 : words_i[31:0];
      low_be_q <= whole ? '0 : be_0;
      bars_q   <= bars;
    end
  end

  // A function reset sees an access through that the core has been shown.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q   <= 1'b0;
      regs_q    <= 1'b0;
      portal_q  <= 1'b0;
      drop_q    <= 1'b0;
      refused_q <= 1'b0;
      ends_q    <= 1'b0;
      space_q   <= '0;
      offset_q  <= '0;
      data_q    <= '0;
      be_q      <= '0;
      raw_q     <= '0;
      fn_q      <= '0;
    end else begin
      if (ready) valid_q <= 1'b0;
      if (step && whole) begin
        valid_q   <= 1'b1;
        regs_q    <= regs;
        portal_q  <= portal;
        drop_q    <= dropped;
        refused_q <= refused;
        ends_q    <= ends;
        space_q   <= space;
        offset_q  <= offset;
        data_q    <= data;
        be_q      <= be;
        if (dropped) raw_q <= head_i.raw;
        if (dropped) fn_q <= fn;
      end
    end
  end

  assign word_o      = word_q;
  assign word_next_o = word_d;
  assign pop_o       = step && ends;
  assign done_o      = valid_q && ready && ends_q;
  assign reg_valid_o = valid_q && regs_q && !drop_q;
  assign reg_portal_o = portal_q;
  assign acc_valid_o = valid_q && !regs_q && !drop_q;
  assign acc_space_o = space_q;
  assign acc_addr_o  = offset_q;
  assign acc_wdata_o = data_q;
  assign acc_be_o    = be_q;
  assign ur_o        = valid_q && drop_q && refused_q && !flush_i;
  assign poisoned_o  = valid_q && drop_q && !refused_q && !flush_i;
  assign err_fn_o    = fn_q;
  assign raw_o       = raw_q;
  assign idle_o      = !valid_q && first;
endmodule
