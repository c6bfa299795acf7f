//! Google Secret Manager.

use super::shell::{beginning, calls, parameter, quoted};
use super::{Emitted, Plan, places};

/// The role that reads the value of a secret, and nothing else.
pub(super) const ROLE: &str = "roles/secretmanager.secretAccessor";

/// The project and the secret in what the backend asks for: `projects/P/secrets/NAME/versions/latest`.
pub(super) fn parts(name: &str) -> (Option<&str>, &str) {
    let Some((project, secret)) = name.split_once("/secrets/") else { return (None, name) };
    let project = project.trim_start_matches("projects/");
    let is_known = !project.starts_with('{') && !project.is_empty();
    (Some(project).filter(|_| is_known), secret.trim_end_matches("/versions/latest"))
}

/// The project of the secrets, where it is one and known.
pub(super) fn project(plan: &Plan) -> Option<&str> {
    plan.secrets.iter().find_map(|secret| parts(&secret.name).0).filter(|project| {
        project.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-:.".contains(&b))
    })
}

/// The condition under which a role in the project reads secrets whose names begin so; `None` where nothing is
/// known of the beginning.
pub(super) fn condition(pattern: &str) -> Option<(String, &str)> {
    let beginning = parts(pattern).1.split('*').next().filter(|it| !it.is_empty())?;
    let expression =
        format!(r#"resource.name.extract("secrets/{{name}}/versions/").startsWith("{beginning}")"#);
    Some((expression, beginning))
}

/// The commands that create the secrets, and let a member read each of them.
pub(super) fn commands(plan: &Plan) -> Emitted {
    let mut text = beginning(plan);
    text += &format!("\n{}", parameter("PROJECT", project(plan), "the project of the secrets"));
    text += &parameter(
        "MEMBER",
        None,
        "who reads them: serviceAccount:NAME@PROJECT.iam.gserviceaccount.com",
    );
    text += CREATE;
    text += &calls(plan, |secret| quoted(parts(&secret.name).1));
    for secret in plan.to_read().filter(|it| it.created_by.is_some()) {
        text += &format!("allow {}\n", quoted(parts(&secret.name).1));
    }
    for secret in plan.patterns() {
        let Some((expression, beginning)) = condition(&secret.name) else {
            text +=
                &format!("# not allowed: nothing tells how the name begins ({})\n", places(secret));
            continue;
        };
        let condition = format!("^#^expression={expression}#title=airflow {beginning}");
        text += &format!(
            "# all that begin so, since more is not known: {}\ngcloud projects add-iam-policy-binding \"$PROJECT\" --member \"$MEMBER\" \\\n  --role {ROLE} --condition={} >/dev/null\n",
            places(secret),
            quoted(&condition)
        );
    }
    Emitted { text, notes: Vec::new() }
}

const CREATE: &str = r#"
# allow NAME: lets the member read NAME.
allow() {
  gcloud secrets add-iam-policy-binding "$1" --project "$PROJECT" --member "$MEMBER" \
    --role roles/secretmanager.secretAccessor >/dev/null
}

# create NAME WHAT: creates NAME, unless it exists, and lets the member read it.
create() {
  if gcloud secrets describe "$1" --project "$PROJECT" >/dev/null 2>&1; then
    printf '%s exists, and is left as it is\n' "$1" >&2
  else
    ask "$1" "$2"
    printf '%s' "$value" |
      gcloud secrets create "$1" --project "$PROJECT" --replication-policy automatic --data-file=-
  fi
  allow "$1"
}

"#;
