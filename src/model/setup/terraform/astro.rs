//! What Terraform says about Astro: deployments, their environment variables, and the objects of the
//! Environment Manager (provider `astronomer/astro`).

use super::Terraform;
use super::module::Module;
use super::resource::{Resource, member};
use super::term::{Item, Term};
use crate::model::setup::deployed::{Deployed, DeployedVariable, Effect, Store, Stored, Target};
use crate::model::{Kind, Origin, Place, Setting};
use crate::text::{Text, UNKNOWN, Value};

/// The objects that hold the fields of an environment object, by the releases of the provider that
/// have such; later ones have the fields themselves.
const GROUPS: [&str; 4] =
    ["environment_variable", "airflow_variable", "connection", "connection_config"];

/// The fields of a connection: as the provider calls them, and as Airflow does.
const FIELDS: [(&str, &str); 7] = [
    ("type", "conn_type"),
    ("host", "host"),
    ("login", "login"),
    ("password", "password"),
    ("schema", "schema"),
    ("port", "port"),
    ("extra", "extra"),
];

/// Adds what a module says about Astro.
pub(super) fn read(module: &Module<'_>, to: &mut Terraform) {
    for resource in module.each_resource("astro_deployment") {
        to.deployed.push(deployment(&resource));
    }
    for resource in module.each_resource("astro_environment_object") {
        object(&resource, to);
    }
}

fn target(resource: &Resource<'_, '_>) -> Target {
    Target::Resource(resource.address.to_owned())
}

fn deployment(resource: &Resource<'_, '_>) -> Deployed {
    let runtime = resource
        .term("original_astro_runtime_version")
        .map(|(term, place)| (Value::of(resource.module.as_text(&term, place)), place));
    let mut variables = Vec::new();
    let mut may_have_more = resource.ignores_changes("environment_variables");
    match resource.term("environment_variables") {
        Some((Term::List(list), _)) => {
            may_have_more |= list.is_open;
            for item in &list.items {
                match variable(resource.module, item) {
                    Some(variable) => variables.push(variable),
                    None => may_have_more = true,
                }
            }
        }
        Some(_) => may_have_more = true,
        None => {}
    }
    Deployed {
        target: target(resource),
        origin: Origin::Terraform,
        statement: resource.place(),
        verb: None,
        effect: if may_have_more { Effect::Updates } else { Effect::Replaces },
        variables,
        loads: Vec::new(),
        runtime,
    }
}

/// An element of `environment_variables`, whose key is known.
fn variable(module: &Module<'_>, item: &Item) -> Option<DeployedVariable> {
    let Term::Object(object) = &item.term else { return None };
    let (_, key) = member(object, "key")?;
    key.term.known()?;
    let value = member(object, "value");
    let value_place = value.map_or(item.place, |(_, value)| value.place);
    let value_term = value.map(|(_, value)| &value.term);
    let is_secret = object.get("is_secret").and_then(Term::as_bool);
    Some(set(module, item.place, (&key.term, key.place), (value_term, value_place), is_secret))
}

/// A variable whose key and value are these, as far as they are known.
fn set(
    module: &Module<'_>,
    entry: Place,
    (key, key_place): (&Term, Place),
    (value, value_place): (Option<&Term>, Place),
    is_secret: Option<bool>,
) -> DeployedVariable {
    // The key and what is written about it may stand in different files; the key's counts.
    let key_text = module.as_text(key, key_place);
    let file = key_place.file;
    let here = |place: Place| if place.file == file { place } else { key_place };
    let value_place = here(value_place);
    let text = match value {
        Some(term) => module.as_text(term, value_place),
        // Whatever it has already.
        None => Text::produced_by(UNKNOWN, key_text.span()),
    };
    DeployedVariable {
        setting: Setting {
            key: key_text.expose().to_owned(),
            file,
            key_span: key_text.span(),
            value_span: text.span(),
            value: Value::of(text),
            origin: Origin::Terraform,
        },
        has_value: value.is_some(),
        is_secret,
        mark: None,
        entry: here(entry),
    }
}

fn object(resource: &Resource<'_, '_>, to: &mut Terraform) {
    let module = resource.module;
    let Some((key, key_place)) = resource.term("object_key") else { return };
    let value = resource.term_in(&GROUPS, "value");
    let kind = resource.text("object_type");
    let kind = match kind.as_ref().map_or("", Text::expose) {
        "ENVIRONMENT_VARIABLE" => {
            if key.known().is_none() {
                return;
            }
            let secret = resource.term_in(&GROUPS, "is_secret");
            // What is left out is none.
            let is_secret = secret.map_or(Some(false), |(term, _)| term.as_bool());
            let (term, place) = value.unzip();
            let place = place.unwrap_or(key_place);
            let variable =
                set(module, resource.place(), (&key, key_place), (term.as_ref(), place), is_secret);
            to.deployed.push(Deployed {
                target: scope(resource),
                origin: Origin::Terraform,
                statement: resource.place(),
                verb: None,
                effect: Effect::Updates,
                variables: vec![variable],
                loads: Vec::new(),
                runtime: None,
            });
            return;
        }
        "AIRFLOW_VARIABLE" => Kind::Variable,
        "CONNECTION" => Kind::Connection,
        _ => return,
    };
    let given = |name: &str| {
        let (term, place) = resource.term_in(&GROUPS, name)?;
        Some(Value::of(module.as_text(&term, place)))
    };
    let fields = match kind {
        Kind::Variable => given("value").map(|value| ("value", value)).into_iter().collect(),
        _ => FIELDS.iter().filter_map(|(theirs, ours)| Some((*ours, given(theirs)?))).collect(),
    };
    to.stored.push(Stored {
        kind,
        key: Value::of(module.as_text(&key, key_place)),
        store: Store::EnvironmentManager,
        fields,
        statement: resource.place(),
        origin: Origin::Terraform,
    });
}

/// Whom an object of the Environment Manager is for.
fn scope(resource: &Resource<'_, '_>) -> Target {
    let scope = resource.text("scope");
    if scope.as_ref().is_some_and(|scope| scope.expose() == "WORKSPACE") {
        return Target::Workspace;
    }
    match resource.referred("scope_entity_id") {
        Some(term) if term.address.starts_with("astro_deployment.") => {
            Target::Resource(term.address.clone())
        }
        _ => resource.value("scope_entity_id").map_or(Target::Unnamed, Target::Named),
    }
}
