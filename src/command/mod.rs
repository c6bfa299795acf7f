//! The commands: arguments in, output and exit code out.

mod check;
mod compare;
mod completions;
mod emit;
mod explain;
mod init;
mod man;
mod projects;
mod resolve;
mod secrets;

use std::io::{self, IsTerminal, Write};

use crate::cli::{Cli, Color, Command};
use crate::lsp;
use crate::report::ColorChoice;
use crate::report::escape::escape;

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

/// Why a command ends without doing its work: a sentence for the user. It is empty when nobody reads
/// on, as with `astrolint … | head`, which is no failure.
struct Failure(String);

impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let error: &(dyn std::error::Error + 'static) = &error;
        let of_pipe = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
        let nobody_reads = error.downcast_ref::<io::Error>().is_some_and(of_pipe);
        Self(if nobody_reads { String::new() } else { error.to_string() })
    }
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
        if failure.0.is_empty() {
            return Exit::Clean;
        }
        let message = escape(&failure.0);
        let _ = writeln!(io::stderr(), "astrolint: {message}");
        Exit::Unusable
    })
}

/// Prints `text` on standard output.
fn print(text: impl AsRef<[u8]>) -> Result<Exit, Failure> {
    io::stdout().lock().write_all(text.as_ref())?;
    Ok(Exit::Clean)
}

/// The versions that are pinned on the command line, by package.
fn versions(airflow: Option<&str>, providers: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let airflow = airflow
        .into_iter()
        .map(|version| Ok((crate::facts::AIRFLOW.to_owned(), version.to_owned())));
    let providers = providers.iter().map(|pin| match pin.split_once("==") {
        Some((package, version)) => Ok((package.trim().to_owned(), version.trim().to_owned())),
        None => Err(Failure(format!("`--provider {pin}`: expected PACKAGE==VERSION"))),
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
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let is_terminal = terminal && io::stdout().is_terminal();
    let size = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or_else(|| is_terminal.then(size).flatten()).unwrap_or(80)
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
