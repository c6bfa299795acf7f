//! `astrolint lsp`: findings while one types.
//!
//! The server speaks the Language Server Protocol 3.17 over standard input and output. What an editor
//! has open counts instead of what is on disk; nothing is written, fixes are handed to the editor.
//! After a change the project around the file is checked again, once the editor pauses.

mod answers;
mod completion;
mod place;
mod projects;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions,
    DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern,
    HoverProviderCapability, InitializeParams, MessageType, OneOf, PublishDiagnosticsParams,
    Registration, RegistrationParams, ServerCapabilities, ShowMessageParams,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, Uri,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use place::{Encoding, path_of, uri_of};
use projects::{Checked, Projects};

use crate::config::ConfigError;
use crate::limits;

/// How long the editor must be silent before what it changed is checked.
const PAUSE: Duration = Duration::from_millis(120);

/// Why the server ended.
#[derive(Debug, thiserror::Error)]
pub enum LspError {
    /// The client broke the protocol, or went away.
    #[error("the client broke off: {0}")]
    Protocol(#[from] lsp_server::ProtocolError),
    /// A message has another form than the protocol says.
    #[error("a message of the client is not understood")]
    Message(#[from] serde_json::Error),
    /// Standard input or output failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The client is gone.
    #[error("the client is gone")]
    Gone,
}

/// Serves one client over standard input and output, until it says that it leaves.
///
/// # Errors
/// When the client breaks the protocol or goes away.
pub fn serve() -> Result<(), LspError> {
    let (connection, threads) = Connection::stdio();
    serve_on(&connection)?;
    drop(connection);
    threads.join()?;
    Ok(())
}

fn serve_on(connection: &Connection) -> Result<(), LspError> {
    let (id, parameters) = connection.initialize_start()?;
    let parameters: InitializeParams = serde_json::from_value(parameters)?;
    let encoding = Encoding::of(&parameters);
    let answer = serde_json::json!({
        "capabilities": capabilities(encoding),
        "serverInfo": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, answer)?;
    let mut server = Server {
        connection,
        projects: Projects::default(),
        encoding,
        open: BTreeMap::new(),
        changed: roots(&parameters),
        published: BTreeMap::new(),
        wrong: BTreeSet::new(),
        requests: 0,
    };
    if watches(&parameters) {
        server.watch()?;
    }
    server.run()
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(encoding.name()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::FULL),
            save: Some(TextDocumentSyncSaveOptions::Supported(true)),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(["\"", "{", ",", " "].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        ..ServerCapabilities::default()
    }
}

/// The folders that the editor shows.
#[expect(deprecated, reason = "older clients name their folder in no other way")]
fn roots(parameters: &InitializeParams) -> BTreeSet<PathBuf> {
    let folders = parameters.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    let folders: BTreeSet<PathBuf> = folders.filter_map(path_of).collect();
    if !folders.is_empty() {
        return folders;
    }
    parameters.root_uri.iter().filter_map(path_of).collect()
}

/// Whether the client tells of changes on disk when asked to.
fn watches(parameters: &InitializeParams) -> bool {
    let workspace = parameters.capabilities.workspace.as_ref();
    let watched = workspace.and_then(|it| it.did_change_watched_files.as_ref());
    watched.and_then(|it| it.dynamic_registration) == Some(true)
}

struct Server<'a> {
    connection: &'a Connection,
    projects: Projects,
    encoding: Encoding,
    /// What the editor calls the files that it has open.
    open: BTreeMap<PathBuf, Uri>,
    /// Files and folders that changed since the last check.
    changed: BTreeSet<PathBuf>,
    /// The files that findings were published for, by the project they are of.
    published: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    /// The configuration files that were published as wrong.
    wrong: BTreeSet<PathBuf>,
    /// How many requests were sent.
    requests: i32,
}

impl Server<'_> {
    fn run(&mut self) -> Result<(), LspError> {
        loop {
            let message = if self.changed.is_empty() {
                self.connection.receiver.recv().map_err(|_| LspError::Gone)?
            } else {
                match self.connection.receiver.recv_timeout(PAUSE) {
                    Ok(message) => message,
                    Err(error) if error.is_timeout() => {
                        self.check()?;
                        continue;
                    }
                    Err(_) => return Err(LspError::Gone),
                }
            };
            match message {
                Message::Request(request) => {
                    if self.connection.handle_shutdown(&request)? {
                        return Ok(());
                    }
                    self.answer(request)?;
                }
                Message::Notification(notification) => self.note(notification)?,
                Message::Response(_) => {}
            }
        }
    }

    /// Asks to be told of changes on disk.
    fn watch(&mut self) -> Result<(), LspError> {
        let watcher =
            FileSystemWatcher { glob_pattern: GlobPattern::String("**/*".to_owned()), kind: None };
        let options = DidChangeWatchedFilesRegistrationOptions { watchers: vec![watcher] };
        let registration = Registration {
            id: "files".to_owned(),
            method: notification::DidChangeWatchedFiles::METHOD.to_owned(),
            register_options: Some(serde_json::to_value(options)?),
        };
        self.requests += 1;
        let request = Request::new(
            RequestId::from(self.requests),
            request::RegisterCapability::METHOD.to_owned(),
            RegistrationParams { registrations: vec![registration] },
        );
        self.send(request.into())
    }

    fn send(&self, message: Message) -> Result<(), LspError> {
        self.connection.sender.send(message).map_err(|_| LspError::Gone)
    }

    fn notify<N: notification::Notification>(&self, parameters: N::Params) -> Result<(), LspError>
    where
        N::Params: Serialize,
    {
        self.send(Notification::new(N::METHOD.to_owned(), parameters).into())
    }

    /// Takes over what the client tells.
    fn note(&mut self, notification: Notification) -> Result<(), LspError> {
        let Notification { method, params } = notification;
        match method.as_str() {
            notification::DidOpenTextDocument::METHOD => {
                let opened = read::<notification::DidOpenTextDocument>(params)?.text_document;
                self.set(opened.uri, opened.text);
            }
            notification::DidChangeTextDocument::METHOD => {
                let changed = read::<notification::DidChangeTextDocument>(params)?;
                if let Some(change) = changed.content_changes.into_iter().next_back() {
                    self.set(changed.text_document.uri, change.text);
                }
            }
            notification::DidSaveTextDocument::METHOD => {
                let saved = read::<notification::DidSaveTextDocument>(params)?.text_document;
                self.changed.extend(path_of(&saved.uri));
            }
            notification::DidCloseTextDocument::METHOD => {
                let closed = read::<notification::DidCloseTextDocument>(params)?.text_document;
                if let Some(path) = path_of(&closed.uri) {
                    self.projects.overlays.remove(&path);
                    self.open.remove(&path);
                    self.changed.insert(path);
                }
            }
            notification::DidChangeWatchedFiles::METHOD => {
                let changes = read::<notification::DidChangeWatchedFiles>(params)?.changes;
                let paths = changes.iter().filter_map(|change| path_of(&change.uri));
                let paths: Vec<_> = paths.filter(|it| self.projects.may_matter(it)).collect();
                self.changed.extend(paths);
            }
            _ => {}
        }
        Ok(())
    }

    fn set(&mut self, uri: Uri, text: String) {
        if let Some(path) = path_of(&uri) {
            self.projects.overlays.set(path.clone(), text);
            self.open.insert(path.clone(), uri);
            self.changed.insert(path);
        }
    }

    /// Checks the projects around what changed, and publishes what is found.
    fn check(&mut self) -> Result<(), LspError> {
        let changed = std::mem::take(&mut self.changed);
        match self.projects.check(&changed) {
            Ok(checked) => {
                let is_read = |file: &&PathBuf| {
                    file.parent().is_some_and(|it| checked.iter().any(|root| root.starts_with(it)))
                };
                let right: Vec<PathBuf> = self.wrong.iter().filter(is_read).cloned().collect();
                for file in right {
                    self.wrong.remove(&file);
                    self.publish_file(&file, Vec::new())?;
                }
                for root in checked {
                    self.publish(&root)?;
                }
            }
            Err(crate::Error::Config(error)) => self.publish_wrong(&error)?,
            Err(error) => {
                let message = error.to_string();
                let parameters = ShowMessageParams { typ: MessageType::ERROR, message };
                self.notify::<notification::ShowMessage>(parameters)?;
            }
        }
        Ok(())
    }

    /// Publishes what is wrong with a configuration file, beside what was found before.
    fn publish_wrong(&mut self, error: &ConfigError) -> Result<(), LspError> {
        let path = error.path().to_path_buf();
        let text = self.projects.overlays.read_text(&path, limits::TEXT_FILE).unwrap_or_default();
        let diagnostic = answers::wrong_configuration(error, text, self.encoding);
        self.publish_file(&path, vec![diagnostic])?;
        self.wrong.insert(path);
        Ok(())
    }

    /// Publishes what was found in the project at `root`.
    fn publish(&mut self, root: &PathBuf) -> Result<(), LspError> {
        let mut found: BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>> = BTreeMap::new();
        if let Some(checked) = self.projects.get(root) {
            for finding in &checked.findings {
                let path = checked.path(finding.primary.place.file).to_path_buf();
                let uri = |path: &std::path::Path| self.uri(path);
                let diagnostic = answers::diagnostic(checked, finding, self.encoding, &uri);
                found.entry(path).or_default().push(diagnostic);
            }
        }
        let before = self.published.remove(root).unwrap_or_default();
        self.published.insert(root.clone(), found.keys().cloned().collect());
        for path in before.into_iter().filter(|path| !found.contains_key(path)) {
            self.publish_file(&path, Vec::new())?;
        }
        for (path, diagnostics) in found {
            self.publish_file(&path, diagnostics)?;
        }
        Ok(())
    }

    fn publish_file(
        &self,
        path: &std::path::Path,
        diagnostics: Vec<lsp_types::Diagnostic>,
    ) -> Result<(), LspError> {
        let Some(uri) = self.uri(path) else { return Ok(()) };
        let parameters = PublishDiagnosticsParams { uri, diagnostics, version: None };
        self.notify::<notification::PublishDiagnostics>(parameters)
    }

    /// What the editor calls the file at `path`.
    fn uri(&self, path: &std::path::Path) -> Option<Uri> {
        self.open.get(path).cloned().or_else(|| uri_of(path))
    }

    /// Answers a request, from what was found in the last check.
    fn answer(&mut self, request: Request) -> Result<(), LspError> {
        // What was typed right before the question counts.
        if !self.changed.is_empty() {
            self.check()?;
        }
        let Request { id, method, params } = request;
        let answered = match method.as_str() {
            request::HoverRequest::METHOD => {
                self.with::<request::HoverRequest>(params, |server, it| {
                    let at = it.text_document_position_params;
                    server.at(&at.text_document.uri, at.position, answers::hover)
                })
            }
            request::GotoDefinition::METHOD => {
                self.with::<request::GotoDefinition>(params, |server, it| {
                    let at = it.text_document_position_params;
                    let uri = |path: &std::path::Path| server.uri(path);
                    server.at(&at.text_document.uri, at.position, |checked, place, encoding| {
                        answers::definition(checked, place, encoding, &uri)
                    })
                })
            }
            request::CodeActionRequest::METHOD => {
                self.with::<request::CodeActionRequest>(params, |server, it| {
                    let uri = |path: &std::path::Path| server.uri(path);
                    let file = &it.text_document.uri;
                    if !answers::wants_fixes(it.context.only.as_deref()) {
                        return Some(Vec::new());
                    }
                    server.within(file, it.range, |checked, file, span| {
                        Some(answers::actions(checked, file, span, server.encoding, &uri))
                    })
                })
            }
            request::Completion::METHOD => {
                self.with::<request::Completion>(params, |server, it| {
                    let at = it.text_document_position;
                    server.at(&at.text_document.uri, at.position, completion::complete)
                })
            }
            _ => {
                let error = format!("`{method}` is not offered");
                let code = ErrorCode::MethodNotFound as i32;
                return self.send(Response::new_err(id, code, error).into());
            }
        };
        let wrong = || {
            let code = ErrorCode::InvalidParams as i32;
            Response::new_err(id.clone(), code, "the parameters are not understood".to_owned())
        };
        let answer = answered.map(|value| Response::new_ok(id.clone(), value));
        self.send(answer.unwrap_or_else(|_| wrong()).into())
    }

    fn with<R: request::Request>(
        &self,
        parameters: serde_json::Value,
        answer: impl FnOnce(&Self, R::Params) -> R::Result,
    ) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::to_value(answer(self, serde_json::from_value(parameters)?))
    }

    /// What `answer` says of a place, in the first project that knows something.
    fn at<T>(
        &self,
        uri: &Uri,
        position: lsp_types::Position,
        answer: impl Fn(&Checked, crate::model::Place, Encoding) -> Option<T>,
    ) -> Option<T> {
        let range = lsp_types::Range::new(position, position);
        self.within(uri, range, |checked, file, span| {
            answer(checked, crate::model::Place::new(file, span), self.encoding)
        })
    }

    fn within<T>(
        &self,
        uri: &Uri,
        range: lsp_types::Range,
        answer: impl Fn(&Checked, crate::model::FileId, crate::text::Span) -> Option<T>,
    ) -> Option<T> {
        let path = path_of(uri)?;
        self.projects.iter().find_map(|checked| {
            let file = checked.file(&path)?;
            let span = self.encoding.span(checked.project.model.files.get(file), range);
            answer(checked, file, span)
        })
    }
}

fn read<N: notification::Notification>(
    parameters: serde_json::Value,
) -> Result<N::Params, serde_json::Error>
where
    N::Params: DeserializeOwned,
{
    serde_json::from_value(parameters)
}
