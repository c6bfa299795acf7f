//! Places, contexts, variables and what bad text comes to. What words come to is compared with `bash`
//! in `tests/records.rs`.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::text::{Text, TextBuilder, UNKNOWN};

const DIALECTS: [Dialect; 6] = [
    Dialect::Bash,
    Dialect::Sh,
    Dialect::GitHub,
    Dialect::Azure,
    Dialect::GitLab,
    Dialect::CircleCi,
];

fn script(text: &str) -> Script {
    read(&Text::verbatim(text, 0), Dialect::Bash)
}

/// A word as the command gets it, `?` for what is not known.
fn shown(value: &Value) -> String {
    value.text().expose().replace(UNKNOWN, "?")
}

/// The words of each command, joined by blanks.
fn lines_in(text: &str, dialect: Dialect) -> Vec<String> {
    let script = read(&Text::verbatim(text, 0), dialect);
    let words = |command: &Command| {
        command.words.iter().map(|word| shown(&word.value)).collect::<Vec<_>>().join(" ")
    };
    script.commands.iter().map(words).collect()
}

fn lines(text: &str) -> Vec<String> {
    lines_in(text, Dialect::Bash)
}

/// The first command whose name is `name`.
fn named<'a>(script: &'a Script, name: &str) -> &'a Command {
    let is_named = |command: &&Command| {
        command.words.first().is_some_and(|word| word.value.text().expose() == name)
    };
    script.commands.iter().find(is_named).expect("the command")
}

#[test]
fn values_point_back_into_the_file() {
    let text = "X=v\naws --x \"a\\\"b$X\" 'c'\\\n'd' {e,f}g $'\\t' `echo \\`echo h\\``\n";
    let script = script(text);
    let aws = named(&script, "aws");
    let values: Vec<String> = aws.words.iter().map(|word| shown(&word.value)).collect();
    assert_eq!(values, ["aws", "--x", "a\"bv", "cd", "eg", "fg", "\t", "?"]);
    let raw: Vec<&str> = aws.words.iter().map(|word| word.raw.of(text)).collect();
    assert_eq!(raw[2..7], ["\"a\\\"b$X\"", "'c'\\\n'd'", "{e,f}g", "{e,f}g", "$'\\t'"]);
    let span_of = |word: usize, range| aws.words[word].value.text().span_of(range).of(text);
    assert_eq!(span_of(2, 0..1), "a");
    assert_eq!(span_of(2, 1..2), "\\\"");
    assert_eq!(span_of(2, 3..4), "$X");
    assert_eq!(span_of(3, 1..2), "d");
    assert_eq!(span_of(5, 0..1), "f");
    assert_eq!(span_of(6, 0..1), "\\t");
    let spans: Vec<&str> = aws.words.iter().map(|word| word.value.span().of(text)).collect();
    assert_eq!(spans[2..7], ["a\\\"b$X", "c'\\\n'd", "e,f}g", "f}g", "\\t"]);
    let inner = script.commands.last().expect("a command");
    assert_eq!(inner.words[1].raw.of(text), "h");
    assert!(aws.span.of(text).starts_with("aws") && aws.span.of(text).ends_with("``"));
}

#[test]
fn text_inside_another_points_into_the_file() {
    // File: `run: "aws \"a b\"\n${{ x }}"`, as YAML decodes it.
    let file = "run: \"aws \\\"a b\\\"\\n${{ x }}\"";
    let mut builder = TextBuilder::default();
    builder.verbatim("aws ", 6);
    builder.push("\"", Span::new(10, 12));
    builder.verbatim("a b", 12);
    builder.push("\"", Span::new(15, 17));
    builder.push("\n", Span::new(17, 19));
    builder.verbatim("${{ x }}", 19);
    let script = read(&builder.finish(Span::new(6, 27)), Dialect::GitHub);
    let word = &script.commands[0].words[1];
    assert_eq!(word.raw.of(file), "\\\"a b\\\"");
    assert_eq!(word.value.text().span_of(0..3).of(file), "a b");
    let word = &script.commands[1].words[0];
    assert_eq!(shown(&word.value), "?");
    assert_eq!((word.raw.of(file), word.may_split), ("${{ x }}", true));
}

