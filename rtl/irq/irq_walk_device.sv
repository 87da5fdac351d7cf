// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Walks over the rows of a device-side store when its messages may be sent again: MSI-X after its enables, both after
// bus master enable, those of the virtual functions after the enables of any of them. Each row becomes an operation
// that lets select look at it. What opens again while it is walked is walked again.
//
// Apart from irq_walk_host, so that a function mask that falls does not wait for a walk over a large host store.
module irq_walk_device #(
  parameter int unsigned NumMsix = 1,
  parameter int unsigned NumDevSlots = 1,
  parameter int unsigned NumVfs = 0,
  localparam int unsigned VfPorts = (NumVfs > 0) ? NumVfs : 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_busy_i,

  // levels: the messages of a store may be sent
  input  logic               open_msix_i,
  input  logic               open_dev_i,
  input  logic [VfPorts-1:0] vf_open_msix_i,
  input  logic [VfPorts-1:0] vf_open_dev_i,

  // operations on rows
  output logic               walk_valid_o,
  input  logic               walk_ready_i,
  output irq_pkg::store_t    walk_store_o,
  output irq_pkg::index_t    walk_index_o    // of the row's first source
);
  localparam int unsigned JobMsix = 0;
  localparam int unsigned JobDev  = 1;
  localparam int unsigned JobVf   = 2;   // one row of each store for each virtual function

  localparam logic [7:0] LastMsix = 8'((NumMsix + 63) / 64 - 1);   // 128 rows at most
  localparam logic [7:0] LastDev  = 8'((NumDevSlots + 63) / 64 - 1);
  localparam logic [7:0] LastVf   = 8'(2 * VfPorts - 1);

  logic               open_msix_q, open_dev_q;
  logic [VfPorts-1:0] vf_open_msix_q, vf_open_dev_q;
  logic [2:0]         due_q, due_set, gnt, job_q;
  logic               busy_q, last;
  logic [7:0]         row_q, last_q;

  always_comb begin
    due_set          = '0;
    due_set[JobMsix] = open_msix_i && !open_msix_q;
    due_set[JobDev]  = open_dev_i && !open_dev_q;
    due_set[JobVf]   = ((vf_open_msix_i & ~vf_open_msix_q) | (vf_open_dev_i & ~vf_open_dev_q)) != '0;
  end
  assign last = row_q == last_q;

  prim_arb_rr #(.N(3)) u_arb (
    .clk_i (clk_i),
    .rst_ni(rst_ni),
    .req_i ((busy_q || clear_busy_i) ? 3'b000 : due_q),
    .gnt_o (gnt),
    .ack_i (1'b1)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_busy_i) begin
      // Nothing is pending after a clear.
      open_msix_q    <= 1'b0;
      open_dev_q     <= 1'b0;
      vf_open_msix_q <= '0;
      vf_open_dev_q  <= '0;
      due_q          <= '0;
      busy_q         <= 1'b0;
    end else begin
      open_msix_q    <= open_msix_i;
      open_dev_q     <= open_dev_i;
      vf_open_msix_q <= vf_open_msix_i;
      vf_open_dev_q  <= vf_open_dev_i;
      due_q          <= (due_q & ~gnt) | due_set;
      if (gnt != '0)                                 busy_q <= 1'b1;
      else if (walk_valid_o && walk_ready_i && last) busy_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (gnt != '0) begin
      job_q  <= gnt;
      row_q  <= '0;
      last_q <= gnt[JobMsix] ? LastMsix : (gnt[JobDev] ? LastDev : LastVf);
    end else if (walk_ready_i) begin
      row_q <= row_q + 1'b1;
    end
  end

  assign walk_valid_o = busy_q;

  always_comb begin
    walk_store_o = (job_q[JobDev] || (job_q[JobVf] && row_q[0])) ? irq_pkg::StoreDev : irq_pkg::StoreMsix;
    walk_index_o = {6'b0, row_q, 6'b0};
    if (job_q[JobVf]) walk_index_o = (row_q[0] ? irq_pkg::VfDev : irq_pkg::VfMsix) + {7'b0, row_q[7:1], 6'b0};
  end
endmodule
