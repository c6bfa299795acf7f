//! The command line: what can be asked for, and how.

use std::ffi::OsStr;
use std::marker::PhantomData;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::check::{Group, Level, RULES};
use crate::model::Kind;
use crate::report::Format;
use crate::report::emit::Form;

/// Checks that the secrets backend of an Astro (Apache Airflow) project will find every variable
/// and connection that its DAGs ask for.
#[derive(Debug, Parser)]
#[command(
    name = "astrolint",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, `check` is meant. Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage or configuration error, or nothing to check."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The options of `check`, which needs no name.
    #[command(flatten)]
    pub check: CheckArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check projects and report what is wrong (the default).
    Check(CheckArgs),
    /// Say which name the secrets backend would be asked for, per environment.
    Resolve(ResolveArgs),
    /// List the secrets that must exist, under their exact names, and what asks for them.
    Secrets(SecretsArgs),
    /// Say what changes for the secrets with other versions, or in another environment.
    Compare(CompareArgs),
    /// List the projects, as a matrix for the jobs of a CI system.
    Projects(ProjectsArgs),
    /// Show the page of a rule, or list all rules.
    Explain(ExplainArgs),
    /// Write a configuration with comments, from what is found.
    Init(InitArgs),
    /// Serve an editor over standard input and output (Language Server Protocol).
    Lsp,
    /// Print what completes the command line in a shell.
    Completions(CompletionsArgs),
    /// Print the manual page, or that of one command.
    Man(ManArgs),
}

/// Options of `check`.
#[derive(Debug, Args, Default)]
pub struct CheckArgs {
    /// Projects, directories that hold projects, or files in them [default: the current directory].
    pub paths: Vec<PathBuf>,
    /// How to report: `full` or `concise`, for people; `html`, for a browser; `json`, `jsonl`, `sarif`, `github`,
    /// `gitlab`, `junit` or `rdjson`, for programs. `FORMAT=FILE` writes to a file. Repeatable.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = Completed::<Output>::with(formats), hide_possible_values = true)]
    pub format: Vec<Output>,
    /// Report only these rules or groups (comma-separated, repeatable).
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = Completed::<String>::with(rules_and_groups), hide_possible_values = true)]
    pub select: Vec<String>,
    /// Do not report these rules or groups (comma-separated, repeatable).
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = Completed::<String>::with(rules_and_groups), hide_possible_values = true)]
    pub ignore: Vec<String>,
    /// The lowest level that makes the exit code 1.
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    pub fail_on: FailOn,
    /// End with 0 even when there are findings.
    #[arg(long)]
    pub exit_zero: bool,
    /// Show `info` findings too, and speak where certainty is lower.
    #[arg(long)]
    pub strict: bool,
    /// Check what folders of tests ask for as well.
    #[arg(long)]
    pub include_tests: bool,
    /// Report what suppression comments hide as well.
    #[arg(long)]
    pub no_ignores: bool,
    /// Apply the fixes that do what they say and nothing else, and report what is left.
    #[arg(long, conflicts_with = "stdin_filename")]
    pub fix: bool,
    /// With --fix or --diff: apply those too that a person should look at.
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Do not report what this file knows.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what is found into the file of --baseline, so that from now on only what is new is reported.
    #[arg(long, requires = "baseline", conflicts_with_all = ["fix", "diff", "format", "stdin_filename"])]
    pub write_baseline: bool,
    /// Count the findings of each rule instead of listing them.
    #[arg(long, conflicts_with = "diff")]
    pub statistics: bool,
    /// Show what --fix would change, with values masked, and change nothing.
    #[arg(long, conflicts_with_all = ["fix", "format", "stdin_filename"])]
    pub diff: bool,
    /// Use this configuration file instead of the nearest one.
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub config: Option<PathBuf>,
    /// Use no configuration file.
    #[arg(long)]
    pub isolated: bool,
    /// Take the content of this one file from standard input.
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,
    /// Print nothing but the findings.
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say on standard error which files, settings and versions were used.
    #[arg(long, short)]
    pub verbose: bool,
    /// List all rules and end.
    #[arg(long)]
    pub list_rules: bool,
    /// When to use colour; `NO_COLOR`, `FORCE_COLOR` and `CLICOLOR_FORCE` count too.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The directory that gets the file [default: the current directory].
    pub path: Option<PathBuf>,
}

