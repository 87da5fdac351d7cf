// SPDX-License-Identifier: Apache-2.0 OR MIT
// What simulation reads: the design, then the laws and cover points bound to it.
-F rtl.f
-F sva/irq_sva.f
-F sva/sva.f
