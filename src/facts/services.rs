//! The services behind the backends: which names they allow.

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;

/// One service.
#[derive(Debug, Deserialize)]
pub struct Service {
    backend: String,
    /// How it is called.
    pub name: String,
    punctuation: String,
    /// Whether a name with `/` must begin with it.
    #[serde(default)]
    is_hierarchy: bool,
    /// What a name may hold, in words.
    pub allowed: String,
    /// What the backend replaces before it asks, and which is no matter therefore.
    #[serde(default)]
    replaced: String,
    /// The longest name, in characters.
    pub max_length: usize,
    /// What becomes of a lookup by a name that cannot be.
    pub refusal: String,
    /// What a policy of IAM must allow for a lookup; for services of AWS.
    pub reads: Option<Reads>,
}

/// What a policy of IAM must allow for a lookup.
#[derive(Debug, Deserialize)]
pub struct Reads {
    /// The action: `secretsmanager:GetSecretValue`.
    pub action: String,
    /// What stands before the name in the ARN of a secret: `:secret:`.
    pub resource: String,
    /// What the service adds to the name, as an example of it.
    pub suffix: String,
    /// The policies of AWS that allow more than that of every secret.
    pub broad: Vec<String>,
}

/// A character that no name may hold. Its `Display` is for sentences: `a space`, `` `:` ``.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The byte at which it stands.
    pub offset: usize,
    /// The character.
    pub character: char,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.character {
            ' ' => f.write_str("a space"),
            '\t' => f.write_str("a tab"),
            '\n' | '\r' => f.write_str("a line break"),
            '`' => f.write_str("a backquote"),
            c if c.is_alphanumeric() || c.is_ascii_graphic() => write!(f, "`{c}`"),
            c => write!(f, "U+{:04X}", u32::from(c)),
        }
    }
}

impl Service {
    /// The characters that the backend replaces in prefixes and keys before it asks.
    #[must_use]
    pub fn replaced(&self) -> &str {
        &self.replaced
    }

    /// Why the service refuses to create a secret called `name`, in a few words.
    #[must_use]
    pub fn refuses(&self, name: &str) -> Option<String> {
        let allows = |c: char| c.is_ascii_alphanumeric() || self.punctuation.contains(c);
        let character = name.chars().find(|c| !allows(*c));
        let character = character.map(|character| Refused { offset: 0, character }.to_string());
        let is_long = name.chars().count() > self.max_length;
        character.or_else(|| is_long.then(|| format!("more than {} characters", self.max_length)))
    }

    /// Whether a secret can have the name `name`, going by its slashes.
    #[must_use]
    pub fn may_hold(&self, name: &str) -> bool {
        !self.is_hierarchy || name.starts_with('/') || !name.contains('/')
    }

    /// `name` with a hyphen for each character that the service refuses, where it allows hyphens.
    #[must_use]
    pub fn with_hyphens(&self, name: &str) -> String {
        let allows = |c: char| c.is_ascii_alphanumeric() || self.punctuation.contains(c);
        name.chars().map(|c| if allows(c) { c } else { '-' }).collect()
    }

    /// The first character of `text`, of a key or a prefix, that no name may hold.
    #[must_use]
    pub fn refused(&self, text: &str) -> Option<Refused> {
        let allows = |c: char| {
            c.is_ascii_alphanumeric() || self.punctuation.contains(c) || self.replaced.contains(c)
        };
        let refuses = |c: char| !allows(c);
        let (offset, character) = text.char_indices().find(|(_, c)| refuses(*c))?;
        Some(Refused { offset, character })
    }
}

#[derive(Deserialize)]
struct File {
    services: Vec<Service>,
}

static SERVICES: LazyLock<File> =
    LazyLock::new(|| embedded("services.json", include_str!("../../rules/facts/services.json")));

/// The service that the backend with this id asks, as far as it is described.
#[must_use]
pub fn service_of(backend: &str) -> Option<&'static Service> {
    SERVICES.services.iter().find(|service| service.backend == backend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_letters_digits_and_some_punctuation() {
        let service = service_of("aws_secrets_manager").unwrap();
        assert_eq!(service.refused("a/B_0+=.@-"), None);
        for (name, offset, shown) in
            [("my key", 2, "a space"), ("schlüssel", 4, "`ü`"), ("a\u{200b}", 1, "U+200B")]
        {
            let refused = service.refused(name).unwrap();
            assert_eq!((refused.offset, refused.to_string().as_str()), (offset, shown));
        }
        let azure = service_of("azure_key_vault").unwrap();
        assert_eq!(azure.refused("my_key-1"), None);
        assert_eq!(azure.refused("a/b").map(|refused| refused.offset), Some(1));
    }
}
