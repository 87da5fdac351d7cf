// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Every checksum of the design against one that goes bit by bit. All of them are sums of bits and of a constant, so
// two that agree for zero and for every single bit agree for everything: for each number of words or bytes this is
// complete.
module tb_crc #(
  parameter int unsigned DataW = 256
);
  localparam int unsigned KeepW = DataW / 32;

  int checks = 0, failures = 0;
  task automatic check(input logic ok, input string what);
    checks++;
    if (!ok) begin
      failures++;
      if (failures < 20) $display("FAIL: %s", what);
    end
  endtask

  // The register behind one more bit.
  function automatic logic [31:0] step(input logic [31:0] crc, input logic b);
    step = {1'b0, crc[31:1]} ^ ((crc[0] != b) ? 32'hedb8_8320 : 32'd0);
  endfunction

  // ---- the words of a beat -----------------------------------------------------------------------------------------
  logic [31:0]      b_crc, b_out;
  logic [DataW-1:0] b_words;
  logic [KeepW-1:0] b_valid;
  tlp_crc_beat #(.Words(KeepW)) u_beat (
    .en_i(1'b1), .crc_i(b_crc), .words_i(b_words), .valid_i(b_valid), .crc_o(b_out)
  );
  task automatic beats();
    for (int n = 0; n <= int'(KeepW); n++) begin
      for (int at = -1; at < int'(DataW) + 32; at++) begin
        automatic logic [31:0] want;
        b_words = '0;
        b_crc = '0;
        b_valid = '0;
        for (int i = 0; i < n; i++) b_valid[i] = 1'b1;
        if (at >= int'(DataW)) b_crc[at-int'(DataW)] = 1'b1;
        else if (at >= 0) b_words[at] = 1'b1;
        want = b_crc;
        for (int i = 0; i < 32 * n; i++) want = step(want, b_words[i]);
        #1 check(b_out == want, $sformatf("beat, %0d words, bit %0d: %h for %h", n, at, b_out, want));
      end
    end
  endtask

  // ---- prefix and header -------------------------------------------------------------------------------------------
  tlp_pkg::raw_t h_raw;
  logic [31:0]   h_out;
  tlp_crc_hdr u_hdr (.en_i(1'b1), .raw_i(h_raw), .crc_o(h_out));
  // A word of a header has its first byte in bits 31:24.
  function automatic logic [31:0] word(input logic [31:0] crc, input logic [31:0] w);
    word = crc;
    for (int i = 0; i < 32; i++) word = step(word, w[8*(3-i/8)+i%8]);
  endfunction
  task automatic headers();
    for (int form = 0; form < 4; form++) begin
      for (int at = -1; at < 160; at++) begin
        automatic logic [31:0] want = '1;
        h_raw = '0;
        h_raw.prefix_valid = form[0];
        h_raw.hdr[125] = form[1];
        if (at >= 128) h_raw.prefix[at-128] = 1'b1;
        else if (at >= 0 && at != 125) h_raw.hdr[at] = 1'b1;
        if (form[0]) want = word(want, h_raw.prefix);
        want = word(want, h_raw.hdr[127:96] | 32'h0100_4000);
        want = word(want, h_raw.hdr[95:64]);
        want = word(want, h_raw.hdr[63:32]);
        if (form[1]) want = word(want, h_raw.hdr[31:0]);
        #1 check(h_out == want, $sformatf("header, form %0d, bit %0d: %h for %h", form, at, h_out, want));
      end
    end
  endtask

  // ---- bytes of the engine -----------------------------------------------------------------------------------------
  localparam int unsigned BytesW = $clog2(DataW / 8) + 1;
  logic              clk = 1'b0, rst_n = 1'b0, load = 1'b0, valid = 1'b0, ready, idle;
  logic [31:0]       seed = '0, f_out;
  logic [DataW-1:0]  data = '0;
  logic [BytesW-1:0] bytes = '0;
  fn_crc #(.DataW(DataW)) u_fn (
    .clk_i(clk), .rst_ni(rst_n), .load_i(load), .seed_i(seed), .valid_i(valid), .ready_o(ready), .data_i(data),
    .bytes_i(bytes), .idle_o(idle), .crc_o(f_out)
  );
  task automatic tick();
    #1 clk = 1'b1;
    #1 clk = 1'b0;
  endtask
  task automatic moved();
    tick();
    rst_n = 1'b1;
    for (int n = 1; n <= int'(DataW) / 8; n++) begin
      for (int at = -1; at < int'(DataW) + 32; at++) begin
        automatic logic [31:0] want;
        seed = '0;
        data = '0;
        if (at >= int'(DataW)) seed[at-int'(DataW)] = 1'b1;
        else if (at >= 0) data[at] = 1'b1;
        want = seed;
        for (int i = 0; i < 8 * n; i++) want = step(want, data[i]);
        load = 1'b1;
        tick();
        load = 1'b0;
        valid = 1'b1;
        bytes = BytesW'(n);
        #1 check(ready, "an idle one takes a beat");
        tick();
        valid = 1'b0;
        for (int t = 0; t < int'(BytesW) && !idle; t++) tick();
        check(idle && f_out == want, $sformatf("%0d bytes, bit %0d: %h for %h", n, at, f_out, want));
      end
    end
  endtask

  initial begin
    beats();
    headers();
    moved();
    $display("%s tb_crc: %0d checks", (failures == 0) ? "PASS" : "FAIL", checks);
    if (failures != 0) $fatal(1, "tb_crc failed");
    $finish;
  end
endmodule
