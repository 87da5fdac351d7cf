// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Start of the pipeline: lets one operation in each clock and keeps the account of posted credits.
//
// Seven parties ask: register access, cause, fetch result, select's picks, the three walkers. They take turns, so each
// waits for at most six others, whatever the rest does; a cause or an access never waits for credits.
//
// Credits: an operation that may turn into a message starts with one credit held (`can_send`), given back when the
// message has been shown or the operation is over without one. So at most `avail` messages can ever come out:
//   - a cause starts with or without; without, it stays pending and select sends it later;
//   - a pick starts only with one; a fetch result too when it is going to be sent, so that a slot that was fetched is
//     used by the operation that brings it and cannot be evicted first.
// When credits are short, a cause leaves them to the sources that wait in select: it becomes pending and takes its
// turn among them, so one source that is raised all the time gets no more than the others. Picks and fetch results
// take turns for the credits, apart from the turns for the pipeline.
module irq_admit #(
  parameter int unsigned NumMsix = 1,
  parameter int unsigned NumDevSlots = 1,
  parameter int unsigned NumHostSlots = 64,
  parameter int unsigned NumVfs = 0
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,      // drop what is under way
  input  logic            stop_i,       // let nothing in

  // register access
  input  logic            acc_valid_i,
  output logic            acc_ready_o,
  input  logic            acc_write_i,
  input  logic [1:0]      acc_space_i,
  input  logic [17:0]     acc_addr_i,
  input  logic [63:0]     acc_wdata_i,
  input  logic [7:0]      acc_be_i,

  // cause
  input  logic            cause_valid_i,
  output logic            cause_ready_o,
  input  logic            cause_withdraw_i,
  input  irq_pkg::store_t cause_store_i,
  input  irq_pkg::index_t cause_index_i,
  input  logic            cause_check_i,
  input  logic            cause_pasid_valid_i,
  input  logic [19:0]     cause_pasid_i,

  // fetch result
  input  logic            fetched_valid_i,
  output logic            fetched_ready_o,
  input  logic            fetched_sends_i,   // it may become a message
  input  logic [4:0]      fetched_id_i,
  input  logic [3:0]      fetched_status_i,
  input  logic [127:0]    fetched_data_i,
  input  irq_pkg::index_t fetched_index_i,

  // pick of select
  input  logic            pick_valid_i,
  output logic            pick_ready_o,
  input  irq_pkg::store_t pick_store_i,
  input  irq_pkg::index_t pick_index_i,
  input  logic            pick_waiting_i,    // there are picks, or rows to look for them in

  // walker of the device stores: a row, index = its first source
  input  logic            dwalk_valid_i,
  output logic            dwalk_ready_o,
  input  irq_pkg::store_t dwalk_store_i,
  input  irq_pkg::index_t dwalk_index_i,

  // walker of the host store: a row likewise, or a cache line
  input  logic            hwalk_valid_i,
  output logic            hwalk_ready_o,
  input  logic            hwalk_line_i,
  input  irq_pkg::index_t hwalk_index_i,
  output logic            hwalk_inflight_o,   // its operations that are not committed yet

  // walker that forgets sources of virtual functions
  input  logic            vwalk_valid_i,
  output logic            vwalk_ready_o,
  input  irq_pkg::store_t vwalk_store_i,
  input  irq_pkg::index_t vwalk_index_i,
  output logic            vwalk_inflight_o,

  // posted credits
  input  logic [5:0]      msg_avail_i,
  input  logic            msg_valid_i,       // message shown in this clock: its credit is still held
  output logic [3:0]      msg_inflight_o,

  // source of the operation that starts, and the operation two clocks later at the commit stage
  output irq_pkg::row_t   start_row_o,
  output irq_pkg::index_t start_index_o,
  output irq_pkg::op_t    op_commit_o
);
  localparam int unsigned RowsHost = NumHostSlots / 64;

  localparam int unsigned ReqAccess   = 0;
  localparam int unsigned ReqCause    = 1;
  localparam int unsigned ReqFetched  = 2;
  localparam int unsigned ReqPick     = 3;
  localparam int unsigned ReqDevWalk  = 4;
  localparam int unsigned ReqHostWalk = 5;
  localparam int unsigned ReqVfWalk   = 6;

  irq_pkg::op_t op_b_q, op_c_q;   // one clock after the start; at the commit stage

  // ---- credits -------------------------------------------------------------------------------------------------
  logic [1:0] held;            // credits held by operations and by the message that is shown
  logic [5:0] reaches;         // bit k: k + 1 credits are in hand, or more
  logic       has_one;         // a credit beyond those held
  logic       has_many;        // three of them: nobody can be short, no turns needed
  logic       raise;
  logic [2:0] credit_req, credit_turn, credit_right;   // 0 cause, 1 fetch result, 2 pick

  // Counted by cases, since sums and differences of these few bits would be carry chains at the head of the longest path.
  logic holds_b, holds_c;
  assign holds_b = op_b_q.valid && op_b_q.can_send;
  assign holds_c = op_c_q.valid && op_c_q.can_send;
  assign held[0] = holds_b ^ holds_c ^ msg_valid_i;
  assign held[1] = (holds_b && holds_c) || (holds_b && msg_valid_i) || (holds_c && msg_valid_i);
  assign msg_inflight_o = {2'b00, held};

  always_comb begin
    reaches[0] = msg_avail_i != '0;
    reaches[1] = msg_avail_i[5:1] != '0;
    reaches[2] = msg_avail_i[5:2] != '0 || msg_avail_i[1:0] == 2'd3;
    reaches[3] = msg_avail_i[5:2] != '0;
    reaches[4] = msg_avail_i[5:3] != '0 || (msg_avail_i[2] && msg_avail_i[1:0] != '0);
    reaches[5] = msg_avail_i[5:3] != '0 || (msg_avail_i[2] && msg_avail_i[1]);
    case (held)
      2'd0:    {has_many, has_one} = {reaches[2], reaches[0]};
      2'd1:    {has_many, has_one} = {reaches[3], reaches[1]};
      2'd2:    {has_many, has_one} = {reaches[4], reaches[2]};
      default: {has_many, has_one} = {reaches[5], reaches[3]};
    endcase
  end
  assign raise      = cause_valid_i && !cause_withdraw_i;
  assign credit_req = {pick_valid_i, fetched_valid_i && fetched_sends_i, raise && !pick_waiting_i};
  assign credit_right = has_many ? {credit_req[2:1], raise} : (has_one ? credit_turn : 3'b000);

  logic [6:0] req, gnt;
  logic       uses_credit;

  prim_arb_rr #(.N(3)) u_credit_arb (
    .clk_i (clk_i),
    .rst_ni(rst_ni),
    .req_i (credit_req),
    .gnt_o (credit_turn),
    .ack_i (uses_credit)
  );

  // ---- turns for the pipeline ----------------------------------------------------------------------------------
  always_comb begin
    req              = '0;
    req[ReqAccess]   = acc_valid_i;
    req[ReqCause]    = cause_valid_i;
    req[ReqFetched]  = fetched_valid_i && (!fetched_sends_i || credit_right[1]);
    req[ReqPick]     = pick_valid_i && credit_right[2];
    req[ReqDevWalk]  = dwalk_valid_i;
    req[ReqHostWalk] = hwalk_valid_i;
    req[ReqVfWalk]   = vwalk_valid_i;
    if (stop_i) req = '0;
  end

  prim_arb_rr #(.N(7)) u_op_arb (
    .clk_i (clk_i),
    .rst_ni(rst_ni),
    .req_i (req),
    .gnt_o (gnt),
    .ack_i (1'b1)
  );

  assign acc_ready_o     = gnt[ReqAccess];
  assign cause_ready_o   = gnt[ReqCause];
  assign fetched_ready_o = gnt[ReqFetched];
  assign pick_ready_o    = gnt[ReqPick];
  assign dwalk_ready_o   = gnt[ReqDevWalk];
  assign hwalk_ready_o   = gnt[ReqHostWalk];
  assign vwalk_ready_o   = gnt[ReqVfWalk];

  // The credit turn moves on when the one whose turn it is has used it.
  assign uses_credit = (gnt[ReqCause] && credit_right[0] && credit_turn[0]) ||
                       (gnt[ReqFetched] && credit_right[1] && credit_turn[1]) ||
                       (gnt[ReqPick] && credit_turn[2]);

  // ---- decoding of accesses ------------------------------------------------------------------------------------
  irq_pkg::index_t acc_index;
  irq_pkg::store_t acc_store;
  logic            acc_row;      // pending bits, not an entry
  logic            acc_hole;

  always_comb begin
    acc_row   = 1'b0;
    acc_index = {6'b0, acc_addr_i[17:4]};
    acc_store = irq_pkg::StoreMsix;
    case (acc_space_i)
      irq_pkg::SpaceMsix: ;
      irq_pkg::SpacePba: begin
        acc_row   = 1'b1;
        acc_index = {acc_addr_i[16:3], 6'b0};
      end
      irq_pkg::SpaceDev: begin
        acc_store = irq_pkg::StoreDev;
      end
      irq_pkg::SpaceHostPba: begin
        acc_row   = 1'b1;
        acc_store = irq_pkg::StoreHost;
        acc_index = {acc_addr_i[16:3], 6'b0};
      end
      default: ;
    endcase
  end

  // ---- the operation -------------------------------------------------------------------------------------------
  // The row of each party's source is looked up beside the choice of the party: behind it stand one selection and the
  // memories.
  localparam int unsigned IndexW = 20;
  irq_pkg::op_t             op_a;
  irq_pkg::row_t            op_row;
  irq_pkg::store_t          op_store;
  irq_pkg::index_t          op_index;
  logic [7*2-1:0]           stores;
  logic [7*IndexW-1:0]      indices;
  logic [7*irq_pkg::RowW-1:0] rows;
  logic [6:0]               exists;
  logic                     acc_exists;

  assign stores  = {vwalk_store_i, irq_pkg::StoreHost, dwalk_store_i, pick_store_i, irq_pkg::StoreHost, cause_store_i, acc_store};
  assign indices = {vwalk_index_i, hwalk_index_i, dwalk_index_i, pick_index_i, fetched_index_i, cause_index_i, acc_index};

  for (genvar r = 0; r < 7; r++) begin : gen_row
    logic         unused_virtual;
    irq_pkg::vf_t unused_vf;
    irq_row #(
      .NumMsix    (NumMsix),
      .NumDevSlots(NumDevSlots),
      .NumVfs     (NumVfs)
    ) u_row (
      .store_i  (stores[2*r+:2]),
      .index_i  (indices[IndexW*r+:IndexW]),
      .row_o    (rows[irq_pkg::RowW*r+:irq_pkg::RowW]),
      .virtual_o(unused_virtual),
      .vf_o     (unused_vf),
      .exists_o (exists[r])
    );
  end
  assign acc_exists = exists[ReqAccess];
  logic unused_exists;
  assign unused_exists = ^exists;

  // A row of pending bits is there when its first source is.
  assign acc_hole = (acc_store == irq_pkg::StoreHost) ? acc_addr_i[17:3] >= 15'(RowsHost)
                                                      : (acc_row && acc_addr_i[17]) || !acc_exists;

  // Of the one that was let in; nothing when nobody was.
  always_comb begin
    op_row   = '0;
    op_store = '0;
    op_index = '0;
    for (int unsigned r = 0; r < 7; r++) begin
      op_row   |= rows[irq_pkg::RowW*r+:irq_pkg::RowW] & {irq_pkg::RowW{gnt[r]}};
      op_store |= stores[2*r+:2] & {2{gnt[r]}};
      op_index |= indices[IndexW*r+:IndexW] & {IndexW{gnt[r]}};
    end
  end

  always_comb begin
    op_a             = '0;
    op_a.valid       = gnt != '0;
    op_a.kind        = irq_pkg::OpAccess;
    op_a.store       = op_store;
    op_a.index       = op_index;
    op_a.hole        = acc_hole;
    op_a.write       = acc_write_i;
    op_a.half        = acc_addr_i[3];
    op_a.pending_row = acc_row;
    op_a.be          = acc_be_i;
    op_a.data        = {64'b0, acc_wdata_i};
    op_a.id          = fetched_id_i;
    op_a.status      = fetched_status_i;
    op_a.withdraw    = cause_withdraw_i;
    op_a.check       = cause_check_i;
    op_a.pasid_valid = cause_pasid_valid_i;
    op_a.pasid       = cause_pasid_i;
    if (gnt[ReqCause]) begin
      op_a.valid    = cause_store_i != 2'd3;   // taken and ignored
      op_a.kind     = irq_pkg::OpCause;
      op_a.can_send = credit_right[0];
    end
    if (gnt[ReqFetched]) begin
      op_a.kind     = irq_pkg::OpFetched;
      op_a.data     = fetched_data_i;
      op_a.can_send = fetched_sends_i;
    end
    if (gnt[ReqPick]) begin
      op_a.kind     = irq_pkg::OpSend;
      op_a.can_send = 1'b1;
    end
    if (gnt[ReqDevWalk]) begin
      op_a.kind  = irq_pkg::OpRow;
    end
    if (gnt[ReqHostWalk]) begin
      op_a.kind  = hwalk_line_i ? irq_pkg::OpLine : irq_pkg::OpRow;
    end
    if (gnt[ReqVfWalk]) begin
      op_a.kind  = irq_pkg::OpForget;
    end
  end

  always_ff @(posedge clk_i) begin
    op_b_q     <= op_a;
    op_b_q.row <= op_row;
    op_c_q     <= op_b_q;
    if (!rst_ni || clear_i) begin
      op_b_q.valid <= 1'b0;
      op_c_q.valid <= 1'b0;
    end
  end

  assign start_row_o     = op_row;
  assign start_index_o   = op_index;
  assign op_commit_o     = op_c_q;

  logic hwalk_b, hwalk_c;
  assign hwalk_b = op_b_q.valid && op_b_q.store == irq_pkg::StoreHost &&
                   (op_b_q.kind == irq_pkg::OpRow || op_b_q.kind == irq_pkg::OpLine);
  assign hwalk_c = op_c_q.valid && op_c_q.store == irq_pkg::StoreHost &&
                   (op_c_q.kind == irq_pkg::OpRow || op_c_q.kind == irq_pkg::OpLine);
  assign hwalk_inflight_o = hwalk_b || hwalk_c;
  assign vwalk_inflight_o = (op_b_q.valid && op_b_q.kind == irq_pkg::OpForget) ||
                            (op_c_q.valid && op_c_q.kind == irq_pkg::OpForget);

  logic unused_addr;
  assign unused_addr = ^acc_addr_i[2:0];   // accesses are quad words
endmodule
