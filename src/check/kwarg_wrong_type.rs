//! See `rules/kwarg-wrong-type.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety, nearest};
use crate::facts::{Backend, Effect, Parameter, ValueType, WrongType};
use crate::model::Kind;
use crate::resolve::{
    Cause, Configured, Effects, Environment, FaultInUse, Kwarg, Project, Section, short_name,
};

pub(super) static RULE: Rule = Rule {
    id: "kwarg-wrong-type",
    level: Level::Error,
    group: Group::Backend,
    summary: "A keyword of the backend's kwargs has a value of a type or form that it cannot take",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/kwarg-wrong-type.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let Some(backend) = configured.backend() else { continue };
        let faults = environment.faults(configured);
        for kwarg in environment.keywords(configured) {
            let parameter = backend.parameter(&kwarg.name).filter(|_| !kwarg.own_variable);
            let effects = environment.effects(configured, &kwarg.name);
            let Some((parameter, effects)) = parameter.zip(effects) else { continue };
            if effects.used_where(|_| true).is_none() {
                continue;
            }
            let fault = faults.iter().find(|it| it.fault.cause == Cause::Value(kwarg.name.clone()));
            let case = Case { environment, configured, backend, parameter, effects, kwarg };
            let found = case.null().or_else(|| case.other_value()).or_else(|| case.text_for_boolean());
            let found = found.or_else(|| case.list_too_early()).or_else(|| case.other_type());
            let found = found.or_else(|| case.unknown_member()).or_else(|| case.refused(fault?));
            findings.extend(found.map(|found| found.in_environment(&environment.name)));
        }
    }
}

struct Case<'a> {
    environment: &'a Environment,
    configured: &'a Configured,
    backend: &'static Backend,
    parameter: &'static Parameter,
    effects: Effects,
    kwarg: &'a Kwarg,
}

