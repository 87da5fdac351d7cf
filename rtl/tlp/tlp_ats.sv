// SPDX-License-Identifier: Apache-2.0 OR MIT
// Address translation of slot fetches (docs/device.md §17), between the interrupt core and
// tlp_mrd. With translation off a fetch goes straight through. Otherwise it waits here under
// its number: its page is looked up, or asked for, once for all fetches that wait for it;
// then its read goes out with the translated address.
//
// A strike (tlp_ats_inv) is the moment of an invalidation: the core discards every fetch that it
// has under way, the translations are forgotten, and whatever has not been sent is given
// back as a result that the core throws away. Answers to what has been sent are
// awaited and used for nothing but their error.
//
// While the store is off (closed_i) the core discards every fetch, too, and nothing of one may leave: software takes
// its memory back. What has not been sent is given back, as is what the core still shows.
module tlp_ats (
    input  logic         clk_i,
    input  logic         rst_ni,          // function reset included
    input  logic         enable_i,
    input  logic         freeze_i,        // the enable has changed, its strike is to come: send nothing
    input  logic         strike_i,        // pulse
    input  logic         closed_i,        // the store is off
    // the core
    input  logic         core_valid_i,
    output logic         core_ready_o,
    input  logic [ 63:0] core_addr_i,
    input  logic [  4:0] core_id_i,
    output logic         cres_valid_o,
    output logic         cres_empty_o,    // a fetch is given back; the core must have discarded it
    output logic [  4:0] cres_id_o,
    output logic [  3:0] cres_status_o,
    output logic [127:0] cres_data_o,
    // reads
    output logic         fetch_valid_o,
    input  logic         fetch_ready_i,
    output logic [ 63:0] fetch_addr_o,
    output logic [  4:0] fetch_id_o,
    output logic [  1:0] fetch_at_o,
    input  logic         fres_valid_i,
    input  logic [  4:0] fres_id_i,
    input  logic [  3:0] fres_status_i,
    input  logic [127:0] fres_data_i,
    // a read that has not been sent was dropped
    input  logic         dropped_i,
    input  logic [  4:0] dropped_id_i
);
  localparam int unsigned Fetches = 16;  // numbers
  localparam logic [3:0] ErrUr = 4'd3;
  localparam logic [3:0] ErrCa = 4'd4;
  localparam logic [3:0] ErrRefused = 4'd13;  // code of irq_err: no translation

  typedef enum logic [2:0] {
    Free,   // not under way
    Need,   // to be looked up
    Plain,  // to be read without translation
    Asked,  // the answer to its translation request
    Sent,   // the answer to its read
    Back    // to be given back without result
  } state_e;
  state_e         st_q [Fetches], st_d[Fetches];
  logic [Fetches-1:0] stale_q, stale_d;  // Asked: the answer comes from before a strike
  logic [63:4]    addr_q [Fetches];

  // ---- what is next to be sent ---------------------------------------------------------
  logic               out_valid_q;
  logic        [63:0] out_addr_q;
  logic        [ 3:0] out_id_q;
  logic        [ 1:0] out_at_q;
  logic [Fetches-1:0] todo, pick;
  logic               look;      // the pick of this clock is dealt with
  logic               halt;      // nothing is sent, what waits is given back
  assign halt = strike_i || closed_i;
  always_comb begin
    for (int unsigned i = 0; i < Fetches; i++) todo[i] = st_q[i] == Need || st_q[i] == Plain;
  end
  assign look = !halt && !freeze_i && (!out_valid_q || fetch_ready_i);
  prim_arb_rr #(
      .N(Fetches)
  ) u_turn (
      .clk_i,
      .rst_ni,
      .req_i(todo),
      .gnt_o(pick),
      .ack_i(look)
  );

  logic [63:4]  addr;
  logic [ 3:0]  id;
  logic         plain, hit, asked, load;  // asked: another fetch has asked for the page
  logic [63:12] trans;
  logic [ 1:0]  at;
  always_comb begin
    addr  = '0;
    id    = '0;
    plain = 1'b0;
    for (int unsigned i = 0; i < Fetches; i++) begin
      if (pick[i]) begin
        addr  = addr | addr_q[i];
        id    = id | 4'(i);
        plain = st_q[i] == Plain;
      end
    end
  end
  always_comb begin
    asked = 1'b0;
    for (int unsigned i = 0; i < Fetches; i++) begin
      if (st_q[i] == Asked && !stale_q[i] && addr_q[i][63:12] == addr[63:12]) asked = 1'b1;
    end
  end
  always_comb begin
    if (plain) at = tlp_pkg::AtUntranslated;
    else if (hit) at = tlp_pkg::AtTranslated;
    else at = tlp_pkg::AtRequest;
  end
  assign load = look && pick != '0 && (plain || hit || !asked);

  // Without translation the core's own request is shown.
  logic direct, accept;
  assign direct        = !enable_i && !freeze_i && !out_valid_q;
  // What the core shows in the clock of a strike, or with its store off, is taken and given back.
  assign core_ready_o  = halt || (direct ? fetch_ready_i : enable_i || freeze_i);
  assign accept        = core_valid_i && core_ready_o;
  assign fetch_valid_o = !halt && !freeze_i && (direct ? core_valid_i : out_valid_q);
  assign fetch_addr_o  = direct ? core_addr_i : out_addr_q;
  assign fetch_id_o    = direct ? core_id_i : {1'b0, out_id_q};
  assign fetch_at_o    = direct ? tlp_pkg::AtUntranslated : out_at_q;

  // ---- answers ---------------------------------------------------------------------------
  // A translation, most significant byte first: address, S in bit 11, U, W, R in 2 to 0.
  logic [63:0] answer;
  logic        of_ask, good, gives, fill;
  logic [ 3:0] rid, ask_status;
  always_comb begin
    for (int unsigned b = 0; b < 8; b++) answer[8*b+:8] = fres_data_i[8*(7-b)+:8];
  end
  assign rid    = fres_id_i[3:0];
  assign of_ask = st_q[rid] == Asked;
  always_comb begin
    if (fres_status_i == ErrUr || fres_status_i == ErrCa) ask_status = ErrRefused;
    else if (fres_status_i == '0 && !answer[0]) ask_status = ErrRefused;
    else ask_status = fres_status_i;
  end
  assign good  = fres_valid_i && of_ask && ask_status == '0;
  assign gives = fres_valid_i && !good;  // a result for the core
  assign fill  = good && !answer[2] && !stale_q[rid];

  tlp_ats_cache u_cache (
      .clk_i,
      .rst_ni,
      .clear_i     (strike_i),
      .page_i      (addr[63:12]),
      .hit_o       (hit),
      .trans_o     (trans),
      .fill_i      (fill),
      .fill_page_i (addr_q[rid][63:12]),
      .fill_trans_i(answer[63:12]),
      .fill_large_i(answer[11])
  );

  logic [Fetches-1:0] back, back_pick;
  logic         [3:0] back_id;
  always_comb begin
    for (int unsigned i = 0; i < Fetches; i++) back[i] = st_q[i] == Back;
    back_pick = back & (~back + 1'b1);
    back_id   = '0;
    for (int unsigned i = 0; i < Fetches; i++) begin
      if (back_pick[i]) back_id = back_id | 4'(i);
    end
  end
  assign cres_valid_o = gives || back != '0;
  assign cres_empty_o = cres_valid_o && !gives;
  always_comb begin
    cres_id_o     = {1'b0, back_id};
    cres_status_o = '0;
    cres_data_o   = '0;
    if (gives) begin
      cres_id_o     = fres_id_i;
      cres_status_o = of_ask ? ask_status : fres_status_i;
      cres_data_o   = fres_data_i;
    end
  end

  // ---- what becomes of each fetch -----------------------------------------------------------
  always_comb begin
    for (int unsigned i = 0; i < Fetches; i++) begin
      st_d[i]    = st_q[i];
      stale_d[i] = stale_q[i];
      if (accept && core_id_i[3:0] == 4'(i)) begin
        if (halt) st_d[i] = Back;
        else st_d[i] = direct ? Sent : Need;
        stale_d[i] = 1'b0;
      end
      if (load && pick[i]) st_d[i] = (at == tlp_pkg::AtRequest) ? Asked : Sent;
      if (fres_valid_i && rid == 4'(i)) begin
        if (!good) st_d[i] = Free;
        else if (stale_q[i] || halt) st_d[i] = Back;
        else st_d[i] = answer[2] ? Plain : Need;
      end
      if (back_pick[i] && !gives) st_d[i] = Free;
      if (dropped_i && dropped_id_i[3:0] == 4'(i)) st_d[i] = Back;
      if (halt) begin
        stale_d[i] = st_d[i] == Asked;
        if (todo[i] || (out_valid_q && out_id_q == 4'(i))) st_d[i] = Back;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      out_valid_q <= 1'b0;
      stale_q     <= '0;
      for (int unsigned i = 0; i < Fetches; i++) st_q[i] <= Free;
    end else begin
      stale_q <= stale_d;
      for (int unsigned i = 0; i < Fetches; i++) st_q[i] <= st_d[i];
      if (halt) out_valid_q <= 1'b0;
      else if (load) out_valid_q <= 1'b1;
      else if (fetch_ready_i && !freeze_i) out_valid_q <= 1'b0;
    end
  end
  always_ff @(posedge clk_i) begin
    if (accept) addr_q[core_id_i[3:0]] <= core_addr_i[63:4];
    if (load) begin
      out_id_q <= id;
      out_at_q <= at;
      unique case (at)
        tlp_pkg::AtTranslated: out_addr_q <= {trans, addr[11:4], 4'd0};
        tlp_pkg::AtRequest:    out_addr_q <= {addr[63:12], 12'd0};
        default:               out_addr_q <= {addr, 4'd0};
      endcase
    end
  end

  logic unused_bits;
  assign unused_bits = ^{core_addr_i[3:0], dropped_id_i[4], answer[10:3], answer[1]};
endmodule
