//! What code reads from JSON and YAML files of its own project, where it tells their paths:
//! `json.load(open(Path(__file__).parent / "names.json"))`. Paths are those of Astro's image.

use std::path::{Component, Path, PathBuf};

use super::calls::of_json;
use super::evaluate::values;
use super::names::Question;
use super::scope::{Place, at};
use super::value::{Open, Part, Source, Value, unknown};
use crate::read::json;
use crate::read::python::tree::{Call, Expr};
use crate::read::yaml::{self, Node, NodeKind, Style, Yaml};
use crate::text::{Span, Text};

/// Where Astro's image has the project, and Airflow works.
const HOME: &str = "/usr/local/airflow";

/// A file with more values is not followed.
const MAX_VALUES: usize = 2_000;
/// Nor are values that are nested deeper.
const MAX_DEPTH: usize = 16;

/// What is read of a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Format {
    /// Its text, which is nothing to take a key from.
    Text,
    Json,
    Yaml,
}

/// The value of `__file__` in the file `below` the project.
pub(super) fn own_path(below: &str, span: Span) -> Value {
    Value::text(Text::produced_by(format!("{HOME}/{below}"), span))
}

/// What a function of Python's gives that makes or reads paths; `None` for any other.
pub(super) fn function(
    question: &Question<'_, '_>,
    path: &str,
    call: &Call,
    expr: &Expr,
    place: Place,
) -> Option<Vec<Value>> {
    let value = |expr: &Expr| values(question, expr, at(expr, place));
    let first = || call.positional(0).map_or_else(unknown, |it| value(&it.value));
    let text = |text: String| vec![Value::text(Text::produced_by(text, expr.span))];
    Some(match path {
        "os.getcwd" | "pathlib.Path.cwd" => text(HOME.to_owned()),
        "pathlib.Path" | "pathlib.PurePath" | "os.path.join" => {
            let mut parts = call.arguments.iter().map(|it| value(&it.value));
            let whole = parts.next().unwrap_or_else(unknown);
            parts.fold(whole, |whole, part| joined(&whole, &part, expr.span))
        }
        "os.path.dirname" => first().iter().map(|it| parent(it).unwrap_or_else(nothing)).collect(),
        "os.path.abspath" | "os.path.realpath" | "os.path.normpath" => first(),
        "builtins.open" | "io.open" => opened(&first(), Format::Text, expr.span),
        "json.load" => read(&first(), Format::Json, expr.span),
        "json.loads" => {
            let text = first();
            if !text.iter().any(|it| file_of(it).is_some()) {
                return None;
            }
            read(&text, Format::Json, expr.span)
        }
        "yaml.safe_load" | "yaml.load" | "yaml.full_load" => {
            read(&first(), Format::Yaml, expr.span)
        }
        _ => return None,
    })
}

/// What a method of a path, or of a file that is open, gives.
pub(super) fn method(
    question: &Question<'_, '_>,
    owner: &Expr,
    method: &str,
    call: &Call,
    place: Place,
) -> Option<Vec<Value>> {
    let value = |expr: &Expr| values(question, expr, at(expr, place));
    let argument = || call.positional(0).map_or_else(unknown, |it| value(&it.value));
    let span = owner.span;
    Some(match method {
        "resolve" | "absolute" | "as_posix" => value(owner),
        "joinpath" => joined(&value(owner), &argument(), span),
        "with_name" => {
            let folder: Option<Vec<Value>> = value(owner).iter().map(parent).collect();
            joined(&folder?, &argument(), span)
        }
        "open" | "read_text" => opened(&value(owner), Format::Text, span),
        "read" => {
            let file = value(owner);
            file.iter().any(|it| file_of(it).is_some()).then_some(file)?
        }
        _ => return None,
    })
}

fn nothing() -> Value {
    Value::Parts(vec![Part::Unknown])
}

/// One path below another: `a / b`.
pub(super) fn joined(left: &[Value], right: &[Value], span: Span) -> Vec<Value> {
    match (left, right) {
        ([left], [right]) => match (written(left), written(right)) {
            (Some(left), Some(right)) => {
                let path = Path::new(&left).join(right);
                vec![Value::text(Text::produced_by(path.to_string_lossy().into_owned(), span))]
            }
            _ => unknown(),
        },
        _ => unknown(),
    }
}

/// The directory that holds what a path leads to.
pub(super) fn parent(path: &Value) -> Option<Value> {
    let text = written(path)?;
    let parent = Path::new(&text).parent()?.to_string_lossy().into_owned();
    Some(Value::text(Text::produced_by(parent, Span::at(0))))
}

/// A path, where all of it is known.
pub(super) fn written(path: &Value) -> Option<String> {
    let Value::Parts(parts) = path else { return None };
    let part = |part: &Part| match part {
        Part::Known(text) => Some(text.expose().to_owned()),
        Part::Unknown | Part::Open(_) => None,
    };
    parts.iter().map(part).collect()
}

