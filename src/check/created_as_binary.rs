//! See `rules/created-as-binary.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::setup::creation::Payload;
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "created-as-binary",
    level: Level::Error,
    group: Group::Creation,
    summary: "A secret is created as bytes, which the backend does not read",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/created-as-binary.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for created in project.created().filter(|it| it.creation.backend == "aws_secrets_manager") {
        let Payload::Binary(place) = &created.creation.payload else { continue };
        let finding =
            Finding::new(&RULE, *place, "the secret is stored as bytes: the backend reads text only, and finds none")
                .in_environment(&created.by.environment.name)
                .label("bytes")
                .note("the backend takes `SecretString` of the answer; a secret of bytes has `SecretBinary` in its place, and the lookup raises KeyError, which counts as not found")
                .help("store it as text: `--secret-string`, or `secret_string`");
        findings.push(match created.creation.mended.as_slice() {
            [] => finding,
            mended => finding.fix("Store it as text", Safety::Safe, Edit::of(mended)),
        });
    }
}
