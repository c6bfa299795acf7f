//! What becomes of the value of a secret: the connection that Airflow makes of it, or fails to make.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::facts::{airflow, aws};
use crate::read::json::{self, Kind as JsonKind, Member};
use crate::text::{Text, UNKNOWN, Value};

/// What is wrong with a value that is to be a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadConnection {
    /// Neither JSON nor a URI.
    Neither,
    /// In quotes, which belong to no value.
    Quoted,
    /// It begins like JSON and is none.
    NotJson,
    /// JSON that does not say of which type it is.
    NoType,
    /// JSON whose `conn_id` stands before `conn_type` and is taken for the type.
    IdIsType,
    /// JSON with one member, as the console makes of a text that is entered as key and value.
    OnePair,
    /// A port that is no number, or none that a port can have.
    Port,
    /// A URI whose login or password holds `/`, `?` or `#`, which end the part before the path.
    CutCredentials,
    /// A URI with one square bracket before the path.
    OneBracket,
    /// Members that are no fields of a connection, where the backend hands all of them over.
    UnknownField,
}

/// What is wrong with a value that is to be a variable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadVariable {
    /// JSON with one member, as the console makes of a text that is entered as key and value.
    OnePair,
    /// In double quotes, which are part of it.
    Quoted,
    /// A text between the braces and quotes with which the console's form begins.
    Braces,
}

/// Where the value of a secret that a command of the shell gives as it is has a variable of the shell, as a whole or as a
/// part between quotes and separators: it was not expanded, because it stands in single quotes.
#[must_use]
pub fn unexpanded_variable(text: &Text) -> Option<Range<usize>> {
    static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let ends = r#"["':/@\s]"#;
        let name = r"\$(?:\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Z][A-Z0-9_]+)";
        Regex::new(&format!("(?:^|{ends})({name})(?:$|{ends})")).ok()
    });
    let found = VARIABLE.as_ref()?.captures(text.expose())?;
    found.get(1).map(|it| it.range())
}

/// What is wrong with `text` as the `extra` of a connection: the rest of a sentence.
#[must_use]
pub fn bad_extra(text: &Text) -> Option<&'static str> {
    let text = text.expose().trim();
    match json::parse(text).map(|value| value.kind) {
        _ if text.is_empty() => None,
        Ok(JsonKind::Object(_) | JsonKind::Null) => None,
        Ok(_) => Some("is JSON, and no object"),
        Err(_) => Some("is no JSON"),
    }
}

/// What is wrong with `value` as a connection that `backend` hands to Airflow. Of one that is known in part, only what
/// is wrong whatever the rest is.
#[must_use]
pub fn bad_connection(value: &Value, backend: &str) -> Option<BadConnection> {
    let bad = bad_text(value.text(), backend)?;
    let is_certain = match bad {
        BadConnection::NoType
        | BadConnection::IdIsType
        | BadConnection::Port
        | BadConnection::UnknownField => true,
        _ => value.known().is_some(),
    };
    is_certain.then_some(bad)
}

fn bad_text(text: &Text, backend: &str) -> Option<BadConnection> {
    let value = text.expose().trim();
    let is_quoted = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    if is_quoted('"') || is_quoted('\'') {
        return Some(BadConnection::Quoted);
    }
    if !value.starts_with('{') {
        return bad_uri(value);
    }
    let Ok(parsed) = json::parse(value) else { return Some(BadConnection::NotJson) };
    let JsonKind::Object(members) = parsed.kind else { return Some(BadConnection::NotJson) };
    let names: Vec<&str> = members.iter().map(|member| member.key.node.as_str()).collect();
    if names.iter().any(|name| name.contains(UNKNOWN)) {
        return None;
    }
    let has_aliases = backend == "aws_secrets_manager";
    let uri = members.iter().rfind(|member| member.key.node == "uri" && !has_aliases);
    if let Some(uri) = uri.and_then(|member| member.value.as_str()) {
        return bad_uri(uri);
    }
    let is_type = |name: &&&str| {
        if has_aliases { aws().names_connection_type(name) } else { **name == "conn_type" }
    };
    match names.iter().find(is_type) {
        Some(&"conn_id") if names.contains(&"conn_type") => return Some(BadConnection::IdIsType),
        Some(&"conn_id") => return Some(BadConnection::NoType),
        Some(_) => {}
        None if names.len() == 1 => return Some(BadConnection::OnePair),
        None => return Some(BadConnection::NoType),
    }
    let port = members.iter().rfind(|member| member.key.node == "port");
    if port.is_some_and(is_no_port) {
        return Some(BadConnection::Port);
    }
    // That of Secrets Manager drops what it does not know.
    let is_unknown = |name: &&str| !has_aliases && !airflow().is_connection_field(name);
    names.iter().any(is_unknown).then_some(BadConnection::UnknownField)
}

