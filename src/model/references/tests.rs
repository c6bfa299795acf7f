//! Snippets of DAG code, and what they ask for.

use proptest::prelude::*;

use super::*;
use crate::read::python::{Scan, parse};

fn found(source: &str) -> Vec<Reference> {
    in_files(&[("dags/dag.py", source)])
}

/// What files ask for together, without what nobody writes.
pub(super) fn in_files(files: &[(&str, &str)]) -> Vec<Reference> {
    let is_written = |it: &Reference| !matches!(it.form, Form::Default(_));
    in_all_files(files).into_iter().filter(is_written).collect()
}

fn in_all_files(files: &[(&str, &str)]) -> Vec<Reference> {
    let root = Path::new("project");
    let paths: Vec<_> = files.iter().map(|(path, _)| root.join(path)).collect();
    let locals = Locals::new(root, paths.iter().map(std::path::PathBuf::as_path));
    let sources =
        files.iter().zip(&paths).enumerate().map(|(number, ((_, text), path))| ModuleFile {
            path,
            summary: summarize(&parse(text).unwrap(), &locals, "").0,
            file: FileId(u32::try_from(number).unwrap()),
            is_root: !path.starts_with(root.join("include")),
        });
    references(root, sources.collect())
}

pub(super) fn key(key: &Key) -> String {
    match key {
        Key::OneOf(keys) => keys.iter().map(self::key).collect::<Vec<_>>().join(" | "),
        Key::Dynamic => "?".to_owned(),
        other => other.glob().unwrap(),
    }
}

/// `parse get variable x`, one for each reference.
fn shown(source: &str) -> Vec<String> {
    let shown = |it: &Reference| {
        format!("{:?} {:?} {} {}", it.timing, it.operation, it.kind, key(&it.key)).to_lowercase()
    };
    found(source).iter().map(shown).collect()
}

/// The keys of `source`, each with its timing.
fn timed(source: &str) -> Vec<String> {
    found(source).iter().map(|it| format!("{} {:?}", key(&it.key), it.timing)).collect()
}

fn keys(source: &str) -> Vec<String> {
    found(source).iter().map(|it| key(&it.key)).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_import_form_is_known() {
    for (source, form) in [
        ("from airflow.models import Variable\nVariable.get('k')", Form::Variable(Api::Models)),
        ("from airflow.models import Variable as V\nV.get('k')", Form::Variable(Api::Models)),
        (
            "from airflow.models.variable import Variable\nVariable.get('k')",
            Form::Variable(Api::Models),
        ),
        ("from airflow import models\nmodels.Variable.get('k')", Form::Variable(Api::Models)),
        ("import airflow.models as m\nm.Variable.get('k')", Form::Variable(Api::Models)),
        ("import airflow\nairflow.models.Variable.get('k')", Form::Variable(Api::Models)),
        ("import airflow.models\nairflow.models.Variable.get('k')", Form::Variable(Api::Models)),
        ("from airflow.models import *\nVariable.get('k')", Form::Variable(Api::Models)),
        ("from airflow.sdk import Variable\nVariable.get('k')", Form::Variable(Api::Sdk)),
        ("from airflow import sdk as s\ns.Variable.get('k')", Form::Variable(Api::Sdk)),
        (
            "from airflow.sdk.definitions.variable import Variable\nVariable.get('k')",
            Form::Variable(Api::Sdk),
        ),
        (
            "try:\n from airflow.sdk import Variable\nexcept ImportError:\n from airflow.models import Variable\nVariable.get('k')",
            Form::Variable(Api::Either),
        ),
        (
            "def f():\n from airflow.models import Variable\n Variable.get('k')\nf()",
            Form::Variable(Api::Models),
        ),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n from airflow.models import Variable\nVariable.get('k')",
            Form::Variable(Api::Models),
        ),
        (
            "from airflow.models import Variable\nget = Variable.get\nget('k')",
            Form::Variable(Api::Models),
        ),
        (
            "from airflow.models import Variable\nW = Variable\nW.get('k')",
            Form::Variable(Api::Models),
        ),
        (
            "from airflow.models import Variable\nclass W(Variable): pass\nW.get('k')",
            Form::Variable(Api::Models),
        ),
        (
            "from airflow.models import Variable\ngetattr(Variable, 'get')('k')",
            Form::Variable(Api::Models),
        ),
        (
            "import importlib\nm = importlib.import_module('airflow.models')\nm.Variable.get('k')",
            Form::Variable(Api::Models),
        ),
        (
            "from airflow.models import Connection\nConnection.get_connection_from_secrets('k')",
            Form::Connection(Api::Models),
        ),
        (
            "from airflow.models.connection import Connection\nConnection.get_connection_from_secrets(conn_id='k')",
            Form::Connection(Api::Models),
        ),
        ("from airflow.sdk import Connection\nConnection.get('k')", Form::Connection(Api::Sdk)),
        (
            "from airflow.hooks.base import BaseHook\nBaseHook.get_connection('k')",
            Form::BaseHook(Api::Models),
        ),
        (
            "from airflow.hooks.base_hook import BaseHook\nBaseHook.get_connections(conn_id='k')",
            Form::BaseHook(Api::Models),
        ),
        (
            "from airflow.hooks.base import BaseHook\nBaseHook().get_connection('k')",
            Form::BaseHook(Api::Models),
        ),
        (
            "from airflow.sdk import BaseHook\nBaseHook.get_connection('k').host",
            Form::BaseHook(Api::Sdk),
        ),
        (
            "from airflow.sdk.bases.hook import BaseHook\nBaseHook.get_connection('k')",
            Form::BaseHook(Api::Sdk),
        ),
        (
            "from airflow.providers.http.hooks.http import HttpHook\nHttpHook.get_connection('k')",
            Form::Hook,
        ),
        (
            "from airflow.providers.http.hooks.http import HttpHook\nhook = HttpHook()\nhook.get_connection('k')",
            Form::Hook,
        ),
        (
            "from airflow.hooks.base import BaseHook\nclass H(BaseHook):\n def get_conn(self):\n  return self.get_connection('k')",
            Form::BaseHook(Api::Models),
        ),
        (
            "from airflow.hooks.base import BaseHook\nclass H(BaseHook):\n def get_conn(self):\n  return super().get_connection('k')",
            Form::BaseHook(Api::Models),
        ),
        (
            "from x import HttpHook\nclass H(HttpHook):\n pass\nclass I(H):\n @classmethod\n def f(cls):\n  return cls.get_connection('k')",
            Form::Hook,
        ),
        ("X(aws_conn_id='k')", Form::Keyword("aws_conn_id".to_owned())),
        ("X.partial(conn_id='k')", Form::Keyword("conn_id".to_owned())),
    ] {
        let found = found(source);
        assert_eq!(found.len(), 1, "{source}");
        assert_eq!((key(&found[0].key).as_str(), &found[0].form), ("k", &form), "{source}");
    }
}

#[test]
fn what_another_file_imports_or_renames_is_known() {
    let models = Form::Variable(Api::Models);
    for (vv, code, form) in [
        (
            "from airflow.models import Variable",
            "from include.vv import Variable\nVariable.get('k')",
            &models,
        ),
        (
            "from airflow.models import Variable",
            "from include.vv import Variable as V\nV.get('k')",
            &models,
        ),
        (
            "from airflow.models import Variable as V",
            "from include import vv\nvv.V.get(key='k')",
            &models,
        ),
        (
            "from airflow.models import Variable\nget = Variable.get",
            "from include.vv import get\nget('k')",
            &models,
        ),
        (
            "from airflow.models import *",
            "from include.vv import Variable\nVariable.get('k')",
            &models,
        ),
        (
            "from airflow import models",
            "from include.vv import models as m\nm.Variable.get('k')",
            &models,
        ),
        (
            "from airflow.models import Variable\nclass V(Variable): pass",
            "from include.vv import V\nV.get('k')",
            &models,
        ),
        (
            "import functools\nfrom airflow.models import Variable\nget = functools.partial(Variable.get, default_var=None)",
            "from include.vv import get\nget('k')",
            &models,
        ),
        (
            "try:\n from airflow.sdk import Variable as V\nexcept ImportError:\n from airflow.models import Variable as V",
            "from include.vv import V\nV.get('k')",
            &Form::Variable(Api::Either),
        ),
        (
            "from airflow.hooks.base import BaseHook\nconn = BaseHook.get_connection",
            "from include.vv import conn\nconn(conn_id='k')",
            &Form::BaseHook(Api::Models),
        ),
        (
            "from airflow.sdk import Connection as C",
            "from include.vv import C\nC.get('k')",
            &Form::Connection(Api::Sdk),
        ),
    ] {
        let found = in_files(&[("dags/a.py", code), ("include/vv.py", vv)]);
        let found: Vec<_> = found.iter().map(|it| (key(&it.key), &it.form)).collect();
        assert_eq!(found, [("k".to_owned(), form)], "{vv}\n{code}");
    }
    for (vv, code) in [
        ("def get(k): return k", "from include.vv import get\nget('k')"),
        ("from other import Variable", "from include.vv import Variable\nVariable.get('k')"),
        ("class Variable: pass", "from include.vv import Variable\nVariable.get('k')"),
        ("from airflow.models import DagBag as V", "from include.vv import V\nV.get('k')"),
    ] {
        let found = in_files(&[("dags/a.py", code), ("include/vv.py", vv)]);
        assert_eq!(found.len(), 0, "{vv}\n{code}");
    }
}

#[test]
fn partial_gives_arguments_beforehand() {
    for (code, expected, default) in [
        ("get = functools.partial(Variable.get, default_var='d')\nget('k')", "k", true),
        ("get = functools.partial(Variable.get, 'k')\nget()", "k", false),
        ("get = functools.partial(Variable.get, 'k')\nget('d')", "k", true),
        ("get = functools.partial(Variable.get, key='k')\nget(default_var=1)", "k", true),
        ("def f():\n get = functools.partial(Variable.get)\n get('k')\nf()", "k", false),
    ] {
        let found = found(&format!("import functools\n{VARIABLE}{code}"));
        let found: Vec<_> =
            found.iter().map(|it| (key(&it.key), it.default.is_some(), it.timing)).collect();
        assert_eq!(found, [(expected.to_owned(), default, Timing::Parse)], "{code}");
    }
}

