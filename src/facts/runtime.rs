//! Runtime images: which Airflow and which providers they hold.
//!
//! The data and its sources stand in `rules/facts/runtime_images.json`. Where a release is not
//! documented, the answer is what its neighbours allow, and says so in its source.

mod image;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pep440_rs::Version;
use serde::Deserialize;

use super::releases;
pub use image::{Family, Image, Tag, TagDoubt};

/// Which Airflow an image holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AirflowInImage {
    /// This version.
    Exact(Version),
    /// Some version of this minor.
    Minor(u64, u64),
    /// The reference does not say.
    Unknown,
}

/// Whether an image holds a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bundled {
    /// In this version.
    Exact {
        /// The version in the image.
        version: Version,
        /// Who says so.
        source: String,
    },
    /// In a version that no source names; the neighbouring releases bound it.
    Between {
        /// The version is this or newer.
        at_least: Version,
        /// The version is this or older, when a later release of the same line is documented.
        at_most: Option<Version>,
        /// Which documented releases the bounds come from.
        source: String,
    },
    /// Not in the image.
    No {
        /// Who says so.
        source: String,
    },
    /// Nobody says.
    Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "what")]
    _what: String,
    #[serde(rename = "complete_through")]
    _complete_through: String,
    #[serde(rename = "notes")]
    _notes: BTreeMap<String, String>,
    sources: Vec<String>,
    minors: Vec<MinorOfMajor>,
    default_python: Vec<DefaultPython>,
    tags: TagHistory,
    rules: Vec<Rule>,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MinorOfMajor {
    runtime_major: u64,
    airflow: Version,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DefaultPython {
    from_major: u64,
    to_major: u64,
    python: Version,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TagHistory {
    slim_from_major: u64,
    python_from_major: u64,
    #[serde(rename = "source")]
    _source: String,
}

/// What holds for all releases of a format.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    format: String,
    provider: String,
    bundled: String,
    from: Option<String>,
    source: String,
}

/// One documented release.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    runtime: String,
    airflow: Version,
    #[serde(default)]
    airflow_is_minor: bool,
    bundles: Option<BTreeMap<String, Version>>,
    #[serde(rename = "released")]
    _released: Option<String>,
    end_of_maintenance: Option<String>,
    yanked: Option<String>,
    sources: Vec<usize>,
}

#[allow(clippy::expect_used, reason = "embedded data, held well-formed by a test")]
static FILE: LazyLock<File> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../rules/facts/runtime_images.json"))
        .expect("well-formed")
});

impl Row {
    fn tag(&self) -> Tag {
        Tag::read(&self.runtime).map_or(Tag::None, |(tag, _)| tag)
    }

    fn source(&self) -> String {
        let names = self.sources.iter().filter_map(|index| FILE.sources.get(*index));
        let names: Vec<&str> = names.map(String::as_str).collect();
        format!("Runtime {}: {}", self.runtime, names.join("; "))
    }

    fn bundled(&self, provider: &str) -> Option<&Version> {
        self.bundles.as_ref()?.get(provider)
    }
}

/// The tags of all documented releases.
pub fn documented_tags() -> impl Iterator<Item = &'static str> {
    FILE.rows.iter().map(|row| row.runtime.as_str())
}

