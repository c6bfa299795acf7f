//! See `rules/env-line-unreadable.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::{EnvFile, Place, Standing, is_shown_key};
use crate::read::dotenv::{LineFault, LineFaultKind as Kind, Reader};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "env-line-unreadable",
    level: Level::Error,
    group: Group::Files,
    summary: "A line of an env file that a command of Astro's rejects or leaves out",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/env-line-unreadable.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (file, standing) in project.model.astro_env_files() {
        let text = project.model.files.get(file.file).text();
        for fault in &file.comparison.faults {
            let written = fault.key.unwrap_or(fault.span).of(text);
            let name = (is_shown_key(written)
                && (fault.key.is_some() || written.chars().all(|c| !c.is_ascii_lowercase())))
            .then_some(written);
            let finding = describe(file, fault, name);
            findings.push(finding.at_most(highest(fault, standing)));
        }
    }
}

/// `astro dev start` reads nothing that is only a template or lies elsewhere, and what it requires of
/// its host may be there.
fn highest(fault: &LineFault, standing: Standing) -> Level {
    let certain = fault.aborts.contains(&Reader::Compose)
        && standing == Standing::Read
        && fault.kind != Kind::VariableRequired;
    if certain { Level::Error } else { Level::Warning }
}

fn describe(file: &EnvFile, fault: &LineFault, name: Option<&str>) -> Finding {
    let place = Place::new(file.file, fault.span);
    let message = format!("{} {}", subject(fault.kind, name), consequence(fault));
    let mut finding = Finding::new(&RULE, place, message).label(label(fault.kind));
    if !fault.aborts.is_empty() {
        let commands = Reader::commands_of(&fault.aborts);
        finding = finding.note(format!("nothing of the file is used by: {commands}"));
    }
    if !fault.drops.is_empty() {
        let commands = Reader::commands_of(&fault.drops);
        finding = finding.note(format!("left out by: {commands}"));
    }
    let title = match fault.kind {
        Kind::QuoteInside => "Delete the outer quotes",
        _ => "Write it as `KEY=value`",
    };
    finding = finding.help(help(fault.kind));
    match &fault.repair {
        Some(edits) => finding.fix(title, Safety::Safe, Edit::in_env_file(file.file, edits)),
        None => finding,
    }
}

/// What happens in the commands that people use most.
fn consequence(fault: &LineFault) -> String {
    let stops = |readers: &[Reader]| format!("stops {}", Reader::foremost_commands(readers));
    if fault.kind == Kind::LoneName && !fault.aborts.contains(&Reader::Compose) {
        "is only set where the host sets it".to_owned()
    } else if fault.aborts.contains(&Reader::Compose) {
        // Nothing runs without it.
        stops(&[Reader::Compose])
    } else if fault.aborts.contains(&Reader::DockerEnvFile) || fault.drops.is_empty() {
        stops(&fault.aborts)
    } else {
        format!("is left out by {}", Reader::foremost_commands(&fault.drops))
    }
}

fn subject(kind: Kind, name: Option<&str>) -> String {
    let key = name.map_or_else(|| "this key".to_owned(), |name| format!("`{name}`"));
    match kind {
        Kind::Export => format!("`export` before {key}"),
        Kind::BlankBeforeEquals => format!("the blank between {key} and its `=`"),
        Kind::Colon => format!("the `:` in the place of `=` behind {key}"),
        Kind::QuotedLines => format!("the value of {key}, in quotes over several lines,"),
        Kind::BareLines => format!("the value of {key}, over several lines without quotes,"),
        Kind::QuoteOpen => format!("a quote that is not closed in the value of {key}"),
        Kind::QuoteInside => format!("a quote inside the quotes of {key}"),
        Kind::TextAfterQuote => format!("what follows the closing quote of {key}"),
        Kind::KeyCharacter => "a character of this key".to_owned(),
        Kind::ExpansionInvalid => format!("`${{` without a valid end in the value of {key}"),
        Kind::VariableRequired => {
            format!("`${{…?…}}` of a variable that the file does not set, in the value of {key},")
        }
        Kind::KeyMissing => "an `=` without a key".to_owned(),
        Kind::LineTooLong => "a line of 64 KiB or more".to_owned(),
        Kind::LoneName => match name {
            Some(name) => format!("`{name}` without `=`"),
            None => "a name without `=`".to_owned(),
        },
        Kind::NotAnAssignment => "a line that is not `KEY=value`".to_owned(),
    }
}

const fn label(kind: Kind) -> &'static str {
    match kind {
        Kind::Export => "a word of the shell, not of env files",
        Kind::BlankBeforeEquals => "a blank before the `=`",
        Kind::Colon => "`:` for `=`",
        Kind::QuotedLines => "begins here and ends on another line",
        Kind::BareLines => "goes on in the next line",
        Kind::QuoteOpen => "opened here, never closed",
        Kind::QuoteInside => "the second quote ends the value",
        Kind::TextAfterQuote => "goes on behind the closing quote",
        Kind::KeyCharacter => "not allowed in a key",
        Kind::ExpansionInvalid => "not a valid expansion",
        Kind::VariableRequired => "required, and not set in this file",
        Kind::KeyMissing => "no key",
        Kind::LineTooLong => "too long",
        Kind::LoneName => "no value",
        Kind::NotAnAssignment => "not an assignment",
    }
}

const fn help(kind: Kind) -> &'static str {
    match kind {
        Kind::Export => "delete `export`",
        Kind::BlankBeforeEquals => "delete the blanks around the `=`",
        Kind::Colon => "write `=` for the `:`, without blanks around it",
        Kind::QuotedLines | Kind::BareLines => {
            "write the value on one line, without quotes around it"
        }
        Kind::QuoteOpen => "close the quote, or better, write the value without quotes",
        Kind::QuoteInside => "delete the outer quotes: JSON needs none in an env file",
        Kind::TextAfterQuote => "write the value without quotes, and nothing behind it",
        Kind::KeyCharacter => "use letters, digits and `_` only",
        Kind::ExpansionInvalid => "write `$$` for a dollar that is meant as one, or what the expression stands for",
        Kind::VariableRequired => "set the variable above this line, or write its value here",
        Kind::KeyMissing => "write a key before the `=`, or delete the line",
        Kind::LineTooLong => "keep values of this size in a file, or in the secrets backend",
        Kind::LoneName => "write `=` and a value behind the name, or put `#` before it",
        Kind::NotAnAssignment => "write `KEY=value`, or put `#` before the line",
    }
}
