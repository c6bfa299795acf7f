//! The Python files of a project: which are parsed, and what they ask for together.
//!
//! Each file is read once, and parsed at most once. At first only those are parsed that hold one of
//! the words without which nothing is asked for; then the files that these import for a key, and the
//! files that import them, since they decide when a function runs and with which arguments.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::references::{self, Literal, Locals, ModulePaths, Summary, words};
use crate::discover::{Overlays, Unreadable, read_bytes};
use crate::hash::{HashMap, HashSet};
use crate::limits;
use crate::parallel;
use crate::read::python::{self, Foreign};
use crate::text::{Span, Spanned};

/// A Python file that was looked at.
#[derive(Debug)]
pub(super) struct CodeFile {
    /// The file.
    pub path: PathBuf,
    /// Its content; empty when it could not be read.
    pub text: String,
    /// What it says by itself.
    pub summary: Summary,
    /// The credentials in it; the file's number is set when it is known.
    pub literals: Vec<Literal>,
    /// How it is loaded, and what it loads.
    pub loading: Loading,
    /// Why less is known of it than of others.
    pub trouble: Option<Trouble>,
}

/// How a Python file is loaded, and what it loads.
#[derive(Debug, Default)]
pub(super) struct Loading {
    /// Whether it has the words without which Airflow's safe mode does not look for DAGs in it.
    pub may_hold_dag: bool,
    /// The files of the project that it may import.
    pub imports: HashSet<PathBuf>,
    /// Whether it imports something by a name that only running it tells.
    pub imports_by_name: bool,
}

/// The Python files of a project.
#[derive(Debug, Default)]
pub(super) struct CodeFiles {
    /// Those that say something, by path.
    pub parsed: Vec<CodeFile>,
    /// Those that only import others.
    pub idle: Vec<(PathBuf, Loading)>,
}

/// Why less is known of a Python file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Trouble {
    /// It was not read.
    Unreadable(Unreadable),
    /// It was read as far as the parser got along.
    Syntax(Span, String),
    /// It is something else than the Python that Airflow runs; likewise.
    Foreign(Span, Foreign),
    /// It is nested deeper than CPython itself allows.
    TooDeep(Span, String),
}

/// Which files are parsed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gate {
    /// Those that may matter.
    Words,
    /// All.
    #[cfg(test)]
    Open,
}

/// How many files make it worth to start another thread.
const FILES_PER_THREAD: usize = 16;

/// Reads `paths`, the Python files of the project at `root`, and what they import in it.
pub(super) fn read_code(
    root: &Path,
    paths: &[PathBuf],
    overlays: &Overlays,
    threads: usize,
    gate: Gate,
) -> CodeFiles {
    if paths.is_empty() {
        return CodeFiles::default();
    }
    let locals = Locals::new(root, paths.iter().map(PathBuf::as_path));
    let reader = Reader { root, overlays, locals: &locals };
    let is_hit: Box<dyn Fn(&str) -> bool + Sync> = match gate {
        Gate::Words => Box::new(|text| words::REFERRING.may_refer(text.as_bytes())),
        #[cfg(test)]
        Gate::Open => Box::new(|_| true),
    };
    let mut known = Known::new(root, &locals, paths);
    for read in in_parallel(paths, threads, |path| reader.read(path, &*is_hit)) {
        known.add(read);
    }
    loop {
        let (needed, found) = known.next();
        if needed.is_empty() && found.is_empty() {
            break;
        }
        let mut reads = in_parallel(&needed, threads, |path| reader.read(path, &|_| true));
        reads.extend(in_parallel(&found, threads, |path| reader.read(path, &*is_hit)));
        for read in reads {
            known.add(read);
        }
    }
    known.into_files()
}

/// What became of a file.
enum Read {
    /// It was parsed, or could not be.
    Parsed(Box<CodeFile>),
    /// It asks for nothing by itself.
    Idle(Idle),
}

