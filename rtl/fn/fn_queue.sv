// SPDX-License-Identifier: Apache-2.0 OR MIT
// The work queues: their registers (BAR0 from 0x4000, portal pages in BAR1), which queue's
// descriptor is fetched next, and where its records go. All of a queue is one word of a
// memory; one operation at a time reads it, decides and writes it back, two clocks each.
//
// Operations: a register write; a register read; the start of a descriptor on a free
// lane; a look at the completion ring before a record is written; the record written; the
// end of a descriptor, or of a fetch that failed. They take turns. A queue is
// eligible while it is enabled, not halted, not empty, and its completion ring has a place for one
// more record than are under way: so a descriptor that has a lane always finds room for its record, and no
// lane waits for software. Eligible queues take turns too.
//
// Looking and writing of a record are apart, so that tail and count move only when the
// record stands in the posted stream: whoever reads them finds it in memory.
module fn_queue #(
    parameter int unsigned NumQueues = 64  // 1 to 64
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,          // function reset included
    input  logic                     allow_i,         // memory requests may be made
    input  logic                     pasid_en_i,      // PASID capability
    // register access: valid and address stay until ready; the answer stands beside ready
    input  logic                     wvalid_i,
    output logic                     wready_o,
    input  logic                     wportal_i,
    input  logic              [17:3] waddr_i,         // in the window of queue registers, or in BAR1
    input  logic              [63:0] wdata_i,
    input  logic              [ 7:0] wbe_i,
    input  logic                     rvalid_i,
    output logic                     rready_o,
    input  logic                     rportal_i,
    input  logic              [17:3] raddr_i,
    output logic              [63:0] rdata_o,
    // start of a descriptor
    input  logic                     lane_free_i,
    output logic                     start_o,         // pulse
    output ep_pkg::job_t             job_o,
    // records: a look, then the end; both are answered by a pulse
    input  logic                     look_i,
    input  logic                     wrote_i,
    input  logic              [ 5:0] rec_queue_i,
    output logic                     looked_o,
    output logic              [63:4] rec_addr_o,      // with looked
    output logic              [31:0] rec_number_o,    // with looked: number and phase
    output logic                     wrote_ok_o,
    // end of a descriptor
    input  logic                     end_i,
    input  logic              [ 5:0] end_queue_i,
    input  logic                     end_halt_i,      // its fetch failed ...
    input  logic              [ 7:0] end_code_i,      // ... in this way
    output logic                     ended_o
);
  // ---- the memory, cleared after reset ----------------------------------------------------
  ep_pkg::queue_t   q, d;
  logic      [ 5:0] raddr, waddr, clear_q;
  logic             we, clearing_q;
  prim_ram_1r1w #(
      .Width(ep_pkg::QueueW),
      .Depth(64)
  ) u_ram (
      .clk_i,
      .we_i   (we || clearing_q),
      .waddr_i(clearing_q ? clear_q : waddr),
      .wdata_i(clearing_q ? '0 : d),
      .raddr_i(raddr),
      .rdata_o(q)
  );

  // ---- whose turn ----------------------------------------------------------------------------
  localparam int unsigned OpWrite = 0;
  localparam int unsigned OpRead = 1;
  localparam int unsigned OpStart = 2;
  localparam int unsigned OpLook = 3;
  localparam int unsigned OpWrote = 4;
  localparam int unsigned OpEnd = 5;

  logic [63:0] work_q, pick;      // eligible queues
  logic        busy_q;            // the second clock of an operation
  logic [5:0]  req, gnt, op_q, queue_q, queue;
  prim_arb_rr #(
      .N(64)
  ) u_pick (
      .clk_i,
      .rst_ni,
      .req_i(work_q),
      .gnt_o(pick),
      .ack_i(gnt[OpStart])
  );
  logic [5:0] picked;
  always_comb begin
    picked = '0;
    for (int unsigned i = 0; i < 64; i++) begin
      if (pick[i]) picked = picked | 6'(i);
    end
  end

  always_comb begin
    req          = '0;
    req[OpWrite] = wvalid_i;
    req[OpRead]  = rvalid_i;
    req[OpStart] = work_q != '0 && lane_free_i && allow_i;
    req[OpLook]  = look_i;
    req[OpWrote] = wrote_i;
    req[OpEnd]   = end_i;
    if (busy_q || clearing_q) req = '0;
  end
  prim_arb_rr #(
      .N(6)
  ) u_op (
      .clk_i,
      .rst_ni,
      .req_i(req),
      .gnt_o(gnt),
      .ack_i(1'b1)
  );

  // A page of BAR1 is 4 KiB, a block of BAR0 128 bytes.
  logic [5:0] wqueue, rqueue;
  assign wqueue = wportal_i ? waddr_i[17:12] : waddr_i[12:7];
  assign rqueue = rportal_i ? raddr_i[17:12] : raddr_i[12:7];
  always_comb begin
    queue = wqueue;
    if (gnt[OpRead]) queue = rqueue;
    if (gnt[OpStart]) queue = picked;
    if (gnt[OpLook] || gnt[OpWrote]) queue = rec_queue_i;
    if (gnt[OpEnd]) queue = end_queue_i;
  end
  assign raddr = queue;
  assign waddr = queue_q;

  // ---- what the word says -------------------------------------------------------------------
  logic [3:0] sq_order, cq_order;
  logic [9:0] sq_mask, cq_mask, sq_next, cq_next;
  function automatic logic [3:0] order(input logic [3:0] written);
    if (written == 4'd0) order = 4'd1;
    else if (written > 4'd10) order = 4'd10;
    else order = written;
  endfunction
  assign sq_order = order(q.sq_order);
  assign cq_order = order(q.cq_order);
  assign sq_mask  = 10'((11'd1 << sq_order) - 11'd1);
  assign cq_mask  = 10'((11'd1 << cq_order) - 11'd1);
  assign sq_next  = (q.sq_head + 10'd1) & sq_mask;
  assign cq_next  = (q.cq_tail + 10'd1) & cq_mask;

  // Places of the completion ring that are free, before and after the operation.
  logic [9:0] cq_free, cq_free_d;
  assign cq_free   = (q.cq_head - q.cq_tail - 10'd1) & cq_mask;
  assign cq_free_d = (d.cq_head - d.cq_tail - 10'd1) & cq_mask;

  logic eligible, no_pasid;
  assign eligible = q.enable && !q.halted && q.sq_head != q.sq_tail && cq_free > 10'(q.inflight);
  assign no_pasid = q.pasid_en && !pasid_en_i;

  // ---- registers -------------------------------------------------------------------------------
  // Quad words of a queue's block, and those of its portal page that there are.
  localparam logic [6:3] QuadCtrl = 4'h0;    // q_ctrl, q_status
  localparam logic [6:3] QuadSq = 4'h1;      // q_sq_base
  localparam logic [6:3] QuadCq = 4'h2;      // q_cq_base
  localparam logic [6:3] QuadSize = 4'h3;    // q_size, q_pasid
  localparam logic [6:3] QuadSub = 4'h4;     // q_sq_tail, q_sq_head
  localparam logic [6:3] QuadCpl = 4'h5;     // q_cq_head, q_cq_tail
  localparam logic [6:3] QuadDone = 4'h6;    // q_done
  localparam logic [11:3] PortalTail = 9'h0;
  localparam logic [11:3] PortalHead = 9'h1;
  localparam logic [11:3] PortalStatus = 9'h2;

  logic [31:0] status;
  assign status = {16'd0, q.code, 5'd0, q.halted, q.inflight != '0, q.enable};
  always_comb begin
    rdata_o = '0;
    if (rportal_i) begin
      unique case (raddr_i[11:3])
        PortalTail:   rdata_o[9:0] = q.sq_tail;
        PortalHead:   rdata_o[9:0] = q.cq_head;
        PortalStatus: rdata_o[31:0] = status;
        default:      rdata_o = '0;
      endcase
    end else begin
      unique case (raddr_i[6:3])
        QuadCtrl: rdata_o = {status, 28'd0, q.ido, q.relaxed, q.pasid_en, q.enable};
        QuadSq:   rdata_o = {q.sq_base, 12'd0};
        QuadCq:   rdata_o = {q.cq_base, 12'd0};
        QuadSize: rdata_o = {12'd0, q.pasid, 20'd0, q.cq_order, 4'd0, q.sq_order};
        QuadSub:  rdata_o = {22'd0, q.sq_head, 22'd0, q.sq_tail};
        QuadCpl:  rdata_o = {22'd0, q.cq_tail, 22'd0, q.cq_head};
        QuadDone: rdata_o = {32'd0, q.done};
        default:  rdata_o = '0;
      endcase
    end
    if (32'(rqueue) >= NumQueues) rdata_o = '0;
  end

  logic [63:0] wmask, old, new_w;
  always_comb begin
    for (int unsigned i = 0; i < 8; i++) wmask[8*i+:8] = {8{wbe_i[i]}};
  end

  // Which quad word is written, portal aliases included.
  logic w_ctrl, w_sq, w_cq, w_size, w_sub, w_cpl;
  always_comb begin
    w_ctrl = 1'b0;
    w_sq   = 1'b0;
    w_cq   = 1'b0;
    w_size = 1'b0;
    w_sub  = 1'b0;
    w_cpl  = 1'b0;
    if (wportal_i) begin
      w_sub = waddr_i[11:3] == PortalTail;
      w_cpl = waddr_i[11:3] == PortalHead;
    end else begin
      unique case (waddr_i[6:3])
        QuadCtrl: w_ctrl = 1'b1;
        QuadSq:   w_sq = 1'b1;
        QuadCq:   w_cq = 1'b1;
        QuadSize: w_size = 1'b1;
        QuadSub:  w_sub = 1'b1;
        QuadCpl:  w_cpl = 1'b1;
        default:  ;
      endcase
    end
    if (32'(wqueue) >= NumQueues) begin
      w_ctrl = 1'b0;
      w_sq   = 1'b0;
      w_cq   = 1'b0;
      w_size = 1'b0;
      w_sub  = 1'b0;
      w_cpl  = 1'b0;
    end
  end
  always_comb begin
    old = '0;
    if (w_ctrl) old[3:0] = {q.ido, q.relaxed, q.pasid_en, q.enable};
    if (w_sq) old = {q.sq_base, 12'd0};
    if (w_cq) old = {q.cq_base, 12'd0};
    if (w_size) old = {12'd0, q.pasid, 20'd0, q.cq_order, 4'd0, q.sq_order};
    if (w_sub) old[9:0] = q.sq_tail;
    if (w_cpl) old[9:0] = q.cq_head;
    new_w = (old & ~wmask) | (wdata_i & wmask);
  end

  // Software gives places back that records stand in, no others: room that was found stays.
  logic consumes;
  assign consumes = ((new_w[9:0] - q.cq_head) & cq_mask) <= ((q.cq_tail - q.cq_head) & cq_mask);

  // ---- the decision -----------------------------------------------------------------------------
  logic do_write, do_start, do_wrote, do_end, unhalt;
  assign do_write = busy_q && op_q[OpWrite];
  assign do_start = busy_q && op_q[OpStart];
  assign do_wrote = busy_q && op_q[OpWrote];
  assign do_end   = busy_q && op_q[OpEnd];
  assign unhalt   = w_ctrl && wmask[34] && wdata_i[34];

  always_comb begin
    d = q;
    if (do_write) begin
      if (w_ctrl) begin
        if (!q.enable) begin
          d.pasid_en = new_w[1];
          d.relaxed  = new_w[2];
          d.ido      = new_w[3];
          if (new_w[0] && q.inflight == '0) begin
            d.enable  = 1'b1;
            d.halted  = 1'b0;
            d.code    = '0;
            d.sq_tail = '0;
            d.sq_head = '0;
            d.cq_head = '0;
            d.cq_tail = '0;
            d.phase   = 1'b1;
            d.done    = '0;
          end
        end else begin
          d.enable = new_w[0];
        end
        if (unhalt && q.halted) begin
          d.halted  = 1'b0;
          d.code    = '0;
          d.sq_head = d.sq_tail;
        end
      end
      if (w_sq && !q.enable) d.sq_base = new_w[63:12];
      if (w_cq && !q.enable) d.cq_base = new_w[63:12];
      if (w_size && !q.enable) begin
        d.sq_order = new_w[3:0];
        d.cq_order = new_w[11:8];
        d.pasid    = new_w[51:32];
      end
      if (w_sub && q.enable) d.sq_tail = new_w[9:0] & sq_mask;
      if (w_cpl && q.enable && consumes) d.cq_head = new_w[9:0] & cq_mask;
    end
    if (start_o) begin
      d.sq_head  = sq_next;
      d.inflight = q.inflight + 3'd1;
    end else if (do_start && eligible && allow_i && no_pasid) begin
      d.halted = 1'b1;
      d.code   = ep_pkg::StPasid;
    end
    if (do_wrote) begin
      d.cq_tail = cq_next;
      d.phase   = q.phase ^ (cq_next == '0);
      d.done    = q.done + 32'd1;
    end
    if (do_end) begin
      d.inflight = q.inflight - 3'd1;
      if (end_halt_i && !q.halted) begin
        d.halted = 1'b1;
        d.code   = end_code_i;
      end
    end
  end
  assign we      = busy_q && !op_q[OpRead] && !op_q[OpLook];
  assign start_o = do_start && eligible && allow_i && !no_pasid;

  always_comb begin
    job_o             = '0;
    job_o.qid         = queue_q;
    job_o.index       = q.sq_head;
    job_o.addr        = {q.sq_base, 7'd0} + {49'd0, q.sq_head};
    job_o.pasid.valid = q.pasid_en;
    job_o.pasid.pasid = q.pasid;
    job_o.relaxed     = q.relaxed;
    job_o.ido         = q.ido;
  end

  assign wready_o     = do_write;
  assign rready_o     = busy_q && op_q[OpRead];
  assign looked_o     = busy_q && op_q[OpLook];
  assign rec_addr_o   = {q.cq_base, 8'd0} + {50'd0, q.cq_tail};
  assign rec_number_o = {q.done[30:0], q.phase};
  assign wrote_ok_o   = do_wrote;
  assign ended_o      = do_end;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      clearing_q <= 1'b1;
      clear_q    <= '0;
      busy_q     <= 1'b0;
      op_q       <= '0;
      queue_q    <= '0;
      work_q     <= '0;
    end else begin
      busy_q  <= gnt != '0;
      op_q    <= gnt;
      queue_q <= queue;
      if (clearing_q) begin
        clear_q    <= clear_q + 6'd1;
        clearing_q <= clear_q != '1;
      end
      if (we) work_q[queue_q] <= d.enable && !d.halted && d.sq_head != d.sq_tail && cq_free_d > 10'(d.inflight);
    end
  end

  logic unused_bits;
  assign unused_bits = ^{wdata_i, wmask};
endmodule
