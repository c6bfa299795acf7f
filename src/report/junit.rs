//! `JUnit` XML, which CI systems show as results of tests: a suite for each project, a case for each finding.
//!
//! There is no standard; elements and attributes are those of the schema that Jenkins publishes with its
//! xUnit plugin (`junit-10.xsd`), with `file` and `line`, which GitLab and `CircleCI` read.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::escape::{escape, path_text};
use super::{Report, remarks};
use crate::check::{Finding, Level};
use crate::hash::HashMap;

/// Writes the suites. Errors and warnings are failures; what is merely worth knowing passes, and says it. A
/// project without findings is one test that passes.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    let mut writer = Writer::new_with_indent(&mut *out, b' ', 2);
    writer
        .create_element("testsuites")
        .with_attribute(("name", env!("CARGO_PKG_NAME")))
        .write_inner_content(|writer| {
            for (number, root) in report.projects.iter().enumerate() {
                let findings: Vec<_> =
                    report.findings.iter().filter(|finding| finding.project == number).collect();
                suite(report, &text(&path_text(root)), &findings, writer)?;
            }
            Ok(())
        })?;
    writeln!(out)
}

type Out<'a, 'b> = Writer<&'a mut (dyn Write + 'b)>;

fn suite(
    report: &Report<'_>,
    project: &str,
    findings: &[&Finding],
    writer: &mut Out<'_, '_>,
) -> io::Result<()> {
    let failures = findings.iter().filter(|finding| finding.level > Level::Info).count();
    let suite = writer.create_element("testsuite").with_attributes([
        ("name", project),
        ("tests", findings.len().max(1).to_string().as_str()),
        ("failures", failures.to_string().as_str()),
        ("errors", "0"),
    ]);
    suite.write_inner_content(|writer| {
        if findings.is_empty() {
            let case = writer.create_element("testcase");
            case.with_attributes([("name", "no findings"), ("classname", project)])
                .write_empty()?;
        }
        let mut seen = HashMap::default();
        for finding in findings {
            case(report, finding, &mut seen, writer)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The name of a case tells no line, so that GitLab recognises it in the report of another commit.
fn case(
    report: &Report<'_>,
    finding: &Finding,
    seen: &mut HashMap<(String, String), usize>,
    writer: &mut Out<'_, '_>,
) -> io::Result<()> {
    let place = finding.primary.place;
    let (start, _) = report.range(place);
    let path = text(&report.path(place.file));
    let message = text(&finding.message);
    let mut name = format!("{}: {message}", finding.rule.id);
    let number = seen.entry((path.clone(), name.clone())).or_default();
    *number += 1;
    if *number > 1 {
        name += &format!(" ({number})");
    }
    let line = format!(
        "{path}:{}:{}: {}[{}] {message}",
        start.line, start.column, finding.level, finding.rule.id
    );
    let said: Vec<_> = std::iter::once(line)
        .chain(remarks(finding).map(|remark| text(&remark)))
        .chain([format!("more: {}", finding.rule.url())])
        .collect();
    let said = said.join("\n");
    let case = writer.create_element("testcase").with_attributes([
        ("name", name.as_str()),
        ("classname", path.as_str()),
        ("file", path.as_str()),
        ("line", start.line.to_string().as_str()),
    ]);
    case.write_inner_content(|writer| {
        let element = if finding.level == Level::Info {
            writer.create_element("system-out")
        } else {
            let failure = writer.create_element("failure");
            failure.with_attributes([
                ("type", finding.level.to_string().as_str()),
                ("message", &message),
            ])
        };
        element.write_text_content(BytesText::new(&said))?;
        Ok(())
    })?;
    Ok(())
}

/// `text` on one line, of characters that XML allows.
fn text(text: &str) -> String {
    escape(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
