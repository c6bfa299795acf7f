//! Places, repeated keys, limits and properties. What each program makes of which text is compared
//! with recorded answers in `tests/records.rs`.

use proptest::prelude::*;

use super::*;
use crate::text::Span;

/// For `key` under `reader`: the value, what the file says where `part` of the value stands, what
/// it says where the whole value stands, and the whole assignment.
fn places<'t>(reader: Reader, text: &'t str, key: &str, part: &str) -> [&'t str; 3] {
    let reading = reader.read(&Document::new(text));
    let pair = reading.get(key).unwrap_or_else(|| panic!("no {key}: {reading:?}"));
    let value = pair.value.expose();
    let at = value.find(part).unwrap_or_else(|| panic!("no {part:?} in {value:?}"));
    assert_eq!(pair.key.span.of(text), key);
    [pair.value.span_of(at..at + part.len()), pair.value.span(), pair.span]
        .map(|span| span.of(text))
}

#[test]
fn values_point_at_the_bytes_they_come_from() {
    use Reader::{
        Compose, ComposeLegacy, DockerEnvFile, EnvFromFile, Library, Standalone, VariableLoad,
    };
    let json = r#"export K="{\"a\": \"b\"}" # c"#;
    let spread = "\u{feff}A=1\r\nK = 'x\r\ny' # c\r\n";
    for (reader, text, key, part, places_in_file) in [
        (
            Compose,
            json,
            "K",
            "\"b\"",
            [r#"\"b\""#, r#"{\"a\": \"b\"}"#, r#"export K="{\"a\": \"b\"}""#],
        ),
        (
            EnvFromFile,
            json,
            "K",
            "\"b\"",
            [r#"\"b\""#, r#"{\"a\": \"b\"}"#, r#"export K="{\"a\": \"b\"}""#],
        ),
        (
            Library,
            json,
            "K",
            "b",
            [r#""{\"a\": \"b\"}""#, r#""{\"a\": \"b\"}""#, r#"export K="{\"a\": \"b\"}""#],
        ),
        (Compose, r#"K="a\ttä\\z""#, "K", "z", ["z", r"a\ttä\\z", r#"K="a\ttä\\z""#]),
        (Compose, r#"K="a\ttä\\z""#, "K", "\t", [r"\t", r"a\ttä\\z", r#"K="a\ttä\\z""#]),
        (Compose, "A=12\nK=x${A}y", "K", "12", ["${A}", "x${A}y", "K=x${A}y"]),
        (Compose, "K=x${A:-<${B}b}y", "K", "b", ["b", "x${A:-<${B}b}y", "K=x${A:-<${B}b}y"]),
        (ComposeLegacy, "A=12\nK=\"x\\n${A}y\"", "K", "y", ["y", "x\\n${A}y", "K=\"x\\n${A}y\""]),
        (EnvFromFile, spread, "K", "y", ["y", "x\r\ny", "K = 'x\r\ny'"]),
        (EnvFromFile, spread, "K", "\n", ["\r\n", "x\r\ny", "K = 'x\r\ny'"]),
        (Compose, spread, "K", "x\r\ny", ["x\r\ny", "x\r\ny", "K = 'x\r\ny'"]),
        (DockerEnvFile, " K=a # b \r\n", "K", "b ", ["b ", "a # b ", "K=a # b "]),
        (Standalone, " K='a' \n", "K", "a", ["a", "a", "K='a'"]),
        (VariableLoad, "K=\"'a '\"\n", "K", "a", ["a", "a", "K=\"'a '\""]),
    ] {
        assert_eq!(
            places(reader, text, key, part),
            places_in_file,
            "{} of {text:?}",
            reader.name()
        );
    }
}

#[test]
fn failures_point_at_the_text_at_fault() {
    for (reader, text, reason, at) in [
        (Reader::Compose, "A=1\nB C=2\n", Reason::KeyBlank, "B C"),
        (Reader::Compose, "A={\n  \"a\": 1\n}\n", Reason::KeyCharacter, "\""),
        (Reader::Compose, "A='x\nB=2\n", Reason::QuoteOpen, "'x"),
        (Reader::Compose, "A=1\nexport ", Reason::KeyMissing, "export"),
        (Reader::ComposeLegacy, "A=1\nexport ", Reason::KeyMissing, "export"),
        (Reader::Compose, "A=x${{ y }}\n", Reason::ExpansionInvalid, "${"),
        (Reader::Compose, "A=x${B:?y}z\n", Reason::VariableRequired, "${B:?y}"),
        (Reader::ComposeLegacy, "Ä=1\n", Reason::KeyCharacter, "Ä"),
        (Reader::DockerEnvFile, "A=1\n=2\n", Reason::KeyMissing, "=2"),
        (Reader::PodmanEnvFile, "A=1\n=2\n", Reason::KeyMissing, "=2"),
        (Reader::EnvFromFile, "A=1\n  B C=2 \n", Reason::NotAnAssignment, "B C=2"),
        (Reader::Library, "A=1\nK={\"a\": \"b\"}\n", Reason::NotAnAssignment, "K={\"a\": \"b\"}"),
    ] {
        let reading = reader.read(&Document::new(text));
        let failure = reading.error.unwrap_or_else(|| panic!("{text:?}: {reading:?}"));
        assert_eq!((failure.reason, failure.span.of(text)), (reason, at), "{text:?}");
        assert!(reading.pairs.is_empty(), "{text:?}");
    }
}

#[test]
fn repeated_keys_say_which_one_counts() {
    let document = Document::new("A=1\nB=2\nA=3\n");
    for reader in Reader::ALL {
        let reading = reader.read(&document);
        let first = matches!(reader, Reader::VariableLoad | Reader::Library);
        let [in_force, overridden] = [&reading.pairs, &reading.overridden]
            .map(|pairs| pairs.iter().map(|pair| pair.value.expose()).collect::<Vec<_>>());
        let (kept, lost) = if first { (["1", "2"], ["3"]) } else { (["2", "3"], ["1"]) };
        assert_eq!((in_force, overridden), (kept.into(), lost.into()), "{}", reader.name());
    }
}

#[test]
fn lines_that_are_left_out_are_noted() {
    let text = "A\n  # B=1\nC=\n=d\nE=1\nE=2\n";
    let notes = |reader: Reader| {
        let reading = reader.read(&Document::new(text));
        let notes = reading.notes.iter().map(|note| (note.node, note.span.of(text)));
        notes.collect::<Vec<_>>()
    };
    let reported = [
        (Note::NoAssignment, "A"),
        (Note::EmptyValue, "C"),
        (Note::EmptyKey, "=d"),
        (Note::RepeatedKey, "E"),
    ];
    assert_eq!(notes(Reader::VariableLoad), reported);
    assert_eq!(notes(Reader::Standalone), [(Note::NoAssignment, "A")]);
    assert_eq!(notes(Reader::Compose), [(Note::FromHost, "A")]);
}

#[test]
fn the_host_is_only_what_the_caller_gives() {
    // Every process has a PATH; no reader may see it.
    let text = "PATH\nA=$PATH\nB=${PATH}\n";
    let document = Document::new(text);
    for reader in [Reader::Compose, Reader::ComposeLegacy, Reader::EnvFromFile] {
        let document = Document::new(text.strip_prefix("PATH\n").unwrap());
        let reading = reader.read(&document);
        assert!(
            reading.pairs.iter().all(|pair| pair.value.expose().is_empty()),
            "{}",
            reader.name()
        );
    }
    assert!(Reader::DockerEnvFile.read(&document).get("PATH").is_none());
    assert!(Reader::PodmanEnvFile.read(&document).get("PATH").is_none());
    let host = Host::from([("PATH".to_owned(), "/bin".to_owned())]);
    let reading = Reader::Compose.read_on(&document, &host);
    assert_eq!(reading.pairs.len(), 3);
    assert!(reading.pairs.iter().all(|pair| pair.value.expose() == "/bin"));
}

#[test]
fn the_library_is_not_asked_where_it_would_read_the_process_environment() {
    for (text, value) in [
        ("A=1\n", Some("1")),
        ("A='$PATH' # c\n# $PATH\nB=2 # $PATH\n", Some("$PATH")),
        ("A='$PATH\n${PATH}'\"b\"\n", Some("$PATH\n${PATH}b")),
        ("A=$PATH\n", None),
        ("A=\"$PATH\"\n", None),
        ("A='x'$PATH\n", None),
        ("A='x' '$PATH'\n", None),
        // The quote of the first line closes in the second, whose `$` is then outside.
        ("A='tis\nB='$PATH'\n", None),
    ] {
        let reading = Reader::Library.read(&Document::new(text));
        assert_eq!(reading.unknown.is_none(), value.is_some(), "{text:?}");
        assert_eq!(reading.get("A").map(|pair| pair.value.expose()), value, "{text:?}");
    }
}

#[test]
fn expansion_is_bounded() {
    let mut text = "A=0123456789\n".to_owned();
    text.extend((0..40).map(|_| "A=$A$A$A$A\n"));
    let document = Document::new(&text);
    for reader in [Reader::Compose, Reader::ComposeLegacy, Reader::EnvFromFile] {
        assert_eq!(
            reader.read(&document).unknown,
            Some(Unknown::ExpandsTooFar),
            "{}",
            reader.name()
        );
    }
}

#[test]
fn people_see_comments_and_assignments() {
    let text =
        "\u{feff}# top\n\nexport A = 1 # one\nB='x\ny' #two\nC=\"a\" b\nD: 'tis\nE= # e\n{\nF=a#b";
    let document = Document::new(text);
    let comments: Vec<_> = document.comments().map(|comment| comment.node).collect();
    assert_eq!(comments, ["# top"]);
    let assignments: Vec<_> = document
        .assignments()
        .map(|seen| {
            let comment = seen.comment.map(|span| span.of(text));
            (seen.key.of(text), seen.value.of(text), seen.quote, comment)
        })
        .collect();
    assert_eq!(
        assignments,
        [
            ("A", "1", None, Some("# one")),
            ("B", "'x\ny'", Some('\''), Some("#two")),
            ("C", "\"a\" b", None, None),
            ("D", "'tis", None, None),
            ("E", "", None, Some("# e")),
            ("F", "a#b", None, None),
        ]
    );
    let first = document.assignments().next().unwrap();
    assert_eq!(first.export.map(|span| span.of(text)), Some("export"));
    let others = document.entries().iter().filter_map(|entry| match entry.kind {
        EntryKind::Other(span) => Some(span.of(text)),
        _ => None,
    });
    assert_eq!(others.collect::<Vec<_>>(), ["{"]);
}

#[test]
fn differences_group_readers_by_what_they_get() {
    let document = Document::new("SAME=1\nK='v'\nexport L=2\n");
    let readings = Readings::of(&document);
    let different: Vec<_> = readings.differences().into_iter().map(|key| key.key).collect();
    // Docker aborts on `export`, so that no key is the same everywhere.
    assert_eq!(different, ["SAME", "K", "L", "export L"]);
    let keys = readings.keys();
    let quoted = keys.iter().find(|outcomes| outcomes.key == "K").unwrap();
    let groups = quoted.groups.iter().map(|(outcome, readers)| {
        let value = match outcome {
            Outcome::Value(value) => value.expose(),
            Outcome::Aborts => "aborts",
            _ => "other",
        };
        (value, readers.len())
    });
    assert_eq!(groups.collect::<Vec<_>>(), [("v", 6), ("aborts", 1), ("'v'", 1)]);
    assert!(matches!(quoted.under(Reader::DockerEnvFile), Outcome::Aborts));
    let plain = Document::new("A=1\nB=two\n");
    assert!(Readings::of(&plain).keys().iter().all(KeyOutcomes::agree));
}

fn compare(text: &str) -> Comparison {
    let document = Document::new(text);
    Comparison::of(&document, &Readings::of(&document))
}

/// `text` after `edits`.
fn edited(text: &str, edits: &[Edit]) -> String {
    Edit::apply(edits, text, Span::new(0, text.len()))
}

#[test]
fn every_line_at_fault_is_found_once() {
    use LineFaultKind as K;
    use Reader::{Compose, DockerEnvFile, EnvFromFile, PodmanEnvFile, Standalone, VariableLoad};
    let text = "\
export A=1
B = 2

C: 3
D='{
  \"a\": 1
}'
E={
  \"a\": 1,

  \"b\": 2
}
F=fine
NAME
some words
and more
G=\"{\"a\": 1}\"
H='x' y z
I=${{ x }}
J=${K:?}
=x
  # L=1
M-N=1
O='tis
P='fine'
";
    let faults = compare(text).faults;
    let found: Vec<_> = faults
        .iter()
        .map(|fault| (fault.kind, fault.span.of(text), fault.aborts.first().copied()))
        .collect();
    assert_eq!(
        found,
        [
            (K::Export, "export", Some(DockerEnvFile)),
            (K::BlankBeforeEquals, "B =", Some(DockerEnvFile)),
            (K::Colon, "C:", Some(DockerEnvFile)),
            (K::QuotedLines, "'{", Some(DockerEnvFile)),
            (K::BareLines, "{", Some(Compose)),
            (K::LoneName, "NAME", Some(EnvFromFile)),
            (K::NotAnAssignment, "some words", Some(Compose)),
            (K::QuoteInside, "\"{\"a\": 1}\"", Some(Compose)),
            (K::TextAfterQuote, "'x' y z", Some(Compose)),
            (K::ExpansionInvalid, "${", Some(Compose)),
            (K::VariableRequired, "${K:?}", Some(Compose)),
            (K::KeyMissing, "=x", Some(DockerEnvFile)),
            (K::KeyCharacter, "M-N", Some(EnvFromFile)),
            (K::QuoteOpen, "'tis", Some(Compose)),
        ]
    );
    let [_, _, colon, ..] = faults.as_slice() else { panic!("{faults:?}") };
    assert_eq!(colon.aborts, [DockerEnvFile]);
    assert_eq!(colon.drops, [PodmanEnvFile, Standalone, VariableLoad]);
}

#[test]
fn an_open_quote_is_blamed_not_the_line_where_it_shows() {
    let text = "A='open\nB='closed'\nC=3\n";
    let faults = compare(text).faults;
    let blamed: Vec<_> = faults.iter().map(|fault| fault.span.of(text)).collect();
    assert_eq!(blamed, ["'open"]);
}

#[test]
fn what_differs_is_told_by_how_it_is_written() {
    use Treatment as T;
    let with_quotes = |mine| vec![mine, T::WithQuotes];
    for (text, cause, treatments) in [
        ("K='v'\n", Cause::Quotes, with_quotes(T::WithoutQuotes)),
        ("K=\"a\\\"b\"\n", Cause::Quotes, vec![T::Decoded, T::WithQuotes, T::WithoutQuotes]),
        (
            "K='v' # c\n",
            Cause::Quotes,
            vec![T::WithoutQuotes, T::WithQuotesAndComment, T::WithQuotesAndComment],
        ),
        ("K=v # c\n", Cause::Comment, vec![T::WithoutComment, T::WithComment]),
        ("K= # c\n", Cause::OnlyComment, vec![T::WithComment, T::WithComment, T::Empty]),
        ("K=a#b\n", Cause::Hash, vec![T::AsWritten, T::CutAtHash]),
        ("K=a$b\n", Cause::Dollar, vec![T::Expanded, T::AsWritten]),
        ("K=v \n", Cause::Blanks, vec![T::AsWritten, T::WithBlanks]),
        ("  K=v\n", Cause::Indent, vec![T::AsWritten, T::Absent]),
        ("\u{feff}K=v\n", Cause::ByteOrderMark, vec![T::AsWritten, T::Absent]),
        ("K='a\nb'\n", Cause::Lines, vec![T::WithoutQuotes, T::FirstLine, T::FirstLine]),
    ] {
        let comparison = compare(text);
        let [difference] = comparison.differences.as_slice() else {
            panic!("{text:?}: {comparison:?}")
        };
        let found: Vec<_> = difference.groups.iter().map(|group| group.treatment).collect();
        assert_eq!((difference.cause, found), (cause, treatments), "{text:?}");
    }
}

#[test]
fn repairs_leave_nothing_to_say() {
    for (text, repaired) in [
        ("export A=1\n", "A=1\n"),
        ("A : 1\n", "A=1\n"),
        ("A\t=  1\r\n", "A=1\r\n"),
        ("A=\"{\"a\": 1}\"\n", "A={\"a\": 1}\n"),
        ("A= '{\"a\": 1}' \n", "A={\"a\": 1}\n"),
        ("\u{feff}A=1\n", "A=1\n"),
        (" A=1\n", "A=1\n"),
        ("A= 1 \n", "A=1\n"),
    ] {
        let comparison = compare(text);
        let repairs = comparison.faults.into_iter().map(|fault| fault.repair);
        let repairs = repairs.chain(comparison.differences.into_iter().map(|it| it.repair));
        let edits: Vec<Edit> = repairs.flatten().flatten().collect();
        assert_eq!(edited(text, &edits), repaired, "{text:?}");
    }
    // Without its quotes it would be cut, expanded, or change its value.
    for text in ["A='x # y'\n", "A='$B'\n", "A=\"x\\ny\"\n", "A=''\n", "export A='x'\nB=\n"] {
        let comparison = compare(text);
        assert!(
            comparison.differences.iter().all(|difference| difference.repair.is_none()),
            "{text:?}"
        );
    }
}

#[test]
fn no_secret_in_debug_output() {
    let text = "K=canary\nL=a canary=b\ncanary\nM='canary'\nexport N=canary\n";
    let shown = format!("{:?} {:?}", Readings::of(&Document::new(text)), compare(text));
    assert!(!shown.contains("canary"), "{shown}");
}

/// Lets everything read `text` that reads env files.
fn read_by_all(text: &str) {
    let document = Document::new(text);
    let readings = Readings::of(&document);
    let _ = readings.differences();
    let _ = Comparison::of(&document, &readings);
}

/// Texts on which a reader that looks twice at the same bytes does not end in minutes.
#[test]
fn long_texts_are_read_to_their_end() {
    type Make = fn(usize) -> String;
    let cases: [(&str, Make); 21] = [
        ("many assignments on a line", |n| repeated("A='x'", n)),
        ("one quoted value of many lines", |n| format!("A='{}'", repeated("x\r\n", n))),
        ("open single quotes", |n| repeated("A='x\n", n)),
        ("open quotes of both kinds", |n| repeated("A=\"x\nB='x\n", n)),
        ("an open quote behind closed ones", |n| format!("{}B='", repeated("A=\"x\"\n", n))),
        ("escaped quotes", |n| repeated("A=\"\\\"\n", n)),
        ("expansions", |n| format!("A=x\nB={}", repeated("$A", n))),
        ("braces", |n| format!("B={}", repeated("${A:-x} ", n))),
        ("braces, no more at the end", |n| {
            format!("B={}{}", repeated("${A:-x}", n), repeated("x", n))
        }),
        ("nested", |n| format!("B={}{}", repeated("${A:-", n), repeated("}", n / 5))),
        ("nested without end", |n| format!("B={}}}", repeated("${A:-", n))),
        ("open braces", |n| format!("B={}{}", repeated("{", n), repeated("${A}", n))),
        ("quotes behind each other", |n| format!("A='{}x", repeated("' ", n))),
        ("white space", |n| format!("{}A='\n{}'", repeated(" ", n), repeated("x\n", n))),
        ("comments", |n| repeated(" # x\n", n)),
        ("one key", |n| repeated("A=1\n", n)),
        ("keys without values", |n| repeated("A\n", n)),
        ("a long line", |n| format!("A={}", repeated("x", n))),
        ("a long key", |n| format!("{}=1", repeated("A", n))),
        ("a long quoted value", |n| format!("A=\"{}\"", repeated("x\\n", n))),
        ("open double quotes", |n| repeated("A=\"x\n", n)),
    ];
    for (name, make) in cases {
        let text = make(300_000);
        assert!(text.len() > 250_000, "{name}");
        read_by_all(&text);
    }
}

fn repeated(text: &str, bytes: usize) -> String {
    text.repeat(bytes / text.len())
}

/// Parts of which env files, and mistakes in them, are made.
fn env_text() -> impl Strategy<Value = String> {
    let parts = [
        "A",
        "B",
        "KEY",
        "x",
        "1",
        "=",
        "=",
        "=",
        "'",
        "\"",
        "\\",
        "\\n",
        "\\$",
        "$",
        "$A",
        "${",
        "${A",
        "${A:-",
        "${B+",
        "${X?",
        "}",
        "{",
        "(",
        ":",
        ": ",
        "#",
        " #",
        " ",
        "\t",
        "\n",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "export ",
        "export",
        "ä",
        "\u{a0}",
        "\u{85}",
        "\u{feff}",
        "\u{2028}",
        "ſ",
        "😀",
        "*",
        "-",
        "\\0101",
        "\nA='",
        "\nB=\"",
        "{\"a\": \"b\"}",
    ];
    let likely = prop::collection::vec(prop::sample::select(parts.to_vec()), 0..24);
    prop_oneof![likely.prop_map(|parts| parts.concat()), any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn entries_joined_are_the_file(text in env_text()) {
        let document = Document::new(&text);
        let joined: String = document.entries().iter().map(|entry| entry.span.of(&text)).collect();
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn every_place_lies_in_the_file(text in env_text()) {
        let document = Document::new(&text);
        let inside = |span: Span| text.get(span.start..span.end).is_some();
        for seen in document.assignments() {
            let spans = [Some(seen.key), Some(seen.separator), Some(seen.value), seen.export, seen.comment];
            prop_assert!(spans.into_iter().flatten().all(inside), "{seen:?}");
        }
        let host = Host::from([("A".to_owned(), "äö".to_owned())]);
        for reading in Reader::ALL.map(|reader| reader.read_on(&document, &host)) {
            prop_assert!(reading.error.is_none_or(|failure| inside(failure.span)), "{reading:?}");
            prop_assert!(reading.notes.iter().all(|note| inside(note.span)), "{reading:?}");
            for pair in reading.pairs.iter().chain(&reading.overridden) {
                prop_assert!(inside(pair.key.span) && inside(pair.span), "{pair:?}");
                prop_assert!(inside(pair.value.span()), "{pair:?}");
                for (at, char) in pair.value.expose().char_indices() {
                    prop_assert!(inside(pair.value.span_of(at..at + char.len_utf8())), "{pair:?}");
                }
            }
        }
    }

    #[test]
    fn values_that_nothing_changed_are_what_their_place_says(text in env_text()) {
        let document = Document::new(&text);
        let verbatim = [Reader::DockerEnvFile, Reader::PodmanEnvFile, Reader::Standalone, Reader::VariableLoad];
        for pair in verbatim.into_iter().flat_map(|reader| reader.read(&document).pairs) {
            prop_assert_eq!(pair.value.expose(), pair.value.span().of(&text));
            prop_assert_eq!(&pair.key.node, pair.key.span.of(&text));
        }
    }

    #[test]
    fn a_repair_changes_no_value_of_compose(text in env_text()) {
        let comparison = compare(&text);
        let values = |text: &str| -> Host {
            let reading = Reader::Compose.read(&Document::new(text));
            let pairs = reading.pairs.into_iter();
            pairs.map(|pair| (pair.key.node, pair.value.expose().to_owned())).collect()
        };
        let aborts = Reader::Compose.read(&Document::new(&text)).error.is_some();
        let repairs = comparison.faults.iter().map(|fault| &fault.repair);
        let repairs = repairs.chain(comparison.differences.iter().map(|it| &it.repair));
        for edits in repairs.flatten().filter(|_| !aborts) {
            prop_assert_eq!(values(&edited(&text, edits)), values(&text));
        }
    }

    #[test]
    fn what_is_portable_is_not_reported(text in env_text()) {
        let readings = Readings::of(&Document::new(&text));
        let [first, rest @ ..] = Reader::JUDGED.map(|reader| readings.by(reader));
        let same = |one: &Reading, other: &Reading| {
            let values = |reading: &Reading| -> Host {
                let pairs = reading.pairs.iter();
                pairs.map(|pair| (pair.key.node.clone(), pair.value.expose().to_owned())).collect()
            };
            other.error.is_none() && other.notes.is_empty() && values(one) == values(other)
        };
        if same(first, first) && rest.iter().all(|reading| same(first, reading)) {
            let comparison = compare(&text);
            let quiet = comparison.faults.is_empty() && comparison.differences.is_empty();
            prop_assert!(quiet, "{:?}", comparison);
        }
    }

    #[test]
    fn the_library_says_the_same_of_parts_as_of_the_whole(text in env_text()) {
        // Without a `$` the library does not ask the environment.
        let text = text.replace('$', "s");
        let reading = Reader::Library.read(&Document::new(&text));
        let whole = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let told: Result<Vec<_>, _> = dotenvy::from_read_iter(whole.as_bytes()).collect();
        prop_assert_eq!(reading.error.is_some(), told.is_err());
        let mut first = Host::new();
        for (key, value) in told.unwrap_or_default() {
            first.entry(key).or_insert(value);
        }
        let ours: Host =
            reading.pairs.into_iter().map(|pair| (pair.key.node, pair.value.expose().to_owned())).collect();
        prop_assert_eq!(ours, first);
    }
}

/// The line end in the value is as long as the one that it stands for.
#[test]
fn another_line_end_does_not_stand_in_the_file() {
    let reading = Reader::EnvFromFile.read(&Document::new("K='a\rb'\n"));
    let value = &reading.pairs[0].value;
    assert_eq!((value.expose(), value.is_verbatim(0..1)), ("a\nb", true));
    assert!(!value.is_verbatim(1..2));
}
