//! What sets a project up: where its deployments get their settings, and what creates its secrets.
//!
//! The how-to of the vendor has three steps, each done elsewhere: scripts or Terraform create the
//! secrets, `.env` configures the local Airflow, and commands, a deployment file or Terraform
//! configure Astro. Each kind of file has its reader here; all give the same few shapes, in
//! [`deployed`] and [`creation`].

mod agent_chart;
pub mod cloudformation;
pub mod commands;
mod compose_override;
pub mod creation;
pub mod deployed;
mod deployment_file;
mod json_text;
mod marks;
pub mod policy;
mod settings_file;
pub mod terraform;
pub mod vault_policy;
mod workflow;

pub use compose_override::{ComposeOverride, Service};
pub use deployment_file::{DeploymentFault, DeploymentFaultKind, DeploymentFile, IgnoredKey};
pub use settings_file::SettingsFile;
pub use workflow::{Run, Workflow};

use commands::Commands;
pub use commands::{Breaks, BrokenJson, Refused, Saved};
use creation::Creation;
use deployed::{Deployed, Load, Stored};
use policy::{Policy, Role};
use terraform::TerraformFile;
use vault_policy::VaultPolicy;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::code::in_parallel;
use super::{FileId, FileKind, Files, Place, Setting};
use crate::discover::{FoundFile, Overlays, Unreadable};
use crate::limits;
use crate::read::dotenv::Reader;
use crate::read::makefile;
use crate::read::python::Scan;
use crate::read::shell::{self, Dialect};
use crate::read::yaml::{self, Node, Yaml};
use crate::text::{Span, Text, TextBuilder, UNKNOWN, Value};

/// What the files say that set a project up.
#[derive(Debug, Default)]
pub struct Setup {
    /// What deployments are given, by statement; those of one file in their order.
    pub deployed: Vec<Deployed>,
    /// The Airflow variables and connections that are put into another store.
    pub stored: Vec<Stored>,
    /// The secrets that are created.
    pub creations: Vec<Creation>,
    /// The deployment files.
    pub deployment_files: Vec<DeploymentFile>,
    /// `docker-compose.override.yml`.
    pub compose_override: Option<ComposeOverride>,
    /// `airflow_settings.yaml`, and others that are called alike.
    pub settings_files: Vec<SettingsFile>,
    /// What CI systems run.
    pub workflows: Vec<Workflow>,
    /// The roles of AWS that the files create or give something to.
    pub roles: Vec<Role>,
    /// Policies that are given to no role there.
    pub policies: Vec<Policy>,
    /// The policies of Vault that the files write.
    pub vault_policies: Vec<VaultPolicy>,
    /// JSON that a shell takes apart.
    pub broken_json: Vec<BrokenJson>,
    /// Placeholders in angle brackets, which a shell takes for redirections.
    pub placeholders: Vec<Place>,
    /// Arguments that the Astro CLI refuses, of which it says so at the end only.
    pub refused: Vec<Refused>,
    /// `-s` where it marks variables as secret instead of saving them.
    pub saved_as_secret: Vec<Place>,
    /// Env files that `astro deployment variable list --save` writes.
    pub saved: Vec<Saved>,
    /// The names of programs, commands and flags in scripts.
    pub words: Vec<Place>,
    /// Whether something may fill in other files: `envsubst`, `sed`.
    pub fills_in: bool,
    /// Places of Terraform, scripts and YAML from which on nothing could be read, and why; never with text of a file.
    pub unreadable_parts: Vec<(Place, String)>,
}

/// An env file that is loaded as it was saved.
#[derive(Clone, Copy, Debug)]
pub struct Reloaded {
    /// What loads it.
    pub load: Place,
    /// What saved it.
    pub save: Place,
    /// Whether something between the two names it, and may change it.
    pub is_touched: bool,
}

/// The kinds of files that are read when they hold something, and those of which every one is.
const KINDS: [FileKind; 7] = [
    FileKind::ComposeOverride,
    FileKind::SettingsFile,
    FileKind::Manifest,
    FileKind::Workflow,
    FileKind::Script,
    FileKind::Makefile,
    FileKind::Template,
];

