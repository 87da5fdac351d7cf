// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// tlp_ordq with two entries behind a queue of at most four packets. One entry, any, is followed: it leaves after all that stood in the
// other queue when it entered, in its turn, unchanged, and is not held up once they have left.
module formal_ordq (
  input logic       clk_i,
  input logic       flush_i,
  input logic       push_i,
  input logic [1:0] data_i,
  input logic       pop_i,
  input logic       in_i,        // a packet enters the queue in front
  input logic       out_i,       // one leaves it
  input logic       follow_i
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  // ---- the queue in front: two counts ----------------------------------------------------------------------------
  logic [2:0] pushed_q, done_q, level;
  assign level = pushed_q - done_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || flush_i) begin
      pushed_q <= '0;
      done_q   <= '0;
    end else begin
      if (in_i && level != 3'd4) pushed_q <= pushed_q + 3'd1;
      if (out_i && level != 3'd0) done_q <= done_q + 3'd1;
    end
  end

  logic       full, valid;
  logic [1:0] data;
  logic [1:0] count;
  tlp_ordq #(.Width(2), .Depth(2), .PtrW(3)) u_ordq (
    .clk_i(clk_i), .rst_ni(rst_ni), .flush_i(flush_i),
    .push_i(push_i), .data_i(data_i), .stamp_i(pushed_q), .full_o(full), .count_o(count),
    .done_i(done_q), .valid_o(valid), .data_o(data), .pop_i(pop_i && valid)
  );

  // ---- the entry followed ----------------------------------------------------------------------------------------
  logic       push, pop, inside_q;
  logic [2:0] front_q;         // entries in front of it
  logic [2:0] wait_q, wait_d;  // packets that have to leave first
  logic [1:0] word_q;
  logic [2:0] count_q;
  logic [2:0] done_before_q;

  assign push = push_i && !full;
  assign pop  = pop_i && valid;
  assign wait_d = wait_q - ((done_q != done_before_q && wait_q != '0) ? 3'd1 : 3'd0);

  always_ff @(posedge clk_i) begin
    done_before_q <= done_q;
    if (!rst_ni || flush_i) begin
      inside_q <= 1'b0;
      count_q  <= '0;
      done_before_q <= '0;
    end else begin
      count_q <= count_q + 3'(push) - 3'(pop);
      if (push && follow_i && !inside_q) begin
        inside_q <= 1'b1;
        front_q  <= count_q - 3'(pop);
        wait_q   <= level;
        word_q   <= data_i;
      end else if (inside_q) begin
        wait_q <= wait_d;
        if (pop && front_q == '0) inside_q <= 1'b0;
        if (pop && front_q != '0) front_q <= front_q - 3'd1;
      end
    end
  end

  logic head;
  assign head = inside_q && front_q == '0;
  always_ff @(posedge clk_i) begin
    if (rst_ni && !flush_i) begin
      BehindOthers_A: assert (!(head && valid) || wait_d == '0);
      NotHeldUp_A: assert (!(head && wait_d == '0) || valid);
      OrderKept_A: assert (!(head && valid) || data == word_q);
      CountTrue_A: assert (count == count_q && full == (count_q == 3'd2));
    end
  end
endmodule