/// Options of `resolve`.
#[derive(Debug, Args)]
pub struct ResolveArgs {
    /// What is asked for: variable, connection or config.
    #[arg(required_unless_present = "stdin")]
    pub kind: Option<Kind>,
    /// Its key.
    #[arg(required_unless_present = "stdin")]
    pub key: Option<String>,
    /// The project [default: the current directory; none with --setting, --airflow or --provider].
    pub path: Option<PathBuf>,
    /// Only this environment.
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Add or replace a setting, as it would stand in Airflow's environment. Repeatable.
    #[arg(long = "setting", value_name = "KEY=VALUE")]
    pub settings: Vec<Assignment>,
    /// The version of Airflow.
    #[arg(long, value_name = "VERSION")]
    pub airflow: Option<String>,
    /// The version of a provider package. Repeatable.
    #[arg(long = "provider", value_name = "PACKAGE==VERSION")]
    pub providers: Vec<String>,
    /// Whose question it is: Airflow 3 lets workers use a backend of their own.
    #[arg(long, value_name = "PROCESS", default_value = "server")]
    pub process: Process,
    /// Read one JSON object {"kind", "key"} a line from standard input; answer with one a line, for the project in
    /// the current directory.
    #[arg(long, conflicts_with_all = ["kind", "key"])]
    pub stdin: bool,
    /// How to answer.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ResolveFormat,
    /// Use this configuration file instead of the nearest one.
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub config: Option<PathBuf>,
    /// Use no configuration file.
    #[arg(long)]
    pub isolated: bool,
}

/// Options of `secrets`.
#[derive(Debug, Args)]
pub struct SecretsArgs {
    /// Projects, directories that hold projects, or files in them [default: the current directory].
    pub paths: Vec<PathBuf>,
    /// How to list: `text`, `json` or `csv`.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: SecretsFormat,
    /// Each name once.
    #[arg(long)]
    pub unique: bool,
    /// Compare with the names in this file, a line each, or as the tools of AWS, Google, Azure and Vault list
    /// them in JSON; `-` reads standard input. Ends with 1 when something is missing.
    #[arg(long, value_name = "FILE", conflicts_with = "unique")]
    pub against: Option<PathBuf>,
    /// Print what creates the secrets of one environment, or lets exactly these be read, without any value.
    #[arg(long, value_name = "FORM", conflicts_with_all = ["against", "unique", "format"])]
    pub emit: Option<EmitForm>,
    /// Only this environment.
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// List what folders of tests ask for as well.
    #[arg(long)]
    pub include_tests: bool,
    /// Use this configuration file instead of the nearest one.
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub config: Option<PathBuf>,
    /// Use no configuration file.
    #[arg(long)]
    pub isolated: bool,
}

/// How `secrets` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
pub enum SecretsFormat {
    /// For people.
    #[default]
    Text,
    /// JSON, version 1.
    Json,
    /// A table.
    Csv,
}

/// In which form `secrets --emit` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EmitForm {
    /// AWS: a policy that reads them.
    IamPolicy,
    /// AWS: commands that create them.
    AwsCli,
    /// Any of the services: resources that create them, and what reads them.
    Terraform,
    /// Google: commands that create them, and let them be read.
    Gcloud,
    /// Azure: the same.
    AzCli,
    /// Vault: commands that create them.
    VaultCli,
    /// Vault: a policy that reads them.
    VaultPolicy,
}

impl EmitForm {
    /// The form.
    #[must_use]
    pub const fn form(self) -> Form {
        match self {
            Self::IamPolicy => Form::IamPolicy,
            Self::AwsCli => Form::AwsCli,
            Self::Terraform => Form::Terraform,
            Self::Gcloud => Form::Gcloud,
            Self::AzCli => Form::AzCli,
            Self::VaultCli => Form::VaultCli,
            Self::VaultPolicy => Form::VaultPolicy,
        }
    }
}

/// Options of `compare`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing that is fatal or lost, 1 something is, 2 usage or configuration error, or an unknown target."
)]
pub struct CompareArgs {
    /// The project [default: the current directory].
    pub path: Option<PathBuf>,
    /// What to compare with: a tag of the Runtime, as `3.1-4` or `12.6.0-slim`, or an environment of the project.
    #[arg(long, value_name = "TARGET")]
    pub to: Option<String>,
    /// The version of Airflow to compare with.
    #[arg(long, value_name = "VERSION")]
    pub airflow: Option<String>,
    /// The version of a provider package to compare with. Repeatable.
    #[arg(long = "provider", value_name = "PACKAGE==VERSION")]
    pub providers: Vec<String>,
    /// Compare this environment only; where the target is an environment, the one to compare with it
    /// [default: all; `local`].
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// How to answer.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: CompareFormat,
    /// Use this configuration file instead of the nearest one.
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub config: Option<PathBuf>,
    /// Use no configuration file.
    #[arg(long)]
    pub isolated: bool,
}

