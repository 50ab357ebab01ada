//! Apache Avro's own implementation, as a process that answers line by line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Pair, avro_java};

/// How long one answer may take, the start of Java included.
const LONGEST: Duration = Duration::from_secs(120);

/// The sources of the process.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/avro_compatibility/Reference.java");

/// What it said of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Whether the reader's schema is valid.
    pub reader: bool,
    /// Whether the writer's schema is valid.
    pub writer: bool,
    /// Whether the reader's schema is valid without a look at defaults.
    pub reader_registered: bool,
    /// Whether the writer's schema is valid without a look at defaults.
    pub writer_registered: bool,
    /// Kind and location of each, where both are valid without a look at defaults.
    #[serde(default)]
    pub incompatibilities: Vec<String>,
    /// The exception with which the comparison ended.
    pub gave_up: Option<String>,
}

/// What a consumer made of a record.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Reading {
    /// The record, as the consumer has it; null where it has none.
    #[serde(default)]
    pub read: Value,
    /// Whether it read all bytes; none where it did not get to their end.
    pub whole: Option<bool>,
    /// The exception with which it ended.
    pub refused: Option<String>,
}

/// The running process.
pub struct Reference {
    child: Child,
    input: ChildStdin,
    /// What it writes, line by line.
    lines: Receiver<std::io::Result<String>>,
    // The compiled class lives in it.
    _directory: tempfile::TempDir,
}

impl Reference {
    /// Downloads what is missing, compiles the process and starts it.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = avro_java::command(Path::new(SOURCE), "Reference", directory.path()).await;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        // It ends with the process, or with the first line that nobody waits for any more.
        std::thread::spawn(move || output.lines().try_for_each(|line| sender.send(line)));
        Self { child, input, lines, _directory: directory }
    }

    /// What it says of one pair.
    pub fn ask(&mut self, pair: &Pair) -> Answer {
        self.send(&question(pair))
    }

    /// A schema as it writes it.
    pub fn written(&mut self, schema: &str) -> String {
        let answer: Value = self.send(&json!({ "write": schema }));
        answer["written"].as_str().unwrap().to_owned()
    }

    fn send<T: DeserializeOwned>(&mut self, question: &Value) -> T {
        self.input.write_all(line(question).as_bytes()).unwrap();
        read(&mut self.child, &self.lines)
    }

    /// What it says of each pair, in their order.
    pub fn ask_all(&mut self, pairs: &[Pair]) -> Vec<Answer> {
        self.send_all(pairs.iter().map(question))
    }

    /// What a consumer makes of records that were encoded, in their order.
    pub fn read_all<'q>(&mut self, records: impl Iterator<Item = (&'q Pair, &'q [u8])> + Send) -> Vec<Reading> {
        self.send_all(records.map(|(pair, bytes)| {
            let mut question = question(pair);
            question["bytes"] = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
            question
        }))
    }

    fn send_all<T: DeserializeOwned>(&mut self, questions: impl Iterator<Item = Value> + Send) -> Vec<T> {
        let Self { child, input, lines, .. } = self;
        let questions: Vec<String> = questions.map(|question| line(&question)).collect();
        std::thread::scope(|scope| {
            // Writing waits where nobody reads the answers.
            let writing = scope.spawn(|| questions.iter().try_for_each(|line| input.write_all(line.as_bytes())));
            let answers = questions.iter().map(|_| read(child, lines)).collect();
            writing.join().unwrap().unwrap();
            answers
        })
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn question(pair: &Pair) -> Value {
    json!({ "reader": pair.reader, "writer": pair.writer, "reference": pair.reference })
}

fn line(question: &Value) -> String {
    format!("{question}\n")
}

/// The next answer. Where there is none, the process is ended first: whoever writes to it would wait for ever.
fn read<T: DeserializeOwned>(child: &mut Child, lines: &Receiver<std::io::Result<String>>) -> T {
    let answer = match lines.recv_timeout(LONGEST) {
        Ok(Ok(line)) => serde_json::from_str(&line).map_err(|error| format!("it said `{line}`: {error}")),
        Ok(Err(error)) => Err(error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    answer.unwrap_or_else(|problem| {
        _ = child.kill();
        panic!("no answer of the reference: {problem}")
    })
}
