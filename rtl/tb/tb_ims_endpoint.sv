// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// First steps of ims_endpoint at its pins: a small link partner that sends requests, answers the endpoint's own reads
// and counts what comes. Each step has the answer it must give. The link pauses at random in both directions.
module tb_ims_endpoint #(
  parameter int unsigned DataW = 256
);
  localparam int unsigned KeepW = DataW / 32;
  localparam int unsigned NumMsix = 100;
  localparam int unsigned NumDevSlots = 120;
  localparam int unsigned NumHostSlots = 256;

  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic             rst_n, hot_rst;
  logic             rx_valid, rx_ready, rx_sop, rx_eop, rx_prefix_valid;
  logic [127:0]     rx_hdr;
  logic [DataW-1:0] rx_data;
  logic [KeepW-1:0] rx_keep;
  logic             tx_valid, tx_ready, tx_sop, tx_eop, tx_prefix_valid;
  logic [127:0]     tx_hdr;
  logic [31:0]      tx_prefix;
  logic [DataW-1:0] tx_data;
  logic [KeepW-1:0] tx_keep;
  logic [7:0]       ph_limit, nph_limit, cplh_limit, rx_nph_limit;
  logic [11:0]      pd_limit, cpld_limit;
  logic [5:0]       infinite;
  logic             cause_valid, cause_ready, cause_withdraw;
  logic [1:0]       cause_store;
  logic [19:0]      cause_index;
  logic             obs_valid, obs_withdraw;
  logic [1:0]       obs_store;
  logic [19:0]      obs_index;
  logic             obs_msi_valid, obs_intx;
  logic [4:0]       obs_msi_vector;

  ims_endpoint #(
    .DataW         (DataW),
    .NumMsix       (NumMsix),
    .NumDevSlots   (NumDevSlots),
    .NumHostSlots  (NumHostSlots),
    .HostCacheLines(4),
    .MaxFetches    (4)
  ) u_dut (
    .clk_i               (clk),
    .rst_ni              (rst_n),
    .hot_rst_i           (hot_rst),
    .rx_valid_i          (rx_valid),
    .rx_ready_o          (rx_ready),
    .rx_sop_i            (rx_sop),
    .rx_eop_i            (rx_eop),
    .rx_hdr_i            (rx_hdr),
    .rx_prefix_valid_i   (rx_prefix_valid),
    .rx_prefix_i         (32'h0),
    .rx_data_i           (rx_data),
    .rx_keep_i           (rx_keep),
    .tx_valid_o          (tx_valid),
    .tx_ready_i          (tx_ready),
    .tx_sop_o            (tx_sop),
    .tx_eop_o            (tx_eop),
    .tx_hdr_o            (tx_hdr),
    .tx_prefix_valid_o   (tx_prefix_valid),
    .tx_prefix_o         (tx_prefix),
    .tx_data_o           (tx_data),
    .tx_keep_o           (tx_keep),
    .fc_ph_limit_i       (ph_limit),
    .fc_pd_limit_i       (pd_limit),
    .fc_nph_limit_i      (nph_limit),
    .fc_npd_limit_i      (12'd0),
    .fc_cplh_limit_i     (cplh_limit),
    .fc_cpld_limit_i     (cpld_limit),
    .fc_infinite_i       (infinite),
    .rx_nph_limit_o      (rx_nph_limit),
    .cause_valid_i       (cause_valid),
    .cause_ready_o       (cause_ready),
    .cause_withdraw_i    (cause_withdraw),
    .cause_store_i       (cause_store),
    .cause_index_i       (cause_index),
    .obs_cause_valid_o   (obs_valid),
    .obs_cause_withdraw_o(obs_withdraw),
    .obs_cause_store_o   (obs_store),
    .obs_cause_index_o   (obs_index),
    .obs_msi_valid_o     (obs_msi_valid),
    .obs_msi_vector_o    (obs_msi_vector),
    .obs_intx_o          (obs_intx)
  );

  int          cycle = 0, failures = 0, checks = 0, pause = 0;
  logic [31:0] seed = 32'h1234_5679;

  function automatic logic [31:0] rnd();
    seed = seed ^ (seed << 13);
    seed = seed ^ (seed >> 17);
    seed = seed ^ (seed << 5);
    rnd  = seed;
  endfunction

  always @(posedge clk) cycle <= cycle + 1;

  task automatic expect_eq(input string names, input logic [63:0] got, input logic [63:0] want);
    checks++;
    if (got !== want) begin
      failures++;
      $display("FAIL at cycle %0d: %s is %h, must be %h", cycle, names, got, want);
    end
  endtask

  // ---- what the partner sends ------------------------------------------------------------------------------------
  logic [127:0] sq_hdr[$];
  int           sq_words[$];
  bit           sq_prefix[$];
  logic [31:0]  sq_data[$];
  logic [31:0]  data[2048];  // argument of send()
  int           np_sent = 0;
  int           sent_packets = 0;

  function automatic bit is_np(input logic [127:0] h);
    is_np = !(h[124:120] == 5'd0 && h[126]) && h[124:123] != 2'b10 && h[124:121] != 4'b0101;
  endfunction

  task automatic send(input logic [127:0] h, input int words);
    sq_hdr.push_back(h);
    sq_words.push_back(words);
    sq_prefix.push_back(1'b0);
    for (int i = 0; i < words; i++) sq_data.push_back(data[i]);
  endtask

  initial begin
    rx_valid = 1'b0; rx_sop = 1'b0; rx_eop = 1'b0; rx_hdr = '0; rx_prefix_valid = 1'b0; rx_data = '0; rx_keep = '0;
    forever begin
      @(negedge clk);
      if (sq_hdr.size() != 0 && rst_n && !hot_rst) begin
        automatic logic [127:0] h = sq_hdr.pop_front();
        automatic int n = sq_words.pop_front();
        automatic bit sop = 1'b1;
        automatic bit pfx = sq_prefix.pop_front();
        automatic bit again = 1'b1;
        if (is_np(h)) begin
          while (8'(rx_nph_limit - 8'(np_sent)) == 8'd0) @(negedge clk);
          np_sent++;
        end
        while (again) begin
          while (pause != 0 && rnd() % 100 < 32'(pause)) @(negedge clk);
          rx_valid = 1'b1; rx_sop = sop; rx_hdr = sop ? h : '0; rx_prefix_valid = pfx && sop;
          rx_keep = '0; rx_data = '0;
          for (int i = 0; i < int'(KeepW); i++) begin
            if (n > 0) begin
              rx_data[32*i+:32] = sq_data.pop_front();
              rx_keep[i] = 1'b1;
              n--;
            end
          end
          rx_eop = n == 0;
          #1;
          while (!rx_ready) begin @(negedge clk); #1; end
          @(negedge clk);
          rx_valid = 1'b0;
          sop = 1'b0;
          again = n > 0;
        end
        sent_packets++;
      end
    end
  end

  // ---- what the endpoint sends ------------------------------------------------------------------------------------
  logic [127:0] cur_hdr;
  int           cur_words = 0;
  logic [31:0]  cur_data[256];
  int           n_msg = 0, n_rec = 0, n_read = 0, n_cpl = 0;
  logic [127:0] msg_hdr[$];       // one-word writes
  logic [31:0]  msg_data[$];
  int           msg_cycle[$];
  logic [127:0] rec_hdr[$];       // four-word writes
  logic [31:0]  rec_seq[$], rec_what[$];
  int           rec_after[$];     // messages seen before it
  logic [127:0] read_hdr[$];      // reads that have not been answered
  logic [127:0] cpl_hdr[$];
  logic [31:0]  cpl_data[$];
  int           cpl_msgs[$];      // messages seen before it
  logic [31:0]  host_slot[4096];  // what reads bring, by word
  bit           answer_reads = 1'b1;
  logic [7:0]   err_code[$];      // error messages
  logic [7:0]   intx_code[$];     // INTx messages
  int           n_digest = 0;

  // Digest of what is in cur_hdr and d[]: CRC-32, bit after bit, first byte first.
  function automatic logic [31:0] digest_of(input logic [127:0] h, input int n, input logic [31:0] d[256]);
    automatic logic [31:0] c = '1, w;
    automatic int hw = h[125] ? 4 : 3;
    for (int i = 0; i < hw + n; i++) begin
      w = (i < hw) ? h[32*(3-i)+:32] : d[i-hw];
      if (i == 0) w = w | 32'h0100_4000;
      if (i < hw) w = {w[7:0], w[15:8], w[23:16], w[31:24]};
      for (int b = 0; b < 32; b++) c = (c >> 1) ^ ((c[0] ^ w[b]) ? 32'hedb8_8320 : 32'h0);
    end
    digest_of = ~c;
  endfunction

  always @(negedge clk) tx_ready = pause == 0 || rnd() % 100 >= 32'(pause);

  always @(posedge clk) begin
    if (tx_valid && tx_ready && rst_n && !hot_rst) begin
      if (tx_sop) begin
        cur_hdr = tx_hdr;
        cur_words = 0;
      end
      for (int i = 0; i < int'(KeepW); i++) begin
        if (tx_keep[i]) begin
          cur_data[cur_words] = tx_data[32*i+:32];
          cur_words++;
        end
      end
      if (tx_eop) begin
        if (cur_hdr[111]) begin
          cur_words--;
          n_digest++;
          expect_eq("digest", 64'(cur_data[cur_words]), 64'(digest_of(cur_hdr, cur_words, cur_data)));
          cur_hdr[111] = 1'b0;
        end
        if (cur_hdr[124:123] == 2'b10) begin
          // To the root complex, or INTx to the next port.
          expect_eq("message words 0, 1", cur_hdr[127:64],
                    {(cur_hdr[71:68] == 4'h2) ? 32'h3400_0000 : 32'h3000_0000, bdf, 8'd0, cur_hdr[71:64]});
          expect_eq("message words 2, 3", cur_hdr[63:0], 64'd0);
          expect_eq("message data", 64'(cur_words), 64'd0);
          if (cur_hdr[71:68] == 4'h2) intx_code.push_back(cur_hdr[71:64]);
          else err_code.push_back(cur_hdr[71:64]);
        end else if (cur_hdr[124:120] == 5'd0 && cur_hdr[126]) begin
          if (cur_words == 1) begin
            msg_hdr.push_back(cur_hdr);
            msg_data.push_back(cur_data[0]);
            msg_cycle.push_back(cycle);
            n_msg++;
          end else begin
            rec_hdr.push_back(cur_hdr);
            rec_seq.push_back(cur_data[0]);
            rec_what.push_back(cur_data[1]);
            rec_after.push_back(n_msg);
            n_rec++;
          end
          expect_eq("posted words", 64'(cur_words), 64'(cur_hdr[105:96]));
        end else if (cur_hdr[124:120] == 5'd0) begin
          n_read++;
          expect_eq("read header word 0 without Fmt", 64'(cur_hdr[124:96]), 64'd4);
          expect_eq("read BE", 64'(cur_hdr[71:64]), 64'hff);
          read_hdr.push_back(cur_hdr);
          if (answer_reads) answer(3'd0, 4, 4);
        end else begin
          expect_eq("completion type", 64'(cur_hdr[124:120]), 64'b01010);
          expect_eq("completion words", 64'(cur_words), cur_hdr[126] ? 64'(cur_hdr[105:96]) : 64'd0);
          cpl_hdr.push_back(cur_hdr);
          cpl_msgs.push_back(n_msg);
          for (int i = 0; i < cur_words; i++) cpl_data.push_back(cur_data[i]);
          n_cpl++;
        end
      end
    end
  end

  // Completes the oldest read in parts of `step` words, `upto` words in all.
  task automatic answer(input logic [2:0] status, input int upto, input int step);
    automatic logic [127:0] h = read_hdr.pop_front();
    automatic logic [31:0] lo = h[125] ? h[31:0] : h[63:32];
    automatic int sent = 0;
    automatic logic [31:0] w0, w1, w2;
    automatic bit again = 1'b1;
    while (again) begin
      automatic int n = (upto - sent < step) ? upto - sent : step;
      w0 = (status == 3'd0) ? {8'b0100_1010, 14'd0, 10'(n)} : {8'b0000_1010, 24'd0};
      w1 = {16'h0000, status, 1'b0, 12'(16 - 4 * sent)};
      w2 = {h[95:80], h[79:72], 1'b0, 7'(lo[6:0] + 7'(4 * sent))};
      sq_hdr.push_back({w0, w1, w2, 32'd0});
      sq_words.push_back((status == 3'd0) ? n : 0);
      sq_prefix.push_back(1'b0);
      if (status == 3'd0) for (int i = 0; i < n; i++) sq_data.push_back(host_slot[lo[13:2]+12'(sent + i)]);
      sent += n;
      again = status == 3'd0 && sent < upto;
    end
  endtask

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

  initial begin
    rst_n = 1'b0; hot_rst = 1'b0; infinite = 6'h3f;
    ph_limit = '0; pd_limit = '0; nph_limit = '0; cplh_limit = '0; cpld_limit = '0;
    cause_valid = 1'b0; cause_withdraw = 1'b0; cause_store = '0; cause_index = '0;
    for (int i = 0; i < 4096; i++) host_slot[i] = '0;
    idle(5);
    rst_n = 1'b1;
    expect_eq("np limit", 64'(rx_nph_limit), 64'd8);

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
    cfg_is("pasid", 12'h190, 32'h0001_001b);
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
    send({32'h3400_0000, 16'h0008, 16'h0000, 64'd0}, 0);   // message 0x00: dropped
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
    cfg_is("the first was the unsupported request", 12'h158, 32'h0000_00b4);
    cfg_is("to another function", 12'h15c, 32'h0400_0001);
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

    // ---- events by INTx and MSI
    pause = 20;
    rd32("errors so far are noted", Regs + 64'h1148, 32'h2);
    wr32(Regs + 64'h1148, 32'h2);
    wr32(Regs + 64'h1040, 32'd1);
    cfg_wr(12'h04, 32'hf900_0006);
    cfg_wr(12'hb0, 32'h0);                       // no MSI-X
    settle();
    expect_eq("nothing to assert", 64'(intx_code.size()), 64'd0);
    cause(2'd3, 20'd1);
    settle();
    expect_eq("one Assert", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("Assert_INTA", 64'(intx_code.pop_front()), 64'h20);
    cfg_is("interrupt status", 12'h04, 32'h0018_0006);
    rd32("latch and wire", Regs + 64'h1154, 32'h3);
    cfg_wr(12'h04, 32'h0000_0406);
    settle();
    if (intx_code.size() != 0) expect_eq("disabled: Deassert_INTA", 64'(intx_code.pop_front()), 64'h24);
    cfg_is("interrupt status stays", 12'h04, 32'h0018_0406);
    cfg_wr(12'h04, 32'h0000_0002);               // messages are no bus mastering
    settle();
    if (intx_code.size() != 0) expect_eq("enabled: Assert_INTA", 64'(intx_code.pop_front()), 64'h20);
    cfg_wr(12'h04, 32'h0000_0006);
    // MSI: the latch is handed over, behind the Deassert.
    cfg_wr(12'h94, 32'hfee0_5000);
    cfg_wr(12'h98, 32'h0);
    cfg_wr(12'h9c, 32'habcd_4600);
    cfg_wr(12'h90, 32'h0021_0000);               // four vectors
    msg_is("handed over", 64'hfee0_5000, 32'h4600);
    expect_eq("Deassert first", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("Deassert_INTA", 64'(intx_code.pop_front()), 64'h24);
    cfg_wr(12'ha0, 32'h0000_0004);               // vector 2 is masked
    cause(2'd3, 20'd0);
    msg_is("event 0", 64'hfee0_5000, 32'h4601);
    cause(2'd3, 20'd4);
    settle();
    cfg_is("pending", 12'ha4, 32'h0000_0004);
    cfg_wr(12'h90, 32'h0421_0000);               // extended data
    cfg_wr(12'ha0, 32'h0);
    msg_is("unmasked", 64'hfee0_5000, 32'habcd_4602);
    cfg_is("no longer pending", 12'ha4, 32'h0);
    cfg_wr(12'h90, 32'h0);
    settle();
    if (intx_code.size() != 0) expect_eq("status is left: Assert_INTA", 64'(intx_code.pop_front()), 64'h20);
    data[0] = 32'hffff_ffff; data[1] = 32'hffff_ffff;
    mwr(Regs + 64'h1140, 2, 4'hf, 4'hf);
    settle();
    expect_eq("cleared", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("cleared: Deassert_INTA", 64'(intx_code.pop_front()), 64'h24);
    cause(2'd3, 20'd65);
    settle();
    rd32("no such event", Regs + 64'h1040, {20'd65, 2'd0, 2'd3, 4'd1, 4'd1});
    wr32(Regs + 64'h1040, 32'd1);
    rd32("noted", Regs + 64'h1148, 32'h2);
    wr32(Regs + 64'h1148, 32'h2);
    // Without data credits, and with one header credit after another.
    infinite = 6'h3c;
    ph_limit = u_dut.u_post.u_ph.used_q; pd_limit = u_dut.u_post.u_pd.used_q;
    cause(2'd3, 20'd9);
    settle();
    expect_eq("no header credit", 64'(intx_code.size()), 64'd0);
    ph_limit = ph_limit + 8'd1;
    settle();
    expect_eq("a header credit", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("Assert_INTA", 64'(intx_code.pop_front()), 64'h20);
    infinite = 6'h3f;
    cfg_wr(12'h44, 32'h3);
    settle();
    expect_eq("D3hot releases the wire", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("Deassert_INTA", 64'(intx_code.pop_front()), 64'h24);
    cfg_wr(12'h44, 32'h0);
    idle(1000);
    bring_up();
    cfg_wr(12'hb0, 32'h0);
    cause(2'd3, 20'd9);
    settle();
    if (intx_code.size() != 0) expect_eq("Assert_INTA", 64'(intx_code.pop_front()), 64'h20);
    cfg_wr(12'h58, 32'h0000_a850);               // function reset
    idle(1000);
    expect_eq("a function reset releases the wire", 64'(intx_code.size()), 64'd1);
    if (intx_code.size() != 0) expect_eq("Deassert_INTA", 64'(intx_code.pop_front()), 64'h24);
    bring_up();
    rd32("no status left", Regs + 64'h1140, 32'h0);

    // ---- D3hot, function reset
    cfg_wr(12'h44, 32'h1);
    cfg_is("D1 does not exist", 12'h44, 32'h0);
    cfg_wr(12'h44, 32'h3);
    cfg_is("D3hot", 12'h44, 32'h3);
    mrd(Regs + 64'h1000, 1, 4'hf, 4'h0, st);
    expect_eq("memory in D3hot", 64'(st), 64'd1);
    t0 = n_msg;
    cause(2'd0, 20'd7);
    idle(50);
    expect_eq("no message in D3hot", 64'(n_msg), 64'(t0));
    cfg_wr(12'h44, 32'h0);
    idle(1000);
    cfg_is("D0", 12'h44, 32'h0);
    cfg_is("command reset", 12'h04, 32'h0010_0000);
    cfg_is("mps kept", 12'h58, 32'h0000_2850);
    bring_up();
    rd32("hs reset", Regs + 64'h1034, 32'h0);
    mrd(Msix + 64'h70, 4, 4'hf, 4'hf, st);
    expect_eq("entry reset", {got[3], got[0]}, 64'h0000_0001_0000_0000);
    // Function reset with a fetch under way: its completion is neither taken nor logged, its tag rests.
    wr32(Regs + 64'h1020, 32'h0000_1000);
    data[0] = 32'd64; data[1] = 32'd1;
    mwr(Regs + 64'h1028, 2, 4'hf, 4'hf);
    settle();
    answer_reads = 1'b0;
    cause(2'd2, 20'd5);
    settle();
    expect_eq("read under way", 64'(read_hdr.size()), 64'd1);
    t0 = int'(read_hdr[0][76:72]);
    cfg_wr(12'h78, 32'h1);
    cfg_wr(12'h80, 32'h1);
    cfg_wr(12'h58, 32'h0000_a850);
    wr32(64'h4000_0000, 32'h0);
    settle();
    idle(1000);
    answer(3'd0, 4, 4);
    settle();
    cfg_is("late completion is not logged", 12'h58, 32'h0000_2850);
    bring_up();
    cfg_wr(12'h78, 32'h0);
    wr32(Regs + 64'h1020, 32'h0000_1000);
    data[0] = 32'd64; data[1] = 32'd1;
    mwr(Regs + 64'h1028, 2, 4'hf, 4'hf);
    settle();
    cause(2'd2, 20'd5);
    settle();
    expect_eq("another tag", 64'(read_hdr.size() == 1 && int'(read_hdr[0][76:72]) != t0), 64'd1);
    answer(3'd0, 4, 4);
    settle();
    rd32("sent since reset", Regs + 64'h1048, 32'd1);
    idle(18000);
    cfg_wr(12'h58, 32'h000f_2850);
    send({32'h4a00_0004, 16'h0000, 4'h0, 12'd16, bdf, 8'(t0), 8'd0, 32'd0}, 4);
    settle();
    cfg_is("after its rest it is logged", 12'h58, 32'h0001_2850);
    cfg_wr(12'h58, 32'h0000_a850);
    wr32(64'h4000_0000, 32'h0);
    idle(1000);
    cfg_is("after FLR", 12'h58, 32'h0000_2850);
    cfg_is("after FLR", 12'h18, 32'hc);
    hot_rst = 1'b1;
    idle(3);
    np_sent = 0;
    hot_rst = 1'b0;
    cfg_is("after hot reset", 12'h58, 32'h0000_2810);
    cfg_is("sticky", 12'h80, 32'h1);
    rst_n = 1'b0;
    idle(3);
    np_sent = 0;
    rst_n = 1'b1;
    cfg_is("not sticky", 12'h80, 32'h3);

    $display("%s: %0d checks, %0d failures", (failures == 0) ? "PASS" : "FAIL", checks, failures);
    if (failures != 0) $fatal(1, "tb_ims_endpoint failed");
    $finish;
  end

  initial begin
    #4000000;
    $display("FAIL: time limit");
    $fatal(1, "time limit");
  end

  logic unused_pins;
  assign unused_pins = ^{tx_prefix_valid, tx_prefix, obs_valid, obs_withdraw, obs_store, obs_index, obs_msi_valid,
                         obs_msi_vector, obs_intx};
endmodule
