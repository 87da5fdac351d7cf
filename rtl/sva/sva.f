// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws of the endpoint, read behind rtl.f by simulation and lint, not by synthesis.
// Paths are relative to this folder (-F).
sva_stream.sv
sva_hold.sv
sva_setting.sv
sva_room.sv
sva_limit.sv
sva_take.sv
sva_turns.sv
sva_alternate.sv
sva_reset.sv
sva_rx.sv
sva_credit.sv
sva_ordq.sv
sva_endpoint.sv
sva_aer.sv
sva_errmsg.sv
sva_msi.sv
sva_intx.sv
sva_event.sv
sva_dma.sv
sva_queue.sv
sva_handle.sv
sva_bulk.sv
sva_tags.sv
sva_vf.sv
sva_ats.sv
sva_bind.sv
sva_errors_bind.sv
sva_events_bind.sv
sva_vf_bind.sv
sva_ats_bind.sv
sva_cfg_bind.sv
sva_tlp_bind.sv
sva_turns_bind.sv
sva_fn_bind.sv
sva_prim_bind.sv
