// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_work: interrupt handles.
    // ---- handles
    wr64(Regs + 32'h1180, {32'h0000_0004, 32'd50});           // MSI-X 50, anyone
    handle_cmd(32'h0001_0000);
    expect_eq("request", 64'(got), 64'h0000_0000);
    handle_ok = got[31:16];
    wr64(Regs + 32'h1180, {12'd0, 20'h0, 32'd50});
    wr32(Regs + 32'h1184, {20'h5001, 12'h008});               // MSI-X 50, PASID 0x5001
    handle_cmd(32'h0001_0000);
    handle_pasid = got[31:16];
    expect_eq("next", 64'(got), 64'h0001_0000);
    wr64(Regs + 32'h1180, {32'h0, 10'd0, 2'd1, 20'd3});       // device slot 3
    handle_cmd(32'h0001_0000);
    handle_dev = got[31:16];
    wr32(Regs + 32'h1180, {10'd0, 2'd0, 20'(NumMsix)});
    handle_cmd(32'h0001_0000);
    expect_eq("beyond the table", 64'(got[15:8]), 64'h41);
    wr32(Regs + 32'h1180, {10'd0, 2'd2, 20'd0});
    handle_cmd(32'h0001_0000);
    expect_eq("store is off", 64'(got[15:8]), 64'h41);
    handle_cmd(32'h0002_0009);
    expect_eq("not given", 64'(got), {32'd0, 16'd2, 16'h4300});
    wr32(Regs + 32'h1180, 32'd60);
    for (int i = 3; i < 128; i++) begin
      handle_cmd(32'h0001_0000);
      expect_eq("given in turn", 64'(got), {32'd0, 16'(i), 16'h0000});
    end
    handle_cmd(32'h0001_0000);
    expect_eq("none free", 64'(got[15:8]), 64'h42);
    handle_cmd(32'h0002_0046);
    handle_cmd(32'h0002_0005);
    handle_cmd(32'h0001_0000);
    expect_eq("the next free one", 64'(got[31:16]), 64'h05);
    handle_cmd(32'h0001_0000);
    expect_eq("the next free one", 64'(got[31:16]), 64'h46);
    handle_cmd(32'h0002_0007);

    // slot 3: PASID 0x5001 only
    wr32(Ims + 64'd48, 32'hfee0_0000);
    wr32(Ims + 64'd56, 32'd70);
    wr32(Ims + 64'd60, {20'h5001, 12'h008});
    wr32(Ims + 64'd20, 32'd0);
    with_pasid = 6'b000010;
    queue_on(1, 5, 5);
    queue_on(2, 5, 5);
    begin
      automatic work_t w = blank();
      w.irq = 1'b1; w.handle = 1'b1;
      submit(2, w, handle_ok);
      w.status = 8'h1a; submit(2, w, handle_pasid);
      ring(2);
      wait_all("refused");
      reg_is("error 10", Regs + 32'h1040, {20'd50, 2'd0, 2'd0, 4'd10, 4'h1});
      wr32(Regs + 32'h1040, 32'd1);
      w.status = 8'h19; submit(2, w, 16'h0007);
      ring(2);
      wait_all("invalid handle");
      reg_is("error 9", Regs + 32'h1040, {20'd7, 2'd0, 2'd3, 4'd9, 4'h1});
      wr32(Regs + 32'h1040, 32'd1);
      w.status = 8'h19; submit(2, w, 16'hff00);
      ring(2);
      wait_all("invalid handle");
      reg_is("error 9", Regs + 32'h1040, {4'd0, 16'hff00, 2'd0, 2'd3, 4'd9, 4'h1});
      wr32(Regs + 32'h1040, 32'd1);
      w.status = 8'h01; submit(1, w, handle_pasid);
      ring(1);
      wait_all("allowed");
      wait_msgs("handles");
      // the slot's own control word decides
      n_before = rec_hirq;
      submit(1, w, handle_dev);
      ring(1);
      wait_all("slot allows");
      idle(100);
      expect_eq("slot allows", 64'(msgs[70]), 64'd1);
      submit(2, w, handle_dev);
      ring(2);
      wait_all("slot refuses");
      idle(100);
      expect_eq("slot refuses", 64'(msgs[70]), 64'd1);
      reg_is("error 10 of a slot", Regs + 32'h1040, {20'd3, 2'd0, 2'd1, 4'd10, 4'h1});
      wr32(Regs + 32'h1040, 32'd1);
      rec_hirq = n_before;
      wr32(Regs + 32'h1148, 32'h3);
      reg_is("not revoked", Regs + 32'h1148, 32'd0);
      handle_cmd(32'h0003_0000);
      expect_eq("revoke", 64'(got[15:8]), 64'd0);
      reg_is("revoked", Regs + 32'h1148, 32'h8000_0000);
      expect_eq("revoked is told", 64'(msgs[0]), 64'd1);
      wr32(Regs + 32'h1148, 32'h8000_0000);
      reg_is("cleared", Regs + 32'h1148, 32'h0);
      w.status = 8'h19; submit(2, w, handle_ok);
      ring(2);
      wait_all("revoked handle");
      wr32(Regs + 32'h1040, 32'd1);
      wait_msgs("revoked");
    end
    queue_off(1);
    queue_off(2);
