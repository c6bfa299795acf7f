//! The reader as a whole: what it keeps, what it refuses, and that no text breaks it.

use proptest::prelude::*;

use super::tree::{ExprKind, FStringPart, StmtKind};
use super::*;
use crate::text::Text;

/// Runs `test` on a thread as large as [`parse`] asks for.
fn on_deep_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(limits::STACK).spawn(test).unwrap().join().unwrap();
}

/// The string that is the whole of `source`, an expression.
fn string(source: &str) -> Text {
    let module = parse(source).unwrap();
    assert!(module.errors.is_empty(), "{source}");
    match module.body.into_iter().next().map(|stmt| stmt.kind) {
        Some(StmtKind::Expr(expr)) => expr.as_str().expect("a string").clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn strings_are_decoded_and_map_back() {
    for (source, decoded) in [
        ("'a'", "a"),
        ("\"\"\"a'b\"\"\"", "a'b"),
        (r"'a\'b'", "a'b"),
        (r"r'raw\d'", r"raw\d"),
        (r"'unknown\d'", r"unknown\d"),
        (r"'tab\t.'", "tab\t."),
        (r"'\x41\u00e9\U0001F600\N{BULLET}\101\0.'", "Aé😀•A\0."),
        ("'a\\\nb'", "ab"),
        ("'''a\r\nb\\\r\nc'''", "a\nbc"),
        ("'im' \"plicit\"", "implicit"),
        ("('two'\n 'lines')", "twolines"),
        ("u'ä' R'\\d'", "ä\\d"),
        ("''", ""),
    ] {
        assert_eq!(string(source).expose(), decoded, "{source}");
    }

    let text = string(r"'a\x41b' '\N{BULLET}c'");
    assert_eq!(text.span(), Span::new(1, 21));
    for (range, span) in [(0..1, 1..2), (1..2, 2..6), (2..3, 6..7), (3..6, 10..20), (6..7, 20..21)]
    {
        assert_eq!(text.span_of(range.clone()), Span::from(span), "{range:?}");
    }
}

#[test]
fn f_strings_keep_their_parts() {
    let source = r#"f"a{{b}}\t{x!r:>{w}}" "c{d}" rf'\d{y=}'"#;
    let module = parse(source).unwrap();
    let Some(StmtKind::Expr(expr)) = module.body.first().map(|stmt| &stmt.kind) else { panic!() };
    let ExprKind::FString(parts) = &expr.kind else { panic!("{expr:?}") };
    let shown: Vec<String> = parts
        .iter()
        .map(|part| match part {
            FStringPart::Literal(text) => format!("{:?}", text.expose()),
            FStringPart::Interpolation(it) => format!(
                "{}!{:?}{}{}",
                it.value.span.of(source),
                it.conversion,
                if it.is_debug { "=" } else { "" },
                if it.format.is_some() { ":" } else { "" }
            ),
        })
        .collect();
    assert_eq!(
        shown,
        ["\"a{b}\\t\"", "x!Some('r'):", "\"c{d}\"", "\"\\\\d\"", "y!None="],
        "the literal beside an f-string keeps its braces"
    );
    let FStringPart::Literal(text) = &parts[0] else { panic!() };
    assert_eq!(text.span_of(1..2).of(source), "{{");
    assert_eq!(text.span_of(4..5).of(source), "\\t");
}

#[test]
fn errors_do_not_cost_the_rest() {
    for source in [
        "x = foo(\nA = get('k')\n",
        "def f(\nA = get('k')\n",
        "print 'python 2'\nA = get('k')\n",
        "x = 'open\nA = get('k')\n",
        "%matplotlib inline\nA = get('k')\n",
        "\0\nA = get('k')\n",
        "if x\n    A = get('k')\n",
    ] {
        let module = parse(source).unwrap();
        assert!(!module.errors.is_empty(), "{source}");
        assert!(format!("{module:?}").contains("Name(\"get\")"), "{source}");
    }
    let secret = parse("x = hunter2$secret\n").unwrap();
    assert!(secret.errors.iter().all(|it| !it.node.contains('$')), "{:?}", secret.errors);
}

#[test]
fn newer_syntax_is_no_error() {
    for source in [
        "match x:\n    case {'a': [1, *_], **rest} | P(q=1) as p if p: pass\n    case _: pass\n",
        "def f[T = int](a, /, b: int = 1, *c, d, **e) -> T: ...\n",
        "type X = int\n",
        "try: pass\nexcept* A: pass\n",
        "try: pass\nexcept A, B: pass\n",
        "with (a as b, c as d,): pass\n",
        "x = f\"{d[\"k\"]}\"\n",
        "x = t'{y}'\n",
        "async def f():\n    async with a: await b\n",
        "\u{feff}x = 1\r\ny = 2\r\n",
    ] {
        assert_eq!(parse(source).unwrap().errors, [], "{source}");
    }
    let module = parse("\u{feff}x = 1 # a\r\ny = 2\r\n").unwrap();
    assert_eq!(module.body[0].span, Span::new(3, 8));
    assert_eq!(module.comments, [Span::new(9, 12)]);
}

#[test]
fn hidden_spans_are_strings_and_comments() {
    let cases: &[(&str, &[&str])] = &[
        ("x = 'a' # b", &["a", "# b"]),
        ("x = '# no' + \"\"\"two\nlines\"\"\"", &["# no", "two\nlines"]),
        (r"x = 'it\'s' + r'\'", &[r"it\'s", r"\'"]),
        ("f'a{b}c{d:>{e}}'", &["a", "c", ">"]),
        ("f'{x[\"k\"]!r}' 'z'", &["k", "z"]),
        ("f\"{d[\"k\"]}\"", &["k"]),
        ("f'{{a}}{b}' b'c' rb\"d\"", &["{{a}}", "c", "d"]),
        (r"f'\N{BULLET}{x}'", &[r"\N{BULLET}"]),
        ("x = 'open\ny = 'b'", &["open", "b"]),
        ("f'open {x\ny = 1", &["open "]),
        ("x = '''open\ny = 1", &["open\ny = 1"]),
        ("x = 1", &[]),
    ];
    for (source, expected) in cases {
        let found: Vec<&str> = hidden(source).into_iter().map(|span| span.of(source)).collect();
        assert_eq!(found, *expected, "{source}");
    }
}

/// The strings and comments of the parser's tokens, to compare [`hidden`] with.
fn hidden_by_tokens(text: &str) -> Vec<Span> {
    use ruff_python_ast::StringFlags;
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
    let spans = parsed.tokens().iter().filter_map(|token| {
        let span = span(token.range());
        Some(match token.kind() {
            TokenKind::Comment | TokenKind::FStringMiddle | TokenKind::TStringMiddle => span,
            TokenKind::String => {
                let flags = token.string_flags()?;
                let start = span.start + flags.opener_len().to_usize();
                Span::new(start, (span.end - flags.closer_len().to_usize()).max(start))
            }
            _ => return None,
        })
    });
    spans.filter(|span| span.start < span.end).collect()
}

#[test]
fn limits_are_those_of_python() {
    let refused = |source: &str| parse(source).err().map(|it| it.limit);
    let block = |levels: usize| {
        let lines: String = (0..levels).map(|at| " ".repeat(at) + "if x:\n").collect();
        lines + &" ".repeat(levels) + "pass\n"
    };
    on_deep_stack(move || {
        for (source, limit) in [
            ("(".repeat(200) + &")".repeat(200), None),
            ("(".repeat(201) + &")".repeat(201), Some(Limit::Brackets)),
            (block(100), None),
            (block(101), Some(Limit::Indentation)),
            ("x".to_owned() + &".a".repeat(3000), None),
            ("x".to_owned() + &".a".repeat(3001), Some(Limit::Operators)),
            ("f(a.b, -c, x[1])\n".repeat(10_000), None),
            ("[".to_owned() + &"a.b + c(1) + -2,\n".repeat(10_000) + "]", None),
            ("{".to_owned() + &"'a': lambda x, y: x + y,\n".repeat(10_000) + "}", None),
            (" ".repeat(limits::PYTHON_FILE + 1), Some(Limit::Size)),
        ] {
            assert_eq!(refused(&source), limit, "{source:.40}");
        }
    });
}

#[test]
fn deep_nesting_is_refused_quickly() {
    let n = 100_000;
    let repeat =
        |open: &str, middle: &str, close: &str| open.repeat(n) + middle + &close.repeat(n) + "\n";
    let sources = [
        repeat("(", "", ")"),
        repeat("[", "", "]"),
        repeat("[", "", ""),
        repeat("{1:", "", "}"),
        repeat("f(", "", ")"),
        repeat("f(a=", "1", ")"),
        repeat("-", "1", ""),
        repeat("not ", "1", ""),
        repeat("await ", "1", ""),
        repeat("x.", "x", ""),
        repeat("x", "", "()"),
        repeat("x", "", "[0]"),
        repeat("1+", "1", ""),
        repeat("1**", "1", ""),
        repeat("lambda: ", "1", ""),
        repeat("lambda a, b: ", "1", ""),
        repeat("lambda a, b=lambda: 1, *c: ", "1", ""),
        repeat("1 if 1 else ", "1", ""),
        repeat("(yield ", "1", ")"),
        repeat("f'{", "1", "}'"),
        repeat("f\"{", "1", "}\""),
        repeat("f'{1:{", "1", "}}'"),
        "f'".to_owned() + &repeat("{1:", "1", "}") + "'",
        repeat("t'''{", "1", "}'''"),
        repeat("if 1: ", "pass", ""),
        repeat("for x in y: ", "pass", ""),
        "match x:\n case ".to_owned() + &repeat("[", "1", "]") + ": pass\n",
        "match x:\n case ".to_owned() + &repeat("A(", "1", ")") + ": pass\n",
        "match x:\n case ".to_owned() + &repeat("1|", "1", "") + ": pass\n",
        "x: ".to_owned() + &repeat("a[", "1", "]"),
        "@".to_owned() + &repeat("a.", "a", "") + "def f(): pass\n",
        repeat("(x:=", "1", ")"),
        repeat("*", "x", ""),
    ];
    let start = std::time::Instant::now();
    on_deep_stack(move || {
        for source in &sources {
            let refused = parse(source).expect_err(&source[..30]);
            assert!(refused.at < 100_000, "{refused:?} {source:.30}");
            let _spans = hidden(source);
        }
    });
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn long_flat_code_is_read() {
    let n = 20_000;
    for source in [
        "x = [\n".to_owned() + &"'a',\n".repeat(n) + "]\n",
        "x = (\n".to_owned() + &"'a'\n".repeat(n) + ")\n",
        "if a:\n pass\n".to_owned() + &"elif b:\n pass\n".repeat(n),
        "x = y\n".repeat(n),
        "x = 1; ".repeat(n),
    ] {
        on_deep_stack(move || {
            let module = parse(&source).unwrap();
            assert_eq!(module.errors, []);
            let _copy = module.clone();
        });
    }
}

/// Words that Python files are made of, so that random texts get past the lexer.
fn fragments() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "f'", "f\"", "'", "\"\"\"", "rb'", "{", "}", "{{", "(", ")", "[", "]", ":", "::", ",", ".",
        "\n", "\r\n", "\r", "    ", "\t", "\\", "\\\n", "#", "x", "é", "\u{feff}", "\0", "=", ":=",
        "!r", "lambda", "if ", " else ", "def f", "class C", "match x", "case ", "\\N{", "\\x",
        "1", "t'", "*", "**", "@", "import ", "from . ", "async ", "await ", "not ", ";", "'''",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_breaks_it(text in prop_oneof![".{0,80}", fragments()]) {
        let mut last = 0;
        for span in hidden(&text) {
            prop_assert!(last <= span.start && span.start < span.end, "{:?}", span);
            prop_assert!(text.get(span.start..span.end).is_some(), "{:?}", span);
            last = span.end;
        }
        let module = parse(&text).unwrap();
        let inside = |span: Span| text.get(span.start..span.end).is_some();
        prop_assert!(module.comments.iter().all(|span| inside(*span)));
        prop_assert!(module.errors.iter().all(|it| inside(it.span)));
        prop_assert!(module.body.iter().all(|it| inside(it.span)));
        let mut at: Vec<&tree::Expr> = Vec::new();
        for stmt in &module.body {
            if let StmtKind::Expr(expr) = &stmt.kind {
                at.push(expr);
            }
        }
        while let Some(expr) = at.pop() {
            prop_assert!(inside(expr.span));
            if let Some(string) = expr.as_str() {
                let all = string.span_of(0..string.expose().len());
                prop_assert!(inside(all) && inside(string.span()), "{:?}", expr);
            }
            expr.each_child(&mut |child| at.push(child));
        }
        if module.errors.is_empty() {
            prop_assert_eq!(hidden(&text), hidden_by_tokens(&text));
        }
    }
}