#[test]
fn other_classes_and_methods_ask_for_nothing() {
    for source in [
        "class Variable:\n @staticmethod\n def get(k): return k\nVariable.get('k')",
        "from other import Variable\nVariable.get('k')",
        "from .models import Variable\nVariable.get('k')",
        "Variable.get('k')",
        "{}.get('k')\nos.environ.get('k')",
        "from airflow.models import Variable\nVariable = object()\nVariable.get('k')",
        "from airflow.models import Variable\ndef f(Variable):\n Variable.get('k')",
        "from airflow.models import Variable\nVariable('k')\nVariable.find('k')",
        "from airflow.models import Variable\nVariable.get()",
        "session.query(C).filter_by(conn_id='k')",
        "'{conn_id}'.format(conn_id='k')",
        "X(conn_id=None)",
        "X(conn_ids='k', my_conn_ids='k', connection='k')",
        "class PoolHook:\n def get_connection(self, n): pass\nPoolHook().get_connection('k')",
        "pool.get_connection('k')",
        "class A:\n def f(self):\n  self.get_connection('k')",
        "# Variable.get('k')\n'''BaseHook.get_connection('k')'''",
    ] {
        assert_eq!(shown(source), Vec::<String>::new(), "{source}");
    }
}

/// The keys that nobody writes, of the references of `source`.
fn implicit(files: &[(&str, &str)]) -> Vec<String> {
    let found = in_all_files(files).into_iter();
    found.filter(|it| matches!(it.form, Form::Default(_))).map(|it| key(&it.key)).collect()
}

#[test]
fn defaults_are_asked_for_where_nothing_is_given() {
    let import = "from airflow.providers.amazon.aws.hooks.s3 import S3Hook\nfrom airflow.providers.slack.hooks.slack import SlackHook\n";
    for (code, expected) in [
        ("S3Hook()", vec!["aws_default"]),
        ("S3Hook(aws_conn_id='x')", vec![]),
        ("S3Hook(aws_conn_id='')", vec![]),
        ("SlackHook()", vec!["slack_api_default"]),
        ("SlackHook(token='x')", vec![]),
        ("DAG('d', default_args={'aws_conn_id': 'x'})\nS3Hook()", vec![]),
        ("from include.args import ARGS\nDAG('d', default_args=ARGS)\nS3Hook()", vec![]),
        ("from include.args import DAG_ARGS\n@dag(**DAG_ARGS)\ndef d(): S3Hook()", vec![]),
        (
            "from include.args import OTHER\nDAG('d', default_args=OTHER)\nS3Hook()",
            vec!["aws_default"],
        ),
        (
            "from include.args import ARGS\nDAG('d', default_args={**ARGS})\nS3Hook()",
            vec!["aws_default"],
        ),
    ] {
        let code = format!("{import}{code}");
        let args = "ARGS = {'aws_conn_id': 'x'}\nDAG_ARGS = {'default_args': ARGS}\nOTHER = {'retries': 1}";
        assert_eq!(
            implicit(&[("dags/a.py", &code), ("include/args.py", args)]),
            expected,
            "{code}"
        );
    }
}

/// `kind: key timing`, of the references of several files, by file and place.
fn together(files: &[(&str, &str)]) -> Vec<String> {
    let shown = |it: &Reference| format!("{} {:?}", key(&it.key), it.timing);
    in_files(files).iter().map(shown).collect()
}

const VARIABLE: &str = "from airflow.models import Variable\n";

#[test]
fn keys_come_from_other_files() {
    let names = "WAREHOUSE = 'snowflake'\nNAMES = {'a': 'one', 'b': 'two'}\nALL = ['x', 'y']\nclass C:\n  K = 'k'\nclass E(Enum):\n  M = 'm'\ndef made(env, kind='conn'):\n  return f'{env}_{kind}'\nfrom .deep import DEEP\nfrom .stars import *\n";
    for (code, expected) in [
        ("from include.names import WAREHOUSE\nX(conn_id=WAREHOUSE)", "snowflake"),
        ("from include.names import WAREHOUSE as W\nX(conn_id=W + '_ro')", "snowflake_ro"),
        ("from include import names\nX(conn_id=f'{names.WAREHOUSE}_ro')", "snowflake_ro"),
        ("import include.names\nX(conn_id=include.names.WAREHOUSE)", "snowflake"),
        ("import include.names as n\nX(conn_id=n.NAMES['b'])", "two"),
        ("from include.names import NAMES\nX(conn_id=NAMES.get('a', 'z'))", "one"),
        ("from include.names import NAMES\nX(conn_id=NAMES[env])", "one | two"),
        ("from include.names import ALL\nfor n in ALL:\n  X(conn_id=n)", "x | y"),
        ("from include.names import C, E\nX(conn_id=C.K)\nY(conn_id=E.M.value)", "k / m"),
        ("from include.names import made\nX(conn_id=made('dev'))", "dev_conn"),
        ("from include.names import made\nX(conn_id=made('dev', kind='id'))", "dev_id"),
        ("from include.names import DEEP\nX(conn_id=DEEP)", "deep"),
        ("from include.names import STAR\nX(conn_id=STAR)", "star"),
        ("from include.names import *\nX(conn_id=STAR)", "star"),
        ("from include.names import MISSING\nX(conn_id=MISSING)", "?"),
        ("from elsewhere.names import WAREHOUSE\nX(conn_id=WAREHOUSE)", "?"),
        ("from .beside import NAME\nX(conn_id=NAME)", "beside"),
        ("from beside import NAME\nX(conn_id=NAME)", "beside"),
        ("from dags.beside import NAME\nX(conn_id=NAME)", "beside"),
    ] {
        let found = in_files(&[
            ("dags/dag.py", code),
            ("dags/beside.py", "NAME = 'beside'"),
            ("include/names.py", names),
            ("include/deep.py", "from include.names import WAREHOUSE\nDEEP = 'deep'"),
            ("include/stars.py", "STAR = 'star'"),
        ]);
        let keys: Vec<_> = found.iter().map(|it| self::key(&it.key)).collect();
        assert_eq!(keys.join(" / "), expected, "{code}");
    }
}

#[test]
fn keys_come_from_callers() {
    for (code, expected) in [
        ("def f(k): Variable.get(k)\nf('a')\nf(k='b')", "a | b"),
        ("def f(k='d'): Variable.get(k)\nf()", "d"),
        ("def f(k='d'): Variable.get(k)", "d"),
        ("def f(k): Variable.get(k)", "?"),
        ("def f(k): Variable.get(k)\nf(*x)", "?"),
        ("def f(k): Variable.get(k)\nf(**{'k': 'a'})", "a"),
        ("def f(e): Variable.get(f'{e}_key')\nfor e in ('x', 'y'): f(e)", "x_key | y_key"),
        ("@task\ndef f(k): Variable.get(k)\nf.expand(k=['a', 'b'])", "a | b"),
        ("@task\ndef f(k): Variable.get(k)\nf.partial(k='a').expand(x=[1])", "a"),
        ("def f(k): Variable.get(k)\nPythonOperator(python_callable=f, op_kwargs={'k': 'a'})", "a"),
        ("def f(k): Variable.get(k)\nPythonOperator(python_callable=f, op_args=['a'])", "a"),
        ("def f(k, x): Variable.get(k)\ng = partial(f, 'a')", "a"),
        ("def f(k, x): Variable.get(k)\ng = partial(f, 'a')\ng('x')", "a"),
        ("def f(k, x=1): Variable.get(k)\ndef g(**kw): f(**kw)\ng(k='a')\ng(k='b', x=2)", "a | b"),
        ("def f(k='d', x=1): Variable.get(k)\ndef g(**kw): f(**kw)\ng(x=2)\ng(k='b')", "d | b"),
        ("def f(k='d'): Variable.get(k)\ndef g(**kw): f(**kw)\ng(**z)", "? | d"),
        ("def f(**kw): Variable.get(kw['k'])\ndef g(**kw): f(**kw)\ng(k='a')", "a"),
        ("def f(k): Variable.get(k)\ndef g(x, **kw): f(x, **kw)\ng('a')", "a"),
        (
            "from airflow.sdk import BaseHook\nfrom airflow.providers.http import HttpSensor\nclass A(HttpSensor):\n def execute(self, context): BaseHook.get_connection(self.http_conn_id)\nA(http_conn_id='a')\ndef f(c='b'): return A(task_id='t', http_conn_id=c)\nf()",
            "a | b / a / b",
        ),
        (
            "from airflow.sdk import BaseHook\nfrom airflow.providers.http import HttpSensor\nclass A(HttpSensor):\n def execute(self, context): BaseHook.get_connection(self.http_conn_id)\nA(task_id='t')",
            "?",
        ),
        (
            "@dataclass\nclass A:\n k: str = 'd'\n def f(self): Variable.get(self.k)\nA(**z)",
            "d | ?",
        ),
        ("N = namedtuple('N', 'a b')\nn = N('x', b='y')\nVariable.get(n.a + n.b)", "xy"),
        (
            "N = collections.namedtuple('N', ['a', 'b'])\nfor n in [N('x', 1), N('y', 2)]: Variable.get(n.a)",
            "x | y",
        ),
        ("N = NamedTuple('N', [('a', str), ('b', int)])\nVariable.get(N('x', 1).a)", "x"),
        ("def f(k): Variable.get(k)\nlist(map(f, ['a', 'b']))", "a | b"),
        ("get = lambda k: Variable.get(k)\nget('a')", "a"),
        (
            "class A:\n def __init__(self, k): self.k = k\n def f(self): Variable.get(self.k)\nA('a')",
            "a",
        ),
        (
            "@dataclass\nclass A:\n k: str = 'd'\n def f(self): Variable.get(self.k)\nA(k='a')\nA('b')\nA()",
            "a | b | d",
        ),
        (
            "def f(**kw): Variable.get(kw['k'])\nPythonOperator(python_callable=f, op_kwargs={'k': 'a'})",
            "a",
        ),
        (
            "def f(context, **kw): Variable.get(kw.get('k'))\nX(on_failure_callback=partial(f, k='a'))",
            "a",
        ),
        ("@task\ndef f(k): Variable.get(k)\nf.expand(k=list(NAMES))\nNAMES = ('a', 'b')", "a | b"),
        (
            "def f(k): Variable.get(k)\nfrom airflow.decorators import task\ntask(f).partial(k='a').expand(x=[1])",
            "a",
        ),
        (
            "class P(NamedTuple):\n k: str\n x: int\ndef f(k): return P(k, 1)\nVariable.get(f('a').k)",
            "a",
        ),
        (
            "class P:\n def __init__(self, e): self.k = e + '_x'\ndef f(e): return P(e)\nVariable.get(f('a').k)",
            "a_x",
        ),
        ("def f(): return 'a'\nVariable.get(f())", "a"),
        ("class A:\n @property\n def k(self): return 'a'\nVariable.get(A().k)", "a"),
        ("def f(n): return f(n)\nVariable.get(f('a'))", "?"),
        ("def f(k): return g(k)\ndef g(k): return k + '_x'\nVariable.get(f('a'))", "a_x"),
    ] {
        let code = format!("{VARIABLE}{code}");
        assert_eq!(keys(&code).join(" / "), expected, "{code}");
    }
}

