//! The words without which a Python file asks for nothing.

/// A file that holds none of these has no reference that [`super::references`] could find: every
/// form needs the name of the class, of the method or of the keyword somewhere in the file. To be
/// given to [`crate::read::python::Scan::new`].
pub const WORDS: &[&str] = &["Variable", "Connection", "get_connection", "get_hook", "conn_id"];
