// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Work queues, DMA engine, interrupt handles and pci_endpoint_test at the pins of ims_endpoint, against a memory that
// answers reads out of order, in any legal split, or wrongly. Every write is checked for its form and put into the
// memory; every record must describe what has happened to it. `+seed=N` replays a run, `+rounds=N` its length.
module tb_work #(
  parameter int unsigned DataW = 256,
  parameter int unsigned DmaLanes = 4
);
  localparam int unsigned KeepW = DataW / 32;
  localparam int unsigned Queues = 6;
  localparam int unsigned NumMsix = 100;

  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic             rst_n;
  logic             rx_valid, rx_ready, rx_sop, rx_eop;
  logic [127:0]     rx_hdr;
  logic [DataW-1:0] rx_data;
  logic [KeepW-1:0] rx_keep;
  logic             tx_valid, tx_ready, tx_sop, tx_eop, tx_prefix_valid;
  logic [127:0]     tx_hdr;
  logic [31:0]      tx_prefix;
  logic [DataW-1:0] tx_data;
  logic [KeepW-1:0] tx_keep;
  logic [7:0]       ph_limit, nph_limit, rx_nph_limit;
  logic [11:0]      pd_limit;
  logic [5:0]       infinite;
  logic             cause_ready, obs_valid, obs_withdraw;
  logic [1:0]       obs_store;
  logic [19:0]      obs_index;
  logic             obs_msi_valid, obs_intx;
  logic [4:0]       obs_msi_vector;

  ims_endpoint #(
    .DataW         (DataW),
    .NumMsix       (NumMsix),
    .NumDevSlots   (64),
    .NumHostSlots  (64),
    .HostCacheLines(4),
    .MaxFetches    (4),
    .NumQueues     (Queues),
    .NumHandles    (128),
    .DmaLanes      (DmaLanes)
  ) u_dut (
    .clk_i               (clk),
    .rst_ni              (rst_n),
    .hot_rst_i           (1'b0),
    .rx_valid_i          (rx_valid),
    .rx_ready_o          (rx_ready),
    .rx_sop_i            (rx_sop),
    .rx_eop_i            (rx_eop),
    .rx_hdr_i            (rx_hdr),
    .rx_prefix_valid_i   (1'b0),
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
    .fc_cplh_limit_i     (8'd0),
    .fc_cpld_limit_i     (12'd0),
    .fc_infinite_i       (infinite),
    .rx_nph_limit_o      (rx_nph_limit),
    .cause_valid_i       (1'b0),
    .cause_ready_o       (cause_ready),
    .cause_withdraw_i    (1'b0),
    .cause_store_i       (2'd0),
    .cause_index_i       (20'd0),
    .obs_cause_valid_o   (obs_valid),
    .obs_cause_withdraw_o(obs_withdraw),
    .obs_cause_store_o   (obs_store),
    .obs_cause_index_o   (obs_index),
    .obs_msi_valid_o     (obs_msi_valid),
    .obs_msi_vector_o    (obs_msi_vector),
    .obs_intx_o          (obs_intx)
  );

  int          cycle = 0, failures = 0, checks = 0, pause = 0;
  logic [63:0] rng = 64'h1;

  function automatic logic [31:0] rnd();
    rng = rng ^ (rng << 13);
    rng = rng ^ (rng >> 7);
    rng = rng ^ (rng << 17);
    rnd = rng[47:16];
  endfunction
  function automatic int below(input int n);
    below = int'(rnd() % 32'(n));
  endfunction

  always @(posedge clk) cycle <= cycle + 1;

  task automatic expect_eq(input string names, input logic [63:0] got, input logic [63:0] want);
    checks++;
    if (got !== want) begin
      failures++;
      if (failures < 30) $display("FAIL at cycle %0d: %s is %h, must be %h", cycle, names, got, want);
    end
  endtask

  // ---- memory: 1 MiB, 64 KiB for each queue; the upper half of an address only says whose ------------------------
  localparam int unsigned MemBytes = 1 << 20;
  logic [7:0] mem[MemBytes];

  // Queue q (or number 8: pci_endpoint_test) has addresses base(q) up.
  function automatic logic [63:0] base(input int q);
    base = {(q % 2 == 1) ? 32'(q) : 32'd0, 12'h200, 4'(q), 16'h0000};
  endfunction
  logic [Queues-1:0] with_pasid = '0, with_relaxed = '0, with_ido = '0;
  bit                relaxed_en = 1'b1, ido_en = 1'b0;
  int                mps_bytes = 128, mrrs_bytes = 512;

  // ---- what the partner sends ------------------------------------------------------------------------------------
  logic [127:0] sq_hdr[$];
  int           sq_words[$];
  logic [31:0]  sq_data[$];
  int           np_sent = 0;

  task automatic send(input logic [127:0] h, input int words);
    sq_hdr.push_back(h);
    sq_words.push_back(words);
  endtask

  initial begin
    rx_valid = 1'b0; rx_sop = 1'b0; rx_eop = 1'b0; rx_hdr = '0; rx_data = '0; rx_keep = '0;
    forever begin
      @(negedge clk);
      if (sq_hdr.size() != 0 && rst_n) begin
        automatic logic [127:0] h = sq_hdr.pop_front();
        automatic int n = sq_words.pop_front();
        automatic bit sop = 1'b1;
        automatic bit again = 1'b1;
        if (h[124:123] != 2'b01 && !h[126] || h[124:120] == 5'b00100) begin
          while (8'(rx_nph_limit - 8'(np_sent)) == 8'd0) @(negedge clk);
          np_sent++;
        end
        while (again) begin
          while (pause != 0 && below(100) < pause) @(negedge clk);
          rx_valid = 1'b1; rx_sop = sop; rx_hdr = sop ? h : '0;
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
      end
    end
  end

  // ---- reads of the endpoint ------------------------------------------------------------------------------------
  typedef enum int {Good, Ur, Ca, Poison, PoisonPart, WrongCount, WrongAddress, TooLong, NoData, Malformed, Silent} how_e;
  localparam int MaxReads = 64;
  bit           r_live[MaxReads];
  logic [7:0]   r_tag[MaxReads];
  logic [15:0]  r_rid[MaxReads];
  logic [63:0]  r_addr[MaxReads];    // next byte
  int           r_left[MaxReads];
  how_e         r_how[MaxReads];
  int           outstanding = 0, most = 0, reads = 0;
  int           lazy = 1;            // one answer in so many clocks
  bit           order_kept = 1'b0;   // answer oldest first, whole
  int           fail_at = -1;        // answer the read that many data reads ahead ...
  how_e         fail_how = Good;     // ... so
  bit           tag_used[32];
  int           tag_rests[32];       // until this cycle

  task automatic new_read(input logic [127:0] h, input bit pfx, input logic [31:0] pv);
    automatic logic [63:0] a = h[125] ? h[63:0] : {32'd0, h[63:32]};
    automatic int words = (h[105:96] == '0) ? 1024 : int'(h[105:96]);
    automatic int q = int'(a[19:16]);
    automatic logic [3:0] fbe = h[67:64], lbe = h[71:68];
    automatic int first = 0, last = 3, bytes, slot = -1;
    automatic bit is_desc;
    reads++;
    for (int i = 3; i >= 0; i--) if (fbe[i]) first = i;
    for (int i = 0; i < 4; i++) if ((words == 1) ? fbe[i] : lbe[i]) last = i;
    expect_eq("read enables", 64'((words == 1) ? lbe : 4'h0), 64'd0);
    expect_eq("read enables without gaps", 64'(fbe), 64'((4'hf << first) & ((words == 1) ? (4'hf >> (3 - last)) : 4'hf)));
    if (words > 1) expect_eq("read last enables", 64'(lbe), 64'(4'hf >> (3 - last)));
    bytes = 4 * words - first - (3 - last);
    a[1:0] = 2'(first);
    is_desc = a[15:0] < 16'h2000 && q < int'(Queues);
    expect_eq("read form", 64'(h[125]), 64'(a[63:32] != '0));
    expect_eq("read address", a & ~64'hffff, base(q));
    expect_eq("read within page", 64'(int'(a[11:0]) + bytes <= 4096), 64'd1);
    expect_eq("read size", 64'(bytes <= mrrs_bytes && bytes <= 512), 64'd1);
    expect_eq("read tag", 64'(h[79:72] >= 8'd16 && h[79:72] < 8'(16 + 4 * DmaLanes)), 64'd1);
    expect_eq("read tag is free", 64'(tag_used[h[76:72]]), 64'd0);
    expect_eq("read tag has rested", 64'(cycle >= tag_rests[h[76:72]]), 64'd1);
    tag_used[h[76:72]] = 1'b1;
    expect_eq("read id", 64'(h[95:80]), 64'h0500);
    expect_eq("read attributes", 64'({h[114], h[109:108]}), 64'({!is_desc && q < int'(Queues) && with_ido[q%Queues] && ido_en,
              !is_desc && q < int'(Queues) && with_relaxed[q%Queues] && relaxed_en, 1'b0}));
    expect_eq("read rest of word 0", 64'(h[127:96] & 32'h00fb_cc00), 64'd0);
    expect_eq("read prefix", {31'd0, pfx, pv}, (q < int'(Queues) && with_pasid[q%Queues]) ? {32'd1, 12'h910, 20'(32'h5000 + q)} : 64'd0);
    for (int i = MaxReads - 1; i >= 0; i--) if (!r_live[i]) slot = i;
    r_live[slot] = 1'b1; r_tag[slot] = h[79:72]; r_rid[slot] = h[95:80]; r_addr[slot] = a; r_left[slot] = bytes;
    r_how[slot] = Good;
    if (fail_at == 0) r_how[slot] = fail_how;
    if (fail_at >= 0) fail_at--;
    outstanding++;
    if (outstanding > most) most = outstanding;
  endtask

  // One completion of read s.
  task automatic answer(input int s);
    automatic logic [63:0] a = r_addr[s];
    automatic int n = r_left[s], words, lead = int'(a[1:0]);
    automatic logic [2:0] status = 3'd0;
    automatic bit poison = 1'b0, over;
    automatic logic [11:0] count = 12'(r_left[s]);
    automatic logic [6:0] low = a[6:0];
    automatic how_e how = r_how[s];
    if (how == Ur) status = 3'd1;
    if (how == Ca) status = 3'd4;
    // A split ends at a multiple of 64; no payload is above the limit.
    if (!order_kept && n > 64 && below(3) != 0) n = ((int'(a[11:0]) / 64) + 1 + below(4)) * 64 - int'(a[11:0]);
    if (n > mps_bytes - lead) n = mps_bytes - int'(a[11:0]) % mps_bytes;
    if (n > r_left[s]) n = r_left[s];
    if (how == TooLong && n == r_left[s] && lead + n + 4 > mps_bytes) n = n - 64;
    words = (lead + n + 3) / 4;
    over = n == r_left[s];
    if (how == Poison) poison = 1'b1;
    if (how == PoisonPart) begin poison = 1'b1; r_how[s] = Good; end
    if (how == WrongCount) count = count + 12'd4;
    if (how == WrongAddress) low = low ^ 7'h04;
    if (how == TooLong && over) words++;
    if (how == Malformed) begin
      // Looks right, but a word is missing: dropped, then the right one follows.
      r_how[s] = Good;
      if (words > 1) begin
        sq_hdr.push_back({8'h4a, 14'd0, 10'(words), 16'h0, 3'd0, 1'b0, count, r_rid[s], r_tag[s], 1'b0, low, 32'd0});
        sq_words.push_back(words - 1);
        for (int i = 0; i < words - 1; i++) sq_data.push_back(32'hbadc_0ded);
      end
    end
    if (status != 3'd0 || how == NoData) begin
      sq_hdr.push_back({8'h0a, 24'd0, 16'h0, status, 1'b0, count, r_rid[s], r_tag[s], 1'b0, low, 32'd0});
      sq_words.push_back(0);
      over = 1'b1;
      if (how == NoData) tag_rests[5'(r_tag[s])] = cycle + 16000;
    end else begin
      sq_hdr.push_back({8'h4a, 9'd0, poison, 4'd0, 10'(words), 16'h0, status, 1'b0, count, r_rid[s], r_tag[s], 1'b0, low, 32'd0});
      sq_words.push_back(words);
      for (int i = 0; i < words; i++) begin
        automatic logic [31:0] v;
        for (int b = 0; b < 4; b++) begin
          automatic int at = 4 * i + b - lead;
          v[8*b+:8] = (at >= 0 && at < n) ? mem[20'(a + 64'(at))] : 8'hbb;
        end
        sq_data.push_back(poison ? ~v : v);
      end
      if (how == WrongCount || how == WrongAddress) over = 1'b1;
      // What did not fit keeps its tag for a timeout.
      if (over && (how == WrongCount || how == WrongAddress || how == TooLong)) tag_rests[5'(r_tag[s])] = cycle + 16000;
    end
    r_addr[s] = {a[63:2], 2'b00} + 64'(((lead + n + 3) / 4) * 4);
    if (over) r_addr[s] = a;
    r_left[s] -= n;
    if (over) begin
      r_live[s] = 1'b0;
      tag_used[5'(r_tag[s])] = 1'b0;
      outstanding--;
    end
  endtask

  always @(negedge clk) begin
    if (rst_n && sq_hdr.size() < 4 && outstanding != 0 && (order_kept || below(lazy) == 0)) begin
      automatic int s = order_kept ? 0 : below(MaxReads);
      for (int i = 0; i < MaxReads && !(r_live[s] && r_how[s] != Silent); i++) s = (s + 1) % MaxReads;
      if (r_live[s] && r_how[s] != Silent) answer(s);
    end
  end

  // ---- records and messages ----------------------------------------------------------------------------------------
  typedef struct {
    bit           live;
    logic [7:0]   op;
    bit           irq, handle, fence;
    logic [63:0]  src, dst;
    int           size;
    logic [63:0]  pattern;
    logic [7:0]   status;       // expected; 0: a read fails, any of 20 to 24
    logic [7:0]   alt;          // with a failed read: this status
    int           submitted;    // number
  } work_t;
  work_t       work[Queues][1024];
  int          sq_tail[Queues], cq_head[Queues], sq_order[Queues], cq_order[Queues], taken[Queues], due[Queues];
  int          msgs_before[Queues];
  int          rec_irq[Queues], msgs[128], rec_hirq = 0;
  int          records = 0, writes = 0, data_bytes = 0;
  int          et_done = 0;
  logic [7:0]  last_status;
  logic [31:0] last_bytes, last_crc;
  bit          check_data = 1'b1;
  int          completed[Queues];    // submitted numbers below this have completed, for fences
  bit          done_num[Queues][4096];

  function automatic logic [31:0] crc_of(input logic [63:0] a, input int n);
    automatic logic [31:0] c = '1;
    for (int i = 0; i < n; i++) begin
      c = c ^ {24'd0, mem[20'(a + 64'(i))]};
      for (int k = 0; k < 8; k++) c = c[0] ? (c >> 1) ^ 32'hedb8_8320 : c >> 1;
    end
    crc_of = c;
  endfunction

  task automatic check_record(input int q, input logic [127:0] r);
    automatic int idx = int'(r[25:16]);
    automatic logic [7:0] st = r[7:0];
    automatic work_t w = work[q][idx];
    records++;
    expect_eq("record queue", 64'(r[15:8]), 64'(q));
    expect_eq("record is awaited", 64'(w.live), 64'd1);
    expect_eq("record phase", 64'(r[96]), 64'(((taken[q] >> cq_order[q]) & 1) == 0));
    expect_eq("record number", 64'(r[127:97]), 64'(taken[q]));
    taken[q]++;
    due[q]--;
    work[q][idx].live = 1'b0;
    done_num[q][w.submitted] = 1'b1;
    if (w.fence) for (int k = 0; k < w.submitted; k++) expect_eq("fence waits", 64'(done_num[q][k]), 64'd1);
    last_status = st; last_bytes = r[63:32]; last_crc = r[95:64];
    expect_eq("record status", 64'(st), 64'((w.status == 0) ? w.alt : w.status));
    if (st == 8'h01) begin
      expect_eq("record bytes", 64'(r[63:32]), 64'((w.op == 0) ? 0 : w.size));
      expect_eq("record checksum", 64'(r[95:64]), 64'((w.op == 2 || w.op == 3) ? crc_of(w.src, w.size) : 0));
    end else begin
      expect_eq("record checksum of failed", 64'(r[95:64]), 64'd0);
      if (w.op != 2 || st < 8'h20) expect_eq("record bytes of failed", 64'(r[63:32]), 64'd0);
    end
    // The data is there, and nothing beside it.
    if (check_data && (w.op == 1 || w.op == 2)) begin
      automatic int upto = (st == 8'h01) ? w.size : int'(r[63:32]);
      automatic int bad = 0;
      expect_eq("bytes done", 64'(upto <= w.size), 64'd1);
      for (int i = -8; i < w.size + 8; i++) begin
        automatic logic [7:0] want;
        want = 8'hee;
        if (i >= 0 && i < upto) want = (w.op == 1) ? w.pattern[8*(i%8)+:8] : mem[20'(w.src + 64'(i))];
        if (mem[20'(w.dst + 64'(i))] !== want) bad++;
      end
      data_bytes += upto;
      expect_eq("bytes that are wrong", 64'(bad), 64'd0);
    end
    if (w.irq && st != 8'h19 && st != 8'h1a) begin
      if (w.handle) rec_hirq++;
      else rec_irq[q]++;
    end
  endtask

  task automatic new_write(input logic [127:0] h, input int words, input bit pfx, input logic [31:0] pv);
    automatic logic [63:0] a = h[125] ? h[63:0] : {32'd0, h[63:32]};
    automatic int q = int'(a[19:16]);
    automatic logic [3:0] fbe = h[67:64], lbe = h[71:68];
    expect_eq("write words", 64'(words), 64'(h[105:96]));
    if (a[31:20] == 12'hfee) begin
      expect_eq("message form", 64'({pfx, words == 1, fbe, lbe}), 64'({1'b0, 1'b1, 4'hf, 4'h0}));
      msgs[cur_data[0][6:0]]++;
      if (cur_data[0] >= 1 && cur_data[0] <= Queues) begin
        expect_eq("message behind its record", 64'(msgs[cur_data[0][6:0]] <= rec_irq[cur_data[0]-1]), 64'd1);
      end
      if (cur_data[0] == 50) expect_eq("message behind its record", 64'(msgs[50] <= rec_hirq), 64'd1);
    end else begin
      automatic bit is_rec = a[15:0] >= 16'h2000 && a[15:0] < 16'h4000;
      automatic bit dirty = 1'b0;
      writes++;
      expect_eq("write form", 64'(h[125]), 64'(a[63:32] != '0));
      expect_eq("write address", a & ~64'hffff, base(q));
      expect_eq("write within page", 64'(int'(a[11:0]) + 4 * words <= 4096), 64'd1);
      expect_eq("write size", 64'(4 * words <= mps_bytes), 64'd1);
      expect_eq("write id, tag", 64'(h[95:72]), 64'h05_0000);
      expect_eq("write attributes", 64'({h[114], h[109:108]}), 64'({!is_rec && q < int'(Queues) && with_ido[q%Queues] && ido_en,
                !is_rec && q < int'(Queues) && with_relaxed[q%Queues] && relaxed_en, 1'b0}));
      expect_eq("write rest of word 0", 64'(h[127:96] & 32'h80fb_cc00), 64'd0);
      expect_eq("write prefix", {31'd0, pfx, pv}, (q < int'(Queues) && with_pasid[q%Queues]) ? {32'd1, 12'h910, 20'(32'h5000 + q)} : 64'd0);
      expect_eq("write enables", 64'((words == 1) ? lbe == '0 && fbe != '0 : lbe != '0 && fbe != '0), 64'd1);
      for (int i = 0; i < words; i++) begin
        for (int b = 0; b < 4; b++) begin
          automatic bit on = (i == 0) ? fbe[b] : (i == words - 1) ? lbe[b] : 1'b1;
          if (on) mem[20'(a + 64'(4 * i + b))] = cur_data[i][8*b+:8];
          else if (cur_data[i][8*b+:8] !== 8'h00) dirty = 1'b1;
        end
      end
      expect_eq("disabled bytes are 0", 64'(dirty), 64'd0);
      if (is_rec) begin
        expect_eq("record form", 64'({words == 4, fbe, lbe}), 64'({1'b1, 8'hff}));
        expect_eq("record place", 64'(a[15:0]), 64'(16'h2000 + 16 * (taken[q] & ((1 << cq_order[q]) - 1))));
        check_record(q, {cur_data[3], cur_data[2], cur_data[1], cur_data[0]});
      end
    end
  endtask

  // ---- what the endpoint sends ------------------------------------------------------------------------------------
  logic [127:0] cur_hdr;
  int           cur_words = 0;
  logic         cur_pfx;
  logic [31:0]  cur_prefix;
  logic [31:0]  cur_data[256];
  int           n_cpl = 0;
  logic [127:0] cpl_hdr[$];
  logic [31:0]  cpl_data[$];
  bit           starve = 1'b0;

  // Now and then nothing is taken for long, so that payloads pile up.
  bit stalls = 1'b0;
  always @(negedge clk) tx_ready = (pause == 0 || below(100) >= pause) && !(stalls && cycle % 1500 < 600);
  // Credits: a little at a time when starved, cumulative.
  int ph_used = 0, pd_used = 0, nph_used = 0;
  int ph_given = 0, pd_given = 0, nph_given = 0;
  function automatic int atleast(input int a, input int b);
    atleast = (a > b) ? a : b;
  endfunction
  always @(negedge clk) begin
    if (!starve || below(8) == 0) begin
      ph_given  = atleast(ph_given, ph_used + (starve ? 1 + below(3) : 30));
      pd_given  = atleast(pd_given, pd_used + (starve ? mps_bytes / 16 + below(4) : 200));
      nph_given = atleast(nph_given, nph_used + (starve ? 1 + below(2) : 30));
      ph_limit  = 8'(ph_given);
      pd_limit  = 12'(pd_given);
      nph_limit = 8'(nph_given);
    end
  end

  always @(posedge clk) begin
    if (tx_valid && tx_ready && rst_n) begin
      if (tx_sop) begin
        cur_hdr = tx_hdr;
        cur_pfx = tx_prefix_valid;
        cur_prefix = tx_prefix_valid ? tx_prefix : '0;
        cur_words = 0;
      end else expect_eq("prefix with the first beat only", 64'(tx_prefix_valid), 64'd0);
      for (int i = 0; i < int'(KeepW); i++) begin
        if (tx_keep[i]) begin
          cur_data[cur_words] = tx_data[32*i+:32];
          cur_words++;
        end
      end
      if (tx_eop) begin
        if (cur_hdr[124:120] == 5'd0 && cur_hdr[126]) begin
          ph_used++;
          pd_used += (cur_words + 3) / 4;
          new_write(cur_hdr, cur_words, cur_pfx, cur_prefix);
        end else if (cur_hdr[124:120] == 5'd0) begin
          nph_used++;
          new_read(cur_hdr, cur_pfx, cur_prefix);
        end else begin
          cpl_hdr.push_back(cur_hdr);
          for (int i = 0; i < cur_words; i++) cpl_data.push_back(cur_data[i]);
          n_cpl++;
        end
      end
    end
  end

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

  initial begin
    void'($value$plusargs("rounds=%d", rounds));
    if ($value$plusargs("seed=%d", seed_in)) rng = 64'(seed_in) * 64'h9e37_79b9_7f4a_7c15 + 64'd1;
    rst_n = 1'b0; infinite = 6'h38; ph_limit = '0; pd_limit = '0; nph_limit = '0;
    for (int i = 0; i < int'(MemBytes); i++) mem[i] = 8'(rnd());
    for (int i = 0; i < 32; i++) begin tag_used[i] = 1'b0; tag_rests[i] = 0; end
    for (int i = 0; i < MaxReads; i++) begin r_live[i] = 1'b0; r_how[i] = Good; end
    for (int q = 0; q < int'(Queues); q++) begin
      sq_tail[q] = 0; cq_head[q] = 0; sq_order[q] = 3; cq_order[q] = 3; taken[q] = 0; due[q] = 0; rec_irq[q] = 0; msgs_before[q] = 0;
    end
    for (int i = 0; i < 128; i++) msgs[i] = 0;
    idle(5);
    rst_n = 1'b1;
    cfg_wr(12'h10, Regs);
    cfg_wr(12'h14, Portal);
    cfg_wr(12'h18, Msix[31:0]);
    cfg_wr(12'h1c, Msix[63:32]);
    cfg_wr(12'h20, Ims[31:0]);
    cfg_wr(12'h24, Ims[63:32]);
    cfg_wr(12'h04, 32'h0000_0006);
    cfg_wr(12'hb0, 32'h8000_0000);
    cfg_wr(12'h190 + 12'h4, 32'h0001_0000);
    for (int v = 0; v < int'(NumMsix); v++) begin
      wr32(Msix + 64'(16 * v), 32'hfee0_0000);
      wr32(Msix + 64'(16 * v + 8), 32'(v));
      wr32(Msix + 64'(16 * v + 12), 32'd0);
    end

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

    // ---- a PASID that is not enabled
    cfg_wr(12'h194, 32'h0);
    queue_on(1, 3, 3);
    begin
      automatic work_t w = blank();
      submit(1, w, 0);
      ring(1);
      idle(200);
      reg_is("halted for its PASID", qreg(1, 4), 32'h0000_1305);
      cfg_wr(12'h194, 32'h0001_0000);
      due[1] = 0;
      work[1][0].live = 1'b0;
      wr32(qreg(1, 4), 32'h4);
      reg_is("goes on", qreg(1, 4), 32'h1);
      reg_is("with what comes", qreg(1, 36), 32'h1);
      submit(1, w, 0);
      ring(1);
      wait_all("goes on");
    end
    queue_off(1);

    // ---- everything at random
    for (int r = 0; r < rounds; r++) begin
      automatic int mps = below(3), mrrs = below(4);
      automatic int burst;
      pause = (r % 3 == 0) ? 0 : below(60);
      relaxed_en = below(2) == 0; ido_en = below(2) == 0;
      order_kept = below(4) == 0;
      lazy = (below(2) == 0) ? 1 : 60;
      cfg_wr(12'h58, 32'h0000_2800 | 32'(mps << 5) | 32'(mrrs << 12) & 32'h7000 | 32'(relaxed_en ? 16 : 0));
      cfg_wr(12'h58, {16'd0, 1'b0, 3'(mrrs), 4'h8, 3'(mps), relaxed_en, 4'h0});
      cfg_wr(12'h78, 32'(ido_en ? 32'h100 : 0));
      mps_bytes = 128 << mps; mrrs_bytes = 128 << mrrs;
      starve = below(2) == 0;
      stalls = r % 3 == 1;
      for (int q = 0; q < int'(Queues); q++) begin
        with_pasid[q] = below(2) == 0; with_relaxed[q] = below(2) == 0; with_ido[q] = below(2) == 0;
        queue_on(q, 1 + below(4), 1 + below(4));
      end
      for (int k = 0; k < 12; k++) begin
        for (int q = 0; q < int'(Queues); q++) begin
          burst = below(3);
          while (burst > 0 && due[q] < (1 << sq_order[q]) - 1) begin
            submit(q, some(q, k), 0);
            burst = (due[q] + 1 < 12 && burst > 1 && k < 11) ? burst - 1 : 0;
            if (burst > 0) k++;
          end
          ring(q);
        end
        if (below(2) == 0) wait_all("round");
        // places of destinations may be used again
        if (k >= 10 || below(3) == 0) wait_all("round");
      end
      wait_all("round");
      if (!starve) wait_msgs("round");
      else begin
        for (int q = 0; q < int'(Queues); q++) begin
          expect_eq("messages at least once", 64'((msgs[q+1] != 0) || rec_irq[q] == 0), 64'd1);
          rec_irq[q] = msgs[q+1];
          msgs_before[q] = msgs[q+1];
        end
      end
      for (int q = 0; q < int'(Queues); q++) begin
        reg_is("done", qreg(q, 48), 32'(taken[q]));
        queue_off(q);
      end
    end
    lazy = 1; stalls = 1'b0; starve = 1'b0; pause = 0; order_kept = 1'b0;

    // ---- a full completion ring holds back its own queue, and nothing else
    with_pasid = '0; with_relaxed = '0; with_ido = '0;
    queue_on(3, 4, 1);
    queue_on(4, 4, 4);
    begin
      automatic work_t w = blank();
      for (int k = 0; k < 4; k++) submit(3, w, 0);
      ring(3);
      idle(300);
      expect_eq("ring of two takes one", 64'(taken[3]), 64'd1);
      for (int k = 0; k < 6; k++) begin
        w = blank();
        submit(4, w, 0);
      end
      ring(4);
      idle(3000);
      expect_eq("another queue goes on", 64'(taken[4]), 64'd6);
      wait_all("full ring");
    end
    queue_off(3);
    queue_off(4);

    // ---- failed reads
    cfg_wr(12'h58, 32'h0000_2800);    // 128-byte writes, 512-byte reads
    mps_bytes = 128; mrrs_bytes = 512; relaxed_en = 1'b0; ido_en = 1'b0;
    cfg_wr(12'h78, 32'h0000_0001);    // timeout 2^14 clocks
    for (int f = 1; f <= 10; f++) begin
      for (int at = 0; at < 3; at++) begin
        automatic work_t w = some(5, 3);
        automatic how_e how = how_e'(f);
        queue_on(5, 3, 3);
        w.op = (at == 2) ? 8'd3 : 8'd2; w.size = 2000; w.irq = 1'b0; w.fence = 1'b0;
        for (int i = -8; i < w.size + 8; i++) mem[20'(w.dst + 64'(i))] = 8'hee;
        w.status = 8'h00;
        unique case (how)
          Ur:                 w.alt = 8'h20;
          Ca:                 w.alt = 8'h21;
          Poison, PoisonPart: w.alt = 8'h22;
          Silent:             w.alt = 8'h23;
          Malformed:          w.status = 8'h01;
          default:            w.alt = 8'h24;
        endcase
        // One answer of TooLong must be the last.
        submit(5, w, 0);
        fail_at = 1 + at; fail_how = how;
        ring(5);
        wait_all("failed read");
        fail_at = -1;
        // What rests for its timeout, or has not been answered
        if (how == Silent || how == TooLong || how == WrongCount || how == WrongAddress || how == NoData) begin
          for (int i = 0; i < MaxReads; i++) begin
            if (r_live[i] && how == Silent) begin
              // Its answer comes now: too late to count.
              tag_rests[5'(r_tag[i])] = cycle + 16000;
              r_how[i] = Good;
              answer(i);
            end
            if (r_live[i]) begin
              r_live[i] = 1'b0;
              outstanding--;
              tag_used[5'(r_tag[i])] = 1'b0;
            end
          end
        end
        w = some(5, 3); w.fence = 1'b0; w.irq = 1'b0;
        submit(5, w, 0);
        ring(5);
        wait_all("after a failed read");
        queue_off(5);
      end
    end
    // a descriptor that cannot be fetched
    for (int f = 1; f <= 9; f++) begin
      automatic work_t w = blank();
      automatic how_e how = how_e'(f);
      if (how != Malformed && how != PoisonPart) begin
        queue_on(5, 3, 3);
        submit(5, w, 0);
        fail_at = 0; fail_how = how;
        ring(5);
        idle(400);
        rd32(qreg(5, 4));
        expect_eq("halted", 64'(got), 64'({16'd0, (how == Ur) ? 8'h20 : (how == Ca) ? 8'h21 : (how == Poison) ? 8'h22 : 8'h24, 8'h05}));
        expect_eq("no record", 64'(taken[5]), 64'd0);
        due[5] = 0;
        work[5][0].live = 1'b0;
        wr32(page(5, 0), 32'd3);
        sq_tail[5] = 3;
        idle(100);
        wr32(qreg(5, 4), 32'h4);
        reg_is("goes on behind", qreg(5, 36), 32'd3);
        submit(5, w, 0);
        ring(5);
        wait_all("goes on");
        queue_off(5);
        for (int i = 0; i < 32; i++) tag_used[i] = 1'b0;
        idle(17000);
      end
    end

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

    // ---- function reset in the middle of things
    with_pasid = 6'b000011;
    for (int q = 0; q < int'(Queues); q++) begin
      queue_on(q, 4, 4);
      for (int k = 0; k < 10; k++) submit(q, some(q, k), 0);
      ring(q);
    end
    idle(300);
    cfg_wr(12'h58, 32'h0000_a810);
    idle(12000);
    // What was asked for before is answered now: without effect.
    for (int i = 0; i < MaxReads; i++) r_live[i] = 1'b0;
    outstanding = 0;
    sq_hdr.delete();
    for (int i = 0; i < 32; i++) begin tag_used[i] = 1'b0; tag_rests[i] = 0; end
    for (int q = 0; q < int'(Queues); q++) due[q] = 0;
    cfg_wr(12'h10, Regs);
    cfg_wr(12'h14, Portal);
    cfg_wr(12'h18, Msix[31:0]);
    cfg_wr(12'h1c, Msix[63:32]);
    cfg_wr(12'h04, 32'h0000_0006);
    cfg_wr(12'h78, 32'h0000_0001);
    reg_is("queue after reset", qreg(0, 0), 32'd0);
    reg_is("base after reset", qreg(1, 12), 32'd0);
    reg_is("et after reset", Regs + 32'h1c, 32'd0);
    mps_bytes = 128; mrrs_bytes = 512; relaxed_en = 1'b1; with_pasid = '0;
    queue_on(0, 4, 4);
    for (int k = 0; k < 10; k++) begin
      automatic work_t w = some(0, k);
      w.irq = 1'b0;
      submit(0, w, 0);
    end
    ring(0);
    wait_all("after function reset");

    $display("%0d clocks, %0d reads (%0d at a time), %0d writes, %0d records, %0d bytes checked", cycle, reads, most, writes,
             records, data_bytes);
    if (failures == 0 && checks > 0) $display("PASS tb_work: %0d checks", checks);
    else $display("FAIL tb_work: %0d of %0d checks", failures, checks);
    if (failures != 0 || checks == 0) $fatal(1);
    $finish;
  end

  initial begin
    #40000000;
    $display("FAIL tb_work: it does not end");
    $fatal(1);
  end
endmodule
