use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Message, Notification, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::action::{self, Wish};
use super::answer::{Question, answer, find};
use super::guard::guarded;
use super::session::{Document, Session};
use super::tell::{complain, log, notify, send, watch, written};
use super::uri;
use super::wire::{self, Incoming};
use crate::adapters::disk;
use crate::cli::error::{CommandError, Exit};
use crate::lsp::{Encoding, Known, Position, replace};

/// Something that happened.
pub enum Event {
    /// The editor said something.
    Said(Box<Message>),
    /// The editor said something that is no message: why.
    Malformed(String),
    /// The editor is gone; an error where it could not be understood.
    Gone(io::Result<()>),
    /// All files of the workspace with this root were checked.
    Checked(PathBuf, Box<Known>),
    /// They could not be: why.
    Failed(PathBuf, String),
}

/// How long it waits for a question that comes with a keystroke before it checks what was typed.
const GRACE: Duration = Duration::from_millis(4);

/// How long it waits where nothing is due.
const LONG: Duration = Duration::from_secs(3600);

/// Serves an editor through standard input and output until it goes.
pub fn serve(folder: Option<&Path>) -> Result<Exit, CommandError> {
    let (sender, events) = mpsc::channel();
    let said = sender.clone();
    thread::spawn(move || listen(&said));
    Server::new(folder, answer, sender).run(&events)
}

