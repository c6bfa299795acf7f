//! The readers: text in, a document whose places lie in it.

use std::path::{Path, PathBuf};

use super::debug::{lies_in, maps_into, places_lie_in};
use crate::baseline::Baseline;
use crate::config::{Config, ConfigError};
use crate::discover::Overlays;
use crate::discover::dockerignore::Dockerignore;
use crate::discover::gitignore::GitIgnores;
use crate::read::dockerfile::{Details, Value as DockerValue};
use crate::read::dotenv::{Comparison, Document, Host, Reader, Readings};
use crate::read::hcl::{self, Body, Expression, ExpressionKind, Part};
use crate::read::json::{self, Kind};
use crate::read::shell::{self, Dialect};
use crate::text::{Span, Text};

/// A stack for what recurses over Python's trees.
fn with_deep_stack(work: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(crate::limits::STACK);
        let thread = thread.spawn_scoped(scope, work).unwrap();
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Fails unless `parts` are all of `text`, in order.
fn join_to(text: &str, parts: impl Iterator<Item = Span>) {
    let joined: String = parts.map(|part| part.of(text)).collect();
    assert_eq!(joined, text);
}

pub(super) fn env_reader(reader: Reader, text: &str) {
    let document = Document::new(text);
    let host = Host::from([("A".to_owned(), "äö".to_owned()), ("HOME".to_owned(), String::new())]);
    for reading in [reader.read(&document), reader.read_on(&document, &host)] {
        places_lie_in(text, &reading);
        for pair in reading.pairs.iter().chain(&reading.overridden) {
            lies_in(text, pair.key.span);
            maps_into(text, &pair.value);
        }
        let keys: crate::hash::HashSet<_> = reading.pairs.iter().map(|it| &it.key.node).collect();
        assert_eq!(keys.len(), reading.pairs.len(), "each key once");
        assert!(reading.error.is_none() || reading.pairs.is_empty(), "what aborts gives nothing");
    }
}

/// All readers side by side, and what is proposed so that they agree.
pub(super) fn env_compared(text: &str) {
    let document = Document::new(text);
    places_lie_in(text, &document);
    join_to(text, document.entries().iter().map(|entry| entry.span));
    let readings = Readings::of(&document);
    let comparison = Comparison::of(&document, &readings);
    places_lie_in(text, &comparison);
    if readings.by(Reader::Compose).error.is_some() {
        return;
    }
    let repairs = comparison.faults.iter().map(|fault| &fault.repair);
    let repairs = repairs.chain(comparison.differences.iter().map(|it| &it.repair));
    for edits in repairs.flatten() {
        let mut repaired = text.to_owned();
        for edit in edits.iter().rev() {
            repaired.replace_range(edit.span.start..edit.span.end, edit.with);
        }
        let after = Reader::Compose.read(&Document::new(&repaired));
        let values = |reading: &crate::read::dotenv::Reading| -> Vec<(String, String)> {
            let pairs = reading.pairs.iter();
            pairs.map(|pair| (pair.key.node.clone(), pair.value.expose().to_owned())).collect()
        };
        assert_eq!(
            values(&after),
            values(readings.by(Reader::Compose)),
            "a repair changes a value"
        );
    }
}

pub(super) fn requirements(text: &str) {
    let document = crate::read::requirements::read(text);
    places_lie_in(text, &document);
    join_to(text, document.lines.iter().map(|line| line.span));
    let argument = Text::verbatim(text, 0);
    places_lie_in(text, &crate::read::requirements::read_argument(&argument));
}

pub(super) fn dockerfile(text: &str) {
    let file = crate::read::dockerfile::read(text);
    places_lie_in(text, &file);
    for instruction in &file.instructions {
        maps_into(text, &instruction.arguments);
        if let Details::Env(pairs) = &instruction.details {
            for pair in pairs {
                maps_into(text, &pair.raw);
                if let DockerValue::Known(value) | DockerValue::Dynamic(value) = &pair.value {
                    maps_into(text, value);
                }
            }
        }
    }
}

pub(super) fn json(text: &str) {
    for token in json::tokens(text) {
        lies_in(text, token.span);
        lies_in(text, token.content(text));
    }
    match json::parse(text) {
        Ok(value) => json_lies_in(text, &value),
        Err(error) => lies_in(text, Span::at(error.at)),
    }
    let Some(repair) = json::repair(text) else { return };
    let mut end = 0;
    for edit in &repair.edits {
        lies_in(text, edit.span);
        assert!(edit.span.start >= end, "edits in order");
        end = edit.span.end;
    }
    let repaired = repair.apply(text);
    let value = json::parse(&repaired).expect("a repair gives JSON");
    assert!(matches!(value.kind, Kind::Object(_)), "a repair gives an object");
    assert!(json::repair(&repaired).is_none(), "a repair ends");
}

fn json_lies_in(text: &str, value: &json::Value) {
    let mut next = vec![value];
    while let Some(value) = next.pop() {
        lies_in(text, value.span);
        assert!(value.span.start < value.span.end);
        match &value.kind {
            Kind::Array(elements) => next.extend(elements),
            Kind::Object(members) => {
                for member in members {
                    lies_in(text, member.key.span);
                    next.push(&member.value);
                }
            }
            _ => {}
        }
    }
}

/// How to write a value into a file, how to read it from there, and whether it comes back as it was.
type Layer = (fn(&str) -> String, fn(&str) -> Vec<Text>, bool);

/// A value as kwargs in each way to write it in a file: what a reader gives back is the value, and each
/// member of the JSON in it has a place in the file.
pub(super) fn kwargs(value: &str) {
    json(value);
    let plain = !value.contains(['\n', '\r', '\0', '\u{feff}', crate::text::UNKNOWN]);
    let layers: [Layer; 7] = [
        (
            |value| format!("K='{}'\n", value.replace('\'', "'\\''")),
            |file| {
                let script = shell::read(&Text::verbatim(file, 0), Dialect::Bash);
                let assignments = script.commands.into_iter().flat_map(|it| it.assignments);
                assignments.map(|it| it.value.text().clone()).collect()
            },
            plain,
        ),
        (
            |value| format!("K={value}\n"),
            |file| {
                let reading = Reader::DockerEnvFile.read(&Document::new(file));
                reading.pairs.into_iter().map(|pair| pair.value).collect()
            },
            plain,
        ),
        (
            |value| format!("FROM x\nENV K=\"{}\"\n", escaped(value, "\\\"$")),
            |file| {
                let instructions = crate::read::dockerfile::read(file).instructions;
                let pairs = instructions.into_iter().filter_map(|it| match it.details {
                    Details::Env(pairs) => Some(pairs),
                    _ => None,
                });
                let values = pairs.flatten().filter_map(|pair| pair.value.known().cloned());
                values.collect()
            },
            plain,
        ),
        (
            |value| format!("K: '{}'\n", value.replace('\'', "''")),
            |file| {
                let yaml = crate::read::yaml::read(file);
                yaml.nodes().filter_map(|node| node.text().cloned()).skip(1).collect()
            },
            // YAML has its own ideas about control characters and other line ends.
            plain && value.chars().all(|char| (' '..'\u{7f}').contains(&char)),
        ),
        (
            |value| format!("{{\"K\": {}}}\n", serde_json::Value::from(value)),
            |file| {
                let value = json::parse(file).unwrap();
                let text = value.get("K").and_then(|it| it.value.as_str()).unwrap().to_owned();
                vec![Text::produced_by(text, value.span)]
            },
            true,
        ),
        (
            |value| {
                format!(
                    "k = \"{}\"\n",
                    escaped(value, "\\\"").replace("${", "$${").replace("%{", "%%{")
                )
            },
            |file| match hcl::read(file).body.get("k").map(|it| &it.kind) {
                Some(ExpressionKind::Text(text)) => vec![text.clone()],
                _ => Vec::new(),
            },
            // `$${` behind a dollar is something else.
            plain
                && !value.contains("$$")
                && !value.contains("%%")
                && !value.chars().any(char::is_control),
        ),
        (
            |value| format!("[s]\nk = {}\n", value.replace('%', "%%")),
            |file| {
                let document = crate::read::cfg::read(file);
                let value = document.get("s", "k").and_then(|entry| entry.value.clone().ok());
                value.into_iter().collect()
            },
            plain
                && value.trim() == value
                && value.chars().all(|char| (' '..'\u{7f}').contains(&char)),
        ),
    ];
    for (number, (write, read, is_exact)) in layers.into_iter().enumerate() {
        let file = write(value);
        let texts = read(&file);
        for text in &texts {
            maps_into(&file, text);
            let Ok(json) = json::parse(text.expose()) else { continue };
            for member in json.members() {
                let Span { start, end } = member.value.span;
                lies_in(&file, text.span_of(start..end));
                let Span { start, end } = member.key.span;
                lies_in(&file, text.span_of(start..end));
            }
        }
        if is_exact {
            let read: Vec<_> = texts.iter().map(Text::expose).collect();
            assert_eq!(read, [value], "layer {number}: {file}");
        }
    }
}

/// `text` with a backslash before each of `special`.
fn escaped(text: &str, special: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        if special.contains(char) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

pub(super) fn python(text: &str) {
    let mut last = 0;
    for span in crate::read::python::hidden(text) {
        lies_in(text, span);
        assert!(last <= span.start && span.start < span.end, "in order: {span:?}");
        last = span.end;
    }
    for path in crate::read::python::imported_paths(text) {
        assert!(path.split('.').all(|name| text.contains(name)), "{path}");
    }
    with_deep_stack(|| match crate::read::python::parse(text) {
        Ok(module) => {
            places_lie_in(text, &module);
            crate::read::python::visit::each_expr(&module.body, &mut |expr| {
                if let Some(string) = expr.as_str() {
                    maps_into(text, string);
                }
            });
        }
        Err(refused) => lies_in(text, Span::at(refused.at)),
    });
}

/// A file that is not in UTF-8: here each character is a byte.
pub(super) fn python_bytes(text: &str) {
    let bytes: Vec<u8> = text.chars().map(|char| u8::try_from(char).unwrap_or(0xff)).collect();
    if let Ok(decoded) = crate::read::python::decoded(&bytes) {
        assert_eq!(decoded.len(), bytes.len());
        python(&decoded);
    }
}

pub(super) fn jinja(text: &str) {
    places_lie_in(text, &crate::read::jinja::read(text));
}

pub(super) fn yaml(text: &str) {
    let yaml = crate::read::yaml::read(text);
    places_lie_in(text, &yaml);
    for node in yaml.nodes() {
        node.text().into_iter().for_each(|value| maps_into(text, value));
        for (key, value) in yaml.pairs(node) {
            lies_in(text, key.span);
            lies_in(text, value.span);
            let _found = key.as_str().and_then(|key| yaml.member(node, key));
        }
    }
}

pub(super) fn hcl(text: &str) {
    for hcl in [hcl::read(text), hcl::read_json(text)] {
        places_lie_in(text, &hcl);
        hcl_maps_into(text, &hcl.body);
    }
}

fn hcl_maps_into(text: &str, body: &Body) {
    let mut next: Vec<&Expression> = body.attributes.iter().map(|it| &it.value).collect();
    while let Some(expression) = next.pop() {
        match &expression.kind {
            ExpressionKind::Text(value) | ExpressionKind::Number(value) => maps_into(text, value),
            ExpressionKind::Template(parts) => {
                for part in parts {
                    match part {
                        Part::Text(value) => maps_into(text, value),
                        Part::Value(value) => next.push(value),
                        Part::Directive(span) => lies_in(text, *span),
                    }
                }
            }
            ExpressionKind::List(parts) => next.extend(parts),
            ExpressionKind::Object(pairs) => {
                next.extend(pairs.iter().flat_map(|(key, value)| [key, value]));
            }
            ExpressionKind::Access { of, .. } => next.push(of),
            ExpressionKind::Call { arguments, .. } => next.extend(arguments),
            _ => {}
        }
    }
    body.blocks.iter().for_each(|block| hcl_maps_into(text, &block.body));
}

pub(super) fn shell(text: &str) {
    use Dialect::{Azure, Bash, CircleCi, GitHub, GitLab, Sh};
    for dialect in [Bash, Sh, GitHub, Azure, GitLab, CircleCi] {
        let script = shell::read(&Text::verbatim(text, 0), dialect);
        places_lie_in(text, &script);
        for command in &script.commands {
            command.words.iter().for_each(|word| maps_into(text, word.value.text()));
            command.assignments.iter().for_each(|it| maps_into(text, it.value.text()));
        }
    }
}

pub(super) fn makefile(text: &str) {
    let lines = crate::read::makefile::read(text);
    places_lie_in(text, &lines);
    for line in lines {
        maps_into(text, &line.script);
        places_lie_in(text, &shell::read(&line.script, Dialect::Sh));
    }
}

pub(super) fn cfg(text: &str) {
    let document = crate::read::cfg::read(text);
    places_lie_in(text, &document);
    for entry in document.sections.iter().flat_map(|section| &section.entries) {
        maps_into(text, &entry.raw);
        entry.value.iter().for_each(|value| maps_into(text, value));
    }
}

pub(super) fn configuration(text: &str) {
    for name in ["astrolint.toml", "pyproject.toml"] {
        let path = Path::new("/project").join(name);
        match Config::parse(&path, text) {
            Ok(config) => places_lie_in(text, &config.map(|it| (it.environments, it.names))),
            Err(ConfigError::Invalid { line, column, .. }) => {
                let line = text.split('\n').nth(line - 1).expect("a line of the file");
                assert!(column <= line.chars().count() + 1, "a column of the line");
            }
            Err(ConfigError::Unreadable { .. }) => unreachable!("nothing is read here"),
        }
    }
}

pub(super) fn baseline(text: &str) {
    let path = Path::new("/project/baseline.json");
    let Ok(baseline) = Baseline::parse(path, text) else { return };
    let again = Baseline::parse(path, &baseline.text()).expect("what is written can be read");
    assert_eq!(again.text(), baseline.text());
    assert_eq!(again.len(), baseline.len());
}

pub(super) fn secret_list(text: &str) {
    for name in crate::read::secret_list::read(text).unwrap_or_default() {
        assert!(!name.is_empty());
    }
}

pub(super) fn ignore_files(text: &str) {
    if let Ok(file) = Dockerignore::parse(text) {
        for path in [".env", "a/b/c.env", "ä/.env", ""] {
            let _answer = file.leaves_out(path);
        }
    }
    let root = PathBuf::from("/project");
    let mut overlays = Overlays::default();
    overlays.set(root.join(".gitignore"), text.to_owned());
    let mut ignores = GitIgnores::new(&root, overlays);
    for path in [".env", "a/b/c.env", "ä/.env"] {
        let _answer = ignores.ignores(&root.join(path));
    }
}
