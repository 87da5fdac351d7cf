// SPDX-License-Identifier: Apache-2.0 OR MIT
// Header of a received packet: decode, and every check of docs/device.md §4
// rows 1 and 2 that the header alone decides. Combinational. The payload's
// own length is counted by tlp_rx.
module tlp_rx_hdr (
    input  logic              [127:0] hdr_i,
    input  logic                      prefix_valid_i,
    input  logic              [ 31:0] prefix_i,
    input  logic              [  2:0] mps_i,           // DevCtl[7:5]
    input  logic              [ 15:0] id_i,            // of the physical function
    output tlp_pkg::rx_head_t         head_o
);
  logic [31:0] w0, w1, w2, w3;
  assign w0 = hdr_i[127:96];
  assign w1 = hdr_i[95:64];
  assign w2 = hdr_i[63:32];
  assign w3 = hdr_i[31:0];

  logic [2:0] fmt;
  logic [4:0] typ;
  logic       with_data, four_words;
  assign fmt        = w0[31:29];
  assign typ        = w0[28:24];
  assign with_data  = fmt[1];
  assign four_words = fmt[0];

  logic [2:0] attr;
  assign attr = {w0[18], w0[13:12]};

  logic [10:0] words;
  assign words = (w0[9:0] == '0) ? 11'd1024 : {1'b0, w0[9:0]};

  logic [63:2] addr;
  assign addr = four_words ? {w2, w3[31:2]} : {32'd0, w2[31:2]};

  // What the type is, once the combination with Fmt is a defined one.
  logic is_mem, is_memlk, is_io, is_cfg0, is_cfg1, is_cpl, is_atomic, is_dmwr, is_msg;
  assign is_mem    = typ == tlp_pkg::TypeMem;
  assign is_memlk  = typ == tlp_pkg::TypeMemLk && !with_data;
  assign is_io     = typ == tlp_pkg::TypeIo && !four_words;
  assign is_cfg0   = typ == tlp_pkg::TypeCfg0 && !four_words;
  assign is_cfg1   = typ == tlp_pkg::TypeCfg1 && !four_words;
  assign is_cpl    = (typ == tlp_pkg::TypeCpl || typ == tlp_pkg::TypeCplLk) && !four_words;
  assign is_atomic = (typ == tlp_pkg::TypeFetchAdd || typ == tlp_pkg::TypeSwap || typ == tlp_pkg::TypeCas) &&
                     with_data;
  assign is_dmwr   = typ == tlp_pkg::TypeDmwr && with_data;
  assign is_msg    = typ[4:3] == tlp_pkg::TypeMsg && four_words;

  logic defined;
  assign defined = !fmt[2] && (is_mem || is_memlk || is_io || is_cfg0 || is_cfg1 || is_cpl || is_atomic ||
                               is_dmwr || is_msg);

  // A read with TH=1 carries a steering tag in place of the byte enables; a locked one has no hints.
  logic th_read;
  assign th_read = w0[16] && is_mem && !with_data;

  logic [3:0] first_be, last_be;
  assign first_be = th_read ? 4'hf : w1[3:0];
  assign last_be  = th_read ? ((words == 11'd1) ? 4'h0 : 4'hf) : w1[7:4];

  // Row 2.
  logic cfg_io, bad_cfg_io, mem_like, has_be, bad_be, bad_cross, bad_mps, bad_msg, bad_operand;
  logic [11:0] end_word;
  assign cfg_io     = is_io || is_cfg0 || is_cfg1;
  assign bad_cfg_io = cfg_io && (words != 11'd1 || w0[22:20] != '0 || attr != '0 || w0[11:10] != '0 ||
                                 last_be != '0);
  assign mem_like   = is_mem || is_memlk || is_dmwr;
  assign has_be     = mem_like || cfg_io;
  assign bad_be     = has_be && ((words == 11'd1) ? last_be != '0 : (first_be == '0 || last_be == '0));
  assign end_word   = {2'b00, addr[11:2]} + {1'b0, words};
  assign bad_cross  = mem_like && end_word > 12'd1024;

  // An AtomicOp has one or two words of operand; compare and swap has two operands, of up to four words each.
  always_comb begin
    unique case (typ)
      tlp_pkg::TypeFetchAdd, tlp_pkg::TypeSwap: bad_operand = words != 11'd1 && words != 11'd2;
      default:                                  bad_operand = words != 11'd2 && words != 11'd4 && words != 11'd8;
    endcase
  end

  // Messages of which the code has one routing and traffic class 0.
  logic       one_route;
  logic [2:0] route;
  always_comb begin
    one_route = 1'b1;
    route     = tlp_pkg::RouteLocal;
    unique casez (w1[7:0])
      tlp_pkg::MsgUnlock, tlp_pkg::MsgPmTurnOff:                             route = tlp_pkg::RouteBroadcast;
      tlp_pkg::MsgPmeAck:                                                    route = tlp_pkg::RouteGathered;
      tlp_pkg::MsgPme, tlp_pkg::MsgErrCor, tlp_pkg::MsgErrNonfatal, tlp_pkg::MsgErrFatal:
                                                                             route = tlp_pkg::RouteToRoot;
      tlp_pkg::MsgPmNak, tlp_pkg::MsgSlotPower, 8'b0010_0???:                route = tlp_pkg::RouteLocal;
      default:                                                               one_route = 1'b0;
    endcase
  end
  assign bad_msg = is_msg && (typ[2:1] == 2'b11 || (one_route && (typ[2:0] != route || w0[22:20] != '0)));

  // A PASID may stand before any memory request, and before nothing else [2.2.10.4, 6.20].
  logic bad_prefix;
  assign bad_prefix = prefix_valid_i &&
                      (prefix_i[31:24] != tlp_pkg::PrefixPasid || !(is_mem || is_memlk || is_atomic || is_dmwr));

  logic [10:0] mps_words;
  always_comb begin
    unique case (mps_i)
      3'd0:    mps_words = 11'd32;
      3'd1:    mps_words = 11'd64;
      default: mps_words = 11'd128;
    endcase
  end
  assign bad_mps = with_data && words > mps_words;

  logic msg_ignored;
  assign msg_ignored = w1[7:0] == tlp_pkg::MsgUnlock || w1[7:0] == tlp_pkg::MsgPmNak ||
                       w1[7:0] == tlp_pkg::MsgPmTurnOff || w1[7:0] == tlp_pkg::MsgSlotPower ||
                       w1[7:0] == tlp_pkg::MsgVendor1;

  // Invalidate Request: two words of data; one to another id is a message like any other.
  logic is_inv, bad_inv;
  assign is_inv  = is_msg && with_data && typ[2:0] == tlp_pkg::RouteById && w1[7:0] == tlp_pkg::MsgInvRequest;
  assign bad_inv = is_inv && words != 11'd2;

  tlp_pkg::raw_t raw;
  assign raw = {prefix_valid_i, prefix_i, hdr_i};

  // Packed values are built field by field: the subset has no assignment patterns.
  tlp_pkg::mwr_t    mwr;
  tlp_pkg::np_t     np;
  tlp_pkg::rx_cpl_t cpl;
  always_comb begin
    mwr          = '0;
    mwr.addr     = addr;
    mwr.words    = words[7:0];
    mwr.first_be = first_be;
    mwr.last_be  = last_be;
    mwr.at       = w0[11:10];
    mwr.poisoned = w0[14];
    mwr.raw      = raw;
  end
  always_comb begin
    np = '0;
    if (is_cfg0) begin
      np.kind = with_data ? tlp_pkg::NpCfgWrite : tlp_pkg::NpCfgRead;
    end else if (is_mem) begin
      np.kind = tlp_pkg::NpMemRead;
    end else begin
      np.kind = tlp_pkg::NpUnsupported;
    end
    np.mem_read = is_mem || is_memlk;
    np.tag      = {w0[23], w0[19], w1[15:8]};
    np.tc       = w0[22:20];
    np.attr     = attr;
    np.rid      = w1[31:16];
    np.addr     = addr;
    np.words    = words;
    np.first_be = first_be;
    np.last_be  = last_be;
    np.at       = w0[11:10];
    np.poisoned = w0[14];
    np.raw      = raw;
  end
  always_comb begin
    cpl            = '0;
    cpl.locked     = typ == tlp_pkg::TypeCplLk;
    cpl.has_data   = with_data;
    cpl.poisoned   = w0[14] && with_data;
    cpl.status     = w1[15:13];
    cpl.byte_count = w1[11:0];
    cpl.lower_addr = w2[6:0];
    cpl.rid        = w2[31:16];
    cpl.tag        = {w0[23], w0[19], w2[15:8]};
    cpl.words      = words;
  end

  always_comb begin
    head_o            = '0;
    head_o.malformed  = !defined || bad_prefix || bad_cfg_io || bad_be || bad_cross || bad_mps || bad_msg || bad_inv ||
                        (is_atomic && bad_operand);
    head_o.non_posted = !fmt[2] && ((is_mem && !with_data) || is_memlk || cfg_io || is_atomic || is_dmwr);
    if (is_cpl) begin
      head_o.cls = tlp_pkg::RxCompletion;
    end else if (is_inv && w2[31:16] == id_i) begin
      head_o.cls = tlp_pkg::RxInvalidate;
    end else if (is_msg) begin
      head_o.cls = msg_ignored ? tlp_pkg::RxMsgIgnored : tlp_pkg::RxMsgUnsupported;
    end else if (is_mem && with_data) begin
      head_o.cls = tlp_pkg::RxMemWrite;
    end else begin
      head_o.cls = tlp_pkg::RxNonPosted;
    end
    head_o.has_data = with_data;
    head_o.digest   = w0[15];
    head_o.words    = words;
    head_o.mwr      = mwr;
    head_o.np       = np;
    head_o.cpl      = cpl;
  end

  logic unused_hdr;
  assign unused_hdr = ^{prefix_i[23:0], w0[17], w1[12], w2[7], w3[1:0]};
endmodule
