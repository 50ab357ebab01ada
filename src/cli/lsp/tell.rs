//! What the editor is told.

use std::io::{self, Write};

use lsp_server::{Message, Notification, Request};
use serde_json::{Value, json};

use crate::cli::error::CommandError;

/// Asks to be told which files change on the disk.
pub fn watch() -> Result<(), CommandError> {
    let watchers = json!([{ "globPattern": "**/*.{avsc,json,md,proto,yaml,yml}" }]);
    let method = "workspace/didChangeWatchedFiles";
    let registration = json!({ "id": "files", "method": method, "registerOptions": { "watchers": watchers } });
    let params = json!({ "registrations": [registration] });
    send(Request::new("files".to_owned().into(), "client/registerCapability".to_owned(), params).into())
}

/// Says why a notification could not be taken.
pub fn complain(method: &str, error: &serde_json::Error) -> Result<(), CommandError> {
    log(&format!("{}: {error}", method.escape_debug()))
}

/// Writes a warning to the editor's log.
pub fn log(message: &str) -> Result<(), CommandError> {
    // 2 is a warning.
    notify("window/logMessage", json!({ "type": 2, "message": message }))
}

/// Sends what asks for no answer.
pub fn notify(method: &str, params: Value) -> Result<(), CommandError> {
    send(Notification::new(method.to_owned(), params).into())
}

/// Sends a message.
pub fn send(message: Message) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    written(message.write(&mut out).and_then(|()| out.flush()))
}

/// What became of writing to standard output. An editor that went away is seen where it is listened to.
pub fn written(result: io::Result<()>) -> Result<(), CommandError> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|error| CommandError::system(format!("could not write to standard output: {error}"))),
    }
}
