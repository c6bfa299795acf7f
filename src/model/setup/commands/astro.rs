//! Commands of the Astro CLI.
//!
//! Commands, aliases and flags from astronomer/astro-cli v1.45.0: `cmd/cloud/deployment.go`,
//! `deployment_objects.go`, `env*.go`, `deploy.go` and `cmd/airflow.go`.

use super::arguments::{Arguments, Flags, Style};
use super::invocation::{Invocation, long_flags};
use super::{Commands, Refused, Saved, input, part, unknown};
use crate::model::setup::deployed::{
    Deployed, DeployedVariable, Effect, Load, Replacement, Store, Stored, Target,
};
use crate::model::setup::marks;
use crate::model::{Kind, Origin, Place, Setting};
use crate::read::dotenv::Reader;
use crate::read::shell::Word;
use crate::text::{Span, Text, UNKNOWN, Value};

/// The switches of all commands that are looked at: enough to find which command it is.
const ANY: Flags = long_flags(&[
    "load",
    "secret",
    "save",
    "help",
    "auto-link",
    "strict",
    "include-secrets",
    "resolve-linked",
]);

const DEPLOYMENT: Flags = Flags {
    switches: &["wait", "enforce-cicd", "clean-output", "help"],
    short: &[
        ('n', "name"),
        ('w', "workspace-id"),
        ('d', "description"),
        ('v', "runtime-version"),
        ('e', "executor"),
        ('i', "wait"),
        ('p', "cloud-provider"),
        ('a', "high-availability"),
        ('m', "development-mode"),
        ('s', "scheduler-au"),
        ('r', "scheduler-replicas"),
        ('c', "cluster-id"),
        ('h', "help"),
    ],
    lists: &[],
    style: Style::Pflag,
};

const DEPLOYMENT_VARIABLE: Flags = Flags {
    switches: &["load", "secret", "help"],
    short: &[
        ('d', "deployment-id"),
        ('n', "deployment-name"),
        ('k', "key"),
        ('v', "value"),
        ('l', "load"),
        ('s', "secret"),
        ('e', "env"),
        ('h', "help"),
    ],
    lists: &[],
    style: Style::Pflag,
};

const VARIABLE_LIST: Flags = Flags {
    switches: &["save", "help"],
    short: &[
        ('d', "deployment-id"),
        ('n', "deployment-name"),
        ('k', "key"),
        ('s', "save"),
        ('e', "env"),
        ('h', "help"),
    ],
    lists: &[],
    style: Style::Pflag,
};

const DEPLOYMENT_OBJECT: Flags = Flags {
    switches: &["help"],
    short: &[
        ('d', "deployment-id"),
        ('n', "deployment-name"),
        ('i', "conn-id"),
        ('t', "conn-type"),
        ('l', "login"),
        ('p', "password"),
        ('s', "schema"),
        ('o', "port"),
        ('e', "extra"),
        ('k', "key"),
        ('v', "value"),
        ('h', "help"),
    ],
    lists: &[],
    style: Style::Pflag,
};

const ENVIRONMENT_OBJECT: Flags = Flags {
    switches: &["secret", "auto-link", "strict", "include-secrets", "resolve-linked", "help"],
    short: &[
        ('k', "key"),
        ('v', "value"),
        ('s', "secret"),
        ('t', "type"),
        ('l', "login"),
        ('p', "password"),
        ('h', "help"),
    ],
    lists: &[],
    style: Style::Pflag,
};

/// The fields of a connection by the flags that give them.
const FIELDS: [(&str, &str); 8] = [
    ("conn-type", "conn_type"),
    ("type", "conn_type"),
    ("host", "host"),
    ("login", "login"),
    ("password", "password"),
    ("schema", "schema"),
    ("port", "port"),
    ("extra", "extra"),
];

pub(super) fn read(invocation: &mut Invocation<'_>, commands: &mut Commands) {
    let path = Arguments::read(invocation.arguments, &ANY).path();
    match path.as_slice() {
        ["deployment" | "deployments" | "de", "create" | "cr", ..] => {
            deployment(invocation, commands);
        }
        [
            "deployment" | "deployments" | "de",
            "variable" | "variables" | "var",
            "list" | "li" | "ls",
            ..,
        ] => {
            list(invocation, commands);
        }
        ["deployment" | "deployments" | "de", object, action, ..] => {
            let Some(effect) = effect(action) else { return };
            let database = |kind| (kind, Store::Database, &DEPLOYMENT_OBJECT);
            match *object {
                "variable" | "variables" | "var" => {
                    deployment_variable(invocation, effect, commands);
                }
                "airflow-variable" => stored(invocation, database(Kind::Variable), commands),
                "connection" | "connections" | "con" => {
                    stored(invocation, database(Kind::Connection), commands);
                }
                _ => {}
            }
        }
        ["env" | "environment", object, action, ..] => {
            let Some(effect) = effect(action) else { return };
            let manager = |kind| (kind, Store::EnvironmentManager, &ENVIRONMENT_OBJECT);
            match *object {
                "variable" | "variables" | "var" | "vars" => {
                    environment_variable(invocation, effect, commands);
                }
                "airflow-variable" | "airflow-variables" | "airflow-var" | "airflow-vars" => {
                    stored(invocation, manager(Kind::Variable), commands);
                }
                "connection" | "connections" | "conn" => {
                    stored(invocation, manager(Kind::Connection), commands);
                }
                _ => {}
            }
        }
        _ => {}
    }
}

