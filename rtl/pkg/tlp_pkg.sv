// SPDX-License-Identifier: Apache-2.0 OR MIT
// Transaction layer packets: codes of the PCI Express Base Specification and
// the decoded forms that the blocks of rtl/tlp hand to one another.
package tlp_pkg;
  // Type field, with Fmt telling form and data [PCIe Base 2.2.1, table 2-3].
  localparam logic [4:0] TypeMem = 5'b0_0000;
  localparam logic [4:0] TypeMemLk = 5'b0_0001;
  localparam logic [4:0] TypeIo = 5'b0_0010;
  localparam logic [4:0] TypeCfg0 = 5'b0_0100;
  localparam logic [4:0] TypeCfg1 = 5'b0_0101;
  localparam logic [4:0] TypeCpl = 5'b0_1010;
  localparam logic [4:0] TypeCplLk = 5'b0_1011;
  localparam logic [4:0] TypeFetchAdd = 5'b0_1100;
  localparam logic [4:0] TypeSwap = 5'b0_1101;
  localparam logic [4:0] TypeCas = 5'b0_1110;
  localparam logic [4:0] TypeDmwr = 5'b1_1011;
  localparam logic [1:0] TypeMsg = 2'b10;  // bits 4:3; routing in 2:0

  // Address type of a memory request [2.2.4.1].
  localparam logic [1:0] AtUntranslated = 2'b00;
  localparam logic [1:0] AtRequest = 2'b01;
  localparam logic [1:0] AtTranslated = 2'b10;

  // Completion status [2.2.9].
  localparam logic [2:0] StatusSc = 3'b000;
  localparam logic [2:0] StatusUr = 3'b001;
  localparam logic [2:0] StatusCrs = 3'b010;
  localparam logic [2:0] StatusCa = 3'b100;

  // Message codes that are dropped without an error [2.2.8].
  localparam logic [7:0] MsgUnlock = 8'h00;
  localparam logic [7:0] MsgPmNak = 8'h14;
  localparam logic [7:0] MsgPmTurnOff = 8'h19;
  localparam logic [7:0] MsgSlotPower = 8'h50;
  localparam logic [7:0] MsgVendor1 = 8'h7f;

  // What a received packet is to the endpoint.
  typedef enum logic [2:0] {
    RxMemWrite,
    RxNonPosted,
    RxCompletion,
    RxMsgIgnored,
    RxInvalidate,
    RxMsgUnsupported
  } rx_class_e;

  // What is to be done for a non-posted request.
  typedef enum logic [1:0] {
    NpUnsupported,
    NpCfgRead,
    NpCfgWrite,
    NpMemRead
  } np_kind_e;

  // A function of the device: the physical one, or virtual function `vf`.
  typedef struct packed {
    logic       virt;
    logic [3:0] vf;
  } fn_t;
  // Routing ids: that of virtual function 0 is so far from the physical function's, the next
  // ones follow [9.3.3.9, 9.3.3.10].
  localparam logic [3:0] FirstVf = 4'd8;

  // Aperture of a virtual function: its first four pages (docs/device.md §16).
  localparam logic [1:0] VfPartTable = 2'd0;
  localparam logic [1:0] VfPartPba = 2'd1;
  localparam logic [1:0] VfPartSlots = 2'd2;
  localparam logic [1:0] VfPartRegs = 2'd3;
  localparam logic [31:0] VfPba = 32'h0000_1000;

  // An error of a virtual function: unsupported request, else poisoned.
  typedef struct packed {
    logic       valid;
    logic [3:0] vf;
    logic       advisory;     // it was answered
    logic       unsupported;
  } vf_err_t;

  // A packet's header as it came, for the error log.
  typedef struct packed {
    logic         prefix_valid;
    logic [31:0]  prefix;
    logic [127:0] hdr;
  } raw_t;

  // A received memory write without its data.
  typedef struct packed {
    logic [63:2] addr;
    logic [7:0]  words;      // 1 to 128
    logic [3:0]  first_be;
    logic [3:0]  last_be;
    logic [1:0]  at;
    logic        poisoned;
    raw_t        raw;
  } mwr_t;

  // A received non-posted request. For configuration, addr[31:16] is bus,
  // device and function, addr[11:2] the register.
  typedef struct packed {
    np_kind_e    kind;
    logic        mem_read;   // byte count and lower address follow the request
    logic [9:0]  tag;
    logic [2:0]  tc;
    logic [2:0]  attr;
    logic [15:0] rid;
    logic [63:2] addr;
    logic [10:0] words;      // 1 to 1024
    logic [3:0]  first_be;
    logic [3:0]  last_be;
    logic [1:0]  at;
    logic        poisoned;
    logic [31:0] data;       // first data word
    raw_t        raw;
  } np_t;

  // A received completion.
  typedef struct packed {
    logic         locked;
    logic         has_data;
    logic         poisoned;
    logic [2:0]   status;
    logic [11:0]  byte_count;
    logic [6:0]   lower_addr;
    logic [15:0]  rid;
    logic [9:0]   tag;
    logic [10:0]  words;
    logic [127:0] data;      // first four words
  } rx_cpl_t;

  // Everything that the header of a received packet tells.
  typedef struct packed {
    logic        malformed;  // by the header alone
    logic        non_posted; // took a non-posted credit
    rx_class_e   cls;
    logic        has_data;
    logic        digest;
    logic [10:0] words;      // Length, 1 to 1024
    mwr_t        mwr;
    np_t         np;
    rx_cpl_t     cpl;
  } rx_head_t;

  // Message codes and routing of what is sent [2.2.8.1, 2.2.8.3].
  localparam logic [7:0] MsgAssertInta = 8'h20;
  localparam logic [7:0] MsgDeassertInta = 8'h24;
  localparam logic [7:0] MsgErrCor = 8'h30;
  localparam logic [7:0] MsgErrNonfatal = 8'h31;
  localparam logic [7:0] MsgErrFatal = 8'h33;
  localparam logic [7:0] MsgInvRequest = 8'h01;
  localparam logic [7:0] MsgInvCompletion = 8'h02;
  // Codes of which only routing and traffic class are looked at [2.2.8.2, 2.2.8.4].
  localparam logic [7:0] MsgPme = 8'h18;
  localparam logic [7:0] MsgPmeAck = 8'h1b;
  localparam logic [2:0] RouteToRoot = 3'b000;
  localparam logic [2:0] RouteById = 3'b010;
  localparam logic [2:0] RouteBroadcast = 3'b011;
  localparam logic [2:0] RouteLocal = 3'b100;
  localparam logic [2:0] RouteGathered = 3'b101;

  // End-End TLP prefix with a PASID [2.2.10.4, 6.20]: type, then two bits that are never
  // requested, then the PASID.
  localparam logic [7:0] PrefixPasid = 8'h91;
  typedef struct packed {
    logic        valid;
    logic [19:0] pasid;
  } pasid_t;

  // A posted request to be sent: a memory write of one word, or with `quad` four, whose data
  // stands here; or with `bulk` one whose data stands in the queue of payloads; or a message
  // without data (`msg`), whose header words 2 and 3 stand in data[63:0].
  typedef struct packed {
    logic         msg;
    logic [2:0]   route;
    logic [7:0]   code;
    logic         bulk;
    logic [7:0]   words;      // of `bulk`, as are the next three
    logic [3:0]   first_be;
    logic [3:0]   last_be;
    logic [2:0]   attr;
    pasid_t       pasid;
    logic [63:2]  addr;
    logic         quad;
    logic [15:0]  rid;
    logic [127:0] data;
  } tx_post_t;

  // A memory write with its data in the queue of payloads, as it is asked for.
  typedef struct packed {
    logic [63:2]  addr;
    logic [7:0]   words;      // 1 to 128
    logic [3:0]   first_be;
    logic [3:0]   last_be;
    logic [2:0]   attr;
    pasid_t       pasid;
  } bulk_t;

  // A completion to be sent, without its data.
  typedef struct packed {
    logic        has_data;
    logic [2:0]  status;
    logic [2:0]  tc;
    logic [2:0]  attr;
    logic [9:0]  tag;
    logic [15:0] rid;
    logic [15:0] cid;
    logic [11:0] byte_count;
    logic [6:0]  lower_addr;
    logic [7:0]  words;      // 1 to 128 with data
  } tx_cpl_t;

  // A read to be sent.
  typedef struct packed {
    logic [63:2] addr;
    logic [7:0]  words;      // 1 to 128
    logic [3:0]  first_be;
    logic [3:0]  last_be;
    logic [2:0]  attr;
    pasid_t      pasid;
    logic [1:0]  at;
    logic [4:0]  tag;
    logic [15:0] rid;
  } tx_read_t;

  // Widths of the above for memories and queues: not every reader of the subset has
  // $bits of a type. Lint finds a wrong one.
  localparam int unsigned MwrW = 242;
  localparam int unsigned NpW = 312;
  localparam int unsigned TxPostW = 260;
  localparam int unsigned TxCplW = 79;
  localparam int unsigned TxReadW = 125;
endpackage
