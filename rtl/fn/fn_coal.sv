// SPDX-License-Identifier: Apache-2.0 OR MIT
// Coalescers, one a vector (docs/device.md §7a): count events and fire when there are enough
// or when the first of them is old enough. An event is judged as it comes; a scanner
// looks at each vector every 65 clocks, for deadlines, for new settings and for vectors
// that are no longer in use.
//
// Time is 25 bits wide. A first event that is older than any deadline can be is
// marked as old, long before the clock comes round.
module fn_coal #(
    parameter int unsigned Vectors = 65
) (
    input  logic                       clk_i,
    input  logic                       rst_ni,       // function reset included
    // settings: ev_coal
    input  ep_pkg::fn_write_t          write_i,
    input  logic                [15:3] raddr_i,
    output logic                [63:0] rdata_o,      // 0 outside the window
    input  logic                [ 6:0] vectors_i,    // in use, 1 to 65
    // events
    input  logic                       ev_valid_i,
    input  logic                [ 6:0] ev_vector_i,  // below vectors_i
    input  logic                       fire_zero_i,  // vector 0 is to fire in any case
    // firings; pulses
    output logic         [Vectors-1:0] fire_o
);
  localparam int unsigned Pairs = (Vectors + 1) / 2;
  localparam logic [15:0] Window = ep_reg_pkg::WIN_EV_COAL_OFFSET;

  // ---- settings: quad word k has vectors 2k and 2k+1 -----------------------------------
  // {usec, frames} in two memories, which need no reset: what was never written is 0.
  logic [23:0] even_mem[Pairs];
  logic [23:0] odd_mem [Pairs];
  logic [Pairs-1:0] even_set_q, odd_set_q;

  logic        whit, rhit, weven, wodd;
  logic [12:0] wpair, rpair;
  logic [ 5:0] wp, rp;
  assign wpair = write_i.addr - Window[15:3];
  assign rpair = raddr_i - Window[15:3];
  assign whit  = write_i.valid && wpair < 13'(Pairs);
  assign rhit  = rpair < 13'(Pairs);
  assign wp    = whit ? wpair[5:0] : '0;
  assign rp    = rhit ? rpair[5:0] : '0;
  // There is no vector behind the last one.
  assign weven = whit && write_i.be[3:0] != '0;
  assign wodd  = whit && write_i.be[7:4] != '0 && {wp, 1'b1} < 7'(Vectors);

  logic [23:0] even_d, odd_d;
  always_comb begin
    even_d = even_set_q[wp] ? even_mem[wp] : '0;
    odd_d  = odd_set_q[wp] ? odd_mem[wp] : '0;
    if (write_i.be[0]) even_d[7:0] = write_i.data[7:0];
    if (write_i.be[2]) even_d[15:8] = write_i.data[23:16];
    if (write_i.be[3]) even_d[23:16] = write_i.data[31:24];
    if (write_i.be[4]) odd_d[7:0] = write_i.data[39:32];
    if (write_i.be[6]) odd_d[15:8] = write_i.data[55:48];
    if (write_i.be[7]) odd_d[23:16] = write_i.data[63:56];
  end
  always_ff @(posedge clk_i) begin
    if (weven) even_mem[wp] <= even_d;
    if (wodd) odd_mem[wp] <= odd_d;
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      even_set_q <= '0;
      odd_set_q  <= '0;
    end else begin
      if (weven) even_set_q[wp] <= 1'b1;
      if (wodd) odd_set_q[wp] <= 1'b1;
    end
  end

  logic [23:0] even_r, odd_r;
  assign even_r  = even_set_q[rp] ? even_mem[rp] : '0;
  assign odd_r   = odd_set_q[rp] ? odd_mem[rp] : '0;
  assign rdata_o = rhit ? {odd_r[23:8], 8'd0, odd_r[7:0], even_r[23:8], 8'd0, even_r[7:0]} : '0;

  // ---- counts and times -------------------------------------------------------------------
  // Of a vector that has nothing to fire for, count and time mean nothing.
  logic [Vectors-1:0] some_q;     // events since the last firing
  logic        [ 7:0] count_mem[Vectors];  // how many, at most 255
  logic        [24:0] first_mem[Vectors];  // when the first of them came
  logic [Vectors-1:0] old_q;      // it came longer ago than that can tell
  logic        [24:0] now_q;
  logic        [ 6:0] scan_q;

  // An event.
  logic [23:0] ev_set;
  logic [ 7:0] ev_count;
  logic [24:0] ev_first, ev_age;
  logic        ev_some, ev_old, ev_due;
  always_comb begin
    if (ev_vector_i[0]) ev_set = odd_set_q[ev_vector_i[6:1]] ? odd_mem[ev_vector_i[6:1]] : '0;
    else ev_set = even_set_q[ev_vector_i[6:1]] ? even_mem[ev_vector_i[6:1]] : '0;
  end
  assign ev_some = some_q[ev_vector_i];
  always_comb begin
    if (!ev_some) ev_count = 8'd1;
    else if (count_mem[ev_vector_i] == '1) ev_count = '1;
    else ev_count = count_mem[ev_vector_i] + 8'd1;
  end
  assign ev_first = ev_some ? first_mem[ev_vector_i] : now_q;
  assign ev_age   = now_q - ev_first;
  assign ev_old   = ev_some && (old_q[ev_vector_i] || ev_age[24]);
  fn_coal_due u_ev_due (
      .count_i (ev_count),
      .age_i   (ev_age[23:0]),
      .old_i   (ev_old),
      .frames_i(ev_set[7:0]),
      .usec_i  (ev_set[23:8]),
      .due_o   (ev_due)
  );

  // A look of the scanner. A vector that has an event in this clock is judged with it.
  logic [23:0] scan_set;
  logic [24:0] scan_age;
  logic        scan_due, scan_old, scan_go;
  always_comb begin
    if (scan_q[0]) scan_set = odd_set_q[scan_q[6:1]] ? odd_mem[scan_q[6:1]] : '0;
    else scan_set = even_set_q[scan_q[6:1]] ? even_mem[scan_q[6:1]] : '0;
  end
  assign scan_age = now_q - first_mem[scan_q];
  assign scan_old = old_q[scan_q] || scan_age[24];
  fn_coal_due u_scan_due (
      .count_i (count_mem[scan_q]),
      .age_i   (scan_age[23:0]),
      .old_i   (scan_old),
      .frames_i(scan_set[7:0]),
      .usec_i  (scan_set[23:8]),
      .due_o   (scan_due)
  );
  assign scan_go = some_q[scan_q] && !(ev_valid_i && ev_vector_i == scan_q);

  // Counts of a vector that is no longer in use fire vector 0.
  logic scan_strange, scan_fires, ev_fires;
  assign scan_strange = scan_q >= vectors_i;
  assign scan_fires   = scan_go && (scan_due || scan_strange);
  assign ev_fires     = ev_valid_i && ev_due;
  always_comb begin
    fire_o = '0;
    if (ev_fires) fire_o[ev_vector_i] = 1'b1;
    if (scan_fires) fire_o[scan_strange ? 7'd0 : scan_q] = 1'b1;
    if (fire_zero_i) fire_o[0] = 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (ev_valid_i) begin
      count_mem[ev_vector_i] <= ev_count;
      first_mem[ev_vector_i] <= ev_first;
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      now_q  <= '0;
      scan_q <= '0;
      old_q  <= '0;
      some_q <= '0;
    end else begin
      now_q  <= now_q + 25'd1;
      scan_q <= (scan_q == 7'(Vectors - 1)) ? '0 : scan_q + 7'd1;
      if (scan_go) begin
        some_q[scan_q] <= !scan_fires;
        old_q[scan_q]  <= scan_old;
      end
      if (ev_valid_i) begin
        some_q[ev_vector_i] <= !ev_fires;
        old_q[ev_vector_i]  <= ev_old;
      end
      if (fire_zero_i) some_q[0] <= 1'b0;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{write_i.be[1], write_i.be[5], write_i.data[15:8], write_i.data[47:40]};
endmodule