/// What a sub-command does with what is there.
fn effect(action: &str) -> Option<Effect> {
    match action {
        "create" | "cr" => Some(Effect::Creates),
        "update" | "up" => Some(Effect::Updates),
        _ => None,
    }
}

/// `astro deployment create`: there is a new deployment, and its Runtime version where a flag gives it.
fn deployment(invocation: &mut Invocation<'_>, commands: &mut Commands) {
    let arguments = invocation.understood(&DEPLOYMENT, 2);
    let runtime = arguments.flag("runtime-version");
    let runtime = runtime.and_then(|it| Some((it.value.clone()?, invocation.at(it.word.raw))));
    commands.deployed.push(Deployed {
        target: arguments.value("name").cloned().map_or(Target::Unnamed, Target::Named),
        origin: Origin::Command,
        statement: invocation.place(),
        verb: verb(invocation, &arguments, 1),
        effect: Effect::Creates,
        variables: Vec::new(),
        loads: Vec::new(),
        runtime,
    });
}

/// `astro deployment variable list --save`: writes the variables to an env file, without the values of those that are
/// secret.
fn list(invocation: &mut Invocation<'_>, commands: &mut Commands) {
    let arguments = invocation.understood(&VARIABLE_LIST, 3);
    if let Some(save) = arguments.flag("save").filter(|_| arguments.is_on("save") != Some(false)) {
        let path = path(&arguments, "env", save.word);
        commands.saved.push(Saved { path, place: invocation.at(save.word.raw) });
    }
}

/// `astro deployment variable create|update`
fn deployment_variable(invocation: &mut Invocation<'_>, effect: Effect, commands: &mut Commands) {
    let arguments = invocation.understood(&DEPLOYMENT_VARIABLE, 3);
    let is_secret = arguments.is_on("secret");
    let mut variables = Vec::new();
    if let (Some(key), Some(value)) = (arguments.value("key"), arguments.value("value")) {
        variables.push(variable(invocation, key, Some(value), is_secret));
    }
    for word in arguments.positionals.iter().skip(3) {
        let written = word.value.text().expose();
        match written.find('=') {
            Some(equals) => {
                let text = word.value.text();
                if text.is_verbatim(equals..equals + 1) {
                    invocation.shown.push(text.span_of(equals..equals + 1));
                }
                let key = part(&word.value, 0..equals);
                let value = part(&word.value, equals + 1..written.len());
                let entry = invocation.at(word.raw);
                let variable = variable(invocation, &key, Some(&value), is_secret);
                variables.push(DeployedVariable { entry, ..variable });
            }
            // What is not known may be one.
            None if written.contains(UNKNOWN) => {
                variables.push(variable(invocation, &word.value, None, is_secret));
            }
            None => {
                let load = arguments.flag("load").map(|load| load.word.raw);
                let before = invocation.arguments.iter().rfind(|it| it.raw.end <= word.raw.start);
                commands.refused.push(Refused {
                    argument: invocation.at(word.raw),
                    follows_load: load.is_some() && before.map(|it| it.raw) == load,
                });
            }
        }
    }
    let verb = verb(invocation, &arguments, 2);
    for variable in &mut variables {
        variable.mark = verb.map(|verb| Replacement {
            place: Place::new(verb.file, Span::at(verb.span.end)),
            text: " --secret".to_owned(),
        });
    }
    let load = arguments.flag("load").filter(|_| arguments.is_on("load") != Some(false));
    let short = arguments.flag("secret").filter(|it| it.word.raw.of(invocation.scope.text) == "-s");
    if let (Some(short), Some(_), None) = (short, arguments.flag("env"), load) {
        commands.saved_as_secret.push(invocation.at(short.word.raw));
    }
    let loads = load.map(|load| Load {
        path: path(&arguments, "env", load.word),
        reader: Reader::VariableLoad,
        is_secret,
        place: invocation.at(load.word.raw),
    });
    commands.deployed.push(Deployed {
        target: target(&arguments),
        origin: Origin::Command,
        statement: invocation.place(),
        verb,
        effect,
        variables,
        loads: loads.into_iter().collect(),
        runtime: None,
    });
}