impl Image {
    /// The image of a release that `text` names: a tag alone, or behind the name of an image. `None` where
    /// no such release can be, as far as is known.
    #[must_use]
    pub fn released(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, tag) = text.split_once(':').unwrap_or(("", text));
        let is_old = matches!(Tag::read(tag), Some((Tag::Old { .. }, _)));
        let registry = match name {
            "" if is_old => "quay.io/astronomer/astro-runtime:",
            "" => "astrocrpublic.azurecr.io/runtime:",
            "astro-runtime" => "quay.io/astronomer/",
            "runtime" => "astrocrpublic.azurecr.io/",
            _ => "",
        };
        let image = Self::read(&format!("{registry}{text}"));
        let is_known = match image.airflow() {
            AirflowInImage::Exact(_) => true,
            AirflowInImage::Minor(major, minor) => {
                let mut released = releases::airflow().released.iter();
                released.any(|version| version.release().starts_with(&[major, minor]))
            }
            AirflowInImage::Unknown => false,
        };
        (is_known && image.doubts().is_empty()).then_some(image)
    }

    /// The Airflow in the image.
    #[must_use]
    pub fn airflow(&self) -> AirflowInImage {
        if let Some(row) = self.row()
            && !row.airflow_is_minor
        {
            return AirflowInImage::Exact(row.airflow.clone());
        }
        match &self.tag {
            Tag::Old { major, .. } => minor_of(*major),
            // `3.0` is 2.1.1 in the old numbering and 3.0 in the new one.
            Tag::Floating { major: 3, .. } if self.family == Family::AstroRuntime => {
                AirflowInImage::Unknown
            }
            Tag::Floating { major, .. } if *major > 3 => minor_of(*major),
            Tag::Floating { major, minor } | Tag::New { major, minor, .. } if *major >= 3 => {
                AirflowInImage::Minor(*major, *minor)
            }
            Tag::Airflow(version) => AirflowInImage::Exact(version.clone()),
            Tag::Floating { .. } | Tag::New { .. } | Tag::None => AirflowInImage::Unknown,
        }
    }

    /// Whether the image holds the provider with the short name `provider`, as `amazon`.
    #[must_use]
    pub fn bundled(&self, provider: &str) -> Bundled {
        let Some(format) = self.format() else { return Bundled::Unknown };
        let rules = || FILE.rules.iter().filter(|rule| rule.format == format);
        let rule = rules().find(|rule| rule.provider == "any" || rule.provider == provider);
        let Some(rule) = rule else { return Bundled::Unknown };
        let not_here = || Bundled::No { source: rule.source.clone() };
        if rule.bundled == "never" {
            return not_here();
        }
        // A moving tag is at least the first release that it can be.
        let (major, tag) = match self.tag {
            Tag::Old { major, .. } => (major, self.tag.clone()),
            Tag::Floating { major, minor } => (major, Tag::Old { major, minor, patch: 0 }),
            _ => return Bundled::Unknown,
        };
        let from = rule.from.as_deref().and_then(Tag::read).map(|(tag, _)| tag);
        if from.is_none_or(|from| tag < from) {
            return not_here();
        }
        if let Some(row) = self.row()
            && let Some(bundles) = &row.bundles
        {
            return match bundles.get(provider) {
                Some(version) => Bundled::Exact { version: version.clone(), source: row.source() },
                None => Bundled::No { source: row.source() },
            };
        }
        let moving = tag != self.tag;
        between_neighbours(&tag, major, provider, moving)
    }

    /// The format under which the rules of the data file speak about this image.
    fn format(&self) -> Option<&'static str> {
        match (&self.tag, self.family) {
            (_, Family::RemoteExecutionAgent) => Some("agent"),
            (Tag::New { .. }, _) => Some("X.Y-Z"),
            (Tag::Floating { .. }, Family::Runtime)
                if matches!(self.airflow(), AirflowInImage::Minor(3.., _)) =>
            {
                Some("X.Y-Z")
            }
            (Tag::Old { major, .. } | Tag::Floating { major, .. }, _)
                if minor_of(*major) != AirflowInImage::Unknown =>
            {
                let ambiguous = self.airflow() == AirflowInImage::Unknown;
                (!ambiguous).then_some(if self.slim { "X.Y.Z-slim" } else { "X.Y.Z" })
            }
            _ => None,
        }
    }

    /// Why the release was withdrawn, when it was.
    #[must_use]
    pub fn yanked(&self) -> Option<&'static str> {
        self.row()?.yanked.as_deref()
    }

    /// The month, `YYYY-MM`, at whose end maintenance of the release's line ends or ended.
    #[must_use]
    pub fn end_of_maintenance(&self) -> Option<&'static str> {
        let (Tag::Old { major, .. } | Tag::Floating { major, .. }) = self.tag else { return None };
        if self.format()? == "X.Y-Z" {
            return None;
        }
        let same_line = |row: &&Row| matches!(row.tag(), Tag::Old { major: m, .. } if m == major);
        FILE.rows.iter().filter(same_line).find_map(|row| row.end_of_maintenance.as_deref())
    }

    /// Whether a build on the image installs the project's `requirements.txt` by itself; `None`
    /// when that is not known. A `-base` image never does (astronomer/docs@0fd057ffa).
    #[must_use]
    pub fn installs_requirements(&self) -> Option<bool> {
        match self.family {
            _ if self.base => Some(false),
            Family::AstroRuntime | Family::Runtime => Some(true),
            Family::ApAirflow => Some(self.onbuild),
            // The official image has no `ONBUILD` steps.
            Family::ApacheAirflow => Some(false),
            Family::RemoteExecutionAgent | Family::Other => None,
        }
    }

    /// The Python of the image, as its tag or the documentation of its line says.
    #[must_use]
    pub fn python(&self) -> Option<(u64, u64)> {
        self.python_suffix.or_else(|| {
            let Tag::Old { major, .. } = self.tag else { return None };
            let lines = &mut FILE.default_python.iter();
            let line = lines.find(|line| (line.from_major..=line.to_major).contains(&major))?;
            Some((*line.python.release().first()?, *line.python.release().get(1)?))
        })
    }

    /// What speaks against such a tag existing.
    #[must_use]
    pub fn doubts(&self) -> Vec<TagDoubt> {
        let mut doubts = Vec::new();
        if !matches!(self.family, Family::AstroRuntime | Family::Runtime) {
            return doubts;
        }
        let old_repository = self.family == Family::AstroRuntime;
        match self.tag {
            Tag::Old { major, .. } | Tag::Floating { major, .. }
                if !(self.family == Family::Runtime && major == 3)
                    && minor_of(major) == AirflowInImage::Unknown =>
            {
                doubts.push(TagDoubt::UnknownLine);
            }
            Tag::Old { major, .. } => {
                if self.slim && major < FILE.tags.slim_from_major {
                    doubts.push(TagDoubt::SlimTooEarly);
                }
                if self.python_suffix.is_some() && major < FILE.tags.python_from_major {
                    doubts.push(TagDoubt::PythonTooEarly);
                }
                if !old_repository {
                    doubts.push(TagDoubt::OldFormatInNewRepository);
                }
            }
            Tag::Floating { .. } if old_repository => {
                doubts.push(TagDoubt::FloatingInOldRepository);
            }
            Tag::New { major, .. }
                if !old_repository
                    && (major < 3 || (major > 3 && minor_of(major) != AirflowInImage::Unknown)) =>
            {
                doubts.push(TagDoubt::UnknownLine);
            }
            Tag::New { .. } | Tag::Floating { .. } => {
                if self.slim {
                    doubts.push(TagDoubt::SlimOnAirflow3);
                }
                if old_repository {
                    doubts.push(TagDoubt::NewFormatInOldRepository);
                }
            }
            Tag::None if !self.digest => doubts.push(TagDoubt::NoVersion),
            Tag::None | Tag::Airflow(_) => {}
        }
        if !self.other_suffixes.is_empty() {
            doubts.push(TagDoubt::UnknownSuffix);
        }
        doubts
    }

    fn row(&self) -> Option<&'static Row> {
        let released = matches!(self.tag, Tag::Old { .. } | Tag::New { .. });
        FILE.rows.iter().find(|row| released && row.tag() == self.tag)
    }
}

