//! The program in front of a terminal, which `script` of util-linux makes.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::secrets::Watch;
use super::workspace::Scratch;

/// A run of the program whose input, output and errors are one terminal.
pub struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
    shown: String,
    watch: Watch,
}

/// What a terminal sends for Ctrl-C.
pub const CTRL_C: &str = "\x03";

impl Terminal {
    /// Starts the program in a workspace.
    pub fn start(scratch: &Scratch, arguments: &[&str]) -> Self {
        let mut line = shell_word(env!("CARGO_BIN_EXE_busctl"));
        for argument in arguments {
            line.push(' ');
            line.push_str(&shell_word(argument));
        }
        let mut command = Command::new("script");
        command
            .args(["--quiet", "--return", "--flush", "--command", &format!("exec {line}"), "/dev/null"])
            .current_dir(scratch.root())
            .env("TERM", "xterm")
            .env_remove("BUSCTL_CLUSTER")
            .env_remove("NO_COLOR")
            .env("BUSCTL_LOCK_TIMEOUT", "90s")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let watch = Watch::over(&command);
        let mut child = command.spawn().unwrap();
        let (sender, screen) = channel();
        let (keyboard, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, keyboard, screen, shown: String::new(), watch }
    }

    /// Waits until the screen has shown a text.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.shown.contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("the terminal never showed `{text}`:\n{}", self.shown),
            }
        }
    }

    /// Types something.
    pub fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Waits for the end; the exit code and everything that was shown.
    pub fn wait(mut self) -> (i32, String) {
        // The keyboard stays: its end would be typed as one.
        while let Ok(bytes) = self.screen.recv_timeout(Duration::from_secs(60)) {
            self.shown.push_str(&String::from_utf8_lossy(&bytes));
        }
        let code = self.child.wait().unwrap().code().unwrap();
        self.watch.check(&[self.shown.as_bytes()]);
        (code, self.shown)
    }
}

fn shell_word(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
