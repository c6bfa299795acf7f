//! See `rules/backend-outside-cluster.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::Origin;
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "backend-outside-cluster",
    level: Level::Warning,
    group: Group::Backend,
    summary: "A backend that only works inside a Kubernetes cluster, in settings for local containers",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/backend-outside-cluster.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let Some(backend) = configured.backend() else { continue };
        let Some(class) = &configured.class else { continue };
        let needs_cluster = !backend.when("needs-cluster").is_empty();
        // Only of these it is known that `astro dev start` reads them.
        let is_local = class.setting.origin == Origin::EnvFile && environment.is_local();
        if !needs_cluster || !is_local {
            continue;
        }
        let name = backend.class_name();
        findings.push(
            Finding::new(
                &RULE,
                class.setting.value_place(),
                format!("`{name}` reads its cluster's configuration, and `astro dev start` runs in none"),
            )
            .in_environment(&environment.name)
            .label("for pods of a cluster only")
            .note("the backend loads the service account of its pod and nothing else: in a local container every lookup raises ConfigException, and Airflow goes on to environment variables and the database")
            .help("set the backend for the deployment only, and give local values as `AIRFLOW_VAR_…` and `AIRFLOW_CONN_…`"),
        );
    }
}
