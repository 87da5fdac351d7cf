// SPDX-License-Identifier: Apache-2.0 OR MIT
// Advanced error reporting [PCIe Base 6.2.4, 7.8.4; docs/device.md §4 "Logging"]. The one
// place that decides what an error does: bits of Device Status, status, first error
// pointer, logs, and which message is owed.
//
// At most one error comes in a clock (tlp_err). All registers are sticky: only a power-on
// reset touches them. An error in the clock of a write counts as behind it: a bit that
// is being cleared ends 1, and a pointer that is being freed takes the error.
module cfg_aer (
    input  logic                  clk_i,
    input  logic                  por_ni,        // power-on reset alone
    input  logic           [ 9:0] reg_i,
    input  logic           [31:0] wmask_i,
    input  logic           [31:0] wdata_i,
    output logic           [31:0] rdata_o,
    // errors
    input  ep_pkg::err_ev_t       ev_i,
    input  tlp_pkg::raw_t         raw_i,
    // reporting enables
    input  logic                  active_i,      // D0, no function reset: messages may be sent
    input  logic                  serr_i,        // Command.8
    input  logic           [ 3:0] report_i,      // DevCtl: {unsupported, fatal, non-fatal, correctable}
    // what is to be noted elsewhere; pulses
    output logic           [ 3:0] devsta_o,      // DevSta: {unsupported, fatal, non-fatal, correctable}
    output logic                  signalled_o,   // Status.14
    // messages that are owed; pulses
    output logic                  cor_o,
    output logic                  nonfatal_o,
    output logic                  fatal_o,
    // digests
    output logic                  ecrc_gen_o,
    output logic                  ecrc_check_o
);
  localparam logic [9:0] Base = ep_reg_pkg::CAP_AER_OFFSET[11:2];
  localparam logic [9:0] RegCap = Base;
  localparam logic [9:0] RegUncStatus = Base + 10'd1;
  localparam logic [9:0] RegUncMask = Base + 10'd2;
  localparam logic [9:0] RegUncSeverity = Base + 10'd3;
  localparam logic [9:0] RegCorStatus = Base + 10'd4;
  localparam logic [9:0] RegCorMask = Base + 10'd5;
  localparam logic [9:0] RegControl = Base + 10'd6;
  localparam logic [9:0] RegHeader = Base + 10'd7;   // four
  localparam logic [9:0] RegPrefix = Base + 10'd14;  // four, of which one is used

  localparam logic [31:0] Cap = {ep_reg_pkg::CAP_PASID_OFFSET, 4'h2, ep_reg_pkg::CAP_AER_ID};
  // Poisoned, completion timeout, completer abort, unexpected completion, malformed,
  // ECRC, unsupported request.
  localparam logic [31:0] UncBits = 32'h001d_d000;
  localparam logic [31:0] SeverityReset = 32'h0046_2030;
  // Completer abort can be cleared, and never is set.

  localparam logic [4:0] BitPoisoned = 5'd12;
  localparam logic [4:0] BitTimeout = 5'd14;
  localparam logic [4:0] BitUnexpected = 5'd16;
  localparam logic [4:0] BitMalformed = 5'd18;
  localparam logic [4:0] BitEcrc = 5'd19;
  localparam logic [4:0] BitUnsupported = 5'd20;

  logic [31:0] status_q, mask_q, severity_q, header_word;
  logic        cor_q, cor_mask_q, gen_q, check_q;
  logic [ 4:0] pointer_q;
  tlp_pkg::raw_t log_q;

  always_comb begin
    unique case (reg_i)
      RegHeader:         header_word = log_q.hdr[127:96];
      RegHeader + 10'd1: header_word = log_q.hdr[95:64];
      RegHeader + 10'd2: header_word = log_q.hdr[63:32];
      RegHeader + 10'd3: header_word = log_q.hdr[31:0];
      default:           header_word = '0;
    endcase
  end
  always_comb begin
    unique case (reg_i)
      RegCap:         rdata_o = Cap;
      RegUncStatus:   rdata_o = status_q;
      RegUncMask:     rdata_o = mask_q;
      RegUncSeverity: rdata_o = severity_q;
      RegCorStatus:   rdata_o = {18'd0, cor_q, 13'd0};
      RegCorMask:     rdata_o = {18'd0, cor_mask_q, 13'd0};
      RegControl:     rdata_o = {20'd0, log_q.prefix_valid, 2'b00, check_q, 1'b1, gen_q, 1'b1, pointer_q};
      RegPrefix:      rdata_o = log_q.prefix;
      default:        rdata_o = header_word;
    endcase
  end
  assign ecrc_gen_o   = gen_q;
  assign ecrc_check_o = check_q;

  // ---- which error, and how grave ---------------------------------------------------
  logic       any, unsupported;
  logic [4:0] which;
  assign unsupported = ev_i.ur_posted || ev_i.ur_advisory;
  always_comb begin
    any   = 1'b1;
    which = BitUnsupported;
    if (unsupported) which = BitUnsupported;
    else if (ev_i.poisoned || ev_i.poisoned_cfg || ev_i.poisoned_cpl) which = BitPoisoned;
    else if (ev_i.timeout) which = BitTimeout;
    else if (ev_i.unexpected) which = BitUnexpected;
    else if (ev_i.malformed) which = BitMalformed;
    else if (ev_i.ecrc) which = BitEcrc;
    else any = 1'b0;
  end

  logic fatal, masked, advisory, noted, report_ur;
  assign fatal     = severity_q[which];
  assign masked    = mask_q[which];
  assign advisory  = (ev_i.ur_advisory || ev_i.unexpected || ev_i.poisoned_cfg) && !fatal;
  // Of a masked advisory error there is no more than the correctable status [figure 6-2].
  assign noted     = any && !(advisory && cor_mask_q);
  // Unsupported requests have an enable of their own.
  assign report_ur = !unsupported || report_i[3] || serr_i;

  always_comb begin
    devsta_o    = '0;
    devsta_o[0] = any && advisory;
    devsta_o[1] = any && !advisory && !fatal;
    devsta_o[2] = any && fatal;
    devsta_o[3] = unsupported;
  end
  assign cor_o       = active_i && noted && advisory && report_i[0] && report_ur;
  assign nonfatal_o  = active_i && any && !advisory && !fatal && !masked && (report_i[1] || serr_i) && report_ur;
  assign fatal_o     = active_i && any && fatal && !masked && (report_i[2] || serr_i) && report_ur;
  assign signalled_o = serr_i && (nonfatal_o || fatal_o);

  // ---- status, pointer, logs -----------------------------------------------------------
  logic [31:0] status_kept, status_set;
  logic        cor_kept, record;
  assign status_kept = (reg_i == RegUncStatus) ? (status_q & ~(wdata_i & wmask_i)) : status_q;
  assign cor_kept    = cor_q && !(reg_i == RegCorStatus && wdata_i[13] && wmask_i[13]);
  assign status_set  = noted ? 32'd1 << which : '0;
  // The pointer is in use while the bit that it names is 1.
  assign record      = noted && !masked && !status_kept[pointer_q];

  tlp_pkg::raw_t entry;  // a header of three words ends in a word 0
  always_comb begin
    entry = raw_i;
    if (!raw_i.hdr[127] && !raw_i.hdr[125]) entry.hdr[31:0] = '0;
    if (!raw_i.prefix_valid) entry.prefix = '0;
  end

  always_ff @(posedge clk_i) begin
    if (!por_ni) begin
      status_q   <= '0;
      mask_q     <= '0;
      severity_q <= SeverityReset;
      cor_q      <= 1'b0;
      cor_mask_q <= 1'b1;
      gen_q      <= 1'b0;
      check_q    <= 1'b0;
      pointer_q  <= '0;
      log_q      <= '0;
    end else begin
      status_q <= status_kept | status_set;
      cor_q    <= cor_kept || (any && advisory);
      if (reg_i == RegUncMask) mask_q <= ((mask_q & ~wmask_i) | (wdata_i & wmask_i)) & UncBits;
      if (reg_i == RegUncSeverity) begin
        severity_q <= (((severity_q & ~wmask_i) | (wdata_i & wmask_i)) & UncBits) | (SeverityReset & ~UncBits);
      end
      if (reg_i == RegCorMask && wmask_i[13]) cor_mask_q <= wdata_i[13];
      if (reg_i == RegControl && wmask_i[6]) gen_q <= wdata_i[6];
      if (reg_i == RegControl && wmask_i[8]) check_q <= wdata_i[8];
      if (record) begin
        pointer_q <= which;
        log_q     <= entry;
      end
    end
  end

  logic unused_ev;
  assign unused_ev = ^ev_i;
endmodule
