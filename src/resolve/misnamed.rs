//! Settings that were meant as options of the secrets backend, under names that Airflow never reads.

use super::Environment;
use super::class_path::{cleaned, nearest_class};
use super::kwargs::Kwargs;
use super::options::OptionValue;
use crate::facts::airflow;
use crate::model::{Origin, Setting, variable_name};

/// A setting under a name that is almost that of an option of the secrets backend.
#[derive(Clone, Debug)]
pub struct Misnamed<'a> {
    /// The setting.
    pub setting: &'a Setting,
    /// What is wrong with its name.
    pub fault: NameFault,
    /// The variable that was probably meant.
    pub meant: Option<String>,
}

/// What is wrong with a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameFault {
    /// Small letters where capital ones belong, or the reverse.
    Case,
    /// Too few or too many underscores.
    Underscores,
    /// A slip in a word.
    Spelling,
    /// `_CMD` or `_SECRET` behind an option that is not sensitive in any version.
    NotSensitive,
    /// One keyword behind the name of the option that holds all.
    KeywordOfKwargs,
    /// Airflow has no such option.
    NoSuchOption,
}

/// How many letters a name may differ from that of an option to be taken for it.
const SLIPS: usize = 2;
/// No name of an option with one keyword behind it is near this.
const LONGEST: usize = 120;
const KEYWORD_OPTIONS: [(&str, &str); 2] = [
    ("AIRFLOW_SECRETS_BACKEND_KWARG", "AIRFLOW__SECRETS__BACKEND_KWARG__"),
    ("AIRFLOW_WORKERS_SECRETS_BACKEND_KWARG", "AIRFLOW__WORKERS__SECRETS_BACKEND_KWARG__"),
];
const CLASS: &str = "AIRFLOW__SECRETS__BACKEND";
const KWARGS: &str = "AIRFLOW__SECRETS__BACKEND_KWARGS";

impl Environment {
    /// The settings of this environment whose names were meant as options of the secrets backend.
    #[must_use]
    pub fn misnamed(&self) -> Vec<Misnamed<'_>> {
        let written = |setting: &&Setting| {
            let key = &setting.key;
            if key.len() > LONGEST
                || !(key.starts_with('[') || key.to_ascii_uppercase().starts_with("AIR"))
            {
                return false;
            }
            let marks: &[u8] = if key.starts_with('[') { b"_[] " } else { b"_" };
            key.bytes().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
        };
        let settings = self.settings.iter().chain(self.cfg.iter()).filter(written);
        settings
            .filter_map(|setting| {
                let (fault, meant) = name_fault(&setting.key, setting.origin)?;
                let meant = meant.or_else(|| self.meant_by_value(setting));
                Some(Misnamed { setting, fault, meant })
            })
            .collect()
    }

    /// The option that the value of `setting` looks as if it were for.
    fn meant_by_value(&self, setting: &Setting) -> Option<String> {
        if matches!(Kwargs::read(setting, &self.settings), Kwargs::Object(members) if !members.is_empty())
        {
            return Some(KWARGS.to_owned());
        }
        let OptionValue::Set(_, text) = self.configuration().expanded(setting) else { return None };
        let class = cleaned(text.expose());
        (nearest_class(&class) == Some(class.as_str())).then(|| CLASS.to_owned())
    }
}

