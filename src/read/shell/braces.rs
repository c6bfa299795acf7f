//! Brace expansion: `{a,b}` and `{1..3}` outside quotes make several words of one.

use super::word::{Content, Part};

/// How many words one may become; what is beyond is not known.
const MAX_WORDS: usize = 1000;

/// How deep braces are followed.
const MAX_DEPTH: usize = 50;

/// How many steps are made to find which braces of one word belong together.
const MAX_STEPS: usize = 1 << 14;

/// A piece of a word, cut at the braces and commas that are not quoted.
struct Token {
    part: Part,
    kind: TokenKind,
}

enum TokenKind {
    /// Anything but braces and commas; whether it has the `..` of a sequence.
    Other(bool),
    /// `{`, with the index of the `}` that closes it.
    Open(Option<usize>),
    Close,
    Comma,
}

/// What braces make of one word.
pub(super) enum Expansion {
    /// It has nothing to expand.
    Same(Vec<Part>),
    /// These words.
    Words(Vec<Vec<Part>>),
    /// More words than are made.
    TooMany,
}

/// The words that the braces in `parts` of `text` make; `budget` is the number of parts that all
/// expansions of a script may still make; `None` where braces mean nothing.
pub(super) fn expand(parts: Vec<Part>, text: &str, budget: &mut Option<usize>) -> Expansion {
    let has_brace = |part: &Part| part.is_plain() && part.of(text).contains('{');
    let Some(budget) = budget.as_mut().filter(|_| parts.iter().any(has_brace)) else {
        return Expansion::Same(parts);
    };
    let mut tokens = tokens(&parts, text);
    if !find_ends(&mut tokens) {
        return Expansion::TooMany;
    }
    let is_pair = |token: &Token| matches!(token.kind, TokenKind::Open(Some(_)));
    if !tokens.iter().any(is_pair) {
        return Expansion::Same(parts);
    }
    let word = Braces { tokens: &tokens, text };
    match word.count(0, tokens.len(), 0) {
        count if count <= MAX_WORDS && count.saturating_mul(tokens.len()) <= *budget => {
            *budget -= count * tokens.len();
            Expansion::Words(word.words(0, tokens.len(), 0))
        }
        _ => Expansion::TooMany,
    }
}

fn tokens(parts: &[Part], text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for part in parts {
        if !part.is_plain() {
            tokens.push(Token { part: part.clone(), kind: TokenKind::Other(false) });
            continue;
        }
        let mut start = part.range.start;
        for piece in part.of(text).split_inclusive(['{', '}', ',']) {
            let (kind, written) = match piece.chars().next_back() {
                Some('{') => (Some(TokenKind::Open(None)), piece.get(..piece.len() - 1)),
                Some('}') => (Some(TokenKind::Close), piece.get(..piece.len() - 1)),
                Some(',') => (Some(TokenKind::Comma), piece.get(..piece.len() - 1)),
                _ => (None, Some(piece)),
            };
            let written = written.unwrap_or("");
            let end = start + written.len();
            if start < end {
                // Right in front of a closing brace it makes no sequence.
                let is_closed = matches!(kind, Some(TokenKind::Close));
                let has_dots =
                    written.find("..").is_some_and(|at| !is_closed || at + 2 < written.len());
                let kind = TokenKind::Other(has_dots);
                tokens.push(Token { part: Part::plain(start..end), kind });
            }
            start += piece.len();
            tokens.extend(kind.map(|kind| Token { part: Part::plain(end..start), kind }));
        }
    }
    tokens
}

/// Finds the end of each brace, as `bash` does: a `}` counts only when a comma or `..` stands between,
/// outside the braces inside. `false` when that takes too many steps.
fn find_ends(tokens: &mut [Token]) -> bool {
    let mut steps = 0;
    for at in 0..tokens.len() {
        let next = tokens.get(at + 1).map(|token| &token.kind);
        // `{}` at the beginning of a word is itself.
        let is_empty = at == 0 && matches!(next, Some(TokenKind::Close));
        let is_open = tokens.get(at).is_some_and(|token| matches!(token.kind, TokenKind::Open(_)));
        if !is_open || is_empty {
            continue;
        }
        let (mut level, mut divides, mut end) = (0_usize, false, None);
        for (index, token) in tokens.iter().enumerate().skip(at + 1) {
            steps += 1;
            match token.kind {
                TokenKind::Open(_) => level += 1,
                TokenKind::Close if level > 0 => level -= 1,
                TokenKind::Close if divides => {
                    end = Some(index);
                    break;
                }
                TokenKind::Comma | TokenKind::Other(true) if level == 0 => divides = true,
                _ => {}
            }
        }
        if steps > MAX_STEPS {
            return false;
        }
        if let Some(token) = tokens.get_mut(at) {
            token.kind = TokenKind::Open(end);
        }
    }
    true
}

struct Braces<'a> {
    tokens: &'a [Token],
    text: &'a str,
}

/// What one pair of braces stands for.
enum Alternatives {
    /// Each of these stretches of tokens.
    Lists(Vec<(usize, usize)>),
    /// A sequence of texts.
    Sequence(Vec<String>),
    /// The braces themselves with all that stands between.
    Themselves,
}

