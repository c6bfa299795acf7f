//! See `rules/key-repeats-prefix.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::hash::HashMap;
use crate::resolve::{Asked, Project, Repeated};

pub(super) static RULE: Rule = Rule {
    id: "key-repeats-prefix",
    level: Level::Error,
    group: Group::Names,
    summary: "A key begins with the prefix that the backend puts before it anyway",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/key-repeats-prefix.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    // What one environment repeats may be right in another.
    let environments = project.in_use().count();
    let asked: Vec<(Asked<'_>, Repeated)> = project
        .asked()
        .filter_map(|asked| Some((asked, asked.repeated()?)))
        .collect();
    let identity = |it: &Asked<'_>| (it.reference.key_place(), it.key.glob());
    let mut times: HashMap<_, usize> = HashMap::default();
    for (it, _) in &asked {
        *times.entry(identity(it)).or_default() += 1;
    }
    for (it, repeated) in &asked {
        let everywhere = times.get(&identity(it)) == Some(&environments);
        findings.extend(finding(it, *repeated, everywhere));
    }
}

fn finding(asked: &Asked<'_>, repeated: Repeated, everywhere: bool) -> Option<Finding> {
    let kind = asked.reference.kind;
    let key = asked.key.shown()?;
    let (beginning, text) = asked.key.beginning()?;
    let prefix = beginning.get(..repeated.bytes)?;
    let rest = key.get(repeated.bytes..)?;
    let name = asked.by.name(kind, &key)?;
    let place = asked.reference.place_in_call(text, 0..repeated.bytes);
    let finding = Finding::new(
        &RULE,
        place.unwrap_or_else(|| asked.reference.key_place()),
        if repeated.kind == kind {
            format!("`{key}` repeats the prefix: Airflow asks for `{name}`")
        } else {
            format!("`{key}` begins with the prefix of {}: Airflow asks for `{name}`", repeated.kind.parameter_stem())
        },
    )
    .at_most(if repeated.certain { Level::Error } else { Level::Warning })
    .in_environment(&asked.by.environment.name)
    .note("code asks for the key alone: the backend puts prefix and separator before it");
    if repeated.kind != kind {
        return Some(
            finding
                .label(format!("where the backend looks for {}", repeated.kind.parameter_stem()))
                .help(format!("ask for the {} `{rest}`, or store the {kind} under `{}`", repeated.kind, asked.by.name(kind, rest)?)),
        );
    }
    let finding = finding
        .label("the backend adds this itself")
        .help(format!("write `{rest}`, which is looked up as `{}`", asked.by.name(kind, rest)?));
    let safety = if everywhere && repeated.certain { Safety::Safe } else { Safety::Unsafe };
    Some(match place {
        Some(place) => finding.fix(
            format!("Delete `{prefix}`"),
            safety,
            vec![Edit { place, replacement: String::new() }],
        ),
        None => finding,
    })
}
