//! astrolint reads an Astro project the way Astro and Airflow will read it, and says where a
//! variable or connection that its DAGs ask for would not be found.
//!
//! A run is a pipeline: [`discover`] finds the projects and their files; [`read`] turns each file
//! into a document with places; [`model`] takes from the documents what the project says (settings,
//! versions, references); [`resolve`] works out what Airflow would do with it, by the facts about
//! each version in [`facts`]; [`check`](mod@check) holds the rules, which are filters over that; and
//! [`report`] shows what they found. Data flows in this direction only.

pub mod baseline;
pub mod check;
pub mod cli;
pub mod command;
pub mod config;
pub mod discover;
pub mod facts;
pub mod fingerprint;
pub mod fix;
mod hash;
pub mod limits;
pub mod lsp;
pub mod model;
pub mod parallel;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod properties;
pub mod read;
pub mod report;
pub mod resolve;
pub mod suppress;
pub mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use baseline::{Baseline, Entry};
use check::{Finding, Rule};
use config::{Config, ConfigError};
use discover::{DiscoverError, Discovered, Note, Overlays, ProjectFiles};
use facts::runtime::Image;
pub use model::relative;
use model::{FileId, FileKind, Files, Model, Shown};
use report::LeftOut;
use report::map::Map;
use resolve::{Project, WhatIf, WhatIfError};
use text::{BYTE_ORDER_MARK, Span};

/// What to check, and how.
#[derive(Clone, Default)]
pub struct Request {
    /// Projects, directories or files; the working directory when empty.
    pub paths: Vec<PathBuf>,
    /// Where the configuration comes from.
    pub config: ConfigSource,
    /// Rules to run; all when empty.
    pub select: Vec<&'static Rule>,
    /// Rules not to run.
    pub ignore: Vec<&'static Rule>,
    /// Whether suppression comments count.
    pub no_ignores: bool,
    /// Files whose content is not the one on disk.
    pub overlays: Overlays,
    /// Whether the folder `tests/` of a project is read too, and what folders of tests ask for counts.
    pub include_tests: bool,
    /// What is known already, and not reported.
    pub baseline: Option<Arc<Baseline>>,
    /// Whether the run tells what each project asks for and is given, which costs time.
    pub has_maps: bool,
    /// The image that projects are built on, instead of the one that they name.
    pub image: Option<Image>,
    /// Is told how far the run is.
    pub progress: Arc<Progress>,
}

/// How far a run is, for whoever waits for it on another thread.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicUsize,
    all: AtomicUsize,
}

impl Progress {
    /// How many projects are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// How many there are; 0 until that is known.
    #[must_use]
    pub fn all(&self) -> usize {
        self.all.load(Ordering::Relaxed)
    }

    fn begin(&self, all: usize) {
        self.done.store(0, Ordering::Relaxed);
        self.all.store(all, Ordering::Relaxed);
    }

    fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// Where the configuration comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ConfigSource {
    /// The nearest file at or above each project.
    #[default]
    Nearest,
    /// This file.
    File(PathBuf),
    /// None is used.
    Isolated,
}

impl ConfigSource {
    /// What `--config` and `--isolated` ask for.
    #[must_use]
    pub fn of(file: Option<&Path>, isolated: bool) -> Self {
        match file {
            _ if isolated => Self::Isolated,
            Some(file) => Self::File(file.to_path_buf()),
            None => Self::Nearest,
        }
    }
}

/// What a run found.
#[derive(Default)]
pub struct Run {
    /// The files that findings point into.
    pub files: Files,
    /// What of them may be shown.
    pub shown: Shown,
    /// Where they are, absolute.
    locations: BTreeMap<FileId, PathBuf>,
    /// The findings, by path and place.
    pub findings: Vec<Finding>,
    /// The projects that were checked.
    pub projects: Vec<Checked>,
    /// Their directories, as the user would write them.
    pub roots: Vec<PathBuf>,
    /// What they ask for and are given, if that was wanted.
    pub maps: Vec<Map>,
    /// What is wrong with the paths that stand for no project.
    pub failed: Vec<DiscoverError>,
    /// How many findings are not reported, and why.
    pub left_out: LeftOut,
    /// What the baseline knows and is found no more.
    pub stale: Vec<Entry>,
}

