//! A client of `astrolint lsp`, message by message.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};
use tempfile::TempDir;

mod support;

/// A value that nothing may show.
const CANARY: &str = "c4n4ry-QfZ81kLw";

struct Client {
    directory: TempDir,
    root: PathBuf,
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    requests: i32,
    /// All that the server sent.
    heard: String,
}

impl Client {
    /// A client with a folder that holds `files` and what belongs to any project.
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in support::pages::SCAFFOLD.iter().chain(files) {
            support::write(directory.path(), name, text);
        }
        let root = directory.path().canonicalize().unwrap();
        let mut server = Command::new(env!("CARGO_BIN_EXE_astrolint"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = server.stdin.take().unwrap();
        let output = BufReader::new(server.stdout.take().unwrap());
        let heard = String::new();
        let mut client = Self { directory, root, server, input, output, requests: 0, heard };
        let folder = json!({ "uri": client.uri(""), "name": "project" });
        let answer =
            client.ask("initialize", json!({ "capabilities": {}, "workspaceFolders": [folder] }));
        assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
        client.tell("initialized", json!({}));
        client
    }

    fn uri(&self, name: &str) -> String {
        format!("file://{}", self.root.join(name).display())
    }

    fn send(&mut self, message: &Message) {
        message.write(&mut self.input).unwrap();
    }

    fn tell(&mut self, method: &str, parameters: Value) {
        self.send(&Notification::new(method.to_owned(), parameters).into());
    }

    fn receive(&mut self) -> Message {
        let message = Message::read(&mut self.output).unwrap().expect("the server is there");
        self.heard += &serde_json::to_string(&message).unwrap();
        message
    }

    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.requests += 1;
        let id = RequestId::from(self.requests);
        self.send(&Request::new(id.clone(), method.to_owned(), parameters).into());
        loop {
            if let Message::Response(response) = self.receive()
                && response.id == id
            {
                return serde_json::to_value(response).unwrap()["result"].clone();
            }
        }
    }

    /// The findings of the next publication for the file `name` that `holds` is true of, as rule, line
    /// and column.
    fn wait(&mut self, name: &str, holds: impl Fn(&[String]) -> bool) -> Vec<String> {
        let uri = self.uri(name);
        loop {
            let Message::Notification(notification) = self.receive() else { continue };
            if notification.method != "textDocument/publishDiagnostics"
                || notification.params["uri"] != json!(uri)
            {
                continue;
            }
            let diagnostics = notification.params["diagnostics"].as_array().unwrap();
            let line = |it: &Value| {
                let start = &it["range"]["start"];
                format!(
                    "{} {}:{}",
                    it["code"].as_str().unwrap_or_default(),
                    start["line"],
                    start["character"]
                )
            };
            let found: Vec<String> = diagnostics.iter().map(line).collect();
            if holds(&found) {
                return found;
            }
        }
    }

