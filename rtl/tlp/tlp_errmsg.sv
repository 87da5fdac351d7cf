// SPDX-License-Identifier: Apache-2.0 OR MIT
// Error messages that are owed [PCIe Base 2.2.8.3]: one pending bit a kind, fatal first.
// A message not yet in the posted stream absorbs further ones of its kind, whichever
// function they are of, and keeps the id of the first. In D3hot and in a function reset none
// is owed and those that were are dropped; so are those of a virtual function that is
// forgotten.
module tlp_errmsg (
    input  logic         clk_i,
    input  logic         rst_ni,
    input  logic         active_i,       // D0, no function reset
    // pulses: of the physical function
    input  logic         cor_i,
    input  logic         nonfatal_i,
    input  logic         fatal_i,
    // and of virtual function `vf_i`; none comes together with those above
    input  logic         vf_cor_i,
    input  logic         vf_nonfatal_i,
    input  logic [ 3:0]  vf_i,
    input  logic [15:0]  vf_forget_i,    // these are being forgotten
    // to the posted stream
    output logic         valid_o,
    input  logic         ready_i,
    output logic [ 7:0]  code_o,
    output tlp_pkg::fn_t fn_o            // whose message it is
);
  logic         cor_q, nonfatal_q, fatal_q, taken;
  logic         cor_new, nonfatal_new, cor_left, nonfatal_left;  // left: owed and not taken
  logic         cor_owed, nonfatal_owed;
  tlp_pkg::fn_t cor_fn_q, nonfatal_fn_q, fn_new;
  assign cor_new      = cor_i || vf_cor_i;
  assign nonfatal_new = nonfatal_i || vf_nonfatal_i;
  assign fn_new       = {vf_cor_i || vf_nonfatal_i, vf_i};

  assign cor_owed      = cor_q && !(cor_fn_q.virt && vf_forget_i[cor_fn_q.vf]);
  assign nonfatal_owed = nonfatal_q && !(nonfatal_fn_q.virt && vf_forget_i[nonfatal_fn_q.vf]);

  assign valid_o = active_i && (cor_owed || nonfatal_owed || fatal_q);
  assign taken   = valid_o && ready_i;

  always_comb begin
    code_o = tlp_pkg::MsgErrCor;
    fn_o   = cor_fn_q;
    if (fatal_q) begin
      code_o = tlp_pkg::MsgErrFatal;
      fn_o   = '0;
    end else if (nonfatal_owed) begin
      code_o = tlp_pkg::MsgErrNonfatal;
      fn_o   = nonfatal_fn_q;
    end
  end

  assign nonfatal_left = nonfatal_owed && !(taken && !fatal_q);
  assign cor_left      = cor_owed && !(taken && !fatal_q && !nonfatal_owed);

  // An error in the clock in which a message leaves is a new one.
  always_ff @(posedge clk_i) begin
    if (!rst_ni || !active_i) begin
      cor_q         <= 1'b0;
      nonfatal_q    <= 1'b0;
      fatal_q       <= 1'b0;
      cor_fn_q      <= '0;
      nonfatal_fn_q <= '0;
    end else begin
      fatal_q    <= fatal_i || (fatal_q && !taken);
      nonfatal_q <= nonfatal_new || nonfatal_left;
      cor_q      <= cor_new || cor_left;
      if (nonfatal_new && !nonfatal_left) nonfatal_fn_q <= fn_new;
      if (cor_new && !cor_left) cor_fn_q <= fn_new;
    end
  end
endmodule
