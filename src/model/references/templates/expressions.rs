//! What the expressions of a template may be, and the lookups in them.

use super::lookups::{Access, Lookup, Reading, When};
use super::names::{MAX_ALTERNATIVES, Value, Values};
use super::texts::{as_key, changed, joined, known, parts};
use super::words::{self, Source};
use crate::facts::templates;
use crate::model::Kind;
use crate::model::references::DefaultArgument;
use crate::model::references::value::unknown;
use crate::read::jinja::{Argument, Call, Expr, ExprKind, Filter, is_hole};
use crate::read::python::tree::Name;
use crate::text::{Span, Spanned, Text};

/// So many members are followed.
const MAX_MEMBERS: usize = 8;

impl Reading<'_> {
    /// What an expression may be; the lookups in it are noted on the way.
    pub(super) fn value(&mut self, expr: &Expr) -> Values {
        let mut values = self.any_value(expr);
        if values.len() > MAX_ALTERNATIVES {
            values = vec![Value::Unknown];
        }
        values
    }

    fn any_value(&mut self, expr: &Expr) -> Values {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name),
            ExprKind::Str(text) => vec![Value::Text(parts(text, self.opens))],
            ExprKind::None | ExprKind::Constant => vec![Value::Nothing],
            ExprKind::Attribute(owner, name) => {
                let owners = self.value(owner);
                let name_of_key = Text::verbatim(&name.node, name.span.start);
                let key = vec![Value::Text(parts(&name_of_key, self.opens))];
                self.member(&owners, &key, name.span, Access::Attribute, expr)
            }
            ExprKind::Item(owner, index) => {
                let owners = self.value(owner);
                let key = self.value(index);
                self.member(&owners, &key, index.span, Access::Item, expr)
            }
            ExprKind::Call(call) => self.call(call, expr),
            ExprKind::Filter(filter) => self.filter(filter, expr),
            ExprKind::Joined(parts) => {
                let pieces: Vec<Values> = parts.iter().map(|part| self.value(part)).collect();
                joined(pieces)
            }
            ExprKind::Conditional(it) => {
                self.value(&it.test);
                let mut values = self.value(&it.body);
                values.extend(it.otherwise.iter().flat_map(|it| self.value(it)));
                values
            }
            ExprKind::Or(parts) => parts.iter().flat_map(|part| self.value(part)).collect(),
            ExprKind::List(parts) => {
                vec![Value::list(parts.iter().map(|part| self.value(part)).collect())]
            }
            ExprKind::Other(_) => {
                let mut parts = Vec::new();
                expr.each_child(&mut |child| parts.push(child));
                for part in parts {
                    self.value(part);
                }
                vec![Value::Unknown]
            }
        }
    }

    fn name(&mut self, name: &str) -> Values {
        let values = match self.names.get(name) {
            Some(values) => values.clone(),
            None => vec![match name {
                "var" => Value::Var,
                "conn" => Value::Accessor(Source::Connection),
                "params" => Value::Params,
                _ => Value::Unknown,
            }],
        };
        // A macro that is only named may be called by something else.
        for value in &values {
            if let Value::Macro(id) = value {
                self.calls.entry(self.inside()).or_default().push(*id);
            }
        }
        values
    }

    /// `owner.key` and `owner[key]`.
    fn member(
        &mut self,
        owners: &[Value],
        key: &[Value],
        key_span: Span,
        access: Access,
        expr: &Expr,
    ) -> Values {
        let plain = match key {
            [Value::Text(parts)] => known(parts).map(Text::expose),
            _ => None,
        };
        owners
            .iter()
            .flat_map(|owner| match (owner, plain) {
                (Value::Params, Some(name)) => self.names.param(name),
                (owner, plain) => vec![self.member_of(owner, plain, key, key_span, access, expr)],
            })
            .collect()
    }

    /// The member of one value; `plain` is its name, where that is known.
    fn member_of(
        &mut self,
        owner: &Value,
        plain: Option<&str>,
        key: &[Value],
        key_span: Span,
        access: Access,
        expr: &Expr,
    ) -> Value {
        match (owner, plain) {
            (Value::Var, Some("value")) => Value::Accessor(Source::Value),
            (Value::Var, Some("json")) => Value::Accessor(Source::Json),
            (Value::Var, Some("get")) => Value::VarGet,
            (Value::Accessor(source), Some("get")) => Value::Get(*source),
            (Value::Accessor(_), Some(name)) if name.starts_with("__") => Value::Unknown,
            (Value::Accessor(source), _) => self.ask(*source, key, key_span, access, expr),
            (Value::Answer(number), Some(name)) => {
                self.member_of_answer(*number, name, key_span, access);
                self.take(*number, name)
            }
            (Value::Member(number), Some(name)) => self.take(*number, name),
            _ => Value::Unknown,
        }
    }

    /// Notes that `name` is taken of what a lookup finds.
    fn take(&mut self, number: usize, name: &str) -> Value {
        match self.lookups.get_mut(number) {
            Some((lookup, _)) if lookup.members.len() < MAX_MEMBERS => {
                lookup.members.push(name.to_owned());
                Value::Member(number)
            }
            _ => Value::Unknown,
        }
    }

    /// A lookup of `key`, unless it is certain to be no text.
    fn ask(
        &mut self,
        source: Source,
        key: &[Value],
        key_span: Span,
        access: Access,
        expr: &Expr,
    ) -> Value {
        let Some(key) = as_key(key) else { return Value::Unknown };
        let lookup = Lookup {
            kind: source.kind(),
            access,
            key_span,
            span: expr.span,
            callee: source.callee(access).to_owned(),
            deserialize_json: source == Source::Json,
            default: None,
            meant: None,
            members: Vec::new(),
            when: When::Rendered,
            key,
        };
        self.push(source, lookup)
    }

    fn push(&mut self, source: Source, mut lookup: Lookup) -> Value {
        let name = match lookup.key.as_slice() {
            [key] => key.known().map(Text::expose),
            _ => None,
        };
        let is_own = name == Some("var") && lookup.access != Access::Get;
        let is_part = source == Source::Connection
            && name.is_some_and(|name| templates().is_connection_attribute(name));
        if is_own || is_part {
            // In Airflow 2 the accessors have an attribute `var`.
            lookup.when = When::Perhaps;
        }
        if lookup.access == Access::Attribute {
            let is_bound =
                |name: &str| self.names.get(name).is_some() || templates().is_in_context(name);
            lookup.meant = words::longer_name(self.text, lookup.key_span, source, is_bound);
        }
        let inside = self.inside();
        self.lookups.push((lookup, inside));
        Value::Answer(self.lookups.len() - 1)
    }

    /// `var.value.my.key`: text has no attribute `key`.
    fn member_of_answer(&mut self, number: usize, name: &str, span: Span, access: Access) {
        let Some((lookup, _)) = self.lookups.get_mut(number) else { return };
        let is_plain = lookup.callee == Source::Value.callee(Access::Attribute)
            && lookup.access == Access::Attribute
            && access == Access::Attribute
            && lookup.meant.as_ref().is_none_or(|it| it.span.end + 1 == span.start);
        let is_method = name.starts_with("__") || templates().is_text_method(name);
        if is_plain && !is_method && !name.contains(is_hole) {
            lookup.meant = words::dotted_name(self.text, lookup.key_span, span);
        }
    }

    fn call(&mut self, call: &Call, expr: &Expr) -> Values {
        let functions = self.value(&call.function);
        let arguments: Vec<Values> =
            call.arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let given = |wanted: Option<&Argument>| {
            let wanted = wanted?;
            let at = call.arguments.iter().position(|it| std::ptr::eq(it, wanted))?;
            Some((arguments.get(at)?, wanted.value.span))
        };
        let first = given(call.positional(0));
        let unpacked = call.arguments.iter().find(|it| it.is_unpacked).map(|it| it.value.span);
        functions
            .iter()
            .map(|function| match function {
                Value::VarGet => match first.map(|(values, _)| values.as_slice()) {
                    Some([Value::Text(parts)]) => match known(parts).map(Text::expose) {
                        Some("value") => Value::Accessor(Source::Value),
                        Some("json") => Value::Accessor(Source::Json),
                        _ => Value::Unknown,
                    },
                    _ => Value::Unknown,
                },
                Value::Get(source) => {
                    let mut parameters = source.key_parameters().iter();
                    let named = parameters.find_map(|name| given(call.keyword(name)));
                    let (key, key_span) = match (named.or(first), unpacked) {
                        (Some((values, span)), _) => (as_key(values), span),
                        (None, Some(span)) => (Some(unknown()), span),
                        (None, None) => return Value::Unknown,
                    };
                    let Some(key) = key else { return Value::Unknown };
                    let lookup = Lookup {
                        kind: source.kind(),
                        access: Access::Get,
                        key,
                        key_span,
                        span: expr.span,
                        callee: source.callee(Access::Get).to_owned(),
                        deserialize_json: *source == Source::Json,
                        default: default(call),
                        meant: None,
                        members: Vec::new(),
                        when: When::Rendered,
                    };
                    self.push(*source, lookup)
                }
                Value::Function(kind) => match first {
                    Some((values, span)) => self.function(*kind, values, span, expr),
                    None => Value::Unknown,
                },
                _ => Value::Unknown,
            })
            .collect()
    }

    /// A call of a function that the DAG gives to its templates, which looks its argument up.
    fn function(&mut self, kind: Kind, key: &[Value], key_span: Span, expr: &Expr) -> Value {
        let Some(key) = as_key(key) else { return Value::Unknown };
        let name = match &expr.kind {
            ExprKind::Call(call) => call.function.span.of(self.text),
            ExprKind::Filter(filter) => &filter.name.node,
            _ => "",
        };
        let lookup = Lookup {
            kind,
            access: Access::Function,
            key,
            key_span,
            span: expr.span,
            callee: name.to_owned(),
            deserialize_json: false,
            default: None,
            meant: None,
            members: Vec::new(),
            when: When::Rendered,
        };
        let inside = self.inside();
        self.lookups.push((lookup, inside));
        Value::Answer(self.lookups.len() - 1)
    }

    fn filter(&mut self, filter: &Filter, expr: &Expr) -> Values {
        let value = filter.value.as_ref();
        let values = value.map_or_else(|| vec![Value::Unknown], |value| self.value(value));
        let arguments: Vec<Values> =
            filter.arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let span = value.map_or(expr.span, |value| value.span);
        if let Some(Value::Function(kind)) = self.names.filter(&filter.name.node) {
            let kind = *kind;
            return vec![self.function(kind, &values, span, expr)];
        }
        match (filter.name.node.as_str(), arguments.first(), filter.arguments.first()) {
            ("attr", Some(key), Some(argument)) => {
                self.member(&values, &key.clone(), argument.value.span, Access::Item, expr)
            }
            ("lower", ..) => changed(values, str::to_lowercase),
            ("upper", ..) => changed(values, str::to_uppercase),
            ("trim", None, _) => changed(values, |text| text.trim().to_owned()),
            ("string", ..) => values,
            ("default" | "d", Some(other), _) => {
                let is_text = |value: &Value| matches!(value, Value::Text(_));
                if values.iter().all(is_text) {
                    values
                } else {
                    values.into_iter().chain(other.iter().cloned()).collect()
                }
            }
            _ => vec![Value::Unknown],
        }
    }
}

/// The default of a `get`.
fn default(call: &Call) -> Option<DefaultArgument> {
    let keywords = ["default", "default_var", "default_conn"];
    let named = keywords.iter().find_map(|name| call.keyword(name));
    named.or_else(|| call.positional(1)).map(|argument| DefaultArgument {
        keyword: argument.name.as_ref().map(|it| Spanned::new(Name::new(&it.node), it.span)),
        span: argument.value.span,
        is_none: matches!(argument.value.kind, ExprKind::None),
    })
}
