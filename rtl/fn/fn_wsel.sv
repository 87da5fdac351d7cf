// SPDX-License-Identifier: Apache-2.0 OR MIT
// Picks one 32-bit register out of a quad word write. Combinational.
module fn_wsel #(
    parameter logic [15:0] Offset = 16'h0
) (
    input  ep_pkg::fn_write_t        write_i,
    output logic                     hit_o,   // at least one byte is written
    output logic              [31:0] mask_o,  // bits of the written bytes; 0 without a hit
    output logic              [31:0] data_o   // unwritten bytes are 0
);
  logic [3:0]  be;
  logic [31:0] data;
  if (Offset[2]) begin : gen_high
    assign be   = write_i.be[7:4];
    assign data = write_i.data[63:32];
    logic unused_low;
    assign unused_low = ^{write_i.be[3:0], write_i.data[31:0]};
  end else begin : gen_low
    assign be   = write_i.be[3:0];
    assign data = write_i.data[31:0];
    logic unused_high;
    assign unused_high = ^{write_i.be[7:4], write_i.data[63:32]};
  end
  assign hit_o  = write_i.valid && write_i.addr == Offset[15:3] && be != '0;
  assign mask_o = hit_o ? {{8{be[3]}}, {8{be[2]}}, {8{be[1]}}, {8{be[0]}}} : '0;
  assign data_o = data & mask_o;
endmodule
