//! The formats for programs, over hand-made findings and the fixtures.

use insta::assert_snapshot;
use serde_json::Value;

use super::super::tests::{self as scenes, hostile, typical};
use super::super::{Format, Options, escape};
use super::{cases, command, hold};

#[test]
fn what_programs_read_is_as_its_schema_says_and_holds_every_finding() {
    for scene in [typical(), hostile(), scenes::Scene::default(), typical().in_two_projects()] {
        scene.with_report(hold);
    }
}

#[test]
fn nothing_of_a_file_is_obeyed() {
    let scene = hostile();
    for format in Format::ALL {
        let page = scene.render(format, &Options { strict: true, ..Options::default() });
        let bad = page.chars().find(|char| *char != '\n' && escape::is_treacherous(*char));
        assert_eq!(bad, None, "{}", format.name());
    }
    let page = scene.render(Format::Github, &Options::default());
    assert!(page.lines().all(|line| line.starts_with("::error title=astrolint%3A ")), "{page}");
    let (_, properties, message) = command(page.lines().next().unwrap());
    assert_eq!(
        properties[1],
        ("file".to_owned(), "a,b:c%2C\\n::error::d/\u{ffff}<&\"'.py".to_owned())
    );
    assert!(
        message.starts_with("`]]>&<x>` % %25 \\r\\n::error::[a](https://example.com) ^[[31m"),
        "{message:?}"
    );
    let log: Value =
        serde_json::from_str(&scene.render(Format::Sarif, &Options::default())).unwrap();
    let result = &log["runs"][0]["results"][0];
    let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "a%2Cb%3Ac%252C%0A%3A%3Aerror%3A%3Ad/%EF%BF%BF%3C%26%22%27.py");
    assert!(result["message"]["text"].as_str().unwrap().contains("\\[a](https://example.com)"));
    let [(said, true)] = &cases(&scene.render(Format::Junit, &Options::default()))[..] else {
        panic!()
    };
    assert!(said.contains("`]]>&<x>`") && said.contains("\u{fffd}<&\"'.py"), "{said}");
}

