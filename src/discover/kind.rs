//! What a file is, by its name and place.

use std::path::{Component, Path};

/// What a file is, which decides how it is read and what of it may be shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum FileKind {
    /// `.env`, `.env.*`, `*.env`, anywhere in the project: holds values.
    Env,
    /// `.env.example` and its kin, anywhere in the project or above it: placeholders are expected.
    EnvTemplate,
    /// `Dockerfile`, `Dockerfile.client` of the project.
    Dockerfile,
    /// `requirements.txt`, `requirements-client.txt` of the project.
    Requirements,
    /// Python code below `dags/`, `plugins/`, `include/`.
    Python,
    /// `*.sql`, `*.sh`, `*.html` and others below `dags/` and `include/`: what operators render.
    Template,
    /// `*.yaml`, `*.yml`, `*.json` below `dags/` and `include/`.
    Data,
    /// `airflow.cfg`, anywhere in the project.
    AirflowCfg,
    /// `docker-compose.override.yml` of the project.
    ComposeOverride,
    /// `airflow_settings.yaml` of the project, and what is called alike.
    SettingsFile,
    /// Other `*.yaml`, `*.yml` and `*.json`: deployment files, values of charts, CloudFormation; what
    /// one is shows in its content.
    Manifest,
    /// What a CI system runs: a workflow of GitHub, `.gitlab-ci.yml` and the like.
    Workflow,
    /// A shell script outside of `dags/` and `include/`.
    Script,
    /// `Makefile`, `*.mk`.
    Makefile,
    /// `*.tf`, `*.tf.json`.
    Terraform,
    /// `.gitignore`, anywhere in the project.
    Gitignore,
    /// `.dockerignore` of the project, or that of one Dockerfile (`Dockerfile.dockerignore`).
    Dockerignore,
    /// astrolint's own configuration; not found by discovery.
    Configuration,
}

/// The directories of a project whose Python code Airflow imports.
const CODE_DIRECTORIES: [&str; 3] = ["dags", "plugins", "include"];

/// The directories of a project whose other files operators render, or code reads.
const TEXT_DIRECTORIES: [&str; 2] = ["dags", "include"];

/// Endings of files that operators render: those of `template_ext` in Airflow's providers of November
/// 2026, and what people call files that they hand to `{% include %}`.
const TEMPLATE_ENDINGS: [&str; 23] = [
    "sql", "hql", "cql", "kql", "ddl", "sh", "bash", "zsh", "ksh", "csh", "dash", "ps1", "html",
    "htm", "txt", "md", "xml", "jinja", "jinja2", "j2", "json-tpl", "tmpl", "tpl",
];

/// Files of CI systems by their whole names; `.github/workflows/*` and composite actions apart.
const WORKFLOW_NAMES: [&str; 6] = [
    ".gitlab-ci.yml",
    ".gitlab-ci.yaml",
    "bitbucket-pipelines.yml",
    "bitbucket-pipelines.yaml",
    "azure-pipelines.yml",
    "azure-pipelines.yaml",
];

/// Directories of CI systems, whose YAML holds jobs.
const WORKFLOW_DIRECTORIES: [&str; 7] = [
    ".github/workflows",
    ".github/actions",
    ".circleci",
    ".gitlab",
    ".gitlab-ci",
    ".azure-pipelines",
    "azure-pipelines",
];

/// Words that make an env file a template. `default` is none: such files are loaded as they are.
const TEMPLATE_WORDS: [&str; 6] = ["example", "sample", "template", "tmpl", "tpl", "dist"];

/// Endings of files that only begin like an env file: code and encrypted copies.
const NOT_ENV_ENDINGS: [&str; 9] = ["py", "js", "ts", "md", "j2", "gpg", "asc", "age", "swp"];

/// What the file at `path`, relative to the root of its project, is; `None` when it is not read.
#[must_use]
pub fn file_kind(path: &Path) -> Option<FileKind> {
    let name = path.file_name()?.to_string_lossy();
    let at_root = path.components().count() == 1;
    match &*name {
        "Dockerfile" | "Dockerfile.client" => at_root.then_some(FileKind::Dockerfile),
        "requirements.txt" | "requirements-client.txt" => at_root.then_some(FileKind::Requirements),
        ".dockerignore" | "Dockerfile.dockerignore" | "Dockerfile.client.dockerignore" => {
            at_root.then_some(FileKind::Dockerignore)
        }
        "docker-compose.override.yml" | "docker-compose.override.yaml" if at_root => {
            Some(FileKind::ComposeOverride)
        }
        ".gitignore" => Some(FileKind::Gitignore),
        "airflow.cfg" => Some(FileKind::AirflowCfg),
        name if is_python(name) => {
            in_directory(path, &CODE_DIRECTORIES).then_some(FileKind::Python)
        }
        name => env_kind(name).or_else(|| {
            if in_directory(path, &TEXT_DIRECTORIES) { text_kind(path) } else { setup_kind(path) }
        }),
    }
}

