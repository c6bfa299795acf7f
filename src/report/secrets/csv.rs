//! Tables for spreadsheets.

use std::io::{self, Write};

use serde::Serialize;

use super::{Compared, CreatedBy, Secret, Secrets, Unique};
use crate::report::escape::escape;

/// Writes a table with a line for each row; several names stand in one field, a blank between them.
///
/// # Errors
/// When `out` cannot be written to.
pub fn csv(secrets: &Secrets, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "kind,key,certainty,timing,path,line,column,environment,requested,reference,implicit,created"
    )?;
    let rows = secrets.references.iter().map(|row| (row, false));
    for (row, implicit) in rows.chain(secrets.implicit.iter().map(|row| (row, true))) {
        line(
            out,
            &[
                row.kind.name(),
                row.key.as_deref().unwrap_or(""),
                &word(row.certainty),
                &word(row.timing),
                &row.path,
                &row.line.to_string(),
                &row.column.to_string(),
                &row.environment,
                &row.requested.join(" "),
                &row.reference.to_string(),
                if implicit { "true" } else { "false" },
                &created(row.created.as_deref()),
            ],
        )?;
    }
    Ok(())
}

/// Writes a table of the folded secrets.
///
/// # Errors
/// When `out` cannot be written to.
pub fn csv_unique(unique: &Unique, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "name,kind,certainty,environments,asked_by,implicit,created")?;
    let secrets = unique.secrets.iter().map(|secret| (secret, "false"));
    for (secret, implicit) in secrets.chain(unique.implicit.iter().map(|it| (it, "true"))) {
        let created = created(secret.created.as_deref());
        let fields = fields(secret);
        let mut fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        fields.extend([implicit, &created]);
        line(out, &fields)?;
    }
    Ok(())
}

/// Writes a table of what is missing, what need not be there, and what is unused.
///
/// # Errors
/// When `out` cannot be written to.
pub fn csv_compared(compared: &Compared, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "standing,name,kind,certainty,environments,asked_by,because")?;
    let missing = compared.missing.iter().map(|it| ("missing", &it.secret, String::new()));
    let absent = compared.unmatched.iter().map(|it| ("unmatched", &it.secret, word(it.because)));
    for (standing, secret, because) in missing.chain(absent) {
        let fields = fields(secret);
        let mut all = vec![standing];
        all.extend(fields.iter().map(String::as_str));
        all.push(&because);
        line(out, &all)?;
    }
    for name in &compared.unused {
        line(out, &["unused", name, "", "", "", "", ""])?;
    }
    Ok(())
}

fn fields(secret: &Secret) -> [String; 5] {
    let places = secret.asked_by.iter().map(|it| format!("{}:{}", it.path, it.line));
    [
        secret.name.clone(),
        secret.kind.to_string(),
        word(secret.certainty),
        secret.environments.join(" "),
        places.collect::<Vec<_>>().join(" "),
    ]
}

fn created(places: Option<&[CreatedBy]>) -> String {
    let places = places.unwrap_or_default().iter().map(|it| format!("{}:{}", it.path, it.line));
    places.collect::<Vec<_>>().join(" ")
}

fn line(out: &mut dyn Write, fields: &[&str]) -> io::Result<()> {
    let fields: Vec<String> = fields.iter().map(|it| field(it)).collect();
    writeln!(out, "{}", fields.join(","))
}

/// A field after RFC 4180; a spreadsheet would take one that begins with these signs for a formula, so that it
/// gets an apostrophe.
fn field(text: &str) -> String {
    let text = escape(text);
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    if guard.is_empty() && !text.contains(['"', ',', '\'']) {
        return text.into_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// How serde writes a plain variant.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_no_formulas() {
        for (text, expected) in [
            ("a", "a"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@x", "\"'@x\""),
            ("\t=1", "\\t=1"),
            ("\r=1", "\\r=1"),
            ("a\nb", "a\\nb"),
        ] {
            assert_eq!(field(text), expected, "{text:?}");
        }
    }
}
