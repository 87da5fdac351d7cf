// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_work: bus mastering off, pci_endpoint_test.
    // ---- bus mastering off holds everything back
    queue_on(5, 3, 3);
    cfg_wr(12'h04, 32'h0000_0002);
    begin
      automatic int r0 = reads;
      submit(5, some(5, 1), 0);
      ring(5);
      idle(500);
      expect_eq("no read without bus mastering", 64'(reads), 64'(r0));
      cfg_wr(12'h04, 32'h0000_0006);
      wait_all("bus mastering");
    end
    queue_off(5);

    // ---- pci_endpoint_test
    wr32(Regs + 32'h0, 32'h1234_5678);
    reg_is("magic", Regs + 32'h0, 32'h1234_5678);
    reg_is("caps", Regs + 32'h30, 32'h0);
    wr32(Regs + 32'h24, 32'd2);
    wr32(Regs + 32'h28, 32'd81);
    wr32(Regs + 32'h0c, base(8)[31:0] + 32'h0123);
    wr32(Regs + 32'h10, base(8)[63:32]);
    wr32(Regs + 32'h14, base(8)[31:0] + 32'h8456);
    wr32(Regs + 32'h18, base(8)[63:32]);
    wr32(Regs + 32'h1c, 32'd10001);
    wr32(Regs + 32'h20, crc_of(base(8) + 64'h123, 10001));
    et(32'h8, et_status);
    expect_eq("READ", 64'(et_status), 64'h41);
    expect_eq("READ interrupts", 64'(msgs[80]), 64'd1);
    reg_is("command is taken", Regs + 32'h4, 32'd0);
    wr32(Regs + 32'h20, 32'd1);
    et(32'h8, et_status);
    expect_eq("READ, other checksum", 64'(et_status), 64'h42);
    et(32'h20, et_status);
    expect_eq("COPY", 64'(et_status), 64'h50);
    begin
      automatic int bad = 0;
      for (int i = 0; i < 10001; i++) if (mem[20'(base(8)) + 20'h8456 + 20'(i)] !== mem[20'(base(8)) + 20'h123 + 20'(i)]) bad++;
      expect_eq("COPY's data", 64'(bad), 64'd0);
    end
    et(32'h10, et_status);
    expect_eq("WRITE", 64'(et_status), 64'h44);
    reg_is("WRITE's checksum", Regs + 32'h20, crc_of(base(8) + 64'h8456, 10001));
    begin
      automatic int bad = 0;
      automatic logic [63:0] p = 64'hdeadbeef_cafef00d;
      for (int i = 0; i < 10001; i++) if (mem[20'(base(8)) + 20'h8456 + 20'(i)] !== p[8*(i%8)+:8]) bad++;
      expect_eq("WRITE's data", 64'(bad), 64'd0);
    end
    wr32(Regs + 32'h1c, 32'd0);
    et(32'h20, et_status);
    expect_eq("COPY of nothing", 64'(et_status), 64'h60);
    n_before = msgs[80];
    et(32'h4, et_status);
    expect_eq("raise MSI-X", 64'(et_status), 64'h40);
    expect_eq("raise MSI-X interrupts", 64'(msgs[80]), 64'(n_before + 1));
    wr32(Regs + 32'h28, 32'(NumMsix + 1));
    et(32'h4, et_status);
    reg_is("beyond the table", Regs + 32'h1040, {20'(NumMsix), 2'd0, 2'd0, 4'd1, 4'h1});
    wr32(Regs + 32'h1040, 32'd1);
    wr32(Regs + 32'h28, 32'd0);
    et(32'h4, et_status);
    expect_eq("number 0", 64'(et_status), 64'h40);
