//! What the project says.

pub mod requirements;
pub mod versions;

/// A file of the project: its index in the list of files that were read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);
