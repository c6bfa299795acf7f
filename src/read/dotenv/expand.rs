//! Expansion of `$NAME` as godotenv v1.1.1 and gotenv v1.6.0 do it: names of capitals, digits and
//! `_` only, braces optional on both sides and without meaning, `\$` for a dollar.

use super::reading::{Gathered, Stop};
use super::rewrite::Rewrite;
use crate::text::Text;

/// `text` with its variables expanded by `lookup`. Where `parenthesis` is set (godotenv), a `(`
/// behind the dollar goes with the name: `$(HOME` is the value of `HOME`.
pub(super) fn expand<'v>(
    text: Text,
    parenthesis: bool,
    gathered: &Gathered,
    lookup: impl Fn(&str) -> Option<&'v str>,
) -> Result<Text, Stop> {
    let source = text.expose();
    if !source.contains('$') {
        return Ok(text);
    }
    let mut rewrite = Rewrite::of(&text);
    let mut kept = 0;
    let mut at = 0;
    while let Some(rest) = source.get(at..)
        && let Some(found) = rest.find('$')
    {
        let dollar = at + found;
        let escaped = found > 0 && rest.as_bytes().get(found - 1) == Some(&b'\\');
        let after = source.get(dollar + 1..).unwrap_or("");
        let mut name = after;
        if parenthesis {
            name = name.strip_prefix('(').unwrap_or(name);
        }
        name = name.strip_prefix('{').unwrap_or(name);
        let behind = name.trim_start_matches(is_name_char);
        name = name.get(..name.len() - behind.len()).unwrap_or("");
        at = source.len() - behind.strip_prefix('}').unwrap_or(behind).len();
        if escaped {
            rewrite.keep(kept..dollar - 1);
            rewrite.put("$", dollar - 1..dollar + 1);
            kept = dollar + 1;
        } else if !name.is_empty() {
            rewrite.keep(kept..dollar);
            rewrite.put(gathered.spend(lookup(name).unwrap_or(""))?, dollar..at);
            kept = at;
        }
    }
    rewrite.keep(kept..source.len());
    Ok(rewrite.finish())
}

const fn is_name_char(char: char) -> bool {
    matches!(char, 'A'..='Z' | '0'..='9' | '_')
}
