// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Address translation with what stands around it in ims_endpoint, wired as there: the core's fetches (irq_ims_host, two
// at a time), fn_inv, tlp_ats_inv, tlp_ats, tlp_mrd with one lane of DMA, the read queue. Proof ats has
// any/tlp_mrd instead and any cache, proof ats-reads any/tlp_ats; what one assumes there is a law of the other. Anything may
// happen at the edges: Invalidate Requests, the enable, commands of the host store, answers of every shape and tag, late
// ones, credits, the link. What is not looked at is fixed: addresses have two bits for the page and two for the slot,
// an answer the bits R, U, S and two of the address.
module formal_ats (
  input logic        clk_i,
  input logic        enable_i,
  // Invalidate Request, command of the host store, the core's work on them
  input logic        req_i,
  input logic [15:0] req_rid_i,
  input logic [4:0]  req_tag_i,
  input logic        cmd_valid_i,
  input logic [4:0]  cmd_order_i,
  input logic [1:0]  cmd_index_i,
  input logic        core_free_i,
  input logic        core_ends_i,
  // the core's commit stage
  input logic        hs_enable_i,
  input logic        start_i,           // a slot is to be fetched
  input logic [1:0]  page_i,
  input logic [1:0]  slot_i,
  input logic        take_i,            // the oldest result becomes an operation
  // DMA engine, the posted stream, the link
  input logic        dma_i,
  input logic        post_done_i,
  input logic        may_write_i,
  input logic        load_i,
  input logic        sent_i,
  input logic        posted_i,          // the posted stream has a place
  // completions
  input logic        cpl_valid_i,
  input logic [9:0]  cpl_tag_i,
  input logic        cpl_mine_i,
  input logic [2:0]  cpl_status_i,
  input logic        cpl_has_data_i,
  input logic        cpl_poisoned_i,
  input logic [10:0] cpl_words_i,
  input logic [11:0] cpl_bytes_i,
  input logic [6:0]  cpl_lower_i,
  input logic [4:0]  cpl_answer_i,
  input logic        timeout_off_i,
  input logic        timeout_ready_i
);
  localparam int unsigned Fetches = 2;
  localparam int unsigned Depth = 2;
  localparam logic [15:0] Id = 16'h0100;

  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  // ---- invalidations ---------------------------------------------------------------------------------------------
  logic        cmd_ready, cmd_done, ats_valid, ats_ready, ats_done, inv_valid, inv_ready, inv_done;
  logic [19:0] inv_index;
  logic [4:0]  inv_order;
  logic        freeze, strike, old_busy, unused_dropped, completion_valid;
  logic [63:0] unused_words;

  // The core takes one when it has none and ends it some time later.
  logic work_q;
  assign inv_ready = inv_valid && !work_q && core_free_i;
  assign inv_done  = work_q && core_ends_i;
  always_ff @(posedge clk_i) work_q <= rst_ni && (inv_ready || (work_q && !inv_done));

  fn_inv u_inv (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .cmd_valid_i(cmd_valid_i), .cmd_ready_o(cmd_ready), .cmd_index_i({10'd0, cmd_index_i, 6'd0, 2'd0}),
    .cmd_order_i(cmd_order_i), .cmd_done_o(cmd_done),
    .ats_valid_i(ats_valid), .ats_ready_o(ats_ready), .ats_done_o(ats_done),
    .inv_valid_o(inv_valid), .inv_ready_i(inv_ready), .inv_index_o(inv_index), .inv_order_o(inv_order),
    .inv_done_i(inv_done)
  );
  tlp_ats_inv u_ats_inv (
    .clk_i(clk_i), .rst_ni(rst_ni), .enable_i(enable_i),
    .req_i(req_i), .req_rid_i(req_rid_i), .req_tag_i(req_tag_i), .dropped_o(unused_dropped),
    .inv_valid_o(ats_valid), .inv_ready_i(ats_ready), .inv_done_i(ats_done),
    .freeze_o(freeze), .strike_o(strike), .old_busy_i(old_busy),
    .msg_valid_o(completion_valid), .msg_ready_i(posted_i), .msg_words_o(unused_words)
  );

  // ---- the core's fetches ----------------------------------------------------------------------------------------
  logic             fetch_valid, fetch_ready, fres_valid, fres_empty, fetched_valid, fetch_free, discard;
  logic [63:0]      fetch_addr;
  logic [4:0]       fetch_id, fres_id, fetched_id;
  logic [3:0]       fres_status, unused_status;
  logic [127:0]     fres_data, unused_data;
  irq_pkg::index_t  unused_index, range_mask;
  logic             over_q, unused_held, unused_mask, unused_fetching, unused_sends;
  logic [4:0]       over_id_q;
  logic [63:2]      unused_held_addr;
  logic [31:0]      unused_held_data;

  // The commit stage ends a fetch in one operation and starts one in another.
  always_ff @(posedge clk_i) begin
    over_q    <= rst_ni && fetched_valid && take_i;
    over_id_q <= fetched_id;
  end
  assign range_mask = inv_order < 5'd20 ? 20'hfffff << inv_order : 20'd0;

  irq_ims_host #(.HostCacheLines(4), .MaxFetches(Fetches)) u_ims_host (
    .clk_i(clk_i), .rst_ni(rst_ni), .flush_i(1'b0),
    .hs_enable_i(hs_enable_i), .host_open_i(1'b1), .hs_base_i(64'd0),
    .op_index_i(20'd0), .commit_index_i({10'd0, page_i, 6'd0, slot_i}), .commit_id_i(over_id_q), .commit_data_i(128'd0),
    .held_o(unused_held), .held_mask_o(unused_mask), .held_addr_o(unused_held_addr), .held_data_o(unused_held_data),
    .fetching_o(unused_fetching), .fetch_free_o(fetch_free), .discard_o(discard),
    .fetch_i(start_i && fetch_free && hs_enable_i && !over_q), .over_i(over_q), .fill_i(1'b0), .drop_line_i(1'b0),
    .discard_range_i(inv_ready), .range_index_i(inv_index & range_mask), .range_mask_i(range_mask),
    .fetch_valid_o(fetch_valid), .fetch_ready_i(fetch_ready), .fetch_addr_o(fetch_addr), .fetch_id_o(fetch_id),
    .fres_valid_i(fres_valid), .fres_id_i(fres_id), .fres_status_i(fres_status), .fres_data_i(fres_data),
    .fetched_valid_o(fetched_valid), .fetched_ready_i(take_i), .fetched_sends_o(unused_sends),
    .fetched_id_o(fetched_id), .fetched_status_o(unused_status), .fetched_data_o(unused_data),
    .fetched_index_o(unused_index),
    .clr_i(1'b0), .clr_line_i(14'd0)
  );

  // What a strike or a closed store finds under way, or offered, may not be used: by its number, until that is offered anew.
  logic [15:0] discard_q;
  logic        offered_q;
  always_ff @(posedge clk_i) begin
    offered_q <= rst_ni && fetch_valid && !fetch_ready;
    for (int i = 0; i < 16; i++) begin
      if (!rst_ni || (fetch_valid && !offered_q && fetch_id == 5'(i))) discard_q[i] <= rst_ni && (strike || !hs_enable_i);
      else if (strike || !hs_enable_i) discard_q[i] <= 1'b1;
    end
  end
  DiscardTrue_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    over_q && discard_q[over_id_q[3:0]] |-> discard);

  // ---- translation, reads ----------------------------------------------------------------------------------------
  logic         slot_valid, slot_ready, sres_valid, dropped;
  logic [63:0]  slot_addr;
  logic [4:0]   slot_id, sres_id, dropped_id;
  logic [1:0]   slot_at;
  logic [3:0]   sres_status;
  logic [127:0] sres_data;
  tlp_ats u_ats (
    .clk_i(clk_i), .rst_ni(rst_ni), .enable_i(enable_i), .freeze_i(freeze), .strike_i(strike), .closed_i(!hs_enable_i),
    .core_valid_i(fetch_valid), .core_ready_o(fetch_ready), .core_addr_i(fetch_addr), .core_id_i(fetch_id),
    .cres_valid_o(fres_valid), .cres_empty_o(fres_empty), .cres_id_o(fres_id), .cres_status_o(fres_status),
    .cres_data_o(fres_data),
    .fetch_valid_o(slot_valid), .fetch_ready_i(slot_ready), .fetch_addr_o(slot_addr), .fetch_id_o(slot_id),
    .fetch_at_o(slot_at),
    .fres_valid_i(sres_valid), .fres_id_i(sres_id), .fres_status_i(sres_status), .fres_data_i(sres_data),
    .dropped_i(dropped), .dropped_id_i(dropped_id)
  );

  logic              read_full, read_push, read_ready, read_pop, killed, drop, may_leave, read_sent, leaving_q;
  logic              unused_pending, unused_dma_ready, unused_dma_free, unused_dres, unused_dput;
  logic              unused_malformed, unused_unexpected, unused_poisoned, unused_ur, unused_ca, unused_timeout;
  logic [1:0]        unused_dma_tag, unused_dres_tag;
  logic              unused_dres_lane, unused_dput_lane;
  logic [3:0]        unused_dres_status;
  logic [10:2]       unused_dput_word;
  logic [7:0]        unused_dput_words;
  logic [1:0]        unused_count;
  logic [4:0]        leaving_tag_q;
  tlp_pkg::tx_read_t read_in, read;
  tlp_pkg::rx_cpl_t  cpl;
  ep_pkg::dma_read_t dma;

  always_comb begin
    dma       = '0;
    dma.bytes = 10'd32;
    cpl            = '0;
    cpl.rid        = cpl_mine_i ? Id : '0;
    cpl.tag        = cpl_tag_i;
    cpl.status     = cpl_status_i;
    cpl.has_data   = cpl_has_data_i;
    cpl.poisoned   = cpl_poisoned_i;
    cpl.words      = cpl_words_i;
    cpl.byte_count = cpl_bytes_i;
    cpl.lower_addr = cpl_lower_i;
    // Most significant byte first: bits 13 to 11 are in byte 6, bits 2 and 0 in byte 7.
    cpl.data[53:51] = cpl_answer_i[4:2];
    cpl.data[58]    = cpl_answer_i[1];
    cpl.data[56]    = cpl_answer_i[0];
  end

  tlp_mrd #(.MaxFetches(Fetches), .DmaLanes(1)) u_mrd (
    .clk_i(clk_i), .rst_ni(rst_ni), .forget_i(1'b0),
    .timeout_i({timeout_off_i, 4'd0}), .rid_i(Id), .pending_o(unused_pending),
    .fetch_valid_i(slot_valid), .fetch_ready_o(slot_ready), .fetch_addr_i(slot_addr), .fetch_at_i(slot_at),
    .fetch_id_i(slot_id),
    .fres_valid_o(sres_valid), .fres_id_o(sres_id), .fres_status_o(sres_status), .fres_data_o(sres_data),
    .strike_i(strike), .closed_i(!hs_enable_i), .old_busy_o(old_busy), .killed_o(killed), .drop_i(drop), .dropped_o(dropped),
    .dropped_id_o(dropped_id),
    .dma_valid_i(dma_i), .dma_ready_o(unused_dma_ready), .dma_lane_i(1'b0), .dma_i(dma), .dma_free_o(unused_dma_free),
    .dma_tag_o(unused_dma_tag), .dres_valid_o(unused_dres), .dres_lane_o(unused_dres_lane),
    .dres_tag_o(unused_dres_tag), .dres_status_o(unused_dres_status),
    .dput_valid_o(unused_dput), .dput_lane_o(unused_dput_lane), .dput_word_o(unused_dput_word),
    .dput_words_o(unused_dput_words),
    .read_ready_i(!read_full), .read_push_o(read_push), .read_o(read_in), .head_tag_i(read.tag), .pop_i(read_pop),
    .sent_i(read_sent), .sent_tag_i(leaving_tag_q),
    .cpl_beat_i(cpl_valid_i), .cpl_before_i(11'd0), .cpl_valid_i(cpl_valid_i), .cpl_i(cpl),
    .malformed_o(unused_malformed), .unexpected_o(unused_unexpected), .poisoned_o(unused_poisoned),
    .got_ur_o(unused_ur), .got_ca_o(unused_ca), .timeout_o(unused_timeout), .timeout_ready_i(timeout_ready_i)
  );
  tlp_ordq #(.Width(tlp_pkg::TxReadW), .Depth(Depth), .PtrW(1)) u_read_queue (
    .clk_i(clk_i), .rst_ni(rst_ni), .flush_i(1'b0),
    .push_i(read_push), .data_i(read_in), .stamp_i(1'b0), .full_o(read_full), .count_o(unused_count),
    .done_i(post_done_i), .valid_o(read_ready), .data_o(read), .pop_i(read_pop || drop)
  );
  // As in ims_endpoint.
  assign drop      = read_ready && killed;
  assign may_leave = read_ready && may_write_i && !killed && !((freeze || !hs_enable_i) && !read.tag[4]);

  // The link takes one read at a time: it begins to leave, then it has left.
  assign read_sent = leaving_q && sent_i;
  assign read_pop  = may_leave && load_i && (!leaving_q || sent_i);
  always_ff @(posedge clk_i) begin
    leaving_q <= rst_ni && (read_pop || (leaving_q && !sent_i));
    if (read_pop) leaving_tag_q <= read.tag;
  end

  // ---- laws ------------------------------------------------------------------------------------------------------
  // What one part assumes of the other.
  logic [15:0] out_q;
  always_ff @(posedge clk_i) begin
    for (int i = 0; i < 16; i++) begin
      if (!rst_ni) out_q[i] <= 1'b0;
      else if (slot_valid && slot_ready && slot_id == 5'(i)) out_q[i] <= 1'b1;
      else if ((sres_valid && sres_id == 5'(i)) || (dropped && dropped_id == 5'(i))) out_q[i] <= 1'b0;
    end
  end
  NumberOnce_A: assert property (@(posedge clk_i) disable iff (!rst_ni) slot_valid |-> !slot_id[4] && !out_q[slot_id[3:0]]);
  KindAsked_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    slot_valid && slot_at != tlp_pkg::AtUntranslated |-> enable_i && !freeze);

  // The tag of a read that is over, by the number of its fetch.
  logic [4:0] tag_of_q [16];
  always_ff @(posedge clk_i) begin
    if (read_push && !read_in.tag[4]) tag_of_q[slot_id[3:0]] <= read_in.tag;
  end

  sva_ats u_sva_ats (
    .clk_i(clk_i), .rst_ni(rst_ni), .enable_i(enable_i), .freeze_i(freeze), .strike_i(strike), .closed_i(!hs_enable_i),
    .push_i(read_push), .push_read_i(read_in), .pop_i(read_pop), .head_i(read), .drop_i(drop),
    .over_i(sres_valid), .over_tag_i(tag_of_q[sres_id[3:0]]),
    .shown_i(fetch_valid), .shown_id_i(fetch_id), .asked_i(slot_valid), .asked_id_i(slot_id),
    .completion_i(completion_valid && posted_i),
    .empty_i(fres_empty), .empty_id_i(fres_id), .discard_i(discard_q)
  );
endmodule
