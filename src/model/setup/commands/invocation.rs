//! Which program a command runs in the end: what stands in front of it (`sudo`, `env`) only starts it.

use super::arguments::{Arguments, Flags, Given, Style};
use super::{Exported, Scope, input};
use crate::model::Place;
use crate::model::setup::creation::Payload;
use crate::read::shell::{Command, Script, Word};
use crate::text::{Span, Text, Value};

/// A program with its arguments.
pub(super) struct Invocation<'a> {
    /// The program, without the directory it lies in.
    pub(super) program: &'a str,
    pub(super) arguments: &'a [Word],
    pub(super) command: &'a Command,
    pub(super) scope: Scope<'a>,
    /// What may be shown of it.
    pub(super) shown: Vec<Span>,
    name: Option<Span>,
    exported: &'a Exported,
    is_understood: bool,
}

/// The programs that are looked at; the shells for the script that they are given.
const PROGRAMS: [&str; 8] = ["astro", "aws", "gcloud", "az", "vault", "bash", "sh", "dash"];

/// Programs that run the rest of their arguments, each with those of its flags that take a word.
const STARTERS: [(&str, &[&str]); 7] = [
    ("sudo", &["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "--user", "--group"]),
    ("env", &["-u", "-C", "--unset", "--chdir"]),
    ("command", &[]),
    ("exec", &["-a"]),
    ("nohup", &[]),
    ("nice", &["-n", "--adjustment"]),
    ("timeout", &["-k", "-s", "--kill-after", "--signal"]),
];

/// Images whose entry point is the AWS CLI.
const AWS_IMAGES: [&str; 2] = ["amazon/aws-cli", "public.ecr.aws/aws-cli/aws-cli"];

/// The flags of `docker exec` that take a word.
const EXEC_FLAGS: [&str; 9] =
    ["-e", "-u", "-w", "--env", "--env-file", "--user", "--workdir", "--detach-keys", "--index"];

impl<'a> Invocation<'a> {
    /// What `command` runs, if that is one of the programs that are looked at.
    pub(super) fn of(
        command: &'a Command,
        scope: Scope<'a>,
        exported: &'a Exported,
    ) -> Option<Self> {
        let (name, program, arguments) = started(&command.words)?;
        Some(Self {
            program,
            arguments,
            command,
            scope,
            shown: Vec::new(),
            name: shown_word(name),
            exported,
            is_understood: false,
        })
    }

    pub(super) fn script(&self) -> &'a Script {
        self.scope.script
    }

    /// The place of `span` of the file.
    pub(super) const fn at(&self, span: Span) -> Place {
        Place::new(self.scope.file, span)
    }

    /// The whole statement.
    pub(super) fn place(&self) -> Place {
        self.at(self.command.span)
    }

    /// The arguments by the table `flags`, when the first positional ones are `path`. What of them
    /// names commands and flags may be shown.
    pub(super) fn understood(&mut self, flags: &Flags, depth: usize) -> Arguments<'a> {
        let arguments = Arguments::read(self.arguments, flags);
        self.is_understood = true;
        self.shown.extend(self.name);
        self.shown.extend(arguments.positionals.iter().take(depth).filter_map(|it| shown_word(it)));
        let is_known = |given: &&Given<'_>| is_flag_name(given.name);
        let names = arguments.flags.iter().filter(is_known).filter_map(|given| given.name_span);
        self.shown.extend(names);
        arguments
    }

    /// Whether the command is one that is looked at.
    pub(super) const fn is_understood(&self) -> bool {
        self.is_understood
    }

    /// The variable `name` of the environment that the program gets, as far as the script sets it.
    pub(super) fn environment(&self, name: &str) -> Option<Value> {
        let assigned = self.command.assignments.iter().rev();
        let own = assigned.clone().find(|assignment| assignment.name.node == name);
        if let Some(own) = own {
            return Some(own.value.clone());
        }
        // `env NAME=value program`
        let prefix = format!("{name}=");
        let words = self.command.words.iter().take_while(|word| !std::ptr::eq(*word, self.first()));
        let given = words.filter(|word| word.value.text().expose().starts_with(&prefix)).last();
        match given {
            Some(word) => {
                let length = word.value.text().expose().len();
                Some(super::part(&word.value, prefix.len()..length))
            }
            None => self.exported.get(name),
        }
    }

    /// The first argument; of a program without any, something that is no word of the command.
    fn first(&self) -> *const Word {
        self.arguments.as_ptr()
    }

    /// The script that a shell gets as an argument (`bash -c '…'`), or from its standard input.
    pub(super) fn inner_script(&self) -> Option<Value> {
        let is_flag = |word: &Word| word.value.text().expose().starts_with('-');
        let is_script = |word: &Word| {
            let flag = word.value.text().expose();
            flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with('c')
        };
        if let Some(at) = self.arguments.iter().position(is_script) {
            return self.arguments.get(at + 1).map(|word| word.value.clone());
        }
        if !self.arguments.iter().all(is_flag) {
            return None;
        }
        match input::of(self.command, self.script())? {
            Payload::Text(value) | Payload::Line(value) => Some(value),
            _ => None,
        }
    }
}

