// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_work: what the endpoint sends: records, messages, data.
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
