//! Where a value holds a credential: the one place that decides it, for settings, connections,
//! instructions of a Dockerfile and literals in code.
//!
//! Text that only stands in for a credential is none, nor are the passwords that everybody uses
//! locally. When in doubt, the answer is no: this decides what is reported, never what is masked.

use std::ops::Range;

use super::{Place, Setting};
use crate::facts::{airflow, credentials, is_harmless_setting, is_secret_parameter};
use crate::read::json::{self, Kind, Member, Value};
use crate::text::MASK;

/// A credential found in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential {
    /// What it is, with its article: `a password`.
    pub what: &'static str,
    /// The bytes of the text.
    pub range: Range<usize>,
}

/// So deep JSON is looked into.
const MAX_DEPTH: usize = 16;

/// The first credential in the value of a setting called `key`.
#[must_use]
pub fn in_setting(key: &str, value: &str) -> Option<Credential> {
    if key.starts_with("AIRFLOW_CONN_") {
        return in_connection(value);
    }
    if key.ends_with("BACKEND_KWARGS") {
        return match json::parse(value) {
            Ok(parsed) => in_json(&parsed, &is_secret_kwarg, 0),
            Err(_) => by_shape(value),
        };
    }
    if names_a_secret(key) {
        return None;
    }
    by_name(key, value).or_else(|| by_shape(value))
}

/// The first credential in the text of a connection, URI or JSON.
#[must_use]
pub fn in_connection(value: &str) -> Option<Credential> {
    if value.trim_start().starts_with('{') {
        let parsed = json::parse(value).ok()?;
        let host = parsed.get("host").and_then(|host| host.value.as_str());
        let login = parsed.get("login").and_then(|login| login.value.as_str());
        let is_local = |credential: &Credential| {
            let password = parsed.get("password").filter(|password| {
                let span = password.value.span;
                span.start <= credential.range.start && credential.range.end <= span.end
            });
            password.is_some_and(|password| {
                host.is_some_and(|host| credentials().is_local(host))
                    || login.is_some() && login == password.value.as_str()
            })
        };
        return in_json(&parsed, &|name| credentials().by_name(name), 0)
            .filter(|credential| !is_local(credential));
    }
    in_address(value).or_else(|| in_query(value)).or_else(|| by_shape(value))
}

/// The first credential in any text that shows by its shape: a key, a token, an address with a
/// password.
#[must_use]
pub fn by_shape(text: &str) -> Option<Credential> {
    let shaped = credentials().by_shape(text).map(|(what, range)| Credential { what, range });
    shaped.or_else(|| in_address(text))
}

/// The credential that `value` is when `name` says so.
#[must_use]
pub fn by_name(name: &str, value: &str) -> Option<Credential> {
    let what = credentials().by_name(name)?;
    let is_name_itself = value.eq_ignore_ascii_case(name);
    // JSON under such a name is a whole document; what it holds shows by its members.
    if let Some(parsed) =
        value.trim_start().starts_with('{').then(|| json::parse(value).ok()).flatten()
    {
        return in_json(&parsed, &|name| credentials().by_name(name), 0);
    }
    let is_one = !is_name_itself && !credentials().stands_in(value);
    is_one.then(|| in_address(value).unwrap_or(Credential { what, range: 0..value.len() }))
}

/// The first `scheme://user:password@host` in `text` with a password of its own.
fn in_address(text: &str) -> Option<Credential> {
    text.match_indices("://").find_map(|(at, mark)| {
        let start = at + mark.len();
        let rest = text.get(start..)?;
        let end = rest.find(|c: char| "/?#\"'`<>".contains(c) || c.is_whitespace());
        let authority = rest.get(..end.unwrap_or(rest.len()))?;
        let (user_info, host) = authority.rsplit_once('@')?;
        let (user, password) = user_info.split_once(':')?;
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.split(']').next())
            .unwrap_or_else(|| host.split(':').next().unwrap_or(""));
        let own =
            !credentials().stands_in(password) && password != user && !credentials().is_local(host);
        let from = start + user.len() + 1;
        own.then(|| Credential { what: "a password", range: from..from + password.len() })
    })
}

/// The password in a text that is wholly an address, and whether its host is certainly another
/// machine: a name without a dot may be a container beside this one.
#[must_use]
pub fn in_whole_address(text: &str) -> Option<(Credential, bool)> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let is_filled_in = text.contains(['{', '}', '[', '$']) || text.contains("%s");
    if scheme.is_empty() || !scheme.chars().all(is_scheme) || is_filled_in {
        return None;
    }
    let is_blank = text.contains(char::is_whitespace);
    let found = in_address(text).filter(|_| !is_blank)?;
    let password = text.get(found.range.clone())?;
    let says_so =
        ["pass", "secret", "pwd"].iter().any(|word| password.to_lowercase().contains(word))
            && password.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-".contains(&byte));
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let is_example =
        ["host", "hostname", "server", "endpoint"].contains(&host.to_lowercase().as_str());
    (!says_so && !is_example && !host.is_empty()).then(|| (found, host.contains('.')))
}

