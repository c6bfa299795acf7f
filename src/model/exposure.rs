//! Who gets to see a file: whether git commits it, and whether the image contains it.

use std::path::Path;

use super::{Dockerfile, FileId, FileKind, Model, Place};
use crate::discover::dockerignore::{Dockerignore, dockerignore_for};
use crate::discover::git_index::{self, Tracked};
use crate::discover::gitignore::{GitIgnores, Ignored};
use crate::hash::HashMap;
use crate::read::dockerfile::{Details, Instruction, Value};
use crate::text::Span;

/// Whether a build puts a file into the image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InImage {
    /// With everything around it: by the `ONBUILD` steps of the image, or a `COPY` of a directory.
    Copied(Place),
    /// By a `COPY` or `ADD` that names it.
    CopiedByName(Place),
    /// `.dockerignore` leaves it out.
    LeftOut,
    /// Nothing copies it.
    NotCopied,
    /// It cannot be told: there is no Dockerfile, or the base image may do anything.
    Unknown,
}

/// Who gets to see a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exposure {
    /// Whether `git add` would leave it alone.
    pub ignored: Ignored,
    /// Whether git has it already.
    pub tracked: Tracked,
    /// Whether the image contains it.
    pub image: InImage,
}

impl Model {
    /// Who gets to see `file`. Reads ignore files and, once for the project, the git index.
    #[must_use]
    pub fn exposure(&self, file: FileId) -> Exposure {
        let path = self.files.get(file).path();
        let top = self.repository.as_deref().unwrap_or(&self.root);
        Exposure {
            ignored: GitIgnores::new(top, self.overlays.clone()).ignores(path),
            tracked: self.tracked(file),
            image: self.in_image(&self.name_of(file)),
        }
    }

    /// Where and what to insert so that `.gitignore` of the project, which may have to be begun, lists the
    /// file at `name`. `None` where that cannot be read, or the name would have to be escaped.
    #[must_use]
    pub fn git_ignore_line(&self, name: &str) -> Option<(Place, String)> {
        self.line_of(&self.root.join(".gitignore"), name)
    }

    /// The same for the ignore file that Docker reads.
    #[must_use]
    pub fn docker_ignore_line(&self, name: &str) -> Option<(Place, String)> {
        let dockerfile = self.files.get(self.dockerfile()?.file).path();
        let own = dockerignore_for(dockerfile, &self.root, &self.overlays);
        self.line_of(&own.unwrap_or_else(|| self.root.join(".dockerignore")), name)
    }

    fn line_of(&self, path: &Path, name: &str) -> Option<(Place, String)> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
        if name.starts_with('/') || !name.bytes().all(is_plain) {
            return None;
        }
        let (id, file) = self.files.iter().find(|(_, file)| file.path() == path)?;
        let end = if file.text().contains("\r\n") { "\r\n" } else { "\n" };
        let begin = if file.text().is_empty() || file.text().ends_with('\n') { "" } else { end };
        Some((Place::new(id, Span::at(file.text().len())), format!("{begin}{name}{end}")))
    }

    /// Whether git tracks `file`, one of those that hold settings.
    #[must_use]
    pub fn tracked(&self, file: FileId) -> Tracked {
        let all = self.tracked.get_or_init(|| self.ask_index());
        all.get(&file).copied().unwrap_or(Tracked::Unknown)
    }

    fn ask_index(&self) -> HashMap<FileId, Tracked> {
        let Some(repository) = &self.repository else { return HashMap::default() };
        let holds_settings = |kind: FileKind| {
            !matches!(kind, FileKind::Python | FileKind::Template | FileKind::Data)
        };
        let files = self.files.iter().filter(|(_, file)| holds_settings(file.kind()));
        let asked: Vec<FileId> = files.map(|(id, _)| id).collect();
        let paths: Vec<&Path> = asked.iter().map(|file| self.files.get(*file).path()).collect();
        let answers = git_index::tracked(repository, &paths);
        asked.into_iter().zip(answers).collect()
    }

    /// Whether a build puts the file at `name`, relative to the project's root, into the image.
    #[must_use]
    pub fn in_image(&self, name: &str) -> InImage {
        let Some(dockerfile) = self.dockerfile() else { return InImage::Unknown };
        if name.starts_with('/') {
            return InImage::NotCopied;
        }
        let path = self.files.get(dockerfile.file).path();
        if let Some(ignore) = dockerignore_for(path, &self.root, &self.overlays) {
            let text = self.files.iter().find(|(_, file)| file.path() == ignore);
            match text.map(|(_, file)| Dockerignore::parse(file.text())) {
                Some(Ok(patterns)) if patterns.leaves_out(name) => return InImage::LeftOut,
                Some(Ok(_)) => {}
                // Nothing is built with a file that Docker refuses.
                Some(Err(_)) | None => return InImage::Unknown,
            }
        }
        dockerfile.copies(name)
    }
}

