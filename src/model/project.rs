//! Everything that one project says, read once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::code::{Gate, Loading, Trouble, is_test, read_code};
use super::references::{self, ModuleFile};
use super::rendered_files::read_rendered;
use super::requirements::Requirements;
use super::setup::{self, Setup};
use super::versions::Installation;
use super::{
    AirflowCfg, Bypass, DagFolder, DeclaredEnvironment, DeclaredName, Dockerfile, EnvFile, FileId,
    FileKind, Files, Form, Literal, NamedInConfig, Place, Reference, Tracked, Versions, relative,
};
use crate::discover::{FoundFile, Note, Overlays, ProjectFiles, Unreadable};
use crate::facts::runtime::Image;
use crate::hash::{HashMap, HashSet};
use crate::limits;
use crate::read::python::Foreign;
use crate::text::Span;

/// What a project says.
#[derive(Debug)]
pub struct Model {
    /// The directory that is the project.
    pub root: PathBuf,
    /// The root of the git repository around it.
    pub repository: Option<PathBuf>,
    /// The contents that count instead of those on disk.
    pub overlays: Overlays,
    /// The files that something points into.
    pub files: Files,
    /// What could not be read as meant.
    pub problems: Vec<Problem>,
    /// Env files and templates, those of the project first.
    pub env_files: Vec<EnvFile>,
    /// `Dockerfile` and `Dockerfile.client`.
    pub dockerfiles: Vec<Dockerfile>,
    /// The `airflow.cfg` at the project's root.
    pub cfg: Option<AirflowCfg>,
    /// `requirements.txt` with what it includes.
    pub requirements: Option<Requirements>,
    /// The versions that the image and the requirements allow.
    pub versions: Versions,
    /// The versions that the image and the requirements of remote agents allow; any where the project
    /// has no image for them.
    pub client_versions: Versions,
    /// `dags/`, with its `.airflowignore` files.
    pub dag_folder: DagFolder,
    /// The Python files that were looked at.
    pub modules: Vec<CodeModule>,
    /// What the DAG code asks for, by file and place.
    pub references: Vec<Reference>,
    /// The connections that hooks and operators ask for because they are given none.
    pub implicit: Vec<Reference>,
    /// The credentials that stand in it.
    pub literals: Vec<Literal>,
    /// Where it asks a secrets service without Airflow.
    pub bypasses: Vec<Bypass>,
    /// What configures the deployments, and creates the secrets.
    pub setup: Setup,
    /// What the user declares.
    pub declared: Declared,
    /// Which of the files with settings git tracks, once somebody asks.
    pub(super) tracked: OnceLock<HashMap<FileId, Tracked>>,
}

/// A Python file that was looked at.
#[derive(Debug)]
pub struct CodeModule {
    /// Where it lies.
    pub path: PathBuf,
    /// The file, where something points into it.
    pub file: Option<FileId>,
    /// Whether it has the words without which Airflow's safe mode does not look for DAGs in it.
    pub may_hold_dag: bool,
    /// The other ones that it may import.
    pub imports: HashSet<PathBuf>,
    /// Whether it imports something by a name that only running it tells, such as any of the others.
    pub imports_by_name: bool,
}

impl CodeModule {
    fn new(path: PathBuf, file: Option<FileId>, loading: Loading) -> Self {
        let Loading { may_hold_dag, imports, imports_by_name } = loading;
        Self { path, file, may_hold_dag, imports, imports_by_name }
    }
}

/// What is declared: the environments of astrolint's configuration with the file they stand in, and
/// what is said to exist.
#[derive(Debug, Default)]
pub struct Declared {
    /// The configuration file, when it declares any.
    pub file: Option<FileId>,
    /// The environments.
    pub environments: Vec<DeclaredEnvironment>,
    /// What is said to exist, by whatever says so.
    pub names: Vec<DeclaredName>,
}

/// Something that was not read, or not as meant.
#[derive(Debug)]
pub struct Problem {
    /// The place; the empty span at 0 for a whole file.
    pub place: Place,
    /// What it is.
    pub kind: ProblemKind,
}

