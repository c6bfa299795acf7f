//! Puts together what one file says by itself.

use super::context;
use super::definitions::{classes, exports, functions};
use super::forms;
use super::given::calls;
use super::hooks;
use super::keys::key_of;
use super::scope::{MODULE, Scopes};
use super::summary::{Draft, Owner, Summary, owner};
use super::timing::Timings;
use super::{Key, Literal, Locals, Reference, Timing, around, bypass, literals, templates, value};
use crate::model::FileId;
use crate::read::python::Module;

/// What `module` says, which lies at `below` in its project, and the credentials in it; `locals` are the first
/// names of the modules that belong to the project. To be called on a thread with a stack of [`crate::limits::STACK`] bytes; never fails,
/// and takes time linear in the file.
#[must_use]
pub fn summarize(module: &Module, locals: &Locals, below: &str) -> (Summary, Vec<Literal>) {
    let scopes = Scopes::new(&module.body, locals, below);
    let mut summary = of_scopes(&scopes);
    summary.drafts.extend(context::drafts(&scopes));
    if !scopes.strings.is_empty() {
        let timings;
        (timings, summary) = Timings::alone(summary);
        let known = known(&summary.drafts);
        let templates = templates::of_code(&scopes, &timings, &known, FileId(0));
        let unused = templates::Unused::of(&scopes);
        summary.drafts.extend(templates.into_iter().map(|(it, key)| settled(it, key, &unused)));
    }
    summary.drafts.sort_by_key(|it| (it.reference.span.start, it.reference.span.end));
    around::describe(&scopes, &module.body, &mut summary.drafts);
    around::describe(&scopes, &module.body, &mut summary.pending);
    summary.bypasses = bypass::drafts(&scopes);
    let literals = literals::literals(&scopes, &summary.drafts);
    (summary, literals)
}

/// What the calls and definitions of a file say.
fn of_scopes(scopes: &Scopes<'_>) -> Summary {
    let mut summary = Summary::default();
    let uses = hooks::uses(scopes);
    let holders = hooks::holders(scopes);
    summary.hooks = hooks::elsewhere(scopes);
    let imports_own = scopes.imports.iter().any(|(path, _)| scopes.locals.hold(path));
    for site in &scopes.calls {
        let before = summary.drafts.len();
        forms::of_call(scopes, site, &mut summary.drafts);
        if imports_own {
            summary.pending.extend(forms::of_other_files(scopes, site));
        }
        for draft in summary.drafts.iter_mut().skip(before) {
            draft.used_by = uses.get(&site.span).cloned().unwrap_or_default();
            draft.lent_as = holders.get(&site.span).cloned().unwrap_or_default();
        }
    }
    forms::of_dicts(scopes, &mut summary.drafts);
    forms::of_stores(scopes, &mut summary.drafts);
    summary.functions = functions(scopes);
    summary.classes = classes(scopes);
    summary.exports = exports(scopes);
    summary.stars = scopes.get(MODULE).map(|module| module.stars.clone()).unwrap_or_default();
    summary.stars.retain(|module| scopes.locals.hold(module) || forms::is_airflows(module));
    summary.default_args = forms::default_args(scopes);
    summary.changes = scopes.changes.elsewhere(scopes);
    calls(scopes, &mut summary);
    let imports = scopes.imports.iter().filter(|(path, _)| scopes.locals.hold(path));
    summary.imports = imports.map(|(path, place)| (path.clone(), owner(scopes, *place))).collect();
    summary
}

/// The references, with keys as far as the file tells them.
fn known(drafts: &[Draft]) -> Vec<Reference> {
    let reference = |draft: &Draft| {
        let key = key_of(draft.values.clone(), draft.reference.key_span, false);
        Reference { key: key.unwrap_or(Key::Dynamic), ..draft.reference.clone() }
    };
    drafts.iter().map(reference).collect()
}

/// A reference whose timing no other file changes, with what its key may be.
fn settled(
    mut reference: Reference,
    key: Vec<value::Value>,
    unused: &templates::Unused<'_>,
) -> Draft {
    let mut held_by = None;
    if reference.timing == Timing::Unknown
        && let Some(holder) = unused.holder(reference.span)
    {
        match holder {
            templates::UnusedHolder::Module(name) => held_by = Some(name.to_owned()),
            templates::UnusedHolder::Function => reference.timing = Timing::Never,
        }
    }
    let timing = Some(reference.timing);
    Draft { timing, held_by, ..Draft::new(reference, key, Owner::Import) }
}
