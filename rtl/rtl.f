// SPDX-License-Identifier: Apache-2.0 OR MIT
// Sources by level, the only list: build, lint and synthesis read it. A file needs
// files of higher lines only. Paths are relative to this folder.

// level 0: packages
pkg/ep_reg_pkg.sv
pkg/tlp_pkg.sv
pkg/ep_pkg.sv
pkg/irq_pkg.sv

// level 1: primitives
prim/prim_arb_rr.sv
prim/prim_crc32.sv
prim/prim_arb_hold.sv
prim/prim_fifo.sv
prim/prim_fifo_ram.sv
prim/prim_ram_1r1w.sv
prim/prim_ram_coherent.sv
prim/prim_skid.sv

// level 2: leaves
cfg/cfg_hdr.sv
cfg/cfg_bar.sv
cfg/cfg_pm.sv
cfg/cfg_pcie.sv
cfg/cfg_msi.sv
cfg/cfg_msix.sv
cfg/cfg_dvsec.sv
cfg/cfg_aer.sv
cfg/cfg_pasid.sv
cfg/cfg_ats.sv
cfg/cfg_sriov.sv
cfg/cfg_vf.sv
cfg/ep_reset.sv
cfg/ep_reset_vf.sv
tlp/tlp_rx_hdr.sv
tlp/tlp_rx_pbuf.sv
tlp/tlp_rx_credit.sv
tlp/tlp_ordq.sv
tlp/tlp_vf_id.sv
tlp/tlp_vf_route.sv
tlp/tlp_ats_cache.sv
tlp/tlp_ats_inv.sv
tlp/tlp_count.sv
tlp/tlp_span.sv
tlp/tlp_timeout.sv
tlp/tlp_credit.sv
tlp/tlp_tx_fmt.sv
tlp/tlp_acc.sv
tlp/tlp_errmsg.sv
tlp/tlp_other.sv
fn/fn_wsel.sv
fn/fn_read.sv
fn/fn_vf.sv
fn/fn_inv.sv
fn/fn_ev_map.sv
fn/fn_coal_due.sv
irq/irq_intx.sv
fn/fn_crc.sv
fn/fn_buf.sv
irq/irq_clear.sv
irq/irq_row.sv
irq/irq_source.sv
irq/irq_rows.sv
irq/irq_store.sv
irq/irq_entry_write.sv

// level 3: blocks
tlp/tlp_route.sv
tlp/tlp_ats.sv
cfg/cfg_space.sv
tlp/tlp_err.sv
tlp/tlp_crc_hdr.sv
tlp/tlp_crc_beat.sv
tlp/tlp_ecrc_check.sv
tlp/tlp_ecrc_gen.sv
tlp/tlp_rx.sv
tlp/tlp_mwr.sv
tlp/tlp_cpl.sv
tlp/tlp_mrd.sv
tlp/tlp_post.sv
tlp/tlp_tx.sv
fn/fn_host.sv
fn/fn_err.sv
fn/fn_work.sv
fn/fn_cause.sv
fn/fn_ev_status.sv
fn/fn_coal.sv
fn/fn_fire.sv
fn/fn_event.sv
irq/irq_msi.sv
fn/fn_lane.sv
fn/fn_mover.sv
fn/fn_record.sv
fn/fn_queue.sv
fn/fn_handle.sv
fn/fn_pcitest.sv
fn/fn_dma.sv
fn/fn_regs.sv
irq/irq_msix.sv
irq/irq_ims.sv
irq/irq_admit.sv
irq/irq_ims_host.sv
irq/irq_walk_device.sv
irq/irq_clear_vf.sv
irq/irq_walk_host.sv
irq/irq_select.sv
irq/irq_pending.sv
irq/irq_send.sv

// level 4: tops
ims_irq_core.sv
ims_endpoint.sv
