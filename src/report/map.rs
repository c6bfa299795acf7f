//! What a project asks for and what it is given, in each of its environments: what the HTML page maps.

use std::collections::BTreeMap;
use std::path::Path;

use super::escape::path_text;
use super::secrets::Secrets;
use crate::model::{Setting, is_shown_key, relative};
use crate::resolve::{Configured, Environment, PrivateValues, Project};
use crate::text::Value;

/// The map of one project: every text may be shown.
#[derive(Debug)]
pub struct Map {
    /// What is asked for in each environment, what creates it, and what is created for nothing.
    pub secrets: Secrets,
    /// What each environment has, in the order of [`Secrets::environments`].
    pub environments: Vec<Equipment>,
}

/// What an environment has.
#[derive(Debug)]
pub struct Equipment {
    /// The versions of Airflow that are possible.
    pub airflow: String,
    /// The package of the backend, with the versions that are possible.
    pub provider: Option<String>,
    /// Its settings, by key. Those whose key may be a part of a credential are left out.
    pub settings: Vec<Given>,
}

/// A setting.
#[derive(Debug)]
pub struct Given {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Worth,
    /// What the kwargs of a backend hold: the name and the value of each.
    pub members: Vec<(String, String)>,
    /// Where it is written.
    pub source: Source,
    /// What is written elsewhere and does not count beside it, the nearest first.
    pub over: Vec<Source>,
}

/// A value, as far as it may be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Worth {
    /// This text.
    Text(String),
    /// It may be a credential.
    Masked,
    /// Only run time tells.
    Dynamic,
}

/// Where a setting is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// What kind of place that is.
    pub origin: &'static str,
    /// The file, with `/`.
    pub path: String,
    /// The 1-based line.
    pub line: usize,
}

impl Map {
    /// The map of `project`, with paths as they are written from `here`.
    #[must_use]
    pub fn of(project: &Project, here: &Path) -> Self {
        let mut secrets = Secrets::default();
        let environments: Vec<&Environment> = project.environments.iter().collect();
        secrets.add(project, &environments, true, here);
        let private = project.private_values();
        let reader = Reader { project, private, here };
        Self { secrets, environments: environments.iter().map(|it| reader.equipment(it)).collect() }
    }
}

/// What is needed to show settings.
struct Reader<'a> {
    project: &'a Project,
    private: PrivateValues,
    here: &'a Path,
}

impl Reader<'_> {
    fn equipment(&self, environment: &Environment) -> Equipment {
        let package = environment.server.backend().map(|backend| backend.package.as_str());
        let provider = package.zip(environment.provider());
        Equipment {
            airflow: environment.versions.airflow().describe(),
            provider: provider.map(|(package, set)| format!("{package} {}", set.describe())),
            settings: self.settings(environment),
        }
    }

    fn settings(&self, environment: &Environment) -> Vec<Given> {
        // What counts most comes first.
        let mut found: BTreeMap<&str, Vec<&Setting>> = BTreeMap::new();
        let overridden = environment.settings.overridden().iter().rev();
        for setting in environment.settings.iter().chain(overridden).chain(environment.cfg.iter()) {
            found.entry(&setting.key).or_default().push(setting);
        }
        let shown = found.into_iter().filter(|(key, _)| is_shown_key(key));
        let given = shown.filter_map(|(key, settings)| {
            let (setting, over) = settings.split_first()?;
            Some(Given {
                key: self.private.mask(key),
                value: self.worth(setting),
                members: self.members(environment, setting),
                source: self.source(setting),
                over: over.iter().map(|it| self.source(it)).collect(),
            })
        });
        given.collect()
    }

    fn worth(&self, setting: &Setting) -> Worth {
        match (&setting.value, setting.shown()) {
            (Value::Dynamic(_), _) => Worth::Dynamic,
            (Value::Known(_), Some(text)) => Worth::Text(self.private.mask(text)),
            (Value::Known(_), None) => Worth::Masked,
        }
    }

    /// The keywords that `setting` gives a backend.
    fn members(&self, environment: &Environment, setting: &Setting) -> Vec<(String, String)> {
        let gives = |it: &&Configured| it.kwargs_setting.as_ref() == Some(setting);
        let Some(configured) = [&environment.server, &environment.worker].into_iter().find(gives)
        else {
            return Vec::new();
        };
        let keywords = environment.keywords(configured).into_iter();
        let shown = keywords.filter(|kwarg| !kwarg.own_variable).map(|kwarg| {
            (self.private.mask(kwarg.shown_name()), self.private.mask(&kwarg.shown_value()))
        });
        shown.collect()
    }

    fn source(&self, setting: &Setting) -> Source {
        let file = self.project.model.files.get(setting.file);
        Source {
            origin: setting.origin.describe(),
            path: path_text(&relative(file.path(), self.here)),
            line: file.position(setting.key_span.start).line,
        }
    }
}
