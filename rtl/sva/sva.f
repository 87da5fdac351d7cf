// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of the endpoint, read behind rtl.f by simulation and lint, not by synthesis.
// Paths are relative to the folder above, as in rtl.f.
sva/sva_stream.sv
sva/sva_credit.sv
sva/sva_ordq.sv
sva/sva_endpoint.sv
sva/sva_bind.sv
