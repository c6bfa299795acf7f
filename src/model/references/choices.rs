//! Keeps together what belongs together: the names that one turn of a loop gives, the arguments of one
//! call. What is looked at is looked at once for each turn, and everything in it sees the same turn.

use std::cell::{Cell, RefCell};

use super::value::MAX_ALTERNATIVES;

/// The choices that a question comes to: which turn of a loop, which of several calls.
pub(super) struct Choices<K> {
    /// Those that are made.
    made: RefCell<Vec<(K, usize)>>,
    /// Those that are not.
    open: RefCell<Vec<Open<K>>>,
    /// How often any was asked for.
    asked: Cell<usize>,
    /// Whether the question is looked at in turns already.
    in_turns: Cell<bool>,
    /// Whether each choice has to be made, also one that is asked for once.
    apart: Cell<bool>,
}

struct Open<K> {
    choice: K,
    /// Of how many.
    among: usize,
    /// How often it was asked for: nothing else has to agree with what is asked for once.
    times: usize,
}

impl<K> Default for Choices<K> {
    fn default() -> Self {
        Self {
            made: RefCell::default(),
            open: RefCell::default(),
            asked: Cell::new(0),
            in_turns: Cell::new(false),
            apart: Cell::new(false),
        }
    }
}

impl<K: Copy + PartialEq> Choices<K> {
    /// Which of `among` things counts in this turn; `None` for all of them.
    pub(super) fn made(&self, choice: K, among: usize) -> Option<usize> {
        if among < 2 {
            return None;
        }
        self.asked.set(self.asked.get() + 1);
        if let Some((_, number)) = self.made.borrow().iter().rev().find(|(it, _)| *it == choice) {
            return Some(*number);
        }
        if self.in_turns.get() {
            let mut open = self.open.borrow_mut();
            let times = if self.apart.get() { 2 } else { 1 };
            match open.iter_mut().find(|it| it.choice == choice) {
                Some(it) => it.times += times,
                None => open.push(Open { choice, among, times }),
            }
        }
        None
    }

    /// What `step` gives for each way to make the choices that it asks for more than once. Where those
    /// are too many it is what `step` gives without any.
    pub(super) fn each<T>(&self, step: impl Fn() -> T) -> Vec<T> {
        if self.in_turns.replace(true) {
            return vec![step()];
        }
        let outside = self.made.borrow().len();
        let mut all = Vec::new();
        let mut whole = None;
        let mut waiting = vec![Vec::new()];
        while let Some(choices) = waiting.pop() {
            self.made.borrow_mut().extend(choices.iter().copied());
            self.open.borrow_mut().clear();
            let result = step();
            self.made.borrow_mut().truncate(outside);
            let again =
                self.open.borrow().iter().find(|it| it.times > 1).map(|it| (it.choice, it.among));
            let Some((choice, among)) = again else {
                all.push(result);
                continue;
            };
            whole.get_or_insert(result);
            if all.len() + waiting.len() + among > MAX_ALTERNATIVES {
                all = whole.into_iter().collect();
                break;
            }
            let turn = |number| choices.iter().copied().chain([(choice, number)]).collect();
            waiting.extend((0..among).rev().map(turn));
        }
        self.open.borrow_mut().clear();
        self.in_turns.set(false);
        all
    }

    /// What `step` gives where it is the turn `number` of `choice`.
    pub(super) fn with<T>(&self, choice: K, number: usize, step: impl FnOnce() -> T) -> T {
        self.made.borrow_mut().push((choice, number));
        let result = step();
        self.made.borrow_mut().pop();
        result
    }

    /// What `step` gives, where what several turns give cannot stand beside each other: its choices
    /// have to be made.
    pub(super) fn apart<T>(&self, step: impl FnOnce() -> T) -> T {
        let before = self.apart.replace(true);
        let result = step();
        self.apart.set(before);
        result
    }

    /// How often any choice was asked for so far: what asks for none is the same in every turn.
    pub(super) fn asked(&self) -> usize {
        self.asked.get()
    }
}

#[cfg(test)]
mod tests {
    use crate::model::references::Key;
    use crate::model::references::tests::{in_files, key};

    const VARIABLE: &str = "from airflow.models import Variable\n";

    #[test]
    fn what_one_test_decides_stays_together() {
        for (code, expected) in [
            (
                "a = 'p' if X == 'prod' else 'd'\nb = '1' if X == 'prod' else '2'\nVariable.get(f'{a}_{b}')",
                "p_1 | d_2",
            ),
            (
                "if is_prod(X): a = 'p'\nelse: a = 'd'\nVariable.get(a + ('1' if is_prod(X) else '2'))",
                "p1 | d2",
            ),
            (
                "if X: a = 'p'\nelse: a = 'd'\nif X: b = '1'\nelse: b = '2'\nVariable.get(a + b)",
                "p1 | d2",
            ),
            (
                "a = 'p' if X else 'd'\nb = '1' if Y else '2'\nVariable.get(a + b)",
                "p1 | p2 | d1 | d2",
            ),
            (
                "X = f()\na = 'p' if X else 'd'\nX = g()\nb = '1' if X else '2'\nVariable.get(a + b)",
                "p1 | p2 | d1 | d2",
            ),
        ] {
            let source = format!("{VARIABLE}{code}");
            let keys: Vec<_> =
                in_files(&[("dags/a.py", &source)]).iter().map(|it| key(&it.key)).collect();
            assert_eq!(keys.join(" / "), expected, "{code}");
        }
    }

