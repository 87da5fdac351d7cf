// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// What the interrupt core owes to one source, any one, told at its ports: never sent while masked or closed, never
// lost, one message for what is owed, the content as last written, nothing old after a flush. Has its own account of
// what software did: it decodes the accesses taken at the port, and reads neither memories nor pipeline for it.
//
// The memories are abstracted away (any/): of the source's row and entry the contract proven by formal_rows and
// formal_store is assumed here.
//
//   clock t     an access, a cause is taken        (suffix _b one clock later)
//   clock t+2   it is committed                    (_c)
//   clock t+3   message, read data, error show     (_o)
module irq_source_laws #(
  parameter int unsigned NumMsix = 1,
  parameter int unsigned NumDevSlots = 1,
  parameter int unsigned NumHostSlots = 64
) (
  input logic            clk_i,
  input logic            rst_ni,

  // ports of the core
  input logic            clear_i,
  input logic            clear_busy_i,
  input logic            bme_i,
  input logic            active_i,
  input logic            msix_enable_i,
  input logic            msix_fmask_i,
  input logic            cause_taken_i,
  input logic            cause_withdraw_i,
  input logic [1:0]      cause_store_i,
  input logic [19:0]     cause_index_i,
  input logic            acc_taken_i,
  input logic            acc_write_i,
  input logic [1:0]      acc_space_i,
  input logic [17:0]     acc_addr_i,
  input logic [63:0]     acc_wdata_i,
  input logic [7:0]      acc_be_i,
  input logic            acc_rvalid_i,
  input logic            hs_enable_i,
  input logic [20:0]     hs_size_i,
  input logic            inv_taken_i,
  input logic [19:0]     inv_index_i,
  input logic [4:0]      inv_order_i,
  input logic            inv_done_i,
  input logic            msg_valid_i,
  input logic [63:0]     msg_addr_i,
  input logic [31:0]     msg_data_i,
  input logic [1:0]      msg_store_i,
  input logic [19:0]     msg_index_i,
  input logic            fetch_taken_i,
  input logic [63:0]     fetch_addr_i,
  input logic [4:0]      fetch_id_i,
  input logic            fres_valid_i,
  input logic [4:0]      fres_id_i,
  input logic [3:0]      fres_status_i,
  input logic [127:0]    fres_data_i,
  input logic            err_valid_i,
  input logic [3:0]      err_code_i,
  input logic [1:0]      err_store_i,
  input logic [19:0]     err_index_i,
  input logic            fetch_failed_i,   // a fetch ends at the commit stage with a status other than 0

  // ports of the memories that were taken out
  input irq_pkg::row_t   start_row_i,
  input irq_pkg::index_t start_index_i,
  input irq_pkg::row_t   sel_row_i,
  input logic            row_we_i,
  input irq_pkg::row_t   wrow_i,
  input logic [5:0]      wbit_i,
  input logic [63:0]     pend_i,
  input logic [63:0]     mask_i,
  input logic [63:0]     sel_pend_i,
  input logic [63:0]     sel_mask_i,
  input logic [63:0]     pend_new_i,
  input logic [63:0]     mask_new_i,
  input logic            entry_we_i,
  input irq_pkg::entry_t entry_i,
  input irq_pkg::entry_t entry_new_i,
  input logic            clr_i,
  input logic [13:0]     clr_addr_i
);
  localparam int unsigned RowsMsix = (NumMsix + 63) / 64;
  localparam int unsigned RowsDev  = (NumDevSlots + 63) / 64;

  // ---- the source, and a bit of its content ----------------------------------------------------------------------
  (* anyconst *) logic [1:0]  store;
  (* anyconst *) logic [19:0] index;
  (* anyconst *) logic [6:0]  nth;      // of {address[63:2], data}
  logic [14:0] row;
  logic [5:0]  pos;
  logic        host;

  assign host = store == 2'd2;
  assign pos  = index[5:0];
  assign row  = {1'b0, index[19:6]} + (host ? 15'(RowsMsix + RowsDev) : (store == 2'd1 ? 15'(RowsMsix) : 15'd0));
  always_comb begin
    assume (nth < 7'd94);
    assume (store == 2'd0 ? index < 20'(NumMsix) :
            store == 2'd1 ? index < 20'(NumDevSlots) : host && {1'b0, index} < 21'(NumHostSlots));
`ifdef DEVICE
    assume (!host);
`endif
`ifdef HOSTONLY
    assume (host);
`endif
  end

  // ---- memories --------------------------------------------------------------------------------------------------
  logic        row_hit, entry_hit;
  logic [20:0] entry_at;
  logic        pend_bit, mask_bit, entry_bit;
  logic        pend_kept, mask_kept, sel_pend_kept, sel_mask_kept, entry_kept, unused_sp, unused_sm;

  assign row_hit   = clr_i || (row_we_i && wrow_i == row);      // any/irq_clear.sv
  assign entry_at  = {row, pos};
  assign entry_hit = clr_i || (entry_we_i && {wrow_i, wbit_i} == entry_at);

  logic pend_w, mask_w, entry_w;
  logic [93:0] entry_bits, entry_new_bits;
  assign entry_bits     = {entry_i.addr, entry_i.data};
  assign entry_new_bits = {entry_new_i.addr, entry_new_i.data};
  assign pend_w  = !clr_i && pend_new_i[pos];
  assign mask_w  = clr_i ? !host : mask_new_i[pos];
  assign entry_w = !clr_i && entry_new_bits[nth];

  coherent_contract #(.AddrW(15)) u_pend (
    .clk_i(clk_i), .word_i(row), .we_i(row_hit), .waddr_i(row), .wdata_i(pend_w),
    .raddr_i(start_row_i), .rdata_i(pend_i[pos]), .bit_o(pend_bit), .kept_o(pend_kept)
  );
  coherent_contract #(.AddrW(15)) u_mask (
    .clk_i(clk_i), .word_i(row), .we_i(row_hit), .waddr_i(row), .wdata_i(mask_w),
    .raddr_i(start_row_i), .rdata_i(mask_i[pos]), .bit_o(mask_bit), .kept_o(mask_kept)
  );
  coherent_contract #(.AddrW(15)) u_sel_pend (
    .clk_i(clk_i), .word_i(row), .we_i(row_hit), .waddr_i(row), .wdata_i(pend_w),
    .raddr_i(sel_row_i), .rdata_i(sel_pend_i[pos]), .bit_o(unused_sp), .kept_o(sel_pend_kept)
  );
  coherent_contract #(.AddrW(15)) u_sel_mask (
    .clk_i(clk_i), .word_i(row), .we_i(row_hit), .waddr_i(row), .wdata_i(mask_w),
    .raddr_i(sel_row_i), .rdata_i(sel_mask_i[pos]), .bit_o(unused_sm), .kept_o(sel_mask_kept)
  );
  coherent_contract #(.AddrW(21)) u_entry (
    .clk_i(clk_i), .word_i(entry_at), .we_i(entry_hit), .waddr_i(entry_at), .wdata_i(entry_w),
    .raddr_i({start_row_i, start_index_i[5:0]}), .rdata_i(entry_bits[nth]), .bit_o(entry_bit), .kept_o(entry_kept)
  );
