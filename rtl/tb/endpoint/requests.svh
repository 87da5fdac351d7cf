// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_ims_endpoint: requests and what must come of them.
  // ---- requests -------------------------------------------------------------------------------------------------
  logic [15:0] bdf = 16'h0500;
  int          tag = 0;

  task automatic wait_cpl(input int want);
    automatic int t = 0;
    while (n_cpl < want && t < 20000) begin @(negedge clk); t++; end
    expect_eq("completion comes", 64'(n_cpl >= want), 64'd1);
  endtask

  task automatic cfg(input bit write, input logic [11:0] addr, input logic [3:0] be, input logic [31:0] wd,
                     input logic [2:0] fn, output logic [2:0] status, output logic [31:0] rd);
    automatic logic [127:0] h;
    automatic int want = n_cpl + 1;
    tag++;
    data[0] = wd;
    send({{write ? 8'h44 : 8'h04, 24'h1}, {16'h0008, 8'(tag), 4'h0, be}, {bdf | 16'(fn), 4'h0, addr}, 32'd0},
         write ? 1 : 0);
    wait_cpl(want);
    h = cpl_hdr.pop_front();
    void'(cpl_msgs.pop_front());
    status = h[79:77];
    rd = h[126] ? cpl_data.pop_front() : '0;
    expect_eq("cfg completion tag", 64'(h[47:40]), 64'(tag & 255));
    expect_eq("cfg completion requester", 64'(h[63:48]), 64'h8);
    expect_eq("cfg completion count", 64'({h[75:64], h[38:32]}), 64'({12'd4, 7'd0}));
    expect_eq("cfg completion has data", 64'(h[126]), 64'(!write && status == '0));
  endtask

  logic [2:0]  st;
  logic [31:0] rd;
  task automatic cfg_wr(input logic [11:0] addr, input logic [31:0] wd, input logic [3:0] be = 4'hf);
    cfg(1'b1, addr, be, wd, 3'd0, st, rd);
    expect_eq("cfg write status", 64'(st), 64'd0);
  endtask
  task automatic cfg_is(input string names, input logic [11:0] addr, input logic [31:0] want);
    cfg(1'b0, addr, 4'hf, '0, 3'd0, st, rd);
    expect_eq(names, 64'(rd), 64'(want));
  endtask

  function automatic logic [127:0] mem_hdr(input bit write, input logic [63:0] addr, input int words,
                                           input logic [3:0] fbe, input logic [3:0] lbe);
    automatic logic high = addr[63:32] != '0;
    mem_hdr = {{1'b0, write, high, 5'd0, 14'd0, 10'(words)}, {16'h0008, 8'(tag), lbe, fbe},
               high ? addr : {addr[31:0], 32'd0}};
  endfunction

  task automatic mwr(input logic [63:0] addr, input int words, input logic [3:0] fbe, input logic [3:0] lbe);
    tag++;
    send(mem_hdr(1'b1, addr, words, fbe, lbe), words);
  endtask
  task automatic wr32(input logic [63:0] addr, input logic [31:0] v);
    data[0] = v;
    mwr(addr, 1, 4'hf, 4'h0);
  endtask

  // Read with every completion rule checked; words into got[].
  logic [31:0] got[2048];
  int          mps_bytes = 128;
  task automatic mrd(input logic [63:0] addr, input int words, input logic [3:0] fbe, input logic [3:0] lbe,
                     output logic [2:0] status);
    automatic logic [127:0] h;
    automatic int first = 0, last = 3, bytes, have = 0, at, n;
    tag++;
    send(mem_hdr(1'b0, addr, words, fbe, lbe), 0);
    for (int i = 3; i >= 0; i--) if (fbe[i]) first = i;
    for (int i = 0; i < 4; i++) if ((words == 1) ? fbe[i] : lbe[i]) last = i;
    if (words == 1 && fbe == '0) last = 0;
    bytes = 4 * words - first - (3 - last);
    at = int'(addr[11:0]) + first;
    while (have < words) begin
      wait_cpl(n_cpl - cpl_hdr.size() + 1);
      if (cpl_hdr.size() == 0) begin have = words; status = 3'd7; end
      else begin
        h = cpl_hdr.pop_front();
        void'(cpl_msgs.pop_front());
        status = h[79:77];
        expect_eq("mrd tag", 64'(h[47:40]), 64'(tag & 255));
        expect_eq("mrd byte count", 64'(h[75:64]), 64'(bytes & 4095));
        expect_eq("mrd lower address", 64'(h[38:32]), 64'(at & 127));
        if (status != '0) have = words;
        else begin
          n = int'(h[105:96]);
          for (int i = 0; i < n; i++) got[have+i] = cpl_data.pop_front();
          bytes -= 4 * n - (at & 3);
          at = (at & ~3) + 4 * n;
          have += n;
          if (have < words) expect_eq("mrd split", 64'(at & (mps_bytes - 1)), 64'd0);
        end
      end
    end
  endtask
  task automatic rd32(input string names, input logic [63:0] addr, input logic [31:0] want);
    mrd(addr, 1, 4'hf, 4'h0, st);
    expect_eq({names, ": status"}, 64'(st), 64'd0);
    expect_eq(names, 64'(got[0]), 64'(want));
  endtask

  task automatic idle(input int n);
    repeat (n) @(negedge clk);
  endtask
  task automatic settle();  // everything sent, and time to act on it
    while (sq_hdr.size() != 0 || rx_valid) @(negedge clk);
    idle(60);
  endtask
  task automatic cause(input logic [1:0] store, input logic [19:0] index);
    @(negedge clk);
    cause_valid = 1'b1; cause_store = store; cause_index = index; cause_withdraw = 1'b0;
    #1;
    while (!cause_ready) begin @(negedge clk); #1; end
    @(negedge clk);
    cause_valid = 1'b0;
  endtask
  task automatic msg_is(input string names, input logic [63:0] addr, input logic [31:0] want);
    automatic int t = 0;
    while (msg_hdr.size() == 0 && t < 3000) begin @(negedge clk); t++; end
    expect_eq({names, ": message comes"}, 64'(msg_hdr.size() != 0), 64'd1);
    if (msg_hdr.size() != 0) begin
      automatic logic [127:0] h = msg_hdr.pop_front();
      expect_eq({names, ": word 0, 1"}, h[127:64],
                {(addr[63:32] != '0) ? 32'h6000_0001 : 32'h4000_0001, bdf, 16'h000f});
      expect_eq({names, ": address"}, h[63:0], (addr[63:32] != '0) ? addr : {addr[31:0], 32'd0});
      expect_eq({names, ": data"}, 64'(msg_data.pop_front()), 64'(want));
      void'(msg_cycle.pop_front());
    end
  endtask

  localparam logic [63:0] Regs = 64'h0000_0000_f000_0000;
  localparam logic [63:0] Msix = 64'h0000_0012_3456_0000;
  localparam logic [63:0] Ims = 64'h0000_0000_8004_0000;

  task automatic bring_up();
    cfg_wr(12'h10, Regs[31:0]);
    cfg_wr(12'h18, Msix[31:0]);
    cfg_wr(12'h1c, Msix[63:32]);
    cfg_wr(12'h20, Ims[31:0]);
    cfg_wr(12'h24, Ims[63:32]);
    cfg_wr(12'h04, 32'h0000_0006);
    cfg_wr(12'h154, 32'h0);                      // advisory errors are logged like others
    cfg_wr(12'hb0, 32'h8000_0000);
  endtask

  logic [31:0] model[NumMsix*4];
  logic [31:0] seen_ring;
  int t0;
