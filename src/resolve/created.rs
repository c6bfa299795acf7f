//! Secrets that the project creates, beside what its backends ask for.

use super::asked::InUse;
use super::environment::Environment;
use super::existing::{VAULT, short};
use super::project::Project;
use super::whereabouts::{Elsewhere, elsewhere};
use crate::facts::{Backend, Service, backends, service_of};
use crate::hash::{HashMap, HashSet};
use crate::model::setup::creation::{Creation, Payload};
use crate::model::{Key, Kind, Place, Reference};
use crate::text::Value;

/// A secret that some backend of the project reads.
#[derive(Clone, Copy, Debug)]
pub struct Created<'a> {
    /// How it is created.
    pub creation: &'a Creation,
    /// Its number among those that are created.
    number: usize,
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
    /// Whether some environment may ask for it after all, of which it is not known what it asks for.
    pub may_be_asked: bool,
    /// What stands in front of it and is all that is wrong: what Vault's tools add themselves.
    pub repeats: Option<Repeats>,
}

/// What Vault has before all paths of a mount.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeats {
    /// `data/`, as in paths of its API.
    Data,
    /// The mount.
    Mount,
}

impl Misplaced<'_> {
    /// Whether the backend `by` would find `key` in it under the right name.
    #[must_use]
    pub fn is_meant_for(&self, by: InUse<'_>, key: &str) -> bool {
        by.joined(self.kind, key).contains(&self.asked)
            || by.names(self.kind, key).contains(&self.asked)
    }
}

/// A secret that DAG code asks for, and that is created in another service than the one that is asked.
#[derive(Clone, Debug)]
pub struct InOtherService<'a> {
    /// How it is created.
    pub creation: &'a Creation,
    /// Its name there.
    pub name: &'a str,
    /// The service that it is created in.
    pub service: &'static Service,
    /// The backend that asks.
    pub by: InUse<'a>,
    /// The service that is asked.
    pub asked_service: &'static Service,
    /// The name that is asked for.
    pub asked: String,
    /// What asks.
    pub reference: &'a Reference,
}

/// A secret whose name its service refuses.
#[derive(Clone, Debug)]
pub struct RefusedCreation<'a> {
    /// How it is created.
    pub creation: &'a Creation,
    /// Its name.
    pub name: &'a str,
    /// The service.
    pub service: &'static Service,
    /// What it refuses of the name, in a few words.
    pub why: String,
    /// The name that a backend would ask for instead.
    pub allowed: Option<String>,
}