/// The credential that a literal in code is when only the name beside it says so, and whether there
/// is no doubt. The value must look as if nobody meant it to be read.
#[must_use]
pub fn by_name_alone(name: &str, value: &str) -> Option<(Credential, bool)> {
    let what = credentials().by_name(name)?;
    let lower = name.to_lowercase();
    let is_other = lower.ends_with("secret_id") || credentials().is_other_token(&lower);
    if is_other || value.contains("://") || !looks_made_up(value) || credentials().stands_in(value)
    {
        return None;
    }
    let is_aws_key = lower.ends_with("aws_secret_access_key")
        && value.len() == 40
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
    Some((Credential { what, range: 0..value.len() }, is_aws_key))
}

/// Whether `value` is no name, path, pattern, sentence or date.
fn looks_made_up(value: &str) -> bool {
    let is_usual = |c: char| c.is_ascii_graphic() && !"[](){}<>|\\`\"'".contains(c);
    let has_sense = value.split(['_', '-', '.', '/', ':', ',']).all(is_word);
    value.len() >= 8 && value.chars().all(is_usual) && !value.contains("%s") && !has_sense
}

/// Whether `part` is a word, perhaps with a number behind it, or a number.
fn is_word(part: &str) -> bool {
    let word = part.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = part.len() - word.len();
    word.bytes().all(|byte| byte.is_ascii_alphabetic()) && (number <= 4 || word.is_empty())
}

/// The first parameter of an address that is a credential.
fn in_query(text: &str) -> Option<Credential> {
    let start = text.find('?')? + 1;
    let mut at = start;
    text.get(start..)?.split('&').find_map(|pair| {
        let from = at;
        at += pair.len() + 1;
        let (name, value) = pair.split_once('=')?;
        let range = from + name.len() + 1..from + pair.len();
        if name == "__extra__" {
            let decoded = percent_decoded(value)?;
            let parsed = json::parse(&decoded).ok()?;
            let found = in_json(&parsed, &|name| credentials().by_name(name), 0)?;
            return Some(Credential { what: found.what, range });
        }
        let what = credentials().by_name(name)?;
        (!credentials().stands_in(value)).then_some(Credential { what, range })
    })
}

/// `text` with `%41` replaced by `A`, and `+` by a blank, where that gives text.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(if byte == b'+' { b' ' } else { byte });
        }
    }
    String::from_utf8(bytes).ok()
}

/// The first member of `value`, at any depth, whose name `what` takes for that of a credential, or
/// that shows by its shape.
pub fn in_json(
    value: &Value,
    what: &dyn Fn(&str) -> Option<&'static str>,
    depth: usize,
) -> Option<Credential> {
    if depth > MAX_DEPTH {
        return None;
    }
    match &value.kind {
        Kind::Object(members) => members
            .iter()
            .filter(|member| !member.overridden)
            .find_map(|member| in_member(member, what, depth)),
        Kind::Array(parts) => parts.iter().find_map(|part| in_json(part, what, depth + 1)),
        // `extra` of a connection may be JSON in a string.
        Kind::String(text) if text.trim_start().starts_with('{') => {
            let inner = json::parse(text).ok()?;
            let found = in_json(&inner, what, depth + 1)?;
            Some(credential(found.what, value))
        }
        Kind::String(text) => by_shape(text).map(|found| credential(found.what, value)),
        _ => None,
    }
}

fn in_member(
    member: &Member,
    what: &dyn Fn(&str) -> Option<&'static str>,
    depth: usize,
) -> Option<Credential> {
    let text = member.value.as_str().filter(|text| !text.trim_start().starts_with('{'));
    let named = text.and_then(|text| {
        let what = what(&member.key.node)?;
        (!credentials().stands_in(text)).then(|| credential(what, &member.value))
    });
    named.or_else(|| in_json(&member.value, what, depth + 1))
}

fn credential(what: &'static str, value: &Value) -> Credential {
    Credential { what, range: value.span.start..value.span.end }
}

/// What the keyword `name` of a backend holds when it holds a credential.
#[must_use]
pub fn is_secret_kwarg(name: &str) -> Option<&'static str> {
    let named = credentials().by_name(name);
    named.or_else(|| is_secret_parameter(name).then_some("a credential"))
}

