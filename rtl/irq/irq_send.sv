// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Output registers of the core: what the operation at the commit stage has decided stands here in the next clock.
// Messages, read data and errors have the same delay, so they show in the order of commitment. This is the only place
// that an interrupt message comes out of.
module irq_send (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,

  // from the commit stage
  input  irq_pkg::msg_t     msg_i,
  input  irq_pkg::err_t     err_i,
  input  logic              rvalid_i,
  input  logic [63:0]       rdata_i,

  // message
  output logic              msg_valid_o,
  output logic [63:0]       msg_addr_o,
  output logic [31:0]       msg_data_o,
  output irq_pkg::store_t   msg_store_o,
  output irq_pkg::index_t   msg_index_o,

  // read data
  output logic              acc_rvalid_o,
  output logic [63:0]       acc_rdata_o,

  // error
  output logic              err_valid_o,
  output logic [3:0]        err_code_o,
  output irq_pkg::store_t   err_store_o,
  output irq_pkg::index_t   err_index_o
);
  irq_pkg::msg_t msg_q;
  irq_pkg::err_t err_q;
  logic          rvalid_q;
  logic [63:0]   rdata_q;

  always_ff @(posedge clk_i) begin
    msg_q    <= msg_i;
    err_q    <= err_i;
    rvalid_q <= rvalid_i;
    rdata_q  <= rdata_i;
    if (!rst_ni || clear_i) begin
      msg_q.valid <= 1'b0;
      err_q.valid <= 1'b0;
      rvalid_q    <= 1'b0;
    end
  end

  assign msg_valid_o  = msg_q.valid;
  assign msg_addr_o   = {msg_q.addr, 2'b00};
  assign msg_data_o   = msg_q.data;
  assign msg_store_o  = msg_q.store;
  assign msg_index_o  = msg_q.index;
  assign acc_rvalid_o = rvalid_q;
  assign acc_rdata_o  = rdata_q;
  assign err_valid_o  = err_q.valid;
  assign err_code_o   = err_q.code;
  assign err_store_o  = err_q.store;
  assign err_index_o  = err_q.index;
endmodule
