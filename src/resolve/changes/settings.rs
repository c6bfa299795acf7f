//! What changes for the backend as a whole, and for what it is told.

use super::lookup::is_told;
use super::{About, Change, ChangeKind, IN_WORKERS, ON_SERVERS, Sides};
use crate::facts::Effect;
use crate::model::{Kind, Place, Setting, VersionSet};
use crate::resolve::aws_region::Region;
use crate::resolve::backend::{Configured, Section, short_name};
use crate::resolve::environment::{Environment, Process};
use crate::resolve::fault::{Cause, Fault};
use crate::resolve::kwargs::Kwarg;
use crate::resolve::option_source::{Source, SourcedOption};
use crate::resolve::start::State;
use crate::text::MASK;

/// What changes for the settings of `sides`.
pub(super) fn changes(sides: Sides<'_>) -> Vec<Change> {
    let [servers, workers] =
        [Process::Server, Process::Worker].map(|process| of_backend(sides, process));
    let mut changes = Vec::new();
    let only = |change: &Change, others: &[Change], who: &str| {
        let who = if others.contains(change) { "" } else { who };
        Change { reason: format!("{who}{}", change.reason), ..change.clone() }
    };
    changes.extend(servers.iter().map(|change| only(change, &workers, ON_SERVERS)));
    let of_workers = workers.iter().filter(|change| !servers.contains(change));
    changes.extend(of_workers.map(|change| only(change, &servers, IN_WORKERS)));
    let starts = changes.iter().all(|change| change.kind != ChangeKind::Fatal);
    let pairs = [(&sides.from.server, &sides.to.server), (&sides.from.worker, &sides.to.worker)];
    for (from, to) in pairs {
        if to.class.is_none() || !sides.to.reads(to) || !starts {
            continue;
        }
        changes.extend(keywords(sides, from, to));
        if !sides.is_one_environment() {
            changes.extend(elsewhere(sides, from, to));
        }
    }
    changes.extend(options(sides));
    changes
}

/// Whether Airflow starts, and whether lookups raise whatever they ask for.
fn of_backend(sides: Sides<'_>, process: Process) -> Vec<Change> {
    let mut changes: Vec<Change> = starting(sides, process).into_iter().collect();
    let starts =
        |environment| sometimes(environment, process, does_not_start) != Some(Times::Always);
    if starts(sides.from) && starts(sides.to) {
        changes.extend(faults(sides, process));
    }
    changes
}

/// Over how many of the versions something is so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    Never,
    Sometimes,
    Always,
}

/// How often `holds` for what becomes of the backend; `None` where that is not known.
fn sometimes(
    environment: &Environment,
    process: Process,
    holds: impl Fn(&State) -> bool,
) -> Option<Times> {
    let states = || environment.variants_of(process).iter().map(|variant| &variant.state);
    let is_known = !states().any(|state| matches!(state, State::Unknown(_)));
    is_known.then(|| times(states(), holds))
}

fn times<'a>(states: impl Iterator<Item = &'a State>, holds: impl Fn(&State) -> bool) -> Times {
    let (holding, others): (Vec<_>, Vec<_>) = states.partition(|state| holds(state));
    match (holding.as_slice(), others.as_slice()) {
        ([], _) => Times::Never,
        (_, []) => Times::Always,
        _ => Times::Sometimes,
    }
}

const fn does_not_start(state: &State) -> bool {
    matches!(state, State::StartupError(_))
}

/// Whether the class itself keeps Airflow from starting, whatever it is given.
fn has_no_class(state: &State) -> bool {
    matches!(state, State::StartupError(fault) if fault.cause == Cause::Class)
}

/// How often the class keeps Airflow from starting where what it is given is not known; `None` where no class is known
/// either.
fn class_fails(environment: &Environment, process: Process) -> Option<Times> {
    let versions = environment.versions.airflow().versions();
    let is_known = |version| {
        let configured = match process {
            Process::Server => &environment.server,
            Process::Worker => environment.worker_backend(version),
        };
        configured.class.as_ref().is_none_or(|class| class.text.is_some())
    };
    let states = environment.variants_of(process).iter().map(|variant| &variant.state);
    versions.iter().all(is_known).then(|| times(states, has_no_class))
}