#[test]
fn a_project_without_findings_is_told() {
    let scene = typical().in_two_projects();
    let log: Value =
        serde_json::from_str(&scene.render(Format::Sarif, &Options::default())).unwrap();
    let ids: Vec<_> =
        log["runs"].as_array().unwrap().iter().map(|run| &run["automationDetails"]["id"]).collect();
    assert_eq!(ids, ["astrolint/airflow/", "astrolint/teams/no faults/"]);
    assert_eq!(log["runs"][1]["results"], serde_json::json!([]));
    let page = scene.render(Format::Junit, &Options::default());
    assert!(
        page.contains(r#"<testcase name="no findings" classname="teams/no faults"/>"#),
        "{page}"
    );
}

#[test]
fn sarif_rules() {
    let log: Value =
        serde_json::from_str(&typical().render(Format::Sarif, &Options::default())).unwrap();
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][1];
    assert_snapshot!(serde_json::to_string_pretty(rule).unwrap(), @r#"
    {
      "id": "prefix-leading-slash",
      "shortDescription": {
        "text": "A prefix begins with a slash."
      },
      "fullDescription": {
        "text": "A prefix begins with a slash."
      },
      "helpUri": "https://github.com/astrolint/astrolint/blob/main/rules/prefix-leading-slash.md",
      "help": {
        "text": "A prefix begins with a slash. See https://github.com/astrolint/astrolint/blob/main/rules/prefix-leading-slash.md",
        "markdown": ""
      },
      "defaultConfiguration": {
        "level": "error"
      },
      "properties": {
        "tags": [
          "names",
          "airflow"
        ],
        "problem.severity": "error"
      }
    }
    "#);
}

#[test]
fn sarif_results() {
    let log: Value =
        serde_json::from_str(&typical().render(Format::Sarif, &Options::default())).unwrap();
    let run = &log["runs"][0];
    let mut result = run["results"][0].clone();
    result.as_object_mut().unwrap().shift_remove("fixes");
    assert_snapshot!(serde_json::to_string_pretty(&result).unwrap(), @r#"
    {
      "ruleId": "prefix-leading-slash",
      "ruleIndex": 1,
      "level": "error",
      "message": {
        "text": "`variables_prefix` begins with a slash, so the name asked for is `/airflow/variables/region`.\nenvironment: local\nnote: Secrets Manager compares whole names: `/airflow/variables/region` and `airflow/variables/region` are two secrets, and the first hardly ever exists\nnote: Airflow then asks the next backend, and fails with `KeyError: 'Variable region does not exist'`\nhelp: remove the slash: `\"variables_prefix\": \"airflow/variables\"`"
      },
      "locations": [
        {
          "physicalLocation": {
            "artifactLocation": {
              "uri": ".env",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "startLine": 2,
              "startColumn": 102,
              "endLine": 2,
              "endColumn": 120
            }
          },
          "message": {
            "text": "the slash becomes part of the name"
          }
        }
      ],
      "relatedLocations": [
        {
          "physicalLocation": {
            "artifactLocation": {
              "uri": "dags/example.py",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "startLine": 3,
              "startColumn": 10,
              "endLine": 3,
              "endColumn": 32
            }
          },
          "message": {
            "text": "asked for here"
          }
        },
        {
          "physicalLocation": {
            "artifactLocation": {
              "uri": ".env",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "startLine": 2,
              "startColumn": 37,
              "endLine": 2,
              "endColumn": 55
            }
          },
          "message": {
            "text": "this one has none"
          }
        }
      ],
      "partialFingerprints": {
        "astrolint/v1": "1310b8e3fc283eb1413570625150c84e887a5083"
      },
      "properties": {
        "environment": "local"
      }
    }
    "#);
    let levels: Vec<_> =
        run["results"].as_array().unwrap().iter().map(|one| &one["level"]).collect();
    assert_eq!(levels, ["error", "note", "warning"]);
}

/// One of the two is withheld.
#[test]
fn sarif_fixes() {
    let log: Value =
        serde_json::from_str(&typical().render(Format::Sarif, &Options::default())).unwrap();
    let fixes = &log["runs"][0]["results"][0]["fixes"];
    assert_snapshot!(serde_json::to_string_pretty(fixes).unwrap(), @r#"
    [
      {
        "description": {
          "text": "remove the slash"
        },
        "artifactChanges": [
          {
            "artifactLocation": {
              "uri": ".env",
              "uriBaseId": "%SRCROOT%"
            },
            "replacements": [
              {
                "deletedRegion": {
                  "startLine": 2,
                  "startColumn": 102,
                  "endLine": 2,
                  "endColumn": 103
                },
                "insertedContent": {
                  "text": ""
                }
              }
            ]
          }
        ],
        "properties": {
          "safety": "safe"
        }
      }
    ]
    "#);
}

#[test]
fn github_form() {
    assert_snapshot!(typical().render(Format::Github, &Options::default()), @r#"
    ::error title=astrolint%3A prefix-leading-slash,file=.env,line=2,endLine=2,col=102,endColumn=120::`variables_prefix` begins with a slash, so the name asked for is `/airflow/variables/region`%0Aenvironment: local%0Anote: Secrets Manager compares whole names: `/airflow/variables/region` and `airflow/variables/region` are two secrets, and the first hardly ever exists%0Anote: Airflow then asks the next backend, and fails with `KeyError: 'Variable region does not exist'`%0Ahelp: remove the slash: `"variables_prefix": "airflow/variables"`
    ::notice title=astrolint%3A name-resembles-arn-suffix,file=dags/example.py,line=3,endLine=3,col=23,endColumn=31::`region-abcdef` looks like an ARN
    ::warning title=astrolint%3A prefix-leading-slash,file=dags/example.py,line=1,endLine=1,col=1,endColumn=1::the whole file
    "#);
}

#[test]
fn gitlab_form() {
    let issues: Vec<Value> =
        serde_json::from_str(&typical().render(Format::Gitlab, &Options::default())).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&issues[0]).unwrap(), @r#"
    {
      "description": "`variables_prefix` begins with a slash, so the name asked for is `/airflow/variables/region`",
      "check_name": "prefix-leading-slash",
      "fingerprint": "0b2d4c24bfe4719999cfc9b0b110522a37c678ad",
      "severity": "critical",
      "location": {
        "path": ".env",
        "lines": {
          "begin": 2
        }
      }
    }
    "#);
    let severities: Vec<_> = issues.iter().map(|issue| &issue["severity"]).collect();
    assert_eq!(severities, ["critical", "info", "major"]);
}

#[test]
fn junit_form() {
    assert_snapshot!(typical().render(Format::Junit, &Options::default()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="astrolint">
      <testsuite name="airflow" tests="3" failures="2" errors="0">
        <testcase name="prefix-leading-slash: `variables_prefix` begins with a slash, so the name asked for is `/airflow/variables/region`" classname=".env" file=".env" line="2">
          <failure type="error" message="`variables_prefix` begins with a slash, so the name asked for is `/airflow/variables/region`">.env:2:102: error[prefix-leading-slash] `variables_prefix` begins with a slash, so the name asked for is `/airflow/variables/region`
    environment: local
    note: Secrets Manager compares whole names: `/airflow/variables/region` and `airflow/variables/region` are two secrets, and the first hardly ever exists
    note: Airflow then asks the next backend, and fails with `KeyError: &apos;Variable region does not exist&apos;`
    help: remove the slash: `&quot;variables_prefix&quot;: &quot;airflow/variables&quot;`
    more: https://github.com/astrolint/astrolint/blob/main/rules/prefix-leading-slash.md</failure>
        </testcase>
        <testcase name="name-resembles-arn-suffix: `region-abcdef` looks like an ARN" classname="dags/example.py" file="dags/example.py" line="3">
          <system-out>dags/example.py:3:23: info[name-resembles-arn-suffix] `region-abcdef` looks like an ARN
    more: https://github.com/astrolint/astrolint/blob/main/rules/name-resembles-arn-suffix.md</system-out>
        </testcase>
        <testcase name="prefix-leading-slash: the whole file" classname="dags/example.py" file="dags/example.py" line="1">
          <failure type="warning" message="the whole file">dags/example.py:1:1: warning[prefix-leading-slash] the whole file
    more: https://github.com/astrolint/astrolint/blob/main/rules/prefix-leading-slash.md</failure>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn rdjson_form() {
    let page: Value =
        serde_json::from_str(&typical().render(Format::Rdjson, &Options::default())).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&page["diagnostics"][0]).unwrap(), @r#"
    {
      "message": "`variables_prefix` begins with a slash, so the name asked for is `/airflow/variables/region`\nenvironment: local\nnote: Secrets Manager compares whole names: `/airflow/variables/region` and `airflow/variables/region` are two secrets, and the first hardly ever exists\nnote: Airflow then asks the next backend, and fails with `KeyError: 'Variable region does not exist'`\nhelp: remove the slash: `\"variables_prefix\": \"airflow/variables\"`",
      "location": {
        "path": ".env",
        "range": {
          "start": {
            "line": 2,
            "column": 102
          },
          "end": {
            "line": 2,
            "column": 120
          }
        }
      },
      "severity": "ERROR",
      "code": {
        "value": "prefix-leading-slash",
        "url": "https://github.com/astrolint/astrolint/blob/main/rules/prefix-leading-slash.md"
      },
      "suggestions": [
        {
          "range": {
            "start": {
              "line": 2,
              "column": 102
            },
            "end": {
              "line": 2,
              "column": 103
            }
          },
          "text": ""
        }
      ],
      "related_locations": [
        {
          "message": "asked for here",
          "location": {
            "path": "dags/example.py",
            "range": {
              "start": {
                "line": 3,
                "column": 10
              },
              "end": {
                "line": 3,
                "column": 32
              }
            }
          }
        },
        {
          "message": "this one has none",
          "location": {
            "path": ".env",
            "range": {
              "start": {
                "line": 2,
                "column": 37
              },
              "end": {
                "line": 2,
                "column": 55
              }
            }
          }
        }
      ]
    }
    "#);
}

#[test]
fn jsonl_form() {
    let page = typical().render(Format::Jsonl, &Options::default());
    let row: Value = serde_json::from_str(page.lines().nth(1).unwrap()).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&row).unwrap(), @r#"
    {
      "version": 1,
      "tool": {
        "name": "astrolint",
        "version": "0.1.0"
      },
      "project": "airflow",
      "fingerprint": "47db95e983888278c1f3b6996d1c56ed625dda3f",
      "rule": "name-resembles-arn-suffix",
      "level": "info",
      "message": "`region-abcdef` looks like an ARN",
      "path": "dags/example.py",
      "start": {
        "line": 3,
        "column": 23,
        "offset": 59
      },
      "end": {
        "line": 3,
        "column": 31,
        "offset": 67
      },
      "labels": [
        {
          "path": "dags/example.py",
          "start": {
            "line": 3,
            "column": 23,
            "offset": 59
          },
          "end": {
            "line": 3,
            "column": 31,
            "offset": 67
          },
          "text": "",
          "primary": true
        }
      ],
      "notes": [],
      "url": "https://github.com/astrolint/astrolint/blob/main/rules/name-resembles-arn-suffix.md",
      "fixes": []
    }
    "#);
}
