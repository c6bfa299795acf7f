//! The trees that are checked: made here, always the same.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A tree to check.
pub(crate) struct Corpus {
    pub(crate) name: String,
    pub(crate) root: PathBuf,
}

/// Changes when a tree does, so that an old one is made anew.
const EDITION: &str = "3";

/// The trees whose names hold `only`, made below `place` where they are not there yet.
pub(crate) fn generated(place: &Path, only: &str) -> Vec<Corpus> {
    let trees: [(&str, fn(&Path)); 5] = [
        ("typical: 30 DAGs", |root| project(root, 30, 12)),
        ("large / 4", |root| project(root, 150, 600)),
        ("large / 2", |root| project(root, 300, 1200)),
        ("large: 3,000 Python files", |root| project(root, 600, 2400)),
        ("monorepo: 200 projects, 50,000 files", monorepo),
    ];
    let wanted = trees.into_iter().filter(|(name, _)| name.contains(only));
    wanted.map(|(name, make)| made(place, name, make)).collect()
}

fn made(place: &Path, name: &str, make: fn(&Path)) -> Corpus {
    let folder: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let root = place.join(folder);
    let edition = root.with_extension("edition");
    if fs::read_to_string(&edition).is_ok_and(|found| found == EDITION) {
        return Corpus { name: name.to_owned(), root };
    }
    let _ = fs::remove_dir_all(&root);
    make(&root);
    fs::write(edition, EDITION).expect("the edition is written");
    Corpus { name: name.to_owned(), root }
}

/// The `.py` files of published packages, as the `include/` of a project; none without `pip`.
pub(crate) fn published(place: &Path) -> Option<Corpus> {
    const PACKAGES: [&str; 8] = [
        "apache-airflow-core==3.0.6",
        "apache-airflow-task-sdk==1.0.6",
        "apache-airflow-providers-amazon==9.12.0",
        "apache-airflow-providers-google==17.0.0",
        "apache-airflow-providers-microsoft-azure==12.6.1",
        "apache-airflow-providers-snowflake==6.5.2",
        "sqlalchemy==2.0.43",
        "pandas==2.3.2",
    ];
    let root = place.join("published");
    let name = "published packages".to_owned();
    if root.join("include").exists() {
        return Some(Corpus { name, root });
    }
    let wheels = place.join("wheels");
    let pip = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"])
        .arg(&wheels)
        .args(PACKAGES)
        .status();
    if !pip.is_ok_and(|status| status.success()) {
        eprintln!("not measured, pip brings no packages: {name}");
        return None;
    }
    set_up(&root);
    write(&root.join("dags/dag.py"), &dag(0));
    for wheel in fs::read_dir(&wheels).expect("wheels").flatten() {
        let into = root.join("include");
        let unpack = Command::new("python3")
            .args(["-m", "zipfile", "-e"])
            .args([wheel.path(), into])
            .status();
        assert!(unpack.is_ok_and(|status| status.success()), "a wheel is unpacked");
    }
    Some(Corpus { name, root })
}

/// 200 projects of 24 Python files each among 45,000 files of other teams.
fn monorepo(root: &Path) {
    fs::create_dir_all(root.join(".git")).expect("a repository");
    for number in 0..200 {
        project(&root.join(format!("data/team_{number}/airflow")), 16, 8);
    }
    for service in 0..450 {
        let folder = root.join(format!("services/service_{service}"));
        for file in 0..70 {
            write(&folder.join(format!("src/module_{file}.py")), &library(service * 100 + file));
        }
        for file in 0..25 {
            let text = library(service + file).replace("    ", "  ").replace("def ", "function ");
            write(&folder.join(format!("web/part_{file}.ts")), &text);
        }
        for file in 0..5 {
            write(&folder.join(format!("deploy/{file}.yaml")), "kind: Deployment\nspec: {}\n");
        }
    }
}

/// A project with a backend, `dags` DAG files and `others` modules that they import or that lie about.
fn project(root: &Path, dags: usize, others: usize) {
    set_up(root);
    for number in 0..dags {
        write(&root.join(format!("dags/group_{}/dag_{number}.py", number / 20)), &dag(number));
    }
    for number in 0..others {
        let folder = if number % 3 == 0 { "plugins" } else { "include" };
        let path = format!("{folder}/part_{}/module_{number}.py", number / 25);
        write(&root.join(path), &library(number));
    }
}

fn set_up(root: &Path) {
    write(&root.join(".astro/config.yaml"), "project:\n  name: bench\n");
    write(&root.join("Dockerfile"), "FROM quay.io/astronomer/astro-runtime:12.6.0\n");
    write(&root.join("requirements.txt"), "apache-airflow-providers-amazon==9.2.0\npandas\n");
    write(&root.join(".gitignore"), ".env\n__pycache__/\n");
    write(&root.join(".dockerignore"), ".env\n.git\n");
    write(
        &root.join(".env"),
        "AIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend\n\
         AIRFLOW__SECRETS__BACKEND_KWARGS={\"connections_prefix\": \"airflow/connections\", \"variables_prefix\": \"airflow/variables\", \"region_name\": \"eu-central-1\"}\n",
    );
    for number in 0..4 {
        write(
            &root.join(format!("include/sql/query_{number}.sql")),
            "select * from {{ var.value.schema }}.orders\nwhere day = '{{ ds }}'\n",
        );
    }
}

