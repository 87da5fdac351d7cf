// SPDX-License-Identifier: Apache-2.0 OR MIT
// Performs received memory writes, oldest first: quad word by quad word in address
// order, each one access of BAR0's registers or of the interrupt core. A write
// that is not for the function or is poisoned is dropped and logged
// (docs/device.md §4 rows 8 and 9).
module tlp_mwr (
    input  logic                 clk_i,
    input  logic                 rst_ni,
    input  logic                 flush_i,       // function reset: forget the packet
    input  ep_pkg::bars_t        bars_i,
    // the posted buffer
    input  logic                 valid_i,
    input  tlp_pkg::mwr_t        head_i,
    output logic          [ 7:0] word_o,
    input  logic          [31:0] word_i,
    output logic                 pop_o,
    // registers of BAR0
    output logic                 reg_valid_o,
    input  logic                 reg_ready_i,
    // interrupt core
    output logic                 acc_valid_o,
    input  logic                 acc_ready_i,
    output logic          [ 1:0] acc_space_o,
    // both
    output logic          [17:0] acc_addr_o,
    output logic          [63:0] acc_wdata_o,
    output logic          [ 7:0] acc_be_o,
    // errors
    output logic                 ur_o,
    output logic                 poisoned_o,
    output logic                 idle_o
);
  typedef enum logic [1:0] {
    Idle,  // a packet
    Load,  // its words, one a clock, into a quad word
    Issue  // the access
  } state_e;
  state_e state_q, state_d;

  logic [7:0]  word_q, word_d;    // next word of the packet
  logic [63:2] addr_q, addr_d;    // its address
  logic [63:3] quad_q, quad_d;    // the quad word that is being put together
  logic [63:0] data_q, data_d;
  logic [7:0]  be_q, be_d;

  // A configuration write behind this packet must not move the BAR under it.
  ep_pkg::bars_t bars_q;

  logic        hit, regs;
  logic [ 1:0] space;
  logic [17:0] offset;
  tlp_route u_route (
      .bars_i  ((state_q == Idle) ? bars_i : bars_q),
      .addr_i  ((state_q == Idle) ? head_i.addr[63:3] : quad_q),
      .hit_o   (hit),
      .regs_o  (regs),
      .space_o (space),
      .offset_o(offset)
  );

  logic last_word;
  logic [3:0] word_be;
  assign last_word = word_q == head_i.words - 8'd1;
  always_comb begin
    if (word_q == '0) word_be = head_i.first_be;
    else if (last_word) word_be = head_i.last_be;
    else word_be = 4'hf;
  end

  // AT 01 (translation request) and 11 (reserved) are not for a function [2.2.4.1].
  logic refused;
  assign refused = !hit || head_i.at[0];

  logic accepted;
  assign accepted = regs ? reg_ready_i : acc_ready_i;

  always_comb begin
    state_d    = state_q;
    word_d     = word_q;
    addr_d     = addr_q;
    quad_d     = quad_q;
    data_d     = data_q;
    be_d       = be_q;
    pop_o      = 1'b0;
    ur_o       = 1'b0;
    poisoned_o = 1'b0;
    unique case (state_q)
      Idle: begin
        word_d = '0;
        addr_d = head_i.addr;
        data_d = '0;
        be_d   = '0;
        if (valid_i) begin
          if (refused || head_i.poisoned) begin
            ur_o       = refused;
            poisoned_o = !refused;
            pop_o      = 1'b1;
          end else begin
            state_d = Load;
          end
        end
      end
      Load: begin
        quad_d = addr_q[63:3];
        if (addr_q[2]) begin
          data_d[63:32] = word_i;
          be_d[7:4]     = word_be;
        end else begin
          data_d[31:0] = word_i;
          be_d[3:0]    = word_be;
        end
        word_d = word_q + 8'd1;
        addr_d = addr_q + 62'd1;
        if (addr_q[2] || last_word) state_d = Issue;
      end
      default: begin  // Issue
        if (accepted) begin
          data_d = '0;
          be_d   = '0;
          if (word_q == head_i.words) begin
            pop_o   = 1'b1;
            state_d = Idle;
          end else begin
            state_d = Load;
          end
        end
      end
    endcase
    // An access that the core has been shown is seen through.
    if (flush_i && !(state_q == Issue && !accepted)) begin
      state_d    = Idle;
      pop_o      = 1'b0;
      ur_o       = 1'b0;
      poisoned_o = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
      word_q  <= '0;
      addr_q  <= '0;
      quad_q  <= '0;
      data_q  <= '0;
      be_q    <= '0;
      bars_q  <= '0;
    end else begin
      if (state_q == Idle) bars_q <= bars_i;
      state_q <= state_d;
      word_q  <= word_d;
      addr_q  <= addr_d;
      quad_q  <= quad_d;
      data_q  <= data_d;
      be_q    <= be_d;
    end
  end

  assign idle_o      = state_q == Idle;
  assign word_o      = word_q;
  assign reg_valid_o = state_q == Issue && regs;
  assign acc_valid_o = state_q == Issue && !regs;
  assign acc_space_o = space;
  assign acc_addr_o  = offset;
  assign acc_wdata_o = data_q;
  assign acc_be_o    = be_q;
endmodule
