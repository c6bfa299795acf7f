//! Snippets, and what is known of what stands around their lookups.

use std::path::Path;

use super::super::{Locals, ModuleFile, Reference, references, summarize};
use super::*;
use crate::model::FileId;
use crate::read::python::parse;

const IMPORTS: &str = "
from airflow.models import Variable
from airflow.hooks.base import BaseHook
from airflow.exceptions import AirflowException
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from contextlib import suppress
import logging, json, os, subprocess
log = logging.getLogger(__name__)
";

fn first(source: &str) -> (Reference, String) {
    let source = format!("{IMPORTS}{source}\n");
    let path = Path::new("project/dags/a.py");
    let locals = Locals::new(Path::new("project"), std::iter::once(path));
    let summary = summarize(&parse(&source).unwrap(), &locals, "").0;
    let file = ModuleFile { path, summary, file: FileId(0), is_root: true };
    let mut found = references(Path::new("project"), vec![file]);
    found.retain(|it| matches!(it.operation, Operation::Get | Operation::Use));
    (found.swap_remove(0), source)
}

#[test]
fn handlers_are_met_from_the_inside() {
    let key_error = ["KeyError", "LookupError"];
    for (source, expected) in [
        ("Variable.get('k')", vec![]),
        ("try: Variable.get('k')\nexcept KeyError: pass", vec![Some(true)]),
        ("try: Variable.get('k')\nexcept (ValueError, LookupError): pass", vec![Some(true)]),
        ("try: Variable.get('k')\nexcept AirflowException: pass", vec![Some(false)]),
        ("try: Variable.get('k')\nexcept: pass", vec![Some(true)]),
        ("try: Variable.get('k')\nexcept Exception as e: pass", vec![Some(true)]),
        ("try: Variable.get('k')\nexcept some_list: pass", vec![Some(false)]),
        ("E = (KeyError, ValueError)\ntry: Variable.get('k')\nexcept E: pass", vec![None]),
        ("with suppress(KeyError): Variable.get('k')", vec![Some(true)]),
        (
            "try:\n try: Variable.get('k')\n except ValueError: pass\nexcept KeyError: pass",
            vec![Some(false), Some(true)],
        ),
        ("try: pass\nexcept KeyError: Variable.get('k')", vec![]),
        ("try: pass\nexcept KeyError: pass\nelse: Variable.get('k')", vec![]),
        ("try:\n def f(): Variable.get('k')\nexcept KeyError: pass", vec![]),
        ("try:\n for x in y: Variable.get('k')\nexcept KeyError: pass", vec![Some(true)]),
        ("try: a()\nexcept KeyError: pass\nVariable.get('k')", vec![]),
    ] {
        let caught = first(source).0.around.caught;
        let found: Vec<_> = caught.iter().map(|it| it.catches.any_of(&key_error)).collect();
        assert_eq!(found, expected, "{source}");
    }
}

#[test]
fn a_handler_may_raise_again_or_be_there_for_a_subscript() {
    for (source, reraises, subscript) in [
        ("try: Variable.get('k')\nexcept KeyError: raise", true, false),
        ("try: Variable.get('k')\nexcept KeyError: x = 1", false, false),
        ("try: x['a'] = Variable.get('k')\nexcept KeyError: x = 1", false, false),
        ("try: x = Variable.get(a['k'])\nexcept KeyError: x = 1", false, false),
        (
            "try: x = Variable.get('k', deserialize_json=True)['a']\nexcept KeyError: x = 1",
            false,
            true,
        ),
        ("try:\n x = Variable.get('k')\n y = d['a']\nexcept KeyError: x = 1", false, true),
    ] {
        let caught = first(source).0.around.caught.swap_remove(0);
        assert_eq!((caught.reraises, caught.guards_subscript), (reraises, subscript), "{source}");
    }
}

