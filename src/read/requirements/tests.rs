use super::*;

fn items(text: &str) -> Vec<Item> {
    let lines = read(text).lines.into_iter();
    lines.map(|line| line.item).filter(|item| !matches!(item, Item::Blank)).collect()
}

fn item(text: &str) -> Item {
    let mut items = items(text);
    assert_eq!(items.len(), 1, "{text:?} is one item");
    items.remove(0)
}

fn requirement(text: &str) -> Requirement {
    match item(text) {
        Item::Requirement(requirement) => *requirement,
        other => panic!("{text:?} is a requirement, not {other:?}"),
    }
}

/// One short line for each item, with what stands at its spans.
fn summary(text: &str) -> Vec<String> {
    let place = |span: Span| span.of(text).to_owned();
    let name =
        |name: &Option<PackageName>| name.as_ref().map_or("-".into(), |n| n.normalised.clone());
    let describe = |item: Item| match item {
        Item::Blank => "blank".to_owned(),
        Item::Requirement(r) => {
            let specifiers: Vec<_> = r.specifiers.iter().map(|s| place(s.span)).collect();
            let extras: Vec<_> = r.extras.iter().map(|e| e.node.as_str()).collect();
            let mut shown = format!(
                "package {} [{}] {}",
                r.name.node.normalised,
                extras.join(","),
                specifiers.join(",")
            );
            shown += &r.url.map_or(String::new(), |url| format!("@ {:?}", url.kind));
            shown += &r.marker.map_or(String::new(), |marker| format!("; {}", place(marker.span)));
            shown + if r.hashed { " hashed" } else { "" }
        }
        Item::Direct(d) => {
            format!(
                "direct {:?} {} {}{}",
                d.source.kind,
                name(&d.name),
                place(d.source.span),
                if d.editable { " -e" } else { "" }
            )
        }
        Item::Include(path) => format!("include {}", path.expose()),
        Item::Constraint(path) => format!("constraint {}", path.expose()),
        Item::Options(options) => {
            format!("options {}", options.iter().map(|o| o.node).collect::<Vec<_>>().join(" "))
        }
        Item::DependsOnEnvironment { variables, package } => {
            let variables: Vec<_> = variables.iter().map(|v| v.node.as_str()).collect();
            format!("environment {} {}", variables.join(","), name(&package.map(|p| p.node)))
        }
        Item::Invalid { span, why } => format!("invalid {why:?} {}", place(span)),
    };
    items(text).into_iter().map(describe).collect()
}

