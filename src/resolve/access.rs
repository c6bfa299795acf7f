//! What an environment must be able to read, and what must be created for it: the names that its references need
//! of each service, and where that service is.

use std::collections::BTreeMap;

use super::aws_region::{Region, is_host_label};
use super::backend::Configured;
use super::environment::{Environment, Process};
use super::existing::is_same;
use super::lookup::Outcome;
use super::project::Project;
use super::requests::{Dispensable, KeyCertainty, Request, lookup_in_part};
use crate::facts::{Backend, aws, service_of};
use crate::model::setup::creation::Creation;
use crate::model::{Kind, Origin, Place, Setting};

/// What one environment needs of the service behind one backend.
#[derive(Debug)]
pub struct Access<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// The backend.
    pub backend: &'static Backend,
    /// The secrets, by kind and name.
    pub secrets: Vec<Needed>,
    /// Where the service is.
    pub location: Location,
    /// The keys of customers that encrypt some of the secrets, as far as the files tell.
    pub keys: Vec<EncryptionKey>,
    /// How many references there are whose keys only run time tells.
    pub dynamic: usize,
    /// How many names cannot be told, since they may hold a credential, or cannot exist.
    pub left_out: usize,
    /// Why something is not asked for, where there is such.
    pub why_not: Option<String>,
}

/// A secret that references need.
#[derive(Clone, Debug)]
pub struct Needed {
    /// Its name, as the backend asks for it.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether `*` in the name stands for any text.
    pub is_glob: bool,
    /// What asks for it.
    pub places: Vec<Place>,
    /// Whether it is to be created.
    pub creation: ToCreate,
}

/// Whether a secret is to be created.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ToCreate {
    /// It is.
    Yes,
    /// Something in the project creates it.
    Created(Place),
    /// The key is known in part only.
    Pattern,
    /// Another name does as well, which is asked for first.
    Alternative,
    /// A hook or operator asks for it that is given none; some go on without.
    Implicit,
    /// Only a file asks for it that Airflow never loads.
    Unloaded,
}

/// Where a service is, as far as the files tell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Location {
    /// The region of AWS.
    pub region: Option<String>,
    /// The account of AWS: that of the role that is assumed.
    pub account: Option<String>,
    /// The partition of AWS.
    pub partition: String,
    /// The vault of Azure, by its name.
    pub vault: Option<String>,
    /// The mount of Vault.
    pub mount: Option<String>,
    /// The address of Vault.
    pub address: Option<String>,
    /// The namespace of Vault.
    pub namespace: Option<String>,
    /// Whether there is one, also where it is not to be shown.
    pub has_namespace: bool,
}

/// A customer's key that encrypts a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncryptionKey {
    /// Its ARN, id or alias; `None` where only running things tell.
    pub id: Option<String>,
    /// What names it.
    pub place: Place,
}

