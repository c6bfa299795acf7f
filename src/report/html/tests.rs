//! The page: its structure, what it lets run, and that nothing in it is more than text.

use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::report::tests::{Scene, hostile, typical};
use crate::report::{Format, render};
use crate::{Request, check};

/// What every element without an end stands for in HTML.
const VOID: [&str; 2] = ["meta", "input"];

/// The elements of `page`, with their attributes as they are written; fails where one is not closed.
fn elements(page: &str) -> Vec<(String, String)> {
    let body = page.strip_prefix("<!DOCTYPE html>").unwrap();
    let body = body.replace(assets::STYLE, "").replace(assets::SCRIPT, "");
    let mut reader = Reader::from_str(&body);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let (mut open, mut found) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
                let text = String::from_utf8(element.to_vec()).unwrap();
                if !VOID.contains(&name.as_str()) {
                    open.push(name.clone());
                }
                found.push((name, text));
            }
            Event::End(element) => {
                let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
                assert_eq!(open.pop(), Some(name), "{page}");
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
    found
}

fn written(scene: &Scene) -> String {
    scene.render(Format::Html, &Options::default())
}

/// The page of a project of the fixtures.
fn of_fixture(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fixtures/projects", name].iter().collect();
    let request = Request { paths: vec![path], has_maps: true, ..Request::default() };
    let run = check(&request).unwrap();
    assert_eq!(run.maps.len(), run.projects.len());
    let mut page = Vec::new();
    render(Format::Html, &run.report(), &Options::default(), &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

#[test]
fn every_element_is_closed_and_every_name_is_used_once() {
    let pages = [typical(), hostile(), Scene::default(), typical().in_two_projects()];
    let fixtures =
        ["monorepo", "aws-secrets-manager-deployed", "settings-in-the-ui"].map(of_fixture);
    for page in pages.iter().map(written).chain(fixtures) {
        let elements = elements(&page);
        let attribute = |text: &str, name: &str| {
            let (_, rest) = text.split_once(&format!(" {name}=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        let mut ids: Vec<String> =
            elements.iter().filter_map(|(_, text)| attribute(text, "id")).collect();
        let links: Vec<String> = elements
            .iter()
            .flat_map(|(_, text)| {
                let target =
                    attribute(text, "href").and_then(|it| Some(it.strip_prefix('#')?.to_owned()));
                let names = attribute(text, "aria-labelledby");
                let names = names.iter().flat_map(|it| it.split(' ')).map(str::to_owned);
                target.into_iter().chain(names).collect::<Vec<_>>()
            })
            .collect();
        // Landmarks are told apart by their names.
        let mut sections: Vec<_> =
            elements.iter().filter_map(|(_, text)| attribute(text, "aria-labelledby")).collect();
        let number = sections.len();
        sections.sort();
        sections.dedup();
        assert_eq!(sections.len(), number);
        assert!(links.iter().all(|link| ids.contains(link)), "{links:?} {ids:?}");
        let number = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), number, "{page}");
    }
}

#[test]
fn the_policy_lets_only_the_page_itself_run() {
    let page = written(&typical());
    let between = |start: &str, end: &str| {
        let (_, rest) = page.split_once(start).unwrap();
        rest.split_once(end).unwrap().0.to_owned()
    };
    let policy = between("Content-Security-Policy\" content=\"", "\"");
    for (name, start, end) in
        [("style-src", "<style>", "</style>"), ("script-src", "<script>", "</script>")]
    {
        use sha2::{Digest, Sha256};
        let hash = data_encoding::BASE64.encode(&Sha256::digest(between(start, end)));
        assert!(policy.contains(&format!("{name} 'sha256-{hash}';")), "{policy}");
    }
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    for (name, text) in elements(&page) {
        assert!(!["link", "img", "iframe", "base", "object"].contains(&name.as_str()), "{text}");
        assert!(
            !text.contains(" style=") && !text.contains(" on") && !text.contains(" src="),
            "{text}"
        );
    }
    // Browsers take a CR out before they compare.
    assert!(!page.contains('\r'));
    assert!(!assets::SCRIPT.contains("</") && !assets::STYLE.contains("</"));
}

#[test]
fn what_files_say_is_text() {
    let page = written(&hostile());
    assert!(!page.contains("<x>") && page.contains("&lt;x&gt;"), "{page}");
    assert!(!page.contains("[a](https://example.com)\">"), "{page}");
    for (text, expected) in [
        ("a `b` c", "a <code>b</code> c"),
        ("a `b", "a `b"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("", ""),
    ] {
        assert_eq!(prose(text).into_string(), expected, "{text}");
    }
}

/// The text of the row of `key`, without tags.
fn row(page: &str, key: &str) -> String {
    let start = format!("<code class=\"key\">{key}</code>");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no {key} in {page}"));
    let (row, _) = rest.split_once("</tr>").unwrap();
    let mut text = String::new();
    for part in row.split('<') {
        text += part.split_once('>').map_or(part, |(_, text)| text);
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_map_tells_each_secret_and_each_setting_in_each_environment() {
    let page = of_fixture("aws-secrets-manager-deployed");
    let path = |name: &str| {
        let here = std::env::current_dir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/projects/aws-secrets-manager-deployed");
        path_text(&crate::relative(&root.join(name), &here))
    };
    let (dag, script, env) = (path("dags/example.py"), path("scripts/deploy.sh"), path(".env"));
    let created = format!("created airflow/variables/my_variable {script}:5");
    assert_eq!(
        row(&page, "my_variable"),
        format!("at run time {dag}:15 Variable.get {created} {created}")
    );
    assert_eq!(row(&page, "AWS_PROFILE"), format!("airflow env file {env}:4 —"));
    assert!(
        row(&page, "AIRFLOW__SECRETS__BACKEND_KWARGS")
            .starts_with("connections_prefix = &quot;airflow/connections&quot;")
    );
    assert!(
        page.contains("data-is=\"created run\"") && page.contains("data-label=\"a deployment\"")
    );
}
