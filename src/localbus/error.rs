//! What can go wrong with the local bus. Each message says what was tried, where, what came back and what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::java::JavaSeen;

/// The result of an operation on the local bus.
pub type Result<T> = std::result::Result<T, LocalBusError>;

/// Why an operation on the local bus did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum LocalBusError {
    /// No Java on this machine is new enough for a server.
    #[error(
        "{server} needs Java {required} or newer, and there is none on this machine\n\
         looked at:\n{}\n\
         install one, or set JAVA_HOME to one:\n\
         \x20 Debian, Ubuntu: sudo apt-get install -y openjdk-{required}-jre-headless\n\
         \x20                 (a release without that package: https://adoptium.net/installation/linux)\n\
         \x20 macOS:          brew install openjdk@{required}",
        list(seen)
    )]
    NoJava {
        /// The server that needs it.
        server: String,
        /// The least major version that the server runs on.
        required: u32,
        /// Every place that was looked at, with what was there.
        seen: Vec<JavaSeen>,
    },

    /// A program that the local bus calls is not on the PATH.
    #[error(
        "`{tool}` is not on the PATH; it is needed to {purpose}\n\
         install it:\n\
         \x20 Debian, Ubuntu: sudo apt-get install -y {package}\n\
         \x20 macOS:          brew install {package}"
    )]
    ToolMissing {
        /// The program's name.
        tool: &'static str,
        /// What it would have done.
        purpose: String,
        /// The package that brings it.
        package: &'static str,
    },

    /// Neither a cache directory nor a home directory is known.
    #[error("there is no place to keep the downloaded servers: set BUSCTL_CACHE_DIR, XDG_CACHE_HOME or HOME")]
    NoCacheDirectory,

    /// Maven did not bring what was asked of it.
    #[error("Maven could not download {what}\ncommand: {command}\n{status}, and it said:\n{}", indent(said))]
    Download {
        /// The server and version.
        what: String,
        /// The command line, to try again by hand.
        command: String,
        /// The exit status.
        status: String,
        /// Its errors, or its last lines where it named none.
        said: Vec<String>,
    },

    /// An archive could not be unpacked, or does not hold what it should.
    #[error("the archive {} of {what} cannot be used: {problem}", archive.display())]
    Archive {
        /// The server and version.
        what: String,
        /// Where the archive is.
        archive: PathBuf,
        /// What is wrong with it.
        problem: String,
    },

    /// A server ended before it answered.
    #[error("{server} ended before it answered; {log}")]
    EndedEarly {
        /// The server and version.
        server: String,
        /// What it wrote last.
        log: Box<LogExcerpt>,
    },

    /// A server runs, but did not answer in time.
    #[error("{server} did not answer at {address} within {seconds} s; the last attempt: {last}\n{log}")]
    NotReady {
        /// The server and version.
        server: String,
        /// Where an answer was expected.
        address: String,
        /// How long it was waited for.
        seconds: u64,
        /// What came back last.
        last: String,
        /// What it wrote last.
        log: Box<LogExcerpt>,
    },

    /// A one-off command of a server (formatting its storage) failed.
    #[error("{what} failed ({status}), and it said:\n{}", indent(said))]
    ToolFailed {
        /// What was run.
        what: String,
        /// How it ended.
        status: String,
        /// Its last lines.
        said: Vec<String>,
    },

    /// A process did not go away although it was killed.
    #[error("{server} (process {pid}) could not be stopped: {problem}\nstop it by hand: kill -KILL {pid}")]
    CannotStop {
        /// The server.
        server: String,
        /// Its process.
        pid: u32,
        /// What came back.
        problem: String,
    },

    /// Another process works on the same bus at this moment.
    #[error(
        "another busctl{holder} is working on the local bus `{cluster}` ({}); wait for it and try again",
        lock.display()
    )]
    Busy {
        /// The cluster.
        cluster: String,
        /// ` (process 1234)` where that is known.
        holder: String,
        /// The lock file.
        lock: PathBuf,
    },

    /// The state file is not one that this version can read.
    #[error(
        "the state of the local bus in {} cannot be read: {problem}\n\
         nothing was changed; remove that file, and any server still running, to go on with the data that is there",
        path.display()
    )]
    State {
        /// The state file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },

    /// The data on disk was written by a version that the one asked for cannot follow.
    #[error(
        "the data of the local {server} in {} was written by version {have} and cannot be opened by {wanted}\n\
         ask for {have} again, or give the data up with `busctl dev reset`",
        path.display()
    )]
    OtherData {
        /// `Kafka` or `Apicurio Registry`.
        server: &'static str,
        /// The data directory.
        path: PathBuf,
        /// The version that wrote it.
        have: String,
        /// The version that was asked for.
        wanted: String,
    },

    /// A name that is used for files and logins holds characters that do not fit there.
    #[error("`{name}` cannot be {role} of the local bus: {problem}")]
    Name {
        /// The name.
        name: String,
        /// What it was to name, for example `a login`.
        role: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },

    /// The bus is not running, and what was asked needs it.
    #[error("the local bus `{cluster}` is not running; start it with `busctl dev up`")]
    NotRunning {
        /// The cluster.
        cluster: String,
    },

    /// A file or directory could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried, for example `write`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What came back.
        source: io::Error,
    },

    /// A program could not be run at all.
    #[error("cannot run {program}: {source}")]
    Run {
        /// The program.
        program: String,
        /// What came back.
        source: io::Error,
    },

    /// No free port could be had on the loopback interface.
    #[error("no free port on 127.0.0.1: {source}")]
    NoPort {
        /// What came back.
        source: io::Error,
    },
}

/// The last lines of the log of a server that has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogExcerpt {
    /// The log.
    pub path: PathBuf,
    /// Its last lines.
    pub lines: Vec<String>,
}

impl fmt::Display for LogExcerpt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the last lines of its log {}:\n{}", self.path.display(), indent(&self.lines))
    }
}

/// Turns the error of a file operation into one that says what was tried on which file.
pub(super) fn on_file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LocalBusError {
    let path = path.to_owned();
    move |source| LocalBusError::File { action, path, source }
}

fn indent(lines: &[String]) -> String {
    if lines.is_empty() {
        return "  (nothing)".to_owned();
    }
    lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

fn list(seen: &[JavaSeen]) -> String {
    if seen.is_empty() {
        return "  (JAVA_HOME is not set, there is no `java` on the PATH and none in the usual places)".to_owned();
    }
    seen.iter().map(|java| format!("  {java}")).collect::<Vec<_>>().join("\n")
}