impl Project {
    /// What `environment` needs, by backend: workers may have one of their own.
    #[must_use]
    pub fn access<'a>(&'a self, environment: &'a Environment) -> Vec<Access<'a>> {
        let here = |it: &Request<'_>| std::ptr::eq(it.environment, environment);
        let requests: Vec<_> = self.requests().into_iter().filter(here).collect();
        let implicit: Vec<_> = self.implicit_requests().into_iter().filter(here).collect();
        let private = self.private_values();
        let mut all: Vec<Access<'a>> = environment
            .configured()
            .filter_map(|configured| {
                let backend = configured.backend()?;
                let location = environment.location(configured);
                let (secrets, keys) = Default::default();
                Some(Access {
                    environment,
                    backend,
                    secrets,
                    location,
                    keys,
                    dynamic: 0,
                    left_out: 0,
                    why_not: None,
                })
            })
            .collect();
        for access in &mut all {
            let dynamic = requests.iter().filter(|it| it.key.is_none());
            let mut numbers: Vec<usize> = dynamic.map(|it| it.reference).collect();
            numbers.dedup();
            access.dynamic = numbers.len();
            access.why_not = requests.iter().find_map(|it| it.asked.why_not.clone());
            let mut found: BTreeMap<(Kind, String), Needed> = BTreeMap::new();
            for request in requests.iter().chain(&implicit) {
                let Some(key) = &request.key else { continue };
                let is_glob = request.certainty == KeyCertainty::Pattern;
                let id = &access.backend.id;
                let names = environment.names_of(id, request.kind, key, is_glob);
                for (number, name) in names.into_iter().enumerate() {
                    if private.mask(&name) != name || !may_exist(id, &name) {
                        access.left_out += 1;
                        continue;
                    }
                    let creation = match request.dispensable {
                        _ if is_glob => ToCreate::Pattern,
                        _ if number > 0 => ToCreate::Alternative,
                        Some(Dispensable::Implicit) => ToCreate::Implicit,
                        Some(Dispensable::Unloaded) => ToCreate::Unloaded,
                        _ => self
                            .creation_of(environment, id, &name)
                            .map_or(ToCreate::Yes, ToCreate::Created),
                    };
                    let needed =
                        found.entry((request.kind, name)).or_insert_with_key(|(kind, name)| {
                            Needed {
                                name: name.clone(),
                                kind: *kind,
                                is_glob,
                                places: Vec::new(),
                                creation,
                            }
                        });
                    needed.creation = needed.creation.min(creation);
                    needed.places.push(request.place);
                }
            }
            access.secrets = found.into_values().collect();
            for needed in &mut access.secrets {
                needed.places.sort();
                needed.places.dedup();
            }
            access.keys = self.encryption_keys(access);
        }
        all.retain(|access| !access.secrets.is_empty() || access.dynamic > 0);
        all
    }

    /// What creates the secret that the backend `id` of `environment` asks for as `name`.
    fn creation_of(&self, environment: &Environment, id: &str, name: &str) -> Option<Place> {
        let creates = |(number, it): &(usize, &Creation)| {
            let is_empty = || it.origin == Origin::Command && self.is_left_empty(it);
            !environment.is_for_others(Some(*number))
                && !is_empty()
                && is_named(it, id, |other| self.is_asked_as(environment, other, name))
        };
        self.model.setup.creations.iter().enumerate().find(creates).map(|(_, it)| it.statement)
    }

    fn encryption_keys(&self, access: &Access<'_>) -> Vec<EncryptionKey> {
        let is_needed =
            |name: &str| access.secrets.iter().any(|needed| is_same(&needed.name, name));
        let mut keys: Vec<EncryptionKey> = Vec::new();
        for (number, creation) in self.model.setup.creations.iter().enumerate() {
            let Some(key) = &creation.encryption_key else { continue };
            if access.environment.is_for_others(Some(number)) {
                continue;
            }
            if is_named(creation, &access.backend.id, is_needed) {
                let id = key.known().map(|text| text.expose().to_owned());
                let key =
                    EncryptionKey { id: id.filter(|id| is_key_id(id)), place: creation.statement };
                let is_same = |known: &EncryptionKey| match &key.id {
                    Some(_) => known.id == key.id,
                    None => known.id.is_none() && known.place == key.place,
                };
                if !keys.iter().any(is_same) {
                    keys.push(key);
                }
            }
        }
        keys
    }
}

fn is_named(creation: &Creation, id: &str, wanted: impl Fn(&str) -> bool) -> bool {
    creation.backend == id && creation.name.known().is_some_and(|name| wanted(name.expose()))
}

/// Whether `text` is written like the id, ARN or alias of a key, and not like anything else.
fn is_key_id(text: &str) -> bool {
    text.len() <= 256 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b":/_-".contains(&b))
}

