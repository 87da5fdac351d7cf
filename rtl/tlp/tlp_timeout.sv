// SPDX-License-Identifier: Apache-2.0 OR MIT
// Completion timeout in clock cycles of 4 ns from DevCtl2[3:0] (docs/device.md §3;
// ranges in PCIe Base 7.5.3.16). Combinational.
module tlp_timeout (
    input  logic [ 3:0] code_i,
    output logic [35:0] cycles_o
);
  always_comb begin
    unique case (code_i)
      4'b0001: cycles_o = 36'd1 << 14;
      4'b0010: cycles_o = 36'd1 << 20;
      4'b0101: cycles_o = 36'd1 << 23;
      4'b0110: cycles_o = 36'd1 << 25;
      4'b1001: cycles_o = 36'd1 << 27;
      4'b1010: cycles_o = 36'd1 << 29;
      4'b1101: cycles_o = 36'd1 << 31;
      4'b1110: cycles_o = 36'd1 << 33;
      default: cycles_o = 36'd1 << 22;
    endcase
  end
endmodule
