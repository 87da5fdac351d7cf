// SPDX-License-Identifier: Apache-2.0 OR MIT
// Where an address leads within the apertures of the virtual functions (docs/device.md §16).
// Combinational. Table, pending bits and device slots are spaces of the interrupt core;
// the registers are those that BAR0 has for the function as well, and what is
// nothing becomes an address of BAR0 that is nothing.
module tlp_vf_route (
    input  ep_pkg::bars_t        bars_i,
    input  logic          [63:3] addr_i,   // quad word
    output logic                 hit_o,    // an aperture of a function that decodes memory
    output logic          [ 3:0] vf_o,     // whose
    output logic                 regs_o,   // BAR0; else the interrupt core
    output logic          [ 1:0] space_o,  // of the core
    output logic          [17:0] offset_o
);
  // Apertures follow one another and are aligned to their size, their first one alone.
  logic [64:14] from, nth;
  logic         first;   // within the first 16 KiB of the aperture
  assign from  = {1'b0, addr_i[63:14]} - {1'b0, bars_i.vf_bar};
  assign nth   = from >> {bars_i.vf_page, 1'b0};
  assign first = (from & ~(51'h7_ffff_ffff_ffff << {bars_i.vf_page, 1'b0})) == '0;
  assign vf_o  = nth[17:14];
  assign hit_o = bars_i.vf_on && nth[64:18] == '0 && bars_i.vf_there[vf_o];

  logic unused_bars;
  assign unused_bars = ^bars_i;

  localparam logic [17:0] Nothing = 18'h0_ff00;
  logic [1:0] part;      // 4 KiB each
  logic       front;     // their first KiB
  assign part  = addr_i[13:12];
  assign front = first && addr_i[11:10] == '0;
  always_comb begin
    regs_o   = 1'b1;
    space_o  = ep_pkg::SpaceMsix;
    offset_o = Nothing;
    if (front && part == tlp_pkg::VfPartTable) begin
      regs_o   = 1'b0;
      offset_o = {irq_pkg::VfMsix[13:0], 4'd0} + {4'd0, vf_o, addr_i[9:3], 3'd0};
    end else if (front && part == tlp_pkg::VfPartPba && addr_i[9:3] == '0) begin
      regs_o   = 1'b0;
      space_o  = ep_pkg::SpacePba;
      offset_o = {1'b0, irq_pkg::VfMsix[19:6], 3'd0} + {11'd0, vf_o, 3'd0};
    end else if (front && part == tlp_pkg::VfPartSlots) begin
      regs_o   = 1'b0;
      space_o  = ep_pkg::SpaceSlots;
      offset_o = {irq_pkg::VfDev[13:0], 4'd0} + {4'd0, vf_o, addr_i[9:3], 3'd0};
    end else if (front && part == tlp_pkg::VfPartRegs && addr_i[9:4] == '0) begin
      offset_o = {2'b00, ep_reg_pkg::REG_VF_ID_OFFSET} + {10'd0, vf_o, addr_i[3], 3'd0};
    end
  end
endmodule
