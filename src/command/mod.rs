//! The commands: arguments in, output and exit code out.

mod check;
mod compare;
mod completions;
mod emit;
mod explain;
mod fix;
mod init;
mod man;
mod output;
mod output_file;
mod progress;
mod projects;
mod resolve;
mod secrets;

use std::io::{self, IsTerminal, Write};

use output::{say, stdout};

use crate::cli::{Cli, Color, Command};
use crate::discover::DiscoverError;
use crate::lsp;
use crate::report::ColorChoice;

/// How a run ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Nothing at or above the level that fails.
    Clean = 0,
    /// Findings at or above it.
    Findings = 1,
    /// Usage or configuration error, or nothing to check.
    Unusable = 2,
}

/// Why a command ends without doing its work: sentences for the user.
struct Failure {
    message: String,
    /// What to do.
    help: Option<&'static str>,
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }
}

impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let error: &(dyn std::error::Error + 'static) = &error;
        let has_no_project = matches!(
            error.downcast_ref::<crate::Error>(),
            Some(crate::Error::Discover(DiscoverError::NoProject { .. }))
        );
        let help = "`astrolint init` in the directory that holds `dags/` writes an `astrolint.toml`, which makes it a project";
        Self { message: error.to_string(), help: has_no_project.then_some(help) }
    }
}

/// How many columns a stream has that is a terminal, as `is_terminal` says.
fn terminal_width(is_terminal: bool) -> Option<usize> {
    let size = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    is_terminal.then(|| columns().or_else(size)).flatten()
}

/// What the user says with `COLUMNS`.
fn columns() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok()
}

/// Runs what `cli` asks for.
#[must_use]
pub fn run(cli: Cli) -> Exit {
    let done = match cli.command {
        None => check::run(&cli.check),
        Some(Command::Check(arguments)) => check::run(&arguments),
        Some(Command::Resolve(arguments)) => resolve::run(&arguments),
        Some(Command::Secrets(arguments)) => secrets::run(&arguments),
        Some(Command::Compare(arguments)) => compare::run(&arguments),
        Some(Command::Projects(arguments)) => projects::run(&arguments),
        Some(Command::Explain(arguments)) => explain::run(&arguments),
        Some(Command::Init(arguments)) => init::run(&arguments),
        Some(Command::Lsp) => lsp::serve().map(|()| Exit::Clean).map_err(Failure::from),
        Some(Command::Completions(arguments)) => completions::run(&arguments),
        Some(Command::Man(arguments)) => man::run(&arguments),
    };
    done.unwrap_or_else(|failure| {
        say(&format!("astrolint: {}", failure.message));
        if let Some(help) = failure.help {
            say(&format!("astrolint: {help}"));
        }
        Exit::Unusable
    })
}

/// Prints `text` on standard output.
fn print(text: impl AsRef<[u8]>) -> Result<Exit, Failure> {
    let mut out = stdout();
    out.write_all(text.as_ref())?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// The versions that are pinned on the command line, by package.
fn versions(airflow: Option<&str>, providers: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let airflow = airflow
        .into_iter()
        .map(|version| Ok((crate::facts::AIRFLOW.to_owned(), version.to_owned())));
    let providers = providers.iter().map(|pin| match pin.split_once("==") {
        Some((package, version)) => Ok((package.trim().to_owned(), version.trim().to_owned())),
        None => Err(Failure::new(format!("`--provider {pin}`: expected PACKAGE==VERSION"))),
    });
    airflow.chain(providers).collect()
}

/// Whether standard output gets colour.
fn colored(choice: Color) -> bool {
    let choice = match choice {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    choice.colored(|name| std::env::var(name).ok(), io::stdout().is_terminal())
}

/// How wide the output may be: as `COLUMNS` says, or the terminal, where it goes to `terminal`.
fn width(terminal: bool) -> usize {
    let of_terminal = || terminal_width(terminal && io::stdout().is_terminal());
    columns().or_else(of_terminal).unwrap_or(80)
}

/// Makes a panic say where in astrolint it happened, and nothing else: its own message may hold
/// text of a file.
#[expect(clippy::print_stderr, reason = "there is nothing left to return an error to")]
pub fn hide_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        eprintln!(
            "astrolint {} failed at {place}. Please report this place, without any file of yours, at {}/issues",
            env!("CARGO_PKG_VERSION"),
            env!("CARGO_PKG_REPOSITORY"),
        );
    }));
}
