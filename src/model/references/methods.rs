//! Methods of text: `upper`, `strip`, `replace`.

use super::evaluate::known;
use super::names::Question;
use super::scope::Place;
use super::value::{MAX_STEPS, Part, Step};
use crate::read::python::tree::{Call, Star};
use crate::text::{Span, Text};

/// A method that makes another text of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Method {
    Upper,
    Lower,
    /// `strip` and its like: which ends, and these characters, or else blanks.
    Strip {
        start: bool,
        end: bool,
        characters: Option<String>,
    },
    Replace {
        from: String,
        to: String,
    },
    RemovePrefix(String),
    RemoveSuffix(String),
}

impl Method {
    /// The method that `call` calls, by `name`; `None` for any other.
    pub(super) fn of(
        question: &Question<'_, '_>,
        name: &str,
        call: &Call,
        place: Place,
    ) -> Option<Self> {
        if call.arguments.iter().any(|arg| arg.name.is_some() || arg.star != Star::No) {
            return None;
        }
        let count = call.arguments.len();
        let argument = |number| {
            let text = known(question, &call.positional(number)?.value, place)?;
            Some(text.expose().to_owned())
        };
        let strip = |start, end| match count {
            0 => Some(Self::Strip { start, end, characters: None }),
            1 => Some(Self::Strip { start, end, characters: Some(argument(0)?) }),
            _ => None,
        };
        match (name, count) {
            ("upper", 0) => Some(Self::Upper),
            ("lower" | "casefold", 0) => Some(Self::Lower),
            ("strip", _) => strip(true, true),
            ("lstrip", _) => strip(true, false),
            ("rstrip", _) => strip(false, true),
            ("replace", 2) => Some(Self::Replace { from: argument(0)?, to: argument(1)? }),
            ("removeprefix", 1) => Some(Self::RemovePrefix(argument(0)?)),
            ("removesuffix", 1) => Some(Self::RemoveSuffix(argument(0)?)),
            _ => None,
        }
    }

    /// What it makes of a text.
    pub(super) fn of_text(&self, text: &str) -> String {
        let whole = [Part::Known(Text::produced_by(text, Span::at(0)))];
        let made = self.applied(&whole).unwrap_or_default();
        let known = |part: &Part| match part {
            Part::Known(text) => Some(text.expose().to_owned()),
            Part::Unknown | Part::Open(_) => None,
        };
        made.iter().filter_map(known).collect()
    }

    /// What it makes of a text in parts; `None` where what is not known decides too much of it.
    pub(super) fn applied(&self, parts: &[Part]) -> Option<Vec<Part>> {
        let mut parts = parts.to_vec();
        let is_whole = parts.iter().all(|part| matches!(part, Part::Known(_)));
        match self {
            Self::Upper => self.each(&mut parts, str::to_uppercase),
            Self::Lower => self.each(&mut parts, str::to_lowercase),
            Self::Strip { start, end, characters } => {
                let is_end = |c: char| match characters {
                    Some(characters) => characters.contains(c),
                    None => c.is_whitespace(),
                };
                if *start {
                    change(parts.first_mut(), |text| text.trim_start_matches(is_end).to_owned());
                }
                if *end {
                    change(parts.last_mut(), |text| text.trim_end_matches(is_end).to_owned());
                }
            }
            // What is looked for may stand across two parts.
            Self::Replace { from, .. } if !is_whole && from.chars().count() != 1 => return None,
            Self::Replace { from, to } => self.each(&mut parts, |text| text.replace(from, to)),
            Self::RemovePrefix(prefix) => {
                let begins = matches!(parts.first(), Some(Part::Known(text)) if is_whole || text.expose().len() >= prefix.len());
                if !begins {
                    return None;
                }
                change(parts.first_mut(), |text| {
                    text.strip_prefix(prefix.as_str()).unwrap_or(text).to_owned()
                });
            }
            Self::RemoveSuffix(suffix) => {
                let ends = matches!(parts.last(), Some(Part::Known(text)) if is_whole || text.expose().len() >= suffix.len());
                if !ends {
                    return None;
                }
                change(parts.last_mut(), |text| {
                    text.strip_suffix(suffix.as_str()).unwrap_or(text).to_owned()
                });
            }
        }
        Some(parts)
    }

    /// Changes each part by itself; what is open will be changed in the same way.
    fn each(&self, parts: &mut [Part], of: impl Fn(&str) -> String) {
        for part in parts {
            match part {
                Part::Open(open) if open.steps.len() < MAX_STEPS => {
                    open.steps.push(Step::Text(self.clone()));
                }
                part => change(Some(part), &of),
            }
        }
    }
}

fn change(part: Option<&mut Part>, of: impl FnOnce(&str) -> String) {
    match part {
        Some(Part::Known(text)) => *text = Text::produced_by(of(text.expose()), text.span()),
        // What it will be is changed then, which is not followed.
        Some(part @ Part::Open(_)) => *part = Part::Unknown,
        Some(Part::Unknown) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::model::references::tests::{in_files, key};

    #[test]
    fn methods_change_what_is_known() {
        for (code, expected) in [
            ("'a_B'.upper()", "A_B"),
            ("f'{X}_Key'.lower()", "*_key"),
            ("f'{X}_key'.upper()", "*_KEY"),
            ("'  a b '.strip()", "a b"),
            ("f' {X} b '.strip()", "* b"),
            ("f'a {X}'.strip()", "a *"),
            ("'--a--'.lstrip('-')", "a--"),
            ("'a.csv'.rstrip('vsc.')", "a"),
            ("'a-b-c'.replace('-', '_')", "a_b_c"),
            ("f'a-{X}-c'.replace('-', '_')", "a_*_c"),
            ("f'a--{X}'.replace('--', '_')", "?"),
            ("'a-b-c'.replace('-', '_', 1)", "?"),
            ("'a_b'.replace('_', Y)", "?"),
            ("'v_a'.removeprefix('v_')", "a"),
            ("f'v_{X}'.removeprefix('v_')", "?"),
            ("f'v_a_{X}'.removeprefix('v_')", "a_*"),
            ("'a_v'.removesuffix('_v')", "a"),
            ("'{a}'.format_map({'a': 'b'})", "?"),
            ("'a,b'.split(',')[1]", "b"),
            ("'a b'.split()[0].upper()", "A"),
        ] {
            let source = format!("from airflow.models import Variable\nVariable.get({code})");
            let keys: Vec<_> =
                in_files(&[("dags/a.py", &source)]).iter().map(|it| key(&it.key)).collect();
            assert_eq!(keys, [expected], "{code}");
        }
    }
}
