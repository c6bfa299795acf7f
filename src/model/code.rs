//! The Python files of a project: which are parsed, and what they ask for.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use super::references::{self, Literal, Reference, words};
use super::{FileId, Overlay};
use crate::discover::{Unreadable, limits, read_text};
use crate::facts;
use crate::read::python::{self, Scan};
use crate::text::Span;

/// A Python file that matters: it asks for something, or could not be read as meant.
#[derive(Debug)]
pub(super) struct CodeFile {
    /// The file.
    pub path: PathBuf,
    /// Its content; empty when it could not be read.
    pub text: String,
    /// What it asks for; the file's number is set when it is known.
    pub references: Vec<Reference>,
    /// The credentials in it; likewise.
    pub literals: Vec<Literal>,
    /// Why less is known of it than of others.
    pub trouble: Option<Trouble>,
}

/// Why less is known of a Python file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Trouble {
    /// It was not read.
    Unreadable(Unreadable),
    /// It was read as far as the parser got along.
    Syntax(Span, String),
    /// It is nested deeper than CPython itself allows.
    TooDeep(Span, String),
}

/// How many files make it worth to start another thread.
const FILES_PER_THREAD: usize = 16;

/// Reads `paths` on threads with deep stacks; gives the files that matter, in the order of `paths`.
#[must_use]
pub(super) fn read_code(paths: &[PathBuf], overlay: Option<&Overlay>) -> Vec<CodeFile> {
    if paths.is_empty() {
        return Vec::new();
    }
    let mut needed = [words::WORDS, words::CREDENTIAL_WORDS].concat();
    needed.extend(facts::credentials().words());
    let patterns =
        [words::CREDENTIAL_PATTERNS, words::TEMPLATE_PATTERNS, words::CONTEXT_PATTERNS].concat();
    let scan = Scan::with_patterns(&needed, &patterns);
    let next = AtomicUsize::new(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(paths.len().div_ceil(FILES_PER_THREAD)).max(1);
    let mut found: Vec<(usize, CodeFile)> = Vec::new();
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads {
            let (sender, scan, next) = (sender.clone(), &scan, &next);
            let work = move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = paths.get(number) else { return };
                    if let Some(file) = read_one(path, scan, overlay)
                        && sender.send((number, file)).is_err()
                    {
                        return;
                    }
                }
            };
            // A machine that starts no thread cannot parse either: the files are then left out.
            let _ = thread::Builder::new().stack_size(python::STACK).spawn_scoped(scope, work);
        }
        drop(sender);
        found.extend(receiver);
    });
    found.sort_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, file)| file).collect()
}

/// Whether the file belongs to tests, going by its name and the folders up to that of its kind.
fn is_test(path: &Path) -> bool {
    let name = path.file_stem().and_then(OsStr::to_str).unwrap_or("");
    let folders = path.iter().rev().skip(1).filter_map(OsStr::to_str);
    let mut inner = folders.take_while(|name| !["dags", "plugins", "include"].contains(name));
    name.starts_with("test_")
        || name.ends_with("_test")
        || name == "conftest"
        || path.iter().any(|name| ["dags", "plugins", "include"].iter().any(|it| name == *it))
            && inner.any(|name| ["test", "tests"].contains(&name))
}

fn read_one(path: &PathBuf, scan: &Scan, overlay: Option<&Overlay>) -> Option<CodeFile> {
    let mut file = CodeFile {
        path: path.clone(),
        text: String::new(),
        references: Vec::new(),
        literals: Vec::new(),
        trouble: None,
    };
    file.text = match overlay.filter(|overlay| overlay.path == *path) {
        Some(overlay) => overlay.text.clone(),
        None => match read_text(path, limits::TEXT_FILE) {
            Ok(text) => text.into_string(),
            Err(error) => {
                return Some(CodeFile { trouble: Some(Trouble::Unreadable(error)), ..file });
            }
        },
    };
    if !scan.may_refer(file.text.as_bytes()) {
        return None;
    }
    match python::parse(&file.text) {
        Ok(module) => {
            (file.references, file.literals) = references::read(&module, FileId(0));
            let error = module.errors.into_iter().next();
            file.trouble = error.map(|error| Trouble::Syntax(error.span, error.node));
        }
        Err(too_deep) => {
            let place = Span::at(too_deep.at);
            file.trouble = Some(Trouble::TooDeep(place, too_deep.to_string()));
        }
    }
    if is_test(path) {
        file.literals = references::in_tests(file.literals);
    }
    file.literals.extend(references::shaped(&file.text, FileId(0)));
    file.literals = references::distinct(file.literals);
    let matters =
        !file.references.is_empty() || !file.literals.is_empty() || file.trouble.is_some();
    matters.then_some(file)
}
