//! See `rules/requirement-invalid.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::releases::providers;
use crate::model::{Basis, Place};
use crate::model::requirements::WhyUnfollowed;
use crate::read::requirements::Item;
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "requirement-invalid",
    level: Level::Warning,
    group: Group::Files,
    summary: "A line of requirements.txt that pip refuses",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/requirement-invalid.md"),
    check,
};

/// A line that pip takes and astrolint cannot follow.
fn unknown(place: Place, message: &str) -> Finding {
    Finding::new(&RULE, place, message)
        .at_most(Level::Info)
        .note("astrolint counts any version as possible where the line may bring Airflow or a provider")
}

/// Lines that no release fulfils together: pip refuses them though it takes each.
fn contradictions(project: &Project) -> impl Iterator<Item = Finding> {
    providers().iter().filter_map(|package| {
        let Basis::Contradiction(place) = project.model.versions.package(&package.name)?.basis() else {
            return None;
        };
        let message = format!("no release of `{}` fulfils all that is asked of it", package.name);
        let finding = Finding::new(&RULE, *place, message);
        Some(finding.note("pip refuses the whole file because of it: nothing is installed, the image does not build"))
    })
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(contradictions(project));
    let Some(requirements) = &project.model.requirements else { return };
    for entry in &requirements.entries {
        let (span, why) = match &entry.item {
            Item::Invalid { span, why } => (span, why),
            Item::DependsOnEnvironment { .. } => {
                findings.push(unknown(entry.place, "what this line installs depends on a variable of the build"));
                continue;
            }
            Item::Direct(_) => {
                findings.push(unknown(entry.place, "which version this line installs is not known: it names a place, not a release"));
                continue;
            }
            _ => continue,
        };
        findings.push(
            Finding::new(
                &RULE,
                Place::new(entry.place.file, *span),
                format!("pip refuses this line: {why}"),
            )
            .note("pip refuses the whole file because of it: nothing is installed, the image does not build"),
        );
    }
    for unfollowed in &requirements.unfollowed {
        let (level, message, note) = match unfollowed.why {
            WhyUnfollowed::Missing => (
                Level::Warning,
                "pip refuses this include: there is no such file in the project",
                "pip refuses the whole file because of it, unless something creates that file before",
            ),
            WhyUnfollowed::Cycle => (
                Level::Warning,
                "this file includes a file that includes it",
                "pip 24.3 and later refuse the whole file because of it, earlier ones end with a RecursionError",
            ),
            WhyUnfollowed::Url | WhyUnfollowed::OutsideProject | WhyUnfollowed::TooMany => (
                Level::Info,
                "this include was not read, so what it asks for is not known",
                "astrolint is offline, and reads files of the project only; a version that the include pins is unknown to it",
            ),
        };
        findings
            .push(Finding::new(&RULE, unfollowed.place, message).at_most(level).note(note));
    }
}