impl Project {
    /// The secrets that cannot be created, in services that some backend of the project asks.
    pub fn refused_creations(&self) -> impl Iterator<Item = RefusedCreation<'_>> {
        self.model.setup.creations.iter().filter_map(|creation| {
            let name = name_of(creation)?;
            let service = service_of(creation.backend)?;
            let why = service.refuses(name)?;
            let mut readers = self.in_use().filter(|by| by.reads(creation)).peekable();
            readers.peek()?;
            let allowed = service.with_hyphens(name);
            let is_asked = readers.any(|by| !matches!(taken_by(by, &allowed), Taken::No));
            let allowed = (is_asked && service.refuses(&allowed).is_none()).then_some(allowed);
            Some(RefusedCreation { creation, name, service, why, allowed })
        })
    }

    /// What creates the secret that the backend of `environment` asks for as `name`, with a value.
    #[must_use]
    pub fn created_as(&self, environment: &Environment, name: &str) -> Option<Place> {
        let creates = |it: &&Creation| {
            name_of(it).is_some_and(|own| self.is_asked_as(environment, own, name))
                && !self.is_left_empty(it)
        };
        self.model.setup.creations.iter().find(creates).map(|it| it.statement)
    }

    /// Whether `creation` leaves the secret without a value, and nothing of the project may give it one.
    #[must_use]
    pub fn is_left_empty(&self, creation: &Creation) -> bool {
        !self.model.may_create_more() && is_left_empty(&self.model.setup.creations, creation)
    }

    /// The secrets that the project creates and some backend may read, each with the first of them.
    pub fn created(&self) -> impl Iterator<Item = Created<'_>> {
        self.model.setup.creations.iter().enumerate().filter_map(|(number, creation)| {
            let name = name_of(creation)?;
            let mut readers = self.readers(number, creation);
            let (by, kind) = readers.find_map(|by| match taken_by(by, name) {
                Taken::No => None,
                Taken::Any => Some((by, None)),
                Taken::As(kind) => Some((by, Some(kind))),
            })?;
            Some(Created { creation, number, name, by, kind })
        })
    }

    /// The secrets that the project creates and no backend asks for, although their prefix is
    /// nearly that of a backend.
    #[must_use]
    pub fn misplaced(&self) -> Vec<Misplaced<'_>> {
        let creations = &self.model.setup.creations;
        if creations.is_empty() {
            return Vec::new();
        }
        let askers: Vec<Asker<'_>> = self.in_use().map(|by| Asker::new(self, by)).collect();
        let created: HashSet<&str> = creations.iter().filter_map(name_of).collect();
        let found = creations.iter().enumerate();
        found.filter_map(|(number, it)| self.misplaced_one(number, it, &askers, &created)).collect()
    }

    fn misplaced_one<'a>(
        &'a self,
        number: usize,
        creation: &'a Creation,
        askers: &[Asker<'a>],
        created: &HashSet<&str>,
    ) -> Option<Misplaced<'a>> {
        let name = name_of(creation)?;
        // What cannot be created at all is another fault.
        if service_of(creation.backend).is_some_and(|it| it.refuses(name).is_some()) {
            return None;
        }
        let kinds = [Kind::Variable, Kind::Connection];
        let is_known = |by: &InUse<'_>| kinds.iter().all(|kind| by.before_keys(*kind).is_some());
        let (readers, unknown): (Vec<InUse<'_>>, Vec<_>) =
            self.readers(number, creation).partition(is_known);
        let is_asked = |by: &InUse<'_>| !matches!(taken_by(*by, name), Taken::No);
        if readers.iter().chain(&unknown).any(is_asked) {
            return None;
        }
        let found = misplaced_for(creation, name, &readers, askers, created)?;
        Some(Misplaced { may_be_asked: !unknown.is_empty(), ..found })
    }

    /// The secrets that DAG code asks one service for and that are created in another one of the same provider, of
    /// which no environment reads.
    #[must_use]
    pub fn in_other_service(&self) -> Vec<InOtherService<'_>> {
        let creations = &self.model.setup.creations;
        let mut strays: HashMap<&str, Vec<&Creation>> = HashMap::default();
        for creation in creations.iter().filter(|it| !self.in_use().any(|by| by.reads(it))) {
            if let Some(name) = name_of(creation) {
                strays.entry(name.trim_start_matches('/')).or_default().push(creation);
            }
        }
        let is_unknown = |it: &Environment| it.is_unknown().is_some();
        if strays.is_empty() || self.environments.iter().any(is_unknown) {
            return Vec::new();
        }
        let created: HashSet<(&str, Option<&str>)> =
            creations.iter().map(|it| (it.backend, name_of(it))).collect();
        let mut found: Vec<InOtherService<'_>> = Vec::new();
        for asked in self.asked() {
            let by = asked.by;
            let Some(backend) = by.configured.backend() else { continue };
            let name = asked.key.name().and_then(|key| by.name(asked.reference.kind, key));
            let Some((name, asked_service)) = name.zip(by.service()) else { continue };
            let stray = strays.get(short(&name).trim_start_matches('/')).into_iter().flatten();
            for creation in stray.copied() {
                let Some(service) = service_of(creation.backend) else { continue };
                let is_neighbour = |it: &&Backend| it.id == creation.backend;
                let other = backends().iter().find(is_neighbour);
                let same_provider = other.is_some_and(|it| it.package == backend.package);
                let is_created = created.contains(&(backend.id.as_str(), Some(short(&name))))
                    || created.contains(&(backend.id.as_str(), None));
                let is_said = found.iter().any(|it| std::ptr::eq(it.creation, creation));
                let there = name_of(creation).filter(|_| same_provider && !is_created && !is_said);
                if let Some(there) = there {
                    found.push(InOtherService {
                        creation,
                        name: there,
                        service,
                        by,
                        asked_service,
                        asked: name.clone(),
                        reference: asked.reference,
                    });
                }
            }
        }
        found
    }

    /// The backends that read from the service that `creation`, the one with this number, writes to, in the
    /// environments that it may be for.
    fn readers<'a>(
        &'a self,
        number: usize,
        creation: &'a Creation,
    ) -> impl Iterator<Item = InUse<'a>> {
        self.in_use()
            .filter(move |by| !by.environment.is_for_others(Some(number)) && by.reads(creation))
    }
}

