// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// tlp_post between a core that keeps its contract (an operation starts with a credit counted, two clocks later it may
// become a message that shows one clock after that) and a partner whose credit limits only grow. What enters has its
// credits and a place; what leaves is what entered, in order.
module formal_post (
  input logic        clk_i,
  input logic [7:0]  ph_limit_i,
  input logic [11:0] pd_limit_i,
  input logic        start_i,
  input logic        becomes_i,
  input logic        other_valid_i,
  input logic        other_msg_i,     // what is offered beside is a message request: no data
  input logic        bulk_valid_i,
  input logic [7:0]  bulk_words_i,
  input logic        bit_i,
  input logic        pop_i,
  input logic        follow_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;
  (* anyconst *) logic [1:0] infinite;

  // ---- the core ----------------------------------------------------------------------------------------------------
  logic       b_q, c_q, msg_q, start;
  logic [5:0] avail;
  logic [3:0] inflight;
  assign inflight = 4'(b_q) + 4'(c_q) + 4'(msg_q);
  assign start    = start_i && 6'(inflight) < avail;
  always_ff @(posedge clk_i) begin
    b_q   <= rst_ni && start;
    c_q   <= rst_ni && b_q;
    msg_q <= rst_ni && c_q && becomes_i;
  end

  // ---- the design --------------------------------------------------------------------------------------------------
  logic other_ready, bulk_ready, valid;
  logic unused_room;
  logic [63:0] unused_payload;
  // A bulk write is offered unchanged until it is taken; bit 0 of its address is what is followed.
  tlp_pkg::bulk_t bulk;
  logic           offered_q;
  logic [7:0]     words_q;
  always_ff @(posedge clk_i) begin
    offered_q <= rst_ni && bulk_valid_i && !bulk_ready;
    words_q   <= bulk_words_i;
  end
  always_comb begin
    bulk         = '0;
    bulk.words   = bulk_words_i;
    bulk.addr[2] = bit_i;
    assume (bulk_words_i != '0 && bulk_words_i <= 8'd128);
    assume (!offered_q || (bulk_valid_i && bulk_words_i == words_q));
  end
  logic [2:0] pushed, done;
  tlp_pkg::tx_post_t post;
  tlp_post #(.DataW(64), .Depth(4), .BulkBytes(1024)) u_post (
    .clk_i(clk_i), .rst_ni(rst_ni), .soft_rst_i(1'b0), .id_i(16'd0),
    .fc_ph_limit_i(ph_limit_i), .fc_pd_limit_i(pd_limit_i), .fc_infinite_i(infinite),
    .msg_valid_i(msg_q), .msg_addr_i(64'hfee0_0000), .msg_data_i({31'd0, bit_i}), .msg_fn_i('0),
    .msg_avail_o(avail), .msg_inflight_i(inflight),
    .other_valid_i(other_valid_i), .other_ready_o(other_ready), .other_quad_i(1'b0),
    .other_addr_i(64'h1000), .other_data_i({127'd0, bit_i}), .other_pasid_i('0), .other_fn_i('0),
    .other_msg_i(other_msg_i), .other_route_i('0), .other_code_i('0),
    .bulk_room_o(unused_room), .bulk_push_i(1'b0), .bulk_data_i('0),
    .bulk_valid_i(bulk_valid_i), .bulk_ready_o(bulk_ready), .bulk_i(bulk),
    .valid_o(valid), .post_o(post), .pop_i(pop_i && valid), .payload_o(unused_payload), .payload_pop_i(1'b0), .pushed_o(pushed), .done_o(done)
  );

  // ---- the partner's account ---------------------------------------------------------------------------------------
  logic        push, pop;
  logic [7:0]  ph_q, ph_before_q, ph_left;
  logic [11:0] pd_q, pd_before_q, pd_left, units;
  logic        bulk_go;
  assign bulk_go = bulk_valid_i && bulk_ready;
  assign push    = msg_q || (other_valid_i && other_ready) || bulk_go;
  assign units   = bulk_go ? {6'd0, 6'((bulk_words_i + 8'd3) >> 2)} : 12'(msg_q || (other_valid_i && other_ready && !other_msg_i));
  assign pop     = pop_i && valid;
  assign ph_left = ph_limit_i - ph_q;
  assign pd_left = pd_limit_i - pd_q;

  always_ff @(posedge clk_i) begin
    // Not below 0: a partner whose credits were overrun has to be there in the next clock, or nothing would be seen.
    ph_before_q <= (rst_ni && ph_left != '0) ? ph_left - 8'(push) : 8'd0;
    pd_before_q <= (rst_ni && pd_left >= units) ? pd_left - units : 12'd0;
    ph_q        <= rst_ni ? ph_q + 8'(push) : 8'd0;
    pd_q        <= rst_ni ? pd_q + units : 12'd0;
  end
  // Limits never fall, and never run further ahead than the specification lets them.
  always_comb begin
    if (rst_ni && !infinite[0]) assume (ph_left <= 8'd128 && ph_left >= ph_before_q);
    if (rst_ni && !infinite[1]) assume (pd_left <= 12'd2048 && pd_left >= pd_before_q);
  end

  // ---- order -------------------------------------------------------------------------------------------------------
  logic [2:0] count_q, front_q;
  logic       inside_q, word_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q  <= '0;
      inside_q <= 1'b0;
    end else begin
      count_q <= count_q + 3'(push) - 3'(pop);
      if (push && follow_i && !inside_q) begin
        inside_q <= 1'b1;
        front_q  <= count_q - 3'(pop);
        word_q   <= bit_i;
      end else if (inside_q && pop) begin
        if (front_q == '0) inside_q <= 1'b0;
        else               front_q <= front_q - 3'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      HeaderCredit_A: assert (!push || infinite[0] || ph_left != '0);
      DataCredit_A: assert (infinite[1] || pd_left >= units);
      PlaceForEach_A: assert (!push || count_q < 3'd4);
      OneAtATime_A: assert (!(msg_q && (other_ready || bulk_ready)) && !(other_ready && bulk_ready));
      OrderKept_A: assert (!(inside_q && front_q == '0 && valid) || (post.bulk ? post.addr[2] : post.data[0]) == word_q);
      StampsTrue_A: assert (3'(pushed - done) == count_q && valid == (count_q != '0));
    end
  end
endmodule
