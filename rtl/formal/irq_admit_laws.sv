// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// What is taken at the ports stands one and two clocks later in the pipeline, unchanged, and nothing else does. The
// laws of a source (irq_source_laws) rest on it. Bound into irq_admit.
module irq_admit_laws #(
  parameter int unsigned RowsMsix = 1,
  parameter int unsigned RowsDev = 1
) (
  input logic         clk_i,
  input logic         rst_ni,
  input logic         clear_i,
  input logic         stop_i,
  input logic         forgets_i,     // the walker that forgets virtual functions has an operation
  input logic         acc_taken_i,
  input logic         acc_write_i,
  input logic [1:0]   acc_space_i,
  input logic [17:0]  acc_addr_i,
  input logic [63:0]  acc_wdata_i,
  input logic [7:0]   acc_be_i,
  input logic         cause_taken_i,
  input logic         cause_withdraw_i,
  input logic [1:0]   cause_store_i,
  input logic [19:0]  cause_index_i,
  input irq_pkg::op_t op_b_i,
  input irq_pkg::op_t op_c_i
);
  logic        acc_b, acc_c, cause_b, cause_c;
  logic        write_b, write_c, back_b, back_c;
  logic [1:0]  space_b, space_c, store_b, store_c;
  logic [17:3] addr_b, addr_c;
  logic [63:0] wdata_b, wdata_c;
  logic [7:0]  be_b, be_c;
  logic [19:0] index_b, index_c;

  always_ff @(posedge clk_i) begin
    acc_b   <= acc_taken_i;
    acc_c   <= acc_b;
    cause_b <= cause_taken_i;
    cause_c <= cause_b;
    {write_b, space_b, addr_b, wdata_b, be_b} <= {acc_write_i, acc_space_i, acc_addr_i[17:3], acc_wdata_i, acc_be_i};
    {write_c, space_c, addr_c, wdata_c, be_c} <= {write_b, space_b, addr_b, wdata_b, be_b};
    {back_b, store_b, index_b} <= {cause_withdraw_i, cause_store_i, cause_index_i};
    {back_c, store_c, index_c} <= {back_b, store_b, index_b};
    if (!rst_ni || clear_i) {acc_b, acc_c, cause_b, cause_c} <= '0;
  end

  // An access to an entry, or a read of pending bits.
  logic same_acc_b, same_acc_c, same_cause_b, same_cause_c;
  assign same_acc_b =
      op_b_i.valid && op_b_i.kind == irq_pkg::OpAccess && op_b_i.write == write_b && op_b_i.half == addr_b[3] &&
      op_b_i.data[63:0] == wdata_b && op_b_i.be == be_b && op_b_i.pending_row == space_b[0] && !op_b_i.can_send &&
      op_b_i.store == (space_b == 2'd3 ? 2'd2 : (space_b == 2'd2 ? 2'd1 : 2'd0)) &&
      (space_b[0] || op_b_i.index == {6'b0, addr_b[17:4]});
  assign same_acc_c =
      op_c_i.valid && op_c_i.kind == irq_pkg::OpAccess && op_c_i.write == write_c && op_c_i.half == addr_c[3] &&
      op_c_i.data[63:0] == wdata_c && op_c_i.be == be_c && op_c_i.pending_row == space_c[0] && !op_c_i.can_send &&
      op_c_i.store == (space_c == 2'd3 ? 2'd2 : (space_c == 2'd2 ? 2'd1 : 2'd0)) &&
      (space_c[0] || op_c_i.index == {6'b0, addr_c[17:4]});
  assign same_cause_b =
      op_b_i.valid == (store_b != 2'd3) && op_b_i.kind == irq_pkg::OpCause && op_b_i.withdraw == back_b &&
      op_b_i.store == store_b && op_b_i.index == index_b;
  assign same_cause_c =
      op_c_i.valid == (store_c != 2'd3) && op_c_i.kind == irq_pkg::OpCause && op_c_i.withdraw == back_c &&
      op_c_i.store == store_c && op_c_i.index == index_c;

  // The row is that of the source.
  logic row_b, row_c;
  assign row_b = op_b_i.row == {1'b0, op_b_i.index[19:6]} + (op_b_i.store == 2'd0 ? 15'd0 :
                               (op_b_i.store == 2'd1 ? 15'(RowsMsix) : 15'(RowsMsix + RowsDev)));
  assign row_c = op_c_i.row == {1'b0, op_c_i.index[19:6]} + (op_c_i.store == 2'd0 ? 15'd0 :
                               (op_c_i.store == 2'd1 ? 15'(RowsMsix) : 15'(RowsMsix + RowsDev)));

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      RowOfSource_A: assert ((!op_b_i.valid || row_b) && (!op_c_i.valid || row_c));
      NoneForgotten_A: assert (!forgets_i);
      Piped_A: assert (
        (!stop_i || clear_i || (!op_b_i.valid && !op_c_i.valid)) &&
        (!op_b_i.valid || op_b_i.kind != irq_pkg::OpForget) && (!op_c_i.valid || op_c_i.kind != irq_pkg::OpForget) &&
        (!acc_b || same_acc_b) && (!acc_c || same_acc_c) &&
        (!cause_b || same_cause_b) && (!cause_c || same_cause_c) && !(acc_b && cause_b) && !(acc_c && cause_c) &&
        (!op_b_i.valid || op_b_i.kind != irq_pkg::OpAccess || acc_b) &&
        (!op_c_i.valid || op_c_i.kind != irq_pkg::OpAccess || acc_c) &&
        (!op_b_i.valid || op_b_i.kind != irq_pkg::OpCause || cause_b) &&
        (!op_c_i.valid || op_c_i.kind != irq_pkg::OpCause || cause_c));
    end
  end
endmodule
