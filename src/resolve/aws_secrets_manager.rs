//! `SecretsManagerBackend` of the amazon provider, 1.0.0 to 9.39.0.

use super::aws;
use super::fault::Fault;
use super::python_value::PythonValue;
use super::start::{Start, Started};
use crate::model::Kind;

/// Constructs the backend.
pub(super) fn start(start: &Start<'_>) -> Started {
    aws::construct(start, before_key)
}

/// What stands before a key: the prefix without trailing separators, and the separator.
///
/// From 2.3.0 on a falsy prefix means none; before, the separator stays, and only slashes are
/// stripped.
fn before_key(kind: Kind, start: &Start<'_>) -> Result<Option<String>, Fault> {
    let name = format!("{}_prefix", kind.parameter_stem());
    let (prefix, separator) = (start.value(&name), start.value("sep"));
    if prefix.is_none() {
        return Ok(None);
    }
    if !start.behaves("strips-separator") {
        let slash = PythonValue::Text("/");
        let stripped = prefix.rstrip(&name, slash, "sep")?;
        return Ok(Some(format!("{stripped}{}", separator.str())));
    }
    if !prefix.is_truthy() {
        return Ok(Some(String::new()));
    }
    let stripped = prefix.rstrip(&name, separator, "sep")?;
    let before = if stripped.is_empty() { stripped } else { stripped + &separator.str() };
    Ok(Some(before))
}
