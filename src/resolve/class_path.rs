//! Whether a text can be the import path of a class at all.

/// What makes `path` fail at import, when that is certain without knowing what is installed:
/// Airflow takes the value as it is (2.0.0 to 3.3.2), quotes and blanks included.
#[must_use]
pub fn fault(path: &str) -> Option<String> {
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
    // Other classes of these packages can be imported, whatever becomes of them as a backend.
    let other = ["hooks", "operators", "sensors", "triggers", "links", "transfers", "utils"];
    let is_other = path.split('.').any(|part| other.contains(&part));
    (official && known_package && !is_other)
        .then(|| format!("no version of the package has a secrets backend `{path}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_certainly_fails_is_a_fault() {
        for (path, fails) in [
            ("my_company.secrets.Backend", false),
            ("airflow.providers.amazon.aws.secrets.secrets_manager.SecretManagerBackend", true),
            ("airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend.x", true),
            ("airflow.providers.amazon.aws.secrets.secrets_manager:SecretsManagerBackend", true),
            ("airflow.providers.amazon.aws.hooks.s3.S3Hook", false),
            ("airflow.providers.example.secrets.Backend", false),
            ("'my.Backend'", true),
            ("my.Backend ", true),
            ("null", true),
            ("my..Backend", true),
        ] {
            assert_eq!(fault(path).is_some(), fails, "{path}");
        }
    }
}
