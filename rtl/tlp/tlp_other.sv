// SPDX-License-Identifier: Apache-2.0 OR MIT
// Joins what enters the posted stream beside the core's messages: INTx, error messages
// and Invalidate Completions first, they are few; then MSI messages and the function's writes in turn. Nothing is
// held: what is offered in the clock in which the stream takes something, goes.
module tlp_other (
    input  logic         clk_i,
    input  logic         rst_ni,
    // INTx
    input  logic         intx_valid_i,
    output logic         intx_ready_o,
    input  logic [  7:0] intx_code_i,
    // error messages
    input  logic         err_valid_i,
    output logic         err_ready_o,
    input  logic [  7:0] err_code_i,
    input  tlp_pkg::fn_t err_fn_i,
    // Invalidate Completions
    input  logic         inv_valid_i,
    output logic         inv_ready_o,
    input  logic [ 63:0] inv_words_i,  // header words 2 and 3
    // MSI: one word
    input  logic         msi_valid_i,
    output logic         msi_ready_o,
    input  logic [ 63:0] msi_addr_i,
    input  logic [ 31:0] msi_data_i,
    // writes of the function
    input  logic         fn_valid_i,
    output logic         fn_ready_o,
    input  logic         fn_quad_i,
    input  logic [ 63:0] fn_addr_i,
    input  logic [127:0] fn_data_i,
    input  tlp_pkg::pasid_t fn_pasid_i,
    // to tlp_post
    output logic         valid_o,
    input  logic         ready_i,
    output logic         quad_o,
    output logic [ 63:0] addr_o,
    output logic [127:0] data_o,
    output tlp_pkg::pasid_t pasid_o,
    output logic         msg_o,
    output logic [  2:0] route_o,
    output logic [  7:0] code_o,
    output tlp_pkg::fn_t fn_o      // whose it is
);
  logic fn_turn_q, take_msi;
  assign take_msi = msi_valid_i && !(fn_valid_i && fn_turn_q);

  assign intx_ready_o = ready_i;
  assign err_ready_o  = ready_i && !intx_valid_i;
  assign inv_ready_o  = ready_i && !intx_valid_i && !err_valid_i;
  assign msi_ready_o  = ready_i && !msg_o && take_msi;
  assign fn_ready_o   = ready_i && !msg_o && !take_msi;

  assign valid_o = msg_o || msi_valid_i || fn_valid_i;
  assign msg_o   = intx_valid_i || err_valid_i || inv_valid_i;
  always_comb begin
    route_o = tlp_pkg::RouteById;
    code_o  = tlp_pkg::MsgInvCompletion;
    if (intx_valid_i) begin
      route_o = tlp_pkg::RouteLocal;
      code_o  = intx_code_i;
    end else if (err_valid_i) begin
      route_o = tlp_pkg::RouteToRoot;
      code_o  = err_code_i;
    end
  end
  assign fn_o    = (err_valid_i && !intx_valid_i) ? err_fn_i : '0;
  assign quad_o  = !take_msi && fn_quad_i;
  assign addr_o  = take_msi ? msi_addr_i : fn_addr_i;
  assign pasid_o = (msg_o || take_msi) ? '0 : fn_pasid_i;
  always_comb begin
    if (intx_valid_i || err_valid_i) data_o = '0;
    else if (inv_valid_i) data_o = {64'd0, inv_words_i};
    else data_o = take_msi ? {96'd0, msi_data_i} : fn_data_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) fn_turn_q <= 1'b0;
    else if (valid_o && ready_i && !msg_o) fn_turn_q <= take_msi;
  end
endmodule
