//! Runs programs and tells what they cost.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

use crate::Outcome;
use crate::memory::Peak;

/// What one run of a program cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// From its start to its end.
    pub wall: Duration,
    /// What it used of the processors, in the system too.
    pub cpu: Duration,
    /// The most memory that it had, in bytes.
    pub memory: u64,
}

/// What several runs cost.
#[derive(Debug, Clone, Default)]
pub struct Costs(Vec<Cost>);

impl Costs {
    /// Adds a run.
    pub fn add(&mut self, cost: Cost) {
        self.0.push(cost);
    }

    /// The median time from start to end.
    pub fn wall(&self) -> Duration {
        median(self.0.iter().map(|cost| cost.wall).collect())
    }

    /// The median of what was used of the processors.
    pub fn cpu(&self) -> Duration {
        median(self.0.iter().map(|cost| cost.cpu).collect())
    }

    /// The most memory that any run had.
    pub fn memory(&self) -> u64 {
        self.0.iter().map(|cost| cost.memory).max().unwrap_or(0)
    }
}

/// The one in the middle.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// How much is shown of what a program said that failed, in bytes.
const SHOWN: usize = 4_000;

fn append(path: &Path) -> std::io::Result<fs::File> {
    fs::OpenOptions::new().append(true).open(path)
}

/// Runs a program to its end. Its output is thrown away, unless it fails.
pub fn run(program: &Path, arguments: &[String]) -> Outcome<Cost> {
    run_to(program, arguments, 0)
}

/// Runs a program that has to end with this code.
pub fn run_to(program: &Path, arguments: &[String], code: i32) -> Outcome<Cost> {
    let said = tempfile::NamedTempFile::new()?;
    let started = Instant::now();
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(append(said.path())?)
        .stderr(append(said.path())?)
        .spawn()
        .map_err(|error| format!("could not run {}: {error}", program.display()))?;
    let peak = Peak::of(child.id());
    let end = child.wait4()?;
    let wall = started.elapsed();
    if end.status.code() != Some(code) {
        let said = fs::read(said.path()).unwrap_or_default();
        let said = String::from_utf8_lossy(&said[said.len().saturating_sub(SHOWN)..]).into_owned();
        return Err(format!("{} {}: {}\n{said}", program.display(), arguments.join(" "), end.status).into());
    }
    let usage = end.rusage;
    let cost = Cost { wall, cpu: usage.utime + usage.stime, memory: peak.bytes() };
    let mebibytes = cost.memory >> 20;
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let what = arguments.iter().find(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')).cloned();
    writeln!(
        std::io::stderr(),
        "  {name} {} {wall:.3?} cpu {:.3?} {mebibytes} MiB",
        what.unwrap_or_default(),
        cost.cpu
    )?;
    Ok(cost)
}