/// A file that asks for nothing by itself.
struct Idle {
    path: PathBuf,
    /// The dotted paths that it may import from the project.
    imports: Vec<String>,
    /// Whether it may change what they hold.
    may_change: bool,
    loading: Loading,
}

struct Reader<'a> {
    root: &'a Path,
    overlays: &'a Overlays,
    locals: &'a Locals,
}

impl Reader<'_> {
    fn read(&self, path: &Path, is_hit: &dyn Fn(&str) -> bool) -> Read {
        let mut file = CodeFile {
            path: path.to_path_buf(),
            text: String::new(),
            summary: Summary::default(),
            literals: Vec::new(),
            loading: Loading::default(),
            trouble: None,
        };
        file.text = match read_source(path, self.overlays) {
            Ok(text) => text,
            Err(error) => {
                file.trouble = Some(Trouble::Unreadable(error));
                return Read::Parsed(Box::new(file));
            }
        };
        if !is_hit(&file.text) {
            let mut imports = python::imported_paths(&file.text);
            imports.retain(|path| self.locals.hold(path));
            let may_change = !imports.is_empty() && words::CHANGING.may_refer(file.text.as_bytes());
            let loading = loading(&file.text, !imports.is_empty());
            return Read::Idle(Idle { path: file.path, imports, may_change, loading });
        }
        file.loading = loading(&file.text, true);
        match python::parse(&file.text) {
            Ok(module) => {
                let below = path.strip_prefix(self.root).unwrap_or(path);
                let below: Vec<_> = below.iter().map(OsStr::to_string_lossy).collect();
                (file.summary, file.literals) =
                    references::summarize(&module, self.locals, &below.join("/"));
                file.trouble = trouble(module.errors, &file.text);
                if file.trouble.is_some() && file.text.contains(python::UNDECODED) {
                    // A name in letters that are not ASCII, perhaps.
                    let why = Unreadable::OtherEncoding("the declared one".to_owned());
                    file.trouble = Some(Trouble::Unreadable(why));
                }
            }
            Err(too_deep) => {
                let place = Span::at(too_deep.at);
                file.trouble = Some(Trouble::TooDeep(place, too_deep.to_string()));
            }
        }
        if is_test(path) {
            file.literals = references::in_tests(file.literals);
        }
        file.literals.extend(references::shaped(&file.text));
        file.literals = references::distinct(file.literals);
        if file.summary.is_empty() && file.literals.is_empty() && file.trouble.is_none() {
            file.text = String::new();
        }
        Read::Parsed(Box::new(file))
    }
}

/// How a file is loaded; where it `matters`, though it imports nothing by such a name.
fn loading(text: &str, matters: bool) -> Loading {
    let imports_by_name = words::IMPORTING.may_refer(text.as_bytes());
    let may_hold_dag = (matters || imports_by_name) && words::may_hold_dag(text);
    Loading { may_hold_dag, imports: HashSet::default(), imports_by_name }
}

/// The text of a Python file, in whatever encoding it declares.
fn read_source(path: &Path, overlays: &Overlays) -> Result<String, Unreadable> {
    match overlays.read_text(path, limits::TEXT_FILE) {
        Err(error @ Unreadable::NotUtf8 { .. }) => {
            let bytes = read_bytes(path, limits::TEXT_FILE)?;
            python::decoded(&bytes).map_err(|name| name.map_or(error, Unreadable::OtherEncoding))
        }
        read => read,
    }
}

/// What syntax errors say of a file.
fn trouble(errors: Vec<Spanned<String>>, text: &str) -> Option<Trouble> {
    if errors.is_empty() {
        return None;
    }
    match python::foreign(text, errors.iter().map(|error| error.span)) {
        Some((language, span)) => Some(Trouble::Foreign(span, language)),
        None => errors.into_iter().next().map(|error| Trouble::Syntax(error.span, error.node)),
    }
}