/// Whether the setting gives the name of a secret, or a command, instead of a value: Airflow's
/// `_SECRET` and `_CMD`.
fn names_a_secret(key: &str) -> bool {
    let Some(rest) = key.strip_prefix("AIRFLOW__") else { return false };
    let base = rest.strip_suffix("_SECRET").or_else(|| rest.strip_suffix("_CMD"));
    let option = base.and_then(|base| base.split_once("__"));
    option.is_some_and(|(section, option)| {
        airflow().ever_sensitive(&section.to_lowercase(), &option.to_lowercase())
    })
}

/// The type of a connection: `aws` of `aws://…` and of `{"conn_type": "aws"}`.
#[must_use]
pub fn connection_type(value: &str) -> Option<String> {
    let written = if value.trim_start().starts_with('{') {
        let parsed = json::parse(value).ok()?;
        parsed.get("conn_type")?.value.as_str()?.to_owned()
    } else {
        value.split_once("://")?.0.to_owned()
    };
    Some(written.trim().to_lowercase().replace('-', "_"))
}

/// Whether a value that is no credential by name or shape may still be one that nobody else should
/// see, going by how plain it looks.
#[must_use]
pub fn may_be_private(key: &str, value: &str) -> bool {
    let value = value.trim();
    let is_plain = value.len() < 8
        || value.bytes().all(|byte| byte.is_ascii_lowercase() || b"_-. ".contains(&byte))
        || value.bytes().all(|byte| byte.is_ascii_digit() || b".:,".contains(&byte))
        || value.contains("://");
    let is_known = key.starts_with("AIRFLOW__") || is_harmless_setting(key);
    !is_plain && !is_known && !credentials().stands_in(value)
}

/// Whether `text` can be shown although nobody knows what it is.
#[must_use]
pub fn may_be_shown(text: &str) -> bool {
    !credentials().looks_private(text)
}

impl Setting {
    /// What its value holds when it holds a credential, and where that stands.
    #[must_use]
    pub fn credential(&self) -> Option<(&'static str, Place)> {
        let text = self.text()?;
        let found = in_setting(&self.key, text.expose())?;
        Some((found.what, Place::new(self.file, text.span_of(found.range))))
    }

    /// Whether somebody has put a value there that nobody else should see, as far as one can tell.
    #[must_use]
    pub fn may_be_private(&self) -> bool {
        self.text().is_some_and(|text| may_be_private(&self.key, text.expose()))
    }

    /// Whether the value is set to something, and not to a stand-in.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.text().is_some_and(|text| !credentials().stands_in(text.expose()))
    }

    /// The login and password of a connection URI with the `@` behind them, where they stand as they are.
    #[must_use]
    pub fn uri_user_info(&self) -> Option<Place> {
        let text = self.text()?;
        let written = text.expose();
        let start = written.find("://")? + "://".len();
        let rest = written.get(start..)?;
        let authority = rest.get(..rest.find(['/', '?', '#']).unwrap_or(rest.len()))?;
        let range = start..start + authority.rfind('@')? + 1;
        text.is_verbatim(range.clone()).then(|| Place::new(self.file, text.span_of(range)))
    }

    /// The type of the connection that it defines.
    #[must_use]
    pub fn connection_type(&self) -> Option<String> {
        let is_connection = self.key.starts_with("AIRFLOW_CONN_");
        is_connection.then(|| connection_type(self.text()?.expose())).flatten()
    }

    /// Whether the value has the form of a temporary AWS access key ID.
    #[must_use]
    pub fn is_temporary_aws_key(&self) -> bool {
        self.text().is_some_and(|text| text.expose().trim().starts_with("ASIA"))
    }

    /// The key, when it is a name and so can be shown.
    #[must_use]
    pub fn shown_key(&self) -> &str {
        shown_name(&self.key)
    }
}

