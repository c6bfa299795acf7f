//! What a credential looks like.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex::Regex;
use serde::Deserialize;

use super::embedded;

/// Facts about names and shapes of credentials.
#[derive(Deserialize)]
pub struct Credentials {
    other_tokens: Vec<String>,
    host_keywords: Vec<String>,
    names: Vec<Name>,
    not_names: Vec<String>,
    hints: Vec<String>,
    shapes: Vec<Shape>,
    stand_ins: StandIns,
    local_hosts: Vec<String>,
    instead: Vec<Instead>,
}

#[derive(Deserialize)]
struct Name {
    end: String,
    /// Absent where a name with this end holds no credential, though a shorter end would say so.
    what: Option<String>,
}

#[derive(Deserialize)]
struct Shape {
    word: String,
    what: String,
    pattern: String,
    /// Made when the word is first met, which is hardly ever.
    #[serde(skip)]
    regex: OnceLock<Option<Regex>>,
}

#[derive(Deserialize)]
struct StandIns {
    whole: Vec<String>,
    parts: Vec<String>,
}

#[derive(Deserialize)]
struct Instead {
    package: String,
    text: String,
}

/// The fewest bytes of any shape: those of an access key ID of AWS.
const SHORTEST_SHAPE: usize = 20;

/// The fewest bytes of a word that looks like a credential although it has the shape of none.
const SHORTEST_SENSELESS: usize = 16;

impl Shape {
    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(&self.pattern).ok()).as_ref()
    }
}

impl Credentials {
    /// Whether `name` is that of a token which opens nothing: of pages, requests, language models.
    #[must_use]
    pub fn is_other_token(&self, name: &str) -> bool {
        self.other_tokens.iter().any(|end| name.ends_with(end))
    }

    /// Whether the keyword `name` says where a credential beside it is used.
    #[must_use]
    pub fn is_host_keyword(&self, name: &str) -> bool {
        self.host_keywords.iter().any(|keyword| keyword == name)
    }