/// One project that was checked.
pub struct Checked {
    /// Its directory.
    pub root: PathBuf,
    /// What was used, for `--verbose`: never a value.
    pub used: Vec<String>,
    /// Whether a file of it, or the configuration, names a secrets backend.
    pub has_backend: bool,
}

/// Why a run cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing to check.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A declared version is wrong.
    #[error(transparent)]
    Version(#[from] WhatIfError),
}

/// Checks what `request` names: discover, read, model, resolve, check.
///
/// # Errors
/// When there is nothing to check, or the configuration is wrong. What is wrong with a file of a
/// project is a finding, and the rest is checked.
pub fn check(request: &Request) -> Result<Run, Error> {
    let mut run = Run::default();
    let here = here();
    let work = |project: Project, config: &Config, threads: usize| {
        let judged = findings_of(&project, config, request, threads);
        let checked = Checked {
            root: project.model.root.clone(),
            used: used(&project, config),
            has_backend: project.backends().next().is_some(),
        };
        let map = request.has_maps.then(|| Map::of(&project, &here));
        (checked, map, project.model, judged)
    };
    let failed =
        in_parallel(request, &WhatIf::default(), work, |(checked, map, model, judged)| {
            run.projects.push(checked);
            run.maps.extend(map);
            run.left_out.add(judged.left_out);
            run.absorb(model, judged.findings, &here);
        })?;
    run.failed = failed;
    sort(&mut run.findings, &run.files);
    if let Some(baseline) = &request.baseline {
        run.set_aside(baseline, |rule| is_wanted(request, rule));
    }
    Ok(run)
}

/// The findings of a project, and how many more there are.
pub struct Judged {
    /// What is reported, by path and place.
    pub findings: Vec<Finding>,
    /// What is not.
    pub left_out: LeftOut,
}

/// What the rules that `request` and `config` want find in `project`, with the levels that the user gave
/// them, without what comments suppress; found on at most `threads` threads.
#[must_use]
pub fn findings_of(
    project: &Project,
    config: &Config,
    request: &Request,
    threads: usize,
) -> Judged {
    let mut left_out = LeftOut::default();
    let wanted = |rule: &Rule| is_wanted(request, rule.id);
    let mut findings = check::check(project, threads, wanted);
    if !request.no_ignores {
        (findings, left_out.suppressed) = suppress::apply(&project.model.files, findings, wanted);
    }
    fix::keep_sound(&project.model.files, &mut findings);
    let found = findings.len();
    findings.retain_mut(|finding| {
        let path = project.model.files.get(finding.primary.place.file).path();
        let level = config.level(finding.rule, finding.level, path);
        finding.level = level.unwrap_or(finding.level);
        level.is_some()
    });
    left_out.switched_off = found - findings.len();
    sort(&mut findings, &project.model.files);
    let Model { files, root, .. } = &project.model;
    fingerprint::assign(&mut findings, files, root, |file| shown_in(&project.model, file));
    Judged { findings, left_out }
}

/// Whether `request` wants the rule called `id`.
fn is_wanted(request: &Request, id: &str) -> bool {
    let is = |rule: &&'static Rule| rule.id == id;
    (request.select.is_empty() || request.select.iter().any(is)) && !request.ignore.iter().any(is)
}

/// What of `file` may be shown.
#[must_use]
pub fn shown_in(model: &Model, file: FileId) -> Vec<Span> {
    let mut spans = model::shown_spans(&model.files, file, &model.references);
    if model.files.get(file).text().starts_with(BYTE_ORDER_MARK) {
        spans.push(Span::new(0, BYTE_ORDER_MARK.len_utf8()));
    }
    spans.extend(model.declared.shown_in(file));
    spans.extend(model.setup.shown_in(file, model.files.get(file).text()));
    spans
}