/// Whether Airflow starts.
fn starting(sides: Sides<'_>, process: Process) -> Option<Change> {
    let whole = sometimes(sides.from, process, does_not_start).zip(sometimes(
        sides.to,
        process,
        does_not_start,
    ));
    let by_class = || class_fails(sides.from, process).zip(class_fails(sides.to, process));
    let (before, after) = whole.or_else(by_class)?;
    let is_failing: fn(&State) -> bool =
        if whole.is_some() { |state| does_not_start(state) } else { has_no_class };
    let told = is_told(sides.from, &sides.from.server);
    let kind = match (before, after) {
        (Times::Never, Times::Sometimes) | (Times::Never | Times::Sometimes, Times::Always) => {
            ChangeKind::Fatal
        }
        (Times::Sometimes, Times::Never) if !told => return None,
        (Times::Always, Times::Sometimes) | (Times::Always | Times::Sometimes, Times::Never) => {
            ChangeKind::Gained
        }
        _ => return None,
    };
    let failing = if kind == ChangeKind::Fatal { sides.to } else { sides.from };
    let variants = failing.variants_of(process).iter().rev();
    let mut failures = variants.filter(|variant| is_failing(&variant.state));
    let State::StartupError(fault) = &failures.next()?.state else { return None };
    let text = |times, environment: &Environment| {
        let how = match times {
            Times::Never if whole.is_none() => "the class can be imported",
            Times::Never => "Airflow starts",
            Times::Sometimes => "it depends on the version whether Airflow starts",
            Times::Always => "Airflow does not start",
        };
        format!("{how} {}", with(environment))
    };
    Some(Change {
        kind,
        place: place_of(fault, [sides.to, sides.from])?,
        key: None,
        before: text(before, sides.from),
        after: text(after, sides.to),
        reason: match kind {
            ChangeKind::Fatal => fault.to_string(),
            _ => format!("it did not: {fault}"),
        },
        environment: Some(sides.to.name.clone()),
        about: if fault.cause == Cause::Class { About::Class } else { About::Lookup },
    })
}

/// The versions in words: `with Airflow 2.10.5 and amazon 9.2.0`.
fn with(environment: &Environment) -> String {
    let airflow = environment.versions.airflow().describe();
    let package = environment.server.provider_package();
    match package.and_then(|package| Some((package, environment.versions.package(package)?))) {
        Some((package, set)) => {
            let (short, set) = (short_name(package), VersionSet::describe(set));
            format!("with Airflow {airflow} and {short} {set}")
        }
        None => format!("with Airflow {airflow}"),
    }
}

/// Where the keyword stands that a fault hangs on, or else the class.
fn place_of(fault: &Fault, environments: [&Environment; 2]) -> Option<Place> {
    let names: Vec<&str> = match &fault.cause {
        Cause::Value(name) => vec![name],
        Cause::Name(name) => vec![name],
        Cause::Together(names) => names.clone(),
        Cause::Missing { because_of, .. } => because_of.iter().copied().collect(),
        // Its words name the keyword, where it is one.
        Cause::Class => Vec::new(),
        Cause::Elsewhere => fault.what.split('`').skip(1).step_by(2).collect(),
    };
    let configured = || environments.into_iter().flat_map(|it| [&it.server, &it.worker]);
    let given = |it: &Configured, name: &str| {
        let own = it.own_variables.iter().find(|kwarg| kwarg.name == name);
        it.keyword(name).or(own).map(|kwarg| kwarg.name_place)
    };
    let keyword = names.iter().find_map(|name| configured().find_map(|it| given(it, name)));
    let class = || configured().find_map(|it| it.class.as_ref());
    let option = || configured().find_map(|it| it.kwargs_setting.as_ref());
    keyword
        .or_else(|| class().map(|class| class.setting.key_place()))
        .or_else(|| option().map(Setting::key_place))
}

