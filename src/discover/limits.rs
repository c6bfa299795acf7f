//! How much is read of anything: what is larger is reported, not read.

/// The largest text file that is read, in bytes (10 MiB).
///
/// The files meant are written by hand; the largest Python file among the projects that were looked
/// at has 600 kB. What is larger is a mistake or an attack on memory.
pub const TEXT_FILE: u64 = 10 << 20;

/// The largest template, YAML or JSON file that is looked at, in bytes (2 MiB).
///
/// Airflow renders a file as a whole, for each task instance; what is larger is data.
pub const RENDERED_FILE: u64 = 2 << 20;

/// The largest JSON or YAML file that is read because code of the project reads it, in bytes (256 KiB).
///
/// The files meant list names for DAGs to be made of.
pub const READ_BY_CODE: u64 = 256 << 10;

/// The largest git index that is read, in bytes (64 MiB, about half a million files).
pub const GIT_INDEX: u64 = 64 << 20;

/// The longest path in a git index that is believed, in bytes; git itself stops at 4,096.
pub const GIT_PATH: usize = 64 << 10;

/// The largest baseline that is read, in bytes (64 MiB: a million findings).
pub const BASELINE: u64 = 64 << 20;

/// The largest ignore file that is read, in bytes (1 MiB).
pub const IGNORE_FILE: u64 = 1 << 20;