#[test]
fn foreign_interpolation_is_not_the_shells() {
    let cases = [
        (Dialect::GitHub, "a ${{ secrets.X }} \"${{ a && '}}' }}b\" '${{ x }}'", "a ? ?b ?"),
        (Dialect::GitHub, "a $(b) ${{ open", "a ? ?"),
        (Dialect::Azure, "a $(Build.Id)x \"$(secret-name)\" '$(X)' ${{ x }}", "a ?x ? ? ?"),
        (Dialect::GitLab, "a $[[ inputs.x ]] $X $[1+1]", "a ? ? ?"),
        (
            Dialect::CircleCi,
            "a << parameters.x >> '<<pipeline.id>>' <<# b >>c<</ b >>",
            "a ? ? ?c?",
        ),
        (Dialect::CircleCi, "a \\<<EOF b\n$X\nEOF", "a b"),
        (Dialect::CircleCi, "a <<EOF b\n$X\nEOF", "a b"),
        (Dialect::Bash, "a << parameters.x", "a"),
        (Dialect::Sh, "a {b,c}", "a {b,c}"),
        (Dialect::Bash, "#!/bin/sh -e\na {b,c}", "a {b,c}"),
        (Dialect::Bash, "#!/usr/bin/env bash\na {b,c}", "a b c"),
    ];
    for (dialect, text, expected) in cases {
        assert_eq!(lines_in(text, dialect)[0], expected, "{text}");
    }
    // In Azure, what is no name is the shell's.
    assert_eq!(lines_in("a $(echo b)", Dialect::Azure), ["a ?", "echo b"]);
}

#[test]
fn all_commands_are_found_in_order() {
    let text = "\
f() { c1; }
function g { c2 \"$(c3 \"$(c4)\")\"; }
if c5; then c6; elif c7; then c8; else c9; fi
for x in $(c10); do c11; done | c12
case $(c13) in a) c14 ;; *) c15; esac
( c16; { c17; } ) && c18 || c19 &
X=$(c20) <(c21) cat <<END
$(c22)
END
[[ -n $(c23) && a < b ]] || (( 1 + 2 ))
a=(x $(c24))
echo `c25`
";
    let numbers = |line: &String| line.split(' ').next()?.strip_prefix('c')?.parse::<usize>().ok();
    let found: Vec<usize> = lines(text).iter().filter_map(numbers).collect();
    assert_eq!(found, (1..=25).collect::<Vec<_>>());
    assert!(script(text).errors.is_empty(), "{:?}", script(text).errors);
}

#[test]
fn contexts_say_how_certain_a_command_runs() {
    let text = "\
top
a && b || c
if d; then e; fi
for x in y; do f; done
while g; do h; done
i() { j; }
(k) | l
m $(n)
{ o; }
case x in y) p;; esac
q
";
    let script = script(text);
    let marks = |command: &Command| {
        let context = command.context;
        let marks = [
            (context.is_conditional, 'c'),
            (context.is_after_success, '&'),
            (context.is_repeated, 'r'),
            (context.is_in_function, 'f'),
            (context.is_in_subshell, 's'),
        ];
        let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
        format!("{}:{marks}", shown(&command.words[0].value))
    };
    let found: Vec<String> = script.commands.iter().map(marks).collect();
    let expected = "top: a: b:& c:c d: e:c f:cr g:r h:cr j:f k:s l: m: n:s o: p:c q:";
    assert_eq!(found.join(" "), expected);
}

#[test]
fn pipes_say_what_they_feed() {
    let text = "\
echo a | aws b
echo a |
  # note
  aws c
{ echo a; } | aws d
echo a | while read x; do aws e; done
echo a; aws f
echo a || aws g
echo a | (aws h)
";
    let script = script(text);
    let is_fed = |command: &&Command| shown(&command.words[0].value) == "aws";
    let found: Vec<String> = script
        .commands
        .iter()
        .filter(is_fed)
        .map(|command| match command.fed_by {
            None => "-".to_owned(),
            Some(Feeder::Other) => "other".to_owned(),
            Some(Feeder::Command(index)) => shown(&script.commands[index].words[0].value),
        })
        .collect();
    assert_eq!(found, ["echo", "echo", "other", "other", "-", "-", "other"]);
}

