// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Commit stage: set, clear, mask, unmask, rewrite, send and all races between them are decided here, in one place and
// one clock, an operation at a time.
//
// At the input stand the operation and everything that it reads - pending and mask row, entry, held host slot - as all
// operations before it have left them, and the enables of this clock. A message is committed when address, data, mask
// and enables are seen together here. What the operation writes is seen by the next one.
//
// Laws:
//   - an open source that is raised with a credit sends at once; otherwise the pending bit stays set;
//   - after every operation: if its source is pending and deliverable, its row stands in select's queue (`push`).
// A host source's mask bit means parked: its slot is known to be masked, or could not be fetched, or is being fetched.
module irq_pending #(
  parameter int unsigned NumMsix = 1,
  parameter int unsigned NumDevSlots = 1,
  parameter int unsigned NumVfs = 0,
  localparam int unsigned VfPorts = (NumVfs > 0) ? NumVfs : 1
) (
  // the operation
  input  irq_pkg::op_t       op_i,
  input  logic               drop_i,         // a clear starts: the operation does nothing

  // enables of this clock; of the physical function and of the virtual ones
  input  logic               open_msix_i,    // MSI-X messages may be sent
  input  logic               open_dev_i,     // device slot messages may be sent
  input  logic [VfPorts-1:0] vf_exist_i,     // the function is there: its sources may be raised
  input  logic [VfPorts-1:0] vf_open_msix_i,
  input  logic [VfPorts-1:0] vf_open_dev_i,
  input  logic               open_host_i,    // host slot messages may be sent and slots fetched
  input  logic               hs_enable_i,    // host store is enabled
  input  logic [20:0]        hs_size_i,

  // what the operation read
  input  logic [63:0]        pend_i,
  input  logic               queue_par_i,    // parity of pushes of the row; differs from popped_par_i: queued
  input  logic               popped_par_i,
  input  logic [63:0]        mask_i,
  input  irq_pkg::entry_t    entry_i,

  // host slot
  input  logic               held_i,         // the slot is held ...
  input  logic               held_mask_i,    // ... with this mask bit
  input  logic [63:2]        held_addr_i,
  input  logic [31:0]        held_data_i,
  input  logic               fetching_i,     // a fetch of it is under way
  input  logic               fetch_free_i,   // another fetch can be started
  input  logic               discard_i,      // result of an operation OpFetched is not to be used
  input  logic [63:0]        unpark_i,       // OpRow of the host store: sources to un-park

  // row write
  output logic               row_we_o,
  output logic [63:0]        pend_o,
  output logic               queue_par_o,
  output logic [63:0]        mask_o,

  // entry write
  output logic               entry_we_o,
  output irq_pkg::entry_t    entry_o,

  // host slot actions
  output logic               fetch_o,        // start a fetch of the operation's slot
  output logic               fetch_over_o,   // the fetch with the operation's id is over
  output logic               fill_o,         // hold the slot that has come

  // row for select's queue, with its new parity
  output logic               push_o,

  // results
  output irq_pkg::msg_t      msg_o,
  output irq_pkg::err_t      err_o,
  output logic               rvalid_o,
  output logic [63:0]        rdata_o
);
  logic go;
  assign go = op_i.valid && !drop_i;

  // ---- state of the source -------------------------------------------------------------------------------------
  logic [63:0] onehot;
  logic        pend, mask, is_host, open;

  assign onehot  = 64'd1 << op_i.index[5:0];
  assign pend    = (pend_i & onehot) != '0;
  assign mask    = (mask_i & onehot) != '0;
  assign is_host = op_i.store == irq_pkg::StoreHost;

  // ---- function of the source ----------------------------------------------------------------------------------
  logic               is_virtual, exists;
  irq_pkg::vf_t       vf;
  irq_pkg::row_t      unused_row;
  logic [VfPorts-1:0] of_vf;      // one hot
  logic               vf_exist, vf_open_msix, vf_open_dev;

  irq_row #(
    .NumMsix    (NumMsix),
    .NumDevSlots(NumDevSlots),
    .NumVfs     (NumVfs)
  ) u_row (
    .store_i  (op_i.store),
    .index_i  (op_i.index),
    .row_o    (unused_row),
    .virtual_o(is_virtual),
    .vf_o     (vf),
    .exists_o (exists)
  );

  always_comb begin
    for (int unsigned i = 0; i < VfPorts; i++) of_vf[i] = is_virtual && vf == irq_pkg::VfW'(i);
  end
  assign vf_exist     = (of_vf & vf_exist_i) != '0;
  assign vf_open_msix = (of_vf & vf_open_msix_i) != '0;
  assign vf_open_dev  = (of_vf & vf_open_dev_i) != '0;

  always_comb begin
    case (op_i.store)
      irq_pkg::StoreMsix: open = is_virtual ? vf_open_msix : open_msix_i;
      irq_pkg::StoreDev:  open = is_virtual ? vf_open_dev : open_dev_i;
      default:            open = open_host_i && ({1'b0, op_i.index} < hs_size_i);
    endcase
  end

  // ---- causes that are refused ---------------------------------------------------------------------------------
  logic [3:0] refuse;   // error code, or ErrNone
  logic       allowed;  // the slot lets this requester raise it

  assign allowed = entry_i.ignore || (entry_i.pasid_en ? (op_i.pasid_valid && op_i.pasid == entry_i.pasid)
                                                       : !op_i.pasid_valid);

  always_comb begin
    refuse = irq_pkg::ErrNone;
    case (op_i.store)
      irq_pkg::StoreMsix, irq_pkg::StoreDev: begin
        if (!exists)                      refuse = irq_pkg::ErrRange;
        else if (is_virtual && !vf_exist) refuse = irq_pkg::ErrAbsent;
        else if (op_i.store == irq_pkg::StoreDev && op_i.check && !allowed) refuse = irq_pkg::ErrPermission;
      end
      default: begin
        if (!hs_enable_i)                             refuse = irq_pkg::ErrDisabled;
        else if ({1'b0, op_i.index} >= hs_size_i)     refuse = irq_pkg::ErrRange;
      end
    endcase
  end

  // ---- register access -----------------------------------------------------------------------------------------
  logic [31:0] control_msix, control_ims;
  logic        mask_msix, mask_ims;
  logic        is_write;

  logic forget;      // OpForget
  assign forget   = go && op_i.kind == irq_pkg::OpForget;
  assign is_write = go && op_i.kind == irq_pkg::OpAccess && op_i.write && !op_i.hole && !op_i.pending_row;

  irq_pkg::entry_t entry_written;
  irq_entry_write u_entry_write (
    .half_i (op_i.half),
    .be_i   (op_i.be),
    .wdata_i(op_i.data[63:0]),
    .addr_i (entry_i.addr),
    .data_i (entry_i.data),
    .addr_o (entry_written.addr),
    .data_o (entry_written.data)
  );

  irq_msix u_msix (
    .mask_i   (mask),
    .control_o(control_msix),
    .be_i     (op_i.be[4]),
    .wdata_i  (op_i.data[32]),
    .mask_o   (mask_msix)
  );

  logic        ignore_new, pasid_en_new;
  logic [19:0] pasid_new;
  logic        write_ims;

  irq_ims u_ims (
    .mask_i    (mask),
    .pending_i (pend),
    .ignore_i  (entry_i.ignore),
    .pasid_en_i(entry_i.pasid_en),
    .pasid_i   (entry_i.pasid),
    .control_o (control_ims),
    .be_i      (op_i.be[7:4]),
    .wdata_i   (op_i.data[63:32]),
    .mask_o    (mask_ims),
    .ignore_o  (ignore_new),
    .pasid_en_o(pasid_en_new),
    .pasid_o   (pasid_new)
  );

  assign write_ims        = op_i.half && op_i.store == irq_pkg::StoreDev;
  assign entry_written.ignore   = write_ims ? ignore_new : entry_i.ignore;
  assign entry_written.pasid_en = write_ims ? pasid_en_new : entry_i.pasid_en;
  assign entry_written.pasid    = write_ims ? pasid_new : entry_i.pasid;

  assign entry_o    = forget ? '0 : entry_written;
  assign entry_we_o = is_write || forget;

  assign rvalid_o = go && op_i.kind == irq_pkg::OpAccess && !op_i.write;

  always_comb begin
    if (op_i.hole)             rdata_o = '0;
    else if (op_i.pending_row) rdata_o = pend_i;
    else if (!op_i.half)       rdata_o = {entry_i.addr, 2'b00};
    else                       rdata_o = {(op_i.store == irq_pkg::StoreDev) ? control_ims : control_msix, entry_i.data};
  end

  // ---- the decision --------------------------------------------------------------------------------------------
  logic        wants;         // the source has something to send in this operation
  logic        known;         // its message is known and not masked
  logic        deliver;       // the message, or error 8 instead, goes out now
  logic        pend_new, mask_new;
  logic        single;        // operation on one source
  logic [63:2] msg_addr;
  logic [31:0] msg_data;
  logic        zero_addr;
  logic        good;          // OpFetched: slot arrived and is to be used

  assign good = op_i.status == 4'd0 && !discard_i;

  always_comb begin
    // Where the message stands.
    if (!is_host) begin
      msg_addr = entry_i.addr;
      msg_data = entry_i.data;
      known    = !mask;
    end else if (op_i.kind == irq_pkg::OpFetched) begin
      msg_addr = op_i.data[63:2];
      msg_data = op_i.data[95:64];
      known    = good && !op_i.data[96];
    end else begin
      msg_addr = held_addr_i;
      msg_data = held_data_i;
      known    = !mask && held_i && !held_mask_i;
    end

    wants = 1'b0;
    case (op_i.kind)
      irq_pkg::OpCause:   wants = !op_i.withdraw && refuse == irq_pkg::ErrNone;
      irq_pkg::OpSend:    wants = pend;
      irq_pkg::OpFetched: wants = pend;
      default:            wants = 1'b0;
    endcase
  end

  assign zero_addr = op_i.store != irq_pkg::StoreMsix && msg_addr == '0;
  assign deliver   = go && wants && known && open && op_i.can_send;

  always_comb begin
    pend_new     = pend;
    mask_new     = mask;
    single       = 1'b0;
    fetch_o      = 1'b0;
    fetch_over_o = 1'b0;
    fill_o       = 1'b0;

    case (op_i.kind)
      irq_pkg::OpAccess: begin
        single = is_write;
        if (op_i.half) mask_new = (op_i.store == irq_pkg::StoreDev) ? mask_ims : mask_msix;
      end
      irq_pkg::OpCause: begin
        single   = go && refuse == irq_pkg::ErrNone;
        pend_new = !op_i.withdraw && !deliver;
      end
      irq_pkg::OpSend: begin
        single   = go;
        pend_new = pend && !deliver;
      end
      irq_pkg::OpFetched: begin
        // A discarded result only ends the fetch: whatever discarded it has un-parked the source or is about to.
        single       = go && !discard_i;
        fetch_over_o = go;
        fill_o       = go && good;
        pend_new     = pend && !deliver;
        mask_new     = !good || op_i.data[96];
      end
      irq_pkg::OpForget: begin
        single   = go;
        pend_new = 1'b0;
        mask_new = 1'b1;
      end
      default: ;
    endcase

    // A host source that could be sent but for its slot: look at the slot that is held, or get it.
    if (go && is_host && wants && open && !mask && op_i.kind != irq_pkg::OpFetched) begin
      if (held_i) begin
        mask_new = held_mask_i;
      end else if (fetching_i) begin
        mask_new = 1'b1;
      end else if (fetch_free_i) begin
        mask_new = 1'b1;
        fetch_o  = 1'b1;
      end
    end
  end

  // ---- rows ----------------------------------------------------------------------------------------------------
  logic [63:0] deliverable;
  logic        walk_row, queued;

  assign walk_row = go && op_i.kind == irq_pkg::OpRow;
  assign row_we_o = single || walk_row;
  assign queued   = queue_par_i ^ popped_par_i;

  always_comb begin
    pend_o = pend_i;
    mask_o = mask_i;
    if (walk_row) begin
      mask_o = is_host ? (mask_i & ~unpark_i) : mask_i;
    end else begin
      pend_o = pend_new ? (pend_i | onehot) : (pend_i & ~onehot);
      mask_o = mask_new ? (mask_i | onehot) : (mask_i & ~onehot);
    end
    deliverable = pend_o & ~mask_o & (walk_row ? '1 : onehot);
  end

  assign push_o      = row_we_o && open && deliverable != '0 && !queued;
  assign queue_par_o = queue_par_i ^ push_o;

  // ---- results -------------------------------------------------------------------------------------------------
  always_comb begin
    msg_o.valid = deliver && !zero_addr;
    msg_o.addr  = msg_addr;
    msg_o.data  = msg_data;
    msg_o.store = op_i.store;
    msg_o.index = op_i.index;

    err_o.valid = 1'b0;
    err_o.code  = irq_pkg::ErrNone;
    err_o.store = op_i.store;
    err_o.index = op_i.index;
    if (go && op_i.kind == irq_pkg::OpCause && refuse != irq_pkg::ErrNone) begin
      err_o.valid = 1'b1;
      err_o.code  = refuse;
    end
    if (fetch_over_o && op_i.status != 4'd0) begin
      err_o.valid = 1'b1;
      err_o.code  = op_i.status;
    end
    if (deliver && zero_addr) begin
      err_o.valid = 1'b1;
      err_o.code  = irq_pkg::ErrZeroAddr;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{op_i.row, op_i.id, op_i.data[127:97]};
endmodule
