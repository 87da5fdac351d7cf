// SPDX-License-Identifier: Apache-2.0 OR MIT
// Types that the endpoint's configuration space, function and transaction
// layer share.
package ep_pkg;
  // Base addresses as in the BAR registers, and whether memory is decoded.
  typedef struct packed {
    logic         mem_on;   // memory enable, in D0
    logic [31:16] bar0;
    logic [31:18] bar1;
    logic [63:16] bar2;
    logic [63:18] bar4;
    logic         vf_on;     // apertures of virtual functions are decoded
    logic [15:0]  vf_there;  // of these
    logic [2:0]   vf_page;   // each has 2^(14 + 2 page) bytes
    logic [63:14] vf_bar;
  } bars_t;

  // Spaces of the core's access port.
  localparam logic [1:0] SpaceMsix = 2'd0;
  localparam logic [1:0] SpacePba = 2'd1;
  localparam logic [1:0] SpaceSlots = 2'd2;
  localparam logic [1:0] SpaceHostPending = 2'd3;

  // Stores that causes name, apart from those that only the core knows. Events are no
  // store of messages: they are led to vectors.
  localparam logic [1:0] StoreMsix = 2'd0;
  localparam logic [1:0] StoreEvent = 2'd3;
  localparam logic [6:0] EventMisc = 7'd64;  // the last one: of the device itself

  // How events are signalled.
  localparam logic [1:0] ModeIntx = 2'd0;
  localparam logic [1:0] ModeMsi = 2'd1;
  localparam logic [1:0] ModeMsix = 2'd2;

  // Settings of the MSI capability.
  typedef struct packed {
    logic        enable;
    logic [2:0]  order;   // 2^order vectors are enabled, at most 5
    logic [63:2] addr;
    logic [31:0] data;
    logic [31:0] mask;
  } msi_t;

  // As tlp_pkg::pasid_t: not every reader of the subset finds a type of another package here.
  typedef struct packed {
    logic        valid;
    logic [19:0] pasid;
  } pasid_t;

  // One interrupt cause on its way to the core. With `check` it comes from a requester
  // that the slot must allow; without, nobody asks.
  typedef struct packed {
    logic            check;
    pasid_t pasid;
    logic        withdraw;
    logic [1:0]  store;
    logic [19:0] index;
  } cause_t;

  // Settings of the configuration space that the DMA engine follows.
  typedef struct packed {
    logic [2:0] mps;         // DevCtl[7:5]
    logic [2:0] mrrs;        // DevCtl[14:12]
    logic       relaxed_en;  // DevCtl.4
    logic       ido_en;      // DevCtl2.8
    logic       pasid_en;    // PASID control.0
  } dma_cfg_t;

  // A descriptor to be fetched, and what its queue gives it.
  typedef struct packed {
    logic [5:0]      qid;
    logic [9:0]      index;   // in the submission ring
    logic [63:5]     addr;
    pasid_t pasid;
    logic            relaxed;
    logic            ido;
  } job_t;

  // A read of the DMA engine: at most 512 bytes, within 4 KiB.
  typedef struct packed {
    logic [63:0]     addr;
    logic [9:0]      bytes;
    logic [2:0]      attr;
    pasid_t pasid;
  } dma_read_t;

  // A piece of a descriptor's data to be moved: at most 512 bytes. Without `post` it only
  // goes through the checksum.
  typedef struct packed {
    logic            post;
    logic            fill;     // data is the pattern, not the buffer
    logic [63:0]     dst;
    logic [10:0]     src;      // place of the first byte in the buffer
    logic [9:0]      bytes;
    logic [63:0]     pattern;
    logic [2:0]      origin;   // dst[2:0] of byte 0 of the pattern
    logic [31:0]     crc;      // checksum so far
    logic [2:0]      attr;
    pasid_t pasid;
  } piece_t;

  // A completion record to be written.
  typedef struct packed {
    logic [5:0]  qid;
    logic [9:0]  index;
    logic [7:0]  status;
    logic [31:0] bytes;
    logic [31:0] crc;
    pasid_t pasid;
  } record_t;

  // Everything about one work queue (ep_regs.yaml, q_*). Orders as they act, 1 to 10.
  typedef struct packed {
    logic        enable;
    logic        pasid_en;
    logic        relaxed;
    logic        ido;
    logic        halted;
    logic [7:0]  code;
    logic [2:0]  inflight;   // descriptors being fetched or worked on
    logic [51:0] sq_base;
    logic [51:0] cq_base;
    logic [3:0]  sq_order;   // as written
    logic [3:0]  cq_order;
    logic [19:0] pasid;
    logic [9:0]  sq_tail;
    logic [9:0]  sq_head;
    logic [9:0]  cq_head;
    logic [9:0]  cq_tail;
    logic        phase;      // of the records of this pass
    logic [31:0] done;
  } queue_t;
  localparam int unsigned QueueW = 4 + 1 + 8 + 3 + 52 + 52 + 8 + 20 + 40 + 1 + 32;

  // Widths, for memories.
  localparam int unsigned CauseW = 1 + 21 + 1 + 2 + 20;
  localparam int unsigned DmaReadW = 64 + 10 + 3 + 21;
  localparam int unsigned PieceW = 2 + 64 + 11 + 10 + 64 + 3 + 32 + 3 + 21;
  localparam int unsigned RecordW = 6 + 10 + 8 + 32 + 32 + 21;

  // Codes of completion records and halted queues (docs/device.md, work queues).
  localparam logic [7:0] StOk       = 8'h01;
  localparam logic [7:0] StOpcode   = 8'h10;
  localparam logic [7:0] StRange    = 8'h11;
  localparam logic [7:0] StPasid    = 8'h13;
  localparam logic [7:0] StHandle   = 8'h19;
  localparam logic [7:0] StRefused  = 8'h1a;

  // What error logging hears of [PCIe Base 6.2, 7.5.3.5]; one-cycle pulses. At most
  // one of those that the AER capability knows comes in a clock (tlp_err); got_ca and
  // got_ur are for the Status register alone.
  typedef struct packed {
    logic malformed;
    logic ecrc;          // wrong digest
    logic ur_posted;     // unsupported write or message
    logic ur_advisory;   // unsupported request that was answered
    logic poisoned;      // memory write
    logic poisoned_cfg;  // configuration write, answered
    logic poisoned_cpl;  // completion of an own read
    logic unexpected;    // completion of nothing
    logic got_ca;        // an own read was aborted
    logic got_ur;        // an own read was unsupported
    logic timeout;       // an own read was not answered
  } err_ev_t;

  // What the readable registers of BAR0 show (ep_regs.yaml); registers that are
  // constant or write only are not here.
  typedef struct packed {
    logic [63:0] hs_base;
    logic [20:0] hs_size;
    logic        hs_enable;
    logic [31:0] hs_status;
    logic [63:0] hs_done_addr;
    logic [31:0] irq_err;
    logic [31:0] irq_err_count;
    logic [31:0] stat_sent;
    logic [31:0] stat_fetch;
    logic [31:0] fn_status;
    logic [31:0] fn_raised;
    logic [63:0] fn_rec_addr;
    logic [ 3:0] fn_rec_order;
    logic [31:0] fn_rec_seq;
    logic [21:0] fn_sweep_first;
    logic [20:0] fn_sweep_count;
    logic [63:0] ev_status;
    logic [31:0] ev_misc;
    logic [ 6:0] ev_vectors;
    logic        ev_err_raises;
    logic [ 1:0] ev_mode;
    logic        ev_latch;
    logic        ev_wire;
    logic [31:0] ih_target;
    logic [31:0] ih_perm;
    logic [31:0] ih_status;
  } fn_values_t;

  // A write into BAR0: one quad word.
  typedef struct packed {
    logic        valid;
    logic [15:3] addr;
    logic [63:0] data;
    logic [ 7:0] be;
  } fn_write_t;
endpackage
