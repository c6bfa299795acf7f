//! A configured backend and its package: what it needs of it, and what may be installed.

use pep440_rs::{Operator, Version};

use super::backend::{Configured, Section};
use super::environment::Environment;
use super::project::Project;
use crate::facts::releases::{self, Package, behaves_as};
use crate::facts::runtime::{Bundled, Image};
use crate::facts::{self, AIRFLOW, Bug, BugNeeds, Effect, SensitiveOption, airflow, bugs_of};
use crate::model::{Basis, FileKind, Model, Place, Presence, Setting, VersionSet};
use crate::read::json;
use crate::text::Span;

/// A backend of a provider, as one environment configures it.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    /// Where it is configured.
    pub environment: &'a Environment,
    /// How.
    pub configured: &'a Configured,
    /// The class.
    pub backend: &'static facts::Backend,
    /// The package that holds it.
    pub package: &'static Package,
    /// What may be installed of the package.
    pub installed: &'a VersionSet,
    model: &'a Model,
}

/// Something that the configured backend needs a newer package for.
#[derive(Clone, Debug)]
pub struct Need {
    /// What needs it, as it may be shown: a keyword, or the class.
    pub what: String,
    /// Where that stands.
    pub place: Place,
    /// The first version that has it.
    pub since: Version,
    /// What becomes of it with the older versions that are possible: the mildest.
    pub before: Effect,
    /// Why.
    pub why: &'static str,
}

/// A known bug that shows in some of the versions that are possible.
#[derive(Clone, Copy, Debug)]
pub struct KnownBug {
    /// The bug.
    pub bug: &'static Bug,
    /// What it needs to matter, where it needs something.
    pub because: Option<Place>,
    /// Whether it shows in every version that is possible.
    pub certain: bool,
}

/// The versions of a package that serve a configured backend.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// The first version that does; `None` when all of the older ones do.
    pub from: Option<Version>,
    /// The first version that needs a newer Airflow.
    pub below: Option<Version>,
}

impl Bounds {
    /// The requirement for `package`: `name>=5.1.0,<9.18.0`.
    #[must_use]
    pub fn requirement(&self, package: &Package) -> String {
        format!("{}{}", package.name, self.specifiers())
    }

    /// The specifiers: `>=5.1.0,<9.18.0`.
    #[must_use]
    pub fn specifiers(&self) -> String {
        let from = self.from.iter().map(|version| format!(">={version}"));
        let below = self.below.iter().map(|version| format!("<{version}"));
        from.chain(below).collect::<Vec<_>>().join(",")
    }
}

impl Project {
    /// Every configured backend that a provider holds, where Airflow would look for it there.
    pub fn providers(&self) -> impl Iterator<Item = Provider<'_>> {
        self.backends().filter_map(|(environment, configured)| {
            Provider::of(&self.model, environment, configured)
        })
    }
}

impl<'a> Provider<'a> {
    fn of(
        model: &'a Model,
        environment: &'a Environment,
        configured: &'a Configured,
    ) -> Option<Self> {
        let (backend, alias) = configured.class.as_ref()?.known?;
        let package =
            releases::package(&backend.package).filter(|package| !package.is_airflow())?;
        let airflows = environment.versions.airflow();
        let used = configured.section == Section::Secrets
            || airflows.any(|version| airflow().behaves("workers-backend", version));
        // A path of Airflow's own leads to the provider only while it is a shim.
        let forwards = alias.is_none_or(|alias| {
            alias.package != AIRFLOW
                || airflows.all(|version| {
                    alias.range.contains(version)
                        && alias.shim_from.as_ref().is_some_and(|from| version >= from)
                })
        });
        let installed = environment.versions.package(&package.name)?;
        (used && forwards).then_some(Self {
            environment,
            configured,
            backend,
            package,
            installed,
            model,
        })
    }

    /// The place that names the class.
    #[must_use]
    pub fn class_place(&self) -> Option<Place> {
        self.configured.class.as_ref().map(|class| class.setting.value_place())
    }

