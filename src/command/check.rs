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
use crate::hash::HashSet;
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
    if let Some(path) = named_twice(&arguments.format) {
        let name = report::escape::path_text(path);
        return Err(Failure::new(format!("`{name}` cannot hold two formats")));
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
    // Programs that read a format from a pipe may take both streams.
    let for_people = |output: &Output| {
        output.file.is_some() || matches!(output.format, Format::Full | Format::Concise)
    };
    if !arguments.quiet {
        if arguments.statistics || outputs.iter().all(for_people) {
            say(&report::summary(&run.report(), &options(arguments, true)));
        }
        give_hints(&run, arguments)?;
    }
    Ok(if is_written { exit_of(&run, arguments) } else { Exit::Unusable })
}

/// A file that is to hold more than one format.
fn named_twice(outputs: &[Output]) -> Option<&Path> {
    let files: Vec<_> = outputs.iter().filter_map(|output| output.file.as_deref()).collect();
    let place = |file: &Path| std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
    let mut seen = HashSet::default();
    // What is no regular file, such as `/dev/stdout`, takes one after the other.
    files.into_iter().find(|file| {
        let is_device = file.exists() && !file.is_file();
        !is_device && !seen.insert(file.canonicalize().unwrap_or_else(|_| place(file)))
    })
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
        say(&format!("astrolint: the baseline knows {entry}, which is found no more"));
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
    if path.exists() {
        // What is no baseline is not written over.
        Baseline::read(path)?;
    }
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
    Ok(())
}

pub(super) fn options(arguments: &CheckArgs, terminal: bool) -> Options {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let is_terminal = terminal && io::stdout().is_terminal();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
    Options {
        color: terminal && colored(arguments.color),
        width: super::width(terminal),
        unicode: shows_unicode(locale.as_deref(), is_terminal),
        strict: arguments.strict || arguments.fail_on.level() == Level::Info,
        narrated: variable("ACCESSIBLE").is_some() || variable("NO_GRAPHICS").is_some(),
    }
}

/// Whether more than ASCII is shown in a locale. Without one, a terminal may not; what reads a pipe or a file
/// elsewhere does.
fn shows_unicode(locale: Option<&str>, is_terminal: bool) -> bool {
    locale.map_or(!is_terminal, |locale| {
        let locale = locale.to_uppercase();
        locale.contains("UTF-8") || locale.contains("UTF8")
    }) || cfg!(windows)
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
            left_out: self.left_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(windows))]
    #[test]
    fn a_locale_says_what_is_shown() {
        for (locale, is_terminal, expected) in [
            (Some("C"), false, false),
            (Some("C"), true, false),
            (Some("C.UTF-8"), true, true),
            (Some("de_DE.utf8"), false, true),
            (None, false, true),
            (None, true, false),
        ] {
            assert_eq!(shows_unicode(locale, is_terminal), expected, "{locale:?} {is_terminal}");
        }
    }

    #[test]
    fn the_fixtures_are_reported_as_programs_expect() {
        let projects = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects");
        let run = check(&Request { paths: vec![projects], ..Request::default() }).unwrap();
        assert!(run.projects.len() > 9 && run.findings.len() > 20);
        report::machines::hold(&run.report());
    }
}
