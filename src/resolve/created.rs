//! Secrets that the project creates, beside what its backends ask for.

use super::asked::InUse;
use super::aws_region::Region;
use super::environment::Environment;
use super::existing::short;
use super::project::Project;
use crate::facts::aws;
use crate::model::setup::creation::Creation;
use crate::model::{Key, Kind, Place, Reference};
use crate::read::json::{self, Kind as JsonKind};
use crate::text::Text;

/// A secret that some backend of the project reads.
#[derive(Clone, Copy, Debug)]
pub struct Created<'a> {
    /// How it is created.
    pub creation: &'a Creation,
    /// Its name.
    pub name: &'a str,
    /// A backend that asks for names like it.
    pub by: InUse<'a>,
    /// What it is for; `None` where the backend asks for any name.
    pub kind: Option<Kind>,
}

/// A secret that no backend of the project asks for, although it seems to be meant.
#[derive(Clone, Debug)]
pub struct Misplaced<'a> {
    /// How it is created.
    pub creation: &'a Creation,
    /// Its name.
    pub name: &'a str,
    /// The environment whose backend would ask for it.
    pub environment: &'a Environment,
    /// What it would be for.
    pub kind: Kind,
    /// The name that would be asked for.
    pub asked: String,
    /// What asks for it; `None` where only its prefix tells that it is meant.
    pub reference: Option<&'a Reference>,
}

impl Project {
    /// The secrets that the project creates and some backend may read, each with the first of them.
    pub fn created(&self) -> impl Iterator<Item = Created<'_>> {
        self.model.setup.creations.iter().filter_map(|creation| {
            let name = name_of(creation)?;
            let mut readers = self.readers(creation);
            let (by, kind) = readers.find_map(|by| match taken_by(by, name) {
                Taken::No => None,
                Taken::Any => Some((by, None)),
                Taken::As(kind) => Some((by, Some(kind))),
            })?;
            Some(Created { creation, name, by, kind })
        })
    }

    /// The secrets that the project creates and no backend asks for, although their prefix is
    /// nearly that of a backend.
    #[must_use]
    pub fn misplaced(&self) -> Vec<Misplaced<'_>> {
        let found = self.model.setup.creations.iter();
        found.filter_map(|creation| self.misplaced_one(creation)).collect()
    }

    fn misplaced_one<'a>(&'a self, creation: &'a Creation) -> Option<Misplaced<'a>> {
        let name = name_of(creation)?;
        let readers: Vec<InUse<'_>> = self.readers(creation).collect();
        let is_unsure = |by: &InUse<'_>| {
            [Kind::Variable, Kind::Connection].iter().any(|kind| by.before_keys(*kind).is_none())
                || !matches!(taken_by(*by, name), Taken::No)
        };
        if readers.is_empty() || readers.iter().any(is_unsure) {
            return None;
        }
        let exists = |asked: &str| {
            self.model
                .setup
                .creations
                .iter()
                .any(|it| name_of(it).is_some_and(|it| it == short(asked)))
        };
        for by in &readers {
            let mut best: Option<(usize, Misplaced<'_>)> = None;
            for reference in self.reading() {
                for key in by.keys_of(reference).iter().filter_map(Key::name) {
                    let Some(asked) = by.name(reference.kind, key) else { continue };
                    let better = best.as_ref().is_none_or(|(length, _)| *length < key.len());
                    // Secrets of other programs end like keys too.
                    let is_meant = ends_with_key(name, key)
                        && is_near(head(name, key), &by.before_keys(reference.kind)?);
                    if is_meant && better && !exists(&asked) {
                        best = Some((
                            key.len(),
                            Misplaced {
                                creation,
                                name,
                                environment: by.environment,
                                kind: reference.kind,
                                asked,
                                reference: Some(reference),
                            },
                        ));
                    }
                }
            }
            if let Some((_, misplaced)) = best {
                return Some(misplaced);
            }
            for kind in [Kind::Variable, Kind::Connection] {
                let before = by.before_keys(kind)?;
                let cut = name.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_')? + 1;
                let (head, key) = (name.get(..cut)?, name.get(cut..)?);
                if !key.is_empty() && is_near(head, &before) {
                    return Some(Misplaced {
                        creation,
                        name,
                        environment: by.environment,
                        kind,
                        asked: by.name(kind, key)?,
                        reference: None,
                    });
                }
            }
        }
        None
    }

    /// The backends that read from the service that `creation` writes to.
    fn readers<'a>(&'a self, creation: &'a Creation) -> impl Iterator<Item = InUse<'a>> {
        self.in_use().filter(|by| {
            by.configured.backend().is_some_and(|backend| backend.id == creation.backend)
        })
    }
}

