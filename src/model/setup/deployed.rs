//! What configures deployments: deployment files, the commands of scripts and CI, Terraform, charts.
//!
//! Each source gives the same two shapes: [`Deployed`], the settings that one statement gives to a
//! deployment, and [`Stored`], an Airflow variable or connection that it puts into another store. What
//! becomes of them is settled later; nothing here judges.

use crate::facts::credentials;
use crate::model::{DeclaredName, Kind, Origin, Place, Setting};
use crate::read::dotenv::Reader;
use crate::text::{Text, Value};

/// What one statement (a command, a deployment file, a resource) says about a deployment.
#[derive(Debug)]
pub struct Deployed {
    /// The deployment.
    pub target: Target,
    /// What kind of place says it.
    pub origin: Origin,
    /// The whole statement.
    pub statement: Place,
    /// The word of a command that says what it does: `create`, `update`.
    pub verb: Option<Place>,
    /// Whether what exists already keeps its value (`create`), takes the new one (`update`), or
    /// everything that is not named is removed (a file, a resource).
    pub effect: Effect,
    /// The environment variables that it sets, in order.
    pub variables: Vec<DeployedVariable>,
    /// The env files whose variables it sets too, with the reader that reads them.
    pub loads: Vec<Load>,
    /// The Runtime version that the deployment has, where the statement tells.
    pub runtime: Option<(Value, Place)>,
}

/// Which deployment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// By its id or name, as far as that is written there.
    Named(Value),
    /// By a resource of Terraform, whose address this is.
    Resource(String),
    /// One that the whole file describes: a deployment file, the values of a chart.
    File,
    /// All deployments of a workspace.
    Workspace,
    /// One that is not named: the command asks for it.
    Unnamed,
}

/// What a statement does with what is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Existing keys keep their values.
    Creates,
    /// Existing keys get new values; others stay.
    Updates,
    /// What is named is all there is then.
    Replaces,
}

/// One environment variable of a deployment.
#[derive(Clone, Debug)]
pub struct DeployedVariable {
    /// The key and the value; one that is left out is not known.
    pub setting: Setting,
    /// Whether a value is given at all.
    pub has_value: bool,
    /// Whether it is marked as secret; `None` when that cannot be told.
    pub is_secret: Option<bool>,
    /// What would mark it as secret, where that can be told.
    pub mark: Option<Replacement>,
    /// All that is written about it: the argument, the entry of a list.
    pub entry: Place,
}

/// Text that would make a statement say what is meant.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// What it takes the place of; empty for an insertion.
    pub place: Place,
    /// The text, which holds no value.
    pub text: String,
}

/// An env file that a command loads.
#[derive(Clone, Debug)]
pub struct Load {
    /// Its path, as written or by default.
    pub path: Value,
    /// Who reads it.
    pub reader: Reader,
    /// Whether the variables become secret.
    pub is_secret: Option<bool>,
    /// Where the command says so.
    pub place: Place,
}

/// An Airflow variable or connection in a store that is neither the environment nor a backend.
#[derive(Debug)]
pub struct Stored {
    /// Which of the two.
    pub kind: Kind,
    /// Its key or connection id.
    pub key: Value,
    /// Where it is kept.
    pub store: Store,
    /// What is written of it: the value of a variable under `value`, the fields of a connection by
    /// Airflow's names (`conn_type`, `host`, `login`, `password`, `schema`, `port`, `extra`, `uri`).
    pub fields: Vec<(&'static str, Value)>,
    /// The whole statement.
    pub statement: Place,
    /// What kind of place says it.
    pub origin: Origin,
}

impl Stored {
    /// Its key, where all of it is known and may be shown.
    #[must_use]
    pub fn shown_key(&self) -> Option<&str> {
        let key = self.key.known().map(Text::expose);
        key.filter(|key| DeclaredName::may_be_shown(key))
    }

    /// Whether it is a connection to AWS.
    #[must_use]
    pub fn is_aws(&self) -> bool {
        let kind = self.field("conn_type").and_then(Value::known);
        self.kind == Kind::Connection && kind.is_some_and(|kind| kind.expose() == "aws")
    }

    /// Where its password stands, when somebody has filled one in that is none of the usual examples.
    #[must_use]
    pub fn password(&self) -> Option<Place> {
        let text = self.field("password").and_then(Value::known)?;
        (!credentials().stands_in(text.expose())).then(|| self.place_of(text))
    }

    /// Where it holds a credential: a password, a connection URI with one, or what has the shape of one.
    #[must_use]
    pub fn credential(&self) -> Option<Place> {
        let known = |name: &str| self.field(name).and_then(Value::known);
        let has_shape = |text: &&Text| credentials().by_shape(text.expose()).is_some();
        let found = match self.kind {
            Kind::Connection => {
                let uri = known("uri").filter(|text| holds_password(text.expose()));
                uri.or_else(|| known("extra").filter(has_shape))
            }
            _ => known("value").filter(has_shape),
        };
        self.password().or_else(|| found.map(|text| self.place_of(text)))
    }

    fn place_of(&self, text: &Text) -> Place {
        Place::new(self.statement.file, text.span())
    }

    /// What is written of the field `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }
}

/// Whether a connection URI has a password in it that is none of the usual examples.
fn holds_password(uri: &str) -> bool {
    let rest = uri.split_once("://").map(|(_, rest)| rest);
    let user = rest.and_then(|rest| rest.split('/').next()?.rsplit_once('@')).map(|(user, _)| user);
    let password = user.and_then(|user| user.split_once(':')).map(|(_, password)| password);
    password.is_some_and(|password| !password.is_empty() && !credentials().stands_in(password))
}

/// Where Airflow variables and connections are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Store {
    /// Astro's Environment Manager.
    EnvironmentManager,
    /// The metadata database of a deployment.
    Database,
    /// The metadata database of the local Airflow (`airflow_settings.yaml`).
    LocalDatabase,
}