#[test]
fn redirections_are_no_arguments() {
    let text = "a <in b >> out 2>&1 c <<< \"x $Y\" <<-'E' d\n\t$Z\n\tE\n";
    let script = script(text);
    let command = &script.commands[0];
    assert_eq!(lines(text)[0], "a b c d");
    let found: Vec<String> = command
        .redirections
        .iter()
        .map(|redirection| match &redirection.target {
            Target::Input(word) => format!("<{}", shown(&word.value)),
            Target::Output(word) => format!(">{}", shown(&word.value)),
            Target::Descriptor(word) => format!("&{}", shown(&word.value)),
            Target::HereString(word) => format!("<<<{}", shown(&word.value)),
            Target::HereDocument(document) => format!("<<{}", shown(&document.body)),
        })
        .collect();
    assert_eq!(found, ["<in", ">out", "&1", "<<<x ?", "<<$Z\n"]);
    assert_eq!(command.redirections[2].descriptor, Some(2));
    assert_eq!(command.redirections[4].span.of(text), "<<-'E'");
}

#[test]
fn only_certain_variables_have_a_value() {
    let cases = [
        ("X=a; : $X", ": a"),
        ("X=a Y=\"b/c\"; : $X/$Y", ": a/b/c"),
        ("export X=a; : $X", ": a"),
        ("X=a; Y=$X/b; : $Y", ": a/b"),
        ("X=$(b); : $X", ": ?"),
        ("X=a; X=b; : $X", ": ?"),
        ("X=a; X+=b; : $X", ": ?"),
        (": $X; X=a", ": ?"),
        ("if b; then X=a; fi; : $X", ": ?"),
        ("b && X=a; : $X", ": ?"),
        ("(X=a); : $X", ": ?"),
        ("X=a | b; : $X", ": ?"),
        ("X=a & : $X", ": ?"),
        ("f() { X=a; }; : $X", ": ?"),
        ("for X in a; do : $X; done", ": ?"),
        ("X=a; read X; : $X", ": ?"),
        ("X=a; unset X; : $X", ": ?"),
        ("X=a; local X; : $X", ": ?"),
        ("X=a; ((X++)); : $X", ": ?"),
        ("X=a; : ${X:-b}", ": ?"),
        ("X=~/a; : $X", ": ?/a"),
        ("X=(a); : $X", ": ?"),
        ("X=a : $X", ": ?"),
        ("IFS=x; X=axb; : $X", ": ?"),
        ("X=a; echo \"$(X=b)\"; : $X", ": ?"),
    ];
    for (text, expected) in cases {
        let found = lines(text);
        // Something in which a part is not known is not known.
        let expected = expected.replace("?/a", "?");
        assert!(found.contains(&expected), "{text}: {found:?}");
    }
    let text = "X=a\naws $X";
    let script = script(text);
    let value = script.commands[1].words[1].value.text();
    assert_eq!(value.span_of(0..1).of(text), "$X");
    assert!(!value.is_verbatim(0..1));
}

