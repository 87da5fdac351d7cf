// SPDX-License-Identifier: Apache-2.0 OR MIT
// Adds the digest to what leaves [PCIe Base 2.7.1]: TD = 1 and one more word behind the data,
// in the last beat where it has room, else in a beat of its own. Stands between the
// output register of tlp_tx and the pins; while generation is off it is only wire. What
// is on at a packet's first beat holds for all of it.
module tlp_ecrc_gen #(
    parameter int unsigned DataW = 256,
    localparam int unsigned KeepW = DataW / 32
) (
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic             enable_i,
    // from the transmitter
    input  logic             valid_i,
    output logic             ready_o,
    input  logic             sop_i,
    input  logic             eop_i,
    input  logic     [127:0] hdr_i,
    input  logic             prefix_valid_i,
    input  logic     [ 31:0] prefix_i,
    input  logic [DataW-1:0] data_i,
    input  logic [KeepW-1:0] keep_i,
    // to the pins
    output logic             valid_o,
    input  logic             ready_i,
    output logic             sop_o,
    output logic             eop_o,
    output logic     [127:0] hdr_o,
    output logic [DataW-1:0] data_o,
    output logic [KeepW-1:0] keep_o
);
  localparam logic [127:0] Td = 128'd1 << 111;  // bit 15 of header word 0

  // A beat that is shown and not taken stays as it is, whatever is written meanwhile.
  logic waiting_q, on_q, on;
  assign on = (valid_i && sop_i && !waiting_q) ? enable_i : on_q;

  logic extra_q;  // the digest has a beat of its own, and it is owed
  logic full, moved;
  assign full  = keep_i[KeepW-1];
  assign moved = valid_i && ready_o;

  tlp_pkg::raw_t raw;
  assign raw = {prefix_valid_i, prefix_i, hdr_i | Td};

  logic [31:0] crc_q, crc_hdr, crc;
  tlp_crc_hdr u_hdr (
      .en_i (valid_i && on && sop_i),
      .raw_i(raw),
      .crc_o(crc_hdr)
  );
  tlp_crc_beat #(
      .Words(KeepW)
  ) u_crc (
      .en_i   (valid_i && on),
      .crc_i  (sop_i ? crc_hdr : crc_q),
      .words_i(data_i),
      .valid_i(keep_i),
      .crc_o  (crc)
  );

  always_comb begin
    valid_o = valid_i;
    ready_o = ready_i;
    sop_o   = sop_i;
    eop_o   = eop_i;
    hdr_o   = hdr_i;
    data_o  = data_i;
    keep_o  = keep_i;
    if (extra_q) begin
      valid_o       = 1'b1;
      ready_o       = 1'b0;
      sop_o         = 1'b0;
      eop_o         = 1'b1;
      hdr_o         = '0;
      data_o        = '0;
      data_o[31:0]  = ~crc_q;
      keep_o        = KeepW'(1);
    end else if (valid_i && on) begin
      if (sop_i) hdr_o = hdr_i | Td;
      if (eop_i && full) eop_o = 1'b0;
      if (eop_i && !full) begin
        for (int unsigned i = 0; i < KeepW; i++) begin
          if (!keep_i[i] && (i == 0 || keep_i[(i == 0) ? 0 : i-1])) data_o[32*i+:32] = ~crc;
        end
        keep_o = {keep_i[KeepW-2:0], 1'b1};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      waiting_q <= 1'b0;
      on_q      <= 1'b0;
      extra_q   <= 1'b0;
      crc_q     <= '0;
    end else begin
      waiting_q <= valid_i && !ready_o;
      on_q      <= on;
      if (moved) crc_q <= crc;
      if (extra_q) extra_q <= !ready_i;
      else if (moved) extra_q <= on && eop_i && full;
    end
  end
endmodule
