// SPDX-License-Identifier: Apache-2.0 OR MIT
// Configuration registers of the virtual functions (docs/device.md §16): a bit vector over
// functions for each bit that a function has of its own. What reads as in the physical
// function is taken from there (`shared_o`). Errors of virtual functions are decided on
// here: they have no AER and are never fatal.
module cfg_vf #(
    parameter int unsigned NumVfs = 16  // 1 to 16
) (
    input  logic                    clk_i,
    input  logic                    rst_ni,        // function reset of the physical function included
    input  logic       [NumVfs-1:0] exist_i,
    input  logic       [NumVfs-1:0] forget_i,      // reset of these
    // access
    input  logic             [ 3:0] vf_i,
    input  logic             [ 9:0] reg_i,
    input  logic             [31:0] wmask_i,       // 0 but for a write to a virtual function
    input  logic             [31:0] wdata_i,
    output logic             [31:0] rdata_o,
    output logic                    shared_o,      // the register reads as the physical function's
    // errors
    input  tlp_pkg::vf_err_t        err_i,
    input  logic                    serr_i,        // of the physical function: Command.8
    input  logic             [ 3:0] report_i,      // and DevCtl: {unsupported, fatal, non-fatal, correctable}
    output logic                    cor_o,         // pulses: the function owes a message
    output logic                    nonfatal_o,
    // settings
    output logic       [NumVfs-1:0] bus_master_o,
    output logic       [NumVfs-1:0] msix_enable_o,
    output logic       [NumVfs-1:0] msix_mask_o,
    output logic       [NumVfs-1:0] reset_o        // pulse: function level reset was written
);
  localparam logic [9:0] RegIds = 10'h000;
  localparam logic [9:0] RegCommand = 10'h001;
  localparam logic [9:0] RegClass = 10'h002;
  localparam logic [9:0] RegSubsystem = 10'h00b;
  localparam logic [9:0] RegCapPointer = 10'h00d;
  localparam logic [9:0] RegPcie = ep_reg_pkg::CAP_PCIE_OFFSET[11:2];
  localparam logic [9:0] RegDevCap = RegPcie + 10'd1;
  localparam logic [9:0] RegDevCtl = RegPcie + 10'd2;
  localparam logic [9:0] RegLnkCap = RegPcie + 10'd3;
  localparam logic [9:0] RegDevCap2 = RegPcie + 10'd9;
  localparam logic [9:0] RegLnkCap2 = RegPcie + 10'd11;
  localparam logic [9:0] RegMsix = ep_reg_pkg::CAP_MSIX_OFFSET[11:2];
  localparam logic [9:0] RegPba = RegMsix + 10'd2;
  localparam logic [9:0] RegAri = 10'h040;  // first of the extended capabilities, and the last

  localparam logic [31:0] Pcie = {16'h0002, 8'(ep_reg_pkg::CAP_MSIX_OFFSET), ep_reg_pkg::CAP_PCIE_ID};
  localparam logic [31:0] Ari = {12'h000, 4'h1, ep_reg_pkg::CAP_ARI_ID};

  logic [NumVfs-1:0] master_q, system_q, parity_q, enable_q, mask_q;  // system: Status.14, parity: Status.15
  logic [NumVfs-1:0] cor_q, nonfatal_q, unsupported_q;                // DevSta 0, 1, 3; 2 is never set

  // ---- read -------------------------------------------------------------------------
  logic [NumVfs-1:0] at;  // the function of the access
  always_comb begin
    for (int unsigned n = 0; n < NumVfs; n++) at[n] = vf_i == 4'(n);
  end
  function automatic logic of(input logic [NumVfs-1:0] bits, input logic [NumVfs-1:0] which);
    of = (bits & which) != '0;
  endfunction

  always_comb begin
    unique case (reg_i)
      RegIds:        rdata_o = 32'hffff_ffff;
      RegCommand:    rdata_o = {of(parity_q, at), of(system_q, at), 14'h0010, 13'd0, of(master_q, at), 2'b00};
      RegCapPointer: rdata_o = {20'd0, ep_reg_pkg::CAP_PCIE_OFFSET};
      RegPcie:       rdata_o = Pcie;
      RegDevCtl: begin
        rdata_o = {12'd0, of(unsupported_q, at), 1'b0, of(nonfatal_q, at), of(cor_q, at), 16'd0};
      end
      RegMsix:       rdata_o = {of(enable_q, at), of(mask_q, at), 3'd0, 11'd63, 8'd0, ep_reg_pkg::CAP_MSIX_ID};
      RegPba:        rdata_o = tlp_pkg::VfPba;
      RegAri:        rdata_o = Ari;
      default:       rdata_o = '0;
    endcase
  end
  assign shared_o = reg_i == RegClass || reg_i == RegSubsystem || reg_i == RegDevCap || reg_i == RegLnkCap ||
                    reg_i == RegDevCap2 || reg_i == RegLnkCap2;

  // ---- errors -----------------------------------------------------------------------
  logic [NumVfs-1:0] err;  // the function that has one
  logic              report_ur;
  always_comb begin
    for (int unsigned n = 0; n < NumVfs; n++) err[n] = err_i.valid && err_i.vf == 4'(n) && exist_i[n];
  end
  assign report_ur  = !err_i.unsupported || report_i[3] || serr_i;
  assign cor_o      = err != '0 && err_i.advisory && report_i[0] && report_ur;
  assign nonfatal_o = err != '0 && !err_i.advisory && (report_i[1] || serr_i) && report_ur;

  // ---- state ------------------------------------------------------------------------
  logic command, devctl, msix;
  assign command = reg_i == RegCommand;
  assign devctl  = reg_i == RegDevCtl;
  assign msix    = reg_i == RegMsix;
  assign reset_o = (devctl && wmask_i[15] && wdata_i[15]) ? at : '0;

  function automatic logic [NumVfs-1:0] kept(input logic [NumVfs-1:0] bits, input logic clear,
                                             input logic [NumVfs-1:0] which);
    kept = clear ? (bits & ~which) : bits;
  endfunction
  function automatic logic [NumVfs-1:0] put(input logic [NumVfs-1:0] bits, input logic write, input logic value,
                                            input logic [NumVfs-1:0] which);
    put = write ? ((bits & ~which) | (value ? which : '0)) : bits;
  endfunction
  logic [31:0] ones;  // written ones: they clear status bits
  assign ones = wdata_i & wmask_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      master_q      <= '0;
      system_q      <= '0;
      parity_q      <= '0;
      enable_q      <= '0;
      mask_q        <= '0;
      cor_q         <= '0;
      nonfatal_q    <= '0;
      unsupported_q <= '0;
    end else begin
      // An error in the clock of its clearing stays; nothing stays of a function that is reset.
      master_q <= put(master_q, command && wmask_i[2], wdata_i[2], at) & ~forget_i;
      enable_q <= put(enable_q, msix && wmask_i[31], wdata_i[31], at) & ~forget_i;
      mask_q   <= put(mask_q, msix && wmask_i[30], wdata_i[30], at) & ~forget_i;
      system_q <= (kept(system_q, command && ones[30], at) | ((nonfatal_o && serr_i) ? err : '0)) & ~forget_i;
      parity_q <= (kept(parity_q, command && ones[31], at) | (err_i.unsupported ? '0 : err)) & ~forget_i;
      cor_q    <= (kept(cor_q, devctl && ones[16], at) | (err_i.advisory ? err : '0)) & ~forget_i;
      nonfatal_q <= (kept(nonfatal_q, devctl && ones[17], at) | (err_i.advisory ? '0 : err)) & ~forget_i;
      unsupported_q <= (kept(unsupported_q, devctl && ones[19], at) | (err_i.unsupported ? err : '0)) & ~forget_i;
    end
  end
  assign bus_master_o  = master_q;
  assign msix_enable_o = enable_q;
  assign msix_mask_o   = mask_q;

  logic unused_bits;
  assign unused_bits = ^{report_i[2], ones};
endmodule
