use std::fmt::Write as _;

use proptest::prelude::*;

use super::letters::{Letters, same_upper};
use super::*;
use crate::hash::HashMap;

/// What a pattern answers for a key under Python 3.`minor`: `None` if that cannot be told.
fn answer(pattern: &str, key: &str, minor: u8) -> Result<Option<bool>, String> {
    match LookupPattern::new(pattern, (3, minor)) {
        Ok(pattern) => Ok(pattern.matches(key)),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn answers_what_the_backends_did() {
    for minor in 9..=12 {
        for &(pattern, key, asked) in RECORDED {
            assert_eq!(
                answer(pattern, key, minor),
                Ok(Some(asked)),
                "{pattern:?} {key:?} 3.{minor}"
            );
        }
    }
}

#[test]
fn answers_what_python_answers() {
    for minor in 8..=13 {
        for &(pattern, key, matched) in MATCHES {
            assert_eq!(
                answer(pattern, key, minor),
                Ok(Some(matched)),
                "{pattern:?} {key:?} 3.{minor}"
            );
        }
    }
}

#[test]
fn refuses_what_python_refuses_in_its_words() {
    for minor in 8..=13 {
        for &(pattern, error) in ERRORS {
            assert_eq!(answer(pattern, "", minor), Err(error.to_owned()), "{pattern:?} 3.{minor}");
        }
    }
}

#[test]
fn follows_the_changes_of_python() {
    for &(pattern, key, answers) in CHANGED {
        for minor in answers[0].0..=14 {
            let (_, expected) = answers.iter().rfind(|(since, _)| *since <= minor).unwrap();
            let expected = expected.map(Some).map_err(str::to_owned);
            assert_eq!(answer(pattern, key, minor), expected, "{pattern:?} {key:?} 3.{minor}");
        }
    }
}

#[test]
fn says_when_it_cannot_tell() {
    let deep = format!("{}a{}", "(".repeat(100), ")".repeat(100));
    let cases = [
        // Too many steps.
        ("(?:a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 12),
        ("(?:){4000000000}", "a", 12),
        // Deeper than Python may go.
        (&*deep, "a", 12),
        (r"\N{DIGIT ONE}", "1", 12),
        // Python makes a set of it, or does not.
        ("𐐀|x", "𐐀", 12),
        // Python 3.8 to 3.10 answer yes, 3.11 and later no.
        (r"(\b(?i:(b*)+)\w)*?\1b*", "bab", 10),
    ];
    for (pattern, key, minor) in cases {
        assert_eq!(answer(pattern, key, minor), Ok(None), "{pattern:?}");
    }
    assert_eq!(answer(cases[5].0, cases[5].1, 11), Ok(Some(false)));
}

#[test]
fn points_at_bytes() {
    let error = LookupPattern::new("é\nü{2,1}", (3, 12)).unwrap_err();
    assert_eq!(error.message, "min repeat greater than max repeat");
    assert_eq!(error.offset, Some("é\nü{".len()));
    assert_eq!(error.to_string(), format!("{} at position 4 (line 2, column 3)", error.message));
    assert_eq!(LookupPattern::new("(?<=a*)b", (3, 12)).unwrap_err().offset, None);
}

/// Where time grew with the square of a length, or with the choices, these would not end.
#[test]
fn long_patterns_are_answered() {
    let key = "я".repeat(2_000);
    let cases = [
        ("(a)", Some(Some(false))),
        ("a|", Some(Some(true))),
        ("a{1", Some(Some(false))),
        ("(?i)", Some(Some(true))),
        ("[Б-Я]*", Some(Some(true))),
        ("(", Some(None)),
        ("[a", None),
    ];
    for (part, expected) in cases {
        assert_eq!(answer(&part.repeat(20_000), &key, 10).ok(), expected, "{part}");
    }
    let ranges = format!("[^{}]*", "а-бв-г".repeat(20_000));
    assert_eq!(answer(&ranges, &key, 10), Ok(None));
}

/// The tables of letters are those that follow from Unicode.
#[test]
fn knows_which_letters_are_alike() {
    let letters = Letters::of((3, 13));
    let mut by_lower: HashMap<u32, Vec<u32>> = HashMap::default();
    let mut by_upper: HashMap<String, Vec<u32>> = HashMap::default();
    for ch in char::MIN..=char::MAX {
        let code = u32::from(ch);
        by_lower.entry(letters.lower(code)).or_default().push(code);
        if letters.lower(code) == code && letters.upper(code) != code {
            by_upper.entry(ch.to_uppercase().collect()).or_default().push(code);
        }
    }
    for small in by_upper.values() {
        for &code in small {
            let mut others: Vec<u32> = same_upper(code).chain([code]).collect();
            others.sort_unstable();
            assert_eq!(&others, small, "{code:x}");
        }
    }
    for (&lower, all) in by_lower.iter().filter(|(lower, _)| **lower <= 0xffff) {
        let mut alike = letters.alike(lower);
        alike.retain(|&code| letters.lower(code) == lower);
        alike.sort_unstable();
        alike.dedup();
        assert_eq!(&alike, all, "{lower:x}");
    }
}

/// Text with much of what means something in a pattern.
const PATTERN_LIKE: &str = r"([a-cikS()\[\]{}?*+|^$.,0-9<>=!:#Péſ \\\n-]|\(\?|\(\?P<n>|\(\?<=|\[\^|[*+}]\?|[ab)]|\\[a-z0-9]){0,40}";

proptest! {
    #[test]
    fn never_panics_or_hangs(
        pattern in prop_oneof![PATTERN_LIKE, "\\PC{0,30}"],
        key in prop_oneof!["[a-cikS0-9éſ_ \n-]{0,30}", "\\PC{0,30}"],
        minor in any::<u8>(),
    ) {
        match LookupPattern::new(&pattern, (3, minor)) {
            Ok(compiled) => drop(compiled.matches(&key)),
            Err(error) => {
                prop_assert!(error.offset.is_none_or(|offset| pattern.is_char_boundary(offset)));
            }
        }
    }

    #[test]
    fn an_escaped_key_matches_what_begins_with_it(key in "\\PC{0,30}", more in "\\PC{0,9}") {
        let mut pattern = String::new();
        for ch in key.chars() {
            let escape = if ch.is_ascii_punctuation() { "\\" } else { "" };
            write!(pattern, "{escape}{ch}").unwrap();
        }
        prop_assert_eq!(answer(&pattern, &format!("{key}{more}"), 12), Ok(Some(true)));
    }
}

/// What the backends of amazon 7.3.0 to 9.39.0 did under Python 3.9 to 3.12: pattern, key, whether they asked.
const RECORDED: &[(&str, &str, bool)] = &[
    ("^my_", "xmy_var", false),
    ("my_.*", "my_", true),
    ("MY_", "my_var", true),
    (".*_secret$", "a_secret\n", true),
    ("secret$", "a_secret", false),
    ("^aws_|^gcp_", "gcp_x", true),
    ("^aws_|^gcp_", "x", false),
    ("(?i)hello", "HELLO", true),
    ("(?-i:My)_.*", "my_x", false),
    ("a{2", "aa", false),
    ("(?P<n>x)(?P=n)", "xx", true),
    ("(?P<n>x)(?P=n)", "x", false),
    ("(?!foo).*", "bar", true),
    ("(?<!a)b", "b", true),
    (r"(\w)\1", "aab", true),
    (r"\d+", "12", true),
    (r"\d+", "٣", true),
    (r"\d+", "a", false),
    (r"\w+$", "ключ", true),
    (r"\w+$", "my-var", false),
    (r"hello\Z", "hello\n", false),
    (r"hello\b", "hello_x", false),
    ("a{,3}b", "aab", true),
    ("a{,3}b", "aaaab", false),
    ("[[:alpha:]]+", "::", false),
    ("İ", "i", true),
    ("ß", "ẞ", true),
    ("s", "ſ", true),
    ("(?x) a b ", "ab", true),
    ("my_*", "my", true),
    ("prod-*", "prod", true),
    ("^$", "x", false),
    ("(?s).", "\n", true),
    ("(?#comment)a", "a", true),
    ("a|", "zzz", true),
    (
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        false,
    ),
    (
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        true,
    ),
    ("^my_", "my_var", true),
    ("my_.*", "my_var", true),
    (".*_secret$", "a_secret", true),
    ("secret", "secretx", true),
    ("secret", "a_secret", false),
    ("^aws_|^gcp_", "aws_default", true),
    ("(?-i:My)_.*", "My_x", true),
    ("a{2", "a{2", true),
    ("^hel", "hello", true),
    ("^p/", "hello", false),
    ("^zzz", "hello", false),
];

/// What `re.match` answers in Python 3.8 to 3.13.
const MATCHES: &[(&str, &str, bool)] = &[
    ("café|naïve", "CAFÉ", true),
    ("straße", "STRASSE", false),
    ("STRAẞE", "straße", true),
    ("σας", "ΣΑΣ", true),
    ("k", "\u{212a}", true),
    ("i", "İ", true),
    ("ı", "I", true),
    ("µ", "Μ", true),
    ("[a-z]", "ſ", true),
    ("[^a-z]", "\u{212a}", false),
    ("(?a)k", "\u{212a}", false),
    (r"(?a:\w)", "é", false),
    ("(?-i:[A-Z])", "a", false),
    ("[^A]", "a", false),
    ("[𐐀x]", "𐐀", false),
    ("𐐀", "𐐨", true),
    (r"\s", "\u{1c}", true),
    (r"(?a)\s", "\u{1c}", false),
    (".", "\n", false),
    ("(?s).", "\n", true),
    ("a$", "a\n", true),
    ("a$", "a\n\n", false),
    ("(?m)a$", "a\nb", true),
    (r"a\Z", "a\n", false),
    (r"\Aa", "a", true),
    ("(?m)a\n^b", "a\nb", true),
    (r"\bx\b", "x-y", true),
    (r"x\B", "xy", true),
    ("(?:a|ab)(?:c|bcd)$", "abcd", true),
    ("(?:a?)*?$", "aaa", true),
    ("(?:a|b?)*c", "abac", true),
    ("(?:a*)*b", "aaa", false),
    ("(a)?(?(1)b|c)", "ab", true),
    ("(a)?(?(1)b|c)", "c", true),
    ("(?P<q>['\"])?x(?(q)(?P=q))$", "\"x", false),
    (r"(?=.*\d)(?=.*[a-z]).{3}", "a1_", true),
    ("(?<=a)b", "ab", false),
    ("a(?<=a)b", "ab", true),
    ("a(?<!A)b", "ab", false),
    ("(?<=(?:ab|cd))x", "x", false),
    ("(?x) a # b\n c", "ac", true),
    (r"\101\x41\u0041\U00000041\0", "AAAA\u{0}", true),
    (r"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\10", "abcdefghijj", true),
    (r"[\b]", "\u{8}", true),
    ("a{,2}$", "aaa", false),
    ("a{}", "a{}", true),
    ("a{,}b", "aaab", true),
    ("a{1,a}", "a{1,a}", true),
    ("(?:ab){2,3}?c", "ababc", true),
    ("a{0}b", "b", true),
    ("[]-a]", "_", true),
    (r"[a\-z]", "-", true),
    (r"[\w-]+$", "a-b", true),
    ("(?i-s:a.)", "A\n", false),
    ("(?#x)a", "a", true),
    ("(?:^a)*a", "aa", true),
    ("((a)|b)*c", "abac", true),
    (r"(a|b)\1", "AB", false),
    (r"(a|b)\1", "aA", true),
    ("prod_(?!tmp)", "PROD_x", true),
    ("[.]env", ".ENV", true),
    ("(?:)*a", "a", true),
];

/// What `re.compile` raises in Python 3.8 to 3.13.
const ERRORS: &[(&str, &str)] = &[
    ("[", "unterminated character set at position 0"),
    ("*abc", "nothing to repeat at position 0"),
    ("(?<n>x)", "unknown extension ?<n at position 1"),
    (r"hello\z", r"bad escape \z at position 5"),
    (r"\", "bad escape (end of pattern) at position 0"),
    (r"a\", "bad escape (end of pattern) at position 1"),
    ("[z-a]", "bad character range z-a at position 1"),
    ("a{3,1}", "min repeat greater than max repeat at position 2"),
    ("(", "missing ), unterminated subpattern at position 0"),
    ("a**", "multiple repeat at position 2"),
    ("(?:a", "missing ), unterminated subpattern at position 0"),
    ("a)", "unbalanced parenthesis at position 1"),
    ("a|*", "nothing to repeat at position 2"),
    ("^*", "nothing to repeat at position 1"),
    ("(?P<n>a)(?P<n>b)", "redefinition of group name 'n' as group 2; was group 1 at position 12"),
    ("(?P=n)", "unknown group name 'n' at position 4"),
    ("(?P<1>a)", "bad character in group name '1' at position 4"),
    ("(?P<a", "missing >, unterminated name at position 4"),
    ("(?P<>a)", "missing group name at position 4"),
    ("(?Pa)", "unknown extension ?Pa at position 1"),
    ("(?", "unexpected end of pattern at position 2"),
    ("(?z)", "unknown extension ?z at position 1"),
    ("(?i", "missing -, : or ) at position 3"),
    ("(?i-", "missing flag at position 4"),
    ("(?-i)", "missing : at position 4"),
    ("(?i-i:a)", "bad inline flags: flag turned on and off at position 5"),
    ("(?L)a", "bad inline flags: cannot use 'L' flag with a str pattern at position 3"),
    ("(?au)a", "bad inline flags: flags 'a', 'u' and 'L' are incompatible at position 4"),
    ("(?-u:a)", "bad inline flags: cannot turn off flags 'a', 'u' and 'L' at position 4"),
    ("(?a)(?u)a", "ASCII and UNICODE flags are incompatible"),
    (r"\1", "invalid group reference 1 at position 1"),
    (r"(a\1)", "cannot refer to an open group at position 2"),
    ("(?<=a*)b", "look-behind requires fixed-width pattern"),
    (
        r"(?<=(a)\1)b",
        "cannot refer to group defined in the same lookbehind subpattern at position 9",
    ),
    ("(?(1)a|b|c)", "conditional backref with more than two branches at position 8"),
    ("(?(0)a)", "bad group number at position 3"),
    ("(?(n)a)", "unknown group name 'n' at position 3"),
    ("(?(1a", "missing ), unterminated name at position 3"),
    (r"\x4", r"incomplete escape \x4 at position 0"),
    (r"\u123", r"incomplete escape \u123 at position 0"),
    (r"\U0011FFFF", r"bad escape \U0011FFFF at position 0"),
    (r"\400", r"octal escape value \400 outside of range 0-0o377 at position 0"),
    (r"\8", "invalid group reference 8 at position 1"),
    (r"[\8]", r"bad escape \8 at position 1"),
    (r"[a-\d]", r"bad character range a-\d at position 1"),
    (r"[\Z]", r"bad escape \Z at position 1"),
    ("[a", "unterminated character set at position 0"),
    ("[^]", "unterminated character set at position 0"),
    ("[z-", "unterminated character set at position 0"),
    (r"\p{L}", r"bad escape \p at position 0"),
    (r"\N", "missing { at position 2"),
    (r"\N{}", "missing character name at position 3"),
    (r"\Q", r"bad escape \Q at position 0"),
    ("(?#c", "missing ), unterminated comment at position 0"),
    ("(?<a)", "unknown extension ?<a at position 1"),
    ("(?<", "unexpected end of pattern at position 3"),
    ("a{4294967295}", "the repetition number is too large"),
    ("a{2,1}", "min repeat greater than max repeat at position 2"),
    ("é{2,1}", "min repeat greater than max repeat at position 2"),
    ("\n\n(", "missing ), unterminated subpattern at position 2 (line 3, column 1)"),
    ("(?=a))", "unbalanced parenthesis at position 5"),
    ("(?P<é-x>a)", "bad character in group name 'é-x' at position 4"),
    ("(?P<it's>a)", "bad character in group name \"it's\" at position 4"),
    ("x(?<n>x)", "unknown extension ?<n at position 2"),
];

/// A minor version of Python 3, and what is answered from there on.
type Since = (u8, Result<bool, &'static str>);

/// Pattern, key and answers: recorded, run in Python 3.8 to 3.13, and what 3.14 announces (gh-133306,
/// gh-124130, Unicode 16).
const CHANGED: &[(&str, &str, &[Since])] = &[
    (
        "hello(?i)",
        "HELLO",
        &[
            (9, Ok(true)),
            (11, Err("global flags not at the start of the expression at position 5")),
        ],
    ),
    (
        "(?(2)a)",
        "",
        &[(8, Err("invalid SRE code")), (9, Err("invalid group reference 2 at position 3"))],
    ),
    (
        "a(?i)b",
        "AB",
        &[
            (8, Ok(true)),
            (11, Err("global flags not at the start of the expression at position 1")),
        ],
    ),
    ("(?>a|ab)c", "abc", &[(8, Err("unknown extension ?> at position 1")), (11, Ok(false))]),
    ("(?>a|ab)c", "ac", &[(8, Err("unknown extension ?> at position 1")), (11, Ok(true))]),
    ("a*+a", "aa", &[(8, Err("multiple repeat at position 2")), (11, Ok(false))]),
    ("a?+b", "ab", &[(8, Err("multiple repeat at position 2")), (11, Ok(true))]),
    ("(?:ab|a){2,}+b", "abab", &[(8, Err("multiple repeat at position 12")), (11, Ok(false))]),
    (
        "a(?x) b",
        "ab",
        &[
            (8, Ok(true)),
            (11, Err("global flags not at the start of the expression at position 1")),
        ],
    ),
    (
        "(?(1 )a|b)(c)",
        "bc",
        &[(8, Ok(true)), (12, Err("bad character in group name '1 ' at position 3"))],
    ),
    ("(?t)a", "a", &[(8, Ok(true)), (13, Err("unknown extension ?t at position 1"))]),
    (
        "(?t)a*",
        "a",
        &[
            (8, Err("internal: unsupported template operator MAX_REPEAT")),
            (13, Err("unknown extension ?t at position 1")),
        ],
    ),
    (
        r"\Uffffffff",
        "a",
        &[
            (8, Err("Python int too large to convert to C int")),
            (13, Err(r"bad escape \Uffffffff at position 0")),
        ],
    ),
    (r"\w", "𝼥", &[(8, Ok(false)), (12, Ok(true))]),
    (r"\w", "ࡰ", &[(8, Ok(false)), (11, Ok(true))]),
    (r"a\z", "a", &[(8, Err(r"bad escape \z at position 1")), (14, Ok(true))]),
    (r"\B", "", &[(8, Ok(false)), (14, Ok(true))]),
    ("Ᲊ", "ᲊ", &[(8, Ok(false)), (14, Ok(true))]),
];
