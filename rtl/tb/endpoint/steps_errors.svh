// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_ims_endpoint: wrong packets, the error log.
    // ---- packets that are not right
    send({32'h4000_0001, 16'h0008, 16'h000f, Regs[31:0] | 32'h1118, 32'd0}, 2);  // too much data
    settle();
    cfg_is("malformed", 12'h58, 32'h0004_2850);
    cfg_wr(12'h58, 32'h000f_2850);
    send({32'h4000_8001, 16'h0008, 16'h000f, Regs[31:0] | 32'h1118, 32'd0}, 2);  // digest
    data[0] = 32'h5;
    mwr(Regs + 64'h1118, 1, 4'hf, 4'h0);
    rd32("write with digest, then one", Regs + 64'h1118, 32'h5);
    for (int i = 0; i < 1024; i++) data[i] = 32'h0;
    send({32'h4000_0000, 16'h0008, 16'h00ff, Regs[31:0] | 32'h1000, 32'd0}, 1024);  // above MPS
    send({32'h4000_0081, 16'h0008, 16'h00ff, Regs[31:0] | 32'h1000, 32'd0}, 129);
    rd32("above MPS has no effect", Regs + 64'h1118, 32'h5);
    cfg_is("malformed", 12'h58, 32'h0004_2850);
    cfg_wr(12'h58, 32'h000f_2850);
    send({32'h3300_0000, 16'h0008, 16'h0000, 64'd0}, 0);   // Unlock: dropped
    settle();
    cfg_is("unlock", 12'h58, 32'h0000_2850);
    send({32'h3400_0000, 16'h0008, 16'h0020, 64'd0}, 0);
    settle();
    cfg_is("unsupported message", 12'h58, 32'h000a_2850);
    cfg_wr(12'h58, 32'h000f_2850);
    wr32(64'h4000_0000, 32'h0);
    settle();
    cfg_is("unsupported write", 12'h58, 32'h000a_2850);
    cfg_wr(12'h58, 32'h000f_2850);
    send({32'h4000_4001, 16'h0008, 16'h000f, Regs[31:0] | 32'h1118, 32'd0}, 1);  // poisoned
    settle();
    cfg_is("poisoned write", 12'h58, 32'h0002_2850);
    cfg_is("poisoned write", 12'h04, 32'hb010_0006);
    rd32("poisoned has no effect", Regs + 64'h1118, 32'h5);
    cfg_wr(12'h58, 32'h000f_2850);
    cfg_wr(12'h04, 32'hf900_0006);

    // ---- error log and messages
    expect_eq("nothing was reported", 64'(err_code.size()), 64'd0);
    cfg_is("all kinds are noted", 12'h144, 32'h0015_5000);
    cfg_is("advisory ones too", 12'h150, 32'h0000_2000);
    cfg_is("the first that was not masked: an unsupported request", 12'h158, 32'h0000_00b4);
    cfg_is("with its header", 12'h15c, 32'h0000_0003);
    cfg_wr(12'h144, 32'hffff_ffff);
    cfg_wr(12'h150, 32'hffff_ffff);
    cfg_wr(12'h58, 32'h0000_285f);               // report all
    wr32(64'h4000_0000, 32'h0);
    settle();
    expect_eq("unsupported write: messages", 64'(err_code.size()), 64'd1);
    if (err_code.size() != 0) expect_eq("ERR_NONFATAL", 64'(err_code.pop_front()), 64'h31);
    cfg_is("header 0", 12'h15c, 32'h4000_0001);
    cfg_is("header 1", 12'h160, {16'h0008, 8'(tag - 1), 8'h0f});
    cfg_is("header 2", 12'h164, 32'h4000_0000);
    cfg_wr(12'h154, 32'h2000);
    mrd(64'h4000_0000, 1, 4'hf, 4'h0, st);
    settle();
    expect_eq("advisory errors are masked", 64'(err_code.size()), 64'd0);
    cfg_wr(12'h154, 32'h0);
    mrd(64'h4000_0000, 1, 4'hf, 4'h0, st);
    settle();
    expect_eq("unsupported read: messages", 64'(err_code.size()), 64'd1);
    if (err_code.size() != 0) expect_eq("ERR_COR", 64'(err_code.pop_front()), 64'h30);
    cfg_wr(12'h14c, 32'h0014_0000);              // unsupported requests are fatal
    mrd(64'h4000_0000, 1, 4'hf, 4'h0, st);
    settle();
    if (err_code.size() != 0) expect_eq("ERR_FATAL", 64'(err_code.pop_front()), 64'h33);
    cfg_wr(12'h14c, 32'h0004_0000);
    cfg_is("what was seen", 12'h58, 32'h000f_285f);
    // A burst of bad packets of each kind, back to back, with good ones between: nothing is lost.
    cfg_wr(12'h144, 32'hffff_ffff);
    for (int i = 0; i < 300; i++) begin
      unique case (i % 5)
        0: send({32'h3400_0000, 16'h0008, 16'h0020, 64'd0}, 0);
        1: wr32(64'h4000_0000, 32'h0);
        2: send({32'h0000_0001, 16'h0008, 8'(i), 8'h0f, 32'h4000_0000, 32'd0}, 0);
        3: send({32'h4000_4001, 16'h0008, 16'h000f, Regs[31:0] | 32'h1118, 32'd0}, 1);
        default: send({32'h0000_0001, 16'h0008, 8'(i), 8'h0f, Regs[31:0] | 32'h1000, 32'd0}, 0);
      endcase
    end
    t0 = n_cpl + 120 - cpl_hdr.size();
    settle();
    idle(500);
    expect_eq("answers of the burst", 64'(cpl_hdr.size()), 64'd120);
    while (cpl_hdr.size() != 0) begin void'(cpl_hdr.pop_front()); void'(cpl_msgs.pop_front()); end
    while (cpl_data.size() != 0) void'(cpl_data.pop_front());
    expect_eq("messages of the burst", 64'(err_code.size() > 2), 64'd1);
    while (err_code.size() != 0) void'(err_code.pop_front());
    cfg_is("status of the burst", 12'h144, 32'h0010_1000);
    // Digests: checked, and on all that leaves.
    cfg_wr(12'h144, 32'hffff_ffff);
    cfg_wr(12'h158, 32'h0000_0140);
    for (int k = 0; k < 40; k++) begin
      automatic logic [127:0] h;
      automatic int n = 1 + k % 20;
      automatic logic [31:0] d[256];
      h = {32'h4000_8000 | 32'(n), 16'h0008, 8'(k), (n == 1) ? 8'h0f : 8'hff, Regs[31:0] | 32'h1050, 32'd0};
      if (n == 1) h[63:32] = Regs[31:0] | 32'h1118;
      for (int i = 0; i < n; i++) begin
        d[i] = rnd();
        data[i] = d[i];
      end
      data[n] = digest_of(h, n, d);
      if (k == 20) data[n][7] = !data[n][7];     // one word into the register: not this one
      send(h, n + 1);
      if (k == 0 || k == 20) begin
        if (k == 0) seen_ring = d[0] & 32'hf;
        rd32("checked", Regs + 64'h1118, seen_ring);
      end
    end
    settle();
    cfg_is("digest error", 12'h144, 32'h0008_0000);
    cfg_is("its pointer", 12'h158, 32'h0000_01f3);
    expect_eq("digest error is reported", 64'(err_code.size()), 64'd1);
    if (err_code.size() != 0) expect_eq("as ERR_NONFATAL", 64'(err_code.pop_front()), 64'h31);
    for (int words = 1; words < 40; words++) mrd(Msix + 64'h70, words, 4'hf, (words == 1) ? 4'h0 : 4'hf, st);
    cause(2'd0, 20'd7);
    msg_is("with digest", 64'hfee0_1000, 32'h4321);
    expect_eq("digests seen", 64'(n_digest > 40), 64'd1);
    cfg_wr(12'h158, 32'h0);
    cfg_wr(12'h58, 32'h000f_2850);
    cfg_wr(12'h154, 32'h2000);
    wr32(Regs + 64'h1118, 32'h5);
    // Many non-posted requests at once.
    t0 = n_cpl;
    for (int i = 0; i < 100; i++) send({32'h0000_0001, 16'h0008, 8'(i), 8'h0f, Regs[31:0] | 32'h1000, 32'd0}, 0);
    wait_cpl(t0 + 100);
    for (int i = 0; i < 100; i++) begin
      automatic logic [127:0] h = cpl_hdr.pop_front();
      void'(cpl_msgs.pop_front());
      expect_eq("order of completions", 64'(h[47:40]), 64'(i));
      expect_eq("their data", 64'(cpl_data.pop_front()), 64'h31534d49);
    end
