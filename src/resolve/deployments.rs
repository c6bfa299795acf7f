//! Deployments: the settings that each is given, whatever gives them.

use std::path::{Path, PathBuf};

use crate::model::setup::deployed::{Deployed, Effect, Target};
use crate::model::{DeclaredName, FileId, Model, Setting, relative};
use crate::text::Value;

/// A deployment, as far as the project configures it.
#[derive(Debug)]
pub(super) struct Deployment {
    /// What it is called: by its name or id, or by the file that configures it.
    pub(super) name: String,
    /// Its settings, in the order in which they are given.
    pub(super) settings: Vec<Setting>,
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
pub(super) fn deployments(model: &Model) -> Vec<Deployment> {
    let mut found: Vec<Deployment> = Vec::new();
    for statement in &model.setup.deployed {
        let Some(identity) = identity(model, statement) else { continue };
        let at = found.iter().position(|known| known.identity == identity).unwrap_or(found.len());
        if at == found.len() {
            let name = name_of(model, &identity);
            let is_whole = statement.effect == Effect::Replaces;
            found.push(Deployment { name, settings: Vec::new(), is_whole, identity });
        }
        let Some(deployment) = found.get_mut(at) else { continue };
        let loaded = statement.loads.iter().flat_map(|load| model.loaded_by(statement, load));
        let given = statement.variables.iter().filter(|it| it.has_value);
        let given: Vec<Setting> = loaded.chain(given.map(|it| it.setting.clone())).collect();
        for setting in given {
            let exists = deployment.settings.iter().any(|it| it.key == setting.key);
            if !(exists && statement.effect == Effect::Creates) {
                deployment.settings.push(setting);
            }
        }
    }
    found
}

fn identity(model: &Model, statement: &Deployed) -> Option<Identity> {
    let file = statement.statement.file;
    Some(match &statement.target {
        Target::Named(Value::Known(name)) => Identity::Name(name.expose().to_owned()),
        Target::Named(Value::Dynamic(name)) => {
            let written = name.span().of(model.files.get(file).text());
            Identity::In(file, written.to_owned())
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
