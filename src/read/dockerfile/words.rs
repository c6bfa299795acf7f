//! Words, flags and here-document marks of an instruction's text, as ranges of it.

use std::ops::Range;

use super::variables::{Lexer, Scope};

/// The words of an `ENV` or `ARG`: cut at white space outside quotes, quotes and escapes kept. An
/// open quote takes the rest of the line; that is reported when the word is expanded.
pub(super) fn words(text: &str, range: Range<usize>, escape: char) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut word: Option<Range<usize>> = None;
    let mut quote: Option<char> = None;
    let mut chars = chars_in(text, range).peekable();
    while let Some((at, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            found.extend(word.take());
            continue;
        }
        let word = word.get_or_insert(at..at);
        if c == escape && quote != Some('\'') {
            // As the last character of the line, it is dropped.
            let Some((next_at, next)) = chars.next() else { break };
            word.end = next_at + next.len_utf8();
            continue;
        }
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => {}
        }
        word.end = at + c.len_utf8();
    }
    found.extend(word.filter(|word| !word.is_empty()));
    found
}

/// The words of a `FROM`, `COPY` or `ADD`: cut at ASCII blanks, whatever the quotes.
pub(super) fn blank_separated(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut in_word = false;
    for (at, c) in chars_in(text, range) {
        if is_blank(c) {
            in_word = false;
            continue;
        }
        let end = at + c.len_utf8();
        match found.last_mut() {
            Some(word) if in_word => word.end = end,
            _ => found.push(at..end),
        }
        in_word = true;
    }
    found
}

/// The first word of `range` as cut at ASCII blanks, and what stands behind those blanks.
pub(super) fn split_at_blank(
    text: &str,
    range: Range<usize>,
) -> (Range<usize>, Option<Range<usize>>) {
    let blank = chars_in(text, range.clone()).find(|(_, c)| is_blank(*c));
    let Some((end, _)) = blank else { return (range, None) };
    let rest = chars_in(text, end..range.end).find(|(_, c)| !is_blank(*c));
    (range.start..end, Some(rest.map_or(range.end, |(at, _)| at)..range.end))
}

/// The flags that `range` begins with, and the range of what follows them.
pub(super) fn flags(
    text: &str,
    range: Range<usize>,
    escape: char,
) -> (Vec<Range<usize>>, Range<usize>) {
    let mut found = Vec::new();
    let mut rest = trim(text, range);
    if !text.get(rest.clone()).is_some_and(|rest| rest.starts_with("--")) {
        return (found, rest);
    }
    for word in words(text, rest.clone(), escape) {
        let written = text.get(word.clone()).unwrap_or("");
        if !written.starts_with("--") {
            break;
        }
        rest = trim(text, word.end..rest.end);
        if written == "--" {
            break;
        }
        found.push(word);
    }
    (found, rest)
}

/// `range` without white space at its ends.
pub(super) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let written = text.get(range.clone()).unwrap_or("");
    let start = range.end - written.trim_start().len();
    start..start + written.trim().len()
}

/// A `<<name` in an instruction's text.
pub(super) struct HeredocMark {
    /// The name without its quotes.
    pub(super) name: String,
    /// Where the name stands.
    pub(super) range: Range<usize>,
    pub(super) strips_tabs: bool,
    pub(super) expands: bool,
}

/// The here-documents that a line asks for: words of the form `<<name` with a backslash as the
/// escape, whatever the file's own is. None when the line cannot be cut into words.
pub(super) fn heredoc_marks(line: &str) -> Vec<HeredocMark> {
    let Some(words) = shell_words(line) else { return Vec::new() };
    words.into_iter().filter_map(|word| heredoc_mark(line, word)).collect()
}

/// Words as a shell cuts them, quotes kept; blanks behind `<<` belong to the word. `None` on an open
/// quote or a bad substitution.
fn shell_words(line: &str) -> Option<Vec<Range<usize>>> {
    let scope = Scope::default();
    let mut lexer = Lexer::verbatim(line, 0..line.len(), &scope);
    let mut found = Vec::new();
    let mut start = None;
    while let Some(c) = lexer.peek() {
        if c.is_whitespace() {
            found.extend(start.take().map(|start| start..lexer.position()));
            lexer.next();
            continue;
        }
        start.get_or_insert(lexer.position());
        match c {
            '\'' | '"' => lexer.element().ok()?,
            '$' => {
                let from = lexer.position();
                lexer.element().ok()?;
                // `BuildKit` forgets what it has of a word when it meets an operator in `${…}`.
                let written = line.get(from..lexer.position()).unwrap_or("");
                if written.starts_with("${")
                    && written.contains([':', '+', '-', '?', '#', '%', '/'])
                {
                    start = Some(from);
                }
            }
            '\\' => {
                lexer.next();
                lexer.next();
            }
            '<' => {
                lexer.next();
                if lexer.peek() == Some('<') {
                    lexer.next();
                    while matches!(lexer.peek(), Some('\t' | '\r' | ' ')) {
                        lexer.next();
                    }
                }
            }
            _ => lexer.next(),
        }
    }
    found.extend(start.map(|start| start..lexer.position()));
    Some(found)
}