/// What a YAML or JSON file must hold to be worth reading.
static MANIFESTS: LazyLock<Scan> = LazyLock::new(|| {
    Scan::with_patterns(
        &[],
        &[
            "(?i:environment_variables|runtime_version)",
            "secretBackend|agentToken",
            "AWS::(SecretsManager|SSM|IAM)::",
        ],
    )
});

/// What a script must hold: the programs that deploy a project or create secrets, and the vendor's
/// action.
static COMMANDS: LazyLock<Scan> = LazyLock::new(|| {
    let words = [
        r"\bastro\b|astronomer/",
        "secretsmanager|put-parameter|role-policy",
        r"gcloud|\baz\s|\bvault\b",
    ];
    Scan::with_patterns(&[], &words)
});

/// What a file of this kind must hold to be worth reading; `None` where every file is read.
fn needed(kind: FileKind) -> Option<&'static LazyLock<Scan>> {
    match kind {
        FileKind::Manifest => Some(&MANIFESTS),
        FileKind::Workflow | FileKind::Script | FileKind::Makefile | FileKind::Template => {
            Some(&COMMANDS)
        }
        _ => None,
    }
}

/// Reads those of `found` that set the project up, and adds them to `files`. Gives what was read, and
/// which files were not read although they may matter.
pub(super) fn read(
    found: &[FoundFile],
    overlays: &Overlays,
    threads: usize,
    files: &mut Files,
) -> (Setup, Vec<(FileId, Unreadable)>) {
    let mut setup = Setup::default();
    let mut unread = Vec::new();
    let paths_of = |kind: FileKind| -> Vec<PathBuf> {
        let is_it = |file: &&FoundFile| {
            file.kind == kind && (kind != FileKind::Template || is_shell(&file.path))
        };
        found.iter().filter(is_it).map(|file| file.path.clone()).collect()
    };
    let mut texts = Vec::new();
    for kind in KINDS {
        let paths = paths_of(kind);
        let found = texts_of(&paths, overlays, threads, needed(kind));
        texts.extend(found.map(|(path, text)| (kind, path, text)));
    }
    let fills_in = |(kind, _, text): &(FileKind, PathBuf, Result<String, Unreadable>)| {
        *kind != FileKind::Manifest && text.as_ref().is_ok_and(|text| marks::may_fill_in(text))
    };
    setup.fills_in = texts.iter().any(fills_in);
    for (kind, path, text) in texts {
        match text {
            Ok(text) => {
                let file = files.add(path, kind, text);
                let read = files.get(file);
                setup.add(file, kind, read.path(), read.text());
            }
            Err(error) => unread.push((files.add(path, kind, String::new()), error)),
        }
    }
    let mut modules: BTreeMap<PathBuf, Vec<(PathBuf, String)>> = BTreeMap::new();
    for (path, text) in texts_of(&paths_of(FileKind::Terraform), overlays, threads, None) {
        match text {
            Ok(text) => {
                let directory = path.parent().map(Path::to_path_buf).unwrap_or_default();
                modules.entry(directory).or_default().push((path, text));
            }
            Err(error) => {
                unread.push((files.add(path, FileKind::Terraform, String::new()), error));
            }
        }
    }
    for module in modules.into_values() {
        if !module.iter().any(|(_, text)| terraform::may_declare(text)) {
            continue;
        }
        let add = |(path, text)| files.add(path, FileKind::Terraform, text);
        let ids: Vec<FileId> = module.into_iter().map(add).collect();
        setup.add_module(&ids, files);
    }
    (setup, unread)
}

/// The texts of the files at `paths`, those in which `scan` finds something.
fn texts_of(
    paths: &[PathBuf],
    overlays: &Overlays,
    threads: usize,
    scan: Option<&LazyLock<Scan>>,
) -> impl Iterator<Item = (PathBuf, Result<String, Unreadable>)> {
    let read = |path: &Path| Some((path.to_path_buf(), text_of(path, overlays, scan)?));
    let read = in_parallel(paths, threads, read);
    read.into_iter().flatten()
}

/// Whether a file among those that operators render is a script, which people may also run.
fn is_shell(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "sh" || ending == "bash")
}