/// Why something was not read as meant.
#[derive(Debug)]
pub enum ProblemKind {
    /// The file was not read.
    Unreadable(Unreadable),
    /// A Python file with a syntax error; the parser's words.
    Syntax(String),
    /// A file that ends in `.py` and is not the Python that Airflow runs.
    Foreign(Foreign),
    /// A Python file that is nested too deeply to be parsed.
    TooDeep(String),
    /// A link that leads out of the scanned directory, and so was not followed.
    LinkLeaves,
    /// A part of a file of the setup that cannot be read; the parser's words.
    Part(String),
    /// A path that was not read or listed, in a sentence.
    Skipped(String),
}

impl Model {
    /// Whether a file was not read, or only in part, that may create secrets: more exist than is known.
    #[must_use]
    pub fn may_create_more(&self) -> bool {
        let creates = |kind: FileKind| {
            use FileKind::{Makefile, Manifest, Script, Terraform, Workflow};
            matches!(kind, Workflow | Script | Makefile | Terraform | Manifest)
        };
        self.problems.iter().any(|problem| {
            matches!(problem.kind, ProblemKind::Part(_) | ProblemKind::Unreadable(_))
                && creates(self.files.get(problem.place.file).kind())
        })
    }

    /// Reads the files of `project`, on at most `threads` threads. What cannot be read becomes a
    /// [`Problem`].
    #[must_use]
    pub fn read(project: &ProjectFiles, overlays: &Overlays, threads: usize) -> Self {
        let mut reader =
            Reader { overlays, threads, files: Files::default(), problems: Vec::new() };
        let of_kind = |kind: FileKind| project.files.iter().filter(move |file| file.kind == kind);
        let at_root = |name: &str| of_kind_at(project, name);

        let mut env_files = Vec::new();
        for found in of_kind(FileKind::Env).chain(of_kind(FileKind::EnvTemplate)) {
            if let Some(file) = reader.text(found) {
                env_files.push(EnvFile::read(
                    file,
                    found.kind == FileKind::EnvTemplate,
                    reader.files.get(file).text(),
                ));
            }
        }
        let root_of =
            |file: &EnvFile| reader.files.get(file.file).path().parent() != Some(&project.root);
        env_files.sort_by_key(root_of);
        let mut dockerfiles = Vec::new();
        for found in of_kind(FileKind::Dockerfile) {
            if let Some(file) = reader.text(found) {
                dockerfiles.push(Dockerfile::read(file, reader.files.get(file).text()));
            }
        }
        let cfg = at_root("airflow.cfg").and_then(|found| {
            let file = reader.text(found)?;
            let document = crate::read::cfg::read(reader.files.get(file).text());
            Some(AirflowCfg { file, document })
        });
        let requirements = at_root("requirements.txt")
            .map(|_| reader.requirements(&project.root, "requirements.txt"));
        for kind in [FileKind::Gitignore, FileKind::Dockerignore] {
            for found in of_kind(kind) {
                reader.text(found);
            }
        }
        reader.begin(&project.root);
        let dockerfile = dockerfiles
            .iter()
            .find(|dockerfile| is_named(&reader.files, dockerfile.file, "Dockerfile"));
        let client_requirements = at_root("requirements-client.txt")
            .map(|_| reader.requirements(&project.root, "requirements-client.txt"));
        let client = dockerfiles
            .iter()
            .find(|dockerfile| is_named(&reader.files, dockerfile.file, "Dockerfile.client"));
        let client_versions = match client {
            Some(_) => versions(client, image_of(client), client_requirements.as_ref()),
            None => Versions::of(&Installation::default()),
        };
        let versions = versions(dockerfile, image_of(dockerfile), requirements.as_ref());
        let python = of_kind(FileKind::Python).map(|file| file.path.as_path());
        let dag_folder = DagFolder::read(project.root.join("dags"), python, overlays);
        let python: Vec<PathBuf> =
            of_kind(FileKind::Python).map(|file| file.path.clone()).collect();
        let Code { modules, mut references, implicit, literals, bypasses } =
            reader.code(&project.root, &python);
        let rendered: Vec<_> = of_kind(FileKind::Template).chain(of_kind(FileKind::Data)).collect();
        references.extend(reader.rendered(&rendered));
        let setup = reader.setup(&project.files);
        let names = setup.creations.iter().enumerate().map(DeclaredName::of).collect();
        let declared = Declared { names, ..Declared::default() };
        Self {
            root: project.root.clone(),
            repository: project.repository.clone(),
            overlays: overlays.clone(),
            files: reader.files,
            problems: reader.problems,
            env_files,
            dockerfiles,
            cfg,
            requirements,
            versions,
            client_versions,
            dag_folder,
            modules,
            references,
            implicit,
            literals,
            bypasses,
            setup,
            declared,
            tracked: OnceLock::new(),
        }
    }

