//! Keywords of which only running things can tell what they hold: what they decide is not known, and
//! everything else is.

use super::fault::Fault;
use super::kwargs::Kwarg;
use super::lookup::{Lookup, Outcome};
use super::start::{Names, Start};
use crate::model::Kind;

/// The keyword that nothing can be said without.
#[must_use]
pub(super) fn decisive<'a>(start: &Start<'a>) -> Option<&'a Kwarg> {
    let decides = |kwarg: &Kwarg| {
        let parameter = start.backend.parameter(&kwarg.name);
        kwarg.has_dynamic_name() || parameter.is_some_and(|it| it.shapes_answers)
    };
    let mut dynamic = start.keywords.iter().filter(|kwarg| kwarg.is_dynamic());
    dynamic.find(|kwarg| decides(kwarg)).copied()
}

/// A backend of which the prefix or the pattern of some kinds is not known.
#[derive(Debug)]
pub(super) struct PartlyKnown {
    backend: Box<dyn Names>,
    /// The kinds, each with the keyword.
    unknown: Vec<(Kind, String)>,
}

impl PartlyKnown {
    /// `backend` as far as it is known.
    #[must_use]
    pub(super) fn wrap(backend: Box<dyn Names>, start: &Start<'_>) -> Box<dyn Names> {
        let dynamic = start.keywords.iter().filter(|kwarg| kwarg.is_dynamic());
        let unknown: Vec<(Kind, String)> = dynamic
            .filter_map(|kwarg| Some((decided_by(&kwarg.name)?, kwarg.name.clone())))
            .collect();
        if unknown.is_empty() { backend } else { Box::new(Self { backend, unknown }) }
    }

    fn keyword(&self, kind: Kind) -> Option<&str> {
        let unknown = self.unknown.iter().find(|(unknown, _)| *unknown == kind);
        unknown.map(|(_, keyword)| keyword.as_str())
    }
}

/// The kind whose names hang on the parameter `name`: `variables_prefix`, `config_lookup_pattern`.
fn decided_by(name: &str) -> Option<Kind> {
    let endings = ["prefix", "path", "label", "lookup_pattern", "file_path", "data_key"];
    Kind::ALL.into_iter().find(|kind| {
        let rest = name.strip_prefix(kind.parameter_stem());
        // `configs_file_path`
        let rest = rest.map(|rest| rest.strip_prefix('s').unwrap_or(rest));
        rest.and_then(|rest| rest.strip_prefix('_')).is_some_and(|rest| endings.contains(&rest))
    })
}

impl Names for PartlyKnown {
    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        self.keyword(kind).is_none().then(|| self.backend.name(kind, key)).flatten()
    }

    fn joined(&self, kind: Kind, key: &str) -> Option<String> {
        self.keyword(kind).is_none().then(|| self.backend.joined(kind, key)).flatten()
    }

    fn faults(&self) -> Vec<(Option<Kind>, &Fault)> {
        self.backend.faults()
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        match self.keyword(kind) {
            Some(keyword) => Lookup::none(
                Outcome::Unknown,
                format!("what `{keyword}` holds is only known when it runs"),
            ),
            None => self.backend.lookup(kind, key),
        }
    }
}
