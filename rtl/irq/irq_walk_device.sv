// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Walks over the rows of a device-side store when its messages may be sent again: MSI-X after its enables, both after
// bus master enable. Each row becomes an operation that lets select look at it. A store that opens again while it is
// walked is walked again.
//
// Apart from irq_walk_host, so that a function mask that falls does not wait for a walk over a large host store.
module irq_walk_device #(
  parameter int unsigned RowsMsix = 1,
  parameter int unsigned RowsDev = 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_busy_i,

  // levels: the store's messages may be sent
  input  logic            open_msix_i,
  input  logic            open_dev_i,

  // operations on rows
  output logic            walk_valid_o,
  input  logic            walk_ready_i,
  output irq_pkg::store_t walk_store_o,
  output irq_pkg::index_t walk_index_o
);
  logic       open_msix_q, open_dev_q;
  logic [1:0] due_q, due_set, gnt;     // 0 MSI-X, 1 device slots
  logic       busy_q, dev_q, last;
  logic [7:0] row_q;                   // 128 rows at most

  assign due_set = {open_dev_i && !open_dev_q, open_msix_i && !open_msix_q};
  assign last    = row_q == (dev_q ? 8'(RowsDev - 1) : 8'(RowsMsix - 1));

  prim_arb_rr #(.N(2)) u_arb (
    .clk_i (clk_i),
    .rst_ni(rst_ni),
    .req_i ((busy_q || clear_busy_i) ? 2'b00 : due_q),
    .gnt_o (gnt),
    .ack_i (1'b1)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_busy_i) begin
      // Nothing is pending after a clear.
      open_msix_q <= 1'b0;
      open_dev_q  <= 1'b0;
      due_q       <= '0;
      busy_q      <= 1'b0;
    end else begin
      open_msix_q <= open_msix_i;
      open_dev_q  <= open_dev_i;
      due_q       <= (due_q & ~gnt) | due_set;
      if (gnt != '0)                               busy_q <= 1'b1;
      else if (walk_valid_o && walk_ready_i && last) busy_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (gnt != '0) begin
      dev_q <= gnt[1];
      row_q <= '0;
    end else if (walk_ready_i) begin
      row_q <= row_q + 1'b1;
    end
  end

  assign walk_valid_o = busy_q;
  assign walk_store_o = dev_q ? irq_pkg::StoreDev : irq_pkg::StoreMsix;
  assign walk_index_o = {6'b0, row_q, 6'b0};
endmodule
