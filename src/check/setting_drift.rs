//! See `rules/setting-drift.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts;
use crate::model::{Kind, Place, Setting};
use crate::resolve::{InUse, Project};

pub(super) static RULE: Rule = Rule {
    id: "setting-drift",
    level: Level::Warning,
    group: Group::Environments,
    summary: "Two environments ask their backends under different names, or ask different backends",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/setting-drift.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let all: Vec<InUse<'_>> =
        project.environments.iter().filter_map(|it| it.in_use().next()).collect();
    let Some((first, rest)) = all.split_first() else { return };
    let class = |by: &InUse<'_>| by.configured.backend().map(|backend| backend.id.as_str());
    let differs = |by: &&InUse<'_>| class(by).zip(class(first)).is_some_and(|(here, there)| here != there);
    findings.extend(rest.iter().filter(differs).filter_map(|by| different_class(*by, *first)));
    let mut classes: Vec<&str> = all.iter().filter_map(class).collect();
    classes.sort_unstable();
    classes.dedup();
    for id in classes {
        let alike: Vec<InUse<'_>> = all.iter().copied().filter(|by| class(by) == Some(id)).collect();
        let [usual_connection, usual_variable] = KINDS.map(|kind| usual(&alike, kind));
        for here in &alike {
            let usual = [(Kind::Connection, usual_connection), (Kind::Variable, usual_variable)];
            let found = usual.map(|(kind, there)| names(*here, there?, kind));
            let first = alike.first().filter(|_| found.iter().all(Option::is_none));
            let patterns = first.map(|first| KINDS.map(|kind| patterns(*here, *first, kind)));
            findings.extend(found.into_iter().chain(patterns.into_iter().flatten()).flatten());
        }
    }
}

const KINDS: [Kind; 2] = [Kind::Connection, Kind::Variable];

/// So many names are compared with each other.
const MOST_NAMES: usize = 64;

/// The one of `all` that asks for `kind` as most others do, the first of several: the others are those that are
/// probably wrong.
fn usual<'a>(all: &[InUse<'a>], kind: Kind) -> Option<InUse<'a>> {
    let mut by_name: Vec<(String, usize, InUse<'a>)> = Vec::new();
    for by in all {
        let Some(name) = by.name(kind, "<key>") else { continue };
        if let Some((_, times, _)) = by_name.iter_mut().find(|(known, ..)| *known == name) {
            *times += 1;
        } else if by_name.len() < MOST_NAMES {
            by_name.push((name, 1, *by));
        }
    }
    let alike = |name: &str| {
        let is_alike = |other: &str| other == name || differ_by_environment(name, other);
        by_name.iter().filter(|(other, ..)| is_alike(other)).map(|(_, times, _)| times).sum::<usize>()
    };
    // Of several that are as usual, the last of the reversed is the first.
    by_name.iter().rev().max_by_key(|(name, ..)| alike(name)).map(|(.., by)| *by)
}

fn different_class(here: InUse<'_>, there: InUse<'_>) -> Option<Finding> {
    let (class, other) = (here.configured.class.as_ref()?, there.configured.class.as_ref()?);
    let name = |class: &str| class.rsplit('.').next().unwrap_or_default().to_owned();
    let message = format!(
        "`{}` uses `{}`, and `{}` uses `{}`",
        here.environment.name,
        name(class.shown()?),
        there.environment.name,
        name(other.shown()?)
    );
    // A file or nothing at all on the laptop is a choice.
    Some(
        Finding::new(&RULE, class.setting.value_place(), message)
            .at_most(Level::Info)
            .in_environment(&here.environment.name)
            .label("one backend")
            .related(other.setting.value_place(), "another")
            .note("what works in one environment says nothing about the other"),
    )
}

fn names(here: InUse<'_>, there: InUse<'_>, kind: Kind) -> Option<Finding> {
    let (name, other) = (here.name(kind, "<key>")?, there.name(kind, "<key>")?);
    // What is to stand in the place of a reference is not known, and another rule says so.
    let is_open = |by: InUse<'_>| {
        by.configured.prefix(kind).is_some_and(|kwarg| !kwarg.unexpanded().is_empty())
    };
    if name == other || differ_by_environment(&name, &other) || is_open(here) || is_open(there) {
        return None;
    }
    let message = format!(
        "`{}` asks for `{name}`, and `{}` for `{other}`",
        here.environment.name, there.environment.name
    );
    let mut finding = Finding::new(&RULE, place(here, kind)?, message)
        .in_environment(&here.environment.name)
        .label(format!("for a {kind}: `{name}`"))
        .note("a secret that is found in one environment is not found in the other, unless it exists under both names")
        .help("use one prefix and one separator, or tell the environments apart by a word such as `dev` and `prod`");
    if let Some(place) = place(there, kind) {
        finding = finding.related(place, format!("here: `{other}`"));
    }
    let is_uncertain = here.environment.template || there.environment.template;
    Some(if is_uncertain { finding.at_most(Level::Info) } else { finding })
}