#[test]
fn every_kind_of_line_is_understood_or_said_not_to_be() {
    #[rustfmt::skip]
    let cases = [
        ("", vec![]),
        ("# only a comment\n\n   \n", vec![]),
        ("apache-airflow-providers-amazon", vec!["package apache-airflow-providers-amazon [] "]),
        ("Apache_Airflow.Providers--Amazon==8.1", vec!["package apache-airflow-providers-amazon [] ==8.1"]),
        ("apache-airflow[amazon, CNCF.kubernetes]==2.9.1", vec!["package apache-airflow [amazon,cncf-kubernetes] ==2.9.1"]),
        ("foo>=5.1.0,<9, !=8.0.*  # note", vec!["package foo [] >=5.1.0,<9,!=8.0.*"]),
        ("foo (>=1.0)", vec!["package foo [] >=1.0"]),
        ("foo>=1,<2,", vec!["package foo [] >=1,<2"]),
        ("foo===1.0+weird/thing", vec!["package foo [] ===1.0+weird/thing"]),
        ("foo==1!2.0.0", vec!["package foo [] ==1!2.0.0"]),
        // hashes
        ("foo==1.0 --hash=sha256:ab --hash=sha256:cd", vec!["package foo [] ==1.0 hashed"]),
        ("foo==1.0 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\nbar", vec!["package foo [] ==1.0 hashed", "package bar [] "]),
        ("foo==1.0 --hash=md5", vec!["invalid Hash --hash=md5"]),
        // markers
        ("foo==1.0; python_version < \"3.9\"", vec!["package foo [] ==1.0; python_version < \"3.9\""]),
        ("foo;", vec!["package foo [] "]),
        ("foo; nonsense", vec!["invalid Marker nonsense"]),
        // URLs
        ("foo @ https://u:p@example.com/foo-1.0.zip ; os_name == 'posix'", vec!["package foo [] @ Url; os_name == 'posix'"]),
        ("foo @ git+https://${TOKEN}@example.com/foo.git", vec!["package foo [] @ Vcs"]),
        ("https://example.com/foo-1.0-py3-none-any.whl", vec!["direct Url foo https://example.com/foo-1.0-py3-none-any.whl"]),
        ("git+https://example.com/x.git@main#egg=foo&subdirectory=y", vec!["direct Vcs foo git+https://example.com/x.git@main#egg=foo&subdirectory=y"]),
        ("git+https://${TOKEN}@example.com/x.git", vec!["direct Vcs - git+https://${TOKEN}@example.com/x.git"]),
        ("./dist/foo.tar.gz", vec!["direct Path - ./dist/foo.tar.gz"]),
        ("include/package", vec!["direct Path - include/package"]),
        // editable installs
        ("-e .", vec!["direct Path - . -e"]),
        ("--editable=git+ssh://git@example.com/x.git#egg=foo", vec!["direct Vcs foo git+ssh://git@example.com/x.git#egg=foo -e"]),
        ("-e foo @ git+https://example.com/x.git", vec!["direct Path - foo -e"]),
        ("-e https://example.com/x.zip", vec!["invalid Editable https://example.com/x.zip"]),
        // other files
        ("-r other.txt", vec!["include other.txt"]),
        ("--requirement 'two words.txt'", vec!["include two words.txt"]),
        ("-rother.txt", vec!["include other.txt"]),
        ("-c ../constraints.txt", vec!["constraint ../constraints.txt"]),
        ("-r ${NAME}.txt", vec!["environment NAME -"]),
        // options
        ("--index-url https://u:p@example.com/simple --pre", vec!["options --index-url --pre"]),
        ("--extra-index https://example.com", vec!["options --extra-index-url"]),
        ("--pre=1", vec!["invalid UnexpectedValue --pre=1"]),
        ("--index-url", vec!["invalid MissingValue --index-url"]),
        ("--no-such=value", vec!["invalid Option --no-such"]),
        ("--index-url 'https://example.com", vec!["invalid Quote 'https://example.com"]),
        // environment variables
        ("apache-airflow==${AIRFLOW_VERSION}", vec!["environment AIRFLOW_VERSION apache-airflow"]),
        ("${A}-${B}==1", vec!["environment A,B -"]),
        ("foo${A}==1", vec!["environment A -"]),
        ("foo==${lower}", vec!["invalid Version ==${lower}"]),
        // what pip refuses
        ("foo=1.0", vec!["invalid Operator =1.0"]),
        ("foo==", vec!["invalid Version =="]),
        ("foo~=1", vec!["invalid Version ~=1"]),
        ("foo>=1.*", vec!["invalid Version >=1.*"]),
        ("foo> =1", vec!["invalid Version > =1"]),
        ("foo>1 <2", vec!["invalid Trailing <2"]),
        ("foo bar", vec!["invalid Operator bar"]),
        ("foo==1.0#nospace", vec!["invalid Version ==1.0#nospace"]),
        ("foo[x-]>=1", vec!["invalid Extras [x-]>=1"]),
        ("foo[a b]", vec!["invalid Extras [a b]"]),
        ("foo (>=1", vec!["invalid Parenthesis (>=1"]),
        ("foo @ ", vec!["invalid Url "]),
        ("f-~1", vec!["invalid Operator -~1"]),
        ("{{ package }}", vec!["invalid Name {{ package }}"]),
        ("git+https://example.com/x.git#egg=", vec!["invalid Egg "]),
    ];
    for (text, expected) in cases {
        assert_eq!(summary(text), expected, "{text:?}");
    }
}