/// The word that names the program that `words` run in the end, its name, and its arguments.
fn started(words: &[Word]) -> Option<(&Word, &str, &[Word])> {
    let mut words = words;
    loop {
        let (name, rest) = words.split_first()?;
        let program = name.value.known()?.expose();
        let program = program.rsplit('/').next().unwrap_or(program);
        if PROGRAMS.contains(&program) {
            return Some((name, program, rest));
        }
        let first = rest.first().and_then(|word| word.value.known()).map(Text::expose);
        match (program, first) {
            ("docker" | "podman", Some("run")) => {
                let at = rest.iter().position(is_image_of_aws)?;
                return Some((name, "aws", rest.get(at + 1..)?));
            }
            ("docker" | "podman", Some("exec")) => {
                words = behind_options(rest.get(1..)?, &EXEC_FLAGS, true)?;
                continue;
            }
            ("kubectl", Some("exec")) => {
                let is_end = |word: &Word| word.value.text().expose() == "--";
                words = rest.get(rest.iter().position(is_end)? + 1..)?;
                continue;
            }
            _ => {}
        }
        let (_, with_argument) = STARTERS.iter().find(|(starter, _)| *starter == program)?;
        words = behind_options(rest, with_argument, program == "timeout")?;
    }
}

/// Whether `word` is an image that runs the AWS CLI.
fn is_image_of_aws(word: &Word) -> bool {
    let image = word.value.known().map_or("", Text::expose);
    AWS_IMAGES.contains(&image.split([':', '@']).next().unwrap_or(image))
}

/// What stands behind the flags and assignments of a program that starts another one; `skips_one` when
/// one more argument is its own.
fn behind_options<'a>(
    words: &'a [Word],
    with_argument: &[&str],
    skips_one: bool,
) -> Option<&'a [Word]> {
    let mut at = 0;
    loop {
        let word = words.get(at)?.value.known()?.expose();
        if word.starts_with('-') {
            at += if with_argument.contains(&word) { 2 } else { 1 };
        } else if word.contains('=') {
            at += 1;
        } else {
            return words.get(at + usize::from(skips_one)..);
        }
    }
}

/// Where a word stands that is known and written without quotes.
fn shown_word(word: &Word) -> Option<Span> {
    let text = word.value.known()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let is_name = text.expose().len() <= 40 && text.expose().chars().all(is_plain);
    (is_name && text.is_verbatim(0..text.expose().len())).then_some(text.span())
}

/// Whether `name` is written like the name of a flag, and not like a value that got into its place.
fn is_flag_name(name: &str) -> bool {
    let is_part =
        |part: &str| part.len() <= 16 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    name.split('-').all(is_part)
}

/// Flags of which nothing is known but that `switches` take no argument.
pub(super) const fn long_flags(switches: &'static [&'static str]) -> Flags {
    Flags { switches, short: &[], lists: &[], style: Style::Pflag }
}
