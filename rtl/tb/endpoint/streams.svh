// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_ims_endpoint: both streams.
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
