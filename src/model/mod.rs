//! What the project says: which variables and connections its code asks for.

pub mod references;

/// A file of the project, by its number in the list of files that were read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);
