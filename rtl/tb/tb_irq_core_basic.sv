// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// First steps of ims_irq_core, one after another, each with the answer it must give: clear, register access, a message
// of each store, masking, a slot fetch, invalidation. Also measures latency and rate.
module tb_irq_core_basic;
  localparam int unsigned NumMsix = 65;
  localparam int unsigned NumDevSlots = 70;
  localparam int unsigned NumHostSlots = 128;

  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic         rst_n, clear, clear_busy, bme, active, msix_enable, msix_fmask;
  logic         cause_valid, cause_ready, cause_withdraw;
  logic [1:0]   cause_store;
  logic [19:0]  cause_index;
  logic         cause_check = 1'b0, cause_pasid_valid = 1'b0;
  logic [19:0]  cause_pasid = '0;
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
  ims_irq_core #(
    .NumMsix       (NumMsix),
    .NumDevSlots   (NumDevSlots),
    .NumHostSlots  (NumHostSlots),
    .HostCacheLines(4),
    .MaxFetches    (2)
  ) u_dut (
    `include "tb/irq_core_ports.svh"
  );

  // ---- bookkeeping ---------------------------------------------------------------------------------------------
  int          cycle = 0, failures = 0, checks = 0;
  int          n_msg = 0, first_msg = 0, last_msg_cycle = 0, n_err = 0;
  logic [63:0] last_addr = '0;
  logic [31:0] last_data = '0;
  logic [1:0]  last_store = '0;
  logic [19:0] last_index = '0;
  logic [3:0]  last_err = '0;
  logic [63:0] last_rdata = '0;
  int          n_read = 0;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (msg_valid) begin
      if (n_msg == 0) first_msg <= cycle;
      n_msg          <= n_msg + 1;
      last_msg_cycle <= cycle;
      last_addr      <= msg_addr;
      last_data      <= msg_data;
      last_store     <= msg_store;
      last_index     <= msg_index;
    end
    if (err_valid) begin
      n_err    <= n_err + 1;
      last_err <= err_code;
    end
    if (acc_rvalid) begin
      n_read     <= n_read + 1;
      last_rdata <= acc_rdata;
    end
  end

  // `names` what was looked at; both sides are shown when they differ.
  task automatic expect_eq(input string names, input logic [63:0] got, input logic [63:0] want);
    checks++;
    if (got !== want) begin
      failures++;
      $display("FAIL at cycle %0d: %s is %h, must be %h", cycle, names, got, want);
    end
  endtask

  // Stimulus changes between clock edges.
  task automatic idle(input int n);
    repeat (n) @(negedge clk);
  endtask

  task automatic write64(input logic [1:0] space, input logic [17:0] addr, input logic [63:0] data,
                         input logic [7:0] be);
    acc_valid = 1'b1; acc_write = 1'b1; acc_space = space; acc_addr = addr; acc_wdata = data; acc_be = be;
    #1;
    while (!acc_ready) begin @(negedge clk); #1; end
    @(negedge clk);
    acc_valid = 1'b0;
  endtask

  task automatic read64(input logic [1:0] space, input logic [17:0] addr, output logic [63:0] data);
    int reads;
    acc_valid = 1'b1; acc_write = 1'b0; acc_space = space; acc_addr = addr; acc_be = 8'hff;
    #1;
    while (!acc_ready) begin @(negedge clk); #1; end
    reads = n_read;
    @(negedge clk);
    acc_valid = 1'b0;
    while (n_read == reads) @(negedge clk);
    data = last_rdata;
  endtask

  task automatic cause(input logic [1:0] store, input logic [19:0] index, input logic withdraw);
    cause_valid = 1'b1; cause_store = store; cause_index = index; cause_withdraw = withdraw;
    #1;
    while (!cause_ready) begin @(negedge clk); #1; end
    @(negedge clk);
    cause_valid = 1'b0;
  endtask

  task automatic answer_fetch(input logic [127:0] slot, input logic [3:0] status, input logic [63:0] want_addr);
    logic [4:0] id;
    int         waited;
    waited = 0;
    while (!fetch_valid && waited < 100) begin @(negedge clk); waited++; end
    expect_eq("fetch comes", 64'(fetch_valid), 64'd1);
    expect_eq("fetch address", fetch_addr, want_addr);
    id = fetch_id;
    fetch_ready = 1'b1;
    @(negedge clk);
    fetch_ready = 1'b0;
    idle(5);
    fres_valid = 1'b1; fres_id = id; fres_status = status; fres_data = slot;
    @(negedge clk);
    fres_valid = 1'b0;
    idle(8);
  endtask

  task automatic expect_msg(input string names, input int count, input logic [63:0] addr, input logic [31:0] data,
                            input logic [1:0] store, input logic [19:0] index);
    expect_eq({names, ": messages"}, 64'(n_msg), 64'(count));
    expect_eq({names, ": address"}, last_addr, addr);
    expect_eq({names, ": data"}, 64'(last_data), 64'(data));
    expect_eq({names, ": store"}, 64'(last_store), 64'(store));
    expect_eq({names, ": index"}, 64'(last_index), 64'(index));
  endtask

  // A cause for device slot 5 from a requester, after its control word has been written.
  task automatic permission(input string names, input logic [31:0] control, input logic pasid_valid,
                            input logic [19:0] pasid, input logic allowed);
    write64(2'd2, 18'h58, {control, 32'h55}, 8'hff);
    n_msg = 0;
    last_err = '0;
    cause_check = 1'b1; cause_pasid_valid = pasid_valid; cause_pasid = pasid;
    cause(2'd1, 20'd5, 1'b0);
    cause_check = 1'b0;
    idle(20);
    expect_eq({names, ": messages"}, 64'(n_msg), 64'(allowed));
    expect_eq({names, ": error"}, 64'(last_err), allowed ? 64'd0 : 64'd10);
    read64(2'd2, 18'h58, rd);
    expect_eq({names, ": no pending bit"}, rd, {control, 32'h55});
  endtask

  logic [63:0] rd;
  int          t0;

  initial begin
    rst_n = 1'b0; clear = 1'b0; bme = 1'b0; active = 1'b1; msix_enable = 1'b0; msix_fmask = 1'b0;
    cause_valid = 1'b0; cause_withdraw = 1'b0; cause_store = '0; cause_index = '0;
    acc_valid = 1'b0; acc_write = 1'b0; acc_space = '0; acc_addr = '0; acc_wdata = '0; acc_be = '0;
    hs_enable = 1'b0; hs_base = 64'h1_0000_0000; hs_size = 21'd100;
    inv_valid = 1'b0; inv_index = '0; inv_order = '0; msg_avail = 6'd32;
    fetch_ready = 1'b0; fres_valid = 1'b0; fres_id = '0; fres_status = '0; fres_data = '0;
    idle(5);
    rst_n = 1'b1;
    @(negedge clk);
    expect_eq("clear busy after reset", 64'(clear_busy), 64'd1);
    t0 = cycle;
    while (clear_busy) @(negedge clk);
    $display("clear takes %0d clocks", cycle - t0);

    // Reset values, then an entry word by word.
    read64(2'd0, 18'h408, rd);
    expect_eq("entry 64 control, data after reset", rd, 64'h00000001_00000000);
    write64(2'd0, 18'h400, 64'h00000000_fee01007, 8'hff);
    write64(2'd0, 18'h408, 64'h00000000_00004321, 8'h0f);
    read64(2'd0, 18'h400, rd);
    expect_eq("entry 64 address", rd, 64'h00000000_fee01004);
    read64(2'd0, 18'h408, rd);
    expect_eq("entry 64 still masked", rd, 64'h00000001_00004321);
    read64(2'd0, 18'h410, rd);
    expect_eq("hole", rd, 64'd0);

    // Masked: pending; then unmasked with new data in the same write.
    bme = 1'b1; msix_enable = 1'b1;
    cause(2'd0, 20'd64, 1'b0);
    idle(20);
    expect_eq("masked entry sends nothing", 64'(n_msg), 64'd0);
    read64(2'd1, 18'h8, rd);
    expect_eq("PBA word 1", rd, 64'd1);
    t0 = cycle;
    write64(2'd0, 18'h408, 64'h00000000_00005555, 8'hff);
    idle(30);
    expect_msg("unmask", 1, 64'hfee01004, 32'h5555, 2'd0, 20'd64);
    $display("unmask to message: %0d clocks", last_msg_cycle - t0);
    read64(2'd1, 18'h8, rd);
    expect_eq("PBA word 1 after it", rd, 64'd0);

    // Open: straight through.
    t0 = cycle;
    cause(2'd0, 20'd64, 1'b0);
    idle(10);
    expect_msg("open entry", 2, 64'hfee01004, 32'h5555, 2'd0, 20'd64);
    $display("cause to message, MSI-X: %0d clocks", last_msg_cycle - t0);

    // Withdrawn while function masked.
    msix_fmask = 1'b1;
    cause(2'd0, 20'd64, 1'b0);
    cause(2'd0, 20'd64, 1'b1);
    idle(2);
    msix_fmask = 1'b0;
    idle(40);
    expect_eq("withdrawn cause", 64'(n_msg), 64'd2);
    msix_fmask = 1'b1;
    cause(2'd0, 20'd64, 1'b0);
    cause(2'd0, 20'd64, 1'b0);
    idle(2);
    msix_fmask = 1'b0;
    idle(40);
    expect_eq("merged causes", 64'(n_msg), 64'd3);

    // Device slot: the last one. Control has PASID bits.
    write64(2'd2, 18'(69 * 16), 64'h00000001_fee02000, 8'hff);
    write64(2'd2, 18'(69 * 16 + 8), 64'habcdeffe_00000077, 8'hff);
    read64(2'd2, 18'(69 * 16 + 8), rd);
    expect_eq("slot control", rd, 64'habcde00c_00000077);
    t0 = cycle;
    cause(2'd1, 20'd69, 1'b0);
    idle(10);
    expect_msg("device slot", 4, 64'h1_fee02000, 32'h77, 2'd1, 20'd69);
    $display("cause to message, device slot: %0d clocks", last_msg_cycle - t0);
    cause(2'd1, 20'd70, 1'b0);
    idle(5);
    expect_eq("index out of range", 64'(last_err), 64'd1);
    write64(2'd2, 18'(69 * 16), 64'h0, 8'hff);
    cause(2'd1, 20'd69, 1'b0);
    idle(10);
    expect_eq("address zero", 64'(last_err), 64'd8);
    expect_eq("address zero sends nothing", 64'(n_msg), 64'd4);

    // Host slot: disabled, fetched, held, masked, invalidated.
    cause(2'd2, 20'd5, 1'b0);
    idle(5);
    expect_eq("store disabled", 64'(last_err), 64'd2);
    hs_enable = 1'b1;
    idle(40);
    cause(2'd2, 20'd99, 1'b0);
    answer_fetch({32'h0, 32'h99, 32'h0, 32'hfee03000}, 4'd0, 64'h1_0000_0630);
    expect_msg("fetched slot", 5, 64'hfee03000, 32'h99, 2'd2, 20'd99);
    t0 = cycle;
    cause(2'd2, 20'd99, 1'b0);
    idle(10);
    expect_msg("held slot", 6, 64'hfee03000, 32'h99, 2'd2, 20'd99);
    $display("cause to message, held host slot: %0d clocks", last_msg_cycle - t0);
    cause(2'd2, 20'd98, 1'b0);
    answer_fetch({32'h1, 32'h98, 32'h0, 32'hfee03000}, 4'd0, 64'h1_0000_0620);
    expect_eq("masked slot sends nothing", 64'(n_msg), 64'd6);
    read64(2'd3, 18'h8, rd);
    expect_eq("host pending", rd, 64'h4_0000_0000);
    inv_valid = 1'b1; inv_index = 20'd98; inv_order = 5'd0;
    t0 = cycle;
    #1;
    while (!inv_ready) begin @(negedge clk); #1; end
    @(negedge clk);
    inv_valid = 1'b0;
    while (!inv_done) @(negedge clk);
    $display("invalidation of one slot: %0d clocks", cycle - t0);
    answer_fetch({32'h0, 32'h98, 32'h0, 32'hfee04000}, 4'd0, 64'h1_0000_0620);
    expect_msg("after invalidation", 7, 64'hfee04000, 32'h98, 2'd2, 20'd98);
    cause(2'd2, 20'd97, 1'b0);
    answer_fetch('0, 4'd3, 64'h1_0000_0610);
    expect_eq("failed fetch", 64'(last_err), 64'd3);

    // Rate: a cause a clock on open entries.
    n_msg = 0;
    t0 = cycle;
    repeat (256) cause(2'd0, 20'd64, 1'b0);
    expect_eq("256 causes take 256 clocks", 64'(unsigned'(cycle - t0)), 64'd256);
    idle(5);
    expect_eq("256 messages", 64'(n_msg), 64'd256);
    $display("open entry: %0d messages in %0d clocks", n_msg, last_msg_cycle - first_msg + 1);

    // No credits: causes are taken, reads answered, messages come with the credits.
    n_msg = 0;
    msg_avail = 6'd0;
    cause(2'd0, 20'd64, 1'b0);
    read64(2'd1, 18'h8, rd);
    expect_eq("pending without credits", rd, 64'd1);
    idle(50);
    expect_eq("nothing sent without credits", 64'(n_msg), 64'd0);
    msg_avail = 6'd1;
    idle(20);
    expect_eq("sent with one credit", 64'(n_msg), 64'd1);

    // Requesters that a device slot must allow.
    msg_avail = 6'd16;
    write64(2'd2, 18'h50, 64'hfee05000, 8'hff);
    permission("without PASID", 32'h0000_0000, 1'b0, 20'h0, 1'b1);
    permission("PASID unasked", 32'h0000_0000, 1'b1, 20'h0, 1'b0);
    permission("its PASID", 32'h1234_5008, 1'b1, 20'h12345, 1'b1);
    permission("another PASID", 32'h1234_5008, 1'b1, 20'h12344, 1'b0);
    permission("PASID missing", 32'h1234_5008, 1'b0, 20'h12345, 1'b0);
    permission("ignored", 32'h1234_500c, 1'b1, 20'h00001, 1'b1);
    permission("ignored, none", 32'h0000_0004, 1'b0, 20'h00000, 1'b1);
    n_msg = 0;
    write64(2'd2, 18'h58, {32'h1234_5008, 32'h55}, 8'hff);
    cause(2'd1, 20'd5, 1'b0);
    idle(20);
    expect_eq("without a check", 64'(n_msg), 64'd1);

    $display("%s: %0d checks, %0d failures", (failures == 0) ? "PASS" : "FAIL", checks, failures);
    if (failures != 0) $fatal(1, "tb_irq_core_basic failed");
    $finish;
  end

  initial begin
    #2000000;
    $display("FAIL: time limit");
    $fatal(1, "time limit");
  end
endmodule