impl<'a> Created<'a> {
    /// Whether some code reads the variable with `deserialize_json`.
    #[must_use]
    pub fn is_read_as_json(&self, project: &Project) -> bool {
        project.reading().filter(|it| it.deserialize_json).any(|reference| {
            let mut keys = self.by.keys_of(reference).iter().filter_map(Key::name);
            keys.any(|key| {
                let name = self.by.name(reference.kind, key);
                name.is_some_and(|it| project.is_asked_as(self.by.environment, self.name, &it))
            })
        })
    }

    /// Where it is, and where the backend of an environment looks instead that has no other secret of the name. `None`
    /// where they agree for some backend of `project`, or one is not known.
    #[must_use]
    pub fn elsewhere(&self, project: &'a Project) -> Option<(Elsewhere, &'a Environment)> {
        let readers = project.readers(self.number, self.creation);
        let looks: Vec<InUse<'_>> =
            readers.filter(|by| !matches!(taken_by(*by, self.name), Taken::No)).collect();
        if looks.iter().any(|by| elsewhere(self.creation, *by).is_none()) {
            return None;
        }
        let by = looks.into_iter().find(|by| !self.is_there_too(project, *by))?;
        Some((elsewhere(self.creation, by)?, by.environment))
    }

    /// Whether `project` creates a secret of the same name where `by` looks.
    fn is_there_too(&self, project: &Project, by: InUse<'_>) -> bool {
        project.model.setup.creations.iter().enumerate().any(|(number, other)| {
            other.backend == self.creation.backend
                && name_of(other) == Some(self.name)
                && !by.environment.is_for_others(Some(number))
                && elsewhere(other, by).is_none()
        })
    }
}

/// A backend, with the keys that code asks it for.
struct Asker<'a> {
    by: InUse<'a>,
    keys: HashMap<&'a str, Vec<&'a Reference>>,
}

impl<'a> Asker<'a> {
    fn new(project: &'a Project, by: InUse<'a>) -> Self {
        let mut keys: HashMap<&str, Vec<&Reference>> = HashMap::default();
        for reference in project.reading() {
            for key in by.keys_of(reference).iter().filter_map(Key::name) {
                let known = keys.entry(key).or_default();
                if !known.iter().any(|it| it.kind == reference.kind) {
                    known.push(reference);
                }
            }
        }
        Self { by, keys }
    }

    fn is(&self, by: &InUse<'_>) -> bool {
        std::ptr::eq(self.by.configured, by.configured)
    }