/// The projects that `request` names, each with its configuration, without what that leaves out.
///
/// # Errors
/// When there is none, or a configuration is wrong.
pub fn find(request: &Request) -> Result<Found, Error> {
    let Discovered { projects, notes, failed } = discover::discover(&request.paths)?;
    let mut found = Vec::new();
    for mut project in projects {
        for path in request.overlays.paths() {
            project.add(path);
        }
        if request.include_tests {
            project.add_tests();
        }
        let config = configuration(&request.config, &project, &request.overlays)?;
        if config.exclude.match_directory(&project.root) {
            continue;
        }
        project.files.retain(|file| !config.exclude.match_file(&file.path));
        found.push((project, config));
    }
    Ok(Found { projects: found, notes, failed })
}

/// What [`find`] finds.
pub struct Found {
    /// The projects, by root.
    pub projects: Vec<(ProjectFiles, Config)>,
    /// What was passed over.
    notes: Vec<Note>,
    /// What is wrong with the paths that stand for no project, where others do.
    pub failed: Vec<DiscoverError>,
}

/// Reads and resolves each project that `request` names, and hands it to `then`, by root.
///
/// Gives what is wrong with the paths that stand for no project, where others do.
///
/// # Errors
/// As for [`check`](check()).
pub fn for_each_project(
    request: &Request,
    what_if: &WhatIf,
    mut then: impl FnMut(Project, &Config),
) -> Result<Vec<DiscoverError>, Error> {
    let work = |project: Project, config: &Config, _: usize| (project, config.clone());
    in_parallel(request, what_if, work, |(project, config)| then(project, &config))
}

/// Does `work` with each project that `request` names, several at once, and hands what comes out of it
/// to `then`, by root. It is told how many threads it may use: few projects keep all busy by themselves.
fn in_parallel<T: Send>(
    request: &Request,
    what_if: &WhatIf,
    work: impl Fn(Project, &Config, usize) -> T + Sync,
    mut then: impl FnMut(T),
) -> Result<Vec<DiscoverError>, Error> {
    let Found { projects, mut notes, failed } = find(request)?;
    let projects: Vec<_> = projects
        .into_iter()
        .map(|(found, config)| {
            let is_here =
                |note: &mut Note| note.paths().iter().any(|it| it.starts_with(&found.root));
            let here: Vec<Note> = notes.extract_if(.., is_here).collect();
            (found, config, here)
        })
        .collect();
    let cores = parallel::cores();
    let within = cores.div_ceil(projects.len().max(1));
    request.progress.begin(projects.len());
    let mut wrong = None;
    let read = |(found, config, notes): &(ProjectFiles, Config, Vec<Note>)| {
        let mut model = Model::read(found, &request.overlays, within);
        if !request.include_tests {
            model.leave_out_tests();
        }
        model.declare(config.source.clone(), config.environments.clone(), config.names.clone());
        model.note(notes);
        if let Some(image) = &request.image {
            model.build_on(image);
        }
        let done = resolve::resolve(model, what_if).map(|project| work(project, config, within));
        request.progress.step();
        done
    };
    parallel::in_order(&projects, cores, read, |done| match done {
        Ok(done) => then(done),
        Err(error) => wrong = Some(error),
    });
    wrong.map_or(Ok(failed), |error| Err(error.into()))
}

fn configuration(
    source: &ConfigSource,
    project: &ProjectFiles,
    overlays: &Overlays,
) -> Result<Config, ConfigError> {
    match source {
        ConfigSource::Isolated => Ok(Config::default()),
        ConfigSource::File(path) => Config::from_file(path, overlays),
        ConfigSource::Nearest => {
            let top = project.repository.as_deref().unwrap_or(&project.root);
            Config::nearest(&project.root, top, overlays)
        }
    }
}