impl<'a> Created<'a> {
    /// Another region than the backend looks in, with where each is said: of the secret, of the backend.
    /// `None` where they agree for some backend of `project`, or one is not known.
    #[must_use]
    pub fn other_region(&self, project: &'a Project) -> Option<(&'a str, Place, String, Place)> {
        let readers = project.readers(self.creation);
        let mut looks = readers.filter(|by| !matches!(taken_by(*by, self.name), Taken::No));
        if looks.any(|by| self.region_of(by).is_none()) {
            return None;
        }
        self.region_of(self.by)
    }

    fn region_of(&self, by: InUse<'a>) -> Option<(&'a str, Place, String, Place)> {
        let created = self.creation.region.as_ref()?.known()?;
        let (region, place) = match by.environment.aws_region(by.configured)? {
            Region::Keyword(kwarg) => (kwarg.plain()?.to_owned(), kwarg.value_place),
            Region::Setting(setting) => (setting.shown()?.to_owned(), setting.value_place()),
            Region::Elsewhere | Region::Missing => return None,
        };
        let here = Place::new(self.creation.statement.file, created.span());
        (created.expose() != region).then_some((created.expose(), here, region, place))
    }
}

/// What is wrong with a text that is to be a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadConnection {
    /// Neither JSON nor a URI.
    Neither,
    /// In quotes, which belong to no value.
    Quoted,
    /// It begins like JSON and is none.
    NotJson,
    /// JSON that does not say of which type it is.
    NoType,
    /// JSON whose `conn_id` stands before `conn_type` and is taken for the type.
    IdIsType,
    /// JSON with one member, as the console makes of a text that is entered as key and value.
    OnePair,
}

/// What is wrong with `text` as a connection that `backend` hands to Airflow.
#[must_use]
pub fn bad_connection(text: &Text, backend: &str) -> Option<BadConnection> {
    let value = text.expose().trim();
    let is_quoted = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    if is_quoted('"') || is_quoted('\'') {
        return Some(BadConnection::Quoted);
    }
    if !value.starts_with('{') {
        let scheme = value.split("://").next().filter(|scheme| *scheme != value);
        let is_scheme = |scheme: &str| {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-._".contains(c))
        };
        return (!scheme.is_some_and(is_scheme)).then_some(BadConnection::Neither);
    }
    let Ok(parsed) = json::parse(value) else { return Some(BadConnection::NotJson) };
    let JsonKind::Object(members) = parsed.kind else { return Some(BadConnection::NotJson) };
    let names: Vec<&str> = members.iter().map(|member| member.key.node.as_str()).collect();
    let has_aliases = backend == "aws_secrets_manager";
    let is_type = |name: &&&str| {
        if has_aliases { aws().names_connection_type(name) } else { **name == "conn_type" }
    };
    match names.iter().find(is_type) {
        Some(&"conn_id") if names.contains(&"conn_type") => Some(BadConnection::IdIsType),
        Some(&"conn_id") => Some(BadConnection::NoType),
        Some(_) => None,
        None if names.len() == 1 => Some(BadConnection::OnePair),
        None => Some(BadConnection::NoType),
    }
}

/// Whether `text` is JSON with one member that is a text: what the console makes of key and value.
#[must_use]
pub fn is_one_pair(text: &Text) -> bool {
    let Ok(json::Value { kind: JsonKind::Object(members), .. }) = json::parse(text.expose()) else {
        return false;
    };
    matches!(members.as_slice(), [member] if matches!(member.value.kind, JsonKind::String(_)))
}

