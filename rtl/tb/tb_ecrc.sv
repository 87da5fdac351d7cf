// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Digests: tlp_ecrc_gen against values computed elsewhere (CRC-32 of IEEE 802.3 over prefix, header and data, first
// byte first, with Type[0] and EP as 1), then random packets through tlp_ecrc_gen into tlp_ecrc_check, as they are and
// with one bit turned. Generation goes on and off at random moments.
module tb_ecrc #(
  parameter int unsigned DataW = 256
);
  localparam int unsigned KeepW = DataW / 32;

  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic             rst_n, enable, check_on;
  logic             in_valid, in_ready, in_sop, in_eop, in_pfx_valid;
  logic [127:0]     in_hdr;
  logic [31:0]      in_pfx;
  logic [DataW-1:0] in_data, out_data, rx_data;
  logic [KeepW-1:0] in_keep, out_keep;
  logic             out_valid, out_ready, out_sop, out_eop;
  logic [127:0]     out_hdr;

  tlp_ecrc_gen #(.DataW(DataW)) u_gen (
    .clk_i(clk), .rst_ni(rst_n), .enable_i(enable),
    .valid_i(in_valid), .ready_o(in_ready), .sop_i(in_sop), .eop_i(in_eop), .hdr_i(in_hdr),
    .prefix_valid_i(in_pfx_valid), .prefix_i(in_pfx), .data_i(in_data), .keep_i(in_keep),
    .valid_o(out_valid), .ready_i(out_ready), .sop_o(out_sop), .eop_o(out_eop), .hdr_o(out_hdr),
    .data_o(out_data), .keep_o(out_keep)
  );

  sva_stream #(.DataW(DataW)) u_sva_out (
    .clk_i(clk), .rst_ni(rst_n), .valid_i(out_valid), .ready_i(out_ready), .sop_i(out_sop), .eop_i(out_eop),
    .hdr_i(out_hdr), .data_i(out_data), .keep_i(out_keep)
  );

  // Between the two, one bit of the packet may be turned.
  int            turn_word, turn_bit;   // word: -6 none, -5 prefix, -4 to -1 header, else data
  tlp_pkg::raw_t raw_now, raw_q, raw;
  int            before_q, sofar;
  logic          bad;
  always_comb begin
    raw_now = {in_pfx_valid, in_pfx, out_hdr};
    if (turn_word == -5) raw_now.prefix[turn_bit] = !raw_now.prefix[turn_bit];
    if (turn_word < 0 && turn_word > -5) begin
      raw_now.hdr[32*(-1-turn_word)+turn_bit] = !raw_now.hdr[32*(-1-turn_word)+turn_bit];
    end
    sofar  = out_sop ? 0 : before_q;
    raw     = out_sop ? raw_now : raw_q;
    rx_data = out_data;
    if (turn_word >= sofar && turn_word < sofar + int'(KeepW)) begin
      rx_data[32*(turn_word-sofar)+turn_bit] = !out_data[32*(turn_word-sofar)+turn_bit];
    end
  end
  logic [11:0] payload;
  assign payload = raw.hdr[126] ? {2'b00, raw.hdr[105:96]} : 12'd0;
  tlp_ecrc_check #(.DataW(DataW)) u_check (
    .clk_i(clk), .rst_ni(rst_n), .enable_i(check_on), .beat_i(out_valid && out_ready), .sop_i(out_sop), .raw_i(raw),
    .digest_i(raw.hdr[111]), .payload_i(payload), .before_i(12'(sofar)), .data_i(rx_data), .keep_i(out_keep),
    .bad_o(bad)
  );

  int          checks = 0, failures = 0;
  logic [63:0] rng = 64'h0123_4567_89ab_cdef;
  function automatic logic [31:0] rnd();
    rng = rng ^ (rng << 13);
    rng = rng ^ (rng >> 7);
    rng = rng ^ (rng << 17);
    rnd = rng[47:16];
  endfunction
  task automatic check(input logic ok, input string what);
    checks++;
    if (!ok) begin
      failures++;
      if (failures < 20) $display("FAIL at %0t: %s", $time, what);
    end
  endtask

  // What came out.
  int           words = 0, packets = 0;
  logic [31:0]  got[64];
  logic [127:0] got_hdr;
  logic         got_bad;
  bit           churn = 1'b0;
  always @(negedge clk) begin
    out_ready = rnd() % 3 != 0;
    if (churn) begin
      enable = rnd() % 2 == 0;
      check_on = rnd() % 2 == 0;
    end
  end
  always @(posedge clk) begin
    if (rst_n && out_valid && out_ready) begin
      automatic int n = out_sop ? 0 : words;
      if (out_sop) got_hdr = out_hdr;
      for (int i = 0; i < int'(KeepW); i++) begin
        if (out_keep[i]) begin
          got[n] = out_data[32*i+:32];
          n++;
        end
      end
      check(out_eop || out_keep == '1, "only the last beat is short");
      words <= n;
      before_q <= sofar + int'(KeepW);
      raw_q <= raw;
      if (out_eop) begin
        got_bad = bad;
        packets++;
      end else check(!bad, "no verdict before the end");
    end
  end

  // One packet in; returns when all of it has come out.
  logic [31:0] data[64];
  task automatic send(input logic pv, input logic [31:0] p, input logic [127:0] h, input int n);
    automatic int want = packets + 1, at = 0, t = 0;
    automatic bit first = 1'b1;
    while (first || at < n) begin
      in_valid = 1'b1; in_sop = first; in_hdr = first ? h : '0; in_pfx_valid = pv; in_pfx = pv ? p : '0;
      in_data = '0; in_keep = '0;
      for (int i = 0; i < int'(KeepW); i++) begin
        if (at < n) begin
          in_data[32*i+:32] = data[at];
          in_keep[i] = 1'b1;
          at++;
        end
      end
      in_eop = at == n;
      first = 1'b0;
      #1;
      while (!in_ready) begin @(negedge clk); #1; end
      @(negedge clk);
      in_valid = 1'b0;
      if (rnd() % 4 == 0) @(negedge clk);
    end
    while (packets < want && t < 100) begin @(negedge clk); t++; end
    check(packets == want, "packet comes out once");
  endtask

  task automatic known(input logic pv, input logic [31:0] p, input logic [127:0] h, input int n,
                       input logic [31:0] want, input string what);
    turn_word = -6;
    send(pv, p, h & ~(128'd1 << 111), n);
    check(got_hdr == (h | 128'd1 << 111), {what, ": TD is set"});
    check(words == n + 1, {what, ": one word more"});
    check(got[n] == want, what);
    check(!got_bad, {what, ": good"});
  endtask

  initial begin
    rst_n = 1'b0; enable = 1'b1; check_on = 1'b1; in_valid = 1'b0; turn_word = -6; turn_bit = 0;
    in_sop = 1'b0; in_eop = 1'b0; in_hdr = '0; in_pfx_valid = 1'b0; in_pfx = '0; in_data = '0; in_keep = '0;
    repeat (4) @(negedge clk);
    rst_n = 1'b1;

    data[0] = 32'd5;
    known(1'b0, 0, {32'h4000_8001, 32'h0008_000f, 32'hf000_1118, 32'd0}, 1, 32'h4624_2a39, "write, three words");
    known(1'b0, 0, {32'h4100_c001, 32'h0008_000f, 32'hf000_1118, 32'd0}, 1, 32'h4624_2a39, "Type[0] and EP do not count");
    data[0] = 32'hdead_beef;
    known(1'b0, 0, {32'h6000_8001, 32'h0500_000f, 32'h1, 32'h0004_0000}, 1, 32'h53f5_8a04, "write, four words");
    known(1'b0, 0, {32'h0a00_8000, 32'h0500_2004, 32'h0008_4400, 32'd0}, 0, 32'h5232_1aeb, "completion without data");
    known(1'b0, 0, {32'h7400_8000, 32'h0500_0020, 64'd0}, 0, 32'h911c_c8fa, "message");
    for (int i = 0; i < 16; i++) data[i] = 32'h0102_0304 * 32'(i + 1);
    known(1'b1, 32'h9101_2345, {32'h4000_8010, 32'h0008_00ff, 32'hf000_2000, 32'd0}, 16, 32'hc8ba_f3d8, "prefix, 16 words");
    for (int i = 0; i < 9; i++) data[i] = 32'h1111_1111 * 32'(i);
    known(1'b0, 0, {32'h4a00_8009, 32'h0000_0024, 32'h0500_0000, 32'd0}, 9, 32'hdd45_1b82, "completion, 9 words");

    // Random ones, good and with one bit turned.
    for (int k = 0; k < 4000; k++) begin
      automatic int n = int'(rnd() % 20);
      automatic logic four = rnd() % 2 == 0, pv = rnd() % 4 == 0;
      automatic logic [127:0] h = {1'b0, n != 0, four, 5'(rnd()), 8'(rnd()), 6'(rnd()), 10'(n), rnd(), rnd(), four ? rnd() : 32'd0};
      for (int i = 0; i < n; i++) data[i] = rnd();
      h[111] = 1'b0;
      turn_word = -6;
      turn_bit = int'(rnd() % 32);
      if (rnd() % 2 == 0) begin
        turn_word = int'(rnd() % 32'(n + 6)) - 5;  // n is the digest
        if (turn_word == -5 && !pv) turn_word = -6;
        if (turn_word == -1 && !four) turn_word = -6;
        // Fmt, TD and Length make another packet of it.
        if (turn_word == -4 && (turn_bit > 28 || turn_bit == 15 || turn_bit < 10)) turn_word = -6;
      end
      send(pv, rnd(), h, n);
      if (turn_word == -4 && (turn_bit == 24 || turn_bit == 14)) turn_word = -6;
      check(got_bad == (turn_word != -6), $sformatf("digest of %0d words, bit %0d of word %0d", n, turn_bit, turn_word));
    end

    // Off: nothing is changed, and nothing is checked.
    enable = 1'b0;
    for (int k = 0; k < 200; k++) begin
      automatic int n = int'(rnd() % 20);
      for (int i = 0; i < n; i++) data[i] = rnd();
      turn_word = -6;
      check_on = rnd() % 2 == 0;
      send(1'b0, 0, {n != 0 ? 3'b010 : 3'b000, 19'd0, 10'(n), 96'd7}, n);
      check(words == n && !got_bad && !got_hdr[111], "off: as it came");
    end
    check_on = 1'b0;
    enable = 1'b1;
    data[0] = 32'd1;
    turn_word = 0;
    send(1'b0, 0, {32'h4000_0001, 96'd7}, 1);
    check(!got_bad, "not checked");

    // On and off at any moment: a packet is one or the other, and good if it has a digest.
    check_on = 1'b1;
    turn_word = -6;
    churn = 1'b1;
    for (int k = 0; k < 2000; k++) begin
      automatic int n = int'(rnd() % 20);
      for (int i = 0; i < n; i++) data[i] = rnd();
      send(1'b0, 0, {n != 0 ? 3'b010 : 3'b000, 19'd0, 10'(n), 96'd9}, n);
      check(words == n + int'(got_hdr[111]) && !got_bad, "churn");
    end

    $display("%s: %0d checks, %0d failures", (failures == 0) ? "PASS" : "FAIL", checks, failures);
    if (failures != 0) $fatal(1, "tb_ecrc failed");
    $finish;
  end

  initial begin
    #20000000;
    $display("FAIL: time limit");
    $fatal(1, "time limit");
  end
endmodule