`ifndef HOSTONLY
  always_comb assume (pend_kept && mask_kept && sel_pend_kept && sel_mask_kept && entry_kept);
`endif

  // ---- what software and hardware asked for, up to the commit -------------------------------------------------------
  logic        acc_b, acc_c, cause_b, cause_c, write_b, write_c, wback_b, wback_c;
  logic [1:0]  space_b, space_c, store_b, store_c;
  logic [17:3] addr_b, addr_c;
  logic [63:0] wdata_b, wdata_c;
  logic [7:0]  be_b, be_c;
  logic [19:0] index_b, index_c;

  always_ff @(posedge clk_i) begin
    acc_b   <= acc_taken_i;
    acc_c   <= acc_b;
    cause_b <= cause_taken_i;
    cause_c <= cause_b;
    {write_b, space_b, addr_b, wdata_b, be_b} <= {acc_write_i, acc_space_i, acc_addr_i[17:3], acc_wdata_i, acc_be_i};
    {write_c, space_c, addr_c, wdata_c, be_c} <= {write_b, space_b, addr_b, wdata_b, be_b};
    {wback_b, store_b, index_b} <= {cause_withdraw_i, cause_store_i, cause_index_i};
    {wback_c, store_c, index_c} <= {wback_b, store_b, index_b};
    if (!rst_ni || clear_i) {acc_b, acc_c, cause_b, cause_c} <= '0;
  end

  logic       here_c;            // write to the source's entry
  logic [5:0] at_bit;            // of the content bit in its quad word
  logic       in_half;
  logic       mask_wr_c, mask_v_c, bit_wr_c, bit_v_c, raise_c, raise_o, back_c, back_o;

  assign here_c    = acc_c && write_c && !host && space_c == {store[0], 1'b0} && {6'b0, addr_c[17:4]} == index;
  assign in_half   = nth < 7'd32;
  assign at_bit    = in_half ? nth[5:0] : 6'(nth - 7'd30);
  assign mask_wr_c = here_c && addr_c[3] && be_c[4];
  assign mask_v_c  = wdata_c[32];
  assign bit_wr_c  = here_c && addr_c[3] == in_half && be_c[at_bit[5:3]];
  assign bit_v_c   = wdata_c[at_bit];
  assign raise_c   = cause_c && !wback_c && store_c == store && index_c == index;
  assign back_c    = cause_c && wback_c && store_c == store && index_c == index;

  logic refused;
  assign refused = host && (!hs_enable_i || {1'b0, index} >= hs_size_i);

  always_ff @(posedge clk_i) begin
    raise_o <= rst_ni && !clear_i && raise_c && !refused;
    back_o  <= rst_ni && !clear_i && back_c && !refused;
  end

  // ---- the source as software has left it --------------------------------------------------------------------------
  logic masked_q, content_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      masked_q  <= 1'b1;
      content_q <= 1'b0;
    end else begin
      if (mask_wr_c) masked_q <= mask_v_c;
      if (bit_wr_c) content_q <= bit_v_c;
    end
  end

  // As it was when what shows now was committed.
  logic masked_o, content_o, open_o, enabled;
  always_comb begin
    enabled = bme_i && active_i;
    if (store == 2'd0) enabled = enabled && msix_enable_i && !msix_fmask_i;
    if (host)          enabled = enabled && hs_enable_i && {1'b0, index} < hs_size_i;
  end
  always_ff @(posedge clk_i) begin
    masked_o  <= masked_q;
    content_o <= content_q;
    open_o    <= enabled;
  end

  // ---- what it is owed ---------------------------------------------------------------------------------------------
  // Error 8 is the core's word for a message without an address; a fetch may end with any status, 8 as well.
  logic mine, zero, owed_q, owed_d, failed_o;
  always_ff @(posedge clk_i) failed_o <= fetch_failed_i;
  assign mine   = msg_valid_i && msg_store_i == store && msg_index_i == index;
  assign zero   = err_valid_i && err_code_i == 4'd8 && !failed_o && err_store_i == store && err_index_i == index;
  assign owed_d = !back_o && !mine && !zero && (owed_q || raise_o);
  always_ff @(posedge clk_i) owed_q <= rst_ni && !clear_i && owed_d;

  // ---- laws, every source ------------------------------------------------------------------------------------------
  logic [93:0] msg_bits;
  assign msg_bits = {msg_addr_i[63:2], msg_data_i};

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      ClosedSilent_A: assert (!mine || open_o);
      MaskedSilent_A: assert (!mine || host || !masked_o);
      MessageOwed_A: assert (!mine || owed_q || raise_o);
      PendingTrue_A: assert (clear_busy_i || owed_d == pend_bit);
      MaskTrue_A: assert (clear_busy_i || host || mask_bit == masked_q);
      EntryTrue_A: assert (clear_busy_i || host || entry_bit == content_q);
      ContentCommitted_A: assert (!mine || host || msg_bits[nth] == content_o);
      // The sweep: what is behind it is clear, and nothing is under way meanwhile.
      Swept_A: assert (!clr_i || (
        !acc_b && !acc_c && !cause_b && !cause_c && !raise_o && !back_o && !mine && !zero &&
        masked_q && !content_q && !owed_q &&
        (clr_addr_i == '0 || (!pend_bit && mask_bit == !host && !entry_bit))));
    end
  end

  // ---- no old content after a flush --------------------------------------------------------------------------------
  // A write changed the bit; a read taken after it has been answered; the bit was not written again.
  (* anyseq *) logic watch;
  logic changed_q, flushed_q, old_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || bit_wr_c) begin
      changed_q <= rst_ni && !clear_i && bit_wr_c && watch && bit_v_c != content_q;
      flushed_q <= 1'b0;
      old_q     <= content_q;
    end else if (changed_q && acc_rvalid_i) begin
      flushed_q <= 1'b1;
    end
    if (rst_ni) FlushedContent_A: assert (!(flushed_q && mine && !host) || msg_bits[nth] != old_q);
  end

  // ---- host slots: what software does to the slot in memory ----------------------------------------------------------
  // At a time of its choice software rewrites the slot. A fetch whose request is taken later reads the new content.
  // `mode` says what is different:  0: bit 0 of the data, 1 before and 0 after, in this slot;  1: the new one is
  // masked;  2: nothing; both contents have data bit 0 equal to address bit 63, so a mixture would show.
  (* anyconst *) logic [1:0] mode;
  (* anyseq *)   logic       rewrite;
  logic       rewritten_q, covered_q, gone_q;
  logic [1:0] fetch_mine_q, fetch_late_q;
  logic       covers, result_mine, result_late;

  assign covers      = inv_order_i >= 5'd20 || ((inv_index_i ^ index) >> inv_order_i) == '0;
  assign result_mine = fres_valid_i && fres_status_i == 4'd0 && fetch_mine_q[fres_id_i[0]];
  assign result_late = fetch_late_q[fres_id_i[0]];

  always_comb begin
    if (host && result_mine) begin
      if (mode == 2'd0) assume (!result_late || !fres_data_i[64]);
      if (mode == 2'd1) assume (!result_late || fres_data_i[96]);
      if (mode == 2'd2) assume (fres_data_i[64] == fres_data_i[63]);
    end
  end

  always_ff @(posedge clk_i) begin
    rewritten_q <= rst_ni && (rewritten_q || rewrite);
    if (fetch_taken_i) begin
      fetch_mine_q[fetch_id_i[0]] <= fetch_addr_i == {40'b0, index, 4'b0};
      fetch_late_q[fetch_id_i[0]] <= rewritten_q;
    end
    // An invalidation that started after the rewrite, a disabled store, a clear: the old content is gone.
    if (!rst_ni || clear_busy_i) covered_q <= 1'b0;
    else if (inv_taken_i)        covered_q <= rewritten_q && covers;
    if (!rst_ni)                                                                    gone_q <= 1'b0;
    else if (rewritten_q && ((covered_q && inv_done_i) || !hs_enable_i || clear_i)) gone_q <= 1'b1;

    if (rst_ni) begin
      HostFlushed_A: assert (!(host && mode == 2'd0 && gone_q && mine) || !msg_data_i[0]);
      HostMasked_A: assert (!(host && mode == 2'd1 && gone_q) || !mine);
      HostWhole_A: assert (!(host && mode == 2'd2 && mine) || msg_data_i[0] == msg_addr_i[63]);
    end
  end
endmodule
