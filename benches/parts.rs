//! How fast each reader is, in bytes a second: `cargo bench --bench parts`.
//!
//! Each gets some 100 KB of what people write, which is the same piece many times over.

#![allow(clippy::expect_used, missing_docs, reason = "a benchmark may fail")]

use std::hint::black_box;
use std::path::Path;

use astrolint::model::references::{Locals, summarize, words};
use astrolint::read::{
    cfg, dockerfile, dotenv, hcl, jinja, json, python, requirements, shell, yaml,
};
use astrolint::text::Text;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SIZE: usize = 100_000;

/// A reader: what it is called, a piece of text, and what is done with many of it.
type Part = (&'static str, &'static str, fn(&str));

const PARTS: &[Part] = &[
    (
        "env file, all readers",
        "# the warehouse\nAIRFLOW_CONN_DB_{}='postgres://u:p@host:5432/db'\nexport A_{}=\"b\"\n",
        |text| {
            let document = dotenv::Document::new(text);
            for reader in dotenv::Reader::ALL {
                black_box(reader.read(&document));
            }
        },
    ),
    (
        "requirements",
        "apache-airflow-providers-amazon[s3fs]>=9.2,<10; python_version >= '3.9'  # why\n",
        |text| {
            black_box(requirements::read(text));
        },
    ),
    (
        "Dockerfile",
        "ENV AIRFLOW__CORE__X_{}=\"a b\" B=c\nRUN pip install x==1.{} && \\\n    echo done\n",
        |text| {
            black_box(dockerfile::read(text));
        },
    ),
    (
        "JSON of kwargs",
        "{\"connections_prefix\": \"airflow/connections\", \"n\": [1, 2.5, null, \"\\u00e4\"]},",
        |text| {
            let _ = black_box(json::parse(&format!("[{text}0]")));
        },
    ),
    ("YAML", "- name: item_{}\n  env:\n    KEY: 'value'  # why\n    OTHER: [a, \"b\"]\n", |text| {
        black_box(yaml::read(text));
    }),
    (
        "HCL",
        "resource \"aws_secretsmanager_secret\" \"s_{}\" {\n  name = \"airflow/variables/${var.name}\"\n  tags = { a = jsonencode({ b = 1 }) }\n}\n",
        |text| {
            black_box(hcl::read(text));
        },
    ),
    (
        "shell",
        "aws secretsmanager create-secret --name \"airflow/variables/k_{}\" --secret-string '{\"a\": 1}' \\\n  --region eu-central-1 || exit 1\n",
        |text| {
            black_box(shell::read(&Text::verbatim(text, 0), shell::Dialect::Bash));
        },
    ),
    ("airflow.cfg", "[core]\n# why\nkey_{} = value %% more\n", |text| {
        black_box(cfg::read(text));
    }),
    (
        "Jinja",
        "select * from {{ var.value.schema_{} }}.t where d = '{{ ds | trim }}' {% if a %}x{% endif %}\n",
        |text| {
            black_box(jinja::read(text));
        },
    ),
    ("scan of Python without a hit", LIBRARY, |text| {
        black_box(words::REFERRING.may_refer(text.as_bytes()));
    }),
    ("Python, parsed", DAG, |text| {
        let _ = black_box(python::parse(text));
    }),
    ("Python, parsed and understood", DAG, |text| {
        let locals = Locals::new(Path::new("/project"), [Path::new("/project/dags/a.py")]);
        let module = python::parse(text).expect("it is not deep");
        black_box(summarize(&module, &locals, "dags/a.py"));
    }),
];

const LIBRARY: &str = "class Quote_{}:\n    def discounted(self, share: float) -> float:\n        if not 0 <= share < 1:\n            raise ValueError(f\"share: {share}\")\n        return round(self.price * (1 - share), 2)\n\n";

const DAG: &str = "@task\ndef transform_{}(day: str) -> int:\n    hook = S3Hook(aws_conn_id=\"aws_{}\")\n    limit = int(Variable.get(\"limit_{}\", default_var=\"100\"))\n    keys = [key for key in hook.list_keys(BUCKET, prefix=f\"in/{day}/\") if key]\n    return len(keys[:limit])\n\nload_{} = SQLExecuteQueryOperator(task_id=\"load\", conn_id=WAREHOUSE, sql=\"select {{ var.value.x }}\")\n\n";

fn parts(criterion: &mut Criterion) {
    for (name, piece, work) in PARTS {
        let pieces = (0..).map(|number: usize| piece.replace("_{}", &format!("_{number}")));
        let mut text = String::new();
        for piece in pieces {
            text.push_str(&piece);
            if text.len() >= SIZE {
                break;
            }
        }
        let mut group = criterion.benchmark_group("read");
        group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(10);
        group.bench_function(*name, |bencher| bencher.iter(|| work(black_box(&text))));
        group.finish();
    }
}

criterion_group!(benches, parts);
criterion_main!(benches);