impl Braces<'_> {
    /// How many words the tokens `from..to` make.
    fn count(&self, from: usize, to: usize, depth: usize) -> usize {
        let mut count: usize = 1;
        let mut at = from;
        while at < to {
            match self.alternatives(at, to, depth) {
                None => at += 1,
                Some((Alternatives::Themselves, close)) => at = close + 1,
                Some((Alternatives::Sequence(texts), close)) => {
                    count = count.saturating_mul(texts.len());
                    at = close + 1;
                }
                Some((Alternatives::Lists(lists), close)) => {
                    let counts = lists.iter().map(|(from, to)| self.count(*from, *to, depth + 1));
                    count = count.saturating_mul(counts.fold(0, usize::saturating_add));
                    at = close + 1;
                }
            }
        }
        count
    }

    /// The words that the tokens `from..to` make.
    fn words(&self, from: usize, to: usize, depth: usize) -> Vec<Vec<Part>> {
        let mut words: Vec<Vec<Part>> = vec![Vec::new()];
        let mut at = from;
        while at < to {
            let endings = match self.alternatives(at, to, depth) {
                None => {
                    if let Some(token) = self.tokens.get(at) {
                        for word in &mut words {
                            word.push(token.part.clone());
                        }
                    }
                    at += 1;
                    continue;
                }
                Some((Alternatives::Themselves, close)) => {
                    let tokens = self.tokens.get(at..=close).unwrap_or_default();
                    at = close + 1;
                    vec![tokens.iter().map(|token| token.part.clone()).collect()]
                }
                Some((Alternatives::Sequence(texts), close)) => {
                    let range = self.range(at, close);
                    at = close + 1;
                    let part = |text| vec![Part::new(range.clone(), Content::Decoded(text), false)];
                    texts.into_iter().map(part).collect::<Vec<_>>()
                }
                Some((Alternatives::Lists(lists), close)) => {
                    at = close + 1;
                    let words = |(from, to)| self.words(from, to, depth + 1);
                    lists.into_iter().flat_map(words).collect()
                }
            };
            let joined = |word: &Vec<Part>| {
                let word = word.clone();
                endings
                    .iter()
                    .map(move |ending| [word.as_slice(), ending.as_slice()].concat())
                    .collect::<Vec<_>>()
            };
            words = words.iter().flat_map(joined).collect();
        }
        words
    }

    /// The bytes from the token `open` to the token `close`.
    fn range(&self, open: usize, close: usize) -> std::ops::Range<usize> {
        let at =
            |index: usize| self.tokens.get(index).map_or(0..0, |token| token.part.range.clone());
        at(open).start..at(close).end
    }

    /// What the braces that open at the token `at` stand for, with the index of their end.
    fn alternatives(&self, at: usize, to: usize, depth: usize) -> Option<(Alternatives, usize)> {
        let TokenKind::Open(Some(close)) = self.tokens.get(at)?.kind else { return None };
        if close >= to || depth >= MAX_DEPTH {
            return None;
        }
        let inner = self.tokens.get(at + 1..close)?;
        if !inner.iter().any(|token| matches!(token.kind, TokenKind::Comma)) {
            let texts = match inner {
                [Token { part, kind: TokenKind::Other(true) }] => sequence(part.of(self.text)),
                _ => None,
            };
            return Some((texts.map_or(Alternatives::Themselves, Alternatives::Sequence), close));
        }
        let mut lists = Vec::new();
        let (mut start, mut level) = (at + 1, 0_usize);
        for (index, token) in inner.iter().enumerate().map(|(index, token)| (at + 1 + index, token))
        {
            match token.kind {
                TokenKind::Open(_) => level += 1,
                TokenKind::Close => level = level.saturating_sub(1),
                TokenKind::Comma if level == 0 => {
                    lists.push((start, index));
                    start = index + 1;
                }
                _ => {}
            }
        }
        lists.push((start, close));
        Some((Alternatives::Lists(lists), close))
    }
}

/// The members of `x..y` or `x..y..step`.
fn sequence(written: &str) -> Option<Vec<String>> {
    let mut ends = written.split("..");
    let (first, last, step) = (ends.next()?, ends.next()?, ends.next());
    if ends.next().is_some() {
        return None;
    }
    let step = match step {
        None => 1,
        Some(step) => integer(step)?.unsigned_abs().max(1),
    };
    if let (Some(from), Some(to)) = (integer(first), integer(last)) {
        // A leading zero on either side pads all members to the longer width.
        let is_padded = |text: &str| {
            text.trim_start_matches('-').starts_with('0') && text.trim_start_matches('-').len() > 1
        };
        let width =
            if is_padded(first) || is_padded(last) { first.len().max(last.len()) } else { 0 };
        let member = |number: i64| format!("{number:0width$}");
        return Some(members(from, to, step).map(member).collect());
    }
    let letter = |text: &str| match text.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => Some(i64::from(*letter)),
        _ => None,
    };
    let member = |code: i64| u8::try_from(code).ok().map(|code| char::from(code).to_string());
    members(letter(first)?, letter(last)?, step).map(member).collect()
}

fn integer(text: &str) -> Option<i64> {
    let is_number = text.trim_start_matches(['-', '+']).bytes().all(|byte| byte.is_ascii_digit());
    // What is longer is no number that anybody counts with.
    (is_number && text.len() < 10).then(|| text.parse().ok())?
}

/// The numbers from `from` to `to`, up or down, one more than are made at most.
fn members(from: i64, to: i64, step: u64) -> impl Iterator<Item = i64> {
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    let step = if from <= to { step } else { -step };
    let inside = move |number: &i64| if from <= to { *number <= to } else { *number >= to };
    std::iter::successors(Some(from), move |number| number.checked_add(step))
        .take_while(inside)
        .take(MAX_WORDS + 1)
}