#[test]
fn values_are_followed_to_logs_and_command_lines() {
    use Part::{Extra, Member, Password, Uri, Whole};
    let log = |name: &str| Way::Log(name.to_owned());
    let command = |name: &str| Way::Command(name.to_owned());
    let member = |name: &str| Member(name.to_owned());
    for (source, expected) in [
        ("print(Variable.get('k'))", vec![(log("print"), Whole)]),
        ("x = Variable.get('k')\nprint(f'x: {x}')", vec![(log("print"), Whole)]),
        ("x = Variable.get('k')\nlog.info('x: %s', x)", vec![(log("log.info"), Whole)]),
        (
            "def f(self):\n x = Variable.get('k')\n self.log.info(x)",
            vec![(log("self.log.info"), Whole)],
        ),
        ("logging.getLogger('a').info(Variable.get('k'))", vec![(log("info"), Whole)]),
        ("x = Variable.get('k')\ny = 'a' + x\nprint('%s' % y)", vec![(log("print"), Whole)]),
        (
            "x = Variable.get('k', deserialize_json=True)\nprint(x['a']['b'])",
            vec![(log("print"), member("b"))],
        ),
        ("x = json.loads(Variable.get('k'))\nprint(x.get('a'))", vec![(log("print"), member("a"))]),
        ("c = BaseHook.get_connection('k')\nprint(c.password)", vec![(log("print"), Password)]),
        (
            "c = BaseHook.get_connection('k')\np = c.get_password()\nprint(p)",
            vec![(log("print"), Password)],
        ),
        ("print(BaseHook.get_connection('k').get_uri())", vec![(log("print"), Uri)]),
        ("c = BaseHook.get_connection('k')\nprint(c.extra)", vec![(log("print"), Extra)]),
        (
            "c = BaseHook.get_connection('k')\nprint(c.extra_dejson['a'])",
            vec![(log("print"), member("a"))],
        ),
        (
            "c = BaseHook.get_connection('k')\nprint(json.loads(c.extra)['a'])",
            vec![(log("print"), member("a"))],
        ),
        (
            "c = BaseHook.get_connection('k')\nBashOperator(bash_command=f'x {c.password}')",
            vec![(command("bash_command"), Password)],
        ),
        (
            "c = BaseHook.get_connection('k')\nsubprocess.run(['psql', c.get_uri()])",
            vec![(command("subprocess.run"), Uri)],
        ),
        ("os.system('x ' + Variable.get('k'))", vec![(command("os.system"), Whole)]),
        ("from subprocess import run\nrun(Variable.get('k'))", vec![(command("run"), Whole)]),
        ("c = BaseHook.get_connection('k')\nprint(c.host, c)", vec![]),
        (
            "c = BaseHook.get_connection('k')\nBashOperator(bash_command='x', env={'P': c.password})",
            vec![],
        ),
        ("c = BaseHook.get_connection('k')\nsubprocess.run(['x'], env={'P': c.password})", vec![]),
        ("x = Variable.get('k')\nprint(len(x), x[:4], x == 'a', hash(x))", vec![]),
        ("x = Variable.get('k')\nx = 'other'\nprint(x)", vec![]),
        ("def f(x): print(x)\nf(Variable.get('k'))", vec![]),
        ("x = Variable.get('k')\nx = x + x\nprint(x)", vec![(log("print"), Whole)]),
        ("if __name__ == '__main__':\n print(Variable.get('k'))", vec![]),
        ("catalog.info(Variable.get('k'))", vec![]),
        ("math.log(Variable.get('k'))", vec![]),
        (
            "BashOperator(bash_command='x {{ conn.k.password }}')",
            vec![(command("bash_command"), Password)],
        ),
        (
            "C = 'x {{ conn.k.get_uri() }}'\nBashOperator(bash_command=C)",
            vec![(command("bash_command"), Uri)],
        ),
        (
            "BashOperator(bash_command=f'x {{{{ var.value.k }}}} {y}')",
            vec![(command("bash_command"), Whole)],
        ),
        (
            "BashOperator(bash_command='x {{ var.json.k.a.b }}')",
            vec![(command("bash_command"), member("b"))],
        ),
        (
            "BashOperator(bash_command='x {{ conn.k.extra_dejson.a }}')",
            vec![(command("bash_command"), member("a"))],
        ),
        (
            "BashOperator(bash_command='x {{ conn.k.host }}', env={'P': '{{ conn.k.password }}'})",
            vec![],
        ),
        (
            "h = PostgresHook(postgres_conn_id='k')\nprint(h.get_uri(), h.schema)",
            vec![(log("print"), Uri)],
        ),
        (
            "print(PostgresHook(postgres_conn_id='k').connection.password)",
            vec![(log("print"), Password)],
        ),
    ] {
        let outlets = first(source).0.around.outlets;
        let found: Vec<_> = outlets.into_iter().map(|it| (it.way, it.part)).collect();
        assert_eq!(found, expected, "{source}");
    }
}

