// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_work: PASIDs, everything at random, full rings, failed reads.
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
