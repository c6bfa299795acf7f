//! What is said to exist, and whether what DAG code asks for is among it.

use super::declarations::{Declarations, Wants};
use super::environment::Environment;
use super::existing::short;
use super::lookup::Outcome;
use super::project::Project;
use super::requests::{Dispensable, KeyCertainty, Request};
use crate::model::{DeclaredName, Declares, Kind, glob_matches};

impl Project {
    /// Everything that is said to exist in `environment`, by whatever says so.
    pub fn declared_names<'a>(
        &'a self,
        environment: &'a Environment,
    ) -> impl Iterator<Item = &'a DeclaredName> {
        let numbers = self.declarations(environment).all().iter();
        numbers.filter_map(|number| self.model.declared.names.get(*number))
    }

    fn declarations<'a>(&self, environment: &'a Environment) -> &'a Declarations {
        environment.declarations.get_or_init(|| Declarations::new(self, environment))
    }

    /// Whether `environment` asks for the secret that is created as `name` when it asks for `requested`, which may
    /// have `*` in it.
    pub(super) fn is_asked_as(
        &self,
        environment: &Environment,
        name: &str,
        requested: &str,
    ) -> bool {
        glob_matches(self.declarations(environment).listed(requested), short(name))
    }

    /// Those of the declared names in `environment` that may be one of `texts`, and others.
    fn near<'a, 't>(
        &'a self,
        environment: &'a Environment,
        texts: impl IntoIterator<Item = &'t str>,
    ) -> impl Iterator<Item = &'a DeclaredName> {
        let numbers = self.declarations(environment).near(texts).into_iter();
        numbers.filter_map(|number| self.model.declared.names.get(number))
    }

    /// Whether what says that secrets of `kind` exist in `environment` may leave some out.
    #[must_use]
    pub fn is_declared_in_part(&self, environment: &Environment, kind: Kind) -> bool {
        self.declarations(environment).is_partial(kind)
    }

    /// Whether `key` is said to exist in `environment`; `None` where nothing there says which keys
    /// of its kind exist, or a file was not read that may create it, or it needs not to be said: a variable of the
    /// environment itself, or a default connection, which hooks do without.
    #[must_use]
    pub fn is_declared(&self, environment: &Environment, kind: Kind, key: &str) -> Option<bool> {
        let (lists_keys, lists_secrets) = self.declarations(environment).lists(kind);
        let requested = requested(environment, kind, key);
        if self.is_among(environment, kind, key, &requested, |_| true) {
            return Some(true);
        }
        let variable = kind.environment_variable(key);
        let is_set = variable.is_some_and(|name| environment.settings.get(&name).is_some());
        if is_set || kind == Kind::Connection && key.ends_with("_default") {
            return None;
        }
        let lists_secrets = lists_secrets && !self.model.may_create_more();
        (lists_keys || lists_secrets && !requested.is_empty()).then_some(false)
    }

    /// Whether the user says that `key` exists; code that creates secrets may never have run.
    pub(super) fn is_said_to_exist(
        &self,
        environment: &Environment,
        kind: Kind,
        key: &str,
    ) -> bool {
        let requested = requested(environment, kind, key);
        self.is_among(environment, kind, key, &requested, |name| name.backend.is_none())
    }

    /// Whether one of the declared names that `counts` is that of `key`, which is asked for as `requested`.
    fn is_among(
        &self,
        environment: &Environment,
        kind: Kind,
        key: &str,
        requested: &[String],
        counts: impl Fn(&DeclaredName) -> bool,
    ) -> bool {
        let declarations = self.declarations(environment);
        let texts = requested.iter().map(String::as_str).chain([key]);
        self.near(environment, texts).filter(|name| counts(name)).any(|name| match name.what {
            Declares::Key(of) => of == kind && name.names(key),
            Declares::Secret => requested.iter().any(|it| declarations.is_secret(name, it)),
        })
    }

    /// The kind whose prefix a declared secret has; `None` where that cannot be told.
    #[must_use]
    pub fn kind_of(&self, environment: &Environment, secret: &DeclaredName) -> Option<Kind> {
        self.declarations(environment).kind_of(secret)
    }

    /// The key that what is declared would be asked for by, with its kind; `None` where that cannot be told.
    #[must_use]
    pub fn declared_key<'a>(
        &self,
        environment: &Environment,
        declared: &'a DeclaredName,
    ) -> Option<(Kind, &'a str)> {
        match declared.what {
            Declares::Key(kind) => Some((kind, &declared.name)),
            Declares::Secret => self.declarations(environment).key_of(declared),
        }
    }

    /// Whether something in `environment` asks for what is declared, or may: `None` where some keys
    /// of its kind are only known at run time.
    #[must_use]
    pub fn is_asked_for(&self, environment: &Environment, declared: &DeclaredName) -> Option<bool> {
        let kind = match declared.what {
            Declares::Key(kind) => kind,
            Declares::Secret => self.kind_of(environment, declared)?,
        };
        if !declared.is_exact() {
            return None;
        }
        let wants = match kind {
            Kind::Variable => &environment.wanted_variables,
            Kind::Connection => &environment.wanted_connections,
            Kind::Config => return None,
        };
        let declarations = self.declarations(environment);
        let wants = wants.get_or_init(|| Wants::new(self, environment, kind, declarations));
        let is_asked = wants.hold(declared, declarations);
        // An option may name a connection too.
        let is_default = kind == Kind::Connection && declared.name.ends_with("_default");
        let may_be = is_default || environment.settings_name(&declared.name);
        if is_asked != Some(true) && may_be { None } else { is_asked }
    }

    /// What says that the secret or key that `request` asks for exists: nothing, where others are said to exist and
    /// this one is not; `None` where nothing can be said, or it needs not to exist.
    #[must_use]
    pub fn declarations_of<'a>(&'a self, request: &Request<'a>) -> Option<Vec<&'a DeclaredName>> {
        let key = request.key.as_deref()?;
        let asked = &request.asked;
        let declarations = self.declarations(request.environment);
        let is_it = |name: &&DeclaredName| match name.what {
            Declares::Key(of) => of == request.kind && name.names(key),
            Declares::Secret => {
                let is_listed = || asked.listed_as.iter().any(|it| it.is_name(&name.name));
                asked.requested.iter().any(|it| declarations.is_secret(name, it))
                    || name.creation.is_none() && is_listed()
            }
        };
        let texts = asked.requested.iter().map(String::as_str).chain([key]);
        let found: Vec<_> = self.near(request.environment, texts).filter(is_it).collect();
        let lists = || {
            let all = self.declarations(request.environment);
            let lists_keys = all.lists(request.kind).0;
            let is_secret = |it: &DeclaredName| it.what == Declares::Secret;
            lists_keys
                || !self.model.may_create_more()
                    && self.declared_names(request.environment).any(is_secret)
        };
        let must_exist = || {
            let may_be_elsewhere = matches!(
                request.dispensable,
                Some(
                    Dispensable::Implicit
                        | Dispensable::Unloaded
                        | Dispensable::EnvironmentVariable
                )
            );
            let is_default = request.kind == Kind::Connection && key.ends_with("_default");
            let is_whole = request.certainty <= KeyCertainty::OneOf;
            is_whole && !asked.requested.is_empty() && !may_be_elsewhere && !is_default
        };
        let is_said = !found.is_empty() || must_exist() && lists();
        is_said.then_some(found)
    }

    /// The environments in which `declared` is said to exist.
    pub fn environments_of<'a>(
        &'a self,
        declared: &'a DeclaredName,
    ) -> impl Iterator<Item = &'a Environment> {
        let is_it = |name: &DeclaredName| name.place == declared.place;
        let holds = move |it: &&'a Environment| self.near(it, [declared.name.as_str()]).any(is_it);
        self.environments.iter().filter(holds)
    }

    /// Whether it is certain that nothing asks for `declared`, in none of the environments in which it exists: one
    /// that is used anywhere is no waste.
    #[must_use]
    pub fn is_unused(&self, declared: &DeclaredName) -> bool {
        let is_unasked = |it: &Environment| self.is_asked_for(it, declared) == Some(false);
        let never_asks =
            |it: &Environment| it.never_asks(declared, self.declarations(it).listed_as(declared));
        self.environments_of(declared).any(is_unasked)
            && self.environments_of(declared).all(|it| is_unasked(it) || never_asks(it))
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

    /// Whether `declared`, which its service lists as `name`, is a secret below none of its prefixes, which are all
    /// known.
    fn never_asks(&self, declared: &DeclaredName, name: &str) -> bool {
        // Azure takes both cases for the same.
        let name = name.to_lowercase();
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
