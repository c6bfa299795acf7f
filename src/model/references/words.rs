//! The words without which a Python file asks for nothing.

use std::sync::LazyLock;

use crate::facts;
use crate::read::python::Scan;

/// Finds the Python files that hold something of what is looked for.
pub static REFERRING: LazyLock<Scan> = LazyLock::new(|| {
    let patterns = [NAME_PATTERNS, CREDENTIAL_PATTERNS].concat();
    Scan::with_patterns(&referring_words(), &patterns)
});

fn referring_words() -> Vec<&'static str> {
    let mut words = [WORDS, CREDENTIAL_WORDS, BYPASS_WORDS].concat();
    words.extend(facts::credentials().words());
    words
}

/// What [`REFERRING`] looks for, as regular expressions.
pub fn referring() -> impl Iterator<Item = String> {
    let words = referring_words().into_iter().map(regex::escape);
    words.chain([NAME_PATTERNS, CREDENTIAL_PATTERNS].concat().into_iter().map(str::to_owned))
}

/// Finds the Python files that may change what another one made.
pub static CHANGING: LazyLock<Scan> = LazyLock::new(|| Scan::with_patterns(&[], CHANGING_PATTERNS));

/// Finds the Python files that import others by names which only running them tells.
pub static IMPORTING: LazyLock<Scan> = LazyLock::new(|| Scan::new(IMPORTING_WORDS));

/// Finds the files that may hold a template with a reference.
pub static TEMPLATES: LazyLock<Scan> =
    LazyLock::new(|| Scan::with_patterns(&[], TEMPLATE_PATTERNS));

/// Finds the YAML and JSON files that may hold a reference.
pub static DATA: LazyLock<Scan> =
    LazyLock::new(|| Scan::with_patterns(DATA_WORDS, TEMPLATE_PATTERNS));

/// A file that holds none of these has no reference that [`super::references`] could find: every
/// form needs the name of the class, of the method or of the keyword somewhere in the file. To be
/// given to [`crate::read::python::Scan::new`].
pub const WORDS: &[&str] = &[
    "Variable",
    "Connection",
    "get_connection",
    "get_hook",
    "conn_id",
    "Hook",
    "_config_id",
    "ObjectStoragePath",
    "ProfileMapping",
    "profile_mapping",
];

/// Whether Airflow's safe mode (`[core] dag_discovery_safe_mode`) looks for DAGs in a file.
/// `might_contain_dag_via_default_heuristic` in `airflow/utils/file.py`, 2.3 to 3.3.
#[must_use]
pub fn may_hold_dag(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("airflow") && (text.contains("dag") || text.contains("asset"))
}

/// What a file holds that imports others by names which only running it tells; dag-factory and gusty take
/// them from YAML.
pub const IMPORTING_WORDS: &[&str] =
    &["importlib", "__import__", "pkgutil", "runpy", "dagfactory", "gusty"];

/// Further words, of which a file has one that holds a credential in a place where
/// [`super::Literal`]s are looked for. Those of shapes come from the facts.
pub const CREDENTIAL_WORDS: &[&str] = &["AIRFLOW_CONN_", "aws_secret_access_key"];

/// The same, as expressions; the first is an assignment of a string to an environment variable.
pub const CREDENTIAL_PATTERNS: &[&str] = &[
    r#"environ\[["'][A-Za-z0-9_]+["']\] *= *["']"#,
    // A string under a name that may be that of a secret, in one of the three ways to write a word: letters
    // of any kind have no beginning that could be looked for quickly.
    r#"(?:(?:pass|Pass|PASS)(?i:wd|word|phrase)|pwd|Pwd|PWD|secret|Secret|SECRET|token|Token|TOKEN|apikey|Apikey|APIKEY|_key|-key|_KEY|-KEY|Key|(?:key|Key|KEY)(?i:_?content|file_?dict)|credentials|Credentials|CREDENTIALS)["']?\s*(?::\s*[A-Za-z]+\s*)?[:=]\s*\(?\s*[rRuU]?["'][^"'\s]{4}"#,
    // An address with a password.
    r#"://[^\s:/@"']*:[^\s@"'{]+@"#,
];

/// Further words, of which a file has one that holds a [`super::Bypass`]: methods of clients, and the
/// ends of the names of backend classes.
pub const BYPASS_WORDS: &[&str] = &[
    // A variable of which it matters whether anything reads it.
    "SECRET_VAR_",
    "get_secret",
    "get_parameter",
    "access_secret",
    "read_secret",
    "SecretsManagerBackend",
    "SecretManagerBackend",
    "ParameterStoreBackend",
    "VaultBackend",
    "KeyVaultBackend",
    "LockboxSecretBackend",
    "AkeylessBackend",
    "KubernetesSecretsBackend",
];
/// What a file holds that has a template with a reference in it: an opening delimiter, or an escape that
/// may stand for one, and behind it one of the two names. Nobody writes a delimiter or a name in parts.
pub const TEMPLATE_PATTERNS: &[&str] =
    &[r"(?s:(?:\{[{%]|\\x7[bB]|\\[uU][0-9a-fA-F]*7[bB]|\\173|\\N\{LEFT CURLY).*?(?:var|conn)\b)"];

/// What a YAML or JSON file holds that has a reference besides.
pub const DATA_WORDS: &[&str] = &["conn_id", "variables_as_arguments"];

/// What code holds that changes a list, a dictionary or a class which another file made.
pub const CHANGING_PATTERNS: &[&str] = &[
    r"\.(?:append|appendleft|add|extend|insert|update|setdefault|pop|popitem|popleft|remove|discard|clear|sort|reverse)\(",
    r"\]\s*[-+|]?=[^=]",
    r"\+=|\|=|\bsetattr\b|\bdel\b",
    r"(?m)^\s*[\w\x80-\xff]+(?:\.[\w\x80-\xff]+)+\s*=[^=]",
];

/// What code holds that has a template with a reference in it, or looks into the context of a task: one of
/// the two names, which nobody writes in parts.
pub const NAME_PATTERNS: &[&str] = &[r"(?:var|conn)\b"];
