//! Apache Avro's own implementation, as a process that answers line by line.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use busctl::localbus::progress::Silent;
use busctl::localbus::{Host, Version, artifacts, java};
use serde::Deserialize;
use serde_json::json;

use super::Pair;

/// The release that compatibility is defined by. The next one, 1.12.1, finds no type without a namespace from inside a
/// namespace any more.
const VERSION: &str = "1.12.0";

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
    /// Kind and location of each, where both are valid.
    #[serde(default)]
    pub incompatibilities: Vec<String>,
    /// The exception with which the comparison ended.
    pub gave_up: Option<String>,
}

/// The running process.
pub struct Reference {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    // The compiled class lives in it.
    _directory: tempfile::TempDir,
}

impl Reference {
    /// Downloads what is missing, compiles the process and starts it.
    pub async fn start() -> Self {
        let host = Host::from_environment().unwrap();
        let java = java::find(&host, 17, "Apache Avro").unwrap();
        let version: Version = VERSION.parse().unwrap();
        let jars = artifacts::avro(&host, &version, &java, &Silent).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        compile(&java.binary, &jars, directory.path());
        let class_path = format!("{}:{}/*", directory.path().display(), jars.display());
        let mut child = Command::new(&java.binary)
            .args(["-XX:+UseSerialGC", "-cp", &class_path, "Reference"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output, _directory: directory }
    }

    /// What it says of one pair.
    pub fn ask(&mut self, pair: &Pair) -> Answer {
        let input = self.input.as_mut().unwrap();
        input.write_all(line(pair).as_bytes()).and_then(|()| input.flush()).unwrap();
        read(&mut self.output)
    }

    /// What it says of each pair, in their order.
    pub fn ask_all(&mut self, pairs: &[Pair]) -> Vec<Answer> {
        let input = self.input.as_mut().unwrap();
        let output = &mut self.output;
        std::thread::scope(|scope| {
            // Writing waits where nobody reads the answers.
            let writing = scope.spawn(move || {
                pairs.iter().try_for_each(|pair| input.write_all(line(pair).as_bytes())).and_then(|()| input.flush())
            });
            let answers = pairs.iter().map(|_| read(output)).collect();
            writing.join().unwrap().unwrap();
            answers
        })
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // It ends with its input.
        self.input = None;
        _ = self.child.wait();
    }
}

fn line(pair: &Pair) -> String {
    let mut line = json!({ "reader": pair.reader, "writer": pair.writer }).to_string();
    line.push('\n');
    line
}

fn read(output: &mut impl BufRead) -> Answer {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("the reference said `{line}`: {error}"))
}

/// With the compiler that was downloaded, because not every Java has one.
fn compile(java: &Path, jars: &Path, directory: &Path) {
    let mut all: Vec<PathBuf> = std::fs::read_dir(jars).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    let class_path = all.iter().map(|jar| jar.display().to_string()).collect::<Vec<_>>().join(":");
    let output = Command::new(java)
        .args(["-cp", &class_path, "org.eclipse.jdt.internal.compiler.batch.Main", "-17", "-nowarn"])
        .args(["-cp", &class_path, "-d", &directory.display().to_string(), SOURCE])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
