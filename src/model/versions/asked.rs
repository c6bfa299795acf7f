//! What one run of pip says about one package, and what it leaves installed.

use pep440_rs::{Version, VersionSpecifier};

use super::set::{Basis, Presence, VersionSet, fulfils, installable, pinned};
use crate::facts::releases::Package;
use crate::model::Place;
use crate::model::requirements::{Requirements, Role};
use crate::read::requirements::{Item, Requirement, Verdict};

const AIRFLOW_CORE: &str = "apache-airflow-core";
/// One run that names a package more often than this is not worked out.
const MAX_ASKS: usize = 64;

/// A requirement for one package.
struct Ask<'a> {
    place: Place,
    specifiers: Vec<&'a VersionSpecifier>,
    kind: AskKind,
    verdict: Verdict,
    /// It names `apache-airflow-core`, which exists from Airflow 3 on.
    core: bool,
}

#[derive(Clone, PartialEq)]
enum AskKind {
    Named,
    Extra,
    /// The version comes from elsewhere; a wheel's file name may tell it.
    Untold(Option<Version>),
}

/// What one run of pip says about one package.
#[derive(Default)]
pub(super) struct Asked<'a> {
    asks: Vec<Ask<'a>>,
    constraints: Vec<&'a VersionSpecifier>,
    /// Something that could not be read may bound the version.
    unknown_constraints: bool,
    /// Requirements that could not be read: an include, a line that is a variable.
    hidden: Option<Place>,
    /// Something that may bring the package along.
    suspect: Option<Place>,
}

impl<'a> Asked<'a> {
    /// Collects what `step` says about `package`.
    pub(super) fn read(
        package: &Package,
        step: &'a Requirements,
        python: Option<(u64, u64)>,
        excluded: &mut Vec<Place>,
    ) -> Self {
        let mut asked = Self::default();
        for entry in &step.entries {
            let place = entry.place;
            let suspect = &mut asked.suspect;
            let mut suspicious = || _ = suspect.get_or_insert(place);
            let hidden = &mut asked.hidden;
            let mut core = false;
            let (kind, specifiers, marker) = match &entry.item {
                Item::Requirement(requirement) => {
                    core = requirement.name.node.normalised == AIRFLOW_CORE;
                    let Some(kind) = asks_for(package, requirement) else {
                        if may_bring(package, requirement) {
                            suspicious();
                        }
                        continue;
                    };
                    let specifiers: Vec<_> = match kind {
                        AskKind::Extra => Vec::new(),
                        _ => requirement.specifiers.iter().collect(),
                    };
                    (kind, specifiers, requirement.marker.as_ref())
                }
                Item::Direct(direct) => {
                    let name = direct.name.as_ref().map(|name| name.normalised.as_str());
                    if !name.is_some_and(|name| is_named(package, name)) {
                        suspicious();
                        continue;
                    }
                    let kind = AskKind::Untold(direct.source.version.clone());
                    (kind, Vec::new(), direct.marker.as_ref())
                }
                Item::DependsOnEnvironment { package: named, .. } => {
                    match named.as_ref().map(|name| name.node.normalised.as_str()) {
                        Some(name) if is_named(package, name) => {}
                        Some(_) => continue,
                        None => {
                            _ = hidden.get_or_insert(place);
                            continue;
                        }
                    }
                    (AskKind::Untold(None), Vec::new(), None)
                }
                // pip refuses the file; what its author meant is not known.
                Item::Invalid { .. } => {
                    suspicious();
                    continue;
                }
                Item::Blank | Item::Include(_) | Item::Constraint(_) | Item::Options(_) => continue,
            };
            let verdict = marker.map_or(Verdict::True, |marker| marker.evaluate(python));
            if verdict == Verdict::False {
                excluded.push(place);
                continue;
            }
            let untold = specifiers.iter().any(|specifier| specifier.parsed.is_none());
            let specifiers = specifiers.iter().filter_map(|specifier| specifier.parsed.as_ref());
            if entry.role == Role::Constraint {
                let certain = verdict == Verdict::True && kind == AskKind::Named && !untold;
                asked.unknown_constraints |= !certain && kind != AskKind::Extra;
                asked.constraints.extend(specifiers.filter(|_| certain));
                continue;
            }
            let kind = if untold { AskKind::Untold(None) } else { kind };
            asked.asks.push(Ask { place, specifiers: specifiers.collect(), kind, verdict, core });
        }
        for include in &step.unfollowed {
            match include.role {
                Role::Requirement => _ = asked.hidden.get_or_insert(include.place),
                Role::Constraint => asked.unknown_constraints = true,
            }
        }
        asked.unknown_constraints |= asked.hidden.is_some();
        asked
    }