impl Case<'_> {
    fn finding(&self, message: String) -> Finding {
        let reads = [Effect::Used, Effect::Deprecated];
        Finding::new(&RULE, self.kwarg.value_place, message)
            .at_most(if self.effects.all(&reads) { Level::Error } else { Level::Warning })
            .label(format!("should be {}", self.parameter.value_type))
    }

    fn null(&self) -> Option<Finding> {
        let consequence = self.parameter.null.as_ref().filter(|_| self.kwarg.is_null())?;
        let name = &self.parameter.name;
        let is_servers = self.configured.section == Section::Secrets;
        let mut kinds = Kind::ALL.into_iter().filter(|_| is_servers);
        let message = match kinds.find_map(|kind| self.environment.name(kind, "<key>")) {
            Some(asked) => format!("`{name}` is null: Airflow asks for `{asked}`"),
            None => format!("`{name}` is null: {consequence}"),
        };
        let default = self.parameter.default_text().unwrap_or_default();
        let finding = self.finding(message).note(consequence);
        Some(finding.help(format!("write `\"\"` for no text, or remove it for `\"{default}\"`")))
    }

    fn other_value(&self) -> Option<Finding> {
        let text = self.kwarg.plain()?;
        let refused = |version: &_| !self.parameter.takes(text, version);
        let always = self.effects.used_where(refused)?;
        let sometimes = !always && !self.effects.used_where(|version| !refused(version))?;
        (always || sometimes && self.effects.settled).then_some(())?;
        let given = |name: &str| {
            let keywords = self.environment.keywords(self.configured);
            keywords.iter().any(|other| other.name == name && other.is_truthy())
        };
        let read = self.parameter.read_with.as_deref().is_none_or(given);
        let unfinished =
            !self.kwarg.placeholders().is_empty() || !self.kwarg.unexpanded().is_empty();
        if !read || unfinished {
            return None;
        }
        let name = &self.parameter.name;
        let values: Vec<_> = self.parameter.values()?.collect();
        let since = values.iter().find_map(|(value, from)| from.filter(|_| *value == text));
        let package = short_name(&self.backend.package);
        let message = match since {
            Some(since) => {
                format!("`{name}` is `{text}`, which {package} takes from {since} on only")
            }
            None => format!("`{name}` is `{text}`, which is none of its values"),
        };
        let allowed: Vec<_> = values.iter().map(|(value, _)| *value).collect();
        let near = nearest(text, allowed.iter().copied()).filter(|_| since.is_none());
        let help = match (since, near) {
            (Some(since), _) => format!("require {package} {since} or later, or give another value"),
            (None, Some(near)) => format!("write `{near}`"),
            (None, None) => format!("write one of `{}`", allowed.join("`, `")),
        };
        let finding = self.finding(message).label("not a value of it").help(help);
        let finding = if always { finding } else { finding.at_most(Level::Warning) };
        let finding = match (near, self.kwarg.part(0..text.len())) {
            (Some(near), Some(place)) => {
                let safety =
                    if near.eq_ignore_ascii_case(text) { Safety::Safe } else { Safety::Unsafe };
                let edit = Edit { place, replacement: near.to_owned() };
                finding.fix(format!("Write `{near}`"), safety, vec![edit])
            }
            _ => finding,
        };
        Some(match &self.parameter.note {
            Some(note) => finding.note(format!("`{name}`: {note}")),
            None => finding,
        })
    }

    fn text_for_boolean(&self) -> Option<Finding> {
        let off = ["false", "no", "off", "0"].into_iter().find(|word| self.kwarg.is_text(word))?;
        if self.parameter.value_type != ValueType::Boolean {
            return None;
        }
        let name = &self.parameter.name;
        let finding = self
            .finding(format!("`{name}` is the text `\"{off}\"`, which counts as true"))
            .at_most(Level::Warning)
            .note("Python takes every text for true unless it is empty")
            .help("write `false` without quotes");
        Some(self.replaced_by(finding, "false"))
    }

    fn list_too_early(&self) -> Option<Finding> {
        let since = self.parameter.list_from.as_ref().filter(|_| self.kwarg.is_list())?;
        let early = self.effects.used_where(|version| version < since)?;
        let late = self.effects.used_where(|version| version >= since)?;
        if late || (!early && !self.effects.settled) {
            return None;
        }
        let (name, package) = (&self.parameter.name, short_name(&self.backend.package));
        let why = self.parameter.wrong_type.as_ref().map_or("", |wrong| wrong.why.as_str());
        Some(
            self.finding(format!("`{name}` is a list, which {package} takes from {since} on only"))
                .at_most(if early { Level::Error } else { Level::Warning })
                .note(format!("with {package} below {since} Airflow does not start: {why}"))
                .help(format!("write one string, or require {package} {since} or later")),
        )
    }

    fn other_type(&self) -> Option<Finding> {
        let wrong = self.parameter.wrong_type.as_ref()?;
        let expected = self.parameter.value_type;
        if self.kwarg.is_null() || self.kwarg.is_a(expected) {
            return None;
        }
        let (name, found) = (&self.parameter.name, self.kwarg.type_or_constant());
        if let Some(falsy) = wrong.falsy.as_ref().filter(|_| !self.kwarg.is_truthy()) {
            let finding = self
                .finding(format!("`{name}` is {found}, not {expected}: {falsy}"))
                .at_most(Level::Warning)
                .help("write `\"\"` for no prefix, or `null` to never ask for that kind");
            return (!falsy.is_empty()).then_some(finding);
        }
        let certain = self.fails_everywhere(wrong);
        let finding = self
            .finding(format!("`{name}` is {found}, not {expected}: {}", consequence(wrong.effect)))
            .at_most(if certain { Level::Error } else { Level::Warning })
            .note(wrong.why.clone());
        Some(match self.kwarg.digits().filter(|_| expected == ValueType::Integer) {
            Some(digits) => {
                self.replaced_by(finding.help(format!("write `{digits}` without quotes")), digits)
            }
            None => finding.help(format!("write {expected}")),
        })
    }

    /// A name inside the value that means nothing there.
    fn unknown_member(&self) -> Option<Finding> {
        let members = self.parameter.members.as_ref()?;
        let is_known = |name: &str| members.names.iter().any(|known| known == name);
        let (found, place) = self.kwarg.members().find(|(name, _)| !is_known(name))?;
        let certain = self.effects.used_where(|version| *version >= members.from)?;
        if !certain && !self.effects.settled {
            return None;
        }
        let name = &self.parameter.name;
        let message = format!("`{name}` has `{found}`, which is none of its names: lookups fail");
        let finding = Finding::new(&RULE, place, message)
            .at_most(if certain { Level::Error } else { Level::Warning })
            .label("not a name of it")
            .note(members.why.clone());
        Some(match nearest(found, members.names.iter().map(String::as_str)) {
            Some(near) => finding.help(format!("write `{near}`")),
            None => finding.help(format!("write one of `{}`", members.names.join("`, `"))),
        })
    }

    /// A value that the class or its client refuses for what it says.
    fn refused(&self, fault: &FaultInUse) -> Option<Finding> {
        let unfinished = !self.kwarg.placeholders().is_empty()
            || !self.kwarg.unexpanded().is_empty()
            || self.kwarg.is_dynamic();
        if unfinished {
            return None;
        }
        let message = format!("{}: {}", fault.fault.what, fault.consequence());
        let mut finding = Finding::new(&RULE, self.kwarg.value_place, message)
            .at_most(if fault.always { Level::Error } else { Level::Warning })
            .label("refused");
        if !fault.fault.exception.is_empty() {
            finding = finding.note(fault.raised());
        }
        if let Some(when) = fault.when(self.configured) {
            finding = finding.note(format!("so it is {when}, which may be installed"));
        }
        Some(match &self.parameter.note {
            Some(note) => finding.note(format!("`{}`: {note}", self.parameter.name)),
            None => finding,
        })
    }

    fn fails_everywhere(&self, wrong: &WrongType) -> bool {
        let known = |version: &_| wrong.from.as_ref().is_none_or(|from| version >= from);
        self.effects.used_where(known) == Some(true)
    }

    fn replaced_by(&self, finding: Finding, text: &str) -> Finding {
        let edit = Edit { place: self.kwarg.value_place, replacement: text.to_owned() };
        finding.fix("Remove the quotes", Safety::Safe, vec![edit])
    }
}

const fn consequence(effect: Effect) -> &'static str {
    match effect {
        Effect::StartupError => "Airflow does not start",
        Effect::LookupError => "lookups fail",
        _ => "it is not read as meant",
    }
}
