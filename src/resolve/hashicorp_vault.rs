//! `VaultBackend` of the hashicorp provider, 1.0.0 to 4.8.4.

mod login;
mod path;

use self::path::{Engine, api_path};
use super::fault::Fault;
use super::lookup::{KeptBack, Lookup, Outcome};
use super::per_kind::PerKind;
use super::python_value::PythonValue;
use super::start::{Names, Start, Started, State};
use super::team_like::Refusal;
use crate::model::Kind;
use crate::read::json;

/// The running backend.
#[derive(Debug)]
struct HashicorpVault {
    /// The base paths of a kind, in order; `None` when it is never asked for.
    paths: PerKind<Option<Vec<String>>>,
    mount: Mount,
    engine: Engine,
    /// What every path begins with, where the URL holds more than a server.
    below: &'static str,
    refusal: Refusal,
    client_fault: Option<Fault>,
}

#[derive(Debug)]
enum Mount {
    /// The same for every key.
    Fixed(String),
    /// The first part of the key, as before the first slash.
    InKey,
}

/// Whether the client can use a value.
type Check<'a> = dyn Fn(PythonValue<'_>) -> bool + 'a;

/// Constructs the backend.
pub(super) fn start(start: &Start<'_>) -> Started {
    let paths = PerKind::try_new(|kind| paths(kind, start))?;
    let engine = engine(start)?;
    if let Some(state) = login::fault(start) {
        return Err(state);
    }
    let mount = start.value("mount_point");
    let mount = if start.behaves("mount-in-key") && !mount.is_truthy() {
        Mount::InKey
    } else {
        Mount::Fixed(mount.str())
    };
    let teams = start.is_on("use_team_secrets_path");
    let refuses = start.behaves("refuses-slash-in-multi-team-mode") && start.multi_team() && teams;
    let refusal = if refuses { Refusal::of_ids_with("/".to_owned()) } else { Refusal::default() };
    let (below, url_fault) = server(start);
    Ok(Box::new(HashicorpVault {
        paths,
        mount,
        engine,
        below,
        refusal,
        client_fault: client_fault(start).or(url_fault),
    }))
}

/// The base paths of `kind`, without slashes at the end.
fn paths(kind: Kind, start: &Start<'_>) -> Result<Option<Vec<String>>, State> {
    let name = format!("{}_path", kind.parameter_stem());
    let given = start.value(&name);
    let slash = PythonValue::Text("/");
    let strip = |value: PythonValue<'_>, name: &str| value.rstrip(name, slash, "sep");
    let mut paths = match given {
        given if given.is_none() => None,
        PythonValue::Json(value) if start.behaves("takes-lists-of-paths") => match &value.kind {
            json::Kind::Array(elements) => Some(
                elements
                    .iter()
                    .map(|element| strip(PythonValue::Json(element), &name))
                    .collect::<Result<_, _>>()?,
            ),
            // Python takes the keys of an object.
            json::Kind::Object(members) => {
                let kept = members.iter().filter(|member| !member.overridden);
                let keys = kept.map(|member| member.key.node.trim_end_matches('/').to_owned());
                Some(keys.collect())
            }
            json::Kind::String(_) => Some(vec![strip(given, &name)?]),
            _ => {
                let what = format!("`{name}` is no text and no list");
                return Err(Fault::value(name, what, "TypeError").into());
            }
        },
        _ => Some(vec![strip(given, &name)?]),
    };
    let shared = start.value("global_secrets_path");
    if !shared.is_none() {
        let shared = strip(shared, "global_secrets_path")?;
        if start.behaves("takes-lists-of-paths") {
            paths.get_or_insert_default().push(shared);
        } else if start.multi_team() && kind != Kind::Config {
            // Without a team, the shared path below each base path is asked for.
            for path in paths.iter_mut().flatten() {
                *path = format!("{path}/{shared}");
            }
        }
    }
    Ok(paths)
}

/// Version 1 or 2 of the key-value engine; anything that is not 1 or 2 as a number is refused,
/// what Python takes for nothing is 2.
fn engine(start: &Start<'_>) -> Result<Engine, State> {
    let version = start.value("kv_engine_version");
    match version.as_number() {
        _ if !version.is_truthy() => Ok(Engine::V2),
        Some(1.0) => Ok(Engine::V1),
        Some(2.0) => Ok(Engine::V2),
        Some(_) => {
            let what = "`kv_engine_version` is neither 1 nor 2";
            Err(Fault::value("kv_engine_version", what, "VaultError"))?
        }
        None => {
            let what = "`kv_engine_version` is neither the number 1 nor the number 2: VaultError";
            Err(what.to_owned())?
        }
    }
}

