//! See `rules/credential-in-image.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts;
use crate::model::{EnvFile, Holder, ImageCredential, InImage, Model};
use crate::resolve::Project;
use crate::text::MASK;

pub(super) static RULE: Rule = Rule {
    id: "credential-in-image",
    level: Level::Error,
    group: Group::Leaks,
    summary: "A Dockerfile holds a credential, or copies an env file into the image",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/credential-in-image.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for dockerfile in &project.model.dockerfiles {
        let own = dockerfile.credentials();
        let own = own.iter().filter(|it| !it.is_aws_connection && !is_of_kwargs(project, it));
        findings.extend(own.map(in_instruction));
        for (name, place) in dockerfile.copied_env_files() {
            if is_copied(&project.model, name) {
                findings.push(
                    Finding::new(&RULE, place, format!("`{name}` is copied into the image, with every value in it"))
                        .label("copies the env file")
                        .note("whoever can pull the image can read the values; a later `RUN rm` does not remove them from its layers")
                        .help("delete the copy: `astro dev` hands `.env` to the containers, and a Deployment gets its settings from `astro deployment variable create --secret`"),
                );
            }
        }
    }
}

/// Whether `credential-in-kwargs` speaks of it.
fn is_of_kwargs(project: &Project, credential: &ImageCredential) -> bool {
    let environments = project.environments.iter();
    environments.flat_map(|environment| [&environment.server, &environment.worker]).any(|configured| {
        let setting = configured.kwargs_setting.as_ref().map(crate::model::Setting::value_place);
        let own = configured.own_variables.iter().map(|kwarg| kwarg.value_place);
        setting.into_iter().chain(own).any(|place| {
            place.file == credential.place.file && place.span.contains(credential.place.span)
        })
    })
}

fn in_instruction(credential: &ImageCredential) -> Finding {
    let what = credential.what;
    let (holder, note, help) = match &credential.holder {
        Holder::Env(key) => (
            format!("`ENV {}`", name(key)),
            "whoever can pull the image or read this file can read it, and so can every process in the container",
            "take it out of the Dockerfile; locally it belongs into `.env`, on Astro into `astro deployment variable create --secret`",
        ),
        Holder::Arg(key) => (
            format!("`ARG {}`", name(key)),
            "build arguments stay in the image's history: `docker history` shows them",
            "mount it for the one step that needs it: `RUN --mount=type=secret,id=…`, with `astro deploy --build-secrets`",
        ),
        Holder::Instruction(keyword) => (
            format!("`{keyword}`"),
            "the instruction stays in the image's history: `docker history` shows it",
            "mount it for the one step that needs it: `RUN --mount=type=secret,id=…`, with `astro deploy --build-secrets`",
        ),
    };
    Finding::new(&RULE, credential.place, format!("{holder} holds {what} in plain text"))
        .label(what)
        .note(note)
        .help(help)
}

fn name(key: &str) -> &str {
    if facts::credentials().looks_like_name(key) { key } else { MASK }
}

/// Whether a build copies the env file `name`, and it holds something. One that is not there now, as
/// in a fresh checkout, may hold anything when the image is built.
fn is_copied(model: &Model, name: &str) -> bool {
    let file = model.env_files.iter().find(|file| model.name_of(file.file) == name);
    let holds = |file: &EnvFile| {
        file.settings().iter().any(|it| it.credential().is_some() || it.may_be_private())
    };
    model.in_image(name) != InImage::LeftOut && file.is_none_or(holds)
}
