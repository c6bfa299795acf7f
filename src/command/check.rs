//! `astrolint check`.

use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;

use super::output::{painted, say, stdout};
use super::output_file::write_file;
use super::progress::watched;
use super::{Exit, Failure, colored, fix};
use crate::baseline::Baseline;
use crate::check::{Level, Rule, find_all};
use crate::cli::{CheckArgs, Output};
use crate::discover::Unreadable;
use crate::limits;
use crate::report::{self, Format, Options, Report};
use crate::{ConfigSource, Request, Run, check, relative};

pub(super) fn run(arguments: &CheckArgs) -> Result<Exit, Failure> {
    if arguments.list_rules {
        return super::explain::list();
    }
    if arguments.format.iter().filter(|output| output.file.is_none()).count() > 1 {
        let message = "only one format can go to standard output; write the others to files, as in `json=FILE`";
        return Err(Failure::new(message.to_owned()));
    }
    if arguments.unsafe_fixes && !(arguments.fix || arguments.diff) {
        return Err(Failure::new("`--unsafe-fixes` goes with `--fix` or `--diff`".to_owned()));
    }
    if arguments.statistics && arguments.format.iter().any(|output| output.file.is_none()) {
        let message = "with `--statistics` formats go to files, as in `json=FILE`";
        return Err(Failure::new(message));
    }
    let request = request(arguments)?;
    let is_shown = !arguments.quiet && !options(arguments, true).narrated;
    let mut run = watched(&request.progress, is_shown, || check(&request))?;
    if arguments.write_baseline {
        return write_baseline(&run, arguments);
    }
    if arguments.diff {
        let exit = exit_of(&run, arguments);
        fix::show(&request, run, arguments)?;
        return Ok(exit);
    }
    let mut is_written = true;
    if arguments.fix {
        (run, is_written) = fix::apply(&request, run, arguments)?;
    }
    let here = std::env::current_dir()?.canonicalize()?;
    if arguments.verbose {
        for project in &run.projects {
            let root = report::escape::path_text(&relative(&project.root, &here));
            for used in &project.used {
                say(&format!("{root}: {used}"));
            }
        }
    }
    for failed in &run.failed {
        say(&format!("astrolint: {failed}"));
    }
    let default = [Output { format: Format::Full, file: None }];
    let outputs = if arguments.format.is_empty() { &default[..] } else { &arguments.format };
    for output in outputs {
        match &output.file {
            Some(path) => write_file(path, |out| {
                report::render(output.format, &run.report(), &options(arguments, false), out)
            })?,
            None if arguments.statistics => {}
            None => write_standard(output.format, &run, arguments)?,
        }
    }
    if arguments.statistics {
        let options = options(arguments, true);
        let mut out = stdout();
        report::statistics::write(&run.report(), &options, &mut out)?;
        out.flush()?;
    }
    if !arguments.quiet {
        give_hints(&run, arguments)?;
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

/// Says what a clean report alone would not tell.
fn give_hints(run: &Run, arguments: &CheckArgs) -> Result<(), Failure> {
    for entry in &run.stale {
        say(&format!(
            "astrolint: the baseline knows {} in {}, which is found no more",
            entry.rule, entry.path
        ));
    }
    if !run.stale.is_empty() {
        say("astrolint: `--write-baseline` takes out of it what is found no more");
    }
    let reads_all = arguments.stdin_filename.is_none();
    for project in run.projects.iter().filter(|project| reads_all && !project.has_backend) {
        let here = std::env::current_dir()?.canonicalize()?;
        let root = report::escape::path_text(&relative(&project.root, &here));
        say(&format!(
            "astrolint: no file of the project `{root}` configures a secrets backend, so no name was checked. Where it is configured elsewhere, as in the Astro UI, declare it: `astrolint init` writes a configuration that shows how"
        ));
    }
    Ok(())
}

/// Writes down what is found now.
fn write_baseline(run: &Run, arguments: &CheckArgs) -> Result<Exit, Failure> {
    let Some(path) = &arguments.baseline else { return Ok(Exit::Unusable) };
    let baseline = Baseline::of(path, run.located());
    write_file(path, |out| out.write_all(baseline.text().as_bytes()))?;
    let name = report::escape::path_text(path);
    say(&format!("wrote {name}: {} known findings", baseline.len()));
    Ok(Exit::Clean)
}

fn request(arguments: &CheckArgs) -> Result<Request, Failure> {
    let mut request = Request {
        paths: arguments.paths.clone(),
        config: ConfigSource::of(arguments.config.as_deref(), arguments.isolated),
        select: rules(&arguments.select)?,
        ignore: rules(&arguments.ignore)?,
        no_ignores: arguments.no_ignores,
        include_tests: arguments.include_tests,
        has_maps: arguments.format.iter().any(|output| output.format.has_map()),
        ..Request::default()
    };
    if let Some(path) = arguments.baseline.as_ref().filter(|_| !arguments.write_baseline) {
        request.baseline = Some(Arc::new(Baseline::read(path)?));
    }
    if let Some(path) = &arguments.stdin_filename {
        let path = std::path::absolute(path)?;
        // The file may not exist yet, but its directory does.
        let path = match (path.parent().map(Path::canonicalize), path.file_name()) {
            (Some(Ok(directory)), Some(name)) => directory.join(name),
            _ => {
                return Err(Failure::new(format!(
                    "there is no directory for `{}`",
                    path.display()
                )));
            }
        };
        let text = read_stdin(&path)?;
        if request.paths.is_empty() {
            request.paths.extend(path.parent().map(Path::to_path_buf));
        }
        request.overlays.set(path, text);
    }
    Ok(request)
}

/// What stands on standard input, in the place of the file at `path`: within the same limits.
fn read_stdin(path: &Path) -> Result<String, Failure> {
    let failed = |why: Unreadable| Failure::new(format!("{}: not read: {why}", path.display()));
    let limit = limits::TEXT_FILE;
    let mut bytes = Vec::new();
    io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(failed(Unreadable::TooLarge { limit }));
    }
    String::from_utf8(bytes)
        .map_err(|error| failed(Unreadable::NotUtf8 { offset: error.utf8_error().valid_up_to() }))
}

fn rules(names: &[String]) -> Result<Vec<&'static Rule>, Failure> {
    let mut rules = Vec::new();
    for name in names {
        rules.extend(find_all(name.trim()).map_err(Failure::new)?);
    }
    Ok(rules)
}

fn write_standard(format: Format, run: &Run, arguments: &CheckArgs) -> Result<(), Failure> {
    let options = options(arguments, true);
    let report = run.report();
    let mut out = painted(options.color);
    report::render(format, &report, &options, &mut out)?;
    out.flush()?;
    if format == Format::Concise && !arguments.quiet {
        say(&report::summary(&report, &options));
    }
    Ok(())
}

pub(super) fn options(arguments: &CheckArgs, terminal: bool) -> Options {
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
            maps: &self.maps,
            known: self.known,
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
