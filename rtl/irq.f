// SPDX-License-Identifier: Apache-2.0 OR MIT
// What the interrupt core alone needs, by level; every line is also in rtl.f. Read with -F, from any directory.
pkg/irq_pkg.sv
prim/prim_ram_1r1w.sv
prim/prim_ram_coherent.sv
prim/prim_fifo.sv
prim/prim_fifo_ram.sv
prim/prim_skid.sv
prim/prim_arb_rr.sv
irq/irq_clear.sv
irq/irq_row.sv
irq/irq_source.sv
irq/irq_rows.sv
irq/irq_store.sv
irq/irq_entry_write.sv
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
ims_irq_core.sv