/// What is known so far, and what is to be read next.
struct Known<'a> {
    root: PathBuf,
    locals: &'a Locals,
    /// The files that discovery found; others are found by being imported.
    listed: HashSet<&'a Path>,
    paths: ModulePaths,
    parsed: BTreeMap<PathBuf, CodeFile>,
    /// Those whose imports were not followed yet.
    fresh: Vec<PathBuf>,
    /// Files that ask for nothing by themselves, with the files that their imports may lead to.
    idle: HashMap<PathBuf, Loading>,
    /// Files of which it matters who imports them.
    concerning: HashSet<PathBuf>,
    /// Files that hold what other files may change.
    changeable: HashSet<PathBuf>,
    /// Those that ask for nothing and may change something.
    changing: HashSet<PathBuf>,
    /// The other files that were parsed, with the files that their imports may lead to.
    others: HashMap<PathBuf, HashSet<PathBuf>>,
    /// Files that were looked for where no file was found yet, and whether they may be read.
    outside: HashMap<PathBuf, bool>,
    /// What the files read since then import, each as the files that it may lead to.
    imported: Vec<Vec<PathBuf>>,
}

impl<'a> Known<'a> {
    fn new(root: &Path, locals: &'a Locals, paths: &'a [PathBuf]) -> Self {
        Self {
            root: root.to_path_buf(),
            locals,
            listed: paths.iter().map(PathBuf::as_path).collect(),
            paths: ModulePaths::new(root),
            parsed: BTreeMap::new(),
            fresh: Vec::new(),
            idle: HashMap::default(),
            concerning: HashSet::default(),
            changeable: HashSet::default(),
            changing: HashSet::default(),
            others: HashMap::default(),
            outside: HashMap::default(),
            imported: Vec::new(),
        }
    }

    fn add(&mut self, read: Read) {
        match read {
            Read::Parsed(mut file) => {
                self.idle.remove(&file.path);
                let leads_to = self.leading(file.summary.imported(), &file.path);
                if file.summary.holds_what_changes() {
                    self.changeable.insert(file.path.clone());
                }
                file.loading.imports = leads_to.iter().flatten().cloned().collect();
                if file.summary.concerns_importers() {
                    self.concerning.insert(file.path.clone());
                } else {
                    self.others.insert(file.path.clone(), file.loading.imports.clone());
                }
                self.imported.extend(leads_to);
                self.fresh.push(file.path.clone());
                self.parsed.insert(file.path.clone(), *file);
            }
            Read::Idle(mut idle) => {
                let imports = idle.imports.iter().map(String::as_str);
                let leads_to = self.leading(imports, &idle.path);
                if idle.may_change {
                    self.changing.insert(idle.path.clone());
                }
                idle.loading.imports = leads_to.iter().flatten().cloned().collect();
                self.idle.insert(idle.path, idle.loading);
                self.imported.extend(leads_to);
            }
        }
    }

