use super::*;

fn shown(yaml: &Yaml, node: &Node) -> String {
    let body = match &node.kind {
        NodeKind::Scalar(scalar) => format!("{:?}", scalar.text.expose()),
        NodeKind::Sequence(parts) => {
            let parts = parts.iter().map(|part| shown(yaml, &yaml.nodes[part.0]));
            format!("[{}]", parts.collect::<Vec<_>>().join(" "))
        }
        NodeKind::Mapping(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| {
                format!("{}:{}", shown(yaml, &yaml.nodes[key.0]), shown(yaml, &yaml.nodes[value.0]))
            });
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(" "))
        }
        NodeKind::Alias(target) => format!("*{}", target.0),
        NodeKind::Absent => "-".to_owned(),
    };
    node.tag.as_ref().map_or(body.clone(), |tag| format!("{tag} {body}"))
}

fn tree(text: &str) -> String {
    let yaml = read(text);
    let roots = yaml.documents.iter().map(|root| shown(&yaml, &yaml.nodes[root.0]));
    let error = yaml.error.as_ref().map(|error| format!(" !{}", error.span.start));
    roots.collect::<Vec<_>>().join(" --- ") + &error.unwrap_or_default()
}

#[test]
fn files_become_trees() {
    for (text, expected) in [
        ("a: 1\nb:\n  - x\n  - 'y z'\n", r#"{"a":"1" "b":["x" "y z"]}"#),
        ("a:\nb: ~\n", r#"{"a":- "b":"~"}"#),
        (
            "{\"a\": [1, {\"b\": \"c\"}],\n\t\"d\": \"\\u00e9\\/\"}",
            r#"{"a":["1" {"b":"c"}] "d":"é/"}"#,
        ),
        ("a\n---\nb\n...\n", r#""a" --- "b""#),
        ("a: &x {b: 1}\nc: *x\nd: *none\n", r#"{"a":{"b":"1"} "c":*2 "d":-}"#),
        ("a: !Sub 'x'\nb: !!str y\n", r#"{"a":!Sub "x" "b":!!str "y"}"#),
        ("\u{feff}a: 1\r\nb: 2\r\n", r#"{"a":"1" "b":"2"}"#),
        ("a: {{ x }}\n", r#"{"a":{{"x":-}:-}}"#),
        ("a: 1\nb: @x\n", r#"{"a":"1"} !8"#),
        ("a: [1, 2\nb: 3", r#"{"a":["1"]} !10"#),
        ("a: b: c", "{\"a\":\"b\"} !4"),
        ("", ""),
        ("# only\n", ""),
    ] {
        assert_eq!(tree(text), expected, "{text:?}");
    }
    let many = format!("{}a: 1 # last\n", "# comment\n".repeat(500));
    assert_eq!(read(&many).comments.len(), 501);
}

#[test]
fn members_are_found_through_aliases_and_merges() {
    let text = "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: {<<: [*x, {c: 4}]}\nl: &l [*l]\nm: &m {<<: *m}\n";
    let yaml = read(text);
    let root = yaml.get(yaml.documents[0]).unwrap();
    let find = |outer: &str, inner: &str| {
        yaml.member(yaml.member(root, outer)?, inner)?.as_str().map(str::to_owned)
    };
    assert_eq!(find("y", "a").as_deref(), Some("1"));
    assert_eq!(find("y", "b").as_deref(), Some("3"));
    assert_eq!(find("z", "c").as_deref(), Some("4"));
    assert_eq!(find("m", "a"), None);
}

/// Of each character of each value the bytes of the file that stand for it.
fn sources<'a>(text: &'a str, key: &str) -> Vec<(char, &'a str)> {
    let yaml = read(text);
    let root = yaml.get(yaml.documents[0]).unwrap();
    let value = yaml.member(root, key).unwrap().text().unwrap();
    let chars = value.expose().char_indices();
    chars.map(|(at, c)| (c, value.span_of(at..at + c.len_utf8()).of(text))).collect()
}

#[test]
fn values_map_to_their_bytes() {
    for text in [
        "a: xéy\n",
        "a: 'x''é''y'\n",
        "a: \"x\\\"\\u00e9\\n\\x41\\\n   y\\ud83d\\ude00z\"\n",
        "a: |\n    one\n     two\n\n    é\nb: 1\n",
        "a: |-\r\n  one\r\n  two\r\n",
        "a: >\n  folded\n  text\n\n  new\n    more\n  é\n",
        "a: plain\n  over  \n\n  lines\n",
        "a: 'over\n   two\n\n   lines'\n",
        "a: \"over\n   two \\\n\n   lines\"\n",
        "a: |\n  no end",
    ] {
        for (c, source) in sources(text, "a") {
            let expected = match c {
                ' ' | '\n' => {
                    assert!(
                        source.trim_matches(['\\', 'n', '\n', '\r', ' ']).is_empty(),
                        "{source:?}"
                    );
                    continue;
                }
                '\'' => "''",
                '"' => "\\\"",
                'A' => "\\x41",
                '😀' => "\\ud83d\\ude00",
                'é' if text.contains("u00e9") => "\\u00e9",
                _ => &c.to_string(),
            };
            assert_eq!(source, expected, "{c:?} of {text:?}");
        }
    }
}

fn check(text: &str) {
    let yaml = read(text);
    for node in yaml.nodes() {
        assert!(text.get(node.span.start..node.span.end).is_some(), "{:?} of {text:?}", node.span);
        if let Some(value) = node.text() {
            let mut before = 0;
            for (at, c) in value.expose().char_indices() {
                let span = value.span_of(at..at + c.len_utf8());
                assert!(text.get(span.start..span.end).is_some(), "{span:?} of {text:?}");
                assert!(before <= span.start && node.span.contains(span), "{span:?} of {text:?}");
                before = span.start;
            }
        }
    }
    for comment in &yaml.comments {
        assert!(comment.of(text).starts_with('#'), "{comment:?} of {text:?}");
    }
    if let Some(error) = yaml.error {
        assert!(text.get(error.span.start..error.span.end).is_some(), "{text:?}");
    }
}

/// Empty lines before a block scalar's first line, which the parser leaves out of its place.
#[test]
fn what_begins_with_empty_lines_maps_to_its_bytes() {
    for text in
        ["|-\n\n}\u{85}x\n", "|-\n\r\n}\u{85}  \r\nx", ">\n\n\n é\n\n é\n", "a: |2\n\n\n   é\n"]
    {
        check(text);
    }
    let found = sources("a: |\n\n  xé\n", "a");
    assert_eq!(found[1..3], [('x', "x"), ('é', "é")]);
}

proptest::proptest! {
    #[test]
    fn nothing_panics(text in ".{0,80}") {
        check(&text);
    }

    #[test]
    fn no_mixture_panics(words in proptest::collection::vec(proptest::sample::select(vec![
        "a", "é", ": ", ":", "- ", "-", "\n", "\n  ", "\n    ", "\r\n", " ", "\t", "'", "\"", "''", "\\", "\\\n",
        "\\u00e9", "\\ud83d\\ude00", "|", ">", "|-\n", ">+\n  ", "&x ", "*x", "!t ", "!!str ", "[", "]", "{", "}",
        ",", "? ", "<<: *x", "# c", "---\n", "...\n", "%YAML 1.2\n", "\u{feff}", "{{ x }}", "1", "~", "\u{0}",
        "\u{85}", "\u{2028}",
    ]), 0..40)) {
        check(&words.concat());
    }
}

#[test]
fn hostile_input_is_read_to_its_end() {
    let many = 50_000;
    let mut bomb = "a0: &a0 [x]\n".to_owned();
    for level in 1..40 {
        bomb += &format!("a{level}: &a{level} [{}]\n", format!("*a{}, ", level - 1).repeat(10));
    }
    for text in [
        bomb,
        "[".repeat(many),
        "{".repeat(many),
        "- ".repeat(many),
        "? ".repeat(many),
        (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
        "a: 1\n".repeat(many),
        "a: &x 1\nb: *x\n".repeat(many),
        "a: &x 1\n".to_owned() + &"b: &y 1\nc: *x\n".repeat(many),
        "# c\n".repeat(many),
        format!("a: '{}", "''".repeat(many)),
        format!("a: \"{}\"", "\\n".repeat(many)),
        format!("a: \"{}\"", "\\\n   ".repeat(many)),
        format!("a: >\n{}", "  x\n\n".repeat(many)),
        format!("a: |\n{}", "  x\n\n".repeat(many)),
        format!("a: {}", "x\n  ".repeat(many)),
        format!("a: {}x", "\n".repeat(many)),
        format!("a: x{}y", " ".repeat(many)),
    ] {
        check(&text);
    }
}