#[test]
fn keys_come_from_mapped_tasks() {
    let task = "@task\ndef t(name, z=0): V.get(name)\n";
    let operator =
        "def f(name): V.get(name)\nP = PythonOperator.partial(task_id='t', python_callable=f)\n";
    for (head, code, expected) in [
        (task, "t.expand(name=['a', 'b'])", "a | b"),
        (task, "t.partial(z=1).expand(name=['a', 'b'])", "a | b"),
        (task, "t.partial(name='a').expand(z=[1, 2])", "a"),
        (task, "p = t.partial(name='a')\np.expand(z=[1, 2])", "a"),
        (task, "t.expand_kwargs([{'name': 'a'}, {'name': 'b', 'z': 2}])", "a | b"),
        (task, "t.partial(name='a').expand_kwargs([{'z': 1}])", "a"),
        (task, "t.expand_kwargs(x)", "?"),
        (task, "t.override(task_id='x')('k')", "k"),
        (task, "t.override(task_id='x').expand(name=['a', 'b'])", "a | b"),
        (task, "t.override(task_id='x').partial(z=1).expand(name=['a', 'b'])", "a | b"),
        (operator, "P.expand(op_args=[['a'], ['b']])", "a | b"),
        (operator, "P.expand(op_kwargs=[{'name': 'a'}, {'name': 'b'}])", "a | b"),
        (operator, "P.expand(op_args=x)", "?"),
        (
            operator,
            "PythonOperator.partial(python_callable=f, op_args=['a']).expand(queue=['x', 'y'])",
            "a",
        ),
    ] {
        let source = format!("from airflow.models import Variable as V\n{head}{code}");
        assert_eq!(keys(&source).join(" / "), expected, "{code}");
    }
}

#[test]
fn settings_stay_open() {
    for (code, expected) in [
        ("X(conn_id=os.getenv('C'))", "C"),
        ("X(conn_id=os.environ['C'])", "C"),
        ("X(conn_id=os.environ.get('C', 'd'))", "C=d"),
        ("from os import getenv\nX(conn_id=getenv('C', default='d'))", "C=d"),
        ("X(conn_id=os.getenv('C') or 'd')", "C=d"),
        ("X(conn_id='a_' + os.getenv('C', 'd'))", "a_, C=d"),
        ("X(conn_id=os.getenv('C', 'D').lower())", "C.lower=d"),
        ("X(conn_id=os.environ['C'].strip().upper())", "C.strip.upper"),
        (
            "E = os.getenv('C', 'D')\nX(conn_id=f'A-{E}'.lower().replace('-', '_'))",
            "a_, C.lower.replace=d",
        ),
        ("X(conn_id={'p': 'a', 'd': 'b'}[os.getenv('C')])", "C[p=a d=b]"),
        ("X(conn_id={'p': 'a', 'd': 'b'}[os.getenv('C', 'P').lower()])", "C.lower=p[p=a d=b]"),
        (
            "D = {'p': 'a', 'd': 'b'}\nX(conn_id=D.get(os.getenv('C', 'p'), 'z'))",
            "C=p[p=a d=b *=z]",
        ),
        ("def f(e): return {'p': 'a'}[e] + '_x'\nX(conn_id=f(os.environ['C']))", "C[p=a], _x"),
    ] {
        let code = format!("import os\n{code}");
        let shown = |part: &KeyPart| match part {
            KeyPart::Known(text) => text.expose().to_owned(),
            KeyPart::Unknown => "?".to_owned(),
            KeyPart::Setting(it) => {
                let default = it.default.as_ref().map(|it| format!("={}", key(it)));
                let table = it.table.as_ref().map(|table| {
                    let items = table.items.iter().map(|(name, it)| format!("{name}={}", key(it)));
                    let other = table.other.iter().map(|it| format!("*={}", key(it)));
                    format!("[{}]", items.chain(other).collect::<Vec<_>>().join(" "))
                });
                let (default, table) = (default.unwrap_or_default(), table.unwrap_or_default());
                let methods = it.methods.iter().map(|it| {
                    let name = format!("{it:?}").to_lowercase();
                    format!(".{}", name.split([' ', '(']).next().unwrap())
                });
                format!("{}{}{default}{table}", it.name, methods.collect::<String>())
            }
        };
        let found = found(&code);
        let [Reference { key: Key::Pattern(parts), .. }] = found.as_slice() else {
            panic!("{code}: {found:?}");
        };
        assert_eq!(parts.iter().map(shown).collect::<Vec<_>>().join(", "), expected, "{code}");
    }
}

#[test]
fn callers_at_different_times_ask_for_their_own_keys() {
    for (code, expected) in [
        (
            "def f(k): return Variable.get(k)\nf('a')\n@task\ndef t(): f('b')\n@task\ndef u(): f('c')",
            "a Parse / b | c Run",
        ),
        (
            "def f(k): return Variable.get(f'{k}_x')\nf('a')\nPythonOperator(python_callable=f, op_args=['b'])",
            "a_x Parse / b_x Run",
        ),
        (
            "def f(k): return Variable.get(k)\nf('a')\nif __name__ == '__main__': f('b')",
            "a Parse / b Never",
        ),
        ("def f(k): return Variable.get(k)\nf('a')\nf('b')", "a | b Parse"),
        ("def f(k): return Variable.get('x')\nf('a')\n@task\ndef t(): f('b')", "x Parse"),
    ] {
        let code = format!("{VARIABLE}{code}");
        assert_eq!(timed(&code).join(" / "), expected, "{code}");
    }
    let helper = format!("{VARIABLE}def f(k): return Variable.get(k)");
    let dag = "from include.helper import f\nf('a')\n@task\ndef t(): f('b')";
    let found = together(&[("dags/dag.py", dag), ("include/helper.py", &helper)]);
    assert_eq!(found, ["a Parse", "b Run"]);
}

#[test]
fn other_files_decide_when_a_helper_asks() {
    let helper = format!("{VARIABLE}def f(k): return Variable.get(k)\nTOP = Variable.get('top')");
    for (dag, expected) in [
        ("from include.helper import f\nf('a')", ["a Parse", "top Parse"]),
        ("from include.helper import f\n@task\ndef t(): f('a')", ["a Run", "top Parse"]),
        ("@task\ndef t():\n  from include.helper import f\n  f('a')", ["a Run", "top Run"]),
        (
            "from include import helper\nX(python_callable=helper.f, op_args=['a'])",
            ["a Run", "top Parse"],
        ),
        ("from include.helper import f\n@dag\ndef d(): f('a')\nd()", ["a Parse", "top Parse"]),
        ("import include.other", ["? Unknown", "top Parse"]),
    ] {
        let found = together(&[("dags/dag.py", dag), ("include/helper.py", &helper)]);
        assert_eq!(found, expected, "{dag}");
    }
    let found = in_files(&[
        ("dags/a.py", "from include.helper import f\nf('a')"),
        ("dags/b.py", "import include.helper"),
        ("include/helper.py", &helper),
    ]);
    let with = |it: &Reference| it.parsed_with.iter().map(|it| it.0).collect::<Vec<_>>();
    assert_eq!(found.iter().map(with).collect::<Vec<_>>(), [vec![0], vec![0, 1, 2]]);
}

#[test]
fn hooks_ask_when_another_file_uses_them() {
    let hook = "from airflow.providers.x import XHook\nh = XHook('lent')\ndef of(c='made'): return XHook(c)\n";
    for (dag, expected) in [
        ("from include.hook import h\nh.run('x')", ["lent Parse", "made Run"]),
        ("from include import hook\nhook.h.run('x')", ["lent Parse", "made Run"]),
        ("from include.hook import h\nprint(h.conn)", ["lent Parse", "made Run"]),
        ("from include.hook import h\nprint(h.name)", ["lent Run", "made Run"]),
        ("from include.hook import h\n@task\ndef t(): h.run('x')", ["lent Run", "made Run"]),
        ("from include.hook import of\nof().run('x')", ["lent Run", "made Parse"]),
        ("from include.hook import of as o\nx = o()\nx.run('x')", ["lent Run", "made Parse"]),
        ("from include.again import h\nh.run('x')", ["lent Parse", "made Run"]),
        ("from include.hook import h\nX(hook=h)", ["lent Run", "made Run"]),
    ] {
        let found = together(&[
            ("dags/dag.py", dag),
            ("include/again.py", "from include.hook import h"),
            ("include/hook.py", hook),
        ]);
        assert_eq!(found, expected, "{dag}");
    }
}

