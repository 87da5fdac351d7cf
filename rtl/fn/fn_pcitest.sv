// SPDX-License-Identifier: Apache-2.0 OR MIT
// Registers and commands of Linux's pci_endpoint_test (BAR0 0x00 to 0x30). Data commands are
// descriptors that lane 0 of the DMA engine works between those of queues: READ a checksum,
// WRITE a fill and its checksum, COPY a copy. Their order is data, status, interrupt.
//
// A command is taken when its work starts: it then reads 0, and so does the status. One that is
// written while another waits or runs is dropped.
module fn_pcitest (
    input  logic              clk_i,
    input  logic              rst_ni,        // function reset included
    input  ep_pkg::fn_write_t write_i,
    // a quad word as it is read; 0 where none of the registers is
    input  logic       [15:3] raddr_i,
    output logic       [63:0] rdata_o,
    // the work
    output logic              own_valid_o,   // stays until it is taken
    input  logic              own_ready_i,
    output logic      [255:0] own_desc_o,
    input  logic              own_done_i,
    input  logic              own_good_i,
    input  logic       [31:0] own_crc_i,
    // interrupts: MSI-X as a cause; an MSI vector, taken when both are 1; INTx
    output logic              cause_valid_o,
    input  logic              cause_ready_i,
    output ep_pkg::cause_t    cause_o,
    output logic              msi_valid_o,
    input  logic              msi_ready_i,
    output logic        [4:0] msi_vector_o,
    output logic              intx_o         // level: 2^10 clocks
);
  localparam logic [31:0] TypeIntx = 32'd0;
  localparam logic [31:0] TypeMsi = 32'd1;
  localparam logic [31:0] TypeMsix = 32'd2;
  localparam logic [63:0] Pattern = 64'hdead_beef_cafe_f00d;  // byte 0 is 0x0d

  // ---- registers: all are plain storage but command and status ------------------------------
  localparam int unsigned Regs = 12;
  localparam int unsigned Command = 1;
  localparam int unsigned Status = 2;
  localparam int unsigned SrcLo = 3;
  localparam int unsigned SrcHi = 4;
  localparam int unsigned DstLo = 5;
  localparam int unsigned DstHi = 6;
  localparam int unsigned Size = 7;
  localparam int unsigned Checksum = 8;
  localparam int unsigned IrqType = 9;
  localparam int unsigned IrqNumber = 10;
  localparam int unsigned Flags = 11;

  logic [31:0]     reg_q[Regs];
  logic [Regs-1:0] hit;
  logic [31:0]     mask[Regs];
  logic [31:0]     data[Regs];
  for (genvar r = 0; r < Regs; r++) begin : gen_reg
    fn_wsel #(
        .Offset(ep_reg_pkg::REG_ET_MAGIC_OFFSET + 16'(4 * r))
    ) u_sel (
        .write_i,
        .hit_o (hit[r]),
        .mask_o(mask[r]),
        .data_o(data[r])
    );
  end
  always_comb begin
    rdata_o = '0;
    for (int unsigned r = 0; r < Regs; r = r + 2) begin
      if (raddr_i == 13'(r / 2)) rdata_o = {reg_q[r+1], reg_q[r]};
    end
  end

  // ---- a command -------------------------------------------------------------------------------
  typedef enum logic [2:0] {
    Idle,
    Wait,   // the lane
    Work,   // its end
    Tell,   // nothing: the interrupt's bit of the status
    Raise   // the cause or MSI vector to be taken
  } state_e;
  state_e      state_q, state_d;
  logic [ 5:0] cmd_q;         // one bit
  logic [ 5:0] written;
  logic        fresh, is_data, good;
  logic [31:0] irq_type, irq_number;
  logic [10:0] pulse_q;       // clocks that INTx is still asserted
  assign written = data[Command][5:0];
  assign fresh   = hit[Command] && written != '0 && state_q == Idle;
  assign is_data = cmd_q[5:3] != '0;

  always_comb begin
    irq_type = reg_q[IrqType];
    if (cmd_q[0]) irq_type = TypeIntx;
    if (cmd_q[1]) irq_type = TypeMsi;
    if (cmd_q[2]) irq_type = TypeMsix;
  end
  assign irq_number = reg_q[IrqNumber];

  logic msi, msix, number_ok, msi_q, msix_q;
  logic [19:0] index_q;
  assign number_ok = irq_number != '0;
  assign msi       = irq_type == TypeMsi && number_ok;
  assign msix      = irq_type == TypeMsix && number_ok;

  assign own_valid_o = state_q == Wait && is_data;
  always_comb begin
    own_desc_o           = '0;
    own_desc_o[7:0]      = cmd_q[3] ? 8'd3 : (cmd_q[4] ? 8'd1 : 8'd2);
    own_desc_o[63:32]    = reg_q[Size];
    own_desc_o[95:64]    = reg_q[SrcLo];
    own_desc_o[127:96]   = reg_q[SrcHi];
    own_desc_o[159:128]  = reg_q[DstLo];
    own_desc_o[191:160]  = reg_q[DstHi];
    own_desc_o[255:192]  = Pattern;
  end
  assign good = own_good_i && (!cmd_q[3] || own_crc_i == reg_q[Checksum]);

  logic taken;
  assign taken = state_q == Wait && (!is_data || own_ready_i);
  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle: if (fresh) state_d = Wait;
      Wait: if (taken) state_d = is_data ? Work : Tell;
      Work: if (own_done_i) state_d = Tell;
      Tell: begin
        state_d = (msi || msix) ? Raise : Idle;
      end
      default: if ((msi_q && msi_ready_i) || (msix_q && cause_ready_i)) state_d = Idle;  // Raise
    endcase
  end

  assign cause_valid_o = state_q == Raise && msix_q;
  always_comb begin
    cause_o       = '0;
    cause_o.store = irq_pkg::StoreMsix;
    cause_o.index = index_q;
  end
  assign msi_valid_o  = state_q == Raise && msi_q;
  assign msi_vector_o = 5'(index_q);
  assign intx_o       = pulse_q != '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
      cmd_q   <= '0;
      pulse_q <= '0;
      msi_q   <= 1'b0;
      msix_q  <= 1'b0;
      index_q <= '0;
      for (int unsigned r = 0; r < Regs; r++) reg_q[r] <= '0;
    end else begin
      state_q <= state_d;
      // The interrupt is the one that was selected when the command ended.
      if (state_q == Tell) begin
        msi_q   <= msi;
        msix_q  <= msix;
        // A number that does not even fit is beyond any table.
        index_q <= (irq_number > 32'h000f_ffff) ? 20'hf_ffff : 20'(irq_number - 32'd1);
      end
      if (state_q == Tell && irq_type == TypeIntx) pulse_q <= 11'd1024;
      else if (pulse_q != '0) pulse_q <= pulse_q - 11'd1;
      for (int unsigned r = 0; r < Regs; r++) begin
        if (r != Command) reg_q[r] <= (reg_q[r] & ~mask[r]) | data[r];
      end
      reg_q[Flags][31:1] <= '0;
      if (hit[Status]) reg_q[Status][31:9] <= '0;
      if (fresh) begin
        cmd_q                <= written & (~written + 6'd1);
        reg_q[Command][5:0] <= written;
      end
      if (taken) begin
        reg_q[Command] <= '0;
        reg_q[Status]  <= '0;
      end
      if (own_done_i && state_q == Work) begin
        if (cmd_q[3]) reg_q[Status][1:0] <= {!good, good};
        if (cmd_q[4]) reg_q[Status][3:2] <= {!good, good};
        if (cmd_q[5]) reg_q[Status][5:4] <= {!good, good};
        if (cmd_q[4] && good) reg_q[Checksum] <= own_crc_i;
      end
      if (state_q == Tell) reg_q[Status][6] <= 1'b1;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{hit, data[Command][31:6], mask[Command]};
endmodule
