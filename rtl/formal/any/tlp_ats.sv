// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// tlp_ats that asks for anything at any time, but for no number that is out, and by a translation only while that is on
// (laws NumberOnce_A and KindAsked_A of proof ats).
module tlp_ats (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         enable_i,
  input  logic         freeze_i,
  input  logic         strike_i,
  input  logic         closed_i,
  input  logic         core_valid_i,
  output logic         core_ready_o,
  input  logic [ 63:0] core_addr_i,
  input  logic [  4:0] core_id_i,
  output logic         cres_valid_o,
  output logic         cres_empty_o,
  output logic [  4:0] cres_id_o,
  output logic [  3:0] cres_status_o,
  output logic [127:0] cres_data_o,
  output logic         fetch_valid_o,
  input  logic         fetch_ready_i,
  output logic [ 63:0] fetch_addr_o,
  output logic [  4:0] fetch_id_o,
  output logic [  1:0] fetch_at_o,
  input  logic         fres_valid_i,
  input  logic [  4:0] fres_id_i,
  input  logic [  3:0] fres_status_i,
  input  logic [127:0] fres_data_i,
  input  logic         dropped_i,
  input  logic [  4:0] dropped_id_i
);
  (* anyseq *) logic       valid;
  (* anyseq *) logic       id;
  (* anyseq *) logic [1:0] at;
  logic [1:0] out_q;
  assign fetch_valid_o = valid && !strike_i && !freeze_i && !closed_i;
  assign fetch_addr_o  = '0;
  assign fetch_id_o    = {4'd0, id};
  assign fetch_at_o    = at;
  always_ff @(posedge clk_i) begin
    for (int i = 0; i < 2; i++) begin
      if (!rst_ni) out_q[i] <= 1'b0;
      else if (fetch_valid_o && fetch_ready_i && id == 1'(i)) out_q[i] <= 1'b1;
      else if ((fres_valid_i && fres_id_i == 5'(i)) || (dropped_i && dropped_id_i == 5'(i))) out_q[i] <= 1'b0;
    end
  end
  always_comb assume (!fetch_valid_o || (!out_q[id] && (at == tlp_pkg::AtUntranslated || (enable_i && !freeze_i))));

  assign {core_ready_o, cres_valid_o, cres_empty_o} = '0;
  assign cres_id_o     = '0;
  assign cres_status_o = '0;
  assign cres_data_o   = '0;
endmodule
