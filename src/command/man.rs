//! `astrolint man`.

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::{Exit, Failure, print};
use crate::cli::{Cli, ManArgs};

pub(super) fn run(arguments: &ManArgs) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    let wanted = match &arguments.command {
        None => command,
        Some(name) => command
            .find_subcommand(name)
            .ok_or_else(|| Failure(format!("there is no command `{name}`")))?
            .clone(),
    };
    let mut page = Vec::new();
    Man::new(wanted).render(&mut page)?;
    print(page)
}
