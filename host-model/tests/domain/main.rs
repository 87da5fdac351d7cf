// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Known answers and invariants of the interrupt domains. Item ids are those of the
//! catalogue of verification items (G: vector domain).

mod blocks;
mod churn;
mod hotplug;
mod matrix;
mod moves;

use host_model::domain::matrix::Place;
use host_model::domain::vector::{AllocInfo, Contiguous, VectorDomain};
use host_model::domain::{CpuSet, VectorLayout};

/// Nothing is pending anywhere.
fn idle(_: Place) -> bool {
    false
}

/// A domain with `cpus` CPUs online, that of Linux 6.10.
fn domain(cpus: usize, contiguous: Contiguous) -> VectorDomain {
    let mut d = VectorDomain::new(cpus, VectorLayout::LINUX_6_10, contiguous).expect("a domain");
    for cpu in 1..cpus {
        d.online_cpu(cpu).expect("comes online");
    }
    d
}

/// Allocates and activates one interrupt on a CPU; its place.
fn on_cpu(d: &mut VectorDomain, irq: u32, cpu: usize) -> Place {
    let info = AllocInfo { mask: Some(CpuSet::of(cpu)), ..AllocInfo::default() };
    d.alloc_irqs(irq, 1, &info).expect("allocates");
    d.activate(irq, false).expect("activates");
    let t = d.target(irq).expect("exists");
    Place { cpu: t.cpu, vector: t.vector }
}