/// `astro env variable create|update`
fn environment_variable(invocation: &mut Invocation<'_>, effect: Effect, commands: &mut Commands) {
    let arguments = invocation.understood(&ENVIRONMENT_OBJECT, 3);
    let is_secret = arguments.is_on("secret");
    let load = arguments.flag("from-file").map(|load| Load {
        path: path(&arguments, "from-file", load.word),
        reader: Reader::EnvFromFile,
        is_secret,
        place: invocation.at(load.word.raw),
    });
    let value = arguments.value("value").cloned().or_else(|| standard_input(invocation));
    let key = key(&arguments, "key");
    let variables = key.map(|key| {
        let value = value.unwrap_or_else(|| unknown(invocation.command.span));
        variable(invocation, &key, Some(&value), is_secret)
    });
    commands.deployed.push(Deployed {
        target: scope(&arguments),
        origin: Origin::Command,
        statement: invocation.place(),
        verb: verb(invocation, &arguments, 2),
        effect,
        variables: variables.into_iter().collect(),
        loads: load.into_iter().collect(),
        runtime: None,
    });
}

/// Commands that put a variable or connection of Airflow into a store.
fn stored(
    invocation: &mut Invocation<'_>,
    (kind, store, flags): (Kind, Store, &Flags),
    commands: &mut Commands,
) {
    let arguments = invocation.understood(flags, 3);
    let given = |(flag, field): &(&'static str, &'static str)| {
        Some((*field, arguments.value(flag)?.clone()))
    };
    let fields: Vec<(&'static str, Value)> = if kind == Kind::Variable {
        let value = arguments.value("value").cloned().or_else(|| standard_input(invocation));
        value.map(|value| ("value", value)).into_iter().collect()
    } else {
        FIELDS.iter().filter_map(given).collect()
    };
    let name = if kind == Kind::Connection && store == Store::Database { "conn-id" } else { "key" };
    commands.stored.push(Stored {
        kind,
        key: key(&arguments, name).unwrap_or_else(|| unknown(invocation.command.span)),
        store,
        fields,
        statement: invocation.place(),
        origin: Origin::Command,
    });
}

/// The key of an object: the flag `name`, or the argument of `update`.
fn key(arguments: &Arguments<'_>, name: &str) -> Option<Value> {
    let argument = arguments.positionals.get(3).map(|word| &word.value);
    arguments.value(name).or(argument).cloned()
}

/// What stands behind the flag `name`; the default env file where there is none.
fn path(arguments: &Arguments<'_>, name: &str, word: &Word) -> Value {
    let default = || Value::Known(Text::produced_by(".env", word.raw));
    arguments.value(name).cloned().unwrap_or_else(default)
}

/// Which deployment a command of `astro deployment` is about.
fn target(arguments: &Arguments<'_>) -> Target {
    let flags = ["deployment-id", "deployment-name"];
    let named = flags.iter().find_map(|flag| arguments.value(flag));
    named.cloned().map_or(Target::Unnamed, Target::Named)
}

/// Whom a command of `astro env` is about: the workspace, unless a deployment is named.
fn scope(arguments: &Arguments<'_>) -> Target {
    arguments.value("deployment-id").cloned().map_or(Target::Workspace, Target::Named)
}

/// What is piped into a command that reads a value from there.
fn standard_input(invocation: &Invocation<'_>) -> Option<Value> {
    let payload = input::of(invocation.command, invocation.script())?;
    Some(input::value(payload, invocation.command))
}

fn variable(
    invocation: &Invocation<'_>,
    key: &Value,
    value: Option<&Value>,
    is_secret: Option<bool>,
) -> DeployedVariable {
    let given = value.map(|value| Value::of(marks::tokens_filled_in(value.text())));
    let given = given.unwrap_or_else(|| unknown(key.span()));
    let entry = key.span().cover(given.span());
    DeployedVariable {
        setting: Setting {
            key: key.text().expose().to_owned(),
            key_span: key.span(),
            value_span: given.span(),
            value: given,
            file: invocation.scope.file,
            origin: Origin::Command,
        },
        has_value: value.is_some(),
        is_secret,
        mark: None,
        entry: invocation.at(entry),
    }
}

/// The word of a command that says what it does, the one at `index` of those without a dash.
fn verb(invocation: &Invocation<'_>, arguments: &Arguments<'_>, index: usize) -> Option<Place> {
    arguments.positionals.get(index).map(|word| invocation.at(word.raw))
}