#[test]
fn connections_are_named_in_many_ways() {
    for (code, expected) in [
        (
            "from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook\nSnowflakeHook('a')",
            "run use a",
        ),
        (
            "from airflow.providers.http.hooks.http import HttpHook\nHttpHook('GET', 'a')",
            "run use a",
        ),
        (
            "from airflow.providers.apache.spark.hooks.spark_sql import SparkSqlHook\nSparkSqlHook('q', {}, 'a')",
            "run use a",
        ),
        (
            "from airflow.providers.postgres.hooks.postgres import PostgresHook\nfrom functools import partial\npartial(PostgresHook, 'a')()",
            "run use a",
        ),
        (
            "from airflow.providers.postgres.hooks.postgres import PostgresHook\nfrom airflow.providers.mysql.hooks.mysql import MySqlHook\nfor cls, c in [(PostgresHook, 'a'), (MySqlHook, 'b')]: cls(c)",
            "run use a | b",
        ),
        (
            "from airflow.providers.postgres.hooks.postgres import PostgresHook\nclass MyHook(PostgresHook):\n def __init__(self, dsn): super().__init__(dsn)\nMyHook('a')",
            "run use a",
        ),
        (
            "class MyHook:\n def __init__(self, region, my_conn_id): pass\nMyHook('eu', 'a')",
            "run use a",
        ),
        ("default_args = {'aws_conn_id': 'a', 'retries': 2}", "run use a"),
        ("X = {'conn_id': 'a', 'conn_type': 'http'}", ""),
        ("X = {'conn_id': value()}", ""),
        ("from airflow.models import Connection\nConnection(conn_id='a')", "parse define a"),
        (
            "from airflow.io.path import ObjectStoragePath\nObjectStoragePath('s3://a@bucket/x')",
            "run use a",
        ),
        ("from airflow.io.path import ObjectStoragePath\nObjectStoragePath('s3://bucket/x@y')", ""),
        (
            "from airflow.io.path import ObjectStoragePath\nObjectStoragePath(f's3://a@{x}/p')",
            "run use a",
        ),
        ("from airflow.io.path import ObjectStoragePath\nObjectStoragePath(f's3://{x}/p')", ""),
        ("X.partial(task_id='t', fs_conn_id='a').expand(y=[1])", "run use a"),
        (
            "@dag(params={'c': Param('a', type='string')})\ndef d():\n  @task\n  def t(params): X(conn_id=params['c'])\nd()",
            "run use a",
        ),
        (
            "@dag(params={'c': Param('a', enum=['a', 'b'])})\ndef d():\n  @task\n  def t(params): X(conn_id=params['c'])\nd()",
            "run use a | b",
        ),
        (
            "class A:\n  def go(self): X(conn_id=self.c)\n  c = 'a'\nclass B(A):\n  c = 'b'\nclass C(B): c = 'c'\nclass D: c = 'd'",
            "run use a | b | c",
        ),
        (
            "for c in [{'conn_id': 'a'}, {'conn_id': 'b'}]:\n  X(conn_id=c['conn_id'])",
            "run use a / run use b / run use a | b",
        ),
        ("for n, c in {'x': 'a', 'y': 'b'}.items():\n  X(conn_id=c)", "run use a | b"),
        ("for i, c in enumerate(['a', 'b']):\n  X(conn_id=c)", "run use a | b"),
        (
            "import itertools\nfor a, b in itertools.product(['a', 'b'], 'x y'.split()):\n  X(conn_id=f'{a}_{b}')",
            "run use a_x | a_y | b_x | b_y",
        ),
        ("X(**{**common, 'conn_id': 'a'})", "run use a"),
        ("X(db_conn_ids=['a', 'b'])", "run use a | b"),
        ("default_args['aws_conn_id'] = 'a'", "run use a"),
        (
            "from cosmos.profiles import PostgresUserPasswordProfileMapping as P\nP('a', {})",
            "run use a",
        ),
        (
            "from cosmos.profiles import get_automatic_profile_mapping\nget_automatic_profile_mapping('a')",
            "run use a",
        ),
        ("from cosmos import ProfileConfig\nProfileConfig('a', 'b')", ""),
        (
            "from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook as H\nX(conn_id=H.default_conn_name)",
            "run use snowflake_default",
        ),
        ("X(conn_id_load='a', kafka_config_id='b')", "run use a / run use b"),
        (
            "DbtDocsS3Operator(connection_id='a')\nAirbyteTriggerSyncOperator(connection_id='b')",
            "run use a",
        ),
        (
            "config = {'params': {'c_conn_id': Param('a')}}\n@dag(**config)\ndef d():\n  @task\n  def t(**context): X(conn_id=context['params']['c_conn_id'])\nd()",
            "run use a / run use a",
        ),
    ] {
        let found = found(code);
        let shown = |it: &Reference| {
            format!("{:?} {:?} {}", it.timing, it.operation, key(&it.key)).to_lowercase()
        };
        let shown: Vec<_> = found.iter().map(shown).collect();
        assert_eq!(shown.join(" / "), expected, "{code}");
    }
}

#[test]
fn parameters_belong_to_the_dag_of_the_task() {
    for (code, expected) in [
        (
            "with DAG('a', params={'c': 'x'}):\n  @task\n  def t(params): X(conn_id=params['c'])\n\
             with DAG('b', params={'d': 'y'}):\n  @task\n  def u(params): X(conn_id=params['c'])",
            "x, ?",
        ),
        (
            "a = DAG('a', params={'c': 'x'})\nb = DAG('b', params={'c': 'y'})\n\
             def f(**kw): X(conn_id=kw['params']['c'])\ndef g(**kw): X(conn_id=kw['params']['c'])\n\
             PythonOperator(python_callable=f, dag=b)\n\
             PythonOperator(python_callable=g, dag=a, params={'c': 'z'})",
            "y, z",
        ),
        (
            "def make(name):\n  dag = DAG(name, params={'c': 'x_' + name})\n  return dag\n\
             a = make('a')\ndef f(params): X(conn_id=params['c'])\n\
             PythonOperator(python_callable=f, dag=a)",
            "x_a",
        ),
        ("params = {'c': 'x'}\nDAG('a', params={'c': 'y'})\nX(conn_id=params['c'])", "x"),
        ("with DAG('a', params={'c': Param('x')}): X(conn_id='{{ params.c }}')", "x"),
        (
            "with DAG('a', params={'c': 'x'}): X(conn_id='a_{{ params[\"c\"] }}_{{params.c}}')",
            "a_x_x",
        ),
        ("with DAG('a', params={'c': 'x'}): X(conn_id='{{ params.d }}')", "?"),
        ("with DAG('a', params={'c': 'x'}): X(conn_id='{{ params.c }}_{{ ds }}')", "x_*"),
        ("with DAG('a', params={'c': 'x'}): BashOperator(a_conn_id='{{ params.c }}')", "?"),
        (
            "def f(c): X(conn_id=c)\nwith DAG('a', params={'c': 'x'}):\n  PythonOperator(python_callable=f, op_args=['{{ params.c }}'])",
            "x",
        ),
        (
            "def f(c): X(conn_id=c)\nPythonOperator(python_callable=f, op_args=['a_{{ ds }}'])",
            "a_*",
        ),
        (
            "@task\ndef t(c): X(conn_id=c)\nwith DAG('a', params={'c': 'x'}): t('{{ params.c }}')",
            "x",
        ),
        (
            "P = {'c': Param('x', type='string')}\nwith DAG('a', params={**P, 'd': 'y'}) as a:\n  X(conn_id=a.params['c'])",
            "x",
        ),
    ] {
        assert_eq!(keys(code).join(", "), expected, "{code}");
    }
}

#[test]
fn operations_and_arguments() {
    let import = "from airflow.models import Variable\n";
    for (call, expected) in [
        ("Variable.get('k')", "get none none false"),
        ("Variable.get(key='k')", "get none none false"),
        ("Variable.get('k', 'd')", "get positional 'd' none false"),
        ("Variable.get('k', default_var=None)", "get default_var None none false"),
        ("Variable.get('k', default='d')", "get default 'd' none false"),
        ("Variable.get('k', {}, True)", "get positional {} True true"),
        ("Variable.get('k', deserialize_json=True)", "get none none true"),
        ("Variable.get(deserialize_json=x, key='k')", "get none none false"),
        ("Variable.set('k', 'v')", "set none none false"),
        ("Variable.set('k', 'v', 'text')", "set none 'text' false"),
        ("Variable.update(key='k', value=1)", "update none none false"),
        ("Variable.setdefault('k', 'd')", "setdefault positional 'd' none false"),
        ("Variable.delete('k')", "delete none none false"),
        ("Variable.get_variable_from_secrets('k')", "get none none false"),
    ] {
        let source = format!("{import}{call}");
        let found = found(&source);
        assert_eq!(found.len(), 1, "{call}");
        let it = &found[0];
        let default = it.default.as_ref().map_or("none".to_owned(), |it| {
            let keyword = it.keyword.as_ref().map_or("positional", |it| it.node.as_str());
            format!("{keyword} {}", it.span.of(&source))
        });
        let third = it.third.map_or("none", |span| span.of(&source));
        let shown = format!("{:?} {default} {third} {}", it.operation, it.deserialize_json);
        assert_eq!(
            shown.replace("SetDefault", "setdefault").to_lowercase(),
            expected.to_lowercase(),
            "{call}"
        );
        assert_eq!(key(&it.key), "k", "{call}");
        assert_eq!(it.span.of(&source), call);
        assert_eq!(it.key_span.of(&source), "'k'");
        assert_eq!(it.callee, call.split('(').next().unwrap());
    }

    let source = "X(task_id='t', my_conn_id = 'k')";
    let it = &found(source)[0];
    assert_eq!(it.span.of(source), "my_conn_id = 'k'");
    assert_eq!((it.operation, it.callee.as_str()), (Operation::Use, "X"));
}

