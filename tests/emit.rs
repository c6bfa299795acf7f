//! `astrolint secrets --emit`: for each service exactly what the references need, in forms that run as they are.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::{Value, json};

mod support;
use support::Outcome;

const SECRETS_MANAGER: &str = "amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
const PARAMETER_STORE: &str =
    "amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend";
const GOOGLE: &str = "google.cloud.secrets.secret_manager.CloudSecretManagerBackend";
const AZURE: &str = "microsoft.azure.secrets.key_vault.AzureKeyVaultBackend";
const VAULT: &str = "hashicorp.secrets.vault.VaultBackend";

const DAG: &str = "\
from airflow.models import DAG, Variable
from airflow.hooks.base import BaseHook
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
A = Variable.get('a_1')
def f(x):
    BaseHook.get_connection(f'db_{x}')
    Variable.get(x())
S3Hook()
BaseHook.get_connection('warehouse')
";

/// A project with these files.
struct Project(tempfile::TempDir);

impl Project {
    fn new(class: &str, kwargs: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.write(".astro/config.yaml", "");
        project.write("Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n");
        project.write("requirements.txt", "apache-airflow-providers-hashicorp==4.3.4\n");
        project.write("dags/a.py", DAG);
        let env = format!(
            "AIRFLOW__SECRETS__BACKEND=airflow.providers.{class}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"
        );
        project.write(".env", &env);
        project
    }

    fn write(&self, name: &str, text: &str) {
        support::write(self.0.path(), name, text);
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = support::astrolint(self.0.path());
        command.args(["secrets", "--emit"]).args(arguments);
        Outcome::of(&mut command, "")
    }

    #[track_caller]
    fn emit(&self, form: &str) -> String {
        let outcome = self.run(&[form]);
        assert_eq!(outcome.code, 0, "{}", outcome.error);
        outcome.out
    }

    /// Runs a script that was printed, with stand-ins for the clouds' programs that say that nothing exists and
    /// write down what they are told. Gives whether it succeeded, and what they were told.
    fn execute(&self, script: &str, variables: &[(&str, &str)], input: &str) -> (bool, String) {
        let log = self.0.path().join("log");
        fs::write(&log, "").unwrap();
        let stand_in = "#!/bin/bash\nname=$(basename \"$0\")\ncase \"$*\" in\n*describe-secret*) printf '%s' \"${HELD:-}\" ; [ -n \"${HELD:-}\" ] ; exit ;;\n*describe* | *get-parameter* | 'kv get'*) exit 1 ;;\n*'secret list'*) exit ;;\n*'keyvault show'*) echo /vault ; exit ;;\nesac\nvalue=\ncase \"$*\" in *stdin* | *'=-'*) value=$(cat) ;; esac\nprintf '%s %s <%s>\\n' \"$name\" \"$*\" \"$value\" >> \"$LOG\"\n";
        for program in ["aws", "gcloud", "az", "vault"] {
            let path = self.0.path().join("bin").join(program);
            self.write(&format!("bin/{program}"), stand_in);
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        self.write("script.sh", script);
        self.write("input", input);
        let mut command = std::process::Command::new("bash");
        let path = format!("{}:/usr/bin:/bin", self.0.path().join("bin").display());
        command.current_dir(self.0.path()).env_clear().env("PATH", path).env("LOG", &log);
        command.arg("script.sh").envs(variables.iter().copied());
        let input = fs::File::open(self.0.path().join("input")).unwrap();
        let status =
            command.stdin(input).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        (status.success(), fs::read_to_string(log).unwrap())
    }
}

fn aws() -> Project {
    Project::new(
        SECRETS_MANAGER,
        r#"{"variables_prefix": "v", "connections_prefix": "c", "region_name": "eu-west-1", "role_arn": "arn:aws:iam::123456789012:role/x"}"#,
    )
}

#[test]
fn the_policy_of_aws_allows_these_names_only() {
    let outcome = aws().run(&["iam-policy"]);
    let policy: Value = serde_json::from_str(&outcome.out).unwrap();
    let arn =
        |name: &str| format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}-??????");
    let statement = |sid: &str, names: &[&str]| {
        let resources: Vec<String> = names.iter().map(|name| arn(name)).collect();
        json!({"Sid": sid, "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": resources})
    };
    assert_eq!(
        policy,
        json!({"Version": "2012-10-17", "Statement": [
            statement("ReadVariables", &["v/a_1"]),
            statement("ReadConnections", &["c/aws_default", "c/db_*", "c/warehouse"]),
        ]})
    );
    assert!(
        outcome.error.contains("1 reference whose keys only run time tells"),
        "{}",
        outcome.error
    );
    assert!(
        outcome.error.contains("`kms:Decrypt` only for keys that the project names: add it where a customer's key (not `aws/secretsmanager` or `aws/ssm`) encrypts these secrets"),
        "{}",
        outcome.error
    );
}

