//! `SystemsManagerParameterStoreBackend` of the amazon provider, 1.0.0 to 9.39.0.

use super::aws;
use super::fault::Fault;
use super::python_value::PythonValue;
use super::start::{Start, Started};
use crate::model::Kind;

/// Constructs the backend.
pub(super) fn start(start: &Start<'_>) -> Started {
    aws::construct(start, before_key)
}

/// What stands before a key: the prefix without trailing slashes, and a slash. From 7.3.0 on the
/// name always begins with a slash.
fn before_key(kind: Kind, start: &Start<'_>) -> Result<Option<String>, Fault> {
    let name = format!("{}_prefix", kind.parameter_stem());
    let prefix = start.value(&name);
    if prefix.is_none() {
        return Ok(None);
    }
    let before = prefix.rstrip(&name, PythonValue::Text("/"), "sep")? + "/";
    let lacks_slash = start.behaves("adds-leading-slash") && !before.starts_with('/');
    Ok(Some(if lacks_slash { format!("/{before}") } else { before }))
}
