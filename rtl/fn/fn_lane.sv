// SPDX-License-Identifier: Apache-2.0 OR MIT
// One lane of the DMA engine: one descriptor from its fetch to its interrupt. It reads up to
// four pieces ahead into its buffer, asks the mover for each piece of data that is all there,
// in address order, then asks for its record and raises its interrupt.
//
// A lane also works for pci_endpoint_test (`own_*`): a descriptor that is given, without
// record and interrupt.
module fn_lane #(
    parameter logic Own = 1'b0         // takes descriptors of pci_endpoint_test
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,         // function reset included
    input  ep_pkg::dma_cfg_t       cfg_i,
    // a descriptor to fetch
    output logic                   idle_o,
    input  logic                   start_i,        // while idle
    input  ep_pkg::job_t           job_i,
    output logic            [ 5:0] queue_o,        // of the descriptor in hand
    output logic                   of_queue_o,     // it belongs to a queue
    input  logic                   alone_i,        // all earlier ones of the queue have completed
    // a descriptor that is given
    input  logic                   own_start_i,    // while idle
    input  logic           [255:0] own_desc_i,
    output logic                   own_done_o,     // pulse
    output logic                   own_good_o,     // with done
    output logic            [31:0] own_crc_o,      // with done
    // reads
    output logic                   read_valid_o,
    input  logic                   read_ready_i,
    output ep_pkg::dma_read_t      read_o,
    input  logic            [ 1:0] read_tag_i,     // with ready: its tag
    input  logic                   res_valid_i,    // a read is over ...
    input  logic            [ 1:0] res_tag_i,
    input  logic            [ 3:0] res_status_i,   // ... 0 good, else the code of tlp_mrd
    input  logic            [ 7:0] desc_we_i,      // words that come for this lane
    input  logic           [255:0] desc_i,
    // handle of the interrupt
    output logic                   find_valid_o,
    input  logic                   find_done_i,
    output logic            [15:0] find_handle_o,
    output tlp_pkg::pasid_t        find_pasid_o,
    input  logic            [ 7:0] find_status_i,  // with done: ok, or why not
    input  ep_pkg::cause_t         find_cause_i,
    // data
    output logic                   piece_valid_o,
    output ep_pkg::piece_t         piece_o,
    input  logic                   piece_done_i,
    input  logic            [31:0] piece_crc_i,
    // record
    output logic                   rec_valid_o,
    output ep_pkg::record_t        rec_o,
    input  logic                   rec_done_i,
    // interrupt: a cause, or the queue's event
    output logic                   cause_valid_o,
    input  logic                   cause_ready_i,
    output ep_pkg::cause_t         cause_o,
    output logic                   event_valid_o,
    input  logic                   event_ready_i,
    // end of the descriptor
    output logic                   end_valid_o,
    input  logic                   end_done_i,
    output logic                   end_halt_o,
    output logic            [ 7:0] end_code_o
);
  localparam logic [7:0] OpNop = 8'd0;
  localparam logic [7:0] OpFill = 8'd1;
  localparam logic [7:0] OpCopy = 8'd2;
  localparam logic [7:0] OpSum = 8'd3;

  typedef enum logic [3:0] {
    Idle,
    Ask,     // a tag for the fetch
    Fetch,   // its answer
    Fence,   // earlier ones of the queue to complete
    Check,   // nothing
    Find,    // the handle
    Move,    // the data
    Record,  // the record to be written
    Raise,   // the interrupt to be taken
    End      // the queue to be told
  } state_e;
  state_e state_q, state_d;

  ep_pkg::job_t job_q;
  logic         own_q;

  // ---- the descriptor -----------------------------------------------------------------
  logic [31:0] w_q[8];
  logic [ 7:0] opcode;
  logic        wants_irq, by_handle, fence;
  logic [31:0] size;
  logic [63:0] src, dst;
  assign opcode    = w_q[0][7:0];
  assign wants_irq = w_q[0][8] && !own_q;
  assign by_handle = w_q[0][9];
  assign fence     = w_q[0][10] && !own_q;
  assign size      = w_q[1];
  assign src       = {w_q[3], w_q[2]};
  assign dst       = {w_q[5], w_q[4]};

  logic is_nop, is_fill, is_copy, is_sum, reads, writes;
  assign is_nop  = opcode == OpNop;
  assign is_fill = opcode == OpFill;
  assign is_copy = opcode == OpCopy;
  assign is_sum  = opcode == OpSum;
  assign reads   = is_copy || is_sum;
  assign writes  = is_copy || is_fill;

  logic [64:0] src_end, dst_end;
  logic        bad_range, src_over, dst_over;
  assign src_end   = {1'b0, src} + {33'd0, size};
  assign dst_end   = {1'b0, dst} + {33'd0, size};
  assign src_over  = src_end[64] && src_end[63:0] != '0;
  assign dst_over  = dst_end[64] && dst_end[63:0] != '0;
  assign bad_range = !is_nop && (size == '0 || size > 32'h0100_0000 || (reads && src_over) || (writes && dst_over));

  logic [7:0] checked;
  always_comb begin
    if (!is_nop && !is_fill && !is_copy && !is_sum) checked = ep_pkg::StOpcode;
    else if (bad_range) checked = ep_pkg::StRange;
    else checked = ep_pkg::StOk;
  end

  // ---- the data -------------------------------------------------------------------------
  // Reads run ahead of pieces; between them lies the buffer.
  logic [ 7:0] status_q;
  logic        failed;
  logic [63:0] rd_addr_q, wr_dst_q;
  logic [12:0] wr_src_q;            // low bits of the next source byte to be moved
  logic [24:0] rd_left_q, wr_left_q;
  logic [31:0] crc_q;
  logic [11:0] avail_q;             // bytes of the buffer that have come and are next
  logic        piece_q;             // the mover has been asked
  logic [ 3:0] out_q;               // tags with a read outstanding
  assign failed = status_q != ep_pkg::StOk;

  // Reads in the order of their addresses; their answers may come in any.
  logic [1:0]  head_q, tail_q;
  logic [2:0]  slots_q;
  logic [3:0]  came_q;
  logic [9:0]  bytes_q[4];
  logic [1:0]  slot_q[4];           // by tag

  logic [9:0]  rd_max, rd_room, rd_bytes;
  always_comb begin
    unique case (cfg_i.mrrs)
      3'd0:    rd_max = 10'd128;
      3'd1:    rd_max = 10'd256;
      default: rd_max = 10'd512;
    endcase
  end
  assign rd_room  = rd_max - (rd_addr_q[9:0] & (rd_max - 10'd1));
  assign rd_bytes = (rd_left_q < {15'd0, rd_room}) ? rd_left_q[9:0] : rd_room;

  // Words of the buffer from the next one to be moved to the end of this read.
  logic [12:0] rd_end;
  logic [10:0] span;
  assign rd_end = rd_addr_q[12:0] + {3'd0, rd_bytes} + 13'd3;
  assign span   = rd_end[12:2] - wr_src_q[12:2];

  logic [2:0] attr;  // of the data
  assign attr = {job_q.ido && cfg_i.ido_en, job_q.relaxed && cfg_i.relaxed_en, 1'b0};

  logic read_go, read_now;
  assign read_go  = state_q == Move && reads && !failed && rd_left_q != '0 && slots_q != 3'd4 && span <= 11'd512;
  assign read_now = read_valid_o && read_ready_i;
  assign read_valid_o = state_q == Ask || read_go;
  always_comb begin
    read_o       = '0;
    read_o.pasid = job_q.pasid;
    if (state_q == Ask) begin
      read_o.addr  = {job_q.addr, 5'd0};
      read_o.bytes = 10'd32;
    end else begin
      read_o.addr  = rd_addr_q;
      read_o.bytes = rd_bytes;
      read_o.attr  = attr;
    end
  end

  logic res_good, retire;
  assign res_good = res_valid_i && res_status_i == '0;
  assign retire   = slots_q != '0 && came_q[head_q];

  // Pieces: what is written never crosses a multiple of the payload size.
  logic [9:0]  wr_max, wr_place, wr_room, wr_bytes;
  logic        piece_go;
  always_comb begin
    unique case (cfg_i.mps)
      3'd0:    wr_max = 10'd128;
      3'd1:    wr_max = 10'd256;
      default: wr_max = 10'd512;
    endcase
    if (is_sum) wr_max = 10'd512;
  end
  assign wr_place = is_sum ? {1'b0, wr_src_q[8:0]} : {1'b0, wr_dst_q[8:0]};
  assign wr_room  = wr_max - (wr_place & (wr_max - 10'd1));
  assign wr_bytes = (wr_left_q < {15'd0, wr_room}) ? wr_left_q[9:0] : wr_room;
  assign piece_go = state_q == Move && !failed && !piece_q && wr_left_q != '0 &&
                    (is_fill || avail_q >= {2'b00, wr_bytes});
  logic [9:0] piece_len_q;

  always_comb begin
    piece_o         = '0;
    piece_o.post    = writes;
    piece_o.fill    = is_fill;
    piece_o.dst     = is_sum ? {51'd0, wr_src_q} : wr_dst_q;
    piece_o.src     = wr_src_q[10:0];
    piece_o.bytes   = piece_len_q;
    piece_o.pattern = {w_q[7], w_q[6]};
    piece_o.origin  = dst[2:0];
    piece_o.crc     = crc_q;
    piece_o.attr    = attr;
    piece_o.pasid   = job_q.pasid;
  end
  assign piece_valid_o = piece_q;

  logic moved, settled;
  assign moved   = wr_left_q == '0 || failed;
  assign settled = out_q == '0 && !piece_q;

  function automatic logic [7:0] failure(input logic [3:0] code);
    failure = 8'h20 + {4'd0, code} - 8'd3;  // tlp_mrd: 3 UR, 4 CA, 5 poisoned, 6 timeout, 7 wrong
  endfunction

  // ---- what follows --------------------------------------------------------------------------
  logic           irq_ok_q, irq_event_q;
  ep_pkg::cause_t cause_q;
  logic           finder;
  assign finder        = wants_irq && by_handle;
  assign find_valid_o  = state_q == Find;
  assign find_handle_o = w_q[0][31:16];
  assign find_pasid_o  = job_q.pasid;

  assign rec_valid_o = state_q == Record;
  always_comb begin
    rec_o        = '0;
    rec_o.qid    = job_q.qid;
    rec_o.index  = job_q.index;
    rec_o.status = status_q;
    rec_o.pasid  = job_q.pasid;
    if (!is_nop && status_q == ep_pkg::StOk) rec_o.bytes = size;
    else if (is_copy && status_q[5]) rec_o.bytes = size - {7'd0, wr_left_q};
    if (reads && status_q == ep_pkg::StOk) rec_o.crc = crc_q;
  end

  assign cause_valid_o = state_q == Raise && !irq_event_q;
  assign event_valid_o = state_q == Raise && irq_event_q;
  assign cause_o       = cause_q;

  logic halt_q;
  assign end_valid_o = state_q == End;
  assign end_halt_o  = halt_q;
  assign end_code_o  = status_q;
  assign queue_o     = job_q.qid;
  assign idle_o      = state_q == Idle;
  assign of_queue_o  = state_q != Idle && !own_q;

  logic move_done;
  assign move_done   = state_q == Move && moved && settled;
  assign own_done_o  = move_done && own_q;
  assign own_good_o  = !failed;
  assign own_crc_o   = crc_q;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle: begin
        if (start_i) state_d = Ask;
        else if (own_start_i && Own) state_d = Check;
      end
      Ask:    if (read_ready_i) state_d = Fetch;
      Fetch:  if (res_valid_i) state_d = res_good ? Fence : End;
      Fence:  if (!fence || alone_i) state_d = Check;
      Check:  state_d = finder ? Find : Move;
      Find:   if (find_done_i) state_d = Move;
      Move: begin
        if (move_done) state_d = own_q ? Idle : Record;
      end
      Record: if (rec_done_i) state_d = (irq_ok_q || irq_event_q) ? Raise : End;
      Raise:  if ((cause_valid_o && cause_ready_i) || (event_valid_o && event_ready_i)) state_d = End;
      default: if (end_done_i) state_d = Idle;  // End
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= Idle;
      job_q       <= '0;
      own_q       <= 1'b0;
      status_q    <= ep_pkg::StOk;
      halt_q      <= 1'b0;
      rd_addr_q   <= '0;
      rd_left_q   <= '0;
      wr_dst_q    <= '0;
      wr_src_q    <= '0;
      wr_left_q   <= '0;
      crc_q       <= '0;
      avail_q     <= '0;
      piece_q     <= 1'b0;
      piece_len_q <= '0;
      out_q       <= '0;
      head_q      <= '0;
      tail_q      <= '0;
      slots_q     <= '0;
      came_q      <= '0;
      irq_ok_q    <= 1'b0;
      irq_event_q <= 1'b0;
      cause_q     <= '0;
      for (int unsigned i = 0; i < 8; i++) w_q[i] <= '0;
      for (int unsigned i = 0; i < 4; i++) begin
        bytes_q[i] <= '0;
        slot_q[i]  <= '0;
      end
    end else begin
      state_q <= state_d;

      if (state_q == Idle) begin
        status_q    <= ep_pkg::StOk;
        halt_q      <= 1'b0;
        irq_ok_q    <= 1'b0;
        irq_event_q <= 1'b0;
        own_q       <= !start_i;
        if (start_i) begin
          job_q <= job_i;
        end else if (own_start_i && Own) begin
          job_q <= '0;
          for (int unsigned i = 0; i < 8; i++) w_q[i] <= own_desc_i[32*i+:32];
        end
      end

      // The fetch brings the descriptor; a word that comes again later wins.
      if (state_q == Fetch) begin
        for (int unsigned i = 0; i < 8; i++) begin
          if (desc_we_i[i]) w_q[i] <= desc_i[32*i+:32];
        end
        if (res_valid_i && !res_good) begin
          status_q <= failure(res_status_i);
          halt_q   <= 1'b1;
        end
      end

      if (state_q == Check) begin
        status_q    <= checked;
        irq_event_q <= wants_irq && !by_handle;
        rd_addr_q   <= src;
        rd_left_q   <= (reads && !is_nop) ? size[24:0] : '0;
        wr_dst_q    <= dst;
        wr_src_q    <= src[12:0];
        wr_left_q   <= is_nop ? '0 : size[24:0];
        crc_q       <= '1;
        avail_q     <= '0;
        head_q      <= '0;
        tail_q      <= '0;
        slots_q     <= '0;
        came_q      <= '0;
      end
      if (state_q == Find && find_done_i) begin
        cause_q  <= find_cause_i;
        irq_ok_q <= find_status_i == ep_pkg::StOk;
        if (!failed) status_q <= find_status_i;
      end

      // Reads.
      if (read_now) out_q[read_tag_i] <= 1'b1;
      if (res_valid_i) out_q[res_tag_i] <= 1'b0;
      if (state_q == Move) begin
        if (read_now) begin
          bytes_q[tail_q]     <= rd_bytes;
          slot_q[read_tag_i]  <= tail_q;
          tail_q              <= tail_q + 2'd1;
          rd_addr_q           <= rd_addr_q + {54'd0, rd_bytes};
          rd_left_q           <= rd_left_q - {15'd0, rd_bytes};
        end
        if (retire) begin
          came_q[head_q] <= 1'b0;
          head_q         <= head_q + 2'd1;
        end
        if (res_good) came_q[slot_q[res_tag_i]] <= 1'b1;
        if (res_valid_i && !res_good && !failed) status_q <= failure(res_status_i);
        slots_q <= slots_q + 3'(read_now) - 3'(retire);
        avail_q <= avail_q + (retire ? {2'b00, bytes_q[head_q]} : 12'd0) -
                   ((piece_done_i && reads) ? {2'b00, piece_len_q} : 12'd0);
        // Pieces.
        if (piece_go) begin
          piece_q     <= 1'b1;
          piece_len_q <= wr_bytes;
        end
        if (piece_done_i) begin
          piece_q   <= 1'b0;
          crc_q     <= piece_crc_i;
          wr_dst_q  <= wr_dst_q + {54'd0, piece_len_q};
          wr_src_q  <= wr_src_q + {3'd0, piece_len_q};
          wr_left_q <= wr_left_q - {15'd0, piece_len_q};
        end
      end
    end
  end

  logic unused_bits;
  assign unused_bits = ^{cfg_i, rd_end[1:0], w_q[0][15:11]};
endmodule
