//! Credentials that stand in Python code, where a lookup should stand.

use super::evaluate;
use super::keys::key_of;
use super::names::{Entity, Question};
use super::scope::{CallSite, Place, Scopes};
use super::summary::Draft;
use super::{Key, Kind, Operation, forms};
use crate::facts::credentials;
use crate::hash::{HashMap, HashSet};
use crate::model::FileId;
use crate::model::credentials::{self as found, Credential};
use crate::read::python::hidden;
use crate::read::python::tree::{Arg, Call, Expr, ExprKind};
use crate::text::{Span, Text};

/// A credential in code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Literal {
    /// The file.
    pub file: FileId,
    /// Where it stands, without the quotes around the string.
    pub span: Span,
    /// What it is, with its article: `a password`.
    pub what: &'static str,
    /// Whether its form, or what it is given to, leaves no doubt.
    pub is_certain: bool,
    /// How it got there.
    pub role: Role,
}

/// What a credential is used for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Role {
    /// The default of a lookup of this key.
    Default(Option<String>),
    /// The value that this variable is set to.
    Variable(Option<String>),
    /// The value of this environment variable.
    Environment(Option<String>),
    /// The argument with this name.
    Argument(String),
    /// The value of the variable, attribute, parameter or element with this name.
    Named(String),
    /// An address in a string of its own.
    Address,
    /// Any string or comment that has the shape of one.
    Text,
}

/// Keywords of boto3 and of what wraps it.
const AWS_KEYWORDS: [&str; 3] = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"];

/// Keywords of `Connection` that hold a credential, if any does.
const CONNECTION_KEYWORDS: [&str; 3] = ["password", "extra", "uri"];

/// The credentials of a file, in the order of the source; `asked` are its references. The number of
/// the file is not told yet.
pub(super) fn literals(scopes: &Scopes<'_>, asked: &[Draft]) -> Vec<Literal> {
    let mut finder = Finder { scopes, file: FileId(0), literals: Vec::new() };
    let lookups = asked.iter().filter(|it| it.reference.kind == Kind::Variable);
    let lookups: HashMap<Span, &Draft> = lookups.map(|it| (it.reference.span, it)).collect();
    for site in &scopes.calls {
        match lookups.get(&site.span) {
            Some(draft) => finder.of_lookup(site, draft),
            None => finder.of_call(site),
        }
    }
    for (target, value, place) in &scopes.stores {
        if let ExprKind::Subscript(owner, index) = &target.kind
            && is_environ(owner)
        {
            finder.of_environment(index, value, *place);
        }
    }
    finder.of_names();
    finder.literals
}

/// `literals` without those that tests are full of: what only its name, or an address, gives away.
#[must_use]
pub fn in_tests(mut literals: Vec<Literal>) -> Vec<Literal> {
    literals.retain(|literal| !matches!(literal.role, Role::Named(_) | Role::Address));
    literals
}

/// The strings and comments of a file that have the shape of a credential, without the file's number.
/// Works on any text.
#[must_use]
pub fn shaped(text: &str) -> Vec<Literal> {
    if !credentials().words().any(|word| text.contains(word)) {
        return Vec::new();
    }
    let literal = |span: Span| {
        let (what, range) = credentials().by_shape(span.of(text))?;
        let span = Span::new(span.start + range.start, span.start + range.end);
        Some(Literal { file: FileId(0), span, what, is_certain: true, role: Role::Text })
    };
    hidden(text).into_iter().filter_map(literal).collect()
}

/// `literals` in the order of the source, each place once: what tells most of it.
#[must_use]
pub fn distinct(mut literals: Vec<Literal>) -> Vec<Literal> {
    literals.sort_by_key(|literal| (literal.span, literal.rank()));
    literals.dedup_by(|next, kept| {
        let same = next.span == kept.span || next.span.overlaps(kept.span);
        if same && next.rank() < kept.rank() {
            std::mem::swap(next, kept);
        }
        same
    });
    literals
}

impl Literal {
    /// Of two at one place, the one of lower rank tells more.
    const fn rank(&self) -> u8 {
        match self.role {
            Role::Text => 1,
            Role::Address => 2,
            Role::Named(_) => 3,
            _ => 0,
        }
    }
}

struct Finder<'a, 'tree> {
    scopes: &'a Scopes<'tree>,
    file: FileId,
    literals: Vec<Literal>,
}