/// How `compare` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
pub enum CompareFormat {
    /// For people.
    #[default]
    Text,
    /// JSON, version 1.
    Json,
}

/// Options of `projects`.
#[derive(Debug, Args)]
pub struct ProjectsArgs {
    /// Directories that hold projects, or files in them [default: the current directory].
    pub paths: Vec<PathBuf>,
    /// How to list: `text`, or `json` on one line.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ProjectsFormat,
    /// Into how many parts of about the same size, at most [default: each project is one].
    #[arg(long, value_name = "N")]
    pub shards: Option<NonZeroU16>,
}

/// How `projects` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
pub enum ProjectsFormat {
    /// The number of the part and a path, a line each.
    #[default]
    Text,
    /// A matrix of GitHub's form.
    Json,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule, or a group, whose rules are listed; without one, all are listed.
    #[arg(value_parser = Completed::<String>::with(rules_and_groups), hide_possible_values = true)]
    pub rule: Option<String>,
}

/// Options of `completions`.
#[derive(Debug, Args)]
#[command(
    after_help = "Bash, for the user, in an existing directory: astrolint completions bash > ~/.local/share/bash-completion/completions/astrolint"
)]
pub struct CompletionsArgs {
    /// The shell.
    pub shell: Shell,
}

/// Options of `man`.
#[derive(Debug, Args)]
#[command(after_help = "To read it: astrolint man > astrolint.1 && man ./astrolint.1")]
pub struct ManArgs {
    /// The command whose page is wanted [default: that of astrolint].
    pub command: Option<String>,
}

/// A format, and where its output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: Format,
    /// A file instead of standard output.
    pub file: Option<PathBuf>,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("expected a file name after `=`".to_owned()),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        Ok(Self { format: format.parse()?, file })
    }
}

/// Takes any text that `T` can be read from; the names only complete what is typed. A wrong name is told by
/// whoever looks it up, with the nearest right one.
#[derive(Clone)]
struct Completed<T> {
    names: fn() -> Vec<&'static str>,
    value: PhantomData<fn() -> T>,
}

impl<T> Completed<T> {
    const fn with(names: fn() -> Vec<&'static str>) -> Self {
        Self { names, value: PhantomData }
    }
}

impl<T> TypedValueParser for Completed<T>
where
    T: FromStr + Clone + Send + Sync + 'static,
    T::Err: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let parser = StringValueParser::new().try_map(|text: String| text.parse::<T>());
        parser.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.names)().into_iter().map(PossibleValue::new)))
    }
}

fn formats() -> Vec<&'static str> {
    Format::ALL.map(Format::name).to_vec()
}

fn rules_and_groups() -> Vec<&'static str> {
    let groups = Group::ALL.into_iter().map(Group::name);
    RULES.iter().map(|rule| rule.id).chain(groups).collect()
}

/// `KEY=VALUE`, cut at the first equals sign. It may be a credential.
#[derive(Clone, PartialEq, Eq)]
pub struct Assignment {
    /// What stands before it; empty when there is no equals sign.
    pub key: String,
    /// What stands after it.
    pub value: String,
}

impl std::fmt::Debug for Assignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}=…", self.key)
    }
}

impl FromStr for Assignment {
    type Err = std::convert::Infallible;

    /// Never fails, since the parser of arguments would repeat the value: see [`Assignment::check`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, value) = text.split_once('=').unwrap_or(("", text));
        Ok(Self { key: key.to_owned(), value: value.to_owned() })
    }
}

impl Assignment {
    /// Whether there is a key.
    ///
    /// # Errors
    /// A sentence without the value when there is none.
    pub fn check(&self) -> Result<(), String> {
        if self.key.is_empty() {
            return Err("`--setting` expects KEY=VALUE".to_owned());
        }
        Ok(())
    }
}

/// The lowest level that fails a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
pub enum FailOn {
    /// Errors only.
    #[default]
    Error,
    /// Errors and warnings.
    Warning,
    /// Anything.
    Info,
}

impl FailOn {
    /// The level.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Error => Level::Error,
            Self::Warning => Level::Warning,
            Self::Info => Level::Info,
        }
    }
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless a variable says otherwise.
    #[default]
    Auto,
    /// In any case.
    Always,
    /// Not at all.
    Never,
}

/// The process that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
pub enum Process {
    /// Scheduler, webserver or API server: `[secrets]`.
    #[default]
    Server,
    /// Worker, Dag processor or triggerer: `[workers]` first on Airflow 3.
    Worker,
}

/// How `resolve` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
pub enum ResolveFormat {
    /// A story for people.
    #[default]
    Text,
    /// JSON, version 1.
    Json,
}