impl Dockerfile {
    /// What its instructions do with the file at `name` of the context, whatever `.dockerignore` says.
    fn copies(&self, name: &str) -> InImage {
        let mut copied = None;
        for instruction in self.instructions() {
            for source in sources(instruction) {
                let place = Place::new(self.file, instruction.span);
                let source = source.trim_start_matches("./").trim_end_matches('/');
                if source == name {
                    return InImage::CopiedByName(place);
                }
                let everything = ["", ".", "/"].contains(&source);
                let matches =
                    || Dockerignore::parse(source).is_ok_and(|pattern| pattern.leaves_out(name));
                if everything || !source.starts_with(['!', '#']) && matches() {
                    copied.get_or_insert(place);
                }
            }
        }
        let Some((image, place)) = &self.image else {
            return copied.map_or(InImage::Unknown, InImage::Copied);
        };
        // The steps that install the requirements come with `COPY . .` (astro-runtime, all releases).
        let by_itself = image.installs_requirements();
        match copied.or((by_itself == Some(true)).then_some(*place)) {
            Some(place) => InImage::Copied(place),
            None if by_itself == Some(false) => InImage::NotCopied,
            None => InImage::Unknown,
        }
    }
}

/// What a `COPY` or `ADD` takes from the context, as far as it is known.
pub(super) fn sources(instruction: &Instruction) -> impl Iterator<Item = &str> {
    let from_elsewhere = instruction.flags.iter().any(|flag| flag.expose().starts_with("--from="));
    let paths = match &instruction.details {
        Details::Paths(paths) if !from_elsewhere => paths.as_slice(),
        _ => &[],
    };
    let sources = paths.split_last().map_or(&[][..], |(_, sources)| sources);
    sources.iter().filter_map(|source| match source {
        Value::Known(text) => Some(text.expose()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dockerfile_copies_by_name_or_with_everything() {
        let copies = |text: &str, name: &str| match Dockerfile::read(FileId(0), text).copies(name) {
            InImage::Copied(Place { span: Span { start, .. }, .. }) => format!("copied at {start}"),
            InImage::CopiedByName(_) => "by name".to_owned(),
            other => format!("{other:?}"),
        };
        for (text, name, expected) in [
            ("FROM quay.io/astronomer/astro-runtime:12.8.0\n", ".env", "copied at 5"),
            ("FROM quay.io/astronomer/astro-runtime:12.8.0-base\n", ".env", "NotCopied"),
            (
                "FROM quay.io/astronomer/astro-runtime:12.8.0-base\nCOPY . .\n",
                ".env",
                "copied at 50",
            ),
            ("FROM quay.io/astronomer/astro-runtime:12.8.0\nCOPY .env /x\n", ".env", "by name"),
            (
                "FROM quay.io/astronomer/astro-runtime:12.8.0-base\nCOPY include/ x\n",
                "include/.env",
                "copied at 50",
            ),
            (
                "FROM quay.io/astronomer/astro-runtime:12.8.0-base\nCOPY dags plugins /x/\n",
                ".env",
                "NotCopied",
            ),
            (
                "FROM quay.io/astronomer/astro-runtime:12.8.0-base\nCOPY --from=b . .\n",
                ".env",
                "NotCopied",
            ),
            ("FROM python:3.12\n", ".env", "Unknown"),
            ("FROM python:3.12\nADD ./ /app\n", ".env", "copied at 17"),
        ] {
            assert_eq!(copies(text, name), expected, "{text}");
        }
    }
}
