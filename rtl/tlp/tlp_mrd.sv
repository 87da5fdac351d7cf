// SPDX-License-Identifier: Apache-2.0 OR MIT
// Reads of the device: gives each a tag, puts it into the read queue, checks its
// completions, and answers whoever asked once per read (docs/device.md §4 rows 13 and
// 14, §6). Slot fetches of the interrupt core have the tags below 16, their data is gathered
// here. Lane l of the DMA engine has the tags 16 + 4l to 16 + 4l + 3; data goes to the lane's
// buffer as it comes, and counts once the read has ended well.
//
// A tag goes Free -> Queued -> Waiting (the read has left) -> Free, or to Resting
// after a timeout and after a function reset: a late completion must not be taken
// for that of a newer fetch, so the tag rests for one completion timeout. The same when the
// answer to a DMA read does not fit; a poisoned one keeps the tag until the rest of
// the answer has come. A strike (tlp_ats) and the end of the store (closed_i) take slot reads that
// have not begun to leave out of the queue. One tag is looked at per clock, which makes a timeout at most 32
// cycles late (a few more when completions come at the same time) and never early.
module tlp_mrd #(
    parameter int unsigned MaxFetches = 16,             // 1 to 16
    parameter int unsigned DmaLanes   = 4,              // 1 to 4
    localparam int unsigned LaneW     = (DmaLanes > 1) ? $clog2(DmaLanes) : 1
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
    input  logic              [ 1:0] fetch_at_i,       // a translation request has 8 bytes
    input  logic              [ 4:0] fetch_id_i,
    output logic                     fres_valid_o,
    output logic              [ 4:0] fres_id_o,
    output logic              [ 3:0] fres_status_o,
    output logic             [127:0] fres_data_o,
    // invalidation of translations: slot reads from before it
    input  logic                     strike_i,
    input  logic                     closed_i,         // the store is off: the same, as long as it is
    output logic                     old_busy_o,       // some have been sent and are not over
    output logic                     killed_o,         // the head of the read queue is not to be sent ...
    input  logic                     drop_i,           // ... and is taken out
    output logic                     dropped_o,
    output logic              [ 4:0] dropped_id_o,
    // from the DMA engine
    input  logic                     dma_valid_i,
    output logic                     dma_ready_o,
    input  logic         [LaneW-1:0] dma_lane_i,
    input  ep_pkg::dma_read_t        dma_i,
    output logic       [DmaLanes-1:0] dma_free_o,      // lanes with a free tag
    output logic              [ 1:0] dma_tag_o,        // the tag that the read gets
    output logic                     dres_valid_o,
    output logic         [LaneW-1:0] dres_lane_o,
    output logic              [ 1:0] dres_tag_o,
    output logic              [ 3:0] dres_status_o,
    // data for the lane's buffer: place of the beat's first word, and which words count
    output logic                     dput_valid_o,
    output logic         [LaneW-1:0] dput_lane_o,
    output logic              [10:2] dput_word_o,
    output logic              [ 7:0] dput_words_o,     // from the first on; more than the beat has: all
    // to the read queue
    input  logic                     read_ready_i,
    output logic                     read_push_o,
    output tlp_pkg::tx_read_t        read_o,
    input  logic              [ 4:0] head_tag_i,       // of the head of the queue
    input  logic                     pop_i,            // it begins to leave
    input  logic                     sent_i,           // a read has left ...
    input  logic              [ 4:0] sent_tag_i,       // ... with this tag
    // completions received: beats, then a good end
    input  logic                     cpl_beat_i,
    input  logic              [10:0] cpl_before_i,     // words before the beat
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
  if (MaxFetches < 1 || MaxFetches > 16) begin : gen_bad_fetches
    $error("MaxFetches must be 1 to 16");
  end
  if (DmaLanes < 1 || DmaLanes > 4) begin : gen_bad_lanes
    $error("DmaLanes must be 1 to 4");
  end
  localparam int unsigned TagW = 5;
  localparam int unsigned DmaTag = 16;                 // first tag of the DMA engine
  localparam int unsigned NumTags = DmaTag + 4 * DmaLanes;

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

  tag_state_e           state_q [NumTags];
  logic   [NumTags-1:0] quiet_q;               // Resting since a function reset
  logic   [NumTags-1:0] bad_q;                 // a poisoned part has come
  logic    [DmaTag-1:0] ask_q;                 // a translation request
  logic    [DmaTag-1:0] leaves_q;              // Queued: it has begun to leave
  logic    [DmaTag-1:0] killed_q;              // Queued: a strike has come before that
  logic    [DmaTag-1:0] old_q;                 // sent before the last strike, and not over
  logic           [4:0] id_mem  [DmaTag];      // number of a slot fetch
  logic          [15:0] rid_mem [NumTags];
  logic          [10:0] next_q  [NumTags];     // low address bits of the next byte
  logic           [9:0] left_q  [NumTags];     // bytes still to come
  logic         [127:0] data_mem[DmaTag];
  logic          [35:0] time_mem[NumTags];     // Waiting: since; Resting: until

  logic [35:0] now_q, limit;
  tlp_timeout u_timeout (
      .code_i  (timeout_i[3:0]),
      .cycles_o(limit)
  );

  // ---- a tag for the next fetch, and one for the next DMA read ------------------
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

  logic [4*DmaLanes-1:0] dma_free;
  logic            [3:0] lane_free;
  for (genvar l = 0; l < DmaLanes; l++) begin : gen_lane_free
    for (genvar i = 0; i < 4; i++) begin : gen_tag_free
      assign dma_free[4*l+i] = state_q[DmaTag+4*l+i] == Free;
    end
    assign dma_free_o[l] = dma_free[4*l+:4] != '0;
  end
  assign lane_free = dma_free[4*dma_lane_i+:4];
  always_comb begin
    if (lane_free[0]) dma_tag_o = 2'd0;
    else if (lane_free[1]) dma_tag_o = 2'd1;
    else if (lane_free[2]) dma_tag_o = 2'd2;
    else dma_tag_o = 2'd3;
  end

  // They take turns.
  logic            fetch_can, dma_can, prefer_dma_q, new_dma;
  logic [TagW-1:0] new_tag;
  assign fetch_can     = fetch_valid_i && free_any;
  assign dma_can       = dma_valid_i && lane_free != '0;
  assign new_dma       = dma_can && (prefer_dma_q || !fetch_can);
  assign fetch_ready_o = free_any && !new_dma && read_ready_i && !forget_i;
  assign dma_ready_o   = new_dma && read_ready_i && !forget_i;
  assign read_push_o   = (fetch_can || dma_can) && read_ready_i && !forget_i;
  assign new_tag       = new_dma ? TagW'(DmaTag) + TagW'({dma_lane_i, dma_tag_o}) : free_tag;

  logic [63:0] new_addr;
  logic  [9:0] new_bytes;
  logic        new_ask;
  assign new_ask   = !new_dma && fetch_at_i == tlp_pkg::AtRequest;
  assign new_addr  = new_dma ? dma_i.addr : fetch_addr_i;
  assign new_bytes = new_dma ? dma_i.bytes : new_ask ? 10'd8 : 10'd16;
  logic [7:0] span_words;
  logic [3:0] span_first, span_last;
  tlp_span u_span (
      .low_i     (new_addr[1:0]),
      .bytes_i   (new_bytes),
      .words_o   (span_words),
      .first_be_o(span_first),
      .last_be_o (span_last)
  );
  always_comb begin
    read_o          = '0;
    read_o.addr     = new_addr[63:2];
    read_o.words    = span_words;
    read_o.first_be = span_first;
    read_o.last_be  = span_last;
    read_o.tag      = new_tag;
    read_o.rid      = rid_i;
    read_o.at       = fetch_at_i;
    if (new_dma) begin
      read_o.at    = tlp_pkg::AtUntranslated;
      read_o.attr  = dma_i.attr;
      read_o.pasid = dma_i.pasid;
    end
  end

  // ---- a completion -----------------------------------------------------------
  logic            tag_real, tag_known;
  logic [TagW-1:0] ct;
  assign tag_real  = cpl_i.tag < 10'(MaxFetches) || (cpl_i.tag >= 10'(DmaTag) && cpl_i.tag < 10'(NumTags));
  assign ct        = tag_real ? cpl_i.tag[TagW-1:0] : '0;
  assign tag_known = tag_real && !cpl_i.locked && rid_mem[ct] == cpl_i.rid;

  logic waits, match, hushed, ct_dma;
  assign ct_dma = ct[TagW-1];
  assign waits  = tag_known && state_q[ct] == Waiting;
  assign match  = cpl_valid_i && waits;
  assign hushed = tag_known && state_q[ct] == Resting && quiet_q[ct];

  logic is_crs, is_sc, is_ca, in_order, whole;
  logic [10:0] next;
  logic [ 9:0] want;         // bytes still to come
  logic [10:0] want_words;   // in so many words
  logic [12:0] next_after, want_after;
  assign next       = next_q[ct];
  assign want       = left_q[ct];
  assign want_words = 11'((13'(want) + 13'(next[1:0]) + 13'd3) >> 2);
  assign next_after = {2'b00, next[10:2], 2'b00} + {cpl_i.words, 2'b00};
  assign want_after = 13'(want) + 13'(next[1:0]) - {cpl_i.words, 2'b00};
  assign is_sc      = cpl_i.status == tlp_pkg::StatusSc;
  assign is_crs     = cpl_i.status == tlp_pkg::StatusCrs;
  assign is_ca      = cpl_i.status == tlp_pkg::StatusCa;
  // A translation comes as one completion, whose lower address means nothing here.
  logic ct_ask;
  assign ct_ask     = !ct_dma && ask_q[ct[3:0]];
  assign in_order   = cpl_i.has_data && cpl_i.words <= want_words && cpl_i.byte_count == {2'b00, want} &&
                      (ct_ask ? whole : cpl_i.lower_addr == next[6:0]);
  assign whole      = cpl_i.words == want_words;

  // Slot fetches: words that are there already, with the new ones on top.
  logic [127:0] gathered;
  logic [ 95:0] older;
  assign older = 96'(data_mem[ct[3:0]]);
  always_comb begin
    unique case (next[3:2])
      2'd0:    gathered = cpl_i.data;
      2'd1:    gathered = {cpl_i.data[95:0], older[31:0]};
      2'd2:    gathered = {cpl_i.data[63:0], older[63:0]};
      default: gathered = {cpl_i.data[31:0], older[95:0]};
    endcase
  end

  // DMA: the data of a beat. It lands within the read's own part of the buffer, so it does
  // no harm if its packet turns out to be bad: nobody looks at it then.
  assign dput_valid_o = cpl_beat_i && waits && ct_dma && is_sc && in_order && !cpl_i.poisoned;
  assign dput_lane_o  = LaneW'(ct[3:2]);
  assign dput_word_o  = next[10:2] + cpl_before_i[8:0];
  assign dput_words_o = 8'(cpl_i.words - cpl_before_i);

  logic       ends;    // this completion ends its read
  logic       adds_part; // it brings a part
  logic       spoils;    // that is poisoned, of a read that goes on
  logic       rests;     // the tag may not be used at once
  logic [3:0] verdict;
  always_comb begin
    ends      = 1'b0;
    adds_part = 1'b0;
    spoils    = 1'b0;
    rests     = 1'b0;
    verdict   = FetchGood;
    if (match && !is_crs) begin
      if (is_ca) verdict = FetchCa;
      else if (!is_sc) verdict = FetchUr;
      else if (cpl_i.poisoned && (!ct_dma || whole || !in_order)) verdict = FetchPoisoned;
      else if (!in_order) verdict = FetchWrong;
      ends      = verdict != FetchGood || whole;
      adds_part = !ends;
      spoils    = ct_dma && is_sc && cpl_i.poisoned;
      rests     = ct_dma && is_sc && !in_order;
      if (bad_q[ct]) verdict = FetchPoisoned;
    end
  end
  assign malformed_o  = match && is_crs;
  assign unexpected_o = cpl_valid_i && !match && !hushed;
  assign poisoned_o   = match && is_sc && cpl_i.poisoned;
  assign got_ur_o     = match && !is_crs && !is_sc && !is_ca;
  assign got_ca_o     = match && is_ca;

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

  logic            over;      // a read is over: of this tag, with this status
  logic [TagW-1:0] over_tag;
  logic [     3:0] over_status;
  assign over        = (ends || expired) && !forget_i;
  assign over_tag    = ends ? ct : scan_q;
  always_comb begin
    if (ends) over_status = verdict;
    else if (bad_q[scan_q]) over_status = FetchPoisoned;
    else over_status = FetchTimeout;
  end
  assign fres_valid_o  = over && !over_tag[TagW-1];
  assign fres_id_o     = id_mem[over_tag[3:0]];
  assign fres_status_o = over_status;
  assign fres_data_o   = gathered;
  assign dres_valid_o  = over && over_tag[TagW-1];
  assign dres_lane_o   = LaneW'(over_tag[3:2]);
  assign dres_tag_o    = over_tag[1:0];
  assign dres_status_o = over_status;

  always_comb begin
    pending_o = 1'b0;
    for (int unsigned i = 0; i < NumTags; i++) begin
      if (state_q[i] == Waiting) pending_o = 1'b1;
    end
  end

  // ---- strikes -----------------------------------------------------------------
  logic [DmaTag-1:0] at_head, over_one, new_one, going, sits;
  always_comb begin
    for (int unsigned i = 0; i < DmaTag; i++) at_head[i] = head_tag_i == TagW'(i);
  end
  always_comb begin
    for (int unsigned i = 0; i < DmaTag; i++) begin
      over_one[i] = over && over_tag == TagW'(i);
      new_one[i]  = read_push_o && new_tag == TagW'(i);
      // Begun to leave, or left; and still in the queue.
      going[i]    = state_q[i] == Waiting || (state_q[i] == Queued && (leaves_q[i] || (pop_i && at_head[i])));
      sits[i]     = state_q[i] == Queued && !going[i];
    end
  end
  assign killed_o     = (killed_q & at_head) != '0;
  assign dropped_o    = drop_i;
  assign dropped_id_o = id_mem[head_tag_i[3:0]];
  assign old_busy_o   = old_q != '0;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || forget_i) begin
      leaves_q <= '0;
      killed_q <= '0;
      old_q    <= '0;
    end else begin
      leaves_q <= (leaves_q | (pop_i ? at_head : '0)) & ~new_one;
      killed_q <= (killed_q | (strike_i || closed_i ? sits : '0)) & ~(drop_i ? at_head : '0);
      old_q    <= (old_q | (strike_i ? going : '0)) & ~over_one;
    end
  end
  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < DmaTag; i++) begin
      if (new_one[i]) ask_q[i] <= new_ask;
    end
  end

  always_ff @(posedge clk_i) begin
    if (read_push_o) begin
      rid_mem[new_tag] <= rid_i;
      if (!new_dma) id_mem[free_tag[3:0]] <= fetch_id_i;
    end
    if (adds_part && !ct_dma) data_mem[ct[3:0]] <= gathered;
  end

  logic [TagW-1:0] st;
  assign st = sent_tag_i[TagW-1:0];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      now_q   <= '0;
      scan_q  <= '0;
      quiet_q <= '0;
      bad_q   <= '0;
      prefer_dma_q <= 1'b0;
      for (int unsigned i = 0; i < NumTags; i++) begin
        state_q[i]  <= Free;
        next_q[i]   <= '0;
        left_q[i]   <= '0;
        time_mem[i] <= '0;
      end
    end else begin
      now_q  <= now_q + 36'd1;
      if (!(ends && state_q[scan_q] == Waiting) && !(late && !timeout_ready_i)) begin
        scan_q <= (scan_q == TagW'(NumTags - 1)) ? '0 : scan_q + 1'b1;
      end
      if (read_push_o) begin
        state_q[new_tag] <= Queued;
        bad_q[new_tag]   <= 1'b0;
        next_q[new_tag]  <= new_addr[10:0];
        left_q[new_tag]  <= new_bytes;
        prefer_dma_q     <= !new_dma;
      end
      if (drop_i) state_q[head_tag_i] <= Free;
      if (sent_i) begin
        state_q[st]  <= Waiting;
        time_mem[st] <= now_q;
      end
      if (adds_part) begin
        next_q[ct] <= next_after[10:0];
        left_q[ct] <= want_after[9:0];
      end
      if (spoils) bad_q[ct] <= 1'b1;
      if (ends) begin
        state_q[ct]  <= rests ? Resting : Free;
        quiet_q[ct]  <= 1'b0;
        if (rests) time_mem[ct] <= now_q + limit;
      end
      if (expired) begin
        state_q[scan_q]  <= Resting;
        quiet_q[scan_q]  <= 1'b0;
        time_mem[scan_q] <= now_q + limit;
      end
      if (rested) state_q[scan_q] <= Free;
      if (forget_i) begin
        for (int unsigned i = 0; i < NumTags; i++) begin
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
  assign unused_inputs = ^{next_after[12:11], want_after[12:10], cpl_before_i[10:9]};
endmodule