    #[test]
    fn what_a_turn_or_a_call_gives_stays_together() {
        for (code, expected) in [
            ("for n, c in [('a', '1'), ('b', '2')]: Variable.get(f'{n}_{c}')", "a_1 | b_2"),
            ("for n, c in [('a', '1'), ('b', '2')]: Variable.get(n + '_' + c)", "a_1 | b_2"),
            ("for n, c in [('a', '1'), ('b', '2')]: Variable.get('%s_%s' % (n, c))", "a_1 | b_2"),
            ("for n, c in [('a', '1'), ('b', '2')]: Variable.get('_'.join([n, c]))", "a_1 | b_2"),
            ("for n, c in zip(['a', 'b'], ('1', '2')): Variable.get(n + c)", "a1 | b2"),
            ("for i, n in enumerate(['a', 'b'], 1): Variable.get(f'{n}{i}')", "a1 | b2"),
            ("for i, (n, c) in enumerate(zip('ab', OPEN)): Variable.get(f'{n}{i}')", "?"),
            ("for n, c in {'a': '1', 'b': '2'}.items(): Variable.get(n + c)", "a1 | b2"),
            ("D = {'a': '1', 'b': '2'}\nfor n in D: Variable.get(n + D[n])", "a1 | b2"),
            (
                "CS = [{'c': 'a', 'x': '1'}, {'c': 'b', 'x': '2'}]\nfor c in CS: Variable.get(c['c'] + c['x'])",
                "a1 | b2",
            ),
            (
                "CS = [{'c': 'a', 'x': ['1', '2']}, {'c': 'b', 'x': ['3']}]\nfor c in CS:\n for x in c['x']: Variable.get(c['c'] + x)",
                "a1 | a2 | b3",
            ),
            ("for a in 'x', 'y':\n for b in '1', '2': Variable.get(a + b)", "x1 | x2 | y1 | y2"),
            ("for n in 'a', 'b':\n m = n + '_x'\n Variable.get(f'{n}_{m}')", "a_a_x | b_b_x"),
            ("e = 'p' if X else 'd'\nVariable.get(f'{e}_{e}')", "p_p | d_d"),
            (
                "if X:\n n = 'a'\n c = '1'\nelse:\n n = 'b'\n c = '2'\nVariable.get(n + c)",
                "a1 | b2",
            ),
            (
                "n = c = 'x'\nif X:\n n = 'a'\n if Y: c = '1'\nelif Z: n, c = 'b', '2'\nVariable.get(n + c)",
                "ax | a1 | b2 | xx",
            ),
            (
                "if X:\n n = 'a'\nelse:\n n = 'b'\ndef f(): Variable.get(f'{n}_{n}')\nf()",
                "a_a | b_b",
            ),
            (
                "ks = [f'{n}{c}' for n, c in [('a', '1'), ('b', '2')]]\nfor k in ks: Variable.get(k)",
                "a1 | b2",
            ),
            ("[Variable.get(n + c) for n, c in [('a', '1'), ('b', '2')]]", "a1 | b2"),
            ("D = {n: n + c for n, c in [('a', '1'), ('b', '2')]}\nVariable.get(D['b'])", "b2"),
            ("def f(n, c): Variable.get(f'{n}_{c}')\nf('a', '1')\nf('b', c='2')", "a_1 | b_2"),
            (
                "def f(n, c): Variable.get(f'{n}_{c}')\nfor n, c in [('a', '1'), ('b', '2')]: f(n, c)",
                "a_1 | b_2",
            ),
            (
                "def f(n, c): Variable.get(f'{n}_{c}')\nfor kw in [{'n': 'a', 'c': '1'}, {'n': 'b', 'c': '2'}]: f(**kw)",
                "a_1 | b_2",
            ),
            (
                "def f(n, c): Variable.get(n + c)\nfor n, c in [('a', '1'), ('b', '2')]: X(python_callable=f, op_kwargs={'n': n, 'c': c})",
                "a1 | b2",
            ),
            (
                "def f(n, c): Variable.get(n + c)\nfor n, c in [('a', '1'), ('b', '2')]: X(on=partial(f, n, c))",
                "a1 | b2",
            ),
            (
                "def g(n, c): f(n, c)\ndef f(n, c): Variable.get(n + c)\ng('a', '1')\ng('b', '2')",
                "a1 | b2",
            ),
            (
                "def f(cs):\n for c in cs: Variable.get(c['n'] + c['c'])\nf([{'n': 'a', 'c': '1'}])\nf([{'n': 'b', 'c': '2'}, {'n': 'c', 'c': '3'}])",
                "a1 | b2 | c3",
            ),
            ("def f(e): return f'{e}_{e}'\nVariable.get(f('p' if X else 'd'))", "p_p | d_d"),
            (
                "def f(e): return e\nVariable.get(f('a' if X else 'b') + f('c' if Y else 'd'))",
                "ac | ad | bc | bd",
            ),
            (
                "class A:\n def __init__(self, n, c):\n  self.n = n\n  self.c = c\n def f(self): Variable.get(self.n + self.c)\nA('a', '1')\nA('b', '2')",
                "a1 | b2",
            ),
            (
                "@dataclass\nclass A:\n n: str\n c: str\n def f(self): Variable.get(self.n + self.c)\nA('a', '1')\nA('b', '2')",
                "a1 | b2",
            ),
        ] {
            let found = in_files(&[("dags/a.py", &format!("{VARIABLE}{code}"))]);
            let keys: Vec<_> = found.iter().map(|it| key(&it.key)).collect();
            assert_eq!(keys, [expected], "{code}");
        }
    }

