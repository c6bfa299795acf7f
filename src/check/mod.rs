//! The rules: filters over the resolved project, plus words.

mod compared;
mod finding;

pub use compared::changes;
pub use finding::{Edit, Finding, Fix, Label, Level, Safety};

use std::collections::hash_map::Entry;

use crate::hash::HashMap;
use crate::parallel;
use crate::resolve::Project;

/// Declares the modules of the rules, and lists their rules.
macro_rules! rules {
    ($($module:ident),+ $(,)?) => {
        $(mod $module;)+

        /// All rules. To add one: its file, its page, its line in this list.
        pub static RULES: &[&Rule] = &[$(&$module::RULE),+];
    };
}

rules! {
    airflow_in_requirements,
    aws_connection_with_credentials,
    backend_bypassed,
    backend_in_project_folder,
    backend_moved,
    backend_outside_cluster,
    backend_unknown,
    backend_without_kwargs,
    cache_ttl_without_cache,
    compose_override_service,
    compose_override_variable,
    config_secret_full_name,
    config_secret_ignored,
    config_secret_recursion,
    create_does_not_update,
    created_as_binary,
    created_in_other_region,
    created_in_other_service,
    created_name_not_allowed,
    created_outside_prefix,
    created_value_malformed,
    created_value_newline,
    created_without_value,
    credential_in_code,
    credential_in_image,
    credential_in_kwargs,
    credential_in_settings_file,
    deployment_file_ignored_key,
    deployment_file_invalid,
    dockerfile_env_quoting,
    env_duplicate_key,
    env_line_unreadable,
    env_not_ignored,
    env_reads_differently,
    env_save_placeholder,
    env_setting_overridden,
    file_unreadable,
    get_connections_removed,
    id_from_unset_environment,
    jinja_get_without_default,
    jinja_key_not_identifier,
    key_leading_slash,
    key_never_asked,
    key_not_allowed,
    key_placeholder,
    key_repeats_prefix,
    keyerror_never_raised,
    kwarg_conflict,
    kwarg_missing,
    kwarg_not_in_version,
    kwarg_unknown,
    kwarg_wrong_type,
    kwargs_not_json,
    kwargs_not_object,
    kwargs_not_secret,
    kwargs_without_backend,
    load_takes_no_value,
    local_address_deployed,
    local_value_shadowed,
    name_resembles_arn_suffix,
    near_miss_name,
    option_ignored_by_version,
    parse_time_lookup,
    pattern_invalid,
    pattern_matches_nothing,
    per_kwarg_not_text,
    placeholder_left,
    policy_does_not_cover,
    policy_too_broad,
    prefix_leading_slash,
    prefix_not_allowed,
    prefix_shared,
    prefix_trailing_separator,
    provider_known_bug,
    provider_may_be_too_old,
    provider_missing,
    provider_needs_newer_airflow,
    provider_too_old,
    region_missing,
    region_unknown,
    requirement_invalid,
    reserved_variable,
    role_arn_malformed,
    role_not_assumable,
    runtime_unsupported,
    save_as_secret,
    secret_blanked,
    secret_printed,
    secrets_option_misspelled,
    setting_drift,
    shell_json_quoting,
    static_aws_credentials,
    undeclared_reference,
    unexpanded_reference,
    unused_declaration,
    unused_suppression,
    variable_set_shadowed,
    withdrawn_variable,
    wrong_default_keyword,
}

pub use unused_suppression::RULE as UNUSED_SUPPRESSION;

/// What a rule is called, what it says in one line, and how it finds. Its page is `rules/<id>.md`.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case noun phrase for the fault, readable after the word "allow".
    pub id: &'static str,
    /// The highest level it can have.
    pub level: Level,
    /// What it is about.
    pub group: Group,
    /// What it reports, in one sentence without a full stop.
    pub summary: &'static str,
    /// The version of astrolint that brought it.
    pub since: &'static str,
    /// The fix that it offers where it can, the safest; `None` where it never does.
    pub fix: Option<Safety>,
    /// Its page, `rules/<id>.md`.
    pub page: &'static str,
    /// Adds what it finds in a project.
    pub check: fn(&Project, &mut Vec<Finding>),
}

impl Rule {
    /// What its page says below its title: level, group and fix.
    #[must_use]
    pub fn nature(&self) -> String {
        let fix = self.fix.map_or("no", Safety::name);
        format!("*{}, group `{}`, {fix} fix*", self.level, self.group.name())
    }

    /// Where its page is published.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/blob/main/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), self.id)
    }
}

/// What a rule is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Group {
    /// Files can be read as meant.
    Files,
    /// The backend starts and is told what was meant.
    Backend,
    /// Names and prefixes.
    Names,
    /// The provider that answers.
    Provider,
    /// DAG code.
    Code,
    /// Local and deployed agree.
    Environments,
    /// What is created matches what is asked.
    Creation,
    /// Nothing leaks.
    Leaks,
    /// astrolint's own comments.
    Comments,
}

