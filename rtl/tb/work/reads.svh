// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_work: reads of the endpoint and their answers.
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
