//! Image references: `[registry[:port]/]repository[:tag][@digest]`.

use pep440_rs::Version;

/// An image as a `FROM` line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "suffixes that are there or not, each by itself")]
pub struct Image {
    /// As written.
    pub reference: String,
    /// Whose image it is.
    pub family: Family,
    /// The version in the tag.
    pub tag: Tag,
    /// The Python that the tag asks for, as major and minor.
    pub python_suffix: Option<(u64, u64)>,
    /// `-slim`: without providers.
    pub slim: bool,
    /// `-base`: without the `ONBUILD` steps.
    pub base: bool,
    /// `-onbuild` (Astronomer Certified only).
    pub onbuild: bool,
    /// Parts of the tag that mean nothing to us.
    pub other_suffixes: Vec<String>,
    /// Whether a digest pins the content, which then wins over the tag.
    pub digest: bool,
}

/// Whose image it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `astro-runtime`: Airflow 2, tags `X.Y.Z`.
    AstroRuntime,
    /// `runtime`: Airflow 3, tags `X.Y-Z`.
    Runtime,
    /// `ap-airflow`: Astronomer Certified, unsupported.
    ApAirflow,
    /// `astro-remote-execution-agent`.
    RemoteExecutionAgent,
    /// `apache/airflow`, the official image.
    ApacheAirflow,
    /// Any other image, which may hold anything.
    Other,
}

/// The version in a tag. Old releases sort below new ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tag {
    /// No version.
    None,
    /// `X.Y.Z`: a Runtime with Airflow 2, whatever `X` is. `3.0.2` holds Airflow 2.1.1.
    Old {
        /// The Runtime line, which has one Airflow minor.
        major: u64,
        /// `Y`.
        minor: u64,
        /// `Z`.
        patch: u64,
    },
    /// `X.Y-Z`: a Runtime with Airflow `X.Y`.
    New {
        /// Airflow's major.
        major: u64,
        /// Airflow's minor.
        minor: u64,
        /// The release of the Runtime.
        build: u64,
    },
    /// `X.Y`, which moves to the newest release.
    Floating {
        /// `X`.
        major: u64,
        /// `Y`.
        minor: u64,
    },
    /// The version of Airflow itself.
    Airflow(Version),
}

/// What speaks against a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagDoubt {
    /// `runtime:3.0.2`: that format, with Airflow 2, is `astro-runtime`'s.
    OldFormatInNewRepository,
    /// `astro-runtime:3.0-2`: that format, with Airflow 3, is `runtime`'s.
    NewFormatInOldRepository,
    /// `astro-runtime:12.1`: only `runtime` has moving tags.
    FloatingInOldRepository,
    /// `-slim` exists from Runtime 11 on.
    SlimTooEarly,
    /// Runtimes with Airflow 3 have no `-slim`: all of them are without those providers.
    SlimOnAirflow3,
    /// `-python-3.N` exists from Runtime 9 on.
    PythonTooEarly,
    /// No such Runtime line was known when astrolint was built.
    UnknownLine,
    /// The tag holds no version.
    NoVersion,
    /// The tag holds a part that Runtime images do not have.
    UnknownSuffix,
}

impl Image {
    /// Reads an image reference. Never fails: what is not understood is [`Family::Other`].
    #[must_use]
    pub fn read(reference: &str) -> Self {
        let reference = reference.trim();
        let mut image = Self {
            reference: reference.to_owned(),
            family: Family::Other,
            tag: Tag::None,
            python_suffix: None,
            slim: false,
            base: false,
            onbuild: false,
            other_suffixes: Vec::new(),
            digest: false,
        };
        let (named, digest) = reference.split_once('@').map_or((reference, ""), |parts| parts);
        image.digest = !digest.is_empty();
        // A colon in front of the last slash belongs to the port.
        let path_end = named.rfind('/').map_or(0, |at| at + 1);
        let colon = named.get(path_end..).and_then(|last| last.find(':'));
        let (path, tag) = match colon.map(|at| path_end + at) {
            Some(at) => (named.get(..at).unwrap_or(""), named.get(at + 1..).unwrap_or("")),
            None => (named, ""),
        };
        image.family = family(path);
        // The build replaces a variable: nothing can be said about the tag.
        if !tag.contains('$') {
            image.read_tag(tag);
        }
        image
    }