/// The name of a secret, when all of it is known.
fn name_of(creation: &Creation) -> Option<&str> {
    creation.name.known().map(|name| short(name.expose())).filter(|name| !name.is_empty())
}

/// What a backend would take a secret for.
enum Taken {
    /// Nothing: it asks for no such name.
    No,
    /// Whatever is asked for: it has no prefix, or one for several kinds.
    Any,
    /// One kind.
    As(Kind),
}

/// Whether `by` asks for names like `name`, and for which kind.
fn taken_by(by: InUse<'_>, name: &str) -> Taken {
    let mut kinds = Vec::new();
    for kind in Kind::ALL {
        let Some(before) = by.before_keys(kind) else { continue };
        if short(&before).is_empty() {
            return Taken::Any;
        }
        if name.strip_prefix(short(&before)).is_some_and(|key| !key.is_empty()) {
            kinds.push(kind);
        }
    }
    match kinds.as_slice() {
        [] => Taken::No,
        [kind] => Taken::As(*kind),
        _ => Taken::Any,
    }
}

/// Whether `name` is `key`, or ends with it as a word of its own.
fn ends_with_key(name: &str, key: &str) -> bool {
    name.strip_suffix(key)
        .is_some_and(|head| head.is_empty() || head.ends_with(|c: char| !c.is_ascii_alphanumeric()))
}

/// What stands before `key` in `name`.
fn head<'a>(name: &'a str, key: &str) -> &'a str {
    name.strip_suffix(key).unwrap_or(name)
}

/// Whether `head` could be meant for the prefix `before`: nothing but its case, its separators or a few
/// letters differ.
fn is_near(head: &str, before: &str) -> bool {
    let plain = |text: &str| {
        let words = text.to_lowercase();
        words.split(|c: char| !c.is_ascii_alphanumeric()).collect::<Vec<_>>().concat()
    };
    let (head, before) = (plain(head), plain(before));
    !head.is_empty() && head.len() > 3 && strsim::damerau_levenshtein(&head, &before) <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_uris_or_json_with_a_type() {
        let aws = "aws_secrets_manager";
        for (text, backend, expected) in [
            ("postgres://u@h/d", aws, None),
            ("google-cloud-platform://?extra__x=1", aws, None),
            ("hunter2", aws, Some(BadConnection::Neither)),
            ("\"postgres://h\"", aws, Some(BadConnection::Quoted)),
            ("{\"conn_type\": \"x\"}", aws, None),
            ("{\"engine\": \"postgres\", \"host\": \"h\"}", aws, None),
            ("{\"engine\": \"postgres\"}", "gcp_secret_manager", Some(BadConnection::OnePair)),
            (
                "{\"engine\": \"p\", \"host\": \"h\"}",
                "gcp_secret_manager",
                Some(BadConnection::NoType),
            ),
            ("{\"conn_id\": \"a\", \"conn_type\": \"x\"}", aws, Some(BadConnection::IdIsType)),
            ("{\"conn_type\": \"x\", \"conn_id\": \"a\"}", aws, None),
            ("{\"host\": \"h\", \"login\": \"l\"}", aws, Some(BadConnection::NoType)),
            ("{'conn_type': 'x'}", aws, Some(BadConnection::NotJson)),
            ("{\"warehouse\": \"postgres://h\"}", aws, Some(BadConnection::OnePair)),
        ] {
            assert_eq!(bad_connection(&Text::verbatim(text, 0), backend), expected, "{text}");
        }
    }

    #[test]
    fn prefixes_are_near_when_little_differs() {
        for (head, before, expected) in [
            ("/airflow/variables/", "airflow/variables/", true),
            ("airflow/variable/", "airflow/variables/", true),
            ("Airflow-Variables-", "airflow/variables/", true),
            ("rds/", "airflow/variables/", false),
            ("", "airflow/variables/", false),
        ] {
            assert_eq!(is_near(head, before), expected, "{head}");
        }
    }
}
