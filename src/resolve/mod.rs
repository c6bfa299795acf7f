//! What Airflow would do: effective settings per environment, and what each backend asks for.

mod pattern;

pub use pattern::{LookupPattern, PatternError};
