//! What the rules about the backend's provider change in `requirements.txt`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use astrolint::Request;
use astrolint::check::Safety;

mod support;

const RUNTIME_3: &str = "astrocrpublic.azurecr.io/runtime:3.1-4";
const SLIM: &str = "quay.io/astronomer/astro-runtime:12.8.0-slim";
const FULL: &str = "quay.io/astronomer/astro-runtime:12.8.0";

/// `requirements.txt` after the one fix of a project with `role_arn` on `image`; `None` when there
/// is no fix.
fn fixed(image: &str, requirements: &str) -> Option<String> {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| support::write(directory.path(), name, text);
    write(".astro/config.yaml", "project:\n  name: example\n");
    write("Dockerfile", &format!("FROM {image}\n"));
    write("requirements.txt", requirements);
    write(
        ".env",
        "AIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend\n\
         AIRFLOW__SECRETS__BACKEND_KWARGS='{\"region_name\": \"eu-west-1\", \"role_arn\": \"arn:aws:iam::123456789012:role/x\"}'\n",
    );
    let request = Request { paths: vec![directory.path().to_path_buf()], ..Request::default() };
    let run = astrolint::check(&request).unwrap();
    let provider = run.findings.iter().filter(|it| it.rule.id.starts_with("provider-"));
    let mut fixes = provider.flat_map(|finding| &finding.fixes);
    let fix = fixes.next()?;
    assert!(fixes.next().is_none(), "{requirements}");
    assert_eq!(fix.safety, Safety::Safe);
    let [edit] = &fix.edits[..] else { panic!("one edit") };
    let file = run.files.get(edit.place.file);
    assert!(file.path().ends_with("requirements.txt"));
    let mut text = requirements.to_owned();
    text.replace_range(edit.place.span.start..edit.place.span.end, &edit.replacement);
    Some(text)
}

#[test]
fn a_missing_provider_becomes_a_line_of_its_own() {
    let line = "apache-airflow-providers-amazon>=9.6.0";
    for (before, after) in [
        ("", format!("{line}\n")),
        ("pandas\n", format!("pandas\n{line}\n")),
        ("pandas", format!("pandas\n{line}\n")),
        ("pandas\r\nboto3", format!("pandas\r\nboto3\r\n{line}\r\n")),
    ] {
        assert_eq!(fixed(RUNTIME_3, before), Some(after), "{before:?}");
    }
    assert_eq!(fixed(RUNTIME_3, "pandas \\\n"), None);
    let older = Some("apache-airflow-providers-amazon>=5.1.0,<9.18.0\n".to_owned());
    assert_eq!(fixed(SLIM, ""), older);
}

#[test]
fn a_bound_is_raised_where_it_stands() {
    let a = "apache-airflow-providers-amazon";
    for (image, before, after) in [
        (FULL, "==4.1.0", "==5.1.0"),
        (FULL, " == 4.1.0  # why", " == 5.1.0  # why"),
        (FULL, "~=4.0", "~=5.1"),
        (SLIM, ">=4,<9", ">=5.1.0,<9"),
        (SLIM, "", ">=5.1.0,<9.18.0"),
        (RUNTIME_3, ">=4", ">=9.6.0"),
        (RUNTIME_3, "[s3fs]>=4", "[s3fs]>=9.6.0"),
    ] {
        let text = fixed(image, &format!("{a}{before}\n"));
        assert_eq!(text, Some(format!("{a}{after}\n")), "{before}");
    }
}

#[test]
fn what_one_edit_does_not_mend_is_left_alone() {
    for requirement in [">=4,<5", "==4.*", "<5", "[s3fs]", "==4.1.0 --hash=sha256:00"] {
        let text = format!("apache-airflow-providers-amazon{requirement}\n");
        assert_eq!(fixed(SLIM, &text), None, "{requirement}");
    }
}