    /// Takes over what the user declares in the configuration file `source`: environments, and names
    /// with their places in it.
    pub fn declare(
        &mut self,
        source: Option<(PathBuf, String)>,
        environments: Vec<DeclaredEnvironment>,
        names: Vec<NamedInConfig>,
    ) {
        let file = source.map(|(path, text)| self.files.add(path, FileKind::Configuration, text));
        self.declared.file = file;
        self.declared.environments = environments;
        let placed = names.into_iter().filter_map(|name| Some(name.in_file(file?)));
        self.declared.names.extend(placed);
    }

    /// Has the project built on `image` instead of the one that it names. What its requirements pin stays
    /// in force; what is declared about the versions of environments is of today, and does not.
    pub fn build_on(&mut self, image: &Image) {
        let place = self.dockerfile().and_then(|file| file.image.as_ref()).map(|(_, place)| *place);
        let place = place.unwrap_or_else(|| {
            let reference = image.reference.clone();
            let file = self.files.add("<--to>".into(), FileKind::Dockerfile, reference);
            Place::new(file, Span::at(0))
        });
        let files = &self.files;
        let mut dockerfiles = self.dockerfiles.iter_mut();
        let dockerfile = dockerfiles.find(|it| is_named(files, it.file, "Dockerfile"));
        if let Some(dockerfile) = dockerfile {
            dockerfile.image = Some((image.clone(), place));
        }
        self.versions =
            versions(self.dockerfile(), Some((image, place)), self.requirements.as_ref());
        for deployed in &mut self.setup.deployed {
            deployed.runtime = None;
        }
        for environment in &mut self.declared.environments {
            environment.airflow = None;
            environment.providers.clear();
        }
    }

    /// Takes over what discovery left out of this project.
    pub fn note(&mut self, notes: &[Note]) {
        for note in notes {
            for path in note.paths() {
                let file = self.files.add(path.clone(), FileKind::Configuration, String::new());
                let kind = match note {
                    Note::LinksLeave { .. } => ProblemKind::LinkLeaves,
                    _ => ProblemKind::Skipped(note.to_string()),
                };
                self.problems.push(Problem { place: Place::new(file, Span::at(0)), kind });
            }
        }
    }

    /// Whether `docker-compose.override.yml` changes the local containers, for instance by mounting an
    /// AWS configuration.
    #[must_use]
    pub const fn has_compose_override(&self) -> bool {
        self.setup.compose_override.is_some()
    }

    /// The `Dockerfile` of the project, as opposed to that of remote agents.
    #[must_use]
    pub fn dockerfile(&self) -> Option<&Dockerfile> {
        self.dockerfiles
            .iter()
            .find(|dockerfile| is_named(&self.files, dockerfile.file, "Dockerfile"))
    }

    /// The `requirements.txt` of the project, when it could be read.
    #[must_use]
    pub fn requirements_file(&self) -> Option<FileId> {
        let root = |file: FileId| self.name_of(file) == "requirements.txt";
        let readable = |file: FileId| !self.problems.iter().any(|it| it.place.file == file);
        self.files.iter().map(|(file, _)| file).find(|file| root(*file) && readable(*file))
    }

    /// Whether Python reads `file`, as far as its syntax tells.
    #[must_use]
    pub fn has_valid_syntax(&self, file: FileId) -> bool {
        let is_syntax = |kind: &ProblemKind| {
            matches!(
                kind,
                ProblemKind::Syntax(_) | ProblemKind::Foreign(_) | ProblemKind::TooDeep(_)
            )
        };
        !self.problems.iter().any(|it| it.place.file == file && is_syntax(&it.kind))
    }

    /// Whether `file` belongs to tests, going by its name and folders.
    #[must_use]
    pub fn is_test(&self, file: FileId) -> bool {
        is_test(self.files.get(file).path())
    }

