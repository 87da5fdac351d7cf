// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Rates, delays and fairness of ims_irq_core at its default size, each measured and held against a bound:
//   - delay from cause to message; rate of causes that go straight through
//   - release: many pending sources when a function mask falls, full rows and rows with one source each
//   - host slots that have to be fetched, with a memory of fixed delay: rate against the bound fetches / delay
//   - fairness: with a cause every clock on one source and credits that trickle in one at a time, every other pending
//     source is served within one turn
//   - accesses and invalidations under a storm of causes, and with no credits at all
module tb_irq_core_perf;
  parameter int unsigned NumMsix = 2048;
  parameter int unsigned NumDevSlots = 4096;
  parameter int unsigned NumHostSlots = 65536;
  parameter int unsigned HostCacheLines = 256;
  parameter int unsigned MaxFetches = 16;

  localparam int FetchDelay = 100;     // clocks from request to result

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

  // ---- watching --------------------------------------------------------------------------------------------------
  int   cycle, failures, checks;
  int   n_msg, first_msg, last_msg, n_err, n_read, n_done, room, credit_every;
  int   served [2][8192];           // messages of each MSI-X and device source
  int   store_msg [4];
  logic count_room;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (msg_valid) begin
      if (n_msg == 0) first_msg <= cycle;
      n_msg    <= n_msg + 1;
      last_msg <= cycle;
      store_msg[msg_store] <= store_msg[msg_store] + 1;
      if (msg_store < 2'd2) served[msg_store[0]][msg_index[12:0]] <= served[msg_store[0]][msg_index[12:0]] + 1;
    end
    if (err_valid) n_err <= n_err + 1;
    if (acc_rvalid) n_read <= n_read + 1;
    if (inv_done) n_done <= n_done + 1;
    // credits: one every so many clocks
    if (count_room) begin
      room <= room - int'(msg_valid) + int'(cycle % credit_every == 0 && room < 3);
    end
  end
  assign msg_avail = count_room ? 6'(room) : 6'd32;

  // ---- slot memory: unmasked slots, answered after a fixed delay, one a clock -----------------------------------------
  logic [36:0] line [FetchDelay];      // {valid, id, slot}; slot in 31 bits
  always @(posedge clk) begin
    for (int i = FetchDelay - 1; i > 0; i--) line[i] <= line[i-1];
    line[0] <= {fetch_valid && fetch_ready, fetch_id, 31'((fetch_addr - hs_base) >> 4)};
  end
  assign fetch_ready = 1'b1;
  assign fres_valid  = line[FetchDelay-1][36];
  assign fres_id     = line[FetchDelay-1][35:31];
  assign fres_status = 4'd0;
  assign fres_data   = {32'd0, 1'b0, line[FetchDelay-1][30:0], 64'h1_fee00000};

  // `got` must be within the bounds.
  task automatic bound(input string what, input int got, input int least, input int most);
    checks++;
    if (got < least || got > most) begin
      failures++;
      $display("FAIL: %s is %0d, must be %0d to %0d", what, got, least, most);
    end else begin
      $display("%s: %0d (%0d to %0d)", what, got, least, most);
    end
  endtask

  task automatic idle(input int n);
    repeat (n) @(negedge clk);
  endtask

  task automatic restart();
    idle(40);
    n_msg = 0;
    for (int i = 0; i < 4; i++) store_msg[i] = 0;
    for (int s = 0; s < 2; s++) for (int i = 0; i < 8192; i++) served[s][i] = 0;
  endtask

  task automatic write64(input logic [1:0] space, input logic [17:0] addr, input logic [63:0] data);
    acc_valid = 1'b1; acc_write = 1'b1; acc_space = space; acc_addr = addr; acc_wdata = data; acc_be = 8'hff;
    #1;
    while (!acc_ready) begin @(negedge clk); #1; end
    @(negedge clk);
    acc_valid = 1'b0;
  endtask

  task automatic cause(input logic [1:0] store, input int index);
    cause_valid = 1'b1; cause_store = store; cause_index = 20'(index);
    #1;
    while (!cause_ready) begin @(negedge clk); #1; end
    @(negedge clk);
    cause_valid = 1'b0;
  endtask

  // Until it is done; earlier work on the host store is done before.
  task automatic invalidate(input int index, input int order);
    inv_valid = 1'b1; inv_index = 20'(index); inv_order = 5'(order); n_done = 0;
    #1;
    while (!inv_ready) begin @(negedge clk); #1; end
    @(negedge clk);
    inv_valid = 1'b0;
    while (n_done == 0) @(negedge clk);
  endtask

  int t0, least;

  initial begin
    cycle = 0; failures = 0; checks = 0; n_msg = 0; first_msg = 0; last_msg = 0; n_err = 0; n_read = 0; n_done = 0;
    room = 0; credit_every = 1; count_room = 1'b0;
    for (int i = 0; i < FetchDelay; i++) line[i] = '0;
    rst_n = 1'b0; clear = 1'b0; bme = 1'b1; active = 1'b1; msix_enable = 1'b1; msix_fmask = 1'b0;
    cause_valid = 1'b0; cause_withdraw = 1'b0; cause_store = '0; cause_index = '0;
    acc_valid = 1'b0; acc_write = 1'b0; acc_space = '0; acc_addr = '0; acc_wdata = '0; acc_be = '0;
    hs_enable = 1'b0; hs_base = 64'h1_0000_0000; hs_size = 21'(NumHostSlots);
    inv_valid = 1'b0; inv_index = '0; inv_order = '0;
    idle(5);
    rst_n = 1'b1;
    @(negedge clk);
    t0 = cycle;
    while (clear_busy) @(negedge clk);
    bound("clear, clocks", cycle - t0, 1, 16383);

    for (int i = 0; i < NumMsix; i++) begin
      write64(2'd0, 18'(16 * i), 64'h0_fee00000);
      write64(2'd0, 18'(16 * i + 8), 64'(i));
    end
    for (int i = 0; i < NumDevSlots; i++) begin
      write64(2'd2, 18'(16 * i), 64'h0_fee00000);
      write64(2'd2, 18'(16 * i + 8), 64'(i));
    end

    // ---- delay and rate, straight through ---------------------------------------------------------------------
    restart();
    t0 = cycle;
    cause(2'd0, 5);
    idle(10);
    bound("cause to message, clocks", last_msg - t0, 3, 5);
    restart();
    for (int i = 0; i < 2000; i++) cause(2'd0, i % NumMsix);
    idle(5);
    bound("2000 causes on open MSI-X entries: messages", n_msg, 2000, 2000);
    bound("2000 causes on open MSI-X entries: clocks", last_msg - first_msg + 1, 2000, 2000);
    restart();
    for (int i = 0; i < 2000; i++) cause(2'd1, (i * 67) % NumDevSlots);
    idle(5);
    bound("2000 causes on open device slots: clocks", last_msg - first_msg + 1, 2000, 2000);

    // ---- release ----------------------------------------------------------------------------------------------
    restart();
    msix_fmask = 1'b1;
    for (int i = 0; i < NumMsix; i++) cause(2'd0, i);
    idle(10);
    bound("function masked: messages", n_msg, 0, 0);
    t0 = cycle;
    msix_fmask = 1'b0;
    idle(2 * NumMsix + 200);
    bound("function mask falls: all entries send", n_msg, NumMsix, NumMsix);
    bound("function mask falls: clocks until the first", first_msg - t0, 1, 20);
    bound("function mask falls: clocks for all", last_msg - t0, NumMsix, NumMsix + NumMsix / 16 + 40);
    // One source in each row.
    restart();
    bme = 1'b0;
    for (int i = 0; i < NumMsix / 64; i++) cause(2'd0, 64 * i + (i % 64));
    for (int i = 0; i < NumDevSlots / 64; i++) cause(2'd1, 64 * i + (i * 7 % 64));
    idle(10);
    t0 = cycle;
    bme = 1'b1;
    idle(3000);
    bound("bus master on, a source in each device row: messages", n_msg, NumMsix / 64 + NumDevSlots / 64,
          NumMsix / 64 + NumDevSlots / 64);
    bound("bus master on, a source in each device row: clocks", last_msg - t0, 1, 3 * (NumMsix + NumDevSlots) / 64 + 40);

    // ---- host slots -------------------------------------------------------------------------------------------
    hs_enable = 1'b1;
    idle(5);
    t0 = cycle;
    invalidate(0, 0);
    bound("host store enabled: clocks until it is in use and walked", cycle - t0, 1,
          2 * (HostCacheLines + NumHostSlots / 64) + 100);
    restart();
    t0 = cycle;
    for (int i = 0; i < 1000; i++) cause(2'd2, 257 * i % NumHostSlots);
    while (store_msg[2] < 1000 && cycle - t0 < 20 * FetchDelay * 1000 / MaxFetches) @(negedge clk);
    bound("1000 host slots fetched: messages", store_msg[2], 1000, 1000);
    // at best MaxFetches in every FetchDelay and the few clocks around it
    bound("1000 host slots fetched: clocks", last_msg - t0, 1000 * FetchDelay / MaxFetches,
          1000 * (FetchDelay + 40) / MaxFetches + 200);
    restart();
    for (int i = 0; i < 200; i++) cause(2'd2, i);
    while (store_msg[2] < 200) @(negedge clk);
    restart();
    for (int i = 0; i < 200; i++) cause(2'd2, i);
    idle(10);
    bound("200 held host slots: clocks", last_msg - first_msg + 1, 200, 200);

    // ---- fairness ---------------------------------------------------------------------------------------------
    // 200 sources wait; one more is raised all the time; one credit every 16 clocks.
    restart();
    msix_fmask = 1'b1;
    for (int i = 0; i < 200; i++) cause(2'd0, i * 9);
    idle(10);     // nothing that holds a credit is under way when they are taken away
    room = 0; credit_every = 16; count_room = 1'b1;
    msix_fmask = 1'b0;
    t0 = n_msg;
    cause_valid = 1'b1; cause_store = 2'd1; cause_index = 20'd77; cause_withdraw = 1'b0;
    least = 0;
    while (least < 200 && n_msg - t0 < 2000) begin
      @(negedge clk);
      least = 0;
      for (int i = 0; i < 200; i++) if (served[0][i*9] > 0) least++;
    end
    bound("storm and one credit at a time: waiting sources served", least, 200, 200);
    bound("storm and one credit at a time: messages until then", n_msg - t0, 200, 230);
    // An access and an invalidation meanwhile.
    acc_valid = 1'b1; acc_write = 1'b0; acc_space = 2'd1; acc_addr = '0;
    t0 = cycle;
    #1;
    while (!acc_ready) begin @(negedge clk); #1; end
    @(negedge clk);
    acc_valid = 1'b0;
    bound("storm: clocks until an access is taken", cycle - t0, 1, 5);
    t0 = cycle;
    invalidate(0, 20);
    bound("storm: clocks of an invalidation of all", cycle - t0, 1, 5 * (HostCacheLines + NumHostSlots / 64) + 100);
    cause_valid = 1'b0;

    // ---- no credits -------------------------------------------------------------------------------------------
    credit_every = 1000000000;
    idle(50);
    room = 0;
    t0 = cycle;
    for (int i = 0; i < 1000; i++) cause(2'd0, i);
    bound("no credits: clocks for 1000 causes", cycle - t0, 1000, 1100);
    n_read = 0;
    t0 = cycle;
    for (int i = 0; i < 100; i++) begin
      acc_valid = 1'b1; acc_write = 1'b0; acc_space = 2'd1; acc_addr = 18'(8 * (i % 32));
      #1;
      while (!acc_ready) begin @(negedge clk); #1; end
      @(negedge clk);
    end
    acc_valid = 1'b0;
    bound("no credits: clocks for 100 reads", cycle - t0, 100, 120);
    idle(10);
    bound("no credits: reads answered", n_read, 100, 100);
    n_msg = 0;
    idle(100);
    bound("no credits: messages", n_msg, 0, 0);
    count_room = 1'b0;
    idle(1500);
    bound("credits back: messages", n_msg, 1000, 1001);

    if (failures != 0) begin
      $display("FAIL: %0d of %0d", failures, checks);
      $fatal(1, "tb_irq_core_perf failed");
    end
    $display("PASS: %0d checks, 0 failures", checks);
    $finish;
  end

  initial begin
    repeat (1000000) @(posedge clk);
    $display("FAIL: time limit");
    $fatal(1, "time limit");
  end

  logic unused_watch;
  assign unused_watch = ^{msg_addr, msg_data, msg_inflight, acc_rdata, err_code, err_store, err_index};
endmodule