#[test]
fn keys_are_put_together() {
    for (source, expected) in [
        ("V.get('im' \"plicit\")", "implicit"),
        ("K = 'k'\nV.get(K)", "k"),
        ("K: str = 'k'\nV.get(K)", "k"),
        ("A = 'a'\nB = A + '_b'\nV.get(B)", "a_b"),
        ("A = 'a'\nV.get(f'{A}_{A!s}')", "a_a"),
        ("N = 2\nV.get(f'v{N}' + str(N))", "v22"),
        ("A = 'a'\nV.get('%s_%d%%' % (A, 1))", "a_1%"),
        ("A = 'a'\nV.get('%s_x' % A)", "a_x"),
        ("A = 'a'\nV.get('{}_{0}_{n}_{{}}'.format(A, n='n'))", "a_a_n_{}"),
        ("A = 'a'\nV.get('_'.join([A, 'b']))", "a_b"),
        ("A = 'a'\nV.get(A.upper() + 'x')", "Ax"),
        ("V.get('%(p)s_%(n)d' % {'p': 'a', 'n': 1})", "a_1"),
        ("D = {'p': 'a'}\nV.get('x_%(p)s' % D)", "x_a"),
        ("V.get('k%03d_%3s_%-3s_' % (7, 'b', 'c'))", "k007_  b_c  _"),
        ("V.get('k%.2f' % 1)", "?"),
        ("V.get('abc'[1:])", "bc"),
        ("K = 'prod_a'\nV.get(K[:4] + K[-2:])", "prod_a"),
        ("V.get('abc'[:-1])", "ab"),
        ("V.get('abc'[::2])", "?"),
        ("V.get('abc'[x:])", "?"),
        ("L = ['a', 'b', 'c']\nfor k in L[1:]: V.get(k)", "b | c"),
        ("L = ['a', 'b', 'c']\nV.get(L[-1])", "c"),
        ("N = 7\nV.get(f'k{N:03d}')", "k007"),
        ("for i in range(3): V.get(f'k{i:02d}')", "k00 | k01 | k02"),
        ("for i in range(1, 3): V.get(f'k{i}')", "k1 | k2"),
        ("for i in range(x): V.get(f'k{i}')", "k*"),
        ("A = 'ab'\nV.get(f'{A:>5}|{A:<4}|{A:^4}|{A:*>3}|{A:s}')", "   ab|ab  | ab |*ab|ab"),
        ("A = 'ab'\nV.get(f'{A:05}' + f'{A:.1}')", "?"),
        ("V.get('{:03d}_{n:>3}'.format(7, n='b'))", "007_  b"),
        ("V.get(f'{x}_key')", "*_key"),
        ("V.get('key_' + x)", "key_*"),
        ("V.get(f'{x!r}{y}a{z:>3}')", "*a*"),
        ("V.get(x)", "?"),
        ("V.get(*args)", "?"),
        ("V.get('a' if x else 'b')", "a | b"),
        ("V.get('a' if x else 'a')", "a"),
        ("V.get(x or 'b')", "? | b"),
        ("V.get(None or 'b')", "b"),
        ("V.get(f\"{'a' if x else 'b'}_c\")", "a_c | b_c"),
        ("K = 'a'\nif x:\n K = 'b'\nV.get(K)", "a | b"),
        ("K = 'z'\nif x:\n K = 'a'\nelse:\n K = 'b'\nV.get(K)", "a | b"),
        ("if x:\n K = 'a'\n V.get(K)\nelse:\n K = 'b'", "a"),
        ("if x:\n K = 'a'\nelse:\n K = 'b'\n V.get(K)", "b"),
        ("K = 'a'\nV.get(K)\nK = 'b'", "a"),
        ("K = 'a'\nK = 'b'\nV.get(K)", "b"),
        ("K = 'a'\nfor i in x:\n V.get(K)\n K = 'b'", "a | b"),
        ("for i in x:\n K = 'a'\n V.get(K)\n K = 'b'", "a"),
        ("for i in x:\n K = 'a'\n for j in y:\n  V.get(K)\n  K = 'b'", "a | b"),
        ("K = 'a'\nfor i in x:\n if y:\n  V.get(K)\n else:\n  K = 'b'", "a | b"),
        ("K = 'a'\ndef f():\n V.get(K)\nK = 'b'", "a | b"),
        ("K = 'a'\ndef f():\n K = 'b'\n V.get(K)", "b"),
        ("K = 'a'\ndef f():\n global K\n K = 'b'\nV.get(K)", "a | b"),
        ("try:\n K = x['k']\nexcept KeyError:\n K = 'b'\nV.get(K)", "? | b"),
        ("match x:\n case 1:\n  K = 'a'\n case _:\n  K = 'b'\nV.get(K)", "a | b"),
        ("K = 'a'\nK += 'b'\nV.get(K)", "ab"),
        ("K = 'a'\nfor i in x:\n K += 'b'\nV.get(K)", "a | ab | *bb"),
        ("V.get('_'.join([k for k in ['a', 'b']]))", "a_b"),
        ("K = L = 'a'\nV.get(L)", "a"),
        ("A, (B, C) = 'a', ('b', 'c')\nV.get(C)", "c"),
        ("A, B = x\nV.get(B)", "?"),
        ("if (K := 'a'):\n V.get(K)", "a"),
        ("class C:\n K = 'a'\nV.get(C.K)", "a"),
        ("class E(str, Enum):\n K = 'a'\nV.get(E.K.value)", "a"),
        ("class C:\n K = 'a'\n L = K\n V.get(L)", "a"),
        ("class C:\n K = 'a'\n def f(self):\n  V.get(self.K)", "a"),
        ("class B:\n K = 'a'\nclass C(B):\n def f(self):\n  V.get(self.K)", "a"),
        ("class C:\n def __init__(self):\n  self.k = 'a'\n def f(self):\n  V.get(self.k)", "a"),
        ("class C:\n def __init__(self, k):\n  self.k = k\n def f(self):\n  V.get(self.k)", "?"),
        ("class C:\n K = 'a'\n def f(self):\n  V.get(K)", "?"),
        ("D = {'a': 'x', 'b': 'y'}\nV.get(D['b'])", "y"),
        ("D = ['x', 'y']\nV.get(D[1])", "y"),
        ("for k in ['a', 'b']:\n V.get(k)", "a | b"),
        ("L = ('a', 'b')\n[V.get(f'{k}_x') for k in L]", "a_x | b_x"),
        ("def f(k):\n V.get(k)", "?"),
        ("A = B\nB = A\nV.get(A)", "?"),
        ("A = A + 'x'\nV.get(A)", "*x"),
        ("V.get(r'raw\\d')", "raw\\d"),
        ("V.get('\\x41\\N{BULLET}')", "A•"),
        ("V.get('')", ""),
        ("V.get('{{ cookiecutter.name }}')", "?"),
        ("V.get('a_{{cookiecutter.name}}_b_{{ cookiecutter.x }}')", "a_*_b_*"),
        ("V.get('cookiecutter.a')", "cookiecutter.a"),
        ("V.get(1)", "?"),
    ] {
        let source = format!("from airflow.models import Variable as V\n{source}");
        assert_eq!(keys(&source), [expected], "{source}");
    }
    assert_eq!(keys("X(my_conn_id='{{ params.c }}')"), ["?"]);
    assert_eq!(keys("X(my_conn_id=None or 'a')"), ["a"]);
    assert_eq!(keys("X(aws_conn_id='')\nX(**{'conn_id': ''})"), Vec::<String>::new());
    assert_eq!(keys("E = ''\nX(aws_conn_id=E)\nSnowflakeHook(E)"), Vec::<String>::new());
    assert_eq!(keys("C = None\nX(my_conn_id=C)"), Vec::<String>::new());
}

#[test]
fn many_keys_are_kept() {
    let asked = |count: usize, code: &str| {
        let names: Vec<String> = (0..count).map(|it| format!("'k{it}'")).collect();
        let source =
            format!("from airflow.models import Variable as V\nL = [{}]\n{code}", names.join(", "));
        found(&source).iter().map(|it| it.key.alternatives().len()).collect::<Vec<_>>()
    };
    for code in [
        "for k in L: V.get(k)",
        "[V.get(f'a_{k}_b') for k in L]",
        "def f(k): V.get(k)\nfor k in L: f(k)",
    ] {
        assert_eq!(asked(200, code), [200], "{code}");
    }
    let more = found(&format!(
        "from airflow.models import Variable as V\nfor k in [{}]: V.get(k)",
        (0..400).map(|it| format!("'k{it}'")).collect::<Vec<_>>().join(", ")
    ));
    let [more] = more.as_slice() else { panic!("{more:?}") };
    let keys = more.key.alternatives();
    assert_eq!(keys.len(), crate::limits::KEYS);
    assert_eq!(keys.iter().filter(|it| matches!(it, Key::Dynamic)).count(), 1);
}

