// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Events of the function with MSI and INTx: fn_cause, fn_event, irq_msi and irq_intx joined as in the endpoint. First
// steps by hand with the clocks that they must take, then everything at random against models that know the rules of
// docs/device.md §7a: which vector, how many, how late, which way.
module tb_events;
  localparam int unsigned NumMsix = 50;
  localparam int unsigned Vectors = 65;
  localparam int Us = 250;

  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic              rst_n, hold;
  ep_pkg::fn_write_t write;
  logic [15:3]       raddr;
  logic [63:0]       coal_rdata;
  logic              msix_enable, d0, bme, disable_intx;
  ep_pkg::msi_t      msi;
  ep_pkg::cause_t    ext, cause;
  logic              ext_valid, ext_ready, core_valid, core_ready, ev_valid, ev_ready, ev_self, taken;
  logic              fire_valid, fire_ready, self_valid, self_ready, refused, err_busy, irq_err;
  logic [6:0]        fire_vector, vectors_reg;
  logic              msi_raise, latch, err_raises, fn_ready;
  logic [4:0]        msi_vector, msi_folded;
  logic [1:0]        mode;
  logic [63:0]       status, msi_addr;
  logic [31:0]       misc, pending, msi_data;
  logic              msi_valid, msi_ready, intx_sent, intx_valid, intx_ready;
  logic [7:0]        intx_code;

  fn_cause u_cause (
    .clk_i(clk), .rst_ni(rst_n),
    .ext_valid_i(ext_valid), .ext_ready_o(ext_ready), .ext_i(ext),
    .fn_valid_i(1'b0), .fn_ready_o(fn_ready), .fn_i(23'd0),
    .fire_valid_i(fire_valid), .fire_ready_o(fire_ready), .fire_vector_i(fire_vector),
    .self_valid_i(self_valid), .self_ready_o(self_ready),
    .valid_o(core_valid), .ready_i(core_ready), .ev_valid_o(ev_valid), .ev_ready_i(ev_ready), .ev_self_o(ev_self),
    .cause_o(cause), .taken_o(taken)
  );
  fn_event #(.NumMsix(NumMsix)) u_dut (
    .clk_i(clk), .rst_ni(rst_n), .hold_i(hold), .write_i(write), .raddr_i(raddr), .rdata_o(coal_rdata),
    .msix_enable_i(msix_enable), .msi_enable_i(msi.enable), .msi_order_i(msi.order),
    .valid_i(ev_valid), .ready_o(ev_ready), .self_i(ev_self), .withdraw_i(cause.withdraw), .index_i(cause.index),
    .refused_o(refused), .err_busy_i(err_busy), .irq_err_i(irq_err || refused), .revoked_i(1'b0),
    .self_valid_o(self_valid), .self_ready_i(self_ready),
    .msix_valid_o(fire_valid), .msix_ready_i(fire_ready), .msix_vector_o(fire_vector),
    .msi_raise_o(msi_raise), .msi_vector_o(msi_vector), .latch_o(latch),
    .mode_o(mode), .status_o(status), .misc_o(misc), .vectors_o(vectors_reg), .err_raises_o(err_raises)
  );
  irq_msi u_msi (
    .clk_i(clk), .rst_ni(rst_n), .msi_i(msi), .open_i(msi.enable && !msix_enable && bme && d0 && !intx_sent),
    .raise_i(msi_raise), .vector_i(msi_vector), .vector_o(msi_folded), .pending_o(pending),
    .valid_o(msi_valid), .ready_i(msi_ready), .addr_o(msi_addr), .data_o(msi_data)
  );
  irq_intx u_intx (
    .clk_i(clk), .rst_ni(rst_n), .wire_i(latch && mode == 2'd0 && d0 && !disable_intx), .sent_o(intx_sent),
    .valid_o(intx_valid), .ready_i(intx_ready), .code_o(intx_code)
  );
  // The other way to read a division.
  logic [6:0] map_index, map_vectors, map_vector;
  fn_ev_map u_map (.index_i(map_index), .vectors_i(map_vectors), .vector_o(map_vector));

  int          checks = 0, failures = 0, now = 0;
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
      if (failures < 20) $display("FAIL at clock %0d: %s", now, what);
    end
  endtask

  // ---- models, a clock at a time ------------------------------------------------------------------------------------
  // Coalescers.
  int          m_frames[66], m_usec[66], m_count[66], m_first[66], m_due_since[66];
  logic [63:0] m_status;
  logic [1:0]  m_misc;
  logic        m_latch, m_raises, m_intx;
  logic [1:0]  m_mode;
  logic [6:0]  m_vectors;
  logic [31:0] m_pending;
  logic [64:0] m_wait;
  logic        m_shown;            // a firing was shown to the core and not taken
  logic [6:0]  m_shown_vector;
  int          m_passed[65];       // firings taken while this vector waited
  int          n_fired[66], n_msix[66], n_msi[32], n_assert, n_deassert, n_self, n_event, n_refused, n_served;
  int          wait_since[66];

  function automatic int granted();
    if (mode == 2'd2) granted = (m_vectors == 0) ? 1 : (int'(m_vectors) > int'(NumMsix)) ? int'(NumMsix) : int'(m_vectors);
    else if (mode == 2'd1) granted = 1 << msi.order;
    else granted = 1;
  endfunction
  function automatic int vector_of(input int e, input int v);
    if (v == 1 || e == 64) vector_of = 0;
    else vector_of = 1 + e % (v - 1);
  endfunction
  function automatic bit due(input int v);
    due = m_count[v] > 0 && ((m_frames[v] <= 1 && m_usec[v] == 0) || (m_frames[v] != 0 && m_count[v] >= m_frames[v]) ||
                             (m_usec[v] != 0 && now - m_first[v] >= m_usec[v] * Us));
  endfunction

  task automatic m_reset();
    for (int i = 0; i < 66; i++) begin
      m_frames[i] = 0; m_usec[i] = 0; m_count[i] = 0; m_first[i] = 0; m_due_since[i] = 0; wait_since[i] = 0;
    end
    m_status = '0; m_misc = '0; m_latch = 1'b0; m_raises = 1'b0; m_intx = 1'b0; m_mode = 2'd0; m_vectors = 7'd65;
    m_pending = '0; m_wait = '0; m_shown = 1'b0; m_shown_vector = '0;
    for (int i = 0; i < 65; i++) m_passed[i] = 0;
  endtask

  int   ev_at_coal;      // event that the coalescer sees in this clock, -1 none
  logic raised_self;
  initial ev_at_coal = -1;

  // Compares what the clock that is about to end shows, and lets the models follow.
  task automatic tick();
    automatic logic [64:0] fired = '0;
    automatic int e_next = -1;
    automatic logic [63:0] s_next;
    automatic logic [1:0] misc_next;
    automatic logic was_none;
    #1;
    check(status == m_status && misc == 32'(m_misc), "status");
    check(latch == m_latch, $sformatf("latch is %0d", latch));
    check(pending == m_pending, "MSI pending bits");
    check(intx_sent == m_intx, "wire as sent");
    check(mode == (msix_enable ? 2'd2 : msi.enable ? 2'd1 : 2'd0), "mode");
    // Coalescer: the event first, then what the scanner sees.
    if (ev_at_coal >= 0) begin
      automatic int v = vector_of(ev_at_coal, granted());
      if (m_count[v] == 0) m_first[v] = now;
      if (m_count[v] < 255) m_count[v]++;
      check(u_dut.u_coal.ev_fires == due(v), $sformatf("vector %0d fires with its event: %0d of %0d", v, m_count[v], m_frames[v]));
      if (due(v)) begin
        fired[v] = 1'b1;
        m_count[v] = 0;
      end
    end
    if (u_dut.u_coal.scan_fires) begin
      automatic int v = int'(u_dut.u_coal.scan_q);
      check(m_count[v] > 0 && (due(v) || v >= granted()), $sformatf("vector %0d fires unasked", v));
      fired[(v >= granted()) ? 0 : v] = 1'b1;
      m_count[v] = 0;
    end
    if (m_latch && mode != 2'd0) begin
      fired[0] = 1'b1;
      m_count[0] = 0;
    end
    check(u_dut.fire == fired, "firings");
    // The scanner goes round in 65 clocks; an event on its vector takes its look, and then is judged itself.
    for (int v = 0; v < 65; v++) begin
      if (fired[v]) n_fired[v]++;
      if (due(v) || (m_count[v] > 0 && v >= granted())) begin
        if (m_due_since[v] == 0) m_due_since[v] = now;
        check(now - m_due_since[v] <= 65, $sformatf("vector %0d is overdue", v));
      end else m_due_since[v] = 0;
    end
    // Where firings go. What waits in the device is what the model has waiting: none lost, none doubled.
    check(u_dut.u_fire.wait_q == m_wait, "firings that wait");
    check(fire_valid == (m_shown || (mode == 2'd2 && m_wait != '0)), "a firing is shown at once, and stays");
    check(msi_raise == (!m_shown && mode == 2'd1 && m_wait != '0), "a firing goes to MSI at once");
    if (m_shown) check(fire_vector == m_shown_vector, "what is shown does not change");
    for (int v = 0; v < 65; v++) if (!m_wait[v]) m_passed[v] = 0;
    m_shown = fire_valid && !fire_ready;
    m_shown_vector = fire_vector;
    if ((fire_valid && fire_ready) || msi_raise) begin
      // In turn: whoever waits is passed by every other vector once at most.
      for (int v = 0; v < 65; v++) m_passed[v] = (m_wait[v] && v != int'(u_dut.u_fire.index)) ? m_passed[v] + 1 : 0;
      for (int v = 0; v < 65; v++) check(m_passed[v] <= 65, $sformatf("vector %0d is passed by", v));
    end
    if (fire_valid && fire_ready) begin
      check(m_wait[u_dut.u_fire.index], "a firing that waits");
      m_wait[u_dut.u_fire.index] = 1'b0;
      n_msix[fire_vector]++;
      check(core_valid && cause.store == 2'd0 && cause.index == 20'(fire_vector), "as a cause of MSI-X");
      check(int'(fire_vector) < int'(NumMsix), "a vector that exists");
      n_served++;
    end
    if (msi_raise) begin
      check(mode == 2'd1 && m_wait[u_dut.u_fire.index], "a firing that waits, to MSI");
      check(int'(msi_folded) == int'(u_dut.u_fire.index) % (1 << msi.order), "MSI vector");
      m_wait[u_dut.u_fire.index] = 1'b0;
      n_msi[msi_folded]++;
      n_served++;
    end
    // Status: the write first, then the event.
    s_next = m_status;
    misc_next = m_misc;
    if (write.valid && write.addr == 13'h228) begin
      for (int b = 0; b < 8; b++) if (write.be[b]) s_next[8*b+:8] = s_next[8*b+:8] & ~write.data[8*b+:8];
    end
    if (write.valid && write.addr == 13'h229 && write.be[0]) misc_next = misc_next & ~write.data[1:0];
    if (write.valid && write.addr == 13'h229 && write.be[4]) m_vectors = write.data[38:32];
    raised_self = (irq_err || refused) && !misc_next[1] && m_raises;
    if (irq_err || refused) misc_next[1] = 1'b1;
    if (write.valid && write.addr == 13'h22a && write.be[0]) m_raises = write.data[0];
    if (ev_valid && ev_ready) begin
      if (cause.withdraw) ;
      else if (cause.index > 20'd64) n_refused++;
      else begin
        e_next = int'(cause.index);
        n_event++;
        if (ev_self) n_self++;
        else if (e_next == 64) misc_next[0] = 1'b1;
        else s_next[e_next] = 1'b1;
      end
    end
    was_none = s_next == '0 && misc_next == '0;
    // The latch.
    if (mode == 2'd0) begin
      if (m_mode != 2'd0 || (m_wait != '0 && !u_dut.u_fire.is_shown)) m_latch = 1'b1;
      if (!u_dut.u_fire.is_shown) m_wait = '0;
      if (was_none) m_latch = 1'b0;
    end else m_latch = 1'b0;
    m_mode = mode;
    m_wait = m_wait | fired;
    m_status = s_next;
    m_misc = misc_next;
    // MSI.
    if (msi_valid && msi_ready) begin
      automatic int seen = int'(msi_data[4:0]) & ((1 << msi.order) - 1), n = 0;
      check(msi.enable && !msix_enable && bme && d0 && !intx_sent && !msi.mask[seen], "MSI is open");
      check(msi_addr == {msi.addr, 2'b00} && (msi_data | 32'h1f) == (msi.data | 32'h1f), "MSI content");
      for (int v = 0; v < 32; v++) begin
        if (u_msi.pick[v]) begin
          n++;
          check(m_pending[v] && v % (1 << msi.order) == seen, "MSI of a pending vector");
          m_pending[v] = 1'b0;
        end
      end
      check(n == 1, "one MSI");
    end
    if (msi_raise) m_pending[msi_folded] = 1'b1;
    // INTx.
    if (intx_valid && intx_ready) begin
      check(intx_code == (m_intx ? 8'h24 : 8'h20), "Assert and Deassert alternate");
      m_intx = !m_intx;
      if (m_intx) n_assert++;
      else n_deassert++;
    end
    // Settings.
    if (write.valid && write.addr >= 13'h400 && write.addr < 13'h421) begin
      automatic int v = 2 * int'(write.addr - 13'h400);
      if (write.be[0]) m_frames[v] = int'(write.data[7:0]);
      if (write.be[2]) m_usec[v] = (m_usec[v] & 32'hff00) | int'(write.data[23:16]);
      if (write.be[3]) m_usec[v] = (m_usec[v] & 32'hff) | (int'(write.data[31:24]) << 8);
      if (v != 64) begin
        if (write.be[4]) m_frames[v+1] = int'(write.data[39:32]);
        if (write.be[6]) m_usec[v+1] = (m_usec[v+1] & 32'hff00) | int'(write.data[55:48]);
        if (write.be[7]) m_usec[v+1] = (m_usec[v+1] & 32'hff) | (int'(write.data[63:56]) << 8);
      end
    end
    if (raddr >= 13'h400 && raddr < 13'h421) begin
      // The window as it was before this clock's write: read in the clocks without one.
      automatic int v = 2 * int'(raddr - 13'h400);
      if (!write.valid) begin
        check(coal_rdata == {16'(m_usec[v+1]), 8'd0, 8'(m_frames[v+1]), 16'(m_usec[v]), 8'd0, 8'(m_frames[v])}, "ev_coal");
      end
    end else check(coal_rdata == '0, "outside the window");
    @(negedge clk);
    now++;
    ev_at_coal = e_next;
    write.valid = 1'b0;
    irq_err = 1'b0;
    if (ext_valid && taken_ext) ext_valid = 1'b0;
  endtask
  logic taken_ext;
  always @(posedge clk) taken_ext = ext_valid && ext_ready;

  task automatic run(input int n);
    for (int i = 0; i < n; i++) tick();
  endtask
  task automatic wr(input logic [15:0] at, input logic [31:0] v);
    write = {1'b1, at[15:3], {v, v}, at[2] ? 8'hf0 : 8'h0f};
    tick();
  endtask
  task automatic event_in(input int e);
    ext = {1'b0, 2'd3, 20'(e)};
    ext_valid = 1'b1;
    while (ext_valid) tick();
  endtask

  int t0, n0;
  logic [31:0] pick;
  initial begin
    for (int i = 0; i < 66; i++) begin n_fired[i] = 0; n_msix[i] = 0; end
    for (int i = 0; i < 32; i++) n_msi[i] = 0;
    n_assert = 0; n_deassert = 0; n_self = 0; n_event = 0; n_refused = 0; n_served = 0;
    rst_n = 1'b0; hold = 1'b0; write = '0; raddr = '0; msix_enable = 1'b0; d0 = 1'b1; bme = 1'b1; disable_intx = 1'b0;
    msi = '0; ext = '0; ext_valid = 1'b0; core_ready = 1'b1; err_busy = 1'b0; irq_err = 1'b0; msi_ready = 1'b1;
    intx_ready = 1'b1; map_index = '0; map_vectors = 7'd1;
    m_reset();
    repeat (4) @(negedge clk);
    rst_n = 1'b1;

    // ---- the map, all of it
    for (int v = 1; v <= 65; v++) begin
      for (int e = 0; e <= 64; e++) begin
        map_index = 7'(e);
        map_vectors = 7'(v);
        #1;
        check(int'(map_vector) == vector_of(e, v), $sformatf("event %0d of %0d vectors goes to %0d", e, v, map_vector));
      end
    end
    @(negedge clk);

    // ---- INTx: one assertion for many events, gone with the last bit
    event_in(3);
    run(6);
    check(latch && intx_sent && n_assert == 1, "asserted");
    event_in(40);
    run(6);
    check(n_assert == 1, "not again");
    wr(16'h1140, 32'h8);
    run(6);
    check(intx_sent, "a bit is left");
    wr(16'h1144, 32'h100);
    run(6);
    check(!intx_sent && n_deassert == 1, "deasserted");
    // To MSI while asserted: the latch is handed over.
    event_in(5);
    run(6);
    msi = '0; msi.enable = 1'b1; msi.order = 3'd2; msi.addr = 62'h3fb8_0400; msi.data = 32'h0000_4040;
    run(8);
    check(!intx_sent && n_msi[0] == 1 && m_pending == '0, "handed over once");
    n0 = n_msi[0];
    event_in(5);          // 1 + 5 mod 3
    run(8);
    check(n_msi[3] == 1 && n_msi[0] == n0, "event 5 of four vectors");
    // Back to INTx with status left.
    msi.enable = 1'b0;
    run(8);
    check(latch && intx_sent, "left status asserts");
    wr(16'h1140, 32'hffff_ffff);
    run(8);
    check(!intx_sent, "and its clearing deasserts");

    // ---- MSI-X, exactly N, and no later than T
    msix_enable = 1'b1;
    wr(16'h2000 + 16'(4 * 8), 32'h0000_0005);   // vector 8: 5 frames
    n0 = n_msix[8];
    for (int i = 1; i <= 20; i++) begin
      event_in(7);
      run(200);
      check(n_msix[8] == n0 + i / 5, "exactly after five");
    end
    wr(16'h2000 + 16'(4 * 8), 32'h0003_0000);   // 3 microseconds, no count
    run(200);
    event_in(7);
    t0 = now;
    n0 = n_msix[8];
    while (n_msix[8] == n0 && now - t0 < 2000) tick();
    check(now - t0 >= 3 * Us && now - t0 <= 3 * Us + 128, $sformatf("after %0d clocks", now - t0));
    // A new setting counts from the first event on.
    wr(16'h2000 + 16'(4 * 8), 32'h000a_0000);
    event_in(7);
    t0 = now;
    n0 = n_msix[8];
    run(700);
    wr(16'h2000 + 16'(4 * 8), 32'h0004_0000);
    while (n_msix[8] == n0 && now - t0 < 3000) tick();
    check(now - t0 >= 4 * Us && now - t0 <= 4 * Us + 128, $sformatf("after %0d clocks", now - t0));
    // A vector that is no longer used: nothing is stranded.
    wr(16'h2000 + 16'(4 * 8), 32'h0000_00ff);
    event_in(7);
    n0 = n_msix[0];
    run(200);
    wr(16'h114c, 32'd4);
    run(200);
    check(n_msix[0] == n0 + 1, "fires vector 0");
    // Longer than the clock is wide.
    wr(16'h114c, 32'd65);
    event_in(7);
    run(40);
    u_dut.u_coal.now_q = u_dut.u_coal.now_q + 25'h100_0000;
    run(140);
    u_dut.u_coal.now_q = u_dut.u_coal.now_q + 25'h0ff_ff00;
    m_first[8] = m_first[8] - 32'h200_0000;
    run(140);
    n0 = n_msix[8];
    wr(16'h2000 + 16'(4 * 8), 32'hffff_0000);
    run(140);
    check(n_msix[8] == n0 + 1, "older than any deadline");
    // The device's own event: only when asked for, and without a bit of its own.
    irq_err = 1'b1;
    run(10);
    check(n_self == 0 && misc == 32'h2, "not asked for");
    wr(16'h1150, 32'd1);
    irq_err = 1'b1;
    run(10);
    check(n_self == 0, "the bit was set");
    n0 = n_msix[0];
    wr(16'h1148, 32'd2);
    irq_err = 1'b1;
    run(10);
    check(n_self == 1 && misc == 32'h2 && n_msix[0] == n0 + 1, "raises the misc event");
    event_in(65);
    check(n_refused == 1, "no event 65");
    wr(16'h1148, 32'd3);

    // ---- everything at random
    for (int k = 0; k < 150000; k++) begin
      core_ready = rnd() % 4 != 0;
      msi_ready = rnd() % 4 == 0;
      intx_ready = rnd() % 4 == 0;
      err_busy = rnd() % 8 == 0;
      irq_err = rnd() % 64 == 0;
      raddr = (rnd() % 2 == 0) ? 13'h3fe + 13'(rnd() % 37) : 13'(rnd());
      if (!ext_valid && rnd() % (((k / 4000) % 3 == 0) ? 2 : 40) == 0) begin
        ext = {rnd() % 16 == 0, 2'd3, 20'(rnd() % (rnd() % 16 == 0 ? 70 : 65))};
        ext_valid = 1'b1;
      end
      if (rnd() % 32 == 0) begin
        write.valid = 1'b1;
        write.be = (rnd() % 2 == 0) ? 8'hff : 8'(rnd());
        write.data = {rnd(), rnd()};
        pick = rnd() & 32'd7;
        unique case (pick)
          0: write.addr = 13'h228;
          1: write.addr = 13'h229;
          2: begin
            write.addr = 13'h22a;
            write.be = 8'h01;
          end
          3: begin
            write.addr = 13'h228;
            write.be = 8'hff;
            write.data = '1;
          end
          default: begin
            write.addr = 13'h3ff + 13'(rnd() % 36);
            write.data = {13'd0, 3'(rnd()), 8'd0, 8'(rnd() % 12), 13'd0, 3'(rnd()), 8'd0, 8'(rnd() % 12)};
          end
        endcase
        if (write.addr == 13'h229 && rnd() % 2 == 0) write.data[38:32] = 7'(rnd() % 70);
      end
      if (rnd() % 400 == 0) msix_enable = rnd() % 2 == 0;
      if (rnd() % 300 == 0) msi.enable = rnd() % 2 == 0;
      if (rnd() % 300 == 0) msi.order = 3'(rnd() % 6);
      if (rnd() % 50 == 0) msi.mask = rnd() & rnd();
      if (rnd() % 50 == 0) msi.data = rnd();
      if (rnd() % 50 == 0) msi.addr = {rnd(), 30'(rnd())};
      if (rnd() % 200 == 0) {d0, bme, disable_intx} = 3'(rnd()) | {rnd() % 2 == 0, rnd() % 2 == 0, 1'b0};
      if (rnd() % 300 == 0) hold = !hold;
      if (k % 40 == 0) hold = 1'b0;
      tick();
      // Firings do not wait for ever.
      for (int v = 0; v < 65; v++) begin
        wait_since[v] = m_wait[v] ? wait_since[v] + 1 : 0;
        check(wait_since[v] < 400, "a firing waits for ever");
      end
    end
    // ---- at rest everything has left
    core_ready = 1'b1; msi_ready = 1'b1; intx_ready = 1'b1; hold = 1'b0; err_busy = 1'b0; d0 = 1'b1; bme = 1'b1;
    disable_intx = 1'b0; msi.mask = '0; msix_enable = 1'b0; msi.enable = 1'b1;
    while (ext_valid) tick();
    for (int v = 0; v < 66; v += 2) begin
      write = {1'b1, 13'h400 + 13'(v / 2), 64'd0, 8'hff};
      tick();
    end
    run(400);
    for (int v = 0; v < 65; v++) check(m_count[v] == 0 && !m_wait[v], "nothing is stranded");
    check(m_pending == '0 && u_dut.u_coal.some_q == '0, "all has left");
    check(n_assert > 50 && n_self > 50 && n_refused > 50 && n_served > 5000, "all ways were gone");
    $display("events %0d, own %0d, refused %0d, firings served %0d, asserted %0d", n_event, n_self, n_refused, n_served, n_assert);

    $display("%s: %0d checks, %0d failures", (failures == 0) ? "PASS" : "FAIL", checks, failures);
    if (failures != 0) $fatal(1, "tb_events failed");
    $finish;
  end

  initial begin
    #8000000;
    $display("FAIL: time limit");
    $fatal(1, "time limit");
  end

  logic unused_outputs;
  assign unused_outputs = ^{vectors_reg, err_raises, fn_ready};
endmodule