impl Group {
    /// All groups, in the order of the catalogue.
    pub const ALL: [Self; 9] = [
        Self::Files,
        Self::Backend,
        Self::Names,
        Self::Provider,
        Self::Code,
        Self::Environments,
        Self::Creation,
        Self::Leaks,
        Self::Comments,
    ];

    /// The name by which `--select` and `--ignore` take all of its rules.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Backend => "backend",
            Self::Names => "names",
            Self::Provider => "provider",
            Self::Code => "code",
            Self::Environments => "environments",
            Self::Creation => "creation",
            Self::Leaks => "leaks",
            Self::Comments => "comments",
        }
    }

    /// What the group promises.
    #[must_use]
    pub const fn promise(self) -> &'static str {
        match self {
            Self::Files => "Files can be read as meant",
            Self::Backend => "The backend starts and is told what was meant",
            Self::Names => "Names and prefixes",
            Self::Provider => "The provider that answers",
            Self::Code => "DAG code",
            Self::Environments => "Local and deployed agree",
            Self::Creation => "What is created matches what is asked",
            Self::Leaks => "Nothing leaks",
            Self::Comments => "Comments to astrolint",
        }
    }
}

/// The rule called `id`.
///
/// # Errors
/// A sentence with the nearest name when there is none.
pub fn find(id: &str) -> Result<&'static Rule, String> {
    RULES.iter().find(|rule| rule.id == id).copied().ok_or_else(|| {
        match nearest(id, RULES.iter().map(|rule| rule.id)) {
            Some(near) => format!("there is no rule `{id}`; did you mean `{near}`?"),
            None => format!("there is no rule `{id}`; `astrolint explain` lists all"),
        }
    })
}

/// The rules that `name` stands for: one, or all of a group.
///
/// # Errors
/// A sentence with the nearest name when it is neither.
pub fn find_all(name: &str) -> Result<Vec<&'static Rule>, String> {
    match Group::ALL.into_iter().find(|group| group.name() == name) {
        Some(group) => Ok(RULES.iter().filter(|rule| rule.group == group).copied().collect()),
        None => find(name).map(|rule| vec![rule]),
    }
}

/// The one of `names` that `word` most probably means, if any is near enough.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let similar =
        |name: &str| strsim::damerau_levenshtein(&word.to_lowercase(), &name.to_lowercase());
    let (distance, name) = names.into_iter().map(|name| (similar(name), name)).min()?;
    (distance <= (word.chars().count() / 3).max(2)).then_some(name)
}

/// So many references make it worth to look at the rules on several threads.
const MANY_REFERENCES: usize = 200;

/// All findings of the rules that `wanted` lets through, looked for on at most `threads` threads. What several
/// environments share is said once, without naming one; so is everything where there is only one.
pub fn check(project: &Project, threads: usize, wanted: impl Fn(&Rule) -> bool) -> Vec<Finding> {
    let wanted: Vec<&Rule> = RULES.iter().copied().filter(|rule| wanted(rule)).collect();
    let found_by = |rule: &&Rule| {
        let mut found = Vec::new();
        (rule.check)(project, &mut found);
        found
    };
    let mut all = Vec::new();
    if threads > 1 && project.model.references.len() >= MANY_REFERENCES {
        parallel::in_order(&wanted, threads, found_by, |found| all.extend(found));
    } else {
        all.extend(wanted.iter().flat_map(found_by));
    }
    let private = project.private_values();
    let mut findings: Vec<Finding> = Vec::new();
    let mut said = HashMap::default();
    for mut finding in all {
        finding.map_texts(|text| private.mask(text));
        if project.environments.len() == 1 {
            finding.environment = None;
        }
        let key = (finding.rule.id, finding.primary.place, finding.message.clone());
        match said.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(findings.len());
                findings.push(finding);
            }
            Entry::Occupied(entry) => {
                if let Some(first) = findings.get_mut(*entry.get())
                    && first.environment != finding.environment
                {
                    first.environment = None;
                }
            }
        }
    }
    findings
}

/// The rules as a Markdown table, one for each group, with links to the pages beside it.
#[must_use]
pub fn table() -> String {
    let mut text = String::new();
    for group in Group::ALL {
        let mut rules: Vec<_> = RULES.iter().filter(|rule| rule.group == group).collect();
        rules.sort_by_key(|rule| rule.id);
        if rules.is_empty() {
            continue;
        }
        text += &format!(
            "\n**{}** (`{}`)\n\n| rule | level | reports | fix |\n| --- | --- | --- | --- |\n",
            group.promise(),
            group.name()
        );
        for rule in rules {
            let fix = rule.fix.map_or("", Safety::name);
            text += &format!(
                "| [`{0}`]({0}.md) | {1} | {2} | {fix} |\n",
                rule.id, rule.level, rule.summary
            );
        }
    }
    text += "\n";
    text
}