/// The Airflow minor of an old Runtime major.
fn minor_of(major: u64) -> AirflowInImage {
    let line = FILE.minors.iter().find(|line| line.runtime_major == major);
    match line.map(|line| line.airflow.release()) {
        Some(&[major, minor]) => AirflowInImage::Minor(major, minor),
        _ => AirflowInImage::Unknown,
    }
}

/// Bounds for a release without a documented provider list. Inside a line (one Airflow minor) the
/// versions only rise; between lines only the first releases can be compared, because old lines
/// go on receiving newer providers.
fn between_neighbours(tag: &Tag, major: u64, provider: &str, moving: bool) -> Bundled {
    let documented =
        FILE.rows.iter().filter_map(|row| Some((row, row.tag(), row.bundled(provider)?)));
    let (mut below, mut above, mut earlier) = (None, None, None);
    for (row, other, version) in documented {
        let Tag::Old { major: line, .. } = other else { continue };
        if line == major {
            if other <= *tag {
                below = Some((row, version));
            } else if above.is_none() {
                above = Some((row, version));
            }
        } else if line < major && earlier.is_none_or(|(_, _, known)| known < line) {
            earlier = Some((row, version, line));
        }
    }
    // A floating tag may be any release of its line.
    if moving {
        above = None;
    }
    let Some((row, at_least)) = below.or(earlier.map(|(row, version, _)| (row, version))) else {
        return Bundled::Unknown;
    };
    let at_least = at_least.clone();
    match above {
        Some((upper, version)) if *version == at_least => Bundled::Exact {
            version: at_least,
            source: format!(
                "not documented; the same before and after it, {}, {}",
                row.source(),
                upper.source()
            ),
        },
        Some((upper, version)) => Bundled::Between {
            at_least: at_least.clone().min(version.clone()),
            at_most: Some(at_least.max(version.clone())),
            source: format!("not documented; between {} and {}", row.source(), upper.source()),
        },
        None => Bundled::Between {
            at_least,
            at_most: None,
            source: format!("not documented; not older than in {}", row.source()),
        },
    }
}

#[cfg(test)]
mod tests;
