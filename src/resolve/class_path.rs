//! Whether a text can be the import path of a secrets backend at all.

use crate::facts::{self, Backend};

/// Why importing a class fails, where that is certain without knowing what is installed: Airflow
/// takes the value as it is (2.0.0 to 3.3.2), quotes and blanks included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClassFault {
    /// It begins or ends with a blank.
    Padded,
    /// It has quotes around it.
    Quoted,
    /// It has no dot.
    NoModule,
    /// It separates class and module by a colon.
    Colon,
    /// It is no dotted path of Python names.
    NotAPath,
    /// It lies in the namespace of an official package, and no release has it.
    NotShipped,
}

/// The longest path that is compared with others: the work grows with the product of the lengths.
const LONGEST: usize = 200;
/// Distances above which one path is no longer taken for a slip of the other.
const SLIP: usize = 2;
const SLIPS: usize = 3;

impl ClassFault {
    /// What is wrong with `path`. Nothing for a class elsewhere, which may well exist, nor for one
    /// with a variable that was not expanded.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let is_quote = |c: char| c == '"' || c == '\'';
        if path.contains('$') {
            None
        } else if path.trim() != path {
            Some(Self::Padded)
        } else if path.starts_with(is_quote) || path.ends_with(is_quote) {
            Some(Self::Quoted)
        } else if !path.contains('.') {
            Some(Self::NoModule)
        } else if path.contains(':') {
            Some(Self::Colon)
        } else if !path.split('.').all(is_identifier) {
            Some(Self::NotAPath)
        } else {
            let is_known = facts::backend_by_class(path).is_some() || is_base_class(path);
            (!is_known && is_official(path)).then_some(Self::NotShipped)
        }
    }

    /// Why `path` cannot be imported, in a sentence.
    #[must_use]
    pub fn reason(self, path: &str) -> String {
        let path = if is_showable(path) { path } else { "the value" };
        match self {
            Self::Padded => {
                "the class path begins or ends with a blank, which is taken as part of it"
                    .to_owned()
            }
            Self::Quoted => {
                "the class path has quotes around it, which are taken as part of it".to_owned()
            }
            Self::NoModule => format!("`{path}` does not look like a module path"),
            Self::Colon => format!(
                "`{path}`: a colon separates nothing here, the class is joined to its module by a dot"
            ),
            Self::NotAPath => format!("`{path}` is not a dotted path of Python names"),
            Self::NotShipped => {
                format!("no version of the package has a secrets backend `{path}`")
            }
        }
    }
}

/// Whether `path` may be shown: it is written like a path, not like the kwargs or a URL.
#[must_use]
pub fn is_showable(path: &str) -> bool {
    path.len() <= LONGEST && path.chars().all(|c| c.is_alphanumeric() || "._:-<>'\" ".contains(c))
}

/// `path` without the blanks and quotes around it, and with dots for colons.
#[must_use]
pub fn cleaned(path: &str) -> String {
    path.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'').replace(':', ".")
}

/// The import path of the official backend that `path` most probably means, if one is near enough.
#[must_use]
pub fn nearest_class(path: &str) -> Option<&'static str> {
    let path = cleaned(path);
    if path.len() > LONGEST {
        return None;
    }
    if let Some((backend, _)) = facts::backend_by_class(&path) {
        return Some(&backend.class);
    }
    let last = |path: &str| path.rsplit('.').next().unwrap_or("").to_lowercase();
    if !path.contains('.') {
        let mut named = facts::backends().iter().filter(|one| last(&one.class) == last(&path));
        return named.next().map(|backend| backend.class.as_str());
    }
    let here: Vec<&Backend> = facts::backends()
        .iter()
        .filter(|backend| path.starts_with(&format!("{}.", namespace(backend))))
        .collect();
    if let [only] = here.as_slice() {
        return Some(&only.class);
    }
    let candidates = facts::backends().iter().flat_map(|backend| {
        let aliases = backend.aliases.iter().map(|alias| alias.class.as_str());
        std::iter::once(backend.class.as_str()).chain(aliases).map(move |class| (class, backend))
    });
    let distance = |class: &str| strsim::damerau_levenshtein(class, &path);
    let (distance, _, backend) =
        candidates.map(|(class, backend)| (distance(class), class, backend)).min_by_key(|c| c.0)?;
    (distance <= path.len() / 3).then_some(backend.class.as_str())
}

/// The official backend that a path outside the official namespaces is a slip of: as many parts, and
/// in each hardly a difference.
#[must_use]
pub fn slip_of(path: &str) -> Option<&'static str> {
    if path.len() > LONGEST || facts::backend_by_class(path).is_some() || is_official(path) {
        return None;
    }
    facts::backends().iter().map(|backend| backend.class.as_str()).find(|class| {
        let pairs = || path.split('.').zip(class.split('.'));
        let distances = pairs().map(|(a, b)| strsim::damerau_levenshtein(a, b));
        path.split('.').count() == class.split('.').count()
            && distances.clone().all(|distance| distance <= SLIP)
            && distances.sum::<usize>() <= SLIPS
    })
}

