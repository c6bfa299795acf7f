use super::*;
use crate::model::setup::creation::Payload;
use crate::model::setup::deployed::{Effect, Store, Target};
use crate::read::makefile;
use crate::text::UNKNOWN;

fn read_text(text: &str) -> Commands {
    let mut commands = Commands::default();
    let run = Run::from(Text::verbatim(text, 0));
    read(&shell::read(&run.text, Dialect::GitHub), &run, FileId(0), text, &mut commands);
    commands
}

fn shown(value: &Value) -> String {
    value.text().expose().replace(UNKNOWN, "?")
}

fn optional(value: Option<&Value>) -> String {
    value.map_or("-".to_owned(), shown)
}

/// The creations of a script: backend, name, region, container and payload.
fn created(text: &str) -> Vec<String> {
    let payload = |payload: &Payload| match payload {
        Payload::Text(value) => format!("text {}", shown(value)),
        Payload::Line(value) => format!("line {}", shown(value)),
        Payload::Fields(fields) => fields
            .iter()
            .map(|(name, value)| format!("{}={}", shown(name), shown(value)))
            .collect::<Vec<_>>()
            .join(","),
        Payload::Binary(_) => "binary".to_owned(),
        Payload::File(path) => format!("file {}", shown(path)),
        Payload::Generated => "generated".to_owned(),
        Payload::Nothing => "nothing".to_owned(),
        Payload::Unknown => "unknown".to_owned(),
    };
    let line = |it: &Creation| {
        let service = it.backend.split('_').next().unwrap_or("");
        let region = optional(it.region.as_ref());
        let container = optional(it.container.as_ref());
        format!("{service} {} {region} {container} {}", shown(&it.name), payload(&it.payload))
    };
    read_text(text).creations.iter().map(line).collect()
}

/// The deployed variables of a script, by statement: target, effect, variables, files.
fn deployed(text: &str) -> Vec<String> {
    let line = |it: &Deployed| {
        let target = match &it.target {
            Target::Named(value) => shown(value),
            Target::Workspace => "workspace".to_owned(),
            _ => "-".to_owned(),
        };
        let effect = if it.effect == Effect::Creates { "create" } else { "update" };
        let secret = |is_secret: Option<bool>| match is_secret {
            Some(true) => "!",
            Some(false) => "",
            None => "~",
        };
        let variables = it.variables.iter().map(|it| {
            let key = it.setting.key.replace(UNKNOWN, "?");
            format!(" {key}={}{}", shown(&it.setting.value), secret(it.is_secret))
        });
        let loads =
            it.loads.iter().map(|it| format!(" <{}{}", shown(&it.path), secret(it.is_secret)));
        format!("{target} {effect}:{}", variables.chain(loads).collect::<String>())
    };
    read_text(text).deployed.iter().map(line).collect()
}