    /// Drops what folders of tests ask for. A name like `test_x.py` does not make a file a test: in `dags/`,
    /// Airflow parses it as any other.
    pub fn leave_out_tests(&mut self) {
        let is_below_tests = |file: FileId| {
            let path = self.files.get(file).path();
            let below = path.strip_prefix(&self.root).ok().and_then(Path::parent);
            below.is_some_and(|path| path.iter().any(|name| name == "tests" || name == "test"))
        };
        self.references.retain(|reference| !is_below_tests(reference.file));
        self.implicit.retain(|reference| !is_below_tests(reference.file));
    }

    /// The Python files that were not read, or not as meant, and so may ask for more than is known.
    pub fn unread_code(&self) -> impl Iterator<Item = FileId> {
        let is_code = |file: FileId| self.files.get(file).kind() == FileKind::Python;
        let files: BTreeSet<FileId> = self
            .problems
            .iter()
            .map(|problem| problem.place.file)
            .filter(|it| is_code(*it))
            .collect();
        files.into_iter()
    }

    /// The path of `file` from the project's root, with `/`; one beside the project begins with `..`.
    #[must_use]
    pub fn name_of(&self, file: FileId) -> String {
        let path = relative(self.files.get(file).path(), &self.root);
        path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    }
}

fn of_kind_at<'a>(project: &'a ProjectFiles, name: &str) -> Option<&'a FoundFile> {
    let path = project.root.join(name);
    project.files.iter().find(|file| file.path == path)
}

fn is_named(files: &Files, file: FileId, name: &str) -> bool {
    files.get(file).path().file_name().is_some_and(|found| found == name)
}

/// The image that a Dockerfile builds on, and where it is named.
fn image_of(dockerfile: Option<&Dockerfile>) -> Option<(&Image, Place)> {
    dockerfile?.image.as_ref().map(|(image, place)| (image, *place))
}

fn versions(
    dockerfile: Option<&Dockerfile>,
    image: Option<(&Image, Place)>,
    requirements: Option<&Requirements>,
) -> Versions {
    let commands = dockerfile.map(Dockerfile::pip_installs).unwrap_or_default();
    Versions::of(&Installation {
        image,
        requirements,
        dockerfile_installs_requirements: dockerfile.is_some_and(Dockerfile::installs_requirements),
        commands: &commands,
    })
}