#[test]
fn changes_after_the_definition_count() {
    for (source, expected) in [
        ("L = ['a']\nL.append('b')\nfor k in L: V.get(k)", "a | b"),
        ("L = ['a']\nL.append('b')\nV.get(L[1])", "b"),
        ("L = ['a']\nfor k in L: V.get(k)\nL.append('b')", "a"),
        ("L = ['a']\ndef f():\n for k in L: V.get(k)\nL.append('b')\nf()", "a | b"),
        ("L = ['a']\nif x: L.append('b')\nelse: L.append('c')\nV.get(L[1])", "a | b | c"),
        ("L = []\nfor k in ['a', 'b']: L.append(k)\nfor k in L: V.get(k)", "a | b"),
        ("L = []\nfor k in ['a', 'b']: L.append(k)\nV.get('_'.join(L))", "?"),
        ("L = ['a']\nL.append(x)\nfor k in L: V.get(k)", "a | ?"),
        ("L = ['a']\nL.extend(['b', 'c'])\nV.get(L[2])", "c"),
        ("L = ['a']\nL += ['b']\nV.get(L[1])", "b"),
        ("L = ['a']\nL += x\nfor k in L: V.get(k)", "a | ?"),
        ("L = ['a']\nM = L\nM += ['b']\nfor k in L: V.get(k)", "a | b"),
        ("L = ['a']\nM = L\nM.append('b')\nfor k in L: V.get(k)", "a | b"),
        ("L = ['a']\nM = list(L)\nM.append('b')\nfor k in L: V.get(k)", "a"),
        ("L = ['a', 'b']\nL.insert(0, 'c')\nV.get(L[0])", "a | b | c"),
        ("L = ['b', 'a']\nL.sort()\nV.get(L[0])", "b | a"),
        ("L = ['a', 'b']\nL[0] = 'c'\nV.get(L[0])", "c"),
        ("L = ['a', 'b']\nL.pop(0)\nV.get(L[0])", "a | b"),
        ("L = {'a'}\nL.add('b')\nfor k in L: V.get(k)", "a | b"),
        ("def f():\n L = ['a']\n L.append('b')\n for k in L: V.get(k)", "a | b"),
        ("L = ['a']\ndef g():\n L.append('b')\nfor k in L: V.get(k)", "a | b"),
        ("D = {'a': 'x'}\nD['a'] = 'y'\nV.get(D['a'])", "y"),
        ("D = {'a': 'x'}\nif z: D['a'] = 'y'\nV.get(D['a'])", "x | y"),
        ("D = {'a': 'x'}\nV.get(D['a'])\nD['a'] = 'y'", "x"),
        ("D = {'a': 'x'}\nD['b'] = 'y'\nV.get(D['a'])", "x"),
        ("D = {'a': 'x'}\nD['b'] = 'y'\ndef f(): V.get(D['b'])", "y"),
        ("D = {'a': 'x'}\nD['a'] = 'y'\ndef f(): V.get(D['a'])", "x | y"),
        ("D = {'a': 'x'}\nD[z] = 'y'\nV.get(D['a'])", "x | y"),
        ("D = {'a': 'x'}\nif z: D['b'] = 'y'\nV.get(D.get('b', 'd'))", "y | d"),
        ("D = {'a': 'x'}\nD.update({'a': 'y'})\nV.get(D['a'])", "y"),
        ("D = {'a': 'x'}\nD.update(a='y', b='z')\nV.get(D['a'])\nV.get(D['b'])", "y / z"),
        ("D = {'a': 'x'}\nD.update(z)\nV.get(D['a'])", "x | ?"),
        ("D = {'a': 'x'}\nD |= {'a': 'y'}\nV.get(D['a'])", "y"),
        (
            "D = {'a': 'x'}\nD.setdefault('a', 'y')\nD.setdefault('b', 'z')\nV.get(D['a'])\nV.get(D['b'])",
            "x / z",
        ),
        ("D = {'a': 'x'}\ndel D['a']\nV.get(D.get('a', 'd'))", "x | d"),
        ("D = {'a': 'x'}\nD.pop('a')\nV.get(D.get('a', 'd'))", "x | d"),
        ("D = {'a': {'b': 'x'}}\nD['a']['b'] = 'y'\nV.get(D['a']['b'])", "y"),
        ("D = dict(a='x')\nD['a'] = 'y'\nV.get(D['a'])", "y"),
        ("def f(D={'a': 'x'}):\n V.get(D['a'])\nE = {'a': 'y'}\nE['a'] = 'z'\nf(E)", "z"),
        ("D = {'a': 'x'}\ndef f(d): d['a'] = 'y'\nf(D)\nV.get(D['a'])", "y"),
        ("D = {'a': 'x'}\ndef f(d): d['a'] = 'y'\nV.get(D['a'])\nf(D)", "x"),
        ("D = {'a': 'x'}\ndef f(d):\n if z: d['a'] = 'y'\nf(d=D)\nV.get(D['a'])", "x | y"),
        (
            "D = {'a': 'x'}\ndef g(d, v): d.update({'a': v})\ndef f(d): g(d, 'y')\nf(D)\nV.get(D['a'])",
            "y",
        ),
        (
            "class C:\n def f(self, d): d.update(a='y')\nD = {'a': 'x'}\nC().f(D)\nV.get(D['a'])",
            "y",
        ),
        ("class C:\n K = 'a'\nC.K = 'b'\nV.get(C.K)", "b"),
        ("class C:\n K = 'a'\nV.get(C.K)\nC.K = 'b'", "a"),
        ("class C:\n K = 'a'\ndef f(): V.get(C.K)\nC.K = 'b'\nf()", "a | b"),
        ("class C:\n K = 'a'\nc = C()\nc.K = 'b'\nV.get(C.K)", "a | b"),
        ("class C:\n K = 'a'\nsetattr(C, 'K', 'b')\nV.get(C.K)", "b"),
        ("class C:\n K = 'a'\nsetattr(C, x, 'b')\nV.get(C.K)", "a | ?"),
        ("class C:\n L = ['a']\nC.L.append('b')\nfor k in C.L: V.get(k)", "a | b"),
        (
            "class C:\n def __init__(self):\n  self.l = ['a']\n  self.l.append('b')\n def f(self):\n  for k in self.l: V.get(k)",
            "a | b",
        ),
        ("@dataclass\nclass C:\n K: str = 'a'\nc = C()\nc.K = 'b'\nV.get(c.K)", "a | b"),
    ] {
        let source = format!("from airflow.models import Variable as V\n{source}");
        assert_eq!(keys(&source).join(" / "), expected, "{source}");
    }
}

#[test]
fn changes_of_the_environment_count() {
    for (source, expected) in [
        ("os.environ['A'] = 'x'\nask(os.getenv('A'))\nask(os.environ['A'])", "k_x / k_x"),
        ("ask(os.getenv('A', 'd'))\nos.environ['A'] = 'x'", "k_${A-d}"),
        ("if z: os.environ['A'] = 'x'\nask(os.getenv('A', 'd'))", "k_x | k_${A-d}"),
        ("os.environ.setdefault('A', 'x')\nask(os.getenv('A', 'd'))", "k_${A-x}"),
        ("os.environ.update({'A': 'x'})\ndef f(): ask(os.getenv('A'))\nf()", "k_x"),
        ("os.environ['B'] = 'x'\nask(os.getenv('A', 'd'))", "k_${A-d}"),
        ("os.environ.pop('A', None)\nask(os.getenv('A', 'd'))", "k_d"),
        ("os.environ[z] = 'x'\nask(os.getenv('A', 'd'))", "k_x | k_${A-d}"),
        ("if z: del os.environ['A']\nask(os.getenv('A', 'd'))", "k_d | k_${A-d}"),
        ("os.putenv('A', 'x')\nask(os.getenv('A', 'd'))", "k_${A-d}"),
    ] {
        let source = source.replace("ask(", "V.get('k_' + ");
        let source = format!("import os\nfrom airflow.models import Variable as V\n{source}");
        let part = |part: &KeyPart| match part {
            KeyPart::Known(text) => text.expose().to_owned(),
            KeyPart::Unknown => "*".to_owned(),
            KeyPart::Setting(read) => {
                let default = read.default.as_deref().map(key);
                format!("${{{}-{}}}", read.name, default.unwrap_or_default())
            }
        };
        let shown = |it: &Key| match it {
            Key::Pattern(parts) => parts.iter().map(part).collect(),
            other => key(other),
        };
        let found = found(&source);
        let found = found
            .iter()
            .map(|it| it.key.alternatives().iter().map(shown).collect::<Vec<String>>().join(" | "));
        assert_eq!(found.collect::<Vec<_>>().join(" / "), expected, "{source}");
    }
}

#[test]
fn changes_in_other_files_count() {
    let names = "L = ['a']\nD = {'a': 'x'}\nK = 'k'\nclass C:\n  K = 'a'\n";
    for (code, expected) in [
        ("from include.names import L\nL.append('b')\nfor k in L: X(conn_id=k)", "a | b"),
        ("from include.names import L\nL += ['b']\nfor k in L: X(conn_id=k)", "a | b"),
        ("from include import names\nnames.L.append('b')\nfor k in names.L: X(conn_id=k)", "a | b"),
        ("from include.names import D\nD['a'] = 'y'\nX(conn_id=D['a'])", "x | y"),
        ("from include.names import D\nD['b'] = 'y'\nX(conn_id=D['b'])", "y"),
        ("from include.names import D\nD.update(b='y')\nX(conn_id=D['b'])", "y"),
        ("from include import names\nnames.K = 'b'\nX(conn_id=names.K)", "k | b"),
        ("from include.names import C\nC.K = 'b'\nX(conn_id=C.K)", "a | b"),
        ("from include.names import L\nfor k in L: X(conn_id=k)", "a"),
    ] {
        let found = in_files(&[("dags/dag.py", code), ("include/names.py", names)]);
        let keys: Vec<_> = found.iter().map(|it| self::key(&it.key)).collect();
        assert_eq!(keys.join(" / "), expected, "{code}");
    }
    let found = in_files(&[
        ("dags/a.py", "from include.names import L\nfor k in L: X(conn_id=k)"),
        ("dags/b.py", "from include.names import L\nL.append('b')"),
        ("include/names.py", names),
    ]);
    assert_eq!(found.iter().map(|it| key(&it.key)).collect::<Vec<_>>(), ["a | b"]);
}

/// As Python 3.8 to 3.13 show members: see `MemberKind`.
#[test]
fn members_of_enumerations_are_texts_or_not() {
    for (class, use_, expected) in [
        ("class E(Enum)", "E.A", "?"),
        ("class E(Enum)", "E.A.value", "a"),
        ("class E(Enum)", "E.A.name", "A"),
        ("class E(Enum)", "f'x_{E.A}'", "x_E.A"),
        ("class E(Enum)", "'x_' + E.A", "x_*"),
        ("class E(str, Enum)", "E.A", "a | E.A"),
        ("class E(str, Enum)", "E.A.value", "a"),
        ("class E(str, Enum)", "str(E.A)", "E.A"),
        ("class E(str, Enum)", "f'x_{E.A}'", "x_a | x_E.A"),
        ("class E(str, Enum)", "f'x_{E.A.value}'", "x_a"),
        ("class E(str, Enum)", "'x_{}'.format(E.A)", "x_a | x_E.A"),
        ("class E(str, Enum)", "'x_%s' % E.A", "x_E.A"),
        ("class E(str, Enum)", "'x_' + E.A", "x_a"),
        ("class E(str, Enum)", "'_'.join(['x', E.A])", "x_a"),
        ("class E(str, Enum)", "E.A.upper()", "A"),
        ("class E(StrEnum)", "E.A", "a"),
        ("class E(StrEnum)", "f'x_{E.A}'", "x_a"),
        ("class B(str, Enum): pass\nclass E(B)", "E.A", "a | E.A"),
        ("class E(IntEnum)", "E.A", "a | ?"),
        ("class E(BaseEnum)", "E.A", "a | ?"),
        ("class E", "E.A", "a"),
    ] {
        let import = "from enum import Enum, IntEnum, StrEnum\nfrom airflow.models import Variable as V\nfrom include.base import BaseEnum\n";
        let source = format!("{import}{class}:\n  A = 'a'\nV.get({use_})");
        assert_eq!(keys(&source), [expected], "{source}");
    }
    let shown = "from enum import Enum\nclass E(Enum):\n A = 'a'\n def __str__(self):\n  return self.value\n";
    assert_eq!(keys(&format!("{shown}X(conn_id=f'x_{{E.A}}')")), ["x_a"]);
    let found = in_files(&[
        ("dags/a.py", "from include.names import E\nX(conn_id=E.A)\nX(conn_id=E.A.value)"),
        ("include/names.py", "from enum import Enum\nclass E(str, Enum):\n  A = 'a'"),
    ]);
    assert_eq!(found.iter().map(|it| key(&it.key)).collect::<Vec<_>>(), ["a | E.A", "a"]);
}

