// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Walks over the cache lines and rows of the host store, one operation at a time through the pipeline:
//
//   job          when                              lines      rows       un-park
//   open         bus master enable rises           -          all        no
//   enable       the store is enabled              all        all        all
//   invalidate   command                           of range   of range   the range
//
// Lines go before rows: when a source is un-parked, what was held of it is gone already. Jobs take turns. A condition
// that comes up again while its job runs makes the job run again, so no row keeps the state of before.
module irq_walk_host #(
  parameter int unsigned RowsHost = 1,
  parameter int unsigned HostCacheLines = 4
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_busy_i,

  // levels
  input  logic            open_dev_i,       // bus master enable and active
  input  logic            hs_enable_i,
  output logic            hs_on_o,          // host slots may be used: enabled, and nothing old is held

  // invalidation command
  input  logic            inv_valid_i,
  output logic            inv_ready_o,
  input  irq_pkg::index_t inv_index_i,
  input  logic [4:0]      inv_order_i,
  output logic            inv_done_o,

  // range of the job, for the commit stage
  output logic            discard_range_o,  // pulse
  output irq_pkg::index_t range_index_o,
  output irq_pkg::index_t range_mask_o,
  output logic [63:0]     unpark_o,

  // operations
  output logic            walk_valid_o,
  input  logic            walk_ready_i,
  output logic            walk_line_o,
  output irq_pkg::index_t walk_index_o,
  input  logic            walk_inflight_i
);
  localparam int unsigned LineW = $clog2(HostCacheLines);

  localparam int unsigned JobOpen   = 0;
  localparam int unsigned JobEnable = 1;
  localparam int unsigned JobInv    = 2;

  typedef enum logic [2:0] {
    StIdle,        // no job
    StLines,       // hand out lines
    StLinesWait,   // until the last of them is committed
    StRows,        // hand out rows
    StRowsWait     // until the last of them is committed
  } state_e;

  // ---- what is due ---------------------------------------------------------------------------------------------
  logic       open_dev_q, hs_enable_q;
  logic [1:0] due_q, due_set;
  logic [2:0] req, gnt;
  logic       idle;

  always_comb begin
    due_set            = '0;
    due_set[JobOpen]   = open_dev_i && !open_dev_q && hs_on_o;   // otherwise an enable job comes, which does the same
    due_set[JobEnable] = hs_enable_i && !hs_enable_q;
  end

  assign req = (idle && !clear_busy_i) ? {inv_valid_i, due_q} : '0;

  prim_arb_rr #(.N(3)) u_arb (
    .clk_i (clk_i),
    .rst_ni(rst_ni),
    .req_i (req),
    .gnt_o (gnt),
    .ack_i (1'b1)
  );

  assign inv_ready_o     = gnt[JobInv];
  assign discard_range_o = gnt[JobInv];

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_busy_i) begin
      // Nothing is pending after a clear; only the host store has to be taken into use again.
      open_dev_q  <= 1'b0;
      hs_enable_q <= 1'b0;
      due_q       <= '0;
    end else begin
      open_dev_q  <= open_dev_i;
      hs_enable_q <= hs_enable_i;
      due_q       <= (due_q & ~gnt[1:0]) | due_set;
    end
  end

  // ---- the job -------------------------------------------------------------------------------------------------
  state_e          state_q, state_d;
  logic            is_enable_q, is_inv_q;
  irq_pkg::index_t range_index_q, range_mask_q, range_index_d, range_mask_d;
  logic [63:0]     unpark_q, unpark_d;
  irq_pkg::row_t   at_q, last_row_q, first_row_q, first_row_d, last_row_d;
  logic [LineW-1:0] line_q, last_line_q, first_line_d, last_line_d;
  logic            start, uses_lines;
  logic [4:0]      order;

  assign idle       = state_q == StIdle;
  assign start      = gnt != '0;
  assign uses_lines = gnt[JobInv] || gnt[JobEnable];
  assign order      = inv_order_i;

  // Range of the job that starts. Mask bit 1: the slot number has to agree there.
  always_comb begin
    range_mask_d = '0;
    if (gnt[JobInv] && order < 5'd20) range_mask_d = 20'hfffff << order;
    range_index_d = inv_index_i & range_mask_d;

    // Sources to un-park in each row of the range.
    unpark_d = '0;
    if (gnt[JobEnable] || gnt[JobInv]) begin
      for (int unsigned i = 0; i < 64; i++) begin
        unpark_d[i] = ((6'(i) ^ range_index_d[5:0]) & range_mask_d[5:0]) == '0;
      end
    end

    first_line_d = range_index_d[LineW-1:0];
    last_line_d  = range_index_d[LineW-1:0] | ~range_mask_d[LineW-1:0];

    first_row_d = '0;
    last_row_d  = 15'(RowsHost - 1);
    if (gnt[JobInv]) begin
      first_row_d = {1'b0, range_index_d[19:6]};
      last_row_d  = {1'b0, range_index_d[19:6] | ~range_mask_d[19:6]};
      if (last_row_d > 15'(RowsHost - 1)) last_row_d = 15'(RowsHost - 1);
    end
  end

  always_comb begin
    state_d = state_q;
    case (state_q)
      StIdle: begin
        if (start) state_d = uses_lines ? StLines : StRows;
      end
      StLines: begin
        if (walk_ready_i && line_q == last_line_q) state_d = StLinesWait;
      end
      StLinesWait: begin
        // A range beyond the last slot has no rows.
        if (!walk_inflight_i) state_d = (first_row_q > last_row_q) ? StRowsWait : StRows;
      end
      StRows: begin
        if (walk_ready_i && at_q == last_row_q) state_d = StRowsWait;
      end
      StRowsWait: begin
        if (!walk_inflight_i) state_d = StIdle;
      end
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_busy_i) state_q <= StIdle;
    else                         state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    if (start) begin
      is_enable_q   <= gnt[JobEnable];
      is_inv_q      <= gnt[JobInv];
      range_index_q <= range_index_d;
      range_mask_q  <= range_mask_d;
      unpark_q      <= unpark_d;
      first_row_q   <= first_row_d;
      last_row_q    <= last_row_d;
      last_line_q   <= last_line_d;
      line_q        <= first_line_d;
      at_q          <= first_row_d;
    end else if (walk_valid_o && walk_ready_i) begin
      if (walk_line_o) line_q <= line_q + 1'b1;
      else             at_q   <= at_q + 1'b1;
    end
  end

  assign walk_valid_o  = state_q == StLines || state_q == StRows;
  assign walk_line_o   = state_q == StLines;
  assign walk_index_o  = walk_line_o ? 20'(line_q) : {at_q[13:0], 6'b0};
  assign inv_done_o    = state_q == StRowsWait && !walk_inflight_i && is_inv_q && !clear_busy_i;

  // While a command starts, its own range marks the fetches; after that the job's.
  assign range_index_o = discard_range_o ? range_index_d : range_index_q;
  assign range_mask_o  = discard_range_o ? range_mask_d : range_mask_q;
  assign unpark_o      = unpark_q;

  // ---- host store in use ---------------------------------------------------------------------------------------
  // From the moment that the lines of an enable job are dropped until the store is disabled; not if it was disabled
  // and enabled once more in between.
  logic hs_on_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_busy_i || !hs_enable_i) begin
      hs_on_q <= 1'b0;
    end else if (state_q == StLinesWait && !walk_inflight_i && is_enable_q && !due_q[JobEnable] &&
                 !due_set[JobEnable]) begin
      hs_on_q <= 1'b1;
    end
  end

  assign hs_on_o = hs_on_q && hs_enable_i;

  logic unused_bits;
  assign unused_bits = at_q[14];
endmodule
