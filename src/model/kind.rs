//! The three kinds of things a secrets backend is asked for.

use std::fmt;
use std::str::FromStr;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An Airflow variable.
    Variable,
    /// An Airflow connection.
    Connection,
    /// A configuration option that is given as `_SECRET`.
    Config,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Variable, Self::Connection, Self::Config];

    /// The word, as on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::Connection => "connection",
            Self::Config => "config",
        }
    }

    /// The word that the parameters of the backends begin with: `variables_prefix`.
    #[must_use]
    pub const fn parameter_stem(self) -> &'static str {
        match self {
            Self::Variable => "variables",
            Self::Connection => "connections",
            Self::Config => "config",
        }
    }

    /// The environment variable that Airflow asks after the backend; `None` for options.
    #[must_use]
    pub fn environment_variable(self, key: &str) -> Option<String> {
        match self {
            Self::Variable => Some(format!("AIRFLOW_VAR_{}", key.to_uppercase())),
            Self::Connection => Some(format!("AIRFLOW_CONN_{}", key.to_uppercase())),
            Self::Config => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            format!("`{text}` is not a kind; expected variable, connection or config")
        })
    }
}
