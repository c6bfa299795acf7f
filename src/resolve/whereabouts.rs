//! Where secrets are, beside their names: a region, an account, a project, a vault, a mount. A backend that looks
//! elsewhere does not find one, whatever it is called; and where each environment looks in a place of its own, that
//! tells which of them a secret is created for.

use std::path::PathBuf;

use super::asked::InUse;
use super::aws_region::Region;
use super::created::may_take;
use super::environment::Environment;
use super::kwargs::{Kwarg, Kwargs};
use super::project::Project;
use crate::facts::aws;
use crate::hash::HashSet;
use crate::model::setup::creation::Creation;
use crate::model::{FileId, Model, Origin, Place};
use crate::text::{Text, Value};

/// What tells where a secret is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dimension {
    /// A region of AWS.
    Region,
    /// An account of AWS.
    Account,
    /// A project of Google's.
    Project,
    /// A vault of Azure's.
    Vault,
    /// A mount of Vault's.
    Mount,
    /// The version of the key-value engine behind a mount.
    Engine,
}

impl Dimension {
    /// What it is called.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Account => "account",
            Self::Project => "project",
            Self::Vault => "vault",
            Self::Mount => "mount",
            Self::Engine => "version of the key-value engine",
        }
    }
}

/// A place where a secret is, and another one where a backend looks for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    /// In what they differ.
    pub dimension: Dimension,
    /// Where the secret is.
    pub created: String,
    /// What says so.
    pub created_by: Place,
    /// Where the backend looks.
    pub looked: String,
    /// What says so.
    pub looked_by: Place,
}

/// One thing that is known about where a secret is, or is looked for.
struct Spot {
    dimension: Dimension,
    value: String,
    place: Place,
}

/// How a secret stands to a backend.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// It looks there, by something.
    Here,
    /// It looks elsewhere.
    Elsewhere,
    /// That cannot be told.
    Unknown,
}

/// In what the place of `creation` differs from the one where `by` looks; `None` where they agree, or nothing of
/// both is known.
pub(super) fn elsewhere(creation: &Creation, by: InUse<'_>) -> Option<Elsewhere> {
    let looked = spots_of_backend(by);
    spots_of_creation(creation).into_iter().find_map(|here| {
        let there = looked.iter().find(|it| it.dimension == here.dimension)?;
        (here.value != there.value).then(|| Elsewhere {
            dimension: here.dimension,
            created: here.value,
            created_by: here.place,
            looked: there.value.clone(),
            looked_by: there.place,
        })
    })
}

/// For each environment of `project`, the numbers of the secrets that are created for others of them.
pub(super) fn created_for_others(project: &Project) -> Vec<HashSet<usize>> {
    let environments = &project.environments;
    let mut found = vec![HashSet::default(); environments.len()];
    if environments.len() < 2 {
        return found;
    }
    let backends: Vec<Vec<(InUse<'_>, Vec<Spot>)>> = environments
        .iter()
        .map(|it| it.in_use().map(|by| (by, spots_of_backend(by))).collect())
        .collect();
    let modules = Modules::of(project, &backends);
    for (number, creation) in project.model.setup.creations.iter().enumerate() {
        let here = spots_of_creation(creation);
        let stands: Vec<Option<(Stands, bool)>> = backends
            .iter()
            .map(|backends| {
                let readers = || backends.iter().filter(|(by, _)| by.reads(creation));
                let mut all = readers().map(|(_, there)| compared(&here, there));
                let first = all.next()?;
                let stands =
                    all.fold(first, |one, other| if one == other { one } else { Stands::Unknown });
                Some((stands, readers().any(|(by, _)| may_take(*by, creation))))
            })
            .collect();
        let is_for_one = stands.contains(&Some((Stands::Here, true)));
        for (at, (stands, found)) in stands.iter().zip(&mut found).enumerate() {
            let is_for_others = match stands {
                Some((Stands::Elsewhere, _)) => is_for_one,
                Some((Stands::Unknown, _)) => modules.is_of_others(&project.model, creation, at),
                _ => false,
            };
            if is_for_others {
                found.insert(number);
            }
        }
    }
    found
}

fn compared(here: &[Spot], there: &[Spot]) -> Stands {
    let mut stands = Stands::Unknown;
    for spot in here {
        match there.iter().find(|it| it.dimension == spot.dimension) {
            Some(other) if other.value != spot.value => return Stands::Elsewhere,
            Some(_) => stands = Stands::Here,
            None => {}
        }
    }
    stands
}

/// The files or modules that set up an environment and create secrets too: where they are of another account than
/// those of another environment, they create them for their own.
struct Modules {
    /// Of each environment: those, and the account it looks in.
    environments: Vec<(Vec<Module>, Option<String>)>,
}

/// A file, or a directory of Terraform.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Module {
    File(FileId),
    Directory(PathBuf),
}

