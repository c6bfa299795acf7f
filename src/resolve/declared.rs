//! What is said to exist, and whether what DAG code asks for is among it.

use super::environment::Environment;
use super::existing::{is_same, short};
use super::lookup::Outcome;
use super::project::Project;
use super::requests::{Dispensable, KeyCertainty, Request};
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
                && !environment.is_for_others(name.creation)
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
        if is_among(names(), environment, kind, key) {
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
        is_among(names, environment, kind, key)
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
        let is_default = kind == Kind::Connection && declared.name.ends_with("_default");
        if environment.settings_name(&declared.name) || is_default { None } else { certain }
    }

    /// What says that the secret or key that `request` asks for exists: nothing, where others are said to exist and
    /// this one is not; `None` where nothing can be said, or it needs not to exist.
    #[must_use]
    pub fn declarations_of<'a>(&'a self, request: &Request<'a>) -> Option<Vec<&'a DeclaredName>> {
        let key = request.key.as_deref()?;
        let asked = &request.asked;
        let is_it = |name: &&DeclaredName| match name.what {
            Declares::Key(of) => of == request.kind && name.names(key),
            Declares::Secret => {
                let is_asked = |it: &String| is_same(it, &name.name) || name.names(short(it));
                asked.requested.iter().any(is_asked)
                    || asked.listed_as.iter().any(|it| it.is_name(&name.name))
            }
        };
        let found: Vec<_> = self.declared_names(request.environment).filter(is_it).collect();
        let is_of_its_kind = |name: &DeclaredName| match name.what {
            Declares::Key(of) => of == request.kind,
            Declares::Secret => true,
        };
        let must_exist = || {
            let may_be_elsewhere = matches!(
                request.dispensable,
                Some(Dispensable::Implicit | Dispensable::EnvironmentVariable)
            );
            let is_default = request.kind == Kind::Connection && key.ends_with("_default");
            let is_whole = request.certainty <= KeyCertainty::OneOf;
            is_whole && !asked.requested.is_empty() && !may_be_elsewhere && !is_default
        };
        let is_said = !found.is_empty()
            || must_exist() && self.declared_names(request.environment).any(is_of_its_kind);
        is_said.then_some(found)
    }

    /// The environments in which `declared` is said to exist.
    pub fn environments_of<'a>(
        &'a self,
        declared: &'a DeclaredName,
    ) -> impl Iterator<Item = &'a Environment> {
        let holds =
            |it: &&Environment| self.declared_names(it).any(|name| name.place == declared.place);
        self.environments.iter().filter(holds)
    }

    /// Whether it is certain that nothing asks for `declared`, in none of the environments in which it exists: one
    /// that is used anywhere is no waste.
    #[must_use]
    pub fn is_unused(&self, declared: &DeclaredName) -> bool {
        let is_unasked = |it: &Environment| self.is_asked_for(it, declared) == Some(false);
        self.environments_of(declared).any(is_unasked)
            && self.environments_of(declared).all(|it| is_unasked(it) || it.never_asks(declared))
    }
}

impl Environment {
    /// Whether a setting has `name` in it.
    fn settings_name(&self, name: &str) -> bool {
        self.settings.iter().any(|setting| {
            setting.text().is_some_and(|text| text.expose().contains(name))
                || setting.key.to_lowercase().contains(name)
        })
    }

    /// Whether `declared` is a secret below none of its prefixes, which are all known.
    fn never_asks(&self, declared: &DeclaredName) -> bool {
        // Azure takes both cases for the same.
        let name = declared.name.to_lowercase();
        let is_outside = |before: &str| !before.is_empty() && !name.starts_with(before);
        declared.what == Declares::Secret
            && !self.settings_name(&declared.name)
            && self.in_use().all(|by| {
                Kind::ALL.into_iter().all(|kind| {
                    let before = by.before_keys(kind);
                    before.is_some_and(|before| is_outside(&short(&before).to_lowercase()))
                })
            })
    }

    /// Whether one of its backends is the one with this id.
    fn uses(&self, id: &str) -> bool {
        self.in_use().any(|by| by.configured.backend().is_some_and(|backend| backend.id == id))
    }
}

/// Whether one of `names` is that of `key`.
fn is_among<'a>(
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
