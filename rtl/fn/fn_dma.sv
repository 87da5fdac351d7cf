// SPDX-License-Identifier: Apache-2.0 OR MIT
// DMA engine: work queues, the lanes that work their descriptors, and what the lanes share -
// buffer, mover, records, the way to reads, handles, causes. Wiring and turns.
module fn_dma #(
    parameter int unsigned DataW     = 256,
    parameter int unsigned NumQueues = 64,   // 1 to 64
    parameter int unsigned Lanes     = 4,    // 1 to 4
    localparam int unsigned LaneW = (Lanes > 1) ? $clog2(Lanes) : 1
) (
    input  logic               clk_i,
    input  logic               rst_ni,          // function reset included
    input  logic               allow_i,         // memory requests may be made
    input  ep_pkg::dma_cfg_t   cfg_i,
    // registers of the queues (fn_queue)
    input  logic               wvalid_i,
    output logic               wready_o,
    input  logic               wportal_i,
    input  logic        [17:3] waddr_i,
    input  logic        [63:0] wdata_i,
    input  logic        [ 7:0] wbe_i,
    input  logic               rvalid_i,
    output logic               rready_o,
    input  logic               rportal_i,
    input  logic        [17:3] raddr_i,
    output logic        [63:0] rdata_o,
    // a descriptor of pci_endpoint_test: stays until it is taken
    input  logic               own_valid_i,
    output logic               own_ready_o,
    input  logic       [255:0] own_desc_i,
    output logic               own_done_o,      // pulse
    output logic               own_good_o,
    output logic        [31:0] own_crc_o,
    // reads
    output logic               read_valid_o,
    input  logic               read_ready_i,
    output logic   [LaneW-1:0] read_lane_o,
    output ep_pkg::dma_read_t  read_o,
    input  logic   [Lanes-1:0] read_free_i,     // lanes with a free tag
    input  logic         [1:0] read_tag_i,
    input  logic               res_valid_i,
    input  logic   [LaneW-1:0] res_lane_i,
    input  logic         [1:0] res_tag_i,
    input  logic         [3:0] res_status_i,
    input  logic               put_valid_i,
    input  logic   [LaneW-1:0] put_lane_i,
    input  logic        [10:2] put_word_i,
    input  logic         [7:0] put_words_i,
    input  logic   [DataW-1:0] put_data_i,
    // handles
    output logic               find_valid_o,
    input  logic               find_done_i,
    output logic        [15:0] find_handle_o,
    output tlp_pkg::pasid_t    find_pasid_o,
    input  logic         [7:0] find_status_i,
    input  ep_pkg::cause_t     find_cause_i,
    // bulk writes
    input  logic               bulk_room_i,
    output logic               bulk_push_o,
    output logic   [DataW-1:0] bulk_data_o,
    output logic               bulk_valid_o,
    input  logic               bulk_ready_i,
    output tlp_pkg::bulk_t     bulk_o,
    // records
    output logic               rec_valid_o,
    input  logic               rec_ready_i,
    output logic        [63:0] rec_addr_o,
    output logic       [127:0] rec_data_o,
    output tlp_pkg::pasid_t    rec_pasid_o,
    // causes by handle; events of queues
    output logic               cause_valid_o,
    input  logic               cause_ready_i,
    output ep_pkg::cause_t     cause_o,
    output logic               event_valid_o,
    input  logic               event_ready_i,
    output logic         [5:0] event_queue_o
);
  // ---- lanes -----------------------------------------------------------------------------
  logic [Lanes-1:0] idle, ready, of_queue, start, alone;
  logic [Lanes-1:0] l_read, l_read_gnt, l_find, l_find_gnt, l_piece, l_piece_done, l_rec, l_rec_done;
  logic [Lanes-1:0] l_cause, l_cause_gnt, l_event, l_event_gnt, l_end, l_end_gnt, l_halt;
  logic [Lanes-1:0] l_own_done, l_own_good;
  logic [Lanes*6-1:0]                  l_queue;
  logic [Lanes*ep_pkg::DmaReadW-1:0]   l_read_req;
  logic [Lanes*16-1:0]                 l_handle;
  logic [Lanes*21-1:0]                 l_pasid;
  logic [Lanes*ep_pkg::PieceW-1:0]     l_piece_req;
  logic [Lanes*ep_pkg::RecordW-1:0]    l_record;
  logic [Lanes*ep_pkg::CauseW-1:0]     l_cause_req;
  logic [Lanes*8-1:0]                  l_code;
  logic [Lanes*32-1:0]                 l_own_crc;

  ep_pkg::job_t job;
  logic         start_any, own_go, end_done;
  logic [31:0]  piece_crc;
  logic [ 7:0]  desc_we;
  logic [255:0] desc;

  // A queue's descriptor goes to the first idle lane that has a tag to fetch it with: the tags
  // of reads that were given up rest, and work may not wait for them beside lanes that are free.
  // One of pci_endpoint_test goes to lane 0, when no other starts in the same clock.
  assign ready       = idle & read_free_i;
  assign own_go      = own_valid_i && idle[0] && !start_any;
  assign own_ready_o = own_go;
  assign start       = start_any ? (ready & (~ready + 1'b1)) : '0;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic mine;
    assign mine = put_valid_i && put_lane_i == LaneW'(l);

    ep_pkg::dma_read_t read_req;
    ep_pkg::piece_t    piece_req;
    ep_pkg::record_t   record;
    ep_pkg::cause_t    cause_req;
    tlp_pkg::pasid_t   pasid;
    fn_lane #(
        .Own(l == 0)
    ) u_lane (
        .clk_i,
        .rst_ni,
        .cfg_i,
        .idle_o       (idle[l]),
        .start_i      (start[l]),
        .job_i        (job),
        .queue_o      (l_queue[6*l+:6]),
        .of_queue_o   (of_queue[l]),
        .alone_i      (alone[l]),
        .own_start_i  (own_go && l == 0),
        .own_desc_i,
        .own_done_o   (l_own_done[l]),
        .own_good_o   (l_own_good[l]),
        .own_crc_o    (l_own_crc[32*l+:32]),
        .read_valid_o (l_read[l]),
        .read_ready_i (l_read_gnt[l] && read_ready_i),
        .read_o       (read_req),
        .read_tag_i,
        .res_valid_i  (res_valid_i && res_lane_i == LaneW'(l)),
        .res_tag_i,
        .res_status_i,
        .desc_we_i    (mine ? desc_we : 8'd0),
        .desc_i       (desc),
        .find_valid_o (l_find[l]),
        .find_done_i  (l_find_gnt[l] && find_done_i),
        .find_handle_o(l_handle[16*l+:16]),
        .find_pasid_o (pasid),
        .find_status_i,
        .find_cause_i,
        .piece_valid_o(l_piece[l]),
        .piece_o      (piece_req),
        .piece_done_i (l_piece_done[l]),
        .piece_crc_i  (piece_crc),
        .rec_valid_o  (l_rec[l]),
        .rec_o        (record),
        .rec_done_i   (l_rec_done[l]),
        .cause_valid_o(l_cause[l]),
        .cause_ready_i(l_cause_gnt[l] && cause_ready_i),
        .cause_o      (cause_req),
        .event_valid_o(l_event[l]),
        .event_ready_i(l_event_gnt[l] && event_ready_i),
        .end_valid_o  (l_end[l]),
        .end_done_i   (l_end_gnt[l] && end_done),
        .end_halt_o   (l_halt[l]),
        .end_code_o   (l_code[8*l+:8])
    );
    assign l_read_req[ep_pkg::DmaReadW*l+:ep_pkg::DmaReadW] = read_req;
    assign l_piece_req[ep_pkg::PieceW*l+:ep_pkg::PieceW]    = piece_req;
    assign l_record[ep_pkg::RecordW*l+:ep_pkg::RecordW]     = record;
    assign l_cause_req[ep_pkg::CauseW*l+:ep_pkg::CauseW]    = cause_req;
    assign l_pasid[21*l+:21]                                = pasid;

    // Lanes that work for the same queue since before this one did.
    logic [Lanes-1:0] older_q, same;
    for (genvar o = 0; o < Lanes; o++) begin : gen_same
      assign same[o] = o != l && of_queue[o] && l_queue[6*o+:6] == job.qid;
    end
    assign alone[l] = older_q == '0;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) older_q <= '0;
      else if (start[l]) older_q <= same;
      else older_q <= older_q & ~idle;
    end
  end
  assign own_done_o = l_own_done[0];
  assign own_good_o = l_own_good[0];
  assign own_crc_o  = l_own_crc[31:0];

  // ---- reads: a choice stays only as long as it is not taken, so nobody waits for a tag ----
  logic [Lanes-1:0] read_can;
  assign read_can     = l_read & read_free_i;
  assign read_valid_o = read_can != '0;
  prim_arb_rr #(
      .N(Lanes)
  ) u_read_arb (
      .clk_i,
      .rst_ni,
      .req_i(read_can),
      .gnt_o(l_read_gnt),
      .ack_i(read_ready_i)
  );

  prim_arb_hold #(
      .N(Lanes)
  ) u_find_arb (
      .clk_i,
      .rst_ni,
      .req_i(l_find),
      .gnt_o(l_find_gnt),
      .ack_i(find_done_i)
  );
  assign find_valid_o = l_find != '0;

  prim_arb_hold #(
      .N(Lanes)
  ) u_cause_arb (
      .clk_i,
      .rst_ni,
      .req_i(l_cause),
      .gnt_o(l_cause_gnt),
      .ack_i(cause_ready_i)
  );
  assign cause_valid_o = l_cause != '0;

  prim_arb_hold #(
      .N(Lanes)
  ) u_event_arb (
      .clk_i,
      .rst_ni,
      .req_i(l_event),
      .gnt_o(l_event_gnt),
      .ack_i(event_ready_i)
  );
  assign event_valid_o = l_event != '0;

  prim_arb_hold #(
      .N(Lanes)
  ) u_end_arb (
      .clk_i,
      .rst_ni,
      .req_i(l_end),
      .gnt_o(l_end_gnt),
      .ack_i(end_done)
  );

  logic [5:0] end_queue;
  logic [7:0] end_code;
  logic       end_halt;
  always_comb begin
    read_lane_o   = '0;
    read_o        = '0;
    find_handle_o = '0;
    find_pasid_o  = '0;
    cause_o       = '0;
    event_queue_o = '0;
    end_queue     = '0;
    end_code      = '0;
    end_halt      = 1'b0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (l_read_gnt[l]) begin
        read_lane_o = LaneW'(l);
        read_o      = l_read_req[ep_pkg::DmaReadW*l+:ep_pkg::DmaReadW];
      end
      if (l_find_gnt[l]) begin
        find_handle_o = l_handle[16*l+:16];
        find_pasid_o  = l_pasid[21*l+:21];
      end
      if (l_cause_gnt[l]) cause_o = l_cause_req[ep_pkg::CauseW*l+:ep_pkg::CauseW];
      if (l_event_gnt[l]) event_queue_o = l_queue[6*l+:6];
      if (l_end_gnt[l]) begin
        end_queue = l_queue[6*l+:6];
        end_code  = l_code[8*l+:8];
        end_halt  = l_halt[l];
      end
    end
  end

  // ---- what lanes share ---------------------------------------------------------------------
  logic [LaneW-1:0] get_lane;
  logic      [10:2] get_word;
  logic [DataW-1:0] get_data;
  fn_buf #(
      .DataW(DataW),
      .Lanes(Lanes)
  ) u_buf (
      .clk_i,
      .put_valid_i,
      .put_lane_i,
      .put_word_i,
      .put_words_i,
      .put_data_i,
      .desc_we_o  (desc_we),
      .desc_o     (desc),
      .get_lane_i (get_lane),
      .get_word_i (get_word),
      .get_data_o (get_data)
  );
  fn_mover #(
      .DataW(DataW),
      .Lanes(Lanes)
  ) u_mover (
      .clk_i,
      .rst_ni,
      .allow_i,
      .valid_i     (l_piece),
      .piece_i     (l_piece_req),
      .done_o      (l_piece_done),
      .crc_o       (piece_crc),
      .get_lane_o  (get_lane),
      .get_word_o  (get_word),
      .get_data_i  (get_data),
      .room_i      (bulk_room_i),
      .push_o      (bulk_push_o),
      .data_o      (bulk_data_o),
      .bulk_valid_o,
      .bulk_ready_i,
      .bulk_o
  );

  logic        look, wrote, looked, wrote_ok;
  logic [ 5:0] rec_queue;
  logic [63:4] ring_addr;
  logic [31:0] ring_number;
  fn_record #(
      .Lanes(Lanes)
  ) u_record (
      .clk_i,
      .rst_ni,
      .allow_i,
      .valid_i     (l_rec),
      .record_i    (l_record),
      .done_o      (l_rec_done),
      .look_o      (look),
      .wrote_o     (wrote),
      .queue_o     (rec_queue),
      .looked_i    (looked),
      .addr_i      (ring_addr),
      .number_i    (ring_number),
      .wrote_ok_i  (wrote_ok),
      .post_valid_o(rec_valid_o),
      .post_ready_i(rec_ready_i),
      .post_addr_o (rec_addr_o),
      .post_data_o (rec_data_o),
      .post_pasid_o(rec_pasid_o)
  );
  fn_queue #(
      .NumQueues(NumQueues)
  ) u_queue (
      .clk_i,
      .rst_ni,
      .allow_i,
      .pasid_en_i  (cfg_i.pasid_en),
      .wvalid_i,
      .wready_o,
      .wportal_i,
      .waddr_i,
      .wdata_i,
      .wbe_i,
      .rvalid_i,
      .rready_o,
      .rportal_i,
      .raddr_i,
      .rdata_o,
      .lane_free_i (ready != '0 && !own_valid_i || (ready >> 1) != '0),
      .start_o     (start_any),
      .job_o       (job),
      .look_i      (look),
      .wrote_i     (wrote),
      .rec_queue_i (rec_queue),
      .looked_o    (looked),
      .rec_addr_o  (ring_addr),
      .rec_number_o(ring_number),
      .wrote_ok_o  (wrote_ok),
      .end_i       (l_end != '0),
      .end_queue_i (end_queue),
      .end_halt_i  (end_halt),
      .end_code_i  (end_code),
      .ended_o     (end_done)
  );

  logic unused_own;
  assign unused_own = ^{l_own_done, l_own_good, l_own_crc};
endmodule