#[test]
fn what_is_left_open_is_said_and_the_rest_is_read() {
    use ErrorKind as K;
    type At = (ErrorKind, &'static str);

    let cases: &[(&str, &[At], &str)] = &[
        ("a 'b\nc d\n", &[(K::UnterminatedQuote, "'")], "a ?|c d"),
        ("a \"b $(c)\nd e\n", &[(K::UnterminatedQuote, "\"")], "a ?|d e"),
        ("a $'b\nc\n", &[(K::UnterminatedQuote, "$")], "a ?|c"),
        ("a ${b\nc\n", &[(K::UnterminatedSubstitution, "$")], "a ?|c"),
        ("a `b\nc\n", &[(K::UnterminatedSubstitution, "`")], "a ?|c"),
        ("a $(b\nc\n", &[(K::UnterminatedSubstitution, "$")], "a ?|b|c"),
        ("a <<E\nb\n", &[(K::UnterminatedHeredoc, "<")], "a"),
        ("if a; then b\n", &[(K::UnterminatedBlock, "i")], "a|b"),
        ("(a\n{ b\n", &[(K::UnterminatedBlock, "("), (K::UnterminatedBlock, "{")], "a|b"),
        (
            "a )\nfi\ndone; b",
            &[(K::UnexpectedToken, ")"), (K::UnexpectedToken, "f"), (K::UnexpectedToken, "d")],
            "a|b",
        ),
        ("a <\nb", &[(K::UnexpectedToken, "\n")], "a|b"),
        ("x=(a\nb\n", &[(K::UnterminatedSubstitution, "x")], ""),
    ];
    for (text, errors, commands) in cases {
        let found: Vec<(ErrorKind, &str)> =
            script(text).errors.iter().map(|error| (error.kind, error.span.of(text))).collect();
        assert_eq!(found, *errors, "{text:?}");
        assert_eq!(lines(text).join("|"), *commands, "{text:?}");
    }
}

#[test]
fn line_ends_of_windows_are_line_ends() {
    let text = "a b\r\nc \\\r\n d\r\nif e\r\nthen f\r\nfi\r\n";
    assert_eq!(lines(text), ["a b", "c d", "e", "f"]);
    let text = "a <<E\r\nb\r\nE\r\nc\r\n";
    assert_eq!(lines(text), ["a", "c"]);
}

#[test]
fn hostile_text_takes_little_time() {
    let many = 30_000;
    let texts = [
        "(".repeat(many),
        "$(".repeat(many),
        "${a:-".repeat(many),
        "\"$(".repeat(many),
        "`\\".repeat(many),
        "{".repeat(many),
        "{a,".repeat(many) + &"}".repeat(many),
        "{a,b}".repeat(many),
        "{1..999999999} ".repeat(1000),
        "{1..999}{1..999} ".repeat(1000),
        "'".repeat(many + 1),
        "\" ' ` ".repeat(many),
        "<<E ".repeat(many) + "\n",
        "<<E\n".repeat(many),
        "((".repeat(many),
        "a ".repeat(3 * many),
        "if ".repeat(many),
        "case a in ".repeat(many),
        "X=xxxxxxxxxxxxxxxx\n".to_owned() + &"a $X$X$X$X\n".repeat(many / 4),
        "a=$b=~:~".repeat(many),
        "~".repeat(many),
        "\\\n".repeat(many),
        "[[ ".repeat(many),
        "x=( ".repeat(many),
        "${{".repeat(many),
        "export ".to_owned() + &"x[ ".repeat(many),
        "<< ".repeat(many),
    ];
    for text in texts {
        for dialect in [Dialect::Bash, Dialect::GitHub, Dialect::CircleCi] {
            let begin = Instant::now();
            let _ = read(&Text::verbatim(&text, 0), dialect);
            assert!(begin.elapsed() < Duration::from_secs(10), "{}", &text[..10]);
        }
    }
}

fn inside(text: &str, span: Span) -> bool {
    text.get(span.start..span.end).is_some()
}

fn is_inside(text: &str, value: &Value) -> bool {
    let value = value.text();
    let mut chars = value.expose().char_indices();
    inside(text, value.span())
        && chars.all(|(at, c)| inside(text, value.span_of(at..at + c.len_utf8())))
}

fn command_is_inside(text: &str, command: &Command) -> bool {
    let word = |word: &Word| inside(text, word.raw) && is_inside(text, &word.value);
    let assignment = |it: &Assignment| inside(text, it.name.span) && is_inside(text, &it.value);
    let target = |target: &Target| match target {
        Target::Input(it)
        | Target::Output(it)
        | Target::Descriptor(it)
        | Target::HereString(it) => word(it),
        Target::HereDocument(it) => inside(text, it.delimiter) && is_inside(text, &it.body),
    };
    inside(text, command.span)
        && command.words.iter().all(word)
        && command.assignments.iter().all(assignment)
        && command.redirections.iter().all(|it| inside(text, it.span) && target(&it.target))
}

proptest! {
    #[test]
    fn any_text_gives_spans_inside_it(
        text in "(aws |if |then |fi|do |done|case |in |esac|[A]=|\\$\\{?[AB]|\\$\\(|\\$\\{\\{|<<-?['\"]?[AB]|<<<|[}{,)('\"\\\\`$ä#~;&|<>\t ]|\\.\\.|[a1]|\\\\?\r?\n)*"
    ) {
        for dialect in DIALECTS {
            let script = read(&Text::verbatim(&text, 0), dialect);
            for command in &script.commands {
                prop_assert!(command_is_inside(&text, command), "{:?}", command);
            }
            for error in &script.errors {
                prop_assert!(inside(&text, error.span), "{:?}", error);
            }
        }
        for line in crate::read::makefile::read(&text) {
            prop_assert!(inside(&text, line.target) && inside(&text, line.script.span()));
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = script(&text);
        let _ = crate::read::makefile::read(&text);
    }
}
