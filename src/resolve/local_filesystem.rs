//! `LocalFilesystemBackend` of Airflow 1.10.11 to 3.3.2.

use super::fault::Fault;
use super::lookup::{KeptBack, Lookup, Outcome};
use super::per_kind::PerKind;
use super::python_value::not_text;
use super::start::{Names, Start, Started, State};
use crate::model::Kind;

/// The running backend.
#[derive(Debug)]
struct LocalFilesystem {
    files: PerKind<File>,
}

#[derive(Debug)]
enum File {
    /// None is given, or the class has none for the kind.
    None(String),
    /// It cannot be read, whatever it holds.
    Unreadable(Fault),
    Read,
}

/// Constructs the backend. Whether a file is there shows only at the first lookup.
pub(super) fn start(start: &Start<'_>) -> Started {
    let files = PerKind::try_new(|kind| Ok::<_, State>(file(kind, start)))?;
    Ok(Box::new(LocalFilesystem { files }))
}

fn file(kind: Kind, start: &Start<'_>) -> File {
    let parameter = match kind {
        Kind::Variable => "variables_file_path",
        Kind::Connection => "connections_file_path",
        Kind::Config => "configs_file_path",
    };
    let path = start.value(parameter);
    if !path.is_truthy() {
        return File::None(format!("`{parameter}` names no file, so no {kind} is found"));
    }
    let Some(path) = path.as_str() else {
        return File::Unreadable(not_text(parameter, "TypeError"));
    };
    let extension = path.rsplit('.').next().unwrap_or_default().to_lowercase();
    let known = match extension.as_str() {
        "env" | "json" => true,
        "yaml" => start.behaves("reads-yaml"),
        "yml" => start.behaves("reads-yml"),
        _ => false,
    };
    if known {
        return File::Read;
    }
    let what = format!("`{parameter}` is no .env, .json or .yaml file");
    File::Unreadable(Fault::value(parameter, what, "AirflowException"))
}

impl Names for LocalFilesystem {
    fn faults(&self) -> Vec<(Option<Kind>, &Fault)> {
        let of = |kind| match self.files.get(kind) {
            File::Unreadable(fault) => Some((Some(kind), fault)),
            File::None(_) | File::Read => None,
        };
        Kind::ALL.into_iter().filter_map(of).collect()
    }

    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        matches!(self.files.get(kind), File::Read).then(|| key.to_owned())
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        match self.files.get(kind) {
            File::None(reason) => Lookup::never_asked(KeptBack::Off, reason),
            File::Unreadable(fault) => Lookup::none(Outcome::LookupError, fault.to_string()),
            File::Read => Lookup::asked(key.to_owned(), "the key itself, in the file"),
        }
    }
}
