// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// The store in host memory: slots that are held (direct mapped), fetches that are under way, results that have come.
//
// A fetch goes: commit stage asks (`fetch_i`) -> a free number is taken -> request queue -> `fetch_valid_o` ...
// `fres_valid_i` -> result queue -> operation OpFetched -> commit stage ends it (`over_i`) and the number is free
// again. Both queues have a place for every number, so neither can overflow.
//
// A fetch of an invalidated range, and any when the store is disabled, is marked "discard": its request is dropped if
// it has not been presented yet, otherwise its result is awaited and not used. Its source is un-parked by the
// invalidation's walk, which always follows the mark.
module irq_ims_host #(
  parameter int unsigned HostCacheLines = 4,
  parameter int unsigned MaxFetches = 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            flush_i,          // a clear starts: forget everything

  input  logic            hs_enable_i,
  input  logic            host_open_i,      // messages of host slots may be sent
  input  logic [63:0]     hs_base_i,

  // operation that starts (its slot, or of OpLine its line), and the one at the commit stage
  input  irq_pkg::index_t op_index_i,
  input  irq_pkg::index_t commit_index_i,
  input  logic [4:0]      commit_id_i,
  input  logic [127:0]    commit_data_i,

  // what the commit stage sees
  output logic            held_o,
  output logic            held_mask_o,
  output logic [63:2]     held_addr_o,
  output logic [31:0]     held_data_o,
  output logic            fetching_o,
  output logic            fetch_free_o,
  output logic            discard_o,

  // what it orders
  input  logic            fetch_i,
  input  logic            over_i,
  input  logic            fill_i,
  input  logic            drop_line_i,      // OpLine: drop the line if its slot is in the range

  // range of the invalidation: slots that agree with range_index_i where range_mask_i is 1
  input  logic            discard_range_i,  // pulse: discard fetches of the range
  input  irq_pkg::index_t range_index_i,
  input  irq_pkg::index_t range_mask_i,

  // requests
  output logic            fetch_valid_o,
  input  logic            fetch_ready_i,
  output logic [63:0]     fetch_addr_o,
  output logic [4:0]      fetch_id_o,

  // results
  input  logic            fres_valid_i,
  input  logic [4:0]      fres_id_i,
  input  logic [3:0]      fres_status_i,
  input  logic [127:0]    fres_data_i,

  // oldest result, to become an operation
  output logic            fetched_valid_o,
  input  logic            fetched_ready_i,
  output logic            fetched_sends_o,
  output logic [4:0]      fetched_id_o,
  output logic [3:0]      fetched_status_o,
  output logic [127:0]    fetched_data_o,
  output irq_pkg::index_t fetched_index_o,

  // clearing sweep
  input  logic            clr_i,
  input  logic [13:0]     clr_line_i
);
  localparam int unsigned LineW = $clog2(HostCacheLines);
  localparam int unsigned TagW  = 20 - LineW;
  localparam int unsigned HeldW = 1 + TagW + 1 + 62 + 32;   // bits of a line_t

  // ---- held slots ----------------------------------------------------------------------------------------------
  typedef struct packed {
    logic            valid;
    logic [TagW-1:0] tag;
    logic            mask;
    logic [63:2]     addr;
    logic [31:0]     data;
  } line_t;

  line_t            line, line_new;
  logic             line_we;
  logic [LineW-1:0] line_waddr;
  irq_pkg::index_t  line_slot;       // slot that the line read holds
  logic             line_in_range;

  assign held_o      = line.valid && line.tag == commit_index_i[19:LineW];
  assign held_mask_o = line.mask;
  assign held_addr_o = line.addr;
  assign held_data_o = line.data;

  assign line_slot     = {line.tag, commit_index_i[LineW-1:0]};
  assign line_in_range = ((line_slot ^ range_index_i) & range_mask_i) == '0;

  always_comb begin
    line_new       = '0;
    line_new.valid = fill_i && !clr_i;
    line_new.tag   = commit_index_i[19:LineW];
    line_new.mask  = commit_data_i[96];
    line_new.addr  = commit_data_i[63:2];
    line_new.data  = commit_data_i[95:64];
  end

  assign line_we    = clr_i ? (clr_line_i < 14'(HostCacheLines)) : (fill_i || (drop_line_i && line_in_range));
  assign line_waddr = clr_i ? clr_line_i[LineW-1:0] : commit_index_i[LineW-1:0];

  prim_ram_coherent #(
    .Width(HeldW),
    .Depth(HostCacheLines)
  ) u_lines (
    .clk_i  (clk_i),
    .we_i   (line_we),
    .waddr_i(line_waddr),
    .wdata_i(line_new),
    .raddr_i(op_index_i[LineW-1:0]),
    .rdata_o(line)
  );

  // ---- fetches under way ---------------------------------------------------------------------------------------
  // busy: the number is in use; slot: what it fetches.
  logic [MaxFetches-1:0] busy_q, discard_q;
  irq_pkg::index_t       slot_q [MaxFetches];
  logic [MaxFetches-1:0] in_range, same_slot;
  logic [MaxFetches-1:0] free_first, over_one, drop_one;
  logic [4:0]            free_id;

  assign fetch_free_o = busy_q != '1;
  assign free_first   = ~busy_q & (busy_q + 1'b1);     // lowest number that is not in use

  always_comb begin
    free_id   = '0;
    in_range  = '0;
    same_slot = '0;
    over_one  = '0;
    drop_one  = '0;
    for (int unsigned i = 0; i < MaxFetches; i++) begin
      if (free_first[i]) free_id |= 5'(i);
      in_range[i]  = ((slot_q[i] ^ range_index_i) & range_mask_i) == '0;
      same_slot[i] = busy_q[i] && !discard_q[i] && slot_q[i] == commit_index_i;
      over_one[i]  = over_i && commit_id_i == 5'(i);
      drop_one[i]  = drop_request && request_id == 5'(i);
    end
  end

  assign fetching_o = same_slot != '0;

  always_comb begin
    discard_o = !hs_enable_i;     // the marks follow one clock later
    for (int unsigned i = 0; i < MaxFetches; i++) begin
      if (commit_id_i == 5'(i)) discard_o |= discard_q[i];
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || flush_i) begin
      busy_q    <= '0;
      discard_q <= '0;
    end else begin
      busy_q    <= (busy_q | (fetch_i ? free_first : '0)) & ~over_one & ~drop_one;
      discard_q <= (discard_q | (discard_range_i ? in_range : '0) | {MaxFetches{!hs_enable_i}}) &
                   ~(fetch_i ? free_first : '0);
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < MaxFetches; i++) begin
      if (fetch_i && free_first[i]) slot_q[i] <= commit_index_i;
    end
  end

  // ---- requests ------------------------------------------------------------------------------------------------
  logic            request_valid, request_take, request_discard, drop_request;
  logic [4:0]      request_id;
  irq_pkg::index_t request_slot;
  logic            unused_request_wready;

  prim_fifo_ram #(.Width(5), .Depth(MaxFetches)) u_requests (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .clear_i (flush_i),
    .wvalid_i(fetch_i),
    .wready_o(unused_request_wready),
    .wdata_i (free_id),
    .rvalid_o(request_valid),
    .rready_i(request_take || drop_request),
    .rdata_o (request_id)
  );

  logic        out_valid_q;
  logic [63:0] out_addr_q;
  logic [4:0]  out_id_q;

  always_comb begin
    request_discard = 1'b0;
    request_slot    = '0;
    for (int unsigned i = 0; i < MaxFetches; i++) begin
      if (request_id == 5'(i)) begin
        request_discard |= discard_q[i];
        request_slot    |= slot_q[i];
      end
    end
  end

  assign drop_request = request_valid && request_discard;
  // Not in the clock in which the store is disabled or the range invalidated: the mark stands one clock later.
  assign request_take = request_valid && !request_discard && hs_enable_i && !discard_range_i &&
                        (!out_valid_q || fetch_ready_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || flush_i) out_valid_q <= 1'b0;
    else                    out_valid_q <= request_take || (out_valid_q && !fetch_ready_i);
  end

  always_ff @(posedge clk_i) begin
    if (request_take) begin
      out_addr_q <= hs_base_i + {40'b0, request_slot, 4'b0};
      out_id_q   <= request_id;
    end
  end

  assign fetch_valid_o = out_valid_q;
  assign fetch_addr_o  = out_addr_q;
  assign fetch_id_o    = out_id_q;

  // ---- results -------------------------------------------------------------------------------------------------
  logic unused_result_wready;
  logic fetched_discard;

  prim_fifo_ram #(.Width(128 + 4 + 5), .Depth(MaxFetches)) u_results (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .clear_i (flush_i),
    .wvalid_i(fres_valid_i),
    .wready_o(unused_result_wready),
    .wdata_i ({fres_data_i, fres_status_i, fres_id_i}),
    .rvalid_o(fetched_valid_o),
    .rready_i(fetched_ready_i),
    .rdata_o ({fetched_data_o, fetched_status_o, fetched_id_o})
  );

  always_comb begin
    fetched_discard = 1'b0;
    fetched_index_o = '0;
    for (int unsigned i = 0; i < MaxFetches; i++) begin
      if (fetched_id_o == 5'(i)) begin
        fetched_discard |= discard_q[i];
        fetched_index_o |= slot_q[i];
      end
    end
  end

  logic unused_bits;
  assign unused_bits = ^{op_index_i, clr_line_i, commit_data_i};

  assign fetched_sends_o = host_open_i && fetched_status_o == 4'd0 && !fetched_data_o[96] && !fetched_discard;
endmodule
