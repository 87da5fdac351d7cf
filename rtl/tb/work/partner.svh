// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_work: the memory, and what the partner sends.
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
