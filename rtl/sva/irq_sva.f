// SPDX-License-Identifier: Apache-2.0 OR MIT
// Laws and cover points of the interrupt core; read after irq.f, with -F.
irq_commit_sva.sv
irq_admit_sva.sv
irq_core_sva.sv
irq_queue_sva.sv
irq_arb_sva.sv
../cov/irq_cov.sv
irq_bind.sv
