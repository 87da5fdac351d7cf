// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What a vector can do and what it can expect: the typed operations.
//!
//! An operation says what happens at the boundary, never how a model does it; the
//! bench's sequencer carries it out. In YAML each step is a one-key map
//! (`- cause: { at: { msix: 5 } }`) or a bare name (`- enumerate`).
//!
//! - `step`: the operations; `vector`: the test around them; `machine`: the host it wants.
//! - `access`, `packet`, `errors`, `target`, `unit`, `work`: what operations speak of; `kernel`: calls of the kernel's interfaces.

mod access;
mod defaults;
mod errors;
mod kernel;
mod machine;
mod packet;
mod step;
mod target;
mod unit;
mod vector;
mod work;

pub use access::{Place, Range, Read, Source, Status, Switch, Write};
pub use errors::{DeviceError, ErrorExpect, ErrorMessages, ErrorName, LoggedHeader};
pub use kernel::{Change, KernelOp, SlotStore, VectorKind, Way};
pub use machine::{Completions, Credits, EntryCache, HostParams, ReadFault, ResetKind};
pub use packet::{CompletionExpect, Digest, RawTlp};
pub use step::Op;
pub use target::{Irte, Retarget, Target};
pub use unit::{DmaOp, PostedOp, RemapUnitKind};
pub use vector::{DutParams, Vector};
pub use work::{QueueSetup, Submit, TestDo, Work, WorkStorm};
