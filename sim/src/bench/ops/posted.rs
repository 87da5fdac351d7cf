// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Posted interrupts: descriptors, entries that post, and what a processor finds.

use super::remap;
use crate::bench::machine::DESCRIPTORS;
use crate::bench::sequencer::Sequencer;
use crate::bench::world::Stop;
use host_model::driver::posted::PostedDescriptor;
use host_model::driver::vtd::{IrteSpec, PostedSpec};
use vectors::op::{PostedOp, Source};

fn descriptor(s: &Sequencer<'_>, id: u32) -> Result<PostedDescriptor, Stop> {
    let found = s.machine.descriptors.get(&id).copied();
    found.ok_or_else(|| Stop::Input(format!("descriptor {id} is not set up")))
}

/// Entry of a source that has a target.
fn entry(s: &Sequencer<'_>, at: Source) -> Result<u32, Stop> {
    let connection = s.machine.connections.get(&at);
    connection.and_then(|c| c.entry).ok_or_else(|| Stop::Input(format!("{at:?} has no entry; connect it first")))
}

pub fn carry_out(s: &mut Sequencer<'_>, op: &PostedOp) -> Result<(), Stop> {
    match *op {
        PostedOp::SetUp { id, notify } => {
            let (at, x2apic) = (DESCRIPTORS + 64 * u64::from(id), s.machine.eime);
            let made = PostedDescriptor::set_up(&mut s.world, at, x2apic, notify.cpu, notify.vector);
            let made = s.drive("making a posted descriptor", made)?;
            s.machine.descriptors.insert(id, made);
            Ok(())
        }
        PostedOp::Post { at, id, vector, urgent } => {
            let (pid, index, device) = (descriptor(s, id)?, entry(s, at)?, s.world.device_id());
            let image = PostedSpec { urgent, ..PostedSpec::new(pid.address(), vector, device) }.image();
            modify(s, index, image)
        }
        PostedOp::Unpost { at } => {
            let index = entry(s, at)?;
            let to = s.machine.connections[&at].target;
            let image = IrteSpec::fixed(to.cpu, to.vector, s.world.device_id()).image(s.machine.eime);
            modify(s, index, image)
        }
        PostedOp::Suppress { id, on } => {
            let pid = descriptor(s, id)?;
            let done = if on { pid.suppress(&mut s.world) } else { pid.resume(&mut s.world).map(drop) };
            s.drive("suppressing notifications", done)
        }
        PostedOp::Move { id, notify } => {
            let moved = descriptor(s, id)?.move_to(&mut s.world, notify.cpu, notify.vector);
            s.drive("moving notifications", moved)
        }
        PostedOp::Take { id, ref vectors, outstanding } => {
            let pid = descriptor(s, id)?;
            let on = pid.outstanding(&mut s.world);
            let on = s.drive("reading ON", on)?;
            s.expect(on == outstanding, || format!("ON of descriptor {id} is {on}, expected {outstanding}"));
            let mut found = Vec::new();
            let served = pid.serve(&mut s.world, &mut |vector| found.push(vector));
            s.drive("serving a posted descriptor", served)?;
            s.expect(found == *vectors, || format!("descriptor {id} holds {found:#x?}, expected {vectors:#x?}"));
            Ok(())
        }
    }
}

fn modify(s: &mut Sequencer<'_>, index: u32, image: u128) -> Result<(), Stop> {
    let mark = s.world.targets.mark();
    let (unit, world) = remap::driver(s)?;
    let modified = unit.modify_image(world, index, image);
    s.drive("changing an entry", modified)?;
    s.world.targets.flushed(index, index, mark + 1);
    Ok(())
}
