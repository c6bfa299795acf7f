//! Names that are bound to texts and never used: what such a text asks for, nobody asks.

use crate::model::references::scope::{Bound, MODULE, ScopeKind, Scopes};
use crate::text::Span;

/// Names through which code reaches others that it does not name.
const ALL_NAMES: [&str; 5] = ["globals", "locals", "vars", "eval", "exec"];

/// The values of a file under names that nothing in it reads.
pub(in crate::model::references) struct Unused<'tree> {
    /// In the order of the source, with the names that other files can import.
    values: Vec<(Span, Holder<'tree>)>,
}

/// Who else may use a value.
#[derive(Clone, Copy)]
pub(in crate::model::references) enum Holder<'tree> {
    /// Other files, which import this name.
    Module(&'tree str),
    /// Nobody.
    Function,
}

impl<'tree> Unused<'tree> {
    /// Those of the functions and the top level of a file; attributes of classes are read by others.
    pub(in crate::model::references) fn of(scopes: &Scopes<'tree>) -> Self {
        let mut values = Vec::new();
        if ALL_NAMES.iter().any(|name| scopes.read.contains(name)) {
            return Self { values };
        }
        let functions =
            scopes.all().filter(|(_, scope)| !matches!(scope.kind, ScopeKind::Class(_)));
        for (id, scope) in functions {
            for (name, bindings) in &scope.names {
                if scopes.read.contains(name) {
                    continue;
                }
                let exported = bindings.iter().any(|it| it.block.is_none()) || id == MODULE;
                values.extend(bindings.iter().filter_map(|it| match it.bound {
                    Bound::Value(value) if exported => Some((value.span, Holder::Module(name))),
                    Bound::Value(value) => Some((value.span, Holder::Function)),
                    _ => None,
                }));
            }
        }
        values.sort_by_key(|(span, _)| span.start);
        Self { values }
    }

    /// Who else may use what stands at `span`, where the file itself does not.
    pub(in crate::model::references) fn holder(&self, span: Span) -> Option<Holder<'tree>> {
        let before = self.values.partition_point(|(value, _)| value.start <= span.start);
        let (value, holder) = self.values.get(before.checked_sub(1)?)?;
        value.contains(span).then_some(*holder)
    }
}
