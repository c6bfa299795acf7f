use std::time::Instant;

use proptest::prelude::*;

use super::*;

/// The expression of `x = …`.
fn expression(text: &str) -> Expression {
    let hcl = read(&format!("x = {text}\n"));
    assert!(hcl.errors.is_empty(), "{text}: {:?}", hcl.errors);
    hcl.body.attributes.into_iter().next().unwrap().value
}

fn text_of(expression: &Expression) -> &Text {
    match &expression.kind {
        ExpressionKind::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn blocks_attributes_and_labels() {
    let text = "# c\nresource \"aws_x\" \"n\" {\n  a = 1 # one\n  b {\n    c = [true, null]\n  }\n  one { d = \"e\" }\n}\nlocals { f = { g : 1, (h) = 2, \"i j\" = 3 } }\n";
    let hcl = read(text);
    assert!(hcl.errors.is_empty(), "{:?}", hcl.errors);
    let [resource, locals] = &hcl.body.blocks[..] else { panic!() };
    assert_eq!(
        (resource.kind.node.as_str(), resource.label(0), resource.label(1)),
        ("resource", "aws_x", "n")
    );
    assert_eq!(resource.labels[1].span.of(text), "\"n\"");
    assert!(
        resource.span.of(text).starts_with("resource") && resource.span.of(text).ends_with('}')
    );
    let attribute = resource.body.attribute("a").unwrap();
    assert_eq!(attribute.name.span.of(text), "a");
    assert_eq!(attribute.value.span.of(text), "1");
    assert_eq!(resource.body.blocks("b").count(), 1);
    assert_eq!(
        text_of(resource.body.blocks("one").next().unwrap().body.get("d").unwrap()).expose(),
        "e"
    );
    let ExpressionKind::Object(pairs) = &locals.body.get("f").unwrap().kind else { panic!() };
    assert_eq!(text_of(&pairs[0].0).expose(), "g");
    assert_eq!(pairs[0].0.span.of(text), "g");
    assert!(matches!(&pairs[1].0.kind, ExpressionKind::Name(name) if name == "h"));
    assert_eq!(pairs[2].0.span.of(text), "\"i j\"");
}

#[test]
fn strings_map_through_escapes() {
    let source = r#"x = "aé\"b\n\u00e9$${c}%%{d}""#;
    let hcl = read(source);
    let value = hcl.body.get("x").unwrap();
    let text = text_of(value);
    assert_eq!(text.expose(), "aé\"b\né${c}%{d}");
    let at = |part: &str| {
        let start = text.expose().find(part).unwrap();
        text.span_of(start..start + part.len()).of(source)
    };
    assert_eq!(at("\""), "\\\"");
    assert_eq!(at("b"), "b");
    assert_eq!(at("\n"), "\\n");
    assert_eq!(at("${"), "$${");
    assert_eq!(at("c}"), "c}");
    assert_eq!(value.span.of(source), &source[4..]);
}

#[test]
fn heredocs_map_line_by_line() {
    let source = "x = <<-EOT\n    {\n      \"a\": 1\n    }\n    EOT\n";
    let hcl = read(source);
    let text = text_of(hcl.body.get("x").unwrap());
    assert_eq!(text.expose(), "{\n  \"a\": 1\n}\n");
    let start = text.expose().find("\"a\"").unwrap();
    assert_eq!(text.span_of(start..start + 3), Span::new(23, 26));
    assert_eq!(text.span_of(start..start + 3).of(source), "\"a\"");
}

#[test]
fn templates_keep_their_parts() {
    let source = r#"x = "a-${var.b}-c""#;
    let ExpressionKind::Template(parts) = expression(&source[4..]).kind else { panic!() };
    let [Part::Text(before), Part::Value(value), Part::Text(after)] = &parts[..] else { panic!() };
    assert_eq!((before.expose(), after.expose()), ("a-", "-c"));
    assert_eq!(value.span.of(source), "var.b");
    assert!(matches!(expression("\"${var.b}\"").kind, ExpressionKind::Access { .. }));
}

#[test]
fn one_bad_block_costs_only_itself() {
    for bad in [
        "resource \"a\" \"bad\" {\n  x = = 1\n}\n",
        "resource \"a\" \"bad\" {\n  x = [1\n",
        "resource \"a\" \"bad\" {\n  x = \"open\n}\n",
        "resource \"a\" \"bad\" {\n  x = 1\n}}\n",
        "resource \"a\" \"bad\" {\n  x = <<EOF\n  never\n}\n",
        "resource \"a\" \"bad\" {\n  x = \"${1\"\n}\n",
    ] {
        let text = format!("\u{feff}a = 1\n{bad}resource \"a\" \"good\" {{\n  y = 2\n}}\n");
        let hcl = read(&text);
        assert_eq!(hcl.body.attributes.len(), 1, "{bad}");
        let names: Vec<_> = hcl.body.blocks.iter().map(|block| block.label(1)).collect();
        assert_eq!(names, ["good"], "{bad}: {:?}", hcl.errors);
        assert_eq!(hcl.errors.len(), 1, "{bad}");
    }
    // A heredoc holds lines that look like blocks.
    let text = "locals {\n  a = <<EOF\nresource \"a\" \"b\" {\n}\nEOF\n  b = 1\n}\n";
    let hcl = read(text);
    assert!(hcl.errors.is_empty());
    assert_eq!(hcl.body.blocks.len(), 1);
}

#[test]
fn the_json_form_has_the_same_shape() {
    let text = r#"{"resource": {"aws_x": {"n": {"a": "p-${var.b}\n", "k": {"c": [1, "$${x}"]}}}}, "locals": {"d": "\u00e9"}}"#;
    let hcl = read_json(text);
    assert!(hcl.errors.is_empty());
    let [resource, locals] = &hcl.body.blocks[..] else { panic!() };
    assert_eq!((resource.label(0), resource.label(1)), ("aws_x", "n"));
    let ExpressionKind::Template(parts) = &resource.body.get("a").unwrap().kind else { panic!() };
    let [Part::Text(before), Part::Value(value), Part::Text(after)] = &parts[..] else { panic!() };
    assert_eq!((before.expose(), after.expose()), ("p-", "\n"));
    assert_eq!(value.span.of(text), "var.b");
    assert_eq!(after.span_of(0..1).of(text), "\\n");
    assert_eq!(resource.body.blocks("k").count(), 1);
    assert_eq!(text_of(locals.body.get("d").unwrap()).expose(), "é");
    for hostile in [
        "{\"locals\": {\"a\": &a [*a]}}",
        "{\"locals\": {\"a\": &a {b: *a}}}",
        "[[[[",
        "{\"resource\": &r [*r]}",
    ] {
        let _ = read_json(hostile);
    }
}

#[test]
fn large_files_are_read_in_time() {
    let many = |part: &str, times: usize| part.repeat(times);
    let cases = [
        ("braces", many("{", 1 << 20)),
        ("brackets", format!("x = {}", many("[", 100_000))),
        ("closed", format!("x = {}{}", many("[", 100_000), many("]", 100_000))),
        ("parens", format!("x = {}1{}", many("(", 60), many(")", 60))),
        ("calls", format!("x = {}1{}", many("f(", 100_000), many(")", 100_000))),
        ("not", format!("x = {}1", many("!", 100_000))),
        ("minus", format!("x = {}1", many("-", 100_000))),
        ("operators", format!("x = {}1", many("1 + ", 100_000))),
        ("conditions", format!("x = {}1", many("a ? b : ", 100_000))),
        ("blocks", format!("{}{}", many("a {\n", 100_000), many("}\n", 100_000))),
        ("templates", format!("x = {}", many("\"${", 100_000))),
        ("closed templates", format!("x = {}1{}", many("\"${", 50), many("}\"", 50))),
        ("all kinds", format!("x = {}1{}", many("{a=[\"${f(", 12), many(")}\"]}", 12))),
        ("all kinds, deeper", format!("x = {}1{}", many("{a=[\"${f(", 99), many(")}\"]}", 99))),
        ("blocks as deep as they go", format!("{}{}", many("a {\n", 63), many("}\n", 63))),
        ("directives", format!("x = \"{}\"", many("%{if a}", 60))),
        ("directives in a heredoc", format!("x = <<E\n{}\nE\n", many("%{if a}", 100_000))),
        ("loops", format!("x = <<E\n{}\nE\n", many("%{for a in b}", 60))),
        ("heredocs", many("resource \"a\" \"b\" {\nx = <<E\n", 30_000)),
        ("comments", many("/* ", 300_000)),
        ("open comments", format!("x = [{}", many("1 /*, ", 100_000))),
        (
            "keys",
            format!("x = {{{}}}", (0..200_000).map(|n| format!("a{n}=1,")).collect::<String>()),
        ),
        ("attributes", (0..100_000).map(|n| format!("a{n}=1\n")).collect()),
        (
            "attributes in a block",
            format!("b {{\n{}}}\n", (0..4_000).map(|n| format!("a{n}=1\n")).collect::<String>()),
        ),
        ("elements", format!("x = [{}]", many("1,", 500_000))),
        ("steps", format!("x = a{}", many(".b", 300_000))),
        ("one string", format!("x = \"{}\"", many("a$é", 400_000))),
        ("one heredoc", format!("x = <<-E\n{}E\n", many("    a ${b} c\n", 100_000))),
        ("blank lines", format!("x = <<-E\n{}E\n", many("\n", 1 << 18))),
        ("blanks", format!("x = <<-E\n{}\nE\n", many(" ", 1 << 18))),
    ];
    for (name, text) in cases {
        let start = Instant::now();
        let hcl = read(&text);
        std::hint::black_box(&hcl);
        let took = start.elapsed();
        assert!(took.as_secs() < 20, "{name}: {took:?}");
    }
}

const WORDS: [&str; 44] = [
    "resource \"a\" \"b\" {\n",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "${",
    "$${",
    "%{if a}",
    "%{endif}",
    "~}",
    "<<E\n",
    "<<-E\n",
    "\nE\n",
    "\n",
    " ",
    "  ",
    "=",
    "a",
    "b.c",
    "é",
    "\\n",
    "\\u00e9",
    "\\",
    "#",
    "//",
    "/*",
    "*/",
    ",",
    ":",
    "?",
    "1",
    "1.5e3",
    "null",
    "for a in b : ",
    "...",
    "[*]",
    "jsonencode(",
    "&&",
    "!",
    "\r\n",
    "\u{feff}",
];

proptest! {
    #[test]
    fn places_lie_in_the_text(words in proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..40)) {
        let text = words.concat();
        for hcl in [read(&text), read_json(&text)] {
            for error in &hcl.errors {
                prop_assert!(text.get(error.span.start..error.span.end).is_some());
            }
            check_body(&hcl.body, &text)?;
        }
    }

    #[test]
    fn strings_say_what_the_parser_of_the_crate_says(words in proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..12)) {
        let text = format!("x = \"{}\"\n", words.concat());
        let (Ok(theirs), hcl) = (hcl_edit::parser::parse_body(&text), read(&text)) else { return Ok(()) };
        let Some(hcl_edit::expr::Expression::String(theirs)) = theirs.get_attribute("x").map(|it| &it.value) else { return Ok(()) };
        let Some(ours) = hcl.body.get("x") else { return Ok(()) };
        prop_assert_eq!(text_of(ours).expose(), theirs.as_str());
    }
}