#[test]
fn deployment_variables_are_read() {
    let cases: &[(&str, &[&str])] = &[
        (
            "astro deployment variable create --deployment-id abc A=1 B='x y=z' --secret",
            &["abc create: A=1! B=x y=z!"],
        ),
        ("astro deployment variable update -n 'my dev' ENV=dev", &["my dev update: ENV=dev"]),
        ("astro deployment variable update -lsn 'my dev'", &["my dev update: <.env!"]),
        (
            "astro deployment variable create -d=$ID --load --env .env.prod X=",
            &["? create: X= <.env.prod"],
        ),
        ("astro de var up --deployment-name=p --load=false A=b", &["p update: A=b"]),
        (
            "astro deployment variable create --key K --value V --deployment-id d -s",
            &["d create: K=V!"],
        ),
        (
            "astro deployment --workspace-id w variable update A=1 --deployment-id d",
            &["d update: A=1"],
        ),
        (
            "astro deployment variable update --deployment-id ${{ steps.x.outputs.id }} K=${{ secrets.K }} --secret",
            &["? update: K=?!"],
        ),
        ("astro deployment variable update $FLAGS A=1", &["- update: ?=?~ A=1~"]),
        (
            "ID=abc\nKEY=A\nastro deployment variable update -d \"$ID\" \"$KEY=1\"",
            &["abc update: A=1"],
        ),
        ("astro deployment variable list --save --env x", &[]),
        (
            "sudo -u me env A=b /usr/local/bin/astro deployment variable update A=1",
            &["- update: A=1"],
        ),
        ("bash -c \"astro deployment variable update -d 'x' A='1 2'\"", &["x update: A=1 2"]),
        ("if x; then astro deployment variable update -d x A=1; fi", &["x update: A=1"]),
        ("echo astro deployment variable update A=1", &[]),
        ("cat <<EOF\nastro deployment variable update A=1\nEOF", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(deployed(text), *expected, "{text}");
    }
}

#[test]
fn objects_of_the_environment_manager_are_read() {
    let cases: &[(&str, &[&str])] = &[
        (
            "astro env variable create --workspace-id w --key A --value 1 -s",
            &["workspace create: A=1!"],
        ),
        ("astro env var update A --deployment-id d -v 2", &["d update: A=2"]),
        ("printf '%s' \"$T\" | astro env var create -k A", &["workspace create: A=?"]),
        ("printf '%s' tok | astro env var create -k A", &["workspace create: A=tok"]),
        ("astro env var create --from-file prod.env --deployment-id d", &["d create: <prod.env"]),
    ];
    for (text, expected) in cases {
        assert_eq!(deployed(text), *expected, "{text}");
    }
}

#[test]
fn other_stores_are_read() {
    let text = "\
astro deployment connection create -d x --conn-id c --conn-type aws -l AKIA -p pw -e '{\"a\": 1}'
astro deployment airflow-variable update -d x -k v -v 1
astro env connection create --workspace-id w --key pg --type postgres --host h --port 5432
astro env airflow-variable update av --value 2
";
    let commands = read_text(text);
    let line = |it: &Stored| {
        let fields: Vec<String> =
            it.fields.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
        format!("{:?} {} {}", it.store, shown(&it.key), fields.join(" "))
    };
    let found: Vec<String> = commands.stored.iter().map(line).collect();
    assert_eq!(
        found,
        [
            "Database c conn_type=aws login=AKIA password=pw extra={\"a\": 1}",
            "Database v value=1",
            "EnvironmentManager pg conn_type=postgres host=h port=5432",
            "EnvironmentManager av value=2",
        ]
    );
    assert_eq!(commands.stored[2].store, Store::EnvironmentManager);
}

#[test]
fn secrets_of_aws_are_read() {
    let cases: &[(&str, &[&str])] = &[
        (
            "aws secretsmanager create-secret --name airflow/variables/a --description 'x y' \\\n  --secret-string v --region eu-west-1 --tags Key=a,Value=b Key=c,Value=d",
            &["aws airflow/variables/a eu-west-1 - text v"],
        ),
        ("aws --region r secretsmanager create-secret --name=a", &["aws a r - nothing"]),
        (
            "aws secretsmanager put-secret-value --secret-id a --secret-string file://a.json",
            &["aws a - - file a.json"],
        ),
        (
            "echo -n v | aws secretsmanager put-secret-value --secret-id a --secret-string file:///dev/stdin",
            &["aws a - - text v"],
        ),
        (
            "echo v w | aws secretsmanager update-secret --secret-id a --secret-string file:///dev/stdin",
            &["aws a - - line v w"],
        ),
        (
            "aws secretsmanager update-secret --secret-id a --secret-string \"$(cat x)\" --no-cli-pager",
            &["aws a - - text ?"],
        ),
        (
            "aws secretsmanager create-secret --name a --secret-binary fileb://x",
            &["aws a - - binary"],
        ),
        (
            "export AWS_DEFAULT_REGION=us-east-2\nAWS_REGION=r aws secretsmanager create-secret --name a\naws secretsmanager create-secret --name b",
            &["aws a r - nothing", "aws b us-east-2 - nothing"],
        ),
        ("env AWS_REGION=q aws secretsmanager create-secret --name a", &["aws a q - nothing"]),
        (
            "aws secretsmanager create-secret --name a --secret-string v --add-replica-regions Region=x Region=y,KmsKeyId=k --region r",
            &["aws a r - text v", "aws a x - text v", "aws a y - text v"],
        ),
        (
            "aws secretsmanager create-secret --cli-input-json '{\"Name\": \"n\", \"SecretString\": \"s\"}'",
            &["aws n - - text s"],
        ),
        ("aws secretsmanager create-secret --cli-input-json file://x.json", &["aws ? - - unknown"]),
        (
            "aws ssm put-parameter --name /airflow/variables/a --value v --type SecureString --overwrite --key-id k",
            &["aws /airflow/variables/a - - text v"],
        ),
        (
            "docker run --rm -it -v ~/.aws:/root/.aws amazon/aws-cli:2.15 secretsmanager create-secret --name a",
            &["aws a - - nothing"],
        ),
        (
            "for n in a b; do aws secretsmanager create-secret --name airflow/$n --secret-string x || true; done",
            &["aws airflow/? - - text x"],
        ),
        ("aws secretsmanager create-secret $ARGS", &["aws ? - - unknown"]),
        ("aws secretsmanager get-secret-value --secret-id a", &[]),
        ("aws s3 cp a b", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(created(text), *expected, "{text}");
    }
}

#[test]
fn secrets_of_other_clouds_are_read() {
    let cases: &[(&str, &[&str])] = &[
        (
            "printf 's3' | gcloud secrets create airflow-variables-a --data-file=- --replication-policy automatic --project p",
            &["gcp airflow-variables-a - p text s3"],
        ),
        (
            "echo -n \"$V\" | \\\n  gcloud secrets versions add a --data-file=- --quiet",
            &["gcp a - - text ?"],
        ),
        (
            "echo v | tr -d '\\n' | gcloud beta secrets versions add a --data-file -",
            &["gcp a - - text v"],
        ),
        ("gcloud secrets create --locations us a", &["gcp a - - nothing"]),
        ("gcloud secrets versions add a --data-file=x.txt", &["gcp a - - file x.txt"]),
        ("gcloud secrets versions add a --data-file=- <<< v", &["gcp a - - line v"]),
        (
            "gcloud secrets create a --data-file=- <<EOF\npostgres://u:p@h\nEOF",
            &["gcp a - - line postgres://u:p@h"],
        ),
        ("cat x | gcloud secrets create a --data-file=-", &["gcp a - - file x"]),
        ("jq . x | gcloud secrets create a --data-file=-", &["gcp a - - unknown"]),
        ("gcloud secrets list", &[]),
        (
            "az keyvault secret set --vault-name kv -n airflow-variables-a --value v --output none --tags a=b c=d",
            &["azure airflow-variables-a - kv text v"],
        ),
        ("az keyvault secret set --vault-name kv --name a --file x", &["azure a - kv file x"]),
        ("az keyvault secret set --vault-name kv --name a --value @x", &["azure a - kv file x"]),
        (
            "vault kv put secret/airflow/variables/a value=world",
            &["hashicorp airflow/variables/a - secret value=world"],
        ),
        (
            "vault kv put -mount=airflow connections/a conn_uri='x y' b=@f",
            &["hashicorp connections/a - airflow conn_uri=x y,b=?"],
        ),
        ("vault kv put -mount secret a @data.json", &["hashicorp a - secret file data.json"]),
        ("echo -n v | vault kv put secret/a value=-", &["hashicorp a - secret value=v"]),
        ("echo '{}' | vault kv put secret/a -", &["hashicorp a - secret unknown"]),
        ("vault kv get secret/a", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(created(text), *expected, "{text}");
    }
}

#[test]
fn commands_inside_of_others_are_read() {
    let cases = [
        (
            "kubectl exec -n v vault-0 -- vault kv put secret/a value=1",
            "hashicorp a - secret value=1",
        ),
        (
            "docker exec -it -e A=b box aws ssm put-parameter --name /a --value v",
            "aws /a - - text v",
        ),
        ("X=$(aws ssm put-parameter --name /a --value v)", "aws /a - - text v"),
        ("f() { time aws ssm put-parameter --name /a --value v; }", "aws /a - - text v"),
        ("sh -ec 'aws ssm put-parameter --name /a --value \"v w\"'", "aws /a - - text v w"),
        ("bash -e <<'X'\naws ssm put-parameter --name /a --value v\nX", "aws /a - - text v"),
        (
            "kubectl exec -i pod -- sh <<X\naws ssm put-parameter --name /a --value '$b'\nX",
            "aws /a - - text ?",
        ),
        ("timeout -k 5 10s nice aws ssm put-parameter --name /a --value v", "aws /a - - text v"),
        ("a && ! aws ssm put-parameter --name /a --value v || exit", "aws /a - - text v"),
    ];
    for (text, expected) in cases {
        assert_eq!(created(text), [expected], "{text}");
    }
    let text =
        "P := /airflow\nall:\n\t@aws ssm put-parameter --name $(P)/a \\\n\t  --value '$$x'\n";
    let mut commands = Commands::default();
    for line in makefile::read(text) {
        let run = Run::from(line.script);
        read(&shell::read(&run.text, Dialect::Sh), &run, FileId(0), text, &mut commands);
    }
    let [creation] = commands.creations.as_slice() else { panic!("one creation") };
    assert_eq!(shown(&creation.name), "/airflow/a");
    let Payload::Text(value) = &creation.payload else { panic!("a text") };
    assert_eq!((shown(value), value.span().of(text)), ("$x".to_owned(), "$$x"));
}

#[test]
fn a_new_deployment_is_known_with_its_runtime() {
    let text = "astro deployment create -n dev --runtime-version 12.6.0 --wait";
    let commands = read_text(text);
    let [deployed] = commands.deployed.as_slice() else { panic!("one statement") };
    let (runtime, place) = deployed.runtime.as_ref().expect("a runtime");
    assert_eq!((shown(runtime), place.span.of(text)), ("12.6.0".to_owned(), "--runtime-version"));
    // Without one there is a new deployment still: what is set in it is set for the first time.
    let commands = read_text("astro deployment create --deployment-file x.yaml");
    let [deployed] = commands.deployed.as_slice() else { panic!("one statement") };
    assert!(deployed.runtime.is_none() && deployed.variables.is_empty());
}

#[test]
fn broken_json_is_found() {
    use Breaks::{ExpandsBraces, LosesQuotes, Splits};
    let cases = [
        (r#"K={"a": "b", "c": "d"} --secret"#, Some((Splits, r#"{"a": "b", "c": "d"}"#))),
        (r#"K={"a":"x","b":"y"}"#, Some((ExpandsBraces, r#"{"a":"x","b":"y"}"#))),
        (r#"K={"a":"x"}"#, Some((LosesQuotes, r#"{"a":"x"}"#))),
        (r#"K="{"a": "x"}""#, Some((LosesQuotes, r#"{"a": "x"}"#))),
        (r#"K="{"a":"x"}""#, Some((LosesQuotes, r#"{"a":"x"}"#))),
        (r#"K={"a": "$X"}"#, Some((Splits, r#"{"a": "$X"}"#))),
        (r#"K='{"a": "x"}'"#, None),
        (r#"'K={"a": "x"}'"#, None),
        (r#"K="{\"a\": \"x\"}""#, None),
        (r"K={} L=[1,2]", None),
        (r"K=$X", None),
    ];
    for (argument, expected) in cases {
        let text = format!("astro deployment variable create -d x {argument}");
        let commands = read_text(&text);
        let found: Vec<_> =
            commands.broken_json.iter().map(|it| (it.breaks, it.json.span.of(&text))).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{argument}");
    }
    let text = r#"aws secretsmanager create-secret --name a --secret-string {"a":"x","b":"y"}"#;
    assert_eq!(read_text(text).broken_json.len(), 1);
}

#[test]
fn refused_arguments_are_known() {
    let text = r#"astro deployment variable update -d x --load .env K={"a": "b"}"#;
    let commands = read_text(text);
    let line = |it: &Refused| (it.argument.span.of(text).to_owned(), it.follows_load);
    let refused: Vec<(String, bool)> = commands.refused.iter().map(line).collect();
    assert_eq!(refused, [(".env".to_owned(), true), (r#""b"}"#.to_owned(), false)]);
}

#[test]
fn only_names_may_be_shown() {
    let text = "\
AWS_PROFILE=canary1 sudo aws --region canary2 secretsmanager create-secret --name=canary3 --secret-string canary4
astro deployment variable create -d canary5 -sn canary6 K=canary7 --canary-8-x=1 canary9
vault kv put -mount=canary10 canary11 canary12=canary13
az keyvault secret set --canary14 --value canary15
echo canary16 | gcloud secrets create canary17 --data-file=-
aws canary18 secretsmanager
";
    let commands = read_text(text);
    let mut spans = commands.shown.clone();
    spans.sort_unstable();
    let found: Vec<&str> = spans.iter().map(|span| span.of(text)).collect();
    assert!(
        !found.concat().contains("canary1")
            && !found.iter().any(|it| it.contains("canary") && it.contains(char::is_numeric)),
        "{found:?}"
    );
    for name in [
        "aws",
        "secretsmanager",
        "create-secret",
        "--secret-string",
        "--name",
        "-sn",
        "astro",
        "kv",
    ] {
        assert!(found.contains(&name), "{name} in {found:?}");
    }
}

proptest::proptest! {
    #[test]
    fn any_command_gives_places_inside_it(
        text in "((aws|astro|gcloud|az|vault|sudo|env|bash -c) |(secretsmanager create-secret|ssm put-parameter|secrets create|keyvault secret set|kv put|deployment variable update|env var create|dev start) |--?[a-z]{1,3}[= ]|(--name|--secret-string|--value|--data-file|-mount|-d|-ls)[= ]|[A-Z]{1,2}=|\\{\"a\": ?\"b\"\\}|[ä'\"$@|<\n -])*"
    ) {
        let commands = read_text(&text);
        let inside = |span: Span| text.get(span.start..span.end).is_some();
        proptest::prop_assert!(commands.shown.iter().all(|span| inside(*span)));
        for it in &commands.creations {
            proptest::prop_assert!(inside(it.statement.span) && inside(it.name.span()));
        }
        for it in commands.deployed.iter().flat_map(|it| &it.variables) {
            proptest::prop_assert!(inside(it.entry.span) && inside(it.setting.value_span));
        }
        for it in &commands.broken_json {
            proptest::prop_assert!(inside(it.json.span));
        }
    }
}

#[test]
fn what_a_sourced_file_may_set_is_not_known() {
    let create = "aws ssm put-parameter --name \"$P/a\" --value v";
    let cases = [
        (format!("P=/x\n{create}"), "/x/a"),
        (format!("P=/x\n. ./env.sh\n{create}"), "?/a"),
        (format!("P=/x\nsource env.sh\n{create}"), "?/a"),
        (format!(". ./env.sh\nP=/x\n{create}"), "/x/a"),
        (format!("P=/x\nif [ -f e ]; then . ./e; fi\n{create}"), "?/a"),
        (format!("P=/x\nload() {{ . ./e; }}\nload\n{create}"), "?/a"),
        (format!("P=/x\neval \"$(cat e)\"\n{create}"), "?/a"),
        (format!("P=/x\neval \"echo a\"\n{create}"), "/x/a"),
        (format!("P=/x\nexport $(grep -v '^#' .env | xargs)\n{create}"), "?/a"),
        (format!("P=/x\nexport Q=$(cat e)\n{create}"), "/x/a"),
    ];
    for (text, expected) in cases {
        let commands = read_text(&text);
        assert_eq!(shown(&commands.creations[0].name), expected, "{text}");
    }
}

#[test]
fn variables_of_a_ci_system_are_followed() {
    let text = "aws ssm put-parameter --name \"$P/a\" --value v\nX=$P\nREGION=x";
    let given = [("P", "/x"), ("AWS_REGION", "eu-west-1"), ("REGION", "y")]
        .map(|(name, value)| (name.to_owned(), Text::verbatim(value, 0)));
    let run = Run { text: Text::verbatim(text, 0), environment: given.to_vec() };
    let script = shell::read_with(&run.text, Dialect::GitHub, &run.environment);
    let mut commands = Commands::default();
    read(&script, &run, FileId(0), text, &mut commands);
    let [creation] = commands.creations.as_slice() else { panic!("one creation") };
    assert_eq!(shown(&creation.name), "/x/a");
    assert_eq!(optional(creation.region.as_ref()), "eu-west-1");
}

#[test]
fn json_is_found_through_the_quotes_of_yaml() {
    let yaml = "run: \"astro deployment variable update -d x K={\\\"a\\\": \\\"b\\\"} L=\\\"{\\\"a\\\":1}\\\"\"\n";
    let document = crate::read::yaml::read(yaml);
    let root = document.get(document.documents[0]).unwrap();
    let text = document.member(root, "run").unwrap().text().unwrap().clone();
    assert_eq!(text.expose(), r#"astro deployment variable update -d x K={"a": "b"} L="{"a":1}""#);
    let run = Run::from(text);
    let mut commands = Commands::default();
    read(&shell::read(&run.text, Dialect::GitHub), &run, FileId(0), yaml, &mut commands);
    let found: Vec<_> = commands
        .broken_json
        .iter()
        .map(|it| (it.breaks, it.json.span.of(yaml), it.is_double_quoted))
        .collect();
    assert_eq!(
        found,
        [(Breaks::Splits, r#"{\"a\": \"b\"}"#, false), (Breaks::LosesQuotes, r#"{\"a\":1}"#, true)]
    );
    assert!(commands.broken_json.iter().all(|it| it.is_plain));
}
