//! Whether a condition holds, as far as what it compares is known: which elements a comprehension
//! leaves out, which value a function returns for these arguments.

use super::evaluate::values;
use super::names::Question;
use super::scope::{Place, at};
use super::value::{Step, Value, stepped};
use crate::read::python::tree::{Comparison, Expr, ExprKind};

/// How many operands of one condition are looked at.
const MAX_OPERANDS: usize = 16;

/// A condition, with what its operands may be.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// Two values compared.
    Compared(Vec<Value>, Comparison, Vec<Value>),
    /// A value that is true or not.
    Truth(Vec<Value>),
    /// `text.startswith(…)` and its like.
    Test(Test, Vec<Value>, Vec<Value>),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// A method of text that says yes or no.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Test {
    StartsWith,
    EndsWith,
}

/// The condition that `expr` is at `place`.
pub(super) fn condition(question: &Question<'_, '_>, expr: &Expr, place: Place) -> Condition {
    let value = |expr: &Expr| values(question, expr, at(expr, place));
    let all = |parts: &[Expr]| -> Vec<Condition> {
        let part = |it: &Expr| question.deeper(|| condition(question, it, place));
        let parts = parts.iter().take(MAX_OPERANDS).map(part);
        parts.map(|it| it.unwrap_or(Condition::Truth(Vec::new()))).collect()
    };
    match &expr.kind {
        ExprKind::Not(inner) => match all(std::slice::from_ref(&**inner)).pop() {
            Some(inner) => Condition::Not(Box::new(inner)),
            None => Condition::Truth(Vec::new()),
        },
        ExprKind::And(parts) if parts.len() <= MAX_OPERANDS => Condition::All(all(parts)),
        ExprKind::Or(parts) if parts.len() <= MAX_OPERANDS => Condition::Any(all(parts)),
        ExprKind::Compare(parts, operators) if parts.len() <= MAX_OPERANDS => {
            let pairs = parts.iter().zip(parts.iter().skip(1)).zip(operators);
            let compared = |((left, right), operator): ((&Expr, &Expr), &Comparison)| {
                Condition::Compared(value(left), *operator, value(right))
            };
            Condition::All(pairs.map(compared).collect())
        }
        ExprKind::Call(call) => {
            if let ExprKind::Attribute(text, method) = &call.function.kind
                && let Some(given) = call.positional(0).filter(|_| call.arguments.len() == 1)
                && let Some(test) = test(&method.node)
            {
                return Condition::Test(test, value(text), value(&given.value));
            }
            Condition::Truth(value(expr))
        }
        ExprKind::True => Condition::All(Vec::new()),
        ExprKind::False => Condition::Any(Vec::new()),
        _ => Condition::Truth(value(expr)),
    }
}

fn test(method: &str) -> Option<Test> {
    match method {
        "startswith" => Some(Test::StartsWith),
        "endswith" => Some(Test::EndsWith),
        _ => None,
    }
}

impl Condition {
    /// Whether it holds; `None` where that is not known.
    pub(super) fn holds(&self) -> Option<bool> {
        match self {
            Self::Compared(left, comparison, right) => compared(left, *comparison, right),
            Self::Truth(values) => truth(one(values)?),
            Self::Test(test, subject, given) => {
                let subject = one(subject)?.known()?.expose();
                let is_it = |given: &Value| {
                    let given = given.known()?.expose();
                    Some(match test {
                        Test::StartsWith => subject.starts_with(given),
                        Test::EndsWith => subject.ends_with(given),
                    })
                };
                match one(given)? {
                    Value::List(several) => any(several.iter().map(|it| is_it(one(it)?))),
                    given => is_it(given),
                }
            }
            Self::Not(inner) => inner.holds().map(|it| !it),
            Self::All(parts) => any(parts.iter().map(|it| it.holds().map(|it| !it))).map(|it| !it),
            Self::Any(parts) => any(parts.iter().map(Self::holds)),
        }
    }

    /// The same with what `of` makes of its values.
    pub(super) fn map(&self, of: &impl Fn(&[Value]) -> Vec<Value>) -> Self {
        let all = |parts: &[Self]| parts.iter().map(|it| it.map(of)).collect();
        match self {
            Self::Compared(left, comparison, right) => {
                Self::Compared(of(left), *comparison, of(right))
            }
            Self::Truth(values) => Self::Truth(of(values)),
            Self::Test(test, subject, given) => Self::Test(*test, of(subject), of(given)),
            Self::Not(inner) => Self::Not(Box::new(inner.map(of))),
            Self::All(parts) => Self::All(all(parts)),
            Self::Any(parts) => Self::Any(all(parts)),
        }
    }

    /// All values in it.
    pub(super) fn each_value<'a>(&'a self, visit: &mut impl FnMut(&'a Value)) {
        match self {
            Self::Compared(left, _, right) | Self::Test(_, left, right) => {
                left.iter().chain(right).for_each(visit);
            }
            Self::Truth(values) => values.iter().for_each(visit),
            Self::Not(inner) => inner.each_value(visit),
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.each_value(&mut *visit);
                }
            }
        }
    }
}

fn one(values: &[Value]) -> Option<&Value> {
    match values {
        [value] => Some(value),
        _ => None,
    }
}

