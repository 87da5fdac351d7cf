// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Types of the interrupt core. Widths are those of the largest configuration (2048 + 8192 + 2^20 sources, and 128 of
// each of 32 virtual functions), so that a type is the same in every instance; each memory uses the low bits that it
// needs.
package irq_pkg;
  // A source is (store, index). All sources also share one numbering by rows of 64: MSI-X rows first, then device
  // slots, then host slots; the bit within the row is index[5:0] (irq_row, irq_source).
  typedef logic [1:0]  store_t;
  typedef logic [19:0] index_t;
  typedef logic [14:0] row_t;

  localparam store_t StoreMsix = 2'd0;
  localparam store_t StoreDev  = 2'd1;
  localparam store_t StoreHost = 2'd2;

  // Number of a virtual function, and the first index that virtual functions have in the two stores of the device.
  localparam int unsigned VfW = 5;
  typedef logic [VfW-1:0] vf_t;
  localparam index_t VfMsix = 20'd2048;
  localparam index_t VfDev  = 20'd8192;

  // Register spaces of an access.
  localparam logic [1:0] SpaceMsix    = 2'd0;   // MSI-X table
  localparam logic [1:0] SpacePba     = 2'd1;   // MSI-X pending bit array
  localparam logic [1:0] SpaceDev     = 2'd2;   // device slots
  localparam logic [1:0] SpaceHostPba = 2'd3;   // pending bits of the host slots

  // Kinds of operation in the pipeline.
  typedef enum logic [2:0] {
    OpAccess,    // register read or write of one quad word
    OpCause,     // raise or withdraw
    OpFetched,   // result of a slot fetch
    OpSend,      // attempt to send for a source that select has picked
    OpRow,       // walk over rows: un-park if asked, and let select look at it again
    OpLine,      // walk over cache lines: drop it if it is in the invalidated range
    OpForget     // reset of a virtual function: clear an entry and its pending bit, mask it
  } op_kind_e;

  typedef struct packed {
    logic         valid;
    op_kind_e     kind;
    logic         can_send;   // a posted credit is held for it until it is over
    store_t       store;
    index_t       index;      // within the store; of OpLine: the line; of row reads: 64 times the row
    row_t         row;        // in the common numbering
    logic         hole;       // access beyond what is implemented
    logic         write;      // access: write
    logic         half;       // access: upper quad word of an entry {control, data}
    logic         pending_row;  // access: read of a row of pending bits
    logic         withdraw;   // cause: withdraw
    logic         check;      // cause: of a device slot, for a requester that it must allow
    logic         pasid_valid;  // cause: the requester has a PASID
    logic [19:0]  pasid;
    logic [4:0]   id;         // fetch result: its number
    logic [3:0]   status;     // fetch result: 0 good, else the error code
    logic [7:0]   be;         // access: byte enables
    logic [127:0] data;       // access: [63:0] write data; fetch result: the slot
  } op_t;

  // What an entry in device memory holds, apart from its mask and pending bit, which are in the rows.
  typedef struct packed {
    logic [63:2] addr;
    logic [31:0] data;
    logic [19:0] pasid;
    logic        pasid_en;
    logic        ignore;
  } entry_t;

  // Widths of the above, for memories (Yosys does not read $bits of a type).
  localparam int unsigned RowW   = 15;
  localparam int unsigned EntryW = 62 + 32 + 20 + 1 + 1;

  // Error codes, as software reads them in irq_err.
  localparam logic [3:0] ErrNone     = 4'd0;
  localparam logic [3:0] ErrRange    = 4'd1;
  localparam logic [3:0] ErrDisabled = 4'd2;
  localparam logic [3:0] ErrZeroAddr = 4'd8;
  localparam logic [3:0] ErrHandle  = 4'd9;
  localparam logic [3:0] ErrPermission = 4'd10;
  localparam logic [3:0] ErrAbsent   = 4'd12;

  // A committed message.
  typedef struct packed {
    logic        valid;
    logic [63:2] addr;
    logic [31:0] data;
    store_t      store;
    index_t      index;
  } msg_t;

  typedef struct packed {
    logic       valid;
    logic [3:0] code;
    store_t     store;
    index_t     index;
  } err_t;
endpackage
