//! See `rules/jinja-key-not-identifier.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::{Form, Place, Reference, Timing};
use crate::resolve::Project;
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "jinja-key-not-identifier",
    level: Level::Error,
    group: Group::Code,
    summary: "A template writes a key behind a dot that is no name, so that Airflow asks for something else",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/jinja-key-not-identifier.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(project.model.references.iter().filter_map(|it| finding(project, it)));
}

fn finding(project: &Project, reference: &Reference) -> Option<Finding> {
    let Form::Template(form) = &reference.form else { return None };
    let (meant, span) = form.meant.as_ref()?;
    let asked = reference.key.name()?;
    let is_refused = meant == asked;
    // Code that Airflow never runs renders nothing; a template that Jinja refuses is never rendered.
    if reference.timing == Timing::Never && !is_refused {
        return None;
    }
    let owner = &reference.callee;
    let name = project.in_use().find_map(|by| by.name(reference.kind, asked));
    let place = Place::new(reference.file, *span);
    let is_path = meant.starts_with(&format!("{asked}."));
    let requested = name.map_or_else(|| format!("`{asked}`"), |name| format!("`{name}`"));
    let finding = if is_refused {
        Finding::new(&RULE, place, format!("`{owner}.{meant}` is no template: Airflow asks for nothing"))
            .label("a name cannot begin with a digit")
            .note("Jinja raises TemplateSyntaxError, and the task fails before it begins")
    } else if is_path {
        Finding::new(&RULE, place, format!("`{owner}.{meant}` asks for {requested} and then for an attribute of its text"))
            .label(format!("the key ends at `{asked}`"))
            .note("a text has no such attribute: rendering fails with an UndefinedError, or as a native object gives nothing")
    } else {
        Finding::new(&RULE, place, format!("`{owner}.{meant}` asks for {requested} and calculates with the rest"))
            .label(format!("the key ends at `{asked}`"))
            .note("Jinja takes the sign for arithmetic: rendering fails, and nobody asks for the key that was meant")
    };
    let finding = if reference.timing == Timing::Unknown { finding.at_most(Level::Warning) } else { finding };
    let finding = finding.help(if is_path {
        format!("write `{owner}['{meant}']`, or `{}` for a part of a JSON value", owner.replace("value", "json") + "." + meant)
    } else {
        format!("write `{owner}['{meant}']`")
    });
    // A dot may also be meant as one into a JSON value.
    let safety = if is_path { Safety::Unsafe } else { Safety::Safe };
    Some(match project.model.quote_inside(place, meant) {
        Some(quote) if span.start > 0 => finding.fix(
            format!("Write `{owner}[{quote}{meant}{quote}]`"),
            safety,
            vec![
                Edit {
                    place: Place::new(reference.file, Span::new(span.start - 1, span.start)),
                    replacement: format!("[{quote}"),
                },
                Edit {
                    place: Place::new(reference.file, Span::at(span.end)),
                    replacement: format!("{quote}]"),
                },
            ],
        ),
        _ => finding,
    })
}