/// `text`, when it is a name and so can be shown.
#[must_use]
pub fn shown_name(text: &str) -> &str {
    if credentials().looks_like_name(text) { text } else { MASK }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found, and the text of it.
    fn found(key: &str, value: &str) -> Option<(&'static str, String)> {
        in_setting(key, value).map(|it| (it.what, value[it.range].to_owned()))
    }

    #[test]
    fn settings_hold_credentials_by_name_shape_or_form() {
        for (key, value, expected) in [
            ("DB_PASSWORD", "hunter2", Some(("a password", "hunter2"))),
            ("AIRFLOW_VAR_API_KEY", "k3y-0f-m1ne", Some(("an API key", "k3y-0f-m1ne"))),
            (
                "DATABASE_URL",
                "postgresql://etl:Tr0ub4dor@db.corp/x",
                Some(("a password", "Tr0ub4dor")),
            ),
            (
                "AIRFLOW_CONN_DB",
                "postgres://etl:Tr0ub4dor@db.corp",
                Some(("a password", "Tr0ub4dor")),
            ),
            (
                "AIRFLOW_CONN_A",
                "aws://?aws_secret_access_key=Ab%2FCd9&region=x",
                Some(("an access key", "Ab%2FCd9")),
            ),
            (
                "AIRFLOW_CONN_A",
                "http://h/?__extra__=%7B%22token%22%3A+%22t0k%22%7D",
                Some(("a token", "%7B%22token%22%3A+%22t0k%22%7D")),
            ),
            (
                "AIRFLOW_CONN_S",
                r#"{"conn_type": "x", "password": "hunter2"}"#,
                Some(("a password", "\"hunter2\"")),
            ),
            (
                "AIRFLOW_CONN_S",
                r#"{"extra": {"private_key": "abc9def"}}"#,
                Some(("a private key", "\"abc9def\"")),
            ),
            (
                "AIRFLOW_CONN_S",
                r#"{"extra": "{\"token\": \"t0k3n\"}"}"#,
                Some(("a token", r#""{\"token\": \"t0k3n\"}""#)),
            ),
            (
                "AIRFLOW__SECRETS__BACKEND_KWARGS",
                r#"{"url": "https://v", "token": "s.Abc9"}"#,
                Some(("a token", "\"s.Abc9\"")),
            ),
            (
                "AIRFLOW__SECRETS__BACKEND_KWARGS",
                r#"{"session_kwargs": {"aws_secret_access_key": "Ab9"}}"#,
                Some(("an access key", "\"Ab9\"")),
            ),
            (
                "AIRFLOW__SECRETS__BACKEND_KWARG__SECRET_ID",
                "9f-11",
                Some(("a secret id of AppRole", "9f-11")),
            ),
            ("GH_TOKEN", r#"{"a": 1}"#, None),
            (
                "AIRFLOW__SECRETS__BACKEND_KWARGS",
                r#"{"variables_prefix": "a/b", "sep": "/"}"#,
                None,
            ),
            ("AIRFLOW__SECRETS__BACKEND_KWARGS", r#"{"token": "${VAULT_TOKEN}"}"#, None),
            ("AIRFLOW__SECRETS__BACKEND_KWARGS", r#"{"token": "a", "token": "<token>"}"#, None),
            ("AIRFLOW__CORE__FERNET_KEY", "", None),
            ("AIRFLOW__CORE__FERNET_KEY", "q1w2e3r4", Some(("a Fernet key", "q1w2e3r4"))),
            ("AIRFLOW__CORE__FERNET_KEY_SECRET", "fernet9", None),
            ("AIRFLOW__API_AUTH__JWT_SECRET", "q1w2e3r4", Some(("a secret", "q1w2e3r4"))),
            ("AIRFLOW_CONN_DB", "postgres://postgres:postgres@postgres:5432/db", None),
            ("AIRFLOW_CONN_DB", "postgres://user:Tr0ub4dor@localhost/db", None),
            ("AIRFLOW_CONN_DB", r#"{"host": "localhost", "password": "hunter2"}"#, None),
            ("AIRFLOW_CONN_DB", "postgres://etl:${PASSWORD}@db.corp/x", None),
            ("AIRFLOW_CONN_AWS_DEFAULT", "aws://", None),
            ("SLACK_WEBHOOK", "git+https://host:8080/repo@v1", None),
            ("LOG_LEVEL", "DEBUG", None),
            ("API_TOKEN", "api_token", None),
        ] {
            let expected = expected.map(|(what, text)| (what, text.to_owned()));
            assert_eq!(found(key, value), expected, "{key}={value}");
        }
    }

    #[test]
    fn plain_values_are_not_private() {
        for (value, private) in [
            ("production", false),
            ("10.20.30.40:8080", false),
            ("https://host/path", false),
            ("postgres://postgres:postgres@postgres/db", false),
            ("/usr/local/airflow", false),
            ("Ab12Cd34Ef", true),
        ] {
            assert_eq!(may_be_private("KEY", value), private, "{value}");
        }
        assert!(!may_be_private("AIRFLOW__CORE__PARALLELISM", "Ab12Cd34Ef"));
        assert!(!may_be_private("AWS_DEFAULT_REGION", "us-east-1"));
    }

    #[test]
    fn deep_json_ends() {
        let deep = format!(
            "{}{}",
            r#"{"a":"#.repeat(500),
            r#"{"password":"hunter2"}"#.to_owned() + &"}".repeat(500)
        );
        assert_eq!(in_connection(&deep), None);
    }
}