/// A DAG file of some 3 KB, as people write them.
fn dag(number: usize) -> String {
    let mut text = format!(
        "\"\"\"Loads orders of region {number} into the warehouse.\"\"\"\n\
         from __future__ import annotations\n\nimport logging\nfrom datetime import datetime, timedelta\n\n\
         from airflow.decorators import dag, task\nfrom airflow.models import Variable\n\
         from airflow.providers.amazon.aws.hooks.s3 import S3Hook\n\
         from airflow.providers.amazon.aws.operators.s3 import S3CopyObjectOperator\n\
         from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator\n\
         from airflow.providers.http.sensors.http import HttpSensor\n\n\
         log = logging.getLogger(__name__)\n\nWAREHOUSE = \"warehouse_{}\"\nBUCKET = \"orders-{number}\"\n\
         DEFAULT_ARGS = {{\"owner\": \"data\", \"retries\": 2, \"retry_delay\": timedelta(minutes=5)}}\n\n\n\
         @dag(schedule=\"@daily\", start_date=datetime(2024, 1, 1), catchup=False, default_args=DEFAULT_ARGS)\n\
         def orders_{number}():\n",
        number % 7
    );
    for step in 0..=number % 3 {
        let _ = write!(
            text,
            "    wait_{step} = HttpSensor(\n        task_id=\"wait_{step}\",\n        http_conn_id=f\"api_{{WAREHOUSE}}\",\n        endpoint=\"orders/{step}/{{{{ ds }}}}\",\n        poke_interval=60,\n    )\n\
            \x20   load_{step} = SQLExecuteQueryOperator(\n        task_id=\"load_{step}\",\n        conn_id=WAREHOUSE,\n        sql=\"delete from {{{{ var.value.schema_{step} }}}}.orders where day = '{{{{ ds }}}}'\",\n    )\n\n\
            \x20   @task\n    def transform_{step}(day: str) -> int:\n        hook = S3Hook(aws_conn_id=\"aws_{step}\")\n        limit = int(Variable.get(\"limit_{number}_{step}\", default_var=\"100\"))\n        keys = hook.list_keys(BUCKET, prefix=f\"in/{{day}}/\") or []\n        rows = []\n        for key in keys[:limit]:\n            body = hook.read_key(key, BUCKET)\n            for line in body.splitlines():\n                parts = line.split(\",\")\n                if len(parts) < 3 or not parts[0]:\n                    log.warning(\"skipped %s\", line)\n                    continue\n                rows.append({{\"id\": parts[0], \"amount\": float(parts[1]), \"currency\": parts[2]}})\n        return len(rows)\n\n\
            \x20   wait_{step} >> load_{step} >> transform_{step}(\"{{{{ ds }}}}\")\n\n"
        );
    }
    let _ = write!(text, "\norders_{number}()\n");
    text
}

/// A module of some 9 KB that has nothing to do with Airflow.
fn library(number: usize) -> String {
    let mut text = format!(
        "\"\"\"Part {number} of the pricing engine.\"\"\"\nfrom __future__ import annotations\n\nimport dataclasses\nimport json\nimport os\nfrom collections import defaultdict\nfrom typing import Any, Iterable\n\n\n"
    );
    for part in 0..10 {
        let _ = write!(
            text,
            "@dataclasses.dataclass(frozen=True)\nclass Quote{part}:\n    \"\"\"A price of product {part} at one moment.\"\"\"\n\n    product: str\n    price: float\n    tags: tuple[str, ...] = ()\n\n    def discounted(self, share: float) -> \"Quote{part}\":\n        if not 0 <= share < 1:\n            raise ValueError(f\"share must be in [0, 1): {{share}}\")\n        return dataclasses.replace(self, price=round(self.price * (1 - share), 2))\n\n    def to_json(self) -> str:\n        return json.dumps({{\"product\": self.product, \"price\": self.price, \"tags\": list(self.tags)}}, sort_keys=True)\n\n\n\
             def summarize_{part}(quotes: Iterable[Quote{part}], limit: int = {}) -> dict[str, Any]:\n    totals: dict[str, float] = defaultdict(float)\n    for index, quote in enumerate(quotes):\n        if index >= limit:\n            break\n        for tag in quote.tags or (\"untagged\",):\n            totals[tag] += quote.price\n    return {{tag: round(total, 2) for tag, total in sorted(totals.items()) if total > 0}}\n\n\n",
            number % 90 + 10 + part
        );
    }
    text
}

fn write(path: &Path, text: &str) {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).expect("a directory of the tree");
    }
    fs::write(path, text).expect("a file of the tree");
}
