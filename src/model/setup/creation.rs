//! Secrets that something in the project creates: scripts, Terraform, CloudFormation.

use crate::model::{Origin, Place};
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
    /// What holds it, where a service has such: a project, a vault, a mount.
    pub container: Option<Value>,
    /// The key that encrypts it, where it is not the service's own.
    pub encryption_key: Option<Value>,
    /// What is put into it.
    pub payload: Payload,
    /// The whole statement.
    pub statement: Place,
    /// What kind of place says it.
    pub origin: Origin,
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