    /// What a setting, option or parameter called `name` holds, such as `a password`; `None` when
    /// its name does not say that it holds a credential.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&str> {
        if self.not_names.iter().any(|other| other == name) {
            return None;
        }
        let words = words(name);
        let ends = |end: &str| {
            words.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '))
        };
        let longest =
            self.names.iter().filter(|row| ends(&row.end)).max_by_key(|row| row.end.len());
        longest?.what.as_deref()
    }

    /// Whether a credential may have the name `name`, that of an environment variable of which nothing else
    /// is known.
    #[must_use]
    pub fn hints_at_one(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.hints.iter().any(|hint| name.contains(hint.as_str()))
    }

    /// What the first credential in `text` is that shows by its shape alone, and where it stands.
    #[must_use]
    pub fn by_shape(&self, text: &str) -> Option<(&str, Range<usize>)> {
        // Nearly all that is asked about is the name of something.
        if text.len() < SHORTEST_SHAPE {
            return None;
        }
        let present = self.shapes.iter().filter(|shape| text.contains(&shape.word));
        present
            .filter_map(|shape| Some((shape, shape.regex()?)))
            .flat_map(|(shape, regex)| {
                regex.find_iter(text).map(|found| (shape.what.as_str(), found))
            })
            .find(|(_, found)| !self.stands_in(found.as_str()))
            .map(|(what, found)| (what, found.range()))
    }

    /// The words of which a text has one whenever [`Credentials::by_shape`] finds something in it.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.shapes.iter().map(|shape| shape.word.as_str())
    }

    /// Whether `text` stands in for a credential: a placeholder, a reference to one that is kept
    /// elsewhere, or one that everybody uses locally.
    #[must_use]
    pub fn stands_in(&self, text: &str) -> bool {
        let text = text.trim().trim_matches(['"', '\'']).to_lowercase();
        let mut characters = text.chars();
        let first = characters.next();
        self.stand_ins.whole.contains(&text)
            || self.stand_ins.parts.iter().any(|part| text.contains(part.as_str()))
            || characters.all(|other| Some(other) == first)
            || is_variable(&text)
            || names_a_place(&text)
    }

    /// Whether `text` looks like a credential although it stands where none belongs: it has the
    /// shape of one, is JSON or an address with a password, or holds a long word without sense.
    /// What looks like that is never shown, whatever its key.
    #[must_use]
    pub fn looks_private(&self, text: &str) -> bool {
        self.has_form(text) || text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_senseless)
    }

    /// The same of a key, which people make of words: one in capital letters, or with a number in it, is
    /// still one.
    #[must_use]
    pub fn looks_private_as_key(&self, text: &str) -> bool {
        self.has_form(text)
            || text.len() >= SHORTEST_SENSELESS
                && text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_scrambled)
    }

    /// Whether `text` has the shape of a credential, is JSON, an address with a password, or written in
    /// percent signs.
    fn has_form(&self, text: &str) -> bool {
        let is_encoded = |it: &&str| it.len() == 2 && u8::from_str_radix(it, 16).is_ok();
        let is_all_encoded = || text.split('%').filter(is_encoded).count() > 5;
        self.by_shape(text).is_some()
            || text.contains('@') && text.contains("://")
            || text.contains('"') && text.contains("\":")
            || text.contains('%') && is_all_encoded()
    }

    /// Whether `text` can be shown as the name of something: it has the letters of one, and no long
    /// word of letters and digits, as a line of a key that was pasted into the wrong place has.
    #[must_use]
    pub fn looks_like_name(&self, text: &str) -> bool {
        let has_letters = !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        let is_pasted = |word: &str| {
            let digits = word.bytes().any(|byte| byte.is_ascii_digit());
            word.len() >= SHORTEST_SENSELESS && digits && is_senseless(word)
        };
        has_letters
            && self.by_shape(text).is_none()
            && !text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_pasted)
    }

    /// Whether `host` is this machine.
    #[must_use]
    pub fn is_local(&self, host: &str) -> bool {
        self.local_hosts.iter().any(|local| local == host)
    }

    /// How a backend of `package` does without a credential in its kwargs.
    #[must_use]
    pub fn instead(&self, package: &str) -> Option<&str> {
        self.instead.iter().find(|row| row.package == package).map(|row| row.text.as_str())
    }
}

/// The words of a name in lower case, with single blanks: `clientSecret` and `CLIENT__SECRET` give
/// `client secret`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut after_small = false;
    for character in name.chars() {
        let starts = after_small && character.is_ascii_uppercase();
        after_small = character.is_ascii_lowercase();
        let ends_word = !character.is_ascii_alphanumeric() || starts;
        if ends_word && !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
        if character.is_ascii_alphanumeric() {
            words.push(character.to_ascii_lowercase());
        }
    }
    words.truncate(words.trim_end().len());
    words
}

/// Whether a word of letters and digits looks as if nobody had thought of it.
fn is_senseless(word: &str) -> bool {
    let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    let digits = has(u8::is_ascii_digit);
    let letters = has(u8::is_ascii_alphabetic);
    word.len() >= SHORTEST_SENSELESS && letters && (digits || !has(u8::is_ascii_lowercase))
        || word.len() >= 40
        || is_encoded(word)
}

/// Whether the capitals of a long word stand in more groups than the abbreviations of a name: base64
/// without a digit.
fn is_encoded(word: &str) -> bool {
    let capitals = word.split(|char: char| !char.is_ascii_uppercase());
    word.len() >= SHORTEST_SENSELESS && capitals.filter(|group| group.len() > 1).count() > 3
}

