//! What `kwargs-not-json` changes in an env file.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use astrolint::Request;

mod support;

/// The kwargs after the fix of a project whose env file sets them to `written`.
fn fixed(written: &str) -> Option<String> {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| support::write(directory.path(), name, text);
    write(".astro/config.yaml", "project:\n  name: example\n");
    write("Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n");
    let before = "AIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend\n\
         AIRFLOW__SECRETS__BACKEND_KWARGS=";
    let mut text = format!("{before}{written}\n");
    write(".env", &text);
    let request = Request { paths: vec![directory.path().to_path_buf()], ..Request::default() };
    let run = astrolint::check(&request).unwrap();
    let finding = run.findings.iter().find(|it| it.rule.id == "kwargs-not-json").unwrap();
    let fix = finding.fixes.first()?;
    for edit in fix.edits.iter().rev() {
        text.replace_range(edit.place.span.start..edit.place.span.end, &edit.replacement);
    }
    Some(text.strip_prefix(before).unwrap().trim_end().to_owned())
}

#[test]
fn what_has_one_reading_becomes_json_that_every_command_reads() {
    for (written, after) in [
        ("{“variables_prefix”:“x”}", r#"{"variables_prefix":"x"}"#),
        ("{'region_name': 'eu-west-1'}", r#"{"region_name": "eu-west-1"}"#),
        (r#""{'region_name':'eu-west-1'}""#, r#"{"region_name":"eu-west-1"}"#),
        (r#"{"region_name": "eu-west-1",}"#, r#"{"region_name": "eu-west-1"}"#),
    ] {
        assert_eq!(fixed(written).as_deref(), Some(after), "{written}");
    }
    assert_eq!(fixed(r#"{"region_name": "eu-west-1""#), None);
}