    /// The releases that the run's certain requirements and constraints leave; `None` when they
    /// leave all, or when nobody can tell.
    pub(super) fn admitted(&self, package: &Package) -> Option<VersionSet> {
        let certain = self.asks.iter().filter(|ask| ask.verdict == Verdict::True);
        let own = certain.flat_map(|ask| ask.specifiers.iter().copied());
        let specifiers: Vec<_> = own.chain(self.constraints.iter().copied()).cloned().collect();
        let versions = installable(package, &specifiers, |_| true);
        let set = VersionSet::new(versions, Presence::Installed, Basis::Unknown(None));
        (!specifiers.is_empty()).then_some(set)
    }

    /// What is installed of `package` after the run, when `before` was installed.
    pub(super) fn install(
        &self,
        package: &Package,
        before: &VersionSet,
        admits: impl Fn(&Version) -> bool,
    ) -> VersionSet {
        if let Some(ask) = self.asks.get(MAX_ASKS) {
            let basis = Basis::Untold(ask.place);
            return VersionSet::any_release(package, Presence::Unsure, basis);
        }
        let (certain, conditional): (Vec<_>, Vec<_>) =
            self.asks.iter().partition(|ask| ask.verdict == Verdict::True);
        let mut after = if certain.is_empty() {
            before.clone()
        } else {
            self.resolve(package, before, &certain, &admits)
        };
        // Each further condition may hold or not; several together allow nothing new.
        for ask in conditional {
            let together: Vec<_> = certain.iter().copied().chain([ask]).collect();
            let with = self.resolve(package, before, &together, &admits);
            if !matches!(with.basis(), Basis::Contradiction(_)) {
                after = after.or(&with, Basis::Conditional(ask.place));
            }
        }
        let unknown = |place, presence| {
            VersionSet::any_release(package, presence, Basis::Unknown(Some(place)))
        };
        match (self.hidden, self.suspect) {
            (Some(place), _) if certain.is_empty() => {
                let presence = match after.presence() {
                    Presence::Installed => Presence::Installed,
                    Presence::Absent | Presence::Unsure => Presence::Unsure,
                };
                after.or(&unknown(place, presence), Basis::Unknown(Some(place)))
            }
            (None, Some(place)) if after.presence() == Presence::Absent => {
                unknown(place, Presence::Unsure)
            }
            _ => after,
        }
    }

