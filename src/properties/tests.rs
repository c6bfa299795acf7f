use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// Words that mean something in one format or another.
const WORDS: &str = include_str!("../../fuzz/words.dict");

fn words() -> Vec<String> {
    let quoted = WORDS.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    quoted.map(plain).collect()
}

/// What a word of a dictionary of libFuzzer stands for.
fn plain(word: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = word;
    while let Some(char) = rest.chars().next() {
        rest = &rest[char.len_utf8()..];
        if char == '\\' && rest.starts_with('x') {
            bytes.push(u8::from_str_radix(&rest[1..3], 16).unwrap());
            rest = &rest[3..];
        } else if char == '\\' {
            bytes.push(rest.as_bytes()[0]);
            rest = &rest[1..];
        } else {
            bytes.extend(char.to_string().bytes());
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// A change of a text: at a place, so many characters become a word, or a part of the text itself.
#[derive(Clone, Debug)]
struct Change {
    at: Index,
    length: usize,
    word: Option<String>,
    from: Index,
}

fn change() -> impl Strategy<Value = Change> {
    let word = prop::option::weighted(0.8, prop::sample::select(words()));
    (any::<Index>(), 0..12_usize, word, any::<Index>())
        .prop_map(|(at, length, word, from)| Change { at, length, word, from })
}

impl Change {
    fn make(&self, text: &mut String) {
        let at = text.floor_char_boundary(self.at.index(text.len() + 1));
        let end = text.ceil_char_boundary((at + self.length).min(text.len()));
        let from = text.floor_char_boundary(self.from.index(text.len() + 1));
        let to = text.ceil_char_boundary((from + 40).min(text.len()));
        let word = self.word.clone().unwrap_or_else(|| text[from..to].to_owned());
        text.replace_range(at..end, &word);
    }
}

fn try_out(target: &Target, cases: u32) {
    let seeds = seeds(target, Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(!seeds.is_empty(), "{} has no seeds", target.name);
    let strategy = (prop::sample::select(seeds), prop::collection::vec(change(), 0..6));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
    let tried =
        proptest::test_runner::TestRunner::new(config).run(&strategy, |(mut text, changes)| {
            for change in &changes {
                change.make(&mut text);
            }
            (target.run)(&text);
            Ok(())
        });
    if let Err(error) = tried {
        panic!("{}: {error}", target.name);
    }
}

#[test]
fn every_reader_keeps_its_promises() {
    for target in TARGETS.iter().filter(|it| !WHOLE.contains(&it.name)) {
        try_out(target, 400);
    }
}

/// Those that run all rules, and so take longer.
const WHOLE: [&str; 3] = ["suppressions", "pipeline", "fixes"];

#[test]
fn the_pipeline_keeps_its_promises() {
    for name in WHOLE {
        try_out(target(name).unwrap(), 40);
    }
}

#[test]
fn targets_have_names_of_their_own() {
    let names: crate::hash::HashSet<_> = TARGETS.iter().map(|it| it.name).collect();
    assert_eq!(names.len(), TARGETS.len());
}

/// What the fuzzer found, as it found it.
#[test]
fn what_was_found_stays_mended() {
    for (name, text) in [
        ("dockerfile", "FROM a\nENV K=\"a$rs\"\n"),
        ("env-from-file", "K='a\rb'\n"),
        (
            "cfg",
            "[s\u{fffd}crets]\nbackend\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}ckend\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}nd_kwarg\u{0}\u{0}\u{0}\u{18}31\npse\ncac\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}scheduler:\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\r\r\r\r\r\r\r\r\r\r\u{fffd}\u{fffd}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\n\tule\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}r:\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}\u{1d}+\u{1d}\u{1d}\u{1d}\u{fffd}\u{fffd}s arg\u{1}s =\n",
        ),
    ] {
        (target(name).unwrap().run)(text);
    }
}