fn listen(events: &Sender<Event>) {
    let mut input = io::stdin().lock();
    loop {
        let event = match wire::read(&mut input) {
            Ok(Incoming::Message(message)) => Event::Said(message),
            Ok(Incoming::Malformed(reason)) => Event::Malformed(reason),
            Ok(Incoming::End) => Event::Gone(Ok(())),
            Err(error) => Event::Gone(Err(error)),
        };
        let is_last = matches!(event, Event::Gone(_));
        if events.send(event).is_err() || is_last {
            return;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Not initialized.
    New,
    /// At work.
    Ready,
    /// Asked to shut down.
    Done,
}

/// What answers a question.
type Answer = fn(&Session, &Path, Question, lsp::Position, bool, Encoding) -> Value;

struct Server {
    answer: Answer,
    /// Where a workspace is looked for first.
    folder: Option<PathBuf>,
    encoding: Encoding,
    stage: Stage,
    /// Whether the editor tells which files change on the disk, where it is asked to.
    watches: bool,
    sessions: Vec<Session>,
    /// Questions about workspaces whose first check is not over.
    waiting: Vec<Request>,
    events: Sender<Event>,
    exit: Option<Exit>,
}

impl Server {
    fn new(folder: Option<&Path>, answer: Answer, events: Sender<Event>) -> Self {
        Self {
            answer,
            folder: folder.map(Path::to_owned),
            encoding: Encoding::Utf16,
            stage: Stage::New,
            watches: false,
            sessions: Vec::new(),
            waiting: Vec::new(),
            events,
            exit: None,
        }
    }

    fn run(&mut self, events: &Receiver<Event>) -> Result<Exit, CommandError> {
        let mut has_waited = false;
        loop {
            let next = match events.try_recv() {
                Ok(event) => Some(event),
                // A question that comes with a keystroke is answered first, and what is typed faster than it is checked is
                // checked once.
                Err(TryRecvError::Empty) if self.has_news() && !has_waited => {
                    has_waited = true;
                    events.recv_timeout(GRACE).ok()
                }
                Err(TryRecvError::Empty) => {
                    self.tell()?;
                    has_waited = false;
                    match events.recv_timeout(self.patience()) {
                        Ok(event) => Some(event),
                        Err(RecvTimeoutError::Timeout) => None,
                        Err(RecvTimeoutError::Disconnected) => return Ok(Exit::CouldNot),
                    }
                }
                Err(TryRecvError::Disconnected) => return Ok(Exit::CouldNot),
            };
            match next {
                Some(Event::Said(message)) => self.said(*message)?,
                Some(Event::Malformed(reason)) => {
                    written(wire::refuse(&mut io::stdout().lock(), &format!("this is no message: {reason}")))?;
                }
                Some(Event::Gone(Ok(()))) => return Ok(self.exit.unwrap_or(Exit::CouldNot)),
                Some(Event::Gone(Err(error))) => {
                    return Err(CommandError::system(format!("could not understand the editor: {error}"))
                        .hint("`busctl lsp` speaks the language server protocol; editors start it"));
                }
                Some(Event::Checked(root, known)) => self.checked(&root, Ok(*known))?,
                Some(Event::Failed(root, why)) => self.checked(&root, Err(why))?,
                None => {}
            }
            if let Some(exit) = self.exit {
                return Ok(exit);
            }
            if !self.sessions.iter_mut().all(Session::check_if_due) {
                return Err(CommandError::system("the check of the workspace ended unexpectedly"));
            }
        }
    }

    fn has_news(&self) -> bool {
        self.sessions.iter().any(Session::has_news)
    }

    fn patience(&self) -> Duration {
        let due = self.sessions.iter().filter_map(Session::due).min();
        due.map_or(LONG, |due| due.saturating_duration_since(Instant::now()))
    }

    /// Tells the editor which findings there are now.
    fn tell(&mut self) -> Result<(), CommandError> {
        let encoding = self.encoding;
        let news: Vec<_> = self.sessions.iter_mut().flat_map(|session| session.news(encoding)).collect();
        news.into_iter().try_for_each(|news| match news {
            Ok(news) => notify("textDocument/publishDiagnostics", json!(news)),
            Err(why) => log(&why),
        })
    }

    fn checked(&mut self, root: &Path, known: Result<Known, String>) -> Result<(), CommandError> {
        let session = self.sessions.iter_mut().find(|session| session.root == root);
        match (known, session) {
            (Ok(known), Some(session)) => session.checked(known),
            (Err(why), Some(session)) => {
                session.failed();
                log(&why)?;
            }
            (_, None) => {}
        }
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().try_for_each(|request| self.asked(request))
    }

    fn said(&mut self, message: Message) -> Result<(), CommandError> {
        match message {
            Message::Request(request) => self.asked(request),
            Message::Notification(notification) => {
                let method = notification.method.clone();
                guarded(&method, || self.told(notification)).unwrap_or_else(|why| log(&why))
            }
            // To what it asked: whether files may be watched. Where not, they are read again when a file is saved.
            Message::Response(_) => Ok(()),
        }
    }

    fn asked(&mut self, request: Request) -> Result<(), CommandError> {
        self.response(request).map_or(Ok(()), |response| send(response.into()))
    }

    /// What is answered to a request, also where a bug keeps it from an answer.
    fn response(&mut self, request: Request) -> Option<Response> {
        let (id, method) = (request.id.clone(), request.method.clone());
        let refuse = |why| Some(Response::new_err(id, ErrorCode::InternalError as i32, why));
        guarded(&method, || self.answer_to(request)).unwrap_or_else(refuse)
    }

    /// What is answered to a request; nothing yet where its answer waits for the first check.
    fn answer_to(&mut self, request: Request) -> Option<Response> {
        let refuse = |request: Request, code: ErrorCode, message: &str| {
            Some(Response::new_err(request.id, code as i32, message.to_owned()))
        };
        match (request.method.as_str(), self.stage) {
            ("initialize", Stage::New) => {
                let answer = self.initialize(&request.params);
                Some(Response::new_ok(request.id, answer))
            }
            ("initialize", _) => refuse(request, ErrorCode::InvalidRequest, "it is initialized already"),
            (_, Stage::New) => refuse(request, ErrorCode::ServerNotInitialized, "send `initialize` first"),
            (_, Stage::Done) => refuse(request, ErrorCode::InvalidRequest, "it is shut down"),
            ("shutdown", _) => {
                self.stage = Stage::Done;
                Some(Response::new_ok(request.id, Value::Null))
            }
            (method, Stage::Ready)
                if let Some((_, wish)) = Wish::METHODS.iter().find(|(known, _)| *known == method) =>
            {
                self.wished(request, *wish)
            }
            (method, Stage::Ready) => match Question::METHODS.iter().find(|(known, _)| *known == method) {
                Some((_, question)) => self.question(request, *question),
                None => {
                    let message = format!("it does not know `{}`", method.escape_debug());
                    refuse(request, ErrorCode::MethodNotFound, &message)
                }
            },
        }
    }

    fn initialize(&mut self, params: &Value) -> Value {
        self.stage = Stage::Ready;
        let offered = params.pointer("/capabilities/general/positionEncodings").and_then(Value::as_array);
        let offers = |name: &str| offered.is_some_and(|offered| offered.iter().any(|known| known == name));
        let (encoding, name) = match () {
            () if offers("utf-8") => (Encoding::Utf8, "utf-8"),
            () if offers("utf-32") && !offers("utf-16") => (Encoding::Utf32, "utf-32"),
            () => (Encoding::Utf16, "utf-16"),
        };
        self.encoding = encoding;
        let watching = "/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration";
        self.watches = params.pointer(watching).and_then(Value::as_bool).unwrap_or(false);
        let named = params.get("workspaceFolders").and_then(Value::as_array).cloned().unwrap_or_default();
        let named: Vec<_> = named.iter().filter_map(|folder| folder.get("uri")).cloned().collect();
        let root = params.get("rootUri").filter(|_| named.is_empty()).cloned();
        let folders = named.into_iter().chain(root);
        let folders: Vec<_> = folders.filter_map(|folder| uri::to_path(folder.as_str()?)).collect();
        for folder in self.folder.clone().into_iter().chain(folders) {
            self.open_workspace(&folder);
        }
        json!({
            "capabilities": {
                "positionEncoding": name,
                "textDocumentSync": { "openClose": true, "change": 2, "save": true },
                "hoverProvider": true,
                "definitionProvider": true,
                "referencesProvider": true,
                "codeActionProvider": { "codeActionKinds": [action::QUICK_FIX] },
                "documentFormattingProvider": true,
                "completionProvider": { "triggerCharacters": [" ", ":", "-", "[", "{", ",", "/", "."] },
            },
            "serverInfo": { "name": "busctl", "version": env!("CARGO_PKG_VERSION") },
        })
    }

    /// Opens the workspace that a folder lies in, where it is not open yet; `false` where it lies in none.
    fn open_workspace(&mut self, folder: &Path) -> bool {
        let Ok(root) = disk::find_root(folder) else { return false };
        if !self.sessions.iter().any(|session| session.root == root) {
            self.sessions.push(Session::new(root, self.events.clone()));
        }
        true
    }

    fn question(&mut self, request: Request, question: Question) -> Option<Response> {
        let asked = match serde_json::from_value::<lsp::TextDocumentPositionParams>(request.params.clone()) {
            Ok(asked) => asked,
            Err(error) => {
                let code = ErrorCode::InvalidParams as i32;
                return Some(Response::new_err(request.id, code, error.to_string()));
            }
        };
        let found = find(&self.sessions, asked.text_document.uri.as_ref());
        if found.as_ref().is_some_and(|(session, _)| session.is_first_check_open()) {
            self.waiting.push(request);
            return None;
        }
        let with_declaration = request.params.pointer("/context/includeDeclaration").and_then(Value::as_bool);
        let answer = found.map(|(session, path)| {
            (self.answer)(session, &path, question, asked.position, with_declaration.unwrap_or(false), self.encoding)
        });
        Some(Response::new_ok(request.id, answer))
    }

    fn wished(&mut self, request: Request, wish: Wish) -> Option<Response> {
        let Some(address) = request.params.pointer("/textDocument/uri").and_then(Value::as_str).map(str::to_owned)
        else {
            let code = ErrorCode::InvalidParams as i32;
            return Some(Response::new_err(request.id, code, "it names no `textDocument`".to_owned()));
        };
        let encoding = self.encoding;
        let found = self.find(&address);
        if found.as_ref().is_some_and(|(session, _)| session.is_first_check_open()) {
            self.waiting.push(request);
            return None;
        }
        let answer = found.map(|(session, path)| action::answer(session, &path, wish, &request.params, encoding));
        Some(Response::new_ok(request.id, answer))
    }

    fn told(&mut self, notification: Notification) -> Result<(), CommandError> {
        let Notification { method, params } = notification;
        match (method.as_str(), self.stage) {
            ("exit", stage) => {
                // The protocol asks for 1 where nobody asked it to shut down.
                self.exit = Some(if stage == Stage::Done { Exit::Done } else { Exit::CouldNot });
                Ok(())
            }
            ("initialized", Stage::Ready) if self.watches => watch(),
            ("textDocument/didOpen", Stage::Ready) => match read(params) {
                Ok(lsp::DidOpenTextDocumentParams { text_document: opened }) => {
                    self.opened(opened.uri.as_ref(), opened.version, opened.text)
                }
                Err(error) => complain(&method, &error),
            },
            ("textDocument/didChange", Stage::Ready) => match read(params) {
                Ok(changes) => self.changed(changes),
                Err(error) => complain(&method, &error),
            },
            ("textDocument/didClose", Stage::Ready) => match read::<lsp::DidCloseTextDocumentParams>(params) {
                Ok(closed) => {
                    if let Some((session, path)) = self.find(closed.text_document.uri.as_ref()) {
                        session.close(&path);
                    }
                    Ok(())
                }
                Err(error) => complain(&method, &error),
            },
            ("textDocument/didSave", Stage::Ready) if !self.watches => {
                self.sessions.iter_mut().for_each(Session::files_changed);
                Ok(())
            }
            ("workspace/didChangeWatchedFiles", Stage::Ready) => {
                self.sessions.iter_mut().for_each(Session::files_changed);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn find(&mut self, address: &str) -> Option<(&mut Session, PathBuf)> {
        let path = uri::to_path(address)?;
        self.sessions.iter_mut().find_map(|session| {
            let relative = session.relative(&path)?;
            Some((session, relative))
        })
    }

    fn opened(&mut self, address: &str, version: i32, text: String) -> Result<(), CommandError> {
        let Some(path) = uri::to_path(address) else { return Ok(()) };
        let folder = path.parent().unwrap_or(&path).to_owned();
        if !self.open_workspace(&folder) {
            let message = format!("{}: {}, so nothing is checked", path.display(), disk::NoWorkspace(folder));
            return log(&message);
        }
        if let Some((session, path)) = self.find(address) {
            session.set(path, Document { uri: address.to_owned(), version, text: text.into() });
        }
        Ok(())
    }

    fn changed(&mut self, changes: lsp::DidChangeTextDocumentParams) -> Result<(), CommandError> {
        use lsp::TextDocumentContentChangeEvent as Change;
        let encoding = self.encoding;
        let document = changes.text_document;
        let address: &str = document.text_document_identifier.uri.as_ref();
        let Some((session, path)) = self.find(address) else { return Ok(()) };
        let Some(open) = session.open.get(&path).cloned() else { return Ok(()) };
        let mut text = open.text.to_string();
        for change in changes.content_changes {
            match change {
                Change::TextDocumentContentChangePartial(change) => {
                    let place = |at: lsp::Position| Position { line: at.line, column: at.character };
                    replace(&mut text, place(change.range.start), place(change.range.end), &change.text, encoding);
                }
                Change::TextDocumentContentChangeWholeDocument(change) => text = change.text,
            }
        }
        session.set(path, Document { version: document.version, text: Arc::from(text), ..open });
        Ok(())
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, serde_json::Error> {
    serde_json::from_value(params)
}

#[cfg(test)]
mod tests;
