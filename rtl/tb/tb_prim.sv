// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// The primitives against the simplest models: queues against a list, the coherent memory against an array with the
// delay of its contract, the arbiter against the rule of turns. Random stimulus, small sizes, all at once.
module tb_prim;
  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic        rst_n, clear;
  int          cycle = 0, checks = 0, failures = 0;
  logic [63:0] rng;

  function automatic logic [31:0] rnd();
    rng = rng ^ (rng << 13);
    rng = rng ^ (rng >> 7);
    rng = rng ^ (rng << 17);
    rnd = rng[47:16];
  endfunction

  task automatic check(input logic ok, input string what);
    checks++;
    if (!ok) begin
      failures++;
      if (failures < 20) $display("FAIL at cycle %0d: %s", cycle, what);
    end
  endtask

  // ---- queues: 0 prim_fifo depth 3, 1 prim_fifo depth 1, 2 prim_fifo_ram depth 4, 3 prim_skid ---------------------
  localparam int Queues = 4;
  logic [Queues-1:0] wvalid, wready, rvalid, rready;
  logic [7:0]        wdata [Queues];
  logic [7:0]        rdata [Queues];
  logic [1:0]        level3;
  logic              level1;

  prim_fifo #(.Width(8), .Depth(3)) u_fifo3 (
    .clk_i(clk), .rst_ni(rst_n), .clear_i(clear),
    .wvalid_i(wvalid[0]), .wready_o(wready[0]), .wdata_i(wdata[0]),
    .rvalid_o(rvalid[0]), .rready_i(rready[0]), .rdata_o(rdata[0]), .level_o(level3)
  );
  prim_fifo #(.Width(8), .Depth(1)) u_fifo1 (
    .clk_i(clk), .rst_ni(rst_n), .clear_i(clear),
    .wvalid_i(wvalid[1]), .wready_o(wready[1]), .wdata_i(wdata[1]),
    .rvalid_o(rvalid[1]), .rready_i(rready[1]), .rdata_o(rdata[1]), .level_o(level1)
  );
  prim_fifo_ram #(.Width(8), .Depth(4)) u_fifo_ram (
    .clk_i(clk), .rst_ni(rst_n), .clear_i(clear),
    .wvalid_i(wvalid[2]), .wready_o(wready[2]), .wdata_i(wdata[2]),
    .rvalid_o(rvalid[2]), .rready_i(rready[2]), .rdata_o(rdata[2])
  );
  prim_skid #(.Width(8)) u_skid (
    .clk_i(clk), .rst_ni(rst_n), .clear_i(clear),
    .valid_i(wvalid[3]), .ready_o(wready[3]), .data_i(wdata[3]),
    .valid_o(rvalid[3]), .ready_i(rready[3]), .data_o(rdata[3])
  );

  // Model: the words inside, oldest first.
  localparam int Places = 8;
  int         held [Queues];
  logic [7:0] word [Queues][Places];
  int         waited [Queues];           // clocks that a word has stood inside without showing
  int         depth [Queues];
  int         delay [Queues];            // clocks until a word shows, beyond the next
  int         moved = 0;

  task automatic check_queues();
    for (int q = 0; q < Queues; q++) begin
      check(!rvalid[q] || held[q] > 0, "queue shows a word that it does not have");
      if (rvalid[q] && held[q] > 0) check(rdata[q] == word[q][0], "queue shows the wrong word");
      check(wready[q] || held[q] == depth[q], "queue refuses although it has room");
      check(!wready[q] || held[q] < depth[q], "queue takes more than it has room for");
      waited[q] = (held[q] > 0 && !rvalid[q]) ? waited[q] + 1 : 0;
      check(waited[q] <= delay[q], "a word does not show in time");
      if (rvalid[q] && rready[q]) begin
        moved++;
        held[q]--;
        for (int i = 0; i < Places - 1; i++) word[q][i] = word[q][i+1];
      end
      if (wvalid[q] && wready[q]) begin
        word[q][held[q]] = wdata[q];
        held[q]++;
      end
      if (clear) begin
        held[q]   = 0;
        waited[q] = 0;
      end
    end
    check(clear || (int'(level3) + int'(wvalid[0] && wready[0]) - int'(rvalid[0] && rready[0])) == held[0], "level of depth 3");
    check(clear || (int'(level1) + int'(wvalid[1] && wready[1]) - int'(rvalid[1] && rready[1])) == held[1], "level of depth 1");
  endtask

  // ---- coherent memory: five words, so that collisions are the rule ------------------------------------------------
  logic       we;
  logic [2:0] waddr, raddr;
  logic [7:0] mem_wdata, mem_rdata;

  prim_ram_coherent #(.Width(8), .Depth(5)) u_ram (
    .clk_i(clk), .we_i(we), .waddr_i(waddr), .wdata_i(mem_wdata), .raddr_i(raddr), .rdata_o(mem_rdata)
  );

  logic [7:0] model [5];
  logic [2:0] raddr_1, raddr_2;    // addresses of one and two clocks ago
  int         ram_reads = 0;

  task automatic check_ram();
    // The data of the address two clocks ago includes all writes of the clocks before this one.
    if (cycle > 20) begin
      ram_reads++;
      check(mem_rdata == model[raddr_2], "coherent memory misses a write");
    end
    if (we) model[waddr] = mem_wdata;
    raddr_2 = raddr_1;
    raddr_1 = raddr;
  endtask

  // ---- arbiter of five ----------------------------------------------------------------------------------------------
  logic [4:0] req, gnt;
  logic       ack;
  int         last = 4;            // granted last: the one after it is asked first

  prim_arb_rr #(.N(5)) u_arb (.clk_i(clk), .rst_ni(rst_n), .req_i(req), .gnt_o(gnt), .ack_i(ack));

  task automatic check_arb();
    int want;
    want = -1;
    for (int i = 1; i <= 5; i++) if (want < 0 && req[(last + i) % 5]) want = (last + i) % 5;
    check(gnt == ((want < 0) ? 5'd0 : 5'd1 << want), "arbiter grants out of turn");
    if (ack && want >= 0) last = want;
  endtask

  // ---- run ----------------------------------------------------------------------------------------------------------
  int   clocks, p_write, p_read;
  logic running;

  always @(negedge clk) begin
    if (running) begin
      if (cycle % 100 == 0) begin
        p_write = int'(rnd() % 5);
        p_read  = int'(rnd() % 5);
      end
      clear = rnd() % 200 == 0;
      for (int q = 0; q < Queues; q++) begin
        wvalid[q] = int'(rnd() % 4) < p_write;
        rready[q] = int'(rnd() % 4) < p_read;
        wdata[q]  = 8'(rnd());
      end
      // every word is written once before the comparison starts
      we        = (cycle < 20) || rnd() % 2 == 0;
      waddr     = (cycle < 20) ? 3'(cycle % 5) : 3'(rnd() % 5);
      raddr     = 3'(rnd() % 5);
      mem_wdata = 8'(rnd());
      req       = 5'(rnd()) & 5'(rnd() | 32'(cycle));
      ack       = rnd() % 4 != 0;
      #1;
      check_queues();
      check_ram();
      check_arb();
      cycle++;
      if (cycle >= clocks || failures != 0) running = 1'b0;
    end
  end

  initial begin
    if (!$value$plusargs("clocks=%d", clocks)) clocks = 100000;
    rng = 64'h123456789abcdef1;
    depth[0] = 3; depth[1] = 1; depth[2] = 4; depth[3] = 2;
    delay[0] = 0; delay[1] = 0; delay[2] = 1; delay[3] = 0;
    for (int q = 0; q < Queues; q++) begin
      held[q] = 0; waited[q] = 0; wvalid[q] = 1'b0; rready[q] = 1'b0; wdata[q] = '0;
    end
    rst_n = 1'b0; clear = 1'b0; we = 1'b0; waddr = '0; raddr = '0; mem_wdata = '0; req = '0; ack = 1'b0;
    raddr_1 = '0; raddr_2 = '0; p_write = 0; p_read = 0; running = 1'b0;
    for (int i = 0; i < 5; i++) model[i] = '0;
    repeat (3) @(posedge clk);
    @(negedge clk);
    rst_n = 1'b1;
    @(posedge clk);
    running = 1'b1;
    while (running) @(posedge clk);
    $display("%0d clocks, %0d words moved, %0d memory reads", cycle, moved, ram_reads);
    if (failures != 0 || moved == 0 || ram_reads == 0) begin
      $display("FAIL: %0d checks, %0d failures", checks, failures);
      $fatal(1, "tb_prim failed");
    end
    $display("PASS: %0d checks, 0 failures", checks);
    $finish;
  end
endmodule
