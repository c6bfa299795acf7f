//! Whether a text can be the import path of a class at all.

/// What makes `path` fail at import, when that is certain without knowing what is installed:
/// Airflow takes the value as it is (2.0.0 to 3.3.2), quotes and blanks included.
#[must_use]
pub(super) fn fault(path: &str) -> Option<String> {
    if path.trim() != path {
        return Some(
            "the class path begins or ends with a blank, which is taken as part of it".to_owned(),
        );
    }
    if path.starts_with(['"', '\'']) || path.ends_with(['"', '\'']) {
        return Some(
            "the class path has quotes around it, which are taken as part of it".to_owned(),
        );
    }
    if !path.contains('.') {
        return Some(format!("`{path}` does not look like a module path"));
    }
    if path.contains(':') {
        return Some(format!(
            "`{path}`: a colon separates nothing here, the class is joined to its module by a dot"
        ));
    }
    let is_identifier = |part: &str| {
        let mut characters = part.chars();
        characters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && characters.all(|c| c.is_alphanumeric() || c == '_')
    };
    if !path.split('.').all(is_identifier) {
        return Some(format!("`{path}` is not a dotted path of Python names"));
    }
    let official = path.starts_with("airflow.providers.")
        || path.starts_with("airflow.secrets.")
        || path.starts_with("airflow.contrib.");
    let known_package = crate::facts::backends().iter().any(|backend| {
        let package = backend.class.split('.').take(3).collect::<Vec<_>>().join(".");
        path.starts_with(&format!("{package}."))
    });
    (official && known_package)
        .then(|| format!("no version of the package has a secrets backend `{path}`"))
}