/// Whether the service lets a secret have this name, as far as that is known.
fn may_exist(id: &str, name: &str) -> bool {
    let secret = name.split("/secrets/").nth(1).filter(|_| id == "gcp_secret_manager");
    let secret = secret.map_or(name, |rest| rest.trim_end_matches("/versions/latest"));
    let is_printable = name.chars().all(|c| !c.is_control() && !"'\"`\\$%".contains(c));
    let is_allowed =
        |service: &crate::facts::Service| service.refused(&secret.replace('*', "")).is_none();
    is_printable && service_of(id).is_none_or(is_allowed)
}

impl Environment {
    /// What is said about each backend here, each class once.
    fn configured(&self) -> impl Iterator<Item = &Configured> {
        let id = |configured: &Configured| configured.backend().map(|backend| &backend.id);
        let own = (id(&self.worker) != id(&self.server)).then_some(&self.worker);
        [Some(&self.server), own.filter(|worker| self.reads(worker))].into_iter().flatten()
    }

    /// The names that the backend `id` is asked for here, over all versions that are possible, those of the newest
    /// first.
    fn names_of(&self, id: &str, kind: Kind, key: &str, is_glob: bool) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for process in [Process::Worker, Process::Server] {
            for variant in self.variants_of(process).iter().rev() {
                if self.backend_of(process, variant.airflow.last()) != id {
                    continue;
                }
                let lookup = if is_glob {
                    lookup_in_part(&variant.state, kind, key)
                } else {
                    variant.state.lookup(kind, key)
                };
                if lookup.outcome == Outcome::Asked {
                    let new = lookup.requested.into_iter().filter(|name| !names.contains(name));
                    names.extend(new.collect::<Vec<_>>());
                }
            }
        }
        names
    }

    /// Where the service behind `configured` is.
    pub(super) fn location(&self, configured: &Configured) -> Location {
        let keyword = |name: &str| configured.keyword(name).and_then(super::Kwarg::plain);
        let region = match self.aws_region(configured) {
            Some(Region::Keyword(kwarg)) => kwarg.plain(),
            Some(Region::Setting(setting)) => setting.shown(),
            _ => None,
        };
        let region = region.filter(|region| is_host_label(region));
        let mut role = keyword("role_arn").unwrap_or_default().split(':');
        let partition_of_role = role.nth(1).filter(|it| aws().has_partition(it));
        let account =
            role.nth(2).filter(|it| it.len() == 12 && it.bytes().all(|b| b.is_ascii_digit()));
        let partition = region.and_then(|region| aws().partition_of(region)).or(partition_of_role);
        let host = keyword("vault_url").and_then(|url| url.split("://").nth(1));
        let vault = host.and_then(|host| host.split('.').next());
        let is_name = |text: &&str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/".contains(&b))
        };
        let is_address = |text: &&str| {
            let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
            let is_part = |b: u8| b.is_ascii_alphanumeric() || b".:-/_".contains(&b);
            // Which is another machine for whoever runs the commands.
            let is_other = |host: &str| host.starts_with("host.docker.internal");
            rest.is_some_and(|rest| {
                !rest.is_empty() && rest.bytes().all(is_part) && !is_other(rest)
            })
        };
        let mount = match configured.keyword("mount_point") {
            Some(kwarg) => kwarg.plain(),
            None => configured.backend().and_then(|it| it.parameter("mount_point")?.default_text()),
        };
        let namespace = keyword("namespace")
            .or_else(|| self.settings.get("VAULT_NAMESPACE").and_then(Setting::shown));
        let has_namespace = configured.keyword("namespace").is_some_and(super::Kwarg::is_truthy)
            || self.settings.get("VAULT_NAMESPACE").is_some();
        let owned = |text: Option<&str>| text.filter(is_name).map(str::to_owned);
        Location {
            region: owned(region),
            account: owned(account),
            partition: partition.unwrap_or("aws").to_owned(),
            vault: owned(vault),
            mount: owned(mount),
            address: keyword("url").filter(is_address).map(str::to_owned),
            namespace: owned(namespace),
            has_namespace,
        }
    }
}
