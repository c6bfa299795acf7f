//! What is said to exist, and whether what DAG code asks for is among it.

use super::environment::Environment;
use super::existing::{is_same, short};
use super::lookup::Outcome;
use super::project::Project;
use crate::model::{DeclaredName, Declares, Kind, Timing, glob_matches};

impl Project {
    /// Everything that is said to exist in `environment`, by whatever says so.
    pub fn declared_names<'a>(
        &'a self,
        environment: &'a Environment,
    ) -> impl Iterator<Item = &'a DeclaredName> {
        let holds = |name: &&DeclaredName| {
            name.environment.as_ref().is_none_or(|wanted| *wanted == environment.name)
                && name.backend.is_none_or(|id| environment.uses(id))
        };
        self.model.declared.names.iter().filter(holds)
    }

    /// Whether what says that secrets of `kind` exist in `environment` may leave some out.
    #[must_use]
    pub fn is_declared_in_part(&self, environment: &Environment, kind: Kind) -> bool {
        let mut names = self.declared_names(environment).filter(|name| match name.what {
            Declares::Key(of) => of == kind,
            Declares::Secret => self.kind_of(environment, name) == Some(kind),
        });
        names.all(|name| name.is_partial)
    }

    /// Whether `key` is said to exist in `environment`; `None` where nothing there says which keys
    /// of its kind exist, or it needs not to be said: a variable of the environment itself, or a
    /// default connection, which hooks do without.
    #[must_use]
    pub fn is_declared(&self, environment: &Environment, kind: Kind, key: &str) -> Option<bool> {
        let requested = requested(environment, kind, key);
        let names = || self.declared_names(environment);
        if self.is_among(names(), environment, kind, key) {
            return Some(true);
        }
        let variable = kind.environment_variable(key);
        let is_set = variable.is_some_and(|name| environment.settings.get(&name).is_some());
        if is_set || kind == Kind::Connection && key.ends_with("_default") {
            return None;
        }
        let lists_keys = names().any(|name| name.what == Declares::Key(kind));
        let lists_secrets = !requested.is_empty()
            && names().any(|name| {
                name.what == Declares::Secret && self.kind_of(environment, name) == Some(kind)
            });
        (lists_keys || lists_secrets).then_some(false)
    }

    /// Whether the user says that `key` exists; code that creates secrets may never have run.
    pub(super) fn is_said_to_exist(
        &self,
        environment: &Environment,
        kind: Kind,
        key: &str,
    ) -> bool {
        let names = self.declared_names(environment).filter(|name| name.backend.is_none());
        self.is_among(names, environment, kind, key)
    }

    /// Whether one of `names` is that of `key`.
    fn is_among<'a>(
        &self,
        mut names: impl Iterator<Item = &'a DeclaredName>,
        environment: &Environment,
        kind: Kind,
        key: &str,
    ) -> bool {
        let requested = requested(environment, kind, key);
        names.any(|name| match name.what {
            Declares::Key(of) => of == kind && name.names(key),
            Declares::Secret => {
                requested.iter().any(|it| is_same(it, &name.name) || name.names(short(it)))
            }
        })
    }

    /// The kind whose prefix a declared secret has; `None` where that cannot be told.
    #[must_use]
    pub fn kind_of(&self, environment: &Environment, secret: &DeclaredName) -> Option<Kind> {
        let of = |kind: &Kind| {
            environment.in_use().any(|by| {
                by.name(*kind, "").is_some_and(|before| {
                    let prefix = short(&before);
                    !prefix.is_empty()
                        && secret.name.strip_prefix(prefix).is_some_and(|key| !key.is_empty())
                })
            })
        };
        let mut kinds = Kind::ALL.into_iter().filter(of);
        let first = kinds.next()?;
        kinds.next().is_none().then_some(first)
    }

    /// Whether something in `environment` asks for what is declared, or may: `None` where some keys
    /// of its kind are only known at run time.
    #[must_use]
    pub fn is_asked_for(&self, environment: &Environment, declared: &DeclaredName) -> Option<bool> {
        let kind = match declared.what {
            Declares::Key(kind) => kind,
            Declares::Secret => self.kind_of(environment, declared)?,
        };
        if kind == Kind::Config || !declared.is_exact() {
            return None;
        }
        let mut certain = Some(false);
        let references = self.model.references.iter();
        let of_kind = references.filter(|it| it.kind == kind && it.timing != Timing::Never);
        for key in of_kind.flat_map(|reference| environment.key_of(reference).alternatives()) {
            let Some(asked) = key.glob() else {
                certain = None;
                continue;
            };
            let is_it = match declared.what {
                Declares::Key(_) => glob_matches(&asked, &declared.name),
                // Also where every lookup fails: what is meant is the same.
                Declares::Secret => environment
                    .in_use()
                    .any(|by| by.names(kind, &asked).iter().any(|it| is_same(it, &declared.name))),
            };
            if is_it {
                return Some(true);
            }
        }
        // An option may name a connection too.
        let named = |text: &str| text.contains(declared.name.as_str());
        let in_settings = environment.settings.iter().any(|setting| {
            setting.text().is_some_and(|text| named(text.expose()))
                || named(&setting.key.to_lowercase())
        });
        let is_default = kind == Kind::Connection && declared.name.ends_with("_default");
        if in_settings || is_default { None } else { certain }
    }
}

impl Environment {
    /// Whether one of its backends is the one with this id.
    fn uses(&self, id: &str) -> bool {
        self.in_use().any(|by| by.configured.backend().is_some_and(|backend| backend.id == id))
    }
}

/// The names that the backends of `environment` are asked for.
fn requested(environment: &Environment, kind: Kind, key: &str) -> Vec<String> {
    let mut names = Vec::new();
    for by in environment.in_use() {
        for answer in environment.answers(by.process, kind, key) {
            if answer.lookup.outcome == Outcome::Asked {
                names.extend(answer.lookup.requested);
            }
        }
    }
    names.sort();
    names.dedup();
    names
}
