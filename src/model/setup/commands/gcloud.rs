//! `gcloud secrets create` and `gcloud secrets versions add`.
//!
//! Flags from the Google Cloud SDK: `lib/surface/secrets/create.py`, `versions/add.py`, and the global
//! ones of `gcloud topic`.

use super::arguments::{Arguments, Flags, Style};
use super::invocation::Invocation;
use super::{Commands, input, unknown};
use crate::model::Origin;
use crate::model::setup::creation::{Creation, Payload};
use crate::text::Value;

const FLAGS: Flags = Flags {
    switches: &["quiet", "log-http", "user-output-enabled", "help"],
    short: &[('q', "quiet"), ('h', "help")],
    lists: &[],
    style: Style::Argparse,
};

pub(super) fn read(invocation: &mut Invocation<'_>, commands: &mut Commands) {
    let path = Arguments::read(invocation.arguments, &FLAGS).path();
    // `gcloud beta secrets …`
    let track = usize::from(matches!(path.first(), Some(&("alpha" | "beta"))));
    let depth = track
        + match path.get(track..).unwrap_or_default() {
            ["secrets", "create", ..] => 2,
            ["secrets", "versions", "add", ..] => 3,
            _ => return,
        };
    let arguments = invocation.understood(&FLAGS, depth);
    let name = arguments.positionals.get(depth).map(|word| word.value.clone());
    let project = arguments.value("project").cloned();
    let name = name.unwrap_or_else(|| unknown(invocation.command.span));
    commands.creations.push(Creation {
        region: arguments.value("location").cloned(),
        container: project.or_else(|| invocation.environment("CLOUDSDK_CORE_PROJECT")),
        encryption_key: arguments.value("kms-key-name").cloned(),
        payload: payload(invocation, &arguments),
        ..Creation::new("gcp_secret_manager", name, invocation.place(), Origin::Command)
    });
}

fn payload(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Payload {
    match arguments.value("data-file") {
        Some(path) if is_standard_input(path) => {
            input::of(invocation.command, invocation.script()).unwrap_or(Payload::Unknown)
        }
        Some(path) => Payload::File(path.clone()),
        None if arguments.may_be_more => Payload::Unknown,
        None => Payload::Nothing,
    }
}

fn is_standard_input(path: &Value) -> bool {
    path.known().is_some_and(|path| matches!(path.expose(), "-" | "/dev/stdin"))
}