/// The faults that make every lookup raise, which are new, or gone.
fn faults(sides: Sides<'_>, process: Process) -> Vec<Change> {
    let (before, after) = (all_faults(sides.from, process), all_faults(sides.to, process));
    let told = is_told(sides.from, &sides.from.server);
    let change = |kind, of: Option<Kind>, fault: &Fault| {
        let lookups = match of {
            Some(kind) => format!("every lookup of a {kind}"),
            None => "every lookup".to_owned(),
        };
        let (works, fails) = (format!("{lookups} is answered"), format!("{lookups} raises"));
        let (before, after) =
            if kind == ChangeKind::Fatal { (works, fails) } else { (fails, works) };
        Some(Change {
            kind,
            place: place_of(fault, [sides.to, sides.from])?,
            key: None,
            before,
            after,
            reason: fault.to_string(),
            environment: Some(sides.to.name.clone()),
            about: About::Lookup,
        })
    };
    let new = after.iter().filter(|it| !before.contains(it));
    let new = new.filter_map(|(of, fault)| change(ChangeKind::Fatal, *of, fault));
    let gone = before.iter().filter(|it| told && !after.contains(it));
    let is_running = sometimes(sides.to, process, |it| matches!(it, State::Running(_)));
    let gone = gone.filter(|_| is_running.is_some_and(|times| times != Times::Never));
    let gone = gone.filter_map(|(of, fault)| change(ChangeKind::Gained, *of, fault));
    new.chain(gone).collect()
}

fn all_faults(environment: &Environment, process: Process) -> Vec<(Option<Kind>, &Fault)> {
    let mut all = Vec::new();
    for variant in environment.variants_of(process) {
        if let State::Running(names) = &variant.state {
            let new = names.faults().into_iter().filter(|fault| !all.contains(fault));
            all.extend(new.collect::<Vec<_>>());
        }
    }
    all
}

/// The keywords that are read on one side only.
fn keywords(sides: Sides<'_>, from: &Configured, to: &Configured) -> Vec<Change> {
    let given = sides.to.keywords(to).into_iter().filter(|kwarg| !kwarg.is_null());
    let changed = given.filter_map(|kwarg| {
        let before = sides.from.effects(from, &kwarg.name)?;
        let after = sides.to.effects(to, &kwarg.name)?;
        let is_read = |effect: Effect| effect.is_read();
        let is_ignored =
            |effect: Effect| matches!(effect, Effect::Ignored | Effect::IgnoredWithWarning);
        let of = |effects: &crate::resolve::Effects, holds: fn(Effect) -> bool| {
            let rows = effects.rows();
            let times = rows.iter().filter(|row| holds(row.effect)).count();
            (times == rows.len(), times > 0)
        };
        let (was_read, was_ignored) = (of(&before, is_read), of(&before, is_ignored));
        let (is_read, is_ignored) = (of(&after, is_read), of(&after, is_ignored));
        let kind = if was_read.0 && is_ignored.1 && after.settled || was_read.1 && is_ignored.0 {
            ChangeKind::Ignored
        } else if was_ignored.0 && is_read.0 {
            ChangeKind::Gained
        } else {
            return None;
        };
        let parameter = to.backend().and_then(|backend| backend.parameter(&kwarg.name));
        let loses = parameter.and_then(|parameter| parameter.loses.as_ref());
        let loses = loses.filter(|_| kind == ChangeKind::Ignored);
        let loses = loses.map(|loses| format!(": {loses}")).unwrap_or_default();
        let text = |(all, some): (bool, bool)| match (all, some) {
            (true, _) => "read",
            (false, true) => "read by some versions",
            (false, false) => "ignored",
        };
        let name = kwarg.shown_name();
        Some(Change {
            kind,
            place: kwarg.name_place,
            key: None,
            before: format!("`{name}` is {}", text(was_read)),
            after: format!("`{name}` is {}", text(is_read)),
            reason: format!("{}{loses}", after.describe()),
            environment: Some(sides.to.name.clone()),
            about: About::Lookup,
        })
    });
    changed.collect()
}

/// The keywords that say where a service is.
const ELSEWHERE: [&str; 8] = [
    "region_name",
    "endpoint_url",
    "project_id",
    "vault_url",
    "url",
    "namespace",
    "gateway_url",
    "base_path",
];

