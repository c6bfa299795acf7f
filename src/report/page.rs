//! Pages of rules, laid out for a terminal.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use textwrap::core::display_width;

use super::wrapping;

/// Beside less than this nothing is written: it goes below.
const LEAST_BESIDE: usize = 30;

static LINK: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "a constant pattern, built in every test")]
    Regex::new(r"\[([^\]]+)\]\(([^)\s]+)\)").unwrap()
});

/// The Markdown of a page in lines of `width`: paragraphs and lists are wrapped, code stands as it is, tables
/// become lists, and links show where they lead when that is outside.
#[must_use]
pub fn laid_out(markdown: &str, width: usize, color: bool) -> String {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let code = lines.by_ref().take_while(|line| !line.starts_with("```"));
            let mut code: Vec<_> = code.map(|line| format!("    {line}")).collect();
            if let Some((_, name)) = info.split_once(' ') {
                code.insert(0, format!("  {name}:"));
            }
            blocks.push(code.join("\n"));
        } else if line.starts_with('#') {
            blocks.push(heading(line, color));
        } else if line.starts_with('|') {
            let mut rows = vec![line];
            while let Some(row) = lines.next_if(|line| line.starts_with('|')) {
                rows.push(row);
            }
            blocks.push(table(&rows, width));
        } else if !line.trim().is_empty() {
            let mut text = line.to_owned();
            let goes_on = |line: &&str| {
                !(line.trim().is_empty() || line.starts_with(['#', '|', '`']) || is_item(line))
            };
            while let Some(more) = lines.next_if(goes_on) {
                text = format!("{text} {}", more.trim());
            }
            let is_next = is_item(&text) && blocks.last().is_some_and(|it| is_item(it));
            let block = paragraph(&text, width);
            match blocks.last_mut().filter(|_| is_next) {
                Some(list) => *list = format!("{list}\n{block}"),
                None => blocks.push(block),
            }
        }
    }
    blocks.join("\n\n") + "\n"
}

/// `text` in lines of `width` to the right of `start`; below it where there is no room.
#[must_use]
pub fn beside(start: &str, text: &str, width: usize) -> String {
    let column = display_width(start);
    if width < column + LEAST_BESIDE {
        let options = wrapping(width).initial_indent("    ").subsequent_indent("    ");
        return format!("{}\n{}", start.trim_end(), textwrap::fill(text, options));
    }
    let indent = " ".repeat(column);
    textwrap::fill(text, wrapping(width).initial_indent(start).subsequent_indent(&indent))
}

fn heading(line: &str, color: bool) -> String {
    match line.trim_start_matches('#').trim() {
        title if color => format!("\x1b[1m{title}\x1b[0m"),
        _ => line.to_owned(),
    }
}

fn is_item(line: &str) -> bool {
    line.trim_start().starts_with("- ")
}

/// A paragraph, or an item of a list.
fn paragraph(text: &str, width: usize) -> String {
    let indent = text.len() - text.trim_start().len() + if is_item(text) { 2 } else { 0 };
    let (start, rest) = text.split_at(indent);
    let indent = " ".repeat(indent);
    let options = wrapping(width).initial_indent(start).subsequent_indent(&indent);
    textwrap::fill(&without_links(rest), options)
}

fn without_links(text: &str) -> String {
    let shown = |link: &Captures<'_>| match link.get(2).map_or("", |url| url.as_str()) {
        url if url.starts_with("https:") => format!("{} ({url})", &link[1]),
        _ => link[1].to_owned(),
    };
    LINK.replace_all(text, shown).into_owned()
}

/// The rows of a table, each as an item: its first cell, then what the others say under their headings.
fn table(rows: &[&str], width: usize) -> String {
    let cells = |row: &str| -> Vec<String> {
        let row = row.trim().trim_matches('|').replace("\\|", "\u{0}");
        row.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
    };
    let mut rows = rows.iter().map(|row| cells(row));
    let headings = rows.next().unwrap_or_default();
    let item = |cells: Vec<String>| {
        let mut said = cells.iter().zip(&headings).filter(|(cell, _)| !cell.is_empty());
        let first = said.next().map(|(cell, _)| cell.clone()).unwrap_or_default();
        let others: Vec<_> = said.map(|(cell, heading)| format!("{heading}: {cell}")).collect();
        let separator = if others.is_empty() { "" } else { "; " };
        paragraph(&format!("- {first}{separator}{}", others.join("; ")), width)
    };
    // Below the headings stands a line of hyphens.
    rows.skip(1).map(item).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::RULES;

    #[test]
    fn a_page_is_laid_out() {
        let page = "# a-rule\n\nOne two three four five six seven eight nine\nten.\n\n- an item that goes\n  on and on and on\n- [b](b.md), see [c](https://c.d)\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n\n```dotenv .env\nA=1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n```\n";
        assert_eq!(
            laid_out(page, 30, false),
            "# a-rule\n\nOne two three four five six\nseven eight nine ten.\n\n- an item that goes on and on\n  and on\n- b, see c (https://c.d)\n\n- 1; y: 2\n\n  .env:\n    A=1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n"
        );
        assert!(laid_out("# a\n", 30, true).starts_with("\x1b[1ma\x1b[0m\n"));
    }

    #[test]
    fn no_page_is_wider_than_the_terminal_but_for_code() {
        for rule in RULES {
            for line in laid_out(rule.page, 80, false).lines() {
                let is_one_word = !line.trim_start_matches([' ', '-']).contains(' ');
                let fits = display_width(line) <= 80 || line.starts_with("    ") || is_one_word;
                assert!(fits, "{}: {line}", rule.id);
            }
            let row = beside("  an-id   ", rule.summary, 80);
            assert!(row.lines().all(|line| display_width(line) <= 80), "{row}");
        }
    }
}
