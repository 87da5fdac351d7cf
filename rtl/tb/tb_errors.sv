// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// The error log: tlp_err, cfg_aer and tlp_errmsg together, against a model that takes the rules of
// docs/device.md §4 "Logging" one by one, in its own order. Errors of all origins, register writes and the taking of
// messages come at random in any clock; then a few races by hand.
module tb_errors;
  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic            por_n, rst_n, active, serr;
  logic [9:0]      reg_addr;
  logic [31:0]     wmask, wdata, rdata;
  logic [3:0]      report, devsta;
  ep_pkg::err_ev_t rx_ev, ev;
  tlp_pkg::raw_t   rx_raw, mwr_raw, cpl_raw, raw;
  logic            hold, timeout, timeout_ready, mwr_ur, mwr_poisoned, mwr_ready, cpl_ur, cpl_poisoned, cpl_ready;
  logic            signalled, cor, nonfatal, fatal, gen, chk, msg_valid, msg_ready;
  logic [7:0]      code;
  tlp_pkg::vf_err_t vf_err;
  tlp_pkg::fn_t     msg_fn;

  tlp_err u_err (
    .clk_i(clk), .rst_ni(rst_n), .rx_ev_i(rx_ev), .rx_raw_i(rx_raw), .rx_hold_o(hold),
    .timeout_i(timeout), .timeout_ready_o(timeout_ready),
    .mwr_ur_i(mwr_ur), .mwr_poisoned_i(mwr_poisoned), .mwr_fn_i('0), .mwr_raw_i(mwr_raw), .mwr_ready_o(mwr_ready),
    .cpl_ur_i(cpl_ur), .cpl_poisoned_i(cpl_poisoned), .cpl_fn_i('0), .cpl_raw_i(cpl_raw), .cpl_ready_o(cpl_ready),
    .ev_o(ev), .raw_o(raw), .vf_o(vf_err)
  );
  cfg_aer u_aer (
    .clk_i(clk), .por_ni(por_n), .reg_i(reg_addr), .wmask_i(wmask), .wdata_i(wdata), .rdata_o(rdata),
    .ev_i(ev), .raw_i(raw), .active_i(active), .serr_i(serr), .report_i(report), .devsta_o(devsta),
    .signalled_o(signalled), .cor_o(cor), .nonfatal_o(nonfatal), .fatal_o(fatal), .ecrc_gen_o(gen), .ecrc_check_o(chk)
  );
  tlp_errmsg u_errmsg (
    .clk_i(clk), .rst_ni(rst_n), .active_i(active), .cor_i(cor), .nonfatal_i(nonfatal), .fatal_i(fatal),
    .vf_cor_i(1'b0), .vf_nonfatal_i(1'b0), .vf_i(vf_err.vf), .vf_forget_i('0), .fn_o(msg_fn),
    .valid_o(msg_valid), .ready_i(msg_ready), .code_o(code)
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

  // ---- the model ---------------------------------------------------------------------------------------------------
  localparam logic [31:0] Bits = (1 << 12) | (1 << 14) | (1 << 15) | (1 << 16) | (1 << 18) | (1 << 19) | (1 << 20);
  logic [31:0]   m_status, m_mask, m_sev;
  logic          m_cor, m_cmask, m_gen, m_chk;
  logic [4:0]    m_fep;
  logic [127:0]  m_hdr;
  logic [32:0]   m_pfx;
  logic [2:0]    m_owed;      // fatal, non-fatal, correctable
  logic [3:0]    want_devsta;
  logic          want_signalled;

  task automatic m_reset();
    m_status = '0; m_mask = '0; m_sev = 32'h0046_2030; m_cor = 1'b0; m_cmask = 1'b1; m_gen = 1'b0; m_chk = 1'b0;
    m_fep = '0; m_hdr = '0; m_pfx = '0;
  endtask
  // `may_be`: advisory when it is not fatal.
  task automatic m_error(input int b, input bit may_be, input bit ur, input tlp_pkg::raw_t r);
    automatic bit is_fatal = m_sev[b];
    automatic bit noted = !(may_be && !is_fatal && m_cmask);  // else it ends behind the correctable status
    automatic bit ur_off = ur && !report[3] && !serr;
    if (ur) want_devsta[3] = 1'b1;
    if (may_be && !is_fatal) begin
      want_devsta[0] = 1'b1;
      m_cor = 1'b1;
      if (!m_cmask && report[0] && !ur_off && active) m_owed[0] = 1'b1;
    end else begin
      want_devsta[is_fatal ? 2 : 1] = 1'b1;
      if (!m_mask[b] && (serr || report[is_fatal ? 2 : 1]) && !ur_off && active) begin
        m_owed[is_fatal ? 2 : 1] = 1'b1;
        want_signalled = serr;
      end
    end
    if (noted && !m_mask[b] && !m_status[m_fep]) begin
      m_fep = 5'(b);
      m_hdr = r.hdr;
      if (r.hdr[127:125] == 3'b000 || r.hdr[127:125] == 3'b010) m_hdr[31:0] = '0;
      m_pfx = r.prefix_valid ? {1'b1, r.prefix} : 33'd0;
    end
    if (noted) m_status[b] = 1'b1;
  endtask
  function automatic logic [31:0] m_read(input logic [11:0] at);
    unique case (at)
      12'h140: m_read = 32'h1902_0001;
      12'h144: m_read = m_status;
      12'h148: m_read = m_mask;
      12'h14c: m_read = m_sev;
      12'h150: m_read = 32'(m_cor) << 13;
      12'h154: m_read = 32'(m_cmask) << 13;
      12'h158: m_read = 32'(m_fep) | 32'ha0 | (32'(m_gen) << 6) | (32'(m_chk) << 8) | (32'(m_pfx[32]) << 11);
      12'h15c: m_read = m_hdr[127:96];
      12'h160: m_read = m_hdr[95:64];
      12'h164: m_read = m_hdr[63:32];
      12'h168: m_read = m_hdr[31:0];
      12'h178: m_read = m_pfx[31:0];
      default: m_read = '0;
    endcase
  endfunction

  // ---- one clock -----------------------------------------------------------------------------------------------------
  int            waited[3];
  tlp_pkg::raw_t none;
  initial none = '0;
  task automatic step();  // inputs are set; compare, let the model follow, wait
    #1;
    check(rdata == m_read({reg_addr, 2'b00}), $sformatf("register %h is %h, must be %h", {reg_addr, 2'b00}, rdata,
                                                         m_read({reg_addr, 2'b00})));
    check(msg_valid == (active && m_owed != '0), "a message is owed");
    if (msg_valid) check(code == (m_owed[2] ? 8'h33 : m_owed[1] ? 8'h31 : 8'h30), "the gravest first");
    check({gen, chk} == {m_gen, m_chk}, "digest enables");
    if (msg_valid && msg_ready) begin
      if (m_owed[2]) m_owed[2] = 1'b0;
      else if (m_owed[1]) m_owed[1] = 1'b0;
      else m_owed[0] = 1'b0;
    end
    if (!active) m_owed = '0;
    // The write first, then the error.
    unique case ({reg_addr, 2'b00})
      12'h144: m_status = m_status & ~(wdata & wmask);
      12'h150: if (wdata[13] && wmask[13]) m_cor = 1'b0;
      default: ;
    endcase
    want_devsta = '0;
    want_signalled = 1'b0;
    // One error a clock: received first, the others in turn.
    check($countones({ev.malformed, ev.ecrc, ev.ur_posted, ev.ur_advisory, ev.poisoned, ev.poisoned_cfg,
                      ev.poisoned_cpl, ev.unexpected, ev.timeout}) <= 1, "one at a time");
    if (rx_ev.malformed) m_error(18, 1'b0, 1'b0, rx_raw);
    else if (rx_ev.ecrc) m_error(19, 1'b0, 1'b0, rx_raw);
    else if (rx_ev.ur_posted) m_error(20, 1'b0, 1'b1, rx_raw);
    else if (rx_ev.unexpected) m_error(16, 1'b1, 1'b0, rx_raw);
    else if (rx_ev.poisoned_cpl) m_error(12, 1'b0, 1'b0, rx_raw);
    else if (timeout && timeout_ready) begin
      m_error(14, 1'b0, 1'b0, none);
    end else if ((mwr_ur || mwr_poisoned) && mwr_ready) begin
      if (mwr_ur) m_error(20, 1'b0, 1'b1, mwr_raw);
      else m_error(12, 1'b0, 1'b0, mwr_raw);
    end else if (cpl_ur || cpl_poisoned) begin
      check(cpl_ready, "somebody is served");
      if (cpl_ur) m_error(20, 1'b1, 1'b1, cpl_raw);
      else m_error(12, 1'b1, 1'b0, cpl_raw);
    end else check(!timeout && !mwr_ur && !mwr_poisoned, "somebody is served");
    check($countones({timeout && timeout_ready, (mwr_ur || mwr_poisoned) && mwr_ready,
                      (cpl_ur || cpl_poisoned) && cpl_ready}) <= 1, "not two at once");
    check(devsta == want_devsta, $sformatf("device status %b, must be %b", devsta, want_devsta));
    check(signalled == want_signalled, "signalled system error");
    unique case ({reg_addr, 2'b00})
      12'h148: m_mask = ((m_mask & ~wmask) | (wdata & wmask)) & Bits;
      12'h14c: m_sev = ((m_sev & ~(wmask & Bits)) | (wdata & wmask & Bits));
      12'h154: if (wmask[13]) m_cmask = wdata[13];
      12'h158: begin
        if (wmask[6]) m_gen = wdata[6];
        if (wmask[8]) m_chk = wdata[8];
      end
      default: ;
    endcase
    // What waits goes on waiting; nobody waits long.
    waited[0] = (timeout && !timeout_ready) ? waited[0] + 1 : 0;
    waited[1] = ((mwr_ur || mwr_poisoned) && !mwr_ready) ? waited[1] + 1 : 0;
    waited[2] = ((cpl_ur || cpl_poisoned) && !cpl_ready) ? waited[2] + 1 : 0;
    for (int i = 0; i < 3; i++) check(waited[i] <= 5, "nobody waits for more than five clocks");
    begin
      automatic bit t_done = timeout && timeout_ready;
      automatic bit m_done = (mwr_ur || mwr_poisoned) && mwr_ready;
      automatic bit c_done = (cpl_ur || cpl_poisoned) && cpl_ready;
      @(negedge clk);
      if (t_done) timeout = 1'b0;
      if (m_done) {mwr_ur, mwr_poisoned} = '0;
      if (c_done) {cpl_ur, cpl_poisoned} = '0;
    end
    rx_ev = '0;
    wmask = '0;
    msg_ready = 1'b0;
  endtask
  function automatic tlp_pkg::raw_t some();
    some = {1'(rnd()), rnd(), rnd(), rnd(), rnd(), rnd()};
  endfunction
  task automatic wr(input logic [11:0] at, input logic [31:0] v);
    reg_addr = at[11:2]; wdata = v; wmask = '1;
  endtask
  task automatic is(input string what, input logic [11:0] at, input logic [31:0] want);
    reg_addr = at[11:2];
    check(m_read(at) == want, {"model: ", what});
    step();
  endtask

  int quiet, posted = 0, kinds[3];
  logic [31:0] pick;
  logic [11:0] at;
  initial begin
    por_n = 1'b0; rst_n = 1'b0; active = 1'b1; serr = 1'b0; report = '0; reg_addr = '0; wmask = '0; wdata = '0;
    rx_ev = '0; rx_raw = '0; mwr_raw = '0; cpl_raw = '0;
    {timeout, mwr_ur, mwr_poisoned, cpl_ur, cpl_poisoned, msg_ready} = '0;
    for (int i = 0; i < 3; i++) waited[i] = 0;
    m_reset();
    m_owed = '0;
    repeat (3) @(negedge clk);
    por_n = 1'b1; rst_n = 1'b1;

    // ---- by hand: each register after reset
    for (int i = 0; i < 18; i++) begin
      reg_addr = 10'(12'h140 >> 2) + 10'(i);
      step();
    end
    // A bit set in the clock in which it is cleared ends 1, and the freed pointer takes the error.
    rx_ev.malformed = 1'b1; rx_raw = {1'b0, 32'd0, 32'h6000_0001, 32'd1, 32'd2, 32'd3}; step();
    is("malformed", 12'h144, 32'h0004_0000);
    is("pointer", 12'h158, 32'h0000_00b2);
    is("header", 12'h15c, 32'h6000_0001);
    rx_ev.ecrc = 1'b1; rx_raw.hdr[31:0] = 32'd9; step();
    is("the first stays", 12'h168, 32'd3);
    wr(12'h144, 32'h0004_0000); rx_ev.malformed = 1'b1; rx_raw.hdr[31:0] = 32'd5; step();
    is("set wins", 12'h144, 32'h000c_0000);
    is("and is logged", 12'h168, 32'd5);
    wr(12'h144, 32'h0004_0000); step();
    is("log stays when its bit is cleared", 12'h168, 32'd5);
    timeout = 1'b1; step();
    is("a timeout has no header", 12'h168, 32'd0);
    is("but a pointer", 12'h158, 32'h0000_00ae);
    is("severity", 12'h14c, 32'h0046_2030);
    wr(12'h14c, 32'h0); step();
    is("severity of errors that cannot be", 12'h14c, 32'h0042_2030);

    // ---- at random
    for (int k = 0; k < 200000; k++) begin
      quiet = (k / 1000) % 4;
      if (rnd() % 64 == 0) {active, serr, report} = {rnd() % 8 != 0, rnd() % 3 == 0, 4'(rnd())};
      at = 12'h140 + 12'(4 * (rnd() % 18));
      if (rnd() % 3 == 0) at = 12'h144;
      reg_addr = at[11:2];
      if (rnd() % 8 == 0) begin
        wdata = rnd() | ((rnd() % 2 == 0) ? rnd() : 32'd0);
        wmask = {{8{1'(rnd())}}, {8{1'(rnd())}}, {8{1'(rnd())}}, {8{1'(rnd())}}};
        // Masked and fatal now and then, not half of the time.
        if (at == 12'h148 || at == 12'h14c) wdata = wdata & rnd() & rnd();
      end
      if (!hold && rnd() % (quiet == 0 ? 2 : 8) == 0) begin
        pick = rnd() % 6;
        unique case (pick)
          0: rx_ev.malformed = 1'b1;
          1: rx_ev.ecrc = 1'b1;
          2: rx_ev.ur_posted = 1'b1;
          3: rx_ev.unexpected = 1'b1;
          4: rx_ev.poisoned_cpl = 1'b1;
          default: rx_ev.got_ca = 1'b1;
        endcase
        rx_raw = some();
      end
      if (quiet == 1 && !hold) rx_ev.malformed = !(rx_ev.ecrc || rx_ev.ur_posted || rx_ev.unexpected || rx_ev.poisoned_cpl);
      if (!timeout && rnd() % 16 == 0) timeout = 1'b1;
      if (!mwr_ur && !mwr_poisoned && rnd() % (quiet == 2 ? 1 : 8) == 0) begin
        mwr_ur = 1'(rnd());
        mwr_poisoned = !mwr_ur;
        mwr_raw = some();
      end
      if (!cpl_ur && !cpl_poisoned && rnd() % (quiet == 2 ? 1 : 8) == 0) begin
        cpl_ur = 1'(rnd());
        cpl_poisoned = !cpl_ur;
        cpl_raw = some();
      end
      msg_ready = rnd() % 4 == 0;
      if (msg_valid && msg_ready) begin
        posted++;
        kinds[code == 8'h33 ? 2 : code == 8'h31 ? 1 : 0]++;
      end
      step();
    end
    check(kinds[0] > 100 && kinds[1] > 100 && kinds[2] > 100, "messages of each kind");
    $display("messages: %0d correctable, %0d non-fatal, %0d fatal", kinds[0], kinds[1], kinds[2]);

    // ---- sticky but for the power-on reset
    rst_n = 1'b0;
    {timeout, mwr_ur, mwr_poisoned, cpl_ur, cpl_poisoned, msg_ready} = '0;
    @(negedge clk);
    rst_n = 1'b1;
    m_owed = '0;
    for (int i = 0; i < 18; i++) begin
      reg_addr = 10'(12'h140 >> 2) + 10'(i);
      step();
    end
    por_n = 1'b0;
    @(negedge clk);
    por_n = 1'b1;
    m_reset();
    for (int i = 0; i < 18; i++) begin
      reg_addr = 10'(12'h140 >> 2) + 10'(i);
      step();
    end

    $display("%s: %0d checks, %0d failures", (failures == 0) ? "PASS" : "FAIL", checks, failures);
    if (failures != 0) $fatal(1, "tb_errors failed");
    $finish;
  end

  logic unused_raw;
  assign unused_raw = ^raw;
endmodule
