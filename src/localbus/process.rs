//! Server processes that outlive the command that starts them.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::error::{LocalBusError, LogExcerpt, Result, on_file};
use super::logs;

/// A process that can be told from another one that got the same number later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessMark {
    /// Its number.
    pub pid: u32,
    /// When it was started, in whatever form the system tells it.
    started: String,
}

impl ProcessMark {
    /// The process that has this number now; none where it has ended.
    pub fn of(pid: u32) -> Option<Self> {
        start_of(pid).map(|started| Self { pid, started })
    }

    /// Whether this very process still runs.
    pub fn is_alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    /// Ends the process: asks it to, and kills it when it has not ended after `grace`. Does nothing where it has ended.
    ///
    /// # Errors
    ///
    /// [`LocalBusError::CannotStop`] where it is still there afterwards.
    pub async fn stop(&self, server: &str, grace: Duration) -> Result<()> {
        let cannot = |problem| LocalBusError::CannotStop { server: server.to_owned(), pid: self.pid, problem };
        for (signal, patience) in [("TERM", grace), ("KILL", Duration::from_secs(10))] {
            if let Err(problem) = self.signal(signal)
                && self.is_alive()
            {
                return Err(cannot(problem));
            }
            if self.ends_within(patience).await {
                return Ok(());
            }
        }
        Err(cannot("it is still there after SIGKILL".to_owned()))
    }

    fn signal(&self, signal: &str) -> std::result::Result<(), String> {
        if !self.is_alive() {
            return Ok(());
        }
        // The shell's own `kill`: a small system may have no such program.
        let output = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &self.pid.to_string()]).output();
        match output {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(format!("cannot run sh: {error}")),
        }
    }

    async fn ends_within(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.is_alive() {
            if Instant::now() >= deadline {
                return false;
            }
            sleep(Duration::from_millis(30)).await;
        }
        true
    }
}

/// Linux: the boot, and the tick of that boot at which the process started.
#[cfg(target_os = "linux")]
fn start_of(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name, in parentheses, may hold spaces and parentheses itself.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    let ticks = fields.nth(18)?;
    // A zombie has ended, once its other threads have ended too: until then it holds its ports and files.
    if matches!(state, "Z" | "X") && std::fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count) < 2 {
        return None;
    }
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    Some(format!("{}:{ticks}", boot.trim()))
}

/// Elsewhere: the date that `ps` tells.
#[cfg(not(target_os = "linux"))]
fn start_of(pid: u32) -> Option<String> {
    let output = Command::new("ps").args(["-o", "stat=,lstart=", "-p", &pid.to_string()]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (state, started) = text.trim().split_once(' ')?;
    (!state.starts_with('Z')).then(|| started.trim().to_owned())
}

/// A server to start.
#[derive(Debug)]
pub(super) struct Launch<'a> {
    /// What it is, for messages: `Kafka 4.3.1`.
    pub server: &'a str,
    pub program: &'a Path,
    pub arguments: Vec<OsString>,
    pub environment: Vec<(&'static str, String)>,
    /// What of the environment of this process it must not see.
    pub hidden: &'a [OsString],
    /// The directory that it runs in.
    pub directory: &'a Path,
    /// Where its output goes; what is there from an earlier start is kept beside it.
    pub log: &'a Path,
}

impl Launch<'_> {
    /// Starts the server in a process group of its own, so that neither an interrupt at the terminal nor the end of
    /// this process ends it.
    pub(super) fn start(self) -> Result<ProcessMark> {
        let log = logs::begin(self.log)?;
        let errors = log.try_clone().map_err(on_file("open", self.log))?;
        let mut command = Command::new(self.program);
        for name in self.hidden {
            command.env_remove(name);
        }
        command
            .args(&self.arguments)
            .envs(self.environment)
            .current_dir(self.directory)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0);
        let mut child = command
            .spawn()
            .map_err(|source| LocalBusError::Run { program: self.program.display().to_string(), source })?;
        let mark = ProcessMark::of(child.id());
        // Waits for the server for as long as this process lives, so that it never stays behind as a zombie.
        std::thread::spawn(move || child.wait());
        mark.ok_or_else(|| ended_early(self.server, self.log))
    }
}

fn ended_early(server: &str, log: &Path) -> LocalBusError {
    LocalBusError::EndedEarly { server: server.to_owned(), log: excerpt(log) }
}

/// What a failed server wrote last. Where even that cannot be read, the excerpt says so.
fn excerpt(log: &Path) -> Box<LogExcerpt> {
    let lines = logs::tail(log, TAIL_LINES).unwrap_or_else(|error| vec![error.to_string()]);
    Box::new(LogExcerpt { path: log.to_owned(), lines })
}

const TAIL_LINES: usize = 15;

/// How a running server is asked whether it is ready.
pub(super) struct Readiness<'a> {
    /// What it is, for messages.
    pub server: &'a str,
    /// Where it is asked.
    pub address: &'a str,
    pub log: &'a Path,
    /// How long it may take.
    pub patience: Duration,
}

impl Readiness<'_> {
    /// Asks until there is an answer, the process has ended or the patience is over.
    pub(super) async fn wait<T, Answer>(&self, process: &ProcessMark, ask: impl Fn() -> Answer) -> Result<T>
    where
        Answer: Future<Output = std::result::Result<T, String>>,
    {
        let deadline = Instant::now() + self.patience;
        loop {
            let last = match ask().await {
                Ok(answer) => return Ok(answer),
                Err(problem) => problem,
            };
            if !process.is_alive() {
                return Err(ended_early(self.server, self.log));
            }
            if Instant::now() >= deadline {
                return Err(LocalBusError::NotReady {
                    server: self.server.to_owned(),
                    address: self.address.to_owned(),
                    seconds: self.patience.as_secs(),
                    last,
                    log: excerpt(self.log),
                });
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}