/// `^(\d*)<<(-?)\s*([^<]*)$`
pub(super) fn heredoc_mark(line: &str, word: Range<usize>) -> Option<HeredocMark> {
    let written = line.get(word.clone())?;
    let marked = written.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (strips_tabs, name) = marked.strip_prefix('-').map_or((false, marked), |name| (true, name));
    let quoted = name.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
    if quoted.contains('<') {
        return None;
    }
    let range = word.end - quoted.len()..word.end;
    let scope = Scope::default();
    let name = Lexer::verbatim(line, range.clone(), &scope).all().ok()?;
    let count_quotes = |text: &str| text.matches(['\'', '"']).count();
    let expands = count_quotes(&name) == count_quotes(quoted);
    (!name.is_empty()).then_some(HeredocMark { name, range, strips_tabs, expands })
}

/// The ASCII white space that separates keyword and arguments (`[\t\v\f\r ]`).
const fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

fn chars_in(text: &str, range: Range<usize>) -> impl Iterator<Item = (usize, char)> {
    let start = range.start;
    text.get(range).unwrap_or("").char_indices().map(move |(at, c)| (start + at, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_words_outside_quotes() {
        let cases: &[(&str, &[&str])] = &[
            ("A=1  B=2", &["A=1", "B=2"]),
            (r#"A="x y" B='z "w'"#, &[r#"A="x y""#, r#"B='z "w'"#]),
            (r"A=x\ y B=\' C='a\' d", &[r"A=x\ y", r"B=\'", r"C='a\'", "d"]),
            (r#"K={"a": "b"}"#, &[r#"K={"a":"#, r#""b"}"#]),
            (r#"K="x y"#, &[r#"K="x y"#]),
            (r"K=x\", &["K=x"]),
            ("A=1\u{a0}B=2", &["A=1", "B=2"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<&str> =
                words(text, 0..text.len(), '\\').into_iter().map(|word| &text[word]).collect();
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn finds_flags() {
        let cases: &[(&str, &[&str], &str)] = &[
            ("--from=a --chown=\"x y\" b c", &["--from=a", "--chown=\"x y\""], "b c"),
            ("-x b", &[], "-x b"),
            ("-- --x b", &[], "--x b"),
            ("--x", &["--x"], ""),
        ];
        for (text, expected, arguments) in cases {
            let (found, rest) = flags(text, 0..text.len(), '\\');
            let found: Vec<&str> = found.into_iter().map(|word| &text[word]).collect();
            assert_eq!((found.as_slice(), &text[rest]), (*expected, *arguments), "{text}");
        }
    }

    #[test]
    fn finds_heredocs_by_shell_words() {
        let cases: &[(&str, &[&str])] = &[
            ("RUN <<EOF", &["EOF"]),
            ("RUN python << 'P' > x", &["P"]),
            ("RUN cat <<A 3<<-B", &["A", "-B"]),
            ("RUN cat > x <<\"EOF\"", &["EOF"]),
            ("RUN cat<<EOF", &[]),
            ("RUN echo '<<EOF'", &[]),
            ("RUN echo it's <<EOF", &[]),
            ("RUN x=${a[0]} <<EOF", &[]),
            ("RUN x=${a:0:3} <<EOF", &["EOF"]),
            ("RUN a <<EOF${X:-b} ${X:-b} <<E", &["E"]),
            ("RUN a <<< b", &[]),
            ("RUN a <<\"\"", &[]),
            ("RUN echo $((1 << 2))", &["2))"]),
        ];
        for (line, expected) in cases {
            let found: Vec<String> = heredoc_marks(line)
                .into_iter()
                .map(|mark| (if mark.strips_tabs { "-" } else { "" }).to_owned() + &mark.name)
                .collect();
            assert_eq!(found, *expected, "{line}");
        }
    }
}
