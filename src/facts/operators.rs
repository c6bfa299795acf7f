//! Which arguments of operators are templates.

use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;
use crate::hash::HashMap;

#[derive(Deserialize)]
struct File {
    #[serde(borrow)]
    templated: HashMap<&'static str, &'static str>,
}

static OPERATORS: LazyLock<File> =
    LazyLock::new(|| embedded("operators.json", include_str!("../../rules/facts/operators.json")));

/// Whether the argument `name` of the operator or sensor called `class` is a template in every
/// version that was looked at. The name of a class alone decides: two with one name have only what
/// both have.
#[must_use]
pub fn is_templated(class: &str, name: &str) -> bool {
    let fields = OPERATORS.templated.get(class);
    fields.is_some_and(|fields| fields.split(' ').any(|field| field == name))
}

/// Whether the arguments of an operator or sensor called `class` are known.
#[must_use]
pub fn knows_operator(class: &str) -> bool {
    OPERATORS.templated.contains_key(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_templates_by_class() {
        for (class, name, expected) in [
            ("BashOperator", "bash_command", true),
            ("BashOperator", "cwd", false),
            ("BashOperator", "task_id", false),
            ("PythonOperator", "op_kwargs", true),
            ("SQLExecuteQueryOperator", "sql", true),
            ("KubernetesPodOperator", "image", true),
            ("MyOperator", "sql", false),
        ] {
            assert_eq!(is_templated(class, name), expected, "{class} {name}");
        }
    }
}