    /// What asks for a key that `name` ends with, the longest, where what stands before it is nearly the prefix; with
    /// the name that is asked for, unless it is among `created`.
    fn meant(&self, name: &str, created: &HashSet<&str>) -> Option<(&'a Reference, String)> {
        // Secrets of other programs end like keys too.
        let starts = std::iter::once(0).chain(
            name.char_indices()
                .filter_map(|(at, c)| (!c.is_ascii_alphanumeric()).then_some(at + c.len_utf8())),
        );
        starts.filter_map(|start| Some((name.get(..start)?, name.get(start..)?))).find_map(
            |(head, key)| {
                self.keys.get(key)?.iter().find_map(|reference| {
                    let before = self.by.before_keys(reference.kind)?;
                    let asked = self.by.name(reference.kind, key)?;
                    let is_meant = is_near(head, &before) && !created.contains(short(&asked));
                    is_meant.then_some((*reference, asked))
                })
            },
        )
    }
}

/// The first of `readers` for which the secret `name` seems to be meant.
fn misplaced_for<'a>(
    creation: &'a Creation,
    name: &'a str,
    readers: &[InUse<'a>],
    askers: &[Asker<'a>],
    created: &HashSet<&str>,
) -> Option<Misplaced<'a>> {
    if let Some(misplaced) = readers.iter().find_map(|by| repeating(creation, name, *by)) {
        return Some(misplaced);
    }
    for by in readers {
        let best = askers.iter().filter(|it| it.is(by)).find_map(|it| it.meant(name, created));
        if let Some((reference, asked)) = best {
            return Some(Misplaced {
                creation,
                name,
                environment: by.environment,
                kind: reference.kind,
                asked,
                reference: Some(reference),
                may_be_asked: false,
                repeats: None,
            });
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
                    may_be_asked: false,
                    repeats: None,
                });
            }
        }
    }
    None
}

/// A secret of Vault's whose path begins with the mount, or with the `data/` that paths of its API have behind that, in
/// the notation of a tool that adds it itself.
fn repeating<'a>(creation: &'a Creation, name: &'a str, by: InUse<'a>) -> Option<Misplaced<'a>> {
    if creation.backend != VAULT {
        return None;
    }
    let mount = creation.container.as_ref().and_then(Value::known);
    let mount = mount.map(|it| it.expose().trim_matches('/')).filter(|it| !it.is_empty());
    let below_mount = mount.and_then(|it| name.strip_prefix(it)?.strip_prefix('/'));
    let (path, repeats) = match (name.strip_prefix("data/"), below_mount) {
        (Some(path), _) => (path, Repeats::Data),
        (None, Some(path)) => (path.strip_prefix("data/").unwrap_or(path), Repeats::Mount),
        (None, None) => return None,
    };
    let kind = Kind::ALL.into_iter().find(|kind| {
        let before = by.before_keys(*kind).filter(|before| !before.is_empty());
        before.is_some_and(|before| path.len() > before.len() && path.starts_with(&before))
    })?;
    Some(Misplaced {
        creation,
        name,
        environment: by.environment,
        kind,
        asked: path.to_owned(),
        reference: None,
        may_be_asked: false,
        repeats: Some(repeats),
    })
}

/// The name of a secret, when all of it is known.
fn name_of(creation: &Creation) -> Option<&str> {
    creation.name.known().map(|name| short(name.expose())).filter(|name| !name.is_empty())
}

/// Whether none of `creations` may give a value to the secret that `creation` makes.
fn is_left_empty(creations: &[Creation], creation: &Creation) -> bool {
    let is_empty = |it: &Creation| matches!(it.payload, Payload::Nothing);
    let may_be_it = |it: &&Creation| {
        it.backend == creation.backend
            && name_of(it).zip(name_of(creation)).is_none_or(|(one, other)| one == other)
    };
    is_empty(creation) && creations.iter().filter(may_be_it).all(is_empty)
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

/// Whether `by` may ask for the secret that `creation` makes.
pub(super) fn may_take(by: InUse<'_>, creation: &Creation) -> bool {
    name_of(creation).is_none_or(|name| !matches!(taken_by(by, name), Taken::No))
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
