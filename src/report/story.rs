//! The answers of `astrolint resolve` as a story for people: which versions, where each setting comes
//! from, what Airflow makes of the kwargs, which name is asked for, who answers next.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use pep440_rs::Version;

use super::answers::Answered;
use super::escape::{escape, path_text};
use crate::model::{Basis, Files, Place, Setting, VersionSet};
use crate::resolve::{Answer, Configured, Effects, Environment, Kwarg, Kwargs, Outcome, Region};
use crate::text::MASK;

/// The column at which what a line says begins.
const COLUMN: usize = 13;

/// How much of a line is left for what it says, at least.
const LEAST: usize = 40;

/// Where the story is told.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The files that settings stand in.
    pub files: &'a Files,
    /// The directory from which their paths are given.
    pub directory: &'a Path,
    /// The project, where there are several.
    pub project: Option<&'a str>,
    /// The columns of the terminal.
    pub width: usize,
    /// A path as it is written from a directory.
    pub relative: fn(&Path, &Path) -> std::path::PathBuf,
}

/// Writes the answers to one question.
///
/// # Errors
/// When `out` cannot be written to.
pub fn text(one: &Answered<'_>, page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let private = one.environment.private_values();
    out.write_all(private.mask(&Story::of(one, *page).told()).as_bytes())
}

/// One question, and the lines said of it so far.
struct Story<'a> {
    one: &'a Answered<'a>,
    page: Page<'a>,
    lines: Vec<String>,
}

impl<'a> Story<'a> {
    const fn of(one: &'a Answered<'a>, page: Page<'a>) -> Self {
        Self { one, page, lines: Vec::new() }
    }

    fn told(mut self) -> String {
        let (one, environment) = (self.one, self.one.environment);
        let project = self.page.project.map(|it| format!(" of {it}")).unwrap_or_default();
        let title =
            format!("{} `{}` in environment `{}`{project}", one.kind, one.key, environment.name);
        self.lines.push(escape(&title).into_owned());
        let Some(newest) = one.answers.last() else { return self.lines.join("\n") + "\n" };
        let configured = one.configured(newest);
        self.versions(configured);
        if let Some(class) = &configured.class {
            let shown = match class.text {
                Some(_) => class.shown().unwrap_or(MASK),
                None => "a class that is only known when it runs",
            };
            let place = self.setting(&class.setting);
            let mut said = vec![format!("{shown}  ({place})")];
            said.extend(class.known.and_then(|(backend, alias)| {
                Some(format!("an old path, from {} to {}", alias?.range.from, backend.class))
            }));
            self.say("backend", &said);
            self.kwargs(configured);
            self.region(configured);
        }
        for answer in &one.answers {
            if one.answers.len() > 1 {
                self.lines.push(String::new());
                let with = with(one, answer);
                self.say("with", &[with]);
            }
            self.answer(answer);
        }
        self.lines.join("\n") + "\n"
    }

    fn versions(&mut self, configured: &Configured) {
        let versions = &self.one.environment.versions;
        let airflow = self.version(versions.airflow());
        self.say("airflow", &[airflow]);
        let package = configured.provider_package();
        if let Some((package, set)) = package.and_then(|it| Some((it, versions.package(it)?))) {
            let version = self.version(set);
            self.say("provider", &[format!("{package} {version}")]);
        }
    }

    fn version(&self, set: &VersionSet) -> String {
        let place = |place: &Place| self.place(*place);
        let why = match set.basis() {
            Basis::Pinned(at)
            | Basis::Range(at)
            | Basis::Unpinned(at)
            | Basis::Extra(at)
            | Basis::Untold(at)
            | Basis::Conditional(at)
            | Basis::Contradiction(at) => place(at),
            Basis::Bundled { image, .. } => format!("the image, {}", place(image)),
            Basis::Declared => "as given".to_owned(),
            Basis::NotInstalled => "nothing installs it".to_owned(),
            Basis::Unknown(Some(at)) => format!("not told; {} may bring it", place(at)),
            Basis::Unknown(None) => "nothing tells it".to_owned(),
        };
        format!("{}  ({why})", set.describe())
    }

