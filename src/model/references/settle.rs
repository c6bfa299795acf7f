//! The references of a project: what its files ask for, with the keys and timing that all of them tell
//! together.

use super::forms;
use super::keys::key_of;
use super::link::Linker;
use super::program::{Function, Program, Target};
use super::summary::{Draft, Owner};
use super::timing::{Timings, node};
use super::value::Value;
use super::{Form, Key, KeyPart, ModuleId, Operation, Reference, Timing};
use crate::hash::{HashMap, HashSet};
use crate::model::FileId;
use crate::text::{Span, Text};

/// The references of a project, file by file in the order of the source; `file_of` gives the number
/// of a module's file.
pub(super) fn references(
    program: &mut Program,
    file_of: impl Fn(usize) -> FileId,
) -> Vec<Reference> {
    let mut drafts: Vec<Vec<Draft>> =
        program.modules.iter_mut().map(|it| std::mem::take(&mut it.summary.drafts)).collect();
    for (module, drafts) in drafts.iter_mut().enumerate() {
        let asked = asked_by_way_of_others(program, module);
        if !asked.is_empty() {
            // `get(conn_id="x")` is no use besides.
            let keys: HashSet<Span> = asked.iter().map(|it| it.reference.key_span).collect();
            drafts.retain(|it| !keys.contains(&it.reference.key_span));
            drafts.extend(asked);
            drafts.sort_by_key(|it| (it.reference.span.start, it.reference.span.end));
        }
    }
    let program = &*program;
    let timings = Timings::new(program);
    let lent = lent(program);
    // What asks on parsing: the call itself, or what is done with the hook that it makes.
    let at_parse = |module: usize, draft: &Draft| {
        let asks = draft.reference.operation != Operation::Use;
        let own = asks.then_some(draft.owner);
        let here = own.into_iter().chain(draft.used_by.iter().copied()).map(|it| (module, it));
        let names = draft.lent_as.iter();
        let there = names.filter_map(|name| lent.get(&(module, name.clone()))).flatten().copied();
        let mut by = here.chain(there);
        let by = by.find(|(module, it)| timings.of(*module, *it) == Timing::Parse);
        by.filter(|_| draft.timing.is_none()).and_then(|(module, it)| node(module, it))
    };
    let numbered = drafts.iter().enumerate();
    let nodes: HashSet<_> = numbered
        .flat_map(|(module, drafts)| drafts.iter().filter_map(move |it| at_parse(module, it)))
        .collect();
    let importers = timings.importers(&nodes, program.modules.len());
    let mut references = Vec::new();
    let mut given = HashMap::default();
    for (module, drafts) in drafts.into_iter().enumerate() {
        for draft in drafts {
            let parsing = at_parse(module, &draft);
            let parsed_with = parsing.and_then(|node| importers.get(&node));
            let timing = match (draft.timing, draft.owner, draft.reference.operation) {
                (Some(Timing::Unknown), _, _) if is_unused(program, module, &draft) => {
                    Timing::Never
                }
                (Some(timing), _, _) => timing,
                (None, Owner::Nobody, _) => Timing::Never,
                (None, ..) if parsing.is_some() => Timing::Parse,
                (None, owner, Operation::Use) if timings.of(module, owner) == Timing::Never => {
                    Timing::Never
                }
                (None, _, Operation::Use) => Timing::Run,
                (None, owner, _) => timings.of(module, owner),
            };
            if draft.taken_by.as_ref().is_some_and(|it| program.takes_other_first(module, it)) {
                continue;
            }
            if let Form::Default(parameter) = &draft.reference.form {
                let given = given.entry(module).or_insert_with(|| default_args(program, module));
                if given.contains(parameter) {
                    continue;
                }
            }
            let callers = callers_by_timing(program, &timings, module, &draft);
            let linkers: Vec<(Timing, Linker<'_>)> = match &callers {
                Some((function, callers)) => callers
                    .iter()
                    .map(|(timing, calls)| (*timing, Linker::among(program, *function, calls)))
                    .collect(),
                None => vec![(timing, Linker::new(program))],
            };
            let mut before: Vec<Key> = Vec::new();
            for (timing, linker) in linkers {
                let Some((key, is_each)) = key(&linker, module, &draft) else { continue };
                let Some(key) = without(key, &before) else { continue };
                before.extend(key.alternatives().iter().cloned());
                let asks_each = is_each && matches!(key, Key::OneOf(_));
                let mut reference = Reference {
                    key,
                    asks_each,
                    timing,
                    file: file_of(module),
                    ..draft.reference.clone()
                };
                if timing == Timing::Parse {
                    let modules = parsed_with.into_iter().flatten().copied();
                    reference.parsed_with = modules.map(ModuleId).collect();
                } else {
                    // Only what asks on parsing is better asked by a template.
                    reference.around.as_template = None;
                }
                references.push(reference);
            }
        }
    }
    references
}

