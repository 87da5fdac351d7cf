// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// A device with the pins of the endpoint that sends every packet back, one beat
// late, and does what a test asks of it by the packet's first header word.
`default_nettype none

module ims_endpoint #(
  parameter int unsigned DataW = 256
) (
  input  wire               clk_i,
  input  wire               rst_ni,
  input  wire               hot_rst_i,
  input  wire               rx_valid_i,
  output wire               rx_ready_o,
  input  wire               rx_sop_i,
  input  wire               rx_eop_i,
  input  wire [127:0]       rx_hdr_i,
  input  wire               rx_prefix_valid_i,
  input  wire [31:0]        rx_prefix_i,
  input  wire [DataW-1:0]   rx_data_i,
  input  wire [DataW/32-1:0] rx_keep_i,
  output reg                tx_valid_o,
  input  wire               tx_ready_i,
  output reg                tx_sop_o,
  output reg                tx_eop_o,
  output reg  [127:0]       tx_hdr_o,
  output reg                tx_prefix_valid_o,
  output reg  [31:0]        tx_prefix_o,
  output reg  [DataW-1:0]   tx_data_o,
  output reg  [DataW/32-1:0] tx_keep_o,
  input  wire [7:0]         fc_ph_limit_i,
  input  wire [11:0]        fc_pd_limit_i,
  input  wire [7:0]         fc_nph_limit_i,
  input  wire [11:0]        fc_npd_limit_i,
  input  wire [7:0]         fc_cplh_limit_i,
  input  wire [11:0]        fc_cpld_limit_i,
  input  wire [5:0]         fc_infinite_i,
  output wire [7:0]         rx_nph_limit_o,
  input  wire               cause_valid_i,
  output wire               cause_ready_o,
  input  wire               cause_withdraw_i,
  input  wire [1:0]         cause_store_i,
  input  wire [19:0]        cause_index_i,
  output wire               obs_cause_valid_o,
  output wire               obs_cause_withdraw_o,
  output wire [1:0]         obs_cause_store_o,
  output wire [19:0]        obs_cause_index_o,
  output wire               obs_msi_valid_o,
  output wire [4:0]         obs_msi_vector_o,
  output wire               obs_intx_o
);

  localparam logic [31:0] OpError   = 32'hdead_0001;  // fail an assertion
  localparam logic [31:0] OpPower   = 32'hdead_0002;  // answer with the power-on state
  localparam logic [31:0] OpCredits = 32'hdead_0003;  // answer with the credit pins
  localparam logic [31:0] OpUnsteady = 32'hdead_0004; // change the beat while it waits
  localparam logic [31:0] OpPrint   = 32'hdead_0005;  // print a line

  reg [31:0] power_on;  // never written: what power-on left in it
  reg [7:0]  packets;
  reg        unsteady;

  wire rst = !rst_ni || hot_rst_i;
  wire [31:0] op = rx_hdr_i[127:96];

  assign rx_ready_o = !tx_valid_o || tx_ready_i;
  assign rx_nph_limit_o = 8'd8 + packets;

  // A cause is taken in the second cycle it is shown.
  reg cause_seen;
  assign cause_ready_o = cause_seen;
  assign obs_cause_valid_o = cause_valid_i && cause_seen;
  assign obs_cause_withdraw_o = cause_withdraw_i;
  assign obs_cause_store_o = cause_store_i;
  assign obs_cause_index_o = cause_index_i;
  assign obs_msi_valid_o = 1'b0;
  assign obs_msi_vector_o = 5'd0;
  assign obs_intx_o = 1'b0;

  always_ff @(posedge clk_i) begin
    cause_seen <= cause_valid_i && !cause_seen && !rst;
    if (rst) begin
      tx_valid_o <= 1'b0;
      packets <= 8'd0;
      unsteady <= 1'b0;
    end else if (rx_ready_o) begin
      tx_valid_o <= rx_valid_i;
      tx_sop_o <= rx_sop_i;
      tx_eop_o <= rx_eop_i;
      tx_hdr_o <= rx_hdr_i;
      tx_prefix_valid_o <= rx_prefix_valid_i;
      tx_prefix_o <= rx_prefix_i;
      tx_data_o <= rx_data_i;
      tx_keep_o <= rx_keep_i;
      if (rx_valid_i && rx_sop_i) begin
        packets <= packets + 8'd1;
        unsteady <= op == OpUnsteady;
        if (op == OpPower) tx_hdr_o[31:0] <= power_on;
        if (op == OpCredits) begin
          tx_hdr_o[95:0] <= {2'd0, fc_infinite_i, fc_cpld_limit_i, fc_npd_limit_i, fc_pd_limit_i, 28'd0,
                             fc_cplh_limit_i, fc_nph_limit_i, fc_ph_limit_i};
        end
        if (op == OpPrint) $display("packet %0d", packets);
      end
    end else if (unsteady) begin
      tx_hdr_o[0] <= !tx_hdr_o[0];
    end
  end

  as_no_error: assert property (@(posedge clk_i) disable iff (rst)
      !(rx_valid_i && rx_sop_i && op == OpError))
    else $error("asked to fail by packet %0d", packets);

endmodule
`default_nettype wire
