//! Template, YAML and JSON files of a project: which are read, and what they ask for.

use std::path::{Path, PathBuf};

use super::code::in_parallel;
use super::references::{Holder, Reference, Timing, of_data, of_template, words};
use super::{FileId, FileKind};
use crate::discover::{FoundFile, Overlays, Unreadable};
use crate::hash::HashSet;
use crate::limits;
use crate::text::Text;

/// A file that asks for something, or was not read although it may.
#[derive(Debug)]
pub(super) struct RenderedFile {
    /// The file.
    pub path: PathBuf,
    /// What it is.
    pub kind: FileKind,
    /// Its content; empty when it was not read.
    pub text: String,
    /// What it asks for; the file's number is set when it is known.
    pub references: Vec<Reference>,
    /// Why it was not read.
    pub trouble: Option<Unreadable>,
}

/// Files whose folder belongs to another program that has templates of its own: dbt, Helm.
const FOREIGN_MARKERS: [&str; 2] = ["dbt_project.yml", "Chart.yaml"];

/// Reads those of `files` that may ask for something.
pub(super) fn read_rendered(
    files: &[&FoundFile],
    overlays: &Overlays,
    threads: usize,
) -> Vec<RenderedFile> {
    let foreign: HashSet<&Path> = files
        .iter()
        .filter(|file| FOREIGN_MARKERS.iter().any(|marker| file.path.ends_with(marker)))
        .filter_map(|file| file.path.parent())
        .collect();
    let is_ours = |file: &&&FoundFile| {
        !file.path.ancestors().skip(1).any(|directory| foreign.contains(directory))
    };
    let mut all = Vec::new();
    for kind in [FileKind::Template, FileKind::Data] {
        let paths = files.iter().filter(is_ours).filter(|file| file.kind == kind);
        let paths: Vec<PathBuf> = paths.map(|file| file.path.clone()).collect();
        let found = in_parallel(&paths, threads, |path| read(path, kind, overlays));
        all.extend(found.into_iter().flatten());
    }
    all
}

/// Reads the file at `path`, when it may ask for something.
fn read(path: &Path, kind: FileKind, overlays: &Overlays) -> Option<RenderedFile> {
    let mut file = RenderedFile {
        path: path.to_path_buf(),
        kind,
        text: String::new(),
        references: Vec::new(),
        trouble: None,
    };
    let bytes = match overlays.read_bytes(path, limits::RENDERED_FILE) {
        Ok(bytes) => bytes,
        Err(error) => {
            file.trouble = Some(error);
            return Some(file);
        }
    };
    let scan = if kind == FileKind::Data { &words::DATA } else { &words::TEMPLATES };
    if !scan.may_refer(&bytes) {
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => file.text = text,
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            file.trouble = Some(Unreadable::NotUtf8 { offset });
            return Some(file);
        }
    }
    file.references = references(&file.path, file.kind, &file.text);
    (!file.references.is_empty()).then_some(file)
}

/// What the file at `path` asks for.
fn references(path: &Path, kind: FileKind, text: &str) -> Vec<Reference> {
    let file = FileId(0);
    if kind == FileKind::Data {
        return of_data(text, file);
    }
    let is = |endings: &[&str]| {
        path.extension()
            .is_some_and(|it| endings.iter().any(|ending| it.eq_ignore_ascii_case(ending)))
    };
    if is(&["md"]) {
        // Mostly prose, sometimes the body of a message.
        let text = Text::verbatim(&without_listings(text), 0);
        return of_template(&text, Holder::File, Timing::Unknown, file);
    }
    let mut references =
        of_template(&Text::verbatim(text, 0), Holder::File, Timing::Template, file);
    if is(&["html", "htm"]) {
        references.retain(|reference| !is_of_browser(reference, text));
    }
    references
}

/// `{{ conn.name }}` in a page: more often of a script that runs in the browser than a connection
/// without anything taken from it.
fn is_of_browser(reference: &Reference, text: &str) -> bool {
    reference.callee == "conn"
        && !text.get(reference.span.end..).is_some_and(|it| it.starts_with('.'))
}