fn patterns(here: InUse<'_>, there: InUse<'_>, kind: Kind) -> Option<Finding> {
    let pattern = |by: InUse<'_>| {
        let name = format!("{}_lookup_pattern", kind.parameter_stem());
        let kwarg = by.configured.keyword(&name)?;
        Some((kwarg.plain()?.to_owned(), kwarg.value_place))
    };
    let (one, other) = (pattern(here), pattern(there));
    let (text, place) = one.clone().or_else(|| other.clone())?;
    if one.as_ref().map(|(text, _)| text) == other.as_ref().map(|(text, _)| text) {
        return None;
    }
    let says = |found: &Option<(String, Place)>| match found {
        Some((text, _)) => format!("those that match `{text}`"),
        None => "all of them".to_owned(),
    };
    let message = format!(
        "`{}` asks its backend for {}, and `{}` for {}",
        here.environment.name,
        says(&one),
        there.environment.name,
        says(&other)
    );
    Some(
        Finding::new(&RULE, place, message)
            .in_environment(&here.environment.name)
            .label(format!("`{text}` is in force in one environment only"))
            .note(format!("a {kind} that does not match is never asked for there")),
    )
}

/// Where it is said under which name `kind` is asked for: the prefix, or the kwargs as a whole.
fn place(by: InUse<'_>, kind: Kind) -> Option<Place> {
    let prefix = by.configured.prefix(kind).map(|kwarg| kwarg.value_place);
    let kwargs = || by.configured.kwargs_setting.as_ref().map(Setting::key_place);
    let class = || by.configured.class.as_ref().map(|class| class.setting.key_place());
    prefix.or_else(kwargs).or_else(class)
}

/// Whether two names differ by words that tell environments apart, and by nothing else.
fn differ_by_environment(one: &str, other: &str) -> bool {
    const SEPARATORS: [char; 4] = ['/', '-', '_', '.'];
    /// The other words, each with the separators since the one before it.
    fn words(name: &str) -> Vec<(String, &str)> {
        let mut words = Vec::new();
        let mut before = String::new();
        for part in name.split_inclusive(SEPARATORS) {
            let word = part.trim_end_matches(SEPARATORS);
            if !facts::is_environment_word(word) {
                words.push((std::mem::take(&mut before), word));
            }
            before.push_str(part.get(word.len()..).unwrap_or_default());
        }
        words
    }
    let all = |name: &str| name.split(SEPARATORS).map(str::to_owned).collect::<Vec<_>>();
    let (here, there) = (words(one), words(other));
    let alike = |at: usize, (a, one): &(String, &str), (b, other): &(String, &str)| {
        one == other && (at == 0 || a.chars().any(|separator| b.contains(separator)))
    };
    let mut pairs = here.iter().zip(&there).enumerate();
    // With the same words throughout, it is the separators that differ.
    all(one) != all(other)
        && here.len() == there.len()
        && pairs.all(|(at, (one, other))| alike(at, one, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_may_have_names_of_their_own() {
        for (one, other, expected) in [
            ("airflow/dev/variables/<key>", "airflow/prod/variables/<key>", true),
            ("airflow/variables/<key>", "airflow/prod/variables/<key>", true),
            ("airflow-dev/variables/<key>", "airflow/variables/<key>", true),
            ("/airflow/variables/<key>", "airflow/variables/<key>", false),
            ("airflow/variables/<key>", "airflow/variable/<key>", false),
            ("airflow/dev-variables/<key>", "airflow/variables/<key>", true),
            ("airflow/dev/variables/<key>", "airflow/dev-variables/<key>", false),
            ("airflow/variables/<key>", "airflow-variables/<key>", false),
            ("airflow_connections/<key>", "airflow/connections/<key>", false),
            ("airflow/variables/<key>", "airflow/variables-<key>", false),
        ] {
            assert_eq!(differ_by_environment(one, other), expected, "{one} {other}");
        }
    }
}
