//! What the world is, by version: typed access to the data files under `rules/facts`.

pub mod releases;
pub mod runtime;
