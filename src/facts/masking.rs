//! What Airflow masks in logs and rendered templates because of its name.

use std::sync::LazyLock;

use pep440_rs::Version;
use serde::Deserialize;

use super::{Range, credentials, embedded};

#[derive(Deserialize)]
struct File {
    by_name: Vec<Row>,
    also_secret: AlsoSecret,
}

#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    range: Range,
    words: Vec<String>,
}

#[derive(Deserialize)]
struct AlsoSecret {
    words: Vec<String>,
}

static MASKING: LazyLock<File> =
    LazyLock::new(|| embedded("masking.json", include_str!("../../rules/facts/masking.json")));

/// Whether Airflow at `version` masks the value of what is called `name`, by that name alone.
#[must_use]
pub fn is_masked_by_name(name: &str, version: &Version) -> bool {
    let name = name.trim().to_lowercase();
    let rows = MASKING.by_name.iter().filter(|row| row.range.contains(version));
    rows.flat_map(|row| &row.words).any(|word| name.contains(word.as_str()))
}

/// Whether the name of a variable or of a member says that its value is to be kept.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let words: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' })
        .collect();
    credentials().by_name(name).is_some()
        || MASKING.also_secret.words.iter().any(|end| words.ends_with(end.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_names_are_masked_as_time_goes_by() {
        let masked = |name, version: &str| is_masked_by_name(name, &version.parse().unwrap());
        for (name, version, expected) in [
            ("My_Api_Key", "2.3.0", true),
            ("aws_access_key", "2.10.5", false),
            ("aws_access_key", "3.1.7", false),
            ("aws_access_key", "3.1.8", true),
            ("https_proxy", "2.11.0", false),
            ("https_proxy", "2.11.1", true),
            ("https_proxy", "3.0.6", false),
            ("slack_webhook_url", "3.2.1", false),
            ("slack_webhook_url", "3.2.2", true),
            ("bucket", "3.3.2", false),
        ] {
            assert_eq!(masked(name, version), expected, "{name} {version}");
        }
    }

    #[test]
    fn secret_names_are_more_than_those_that_are_masked() {
        for (name, expected) in [
            ("db_pwd", true),
            ("slack_webhook_url", true),
            ("DATABASE_URL", true),
            ("api_token", true),
            ("bucket", false),
            ("token_url", false),
            ("secret_name", false),
        ] {
            assert_eq!(is_secret_name(name), expected, "{name}");
        }
    }
}