/// What is wrong with the fields of a secret of Vault's that is to be a connection: a URI, or the fields of one. `None`
/// also where not all of their names are known.
#[must_use]
pub fn bad_connection_fields(fields: &[(Value, Value)]) -> Option<BadConnection> {
    let names = known_names(fields)?;
    if let Some(at) = names.iter().position(|name| matches!(*name, "conn_uri" | "uri")) {
        let (_, uri) = fields.get(at)?;
        return bad_uri(uri.known()?.expose().trim());
    }
    if names.iter().any(|name| !airflow().is_connection_field(name)) {
        return Some(BadConnection::UnknownField);
    }
    (!names.contains(&"conn_type")).then_some(BadConnection::NoType)
}

/// Whether the fields of a secret of Vault's that is to be a variable or an option lack the one that is read. `None`
/// where not all of their names are known.
#[must_use]
pub fn lacks_value(fields: &[(Value, Value)]) -> Option<bool> {
    Some(!known_names(fields)?.contains(&"value"))
}

fn known_names(fields: &[(Value, Value)]) -> Option<Vec<&str>> {
    fields.iter().map(|(name, _)| Some(name.known()?.expose())).collect()
}

/// What is wrong with `text` as a variable that is not read as JSON.
#[must_use]
pub fn bad_variable(text: &Text) -> Option<BadVariable> {
    let value = text.expose().trim();
    match json::parse(value).map(|value| value.kind) {
        Ok(JsonKind::Object(members)) => {
            let is_pair = matches!(members.as_slice(), [member] if matches!(member.value.kind, JsonKind::String(_)));
            is_pair.then_some(BadVariable::OnePair)
        }
        Ok(JsonKind::String(_)) => Some(BadVariable::Quoted),
        Ok(_) => None,
        Err(_) => {
            let inner = value.strip_prefix("{\"").and_then(|it| it.strip_suffix("\"}"));
            inner.is_some_and(|it| !it.contains('"')).then_some(BadVariable::Braces)
        }
    }
}

