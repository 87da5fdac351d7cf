// SPDX-License-Identifier: Apache-2.0 OR MIT
// Configuration space (docs/device.md §3): hands an access to its blocks, each of which
// reads 0 outside its own registers, and keeps the captured bus and device
// number. A write takes effect at the end of the cycle, a read is answered in it.
module cfg_space #(
    parameter int unsigned NumMsix  = 2048,
    parameter logic [15:0] VendorId = 16'h1234,
    parameter logic [15:0] DeviceId = 16'h1a35
) (
    input  logic                  clk_i,
    input  logic                  por_ni,
    input  logic                  rst_ni,
    input  logic                  soft_rst_i,       // function reset
    // access
    input  logic                  valid_i,
    input  logic                  write_i,
    input  logic           [15:3] bus_dev_i,        // that the request was addressed to
    input  logic           [ 9:0] reg_i,
    input  logic           [ 3:0] be_i,
    input  logic           [31:0] wdata_i,
    output logic           [31:0] rdata_o,
    // state that is shown
    input  ep_pkg::err_ev_t       ev_i,
    input  tlp_pkg::raw_t         ev_raw_i,         // header of the packet with the error
    input  logic                  pending_i,
    input  logic                  intx_i,           // INTx is requested
    input  logic           [31:0] msi_pending_i,
    // settings
    output logic           [15:0] id_o,             // requester and completer id
    output ep_pkg::bars_t         bars_o,
    output logic                  bus_master_o,
    output logic                  d0_o,
    output logic                  msix_enable_o,
    output logic                  msix_mask_o,
    output ep_pkg::msi_t          msi_o,
    output logic                  intx_disable_o,
    output ep_pkg::dma_cfg_t      dma_o,            // for the DMA engine
    output logic           [ 2:0] mps_o,
    output logic           [ 4:0] timeout_o,
    // errors: reporting, digests
    input  logic                  active_i,         // D0, no function reset
    output logic                  err_cor_o,        // pulses: a message is owed
    output logic                  err_nonfatal_o,
    output logic                  err_fatal_o,
    output logic                  ecrc_gen_o,
    output logic                  ecrc_check_o,
    output logic                  reset_request_o   // pulse: FLR, or D3hot to D0
);
  logic        write;
  logic [31:0] wmask;
  assign write = valid_i && write_i;
  assign wmask = write ? {{8{be_i[3]}}, {8{be_i[2]}}, {8{be_i[1]}}, {8{be_i[0]}}} : '0;

  // Function 0 of the device; captured in every configuration write [PCIe Base 2.2.6.2].
  logic [15:3] bus_dev_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) bus_dev_q <= '0;
    else if (write) bus_dev_q <= bus_dev_i;
  end
  assign id_o = {bus_dev_q, 3'd0};

  logic [31:0] rdata_hdr, rdata_bar, rdata_pm, rdata_pcie, rdata_msi, rdata_msix, rdata_dvsec, rdata_aer, rdata_pasid;
  logic        mem_enable, flr, wake, serr, signalled;
  logic [ 3:0] report, devsta;

  cfg_hdr #(
      .VendorId(VendorId),
      .DeviceId(DeviceId)
  ) u_hdr (
      .clk_i,
      .rst_ni,
      .soft_rst_i,
      .reg_i,
      .wmask_i     (wmask),
      .wdata_i,
      .rdata_o     (rdata_hdr),
      .ev_i,
      .signalled_i (signalled),
      .intx_i,
      .mem_enable_o(mem_enable),
      .bus_master_o,
      .serr_o      (serr),
      .intx_disable_o
  );

  logic [31:16] bar0;
  logic [31:18] bar1;
  logic [63:16] bar2;
  logic [63:18] bar4;
  cfg_bar u_bar (
      .clk_i,
      .rst_ni,
      .soft_rst_i,
      .reg_i,
      .wmask_i(wmask),
      .wdata_i,
      .rdata_o(rdata_bar),
      .bar0_o (bar0),
      .bar1_o (bar1),
      .bar2_o (bar2),
      .bar4_o (bar4)
  );
  assign bars_o = {mem_enable && d0_o, bar0, bar1, bar2, bar4};

  cfg_pm u_pm (
      .clk_i,
      .rst_ni,
      .soft_rst_i,
      .reg_i,
      .wmask_i(wmask),
      .wdata_i,
      .rdata_o(rdata_pm),
      .d0_o,
      .wake_o (wake)
  );

  logic [2:0] mrrs;
  logic       relaxed, ido, pasid_en;
  assign dma_o = {mps_o, mrrs, relaxed, ido, pasid_en};

  cfg_pcie u_pcie (
      .clk_i,
      .por_ni,
      .rst_ni,
      .soft_rst_i,
      .reg_i,
      .wmask_i (wmask),
      .wdata_i,
      .rdata_o (rdata_pcie),
      .devsta_i(devsta),
      .pending_i,
      .flr_o   (flr),
      .report_o(report),
      .mps_o,
      .mrrs_o   (mrrs),
      .relaxed_o(relaxed),
      .ido_o    (ido),
      .timeout_o
  );

  cfg_msi u_msi (
      .clk_i,
      .rst_ni,
      .soft_rst_i,
      .reg_i,
      .wmask_i  (wmask),
      .wdata_i,
      .rdata_o  (rdata_msi),
      .pending_i(msi_pending_i),
      .msi_o
  );

  cfg_msix #(
      .NumMsix(NumMsix)
  ) u_msix (
      .clk_i,
      .rst_ni,
      .soft_rst_i,
      .reg_i,
      .wmask_i        (wmask),
      .wdata_i,
      .rdata_o        (rdata_msix),
      .enable_o       (msix_enable_o),
      .function_mask_o(msix_mask_o)
  );

  cfg_dvsec u_dvsec (
      .clk_i,
      .rst_ni,
      .soft_rst_i,
      .reg_i,
      .wmask_i(wmask),
      .wdata_i,
      .rdata_o(rdata_dvsec)
  );

  cfg_aer u_aer (
      .clk_i,
      .por_ni,
      .reg_i,
      .wmask_i     (wmask),
      .wdata_i,
      .rdata_o     (rdata_aer),
      .ev_i,
      .raw_i       (ev_raw_i),
      .active_i,
      .serr_i      (serr),
      .report_i    (report),
      .devsta_o    (devsta),
      .signalled_o (signalled),
      .cor_o       (err_cor_o),
      .nonfatal_o  (err_nonfatal_o),
      .fatal_o     (err_fatal_o),
      .ecrc_gen_o,
      .ecrc_check_o
  );

  cfg_pasid u_pasid (
      .clk_i,
      .rst_ni,
      .soft_rst_i,
      .reg_i,
      .wmask_i (wmask),
      .wdata_i,
      .rdata_o (rdata_pasid),
      .enable_o(pasid_en)
  );

  assign rdata_o         = rdata_hdr | rdata_bar | rdata_pm | rdata_pcie | rdata_msi | rdata_msix | rdata_dvsec | rdata_aer |
                           rdata_pasid;
  assign reset_request_o = flr || wake;
endmodule
