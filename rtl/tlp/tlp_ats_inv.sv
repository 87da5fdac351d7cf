// SPDX-License-Identifier: Apache-2.0 OR MIT
// Invalidations of translations (docs/device.md §17): up to four Invalidate Requests wait in
// their order, the one that is worked on among them. The work is one walk of the core over
// everything it holds of the host store; the clock in which the core takes it is the
// strike. The completion is offered when the core is done and every read that was sent before
// the strike has been answered or is late. A change of the enable is worked on likewise and
// answered by nothing.
module tlp_ats_inv (
    input  logic        clk_i,
    input  logic        rst_ni,         // function reset included
    input  logic        enable_i,
    // Invalidate Requests
    input  logic        req_i,
    input  logic [15:0] req_rid_i,
    input  logic [ 4:0] req_tag_i,
    output logic        dropped_o,      // pulse: there were four
    // the core
    output logic        inv_valid_o,
    input  logic        inv_ready_i,
    input  logic        inv_done_i,
    // translations and reads
    output logic        freeze_o,       // the enable has changed, the strike is to come
    output logic        strike_o,
    input  logic        old_busy_i,     // reads from before the strike are outstanding
    // Invalidate Completion
    output logic        msg_valid_o,
    input  logic        msg_ready_i,
    output logic [63:0] msg_words_o     // header words 2 and 3
);
  localparam int unsigned Depth = 4;
  typedef enum logic [2:0] {
    Idle,   // a request, or the enable to change
    Ask,    // the core to begin
    Walk,   // the core to end
    Drain,  // reads from before
    Answer  // the posted stream to take the completion
  } state_e;
  state_e      state_q, state_d;
  logic        answer_q;  // there is a request behind the work
  logic        enable_q, due_q, queue_ready, queued, pop;
  logic [15:0] rid;
  logic [ 4:0] tag;
  logic [$clog2(Depth + 1)-1:0] unused_level;

  prim_fifo #(
      .Width(21),
      .Depth(Depth)
  ) u_queue (
      .clk_i,
      .rst_ni,
      .clear_i (1'b0),
      .wvalid_i(req_i),
      .wready_o(queue_ready),
      .wdata_i ({req_rid_i, req_tag_i}),
      .rvalid_o(queued),
      .rready_i(pop),
      .rdata_o ({rid, tag}),
      .level_o (unused_level)
  );
  assign dropped_o = req_i && !queue_ready;

  assign freeze_o    = due_q || enable_i != enable_q;
  assign inv_valid_o = state_q == Ask;
  assign strike_o    = state_q == Ask && inv_ready_i;
  assign msg_valid_o = state_q == Answer;
  assign msg_words_o = {rid, 13'd0, 3'd1, 32'd1 << tag};
  assign pop         = msg_valid_o && msg_ready_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle: begin
        if (freeze_o) state_d = Ask;
        else if (queued) state_d = enable_i ? Ask : Drain;
      end
      Ask:     if (inv_ready_i) state_d = Walk;
      Walk:    if (inv_done_i) state_d = answer_q ? Drain : Idle;
      Drain:   if (!old_busy_i) state_d = Answer;
      default: if (msg_ready_i) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q  <= Idle;
      answer_q <= 1'b0;
      enable_q <= 1'b0;
      due_q    <= 1'b0;
    end else begin
      state_q  <= state_d;
      enable_q <= enable_i;
      due_q    <= enable_i != enable_q || (due_q && !strike_o);
      if (state_q == Idle) answer_q <= !freeze_o;
    end
  end
endmodule
