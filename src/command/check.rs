//! `astrolint check`.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::Path;

use super::{Exit, Failure, colored};
use crate::check::{Level, Rule, Safety, find_all};
use crate::cli::{CheckArgs, Output};
use crate::discover::limits;
use crate::report::{self, Format, Options, Report};
use crate::{ConfigSource, Request, Run, check, fix, relative};

pub(super) fn run(arguments: &CheckArgs) -> Result<Exit, Failure> {
    if arguments.list_rules {
        return super::explain::list();
    }
    if arguments.format.iter().filter(|output| output.file.is_none()).count() > 1 {
        let message = "only one format can go to standard output; write the others to files, as in `json=FILE`";
        return Err(Failure(message.to_owned()));
    }
    if arguments.unsafe_fixes && !(arguments.fix || arguments.diff) {
        return Err(Failure("`--unsafe-fixes` goes with `--fix` or `--diff`".to_owned()));
    }
    let request = request(arguments)?;
    let mut run = check(&request)?;
    if arguments.diff {
        let exit = exit_of(&run, arguments);
        show_changes(&request, run, arguments)?;
        return Ok(exit);
    }
    let mut is_written = true;
    if arguments.fix {
        (run, is_written) = apply_fixes(&request, run, arguments)?;
    }
    let here = std::env::current_dir()?.canonicalize()?;
    if arguments.verbose {
        for project in &run.projects {
            let root = report::escape::path_text(&relative(&project.root, &here));
            let root = report::escape::escape(&root);
            for used in &project.used {
                writeln!(io::stderr(), "{root}: {}", report::escape::escape(used))?;
            }
        }
    }
    for failed in &run.failed {
        writeln!(io::stderr(), "astrolint: {}", report::escape::escape(&failed.to_string()))?;
    }
    let default = [Output { format: Format::Full, file: None }];
    let outputs = if arguments.format.is_empty() { &default[..] } else { &arguments.format };
    for output in outputs {
        match &output.file {
            Some(path) => write_file(path, output.format, &run, arguments)?,
            None => write_standard(output.format, &run, arguments)?,
        }
    }
    Ok(if is_written { exit_of(&run, arguments) } else { Exit::Unusable })
}

fn exit_of(run: &Run, arguments: &CheckArgs) -> Exit {
    let fails = run.findings.iter().any(|finding| finding.level >= arguments.fail_on.level());
    match fails && !arguments.exit_zero {
        _ if !run.failed.is_empty() => Exit::Unusable,
        true => Exit::Findings,
        false => Exit::Clean,
    }
}

/// Which fixes are wanted.
const fn riskiest(arguments: &CheckArgs) -> Safety {
    if arguments.unsafe_fixes { Safety::Unsafe } else { Safety::Safe }
}

/// Prints what fixes would change.
fn show_changes(request: &Request, run: Run, arguments: &CheckArgs) -> Result<(), Failure> {
    let fixed = fix::fix(request, run, riskiest(arguments))?;
    let options = options(arguments, true);
    let mut out =
        BufWriter::new(anstream::AutoStream::new(io::stdout().lock(), choice(options.color)));
    report::diff::write(&fixed.files, &options, &mut out).and_then(|()| out.flush())?;
    if !arguments.quiet {
        writeln!(io::stderr(), "{}", report::would_fix(&fixed))?;
    }
    Ok(())
}

/// Writes what fixes change, and says what; gives what is found then, and whether all was written.
fn apply_fixes(request: &Request, run: Run, arguments: &CheckArgs) -> Result<(Run, bool), Failure> {
    let fixed = fix::fix(request, run, riskiest(arguments))?;
    let failures: Vec<_> = fixed.files.iter().filter_map(|file| fix::write(file).err()).collect();
    if !failures.is_empty() {
        for failure in failures {
            writeln!(io::stderr(), "astrolint: {}", report::escape::escape(&failure.to_string()))?;
        }
        return Ok((check(request)?, false));
    }
    if !arguments.quiet {
        for applied in &fixed.applied {
            let name = report::escape::path_text(&applied.name);
            let line = format!("fixed {name}: {} [{}]", applied.title, applied.rule);
            writeln!(io::stderr(), "{}", report::escape::escape(&line))?;
        }
    }
    Ok((fixed.run, true))
}