/// Markdown with blanks in the place of its code, so that every byte keeps its place.
fn without_listings(text: &str) -> String {
    let blank = |part: &str| -> String {
        part.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
    };
    let mut kept = String::with_capacity(text.len());
    let mut fence: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
        let is_code = fence.is_some() || mark.is_some() || line.starts_with("    ");
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        if is_code {
            kept += &blank(line);
            continue;
        }
        // Every second part between backticks is code.
        for (number, part) in line.split('`').enumerate() {
            if number > 0 {
                kept.push(' ');
            }
            kept += &if number % 2 == 1 { blank(part) } else { part.to_owned() };
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn found(files: &[(&str, FileKind, &str)]) -> Vec<(String, String)> {
        let directory = tempfile::tempdir().unwrap();
        let files: Vec<FoundFile> = files
            .iter()
            .map(|(name, kind, text)| {
                let path = directory.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, text).unwrap();
                FoundFile { path, kind: *kind }
            })
            .collect();
        let read = read_rendered(&files.iter().collect::<Vec<_>>(), &Overlays::default(), 1);
        let keys = read.iter().flat_map(|file| {
            assert!(file.trouble.is_none());
            let name = file.path.file_name().unwrap().to_string_lossy().into_owned();
            file.references.iter().map(move |it| (name.clone(), it.key.glob().unwrap()))
        });
        keys.collect()
    }

    #[test]
    fn files_of_dbt_and_helm_are_theirs() {
        let found = found(&[
            ("dags/a.sql", FileKind::Template, "select '{{ var.value.a }}'"),
            ("dags/dbt/x/dbt_project.yml", FileKind::Data, "name: x"),
            ("dags/dbt/x/models/m.sql", FileKind::Template, "{{ var.value.b }}"),
            ("dags/dbt/x/models/m.yml", FileKind::Data, "conn_id: b"),
            ("include/chart/Chart.yaml", FileKind::Data, "name: x"),
            ("include/chart/templates/x.yaml", FileKind::Data, "conn_id: {{ .Values.x }}"),
            ("include/b.json", FileKind::Data, "{\"x_conn_id\": \"c\"}"),
        ]);
        assert_eq!(
            found,
            [("a.sql".to_owned(), "a".to_owned()), ("b.json".to_owned(), "c".to_owned())]
        );
    }

    #[test]
    fn pages_have_templates_of_browsers() {
        let found = found(&[(
            "dags/a.html",
            FileKind::Template,
            "<p v-for=\"conn in all\">{{ conn.name }}</p>{{ conn.b.host }} {{ var.value.c }}",
        )]);
        let file = || "a.html".to_owned();
        assert_eq!(found, [(file(), "b".to_owned()), (file(), "c".to_owned())]);
    }

    #[test]
    fn listings_in_prose_are_no_templates() {
        let text = "Use `{{ var.value.a }}`:\n```sql\n{{ var.value.b }}\n```\n    {{ var.value.c }}\nHi {{ var.value.d }} ``x``\n";
        assert_eq!(without_listings(text).len(), text.len());
        let found = found(&[("dags/a.md", FileKind::Template, text)]);
        assert_eq!(found, [("a.md".to_owned(), "d".to_owned())]);
    }

    /// Words that make templates, with the escapes of YAML and JSON.
    const WORDS: [&str; 40] = [
        "{{",
        "}}",
        "{",
        "{%",
        "%}",
        "set v = ",
        "if ",
        "raw",
        "endraw",
        "var",
        "conn",
        "va",
        "r",
        "value",
        "json",
        ".",
        "get(",
        "('",
        "['",
        "']",
        "')",
        "a",
        "x-b",
        " ",
        "\n",
        "\n  ",
        "\"",
        "'",
        "\\u007b",
        "\\x7b",
        ": ",
        "- ",
        "conn_id",
        "_conn_id",
        "tasks",
        "variables_as_arguments",
        "variable",
        "#",
        "[",
        "v",
    ];

    proptest! {
        /// What the scan of the bytes leaves out asks for nothing.
        #[test]
        fn the_scan_loses_nothing(
            words in proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..24),
            lines in any::<bool>(),
        ) {
                    let text = words.concat();
            let text = if lines { format!("a: \"{text}\"\nb: {text}\n") } else { text };
            for (name, kind) in [("a.sql", FileKind::Template), ("a.yml", FileKind::Data), ("a.md", FileKind::Template)] {
                let scan = if kind == FileKind::Data { &words::DATA } else { &words::TEMPLATES };
                let found = references(Path::new(name), kind, &text);
                prop_assert!(found.is_empty() || scan.may_refer(text.as_bytes()), "{text:?}");
            }
        }
    }
}
