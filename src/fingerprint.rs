//! What a finding is recognised by in another run: of another commit, another checkout, another release.
//!
//! It is made of the rule, the path inside the project, and what stands in the source at fault: of the names
//! and values that the message quotes, those that stand in the lines of the finding; where there is none,
//! the text at its place, as far as it may be shown. Neither lines nor wording are a part of it, so that it
//! stays when something above changes and when astrolint says the same in other words. Neither is what
//! comes from elsewhere, such as a name that a prefix in `.env` or a version of a provider makes: the
//! checkout of a CI system has no `.env`. Nothing in it may be a credential, so that nothing can be guessed
//! back from it.

use std::collections::BTreeSet;
use std::path::Path;

use sha1::{Digest, Sha1};

use crate::check::Finding;
use crate::hash::{HashMap, HashSet};
use crate::model::{FileId, Files, Place, Shown, relative};
use crate::text::{MASK, Span};

/// Gives each of `findings`, those of one project in the order of their places, its subject and its
/// fingerprint. Those that nothing else tells apart are numbered. `shown` says what of a file may be shown.
pub fn assign(
    findings: &mut [Finding],
    files: &Files,
    root: &Path,
    shown: impl Fn(FileId) -> Vec<Span>,
) {
    let mut seen: HashMap<String, usize> = HashMap::default();
    let mut known = Shown::default();
    let mut asked = HashSet::default();
    for finding in findings {
        let place = finding.primary.place;
        let path = relative(files.get(place.file).path(), root);
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let named = named(&finding.message, lines(files, place));
        finding.subject = named.iter().copied().collect::<Vec<_>>().join(", ");
        let at_fault = if named.is_empty() {
            if asked.insert(place.file) {
                known.allow(place.file, shown(place.file));
            }
            written(files, place, &known)
        } else {
            named.into_iter().collect::<Vec<_>>().join("\0")
        };
        let content = format!("{}\0{}\0{at_fault}", finding.rule.id, parts.join("/"));
        let number = seen.entry(content.clone()).or_default();
        *number += 1;
        finding.fingerprint = digest(&format!("{content}\0\0{number}"));
    }
}

/// The fingerprint of a finding of `project` among those of many projects, which may be copies of one
/// another.
#[must_use]
pub fn among_projects(project: &str, fingerprint: &str) -> String {
    digest(&format!("{project}\0{fingerprint}"))
}

/// The lines that `place` touches.
fn lines(files: &Files, place: Place) -> &str {
    let file = files.get(place.file);
    let line = |offset| file.lines().line_span(file.lines().line(offset), file.text());
    Span::new(line(place.span.start).start, line(place.span.end).end).of(file.text())
}

/// What `message` quotes in backticks and `lines` hold as a whole word.
fn named<'m>(message: &'m str, lines: &str) -> BTreeSet<&'m str> {
    let quoted = message.split('`').skip(1).step_by(2);
    quoted.filter(|word| !word.is_empty() && holds_word(lines, word)).collect()
}

fn holds_word(text: &str, word: &str) -> bool {
    let goes_on = |char: char| char.is_alphanumeric() || "_-/".contains(char);
    text.match_indices(word).any(|(at, _)| {
        let (before, rest) = text.split_at(at);
        let after = rest.get(word.len()..).unwrap_or_default();
        !before.ends_with(goes_on) && !after.starts_with(goes_on)
    })
}

/// The text at `place`, with a mask for what `shown` does not hold, and without what formatters change:
/// blanks, quotes, commas.
fn written(files: &Files, place: Place, shown: &Shown) -> String {
    let mut text = String::new();
    for (at, char) in place.span.of(files.get(place.file).text()).char_indices() {
        let at = Span::new(place.span.start + at, place.span.start + at + char.len_utf8());
        if !shown.allows(place.file, at) {
            if !text.ends_with(MASK) {
                text += MASK;
            }
        } else if !(char.is_whitespace() || "'\",".contains(char)) {
            text.push(char);
        }
    }
    text
}

