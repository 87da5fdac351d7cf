// SPDX-License-Identifier: Apache-2.0 OR MIT
// CRC-32 of a packet's prefix and header: what its data words begin with. The two bits
// that may change on the way, Type[0] and EP, count as 1 [PCIe Base 2.7.1]. Combinational.
module tlp_crc_hdr (
    input  logic                 en_i,
    input  tlp_pkg::raw_t        raw_i,
    output logic          [31:0] crc_o
);
  // Header words have their first byte in bits 31:24.
  logic [31:0] w0, w1, w2, w3, p;
  assign w0 = raw_i.hdr[127:96] | 32'h0100_4000;
  assign w1 = raw_i.hdr[95:64];
  assign w2 = raw_i.hdr[63:32];
  assign w3 = raw_i.hdr[31:0];
  assign p  = raw_i.prefix;

  // In wire order, the first word lowest. The sum begins as all ones, which the first word that is there has.
  logic [31:0] b0, b1, b2, b3, bp;
  assign bp = raw_i.prefix_valid ? ~{p[7:0], p[15:8], p[23:16], p[31:24]} : '0;
  assign b0 = {w0[7:0], w0[15:8], w0[23:16], w0[31:24]} ^ {32{!raw_i.prefix_valid}};
  assign b1 = {w1[7:0], w1[15:8], w1[23:16], w1[31:24]};
  assign b2 = {w2[7:0], w2[15:8], w2[23:16], w2[31:24]};
  assign b3 = {w3[7:0], w3[15:8], w3[23:16], w3[31:24]};

  logic four_words;
  assign four_words = raw_i.hdr[125];
  prim_crc32 #(
      .Bits(160)
  ) u_crc (
      .en_i,
      .bits_i(four_words ? {b3, b2, b1, b0, bp} : {b2, b1, b0, bp, 32'd0}),
      .crc_o
  );
endmodule
