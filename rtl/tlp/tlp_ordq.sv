// SPDX-License-Identifier: Apache-2.0 OR MIT
// Queue whose entries may leave only behind work of another, ordered queue. On
// entry each takes the other queue's count of things put in (`stamp_i`); its head
// is shown once the count of things taken out (`done_i`) has reached that value.
//
// The counts are modulo their width and the other queue may run ahead without
// bound while a head waits for something else, so that comparing sizes would go
// wrong. Each entry instead remembers that the value has gone by: `done_i` moves in
// steps of one (or jumps to 0 with `flush_i`), therefore equality is seen.
module tlp_ordq #(
    parameter int unsigned Width = 8,
    parameter int unsigned Depth = 8,         // power of two
    parameter int unsigned PtrW  = 5,         // counts up to 2^(PtrW-1) in flight
    localparam int unsigned IdxW = $clog2(Depth)
) (
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic             flush_i,
    // in
    input  logic             push_i,          // ignored when full
    input  logic [Width-1:0] data_i,
    input  logic [ PtrW-1:0] stamp_i,
    output logic             full_o,
    output logic [   IdxW:0] count_o,
    // the queue in front
    input  logic [ PtrW-1:0] done_i,
    // out
    output logic             valid_o,
    output logic [Width-1:0] data_o,
    input  logic             pop_i
);
  logic [Width-1:0] data_mem [Depth];
  logic [ PtrW-1:0] stamp_mem[Depth];
  logic [Depth-1:0] passed_q, passed_now;
  logic [   IdxW:0] wr_q, rd_q;
  logic             push;

  assign count_o = wr_q - rd_q;
  assign full_o  = count_o == (IdxW + 1)'(Depth);
  assign push    = push_i && !full_o;

  always_comb begin
    for (int unsigned i = 0; i < Depth; i++) begin
      passed_now[i] = passed_q[i] || stamp_mem[i] == done_i;
    end
  end

  assign valid_o = wr_q != rd_q && passed_now[rd_q[IdxW-1:0]];
  assign data_o  = data_mem[rd_q[IdxW-1:0]];

  always_ff @(posedge clk_i) begin
    if (push) begin
      data_mem[wr_q[IdxW-1:0]]  <= data_i;
      stamp_mem[wr_q[IdxW-1:0]] <= stamp_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || flush_i) begin
      wr_q     <= '0;
      rd_q     <= '0;
      passed_q <= '0;
    end else begin
      passed_q <= passed_now;
      if (push) begin
        passed_q[wr_q[IdxW-1:0]] <= stamp_i == done_i;
        wr_q                     <= wr_q + 1'b1;
      end
      if (pop_i) rd_q <= rd_q + 1'b1;
    end
  end
endmodule
