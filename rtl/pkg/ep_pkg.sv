// SPDX-License-Identifier: Apache-2.0 OR MIT
// Types that the endpoint's configuration space, function and transaction
// layer share.
package ep_pkg;
  // Base addresses as in the BAR registers, and whether memory is decoded.
  typedef struct packed {
    logic         mem_on;   // memory enable, in D0
    logic [31:16] bar0;
    logic [63:16] bar2;
    logic [63:18] bar4;
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

  // One interrupt cause on its way to the core.
  typedef struct packed {
    logic        withdraw;
    logic [1:0]  store;
    logic [19:0] index;
  } cause_t;

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
  } fn_values_t;

  // A write into BAR0: one quad word.
  typedef struct packed {
    logic        valid;
    logic [15:3] addr;
    logic [63:0] data;
    logic [ 7:0] be;
  } fn_write_t;
endpackage
