use super::*;
use crate::model::references::tests::in_files;

/// The references of a text, as `kind key timing @ span key-span`, without what goes without saying.
fn shown(references: &[Reference], text: &str) -> String {
    let one = |it: &Reference| {
        let keys: Vec<_> =
            it.key.alternatives().iter().map(|key| key.glob().unwrap_or("?".to_owned())).collect();
        let kind = if it.kind == Kind::Variable { "v" } else { "c" };
        let timing = match it.timing {
            Timing::Template => "",
            Timing::Unknown => "?",
            Timing::Never => "!",
            Timing::Parse => " parse",
            Timing::Run => " run",
        };
        let Form::Template(form) = &it.form else { return format!("{:?}", it.form) };
        let meant = form.meant.as_ref();
        let meant = meant.map(|(name, span)| {
            assert!(span.of(text).contains(name.as_str()));
            format!(" meant {name}")
        });
        format!("{kind}:{}{timing}{}", keys.join("|"), meant.unwrap_or_default())
    };
    references.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn of_text(text: &str) -> String {
    shown(&of_template(&Text::verbatim(text, 0), Holder::Text, Timing::Template, FileId(0)), text)
}

#[track_caller]
fn check(table: &[(&str, &str)], found: impl Fn(&str) -> String) {
    let wrong: Vec<_> = table
        .iter()
        .map(|(text, expected)| (*text, found(text), *expected))
        .filter(|(_, found, expected)| found != expected)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_template_asks() {
    check(
        &[
            ("{{ var.value.a }} {{ var.json.b.c }} {{ conn.d.host }}", "v:a, v:b, c:d"),
            (
                "{{ var.value.get('a') }} {{ var.json.get('b', {}).c }} {{ conn.get('d') }}",
                "v:a, v:b, c:d",
            ),
            (
                "{{ var['value']['a'] }} {{ var.value[\"b\"] }} {{ conn['d'].host }}",
                "v:a, v:b, c:d",
            ),
            ("{{ var.get('json').a }} {{ var['json'].get('b') }}", "v:a, v:b"),
            (
                "{{ var.value.get(key='a') }} {{ conn.get(conn_id='c') }} {{ var.value.get(*x) }}",
                "v:a, c:c, v:?",
            ),
            ("{% if var.value.a %}{% elif conn.b.port > 1 %}{% endif %}", "v:a, c:b"),
            (
                "{% for k in ['a', 'b'] %}{{ var.value[k] }}{% endfor %}{{ var.value[k] }}",
                "v:a|b, v:?",
            ),
            ("{% for k, n in [('a', 1), ('b', 2)] %}{{ var.value[k] }}{% endfor %}", "v:a|b"),
            ("{% for k in keys %}{{ var.value[k] }}{% endfor %}", "v:?"),
            ("{% set k = 'a' %}{% if x %}{% set k = 'b' %}{% endif %}{{ var.value[k] }}", "v:b|a"),
            ("{% if x %}{% set k = 'b' %}{% endif %}{{ var.value[k] }}", "v:b|?"),
            ("{% set a, b = 'x', 'y' %}{{ var.value[b] }}", "v:y"),
            ("{% set v = var.value %}{% set g = v.get %}{{ g('a') }}{{ v.b }}", "v:a, v:b"),
            ("{% set c = conn.a %}{{ c.host }}{{ c.login }}", "c:a"),
            ("{% with v = var.json %}{{ v.a.b }}{% endwith %}{{ v.c }}", "v:a"),
            ("{% set var = x %}{{ var.value.a }}", ""),
            ("{% for conn in x %}{{ conn.a }}{% endfor %}{{ conn.b }}", "c:b"),
            ("{% macro m(conn) %}{{ conn.a }}{{ var.value.b }}{% endmacro %}{{ m(1) }}", "v:b"),
            (
                "{% macro m() %}{{ n() }}{% endmacro %}{% macro n() %}{{ var.value.b }}{% endmacro %}",
                "",
            ),
            (
                "{% macro n() %}{{ var.value.b }}{% endmacro %}{% macro m() %}{{ n() }}{% endmacro %}{{ m() }}",
                "v:b",
            ),
            ("{% call m(var.value.a) %}{{ var.value.b }}{% endcall %}", "v:a, v:b"),
            ("{{ var.value['a_' ~ ds] }} {{ var.value.get('a_' + x + '_b') }}", "v:a_*, v:a_*_b"),
            ("{{ var.value[params.x] }} {{ conn.get('a' if b else 'c') }}", "v:?, c:a|c"),
            (
                "{{ var.value[x or 'd'] }} {{ var.value['A' | lower] }} {{ var.value[x | default('y')] }}",
                "v:?|d, v:a, v:?|y",
            ),
            ("{{ var.value|attr('a') }} {{ (var.value).b }}", "v:a, v:b"),
            (
                "{{ f(var.value.a, k=conn.b.host) }} {{ {'x': var.value.c} }} {{ x[var.value.d:] }}",
                "v:a, c:b, v:c, v:d",
            ),
            ("{{ var.value.get(var.value.a) }}", "v:a, v:?"),
            (
                "{{ var.value }} {{ var.value.get }} {{ var.x }} {{ var.value.__class__ }} {{ var.value[none] }}",
                "",
            ),
            ("{{ var.value['var'] }} {{ var.value.get('var') }}", "v:var?, v:var"),
            ("{{ conn.host }} {{ conn.get('host') }}", "c:host?, c:host?"),
            ("{# {{ var.value.a }} #}{% raw %}{{ var.value.b }}{% endraw %}", ""),
            ("{{ var.value.a }} {{ b c }}", "v:a!"),
            ("{{ dag.var.value.a }} {{ my.conn.b }} {{ x['var'].value.c }}", ""),
            ("{{ ti.conn.a }} {{ variable.value.b }}", ""),
            ("${{ secrets.A }} {{ .Values.conn.x }} {{ env_var('A') }} {{ var('b') }}", ""),
            ("{% do x.append(var.value.a) %}{% include var.value.b %}", "v:a, v:b"),
            ("{% set x %}{{ var.value.a }}{% endset %}{{ var.value[x] }}", "v:a, v:?"),
            ("{% endfor %}{% endif %}{{ var.value.a }}", "v:a!"),
        ],
        of_text,
    );
}

#[test]
fn a_longer_name_was_meant() {
    check(
        &[
            ("{{ var.value.my-key }}", "v:my meant my-key"),
            ("{{ var.value.my-key-2 | upper }}", "v:my meant my-key-2"),
            ("{{ var.value.my/key }}", "v:my meant my/key"),
            ("{{ var.value.my-key }}{{ var.value.ok }}", "v:my meant my-key, v:ok"),
            (
                "{{ var.json.my-key.a }} {{ conn.my-conn.host }}",
                "v:my meant my-key, c:my meant my-conn",
            ),
            ("{{ var.value.a - b }} {{ var.value.a -}} {{ var.value.a-}}", "v:a, v:a, v:a"),
            ("{{ var.value.a-1 }} {{ var.json.a-1 }}", "v:a meant a-1, v:a"),
            ("{{ var.json.a-ts }} {% set x = 1 %}{{ var.json.a-x }}", "v:a, v:a"),
            ("{{ var.json.a-f(1) }}", "v:a"),
            ("{{ var.value.my.key }}", "v:my meant my.key"),
            ("{{ var.value.my.key.is.long }}", "v:my meant my.key"),
            (
                "{{ var.value.a.upper() }} {{ var.value.a.split(',')[0] }} {{ var.value.a.foo() }}",
                "v:a, v:a, v:a",
            ),
            (
                "{{ var.json.a.b }} {{ conn.a.extra_dejson.b }} {{ var.value.get('a').b }}",
                "v:a, c:a, v:a",
            ),
            ("{{ var.value.1st }}", "v:1st! meant 1st"),
            ("{{ var.value.a }} {{ conn.2nd-db.host }}", "v:a!, c:2nd-db! meant 2nd-db"),
            ("{{ var.value.1 }} {{ x.1st }} {{ a.var.value.1st }}", ""),
        ],
        of_text,
    );
}

#[test]
fn places_are_those_of_the_file() {
    let source = r#"
from airflow.operators.bash import BashOperator
NAME = "x"
BashOperator(task_id="t", bash_command="\techo {{ var.value.get(\"a\\x62\", 'd') }}"
    f"{{{{ conn.{NAME}_{other}.host }}}}", env={"A": "{{" + f" var.value.{NAME} " + "}}"})
"#;
    let references = in_files(&[("dags/a.py", source)]);
    let shown: Vec<_> = references
        .iter()
        .map(|it| {
            let default = it.default.as_ref().map_or("", |default| default.span.of(source));
            (it.key.glob().unwrap(), it.span.of(source), it.key_span.of(source), default)
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("ab".to_owned(), r#"var.value.get(\"a\\x62\", 'd')"#, r#"\"a\\x62\""#, "'d'"),
            ("x_*".to_owned(), "conn.{NAME}_{other}", "_{other}", ""),
            ("x".to_owned(), "var.value.{NAME}", "{NAME}", ""),
        ]
    );
}

fn of_code(source: &str) -> String {
    let source = format!(
        "from airflow import DAG\nfrom airflow.decorators import task, dag\nfrom airflow.models import Variable\n\
         from airflow.operators.bash import BashOperator\n{source}\n"
    );
    let all = in_files(&[("dags/a.py", &source)]);
    let all: Vec<_> = all.into_iter().filter(|it| matches!(it.form, Form::Template(_))).collect();
    shown(&all, &source)
}

#[test]
fn a_string_is_rendered_where_it_reaches_an_operator() {
    check(
        &[
            ("BashOperator(task_id='t', bash_command='{{ var.value.a }}')", "v:a"),
            (
                "BashOperator(task_id='t', env={'A': ['{{ var.value.a }}'], '{{ var.value.k }}': ''})",
                "v:a",
            ),
            ("BashOperator(task_id='t', bash_command='echo '\n'{{ var.val' 'ue.a }}')", "v:a"),
            (
                "C = '{{ var.value.a }}'\nBashOperator(task_id='t', bash_command=C)\nBashOperator(bash_command=C)",
                "v:a",
            ),
            ("C = '{{ var.value.a }}'\nBashOperator(task_id='t', bash_command='x ' + C)", "v:a"),
            ("C = '{{ var.value.a }}'\nBashOperator(task_id='t', bash_command=f'x {C}')", "v:a"),
            (
                "C = {'x': '{{ var.value.a }}'}\nBashOperator(task_id='t', env=C, bash_command=C['x'])",
                "v:a",
            ),
            (
                "class C:\n  X = '{{ var.value.a }}'\nBashOperator(task_id='t', bash_command=C.X)",
                "v:a",
            ),
            (
                "for k in ['a', 'b']:\n  BashOperator(bash_command=f'{{{{ var.value.{k} }}}} {{{{ conn.{k}.host }}}}')",
                "v:a|b, c:a|b",
            ),
            ("BashOperator(bash_command='{{{{ var.value.{} }}}}'.format(x))", "v:?"),
            (
                "BashOperator(bash_command='{{{{ var.value.{k} }}}} {{{{ var.value.b }}}}'.format(k='a'))",
                "v:a, v:b",
            ),
            ("BashOperator(bash_command='{{ var.value.%s }}' % 'a')", "v:a"),
            ("BashOperator(bash_command='{{ var.value.' + x + ' }}')", "v:?"),
            ("BashOperator(bash_command=' && '.join(['{{ var.value.a }}', x]))", "v:a"),
            ("BashOperator(bash_command=dedent('''{{ var.value.a }}'''))", "v:a"),
            (
                "BashOperator(bash_command='{{ var.value.a }}' if x else '{{ var.value.b }}')",
                "v:a, v:b",
            ),
            ("BashOperator(env=[f'{{{{ var.value.a }}}}' for x in y])", "v:a"),
            (
                "BashOperator.partial(task_id='t', env={'A': '{{ var.value.a }}'}).expand(bash_command=['{{ var.value.b }}'])",
                "v:a, v:b",
            ),
            ("MyThing(task_id='t', x='{{ var.value.a }}')", "v:a"),
            (
                "KubernetesPodOperator(env_vars=[k8s.V1EnvVar(name='A', value='{{ var.value.a }}')])",
                "v:a",
            ),
            ("@task\ndef f(x): pass\nf('{{ var.value.a }}')", "v:a"),
            (
                "@task\ndef f(x): pass\nf.override(task_id='g').partial(y=1).expand(x=['{{ var.value.a }}'])",
                "v:a",
            ),
            (
                "@task.bash(env={'A': '{{ var.value.a }}'})\ndef f():\n  return 'echo {{ var.value.b }}'",
                "v:a, v:b",
            ),
            ("@task\ndef f():\n  return 'echo {{ var.value.b }}'", "v:b?"),
            (
                "DAG('d', default_args={'env': {'A': '{{ var.value.a }}'}}, description='{{ var.value.b }}')",
                "v:a",
            ),
            (
                "@dag(default_args=dict(a='{{ var.value.a }}'), tags=['{{ var.value.b }}'])\ndef d(): pass",
                "v:a",
            ),
            ("DbtTaskGroup(operator_args={'vars': '{{ var.value.a }}'})", "v:a"),
            (
                "DAG('d', on_failure_callback=send_slack_notification(text='{{ var.value.a }}'))",
                "v:a",
            ),
            (
                "def make(name):\n  return BashOperator(task_id=name, bash_command='{{ var.value.a }}')",
                "v:a",
            ),
            (
                "if __name__ == '__main__':\n  BashOperator(task_id='t', bash_command='{{ var.value.a }}')",
                "v:a!",
            ),
        ],
        of_code,
    );
}

#[test]
fn other_strings_are_not_or_nobody_knows() {
    check(
        &[
            ("'''{{ var.value.a }}'''", ""),
            ("def f():\n  '''{{ var.value.a }}'''\n  # {{ var.value.b }}", ""),
            (
                "BashOperator(task_id='{{ var.value.a }}', doc_md='{{ var.value.b }}', pool='{{ var.value.c }}')",
                "",
            ),
            (
                "D = '{{ var.value.b }}'\nwith DAG('d', doc_md=D) as dag:\n  dag.doc_md = '{{ var.value.a }}'",
                "",
            ),
            (
                "print('{{ var.value.a }}')\nlog.info('x' + '{{ var.value.a }}')\nraise ValueError(f'{{{{ var.value.a }}}}')",
                "",
            ),
            ("Variable.get('{{ var.value.a }}')", ""),
            ("S3Hook(aws_conn_id='{{ var.value.a }}')", ""),
            ("f = f'{{ var.value.a }}'", ""),
            ("X = '{{ var.value.a }}'", "v:a!"),
            ("X = '{{ var.value.a }}'\nhelper(X)", "v:a?"),
            ("X = {'a': ['{{ var.value.a }}']}", "v:a!"),
            ("X = {'a': ['{{ var.value.a }}']}\nfor x in X: helper(x)", "v:a?"),
            ("X = '{{ var.value.a }}'\nY = X.strip()", "v:a?"),
            ("X = '{{ var.value.a }}'\nhelper(globals())", "v:a?"),
            ("def f():\n  x = '{{ var.value.a }}'", "v:a!"),
            ("def f():\n  x = '{{ var.value.a }}'\n  return x", "v:a?"),
            ("def f():\n  def g(): return x\n  x = '{{ var.value.a }}'\n  return g", "v:a?"),
            ("L = []\nL.append('{{ var.value.a }}')", "v:a?"),
            ("def f(x='{{ var.value.a }}'): pass", "v:a?"),
            ("helper('{{ var.value.a }}')", "v:a?"),
            ("ProfileConfig(x='{{ var.value.a }}')", "v:a?"),
            ("class Op(BaseOperator):\n  sql = '{{ var.value.a }}'", "v:a?"),
            (
                "@task\ndef f():\n  BashOperator(task_id='t', bash_command='{{ var.value.a }}')",
                "v:a?",
            ),
            ("BashOperator(bash_command='{{ var.value.a')", ""),
            ("BashOperator(bash_command='{{ b }} {{ var.value.a } }}')", ""),
        ],
        of_code,
    );
}

#[test]
fn other_files_use_constants() {
    for (import, expected) in [
        ("from include.sql import X", "v:a?"),
        ("from include.sql import *", "v:a?"),
        ("from include import sql", "v:a?"),
        ("import include.sql", "v:a?"),
        ("from include.sql import Y", "v:a!"),
        ("import os", "v:a!"),
    ] {
        let sql = "X = '{{ var.value.a }}'\nY = 1\n";
        let found = in_files(&[("dags/a.py", import), ("include/sql.py", sql)]);
        assert_eq!(shown(&found, sql), expected, "{import}");
    }
}

#[test]
fn other_files_and_callers_tell_what_python_puts_in() {
    let cfg = "PG = 'pg'\nSTAGES = ['dev', 'prod']\nclass C:\n  K = 'k'\n";
    for (code, expected) in [
        (
            "from include.cfg import PG\nBashOperator(bash_command=f'{{{{ conn.c_{PG}.host }}}}')",
            "c:c_pg",
        ),
        (
            "from include import cfg\nBashOperator(bash_command=f'{{{{ var.value.{cfg.PG}_{cfg.C.K} }}}}')",
            "v:pg_k",
        ),
        (
            "from include.cfg import *\nBashOperator(bash_command='{{ var.value.get(\"%s\") }}' % PG)",
            "v:pg",
        ),
        (
            "from include.cfg import PG\nBashOperator(bash_command='{{{{ conn[\"{}\"].host }}}}'.format(PG))",
            "c:pg",
        ),
        (
            "from include.cfg import PG\nBashOperator(bash_command='{{ conn.' + PG + '.host }}')",
            "c:pg",
        ),
        (
            "from include.cfg import STAGES\nfor s in STAGES:\n  BashOperator(bash_command=f'{{{{ conn.{s}_pg.host }}}}')",
            "c:dev_pg|prod_pg",
        ),
        (
            "def f(k):\n  BashOperator(bash_command=f'{{{{ conn.{k}.host }}}}')\nf('a')\nf('b')",
            "c:a|b",
        ),
        (
            "from include.cfg import PG\nDAG('d', params={'p': PG})\nBashOperator(bash_command='{{ conn[params.p].host }}')",
            "c:pg",
        ),
        (
            "from elsewhere import PG\nBashOperator(bash_command=f'{{{{ conn.c_{PG}.host }}}}')",
            "c:c_*",
        ),
    ] {
        let found = in_files(&[("dags/a.py", code), ("include/cfg.py", cfg)]);
        assert_eq!(shown(&found, code), expected, "{code}");
    }
}

#[test]
fn parameters_have_defaults() {
    check(
        &[
            (
                "DAG('d', params={'v': 'x', 'p': Param('y', type='string'), 'n': Param(type='string')})\n\
                 BashOperator(bash_command='{{ var.value[params.v] }} {{ conn[params[\"p\"]] }} {{ var.value.get(params.v ~ \"_z\") }} {{ var.value[params.n] }} {{ var.value[params.o] }}')",
                "v:x, c:y, v:x_z, v:?, v:?",
            ),
            (
                "P = {'v': 'x'}\nDAG('d', params=P)\nDAG('e', params={'v': 'y'})\nBashOperator(bash_command='{{ var.value[params.v] }}')",
                "v:x|y",
            ),
        ],
        of_code,
    );
}

#[test]
fn parameters_belong_to_their_dag() {
    check(
        &[
            (
                "with DAG('a', params={'v': 'x'}):\n  BashOperator(bash_command='{{ var.value[params.v] }}')\n\
                 with DAG('b', params={'v': 'y'}):\n  BashOperator(bash_command='{{ var.value[params.v] }}')\n\
                 with DAG('c'):\n  BashOperator(bash_command='{{ var.value[params.v] }}')",
                "v:x, v:y, v:?",
            ),
            (
                "a = DAG('a', params={'v': 'x'})\nb = DAG('b', default_args={'params': {'v': 'y'}})\n\
                 BashOperator(dag=a, bash_command='{{ var.value[params.v] }}')\n\
                 BashOperator.partial(dag=b).expand(bash_command=['{{ var.value[params.v] }}'])\n\
                 with b: BashOperator(bash_command='{{ var.value[params.v] }}', params={'v': 'z'})",
                "v:x, v:y, v:z",
            ),
            (
                "@dag(params={'v': 'x'})\ndef a():\n  BashOperator(bash_command='{{ var.value[params.v] }}')\n\
                 @dag(params={'v': 'y'})\ndef b():\n  group()\n\
                 @task_group\ndef group():\n  BashOperator(bash_command='{{ var.value[params.v] }}')",
                "v:x, v:y",
            ),
            (
                "SQL = '{{ var.value[params.v] }}'\n\
                 with DAG('a', params={'v': 'x'}) as a: BashOperator(bash_command=SQL)\n\
                 with DAG('b', params={'v': 'y'}): BashOperator(bash_command=SQL)\n\
                 with DAG('c', params={'v': 'z'}): pass",
                "v:x|y",
            ),
            (
                "with DAG('a', user_defined_macros={'k': 'x'}):\n  BashOperator(bash_command='{{ var.value[k] }}')\n\
                 with DAG('b', user_defined_macros={'k': 'y'}):\n  BashOperator(bash_command='{{ var.value[k] }}')",
                "v:x, v:y",
            ),
        ],
        of_code,
    );
}

#[test]
fn dags_give_names_to_their_templates() {
    check(
        &[
            (
                "def look(k): return Variable.get(k)\n\
                 DAG('d', user_defined_macros={'k': 'x', 'look': look, 'var2': other},\n\
                 user_defined_filters=dict())\n\
                 BashOperator(bash_command='{{ var.value[k] }} {{ look(\"a\") }} {{ look(k ~ \"_\" ~ var2) }}')",
                "v:x, v:a, v:x_*",
            ),
            (
                "M = {'c': lambda k: Connection.get(k)}\nfrom airflow.sdk import Connection\n\
                 DAG('d', user_defined_filters=M)\nBashOperator(bash_command='{{ \"a\" | c }}')",
                "c:a",
            ),
            (
                "DAG('d', user_defined_macros={'conn': x})\nBashOperator(bash_command='{{ conn.a }}')",
                "",
            ),
        ],
        of_code,
    );
}

proptest::proptest! {
    #[test]
    fn no_template_panics(words in proptest::collection::vec(proptest::sample::select(vec![
        "{{", "}}", "{%", "%}", "set", "if", "endif", "for", "endfor", "macro m(k)", "endmacro", "in", "k", "=",
        "var", "value", "json", "conn", ".", "get", "(", ")", "['", "']", "'", "a", "-", "m(", " ", "é", "1",
        "\u{10fffd}", "|", "attr", "~", "[", "]", ",",
    ]), 0..40)) {
        for text in [words.concat(), words.join(" ")] {
            for reference in of_template(&Text::verbatim(&text, 0), Holder::File, Timing::Template, FileId(0)) {
                for span in [reference.span, reference.key_span] {
                    assert!(text.get(span.start..span.end).is_some(), "{span:?} of {text:?}");
                }
                assert!(reference.span.contains(reference.key_span), "{text:?}");
            }
        }
    }
}

#[test]
fn hostile_templates_take_linear_time() {
    let many = 50_000;
    for text in [
        "{% if a %}{% set v = 'x' %}{% endif %}".repeat(many),
        "{% for a in b %}{{ var.value[a] }}".repeat(many),
        "{% macro m() %}{{ m() }}{{ var.value.a }}".repeat(many),
        "{% macro m() %}{{ m() }}{% endmacro %}".repeat(many),
        "{% if a %}{{ b }}".repeat(many),
        "{% set a = 'x' %}".to_owned() + &"{% set a = a ~ a %}".repeat(many),
        "{% set a = [a, a] %}".repeat(many),
        format!("{{{{ var.value[{}] }}}}", "'a' ~ ".repeat(many) + "b"),
        "{{ var.value.a-b }}".repeat(many),
        format!("{{{{ var.value.a{} }}}}", "-b".repeat(many)),
    ] {
        let start = std::time::Instant::now();
        let _ = of_template(&Text::verbatim(&text, 0), Holder::File, Timing::Template, FileId(0));
        let seconds = start.elapsed().as_secs_f64();
        assert!(seconds < 60.0, "{seconds} s for {}…", &text[..40]);
    }
}

#[test]
fn hostile_code_takes_linear_time() {
    let many = 10_000;
    let operators = |argument: &str| format!("B(task_id='t', x={argument})\n").repeat(many);
    for text in [
        operators("'{{ var.value.a }}'"),
        operators("f'{{{{ var.value.{a} }}}}'"),
        operators("'{{' + a + ' var.value.b }}' + b()"),
        operators("A"),
        (0..many)
            .map(|it| format!("A{it} = '{{{{ var.value.a }}}}'\nB(task_id='t', x=A{it})\n"))
            .collect(),
        "A = '{{ var.value.a }}'\n".repeat(many) + &operators("A"),
        format!(
            "A = {}'{{{{ var.value.a }}}}'\nB(task_id='t', x=A)\n",
            "'{{ a }}' + ".repeat(2_000)
        ),
        format!("B(task_id='t', x=[{}])\n", "'{{ var.value.a }}', ".repeat(many)),
        format!("B(task_id='t', x=f'{}')\n", "{{{{ var.value.{a} }}}}".repeat(many)),
        format!("A = 'a'\nB(task_id='t', x=f'{}')\n", "{{{{ var.value.{A} }}}}".repeat(many)),
        "DAG('d', user_defined_macros={'a': 'b'})\n".repeat(2_000)
            + &operators("'{{ var.value[a] }}'"),
    ] {
        let start = std::time::Instant::now();
        let beginning = text[..60].to_owned();
        let deep = std::thread::Builder::new().stack_size(crate::limits::STACK);
        deep.spawn(move || in_files(&[("dags/a.py", &text)]).len()).unwrap().join().unwrap();
        let seconds = start.elapsed().as_secs_f64();
        assert!(seconds < 10.0, "{seconds} s for {beginning}…");
    }
}
