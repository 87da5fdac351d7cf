// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Random test of ims_irq_core against a model of its laws.
//
// Everything that software, the function and the link can do happens at random, with rates and a set of hot sources
// drawn anew every few hundred clocks: causes and withdrawals of all stores in and out of range, accesses of any bytes,
// enables, credits, other users of the credits, slot memory rewritten at any time, fetches answered late, out of order
// and with errors, invalidations, clears. The model holds what is visible: entries, mask and pending bits. It follows
// the order of commitment, which the fixed delay of accesses and causes and the outputs tell exactly. Checked:
//   - a message only of a source that is pending (or raised in that operation), open and unmasked, with the content of
//     its entry; one operation, one result
//   - a host message only with content that a fetch has brought, not older than the last completed invalidation or
//     enabling, unmasked, and never going back to an older one
//   - read data, pending bits included, exactly; one answer to each read, after three clocks
//   - refused causes, zero addresses and failed fetches: each its error, no other
//   - no message without a credit; no two fetches of a slot at once; no fetch of a parked slot
//   - causes and accesses are taken within a bound; invalidations end
//   - at the end, with everything open: all that is pending comes out, nothing else
// Plus arguments: +seed=N, +clocks=N.
module tb_irq_core_random;
  parameter int unsigned NumMsix = 65;
  parameter int unsigned NumDevSlots = 7;
  parameter int unsigned NumHostSlots = 128;
  parameter int unsigned HostCacheLines = 4;
  parameter int unsigned MaxFetches = 3;

  localparam int unsigned MaxSources = 256; // no store of this bench has more
  localparam int Hist = 16;                 // results remembered for a host slot
  localparam int EnableWalk = 600;          // clocks that the walk after enabling the host store may take
  localparam int unsigned WaitMax = 40;     // clocks that a cause or access may wait, at most 5 by design

  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic         rst_n, clear, clear_busy, bme, active, msix_enable, msix_fmask;
  logic         cause_valid, cause_ready, cause_withdraw;
  logic [1:0]   cause_store;
  logic [19:0]  cause_index;
  logic         acc_valid, acc_ready, acc_write, acc_rvalid;
  logic [1:0]   acc_space;
  logic [17:0]  acc_addr;
  logic [63:0]  acc_wdata, acc_rdata;
  logic [7:0]   acc_be;
  logic         hs_enable;
  logic [63:0]  hs_base;
  logic [20:0]  hs_size;
  logic         inv_valid, inv_ready, inv_done;
  logic [19:0]  inv_index;
  logic [4:0]   inv_order;
  logic         msg_valid;
  logic [63:0]  msg_addr;
  logic [31:0]  msg_data;
  logic [1:0]   msg_store;
  logic [19:0]  msg_index;
  logic [5:0]   msg_avail;
  logic [3:0]   msg_inflight;
  logic         fetch_valid, fetch_ready, fres_valid;
  logic [63:0]  fetch_addr;
  logic [4:0]   fetch_id, fres_id;
  logic [3:0]   fres_status;
  logic [127:0] fres_data;
  logic         err_valid;
  logic [3:0]   err_code;
  logic [1:0]   err_store;
  logic [19:0]  err_index;

  logic unused_vf_busy;
  // No cause of this bench asks a slot for its permission.
  logic        cause_check = 1'b0, cause_pasid_valid = 1'b0;
  logic [19:0] cause_pasid = 20'd0;

  ims_irq_core #(
    .NumMsix       (NumMsix),
    .NumDevSlots   (NumDevSlots),
    .NumHostSlots  (NumHostSlots),
    .HostCacheLines(HostCacheLines),
    .MaxFetches    (MaxFetches)
  ) u_dut (
    `include "tb/irq_core_ports.svh"
  );

  `include "tb/core_random/state.svh"
  `include "tb/core_random/model.svh"
  `include "tb/core_random/world.svh"
  // ---- the run -------------------------------------------------------------------------------------------------

  // Pending sources that can be served.
  function automatic int owed();
    owed = 0;
    for (int s = 0; s < 3; s++) begin
      for (int i = 0; i < store_size(2'(s)); i++) if (pend[s][i] && (s != 2 || i < int'(hs_size))) owed++;
    end
  endfunction

  // Pending sources of the device side that are open when the enables are.
  function automatic int owed_open();
    owed_open = 0;
    for (int s = 0; s < 2; s++) begin
      for (int i = 0; i < store_size(2'(s)); i++) if (pend[s][i] && !e_mask[s][i]) owed_open++;
    end
  endfunction

  // A run is a row of random phases; now and then, and at the end, it settles: the world becomes calm, every entry and
  // slot is unmasked, everything opened, and all that is pending has to come out.
  typedef enum int {
    Random,       // disturbances
    Drain,        // let what was asked for be taken; everything is open from here on
    Light,        // what is unmasked has to come by itself, before any access could help it
    Unmask,       // every entry, by plain accesses
    Refresh,      // every host slot, by an invalidation
    Wait,         // for all that is owed
    Quiet,        // nothing else comes
    Over
  } mode_e;
  mode_e mode;
  int    clocks, seed, quiet, at_store, at_index;

  // Changes the mode; what differs from random driving in each. Runs before the clock's drive.
  task automatic next_mode();
    case (mode)
      Random: begin
        if (cycle >= clocks || (cycle >= phase_end && below(10) == 0)) begin
          mode      = Drain;
          calm      = 1'b1;
          p_cause = 0; p_acc = 0; p_credit = 500; p_other = 0; p_level = 0; p_hs = 0; p_inv = 0; p_mem = 0; p_bad = 0;
          p_withdraw = 0; p_answer = 500; p_fready = 500; p_range = 0; p_clear = 0;
        end else if (cycle >= phase_end) begin
          new_phase();
        end
      end
      Drain: begin
        if (!cause_valid && !acc_valid && !inv_valid && !clear_busy && !inv_run) begin
          mode  = Light;
          quiet = 0;
        end
      end
      Light: begin
        quiet++;
        if (owed_open() == 0) begin
          mode      = Unmask;
          preparing = 1'b1;
          closed_by = below(6);
          at_store  = 0;
          at_index  = 0;
          for (int i = 0; i < NumHostSlots; i++) mem[i][96] = 1'b0;
        end else if (quiet > 5000) begin
          check(1'b0, "open sources stay pending");
        end
      end
      Unmask: begin
        if (at_store == 2 && !(acc_valid && !acc_taken)) begin
          mode  = Refresh;
          quiet = 1;
        end
      end
      Refresh: begin
        // closed for some time yet, or opened while the invalidation is under way
        quiet++;
        if (inv_valid && inv_taken) quiet = (below(2) == 0) ? -1 - below(300) : -1;
        if (quiet == 0) begin
          mode      = Wait;
          preparing = 1'b0;
        end
      end
      Wait: begin
        quiet++;
        if (owed() == 0 && owed_errors == 0 && !inv_run) begin
          mode  = Quiet;
          quiet = 0;
        end else if (quiet > 40000) begin
          check(owed() == 0, "sources stay pending");
          check(owed_errors == 0, "errors of fetches are missing");
          check(1'b0, "not settled");
        end
      end
      Quiet: begin
        quiet++;
        if (quiet > 200) begin
          n_settled++;
          calm = 1'b0;
          mode = (cycle >= clocks) ? Over : Random;
          new_phase();
        end
      end
      default: ;
    endcase
  endtask

  // The accesses and the invalidation of a settling world.
  task automatic drive_settling();
    if (mode == Unmask && !(acc_valid && !acc_taken) && at_store < 2) begin
      acc_valid = 1'b1;
      acc_write = 1'b1;
      acc_space = (at_store == 0) ? 2'd0 : 2'd2;
      acc_addr  = 18'(at_index * 16 + 8);
      acc_be    = 8'h10;
      acc_wdata = '0;
      at_index++;
      if (at_index == store_size(2'(at_store))) begin
        at_store++;
        at_index = 0;
      end
    end
    if (mode == Refresh && quiet > 0 && !(inv_valid && inv_taken)) begin
      inv_valid = 1'b1;
      inv_index = '0;
      inv_order = 5'd20;
    end
  endtask

  logic running = 1'b0;

  always @(negedge clk) begin
    if (running) begin
      next_mode();
      drive();
      drive_settling();
      #1;
      observe();
      if (mode == Over || failures != 0) running = 1'b0;
    end
  end

  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("clocks=%d", clocks)) clocks = 100000;
    rng = 64'h9e3779b97f4a7c15 ^ {32'(seed), 32'(seed)};
    repeat (20) void'(rnd());
    rst_n = 1'b0; clear = 1'b0; bme = 1'b0; active = 1'b1; msix_enable = 1'b0; msix_fmask = 1'b0;
    cause_valid = 1'b0; cause_withdraw = 1'b0; cause_store = '0; cause_index = '0;
    acc_valid = 1'b0; acc_write = 1'b0; acc_space = '0; acc_addr = '0; acc_wdata = '0; acc_be = '0;
    hs_enable = 1'b0; hs_base = 64'h1_0000_0000; hs_size = 21'(NumHostSlots);
    inv_valid = 1'b0; inv_index = '0; inv_order = '0; msg_avail = 6'd0; room = 0;
    fetch_ready = 1'b0; fres_valid = 1'b0; fres_id = '0; fres_status = '0; fres_data = '0;
    cause_taken = 1'b0; acc_taken = 1'b0; inv_taken = 1'b0; calm = 1'b0; want_open = 1'b0;
    preparing = 1'b0; closed_by = 0;
    cause_wait = 0; acc_wait = 0;
    lv_clear = 1'b1; lv_bme = 1'b0; lv_active = 1'b0; lv_e = 1'b0; lv_f = 1'b0; lv_hs = 1'b0; lv_size = '0;
    ev0.acc = 1'b0; ev0.cause = 1'b0;
    ev1 = ev0; ev2 = ev0;
    p_mask = 300;
    for (int i = 0; i < NumHostSlots; i++) mem[i] = draw_slot();
    model_clear();
    repeat (5) @(negedge clk);
    rst_n = 1'b1;
    new_phase();
    mode    = Random;
    running = 1'b1;
    while (running) @(posedge clk);

    $display("seed %0d: %0d clocks, %0d causes raised (%0d refused, %0d merged), %0d withdrawn, %0d messages", seed, cycle,
             n_raise, n_refused, n_merged, n_withdraw, n_msg);
    $display("  %0d direct, %0d of host slots, %0d zero addresses, %0d reads, %0d writes", n_direct, n_host_msg, n_zero,
             n_read, n_write);
    $display("  %0d fetches (%0d failed), %0d invalidations, %0d enablings, %0d clears, settled %0d times", n_fetch, n_fetch_bad,
             n_inv, n_enable, n_clear, n_settled);
    $display("%s: %0d checks, %0d failures", (failures == 0 && n_msg > 0 && n_read > 0) ? "PASS" : "FAIL", checks,
             failures);
    if (failures != 0 || n_msg == 0 || n_read == 0) $fatal(1, "tb_irq_core_random failed");
    $finish;
  end
endmodule
