//! Secrets that something in the project creates: scripts, Terraform, CloudFormation.

use super::deployed::Replacement;
use crate::model::{Origin, Place, Setting};
use crate::text::Value;

/// A secret that a statement creates or gives a value.
#[derive(Debug)]
pub struct Creation {
    /// The backend that would read it, by its id in the facts: `aws_secrets_manager`.
    pub backend: &'static str,
    /// Its name, as the service gets it.
    pub name: Value,
    /// The region it is created in, where the statement tells.
    pub region: Option<Value>,
    /// The account of AWS it is created in, where the statement tells.
    pub account: Option<Value>,
    /// What holds it, where a service has such: a project, a vault, a mount.
    pub container: Option<Value>,
    /// The version of Vault's key-value engine that it is written for, where the statement tells.
    pub engine: Option<u8>,
    /// The key that encrypts it, where it is not the service's own.
    pub encryption_key: Option<Value>,
    /// What is put into it.
    pub payload: Payload,
    /// What would put it there as text, without a line break behind it, where that can be told.
    pub mended: Vec<Replacement>,
    /// The whole statement.
    pub statement: Place,
    /// What kind of place says it.
    pub origin: Origin,
}

impl Creation {
    /// The creation of a secret of which nothing but its name is known.
    pub(super) const fn new(
        backend: &'static str,
        name: Value,
        statement: Place,
        origin: Origin,
    ) -> Self {
        Self {
            backend,
            name,
            region: None,
            account: None,
            container: None,
            engine: None,
            encryption_key: None,
            mended: Vec::new(),
            payload: Payload::Nothing,
            statement,
            origin,
        }
    }
}

impl Creation {
    /// Where the whole name stands in the file as it is.
    #[must_use]
    pub fn whole_name(&self) -> Option<Place> {
        let name = self.name.known()?;
        let is_verbatim = name.is_verbatim(0..name.expose().len());
        is_verbatim.then(|| Place::new(self.statement.file, name.span()))
    }

    /// What is put into it as the variable of the environment that would hold the same connection, where it is a text
    /// that is known.
    #[must_use]
    pub fn as_connection(&self) -> Option<Setting> {
        let value = match &self.payload {
            Payload::Text(value) | Payload::Line(value) => value,
            Payload::Fields(fields) => {
                let is_uri = |(name, _): &&(Value, Value)| {
                    name.known().is_some_and(|name| name.expose() == "conn_uri")
                };
                &fields.iter().find(is_uri)?.1
            }
            _ => return None,
        };
        Some(Setting {
            key: "AIRFLOW_CONN_".to_owned(),
            value: Value::Known(value.known()?.clone()),
            file: self.statement.file,
            key_span: self.name.span(),
            value_span: value.span(),
            origin: self.origin,
        })
    }
}

impl Payload {
    /// The text, or the field of it, that ends with a line break which is hardly meant.
    #[must_use]
    pub fn line(&self) -> Option<&Value> {
        match self {
            Self::Line(value) => Some(value),
            Self::Fields(fields) => fields.iter().map(|(_, value)| value).find(|value| {
                let text = value.text().expose();
                text.find('\n').is_some_and(|at| at + 1 == text.len())
            }),
            _ => None,
        }
    }
}

/// What is put into a secret. It may be a credential.
#[derive(Clone, Debug)]
pub enum Payload {
    /// Text.
    Text(Value),
    /// Text with a line break behind it that is hardly meant: of `echo`, of a here-string.
    Line(Value),
    /// Several values by name, of a service that keeps such (Vault).
    Fields(Vec<(Value, Value)>),
    /// Bytes, which the service keeps apart from text.
    Binary(Place),
    /// The content of a file, by its path.
    File(Value),
    /// Something that the service makes up.
    Generated,
    /// Nothing: it is created empty.
    Nothing,
    /// Something of which the statement does not tell what.
    Unknown,
}
