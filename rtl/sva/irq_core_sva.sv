// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Laws at the ports of ims_irq_core, bound into it: answers, fetches, clears and invalidations. Those marked "of the
// endpoint" are what the core relies on. Inputs only.
module irq_core_sva #(
  parameter int unsigned MaxFetches = 1
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        clear_i,
  input logic        clear_busy_i,

  input logic        acc_valid_i,
  input logic        acc_ready_i,
  input logic        acc_write_i,
  input logic        acc_rvalid_i,
  input logic        cause_ready_i,

  input logic        hs_enable_i,
  input logic [63:0] hs_base_i,
  input logic [20:0] hs_size_i,
  input logic        hs_on_i,

  input logic        inv_valid_i,
  input logic        inv_ready_i,
  input logic        inv_done_i,

  input logic        msg_valid_i,

  input logic        fetch_valid_i,
  input logic        fetch_ready_i,
  input logic [63:0] fetch_addr_i,
  input logic [4:0]  fetch_id_i,
  input logic        fres_valid_i,
  input logic [4:0]  fres_id_i
);
  // ---- reads: one answer each, three clocks later ---------------------------------------------------------------
  logic [2:0] read_q;
  always_ff @(posedge clk_i) begin
    read_q <= (!rst_ni || clear_i) ? 3'b000 : {read_q[1:0], acc_valid_i && acc_ready_i && !acc_write_i};
  end
  ReadAnswer_A: assert property (@(posedge clk_i) disable iff (!rst_ni) acc_rvalid_i == read_q[2]);

  // ---- messages and clears --------------------------------------------------------------------------------------
  // That a message finds a credit is a law of the posted stream (sva_endpoint.sv): the count shown here may be one less.
  NoneInClear_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    clear_busy_i |-> !acc_ready_i && !cause_ready_i && !inv_ready_i);
  SilentAfterClear_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    clear_i |=> !msg_valid_i && !acc_rvalid_i);
  ClearBusyAtOnce_A: assert property (@(posedge clk_i) disable iff (!rst_ni) clear_i |-> clear_busy_i);

  logic [14:0] clear_time_q;
  always_ff @(posedge clk_i) clear_time_q <= (!rst_ni || clear_i || !clear_busy_i) ? '0 : clear_time_q + 15'd1;
  ClearEnds_A: assert property (@(posedge clk_i) disable iff (!rst_ni) clear_time_q < 15'h4000);

  // ---- fetches --------------------------------------------------------------------------------------------------
  // Numbers that the endpoint works on: from the request that it took to its result.
  logic [31:0] out_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      out_q <= '0;
    end else begin
      if (fres_valid_i)                   out_q[fres_id_i] <= 1'b0;
      if (fetch_valid_i && fetch_ready_i) out_q[fetch_id_i] <= 1'b1;
    end
  end
  FetchIdFree_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    fetch_valid_i |-> !out_q[fetch_id_i] && 32'(fetch_id_i) < MaxFetches);
  FetchStays_A: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    fetch_valid_i && !fetch_ready_i |=> fetch_valid_i && $stable(fetch_id_i) && $stable(fetch_addr_i));
  FetchAligned_A: assert property (@(posedge clk_i) disable iff (!rst_ni)
    fetch_valid_i |-> fetch_addr_i[3:0] == hs_base_i[3:0] || !hs_enable_i);
  // of the endpoint: one result for each request, none other
  ResultAsked_A: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    fres_valid_i |-> out_q[fres_id_i]);

  // ---- host store -----------------------------------------------------------------------------------------------
  HostOnEnabled_A: assert property (@(posedge clk_i) disable iff (!rst_ni) hs_on_i |-> hs_enable_i);
  // of the endpoint: the store does not move while it is enabled
  HostStable_A: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    hs_enable_i |=> !hs_enable_i || ($stable(hs_base_i) && $stable(hs_size_i)));

  // ---- invalidation: one end for each start ---------------------------------------------------------------------
  logic inv_run_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_busy_i)         inv_run_q <= 1'b0;
    else if (inv_valid_i && inv_ready_i) inv_run_q <= 1'b1;
    else if (inv_done_i)                 inv_run_q <= 1'b0;
  end
  InvDone_A: assert property (@(posedge clk_i) disable iff (!rst_ni) inv_done_i |-> inv_run_q);
  InvOne_A: assert property (@(posedge clk_i) disable iff (!rst_ni) inv_valid_i && inv_ready_i |-> !inv_run_q);
endmodule