/// The text of the file at `path`, when `scan` finds something in it.
fn text_of(
    path: &Path,
    overlays: &Overlays,
    scan: Option<&LazyLock<Scan>>,
) -> Option<Result<String, Unreadable>> {
    let bytes = match overlays.read_bytes(path, limits::RENDERED_FILE) {
        Ok(bytes) => bytes,
        // What is larger is data.
        Err(Unreadable::TooLarge { .. }) if scan.is_some() => return None,
        Err(error) => return Some(Err(error)),
    };
    let in_utf16 = text_in_utf16(&bytes);
    if scan.is_some_and(|scan| !scan.may_refer(in_utf16.as_deref().map_or(&bytes, str::as_bytes))) {
        return None;
    }
    if in_utf16.is_some() {
        return Some(Err(Unreadable::Utf16));
    }
    Some(
        String::from_utf8(bytes)
            .map_err(|error| Unreadable::NotUtf8 { offset: error.utf8_error().valid_up_to() }),
    )
}

/// The text of `bytes` that begin with the mark of UTF-16.
fn text_in_utf16(bytes: &[u8]) -> Option<String> {
    let (mark, rest) = bytes.split_first_chunk::<2>()?;
    let unit: fn([u8; 2]) -> u16 = match mark {
        b"\xff\xfe" => u16::from_le_bytes,
        b"\xfe\xff" => u16::from_be_bytes,
        _ => return None,
    };
    let (pairs, _) = rest.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    Some(String::from_utf16_lossy(&units))
}

impl Setup {
    /// Takes over what the `files` of one module of Terraform say.
    fn add_module(&mut self, ids: &[FileId], files: &Files) {
        let module: Vec<TerraformFile<'_>> = ids
            .iter()
            .map(|id| {
                let file = files.get(*id);
                let is_json = file.path().extension().is_some_and(|it| it == "json");
                TerraformFile { file: *id, text: file.text(), is_json }
            })
            .collect();
        let read = terraform::read(&module);
        self.deployed.extend(read.deployed);
        self.stored.extend(read.stored);
        self.creations.extend(read.creations);
        self.roles.extend(read.roles);
        self.policies.extend(read.policies);
        self.vault_policies.extend(read.vault_policies);
        self.unreadable_parts.extend(read.errors);
    }

    /// The YAML of `text`, with a note of where it stops to be any.
    fn yaml(&mut self, file: FileId, text: &str) -> Yaml {
        let yaml = yaml::read(text);
        let error = yaml.error.as_ref().map(|it| (Place::new(file, it.span), it.node.clone()));
        self.unreadable_parts.extend(error);
        yaml
    }

    /// Takes over what `scripts`, parts of `text`, do.
    fn run(&mut self, file: FileId, text: &str, scripts: &[Run], dialect: Dialect) {
        let mut commands = Commands::default();
        for run in scripts {
            let script = shell::read_with(&run.text, dialect, &run.environment);
            let errors = script.errors.iter();
            let placed = errors.map(|it| (Place::new(file, it.span), it.kind.to_string()));
            self.unreadable_parts.extend(placed);
            commands::read(&script, run, file, text, &mut commands);
        }
        self.deployed.extend(commands.deployed);
        self.stored.extend(commands.stored);
        self.creations.extend(commands.creations);
        self.roles.extend(commands.roles);
        self.vault_policies.extend(commands.vault_policies);
        self.broken_json.extend(commands.broken_json);
        self.placeholders.extend(commands.placeholders);
        self.refused.extend(commands.refused);
        self.saved_as_secret.extend(commands.saved_as_secret);
        self.saved.extend(commands.saved);
        self.words.extend(commands.shown.into_iter().map(|span| Place::new(file, span)));
    }

    /// What `text`, the content of `file` at `path`, says among the other files.
    #[must_use]
    pub(super) fn instead(&self, file: FileId, kind: FileKind, path: &Path, text: &str) -> Self {
        let mut setup = Self { fills_in: self.fills_in, ..Self::default() };
        setup.add(file, kind, path, text);
        setup
    }

    /// The settings that stand in `file`, in order.
    pub fn settings_in(&self, file: FileId) -> impl Iterator<Item = &Setting> {
        let deployed = self.deployed.iter().flat_map(|it| &it.variables).map(|it| &it.setting);
        let services = self.compose_override.iter().flat_map(|it| &it.services);
        let settings = deployed.chain(services.flat_map(|it| &it.environment));
        settings.filter(move |setting| setting.file == file)
    }

