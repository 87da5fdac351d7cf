// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_ims_endpoint: credits, bus mastering, order.
    // ---- exhausted credits of one kind hold up nothing else
    infinite = 6'b001011;
    nph_limit = u_dut.u_tx.u_nph.used_q;
    cplh_limit = u_dut.u_tx.u_cplh.used_q; cpld_limit = u_dut.u_tx.u_cpld.used_q;
    answer_reads = 1'b1;
    t0 = n_cpl;
    cause(2'd2, 20'd20);                       // waits for a read
    send({32'h0000_0004, 16'h0008, 16'h55ff, Regs[31:0] | 32'h1000, 32'd0}, 0);  // waits for a completion
    settle();
    cause(2'd0, 20'd7);
    msg_is("posted passes", 64'hfee0_1000, 32'h4321);
    expect_eq("no read without credit", 64'(read_hdr.size()), 64'd0);
    expect_eq("no completion without credit", 64'(n_cpl), 64'(t0));
    cplh_limit = cplh_limit + 8'd1;
    settle();
    expect_eq("no completion without data credit", 64'(n_cpl), 64'(t0));
    cpld_limit = cpld_limit + 12'd1;
    wait_cpl(t0 + 1);
    void'(cpl_hdr.pop_front()); void'(cpl_msgs.pop_front());
    for (int i = 0; i < 4; i++) void'(cpl_data.pop_front());
    nph_limit = nph_limit + 8'd1;
    msg_is("read at last", 64'hfee0_4000, 32'd1020);
    infinite = 6'h3f;

    // ---- nothing leaves with bus mastering off, all of it comes back
    cfg_wr(12'h04, 32'h2);
    t0 = n_msg + n_rec + n_read;
    cause(2'd0, 20'd7);
    cause(2'd2, 20'd21);
    wr32(Regs + 64'h1100, 32'd7 | (32'd2 << 22) | (32'd1 << 30));
    wr32(Regs + 64'h1030, 32'hc000_0030);
    settle();
    idle(500);
    rd32("invalidation waits with its word", Regs + 64'h1034, 32'h0001_0003);
    rd32("doorbell waits", Regs + 64'h1104, 32'h0000_0101);
    // 15 more doorbells fill the queue; one more is dropped, and nothing waits behind it.
    for (int i = 0; i < 16; i++) wr32(Regs + 64'h1100, 32'(i) | (32'd1 << 20));
    rd32("doorbells kept", Regs + 64'h1104, 32'h0000_1001);
    expect_eq("nothing leaves", 64'(n_msg + n_rec + n_read), 64'(t0));
    cfg_wr(12'h04, 32'h6);
    settle();
    idle(1000);
    rd32("function idle", Regs + 64'h1104, 32'h0);
    rd32("invalidation done", Regs + 64'h1034, 32'h0002_0002);
    // 7 merged or twice, host slot 21, word, device slots 0 to 14.
    expect_eq("messages", 64'(n_msg + n_rec + n_read - t0 >= 1 + 1 + 2 + 1 + 1 + 15), 64'd1);
    while (msg_hdr.size() != 0) begin void'(msg_hdr.pop_front()); void'(msg_data.pop_front()); void'(msg_cycle.pop_front()); end
    while (rec_hdr.size() != 0) void'(rec_hdr.pop_front());

    // ---- a message committed before a read is in front of its completion
    for (int k = 0; k < 200; k++) begin
      if (k % 50 == 0) pause = (k / 50) * 25;
      cause(2'd1, 20'd1);
      // The core has it; whatever is read now comes behind it.
      t0 = n_cpl;
      idle(int'(rnd() % 6));
      unique case (k % 3)
        0: send({32'h0400_0001, 16'h0008, 8'(k), 8'h0f, bdf, 16'h0000, 32'd0}, 0);
        1: send({32'h0000_0001, 16'h0008, 8'(k), 8'h00, Regs[31:0], 32'd0}, 0);
        default: send({32'h0000_0001, 16'h0008, 8'(k), 8'h0f, Ims[31:0], 32'd0}, 0);
      endcase
      wait_cpl(t0 + 1);
      void'(cpl_hdr.pop_front());
      while (cpl_data.size() != 0) void'(cpl_data.pop_front());
      expect_eq("message in front of completion", 64'(cpl_msgs.pop_front()), 64'(n_msg));
      expect_eq("message came", 64'(msg_hdr.size()), 64'd1);
      while (msg_hdr.size() != 0) begin void'(msg_hdr.pop_front()); void'(msg_data.pop_front()); void'(msg_cycle.pop_front()); end
    end
    pause = 30;
