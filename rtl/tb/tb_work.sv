// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Work queues, DMA engine, interrupt handles and pci_endpoint_test at the pins of ims_endpoint, against a memory that
// answers reads out of order, in any legal split, or wrongly. Every write is checked for its form and put into the
// memory; every record must describe what has happened to it. `+seed=N` replays a run, `+rounds=N` its length.
module tb_work #(
  parameter int unsigned DataW = 256,
  parameter int unsigned DmaLanes = 4
);
  localparam int unsigned KeepW = DataW / 32;
  localparam int unsigned Queues = 6;
  localparam int unsigned NumMsix = 100;

  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic             rst_n;
  logic             rx_valid, rx_ready, rx_sop, rx_eop;
  logic [127:0]     rx_hdr;
  logic [DataW-1:0] rx_data;
  logic [KeepW-1:0] rx_keep;
  logic             tx_valid, tx_ready, tx_sop, tx_eop, tx_prefix_valid;
  logic [127:0]     tx_hdr;
  logic [31:0]      tx_prefix;
  logic [DataW-1:0] tx_data;
  logic [KeepW-1:0] tx_keep;
  logic [7:0]       ph_limit, nph_limit, rx_nph_limit;
  logic [11:0]      pd_limit;
  logic [5:0]       infinite;
  logic             cause_ready, obs_valid, obs_withdraw;
  logic [1:0]       obs_store;
  logic [19:0]      obs_index;
  logic             obs_msi_valid, obs_intx;
  logic [4:0]       obs_msi_vector;

  ims_endpoint #(
    .DataW         (DataW),
    .NumMsix       (NumMsix),
    .NumDevSlots   (64),
    .NumHostSlots  (64),
    .HostCacheLines(4),
    .MaxFetches    (4),
    .NumQueues     (Queues),
    .NumHandles    (128),
    .DmaLanes      (DmaLanes)
  ) u_dut (
    .clk_i               (clk),
    .rst_ni              (rst_n),
    .hot_rst_i           (1'b0),
    .rx_valid_i          (rx_valid),
    .rx_ready_o          (rx_ready),
    .rx_sop_i            (rx_sop),
    .rx_eop_i            (rx_eop),
    .rx_hdr_i            (rx_hdr),
    .rx_prefix_valid_i   (1'b0),
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
    .fc_cplh_limit_i     (8'd0),
    .fc_cpld_limit_i     (12'd0),
    .fc_infinite_i       (infinite),
    .rx_nph_limit_o      (rx_nph_limit),
    .cause_valid_i       (1'b0),
    .cause_ready_o       (cause_ready),
    .cause_withdraw_i    (1'b0),
    .cause_store_i       (2'd0),
    .cause_index_i       (20'd0),
    .obs_cause_valid_o   (obs_valid),
    .obs_cause_withdraw_o(obs_withdraw),
    .obs_cause_store_o   (obs_store),
    .obs_cause_index_o   (obs_index),
    .obs_msi_valid_o     (obs_msi_valid),
    .obs_msi_vector_o    (obs_msi_vector),
    .obs_intx_o          (obs_intx)
  );

  int          cycle = 0, failures = 0, checks = 0, pause = 0;
  logic [63:0] rng = 64'h1;

  function automatic logic [31:0] rnd();
    rng = rng ^ (rng << 13);
    rng = rng ^ (rng >> 7);
    rng = rng ^ (rng << 17);
    rnd = rng[47:16];
  endfunction
  function automatic int below(input int n);
    below = int'(rnd() % 32'(n));
  endfunction

  always @(posedge clk) cycle <= cycle + 1;

  task automatic expect_eq(input string names, input logic [63:0] got, input logic [63:0] want);
    checks++;
    if (got !== want) begin
      failures++;
      if (failures < 30) $display("FAIL at cycle %0d: %s is %h, must be %h", cycle, names, got, want);
    end
  endtask

  `include "tb/work/partner.svh"
  `include "tb/work/reads.svh"
  `include "tb/work/arrivals.svh"
  `include "tb/work/requests.svh"
  initial begin
    void'($value$plusargs("rounds=%d", rounds));
    if ($value$plusargs("seed=%d", seed_in)) rng = 64'(seed_in) * 64'h9e37_79b9_7f4a_7c15 + 64'd1;
    rst_n = 1'b0; infinite = 6'h38; ph_limit = '0; pd_limit = '0; nph_limit = '0;
    for (int i = 0; i < int'(MemBytes); i++) mem[i] = 8'(rnd());
    for (int i = 0; i < 32; i++) begin tag_used[i] = 1'b0; tag_rests[i] = 0; end
    for (int i = 0; i < MaxReads; i++) begin r_live[i] = 1'b0; r_how[i] = Good; end
    for (int q = 0; q < int'(Queues); q++) begin
      sq_tail[q] = 0; cq_head[q] = 0; sq_order[q] = 3; cq_order[q] = 3; taken[q] = 0; due[q] = 0; rec_irq[q] = 0; msgs_before[q] = 0;
    end
    for (int i = 0; i < 128; i++) msgs[i] = 0;
    idle(5);
    rst_n = 1'b1;
    cfg_wr(12'h10, Regs);
    cfg_wr(12'h14, Portal);
    cfg_wr(12'h18, Msix[31:0]);
    cfg_wr(12'h1c, Msix[63:32]);
    cfg_wr(12'h20, Ims[31:0]);
    cfg_wr(12'h24, Ims[63:32]);
    cfg_wr(12'h04, 32'h0000_0006);
    cfg_wr(12'hb0, 32'h8000_0000);
    cfg_wr(12'h190 + 12'h4, 32'h0001_0000);
    for (int v = 0; v < int'(NumMsix); v++) begin
      wr32(Msix + 64'(16 * v), 32'hfee0_0000);
      wr32(Msix + 64'(16 * v + 8), 32'(v));
      wr32(Msix + 64'(16 * v + 12), 32'd0);
    end

    `include "tb/work/steps_first.svh"
    `include "tb/work/steps_handles.svh"
    `include "tb/work/steps_work.svh"
    `include "tb/work/steps_test.svh"
    // ---- function reset in the middle of things
    with_pasid = 6'b000011;
    for (int q = 0; q < int'(Queues); q++) begin
      queue_on(q, 4, 4);
      for (int k = 0; k < 10; k++) submit(q, some(q, k), 0);
      ring(q);
    end
    idle(300);
    cfg_wr(12'h58, 32'h0000_a810);
    idle(12000);
    // What was asked for before is answered now: without effect.
    for (int i = 0; i < MaxReads; i++) r_live[i] = 1'b0;
    outstanding = 0;
    sq_hdr.delete();
    for (int i = 0; i < 32; i++) begin tag_used[i] = 1'b0; tag_rests[i] = 0; end
    for (int q = 0; q < int'(Queues); q++) due[q] = 0;
    cfg_wr(12'h10, Regs);
    cfg_wr(12'h14, Portal);
    cfg_wr(12'h18, Msix[31:0]);
    cfg_wr(12'h1c, Msix[63:32]);
    cfg_wr(12'h04, 32'h0000_0006);
    cfg_wr(12'h78, 32'h0000_0001);
    reg_is("queue after reset", qreg(0, 0), 32'd0);
    reg_is("base after reset", qreg(1, 12), 32'd0);
    reg_is("et after reset", Regs + 32'h1c, 32'd0);
    mps_bytes = 128; mrrs_bytes = 512; relaxed_en = 1'b1; with_pasid = '0;
    queue_on(0, 4, 4);
    for (int k = 0; k < 10; k++) begin
      automatic work_t w = some(0, k);
      w.irq = 1'b0;
      submit(0, w, 0);
    end
    ring(0);
    wait_all("after function reset");

    $display("%0d clocks, %0d reads (%0d at a time), %0d writes, %0d records, %0d bytes checked", cycle, reads, most, writes,
             records, data_bytes);
    if (failures == 0 && checks > 0) $display("PASS tb_work: %0d checks", checks);
    else $display("FAIL tb_work: %0d of %0d checks", failures, checks);
    if (failures != 0 || checks == 0) $fatal(1);
    $finish;
  end

  initial begin
    #40000000;
    $display("FAIL tb_work: it does not end");
    $fatal(1);
  end
endmodule
