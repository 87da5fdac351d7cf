// SPDX-License-Identifier: Apache-2.0 OR MIT
// Checks the digest of a received packet [PCIe Base 2.7.1]. Beats are shown as tlp_rx takes
// them; the verdict stands beside the last one. A packet is checked when checking was
// on at its first beat and it has a digest.
module tlp_ecrc_check #(
    parameter int unsigned DataW = 256,
    localparam int unsigned KeepW = DataW / 32
) (
    input  logic                      clk_i,
    input  logic                      rst_ni,
    input  logic                      enable_i,
    // a beat
    input  logic                      beat_i,
    input  logic                      sop_i,
    input  tlp_pkg::raw_t             raw_i,      // of this packet, at its first beat
    input  logic                      digest_i,   // TD
    input  logic              [ 11:0] payload_i,  // words of data; the digest is the word behind them
    input  logic              [ 11:0] before_i,   // words in earlier beats
    input  logic          [DataW-1:0] data_i,
    input  logic          [KeepW-1:0] keep_i,
    output logic                      bad_o       // the digest is in this beat, and wrong
);
  logic on_q, on;
  assign on = sop_i ? (enable_i && digest_i) : on_q;

  logic [31:0] crc_q, crc_hdr, crc, digest;
  logic [KeepW-1:0] is_data;
  logic             is_here;
  always_comb begin
    is_data = '0;
    is_here = 1'b0;
    digest  = '0;
    if (on) begin
      for (int unsigned i = 0; i < KeepW; i++) begin
        is_data[i] = keep_i[i] && before_i + 12'(i) < payload_i;
        if (keep_i[i] && before_i + 12'(i) == payload_i) begin
          is_here = 1'b1;
          digest  = data_i[32*i+:32];
        end
      end
    end
  end

  tlp_crc_hdr u_hdr (
      .en_i (on && sop_i),
      .raw_i,
      .crc_o(crc_hdr)
  );
  tlp_crc_beat #(
      .Words(KeepW)
  ) u_crc (
      .en_i   (on),
      .crc_i  (sop_i ? crc_hdr : crc_q),
      .words_i(data_i),
      .valid_i(is_data),
      .crc_o  (crc)
  );
  assign bad_o = is_here && digest != ~crc;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      on_q  <= 1'b0;
      crc_q <= '0;
    end else if (beat_i) begin
      on_q  <= on;
      crc_q <= crc;
    end
  end
endmodule
