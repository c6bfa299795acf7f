//! What a finding is recognised by in another run: of another commit, another checkout, another release.
//!
//! It is made of the rule, the path inside the project, and what the message quotes: the names and values
//! at fault. Lines are no part of it, so that it stays when something above changes, and neither is the
//! wording, so that it stays when astrolint says the same in other words. Messages hold no value that may
//! be a credential, so that nothing can be guessed back from it.

use std::collections::HashMap;

use sha1::{Digest, Sha1};

use crate::check::Finding;
use crate::model::{Files, relative};

/// Gives each of `findings`, those of one project in the order of their places, its fingerprint. Those that
/// nothing else tells apart are numbered.
pub fn assign(findings: &mut [Finding], files: &Files, root: &std::path::Path) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let path = relative(files.get(finding.primary.place.file).path(), root);
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let content = format!(
            "{}\0{}\0{}",
            finding.rule.id,
            parts.join("/"),
            quoted(&finding.message).collect::<Vec<_>>().join("\0")
        );
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

/// What `message` quotes in backticks.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

fn digest(text: &str) -> String {
    Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::check::find;
    use crate::model::{FileKind, Place};
    use crate::text::Span;

    /// The fingerprints of findings: rule, path below the root, offset, message.
    fn fingerprints(root: &str, findings: &[(&str, &str, usize, &str)]) -> Vec<String> {
        let mut files = Files::default();
        let mut found: Vec<Finding> = findings
            .iter()
            .map(|(rule, path, at, message)| {
                let path = PathBuf::from(root).join(path);
                let file = files.add(path, FileKind::Env, String::new());
                let place = Place::new(file, Span::at(*at));
                Finding::new(find(rule).unwrap(), place, *message)
            })
            .collect();
        assign(&mut found, &files, Path::new(root));
        found.into_iter().map(|finding| finding.fingerprint).collect()
    }

    const ONE: (&str, &str, usize, &str) =
        ("placeholder-left", "a/.env", 10, "`REGION` is still the placeholder `<region>`");

    #[test]
    fn neither_lines_nor_wording_nor_the_place_of_the_project_count() {
        let first = fingerprints("/home/one/project", &[ONE]);
        assert_eq!(first[0].len(), 40);
        for (root, at, message) in [
            ("/home/one/project", 500, ONE.3),
            ("/builds/2/team/airflow", 10, ONE.3),
            (
                "/home/one/project",
                10,
                "`REGION`: replace `<region>`, it stands here since 3 releases",
            ),
        ] {
            assert_eq!(first, fingerprints(root, &[(ONE.0, ONE.1, at, message)]), "{message}");
        }
    }

    #[test]
    fn rule_file_and_what_is_at_fault_count() {
        let all = fingerprints(
            "/p",
            &[
                ONE,
                ("env-duplicate-key", ONE.1, ONE.2, ONE.3),
                (ONE.0, "b/.env", ONE.2, ONE.3),
                (ONE.0, ONE.1, ONE.2, "`REGION` is still the placeholder `<another>`"),
                (ONE.0, ONE.1, ONE.2, "`REGION<region>` is still a placeholder"),
                (ONE.0, "../.env", ONE.2, ONE.3),
            ],
        );
        for (number, one) in all.iter().enumerate() {
            assert!(!all[..number].contains(one), "{number}");
        }
    }

    #[test]
    fn what_nothing_tells_apart_is_numbered() {
        let twice = fingerprints("/p", &[ONE, ONE, ("env-duplicate-key", ".env", 0, "`A`")]);
        assert_ne!(twice[0], twice[1]);
        assert_eq!(fingerprints("/p", &[ONE])[0], twice[0]);
        assert_ne!(among_projects("a", &twice[0]), among_projects("b", &twice[0]));
    }
}