    fn kwargs(&mut self, configured: &Configured) {
        let mut said = Vec::new();
        if let Some(setting) = &configured.kwargs_setting {
            let place = self.setting(setting);
            let unusable = self.one.environment.unusable_kwargs(configured);
            said.push(match (&configured.kwargs, unusable) {
                (_, Some(unusable)) => format!("{unusable}  ({place})"),
                (Kwargs::Unset, None) => format!("empty  ({place})"),
                (Kwargs::Object(members), None) if members.is_empty() => format!("none  ({place})"),
                (Kwargs::Dynamic { .. }, None) => format!("only known when it runs  ({place})"),
                (_, None) => place,
            });
        } else if let Some(setting) = self.one.environment.kwargs_from_elsewhere(configured) {
            said.push(format!("by {}", self.setting(setting)));
        } else {
            said.push("none".to_owned());
        }
        for kwarg in self.one.environment.keywords(configured) {
            said.push(self.keyword(configured, kwarg));
        }
        said.extend(self.defaults(configured));
        self.say("kwargs", &said);
    }

    /// A keyword, and what becomes of it where that is not just to be read.
    fn keyword(&self, configured: &Configured, kwarg: &Kwarg) -> String {
        let mut said = format!("{} = {}", kwarg.shown_name(), kwarg.shown_value());
        if kwarg.own_variable {
            said += &format!("  ({})", self.place(kwarg.name_place));
        }
        let effects = self.one.environment.effects(configured, &kwarg.name);
        match effects.filter(|effects| !effects.is_plainly_read()).as_ref().map(Effects::describe) {
            Some(effects) => format!("{said}: {effects}"),
            None => said,
        }
    }

    /// What the class itself has for the parameters that make this name.
    fn defaults(&self, configured: &Configured) -> Vec<String> {
        let given = self.one.environment.keywords(configured);
        let defaults = configured.defaults_of(self.one.kind).into_iter();
        defaults
            .filter(|(name, _)| given.iter().all(|kwarg| kwarg.name != *name))
            .map(|(name, value)| format!("{name} = {value}  (default)"))
            .collect()
    }

    fn region(&mut self, configured: &Configured) {
        let said = match self.one.environment.aws_region(configured) {
            Some(Region::Setting(setting)) => {
                let value = setting.shown().unwrap_or(MASK);
                format!("{value}  ({}, {})", setting.key, self.setting(setting))
            }
            Some(Region::Elsewhere) => {
                "not told by the files: a profile, or the platform".to_owned()
            }
            Some(Region::Missing) => "none".to_owned(),
            Some(Region::Keyword(_)) | None => return,
        };
        self.say("region", &[said]);
    }

    fn answer(&mut self, answer: &Answer) {
        let lookup = &answer.lookup;
        let (label, said) = match lookup.outcome {
            Outcome::Asked => {
                let names = lookup.requested.iter().cloned();
                ("asks for", names.chain([format!("({})", lookup.reason)]).collect())
            }
            Outcome::NeverAsked | Outcome::NoBackend => ("not asked", vec![lookup.reason.clone()]),
            Outcome::StartupError | Outcome::LookupError => ("fails", vec![lookup.reason.clone()]),
            Outcome::Unknown => ("unknown", vec![lookup.reason.clone()]),
        };
        self.say(label, &said);
        let then = self.next(answer);
        self.say("then", &then);
    }

    /// Who is asked next.
    fn next(&self, answer: &Answer) -> Vec<String> {
        if !answer.goes_on {
            return vec![match answer.lookup.outcome {
                Outcome::StartupError => "nothing: no process of Airflow starts".to_owned(),
                _ => "nothing: the exception reaches the DAG or the task".to_owned(),
            }];
        }
        let mut then = self.one.then(answer);
        let variable = self.one.kind.environment_variable(self.one.key);
        let set = variable.and_then(|name| self.one.environment.settings.get(&name));
        if let Some((first, setting)) = then.first_mut().zip(set) {
            *first += &format!("  (set: {})", self.setting(setting));
        }
        then
    }