impl Module {
    fn of(model: &Model, file: FileId, origin: Origin) -> Self {
        match model.files.get(file).path().parent() {
            Some(directory) if origin == Origin::Terraform => {
                Self::Directory(directory.to_path_buf())
            }
            _ => Self::File(file),
        }
    }
}

impl Modules {
    fn of(project: &Project, backends: &[Vec<(InUse<'_>, Vec<Spot>)>]) -> Self {
        let mut creating: Vec<Module> = Vec::new();
        for creation in &project.model.setup.creations {
            let module = Module::of(&project.model, creation.statement.file, creation.origin);
            if creating.last() != Some(&module) && !creating.contains(&module) {
                creating.push(module);
            }
        }
        let of = |backends: &Vec<(InUse<'_>, Vec<Spot>)>| {
            let settings = backends.iter().flat_map(|(by, _)| {
                let class = by.configured.class.as_ref().map(|class| &class.setting);
                class.into_iter().chain(&by.configured.kwargs_setting)
            });
            let modules = settings.map(|it| Module::of(&project.model, it.file, it.origin));
            let modules = modules.filter(|module| creating.contains(module)).collect();
            let mut spots = backends.iter().flat_map(|(_, spots)| spots);
            let account = spots.find(|it| it.dimension == Dimension::Account);
            (modules, account.map(|it| it.value.clone()))
        };
        Self { environments: backends.iter().map(of).collect() }
    }

    /// Whether `creation` stands in a module of other environments, in another account than that of the environment
    /// at `at`, which has a module of its own.
    fn is_of_others(&self, model: &Model, creation: &Creation, at: usize) -> bool {
        let Some((own, Some(account))) = self.environments.get(at) else { return false };
        if own.is_empty() {
            return false;
        }
        let module = Module::of(model, creation.statement.file, creation.origin);
        let mut others =
            self.environments.iter().filter(|(modules, _)| modules.contains(&module)).peekable();
        others.peek().is_some()
            && others.all(|(_, other)| other.as_ref().is_some_and(|other| other != account))
    }
}

/// What is known about where `creation` puts the secret.
fn spots_of_creation(creation: &Creation) -> Vec<Spot> {
    let mut spots = Vec::new();
    let mut add = |dimension, value: &str, of: &Value| {
        if !value.is_empty() {
            let place = Place::new(creation.statement.file, of.span());
            spots.push(Spot { dimension, value: value.to_owned(), place });
        }
    };
    let is_number = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    let known = |value: &Option<Value>| value.as_ref().and_then(Value::known).cloned();
    // `arn:aws:secretsmanager:<region>:<account>:secret:<name>`
    let name = creation.name.known().map(Text::expose).unwrap_or_default();
    let mut arn = name.strip_prefix("arn:").unwrap_or_default().split(':').skip(2);
    let (region, account) = (arn.next().unwrap_or_default(), arn.next().unwrap_or_default());
    let is_aws = creation.backend.starts_with("aws_");
    if is_aws {
        match known(&creation.region) {
            Some(text) => add(Dimension::Region, text.expose(), &Value::Known(text.clone())),
            None if creation.region.is_none() => add(Dimension::Region, region, &creation.name),
            None => {}
        }
        match known(&creation.account) {
            Some(text) => add(Dimension::Account, text.expose(), &Value::Known(text.clone())),
            None => add(Dimension::Account, account, &creation.name),
        }
    }
    if let Some(text) = known(&creation.container) {
        let value = text.expose();
        let of = Value::Known(text.clone());
        match creation.backend {
            // The number of a project is another name for it.
            "gcp_secret_manager" if !is_number(value) => add(Dimension::Project, value, &of),
            "azure_key_vault" => add(Dimension::Vault, &value.to_lowercase(), &of),
            "hashicorp_vault" => add(Dimension::Mount, value.trim_matches('/'), &of),
            _ => {}
        }
    }
    if let Some(engine) = creation.engine {
        add(Dimension::Engine, &engine.to_string(), &creation.name);
    }
    spots
}

/// What is known about where `by` looks.
fn spots_of_backend(by: InUse<'_>) -> Vec<Spot> {
    let configured = by.configured;
    let Some(backend) = configured.backend() else { return Vec::new() };
    let mut spots = Vec::new();
    let mut add = |dimension, value: &str, place| {
        if !value.is_empty() {
            spots.push(Spot { dimension, value: value.to_owned(), place });
        }
    };
    let keyword = |name: &str| configured.keyword(name);
    match backend.id.as_str() {
        id if id.starts_with("aws_") => {
            // One that is none is a fault of its own.
            let known = |region: Option<&str>| {
                region.is_some_and(|region| aws().partition_of(region).is_some())
            };
            match by.environment.aws_region(configured) {
                Some(Region::Keyword(kwarg)) if known(kwarg.plain()) => {
                    add(Dimension::Region, kwarg.plain().unwrap_or_default(), kwarg.value_place);
                }
                Some(Region::Setting(setting)) if known(setting.shown()) => {
                    let region = setting.shown().unwrap_or_default();
                    add(Dimension::Region, region, setting.value_place());
                }
                _ => {}
            }
            if let Some(role) = keyword("role_arn") {
                let account =
                    role.plain().and_then(|arn| arn.split(':').nth(4)).unwrap_or_default();
                if account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit()) {
                    add(Dimension::Account, account, role.value_place);
                }
            }
        }
        "gcp_secret_manager" => {
            if let Some((project, kwarg)) = keyword("project_id").and_then(plain) {
                add(Dimension::Project, project, kwarg.value_place);
            }
        }
        "azure_key_vault" => {
            if let Some((url, kwarg)) = keyword("vault_url").and_then(plain) {
                let host = url.split("://").nth(1).and_then(|host| host.split('.').next());
                add(Dimension::Vault, &host.unwrap_or_default().to_lowercase(), kwarg.value_place);
            }
        }
        "hashicorp_vault" => {
            let default = configured.class.as_ref().map(|class| class.setting.value_place());
            let default = default.filter(|_| matches!(configured.kwargs, Kwargs::Object(_)));
            match (keyword("mount_point"), default) {
                (Some(kwarg), _) => {
                    let mount = kwarg.plain().unwrap_or_default();
                    add(Dimension::Mount, mount.trim_matches('/'), kwarg.value_place);
                }
                (None, Some(place)) => {
                    let mount = backend.parameter("mount_point").and_then(|it| it.default_text());
                    add(Dimension::Mount, mount.unwrap_or_default(), place);
                }
                (None, None) => {}
            }
            match (keyword("kv_engine_version"), default) {
                (Some(kwarg), _) => {
                    // Python takes `2.0` for the same.
                    let version = kwarg.python_value().as_number().map(|it| it.to_string());
                    if let Some(version) = version.filter(|it| it == "1" || it == "2") {
                        add(Dimension::Engine, &version, kwarg.value_place);
                    }
                }
                (None, Some(place)) => add(Dimension::Engine, "2", place),
                (None, None) => {}
            }
        }
        _ => {}
    }
    spots
}

fn plain(kwarg: &Kwarg) -> Option<(&str, &Kwarg)> {
    Some((kwarg.plain()?, kwarg))
}

impl InUse<'_> {
    /// Whether it reads from the service that `creation` writes to.
    pub(super) fn reads(&self, creation: &Creation) -> bool {
        self.configured.backend().is_some_and(|backend| backend.id == creation.backend)
    }
}

impl Environment {
    /// Whether the secret with this number is created for another environment.
    pub(super) fn is_for_others(&self, creation: Option<usize>) -> bool {
        creation.is_some_and(|number| self.created_for_others.contains(&number))
    }
}
