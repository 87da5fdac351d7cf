// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// Virtual functions and address translation of ims_endpoint at its pins (docs/device.md §16, §17): a small link
// partner that sends one-beat requests, answers reads from a slot memory behind a page map, and keeps what comes. Each
// step has the answer it must give.
module tb_functions;
  localparam int unsigned DataW = 256;
  localparam int unsigned NumMsix = 40;
  localparam int unsigned NumDevSlots = 70;
  localparam int unsigned NumVfs = 4;

  logic clk = 1'b0;
  always #2 clk = ~clk;

  logic             rst_n, rx_valid, rx_ready, tx_valid, tx_ready, tx_sop, tx_eop;
  logic [127:0]     rx_hdr, tx_hdr;
  logic [DataW-1:0] rx_data, tx_data;
  logic [7:0]       rx_keep, tx_keep, rx_nph_limit, ph_limit;
  logic [5:0]       infinite;
  logic             cause_valid, cause_ready;
  logic [1:0]       cause_store, obs_store;
  logic [19:0]      cause_index, obs_index;
  logic             obs_valid, obs_withdraw, obs_msi_valid, obs_intx, tx_prefix_valid;
  logic [4:0]       obs_msi_vector;
  logic [31:0]      tx_prefix;

  ims_endpoint #(
    .DataW(DataW), .NumMsix(NumMsix), .NumDevSlots(NumDevSlots), .NumHostSlots(4096), .HostCacheLines(4),
    .MaxFetches(4), .NumVfs(NumVfs)
  ) u_dut (
    .clk_i(clk), .rst_ni(rst_n), .hot_rst_i(1'b0),
    .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_sop_i(1'b1), .rx_eop_i(1'b1), .rx_hdr_i(rx_hdr),
    .rx_prefix_valid_i(1'b0), .rx_prefix_i(32'd0), .rx_data_i(rx_data), .rx_keep_i(rx_keep),
    .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_sop_o(tx_sop), .tx_eop_o(tx_eop), .tx_hdr_o(tx_hdr),
    .tx_prefix_valid_o(tx_prefix_valid), .tx_prefix_o(tx_prefix), .tx_data_o(tx_data), .tx_keep_o(tx_keep),
    .fc_ph_limit_i(ph_limit), .fc_pd_limit_i(12'd0), .fc_nph_limit_i(8'd0), .fc_npd_limit_i(12'd0),
    .fc_cplh_limit_i(8'd0), .fc_cpld_limit_i(12'd0), .fc_infinite_i(infinite), .rx_nph_limit_o(rx_nph_limit),
    .cause_valid_i(cause_valid), .cause_ready_o(cause_ready), .cause_withdraw_i(1'b0), .cause_store_i(cause_store),
    .cause_index_i(cause_index), .obs_cause_valid_o(obs_valid), .obs_cause_withdraw_o(obs_withdraw),
    .obs_cause_store_o(obs_store), .obs_cause_index_o(obs_index), .obs_msi_valid_o(obs_msi_valid),
    .obs_msi_vector_o(obs_msi_vector), .obs_intx_o(obs_intx)
  );

  int checks = 0, failures = 0;
  task automatic eq(input string what, input logic [63:0] got, input logic [63:0] want);
    checks++;
    if (got !== want) begin
      failures++;
      if (failures < 30) $display("FAIL at %0t: %s is %h, must be %h", $time, what, got, want);
    end
  endtask

  // ---- the partner -------------------------------------------------------------------------------------------------
  logic [127:0] sq_hdr[$];
  logic [255:0] sq_data[$];
  int           sq_words[$];
  initial begin
    rx_valid = 1'b0; rx_hdr = '0; rx_data = '0; rx_keep = '0;
    forever begin
      @(negedge clk);
      if (sq_hdr.size() != 0 && rst_n) begin
        rx_valid = 1'b1; rx_hdr = sq_hdr.pop_front(); rx_data = sq_data.pop_front();
        rx_keep = 8'((1 << sq_words.pop_front()) - 1);
        #1;
        while (!rx_ready) begin @(negedge clk); #1; end
        @(negedge clk);
        rx_valid = 1'b0;
      end
    end
  end
  task automatic send(input logic [127:0] h, input logic [255:0] d, input int words);
    sq_hdr.push_back(h); sq_data.push_back(d); sq_words.push_back(words);
  endtask

  // What comes: completions, one-word writes, message requests, reads.
  logic [127:0] cpl[$], wr[$], msg[$], rd[$];
  logic [31:0]  cpl_word[$], wr_word[$];
  int           reads = 0, asks = 0, plain = 0, translated = 0;
  bit           answering = 1'b1;
  logic [63:0]  map[logic [51:0]];   // page to the eight bytes of its translation
  logic [127:0] slot[logic [59:0]];  // by address / 16
  always @(posedge clk) begin
    if (rst_n && tx_valid && tx_ready && tx_sop) begin
      if (tx_hdr[124:120] == 5'b01010) begin
        cpl.push_back(tx_hdr); cpl_word.push_back(tx_data[31:0]);
      end else if (tx_hdr[124:123] == 2'b10) msg.push_back(tx_hdr);
      else if (tx_hdr[126]) begin
        wr.push_back(tx_hdr); wr_word.push_back(tx_data[31:0]);
      end else begin
        reads++;
        case (tx_hdr[107:106])
          2'b00: plain++;
          2'b01: asks++;
          default: translated++;
        endcase
        rd.push_back(tx_hdr);
        if (answering) answer();
      end
    end
  end
  function automatic logic [63:0] read_addr(input logic [127:0] h);
    read_addr = h[125] ? h[63:0] : {32'd0, h[63:32]};
  endfunction
  // Completes the oldest read: with data, or without and with `status`.
  task automatic answer(input logic [2:0] status = 3'd0);
    automatic logic [127:0] h = rd.pop_front();
    automatic logic [63:0] a = read_addr(h), t, w;
    automatic int bytes = 4 * int'(h[105:96]);
    automatic logic [255:0] d = '0;
    if (h[107:106] == 2'b01) begin
      eq("translation request: length", 64'(h[105:96]), 64'd2);
      eq("translation request: BEs", 64'(h[71:64]), 64'hff);
      eq("translation request: low bits", 64'(a[11:0]), 64'h1);
      t = map.exists(a[63:12]) ? map[a[63:12]] : 64'd0;
      for (int b = 0; b < 8; b++) w[8*b+:8] = t[8*(7-b)+:8];
      d[63:0] = w;
    end else begin
      eq("slot read: length", 64'(h[105:96]), 64'd4);
      d[127:0] = slot.exists(a[63:4]) ? slot[a[63:4]] : {4{32'hbad0_bad0}};
    end
    send({(status == '0) ? 8'h4a : 8'h0a, 14'd0, (status == '0) ? h[105:96] : 10'd0,
          16'h0000, status, 1'b0, 12'(bytes), h[95:80], h[79:72], 1'b0, a[6:2], 2'b00, 32'd0}, d,
         (status == '0) ? bytes / 4 : 0);
  endtask

  task automatic idle(input int n);
    repeat (n) @(negedge clk);
  endtask
  task automatic settle();
    while (sq_hdr.size() != 0 || rx_valid) @(negedge clk);
    idle(100);
  endtask

  // ---- requests ----------------------------------------------------------------------------------------------------
  logic [15:0] id = 16'h0508;
  logic [2:0]  st;
  logic [31:0] val;
  logic [15:0] cid;
  task automatic get_cpl(input string what);
    automatic int t = 0;
    while (cpl.size() == 0 && t < 30000) begin @(negedge clk); t++; end
    eq({what, ": answered"}, 64'(cpl.size() != 0), 64'd1);
    if (cpl.size() != 0) begin
      automatic logic [127:0] h = cpl.pop_front();
      st = h[79:77]; cid = h[95:80]; val = cpl_word.pop_front();
    end
  endtask
  task automatic cfg(input bit write, input logic [15:0] to, input logic [11:0] reg_addr, input logic [31:0] d,
                     input logic [3:0] be = 4'hf, input bit ep = 1'b0);
    send({write ? 8'h44 : 8'h04, 9'd0, ep, 14'd1, 16'h0008, 8'h07, 4'h0, be, to, 4'h0, reg_addr, 32'd0}, 256'(d),
         write ? 1 : 0);
    get_cpl("configuration request");
  endtask
  task automatic cw(input logic [15:0] to, input logic [11:0] a, input logic [31:0] d, input logic [3:0] be = 4'hf);
    cfg(1'b1, to, a, d, be);
    eq("configuration write: status", 64'(st), 64'd0);
    eq("configuration write: completer", 64'(cid), 64'(to));
  endtask
  task automatic cr(input string what, input logic [15:0] to, input logic [11:0] a, input logic [31:0] want);
    cfg(1'b0, to, a, '0);
    eq({what, ": status"}, 64'(st), 64'd0);
    eq({what, ": completer"}, 64'(cid), 64'(to));
    eq(what, 64'(val), 64'(want));
  endtask
  task automatic mw(input logic [63:0] a, input logic [31:0] d, input logic [1:0] at = 2'b00, input bit ep = 1'b0);
    automatic bit high = a[63:32] != '0;
    send({1'b0, 1'b1, high, 5'd0, 9'd0, ep, 2'b00, at, 10'd1, 16'h0008, 8'h00, 8'h0f,
          high ? a : {a[31:0], 32'd0}}, 256'(d), 1);
  endtask
  task automatic mr(input string what, input logic [63:0] a, input logic [31:0] want, input logic [15:0] from,
                    input logic [1:0] at = 2'b00, input logic [2:0] status = 3'd0);
    automatic bit high = a[63:32] != '0;
    send({1'b0, 1'b0, high, 5'd0, 12'd0, at, 10'd1, 16'h0008, 8'h09, 8'h0f, high ? a : {a[31:0], 32'd0}}, '0, 0);
    get_cpl(what);
    eq({what, ": status"}, 64'(st), 64'(status));
    eq({what, ": completer"}, 64'(cid), 64'(from));
    if (status == '0) eq(what, 64'(val), 64'(want));
  endtask
  task automatic cause(input logic [1:0] store, input logic [19:0] index);
    @(negedge clk);
    cause_valid = 1'b1; cause_store = store; cause_index = index;
    #1;
    while (!cause_ready) begin @(negedge clk); #1; end
    @(negedge clk);
    cause_valid = 1'b0;
  endtask
  task automatic msg_is(input string what, input logic [15:0] from, input logic [31:0] a, input logic [31:0] d);
    automatic int t = 0;
    while (wr.size() == 0 && t < 5000) begin @(negedge clk); t++; end
    eq({what, ": message comes"}, 64'(wr.size() != 0), 64'd1);
    if (wr.size() != 0) begin
      automatic logic [127:0] h = wr.pop_front();
      eq({what, ": header"}, h[127:64], {32'h4000_0001, from, 16'h000f});
      eq({what, ": address"}, 64'(h[63:32]), 64'(a));
      eq({what, ": data"}, 64'(wr_word.pop_front()), 64'(d));
    end
  endtask
  task automatic quiet(input string what);
    settle();
    eq({what, ": no write"}, 64'(wr.size()), 64'd0);
    eq({what, ": no message"}, 64'(msg.size()), 64'd0);
  endtask
  task automatic err_is(input string what, input logic [31:0] want);  // irq_err, then freed
    mr(what, Regs + 64'h1040, want, id);
    mw(Regs + 64'h1040, 32'h1);
  endtask
  task automatic message_is(input string what, input logic [127:0] want);
    automatic int t = 0;
    while (msg.size() == 0 && t < 30000) begin @(negedge clk); t++; end
    eq({what, ": comes"}, 64'(msg.size() != 0), 64'd1);
    if (msg.size() != 0) begin
      automatic logic [127:0] h = msg.pop_front();
      eq({what, ": words 0, 1"}, h[127:64], want[127:64]);
      eq({what, ": words 2, 3"}, h[63:0], want[63:0]);
    end
  endtask

  localparam logic [63:0] Regs = 64'h0000_0000_f000_0000;
  localparam logic [63:0] Msix = 64'h0000_0012_3456_0000;
  localparam logic [63:0] Vfs = 64'h0000_0044_0001_0000;  // aligned to one aperture only
  localparam logic [63:0] Slots = 64'h0000_0000_0077_0000;
  function automatic logic [15:0] vf(input int n);
    vf = id + 16'd8 + 16'(n);
  endfunction
  function automatic logic [63:0] ap(input int n, input int off);
    ap = Vfs + 64'h4000 * 64'(n) + 64'(off);
  endfunction

  // ---- virtual functions -------------------------------------------------------------------------------------------
  task automatic entry(input logic [63:0] a, input logic [31:0] to, input logic [31:0] d);
    mw(a, to); mw(a + 64'd4, 32'd0); mw(a + 64'd8, d); mw(a + 64'd12, 32'd0);
  endtask
  task automatic functions();
    cfg(1'b0, vf(0), 12'h0, '0);
    eq("a function that is not there is the physical one", 64'({st, cid}), 64'({3'd0, id}));
    cr("ATS leads to ARI", id, 12'h1a0, 32'h1b01_000f);
    cr("ARI leads to SR-IOV", id, 12'h1b0, 32'h1c01_000e);
    cr("totals", id, 12'h1cc, {16'(NumVfs), 16'(NumVfs)});
    cw(id, 12'h1e4, 32'hffff_ffff); cw(id, 12'h1e0, 32'h0000_0010);
    cr("64 KiB pages", id, 12'h1e4, 32'hffff_000c);
    cw(id, 12'h1e0, 32'h0000_0001);
    cr("16 KiB apertures", id, 12'h1e4, 32'hffff_c00c);
    cw(id, 12'h1e4, Vfs[31:0]); cw(id, 12'h1e8, Vfs[63:32]);
    cw(id, 12'h1d0, 32'd9);
    cw(id, 12'h1c8, 32'h9);
    cw(id, 12'h1d0, 32'd2);
    cr("NumVFs is kept and fixed", id, 12'h1d0, 32'd9);
    cr("identity of function 3", vf(3), 12'h0, 32'hffff_ffff);
    cfg(1'b0, vf(4), 12'h0, '0);
    eq("function 4: UR", 64'(st), 64'd1);
    mr("its registers", ap(3, 'h3004), 32'd3, vf(3));
    mr("and in BAR0", Regs + 64'hf020, 32'h3156_4d49, id);
    mr("a hole", ap(2, 'h3010), 32'd0, vf(2));
    mr("no fifth aperture", ap(4, 0), 32'd0, id, 2'b00, 3'd1);

    // Messages with ids of their own; each function opened by its own enables.
    for (int n = 0; n < 4; n++) begin
      entry(ap(n, 16 * 5), 32'hfee0_1000 + 32'(n), 32'h100 + 32'(n));
      entry(ap(n, 'h2000 + 16 * 63), 32'hfee0_2000 + 32'(n << 4), 32'h200 + 32'(n));
      cause(2'd0, 20'(2048 + 64 * n + 5));
      cause(2'd1, 20'(8192 + 64 * n + 63));
    end
    quiet("closed");
    mr("pending bits", ap(2, 'h1000), 32'h20, vf(2));
    mr("are no pending bits of the physical function", Msix + 64'h8000 + 64'(8 * 34), 32'h0, id);
    cw(vf(2), 12'h04, 32'h4);
    msg_is("slot of function 2", vf(2), 32'hfee0_2020, 32'h202);
    quiet("MSI-X is off");
    cw(vf(2), 12'hb0, 32'h8000_0000);
    msg_is("vector of function 2", vf(2), 32'hfee0_1000, 32'h102);
    quiet("the others");
    mw(ap(2, 'h3008), 32'h5);
    msg_is("doorbell", vf(2), 32'hfee0_1000, 32'h102);
    mw(Regs + 64'hf028, 32'h13f);
    msg_is("doorbell in BAR0", vf(2), 32'hfee0_2020, 32'h202);

    // Errors.
    cw(id, 12'h58, 32'h0000_281f);  // report all
    mw(ap(1, 'h10), 32'd0, 2'b00, 1'b1);
    message_is("poisoned write", {32'h3000_0000, vf(1), 16'h0031, 64'd0});
    cr("DevSta", vf(1), 12'h58, 32'h0002_0000);
    cr("Status", vf(1), 12'h04, 32'h8010_0000);
    mr("AT 01", ap(3, 0), 32'd0, vf(3), 2'b01, 3'd1);
    message_is("AT 01", {32'h3000_0000, vf(3), 16'h0030, 64'd0});
    cr("DevSta of 3", vf(3), 12'h58, 32'h0009_0000);
    cr("AER is untouched", id, 12'h144, 32'h0);
    cfg(1'b1, vf(1), 12'h04, 32'h4, 4'hf, 1'b1);
    eq("poisoned configuration write: UR", 64'({st, cid}), 64'({3'd1, vf(1)}));
    message_is("poisoned configuration write", {32'h3000_0000, vf(1), 16'h0030, 64'd0});
    cw(id, 12'h58, 32'h0000_2810);

    // Function level reset of 2, while something is pending; its neighbour keeps all.
    mw(ap(2, 16 * 5 + 12), 32'd1);
    settle();
    cause(2'd0, 20'd2181);  // of function 2
    cw(vf(2), 12'h58, 32'h0000_8000);
    cr("reset: MSI-X", vf(2), 12'hb0, 32'h003f_0011);
    cr("reset: Command", vf(2), 12'h04, 32'h0010_0000);
    mr("reset: masked", ap(2, 16 * 5 + 12), 32'd1, vf(2));
    mr("reset: entry", ap(2, 16 * 5), 32'd0, vf(2));
    mr("reset: pending", ap(2, 'h1000), 32'd0, vf(2));
    mr("neighbour: entry", ap(1, 16 * 5 + 8), 32'h101, vf(1));
    mr("neighbour: pending", ap(1, 'h1000), 32'h20, vf(1));
    cw(id, 12'h1c8, 32'h0);
    cause(2'd0, 20'd2048);
    err_is("absent", {20'd2048, 2'b00, 2'd0, 4'd12, 4'b0001});
    mr("no apertures", ap(1, 0), 32'd0, id, 2'b00, 3'd1);
    cw(id, 12'h1c8, 32'h9);
    mr("forgotten", ap(1, 'h1000), 32'd0, vf(1));
    mr("forgotten entry", ap(3, 'h2000 + 16 * 63 + 8), 32'd0, vf(3));
    quiet("nothing follows");
  endtask

  // ---- address translation -----------------------------------------------------------------------------------------
  task automatic host_slot(input logic [63:0] a, input logic [31:0] d);
    slot[a[63:4]] = {32'd0, d, 32'd0, 32'hfee0_3000};
  endtask
  task automatic invalidate(input logic [4:0] itag, input int words = 2);
    send({8'b0111_0010, 14'd0, 10'(words), 16'h0018, 3'd0, itag, 8'h01, id, 16'd0, 32'd0}, 256'hff0f_0000, words);
  endtask
  task automatic completion_is(input logic [4:0] itag);
    message_is("Invalidate Completion", {32'h3200_0000, id, 16'h0002, 32'h0018_0001, 32'd1 << itag});
  endtask
  // So many messages, in any order, whose data has this sum.
  task automatic msgs_are(input string what, input int n, input logic [31:0] sum);
    automatic int t = 0;
    automatic logic [31:0] is = '0;
    while (wr.size() < n && t < 5000) begin @(negedge clk); t++; end
    eq({what, ": messages"}, 64'(wr.size()), 64'(n));
    while (wr.size() != 0) begin
      void'(wr.pop_front());
      is += wr_word.pop_front();
    end
    eq({what, ": their data"}, 64'(is), 64'(sum));
  endtask
  task automatic translation();
    automatic int a, p, t;
    for (int k = 0; k < 1024; k++) begin
      host_slot(Slots + 64'(16 * k), 32'h3000 + 32'(k));
      host_slot(64'h0000_0900_0000_0000 + 64'(16 * k), 32'h9000 + 32'(k));
    end
    for (int k = 0; k < 4; k++) map[Slots[63:12] + 52'(k)] = 64'h0000_0900_0000_0001 + 64'(4096 * k);
    mw(Regs + 64'h1020, Slots[31:0]);  // hs_base
    mw(Regs + 64'h1028, 32'd4096);
    mw(Regs + 64'h102c, 32'd1);
    settle();
    cw(id, 12'h04, 32'h6);
    cause(2'd2, 20'd1);
    msg_is("untranslated", id, 32'hfee0_3000, 32'h3001);
    cr("ATS control", id, 12'h1a4, 32'h0000_0024);
    cw(id, 12'h1a4, 32'h8003_0024);
    cr("enabled", id, 12'h1a4, 32'h8003_0024);
    quiet("enabling");

    a = asks; p = plain; t = translated;
    cause(2'd2, 20'd1);
    msg_is("translated", id, 32'hfee0_3000, 32'h9001);
    cause(2'd2, 20'd2);
    msg_is("held translation", id, 32'hfee0_3000, 32'h9002);
    eq("one request, two reads", 64'({8'(asks - a), 8'(translated - t), 8'(plain - p)}), 64'h01_0200);
    // Several slots of one page and of another at once: a request a page.
    answering = 1'b0;
    a = asks; t = translated;
    for (int k = 0; k < 3; k++) cause(2'd2, 20'd259 + 20'(k));
    settle();
    eq("a request for the page", 64'(asks - a), 64'd1);
    eq("nothing is read before", 64'(translated - t), 64'd0);
    answering = 1'b1;
    while (rd.size() != 0) answer();
    msgs_are("of one page", 3, 32'h9103 + 32'h9104 + 32'h9105);
    eq("still one", 64'(asks - a), 64'd1);

    // A large translation covers its neighbours.
    map[Slots[63:12]] = 64'h0000_0900_0000_1801;  // S, bit 12 set, bit 13 clear: 16 KiB
    invalidate(5'd3);
    completion_is(5'd3);
    a = asks;
    cause(2'd2, 20'd5);
    msg_is("large: first page", id, 32'hfee0_3000, 32'h9005);
    cause(2'd2, 20'd515);
    msg_is("large: third page", id, 32'hfee0_3000, 32'h9203);
    eq("large: one request", 64'(asks - a), 64'd1);
    map[Slots[63:12]] = 64'h0000_0900_0000_0001;

    // Untranslated access only; none; refused.
    invalidate(5'd31);
    completion_is(5'd31);
    map[Slots[63:12]] = 64'h0000_0900_0000_0005;
    p = plain;
    cause(2'd2, 20'd6);
    msg_is("untranslated only", id, 32'hfee0_3000, 32'h3006);
    eq("one plain read", 64'(plain - p), 64'd1);
    map[Slots[63:12]] = 64'd0;
    cause(2'd2, 20'd7);
    settle();
    err_is("refused", {20'd7, 2'b00, 2'd2, 4'd13, 4'b0001});
    answering = 1'b0;
    cause(2'd2, 20'd8);
    settle();
    answer(3'd1);
    settle();
    err_is("unsupported request", {20'd8, 2'b00, 2'd2, 4'd13, 4'b0001});
    quiet("refused");

    // A read that was sent is awaited, what was not sent never is.
    answering = 1'b1;
    map[Slots[63:12]] = 64'h0000_0900_0000_0001;
    invalidate(5'd0);
    completion_is(5'd0);
    msgs_are("un-parked", 2, 32'h9007 + 32'h9008);
    answering = 1'b0;
    cause(2'd2, 20'd20);
    settle();
    eq("its read stands", 64'(rd.size()), 64'd1);
    invalidate(5'd9);
    idle(6000);
    eq("no completion before the answer", 64'(msg.size()), 64'd0);
    answer();
    completion_is(5'd9);
    settle();
    eq("asked for once more", 64'(rd.size()), 64'd1);
    answering = 1'b1;
    answer();
    msg_is("after the invalidation", id, 32'hfee0_3000, 32'h9014);

    // Four wait; a fifth is dropped. Header credits hold the completions up.
    answering = 1'b0;
    cause(2'd2, 20'd300);
    settle();
    for (int k = 0; k < 5; k++) invalidate(5'd10 + 5'(k));
    settle();
    err_is("fifth", {20'd14, 2'b00, 2'd3, 4'd14, 4'b0001});
    answering = 1'b1;
    while (rd.size() != 0) answer();
    for (int k = 0; k < 4; k++) completion_is(5'd10 + 5'(k));
    msg_is("kept through all", id, 32'hfee0_3000, 32'h912c);

    // Malformed, and to another id: errors of the physical function.
    cw(id, 12'h144, 32'hffff_ffff);
    invalidate(5'd1, 1);
    settle();
    cr("malformed", id, 12'h144, 32'h0004_0000);
    cw(id, 12'h144, 32'hffff_ffff);
    id = vf(0);
    invalidate(5'd1);
    id = 16'h0508;
    settle();
    cr("not for the physical function", id, 12'h144, 32'h0010_0000);

    // Off again: everything is fetched anew, without translation; in D3hot an invalidation is answered.
    cw(id, 12'h1a4, 32'h0000_0000);
    p = plain; t = translated;
    cause(2'd2, 20'd300);
    msg_is("off", id, 32'hfee0_3000, 32'h312c);
    eq("plain alone", 64'({8'(plain - p), 8'(translated - t)}), 64'h0100);
    invalidate(5'd4);
    completion_is(5'd4);
    cw(id, 12'h1a4, 32'h8000_0000);
    cw(id, 12'h04, 32'h2);  // no bus master
    cause(2'd2, 20'd301);
    invalidate(5'd5);
    completion_is(5'd5);
    cw(id, 12'h44, 32'h3);
    invalidate(5'd6);
    completion_is(5'd6);
    quiet("end");
  endtask

  initial begin
    rst_n = 1'b0; cause_valid = 1'b0; cause_store = '0; cause_index = '0; ph_limit = '0; infinite = '1; tx_ready = 1'b1;
    idle(5);
    rst_n = 1'b1;
    cw(id, 12'h10, Regs[31:0]);
    cw(id, 12'h18, Msix[31:0]); cw(id, 12'h1c, Msix[63:32]);
    cw(id, 12'h04, 32'h2);
    functions();
    translation();
    $display("tb_functions: %0d checks, %0d reads, %0d translation requests", checks, reads, asks);
    if (failures == 0 && checks != 0) $display("PASS");
    else $display("FAIL: %0d of %0d checks", failures, checks);
    if (failures != 0 || checks == 0) $fatal(1);
    $finish;
  end
  initial begin
    #20_000_000;
    $display("FAIL: not over in time");
    $fatal(1);
  end
endmodule
