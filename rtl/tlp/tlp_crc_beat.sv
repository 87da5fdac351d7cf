// SPDX-License-Identifier: Apache-2.0 OR MIT
// CRC-32 as the digest of a packet has it [PCIe Base 2.7.1], carried on over the words of a beat that count: bytes in
// wire order, bit 0 of each byte first, and a word has its first byte in bits 7:0. Combinational.
module tlp_crc_beat #(
    parameter int unsigned Words = 8
) (
    input  logic                en_i,     // 0: crc_o means nothing (and costs no simulation time)
    input  logic [        31:0] crc_i,
    input  logic [32*Words-1:0] words_i,
    input  logic [   Words-1:0] valid_i,  // no gap: 0...01...1
    output logic [        31:0] crc_o
);
  // The words that count, moved to the end.
  logic [32*Words-1:0] begun, moved;
  assign begun = words_i ^ (32*Words)'(crc_i);
  always_comb begin
    moved = '0;
    if (en_i) begin
      for (int unsigned n = 1; n <= Words; n++) begin
        if (valid_i[n-1] && (n == Words || !valid_i[(n == Words) ? 0 : n])) moved = moved | (begun << (32 * (Words - n)));
      end
    end
  end

  logic [31:0] sum;
  prim_crc32 #(
      .Bits(32 * Words)
  ) u_crc (
      .en_i,
      .bits_i(moved),
      .crc_o (sum)
  );
  assign crc_o = valid_i[0] ? sum : crc_i;
endmodule
