//! What Terraform declares: deployments of Astro, secrets, and the roles that read them.
//!
//! All files of one directory are one module. Nothing is run: expressions are followed as far as the
//! module's files tell, and what only running Terraform can tell (variables, data sources, resources of
//! other kinds) stays unknown; [`UNKNOWN`](crate::text::UNKNOWN) stands for it in texts.
//!
//! - A block with `for_each` or `count` gives one statement for each resource that it makes, where that
//!   is known, otherwise one of which `each.key` is not known.
//! - A deployment whose variables are not all known is one that others may be given to
//!   ([`Effect::Updates`](super::deployed::Effect::Updates)).
//! - A value of `jsonencode` that is not known is a string of `UNKNOWN`, whatever its type.
//! - Texts have their places in the file of the statement they belong to; one that is written in another
//!   file of the module is at the expression that refers to it.

mod arn;
mod astro;
mod encode;
mod evaluate;
mod functions;
mod iam;
mod module;
mod resource;
mod secrets;
mod term;

use super::creation::Creation;
use super::deployed::{Deployed, Stored};
use super::policy::{Policy, Role};
use super::vault_policy::VaultPolicy;
use crate::model::{FileId, Place};
use crate::read::hcl;
use module::Module;

/// What one module declares.
#[derive(Debug, Default)]
pub struct Terraform {
    /// The settings of deployments.
    pub deployed: Vec<Deployed>,
    /// Variables and connections of the Environment Manager.
    pub stored: Vec<Stored>,
    /// The secrets.
    pub creations: Vec<Creation>,
    /// The roles.
    pub roles: Vec<Role>,
    /// Policies that are given to no role of the module.
    pub policies: Vec<Policy>,
    /// Policies of Vault.
    pub vault_policies: Vec<VaultPolicy>,
    /// What could not be read; never with text of a file.
    pub errors: Vec<(Place, String)>,
}

/// A file of a module.
#[derive(Clone, Copy)]
pub struct TerraformFile<'a> {
    /// Which file.
    pub file: FileId,
    /// Its content.
    pub text: &'a str,
    /// Whether it is `.tf.json`.
    pub is_json: bool,
}

/// The words without which a module says nothing that is read here.
const WORDS: [&str; 7] = [
    "astro_deployment",
    "astro_environment_object",
    "aws_secretsmanager_secret",
    "aws_ssm_parameter",
    "aws_iam_",
    "google_secret_manager_",
    "azurerm_key_vault_secret",
];

/// Whether a module with this file may say something: one of its files must.
#[must_use]
pub fn may_declare(text: &str) -> bool {
    WORDS.iter().chain(&["vault_kv_secret", "vault_policy"]).any(|word| text.contains(word))
}

/// Reads the files of one module.
#[must_use]
pub fn read(files: &[TerraformFile<'_>]) -> Terraform {
    let read: Vec<_> = files
        .iter()
        .map(|it| (it.file, if it.is_json { hcl::read_json(it.text) } else { hcl::read(it.text) }))
        .collect();
    let mut terraform = Terraform::default();
    for (file, hcl) in &read {
        let errors = hcl.errors.iter();
        let placed = errors.map(|error| (Place::new(*file, error.span), error.node.clone()));
        terraform.errors.extend(placed);
    }
    let module = Module::new(&read);
    astro::read(&module, &mut terraform);
    terraform.creations = secrets::creations(&module);
    (terraform.roles, terraform.policies) = iam::read(&module);
    let vault_policies = module.each_resource("vault_policy").into_iter().map(|policy| {
        let text = policy.text("policy");
        text.map_or_else(VaultPolicy::unknown, |text| VaultPolicy::read(&text, policy.place().file))
    });
    terraform.vault_policies = vault_policies.collect();
    terraform
}

#[cfg(test)]
mod tests;