/// Opens files, each once, and keeps what goes wrong.
struct Reader<'a> {
    overlays: &'a Overlays,
    threads: usize,
    files: Files,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn text(&mut self, found: &FoundFile) -> Option<FileId> {
        match self.overlays.read_text(&found.path, limits::TEXT_FILE) {
            Ok(text) => Some(self.files.add(found.path.clone(), found.kind, text)),
            Err(error) => {
                let file = self.files.add(found.path.clone(), found.kind, String::new());
                let place = Place::new(file, Span::at(0));
                self.problems.push(Problem { place, kind: ProblemKind::Unreadable(error) });
                None
            }
        }
    }

    /// Adds the ignore files that the project at `root` lacks, so that a fix can begin them.
    fn begin(&mut self, root: &Path) {
        let names =
            [(".gitignore", FileKind::Gitignore), (".dockerignore", FileKind::Dockerignore)];
        for (name, kind) in names {
            let path = root.join(name);
            if self.overlays.get(&path).is_none() && path.symlink_metadata().is_err() {
                self.files.add_new(path, kind);
            }
        }
    }

    fn requirements(&mut self, root: &Path, name: &str) -> Requirements {
        let mut opened: BTreeMap<String, FileId> = BTreeMap::new();
        Requirements::read(name, &mut |name| {
            if let Some(file) = opened.get(name) {
                return Some((*file, self.files.get(*file).text().to_owned()));
            }
            let path = root.join(name);
            // A link may lead out of the project although its path does not.
            if !path.canonicalize().is_ok_and(|path| path.starts_with(root)) {
                return None;
            }
            let file = self.text(&FoundFile { path, kind: FileKind::Requirements })?;
            opened.insert(name.to_owned(), file);
            Some((file, self.files.get(file).text().to_owned()))
        })
    }

    fn setup(&mut self, found: &[FoundFile]) -> Setup {
        let (setup, unread) = setup::read(found, self.overlays, self.threads, &mut self.files);
        let problems = unread.into_iter().map(|(file, error)| Problem {
            place: Place::new(file, Span::at(0)),
            kind: ProblemKind::Unreadable(error),
        });
        self.problems.extend(problems);
        let blocks = setup
            .unreadable_parts
            .iter()
            .map(|(place, why)| Problem { place: *place, kind: ProblemKind::Part(why.clone()) });
        self.problems.extend(blocks);
        setup
    }

    fn rendered(&mut self, found: &[&FoundFile]) -> Vec<Reference> {
        let mut references = Vec::new();
        for rendered in read_rendered(found, self.overlays, self.threads) {
            let file = self.files.add(rendered.path, rendered.kind, rendered.text);
            let found = rendered.references.into_iter();
            references.extend(found.map(|reference| Reference { file, ..reference }));
            if let Some(error) = rendered.trouble {
                let place = Place::new(file, Span::at(0));
                self.problems.push(Problem { place, kind: ProblemKind::Unreadable(error) });
            }
        }
        references
    }

    /// Reads files that code of the project at `root` reads.
    fn of_project(&self, root: &Path) -> references::Reader {
        let (root, overlays) = (root.to_path_buf(), self.overlays.clone());
        Box::new(move |below| {
            let path = root.join(below);
            // A link may lead out of the project although its path does not.
            let is_inside = path.canonicalize().is_ok_and(|path| path.starts_with(&root));
            is_inside.then(|| overlays.read_text(&path, limits::READ_BY_CODE).ok()).flatten()
        })
    }

    /// Reads the Python files `paths` of the project at `root`.
    fn code(&mut self, root: &Path, paths: &[PathBuf]) -> Code {
        let mut code = Code::default();
        let mut summaries = Vec::new();
        let files = read_code(root, paths, self.overlays, self.threads, Gate::Words);
        for mut file in files.parsed {
            let is_root = ["dags", "plugins"].iter().any(|it| file.path.starts_with(root.join(it)));
            let summary = std::mem::take(&mut file.summary);
            let says_something =
                !summary.is_empty() || !file.literals.is_empty() || file.trouble.is_some();
            if !says_something {
                code.modules.push(CodeModule::new(file.path.clone(), None, file.loading));
                summaries.push((file.path, summary, FileId(u32::MAX), is_root));
                continue;
            }
            let id = self.files.add(file.path.clone(), FileKind::Python, file.text);
            code.modules.push(CodeModule::new(file.path.clone(), Some(id), file.loading));
            summaries.push((file.path, summary, id, is_root));
            let literals = file.literals.into_iter();
            code.literals.extend(literals.map(|literal| Literal { file: id, ..literal }));
            if let Some(trouble) = file.trouble {
                let (span, kind) = match trouble {
                    Trouble::Unreadable(error) => (Span::at(0), ProblemKind::Unreadable(error)),
                    Trouble::Syntax(span, message) => (span, ProblemKind::Syntax(message)),
                    Trouble::Foreign(span, what) => (span, ProblemKind::Foreign(what)),
                    Trouble::TooDeep(span, message) => (span, ProblemKind::TooDeep(message)),
                };
                self.problems.push(Problem { place: Place::new(id, span), kind });
            }
        }
        // Behind those that have numbers of their own.
        let idle = files.idle.into_iter();
        code.modules.extend(idle.map(|(path, loading)| CodeModule::new(path, None, loading)));
        let files = summaries.iter_mut().map(|(path, summary, file, is_root)| ModuleFile {
            path,
            summary: std::mem::take(summary),
            file: *file,
            is_root: *is_root,
        });
        let is_implicit = |it: &Reference| matches!(it.form, Form::Default(_));
        let (references, bypasses) =
            references::settled(root, files.collect(), self.of_project(root));
        (code.implicit, code.references) = references.into_iter().partition(is_implicit);
        code.bypasses = bypasses;
        code
    }
}

/// What the Python files of a project say.
#[derive(Default)]
struct Code {
    modules: Vec<CodeModule>,
    references: Vec<Reference>,
    implicit: Vec<Reference>,
    literals: Vec<Literal>,
    bypasses: Vec<Bypass>,
}
