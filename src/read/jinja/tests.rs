use super::*;

/// What a template says, in a form that is short to write down.
fn shown(text: &str) -> String {
    let template = read(text);
    let statements: Vec<String> =
        template.statements.iter().map(|it| statement(&it.kind)).collect();
    let fault =
        template.fault.map(|fault| format!(" !{}", fault.span.of(text))).unwrap_or_default();
    statements.join(" ") + &fault
}

fn statement(kind: &StatementKind) -> String {
    match kind {
        StatementKind::Value(value) => expr(value),
        StatementKind::Set(targets, value) => format!("set({}={})", target(targets), expr(value)),
        StatementKind::SetBlock(only) => format!("set({})", target(std::slice::from_ref(only))),
        StatementKind::If(test) => format!("if({})", expr(test)),
        StatementKind::Elif(test) => format!("elif({})", expr(test)),
        StatementKind::Else => "else".to_owned(),
        StatementKind::For { targets, iterable, condition } => {
            let condition = condition.iter().map(|it| format!(" if {}", expr(it)));
            format!(
                "for({} in {}{})",
                target(targets),
                expr(iterable),
                condition.collect::<String>()
            )
        }
        StatementKind::Macro { name, parameters } => {
            format!("macro({}{})", name.node, names(parameters))
        }
        StatementKind::Call { parameters, call } => {
            format!("call({}{})", names(parameters), expr(call))
        }
        StatementKind::With(values) => {
            let values = values.iter().map(|(name, value)| {
                format!("{}={}", target(std::slice::from_ref(name)), expr(value))
            });
            format!("with({})", values.collect::<Vec<_>>().join(","))
        }
        StatementKind::Import(names) => format!("import({})", names.join(",")),
        StatementKind::Block(values) => format!("block({})", exprs(values)),
        StatementKind::End => "end".to_owned(),
        StatementKind::Other => "other".to_owned(),
    }
}

fn names(parameters: &[Parameter]) -> String {
    let name = |it: &Parameter| match &it.default {
        Some(default) => format!(" {}={}", it.name, expr(default)),
        None => format!(" {}", it.name),
    };
    parameters.iter().map(name).collect()
}

fn target(targets: &[Target]) -> String {
    let one = |it: &Target| match it {
        Target::Name(name) => name.clone(),
        Target::Parts(parts) => format!("({})", target(parts)),
        Target::Attribute => "_._".to_owned(),
    };
    targets.iter().map(one).collect::<Vec<_>>().join(",")
}

fn exprs(parts: &[Expr]) -> String {
    parts.iter().map(expr).collect::<Vec<_>>().join(" ")
}

fn expr(it: &Expr) -> String {
    let arguments = |arguments: &[Argument]| {
        let one = |it: &Argument| {
            let name = it.name.as_ref().map(|name| format!("{}=", name.node)).unwrap_or_default();
            format!(" {name}{}{}", if it.is_unpacked { "*" } else { "" }, expr(&it.value))
        };
        arguments.iter().map(one).collect::<String>()
    };
    match &it.kind {
        ExprKind::Name(name) => name.clone(),
        ExprKind::Str(text) => format!("{:?}", text.expose()),
        ExprKind::None => "none".to_owned(),
        ExprKind::Constant => "#()".to_owned(),
        ExprKind::Attribute(value, name) => format!("{}.{}", expr(value), name.node),
        ExprKind::Item(value, index) => format!("{}[{}]", expr(value), expr(index)),
        ExprKind::Call(call) => {
            format!("{}({})", expr(&call.function), arguments(&call.arguments).trim())
        }
        ExprKind::Filter(filter) => {
            let value = filter.value.as_ref().map(expr).unwrap_or_default();
            format!("{value}|{}{}", filter.name.node, arguments(&filter.arguments))
        }
        ExprKind::Joined(parts) => format!("~({})", exprs(parts)),
        ExprKind::Conditional(it) => {
            let otherwise = it.otherwise.as_ref().map(expr).unwrap_or_default();
            format!("?({} {} {otherwise})", expr(&it.test), expr(&it.body))
        }
        ExprKind::Or(parts) => format!("or({})", exprs(parts)),
        ExprKind::List(parts) => format!("[{}]", exprs(parts)),
        ExprKind::Other(parts) => format!("#({})", exprs(parts)),
    }
}