/// What is wrong with the name `key`, and the variable that was meant, if the name tells it.
fn name_fault(key: &str, origin: Origin) -> Option<(NameFault, Option<String>)> {
    let valid: Vec<String> =
        airflow().options.iter().map(|row| variable_name(&row.section, &row.option)).collect();
    if let Some(section) = key.strip_prefix('[') {
        // A section of `airflow.cfg` that is not in small letters.
        let (section, option) = section.split_once("] ")?;
        let meant = variable_name(section, option);
        return valid.contains(&meant).then_some((NameFault::Case, Some(meant)));
    }
    let upper = key.to_uppercase();
    let squeezed = squeezed(&upper);
    if !squeezed.starts_with("AIR")
        || ["AIRFLOW_VAR_", "AIRFLOW_CONN_"].iter().any(|own| squeezed.starts_with(own))
    {
        return None;
    }
    if let Some(meant) = valid.iter().find(|name| squeezed == self::squeezed(name)) {
        return (key != meant).then(|| {
            let fault = if upper == *meant { NameFault::Case } else { NameFault::Underscores };
            (fault, Some(meant.clone()))
        });
    }
    for (stem, prefix) in KEYWORD_OPTIONS {
        let Some(rest) = squeezed.strip_prefix(stem) else { continue };
        let (fault, name) = match (rest.strip_prefix('_'), rest.strip_prefix("S_")) {
            (Some(name), _) if !key.starts_with(prefix) && !name.is_empty() => {
                let is_case = upper.starts_with(prefix);
                (if is_case { NameFault::Case } else { NameFault::Underscores }, name)
            }
            // `_CMD` and `_SECRET` are read, of the whole.
            (_, Some(name)) if !["CMD", "SECRET", ""].contains(&name) => {
                (NameFault::KeywordOfKwargs, name)
            }
            (Some(name), _) if !name.is_empty() => return None,
            (_, Some(name)) if !name.is_empty() => {
                let meant = format!("{}S_{name}", prefix.trim_end_matches('_'));
                let is_case = upper == meant;
                let fault = if is_case { NameFault::Case } else { NameFault::Underscores };
                return (key != meant).then_some((fault, Some(meant)));
            }
            _ => continue,
        };
        return Some((fault, Some(format!("{prefix}{name}"))));
    }
    for suffix in ["_CMD", "_SECRET"] {
        let base = upper.strip_suffix(suffix).map(self::squeezed);
        let base = valid.iter().find(|name| base.as_ref() == Some(&self::squeezed(name)));
        if let Some(base) = base {
            return Some((NameFault::NotSensitive, Some(base.clone())));
        }
    }
    let about_backend = squeezed
        .split_once("SECRET")
        .is_some_and(|(_, behind)| behind.contains("BACKEND") || behind.contains("BAKCEND"));
    let in_section = upper.starts_with("AIRFLOW__SECRETS__");
    let near = valid
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&squeezed, &self::squeezed(name)), name))
        .min()
        .filter(|(distance, _)| *distance <= SLIPS);
    if let Some((_, meant)) = near {
        return Some((NameFault::Spelling, Some(meant.clone())));
    }
    // The beginning of one name only, as `CACHE_TTL`.
    let longer = || {
        let mut longer = valid.iter().filter(|name| name.starts_with(&format!("{upper}_")));
        longer.next().filter(|_| in_section && longer.next().is_none())
    };
    if let Some(meant) = longer() {
        return Some((NameFault::Spelling, Some(meant.clone())));
    }
    let is_option = upper.starts_with("AIRFLOW__") || origin == Origin::AirflowCfg;
    (in_section || about_backend && is_option).then_some((NameFault::NoSuchOption, None))
}

