// SPDX-License-Identifier: Apache-2.0 OR MIT
// Part of tb_irq_core_random: what accesses, messages and fetches must do.
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
