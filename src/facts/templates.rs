//! What Airflow renders as a template, and what a template can name.

use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;

/// The facts about templates.
#[derive(Debug, Deserialize)]
pub struct Templates {
    never_rendered: Parameters,
    context: Names,
    connection_attributes: Names,
    text_methods: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Parameters {
    parameters: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Names {
    names: Vec<String>,
}

fn holds(list: &[String], name: &str) -> bool {
    list.iter().any(|it| it == name)
}

impl Templates {
    /// Whether no operator renders the argument with this name: a parameter that all operators have.
    #[must_use]
    pub fn is_never_rendered(&self, parameter: &str) -> bool {
        holds(&self.never_rendered.parameters, parameter)
    }

    /// Whether Airflow itself gives a template something of this name.
    #[must_use]
    pub fn is_in_context(&self, name: &str) -> bool {
        name == "var" || name == "conn" || holds(&self.context.names, name)
    }

    /// Whether connections have an attribute or method of this name.
    #[must_use]
    pub fn is_connection_attribute(&self, name: &str) -> bool {
        holds(&self.connection_attributes.names, name)
    }

    /// Whether text has a method of this name.
    #[must_use]
    pub fn is_text_method(&self, name: &str) -> bool {
        holds(&self.text_methods, name)
    }
}

static TEMPLATES: LazyLock<Templates> =
    LazyLock::new(|| embedded("templates.json", include_str!("../../rules/facts/templates.json")));

/// The facts about templates.
#[must_use]
pub fn templates() -> &'static Templates {
    &TEMPLATES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known() {
        assert!(templates().is_never_rendered("doc_md"));
        assert!(!templates().is_never_rendered("bash_command"));
        assert!(templates().is_in_context("ds") && templates().is_in_context("var"));
        assert!(templates().is_connection_attribute("host"));
        assert!(templates().is_text_method("split"));
    }
}
