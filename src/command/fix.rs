//! `astrolint check --fix` and `--diff`.

use std::io::Write as _;

use super::Failure;
use super::check::options;
use super::output::{painted, say};
use crate::check::Safety;
use crate::cli::CheckArgs;
use crate::report::{self, escape::path_text};
use crate::{Request, Run, check, fix};

/// Which fixes are wanted.
const fn riskiest(arguments: &CheckArgs) -> Safety {
    if arguments.unsafe_fixes { Safety::Unsafe } else { Safety::Safe }
}

/// Prints what fixes would change of what `run`, the run of `request`, found.
pub(super) fn show(request: &Request, run: Run, arguments: &CheckArgs) -> Result<(), Failure> {
    let fixed = fix::fix(request, run, riskiest(arguments))?;
    let options = options(arguments, true);
    let mut out = painted(options.color);
    report::diff::write(&fixed.files, &options, &mut out).and_then(|()| out.flush())?;
    if !arguments.quiet {
        say(&report::would_fix(&fixed));
    }
    Ok(())
}

/// Writes what fixes change of what `run`, the run of `request`, found, and says what. Gives what is found
/// then, and whether all was written.
pub(super) fn apply(
    request: &Request,
    run: Run,
    arguments: &CheckArgs,
) -> Result<(Run, bool), Failure> {
    let fixed = fix::fix(request, run, riskiest(arguments))?;
    let failures: Vec<_> = fixed.files.iter().filter_map(|file| fix::write(file).err()).collect();
    if !failures.is_empty() {
        for failure in failures {
            say(&format!("astrolint: {failure}"));
        }
        return Ok((check(request)?, false));
    }
    if !arguments.quiet {
        for applied in &fixed.applied {
            let name = path_text(&applied.name);
            say(&format!("fixed {name}: {} [{}]", applied.title, applied.rule));
        }
    }
    Ok((fixed.run, true))
}