fn client_fault(start: &Start<'_>) -> Option<Fault> {
    if let Some(kwarg) = start.refused_by_client() {
        let what = format!("hvac's client takes no such `{}`: TypeError", kwarg.shown_name());
        return Some(what.into());
    }
    let is_string = |value: PythonValue<'_>| value.as_str().is_some();
    let is_positive = |value: PythonValue<'_>| value.as_number().is_some_and(|number| number > 0.0);
    let is_object = |value: PythonValue<'_>| matches!(value, PythonValue::Json(value) if matches!(value.kind, json::Kind::Object(_)));
    let takes: [(&str, &Check); 4] = [
        ("namespace", &is_string),
        ("proxies", &is_object),
        ("session", &|value| !value.is_truthy()),
        ("timeout", &is_positive),
    ];
    let wrong = takes.iter().find(|(name, takes)| {
        let value = start.value(name);
        value.is_truthy() && !takes(value)
    });
    if let Some((name, _)) = wrong {
        return Some(Fault::value(
            *name,
            format!("hvac's client cannot use what `{name}` holds"),
            "",
        ));
    }
    login::lookup_fault(start)
}

/// What a path begins with on the server, and why the server cannot be reached at all.
fn server(start: &Start<'_>) -> (&'static str, Option<Fault>) {
    let url = start.value("url");
    let fault = |what: &str, exception| {
        Some(if url.is_truthy() {
            Fault::value("url", what, exception)
        } else {
            // That of `VAULT_ADDR`.
            format!("{what}: {exception}").into()
        })
    };
    let from_environment = start.setting("VAULT_ADDR").and_then(|setting| setting.text());
    let url = match url.as_str() {
        _ if !url.is_truthy() => match from_environment {
            Some(text) if !text.expose().is_empty() => text.expose(),
            _ => return ("", None),
        },
        Some(url) => url,
        None => return ("", fault("`url` is not a string", "MissingSchema")),
    };
    let lower = url.trim_start().to_ascii_lowercase();
    if !lower.starts_with("http://") && !lower.starts_with("https://") {
        return ("", fault("the URL of Vault lacks `http://` or `https://`", "MissingSchema"));
    }
    if !lower.trim_end_matches('/').ends_with("/v1") {
        return ("", None);
    }
    // hvac adds `/v1` itself; until 4.8.1 the provider asks first whether its token is accepted.
    let probes = start.behaves("probes-token");
    let what = "the URL ends with `/v1`, which the client adds itself";
    ("v1/", if probes { fault(what, "VaultError") } else { None })
}

impl HashicorpVault {
    /// The names that `key` has below each path, as the server sees them; `None` when no mount can
    /// be told.
    fn names(&self, paths: &[String], key: &str) -> Option<Vec<String>> {
        let (in_key, key) = match &self.mount {
            Mount::Fixed(_) => ("", key),
            Mount::InKey => key.split_once('/')?,
        };
        let mut names = Vec::new();
        for path in paths {
            let below = if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") };
            let name = match &self.mount {
                Mount::Fixed(mount) => api_path(self.engine, mount, &below),
                Mount::InKey if in_key.is_empty() => {
                    let (mount, below) = below.split_once('/')?;
                    api_path(self.engine, mount, below)
                }
                Mount::InKey => api_path(self.engine, in_key, &below),
            };
            names.push(format!("{}{name}", self.below));
        }
        Some(names)
    }
}

impl Names for HashicorpVault {
    fn faults(&self) -> Vec<(Option<Kind>, &Fault)> {
        self.client_fault.iter().map(|fault| (None, fault)).collect()
    }

    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        let paths = self.paths.get(kind).as_ref()?;
        self.names(paths, key)?.into_iter().next()
    }

    fn joined(&self, kind: Kind, key: &str) -> Option<String> {
        let path = self.paths.get(kind).as_ref()?.first()?;
        match self.mount {
            Mount::Fixed(_) if path.is_empty() => Some(key.to_owned()),
            Mount::Fixed(_) => Some(format!("{path}/{key}")),
            Mount::InKey => self.name(kind, key),
        }
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        let parameter = format!("{}_path", kind.parameter_stem());
        let Some(paths) = self.paths.get(kind) else {
            return Lookup::switched_off(kind, &parameter);
        };
        if paths.is_empty() {
            let reason = format!("`{parameter}` is empty, so no {kind} is ever asked for");
            return Lookup::never_asked(KeptBack::Off, reason);
        }
        let own_part = match self.mount {
            Mount::Fixed(_) => Some(key),
            Mount::InKey => key.split_once('/').map(|(_, rest)| rest),
        };
        let names = self.names(paths, key);
        let (Some(own_part), Some(names)) = (own_part, names) else {
            let reason =
                format!("`mount_point` is empty, so `{key}` would have to begin with a mount");
            return Lookup::never_asked(KeptBack::NoMount, reason);
        };
        if let Some(lookup) = self.refusal.keeps_back(kind, own_part) {
            return lookup;
        }
        if let Some(fault) = &self.client_fault {
            return Lookup::none(Outcome::LookupError, fault.to_string());
        }
        Lookup::asked_in_order(names, "mount, path and key")
    }
}
