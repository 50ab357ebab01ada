//! An editor at work: how long after a keystroke the findings of the file and the names that may follow are there.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Outcome;
use crate::estate::Estate;
use crate::measure::{Cost, Costs};
use crate::table::{Row, Target};

/// Somebody who types fast. The check of all files starts between two keystrokes and is at work at the next.
const BETWEEN: Duration = Duration::from_millis(200);

/// What is promised.
const LIMIT: Duration = Duration::from_millis(50);

struct Editor {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
    version: u64,
}

/// Measures a session in a workspace.
pub fn measure(tool: &Path, estate: Estate, folder: &Path, keystrokes: usize) -> Outcome<Vec<Row>> {
    eprintln!("an editor, {} topics", estate.topics);
    let mut editor = Editor::start(tool, folder)?;
    let topic = estate.topic(estate.topics / 2);
    let manifest = folder.join(format!("topics/{}/{}.yaml", topic.domain, topic.name));
    let (uri, text) = (uri(&manifest)?, fs::read_to_string(&manifest)?);
    editor.open(&uri, &text)?;
    let mut typed = Costs::default();
    for keystroke in 0..keystrokes.max(1) {
        std::thread::sleep(BETWEEN);
        // Each is news: of a class that does not exist.
        let class = format!("r{:02}", keystroke % 100);
        let started = Instant::now();
        editor.edit(
            &uri,
            json!({ "start": { "line": 1, "character": 7 }, "end": { "line": 1, "character": 10 } }),
            &class,
        )?;
        while !editor.is_told(&uri, &class)? {}
        typed.add(editor.cost(started.elapsed())?);
    }
    let grants = folder.join("acls/service0000.yaml");
    let grants = self::uri(&grants)?;
    let mut completed = Costs::default();
    let text = "service: service0000\nproduces:\n  - event00";
    editor.open(&grants, text)?;
    for number in 0..keystrokes.max(1) {
        std::thread::sleep(BETWEEN);
        let digit = (number % 10).to_string();
        let started = Instant::now();
        editor.edit(
            &grants,
            json!({ "start": { "line": 2, "character": 11 }, "end": { "line": 2, "character": 12 } }),
            &digit,
        )?;
        let position = json!({ "line": 2, "character": 12 });
        let answer = editor
            .ask("textDocument/completion", json!({ "textDocument": { "uri": grants }, "position": position }))?;
        let elapsed = started.elapsed();
        if answer["items"].as_array().is_none() {
            return Err(format!("no completion: {answer}").into());
        }
        completed.add(editor.cost(elapsed)?);
    }
    editor.end()?;
    let row = |what, tool| {
        let targets = if estate.topics >= 10_000 { vec![Target::Within(LIMIT)] } else { Vec::new() };
        Row { topics: Some(estate.topics), servers: "none", what, tool, floor: None, targets }
    };
    Ok(vec![row("editor: keystroke to findings", typed), row("editor: keystroke to completion", completed)])
}

fn uri(path: &Path) -> Outcome<String> {
    Ok(format!("file://{}", fs::canonicalize(path)?.display()))
}

impl Editor {
    /// Starts the server and waits until it knows the workspace.
    fn start(tool: &Path, folder: &Path) -> Outcome<Self> {
        let mut command = Command::new(tool);
        command.arg("lsp").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let input = input.ok_or("no input")?;
        let output = BufReader::new(output.ok_or("no output")?);
        let mut editor = Self { child, input, output, asked: 0, version: 1 };
        let root = uri(folder)?;
        editor.ask("initialize", json!({ "rootUri": root, "capabilities": {} }))?;
        editor.tell("initialized", json!({}))?;
        let settings = uri(&folder.join("busctl.yaml"))?;
        editor.ask(
            "textDocument/hover",
            json!({ "textDocument": { "uri": settings }, "position": { "line": 0, "character": 0 } }),
        )?;
        Ok(editor)
    }

    fn send(&mut self, message: &Value) -> Outcome<()> {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())?;
        Ok(self.input.flush()?)
    }

    fn tell(&mut self, method: &str, params: Value) -> Outcome<()> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    fn ask(&mut self, method: &str, params: Value) -> Outcome<Value> {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let message = self.next()?;
            if message["id"] == id {
                return Ok(message["result"].clone());
            }
        }
    }

    fn next(&mut self) -> Outcome<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line)? == 0 {
                return Err("the server is gone".into());
            }
            match line.trim_end().split_once(": ") {
                Some((_, value)) => length = value.parse()?,
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Whether the next message tells of a file that this word is wrong in it.
    fn is_told(&mut self, uri: &str, word: &str) -> Outcome<bool> {
        let message = self.next()?;
        let found = message["params"]["diagnostics"].as_array();
        let names = |finding: &Value| finding["message"].as_str().is_some_and(|said| said.contains(word));
        Ok(message["params"]["uri"] == uri && found.is_some_and(|found| found.iter().any(names)))
    }

    fn open(&mut self, uri: &str, text: &str) -> Outcome<()> {
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }))
    }

    fn edit(&mut self, uri: &str, range: Value, text: &str) -> Outcome<()> {
        self.version += 1;
        let document = json!({ "uri": uri, "version": self.version });
        let changes = json!([{ "range": range, "text": text }]);
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }))
    }

    /// What a keystroke cost, with the most memory that the server has had.
    fn cost(&self, wall: Duration) -> Outcome<Cost> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
        let kibibytes: u64 = most.ok_or("no memory")?.parse()?;
        eprintln!("  {wall:.3?}");
        // What it uses of the processors goes on behind the answer, and is not told apart.
        Ok(Cost { wall, cpu: Duration::ZERO, memory: kibibytes << 10 })
    }

    fn end(mut self) -> Outcome<()> {
        self.ask("shutdown", Value::Null)?;
        self.tell("exit", Value::Null)?;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("the server ended with {status}").into()) }
    }
}
