//! Ends servers that must not outlive this process, even where this process is killed.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::error::{LocalBusError, Result};

/// A small process beside this one. When this process ends, in whatever way, or the watchdog is dropped, it kills the
/// servers that it was told of and deletes their directory.
#[derive(Debug)]
pub struct Watchdog {
    child: Child,
    servers: Mutex<Option<ChildStdin>>,
}

/// Reads process numbers until there are no more, which is when the other end is gone; then kills those that still
/// run inside the directory. Where there is no `/proc` the directory of a process cannot be asked for.
const SCRIPT: &str = r#"
while read -r pid; do pids="$pids $pid"; done
for pid in $pids; do
    if [ -d /proc/self ]; then
        case "$(readlink "/proc/$pid/cwd")" in "$0"/*) ;; *) continue ;; esac
    fi
    kill -s KILL "$pid"
done 2>/dev/null
for attempt in 1 2 3 4 5; do rm -rf "$0" && break; sleep 0.2; done 2>/dev/null
"#;

impl Watchdog {
    /// A watchdog for servers that run inside this directory.
    ///
    /// # Errors
    ///
    /// `sh` cannot be run.
    pub fn over(directory: &Path) -> Result<Self> {
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(SCRIPT)
            .arg(directory.canonicalize().unwrap_or_else(|_| directory.to_owned()))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|source| LocalBusError::Run { program: "sh".to_owned(), source })?;
        let servers = Mutex::new(child.stdin.take());
        Ok(Self { child, servers })
    }

    /// Tells it of a server.
    pub fn watch(&self, pid: u32) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(servers) = servers.as_mut() {
            // A watchdog that has gone away cannot be told; the servers are still stopped by whoever started them.
            let _ = writeln!(servers, "{pid}").and_then(|()| servers.flush());
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.servers.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::localbus::process::ProcessMark;

    #[test]
    fn kills_what_runs_inside_the_directory_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("bus");
        std::fs::create_dir_all(directory.join("kafka")).unwrap();
        let sleeper = |place: &Path| Command::new("sleep").arg("600").current_dir(place).spawn().unwrap();
        let mut inside = sleeper(&directory.join("kafka"));
        let mut outside = sleeper(root.path());
        let watchdog = Watchdog::over(&directory).unwrap();
        watchdog.watch(inside.id());
        watchdog.watch(outside.id());
        drop(watchdog);
        assert!(!inside.wait().unwrap().success());
        assert!(!directory.exists());
        assert!(ProcessMark::of(outside.id()).is_some());
        outside.kill().unwrap();
        outside.wait().unwrap();
    }
}