    /// Where the modules that the dotted `names` lead to or through may lie, seen from the file `from`.
    fn leading<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
        from: &Path,
    ) -> Vec<Vec<PathBuf>> {
        // Beside a file that was only found by being imported may lie what nobody listed.
        let is_listed = self.listed.contains(from);
        let names = names.into_iter().filter(|name| !is_listed || self.locals.may_lead(name));
        names.map(|name| self.paths.leading_to(name, from).collect()).collect()
    }

    /// The files to parse next, and those that are imported and were not found before.
    fn next(&mut self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let mut next = HashSet::default();
        for path in std::mem::take(&mut self.fresh) {
            let Some(file) = self.parsed.get(&path) else { continue };
            for candidates in self.leading(file.summary.open_paths(), &path) {
                let found = candidates.into_iter().find(|it| self.is_there(it));
                next.extend(found.filter(|it| !self.parsed.contains_key(it)));
            }
        }
        self.spread_concern();
        let is_concerned = |path: &PathBuf, leads_to: &HashSet<PathBuf>| {
            let may_change = self.changing.contains(path);
            !leads_to.is_disjoint(&self.concerning)
                || may_change && !leads_to.is_disjoint(&self.changeable)
        };
        let concerned = self.idle.iter().filter(|(path, it)| is_concerned(path, &it.imports));
        next.extend(concerned.map(|(path, _)| path.clone()));
        let mut found = HashSet::default();
        for candidates in std::mem::take(&mut self.imported) {
            let first = candidates.into_iter().find(|it| self.is_there(it));
            let is_new =
                |it: &PathBuf| !self.parsed.contains_key(it) && !self.idle.contains_key(it);
            found.extend(first.filter(|it| !next.contains(it) && is_new(it)));
        }
        let sorted = |paths: HashSet<PathBuf>| {
            let mut paths: Vec<PathBuf> = paths.into_iter().collect();
            paths.sort();
            paths
        };
        (sorted(next), sorted(found))
    }

    /// What imports a file of concern is one itself: its own callers count as well.
    fn spread_concern(&mut self) {
        loop {
            let imports_one = |leads_to: &HashSet<_>| !leads_to.is_disjoint(&self.concerning);
            let more: Vec<PathBuf> = self
                .others
                .iter()
                .filter(|(_, leads_to)| imports_one(leads_to))
                .map(|(path, _)| path.clone())
                .collect();
            if more.is_empty() {
                return;
            }
            for path in more {
                self.others.remove(&path);
                self.concerning.insert(path);
            }
        }
    }

    /// The files, with only those imports that lead to one of them.
    fn into_files(mut self) -> CodeFiles {
        let known: HashSet<PathBuf> = self.parsed.keys().chain(self.idle.keys()).cloned().collect();
        let parsed = self.parsed.values_mut().map(|it| &mut it.loading);
        for loading in parsed.chain(self.idle.values_mut()) {
            loading.imports.retain(|it| known.contains(it));
        }
        let loads = |loading: &Loading| !loading.imports.is_empty() || loading.imports_by_name;
        CodeFiles {
            parsed: self.parsed.into_values().collect(),
            idle: self.idle.into_iter().filter(|(_, it)| loads(it)).collect(),
        }
    }

    fn is_there(&mut self, path: &Path) -> bool {
        if self.parsed.contains_key(path) || self.idle.contains_key(path) {
            return true;
        }
        if let Some(known) = self.outside.get(path) {
            return *known;
        }
        // A link may lead out of the project although its path does not.
        let inside = |real: PathBuf| real.starts_with(&self.root) && real.is_file();
        let is_there = path.canonicalize().is_ok_and(inside);
        self.outside.insert(path.to_path_buf(), is_there);
        is_there
    }
}

/// What `work` makes of each of `paths`, in their order, on at most `threads` threads with deep stacks.
pub(super) fn in_parallel<T: Send>(
    paths: &[PathBuf],
    threads: usize,
    work: impl Fn(&Path) -> T + Sync,
) -> Vec<T> {
    let threads = threads.min(paths.len().div_ceil(FILES_PER_THREAD)).max(1);
    let mut found = Vec::with_capacity(paths.len());
    parallel::in_order(paths, threads, |path| work(path), |it| found.push(it));
    found
}

