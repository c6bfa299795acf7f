//! Which modules a file imports, told from its text alone.

use memchr::memmem;

/// What `text` may import, in dotted paths: a module, or a name of one, which may be a module as well.
/// Some may only stand in a comment or a text. Works on any text.
#[must_use]
pub fn imported_paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for at in memmem::find_iter(text.as_bytes(), "import") {
        let (before, behind) = (head(text, at), tail(text, at + "import".len()));
        if before.ends_with(is_name_character) {
            // `__import__("a.b")`, as a string.
            paths.extend(called_with(behind.strip_prefix("__")));
        } else if behind.starts_with(is_name_character) {
            // `importlib.import_module("a.b")`
            paths.extend(called_with(behind.strip_prefix("_module")));
        } else {
            let module = module_before(before);
            paths.extend(names(behind).map(|name| match module {
                Some(module) if name == "*" => module.to_owned(),
                Some(module) if module.ends_with('.') => format!("{module}{name}"),
                Some(module) => format!("{module}.{name}"),
                None => name.to_owned(),
            }));
        }
    }
    paths
}

/// The module of `from a.b import`, where `before` is what stands before the `import`.
fn module_before(before: &str) -> Option<&str> {
    let before = before.trim_end_matches(is_blank);
    let start = before.trim_end_matches(|c| is_name_character(c) || c == '.').len();
    let module = tail(before, start);
    // `from.a import b`
    let module = module.strip_prefix("from").filter(|it| it.starts_with('.')).unwrap_or(module);
    let from = head(before, before.len() - module.len()).trim_end_matches(is_blank);
    (!module.is_empty() && from.ends_with("from")).then_some(module)
}

/// The names behind an `import`, each as it is called where it comes from.
fn names(behind: &str) -> impl Iterator<Item = &str> {
    let list = behind.trim_start_matches(is_blank);
    let list = match list.strip_prefix('(') {
        Some(list) => head(list, list.find(')').unwrap_or(list.len())),
        None => head(list, end_of_line(list)),
    };
    // Each line of a list may end in a comment.
    let parts =
        list.lines().flat_map(|line| head(line, line.find('#').unwrap_or(line.len())).split(','));
    let names = parts.filter_map(|part| part.split(is_blank).find(|word| !word.is_empty()));
    names.filter(|name| *name == "*" || name.chars().all(|c| is_name_character(c) || c == '.'))
}

/// Where the statement ends that `text` begins with: lines that end in `\` go on.
fn end_of_line(text: &str) -> usize {
    let ends = |(at, c): &(usize, char)| match c {
        ';' => true,
        '\n' => !head(text, *at).trim_end_matches('\r').ends_with('\\'),
        _ => false,
    };
    text.char_indices().find(ends).map_or(text.len(), |(at, _)| at)
}

/// The string that a call begins with: `("a.b")`.
fn called_with(behind: Option<&str>) -> Option<String> {
    let argument = behind?.trim_start_matches(is_blank).strip_prefix('(')?;
    let argument = argument.trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
    let quote = argument.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = tail(argument, 1);
    Some(head(text, text.find(quote)?).to_owned())
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What may stand between the words of a statement.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\\'
}

fn head(text: &str, end: usize) -> &str {
    text.get(..end).unwrap_or(text)
}

fn tail(text: &str, start: usize) -> &str {
    text.get(start..).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_every_form_are_told() {
        for (text, expected) in [
            ("import a.b as c, d", vec!["a.b", "d"]),
            ("  from .x import (  # z, w\n    y as q,\n    z\n)\n", vec![".x.y", ".x.z"]),
            ("from e import f; import g", vec!["e.f", "g"]),
            ("try: from . import f\nexcept ImportError: f = None", vec![".f"]),
            ("from .. import f", vec!["..f"]),
            ("from.x import f", vec![".x.f"]),
            ("from a.b import *", vec!["a.b"]),
            ("from a \\\n  import b, \\\r\n  c\nimport d", vec!["a.b", "a.c", "d"]),
            ("import\\\n a", vec!["a"]),
            ("from grün import größe", vec!["grün.größe"]),
            ("m = importlib.import_module('a.b')", vec!["a.b"]),
            ("m = __import__(\n\"a.b\", fromlist=['c'])", vec!["a.b"]),
            ("importing = reimport = 1", vec![]),
            ("import", vec![]),
            ("from import (", vec![]),
        ] {
            assert_eq!(imported_paths(text), expected, "{text}");
        }
    }
}
