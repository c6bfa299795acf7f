//! From the lines of a file to its instructions and stages.

use super::lines::Lines;
use super::statement::Statement;
use super::variables::Scope;
use super::{Details, Dockerfile, Error, ErrorKind, Heredoc, Instruction, Stage, Value};
use crate::hash::HashMap;
use crate::text::{Span, Spanned, Text};

/// Reads a Dockerfile; never fails as a whole.
#[must_use]
pub fn read(text: &str) -> Dockerfile {
    let mut reader = Reader {
        lines: Lines::new(text),
        file: Dockerfile::default(),
        before: Scope::default(),
        stage: Scope::default(),
        named: HashMap::default(),
    };
    while let Some(line) = reader.lines.logical() {
        reader.line(&line);
    }
    reader.end_stage();
    let Reader { mut file, lines, .. } = reader;
    file.errors.extend(lines.errors);
    if has_other_frontend(text) {
        file.errors.retain(|error| error.kind != ErrorKind::UnknownInstruction);
    }
    if file.stages.is_empty() {
        file.errors.push(Error { span: Span::at(0), kind: ErrorKind::NoStage });
    }
    file.errors.sort_by_key(|error| error.span.start);
    file
}

/// Whether `# syntax=` names a frontend of somebody else, which may know more instructions: Astronomer's
/// `airflow-extensions` has `PYENV`.
fn has_other_frontend(text: &str) -> bool {
    let comments = text.lines().map_while(|line| line.strip_prefix('#'));
    let mut directives = comments.filter_map(|comment| comment.split_once('='));
    directives.any(|(name, frontend)| {
        let frontend = frontend.trim();
        name.trim().eq_ignore_ascii_case("syntax")
            && !frontend.starts_with("docker/dockerfile")
            && !frontend.starts_with("docker.io/docker/dockerfile")
    })
}

struct Reader<'a> {
    lines: Lines<'a>,
    file: Dockerfile,
    /// The arguments declared before the first `FROM`.
    before: Scope,
    /// The variables of the current stage.
    stage: Scope,
    /// The finished stages that have a name, with their variables.
    named: HashMap<String, (usize, Scope)>,
}

impl Reader<'_> {
    fn line(&mut self, line: &Text) {
        let statement = Statement::new(line, 0..line.expose().len(), self.lines.escape);
        let mut instruction = statement.instruction();
        let keyword = instruction.keyword.node;
        let in_stage = !self.file.stages.is_empty();
        if !in_stage && !matches!(keyword, "ARG" | "FROM") {
            self.file.errors.push(statement.keyword_error(ErrorKind::OutsideStage));
        }
        let mut heredoc_marks = statement.heredoc_marks(keyword);
        match keyword {
            "FROM" => {
                let stage = self.from(&statement);
                instruction.details = Details::From(self.file.stages.len());
                self.file.stages.push(stage);
            }
            "ONBUILD" => {
                let arguments = statement.arguments.clone();
                let trigger = Statement::new(line, arguments.clone(), statement.escape);
                if arguments.is_empty() {
                    self.file.errors.push(statement.keyword_error(ErrorKind::MissingArgument));
                    instruction.details = Details::Onbuild(None);
                } else {
                    let trigger_instruction = self.trigger(&trigger);
                    heredoc_marks = trigger.heredoc_marks(trigger_instruction.keyword.node);
                    instruction.details = Details::Onbuild(Some(Box::new(trigger_instruction)));
                }
            }
            _ => {
                let mut nowhere = self.before.of_image();
                let (scope, before) = match (in_stage, keyword) {
                    (true, _) => (&mut self.stage, Some(&self.before)),
                    (false, "ARG") => (&mut self.before, None),
                    (false, _) => (&mut nowhere, None),
                };
                let errors = &mut self.file.errors;
                instruction.details = statement.details(keyword, scope, before, errors);
            }
        }
        for mark in heredoc_marks {
            let name = Spanned::new(mark.name, line.span_of(mark.range));
            let (body, end) = match self.lines.heredoc_body(&name.node, mark.strips_tabs) {
                Ok(found) => found,
                Err(rest) => {
                    let kind = ErrorKind::UnterminatedHeredoc;
                    self.file.errors.push(Error { span: name.span, kind });
                    (rest, rest.end)
                }
            };
            instruction.span.end = end;
            let (strips_tabs, expands) = (mark.strips_tabs, mark.expands);
            instruction.heredocs.push(Heredoc { name, body, strips_tabs, expands });
        }
        instruction.stage = self.file.stages.len().checked_sub(1);
        self.file.instructions.push(instruction);
    }

    /// The instruction behind `ONBUILD`; it runs in other builds, where anything may be set.
    fn trigger(&mut self, statement: &Statement<'_>) -> Instruction {
        let mut instruction = statement.instruction();
        let keyword = instruction.keyword.node;
        if matches!(keyword, "ONBUILD" | "FROM" | "MAINTAINER") {
            self.file.errors.push(statement.keyword_error(ErrorKind::OnbuildTrigger));
        } else {
            let mut scope = self.before.of_image();
            instruction.details =
                statement.details(keyword, &mut scope, None, &mut self.file.errors);
        }
        instruction.stage = self.file.stages.len().checked_sub(1);
        instruction
    }

    /// Ends the current stage and begins the one that `statement`, a `FROM`, describes.
    fn from(&mut self, statement: &Statement<'_>) -> Stage {
        self.end_stage();
        let text = statement.line.expose();
        let words = statement.blank_separated();
        let is_as = |word: &std::ops::Range<usize>| {
            text.get(word.clone()).is_some_and(|word| word.eq_ignore_ascii_case("as"))
        };
        let name = match words.as_slice() {
            [_] => Ok(None),
            [_, between, name] if is_as(between) => Ok(Some(name.clone())),
            _ => Err(statement.error(&statement.arguments, ErrorKind::FromArguments)),
        };
        let image_range = words.first().unwrap_or(&statement.arguments).clone();
        let raw = statement.span(image_range.clone());
        let image = match &name {
            Err(error) => Value::Fails(*error),
            Ok(_) => match statement.expand(image_range, &self.before) {
                Value::Known(image) if image.expose().is_empty() => {
                    Value::Fails(Error { span: raw, kind: ErrorKind::BlankImage })
                }
                image => image,
            },
        };
        if let Value::Fails(error) = image {
            self.file.errors.push(error);
        }
        self.file.errors.extend(statement.unknown_flag(Some("platform")));
        let name = name.ok().flatten().map(|range| {
            let written = text.get(range.clone()).unwrap_or("").to_lowercase();
            if !is_stage_name(&written) {
                self.file.errors.push(statement.error(&range, ErrorKind::StageName));
            }
            Spanned::new(written, statement.span(range))
        });
        let base = image.known().and_then(|image| self.named.get(&image.expose().to_lowercase()));
        let inherited = base.and_then(|(_, scope)| scope.try_clone());
        let base = base.map(|(index, _)| *index);
        self.stage = inherited.unwrap_or_else(|| self.before.of_image());
        let first = self.file.instructions.len();
        Stage { name, image, raw, base, instructions: first..first + 1 }
    }

    fn end_stage(&mut self) {
        let Some(stage) = self.file.stages.last_mut() else { return };
        stage.instructions.end = self.file.instructions.len();
        if let Some(name) = &stage.name {
            let scope = std::mem::take(&mut self.stage);
            self.named.insert(name.node.clone(), (self.file.stages.len() - 1, scope));
        }
    }
}

/// `^[a-z][a-z0-9-_.]*$`
fn is_stage_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c))
}
