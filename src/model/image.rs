//! The Dockerfile as Astro uses it: the image, the settings it brings, what it installs.

use super::requirements::Requirements;
use super::{FileId, Origin, Place, Setting};
use crate::facts::runtime::{Family, Image};
use crate::read::dockerfile::{self, Details, EnvPair, Instruction};
use crate::text::{Text, Value};

/// A Dockerfile of the project.
#[derive(Debug)]
pub struct Dockerfile {
    /// The file.
    pub file: FileId,
    /// What it says.
    pub document: dockerfile::Dockerfile,
    /// The image it builds on: of its last stage, through the stages before it.
    pub image: Option<(Image, Place)>,
}

impl Dockerfile {
    /// Reads `text`, the content of `file`.
    #[must_use]
    pub fn read(file: FileId, text: &str) -> Self {
        let document = dockerfile::read(text);
        let last = document.stages.len().checked_sub(1);
        let base = last.and_then(|last| document.lineage(last).last());
        let image = base.and_then(|stage| {
            let reference = stage.image.known()?;
            Some((Image::read(reference.expose()), Place::new(file, stage.raw)))
        });
        Self { file, document, image }
    }

    /// The instructions that make the image, those of earlier stages that it builds on first.
    pub fn instructions(&self) -> impl Iterator<Item = &Instruction> {
        let last = self.document.stages.len().checked_sub(1);
        let mut stages: Vec<_> =
            last.map(|last| self.document.lineage(last).collect()).unwrap_or_default();
        stages.reverse();
        stages.into_iter().flat_map(|stage| {
            self.document.instructions.get(stage.instructions.clone()).unwrap_or(&[])
        })
    }

    /// The pairs of all `ENV` instructions that count, in order.
    pub fn env(&self) -> impl Iterator<Item = &EnvPair> {
        self.instructions()
            .filter_map(|instruction| match &instruction.details {
                Details::Env(pairs) => Some(pairs),
                _ => None,
            })
            .flatten()
    }

    /// The settings that the image brings, in order: a later one of the same key wins.
    pub fn settings(&self) -> impl Iterator<Item = Setting> {
        self.env().filter_map(|pair| {
            let (value, value_span) = match &pair.value {
                dockerfile::Value::Known(text) => (Value::Known(text.clone()), text.span()),
                dockerfile::Value::Dynamic(text) => (Value::Dynamic(text.clone()), text.span()),
                dockerfile::Value::Fails(_) => return None,
            };
            let (key, key_span) = (pair.key.node.clone(), pair.key.span);
            Some(Setting {
                key,
                value,
                file: self.file,
                key_span,
                value_span,
                origin: Origin::Dockerfile,
            })
        })
    }

    /// Whether the image may bring AWS settings that no file here shows: it is built on an image of
    /// unknown content, or an instruction handles an AWS configuration.
    #[must_use]
    pub fn may_bring_aws_configuration(&self) -> bool {
        let unknown_base =
            self.image.as_ref().is_none_or(|(image, _)| image.family == Family::Other);
        unknown_base
            || self.instructions().any(|instruction| {
                let arguments = instruction.arguments.expose();
                arguments.contains(".aws") || arguments.contains("aws configure")
            })
    }

    /// Whether it installs `requirements.txt` itself, or may do so: with pip, with the script of the
    /// Runtime images, or with a script of the project.
    #[must_use]
    pub fn installs_requirements(&self) -> bool {
        let runs = self.instructions().filter(|instruction| instruction.keyword.node == "RUN");
        runs.map(|instruction| instruction.arguments.expose()).any(|command| {
            ["requirements.txt", "install-python-dependencies", ".sh"]
                .iter()
                .any(|hint| command.contains(hint))
        })
    }

    /// What its `RUN pip install` commands name, one for each command.
    #[must_use]
    pub fn pip_installs(&self) -> Vec<Requirements> {
        self.pip_commands()
            .map(|words| {
                let mut requirements = Requirements::default();
                let mut skip = false;
                for word in words {
                    let text = word.expose();
                    if std::mem::take(&mut skip) {
                        continue;
                    }
                    if text.starts_with('-') {
                        skip = [
                            "-r",
                            "-c",
                            "-i",
                            "-f",
                            "-t",
                            "--requirement",
                            "--constraint",
                            "--index-url",
                            "--extra-index-url",
                            "--find-links",
                            "--target",
                        ]
                        .contains(&text);
                    } else {
                        requirements.add_argument(self.file, &word);
                    }
                }
                requirements
            })
            .collect()
    }

    /// The words behind `pip install` of each such command in a `RUN`.
    fn pip_commands(&self) -> impl Iterator<Item = Vec<Text>> {
        self.instructions().filter(|instruction| instruction.keyword.node == "RUN").flat_map(
            |instruction| {
                commands(&instruction.arguments).into_iter().filter_map(|words| {
                    let install = words.windows(2).position(|pair| match pair {
                        [tool, verb] => {
                            let tool = tool.expose().rsplit('/').next().unwrap_or("");
                            tool.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') == "pip"
                                && verb.expose() == "install"
                        }
                        _ => false,
                    })?;
                    Some(words.into_iter().skip(install + 2).collect())
                })
            },
        )
    }
}

/// The simple commands of a shell line, each as its words without quotes.
fn commands(line: &Text) -> Vec<Vec<Text>> {
    let text = line.expose();
    let mut commands = vec![Vec::new()];
    let mut word = crate::text::TextBuilder::default();
    let (mut start, mut quote) = (None, None);
    for (at, character) in text.char_indices().chain([(text.len(), '\n')]) {
        let end = at + character.len_utf8();
        if let Some(open) = quote {
            if character == open {
                quote = None;
            } else if at < text.len() {
                word.copy(line, at..end);
            }
            continue;
        }
        match character {
            '"' | '\'' => {
                quote = Some(character);
                start.get_or_insert(at);
            }
            ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' => {
                if let Some(start) = start.take() {
                    let span = line.span_of(start..at);
                    if let Some(command) = commands.last_mut() {
                        command.push(std::mem::take(&mut word).finish(span));
                    }
                }
                if ";&|()\n".contains(character) {
                    commands.push(Vec::new());
                }
            }
            _ => {
                start.get_or_insert(at);
                word.copy(line, at..end);
            }
        }
    }
    commands.retain(|words| !words.is_empty());
    commands
}
