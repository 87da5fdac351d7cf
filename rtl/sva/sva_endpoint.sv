// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws between the blocks of ims_endpoint.
module sva_endpoint (
    input logic       clk_i,
    input logic       rst_ni,
    input logic       may_write_i,    // bus master, D0, no function reset
    // transmit
    input logic       post_push_i,
    input logic       post_bare_i,    // what is pushed is a message request: no data, not mastering
    input logic       post_virtual_i, // it is of a virtual function: sva_vf has its law
    input logic       msg_valid_i,
    input logic [5:0] post_avail_i,   // credits and room in hand
    input logic [5:0] post_avail_bare_i,  // likewise, for packets without data
    input logic       read_pop_i,
    input logic       cpl_push_i,
    input logic       cpl_full_i,
    input logic       cpl_data_push_i,
    input logic       cpl_data_ready_i,
    input logic       cpl_data_pop_i,
    input logic       cpl_data_valid_i,
    // requests in hand of the completer
    input logic       np_pop_i,
    input logic       np_push_i,
    input logic       np_full_i,
    input logic       cpl_idle_i,
    // read answers of the core
    input logic       acc_read_i,     // a read is accepted
    input logic       acc_rvalid_i,
    // fetches
    input logic       read_push_i,
    input logic       read_full_i
);
  // Nothing is committed once bus mastering is off; what the core is showing in its three
  // stages was committed before.
  logic [2:0] closed_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || may_write_i) closed_q <= '0;
    else if (closed_q != '1) closed_q <= closed_q + 3'd1;
  end
  NothingCommitted_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) closed_q >= 3'd4 && post_push_i |-> post_bare_i || post_virtual_i);
  NoReadLeaves_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) read_pop_i |-> may_write_i);

  // What enters the posted stream has credits and room; so has every message of the core.
  CreditInHand_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      post_push_i |-> (post_bare_i ? post_avail_bare_i : post_avail_i) != '0);
  MessageTaken_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) msg_valid_i |-> post_push_i);

  // Completions answer requests, and queues are neither overrun nor underrun.
  CompletionAnswers_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) cpl_push_i |-> !cpl_idle_i);
  CplRoom_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) cpl_push_i |-> !cpl_full_i);
  CplDataRoom_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) cpl_data_push_i |-> cpl_data_ready_i);
  CplDataThere_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) cpl_data_pop_i |-> cpl_data_valid_i);
  NpRoom_A :  // the partner never exceeds rx_nph_limit_o
  assert property (@(posedge clk_i) disable iff (!rst_ni) np_push_i |-> !np_full_i);
  OneAtATime_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) np_pop_i |-> cpl_idle_i);
  ReadRoom_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) read_push_i |-> !read_full_i);

  // The core answers accepted reads only.
  logic [4:0] asked_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) asked_q <= '0;
    else asked_q <= asked_q + 5'(acc_read_i) - 5'(acc_rvalid_i);
  end
  AnswerAsked_A :
  assert property (@(posedge clk_i) disable iff (!rst_ni) acc_rvalid_i |-> asked_q != '0);
endmodule