/// Whether one of `parts` holds.
fn any(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(false);
    for part in parts {
        match part {
            Some(true) => return Some(true),
            Some(false) => {}
            None => all = None,
        }
    }
    all
}

/// Whether a value is taken for true.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Parts(_) => value.known().map(|text| !text.expose().is_empty()),
        Value::Number(_) | Value::List(_) => Some(!value.is_false()),
        // Of what nothing is known of besides that it is no text.
        Value::Nothing | Value::Many(_) | Value::Dict(_) | Value::Object(_) | Value::Member(_) => {
            None
        }
    }
}

fn compared(left: &[Value], comparison: Comparison, right: &[Value]) -> Option<bool> {
    match comparison {
        Comparison::Eq => same(one(left)?, one(right)?),
        Comparison::NotEq => same(one(left)?, one(right)?).map(|it| !it),
        Comparison::In => contains(one(right)?, one(left)?),
        Comparison::NotIn => contains(one(right)?, one(left)?).map(|it| !it),
        _ => {
            let (left, right) = (number(one(left)?)?, number(one(right)?)?);
            match comparison {
                Comparison::Lt => Some(left < right),
                Comparison::LtE => Some(left <= right),
                Comparison::Gt => Some(left > right),
                Comparison::GtE => Some(left >= right),
                _ => None,
            }
        }
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(digits) => digits.expose().parse().ok(),
        _ => None,
    }
}

fn same(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Number(_), Value::Number(_)) => Some(number(left)? == number(right)?),
        (Value::Number(_), Value::Parts(_)) => right.known().map(|_| false),
        (Value::Parts(_), Value::Number(_)) => left.known().map(|_| false),
        _ => Some(left.known()?.expose() == right.known()?.expose()),
    }
}

fn contains(whole: &Value, part: &Value) -> Option<bool> {
    match whole {
        Value::Parts(_) => {
            let (whole, part) = (whole.known()?.expose(), part.known()?.expose());
            Some(whole.contains(part))
        }
        Value::List(elements) => any(elements.iter().map(|it| same(one(it)?, part))),
        Value::Dict(_) => {
            let keys = stepped(std::slice::from_ref(whole), &Step::Each);
            any(keys.iter().map(|it| same(it, part)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::model::references::tests::{in_files, key};

    const VARIABLE: &str = "from airflow.models import Variable\n";

    #[test]
    fn helpers_return_what_their_conditions_lead_to() {
        let helper = "def f(env, n=1):\n if env == 'prod':\n  return 'a'\n elif env in ('dev', 'test'):\n  return 'b' if n > 1 else 'c'\n if ask(env):\n  return 'd'\n return 'e_' + env\n";
        for (call, expected) in [
            ("f('prod')", "a"),
            ("f('dev')", "c"),
            ("f('test', n=2)", "b"),
            ("f('qa')", "d | e_qa"),
            ("f(X)", "a | c | d | e_*"),
            ("f(X, Y)", "a | b | c | d | e_*"),
            ("f('prod' if X else 'dev')", "a | c"),
            ("f('prod') + f('dev')", "ac"),
        ] {
            for (code, other) in [
                (format!("{VARIABLE}{helper}Variable.get({call})"), ""),
                (format!("{VARIABLE}from include.h import f\nVariable.get({call})"), helper),
            ] {
                let found = in_files(&[("dags/a.py", &code), ("include/h.py", other)]);
                let keys: Vec<_> = found.iter().map(|it| key(&it.key)).collect();
                assert_eq!(keys, [expected], "{code}");
            }
        }
    }

    #[test]
    fn what_may_return_before_is_not_left_out() {
        for (body, expected) in [
            (" for x in y:\n  if e == 'p':\n   return 'a'\n return 'b'", "a | b"),
            (" try:\n  g()\n except E:\n  return 'a'\n return 'b'", "a | b"),
            (" if e == 'p':\n  pass\n else:\n  return 'a'\n return 'b'", "b"),
            (" if e == 'p':\n  if ask():\n   return 'a'\n return 'b'", "a | b"),
            (" if e != 'p': return 'a'", "?"),
            (" if e.startswith('p') and len(e): return 'a'\n return 'b'", "a | b"),
            (" return {'p': 'a', 'd': 'b'}[e]", "a"),
            (" return {'d': 'b'}.get(e, 'z')", "z"),
            (" D = {'p': 'a', 'd': 'b'}\n return D.get(e)", "a"),
        ] {
            let code = format!("{VARIABLE}def f(e):\n{body}\nVariable.get(f('p'))");
            let found = in_files(&[("dags/a.py", &code)]);
            let keys: Vec<_> = found.iter().map(|it| key(&it.key)).collect();
            assert_eq!(keys, [expected], "{code}");
        }
    }

    #[test]
    fn conditional_expressions_are_decided_where_they_can_be() {
        for (code, expected) in [
            ("E = 'prod'\nVariable.get('a' if E == 'prod' else 'b')", "a"),
            ("for n in 'x', 'y': Variable.get(n + ('_a' if n == 'x' else '_b'))", "x_a | y_b"),
            ("Variable.get('a' if E == 'prod' else 'b')", "a | b"),
        ] {
            let found = in_files(&[("dags/a.py", &format!("{VARIABLE}{code}"))]);
            let keys: Vec<_> = found.iter().map(|it| key(&it.key)).collect();
            assert_eq!(keys, [expected], "{code}");
        }
    }
}