#[test]
fn what_exists_without_a_value_gets_one() {
    let project = aws();
    let script = project.emit("aws-cli");
    let input = "one\ntwo\nthree\n";
    for (held, expected) in
        [("", "create-secret"), ("None", "put-secret-value"), ("AWSCURRENT", "nothing")]
    {
        let (succeeded, told) = project.execute(&script, &[("HELD", held)], input);
        assert!(succeeded, "{held}: {told}");
        for command in ["create-secret", "put-secret-value"] {
            assert_eq!(told.contains(command), command == expected, "{held}: {told}");
        }
    }
}

#[test]
fn what_is_not_known_of_an_arn_is_said_in_its_statement() {
    for (kwargs, begins, sid) in [
        (
            r#"{"region_name": "cn-north-1"}"#,
            "arn:aws-cn:secretsmanager:cn-north-1:*:",
            "ReadVariablesAccountUnknown",
        ),
        (
            r#"{"region_name": "us-gov-west-1"}"#,
            "arn:aws-us-gov:secretsmanager:us-gov-west-1:*:",
            "ReadVariablesAccountUnknown",
        ),
        (
            r#"{"profile_name": "prod"}"#,
            "arn:aws:secretsmanager:*:*:",
            "ReadVariablesRegionAndAccountUnknown",
        ),
    ] {
        let project = Project::new(SECRETS_MANAGER, kwargs);
        let policy: Value = serde_json::from_str(&project.emit("iam-policy")).unwrap();
        let first = &policy["Statement"][0];
        assert!(first["Resource"][0].as_str().unwrap().starts_with(begins), "{first}");
        assert_eq!(first["Sid"], sid);
    }
    let kwargs =
        r#"{"variables_prefix": "/v", "connections_prefix": "c", "region_name": "eu-west-1"}"#;
    let store = Project::new(PARAMETER_STORE, kwargs);
    let policy: Value = serde_json::from_str(&store.emit("iam-policy")).unwrap();
    assert_eq!(policy["Statement"][0]["Action"], "ssm:GetParameter");
    assert_eq!(policy["Statement"][0]["Resource"][0], "arn:aws:ssm:eu-west-1:*:parameter/v/a_1");
    assert_eq!(
        policy["Statement"][1]["Resource"][2],
        "arn:aws:ssm:eu-west-1:*:parameter/c/warehouse"
    );
}

