// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Progress of select, bound into irq_select: a row in its queue is read within `ROW` clocks, and a source that it shows as
// deliverable becomes an attempt within `PICK` more - whatever the other rows hold, as long as attempts are taken within
// `WAIT` + 1 clocks. Bounded response, told by counters: a safety law, without fairness beyond these numbers.
//
// Each row shows at most two sources, the first ones (formal_select); the bounds grow with that number.
module irq_select_laws (
  input logic            clk_i,
  input logic            rst_ni,
  input logic            push_i,
  input irq_pkg::row_t   push_row_i,
  input logic [1:0]      take_i,
  input irq_pkg::row_t   taken_row_i,
  input logic [63:0]     sel_pend_i,      // two clocks after the take
  input logic [63:0]     sel_mask_i,
  input logic [2:0]      open_i,          // by row
  input logic            pick_valid_i,
  input logic            pick_ready_i,
  input irq_pkg::store_t pick_store_i,
  input irq_pkg::index_t pick_index_i
);
  localparam logic [5:0] One = 6'd0, Two = 6'd1;   // sources that rows may show
  (* anyconst *) logic [1:0] row;         // that is watched
  (* anyconst *) logic       which;       // of its sources

  // ---- what the surroundings keep ----------------------------------------------------------------------------------
  // The commit stage queues a row once; attempts are taken in time.
  logic [2:0]  queued_q, taken, pushed;
  logic [3:0]  waited_q;
  assign taken  = (take_i != '0) ? 3'd1 << taken_row_i[1:0] : 3'd0;
  assign pushed = push_i ? 3'd1 << push_row_i[1:0] : 3'd0;
  always_ff @(posedge clk_i) begin
    queued_q <= rst_ni ? ((queued_q & ~taken) | pushed) : '0;
    waited_q <= (!rst_ni || pick_ready_i || !pick_valid_i) ? 4'd0 : waited_q + 4'd1;
  end
  always_comb begin
    assume (row < 2'd3);
    assume (!push_i || (rst_ni && push_row_i < 15'd3 && (queued_q & pushed) == '0));
    assume (waited_q < 4'(`WAIT) || pick_ready_i);
  end

  // ---- laws --------------------------------------------------------------------------------------------------------
  logic [4:0] row_age_q, due_age_q;
  logic       read1_q, read2_q;           // the row was taken one and two clocks ago
  logic       due_q;                      // its source was shown and has not been attempted
  logic [5:0] pos;
  logic       shows, picked;
  assign pos    = which ? Two : One;
  assign shows  = read2_q && open_i[row] && sel_pend_i[pos] && !sel_mask_i[pos];
  assign picked = pick_valid_i && pick_ready_i && pick_store_i == row && pick_index_i == {14'b0, pos};
  always_ff @(posedge clk_i) begin
    row_age_q <= (!rst_ni || !queued_q[row] || taken[row]) ? 5'd0 : row_age_q + 5'd1;
    read1_q   <= rst_ni && taken[row];
    read2_q   <= rst_ni && read1_q;
    due_q     <= rst_ni && !picked && (due_q || shows);
    due_age_q <= (!rst_ni || picked || !due_q) ? 5'd0 : due_age_q + 5'd1;
    if (rst_ni) begin
      RowReadInTime_A: assert (row_age_q < 5'(`ROW));
      AttemptedInTime_A: assert (due_age_q < 5'(`PICK));
      OnlyWhatWasShown_A: assert (!pick_valid_i || pick_index_i[5:0] == One || pick_index_i[5:0] == Two);
    end
  end
endmodule
