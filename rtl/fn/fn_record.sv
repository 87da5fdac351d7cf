// SPDX-License-Identifier: Apache-2.0 OR MIT
// Completion records: one lane after another looks for its place in its queue's completion ring,
// has its record enter the posted stream, and has the ring's tail moved. All three belong
// together, so that the records of a queue stand in the ring in the order in which they were
// written. There is room: fn_queue starts no descriptor without.
module fn_record #(
    parameter int unsigned Lanes = 4
) (
    input  logic                             clk_i,
    input  logic                             rst_ni,        // function reset included
    input  logic                             allow_i,       // memory writes may be made
    // lanes: valid and record stay until done
    input  logic                 [Lanes-1:0] valid_i,
    input  logic [Lanes*ep_pkg::RecordW-1:0] record_i,
    output logic                 [Lanes-1:0] done_o,        // pulse
    // the queue
    output logic                             look_o,
    output logic                             wrote_o,
    output logic                       [5:0] queue_o,
    input  logic                             looked_i,
    input  logic                      [63:4] addr_i,
    input  logic                      [31:0] number_i,
    input  logic                             wrote_ok_i,
    // the posted stream: four words
    output logic                             post_valid_o,
    input  logic                             post_ready_i,
    output logic                      [63:0] post_addr_o,
    output logic                     [127:0] post_data_o,
    output tlp_pkg::pasid_t                  post_pasid_o
);
  typedef enum logic [1:0] {
    Idle,  // a lane
    Look,  // the queue's answer
    Post,  // the posted stream
    Wrote  // the queue to move its tail
  } state_e;
  state_e state_q, state_d;

  logic [Lanes-1:0] gnt, lane_q;
  prim_arb_rr #(
      .N(Lanes)
  ) u_arb (
      .clk_i,
      .rst_ni,
      .req_i(valid_i),
      .gnt_o(gnt),
      .ack_i(state_q == Idle)
  );

  ep_pkg::record_t pick, r_q;
  always_comb begin
    pick = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (gnt[l]) pick = record_i[l*ep_pkg::RecordW+:ep_pkg::RecordW];
    end
  end

  logic [63:4] addr_q;
  logic [31:0] number_q;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (gnt != '0) state_d = Look;
      Look:    if (looked_i) state_d = Post;
      Post:    if (post_valid_o && post_ready_i) state_d = Wrote;
      default: if (wrote_ok_i) state_d = Idle;  // Wrote
    endcase
  end
  assign look_o       = state_q == Look;
  assign wrote_o      = state_q == Wrote;
  assign queue_o      = r_q.qid;
  assign post_valid_o = state_q == Post && allow_i;
  assign post_addr_o  = {addr_q, 4'd0};
  assign post_data_o  = {number_q, r_q.crc, r_q.bytes, 6'd0, r_q.index, 2'd0, r_q.qid, r_q.status};
  assign post_pasid_o = r_q.pasid;
  assign done_o       = (wrote_o && wrote_ok_i) ? lane_q : '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q  <= Idle;
      lane_q   <= '0;
      r_q      <= '0;
      addr_q   <= '0;
      number_q <= '0;
    end else begin
      state_q <= state_d;
      if (state_q == Idle) begin
        lane_q <= gnt;
        r_q    <= pick;
      end
      if (looked_i && state_q == Look) begin
        addr_q   <= addr_i;
        number_q <= number_i;
      end
    end
  end
endmodule