impl<'tree> Finder<'_, 'tree> {
    /// A default for a missing variable, or the value it is set to.
    fn of_lookup(&mut self, site: &CallSite<'tree>, draft: &Draft) {
        let reference = &draft.reference;
        let key = key_of(draft.values.clone(), reference.key_span, false);
        let key = key.as_ref().and_then(Key::text).map(str::to_owned);
        let (argument, role) = match (reference.operation, &reference.default) {
            (Operation::Get | Operation::SetDefault, Some(default)) => {
                let is_it = |arg: &&Arg| arg.value.span == default.span;
                (site.call.arguments.iter().find(is_it), Role::Default(key.clone()))
            }
            (Operation::Set | Operation::Update, _) => {
                let given = site.call.keyword("value").or_else(|| site.call.positional(1));
                (given, Role::Variable(key.clone()))
            }
            _ => return,
        };
        let Some(text) = argument.and_then(|arg| self.text(&arg.value, site.place)) else { return };
        let named = key.and_then(|key| found::by_name(&key, text.expose()));
        self.push(&text, named.or_else(|| found::by_shape(text.expose())), role);
    }

    fn of_call(&mut self, site: &CallSite<'tree>) {
        let call = site.call;
        let last = call.function.last_name().unwrap_or("");
        if last == "Connection" && self.is_connection(site) {
            self.of_connection(call, site.place);
        } else if last == "putenv" || last == "setdefault" && is_method_of_environ(&call.function) {
            if let (Some(key), Some(value)) = (call.positional(0), call.positional(1)) {
                self.of_environment(&key.value, &value.value, site.place);
            }
        } else {
            let is_aws = |arg: &&Arg| named(arg).is_some_and(|name| AWS_KEYWORDS.contains(&name));
            for arg in call.arguments.iter().filter(is_aws) {
                self.of_aws_keyword(call, arg, site.place);
            }
        }
    }

    /// Strings that their name, or their form of an address, gives away.
    fn of_names(&mut self) {
        let mut at_home: HashSet<&str> = HashSet::default();
        for site in &self.scopes.calls {
            let pairs =
                site.call.arguments.iter().filter_map(|arg| Some((named(arg)?, &arg.value)));
            let pairs: Vec<_> = pairs.collect();
            if stays_here(&pairs) || self.is_kubernetes_secret(site) {
                at_home.extend(pairs.iter().filter_map(|(_, value)| value.as_name()));
            } else {
                // Those of boto3 are looked at with more care elsewhere.
                let other = pairs.iter().filter(|(name, _)| !AWS_KEYWORDS.contains(name));
                other.for_each(|(name, value)| self.of_name(name, value.as_str()));
            }
        }
        for (dict, _) in &self.scopes.dicts {
            let pair = |(key, value): &'tree (Option<Expr>, Expr)| {
                Some((key.as_ref()?.as_str()?.expose(), value))
            };
            let pairs: Vec<_> = dict.iter().filter_map(pair).collect();
            if stays_here(&pairs) {
                at_home.extend(pairs.iter().filter_map(|(_, value)| value.as_name()));
            } else {
                for (name, value) in pairs {
                    self.of_name(name, value.as_str());
                }
            }
        }
        for (name, text) in self.scopes.named.iter().filter(|(name, _)| !at_home.contains(name)) {
            self.of_name(name, Some(text));
        }
        for text in &self.scopes.addresses {
            if let Some((credential, is_certain)) = found::in_whole_address(text.expose()) {
                let span = text.span_of(credential.range);
                let (file, what) = (self.file, credential.what);
                self.literals.push(Literal { file, span, what, is_certain, role: Role::Address });
            }
        }
    }

    fn of_name(&mut self, name: &str, text: Option<&Text>) {
        let Some(text) = text else { return };
        let Some((Credential { what, range }, is_certain)) =
            found::by_name_alone(name, text.expose())
        else {
            return;
        };
        let (file, span) = (self.file, text.span_of(range));
        let role = Role::Named(name.to_owned());
        self.literals.push(Literal { file, span, what, is_certain, role });
    }

    fn of_aws_keyword(&mut self, call: &Call, arg: &Arg, place: Place) {
        let Some(text) = self.text(&arg.value, place) else { return };
        let endpoint = call.keyword("endpoint_url").map(|arg| self.text(&arg.value, place));
        let is_elsewhere = endpoint
            .is_some_and(|url| url.is_none_or(|url| !url.expose().contains("amazonaws.com")));
        let name = named(arg).unwrap_or("");
        // Local stand-ins of AWS take any key.
        if !is_elsewhere {
            let credential = found::by_name(name, text.expose());
            self.push(&text, credential, Role::Argument(name.to_owned()));
        }
    }

    fn of_connection(&mut self, call: &Call, place: Place) {
        let host = call.keyword("host").and_then(|arg| self.text(&arg.value, place));
        let is_local = host.is_some_and(|host| credentials().is_local(host.expose()));
        for name in CONNECTION_KEYWORDS {
            let Some(arg) = call.keyword(name) else { continue };
            let Some(text) = self.text(&arg.value, place) else { continue };
            let credential = match name {
                "password" if is_local => None,
                "password" => found::by_name(name, text.expose()),
                _ => found::in_connection(text.expose()),
            };
            self.push(&text, credential, Role::Argument(name.to_owned()));
        }
    }

    fn of_environment(&mut self, key: &Expr, value: &Expr, place: Place) {
        let Some(key) = key.as_str().map(|key| key.expose().to_owned()) else { return };
        let Some(text) = self.text(value, place) else { return };
        let credential = found::in_setting(&key, text.expose());
        let is_name = credentials().looks_like_name(&key);
        self.push(&text, credential, Role::Environment(is_name.then_some(key)));
    }

    /// The text of an expression, when there is no doubt; also through a constant of the file.
    fn text(&self, expr: &Expr, place: Place) -> Option<Text> {
        evaluate::known(&Question::new(self.scopes), expr, place)
    }

    fn is_connection(&self, site: &CallSite<'tree>) -> bool {
        self.calls_any_of(site, |path| forms::CONNECTION.iter().any(|(class, _)| *class == path))
    }

    /// Whether the call names a secret of Kubernetes, which is no credential.
    fn is_kubernetes_secret(&self, site: &CallSite<'tree>) -> bool {
        site.call.function.last_name() == Some("Secret")
            && self.calls_any_of(site, |path| forms::KUBERNETES_SECRET.contains(&path))
    }

    fn calls_any_of(&self, site: &CallSite<'tree>, is: impl Fn(&str) -> bool) -> bool {
        site.called(self.scopes)
            .iter()
            .any(|entity| matches!(entity, Entity::Path(path) if is(path)))
    }

    fn push(&mut self, text: &Text, credential: Option<Credential>, role: Role) {
        let Some(Credential { what, range }) = credential else { return };
        let span = text.span_of(range);
        self.literals.push(Literal { file: self.file, span, what, is_certain: true, role });
    }
}