/// What of `key` is none of `others`, which are asked for before.
fn without(key: Key, others: &[Key]) -> Option<Key> {
    if others.is_empty() {
        return Some(key);
    }
    let is_other = |key: &&Key| others.iter().all(|other| !other.is_same(key));
    let mut rest: Vec<Key> = key.alternatives().iter().filter(is_other).cloned().collect();
    if rest.len() > 1 { Some(Key::OneOf(rest)) } else { rest.pop() }
}

/// The key of a draft, and whether each of several is asked for; `None` where it asks for nothing.
fn key(linker: &Linker<'_>, module: usize, draft: &Draft) -> Option<(Key, bool)> {
    let (settled, is_each) = linker.settled_each(module, &draft.values, draft.takes_turns);
    let key = key_of(settled, draft.reference.key_span, draft.optional)?;
    let is_use = draft.reference.operation == Operation::Use;
    // Hooks take an empty id for none: `if self.aws_conn_id:`.
    if is_use && key.known().is_some_and(|key| key.expose().is_empty()) {
        return None;
    }
    let key = if is_use && is_template(&key) { Key::Dynamic } else { key };
    Some((key, is_each))
}

/// Calls, each by its module and number.
type Calls = Vec<(usize, usize)>;

/// The calls of the function in which a draft stands and to which they give its key, by when they are made;
/// `None` where all are made at the same time.
fn callers_by_timing(
    program: &Program,
    timings: &Timings,
    module: usize,
    draft: &Draft,
) -> Option<(Function, Vec<(Timing, Calls)>)> {
    let Owner::Function(function) = draft.owner else { return None };
    let asks = draft.timing.is_none() && draft.reference.operation != Operation::Use;
    if !asks || !draft.values.iter().any(|it| it.is_argument_of(function)) {
        return None;
    }
    let function = Function { module, function };
    // What is asked for earlier is listed once, then.
    let mut callers = [Timing::Parse, Timing::Run, Timing::Never].map(|it| (it, Calls::new()));
    for call in program.calls_of(function) {
        let timing = match program.caller(*call).map(|owner| timings.of(call.0, owner)) {
            Some(timing @ (Timing::Parse | Timing::Never)) => timing,
            _ => Timing::Run,
        };
        if let Some((_, calls)) = callers.iter_mut().find(|(it, _)| *it == timing) {
            calls.push(*call);
        }
    }
    let callers: Vec<_> = callers.into_iter().filter(|(_, calls)| !calls.is_empty()).collect();
    (callers.len() > 1).then_some((function, callers))
}

/// By module and name what other files use as a hook, and what runs the code that does.
fn lent(program: &Program) -> HashMap<(usize, String), Vec<(usize, Owner)>> {
    let mut lent: HashMap<_, Vec<_>> = HashMap::default();
    for (module, it) in program.modules.iter().enumerate() {
        for (path, owner) in &it.summary.hooks {
            if let Some(holder) = program.holder(module, path) {
                lent.entry(holder).or_default().push((module, *owner));
            }
        }
    }
    lent
}

/// What a module asks for by names that other files give to what asks.
fn asked_by_way_of_others(program: &mut Program, module: usize) -> Vec<Draft> {
    let pending = program.modules.get_mut(module).map(|it| std::mem::take(&mut it.summary.pending));
    let asked = |draft: Draft| match program.find(module, draft.asks_by.as_ref()?)? {
        Target::Foreign(paths, given) => forms::of_foreign(draft, &paths, given),
        _ => None,
    };
    pending.unwrap_or_default().into_iter().filter_map(asked).collect()
}

/// What the DAGs of a module give to their operators by what other modules hold.
fn default_args(program: &Program, module: usize) -> HashSet<String> {
    let Some(it) = program.modules.get(module) else { return HashSet::default() };
    let values = Linker::new(program).settled(module, &it.summary.default_args);
    let names = values.iter().flat_map(|value| match value {
        Value::Dict(items) => items.as_slice(),
        _ => &[],
    });
    names.filter_map(|(name, _)| Some(name.as_ref()?.expose().to_owned())).collect()
}

/// Whether it stands in a constant that neither its file nor another uses.
fn is_unused(program: &Program, module: usize, draft: &Draft) -> bool {
    draft.held_by.as_ref().is_some_and(|name| !program.is_imported(module, name))
}

/// The key that `values` of `module` make.
pub(super) fn settled_key(
    program: &Program,
    module: usize,
    values: &[Value],
    span: Span,
) -> Option<Key> {
    key_of(Linker::new(program).settled(module, values), span, true)
}

/// Whether a key has a template in it, which operators render before they ask.
fn is_template(key: &Key) -> bool {
    let has = |text: &Text| text.expose().contains("{{");
    match key {
        Key::Known(text) => has(text),
        Key::Pattern(parts) => {
            parts.iter().any(|part| matches!(part, KeyPart::Known(text) if has(text)))
        }
        Key::OneOf(keys) => keys.iter().any(is_template),
        Key::Dynamic => false,
    }
}