/// What a file is that deploys the project or creates its secrets: see [`FileKind::is_setup`].
fn setup_kind(path: &Path) -> Option<FileKind> {
    if path.parent().is_some_and(|it| it.iter().any(is_for_others)) {
        return None;
    }
    let name = path.file_name()?.to_str()?;
    if ["Makefile", "makefile", "GNUmakefile"].contains(&name) {
        return Some(FileKind::Makefile);
    }
    if name.ends_with(".tf.json") {
        return Some(FileKind::Terraform);
    }
    match path.extension()?.to_str()? {
        "yaml" | "yml" if is_workflow(path, name) => Some(FileKind::Workflow),
        "yaml" | "yml"
            if name.starts_with("airflow_settings") && path.components().count() == 1 =>
        {
            Some(FileKind::SettingsFile)
        }
        "yaml" | "yml" | "json" => Some(FileKind::Manifest),
        "sh" | "bash" => Some(FileKind::Script),
        "mk" => Some(FileKind::Makefile),
        "tf" => Some(FileKind::Terraform),
        _ => None,
    }
}

/// Whether a directory of this name holds tests, or what the Astro CLI keeps for itself.
fn is_for_others(name: &std::ffi::OsStr) -> bool {
    ["tests", "test", ".astro"].iter().any(|other| name == *other)
}

fn is_workflow(path: &Path, name: &str) -> bool {
    let directory = path.parent().unwrap_or(Path::new(""));
    WORKFLOW_NAMES.contains(&name)
        || WORKFLOW_DIRECTORIES.iter().any(|it| directory.starts_with(it))
        || name.starts_with("azure-pipelines")
        || name.ends_with(".gitlab-ci.yml")
}

impl FileKind {
    /// Whether such files set the project up: configure its deployments, or create its secrets. They
    /// may lie beside the project, in the same repository.
    #[must_use]
    pub const fn is_setup(self) -> bool {
        matches!(
            self,
            Self::Manifest | Self::Workflow | Self::Script | Self::Makefile | Self::Terraform
        )
    }
}

/// What a file is that operators may render, or code read, by its ending.
fn text_kind(path: &Path) -> Option<FileKind> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "yaml" | "yml" | "json" => Some(FileKind::Data),
        ending => TEMPLATE_ENDINGS.contains(&ending).then_some(FileKind::Template),
    }
}

/// Whether [`file_kind`] could be other than `None` for `path`, seen from some directory above the
/// project: lets a walk forget most files at once.
pub(super) fn may_matter(path: &Path) -> bool {
    let Some(name) = path.file_name().map(std::ffi::OsStr::to_string_lossy) else {
        return false;
    };
    let is_below = |directories: &[&str]| {
        path.components().any(|component| is_one_of(&component, directories))
    };
    if is_python(&name) {
        is_below(&CODE_DIRECTORIES)
    } else {
        // With the directories gone, the file counts as one at a project's root.
        file_kind(Path::new(&*name)).is_some()
            || text_kind(path).is_some() && is_below(&TEXT_DIRECTORIES)
    }
}

fn is_python(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "py")
}

fn in_directory(path: &Path, directories: &[&str]) -> bool {
    path.components().next().is_some_and(|first| is_one_of(&first, directories))
}

fn is_one_of(component: &Component<'_>, directories: &[&str]) -> bool {
    directories.iter().any(|directory| component.as_os_str() == *directory)
}

/// Whether `name` is that of an env file, and which kind of one.
pub(super) fn env_kind(name: &str) -> Option<FileKind> {
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = name.split(['.', '_', '-']).collect();
    let is_template_word = |word: &&str| TEMPLATE_WORDS.contains(word);
    let last = words.last()?;
    if NOT_ENV_ENDINGS.contains(last) {
        return None;
    }
    let after_dot_env = name.strip_prefix(".env");
    let is_env = name.strip_suffix(".env").is_some()
        || after_dot_env.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_', '-']));
    if is_env {
        let template = words.iter().any(is_template_word);
        return Some(if template { FileKind::EnvTemplate } else { FileKind::Env });
    }
    // `env.example`, `env_sample`, `prod.env.example`
    let before_last = words.len().checked_sub(2).and_then(|at| words.get(at));
    (before_last == Some(&"env") && is_template_word(last)).then_some(FileKind::EnvTemplate)
}

#[cfg(test)]
mod tests {
    use super::FileKind::*;
    use super::*;

