//! Arguments in, exit code out.

use std::process::ExitCode;

use astrolint::cli::Cli;
use astrolint::command;
use clap::Parser as _;

fn main() -> ExitCode {
    command::hide_panics();
    let exit = command::run(Cli::parse());
    ExitCode::from(exit as u8)
}
