//! Credentials that a Dockerfile holds itself, or copies into the image.

use std::path::Path;

use super::credentials::{by_shape, connection_type, in_setting};
use super::exposure::sources;
use super::{Dockerfile, FileKind, Place};
use crate::discover::file_kind;
use crate::read::dockerfile::{Details, Instruction, Value};
use crate::text::Text;

/// A credential in a Dockerfile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImageCredential {
    /// What holds it.
    pub holder: Holder,
    /// What it is, with its article: `a password`.
    pub what: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Whether it is part of a connection to AWS.
    pub is_aws_connection: bool,
}

/// What holds a credential.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Holder {
    /// An `ENV` with this key.
    Env(String),
    /// An `ARG` with this name.
    Arg(String),
    /// Some other instruction.
    Instruction(&'static str),
}

impl Dockerfile {
    /// The credentials in its instructions, those of all stages.
    #[must_use]
    pub fn credentials(&self) -> Vec<ImageCredential> {
        let mut found = Vec::new();
        for instruction in &self.document.instructions {
            self.in_instruction(instruction, &mut found);
        }
        found
    }

    fn in_instruction(&self, instruction: &Instruction, found: &mut Vec<ImageCredential>) {
        let mut push = |holder: Holder, text: &Text, credential: Option<_>| {
            let Some(super::credentials::Credential { what, range }) = credential else { return };
            let is_aws_connection = matches!(&holder, Holder::Env(key) if key.starts_with("AIRFLOW_CONN_"))
                && connection_type(text.expose()).as_deref() == Some("aws");
            let place = Place::new(self.file, text.span_of(range));
            found.push(ImageCredential { holder, what, place, is_aws_connection });
        };
        match &instruction.details {
            Details::Env(pairs) => {
                for pair in pairs {
                    let Value::Known(text) = &pair.value else { continue };
                    let key = &pair.key.node;
                    push(Holder::Env(key.clone()), text, in_setting(key, text.expose()));
                }
            }
            Details::Arg(arguments) => {
                for argument in arguments {
                    let Some(Value::Known(text)) = &argument.default else { continue };
                    let name = &argument.name.node;
                    push(Holder::Arg(name.clone()), text, in_setting(name, text.expose()));
                }
            }
            Details::Onbuild(Some(inner)) => self.in_instruction(inner, found),
            Details::From(_) | Details::Paths(_) | Details::Onbuild(None) | Details::Other => {
                let text = &instruction.arguments;
                let holder = Holder::Instruction(instruction.keyword.node);
                push(holder, text, by_shape(text.expose()));
            }
        }
    }

    /// The env files that a `COPY` or `ADD` names, and the instruction.
    pub fn copied_env_files(&self) -> impl Iterator<Item = (&str, Place)> {
        self.document.instructions.iter().flat_map(|instruction| {
            let place = Place::new(self.file, instruction.span);
            let is_env = |name: &&str| file_kind(Path::new(name)) == Some(FileKind::Env);
            sources(instruction)
                .map(|source| source.trim_start_matches("./"))
                .filter(|source| !source.contains("://"))
                .filter(is_env)
                .map(move |source| (source, place))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FileId;

    #[test]
    fn instructions_hold_credentials() {
        let env = |key: &str| Holder::Env(key.to_owned());
        for (line, expected) in [
            ("ENV DB_PASSWORD=hunt3r", Some((env("DB_PASSWORD"), "hunt3r"))),
            ("ENV DB_PASSWORD hunt3r", Some((env("DB_PASSWORD"), "hunt3r"))),
            ("ENV A=1 DB_PASSWORD='hunt3r'", Some((env("DB_PASSWORD"), "hunt3r"))),
            ("ARG PIP_TOKEN=t0k3n-9", Some((Holder::Arg("PIP_TOKEN".to_owned()), "t0k3n-9"))),
            (
                "RUN pip install --extra-index-url https://ci:t0k3n-9@pypi.corp/simple x",
                Some((Holder::Instruction("RUN"), "t0k3n-9")),
            ),
            ("ONBUILD ENV DB_PASSWORD=hunt3r", Some((env("DB_PASSWORD"), "hunt3r"))),
            ("ARG PIP_TOKEN", None),
            ("ENV DB_PASSWORD=${DB_PASSWORD}", None),
            ("ENV DB_PASSWORD_FILE=/run/secrets/x", None),
            ("ENV AIRFLOW_CONN_DB=postgresql+psycopg2://postgres:postgres@postgres:5432/x", None),
            ("RUN pip install --extra-index-url https://ci:${TOKEN}@pypi.corp/simple x", None),
        ] {
            let text = format!("FROM quay.io/astronomer/astro-runtime:12.8.0\n{line}\n");
            let found = Dockerfile::read(FileId(0), &text).credentials();
            let found = found.into_iter().map(|it| (it.holder, it.place.span.of(&text).to_owned()));
            let expected = expected.map(|(holder, part)| (holder, part.to_owned()));
            assert_eq!(
                found.collect::<Vec<_>>(),
                expected.into_iter().collect::<Vec<_>>(),
                "{line}"
            );
        }
    }

    #[test]
    fn env_files_are_named_by_copies() {
        let text = "FROM x\nCOPY .env.example .env\nCOPY --from=b .env .\nCOPY dags ./.env include/prod.env /x/\nCOPY . .\n";
        let file = Dockerfile::read(FileId(0), text);
        let names: Vec<_> = file.copied_env_files().map(|(name, _)| name).collect();
        assert_eq!(names, [".env", "include/prod.env"]);
    }
}