    fn open(&mut self, name: &str, text: &str) {
        let document =
            json!({ "uri": self.uri(name), "languageId": "", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, name: &str, text: &str) {
        let document = json!({ "uri": self.uri(name), "version": 2 });
        let changes = json!([{ "text": text }]);
        self.tell(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": changes }),
        );
    }

    /// Changes a file on disk, as somebody else does.
    fn write(&mut self, name: &str, text: &str) {
        support::write(&self.root, name, text);
        let change = json!({ "uri": self.uri(name), "type": 2 });
        self.tell("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    }

    /// What is offered in `range`, of the kinds `only`.
    fn actions(&mut self, name: &str, range: &Value, only: &Value) -> Value {
        let context = json!({ "diagnostics": [], "only": only });
        let document = json!({ "uri": self.uri(name) });
        self.ask(
            "textDocument/codeAction",
            json!({ "textDocument": document, "range": range, "context": context }),
        )
    }

    fn at(&self, name: &str, line: usize, character: usize) -> Value {
        json!({
            "textDocument": { "uri": self.uri(name) },
            "position": { "line": line, "character": character },
        })
    }

    /// Ends the server as the protocol says.
    fn leave(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.tell("exit", Value::Null);
        assert!(self.server.wait().unwrap().success());
        assert!(!self.heard.contains(CANARY), "a value was sent");
        drop(self.directory);
    }
}

fn env(kwargs: &str) -> String {
    format!(
        "AIRFLOW__SECRETS__BACKEND={}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n",
        support::SECRETS_MANAGER
    )
}

const GOOD: &str = r#"{"variables_prefix": "v", "region_name": "eu-west-1"}"#;
const DAG: &str = "from airflow.models import Variable\n\ndef f():\n    return Variable.get(\"ä_token\") + Variable.get(\"token\")\n";

/// It asks on every parse.
const PARSED: &str = "from airflow.models import Variable\n\nA = Variable.get(\"token\")\n";

fn has(rule: &str) -> impl Fn(&[String]) -> bool {
    move |found| found.iter().any(|it| it.starts_with(rule))
}

fn text_of(edit: &Value, before: &str) -> String {
    let lines: Vec<&str> = before.split('\n').collect();
    let offset = |position: &Value| {
        let line = usize::try_from(position["line"].as_u64().unwrap()).unwrap();
        let column = usize::try_from(position["character"].as_u64().unwrap()).unwrap();
        lines[..line].iter().map(|line| line.len() + 1).sum::<usize>() + column
    };
    let mut text = before.to_owned();
    let mut edits: Vec<&Value> = edit.as_array().unwrap().iter().collect();
    edits.sort_by_key(|edit| offset(&edit["range"]["start"]));
    for edit in edits.into_iter().rev() {
        let range = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
        text.replace_range(range, edit["newText"].as_str().unwrap());
    }
    text
}

#[test]
fn findings_follow_what_is_typed() {
    let mut client = Client::new(&[(".env", &env(GOOD)), ("dags/a.py", DAG)]);
    let broken = env("{'variables_prefix': 'v', 'region_name': 'eu-west-1'}") + "X=" + CANARY;
    client.open(".env", &broken);
    let found = client.wait(".env", has("kwargs-not-json"));
    assert!(found.contains(&"kwargs-not-json 1:34".to_owned()), "{found:?}");

    // The fix makes it right.
    let range =
        json!({ "start": { "line": 1, "character": 34 }, "end": { "line": 1, "character": 34 } });
    assert_eq!(client.actions(".env", &range, &json!(["source.fixAll"])), json!([]));
    let actions = client.actions(".env", &range, &json!(["quickfix"]));
    let action = &actions[0];
    assert_eq!(action["title"], "Make it JSON");
    assert_eq!(action["isPreferred"], true);
    let fixed = text_of(&action["edit"]["changes"][client.uri(".env")], &broken);
    assert_eq!(fixed, env(GOOD) + "X=" + CANARY);
    client.change(".env", &fixed);
    client.wait(".env", |found| !has("kwargs-not-json")(found));

    // What a person should look at says so, and comes last.
    let typo = env("{\"variable_prefix\": \"v\", \"region_name\": \"eu-west-1\"}");
    client.change(".env", &typo);
    client.wait(".env", has("kwarg-unknown"));
    let all =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    let actions = client.actions(".env", &all, &Value::Null);
    let titles: Vec<&str> =
        actions.as_array().unwrap().iter().map(|it| it["title"].as_str().unwrap()).collect();
    assert!(titles.iter().any(|title| title.ends_with(" (unsafe: look at it)")), "{titles:?}");

    // What was never saved is forgotten with the file.
    client.change(".env", &broken);
    client.wait(".env", has("kwargs-not-json"));
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": client.uri(".env") } }));
    client.wait(".env", |found| !has("kwargs-not-json")(found));
    client.leave();
}

#[test]
fn a_name_is_shown_and_leads_to_what_creates_it() {
    let terraform = "resource \"aws_secretsmanager_secret\" \"t\" {\n  name = \"v/token\"\n}\n";
    let mut client =
        Client::new(&[(".env", &env(GOOD)), ("dags/a.py", DAG), ("infra/main.tf", terraform)]);
    client.open("dags/a.py", DAG);
    // In front of it stands a letter of two bytes.
    let at = client.at("dags/a.py", 3, 52);
    let hover = client.ask("textDocument/hover", at.clone());
    let text = hover["contents"]["value"].as_str().unwrap();
    assert_eq!(
        text,
        "**variable** `token`\n\n- environment `local`: `v/token` is asked for; the project creates or declares it\n"
    );
    let definition = client.ask("textDocument/definition", at);
    assert_eq!(definition[0]["uri"], client.uri("infra/main.tf"));
    assert_eq!(definition[0]["range"]["start"]["line"], 1);
    let nothing = client.at("dags/a.py", 0, 3);
    assert_eq!(client.ask("textDocument/hover", nothing), Value::Null);
    client.leave();
}

#[test]
fn keywords_of_the_backend_are_completed() {
    let mut client = Client::new(&[("dags/a.py", DAG)]);
    let text = env("{\"region_name\": \"eu-west-1\", \"");
    client.open(".env", &text);
    let column = text.lines().nth(1).unwrap().len();
    let at = client.at(".env", 1, column);
    let items = client.ask("textDocument/completion", at);
    let labels: Vec<&str> =
        items.as_array().unwrap().iter().map(|it| it["label"].as_str().unwrap()).collect();
    assert!(labels.contains(&"variables_prefix"), "{labels:?}");
    assert!(!labels.contains(&"region_name"), "{labels:?}");
    assert_eq!(items[0]["textEdit"]["newText"], labels[0]);
    let first = client.at(".env", 0, 3);
    assert_eq!(client.ask("textDocument/completion", first), Value::Null);
    client.leave();
}

/// What a person types in the configuration counts at once; what is wrong with it stands in it, and what was
/// found before stays.
#[test]
fn the_configuration_counts_while_it_is_typed() {
    let mut client = Client::new(&[(".env", &env(GOOD)), ("dags/a.py", PARSED)]);
    client.open("dags/a.py", PARSED);
    client.wait("dags/a.py", has("parse-time-lookup"));
    client.open("astrolint.toml", "[rules]\nparse-time-lookup = \"off\"\n");
    client.wait("dags/a.py", |found| !has("parse-time-lookup")(found));
    client.change("astrolint.toml", "[rules]\nparse-time-lokup = \"off\"\n");
    let found = client.wait("astrolint.toml", |found| !found.is_empty());
    assert_eq!(found, [" 1:0"]);
    assert!(client.heard.contains("there is no rule `parse-time-lokup`"));
    assert!(!client.heard.contains("window/showMessage"));
    let range =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    assert_eq!(client.actions("astrolint.toml", &range, &Value::Null), json!([]));
    client.change("astrolint.toml", "[rules]\nparse-time-lookup = \"error\"\n");
    client.wait("astrolint.toml", <[String]>::is_empty);
    client.wait("dags/a.py", has("parse-time-lookup"));
    client.leave();
}

/// What changes on disk, as `git checkout` does, is checked again; what no project reads is not.
#[test]
fn changes_on_disk_are_followed() {
    let mut client = Client::new(&[(".env", &env(GOOD)), ("dags/a.py", DAG), ("lib/h.py", "")]);
    client.open(".env", &env(GOOD));
    let hover = client.at("dags/a.py", 3, 52);
    assert_ne!(client.ask("textDocument/hover", hover), Value::Null);
    client.write("dags/a.py", PARSED);
    client.wait("dags/a.py", has("parse-time-lookup"));
    client.write("requirements.txt", "apache-airflow-providers-amazon==8.0.0 #\n???\n");
    client.wait("requirements.txt", has("requirement-invalid"));
    client.write("dags/a.py", "from lib.h import A\n");
    client.wait("dags/a.py", <[String]>::is_empty);
    client.leave();
}

#[test]
fn a_folder_without_a_project_is_quiet() {
    let directory = tempfile::tempdir().unwrap();
    let path: &Path = directory.path();
    support::write(path, "notes.txt", "nothing\n");
    let mut client = Client::new(&[]);
    let outside = format!("file://{}", path.canonicalize().unwrap().join("notes.txt").display());
    let document = json!({ "uri": outside, "languageId": "", "version": 1, "text": "x" });
    client.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let hover = client.ask(
        "textDocument/hover",
        json!({ "textDocument": { "uri": outside }, "position": { "line": 0, "character": 0 } }),
    );
    assert_eq!(hover, Value::Null);
    client.leave();
}
