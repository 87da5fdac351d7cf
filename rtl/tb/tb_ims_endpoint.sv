// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// First steps of ims_endpoint at its pins: a small link partner that sends requests, answers the endpoint's own reads
// and counts what comes. Each step has the answer it must give. The link pauses at random in both directions.
module tb_ims_endpoint #(
  parameter int unsigned DataW = 256
);
  localparam int unsigned KeepW = DataW / 32;
  localparam int unsigned NumMsix = 100;
  localparam int unsigned NumDevSlots = 120;
  localparam int unsigned NumHostSlots = 256;

  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic             rst_n, hot_rst;
  logic             rx_valid, rx_ready, rx_sop, rx_eop, rx_prefix_valid;
  logic [127:0]     rx_hdr;
  logic [DataW-1:0] rx_data;
  logic [KeepW-1:0] rx_keep;
  logic             tx_valid, tx_ready, tx_sop, tx_eop, tx_prefix_valid;
  logic [127:0]     tx_hdr;
  logic [31:0]      tx_prefix;
  logic [DataW-1:0] tx_data;
  logic [KeepW-1:0] tx_keep;
  logic [7:0]       ph_limit, nph_limit, cplh_limit, rx_nph_limit;
  logic [11:0]      pd_limit, cpld_limit;
  logic [5:0]       infinite;
  logic             cause_valid, cause_ready, cause_withdraw;
  logic [1:0]       cause_store;
  logic [19:0]      cause_index;
  logic             obs_valid, obs_withdraw;
  logic [1:0]       obs_store;
  logic [19:0]      obs_index;
  logic             obs_msi_valid, obs_intx;
  logic [4:0]       obs_msi_vector;

  ims_endpoint #(
    .DataW         (DataW),
    .NumMsix       (NumMsix),
    .NumDevSlots   (NumDevSlots),
    .NumHostSlots  (NumHostSlots),
    .HostCacheLines(4),
    .MaxFetches    (4),
    .NumVfs        (0)   // a function reset takes as long as the memories are deep: these waits are for a small device
  ) u_dut (
    .clk_i               (clk),
    .rst_ni              (rst_n),
    .hot_rst_i           (hot_rst),
    .rx_valid_i          (rx_valid),
    .rx_ready_o          (rx_ready),
    .rx_sop_i            (rx_sop),
    .rx_eop_i            (rx_eop),
    .rx_hdr_i            (rx_hdr),
    .rx_prefix_valid_i   (rx_prefix_valid),
    .rx_prefix_i         (32'h0),
    .rx_data_i           (rx_data),
    .rx_keep_i           (rx_keep),
    .tx_valid_o          (tx_valid),
    .tx_ready_i          (tx_ready),
    .tx_sop_o            (tx_sop),
    .tx_eop_o            (tx_eop),
    .tx_hdr_o            (tx_hdr),
    .tx_prefix_valid_o   (tx_prefix_valid),
    .tx_prefix_o         (tx_prefix),
    .tx_data_o           (tx_data),
    .tx_keep_o           (tx_keep),
    .fc_ph_limit_i       (ph_limit),
    .fc_pd_limit_i       (pd_limit),
    .fc_nph_limit_i      (nph_limit),
    .fc_npd_limit_i      (12'd0),
    .fc_cplh_limit_i     (cplh_limit),
    .fc_cpld_limit_i     (cpld_limit),
    .fc_infinite_i       (infinite),
    .rx_nph_limit_o      (rx_nph_limit),
    .cause_valid_i       (cause_valid),
    .cause_ready_o       (cause_ready),
    .cause_withdraw_i    (cause_withdraw),
    .cause_store_i       (cause_store),
    .cause_index_i       (cause_index),
    .obs_cause_valid_o   (obs_valid),
    .obs_cause_withdraw_o(obs_withdraw),
    .obs_cause_store_o   (obs_store),
    .obs_cause_index_o   (obs_index),
    .obs_msi_valid_o     (obs_msi_valid),
    .obs_msi_vector_o    (obs_msi_vector),
    .obs_intx_o          (obs_intx)
  );

  int          cycle = 0, failures = 0, checks = 0, pause = 0;
  logic [31:0] seed = 32'h1234_5679;

  function automatic logic [31:0] rnd();
    seed = seed ^ (seed << 13);
    seed = seed ^ (seed >> 17);
    seed = seed ^ (seed << 5);
    rnd  = seed;
  endfunction

  always @(posedge clk) cycle <= cycle + 1;

  task automatic expect_eq(input string names, input logic [63:0] got, input logic [63:0] want);
    checks++;
    if (got !== want) begin
      failures++;
      $display("FAIL at cycle %0d: %s is %h, must be %h", cycle, names, got, want);
    end
  endtask

  `include "tb/endpoint/streams.svh"
  `include "tb/endpoint/requests.svh"
  initial begin
    rst_n = 1'b0; hot_rst = 1'b0; infinite = 6'h3f;
    ph_limit = '0; pd_limit = '0; nph_limit = '0; cplh_limit = '0; cpld_limit = '0;
    cause_valid = 1'b0; cause_withdraw = 1'b0; cause_store = '0; cause_index = '0;
    for (int i = 0; i < 4096; i++) host_slot[i] = '0;
    idle(5);
    rst_n = 1'b1;
    expect_eq("np limit", 64'(rx_nph_limit), 64'd8);

    `include "tb/endpoint/steps_registers.svh"
    `include "tb/endpoint/steps_slots.svh"
    `include "tb/endpoint/steps_errors.svh"
    `include "tb/endpoint/steps_order.svh"
    `include "tb/endpoint/steps_events.svh"
    // ---- D3hot, function reset
    cfg_wr(12'h44, 32'h1);
    cfg_is("D1 does not exist", 12'h44, 32'h0);
    cfg_wr(12'h44, 32'h3);
    cfg_is("D3hot", 12'h44, 32'h3);
    mrd(Regs + 64'h1000, 1, 4'hf, 4'h0, st);
    expect_eq("memory in D3hot", 64'(st), 64'd1);
    t0 = n_msg;
    cause(2'd0, 20'd7);
    idle(50);
    expect_eq("no message in D3hot", 64'(n_msg), 64'(t0));
    cfg_wr(12'h44, 32'h0);
    idle(1000);
    cfg_is("D0", 12'h44, 32'h0);
    cfg_is("command reset", 12'h04, 32'h0010_0000);
    cfg_is("mps kept", 12'h58, 32'h0000_2850);
    bring_up();
    rd32("hs reset", Regs + 64'h1034, 32'h0);
    mrd(Msix + 64'h70, 4, 4'hf, 4'hf, st);
    expect_eq("entry reset", {got[3], got[0]}, 64'h0000_0001_0000_0000);
    // Function reset with a fetch under way: its completion is neither taken nor logged, its tag rests.
    wr32(Regs + 64'h1020, 32'h0000_1000);
    data[0] = 32'd64; data[1] = 32'd1;
    mwr(Regs + 64'h1028, 2, 4'hf, 4'hf);
    settle();
    answer_reads = 1'b0;
    cause(2'd2, 20'd5);
    settle();
    expect_eq("read under way", 64'(read_hdr.size()), 64'd1);
    t0 = int'(read_hdr[0][76:72]);
    cfg_wr(12'h78, 32'h1);
    cfg_wr(12'h80, 32'h1);
    cfg_wr(12'h58, 32'h0000_a850);
    wr32(64'h4000_0000, 32'h0);
    settle();
    idle(1000);
    answer(3'd0, 4, 4);
    settle();
    cfg_is("late completion is not logged", 12'h58, 32'h0000_2850);
    bring_up();
    cfg_wr(12'h78, 32'h0);
    wr32(Regs + 64'h1020, 32'h0000_1000);
    data[0] = 32'd64; data[1] = 32'd1;
    mwr(Regs + 64'h1028, 2, 4'hf, 4'hf);
    settle();
    cause(2'd2, 20'd5);
    settle();
    expect_eq("another tag", 64'(read_hdr.size() == 1 && int'(read_hdr[0][76:72]) != t0), 64'd1);
    answer(3'd0, 4, 4);
    settle();
    rd32("sent since reset", Regs + 64'h1048, 32'd1);
    idle(18000);
    cfg_wr(12'h58, 32'h000f_2850);
    send({32'h4a00_0004, 16'h0000, 4'h0, 12'd16, bdf, 8'(t0), 8'd0, 32'd0}, 4);
    settle();
    cfg_is("after its rest it is logged", 12'h58, 32'h0001_2850);
    cfg_wr(12'h58, 32'h0000_a850);
    wr32(64'h4000_0000, 32'h0);
    idle(1000);
    cfg_is("after FLR", 12'h58, 32'h0000_2850);
    cfg_is("after FLR", 12'h18, 32'hc);
    hot_rst = 1'b1;
    idle(3);
    np_sent = 0;
    hot_rst = 1'b0;
    cfg_is("after hot reset", 12'h58, 32'h0000_2810);
    cfg_is("sticky", 12'h80, 32'h1);
    rst_n = 1'b0;
    idle(3);
    np_sent = 0;
    rst_n = 1'b1;
    cfg_is("not sticky", 12'h80, 32'h3);

    $display("%s: %0d checks, %0d failures", (failures == 0) ? "PASS" : "FAIL", checks, failures);
    if (failures != 0) $fatal(1, "tb_ims_endpoint failed");
    $finish;
  end

  initial begin
    #4000000;
    $display("FAIL: time limit");
    $fatal(1, "time limit");
  end

  logic unused_pins;
  assign unused_pins = ^{tx_prefix_valid, tx_prefix, obs_valid, obs_withdraw, obs_store, obs_index, obs_msi_valid,
                         obs_msi_vector, obs_intx};
endmodule
