//! One run of `pip install`: a requirements file with the files it includes, or arguments.

use std::collections::BTreeSet;

use super::{FileId, Place};
use crate::limits;
use crate::read::requirements::{self as read, Item, Line};
use crate::text::Text;

/// What one run of pip is asked for.
#[derive(Clone, Debug, Default)]
pub struct Requirements {
    /// The items of all files, in the order in which pip meets them, without blank lines and
    /// without the includes that were followed.
    pub entries: Vec<Entry>,
    /// The includes that were not followed.
    pub unfollowed: Vec<Unfollowed>,
}

/// An item and where it stands.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The whole logical line, or the argument.
    pub place: Place,
    /// Whether it is installed or only bounds what is installed for another reason.
    pub role: Role,
    /// What it says.
    pub item: Item,
}

/// How the file that holds an item was reached.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// It is the file itself, or was included with `-r`.
    Requirement,
    /// It was included with `-c`.
    Constraint,
}

/// An include that astrolint did not read.
#[derive(Clone, Debug)]
pub struct Unfollowed {
    /// The path or URL, where it is written.
    pub place: Place,
    /// Whether requirements or constraints are missing now.
    pub role: Role,
    /// Why.
    pub why: WhyUnfollowed,
}

/// Why an include was not followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhyUnfollowed {
    /// It is a URL: astrolint is offline.
    Url,
    /// It leaves the project's root, or is absolute.
    OutsideProject,
    /// No such file can be read.
    Missing,
    /// A file that includes this one; pip refuses that.
    Cycle,
    /// More than [`limits::REQUIREMENTS_FILES`] files are included.
    TooMany,
}

struct Frame {
    path: String,
    file: FileId,
    role: Role,
    lines: std::vec::IntoIter<Line>,
}

impl Requirements {
    /// Reads the requirements file `path` and what it includes.
    ///
    /// Paths are relative to the project's root, with `/`. `open` gives the text of a file, or
    /// `None` when there is none, also when a link leads out of the project; it is never asked for
    /// a path above the root.
    pub fn read(path: &str, open: &mut dyn FnMut(&str) -> Option<(FileId, String)>) -> Self {
        let mut result = Self::default();
        let mut seen = BTreeSet::new();
        let mut frames = Vec::new();
        frames.extend(enter(path, Role::Requirement, open, &mut seen));
        while let Some(frame) = frames.last_mut() {
            let Some(line) = frame.lines.next() else {
                frames.pop();
                continue;
            };
            let (file, role) = (frame.file, frame.role);
            let (included, included_role) = match line.item {
                Item::Blank => continue,
                Item::Include(path) => (path, Role::Requirement),
                Item::Constraint(path) => (path, Role::Constraint),
                item => {
                    let place = Place { file, span: line.span };
                    result.entries.push(Entry { place, role, item });
                    continue;
                }
            };
            match follow(&included, included_role, &frames, open, &mut seen) {
                Ok(Some(frame)) => frames.push(frame),
                // Read before, and nothing is gained by reading it twice.
                Ok(None) => {}
                Err(why) => {
                    let place = Place { file, span: included.span() };
                    result.unfollowed.push(Unfollowed { place, role: included_role, why });
                }
            }
        }
        result
    }

    /// The requirement by name that stands at `place`.
    #[must_use]
    pub fn at(&self, place: Place) -> Option<&read::Requirement> {
        let mut entries = self.entries.iter().filter(|entry| entry.place == place);
        entries.find_map(|entry| match &entry.item {
            Item::Requirement(requirement) => Some(&**requirement),
            _ => None,
        })
    }

    /// Whether something in it installs the package `name`, or the extra `name` of another one.
    #[must_use]
    pub fn mention(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| match &entry.item {
            Item::Requirement(requirement) => {
                requirement.name.node.normalised == name
                    || requirement.extras.iter().any(|extra| extra.node == name)
            }
            // What cannot be read may install anything.
            Item::Direct(_) | Item::DependsOnEnvironment { .. } | Item::Invalid { .. } => true,
            _ => false,
        }) || !self.unfollowed.is_empty()
    }

    /// Adds `argument`, one requirement among the arguments of `pip install` in `file`.
    pub fn add_argument(&mut self, file: FileId, argument: &Text) {
        let place = Place { file, span: argument.span() };
        let item = read::read_argument(argument);
        self.entries.push(Entry { place, role: Role::Requirement, item });
    }
}

/// Opens the file that `included` names in the last of `frames`.
fn follow(
    included: &Text,
    role: Role,
    frames: &[Frame],
    open: &mut dyn FnMut(&str) -> Option<(FileId, String)>,
    seen: &mut BTreeSet<(String, Role)>,
) -> Result<Option<Frame>, WhyUnfollowed> {
    let written = included.expose();
    let scheme = written.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    if matches!(scheme.as_deref(), Some("http" | "https" | "file")) {
        return Err(WhyUnfollowed::Url);
    }
    let including = frames.last().map_or("", |frame| frame.path.as_str());
    let path = join(including, written).ok_or(WhyUnfollowed::OutsideProject)?;
    if frames.iter().any(|frame| frame.path == path) {
        return Err(WhyUnfollowed::Cycle);
    }
    if seen.contains(&(path.clone(), role)) {
        return Ok(None);
    }
    if seen.len() > limits::REQUIREMENTS_FILES {
        return Err(WhyUnfollowed::TooMany);
    }
    enter(&path, role, open, seen).map(Some).ok_or(WhyUnfollowed::Missing)
}