/// Whether a long word mixes letters and digits as nobody does in a name.
fn is_scrambled(word: &str) -> bool {
    let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let pairs = word.bytes().zip(word.bytes().skip(1));
    let turns = pairs.filter(|(a, b)| a.is_ascii_digit() != b.is_ascii_digit()).count();
    word.len() >= 40
        || is_encoded(word)
        || is_senseless(word) && has(u8::is_ascii_digit) && (is_mixed || turns > 2)
}

/// Whether something is put in there later: `${TOKEN}`, `$TOKEN`, `$(command)`, `{token}`, `%(token)s`.
fn is_variable(text: &str) -> bool {
    let is_word = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte))
    };
    let plain = text.strip_prefix('$').is_some_and(is_word);
    let braces = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .is_some_and(|inner| inner.is_empty() || is_word(inner));
    plain || braces || ["${", "$(", "%(", "$["].iter().any(|mark| text.contains(mark))
}

/// Whether the text says where a credential is kept, or is no credential at all: a path, an address
/// without a password, the name of a secret in a store, a small number.
fn names_a_place(text: &str) -> bool {
    let has_start = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    let has_end = |ends: &[&str]| ends.iter().any(|end| text.ends_with(end));
    let is_path = has_start(&["/", "./", "../", "~/", "file:"]) && !text.contains(['+', '='])
        || has_end(&[".json", ".pem", ".key", ".p8", ".p12", ".crt", ".txt", ".yaml", ".yml"]);
    let is_address = text.contains("://") && !text.contains('@');
    let is_name =
        has_start(&["arn:", "vault:", "ssm:", "secretsmanager:", "op://", "projects/", "env:"]);
    let is_number = text.len() < 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_path || is_address || is_name || is_number
}

static CREDENTIALS: LazyLock<Credentials> = LazyLock::new(|| {
    embedded("credentials.json", include_str!("../../rules/facts/credentials.json"))
});

