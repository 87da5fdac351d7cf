// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// A queue (`QUEUE: prim_fifo, prim_fifo_ram or prim_skid) with any traffic. One word, any of those written, is
// followed: it comes out, unchanged, after exactly the words that were in front of it, unless the queue is cleared.
module formal_queue (
  input logic       clk_i,
  input logic       clear_i,
  input logic       wvalid_i,
  input logic [1:0] wdata_i,
  input logic       rready_i,
  input logic       follow_i      // follow the word that is written in this clock
);
  logic rst_ni = 1'b0;
  always_ff @(posedge clk_i) rst_ni <= 1'b1;

  logic       wready, rvalid;
  logic [1:0] rdata;

`ifdef SKID
  prim_skid #(.Width(2)) u_queue (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i),
    .valid_i(wvalid_i), .ready_o(wready), .data_i(wdata_i),
    .valid_o(rvalid), .ready_i(rready_i), .data_o(rdata)
  );
`else
`ifdef RAM
  prim_fifo_ram #(.Width(2), .Depth(`DEPTH)) u_queue (
`else
  logic [2:0] level;
  prim_fifo #(.Width(2), .Depth(`DEPTH)) u_queue (
    .level_o(level),
`endif
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i),
    .wvalid_i(wvalid_i), .wready_o(wready), .wdata_i(wdata_i),
    .rvalid_o(rvalid), .rready_i(rready_i), .rdata_o(rdata)
  );
`endif

  logic       push, pop;
  logic [4:0] count_q;            // words inside
  logic       inside_q;           // the followed word is inside ...
  logic [4:0] front_q;            // ... behind so many others
  logic [1:0] word_q;

  assign push = wvalid_i && wready;
  assign pop  = rvalid && rready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      count_q  <= '0;
      inside_q <= 1'b0;
      front_q  <= '0;
    end else begin
      count_q <= count_q + 5'(push) - 5'(pop);
      if (push && follow_i && !inside_q) begin
        inside_q <= 1'b1;
        front_q  <= count_q - 5'(pop);
        word_q   <= wdata_i;
      end else if (inside_q && pop) begin
        if (front_q == '0) inside_q <= 1'b0;
        else               front_q <= front_q - 5'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni && !clear_i) begin
      OrderKept_A: assert (!(inside_q && front_q == '0 && rvalid) || rdata == word_q);
      NothingInvented_A: assert (!rvalid || count_q != '0);
      NeverOverfull_A: assert (count_q <= 5'(`DEPTH));
      RoomWhenEmpty_A: assert (count_q != '0 || wready);
`ifndef SKID
`ifndef RAM
      LevelTrue_A: assert (5'(level) == count_q);
`endif
`endif
    end
  end

  // What is inside shows after a clock at the latest.
  logic some_q;
  always_ff @(posedge clk_i) begin
    some_q <= rst_ni && !clear_i && count_q != '0 && !pop;
    if (rst_ni && !clear_i) ShowsInTime_A: assert (!some_q || rvalid);
  end
endmodule