    /// What is installed when all of `asks` hold; there is at least one.
    fn resolve(
        &self,
        package: &Package,
        before: &VersionSet,
        asks: &[&Ask<'_>],
        admits: &impl Fn(&Version) -> bool,
    ) -> VersionSet {
        let Some(first) = asks.first() else { return before.clone() };
        let own = asks.iter().flat_map(|ask| ask.specifiers.iter().copied());
        let specifiers: Vec<VersionSpecifier> =
            own.chain(self.constraints.iter().copied()).cloned().collect();

        let untold = |ask: &&&Ask<'_>| matches!(ask.kind, AskKind::Untold(_));
        if let Some(Ask { kind: AskKind::Untold(wheel), place, .. }) = asks.iter().find(untold) {
            if let Some(version) = wheel {
                let pin = Basis::Pinned(*place);
                return VersionSet::new(vec![version.clone()], Presence::Installed, pin);
            }
            let basis = Basis::Untold(*place);
            if specifiers.is_empty() {
                return VersionSet::any_release(package, Presence::Installed, basis);
            }
            let possible = package.released.iter().filter(|version| fulfils(version, &specifiers));
            return VersionSet::new(possible.cloned().collect(), Presence::Installed, basis);
        }

        let core = asks.iter().any(|ask| ask.core);
        let exists = |version: &Version| !core || version.release().first() >= Some(&3);
        let stays = before.versions().iter();
        let stays = stays.filter(|version| fulfils(version, &specifiers) && exists(version));
        let stays: Vec<Version> = stays.cloned().collect();
        let all_stay = before.presence() == Presence::Installed
            && !stays.is_empty()
            && stays.len() == before.versions().len();
        if all_stay && !self.unknown_constraints {
            return before.clone();
        }
        let pin = asks.iter().find(|ask| ask.specifiers.iter().any(|s| pinned(s).is_some()));
        let basis = match (pin, specifiers.is_empty()) {
            (Some(ask), _) => Basis::Pinned(ask.place),
            (None, true) if first.kind == AskKind::Extra => Basis::Extra(first.place),
            (None, true) => Basis::Unpinned(first.place),
            (None, false) if specifiers.iter().any(|s| pinned(s).is_some()) => {
                Basis::Pinned(first.place)
            }
            (None, false) => Basis::Range(first.place),
        };
        let fresh = installable(package, &specifiers, |version| admits(version) && exists(version));
        // What a full image may hold stays possible; what nobody knows to be there does not
        // widen the choice.
        let known_before = !matches!(before.basis(), Basis::Unknown(_));
        let kept: Vec<Version> = stays.into_iter().filter(|_| known_before).collect();
        let chooses = kept.is_empty()
            && known_before
            && before.presence() != Presence::Unsure
            && !self.unknown_constraints;
        let versions: Vec<Version> = kept.into_iter().chain(fresh).collect();
        if versions.is_empty() {
            let basis = Basis::Contradiction(first.place);
            return VersionSet::new(versions, Presence::Installed, basis);
        }
        let installable = |version: &&Version| !package.is_yanked(version);
        let is_any =
            package.released.iter().filter(installable).all(|version| versions.contains(version));
        let set = if is_any {
            VersionSet::any_release(package, Presence::Installed, basis)
        } else {
            VersionSet::new(versions, Presence::Installed, basis)
        };
        if chooses { set.chosen_by_pip() } else { set }
    }
}

/// Whether a requirement named `name` is for the package. `apache-airflow` 3 installs
/// `apache-airflow-core` in its own version.
fn is_named(package: &Package, name: &str) -> bool {
    package.name == name || package.is_airflow() && name == AIRFLOW_CORE
}

/// How `requirement` asks for the package, if it does.
fn asks_for(package: &Package, requirement: &Requirement) -> Option<AskKind> {
    let name = requirement.name.node.normalised.as_str();
    if is_named(package, name) {
        let url = requirement.url.as_ref();
        return Some(url.map_or(AskKind::Named, |url| AskKind::Untold(url.version.clone())));
    }
    let extras = || requirement.extras.iter().map(|extra| &extra.node);
    let by_extra = name == "apache-airflow" && extras().any(|extra| package.extras.contains(extra));
    by_extra.then_some(AskKind::Extra)
}

/// Whether a package made for Airflow may install this one through an extra that names it, as
/// `astronomer-cosmos[kubernetes]` and `apache-airflow[all]` do.
fn may_bring(package: &Package, requirement: &Requirement) -> bool {
    let name = requirement.name.node.normalised.as_str();
    let for_airflow = name.contains("airflow") || name.starts_with("astro");
    let names_it = |extra: &str| {
        let rests = package.extras.iter().filter_map(|alias| extra.strip_prefix(alias.as_str()));
        rests.into_iter().any(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let mut extras = requirement.extras.iter().map(|extra| extra.node.as_str());
    for_airflow && extras.any(|extra| extra == "all" || names_it(extra))
}
