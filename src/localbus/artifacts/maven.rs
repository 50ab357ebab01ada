//! Runs Maven and reads from its output how far it is.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::localbus::error::{LocalBusError, Result};
use crate::localbus::host::Host;
use crate::localbus::java::Java;
use crate::localbus::progress::Step;

/// A goal of the dependency plugin, at a version of its own: what Maven takes by default differs from Maven to Maven.
pub(super) fn goal(name: &str) -> String {
    format!("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:{name}")
}

/// Maven, and the Java that it runs on.
pub(super) struct Maven {
    program: PathBuf,
    java_home: Option<PathBuf>,
}

impl Maven {
    /// Finds it, to download what is named.
    pub(super) fn find(host: &Host, java: &Java, what: &str) -> Result<Self> {
        let program = host.tool("mvn", "maven", &format!("download {what}"))?;
        Ok(Self { program, java_home: java.home.clone() })
    }

    /// Runs it to its end, telling `step` of each byte that comes.
    pub(super) async fn run(&self, what: &str, arguments: &[String], about: u64, step: &dyn Step) -> Result<()> {
        let mut command = Command::new(&self.program);
        // Not in batch mode, which would keep quiet about the progress of a file.
        command
            .args(["-Dstyle.color=never", "-Daether.connector.connectTimeout=15000"])
            .arg("-Daether.connector.requestTimeout=120000")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(home) = &self.java_home {
            command.env("JAVA_HOME", home);
        }
        let not_run = |source| LocalBusError::Run { program: self.program.display().to_string(), source };
        let mut child = command.spawn().map_err(not_run)?;
        let mut transfers = Transfers::default();
        let mut warnings = Transfers::default();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        tokio::join!(
            each_line(stdout, |line| {
                transfers.read(line);
                if transfers.bytes() > 0 {
                    step.bytes(transfers.bytes(), about);
                }
            }),
            each_line(stderr, |line| warnings.read(line)),
        );
        let status = child.wait().await.map_err(not_run)?;
        if status.success() {
            return Ok(());
        }
        transfers.lines.append(&mut warnings.lines);
        Err(LocalBusError::Download {
            what: what.to_owned(),
            command: format!("{} {}", self.program.display(), arguments.join(" ")),
            status: status.to_string(),
            said: transfers.errors(),
        })
    }
}

/// Calls `take` with each line; a carriage return ends one too, as in the progress that Maven draws.
async fn each_line(stream: Option<impl AsyncRead + Unpin>, mut take: impl FnMut(&str)) {
    let Some(mut stream) = stream else { return };
    let (mut line, mut buffer) = (Vec::new(), [0; 8192]);
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        for &byte in &buffer[..read] {
            if matches!(byte, b'\n' | b'\r') {
                take(String::from_utf8_lossy(&line).trim());
                line.clear();
            } else {
                line.push(byte);
            }
        }
    }
    take(String::from_utf8_lossy(&line).trim());
}

/// What Maven has told about its downloads, and the last lines of everything else.
#[derive(Default)]
struct Transfers {
    finished: u64,
    under_way: u64,
    lines: VecDeque<String>,
}

impl Transfers {
    fn read(&mut self, line: &str) {
        if let Some(parts) = line.strip_prefix("Progress (") {
            let files = parts.split_once(": ").map_or("", |(_, files)| files);
            self.under_way = files.split(" | ").filter_map(bytes_so_far).sum();
        } else if let Some(file) = line.strip_prefix("Downloaded from ") {
            let size = file.rsplit_once(" (").and_then(|(_, size)| size.split_once(" at "));
            self.finished += size.and_then(|(size, _)| bytes(size)).unwrap_or(0);
            self.under_way = 0;
        } else if !line.is_empty() && !line.starts_with("Downloading from ") {
            if self.lines.len() == KEPT_LINES {
                self.lines.pop_front();
            }
            self.lines.push_back(line.to_owned());
        }
    }

    fn bytes(&self) -> u64 {
        self.finished + self.under_way
    }

    /// The lines that Maven marked as errors, else its last ones.
    fn errors(&self) -> Vec<String> {
        let marked = self.lines.iter().filter_map(|line| line.strip_prefix("[ERROR]"));
        let errors: Vec<_> =
            marked.map(str::trim).filter(|line| !line.is_empty()).take(12).map(str::to_owned).collect();
        if errors.is_empty() {
            return self.lines.iter().skip(self.lines.len().saturating_sub(12)).cloned().collect();
        }
        errors
    }
}

const KEPT_LINES: usize = 200;

/// `4.1/159 MB`, `12 kB` or `apicurio.tar.gz (4.1/159 MB)`: how much of one file has come.
fn bytes_so_far(file: &str) -> Option<u64> {
    let file = file.rsplit_once('(').map_or(file, |(_, size)| size).trim_end_matches(')').trim();
    let (number, unit) = file.rsplit_once(' ')?;
    let number = number.split_once('/').map_or(number, |(done, _)| done);
    // In `4.1 kB/1.2 MB` the part that has come carries a unit of its own.
    if number.ends_with('B') { bytes(number) } else { bytes(&format!("{number} {unit}")) }
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.trim().split_once(' ')?;
    let number: f64 = number.parse().ok()?;
    let unit = match unit {
        "B" => 1.0,
        "kB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        _ => return None,
    };
    Some((number * unit).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_has_come() {
        let mut transfers = Transfers::default();
        transfers.read("Downloading from central: https://example.org/a.jar");
        transfers.read("Progress (1): 4.1/159 MB");
        assert_eq!(transfers.bytes(), 4_100_000);
        transfers.read("Progress (3): 10/20 kB | 820 B | 1.5 kB/2.1 MB");
        assert_eq!(transfers.bytes(), 12_320);
        transfers.read("Downloaded from central: https://example.org/a.jar (1.2 MB at 300 kB/s)");
        assert_eq!(transfers.bytes(), 1_200_000);
        transfers.read("Progress (1): apicurio-registry-app-3.3.3-all.tar.gz (60/159 MB)");
        assert_eq!(transfers.bytes(), 61_200_000);
    }

    #[test]
    fn tells_the_errors_that_maven_marks() {
        let mut transfers = Transfers::default();
        for line in ["[INFO] Scanning for projects...", "[ERROR] Could not resolve host", "[ERROR]", ""] {
            transfers.read(line);
        }
        assert_eq!(transfers.errors(), ["Could not resolve host"]);
    }

    #[test]
    fn tells_the_last_lines_when_nothing_is_marked() {
        let mut transfers = Transfers::default();
        for number in 0..300 {
            transfers.read(&format!("line {number}"));
        }
        assert_eq!(transfers.errors().first().map(String::as_str), Some("line 288"));
        assert_eq!(transfers.lines.len(), KEPT_LINES);
    }
}
