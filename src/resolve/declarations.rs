//! What is said to exist in one environment and what is asked for there, in the order in which questions find it: both
//! may be thousands, and each of the one is asked about each of the other.

use std::collections::BTreeSet;

use super::environment::Environment;
use super::existing::{is_same, short};
use super::project::Project;
use crate::hash::{HashMap, HashSet};
use crate::model::{DeclaredName, Declares, Kind, Timing, glob_matches};

/// What is said to exist in an environment.
#[derive(Debug)]
pub(super) struct Declarations {
    /// Names in full, by their text in lower case.
    exact: HashMap<String, Vec<usize>>,
    /// Names with `*`.
    globs: Vec<usize>,
    /// All of them.
    all: Vec<usize>,
    /// What the services have before all names, the longest first: the mount of Vault.
    heads: Vec<String>,
    /// What stands before the keys of each kind, where a backend has such.
    prefixes: Vec<(Kind, String)>,
    /// The kinds of which keys are said to exist.
    kinds_of_keys: HashSet<Kind>,
    /// The kinds of which secrets are, going by their prefixes.
    kinds_of_secrets: HashSet<Kind>,
    /// The kinds of which something is said by what leaves out nothing.
    whole: HashSet<Kind>,
}

/// What is asked for in an environment, of one kind.
#[derive(Debug, Default)]
pub(super) struct Wants {
    /// The keys, with `*` for what is not known.
    keys: Names,
    /// The names of secrets.
    secrets: Names,
    /// Whether a key is not known at all.
    is_open: bool,
}

/// Names, with and without `*`.
#[derive(Debug, Default)]
struct Names {
    exact: HashSet<String>,
    globs: BTreeSet<String>,
}

impl Declarations {
    /// What `project` says to exist in `environment`.
    pub(super) fn new(project: &Project, environment: &Environment) -> Self {
        let prefixes = Kind::ALL.into_iter().flat_map(|kind| {
            let before = environment.in_use().filter_map(move |by| by.before_keys(kind));
            before.map(move |before| (kind, short(&before).to_owned()))
        });
        let mut declarations = Self {
            heads: heads(environment),
            exact: HashMap::default(),
            globs: Vec::new(),
            all: Vec::new(),
            prefixes: prefixes.filter(|(_, prefix)| !prefix.is_empty()).collect(),
            kinds_of_keys: HashSet::default(),
            kinds_of_secrets: HashSet::default(),
            whole: HashSet::default(),
        };
        let backends: HashSet<&str> = environment
            .in_use()
            .filter_map(|by| Some(by.configured.backend()?.id.as_str()))
            .collect();
        for (number, name) in project.model.declared.names.iter().enumerate() {
            let is_here = name.environment.as_ref().is_none_or(|it| *it == environment.name)
                && name.backend.is_none_or(|id| backends.contains(id))
                && !environment.is_for_others(name.creation);
            if is_here {
                declarations.add(number, name);
            }
        }
        declarations
    }

    fn add(&mut self, number: usize, name: &DeclaredName) {
        self.all.push(number);
        if name.is_exact() {
            let listed = self.listed_as(name).to_lowercase();
            self.exact.entry(listed).or_default().push(number);
        } else {
            self.globs.push(number);
        }
        let kind = match name.what {
            Declares::Key(kind) => {
                self.kinds_of_keys.insert(kind);
                kind
            }
            Declares::Secret => {
                let Some(kind) = self.kind_of(name) else { return };
                self.kinds_of_secrets.insert(kind);
                kind
            }
        };
        if !name.is_partial {
            self.whole.insert(kind);
        }
    }

