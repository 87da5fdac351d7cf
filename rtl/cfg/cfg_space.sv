// SPDX-License-Identifier: Apache-2.0 OR MIT
// Configuration space (docs/device.md §3): hands an access to its blocks, each of which
// reads 0 outside its own registers, and keeps the captured bus and device
// number. A write takes effect at the end of the cycle, a read is answered in it. Accesses
// that name a virtual function (§16) reach its registers alone.
module cfg_space #(
    parameter int unsigned NumMsix  = 2048,
    parameter int unsigned NumVfs   = 16,
    parameter logic [15:0] VendorId = 16'h1234,
    parameter logic [15:0] DeviceId = 16'h1a35,
    localparam int unsigned Vfs     = (NumVfs > 0) ? NumVfs : 1
) (
    input  logic                  clk_i,
    input  logic                  por_ni,
    input  logic                  rst_ni,
    input  logic                  soft_rst_i,       // function reset
    // access
    input  logic                  valid_i,
    input  logic                  write_i,
    input  tlp_pkg::fn_t          fn_i,             // function that the request names
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
    // virtual functions: there; settings; their errors and the messages that these owe
    output logic       [Vfs-1:0]  vf_exist_o,
    output logic       [Vfs-1:0]  vf_bus_master_o,
    output logic       [Vfs-1:0]  vf_msix_enable_o,
    output logic       [Vfs-1:0]  vf_msix_mask_o,
    output logic       [Vfs-1:0]  vf_reset_o,       // pulses: forget these functions
    input  logic       [Vfs-1:0]  vf_forget_i,      // being forgotten
    input  tlp_pkg::vf_err_t      vf_err_i,
    output logic                  vf_cor_o,
    output logic                  vf_nonfatal_o,
    // address translation
    output logic                  ats_enable_o,
    output logic                  reset_request_o   // pulse: FLR, or D3hot to D0
);
  logic        write;  // to the physical function
  logic [31:0] wmask;
  assign write = valid_i && write_i && !fn_i.virt;
  logic [31:0] byte_mask;
  assign byte_mask = {{8{be_i[3]}}, {8{be_i[2]}}, {8{be_i[1]}}, {8{be_i[0]}}};
  assign wmask     = write ? byte_mask : '0;

  // Function 0 of the device; captured in every configuration write [PCIe Base 2.2.6.2].
  logic [15:3] bus_dev_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) bus_dev_q <= '0;
    else if (write) bus_dev_q <= bus_dev_i;
  end
  assign id_o = {bus_dev_q, 3'd0};

  logic [31:0] rdata_hdr, rdata_bar, rdata_pm, rdata_pcie, rdata_msi, rdata_msix, rdata_dvsec, rdata_aer, rdata_pasid;
  logic [31:0] rdata_ats, rdata_sriov, rdata_vf;
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
  logic         vf_enable, vf_memory, vf_shared;
  logic [15:0]  vf_acting;
  logic [ 2:0]  vf_page;
  logic [63:14] vf_bar;
  assign bars_o = {mem_enable && d0_o, bar0, bar1, bar2, bar4, vf_enable && vf_memory && d0_o, vf_acting, vf_page, vf_bar};

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

  cfg_ats #(
      .Next((NumVfs > 0) ? ep_reg_pkg::CAP_ARI_OFFSET : 12'h000)
  ) u_ats (
      .clk_i,
      .rst_ni,
      .soft_rst_i,
      .reg_i,
      .wmask_i (wmask),
      .wdata_i,
      .rdata_o (rdata_ats),
      .enable_o(ats_enable_o)
  );

  // ---- virtual functions -----------------------------------------------------------------
  if (NumVfs > 0) begin : gen_vf
    logic           disabled;
    logic [Vfs-1:0] acting, vf_flr;
    logic    [31:0] vf_wmask;
    cfg_sriov #(
        .NumVfs  (NumVfs),
        .DeviceId(DeviceId)
    ) u_sriov (
        .clk_i,
        .rst_ni,
        .soft_rst_i,
        .reg_i,
        .wmask_i   (wmask),
        .wdata_i,
        .rdata_o   (rdata_sriov),
        .enable_o  (vf_enable),
        .memory_o  (vf_memory),
        .acting_o  (acting),
        .page_o    (vf_page),
        .bar_o     (vf_bar),
        .disabled_o(disabled)
    );
    assign vf_wmask   = (valid_i && write_i && fn_i.virt) ? byte_mask : '0;
    assign vf_exist_o = (vf_enable && active_i) ? acting & ~vf_forget_i : '0;
    assign vf_reset_o = vf_flr | (disabled ? acting : '0);
    assign vf_acting  = 16'(acting);
    cfg_vf #(
        .NumVfs(NumVfs)
    ) u_vf (
        .clk_i,
        .rst_ni       (rst_ni && !soft_rst_i),
        .exist_i      (vf_exist_o),
        .forget_i     (vf_forget_i),
        .vf_i         (fn_i.vf),
        .reg_i,
        .wmask_i      (vf_wmask),
        .wdata_i,
        .rdata_o      (rdata_vf),
        .shared_o     (vf_shared),
        .err_i        (vf_err_i),
        .serr_i       (serr),
        .report_i     (report),
        .cor_o        (vf_cor_o),
        .nonfatal_o   (vf_nonfatal_o),
        .bus_master_o (vf_bus_master_o),
        .msix_enable_o(vf_msix_enable_o),
        .msix_mask_o  (vf_msix_mask_o),
        .reset_o      (vf_flr)
    );
  end else begin : gen_no_vf
    assign rdata_sriov      = '0;
    assign rdata_vf         = '0;
    assign vf_enable        = 1'b0;
    assign vf_memory        = 1'b0;
    assign vf_acting        = '0;
    assign vf_page          = '0;
    assign vf_bar           = '0;
    assign vf_shared        = 1'b0;
    assign vf_exist_o       = '0;
    assign vf_bus_master_o  = '0;
    assign vf_msix_enable_o = '0;
    assign vf_msix_mask_o   = '0;
    assign vf_reset_o       = '0;
    assign vf_cor_o         = 1'b0;
    assign vf_nonfatal_o    = 1'b0;
    logic unused_vf;
    assign unused_vf = ^{vf_forget_i, vf_err_i, fn_i.vf};
  end

  logic [31:0] rdata_pf;
  assign rdata_pf        = rdata_hdr | rdata_bar | rdata_pm | rdata_pcie | rdata_msi | rdata_msix | rdata_dvsec | rdata_aer |
                           rdata_pasid | rdata_ats | rdata_sriov;
  assign rdata_o         = !fn_i.virt ? rdata_pf : vf_shared ? rdata_pf : rdata_vf;
  assign reset_request_o = flr || wake;
endmodule
