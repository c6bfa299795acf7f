//! References in YAML and JSON files: ids of connections under keys that say so, and templates in values.

use super::templates::{Holder, of_template};
use super::{Around, DefaultArgument, Form, Key, Operation, Reference, Timing};
use crate::facts::templates;
use crate::hash::HashSet;
use crate::model::{FileId, Kind};
use crate::read::yaml::{Node, NodeKind, Style, Yaml, read};
use crate::text::{Span, Text};

/// The references of a YAML or JSON file, in the order of the source. Never fails, and takes time linear
/// in the file.
#[must_use]
pub fn of_data(text: &str, file: FileId) -> Vec<Reference> {
    let yaml = read(text);
    let is_dag = yaml.documents.iter().any(|root| is_dag(&yaml, yaml.get(*root)));
    let mut references = Vec::new();
    for node in yaml.nodes() {
        let pairs = yaml.pairs(node);
        if !pairs.is_empty() && !defines_connection(&pairs) {
            of_mapping(&pairs, file, &mut references);
        }
        if is_dag {
            of_arguments(&yaml, node, file, &mut references);
        }
    }
    if text.contains("{{") || text.contains("{%") {
        let timing = if is_dag { Timing::Template } else { Timing::Unknown };
        if !is_dag && is_template(&yaml, text) {
            // Read before Airflow renders it, it is no YAML yet.
            references.extend(of_template(
                &Text::verbatim(text, 0),
                Holder::File,
                Timing::Template,
                file,
            ));
        } else {
            let values = rendered_values(&yaml);
            references
                .extend(values.flat_map(|text| of_template(text, Holder::Text, timing, file)));
        }
    }
    references.sort_by_key(|it| (it.span.start, it.span.end));
    references
}

type Pairs<'a> = [(&'a Node, &'a Node)];

/// Whether a document describes DAGs with their tasks, as dag-factory reads them.
fn is_dag(yaml: &Yaml, root: Option<&Node>) -> bool {
    let Some(root) = root else { return false };
    let has_tasks = |node: &Node| {
        let tasks = yaml.member(node, "tasks");
        tasks.is_some_and(|it| matches!(it.kind, NodeKind::Mapping(_) | NodeKind::Sequence(_)))
    };
    has_tasks(root) || yaml.pairs(root).iter().any(|(_, dag)| has_tasks(dag))
}

/// Whether the keys of a mapping are those of a connection that is defined here.
fn defines_connection(pairs: &Pairs<'_>) -> bool {
    pairs.iter().any(|(key, _)| matches!(key.as_str(), Some("conn_type" | "conn_uri")))
}

/// The ids of connections in a mapping.
fn of_mapping(pairs: &Pairs<'_>, file: FileId, references: &mut Vec<Reference>) {
    let operator = pairs.iter().find(|(key, _)| key.as_str() == Some("operator"));
    let operator = operator.and_then(|(_, value)| value.as_str()?.rsplit('.').next());
    for (key, value) in pairs {
        let Some(name) = key.as_str().filter(|name| crate::facts::names_connection(name)) else {
            continue;
        };
        let Some(text) = value.text().filter(|_| !value.is_null()) else { continue };
        if text.expose().is_empty() {
            continue;
        }
        if is_plain(value) && ["true", "false"].contains(&text.expose()) {
            continue;
        }
        references.push(Reference {
            kind: Kind::Connection,
            operation: Operation::Use,
            key: key_of(text),
            timing: Timing::Run,
            file,
            span: key.span.cover(value.span),
            key_span: text.span(),
            form: Form::Entry(name.to_owned()),
            callee: operator.unwrap_or(name).to_owned(),
            method: None,
            default: None,
            third: None,
            deserialize_json: false,
            conversion: None,
            parsed_with: Vec::new(),
            asks_each: false,
            is_of_contrib: false,
            around: Around::default(),
        });
    }
}

fn is_plain(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Scalar(scalar) if scalar.style == Style::Plain)
}

/// A key as it is written, unless something is put into it before it is asked for: by a template, or
/// from the environment, as dag-factory does.
fn key_of(text: &Text) -> Key {
    if text.expose().contains(['{', '$']) { Key::Dynamic } else { Key::Known(text.clone()) }
}

/// What dag-factory looks up when it makes a task: `variables_as_arguments`
/// (`dagfactory/dagbuilder.py`). It gives `None` as default.
fn of_arguments(yaml: &Yaml, node: &Node, file: FileId, references: &mut Vec<Reference>) {
    let Some(list) = yaml.member(node, "variables_as_arguments") else { return };
    let NodeKind::Sequence(parts) = &list.kind else { return };
    for part in parts.iter().filter_map(|part| yaml.get(*part)) {
        let Some(variable) = yaml.member(part, "variable") else { continue };
        let Some(text) = variable.text() else { continue };
        references.push(Reference {
            kind: Kind::Variable,
            operation: Operation::Get,
            key: key_of(text),
            timing: Timing::Parse,
            file,
            span: part.span,
            key_span: text.span(),
            form: Form::Entry("variable".to_owned()),
            callee: "variables_as_arguments".to_owned(),
            method: None,
            default: Some(DefaultArgument { keyword: None, span: part.span, is_none: true }),
            third: None,
            deserialize_json: false,
            conversion: None,
            parsed_with: Vec::new(),
            asks_each: false,
            is_of_contrib: false,
            around: Around::default(),
        });
    }
}

