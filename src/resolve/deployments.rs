//! Deployments: the settings that each is given, whatever gives them.

use std::path::{Path, PathBuf};

use super::backend::Section;
use crate::model::setup::deployed::{Deployed, Effect, Target};
use crate::model::{DeclaredName, FileId, Model, Origin, Setting, relative, variable_name};
use crate::text::{Text, UNKNOWN, Value};

/// A deployment, as far as the project configures it.
#[derive(Debug)]
pub(super) struct Deployment {
    /// What it is called: by its name or id, or by the file that configures it.
    pub(super) name: String,
    /// Its settings, in the order in which they are given.
    pub(super) settings: Vec<Setting>,
    /// Whether it is one of remote agents, which run in a cluster of the user's.
    pub(super) is_agent: bool,
    /// The Runtime version that it has, or the image of its agents, where that is written.
    pub(super) runtime: Option<String>,
    /// Whether nothing else gives it settings: what its file or resource does not name is deleted.
    pub(super) is_whole: bool,
    identity: Identity,
}

/// What tells deployments apart.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Identity {
    /// A name or id.
    Name(String),
    /// The directory of a module of Terraform, and the address of a resource in it.
    Resource(PathBuf, String),
    /// What one file calls it: a variable of a shell, or nothing.
    In(FileId, String),
}

/// The deployments that the project configures, in the order of their first statements.
///
/// `image` is what their image gives them.
pub(super) fn deployments(model: &Model, image: &[Setting]) -> Vec<Deployment> {
    let mut found: Vec<Deployment> = Vec::new();
    for statement in &model.setup.deployed {
        let Some(identity) = identity(model, statement) else { continue };
        let at = found.iter().position(|known| known.identity == identity).unwrap_or(found.len());
        if at == found.len() {
            let name = name_of(model, &identity);
            let is_whole = statement.effect == Effect::Replaces;
            let is_agent = statement.origin == Origin::AgentChart;
            let (settings, runtime) = (Vec::new(), None);
            found.push(Deployment { name, settings, is_agent, runtime, is_whole, identity });
        }
        let Some(deployment) = found.get_mut(at) else { continue };
        let runtime = statement.runtime.as_ref().and_then(|(text, _)| text.known());
        deployment.runtime =
            runtime.map(|text| text.expose().to_owned()).or(deployment.runtime.take());
        let loaded = statement.loads.iter().flat_map(|load| model.loaded_by(statement, load));
        let given = statement.variables.iter().map(|it| it.setting.clone());
        let given: Vec<Setting> = loaded.chain(given).collect();
        for setting in given {
            let exists = deployment.settings.iter().any(|it| it.key == setting.key);
            if !(exists && statement.effect == Effect::Creates) {
                deployment.settings.push(setting);
            }
        }
    }
    for deployment in found.iter_mut().filter(|it| !it.is_whole) {
        deployment.settings.extend(rest_from_elsewhere(&deployment.settings, image));
    }
    found
}

/// What a deployment lacks that is given one of class and kwargs, while something else may give it the other. The
/// class may be that of the image.
fn rest_from_elsewhere(settings: &[Setting], image: &[Setting]) -> Option<Setting> {
    let section = Section::Secrets;
    let class = variable_name(section.name(), section.class_option());
    let kwargs = variable_name(section.name(), section.kwargs_option());
    let class_given = settings.iter().find(|it| it.key == class);
    let kwargs_given = settings.iter().find(|it| it.key.starts_with(&kwargs));
    let (key, given) = match (class_given, kwargs_given) {
        (Some(class), None) => (kwargs, class),
        (None, Some(kwargs)) if !image.iter().any(|it| it.key == class) => (class, kwargs),
        _ => return None,
    };
    Some(Setting {
        key,
        value: Value::Dynamic(Text::produced_by(UNKNOWN, given.key_span)),
        value_span: given.key_span,
        ..given.clone()
    })
}

fn identity(model: &Model, statement: &Deployed) -> Option<Identity> {
    let file = statement.statement.file;
    Some(match &statement.target {
        Target::Named(Value::Known(name)) => Identity::Name(name.expose().to_owned()),
        Target::Named(Value::Dynamic(name)) => {
            // `$ID` and `${ID}` are one.
            let written = name.span().of(model.files.get(file).text());
            let is_plain = |c: &char| !(c.is_whitespace() || "{}\"'".contains(*c));
            Identity::In(file, written.chars().filter(is_plain).collect())
        }
        // All files of a directory are one module.
        Target::Resource(address) => {
            let directory = model.files.get(file).path().parent();
            Identity::Resource(
                directory.map(Path::to_path_buf).unwrap_or_default(),
                address.clone(),
            )
        }
        Target::File | Target::Unnamed => Identity::In(file, String::new()),
        Target::Workspace => return None,
    })
}

/// What a deployment is called; a name is shown only where it looks like one.
fn name_of(model: &Model, identity: &Identity) -> String {
    match identity {
        Identity::Name(name) if DeclaredName::may_be_shown(name) => name.clone(),
        Identity::Name(_) => "a deployment".to_owned(),
        Identity::Resource(directory, address) => {
            let name = relative(directory, &model.root);
            let address = if is_reference(address) { address } else { "a deployment" };
            format!(
                "{}: {address}",
                name.iter().map(|it| it.to_string_lossy()).collect::<Vec<_>>().join("/")
            )
        }
        Identity::In(file, part) if part.is_empty() || !is_reference(part) => model.name_of(*file),
        Identity::In(file, part) => format!("{}: {part}", model.name_of(*file)),
    }
}

/// Whether `text` refers to something by name and holds no value: `$ID`, `${{ secrets.ID }}`,
/// `astro_deployment.prod`.
fn is_reference(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.${}() []<>\"".contains(c);
    text.len() <= 64 && text.chars().all(is_part)
}
