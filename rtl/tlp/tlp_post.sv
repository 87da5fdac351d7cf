// SPDX-License-Identifier: Apache-2.0 OR MIT
// The posted stream: interrupt messages, records, completion words and message requests
// (errors, INTx) in the order of their commitment (docs/device.md §9). What enters has its credits: they are taken on
// entry, so that a posted packet never waits for one later and read completions
// stamped behind it always get out.
//
// The core's messages cannot be refused. `msg_avail_o` tells the core how many could
// be taken; other writes use what the core has not already got in its pipeline
// (`msg_inflight_i`). To keep both from starting on the last credit in the same cycle,
// another write first reserves one, which the core sees gone one cycle earlier. With
// few credits the core gets its turn between two other writes.
module tlp_post #(
    parameter int unsigned Depth = 32,        // power of two
    localparam int unsigned PtrW = $clog2(Depth) + 1
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,
    input  logic              [15:0] rid_i,
    // credits
    input  logic              [ 7:0] fc_ph_limit_i,
    input  logic              [11:0] fc_pd_limit_i,
    input  logic              [ 1:0] fc_infinite_i,  // {pd, ph}
    // messages of the core
    input  logic                     msg_valid_i,
    input  logic              [63:0] msg_addr_i,
    input  logic              [31:0] msg_data_i,
    output logic              [ 5:0] msg_avail_o,
    input  logic              [ 3:0] msg_inflight_i,
    // other writes and message requests: taken when both are 1
    input  logic                     other_valid_i,
    output logic                     other_ready_o,
    input  logic                     other_quad_i,   // four words, else one
    input  logic              [63:0] other_addr_i,
    input  logic             [127:0] other_data_i,
    input  logic                     other_msg_i,    // a message request, no write
    input  logic              [ 2:0] other_route_i,
    input  logic              [ 7:0] other_code_i,
    // to the transmitter
    output logic                     valid_o,
    output tlp_pkg::tx_post_t        post_o,
    input  logic                     pop_i,
    // packets that entered, packets that left: stamps of §9
    output logic          [PtrW-1:0] pushed_o,
    output logic          [PtrW-1:0] done_o
);
  logic [tlp_pkg::TxPostW-1:0] mem[Depth];
  logic [PtrW-1:0] wr_q, rd_q;

  assign valid_o  = wr_q != rd_q;
  assign post_o   = mem[rd_q[PtrW-2:0]];
  assign pushed_o = wr_q;
  assign done_o   = rd_q;

  // ---- what could be taken -----------------------------------------------------
  logic [ 7:0] ph_left;
  logic [11:0] pd_left;
  logic        push, push_msg;  // push_msg: what enters has no data
  tlp_credit #(
      .Width(8)
  ) u_ph (
      .clk_i,
      .rst_ni,
      .limit_i   (fc_ph_limit_i),
      .infinite_i(fc_infinite_i[0]),
      .take_i    (push),
      .amount_i  (8'd1),
      .left_o    (ph_left)
  );
  // One and four words alike take one data credit of 16 bytes; a message request none.
  tlp_credit #(
      .Width(12)
  ) u_pd (
      .clk_i,
      .rst_ni,
      .limit_i   (fc_pd_limit_i),
      .infinite_i(fc_infinite_i[1]),
      .take_i    (push && !push_msg),
      .amount_i  (12'd1),
      .left_o    (pd_left)
  );

  logic [PtrW-1:0] space;
  logic [5:0]      space6, ph6, pd6, avail_bare, avail;
  assign space  = PtrW'(Depth) - (wr_q - rd_q);
  assign space6 = 6'(space);
  assign ph6    = (ph_left > 8'd63) ? 6'd63 : ph_left[5:0];
  assign pd6    = (pd_left > 12'd63) ? 6'd63 : pd_left[5:0];
  always_comb begin
    avail_bare = (ph6 < space6) ? ph6 : space6;            // packets without data
    avail      = (pd6 < avail_bare) ? pd6 : avail_bare;    // and with
  end

  // ---- the other writes -----------------------------------------------------------
  logic       reserved_q;
  logic [2:0] turn_q;  // clocks with a credit at hand that the core still has to itself
  assign msg_avail_o   = (reserved_q && avail != '0) ? avail - 6'd1 : avail;

  // A message request is not held up by data credits.
  logic [5:0] avail_other;
  assign avail_other   = other_msg_i ? avail_bare : avail;
  assign other_ready_o = reserved_q && !msg_valid_i && avail_other > {2'b00, msg_inflight_i};

  logic other_go;
  assign other_go = other_valid_i && other_ready_o;
  assign push     = msg_valid_i || other_go;
  assign push_msg = !msg_valid_i && other_msg_i;

  tlp_pkg::tx_post_t entry;
  always_comb begin
    entry     = '0;
    entry.rid = rid_i;
    if (msg_valid_i) begin
      entry.addr       = msg_addr_i[63:2];
      entry.data[31:0] = msg_data_i;
    end else begin
      entry.addr = other_addr_i[63:2];
      entry.quad = other_quad_i && !other_msg_i;
      entry.data = other_data_i;
      entry.msg  = other_msg_i;
      entry.route = other_route_i;
      entry.code = other_code_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) mem[wr_q[PtrW-2:0]] <= entry;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      wr_q       <= '0;
      rd_q       <= '0;
      reserved_q <= 1'b0;
      turn_q     <= '0;
    end else begin
      if (push) wr_q <= wr_q + 1'b1;
      if (pop_i) rd_q <= rd_q + 1'b1;
      // A write that is no longer wanted gives its reservation back.
      reserved_q <= other_valid_i && !other_go && (reserved_q || turn_q == '0);
      if (other_go) turn_q <= (avail > 6'd8) ? 3'd0 : 3'd4;
      else if (msg_valid_i) turn_q <= '0;
      else if (turn_q != '0 && avail_other != '0) turn_q <= turn_q - 3'd1;
    end
  end

  logic unused_addr;
  assign unused_addr = ^{msg_addr_i[1:0], other_addr_i[1:0]};
endmodule
