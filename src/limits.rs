//! How much is read of anything: what is larger is reported, not read.
//!
//! How deep a format may nest, and how much work a question is worth, stands beside the code that counts
//! it; docs/robustness.md tells both.

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

/// The largest Python file that is parsed, in bytes (8 MiB): its tree takes many times as much.
pub const PYTHON_FILE: usize = 8 << 20;

/// The largest list of names that is compared with, in bytes (64 MiB).
pub const SECRET_LIST: u64 = 64 << 20;

/// How many requirements files may include one another.
pub const REQUIREMENTS_FILES: usize = 256;

/// The stack of a thread that parses Python, walks what was parsed and drops it, in bytes.
pub const STACK: usize = 64 << 20;

/// How many keys one reference may ask for: loops over the tables of a warehouse have hundreds. Of more, these
/// are listed, with one that may be any.
pub const KEYS: usize = 256;
