// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_irq_core_random: what is tried at random.
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
