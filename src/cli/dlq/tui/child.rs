use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;
use tokio::sync::mpsc::UnboundedSender;

use super::work::stopped;
use crate::render::dlq::tui::Event;

/// How a command ended.
pub enum Ended {
    /// It did what it was to, and said this.
    Well(String),
    /// It stopped, as it was to.
    Stopped,
    /// It failed, and said this.
    Badly {
        /// What it had to tell all the same.
        out: String,
        /// All that it said.
        said: String,
    },
}

fn badly(said: String) -> Ended {
    Ended::Badly { out: String::new(), said }
}

/// Runs a command of this program: what the interface does is what the command does, in its words. `stop` interrupts it, upon which it
/// finishes what is under way.
pub async fn run(arguments: &[String], stop: &AtomicBool, tell: &UnboundedSender<Event>) -> Ended {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return badly(format!("could not find this program: {error}")),
    };
    let mut command = Command::new(program);
    command.args(arguments).args(["--color", "never"]);
    // The terminal is ours: nothing is asked there.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return badly(format!("could not run busctl {}: {error}", arguments.join(" "))),
    };
    let pid = child.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let read = async {
        let mut out = String::new();
        if let Some(mut stdout) = stdout {
            stdout.read_to_string(&mut out).await.ok();
        }
        out
    };
    let say = async {
        let mut said = Vec::new();
        if let Some(stderr) = stderr {
            let mut lines = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                tell.send(Event::Said(line.clone())).ok();
                said.push(line);
            }
        }
        said.join("\n")
    };
    let interrupt = async {
        stopped(stop).await;
        if let Some(pid) = pid {
            kill_process(pid, Signal::INT).ok();
        }
        std::future::pending().await
    };
    let (out, said, status) = tokio::select! {
        ended = async { tokio::join!(read, say, child.wait()) } => ended,
        never = interrupt => never,
    };
    match status {
        Ok(status) if status.success() => Ended::Well(out),
        // An order that was stopped says how far it came.
        Ok(_) if stop.load(Ordering::Relaxed) && !out.trim().is_empty() => Ended::Well(out),
        Ok(_) if stop.load(Ordering::Relaxed) => Ended::Stopped,
        Ok(_) => {
            let said = [out.as_str(), said.as_str()].join("\n").trim().to_owned();
            Ended::Badly { out, said }
        }
        Err(error) => badly(format!("busctl {} could not be waited for: {error}", arguments.join(" "))),
    }
}
