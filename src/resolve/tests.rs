//! What no record of a real program holds: each row is what the source of the class does.

use super::{Environment, Outcome, Process, WhatIf, what_if};
use crate::model::Kind;

const LOCAL: &str = "airflow.secrets.local_filesystem.LocalFilesystemBackend";
const VARIABLES: &str = "airflow.secrets.environment_variables.EnvironmentVariablesBackend";
const METASTORE: &str = "airflow.secrets.metastore.MetastoreBackend";
const VAULT: &str = "airflow.providers.hashicorp.secrets.vault.VaultBackend";
const MANAGER: &str = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
const LABELS: &str =
    "airflow.providers.cncf.kubernetes.secrets.kubernetes_secrets_backend.KubernetesSecretsBackend";

fn environment(versions: &str, class: &str, kwargs: &str, more: &[(&str, &str)]) -> Environment {
    let setting = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    let own = [("AIRFLOW__SECRETS__BACKEND", class), ("AIRFLOW__SECRETS__BACKEND_KWARGS", kwargs)];
    let pins = versions.split(' ').map(|pin| pin.split_once("==").unwrap());
    let asked = WhatIf {
        settings: own.into_iter().chain(more.iter().copied()).map(setting).collect(),
        versions: pins.map(setting).collect(),
        ..WhatIf::default()
    };
    what_if(&asked).unwrap().1
}

fn ends(environment: &Environment, process: Process, kind: Kind, key: &str) -> (Outcome, String) {
    let answers = environment.answers(process, kind, key);
    assert_eq!(answers.len(), 1, "{answers:?}");
    (answers[0].lookup.outcome, answers[0].lookup.requested.join(" "))
}

#[test]
fn backends_without_records_answer_as_their_source_does() {
    use Kind::{Config, Connection, Variable};
    use Outcome::{Asked, LookupError, NeverAsked, StartupError};
    let files = r#"{"variables_file_path": "/v.json", "connections_file_path": "/c.yml"}"#;
    let teams: &[(&str, &str)] = &[("AIRFLOW__CORE__MULTI_TEAM", "true")];
    for (versions, class, kwargs, more, kind, key, outcome, name) in [
        ("airflow==2.9.3", LOCAL, files, &[][..], Variable, "K", Asked, "K"),
        ("airflow==2.9.3", LOCAL, files, &[], Connection, "c", Asked, "c"),
        ("airflow==2.2.5", LOCAL, files, &[], Connection, "c", LookupError, ""),
        ("airflow==2.9.3", LOCAL, files, &[], Config, "k", NeverAsked, ""),
        ("airflow==2.9.3", LOCAL, "{}", &[], Variable, "k", NeverAsked, ""),
        (
            "airflow==3.1.8",
            LOCAL,
            r#"{"configs_file_path": "/a.env"}"#,
            &[],
            Config,
            "k",
            StartupError,
            "",
        ),
        (
            "airflow==3.2.2",
            LOCAL,
            r#"{"configs_file_path": "/a.env"}"#,
            &[],
            Config,
            "k",
            Asked,
            "k",
        ),
        (
            "airflow==2.9.3",
            LOCAL,
            r#"{"variables_file_path": "/v.txt"}"#,
            &[],
            Variable,
            "k",
            LookupError,
            "",
        ),
        ("airflow==2.9.3", VARIABLES, "{}", &[], Variable, "my-key", Asked, "AIRFLOW_VAR_MY-KEY"),
        ("airflow==2.9.3", VARIABLES, "{}", &[], Config, "k", NeverAsked, ""),
        ("airflow==2.9.3", VARIABLES, r#"{"a": 1}"#, &[], Variable, "k", StartupError, ""),
        ("airflow==2.2.5", VARIABLES, r#"{"a": 1}"#, &[], Variable, "k", Asked, "AIRFLOW_VAR_K"),
        ("airflow==3.2.2", VARIABLES, "{}", &[], Variable, "_t___k", NeverAsked, ""),
        ("airflow==3.3.2", VARIABLES, "{}", &[], Variable, "_t___k", Asked, "AIRFLOW_VAR__T___K"),
        ("airflow==3.3.2", VARIABLES, "{}", teams, Connection, "a___b", NeverAsked, ""),
        ("airflow==3.3.2", METASTORE, "{}", &[], Connection, "C", Asked, "C"),
        ("airflow==3.3.2", METASTORE, "{}", &[], Config, "c", NeverAsked, ""),
        (
            "airflow==3.3.2 cncf-kubernetes==10.25.0",
            LABELS,
            "{}",
            &[],
            Variable,
            "a/b",
            LookupError,
            "",
        ),
        (
            "airflow==2.9.3 hashicorp==3.7.0",
            VAULT,
            "{}",
            &[("VAULT_TOKEN", "t")],
            Config,
            "k",
            Asked,
            "secret/data/config/k",
        ),
        (
            "airflow==2.9.3 hashicorp==3.7.0",
            VAULT,
            r#"{"auth_type": "radius", "radius_host": "h", "radius_secret": "s"}"#,
            &[],
            Variable,
            "k",
            LookupError,
            "",
        ),
    ] {
        let environment = environment(versions, class, kwargs, more);
        let found = ends(&environment, Process::Server, kind, key);
        assert_eq!(found, (outcome, name.to_owned()), "{versions} {class} {kwargs} {kind} {key}");
    }
}

/// Airflow 3.2 passes `team_name` to everything that answers on the server.
#[test]
fn a_backend_that_takes_no_team_fails_on_airflow_3_2() {
    use Kind::{Config, Connection, Variable};
    use Outcome::{Asked, LookupError};
    let token = r#"{"token": "t"}"#;
    let region: &[(&str, &str)] = &[("AWS_DEFAULT_REGION", "us-east-1")];
    for (versions, class, kwargs, process, kind, outcome) in [
        ("airflow==3.2.2 amazon==9.12.0", MANAGER, "{}", Process::Server, Variable, LookupError),
        ("airflow==3.2.2 amazon==9.12.0", MANAGER, "{}", Process::Worker, Variable, Asked),
        ("airflow==3.2.2 amazon==9.12.0", MANAGER, "{}", Process::Worker, Connection, LookupError),
        ("airflow==3.2.2 amazon==9.12.0", MANAGER, "{}", Process::Server, Config, Asked),
        ("airflow==3.2.2 amazon==9.19.0", MANAGER, "{}", Process::Server, Variable, Asked),
        ("airflow==3.2.2 amazon==9.19.0", MANAGER, "{}", Process::Server, Connection, LookupError),
        ("airflow==3.2.2 amazon==9.20.0", MANAGER, "{}", Process::Server, Connection, Asked),
        ("airflow==3.3.2 amazon==9.12.0", MANAGER, "{}", Process::Server, Connection, Asked),
        ("airflow==3.2.2 hashicorp==4.4.0", VAULT, token, Process::Worker, Connection, Asked),
        ("airflow==3.2.2 hashicorp==4.4.0", VAULT, token, Process::Server, Connection, LookupError),
    ] {
        let environment = environment(versions, class, kwargs, region);
        let found = ends(&environment, process, kind, "k").0;
        assert_eq!(found, outcome, "{versions} {class} {process:?} {kind}");
    }
}

/// Versions that end alike are one answer, whatever the reason names.
#[test]
fn versions_that_end_alike_are_one_answer() {
    let contrib = "airflow.contrib.secrets.aws_secrets_manager.SecretsManagerBackend";
    let environment = environment("airflow==3.3.2", contrib, "{}", &[]);
    let answers = environment.answers(Process::Server, Kind::Variable, "k");
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].lookup.outcome, Outcome::StartupError);
}
