// SPDX-License-Identifier: Apache-2.0 OR MIT
// The sending end of the upstream stream: posted packets, completions and reads take
// turns, a packet at a time. Their queues offer a head only when the posted packets
// that it must not pass have gone (tlp_ordq); posted packets hold their credits
// already (tlp_post), completions and reads get theirs here. What lacks credits is
// passed over and holds up nothing else.
//
// The output is one register stage that is refilled in the cycle it is emptied.
module tlp_tx #(
    parameter int unsigned DataW = 256,
    localparam int unsigned KeepW = DataW / 32
) (
    input  logic                      clk_i,
    input  logic                      rst_ni,
    // credits
    input  logic              [  7:0] fc_nph_limit_i,
    input  logic              [  7:0] fc_cplh_limit_i,
    input  logic              [ 11:0] fc_cpld_limit_i,
    input  logic              [  2:0] fc_infinite_i,    // {cpld, cplh, nph}
    // posted
    input  logic                      post_valid_i,
    input  tlp_pkg::tx_post_t         post_i,
    output logic                      post_pop_o,
    input  logic          [DataW-1:0] bulk_data_i,      // payload of its `bulk`, beat by beat
    output logic                      bulk_pop_o,
    // completions: header, and its data beat by beat
    input  logic                      cpl_valid_i,
    input  tlp_pkg::tx_cpl_t          cpl_i,
    output logic                      cpl_pop_o,
    input  logic          [DataW-1:0] cpl_data_i,
    output logic                      cpl_data_pop_o,
    // reads
    input  logic                      read_valid_i,     // and allowed to leave
    input  tlp_pkg::tx_read_t         read_i,
    output logic                      read_pop_o,
    output logic                      read_sent_o,      // a read has crossed the pins ...
    output logic              [  4:0] read_sent_tag_o,  // ... with this tag
    output logic                      read_sent_ask_o,  // ... and is a translation request
    // the stream
    output logic                      tx_valid_o,
    input  logic                      tx_ready_i,
    output logic                      tx_sop_o,
    output logic                      tx_eop_o,
    output logic              [127:0] tx_hdr_o,
    output logic          [DataW-1:0] tx_data_o,
    output logic          [KeepW-1:0] tx_keep_o,
    output logic                      tx_prefix_valid_o,
    output logic               [31:0] tx_prefix_o
);
  typedef enum logic [1:0] {
    Posted,
    Cpl,
    Read
  } source_e;

  logic [127:0] post_hdr, cpl_hdr, read_hdr;
  logic [ 31:0] post_prefix, read_prefix;
  tlp_tx_fmt u_fmt (
      .post_i       (post_i),
      .cpl_i        (cpl_i),
      .read_i       (read_i),
      .post_hdr_o   (post_hdr),
      .cpl_hdr_o    (cpl_hdr),
      .read_hdr_o   (read_hdr),
      .post_prefix_o(post_prefix),
      .read_prefix_o(read_prefix)
  );

  // ---- credits of completions and reads ---------------------------------------
  logic        first, load;
  source_e     sel;
  logic        cpl_take, read_take;
  logic [ 7:0] nph_left, cplh_left;
  logic [11:0] cpld_left, cpld_need;
  assign cpl_take  = load && first && sel == Cpl;
  assign read_take = load && first && sel == Read;
  // 16 bytes are one unit of data credit.
  assign cpld_need = {6'd0, 6'(({1'b0, cpl_i.words} + 9'd3) >> 2)};

  tlp_credit #(
      .Width(8)
  ) u_nph (
      .clk_i,
      .rst_ni,
      .limit_i   (fc_nph_limit_i),
      .infinite_i(fc_infinite_i[0]),
      .take_i    (read_take),
      .amount_i  (8'd1),
      .left_o    (nph_left)
  );
  tlp_credit #(
      .Width(8)
  ) u_cplh (
      .clk_i,
      .rst_ni,
      .limit_i   (fc_cplh_limit_i),
      .infinite_i(fc_infinite_i[1]),
      .take_i    (cpl_take),
      .amount_i  (8'd1),
      .left_o    (cplh_left)
  );
  tlp_credit #(
      .Width(12)
  ) u_cpld (
      .clk_i,
      .rst_ni,
      .limit_i   (fc_cpld_limit_i),
      .infinite_i(fc_infinite_i[2]),
      .take_i    (cpl_take),
      .amount_i  (cpld_need),
      .left_o    (cpld_left)
  );

  // ---- whose turn -----------------------------------------------------------------
  logic cpl_can, read_can;
  assign cpl_can  = cpl_valid_i && cplh_left != '0 && cpld_left >= cpld_need;
  assign read_can = read_valid_i && nph_left != '0;

  source_e last_q, pick;
  logic    pick_any;
  assign pick_any = post_valid_i || cpl_can || read_can;
  always_comb begin
    unique case (last_q)
      Posted:  pick = cpl_can ? Cpl : (read_can ? Read : Posted);
      Cpl:     pick = read_can ? Read : (post_valid_i ? Posted : Cpl);
      default: pick = post_valid_i ? Posted : (cpl_can ? Cpl : Read);
    endcase
  end

  // ---- a beat -----------------------------------------------------------------------
  logic       busy_q;   // in the middle of a packet of last_q
  logic [7:0] left_q;   // its words still to go
  logic [7:0] words;    // words to go, this beat's included
  logic       eop;
  assign first = !busy_q;
  assign sel   = busy_q ? last_q : pick;
  assign load  = (busy_q || pick_any) && (!tx_valid_o || tx_ready_i);

  always_comb begin
    if (busy_q) words = left_q;
    else if (sel == Posted && post_i.msg) words = 8'd0;
    else if (sel == Posted && post_i.bulk) words = post_i.words;
    else if (sel == Posted) words = post_i.quad ? 8'd4 : 8'd1;
    else if (sel == Cpl) words = cpl_i.words;
    else words = 8'd0;
  end
  assign eop = words <= 8'(KeepW);

  logic [KeepW-1:0] keep;
  always_comb begin
    for (int unsigned i = 0; i < KeepW; i++) begin
      keep[i] = words > 8'(i);
    end
  end

  // Four words of a posted packet are two beats of the narrowest stream.
  logic [DataW-1:0] post_data, data;
  if (DataW == 64) begin : gen_post_narrow
    assign post_data = busy_q ? post_i.data[127:64] : post_i.data[63:0];
  end else begin : gen_post_wide
    assign post_data = DataW'(post_i.data);
  end
  always_comb begin
    data = '0;
    if (sel == Posted && !post_i.msg) data = post_i.bulk ? bulk_data_i : post_data;
    else if (sel == Cpl && cpl_i.has_data) data = cpl_data_i;
  end

  assign post_pop_o     = load && eop && sel == Posted;
  assign bulk_pop_o     = load && sel == Posted && post_i.bulk;
  assign cpl_pop_o      = load && eop && sel == Cpl;
  assign read_pop_o     = load && sel == Read;
  assign cpl_data_pop_o = load && sel == Cpl && cpl_i.has_data;

  logic is_read_q;
  assign read_sent_o     = tx_valid_o && tx_ready_i && is_read_q;
  assign read_sent_tag_o = tx_hdr_o[76:72];
  assign read_sent_ask_o = tx_hdr_o[107:106] == tlp_pkg::AtRequest;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q     <= 1'b0;
      left_q     <= '0;
      last_q     <= Posted;
      is_read_q  <= 1'b0;
      tx_valid_o <= 1'b0;
      tx_sop_o   <= 1'b0;
      tx_eop_o   <= 1'b0;
      tx_hdr_o   <= '0;
      tx_data_o  <= '0;
      tx_keep_o  <= '0;
      tx_prefix_valid_o <= 1'b0;
      tx_prefix_o       <= '0;
    end else begin
      if (tx_ready_i) tx_valid_o <= 1'b0;
      if (load) begin
        tx_valid_o <= 1'b1;
        tx_sop_o   <= first;
        tx_eop_o   <= eop;
        tx_data_o  <= data;
        tx_keep_o  <= keep;
        is_read_q  <= sel == Read;
        busy_q     <= !eop;
        left_q     <= words - 8'(KeepW);
        last_q     <= sel;
        tx_hdr_o   <= '0;
        if (first && sel == Posted) tx_hdr_o <= post_hdr;
        if (first && sel == Cpl) tx_hdr_o <= cpl_hdr;
        if (first && sel == Read) tx_hdr_o <= read_hdr;
        tx_prefix_valid_o <= 1'b0;
        tx_prefix_o       <= '0;
        if (first && sel == Posted && post_i.pasid.valid) begin
          tx_prefix_valid_o <= 1'b1;
          tx_prefix_o       <= post_prefix;
        end
        if (first && sel == Read && read_i.pasid.valid) begin
          tx_prefix_valid_o <= 1'b1;
          tx_prefix_o       <= read_prefix;
        end
      end
    end
  end
endmodule
