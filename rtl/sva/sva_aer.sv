// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of the error log (cfg_aer): a message only where it is enabled, the first error kept
// until its bit is cleared, no status bit lost or made up.
module sva_aer (
    input logic                  clk_i,
    input logic                  por_ni,
    input ep_pkg::err_ev_t       ev_i,
    input logic            [9:0] reg_i,
    input logic           [31:0] wmask_i,
    input logic           [31:0] wdata_i,
    input logic                  active_i,
    input logic                  serr_i,
    input logic            [3:0] report_i,
    input logic                  cor_i,
    input logic                  nonfatal_i,
    input logic                  fatal_i,
    input logic                  signalled_i,
    input logic           [31:0] status_i,
    input logic           [31:0] mask_i,
    input logic           [31:0] severity_i,
    input logic                  cor_mask_i,
    input logic            [4:0] pointer_i,
    input logic          [160:0] log_i
);
  localparam logic [9:0] RegStatus = 10'h051;  // 0x144

  logic [8:0] errors;
  assign errors = {ev_i.malformed, ev_i.ecrc, ev_i.ur_posted, ev_i.ur_advisory, ev_i.poisoned, ev_i.poisoned_cfg,
                   ev_i.poisoned_cpl, ev_i.unexpected, ev_i.timeout};
  OneAtATime_A :
  assert property (@(posedge clk_i) disable iff (!por_ni) $onehot0(errors));

  // Messages: at most one an error, and only where they are enabled.
  OneMessage_A :
  assert property (@(posedge clk_i) disable iff (!por_ni) $onehot0({cor_i, nonfatal_i, fatal_i}));
  MessageOfError_A :
  assert property (@(posedge clk_i) disable iff (!por_ni) cor_i || nonfatal_i || fatal_i |-> errors != '0 && active_i);
  CorEnabled_A :
  assert property (@(posedge clk_i) disable iff (!por_ni) cor_i |-> report_i[0] && !cor_mask_i);
  NonfatalEnabled_A :
  assert property (@(posedge clk_i) disable iff (!por_ni) nonfatal_i |-> report_i[1] || serr_i);
  FatalEnabled_A :
  assert property (@(posedge clk_i) disable iff (!por_ni) fatal_i |-> report_i[2] || serr_i);
  UnsupportedEnabled_A :
  assert property (@(posedge clk_i) disable iff (!por_ni)
      (ev_i.ur_posted || ev_i.ur_advisory) && (cor_i || nonfatal_i || fatal_i) |-> report_i[3] || serr_i);
  Signalled_A :
  assert property (@(posedge clk_i) disable iff (!por_ni) signalled_i == (serr_i && (nonfatal_i || fatal_i)));
  MaskedIsSilent_A :
  assert property (@(posedge clk_i) disable iff (!por_ni) mask_i == '1 |-> !nonfatal_i && !fatal_i);

  // Before this clock.
  logic         known_q, error_q, maybe_advisory_q, cor_mask_q;
  logic  [31:0] status_q, clear_q, mask_q;
  logic   [4:0] pointer_q;
  logic [160:0] log_q;
  always_ff @(posedge clk_i) begin
    known_q   <= por_ni;
    error_q   <= errors != '0;
    maybe_advisory_q <= (ev_i.ur_advisory && !severity_i[20]) || (ev_i.unexpected && !severity_i[16]) ||
                        (ev_i.poisoned_cfg && !severity_i[12]);
    cor_mask_q <= cor_mask_i;
    status_q  <= status_i;
    mask_q    <= mask_i;
    clear_q   <= (reg_i == RegStatus) ? (wdata_i & wmask_i) : '0;
    pointer_q <= pointer_i;
    log_q     <= log_i;
  end
  StatusKept_A :
  assert property (@(posedge clk_i) disable iff (!por_ni) known_q |-> ((status_q & ~clear_q) & ~status_i) == '0);
  StatusOfError_A :
  assert property (@(posedge clk_i) disable iff (!por_ni) known_q |-> $countones(status_i & ~(status_q & ~clear_q)) <= 32'(error_q));
  ErrorIsNoted_A :  // a bit is set or was
  assert property (@(posedge clk_i) disable iff (!por_ni)
      known_q && error_q && !(maybe_advisory_q && cor_mask_q) |-> status_i != '0);
  MaskedAdvisory_A :  // leaves nothing here [PCIe Base 6.2.4, figure 6-2]
  assert property (@(posedge clk_i) disable iff (!por_ni)
      known_q && maybe_advisory_q && cor_mask_q |->
          status_i == (status_q & ~clear_q) && pointer_i == pointer_q && log_i == log_q);
  FirstKept_A :
  assert property (@(posedge clk_i) disable iff (!por_ni)
      known_q && status_q[pointer_q] && !clear_q[pointer_q] |-> pointer_i == pointer_q && log_i == log_q);
  LogOfError_A :
  assert property (@(posedge clk_i) disable iff (!por_ni)
      known_q && (pointer_i != pointer_q || log_i != log_q) |-> error_q && status_i[pointer_i] && !mask_q[pointer_i]);

  logic unused_bits;
  assign unused_bits = ^{ev_i, severity_i};
endmodule
