// SPDX-License-Identifier: Apache-2.0 OR MIT
// The function that makes work: doorbell queue, sweep, records (docs/device.md §7).
// Doorbells are worked off in order; a sweep starts only when nothing else is going on,
// and doorbells written during it wait for its end. A record enters the posted stream
// before its cause is raised. A doorbell that finds the queue full is dropped and
// reported: if it waited, a queue that cannot drain (records with Bus Master Enable 0)
// would hold up the very write that sets it going again.
module fn_work (
    input  logic                     clk_i,
    input  logic                     rst_ni,         // function reset included
    input  logic                     allow_i,        // memory writes may be made
    input  ep_pkg::fn_write_t        write_i,
    // doorbell of a virtual function, in the form of fn_doorbell; never together with that
    input  logic                     vf_bell_valid_i,
    input  logic              [31:0] vf_bell_i,
    // a doorbell was dropped, full queue
    output logic                     drop_valid_o,
    output logic              [ 1:0] drop_store_o,
    output logic              [19:0] drop_index_o,
    // registers
    output logic              [31:0] status_o,
    output logic              [31:0] raised_o,
    output logic              [63:0] rec_addr_o,
    output logic              [ 3:0] rec_order_o,
    output logic              [31:0] rec_seq_o,
    output logic              [21:0] sweep_first_o,
    output logic              [20:0] sweep_count_o,
    // records
    output logic                     rec_valid_o,
    input  logic                     rec_ready_i,
    output logic              [63:0] rec_dest_o,
    output logic             [127:0] rec_data_o,
    // causes
    output logic                     cause_valid_o,
    input  logic                     cause_ready_i,
    output ep_pkg::cause_t           cause_o
);
  localparam logic [31:0] RecordMark = 32'hc0de_0001;

  logic bell_hit, ralo_hit, rahi_hit, order_hit, first_hit, count_hit, go_hit;
  logic [31:0] bell_mask, ralo_mask, rahi_mask, order_mask, first_mask, count_mask, go_mask;
  logic [31:0] bell_data, ralo_data, rahi_data, order_data, first_data, count_data, go_data;
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_FN_DOORBELL_OFFSET)
  ) u_bell (
      .write_i,
      .hit_o (bell_hit),
      .mask_o(bell_mask),
      .data_o(bell_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_FN_REC_ADDR_LO_OFFSET)
  ) u_ralo (
      .write_i,
      .hit_o (ralo_hit),
      .mask_o(ralo_mask),
      .data_o(ralo_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_FN_REC_ADDR_HI_OFFSET)
  ) u_rahi (
      .write_i,
      .hit_o (rahi_hit),
      .mask_o(rahi_mask),
      .data_o(rahi_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_FN_REC_ORDER_OFFSET)
  ) u_order (
      .write_i,
      .hit_o (order_hit),
      .mask_o(order_mask),
      .data_o(order_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_FN_SWEEP_FIRST_OFFSET)
  ) u_first (
      .write_i,
      .hit_o (first_hit),
      .mask_o(first_mask),
      .data_o(first_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_FN_SWEEP_COUNT_OFFSET)
  ) u_count (
      .write_i,
      .hit_o (count_hit),
      .mask_o(count_mask),
      .data_o(count_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_FN_SWEEP_GO_OFFSET)
  ) u_go (
      .write_i,
      .hit_o (go_hit),
      .mask_o(go_mask),
      .data_o(go_data)
  );

  // ---- doorbells ------------------------------------------------------------------
  localparam int unsigned Queue = 16;
  logic        queue_ready, bell_valid, bell_pop;
  logic [31:0] bell, bell_new;
  logic [4:0]  level;
  logic        bell_rings;
  assign bell_rings   = bell_hit || vf_bell_valid_i;
  assign bell_new     = vf_bell_valid_i ? vf_bell_i : bell_data;
  assign drop_valid_o = bell_rings && !queue_ready;
  assign drop_store_o = bell_new[21:20];
  assign drop_index_o = bell_new[19:0];

  prim_fifo #(
      .Width(32),
      .Depth(Queue)
  ) u_queue (
      .clk_i,
      .rst_ni,
      .clear_i (1'b0),
      .wvalid_i(bell_rings),
      .wready_o(queue_ready),
      .wdata_i (bell_new),
      .rvalid_o(bell_valid),
      .rready_i(bell_pop),
      .rdata_o (bell),
      .level_o (level)
  );

  // ---- one thing after another -------------------------------------------------------
  typedef enum logic [1:0] {
    Idle,    // a doorbell or a sweep
    Record,  // the posted stream to take the record
    Raise,   // the core to take the cause of a doorbell
    Sweep    // the core to take the next cause of the sweep
  } state_e;
  state_e state_q, state_d;

  logic [20:0] left_q;         // causes of this doorbell or sweep still to go
  logic [19:0] sweep_index_q;
  logic        with_record, last, go, busy, taken;
  assign with_record = bell[30] && !bell[31];
  assign last        = left_q == 21'd1;
  assign busy        = bell_valid || state_q != Idle;
  assign go          = go_hit && go_data[0] && !busy && sweep_count_o != '0;
  assign taken       = cause_valid_o && cause_ready_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle: begin
        if (bell_valid) state_d = with_record ? Record : Raise;
        else if (go) state_d = Sweep;
      end
      Record: if (rec_ready_i && rec_valid_o) state_d = Raise;
      Raise: begin
        if (taken) begin
          if (last) state_d = Idle;
          else if (with_record) state_d = Record;
        end
      end
      default: if (taken && last) state_d = Idle;  // Sweep
    endcase
  end

  assign bell_pop      = state_q == Raise && taken && last;
  assign rec_valid_o   = state_q == Record && allow_i;
  assign cause_valid_o = state_q == Raise || state_q == Sweep;
  always_comb begin
    cause_o = '0;
    if (state_q == Sweep) begin
      cause_o.store = sweep_first_o[21:20];
      cause_o.index = sweep_index_q;
    end else begin
      cause_o.withdraw = bell[31];
      cause_o.store    = bell[21:20];
      cause_o.index    = bell[19:0];
    end
  end

  // ---- records ------------------------------------------------------------------------
  logic [14:0] slot;
  assign slot       = rec_seq_o[14:0] & ~(15'h7fff << rec_order_o);
  assign rec_dest_o = rec_addr_o + {45'd0, slot, 4'd0};
  assign rec_data_o = {RecordMark, 32'd0, 10'd0, bell[21:0], rec_seq_o};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q       <= Idle;
      left_q        <= '0;
      sweep_index_q <= '0;
      raised_o      <= '0;
      rec_addr_o    <= '0;
      rec_order_o   <= '0;
      rec_seq_o     <= '0;
      sweep_first_o <= '0;
      sweep_count_o <= '0;
    end else begin
      state_q <= state_d;
      if (state_q == Idle) begin
        if (bell_valid) left_q <= (bell[27:22] == '0) ? 21'd1 : {15'd0, bell[27:22]};
        else left_q <= sweep_count_o;
        sweep_index_q <= sweep_first_o[19:0];
      end
      if (taken) begin
        left_q        <= left_q - 21'd1;
        sweep_index_q <= sweep_index_q + 20'd1;
        if (!cause_o.withdraw) raised_o <= raised_o + 32'd1;
      end
      if (rec_valid_o && rec_ready_i) rec_seq_o <= rec_seq_o + 32'd1;

      rec_addr_o    <= ((rec_addr_o & ~{rahi_mask, ralo_mask}) | {rahi_data, ralo_data}) & ~64'hf;
      rec_order_o   <= (rec_order_o & ~order_mask[3:0]) | order_data[3:0];
      sweep_first_o <= (sweep_first_o & ~first_mask[21:0]) | first_data[21:0];
      sweep_count_o <= (sweep_count_o & ~count_mask[20:0]) | count_data[20:0];
    end
  end

  assign status_o = {19'd0, level, 7'd0, busy};

  logic unused_bits;
  assign unused_bits = ^{bell_mask, bell[29:28], ralo_hit, rahi_hit, order_hit, order_mask[31:4], order_data[31:4],
                         first_hit, first_mask[31:22], first_data[31:22], count_hit, count_mask[31:21],
                         count_data[31:21], go_mask, go_data[31:1]};
endmodule