/// The source with the edits of a template, without the imports.
fn templated(source: &str) -> Option<String> {
    let (reference, source) = first(source);
    let template = reference.around.as_template?;
    let mut text = source.clone();
    let mut edits = template.edits;
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, replacement) in edits {
        text.replace_range(span.start..span.end, &replacement);
    }
    assert!(parse(&text).unwrap().errors.is_empty(), "{text}");
    Some(text.strip_prefix(IMPORTS).unwrap().trim().to_owned())
}

#[test]
fn what_is_only_handed_on_can_be_a_template() {
    for (source, expected) in [
        (
            "BashOperator(bash_command=Variable.get('k'))",
            r#"BashOperator(bash_command="{{ var.value.k }}")"#,
        ),
        (
            "X = Variable.get('k')\nBashOperator(bash_command=X)",
            "X = \"{{ var.value.k }}\"\nBashOperator(bash_command=X)",
        ),
        (
            "X = Variable.get('my-k')\nBashOperator(bash_command=f'a {X}', env={'X': X})",
            "X = \"{{ var.value['my-k'] }}\"\nBashOperator(bash_command=f'a {X}', env={'X': X})",
        ),
        (
            "X = Variable.get('k', default_var='d e')\nPythonOperator.partial(op_args=[X, 'a' + X])",
            "X = \"{{ var.value.get('k', 'd e') }}\"\nPythonOperator.partial(op_args=[X, 'a' + X])",
        ),
        (
            "BashOperator(bash_command=Variable.get('k', deserialize_json=True)['a']['b-c'])",
            r#"BashOperator(bash_command="{{ var.json.k.a['b-c'] }}")"#,
        ),
        (
            "X = Variable.get('k', deserialize_json=True)\nBashOperator(bash_command=X['items'], env={'A': X['a']})",
            "BashOperator(bash_command=\"{{ var.json.k['items'] }}\", env={'A': \"{{ var.json.k.a }}\"})",
        ),
    ] {
        assert_eq!(templated(source).as_deref(), Some(expected), "{source}");
    }
    for source in [
        "X = Variable.get('k')",
        "print(Variable.get('k'))",
        "X = Variable.get('k')\nBashOperator(bash_command=X)\nprint(X)",
        "X = Variable.get('k')\nBashOperator(bash_command=X if X else '')",
        "X = Variable.get('k')\nBashOperator(bash_command=X, cwd=X)",
        "X = Variable.get('k')\nBashOperator(bash_command=X.strip())",
        "X = Variable.get('k')\nBashOperator(bash_command=f'{X!r}')",
        "X = Variable.get('k')\nBashOperator(bash_command=X['a'])",
        "X = Variable.get('k')\nX = X + 'a'\nBashOperator(bash_command=X)",
        "X = Variable.get('k')\nBashOperator(env={X: 'a'})",
        "X = int(Variable.get('k'))\nBashOperator(bash_command=X)",
        "X = Variable.get('k', default_var=None)\nBashOperator(bash_command=X)",
        "X = Variable.get('k', default_var=\"it's\")\nBashOperator(bash_command=X)",
        "X = Variable.get('k', deserialize_json=True)\nBashOperator(bash_command=X)",
        "X = Variable.get('k', deserialize_json=True)\nBashOperator(bash_command=f'{X[\"a\"]}')",
        "BashOperator(bash_command=f'{Variable.get(\"k\")}')",
        "class BashOperator: pass\nBashOperator(bash_command=Variable.get('k'))",
        "for i in range(3): BashOperator(bash_command=Variable.get('k'))",
        "BashOperator(bash_command=Variable.get(f'{k}'))",
        "BashOperator(bash_command=Variable.get('get'))",
    ] {
        assert_eq!(templated(source), None, "{source}");
    }
}
