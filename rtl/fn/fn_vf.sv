// SPDX-License-Identifier: Apache-2.0 OR MIT
// Registers of the virtual functions as they stand in BAR0 at 0xf000 (docs/device.md §16):
// identity, number, doorbell. A function's own aperture leads here as well.
module fn_vf #(
    parameter int unsigned NumVfs = 16  // 0 to 16
) (
    input  ep_pkg::fn_write_t        write_i,
    input  logic              [15:3] raddr_i,
    output logic              [63:0] rdata_o,       // 0 elsewhere
    // a doorbell was written: one cause, as fn_doorbell has it
    output logic                     bell_valid_o,
    output logic              [31:0] bell_o
);
  localparam logic [16:0] Mask = (17'd1 << NumVfs) - 17'd1;
  localparam logic [15:0] There = Mask[15:0];
  localparam logic [15:0] Base = ep_reg_pkg::REG_VF_ID_OFFSET;

  logic here;
  assign here    = raddr_i[15:8] == Base[15:8] && !raddr_i[3] && There[raddr_i[7:4]];
  assign rdata_o = here ? {28'd0, raddr_i[7:4], ep_reg_pkg::REG_VF_ID_MAGIC_RESET} : '0;

  logic [3:0]  vf;
  logic        slot;
  logic [5:0]  index;
  logic [19:0] first;
  assign vf           = write_i.addr[7:4];
  assign bell_valid_o = write_i.valid && write_i.addr[15:8] == Base[15:8] && write_i.addr[3] && There[vf] &&
                        write_i.be[3:0] != '0;
  // Bytes that are not written count as 0.
  assign index  = write_i.be[0] ? write_i.data[5:0] : '0;
  assign slot   = write_i.be[1] && write_i.data[8];
  assign first  = slot ? irq_pkg::VfDev : irq_pkg::VfMsix;
  assign bell_o = {10'd0, 1'b0, slot, first + {10'd0, vf, index}};

  logic unused_write;
  assign unused_write = ^{write_i, Mask};
endmodule
