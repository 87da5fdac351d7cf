// SPDX-License-Identifier: Apache-2.0 OR MIT
// Slot fetches: gives each read a tag, puts it into the read queue, checks its
// completions, and answers the interrupt core once per fetch
// (docs/device.md §4 rows 13 and 14, §6).
//
// A tag goes Free -> Queued -> Waiting (the read has left) -> Free, or to Resting
// after a timeout and after a function reset: a late completion must not be taken
// for that of a newer fetch, so the tag rests for one completion timeout. One tag is
// looked at per clock, which makes a timeout at most MaxFetches cycles late (a few more
// when completions come at the same time) and never early.
module tlp_mrd #(
    parameter int unsigned MaxFetches = 16
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,
    input  logic                     forget_i,         // function reset: forget all fetches
    // configuration space
    input  logic              [ 4:0] timeout_i,        // DevCtl2[4:0]
    input  logic              [15:0] rid_i,
    output logic                     pending_o,        // DevSta.5
    // from the core
    input  logic                     fetch_valid_i,
    output logic                     fetch_ready_o,
    input  logic              [63:0] fetch_addr_i,     // 16-byte aligned
    input  logic              [ 4:0] fetch_id_i,
    output logic                     fres_valid_o,
    output logic              [ 4:0] fres_id_o,
    output logic              [ 3:0] fres_status_o,
    output logic             [127:0] fres_data_o,
    // to the read queue
    input  logic                     read_ready_i,
    output logic                     read_push_o,
    output tlp_pkg::tx_read_t        read_o,
    input  logic                     sent_i,           // a read has left ...
    input  logic              [ 4:0] sent_tag_i,       // ... with this tag
    // completions received
    input  logic                     cpl_valid_i,
    input  tlp_pkg::rx_cpl_t         cpl_i,
    // errors; one-cycle pulses
    output logic                     malformed_o,
    output logic                     unexpected_o,
    output logic                     poisoned_o,
    output logic                     got_ur_o,
    output logic                     got_ca_o,
    output logic                     timeout_o,        // stays until it is taken
    input  logic                     timeout_ready_i
);
  localparam int unsigned TagW = (MaxFetches > 1) ? $clog2(MaxFetches) : 1;

  // Codes of irq_err, as the core takes them.
  localparam logic [3:0] FetchGood = 4'd0;
  localparam logic [3:0] FetchUr = 4'd3;
  localparam logic [3:0] FetchCa = 4'd4;
  localparam logic [3:0] FetchPoisoned = 4'd5;
  localparam logic [3:0] FetchTimeout = 4'd6;
  localparam logic [3:0] FetchWrong = 4'd7;

  typedef enum logic [1:0] {
    Free,
    Queued,
    Waiting,
    Resting
  } tag_state_e;

  tag_state_e              state_q [MaxFetches];
  logic   [MaxFetches-1:0] quiet_q;               // Resting since a function reset
  logic              [4:0] id_mem  [MaxFetches];
  logic              [6:4] addr_mem[MaxFetches];
  logic             [15:0] rid_mem [MaxFetches];
  logic              [1:0] got_mem [MaxFetches];  // words received, 0 to 3
  logic            [127:0] data_mem[MaxFetches];
  logic             [35:0] time_mem[MaxFetches];  // Waiting: since; Resting: until

  logic [35:0] now_q, limit;
  tlp_timeout u_timeout (
      .code_i  (timeout_i[3:0]),
      .cycles_o(limit)
  );

  // ---- a tag for the next fetch ---------------------------------------------
  logic            free_any;
  logic [TagW-1:0] free_tag;
  always_comb begin
    free_any = 1'b0;
    free_tag = '0;
    for (int unsigned i = 0; i < MaxFetches; i++) begin
      if (!free_any && state_q[i] == Free) begin
        free_any = 1'b1;
        free_tag = TagW'(i);
      end
    end
  end
  assign fetch_ready_o = free_any && read_ready_i && !forget_i;
  assign read_push_o   = fetch_valid_i && fetch_ready_o;
  always_comb begin
    read_o      = '0;
    read_o.addr = fetch_addr_i[63:4];
    read_o.tag  = 5'(free_tag);
    read_o.rid  = rid_i;
  end

  // ---- a completion -----------------------------------------------------------
  logic            tag_known;
  logic [TagW-1:0] ct;
  assign ct        = cpl_i.tag[TagW-1:0];
  assign tag_known = cpl_i.tag < 10'(MaxFetches) && !cpl_i.locked && rid_mem[ct] == cpl_i.rid;

  logic match, hushed;
  assign match  = cpl_valid_i && tag_known && state_q[ct] == Waiting;
  assign hushed = tag_known && state_q[ct] == Resting && quiet_q[ct];

  logic is_crs, is_sc, is_ca, in_order, whole;
  logic [1:0] got;
  logic [2:0] got_after;
  assign got       = got_mem[ct];
  assign got_after = {1'b0, got} + cpl_i.words[2:0];
  assign is_sc     = cpl_i.status == tlp_pkg::StatusSc;
  assign is_crs    = cpl_i.status == tlp_pkg::StatusCrs;
  assign is_ca     = cpl_i.status == tlp_pkg::StatusCa;
  assign in_order  = cpl_i.has_data && cpl_i.words <= 11'd4 && got_after <= 3'd4 &&
                     cpl_i.byte_count == 12'd16 - {8'd0, got, 2'b00} &&
                     cpl_i.lower_addr == {addr_mem[ct], got, 2'b00};
  assign whole     = got_after == 3'd4;

  // Words that are there already, with the new ones on top.
  logic [127:0] gathered;
  always_comb begin
    unique case (got)
      2'd0:    gathered = cpl_i.data;
      2'd1:    gathered = {cpl_i.data[95:0], data_mem[ct][31:0]};
      2'd2:    gathered = {cpl_i.data[63:0], data_mem[ct][63:0]};
      default: gathered = {cpl_i.data[31:0], data_mem[ct][95:0]};
    endcase
  end

  logic       ends;    // this completion ends its fetch
  logic       adds_part; // it brings a part
  logic [3:0] verdict;
  always_comb begin
    ends    = 1'b0;
    adds_part = 1'b0;
    verdict = FetchGood;
    if (match && !is_crs) begin
      if (is_ca) verdict = FetchCa;
      else if (!is_sc) verdict = FetchUr;
      else if (cpl_i.poisoned) verdict = FetchPoisoned;
      else if (!in_order) verdict = FetchWrong;
      ends    = verdict != FetchGood || whole;
      adds_part = !ends;
    end
  end
  assign malformed_o  = match && is_crs;
  assign unexpected_o = cpl_valid_i && !match && !hushed;
  assign poisoned_o   = ends && verdict == FetchPoisoned;
  assign got_ur_o     = ends && verdict == FetchUr;
  assign got_ca_o     = ends && verdict == FetchCa;

  // ---- the clock: one tag at a time --------------------------------------------
  logic [TagW-1:0] scan_q;
  logic [35:0]     waited, left;
  logic            late, expired, rested;
  assign waited    = now_q - time_mem[scan_q];
  assign left      = time_mem[scan_q] - now_q;
  assign late      = state_q[scan_q] == Waiting && !timeout_i[4] && waited >= limit && !ends &&
                     !(adds_part && ct == scan_q);
  assign rested    = state_q[scan_q] == Resting && (left[35] || left == '0);
  assign timeout_o = late;
  assign expired   = late && timeout_ready_i;

  assign fres_valid_o  = (ends || expired) && !forget_i;
  assign fres_id_o     = ends ? id_mem[ct] : id_mem[scan_q];
  assign fres_status_o = ends ? verdict : FetchTimeout;
  assign fres_data_o   = gathered;

  always_comb begin
    pending_o = 1'b0;
    for (int unsigned i = 0; i < MaxFetches; i++) begin
      if (state_q[i] == Waiting) pending_o = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (read_push_o) begin
      id_mem[free_tag]   <= fetch_id_i;
      addr_mem[free_tag] <= fetch_addr_i[6:4];
      rid_mem[free_tag]  <= rid_i;
    end
    if (adds_part) data_mem[ct] <= gathered;
  end

  logic [TagW-1:0] st;
  assign st = sent_tag_i[TagW-1:0];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      now_q   <= '0;
      scan_q  <= '0;
      quiet_q <= '0;
      for (int unsigned i = 0; i < MaxFetches; i++) begin
        state_q[i]  <= Free;
        got_mem[i]  <= '0;
        time_mem[i] <= '0;
      end
    end else begin
      now_q  <= now_q + 36'd1;
      if (!(ends && state_q[scan_q] == Waiting) && !(late && !timeout_ready_i)) begin
        scan_q <= (scan_q == TagW'(MaxFetches - 1)) ? '0 : scan_q + 1'b1;
      end
      if (read_push_o) begin
        state_q[free_tag] <= Queued;
        got_mem[free_tag] <= '0;
      end
      if (sent_i) begin
        state_q[st]  <= Waiting;
        time_mem[st] <= now_q;
      end
      if (adds_part) got_mem[ct] <= got_after[1:0];
      if (ends) state_q[ct] <= Free;
      if (expired) begin
        state_q[scan_q]  <= Resting;
        quiet_q[scan_q]  <= 1'b0;
        time_mem[scan_q] <= now_q + limit;
      end
      if (rested) state_q[scan_q] <= Free;
      if (forget_i) begin
        for (int unsigned i = 0; i < MaxFetches; i++) begin
          if (state_q[i] == Waiting) begin
            state_q[i]  <= Resting;
            quiet_q[i]  <= 1'b1;
            time_mem[i] <= now_q + limit;
          end else if (state_q[i] == Queued) begin
            state_q[i] <= Free;
          end
        end
      end
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{fetch_addr_i[3:0], sent_tag_i, cpl_i.words[10:3]};
endmodule
