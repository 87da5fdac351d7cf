// SPDX-License-Identifier: Apache-2.0 OR MIT
// Where a memory address leads: which BAR it hits and, inside BAR2 and BAR4, which
// space of the interrupt core. BAR1 has the portal pages of the function's queues. The apertures of virtual functions
// lie behind the BARs. Combinational. A request never leaves the BAR or aperture it
// starts in: they are at least 4 KiB and a request that crosses 4 KiB is malformed.
module tlp_route (
    input  ep_pkg::bars_t        bars_i,
    input  logic          [63:3] addr_i,   // quad word
    output logic                 hit_o,    // some BAR, and memory is decoded, or an aperture
    output tlp_pkg::fn_t         fn_o,     // whose
    output logic                 regs_o,   // BAR0 or BAR1; else the interrupt core
    output logic                 portal_o, // BAR1
    output logic          [ 1:0] space_o,  // of the core
    output logic          [17:0] offset_o  // byte offset in BAR0, in BAR1 or in the space
);
  logic hit0, hit1, hit2, hit4;
  assign hit0 = addr_i[63:16] == {32'd0, bars_i.bar0};
  assign hit1 = addr_i[63:18] == {32'd0, bars_i.bar1};
  assign hit2 = addr_i[63:16] == bars_i.bar2;
  assign hit4 = addr_i[63:18] == bars_i.bar4;

  logic        hit_bar, vf_hit, vf_regs;
  logic [ 3:0] vf;
  logic [ 1:0] vf_space;
  logic [17:0] vf_offset;
  tlp_vf_route u_vf (
      .bars_i,
      .addr_i,
      .hit_o   (vf_hit),
      .vf_o    (vf),
      .regs_o  (vf_regs),
      .space_o (vf_space),
      .offset_o(vf_offset)
  );

  assign hit_bar  = bars_i.mem_on && (hit0 || hit1 || hit2 || hit4);
  assign hit_o    = hit_bar || vf_hit;
  assign fn_o     = {vf_hit && !hit_bar, vf};
  assign regs_o   = fn_o.virt ? vf_regs : hit0 || hit1;
  assign portal_o = hit1 && !hit0 && !fn_o.virt;

  always_comb begin
    if (fn_o.virt) begin
      space_o  = vf_space;
      offset_o = vf_offset;
    end else if (hit0) begin
      space_o  = ep_pkg::SpaceMsix;
      offset_o = {2'b00, addr_i[15:3], 3'b000};
    end else if (hit1) begin
      space_o  = ep_pkg::SpaceMsix;
      offset_o = {addr_i[17:3], 3'b000};
    end else if (hit2) begin
      // Behind the rows of the physical function stand those of the virtual ones, and its
      // window does not reach there: bit 17 makes the row a hole.
      space_o  = addr_i[15] ? ep_pkg::SpacePba : ep_pkg::SpaceMsix;
      offset_o = {addr_i[15] && addr_i[14:8] != '0, 2'b00, addr_i[14:3], 3'b000};
    end else begin
      space_o  = addr_i[17] ? ep_pkg::SpaceHostPending : ep_pkg::SpaceSlots;
      offset_o = {1'b0, addr_i[16:3], 3'b000};
    end
  end
endmodule