#[test]
fn lines_are_joined_as_pip_joins_them() {
    for (text, expected) in [
        ("foo\\\n==1.0\n", vec!["package foo [] ==1.0"]),
        // White space behind the backslash: no continuation.
        ("foo\\ \nbar", vec!["invalid Operator \\", "package bar [] "]),
        // A comment ends the continuation; one that ends in a backslash swallows the next line.
        ("foo \\\n# note\nbar", vec!["package foo [] ", "package bar [] "]),
        ("foo # note \\\nbar\nbaz", vec!["package foo [] ", "package baz [] "]),
        ("foo==1 \\", vec!["package foo [] ==1"]),
        ("\u{feff}foo\r\nbar\rbaz", vec!["package foo [] ", "package bar [] ", "package baz [] "]),
    ] {
        assert_eq!(summary(text), expected, "{text:?}");
    }
}

#[test]
fn spans_reach_through_continuations() {
    let text = "# ä\napache-airflow\\\n[amazon]\\\n>=2.5 # why\n";
    let document = read(text);
    let requirement = requirement(text);
    assert_eq!(requirement.name.span.of(text), "apache-airflow");
    assert_eq!(requirement.extras[0].span.of(text), "amazon");
    assert_eq!(requirement.specifiers[0].span.of(text), ">=2.5");
    assert_eq!(document.lines[1].comment.map(|span| span.of(text)), Some("# why"));
}

#[test]
fn what_has_no_effect_is_kept_as_ignored() {
    let text = "foo==1 -r other.txt\n-r a.txt -r b.txt stray\n";
    let ignored: Vec<_> = read(text).lines.iter().flat_map(|line| line.ignored.clone()).collect();
    let ignored: Vec<_> = ignored.iter().map(|span| span.of(text)).collect();
    assert_eq!(ignored, ["-r other.txt", "-r b.txt", "stray"]);
}

#[test]
fn specifiers_that_nobody_can_order_are_kept() {
    for (text, comparable) in [
        ("foo==8.1.0", true),
        ("foo===8.1.0", true),
        ("foo===v8.1.0", false),
        ("foo===anything", false),
        ("foo==99999999999999999999.1", false),
        ("foo==v1.0-RC1", true),
    ] {
        assert_eq!(requirement(text).specifiers[0].parsed.is_some(), comparable, "{text}");
    }
}

#[test]
fn a_wheel_names_its_version() {
    let text = "foo @ https://example.com/apache_airflow_providers_amazon-8.1.0-py3-none-any.whl#sha256=ab";
    let version = requirement(text).url.and_then(|url| url.version);
    assert_eq!(version.map(|version| version.to_string()).as_deref(), Some("8.1.0"));
}

#[test]
fn an_argument_is_read_like_a_line_without_options() {
    let shell = "RUN pip install 'apache-airflow-providers-amazon>=8.1'";
    let argument = Text::verbatim("apache-airflow-providers-amazon>=8.1", 17);
    let Item::Requirement(requirement) = read_argument(&argument) else { panic!("a requirement") };
    assert_eq!(requirement.name.span.of(shell), "apache-airflow-providers-amazon");
    assert_eq!(requirement.specifiers[0].span.of(shell), ">=8.1");
}