    #[test]
    fn turns_of_another_file_stay_together() {
        let names = "CS = [{'c': 'a', 'x': '1'}, {'c': 'b', 'x': '2'}]\nPAIRS = [('a', '1'), ('b', '2')]\nD = {'a': '1', 'b': '2'}\nE = 'p' if X else 'd'\n";
        for (code, expected) in [
            ("for c in CS: Variable.get(c['c'] + c['x'])", "a1 | b2"),
            ("for n, c in PAIRS: Variable.get(f'{n}_{c}')", "a_1 | b_2"),
            ("for n, c in D.items(): Variable.get(f'{n}_{c}')", "a_1 | b_2"),
            ("Variable.get(f'{E}_{E}')", "p_p | d_d"),
            ("def f(n, c): Variable.get(n + c)\nfor n, c in PAIRS: f(n, c)", "a1 | b2"),
            ("for a in CS:\n for b in CS: Variable.get(a['c'] + b['x'])", "a1 | a2 | b1 | b2"),
        ] {
            let code = format!("{VARIABLE}from include.names import *\n{code}");
            let found = in_files(&[("dags/a.py", &code), ("include/names.py", names)]);
            let keys: Vec<_> = found.iter().map(|it| key(&it.key)).collect();
            assert_eq!(keys, [expected], "{code}");
        }
    }

    #[test]
    fn each_turn_comes_up_unless_something_leaves_it_out() {
        let pairs = "[('a', '1'), ('b', '2')]";
        for (code, each) in [
            ("for n, c in PAIRS: Variable.get(n + c)", true),
            ("for n, c in PAIRS:\n if x(n): Variable.get(n + c)", false),
            ("for n, c in PAIRS:\n if x(n): continue\n Variable.get(n + c)", false),
            ("def f(n, c): Variable.get(n + c)\nfor n, c in PAIRS: f(n, c)", true),
            ("def f(n, c): Variable.get(n + c)\nfor n, c in PAIRS:\n if x(n): f(n, c)", false),
            ("def f(n, c): Variable.get(n + c)\nf('a', '1')\nf('b', '2')", true),
            ("e = 'p' if X else 'd'\nVariable.get(f'{e}_{e}')", false),
        ] {
            let found =
                in_files(&[("dags/a.py", &format!("{VARIABLE}{}", code.replace("PAIRS", pairs)))]);
            let found: Vec<_> =
                found.iter().map(|it| (matches!(it.key, Key::OneOf(_)), it.asks_each)).collect();
            assert_eq!(found, [(true, each)], "{code}");
        }
    }

    #[test]
    fn comprehensions_leave_out_what_their_conditions_do() {
        for (condition, expected) in [
            ("n != 'b'", "a | c"),
            ("n in ('a', 'b')", "a | b"),
            ("n not in SKIP", "a | c"),
            ("n.startswith('a') or n.endswith('c')", "a | c"),
            ("not n == 'a' and n", "b | c"),
            ("n < x", "a | b | c"),
            ("n != 'b' and ask(n)", "a | c"),
            ("len(n) > 3", "a | b | c"),
        ] {
            for form in [
                "for k in [n for n in NS if COND]: Variable.get(k)",
                "[Variable.get(k) for k in [n for n in NS if COND]]",
                "for k in {n: 1 for n in NS if COND}: Variable.get(k)",
            ] {
                let code = format!(
                    "{VARIABLE}SKIP = ['b']\nNS = ['a', 'b', 'c']\n{}",
                    form.replace("COND", condition)
                );
                let found = in_files(&[("dags/a.py", &code)]);
                let keys: Vec<_> = found.iter().map(|it| key(&it.key)).collect();
                assert_eq!(keys, [expected], "{code}");
            }
        }
    }
}
