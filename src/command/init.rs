//! `astrolint init`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Exit, Failure, print};
use crate::check::{Finding, Level};
use crate::cli::InitArgs;
use crate::config::{FILE_NAMES, configures};
use crate::report::escape::{escape, path_text};
use crate::resolve::{Project, WhatIf};
use crate::{ConfigSource, Error, Request, findings_of, for_each_project};

/// Rules that more than this many stand for are not listed.
const MOST_RULES: usize = 12;

pub(super) fn run(arguments: &InitArgs) -> Result<Exit, Failure> {
    let directory = arguments.path.clone().unwrap_or_else(|| PathBuf::from("."));
    if !directory.is_dir() {
        return Err(Failure::new(format!("`{}` is no directory", directory.display())));
    }
    for name in FILE_NAMES {
        let known = directory.join(name);
        if configures(&known)? {
            let message = format!("there is a configuration already: `{}`", path_text(&known));
            return Err(Failure::new(message));
        }
    }
    let request = Request {
        paths: vec![directory.clone()],
        config: ConfigSource::Isolated,
        ..Request::default()
    };
    let mut seen = Seen::default();
    let found = for_each_project(&request, &WhatIf::default(), |project, config| {
        let findings = findings_of(&project, config, &request);
        seen.add(&project, findings);
    });
    match found {
        // The configuration may make it one.
        Ok(_) | Err(Error::Discover(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let path = directory.join(FILE_NAMES[0]);
    write_new(&path, &seen.configuration())?;
    print(format!("wrote {}\n", escape(&path_text(&path))))
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let failed =
        |error: io::Error| Failure::new(format!("cannot write `{}`: {error}", path.display()));
    let mut file = File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// What there is to configure.
#[derive(Default)]
struct Seen {
    /// The environments that the files give, with their backends, in words.
    environments: Vec<(String, Option<String>)>,
    /// How often each rule finds something, with the highest level.
    rules: BTreeMap<&'static str, (usize, Level)>,
}

impl Seen {
    fn add(&mut self, project: &Project, findings: Vec<Finding>) {
        let private = project.private_values();
        for environment in &project.environments {
            let backend = environment.backend_name().map(|name| private.mask(name));
            let seen = (environment.name.clone(), backend);
            if !self.environments.contains(&seen) {
                self.environments.push(seen);
            }
        }
        for finding in findings {
            let (count, level) = self.rules.entry(finding.rule.id).or_insert((0, finding.level));
            *count += 1;
            *level = (*level).max(finding.level);
        }
    }

    /// The text of the file.
    fn configuration(&self) -> String {
        let repository = env!("CARGO_PKG_REPOSITORY");
        let mut text = format!(
            "#:schema {repository}/raw/main/docs/astrolint-config-v1.schema.json\n\
             # Configuration of astrolint: {repository}/blob/main/docs/configuration.md\n\
             # Everything here is optional. Remove the `# ` in front of what you want.\n\n\
             # What is not read, as in .gitignore, relative to this file.\n\
             # exclude = [\"dags/legacy/\"]\n\n\
             # Levels: off, info, warning or error.\n[rules]\n"
        );
        let mut rules: Vec<_> = self.rules.iter().collect();
        rules.sort_by_key(|(id, (count, level))| (std::cmp::Reverse((*level, *count)), **id));
        if rules.is_empty() {
            text += "# parse-time-lookup = \"info\"\n";
        } else {
            text += "# Found today:\n";
        }
        for (id, (count, level)) in rules.iter().take(MOST_RULES) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# {id} = \"{level}\"  # {count}");
        }
        text += "\n# Other levels for some files.\n\
                 # [[override]]\n\
                 # paths = [\"dags/legacy/\"]\n\
                 # rules = { parse-time-lookup = \"off\" }\n\n\
                 # What exists, as far as the repository does not tell: keys as code asks for them, or whole\n\
                 # names as the service lists them. What is asked for beside it is then reported.\n\
                 # [declared]\n\
                 # variables = [\"bucket\", \"team_*\"]\n\
                 # connections = [\"warehouse\"]\n\
                 # secrets = [\"airflow/connections/reporting\"]\n\n\
                 # Settings that live in the Astro UI or elsewhere, not in the repository.\n";
        for (name, backend) in &self.environments {
            let name = escape(name);
            let _ = match backend {
                Some(backend) => writeln!(text, "# Found: `{name}`, with {}.", escape(backend)),
                None => writeln!(text, "# Found: `{name}`, without a secrets backend."),
            };
        }
        text += "# [[environment]]\n\
                 # name = \"production\"\n\
                 # backend = \"airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend\"\n\
                 # backend-kwargs = { connections_prefix = \"airflow/connections\", variables_prefix = \"airflow/variables\" }\n\
                 # airflow = \"2.10.5\"\n\
                 # providers = { apache-airflow-providers-amazon = \">=9,<10\" }\n";
        text
    }
}