    /// The kind whose prefix the name of a declared secret has, and the key behind it; `None` where that cannot
    /// be told.
    pub(super) fn key_of<'a>(&self, secret: &'a DeclaredName) -> Option<(Kind, &'a str)> {
        let name = self.listed_as(secret);
        let mut keys = Kind::ALL.into_iter().filter_map(|kind| {
            let mut prefixes = self.prefixes.iter().filter(|(of, _)| *of == kind);
            let key = prefixes.find_map(|(_, prefix)| name.strip_prefix(prefix.as_str()));
            Some((kind, key.filter(|key| !key.is_empty())?))
        });
        let first = keys.next()?;
        keys.next().is_none().then_some(first)
    }

    /// The kind whose prefix the name of a declared secret has; `None` where that cannot be told.
    pub(super) fn kind_of(&self, secret: &DeclaredName) -> Option<Kind> {
        self.key_of(secret).map(|(kind, _)| kind)
    }

    /// The name that a backend asks for as `requested`, without what its service has before all names.
    pub(super) fn listed<'a>(&self, requested: &'a str) -> &'a str {
        let name = short(requested);
        self.heads.iter().find_map(|head| name.strip_prefix(head.as_str())).unwrap_or(name)
    }

    /// The same of a declared name. What creates a secret says the mount apart from its name; people may write both.
    pub(super) fn listed_as<'a>(&self, declared: &'a DeclaredName) -> &'a str {
        let name = &declared.name;
        if declared.creation.is_some() { short(name) } else { self.listed(name) }
    }

    /// Whether `declared` is the secret that is asked for as `requested`, which may have `*` in it.
    pub(super) fn is_secret(&self, declared: &DeclaredName, requested: &str) -> bool {
        let (asked, name) = (self.listed(requested), self.listed_as(declared));
        // Somebody may list what Vault shows below a path.
        let is_below = || declared.creation.is_none() && is_same(requested, &declared.name);
        glob_matches(asked, name) || glob_matches(name, asked) || is_below()
    }

    /// Whether keys, or secrets, of `kind` are said to exist.
    pub(super) fn lists(&self, kind: Kind) -> (bool, bool) {
        (self.kinds_of_keys.contains(&kind), self.kinds_of_secrets.contains(&kind))
    }

    /// Whether what says that something of `kind` exists may leave out some.
    pub(super) fn is_partial(&self, kind: Kind) -> bool {
        !self.whole.contains(&kind)
    }

    /// The numbers of all names.
    pub(super) fn all(&self) -> &[usize] {
        &self.all
    }

    /// The numbers of the names that may be one of `texts`: keys, or names as backends ask for them. There may be
    /// others among them.
    pub(super) fn near<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<usize> {
        let mut found: BTreeSet<usize> = self.globs.iter().copied().collect();
        for text in texts {
            let text = self.listed(text).to_lowercase();
            if text.contains('*') {
                return self.all.iter().copied().collect();
            }
            // Of Vault, the names below a path are listed.
            let below = text.match_indices('/').filter_map(|(at, _)| text.get(at + 1..));
            for name in std::iter::once(text.as_str()).chain(below) {
                found.extend(self.exact.get(name).into_iter().flatten());
            }
        }
        found
    }
}

impl Wants {
    /// What the references of `project` ask for in `environment`, of `kind`.
    pub(super) fn new(
        project: &Project,
        environment: &Environment,
        kind: Kind,
        declarations: &Declarations,
    ) -> Self {
        let mut wants = Self::default();
        let references = project.model.references.iter();
        let of_kind = references.filter(|it| it.kind == kind && it.timing != Timing::Never);
        for key in of_kind.flat_map(|reference| environment.key_of(reference).alternatives()) {
            let Some(asked) = key.glob() else {
                wants.is_open = true;
                continue;
            };
            if wants.keys.holds(&asked) {
                continue;
            }
            // Also where every lookup fails: what is meant is the same.
            for by in environment.in_use() {
                let names = by.names(kind, &asked);
                for name in &names {
                    wants.secrets.add(declarations.listed(name));
                }
            }
            wants.keys.add(&asked);
        }
        wants
    }

    /// Whether `declared` is asked for; `None` where a key that is not known may be its.
    pub(super) fn hold(
        &self,
        declared: &DeclaredName,
        declarations: &Declarations,
    ) -> Option<bool> {
        let (names, name) = match declared.what {
            Declares::Key(_) => (&self.keys, declared.name.as_str()),
            Declares::Secret => (&self.secrets, declarations.listed_as(declared)),
        };
        let is_asked =
            names.exact.contains(name) || names.globs.iter().any(|it| glob_matches(it, name));
        match (is_asked, self.is_open) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }
    }
}

impl Names {
    fn holds(&self, text: &str) -> bool {
        self.exact.contains(text) || self.globs.contains(text)
    }

    fn add(&mut self, text: &str) {
        if text.contains('*') {
            self.globs.insert(text.to_owned());
            return;
        }
        self.exact.insert(text.to_owned());
    }
}

/// What the services of `environment` have before all names, where lists and tools leave it out: the mount of Vault,
/// with the `data` that version 2 of its engine puts behind it or without.
fn heads(environment: &Environment) -> Vec<String> {
    let mut heads = BTreeSet::new();
    for by in environment.in_use() {
        for kind in Kind::ALL {
            let (names, joined) = (by.names(kind, "x"), by.joined(kind, "x"));
            for (name, joined) in names.iter().zip(&joined) {
                let head = short(name).strip_suffix(joined.as_str()).unwrap_or("");
                heads.insert(head.to_owned());
                heads.extend(head.strip_suffix("data/").map(str::to_owned));
            }
        }
    }
    heads.remove("");
    let mut heads: Vec<String> = heads.into_iter().collect();
    heads.sort_by_key(|head| std::cmp::Reverse(head.len()));
    heads
}