    /// Where a setting stands, and what it stands above.
    fn setting(&self, setting: &Setting) -> String {
        let environment: &Environment = self.one.environment;
        let place = self.place(setting.key_place());
        let below = environment.settings.overridden().iter();
        let mut below = below.filter(|other| other.key == setting.key);
        match below.next_back() {
            Some(other) => format!("{place}, over {}", self.place(other.key_place())),
            None => place,
        }
    }

    fn place(&self, place: Place) -> String {
        let file = self.page.files.get(place.file);
        let path = (self.page.relative)(file.path(), self.page.directory);
        let position = file.position(place.span.start);
        // Those of the command line stand in no file.
        if path.starts_with("<--setting>") {
            return "--setting".to_owned();
        }
        format!("{}:{}", path_text(&path), position.line)
    }

    /// Adds lines under one label; each begins on a line of its own, and wraps between words.
    fn say(&mut self, label: &str, said: &[String]) {
        let width = self.page.width.saturating_sub(COLUMN).max(LEAST);
        let options = super::full::wrapping(width).subsequent_indent("  ");
        let wrapped = said.iter().flat_map(|text| {
            let text: Cow<'_, str> = escape(text);
            textwrap::wrap(&text, &options).into_iter().map(Cow::into_owned).collect::<Vec<_>>()
        });
        for (number, line) in wrapped.enumerate() {
            let label = if number == 0 { label } else { "" };
            self.lines.push(format!("  {label:<10} {line}"));
        }
    }
}

/// The versions of one of several answers.
fn with(one: &Answered<'_>, answer: &Answer) -> String {
    let versions = &one.environment.versions;
    let possible = versions.airflow().versions();
    let airflow = format!("Airflow {}", runs(&answer.airflow, possible));
    let package = one.package(answer).filter(|_| !answer.provider.is_empty());
    let Some(package) = package else { return airflow };
    let installed = versions.package(package).map_or(&[][..], VersionSet::versions);
    let short = crate::resolve::short_name(package);
    let provider = format!("{short} {}", runs(&answer.provider, installed));
    if !answer.every_pair {
        return format!("some combinations of {airflow} and {provider}");
    }
    match (answer.airflow.len() == possible.len(), answer.provider.len() == installed.len()) {
        (true, _) => provider,
        (false, true) => airflow,
        (false, false) => format!("{airflow} and {provider}"),
    }
}

/// Sorted versions in words, with the gaps that those have among the possible ones: `2.3.0 to 4.1.0,
/// 5.1.0 to 9.39.0`.
fn runs(versions: &[Version], possible: &[Version]) -> String {
    let mut runs: Vec<(&Version, &Version)> = Vec::new();
    let mut goes_on = false;
    for version in possible {
        let is_there = versions.contains(version);
        match runs.last_mut().filter(|_| goes_on && is_there) {
            Some((_, last)) => *last = version,
            None if is_there => runs.push((version, version)),
            None => {}
        }
        goes_on = is_there;
    }
    let words = runs.into_iter().map(|(first, last)| {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_with_their_gaps() {
        let list = |text: &str| -> Vec<Version> {
            text.split(' ').map(|version| version.parse().unwrap()).collect()
        };
        let possible = list("1.0 1.1 2.0 2.1 3.0 4.0");
        for (versions, expected) in [
            ("1.0 1.1 2.0 2.1 3.0 4.0", "1.0 to 4.0"),
            ("1.0 2.0 2.1 4.0", "1.0, 2.0 to 2.1, 4.0"),
            ("3.0", "3.0"),
        ] {
            assert_eq!(runs(&list(versions), &possible), expected);
        }
    }
}
