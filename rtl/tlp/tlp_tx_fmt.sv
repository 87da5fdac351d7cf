// SPDX-License-Identifier: Apache-2.0 OR MIT
// Headers of what the endpoint sends (docs/device.md §4 "Completions", "Error messages",
// §5 "Message", §6). Combinational.
module tlp_tx_fmt (
    input  tlp_pkg::tx_post_t         post_i,
    input  tlp_pkg::tx_cpl_t          cpl_i,
    input  tlp_pkg::tx_read_t         read_i,
    output logic              [127:0] post_hdr_o,
    output logic              [127:0] cpl_hdr_o,
    output logic              [127:0] read_hdr_o,
    output logic               [31:0] post_prefix_o,
    output logic               [31:0] read_prefix_o
);
  // An address below 4 GiB must use the three-word form [PCIe Base 2.2.4.1].
  logic post_high, read_high;
  assign post_high = post_i.addr[63:32] != '0;
  assign read_high = read_i.addr[63:32] != '0;

  logic [31:0] post_w0, post_w1, post_lo, msg_w0, msg_w1;
  // The data either stands in the entry, all of it enabled, or is of any length.
  logic [7:0] post_words;
  logic [3:0] post_first, post_last;
  assign post_words = post_i.bulk ? post_i.words : {5'd0, post_i.quad, 1'b0, !post_i.quad};
  assign post_first = post_i.bulk ? post_i.first_be : 4'hf;
  assign post_last  = post_i.bulk ? post_i.last_be : {4{post_i.quad}};
  assign post_w0    = {2'b01, post_high, tlp_pkg::TypeMem, 1'b0, 3'd0, 1'b0, post_i.attr[2], 4'd0, post_i.attr[1:0],
                       2'b00, 2'b00, post_words};
  assign post_w1    = {post_i.rid, 8'd0, post_last, post_first};
  assign post_lo    = {post_i.addr[31:2], 2'b00};
  // A message request: four words, no data, tag 0; words 2 and 3 are given.
  assign msg_w0     = {3'b001, tlp_pkg::TypeMsg, post_i.route, 24'd0};
  assign msg_w1     = {post_i.rid, 8'd0, post_i.code};
  always_comb begin
    if (post_i.msg) post_hdr_o = {msg_w0, msg_w1, post_i.data[63:0]};
    else if (post_high) post_hdr_o = {post_w0, post_w1, post_i.addr[63:32], post_lo};
    else post_hdr_o = {post_w0, post_w1, post_lo, 32'd0};
  end

  logic [31:0] read_w0, read_w1, read_lo;
  assign read_w0    = {2'b00, read_high, tlp_pkg::TypeMem, 1'b0, 3'd0, 1'b0, read_i.attr[2], 4'd0, read_i.attr[1:0],
                       read_i.at, 2'b00, read_i.words};
  assign read_w1    = {read_i.rid, 3'd0, read_i.tag, read_i.last_be, read_i.first_be};
  // A translation request says in bit 0 that it will not write [10.2.2].
  assign read_lo    = {read_i.addr[31:2], 1'b0, read_i.at == tlp_pkg::AtRequest};
  assign read_hdr_o = {read_w0, read_w1, read_high ? {read_i.addr[63:32], read_lo} : {read_lo, 32'd0}};

  logic [31:0] cpl_w0, cpl_w1, cpl_w2;
  assign cpl_w0 = {1'b0, cpl_i.has_data, 1'b0, tlp_pkg::TypeCpl, cpl_i.tag[9], cpl_i.tc, cpl_i.tag[8], cpl_i.attr[2],
                   4'd0, cpl_i.attr[1:0], 2'b00, 2'b00, cpl_i.words};
  assign cpl_w1 = {cpl_i.cid, cpl_i.status, 1'b0, cpl_i.byte_count};
  assign cpl_w2 = {cpl_i.rid, cpl_i.tag[7:0], 1'b0, cpl_i.lower_addr};
  assign cpl_hdr_o = {cpl_w0, cpl_w1, cpl_w2, 32'd0};

  assign post_prefix_o = {tlp_pkg::PrefixPasid, 4'd0, post_i.pasid.pasid};
  assign read_prefix_o = {tlp_pkg::PrefixPasid, 4'd0, read_i.pasid.pasid};

  logic unused_data;
  assign unused_data = ^{post_i.data, post_i.pasid.valid, read_i.pasid.valid};
endmodule