/// Whether the file belongs to tests, going by its name and the folders up to that of its kind.
pub(super) fn is_test(path: &Path) -> bool {
    let name = path.file_stem().and_then(OsStr::to_str).unwrap_or("");
    let folders = path.iter().rev().skip(1).filter_map(OsStr::to_str);
    let mut inner = folders.take_while(|name| !["dags", "plugins", "include"].contains(name));
    name.starts_with("test_")
        || name.ends_with("_test")
        || name == "conftest"
        || path.iter().any(|name| ["dags", "plugins", "include"].iter().any(|it| name == *it))
            && inner.any(|name| ["test", "tests"].contains(&name))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// What the files of a project ask for, when and with which files, and the literals in them.
    fn found(root: &Path, paths: &[PathBuf], gate: Gate) -> Vec<String> {
        let mut files = read_code(root, paths, &Overlays::default(), 2, gate).parsed;
        let mut found: Vec<String> = files
            .iter()
            .flat_map(|file| &file.literals)
            .map(|literal| format!("{literal:?}"))
            .collect();
        let names: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
        let modules = files.iter_mut().zip(&names).zip(0..);
        let modules = modules.map(|((file, path), number)| references::ModuleFile {
            path,
            summary: std::mem::take(&mut file.summary),
            file: crate::model::FileId(number),
            is_root: path.starts_with(root.join("dags")),
        });
        let (references, bypasses) =
            references::settled(root, modules.collect(), Box::new(|_| None));
        found.extend(references.iter().map(|it| {
            let defaults = it.key.settings().filter_map(|read| read.default.as_deref());
            let keys = it.key.alternatives().iter().chain(defaults);
            let keys: Vec<_> = keys.map(references::Key::glob).collect();
            let with: Vec<_> = it.parsed_with.iter().filter_map(|it| names.get(it.0)).collect();
            format!(
                "{:?} {:?} {keys:?} {:?} {:?} {} {with:?}",
                names[it.file.0 as usize], it.span, it.timing, it.operation, it.asks_each
            )
        }));
        found.extend(bypasses.iter().map(|it| match &it.by {
            references::BypassedBy::Client { name, .. } => {
                format!("{:?} Client {:?}", it.span, name.glob())
            }
            references::BypassedBy::Backend(backend) => format!("{:?} {}", it.span, backend.id),
        }));
        found
    }

    fn python_files(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                python_files(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "py") {
                found.push(path);
            }
        }
    }

    #[test]
    fn files_may_be_in_the_encoding_they_declare() {
        let project = tempfile::tempdir().unwrap();
        let root = project.path().canonicalize().unwrap();
        let file = |name: &str, content: &[u8]| {
            fs::write(root.join(name), content).unwrap();
            let paths = [root.join(name)];
            let found = found(&root, &paths, Gate::Words).join("\n");
            let trouble = read_code(&root, &paths, &Overlays::default(), 2, Gate::Words)
                .parsed
                .pop()
                .and_then(|it| it.trouble);
            (found, trouble)
        };
        let source =
            b"# -*- coding: latin-1 -*-\n# gr\xfc\xdfe\nX(conn_id='known')\nX(conn_id='gr\xfcn')\n";
        let (found, trouble) = file("latin.py", source);
        assert!(found.contains("known") && found.contains("[None]"), "{found}");
        // The name begins behind 43 bytes of the file.
        assert!(found.contains("Span { start: 36, end: 51 }"), "{found}");
        assert_eq!(trouble, None);
        let (found, trouble) = file("bare.py", b"# gr\xfcn\nX(conn_id='known')\n");
        assert_eq!((found.as_str(), trouble.is_some()), ("", true));
        let (_, trouble) = file("gbk.py", b"# coding: gbk\n# \xc4\xe3\nX(conn_id='known')\n");
        let other = Unreadable::OtherEncoding("gbk".to_owned());
        assert_eq!(trouble, Some(Trouble::Unreadable(other)));
        let (_, trouble) =
            file("names.py", b"# coding: latin-1\ngr\xfcn = 1\nX(conn_id='known')\n");
        assert!(matches!(trouble, Some(Trouble::Unreadable(_))), "{trouble:?}");
    }

    /// What the files ask for, which must not depend on the words that decide which are parsed.
    fn gated_as_open(root: &Path, paths: &[PathBuf]) -> Vec<String> {
        let (gated, open) = (found(root, paths, Gate::Words), found(root, paths, Gate::Open));
        let lost: Vec<_> = open.iter().filter(|it| !gated.contains(it)).collect();
        let made: Vec<_> = gated.iter().filter(|it| !open.contains(it)).collect();
        assert_eq!((lost, made), (vec![], vec![]), "{}", root.display());
        gated
    }

    /// Each way to import `function` of a module in `include/` or below `dags/`, and what calls it then.
    const IMPORTS: &[(&str, &str)] = &[
        ("from include.NAME import function", "function"),
        ("from include.NAME import *", "function"),
        ("from include.NAME import function as f", "f"),
        ("from include.NAME import (  # noqa\n    OTHER,\n    function,\n)", "function"),
        ("from include import NAME", "NAME.function"),
        ("from include import NAME as m", "m.function"),
        ("from include import (\n    OTHER,  # (a\n    NAME,\n)", "NAME.function"),
        ("from include \\\n    import NAME", "NAME.function"),
        ("import os; from include import NAME", "NAME.function"),
        ("try: from include import NAME\nexcept ImportError: pass", "NAME.function"),
        ("import include.NAME", "include.NAME.function"),
        ("import os, include.NAME as m", "m.function"),
        ("import importlib\nm = importlib.import_module('include.NAME')", "m.function"),
        ("from lib import NAME", "NAME.function"),
        ("from lib.deep import NAME", "NAME.function"),
        ("from . import NAME", "NAME.function"),
        ("from .lib import NAME", "NAME.function"),
        ("import NAME", "NAME.function"),
        ("from include import through_NAME", "through_NAME.NAME.function"),
        ("from include.through_NAME import NAME", "NAME.function"),
    ];

    /// What modules hold, what is made of `CALLED` in a file without any word of its own, and when that asks.
    const HELPERS: &[(&str, &str, &str)] = &[
        (
            "from airflow.models import Variable\ndef function(): return Variable.get('KEY')",
            "CALLED()",
            "Parse",
        ),
        (
            "from airflow.models import Variable\ndef function(k): return Variable.get(k)",
            "CALLED('KEY')",
            "Parse",
        ),
        ("from airflow.models import Variable as V\nfunction = V.get", "CALLED('KEY')", "Parse"),
        (
            "from airflow.models import Variable\ndef function(): return Variable.get('KEY')",
            "PythonOperator(python_callable=CALLED)",
            "Run",
        ),
        (
            "from airflow.models import Variable\nimport os\ndef function(k):\n  Variable.get(os.getenv('E', k))",
            "CALLED('KEY')",
            "Parse",
        ),
        ("function = '{{ var.value.KEY }}'", "BashOperator(bash_command=CALLED)", "Unknown"),
        (
            "from airflow.providers.x import XHook\nfunction = XHook('KEY')",
            "CALLED.run('x')",
            "Parse",
        ),
        (
            "import boto3\ndef function(k): boto3.client('x').get_secret_value(SecretId=k)",
            "CALLED('KEY')",
            "Client",
        ),
    ];

    #[test]
    fn no_way_to_import_hides_what_is_asked() {
        for (helper, use_, expected) in HELPERS {
            let project = tempfile::tempdir().unwrap();
            let root = project.path().canonicalize().unwrap();
            let write = |path: String, text: &str| {
                let path = root.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            };
            for (number, (import, called)) in IMPORTS.iter().enumerate() {
                let name = format!("helper_{number}");
                let of_this = |text: &str| {
                    text.replace("CALLED", called).replace("NAME", &name).replace("KEY", &name)
                };
                for folder in ["include", "dags", "dags/lib", "dags/lib/deep"] {
                    write(format!("{folder}/{name}.py"), &of_this(helper));
                }
                write(
                    format!("include/through_{name}.py"),
                    &format!("from include import {name}\n"),
                );
                write(format!("dags/dag_{number}.py"), &of_this(&format!("{import}\n{use_}\n")));
            }
            let mut paths = Vec::new();
            python_files(&root, &mut paths);
            paths.sort();
            let found = gated_as_open(&root, &paths);
            for (number, (import, _)) in IMPORTS.iter().enumerate() {
                let key = format!("helper_{number}\"");
                let of_it: Vec<&String> = found.iter().filter(|it| it.contains(&key)).collect();
                let asking = of_it.iter().find(|it| it.contains(expected));
                assert!(asking.is_some(), "{helper}\n{import}\n{of_it:#?}");
                let with = format!("dag_{number}.py");
                let is_parse = *expected == "Parse";
                assert!(!is_parse || asking.unwrap().contains(&with), "{helper}\n{import}");
            }
        }
    }

    #[test]
    fn what_is_not_parsed_asks_for_nothing() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let project = tempfile::tempdir().unwrap();
        let root = project.path().canonicalize().unwrap();
        for (name, text) in [
            ("dags/a.py", "from include.helper import load\nfrom names import KEY\nload(KEY)\n"),
            ("dags/names.py", "KEY = 'from_names'\n"),
            ("dags/b.py", "from airflow.providers.x.hooks.y import YHook\nYHook('positional')\n"),
            ("dags/t.py", "BashOperator(task_id='t', bash_command='{{ var.value.templated }}')\n"),
            ("dags/x.py", "def f(**context):\n  context['conn'].contextual.host\n"),
            ("dags/idle.py", "import os\nprint(os.getcwd())\n"),
            ("dags/through.py", "import include.middle\n"),
            ("include/middle.py", "from .helper import load\nload('from_middle')\n"),
            (
                "include/helper.py",
                "from airflow.models import Variable\ndef load(k):\n  return Variable.get(k)\n",
            ),
            ("lib/outside.py", "OUTSIDE = 'outside'\n"),
            ("include/vv.py", "from airflow.models import Variable as V\nget = V.get\n"),
            ("include/base.py", "from airflow.sdk import BaseHook\nclass B(BaseHook): pass\n"),
            ("include/again.py", "from include.vv import *\nfrom include.vv import V as W\n"),
            ("dags/renamed.py", "from include.vv import get, V\nget('by_get')\nV.get('by_v')\n"),
            ("dags/twice.py", "from include.again import W, get as g\nW.get('by_w')\ng('by_g')\n"),
            ("dags/derived.py", "from include.base import B as C\nprint(C)\n"),
            (
                "include/wrapped.py",
                "from include.again import W\nAN_ID = 'conn_id'\ndef ask(key): return W.get(key)\n",
            ),
            ("dags/listed.py", "from include.lists import L\nfor k in L:\n  X(conn_id=k)\n"),
            ("dags/lists_more.py", "from include.lists import L\nL.append('by_append')\n"),
            ("dags/uses_hook.py", "from include.hook import h, of\nh.run('x')\nof().run('y')\n"),
            ("include/lists.py", "L = ['a']\n"),
            (
                "include/hook.py",
                "from airflow.providers.x import XHook\nh = XHook('lent')\ndef of(): return XHook('lent_of')\n",
            ),
            ("dags/asking.py", "from include.wrapped import ask\nask('by_ask')\n"),
            ("dags/c.py", "from lib.outside import OUTSIDE\nX(conn_id=OUTSIDE)\n"),
        ] {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), text).unwrap();
        }
        for root in
            [root.clone(), repository.join("fixtures"), repository.join("tests/records/references")]
        {
            let mut paths = Vec::new();
            python_files(&root, &mut paths);
            paths.retain(|path| !path.starts_with(root.join("lib")));
            paths.sort();
            assert!(!gated_as_open(&root, &paths).is_empty(), "{}", root.display());
        }
        let paths = [
            "dags/a.py",
            "dags/asking.py",
            "dags/b.py",
            "dags/c.py",
            "dags/derived.py",
            "dags/idle.py",
            "dags/listed.py",
            "dags/lists_more.py",
            "dags/names.py",
            "dags/renamed.py",
            "dags/t.py",
            "dags/through.py",
            "dags/twice.py",
            "dags/uses_hook.py",
            "dags/x.py",
            "include/again.py",
            "include/base.py",
            "include/helper.py",
            "include/hook.py",
            "include/lists.py",
            "include/middle.py",
            "include/vv.py",
            "include/wrapped.py",
        ];
        let keys = found(&root, &paths.map(|path| root.join(path)), Gate::Words).join("\n");
        for key in [
            "from_names",
            "from_middle",
            "positional",
            "outside",
            "templated",
            "contextual",
            "by_get",
            "by_v",
            "by_w",
            "by_g",
            "by_ask",
            "by_append",
        ] {
            assert!(keys.contains(key), "{key}: {keys}");
        }
    }
}
