// SPDX-License-Identifier: Apache-2.0 OR MIT
// Type 0 header without its BARs: identity, Command, Status, cache line size,
// interrupt line [PCIe Base 7.5.1]. Registers 0x00 to 0x0c and 0x28 to 0x3c.
module cfg_hdr #(
    parameter logic [15:0] VendorId = 16'h1234,
    parameter logic [15:0] DeviceId = 16'h1a35
) (
    input  logic                  clk_i,
    input  logic                  rst_ni,
    input  logic                  soft_rst_i,
    // access: mask has the bits of the bytes that a write enables
    input  logic           [ 9:0] reg_i,
    input  logic           [31:0] wmask_i,
    input  logic           [31:0] wdata_i,
    output logic           [31:0] rdata_o,
    // errors for Status
    input  ep_pkg::err_ev_t       ev_i,
    input  logic                  signalled_i,   // ERR_FATAL or ERR_NONFATAL with SERR#
    input  logic                  intx_i,        // INTx is requested: Status.3
    // Command
    output logic                  mem_enable_o,
    output logic                  bus_master_o,
    output logic                  serr_o,
    output logic                  intx_disable_o
);
  localparam logic [31:0] CommandRw = 32'h0000_0547;
  localparam logic [31:0] StatusRw1c = 32'hf900_0000;
  localparam logic [31:0] ClassRev = 32'h1200_0001;
  localparam logic [15:0] SubsystemId = 16'h0001;
  localparam logic [7:0]  FirstCap = 8'(ep_reg_pkg::CAP_PM_OFFSET);

  logic [31:0] command_q, status_q;
  logic [ 7:0] cache_line_q, int_line_q;

  always_comb begin
    unique case (reg_i)
      10'h000: rdata_o = {DeviceId, VendorId};
      10'h001: rdata_o = command_q | status_q | 32'h0010_0000 | {12'd0, intx_i, 19'd0};  // capability list
      10'h002: rdata_o = ClassRev;
      10'h003: rdata_o = {24'd0, cache_line_q};
      10'h00b: rdata_o = {SubsystemId, VendorId};
      10'h00d: rdata_o = {24'd0, FirstCap};
      10'h00f: rdata_o = {16'd0, 8'h01, int_line_q};  // INTA
      default: rdata_o = '0;
    endcase
  end

  // Status bits that errors set.
  logic [31:0] status_set;
  always_comb begin
    status_set     = '0;
    status_set[24] = ev_i.poisoned_cpl && command_q[6];  // master data parity error
    status_set[28] = ev_i.got_ca;                        // received target abort
    status_set[29] = ev_i.got_ur;                        // received master abort
    status_set[30] = signalled_i;                        // signaled system error
    status_set[31] = ev_i.poisoned || ev_i.poisoned_cfg || ev_i.poisoned_cpl; // detected parity error
  end

  logic [31:0] clear;
  assign clear = (reg_i == 10'h001) ? (wdata_i & wmask_i & StatusRw1c) : '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || soft_rst_i) begin
      command_q    <= '0;
      status_q     <= '0;
      cache_line_q <= '0;
      int_line_q   <= '0;
    end else begin
      // An error in the cycle of its clearing stays.
      status_q <= (status_q & ~clear) | status_set;
      if (reg_i == 10'h001) command_q <= ((command_q & ~wmask_i) | (wdata_i & wmask_i)) & CommandRw;
      if (reg_i == 10'h003) cache_line_q <= (cache_line_q & ~wmask_i[7:0]) | (wdata_i[7:0] & wmask_i[7:0]);
      if (reg_i == 10'h00f) int_line_q <= (int_line_q & ~wmask_i[7:0]) | (wdata_i[7:0] & wmask_i[7:0]);
    end
  end

  assign mem_enable_o = command_q[1];
  assign bus_master_o = command_q[2];
  assign serr_o       = command_q[8];
  assign intx_disable_o = command_q[10];

  logic unused_ev;
  assign unused_ev = ^ev_i;
endmodule