    const KINDS: &[(&str, Option<FileKind>)] = &[
        (".env", Some(Env)),
        (".env.my-deployment", Some(Env)),
        (".env_dev", Some(Env)),
        ("prod.env", Some(Env)),
        (".env/dev.env", Some(Env)),
        ("include/.env", Some(Env)),
        (".env.bak", Some(Env)),
        (".env.defaults", Some(Env)),
        (".env.example", Some(EnvTemplate)),
        (".env_example", Some(EnvTemplate)),
        (".env.dist", Some(EnvTemplate)),
        (".env.template", Some(EnvTemplate)),
        (".env.sample", Some(EnvTemplate)),
        (".env_sample", Some(EnvTemplate)),
        ("example.env", Some(EnvTemplate)),
        (".env.local.example", Some(EnvTemplate)),
        (".ENV.EXAMPLE", Some(EnvTemplate)),
        ("env.example", Some(EnvTemplate)),
        ("docker/prod.env.sample", Some(EnvTemplate)),
        (".envrc", None),
        ("environment.yml", Some(Manifest)),
        ("env_example.py", None),
        (".env.py", None),
        (".env.gpg", None),
        ("env.yaml", Some(Manifest)),
        ("example.txt", None),
        ("Dockerfile", Some(Dockerfile)),
        ("Dockerfile.client", Some(Dockerfile)),
        ("include/dbt/Dockerfile", None),
        ("requirements.txt", Some(Requirements)),
        ("requirements-client.txt", Some(Requirements)),
        ("requirements-dev.txt", None),
        ("tests/requirements.txt", None),
        ("dags/a.py", Some(Python)),
        ("dags/tests/a.py", Some(Python)),
        ("plugins/x/y.py", Some(Python)),
        ("include/x.py", Some(Python)),
        ("tests/dags/test_a.py", None),
        ("setup.py", None),
        ("dags/a.pyc", None),
        ("dags/a.sql", Some(Template)),
        ("include/sql/a.SQL.j2", Some(Template)),
        ("dags/readme.md", Some(Template)),
        ("dags/a.yml", Some(Data)),
        ("include/a.json", Some(Data)),
        ("include/prod.env", Some(Env)),
        ("plugins/a.sql", None),
        ("sql/a.sql", None),
        ("dags/a.csv", None),
        ("airflow_settings.yaml", Some(SettingsFile)),
        ("airflow_settings.prod.yml", Some(SettingsFile)),
        ("deploy/airflow_settings.yaml", Some(Manifest)),
        ("docker-compose.override.yml", Some(ComposeOverride)),
        ("deployment.yaml", Some(Manifest)),
        ("deploy/prod.json", Some(Manifest)),
        ("tests/data/a.json", None),
        (".astro/config.yaml", None),
        (".github/workflows/ci.yml", Some(Workflow)),
        (".github/actions/deploy/action.yaml", Some(Workflow)),
        (".gitlab-ci.yml", Some(Workflow)),
        (".circleci/config.yml", Some(Workflow)),
        ("azure-pipelines-prod.yml", Some(Workflow)),
        ("scripts/deploy.sh", Some(Script)),
        ("Makefile", Some(Makefile)),
        ("make/aws.mk", Some(Makefile)),
        ("terraform/main.tf", Some(Terraform)),
        ("infra/main.tf.json", Some(Terraform)),
        ("include/main.tf", None),
        (".gitignore", Some(Gitignore)),
        ("dags/.gitignore", Some(Gitignore)),
        (".dockerignore", Some(Dockerignore)),
        ("Dockerfile.dockerignore", Some(Dockerignore)),
        ("dags/.dockerignore", None),
        ("airflow.cfg", Some(AirflowCfg)),
        ("config/airflow.cfg", Some(AirflowCfg)),
    ];

    #[test]
    fn a_kind_follows_from_name_and_place() {
        for (path, kind) in KINDS {
            assert_eq!(file_kind(Path::new(path)), *kind, "{path}");
            if kind.is_some() {
                assert!(may_matter(&Path::new("any/where").join(path)), "{path}");
            }
        }
        assert!(!may_matter(Path::new("any/where/setup.py")));
    }

    /// Each kind is in the table, so that what is said of all kinds is.
    #[test]
    fn the_table_holds_every_kind() {
        let kinds: std::collections::BTreeSet<_> = KINDS.iter().filter_map(|row| row.1).collect();
        // `Configuration` is the last kind, and the only one that discovery never gives.
        assert_eq!(kinds.len(), Configuration as usize, "a kind is missing: {kinds:?}");
    }

    /// The hook of pre-commit starts for every commit: a filter would not see deleted files, which
    /// pre-commit does not count, nor what lies in places that only code and requirements know.
    #[test]
    fn the_hook_starts_for_every_commit() {
        let hooks = include_str!("../../.pre-commit-hooks.yaml");
        for line in
            ["  always_run: true\n", "  pass_filenames: false\n", "  require_serial: true\n"]
        {
            assert!(hooks.contains(line), "{line}");
        }
        assert!(!hooks.contains("files: |") && !hooks.contains("types"));
    }
}