/// What two environments give the class otherwise that makes no names: where it asks, and as whom.
fn elsewhere(sides: Sides<'_>, from: &Configured, to: &Configured) -> Vec<Change> {
    if from.backend().map(|it| &it.id) != to.backend().map(|it| &it.id) {
        return Vec::new();
    }
    let (before, after) = (sides.from.keywords(from), sides.to.keywords(to));
    let mut names: Vec<&str> = before.iter().chain(&after).map(|it| it.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let of_names = |name: &str| {
        Kind::ALL.into_iter().any(|kind| {
            to.defaults_of(kind).iter().any(|(it, _)| *it == name)
                || name == format!("{}_lookup_pattern", kind.parameter_stem())
        })
    };
    let differing = names.into_iter().filter(|name| !of_names(name)).filter_map(|name| {
        let find = |all: &[&_]| -> Option<Kwarg> {
            all.iter().find(|it: &&&Kwarg| it.name == name).map(|it| (**it).clone())
        };
        let (was, is) = (find(&before), find(&after));
        let written =
            |kwarg: &Option<Kwarg>| kwarg.as_ref().and_then(Kwarg::written).map(str::to_owned);
        if written(&was) == written(&is) || name == "region_name" && same_region(sides, from, to) {
            return None;
        }
        let place = is.as_ref().or(was.as_ref())?.name_place;
        let reason = if ELSEWHERE.contains(&name) {
            "the same names are asked elsewhere"
        } else {
            "the same names are asked by somebody else, or in another way"
        };
        let shown = |kwarg: &Option<Kwarg>, environment: &Environment| match kwarg {
            Some(kwarg) => format!("`{}` is {}", kwarg.shown_name(), shown_value(kwarg)),
            None => format!("`{name}` is not given in `{}`", environment.name),
        };
        Some(Change {
            kind: ChangeKind::Renamed,
            place,
            key: None,
            before: shown(&was, sides.from),
            after: shown(&is, sides.to),
            reason: reason.to_owned(),
            environment: Some(sides.to.name.clone()),
            about: About::Whereabouts,
        })
    });
    differing.collect()
}

fn shown_value(kwarg: &Kwarg) -> String {
    let shown = kwarg.shown_value();
    if shown == MASK { "another value".to_owned() } else { shown }
}

/// Whether both sides ask in one region, wherever each takes it from.
fn same_region(sides: Sides<'_>, from: &Configured, to: &Configured) -> bool {
    let region = |environment: &Environment, configured: &Configured| match environment
        .aws_region(configured)?
    {
        Region::Keyword(kwarg) => kwarg.text().map(str::to_owned),
        Region::Setting(setting) => setting.text().map(|text| text.expose().to_owned()),
        Region::Elsewhere | Region::Missing => None,
    };
    let before = region(sides.from, from);
    before.is_some() && before == region(sides.to, to)
}

/// The options that are given by `_SECRET` or `_CMD`, and are read so on one side only.
fn options(sides: Sides<'_>) -> Vec<Change> {
    let before = sides.from.sourced_options();
    let after = sides.to.sourced_options().into_iter();
    let changed = after.filter(|it| it.plain.is_none()).filter_map(|then| {
        let was = before.iter().find(|was| was.setting.key == then.setting.key)?;
        let counts = |sourced: &SourcedOption<'_>, side: &Environment, wanted: bool| {
            side.versions.airflow().all(|at| sourced.counts_at(at) == Some(wanted))
        };
        let (key, ending) = (&then.setting.key, then.source.ending());
        let (kind, words) = if counts(was, sides.from, true) && counts(&then, sides.to, false) {
            (ChangeKind::Ignored, ["read", "ignored"])
        } else if counts(was, sides.from, false) && counts(&then, sides.to, true) {
            (ChangeKind::Gained, ["ignored", "read"])
        } else {
            return None;
        };
        let option = format!("`[{}] {}`", then.section, then.option);
        let reason = match kind {
            ChangeKind::Ignored => format!(
                "Airflow {} does not take {option} by `{ending}`, so that it keeps its default",
                sides.to.versions.airflow().describe()
            ),
            _ if then.source == Source::Secret => {
                format!("{option} is asked of the backend of `[{}]`", Section::Secrets.name())
            }
            _ => format!("{option} is the output of a command"),
        };
        Some(Change {
            kind,
            place: then.setting.key_place(),
            key: None,
            before: format!("`{key}` is {}", words[0]),
            after: format!("`{key}` is {}", words[1]),
            reason,
            environment: Some(sides.to.name.clone()),
            about: About::Lookup,
        })
    });
    changed.collect()
}
