use super::*;
use crate::resolve::{Dispensable, Standing};

fn row(kind: Kind, key: Option<&str>, certainty: KeyCertainty, names: &[&str]) -> Row {
    Row {
        kind,
        key: key.map(str::to_owned),
        certainty,
        is_each: false,
        timing: When::Run,
        path: "dags/a.py".to_owned(),
        line: 3,
        column: 1,
        environment: "local".to_owned(),
        requested: names.iter().map(|name| (*name).to_owned()).collect(),
        reference: 0,
        created: None,
        at: 0,
        by: "Variable.get".to_owned(),
        why_not: names
            .is_empty()
            .then(|| "`connections_lookup_pattern` lets it not pass".to_owned()),
    }
}

fn typical() -> Secrets {
    let environment = |name: &str| AskedEnvironment {
        project: None,
        name: name.to_owned(),
        backend: Some("B".to_owned()),
        trouble: None,
    };
    let parse = When::Parse;
    let long = "v/a_name_of_a_variable_that_takes_more_than_half_of_the_line";
    let mut references = vec![
        Row { timing: parse, ..row(Kind::Variable, Some("a"), KeyCertainty::Known, &["v/a"]) },
        Row {
            line: 9,
            reference: 1,
            ..row(Kind::Variable, Some("a"), KeyCertainty::OneOf, &["v/a", "v//a"])
        },
        Row {
            line: 9,
            reference: 1,
            ..row(Kind::Variable, Some("b"), KeyCertainty::OneOf, &["v/b", "v//b"])
        },
        Row { reference: 2, ..row(Kind::Variable, Some("l"), KeyCertainty::Known, &[long]) },
        Row {
            reference: 3,
            ..row(Kind::Connection, Some("*_x"), KeyCertainty::Pattern, &["c/*_x"])
        },
        Row { reference: 4, ..row(Kind::Connection, None, KeyCertainty::Dynamic, &[]) },
        Row { reference: 5, ..row(Kind::Connection, Some("w"), KeyCertainty::Known, &[]) },
    ];
    for line in 10..16 {
        references.push(Row {
            line,
            reference: line,
            ..row(Kind::Connection, Some("often"), KeyCertainty::Known, &["c/often"])
        });
    }
    let implicit =
        vec![row(Kind::Connection, Some("aws_default"), KeyCertainty::Known, &["c/aws_default"])];
    let in_production =
        |row: &Row| Row { environment: "production".to_owned(), at: 1, ..row.clone() };
    let more: Vec<Row> = references.iter().map(in_production).collect();
    references.extend(more);
    let more: Vec<Row> = implicit.iter().map(in_production).collect();
    Secrets {
        references,
        implicit: [implicit, more].concat(),
        environments: vec![environment("local"), environment("production")],
        ..Secrets::default()
    }
}

/// The same, where the project creates some.
fn with_creations() -> Secrets {
    let by = |line, pattern, is_declared| CreatedBy {
        path: "infra/main.tf".to_owned(),
        line,
        pattern,
        is_declared,
    };
    let mut secrets = typical();
    for row in &mut secrets.references {
        row.created = match row.requested.first().map(String::as_str) {
            Some("v/a") => Some((1..6).map(|line| by(line, false, false)).collect()),
            Some("v/b") => Some(vec![by(7, true, false)]),
            Some("c/often") if row.at == 0 => Some(vec![by(8, false, true)]),
            Some("c/often") => Some(Vec::new()),
            _ => None,
        };
    }
    let unused = |name: &str, environments: &[&str]| Unused {
        name: name.to_owned(),
        environments: environments.iter().map(|name| (*name).to_owned()).collect(),
        path: "infra/main.tf".to_owned(),
        line: 9,
    };
    secrets.unused =
        Some(vec![unused("v/old", &["local", "production"]), unused("c/x", &["local"])]);
    secrets
}

fn compared() -> Compared {
    let secrets = typical();
    let standing = |row: &Row| match row.certainty {
        KeyCertainty::OneOf if row.key.as_deref() == Some("b") => Standing::Missing,
        KeyCertainty::Pattern => Standing::Absent(Dispensable::Pattern),
        _ if row.requested.is_empty() => Standing::Unknown,
        _ => Standing::Present,
    };
    let rows: Vec<_> = secrets.rows().map(|row| (row, standing(row))).collect();
    Compared::new(&rows, vec!["c/old".to_owned()], 2)
}