fn enter(
    path: &str,
    role: Role,
    open: &mut dyn FnMut(&str) -> Option<(FileId, String)>,
    seen: &mut BTreeSet<(String, Role)>,
) -> Option<Frame> {
    let (file, text) = open(path)?;
    seen.insert((path.to_owned(), role));
    let lines = read::read(&text).lines.into_iter();
    Some(Frame { path: path.to_owned(), file, role, lines })
}

/// `included` as seen from the directory of `including`; `None` when it leaves the root.
fn join(including: &str, included: &str) -> Option<String> {
    // A drive letter makes a path absolute on Windows.
    if included.starts_with(['/', '\\']) || included.get(1..2) == Some(":") {
        return None;
    }
    let directory = including.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(included.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `requirements.txt` out of `files`; the names of what was found, and what was not
    /// followed.
    fn read(files: &[(&str, &str)]) -> (Vec<String>, Vec<(WhyUnfollowed, String)>) {
        let mut open = |path: &str| {
            assert!(!path.starts_with('/') && !path.contains(".."), "{path} stays inside");
            let index = files.iter().position(|(name, _)| *name == path)?;
            Some((FileId(u32::try_from(index).unwrap()), files[index].1.to_owned()))
        };
        let requirements = Requirements::read(files[0].0, &mut open);
        let text = |place: Place| place.span.of(files[place.file.0 as usize].1).trim().to_owned();
        let entries = requirements.entries.iter();
        let shown = entries.map(|entry| match entry.role {
            Role::Requirement => text(entry.place),
            Role::Constraint => format!("-c {}", text(entry.place)),
        });
        let unfollowed = requirements.unfollowed.iter();
        (shown.collect(), unfollowed.map(|include| (include.why, text(include.place))).collect())
    }

    #[test]
    fn includes_are_relative_to_the_file_that_names_them() {
        let (entries, unfollowed) = read(&[
            ("requirements.txt", "a\n-r requirements/base.txt\n-c constraints.txt\nz\n"),
            ("requirements/base.txt", "b\n-r more.txt\n-r ../top.txt\n"),
            ("requirements/more.txt", "c"),
            ("top.txt", "d"),
            ("constraints.txt", "b==1\n-r requirements/more.txt\n-r fresh.txt"),
            ("fresh.txt", "e"),
        ]);
        // A requirements file that a constraints file includes is installed.
        assert_eq!(entries, ["a", "b", "c", "d", "-c b==1", "e", "z"]);
        assert_eq!(unfollowed, []);
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        use WhyUnfollowed::{Cycle, Missing, OutsideProject, Url};
        for (line, why) in [
            ("../other.txt", OutsideProject),
            ("sub/../../other.txt", OutsideProject),
            ("/etc/requirements.txt", OutsideProject),
            ("C:\\requirements.txt", OutsideProject),
            ("https://example.com/r.txt", Url),
            ("FILE:///etc/r.txt", Url),
            ("missing.txt", Missing),
            ("./requirements.txt", Cycle),
        ] {
            let text = format!("-r {line}\nfoo\n");
            let (entries, unfollowed) = read(&[("requirements.txt", &text)]);
            assert_eq!(entries, ["foo"], "{line}");
            assert_eq!(unfollowed, [(why, line.to_owned())], "{line}");
        }
    }

    #[test]
    fn a_long_cycle_ends() {
        let (entries, unfollowed) =
            read(&[("a.txt", "a\n-r b.txt"), ("b.txt", "b\n-c c.txt"), ("c.txt", "-r a.txt\nc")]);
        assert_eq!(entries, ["a", "b", "-c c"]);
        assert_eq!(unfollowed, [(WhyUnfollowed::Cycle, "a.txt".to_owned())]);
    }

    #[test]
    fn many_files_are_read_once_and_not_without_end() {
        // Each file includes the next one twice: 2^300 paths.
        let mut open = |path: &str| {
            let number: u32 = path.strip_suffix(".txt")?.parse().ok()?;
            Some((FileId(number), format!("-r {0}.txt\n-r {0}.txt\npackage{number}", number + 1)))
        };
        let requirements = Requirements::read("0.txt", &mut open);
        assert_eq!(requirements.entries.len(), limits::REQUIREMENTS_FILES + 1);
        assert_eq!(requirements.unfollowed.first().map(|u| u.why), Some(WhyUnfollowed::TooMany));
    }

    #[test]
    fn a_missing_root_file_asks_for_nothing() {
        let requirements = Requirements::read("requirements.txt", &mut |_| None);
        assert!(requirements.entries.is_empty() && requirements.unfollowed.is_empty());
    }
}
