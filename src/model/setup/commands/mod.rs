//! What the commands of a script do: configure deployments, store variables and connections, create
//! secrets, and read env files.
//!
//! Nothing is judged here, and nothing is guessed: what only running the script tells stays
//! [`UNKNOWN`](crate::text::UNKNOWN). A command is understood by its program's own table of flags, so
//! that the argument of one flag is never taken for something else.

mod arguments;
mod astro;
mod aws;
mod az;
mod gcloud;
mod iam;
mod input;
mod invocation;
mod quoting;
#[cfg(test)]
mod tests;
mod vault;

pub use self::quoting::{Breaks, BrokenJson};
use super::Run;
use super::creation::Creation;
use super::deployed::{Deployed, Stored};
use super::policy::Role;
use super::vault_policy::VaultPolicy;
use super::{part, unknown};
use crate::model::{FileId, Place};
use crate::read::shell::{self, Command, Dialect, Script};
use crate::text::{Span, Text, Value};
use invocation::Invocation;

use crate::hash::{HashMap, HashSet};

/// How deep scripts inside of scripts (`bash -c '…'`) are followed.
const MAX_DEPTH: usize = 3;

/// What the commands of scripts do, each in the order of the text.
#[derive(Debug, Default)]
pub struct Commands {
    /// The settings that deployments are given.
    pub deployed: Vec<Deployed>,
    /// The variables and connections that are put into other stores.
    pub stored: Vec<Stored>,
    /// The secrets that are created or given a value.
    pub creations: Vec<Creation>,
    /// The roles of AWS that are created or given something.
    pub roles: Vec<Role>,
    /// The policies of Vault that are written.
    pub vault_policies: Vec<VaultPolicy>,
    /// JSON that the shell takes apart before the command gets it.
    pub broken_json: Vec<BrokenJson>,
    /// Placeholders in angle brackets, which a shell takes for redirections.
    pub placeholders: Vec<Place>,
    /// Arguments of `astro deployment variable create|update` that are no `KEY=VALUE`: the command
    /// ends with 1.
    pub refused: Vec<Refused>,
    /// `-s` of `variable create|update` beside an env file that is not loaded: there it marks variables as
    /// secret, and only for `variable list` it saves them.
    pub saved_as_secret: Vec<Place>,
    /// Env files that `astro deployment variable list --save` writes.
    pub saved: Vec<Saved>,
    /// What may be shown of the scripts: the names of programs, commands and flags.
    pub shown: Vec<Span>,
}

/// An argument that the Astro CLI refuses.
#[derive(Debug)]
pub struct Refused {
    /// The argument.
    pub argument: Place,
    /// Whether `--load` stands in front of it, as if that took a file.
    pub follows_load: bool,
}

/// An env file to which variables of a deployment are written.
#[derive(Debug)]
pub struct Saved {
    /// Its path, as written or by default.
    pub path: Value,
    /// Where the command says so.
    pub place: Place,
}

/// Adds to `commands` what the commands of `script` do, which `run` was read as. It stands in `file`, whose content is
/// `text`.
pub fn read(script: &Script, run: &Run, file: FileId, text: &str, commands: &mut Commands) {
    let Run { text: source, environment } = run;
    Scope { script, source, environment, file, text, depth: 0 }.read(commands);
}

/// The script that is looked at.
#[derive(Clone, Copy)]
struct Scope<'a> {
    script: &'a Script,
    /// What it was read from.
    source: &'a Text,
    environment: &'a [(String, Text)],
    file: FileId,
    text: &'a str,
    depth: usize,
}

impl Scope<'_> {
    fn read(self, commands: &mut Commands) {
        let mut exported = Exported::given(self.environment);
        for command in &self.script.commands {
            exported.note(command);
            let Some(mut invocation) = Invocation::of(command, self, &exported) else { continue };
            let before = commands.creations.len();
            match invocation.program {
                "astro" => astro::read(&mut invocation, commands),
                "aws" => aws::read(&mut invocation, commands),
                "gcloud" => gcloud::read(&mut invocation, commands),
                "az" => az::read(&mut invocation, commands),
                "vault" => vault::read(&mut invocation, commands),
                _ => self.inner_script(&invocation, commands),
            }
            if invocation.is_understood() {
                quoting::check(&invocation, commands);
            }
            commands.shown.append(&mut invocation.shown);
            for creation in commands.creations.iter_mut().skip(before) {
                if creation.payload.line().is_some() {
                    creation.mended.extend(input::without_line_break(command, self));
                }
            }
        }
    }

    /// What a shell does that gets its script as an argument, or from a here-document.
    fn inner_script(self, invocation: &Invocation<'_>, commands: &mut Commands) {
        if self.depth == MAX_DEPTH {
            return;
        }
        let Some(value) = invocation.inner_script() else { return };
        let dialect = if invocation.program == "bash" { Dialect::Bash } else { Dialect::Sh };
        let script = shell::read(value.text(), dialect);
        let source = value.text();
        Scope { script: &script, source, depth: self.depth + 1, ..self }.read(commands);
    }
}

/// The variables that a script puts into the environment of its commands, as far as that is certain.
#[derive(Default)]
struct Exported {
    /// The values of those that it sets; `None` where a value is not certain.
    values: HashMap<String, Option<Value>>,
    names: HashSet<String>,
}

impl Exported {
    fn given(environment: &[(String, Text)]) -> Self {
        let known = |text: &Text| Some(Value::Known(text.clone()));
        Self {
            values: environment.iter().map(|(name, text)| (name.clone(), known(text))).collect(),
            names: environment.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    /// What `command` changes.
    fn note(&mut self, command: &Command) {
        let name = command.words.first().and_then(|word| word.value.known()).map(Text::expose);
        let exports = name == Some("export");
        if !(exports || command.words.is_empty()) {
            return;
        }
        let context = command.context;
        let is_certain = !context.is_conditional
            && !context.is_in_function
            && !context.is_in_subshell
            && command.fed_by.is_none();
        for assignment in &command.assignments {
            let value = is_certain.then(|| assignment.value.clone());
            let name = &assignment.name.node;
            self.values.insert(name.clone(), value);
            if exports {
                self.names.insert(name.clone());
            }
        }
        if exports {
            let words = command.words.iter().skip(1).filter_map(|word| word.value.known());
            self.names.extend(words.map(|word| word.expose().to_owned()));
        }
    }

    /// The value of the variable `name`.
    fn get(&self, name: &str) -> Option<Value> {
        self.values.get(name).filter(|_| self.names.contains(name))?.clone()
    }
}
