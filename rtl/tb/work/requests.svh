// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_work: registers, queues and descriptors as a driver handles them.
  // ---- requests -------------------------------------------------------------------------------------------------
  localparam logic [31:0] Regs = 32'hf000_0000;
  localparam logic [31:0] Portal = 32'he004_0000;
  localparam logic [63:0] Msix = 64'h0000_0012_3456_0000;
  localparam logic [63:0] Ims = 64'h0000_0000_8004_0000;

  task automatic wr32(input logic [63:0] a, input logic [31:0] v);
    sq_data.push_back(v);
    send({1'b0, 1'b1, a[63:32] != '0, 5'd0, 24'h1, 32'h0008_000f, (a[63:32] != '0) ? a : {a[31:0], 32'd0}}, 1);
  endtask
  task automatic wr64(input logic [31:0] a, input logic [63:0] v);
    sq_data.push_back(v[31:0]);
    sq_data.push_back(v[63:32]);
    send({8'h40, 24'h2, 32'h0008_00ff, a, 32'd0}, 2);
  endtask
  task automatic cfg_wr(input logic [11:0] a, input logic [31:0] v);
    automatic int want = n_cpl + 1;
    sq_data.push_back(v);
    send({32'h4400_0001, 32'h0008_000f, 16'h0500, 4'h0, a, 32'd0}, 1);
    while (n_cpl < want) @(negedge clk);
    expect_eq("cfg write status", 64'(cpl_hdr[0][79:77]), 64'd0);
    void'(cpl_hdr.pop_front());
  endtask
  logic [31:0] got;
  task automatic rd32(input logic [63:0] a);
    automatic int want = n_cpl + 1;
    send({1'b0, 1'b0, a[63:32] != '0, 5'd0, 24'h1, 32'h0008_000f, (a[63:32] != '0) ? a : {a[31:0], 32'd0}}, 0);
    while (n_cpl < want) @(negedge clk);
    expect_eq("read status", 64'(cpl_hdr[0][79:77]), 64'd0);
    void'(cpl_hdr.pop_front());
    got = cpl_data.pop_front();
  endtask
  task automatic reg_is(input string names, input logic [63:0] a, input logic [31:0] want);
    rd32(a);
    expect_eq(names, 64'(got), 64'(want));
  endtask
  task automatic idle(input int n);
    repeat (n) @(negedge clk);
  endtask

  function automatic logic [31:0] qreg(input int q, input int off);
    qreg = Regs + 32'h4000 + 32'(q * 128 + off);
  endfunction
  function automatic logic [31:0] page(input int q, input int off);
    page = Portal + 32'(q * 4096 + off);
  endfunction

  task automatic queue_on(input int q, input int sqo, input int cqo);
    sq_order[q] = sqo; cq_order[q] = cqo;
    sq_tail[q] = 0; cq_head[q] = 0; taken[q] = 0; due[q] = 0;
    for (int i = 0; i < 4096; i++) done_num[q][i] = 1'b0;
    wr32(qreg(q, 8), base(q)[31:0]);
    wr32(qreg(q, 12), base(q)[63:32]);
    wr64(qreg(q, 16), base(q) + 64'h2000);
    wr32(qreg(q, 24), 32'(sqo | (cqo << 8)));
    wr32(qreg(q, 28), 32'(32'h5000 + q));
    wr32(qreg(q, 0), {28'd0, with_ido[q], with_relaxed[q], with_pasid[q], 1'b1});
  endtask
  task automatic queue_off(input int q);
    wr32(qreg(q, 0), 32'd0);
    got = 32'h2;
    while (got[1]) rd32(qreg(q, 4));
  endtask

  // Puts a descriptor into the ring; the doorbell is rung apart.
  task automatic submit(input int q, input work_t w, input logic [15:0] handle);
    automatic logic [255:0] d = '0;
    automatic int idx = sq_tail[q];
    w.live = 1'b1;
    w.submitted = taken[q] + due[q];
    due[q]++;
    work[q][idx] = w;
    d[31:0] = {handle, 5'd0, w.fence, w.handle, w.irq, w.op};
    d[63:32] = 32'(w.size);
    d[127:64] = w.src;
    d[191:128] = w.dst;
    d[255:192] = w.pattern;
    for (int i = 0; i < 32; i++) mem[20'(base(q)) + 20'(32 * idx + i)] = d[8*i+:8];
    sq_tail[q] = (idx + 1) % (1 << sq_order[q]);
  endtask
  task automatic ring(input int q);
    if (below(2) == 0) wr32(qreg(q, 32), 32'(sq_tail[q]));
    else wr32(page(q, 0), 32'(sq_tail[q]));
  endtask
  task automatic consume(input int q);
    cq_head[q] = taken[q] % (1 << cq_order[q]);
    wr32((below(2) == 0) ? qreg(q, 40) : page(q, 8), 32'(cq_head[q]));
  endtask
  task automatic wait_all(input string names);
    automatic int t = 0, left = 1;
    while (left != 0 && t < 400000) begin
      idle(50);
      t += 50;
      left = 0;
      for (int q = 0; q < int'(Queues); q++) begin
        if (due[q] != 0) begin
          left++;
          consume(q);
        end
      end
    end
    expect_eq({names, ": all records come"}, 64'(left), 64'd0);
    idle(300);
  endtask
  // Firings of one vector may merge while they wait, so a queue has one message at least, and never more than records.
  task automatic wait_msgs(input string names);
    for (int q = 0; q < int'(Queues); q++) begin
      expect_eq({names, ": messages of a queue"}, 64'((msgs[q+1] != msgs_before[q]) || rec_irq[q] == msgs_before[q]), 64'd1);
      rec_irq[q]     = msgs[q+1];
      msgs_before[q] = msgs[q+1];
    end
    expect_eq({names, ": messages by handle"}, 64'(msgs[50]), 64'(rec_hirq));
  endtask

  function automatic work_t blank();
    blank.live = 1'b0; blank.op = '0; blank.irq = 1'b0; blank.handle = 1'b0; blank.fence = 1'b0;
    blank.src = '0; blank.dst = '0; blank.size = 0; blank.pattern = '0; blank.status = 8'h01; blank.alt = '0;
    blank.submitted = 0;
  endfunction

  // A source below 0x8000, a destination with a guard around it: 0x8000 + 0x900 k.
  function automatic work_t some(input int q, input int k);
    automatic int n = below(4);
    some = blank();
    some.op = 8'(below(4));
    some.size = (n == 0) ? 1 + below(9) : (n == 1) ? 1 + below(600) : 1 + below(2200);
    some.src = base(q) + 64'h4000 + 64'(below(16'h3000));
    some.dst = base(q) + 64'h8000 + 64'(k * 16'h0940) + 64'(8 + below(100));
    some.pattern = {rnd(), rnd()};
    some.irq = below(2) == 0;
    some.fence = below(5) == 0;
    for (int i = -8; i < some.size + 8; i++) mem[20'(some.dst + 64'(i))] = 8'hee;
  endfunction

  // ih_cmd, and its result.
  task automatic handle_cmd(input logic [31:0] cmd);
    wr32(Regs + 32'h1188, cmd);
    got = 32'h1;
    while (got[0]) rd32(Regs + 32'h118c);
  endtask

  // pci_endpoint_test: a command, and its status.
  task automatic et(input logic [31:0] cmd, output logic [31:0] status);
    wr32(Regs + 32'h04, cmd);
    got = '0;
    while (!got[6]) rd32(Regs + 32'h08);
    status = got;
    idle(100);
  endtask

  int          rounds = 12, n_before;
  int          seed_in;
  logic [31:0] et_status;
  logic [15:0] handle_ok, handle_pasid, handle_dev;
