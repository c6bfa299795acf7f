//! Names of secrets that somebody says exist, compared with what is asked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::glob_matches;

/// The id of the backend whose lists hold names below a path.
pub(super) const VAULT: &str = "hashicorp_vault";

/// The secrets that exist, as a list of them says.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    names: BTreeSet<String>,
    /// By the name in lower case, for services that do not tell cases apart.
    folded: BTreeMap<String, String>,
}

/// How a list may name a secret that a backend is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedAs {
    /// The name.
    name: String,
    /// Whether `*` in it stands for any text, since the key is known in part.
    is_glob: bool,
    /// Whether the service takes letters of either case for the same.
    folds_case: bool,
}

impl Existing {
    /// Takes `names` over: full names, ARNs, resource names, addresses. Folders, with a slash at their end, are no
    /// secrets.
    #[must_use]
    pub fn new(names: &[String]) -> Self {
        let names = names.iter().map(|name| short(name)).filter(|name| !name.ends_with('/'));
        let names: BTreeSet<String> = names.map(str::to_owned).collect();
        let folded = names.iter().map(|name| (name.to_lowercase(), name.clone())).collect();
        Self { names, folded }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The names of the list that may be what is asked for.
    #[must_use]
    pub(super) fn matching(&self, asked: &ListedAs) -> Vec<&str> {
        let name = asked.name.as_str();
        let first = name.split('*').next().filter(|_| asked.is_glob).unwrap_or(name).to_owned();
        let fits =
            |other: &str| if asked.is_glob { glob_matches(name, other) } else { name == other };
        if asked.folds_case {
            let near = self.folded.range(first.clone()..);
            let near = near.take_while(|(folded, _)| folded.starts_with(&first));
            near.filter(|(folded, _)| fits(folded)).map(|(_, name)| name.as_str()).collect()
        } else {
            let near = self.names.range(first.clone()..).map(String::as_str);
            near.take_while(|other| other.starts_with(&first)).filter(|it| fits(it)).collect()
        }
    }
}

/// Whether the service of the backend with this id takes both cases of a letter for the same.
pub(super) fn folds_case(backend: &str) -> bool {
    backend == "azure_key_vault"
}

impl ListedAs {
    /// Each way in which a list may name the secret that the backend with this id is asked for as `requested`, for
    /// `key`.
    #[must_use]
    pub(super) fn all(backend: &str, requested: &str, key: &str, is_glob: bool) -> Vec<Self> {
        let folds_case = folds_case(backend);
        let requested = short(requested);
        let mut names = vec![requested.to_owned()];
        if backend == VAULT {
            // Its tool leaves out what version 2 of the engine puts behind the mount, and lists only what stands
            // below a path.
            names.push(requested.replacen("/data/", "/", 1));
            names.extend(requested.rsplit('/').next().map(str::to_owned));
            names.push(key.to_owned());
        }
        let fold = |name: String| if folds_case { name.to_lowercase() } else { name };
        names.into_iter().map(|name| Self { name: fold(name), is_glob, folds_case }).collect()
    }

    /// Whether a list that has `name` may mean it.
    #[must_use]
    pub(super) fn is_name(&self, name: &str) -> bool {
        let name = short(name);
        let name = if self.folds_case { name.to_lowercase() } else { name.to_owned() };
        if self.is_glob { glob_matches(&self.name, &name) } else { self.name == name }
    }
}

/// The name in an ARN of Secrets Manager or Parameter Store, in a resource name of Google's, in the address of a
/// secret of Azure's; any other text is a name.
pub(super) fn short(text: &str) -> &str {
    if let Some((_, name)) = text.split_once(":secret:").filter(|_| text.starts_with("arn:")) {
        // A hyphen and six characters that the service adds.
        let cut = name.len().saturating_sub(7);
        let added = name.get(cut..).is_some_and(|end| {
            end.starts_with('-') && end[1..].bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        return if added { name.get(..cut).unwrap_or(name) } else { name };
    }
    if let Some((_, name)) = text.split_once(":parameter").filter(|_| text.starts_with("arn:")) {
        return name;
    }
    let is_path = text.starts_with("projects/") || text.starts_with("https://");
    match text.split_once("/secrets/").filter(|_| is_path) {
        Some((_, name)) => name.split('/').next().unwrap_or(name),
        None => text,
    }
}

/// Whether `existing` is the secret that is asked for as `requested`, which may have `*` in it.
#[must_use]
pub(super) fn is_same(requested: &str, existing: &str) -> bool {
    let (requested, existing) = (short(requested), short(existing));
    // Vault lists the names below a path, and is asked with the path.
    let below = || requested.strip_suffix(existing).is_some_and(|path| path.ends_with('/'));
    glob_matches(requested, existing) || below() && requested.contains("/data/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_name_secrets_in_many_ways() {
        let listed = |names: &[&str]| {
            Existing::new(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        };
        let holds = |names: &[&str], backend: &str, requested: &str, key: &str, is_glob: bool| {
            let existing = listed(names);
            let asked = ListedAs::all(backend, requested, key, is_glob);
            asked.iter().any(|asked| !existing.matching(asked).is_empty())
        };
        let google = "projects/{project}/secrets/a-b/versions/latest";
        for (name, backend, requested, key, same) in [
            ("a/b", "aws_secrets_manager", "a/b", "b", true),
            ("b", "aws_secrets_manager", "a/b", "b", false),
            (
                "arn:aws:secretsmanager:eu-west-1:1:secret:a/b-AbC123",
                "aws_secrets_manager",
                "a/b",
                "b",
                true,
            ),
            ("arn:aws:ssm:eu-west-1:1:parameter/a/b", "aws_ssm_parameter_store", "/a/b", "b", true),
            ("projects/12/secrets/a-b", "gcp_secret_manager", google, "b", true),
            ("https://v.vault.azure.net/secrets/A-b", "azure_key_vault", "a-b", "b", true),
            ("A/b", "aws_secrets_manager", "a/b", "b", false),
            ("b", VAULT, "secret/data/variables/b", "b", true),
            ("b/", VAULT, "secret/data/variables/b", "b", false),
            ("secret/variables/b", VAULT, "secret/data/variables/b", "b", true),
            ("variables/b", VAULT, "secret/data/variables/b", "b", false),
        ] {
            assert_eq!(holds(&[name], backend, requested, key, false), same, "{requested} {name}");
        }
        let names = ["a/b/c", "a/d", "B/x"];
        for (glob, same) in
            [("a/*/c", true), ("a/*", true), ("*/x", true), ("b/*", false), ("a/e*", false)]
        {
            assert_eq!(holds(&names, "aws_secrets_manager", glob, "", true), same, "{glob}");
        }
        assert!(holds(&names, "azure_key_vault", "b/*", "", true));
        assert!(!holds(&["a*"], "aws_secrets_manager", "a/*", "", true));
        assert!(!holds(&["a/b"], "aws_secrets_manager", "a/*", "", false));
    }

    #[test]
    fn names_are_compared() {
        for (requested, existing, same) in [
            ("a/b", "a/b", true),
            ("a/b", "b", false),
            ("secret/data/variables/b", "b", true),
            ("projects/{project}/secrets/a-b/versions/latest", "a-b", true),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a/b/d", false),
            ("a/*", "a/", true),
            ("*-b-*", "a-b-c", true),
            ("a*b*b", "ab", false),
        ] {
            assert_eq!(is_same(requested, existing), same, "{requested} {existing}");
        }
    }
}
