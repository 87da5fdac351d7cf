// SPDX-License-Identifier: Apache-2.0 OR MIT
// Ids of functions [PCIe Base 9.2.1.2; docs/device.md §16]: that of a function, and the
// function that a configuration request names. Combinational. The physical function has the
// captured id, virtual function n the id First VF Offset + n further on; a request names
// one by device and function number alone.
module tlp_vf_id (
    input  logic         [15:0] id_i,      // of the physical function
    // a function's id
    input  tlp_pkg::fn_t        fn_i,
    output logic         [15:0] id_o,
    // whose device and function number this is
    input  logic         [ 7:0] number_i,
    input  logic         [15:0] exist_i,   // virtual functions
    output tlp_pkg::fn_t        fn_o
);
  assign id_o = fn_i.virt ? id_i + 16'(tlp_pkg::FirstVf) + 16'(fn_i.vf) : id_i;

  logic [7:0] nth;
  assign nth       = number_i - id_i[7:0] - 8'(tlp_pkg::FirstVf);
  assign fn_o.virt = nth[7:4] == '0 && exist_i[nth[3:0]];
  assign fn_o.vf   = nth[3:0];
endmodule