/// Whether a file with templates is one itself: no YAML, or with delimiters outside of its values.
fn is_template(yaml: &Yaml, text: &str) -> bool {
    let is_key = |node: &Node| yaml.pairs(node).iter().any(|(key, _)| key.as_str().is_none());
    if yaml.error.is_some() || yaml.nodes().any(is_key) {
        return true;
    }
    let values: usize =
        yaml.nodes().filter_map(Node::text).map(|text| count_tags(text.expose())).sum();
    let comments: usize = yaml.comments.iter().map(|comment| count_tags(comment.of(text))).sum();
    count_tags(text) > values + comments
}

fn count_tags(text: &str) -> usize {
    text.matches("{%").count()
}

/// The values that may be templates: no keys, and nothing that only documents or names something.
fn rendered_values(yaml: &Yaml) -> impl Iterator<Item = &Text> {
    let mut left_out: HashSet<Span> = HashSet::default();
    for node in yaml.nodes() {
        for (key, value) in yaml.pairs(node) {
            left_out.insert(key.span);
            let name = key.as_str().unwrap_or("");
            if templates().is_never_rendered(name) || ["description", "schedule"].contains(&name) {
                left_out.insert(value.span);
            }
        }
    }
    let values = yaml.nodes().filter(move |node| !left_out.contains(&node.span));
    values.filter_map(Node::text).filter(|text| {
        let text = text.expose();
        text.contains("{{") || text.contains("{%")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, Option<String>, Timing, String)> {
        of_data(text, FileId(0))
            .into_iter()
            .map(|it| {
                let key = it.key_span.of(text).to_owned();
                assert!(it.span.contains(it.key_span));
                (it.kind.to_string(), it.key.glob(), it.timing, key)
            })
            .collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, Option<&str>, Timing, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(kind, key, timing, span)| {
                ((*kind).to_owned(), key.map(str::to_owned), *timing, (*span).to_owned())
            })
            .collect();
        assert_eq!(found(text), expected, "{text}");
    }

    #[test]
    fn a_dag_asks_for_connections_variables_and_in_templates() {
        let text = r#"
default: &default
  default_args: {owner: me, postgres_conn_id: 'my db'}
example:
  <<: *default
  doc_md: "{{ var.value.doc }}"
  description: "{{ var.value.description }}"
  tasks:
    - task_id: one
      operator: airflow.operators.bash.BashOperator
      bash_command: "echo {{ var.value.get(\"a\") }}" # {{ var.value.comment }}
      env:
        {A: '{{ conn.c.host }}', '{{ var.value.key }}': x}
      variables_as_arguments : [
        {"variable":"var1","attribute":"cwd"}
      ]
    - task_id: two
      slack_conn_id: $SLACK
      http_conn_id: "{{ var.value.http }}"
      ssh_conn_id:
      other_conn_id: null
      sql: |
        select '{{ var.json.b.c }}'
        {% if x %}{% endif %}
"#;
        check(
            text,
            &[
                ("connection", Some("my db"), Timing::Run, "my db"),
                ("variable", Some("a"), Timing::Template, r#"\"a\""#),
                ("connection", Some("c"), Timing::Template, "c"),
                ("variable", Some("var1"), Timing::Parse, "var1"),
                ("connection", None, Timing::Run, "$SLACK"),
                ("connection", None, Timing::Run, "{{ var.value.http }}"),
                ("variable", Some("http"), Timing::Template, "http"),
                ("variable", Some("b"), Timing::Template, "b"),
            ],
        );
    }

    #[test]
    fn other_files_may_be_templates_or_not() {
        let unknown = |key| ("variable", Some(key), Timing::Unknown, key);
        let template = |key| ("variable", Some(key), Timing::Template, key);
        check("image: '{{ var.value.a }}'\n# {{ var.value.b }}\n", &[unknown("a")]);
        check("image: {{ var.value.a }}\n# {{ var.value.b }}\n", &[template("a"), template("b")]);
        check("{% if x %}\na: 1\n{% endif %}\nb: '{{ var.value.a }}'\n", &[template("a")]);
        check(
            "{\"a\": \"{{ var.value.get(\\\"b\\\") }}\"}",
            &[("variable", Some("b"), Timing::Unknown, "\\\"b\\\"")],
        );
        check("a: {{ .Values.conn.x }}\nb: {{- include \"x\" . }}\nc: ${{ secrets.X }}\n", &[]);
        check("models:\n  - name: \"{{ var('x') }}\"\n    x: \"{{ env_var('Y') }}\"\n", &[]);
    }

    #[test]
    fn a_definition_is_no_use() {
        check("{\"my_db\": {\"conn_id\": \"my_db\", \"conn_type\": \"postgres\"}}", &[]);
        check("properties: {conn_id: {type: string}}\nconn_id: true\nconnection_id: a\n", &[]);
        check("conn_id: a\n", &[("connection", Some("a"), Timing::Run, "a")]);
    }
}