/// `name` with one underscore wherever there are several.
fn squeezed(name: &str) -> String {
    name.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::NameFault::*;
    use super::*;

    #[test]
    fn names_that_airflow_does_not_read() {
        let kwargs = Some("AIRFLOW__SECRETS__BACKEND_KWARGS");
        let class = Some("AIRFLOW__SECRETS__BACKEND");
        for (key, expected) in [
            ("AIRFLOW__SECRETS__BACKEND", None),
            ("AIRFLOW__SECRETS__BACKEND_KWARGS", None),
            ("AIRFLOW__SECRETS__BACKEND_KWARGS_CMD", None),
            ("AIRFLOW__SECRETS__BACKEND_KWARGS_SECRET", None),
            ("AIRFLOW__SECRETS__BACKEND_KWARG__ROLE_ARN", None),
            ("AIRFLOW__WORKERS__SECRETS_BACKEND_KWARG__TOKEN", None),
            ("AIRFLOW__SECRETS__USE_CACHE", None),
            ("AIRFLOW__WORKERS__SECRETS_BACKEND", None),
            ("AIRFLOW__CELERY__RESULT_BACKEND_SECRET", None),
            ("AIRFLOW__CORE__FERNET_KEY_SECRET", None),
            ("AIRFLOW_VAR_SECRETS_BACKEND", None),
            ("AIRFLOW_CONN_SECRETS_BACKEND", None),
            ("AIRFLOW_SECRETS_BACKEND_URL", None),
            ("MY_SECRETS_BACKEND", None),
            ("AWS_SECRETS_BACKEND", None),
            ("AIRFLOW_SECRETS_BACKEND", Some((Underscores, class))),
            ("AIRFLOW__SECRETS_BACKEND", Some((Underscores, class))),
            ("AIRFLOW_SECRETS_BACKEND_KWARGS", Some((Underscores, kwargs))),
            ("AIRFLOW__SECRETS__BACKEND__KWARGS", Some((Underscores, kwargs))),
            ("airflow__secrets__backend", Some((Case, class))),
            ("AIRFLOW__SECRET__BACKEND", Some((Spelling, class))),
            ("AIRFLOW__SECRETS__BACKENDS", Some((Spelling, class))),
            ("AIRFLOW__SECRETS__BACKEND_KWARG", Some((Spelling, kwargs))),
            ("AIRFLOW__SECRETS__BACKEND_CMD", Some((NotSensitive, class))),
            ("AIRFLOW__SECRETS__BACKEND_SECRET", Some((NotSensitive, class))),
            (
                "AIRFLOW__WORKERS__SECRETS_BACKEND_CMD",
                Some((NotSensitive, Some("AIRFLOW__WORKERS__SECRETS_BACKEND"))),
            ),
            (
                "AIRFLOW__SECRETS__BACKEND_KWARGS_VARIABLES_PREFIX",
                Some((KeywordOfKwargs, Some("AIRFLOW__SECRETS__BACKEND_KWARG__VARIABLES_PREFIX"))),
            ),
            (
                "AIRFLOW__SECRETS__BACKEND_KWARGS__REGION_NAME",
                Some((KeywordOfKwargs, Some("AIRFLOW__SECRETS__BACKEND_KWARG__REGION_NAME"))),
            ),
            (
                "AIRFLOW__SECRETS__BACKEND_KWARG_ROLE_ARN",
                Some((Underscores, Some("AIRFLOW__SECRETS__BACKEND_KWARG__ROLE_ARN"))),
            ),
            (
                "AIRFLOW_SECRETS_BACKEND_KWARGS_CMD",
                Some((Underscores, Some("AIRFLOW__SECRETS__BACKEND_KWARGS_CMD"))),
            ),
            (
                "AIRFLOW__SECRETS__CACHE_TTL",
                Some((Spelling, Some("AIRFLOW__SECRETS__CACHE_TTL_SECONDS"))),
            ),
            ("AIRFLOW__SECRETS__BACKENDS_ORDER", Some((NoSuchOption, None))),
            ("AIRFLOW__SECRETS__REGION", Some((NoSuchOption, None))),
            ("AIRFLOW__SECRETS__BACKEND_CONF", Some((NoSuchOption, None))),
            ("AIRFLOW__CORE__SECRETS_BACKEND", Some((NoSuchOption, None))),
            ("[Secrets] backend", Some((Case, class))),
            ("[Core] executor", None),
        ] {
            let found = name_fault(key, Origin::EnvFile);
            let found = found.as_ref().map(|(fault, meant)| (*fault, meant.as_deref()));
            assert_eq!(found, expected, "{key}");
        }
    }
}