/// What was used of a project, in sentences without values.
fn used(project: &Project, config: &Config) -> Vec<String> {
    let mut said = Vec::new();
    said.push(match &config.source {
        Some((path, _)) => format!("configuration {}", report::escape::path_text(path)),
        None => "no configuration file".to_owned(),
    });
    for environment in &project.environments {
        let airflow = environment.versions.airflow().describe();
        let backend =
            environment.server.class.as_ref().and_then(resolve::ClassName::shown).unwrap_or("none");
        said.push(format!(
            "environment `{}`: Airflow {airflow}, backend {backend}",
            environment.name
        ));
        if let (Some(backend), Some(versions)) =
            (environment.server.backend(), environment.provider())
        {
            said.push(format!(
                "environment `{}`: {} {}",
                environment.name,
                backend.package,
                versions.describe()
            ));
        }
    }
    let files = project.model.files.iter();
    let files = files.filter(|(_, file)| file.kind() != FileKind::Python && !file.is_new());
    let names: Vec<_> = files.map(|(id, _)| project.model.name_of(id)).collect();
    said.push(format!("read {}", names.join(", ")));
    let code = project.model.modules.iter();
    let code = code.map(|it| report::escape::path_text(&relative(&it.path, &project.model.root)));
    said.push(match code.collect::<Vec<_>>().as_slice() {
        [] => "read no Python file that asks for something".to_owned(),
        names => format!("read {}", names.join(", ")),
    });
    said.push(format!("{} references in DAG code", project.model.references.len()));
    said
}

impl Run {
    /// Where the file with number `id` is, absolute.
    #[must_use]
    pub fn location(&self, id: FileId) -> Option<&Path> {
        self.locations.get(&id).map(PathBuf::as_path)
    }

    /// The findings, with where the files are.
    pub fn located(&self) -> impl Iterator<Item = (&Path, &Finding)> {
        let location = |finding: &Finding| self.location(finding.primary.place.file);
        self.findings.iter().filter_map(move |finding| Some((location(finding)?, finding)))
    }

    /// Takes out what `baseline` knows, and notes what it knows in vain of the rules that were checked.
    ///
    /// Of a project without a backend no name was checked: its `.env` may be on the machine where the
    /// baseline was written, and so nothing is known in vain.
    fn set_aside(&mut self, baseline: &Baseline, checked: impl Fn(&str) -> bool) {
        let judged = self.projects.iter().filter(|project| project.has_backend);
        let roots: Vec<&Path> = judged.map(|it| it.root.as_path()).collect();
        self.stale = baseline.stale(self.located(), &roots, checked);
        let known: Vec<bool> = self
            .findings
            .iter()
            .map(|finding| {
                let location = self.location(finding.primary.place.file);
                location.is_some_and(|location| baseline.knows(location, finding))
            })
            .collect();
        let mut known = known.into_iter();
        let before = self.findings.len();
        self.findings.retain(|_| !known.next().unwrap_or(false));
        self.left_out.known = before - self.findings.len();
    }

    /// Takes over the findings of a project, with the files they point into.
    fn absorb(&mut self, mut model: Model, findings: Vec<Finding>, here: &Path) {
        let project = self.roots.len();
        self.roots.push(relative(&model.root, here));
        let mut numbers = BTreeMap::new();
        for file in findings.iter().flat_map(Finding::files) {
            numbers.entry(file).or_insert_with(|| {
                let spans = shown_in(&model, file);
                let location = model.files.get(file).path().to_path_buf();
                let path = relative(&location, here);
                let adopted = self.files.adopt(&mut model.files, file, path);
                self.locations.insert(adopted, location);
                self.shown.allow(adopted, spans);
                adopted
            });
        }
        for finding in findings {
            let mut finding = Finding { project, ..finding.renumbered(&numbers) };
            fix::withhold(&self.files, &self.shown, &mut finding);
            self.findings.push(finding);
        }
    }
}

/// The directory from which paths are written.
fn here() -> PathBuf {
    std::env::current_dir().and_then(|path| path.canonicalize()).unwrap_or_default()
}

/// Puts `findings` in the order in which they are reported, each once.
fn sort(findings: &mut Vec<Finding>, files: &Files) {
    let path = |finding: &Finding| files.get(finding.primary.place.file).path().to_path_buf();
    findings.sort_by_cached_key(|finding| {
        (path(finding), finding.primary.place.span, finding.rule.id, finding.message.clone())
    });
    findings.dedup_by(|next, kept| {
        next.rule.id == kept.rule.id
            && next.primary.place == kept.primary.place
            && next.message == kept.message
    });
}
