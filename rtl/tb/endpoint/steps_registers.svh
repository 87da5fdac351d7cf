// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_ims_endpoint: configuration space, registers, table, messages.
    // ---- configuration space
    cfg_is("id", 12'h000, 32'h1a35_1234);
    cfg_is("command, status", 12'h004, 32'h0010_0000);
    cfg_is("class", 12'h008, 32'h1200_0001);
    cfg_is("subsystem", 12'h02c, 32'h0001_1234);
    cfg_is("cap pointer", 12'h034, 32'h0000_0040);
    cfg_is("pm", 12'h040, 32'h0003_5001);
    cfg_is("pcie", 12'h050, 32'h0002_9010);
    cfg_is("devcap", 12'h054, 32'h1000_8022);
    cfg_is("devctl", 12'h058, 32'h0000_2810);
    cfg_is("lnkcap", 12'h05c, 32'h0040_0083);
    cfg_is("lnkctl", 12'h060, 32'h1083_0000);
    cfg_is("devcap2", 12'h074, 32'h0070_001f);
    cfg_is("devctl2", 12'h078, 32'h0000_0000);
    cfg_is("lnkcap2", 12'h07c, 32'h0000_000e);
    cfg_is("lnkctl2", 12'h080, 32'h0000_0003);
    cfg_is("interrupt pin", 12'h03c, 32'h0000_0100);
    cfg_is("msi", 12'h090, 32'h038a_b005);
    cfg_is("msi pending", 12'h0a4, 32'h0);
    cfg_is("msix", 12'h0b0, {16'(NumMsix - 1), 16'h0011});
    cfg_is("msix table", 12'h0b4, 32'h0000_0002);
    cfg_is("msix pba", 12'h0b8, 32'h0000_8002);
    cfg_is("dvsec", 12'h100, 32'h1401_0023);
    cfg_is("aer", 12'h140, 32'h1902_0001);
    cfg_is("pasid", 12'h190, 32'h1a01_001b);
    cfg_is("ats", 12'h1a0, 32'h0001_000f);
    cfg_is("dvsec 1", 12'h104, 32'h0180_8086);
    cfg_is("dvsec 2", 12'h108, 32'h0000_0005);
    cfg_is("dvsec 3", 12'h10c, 32'h0000_0553);
    cfg_is("dvsec 4", 12'h110, 32'h0000_0001);
    cfg_is("dvsec 5", 12'h114, 32'h0000_0001);
    cfg_is("hole", 12'hffc, 32'h0);
    expect_eq("completer id before capture", 64'(u_dut.id), 64'd0);
    for (int i = 0; i < 6; i++) cfg_wr(12'h10 + 12'(4 * i), 32'hffff_ffff);
    cfg_is("bar0 size", 12'h10, 32'hffff_0000);
    cfg_is("bar1 size", 12'h14, 32'hfffc_0000);
    cfg_is("bar2 size", 12'h18, 32'hffff_000c);
    cfg_is("bar3 size", 12'h1c, 32'hffff_ffff);
    cfg_is("bar4 size", 12'h20, 32'hfffc_000c);
    cfg_is("bar5 size", 12'h24, 32'hffff_ffff);
    cfg_wr(12'h04, 32'hffff_ffff);
    cfg_is("command all", 12'h04, 32'h0010_0547);
    cfg_wr(12'h04, 32'h0000_0000, 4'h1);
    cfg_is("command byte", 12'h04, 32'h0010_0500);
    cfg_wr(12'h58, 32'hffff_79ff, 4'h0);
    cfg_is("no byte enables", 12'h58, 32'h0000_2810);
    cfg_wr(12'h58, 32'h0000_7fff);
    cfg_is("devctl all", 12'h58, 32'h0000_79ff);
    cfg_wr(12'h58, 32'h0000_2810);
    cfg(1'b0, 12'h0, 4'hf, '0, 3'd1, st, rd);
    expect_eq("other function", 64'(st), 64'd1);
    cfg_is("UR, CED", 12'h58, 32'h0009_2810);
    cfg_wr(12'h58, 32'h0008_2810);
    cfg_is("UR cleared", 12'h58, 32'h0001_2810);
    cfg_wr(12'h58, 32'h000f_2810);
    bring_up();
    pause = 30;
    cfg_is("bar2", 12'h18, Msix[31:0] | 32'hc);

    // ---- registers
    rd32("id register", Regs + 64'h1000, 32'h31534d49);
    rd32("version", Regs + 64'h1004, 32'h100);
    rd32("cap_msix", Regs + 64'h1008, NumMsix);
    rd32("hole", Regs + 64'h10, 32'h0);
    mrd(Regs + 64'h1001 - 64'h1, 2, 4'he, 4'h7, st);
    expect_eq("two registers", {got[1], got[0]}, 64'h0000_0100_3153_4d49);
    mrd(Regs + 64'h1000, 1, 4'h0, 4'h0, st);
    expect_eq("zero-length read", {61'd0, st}, 64'd0);
    expect_eq("zero-length read data", 64'(got[0]), 64'd0);
    mrd(64'h4000_0000, 3, 4'hc, 4'h3, st);
    expect_eq("no BAR", 64'(st), 64'd1);
    cfg_is("no BAR is logged", 12'h58, 32'h0009_2810);
    cfg_wr(12'h58, 32'h000f_2810);

    // ---- table against a model, any alignment, length and byte enables
    for (int i = 0; i < int'(NumMsix); i++) begin
      model[4*i] = '0; model[4*i+1] = '0; model[4*i+2] = '0; model[4*i+3] = 32'd1;
    end
    for (int mps = 0; mps < 3; mps++) begin
      cfg_wr(12'h58, 32'h0000_2810 | 32'(mps << 5));
      mps_bytes = 128 << mps;
      for (int k = 0; k < 40; k++) begin
        automatic int words = 1 + int'(rnd() % ((k % 4 == 0) ? 32'(mps_bytes / 4) : 32'd6));
        automatic int first = int'(rnd() % 32'(NumMsix * 4 - 128));
        automatic logic [3:0] fbe = 4'(rnd()), lbe = 4'(rnd());
        if (words == 1) lbe = '0;
        if (words > 1 && fbe == '0) fbe = 4'h8;
        if (words > 1 && lbe == '0) lbe = 4'h1;
        for (int i = 0; i < words; i++) begin
          automatic logic [3:0] be = (i == 0) ? fbe : (i == words - 1) ? lbe : 4'hf;
          automatic logic [31:0] m;
          data[i] = rnd();
          m = {{8{be[3]}}, {8{be[2]}}, {8{be[1]}}, {8{be[0]}}};
          unique case ((first + i) % 4)
            0: m = m & ~32'h3;
            3: m = m & 32'h1;
            default: m = m;
          endcase
          // Bit 0 of control stays 1: nothing is sent here.
          if ((first + i) % 4 == 3) data[i][0] = 1'b1;
          model[first+i] = (model[first+i] & ~m) | (data[i] & m);
        end
        mwr(Msix + 64'(4 * first), words, fbe, lbe);
      end
      for (int k = 0; k < 40; k++) begin
        automatic int words = 1 + int'(rnd() % ((k % 4 == 0) ? 32'd390 : 32'd9));
        automatic int first = int'(rnd() % 32'(NumMsix * 4 - words));
        mrd(Msix + 64'(4 * first), words, (k % 3 == 0) ? 4'he : 4'hf, (words == 1) ? 4'h0 : (k % 5 == 0) ? 4'h3 : 4'hf, st);
        for (int i = 0; i < words; i++) expect_eq("table word", 64'(got[i]), 64'(model[first+i]));
      end
    end
    mrd(Msix, 1024, 4'hf, 4'hf, st);
    for (int i = 0; i < 1024; i++) expect_eq("4 KiB", 64'(got[i]), (i < int'(NumMsix * 4)) ? 64'(model[i]) : 64'd0);

    // ---- messages: doorbell, cause pins, records
    wr32(Msix + 64'h70, 32'hfee0_1000);
    wr32(Msix + 64'h74, 32'h0);
    wr32(Msix + 64'h78, 32'h0000_4321);
    wr32(Msix + 64'h7c, 32'h0);
    wr32(Regs + 64'h1100, 32'd7);
    msg_is("doorbell", 64'hfee0_1000, 32'h4321);
    pause = 0;
    idle(20);
    t0 = cycle;
    cause(2'd0, 20'd7);
    idle(20);
    expect_eq("latency at most 8", 64'(msg_cycle[0] - t0 <= 9), 64'd1);
    $display("cause to message on the pins: %0d clocks", msg_cycle[0] - t0 - 1);
    msg_is("cause pins", 64'hfee0_1000, 32'h4321);
    cause(2'd3, 20'd7);                          // an event: vector 8, which is masked
    idle(20);
    rd32("status of the event", Regs + 64'h1140, 32'h80);
    wr32(Regs + 64'h1140, 32'h80);
    rd32("cleared", Regs + 64'h1140, 32'h0);
    mrd(Msix + 64'h8000, 2, 4'hf, 4'hf, st);
    expect_eq("pending in the table", {got[1], got[0]}, 64'h100);
    pause = 30;

    data[0] = 32'h0000_0000; data[1] = 32'h1; data[2] = 32'h3;
    wr32(Regs + 64'h1110, 32'h0004_0000);
    wr32(Regs + 64'h1114, 32'h0000_0001);
    wr32(Regs + 64'h1118, 32'h2);
    wr32(Regs + 64'h1100, 32'd7 | (32'd6 << 22) | (32'd1 << 30));
    settle();
    idle(200);
    rd32("rec_seq", Regs + 64'h111c, 32'd6);
    expect_eq("records", 64'(n_rec), 64'd6);
    for (int i = 0; i < 6; i++) begin
      automatic logic [127:0] h = rec_hdr.pop_front();
      expect_eq("record header", h[127:64], {32'h6000_0004, bdf, 16'h00ff});
      expect_eq("record address", h[63:0], 64'h1_0004_0000 + 64'(16 * (i % 4)));
      expect_eq("record seq", 64'(rec_seq.pop_front()), 64'(i));
      expect_eq("record what", 64'(rec_what.pop_front()), 64'd7);
    end
    while (msg_hdr.size() != 0) msg_is("recorded", 64'hfee0_1000, 32'h4321);