/// The facts about credentials.
#[must_use]
pub fn credentials() -> &'static Credentials {
    &CREDENTIALS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_hold_by_their_end() {
        for (name, expected) in [
            ("POSTGRES_PASSWORD", Some("a password")),
            ("dbPassword", Some("a password")),
            ("AWS_SECRET_ACCESS_KEY", Some("an access key")),
            ("aws_session_token", Some("a token")),
            ("OPENAI_API_KEY", Some("an API key")),
            ("AIRFLOW__CORE__FERNET_KEY", Some("a Fernet key")),
            ("token", Some("a token")),
            ("vault_secret_id", Some("a secret id of AppRole")),
            ("connections_secret_id", None),
            ("DB_PWD", Some("a password")),
            ("PWD", None),
            ("PASSWORD_FILE", None),
            ("TOKEN_URL", None),
            ("AWS_ACCESS_KEY_ID", None),
            ("TOKENIZER", None),
            ("BROKEN", None),
            ("S3_KEY", None),
            ("SECRETS_BACKEND", None),
            ("", None),
        ] {
            assert_eq!(credentials().by_name(name), expected, "{name}");
        }
    }

    #[test]
    fn shapes_are_those_of_real_ones() {
        let key = format!("AKIA{}", "Q3EGR5XKV7ZD2M4T");
        for (text, expected) in [
            (format!("x = '{key}'"), Some("an AWS access key ID")),
            ("AKIAIOSFODNN7EXAMPLE".to_owned(), None),
            ("AKIAXXXXXXXXXXXXXXXX".to_owned(), None),
            (format!("AKIAIOSFODNN7EXAMPLE {key}"), Some("an AWS access key ID")),
            ("AKIASHORT".to_owned(), None),
            ("-----BEGIN PRIVATE KEY-----".to_owned(), None),
            (
                format!("-----BEGIN RSA PRIVATE KEY-----\\n{}", "MIIEpAIBAAKCAQEA"),
                Some("a private key"),
            ),
            ("xoxb-<your_token>".to_owned(), None),
            ("nothing".to_owned(), None),
        ] {
            assert_eq!(credentials().by_shape(&text).map(|found| found.0), expected, "{text}");
        }
    }

    #[test]
    fn names_are_told_from_what_is_encoded() {
        for (key, expected) in [
            ("getHTTPResponseFromSQLForAWS", false),
            ("my_warehouse_connection_of_prod", false),
            ("SNOWFLAKE_CONN_2024_Q3", false),
            ("dXNlcjpTSFlGNjdGVTdXSktFQTNT", true),
            ("c2VjcmV0OmhlcmUtYW5kLXRoZXJl", true),
        ] {
            assert_eq!(credentials().looks_private_as_key(key), expected, "{key}");
        }
    }

    #[test]
    fn stand_ins_are_no_credentials() {
        for text in [
            "",
            "<your-token>",
            "changeme",
            "Change_Me!",
            "xxxxxxxx",
            "********",
            "----",
            "${TOKEN}",
            "$TOKEN",
            "$(cat token)",
            "{{ token }}",
            "{token}",
            "%(token)s",
            "airflow",
            "Password",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "'test'",
            "/run/secrets/token",
            "key.json",
            "arn:aws:secretsmanager:eu-west-1:1:secret:x",
            "https://host/token",
            "4096",
            "…",
        ] {
            assert!(credentials().stands_in(text), "{text}");
        }
        for text in
            ["s3cr3tPa55", "correct horse", "hunter2", "p@ss/w0rd", "99887766", "{\"a\": 1}"]
        {
            assert!(!credentials().stands_in(text), "{text}");
        }
    }

    #[test]
    fn what_looks_private_is_not_shown_anywhere() {
        for (text, expected) in [
            ("airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend", false),
            ("arn:aws:iam::111122223333:role/airflow-secrets", false),
            ("us-gov-east-1", false),
            ("^(prod|stage)_[a-z]{2,3}$", false),
            ("/usr/local/airflow/.aws/config", false),
            ("p0Wm3dEvK9tYbQ3EG", true),
            ("QWERTYUIOPASDFGHJKL", true),
            (r#"{"token": "x"}"#, true),
            ("https://user:x@host", true),
        ] {
            assert_eq!(credentials().looks_private(text), expected, "{text}");
        }
    }

    #[test]
    fn keys_of_long_words_are_shown() {
        for (text, expected) in [
            ("SNOWFLAKEWAREHOUSE", false),
            ("customer360dashboard", false),
            ("warehouse_2024snapshots", false),
            ("SNOWFLAKEWAREHOUSE2", false),
            ("p0Wm3dEvK9tYbQ3EG", true),
            ("XK29QPLM4R7TZB8W", true),
            ("d41d8cd98f00b204e9800998ecf8427e", true),
            ("QWERTYUIOPASDFGHJKLZXCVBNMQWERTYUIOPASDFG", true),
            (r#"{"token": "x"}"#, true),
        ] {
            assert_eq!(credentials().looks_private_as_key(text), expected, "{text}");
        }
    }

    #[test]
    fn names_are_not_pasted_keys() {
        for (text, expected) in [
            ("AIRFLOW__SECRETS__BACKEND_KWARGS", true),
            ("POSTGRESPASSWORDOFMINE", true),
            ("kubernetes_executor", true),
            ("MIIEpAIBAAKCAQEA7bq3", false),
            ("with blank", false),
            ("", false),
        ] {
            assert_eq!(credentials().looks_like_name(text), expected, "{text}");
        }
    }

    #[test]
    fn every_shape_needs_its_word() {
        for shape in &credentials().shapes {
            assert!(shape.regex().is_some(), "{}", shape.word);
            assert!(shape.pattern.replace('\\', "").contains(&shape.word), "{}", shape.word);
            let parsed = regex_syntax::parse(&shape.pattern).unwrap();
            let fewest = parsed.properties().minimum_len();
            assert!(fewest >= Some(SHORTEST_SHAPE), "{}: {fewest:?}", shape.word);
        }
    }
}