    /// The loads of env files that the same script has written with `list --save` before.
    #[must_use]
    pub fn reloaded(&self, files: &Files) -> Vec<Reloaded> {
        let loads = self.deployed.iter().flat_map(|it| &it.loads);
        let loads = loads.filter(|load| load.reader == Reader::VariableLoad);
        let reloaded = |load: &Load| {
            let path = load.path.known()?.expose();
            let saved = self.saved.iter().rev().find(|saved| {
                saved.place.file == load.place.file
                    && saved.place.span.end <= load.place.span.start
                    && saved.path.known().is_some_and(|it| it.expose() == path)
            })?;
            let text = files.get(load.place.file).text();
            let between = Span::new(saved.place.span.end, load.place.span.start).of(text);
            // Its own name stands there too, unless it is the default.
            let own = usize::from(saved.path.span() != saved.place.span);
            let is_touched = between.matches(path).count() > own;
            Some(Reloaded { load: load.place, save: saved.place, is_touched })
        };
        loads.filter_map(reloaded).collect()
    }

    /// Takes over what `text`, the content of `file`, says.
    fn add(&mut self, file: FileId, kind: FileKind, path: &Path, text: &str) {
        match kind {
            FileKind::ComposeOverride => {
                let yaml = self.yaml(file, text);
                self.compose_override = Some(compose_override::read(file, &yaml));
            }
            FileKind::SettingsFile => {
                let (settings, stored) = settings_file::read(file, &self.yaml(file, text));
                self.settings_files.push(settings);
                self.stored.extend(stored);
            }
            FileKind::Manifest => {
                let yaml = yaml::read(text);
                if let Some((deployment, deployed)) =
                    deployment_file::read(file, text, &yaml, self.fills_in)
                {
                    self.deployment_files.push(deployment);
                    self.deployed.push(deployed);
                } else if let Some(deployed) = agent_chart::read(file, &yaml) {
                    self.deployed.push(deployed);
                } else if let Some(template) = cloudformation::read(file, &yaml) {
                    self.creations.extend(template.creations);
                    self.roles.extend(template.roles);
                    self.policies.extend(template.policies);
                }
            }
            FileKind::Workflow => {
                let yaml = self.yaml(file, text);
                let mut workflow = workflow::read(file, path, &yaml);
                if let Some(error) = &yaml.error {
                    // What ends in the line that cannot be read goes on, nobody knows how.
                    workflow.scripts.retain(|run| {
                        Span::new(run.text.span().end, error.span.start).of(text).contains('\n')
                    });
                }
                let faults = self.unreadable_parts.len();
                self.run(file, text, &workflow.scripts, workflow::dialect(path));
                // Of a file that is cut short, its last script is cut short too.
                if yaml.error.is_some() {
                    self.unreadable_parts.truncate(faults);
                }
                self.workflows.push(workflow);
            }
            FileKind::Makefile => {
                let recipes = makefile::read(text).into_iter().map(|recipe| recipe.script.into());
                self.run(file, text, &recipes.collect::<Vec<_>>(), Dialect::Sh);
            }
            FileKind::Script | FileKind::Template if shell::is_script(text) => {
                self.run(file, text, &[Text::verbatim(text, 0).into()], Dialect::Bash);
            }
            _ => {}
        }
    }
}

/// The place of a node.
const fn place_of(file: FileId, node: &Node) -> Place {
    Place::new(file, node.span)
}

/// The text of a node as a value.
fn value_of(node: &Node) -> Option<Value> {
    Some(Value::Known(node.text()?.clone()))
}

/// The bytes `range` of a value.
fn part(value: &Value, range: Range<usize>) -> Value {
    let mut builder = TextBuilder::default();
    builder.copy(value.text(), range.clone());
    Value::of(builder.finish(value.text().span_of(range)))
}

/// A value of which nothing is known, for which `span` stands.
fn unknown(span: Span) -> Value {
    Value::of(Text::produced_by(UNKNOWN, span))
}

/// The mount of Vault and the path in it, of a path that begins with the mount; of an unknown one neither is known.
fn mounted(path: &Value) -> (Option<Value>, Value) {
    let written = path.text().expose();
    let start = written.len() - written.trim_start_matches('/').len();
    match written.get(start..).and_then(|rest| rest.find('/')) {
        Some(slash) => {
            let mount = part(path, start..start + slash);
            (Some(mount), part(path, start + slash + 1..written.len()))
        }
        None => (None, unknown(path.span())),
    }
}
