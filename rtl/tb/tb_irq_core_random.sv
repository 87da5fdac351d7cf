// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Random test of ims_irq_core against a model of its laws.
//
// Everything that software, the function and the link can do happens at random, with rates and a set of hot sources
// drawn anew every few hundred clocks: causes and withdrawals of all stores in and out of range, accesses of any bytes,
// enables, credits, other users of the credits, slot memory rewritten at any time, fetches answered late, out of order
// and with errors, invalidations, clears. The model holds what is visible: entries, mask and pending bits. It follows
// the order of commitment, which the fixed delay of accesses and causes and the outputs tell exactly. Checked:
//   - a message only of a source that is pending (or raised in that operation), open and unmasked, with the content of
//     its entry; one operation, one result
//   - a host message only with content that a fetch has brought, not older than the last completed invalidation or
//     enabling, unmasked, and never going back to an older one
//   - read data, pending bits included, exactly; one answer to each read, after three clocks
//   - refused causes, zero addresses and failed fetches: each its error, no other
//   - no message without a credit; no two fetches of a slot at once; no fetch of a parked slot
//   - causes and accesses are taken within a bound; invalidations end
//   - at the end, with everything open: all that is pending comes out, nothing else
// Plus arguments: +seed=N, +clocks=N.
module tb_irq_core_random;
  parameter int unsigned NumMsix = 65;
  parameter int unsigned NumDevSlots = 7;
  parameter int unsigned NumHostSlots = 128;
  parameter int unsigned HostCacheLines = 4;
  parameter int unsigned MaxFetches = 3;

  localparam int unsigned MaxSources = 256; // no store of this bench has more
  localparam int Hist = 16;                 // results remembered for a host slot
  localparam int EnableWalk = 600;          // clocks that the walk after enabling the host store may take
  localparam int unsigned WaitMax = 40;     // clocks that a cause or access may wait, at most 5 by design

  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic         rst_n, clear, clear_busy, bme, active, msix_enable, msix_fmask;
  logic         cause_valid, cause_ready, cause_withdraw;
  logic [1:0]   cause_store;
  logic [19:0]  cause_index;
  logic         acc_valid, acc_ready, acc_write, acc_rvalid;
  logic [1:0]   acc_space;
  logic [17:0]  acc_addr;
  logic [63:0]  acc_wdata, acc_rdata;
  logic [7:0]   acc_be;
  logic         hs_enable;
  logic [63:0]  hs_base;
  logic [20:0]  hs_size;
  logic         inv_valid, inv_ready, inv_done;
  logic [19:0]  inv_index;
  logic [4:0]   inv_order;
  logic         msg_valid;
  logic [63:0]  msg_addr;
  logic [31:0]  msg_data;
  logic [1:0]   msg_store;
  logic [19:0]  msg_index;
  logic [5:0]   msg_avail;
  logic [3:0]   msg_inflight;
  logic         fetch_valid, fetch_ready, fres_valid;
  logic [63:0]  fetch_addr;
  logic [4:0]   fetch_id, fres_id;
  logic [3:0]   fres_status;
  logic [127:0] fres_data;
  logic         err_valid;
  logic [3:0]   err_code;
  logic [1:0]   err_store;
  logic [19:0]  err_index;

  logic unused_vf_busy;
  ims_irq_core #(
    .NumMsix       (NumMsix),
    .NumDevSlots   (NumDevSlots),
    .NumHostSlots  (NumHostSlots),
    .HostCacheLines(HostCacheLines),
    .MaxFetches    (MaxFetches)
  ) u_dut (
    .clk_i           (clk),
    .rst_ni          (rst_n),
    .clear_i         (clear),
    .clear_busy_o    (clear_busy),
    .bme_i           (bme),
    .active_i        (active),
    .msix_enable_i   (msix_enable),
    .msix_fmask_i    (msix_fmask),
    .vf_exist_i       ('0),
    .vf_bme_i         ('0),
    .vf_msix_enable_i ('0),
    .vf_msix_fmask_i  ('0),
    .vf_clear_i       ('0),
    .vf_clear_busy_o  (unused_vf_busy),
    .cause_valid_i   (cause_valid),
    .cause_ready_o   (cause_ready),
    .cause_withdraw_i(cause_withdraw),
    .cause_store_i   (cause_store),
    .cause_index_i   (cause_index),
    .cause_check_i   (1'b0),
    .cause_pasid_valid_i(1'b0),
    .cause_pasid_i   (20'd0),
    .acc_valid_i     (acc_valid),
    .acc_ready_o     (acc_ready),
    .acc_write_i     (acc_write),
    .acc_space_i     (acc_space),
    .acc_addr_i      (acc_addr),
    .acc_wdata_i     (acc_wdata),
    .acc_be_i        (acc_be),
    .acc_rvalid_o    (acc_rvalid),
    .acc_rdata_o     (acc_rdata),
    .hs_enable_i     (hs_enable),
    .hs_base_i       (hs_base),
    .hs_size_i       (hs_size),
    .inv_valid_i     (inv_valid),
    .inv_ready_o     (inv_ready),
    .inv_index_i     (inv_index),
    .inv_order_i     (inv_order),
    .inv_done_o      (inv_done),
    .msg_valid_o     (msg_valid),
    .msg_addr_o      (msg_addr),
    .msg_data_o      (msg_data),
    .msg_store_o     (msg_store),
    .msg_index_o     (msg_index),
    .msg_avail_i     (msg_avail),
    .msg_inflight_o  (msg_inflight),
    .fetch_valid_o   (fetch_valid),
    .fetch_ready_i   (fetch_ready),
    .fetch_addr_o    (fetch_addr),
    .fetch_id_o      (fetch_id),
    .fres_valid_i    (fres_valid),
    .fres_id_i       (fres_id),
    .fres_status_i   (fres_status),
    .fres_data_i     (fres_data),
    .err_valid_o     (err_valid),
    .err_code_o      (err_code),
    .err_store_o     (err_store),
    .err_index_o     (err_index)
  );

  // ---- random numbers: xorshift, the same in every simulator ----------------------------------------------------
  logic [63:0] rng = 64'd1;

  function automatic logic [31:0] rnd();
    rng = rng ^ (rng << 13);
    rng = rng ^ (rng >> 7);
    rng = rng ^ (rng << 17);
    rnd = rng[47:16];
  endfunction

  function automatic int below(input int n);
    below = int'(rnd() % 32'(n));
  endfunction

  // True in `per_mille` of a thousand cases.
  function automatic logic chance(input int per_mille);
    chance = below(1000) < per_mille;
  endfunction

  // ---- model of entries and sources ----------------------------------------------------------------------------
  logic [63:0] e_addr [2][MaxSources];
  logic [31:0] e_data [2][MaxSources];
  logic        e_mask [2][MaxSources];
  logic [31:0] e_ctl  [2][MaxSources];       // IMS control bits that are stored
  logic        pend   [3][MaxSources];

  // ---- model of the host store ---------------------------------------------------------------------------------
  logic [127:0] mem [NumHostSlots];
  logic         parked [NumHostSlots];
  // Results that fetches have brought, per slot: a ring. usable: unmasked and good.
  logic [127:0] h_slot [NumHostSlots][Hist];
  int           h_time [NumHostSlots][Hist];    // when its fetch was presented
  logic         h_live [NumHostSlots][Hist];
  int           h_count [NumHostSlots];         // results so far
  int           h_used [NumHostSlots];          // number of the result of the last message

  // Fetches that the core has presented, by number.
  logic         f_busy [32];
  logic         f_taken [32];
  logic         f_discard [32];
  int           f_slot [32];
  int           f_time [32];
  int           f_due [32];
  logic         f_seen_q;            // the request now at the port has been seen

  int           enable_end;          // the walk after enabling may last until then
  int           owed_errors;         // errors of failed fetches that have not shown yet
  int           err_owed [NumHostSlots][16];

  // ---- counters ------------------------------------------------------------------------------------------------
  int cycle = 0;
  int failures = 0;
  int checks = 0;
  int n_raise = 0, n_withdraw = 0, n_msg = 0, n_merged = 0, n_refused = 0, n_zero = 0, n_read = 0, n_write = 0;
  int n_fetch = 0, n_fetch_bad = 0, n_inv = 0, n_clear = 0, n_host_msg = 0, n_direct = 0, n_enable = 0;
  int n_settled = 0;

  task automatic fail(input string what);
    failures++;
    if (failures <= 20) $display("FAIL at cycle %0d: %s", cycle, what);
  endtask

  task automatic check(input logic ok, input string what);
    checks++;
    if (!ok) fail(what);
  endtask

  task automatic model_clear();
    for (int s = 0; s < 2; s++) begin
      for (int i = 0; i < MaxSources; i++) begin
        e_addr[s][i] = '0;
        e_data[s][i] = '0;
        e_mask[s][i] = 1'b1;
        e_ctl[s][i]  = '0;
      end
    end
    for (int s = 0; s < 3; s++) for (int i = 0; i < MaxSources; i++) pend[s][i] = 1'b0;
    for (int i = 0; i < NumHostSlots; i++) begin
      parked[i]  = 1'b0;
      h_used[i]  = 0;
      h_count[i] = 0;
      for (int k = 0; k < Hist; k++) h_live[i][k] = 1'b0;
      for (int k = 0; k < 16; k++) err_owed[i][k] = 0;
    end
    for (int i = 0; i < 32; i++) begin
      f_busy[i]  = 1'b0;
      f_taken[i] = 1'b0;
    end
    f_seen_q    = 1'b0;
    enable_end  = cycle + EnableWalk;
    owed_errors = 0;
    inv_run     = 1'b0;
  endtask

  // ---- operations under way: accepted in clock c, commit in c+2, result in c+3 -----------------------------------
  typedef struct {
    logic        acc;
    logic        cause;
    logic        write;
    logic [1:0]  space;
    logic [17:0] addr;
    logic [63:0] wdata;
    logic [7:0]  be;
    logic        withdraw;
    logic [1:0]  store;
    logic [19:0] index;
  } ev_t;
  ev_t ev0, ev1, ev2;

  // Enables of the commit clock.
  logic        lv_bme, lv_active, lv_e, lv_f, lv_hs, lv_clear;
  logic [20:0] lv_size;

  logic        inv_run;
  int          inv_start;
  logic [19:0] inv_base, inv_mask;
  int          inv_wait;

  // ---- model: an access ----------------------------------------------------------------------------------------
  function automatic logic [63:0] read_value(input logic [1:0] space, input logic [17:0] addr);
    int idx, s, n;
    logic [31:0] ctl;
    read_value = '0;
    if (space == 2'd1 || space == 2'd3) begin
      s   = (space == 2'd1) ? 0 : 2;
      n   = (space == 2'd1) ? NumMsix : NumHostSlots;
      for (int b = 0; b < 64; b++) begin
        idx = int'(addr[17:3]) * 64 + b;
        if (idx < n) read_value[b] = pend[s][idx];
      end
    end else begin
      s   = (space == 2'd0) ? 0 : 1;
      n   = (space == 2'd0) ? NumMsix : NumDevSlots;
      idx = int'(addr[17:4]);
      if (idx < n) begin
        ctl = e_ctl[s][idx];
        ctl[0] = e_mask[s][idx];
        if (s == 1) ctl[1] = pend[1][idx];
        read_value = addr[3] ? {ctl, e_data[s][idx]} : e_addr[s][idx];
      end
    end
  endfunction

  task automatic model_write(input ev_t e);
    int idx, s, n;
    logic [63:0] v;
    if (e.space == 2'd0 || e.space == 2'd2) begin
      s   = (e.space == 2'd0) ? 0 : 1;
      n   = (e.space == 2'd0) ? NumMsix : NumDevSlots;
      idx = int'(e.addr[17:4]);
      if (idx < n) begin
        v = read_value(e.space, e.addr);
        for (int b = 0; b < 8; b++) if (e.be[b]) v[8*b+:8] = e.wdata[8*b+:8];
        if (!e.addr[3]) begin
          e_addr[s][idx] = {v[63:2], 2'b00};
        end else begin
          e_data[s][idx] = v[31:0];
          e_mask[s][idx] = v[32];
          e_ctl[s][idx]  = (s == 1) ? (v[63:32] & 32'hffff_f00c) : 32'd0;
        end
      end
    end
  endtask

  // ---- model: a message ----------------------------------------------------------------------------------------
  // Whether the host slot's content may be sent; remembers which result it was.
  task automatic check_host_content(input int slot, input logic [63:0] addr, input logic [31:0] data);
    int found;
    found = -1;
    for (int n = h_count[slot] - 1; n >= 0 && n >= h_count[slot] - Hist; n--) begin
      if (found < 0 && n >= h_used[slot] && h_live[slot][n % Hist] && !h_slot[slot][n % Hist][96] &&
          {h_slot[slot][n % Hist][63:2], 2'b00} == addr && h_slot[slot][n % Hist][95:64] == data) found = n;
    end
    check(found >= 0, $sformatf("host slot %0d sends %h %h, which no valid fetch has brought", slot, addr, data));
    // The oldest that fits would be the tightest bound; equal contents make both the same.
    if (found >= 0) begin
      for (int n = h_count[slot] - 1; n >= 0 && n >= h_count[slot] - Hist; n--) begin
        if (n >= h_used[slot] && h_live[slot][n % Hist] && h_slot[slot][n % Hist] == h_slot[slot][found % Hist]) found = n;
      end
      h_used[slot] = found;
    end
  endtask

  function automatic int store_size(input logic [1:0] store);
    case (store)
      2'd0:    store_size = NumMsix;
      2'd1:    store_size = NumDevSlots;
      default: store_size = NumHostSlots;
    endcase
  endfunction

  // What shows in this clock is the result of the operation `ev2` or of one of the core's own.
  task automatic check_outputs();
    logic        is_raise;
    logic [3:0]  want_err;
    int          i, st;          // source of the message or error
    int          ci, cs;         // source of the cause

    ci = int'(ev2.index);
    cs = int'(ev2.store);
    i  = int'(msg_index);
    st = int'(msg_store);

    // register read
    check(acc_rvalid == (ev2.acc && !ev2.write), "read answer missing or without a read");
    if (ev2.acc && !ev2.write) begin
      n_read++;
      check(acc_rdata == read_value(ev2.space, ev2.addr),
            $sformatf("space %0d address %h reads %h, must be %h", ev2.space, ev2.addr, acc_rdata,
                      read_value(ev2.space, ev2.addr)));
    end
    if (ev2.acc) begin
      check(!msg_valid && !err_valid, "message or error from an access");
      if (ev2.write) begin
        n_write++;
        model_write(ev2);
      end
    end

    // cause
    want_err = 4'd0;
    is_raise = 1'b0;
    if (ev2.cause && ev2.store != 2'd3) begin
      if (ev2.store == 2'd2 && !lv_hs)                                   want_err = 4'd2;
      else if (ev2.store == 2'd2 && int'(ev2.index) >= int'(lv_size))    want_err = 4'd1;
      else if (ev2.store != 2'd2 && int'(ev2.index) >= store_size(ev2.store)) want_err = 4'd1;
      if (want_err != 4'd0) begin
        n_refused++;
        check(err_valid && err_code == want_err && err_store == ev2.store && err_index == ev2.index,
              $sformatf("cause %0d/%0d: error %0d must show", ev2.store, ev2.index, want_err));
        check(!msg_valid, "message from a refused cause");
      end else if (ev2.withdraw) begin
        n_withdraw++;
        check(!msg_valid && !err_valid, "message or error from a withdrawal");
        pend[cs][ci] = 1'b0;
      end else begin
        n_raise++;
        is_raise = 1'b1;
        if (pend[cs][ci]) n_merged++;
        pend[cs][ci] = 1'b1;
      end
    end

    // message
    if (msg_valid) begin
      n_msg++;
      check(int'(msg_store) < 3 && int'(msg_index) < store_size(msg_store), "message of no source");
      if (is_raise) begin
        n_direct++;
        check(msg_store == ev2.store && msg_index == ev2.index, "a cause sends for another source");
      end
      check(pend[st][i], $sformatf("message of %0d/%0d, which is not pending", msg_store, i));
      check(lv_bme && lv_active && !lv_clear, "message while the function may not send");
      if (msg_store == 2'd0) check(lv_e && !lv_f, "MSI-X message while disabled or function masked");
      if (msg_store == 2'd2) check(lv_hs && i < int'(lv_size), "host message while the store is disabled");
      if (msg_store != 2'd2) begin
        check(!e_mask[st][i], $sformatf("message of %0d/%0d while masked", msg_store, i));
        check(msg_addr == e_addr[st][i] && msg_data == e_data[st][i],
              $sformatf("message of %0d/%0d is %h %h, entry is %h %h", msg_store, i, msg_addr, msg_data,
                        e_addr[st][i], e_data[st][i]));
      end else begin
        n_host_msg++;
        check_host_content(i, msg_addr, msg_data);
      end
      check(msg_store == 2'd0 || msg_addr != '0, "IMS message to address 0");
      pend[st][i] = 1'b0;
      check(room > 0, "message without a credit");
    end

    // error
    if (err_valid) begin
      i  = int'(err_index);
      st = int'(err_store);
      if (err_code == 4'd8) begin
        n_zero++;
        check(err_store != 2'd0 && pend[st][i] && !msg_valid, "zero address error of no pending IMS source");
        if (err_store == 2'd1) check(!e_mask[1][i] && e_addr[1][i] == '0, "zero address error of another slot");
        check(lv_bme && lv_active, "zero address error while closed");
        pend[st][i] = 1'b0;
      end else if (err_code >= 4'd3 && err_code <= 4'd7) begin
        check(err_store == 2'd2 && i < NumHostSlots, "fetch error of no host slot");
        check(err_owed[i][err_code] > 0, $sformatf("fetch error %0d of slot %0d is not owed", err_code, i));
        err_owed[i][err_code]--;
        owed_errors--;
      end else begin
        check(want_err == err_code, "error without a refused cause");
      end
    end else begin
      check(want_err == 4'd0, "refused cause without an error");
    end
  endtask

  // ---- random world --------------------------------------------------------------------------------------------
  int  p_cause, p_acc, p_credit, p_other, p_level, p_inv, p_mem, p_bad, p_mask, p_withdraw, p_answer, p_range, p_fready;
  int  p_clear, hot_count, p_hot, p_hs;
  int  hot_store [8];
  int  hot_index [8];
  int  phase_end;
  int  room;
  logic calm, want_open;
  logic preparing;       // settling: mask bits and slots are being prepared
  int   closed_by;

  task automatic new_phase();
    phase_end  = cycle + 100 + below(600);
    p_cause    = (below(4) == 0) ? 1000 : below(1000);
    p_acc      = (below(5) == 0) ? 1000 : (below(3) == 0) ? 0 : below(300);
    p_credit   = (below(2) == 0) ? 1000 : (below(4) == 0) ? 0 : below(400);
    p_other    = (below(3) == 0) ? below(300) : 0;
    p_level    = (below(3) == 0) ? ((below(3) == 0) ? below(600) : below(60)) : 0;
    p_hs       = (below(3) == 0) ? below(20) : 0;
    p_inv      = (below(2) == 0) ? below(100) : 0;
    p_mem      = below(200);
    p_bad      = (below(2) == 0) ? below(300) : 0;
    p_mask     = below(600);
    p_withdraw = (below(2) == 0) ? below(300) : 0;
    p_answer   = 1 + below(900);
    p_fready   = 100 + below(901);
    p_range    = (below(3) == 0) ? below(60) : 0;
    want_open  = below(10) < 6;
    p_clear    = (below(6) == 0) ? 4 : 0;
    p_hot      = below(1000);
    hot_count  = 1 + below(8);
    for (int i = 0; i < 8; i++) begin
      hot_store[i] = below(3);
      hot_index[i] = below(store_size(2'(hot_store[i])));
    end
  endtask

  task automatic draw_source(output logic [1:0] store, output logic [19:0] index);
    int h;
    if (chance(p_hot)) begin
      h     = below(hot_count);
      store = 2'(hot_store[h]);
      index = 20'(hot_index[h]);
    end else begin
      store = 2'(below(3));
      index = 20'(below(store_size(store)));
      if (chance(p_range)) index = 20'(below(1 << (6 + below(14))));
      if (chance(p_range)) store = 2'(below(4));
    end
  endtask

  // A message that can be told from all others; address 0 now and then.
  function automatic logic [127:0] draw_slot();
    draw_slot         = '0;
    draw_slot[31:0]   = rnd();
    draw_slot[63:32]  = (below(3) == 0) ? rnd() : 32'd0;
    if (below(20) == 0) draw_slot[63:0] = 64'(below(4));
    draw_slot[95:64]  = rnd();
    draw_slot[127:96] = rnd();
    draw_slot[96]     = chance(calm ? 0 : p_mask);
  endfunction

  task automatic drive_access();
    logic [1:0]  s;
    logic [19:0] i;
    draw_source(s, i);
    acc_valid = 1'b1;
    acc_write = chance(500);
    acc_wdata = {rnd(), rnd()};
    acc_be    = (below(3) != 0) ? ((below(2) == 0) ? 8'hff : (below(2) == 0) ? 8'hf0 : 8'h0f) : 8'(rnd());
    case (below(8))
      0: begin acc_space = 2'd1; acc_addr = 18'(below(1 << (4 + below(11)))) & ~18'd7; end
      1: begin acc_space = 2'd3; acc_addr = 18'(below(1 << (5 + below(13)))) & ~18'd7; end
      default: begin
        acc_space = (s == 2'd0) ? 2'd0 : 2'd2;
        if (s > 2'd1) i = 20'(below(NumDevSlots + 2));
        acc_addr  = {i[13:0], 1'(rnd()), 3'd0};
      end
    endcase
    if (acc_write && acc_addr[3] && chance(600)) acc_wdata[32] = chance(p_mask);
    if (acc_write && !acc_addr[3] && below(8) == 0) acc_wdata = 64'(below(4));
  endtask

  int cause_wait, acc_wait;

  task automatic drive();
    int pick, n;
    // A request that was not taken stays.
    if (!(cause_valid && !cause_taken)) begin
      cause_valid = chance(p_cause);
      if (cause_valid) begin
        draw_source(cause_store, cause_index);
        cause_withdraw = chance(p_withdraw);
      end
    end
    if (!(acc_valid && !acc_taken)) begin
      acc_valid = chance(p_acc);
      if (acc_valid) drive_access();
    end
    if (!(inv_valid && !inv_taken)) begin
      inv_valid = !inv_run && chance(p_inv);
      if (inv_valid) begin
        inv_index = 20'(below(NumHostSlots));
        if (below(10) == 0) inv_index = 20'(rnd());
        inv_order = 5'((below(3) == 0) ? below(32) : below(8));
      end
    end
    // enables
    if (chance(p_level)) begin
      case (below(4))
        0: bme = !bme;
        1: msix_enable = !msix_enable;
        2: msix_fmask = !msix_fmask;
        default: active = (below(4) == 0) ? !active : 1'b1;
      endcase
    end
    if (p_level != 0 && below(50) == 0) begin
      // closed for one clock now and then
      if (below(2) == 0) msix_fmask = !msix_fmask; else bme = !bme;
    end
    if (chance(p_hs)) begin
      if (hs_enable) begin
        hs_enable = 1'b0;
      end else begin
        if (below(2) == 0) hs_base = {rnd(), rnd()} & ~64'hfff;
        if (below(3) == 0) hs_size = 21'((below(2) == 0) ? NumHostSlots : 1 + below(NumHostSlots));
        hs_enable = 1'b1;
        n_enable++;
      end
    end
    clear = chance(p_clear);
    if (want_open && !chance(p_level) && !chance(p_hs)) begin
      // most phases: levels fall for a moment only
      bme = 1'b1; active = 1'b1; msix_enable = 1'b1; msix_fmask = 1'b0; hs_enable = 1'b1;
    end
    if (calm) begin
      // While a settling world is prepared one thing keeps sources closed, so that what comes out then comes because
      // that thing went away.
      bme         = !(preparing && closed_by == 1);
      active      = !(preparing && closed_by == 2);
      msix_enable = !(preparing && closed_by == 3);
      msix_fmask  = preparing && closed_by == 4;
      hs_enable   = !(preparing && closed_by == 5);
    end
    // slot memory
    if (chance(p_mem)) mem[below(NumHostSlots)] = draw_slot();
    // fetch port
    fetch_ready = chance(p_fready);
    fres_valid  = 1'b0;
    if (chance(p_answer)) begin
      // the first that is due, from a random place on
      n = below(32);
      pick = -1;
      for (int k = 0; k < 32; k++) begin
        if (pick < 0 && f_busy[(n + k) % 32] && f_taken[(n + k) % 32] && f_due[(n + k) % 32] <= cycle) pick = (n + k) % 32;
      end
      if (pick >= 0 && !clear) begin
        fres_valid  = 1'b1;
        fres_id     = 5'(pick);
        fres_status = chance(p_bad) ? 4'(3 + below(5)) : 4'd0;
        fres_data   = (fres_status == 4'd0) ? mem[f_slot[pick]] : {rnd(), rnd(), rnd(), rnd()};
      end
    end
    // credits
    if (chance(p_credit) && room < 48) room += (calm ? 1 : 1 + below(3));
    msg_avail = 6'(room);
  endtask

  logic cause_taken, acc_taken, inv_taken;

  // Everything that this clock's signals mean, just before its end.
  task automatic observe();
    int slot;
    // Results of the commit in the clock before.
    if (lv_clear) begin
      check(!msg_valid && !err_valid && !acc_rvalid, "something shows after a clear");
    end else begin
      check_outputs();
    end
    if (msg_valid) room--;
    // Others take what is beyond the core's own; room for one operation that starts now is left to it.
    if (chance(p_other) && room - int'(msg_inflight) > 1) room--;

    // Handshakes.
    cause_taken = cause_valid && cause_ready;
    acc_taken   = acc_valid && acc_ready;
    inv_taken   = inv_valid && inv_ready;
    check(!(cause_taken && acc_taken), "two operations in a clock");
    if (clear_busy) check(!cause_taken && !acc_taken && !inv_taken, "taken during a clear");
    cause_wait = (cause_valid && !cause_ready && !clear_busy) ? cause_wait + 1 : 0;
    acc_wait   = (acc_valid && !acc_ready && !clear_busy) ? acc_wait + 1 : 0;
    check(cause_wait < WaitMax, "cause waits too long");
    check(acc_wait < WaitMax, "access waits too long");

    ev2 = ev1;
    ev1 = ev0;
    ev0.acc      = acc_taken;
    ev0.cause    = cause_taken;
    ev0.write    = acc_write;
    ev0.space    = acc_space;
    ev0.addr     = acc_addr;
    ev0.wdata    = acc_wdata;
    ev0.be       = acc_be;
    ev0.withdraw = cause_withdraw;
    ev0.store    = cause_store;
    ev0.index    = cause_index;

    // Invalidation: what was fetched before its start must not be sent after its end.
    if (inv_run) begin
      inv_wait++;
      check(inv_wait < 20000, "invalidation does not end");
    end
    check(!inv_done || inv_run, "invalidation ends that was not started");
    if (inv_done && inv_run) begin
      n_inv++;
      for (int s = 0; s < NumHostSlots; s++) begin
        if (((20'(s) ^ inv_base) & inv_mask) == '0) begin
          for (int k = 0; k < Hist; k++) if (h_time[s][k] <= inv_start) h_live[s][k] = 1'b0;
          parked[s] = 1'b0;
        end
      end
      inv_run = 1'b0;
    end
    // Fetch requests, from the clock in which they are presented.
    if (fetch_valid && !f_seen_q) begin
      n_fetch++;
      slot = int'((fetch_addr - hs_base) >> 4);
      check(fetch_addr[3:0] == 4'd0 && fetch_addr >= hs_base && slot < int'(hs_size),
            $sformatf("fetch of %h is outside of the store", fetch_addr));
      check(int'(fetch_id) < MaxFetches && !f_busy[fetch_id], "fetch number is in use");
      check(!parked[slot], $sformatf("fetch of parked slot %0d", slot));
      for (int k = 0; k < 32; k++) check(!(f_busy[k] && f_slot[k] == slot && !f_discard[k]), "slot is being fetched already");
      f_busy[fetch_id]    = 1'b1;
      f_taken[fetch_id]   = 1'b0;
      f_discard[fetch_id] = 1'b0;
      f_slot[fetch_id]    = slot;
      f_time[fetch_id]    = cycle;
    end
    if (fetch_valid) check(f_busy[fetch_id] && !f_taken[fetch_id], "request changes while it waits");
    f_seen_q = fetch_valid && !fetch_ready;
    if (fetch_valid && fetch_ready) begin
      f_taken[fetch_id] = 1'b1;
      f_due[fetch_id]   = cycle + 1 + below((below(4) == 0) ? 200 : 20);
    end
    // Fetch results.
    if (fres_valid) begin
      slot = f_slot[fres_id];
      f_busy[fres_id] = 1'b0;
      if (fres_status != 4'd0) begin
        n_fetch_bad++;
        owed_errors++;
        err_owed[slot][fres_status]++;
      end
      if (!f_discard[fres_id]) begin
        if (fres_status == 4'd0) begin
          h_slot[slot][h_count[slot] % Hist] = fres_data;
          h_time[slot][h_count[slot] % Hist] = f_time[fres_id];
          h_live[slot][h_count[slot] % Hist] = 1'b1;
          h_count[slot]++;
          if (fres_data[96]) parked[slot] = 1'b1;
        end else begin
          parked[slot] = 1'b1;
        end
      end
    end
    // Start of an invalidation: fetches of the range are discarded, also those presented or answered in this clock.
    if (inv_taken) begin
      inv_run   = 1'b1;
      inv_wait  = 0;
      inv_start = cycle;
      inv_mask  = (inv_order >= 5'd20) ? 20'd0 : (20'hfffff << inv_order);
      inv_base  = inv_index;
      for (int k = 0; k < 32; k++) begin
        if (f_busy[k] && ((20'(f_slot[k]) ^ inv_base) & inv_mask) == '0) f_discard[k] = 1'b1;
      end
    end
    // A slot can be un-parked at any time while the command, or the walk after enabling, is on its way.
    for (int s = 0; s < NumHostSlots; s++) begin
      if ((inv_run && ((20'(s) ^ inv_base) & inv_mask) == '0) || cycle < enable_end) parked[s] = 1'b0;
    end
    if (!hs_enable) begin
      enable_end = cycle + EnableWalk;
      for (int k = 0; k < 32; k++) f_discard[k] = 1'b1;
      for (int s = 0; s < NumHostSlots; s++) begin
        parked[s] = 1'b0;
        for (int k = 0; k < Hist; k++) h_live[s][k] = 1'b0;
      end
    end

    // Enables of this clock are those of the commit whose results show in the next.
    lv_bme    = bme;
    lv_active = active;
    lv_e      = msix_enable;
    lv_f      = msix_fmask;
    lv_hs     = hs_enable;
    lv_size   = hs_size;
    lv_clear  = clear;
    if (clear) begin
      n_clear++;
      model_clear();
      ev0.acc = 1'b0; ev0.cause = 1'b0;
      ev1.acc = 1'b0; ev1.cause = 1'b0;
      ev2.acc = 1'b0; ev2.cause = 1'b0;
    end
    cycle++;
  endtask

  // ---- the run -------------------------------------------------------------------------------------------------

  // Pending sources that can be served.
  function automatic int owed();
    owed = 0;
    for (int s = 0; s < 3; s++) begin
      for (int i = 0; i < store_size(2'(s)); i++) if (pend[s][i] && (s != 2 || i < int'(hs_size))) owed++;
    end
  endfunction

  // Pending sources of the device side that are open when the enables are.
  function automatic int owed_open();
    owed_open = 0;
    for (int s = 0; s < 2; s++) begin
      for (int i = 0; i < store_size(2'(s)); i++) if (pend[s][i] && !e_mask[s][i]) owed_open++;
    end
  endfunction

  // A run is a row of random phases; now and then, and at the end, it settles: the world becomes calm, every entry and
  // slot is unmasked, everything opened, and all that is pending has to come out.
  typedef enum int {
    Random,       // disturbances
    Drain,        // let what was asked for be taken; everything is open from here on
    Light,        // what is unmasked has to come by itself, before any access could help it
    Unmask,       // every entry, by plain accesses
    Refresh,      // every host slot, by an invalidation
    Wait,         // for all that is owed
    Quiet,        // nothing else comes
    Over
  } mode_e;
  mode_e mode;
  int    clocks, seed, quiet, at_store, at_index;

  // Changes the mode; what differs from random driving in each. Runs before the clock's drive.
  task automatic next_mode();
    case (mode)
      Random: begin
        if (cycle >= clocks || (cycle >= phase_end && below(10) == 0)) begin
          mode      = Drain;
          calm      = 1'b1;
          p_cause = 0; p_acc = 0; p_credit = 500; p_other = 0; p_level = 0; p_hs = 0; p_inv = 0; p_mem = 0; p_bad = 0;
          p_withdraw = 0; p_answer = 500; p_fready = 500; p_range = 0; p_clear = 0;
        end else if (cycle >= phase_end) begin
          new_phase();
        end
      end
      Drain: begin
        if (!cause_valid && !acc_valid && !inv_valid && !clear_busy && !inv_run) begin
          mode  = Light;
          quiet = 0;
        end
      end
      Light: begin
        quiet++;
        if (owed_open() == 0) begin
          mode      = Unmask;
          preparing = 1'b1;
          closed_by = below(6);
          at_store  = 0;
          at_index  = 0;
          for (int i = 0; i < NumHostSlots; i++) mem[i][96] = 1'b0;
        end else if (quiet > 5000) begin
          check(1'b0, "open sources stay pending");
        end
      end
      Unmask: begin
        if (at_store == 2 && !(acc_valid && !acc_taken)) begin
          mode  = Refresh;
          quiet = 1;
        end
      end
      Refresh: begin
        // closed for some time yet, or opened while the invalidation is under way
        quiet++;
        if (inv_valid && inv_taken) quiet = (below(2) == 0) ? -1 - below(300) : -1;
        if (quiet == 0) begin
          mode      = Wait;
          preparing = 1'b0;
        end
      end
      Wait: begin
        quiet++;
        if (owed() == 0 && owed_errors == 0 && !inv_run) begin
          mode  = Quiet;
          quiet = 0;
        end else if (quiet > 40000) begin
          check(owed() == 0, "sources stay pending");
          check(owed_errors == 0, "errors of fetches are missing");
          check(1'b0, "not settled");
        end
      end
      Quiet: begin
        quiet++;
        if (quiet > 200) begin
          n_settled++;
          calm = 1'b0;
          mode = (cycle >= clocks) ? Over : Random;
          new_phase();
        end
      end
      default: ;
    endcase
  endtask

  // The accesses and the invalidation of a settling world.
  task automatic drive_settling();
    if (mode == Unmask && !(acc_valid && !acc_taken) && at_store < 2) begin
      acc_valid = 1'b1;
      acc_write = 1'b1;
      acc_space = (at_store == 0) ? 2'd0 : 2'd2;
      acc_addr  = 18'(at_index * 16 + 8);
      acc_be    = 8'h10;
      acc_wdata = '0;
      at_index++;
      if (at_index == store_size(2'(at_store))) begin
        at_store++;
        at_index = 0;
      end
    end
    if (mode == Refresh && quiet > 0 && !(inv_valid && inv_taken)) begin
      inv_valid = 1'b1;
      inv_index = '0;
      inv_order = 5'd20;
    end
  endtask

  logic running = 1'b0;

  always @(negedge clk) begin
    if (running) begin
      next_mode();
      drive();
      drive_settling();
      #1;
      observe();
      if (mode == Over || failures != 0) running = 1'b0;
    end
  end

  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("clocks=%d", clocks)) clocks = 100000;
    rng = 64'h9e3779b97f4a7c15 ^ {32'(seed), 32'(seed)};
    repeat (20) void'(rnd());
    rst_n = 1'b0; clear = 1'b0; bme = 1'b0; active = 1'b1; msix_enable = 1'b0; msix_fmask = 1'b0;
    cause_valid = 1'b0; cause_withdraw = 1'b0; cause_store = '0; cause_index = '0;
    acc_valid = 1'b0; acc_write = 1'b0; acc_space = '0; acc_addr = '0; acc_wdata = '0; acc_be = '0;
    hs_enable = 1'b0; hs_base = 64'h1_0000_0000; hs_size = 21'(NumHostSlots);
    inv_valid = 1'b0; inv_index = '0; inv_order = '0; msg_avail = 6'd0; room = 0;
    fetch_ready = 1'b0; fres_valid = 1'b0; fres_id = '0; fres_status = '0; fres_data = '0;
    cause_taken = 1'b0; acc_taken = 1'b0; inv_taken = 1'b0; calm = 1'b0; want_open = 1'b0;
    preparing = 1'b0; closed_by = 0;
    cause_wait = 0; acc_wait = 0;
    lv_clear = 1'b1; lv_bme = 1'b0; lv_active = 1'b0; lv_e = 1'b0; lv_f = 1'b0; lv_hs = 1'b0; lv_size = '0;
    ev0.acc = 1'b0; ev0.cause = 1'b0;
    ev1 = ev0; ev2 = ev0;
    p_mask = 300;
    for (int i = 0; i < NumHostSlots; i++) mem[i] = draw_slot();
    model_clear();
    repeat (5) @(negedge clk);
    rst_n = 1'b1;
    new_phase();
    mode    = Random;
    running = 1'b1;
    while (running) @(posedge clk);

    $display("seed %0d: %0d clocks, %0d causes raised (%0d refused, %0d merged), %0d withdrawn, %0d messages", seed, cycle,
             n_raise, n_refused, n_merged, n_withdraw, n_msg);
    $display("  %0d direct, %0d of host slots, %0d zero addresses, %0d reads, %0d writes", n_direct, n_host_msg, n_zero,
             n_read, n_write);
    $display("  %0d fetches (%0d failed), %0d invalidations, %0d enablings, %0d clears, settled %0d times", n_fetch, n_fetch_bad,
             n_inv, n_enable, n_clear, n_settled);
    $display("%s: %0d checks, %0d failures", (failures == 0 && n_msg > 0 && n_read > 0) ? "PASS" : "FAIL", checks,
             failures);
    if (failures != 0 || n_msg == 0 || n_read == 0) $fatal(1, "tb_irq_core_random failed");
    $finish;
  end
endmodule
