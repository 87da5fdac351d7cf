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

  logic [159:0] words;
  assign words = {w3[7:0], w3[15:8], w3[23:16], w3[31:24],
                  w2[7:0], w2[15:8], w2[23:16], w2[31:24],
                  w1[7:0], w1[15:8], w1[23:16], w1[31:24],
                  w0[7:0], w0[15:8], w0[23:16], w0[31:24],
                  p[7:0], p[15:8], p[23:16], p[31:24]};

  tlp_crc32 #(
      .Words(5)
  ) u_crc (
      .en_i,
      .crc_i  ('1),
      .words_i(words),
      .valid_i({raw_i.hdr[125], 3'b111, raw_i.prefix_valid}),
      .crc_o
  );
endmodule