#[test]
fn endless_keys_end() {
    let import = "from airflow.models import Variable as V\n";
    let doubling: String = (0..64).map(|n| format!("K{} = K{n} + K{n}\n", n + 1)).collect();
    assert_eq!(keys(&format!("{import}K0 = 'x'\n{doubling}V.get(K64)")), ["?"]);
    let choices: String = (0..64).map(|n| format!("K{} = K{n} or K{n}\n", n + 1)).collect();
    assert_eq!(keys(&format!("{import}K0 = x\n{choices}V.get(K64)")), ["?"]);
    let reused = "if x: K = 'a'\n".repeat(128) + &"V.get(K)\n".repeat(10_000);
    let start = std::time::Instant::now();
    assert_eq!(keys(&format!("{import}{reused}")).len(), 10_000);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    let rebound: String = (0..5_000).map(|n| format!("if x: K = '{n}'\nV.get(K)\n")).collect();
    let start = std::time::Instant::now();
    assert_eq!(keys(&format!("{import}{rebound}")).len(), 5_000);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

/// What grows in a loop is bound in a circle.
#[test]
fn circles_end() {
    let import = "from airflow.models import Variable as V\n";
    let grown: String = (0..40).map(|n| format!("  if g(x): n += {n}\n")).collect();
    let members: String = (0..40).map(|n| format!("  if g(x): n = n['{n}']\n")).collect();
    let text: String = (0..40).map(|n| format!("  n += f'{{x}}{n}'\n")).collect();
    for body in [grown, members, text] {
        let start = std::time::Instant::now();
        let source =
            format!("{import}def f(l):\n n = ''\n for x in l:\n{body} return conn(n, V.get(n))");
        assert_eq!(keys(&source).len(), 1);
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }
}

#[test]
fn a_known_key_points_at_its_literals() {
    let source = "from airflow.models import Variable\nP = 'a\\x41'\nVariable.get(P + \"_b\")";
    let found = found(source);
    let text = found[0].key.known().unwrap();
    assert_eq!(text.expose(), "aA_b");
    assert_eq!(text.span_of(1..2).of(source), "\\x41");
    assert_eq!(text.span_of(2..4).of(source), "_b");
    assert_eq!(text.span().of(source), "P + \"_b\"");
}

#[test]
fn timing() {
    check_timing(&[
        ("V.get('k')", "k Parse"),
        ("with DAG('d') as d:\n X(env=V.get('k'))", "k Parse"),
        ("for i in x:\n if y:\n  V.get('k')", "k Parse"),
        ("class C:\n a = V.get('k')", "k Parse"),
        ("def f(a=V.get('k')): pass", "k Parse"),
        ("def f(a: V.get('k')): pass", "k Parse"),
        ("from __future__ import annotations\ndef f(a: V.get('k')): pass", ""),
        ("@deco(V.get('k'))\ndef f(): pass", "k Parse"),
        ("[V.get('k') for x in y]", "k Parse"),
        ("@dag()\ndef d():\n V.get('k')\nd()", "k Parse"),
        ("@dag\ndef d():\n @task\n def t():\n  V.get('k')\n t()\nd()", "k Run"),
        ("@dag\ndef d():\n @task_group\n def g():\n  V.get('k')\n g()\nd()", "k Parse"),
        (
            "@dag\ndef d():\n @task_group\n def g(x):\n  V.get('k')\n g.expand(x=[1])\nd()",
            "k Parse",
        ),
        ("@task.branch(task_id='t')\ndef t():\n V.get('k')\nt()", "k Run"),
        ("@task\ndef t(x):\n V.get('k')\nt.partial().expand(x=[1])", "k Run"),
        ("def f():\n V.get('k')\nf()", "k Parse"),
        ("def f():\n V.get('k')\ndef g():\n f()\ng()", "k Parse"),
        ("def f():\n V.get('k')\nX(python_callable=f)", "k Run"),
        ("def f():\n V.get('k')\nX(op_args=[f], x={'a': f})", "k Run"),
        ("def f():\n V.get('k')\ndef g():\n f()\nX(python_callable=g)", "k Run"),
        ("def f():\n V.get('k')\nX(on_failure_callback=f)\nf()", "k Parse"),
        ("def f():\n V.get('k')", "k Unknown"),
        ("def f():\n V.get('k')\ndef g():\n f()", "k Unknown"),
        ("@functools.lru_cache\ndef f():\n V.get('k')\nf()", "k Parse"),
        ("X(python_callable=lambda: V.get('k'))", "k Run"),
        ("(lambda: V.get('k'))()", "k Parse"),
        ("f = lambda: V.get('k')\nf()", "k Parse"),
        ("class O(BaseOperator):\n def execute(self, context):\n  V.get('k')", "k Run"),
        (
            "class O(BaseOperator):\n def execute(self, context):\n  self.f()\n def f(self):\n  V.get('k')",
            "k Run",
        ),
        ("class O:\n def __init__(self):\n  V.get('k')\nO()", "k Parse"),
        ("class O:\n def __init__(self):\n  V.get('k')", "k Unknown"),
        ("class O:\n def f(self):\n  V.get('k')\nO().f()", "k Parse"),
        ("class O:\n @staticmethod\n def f():\n  V.get('k')\nX(python_callable=O.f)", "k Run"),
        ("def deco(f):\n V.get('k')\n@deco\ndef g(): pass", "k Parse"),
        ("@contextmanager\ndef cm():\n V.get('k')\n yield\nwith cm(): pass", "k Parse"),
        ("if __name__ == '__main__':\n V.get('k')", "k Never"),
        ("if __name__ != '__main__':\n V.get('k')", "k Parse"),
        ("if __name__ == '__main__':\n pass\nelse:\n V.get('k')", "k Parse"),
        ("if typing.TYPE_CHECKING:\n V.get('k')", "k Never"),
        ("if not TYPE_CHECKING:\n V.get('k')\nelse:\n pass", "k Parse"),
        ("if True:\n pass\nelse:\n V.get('k')", "k Never"),
        ("raise X\nV.get('k')", "k Never"),
        ("from typing import TYPE_CHECKING as TC\nif TC:\n V.get('k')", "k Never"),
        ("MAIN = __name__ == '__main__'\nif MAIN:\n V.get('k')", "k Never"),
        ("MAIN = __name__ == '__main__'\nif not MAIN:\n V.get('k')", "k Parse"),
        ("MAIN = __name__ == '__main__'\nMAIN = x\nif MAIN:\n V.get('k')", "k Parse"),
        ("if __name__ in ('__main__', '__mp_main__'):\n V.get('k')", "k Never"),
        ("if __name__ in ('__main__', 'a'):\n V.get('k')", "k Parse"),
        ("if __name__ not in {'__main__'}:\n V.get('k')", "k Parse"),
        ("(V.get('k') for x in y)", "k Never"),
        ("list(V.get('k') for x in y)", "k Parse"),
        ("def g():\n yield V.get('k')\ng()", "k Unknown"),
        ("def g():\n yield V.get('k')\nfor k in g(): pass", "k Parse"),
        ("@a\ndef g():\n yield V.get('k')\ng()", "k Parse"),
        ("@dag\ndef d():\n V.get('k')", "k Never"),
        ("@dag()\ndef d():\n @task\n def t():\n  V.get('k')\n t()", "k Never"),
        ("@dag\ndef d():\n X(my_conn_id='k')", "k Never"),
        ("@dag\ndef d():\n V.get('k')\ndef m():\n return d()", "k Unknown"),
        ("@dag\ndef d():\n V.get('k')\nx = [d]", "k Run"),
        ("X(my_conn_id='k')", "k Run"),
        ("if TYPE_CHECKING:\n X(my_conn_id='k')", "k Never"),
    ]);
}

/// Code that something else than its own place in the file decides about.
#[test]
fn timing_of_what_others_run() {
    check_timing(&[
        ("def f():\n V.get('k')\nif __name__ == '__main__':\n f()", "k Never"),
        ("def f():\n V.get('k')\ndef g():\n f()\nif __name__ == '__main__':\n g()", "k Never"),
        ("def f():\n V.get('k')\nif __name__ == '__main__':\n X(f)", "k Never"),
        ("def f():\n V.get('k')\nX(python_callable=f)\nif __name__ == '__main__':\n f()", "k Run"),
        ("def f():\n V.get('k')\nf()\nif __name__ == '__main__':\n f()", "k Parse"),
        ("def f():\n X(my_conn_id='k')\nif __name__ == '__main__':\n f()", "k Never"),
        ("def f():\n V.get('k')\nt = task(f)\nt()", "k Run"),
        ("def f():\n V.get('k')\n@dag\ndef d():\n t = task(f)\n t()\nd()", "k Run"),
        ("def f():\n V.get('k')\ntask(f).expand(x=[1])", "k Run"),
        ("def f():\n V.get('k')\ntask.python(f)()", "k Run"),
        ("def f():\n V.get('k')\ntask(task_id='t')(f)()", "k Run"),
        ("def f():\n V.get('k')\ntask(f)(f())", "k Parse"),
        ("list(map(lambda x: V.get('k'), y))", "k Parse"),
        ("sorted(y, key=lambda x: V.get('k'))", "k Parse"),
        ("y.sort(key=lambda x: V.get('k'))", "k Parse"),
        ("list(filter(lambda x: V.get('k'), y))", "k Parse"),
        ("import functools\nfunctools.reduce(lambda x, z: V.get('k'), y)", "k Parse"),
        ("def g():\n map(lambda x: V.get('k'), y)\nX(python_callable=g)", "k Run"),
        ("class C:\n @property\n def k(self):\n  return V.get('k')\nC().k", "k Parse"),
        (
            "class C:\n @property\n def k(self):\n  return V.get('k')\nc = C()\nc.k.upper()",
            "k Parse",
        ),
        (
            "class C:\n @property\n def k(self):\n  return V.get('k')\ndef f(): C().k\nX(python_callable=f)",
            "k Run",
        ),
        ("class C:\n @cached_property\n def k(self):\n  return V.get('k')\nX(a=C().k)", "k Parse"),
        ("def m():\n def i():\n  V.get('k')\n return i\nf = m()\nf()", "k Parse"),
        ("def m():\n def i():\n  V.get('k')\n return i\nX(python_callable=m())", "k Run"),
        ("def m():\n return lambda: V.get('k')\nm()()", "k Parse"),
        ("def deco(g):\n def w():\n  V.get('k')\n return w\n@deco\ndef f(): pass\nf()", "k Parse"),
        (
            "def deco(g):\n def w():\n  V.get('k')\n return w\n@task\n@deco\ndef f(): pass\nf()",
            "k Run",
        ),
        ("def f(x):\n V.get('k')\np = partial(f, 1)\np()", "k Parse"),
        ("def f(x):\n V.get('k')\npartial(f, 1)()", "k Parse"),
        ("def f(x):\n V.get('k')\nX(python_callable=partial(f, 1))", "k Run"),
        ("PostgresHook('k').get_records()", "k Parse"),
        ("PostgresHook(postgres_conn_id='k').get_records()", "k Parse"),
        ("hook = PostgresHook('k')\nhook.get_conn()", "k Parse"),
        ("hook = PostgresHook('k')\nwith hook.get_conn() as c: pass", "k Parse"),
        ("hook = PostgresHook('k')\nhook.conn.cursor()", "k Parse"),
        ("hook = PostgresHook('k')\nX(hook=hook)", "k Run"),
        ("hook = PostgresHook('k')\nhook.log.info('x')", "k Run"),
        ("hook = PostgresHook('k')\ndef f(): hook.get_conn()\nX(python_callable=f)", "k Run"),
        ("hook = PostgresHook('k')\ndef f(): hook.get_conn()\nf()", "k Parse"),
        ("def h(): return PostgresHook('k')\nh().get_records()", "k Parse"),
        ("def f():\n hook = PostgresHook('k')\n hook.get_conn()\nX(python_callable=f)", "k Run"),
        ("@task\ndef t():\n PostgresHook('k').get_records()\nt()", "k Run"),
        ("@dag\ndef d():\n PostgresHook('k').get_records()\nd()", "k Parse"),
        ("hook = PostgresHook('k')\nif __name__ == '__main__':\n hook.get_conn()", "k Run"),
        (
            "class C:\n def __init__(self):\n  self.hook = PostgresHook('k')\n def f(self):\n  self.hook.get_conn()\nC().f()",
            "k Parse",
        ),
    ]);
}

#[track_caller]
fn check_timing(table: &[(&str, &str)]) {
    let import = "from airflow.models import Variable as V\nfrom airflow.decorators import dag, task, task_group\nfrom airflow.providers.postgres.hooks.postgres import PostgresHook\n";
    for (source, expected) in table {
        let source = format!("{import}{source}");
        let expected: Vec<&str> = Some(*expected).filter(|it| !it.is_empty()).into_iter().collect();
        assert_eq!(timed(&source), expected, "{source}");
    }
}

#[test]
fn conversions_are_seen() {
    for (call, conversion) in [
        ("int(V.get('k'))", Some("int(V.get('k'))")),
        ("json.loads(V.get('k'))['x']", Some("json.loads(V.get('k'))")),
        ("V.get('k').split(',')", Some("V.get('k').split(',')")),
        ("V.get('k').strip().lower()", Some("V.get('k').strip()")),
        ("print(V.get('k'))", None),
        ("H.get_connection('k').host", None),
        ("x = V.get('k')", None),
    ] {
        let source = format!(
            "from airflow.models import Variable as V\nfrom airflow.hooks.base import BaseHook as H\n{call}"
        );
        let found = found(&source);
        assert_eq!(found.len(), 1, "{call}");
        assert_eq!(found[0].conversion.map(|it| it.span.of(&source)), conversion, "{call}");
    }
}

#[test]
fn deep_files_are_walked() {
    let import = "from airflow.models import Variable as V\n";
    let sources = [
        format!("{import}V.get(x{})", ".a".repeat(2_900)),
        format!("{import}V.get({}'k')", "-".repeat(2_900)),
        format!("{import}V.get({}'k')", "x + ".repeat(2_900)),
        format!("{import}{}V.get('k')", "lambda: ".repeat(2_900)),
        format!("{import}{}V.get('k'){}", "f(".repeat(190), ")".repeat(190)),
        format!("{import}{}V.get('k'){}", "[".repeat(190), " for x in y]".repeat(190)),
        import.to_owned()
            + &(0..99).map(|at| " ".repeat(at) + "def f(self):\n").collect::<String>()
            + &" ".repeat(99)
            + "V.get('k')\n",
    ];
    let walk = move || sources.iter().map(|source| found(source).len()).collect::<Vec<_>>();
    let thread = std::thread::Builder::new().stack_size(crate::limits::STACK);
    assert_eq!(thread.spawn(walk).unwrap().join().unwrap(), [1; 7]);
}

#[test]
fn broken_files_still_have_references() {
    let source = "from airflow.models import Variable\nx = foo(\nA = Variable.get('k')\n";
    assert_eq!(keys(source), ["k"]);
}

/// Lines that DAG files are made of.
fn lines() -> impl Strategy<Value = String> {
    let lines = prop::sample::select(vec![
        "from airflow.models import Variable",
        "from airflow.sdk import *",
        "import airflow.models as m",
        "from airflow.hooks.base import BaseHook as H",
        "K = 'k'",
        "K = K + 'x'",
        "K += L",
        "L = [K, 'b']",
        "L, K = K, L",
        "Variable.get(K)",
        "x = m.Variable.get(f'{K}_{L}')",
        "H.get_connection(conn_id=K)",
        "X(my_conn_id=K or L[0], conn_id='{}'.format(K))",
        "def f(a=K):",
        "class C(H):",
        "if x:",
        "else:",
        "elif K:",
        "for K in L:",
        "while K:",
        "try:",
        "except E as K:",
        "with X(conn_id=K) as K:",
        "match K:",
        "case [K, *L]:",
        "global K",
        "return K",
        "self.k = K",
        "def g(self):",
        "@task",
        "f()",
        "C.K",
        "raise",
        "lambda K: Variable.get(K)",
        "[Variable.get(K) for K in L]",
        "Variable = K",
        "Variable.get('%s' % (K,))",
        "Variable.get('-'.join((K, L)))",
        "nonlocal L",
        "K = C.K",
        "del K",
        "C().g()",
        "getattr(Variable, 'get')(K)",
        "Variable.get((K := 'z'))",
        "super().get_connection(K)",
        "B(task_id='t', x='{{ var.value.k }}')",
        "B(task_id='t', x=f'{{{{ conn.{K}.host }}}}')",
        "B(task_id='t', x='{\\x7b var.json[\\'k\\'] }}')",
        "B(task_id='t', x='{{ ' + 'var.value.k' + ' }}')",
        "K = '{% set v = var.value %}{{ v.k }}'",
        "context['var']['value'].k",
        "X = context.get(\"conn\").get(K)",
    ]);
    prop::collection::vec((lines, 0..4_usize), 0..30).prop_map(|lines| {
        lines.iter().map(|(line, depth)| format!("{}{line}\n", " ".repeat(*depth))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_breaks_it(text in prop_oneof![1 => ".{0,80}", 4 => lines()]) {
        let found = found(&text);
        for it in &found {
            let inside = |span: Span| text.get(span.start..span.end).is_some();
            prop_assert!(inside(it.span) && inside(it.key_span) && it.span.contains(it.key_span));
            for key in it.key.alternatives() {
                prop_assert!(!matches!(key, Key::OneOf(_)));
                if let Some(known) = key.known() {
                    prop_assert!(inside(known.span()));
                    prop_assert!(inside(known.span_of(0..known.expose().len())));
                }
            }
        }
        // The scan that decides which files are parsed loses none.
        let scan = Scan::with_patterns(words::WORDS, words::NAME_PATTERNS);
        prop_assert!(found.is_empty() || scan.may_refer(text.as_bytes()));
    }
}

#[test]
fn placeholders_are_seen_in_known_keys() {
    let key = |text: &str| Key::Known(crate::text::Text::verbatim(text, 0));
    for (text, placeholder, braces) in [
        ("bucket", false, None),
        ("<bucket>", true, None),
        ("bucket>", true, None),
        ("{stage}_bucket", false, Some("{stage}")),
        ("a_{{ params.x }}", false, Some("{{ params.x }}")),
        ("{\"a\": 1}", false, None),
        ("{}", false, None),
        ("a}b{c", false, None),
        ("https://{host}", false, None),
    ] {
        assert_eq!(key(text).placeholder().is_some(), placeholder, "{text}");
        assert_eq!(key(text).unfilled_braces(), braces, "{text}");
    }
}

#[test]
fn each_of_several_keys_is_told_from_a_choice() {
    let head = "from airflow.models import Variable\n";
    for (source, each) in [
        ("for k in ['a', 'b']:\n  Variable.get(k)", true),
        ("for k in ['a', 'b']:\n  Variable.get(f'x_{k}')", true),
        ("for k in ['a', 'b']:\n  Variable.get('x_' + k.lower())", true),
        ("for k, n in [('a', 1), ('b', 2)]:\n  Variable.get(k)", true),
        ("KS = {'a': 1, 'b': 2}\nfor k, n in KS.items():\n  y = k\n  Variable.get(y)", true),
        ("[Variable.get(x) for x in ('a', 'b')]", true),
        ("KS = [f'v_{x}' for x in ('a', 'b')]\nfor k in KS:\n  Variable.get(k)", true),
        ("def h(n):\n  return Variable.get(n)\nh('a')\nh('b')", true),
        ("def h(n):\n  return Variable.get(f'x_{n}')\nfor k in ['a', 'b']:\n  h(k)", true),
        ("list(map(Variable.get, ['a', 'b']))", true),
        ("Variable.get('a' if x else 'b')", false),
        ("k = 'a'\nif x:\n  k = 'b'\nVariable.get(k)", false),
        ("def h(n):\n  return Variable.get(n)\nh('a' if x else 'b')", false),
        ("for k in ['a', 'b']:\n  if k == x:\n    Variable.get(k)", false),
        ("for k in ['a', 'b']:\n  if k == x:\n    continue\n  Variable.get(k)", false),
        (
            "for k in ['a', 'b']:\n  try:\n    Variable.get(k)\n    break\n  except KeyError:\n    pass",
            false,
        ),
        ("[Variable.get(x) for x in ('a', 'b') if x != y]", false),
        ("for a, b in [('1', '2'), ('3', '4')]:\n  Variable.get(f'{a}_{b}')", true),
        ("def h(a, b):\n  return Variable.get(f'{a}_{b}')\nh('1', '2')\nh('3', '4')", true),
        ("def h():\n  if x:\n    return 'a'\n  return 'b'\nVariable.get(h())", false),
        ("Variable.get(x or 'lit')\nx = 'a'", false),
        ("Variable.get(['a', 'b'][x])", false),
        ("from enum import Enum\nclass E(str, Enum):\n  A = 'a'\nVariable.get(E.A)", false),
        ("for k in (['a'] if x else ['b']):\n  Variable.get(k)", false),
    ] {
        let found = found(&format!("{head}{source}\n"));
        assert_eq!(found.iter().map(|it| it.asks_each).collect::<Vec<_>>(), [each], "{source}");
    }
}
