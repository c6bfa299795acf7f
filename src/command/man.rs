//! `astrolint man`.

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::{Exit, Failure, print};
use crate::cli::{Cli, ManArgs};

pub(super) fn run(arguments: &ManArgs) -> Result<Exit, Failure> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let wanted = match &arguments.command {
        None => command,
        Some(name) => command
            .find_subcommand(name)
            .ok_or_else(|| Failure::new(format!("there is no command `{name}`")))?
            .clone(),
    };
    let mut page = Vec::new();
    let source = concat!("astrolint ", env!("CARGO_PKG_VERSION"));
    Man::new(wanted).source(source).render(&mut page)?;
    print(page)
}