fn request(arguments: &CheckArgs) -> Result<Request, Failure> {
    let mut request = Request {
        paths: arguments.paths.clone(),
        config: ConfigSource::of(arguments.config.as_deref(), arguments.isolated),
        select: rules(&arguments.select)?,
        ignore: rules(&arguments.ignore)?,
        no_ignores: arguments.no_ignores,
        include_tests: arguments.include_tests,
        ..Request::default()
    };
    if let Some(path) = &arguments.stdin_filename {
        let path = std::path::absolute(path)?;
        // The file may not exist yet, but its directory does.
        let path = match (path.parent().map(Path::canonicalize), path.file_name()) {
            (Some(Ok(directory)), Some(name)) => directory.join(name),
            _ => return Err(Failure(format!("there is no directory for `{}`", path.display()))),
        };
        let mut text = String::new();
        io::stdin().lock().take(limits::TEXT_FILE).read_to_string(&mut text)?;
        if request.paths.is_empty() {
            request.paths.extend(path.parent().map(Path::to_path_buf));
        }
        request.overlays.set(path, text);
    }
    Ok(request)
}

fn rules(names: &[String]) -> Result<Vec<&'static Rule>, Failure> {
    let mut rules = Vec::new();
    for name in names {
        rules.extend(find_all(name.trim()).map_err(Failure)?);
    }
    Ok(rules)
}

fn write_standard(format: Format, run: &Run, arguments: &CheckArgs) -> Result<(), Failure> {
    let options = options(arguments, true);
    let report = run.report();
    let mut out =
        BufWriter::new(anstream::AutoStream::new(io::stdout().lock(), choice(options.color)));
    let written = report::render(format, &report, &options, &mut out).and_then(|()| out.flush());
    match written {
        // Nobody reads on: `astrolint | head` is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
        written => written?,
    }
    if format == Format::Concise && !arguments.quiet {
        writeln!(io::stderr(), "{}", report::summary(&report, &options))?;
    }
    Ok(())
}

fn write_file(
    path: &Path,
    format: Format,
    run: &Run,
    arguments: &CheckArgs,
) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure(format!("cannot write `{}`: {error}", path.display()));
    let mut out = BufWriter::new(File::create(path).map_err(failed)?);
    report::render(format, &run.report(), &options(arguments, false), &mut out).map_err(failed)?;
    out.flush().map_err(failed)
}

const fn choice(color: bool) -> anstream::ColorChoice {
    if color { anstream::ColorChoice::AlwaysAnsi } else { anstream::ColorChoice::Never }
}

fn options(arguments: &CheckArgs, terminal: bool) -> Options {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let is_terminal = terminal && io::stdout().is_terminal();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable)
        .unwrap_or_default()
        .to_uppercase();
    Options {
        color: terminal && colored(arguments.color),
        width: super::width(terminal),
        unicode: !is_terminal
            || locale.contains("UTF-8")
            || locale.contains("UTF8")
            || cfg!(windows),
        strict: arguments.strict || arguments.fail_on.level() == Level::Info,
        narrated: variable("ACCESSIBLE").is_some() || variable("NO_GRAPHICS").is_some(),
    }
}

impl Run {
    /// What is reported of it.
    #[must_use]
    pub fn report(&self) -> Report<'_> {
        Report {
            files: &self.files,
            shown: &self.shown,
            findings: &self.findings,
            projects: &self.roots,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixtures_are_reported_as_programs_expect() {
        let projects = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects");
        let run = check(&Request { paths: vec![projects], ..Request::default() }).unwrap();
        assert!(run.projects.len() > 9 && run.findings.len() > 20);
        report::machines::hold(&run.report());
    }
}
