// SPDX-License-Identifier: Apache-2.0 OR MIT
// Interrupt handles: the table, its commands (ih_target, ih_perm, ih_cmd, ih_status) and the
// lookup for descriptors. A lookup waits for a command that is being worked on: at most two clocks
// for each row of 64 handles.
//
// Valid bits stand in rows of 64 apart from the entries, so that all of them are cleared and
// the next free one is found a row at a time.
module fn_handle #(
    parameter int unsigned NumHandles  = 1024,   // 64 to 65536, power of two
    parameter int unsigned NumMsix     = 2048,
    parameter int unsigned NumDevSlots = 4096
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,        // function reset included
    input  ep_pkg::fn_write_t        write_i,
    // registers
    output logic              [31:0] target_o,
    output logic              [31:0] perm_o,
    output logic              [31:0] status_o,
    output logic                     revoked_o,     // pulse: all handles are gone
    // host store, for the range of a target
    input  logic                     hs_enable_i,
    input  logic              [20:0] hs_size_i,
    // lookup: valid and the rest stay until done
    input  logic                     find_valid_i,
    output logic                     find_done_o,   // pulse
    input  logic              [15:0] find_handle_i,
    input  tlp_pkg::pasid_t          find_pasid_i,
    output logic              [ 7:0] find_status_o,
    output ep_pkg::cause_t           find_cause_o,
    // errors to record
    output logic                     err_valid_o,   // stays until taken
    input  logic                     err_ready_i,
    output logic              [ 3:0] err_code_o,
    output logic              [ 1:0] err_store_o,
    output logic              [19:0] err_index_o
);
  localparam int unsigned Rows = NumHandles / 64;
  localparam int unsigned RowW = (Rows > 1) ? $clog2(Rows) : 1;
  localparam int unsigned HandleW = $clog2(NumHandles);

  localparam logic [3:0] CmdRequest = 4'd1;
  localparam logic [3:0] CmdRelease = 4'd2;
  localparam logic [3:0] CmdRevoke = 4'd3;
  localparam logic [7:0] ResultOk = 8'h00;
  localparam logic [7:0] ResultIndex = 8'h41;
  localparam logic [7:0] ResultNone = 8'h42;
  localparam logic [7:0] ResultHandle = 8'h43;

  // ---- registers --------------------------------------------------------------------------
  logic target_hit, perm_hit, cmd_hit, status_hit;
  logic [31:0] target_mask, perm_mask, cmd_mask, status_mask;
  logic [31:0] target_data, perm_data, cmd_data, status_data;
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_IH_TARGET_OFFSET)
  ) u_target (
      .write_i,
      .hit_o (target_hit),
      .mask_o(target_mask),
      .data_o(target_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_IH_PERM_OFFSET)
  ) u_perm (
      .write_i,
      .hit_o (perm_hit),
      .mask_o(perm_mask),
      .data_o(perm_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_IH_CMD_OFFSET)
  ) u_cmd (
      .write_i,
      .hit_o (cmd_hit),
      .mask_o(cmd_mask),
      .data_o(cmd_data)
  );
  fn_wsel #(
      .Offset(ep_reg_pkg::REG_IH_STATUS_OFFSET)
  ) u_status (
      .write_i,
      .hit_o (status_hit),
      .mask_o(status_mask),
      .data_o(status_data)
  );

  logic [21:0] target_q, for_q;     // {store, index}; of the command
  logic [21:0] perm, perm_for_q;    // {pasid, pasid_en, ignore}; of the command
  logic        ignore_q, pasid_en_q, cmd_error_q;
  logic [19:0] pasid_q;
  logic [ 7:0] result_q;
  logic [15:0] given_q;
  assign target_o = {10'd0, target_q};
  assign perm     = {pasid_q, pasid_en_q, ignore_q};
  assign perm_o   = {pasid_q, 8'd0, pasid_en_q, ignore_q, 2'd0};

  // ---- memories -----------------------------------------------------------------------------
  typedef enum logic [3:0] {
    Clear,    // a row: after reset and to revoke
    Idle,     // a lookup or a command
    Find,     // the memories
    Judge,    // nothing: the lookup is answered
    Range,    // nothing: the target is judged
    Search,   // the memory: the row
    Take,     // nothing: a bit of the row is taken, or the next row is tried
    Release,  // the memory
    Drop      // nothing: the bit is dropped
  } state_e;
  state_e state_q, state_d;

  logic [RowW-1:0]    row_q;       // to be cleared or searched
  logic [HandleW-1:0] next_q;      // behind the handle given last
  logic [RowW:0]      tried_q;     // rows searched
  logic [3:0]         op_q;
  logic [15:0]        handle_q;
  logic               pending_q;   // a command waits or is worked on
  logic               boot_q;      // Clear belongs to a reset

  localparam int unsigned EntryW = 22 + 1 + 1 + 20;
  logic [63:0]        row, row_new;
  logic               row_we, entry_we;
  logic [RowW-1:0]    row_raddr, row_waddr;
  logic [EntryW-1:0]  entry;
  logic [HandleW-1:0] entry_raddr, entry_waddr;
  prim_ram_1r1w #(
      .Width(64),
      .Depth(Rows)
  ) u_valid (
      .clk_i,
      .we_i   (row_we),
      .waddr_i(row_waddr),
      .wdata_i(row_new),
      .raddr_i(row_raddr),
      .rdata_o(row)
  );
  prim_ram_1r1w #(
      .Width(EntryW),
      .Depth(NumHandles)
  ) u_entry (
      .clk_i,
      .we_i   (entry_we),
      .waddr_i(entry_waddr),
      .wdata_i({for_q, perm_for_q}),
      .raddr_i(entry_raddr),
      .rdata_o(entry)
  );

  // ---- lookup ----------------------------------------------------------------------------------
  logic       find_real, e_ignore, e_pasid_en, allowed, is_dev, err_free;
  logic [1:0] e_store;
  logic [19:0] e_index, e_pasid;
  assign {e_store, e_index, e_pasid, e_pasid_en, e_ignore} = entry;
  assign find_real = 32'(find_handle_i) < NumHandles && row[find_handle_i[5:0]];
  assign is_dev    = e_store == irq_pkg::StoreDev;
  assign allowed   = is_dev || e_ignore ||
                     (e_pasid_en ? (find_pasid_i.valid && find_pasid_i.pasid == e_pasid) : !find_pasid_i.valid);
  always_comb begin
    if (!find_real) find_status_o = ep_pkg::StHandle;
    else if (!allowed) find_status_o = ep_pkg::StRefused;
    else find_status_o = ep_pkg::StOk;
    find_cause_o       = '0;
    find_cause_o.check = is_dev;
    find_cause_o.pasid = find_pasid_i;
    find_cause_o.store = e_store;
    find_cause_o.index = e_index;
  end
  // A lookup that fails waits for the place of its error.
  assign find_done_o = state_q == Judge && (find_status_o == ep_pkg::StOk || err_free);

  logic        err_valid_q;
  logic [ 3:0] err_code_q;
  logic [ 1:0] err_store_q;
  logic [19:0] err_index_q;
  assign err_free    = !err_valid_q;
  assign err_valid_o = err_valid_q;
  assign err_code_o  = err_code_q;
  assign err_store_o = err_store_q;
  assign err_index_o = err_index_q;

  // ---- commands ------------------------------------------------------------------------------------
  logic start, known;
  assign known = cmd_data[19:16] == CmdRequest || cmd_data[19:16] == CmdRelease || cmd_data[19:16] == CmdRevoke;
  assign start = cmd_hit && known && !pending_q;

  logic target_ok;
  always_comb begin
    unique case (for_q[21:20])
      irq_pkg::StoreMsix: target_ok = for_q[19:0] < 20'(NumMsix);
      irq_pkg::StoreDev:  target_ok = for_q[19:0] < 20'(NumDevSlots);
      irq_pkg::StoreHost: target_ok = hs_enable_i && {1'b0, for_q[19:0]} < hs_size_i;
      default:            target_ok = 1'b0;
    endcase
  end

  // The first free handle from `next` on. The row that the search began in comes again at the
  // end, for the bits below.
  logic [63:0] free, free_here;
  logic [ 5:0] bit_free;
  logic        any_free, first_row;
  assign first_row = tried_q == '0;
  assign free      = ~row;
  assign free_here = first_row ? (free & ~((64'd1 << next_q[5:0]) - 64'd1)) : free;
  assign any_free  = free_here != '0;
  always_comb begin
    bit_free = '0;
    for (int unsigned i = 0; i < 64; i++) begin
      if (free_here[63-i]) bit_free = 6'(63 - i);
    end
  end
  logic [HandleW-1:0] found;
  logic               take, exhausted, release_ok, last_row;
  if (Rows > 1) begin : gen_found
    assign found = {row_q, bit_free};
  end else begin : gen_found_one
    assign found = bit_free;
  end
  assign take       = state_q == Take && any_free;
  assign exhausted  = state_q == Take && !any_free && tried_q == (RowW + 1)'(Rows);
  assign release_ok = 32'(handle_q) < NumHandles && row[handle_q[5:0]];
  assign last_row   = row_q == RowW'(Rows - 1);

  logic [RowW-1:0] find_row, handle_row, next_row, row_after;
  if (Rows > 1) begin : gen_rows
    assign find_row   = find_handle_i[6+:RowW];
    assign handle_row = handle_q[6+:RowW];
    assign next_row   = next_q[HandleW-1:6];
    assign row_after  = row_q + 1'b1;
  end else begin : gen_row_one
    assign find_row   = '0;
    assign handle_row = '0;
    assign next_row   = '0;
    assign row_after  = '0;
  end

  always_comb begin
    row_raddr   = find_row;
    if (state_q == Search) row_raddr = row_q;
    if (state_q == Release) row_raddr = handle_row;
    entry_raddr = find_handle_i[HandleW-1:0];
    row_we      = 1'b0;
    row_waddr   = row_q;
    row_new     = '0;
    if (state_q == Clear) row_we = 1'b1;
    if (take) begin
      row_we  = 1'b1;
      row_new = row | (64'd1 << bit_free);
    end
    if (state_q == Drop && release_ok) begin
      row_we    = 1'b1;
      row_waddr = handle_row;
      row_new   = row & ~(64'd1 << handle_q[5:0]);
    end
    entry_we    = take;
    entry_waddr = found;
  end

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Clear: if (last_row) state_d = Idle;
      Idle: begin
        if (find_valid_i) begin
          state_d = Find;
        end else if (pending_q) begin
          unique case (op_q)
            CmdRequest: state_d = Range;
            CmdRelease: state_d = Release;
            default:    state_d = Clear;
          endcase
        end
      end
      Find:    state_d = Judge;
      Judge:   if (find_done_o) state_d = Idle;
      Range:   state_d = target_ok ? Search : Idle;
      Search:  state_d = Take;
      Take:    state_d = (take || exhausted) ? Idle : Search;
      Release: state_d = Drop;
      default: state_d = Idle;  // Drop
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= Clear;
      row_q       <= '0;
      next_q      <= '0;
      tried_q     <= '0;
      op_q        <= '0;
      handle_q    <= '0;
      pending_q   <= 1'b0;
      boot_q      <= 1'b1;
      target_q    <= '0;
      for_q       <= '0;
      perm_for_q  <= '0;
      ignore_q    <= 1'b0;
      pasid_en_q  <= 1'b0;
      pasid_q     <= '0;
      cmd_error_q <= 1'b0;
      result_q    <= '0;
      given_q     <= '0;
      err_valid_q <= 1'b0;
      err_code_q  <= '0;
      err_store_q <= '0;
      err_index_q <= '0;
    end else begin
      state_q <= state_d;

      target_q                        <= (target_q & ~target_mask[21:0]) | target_data[21:0];
      {pasid_q, pasid_en_q, ignore_q} <= (perm & ~{perm_mask[31:12], perm_mask[3:2]}) |
                                         {perm_data[31:12], perm_data[3:2]};
      if (status_data[1]) cmd_error_q <= 1'b0;
      if (cmd_hit && known && pending_q) cmd_error_q <= 1'b1;
      if (start) begin
        pending_q <= 1'b1;
        op_q      <= cmd_data[19:16];
        handle_q  <= cmd_data[15:0];
        // Target and permission as they were when the command was written.
        for_q      <= target_q;
        perm_for_q <= perm;
      end

      unique case (state_q)
        Clear: begin
          row_q <= row_after;
          if (last_row) begin
            row_q  <= '0;
            boot_q <= 1'b0;
            if (!boot_q) begin
              pending_q <= 1'b0;
              result_q  <= ResultOk;
            end
          end
        end
        Idle: begin
          row_q   <= '0;
          tried_q <= '0;
        end
        Range: begin
          row_q <= next_row;
          if (!target_ok) begin
            pending_q <= 1'b0;
            result_q  <= ResultIndex;
          end
        end
        Take: begin
          row_q   <= row_after;
          tried_q <= tried_q + 1'b1;
          if (take) begin
            next_q    <= found + 1'b1;
            given_q   <= 16'(found);
            result_q  <= ResultOk;
            pending_q <= 1'b0;
          end
          if (exhausted) begin
            result_q  <= ResultNone;
            pending_q <= 1'b0;
          end
        end
        Drop: begin
          result_q  <= release_ok ? ResultOk : ResultHandle;
          pending_q <= 1'b0;
        end
        default: ;
      endcase

      if (err_ready_i) err_valid_q <= 1'b0;
      if (find_done_o && find_status_o != ep_pkg::StOk) begin
        err_valid_q <= 1'b1;
        err_code_q  <= find_real ? irq_pkg::ErrPermission : irq_pkg::ErrHandle;
        err_store_q <= find_real ? e_store : 2'd3;
        err_index_q <= find_real ? e_index : {4'd0, find_handle_i};
      end
    end
  end
  assign revoked_o = state_q == Clear && last_row && !boot_q;
  assign status_o  = {given_q, result_q, 6'd0, cmd_error_q, pending_q};

  logic unused_bits;
  assign unused_bits = ^{target_hit, perm_hit, cmd_mask, status_hit, status_mask, target_mask[31:22],
                         target_data[31:22], perm_mask[11:4], perm_mask[1:0], perm_data[11:4], perm_data[1:0],
                         cmd_data[31:20], status_data[31:2], status_data[0], find_handle_i, handle_q};
endmodule
