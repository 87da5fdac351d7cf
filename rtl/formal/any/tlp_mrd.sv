// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// tlp_mrd as tlp_ats may rely on it, and no more: what it took comes back once, with anything, or is dropped; dropped is
// only what a strike or the end of the store has found (proof ats-reads: DropIsOld_A). Nothing of DMA, no reads.
module tlp_mrd #(
  parameter int unsigned MaxFetches = 16,
  parameter int unsigned DmaLanes = 4,
  localparam int unsigned LaneW = (DmaLanes > 1) ? $clog2(DmaLanes) : 1
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     forget_i,
  input  logic              [ 4:0] timeout_i,
  input  logic              [15:0] rid_i,
  output logic                     pending_o,
  input  logic                     fetch_valid_i,
  output logic                     fetch_ready_o,
  input  logic              [63:0] fetch_addr_i,
  input  logic              [ 1:0] fetch_at_i,
  input  logic              [ 4:0] fetch_id_i,
  output logic                     fres_valid_o,
  output logic              [ 4:0] fres_id_o,
  output logic              [ 3:0] fres_status_o,
  output logic             [127:0] fres_data_o,
  input  logic                     strike_i,
  input  logic                     closed_i,
  output logic                     old_busy_o,
  output logic                     killed_o,
  input  logic                     drop_i,
  output logic                     dropped_o,
  output logic              [ 4:0] dropped_id_o,
  input  logic                     dma_valid_i,
  output logic                     dma_ready_o,
  input  logic         [LaneW-1:0] dma_lane_i,
  input  ep_pkg::dma_read_t        dma_i,
  output logic      [DmaLanes-1:0] dma_free_o,
  output logic              [ 1:0] dma_tag_o,
  output logic                     dres_valid_o,
  output logic         [LaneW-1:0] dres_lane_o,
  output logic              [ 1:0] dres_tag_o,
  output logic              [ 3:0] dres_status_o,
  output logic                     dput_valid_o,
  output logic         [LaneW-1:0] dput_lane_o,
  output logic              [10:2] dput_word_o,
  output logic              [ 7:0] dput_words_o,
  input  logic                     read_ready_i,
  output logic                     read_push_o,
  output tlp_pkg::tx_read_t        read_o,
  input  logic              [ 4:0] head_tag_i,
  input  logic                     pop_i,
  input  logic                     sent_i,
  input  logic              [ 4:0] sent_tag_i,
  input  logic                     cpl_beat_i,
  input  logic              [10:0] cpl_before_i,
  input  logic                     cpl_valid_i,
  input  tlp_pkg::rx_cpl_t         cpl_i,
  output logic                     malformed_o,
  output logic                     unexpected_o,
  output logic                     poisoned_o,
  output logic                     got_ur_o,
  output logic                     got_ca_o,
  output logic                     timeout_o,
  input  logic                     timeout_ready_i
);
  (* anyseq *) logic         ready, over, drops, busy;
  (* anyseq *) logic [4:0]   over_id, drop_id;
  (* anyseq *) logic [3:0]   status;
  (* anyseq *) logic [127:0] data;
  assign fetch_ready_o = ready;
  assign fres_valid_o  = over;
  assign fres_id_o     = over_id;
  assign fres_status_o = status;
  assign fres_data_o   = data;
  assign dropped_o     = drops;
  assign dropped_id_o  = drop_id;
  assign old_busy_o    = busy;

  // Numbers that are out, and those of them that have been found.
  logic [15:0] out_q, dead_q;
  always_ff @(posedge clk_i) begin
    for (int i = 0; i < 16; i++) begin
      if (!rst_ni) begin
        out_q[i]  <= 1'b0;
        dead_q[i] <= 1'b0;
      end else begin
        if (fetch_valid_i && ready && fetch_id_i == 5'(i)) out_q[i] <= 1'b1;
        else if ((over && over_id == 5'(i)) || (drops && drop_id == 5'(i))) out_q[i] <= 1'b0;
        dead_q[i] <= out_q[i] && (dead_q[i] || strike_i || closed_i);
      end
    end
  end
  always_comb begin
    assume (!over || (!over_id[4] && out_q[over_id[3:0]]));
    assume (!drops || (!drop_id[4] && out_q[drop_id[3:0]] && dead_q[drop_id[3:0]]));
    assume (!over || !drops || over_id != drop_id);
  end

  assign {pending_o, killed_o, dma_ready_o, dres_valid_o, dput_valid_o, read_push_o} = '0;
  assign {malformed_o, unexpected_o, poisoned_o, got_ur_o, got_ca_o, timeout_o} = '0;
  assign dma_free_o    = '0;
  assign dma_tag_o     = '0;
  assign dres_lane_o   = '0;
  assign dres_tag_o    = '0;
  assign dres_status_o = '0;
  assign dput_lane_o   = '0;
  assign dput_word_o   = '0;
  assign dput_words_o  = '0;
  assign read_o        = '0;
endmodule
