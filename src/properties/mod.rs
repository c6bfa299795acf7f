//! What holds of any input, however broken it is.
//!
//! A [`Target`] reads a text in one way and panics where a promise is broken. `cargo test` tries each on
//! its seeds and on some mutations of them; `fuzz/` tries millions. Only tests and fuzzers compile this.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a broken promise is a panic"
)]

mod debug;
mod readers;
mod seeds;
mod tree;

pub use seeds::seeds;

use crate::discover::FileKind;
use crate::read::dotenv::Reader;

/// A way to read a text, with what holds of the result.
pub struct Target {
    /// Its name on the command line of the fuzzer.
    pub name: &'static str,
    /// Panics where a promise is broken.
    pub run: fn(&str),
    /// Which files of projects are such texts.
    pub kinds: &'static [FileKind],
    /// More such texts.
    pub seeds: &'static [&'static str],
}

/// A target for one reader of env files.
macro_rules! env_reader {
    ($name:literal, $reader:ident) => {
        Target {
            name: $name,
            run: |text| readers::env_reader(Reader::$reader, text),
            kinds: ENV,
            seeds: &[],
        }
    };
}

const ENV: &[FileKind] = &[FileKind::Env, FileKind::EnvTemplate];

/// All targets.
pub const TARGETS: &[Target] = &[
    env_reader!("env-compose", Compose),
    env_reader!("env-compose-legacy", ComposeLegacy),
    env_reader!("env-docker", DockerEnvFile),
    env_reader!("env-podman", PodmanEnvFile),
    env_reader!("env-standalone", Standalone),
    env_reader!("env-variable-load", VariableLoad),
    env_reader!("env-from-file", EnvFromFile),
    env_reader!("env-library", Library),
    Target { name: "env-compared", run: readers::env_compared, kinds: ENV, seeds: &[] },
    Target {
        name: "requirements",
        run: readers::requirements,
        kinds: &[FileKind::Requirements],
        seeds: &[
            "apache-airflow[amazon]==2.9.1; python_version < '3.12' # x\n-r a.txt\n-e git+https://x/y#egg=z\n",
        ],
    },
    Target {
        name: "dockerfile",
        run: readers::dockerfile,
        kinds: &[FileKind::Dockerfile],
        seeds: &[
            "ARG A=1\nFROM x AS y\nENV A=\"$A ${B:-c}\" B='\\'\nRUN <<EOF\nexport A=1\nEOF\nONBUILD ENV a b\n",
        ],
    },
    Target {
        name: "json",
        run: readers::json,
        kinds: &[FileKind::Data],
        seeds: &[KWARGS, "'{\"a\": True, 'b': None}'", "[1e5, -0, NaN, \"\\ud83d\\ude00\\n\"]"],
    },
    Target {
        name: "kwargs",
        run: readers::kwargs,
        kinds: &[],
        seeds: &[
            KWARGS,
            "{\"prefix\": \"a$b%(c)s${d} 'e' \\\"f\\\" #g\", \"h\": \"ä\\\\\"}",
            "'{\"a\": 1}'",
        ],
    },
    Target {
        name: "python",
        run: readers::python,
        kinds: &[FileKind::Python],
        seeds: &[
            "Variable.get(f\"a{b!r:>{c}}\" 'd' \"\"\"e\"\"\", default_var=lambda *x: {y: z for y in x})\n",
        ],
    },
    Target {
        name: "python-bytes",
        run: readers::python_bytes,
        kinds: &[FileKind::Python],
        seeds: &["# -*- coding: latin-1 -*-\nx = 'é'\n"],
    },
    Target {
        name: "jinja",
        run: readers::jinja,
        kinds: &[FileKind::Template],
        seeds: &[
            "{% for a in b if c %}{{ var.value.get('x', 'y')|f(1, z=2) ~ conn['a'].host }}{% endfor %}{# #}{% raw %}{{{% endraw %}",
        ],
    },
    Target {
        name: "yaml",
        run: readers::yaml,
        kinds: &[
            FileKind::Data,
            FileKind::Manifest,
            FileKind::Workflow,
            FileKind::SettingsFile,
            FileKind::ComposeOverride,
        ],
        seeds: &[
            "a: &x [1, 'b''c', \"d\\n\"]\n? !t e\n: |2-\n   f\n  g\nh: {<<: *x}\n--- >+\n i\n\n",
        ],
    },
    Target {
        name: "hcl",
        run: readers::hcl,
        kinds: &[FileKind::Terraform],
        seeds: &[
            "resource \"a\" \"b\" {\n  c = <<-EOT\n    ${d[0].e} %{ if f }g%{ endif }\n  EOT\n  h = { for k, v in l : k => v... if v }\n}\n",
        ],
    },
    Target {
        name: "shell",
        run: readers::shell,
        kinds: &[FileKind::Script, FileKind::Template],
        seeds: &[
            "A=$'\\x41' f() { aws secretsmanager create-secret --name \"x/${A:-b}\" <<-'E' | tee {a,b}\n\tc\n\tE\n}; if [[ $a ]]; then f; fi\n",
        ],
    },
    Target {
        name: "makefile",
        run: readers::makefile,
        kinds: &[FileKind::Makefile],
        seeds: &["A := b\nx: y\n\t@echo $(A) \\\n\t  $$c\n"],
    },
    Target {
        name: "cfg",
        run: readers::cfg,
        kinds: &[FileKind::AirflowCfg],
        seeds: &["[DEFAULT]\na = 1\n[secrets]\nbackend_kwargs = {\"x\": \"%(a)s%%\"}\n  y\n# z\n"],
    },
    Target {
        name: "configuration",
        run: readers::configuration,
        kinds: &[FileKind::Configuration],
        seeds: &[
            "exclude = [\"x\"]\n[rules]\nenv-not-ignored = \"off\"\n[[override]]\npaths = [\"a/**\"]\nrules = { kwarg-unknown = \"info\" }\n[[environment]]\nname = \"p\"\nairflow = \">=2.9\"\nbackend-kwargs = { variables_prefix = \"a\", x = [1, 1.5, true, 1979-05-27] }\nsettings = { A = \"b\" }\n[declared]\nvariables = [\"x\"]\n",
        ],
    },
    Target {
        name: "baseline",
        run: readers::baseline,
        kinds: &[],
        seeds: &[
            "{\"version\": 1, \"findings\": [{\"path\": \"a\", \"rule\": \"kwarg-unknown\", \"fingerprint\": \"aa\"}]}",
        ],
    },
    Target {
        name: "secret-list",
        run: readers::secret_list,
        kinds: &[],
        seeds: &[
            "a/b\nc\n",
            "{\"SecretList\": [{\"Name\": \"a\"}]}",
            "[{\"name\": \"projects/1/secrets/x\"}]",
        ],
    },
    Target {
        name: "ignore-files",
        run: readers::ignore_files,
        kinds: &[FileKind::Gitignore, FileKind::Dockerignore],
        seeds: &["*\n!/a/**/b[c-d]\\ \n**/.env\n#x\n"],
    },
    Target {
        name: "suppressions",
        run: tree::suppressions,
        kinds: &[FileKind::Env, FileKind::Python, FileKind::Template],
        seeds: &[
            "# astrolint: ignore[env-not-ignored, kwarg-unknown] why\nA=1 # astrolint: ignore\n# astrolint:ignore-file[x]\n",
        ],
    },
    Target { name: "pipeline", run: tree::pipeline, kinds: &[], seeds: &[] },
    Target { name: "fixes", run: tree::fixes, kinds: &[], seeds: &[] },
];

const KWARGS: &str = r#"{"connections_prefix": "airflow/connections", "variables_prefix": "/airflow/variables", "region_name": "eu-west-1", "full_url_mode": false, "n": [1, null]}"#;

/// The target called `name`.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

#[cfg(test)]
mod tests;
