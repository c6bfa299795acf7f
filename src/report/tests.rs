//! Snapshots of every format, and the promise that nothing hidden is printed.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::check::{Edit, Group, Rule, Safety};
use crate::fingerprint;
use crate::model::{FileKind, Place};
use crate::text::Span;

static RULE: Rule = Rule {
    id: "prefix-leading-slash",
    level: Level::Error,
    group: Group::Names,
    summary: "a prefix begins with a slash",
    fix: None,
    since: "0.1.0",
    page: "",
    check: |_, _| {},
};

static INFO: Rule = Rule {
    id: "name-resembles-arn-suffix",
    level: Level::Info,
    group: Group::Names,
    summary: "a name ends like an ARN",
    fix: None,
    since: "0.1.0",
    page: "",
    check: |_, _| {},
};

/// A run to report on: files, written with `«»` around what may be shown, and findings.
#[derive(Default)]
pub(super) struct Scene {
    files: Files,
    shown: Shown,
    findings: Vec<Finding>,
    two_projects: bool,
}

impl Scene {
    fn file(&mut self, path: &str, marked: &str) -> FileId {
        let mut text = String::new();
        let mut spans = Vec::new();
        for char in marked.chars() {
            match char {
                '«' => spans.push(Span::at(text.len())),
                '»' => spans.last_mut().unwrap().end = text.len(),
                _ => text.push(char),
            }
        }
        let id = self.files.add(PathBuf::from(path), FileKind::Env, text);
        self.shown.allow(id, spans);
        id
    }

    /// Where `needle` stands in `file` for the first time.
    fn find(&self, file: FileId, needle: &str) -> Place {
        let start = self.files.get(file).text().find(needle).unwrap();
        Place::new(file, Span::new(start, start + needle.len()))
    }

    pub(super) fn in_two_projects(mut self) -> Self {
        self.two_projects = true;
        self
    }

    fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn with_report<T>(&self, then: impl FnOnce(&Report<'_>) -> T) -> T {
        let projects = [PathBuf::from("./airflow"), PathBuf::from("teams/no faults")];
        let mut findings = self.findings.clone();
        let shown = |file| self.shown.of(file).to_vec();
        fingerprint::assign(&mut findings, &self.files, std::path::Path::new(""), shown);
        then(&Report {
            files: &self.files,
            shown: &self.shown,
            findings: &findings,
            projects: &projects[..=usize::from(self.two_projects)],
            maps: &[],
            left_out: LeftOut::default(),
        })
    }

    pub(super) fn render(&self, format: Format, options: &Options) -> String {
        let mut out = Vec::new();
        self.with_report(|report| render(format, report, options, &mut out)).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn full(&self, options: &Options) -> String {
        format!("{}\n", self.render(Format::Full, options).trim_end())
    }
}

const DAG: &str = "«from airflow.models import Variable

REGION = Variable.get(»'region'«)  »# the token is hunter2
";

/// What a typical run looks like.
pub(super) fn typical() -> Scene {
    let mut scene = Scene::default();
    let env = scene.file(
        ".env",
        "«AIRFLOW__SECRETS__BACKEND»=«airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend»\n\
         «AIRFLOW__SECRETS__BACKEND_KWARGS='{\"connections_prefix\": \"airflow/connections\", \
         \"variables_prefix\": \"/airflow/variables\", \"aws_secret_access_key\": \"»hunter2 hunter3«\"}'»\n",
    );
    let dag = scene.file("./dags/example.py", DAG);
    let slash = scene.find(env, "/airflow/variables").span.start;
    let mut finding = Finding::new(
        &RULE,
        scene.find(env, "/airflow/variables"),
        "`variables_prefix` begins with a slash, so the name asked for is `/airflow/variables/region`",
    )
    .label("the slash becomes part of the name")
    .related(scene.find(dag, "Variable.get('region')"), "asked for here")
    .related(scene.find(env, "connections_prefix"), "this one has none")
    .note("Secrets Manager compares whole names: `/airflow/variables/region` and `airflow/variables/region` are two secrets, and the first hardly ever exists")
    .note("Airflow then asks the next backend, and fails with `KeyError: 'Variable region does not exist'`")
    .help("remove the slash: `\"variables_prefix\": \"airflow/variables\"`")
    .in_environment("local")
    .fix(
        "remove the slash",
        Safety::Safe,
        vec![Edit { place: Place::new(env, Span::new(slash, slash + 1)), replacement: String::new() }],
    )
    .fix(
        "quote the key",
        Safety::Unsafe,
        vec![Edit { place: scene.find(env, "hunter2"), replacement: String::new() }],
    );
    finding.fixes[1].is_withheld = true;
    scene.report(finding);
    scene.report(Finding::new(
        &INFO,
        scene.find(dag, "'region'"),
        "`region-abcdef` looks like an ARN",
    ));
    scene.report(
        Finding::new(&RULE, Place::new(dag, Span::at(0)), "the whole file")
            .at_most(Level::Warning)
            .label("not read"),
    );
    scene
}

/// A finding whose file and texts try to be more than text in every format.
pub(super) fn hostile() -> Scene {
    let mut scene = Scene::default();
    let file = scene.file("a,b:c%2C\n::error::d/\u{ffff}<&\"'.py", "ä\u{1b}'x'\n");
    let text = "`]]>&<x>` % %25 \r\n::error::[a](https://example.com) \u{1b}[31m\u{202e}\u{85}\0";
    let place = scene.find(file, "'x'");
    let edit = Edit { place, replacement: text.to_owned() };
    scene.report(
        Finding::new(&RULE, place, text)
            .label(text)
            .related(place, text)
            .note(text)
            .help(text)
            .in_environment(text)
            .fix(text, Safety::Unsafe, vec![edit]),
    );
    scene
}

/// One finding at `needle` in a file with `text`, in the `full` form.
fn full(text: &str, needle: &str, label: &str) -> String {
    let mut scene = Scene::default();
    let file = scene.file(".env", text);
    scene.report(Finding::new(&RULE, scene.find(file, needle), "here").label(label));
    let text = scene.full(&Options::default());
    text.lines()
        .skip(1)
        .take_while(|line| !line.contains("more:"))
        .fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn full_form() {
    assert_snapshot!(typical().render(Format::Full, &Options::default()), @r#"
      error[prefix-leading-slash]: `variables_prefix` begins with a slash, so the
      │ name asked for is `/airflow/variables/region`
       ╭─[.env:2:102]
     2 │ …ons", "variables_prefix": "/airflow/variables", "aws_secret_access_key":…
       ·                             ─────────┬────────
       ·                                      ╰── the slash becomes part of the name
       ╰────
       ╭─[dags/example.py:3:10]
     3 │ REGION = Variable.get(•••)  •••
       ·          ────────┬────────
       ·                  ╰── asked for here
       ╰────
       ╭─[.env:2:37]
     2 │ …SECRETS__BACKEND_KWARGS='{"connections_prefix": "airflow/connections", "…
       ·                             ─────────┬────────
       ·                                      ╰── this one has none
       ╰────
      environment: local
      note: Secrets Manager compares whole names: `/airflow/variables/region` and
            `airflow/variables/region` are two secrets, and the first hardly ever
            exists
      note: Airflow then asks the next backend, and fails with `KeyError: 'Variable
            region does not exist'`
      help: remove the slash: `"variables_prefix": "airflow/variables"`
      more: astrolint explain prefix-leading-slash

      warning[prefix-leading-slash]: the whole file
      file: dags/example.py (not read)
    "#);
}

#[test]
fn full_form_in_ascii_shows_info_under_strict() {
    let options = Options { unicode: false, strict: true, width: 60, ..Options::default() };
    assert_snapshot!(typical().render(Format::Full, &options), @r#"
      error[prefix-leading-slash]: `variables_prefix` begins
      | with a slash, so the name asked for is
      | `/airflow/variables/region`
       ,-[.env:2:102]
     2 | ...x": "/airflow/variables", "aws_secret_access_key...
       :         ^^^^^^^^^|^^^^^^^^
       :                  `-- the slash becomes part of the name
       `----
       ,-[dags/example.py:3:10]
     3 | REGION = Variable.get(***)  ***
       :          ^^^^^^^^|^^^^^^^^
       :                  `-- asked for here
       `----
       ,-[.env:2:37]
     2 | ...KEND_KWARGS='{"connections_prefix": "airflow/con...
       :                   ^^^^^^^^^|^^^^^^^^
       :                            `-- this one has none
       `----
      environment: local
      note: Secrets Manager compares whole names:
            `/airflow/variables/region` and
            `airflow/variables/region` are two secrets, and the
            first hardly ever exists
      note: Airflow then asks the next backend, and fails with
            `KeyError: 'Variable region does not exist'`
      help: remove the slash: `"variables_prefix":
            "airflow/variables"`
      more: astrolint explain prefix-leading-slash

      info[name-resembles-arn-suffix]: `region-abcdef` looks
      | like an ARN
       ,-[dags/example.py:3:23]
     3 | REGION = Variable.get(***)  ***
       :                       ^^^
       `----
      more: astrolint explain name-resembles-arn-suffix

      warning[prefix-leading-slash]: the whole file
      file: dags/example.py (not read)
    "#);
}

#[test]
fn full_form_has_escapes_only_in_colour() {
    let scene = typical();
    assert!(!scene.render(Format::Full, &Options::default()).contains('\x1b'));
    let colored = scene.render(Format::Full, &Options { color: true, ..Options::default() });
    assert!(colored.contains("\x1b[31merror[prefix-leading-slash]:"), "{colored:?}");
    assert!(!colored.contains("\x1b]8"), "no hyperlinks");
    // Yellow, green and cyan cannot be read on white, nor blue on black, nor what is dimmed on either.
    let codes = regex::Regex::new("\x1b\\[([0-9;]*)m").unwrap();
    for code in codes.captures_iter(&colored) {
        let parts = code[1].split(';');
        assert!(parts.into_iter().all(|it| ["0", "1", "31", "35", "39"].contains(&it)), "{code:?}");
    }
}

#[test]
fn narrated_form() {
    assert_snapshot!(typical().render(Format::Full, &Options { narrated: true, ..Options::default() }), @r#"
    error[prefix-leading-slash]: `variables_prefix` begins with a slash, so the name asked for is `/airflow/variables/region`
      in file .env, line 2: [cut]: "airflow/connections", "variables_prefix": "/airflow/variables", "aws_secret_access_key": "[masked]"}'
        column 102, at /airflow/variables: the slash becomes part of the name
      in file dags/example.py, line 3: REGION = Variable.get([masked])  [masked]
        column 10, at Variable.get([masked]): asked for here
      in file .env, line 2: AIRFLOW__SECRETS__BACKEND_KWARGS='{"connections_prefix": "airflow/connections", "variables_prefix": "/ai[cut]
        column 37, at connections_prefix: this one has none
      environment: local
      note: Secrets Manager compares whole names: `/airflow/variables/region` and `airflow/variables/region` are two secrets, and the first hardly ever exists
      note: Airflow then asks the next backend, and fails with `KeyError: 'Variable region does not exist'`
      help: remove the slash: `"variables_prefix": "airflow/variables"`
      more: astrolint explain prefix-leading-slash

    warning[prefix-leading-slash]: the whole file
      in file dags/example.py: not read
      more: astrolint explain prefix-leading-slash
    "#);
}

#[test]
fn concise_form() {
    assert_snapshot!(typical().render(Format::Concise, &Options::default()), @"
    .env:2:102: error[prefix-leading-slash] `variables_prefix` begins with a slash, so the name asked for is `/airflow/variables/region`
    dags/example.py:1:1: warning[prefix-leading-slash] the whole file
    ");
}

#[test]
fn json_form() {
    let mut scene = typical();
    scene.findings.truncate(1);
    scene.findings[0].related.clear();
    assert_snapshot!(scene.render(Format::Json, &Options::default()), @r#"
    {
      "version": 1,
      "tool": {
        "name": "astrolint",
        "version": "0.1.0"
      },
      "projects": [
        {
          "path": "airflow"
        }
      ],
      "findings": [
        {
          "rule": "prefix-leading-slash",
          "level": "error",
          "message": "`variables_prefix` begins with a slash, so the name asked for is `/airflow/variables/region`",
          "path": ".env",
          "start": {
            "line": 2,
            "column": 102,
            "offset": 202
          },
          "end": {
            "line": 2,
            "column": 120,
            "offset": 220
          },
          "environment": "local",
          "labels": [
            {
              "path": ".env",
              "start": {
                "line": 2,
                "column": 102,
                "offset": 202
              },
              "end": {
                "line": 2,
                "column": 120,
                "offset": 220
              },
              "text": "the slash becomes part of the name",
              "primary": true
            }
          ],
          "notes": [
            "Secrets Manager compares whole names: `/airflow/variables/region` and `airflow/variables/region` are two secrets, and the first hardly ever exists",
            "Airflow then asks the next backend, and fails with `KeyError: 'Variable region does not exist'`"
          ],
          "help": "remove the slash: `\"variables_prefix\": \"airflow/variables\"`",
          "url": "https://github.com/astrolint/astrolint/blob/main/rules/prefix-leading-slash.md",
          "fixes": [
            {
              "title": "remove the slash",
              "safety": "safe",
              "edits": [
                {
                  "path": ".env",
                  "start": {
                    "line": 2,
                    "column": 102,
                    "offset": 202
                  },
                  "end": {
                    "line": 2,
                    "column": 103,
                    "offset": 203
                  },
                  "replacement": ""
                }
              ]
            },
            {
              "title": "quote the key",
              "safety": "unsafe",
              "withheld": true
            }
          ]
        }
      ],
      "summary": {
        "error": 1,
        "warning": 0,
        "info": 0,
        "suppressed": 0,
        "switched_off": 0,
        "known": 0
      }
    }
    "#);
}

#[test]
fn masked_values_are_pointed_at_as_a_whole() {
    assert_snapshot!(full("«KEY='»one two three«'  # why»\n", "two", "the second word"), @"
      ╭─[.env:1:10]
    1 │ KEY='•••'  # why
      ·      ─┬─
      ·       ╰── the second word
      ╰────
    ");
}

#[test]
fn nothing_of_a_file_without_shown_spans_is_shown() {
    assert_snapshot!(full("  KEY=p@ss-word and more\n", "p@ss", ""), @"
      ╭─[.env:1:7]
    1 │   •••
      ·   ───
      ╰────
    ");
}

#[test]
fn neighbouring_lines_are_not_shown() {
    assert_snapshot!(full("«A=1»\r\n«KEY=value»\r\n«C=3»\r\n", "value", "with a line end of two bytes"), @"
      ╭─[.env:2:5]
    2 │ KEY=value
      ·     ──┬──
      ·       ╰── with a line end of two bytes
      ╰────
    ");
}

#[test]
fn a_place_over_several_lines_shows_the_first() {
    assert_snapshot!(full("«KEY='{\n  \"a\": 1\n}'»\n", "'{\n  \"a\": 1\n}'", "not JSON"), @"
      ╭─[.env:1:5]
    1 │ KEY='{…
      ·     ─┬
      ·      ╰── not JSON
      ╰────
    ");
}

#[test]
fn a_line_end_can_be_pointed_at() {
    assert_snapshot!(full("«KEY=»\n«B=»\n", "\n", "no value"), @"
      ╭─[.env:1:5]
    1 │ KEY=
      ·     ▲
      ·     ╰── no value
      ╰────
    ");
    let mut scene = Scene::default();
    let file = scene.file(".env", "«A=1»");
    scene.report(
        Finding::new(&RULE, Place::new(file, Span::at(3)), "no line feed at the end").label("here"),
    );
    scene.report(
        Finding::new(&RULE, Place::new(file, Span::at(2)), "nothing between two").label("here"),
    );
    scene.report(Finding::new(&RULE, Place::new(file, Span::new(2, 900)), "past the end"));
    assert_snapshot!(scene.full(&Options::default()), @"
     error[prefix-leading-slash]: no line feed at the end
      ╭─[.env:1:4]
    1 │ A=1
      ·    ▲
      ·    ╰── here
      ╰────
     more: astrolint explain prefix-leading-slash

     error[prefix-leading-slash]: nothing between two
      ╭─[.env:1:3]
    1 │ A=1
      ·   ▲
      ·   ╰── here
      ╰────

     error[prefix-leading-slash]: past the end
      ╭─[.env:1:3]
    1 │ A=1
      ·   ─
      ╰────
    ");
}

#[test]
fn an_empty_line_can_be_pointed_at() {
    let mut scene = Scene::default();
    let file = scene.file(".env", "A=1\n\nB=2\n");
    scene.report(Finding::new(&RULE, Place::new(file, Span::at(4)), "an empty line"));
    assert_snapshot!(scene.full(&Options::default()), @"
     error[prefix-leading-slash]: an empty line
      ╭─[.env:2:1]
    2 │
      · ▲
      ╰────
     more: astrolint explain prefix-leading-slash
    ");
}

#[test]
fn tabs_and_wide_characters_keep_carets_in_place() {
    assert_snapshot!(full("«\tKEY\t=\t漢字 value»\n", "value", "after two wide characters"), @"
      ╭─[.env:1:11]
    1 │     KEY =   漢字 value
      ·                  ──┬──
      ·                    ╰── after two wide characters
      ╰────
    ");
}

#[test]
fn control_characters_are_shown_escaped() {
    assert_snapshot!(full("«KEY=\x1b[31mred\u{202e}\u{9b}m value»\n", "value", "label\x1b[0m"), @r"
      ╭─[.env:1:17]
    1 │ KEY=^[[31mred\u{202e}\u{9b}m value
      ·                              ──┬──
      ·                                ╰── label^[[0m
      ╰────
    ");
}

#[test]
fn words_at_the_right_edge_have_room() {
    let line = format!("«{}=/value»\n", "K".repeat(70));
    assert_snapshot!(full(&line, "/value", "a label that is so long that it must be wrapped to be read"), @"
      ╭─[.env:1:72]
    1 │ …KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK=/value
      ·                                     ───┬──
      ·                                        ╰─┤ a label that is so long that it
      ·                                          │ must be wrapped to be read
      ╰────
    ");
}

#[test]
fn words_of_two_marks_have_room_or_a_line_each() {
    let mut scene = Scene::default();
    let line = format!("«first = {} = second»\n", "k".repeat(46));
    let file = scene.file("dags/a.py", &line);
    let finding = Finding::new(&RULE, scene.find(file, "first"), "two spellings").label("this one");
    scene.report(finding.related(scene.find(file, "second"), "the other spelling"));
    assert_snapshot!(scene.full(&Options::default()), @"
     error[prefix-leading-slash]: two spellings
      ╭─[dags/a.py:1:1]
    1 │ first = kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk = second
      · ──┬──
      ·   ╰── this one
      ╰────
      ╭─[dags/a.py:1:58]
    1 │ …kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk = second
      ·                                                 ───┬──
      ·                                                    ╰── the other spelling
      ╰────
     more: astrolint explain prefix-leading-slash
    ");
}

#[test]
fn places_without_room_are_named() {
    let mut scene = Scene::default();
    let file = scene.file("dags/a.py", &"«get(»'x'«)»\n".repeat(6));
    let unread = scene.file("dags/b.py", "");
    let mut finding = Finding::new(&RULE, scene.find(file, "get"), "asked for often");
    for line in 1..6 {
        finding = finding.related(Place::new(file, Span::new(line * 9, line * 9 + 3)), "and here");
    }
    scene.report(finding.related(Place::new(unread, Span::new(7, 9)), "not UTF-8"));
    assert_snapshot!(scene.full(&Options::default()), @"
     error[prefix-leading-slash]: asked for often
      ╭─[dags/a.py:1:1]
    1 │ get(•••)
      · ───
      ╰────
      ╭─[dags/a.py:2:1]
    2 │ get(•••)
      · ─┬─
      ·  ╰── and here
      ╰────
      ╭─[dags/a.py:3:1]
    3 │ get(•••)
      · ─┬─
      ·  ╰── and here
      ╰────
      ╭─[dags/a.py:4:1]
    4 │ get(•••)
      · ─┬─
      ·  ╰── and here
      ╰────
     see also: dags/a.py:5:1 (and here)
     see also: dags/a.py:6:1 (and here)
     see also: dags/b.py (not UTF-8)
     more: astrolint explain prefix-leading-slash
    ");
}

#[test]
fn every_concise_finding_is_one_line_that_matchers_understand() {
    let grammar = regex::Regex::new(CONCISE_LINE).unwrap();
    let mut scene = Scene::default();
    let file = scene.file("./da\ngs/\x1b[2J.py", "a");
    let command = scene.file("::error::/.env", "a");
    scene.report(Finding::new(
        &RULE,
        Place::new(file, Span::at(0)),
        "two\r\nlines\u{2028}and \x1b]0;title\x07",
    ));
    scene.report(Finding::new(&RULE, Place::new(command, Span::new(1, 1)), "x"));
    let page = scene.render(Format::Concise, &Options::default());
    assert!(page.lines().all(|line| grammar.is_match(line)), "{page}");
    assert_snapshot!(page, @r"
    da\ngs/^[[2J.py:1:1: error[prefix-leading-slash] two\r\nlines\u{2028}and ^[]0;title^G
    ./::error::/.env:1:2: error[prefix-leading-slash] x
    ");
}

#[test]
fn no_wrapped_line_is_a_command_to_a_ci_runner() {
    let mut scene = Scene::default();
    let file = scene.file(".env", "a");
    let text = "::error::x ".repeat(40);
    scene.report(
        Finding::new(&RULE, Place::new(file, Span::at(0)), text.clone())
            .note(text.clone())
            .help(text),
    );
    for width in 1..120 {
        let page = scene.render(Format::Full, &Options { width, ..Options::default() });
        assert!(!page.lines().any(|line| line.trim_start().starts_with("::")), "{page}");
    }
}

#[test]
fn json_can_be_printed_and_read_back() {
    let mut scene = Scene::default();
    let file = scene.file(".env\u{202e}", "a");
    let message = "a\u{9b}31m\u{e0041}\x7f\"\\\n";
    scene.report(Finding::new(&INFO, Place::new(file, Span::at(1)), message));
    let json = scene.render(Format::Json, &Options::default());
    assert!(!json.chars().any(|char| char != '\n' && escape::is_treacherous(char)), "{json:?}");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["findings"][0]["message"], message);
    assert_eq!(json["findings"][0]["path"], ".env\u{202e}");
}

#[test]
fn the_closing_line_counts() {
    use Level::{Error, Info, Warning};
    let file = Place::new(FileId(0), Span::at(0));
    let findings = |levels: &[Level]| -> Vec<Finding> {
        levels.iter().map(|level| Finding::new(&RULE, file, "").at_most(*level)).collect()
    };
    let none = LeftOut::default();
    for (levels, left_out, projects, strict, expected) in [
        (vec![], none, 1, false, "No problems found in 1 project."),
        (
            vec![],
            LeftOut { suppressed: 2, switched_off: 1, known: 3 },
            1,
            false,
            "No problems found (2 suppressed by comments; 1 switched off by the configuration; 3 more in the baseline) in 1 project.",
        ),
        (
            vec![Info],
            LeftOut { suppressed: 1, ..none },
            2,
            false,
            "No problems found (1 info hidden, shown with --strict; 1 suppressed by comments) in 2 projects.",
        ),
        (vec![Info], none, 1, true, "Found 1 info in 1 project."),
        (vec![Warning], none, 1, false, "Found 1 warning in 1 project."),
        (
            vec![Error, Warning, Info, Error, Info, Error],
            none,
            2,
            false,
            "Found 3 errors and 1 warning (2 info hidden, shown with --strict) in 2 projects.",
        ),
        (
            vec![Error, Warning, Info],
            none,
            1,
            true,
            "Found 1 error, 1 warning and 1 info in 1 project.",
        ),
    ] {
        let scene = Scene::default();
        let projects = vec![PathBuf::new(); projects];
        let findings = findings(&levels);
        let report = Report {
            files: &scene.files,
            shown: &scene.shown,
            findings: &findings,
            projects: &projects,
            maps: &[],
            left_out,
        };
        assert_eq!(summary(&report, &Options { strict, ..Options::default() }), expected);
    }
}

#[test]
fn formats_are_known_by_name() {
    assert!(Format::ALL.iter().all(|format| format.name().parse() == Ok(*format)));
    let names = Format::ALL.map(Format::name).join(", ");
    assert_eq!("xml".parse::<Format>(), Err(format!("expected one of {names}")));
}

/// Text of lines with words that occur nowhere else in the output.
fn secrets() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[A-Z]{1,9}",
        1 => "[ \t]{1,3}",
        1 => "[=\"'{}:#/\\\\-]",
        1 => "[äß漢👍\u{202e}\u{1b}\u{301}]",
        1 => Just("\n".to_owned()),
        1 => Just("\r\n".to_owned()),
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

/// All runs of four letters of `text` whose letters are not all shown.
fn hidden_runs(text: &str, shown: &[Span]) -> Vec<String> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    letters
        .windows(4)
        .filter(|run| run.iter().all(|(_, char)| char.is_ascii_uppercase()))
        .filter(|run| {
            !run.iter()
                .all(|(at, _)| shown.iter().any(|span| span.contains(Span::new(*at, at + 1))))
        })
        .map(|run| run.iter().map(|(_, char)| char).collect())
        .collect()
}

proptest! {
    #[test]
    fn what_is_not_shown_never_appears(
        text in secrets(),
        shown in prop::collection::vec((0usize..400, 0usize..30), 0..5),
        labels in prop::collection::vec((0usize..400, 0usize..40), 1..5),
        width in 0usize..120,
        unicode: bool,
        narrated: bool,
        color: bool,
    ) {
        let shown: Vec<Span> = shown.into_iter().map(|(start, length)| Span::new(start, start + length)).collect();
        let mut scene = Scene::default();
        let file = scene.files.add(PathBuf::from(".env"), FileKind::Env, text.clone());
        scene.shown.allow(file, shown.clone());
        let mut places = labels.into_iter().map(|(start, length)| Place::new(file, Span::new(start, start + length)));
        let mut finding = Finding::new(&RULE, places.next().unwrap(), "").label("label");
        for place in places {
            finding = finding.related(place, "related");
        }
        scene.report(finding);
        // What is shown at one place may stand hidden at another.
        let visible: Vec<&str> = scene.shown.of(file).iter().map(|span| {
            let start = text.ceil_char_boundary(span.start);
            Span::new(start, text.floor_char_boundary(span.end).max(start)).of(&text)
        }).collect();
        for format in Format::ALL {
            let options = Options { color, width, unicode, strict: true, narrated };
            let page = scene.render(format, &options);
            // `%SRCROOT%`, `ERROR` and other words of the format itself.
            let own = typical().render(format, &options);
            for run in hidden_runs(&text, scene.shown.of(file)) {
                prop_assert!(!page.contains(&run) || own.contains(&run) || visible.iter().any(|part| part.contains(&run)), "{run} in\n{page}");
            }
        }
    }

    #[test]
    fn neither_length_nor_words_of_a_masked_value_are_told(secret in "[!-~]([ -~]{0,60}[!-~])?") {
        let page = |secret: &str| {
            let mut scene = Scene::default();
            let file = scene.files.add(PathBuf::from(".env"), FileKind::Env, format!("KEY={secret} # why"));
            let (key, value) = (Span::new(0, 4), Span::new(4, 4 + secret.len()));
            scene.shown.allow(file, [key, Span::new(value.end, value.end + 6)]);
            scene.report(Finding::new(&RULE, Place::new(file, value), "x").label("the value"));
            scene.full(&Options::default())
        };
        prop_assert_eq!(page(&secret), page("x"));
    }

    #[test]
    fn snippets_fit_the_terminal(text in secrets(), start in 0usize..300, length in 0usize..40, width in 40usize..120) {
        let mut scene = Scene::default();
        let file = scene.files.add(PathBuf::from(".env"), FileKind::Env, text.clone());
        scene.shown.allow(file, [Span::new(0, text.len())]);
        scene.report(Finding::new(&RULE, Place::new(file, Span::new(start, start + length)), "x").label("a few words"));
        for line in scene.full(&Options { width, ..Options::default() }).lines() {
            prop_assert!(textwrap::core::display_width(line) <= width, "{line}");
        }
    }
}
