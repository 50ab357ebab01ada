//! Apache Avro's own implementation, as a process that measures itself when it is told to.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::avro_java;
use super::{Lap, What};
use crate::Outcome;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/estate/schemas/Laps.java");

/// The running process.
pub struct Java {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Java {
    /// Starts it with a file of pairs.
    pub async fn start(folder: &Path, pairs: &Path) -> Outcome<Self> {
        let mut command = avro_java::command(Path::new(SOURCE), "Laps", folder).await;
        let mut child = command.arg(pairs).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take().ok_or("there is no way in")?;
        let output = BufReader::new(child.stdout.take().ok_or("there is no way out")?);
        Ok(Self { child, input, output })
    }

    /// Goes once over all pairs.
    pub fn lap(&mut self, what: What) -> Outcome<Lap> {
        let word = match what {
            What::Texts => "texts",
            What::Schemas => "schemas",
        };
        writeln!(self.input, "{word}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let numbers = line.trim().split_once(' ').and_then(|(nanoseconds, compatible)| {
            let time = std::time::Duration::from_nanos(nanoseconds.parse().ok()?);
            Some(Lap { time, compatible: compatible.parse().ok()? })
        });
        numbers.ok_or_else(|| format!("Java said `{}`", line.trim()).into())
    }
}

impl Drop for Java {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
