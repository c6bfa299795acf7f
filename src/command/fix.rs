//! `astrolint check --fix` and `--diff`.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

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
    for refused in &fixed.refused {
        say(&format!("astrolint: {refused}"));
    }
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
    let mut failures = fixed.refused;
    let mut unwritten: BTreeSet<&Path> = BTreeSet::new();
    for file in &fixed.files {
        if let Err(failure) = fix::write(file) {
            failures.push(failure);
            unwritten.insert(&file.name);
        }
    }
    for failure in &failures {
        say(&format!("astrolint: {failure}"));
    }
    let is_written = |it: &&fix::Applied| !it.files.iter().any(|file| unwritten.contains(&**file));
    for applied in fixed.applied.iter().filter(|it| !arguments.quiet && is_written(it)) {
        let names = applied.files.iter().map(|name| path_text(name)).collect::<Vec<_>>().join(", ");
        say(&format!("fixed {names}: {} [{}]", applied.title, applied.rule));
    }
    if failures.is_empty() { Ok((fixed.run, true)) } else { Ok((check(request)?, false)) }
}