fn check_body(body: &Body, text: &str) -> Result<(), TestCaseError> {
    for attribute in &body.attributes {
        prop_assert!(text.get(attribute.name.span.start..attribute.name.span.end).is_some());
        check(&attribute.value, text)?;
    }
    for block in &body.blocks {
        prop_assert!(text.get(block.span.start..block.span.end).is_some());
        check_body(&block.body, text)?;
    }
    Ok(())
}

fn check(expression: &Expression, text: &str) -> Result<(), TestCaseError> {
    prop_assert!(text.get(expression.span.start..expression.span.end).is_some());
    match &expression.kind {
        ExpressionKind::Text(value) | ExpressionKind::Number(value) => check_text(value, text),
        ExpressionKind::Template(parts) => parts.iter().try_for_each(|part| match part {
            Part::Text(value) => check_text(value, text),
            Part::Value(value) => check(value, text),
            Part::Directive(span) => {
                prop_assert!(text.get(span.start..span.end).is_some());
                Ok(())
            }
        }),
        ExpressionKind::List(parts) => parts.iter().try_for_each(|part| check(part, text)),
        ExpressionKind::Object(pairs) => pairs.iter().try_for_each(|(key, value)| {
            check(key, text)?;
            check(value, text)
        }),
        ExpressionKind::Access { of, .. } => check(of, text),
        ExpressionKind::Call { arguments, .. } => {
            arguments.iter().try_for_each(|it| check(it, text))
        }
        _ => Ok(()),
    }
}

fn check_text(value: &Text, text: &str) -> Result<(), TestCaseError> {
    let ends = value.expose().char_indices().map(|(at, c)| (at, at + c.len_utf8()));
    for (from, to) in ends {
        let span = value.span_of(from..to);
        prop_assert!(text.get(span.start..span.end).is_some());
        if value.is_verbatim(from..to) {
            prop_assert_eq!(span.of(text), &value.expose()[from..to]);
        }
    }
    Ok(())
}