/// The classes that the package owning the namespace of `path` ships.
#[must_use]
pub fn shipped_beside(path: &str) -> Vec<&'static str> {
    facts::backends()
        .iter()
        .filter(|backend| path.starts_with(&format!("{}.", namespace(backend))))
        .map(|backend| backend.class.as_str())
        .collect()
}

/// What the import paths of a package's modules begin with.
fn namespace(backend: &Backend) -> String {
    match backend.package.strip_prefix("apache-airflow-providers-") {
        Some(name) => format!("airflow.providers.{}", name.replace('-', ".")),
        None => "airflow.secrets".to_owned(),
    }
}

/// Whether `path` lies where official packages keep their backends. Their other classes can be
/// imported, whatever becomes of them as a backend.
fn is_official(path: &str) -> bool {
    let other = ["hooks", "operators", "sensors", "triggers", "links", "transfers", "utils"];
    let is_other = path.split('.').any(|part| other.contains(&part));
    !is_other && (path.starts_with("airflow.contrib.secrets.") || !shipped_beside(path).is_empty())
}

/// Core has this class, though it finds nothing.
fn is_base_class(path: &str) -> bool {
    path.starts_with("airflow.secrets.") && path.ends_with(".BaseSecretsBackend")
}

fn is_identifier(part: &str) -> bool {
    let mut characters = part.chars();
    characters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && characters.all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWS: &str = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
    const VAULT: &str = "airflow.providers.hashicorp.secrets.vault.VaultBackend";

    #[test]
    fn faults_are_told_apart() {
        for (path, fault) in [
            (AWS, None),
            ("airflow.contrib.secrets.hashicorp_vault.VaultBackend", None),
            ("airflow.secrets.base_secrets.BaseSecretsBackend", None),
            ("airflow.providers.infisical.secrets.backend.InfisicalBackend", None),
            ("company.secrets.OurBackend", None),
            ("airflow.providers.${X}.Backend", None),
            (" a.B", Some(ClassFault::Padded)),
            ("a.B\t", Some(ClassFault::Padded)),
            ("\"a.B\"", Some(ClassFault::Quoted)),
            ("a.B'", Some(ClassFault::Quoted)),
            ("SecretsManagerBackend", Some(ClassFault::NoModule)),
            ("a.b:C", Some(ClassFault::Colon)),
            ("a..B", Some(ClassFault::NotAPath)),
            ("a.b-c.D", Some(ClassFault::NotAPath)),
            ("airflow.providers.amazon.secrets.X", Some(ClassFault::NotShipped)),
            ("airflow.providers.microsoft.azure.X", Some(ClassFault::NotShipped)),
            ("airflow.providers.microsoft.mssql.X", None),
            ("airflow.providers.amazon.aws.hooks.s3.S3Hook", None),
            ("airflow.secrets.local.LocalFilesystemBackend", Some(ClassFault::NotShipped)),
            ("airflow.contrib.secrets.vault.VaultBackend", Some(ClassFault::NotShipped)),
        ] {
            assert_eq!(ClassFault::of(path), fault, "{path}");
        }
    }

    #[test]
    fn the_nearest_class_is_one_that_exists() {
        for (path, nearest) in [
            (
                "airflow.providers.amazon.aws.secrets.secret_manager.SecretsManagerBackend",
                Some(AWS),
            ),
            ("airflow.providers.amazon.secrets.secrets_manager.SecretsManagerBackend", Some(AWS)),
            ("airflow.providers.hashicorp.vault.VaultBackend", Some(VAULT)),
            ("airflow.contrib.secrets.hashicorp_vault.VaultSecrets", Some(VAULT)),
            ("'airflow.providers.hashicorp.secrets.vault:VaultBackend' ", Some(VAULT)),
            ("secretsmanagerbackend", Some(AWS)),
            ("airflow.providers.amazon.aws.X", None),
            ("company.X", None),
        ] {
            assert_eq!(nearest_class(path), nearest, "{path}");
        }
        assert_eq!(slip_of(&AWS.replace("airflow.p", "airlfow.p")), Some(AWS));
        assert_eq!(slip_of(&AWS.replace("amazon", "amazom")), Some(AWS));
        assert_eq!(slip_of(&AWS.replace("airflow", "company")), None);
    }

    #[test]
    fn what_is_no_path_is_not_repeated() {
        let reason = ClassFault::NotAPath.reason("{\"token\": \"hunter2.x\"}");
        assert!(!reason.contains("hunter2"), "{reason}");
    }
}