#[test]
fn scripts_run_as_printed_and_ask_for_each_value() {
    let google = Project::new(GOOGLE, r#"{"project_id": "my-project"}"#);
    let azure = Project::new(AZURE, r#"{"vault_url": "https://my-vault.vault.azure.net/"}"#);
    let store = Project::new(PARAMETER_STORE, r#"{"region_name": "eu-west-1"}"#);
    let vault = Project::new(
        VAULT,
        r#"{"mount_point": "airflow", "url": "https://v:8200", "token": "s.CANARY7w", "namespace": "admin"}"#,
    );
    let member = ("MEMBER", "serviceAccount:a@b.iam.gserviceaccount.com");
    for (project, form, variables, expected) in [
        (
            aws(),
            "aws-cli",
            vec![],
            vec![
                "aws secretsmanager create-secret --region eu-west-1 --name v/a_1 --secret-string file:///dev/stdin <one '\\ $1>",
                "aws secretsmanager create-secret --region eu-west-1 --name c/warehouse --secret-string file:///dev/stdin <two>",
            ],
        ),
        (
            store,
            "aws-cli",
            vec![],
            vec![
                "aws ssm put-parameter --region eu-west-1 --name /airflow/variables/a_1 --type SecureString --value file:///dev/stdin <one '\\ $1>",
                "aws ssm put-parameter --region eu-west-1 --name /airflow/connections/warehouse --type SecureString --value file:///dev/stdin <two>",
            ],
        ),
        (
            google,
            "gcloud",
            vec![member],
            vec![
                "gcloud secrets create airflow-variables-a_1 --project my-project --replication-policy automatic --data-file=- <one '\\ $1>",
                "gcloud secrets add-iam-policy-binding airflow-variables-a_1 --project my-project --member serviceAccount:a@b.iam.gserviceaccount.com --role roles/secretmanager.secretAccessor <>",
                "gcloud secrets create airflow-connections-warehouse --project my-project --replication-policy automatic --data-file=- <two>",
                "gcloud secrets add-iam-policy-binding airflow-connections-warehouse --project my-project --member serviceAccount:a@b.iam.gserviceaccount.com --role roles/secretmanager.secretAccessor <>",
                "gcloud projects add-iam-policy-binding my-project --member serviceAccount:a@b.iam.gserviceaccount.com --role roles/secretmanager.secretAccessor --condition=^#^expression=resource.name.extract(\"secrets/{name}/versions/\").startsWith(\"airflow-connections-db_\")#title=airflow airflow-connections-db_ <>",
            ],
        ),
        (
            azure,
            "az-cli",
            vec![("PRINCIPAL", "p")],
            vec![
                "az keyvault secret set --vault-name my-vault --name airflow-variables-a-1 --file /dev/stdin --encoding utf-8 --output none <one '\\ $1>",
                "az role assignment create --assignee-object-id p --assignee-principal-type ServicePrincipal --role Key Vault Secrets User --scope /vault/secrets/airflow-variables-a-1 --output none <>",
                "az keyvault secret set --vault-name my-vault --name airflow-connections-warehouse --file /dev/stdin --encoding utf-8 --output none <two>",
                "az role assignment create --assignee-object-id p --assignee-principal-type ServicePrincipal --role Key Vault Secrets User --scope /vault/secrets/airflow-connections-warehouse --output none <>",
            ],
        ),
        (
            vault,
            "vault-cli",
            vec![("VAULT_ADDR", "https://v:8200"), ("VAULT_NAMESPACE", "admin")],
            vec![
                "vault kv put -mount=airflow -cas=0 variables/a_1 value=- <one '\\ $1>",
                "vault kv put -mount=airflow -cas=0 connections/warehouse conn_uri=- <two>",
            ],
        ),
    ] {
        let script = project.emit(form);
        assert!(!script.contains("CANARY"), "{script}");
        let (done, told) = project.execute(&script, &variables, "one '\\ $1\ntwo\n");
        assert_eq!(told.lines().collect::<Vec<_>>(), expected, "{script}");
        assert!(done, "{form}");
        // Without a value, nothing is created.
        let (done, told) = project.execute(&script, &variables, "");
        assert!(!done && !told.contains('<'), "{told}");
        let (done, told) = project.execute(&script, &variables, "\n\n");
        assert!(!done && told.is_empty(), "{told}");
        // What the files do not tell must be given.
        if !variables.is_empty() {
            let (done, told) = project.execute(&script, &[], "one\ntwo\n");
            assert!(!done && told.is_empty(), "{told}");
        }
    }
}

#[test]
fn the_policy_of_vault_reads_these_paths_only() {
    let kwargs = r#"{"mount_point": "airflow", "connections_path": "c", "variables_path": "v", "url": "https://v:8200", "token": "s.x"}"#;
    let project = Project::new(VAULT, kwargs);
    let policy = project.emit("vault-policy");
    let paths: Vec<&str> = policy.lines().filter(|line| line.starts_with("path")).collect();
    let path = |path: &str| format!("path \"airflow/data/{path}\" {{");
    assert_eq!(paths, ["v/a_1", "c/aws_default", "c/db_*", "c/warehouse"].map(path));
    assert_eq!(policy.matches("capabilities = [\"read\"]").count(), 4);
    project.write(
        "dags/a.py",
        "from airflow.models import DAG, Variable\ndef f(x):\n    Variable.get(f'{x}_db')\n",
    );
    let policy = project.emit("vault-policy");
    assert!(
        policy.contains("# wider than asked for") && policy.contains("\"airflow/data/v/+\""),
        "{policy}"
    );
}

#[test]
fn terraform_creates_and_allows_the_same() {
    let google = Project::new(GOOGLE, r#"{"project_id": "my-project"}"#);
    let azure = Project::new(AZURE, r#"{"vault_url": "https://my-vault.vault.azure.net/"}"#);
    let store = Project::new(PARAMETER_STORE, r#"{"region_name": "eu-west-1"}"#);
    let vault = Project::new(
        VAULT,
        r#"{"mount_point": "airflow", "url": "https://v:8200", "token": "s.x"}"#,
    );
    for (project, parts) in [
        (
            aws(),
            vec![
                "resource \"aws_secretsmanager_secret\"",
                "    \"v/a_1\",       # dags/a.py:4\n",
                "secret:c/db_*-??????\"",
                "actions = [\"secretsmanager:GetSecretValue\"]",
            ],
        ),
        (
            store,
            vec![
                "resource \"aws_ssm_parameter\"",
                "type     = \"SecureString\"",
                "actions = [\"ssm:GetParameter\"]",
            ],
        ),
        (
            google,
            vec![
                "resource \"google_secret_manager_secret\"",
                "resource \"google_secret_manager_secret_iam_member\"",
                "default = \"my-project\"",
                "startsWith(\\\"airflow-connections-db_\\\")",
            ],
        ),
        (
            azure,
            vec![
                "resource \"azurerm_key_vault_secret\"",
                "\"${var.airflow_key_vault_id}/secrets/${each.key}\"",
            ],
        ),
        (
            vault,
            vec![
                "resource \"vault_kv_secret_v2\"",
                "{ mount = \"airflow\", path = \"connections/warehouse\", field = \"conn_uri\" }",
                "resource \"vault_policy\"",
            ],
        ),
    ] {
        let text = project.emit("terraform");
        for part in parts {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.contains("not in here: 1 reference whose keys only run time tells"), "{text}");
        assert!(text.contains("left out: ") && text.contains("sensitive   = true"), "{text}");
        for (open, close) in [('{', '}'), ('[', ']'), ('(', ')')] {
            assert_eq!(text.matches(open).count(), text.matches(close).count(), "{text}");
        }
    }
}

#[test]
fn what_the_project_creates_is_not_created_again_and_its_keys_are_allowed() {
    let project = aws();
    let create = "aws secretsmanager create-secret --region eu-west-1 --secret-string x";
    project.write(
        "scripts/setup.sh",
        &format!("#!/bin/bash\n{create} --name v/a_1 --kms-key-id 1234abcd-12ab-34cd-56ef-1234567890ab\n{create} --name c/warehouse --kms-key-id alias/airflow\n{create} --name c/db_1 --kms-key-id \"$KEY\"\n"),
    );
    let script = project.emit("aws-cli");
    assert!(!script.contains("\ncreate '"), "{script}");
    assert!(
        script.contains("left out: v/a_1 (created by scripts/setup.sh:2; dags/a.py:4)"),
        "{script}"
    );
    let outcome = project.run(&["iam-policy"]);
    let policy: Value = serde_json::from_str(&outcome.out).unwrap();
    let via = json!({"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"});
    assert_eq!(
        policy["Statement"][2],
        json!({"Sid": "DecryptByKeys", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": ["arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"], "Condition": {"StringLike": via}})
    );
    assert_eq!(
        policy["Statement"][3],
        json!({"Sid": "DecryptByAliases", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": ["arn:aws:kms:eu-west-1:123456789012:key/*"], "Condition": {"StringLike": via, "ForAnyValue:StringEquals": {"kms:ResourceAliases": ["alias/airflow"]}}})
    );
    assert!(
        outcome.error.contains(
            "the policy lacks `kms:Decrypt` for the customer's key that scripts/setup.sh:4 names"
        ),
        "{}",
        outcome.error
    );
    let terraform = project.emit("terraform");
    assert!(
        terraform.contains("variable = \"kms:ResourceAliases\"")
            && !terraform.contains("resource \""),
        "{terraform}"
    );
}

#[test]
fn environments_are_not_mixed() {
    let project = aws();
    project.write(
        "astrolint.toml",
        "[[environment]]\nname = \"prod\"\nbackend = \"airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend\"\nbackend-kwargs = { variables_prefix = \"p\", region_name = \"us-east-1\" }\n",
    );
    let outcome = project.run(&["iam-policy"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
    assert!(outcome.error.contains("`local`, `prod` need different things"), "{}", outcome.error);
    let outcome = project.run(&["iam-policy", "--environment", "prod"]);
    assert!(
        outcome.code == 0 && outcome.out.contains("us-east-1:*:secret:p/a_1-??????"),
        "{}",
        outcome.out
    );
    assert_eq!(project.run(&["iam-policy", "--environment", "no"]).code, 2);
    let other = project.run(&["gcloud", "--environment", "prod"]);
    assert_eq!(other.code, 2);
    assert!(
        other.error.contains("`--emit iam-policy`, `--emit aws-cli`, `--emit terraform`"),
        "{}",
        other.error
    );
    // Lookups that all raise need nothing.
    let project = Project::new(SECRETS_MANAGER, "{}");
    let outcome = project.run(&["iam-policy"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
    assert!(outcome.error.contains("NoRegionError"), "{}", outcome.error);
    assert_eq!(project.run(&["iam-policy", "--against", "-"]).code, 2);
}

#[test]
fn hostile_names_are_left_out() {
    let project = aws();
    project.write("dags/a.py", "from airflow.models import DAG, Variable\nVariable.get('a')\nVariable.get(\"$(touch x)\")\nVariable.get('b c')\nVariable.get('${path}')\n");
    for form in ["aws-cli", "terraform", "iam-policy"] {
        let outcome = project.run(&[form]);
        assert_eq!(outcome.code, 0, "{}", outcome.error);
        assert!(!outcome.out.contains("touch") && !outcome.out.contains("b c"), "{}", outcome.out);
        assert!(outcome.error.contains("left out"), "{}", outcome.error);
    }
}

#[test]
fn the_address_of_vault_is_that_of_the_kwargs() {
    for (url, expected) in [
        ("https://vault.example.com:8200", Some("https://vault.example.com:8200")),
        // Which is the laptop, seen from a container.
        ("http://host.docker.internal:8200", None),
    ] {
        let kwargs = format!(r#"{{"mount_point": "airflow", "url": "{url}", "token": "s.x"}}"#);
        let script = Project::new(VAULT, &kwargs).emit("vault-cli");
        match expected {
            Some(url) => {
                assert!(
                    script.contains(&format!("VAULT_ADDR=${{VAULT_ADDR:-{url}}}\n")),
                    "{script}"
                );
            }
            None => assert!(script.contains("VAULT_ADDR:?"), "{script}"),
        }
    }
}

/// What `terraform fmt` (1.11) makes of it: nothing else.
#[test]
fn terraform_is_aligned() {
    let text = aws().emit("terraform");
    assert!(text.contains("    sid     = \"ReadVariables\"\n    actions = [\""), "{text}");
    let project = aws();
    project.write(
        "dags/a.py",
        "from airflow import DAG\nfrom airflow.models import Variable\nVariable.get('a'), DAG\nVariable.get('long_key')\n",
    );
    let text = project.emit("terraform");
    let expected = "    \"v/a\",        # dags/a.py:3\n    \"v/long_key\", # dags/a.py:4\n";
    assert!(text.contains(expected), "{text}");
    let kwargs = r#"{"mount_point": "airflow", "url": "https://v:8200", "token": "s.x"}"#;
    let project = Project::new(VAULT, kwargs);
    project.write(
        "dags/a.py",
        "from airflow import DAG\nfrom airflow.models import Variable\nVariable.get('a'), DAG\nVariable.get('long_key')\n",
    );
    let text = project.emit("terraform");
    let expected = "    \"airflow/data/variables/a\"        = { mount = \"airflow\", path = \"variables/a\", field = \"value\" }        # dags/a.py:3\n    \"airflow/data/variables/long_key\" = {";
    assert!(text.contains(expected), "{text}");
}
