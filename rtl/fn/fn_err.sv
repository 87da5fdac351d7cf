// SPDX-License-Identifier: Apache-2.0 OR MIT
// Error record and counters: irq_err, irq_err_count, stat_sent, stat_fetch.
module fn_err (
    input  logic                     clk_i,
    input  logic                     rst_ni,       // function reset included
    input  ep_pkg::fn_write_t        write_i,
    // events, one per cycle each; of two errors in one cycle the core's goes first
    input  logic                     err_valid_i,
    input  logic              [ 3:0] err_code_i,
    input  logic              [ 1:0] err_store_i,
    input  logic              [19:0] err_index_i,
    input  logic                     drop_valid_i, // a doorbell was dropped
    input  logic              [ 1:0] drop_store_i,
    input  logic              [19:0] drop_index_i,
    input  logic                     inv_valid_i,  // an Invalidate Request was dropped
    input  logic              [ 4:0] inv_tag_i,
    input  logic                     sent_i,
    input  logic                     fetched_i,
    // registers
    output logic              [31:0] irq_err_o,
    output logic              [31:0] irq_err_count_o,
    output logic              [31:0] stat_sent_o,
    output logic              [31:0] stat_fetch_o
);
  logic hit;
  logic [31:0] mask, data;
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_IRQ_ERR_OFFSET)
  ) u_err (
      .write_i,
      .hit_o (hit),
      .mask_o(mask),
      .data_o(data)
  );

  localparam logic [3:0] ErrDropped = 4'd11;  // codes of irq_err
  localparam logic [3:0] ErrInvalidate = 4'd14;

  logic        valid_q, overflow_q, free;
  logic [ 3:0] code_q;
  logic [ 1:0] store_q;
  logic [19:0] index_q;
  assign free = !valid_q || data[0];

  // The first of this clock, and whether there are more.
  logic        any, more;
  logic [ 3:0] code;
  logic [ 1:0] store;
  logic [19:0] index;
  assign any  = err_valid_i || drop_valid_i || inv_valid_i;
  assign more = (err_valid_i && (drop_valid_i || inv_valid_i)) || (drop_valid_i && inv_valid_i);
  always_comb begin
    code  = ErrInvalidate;
    store = ep_pkg::StoreEvent;
    index = {15'd0, inv_tag_i};
    if (err_valid_i) begin
      code  = err_code_i;
      store = err_store_i;
      index = err_index_i;
    end else if (drop_valid_i) begin
      code  = ErrDropped;
      store = drop_store_i;
      index = drop_index_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q         <= 1'b0;
      overflow_q      <= 1'b0;
      code_q          <= '0;
      store_q         <= '0;
      index_q         <= '0;
      irq_err_count_o <= '0;
      stat_sent_o     <= '0;
      stat_fetch_o    <= '0;
    end else begin
      if (data[0]) begin
        valid_q    <= 1'b0;
        overflow_q <= 1'b0;
      end
      // An error in the cycle of the clearing takes the freed record.
      if (any) begin
        if (free) begin
          valid_q <= 1'b1;
          code_q  <= code;
          store_q <= store;
          index_q <= index;
        end
        if (!free || more) overflow_q <= 1'b1;
      end
      irq_err_count_o <= irq_err_count_o + 32'(err_valid_i) + 32'(drop_valid_i) + 32'(inv_valid_i);
      stat_sent_o  <= stat_sent_o + 32'(sent_i);
      stat_fetch_o <= stat_fetch_o + 32'(fetched_i);
    end
  end

  assign irq_err_o = {index_q, 2'd0, store_q, code_q, 2'd0, overflow_q, valid_q};

  logic unused_bits;
  assign unused_bits = ^{hit, mask, data[31:1]};
endmodule