fn digest(text: &str) -> String {
    Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::check::find;
    use crate::model::FileKind;

    /// A finding: rule, path below the root, text of the file with the place in `«»`, message.
    type Case<'a> = (&'a str, &'a str, &'a str, &'a str);

    /// The findings, as `assign` leaves them. All but digits may be shown.
    fn assigned(root: &str, findings: &[Case<'_>]) -> Vec<Finding> {
        let mut files = Files::default();
        let mut found: Vec<Finding> = findings
            .iter()
            .map(|(rule, path, text, message)| {
                let start = text.find('«').unwrap();
                let end = text.find('»').unwrap() - '«'.len_utf8();
                let text = text.replace(['«', '»'], "");
                let file = files.add(PathBuf::from(root).join(path), FileKind::Env, text);
                let place = Place::new(file, Span::new(start, end));
                Finding::new(find(rule).unwrap(), place, *message)
            })
            .collect();
        let shown = |file: FileId| -> Vec<Span> {
            let chars = files.get(file).text().char_indices();
            let letters = chars.filter(|(_, char)| !char.is_ascii_digit());
            letters.map(|(at, char)| Span::new(at, at + char.len_utf8())).collect()
        };
        assign(&mut found, &files, Path::new(root), shown);
        found
    }

    fn fingerprints(root: &str, findings: &[Case<'_>]) -> Vec<String> {
        assigned(root, findings).into_iter().map(|finding| finding.fingerprint).collect()
    }

    const ONE: Case<'_> = (
        "parse-time-lookup",
        "dags/a.py",
        "A = «Variable.get(\"bucket\")»\n",
        "variable `bucket` is looked up on every parse, calls for `airflow/variables/bucket`",
    );

    #[test]
    fn only_what_stands_in_the_source_counts() {
        let first = fingerprints("/home/one/project", &[ONE]);
        assert_eq!(first[0].len(), 40);
        for (root, text, message) in [
            ("/home/one/project", "# above\n\nA = «Variable.get(\"bucket\")»\n", ONE.3),
            ("/home/one/project", "A = B  =  «Variable.get( 'bucket')» # x\n", ONE.3),
            ("/builds/2/team/airflow", ONE.2, ONE.3),
            ("/p", ONE.2, "variable `bucket` is looked up on every parse of this file"),
            ("/p", ONE.2, "calls for `bucket`: `bucket` is looked up"),
            ("/p", ONE.2, "on every parse, `other/bucket` for `bucket`, with amazon `9.0.0`"),
        ] {
            assert_eq!(first, fingerprints(root, &[(ONE.0, ONE.1, text, message)]), "{message}");
        }
        assert_eq!(assigned("/p", &[ONE])[0].subject, "bucket");
    }

    #[test]
    fn where_the_message_names_nothing_of_it_the_source_itself_counts() {
        let of = |text: &str| {
            let found = assigned("/p", &[(ONE.0, ONE.1, text, "a variable is looked up")]);
            assert_eq!(found[0].subject, "");
            found[0].fingerprint.clone()
        };
        let first = of("«Variable.get(KEY)»\n");
        assert_eq!(first, of("x = «Variable.get(\n    KEY,\n)»\n"));
        assert_ne!(first, of("«Variable.get(OTHER)»\n"));
        // Nothing is made of what is hidden, not even its length.
        assert_eq!(of("«f(123)»"), of("«f(4)»"));
    }

    #[test]
    fn rule_file_and_what_is_at_fault_count() {
        let placeholder = "`REGION` is still the placeholder `<region>`";
        let env = "REGION=«<region>»\n";
        let all = fingerprints(
            "/p",
            &[
                ONE,
                ("key-repeats-prefix", ONE.1, ONE.2, ONE.3),
                (ONE.0, "b.py", ONE.2, ONE.3),
                (ONE.0, "../dags/a.py", ONE.2, ONE.3),
                (ONE.0, ONE.1, "«Variable.get(\"other\")»", &ONE.3.replace("bucket", "other")),
                ("placeholder-left", ".env", env, placeholder),
                (
                    "placeholder-left",
                    ".env",
                    &env.replace('<', "<a-"),
                    &placeholder.replace('<', "<a-"),
                ),
            ],
        );
        for (number, one) in all.iter().enumerate() {
            assert!(!all[..number].contains(one), "{number}");
        }
    }

    #[test]
    fn what_nothing_tells_apart_is_numbered() {
        let twice = fingerprints("/p", &[ONE, ONE, ("env-duplicate-key", ".env", "«A»=1", "`A`")]);
        assert_ne!(twice[0], twice[1]);
        assert_eq!(fingerprints("/p", &[ONE])[0], twice[0]);
        assert_ne!(among_projects("a", &twice[0]), among_projects("b", &twice[0]));
    }
}
