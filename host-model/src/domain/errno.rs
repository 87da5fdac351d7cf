// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The errors that kernel interfaces return, by the name that kernel people know.

/// An error number of Linux, as far as interrupt interfaces return them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, thiserror::Error)]
pub enum Errno {
    /// No such device or address: the interrupt does not exist.
    #[error("-ENXIO")]
    Enxio,
    /// Something is under way that has to end first.
    #[error("-EBUSY")]
    Ebusy,
    /// There already.
    #[error("-EEXIST")]
    Eexist,
    /// An argument that makes no sense.
    #[error("-EINVAL")]
    Einval,
    /// No vector, index or entry is left.
    #[error("-ENOSPC")]
    Enospc,
    /// No memory, or what counts as such: no remapping table entry of VT-d is left.
    #[error("-ENOMEM")]
    Enomem,
    /// The hardware failed.
    #[error("-EIO")]
    Eio,
    /// Not implemented on this platform.
    #[error("-ENOSYS")]
    Enosys,
    /// A number outside its range.
    #[error("-ERANGE")]
    Erange,
    /// The device or its domain is not there.
    #[error("-ENODEV")]
    Enodev,
    /// The domain above does not offer it.
    #[error("-ENOTSUPP")]
    Enotsupp,
    /// Not the caller's to change.
    #[error("-EPERM")]
    Eperm,
    /// The device did not answer in time.
    #[error("-ETIMEDOUT")]
    Etimedout,
}
