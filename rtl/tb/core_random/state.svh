// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_irq_core_random: random numbers, the state of the model, what is under way.
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
