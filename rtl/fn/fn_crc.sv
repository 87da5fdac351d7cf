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

  always_ff @(posedge clk_i) begin : crc
    logic [31:0] c;
    if (!rst_ni) begin
      data_q <= '0;
      left_q <= '0;
      crc_q  <= '0;
    end else begin
      if (left_q != '0) begin
        for (int unsigned s = 0; s < Steps; s++) begin
          if (piece[s]) begin
            c = crc_q;
            for (int unsigned i = 0; i < (8 << s); i++) begin
              c = (c >> 1) ^ ((c[0] ^ data_q[i]) ? 32'hedb8_8320 : 32'd0);
            end
            crc_q <= c;
          end
        end
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