/// What is wrong with a URI, as Python's `urlsplit` takes it apart.
fn bad_uri(uri: &str) -> Option<BadConnection> {
    let Some((scheme, rest)) = uri.split_once("://") else { return Some(BadConnection::Neither) };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-._".contains(c));
    if !is_scheme {
        return Some(BadConnection::Neither);
    }
    // With two of them, the first is the type only, which not all versions know.
    if rest.contains("://") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (before, behind) = rest.split_at_checked(end)?;
    if before.contains('[') != before.contains(']') {
        return Some(BadConnection::OneBracket);
    }
    let host = before.rsplit('@').next().unwrap_or(before);
    if before.contains(UNKNOWN) && (host.contains(UNKNOWN) || !before.contains('@')) {
        return None;
    }
    let port = match host.split_once('[') {
        Some((_, bracketed)) => {
            bracketed.split_once(']').and_then(|(_, rest)| rest.split_once(':'))
        }
        None => host.split_once(':'),
    };
    let is_wrong = port.is_some_and(|(_, port)| !port.is_empty() && !is_port(port));
    let is_cut = !before.contains('@') && behind.contains('@');
    match (is_wrong, is_cut) {
        (true, true) => Some(BadConnection::CutCredentials),
        (true, false) => Some(BadConnection::Port),
        (false, _) => None,
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// Whether Python's `int` refuses the value; what it takes for nothing is no port at all.
fn is_no_port(member: &Member) -> bool {
    match &member.value.kind {
        JsonKind::String(text) => {
            let digits = text.trim().trim_start_matches(['+', '-']);
            let is_number = digits.starts_with(|c: char| c.is_numeric())
                && digits.chars().all(|c| c.is_numeric() || c == '_');
            !(text.is_empty() || text.contains(UNKNOWN) || is_number)
        }
        JsonKind::Array(elements) => !elements.is_empty(),
        JsonKind::Object(members) => !members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        Text::verbatim(text, 0)
    }

    #[test]
    fn connections_are_uris_or_json_with_a_type() {
        use BadConnection::{
            CutCredentials, IdIsType, Neither, NoType, NotJson, OneBracket, OnePair, Port, Quoted,
            UnknownField,
        };
        let aws = "aws_secrets_manager";
        let google = "gcp_secret_manager";
        for (value, backend, expected) in [
            ("postgres://u@h/d", aws, None),
            ("google-cloud-platform://?extra__x=1", aws, None),
            ("hunter2", aws, Some(Neither)),
            ("\"postgres://h\"", aws, Some(Quoted)),
            ("{\"conn_type\": \"x\"}", aws, None),
            ("{\"engine\": \"postgres\", \"host\": \"h\"}", aws, None),
            ("{\"engine\": \"postgres\"}", google, Some(OnePair)),
            ("{\"engine\": \"p\", \"host\": \"h\"}", google, Some(NoType)),
            ("{\"conn_id\": \"a\", \"conn_type\": \"x\"}", aws, Some(IdIsType)),
            ("{\"conn_type\": \"x\", \"conn_id\": \"a\"}", aws, None),
            ("{\"host\": \"h\", \"login\": \"l\"}", aws, Some(NoType)),
            ("{'conn_type': 'x'}", aws, Some(NotJson)),
            ("{\"warehouse\": \"postgres://h\"}", aws, Some(OnePair)),
            // Ports.
            ("{\"conn_type\": \"x\", \"port\": \"5432\"}", aws, None),
            ("{\"conn_type\": \"x\", \"port\": \"\"}", aws, None),
            ("{\"conn_type\": \"x\", \"port\": null}", aws, None),
            ("{\"conn_type\": \"x\", \"port\": \"54a2\"}", aws, Some(Port)),
            ("{\"conn_type\": \"x\", \"port\": [5432]}", google, Some(Port)),
            ("postgres://u:p@h:5432/d", aws, None),
            ("postgres://u:p@h:/d", aws, None),
            ("postgres://u:p@h:port/d", aws, Some(Port)),
            ("postgres://u:p@h:99999/d", aws, Some(Port)),
            ("mongo://a:27017,b:27017/d", aws, Some(Port)),
            ("postgres://u:p@[::1]:5432/d", aws, None),
            ("postgres://u:p@[::1]:x/d", aws, Some(Port)),
            // What a password may hold: the last at sign counts.
            ("postgres://u:p@ss:w%rd@h:5432/d", aws, None),
            ("postgres://u:pa/ss@h:5432/d", aws, Some(CutCredentials)),
            ("postgres://u:pa#ss@h/d", aws, Some(CutCredentials)),
            ("postgres://u:pa?ss@h/d", aws, Some(CutCredentials)),
            ("http://h:80/mail@x", aws, None),
            ("postgres://u:p[a@h:5432/d", aws, Some(OneBracket)),
            ("http://https://h:443x/", aws, None),
            // Fields.
            ("{\"uri\": \"postgres://h\"}", google, None),
            ("{\"uri\": \"postgres://h:x\"}", google, Some(Port)),
            ("{\"uri\": \"postgres://h\"}", aws, Some(OnePair)),
            ("{\"conn_type\": \"x\", \"user\": \"u\"}", aws, None),
            ("{\"conn_type\": \"x\", \"user\": \"u\"}", google, Some(UnknownField)),
            ("{\"conn_type\": \"x\", \"login\": \"u\", \"extra\": {}}", google, None),
        ] {
            assert_eq!(bad_connection(&Value::of(text(value)), backend), expected, "{value}");
        }
    }

    #[test]
    fn what_is_known_in_part_is_wrong_where_the_rest_does_not_matter() {
        use BadConnection::{NoType, Port};
        for (value, expected) in [
            ("~", None),
            ("~://u:p@h:5432/d", None),
            ("\"~\"", None),
            ("{~", None),
            ("{\"host\": \"h\", \"password\": \"~\"}", Some(NoType)),
            ("{\"host\": \"h\", \"~\": \"x\"}", None),
            ("{\"conn_type\": \"~\", \"port\": \"~\"}", None),
            ("postgres://u:~@h:port/d", Some(Port)),
            ("postgres://u:~@h:~/d", None),
            ("postgres://~:port/d", None),
        ] {
            let given = Value::of(text(&value.replace('~', "\u{ffff}")));
            assert_eq!(bad_connection(&given, "aws_secrets_manager"), expected, "{value}");
        }
    }

    #[test]
    fn vault_keeps_connections_and_variables_in_fields() {
        use BadConnection::{NoType, Port, UnknownField};
        for (fields, connection, lacks) in [
            (&[("conn_uri", "postgres://h/d")][..], None, true),
            (&[("conn_uri", "postgres://h:x/d")], Some(Port), true),
            (&[("conn_type", "postgres"), ("host", "h")], None, true),
            (&[("host", "h")], Some(NoType), true),
            (&[("uri", "postgres://h/d")], None, true),
            (&[("conn_type", "postgres"), ("user", "u")], Some(UnknownField), true),
            (&[("value", "v")], Some(UnknownField), false),
        ] {
            let value = |it: &str| Value::of(text(it));
            let given: Vec<_> = fields.iter().map(|(name, it)| (value(name), value(it))).collect();
            assert_eq!(bad_connection_fields(&given), connection, "{fields:?}");
            assert_eq!(lacks_value(&given), Some(lacks), "{fields:?}");
        }
    }

    #[test]
    fn variables_are_handed_over_as_they_are() {
        for (value, expected) in [
            ("landing", None),
            ("\"landing\"", Some(BadVariable::Quoted)),
            ("'landing'", None),
            ("{\"bucket\": \"landing\"}", Some(BadVariable::OnePair)),
            ("{\"a\": \"b\", \"c\": \"d\"}", None),
            ("{\"a\": 1}", None),
            ("{\"landing\"}", Some(BadVariable::Braces)),
            ("[\"landing\"]", None),
            ("1", None),
        ] {
            assert_eq!(bad_variable(&text(value)), expected, "{value}");
        }
    }
}