fn printed(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_output_is_as_the_published_schema_says() {
    let schema = include_str!("../../../docs/astrolint-secrets-v1.schema.json");
    let schema = crate::report::schema::Schema::new(schema);
    let secrets = typical();
    for document in [
        printed(|out| json(&secrets, out)),
        printed(|out| json(&Secrets::default(), out)),
        printed(|out| json(&with_creations(), out)),
        printed(|out| json(&with_creations().unique(), out)),
        printed(|out| json(&secrets.unique(), out)),
        printed(|out| json(&compared(), out)),
    ] {
        let value = serde_json::from_str(&document).unwrap();
        schema.check(&value);
    }
}

#[test]
fn names_are_folded() {
    let unique = typical().unique();
    let long = "v/a_name_of_a_variable_that_takes_more_than_half_of_the_line";
    let found: Vec<_> = unique
        .secrets
        .iter()
        .map(|it| (it.name.as_str(), it.certainty, it.environments.len(), it.asked_by.len()))
        .collect();
    let expected = [
        ("v//a", KeyCertainty::OneOf, 2, 1),
        ("v//b", KeyCertainty::OneOf, 2, 1),
        ("v/a", KeyCertainty::Known, 2, 2),
        (long, KeyCertainty::Known, 2, 1),
        ("v/b", KeyCertainty::OneOf, 2, 1),
        ("c/*_x", KeyCertainty::Pattern, 2, 1),
        ("c/often", KeyCertainty::Known, 2, 6),
    ];
    assert_eq!(found, expected);
    assert_eq!(unique.implicit.len(), 1);
}

#[test]
fn the_list_is_readable_at_80_columns() {
    assert_eq!(
        printed(|out| text(&typical(), 80, out)),
        "\
environments `local` and `production` ask B

  variables (4)
    v/a            dags/a.py:3 (parse)
    v/a            dags/a.py:9 (one of several)
      or v//a
    v/a_name_of_a_variable_that_takes_more_than_half_of_the_line
        dags/a.py:3
    v/b            dags/a.py:9 (one of several)
      or v//b

  connections (2)
    c/*_x          dags/a.py:3
    c/often        dags/a.py:10, dags/a.py:11, dags/a.py:12 and 3 more

  asked for without a reference in the code (1)
    c/aws_default  dags/a.py:3

  not asked of the backend (1)
    connection w   dags/a.py:3
      `connections_lookup_pattern` lets it not pass

  known only when it runs (1)
    dags/a.py:3    connection of Variable.get

12 references: 9 known, 1 one of several, 1 known in part, 1 known only when it runs
"
    );
}

#[test]
fn what_is_created_is_said_at_each_name() {
    let list = printed(|out| text(&with_creations(), 80, out));
    for said in [
        "environment `local` asks B\n",
        "    v/a            dags/a.py:3 (parse)\n      created infra/main.tf:1, infra/main.tf:2, infra/main.tf:3 and 2 more\n",
        "    v/b            dags/a.py:9 (one of several)\n      or v//b\n      perhaps created infra/main.tf:7\n",
        " and 3 more\n      declared infra/main.tf:8\n",
        " and 3 more\n      not created\n",
        "\ncreated or declared, and asked for by nothing (2)\n    v/old  infra/main.tf:9\n    c/x    infra/main.tf:9\n      in local\n",
        "\n3 names created or declared, 1 not created, 2 unused\n",
    ] {
        assert!(list.contains(said), "{said}: {list}");
    }
}

#[test]
fn what_is_missing_is_readable_at_80_columns() {
    assert_eq!(
        printed(|out| text_compared(&compared(), "list.json", 80, out)),
        "\
compared with list.json

  missing variables (1)
    v/b          dags/a.py:9
      or v//b
      in local and production

  not there, and need not be: known in part, and nothing fits (1)
    c/*_x        dags/a.py:3
      in local and production

  there, and not asked for (1)
    c/old

  known only when it runs, so that any of these may be meant (1)
    dags/a.py:3  connection of Variable.get

2 more names that nothing asks for, not shown: not written like a name

1 missing, 4 there, 1 not asked for
"
    );
}

#[test]
fn tables_have_a_line_a_row() {
    let secrets = typical();
    let table = printed(|out| csv(&secrets, out));
    assert_eq!(table.lines().count(), 1 + secrets.rows().count());
    assert!(
        table.contains("variable,b,one-of,run,dags/a.py,9,1,local,v/b v//b,1,false,\n"),
        "{table}"
    );
    assert!(table.contains("connection,,dynamic,run,dags/a.py,3,1,local,,4,false,\n"), "{table}");
    let table = printed(|out| csv_unique(&secrets.unique(), out));
    assert!(table.contains("v/b,variable,one-of,local production,dags/a.py:9,false,\n"), "{table}");
    let table = printed(|out| csv_compared(&compared(), out));
    for line in [
        "missing,v/b,variable,one-of,local production,dags/a.py:9,",
        "unmatched,c/*_x,connection,pattern,local production,dags/a.py:3,pattern",
        "unused,c/old,,,,,",
    ] {
        assert!(table.lines().any(|it| it == line), "{line}: {table}");
    }
}