#[test]
fn markers_are_decided_where_they_can_be() {
    use Verdict::{False, True, Unknown};
    for (marker, unknown_python, python_311) in [
        ("python_version < '3.9'", Unknown, False),
        ("python_version >= '3'", True, True),
        ("python_version == '3.11'", Unknown, True),
        ("python_version == '3.11.*'", Unknown, True),
        ("'3.8' <= python_version", Unknown, True),
        ("python_version not in '3.7 3.8'", Unknown, True),
        ("python_full_version >= '3.11.4'", Unknown, Unknown),
        ("python_full_version >= '3.10.4'", Unknown, True),
        ("python_full_version == '3.11.4'", Unknown, Unknown),
        ("python_full_version != '3.10.4'", Unknown, True),
        ("sys_platform == 'linux'", True, True),
        ("sys_platform == 'win32' or os_name == 'nt'", False, False),
        ("sys_platform != 'win32' and platform_system == \"Linux\"", True, True),
        ("platform_machine == 'x86_64'", Unknown, Unknown),
        ("platform_machine == 'x86_64' and sys_platform == 'darwin'", False, False),
        (
            "(python_version < '3.9' or python_version >= '3.9') and implementation_name == 'cpython'",
            True,
            True,
        ),
        ("extra == 'dev'", False, False),
        ("python_version < 'three'", Unknown, Unknown),
    ] {
        let parsed = Marker::parse(marker, Span::default()).expect(marker);
        assert_eq!(parsed.evaluate(None), unknown_python, "{marker} with any Python");
        assert_eq!(parsed.evaluate(Some((3, 11))), python_311, "{marker} with 3.11");
    }
    for refused in [
        "",
        "python_version",
        "python < '3'",
        "python_version < 3",
        "os_name == 'a' os_name == 'b'",
        "(os_name == 'a'",
    ] {
        assert!(Marker::parse(refused, Span::default()).is_none(), "{refused:?}");
    }
    assert!(Marker::parse(&"(".repeat(100_000), Span::default()).is_none());
}

#[test]
fn no_value_reaches_debug_output() {
    for text in [
        "--index-url https://user:canary@example.com/simple",
        "-r https://user:canary@example.com/r.txt",
        "-e git+https://canary@example.com/x.git#egg=foo",
        "foo @ https://user:canary@example.com/foo.zip",
        "https://user:canary@example.com/foo.zip",
        "--no-such=canary",
    ] {
        assert!(!format!("{:?}", read(text)).contains("canary"), "{text}");
    }
}

/// Every span of the document.
fn spans(document: &Document) -> Vec<Span> {
    let mut all = Vec::new();
    for line in &document.lines {
        all.push(line.span);
        all.extend(line.comment);
        all.extend(&line.ignored);
        match &line.item {
            Item::Blank => {}
            Item::Requirement(r) => {
                all.push(r.name.span);
                all.extend(r.extras.iter().map(|extra| extra.span));
                all.extend(r.specifiers.iter().map(|specifier| specifier.span));
                all.extend(r.url.iter().map(|url| url.span));
                all.extend(r.marker.iter().map(|marker| marker.span));
            }
            Item::Direct(d) => {
                all.push(d.source.span);
                all.extend(d.marker.iter().map(|marker| marker.span));
            }
            Item::Include(path) | Item::Constraint(path) => all.push(path.span()),
            Item::Options(options) => all.extend(options.iter().map(|option| option.span)),
            Item::DependsOnEnvironment { variables, package } => {
                all.extend(variables.iter().map(|variable| variable.span));
                all.extend(package.iter().map(|package| package.span));
            }
            Item::Invalid { span, .. } => all.push(*span),
        }
    }
    all
}

fn check(text: &str) {
    let document = read(text);
    let mut end = 0;
    for line in &document.lines {
        assert_eq!(line.span.start, end, "the lines leave no gap");
        end = line.span.end;
    }
    assert_eq!(end, text.len(), "the lines reach the end");
    for span in spans(&document) {
        assert!(span.start <= span.end && text.get(span.start..span.end).is_some(), "{span:?}");
    }
}

#[test]
fn spans_of_escaped_options_lie_on_characters() {
    check("-A\\¡");
    check("--\\apache-airflow'é\"'");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_a_gap(text in "\\PC*|[-a-z0-9=<>~!,;@#()\\[\\]'\"\\\\ \t\r\n:/+${}A.]{0,80}") {
        check(&text);
    }

    #[test]
    fn any_mixture_of_lines_is_read_without_a_gap(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "apache-airflow", "[amazon]", "==2.9.1", ">=", "; python_version < '3'", " @ ", "git+https://x/y#egg=z",
            "-r ", "-e ", "--hash=sha256:ab", "--", "${VAR}", "\\\n", "\\", "\n", "\r\n", " # ä", "'", "\"", " ", "é", "\u{2028}", "\u{feff}",
        ]), 0..12)
    ) {
        check(&parts.concat());
    }
}
