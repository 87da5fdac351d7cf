// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_ims_endpoint: slots, sweep, credits.
    // ---- device slots and sweep
    for (int k = 0; k < int'(NumDevSlots); k++) begin
      data[0] = 32'hfee0_0000; data[1] = 32'h0; data[2] = 32'(k); data[3] = 32'h0;
      mwr(Ims + 64'(16 * k), 4, 4'hf, 4'hf);
    end
    settle();
    pause = 0;
    wr32(Regs + 64'h1120, 32'(1 << 20));
    wr32(Regs + 64'h1124, NumDevSlots);
    wr32(Regs + 64'h1128, 32'd1);
    settle();
    idle(200);
    expect_eq("sweep", 64'(msg_hdr.size()), 64'(NumDevSlots));
    $display("sweep of %0d: %0d clocks", NumDevSlots, msg_cycle[NumDevSlots-1] - msg_cycle[0] + 1);
    for (int k = 0; k < int'(NumDevSlots); k++) msg_is("sweep", 64'hfee0_0000, 32'(k));
    rd32("no error", Regs + 64'h1040, 32'd0);
    cause(2'd1, 20'(NumDevSlots));
    idle(20);
    rd32("out of range", Regs + 64'h1040, {20'(NumDevSlots), 2'd0, 2'd1, 4'd1, 4'd1});

    // ---- credits: none for posted, reads are answered; then one by one
    infinite = 6'h30;
    // What has been used under infinite credits counts too.
    ph_limit = u_dut.u_post.u_ph.used_q; pd_limit = u_dut.u_post.u_pd.used_q;
    nph_limit = u_dut.u_tx.u_nph.used_q;
    for (int k = 0; k < 10; k++) cause(2'd1, 20'(k));
    wr32(Regs + 64'h1100, 32'd7 | (32'd1 << 30));
    idle(100);
    rd32("reads are answered", Regs + 64'h1000, 32'h31534d49);
    expect_eq("nothing without credits", 64'(msg_hdr.size() + rec_hdr.size()), 64'd0);
    for (int k = 0; k < 12; k++) begin
      ph_limit = ph_limit + 8'd1;
      idle(60);
      expect_eq("one header, no data", 64'(msg_hdr.size() + rec_hdr.size()), 64'(k));
      pd_limit = pd_limit + 12'd1;
      idle(60);
      expect_eq("one each", 64'(msg_hdr.size() + rec_hdr.size()), 64'(k + 1));
    end
    infinite = 6'h3f;
    idle(100);
    while (msg_hdr.size() != 0) begin void'(msg_hdr.pop_front()); void'(msg_data.pop_front()); void'(msg_cycle.pop_front()); end
    while (rec_hdr.size() != 0) void'(rec_hdr.pop_front());

    // ---- host slots
    pause = 30;
    wr32(Regs + 64'h1020, 32'h0000_1000);
    wr32(Regs + 64'h1024, 32'h0000_0002);
    data[0] = 32'd64; data[1] = 32'd1;
    mwr(Regs + 64'h1028, 2, 4'hf, 4'hf);
    settle();
    rd32("enabled", Regs + 64'h1034, 32'h2);
    for (int k = 0; k < 64; k++) begin
      host_slot[12'h400+4*k] = 32'hfee0_4000;
      host_slot[12'h400+4*k+2] = 32'(k + 1000);
    end
    cause(2'd2, 20'd5);
    msg_is("host slot", 64'hfee0_4000, 32'd1005);
    rd32("fetches", Regs + 64'h104c, 32'd1);
    cause(2'd2, 20'd5);
    msg_is("held host slot", 64'hfee0_4000, 32'd1005);
    expect_eq("one read", 64'(n_read), 64'd1);
    // Invalidation with its word.
    host_slot[12'h400+4*5+2] = 32'd2005;
    wr32(Regs + 64'h1038, 32'h0000_0040);
    wr32(Regs + 64'h1030, 32'hc000_0005);
    msg_is("completion word", 64'h40, 32'd1);
    rd32("done", Regs + 64'h1034, 32'h0001_0002);
    cause(2'd2, 20'd5);
    msg_is("new content", 64'hfee0_4000, 32'd2005);
    // Split completions, errors, transactions pending.
    answer_reads = 1'b0;
    cause(2'd2, 20'd6);
    settle();
    cfg_is("transactions pending", 12'h58, 32'h0020_2810 | 32'h40);
    answer(3'd0, 4, 1);
    msg_is("four completions", 64'hfee0_4000, 32'd1006);
    cfg_is("no transactions pending", 12'h58, 32'h0000_2810 | 32'h40);
    wr32(Regs + 64'h1040, 32'd1);
    cause(2'd2, 20'd7);
    settle();
    answer(3'd1, 0, 1);
    settle();
    rd32("fetch UR", Regs + 64'h1040, {20'd7, 2'd0, 2'd2, 4'd3, 4'd1});
    cfg_is("received master abort", 12'h04, 32'h2010_0006);
    wr32(Regs + 64'h1040, 32'd1);
    cause(2'd2, 20'd8);
    settle();
    answer(3'd4, 0, 1);
    settle();
    rd32("fetch CA", Regs + 64'h1040, {20'd8, 2'd0, 2'd2, 4'd4, 4'd1});
    wr32(Regs + 64'h1040, 32'd1);
    cause(2'd2, 20'd9);
    settle();
    answer(3'd0, 3, 3);
    settle();
    rd32("a part is no error yet", Regs + 64'h1040, {20'd8, 2'd0, 2'd2, 4'd4, 4'd0});
    // Timeout 2^14, and a late completion.
    cfg_wr(12'h78, 32'h1);
    idle(18000);
    rd32("timeout", Regs + 64'h1040, {20'd9, 2'd0, 2'd2, 4'd6, 4'd1});
    cfg_is("timeout logged", 12'h58, 32'h0002_2810 | 32'h40);
    cfg_wr(12'h58, 32'h000f_2850);
    send({32'h4a00_0004, 16'h0000, 4'h0, 12'd16, bdf, 8'd0, 8'd0, 32'd0}, 4);
    settle();
    cfg_is("unexpected completion", 12'h58, 32'h0001_2810 | 32'h40);
    cfg_wr(12'h58, 32'h000f_2850);
