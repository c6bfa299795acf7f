//! The projects of a tree, for the jobs of a CI system: `{"include": [{"project", "paths", "shard"}]}` on one
//! line, which GitHub takes for a matrix as it is.

use std::io::{self, Write};

use serde::Serialize;

use super::escape::escape;
use super::json::safe_to_print;

/// What one job checks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Shard {
    /// What it is called: its project, or the first of several and how many more.
    pub project: String,
    /// What `astrolint check` is given.
    pub paths: Vec<String>,
    /// Its number, from 1: a name that every system allows for files.
    pub shard: usize,
}

#[derive(Serialize)]
struct Matrix<'a> {
    include: &'a [Shard],
}

/// Writes the matrix on one line.
///
/// # Errors
/// When `out` cannot be written.
pub fn json(shards: &[Shard], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", safe_to_print(&serde_json::to_string(&Matrix { include: shards })?))
}

/// Writes a line for each path: the number of its shard, a tab, the path.
///
/// # Errors
/// When `out` cannot be written.
pub fn text(shards: &[Shard], out: &mut dyn Write) -> io::Result<()> {
    for shard in shards {
        for path in &shard.paths {
            writeln!(out, "{}\t{}", shard.shard, escape(path))?;
        }
    }
    Ok(())
}
