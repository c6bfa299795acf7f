//! Whether to use colour.

use std::str::FromStr;

/// What the user said on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ColorChoice {
    /// As the environment and the terminal suggest.
    #[default]
    Auto,
    /// Colour, whatever the output is.
    Always,
    /// No colour.
    Never,
}

impl ColorChoice {
    /// The names that [`ColorChoice::from_str`] takes.
    pub const NAMES: [&'static str; 3] = ["auto", "always", "never"];

    /// Whether output to a stream gets colour. `variable` looks an environment variable up,
    /// `is_terminal` says what the stream is.
    ///
    /// The command line decides first, then `NO_COLOR` (no-color.org), `FORCE_COLOR`
    /// (force-color.org), `CLICOLOR_FORCE` and `CLICOLOR` (bixense.com/clicolors), then the terminal.
    /// An empty variable counts as unset; for all but `NO_COLOR`, `0` means no.
    #[must_use]
    pub fn colored(self, variable: impl Fn(&str) -> Option<String>, is_terminal: bool) -> bool {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if set("NO_COLOR").is_some() => false,
            Self::Auto => match set("FORCE_COLOR")
                .or_else(|| set("CLICOLOR_FORCE").filter(|value| value != "0"))
            {
                Some(force) => !matches!(force.as_str(), "0" | "false"),
                None => {
                    is_terminal
                        && set("CLICOLOR").is_none_or(|value| value != "0")
                        && set("TERM").is_none_or(|value| value != "dumb")
                }
            },
        }
    }
}

impl FromStr for ColorChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            _ => Err(format!("expected one of {}", Self::NAMES.join(", "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides_unless_the_command_line_does() {
        use ColorChoice::{Always, Auto, Never};
        for (choice, environment, is_terminal, expected) in [
            (Auto, vec![], true, true),
            (Auto, vec![], false, false),
            (Always, vec![("NO_COLOR", "1")], false, true),
            (Never, vec![("FORCE_COLOR", "1")], true, false),
            (Auto, vec![("NO_COLOR", "1")], true, false),
            (Auto, vec![("NO_COLOR", "0")], true, false),
            (Auto, vec![("NO_COLOR", "")], true, true),
            (Auto, vec![("FORCE_COLOR", "1")], false, true),
            (Auto, vec![("FORCE_COLOR", "0")], true, false),
            (Auto, vec![("FORCE_COLOR", "")], false, false),
            (Auto, vec![("CLICOLOR_FORCE", "1")], false, true),
            (Auto, vec![("CLICOLOR_FORCE", "0")], true, true),
            (Auto, vec![("CLICOLOR_FORCE", "0")], false, false),
            (Auto, vec![("NO_COLOR", "1"), ("FORCE_COLOR", "1")], true, false),
            (Auto, vec![("CLICOLOR", "0")], true, false),
            (Auto, vec![("TERM", "dumb")], true, false),
            (Auto, vec![("TERM", "dumb"), ("FORCE_COLOR", "1")], false, true),
        ] {
            let variable = |name: &str| {
                environment
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(
                choice.colored(variable, is_terminal),
                expected,
                "{choice:?} {environment:?} {is_terminal}"
            );
        }
    }

    #[test]
    fn every_name_is_understood() {
        assert!(ColorChoice::NAMES.iter().all(|name| name.parse::<ColorChoice>().is_ok()));
        assert!("yes".parse::<ColorChoice>().is_err());
    }
}
