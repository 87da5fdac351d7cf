// SPDX-License-Identifier: Apache-2.0 OR MIT
// The completer: answers non-posted requests one after another
// (docs/device.md §4 rows 4 to 7 and 10, "Completions").
//
// A memory read is cut into completions at multiples of min(MPS, 512); for each, its
// quad words are read, packed into beats, and the header is handed over once
// its last data beat is there.
//
// What orders a completion behind the interrupt messages that were committed before
// its data was read is the core's access port: a message committed before an
// access shows before the access's data. Requests that read nothing from the core
// (BAR0, configuration, zero length, unsupported) therefore end with one read
// from it whose data is thrown away; the completion enters its queue after that.
module tlp_cpl #(
    parameter int unsigned DataW = 256
) (
    input  logic                 clk_i,
    input  logic                 rst_ni,
    input  logic                 hold_i,         // start no other request
    output logic                 idle_o,
    // from the configuration space
    input  ep_pkg::bars_t        bars_i,
    input  logic          [ 2:0] mps_i,
    input  logic          [15:0] id_i,           // of the physical function
    input  logic          [15:0] vf_exist_i,
    // requests
    input  logic                 np_valid_i,
    input  tlp_pkg::np_t         np_i,
    output logic                 np_pop_o,
    // configuration space
    output logic                 cfg_valid_o,
    output logic                 cfg_write_o,
    output tlp_pkg::fn_t         cfg_fn_o,       // function that the request names
    output logic          [15:3] cfg_bus_dev_o,  // of the request
    output logic          [ 9:0] cfg_reg_o,
    output logic          [ 3:0] cfg_be_o,
    output logic          [31:0] cfg_wdata_o,
    input  logic          [31:0] cfg_rdata_i,    // in the same cycle
    // registers of BAR0 and BAR1: valid and address stay until the answer
    output logic                 reg_valid_o,
    output logic                 reg_portal_o,
    input  logic                 reg_ready_i,
    input  logic          [63:0] reg_rdata_i,    // of acc_addr_o, with ready
    // interrupt core
    output logic                 acc_valid_o,
    input  logic                 acc_ready_i,
    output logic          [ 1:0] acc_space_o,
    input  logic                 acc_rvalid_i,
    input  logic          [63:0] acc_rdata_i,
    // both
    output logic          [17:0] acc_addr_o,
    // completions: data beats, the last together with the header
    input  logic                 data_ready_i,
    output logic                 data_push_o,
    output logic     [DataW-1:0] data_o,
    input  logic                 cpl_ready_i,
    output logic                 cpl_push_o,
    output tlp_pkg::tx_cpl_t     cpl_o,
    // errors of the request that is shown: it is taken with its error
    output logic                 ur_o,
    output logic                 poisoned_o,
    output tlp_pkg::fn_t         err_fn_o,       // whose error it is
    input  logic                 err_ready_i
);
  localparam int unsigned LaneW = $clog2(DataW / 32);
  localparam int unsigned RespDepth = 8;

  typedef enum logic [2:0] {
    Idle,   // a request
    Start,  // nothing: one completion's extent is worked out
    Run,    // its data
    Flush,  // the core to accept the read that orders
    Behind, // that read's data
    Push    // room for header and last beat
  } state_e;
  state_e state_q, state_d;

  tlp_pkg::np_t r_q;  // the request in hand

  // ---- what is asked for -------------------------------------------------
  logic [12:0] total;
  logic [ 1:0] lead;
  tlp_count u_count (
      .words_i   (np_i.words),
      .first_be_i(np_i.first_be),
      .last_be_i (np_i.last_be),
      .bytes_o   (total),
      .lead_o    (lead)
  );

  logic         hit, regs, portal;
  logic [ 1:0]  space;
  logic [17:0]  offset;
  tlp_pkg::fn_t mem_fn;
  logic [63:3]  quad_q;  // next quad word to be read
  tlp_route u_route (
      .bars_i  (bars_i),
      .addr_i  ((state_q == Idle) ? np_i.addr[63:3] : quad_q),
      .hit_o   (hit),
      .fn_o    (mem_fn),
      .regs_o  (regs),
      .portal_o(portal),
      .space_o (space),
      .offset_o(offset)
  );

  // The function that answers: its id stands in the completion.
  tlp_pkg::fn_t named, fn, fn_q;
  logic [15:0]  cid;
  tlp_vf_id u_id (
      .id_i,
      .fn_i    (fn_q),
      .id_o    (cid),
      .number_i(np_i.addr[23:16]),
      .exist_i (vf_exist_i),
      .fn_o    (named)
  );
  always_comb begin
    fn = '0;
    if (is_cfg) fn = named;
    else if (np_i.kind == tlp_pkg::NpMemRead) fn = mem_fn;
  end

  logic shown, take, is_cfg, cfg_other_fn, mem_refused, zero_length, unsupported;
  assign shown        = state_q == Idle && np_valid_i && !hold_i;
  assign take         = shown && (err_ready_i || !(ur_o || poisoned_o));
  assign is_cfg       = np_i.kind == tlp_pkg::NpCfgRead || np_i.kind == tlp_pkg::NpCfgWrite;
  assign cfg_other_fn = !named.virt && np_i.addr[18:16] != 3'd0;
  assign mem_refused  = !hit || np_i.at[0];
  assign zero_length  = np_i.words == 11'd1 && np_i.first_be == '0;
  assign np_pop_o     = take;

  logic cfg_poisoned;
  assign cfg_poisoned = np_i.kind == tlp_pkg::NpCfgWrite && np_i.poisoned && !cfg_other_fn;
  always_comb begin
    unique case (np_i.kind)
      tlp_pkg::NpCfgRead, tlp_pkg::NpCfgWrite: unsupported = cfg_other_fn;
      tlp_pkg::NpMemRead:                      unsupported = mem_refused;
      default:                                 unsupported = 1'b1;
    endcase
  end
  assign ur_o       = shown && unsupported;
  assign poisoned_o = shown && cfg_poisoned;
  assign err_fn_o   = fn;

  assign cfg_valid_o   = shown && is_cfg && !unsupported && !cfg_poisoned;  // which is no error and waits for no log
  assign cfg_write_o   = np_i.kind == tlp_pkg::NpCfgWrite;
  assign cfg_fn_o      = named;
  assign cfg_bus_dev_o = np_i.addr[31:19];
  assign cfg_reg_o     = np_i.addr[11:2];
  assign cfg_be_o      = np_i.first_be;
  assign cfg_wdata_o   = np_i.data;

  // ---- progress through the request ---------------------------------------
  logic [10:0] words_q;     // words still to be answered, this completion's included
  logic [12:0] bytes_q;     // bytes likewise
  logic [ 4:0] low_q;       // address[6:2] of this completion's first word
  logic [ 1:0] lead_q;      // and its first enabled byte
  logic [ 6:2] align_q;     // address[8:2] of the same, upper part in align_hi_q
  logic [ 1:0] align_hi_q;
  logic [ 2:0] status_q;
  logic        has_data_q;
  logic        reads_q;     // data comes from BAR0 or the core
  logic        from_core_q;

  // Words up to the next multiple of min(MPS, 512) bytes.
  logic [7:0] room, chunk;
  logic [6:0] in_chunk;
  assign in_chunk = {align_hi_q, align_q};
  always_comb begin
    unique case (mps_i)
      3'd0:    room = 8'd32 - {3'b000, in_chunk[4:0]};
      3'd1:    room = 8'd64 - {2'b00, in_chunk[5:0]};
      default: room = 8'd128 - {1'b0, in_chunk};
    endcase
  end
  assign chunk = (words_q < {3'b000, room}) ? words_q[7:0] : room;

  logic [7:0] len_q;        // words of this completion
  logic [7:0] want_q;       // of them, those not yet packed
  logic [6:0] quads_q;      // its quad words not yet asked for
  logic       odd_q;        // the next word to pack is the upper one of its quad word

  // ---- reading -------------------------------------------------------------
  // Answers wait in a small queue; as many are under way as it has room for.
  logic [63:0] resp_mem[RespDepth];
  logic [3:0]  resp_wr_q, resp_rd_q, asked_q;  // asked_q runs ahead of resp_wr_q
  logic        resp_valid, resp_pop, ask_ok, ask, reg_read, resp_push;
  assign resp_valid = resp_wr_q != resp_rd_q;
  assign ask_ok     = state_q == Run && quads_q != '0 && (asked_q - resp_rd_q) != 4'(RespDepth);

  assign reg_valid_o  = ask_ok && !from_core_q;
  assign reg_portal_o = portal;
  assign reg_read     = reg_valid_o && reg_ready_i;
  assign acc_valid_o = (ask_ok && from_core_q) || state_q == Flush;
  assign acc_space_o = (state_q == Flush) ? ep_pkg::SpacePba : space;
  assign acc_addr_o  = (state_q == Flush) ? '0 : offset;
  assign ask         = reg_read || (ask_ok && from_core_q && acc_ready_i);
  assign resp_push   = reg_read || (acc_rvalid_i && state_q == Run);

  logic [63:0] resp;
  logic [31:0] resp_word;
  assign resp      = resp_mem[resp_rd_q[2:0]];
  assign resp_word = odd_q ? resp[63:32] : resp[31:0];

  // ---- packing: one word a clock into a beat --------------------------------
  logic [DataW-1:0] beat_q;
  logic [LaneW-1:0] lane_q;
  logic             beat_full_q, beat_out, pack;
  assign beat_out = state_q == Run && beat_full_q && data_ready_i;
  assign pack     = state_q == Run && !beat_full_q && resp_valid && want_q != '0;
  assign resp_pop = pack && (odd_q || want_q == 8'd1);

  logic push;
  assign push        = state_q == Push && cpl_ready_i && (!has_data_q || data_ready_i);
  assign data_push_o = beat_out || (push && has_data_q);
  assign data_o      = beat_q;
  assign cpl_push_o  = push;
  always_comb begin
    cpl_o            = '0;
    cpl_o.has_data   = has_data_q;
    cpl_o.status     = status_q;
    cpl_o.tc         = r_q.tc;
    cpl_o.attr       = r_q.attr;
    cpl_o.tag        = r_q.tag;
    cpl_o.rid        = r_q.rid;
    cpl_o.cid        = cid;
    cpl_o.byte_count = bytes_q[11:0];
    cpl_o.lower_addr = {low_q, lead_q};
    cpl_o.words      = has_data_q ? len_q : 8'd0;
  end

  logic more;  // completions of this request behind the one in hand
  assign more = reads_q && words_q != {3'b000, len_q};

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle: begin
        if (take) begin
          state_d = (np_i.kind == tlp_pkg::NpMemRead && !unsupported && !zero_length) ? Start : Flush;
        end
      end
      Start: state_d = Run;
      Run: begin
        if (want_q == '0 && !beat_full_q) state_d = from_core_q ? Push : Flush;
      end
      Flush:  if (acc_ready_i) state_d = Behind;
      Behind: if (acc_rvalid_i) state_d = Push;
      default: begin  // Push
        if (push) state_d = more ? Start : Idle;
      end
    endcase
  end
  assign idle_o = state_q == Idle;

  always_ff @(posedge clk_i) begin
    if (resp_push) resp_mem[resp_wr_q[2:0]] <= from_core_q ? acc_rdata_i : reg_rdata_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q       <= Idle;
      r_q           <= '0;
      fn_q          <= '0;
      quad_q        <= '0;
      words_q       <= '0;
      bytes_q       <= '0;
      low_q         <= '0;
      lead_q        <= '0;
      align_q       <= '0;
      align_hi_q    <= '0;
      status_q      <= '0;
      has_data_q    <= 1'b0;
      reads_q       <= 1'b0;
      from_core_q   <= 1'b0;
      len_q         <= '0;
      want_q        <= '0;
      quads_q       <= '0;
      odd_q         <= 1'b0;
      resp_wr_q     <= '0;
      resp_rd_q     <= '0;
      asked_q       <= '0;
      beat_q        <= '0;
      lane_q        <= '0;
      beat_full_q   <= 1'b0;
    end else begin
      state_q <= state_d;
      if (take) begin
        r_q         <= np_i;
        fn_q        <= fn;
        quad_q      <= np_i.addr[63:3];
        words_q     <= np_i.words;
        bytes_q     <= np_i.mem_read ? total : 13'd4;
        low_q       <= np_i.mem_read ? np_i.addr[6:2] : 5'd0;
        lead_q      <= np_i.mem_read ? lead : 2'd0;
        align_q     <= np_i.addr[6:2];
        align_hi_q  <= np_i.addr[8:7];
        status_q    <= (unsupported || cfg_poisoned) ? tlp_pkg::StatusUr : tlp_pkg::StatusSc;
        has_data_q  <= np_i.kind == tlp_pkg::NpCfgRead && !unsupported ||
                       np_i.kind == tlp_pkg::NpMemRead && !unsupported;
        reads_q     <= np_i.kind == tlp_pkg::NpMemRead && !unsupported && !zero_length;
        from_core_q <= !regs;
        len_q       <= 8'd1;
        lane_q      <= '0;
        beat_q      <= '0;
        if (is_cfg) beat_q[31:0] <= cfg_rdata_i;
      end
      if (state_q == Start) begin
        len_q       <= chunk;
        want_q      <= chunk;
        quads_q     <= 7'(({1'b0, chunk} + 9'(align_q[2]) + 9'd1) >> 1);
        odd_q       <= align_q[2];
        lane_q      <= '0;
        beat_q      <= '0;
        beat_full_q <= 1'b0;
      end
      if (ask) begin
        quads_q <= quads_q - 7'd1;
        quad_q  <= quad_q + 61'd1;
        asked_q <= asked_q + 4'd1;
      end
      if (resp_push) resp_wr_q <= resp_wr_q + 4'd1;
      if (resp_pop) resp_rd_q <= resp_rd_q + 4'd1;
      if (pack) begin
        beat_q[32*lane_q+:32] <= resp_word;
        lane_q                <= lane_q + 1'b1;
        odd_q                 <= !odd_q;
        want_q                <= want_q - 8'd1;
        // The last beat waits for the header.
        beat_full_q           <= lane_q == '1 && want_q != 8'd1;
      end
      if (beat_out) begin
        beat_full_q <= 1'b0;
        beat_q      <= '0;
      end
      if (push) begin
        words_q    <= words_q - {3'b000, len_q};
        bytes_q    <= bytes_q - {3'b000, len_q, 2'b00} + 13'(lead_q);
        lead_q     <= 2'd0;
        // Every further completion starts at a multiple of 128 at least.
        low_q      <= '0;
        align_q    <= '0;
        align_hi_q <= 2'(({align_hi_q, align_q} + len_q[6:0]) >> 5);
      end
    end
  end

  // Parts of the request that nothing needs after it has been taken.
  logic unused_request;
  assign unused_request = ^{r_q.kind, r_q.mem_read, r_q.addr, r_q.words, r_q.first_be, r_q.last_be, r_q.at, r_q.poisoned, r_q.raw,
                            r_q.data, bytes_q[12]};
endmodule