#[test]
fn a_template_is_read_as_jinja_reads_it() {
    let table = [
        ("plain { text } %} }}", ""),
        ("{{ a.b.c }} {{- a -}} {{+ a }}", "a.b.c a a"),
        ("{{a}}}", "a"),
        ("{{ {'a': {}} }}", "#(\"a\" #())"),
        ("{{ {{'a': 1}.a }}", " !}"),
        ("{# {{ a }} #}{{ b }}", "b"),
        ("{#- x -#}{{ b }}", "b"),
        ("{# {{ a }}", " !{#"),
        ("{% raw %}{{ a }}{% endraw %}{{ b }}", "b"),
        ("{%- raw -%}{{ a }}{%+ endraw -%}{{ b }}", "b"),
        ("{%raw%}{% if %}{%endraw%}", ""),
        ("{% raw %}{{ a }}", " !{% raw %}"),
        ("{{ a['b'][0].c[1:2] }}", "a[\"b\"][#()].c[#(#() #())]"),
        ("{{ a.0.1 }}", "a[#()][#()]"),
        ("{{ a[b c] }}", " !c"),
        ("{{ a[] }}", " !]"),
        ("{{ f(a, k='v', *r, **s) }}", "f(a k=\"v\" *r *s)"),
        ("{{ f() }}", "f()"),
        ("{{ f(a b) }}", " !b"),
        ("{{ a | b('c') | d.e }}", "a|b \"c\"|d.e"),
        ("{{ -a | b }}", "#(a)|b"),
        ("{{ a is defined }}", "#(a)"),
        ("{{ a is not divisibleby 3 and b }}", "#(#(a #()) b)"),
        ("{{ a is eq('x') or b }}", "or(#(a \"x\") b)"),
        ("{{ a is none is none }}", " !is"),
        ("{{ 'a' ~ b ~ 'c' + d }}", "~(~(\"a\" b \"c\") d)"),
        ("{{ a - b * c // d % e ** f }}", "#(a #(b c d #(e f)))"),
        ("{{ not a in b and c not in d == e }}", "#(#(#(a b)) #(c d e))"),
        ("{{ a if b else c if d else e }}", "?(b a ?(d c e))"),
        ("{{ a if b }}", "?(b a )"),
        ("{{ (a).b }} {{ (a,) }} {{ () }} {{ a, b }}", "a.b [a] [] [a b]"),
        ("{{ 'a' \"b\" 'c' }}", "\"abc\""),
        (r#"{{ 'a\'\x41\u00e9\n' "\"" }}"#, r#""a'Aé\n\"""#),
        (r"{{ 'a\x4' }}", r" !'a\x4'"),
        ("{{ none }} {{ True }} {{ 1.5e3 }} {{ 0xff }} {{ 1_000 }}", "none #() #() #() #()"),
        ("{{ a.1x }}", " !x"),
        ("{{ a.été }}", "a.été"),
        ("{{ a.in }} {{ a.if }}", "a.in a.if"),
        ("{{ a b }}", " !b"),
        ("{{ }} {{ a }}", "a !{{ }}"),
        ("{{ a $ b }} {{ c }}", "c !$"),
        ("{{ a", " ! a"),
        ("{{ 'a }} {{ b }}", "b !'"),
        ("{% set a = b %}", "set(a=b)"),
        ("{% set a, b = c, d %}", "set(a,b=[c d])"),
        ("{% set (a, b) = c %}{% set n.a = d %}", "set((a,b)=c) set(_._=d)"),
        ("{% set a %}x{% endset %}", "set(a) end"),
        ("{% set a | upper %}x{% endset %}", "set(a) end"),
        ("{% if a %}{% elif b %}{% else %}{% endif %}", "if(a) elif(b) else end"),
        (
            "{%- for k, v in a.items() if v recursive -%}{% else %}{% endfor %}",
            "for(k,v in a.items() if v) else end",
        ),
        ("{% macro m(a, b='x') %}{% endmacro %}{{ m(1) }}", "macro(m a b=\"x\") end m(#())"),
        ("{% call(u) m(a) %}{% endcall %}", "call( um(a)) end"),
        ("{% filter upper | trim %}{% endfilter %}", "block(|upper|trim) end"),
        ("{% with a = b, c = d %}{% endwith %}", "with(a=b,c=d) end"),
        ("{% block a scoped %}{% endblock a %}", "block() end"),
        ("{% autoescape true %}{% endautoescape %}", "block(#()) end"),
        ("{% include 'a.sql' ignore missing with context %}", "\"a.sql\""),
        ("{% extends 'a' %}{% do a.append(b) %}", "\"a\" a.append(b)"),
        (
            "{% import 'a' as b %}{% from 'c' import d, e as f with context %}",
            "import(b) import(d,f)",
        ),
        ("{% snapshot x %}{{ a }}{% endsnapshot %}{% endif %}", "other a other end"),
        ("{% if a %}", "if(a) !{% if a %}"),
        ("{% if a %}{% endfor %}", "if(a) end !{% endfor %}"),
        ("{% else %}", "else !{% else %}"),
        ("{% %}", " !{% %}"),
        ("{% if %}{{ b }}", "b !{% if %}"),
        ("${{ secrets.A }}", "secrets.A"),
    ];
    let wrong = table.into_iter().filter(|(text, expected)| shown(text) != *expected);
    let wrong: Vec<_> = wrong.map(|(text, expected)| (text, shown(text), expected)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_hole_is_a_letter() {
    let text = format!("{{{{ var.value.a_{HOLE}['b{HOLE}'] }}}}{{{{ {HOLE} }}}}");
    assert_eq!(shown(&text), format!("var.value.a_{HOLE}[{:?}] {HOLE}", format!("b{HOLE}")));
}

#[test]
fn parts_know_their_place() {
    let text = r#"ä {{ var.value.get('a\x41b', default="d") }}"#;
    let template = read(text);
    let StatementKind::Value(value) = &template.statements[0].kind else { panic!() };
    assert_eq!(value.span.of(text), r#"var.value.get('a\x41b', default="d")"#);
    let ExprKind::Call(call) = &value.kind else { panic!() };
    let ExprKind::Str(key) = &call.positional(0).unwrap().value.kind else { panic!() };
    assert_eq!(key.expose(), "aAb");
    assert_eq!(key.span().of(text), r"a\x41b");
    assert_eq!(key.span_of(1..2).of(text), r"\x41");
    let name = call.keyword("default").unwrap().name.as_ref().unwrap();
    assert_eq!(name.span.of(text), "default");
}

/// Every place of `expr` lies inside `text`, on whole characters, and inside that of what it is in.
fn check(expr: &Expr, text: &str) {
    assert!(text.get(expr.span.start..expr.span.end).is_some(), "{:?}", expr.span);
    assert!(expr.height <= MAX_HEIGHT);
    expr.each_child(&mut |child| check(child, text));
}

fn check_all(text: &str) {
    let template = read(text);
    for it in &template.statements {
        assert!(text.get(it.span.start..it.span.end).is_some());
        match &it.kind {
            StatementKind::Value(value)
            | StatementKind::Set(_, value)
            | StatementKind::If(value)
            | StatementKind::Elif(value) => check(value, text),
            StatementKind::For { iterable, .. } => check(iterable, text),
            StatementKind::Block(values) => values.iter().for_each(|value| check(value, text)),
            _ => {}
        }
    }
    if let Some(fault) = template.fault {
        assert!(text.get(fault.span.start..fault.span.end).is_some(), "{fault:?} in {text:?}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_panics(text in ".{0,80}") {
        check_all(&text);
    }

    #[test]
    fn no_mixture_panics(words in proptest::collection::vec(proptest::sample::select(vec![
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "raw", "endraw", "set", "if", "else", "endif", "for",
        "in", "endfor", "macro", "call", "filter", "with", "block", "import", "from", "as", "not", "is",
        "a", "var.value.x", "é", " ", "\n", "'", "\"", "\\", "'x'", "(", ")", "[", "]", "{", "}", ".",
        ",", "|", "~", "=", "==", "*", "**", "0", "1.5", "0x", "\u{10fffd}", "$", "\u{0}",
    ]), 0..40)) {
        check_all(&words.concat());
        check_all(&format!("{{{{ {} }}}}", words.join(" ")));
    }
}

#[test]
fn hostile_input_is_read_to_its_end() {
    let many = 200_000;
    for text in [
        "{{".repeat(many),
        "{%".repeat(many),
        "{# ".repeat(many),
        "{{ (".repeat(many),
        "{{ a.".repeat(many),
        "{{ '".repeat(many),
        "{% raw %}".repeat(many),
        format!("{{{{ {} }}}}", "(".repeat(many)),
        format!("{{{{ a{} }}}}", ".b".repeat(many)),
        format!("{{{{ a{} }}}}", "|b".repeat(many)),
        format!("{{{{ a{} }}}}", "(b)".repeat(many)),
        format!("{{{{ {}a }}}}", "not ".repeat(many)),
        format!("{{{{ {}a }}}}", "-".repeat(many)),
        format!("{{{{ a{} }}}}", " ~ a".repeat(many)),
        format!("{{{{ a{} }}}}", " ** a".repeat(many)),
        format!("{{{{ a{} }}}}", " if a else a".repeat(many)),
        format!("{{{{ a{} }}}}", " if a".repeat(many)),
        format!("{{{{ {} }}}}", "{".repeat(many)),
        format!("{{{{ {} }}}}", "'a' ".repeat(many)),
        "{% if a %}".repeat(many),
        "{% endif %}".repeat(many),
        "{% set ((((".repeat(many),
        format!("{{% set {}a{} = b %}}", "(".repeat(many), ")".repeat(many)),
        format!("{{{{ {}a{} }}}}", "(".repeat(many), ")".repeat(many)),
        "{{ a $ ".repeat(many),
        "{{ a }} $ }}".repeat(many),
        " ".repeat(many) + "{%" + &" ".repeat(many),
    ] {
        check_all(&text);
    }
}
