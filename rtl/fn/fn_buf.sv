// SPDX-License-Identifier: Apache-2.0 OR MIT
// Data buffers of the DMA engine: 2 KiB for each lane, in banks of one word, so that a beat
// goes in and out whole wherever its first word stands. A byte of memory has its place by
// its address modulo 2 KiB. The lane keeps what is in use apart.
//
// A read shows its words in the next clock. A lane's descriptor is also shown as it comes:
// it is eight words at a multiple of 32 bytes.
module fn_buf #(
    parameter int unsigned DataW = 256,
    parameter int unsigned Lanes = 4,
    localparam int unsigned LaneW = (Lanes > 1) ? $clog2(Lanes) : 1,
    localparam int unsigned KeepW = DataW / 32
) (
    input  logic             clk_i,
    // write a beat: place of its first word, and how many of its words count
    input  logic             put_valid_i,
    input  logic [LaneW-1:0] put_lane_i,
    input  logic      [10:2] put_word_i,
    input  logic       [7:0] put_words_i,
    input  logic [DataW-1:0] put_data_i,
    // the same as words of a descriptor
    output logic       [7:0] desc_we_o,
    output logic     [255:0] desc_o,
    // read a beat
    input  logic [LaneW-1:0] get_lane_i,
    input  logic      [10:2] get_word_i,
    output logic [DataW-1:0] get_data_o
);
  localparam int unsigned BankW = $clog2(KeepW);
  localparam int unsigned Rows = 512 / KeepW;
  localparam int unsigned RowW = $clog2(Rows);
  localparam int unsigned AddrW = $clog2(Lanes * Rows);

  // ---- write: turn the beat so that each word stands at its bank ------------------------
  logic   [BankW-1:0] put_first;
  logic   [KeepW-1:0] put_mask, put_we;
  logic [2*DataW-1:0] put_twice;
  logic [2*KeepW-1:0] mask_twice;
  logic   [DataW-1:0] put_banks;
  logic     [BankW:0] put_turn;
  assign put_first  = put_word_i[BankW+1:2];
  assign put_turn   = (BankW + 1)'(KeepW) - {1'b0, put_first};
  assign put_twice  = {put_data_i, put_data_i};
  assign mask_twice = {put_mask, put_mask};
  assign put_banks  = put_twice[32*put_turn+:DataW];
  assign put_we     = put_valid_i ? mask_twice[put_turn+:KeepW] : '0;
  always_comb begin
    for (int unsigned i = 0; i < KeepW; i++) put_mask[i] = put_words_i > 8'(i);
  end

  // ---- read --------------------------------------------------------------------------------
  logic   [BankW-1:0] get_first, get_first_q;
  logic   [DataW-1:0] get_banks;
  logic [2*DataW-1:0] get_twice;
  assign get_first  = get_word_i[BankW+1:2];
  assign get_twice  = {get_banks, get_banks};
  assign get_data_o = get_twice[32*get_first_q+:DataW];
  always_ff @(posedge clk_i) get_first_q <= get_first;

  for (genvar b = 0; b < KeepW; b++) begin : gen_bank
    // Banks below the first word's hold words of the next row.
    logic [8:0]      wplace, rplace;
    logic [RowW-1:0] wrow, rrow;
    assign wplace = put_word_i + 9'(KeepW - 1 - b);
    assign rplace = get_word_i + 9'(KeepW - 1 - b);
    assign wrow   = wplace[8:BankW];
    assign rrow   = rplace[8:BankW];
    logic unused_place;
    assign unused_place = ^{wplace, rplace};
    prim_ram_1r1w #(
        .Width(32),
        .Depth(Lanes * Rows)
    ) u_ram (
        .clk_i,
        .we_i   (put_we[b]),
        .waddr_i(AddrW'({put_lane_i, wrow})),
        .wdata_i(put_banks[32*b+:32]),
        .raddr_i(AddrW'({get_lane_i, rrow})),
        .rdata_o(get_banks[32*b+:32])
    );
  end

  // ---- descriptor words ------------------------------------------------------------------
  if (KeepW >= 8) begin : gen_desc_wide
    always_comb begin
      desc_we_o = '0;
      desc_o    = '0;
      for (int unsigned b = 0; b < KeepW; b++) begin
        if (put_we[b]) begin
          desc_we_o[b%8]     = 1'b1;
          desc_o[32*(b%8)+:32] = put_banks[32*b+:32];
        end
      end
    end
  end else begin : gen_desc_narrow
    // A beat may lie across two rows.
    logic [2-BankW:0] part[KeepW];
    for (genvar b = 0; b < KeepW; b++) begin : gen_part
      assign part[b] = (3 - BankW)'((put_word_i + 9'(KeepW - 1 - b)) >> BankW);
    end
    always_comb begin
      desc_we_o = '0;
      desc_o    = '0;
      for (int unsigned j = 0; j < 8; j++) begin
        desc_we_o[j]      = put_we[j%KeepW] && part[j%KeepW] == (3 - BankW)'(j / KeepW);
        desc_o[32*j+:32] = put_banks[32*(j%KeepW)+:32];
      end
    end
  end
endmodule
