//! What whole files come to. The answers were compared with `BuildKit`'s own parser and lexer.

use proptest::prelude::*;

use super::*;

/// The pairs of the first `ENV`, as `key=value`, `key?` when dynamic, `key!kind` when it fails.
fn env(lines: &str) -> Vec<String> {
    let file = read(&format!("FROM a\n{lines}\n"));
    let pairs = file.instructions.iter().rev().find_map(|instruction| match &instruction.details {
        Details::Env(pairs) => Some(pairs.iter().map(shown).collect()),
        _ => None,
    });
    pairs.unwrap_or_default()
}

fn shown(pair: &EnvPair) -> String {
    let key = &pair.key.node;
    match &pair.value {
        Value::Known(text) => format!("{key}={}", text.expose()),
        Value::Dynamic(_) => format!("{key}?"),
        Value::Fails(error) => format!("{key}!{:?}", error.kind),
    }
}

fn kinds(text: &str) -> Vec<ErrorKind> {
    read(text).errors.iter().map(|error| error.kind).collect()
}

#[test]
fn env_gives_what_the_container_gets() {
    let cases: &[(&str, &[&str])] = &[
        (r#"ENV K='{"a": "$b"}'"#, &[r#"K={"a": "$b"}"#]),
        (r#"ENV K={"a": "b"}"#, &["K!MissingEquals"]),
        (r#"ENV K={"a":"b"}"#, &["K={a:b}"]),
        (r#"ENV K {"a": "b"}"#, &["K={a: b}"]),
        (r#"ENV K="{\"a\": \"b\"}""#, &[r#"K={"a": "b"}"#]),
        (r#"ENV K="{"a": "b"}""#, &["K={a: b}"]),
        (r#"ENV K='{"a": "bob\'s"}'"#, &["K!UnterminatedQuote"]),
        (r#"ENV K='{"a": "b"}' # note"#, &["K!MissingEquals"]),
        ("ENV K = V", &["K== V"]),
        ("env A=1 B=\"x y\" \\\n  # note\n\n  C=x\\ y", &["A=1", "B=x y", "C=x y"]),
        ("ENV A=1\nENV A=2 B=$A", &["A=2", "B=1"]),
        ("ENV A=pa$1word", &["A=paword"]),
        ("ENV A=$HOME", &["A?"]),
        ("ENV K", &["K!MissingValue"]),
        ("ENV =x", &["!BlankName"]),
        ("ENV --x K=V", &["K!UnknownFlag"]),
        ("ENV A=1\nENV X$A=2", &["X1=2"]),
        ("ARG A\nENV B=$A", &["B?"]),
        ("ARG A=1 C=$A\nENV B=$A$C", &["B=11"]),
        ("ENV A=$A$A", &["A?"]),
        ("ENV A=", &["A="]),
    ];
    for (lines, expected) in cases {
        assert_eq!(env(lines), *expected, "{lines}");
    }
}

#[test]
fn lost_quotes_of_json_are_noticed() {
    let cases = [
        (r#"ENV K={"a":"b"}"#, true),
        (r#"ENV K {"a": "b"}"#, true),
        (r#"ENV K="{"a":"b"}""#, true),
        (r#"ENV K='{"a": "b"}'"#, false),
        (r#"ENV K="{\"a\": \"b\"}""#, false),
        (r"ENV K={a:b}", false),
        (r"ENV K={}", false),
        (r#"ENV K="true""#, false),
    ];
    for (line, expected) in cases {
        let text = format!("FROM a\n{line}\n");
        let file = read(&text);
        let Some(Details::Env(pairs)) = file.instructions.last().map(|last| &last.details) else {
            panic!("{line}")
        };
        assert_eq!(pairs[0].quoting_broke_json, expected, "{line}");
        assert!(line.ends_with(pairs[0].raw.span().of(&text)), "{line}");
    }
}

/// `$rs` is as long as what stands for a value that is not known.
#[test]
fn what_a_variable_becomes_does_not_stand_in_the_file() {
    let file = read("FROM a\nENV K=\"a$rs\"\n");
    let Details::Env(pairs) = &file.instructions[1].details else { panic!("no ENV") };
    let Value::Dynamic(value) = &pairs[0].value else { panic!("it is known") };
    assert!(value.is_verbatim(0..1) && !value.is_verbatim(1..4));
}

#[test]
fn values_point_back_into_the_file() {
    let text = "FROM a\nENV A=1 \\\n  K=\"{\\\"k\\\": \\\n  # note\n \\\"$A\\\"}\"\n";
    let file = read(text);
    let Details::Env(pairs) = &file.instructions[1].details else { panic!("no ENV") };
    assert_eq!(pairs[1].key.span.of(text), "K");
    // All pairs of an instruction see the variables from before it.
    assert!(matches!(pairs[1].value, Value::Dynamic(_)));

    let text = text.replace("ENV A=1 \\\n", "ENV A=1\nENV \\\n");
    let file = read(&text);
    let Details::Env(pairs) = &file.instructions[2].details else { panic!("no ENV") };
    let value = pairs[0].value.known().expect("a known value");
    assert_eq!(value.expose(), "{\"k\":  \"1\"}");
    assert_eq!(value.span_of(1..2).of(&text), "\\\"");
    assert_eq!(value.span_of(2..3).of(&text), "k");
    assert_eq!(value.span_of(8..9).of(&text), "$A");
    assert_eq!(pairs[0].raw.span().of(&text).lines().count(), 3);
}

#[test]
fn stages_start_from_images_and_from_each_other() {
    let text = "\
ARG TAG=1.0 OTHER
FROM img:$TAG AS Base
ENV A=1
FROM --platform=$BUILDPLATFORM img:${UNDECLARED:-2}
FROM base
ENV B=$A
FROM img:$OTHER AS a/b
FROM {{ x }}
FROM $NONE
";
    let file = read(text);
    let images: Vec<_> = file
        .stages
        .iter()
        .map(|stage| match &stage.image {
            Value::Known(image) => image.expose(),
            Value::Dynamic(_) => "?",
            Value::Fails(_) => "!",
        })
        .collect();
    assert_eq!(images, ["img:1.0", "img:2", "base", "?", "!", "!"]);
    assert_eq!(file.stages[0].name.as_ref().map(|name| name.node.as_str()), Some("base"));
    assert_eq!(file.stages[0].raw.of(text), "img:$TAG");
    assert_eq!(file.stages[2].base, Some(0));
    assert_eq!(file.stages[2].instructions, 4..6);
    assert_eq!(
        file.lineage(2).map(|stage| stage.raw.of(text)).collect::<Vec<_>>(),
        ["base", "img:$TAG"]
    );
    assert_eq!(file.instructions[3].flag("platform"), Some("$BUILDPLATFORM"));
    let Details::Env(pairs) = &file.instructions[5].details else { panic!("no ENV") };
    assert_eq!(shown(&pairs[0]), "B=1");
    assert_eq!(
        kinds(text),
        [ErrorKind::StageName, ErrorKind::FromArguments, ErrorKind::BlankImage]
    );
}

#[test]
fn heredocs_are_not_instructions() {
    let text = "\
FROM a
RUN python <<'P' && cat <<-E
ENV X=1
P
\tENV Y=2
\tE
ENV Z=3
COPY <<F /f
x
F
ONBUILD RUN <<G
y
G
RUN cat <<H
ENV W=1
";
    let file = read(text);
    let keywords: Vec<_> = file.instructions.iter().map(|i| i.keyword.node).collect();
    assert_eq!(keywords, ["FROM", "RUN", "ENV", "COPY", "ONBUILD", "RUN"]);
    let heredocs = &file.instructions[1].heredocs;
    assert_eq!(heredocs[0].body.of(text), "ENV X=1\n");
    assert_eq!((heredocs[0].expands, heredocs[0].strips_tabs), (false, false));
    assert_eq!(heredocs[1].name.span.of(text), "E");
    assert_eq!(heredocs[1].body.of(text), "\tENV Y=2\n");
    assert!(file.instructions[1].span.of(text).ends_with("\tE"));
    let Details::Paths(paths) = &file.instructions[3].details else { panic!("no COPY") };
    assert_eq!(
        paths.iter().filter_map(|path| path.known()).map(Text::expose).collect::<Vec<_>>(),
        ["/f"]
    );
    assert_eq!(kinds(text), [ErrorKind::UnterminatedHeredoc]);
}

#[test]
fn copied_paths_are_known() {
    let paths = |line: &str| -> Vec<String> {
        let file = read(&format!("FROM a\nENV D=dir\n{line}\n"));
        let Some(Details::Paths(paths)) = file.instructions.last().map(|last| &last.details) else {
            panic!("{line}")
        };
        let known = |path: &Value| path.known().map_or("?".to_owned(), |p| p.expose().to_owned());
        paths.iter().map(known).collect()
    };
    assert_eq!(paths("COPY .env  $D/"), [".env", "dir/"]);
    assert_eq!(paths("COPY --chown=a:b --from=x .env \\\n b ."), [".env", "b", "."]);
    assert_eq!(paths(r#"ADD ["a b", "$D/\u0063"]"#), ["a b", "dir/c"]);
    assert_eq!(paths("COPY $UNKNOWN ."), ["?", "."]);
}

#[test]
fn what_does_not_build_is_said_and_the_rest_is_read() {
    use ErrorKind as K;
    let cases: &[(&str, &[ErrorKind])] = &[
        ("", &[K::NoStage]),
        ("# only a comment\n", &[K::NoStage]),
        ("ENV A=1\nFROM a\n", &[K::OutsideStage]),
        ("FROM a\nEVN A=1\nENV A=1\n", &[K::UnknownInstruction]),
        ("# syntax=docker/dockerfile:1\nFROM a\nEVN A=1\n", &[K::UnknownInstruction]),
        ("# syntax=quay.io/astronomer/airflow-extensions:v1\nFROM a\nPYENV 3.10 x\n", &[]),
        ("FROM a # note\n", &[K::FromArguments]),
        ("FROM\n", &[K::FromArguments]),
        ("FROM a AS 1\n", &[K::StageName]),
        ("FROM --x=1 a\n", &[K::UnknownFlag]),
        ("FROM a\nENV A=1 B C=2\n", &[K::MissingEquals]),
        ("FROM a\nENV A='1 B=2\n", &[K::UnterminatedQuote]),
        ("FROM a\nENV A=${B\n", &[K::BadSubstitution]),
        ("FROM a\nARG A=1 =2\nARG\n", &[K::BlankName, K::MissingArgument]),
        ("FROM a\nLABEL a\n", &[K::MissingValue]),
        ("FROM a\nRUN [1]\nCMD [\"a\"]\nRUN [ -f x ]\n", &[K::NotStringArray]),
        ("FROM a\nCOPY a\n", &[K::MissingDestination]),
        ("FROM a\nONBUILD FROM b\nONBUILD\n", &[K::OnbuildTrigger, K::MissingArgument]),
        ("FROM a\nONBUILD ENV A=1\nUSER astro\nSHELL [\"sh\"]\n", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(kinds(text), *expected, "{text}");
    }
    let long = format!("FROM a\nENV A={}\n", "x".repeat(65_530));
    assert_eq!(kinds(&long), [K::LineTooLong]);
}

#[test]
fn onbuild_is_read_without_knowing_where_it_runs() {
    let file = read("FROM a\nENV A=1\nONBUILD ENV B=2 C=$A\n");
    let Details::Onbuild(Some(trigger)) = &file.instructions[2].details else {
        panic!("no ONBUILD")
    };
    let Details::Env(pairs) = &trigger.details else { panic!("no ENV") };
    assert_eq!(pairs.iter().map(shown).collect::<Vec<_>>(), ["B=2", "C?"]);
}

#[test]
fn debug_shows_no_value() {
    let file = read("FROM a\nENV K=hunter2 L=$K\nARG P=hunter2\nRUN x hunter2\nhunter2 x\n");
    assert!(!format!("{file:?}").contains("hunter2"));
}

/// Well-formed files in the manner of projects on Astro Runtime.
const WELL_FORMED: [&str; 4] = [
    "FROM quay.io/astronomer/astro-runtime:12.1.0\n",
    "# syntax=docker/dockerfile:1\n\nARG V=3.1-1\nFROM astrocrpublic.azurecr.io/runtime:${V} AS base\n\
     USER root\nRUN apt-get update \\\n    # a note\n    && apt-get install -y git \\\n\n    && true\n\
     USER astro\nCOPY --chown=astro:0 include/ include/\nENV A=1 \\\n    B='{\"a\": \"b\"}'\n\
     from base\nCMD [\"bash\", \"-c\", \"true\"]\n",
    "# escape=`\nFROM a\nRUN dir `\n  b\nENV P=C:\\x\nWORKDIR C:\\\n",
    "FROM a\r\nRUN <<EOF\r\necho ENV X=1\r\nEOF\r\nONBUILD COPY . .\r\nLABEL a=b\r\nHEALTHCHECK NONE\r\n\
     ENTRYPOINT [\"x\"]\r\nARG Z\r\nEXPOSE 80\r\nVOLUME /v\r\nSTOPSIGNAL 9\r\nADD a b\r\nSHELL [\"sh\"]\r\n",
];

#[test]
fn another_reader_finds_the_same_instructions() {
    use parse_dockerfile::Instruction as I;
    for text in WELL_FORMED {
        let other = parse_dockerfile::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let starts = other.instructions.iter().map(|instruction| {
            let keyword = match instruction {
                I::Add(i) => &i.add,
                I::Arg(i) => &i.arg,
                I::Cmd(i) => &i.cmd,
                I::Copy(i) => &i.copy,
                I::Entrypoint(i) => &i.entrypoint,
                I::Env(i) => &i.env,
                I::Expose(i) => &i.expose,
                I::From(i) => &i.from,
                I::Healthcheck(i) => &i.healthcheck,
                I::Label(i) => &i.label,
                I::Maintainer(i) => &i.maintainer,
                I::Onbuild(i) => &i.onbuild,
                I::Run(i) => &i.run,
                I::Shell(i) => &i.shell,
                I::Stopsignal(i) => &i.stopsignal,
                I::User(i) => &i.user,
                I::Volume(i) => &i.volume,
                I::Workdir(i) => &i.workdir,
                other => panic!("{other:?}"),
            };
            Span::from(keyword.span.clone())
        });
        let ours = read(text);
        assert_eq!(ours.errors, []);
        let keywords = ours.instructions.iter().map(|instruction| instruction.keyword.span);
        assert_eq!(keywords.collect::<Vec<_>>(), starts.collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn cost_stays_linear() {
    // Each would take hours if it were quadratic or unbounded.
    let _ = read(&"FROM a AS b\nFROM b AS c\nENV A=$A$A\n".repeat(20_000));
    let mut text = String::from("FROM a AS s\n");
    (0..20_000).for_each(|n| text += &format!("ENV A{n}=x\n"));
    text += &"FROM s AS s\nENV Z=1\n".repeat(20_000);
    let _ = read(&text);
    let _ = read(&("FROM a\nENV A=1\n".to_owned() + &"ENV A=$A$A\n".repeat(20_000)));
    let _ = read(&("FROM a\n".to_owned() + &"RUN <<A <<B <<C\n".repeat(20_000)));
    let _ = read(&("FROM a\nENV A=".to_owned() + &"'".repeat(100_001)));
    let _ = read(&("FROM a\nRUN ".to_owned() + &"--a ".repeat(100_000)));
    let _ = read(&("FROM a\nENV A=".to_owned() + &"x\\\n".repeat(100_000)));
}

fn inside(text: &str, span: Span) -> bool {
    text.get(span.start..span.end).is_some()
}

fn value_is_inside(text: &str, value: &Value) -> bool {
    match value {
        Value::Known(known) => known
            .expose()
            .char_indices()
            .all(|(at, c)| inside(text, known.span_of(at..at + c.len_utf8()))),
        Value::Dynamic(value) => inside(text, value.span()),
        Value::Fails(error) => inside(text, error.span),
    }
}

fn instruction_is_inside(text: &str, instruction: &Instruction) -> bool {
    let details = match &instruction.details {
        Details::Env(pairs) => pairs.iter().all(|pair| {
            inside(text, pair.key.span)
                && inside(text, pair.raw.span())
                && value_is_inside(text, &pair.value)
        }),
        Details::Arg(arguments) => arguments.iter().all(|argument| {
            inside(text, argument.name.span)
                && argument.default.iter().all(|value| value_is_inside(text, value))
        }),
        Details::Paths(paths) => paths.iter().all(|path| value_is_inside(text, path)),
        Details::Onbuild(trigger) => {
            trigger.iter().all(|trigger| instruction_is_inside(text, trigger))
        }
        Details::From(_) | Details::Other => true,
    };
    details
        && inside(text, instruction.span)
        && inside(text, instruction.keyword.span)
        && inside(text, instruction.arguments.span())
        && instruction.flags.iter().all(|flag| inside(text, flag.span()))
        && instruction.heredocs.iter().all(|h| inside(text, h.name.span) && inside(text, h.body))
}

proptest! {
    #[test]
    fn any_text_gives_spans_inside_it(
        text in "(FROM a|ENV |ARG |COPY |RUN |ONBUILD |<<-?['\"]?[AB]['\"]?|[AB]=?|\\$\\{?[AB]|:-|[}'\"\\\\ä=\\[\\]#\u{a0}\t ]|\\\\?\r?\n)*"
    ) {
        let file = read(&text);
        for instruction in &file.instructions {
            prop_assert!(instruction_is_inside(&text, instruction), "{:?}", instruction);
        }
        for stage in &file.stages {
            prop_assert!(inside(&text, stage.raw) && value_is_inside(&text, &stage.image));
        }
        for error in &file.errors {
            prop_assert!(inside(&text, error.span), "{:?}", error);
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = read(&text);
    }
}
