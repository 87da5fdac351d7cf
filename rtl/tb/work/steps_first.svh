// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_work: registers, first descriptors.
    // ---- registers of a queue
    reg_is("ctrl after reset", qreg(2, 0), 32'd0);
    reg_is("size after reset", qreg(2, 24), 32'd0);
    wr32(qreg(2, 8), 32'h1234_5fff);
    wr32(qreg(2, 12), 32'habcd_0001);
    wr32(qreg(2, 24), 32'hffff_ffff);
    wr32(qreg(2, 28), 32'hffff_ffff);
    reg_is("sq_base_lo", qreg(2, 8), 32'h1234_5000);
    reg_is("sq_base_hi", qreg(2, 12), 32'habcd_0001);
    reg_is("size", qreg(2, 24), 32'h0000_0f0f);
    reg_is("pasid", qreg(2, 28), 32'h000f_ffff);
    wr32(qreg(2, 32), 32'd5);
    reg_is("tail while disabled", qreg(2, 32), 32'd0);
    wr32(qreg(2, 0), 32'hffff_ffff);
    reg_is("ctrl", qreg(2, 0), 32'd15);
    wr32(qreg(2, 8), 32'd0);
    wr32(qreg(2, 0), 32'd1);
    reg_is("fixed while enabled", qreg(2, 8), 32'h1234_5000);
    reg_is("fixed while enabled", qreg(2, 0), 32'd15);
    reg_is("status", page(2, 16), 32'd1);
    reg_is("beyond the queues", qreg(Queues, 0), 32'd0);
    wr32(qreg(2, 0), 32'd0);
    reg_is("off", qreg(2, 0), 32'd14);

    // ---- the first steps
    queue_on(0, 4, 4);
    begin
      automatic work_t w = blank();
      automatic string digits = "123456789";
      w.op = 8'd3; w.size = 9; w.src = base(0) + 64'h4003; w.irq = 1'b1;
      for (int i = 0; i < 9; i++) mem[20'(w.src) + 20'(i)] = digits[i];
      submit(0, w, 0);
      ring(0);
      wait_all("checksum");
      expect_eq("crc of 123456789", 64'(last_crc), 64'h340b_c6d9);
      reg_is("done", qreg(0, 48), 32'd1);
      reg_is("cq_tail", qreg(0, 44), 32'd1);
      reg_is("sq_head", qreg(0, 36), 32'd1);
      w = some(0, 0); w.op = 8'd2; w.size = 1000; w.fence = 1'b0;
      for (int i = -8; i < w.size + 8; i++) mem[20'(w.dst + 64'(i))] = 8'hee;
      submit(0, w, 0);
      w = some(0, 2); w.op = 8'd1;
      submit(0, w, 0);
      ring(0);
      wait_all("copy and fill");
      wait_msgs("first");
      // The event's bit stands in the status; the portal page has its three registers alone.
      reg_is("status of event 0", Regs + 32'h1140, 32'h1);
      reg_is("nothing behind the status of a page", page(0, 24), 32'h0);
      wr32(page(0, 24), 32'h1);
      reg_is("a page clears nothing", Regs + 32'h1140, 32'h1);
      wr32(Regs + 32'h1140, 32'h1);
      reg_is("cleared by its register", Regs + 32'h1140, 32'h0);
    end
    // bad descriptors
    begin
      automatic work_t w = blank();
      w.op = 8'd4; w.size = 4; w.status = 8'h10; w.irq = 1'b1;
      submit(0, w, 0);
      w = blank(); w.op = 8'd2; w.size = 0; w.status = 8'h11; w.dst = base(0) + 64'h8100; w.src = base(0) + 64'h4000;
      check_data = 1'b0;
      submit(0, w, 0);
      w = blank(); w.op = 8'd1; w.size = 32'h0100_0001; w.status = 8'h11; w.dst = base(0) + 64'h8100;
      submit(0, w, 0);
      w = blank(); w.op = 8'd3; w.size = 2; w.status = 8'h11; w.src = '1;
      submit(0, w, 0);
      w = blank(); w.op = 8'd0; w.size = 0; w.status = 8'h01; w.src = '1; w.irq = 1'b1;
      submit(0, w, 0);
      ring(0);
      wait_all("bad descriptors");
      check_data = 1'b1;
      wait_msgs("bad descriptors");
    end
    queue_off(0);
