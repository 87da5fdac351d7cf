// SPDX-License-Identifier: Apache-2.0 OR MIT
//
// tlp_timeout that says anything, at any time: so a read may be late at any time after it was sent.
module tlp_timeout (
  input  logic [ 3:0] code_i,
  output logic [35:0] cycles_o
);
  (* anyseq *) logic [35:0] any;
  assign cycles_o = any;

  logic unused_code;
  assign unused_code = ^code_i;
endmodule
