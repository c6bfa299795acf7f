//! What `astrolint secrets --emit` prints: what creates the secrets that references need, or lets them be read, and
//! nothing more. No form holds a value.

mod aws;
mod azure;
mod google;
mod shell;
mod terraform;
mod vault;

use crate::model::Kind;
use crate::resolve::{Location, ToCreate};

use super::counted;
use super::escape::escape;

/// In which form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A policy of AWS, as JSON.
    IamPolicy,
    /// Commands of `aws`.
    AwsCli,
    /// Terraform, for any of the services.
    Terraform,
    /// Commands of `gcloud`.
    Gcloud,
    /// Commands of `az`.
    AzCli,
    /// Commands of `vault`.
    VaultCli,
    /// A policy of Vault.
    VaultPolicy,
}

/// What one environment needs of one service. Every text may be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The environments.
    pub environments: Vec<String>,
    /// The id of the backend.
    pub backend: &'static str,
    /// The class of the backend, by its last word.
    pub class: String,
    /// Where the service is.
    pub location: Location,
    /// The secrets.
    pub secrets: Vec<Secret>,
    /// The customer's keys that encrypt some, with what names each; `None` where its id is not known.
    pub keys: Vec<(Option<String>, String)>,
    /// How many references there are whose keys only run time tells.
    pub dynamic: usize,
    /// How many names are left out.
    pub left_out: usize,
}

/// One secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Secret {
    /// Its name, as the backend asks for it.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether `*` stands for any text.
    pub is_glob: bool,
    /// What asks for it.
    pub asked_by: Vec<String>,
    /// Whether it is to be created.
    pub creation: ToCreate,
    /// What creates it already.
    pub created_by: Option<String>,
}

/// What is printed, and what is said beside it.
#[derive(Debug, Default)]
pub struct Emitted {
    /// For standard output.
    pub text: String,
    /// For standard error.
    pub notes: Vec<String>,
}

impl Form {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IamPolicy => "iam-policy",
            Self::AwsCli => "aws-cli",
            Self::Terraform => "terraform",
            Self::Gcloud => "gcloud",
            Self::AzCli => "az-cli",
            Self::VaultCli => "vault-cli",
            Self::VaultPolicy => "vault-policy",
        }
    }

    /// The forms for the service behind the backend with this id.
    #[must_use]
    pub fn of_backend(id: &str) -> &'static [Self] {
        match id {
            "aws_secrets_manager" | "aws_ssm_parameter_store" => {
                &[Self::IamPolicy, Self::AwsCli, Self::Terraform]
            }
            "gcp_secret_manager" => &[Self::Gcloud, Self::Terraform],
            "azure_key_vault" => &[Self::AzCli, Self::Terraform],
            "hashicorp_vault" => &[Self::VaultCli, Self::VaultPolicy, Self::Terraform],
            _ => &[],
        }
    }
}

/// Writes `plan` in `form`, which must be one of [`Form::of_backend`].
#[must_use]
pub fn emit(form: Form, plan: &Plan) -> Emitted {
    let mut emitted = match form {
        Form::IamPolicy => aws::policy(plan),
        Form::AwsCli => aws::commands(plan),
        Form::Terraform => terraform::resources(plan),
        Form::Gcloud => google::commands(plan),
        Form::AzCli => azure::commands(plan),
        Form::VaultCli => vault::commands(plan),
        Form::VaultPolicy => vault::policy(plan),
    };
    if plan.left_out > 0 {
        emitted.notes.push(format!(
            "{} left out: no secret can be called so, or the name may hold a credential",
            counted(plan.left_out, "name")
        ));
    }
    emitted
}

impl Plan {
    /// What it is about, in a sentence.
    fn title(&self, does: &str) -> String {
        let names: Vec<String> = self.environments.iter().map(|it| format!("`{it}`")).collect();
        let noun = if names.len() == 1 { "environment" } else { "environments" };
        let names = escape(&names.join(", ")).into_owned();
        format!("{does} what the references in {noun} {names} need of {}", self.class)
    }

    /// The secrets that are to be created.
    fn to_create(&self) -> impl Iterator<Item = &Secret> {
        self.secrets.iter().filter(|secret| secret.creation == ToCreate::Yes)
    }

    /// The secrets with names that are known, and that exist once this is done.
    fn to_read(&self) -> impl Iterator<Item = &Secret> {
        self.secrets.iter().filter(|it| matches!(it.creation, ToCreate::Yes | ToCreate::Created(_)))
    }

    /// The secrets whose names are known in part.
    fn patterns(&self) -> impl Iterator<Item = &Secret> {
        self.secrets.iter().filter(|secret| secret.is_glob)
    }

    /// What is not created, and why, in lines for comments.
    fn not_created(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .secrets
            .iter()
            .filter_map(|secret| {
                let why = match secret.creation {
                    ToCreate::Yes => return None,
                    ToCreate::Created(_) => format!(
                        "created by {}",
                        secret.created_by.as_deref().unwrap_or("something else here")
                    ),
                    ToCreate::Pattern => "known in part only".to_owned(),
                    ToCreate::Alternative => "asked for beside another name".to_owned(),
                    ToCreate::Implicit => "asked for where no connection is given".to_owned(),
                    ToCreate::Unloaded => "asked for by a file that nothing loads".to_owned(),
                };
                let name = google::parts(&secret.name).1;
                let line = format!("left out: {name} ({why}; {})", places(secret));
                Some(escape(&line).into_owned())
            })
            .collect();
        lines.extend(self.dynamic_note());
        lines
    }

    /// What is said of references that nothing can be said of.
    fn dynamic_note(&self) -> Option<String> {
        (self.dynamic > 0).then(|| {
            format!(
                "not in here: {} whose keys only run time tells",
                counted(self.dynamic, "reference")
            )
        })
    }
}

/// What asks for `secret`, as far as it fits a line.
fn places(secret: &Secret) -> String {
    let shown: Vec<&str> = secret.asked_by.iter().take(3).map(String::as_str).collect();
    let more = secret.asked_by.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    escape(&format!("{}{more}", shown.join(", "))).into_owned()
}

/// What the value of a secret is, for who has to enter it.
const fn value_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Variable => "the value of a variable",
        Kind::Connection => "the URI of a connection",
        Kind::Config => "the value of an option",
    }
}