/// The directories around a path, the nearest first.
pub(super) fn parents(path: &Value) -> Vec<Value> {
    std::iter::successors(parent(path), parent).take(MAX_DEPTH).collect()
}

/// The file at each of `paths`.
fn opened(paths: &[Value], format: Format, span: Span) -> Vec<Value> {
    let file = |path: &Value| match path {
        Value::Parts(parts) if !parts.iter().any(|it| matches!(it, Part::Unknown)) => {
            Value::open(Source::File(vec![path.clone()], format), span)
        }
        _ => nothing(),
    };
    paths.iter().map(file).collect()
}

/// What `format` makes of files that are open, or of their texts.
fn read(files: &[Value], format: Format, span: Span) -> Vec<Value> {
    let data = |file: &Value| match file_of(file) {
        Some(path) => Value::open(Source::File(path.to_vec(), format), span),
        None => nothing(),
    };
    files.iter().map(data).collect()
}

/// The path of a file that is open, or was read as text.
fn file_of(value: &Value) -> Option<&[Value]> {
    let Value::Parts(parts) = value else { return None };
    match parts.as_slice() {
        [Part::Open(open)] => match &**open {
            Open { source: Source::File(path, Format::Text), steps, .. } if steps.is_empty() => {
                Some(path)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Where `path`, of Astro's image, lies in the project; `None` outside of it.
pub(super) fn in_project(path: &str) -> Option<PathBuf> {
    let mut found = PathBuf::new();
    for part in Path::new(HOME).join(path).strip_prefix(HOME).ok()?.components() {
        match part {
            Component::Normal(name) => found.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !found.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(found)
}

/// What `text` holds, read as `format`.
pub(super) fn parsed(text: &str, format: Format) -> Vec<Value> {
    let found = match format {
        Format::Text => return unknown(),
        Format::Json => match json::parse(text) {
            Ok(value) if depth(&value, 0) <= MAX_DEPTH => of_json(&value, Span::at(0)),
            _ => return unknown(),
        },
        Format::Yaml => {
            let yaml = yaml::read(text);
            let mut left = MAX_VALUES;
            let first = yaml.documents.first().and_then(|it| yaml.get(*it));
            match (&yaml.error, first) {
                (None, Some(node)) => vec![of_yaml(&yaml, node, 0, &mut left)],
                _ => return unknown(),
            }
        }
    };
    let is_large = found.iter().map(Value::weight).sum::<usize>() > MAX_VALUES;
    if is_large { unknown() } else { found }
}

fn depth(value: &json::Value, above: usize) -> usize {
    if above > MAX_DEPTH {
        return above;
    }
    let parts: Vec<&json::Value> = match &value.kind {
        json::Kind::Array(parts) => parts.iter().collect(),
        json::Kind::Object(members) => members.iter().map(|it| &it.value).collect(),
        _ => Vec::new(),
    };
    parts.into_iter().map(|it| depth(it, above + 1)).max().unwrap_or(above)
}

/// The value that YAML makes of a node; `left` says how many more there may be.
fn of_yaml(yaml: &Yaml, node: &Node, depth: usize, left: &mut usize) -> Value {
    if depth > MAX_DEPTH || *left == 0 || node.tag.is_some() {
        return nothing();
    }
    *left -= 1;
    let text = |text: &str| Text::produced_by(text, Span::at(0));
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            let written = scalar.text.expose();
            let is_plain = scalar.style == Style::Plain;
            if is_plain && written.parse::<i64>().is_ok() {
                Value::Number(text(written))
            } else if is_plain && is_no_text(written) {
                Value::Nothing
            } else {
                Value::text(text(written))
            }
        }
        NodeKind::Sequence(elements) => {
            let elements = elements.iter().filter_map(|it| yaml.get(*it));
            Value::List(elements.map(|it| vec![of_yaml(yaml, it, depth + 1, left)]).collect())
        }
        NodeKind::Mapping(_) => {
            let pairs = yaml.pairs(node).into_iter();
            let pairs = pairs.map(|(key, value)| match key.as_str() {
                // What is merged in may stand under any key.
                None | Some("<<") => (None, unknown()),
                Some(key) => (Some(text(key)), vec![of_yaml(yaml, value, depth + 1, left)]),
            });
            Value::Dict(pairs.collect())
        }
        _ => nothing(),
    }
}

/// What YAML 1.1 takes for something else than text.
fn is_no_text(plain: &str) -> bool {
    let word = plain.to_ascii_lowercase();
    let is_word =
        ["", "~", "null", "true", "false", "yes", "no", "on", "off"].contains(&word.as_str());
    is_word || plain.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::tests::key;
    use super::super::{FileId, Locals, ModuleFile, settled, summarize};
    use super::in_project;
    use crate::read::python::parse;

    const JSON: &str = r#"{"dag": {"conn_id": "from_json", "tables": ["a", "b"]}, "n": 1}"#;
    const YAML: &str =
        "dag: &d\n  conn_id: from_yaml\n  tables: [a, b]\nother:\n  <<: *d\n  port: 5\n";

    /// The keys that code in `dags/lib/dag.py` asks for.
    fn keys(code: &str) -> String {
        let root = Path::new("project");
        let paths = [root.join("dags/lib/dag.py")];
        let locals = Locals::new(root, paths.iter().map(std::path::PathBuf::as_path));
        let code = format!(
            "import json, os, yaml\nfrom pathlib import Path\nfrom airflow.models import Variable\n{code}"
        );
        let sources = paths.iter().map(|path| ModuleFile {
            path,
            summary: summarize(&parse(&code).unwrap(), &locals, "dags/lib/dag.py").0,
            file: FileId(0),
            is_root: true,
        });
        let reader = |below: &Path| match below.to_str()? {
            "dags/lib/x.json" | "include/x.json" => Some(JSON.to_owned()),
            "dags/x.yaml" => Some(YAML.to_owned()),
            "include/deep.json" => Some("[".repeat(400) + &"]".repeat(400)),
            "include/large.yaml" => Some("- a\n".repeat(3_000)),
            _ => None,
        };
        let found = settled(root, sources.collect(), Box::new(reader)).0;
        found.iter().map(|it| key(&it.key)).collect::<Vec<_>>().join(" / ")
    }

    #[test]
    fn files_of_the_project_tell_keys() {
        for (code, expected) in [
            (
                "c = json.load(open(Path(__file__).parent / 'x.json'))\nX(conn_id=c['dag']['conn_id'])",
                "from_json",
            ),
            (
                "with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'x.json')) as f:\n  c = json.load(f)\nX(conn_id=c['dag']['conn_id'])",
                "from_json",
            ),
            (
                "c = json.loads(Path(__file__).with_name('x.json').read_text())\nfor t in c['dag']['tables']: Variable.get(f'{t}_x')",
                "a_x | b_x",
            ),
            (
                "c = json.loads(open('include/x.json', encoding='utf8').read())\nX(conn_id=c['dag'].get('conn_id'))",
                "from_json",
            ),
            (
                "c = json.load(open('/usr/local/airflow/include/x.json'))\nX(conn_id=c['dag']['conn_id'])",
                "from_json",
            ),
            (
                "c = json.load(open(f'{os.path.dirname(__file__)}/../../include/x.json'))\nX(conn_id=c['dag']['conn_id'])",
                "from_json",
            ),
            (
                "p = Path(__file__).resolve().parents[1].joinpath('x.yaml')\nwith p.open() as f: c = yaml.safe_load(f)\nX(conn_id=c['dag']['conn_id'])",
                "from_yaml",
            ),
            (
                "c = yaml.load(open(Path(__file__).parent.parent / 'x.yaml'), Loader=yaml.SafeLoader)\nX(conn_id=c['dag']['conn_id'])",
                "from_yaml",
            ),
            (
                "def load(p):\n  with open(p) as f: return json.load(f)\nX(conn_id=load('include/x.json')['dag']['conn_id'])",
                "from_json",
            ),
            ("c = yaml.safe_load(open('dags/x.yaml'))\nX(conn_id=c['other']['conn_id'])", "?"),
            ("X(conn_id=json.load(open('include/x.json'))['missing'])", "?"),
            ("X(conn_id=json.load(open('include/none.json'))['dag'])", "?"),
            ("X(conn_id=json.load(open('../x.json'))['dag'])", "?"),
            ("X(conn_id=json.load(open('/etc/x.json'))['dag'])", "?"),
            ("X(conn_id=json.load(open(path))['dag'])", "?"),
            ("for k in json.load(open('include/deep.json')): Variable.get(k)", "?"),
            ("for k in yaml.safe_load(open('include/large.yaml')): Variable.get(k)", "?"),
            ("X(conn_id=open('include/x.json').read())", "?"),
        ] {
            assert_eq!(keys(code), expected, "{code}");
        }
    }

    #[test]
    fn paths_lead_into_the_project_or_nowhere() {
        for (path, expected) in [
            ("include/x.json", Some("include/x.json")),
            ("./a/../b.json", Some("b.json")),
            ("/usr/local/airflow/dags/x.json", Some("dags/x.json")),
            ("/usr/local/airflow/../x.json", None),
            ("..", None),
            ("/etc/passwd", None),
        ] {
            assert_eq!(in_project(path).as_deref(), expected.map(Path::new), "{path}");
        }
    }
}