    /// The last part of the path, and the tag: `runtime:3.1-4`.
    #[must_use]
    pub fn short(&self) -> &str {
        let named = self.reference.split('@').next().unwrap_or("");
        named.rsplit('/').next().unwrap_or(named)
    }

    /// The tag, as written; empty where there is none.
    #[must_use]
    pub fn tag_text(&self) -> &str {
        self.short().split_once(':').map_or("", |(_, tag)| tag)
    }

    /// Whether it comes from a registry of Astronomer's. A mirror may hold images of its own under
    /// any tag.
    #[must_use]
    pub fn is_official(&self) -> bool {
        OFFICIAL.iter().any(|registry| self.reference.starts_with(registry))
    }

    fn read_tag(&mut self, tag: &str) {
        let suffixes = match self.family {
            Family::Other => return,
            Family::ApacheAirflow => {
                let plain = tag.strip_prefix("slim-");
                self.slim = plain.is_some();
                self.read_airflow(plain.unwrap_or(tag))
            }
            Family::ApAirflow => self.read_airflow(tag),
            Family::AstroRuntime | Family::Runtime | Family::RemoteExecutionAgent => {
                let (version, rest) = Tag::read(tag).unwrap_or((Tag::None, tag));
                self.tag = version;
                rest
            }
        };
        let mut parts = suffixes.split('-').filter(|part| !part.is_empty()).peekable();
        while let Some(part) = parts.next() {
            let python = part.strip_prefix("python").filter(|version| !version.is_empty());
            match part {
                "slim" => self.slim = true,
                "base" => self.base = true,
                "onbuild" => self.onbuild = true,
                "python" if parts.peek().is_some_and(|next| two_numbers(next).is_some()) => {
                    self.python_suffix = parts.next().and_then(two_numbers);
                }
                _ if python.is_some_and(|version| two_numbers(version).is_some()) => {
                    self.python_suffix = python.and_then(two_numbers);
                }
                other => self.other_suffixes.push(other.to_owned()),
            }
        }
    }

    /// A tag that begins with a version of Airflow; what follows it is returned.
    fn read_airflow<'a>(&mut self, tag: &'a str) -> &'a str {
        let end = tag.find('-').unwrap_or(tag.len());
        let (version, rest) = tag.split_at_checked(end).unwrap_or((tag, ""));
        match version.parse::<Version>() {
            Ok(version) if version.release().len() == 3 => {
                self.tag = Tag::Airflow(version);
                rest
            }
            _ => tag,
        }
    }
}

impl Tag {
    /// Reads the version that a Runtime tag begins with; returns it and what follows.
    #[must_use]
    pub fn read(tag: &str) -> Option<(Self, &str)> {
        let (major, rest) = number(tag)?;
        let (minor, rest) = number(rest.strip_prefix('.')?)?;
        let ends = |rest: &str| rest.is_empty() || rest.starts_with(['-', '.']);
        if let Some((patch, rest)) = rest.strip_prefix('.').and_then(number)
            && ends(rest)
        {
            return Some((Self::Old { major, minor, patch }, rest));
        }
        if let Some((build, rest)) = rest.strip_prefix('-').and_then(number)
            && ends(rest)
        {
            return Some((Self::New { major, minor, build }, rest));
        }
        ends(rest).then_some((Self::Floating { major, minor }, rest))
    }
}

/// Where Astronomer publishes its images (astro-cli ed93cc59; docs 0fd057ffa).
const OFFICIAL: [&str; 4] = [
    "quay.io/astronomer/",
    "astrocrpublic.azurecr.io/",
    "docker.io/astronomer/",
    "images.astronomer.cloud/",
];

/// The family of a repository path. `runtime` is a common word: it counts only below Astronomer's
/// registries or a mirror that keeps their name.
fn family(path: &str) -> Family {
    let (registry, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name {
        "astro-runtime" => Family::AstroRuntime,
        "runtime" if registry.contains("astro") => Family::Runtime,
        "ap-airflow" => Family::ApAirflow,
        "astro-remote-execution-agent" => Family::RemoteExecutionAgent,
        "airflow" if registry == "apache" || registry.ends_with("/apache") => Family::ApacheAirflow,
        _ => Family::Other,
    }
}

/// The decimal number that the text begins with, and what follows.
fn number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

/// `3.11` as two numbers.
fn two_numbers(text: &str) -> Option<(u64, u64)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