/// Whether one of `pairs` says that the others are for this machine, or for a stand-in of AWS.
fn stays_here(pairs: &[(&str, &Expr)]) -> bool {
    pairs.iter().any(|(name, value)| {
        let is_endpoint = *name == "endpoint_url";
        credentials().is_host_keyword(name)
            && match value.as_str().map(Text::expose) {
                None => is_endpoint,
                Some(text) => {
                    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
                    let host = host.split(['/', ':']).next().unwrap_or(host);
                    credentials().is_local(host) || is_endpoint && !text.contains("amazonaws.com")
                }
            }
    })
}

fn named(arg: &Arg) -> Option<&str> {
    arg.name.as_ref().map(|name| name.node.as_str())
}

/// `os.environ`, or `environ` imported from `os`.
fn is_environ(expr: &Expr) -> bool {
    expr.is_dotted("os.environ") || expr.is_dotted("environ")
}

fn is_method_of_environ(function: &Expr) -> bool {
    matches!(&function.kind, ExprKind::Attribute(owner, _) if is_environ(owner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::references::{Locals, summarize};
    use crate::read::python::parse;

    fn found(source: &str) -> Vec<(String, &'static str, Role)> {
        let source = format!(
            "import os, boto3\nfrom airflow.models import Variable, Connection\n{source}\n"
        );
        let mut literals = summarize(&parse(&source).unwrap(), &Locals::default(), "").1;
        literals.extend(shaped(&source));
        let text = |literal: &Literal| literal.span.of(&source).to_owned();
        distinct(literals).into_iter().map(|it| (text(&it), it.what, it.role)).collect()
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn credentials_are_found_where_they_are_used() {
        let key = || Some("api_token".to_owned());
        let argument = |name: &str| Role::Argument(name.to_owned());
        let aws = format!("AKIA{}", "Q3EGR5XKV7ZD2M4T");
        for (source, expected) in [
            (
                r#"Variable.get("api_token", default_var="t0k3n-9")"#,
                Some(("t0k3n-9", "a token", Role::Default(key()))),
            ),
            (
                r#"Variable.get("api_token", "t0k3n-9")"#,
                Some(("t0k3n-9", "a token", Role::Default(key()))),
            ),
            (
                "D = 't0k3n-9'\nVariable.get('api_token', default_var=D)",
                Some(("t0k3n-9", "a token", Role::Default(key()))),
            ),
            (
                r#"Variable.set("api_token", "t0k3n-9")"#,
                Some(("t0k3n-9", "a token", Role::Variable(key()))),
            ),
            (
                r#"os.environ["AIRFLOW_CONN_DB"] = "postgres://etl:hunt3r@db.corp""#,
                Some((
                    "hunt3r",
                    "a password",
                    Role::Environment(Some("AIRFLOW_CONN_DB".to_owned())),
                )),
            ),
            (
                r#"os.environ.setdefault("DB_PASSWORD", "hunt3r")"#,
                Some(("hunt3r", "a password", Role::Environment(Some("DB_PASSWORD".to_owned())))),
            ),
            (
                r#"boto3.client("s3", aws_secret_access_key="Ab/9")"#,
                Some(("Ab/9", "an access key", argument("aws_secret_access_key"))),
            ),
            (
                "KEY = 'Ab/9'\ndef f():\n  boto3.client('s3', aws_secret_access_key=KEY)",
                Some(("Ab/9", "an access key", argument("aws_secret_access_key"))),
            ),
            (
                r#"Connection(conn_id="x", host="db.corp", password="hunt3r")"#,
                Some(("hunt3r", "a password", argument("password"))),
            ),
            (
                r#"Connection(uri="postgres://etl:hunt3r@db.corp")"#,
                Some(("hunt3r", "a password", argument("uri"))),
            ),
            (&format!("# {aws}"), Some((aws.as_str(), "an AWS access key ID", Role::Text))),
            (
                &format!("boto3.client('s3', aws_access_key_id='{aws}')"),
                Some((aws.as_str(), "an AWS access key ID", Role::Text)),
            ),
            (r#"Variable.get("api_token", default_var="changeme")"#, None),
            (r#"Variable.get("api_token", default_var=None)"#, None),
            (r#"Variable.get("api_url", default_var="https://host/path")"#, None),
            (r#"Variable.get("schema", default_var="t0k3n-9")"#, None),
            (r#"settings.get("api_token", default="t0k3n-9")"#, None),
            (r#"os.environ["DB_PASSWORD"] = Variable.get("db_password")"#, None),
            (r#"os.environ["AWS_SECRET_ACCESS_KEY"] = "testing""#, None),
            (r#"boto3.client("s3", aws_secret_access_key=os.environ["X"])"#, None),
            (
                r#"boto3.client("s3", endpoint_url="http://minio:9000", aws_secret_access_key="Ab/9")"#,
                None,
            ),
            (r#"Connection(conn_id="x", host="localhost", password="hunt3r")"#, None),
            (r#"db.Connection(password="hunt3r")"#, None),
            (
                r#"create_engine("postgres://etl:hunt3r@db.corp")"#,
                Some(("hunt3r", "a password", Role::Address)),
            ),
            (
                r#"PG_URI = "postgresql://bob:s3cr3tPazz@db.example.com/x""#,
                Some(("s3cr3tPazz", "a password", Role::Address)),
            ),
            (
                r#"connect(password="Hunter2Hunter2!")"#,
                Some(("Hunter2Hunter2!", "a password", Role::Named("password".to_owned()))),
            ),
            (
                r#"C = {"client_secret": "q8Tz-Lm4w.Rk7"}"#,
                Some(("q8Tz-Lm4w.Rk7", "a secret", Role::Named("client_secret".to_owned()))),
            ),
            (
                "class C:\n  api_key = 'q8TzLm4wRk7'",
                Some(("q8TzLm4wRk7", "an API key", Role::Named("api_key".to_owned()))),
            ),
            (r#"connect(host="localhost", password="Hunter2Hunter2!")"#, None),
            (
                "from airflow.kubernetes.secret import Secret\nSecret('env', 'X', secret='db-password-v2', key='k')",
                None,
            ),
            (
                "from airflow.providers.cncf.kubernetes import secret\nNAME = 'q8TzLm4wRk7'\nsecret.Secret('env', 'X', secret='q8TzLm4wRk7', key='k')",
                None,
            ),
            (
                "from elsewhere import Secret\nSecret(secret='q8TzLm4wRk7')",
                Some(("q8TzLm4wRk7", "a secret", Role::Named("secret".to_owned()))),
            ),
            ("PW_SECRET = 'q8TzLm4wRk7'\nconnect(host='localhost', p=PW_SECRET)", None),
            (r#"C = {"host": "127.0.0.1", "password": "Hunter2Hunter2!"}"#, None),
            (r#"password = "DB2_PASSWORD""#, None),
            (r#"secret = "airflow/variables/db1""#, None),
            (r#"secret_id = "q8TzLm4wRk7""#, None),
            (r#"token_url = "q8TzLm4wRk7""#, None),
            (r#"password = f"q8TzLm4wRk7{x}""#, None),
            (r#"create_engine("postgres://etl:hunt3r@localhost/x")"#, None),
            (r#"create_engine("postgres://{user}:{password}@db.corp/x")"#, None),
            (r#"create_engine("postgres://user:mypassword@host:5432/x")"#, None),
        ] {
            let expected: Vec<_> = expected
                .map(|(text, what, role)| (text.to_owned(), what, role))
                .into_iter()
                .collect();
            assert_eq!(found(source), expected, "{source}");
        }
    }
}