    /// The image that the project is built on, and where it is named.
    #[must_use]
    pub fn image(&self) -> Option<&'a (Image, Place)> {
        self.model.dockerfile()?.image.as_ref()
    }

    /// Whether what is installed is what pip chooses: nobody pinned it, and the image is known to
    /// hold none.
    #[must_use]
    pub fn is_chosen_by_pip(&self) -> bool {
        let asked = matches!(
            self.installed.basis(),
            Basis::Range(_) | Basis::Unpinned(_) | Basis::Extra(_)
        );
        asked && !self.image_may_hold_it()
    }

    /// Whether the image may hold the package, in a version that is not known.
    #[must_use]
    pub fn image_may_hold_it(&self) -> bool {
        self.image().is_none_or(|(image, _)| image.bundled(&self.package.id) == Bundled::Unknown)
    }

    /// The place that decides which version is installed: a requirement, or the image.
    #[must_use]
    pub fn deciding_place(&self) -> Option<Place> {
        match self.installed.basis() {
            Basis::Pinned(place)
            | Basis::Range(place)
            | Basis::Unpinned(place)
            | Basis::Extra(place)
            | Basis::Conditional(place)
            | Basis::Bundled { image: place, .. } => Some(*place),
            _ => None,
        }
    }

    /// What the configuration uses that not every version of the package has, the latest first.
    #[must_use]
    pub fn needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        if let Some(class) = &self.configured.class
            && class.known.is_some_and(|(_, alias)| alias.is_none())
            && self.package.released.first().is_some_and(|first| *first < self.backend.since)
        {
            needs.push(Need {
                what: "the class".to_owned(),
                place: class.setting.value_place(),
                since: self.backend.since.clone(),
                before: Effect::StartupError,
                why: "it does not exist",
            });
        }
        let airflows = self.environment.versions.airflow().versions();
        let Some(newest) = airflows.last() else { return needs };
        for kwarg in self.configured.keywords(newest) {
            let Some(parameter) = self.backend.parameter(&kwarg.name) else { continue };
            let Some(since) = parameter.since() else { continue };
            // A newer version would not read it either.
            if parameter.until().is_some() || *since <= self.backend.since {
                continue;
            }
            let Some((before, why)) = self.before(&kwarg.name, since) else { continue };
            if before <= Effect::Ignored && kwarg.value.kind == json::Kind::Null {
                continue;
            }
            let what = format!("`{}`", kwarg.shown_name());
            needs.push(Need { what, place: kwarg.name_place, since: since.clone(), before, why });
        }
        needs.sort_by(|a, b| (b.before, &b.since).cmp(&(a.before, &a.since)));
        needs
    }

    /// The mildest effect of the keyword `name` in versions older than `since`: those that are
    /// possible, or else all.
    fn before(&self, name: &str, since: &Version) -> Option<(Effect, &'static str)> {
        let airflows = self.environment.versions.airflow().versions();
        let possible = self.installed.versions().iter().map(behaves_as);
        let mut older: Vec<Version> = possible.filter(|version| version < since).collect();
        if older.is_empty() {
            older = self.package.released.iter().filter(|it| *it < since).cloned().collect();
        }
        let ends = || airflows.first().into_iter().chain(airflows.last());
        older
            .iter()
            .flat_map(|provider| ends().map(move |airflow| (provider, airflow)))
            .map(|(provider, airflow)| {
                let why = self.backend.unlisted(provider, airflow).1;
                (self.backend.effect(name, provider, airflow), why)
            })
            .min()
    }

    /// The known bugs that show in some of the versions that are possible.
    #[must_use]
    pub fn known_bugs(&self) -> Vec<KnownBug> {
        let airflows = self.environment.versions.airflow();
        self.relevant_bugs()
            .filter(|(bug, _)| self.installed.any(|version| bug.affects(version)))
            .map(|(bug, because)| KnownBug {
                bug,
                because,
                certain: self.installed.presence() == Presence::Installed
                    && self.installed.all(|version| bug.affects(version))
                    && airflows.presence() == Presence::Installed
                    && airflows.all(|version| bug.shows_on(version)),
            })
            .collect()
    }

    /// The bugs of any version that matter to this configuration and show on a possible Airflow.
    fn relevant_bugs(&self) -> impl Iterator<Item = (&'static Bug, Option<Place>)> {
        let airflows = self.environment.versions.airflow();
        bugs_of(self.backend)
            .filter(|bug| airflows.any(|version| bug.shows_on(version)))
            .filter_map(|bug| match bug.needs {
                None => Some((bug, None)),
                Some(BugNeeds::ConfigSecret) => {
                    self.config_secret().map(|setting| (bug, Some(setting.key_place())))
                }
                Some(BugNeeds::Role) => {
                    let role = self.configured.keyword("role_arn")?;
                    let carried = self
                        .model
                        .requirements
                        .as_ref()
                        .is_some_and(|requirements| requirements.mention("aiobotocore"));
                    // The provider list of an image does not tell what else is in it.
                    let bundled = matches!(self.installed.basis(), Basis::Bundled { .. });
                    (!carried && !bundled).then_some((bug, Some(role.name_place)))
                }
            })
    }

    /// A setting by which Airflow asks the backend for an option of its configuration.
    fn config_secret(&self) -> Option<&'a Setting> {
        let airflows = self.environment.versions.airflow();
        let all = self.environment.settings.iter().chain(self.environment.cfg.iter());
        let mut all = all.filter(|setting| setting.key.ends_with("_SECRET"));
        all.find(|setting| {
            let name = setting.key.strip_suffix("_SECRET").unwrap_or_default();
            let Some((section, option)) =
                name.strip_prefix("AIRFLOW__").and_then(|name| name.split_once("__"))
            else {
                return false;
            };
            let (section, option) = (section.to_lowercase(), option.to_lowercase());
            self.environment.configuration().plain(&section, &option).is_none()
                && airflows.all(|version| {
                    airflow().sensitive(&section, &option, version) == SensitiveOption::Yes
                })
        })
    }

    /// The versions that serve this configuration on the Airflow that is possible here; `None` when
    /// none does, or when nobody knows the Airflow.
    #[must_use]
    pub fn bounds(&self) -> Option<Bounds> {
        let airflows = self.environment.versions.airflow();
        let newest = airflows.versions().last().filter(|_| airflows.is_told())?;
        let needs = self.needs().into_iter().map(|need| need.since);
        let bugs = self.relevant_bugs().filter(|(bug, _)| bug.effect >= Effect::LookupError);
        let fixed = bugs.map(|(bug, _)| bug.until.clone());
        let made_for = self.package.with_airflow_3.clone();
        let made_for =
            made_for.filter(|_| airflows.all(|version| version.release().first() >= Some(&3)));
        let from = needs.chain(fixed).chain(made_for).max();
        let mut released = self.package.released.iter();
        let below = released.find(|version| {
            self.package.airflow_floor(version).is_some_and(|floor| floor > newest)
        });
        let bounds = Bounds { from, below: below.cloned() };
        let possible = match (&bounds.from, &bounds.below) {
            (Some(from), Some(below)) => from < below,
            _ => true,
        };
        possible.then_some(bounds)
    }

    /// The change that makes the requirement ask for versions that serve this configuration: text to
    /// put in place of what stands there. `None` where one edit of `requirements.txt` does not do it.
    #[must_use]
    pub fn raised(&self) -> Option<(Place, String)> {
        let place = self.deciding_place()?;
        let source = self.model.files.get(place.file);
        let requirement = self.model.requirements.as_ref()?.at(place)?;
        let bounds = self.bounds()?;
        let from = bounds.from.as_ref()?;
        if source.kind() != FileKind::Requirements
            || requirement.hashed
            || requirement.url.is_some()
            || requirement.name.node.normalised != self.package.name
        {
            return None;
        }
        if requirement.specifiers.is_empty() {
            let end = Span::at(requirement.name.span.end);
            let plain = requirement.extras.is_empty();
            return plain.then(|| (Place::new(place.file, end), bounds.specifiers()));
        }
        let mut lower = requirement
            .specifiers
            .iter()
            .filter(|it| matches!(it.operator, "==" | ">=" | "~=") && !it.version.contains('*'));
        let specifier = lower.next().filter(|_| lower.next().is_none())?;
        let others = requirement.specifiers.iter().filter(|it| it.span != specifier.span);
        if !others.map(|it| &it.parsed).all(|it| it.as_ref().is_some_and(|it| it.contains(from))) {
            return None;
        }
        let start = specifier.span.end.checked_sub(specifier.version.len())?;
        let span = Span::new(start, specifier.span.end);
        let written = source.text().get(start..specifier.span.end)?;
        let compatible = specifier.parsed.as_ref().map(|it| *it.operator());
        let text = match compatible {
            Some(Operator::TildeEqual) => shortened(from, written),
            _ => from.to_string(),
        };
        (written == specifier.version).then(|| (Place::new(place.file, span), text))
    }
}

/// `version` with as many numbers as `written`, where that is no older: `~=5.1` for `~=4.0`.
fn shortened(version: &Version, written: &str) -> String {
    let numbers = version.release().iter().take(written.split('.').count());
    let short = Version::new(numbers.copied());
    if short >= *version { short.to_string() } else { version.to_string() }
}
