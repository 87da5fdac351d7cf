// SPDX-License-Identifier: Apache-2.0 OR MIT
// CRC-32 over a stream of bytes: polynomial 0xEDB88320 (reflected), no inversion at the end.
// A beat is taken when valid and ready are both 1. A whole beat takes one clock; a part of
// one is worked off in pieces of a power of two, at most log2 of the beat's bytes.
module fn_crc #(
    parameter int unsigned DataW = 256,
    localparam int unsigned BytesW = $clog2(DataW / 8) + 1
) (
    input  logic              clk_i,
    input  logic              rst_ni,
    // begin with this value
    input  logic              load_i,
    input  logic       [31:0] seed_i,
    // bytes from the lowest on
    input  logic              valid_i,
    output logic              ready_o,
    input  logic  [DataW-1:0] data_i,
    input  logic [BytesW-1:0] bytes_i,  // 1 to all
    // nothing is left to do; then the checksum is this
    output logic              idle_o,
    output logic       [31:0] crc_o
);
  localparam int unsigned Steps = BytesW;  // pieces of 2^0 to 2^(Steps-1) bytes

  logic [DataW-1:0]  data_q;
  logic [BytesW-1:0] left_q;
  logic [31:0]       crc_q;

  // The largest piece comes first; when it is all there is, the next beat can enter.
  logic [BytesW-1:0] piece;
  always_comb begin
    piece = '0;
    for (int unsigned s = 0; s < Steps; s++) begin
      if (left_q[s]) piece = BytesW'(1) << s;
    end
  end
  assign ready_o = left_q == piece;
  assign idle_o  = left_q == '0;
  assign crc_o   = crc_q;

  // The bits of the piece, moved to the end; of a piece shorter than the register some of that stays.
  logic [DataW-1:0] begun, moved;
  logic [31:0]      rest, sum;
  assign begun = data_q ^ DataW'(crc_q);
  always_comb begin
    moved = '0;
    rest  = '0;
    for (int unsigned s = 0; s < Steps; s++) begin
      if (piece[s]) begin
        moved = begun << (DataW - (8 << s));
        rest  = crc_q >> (8 << s);
      end
    end
  end
  prim_crc32 #(
      .Bits(DataW)
  ) u_crc (
      .en_i  (left_q != '0),
      .bits_i(moved),
      .crc_o (sum)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      data_q <= '0;
      left_q <= '0;
      crc_q  <= '0;
    end else begin
      if (left_q != '0) begin
        crc_q  <= rest ^ sum;
        data_q <= data_q >> {piece, 3'b000};
        left_q <= left_q - piece;
      end
      if (valid_i && ready_o) begin
        data_q <= data_i;
        left_q <= bytes_i;
      end
      if (load_i) crc_q <= seed_i;
    end
  end
endmodule
